/*
 * fold, second half: an incident as it was and as it is become writes to the tables. Sees entries
 * and incidents only, never a clock or a directory, so that live work and rebuilding write the same
 * bytes.
 */
#include "engine/internal.h"

#include "base/broken.h"
#include "base/bytes.h"

#include <assert.h>

/* The rows that one incident has in the index tables. */
struct index_rows {
    uint32_t post, department;
    uint8_t closed;
    int64_t due_ms; /* of the stage that runs */
    const struct gp_plan_step *next;
};

static struct index_rows index_rows(const struct gp_incident *incident)
{
    struct index_rows rows = {
        .post = incident->owner.len > 0 ? gp_post_key(incident->owner) : 0,
        .department = incident->row.department.len > 0 ? gp_post_key(incident->row.department) : 0,
        .closed = gp_state_open(incident->state) ? 0 : 1,
        .next = gp_plan_next(&incident->plan),
    };
    if (incident->plan.stage_count > 0)
        rows.due_ms = incident->plan.stage[incident->plan.current].due_ms;
    return rows;
}

struct gp_area_row gp_area_row_of(const struct gp_incident *incident)
{
    return (struct gp_area_row){
        .level = incident->area.level,
        .state = incident->state,
        .category = gp_post_key(incident->row.code),
        .closed = !gp_state_open(incident->state),
    };
}

static bool same_area_row(struct gp_area_row a, struct gp_area_row b)
{
    return a.level == b.level && a.state == b.state && a.category == b.category;
}

static int write_area(struct gp_txn *txn, const struct gp_incident *before,
                      const struct gp_incident *after)
{
    struct gp_area_row row = gp_area_row_of(after), old = row;
    bool elsewhere = false;
    int rc = 0;

    if (before != NULL) {
        old = gp_area_row_of(before);
        elsewhere = before->area.padded != after->area.padded || old.closed != row.closed;
        if (!elsewhere && same_area_row(old, row))
            return 0;
    }
    if (elsewhere)
        rc = gp_by_area_del(txn, before->area.padded, old.closed, before->id);
    return rc == 0 ? gp_by_area_put(txn, after->area.padded, after->id, row) : rc;
}

/* The rows of an incident in by_state: marks, 0 where there is none. */
enum { MARK_STATE, MARK_OVERDUE, MARKS };

static void marks_of(const struct gp_incident *incident, uint8_t ret_mark[MARKS])
{
    bool open = incident != NULL && gp_state_open(incident->state);

    ret_mark[MARK_STATE] = open ? incident->state : 0;
    ret_mark[MARK_OVERDUE] = open && incident->overdue_ms != 0 ? GP_MARK_OVERDUE : 0;
}

static bool same_place(const struct gp_incident *a, const struct gp_incident *b)
{
    return a->area.padded == b->area.padded && a->area.level == b->area.level;
}

int gp_tables_write_marks(struct gp_txn *txn, const struct gp_incident *before,
                          const struct gp_incident *after)
{
    uint8_t was[MARKS], is[MARKS];
    int rc = 0;

    marks_of(before, was);
    marks_of(after, is);
    for (int i = 0; rc == 0 && i < MARKS; i++) {
        if (was[i] == is[i] && (is[i] == 0 || same_place(before, after)))
            continue;
        if (was[i] != 0 && was[i] != is[i])
            rc = gp_by_state_del(txn, was[i], after->id);
        if (rc == 0 && is[i] != 0)
            rc = gp_by_state_put(txn, &(struct gp_state_row){is[i], after->area.level, after->id,
                                                             after->area.padded});
    }
    return rc;
}

static int write_post(struct gp_txn *txn, const struct index_rows *old,
                      const struct index_rows *new, uint64_t id)
{
    bool same = old->post == new->post && old->closed == new->closed && old->due_ms == new->due_ms;
    int rc = 0;

    if (same)
        return 0;
    if (old->post != 0)
        rc = gp_by_post_del(txn, old->post, old->closed, old->due_ms, id);
    if (rc == 0 && new->post != 0)
        rc = gp_by_post_put(txn, new->post, new->closed, new->due_ms, id);
    return rc;
}

static int write_department(struct gp_txn *txn, const struct index_rows *old,
                            const struct index_rows *new, uint64_t id)
{
    bool same = old->department == new->department && old->closed == new->closed;
    int rc = 0;

    if (same)
        return 0;
    if (old->department != 0)
        rc = gp_by_dept_del(txn, old->department, old->closed, id);
    if (rc == 0 && new->department != 0 && !(gp_broken("forget-index-row") && id % 2 == 0))
        rc = gp_by_dept_put(txn, new->department, new->closed, id);
    return rc;
}

static int write_deadline(struct gp_txn *txn, const struct index_rows *old,
                          const struct index_rows *new, uint64_t id)
{
    const struct gp_plan_step *was = old->next, *is = new->next;
    int rc = 0;

    if (was != NULL && is != NULL && was->at_ms == is->at_ms && was->step == is->step)
        return 0;
    if (was != NULL && (is == NULL || was->at_ms != is->at_ms))
        rc = gp_deadline_del(txn, was->at_ms, id);
    if (rc == 0 && is != NULL)
        rc = gp_deadline_put(txn, is->at_ms, id, is->step);
    return rc;
}

/* A link stays when the two are closed, so that the reports of an incident can be found. */
static int write_link(struct gp_txn *txn, const struct gp_incident *before,
                      const struct gp_incident *after)
{
    uint64_t was = before != NULL ? before->side.main : 0;
    int rc = 0;

    if (was == after->side.main)
        return 0;
    if (was != 0)
        rc = gp_link_del(txn, was, after->id);
    if (rc == 0 && after->side.main != 0)
        rc = gp_link_put(txn, after->side.main, after->id);
    return rc;
}

int gp_tables_write(struct gp_txn *txn, const struct gp_incident *before,
                    const struct gp_incident *after, struct gp_span record)
{
    struct index_rows old = {0};
    struct index_rows new = index_rows(after);
    int rc;

    assert(after->id != 0);
    assert(before == NULL || before->id == after->id);
    if (before != NULL)
        old = index_rows(before);
    rc = gp_incident_put(txn, after->id, record);
    if (rc == 0)
        rc = write_area(txn, before, after);
    if (rc == 0)
        rc = gp_tables_write_marks(txn, before, after);
    if (rc == 0)
        rc = write_post(txn, &old, &new, after->id);
    if (rc == 0)
        rc = write_department(txn, &old, &new, after->id);
    if (rc == 0)
        rc = write_deadline(txn, &old, &new, after->id);
    if (rc == 0)
        rc = write_link(txn, before, after);
    return rc;
}

/* The number that an answer names: of the incident, the leave or the device. */
static uint64_t about(const struct gp_entry *entry)
{
    if (entry->incident != 0)
        return entry->incident;
    return entry->leave.id != 0 ? entry->leave.id : entry->device.id;
}

static int write_kept(struct gp_txn *txn, const struct gp_entry *entry)
{
    unsigned char row[GP_KEPT_SALTED_BYTES];
    size_t len = entry->kept.text_seq != 0 ? GP_KEPT_SALTED_BYTES : GP_KEPT_BYTES;

    memcpy(row, entry->kept.body_hash, 16);
    gp_put_u64(row + 16, entry->seq);
    gp_put_u64(row + 24, about(entry));
    gp_put_u32(row + 32, entry->version);
    row[36] = entry->state;
    gp_put_u64(row + 37, gp_time_key(entry->due_ms));
    gp_put_u64(row + 45, gp_time_key(entry->at_ms));
    gp_put_u64(row + 53, entry->kept.text_seq);
    return gp_dedup_put(txn, entry->kept.id, entry->kept.device_hash,
                        (struct gp_span){(const char *)row, len});
}

int gp_kept_row_read(const unsigned char *id, struct gp_span bytes, struct gp_kept_row *ret_row)
{
    const unsigned char *row = (const unsigned char *)bytes.ptr;

    if (bytes.len != GP_KEPT_BYTES && bytes.len != GP_KEPT_SALTED_BYTES &&
        bytes.len != GP_KEPT_BYTES_1)
        return GP_ECORRUPT;
    memcpy(ret_row->body_hash, row, 16);
    ret_row->seq = gp_get_u64(row + 16);
    ret_row->incident = gp_get_u64(row + 24);
    ret_row->version = gp_get_u32(row + 32);
    ret_row->state = row[36];
    ret_row->due_ms = gp_key_time(gp_get_u64(row + 37));
    ret_row->stored_ms =
        bytes.len >= GP_KEPT_BYTES ? gp_key_time(gp_get_u64(row + 45)) : gp_id_made_ms(id);
    ret_row->text_seq = bytes.len == GP_KEPT_SALTED_BYTES ? gp_get_u64(row + 53) : 0;
    return 0;
}

bool gp_kept_row_same(struct gp_span is, struct gp_span folded)
{
    if (is.len == GP_KEPT_BYTES_1 && folded.len > is.len)
        folded.len = is.len;
    return gp_span_equal(is, folded);
}

static int count_on_spot(struct gp_txn *txn, uint64_t grid)
{
    uint32_t closings;
    int rc = gp_on_spot_get(txn, grid, &closings);
    return rc == 0 ? gp_on_spot_put(txn, grid, closings + 1) : rc;
}

/* R6: the begin of a leave is a deadline until its owner_shift entries are written. */
static bool waits(const struct gp_leave_record *leave)
{
    return leave->state == GP_LEAVE_APPROVED && !leave->begun;
}

static int write_begin(struct gp_txn *txn, const struct gp_leave_record *was,
                       const struct gp_leave_record *is)
{
    int rc = 0;

    if (waits(was) && waits(is) && was->from_ms == is->from_ms)
        return 0;
    if (waits(was))
        rc = gp_deadline_del(txn, was->from_ms, GP_DEADLINE_LEAVE | is->id);
    if (rc == 0 && waits(is))
        rc = gp_deadline_put(txn, is->from_ms, GP_DEADLINE_LEAVE | is->id, GP_STEP_NONE);
    return rc;
}

static int write_leave(struct gp_txn *txn, const struct gp_leave_record *leave,
                       struct gp_arena *arena)
{
    struct gp_leave_record before = {0};
    struct gp_span record;
    int rc = gp_leave_get(txn, leave->id, &record);

    if (rc == 0)
        rc = gp_stored(gp_wire_leave_unpack(record, arena, &before));
    else if (rc == GP_ENOTFOUND)
        rc = 0;
    if (rc == 0)
        rc = gp_wire_leave_pack(leave, arena, &record);
    if (rc == 0)
        rc = gp_leave_put(txn, leave->id, record);
    return rc == 0 ? write_begin(txn, &before, leave) : rc;
}

/* The key's row stays when the device is revoked, so that nobody enrols the key again. */
static int write_device(struct gp_txn *txn, const struct gp_device *device, struct gp_arena *arena)
{
    struct gp_span record;
    uint64_t owner;
    int rc = gp_wire_device_pack(device, arena, &record);

    if (rc == 0)
        rc = gp_device_put(txn, device->id, record);
    if (rc != 0 || !gp_device_has_key(device))
        return rc;
    rc = gp_device_key_get(txn, device->key, &owner);
    if (rc == GP_ENOTFOUND)
        return gp_device_key_put(txn, device->key, device->id);
    return rc == 0 && owner != device->id ? GP_ECORRUPT : rc;
}

/* Strikes, leave, holdings and devices: the entry carries the whole record, which is the row. */
static int write_records(struct gp_txn *txn, const struct gp_entry *entry, struct gp_arena *arena)
{
    struct gp_span record;
    int rc = 0;

    if (entry->strike.person.len > 0) {
        rc = gp_wire_strike_pack(&entry->strike, arena, &record);
        if (rc == 0)
            rc = gp_strike_put(txn, gp_device_hash(entry->strike.person), entry->strike.year,
                               entry->strike.incident, record);
    }
    if (rc == 0 && entry->leave.id != 0)
        rc = write_leave(txn, &entry->leave, arena);
    if (rc == 0 && entry->tenure.id != 0) {
        rc = gp_wire_tenure_pack(&entry->tenure, arena, &record);
        if (rc == 0)
            rc = gp_tenure_put(txn, entry->tenure.id, record);
    }
    if (rc == 0 && entry->device.id != 0)
        rc = write_device(txn, &entry->device, arena);
    return rc;
}

int gp_tables_write_entry(struct gp_txn *txn, const struct gp_entry *entry, struct gp_arena *arena)
{
    int rc = write_records(txn, entry, arena);

    if (rc == 0 && entry->counts_on_spot)
        rc = count_on_spot(txn, entry->area.padded);
    if (rc == 0 && entry->kept.present)
        rc = write_kept(txn, entry);
    if (rc == 0 && entry->what == GP_WHAT_VACANT)
        rc = gp_vacant_put(txn, gp_post_key(entry->vacant_post), entry->vacant_day, entry->seq);
    if (rc == 0 && entry->erases)
        rc = gp_personal_erase(txn, entry->incident, entry->seq, GP_ERASE_ROWS_MAX);
    if (rc == 0 && entry->forget_before_ms != 0)
        rc = gp_tables_forget(txn, entry);
    return rc;
}
