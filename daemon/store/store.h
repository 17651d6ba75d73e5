/**
 * The store: the journal, which is a log of segments (log/), and one LMDB environment with a table
 * per file of this room, which are a fold of it. Knows bytes and keys, not what they mean; engine/
 * does. lmdb.h is included in this room only.
 *
 * Transactions: one writer (always the store thread), any number of short readers. Write
 * transactions begin and end in txn.c only. A span that a read returns is dead after the
 * transaction's end or its next write; an entry's also at the next look at the journal. Every row
 * carries a checksum, checked when read.
 *
 * Making a batch durable is gp_txn_commit: its entries are in the log, synced. LMDB lags behind
 * until a checkpoint: the writer's own thread sees the newest state, readers elsewhere that of the
 * last checkpoint, and gp_store_committed tells them how old it is.
 */
#ifndef GP_STORE_STORE_H
#define GP_STORE_STORE_H

#include "base/copying.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

struct gp_store;
struct gp_txn;

enum gp_table { /* stored, in checksums: only ever append */
                GP_TABLE_INCIDENT,
                GP_TABLE_BY_AREA,
                GP_TABLE_BY_POST,
                GP_TABLE_BY_DEPT,
                GP_TABLE_DEADLINE,
                GP_TABLE_DEDUP,
                GP_TABLE_VACANT,
                GP_TABLE_JOURNAL,
                GP_TABLE_META,
                GP_TABLE_LINK, /* from here on: format 2 */
                GP_TABLE_STRIKE,
                GP_TABLE_ON_SPOT,
                GP_TABLE_LEAVE,
                GP_TABLE_TENURE,
                GP_TABLE_PERSONAL,
                GP_TABLE_DEVICE, /* from here on: format 3 */
                GP_TABLE_DEVICE_KEY,
                GP_TABLE_BY_STATE, /* from here on: format 4 */
                GP_TABLE_COUNT,
};

struct gp_store_options {
    uint64_t map_bytes;     /* sparse address space; 0: 64 GiB */
    bool drill;             /* a new store is marked so; an existing one must be the same kind */
    bool create;            /* make it if it is not there (directory 0700, fsynced) */
    bool unsafe_nosync;     /* throw-away stores of rehearsals and tests only */
    bool tables_only;       /* for checking: without the journal, and with what tables there are */
    uint32_t segment_bytes; /* of the journal's files; 0: GP_SEGMENT_BYTES */
    uint64_t reserve_bytes; /* of the data file, taken ahead of use, and two segments where it is as
                               large as these; 0: nothing is */
    struct gp_store_found *found; /* what opening has met; may be NULL */
};

/* What is to be said of the journal when a store was opened, or could not be. */
struct gp_store_found {
    uint64_t cut_bytes; /* of a torn tail, which no acknowledged entry was in; 0: none */
    char cut_name[64];  /* the file in journal/ where they were put */
    char bad_name[64];  /* GP_ECORRUPT: the file that is damaged; "": none is */
    uint64_t bad_offset;
    bool unreserved; /* the file system takes no space ahead of use */
};

/**
 * Opens a store directory and looks at the journal's tail: what a crash left half-written, and was
 * never acknowledged, is cut and set aside. Holds an exclusive lock file against a second daemon.
 *
 * Thread:   any, once per directory and process
 * Ensures:  dead readers of a crash are cleared; gp_store_behind: the tables lack the journal's
 *           last entries, and gp_store_recover is owed before anything is written
 * Errors:   GP_ENOTFOUND no store and !create, or its parent is missing; GP_EINVAL not a folder;
 *           GP_EEXIST a new store would lie among other files, or an old one beside a journal that
 *           is not its own; GP_ELOCKED; GP_EMODE drill against
 *           real; GP_EVERSION also for an LMDB environment that is not ours; GP_ECORRUPT; GP_EIO;
 *           GP_ENOSPC; GP_ENOMEM
 */
int gp_store_open(const char *path, const struct gp_store_options *options,
                  struct gp_store **ret_store);

/** Closes, after a checkpoint. Accepts NULL. Requires: no transaction is open; the writer's thread,
 * or the writer has made its checkpoint. */
void gp_store_close(struct gp_store *store);

bool gp_store_is_drill(const struct gp_store *store);

/* ---------------------------------------------------------------- transactions */

/**
 * Begins the write transaction. Makes a checkpoint first where one is due: whoever wants none there
 * makes it before.
 *
 * Thread:   store; blocks nobody
 * Requires: the store is not behind
 * Errors:   GP_ENOSPC, GP_EIO, GP_ENOMEM
 */
int gp_txn_write(struct gp_store *store, struct gp_txn **ret_txn);

/** Begins a read transaction: on the store thread of the newest state, elsewhere of the last
 * checkpoint. Thread: any; end it within 100 ms, on the store thread before the next write. */
int gp_txn_read(struct gp_store *store, struct gp_txn **ret_txn);

/**
 * Commits: on return everything is on disk. The transaction is gone either way.
 *
 * Ensures: after an error nothing of it happened; the store may be behind (gp_store_behind). What
 *          no record of the journal tells (bringing up an older store) may be there and not be
 *          synced: it is such that it can be done again
 * Errors:  the first error that any call on this transaction met, or the commit's own
 */
int gp_txn_commit(struct gp_txn *txn);

/** Ends a read transaction, or throws a write transaction away; then the store may be behind.
 * Accepts NULL. */
void gp_txn_abort(struct gp_txn *txn);

/**
 * Fails a write transaction: what was read in it could not be made out, so nothing that was decided
 * by it may be committed. Later calls and the commit return the first error; so does this.
 */
int gp_txn_fail(struct gp_txn *txn, int error);

/* ---------------------------------------------------------------- checkpoints */

/** Whether so much, or for so long, stands in LMDB's open transaction; while the last checkpoint is
 * not on the disk, twice as much. Thread: store. */
bool gp_store_checkpoint_due(const struct gp_store *store);
/** Whether anything stands in it. Thread: store. */
bool gp_store_checkpoint_owed(const struct gp_store *store);

/**
 * Commits the tables: what readers see from now on. It is not on the disk yet (gp_store_settle).
 * Bounds how long recovering takes.
 *
 * Thread: store, between transactions
 * Errors: GP_ENOSPC, GP_ENOMEM: the store may be behind, nothing is lost; GP_EIO: end the process
 */
int gp_store_checkpoint(struct gp_store *store);

/**
 * Whether the data file is nearly full, as it stands in this transaction, or the disk
 * (gp_store_short): what is left is for work on what is there already, and for what a checkpoint
 * needs by itself.
 */
bool gp_txn_tight(struct gp_txn *txn);

/** The last entry that readers of other threads see. Thread: any. */
uint64_t gp_store_committed(const struct gp_store *store);
/** The last entry by whose batch a table was changed; 0: none since the start. Thread: any. */
uint64_t gp_store_written(const struct gp_store *store, enum gp_table table);

/** The tables lack entries that are in the journal: after a crash, or after a batch was thrown
 * away. Thread: store. */
bool gp_store_behind(const struct gp_store *store);

/** Folds one entry into the tables. Errors: any; GP_ENOTFOUND, GP_EFORMAT, GP_EUTF8 and GP_ELIMIT
 * become GP_ECORRUPT. */
typedef int (*gp_recover_fold)(void *context, struct gp_txn *txn, uint64_t seq,
                               struct gp_span entry);

/**
 * Applies what the tables lack, entry by entry in order, and makes a checkpoint.
 *
 * Thread:  store
 * Ensures: 0: the store is not behind. Error: it still is, and may be tried again
 * Errors:  GP_ECORRUPT, GP_ENOSPC, GP_ENOMEM, GP_EIO
 */
int gp_store_recover(struct gp_store *store, gp_recover_fold fold, void *context);

/**
 * Applies what the tables lack to another store instead, whose journal and tables are where these
 * tables are: when these are too damaged to come up to their journal. A batch there for each here.
 *
 * Thread:  store, of both
 * Ensures: nothing is written to `store`. Error: `to` has a part of it
 * Errors:  GP_ECORRUPT, GP_ENOSPC, GP_ENOMEM, GP_EIO
 */
int gp_store_recover_to(struct gp_store *store, struct gp_store *to, gp_recover_fold fold,
                        void *context);

/** Whether the last checkpoint is not on the disk yet. Thread: any. */
bool gp_store_settle_due(const struct gp_store *store);
/**
 * Brings the last checkpoint to the disk; some tenths of a second of a full one. What is
 * acknowledged is in the log, so nothing waits for it but the next checkpoint, which does it where
 * nobody has, and upkeep.
 *
 * Thread: any, beside the writer
 * Errors: GP_ENOSPC: it is still due; GP_EIO: end the process
 */
int gp_store_settle(struct gp_store *store);

/** Segments to be compressed, or space to be taken ahead of use. Thread: any. */
bool gp_store_upkeep_due(struct gp_store *store);
/**
 * Does it; takes some tenths of a second a segment.
 *
 * Thread: any, one at a time
 * Ensures: gp_store_short says whether space was lacking
 * Errors: GP_ENOSPC, GP_ENOMEM: try again later; GP_ECORRUPT: a segment is damaged, it stays as it
 *         is; GP_EIO
 */
int gp_store_upkeep(struct gp_store *store);
/** Whether what is to lie ahead of use could not be had: then no new reports are taken, and all
 * else lives on what there is (gp_txn_tight). Thread: any. */
bool gp_store_short(const struct gp_store *store);
/** Whether it is so, or nearly: less is free on the disk than is to lie ahead. Who only borrows
 * room of it, or makes the data file grow by reading for long, gives way then. Thread: any. */
bool gp_store_crowded(const struct gp_store *store);

/* ---------------------------------------------------------------- copies */

/* Where the copy's journal ends. */
struct gp_copied {
    uint64_t seq;
    unsigned char hash[32]; /* of that entry; zeros for 0 */
    uint64_t bytes;         /* of the files, holes left out */
};

/**
 * Copies the store into a new folder, byte for byte as it stands, while it is written to: the
 * tables of one checkpoint, and the journal up to what is acknowledged when the tables are there.
 * Opening it is opening a store after a crash. It has the pages that are free, too:
 * gp_store_compact is the second step of a backup. No page is interpreted, so damage of the tables
 * harms nobody here, and is in the copy for whoever checks that.
 *
 * LMDB does not take back what is freed while the tables are copied; segments that a copy may need
 * stay raw meanwhile. The writer waits for nothing, and where its disk is nearly full
 * (gp_store_crowded) the copy gives way, before new reports would have to be refused.
 *
 * Thread:   any, one at a time, beside the writer, readers and upkeep
 * Requires: `path` is not there, its parent is
 * Ensures:  0: folder 0700, files 0600, all synced; the folder's own name is not. On failure there
 *           may be a part of it, for the caller to remove
 * Errors:   GP_EEXIST; GP_EAGAIN it was stopped; GP_EYIELD it gave way; GP_ENOSPC also where less
 *           than the reserve is left; GP_ECORRUPT a file of the journal is missing; GP_EIO,
 *           GP_ENOTFOUND, GP_ENOMEM
 */
int gp_store_copy(struct gp_store *store, const char *path, struct gp_copying *copying,
                  struct gp_copied *ret_copied);

/**
 * Writes the tables of a store that nobody has open anew, without free pages, in which bytes of
 * what was deleted may stand. LMDB follows the tables' pages for it, and may end the process where
 * those are damaged: for a process of its own.
 *
 * Ensures:  the data file is the new one or the old one, whole and synced, whatever happens
 * Errors:   GP_ENOTFOUND there is no store; GP_ELOCKED; GP_ECORRUPT; GP_ENOSPC: the disk would have
 *           less than GP_BACKUP_RESERVE_BYTES; GP_EIO, GP_ENOMEM
 */
int gp_store_compact(const char *path);

/* ---------------------------------------------------------------- journal
 * hash(seq) = BLAKE2b-256(hash before ‖ seq u64 ‖ entry bytes); hash(0) is 32 zero bytes.
 */
#define GP_HASH_BYTES 32

/** Appends; *ret_seq is the head's + 1. Errors: as any write. */
int gp_journal_append(struct gp_txn *txn, struct gp_span entry, uint64_t *ret_seq);

/** Sequence and hash of the last entry; 0 and zeros when empty. ret_hash may be NULL. */
int gp_journal_head(struct gp_txn *txn, uint64_t *ret_seq, unsigned char *ret_hash);

/** One entry's bytes. Lifetime: until the next look at the journal, or write. Errors: GP_ENOTFOUND,
 * GP_ECORRUPT. */
int gp_journal_get(struct gp_txn *txn, uint64_t seq, struct gp_span *ret_entry);

/** The hash of one entry; zeros for 0. Errors: GP_ENOTFOUND, GP_ECORRUPT. */
int gp_journal_hash(struct gp_txn *txn, uint64_t seq, unsigned char ret_hash[GP_HASH_BYTES]);

/** Checks density, checksums and the chain of [from, to]; *ret_bad is the first bad seq. */
int gp_journal_verify(struct gp_txn *txn, uint64_t from, uint64_t to, uint64_t *ret_bad);

/* ---------------------------------------------------------------- incidents
 * incident: id u64 → record
 * by_area:  padded u64 (closed ones: | GP_AREA_CLOSED), id u64 → level u8, state u8,
 *           category u32 (key hash)
 * by_post:  post u32, closed u8, due (time key) u64, id u64 → nothing
 * by_dept:  department u32 (key hash), closed u8, id u64 → nothing
 * by_state: mark u8, id u64 → padded u64, level u8; of open incidents only
 * deadline: due (time key) u64, id u64 → step u8
 */
int gp_incident_put(struct gp_txn *txn, uint64_t id, struct gp_span record);
int gp_incident_get(struct gp_txn *txn, uint64_t id, struct gp_span *ret_record);
/**
 * As gp_incident_get, for a hint, that can do without: a record that its checksum does not fit is
 * not found, and fails no transaction. Nothing may be decided by whether it is there.
 */
int gp_incident_glance(struct gp_txn *txn, uint64_t id, struct gp_span *ret_record);

/* Open incidents lie together before all closed ones, which are many more. */
#define GP_AREA_CLOSED (UINT64_C(1) << 63)
struct gp_area_row { /* what by_area says of an incident */
    uint8_t level, state;
    uint32_t category;
    bool closed; /* in the key */
};
int gp_by_area_put(struct gp_txn *txn, uint64_t padded, uint64_t id, struct gp_area_row row);
int gp_by_area_del(struct gp_txn *txn, uint64_t padded, bool closed, uint64_t id);
/**
 * Offers the open incidents of one area code, the newest first, that are of a category, until
 * `take` says no. Looks at the newest `rows` rows. For a hint: a row that its checksum does not fit
 * is passed over.
 *
 * Requires: `take` writes nothing
 * Ensures:  *ret_damaged is the incident of such a row, of the oldest one; untouched: there is none
 * Errors:   GP_ECORRUPT also where a row has no category yet (engine/upgrade.c)
 */
int gp_by_area_newest(struct gp_txn *txn, uint64_t padded, uint32_t category, unsigned rows,
                      bool (*take)(void *taker, uint64_t id), void *taker, uint64_t *ret_damaged);
/** Reads a row that a walk found; not `whole`: it has no category yet, and lies among the open ones
 * whatever its state. Errors: GP_ECORRUPT. */
int gp_by_area_read(struct gp_span key, struct gp_span value, uint64_t *ret_padded,
                    uint64_t *ret_id, struct gp_area_row *ret_row, bool *ret_whole);
int gp_by_post_put(struct gp_txn *txn, uint32_t post, uint8_t closed, int64_t due_ms, uint64_t id);
int gp_by_post_del(struct gp_txn *txn, uint32_t post, uint8_t closed, int64_t due_ms, uint64_t id);
int gp_by_dept_put(struct gp_txn *txn, uint32_t department, uint8_t closed, uint64_t id);
int gp_by_dept_del(struct gp_txn *txn, uint32_t department, uint8_t closed, uint64_t id);
/* Of an open incident: a row under its state, and one more while it is marked otherwise. */
struct gp_state_row {
    uint8_t mark, level;
    uint64_t id, padded;
};
int gp_by_state_put(struct gp_txn *txn, const struct gp_state_row *row);
int gp_by_state_del(struct gp_txn *txn, uint8_t mark, uint64_t id);
/** Reads a row that a walk found. Errors: GP_ECORRUPT. */
int gp_by_state_read(struct gp_span key, struct gp_span value, struct gp_state_row *ret_row);
int gp_deadline_put(struct gp_txn *txn, int64_t due_ms, uint64_t id, uint8_t step);
int gp_deadline_del(struct gp_txn *txn, int64_t due_ms, uint64_t id);
/** The earliest deadline. Errors: GP_ENOTFOUND when there is none. */
int gp_deadline_first(struct gp_txn *txn, int64_t *ret_due_ms, uint64_t *ret_id);

/* ---------------------------------------------------------------- repeats and vacancies
 * dedup:  command id (16), device hash u64 → kept answer bytes
 * vacant: day (time key) u64, post u32 → seq u64
 */
int gp_dedup_put(struct gp_txn *txn, const unsigned char id[16], uint64_t device,
                 struct gp_span answer);
int gp_dedup_get(struct gp_txn *txn, const unsigned char id[16], uint64_t device,
                 struct gp_span *ret_answer);
int gp_vacant_put(struct gp_txn *txn, uint32_t post, int64_t day, uint64_t seq);
int gp_vacant_get(struct gp_txn *txn, uint32_t post, int64_t day, uint64_t *ret_seq);

/* ---------------------------------------------------------------- side lines
 * link:    main id u64, id u64 → nothing
 * strike:  person (hash) u64, year u16, incident u64 → record bytes
 * on_spot: padded u64 → closings u32
 * leave:   id u64 → record bytes
 * tenure:  id u64 → record bytes
 */
int gp_link_put(struct gp_txn *txn, uint64_t main, uint64_t id);
int gp_link_del(struct gp_txn *txn, uint64_t main, uint64_t id);
/** The first report with an id above `after` that follows an incident. Errors: GP_ENOTFOUND. */
int gp_link_next(struct gp_txn *txn, uint64_t main, uint64_t after, uint64_t *ret_id);

int gp_strike_put(struct gp_txn *txn, uint64_t person, uint16_t year, uint64_t incident,
                  struct gp_span record);
/** The strike of a person from an incident, whatever its year. Errors: GP_ENOTFOUND. */
int gp_strike_get(struct gp_txn *txn, uint64_t person, uint64_t incident,
                  struct gp_span *ret_record);
/** The strikes of a person in a year, one by one: the first of an incident above `after`. */
int gp_strike_next(struct gp_txn *txn, uint64_t person, uint16_t year, uint64_t after,
                   uint64_t *ret_incident, struct gp_span *ret_record);

int gp_on_spot_put(struct gp_txn *txn, uint64_t padded, uint32_t closings);
int gp_on_spot_get(struct gp_txn *txn, uint64_t padded, uint32_t *ret_closings); /* 0: none */

int gp_leave_put(struct gp_txn *txn, uint64_t id, struct gp_span record);
int gp_leave_get(struct gp_txn *txn, uint64_t id, struct gp_span *ret_record);
int gp_tenure_put(struct gp_txn *txn, uint64_t id, struct gp_span record);
/** The highest id of a table whose keys are ids (incident, leave, tenure, device); 0: none. */
int gp_last_id(struct gp_txn *txn, enum gp_table table, uint64_t *ret_id);

/* ---------------------------------------------------------------- devices
 * device:     id u64 → record bytes
 * device_key: public key (32) → id u64
 */
#define GP_KEY_BYTES 32

int gp_device_put(struct gp_txn *txn, uint64_t id, struct gp_span record);
int gp_device_get(struct gp_txn *txn, uint64_t id, struct gp_span *ret_record);
int gp_device_key_put(struct gp_txn *txn, const unsigned char key[GP_KEY_BYTES], uint64_t id);
/** The device that has a key, or had it. Errors: GP_ENOTFOUND. */
int gp_device_key_get(struct gp_txn *txn, const unsigned char key[GP_KEY_BYTES], uint64_t *ret_id);

/* ---------------------------------------------------------------- personal data
 * personal: incident u64, seq u64 → salt (16), bytes of the text u16, text, phone
 *
 * What people typed and the phones of residents lie beside the journal, whose entry `seq` holds
 * gp_personal_hash of the row: so a row can be erased and the chain stays whole. The salt goes with
 * the row, so that nobody can try texts against what remains.
 */
struct gp_personal {
    unsigned char salt[GP_SALT_BYTES];
    struct gp_span text, phone;
};

/** BLAKE2b-256 over the row. Requires: the texts are within limits.h. Thread: any. */
void gp_personal_hash(const struct gp_personal *personal,
                      unsigned char ret_hash[GP_PERSONAL_HASH_BYTES]);

/** A 16-byte hash, salted: the first half of BLAKE2b-256(salt ‖ hash). Thread: any. */
void gp_personal_salted(const unsigned char salt[GP_SALT_BYTES], const unsigned char hash[16],
                        unsigned char ret_salted[16]);

int gp_personal_put(struct gp_txn *txn, uint64_t incident, uint64_t seq,
                    const struct gp_personal *personal);
/** Errors: GP_ENOTFOUND: it was erased. Lifetime: the spans are dead as any that is read. */
int gp_personal_get(struct gp_txn *txn, uint64_t incident, uint64_t seq,
                    struct gp_personal *ret_personal);
/** Reads a row that a walk found. Errors: GP_ECORRUPT. */
int gp_personal_read(struct gp_span key, struct gp_span value, uint64_t *ret_incident,
                     uint64_t *ret_seq, struct gp_personal *ret_personal);
/** The incident's first row at or behind a seq. Errors: GP_ENOTFOUND: there is none. */
int gp_personal_next(struct gp_txn *txn, uint64_t incident, uint64_t from, uint64_t *ret_seq);
/** How many rows of an incident there are, at most `most`. */
int gp_personal_count(struct gp_txn *txn, uint64_t incident, uint32_t most, uint32_t *ret_count);
/** Deletes an incident's rows with a seq below `before`, the oldest first, at most `most`. */
int gp_personal_erase(struct gp_txn *txn, uint64_t incident, uint64_t before, uint32_t most);

/* ---------------------------------------------------------------- meta */
int gp_meta_put(struct gp_txn *txn, const char *name, struct gp_span value);
int gp_meta_get(struct gp_txn *txn, const char *name, struct gp_span *ret_value);
int gp_meta_del(struct gp_txn *txn, const char *name); /* GP_ECORRUPT: it was not there */

/* Rows of by_area have their category and half, and open incidents their rows of by_state; new
 * stores say so from the first. */
#define GP_META_BY_AREA      "by-area"
#define GP_META_BY_AREA_DONE ((struct gp_span){"\2", 1})

/* ---------------------------------------------------------------- walking */

struct gp_walk; /* a cursor over one table, ascending by key */

const char *gp_table_name(enum gp_table table);

/** Starts at the first key >= from (whole keys or prefixes, big-endian as above). */
int gp_walk_open(struct gp_txn *txn, enum gp_table table, struct gp_span from,
                 struct gp_walk **ret_walk);
/** Next row; checksum checked and stripped. Errors: GP_ENOTFOUND at the end, GP_ECORRUPT. */
int gp_walk_next(struct gp_walk *walk, struct gp_span *ret_key, struct gp_span *ret_value);
/**
 * Deletes the row that gp_walk_next returned last; the walk goes on with the one behind it.
 *
 * Requires: a write transaction
 * Lifetime: that row's key and value are dead
 */
int gp_walk_drop(struct gp_walk *walk);
void gp_walk_close(struct gp_walk *walk); /* accepts NULL; before the transaction's end */

/**
 * Counts the rows of a table with keys in [from, end), at most `most`: keys only, no row is
 * checked. Tells a short range from a long one.
 */
int gp_table_count(struct gp_txn *txn, enum gp_table table, struct gp_span from, struct gp_span end,
                   unsigned most, unsigned *ret_count);

/** BLAKE2b-256 over all keys and values of a table: equal tables, equal digests. */
int gp_table_digest(struct gp_txn *txn, enum gp_table table, unsigned char ret_digest[32],
                    uint64_t *ret_rows);

/* ---------------------------------------------------------------- checking (check.c) */

/* What is damaged in the journal's files. */
struct gp_log_flaw {
    char file[64];        /* in journal/ */
    uint64_t offset;      /* bytes */
    uint64_t first, last; /* entries that are lost or not proven; first > last: none; last
                           * UINT64_MAX: all from there on */
    const char *what;     /* static */
};

struct gp_log_checked {
    uint64_t entries; /* that are whole */
    uint64_t last;    /* seq of the last of them */
    unsigned char hash[GP_HASH_BYTES];
    char tail_name[64]; /* the newest file, where it ends in bytes that are no batch; "": none does
                         */
    uint64_t tail_offset;
};

struct gp_log_check {
    void (*flaw)(void *context, const struct gp_log_flaw *flaw);
    void (*progress)(void *context, uint64_t seq); /* now and then; may be NULL */
    void *context;
};

/**
 * Reads all files of the journal of a store that nobody has open, also of one that is too damaged
 * to be opened, and says all that is damaged. Changes nothing. A store of before format 4 has none:
 * nothing is looked at.
 *
 * Thread: any
 * Errors: GP_ENOTFOUND no store; GP_ELOCKED; GP_EINVAL not a folder; GP_EIO; GP_ENOMEM
 */
int gp_store_check_log(const char *path, const struct gp_log_check *check,
                       struct gp_log_checked *ret_checked);

enum gp_row_state {
    GP_ROW_WHOLE,
    GP_ROW_DAMAGED, /* its checksum is not that of key and value */
    GP_ROW_ASTRAY,  /* whole, but not found by its key: the pages above it are damaged */
};

/** Who hears of a damaged page: whose table it is of (GP_TABLE_COUNT: of none), its number, or
 * UINT64_MAX, and what is wrong, static. */
typedef void (*gp_page_flaw)(void *context, enum gp_table table, uint64_t page, const char *what);

/**
 * Checks that every page of the tables is the one that was meant, is reached once, and is not on
 * the list of free ones, which names none twice, without relying on any. Memory: two bits a page.
 *
 * Thread:   any
 * Requires: nobody writes
 * Errors:   GP_EIO, GP_ENOMEM
 */
int gp_pages_check(struct gp_store *store, gp_page_flaw flaw, void *context);

/* Up to where in the journal the tables are. */
struct gp_store_place {
    uint64_t seq;
    char file[64]; /* a file of batches, as it is called until it is compressed */
    uint64_t offset;
};

/** Errors: GP_ENOTFOUND, GP_ECORRUPT: they do not say. */
int gp_store_place(struct gp_txn *txn, struct gp_store_place *ret_place);

/** How many rows a table says it has; 0 where it is missing. */
uint64_t gp_table_says(struct gp_txn *txn, enum gp_table table);

/** Who looks at a row. Lifetime: key and value as of any row; the value of a damaged one is as it
 * is stored, its checksum too. */
typedef void (*gp_row_look)(void *context, struct gp_span key, struct gp_span value,
                            enum gp_row_state state);

/**
 * Hands every row of a table to `look`, in the order of its pages, damaged ones too.
 *
 * Ensures: *ret_rows were looked at
 * Errors:  GP_ENOTFOUND: there is no such table; GP_ECORRUPT: it has other rows than it says, or
 *          cannot be walked to its end
 */
int gp_table_check(struct gp_txn *txn, enum gp_table table, gp_row_look look, void *context,
                   uint64_t *ret_rows);

enum gp_row_difference {
    GP_ROW_MISSING, /* only `should` has it */
    GP_ROW_EXTRA,   /* only `is` has it */
    GP_ROW_OTHER,   /* other values */
};

/** Who hears of it: the values where both have the row. Lifetime: as any that is read. */
typedef void (*gp_row_differs)(void *context, struct gp_span key, enum gp_row_difference difference,
                               struct gp_span is, struct gp_span should);

/**
 * Compares a table of two stores row by row. Damaged rows of `is` count as not there.
 *
 * Errors: GP_ECORRUPT: a row of `should` is damaged; GP_EIO, GP_ENOMEM
 */
int gp_table_compare(struct gp_txn *is, struct gp_txn *should, enum gp_table table,
                     gp_row_differs look, void *context);

struct gp_store_figures {
    uint64_t rows[GP_TABLE_COUNT]; /* of the journal: entries */
    uint64_t file_bytes;           /* allocated, the journal's too */
    uint64_t journal_bytes;        /* of these: the journal's */
    uint64_t map_bytes;
};
int gp_store_figures(struct gp_txn *txn, struct gp_store_figures *ret_figures);

/** Clears readers of dead processes; every minute. Thread: any. */
void gp_store_tidy(struct gp_store *store);

#endif
