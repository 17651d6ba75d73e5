/**
 * The log: what happened, numbered, hashed and on disk before anybody hears of it. It is the
 * journal and the write-ahead log in one: tables lag behind it, and what lies behind their last
 * checkpoint is folded again from here.
 *
 * A batch is one *group* of records: entries, which are numbered and chained, and side records,
 * which only recovery reads (what a fold cannot derive). gp_wal_entry and gp_wal_side collect it in
 * memory, gp_wal_write appends it with one write, gp_wal_sync makes it durable with one fdatasync;
 * from then on it is acknowledged and readers see it. Groups lie in *raw* segments, preallocated
 * and filled with zeros; when the tables no longer need a full one, gp_wal_upkeep *seals* it:
 * entries only, compressed, for good.
 *
 *   hash(n) = BLAKE2b-256(hash(n-1) ‖ n as u64 ‖ entry bytes); hash(0) is 32 zero bytes
 *
 * Threads: one writer (the store thread), any number of readers, and one thread for upkeep beside
 * them. A log knows bytes and numbers, not what they mean, and nothing of LMDB.
 */
#ifndef GP_STORE_LOG_WAL_H
#define GP_STORE_LOG_WAL_H

#include "base/copying.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

#define GP_WAL_HASH_BYTES 32

struct gp_wal;

/** hash(seq) from hash(seq - 1), which may be the same place. Thread: any. */
void gp_chain(const unsigned char before[GP_WAL_HASH_BYTES], uint64_t seq, struct gp_span entry,
              unsigned char ret_hash[GP_WAL_HASH_BYTES]);

/** A place between two groups: what the tables' checkpoint carries. */
struct gp_wal_mark {
    uint64_t seq;                          /* of the last entry before it; 0: none */
    unsigned char hash[GP_WAL_HASH_BYTES]; /* that entry's; zeros for 0 */
    uint64_t segment;                      /* number of the segment it lies in, from 1 on */
    uint32_t offset;                       /* where in it, bytes; of no use once that is sealed */
};

#define GP_WAL_MARK_BYTES 52

/** A mark as a row: seq, hash, segment, offset, big-endian. Thread: any. */
void gp_wal_mark_pack(const struct gp_wal_mark *mark, unsigned char ret_bytes[GP_WAL_MARK_BYTES]);

/** Reads it back. Thread: any. Errors: GP_ECORRUPT: the length or a number cannot be. */
int gp_wal_mark_unpack(struct gp_span bytes, struct gp_wal_mark *ret_mark);

#define GP_WAL_NAME_BYTES 64

/** The file it lies in, as long as that is raw. Thread: any. */
void gp_wal_mark_file(const struct gp_wal_mark *mark, char ret_name[GP_WAL_NAME_BYTES]);

/* ---------------------------------------------------------------- opening */

#define GP_SEGMENT_BYTES (UINT32_C(16) << 20)

struct gp_wal_options {
    uint32_t segment_bytes; /* of new segments; 0: 16 MiB; a multiple of 4 KiB, at least 16 KiB */
    bool create;            /* make the log when the folder has none */
    bool unsafe_nosync;     /* sparse files, nothing is synced: throw-away logs only */
    bool spares_ahead; /* two spare segments at all times, not only when one will soon be needed */
};

/** What opening has to tell. Set also where it fails. */
struct gp_wal_found {
    uint64_t cut_bytes;               /* of a torn tail that was set aside; 0: there was none */
    char cut_name[GP_WAL_NAME_BYTES]; /* the file in the folder that holds it now */
    char bad_name[GP_WAL_NAME_BYTES]; /* GP_ECORRUPT: the damaged file; of a gap, the one behind */
    uint64_t bad_offset;              /* GP_ECORRUPT: where in it, bytes */
};

/**
 * Opens the log of a folder and finds its end.
 *
 * Looks at the names of all files and into the raw segments only, so it takes as long with a large
 * journal as with a small one. A tail that is no whole group is cut off, set aside and told of, but
 * only where nothing proves that it was acknowledged: no whole group follows, no further segment,
 * no group says `synced_to` beyond, and `from` lies before it. What counts is synced.
 *
 * Thread:   any, once per folder
 * Requires: the folder is this process' own (the store's lock); folder_fd stays open until
 *           gp_wal_close. `from` is the mark of the tables' last checkpoint; NULL: they have none
 *           because the log is new, or was made and never written
 * Ensures:  on failure nothing was changed but leftovers of an earlier process removed
 * Errors:   GP_ENOTFOUND no log and !create (or `from` given and no log: GP_ECORRUPT); GP_EEXIST
 *           `from` is NULL and there are groups; GP_ECORRUPT damage, a missing segment, or `from`
 *           is ahead of the log; GP_EVERSION a segment of an unknown format; GP_EINVAL options;
 *           GP_ENOSPC; GP_EIO; GP_ENOMEM
 */
int gp_wal_open(int folder_fd, const struct gp_wal_options *options, const struct gp_wal_mark *from,
                struct gp_wal **ret_log, struct gp_wal_found *ret_found);

/**
 * Closes; what was not synced is gone. Accepts NULL.
 *
 * Requires: no reader and no walk is open, no upkeep runs
 */
void gp_wal_close(struct gp_wal *log);

/* ---------------------------------------------------------------- writing
 * Thread: store, all of them. Order: entry and side as often as needed, write, sync; cut after a
 * write that failed or in place of a sync.
 */

/**
 * Adds an entry to the group that is being built; *ret_seq is the head's + 1.
 *
 * Requires: the group is not written yet
 * Lifetime: the bytes are copied; what a reader of the group returned is dead
 * Errors:   GP_ENOMEM; GP_ELIMIT: an entry of 16 MiB or a group of 1 GiB. The group is as it was
 */
int gp_wal_entry(struct gp_wal *log, struct gp_span entry, uint64_t *ret_seq);

/** Adds a side record, as gp_wal_entry; it has no number. */
int gp_wal_side(struct gp_wal *log, struct gp_span record);

/** Whether the group holds something. */
bool gp_wal_pending(const struct gp_wal *log);

/**
 * Appends the group to the newest segment, or to a new one where it does not fit or gp_wal_rotate
 * asked for it. It is not durable yet, and only readers of the writer see it.
 *
 * Requires: gp_wal_pending, and not written yet
 * Errors:   GP_ENOSPC, GP_EIO, GP_ENOMEM: the group does not count; gp_wal_cut must be called
 */
int gp_wal_write(struct gp_wal *log);

/**
 * Makes the written group durable; it is acknowledged and visible then, and the next one is empty.
 *
 * Requires: gp_wal_write succeeded
 * Errors:   GP_EIO: nobody knows what is on disk. The process must end
 */
int gp_wal_sync(struct gp_wal *log);

/**
 * Throws away what is not synced, in memory and on disk (zeros again, synced). Does nothing where
 * nothing is.
 *
 * Errors:   GP_EIO: the process must end
 */
int gp_wal_cut(struct gp_wal *log);

/** Sequence and hash of the last entry, of the group that is being built too; ret_hash may be NULL.
 */
void gp_wal_head(const struct gp_wal *log, uint64_t *ret_seq,
                 unsigned char ret_hash[GP_WAL_HASH_BYTES]);

/** The end of what is synced. */
void gp_wal_mark(const struct gp_wal *log, struct gp_wal_mark *ret_mark);

/** The last entry that is synced. Thread: any. */
uint64_t gp_wal_synced(const struct gp_wal *log);

/**
 * Begins a new segment, so that the newest one can be sealed once the tables' checkpoint is behind
 * it: after an erase, whose texts lie in it. At once, since it may be long until the next group, or
 * the process may end; where that fails, or a group is written and not synced, with the next group.
 * Does nothing where the newest segment is empty.
 */
void gp_wal_rotate(struct gp_wal *log);

/* ---------------------------------------------------------------- reading */

/** A cursor, one decompressed block, and a reference to one segment, which stays readable. */
struct gp_wal_reader;

/**
 * Makes a reader; it sees what is synced at the time of each call.
 *
 * Thread:   any; each reader by one thread at a time
 * Requires: with_group: only the store thread uses it, and it sees the group that is being built
 * Errors:   GP_ENOMEM
 */
int gp_wal_reader_open(struct gp_wal *log, bool with_group, struct gp_wal_reader **ret_reader);

/** Accepts NULL. Before gp_wal_close. */
void gp_wal_reader_close(struct gp_wal_reader *reader);

/**
 * One entry's bytes; reading on in order is cheap.
 *
 * Lifetime: until the reader's next call; of a reader with_group also no longer than until the
 *           next gp_wal_entry, gp_wal_side, gp_wal_sync or gp_wal_cut
 * Errors:   GP_ENOTFOUND: 0 or behind the head; GP_ECORRUPT; GP_EIO; GP_ENOMEM
 */
int gp_wal_get(struct gp_wal_reader *reader, uint64_t seq, struct gp_span *ret_entry);

/** The hash of one entry; zeros for 0. Errors: as gp_wal_get. */
int gp_wal_hash(struct gp_wal_reader *reader, uint64_t seq,
                unsigned char ret_hash[GP_WAL_HASH_BYTES]);

/**
 * Computes the chain of [from, to] again and checks every checksum and every stored hash on the
 * way, and the last hash against what is stored behind `to`: the next entry's group, block or
 * segment, or the head. Entries of the same group or block behind `to` are looked at for it.
 *
 * Requires: 1 <= from; to < from is nothing to do
 * Ensures:  GP_ECORRUPT: *ret_bad is the first seq that is not proven; it may be the one behind
 *           `to`, where that cannot be read. Side records are not looked at
 * Errors:   GP_ECORRUPT, also where an entry is missing; GP_EIO; GP_ENOMEM
 */
int gp_wal_verify(struct gp_wal_reader *reader, uint64_t from, uint64_t to, uint64_t *ret_bad);

/* ---------------------------------------------------------------- recovery */

struct gp_wal_walk;

enum gp_record_kind { /* stored: only ever append */
                      GP_RECORD_ENTRY = 1,
                      GP_RECORD_SIDE = 2,
};

/**
 * Starts to walk over the synced records behind a mark, in their order, up to what is the end now.
 *
 * Thread:   store
 * Errors:   GP_ECORRUPT: the mark is none of this log, is ahead of it, or lies before the end of a
 *           sealed segment (its side records are gone); GP_ENOMEM
 */
int gp_wal_walk_open(struct gp_wal *log, const struct gp_wal_mark *from,
                     struct gp_wal_walk **ret_walk);

/**
 * The next record. *ret_seq is an entry's number; of a side record, that of the entry before it.
 * *ret_last_of_group: the tables may be committed behind this record, not between two of a group.
 *
 * Lifetime: the bytes until the next call
 * Errors:   GP_ENOTFOUND: the end; GP_ECORRUPT
 */
int gp_wal_walk_next(struct gp_wal_walk *walk, enum gp_record_kind *ret_kind, uint64_t *ret_seq,
                     struct gp_span *ret_bytes, bool *ret_last_of_group);

/** The place behind the last group that was returned whole; before the first, where it began. */
void gp_wal_walk_mark(const struct gp_wal_walk *walk, struct gp_wal_mark *ret_mark);

/** Accepts NULL. */
void gp_wal_walk_close(struct gp_wal_walk *walk);

/* ---------------------------------------------------------------- upkeep */

/**
 * Whether gp_wal_upkeep has something to do: a full segment that lies wholly before the tables'
 * last durable checkpoint (the texts in it go with it), or spare segments that are missing.
 *
 * Thread:   any
 */
bool gp_wal_upkeep_due(struct gp_wal *log, const struct gp_wal_mark *committed);

/**
 * Seals those segments, the oldest first, and makes spare ones; if either fails, the other is done
 * nevertheless. What it was killed in is finished
 * or undone at the next opening or upkeep.
 *
 * Thread:   any, one at a time, beside writer and readers
 * Requires: the tables are on disk up to `committed`
 * Errors:   GP_ENOSPC, GP_EIO, GP_ENOMEM: try again later, writing goes on; GP_ECORRUPT: a segment
 *           is damaged, it stays as it is
 */
int gp_wal_upkeep(struct gp_wal *log, const struct gp_wal_mark *committed);

/** Removes the spare segments, when their space is needed for something else. Returns how many.
 * Thread: the writer's; no upkeep runs. */
unsigned gp_wal_give_spares(struct gp_wal *log);

/* ---------------------------------------------------------------- copying */

/**
 * Copies the log as it is now into an empty folder: sealed segments as they are, raw ones up to
 * their synced end, with a hole behind it. All of it is synced.
 *
 * Thread:   any, beside writer, readers and upkeep
 * Requires: nothing is sealed meanwhile that lies behind the mark at which the copy is to be opened
 * Ensures:  *ret_end is where the copy ends. On failure there is a part of it
 * Errors:   GP_EAGAIN it was stopped; GP_EYIELD it was in the way; GP_ENOSPC also where less than
 *           the reserve is left; GP_ENOTFOUND and GP_ECORRUPT: a sealed segment is missing, or too
 *           short; GP_EIO, GP_ENOMEM
 */
int gp_wal_copy(struct gp_wal *log, int folder_fd, struct gp_copying *copying,
                struct gp_wal_mark *ret_end);

struct gp_wal_figures {
    uint64_t bytes;       /* of all files of the log, spares included */
    uint64_t first, last; /* synced entries; 1 and 0 when there are none */
    unsigned raw, sealed, spares;
};

/** Thread: any. */
void gp_wal_figures(struct gp_wal *log, struct gp_wal_figures *ret_figures);

/* ---------------------------------------------------------------- checking */

/** What is damaged or missing in a log. */
struct gp_wal_flaw {
    char file[GP_WAL_NAME_BYTES]; /* of a gap between files, the one behind it */
    uint64_t offset;              /* where in it, bytes */
    uint64_t first, last;         /* entries that are lost or not proven; first > last: none, side
                                   * records or what only ties files together; last UINT64_MAX: all
                                   * from there on */
    const char *what;             /* static */
};

struct gp_wal_checked {
    uint64_t entries;                      /* that are whole and follow from those before */
    uint64_t last;                         /* seq of the last whole one; 0: there is none */
    unsigned char hash[GP_WAL_HASH_BYTES]; /* that entry's, as computed */
    char
        tail_name[GP_WAL_NAME_BYTES]; /* the newest segment, where its groups end in other bytes: */
    uint64_t tail_offset;             /* a torn tail, unless the tables are beyond it */
};

/** Who hears of it; the flaw is the caller's. */
struct gp_wal_check {
    void (*flaw)(void *context, const struct gp_wal_flaw *flaw);
    void (*progress)(void *context, uint64_t seq); /* between two chunks; may be NULL */
    void *context;
};

/**
 * Reads all files of a log that nobody has open and checks every byte that counts: names, heads,
 * indexes, each group and block, that entries are dense, and the whole chain. Goes on behind what
 * is damaged. Changes nothing.
 *
 * Thread:   any
 * Requires: the folder is this process' own (the store's lock)
 * Ensures:  0, however many flaws there are
 * Errors:   GP_EIO, GP_ENOMEM
 */
int gp_wal_check(int folder_fd, const struct gp_wal_check *check,
                 struct gp_wal_checked *ret_checked);

#endif
