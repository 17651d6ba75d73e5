/*
 * Assessment: walks the journal up to a fixed head, twice.
 *
 * The first walk looks over the period and marks the incidents that it touches. The second begins
 * where the oldest of those was reported, and unpacks their entries only: core's gp_assess_entry
 * counts. Ids and times both rise with seq, so both ends of the period, and that report, are found
 * by halving. Read transactions are renewed every GP_READ_ROWS_MAX rows, and entries never change,
 * so the walk sees one journal all the same.
 */
#include "engine/internal.h"

#include "core/assess.h"

#include <stdlib.h>
#include <string.h>

#define GP_SHARES_FIRST 1024u

struct walk {
    struct gp_store *store;
    const struct gp_assess_ask *ask;
    const atomic_bool *stop;
    struct gp_txn *txn;
    unsigned rows;             /* looked at in this transaction */
    uint64_t head, first, end; /* seq: entries of the period are [first, end) */
    /* incidents: ids low … high that the period touches, and the case of each */
    unsigned char *touched; /* bit by id */
    uint64_t last_id, low, high;
    uint32_t *slot; /* by id - low: index of its case; GP_NONE: not touched */
    struct gp_case *item;
    uint32_t item_count;
    struct gp_assess assess;
    struct gp_arena look;
    struct gp_entry entry;
};

/* ---------------------------------------------------------------- the journal */

static int renew(struct walk *walk)
{
    gp_txn_abort(walk->txn);
    walk->txn = NULL;
    walk->rows = 0;
    if (walk->stop != NULL && atomic_load(walk->stop))
        return GP_EAGAIN;
    return gp_txn_read(walk->store, &walk->txn);
}

static int get(struct walk *walk, uint64_t seq, struct gp_span *ret_bytes)
{
    int rc = walk->rows++ < GP_READ_ROWS_MAX ? 0 : renew(walk);
    return rc == 0 ? gp_journal_get(walk->txn, seq, ret_bytes) : rc;
}

static int peek(struct walk *walk, uint64_t seq, struct gp_span *ret_bytes,
                struct gp_entry_peek *ret_peek)
{
    int rc = get(walk, seq, ret_bytes);

    if (rc == 0 && gp_wire_entry_peek(*ret_bytes, ret_peek) != 0)
        rc = GP_ECORRUPT;
    return rc;
}

/* The first entry at or after an instant; head + 1 when there is none. */
static int seek(struct walk *walk, int64_t at_ms, uint64_t *ret_seq)
{
    uint64_t low = 1, high = walk->head + 1;

    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        struct gp_entry_peek found;
        struct gp_span bytes;
        int rc = peek(walk, middle, &bytes, &found);
        if (rc != 0)
            return rc;
        if (found.at_ms < at_ms)
            low = middle + 1;
        else
            high = middle;
    }
    *ret_seq = low;
    return 0;
}

static int find_period(struct walk *walk)
{
    int rc = gp_journal_head(walk->txn, &walk->head, NULL);

    if (rc == 0)
        rc = gp_last_id(walk->txn, GP_TABLE_INCIDENT, &walk->last_id);
    if (walk->ask->upto != 0 && walk->ask->upto < walk->head)
        walk->head = walk->ask->upto;
    if (rc == 0)
        rc = seek(walk, walk->ask->from_ms, &walk->first);
    if (rc == 0)
        rc = seek(walk, walk->ask->to_ms, &walk->end);
    return rc;
}

/* ---------------------------------------------------------------- which incidents */

static bool is_touched(const struct walk *walk, uint64_t id)
{
    return id >= walk->low && id <= walk->high && walk->touched[id / 8] >> (id % 8) & 1;
}

static void touch(struct walk *walk, uint64_t id)
{
    unsigned char mask = (unsigned char)(1u << (id % 8));

    if (walk->item_count == 0)
        walk->low = walk->high = id;
    if (id < walk->low)
        walk->low = id;
    if (id > walk->high)
        walk->high = id;
    if (!(walk->touched[id / 8] & mask))
        walk->item_count++;
    walk->touched[id / 8] |= mask;
}

static int mark_touched(struct walk *walk)
{
    int rc = 0;

    walk->touched = calloc(walk->last_id / 8 + 1, 1);
    if (walk->touched == NULL)
        return GP_ENOMEM;
    for (uint64_t seq = walk->first; rc == 0 && seq < walk->end; seq++) {
        struct gp_entry_peek found;
        struct gp_span bytes;
        rc = peek(walk, seq, &bytes, &found);
        if (rc == 0 && found.incident > walk->last_id)
            rc = GP_ECORRUPT;
        if (rc == 0 && found.incident != 0)
            touch(walk, found.incident);
    }
    return rc;
}

/* Cases lie in order of their incidents. */
static int make_cases(struct walk *walk)
{
    uint64_t ids = walk->high - walk->low + 1;
    uint32_t next = 0;

    if (walk->item_count > GP_ASSESS_INCIDENTS_MAX)
        return GP_ELIMIT;
    walk->item = calloc(walk->item_count, sizeof *walk->item);
    walk->slot = malloc(ids * sizeof *walk->slot);
    if (walk->item == NULL || walk->slot == NULL)
        return GP_ENOMEM;
    for (uint64_t id = walk->low; id <= walk->high; id++)
        walk->slot[id - walk->low] = is_touched(walk, id) ? next++ : GP_NONE;
    return 0;
}

/* Where the second walk begins: no entry of a touched incident is before the oldest one's report.
 */
static int find_report(struct walk *walk, uint64_t *ret_seq)
{
    struct gp_incident *incident = gp_arena_zalloc(&walk->look, 1, sizeof *incident);
    struct gp_span record;
    int rc = renew(walk);

    if (incident == NULL)
        return GP_ENOMEM;
    if (rc == 0)
        rc = gp_incident_get(walk->txn, walk->low, &record);
    if (rc == 0)
        rc = gp_wire_incident_unpack(record, &walk->look, incident);
    if (rc == 0)
        rc = seek(walk, incident->received_ms, ret_seq);
    return rc == GP_ENOTFOUND || rc == GP_EFORMAT ? GP_ECORRUPT : rc;
}

/* ---------------------------------------------------------------- counting */

static int make_room(struct gp_assess *assess)
{
    uint32_t room = assess->share_room == 0 ? GP_SHARES_FIRST : assess->share_room * 2;

    if (assess->share_count + GP_SHARES_PER_ENTRY <= assess->share_room)
        return 0;
    if (room < assess->share_room)
        return GP_ELIMIT;
    struct gp_share *share = realloc(assess->share, room * sizeof *share);
    if (share == NULL)
        return GP_ENOMEM;
    assess->share = share;
    assess->share_room = room;
    return 0;
}

static int count_entry(struct walk *walk, uint64_t seq, uint64_t incident, struct gp_span bytes)
{
    struct gp_case *item = &walk->item[walk->slot[incident - walk->low]];

    gp_arena_reset(&walk->look);
    if (gp_wire_entry_unpack(bytes, &walk->look, &walk->entry) != 0)
        return GP_ECORRUPT;
    walk->entry.seq = seq;
    if (walk->entry.at_ms >= walk->ask->to_ms)
        return 0; /* an admin had lowered the clock */
    int rc = make_room(&walk->assess);
    if (rc == 0)
        gp_assess_entry(&walk->assess, item, &walk->entry);
    return rc;
}

static int count_all(struct walk *walk)
{
    uint64_t seq = 0;
    int rc = find_report(walk, &seq);

    for (; rc == 0 && seq < walk->end; seq++) {
        struct gp_entry_peek found;
        struct gp_span bytes;
        rc = peek(walk, seq, &bytes, &found);
        if (rc == 0 && is_touched(walk, found.incident))
            rc = count_entry(walk, seq, found.incident, bytes);
    }
    return rc;
}

static int walk_journal(struct walk *walk)
{
    int rc = renew(walk);

    if (rc == 0)
        rc = find_period(walk);
    if (rc == 0)
        rc = mark_touched(walk);
    if (rc == 0 && walk->item_count > 0)
        rc = make_cases(walk);
    if (rc == 0 && walk->item_count > 0)
        rc = count_all(walk);
    gp_txn_abort(walk->txn);
    walk->txn = NULL;
    return rc;
}

static void release(struct walk *walk)
{
    gp_arena_release(&walk->look);
    free(walk->touched);
    free(walk->slot);
    free(walk->item);
    free(walk->assess.share);
    free(walk);
}

/* ---------------------------------------------------------------- pages */

static const struct gp_case *case_of(const struct walk *walk, const struct gp_share *share)
{
    return &walk->item[walk->slot[share->incident - walk->low]];
}

static uint32_t limit_of(const struct gp_assess_ask *ask, uint32_t most)
{
    return ask->limit == 0 || ask->limit > most ? most : ask->limit;
}

static bool anything(const struct gp_figures *figures)
{
    for (int figure = GP_FIGURE_REPORTED; figure < GP_FIGURE_END; figure++) {
        if (figures->count[figure] != 0)
            return true;
    }
    return false;
}

static int add_up(const struct walk *walk, struct gp_figures *figures)
{
    uint32_t units = gp_assess_units(walk->assess.org, walk->ask->by);
    uint32_t *grids = calloc(units, sizeof *grids);

    if (grids == NULL)
        return GP_ENOMEM;
    gp_assess_grids(walk->assess.org, walk->ask, grids);
    for (uint32_t unit = 0; unit < units; unit++)
        figures[unit].grids = grids[unit];
    free(grids);
    for (uint32_t i = 0; i < walk->assess.share_count; i++) {
        const struct gp_share *share = &walk->assess.share[i];
        gp_figures_add(&figures[share->unit], share, case_of(walk, share));
    }
    return 0;
}

/* The cursor is the unit to go on with. */
static void fill_rows(const struct walk *walk, const struct gp_figures *figures,
                      struct gp_assessment *page)
{
    const struct gp_org *org = walk->assess.org;
    uint32_t units = gp_assess_units(org, walk->ask->by);
    uint32_t limit = limit_of(walk->ask, GP_ASSESS_ROWS_MAX);

    for (uint64_t unit = walk->ask->after; unit < units; unit++) {
        if (!anything(&figures[unit]) && !gp_assess_unit_listed(org, walk->ask, (uint32_t)unit))
            continue;
        if (page->row_count == limit) {
            page->next = unit;
            return;
        }
        page->row[page->row_count++] = (struct gp_assess_row){
            .unit = gp_assess_unit_id(org, walk->ask->by, (uint32_t)unit),
            .name = gp_assess_unit_name(org, walk->ask->by, (uint32_t)unit),
            .figures = figures[unit],
        };
    }
}

static int give_rows(const struct walk *walk, struct gp_arena *arena, struct gp_assessment *page)
{
    uint32_t units = gp_assess_units(walk->assess.org, walk->ask->by);
    struct gp_figures *figures = calloc(units, sizeof *figures);
    int rc;

    page->row = gp_arena_zalloc(arena, GP_ASSESS_ROWS_MAX, sizeof *page->row);
    rc = figures != NULL && page->row != NULL ? add_up(walk, figures) : GP_ENOMEM;
    if (rc == 0)
        fill_rows(walk, figures, page);
    free(figures);
    return rc;
}

static bool explains(const struct walk *walk, const struct gp_case *item,
                     const struct gp_share *share)
{
    const struct gp_assess_ask *ask = walk->ask;

    return gp_share_counts(share, item, (enum gp_figure)ask->figure) &&
           (ask->unit.len == 0 ||
            gp_span_equal(ask->unit, gp_assess_unit_id(walk->assess.org, ask->by, share->unit)));
}

/* The cursor is how many were given before. */
static int give_behind(const struct walk *walk, struct gp_arena *arena, struct gp_assessment *page)
{
    uint32_t limit = limit_of(walk->ask, GP_ASSESS_CASES_MAX);
    uint64_t at = 0;

    page->behind = gp_arena_zalloc(arena, limit, sizeof *page->behind);
    if (page->behind == NULL)
        return GP_ENOMEM;
    for (uint32_t i = 0; i < walk->item_count; i++) {
        const struct gp_case *item = &walk->item[i];
        for (uint32_t s = item->incident != 0 ? item->share : GP_NONE; s != GP_NONE;
             s = walk->assess.share[s].next) {
            const struct gp_share *share = &walk->assess.share[s];
            if (!explains(walk, item, share) || at++ < walk->ask->after)
                continue;
            if (page->behind_count == limit) {
                page->next = at - 1;
                return 0;
            }
            page->behind[page->behind_count++] = (struct gp_assess_case){
                share->incident, gp_assess_unit_id(walk->assess.org, walk->ask->by, share->unit)};
        }
    }
    return 0;
}

int gp_engine_assess(struct gp_store *store, const struct gp_org *org,
                     const struct gp_assess_ask *ask, const atomic_bool *stop,
                     struct gp_arena *arena, struct gp_assessment *ret_page)
{
    struct gp_assessment page = {0};
    struct walk *walk;
    int rc;

    if (ask->from_ms >= ask->to_ms || ask->by == GP_BY_NONE)
        return GP_EINVAL;
    walk = calloc(1, sizeof *walk);
    if (walk == NULL)
        return GP_ENOMEM;
    walk->store = store;
    walk->ask = ask;
    walk->stop = stop;
    walk->assess = (struct gp_assess){.org = org, .ask = ask};
    gp_arena_init(&walk->look, GP_LOOK_BYTES);
    rc = walk_journal(walk);
    page.head = walk->head;
    if (rc == 0)
        rc = ask->figure != GP_FIGURE_NONE ? give_behind(walk, arena, &page)
                                           : give_rows(walk, arena, &page);
    release(walk);
    if (rc == 0)
        *ret_page = page;
    return rc;
}
