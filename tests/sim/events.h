/**
 * Time and chance of a simulation: a queue of events by their time, a clock that jumps from one to
 * the next, and the only source of random numbers.
 *
 * The order is documented and total: events fire by time, and those of one time in the order in
 * which they were planned. All that happens is told to events_note, whose digest two runs of one
 * seed must share.
 */
#ifndef GP_TESTS_SIM_EVENTS_H
#define GP_TESTS_SIM_EVENTS_H

#include <stdbool.h>
#include <stdint.h>

/* `number` is what was planned with it: often which life of its context it belongs to. */
typedef void (*event_fire)(void *context, uint64_t number);

/** Empties the queue; time is start_ms. */
void events_begin(uint64_t seed, int64_t start_ms);

/** True time, ms since 1970: what no clock of the simulation need show. */
int64_t events_now(void);

/** Plans an event, not before now. */
void events_at(int64_t at_ms, event_fire fire, void *context, uint64_t number);
void events_in(int64_t after_ms, event_fire fire, void *context, uint64_t number);

/** Fires the next event if it is due until then; else moves time there and returns false. */
bool events_step(int64_t until_ms);

/** A number in [0, below); below > 0. */
uint64_t events_random(uint64_t below);
/** True in so many of a thousand cases. */
bool events_chance(unsigned permille);
/** A number of milliseconds in [from, to]. */
int64_t events_between(int64_t from_ms, int64_t to_ms);

/** Takes something that happened into the digest, and prints it where events_trace is set. */
void events_note(const char *what, uint64_t a, uint64_t b);
extern bool events_trace;

uint64_t events_digest(void);
uint64_t events_count(void); /* fired so far, in all runs of this process */

#endif
