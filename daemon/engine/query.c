/*
 * Queries: one page of incidents. The index that route.c chooses is walked, open incidents before
 * closed ones; what its rows do not answer is tested on a few fields of the record, and only what
 * is on the page is unpacked.
 *
 * A page ends when it is full, or when it has cost GP_QUERY_COST_MAX: then it may be short, and its
 * cursor says where to go on. The cursor is the table (one byte) and a whole key of it; opaque to
 * clients. What has an order is walked by order.c.
 */
#include "engine/search.h"

#include "base/bytes.h"
#include "core/post.h"

#include <assert.h>

#define GP_QUERY_ROWS_DEFAULT 50
/* Records of one page: their public form fits a reply. */
#define GP_QUERY_PAGE_BYTES (GP_REPLY_BYTES_MAX - GP_REPLY_BYTES_MAX / 4)

static_assert(GP_QUERY_KEY_MAX + 1 <= sizeof(((struct gp_page *)0)->cursor),
              "a cursor holds its kind and the longest key");

/* ---------------------------------------------------------------- conditions */

static bool in_time(const struct gp_query *query, int64_t received_ms)
{
    if (query->from_ms != 0 && received_ms < query->from_ms)
        return false;
    return query->to_ms == 0 || received_ms < query->to_ms;
}

static bool in_area(const struct gp_search *search, struct gp_area_ref area)
{
    return search->query->area.padded == 0 ||
           gp_org_covers(search->org, search->query->area, area, search->now_ms);
}

static bool in_state(const struct gp_query *query, uint8_t state)
{
    if (query->states != 0 && (query->states & GP_STATE_BIT(state)) == 0)
        return false;
    return !query->open_only || gp_state_open(state);
}

static bool of_person(const struct gp_search *search, struct gp_span owner)
{
    uint32_t post = gp_org_post(search->org, owner);
    return post != GP_NONE && gp_person_listed(search->org, search->person, post, search->now_ms);
}

static bool visible(const struct gp_search *search, const struct gp_incident *incident)
{
    return !incident->row.is_private ||
           gp_may_see_incident(search->org, incident, search->reader, search->now_ms);
}

/* An incident as the reader may see it: with its text, or masked. */
static int show(struct gp_search *search, struct gp_arena *arena, struct gp_incident *incident)
{
    if (visible(search, incident))
        return gp_incident_join(search->txn, arena, incident);
    gp_incident_mask(incident);
    return 0;
}

static bool matches(const struct gp_search *search, const struct gp_traits *traits)
{
    const struct gp_query *query = search->query;

    if (!in_state(query, traits->state) || !in_time(query, traits->received_ms))
        return false;
    if (query->overdue_only && traits->overdue_ms == 0)
        return false;
    if (query->post.len > 0 && !gp_span_equal(query->post, traits->owner))
        return false;
    if (query->department.len > 0 && !gp_span_equal(query->department, traits->department))
        return false;
    return in_area(search, traits->area) &&
           (search->person == GP_NONE || of_person(search, traits->owner));
}

/* What is masked for the reader is masked before the test, or a grid's query would tell where it
 * is. */
int gp_search_test(struct gp_search *search, struct gp_span record, bool *ret_matches)
{
    struct gp_traits traits;

    if (gp_wire_traits_peek(record, &traits) != 0)
        return GP_ECORRUPT;
    if (traits.is_private) {
        gp_arena_reset(&search->look);
        int rc = gp_stored(gp_wire_incident_unpack(record, &search->look, &search->incident));
        if (rc != 0)
            return rc;
        if (!visible(search, &search->incident))
            gp_incident_mask(&search->incident);
        gp_traits_of(&search->incident, &traits);
    }
    *ret_matches = matches(search, &traits);
    return 0;
}

/* Whether a row of the index says by itself that its incident is not asked for. */
static int rejects(const struct gp_search *search, struct gp_span key, struct gp_span value,
                   bool *ret_rejects)
{
    struct gp_area_ref area = {.digits = GP_AREA_DIGITS_MAX}; /* a row does not say how many */
    struct gp_state_row mark = {0};
    struct gp_area_row row;
    uint64_t padded, id;
    bool whole;
    int rc = 0;

    *ret_rejects = false;
    if (search->route.table == GP_TABLE_BY_AREA) {
        rc = gp_by_area_read(key, value, &padded, &id, &row, &whole);
        *ret_rejects = rc == 0 && !in_state(search->query, row.state);
    } else if (search->route.table == GP_TABLE_BY_STATE) {
        rc = gp_by_state_read(key, value, &mark);
        area.padded = mark.padded;
        area.level = mark.level;
        *ret_rejects = rc == 0 && !in_area(search, area);
    }
    return rc;
}

static void set_cursor(struct gp_page *page, enum gp_table table, struct gp_span key)
{
    assert(key.len <= GP_QUERY_KEY_MAX);
    page->cursor[0] = (unsigned char)table;
    memcpy(page->cursor + 1, key.ptr, key.len);
    page->cursor_len = (uint8_t)(key.len + 1);
}

/* ---------------------------------------------------------------- walking */

static uint64_t id_of_key(struct gp_span key)
{
    return gp_get_u64((const unsigned char *)key.ptr + key.len - 8);
}

static bool is_behind(const struct gp_search *search, struct gp_span key)
{
    return gp_span_compare(key, (struct gp_span){(const char *)search->to, search->to_len}) >= 0;
}

/* by_area: within one code ids rise, so what is not of the period is passed over in one stride. */
static bool strides(struct gp_search *search, struct gp_span key)
{
    uint64_t code = gp_get_u64((const unsigned char *)key.ptr), id = id_of_key(key);

    if (search->route.table != GP_TABLE_BY_AREA || (id >= search->low && id < search->end))
        return false;
    gp_put_u64(search->from, id < search->low ? code : code + 1);
    gp_put_u64(search->from + 8, search->low);
    search->from_len = 16;
    return true;
}

int gp_search_keep(struct gp_search *search, struct gp_span record, struct gp_page *page)
{
    struct gp_incident *incident = &page->item[page->count];
    struct gp_span copy;

    if (page->count == search->limit)
        return GP_ELIMIT;
    copy = gp_arena_copy(search->arena, record);
    if (copy.ptr == NULL)
        return GP_ENOMEM;
    int rc = gp_stored(gp_wire_incident_unpack(copy, search->arena, incident));
    if (rc == 0)
        rc = show(search, search->arena, incident);
    if (rc != 0)
        return rc;
    search->bytes += record.len + (incident->text_seq != 0 ? incident->text.len : 0);
    if (page->count > 0 && search->bytes > GP_QUERY_PAGE_BYTES)
        return GP_ELIMIT;
    page->count++;
    return 0;
}

static int look_at(struct gp_search *search, struct gp_span key, struct gp_span value,
                   struct gp_page *page)
{
    struct gp_span record;
    bool wanted = false;
    int rc = rejects(search, key, value, &wanted);

    if (rc != 0 || wanted)
        return rc;
    search->cost += GP_QUERY_RECORD_COST;
    rc = gp_incident_get(search->txn, id_of_key(key), &record);
    if (rc == 0)
        rc = gp_search_test(search, record, &wanted);
    if (rc == GP_ENOTFOUND)
        return GP_ECORRUPT; /* an index row without its incident */
    if (rc != 0 || !wanted)
        return rc;
    return search->ranks != NULL ? gp_search_rank(search, id_of_key(key), record)
                                 : gp_search_keep(search, record, page);
}

static bool is_stopped(const struct gp_search *search)
{
    return search->stop != NULL && atomic_load_explicit(search->stop, memory_order_relaxed);
}

/* Walks the range until it ends (0), the page does (GP_ELIMIT: it has its cursor), or a stride is
 * to be made (GP_EAGAIN: search->from says where to). */
static int walk_rows(struct gp_search *search, struct gp_walk *walk, struct gp_page *page)
{
    for (;;) {
        struct gp_span key, value;
        int rc = gp_walk_next(walk, &key, &value);

        if (rc == GP_ENOTFOUND || (rc == 0 && is_behind(search, key)))
            return 0;
        if (rc == 0 && search->cost++ >= search->cost_max)
            rc = GP_ELIMIT;
        else if (rc == 0 && is_stopped(search))
            rc = GP_ECLOSED;
        else if (rc == 0 && strides(search, key))
            rc = GP_EAGAIN;
        else if (rc == 0)
            rc = look_at(search, key, value, page);
        if (rc == GP_ELIMIT)
            set_cursor(page, search->route.table, key);
        if (rc != 0)
            return rc;
    }
}

static int walk_range(struct gp_search *search, struct gp_page *page)
{
    int rc;

    do {
        struct gp_walk *walk = NULL;
        struct gp_span from = {(const char *)search->from, search->from_len};
        rc = gp_walk_open(search->txn, search->route.table, from, &walk);
        if (rc == 0)
            rc = walk_rows(search, walk, page);
        gp_walk_close(walk);
    } while (rc == GP_EAGAIN);
    return rc;
}

/* Whether a code outside the asked subtree leads into it now. */
static bool leads_in(const struct gp_search *search, uint32_t area)
{
    const struct gp_org *org = search->org;
    uint32_t answering = gp_org_area_at(org, area, search->now_ms);

    return answering != area && !gp_area_covers(search->query->area, org->areas[area].ref) &&
           gp_area_covers(search->query->area, org->areas[answering].ref);
}

/* What is filed under the old codes that lead into the subtree now, from a code on. The walk starts
 * inside the first code's range if the cursor does. */
static int walk_aliases(struct gp_search *search, uint64_t side, uint64_t from_code,
                        struct gp_page *page)
{
    uint64_t done = 0; /* a code may be there at two levels */

    for (uint32_t i = 0; i < search->org->area_count; i++) {
        uint64_t code = search->org->areas[i].ref.padded;
        if (code < from_code || code == done || !leads_in(search, i))
            continue;
        if (code != from_code) {
            gp_put_u64(search->from, code | side);
            search->from_len = 8;
        }
        gp_put_u64(search->to, (code | side) + 1);
        search->to_len = 8;
        int rc = walk_range(search, page);
        if (rc != 0)
            return rc;
        done = code;
    }
    return 0;
}

/* The subtree's own range, then those old codes; a cursor outside the subtree is at one of them. */
static int walk_area(struct gp_search *search, struct gp_page *page)
{
    uint64_t side = gp_get_u64(search->to) & GP_AREA_CLOSED;
    uint64_t first = 0, end = 0, at = gp_get_u64(search->from) & ~GP_AREA_CLOSED;

    if (search->query->area.padded == 0)
        return walk_range(search, page);
    gp_area_range(search->query->area, &first, &end);
    if (at < first || at >= end)
        return walk_aliases(search, side, at, page);
    int rc = walk_range(search, page);
    return rc == 0 ? walk_aliases(search, side, 0, page) : rc;
}

/* Where the cursor is, if there is one that was not gone on from yet. */
static const unsigned char *cursor_key(const struct gp_search *search)
{
    return search->resumes ? search->query->cursor + 1 : NULL;
}

static unsigned half_of_key(const struct gp_search *search, const unsigned char *key)
{
    switch (search->route.table) {
    case GP_TABLE_BY_AREA:
        return key[0] >> 7;
    case GP_TABLE_BY_POST:
    case GP_TABLE_BY_DEPT:
        return key[4];
    default:
        return 0;
    }
}

/* Open incidents, then closed ones, of whose rows search->prefix says. */
static int walk_halves(struct gp_search *search, struct gp_page *page)
{
    bool halves =
        search->route.table != GP_TABLE_INCIDENT && search->route.table != GP_TABLE_BY_STATE;
    unsigned first = search->resumes ? half_of_key(search, cursor_key(search)) : 0;
    int rc = 0;

    for (unsigned half = first; rc == 0 && half < (halves ? 2u : 1u); half++) {
        if (halves && !search->half[half])
            continue;
        gp_search_range(search, search->route, half);
        if (search->resumes) {
            search->from_len = search->query->cursor_len - 1u;
            memcpy(search->from, cursor_key(search), search->from_len);
            search->resumes = false;
        }
        rc = search->route.table == GP_TABLE_BY_AREA ? walk_area(search, page)
                                                     : walk_range(search, page);
    }
    return rc;
}

/* Each post of the person, in the order of the index; the cursor says where to go on. */
static int walk_person(struct gp_search *search, struct gp_page *page)
{
    uint32_t first = search->resumes ? gp_get_u32(cursor_key(search)) : 0;

    for (size_t i = 0; i < search->org->post_count; i++) {
        uint32_t post = search->org->posts_by_key[i];
        search->prefix = search->org->posts[post].key;
        if (search->prefix < first ||
            !gp_person_listed(search->org, search->person, post, search->now_ms))
            continue;
        search->resumes = search->resumes && search->prefix == first;
        int rc = walk_halves(search, page);
        if (rc != 0)
            return rc;
    }
    return 0;
}

int gp_search_walk(struct gp_search *search, struct gp_page *page)
{
    return search->person != GP_NONE && search->query->post.len == 0 ? walk_person(search, page)
                                                                     : walk_halves(search, page);
}

static int walk_index(struct gp_search *search, struct gp_page *page)
{
    int rc = gp_search_choose(search);

    if (rc != 0)
        return rc;
    search->resumes = search->query->cursor_len > 0;
    rc = gp_search_walk(search, page);
    return rc == GP_ELIMIT ? 0 : rc;
}

static int walk(struct gp_search *search, struct gp_page *page)
{
    int rc = gp_journal_head(search->txn, &page->head, NULL);

    if (rc != 0)
        return rc;
    switch ((enum gp_order)search->query->order) {
    case GP_ORDER_NUMBER:
        return walk_index(search, page);
    case GP_ORDER_NEWEST:
        return gp_search_newest(search, page);
    case GP_ORDER_DUE:
        return gp_search_due(search, page);
    }
    return GP_EINVAL;
}

static int prepare(struct gp_search *search, struct gp_page *page)
{
    const struct gp_query *query = search->query;

    search->limit = query->limit == 0 ? GP_QUERY_ROWS_DEFAULT : query->limit;
    if (search->limit > GP_PAGE_ROWS_MAX)
        search->limit = GP_PAGE_ROWS_MAX;
    search->person = GP_NONE;
    if (query->person.len > 0) {
        search->person = gp_org_person(search->org, query->person);
        if (search->person == GP_NONE)
            return GP_ENOTFOUND;
    }
    page->item = gp_arena_zalloc(search->arena, search->limit, sizeof *page->item);
    if (page->item == NULL)
        return GP_ENOMEM;
    return 0;
}

int gp_engine_query(struct gp_store *store, const struct gp_org *org, const struct gp_query *query,
                    struct gp_span reader, int64_t now_ms, const atomic_bool *stop,
                    struct gp_arena *arena, struct gp_page *ret_page)
{
    struct gp_page page = {0};
    struct gp_search search = {.query = query,
                               .org = org,
                               .reader = reader,
                               .now_ms = now_ms,
                               .arena = arena,
                               .cost_max = GP_QUERY_COST_MAX,
                               .stop = stop};
    int rc = prepare(&search, &page);

    if (rc != 0)
        return rc;
    gp_arena_init(&search.look, GP_LOOK_BYTES);
    rc = gp_txn_read(store, &search.txn);
    if (rc == 0)
        rc = walk(&search, &page);
    gp_txn_abort(search.txn);
    gp_arena_release(&search.look);
    if (rc == 0)
        *ret_page = page;
    return rc;
}

/* ---------------------------------------------------------------- one incident */

int gp_engine_incident(struct gp_store *store, const struct gp_org *org, uint64_t id,
                       struct gp_span reader, int64_t now_ms, struct gp_arena *arena,
                       struct gp_incident *ret_incident)
{
    struct gp_search search = {.org = org, .reader = reader, .now_ms = now_ms, .person = GP_NONE};
    struct gp_incident incident = {0};
    struct gp_span record = {0};
    int rc = gp_txn_read(store, &search.txn);

    if (rc == 0)
        rc = gp_incident_get(search.txn, id, &record);
    if (rc == 0) {
        record = gp_arena_copy(arena, record);
        rc = record.ptr != NULL ? 0 : GP_ENOMEM;
    }
    if (rc == 0)
        rc = gp_stored(gp_wire_incident_unpack(record, arena, &incident));
    if (rc == 0)
        rc = show(&search, arena, &incident);
    gp_txn_abort(search.txn);
    if (rc != 0)
        return rc;
    *ret_incident = incident;
    return 0;
}

int gp_engine_followers(struct gp_store *store, uint64_t incident, uint64_t ret_id[GP_LINKED_MAX],
                        uint32_t *ret_count)
{
    uint64_t id[GP_LINKED_MAX], last = 0;
    uint32_t count = 0;
    struct gp_txn *txn = NULL;
    int rc = gp_txn_read(store, &txn);

    while (rc == 0 && count < GP_LINKED_MAX) {
        rc = gp_link_next(txn, incident, last, &last);
        if (rc == 0)
            id[count++] = last;
    }
    gp_txn_abort(txn);
    if (rc != 0 && rc != GP_ENOTFOUND)
        return rc;
    memcpy(ret_id, id, count * sizeof id[0]);
    *ret_count = count;
    return 0;
}
