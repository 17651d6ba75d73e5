/*
 * Entries by number. A reader looks at a chunk at a time, a group or a block, which is checked when
 * it is loaded; within it reading on costs a step over a record's head.
 */
#include "store/log/internal.h"

#include <stdlib.h>
#include <string.h>

struct gp_wal_reader {
    struct gp_wal *log;
    bool with_group;
    struct gp_segment *segment;   /* that the chunk lies in, referenced; NULL: none */
    struct gp_unpacker *unpacker; /* NULL: not needed yet */
    struct gp_chunk chunk;
    struct gp_records at; /* where in the chunk */
    uint64_t next;        /* the entry that comes next there */
    struct gp_link link;  /* up to which entry of the chunk the hash is known */
};

int gp_wal_reader_open(struct gp_wal *log, bool with_group, struct gp_wal_reader **ret_reader)
{
    struct gp_wal_reader *reader = calloc(1, sizeof *reader);

    if (reader == NULL)
        return GP_ENOMEM;
    reader->log = log;
    reader->with_group = with_group;
    reader->chunk.first = 1; /* and last 0: nothing */
    *ret_reader = reader;
    return 0;
}

void gp_wal_reader_close(struct gp_wal_reader *reader)
{
    if (reader == NULL)
        return;
    gp_segments_put(reader->log, reader->segment);
    gp_unpacker_close(reader->unpacker);
    free(reader);
}

/* ---------------------------------------------------------------- chunks */

/* Where in a raw segment to look for an entry: at the last indexed group that begins before it. */
static uint32_t indexed_offset(const struct gp_raw *raw, uint64_t seq)
{
    unsigned from = 0, to = atomic_load_explicit(&raw->indexed, memory_order_acquire);

    while (from < to) {
        unsigned middle = from + (to - from) / 2;
        if (raw->index[middle].first <= seq)
            from = middle + 1;
        else
            to = middle;
    }
    return from > 0 ? raw->index[from - 1].offset : GP_SEGMENT_HEAD;
}

static int raw_chunk(const struct gp_raw *raw, uint64_t seq, struct gp_chunk *ret_chunk)
{
    uint32_t at = indexed_offset(raw, seq);
    struct gp_group group;

    for (;;) {
        int rc = gp_group_check(raw->map + at, raw->head.bytes - at, raw->head.number, raw->seed,
                                &group);
        if (rc != 0)
            return rc;
        if (group.last >= seq)
            break;
        at += group.bytes;
    }
    if (group.first > seq)
        return GP_ECORRUPT;
    ret_chunk->first = group.first;
    ret_chunk->last = group.last;
    ret_chunk->records = gp_group_records(raw->map + at, &group);
    memcpy(ret_chunk->before, group.before, GP_WAL_HASH_BYTES);
    return 0;
}

static int sealed_chunk(struct gp_wal_reader *reader, uint64_t seq, struct gp_chunk *ret_chunk)
{
    int rc = gp_segments_open(reader->log, reader->segment);

    if (rc == 0 && reader->unpacker == NULL)
        rc = gp_unpacker_open(&reader->unpacker);
    if (rc == 0)
        rc = gp_sealed_chunk(reader->unpacker, reader->segment->sealed, seq, ret_chunk);
    return rc == GP_ENOTFOUND ? GP_ECORRUPT : rc; /* its file is gone */
}

static void rewind_chunk(struct gp_wal_reader *reader)
{
    reader->at = reader->chunk.records;
    reader->next = reader->chunk.first;
}

static void rewind_hash(struct gp_wal_reader *reader)
{
    const struct gp_chunk *chunk = &reader->chunk;

    reader->link = gp_link_before(chunk->before, chunk->first, chunk->records);
}

/* Makes the chunk that has a synced entry the reader's. */
static int load(struct gp_wal_reader *reader, uint64_t seq)
{
    struct gp_segment *segment;
    struct gp_chunk chunk;
    int rc = gp_segments_find(reader->log, seq, &segment);

    if (rc != 0)
        return GP_ECORRUPT; /* it is synced and must be there */
    reader->chunk.first = 1;
    reader->chunk.last = 0;
    gp_segments_put(reader->log, reader->segment);
    reader->segment = segment;
    rc = segment->raw != NULL ? raw_chunk(segment->raw, seq, &chunk)
                              : sealed_chunk(reader, seq, &chunk);
    if (rc != 0)
        return rc;
    reader->chunk = chunk;
    rewind_chunk(reader);
    rewind_hash(reader);
    return 0;
}

static int need_chunk(struct gp_wal_reader *reader, uint64_t seq)
{
    if (seq >= reader->chunk.first && seq <= reader->chunk.last)
        return 0;
    return load(reader, seq);
}

/* The next record that is an entry. */
static int next_entry(struct gp_records *at, struct gp_span *ret_entry)
{
    enum gp_record_kind kind;
    int rc;

    do
        rc = gp_record_next(at, &kind, ret_entry);
    while (rc == 0 && kind != GP_RECORD_ENTRY);
    return rc == GP_ENOTFOUND ? GP_ECORRUPT : rc; /* there are fewer than were said */
}

/* ---------------------------------------------------------------- the group that is being built */

static struct gp_span pending_entry(const struct gp_wal *log, uint64_t seq)
{
    const struct gp_pending *group = &log->group;
    const unsigned char *at = group->bytes + group->entry[seq - atomic_load(&log->synced) - 1];
    struct gp_records record = {at, group->bytes + group->len};
    enum gp_record_kind kind;
    struct gp_span entry = {0};

    (void)gp_record_next(&record, &kind, &entry); /* we wrote it */
    return entry;
}

static void pending_hash(const struct gp_wal *log, uint64_t seq,
                         unsigned char ret_hash[GP_WAL_HASH_BYTES])
{
    if (seq == log->head) {
        memcpy(ret_hash, log->head_hash, GP_WAL_HASH_BYTES);
        return;
    }
    memcpy(ret_hash, log->synced_hash, GP_WAL_HASH_BYTES);
    for (uint64_t at = atomic_load(&log->synced) + 1; at <= seq; at++)
        gp_chain(ret_hash, at, pending_entry(log, at), ret_hash);
}

static bool is_pending(const struct gp_wal_reader *reader, uint64_t seq)
{
    return reader->with_group && seq > atomic_load(&reader->log->synced) &&
           seq <= reader->log->head;
}

/* ---------------------------------------------------------------- reading */

int gp_wal_get(struct gp_wal_reader *reader, uint64_t seq, struct gp_span *ret_entry)
{
    struct gp_span entry;
    int rc;

    if (is_pending(reader, seq)) {
        *ret_entry = pending_entry(reader->log, seq);
        return 0;
    }
    if (seq == 0 || seq > atomic_load(&reader->log->synced))
        return GP_ENOTFOUND;
    rc = need_chunk(reader, seq);
    if (rc == 0 && seq < reader->next)
        rewind_chunk(reader);
    while (rc == 0 && reader->next <= seq) {
        rc = next_entry(&reader->at, &entry);
        reader->next++;
    }
    if (rc == 0)
        *ret_entry = entry;
    return rc;
}

/* The hash of the last synced entry, if that is the one. */
static bool is_synced_head(struct gp_wal *log, uint64_t seq,
                           unsigned char ret_hash[GP_WAL_HASH_BYTES])
{
    bool is;

    (void)pthread_mutex_lock(&log->lock);
    is = atomic_load(&log->synced) == seq;
    if (is)
        memcpy(ret_hash, log->synced_hash, GP_WAL_HASH_BYTES);
    (void)pthread_mutex_unlock(&log->lock);
    return is;
}

int gp_wal_hash(struct gp_wal_reader *reader, uint64_t seq,
                unsigned char ret_hash[GP_WAL_HASH_BYTES])
{
    int rc;

    if (is_pending(reader, seq)) {
        pending_hash(reader->log, seq, ret_hash);
        return 0;
    }
    if (is_synced_head(reader->log, seq, ret_hash)) /* zeros for 0 of an empty log */
        return 0;
    if (seq == 0) {
        memset(ret_hash, 0, GP_WAL_HASH_BYTES);
        return 0;
    }
    if (seq > atomic_load(&reader->log->synced))
        return GP_ENOTFOUND;
    rc = need_chunk(reader, seq);
    if (rc == 0 && seq < reader->link.seq)
        rewind_hash(reader);
    if (rc == 0)
        rc = gp_link_advance(&reader->link, seq);
    if (rc == 0)
        memcpy(ret_hash, reader->link.hash, GP_WAL_HASH_BYTES);
    return rc;
}

/* ---------------------------------------------------------------- the chain over many */

/* The hash of an entry, the last of its chunk, as it is stored behind it; where its segment was
 * sealed meanwhile and a block goes on over it, as that block says. */
static int stored_behind(struct gp_wal_reader *reader, uint64_t seq,
                         unsigned char ret_hash[GP_WAL_HASH_BYTES])
{
    int rc;

    if (is_synced_head(reader->log, seq, ret_hash))
        return 0;
    rc = load(reader, seq + 1);
    if (rc == 0)
        rc = gp_link_advance(&reader->link, seq);
    if (rc == 0)
        memcpy(ret_hash, reader->link.hash, GP_WAL_HASH_BYTES);
    return rc;
}

/* Whether what the segment itself says is right, where the reader's chunk is at its edge. */
static bool edges_hold(const struct gp_wal_reader *reader,
                       const unsigned char after[GP_WAL_HASH_BYTES])
{
    const struct gp_segment *segment = reader->segment;
    const struct gp_chunk *chunk = &reader->chunk;
    const unsigned char *before =
        segment->raw != NULL ? segment->raw->head.before : segment->sealed->before;

    if (chunk->first == segment->first && memcmp(chunk->before, before, GP_WAL_HASH_BYTES) != 0)
        return false;
    return segment->raw != NULL || chunk->last != segment->last ||
           memcmp(segment->sealed->after, after, GP_WAL_HASH_BYTES) == 0;
}

/* Computes the chunk that has seq and compares; *ret_at is what was looked at last. */
static int verify_chunk(struct gp_wal_reader *reader, uint64_t seq, uint64_t *ret_at)
{
    unsigned char stored[GP_WAL_HASH_BYTES];
    int rc = need_chunk(reader, seq);

    *ret_at = seq;
    if (rc != 0)
        return rc;
    const uint64_t last = reader->chunk.last;
    rewind_hash(reader);
    struct gp_link link = reader->link;
    rc = gp_link_finish(&link, last);
    if (rc != 0 || !edges_hold(reader, link.hash))
        return GP_ECORRUPT;
    *ret_at = last + 1;
    rc = stored_behind(reader, last, stored);
    if (rc != 0 || memcmp(link.hash, stored, GP_WAL_HASH_BYTES) == 0)
        return rc;
    *ret_at = seq; /* either of the two: what is not proven begins here */
    return GP_ECORRUPT;
}

int gp_wal_verify(struct gp_wal_reader *reader, uint64_t from, uint64_t to, uint64_t *ret_bad)
{
    uint64_t synced = atomic_load(&reader->log->synced);
    uint64_t at = from;
    int rc = 0;

    if (is_pending(reader, to)) /* what is being built was not stored and read */
        to = synced;
    while (rc == 0 && at <= to)
        rc = at <= synced ? verify_chunk(reader, at, &at) : GP_ECORRUPT;
    if (rc != 0)
        *ret_bad = at;
    return rc;
}
