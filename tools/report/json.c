/* A report's rows as JSON. */
#include "report/report.h"

#include "show/show.h"

#include <stdio.h>

/* Whole numbers only: hundredths and basis points, as the column's kind says. */
static json_t *cell_json(const struct gp_report_cell *cell)
{
    if (cell->kind == GP_KIND_TEXT)
        return gp_show_text(cell->text);
    return cell->kind == GP_KIND_NONE ? json_null() : json_integer((json_int_t)cell->value);
}

static const char *suffix_of(enum gp_report_kind kind)
{
    if (kind == GP_KIND_HUNDREDTHS)
        return "_hundredths";
    return kind == GP_KIND_PERCENT ? "_bp" : "";
}

/* The key says the unit also where the value does not apply. */
static void set(json_t *object, const struct gp_report *report, uint32_t row, unsigned column)
{
    struct gp_report_cell cell = gp_report_cell(report, row, column);
    char key[64];

    (void)snprintf(key, sizeof key, "%s%s", gp_report_word(column),
                   suffix_of(gp_report_kind(column)));
    json_object_set_new(object, key, cell_json(&cell));
}

void gp_report_set_json(const struct gp_report *report, uint32_t row, json_t *object)
{
    unsigned columns = gp_report_columns(report);

    for (unsigned i = 0; i < columns; i++)
        set(object, report, row, i);
}
