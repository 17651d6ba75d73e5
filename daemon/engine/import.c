/*
 * leave.csv in the store: new, changed and removed rows are journalled when a directory comes in
 * force, so that the table of leaves is the one truth, and those who follow see them all. A row is
 * known by its id (the record's source).
 */
#include "engine/internal.h"

#include <stdio.h>
#include <stdlib.h>

struct row_id { /* while sorting */
    struct gp_span id;
    uint32_t index;
};

static int by_row_id(const void *a, const void *b)
{
    return gp_span_compare(((const struct row_id *)a)->id, ((const struct row_id *)b)->id);
}

static int index_file(const struct gp_org *org, struct row_id **ret_rows, bool **ret_known)
{
    struct row_id *rows = calloc(org->leave_count + 1, sizeof *rows);
    bool *known = calloc(org->leave_count + 1, sizeof *known);

    if (rows == NULL || known == NULL) {
        free(rows);
        free(known);
        return GP_ENOMEM;
    }
    for (uint32_t i = 0; i < org->leave_count; i++)
        rows[i] = (struct row_id){org->leaves[i].id, i};
    qsort(rows, org->leave_count, sizeof *rows, by_row_id);
    *ret_rows = rows;
    *ret_known = known;
    return 0;
}

static struct gp_span person_id(const struct gp_org *org, uint32_t person)
{
    return person != GP_NONE ? org->persons[person].id : (struct gp_span){"", 0};
}

/* What a row says, over what the store had of it. Approval by command is not taken back; another
 * person or begin means that nothing of it has begun. */
static struct gp_leave_record record_of(const struct gp_org *org, const struct gp_leave *row,
                                        const struct gp_leave_record *before)
{
    struct gp_leave_record record = *before;
    struct gp_span person = person_id(org, row->person);

    if (!gp_span_equal(before->person, person) || before->from_ms != row->from_ms) {
        record.begun = false;
        record.shifted = 0;
    }
    record.person = person;
    record.standin = person_id(org, row->standin);
    record.from_ms = row->from_ms;
    record.to_ms = row->to_ms;
    record.source = row->id;
    if (row->approved)
        record.state = GP_LEAVE_APPROVED;
    else if (record.state == GP_LEAVE_NONE)
        record.state = GP_LEAVE_REQUESTED;
    return record;
}

static bool same(const struct gp_leave_record *a, const struct gp_leave_record *b)
{
    return gp_span_equal(a->person, b->person) && gp_span_equal(a->standin, b->standin) &&
           a->from_ms == b->from_ms && a->to_ms == b->to_ms && a->state == b->state;
}

static int write_row(struct gp_run *run, const struct gp_leave_record *record, struct gp_span row,
                     const char *did)
{
    struct gp_entry entry;
    char text[80 + GP_ID_BYTES_MAX];

    (void)snprintf(text, sizeof text, "leave %llu: row %.*s of leave.csv %s",
                   (unsigned long long)record->id, GP_SPAN_ARG(row), did);
    gp_run_plain_entry(run, GP_WHAT_LEAVE, gp_span_of(text), &entry);
    entry.subject = record->person;
    entry.leave = *record;
    return gp_run_record_plain(run, &entry);
}

/* A row that the file no longer has: the leave is cancelled, or ends now. It is the row's no more:
 * if that comes back, a mistake is put right, and it is a leave of its own. */
static int write_removed(struct gp_run *run, struct gp_leave_record *record)
{
    struct gp_span row = record->source;
    int64_t now_ms = run->batch->now_ms;
    bool early = record->state == GP_LEAVE_APPROVED && record->from_ms < now_ms;

    record->state = GP_LEAVE_CANCELLED;
    record->begun = early;
    if (early)
        record->to_ms = now_ms;
    record->source = (struct gp_span){0};
    return write_row(run, record, row, "removed");
}

/* One leave of the store that came from the file. What was cancelled or rejected stays so, and what
 * is over too. */
static int compare_one(struct gp_run *run, struct gp_leave_record *record,
                       const struct gp_leave *row, unsigned *written)
{
    const struct gp_org *org = run->batch->org;

    if (record->state != GP_LEAVE_REQUESTED && record->state != GP_LEAVE_APPROVED)
        return 0;
    if (row == NULL) {
        if (record->to_ms <= run->batch->now_ms)
            return 0;
        (*written)++;
        return write_removed(run, record);
    }
    struct gp_leave_record after = record_of(org, row, record);
    if (same(&after, record))
        return 0;
    (*written)++;
    return write_row(run, &after, after.source, "changed");
}

static int compare_store(struct gp_run *run, const struct row_id *rows, bool *known, uint64_t last,
                         unsigned *written)
{
    const struct gp_org *org = run->batch->org;

    for (uint64_t id = 1; id <= last && *written < GP_IMPORT_ROWS_MAX; id++) {
        struct gp_leave_record record;
        int rc = gp_run_load_leave(run, id, &record);
        if (rc != 0)
            return rc == GP_ENOTFOUND ? GP_ECORRUPT : rc; /* ids are dense */
        if (record.source.len > 0) {
            struct row_id key = {.id = record.source};
            const struct row_id *row =
                bsearch(&key, rows, org->leave_count, sizeof *rows, by_row_id);
            if (row != NULL)
                known[row->index] = true;
            rc = compare_one(run, &record, row != NULL ? &org->leaves[row->index] : NULL, written);
        }
        if (rc != 0)
            return rc;
        gp_arena_reset(&run->engine->arena);
    }
    return 0;
}

/* Rows that the store does not know. What is over moves nothing and is left in the file. */
static int add_rows(struct gp_run *run, const bool *known, uint64_t last, unsigned *written)
{
    const struct gp_org *org = run->batch->org;
    static const struct gp_leave_record none;

    for (uint32_t i = 0; i < org->leave_count && *written < GP_IMPORT_ROWS_MAX; i++) {
        if (known[i] || org->leaves[i].to_ms <= run->batch->now_ms)
            continue;
        struct gp_leave_record record = record_of(org, &org->leaves[i], &none);
        record.id = ++last;
        int rc = write_row(run, &record, record.source, "added");
        if (rc != 0)
            return rc;
        (*written)++;
        gp_arena_reset(&run->engine->arena);
    }
    return 0;
}

int gp_run_import_leaves(struct gp_run *run, bool *ret_more)
{
    struct row_id *rows;
    bool *known;
    uint64_t last = 0;
    unsigned written = 0;
    int rc = gp_last_id(run->txn, GP_TABLE_LEAVE, &last);

    *ret_more = false;
    if (rc != 0 || (last == 0 && run->batch->org->leave_count == 0))
        return rc;
    rc = index_file(run->batch->org, &rows, &known);
    if (rc != 0)
        return rc;
    rc = compare_store(run, rows, known, last, &written);
    if (rc == 0 && written < GP_IMPORT_ROWS_MAX)
        rc = add_rows(run, known, last, &written);
    free(rows);
    free(known);
    *ret_more = written == GP_IMPORT_ROWS_MAX;
    return rc;
}
