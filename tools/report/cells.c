/* The columns of a report, one list for table, CSV, JSON and workbook. */
#include "report/report.h"

#include <inttypes.h>
#include <stdio.h>

/* Gives a cell's value, or none(); its column says of which kind it is. */
typedef struct gp_report_cell (*cell_fn)(const struct gp_report *report, uint32_t row, int index);

static struct gp_report_cell none(void)
{
    return (struct gp_report_cell){.kind = GP_KIND_NONE};
}

static struct gp_report_cell text(struct gp_span value)
{
    return (struct gp_report_cell){.text = value};
}

static struct gp_report_cell number(int64_t value)
{
    return (struct gp_report_cell){.value = value};
}

static struct gp_report_cell rated(int32_t value)
{
    return value == GP_NOT_APPLICABLE ? none() : number(value);
}

/* ---------------------------------------------------------------- one column each */

static struct gp_report_cell unit_cell(const struct gp_report *report, uint32_t row, int index)
{
    (void)index;
    return text(report->row[row].unit);
}

static struct gp_report_cell name_cell(const struct gp_report *report, uint32_t row, int index)
{
    (void)index;
    if (gp_span_is(report->row[row].unit, "-"))
        return text(gp_span_of(gp_report_say(report->language, GP_SAY_NO_UNIT)));
    return text(report->row[row].name);
}

static struct gp_report_cell figure_cell(const struct gp_report *report, uint32_t row, int index)
{
    return number((int64_t)report->row[row].figures.count[index]);
}

/* Mean hours of handling, in hundredths, rounded down. */
static struct gp_report_cell hours(uint64_t sum_ms, uint64_t count)
{
    if (count == 0)
        return none();
    return number((int64_t)(sum_ms / count / (GP_MS_HOUR / 100)));
}

static struct gp_report_cell work_cell(const struct gp_report *report, uint32_t row, int index)
{
    const struct gp_figures *figures = &report->row[row].figures;

    (void)index;
    return hours(figures->work_ms, figures->count[GP_FIGURE_HANDLED]);
}

static struct gp_report_cell clock_cell(const struct gp_report *report, uint32_t row, int index)
{
    const struct gp_figures *figures = &report->row[row].figures;

    (void)index;
    return hours(figures->clock_ms, figures->count[GP_FIGURE_HANDLED]);
}

static struct gp_report_cell coverage_cell(const struct gp_report *report, uint32_t row, int index)
{
    (void)index;
    return rated(report->rates[row].coverage);
}

static struct gp_report_cell rate_cell(const struct gp_report *report, uint32_t row, int index)
{
    return rated(report->rates[row].rate[index]);
}

static struct gp_report_cell basic_cell(const struct gp_report *report, uint32_t row, int index)
{
    (void)index;
    return rated(report->score[row].basic);
}

static struct gp_report_cell highlights_cell(const struct gp_report *report, uint32_t row,
                                             int index)
{
    (void)index;
    return number(report->entered[row].highlights);
}

static struct gp_report_cell review_cell(const struct gp_report *report, uint32_t row, int index)
{
    (void)index;
    return number(report->entered[row].review);
}

static struct gp_report_cell bonus_cell(const struct gp_report *report, uint32_t row, int index)
{
    (void)index;
    return number(report->entered[row].bonus);
}

static struct gp_report_cell score_cell(const struct gp_report *report, uint32_t row, int index)
{
    (void)index;
    return rated(report->score[row].total);
}

static struct gp_report_cell grade_cell(const struct gp_report *report, uint32_t row, int index)
{
    (void)index;
    return text((struct gp_span){&report->score[row].grade, 1});
}

static struct gp_report_cell rank_cell(const struct gp_report *report, uint32_t row, int index)
{
    (void)index;
    return report->score[row].rank == 0 ? none() : number(report->score[row].rank);
}

static struct gp_report_cell card_cell(const struct gp_report *report, uint32_t row, int index)
{
    const struct gp_score *score = &report->score[row];

    (void)index;
    if (score->flagged)
        return text(gp_span_of(gp_report_say(report->language, GP_SAY_FLAGGED)));
    return text(gp_span_of(score->yellow ? gp_report_say(report->language, GP_SAY_CARD) : ""));
}

static struct gp_report_cell veto_cell(const struct gp_report *report, uint32_t row, int index)
{
    (void)index;
    return text(report->veto[row]);
}

/* ---------------------------------------------------------------- the list */

static const struct column {
    uint8_t part, kind; /* enum gp_report_part; enum gp_report_kind */
    const char *word, *zh;
    cell_fn cell;
    int index;
} columns[] = {
    {GP_PART_UNIT, GP_KIND_TEXT, "unit", "单位", unit_cell, 0},
    {GP_PART_UNIT, GP_KIND_TEXT, "name", "名称", name_cell, 0},
#define X(name, number, text, zh) {GP_PART_FIGURES, GP_KIND_NUMBER, text, zh, figure_cell, number},
    GP_FIGURES(X)
#undef X
        {GP_PART_FIGURES, GP_KIND_HUNDREDTHS, "mean_work_hours", "平均处置工时", work_cell, 0},
    {GP_PART_FIGURES, GP_KIND_HUNDREDTHS, "mean_clock_hours", "平均处置时长", clock_cell, 0},
    {GP_PART_FIGURES, GP_KIND_HUNDREDTHS, "coverage", "周网格巡查", coverage_cell, 0},
#define X(name, text, zh) {GP_PART_RATES, GP_KIND_PERCENT, text "_rate", zh, rate_cell, name},
    GP_RATES(X)
#undef X
        {GP_PART_SCORE, GP_KIND_HUNDREDTHS, "basic", "基础分", basic_cell, 0},
    {GP_PART_SCORE, GP_KIND_HUNDREDTHS, "highlights", "亮点分", highlights_cell, 0},
    {GP_PART_SCORE, GP_KIND_HUNDREDTHS, "review", "评议分", review_cell, 0},
    {GP_PART_SCORE, GP_KIND_HUNDREDTHS, "bonus", "加分", bonus_cell, 0},
    {GP_PART_SCORE, GP_KIND_HUNDREDTHS, "score", "总分", score_cell, 0},
    {GP_PART_SCORE, GP_KIND_TEXT, "grade", "等次", grade_cell, 0},
    {GP_PART_SCORE, GP_KIND_NUMBER, "rank", "名次", rank_cell, 0},
    {GP_PART_SCORE, GP_KIND_TEXT, "card", "黄牌", card_cell, 0},
    {GP_PART_SCORE, GP_KIND_TEXT, "veto", "一票否决", veto_cell, 0},
};

#define COLUMNS (sizeof columns / sizeof columns[0])

unsigned gp_report_columns(const struct gp_report *report)
{
    unsigned count = 0;

    while (count < COLUMNS && (report->scored || columns[count].part != GP_PART_SCORE))
        count++;
    return count;
}

const char *gp_report_title(const struct gp_report *report, unsigned column)
{
    return report->language == GP_REPORT_ZH ? columns[column].zh : columns[column].word;
}

const char *gp_report_word(unsigned column)
{
    return columns[column].word;
}

enum gp_report_part gp_report_part(unsigned column)
{
    return (enum gp_report_part)columns[column].part;
}

enum gp_report_kind gp_report_kind(unsigned column)
{
    return (enum gp_report_kind)columns[column].kind;
}

struct gp_report_cell gp_report_cell(const struct gp_report *report, uint32_t row, unsigned column)
{
    struct gp_report_cell cell = columns[column].cell(report, row, columns[column].index);

    if (cell.kind != GP_KIND_NONE)
        cell.kind = columns[column].kind;
    return cell;
}

void gp_report_cell_text(const struct gp_report_cell *cell, char ret_text[GP_REPORT_TEXT_BYTES])
{
    switch ((enum gp_report_kind)cell->kind) {
    case GP_KIND_TEXT:
        (void)snprintf(ret_text, GP_REPORT_TEXT_BYTES, "%.*s", GP_SPAN_ARG(cell->text));
        break;
    case GP_KIND_NUMBER:
        (void)snprintf(ret_text, GP_REPORT_TEXT_BYTES, "%" PRId64, cell->value);
        break;
    case GP_KIND_HUNDREDTHS:
    case GP_KIND_PERCENT:
        (void)snprintf(ret_text, GP_REPORT_TEXT_BYTES, "%" PRId64 ".%02" PRId64 "%s",
                       cell->value / 100, cell->value % 100,
                       cell->kind == GP_KIND_PERCENT ? "%" : "");
        break;
    case GP_KIND_NONE:
        (void)snprintf(ret_text, GP_REPORT_TEXT_BYTES, "n/a");
        break;
    }
}
