/* Feeds are views of the journal: a filter looks at entry after entry and says how far it got. */
#include "engine/internal.h"

/* Stored bytes of one page: their public form is smaller and fits a reply with room for masks. */
#define GP_FEED_PAGE_BYTES (GP_REPLY_BYTES_MAX - GP_REPLY_BYTES_MAX / 4)

/* Memory for looking at one entry; it is used again for the next. */
#define GP_FEED_LOOK_BYTES ((size_t)256 * 1024)

struct scan {
    const struct gp_feed_ask *ask;
    const struct gp_org *org;
    struct gp_span reader;
    int64_t now_ms;
    struct gp_arena *arena; /* of the page */
    struct gp_arena look;   /* of one entry */
    struct gp_entry entry;
    uint32_t limit;
    size_t bytes;
};

/* Unpacks an entry as the reader may see it. */
static int unpack(struct scan *scan, struct gp_span bytes, struct gp_arena *arena,
                  struct gp_entry *ret_entry)
{
    if (gp_wire_entry_unpack(bytes, arena, ret_entry) != 0)
        return GP_ECORRUPT;
    if (ret_entry->is_private &&
        !gp_may_see_private(scan->org, ret_entry, scan->reader, scan->now_ms))
        gp_entry_mask(scan->org, ret_entry);
    return 0;
}

static int keep(struct scan *scan, struct gp_span bytes, struct gp_feed_page *page)
{
    struct gp_span copy = gp_arena_copy(scan->arena, bytes);
    struct gp_entry *entry = gp_arena_zalloc(scan->arena, 1, sizeof *entry);
    int rc;

    if (copy.ptr == NULL || entry == NULL)
        return GP_ENOMEM;
    rc = unpack(scan, copy, scan->arena, entry);
    if (rc != 0)
        return rc;
    page->item[page->count++] = entry;
    scan->bytes += bytes.len;
    return 0;
}

/* One entry. GP_ELIMIT: the page is full and this entry is not in it. What is masked for the reader
 * is masked before the filter, or a filter by grid would tell where it was. */
static int look_at(struct scan *scan, struct gp_span bytes, struct gp_feed_page *page)
{
    int rc;

    gp_arena_reset(&scan->look);
    rc = unpack(scan, bytes, &scan->look, &scan->entry);
    if (rc != 0)
        return rc;
    if (!gp_feed_match(scan->org, &scan->ask->filter, &scan->entry))
        return 0;
    if (page->count == scan->limit ||
        (page->count > 0 && scan->bytes + bytes.len > GP_FEED_PAGE_BYTES))
        return GP_ELIMIT;
    return keep(scan, bytes, page);
}

static int scan_journal(struct scan *scan, struct gp_txn *txn, struct gp_feed_page *page)
{
    int rc = gp_journal_head(txn, &page->head, NULL);
    uint64_t seq = scan->ask->after;

    for (unsigned rows = 0; rc == 0 && rows < GP_READ_ROWS_MAX && seq < page->head; rows++) {
        struct gp_span bytes;
        rc = gp_journal_get(txn, ++seq, &bytes);
        if (rc == 0)
            rc = look_at(scan, bytes, page);
        if (rc == 0)
            page->scanned_to = seq;
    }
    return rc == GP_ELIMIT ? 0 : rc;
}

int gp_engine_feed(struct gp_store *store, const struct gp_org *org, const struct gp_feed_ask *ask,
                   struct gp_span reader, int64_t now_ms, struct gp_arena *arena,
                   struct gp_feed_page *ret_page)
{
    struct gp_feed_page page = {.scanned_to = ask->after};
    struct gp_txn *txn = NULL;
    struct scan scan = {
        .ask = ask,
        .org = org,
        .reader = reader,
        .now_ms = now_ms,
        .arena = arena,
        .limit =
            ask->limit == 0 || ask->limit > GP_FEED_ENTRIES_MAX ? GP_FEED_ENTRIES_MAX : ask->limit,
    };
    int rc;

    page.item = gp_arena_zalloc(arena, scan.limit, sizeof *page.item);
    if (page.item == NULL)
        return GP_ENOMEM;
    gp_arena_init(&scan.look, GP_FEED_LOOK_BYTES);
    rc = gp_txn_read(store, &txn);
    if (rc == 0)
        rc = scan_journal(&scan, txn, &page);
    gp_txn_abort(txn);
    gp_arena_release(&scan.look);
    if (rc == 0)
        *ret_page = page;
    return rc;
}
