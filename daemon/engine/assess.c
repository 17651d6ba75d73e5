/*
 * Assessment: walks the journal of a period, up to a fixed head.
 *
 * Incidents that were reported within it are counted as the walk goes: core's gp_assess_count looks
 * at facts, which are read straight from the packed entries. Of those from before, the walk only
 * marks which ones something happened to that counts, and which entries are about them. For them it
 * goes back to where the oldest was reported, and then once more over the marked entries.
 *
 * Ids and times both rise with seq, so both ends of the period, and that report, are found by
 * halving; where a clock was lowered times do not, so what lies on either side is looked at by
 * itself (falls.c), and entries that are not of the period may be walked with those that are. Read
 * transactions are renewed every GP_READ_ROWS_MAX rows, and entries never change, so the walk sees
 * one journal all the same.
 */
#include "engine/idset.h"
#include "engine/internal.h"

#include "base/broken.h"
#include "core/assess.h"

#include <stdlib.h>
#include <string.h>

#define GP_SHARES_FIRST 1024u
#define GP_BORN_FIRST   1024u

struct walk {
    struct gp_store *store;
    const struct gp_assess_ask *ask;
    const atomic_bool *stop;
    struct gp_txn *txn;
    unsigned rows; /* looked at in this transaction */
    struct gp_falls falls;
    uint64_t head, first, end; /* seq: entries of the period are in [first, end) */
    /* incidents reported within the period, by id - born_from */
    struct gp_case *born;
    uint64_t born_from; /* id of the first; UINT64_MAX: none yet */
    uint32_t born_count, born_room;
    /* incidents from before */
    struct gp_idset touched; /* their ids */
    struct gp_idset later;   /* seq - first of the period's entries about any from before */
    struct gp_case *old;     /* by rank in touched */
    struct gp_assess assess;
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
    bool goes_on = walk->rows++ < GP_READ_ROWS_MAX || gp_broken("reader-never-renewed");
    int rc = goes_on ? 0 : renew(walk);
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

/* The first entry in [low, high) at or after an instant; high when there is none. */
static int seek_in(struct walk *walk, int64_t at_ms, uint64_t low, uint64_t high, uint64_t *ret_seq)
{
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

/* Entries [low, high) within which times rise, the i-th from the oldest; false behind the last. */
static bool stretch(const struct walk *walk, unsigned i, uint64_t *ret_low, uint64_t *ret_high)
{
    *ret_low = i == 0 ? 1 : walk->falls.place[i - 1].seq + 1;
    *ret_high = i == walk->falls.count ? walk->head + 1 : walk->falls.place[i].seq + 1;
    if (*ret_high > walk->head + 1)
        *ret_high = walk->head + 1;
    return *ret_low <= walk->head;
}

enum edge {
    EDGE_BEGIN, /* the first entry at or after an instant; head + 1 when there is none */
    EDGE_END    /* behind the last entry before an instant; 1 when there is none */
};

/* Where not every fall is known, all that there is lies within the edges. */
static int seek(struct walk *walk, enum edge edge, int64_t at_ms, uint64_t *ret_seq)
{
    bool begins = edge == EDGE_BEGIN, unknown = walk->falls.count == GP_FALLS_MAX;
    uint64_t found = begins == unknown ? 1 : walk->head + 1;
    uint64_t low, high, seq;

    for (unsigned i = 0; !unknown && i <= walk->falls.count && stretch(walk, i, &low, &high); i++) {
        int rc = seek_in(walk, at_ms, low, high, &seq);
        if (rc != 0)
            return rc;
        if (begins ? seq < high : seq > low)
            found = seq;
        if (begins && seq < high)
            break;
    }
    *ret_seq = found;
    return 0;
}

static int find_period(struct walk *walk)
{
    uint64_t last_id = 0;
    int rc = gp_journal_head(walk->txn, &walk->head, NULL);

    if (rc == 0)
        rc = gp_last_id(walk->txn, GP_TABLE_INCIDENT, &last_id);
    if (walk->ask->upto != 0 && walk->ask->upto < walk->head)
        walk->head = walk->ask->upto;
    if (rc == 0)
        rc = gp_falls_read(walk->txn, &walk->falls);
    if (rc == 0)
        rc = seek(walk, EDGE_BEGIN, walk->ask->from_ms, &walk->first);
    if (rc == 0)
        rc = seek(walk, EDGE_END, walk->ask->to_ms, &walk->end);
    if (rc == 0)
        rc = gp_idset_init(&walk->touched, last_id + 1);
    if (rc == 0)
        rc = gp_idset_init(&walk->later, walk->end > walk->first ? walk->end - walk->first : 0);
    return rc;
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

static int count(struct walk *walk, struct gp_case *item, const struct gp_fact *fact)
{
    if (fact->at_ms >= walk->ask->to_ms)
        return 0; /* an admin had lowered the clock */
    int rc = make_room(&walk->assess);
    if (rc == 0)
        gp_assess_count(&walk->assess, item, fact);
    return rc;
}

static int get_fact(struct walk *walk, uint64_t seq, struct gp_fact *ret_fact)
{
    struct gp_span bytes;
    int rc = get(walk, seq, &bytes);

    if (rc == 0 && gp_wire_fact_peek(bytes, ret_fact) != 0)
        rc = GP_ECORRUPT;
    ret_fact->seq = seq;
    return rc;
}

/* ---------------------------------------------------------------- reported in the period */

static int make_born_room(struct walk *walk, uint64_t count)
{
    uint64_t room = walk->born_room == 0 ? GP_BORN_FIRST : walk->born_room;

    if (count <= walk->born_room)
        return 0;
    if (count > GP_ASSESS_INCIDENTS_MAX)
        return GP_ELIMIT;
    while (room < count)
        room *= 2;
    struct gp_case *born = realloc(walk->born, room * sizeof *born);
    if (born == NULL)
        return GP_ENOMEM;
    memset(born + walk->born_room, 0, (room - walk->born_room) * sizeof *born);
    walk->born = born;
    walk->born_room = (uint32_t)room;
    return 0;
}

/* Ids are given in order, so one that is reported is behind all that were. */
static int bear(struct walk *walk, uint64_t id)
{
    if (walk->born_count == 0)
        walk->born_from = id;
    if (id < walk->born_from + walk->born_count)
        return GP_ECORRUPT;
    int rc = make_born_room(walk, id - walk->born_from + 1);
    if (rc == 0)
        walk->born_count = (uint32_t)(id - walk->born_from + 1);
    return rc;
}

static int count_or_mark(struct walk *walk, const struct gp_fact *fact)
{
    uint64_t id = fact->incident;
    int rc = 0;

    if (id == 0)
        return 0;
    if (fact->what == GP_WHAT_REPORTED)
        rc = bear(walk, id);
    if (rc == 0 && id >= walk->born_from)
        return id - walk->born_from < walk->born_count
                   ? count(walk, &walk->born[id - walk->born_from], fact)
                   : GP_ECORRUPT;
    if (rc == 0 && id >= walk->touched.end)
        rc = GP_ECORRUPT;
    if (rc != 0)
        return rc;
    gp_idset_add(&walk->later, fact->seq - walk->first);
    if (gp_fact_credits(fact))
        gp_idset_add(&walk->touched, id);
    return 0;
}

static int walk_period(struct walk *walk)
{
    int rc = 0;

    for (uint64_t seq = walk->first; rc == 0 && seq < walk->end; seq++) {
        struct gp_fact fact;
        rc = get_fact(walk, seq, &fact);
        if (rc == 0)
            rc = count_or_mark(walk, &fact);
    }
    return rc;
}

/* ---------------------------------------------------------------- reported before it */

/* No entry of an incident is before its report. */
static int find_report(struct walk *walk, uint64_t *ret_seq)
{
    struct gp_arena look;
    struct gp_incident *incident;
    int rc;

    gp_arena_init(&look, GP_LOOK_BYTES);
    incident = gp_arena_zalloc(&look, 1, sizeof *incident);
    rc = incident != NULL ? renew(walk) : GP_ENOMEM;
    if (rc == 0)
        rc = gp_incident_read(walk->txn, gp_idset_first(&walk->touched), &look, incident);
    if (rc == 0)
        rc = seek(walk, EDGE_BEGIN, incident->received_ms, ret_seq);
    gp_arena_release(&look);
    return rc == GP_ENOTFOUND ? GP_ECORRUPT : rc;
}

static struct gp_case *old_case(const struct walk *walk, uint64_t id)
{
    return &walk->old[gp_idset_rank(&walk->touched, id)];
}

static int count_old(struct walk *walk, uint64_t seq)
{
    struct gp_fact fact;
    int rc = get_fact(walk, seq, &fact);

    if (rc == 0 && gp_idset_has(&walk->touched, fact.incident))
        rc = count(walk, old_case(walk, fact.incident), &fact);
    return rc;
}

/* What happened before the period, where only a few entries matter. */
static int walk_before(struct walk *walk)
{
    uint64_t seq = 0;
    int rc = find_report(walk, &seq);

    for (; rc == 0 && seq < walk->first; seq++) {
        struct gp_entry_peek found;
        struct gp_span bytes;
        rc = peek(walk, seq, &bytes, &found);
        if (rc == 0 && gp_idset_has(&walk->touched, found.incident))
            rc = count_old(walk, seq);
    }
    return rc;
}

static int walk_old(struct walk *walk)
{
    int rc = 0;

    if (walk->touched.count == 0)
        return 0;
    if (walk->touched.count > GP_ASSESS_INCIDENTS_MAX - walk->born_count)
        return GP_ELIMIT;
    walk->old = calloc(walk->touched.count, sizeof *walk->old);
    if (walk->old == NULL)
        return GP_ENOMEM;
    rc = gp_idset_seal(&walk->touched);
    if (rc == 0)
        rc = walk_before(walk);
    for (uint64_t seq = walk->first; rc == 0 && seq < walk->end; seq++) {
        if (gp_idset_has(&walk->later, seq - walk->first))
            rc = count_old(walk, seq);
    }
    return rc;
}

static int walk_journal(struct walk *walk)
{
    int rc = renew(walk);

    if (rc == 0)
        rc = find_period(walk);
    if (rc == 0)
        rc = walk_period(walk);
    if (rc == 0)
        rc = walk_old(walk);
    gp_txn_abort(walk->txn);
    walk->txn = NULL;
    return rc;
}

static void release(struct walk *walk)
{
    gp_idset_release(&walk->touched);
    gp_idset_release(&walk->later);
    free(walk->born);
    free(walk->old);
    free(walk->assess.share);
    free(walk);
}

/* ---------------------------------------------------------------- pages */

static const struct gp_case *case_of(const struct walk *walk, const struct gp_share *share)
{
    return share->incident >= walk->born_from ? &walk->born[share->incident - walk->born_from]
                                              : old_case(walk, share->incident);
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

static bool is_asked_for(const struct walk *walk, uint32_t unit)
{
    struct gp_span wanted = walk->ask->unit;

    return wanted.len == 0 ||
           gp_span_equal(wanted, gp_assess_unit_id(walk->assess.org, walk->ask->by, unit));
}

/* One that is named has its row, whatever was counted. */
static bool has_row(const struct walk *walk, uint32_t unit, const struct gp_figures *figures)
{
    return is_asked_for(walk, unit) && (walk->ask->unit.len > 0 || anything(figures) ||
                                        gp_assess_unit_listed(walk->assess.org, walk->ask, unit));
}

/* The cursor is the unit to go on with. */
static void fill_rows(const struct walk *walk, const struct gp_figures *figures,
                      struct gp_assessment *page)
{
    const struct gp_org *org = walk->assess.org;
    uint32_t units = gp_assess_units(org, walk->ask->by);
    uint32_t limit = limit_of(walk->ask, GP_ASSESS_ROWS_MAX);

    for (uint64_t unit = walk->ask->after; unit < units; unit++) {
        if (!has_row(walk, (uint32_t)unit, &figures[unit]))
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
    return gp_share_counts(share, item, (enum gp_figure)walk->ask->figure) &&
           is_asked_for(walk, share->unit);
}

/* Puts an incident's shares that explain the figure on the page, but for those that were given
 * before: *at counts all of them. GP_ELIMIT: the page is full. */
static int give_case(const struct walk *walk, const struct gp_case *item, uint64_t *at,
                     uint32_t limit, struct gp_assessment *page)
{
    uint32_t next = item->incident != 0 ? item->share : GP_NONE;

    for (; next != GP_NONE; next = walk->assess.share[next].next) {
        const struct gp_share *share = &walk->assess.share[next];
        if (!explains(walk, item, share) || (*at)++ < walk->ask->after)
            continue;
        if (page->behind_count == limit) {
            page->next = *at - 1;
            return GP_ELIMIT;
        }
        page->behind[page->behind_count++] = (struct gp_assess_case){
            share->incident, gp_assess_unit_id(walk->assess.org, walk->ask->by, share->unit)};
    }
    return 0;
}

/* In order of their ids; the cursor is how many were given before. */
static int give_behind(const struct walk *walk, struct gp_arena *arena, struct gp_assessment *page)
{
    uint32_t limit = limit_of(walk->ask, GP_ASSESS_CASES_MAX);
    uint64_t at = 0;
    int rc = 0;

    page->behind = gp_arena_zalloc(arena, limit, sizeof *page->behind);
    if (page->behind == NULL)
        return GP_ENOMEM;
    for (uint32_t i = 0; rc == 0 && i < walk->touched.count; i++)
        rc = give_case(walk, &walk->old[i], &at, limit, page);
    for (uint32_t i = 0; rc == 0 && i < walk->born_count; i++)
        rc = give_case(walk, &walk->born[i], &at, limit, page);
    return rc == GP_ELIMIT ? 0 : rc;
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
    walk->born_from = UINT64_MAX;
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
