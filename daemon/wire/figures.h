/**
 * What the daemon counts and measures of itself since its start, as it is told to whoever watches
 * over it. Counters only grow; they begin anew with the process.
 */
#ifndef GP_WIRE_FIGURES_H
#define GP_WIRE_FIGURES_H

#include "base/histogram.h"
#include "base/span.h"

#include <stdbool.h>

/* Kinds of one thing, each counted under its number; 0 is no kind. More than there are today: a
 * client reads what a newer daemon counts. */
#define GP_COUNTS_MAX 64
struct gp_counts {
    uint64_t of[GP_COUNTS_MAX];
};

struct gp_measured {
    struct gp_bounds bounds;
    struct gp_histogram histogram;
};

/* One who follows a feed under a name, and has asked lately. */
struct gp_follower_figure {
    struct gp_span name;
    uint64_t behind; /* entries of the journal that its filter has not looked at */
    int64_t asked_ms;
};

/* Open incidents that a department is responsible for. */
struct gp_department_figure {
    struct gp_span department;    /* code; "" for those of none */
    uint64_t open, soon, overdue; /* core/census.h; soon and overdue are among the open ones */
};

struct gp_daemon_status {
    struct gp_span version, directory, reload; /* reload: result of the last one */
    bool drill;
    uint32_t clock_rate;                          /* drill: times as fast; else 1 */
    int64_t now_ms, started_ms, next_deadline_ms; /* effective clock; next 0: none */
    uint8_t clock_state;                          /* enum gp_clock_state */
    uint64_t head, incidents, planned; /* planned: deadline rows, leaves that begin among them */
    uint64_t batches, commands, refused, repeated, malformed;
    uint32_t followers;
    uint64_t store_bytes;
    uint64_t sessions, handshakes, denied, limited; /* sessions: open now */
    bool no_room;      /* reports are not taken: nearly no space is left */
    int64_t backup_ms; /* when the newest good backup was made; 0: there is none */
};

struct gp_daemon_figures {
    struct gp_daemon_status status;
    struct gp_counts requests; /* by enum gp_request_kind: that could be read */
    struct gp_counts answers;  /* by enum gp_status */
    struct gp_counts refusals; /* by enum gp_reason */
    struct gp_counts done;     /* by enum gp_verb: commands that are in the journal, each once */
    struct gp_counts steps; /* by enum gp_step: fired by time; not dispatch, which a command does */
    uint64_t coalesced;     /* of these: made up for after an outage */
    uint64_t failed;        /* batches that could not be stored */
    uint64_t dropped;       /* envelopes that got no answer: nobody's, or not to be opened */
    struct gp_measured commit_us;     /* a batch on the store thread: decided, written, synced */
    struct gp_measured batch_items;   /* items of a batch */
    struct gp_measured answer_ms;     /* a command, from its coming to its answer */
    struct gp_measured checkpoint_ms; /* the tables, committed */
    struct gp_measured late_ms;       /* a step, behind the instant that it was planned for */
    uint64_t queued;                  /* commands that wait for the store, or are with it */
    uint64_t readers;                 /* reads in the pool or waiting for it */
    uint64_t committed;               /* the journal's entry up to which readers see the tables */
    bool paused; /* nothing is taken in until the store comes back: the batch is full */
    uint64_t data_bytes, journal_bytes; /* on the disk; map: what the data file may become */
    uint64_t map_bytes;
    struct gp_follower_figure *follower;
    uint32_t follower_count;
    struct gp_department_figure *department;
    uint32_t department_count;
    int64_t counted_ms; /* when incidents and bytes were counted: at most GP_CENSUS_MS ago */
    bool partial;       /* there are more open incidents than were counted */
};

#endif
