/*
 * Pages that have an order.
 *
 * The newest: incidents are looked at by falling numbers, which have no gaps, from the highest or
 * the cursor on, and every condition is tested on the record. The cursor is GP_CURSOR_NEWEST (one
 * byte) and the number to go on from.
 *
 * By due: no index has that order, since it is not the due of a stage when a clock stands or the
 * checker's runs; and how many match is asked for, too. So the index that route.c chooses is walked
 * whole for each page, and of what lies behind the cursor the page's rows are kept in a heap whose
 * root is the last of them. The cursor is GP_CURSOR_DUE and the last row's place in the order: due
 * and number, so that what changes meanwhile moves no other row over a page's edge.
 *
 * All of it is one read transaction, unlike a census: page and total are of one instant, and no
 * incident is met twice or missed because its row moved. It is bounded by GP_SORT_ROWS_MAX, a
 * fraction of a second, which is less than a backup's reader takes.
 */
#include "engine/search.h"

#include "base/bytes.h"

#include <stdlib.h>

/* What looking at one of many neighbours costs, in rows of an index. */
#define NEIGHBOUR_COST 8

#define NEWEST_BYTES 9
#define DUE_BYTES    17
#define NO_DUE       UINT64_MAX /* behind all others */

static_assert(GP_TABLE_COUNT < GP_CURSOR_DUE, "the first byte says whose cursor it is");

/* ---------------------------------------------------------------- the newest */

static int newest_first(const struct gp_search *search, uint64_t *ret_id)
{
    const struct gp_query *query = search->query;

    *ret_id = search->end - 1;
    if (query->cursor_len == 0)
        return 0;
    if (query->cursor_len != NEWEST_BYTES || query->cursor[0] != GP_CURSOR_NEWEST)
        return GP_EINVAL;
    *ret_id = gp_get_u64(query->cursor + 1);
    return *ret_id < search->end ? 0 : GP_EINVAL;
}

static int look_at(struct gp_search *search, uint64_t id, struct gp_page *page)
{
    struct gp_span record;
    bool wanted = false;
    int rc;

    if (search->cost >= GP_QUERY_COST_MAX)
        return GP_ELIMIT;
    search->cost += NEIGHBOUR_COST;
    rc = gp_incident_get(search->txn, id, &record);
    if (rc == 0)
        rc = gp_search_test(search, record, &wanted);
    if (rc == GP_ENOTFOUND)
        return GP_ECORRUPT;
    return rc == 0 && wanted ? gp_search_keep(search, record, page) : rc;
}

int gp_search_newest(struct gp_search *search, struct gp_page *page)
{
    uint64_t id = 0;
    int rc = gp_search_period(search);

    if (rc == 0)
        rc = newest_first(search, &id);
    for (; rc == 0 && id >= search->low; id--) {
        rc = look_at(search, id, page);
        if (rc == GP_ELIMIT) {
            page->cursor[0] = GP_CURSOR_NEWEST;
            gp_put_u64(page->cursor + 1, id);
            page->cursor_len = NEWEST_BYTES;
            return 0;
        }
    }
    return rc;
}

/* ---------------------------------------------------------------- by due */

/* A place in the order. */
struct rank {
    uint64_t due, id;
};

struct gp_ranking {
    struct rank behind;     /* the cursor */
    uint32_t matched, left; /* altogether, and behind the cursor */
    uint32_t count;         /* in the heap, at most the page's limit */
    struct rank heap[GP_PAGE_ROWS_MAX];
};

static int compare(const void *a, const void *b)
{
    const struct rank *x = a, *y = b;

    if (x->due != y->due)
        return x->due < y->due ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

static void swap(struct rank *a, struct rank *b)
{
    struct rank kept = *a;
    *a = *b;
    *b = kept;
}

static void sift_up(struct rank *heap, uint32_t at)
{
    while (at > 0 && compare(&heap[at], &heap[(at - 1) / 2]) > 0) {
        swap(&heap[at], &heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
}

static void sift_down(struct rank *heap, uint32_t count)
{
    for (uint32_t at = 0, child = 1; child < count; child = 2 * at + 1) {
        if (child + 1 < count && compare(&heap[child + 1], &heap[child]) > 0)
            child++;
        if (compare(&heap[child], &heap[at]) <= 0)
            return;
        swap(&heap[child], &heap[at]);
        at = child;
    }
}

/* The heap keeps the `limit` smallest; its root is the greatest of them. */
static void offer(struct gp_ranking *ranks, struct rank rank, uint32_t limit)
{
    if (ranks->count < limit) {
        ranks->heap[ranks->count] = rank;
        sift_up(ranks->heap, ranks->count++);
    } else if (compare(&rank, &ranks->heap[0]) < 0) {
        ranks->heap[0] = rank;
        sift_down(ranks->heap, ranks->count);
    }
}

int gp_search_rank(struct gp_search *search, uint64_t id, struct gp_span record)
{
    struct gp_ranking *ranks = search->ranks;
    int64_t due_ms;

    ranks->matched++;
    if (gp_wire_due_peek(record, &due_ms) != 0)
        return GP_ECORRUPT;
    struct rank rank = {due_ms != 0 ? gp_time_key(due_ms) : NO_DUE, id};
    if (compare(&rank, &ranks->behind) <= 0)
        return 0;
    ranks->left++;
    offer(ranks, rank, search->limit);
    return 0;
}

static int read_place(const struct gp_query *query, struct rank *ret_place)
{
    *ret_place = (struct rank){0}; /* before all: there is no incident 0 */
    if (query->cursor_len == 0)
        return 0;
    if (query->cursor_len != DUE_BYTES || query->cursor[0] != GP_CURSOR_DUE)
        return GP_EINVAL;
    ret_place->due = gp_get_u64(query->cursor + 1);
    ret_place->id = gp_get_u64(query->cursor + 9);
    return 0;
}

/* Puts on the page what was ranked, as much as fits. */
static int put_ranked(struct gp_search *search, struct gp_page *page)
{
    struct gp_ranking *ranks = search->ranks;
    int rc = 0;

    qsort(ranks->heap, ranks->count, sizeof ranks->heap[0], compare);
    for (uint32_t i = 0; rc == 0 && i < ranks->count; i++) {
        struct gp_span record;
        rc = gp_incident_get(search->txn, ranks->heap[i].id, &record);
        if (rc == 0)
            rc = gp_search_keep(search, record, page);
    }
    if (rc != 0 && rc != GP_ELIMIT)
        return rc;
    page->counted = true;
    page->total = ranks->matched;
    if (page->count == ranks->left)
        return 0;
    page->cursor[0] = GP_CURSOR_DUE;
    gp_put_u64(page->cursor + 1, ranks->heap[page->count - 1].due);
    gp_put_u64(page->cursor + 9, ranks->heap[page->count - 1].id);
    page->cursor_len = DUE_BYTES;
    return 0;
}

int gp_search_due(struct gp_search *search, struct gp_page *page)
{
    struct gp_ranking ranks = {.count = 0};
    int rc = read_place(search->query, &ranks.behind);

    if (rc == 0)
        rc = gp_search_choose(search);
    if (rc != 0)
        return rc;
    search->ranks = &ranks;
    search->cost_max = GP_SORT_ROWS_MAX * (GP_QUERY_RECORD_COST + 1);
    rc = gp_search_walk(search, page);
    if (rc == 0)
        rc = put_ranked(search, page);
    search->ranks = NULL;
    return rc == GP_ECLOSED ? GP_EAGAIN : rc;
}
