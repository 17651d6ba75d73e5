/*
 * Records behind a mark, as recovery folds them. Only raw segments have them all: a mark is good
 * as long as the segment it lies in is raw, or is the last sealed one and ended there.
 */
#include "store/log/internal.h"

#include <stdlib.h>
#include <string.h>

struct gp_wal_walk {
    struct gp_wal *log;
    struct gp_segment *segment; /* referenced */
    uint32_t offset;            /* of the group that comes next */
    struct gp_records records;  /* of the one under way */
    struct gp_wal_mark mark;    /* behind the last group that was returned whole */
    uint64_t seq;               /* of the last entry that was returned */
    unsigned char hash[GP_WAL_HASH_BYTES];
};

/* ---------------------------------------------------------------- marks */

static bool is_at(const struct gp_wal_mark *mark, uint64_t first,
                  const unsigned char before[GP_WAL_HASH_BYTES])
{
    return mark->seq + 1 == first && memcmp(mark->hash, before, GP_WAL_HASH_BYTES) == 0;
}

/* Whether a mark in a segment stands in front of one of its groups. */
static bool has_mark(const struct gp_raw *raw, const struct gp_wal_mark *mark)
{
    struct gp_group group;

    if (mark->offset < GP_SEGMENT_HEAD || mark->offset >= raw->end || mark->offset % 8 != 0)
        return false;
    return gp_group_check(raw->map + mark->offset, raw->end - mark->offset, raw->head.number,
                          raw->seed, &group) == 0 &&
           is_at(mark, group.first, group.before);
}

/* Whether a mark stands in front of what is behind it in this segment, and where that is. */
static bool place(const struct gp_wal *log, const struct gp_raw *raw,
                  const struct gp_wal_mark *mark, uint32_t *ret_offset)
{
    if (raw->head.number == mark->segment) {
        *ret_offset = mark->offset;
        if (raw == log->newest->raw && mark->offset == raw->end)
            return is_at(mark, atomic_load(&log->synced) + 1, log->synced_hash);
        return has_mark(raw, mark);
    }
    *ret_offset = GP_SEGMENT_HEAD;
    return raw->head.number == mark->segment + 1 && raw->head.ended == mark->offset &&
           is_at(mark, raw->head.first, raw->head.before);
}

int gp_mark_find(struct gp_wal *log, const struct gp_wal_mark *mark,
                 struct gp_segment **ret_segment, uint32_t *ret_offset)
{
    struct gp_segment *segment;
    uint32_t offset;
    int rc = gp_segments_raw(log, mark->segment, &segment);

    if (rc == 0 && segment != log->newest && segment->raw->head.number == mark->segment &&
        segment->raw->end == mark->offset) { /* it ended there: what is behind is in the next one */
        gp_segments_put(log, segment);
        rc = gp_segments_raw(log, mark->segment + 1, &segment);
    }
    if (rc != 0)
        return GP_ECORRUPT;
    if (!place(log, segment->raw, mark, &offset)) {
        gp_segments_put(log, segment);
        return GP_ECORRUPT;
    }
    *ret_segment = segment;
    *ret_offset = offset;
    return 0;
}

/* ---------------------------------------------------------------- walking */

int gp_wal_walk_open(struct gp_wal *log, const struct gp_wal_mark *from,
                     struct gp_wal_walk **ret_walk)
{
    struct gp_wal_walk *walk = calloc(1, sizeof *walk);
    int rc;

    if (walk == NULL)
        return GP_ENOMEM;
    rc = gp_mark_find(log, from, &walk->segment, &walk->offset);
    if (rc != 0) {
        free(walk);
        return rc;
    }
    walk->log = log;
    walk->mark = *from;
    walk->seq = from->seq;
    memcpy(walk->hash, from->hash, GP_WAL_HASH_BYTES);
    *ret_walk = walk;
    return 0;
}

/* Goes to the segment behind this one. Errors: GP_ENOTFOUND: it was the newest. */
static int next_segment(struct gp_wal_walk *walk)
{
    struct gp_segment *next;
    int rc = gp_segments_raw(walk->log, walk->segment->raw->head.number + 1, &next);

    if (rc != 0)
        return rc;
    gp_segments_put(walk->log, walk->segment);
    walk->segment = next;
    walk->offset = GP_SEGMENT_HEAD;
    return 0;
}

static int next_group(struct gp_wal_walk *walk)
{
    struct gp_group group;
    int rc = 0;

    while (rc == 0 && walk->offset >= walk->segment->raw->end)
        rc = next_segment(walk);
    if (rc != 0)
        return rc;
    const struct gp_raw *raw = walk->segment->raw;
    rc = gp_group_check(raw->map + walk->offset, raw->end - walk->offset, raw->head.number,
                        raw->seed, &group);
    if (rc != 0)
        return rc;
    walk->records = gp_group_records(raw->map + walk->offset, &group);
    walk->offset += group.bytes;
    return 0;
}

/* The place behind the group under way, whose last record was just returned. */
static void move_mark(struct gp_wal_walk *walk)
{
    walk->mark.seq = walk->seq;
    memcpy(walk->mark.hash, walk->hash, GP_WAL_HASH_BYTES);
    walk->mark.segment = walk->segment->raw->head.number;
    walk->mark.offset = walk->offset;
}

int gp_wal_walk_next(struct gp_wal_walk *walk, enum gp_record_kind *ret_kind, uint64_t *ret_seq,
                     struct gp_span *ret_bytes, bool *ret_last_of_group)
{
    enum gp_record_kind kind, after;
    struct gp_span bytes, unused;
    int rc = walk->records.at == walk->records.end ? next_group(walk) : 0;

    if (rc == 0)
        rc = gp_record_next(&walk->records, &kind, &bytes);
    if (rc != 0)
        return rc;
    if (kind == GP_RECORD_ENTRY)
        gp_chain(walk->hash, ++walk->seq, bytes, walk->hash);
    struct gp_records rest = walk->records;
    bool last = gp_record_next(&rest, &after, &unused) == GP_ENOTFOUND;
    if (last) {
        walk->records.at = walk->records.end;
        move_mark(walk);
    }
    *ret_kind = kind;
    *ret_seq = walk->seq;
    *ret_bytes = bytes;
    *ret_last_of_group = last;
    return 0;
}

void gp_wal_walk_mark(const struct gp_wal_walk *walk, struct gp_wal_mark *ret_mark)
{
    *ret_mark = walk->mark;
}

void gp_wal_walk_close(struct gp_wal_walk *walk)
{
    if (walk == NULL)
        return;
    gp_segments_put(walk->log, walk->segment);
    free(walk);
}
