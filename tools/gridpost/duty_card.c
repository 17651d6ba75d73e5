/* The card on paper: names on the left, what holds on the right, then the ladder. */
#include "core/ladder.h"
#include "gridpost/duty.h"

enum { NAME_WIDTH = 20, STEP_WIDTH = 12, WHEN_WIDTH = 54 };

static void line(const char *name, struct gp_span value)
{
    if (value.len == 0)
        return;
    gp_cli_cell(gp_span_of(name), NAME_WIDTH);
    gp_cli_flat(value);
    putchar('\n');
}

static void line_text(const char *name, const char *value)
{
    line(name, gp_span_of(value));
}

static struct gp_span department_name(const struct gp_org *org, const struct gp_row *row)
{
    const struct gp_department *department = &org->departments[row->department];
    return gp_duty_name(department->name_zh, department->name_en);
}

/* ---------------------------------------------------------------- who answers */

static void who_answers(const struct gp_org *org, const struct gp_row *row)
{
    const struct gp_line *of = &org->lines[row->line];
    struct gp_span department = department_name(org, row);
    struct gp_span name = gp_duty_name(of->name_zh, of->name_en);
    char text[GP_DUTY_TEXT_BYTES];

    if (row->first_owner == GP_POST_F)
        (void)snprintf(text, sizeof text, _("field post F of %.*s, else its desk K"),
                       GP_SPAN_ARG(department));
    else
        (void)snprintf(text, sizeof text, _("A post of line %.*s, else field post F of %.*s"),
                       GP_SPAN_ARG(name), GP_SPAN_ARG(department));
    line_text(_("who answers"), text);
    line(_("department"), department);
}

/* ---------------------------------------------------------------- what is checked */

static const char *yes_no(bool yes)
{
    return yes ? _("yes") : _("no");
}

static void what_is_checked(const struct gp_row *row)
{
    bool plain = gp_span_is(row->condition, "default") && row->condition_zh.len == 0;

    line(_("what"), gp_duty_name(row->name_zh, row->name_en));
    if (!plain)
        line(_("condition"),
             gp_duty_name(row->condition_zh.len > 0 ? row->condition_zh : row->condition,
                          row->condition));
    line(_("first act"), row->first_act);
    line_text(_("on the spot"), row->on_spot ? _("may be finished when it is reported") : _("no"));
    line_text(_("private"), yes_no(row->is_private));
    line_text(_("residents told"),
              row->informed && !row->is_private ? _("yes, before it is closed") : _("no"));
    line_text(_("filing"), row->manual_filing ? _("by the dispatcher") : _("at once, by itself"));
}

/* ---------------------------------------------------------------- by when */

static bool has_work_days(const struct gp_limit *limit)
{
    for (uint8_t i = 0; i < limit->stage_count; i++) {
        if (limit->stage[i].unit == GP_UNIT_WORK_DAY)
            return true;
    }
    return false;
}

/* The catalogue's four words; any other is the city's own and stays. */
static void urgency(struct gp_span word)
{
    static const char *const words[] = {N_("urgent"), N_("high"), N_("normal"), N_("low")};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (gp_span_is(word, words[i]))
            word = gp_span_of(_(words[i]));
    }
    line(_("urgency"), word);
}

static void by_when(const struct gp_row *row)
{
    static const char *const modes[] = {
        [GP_WD_HOURS] = N_("counted in the working hours of a day"),
        [GP_WD_EOD] = N_("to the end of the last day"),
        [GP_WD_CLOCK] = N_("to the same time of day"),
    };
    char limit[GP_DUTY_TEXT_BYTES];

    gp_duty_limit(&row->limit, limit);
    line_text(_("limit"), limit);
    if (has_work_days(&row->limit))
        line_text(_("working days"), _(modes[row->wd_mode]));
    line(_("policy"), row->policy);
    urgency(row->urgency);
}

/* ---------------------------------------------------------------- what the department owes */

static const struct gp_rung *handover_of(const struct gp_org *org, const struct gp_row *row)
{
    uint32_t ladder = gp_ladder_of_stage(org, row->policy, &row->limit, 0);

    for (uint8_t i = 0; ladder != GP_NONE && i < org->ladders[ladder].rung_count; i++) {
        if (org->ladders[ladder].rung[i].handover)
            return &org->ladders[ladder].rung[i];
    }
    return NULL;
}

static void what_is_owed(const struct gp_org *org, const struct gp_row *row)
{
    const struct gp_rung *rung = handover_of(org, row);
    char text[GP_DUTY_TEXT_BYTES];

    if (rung == NULL) {
        line_text(_("department owes"), row->first_owner == GP_POST_F
                                            ? _("the work from the start")
                                            : _("nothing: the ladder hands nothing over"));
        return;
    }
    (void)snprintf(text, sizeof text,
                   row->first_owner == GP_POST_F
                       ? _("the work from the start; from %s on its desk K answers, the due stays")
                       : _("the work from %s on: field post F answers, else desk K; the due stays"),
                   _(gp_step_name(rung->step)));
    line_text(_("department owes"), text);
}

/* ---------------------------------------------------------------- who is told */

static void print_rung(const struct gp_org *org, const struct gp_row *row,
                       const struct gp_rung *rung)
{
    char when[GP_DUTY_TEXT_BYTES], tells[GP_DUTY_TEXT_BYTES];

    gp_duty_when(rung, when);
    gp_duty_tells(org, row, rung, tells);
    fputs("  ", stdout);
    gp_cli_cell(gp_span_of(_(gp_step_name(rung->step))), STEP_WIDTH);
    gp_cli_cell(gp_span_of(when), WHEN_WIDTH);
    gp_cli_flat(gp_span_of(tells));
    puts(rung->strike ? _("; strike candidate: the owner") : "");
}

static void print_stage(const struct gp_org *org, const struct gp_row *row, uint8_t stage)
{
    uint32_t index = gp_ladder_of_stage(org, row->policy, &row->limit, stage);
    struct gp_limit limit = {.stage = {row->limit.stage[stage]}, .stage_count = 1};
    char words[GP_DUTY_TEXT_BYTES];

    if (index == GP_NONE)
        return;
    const struct gp_ladder *ladder = &org->ladders[index];
    gp_duty_limit(&limit, words);
    if (row->limit.stage_count > 1)
        printf(_("who is told in stage %d: %s, policy %.*s\n"), stage + 1, words,
               GP_SPAN_ARG(ladder->id));
    else
        puts(_("who is told"));
    for (uint8_t i = 0; i < ladder->rung_count; i++) {
        if (gp_duty_fires(&ladder->rung[i], stage))
            print_rung(org, row, &ladder->rung[i]);
    }
}

void gp_duty_card(const struct gp_org *org, const struct gp_row *row)
{
    printf(_("Duty card %.*s %.*s\n"), GP_SPAN_ARG(row->code), GP_SPAN_ARG(row->condition));
    what_is_checked(row);
    who_answers(org, row);
    by_when(row);
    what_is_owed(org, row);
    for (uint8_t stage = 0; stage < row->limit.stage_count; stage++)
        print_stage(org, row, stage);
}
