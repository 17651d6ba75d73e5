/*
 * A line of a scenario that asks instead of acting: what an assessment of the rehearsed journal
 * says at that moment. Its keys are the options of `gridpost assess`; `by` is the kind of unit
 * here.
 */
#include "gridpost/assess.h"
#include "gridpost/rehearse.h"

/* Memory for the rows of one page. */
#define GP_PAGE_BYTES ((size_t)4 * 1024 * 1024)

struct question {
    struct gp_stage_play *play;
    const struct gp_scenario_act *act;
    struct gp_report report;
    struct gp_span unit; /* only this one; "": each that anything was counted for */
};

/* ---------------------------------------------------------------- keys */

static bool read_key(struct question *question, const struct gp_scenario_pair *pair)
{
    struct gp_assess_ask *ask = &question->report.ask;
    int64_t zone_ms = question->play->zone_ms;

    if (gp_span_is(pair->key, "by"))
        return (ask->by = (uint8_t)gp_assess_by_parse(pair->value)) != GP_BY_NONE;
    if (gp_span_is(pair->key, "level"))
        return (ask->level = (uint8_t)gp_level_parse(pair->value)) != GP_LEVEL_NONE;
    if (gp_span_is(pair->key, "from"))
        return gp_offline_time(pair->value, zone_ms, &ask->from_ms);
    if (gp_span_is(pair->key, "to"))
        return gp_offline_time(pair->value, zone_ms, &ask->to_ms);
    if (gp_span_is(pair->key, "area"))
        return gp_area_parse(pair->value, &ask->area) == 0;
    question->unit = pair->value;
    return gp_span_is(pair->key, "unit");
}

static int read_keys(struct question *question)
{
    const struct gp_scenario_act *act = question->act;
    const struct gp_assess_ask *ask = &question->report.ask;

    for (unsigned i = 0; i < act->pair_count; i++) {
        if (!read_key(question, &act->pair[i]))
            return gp_rehearse_complain(question->play, act,
                                        _("assess does not know %.*s=%.*s: by from to level area "
                                          "unit"),
                                        GP_SPAN_ARG(act->pair[i].key),
                                        GP_SPAN_ARG(act->pair[i].value));
    }
    if (ask->by == GP_BY_NONE || ask->from_ms == 0 || ask->from_ms >= ask->to_ms)
        return gp_rehearse_complain(question->play, act, "%s",
                                    _("assess needs by=area|post|person|department|line, from= and "
                                      "a later to="));
    return GP_EXIT_DONE;
}

/* ---------------------------------------------------------------- rows */

/* One page. The view says who held a post and who stood in, as commands of the scenario left it. */
static int count_page(struct question *question, const struct gp_org *org,
                      struct gp_assess_ask *ask)
{
    struct gp_store *store = gp_rehearsal_store(question->play->rehearsal);
    struct gp_assessment page = {0};
    struct gp_arena arena;
    int code = GP_EXIT_DONE;

    gp_arena_init(&arena, GP_PAGE_BYTES);
    int rc = gp_engine_assess(store, org, ask, NULL, &arena, &page);
    if (rc == 0)
        code = gp_report_take(&question->report, &page);
    else
        code = gp_rehearse_complain(question->play, question->act, "%s", gp_error_text(rc));
    gp_arena_release(&arena);
    ask->after = page.next;
    ask->upto = page.head;
    return code;
}

static int count_rows(struct question *question)
{
    const struct gp_stage_play *play = question->play;
    struct gp_assess_ask ask = question->report.ask;
    struct gp_view *view = NULL;
    int code = GP_EXIT_DONE;
    int rc =
        gp_view_open(gp_rehearsal_store(play->rehearsal), gp_directory_org(play->directory), &view);

    if (rc != 0)
        return gp_rehearse_complain(play, question->act, "%s", gp_error_text(rc));
    do {
        code = count_page(question, gp_view_org(view), &ask);
    } while (code == GP_EXIT_DONE && ask.after != 0);
    gp_view_unref(view);
    return code;
}

/* A city has many units, and a day of one office concerns few. */
static bool is_asked_for(const struct question *question, const struct gp_assess_row *row)
{
    if (question->unit.len > 0)
        return gp_span_equal(question->unit, row->unit);
    for (int figure = GP_FIGURE_REPORTED; figure < GP_FIGURE_END; figure++) {
        if (row->figures.count[figure] != 0)
            return true;
    }
    return false;
}

static void print_rows(const struct question *question)
{
    const struct gp_report *report = &question->report;

    for (uint32_t row = 0; row < report->count; row++) {
        if (!is_asked_for(question, &report->row[row]))
            continue;
        json_t *object = json_object();
        json_object_set_new(object, "at",
                            gp_show_time(question->act->at_ms, question->play->zone_ms));
        json_object_set_new(object, "what", json_string("assess"));
        json_object_set_new(object, "by", json_string(gp_assess_by_name(report->ask.by)));
        gp_report_set_json(report, row, object);
        gp_cli_print_json(object);
    }
}

int gp_rehearse_assess(struct gp_stage_play *play, const struct gp_scenario_act *act)
{
    struct question question = {.play = play, .act = act};
    struct gp_weighing weighing;

    gp_report_init(&question.report, GP_CLI_REPORT_BYTES_MAX);
    question.report.language = gp_cli_report_language();
    gp_weighing_defaults(&weighing);
    int code = read_keys(&question);
    int rc = code == GP_EXIT_DONE ? gp_rehearsal_advance(play->rehearsal, act->at_ms) : 0;

    if (rc != 0)
        code = gp_rehearse_complain(play, act, "%s", gp_error_text(rc));
    else if (code == GP_EXIT_DONE && gp_rehearsal_store(play->rehearsal) == NULL)
        code = gp_rehearse_complain(play, act, "%s",
                                    _("the daemon is down here: `start` comes first"));
    if (code == GP_EXIT_DONE)
        code = count_rows(&question);
    if (code == GP_EXIT_DONE)
        code = gp_report_finish(&question.report, &weighing);
    if (code == GP_EXIT_DONE)
        print_rows(&question);
    gp_report_release(&question.report);
    gp_weighing_release(&weighing);
    return code;
}
