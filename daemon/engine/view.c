/*
 * The view: a directory as loaded, with what commands have changed in it. Holdings are overlaid by
 * tenures in the order in which they were given: from its `from` on a tenure counts, and whoever
 * held the post before holds it no longer. Leaves of the store stand beside those of leave.csv,
 * except rows that the store has taken over: there the store counts.
 *
 * Built anew when the directory or one of the two tables has changed, and never changed afterwards.
 */
#include "engine/internal.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

struct gp_view {
    atomic_uint references;
    const struct gp_org *base;
    struct gp_org org;
    struct gp_arena arena;
};

const struct gp_org *gp_view_org(const struct gp_view *view)
{
    return &view->org;
}

struct gp_view *gp_view_ref(struct gp_view *view)
{
    atomic_fetch_add(&view->references, 1);
    return view;
}

void gp_view_unref(struct gp_view *view)
{
    if (view == NULL || atomic_fetch_sub(&view->references, 1) != 1)
        return;
    gp_arena_release(&view->arena);
    free(view);
}

bool gp_view_is_of(const struct gp_view *view, const struct gp_org *base)
{
    return view != NULL && view->base == base;
}

/* A table of records by dense id: room for all of them, and a walk over them. */
typedef int (*take_record)(void *context, struct gp_span record);

static int walk_records(struct gp_txn *txn, enum gp_table table, take_record take, void *context)
{
    struct gp_walk *walk = NULL;
    struct gp_span key, value;
    int rc = gp_walk_open(txn, table, (struct gp_span){0}, &walk);

    while (rc == 0 && (rc = gp_walk_next(walk, &key, &value)) == 0)
        rc = take(context, value);
    gp_walk_close(walk);
    return rc == GP_ENOTFOUND ? 0 : rc;
}

/* ---------------------------------------------------------------- leaves */

struct leaves {
    struct gp_view *view;
    struct gp_arena *look;
    struct gp_leave *list;
    size_t count;
    struct gp_span *source; /* rows of leave.csv that the store has taken over */
    size_t source_count;
};

/* Whether a leave keeps its person away, or may: what ended early counts until then. */
static bool counts(const struct gp_leave_record *record)
{
    return record->state == GP_LEAVE_REQUESTED || record->state == GP_LEAVE_APPROVED ||
           (record->state == GP_LEAVE_CANCELLED && record->begun);
}

static int add_leave(struct leaves *leaves, const struct gp_leave_record *record)
{
    const struct gp_org *base = leaves->view->base;
    struct gp_leave *leave = &leaves->list[leaves->count];
    char id[24];

    *leave = (struct gp_leave){
        .person = gp_org_person(base, record->person),
        .standin = record->standin.len > 0 ? gp_org_person(base, record->standin) : GP_NONE,
        .from_ms = record->from_ms,
        .to_ms = record->to_ms,
        .approved = record->state != GP_LEAVE_REQUESTED,
    };
    if (leave->person == GP_NONE || leave->from_ms >= leave->to_ms)
        return 0; /* who has left the directory is not away either */
    (void)snprintf(id, sizeof id, "%llu", (unsigned long long)record->id);
    leave->id = gp_arena_copy(&leaves->view->arena, gp_span_of(id));
    leaves->count++;
    return leave->id.ptr != NULL ? 0 : GP_ENOMEM;
}

static int take_leave(void *context, struct gp_span bytes)
{
    struct leaves *leaves = context;
    struct gp_leave_record record;

    gp_arena_reset(leaves->look);
    int rc = gp_stored(gp_wire_leave_unpack(bytes, leaves->look, &record));
    if (rc != 0)
        return rc;
    if (record.source.len > 0) {
        struct gp_span *source = &leaves->source[leaves->source_count++];
        *source = gp_arena_copy(&leaves->view->arena, record.source);
        if (source->ptr == NULL)
            return GP_ENOMEM;
    }
    return counts(&record) ? add_leave(leaves, &record) : 0;
}

static int by_text(const void *a, const void *b)
{
    return gp_span_compare(*(const struct gp_span *)a, *(const struct gp_span *)b);
}

static int by_leave(const void *a, const void *b)
{
    const struct gp_leave *x = a, *y = b;

    if (x->person != y->person)
        return x->person < y->person ? -1 : 1;
    if (x->from_ms != y->from_ms)
        return x->from_ms < y->from_ms ? -1 : 1;
    return gp_span_compare(x->id, y->id);
}

static void add_rows_of_file(struct leaves *leaves)
{
    const struct gp_org *base = leaves->view->base;

    qsort(leaves->source, leaves->source_count, sizeof *leaves->source, by_text);
    for (size_t i = 0; i < base->leave_count; i++) {
        if (bsearch(&base->leaves[i].id, leaves->source, leaves->source_count,
                    sizeof *leaves->source, by_text) == NULL)
            leaves->list[leaves->count++] = base->leaves[i];
    }
    qsort(leaves->list, leaves->count, sizeof *leaves->list, by_leave);
}

static int lay_leaves(struct gp_view *view, struct gp_txn *txn, struct gp_arena *look)
{
    struct leaves leaves = {.view = view, .look = look};
    uint64_t last = 0;
    int rc = gp_last_id(txn, GP_TABLE_LEAVE, &last);

    if (rc != 0 || last == 0)
        return rc;
    leaves.list =
        gp_arena_zalloc(&view->arena, last + view->base->leave_count, sizeof *leaves.list);
    leaves.source = gp_arena_zalloc(&view->arena, last, sizeof *leaves.source);
    if (leaves.list == NULL || leaves.source == NULL)
        return GP_ENOMEM;
    rc = walk_records(txn, GP_TABLE_LEAVE, take_leave, &leaves);
    if (rc != 0)
        return rc;
    add_rows_of_file(&leaves);
    view->org.leaves = leaves.list;
    view->org.leave_count = leaves.count;
    return 0;
}

/* ---------------------------------------------------------------- holdings */

struct tenures {
    const struct gp_org *base;
    struct gp_arena *look;
    struct gp_holding *list; /* of the base, then tenures in their order; person GP_NONE: vacant */
    size_t count;
};

static int take_tenure(void *context, struct gp_span bytes)
{
    struct tenures *tenures = context;
    struct gp_tenure tenure;

    gp_arena_reset(tenures->look);
    int rc = gp_stored(gp_wire_tenure_unpack(bytes, tenures->look, &tenure));
    if (rc != 0)
        return rc;
    const struct gp_holding holding = {
        .post = gp_org_post(tenures->base, tenure.post),
        .person = tenure.person.len > 0 ? gp_org_person(tenures->base, tenure.person) : GP_NONE,
        .from_ms = tenure.from_ms,
        .to_ms = tenure.to_ms,
    };
    if (holding.post != GP_NONE) /* else the post has left the directory */
        tenures->list[tenures->count++] = holding;
    return 0;
}

/* What a later tenure leaves of a holding: nothing from its `from` on, but what lay behind its end.
 */
static void yield_to(struct gp_holding *holding, const struct gp_holding *later)
{
    if (later->to_ms <= holding->from_ms || later->from_ms >= holding->to_ms)
        return;
    if (holding->from_ms < later->from_ms)
        holding->to_ms = later->from_ms;
    else
        holding->from_ms = later->to_ms < holding->to_ms ? later->to_ms : holding->to_ms;
}

/* The later rows of one post, so that each is compared with its own only. */
struct by_post {
    uint32_t post;
    size_t at;
};

static int by_post_then_order(const void *a, const void *b)
{
    const struct by_post *x = a, *y = b;

    if (x->post != y->post)
        return x->post < y->post ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

static int by_holding(const void *a, const void *b)
{
    const struct gp_holding *x = a, *y = b;

    if (x->post != y->post)
        return x->post < y->post ? -1 : 1;
    if (x->from_ms != y->from_ms)
        return x->from_ms < y->from_ms ? -1 : 1;
    return (x->person > y->person) - (x->person < y->person);
}

/* Each row yields to the tenures that came behind it. The base's rows of one post do not yield to
 * each other: a file may let two people hold a post. */
static void settle(struct tenures *tenures, struct by_post *rows)
{
    size_t base_count = tenures->base->holding_count;

    for (size_t i = 0; i < tenures->count; i++)
        rows[i] = (struct by_post){tenures->list[i].post, i};
    qsort(rows, tenures->count, sizeof *rows, by_post_then_order);
    for (size_t i = 0; i < tenures->count; i++) {
        struct gp_holding *holding = &tenures->list[rows[i].at];
        for (size_t k = i + 1; k < tenures->count && rows[k].post == rows[i].post; k++) {
            if (rows[k].at >= base_count)
                yield_to(holding, &tenures->list[rows[k].at]);
        }
    }
}

static void drop_empty(struct tenures *tenures)
{
    size_t kept = 0;

    for (size_t i = 0; i < tenures->count; i++) {
        const struct gp_holding *holding = &tenures->list[i];
        if (holding->person != GP_NONE && holding->from_ms < holding->to_ms)
            tenures->list[kept++] = *holding;
    }
    tenures->count = kept;
    qsort(tenures->list, kept, sizeof *tenures->list, by_holding);
}

static int lay_holdings(struct gp_view *view, struct gp_txn *txn, struct gp_arena *look)
{
    const struct gp_org *base = view->base;
    struct tenures tenures = {.base = base, .look = look, .count = base->holding_count};
    struct by_post *rows;
    uint64_t last = 0;
    int rc = gp_last_id(txn, GP_TABLE_TENURE, &last);

    if (rc != 0 || last == 0)
        return rc;
    tenures.list = gp_arena_zalloc(&view->arena, base->holding_count + last, sizeof *tenures.list);
    rows = gp_arena_zalloc(&view->arena, base->holding_count + last, sizeof *rows);
    if (tenures.list == NULL || rows == NULL)
        return GP_ENOMEM;
    if (base->holding_count > 0)
        memcpy(tenures.list, base->holdings, base->holding_count * sizeof *tenures.list);
    rc = walk_records(txn, GP_TABLE_TENURE, take_tenure, &tenures);
    if (rc != 0)
        return rc;
    settle(&tenures, rows);
    drop_empty(&tenures);
    view->org.holdings = tenures.list;
    view->org.holding_count = tenures.count;
    return 0;
}

/* ---------------------------------------------------------------- the whole */

int gp_view_build(struct gp_txn *txn, const struct gp_org *base, struct gp_arena *look,
                  struct gp_view **ret_view)
{
    struct gp_view *view = calloc(1, sizeof *view);
    int rc;

    assert(base != NULL);
    if (view == NULL)
        return GP_ENOMEM;
    atomic_init(&view->references, 1);
    gp_arena_init(&view->arena, GP_VIEW_BYTES_MAX);
    view->base = base;
    view->org = *base;
    rc = lay_leaves(view, txn, look);
    if (rc == 0)
        rc = lay_holdings(view, txn, look);
    if (rc != 0) {
        gp_view_unref(view);
        return rc;
    }
    *ret_view = view;
    return 0;
}

int gp_view_open(struct gp_store *store, const struct gp_org *org, struct gp_view **ret_view)
{
    struct gp_arena look;
    struct gp_txn *txn = NULL;
    int rc = gp_txn_read(store, &txn);

    gp_arena_init(&look, GP_LOOK_BYTES);
    if (rc == 0)
        rc = gp_view_build(txn, org, &look, ret_view);
    gp_txn_abort(txn);
    gp_arena_release(&look);
    return rc;
}

int gp_run_refresh(struct gp_run *run)
{
    struct gp_view *view;
    int rc;

    if (!run->view_stale)
        return 0;
    rc = gp_view_build(run->txn, run->batch->org, &run->engine->look, &view);
    if (rc != 0)
        return rc;
    gp_view_unref(run->view);
    run->view = view;
    run->view_stale = false;
    return 0;
}
