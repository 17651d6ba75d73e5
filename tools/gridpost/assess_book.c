/* The workbook that an office hands upward: summary, figures, rates, overdue incidents, strikes. */
#include "gridpost/assess.h"

#include "gridpost/strikes.h"

#include <xlsxwriter.h>

struct book {
    struct gp_cli *cli;
    const struct gp_report *report;
    lxw_workbook *workbook;
    lxw_format *title, *number, *hundredths, *percent;
    lxw_worksheet *sheet; /* the one that is written */
    lxw_row_t row;
    lxw_col_t column;
    lxw_error error; /* the first one */
};

/* ---------------------------------------------------------------- cells */

static void took(struct book *book, lxw_error error)
{
    if (book->error == LXW_NO_ERROR)
        book->error = error;
    book->column++;
}

static void put_text(struct book *book, struct gp_span text, lxw_format *format)
{
    char copy[GP_REPORT_TEXT_BYTES * 4];

    (void)snprintf(copy, sizeof copy, "%.*s", GP_SPAN_ARG(text));
    took(book, worksheet_write_string(book->sheet, book->row, book->column, copy, format));
}

static void put_number(struct book *book, double value, lxw_format *format)
{
    took(book, worksheet_write_number(book->sheet, book->row, book->column, value, format));
}

static void put_cell(struct book *book, const struct gp_report_cell *cell)
{
    switch ((enum gp_report_kind)cell->kind) {
    case GP_KIND_TEXT:
        put_text(book, cell->text, NULL);
        break;
    case GP_KIND_NUMBER:
        put_number(book, (double)cell->value, book->number);
        break;
    case GP_KIND_HUNDREDTHS:
        put_number(book, (double)cell->value / 100, book->hundredths);
        break;
    case GP_KIND_PERCENT:
        put_number(book, (double)cell->value / GP_POINTS, book->percent);
        break;
    case GP_KIND_NONE:
        put_text(book, GP_SPAN("n/a"), NULL);
        break;
    }
}

static void next_row(struct book *book)
{
    book->row++;
    book->column = 0;
}

/* A sheet with a header that stays in sight. */
static void begin_sheet(struct book *book, const char *name, const char *const *titles)
{
    book->sheet = workbook_add_worksheet(book->workbook, name);
    book->row = 0;
    book->column = 0;
    if (book->sheet == NULL) {
        took(book, LXW_ERROR_MEMORY_MALLOC_FAILED);
        return;
    }
    worksheet_freeze_panes(book->sheet, 1, 0);
    (void)worksheet_set_column(book->sheet, 0, 40, 14, NULL); /* only how wide it looks */
    for (; titles != NULL && *titles != NULL; titles++)
        put_text(book, gp_span_of(_(*titles)), book->title);
    if (titles != NULL)
        next_row(book);
}

/* ---------------------------------------------------------------- sheets of the report */

static void part_sheet(struct book *book, const char *name, enum gp_report_part part)
{
    const struct gp_report *report = book->report;
    unsigned columns = gp_report_columns(report);

    begin_sheet(book, name, NULL);
    for (uint32_t row = 0; book->error == LXW_NO_ERROR && row <= report->count; row++) {
        for (unsigned i = 0; i < columns; i++) {
            if (gp_report_part(i) != GP_PART_UNIT && gp_report_part(i) != part)
                continue;
            struct gp_report_cell cell = {0};
            if (row > 0)
                cell = gp_report_cell(report, row - 1, i);
            if (row == 0)
                put_text(book, gp_span_of(gp_report_title(i)), book->title);
            else
                put_cell(book, &cell);
        }
        next_row(book);
    }
}

static void put_time(struct book *book, int64_t ms)
{
    char text[GP_CLI_TIME_BYTES];

    gp_cli_time_text(ms, text);
    put_text(book, gp_span_of(text), NULL);
}

static void put_area(struct book *book, struct gp_area_ref area)
{
    char text[16];

    gp_area_format(area, text);
    put_text(book, gp_span_of(text), NULL);
}

static int overdue_row(void *context, const struct gp_assess_case *found)
{
    struct book *book = context;
    struct gp_request request = {.kind = GP_REQUEST_INCIDENT, .incident = found->incident};
    struct gp_reply reply;
    int code = gp_cli_call(book->cli, &request, 0, &reply);

    if (code != GP_EXIT_DONE)
        return code;
    put_text(book, found->unit, NULL);
    put_number(book, (double)found->incident, book->number);
    put_area(book, reply.incident->area);
    put_text(book, reply.incident->row.code, NULL);
    put_text(book, reply.incident->row.condition, NULL);
    put_time(book, reply.incident->overdue_ms);
    put_text(book, reply.incident->overdue_post, NULL);
    put_text(book, gp_span_of(_(gp_state_name(reply.incident->state))), NULL);
    next_row(book);
    return GP_EXIT_DONE;
}

static int overdue_sheet(struct book *book)
{
    static const char *const titles[] = {N_("unit"),
                                         N_("number"),
                                         N_("grid"),
                                         N_("category"),
                                         N_("condition"),
                                         N_("due"),
                                         N_("who let it pass"),
                                         N_("state"),
                                         NULL};

    begin_sheet(book, _("overdue"), titles);
    if (book->error != LXW_NO_ERROR)
        return GP_EXIT_FAILED;
    return gp_report_behind(book->cli, book->report, (struct gp_span){0}, GP_FIGURE_OVERDUE,
                            overdue_row, book);
}

static void strike_row(struct book *book, const struct gp_strike_row *row)
{
    put_time(book, row->at_ms);
    put_text(book, row->person, NULL);
    put_number(book, row->number, book->number);
    put_text(book, gp_span_of(_(gp_strike_measure(row->number))), NULL);
    put_text(book, gp_span_of(_(gp_strike_state_word(row->state))), NULL);
    put_number(book, (double)row->incident, book->number);
    put_area(book, row->area);
    put_text(book, row->owner, NULL);
    put_text(book, row->text, NULL);
    next_row(book);
}

static int strikes_sheet(struct book *book)
{
    static const char *const titles[] = {
        N_("given"),    N_("person"), N_("nth of the year"), N_("measure"), N_("state"),
        N_("incident"), N_("grid"),   N_("owner"),           N_("notice"),  NULL};
    const struct gp_assess_ask *ask = &book->report->ask;
    struct gp_strikes strikes = {.area = ask->area};

    begin_sheet(book, _("strikes"), titles);
    int code = gp_strikes_fetch(book->cli, &strikes);
    for (uint32_t i = 0; code == GP_EXIT_DONE && i < strikes.count; i++) {
        if (strikes.row[i].at_ms >= ask->from_ms && strikes.row[i].at_ms < ask->to_ms)
            strike_row(book, &strikes.row[i]);
    }
    gp_strikes_release(&strikes);
    return code;
}

/* ---------------------------------------------------------------- the workbook */

static bool make_formats(struct book *book)
{
    book->title = workbook_add_format(book->workbook);
    book->number = workbook_add_format(book->workbook);
    book->hundredths = workbook_add_format(book->workbook);
    book->percent = workbook_add_format(book->workbook);
    if (book->title == NULL || book->number == NULL || book->hundredths == NULL ||
        book->percent == NULL)
        return false;
    format_set_bold(book->title);
    format_set_num_format(book->number, "0");
    format_set_num_format(book->hundredths, "0.00");
    format_set_num_format(book->percent, "0.00%");
    return true;
}

static int write_sheets(struct book *book)
{
    if (!make_formats(book))
        return GP_EXIT_FAILED;
    part_sheet(book, _("summary"), GP_PART_SCORE);
    part_sheet(book, _("figures"), GP_PART_FIGURES);
    part_sheet(book, _("rates"), GP_PART_RATES);
    int code = overdue_sheet(book);
    return code == GP_EXIT_DONE ? strikes_sheet(book) : code;
}

/* The library says what it cannot open on stderr, in its own words and when all is counted. */
static bool can_be_written(const char *path)
{
    FILE *file = fopen(path, "ab");

    if (file == NULL) {
        fprintf(stderr, _("gridpost: %s: cannot be written\n"), path);
        return false;
    }
    (void)fclose(file); /* nothing was written */
    return true;
}

int gp_report_book(struct gp_cli *cli, const struct gp_report *report, const char *path)
{
    struct book book = {.cli = cli, .report = report};

    if (!can_be_written(path))
        return GP_EXIT_FAILED;
    book.workbook = workbook_new(path);
    if (book.workbook == NULL) {
        fprintf(stderr, "gridpost: %s\n", gp_error_text(GP_ENOMEM));
        return GP_EXIT_FAILED;
    }
    int code = write_sheets(&book);
    lxw_error closed = workbook_close(book.workbook); /* frees it, whatever it returns */
    if (code == GP_EXIT_DONE && (book.error != LXW_NO_ERROR || closed != LXW_NO_ERROR)) {
        fprintf(stderr, _("gridpost: %s: %s\n"), path,
                lxw_strerror(book.error != LXW_NO_ERROR ? book.error : closed));
        code = GP_EXIT_FAILED;
    }
    if (code != GP_EXIT_DONE)
        (void)remove(path); /* half a workbook is worse than none */
    return code;
}
