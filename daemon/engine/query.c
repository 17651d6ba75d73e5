/*
 * Queries: one page of incidents. The narrowest index that the query allows is walked; every other
 * condition is tested on the record.
 *
 * The cursor is the kind of index (one byte) and the key to go on from; opaque to clients.
 */
#include "engine/internal.h"

#include "base/bytes.h"
#include "core/post.h"

#include <assert.h>

#define GP_QUERY_ROWS_DEFAULT 50
#define GP_QUERY_KEY_MAX      21 /* post u32, closed u8, due u64, id u64 */
/* Records of one page: their public form fits a reply. */
#define GP_QUERY_PAGE_BYTES (GP_REPLY_BYTES_MAX - GP_REPLY_BYTES_MAX / 4)

static_assert(GP_QUERY_KEY_MAX + 1 <= sizeof(((struct gp_page *)0)->cursor),
              "a cursor holds its kind and the longest key");

struct search {
    const struct gp_query *query;
    const struct gp_org *org;
    struct gp_span reader;
    int64_t now_ms;
    struct gp_txn *txn;
    struct gp_arena *arena;
    uint32_t limit;
    uint32_t person; /* index; GP_NONE: not asked for */
    enum gp_table table;
    unsigned char from[GP_QUERY_KEY_MAX]; /* where the walk starts */
    size_t from_len;
    unsigned char prefix[8]; /* keys must start with it */
    size_t prefix_len;
    uint64_t area_end; /* by_area: first padded code behind the range that is walked */
    unsigned rows;     /* looked at in this transaction */
    size_t bytes;
    struct gp_arena look;        /* of one record that is looked at */
    struct gp_incident incident; /* the same */
};

/* ---------------------------------------------------------------- choosing the index */

static void set_prefix(struct search *search, uint32_t value)
{
    gp_put_u32(search->prefix, value);
    search->prefix_len = 4;
    if (search->query->open_only) {
        search->prefix[4] = 0;
        search->prefix_len = 5;
    }
}

static void prefix_u32(struct search *search, uint32_t value)
{
    set_prefix(search, value);
    memcpy(search->from, search->prefix, search->prefix_len);
    search->from_len = search->prefix_len;
}

static void choose(struct search *search)
{
    const struct gp_query *query = search->query;

    if (query->post.len > 0) {
        search->table = GP_TABLE_BY_POST;
        prefix_u32(search, gp_post_key(query->post));
    } else if (search->person != GP_NONE) {
        search->table = GP_TABLE_BY_POST;
    } else if (query->area.padded != 0) {
        uint64_t first, end;
        gp_area_range(query->area, &first, &end);
        search->table = GP_TABLE_BY_AREA;
        gp_put_u64(search->from, first);
        search->from_len = 8;
    } else if (query->department.len > 0) {
        search->table = GP_TABLE_BY_DEPT;
        prefix_u32(search, gp_post_key(query->department));
    } else {
        search->table = GP_TABLE_INCIDENT;
    }
}

static int resume(struct search *search)
{
    const struct gp_query *query = search->query;

    if (query->cursor_len == 0)
        return 0;
    if (query->cursor_len < 2 || query->cursor_len > GP_QUERY_KEY_MAX + 1 ||
        query->cursor[0] != (unsigned char)search->table)
        return GP_EINVAL;
    search->from_len = query->cursor_len - 1u;
    memcpy(search->from, query->cursor + 1, search->from_len);
    return 0;
}

/* ---------------------------------------------------------------- conditions */

static bool in_time(const struct gp_query *query, const struct gp_incident *incident)
{
    if (query->from_ms != 0 && incident->received_ms < query->from_ms)
        return false;
    return query->to_ms == 0 || incident->received_ms < query->to_ms;
}

static bool overdue(const struct search *search, const struct gp_incident *incident)
{
    int64_t due_ms = gp_plan_due(&incident->plan);
    if (incident->overdue_ms != 0)
        return true;
    return incident->finished_ms == 0 && due_ms != 0 && search->now_ms > due_ms;
}

static bool of_person(const struct search *search, const struct gp_incident *incident)
{
    uint32_t post = gp_org_post(search->org, incident->owner);
    return post != GP_NONE && gp_person_listed(search->org, search->person, post, search->now_ms);
}

static bool visible(const struct search *search, const struct gp_incident *incident)
{
    return !incident->row.is_private ||
           gp_may_see_incident(search->org, incident, search->reader, search->now_ms);
}

/* An incident as the reader may see it: with its text, or masked. */
static int show(struct search *search, struct gp_arena *arena, struct gp_incident *incident)
{
    if (visible(search, incident))
        return gp_incident_join(search->txn, arena, incident);
    gp_incident_mask(incident);
    return 0;
}

/* What is masked for the reader is masked before the test, or a grid's query would tell where it
 * is. */
static bool matches(struct search *search, struct gp_incident *incident)
{
    const struct gp_query *query = search->query;

    if (!visible(search, incident))
        gp_incident_mask(incident);
    if (query->state != GP_STATE_NONE && incident->state != query->state)
        return false;
    if (query->open_only && !gp_state_open(incident->state))
        return false;
    if (query->area.padded != 0 &&
        !gp_org_covers(search->org, query->area, incident->area, search->now_ms))
        return false;
    if (query->post.len > 0 && !gp_span_equal(query->post, incident->owner))
        return false;
    if (query->department.len > 0 && !gp_span_equal(query->department, incident->row.department))
        return false;
    if (!in_time(query, incident))
        return false;
    if (query->overdue_only && !overdue(search, incident))
        return false;
    return search->person == GP_NONE || of_person(search, incident);
}

static void set_cursor(struct gp_page *page, enum gp_table table, struct gp_span key)
{
    assert(key.len <= GP_QUERY_KEY_MAX);
    page->cursor[0] = (unsigned char)table;
    memcpy(page->cursor + 1, key.ptr, key.len);
    page->cursor_len = (uint8_t)(key.len + 1);
}

/* ---------------------------------------------------------------- walking */

static uint64_t id_of_key(enum gp_table table, struct gp_span key)
{
    size_t at = table == GP_TABLE_INCIDENT ? 0 : key.len - 8;
    return gp_get_u64((const unsigned char *)key.ptr + at);
}

static bool inside(const struct search *search, struct gp_span key)
{
    if (search->table == GP_TABLE_BY_AREA)
        return gp_get_u64((const unsigned char *)key.ptr) < search->area_end;
    return key.len >= search->prefix_len &&
           memcmp(key.ptr, search->prefix, search->prefix_len) == 0;
}

/* Puts a record that matched on the page. GP_ELIMIT: the page is full, it is not on it. */
static int keep(struct search *search, struct gp_span record, struct gp_page *page)
{
    struct gp_incident *incident = &page->item[page->count];
    struct gp_span copy;

    if (page->count == search->limit)
        return GP_ELIMIT;
    copy = gp_arena_copy(search->arena, record);
    if (copy.ptr == NULL || gp_wire_incident_unpack(copy, search->arena, incident) != 0)
        return GP_ENOMEM;
    int rc = show(search, search->arena, incident);
    if (rc != 0)
        return rc;
    search->bytes += record.len + (incident->text_seq != 0 ? incident->text.len : 0);
    if (page->count > 0 && search->bytes > GP_QUERY_PAGE_BYTES)
        return GP_ELIMIT;
    page->count++;
    return 0;
}

static int look_at(struct search *search, uint64_t id, struct gp_page *page)
{
    struct gp_span record;
    int rc = gp_incident_get(search->txn, id, &record);

    gp_arena_reset(&search->look);
    if (rc == 0)
        rc = gp_wire_incident_unpack(record, &search->look, &search->incident);
    if (rc != 0)
        return GP_ECORRUPT; /* an index row without its incident, or a damaged one */
    return matches(search, &search->incident) ? keep(search, record, page) : 0;
}

/* Walks one index range. GP_ELIMIT: the page ends here and has its cursor; 0: the range is done. */
static int walk_rows(struct search *search, struct gp_walk *walk, struct gp_page *page)
{
    for (;;) {
        struct gp_span key, value;
        int rc = gp_walk_next(walk, &key, &value);

        if (rc == GP_ENOTFOUND || (rc == 0 && !inside(search, key)))
            return 0;
        if (rc == 0 && search->rows++ == GP_READ_ROWS_MAX)
            rc = GP_ELIMIT;
        if (rc == 0)
            rc = look_at(search, id_of_key(search->table, key), page);
        if (rc == GP_ELIMIT)
            set_cursor(page, search->table, key);
        if (rc != 0)
            return rc;
    }
}

static int walk_range(struct search *search, struct gp_page *page)
{
    struct gp_walk *walk = NULL;
    struct gp_span from = {(const char *)search->from, search->from_len};
    int rc = gp_walk_open(search->txn, search->table, from, &walk);

    if (rc == 0)
        rc = walk_rows(search, walk, page);
    gp_walk_close(walk);
    return rc;
}

/* Whether a code outside the asked subtree leads into it now. */
static bool leads_in(const struct search *search, uint32_t area)
{
    const struct gp_org *org = search->org;
    uint32_t answering = gp_org_area_at(org, area, search->now_ms);

    return answering != area && !gp_area_covers(search->query->area, org->areas[area].ref) &&
           gp_area_covers(search->query->area, org->areas[answering].ref);
}

/* What is filed under the old codes that lead into the subtree now, from a code on. The walk starts
 * inside the first code's range if the cursor does. */
static int walk_aliases(struct search *search, uint64_t from_code, struct gp_page *page)
{
    uint64_t done = 0; /* a code may be there at two levels */

    for (uint32_t i = 0; i < search->org->area_count; i++) {
        uint64_t code = search->org->areas[i].ref.padded;
        if (code < from_code || code == done || !leads_in(search, i))
            continue;
        if (code != from_code) {
            gp_put_u64(search->from, code);
            search->from_len = 8;
        }
        search->area_end = code + 1;
        int rc = walk_range(search, page);
        if (rc != 0)
            return rc;
        done = code;
    }
    return 0;
}

/* The subtree's own range, then those old codes; a cursor outside the subtree is at one of them. */
static int walk_area(struct search *search, struct gp_page *page)
{
    uint64_t first, at = gp_get_u64(search->from);

    gp_area_range(search->query->area, &first, &search->area_end);
    if (at < first || at >= search->area_end)
        return walk_aliases(search, at, page);
    int rc = walk_range(search, page);
    return rc == 0 ? walk_aliases(search, 0, page) : rc;
}

/* One range per post of the person, in the order of the index; the cursor says where to go on. */
static int walk_person(struct search *search, struct gp_page *page)
{
    uint32_t first = search->from_len >= 4 ? gp_get_u32(search->from) : 0;

    for (size_t i = 0; i < search->org->post_count; i++) {
        uint32_t post = search->org->posts_by_key[i];
        uint32_t key = search->org->posts[post].key;
        if (key < first || !gp_person_listed(search->org, search->person, post, search->now_ms))
            continue;
        if (key > first || search->from_len == 0)
            prefix_u32(search, key);
        else
            set_prefix(search, key);
        int rc = walk_range(search, page);
        if (rc != 0)
            return rc;
    }
    return 0;
}

static int walk(struct search *search, struct gp_page *page)
{
    int rc = gp_journal_head(search->txn, &page->head, NULL);

    if (rc != 0)
        return rc;
    if (search->person != GP_NONE && search->query->post.len == 0)
        rc = walk_person(search, page);
    else if (search->table == GP_TABLE_BY_AREA)
        rc = walk_area(search, page);
    else
        rc = walk_range(search, page);
    return rc == GP_ELIMIT ? 0 : rc;
}

static int prepare(struct search *search, struct gp_page *page)
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
    choose(search);
    return resume(search);
}

int gp_engine_query(struct gp_store *store, const struct gp_org *org, const struct gp_query *query,
                    struct gp_span reader, int64_t now_ms, struct gp_arena *arena,
                    struct gp_page *ret_page)
{
    struct gp_page page = {0};
    struct search search = {
        .query = query, .org = org, .reader = reader, .now_ms = now_ms, .arena = arena};
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
    struct search search = {.org = org, .reader = reader, .now_ms = now_ms, .person = GP_NONE};
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
        rc = gp_wire_incident_unpack(record, arena, &incident);
    if (rc == 0)
        rc = show(&search, arena, &incident);
    gp_txn_abort(search.txn);
    if (rc != 0)
        return rc == GP_EFORMAT ? GP_ECORRUPT : rc;
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
