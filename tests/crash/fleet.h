/**
 * Handsets that report in closed loops, each with one report under way, and remember what was
 * acknowledged, so that the journal can be held against it afterwards. They outlive the daemon:
 * what was under way when it died is sent again under the same id, and a connection that brings no
 * answer is given up for a new one, as docs/PROTOCOL.md asks of a handset.
 *
 * Every function fails the running test when it cannot do what it says.
 */
#ifndef GP_TESTS_CRASH_FLEET_H
#define GP_TESTS_CRASH_FLEET_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FLEET_SIZE 20

struct fleet_report {
    unsigned char id[16];
    uint64_t incident; /* as acknowledged; 0: not yet */
    uint32_t seen;     /* times in the journal … */
    bool mistold;      /* … and another incident there than was acknowledged */
};

struct handset {
    int socket, readable; /* nanomsg's, and a descriptor to poll */
    size_t under_way;     /* index into report */
    int64_t sent_ms;      /* on the monotonic clock */
    bool resting;         /* nothing is under way */
};

struct fleet {
    const char *address; /* the caller's; outlives the fleet */
    struct handset handset[FLEET_SIZE];
    struct fleet_report *report;
    size_t count, capacity;
    size_t acknowledged, repeated;
    size_t given_up; /* connections that brought no answer */
    struct gp_arena arena;
};

/** Connects, also where nobody listens yet, and sends the first reports. */
void fleet_open(struct fleet *fleet, const char *address);
void fleet_close(struct fleet *fleet);

/**
 * Goes on reporting for so long, or until a descriptor becomes readable (-1: none).
 * Returns whether it did.
 */
bool fleet_run(struct fleet *fleet, int descriptor, int duration_ms);

/** Goes on until so many more reports are acknowledged. */
void fleet_run_reports(struct fleet *fleet, size_t reports);

/** Waits for what is under way and sends nothing new. */
void fleet_finish(struct fleet *fleet);

/**
 * Reads the whole journal of the daemon at that address: its numbers are dense, and each report of
 * the fleet, which has finished, was reported exactly once, as the incident that was acknowledged.
 */
void fleet_check_journal(struct fleet *fleet, const char *address);

#endif
