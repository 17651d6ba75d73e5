/*
 * A census walks the open half of by_area, so that the rows of one code come together, and looks at
 * a few fields of each incident's record. The transaction is renewed in between, and the walk goes
 * on behind the last key: what is reported meanwhile is counted or not, as it lies.
 */
#include "engine/internal.h"

#include "core/post.h"

#include <stdlib.h>

#define KEY_BYTES   16                    /* of by_area */
#define CODES_BYTES ((size_t)1024 * 1024) /* as many as there may be, of the longest */

struct taking {
    struct gp_store *store;
    struct gp_census *census;
    struct gp_arena *arena; /* of the codes */
    uint32_t room, most;
    uint16_t last; /* department of the incident before */
    unsigned char from[KEY_BYTES];
    size_t from_len;
    bool over;
};

/* Its memory, in one piece with what it is of. */
struct whole_census {
    struct gp_census census; /* first: one is the other */
    struct gp_arena arena;
    struct gp_span department[GP_CENSUS_DEPARTMENTS_MAX];
    struct gp_colour_counts by_department[GP_CENSUS_DEPARTMENTS_MAX];
};

void gp_census_free(struct gp_census *census)
{
    struct whole_census *whole = (struct whole_census *)census;

    if (whole == NULL)
        return;
    free(whole->census.row);
    gp_arena_release(&whole->arena);
    free(whole);
}

/* ---------------------------------------------------------------- one incident */

/* Neighbours are often of one department, and there are a few dozen. GP_ELIMIT: no more fit. */
static int department_of(struct taking *taking, struct gp_span code, uint16_t *ret_index)
{
    struct gp_census *census = taking->census;
    uint32_t i = taking->last;

    if (i < census->department_count && gp_span_equal(census->department[i], code)) {
        *ret_index = taking->last;
        return 0;
    }
    for (i = 0; i < census->department_count; i++) {
        if (gp_span_equal(census->department[i], code))
            break;
    }
    if (i == GP_CENSUS_DEPARTMENTS_MAX)
        return GP_ELIMIT;
    if (i == census->department_count) {
        struct gp_span copy = gp_arena_copy(taking->arena, code);
        if (copy.ptr == NULL)
            return GP_ENOMEM;
        census->department[census->department_count++] = copy;
    }
    taking->last = *ret_index = (uint16_t)i;
    return 0;
}

/* GP_ELIMIT: there are as many as may be. */
static int make_room(struct taking *taking)
{
    struct gp_census *census = taking->census;
    uint32_t room = taking->room > 0 ? 2 * taking->room : 1024;
    struct gp_census_row *row;

    if (census->row_count == taking->most)
        return GP_ELIMIT;
    if (census->row_count < taking->room)
        return 0;
    row = realloc(census->row, room * sizeof *row);
    if (row == NULL)
        return GP_ENOMEM;
    census->row = row;
    taking->room = room;
    return 0;
}

static int take(struct taking *taking, const struct gp_outlook *outlook)
{
    struct gp_census *census = taking->census;
    struct gp_census_row row = {
        .area =
            outlook->is_private ? gp_masked_area(outlook->area, outlook->community) : outlook->area,
        .colour = (uint8_t)gp_colour_of(outlook),
        .soon = gp_is_soon(outlook, census->now_ms),
    };
    int rc = make_room(taking);

    if (rc == 0)
        rc = department_of(taking, outlook->department, &row.department);
    if (rc == GP_ELIMIT) {
        census->partial = true;
        return 0;
    }
    if (rc != 0)
        return rc;
    census->row[census->row_count++] = row;
    census->by_department[row.department].colour[row.colour]++;
    census->by_department[row.department].soon += row.soon;
    return 0;
}

static int look_at(struct taking *taking, struct gp_txn *txn, struct gp_span key)
{
    struct gp_outlook outlook;
    struct gp_span record;
    int rc;

    if (key.len != KEY_BYTES)
        return GP_ECORRUPT;
    rc = gp_incident_get(txn, gp_get_u64((const unsigned char *)key.ptr + 8), &record);
    if (rc == 0)
        rc = gp_wire_outlook_peek(record, &outlook);
    if (rc != 0)
        return rc == GP_ENOTFOUND || rc == GP_EFORMAT ? GP_ECORRUPT : rc;
    return take(taking, &outlook);
}

/* ---------------------------------------------------------------- walking */

static bool is_closed(struct gp_span key)
{
    return key.len > 0 && (unsigned char)key.ptr[0] >> 7 != 0;
}

static void go_on_behind(struct taking *taking, struct gp_span key)
{
    const unsigned char *bytes = (const unsigned char *)key.ptr;

    memcpy(taking->from, bytes, KEY_BYTES);
    gp_put_u64(taking->from + 8, gp_get_u64(bytes + 8) + 1);
    taking->from_len = KEY_BYTES;
}

static int walk_some(struct taking *taking, struct gp_txn *txn, struct gp_walk *walk)
{
    struct gp_span key, value;
    int rc = 0;

    for (unsigned rows = 0; rc == 0 && rows < GP_READ_ROWS_MAX; rows++) {
        rc = gp_walk_next(walk, &key, &value);
        if (rc == GP_ENOTFOUND || (rc == 0 && is_closed(key))) {
            taking->over = true;
            return 0;
        }
        if (rc == 0)
            rc = look_at(taking, txn, key);
        if (rc == 0)
            go_on_behind(taking, key);
        if (taking->census->partial)
            taking->over = taking->census->row_count == taking->most;
        if (taking->over)
            return rc;
    }
    return rc;
}

/* One transaction's share. */
static int take_some(struct taking *taking, bool first)
{
    struct gp_span from = {(const char *)taking->from, taking->from_len};
    struct gp_txn *txn = NULL;
    struct gp_walk *walk = NULL;
    int rc = gp_txn_read(taking->store, &txn);

    if (rc == 0 && first)
        rc = gp_journal_head(txn, &taking->census->head, NULL);
    if (rc == 0)
        rc = gp_walk_open(txn, GP_TABLE_BY_AREA, from, &walk);
    if (rc == 0)
        rc = walk_some(taking, txn, walk);
    gp_walk_close(walk);
    gp_txn_abort(txn);
    return rc;
}

int gp_engine_census(struct gp_store *store, int64_t now_ms, uint32_t most, const atomic_bool *stop,
                     struct gp_census **ret_census)
{
    struct whole_census *whole = calloc(1, sizeof *whole);
    struct taking taking = {.store = store, .most = most};
    int rc = 0;

    if (whole == NULL)
        return GP_ENOMEM;
    gp_arena_init(&whole->arena, CODES_BYTES);
    whole->census.now_ms = now_ms;
    whole->census.department = whole->department;
    whole->census.by_department = whole->by_department;
    taking.census = &whole->census;
    taking.arena = &whole->arena;
    for (bool first = true; rc == 0 && !taking.over; first = false) {
        rc = stop != NULL && atomic_load(stop) ? GP_EAGAIN : take_some(&taking, first);
    }
    if (rc != 0) {
        gp_census_free(&whole->census);
        return rc;
    }
    *ret_census = &whole->census;
    return 0;
}

/* ---------------------------------------------------------------- summaries */

static bool is_there(const struct gp_colour_counts *counts)
{
    return gp_counts_open(counts) > 0;
}

static struct gp_span digits_of(struct gp_arena *arena, struct gp_area_ref area)
{
    char code[GP_AREA_DIGITS_MAX + 1];

    if (area.padded == 0)
        return GP_SPAN("-");
    gp_area_format(area, code);
    return gp_arena_copy(arena, gp_span_of(code));
}

/* The asked area itself stands behind its children. */
static struct gp_summary_row area_row(const struct gp_org *org, const struct gp_summary_ask *ask,
                                      uint32_t area, struct gp_arena *arena)
{
    uint32_t itself = ask->area.padded != 0 ? gp_org_area_near(org, ask->area, 0) : GP_NONE;

    if (area < org->area_count)
        return (struct gp_summary_row){.unit = org->areas[area].code,
                                       .name = org->areas[area].name};
    return (struct gp_summary_row){.unit = digits_of(arena, ask->area),
                                   .name = itself != GP_NONE ? org->areas[itself].name
                                                             : (struct gp_span){0}};
}

static int list_areas(const struct gp_org *org, const struct gp_summary_ask *ask,
                      const struct gp_summing *summing, struct gp_arena *arena,
                      struct gp_summary *summary)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i <= org->area_count; i++)
        count += is_there(&summing->by_area[i]);
    if (count > GP_SUMMARY_ROWS_MAX) {
        summary->partial = true;
        count = GP_SUMMARY_ROWS_MAX;
    }
    summary->area = gp_arena_zalloc(arena, count + 1, sizeof *summary->area);
    if (summary->area == NULL)
        return GP_ENOMEM;
    for (uint32_t i = 0; i <= org->area_count && summary->area_count < count; i++) {
        struct gp_summary_row *row = &summary->area[summary->area_count];
        if (!is_there(&summing->by_area[i]))
            continue;
        *row = area_row(org, ask, i, arena);
        row->counts = summing->by_area[i];
        summary->area_count++;
    }
    return 0;
}

static int by_unit(const void *a, const void *b)
{
    const struct gp_summary_row *first = a, *second = b;
    return gp_span_compare(first->unit, second->unit);
}

static int list_departments(const struct gp_org *org, const struct gp_census *census,
                            const struct gp_summing *summing, struct gp_arena *arena,
                            struct gp_summary *summary)
{
    summary->department =
        gp_arena_zalloc(arena, census->department_count + 1, sizeof *summary->department);
    if (summary->department == NULL)
        return GP_ENOMEM;
    for (uint32_t i = 0; i < census->department_count; i++) {
        struct gp_span code = census->department[i];
        uint32_t department = gp_org_department(org, code);
        if (!is_there(&summing->by_department[i]))
            continue;
        summary->department[summary->department_count++] = (struct gp_summary_row){
            .unit = code.len > 0 ? code : GP_SPAN("-"),
            .name =
                department != GP_NONE ? org->departments[department].name_zh : (struct gp_span){0},
            .counts = summing->by_department[i],
        };
    }
    qsort(summary->department, summary->department_count, sizeof *summary->department, by_unit);
    return 0;
}

int gp_census_summary(const struct gp_org *org, const struct gp_census *census,
                      const struct gp_summary_ask *ask, int64_t now_ms, struct gp_arena *arena,
                      struct gp_summary *ret_summary)
{
    struct gp_summary summary = {
        .head = census->head, .at_ms = census->now_ms, .partial = census->partial};
    struct gp_summing summing = {
        .by_area = gp_arena_zalloc(arena, org->area_count + 1, sizeof *summing.by_area),
        .by_department =
            gp_arena_zalloc(arena, census->department_count + 1, sizeof *summing.by_department),
    };
    int rc = summing.by_area != NULL && summing.by_department != NULL ? 0 : GP_ENOMEM;

    if (rc == 0) {
        gp_census_sum(org, census, ask, now_ms, &summing);
        rc = list_areas(org, ask, &summing, arena, &summary);
    }
    if (rc == 0)
        rc = list_departments(org, census, &summing, arena, &summary);
    if (rc != 0)
        return rc;
    summary.total.unit = ask->area.padded != 0 ? digits_of(arena, ask->area) : GP_SPAN("-");
    summary.total.counts = summing.total;
    *ret_summary = summary;
    return 0;
}
