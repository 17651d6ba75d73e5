/**
 * A city's clients, who write down what they see: workers that report, accept, finish, note and ask
 * again, each with one command under way, and followers of the whole journal. Some of the workers
 * are devices that seal. They outlive the daemon: what was under way when it died is sent again
 * under the same id, as docs/PROTOCOL.md asks of a handset.
 *
 * Every function fails the running test when it cannot do what it says.
 */
#ifndef GP_TESTS_CRASH_CLIENTS_H
#define GP_TESTS_CRASH_CLIENTS_H

#include "crash/history.h"
#include "crash/line.h"

#define CLIENTS_RECENT 64

/* What a worker reports: by this person, and whether that person's work it is, too. */
struct clients_place {
    struct gp_span grid, category, condition, person;
    bool work;
};

/* Places of the small configuration of the golden cases, each with the person whose work it is. */
#define CLIENTS_GOLDEN 2
extern const struct clients_place clients_golden[CLIENTS_GOLDEN];

struct clients_plan {
    const char *address;               /* of followers, and of workers that do not seal */
    const char *sealed_at;             /* of those that do */
    struct sealed **device;            /* enrolled, of the first place's person; the caller's */
    const struct clients_place *place; /* the caller's */
    size_t places;
    unsigned workers, sealed, followers; /* the first `sealed` of the workers have devices */
    double rate;         /* of commands a second by all; 0: each as soon as it has its answer */
    unsigned report_pct; /* of commands are reports; of the others most follow on reports */
    unsigned seed;
    uint64_t after; /* followers begin behind this entry */
};

struct clients_worker {
    struct line line;
    uint32_t number;
    size_t call;     /* under way, or the last one; SIZE_MAX: none yet */
    bool asked;      /* an answer is awaited */
    bool again;      /* the call had its answer already */
    int64_t sent_ns; /* the last time, of whatever was sent */
    int64_t due_ns;  /* of the next command; while asked: when to send again, 0: not yet */
};

struct clients_follower {
    struct line line;
    size_t number;
    uint64_t after, head;
    bool asked;
    int64_t sent_ns, due_ns; /* as of a worker */
    int64_t stalled_until_ns;
};

/* An incident that somebody was told of, as it was then. */
struct clients_known {
    uint64_t incident;
    uint32_t version;
    uint8_t state;
    const struct clients_place *place;
};

struct clients {
    struct clients_plan plan;
    struct clients_worker *worker;
    struct clients_follower *follower;
    struct clients_known recent[CLIENTS_RECENT];
    unsigned recent_count;
    struct pollfd *wait;
    struct history history;
    struct gp_arena arena, packing;
    size_t reported, acknowledged, refused; /* reports, and all that was answered */
    size_t resent,
        recovered;   /* sent once more; of calls: answered as a repeat for the first time */
    size_t put_off;  /* answers that said "try again" */
    size_t given_up; /* connections that brought no answer */
    size_t welcomes; /* sessions made anew */
};

void clients_open(struct clients *clients, const struct clients_plan *plan);
void clients_close(struct clients *clients);

/** Goes on for so long, or until a descriptor becomes readable (-1: none); returns whether it did.
 */
bool clients_run(struct clients *clients, int descriptor, int duration_ms);

/** Goes on until so many more reports are acknowledged. */
void clients_run_reports(struct clients *clients, size_t reports);

/**
 * Waits for what is under way, sends nothing new, and waits until all followers are up to the
 * journal's end, which is returned.
 */
uint64_t clients_finish(struct clients *clients);

/** Forgets the history so far but for each worker's last call, for runs that are too long to keep
 * one. */
void clients_forget(struct clients *clients);

/** Breaks the connection of a worker, or makes a follower take no answer for so long. */
void clients_break(struct clients *clients, unsigned worker);
void clients_stall(struct clients *clients, unsigned follower, int duration_ms);

#endif
