/*
 * Pages that have an order. The newest: incidents are looked at by falling numbers, which have no
 * gaps, from the highest or the cursor on, and every condition is tested on the record.
 *
 * The cursor is GP_CURSOR_NEWEST (one byte) and the number to go on from.
 */
#include "engine/search.h"

#include "base/bytes.h"

/* What looking at one of many neighbours costs, in rows of an index. */
#define NEIGHBOUR_COST 8

#define NEWEST_BYTES 9

static_assert(GP_TABLE_COUNT < GP_CURSOR_NEWEST, "the first byte says whose cursor it is");

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
