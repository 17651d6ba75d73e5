/*
 * Leave in the store: one that begins tells of the work that it moves (R6); and pages for readers.
 *
 * The begin of a leave is a row of the deadline table until it is done. Each owner_shift entry
 * carries the leave's record with the incident up to which it is done, so that a crash between two
 * batches repeats nothing, and rebuilding writes the same rows.
 */
#include "engine/internal.h"

#include "base/bytes.h"

#include <stdio.h>

static int unpack(struct gp_span bytes, struct gp_arena *arena, struct gp_leave_record *ret_leave)
{
    return gp_stored(gp_wire_leave_unpack(bytes, arena, ret_leave));
}

int gp_run_load_leave(struct gp_run *run, uint64_t id, struct gp_leave_record *ret_leave)
{
    struct gp_span bytes;
    int rc = gp_leave_get(run->txn, id, &bytes);

    return rc == 0 ? unpack(bytes, &run->engine->arena, ret_leave) : rc;
}

/* ---------------------------------------------------------------- R6: a leave begins */

/* The smallest ids behind `after` of what is at work, ascending. */
struct work {
    uint64_t after;
    uint64_t id[GP_SHIFT_ROWS_MAX];
    unsigned count;
    bool more; /* there are larger ones */
};

/* Whether an id would find no place in the list any more. */
static bool is_behind(struct work *work, uint64_t id)
{
    if (work->count < GP_SHIFT_ROWS_MAX || work->id[work->count - 1] > id)
        return false;
    work->more = true;
    return true;
}

static void add_id(struct work *work, uint64_t id)
{
    unsigned at = work->count;

    while (at > 0 && work->id[at - 1] > id)
        at--;
    if (at > 0 && work->id[at - 1] == id)
        return; /* two rows of holdings.csv say that the person holds the post */
    if (work->count == GP_SHIFT_ROWS_MAX) {
        work->more = true;
        work->count--;
    }
    memmove(&work->id[at + 1], &work->id[at], (work->count - at) * sizeof work->id[0]);
    work->id[at] = id;
    work->count++;
}

/* Whose owner has something to do: finished work waits for the checker, a linked report for the
 * main one. */
static bool is_at_work(const struct gp_incident *incident)
{
    return gp_state_open(incident->state) && incident->state != GP_STATE_FINISHED &&
           incident->state != GP_STATE_VERIFIED && incident->state != GP_STATE_DUPLICATE;
}

/* Looked at before it takes a place: else a share of nothing but finished work would look like the
 * end. */
static int add_if_at_work(struct gp_run *run, uint64_t id, struct work *work)
{
    struct gp_engine *engine = run->engine;
    struct gp_span record;

    if (id <= work->after || is_behind(work, id))
        return 0;
    int rc = gp_incident_get(run->txn, id, &record);
    gp_arena_reset(&engine->look);
    if (rc == 0)
        rc = gp_stored(gp_wire_incident_unpack(record, &engine->look, &engine->looked));
    if (rc == 0 && is_at_work(&engine->looked))
        add_id(work, id);
    return rc == GP_ENOTFOUND ? GP_ECORRUPT : rc; /* an index row of nothing */
}

/* The open incidents of one post: by_post is post u32, closed u8, due u64, id u64. */
static int add_post(struct gp_run *run, uint32_t post_key, struct work *work)
{
    unsigned char prefix[5] = {0};
    struct gp_walk *walk = NULL;
    struct gp_span key, value;

    gp_put_u32(prefix, post_key);
    int rc = gp_walk_open(run->txn, GP_TABLE_BY_POST,
                          (struct gp_span){(const char *)prefix, sizeof prefix}, &walk);
    while (rc == 0 && (rc = gp_walk_next(walk, &key, &value)) == 0) {
        if (key.len != 21 || memcmp(key.ptr, prefix, sizeof prefix) != 0)
            break;
        rc = add_if_at_work(run, gp_get_u64((const unsigned char *)key.ptr + 13), work);
    }
    gp_walk_close(walk);
    return rc == GP_ENOTFOUND ? 0 : rc;
}

/* Every post that the person holds now: one person may hold many. */
static int find_work(struct gp_run *run, uint32_t person, struct work *work)
{
    const struct gp_org *org = gp_view_org(run->view);
    int64_t now_ms = run->batch->now_ms;
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < org->holding_count; i++) {
        const struct gp_holding *holding = &org->holdings[i];
        if (holding->person == person && now_ms >= holding->from_ms && now_ms < holding->to_ms)
            rc = add_post(run, org->posts[holding->post].key, work);
    }
    return rc;
}

static int shift_one(struct gp_run *run, uint64_t id, struct gp_leave_record *leave)
{
    struct gp_engine *engine = run->engine;
    int rc = gp_run_load(run, id);

    if (rc != 0)
        return rc;
    struct gp_scene scene = gp_run_scene(run, &engine->incident);
    scene.leave = leave;
    gp_decide_owner_shift(&scene, &engine->decision);
    rc = gp_run_record(run, &engine->incident, NULL);
    leave->shifted = id;
    return rc;
}

static int write_begun(struct gp_run *run, struct gp_leave_record *leave)
{
    struct gp_entry entry;
    char text[60];

    (void)snprintf(text, sizeof text, "leave %llu has begun", (unsigned long long)leave->id);
    gp_run_plain_entry(run, GP_WHAT_LEAVE, gp_span_of(text), &entry);
    entry.subject = leave->person;
    entry.leave = *leave;
    entry.leave.begun = true;
    return gp_run_record_plain(run, &entry);
}

int gp_run_begin_leave(struct gp_run *run, uint64_t id, unsigned *ret_count)
{
    struct gp_leave_record leave;
    int rc = gp_run_load_leave(run, id, &leave);

    *ret_count = 0;
    if (rc != 0)
        return rc;
    struct work work = {.after = leave.shifted};
    uint32_t person = gp_org_person(gp_view_org(run->view), leave.person);
    if (person != GP_NONE && leave.to_ms > run->batch->now_ms) /* else nobody is away any more */
        rc = find_work(run, person, &work);
    for (unsigned i = 0; rc == 0 && i < work.count; i++)
        rc = shift_one(run, work.id[i], &leave);
    if (rc == 0 && !work.more)
        rc = write_begun(run, &leave);
    *ret_count = work.count;
    return rc;
}

/* ---------------------------------------------------------------- pages */

static bool overlaps(const struct gp_leaves_ask *ask, int64_t from_ms, int64_t to_ms)
{
    return (ask->to_ms == 0 || from_ms < ask->to_ms) && (ask->from_ms == 0 || to_ms > ask->from_ms);
}

static uint32_t limit_of(const struct gp_leaves_ask *ask)
{
    return ask->limit == 0 ? 50 : ask->limit;
}

static void page_of_holdings(const struct gp_org *org, const struct gp_leaves_ask *ask,
                             struct gp_leaves_page *page)
{
    uint32_t person = ask->person.len > 0 ? gp_org_person(org, ask->person) : GP_NONE;

    for (size_t i = ask->after; i < org->holding_count; i++) {
        const struct gp_holding *holding = &org->holdings[i];
        if ((ask->person.len > 0 && holding->person != person) ||
            !overlaps(ask, holding->from_ms, holding->to_ms))
            continue;
        if (page->holding_count == limit_of(ask)) {
            page->next = i;
            return;
        }
        page->holding[page->holding_count++] = (struct gp_tenure){
            .post = org->posts[holding->post].id,
            .person = org->persons[holding->person].id,
            .from_ms = holding->from_ms,
            .to_ms = holding->to_ms,
        };
    }
}

static bool passes(const struct gp_leaves_ask *ask, const struct gp_leave_record *leave)
{
    return (ask->person.len == 0 || gp_span_equal(ask->person, leave->person)) &&
           (ask->state == 0 || ask->state == leave->state) &&
           overlaps(ask, leave->from_ms, leave->to_ms);
}

static int page_of_leaves(struct gp_txn *txn, const struct gp_leaves_ask *ask,
                          struct gp_arena *arena, struct gp_leaves_page *page)
{
    uint64_t last = 0;
    int rc = gp_last_id(txn, GP_TABLE_LEAVE, &last);
    unsigned looked = 0;

    for (uint64_t id = ask->after + 1; rc == 0 && id <= last; id++) {
        struct gp_leave_record *leave = &page->item[page->count];
        struct gp_span bytes;
        if (page->count == limit_of(ask) || looked++ == GP_READ_ROWS_MAX) {
            page->next = id - 1;
            return 0;
        }
        rc = gp_leave_get(txn, id, &bytes);
        if (rc == 0)
            rc = unpack(bytes, arena, leave);
        page->count += rc == 0 && passes(ask, leave);
    }
    return rc == GP_ENOTFOUND ? GP_ECORRUPT : rc; /* ids are dense */
}

int gp_engine_leaves(struct gp_store *store, const struct gp_org *org,
                     const struct gp_leaves_ask *ask, struct gp_arena *arena,
                     struct gp_leaves_page *ret_page)
{
    struct gp_leaves_page page = {0};
    struct gp_txn *txn = NULL;
    int rc = 0;

    page.item = gp_arena_zalloc(arena, limit_of(ask) + 1, sizeof *page.item);
    page.holding = gp_arena_zalloc(arena, limit_of(ask), sizeof *page.holding);
    if (page.item == NULL || page.holding == NULL)
        return GP_ENOMEM;
    if (ask->holdings) {
        page_of_holdings(org, ask, &page);
    } else {
        rc = gp_txn_read(store, &txn);
        if (rc == 0)
            rc = page_of_leaves(txn, ask, arena, &page);
        gp_txn_abort(txn);
    }
    if (rc == 0)
        *ret_page = page;
    return rc;
}
