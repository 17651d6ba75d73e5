/* Assessments: what is asked, read out of the query. */
#include "web/api.h"

#include "show/show.h"
#include "web/counting.h"

static bool lacks(struct gp_ask *ask, const char *name)
{
    gp_ask_refuse(ask, 400, "malformed", name);
    return false;
}

static bool read_units(struct gp_ask *ask, struct gp_assess_ask *what)
{
    struct gp_span by, level;

    if (!gp_ask_word(ask, "by", &by) || !gp_ask_word(ask, "level", &level) ||
        !gp_ask_word(ask, "unit", &what->unit) || !gp_ask_area(ask, "area", &what->area))
        return false;
    what->by = (uint8_t)gp_assess_by_parse(by);
    if (what->by == GP_BY_NONE)
        return lacks(ask, "by");
    what->level = level.len > 0 ? (uint8_t)gp_level_parse(level) : GP_LEVEL_COMMUNITY;
    return what->level != GP_LEVEL_NONE || lacks(ask, "level");
}

static bool read_question(struct gp_ask *ask, struct gp_assess_ask *what)
{
    *what = (struct gp_assess_ask){0};
    if (!gp_ask_when(ask, "from", &what->from_ms) || !gp_ask_when(ask, "to", &what->to_ms) ||
        !read_units(ask, what))
        return false;
    if (what->from_ms == 0)
        return lacks(ask, "from");
    return what->to_ms > what->from_ms || lacks(ask, "to");
}

/* What the answer says of the question. */
static json_t *frame_of(const struct gp_assess_ask *what)
{
    const char *level = what->by == GP_BY_AREA ? gp_level_name(what->level) : NULL;

    return json_pack("{s:s, s:s?, s:o}", "by", gp_assess_by_name(what->by), "level", level, "unit",
                     gp_show_text(what->unit));
}

void gp_api_assess(struct gp_exchange *exchange, void *context)
{
    struct gp_ask *ask = gp_ask_begin(exchange, context);
    struct gp_assess_ask what;

    if (ask == NULL || !read_question(ask, &what))
        return;
    struct gp_counting *counting = gp_counting_new(ask, GP_COUNT_ROWS);
    if (counting == NULL)
        return;
    (void)gp_counting_add(counting, &what);
    counting->frame = frame_of(&what);
    json_object_set_new(counting->frame, "from", gp_ask_time(what.from_ms));
    json_object_set_new(counting->frame, "to", gp_ask_time(what.to_ms));
    gp_counting_go(counting);
}

/* ---------------------------------------------------------------- over time */

static bool read_periods(struct gp_ask *ask, const struct gp_assess_ask *what,
                         struct gp_period ret_periods[GP_PERIODS_MAX], unsigned *ret_count)
{
    const char *word = gp_http_query(ask->exchange, "each");
    enum gp_each each = word != NULL ? gp_each_parse(word) : GP_EACH_NONE;

    if (each == GP_EACH_NONE)
        return lacks(ask, "each");
    *ret_count = gp_periods_cut(what->from_ms, what->to_ms, each, ret_periods);
    return *ret_count > 0 || lacks(ask, "from: that would be more than 53 periods");
}

void gp_api_series(struct gp_exchange *exchange, void *context)
{
    struct gp_ask *ask = gp_ask_begin(exchange, context);
    struct gp_period period[GP_PERIODS_MAX];
    struct gp_assess_ask what;
    unsigned count;

    if (ask == NULL || !read_question(ask, &what) || !read_periods(ask, &what, period, &count))
        return;
    struct gp_counting *counting = gp_counting_new(ask, GP_COUNT_SERIES);
    if (counting == NULL)
        return;
    for (unsigned i = 0; i < count; i++) {
        what.from_ms = period[i].from_ms;
        what.to_ms = period[i].to_ms;
        (void)gp_counting_add(counting, &what);
    }
    counting->frame = frame_of(&what);
    json_object_set_new(counting->frame, "each", json_string(gp_http_query(exchange, "each")));
    gp_counting_go(counting);
}

/* ---------------------------------------------------------------- the workbook */

static bool read_language(struct gp_ask *ask, enum gp_report_language *ret_language)
{
    struct gp_span word;

    if (!gp_ask_word(ask, "lang", &word))
        return false;
    *ret_language = gp_span_is(word, "en") ? GP_REPORT_EN : GP_REPORT_ZH;
    return word.len == 0 || gp_span_is(word, "en") || gp_span_is(word, "zh") || lacks(ask, "lang");
}

void gp_api_book(struct gp_exchange *exchange, void *context)
{
    struct gp_ask *ask = gp_ask_begin(exchange, context);
    enum gp_report_language language;
    struct gp_assess_ask what;
    char from[GP_SHOW_TIME_BYTES];

    if (ask == NULL || !read_question(ask, &what) || !read_language(ask, &language))
        return;
    struct gp_counting *counting = gp_counting_new(ask, GP_COUNT_BOOK);
    if (counting == NULL)
        return;
    gp_counting_add(counting, &what)->language = language;
    counting->frame = frame_of(&what);
    gp_show_time_text(what.from_ms, from);
    (void)snprintf(counting->title, sizeof counting->title, "assess-%s-%.10s.xlsx",
                   gp_assess_by_name(what.by), from);
    gp_counting_go(counting);
}
