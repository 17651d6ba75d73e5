/*
 * Which index serves a query. Each condition that has an index is a candidate; where there are
 * several, the ranges are counted up to GP_ROUTE_LOOK keys, and the shortest that ends before that
 * is taken. Where all are longer, any of them finds a page soon, and the order of the candidates
 * decides: first those whose other conditions are the dearest to test. Where all that matches is
 * looked at anyway, for an order, they are counted as far as that may be.
 *
 *   index      key                         answers without the record
 *   by_post    post, closed, due, id       closed
 *   by_state   mark, id                    area; a period is a range
 *   by_area    closed | padded, id         state; a period is a range within each code
 *   by_dept    department, closed, id      a period is a range
 *   incident   id                          a period is a range
 *
 * A period becomes a range of ids, since ids and times rise together; where a clock was lowered
 * they do not, so the ids on either side of that are looked at by themselves (falls.c), and the
 * range may hold more than the period. They are compared from the newest incident back, in growing
 * strides and then by halving.
 */
#include "engine/search.h"

#include "base/bytes.h"

#define GP_ROUTE_LOOK     1024 /* rows: a range that is shorter may be looked at whole */
#define GP_CANDIDATES_MAX 6

/* ---------------------------------------------------------------- a period's ids */

static int is_before(struct gp_search *search, uint64_t id, int64_t at_ms, bool *ret_before)
{
    struct gp_traits traits;
    struct gp_span record;
    int rc = gp_incident_get(search->txn, id, &record);

    if (rc == 0)
        rc = gp_wire_traits_peek(record, &traits);
    if (rc != 0)
        return rc == GP_ENOTFOUND || rc == GP_EFORMAT ? GP_ECORRUPT : rc;
    *ret_before = traits.received_ms < at_ms;
    return 0;
}

/* The first id in [begin, end) that was received at or after an instant; end when there is none. */
static int first_id(struct gp_search *search, int64_t at_ms, uint64_t begin, uint64_t end,
                    uint64_t *ret_id)
{
    uint64_t low = begin - 1, high = end; /* it is in (low, high] */
    bool before = false;
    int rc = 0;

    for (uint64_t stride = 1; rc == 0 && !before && high > begin; stride *= 2) {
        uint64_t id = high - begin > stride ? high - stride : begin;
        rc = is_before(search, id, at_ms, &before);
        if (before)
            low = id;
        else
            high = id;
    }
    while (rc == 0 && high - low > 1) {
        uint64_t id = low + (high - low) / 2;
        rc = is_before(search, id, at_ms, &before);
        if (before)
            low = id;
        else
            high = id;
    }
    *ret_id = high;
    return rc;
}

/* Adds what the period has of the ids [begin, end), within which times rise. */
static int add_ids(struct gp_search *search, uint64_t begin, uint64_t end)
{
    const struct gp_query *query = search->query;
    uint64_t low = begin;
    int rc = 0;

    if (query->from_ms != 0)
        rc = first_id(search, query->from_ms, begin, end, &low);
    if (rc == 0 && query->to_ms != 0)
        rc = first_id(search, query->to_ms, begin, end, &end);
    if (rc != 0 || low >= end)
        return rc;
    if (low < search->low)
        search->low = low;
    search->end = end;
    return 0;
}

int gp_search_period(struct gp_search *search)
{
    const struct gp_query *query = search->query;
    bool period = query->from_ms != 0 || query->to_ms != 0;
    struct gp_falls falls = {0};
    uint64_t last, begin = 1;
    int rc = gp_last_id(search->txn, GP_TABLE_INCIDENT, &last);

    search->low = 1;
    search->end = last + 1;
    if (rc == 0 && period)
        rc = gp_falls_read(search->txn, &falls);
    if (rc != 0 || !period || falls.count == GP_FALLS_MAX)
        return rc;
    search->low = search->end = last + 1;
    for (unsigned i = 0; rc == 0 && i < falls.count; i++) {
        rc = add_ids(search, begin, falls.place[i].id + 1);
        begin = falls.place[i].id + 1;
    }
    return rc == 0 ? add_ids(search, begin, last + 1) : rc;
}

/* ---------------------------------------------------------------- ranges */

static void put_u64(unsigned char *key, size_t *len, uint64_t value)
{
    gp_put_u64(key + *len, value);
    *len += 8;
}

/* from and to begin alike. */
static void put_prefix(struct gp_search *search, uint32_t value, unsigned half)
{
    gp_put_u32(search->from, value);
    search->from[4] = (unsigned char)half;
    memcpy(search->to, search->from, 5);
    search->from_len = search->to_len = 5;
}

/* by_area: codes in [first, end). */
static void area_range(struct gp_search *search, unsigned half)
{
    uint64_t first = 0, end = GP_AREA_CLOSED - 1, side = half != 0 ? GP_AREA_CLOSED : 0;

    if (search->query->area.padded != 0)
        gp_area_range(search->query->area, &first, &end);
    put_u64(search->from, &search->from_len, first | side);
    put_u64(search->to, &search->to_len, end | side);
}

void gp_search_range(struct gp_search *search, struct gp_route route, unsigned half)
{
    search->from_len = search->to_len = 0;
    if (route.table == GP_TABLE_BY_AREA) {
        area_range(search, half);
        return;
    }
    if (route.table == GP_TABLE_BY_POST || route.table == GP_TABLE_BY_DEPT)
        put_prefix(search, search->prefix, half);
    if (route.table == GP_TABLE_BY_STATE) {
        search->from[search->from_len++] = route.mark;
        search->to[search->to_len++] = route.mark;
    }
    if (route.table == GP_TABLE_BY_POST) { /* ids stand behind the due */
        search->to[4]++;
        return;
    }
    put_u64(search->from, &search->from_len, search->low);
    put_u64(search->to, &search->to_len, search->end);
}

/* Rows of a route, as far as they need to be counted. */
static int count(struct gp_search *search, struct gp_route route, unsigned most,
                 unsigned *ret_count)
{
    bool halves = route.table == GP_TABLE_BY_AREA || route.table == GP_TABLE_BY_DEPT;
    unsigned total = 0;
    int rc = 0;

    for (unsigned half = 0; rc == 0 && half < 2 && total < most; half++) {
        unsigned found = 0;
        if (halves ? !search->half[half] : half == 1)
            continue;
        gp_search_range(search, route, half);
        rc = gp_table_count(search->txn, route.table,
                            (struct gp_span){(const char *)search->from, search->from_len},
                            (struct gp_span){(const char *)search->to, search->to_len},
                            most - total, &found);
        total += found;
    }
    *ret_count = total;
    return rc;
}

/* ---------------------------------------------------------------- choosing */

struct candidates {
    struct gp_route route[GP_CANDIDATES_MAX];
    unsigned count;
};

static void add(struct candidates *list, enum gp_table table, uint8_t mark)
{
    list->route[list->count++] = (struct gp_route){table, mark};
}

static bool single(uint32_t states)
{
    return states != 0 && (states & (states - 1)) == 0;
}

static uint8_t lowest(uint32_t states)
{
    uint8_t state = 0;

    while ((states & GP_STATE_BIT(state)) == 0)
        state++;
    return state;
}

static void list_candidates(const struct gp_search *search, struct candidates *ret_list)
{
    const struct gp_query *query = search->query;
    bool period = query->from_ms != 0 || query->to_ms != 0;
    bool open = !search->half[1];

    ret_list->count = 0;
    if (query->post.len > 0 || search->person != GP_NONE) {
        add(ret_list, GP_TABLE_BY_POST, 0);
        return;
    }
    if (open && query->overdue_only)
        add(ret_list, GP_TABLE_BY_STATE, GP_MARK_OVERDUE);
    if (query->area.padded != 0)
        add(ret_list, GP_TABLE_BY_AREA, 0);
    if (open && single(query->states))
        add(ret_list, GP_TABLE_BY_STATE, lowest(query->states));
    if (query->department.len > 0)
        add(ret_list, GP_TABLE_BY_DEPT, 0);
    if (ret_list->count == 0 && (open || !search->half[0]))
        add(ret_list, GP_TABLE_BY_AREA, 0);
    if (ret_list->count == 0 || period)
        add(ret_list, GP_TABLE_INCIDENT, 0);
}

static int choose_shortest(struct gp_search *search, const struct candidates *list)
{
    unsigned shortest = search->query->order == GP_ORDER_DUE ? GP_SORT_ROWS_MAX : GP_ROUTE_LOOK;
    int rc = 0;

    search->route = list->route[0];
    for (unsigned i = 0; rc == 0 && list->count > 1 && i < list->count; i++) {
        unsigned rows;
        rc = count(search, list->route[i], shortest, &rows);
        if (rc == 0 && rows < shortest) {
            shortest = rows;
            search->route = list->route[i];
        }
    }
    return rc;
}

static unsigned key_bytes(enum gp_table table)
{
    switch (table) {
    case GP_TABLE_BY_AREA:
        return 16;
    case GP_TABLE_BY_POST:
        return GP_QUERY_KEY_MAX;
    case GP_TABLE_BY_DEPT:
        return 13;
    case GP_TABLE_BY_STATE:
        return 9;
    default:
        return 8;
    }
}

/* The cursor is the table (one byte) and the key to go on from; a key of by_state begins with its
 * mark. */
static int choose_by_cursor(struct gp_search *search, const struct candidates *list)
{
    const struct gp_query *query = search->query;

    for (unsigned i = 0; i < list->count; i++) {
        if (query->cursor[0] != (unsigned char)list->route[i].table ||
            (query->cursor[0] == GP_TABLE_BY_STATE && query->cursor[1] != list->route[i].mark))
            continue;
        search->route = list->route[i];
        return query->cursor_len == 1 + key_bytes(search->route.table) ? 0 : GP_EINVAL;
    }
    return GP_EINVAL;
}

int gp_search_choose(struct gp_search *search)
{
    const struct gp_query *query = search->query;
    uint32_t states = query->states != 0 ? query->states : UINT32_MAX;
    struct candidates list;
    int rc = gp_search_period(search);

    search->half[0] = (states & gp_states_open()) != 0;
    search->half[1] = !query->open_only && (states & ~gp_states_open()) != 0;
    search->prefix = gp_post_key(query->post.len > 0 ? query->post : query->department);
    list_candidates(search, &list);
    if (rc == 0)
        rc = query->order == GP_ORDER_NUMBER && query->cursor_len > 0
                 ? choose_by_cursor(search, &list)
                 : choose_shortest(search, &list);
    return rc;
}
