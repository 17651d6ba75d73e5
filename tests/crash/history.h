/**
 * What clients of one daemon saw, and what its journal holds in the end, held against each other.
 * The promise of the house in terms of clients: what was acknowledged is there once and as it was
 * told; what was refused left nothing; nothing is there that nobody asked for; sequences told
 * respect the order in which people acted; a follower of a feed saw the journal and nothing else,
 * whole and in order.
 *
 * The checker looks at nothing but its arguments, so a test can show it broken histories.
 */
#ifndef GP_TESTS_CRASH_HISTORY_H
#define GP_TESTS_CRASH_HISTORY_H

#include "core/entry.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum history_outcome {
    HISTORY_OPEN, /* never answered: it is in the journal once or not at all */
    HISTORY_DONE,
    HISTORY_REFUSED,
};

struct history_answer {
    uint64_t incident, seq;
    int64_t at_ms, due_ms;
    uint32_t version;
    uint8_t state;
};

/* One command of a client, however often it was sent. Instants are of one monotonic clock. */
struct history_call {
    unsigned char id[GP_COMMAND_ID_BYTES];
    int64_t sent_ns, answered_ns; /* the first time; answered 0: never */
    struct history_answer answer; /* of HISTORY_DONE */
    uint64_t incident;            /* that it names; 0: a report */
    uint32_t guard;               /* the version that it expects; 0: any */
    uint32_t client;
    uint16_t sends;
    uint8_t verb, outcome, reason;
};

/* A call's answer when it was asked again after it had been answered. */
struct history_repeat {
    size_t call;
    struct history_answer answer;
    bool said; /* that it was a repeat */
};

struct history_sight {
    uint64_t seq, digest;
};

/* What one follower of the whole journal was sent, in the order in which it came. */
struct history_feed {
    uint64_t after; /* it began behind this entry */
    struct history_sight *sight;
    size_t count, capacity;
};

struct history {
    struct history_call *call;
    size_t call_count, call_capacity;
    struct history_repeat *repeat;
    size_t repeat_count, repeat_capacity;
    struct history_feed *feed;
    size_t feed_count;
};

/* One entry as the store holds it. */
struct history_entry {
    uint64_t incident, digest;
    int64_t at_ms, due_ms;
    unsigned char id[GP_COMMAND_ID_BYTES]; /* of the command that it ends */
    uint32_t version;
    uint8_t what, state;
    bool has_id;
};

/* The entries first, first + 1, … */
struct history_journal {
    uint64_t first;
    struct history_entry *entry;
    size_t count, capacity;
};

#define HISTORY_FAULTS(X)                                                                          \
    X(HISTORY_LOST, "an acknowledged command is not in the journal")                               \
    X(HISTORY_DOUBLED, "a command is in the journal more than once")                               \
    X(HISTORY_MISTOLD, "the journal has it otherwise than its sender was told")                    \
    X(HISTORY_PHANTOM, "the journal has what nobody asked for")                                    \
    X(HISTORY_UNDEAD, "a refused command is in the journal")                                       \
    X(HISTORY_REPEAT, "a repeat was answered otherwise than the first time")                       \
    X(HISTORY_ORDER, "what was answered first has the later sequence")                             \
    X(HISTORY_GUARD, "a command passed a version that was not there any more")                     \
    X(HISTORY_EXCUSE, "a refusal for which the journal shows no reason")                           \
    X(HISTORY_HOLE, "a feed left entries out")                                                     \
    X(HISTORY_TWICE, "a feed brought an entry again, or out of order")                             \
    X(HISTORY_UNTRUE, "a feed brought what the journal does not have")

enum history_fault {
#define X(name, text) name,
    HISTORY_FAULTS(X)
#undef X
        HISTORY_FAULT_COUNT
};

/** Its text. */
const char *history_fault_text(enum history_fault fault);

struct history_finding {
    size_t count[HISTORY_FAULT_COUNT];
    size_t total;
    char first[HISTORY_FAULT_COUNT][160]; /* of each, one line that says where */
};

void history_init(struct history *history, size_t feeds);
void history_release(struct history *history);
void history_journal_release(struct history_journal *journal);

/** Adds a call and returns its index; pointers into the history are dead after it. */
size_t history_call(struct history *history, const struct history_call *call);
void history_repeat(struct history *history, const struct history_repeat *repeat);
void history_saw(struct history *history, size_t feed, uint64_t seq, uint64_t digest);
void history_holds(struct history_journal *journal, const struct history_entry *entry);

/** What followers and the store have in common of an entry, in 64 bits: all but texts, places, what
 * is for the fold, and the people of what is private. */
uint64_t history_digest(const struct gp_entry *entry);

/** Holds a history against the journal from its first entry on. Ensures: total 0 when all is well.
 */
void history_check(const struct history *history, const struct history_journal *journal,
                   struct history_finding *ret_finding);

/** Writes all of it, a line for each call, repeat and sight. */
void history_write(const struct history *history, FILE *file);

#endif
