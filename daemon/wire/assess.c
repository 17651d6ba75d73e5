/* Assessments on the wire, and the kinds of entry that a feed asks for. */
#include "wire/internal.h"

/* ---------------------------------------------------------------- reading */

void gp_in_assess_get(struct gp_in *in, const Gp__AssessGet *from, struct gp_assess_ask *ret_ask)
{
    struct gp_assess_ask *to = ret_ask;

    to->from_ms = gp_in_time(in, from->from_ms, "assess.from_ms");
    to->to_ms = gp_in_time(in, from->to_ms, "assess.to_ms");
    to->by = (uint8_t)gp_in_number(in, (uint32_t)from->by, GP_BY_LINE, "assess.by");
    if (to->by == GP_BY_NONE)
        gp_in_fail(in, GP_EFORMAT, "assess.by");
    to->level = (uint8_t)gp_in_number(in, from->level, GP_LEVEL_GRID, "assess.level");
    to->area = gp_in_area(in, from->area, GP_LEVEL_NONE, "assess.area");
    to->unit = gp_in_id(in, from->explain_unit, "assess.explain_unit");
    to->figure = (uint8_t)gp_in_number(in, (uint32_t)from->explain_figure, GP_FIGURE_END - 1,
                                       "assess.explain_figure");
    to->after = from->after;
    to->limit = gp_in_number(in, from->limit, GP_ASSESS_CASES_MAX, "assess.limit");
    to->upto = from->upto;
}

static void in_assess_row(struct gp_in *in, const Gp__AssessRow *from, struct gp_assess_row *to)
{
    to->unit = gp_in_id(in, from->unit, "assess_row.unit");
    to->name = gp_in_text(in, from->name, GP_REASON_BYTES_MAX, "assess_row.name");
    if (from->n_figure > GP_FIGURE_END - 1)
        gp_in_fail(in, GP_ELIMIT, "assess_row.figure");
    for (size_t i = 0; i < from->n_figure && i + 1 < GP_FIGURE_END; i++)
        to->figures.count[i + 1] = from->figure[i];
    to->figures.work_ms = from->work_ms;
    to->figures.clock_ms = from->clock_ms;
    to->figures.grids = from->grids;
}

void gp_in_assessment(struct gp_in *in, const Gp__Assessment *from, struct gp_assessment *ret_to)
{
    struct gp_assessment *to = ret_to;

    to->row = gp_in_array(in, from->n_row, sizeof *to->row, GP_ASSESS_ROWS_MAX, "assessment.row");
    to->row_count = to->row != NULL ? (uint32_t)from->n_row : 0;
    for (uint32_t i = 0; i < to->row_count; i++)
        in_assess_row(in, from->row[i], &to->row[i]);
    to->behind = gp_in_array(in, from->n_behind, sizeof *to->behind, GP_ASSESS_CASES_MAX,
                             "assessment.behind");
    to->behind_count = to->behind != NULL ? (uint32_t)from->n_behind : 0;
    for (uint32_t i = 0; i < to->behind_count; i++) {
        to->behind[i].incident = from->behind[i]->incident;
        to->behind[i].unit = gp_in_id(in, from->behind[i]->unit, "assess_case.unit");
    }
    to->next = from->next;
    to->head = from->head;
}

uint64_t gp_in_whats(struct gp_in *in, const Gp__FeedAsk *from)
{
    uint64_t whats = 0;

    if (from->n_what > GP_FEED_WHATS_MAX) {
        gp_in_fail(in, GP_ELIMIT, "feed.what");
        return 0;
    }
    for (size_t i = 0; i < from->n_what; i++) {
        uint32_t what = gp_in_number(in, (uint32_t)from->what[i], GP_WHAT_DEVICE, "feed.what");
        if (what == GP_WHAT_NONE)
            gp_in_fail(in, GP_EFORMAT, "feed.what");
        whats |= UINT64_C(1) << what;
    }
    return whats;
}

/* ---------------------------------------------------------------- writing */

Gp__AssessGet *gp_out_assess_get(struct gp_out *out, const struct gp_assess_ask *ask)
{
    Gp__AssessGet *to = gp_out_new(out, sizeof *to);

    gp__assess_get__init(to);
    GP_SET(to, from_ms, ask->from_ms);
    GP_SET(to, to_ms, ask->to_ms);
    GP_SET(to, by, (Gp__AssessBy)ask->by);
    GP_SET(to, level, ask->level);
    to->area = gp_out_area(out, ask->area);
    to->explain_unit = gp_out_text(out, ask->unit);
    GP_SET(to, explain_figure, (Gp__Figure)ask->figure);
    GP_SET(to, after, ask->after);
    GP_SET(to, limit, ask->limit);
    GP_SET(to, upto, ask->upto);
    return to;
}

static Gp__AssessRow *out_assess_row(struct gp_out *out, const struct gp_assess_row *from)
{
    Gp__AssessRow *to = gp_out_new(out, sizeof *to);

    gp__assess_row__init(to);
    to->unit = gp_out_text(out, from->unit);
    to->name = gp_out_text(out, from->name);
    to->n_figure = GP_FIGURE_END - 1;
    to->figure = (uint64_t *)(uintptr_t)&from->figures.count[1]; /* packing does not write to it */
    GP_SET(to, work_ms, from->figures.work_ms);
    GP_SET(to, clock_ms, from->figures.clock_ms);
    GP_SET(to, grids, from->figures.grids);
    return to;
}

static Gp__AssessCase *out_assess_case(struct gp_out *out, const struct gp_assess_case *from)
{
    Gp__AssessCase *to = gp_out_new(out, sizeof *to);

    gp__assess_case__init(to);
    GP_SET(to, incident, from->incident);
    to->unit = gp_out_text(out, from->unit);
    return to;
}

Gp__Assessment *gp_out_assessment(struct gp_out *out, const struct gp_assessment *assessment)
{
    Gp__Assessment *to = gp_out_new(out, sizeof *to);

    gp__assessment__init(to);
    to->row = gp_out_list(out, assessment->row_count);
    if (to->row != NULL) {
        to->n_row = assessment->row_count;
        for (uint32_t i = 0; i < assessment->row_count; i++)
            to->row[i] = out_assess_row(out, &assessment->row[i]);
    }
    to->behind = gp_out_list(out, assessment->behind_count);
    if (to->behind != NULL) {
        to->n_behind = assessment->behind_count;
        for (uint32_t i = 0; i < assessment->behind_count; i++)
            to->behind[i] = out_assess_case(out, &assessment->behind[i]);
    }
    GP_SET(to, next, assessment->next);
    GP_SET(to, head, assessment->head);
    return to;
}

/* A set that names more kinds than a feed may ask for does not pass the check that follows. */
void gp_out_whats(struct gp_out *out, uint64_t whats, Gp__FeedAsk *to)
{
    Gp__What *list;
    size_t count = 0;

    if (whats == 0)
        return;
    list = gp_out_new(out, (GP_WHAT_DEVICE + 1) * sizeof *list);
    for (int what = GP_WHAT_REPORTED; what <= GP_WHAT_DEVICE; what++) {
        if (whats >> what & 1)
            list[count++] = (Gp__What)what;
    }
    to->what = list;
    to->n_what = count;
}
