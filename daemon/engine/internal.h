/**
 * What the files of the engine share. Nothing outside engine/ includes this.
 */
#ifndef GP_ENGINE_INTERNAL_H
#define GP_ENGINE_INTERNAL_H

#include "base/arena.h"
#include "base/bytes.h"
#include "engine/engine.h"
#include "wire/message.h"

/* Ceiling of what one item may cost while it is applied: a full decision of packed entries. */
#define GP_ENGINE_ITEM_BYTES_MAX ((size_t)4 * 1024 * 1024)

/* How many strikes of a year a person has that are not lifted. */
struct gp_tally {
    uint64_t person; /* gp_device_hash */
    uint32_t count;
    uint16_t year;
    bool known;
};

struct gp_engine {
    struct gp_store *store;
    bool drill;
    bool catching_up; /* a START item has more to do: late steps are coalesced (R16) */
    struct {
        uint64_t due, fired, coalesced;
    } audit;               /* of the catch-up that runs */
    struct gp_arena arena; /* of one item */
    struct gp_decision decision;
    struct gp_incident incident;  /* as loaded for the item */
    struct gp_incident other;     /* of a link: the main one */
    struct gp_leave_record leave; /* that a command names */
    struct gp_device speaker;     /* that speaks, as it is at this point of the batch */
    struct gp_device device;      /* that a command is about, likewise */
    struct gp_view *view;         /* of the last batch that was committed; NULL: none yet */
    int64_t said_ms; /* when the newest entry was journalled; INT64_MIN: there is none */
    /* recall.c */
    struct gp_arena look;      /* of one row that is looked at */
    struct gp_incident looked; /* the same */
    struct gp_entry noticed;   /* the same */
    struct gp_tally tally[GP_TALLIES];
};

/* Ceiling of what looking at one row may cost; the memory is used again for the next. */
#define GP_LOOK_BYTES ((size_t)256 * 1024)

/* One batch being applied. */
struct gp_run {
    struct gp_engine *engine;
    struct gp_batch *batch;
    struct gp_txn *txn;
    uint64_t head;             /* seq of the last entry appended */
    uint64_t last_id;          /* of the last incident opened */
    uint64_t last_id_before;   /* the same, before this batch */
    bool dirty;                /* something was written: a commit is owed */
    const unsigned char *salt; /* of the command that is applied; NULL: none is */
    struct gp_view *view;      /* what counts in this batch; a reference */
    bool view_stale;           /* leave or holdings have changed since */
    struct gp_recall recall;
};

/* Names in the meta table. */
#define GP_META_MARK      "clock-mark"
#define GP_META_DIRECTORY "directory-digest"
#define GP_META_REPLAN                                                                             \
    "replan-next"                  /* u64: id that re-planning goes on after; absent: it is done */
#define GP_META_FALLS "time-falls" /* falls.c */
#define GP_META_FORGET                                                                             \
    "forget-next" /* where forgetting begins again: a key of the dedup table; absent: at the first \
                   */

/* A fact of the daemon's life that meta keeps. */
struct gp_meta_fact {
    const char *name;
    size_t bytes; /* of its value; 0: as many as it takes */
    bool folded;  /* the entries give it */
};
#define GP_META_FACTS 5
extern const struct gp_meta_fact gp_meta_facts[GP_META_FACTS]; /* transfer.c */

/* ---- item.c ---- */

/** Loads an incident into engine->incident. Errors: GP_ENOTFOUND, GP_ECORRUPT. */
int gp_run_load(struct gp_run *run, uint64_t id);
/** Loads another one beside it. Errors: the same. */
int gp_run_load_into(struct gp_run *run, uint64_t id, struct gp_incident *ret_incident);
/** Reads one into an arena. Errors: GP_ENOTFOUND, GP_ECORRUPT, GP_ENOMEM. */
int gp_incident_read(struct gp_txn *txn, uint64_t id, struct gp_arena *arena,
                     struct gp_incident *ret_incident);

/**
 * Journals the entries of engine->decision and writes the tables; `before` is the incident as it
 * was, NULL for a new one. kept may be NULL.
 *
 * Errors: GP_ELIMIT: an entry cannot be packed, nothing was written; else the store's
 */
int gp_run_record(struct gp_run *run, const struct gp_incident *before,
                  const struct gp_kept_answer *kept);

/** Journals one entry that belongs to no incident. */
int gp_run_record_plain(struct gp_run *run, struct gp_entry *entry);

/** A zeroed entry without incident, stamped with the batch's time. */
void gp_run_plain_entry(const struct gp_run *run, enum gp_what what, struct gp_span text,
                        struct gp_entry *ret_entry);

/**
 * The result of unpacking what is stored: bytes that make no record are damage. Want of memory is
 * not, and stays what it is. Returns rc or GP_ECORRUPT.
 */
int gp_stored(int rc);

/** What a decision may look at, for engine->incident or a new one (incident NULL). */
struct gp_scene gp_run_scene(struct gp_run *run, const struct gp_incident *incident);

/* ---- fold.c ---- */

/* What folding needs to work with: memory of one entry and its incident. */
struct gp_folding;
int gp_folding_open(struct gp_folding **ret_folding);
void gp_folding_close(struct gp_folding *folding); /* accepts NULL */
/** Folds one entry of the store's journal into its tables; a gp_recover_fold. context: a folding.
 */
int gp_folding_entry(void *context, struct gp_txn *txn, uint64_t seq, struct gp_span bytes);

/* ---- rebuild.c ---- */

/** The entries alone, as far as the tables of `from` are, folded into an empty store. *ret_bad: the
 * one at which it failed. progress may be NULL. Errors: as gp_engine_rebuild. */
int gp_rebuild_entries(struct gp_store *from, struct gp_store *to,
                       void (*progress)(void *context, uint64_t done, uint64_t head), void *context,
                       uint64_t *ret_bad);

/** Takes one row of `from` into `to`. An error ends the work. */
typedef int (*gp_take_row)(void *context, struct gp_txn *from, struct gp_txn *to,
                           struct gp_span key, struct gp_span value);
/** Hands all rows of a table that are whole to `take`, in bounded write transactions of the target;
 * damaged ones with others behind them are passed over. Errors: the walk's and the target's. */
int gp_rebuild_rows(struct gp_store *store, enum gp_table table, struct gp_store *target,
                    gp_take_row take, void *context);

/* ---- personal.c ---- */

/** Gives an entry whose text is personal its hash. Errors: GP_ELIMIT: the text is too long. */
int gp_personal_seal(const struct gp_run *run, struct gp_entry *entry);
/** Puts text and phone of an entry that was appended beside the journal, where they are personal.
 */
int gp_personal_keep(const struct gp_run *run, const struct gp_entry *entry);

/**
 * Fills in text and phone of an entry that was read, from beside the journal; where they were
 * erased, it is flagged so.
 *
 * Lifetime: the texts are copied into the arena
 * Errors:   GP_ECORRUPT also when they are not what the journal's hash is of; GP_ENOMEM
 */
int gp_entry_join(struct gp_txn *txn, struct gp_arena *arena, struct gp_entry *entry);
/** The same for an incident's text. */
int gp_incident_join(struct gp_txn *txn, struct gp_arena *arena, struct gp_incident *incident);

/** Checks one row against its entry. Errors: GP_ECORRUPT: there is no such entry, or it is of
 * another text; GP_ENOMEM. */
int gp_personal_check(struct gp_txn *journal, struct gp_arena *arena, uint64_t incident,
                      uint64_t seq, const struct gp_personal *personal);

/* ---- view.c ---- */

/** Lays leave and holdings of the store over a directory. Errors: GP_ENOMEM, GP_ECORRUPT, the
 * store's. */
int gp_view_build(struct gp_txn *txn, const struct gp_org *base, struct gp_arena *look,
                  struct gp_view **ret_view);
/** Whether a view lies over this directory; false for NULL. */
bool gp_view_is_of(const struct gp_view *view, const struct gp_org *base);
/** Builds the run's view again if something has changed. */
int gp_run_refresh(struct gp_run *run);

/* ---- leave.c ---- */

/** Reads one leave's record into the item's arena. Errors: GP_ENOTFOUND, GP_ECORRUPT. */
int gp_run_load_leave(struct gp_run *run, uint64_t id, struct gp_leave_record *ret_leave);
/**
 * R6: the leave has begun: tells of each open incident of the person's posts once, at most
 * GP_SHIFT_ROWS_MAX now; the rest stays due. *ret_count is how many.
 */
int gp_run_begin_leave(struct gp_run *run, uint64_t id, unsigned *ret_count);

/* ---- import.c ---- */

/** Journals what leave.csv says otherwise than the store, at most GP_IMPORT_ROWS_MAX rows. */
int gp_run_import_leaves(struct gp_run *run, bool *ret_more);

/* ---- devices.c ---- */

/** Puts into the scene who speaks, and of a command about devices the one it names and the number
 * of one it would make. */
int gp_run_load_devices(struct gp_run *run, const struct gp_command *command,
                        struct gp_scene *scene);
/** Whether the device of an item may do this, which lies nowhere, at this point of the batch: then
 * *ret_reason is GP_REASON_NONE. What comes by no device may. */
int gp_run_may_act(struct gp_run *run, const struct gp_item *item, int action,
                   enum gp_reason *ret_reason);
/** Enrols the devices of devices.csv whose key is not known, at most GP_IMPORT_ROWS_MAX. A device
 * that is known stays as it is, revoked or not. */
int gp_run_import_devices(struct gp_run *run, bool *ret_more);

/* ---- proof.c ---- */

/** When an entry was journalled. Errors: GP_ECORRUPT: there is none, or it is no entry. */
int gp_entry_at_ms(struct gp_txn *txn, uint64_t seq, int64_t *ret_at_ms);

/* ---- falls.c ---- */

/* An admin lowers a clock hardly ever; so many times it may be told where. */
#define GP_FALLS_MAX 64

/* The last entry and incident before a fall: seq and id of what is behind it are greater. */
struct gp_fall {
    uint64_t seq, id;
};

/* In their order, as many as fit: when they are GP_FALLS_MAX, there may be more. */
struct gp_falls {
    struct gp_fall place[GP_FALLS_MAX];
    unsigned count;
};

/** Errors: GP_ECORRUPT, the store's. */
int gp_falls_read(struct gp_txn *txn, struct gp_falls *ret_falls);
/** Remembers it where this batch is of a time before that of the entry it follows. */
int gp_run_note_fall(struct gp_run *run);
/** Finds them in all entries. Requires: *ret_falls is zeroed. Errors: GP_ECORRUPT, the store's. */
int gp_falls_look(struct gp_txn *txn, struct gp_falls *ret_falls);
/** The same, and notes them: of a store whose falls were not noted when they came. */
int gp_falls_find(struct gp_txn *txn);

/* ---- upgrade.c ---- */

/** Brings up rows that an older gridpost wrote, in transactions of its own. Errors: GP_ECORRUPT,
 * the store's; it goes on when it is called again. */
int gp_engine_upgrade(struct gp_store *store);

/* ---- recall.c ---- */

/** What decisions of this run may ask the store. */
void gp_run_recall(struct gp_run *run);

/* Strikes are counted in the table once for a person and year, and then kept in memory: a year may
 * have thousands, and each one's number asks how many there are. */

/** Keeps the tallies right when an entry has been written. */
void gp_tally_entry(struct gp_engine *engine, const struct gp_entry *entry);
/** Forgets all of them: what they have counted was thrown away. */
void gp_tally_forget(struct gp_engine *engine);

/* ---- command.c ---- */
int gp_run_command(struct gp_run *run, struct gp_item *item);
/**
 * Looks whether the item's command was applied before (R20), by its id, device and body. One
 * without an id never was.
 *
 * Errors: GP_EEXIST: the answer is set; GP_ECORRUPT, the store's; 0: it is new
 */
int gp_run_repeat(struct gp_run *run, struct gp_item *item);
/** What repeats of a command are known by; not present where it has no id. */
struct gp_kept_answer gp_run_kept(const struct gp_command *command);

/* ---- deadline.c ---- */
int gp_run_expire(struct gp_run *run, struct gp_item *item);
int gp_run_start(struct gp_run *run, struct gp_item *item);
/** Fires what engine->incident owes from before now, so that a late command finds it done. */
int gp_run_settle(struct gp_run *run);

/* ---- upkeep.c ---- */
int gp_run_replan(struct gp_run *run, struct gp_item *item);
int gp_run_clock(struct gp_run *run, struct gp_item *item);
int gp_run_directory(struct gp_run *run, struct gp_item *item);
int gp_run_audit(struct gp_run *run, struct gp_item *item);
/** Whether re-planning (R15) is under way, and after which id it goes on. Errors: GP_ECORRUPT. */
int gp_replan_next(struct gp_txn *txn, bool *ret_running, uint64_t *ret_after);

/* ---- forget.c ---- */
int gp_run_forget(struct gp_run *run, struct gp_item *item);
/** Folds an entry that forgets repeats. */
int gp_tables_forget(struct gp_txn *txn, const struct gp_entry *entry);

/* ---- tables.c ---- */

/**
 * Writes the difference between two folds of one incident to every table. before may be NULL;
 * record is `after` packed.
 */
int gp_tables_write(struct gp_txn *txn, const struct gp_incident *before,
                    const struct gp_incident *after, struct gp_span record);

/* What by_state marks beside states: their numbers are below. */
#define GP_MARK_OVERDUE 0x80 /* its limit has passed, and that is on record */

/** Writes the difference in by_state alone; before may be NULL. */
int gp_tables_write_marks(struct gp_txn *txn, const struct gp_incident *before,
                          const struct gp_incident *after);

/** The row of an incident in by_area. */
struct gp_area_row gp_area_row_of(const struct gp_incident *incident);

/** The writes of an entry that belong to no incident row: repeats, vacancies, strikes, leave,
 * holdings, devices, forgetting, erasing. What is packed for them is in the arena. */
int gp_tables_write_entry(struct gp_txn *txn, const struct gp_entry *entry, struct gp_arena *arena);

/* The kept answer: body hash 16, seq u64, incident u64, version u32, state u8, due u64, stored u64;
 * and, where the body hash is salted, the seq u64 of the entry beside whose text the salt lies. In
 * stores of format 1 `stored` is missing: there the id's time stands for it. */
#define GP_KEPT_BYTES_1      45
#define GP_KEPT_BYTES        53
#define GP_KEPT_SALTED_BYTES 61
struct gp_kept_row {
    unsigned char body_hash[16];
    uint64_t seq, incident;
    uint32_t version;
    uint8_t state;
    int64_t due_ms;
    int64_t stored_ms; /* when its command was applied */
    uint64_t text_seq; /* 0: not salted */
};
/** Reads the row of an id. Errors: GP_ECORRUPT. */
int gp_kept_row_read(const unsigned char *id, struct gp_span bytes, struct gp_kept_row *ret_row);

/** Whether a row is what its entry folds to; one of format 1 lacks the end of it. */
bool gp_kept_row_same(struct gp_span is, struct gp_span folded);

/** When the handset says that it made an id. */
static inline int64_t gp_id_made_ms(const unsigned char *id)
{
    return (int64_t)(gp_get_u64(id) >> 16);
}

#endif
