/* Where the district stands: counts by area and department, and the outlines of its map. */
#include "web/api.h"

#include "show/show.h"

#include <sodium.h>
#include <stdlib.h>

#define ETAG_BYTES 16

/* ---------------------------------------------------------------- children */

static bool is_same(struct gp_area_ref a, struct gp_area_ref b)
{
    return a.padded == b.padded && a.digits == b.digits;
}

/* Right below the asked area, as the daemon counts; without one, at the top. */
static bool is_child(const struct gp_org *org, struct gp_area_ref asked, uint32_t area)
{
    const struct gp_area *is = &org->areas[area];

    if (asked.padded == 0)
        return is->parent == GP_NONE;
    if (is_same(is->ref, asked) || !gp_area_covers(asked, is->ref))
        return false;
    return is->parent == GP_NONE || is_same(org->areas[is->parent].ref, asked) ||
           !gp_area_covers(asked, org->areas[is->parent].ref);
}

static json_t *asked_json(struct gp_area_ref asked)
{
    return asked.padded != 0 ? gp_show_area(asked) : json_null();
}

/* ---------------------------------------------------------------- counts */

/* Whose clock stands, or is over. */
static uint64_t still(const struct gp_colour_counts *counts)
{
    return counts->colour[GP_COLOUR_SUSPENDED] + counts->colour[GP_COLOUR_DONE] +
           counts->colour[GP_COLOUR_LINKED] + counts->colour[GP_COLOUR_NEW];
}

static json_t *counts_json(json_t *area, json_t *department, const struct gp_colour_counts *counts)
{
    return json_pack("{s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:I}", "area", area, "department",
                     department, "open", (json_int_t)gp_counts_open(counts), "running",
                     (json_int_t)counts->colour[GP_COLOUR_RUNNING], "yellow",
                     (json_int_t)counts->colour[GP_COLOUR_YELLOW], "overdue",
                     (json_int_t)counts->colour[GP_COLOUR_OVERDUE], "still",
                     (json_int_t)still(counts), "soon", (json_int_t)counts->soon);
}

/* The daemon tells the areas in the directory's order, and leaves out those without any. */
static const struct gp_summary_row *row_of(const struct gp_summary *summary, struct gp_span code,
                                           uint32_t *next)
{
    for (uint32_t i = 0; i < summary->area_count; i++) {
        uint32_t at = (*next + i) % summary->area_count;
        if (gp_span_equal(summary->area[at].unit, code)) {
            *next = at + 1;
            return &summary->area[at];
        }
    }
    return NULL;
}

static json_t *children_json(const struct gp_ask *ask, const struct gp_summary *summary)
{
    static const struct gp_colour_counts none;
    const struct gp_org *org = ask->speaker.org;
    const struct gp_summary_ask *asked = ask->state;
    json_t *list = json_array();
    uint32_t next = 0;

    for (uint32_t i = 0; i < org->area_count; i++) {
        const struct gp_area *area = &org->areas[i];
        if (!is_child(org, asked->area, i))
            continue;
        const struct gp_summary_row *row = row_of(summary, area->code, &next);
        if (row != NULL || gp_api_area_valid(area, ask->speaker.now_ms))
            json_array_append_new(list, counts_json(gp_show_text(area->code), json_null(),
                                                    row != NULL ? &row->counts : &none));
    }
    return list;
}

static json_t *departments_json(const struct gp_summary *summary)
{
    json_t *list = json_array();

    for (uint32_t i = 0; i < summary->department_count; i++) {
        const struct gp_summary_row *row = &summary->department[i];
        if (!gp_span_is(row->unit, "-"))
            json_array_append_new(list,
                                  counts_json(json_null(), gp_show_text(row->unit), &row->counts));
    }
    return list;
}

static void take_summary(struct gp_ask *ask, const struct gp_reply *reply)
{
    const struct gp_summary *summary = &reply->summary;
    const struct gp_summary_ask *asked = ask->state;
    json_t *whole = counts_json(asked_json(asked->area), gp_show_text(asked->department),
                                &summary->total.counts);

    gp_ask_json(ask, json_pack("{s:o, s:o, s:o, s:b, s:I, s:o}", "area", whole, "rows",
                               children_json(ask, summary), "departments",
                               departments_json(summary), "partial", summary->partial, "head",
                               (json_int_t)summary->head, "now", gp_ask_time(summary->at_ms)));
}

void gp_api_summary(struct gp_exchange *exchange, void *context)
{
    struct gp_ask *ask = gp_ask_begin(exchange, context);

    if (ask == NULL)
        return;
    struct gp_summary_ask *asked = gp_arena_zalloc(&ask->arena, 1, sizeof *asked);
    ask->state = asked;
    if (asked == NULL) {
        gp_ask_refuse(ask, 503, "unavailable", "no memory");
        return;
    }
    if (!gp_ask_area(ask, "area", &asked->area) ||
        !gp_ask_word(ask, "department", &asked->department))
        return;
    struct gp_request request = {.kind = GP_REQUEST_SUMMARY, .summary = *asked};
    gp_ask_daemon(ask, &request, take_summary);
}

/* ---------------------------------------------------------------- the map */

/* The asked area and its children. NULL: no memory. */
static struct gp_span *codes_of(struct gp_ask *ask, struct gp_area_ref asked, size_t *ret_count)
{
    const struct gp_org *org = ask->speaker.org;
    struct gp_span *code = gp_arena_zalloc(&ask->arena, org->area_count + 1, sizeof *code);
    char digits[GP_AREA_DIGITS_MAX + 1];
    size_t count = 0;

    if (code == NULL)
        return NULL;
    gp_area_format(asked, digits);
    if (asked.padded != 0)
        code[count++] = gp_arena_copy(&ask->arena, gp_span_of(digits));
    for (uint32_t i = 0; i < org->area_count; i++) {
        if (is_child(org, asked, i) && gp_api_area_valid(&org->areas[i], ask->speaker.now_ms))
            code[count++] = org->areas[i].code;
    }
    *ret_count = count;
    return code;
}

static void tag_of(struct gp_span text, char ret_tag[2 * ETAG_BYTES + 3])
{
    unsigned char hash[ETAG_BYTES];

    (void)crypto_generichash(hash, sizeof hash, (const unsigned char *)text.ptr, text.len, NULL, 0);
    ret_tag[0] = '"';
    (void)sodium_bin2hex(ret_tag + 1, 2 * ETAG_BYTES + 1, hash, sizeof hash);
    memcpy(ret_tag + 1 + 2 * ETAG_BYTES, "\"", 2);
}

static void answer_map(struct gp_ask *ask, struct gp_span text)
{
    struct gp_exchange *exchange = ask->exchange;
    char tag[2 * ETAG_BYTES + 3];

    tag_of(text, tag);
    if (gp_ask_tag(ask, tag))
        return;
    gp_ask_leave(ask);
    gp_http_reply(exchange, 200, "application/json", text);
}

void gp_api_geo(struct gp_exchange *exchange, void *context)
{
    struct gp_web *web = context;
    struct gp_ask *ask = gp_ask_begin(exchange, web);
    struct gp_area_ref area;
    size_t count = 0, len = 0;
    char *text = NULL;

    if (ask == NULL || !gp_ask_area(ask, "area", &area))
        return;
    struct gp_span *code = codes_of(ask, area, &count);
    if (code == NULL || gp_geometry_collect(web->geometry, code, count, &text, &len) != 0) {
        gp_ask_refuse(ask, 503, "unavailable", "no memory");
        return;
    }
    answer_map(ask, (struct gp_span){text, len});
    free(text);
}
