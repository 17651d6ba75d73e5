#include "property/audit.h"

#include "base/bytes.h"
#include "property/fail.h"
#include "property/promises.h"
#include "property/rules.h"
#include "wire/message.h"

struct deadline {
    unsigned rows;
    int64_t at_ms;
    uint8_t step;
};

/* ---------------------------------------------------------------- deadlines */

static void read_leave(const struct model *model, struct gp_span key, uint64_t id,
                       struct deadline rows[LEAVES_MAX])
{
    if (key.len != 16 || id == 0 || id > model->people.leave_count)
        fail("a deadline row of leave %llu", (unsigned long long)id);
    rows[id].rows++;
    rows[id].at_ms = gp_key_time(gp_get_u64((const unsigned char *)key.ptr));
}

static void read_deadlines(struct gp_txn *txn, const struct model *model,
                           struct deadline rows[INCIDENTS_MAX], struct deadline leaves[LEAVES_MAX])
{
    struct gp_walk *walk = NULL;
    struct gp_span key, value;
    int rc = gp_walk_open(txn, GP_TABLE_DEADLINE, (struct gp_span){0}, &walk);

    fail_unless_ok(rc, "walking the deadlines");
    while ((rc = gp_walk_next(walk, &key, &value)) == 0) {
        uint64_t id = gp_get_u64((const unsigned char *)key.ptr + 8);
        if (id & GP_DEADLINE_LEAVE) {
            read_leave(model, key, id & ~GP_DEADLINE_LEAVE, leaves);
            continue;
        }
        if (key.len != 16 || id == 0 || id > model->last_id)
            fail("a deadline row of incident %llu", (unsigned long long)id);
        rows[id].rows++;
        rows[id].at_ms = gp_key_time(gp_get_u64((const unsigned char *)key.ptr));
        rows[id].step = (uint8_t)value.ptr[0];
    }
    gp_walk_close(walk);
    if (rc != GP_ENOTFOUND)
        fail_unless_ok(rc, "walking the deadlines");
}

/* The checker's clock runs until it has told that it is late. */
static bool must_run(const struct model *model, const struct gp_incident *incident)
{
    if (incident->state == GP_STATE_FINISHED)
        return incident->side.check_due_ms > model->now_ms;
    return rules_clock_runs(incident->state);
}

static void check_deadline(const struct model *model, const struct gp_incident *incident,
                           const struct deadline *row)
{
    const struct gp_plan_step *next = gp_plan_next(&incident->plan);
    const char *state = gp_state_name(incident->state);
    unsigned long long id = incident->id;

    if (row->rows > 1)
        fail("incident %llu has %u deadline rows", id, row->rows);
    if ((row->rows == 1) != (next != NULL))
        fail("incident %llu (%s): %u deadline rows, but its plan says otherwise", id, state,
             row->rows);
    if (next != NULL && (next->at_ms != row->at_ms || next->step != row->step))
        fail("incident %llu (%s): its deadline row says %s, its plan %s", id, state,
             gp_step_name(row->step), gp_step_name(next->step));
    if (!gp_state_open(incident->state) && row->rows > 0)
        fail("incident %llu is %s and has a deadline (%s)", id, state, gp_step_name(row->step));
    if (must_run(model, incident) && row->rows == 0)
        fail("incident %llu (%s): no clock runs", id, state);
}

/* ---------------------------------------------------------------- one incident */

static bool owned(const struct gp_incident *incident)
{
    if (incident->state == GP_STATE_DUPLICATE)
        return rules_owned(incident->side.resume_state);
    return rules_owned(incident->state);
}

static void check_record(struct gp_txn *txn, const struct model *model,
                         const struct gp_incident *incident)
{
    static struct gp_arena arena;
    struct gp_span stored, folded;

    gp_arena_init(&arena, 1 << 20);
    fail_unless_ok(gp_incident_get(txn, incident->id, &stored), "reading an incident");
    fail_unless_ok(gp_wire_incident_pack(incident, &arena, &folded), "packing an incident");
    if (!gp_span_equal(stored, folded))
        fail("incident %llu is stored otherwise than its entries fold to",
             (unsigned long long)incident->id);
    gp_arena_release(&arena);
    if (owned(incident) && gp_org_post(model->org, incident->owner) == GP_NONE)
        fail("incident %llu is %s, and its owner '%.*s' is no post",
             (unsigned long long)incident->id, gp_state_name(incident->state),
             GP_SPAN_ARG(incident->owner));
}

void audit(struct world *world)
{
    const struct model *model = world->model;
    struct deadline rows[INCIDENTS_MAX] = {0}, leaves[LEAVES_MAX] = {0};
    struct gp_txn *txn = NULL;

    fail_unless_ok(gp_txn_read(world->store, &txn), "reading");
    read_deadlines(txn, model, rows, leaves);
    for (uint64_t id = 1; id <= model->last_id; id++) {
        const struct model_incident *incident = &model->incident[id];
        check_deadline(model, &incident->folded, &rows[id]);
        promises_incident(model, &incident->folded);
        if (incident->touched)
            check_record(txn, model, &incident->folded);
    }
    for (uint64_t id = 1; id <= model->people.leave_count; id++)
        people_deadline(model, id, leaves[id].rows, leaves[id].at_ms);
    gp_txn_abort(txn);
    people_audit(world);
    devices_audit(world);
}
