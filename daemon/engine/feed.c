/* Feeds are views of the journal: a filter looks at entry after entry and says how far it got. */
#include "engine/internal.h"

#include "base/broken.h"

/* Stored bytes of one page: their public form is smaller and fits a reply with room for masks. */
#define GP_FEED_PAGE_BYTES (GP_REPLY_BYTES_MAX - GP_REPLY_BYTES_MAX / 4)

/* Verdicts on private incidents that are kept: entries of one incident often stand together. */
#define GP_FEED_VERDICTS 64

struct verdict {
    uint64_t incident; /* 0: none yet */
    bool sees;
};

struct scan {
    const struct gp_feed_ask *ask;
    const struct gp_org *org;
    struct gp_span reader;
    int64_t now_ms;
    struct gp_txn *txn;
    struct gp_arena *arena; /* of the page */
    struct gp_arena look;   /* of one incident */
    struct gp_entry entry;
    struct gp_incident incident;              /* of an entry that is private */
    struct verdict verdict[GP_FEED_VERDICTS]; /* by id modulo their number */
    uint32_t limit;
    size_t bytes;
};

/* Whether the reader belongs to a private incident as it is now. */
static int judge(struct scan *scan, uint64_t incident, bool *ret_sees)
{
    struct verdict *verdict = &scan->verdict[incident % GP_FEED_VERDICTS];

    if (verdict->incident != incident) {
        if (gp_incident_read(scan->txn, incident, &scan->look, &scan->incident) != 0)
            return GP_ECORRUPT; /* an entry without its incident, or a damaged one */
        verdict->incident = incident;
        verdict->sees = gp_may_see_incident(scan->org, &scan->incident, scan->reader, scan->now_ms);
    }
    *ret_sees = verdict->sees;
    return 0;
}

/* Unpacks an entry as the reader may see it, without its text: by what the entry says, or by the
 * incident of now, because the first entries of an incident know no owner yet. */
static int unpack(struct scan *scan, struct gp_span bytes, struct gp_arena *arena,
                  struct gp_entry *ret_entry, bool *ret_masked)
{
    bool sees;
    int rc = gp_stored(gp_wire_entry_unpack(bytes, arena, ret_entry));

    if (rc != 0)
        return rc;
    sees = !ret_entry->is_private ||
           gp_may_see_entry(scan->org, ret_entry, scan->reader, scan->now_ms);
    rc = sees || ret_entry->incident == 0 ? 0 : judge(scan, ret_entry->incident, &sees);
    *ret_masked = !sees;
    if (rc == 0 && !sees)
        gp_entry_mask(scan->org, ret_entry);
    return rc;
}

/* Puts the entry that matched, whose `bytes` are stored, on the page. GP_ELIMIT: the page is full
 * and it is not in it. */
static int keep(struct scan *scan, size_t bytes, bool masked, struct gp_feed_page *page)
{
    struct gp_entry *entry = gp_arena_alloc(scan->arena, sizeof *entry);
    int rc;

    if (entry == NULL)
        return GP_ENOMEM;
    *entry = scan->entry;
    rc = masked ? 0 : gp_entry_join(scan->txn, scan->arena, entry);
    if (rc != 0)
        return rc;
    scan->bytes += bytes + (entry->personal ? entry->text.len + entry->phone.len : 0);
    if (page->count > 0 && scan->bytes > GP_FEED_PAGE_BYTES)
        return GP_ELIMIT;
    page->item[page->count++] = entry;
    return 0;
}

/* One entry. GP_ELIMIT: the page is full and this entry is not in it. What is masked for the reader
 * is masked before the filter, or a filter by grid would tell where it was. Unpacking is most of
 * the work of a feed, so it is done once: where the page is, which is given back if nothing
 * matched. */
static int look_at(struct scan *scan, struct gp_span bytes, struct gp_feed_page *page)
{
    struct gp_arena_mark mark = gp_arena_here(scan->arena);
    bool masked;
    int rc;

    gp_arena_reset(&scan->look);
    rc = unpack(scan, bytes, scan->arena, &scan->entry, &masked);
    if (rc != 0)
        return rc;
    if (!gp_feed_match(scan->org, &scan->ask->filter, &scan->entry)) {
        gp_arena_back(scan->arena, mark);
        return 0;
    }
    return page->count == scan->limit ? GP_ELIMIT : keep(scan, bytes.len, masked, page);
}

static int scan_journal(struct scan *scan, struct gp_feed_page *page)
{
    int rc = gp_journal_head(scan->txn, &page->head, NULL);
    uint64_t seq = scan->ask->after;

    for (unsigned rows = 0; rc == 0 && rows < GP_READ_ROWS_MAX && seq < page->head; rows++) {
        struct gp_span bytes;
        rc = gp_journal_get(scan->txn, ++seq, &bytes);
        if (rc == 0 && !(gp_broken("feed-hole") && seq % 7 == 0))
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
    gp_arena_init(&scan.look, GP_LOOK_BYTES);
    rc = gp_txn_read(store, &scan.txn);
    if (rc == 0)
        rc = scan_journal(&scan, &page);
    gp_txn_abort(scan.txn);
    gp_arena_release(&scan.look);
    if (rc == 0)
        *ret_page = page;
    return rc;
}
