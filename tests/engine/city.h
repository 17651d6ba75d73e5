/**
 * A small city for engine tests: the golden configuration, and a seeded stream of valid and
 * invalid commands under a virtual clock.
 */
#ifndef GP_TESTS_ENGINE_CITY_H
#define GP_TESTS_ENGINE_CITY_H

#include "org/directory.h"
#include "rehearsal/rehearsal.h"

struct city {
    struct gp_directory *directory;
    const struct gp_org *org;
    struct gp_rehearsal *rehearsal;
    uint64_t random; /* state of the generator; never 0 */
    int64_t now_ms;
    uint64_t incidents; /* opened so far */
    unsigned accepted, refused;
};

/** 2026-09-30T08:00+08:00, a Wednesday before a long holiday. */
#define CITY_START_MS INT64_C(1790726400000)

/** Opens the city; fails the test if it cannot. */
void city_open(struct city *city, uint64_t seed);
void city_close(struct city *city);

/** A number in [0, below). */
uint64_t city_random(struct city *city, uint64_t below);

/** A fresh report by a random person; *ret_command can be sent again. */
void city_random_report(struct city *city, struct gp_command *ret_command);

/** Moves the clock by up to `hours` and applies one random command, often a sensible one. */
void city_step(struct city *city, unsigned hours);

/** Applies a command now and returns the answer; fails the test on an error. */
struct gp_answer city_apply(struct city *city, const struct gp_command *command);

/** Whether re-planning after a change of directory was begun and not finished. */
bool city_replanning(struct gp_store *store);

/** The journal's head and its hash. */
uint64_t city_head(struct city *city, unsigned char hash[GP_HASH_BYTES]);

/** The journal folded into an empty store gives the same tables, byte for byte; and so does
 * recovering from the last checkpoint. */
void city_rebuild_and_compare(struct city *city);

/** Takes from a store what was written since its last checkpoint, as a crash does, and asserts that
 * recovering gives the same tables, and the same facts of meta. */
void city_recover_and_compare(struct gp_store *store);

#endif
