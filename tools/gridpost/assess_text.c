/* A report as a table, CSV and JSON. */
#include "gridpost/assess.h"

#include <string.h>

/* ---------------------------------------------------------------- table */

/* What a terminal has room for: figures and rates that are looked at first. */
static bool in_table(unsigned column)
{
    static const char *const words[] = {"unit",
                                        "name",
                                        "reported",
                                        "filed",
                                        "overdue",
                                        "rework",
                                        "returned",
                                        "handled",
                                        "strikes",
                                        "coverage",
                                        "accept_rate",
                                        "finish_rate",
                                        "mean_work_hours",
                                        "score",
                                        "grade",
                                        "rank",
                                        "card",
                                        "veto"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(words[i], gp_report_word(column)) == 0)
            return true;
    }
    return false;
}

static int width_of(const struct gp_report *report, unsigned column)
{
    int width = gp_cli_width(gp_span_of(gp_report_title(report, column)));

    for (uint32_t row = 0; row < report->count; row++) {
        char text[GP_REPORT_TEXT_BYTES];
        struct gp_report_cell cell = gp_report_cell(report, row, column);
        gp_report_cell_text(&cell, text);
        int wide = gp_cli_width(gp_span_of(text));
        width = wide > width ? wide : width;
    }
    return width;
}

/* Numbers to the right, so that they can be compared. */
static void print_cell(const struct gp_report_cell *cell, int width)
{
    char text[GP_REPORT_TEXT_BYTES];

    gp_report_cell_text(cell, text);
    if (cell->kind != GP_KIND_TEXT)
        printf("%*s", width - gp_cli_width(gp_span_of(text)), "");
    gp_cli_cell(gp_span_of(text),
                cell->kind != GP_KIND_TEXT ? gp_cli_width(gp_span_of(text)) : width);
    putchar(' ');
}

static void print_line(const struct gp_report *report, const int *widths, uint32_t row, bool title)
{
    unsigned columns = gp_report_columns(report);

    for (unsigned i = 0; i < columns; i++) {
        if (widths[i] == 0)
            continue;
        struct gp_report_cell cell = {.kind = GP_KIND_TEXT,
                                      .text = gp_span_of(gp_report_title(report, i))};
        if (!title)
            cell = gp_report_cell(report, row, i);
        print_cell(&cell, widths[i]);
    }
    putchar('\n');
}

void gp_report_table(const struct gp_report *report)
{
    int widths[64] = {0};
    unsigned columns = gp_report_columns(report);

    for (unsigned i = 0; i < columns && i < 64; i++)
        widths[i] = in_table(i) ? width_of(report, i) : 0;
    print_line(report, widths, 0, true);
    for (uint32_t row = 0; row < report->count; row++)
        print_line(report, widths, row, false);
}

/* ---------------------------------------------------------------- CSV */

/* RFC 4180; a text that a spreadsheet would take for a formula gets an apostrophe before it. */
static void put_field(const char *text, bool is_text)
{
    bool formula = is_text && text[0] != '\0' && strchr("=+@\t", text[0]) != NULL;

    if (!formula && strpbrk(text, ",\"\r\n") == NULL) {
        fputs(text, stdout);
        return;
    }
    fputs(formula ? "\"'" : "\"", stdout);
    for (; *text != '\0'; text++) {
        if (*text == '"')
            putchar('"');
        putchar(*text);
    }
    putchar('"');
}

void gp_report_csv(const struct gp_report *report)
{
    unsigned columns = gp_report_columns(report);

    fputs("\xEF\xBB\xBF", stdout);
    for (unsigned i = 0; i < columns; i++) {
        fputs(i > 0 ? "," : "", stdout);
        put_field(gp_report_title(report, i), true);
    }
    fputs("\r\n", stdout);
    for (uint32_t row = 0; row < report->count; row++) {
        for (unsigned i = 0; i < columns; i++) {
            char text[GP_REPORT_TEXT_BYTES];
            struct gp_report_cell cell = gp_report_cell(report, row, i);
            gp_report_cell_text(&cell, text);
            fputs(i > 0 ? "," : "", stdout);
            put_field(text, cell.kind == GP_KIND_TEXT);
        }
        fputs("\r\n", stdout);
    }
}

/* ---------------------------------------------------------------- JSON */

void gp_report_json(const struct gp_report *report)
{
    for (uint32_t row = 0; row < report->count; row++) {
        json_t *object = json_object();
        gp_report_set_json(report, row, object);
        gp_cli_print_json(object);
    }
}
