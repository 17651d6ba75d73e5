/* Summaries: open incidents by area and department, counted by colour. */
#include "wire/internal.h"

/* ---------------------------------------------------------------- reading */

void gp_in_summary_get(struct gp_in *in, const Gp__SummaryGet *from, struct gp_summary_ask *ret_ask)
{
    ret_ask->area = gp_in_area(in, from->area, GP_LEVEL_NONE, "summary.area");
    ret_ask->department = gp_in_id(in, from->department, "summary.department");
}

static void in_row(struct gp_in *in, const Gp__SummaryRow *from, struct gp_summary_row *to)
{
    to->unit = gp_in_id(in, from->unit, "summary_row.unit");
    to->name = gp_in_text(in, from->name, GP_REASON_BYTES_MAX, "summary_row.name");
    if (from->n_colour > GP_COLOUR_END - 1)
        gp_in_fail(in, GP_ELIMIT, "summary_row.colour");
    for (size_t i = 0; i < from->n_colour && i + 1 < GP_COLOUR_END; i++)
        to->counts.colour[i + 1] = from->colour[i];
    to->counts.soon = from->soon;
}

static struct gp_summary_row *in_rows(struct gp_in *in, Gp__SummaryRow *const *from, size_t count,
                                      size_t most, const char *field, uint32_t *ret_count)
{
    struct gp_summary_row *row = gp_in_array(in, count, sizeof *row, most, field);

    *ret_count = row != NULL ? (uint32_t)count : 0;
    for (uint32_t i = 0; i < *ret_count; i++)
        in_row(in, from[i], &row[i]);
    return row;
}

void gp_in_summary(struct gp_in *in, const Gp__Summary *from, struct gp_summary *ret_summary)
{
    struct gp_summary *to = ret_summary;

    to->area =
        in_rows(in, from->area, from->n_area, GP_SUMMARY_ROWS_MAX, "summary.area", &to->area_count);
    to->department = in_rows(in, from->department, from->n_department, GP_CENSUS_DEPARTMENTS_MAX,
                             "summary.department", &to->department_count);
    if (from->total != NULL)
        in_row(in, from->total, &to->total);
    to->head = from->head;
    to->at_ms = gp_in_time(in, from->at_ms, "summary.at_ms");
    to->partial = from->partial;
}

/* ---------------------------------------------------------------- writing */

Gp__SummaryGet *gp_out_summary_get(struct gp_out *out, const struct gp_summary_ask *ask)
{
    Gp__SummaryGet *to = gp_out_new(out, sizeof *to);

    gp__summary_get__init(to);
    to->area = gp_out_area(out, ask->area);
    to->department = gp_out_text(out, ask->department);
    return to;
}

static Gp__SummaryRow *out_row(struct gp_out *out, const struct gp_summary_row *from)
{
    Gp__SummaryRow *to = gp_out_new(out, sizeof *to);

    gp__summary_row__init(to);
    to->unit = gp_out_text(out, from->unit);
    to->name = gp_out_text(out, from->name);
    to->n_colour = GP_COLOUR_END - 1;
    to->colour = (uint64_t *)(uintptr_t)&from->counts.colour[1]; /* packing does not write to it */
    GP_SET(to, soon, from->counts.soon);
    return to;
}

static Gp__SummaryRow **out_rows(struct gp_out *out, const struct gp_summary_row *row,
                                 uint32_t count, size_t *ret_count)
{
    Gp__SummaryRow **list = gp_out_list(out, count);

    *ret_count = list != NULL ? count : 0;
    for (size_t i = 0; i < *ret_count; i++)
        list[i] = out_row(out, &row[i]);
    return list;
}

Gp__Summary *gp_out_summary(struct gp_out *out, const struct gp_summary *from)
{
    Gp__Summary *to = gp_out_new(out, sizeof *to);

    gp__summary__init(to);
    to->area = out_rows(out, from->area, from->area_count, &to->n_area);
    to->department = out_rows(out, from->department, from->department_count, &to->n_department);
    to->total = out_row(out, &from->total);
    GP_SET(to, head, from->head);
    GP_SET(to, at_ms, from->at_ms);
    GP_SET(to, partial, from->partial);
    return to;
}
