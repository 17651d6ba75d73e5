/**
 * The engine: applies a batch of items inside one write transaction. The only join of core, wire
 * and store. For each item: seen before? → same answer. Load → decide → for each entry number,
 * pack, journal, fold. Then one commit, and only then may an answer leave.
 *
 * Deterministic: the same items on the same store with the same directory give the same entries,
 * and the same entries give the same tables byte for byte.
 */
#ifndef GP_ENGINE_ENGINE_H
#define GP_ENGINE_ENGINE_H

#include "base/histogram.h"
#include "core/census.h"
#include "core/decide.h"
#include "core/query.h"
#include "store/store.h"

#include <stdatomic.h>

struct gp_engine;

/* A directory with what commands have changed in it: who holds what, who is away. Immutable and
 * reference counted, safe between threads. */
struct gp_view;

/**
 * Lays what the store has over a directory, for readers before the first batch and after a reload.
 *
 * Thread:   any
 * Ensures:  *ret_view is a reference that the caller gives back
 * Lifetime: org as long as anybody has a reference
 * Errors:   GP_ENOMEM, GP_ECORRUPT, GP_EIO
 */
int gp_view_open(struct gp_store *store, const struct gp_org *org, struct gp_view **ret_view);
const struct gp_org *gp_view_org(const struct gp_view *view);
struct gp_view *gp_view_ref(struct gp_view *view);
void gp_view_unref(struct gp_view *view); /* accepts NULL */

/* In the deadline table the begin of a leave has this bit beside the leave's number (R6). */
#define GP_DEADLINE_LEAVE (UINT64_C(1) << 63)

enum gp_item_kind {
    GP_ITEM_COMMAND = 1, /* command */
    GP_ITEM_EXPIRE = 2, /* fires due steps in order (time, incident), at most GP_EXPIRE_STEPS_MAX */
    GP_ITEM_START = 3,  /* after start or hold: catch-up (R16), bounded; ends with one audit line */
    GP_ITEM_REPLAN = 4, /* what another directory brings: its leaves, then R15 for the next
                         * GP_REPLAN_ROWS_MAX incidents; the store knows how far it is */
    GP_ITEM_CLOCK = 5,  /* journals a clock alarm or an admin's act: text */
    GP_ITEM_FORGET = 6, /* drops dedup rows older than GP_DEDUP_DAYS, at most GP_FORGET_ROWS_MAX */
    GP_ITEM_DIRECTORY = 7, /* journals that another directory is in force: text; remembers its
                            * digest, and that every incident is to be planned again by it.
                            * Without a text: takes over the rows of leave.csv and devices.csv,
                            * no more */
    GP_ITEM_AUDIT = 8,     /* journals one audit line: text, actor */
};

struct gp_answer {
    int error;      /* 0, or GP_E… of the whole batch: "try again". Of a command alone: GP_ELIMIT;
                     * GP_ENOSPC: a report, and the store is nearly full */
    uint8_t reason; /* enum gp_reason */
    bool repeated;  /* the kept answer of an earlier, equal command */
    bool unsure; /* the same, of one whose text was erased: whether it is equal nobody can tell */
    char detail[160];
    uint64_t incident, seq; /* seq of the command's last entry */
    int64_t at_ms;          /* when that entry was journalled */
    uint64_t leave;         /* that the command was about; 0 */
    uint64_t device;        /* the same */
    uint64_t revoked;       /* the device that this command revoked: its sessions must end before
                             * the answer leaves; 0, also of a repeat */
    uint32_t version;
    uint8_t state;
    int64_t due_ms;
};

struct gp_item {
    uint8_t kind;              /* enum gp_item_kind */
    struct gp_command command; /* CLOCK: id, device and body_hash of an admin's act; no more */
    struct gp_span text;       /* CLOCK, DIRECTORY, AUDIT */
    struct gp_span actor;      /* CLOCK: who confirmed; AUDIT: whom it is about; may be empty */
    uint64_t by_device;        /* CLOCK: the device that speaks, judged here; 0: none, unsealed */
    const char *why_not;       /* CLOCK: what refuses the act, if it is none that was done already;
                                * NULL: nothing. Static */
    int64_t lower_mark_ms;     /* CLOCK: an admin lowers the mark to this; 0: no */
    bool more;                 /* out: EXPIRE, START, REPLAN, FORGET: not finished, queue one again;
                                * DIRECTORY: queue a REPLAN (without a text: one again) */
    struct gp_answer answer;   /* out */
    void *context;             /* the caller's */
};

/* What a batch fired by time; a command's own steps (dispatch) are not among it. */
struct gp_fired {
    uint32_t step[GP_STEP_RESUME + 1]; /* by enum gp_step */
    uint32_t count, coalesced;         /* of all; of these, made up for after an outage */
    struct gp_histogram late_ms;       /* gp_bounds_late_ms: behind the instant of the plan */
};

struct gp_batch {
    const struct gp_org *org; /* as loaded; the engine lays over it what commands have changed */
    int64_t now_ms;           /* effective time, one stamp for all items */
    bool held;                /* clock in hold: no step fires; now_ms is the last good time */
    struct gp_item *item;
    size_t item_count;
    /* out */
    uint64_t head; /* seq after the batch */
    uint64_t head_before;
    int64_t next_deadline_ms; /* INT64_MAX: none */
    uint64_t passed_over;     /* an incident that was no likely duplicate, because its row or the
                               * one by which it is found is damaged; 0: none */
    struct gp_view *view;  /* after success: what counts now; the engine's, until the next batch */
    struct gp_fired fired; /* after success */
};

/**
 * Binds an engine to a store, folds what its tables lack of the journal, and brings up what an
 * older gridpost wrote there. The drill flag of entries is the store's.
 *
 * Thread: any, before the store thread writes: nothing stands open in the store afterwards
 * Errors: GP_ENOMEM, GP_ECORRUPT, GP_EIO, GP_ENOSPC, GP_EAGAIN: no descriptor is free
 */
int gp_engine_open(struct gp_store *store, struct gp_engine **ret_engine);
void gp_engine_close(struct gp_engine *engine); /* accepts NULL; not the store */

/**
 * Folds into a store's tables what they lack of its journal, after a crash or a batch that failed;
 * does nothing where they lack nothing. gp_engine_open and gp_engine_apply do it by themselves.
 *
 * Thread: store
 * Errors: GP_ECORRUPT, GP_ENOSPC, GP_ENOMEM, GP_EIO
 */
int gp_engine_recover(struct gp_store *store);

/**
 * Applies a batch and commits it.
 *
 * Thread:   store (in tests: inline)
 * Lifetime: batch->org until a batch with another one has been applied, or the engine is closed;
 *           and as long as anybody has a reference to a view of it
 * Ensures:  0: every item's answer is set and on disk. Error: nothing of the batch happened, and
 *           every item's answer.error says so
 * Errors:   GP_ENOSPC, GP_EIO, GP_ECORRUPT (stop the process), GP_ENOMEM, GP_EAGAIN: no descriptor
 *           is free
 */
int gp_engine_apply(struct gp_engine *engine, struct gp_batch *batch);

/** What the daemon must know at start. Thread: any, before the first batch. */
struct gp_engine_start {
    uint64_t head;
    int64_t mark_ms;                    /* clock high-water mark; 0: empty */
    int64_t next_deadline_ms;           /* INT64_MAX: none */
    unsigned char directory_digest[32]; /* of the directory last in force; zeros: none */
    bool replanning; /* that directory's re-planning was cut short: queue a REPLAN */
};
int gp_engine_state(struct gp_engine *engine, struct gp_engine_start *ret_state);

/**
 * Folds the journal of one store into an empty other one and copies `meta` and the personal texts
 * that are still there, in bounded transactions. A text that is not the one that was journalled
 * is left out: gp_engine_compare tells. A store whose tables are damaged is rebuilt as well, up to
 * its journal's end. progress may be NULL.
 *
 * Errors: GP_EEXIST the target is not empty; GP_ECORRUPT the chain is broken at some entry
 */
int gp_engine_rebuild(struct gp_store *from, struct gp_store *to,
                      void (*progress)(void *context, uint64_t done, uint64_t head), void *context);

/**
 * Compares all tables but meta of two stores by digest; *ret_table is the first that differs.
 * Ensures: 0 when equal. Errors: GP_ECORRUPT when not
 */
int gp_engine_compare(struct gp_store *a, struct gp_store *b, enum gp_table *ret_table);

struct gp_texts {
    uint64_t kept, erased; /* personal texts of the journal's entries */
};

/**
 * Checks every personal text against the hash in its journal entry, and that none is gone but by
 * `erase`, or as words about people by their age. Bounded read transactions.
 *
 * Ensures: on GP_ECORRUPT *ret_bad is the entry; 0: there are texts that belong to no entry
 * Errors:  GP_ECORRUPT, GP_EIO, GP_ENOMEM
 */
int gp_engine_check_texts(struct gp_store *store, struct gp_texts *ret_texts, uint64_t *ret_bad);

/* ---------------------------------------------------------------- reading (any thread) */

struct gp_arena;

/**
 * One journal entry as it was written, with the text and phone that lie beside it; where they were
 * erased it is flagged `erased`. Nothing is masked.
 *
 * Requires: *ret_entry is zeroed
 * Lifetime: of the arena
 * Errors:   GP_ENOTFOUND, GP_ECORRUPT, GP_EFORMAT (of a newer gridpost), GP_ENOMEM
 */
int gp_engine_entry(struct gp_txn *txn, uint64_t seq, struct gp_arena *arena,
                    struct gp_entry *ret_entry);

struct gp_page {
    struct gp_incident *item; /* in the arena */
    uint32_t count;
    unsigned char cursor[24]; /* of the next page; cursor_len 0: this was the last */
    uint8_t cursor_len;
    uint64_t head;
    bool counted;
    uint32_t total; /* where it was counted: how many match, on all pages */
};

/**
 * One page of a query, in one short read transaction: costs GP_QUERY_COST_MAX at the most, so a
 * page may be short or empty and still have a cursor. `reader` is who asks: private incidents of
 * others are masked.
 *
 * A page by due looks at all that match, and counts them: it takes a tenth of a second for 100,000,
 * and looks at `stop` on the way, which another thread may set; NULL: nobody does.
 *
 * Errors: GP_EINVAL: the cursor is of another query; GP_ENOTFOUND: there is no such person;
 *         GP_ELIMIT: more than GP_SORT_ROWS_MAX would be looked at; GP_EAGAIN: it was stopped;
 *         GP_ECORRUPT, GP_ENOMEM, the store's
 */
int gp_engine_query(struct gp_store *store, const struct gp_org *org, const struct gp_query *query,
                    struct gp_span reader, int64_t now_ms, const atomic_bool *stop,
                    struct gp_arena *arena, struct gp_page *ret_page);

/** One incident; masked if it is private and not the reader's. Errors: GP_ENOTFOUND, GP_ECORRUPT.
 */
int gp_engine_incident(struct gp_store *store, const struct gp_org *org, uint64_t id,
                       struct gp_span reader, int64_t now_ms, struct gp_arena *arena,
                       struct gp_incident *ret_incident);

/**
 * The reports that follow an incident, by number: whoever may see the incident may know them.
 *
 * Ensures: *ret_count is at most GP_LINKED_MAX, ret_id has as many, ascending; 0 where nothing
 *          follows it, or it is not there
 * Errors:  GP_EIO, GP_ENOMEM, GP_ECORRUPT: nothing was set
 */
int gp_engine_followers(struct gp_store *store, uint64_t incident, uint64_t ret_id[GP_LINKED_MAX],
                        uint32_t *ret_count);

struct gp_leaves_page {
    struct gp_leave_record *item; /* in the arena */
    uint32_t count;
    struct gp_tenure *holding; /* likewise; spans point into org */
    uint32_t holding_count;
    uint64_t next; /* to ask after; 0: this was the last page */
};

/** Leaves of the store, or holdings of org, that pass the filter. Looks at GP_READ_ROWS_MAX rows at
 * the most, so a page may be short or empty and still have a next. */
int gp_engine_leaves(struct gp_store *store, const struct gp_org *org,
                     const struct gp_leaves_ask *ask, struct gp_arena *arena,
                     struct gp_leaves_page *ret_page);

/**
 * The device that has a key, whatever its state.
 *
 * Thread:   any; one short read transaction of its own
 * Lifetime: ret_device points into the arena
 * Errors:   GP_ENOTFOUND, GP_ECORRUPT, GP_ENOMEM
 */
int gp_engine_device_by_key(struct gp_store *store, const unsigned char key[GP_DEVICE_KEY_BYTES],
                            struct gp_arena *arena, struct gp_device *ret_device);
/** The device of a number. Thread, lifetime, errors: the same. */
int gp_engine_device(struct gp_store *store, uint64_t id, struct gp_arena *arena,
                     struct gp_device *ret_device);

struct gp_devices_page {
    struct gp_device *item; /* in the arena */
    uint32_t count;
    uint64_t next; /* to ask after; 0: this was the last page */
};

/** Devices that pass the filter. Looks at GP_READ_ROWS_MAX rows at the most, so a page may be short
 * or empty and still have a next. */
int gp_engine_devices(struct gp_store *store, const struct gp_devices_ask *ask,
                      struct gp_arena *arena, struct gp_devices_page *ret_page);

struct gp_verified;

/**
 * Checks the journal's chain from ask->from on, at most GP_READ_ROWS_MAX entries a look: whoever
 * verifies it all asks again from ret_verified->upto + 1. Damage is an answer (`bad`), no error.
 *
 * Errors: GP_EINVAL: it begins behind its end or the head; GP_EIO, GP_ENOMEM
 */
int gp_engine_verify(struct gp_store *store, const struct gp_verify_ask *ask,
                     struct gp_verified *ret_verified);

/** Number, hash and time of the journal's last entry; zeros when it is empty. */
int gp_engine_head(struct gp_store *store, uint64_t *ret_seq, unsigned char ret_hash[GP_HASH_BYTES],
                   int64_t *ret_at_ms);

struct gp_feed_page {
    struct gp_entry **item; /* in the arena */
    uint32_t count;
    uint64_t scanned_to; /* the filter has looked at everything up to here */
    uint64_t head;
};

/**
 * Entries after ask->after that pass the filter, at most ask->limit, looking at GP_READ_ROWS_MAX
 * entries at the most; private ones masked for the reader.
 */
int gp_engine_feed(struct gp_store *store, const struct gp_org *org, const struct gp_feed_ask *ask,
                   struct gp_span reader, int64_t now_ms, struct gp_arena *arena,
                   struct gp_feed_page *ret_page);

/**
 * Takes a census: looks at every open incident, in read transactions of GP_READ_ROWS_MAX rows one
 * after the other, so each is counted as it was at some instant meanwhile. One that changes its
 * grid at that moment may be missed, or counted twice. Takes some two tenths of a second for
 * 100,000 incidents; between two transactions it looks at `stop`, which another thread may set;
 * NULL: nobody does.
 *
 * Ensures:  more than `most` incidents, or GP_CENSUS_DEPARTMENTS_MAX departments, are not all
 *           counted, and ret_census->partial says so
 * Lifetime: ret_census until gp_census_free
 * Errors:   GP_EAGAIN: it was stopped; GP_ENOMEM; GP_ECORRUPT, the store's
 */
int gp_engine_census(struct gp_store *store, int64_t now_ms, uint32_t most, const atomic_bool *stop,
                     struct gp_census **ret_census);
void gp_census_free(struct gp_census *census); /* accepts NULL */

/**
 * Counts in a census what lies in an area and of a department, with the names that the directory
 * has of areas and departments now.
 *
 * Thread:   any
 * Ensures:  at most GP_SUMMARY_ROWS_MAX areas
 * Lifetime: *ret_summary points into the arena, the census and org
 * Errors:   GP_ENOMEM
 */
int gp_census_summary(const struct gp_org *org, const struct gp_census *census,
                      const struct gp_summary_ask *ask, int64_t now_ms, struct gp_arena *arena,
                      struct gp_summary *ret_summary);

struct gp_assess_ask;
struct gp_assessment;

/**
 * One page of an assessment (core/assess.h): rows of figures, or the incidents behind a figure.
 * Each page counts anew, up to the same head when ask->upto says so. Takes a second for some
 * hundred thousand entries, in read transactions of GP_READ_ROWS_MAX rows; between two of them it
 * looks at `stop`, which another thread may set; NULL: nobody does.
 *
 * Errors: GP_EINVAL: not a period, or by nothing; GP_ELIMIT: it touches more than
 *         GP_ASSESS_INCIDENTS_MAX incidents; GP_EAGAIN: it was stopped; GP_ENOMEM; GP_ECORRUPT
 */
int gp_engine_assess(struct gp_store *store, const struct gp_org *org,
                     const struct gp_assess_ask *ask, const atomic_bool *stop,
                     struct gp_arena *arena, struct gp_assessment *ret_page);

#endif
