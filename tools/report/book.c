#include "report/book.h"

#include "base/limits.h"
#include "show/show.h"

#include <stdio.h>
#include <xlsxwriter.h>

struct book {
    const struct gp_book *of;
    lxw_workbook *workbook;
    lxw_format *title, *number, *hundredths, *percent;
    lxw_worksheet *sheet; /* the one that is written */
    lxw_row_t row;
    lxw_col_t column;
    lxw_error error; /* the first one */
};

static struct gp_span say(const struct book *book, enum gp_saying word)
{
    return gp_span_of(gp_report_say(book->of->report->language, word));
}

/* ---------------------------------------------------------------- cells */

static void took(struct book *book, lxw_error error)
{
    if (book->error == LXW_NO_ERROR)
        book->error = error;
    book->column++;
}

/* The longest text there is fits. Of what a file says beside that no character is halved: a
 * workbook with half a one cannot be opened. */
static size_t fitting(struct gp_span text, size_t most)
{
    if (text.len <= most)
        return text.len;
    while (most > 0 && ((unsigned char)text.ptr[most] & 0xc0) == 0x80)
        most--;
    return most;
}

static void put_text(struct book *book, struct gp_span text, lxw_format *format)
{
    char copy[GP_TEXT_BYTES_MAX + 1];

    (void)snprintf(copy, sizeof copy, "%.*s", (int)fitting(text, GP_TEXT_BYTES_MAX),
                   gp_span_text(text));
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
static void begin_sheet(struct book *book, enum gp_saying name, const enum gp_saying *titles,
                        unsigned count)
{
    book->sheet = workbook_add_worksheet(book->workbook, say(book, name).ptr);
    book->row = 0;
    book->column = 0;
    if (book->sheet == NULL) {
        took(book, LXW_ERROR_MEMORY_MALLOC_FAILED);
        return;
    }
    worksheet_freeze_panes(book->sheet, 1, 0);
    (void)worksheet_set_column(book->sheet, 0, 40, 14, NULL); /* only how wide it looks */
    if (count == 0)
        return;
    for (unsigned i = 0; i < count; i++)
        put_text(book, say(book, titles[i]), book->title);
    next_row(book);
}

/* ---------------------------------------------------------------- sheets of the report */

static void part_sheet(struct book *book, enum gp_saying name, enum gp_report_part part)
{
    const struct gp_report *report = book->of->report;
    unsigned columns = gp_report_columns(report);

    begin_sheet(book, name, NULL, 0);
    for (uint32_t row = 0; book->error == LXW_NO_ERROR && row <= report->count; row++) {
        for (unsigned i = 0; i < columns; i++) {
            if (gp_report_part(i) != GP_PART_UNIT && gp_report_part(i) != part)
                continue;
            struct gp_report_cell cell = {0};
            if (row > 0)
                cell = gp_report_cell(report, row - 1, i);
            if (row == 0)
                put_text(book, gp_span_of(gp_report_title(report, i)), book->title);
            else
                put_cell(book, &cell);
        }
        next_row(book);
    }
}

static void put_time(struct book *book, int64_t ms)
{
    char text[GP_SHOW_TIME_BYTES];

    gp_show_time_text(ms, text);
    put_text(book, gp_span_of(text), NULL);
}

static void put_area(struct book *book, struct gp_area_ref area)
{
    char text[16];

    gp_area_format(area, text);
    put_text(book, gp_span_of(text), NULL);
}

/* ---------------------------------------------------------------- sheets of incidents */

static void overdue_row(struct book *book, const struct gp_overdue_row *row)
{
    put_text(book, row->unit, NULL);
    put_number(book, (double)row->incident, book->number);
    if (row->state != 0) {
        put_area(book, row->area);
        put_text(book, row->category, NULL);
        put_text(book, row->condition, NULL);
        put_time(book, row->due_ms);
        put_text(book, row->post, NULL);
        put_text(book, gp_span_of(gp_report_state(book->of->report->language, row->state)), NULL);
    }
    next_row(book);
}

static void overdue_sheet(struct book *book)
{
    static const enum gp_saying titles[] = {GP_SAY_UNIT,     GP_SAY_NUMBER,    GP_SAY_GRID,
                                            GP_SAY_CATEGORY, GP_SAY_CONDITION, GP_SAY_DUE,
                                            GP_SAY_WHO,      GP_SAY_STATE};
    const struct gp_overdues *overdues = book->of->overdues;

    begin_sheet(book, GP_SAY_OVERDUE, titles, sizeof titles / sizeof titles[0]);
    for (uint32_t i = 0; book->error == LXW_NO_ERROR && i < overdues->count; i++)
        overdue_row(book, &overdues->row[i]);
    if (book->error == LXW_NO_ERROR && overdues->more)
        put_text(book, say(book, GP_SAY_MORE), NULL);
}

static void strike_row(struct book *book, const struct gp_strike_row *row)
{
    enum gp_report_language language = book->of->report->language;

    put_time(book, row->at_ms);
    put_text(book, row->person, NULL);
    put_number(book, row->number, book->number);
    put_text(book, gp_span_of(gp_strike_measure(language, row->number)), NULL);
    put_text(book, gp_span_of(gp_strike_state_word(language, row->state)), NULL);
    put_number(book, (double)row->incident, book->number);
    put_area(book, row->area);
    put_text(book, row->owner, NULL);
    put_text(book, row->text, NULL);
    next_row(book);
}

static void strikes_sheet(struct book *book)
{
    static const enum gp_saying titles[] = {GP_SAY_GIVEN,   GP_SAY_PERSON, GP_SAY_NTH,
                                            GP_SAY_MEASURE, GP_SAY_STATE,  GP_SAY_INCIDENT,
                                            GP_SAY_GRID,    GP_SAY_OWNER,  GP_SAY_NOTICE};
    const struct gp_assess_ask *ask = &book->of->report->ask;
    const struct gp_strikes *strikes = book->of->strikes;

    begin_sheet(book, GP_SAY_STRIKES, titles, sizeof titles / sizeof titles[0]);
    for (uint32_t i = 0; book->error == LXW_NO_ERROR && i < strikes->count; i++) {
        if (strikes->row[i].at_ms >= ask->from_ms && strikes->row[i].at_ms < ask->to_ms)
            strike_row(book, &strikes->row[i]);
    }
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

static void write_sheets(struct book *book)
{
    part_sheet(book, GP_SAY_SUMMARY, GP_PART_SCORE);
    if (book->error == LXW_NO_ERROR)
        part_sheet(book, GP_SAY_FIGURES, GP_PART_FIGURES);
    if (book->error == LXW_NO_ERROR)
        part_sheet(book, GP_SAY_RATES, GP_PART_RATES);
    if (book->error == LXW_NO_ERROR)
        overdue_sheet(book);
    if (book->error == LXW_NO_ERROR && book->of->strikes != NULL)
        strikes_sheet(book);
}

int gp_book_write(const struct gp_book *of, const char *path, const char **ret_problem)
{
    struct book book = {.of = of, .workbook = workbook_new(path)};

    if (book.workbook == NULL)
        return GP_ENOMEM;
    if (make_formats(&book))
        write_sheets(&book);
    else
        book.error = LXW_ERROR_MEMORY_MALLOC_FAILED;
    lxw_error closed = workbook_close(book.workbook); /* frees it, whatever it returns */
    lxw_error error = book.error != LXW_NO_ERROR ? book.error : closed;
    if (error == LXW_NO_ERROR)
        return 0;
    *ret_problem = lxw_strerror(error);
    return error == LXW_ERROR_MEMORY_MALLOC_FAILED ? GP_ENOMEM : GP_EIO;
}
