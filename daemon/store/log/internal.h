/**
 * What the files of the log share. Nothing outside store/log/ includes this but its tests.
 *
 *   names.c    what the files in the folder are called
 *   disk.c     files: whole writes, zeros, syncs
 *   group.c    the bytes of a group and of its records; the chain
 *   segment.c  the bytes of a raw segment; the table of segments, their references
 *   make.c     new raw segments: spares, and how one becomes the newest
 *   scan.c     opening: the end of the log; folder.c what files there are, cut.c the torn tail
 *   wal.c      the writer
 *   seal.c     writing a sealed segment
 *   sealed.c   reading one
 *   reader.c   entries by number; the chain over many
 *   walk.c     records behind a mark
 *   upkeep.c   sealing and spares in the background
 *   check.c    all files of a log that nobody has open
 *   copy.c     all of it into another folder
 */
#ifndef GP_STORE_LOG_INTERNAL_H
#define GP_STORE_LOG_INTERNAL_H

#include "store/log/disk.h"
#include "store/log/wal.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

/* ---------------------------------------------------------------- names */

enum gp_file_kind {
    GP_FILE_OTHER, /* none of the log's */
    GP_FILE_RAW,   /* <number>.log */
    GP_FILE_SEALED,
    GP_FILE_SPARE,
    GP_FILE_TMP,
};

struct gp_file_name {
    enum gp_file_kind kind;
    uint64_t a, b; /* raw: number; sealed: first and last seq; spare: its place */
};

/** What a file's name says. Thread: any. */
struct gp_file_name gp_name_parse(const char *name);

void gp_name_raw(uint64_t number, char ret_name[GP_WAL_NAME_BYTES]);
void gp_name_sealed(uint64_t first, uint64_t last, char ret_name[GP_WAL_NAME_BYTES]);
void gp_name_spare(unsigned place, char ret_name[GP_WAL_NAME_BYTES]);
void gp_name_cut(uint64_t number, uint64_t offset, char ret_name[GP_WAL_NAME_BYTES]);

/* ---------------------------------------------------------------- disk */

/** Writes zeros over a range. */
int gp_disk_zero(int fd, uint64_t from, uint64_t to);

/** Whether there are only zeros. */
bool gp_is_zero(const unsigned char *bytes, size_t len);

/* ---------------------------------------------------------------- groups
 * A group, all numbers big-endian; it begins and ends at a multiple of 8 in its segment:
 *
 *    0  magic u32         "GPgr"
 *    4  bytes u32         of all of it
 *    8  segment u64       number of the segment it was written to
 *   16  first u64, last u64: of its entries; last is first - 1 when it has none
 *   32  synced_to u64     the last entry that was on disk when this was written
 *   40  hash before first (32)
 *   72  records u32, reserved u32 (zero)
 *   80  checksum u64      XXH3-64 of what follows, seeded by XXH3-64 of the 80 bytes before,
 *                         seeded by XXH3-64 of the segment's salt
 *   88  records, and zeros up to a multiple of 8
 *
 * A record: kind in the high byte and length in the low 24 bits of a u32, then its bytes.
 */
#define GP_GROUP_HEAD       88
#define GP_GROUP_BYTES_MAX  (UINT32_C(1) << 30)
#define GP_RECORD_HEAD      4
#define GP_RECORD_BYTES_MAX ((UINT32_C(1) << 24) - 1)

struct gp_group {
    uint32_t bytes, records;
    uint64_t segment, first, last, synced_to;
    unsigned char before[GP_WAL_HASH_BYTES];
};

/** A place among records, which lie one behind the other in [at, end). */
struct gp_records {
    const unsigned char *at, *end;
};

/** The seed of a segment's checksums. */
uint64_t gp_salt_seed(const unsigned char salt[16]);

/** Writes the head and the checksum in front of the records that stand there. */
void gp_group_pack(const struct gp_group *group, uint64_t seed, unsigned char *bytes);

/**
 * Reads a head whose group fits into `room` bytes and whose checksum is right.
 *
 * Errors: GP_ECORRUPT: there is no such group
 */
int gp_group_check(const unsigned char *bytes, uint64_t room, uint64_t segment, uint64_t seed,
                   struct gp_group *ret_group);

struct gp_records gp_group_records(const unsigned char *bytes, const struct gp_group *group);

/** The next record. Errors: GP_ENOTFOUND: the end; GP_ECORRUPT. */
int gp_record_next(struct gp_records *records, enum gp_record_kind *ret_kind,
                   struct gp_span *ret_bytes);

/** Writes a record's head. */
void gp_record_head(unsigned char *to, enum gp_record_kind kind, size_t len);

/** A place in the chain: an entry, its hash, and the records behind it. */
struct gp_link {
    uint64_t seq;
    unsigned char hash[GP_WAL_HASH_BYTES];
    struct gp_records rest;
};

/** The place in front of what lies together, where the hash is stored. */
struct gp_link gp_link_before(const unsigned char before[GP_WAL_HASH_BYTES], uint64_t first,
                              struct gp_records records);

/** Goes on to an entry behind it. Errors: GP_ECORRUPT: the records end before. */
int gp_link_advance(struct gp_link *link, uint64_t seq);

/** Goes on to the last one, which must be the last of the records. Errors: GP_ECORRUPT. */
int gp_link_finish(struct gp_link *link, uint64_t last);

/* ---------------------------------------------------------------- segments
 * The head of a raw segment, in its first 4,096 bytes; the rest of them is zero:
 *
 *    0  magic u32         "GPsg"
 *    4  format u32        1
 *    8  number u64        1, 2, 3 …: a segment without any entry has no seq of its own
 *   16  first u64         seq of its first entry
 *   24  bytes u32         of the file
 *   28  ended u32         where the groups of the segment before ended; 0 in the first one
 *   32  salt (16)         random
 *   48  hash before first (32)
 *   80  checksum u64      XXH3-64 of the 80 bytes before
 */
#define GP_SEGMENT_HEAD      4096
#define GP_SEGMENT_BYTES_MIN (UINT32_C(16) << 10)
#define GP_INDEX_STEP        4096 /* bytes of groups for one entry of the index in memory */

struct gp_segment_head {
    uint64_t number, first;
    uint32_t bytes, ended;
    unsigned char salt[16], before[GP_WAL_HASH_BYTES];
};

void gp_segment_pack(const struct gp_segment_head *head, unsigned char ret_bytes[GP_SEGMENT_HEAD]);

/** Errors: GP_ECORRUPT, GP_EVERSION. */
int gp_segment_unpack(const unsigned char bytes[GP_SEGMENT_HEAD], struct gp_segment_head *ret_head);

struct gp_raw {
    struct gp_segment_head head;
    uint64_t seed;
    const unsigned char *map; /* head.bytes of it, shared with the file */
    uint32_t end;             /* of the synced groups; the writer's while it is the newest */
    uint64_t last;            /* of its entries; first - 1: none; as `end` */
    struct gp_index_entry {
        uint64_t first;
        uint32_t offset;
    } * index;           /* ascending; what lies between two is walked */
    atomic_uint indexed; /* of them are there: readers look at no more */
    int gone_fd;         /* its file's, which has no name any more; -1: it has one */
};

/** A block of a sealed segment: entries, compressed together. */
struct gp_block {
    uint64_t first; /* seq */
    uint32_t offset, raw_bytes;
    unsigned char before[GP_WAL_HASH_BYTES];
};

/** A sealed segment, as its index and trailer say; when it is open it does not change. */
struct gp_sealed {
    int fd;
    uint64_t first, last, raw_bytes; /* bytes: of all blocks */
    uint32_t blocks, index_offset;
    unsigned char before[GP_WAL_HASH_BYTES], after[GP_WAL_HASH_BYTES];
    struct gp_block *block;
};

struct gp_segment {
    uint64_t first;           /* seq; of no entry yet: the next one's */
    uint64_t last;            /* sealed ones only */
    struct gp_raw *raw;       /* NULL: sealed */
    struct gp_sealed *sealed; /* NULL: raw, or not open; under the log's lock */
    uint64_t file_bytes;
    uint64_t used;       /* tick of the last use, for closing those long unused; under the lock */
    unsigned references; /* the table's own and the readers'; under the lock */
};

/** What lies together and is checked together: the entries of a group or of a block. */
struct gp_chunk {
    uint64_t first, last; /* first > last: nothing */
    struct gp_records records;
    unsigned char before[GP_WAL_HASH_BYTES];
};

/* ---------------------------------------------------------------- the log */

#define GP_SPARES_MAX      GP_SPARES_AHEAD
#define GP_SEALED_OPEN_MAX 8                   /* beside those that readers hold */
#define GP_BLOCK_BYTES     (UINT32_C(1) << 17) /* raw bytes of a block, unless one entry has more */

/** What is known of the file spare-<n>.log. */
enum gp_spare {
    GP_SPARE_NONE,
    GP_SPARE_READY,
    GP_SPARE_TAKEN, /* by the writer, but its name is not free yet */
};

/** The group that is being built. */
struct gp_pending {
    unsigned char *bytes; /* room for the head in front, then the records */
    size_t len, room;
    uint32_t *entry; /* where each entry's record begins */
    size_t entries, entry_room;
    uint32_t records;
    bool written;
    size_t on_disk; /* bytes of it that were written, perhaps not all */
};

struct gp_wal {
    int folder_fd;
    uint32_t segment_bytes;
    bool nosync, spares_ahead;
    bool looks; /* nothing is changed (check.c) */

    pthread_mutex_t lock;        /* of what follows */
    struct gp_segment **segment; /* ascending; the last one is the newest raw one */
    size_t segments, room;
    unsigned sealed_open;
    uint64_t tick;
    enum gp_spare spare[GP_SPARES_MAX];
    unsigned char synced_hash[GP_WAL_HASH_BYTES]; /* changes with `synced` */

    atomic_uint_fast64_t synced; /* seq; changes under the lock */
    atomic_bool half_full;       /* the newest segment: a spare will be needed */

    /* the writer's */
    struct gp_segment *newest;
    int fd; /* of the newest */
    bool rotate;
    uint64_t head;
    unsigned char head_hash[GP_WAL_HASH_BYTES];
    struct gp_pending group;
};

/** fsync of the folder, of a file; nothing where the log is not synced. Errors: GP_EIO. */
int gp_wal_sync_folder(const struct gp_wal *log);
int gp_wal_sync_file(const struct gp_wal *log, int fd);

/* segment.c */

/** Maps a raw segment's file and takes its head over. Errors: GP_ENOMEM, GP_EIO. */
int gp_segment_new_raw(int fd, const struct gp_segment_head *head, struct gp_segment **ret_segment);
int gp_segment_new_sealed(uint64_t first, uint64_t last, uint64_t file_bytes,
                          struct gp_segment **ret_segment);
/** Accepts NULL. Requires: nobody refers to it. */
void gp_segment_free(struct gp_segment *segment);

/** Notes a synced group in the index. Thread: the writer's, or before there are others. */
void gp_raw_note(struct gp_raw *raw, const struct gp_group *group, uint32_t offset);

/** Appends to the table, which owns it then. Errors: GP_ENOMEM. */
int gp_segments_add(struct gp_wal *log, struct gp_segment *segment);

/** Takes the place of another one in the table, or takes that one out (by NULL). */
void gp_segments_replace(struct gp_wal *log, const struct gp_segment *old, struct gp_segment *with);

/** The segment that has an entry, with a reference. Errors: GP_ENOTFOUND. */
int gp_segments_find(struct gp_wal *log, uint64_t seq, struct gp_segment **ret_segment);

/** The first raw segment with a number of at least this, with a reference. Errors: GP_ENOTFOUND. */
int gp_segments_raw(struct gp_wal *log, uint64_t number, struct gp_segment **ret_segment);

/** Gives a reference back. Accepts NULL. */
void gp_segments_put(struct gp_wal *log, struct gp_segment *segment);

/* make.c */

/** Makes a file of zeros, synced, under a name. Errors: GP_ENOSPC, GP_EIO. */
int gp_make_zeros(const struct gp_wal *log, const char *name, uint32_t bytes, int *ret_fd);

/**
 * Makes the newest segment, for a group of so many bytes: of a spare where one is big enough.
 *
 * Requires: everything is synced
 * Ensures:  log->newest and log->fd are the new one's; on failure nothing changed
 */
int gp_make_segment(struct gp_wal *log, size_t group_bytes);

/* folder.c, scan.c, cut.c */

/** The segments that the folder has, each kind ascending. */
struct gp_folder {
    struct gp_file_name *raw, *sealed;
    size_t raws, sealeds;
};

/**
 * Lists the folder; removes what is under way and spares that are none, notes the others. A log
 * that only looks removes nothing.
 *
 * Ensures:  also on failure to be released by gp_folder_free
 * Errors:   GP_ENOMEM, GP_EIO
 */
int gp_folder_list(struct gp_wal *log, struct gp_folder *folder);
void gp_folder_free(struct gp_folder *folder);

/** Reads the folder, fills the table, finds the end. Errors: as gp_wal_open. */
int gp_scan(struct gp_wal *log, const struct gp_wal_mark *from, bool create,
            struct gp_wal_found *found);

/**
 * Sets the bytes behind the newest segment's groups aside and makes zeros of them.
 *
 * Requires: log->fd is the newest segment's; it has other bytes there
 * Errors:   GP_ECORRUPT: a whole group is among them; GP_ENOSPC, GP_EIO
 */
int gp_cut_tail(struct gp_wal *log, struct gp_wal_found *found);

/* sealed.c */

#define GP_SEALED_FRAME 8 /* bytes of the frame's head, between the blocks and the index */

/** Bytes of what lies behind the blocks. */
size_t gp_sealed_tail_bytes(uint32_t blocks);

/** Writes it: index and trailer in a frame that zstd skips. */
void gp_sealed_pack(const struct gp_sealed *sealed, unsigned char *ret_bytes);

/** Whether the frame between the blocks and the index is as gp_sealed_pack writes it: who reads
 * entries here does not look at it, `zstd -dc` does. */
bool gp_sealed_has_frame(const struct gp_sealed *sealed);

/**
 * Opens a sealed segment's file and reads its index.
 *
 * Errors: GP_ENOTFOUND, GP_ECORRUPT, GP_EVERSION, GP_EIO, GP_ENOMEM
 */
int gp_sealed_open(int folder_fd, uint64_t first, uint64_t last, struct gp_sealed **ret_sealed);
void gp_sealed_close(struct gp_sealed *sealed); /* accepts NULL */

/** Makes sure that a segment that one has a reference to is open. Errors: as gp_sealed_open. */
int gp_segments_open(struct gp_wal *log, struct gp_segment *segment);

struct gp_unpacker; /* decompresses blocks, one at a time */
int gp_unpacker_open(struct gp_unpacker **ret_unpacker);
void gp_unpacker_close(struct gp_unpacker *unpacker); /* accepts NULL */

/**
 * The block that has an entry.
 *
 * Requires: the entry is the segment's
 * Lifetime: until the unpacker's next use
 */
int gp_sealed_chunk(struct gp_unpacker *unpacker, const struct gp_sealed *sealed, uint64_t seq,
                    struct gp_chunk *ret_chunk);

/* seal.c */

/**
 * Writes a sealed segment under its name, synced, from a raw one, which stays.
 *
 * Requires: the raw one has entries and gets no more
 * Errors:   GP_ECORRUPT, GP_ENOSPC, GP_EIO, GP_ENOMEM
 */
int gp_seal_segment(const struct gp_wal *log, const struct gp_raw *raw, uint64_t *ret_file_bytes);

/* walk.c */

/** Whether a mark is a place of this log, and the first raw segment behind it, with a reference. */
int gp_mark_find(struct gp_wal *log, const struct gp_wal_mark *mark,
                 struct gp_segment **ret_segment, uint32_t *ret_offset);

#endif
