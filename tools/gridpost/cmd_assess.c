/* assess: figures, rates and scores of a period, and the incidents behind them. */
#include "gridpost/assess.h"

#include <inttypes.h>

struct assess {
    struct gp_cli cli;
    struct gp_report report;
    struct gp_weighing weighing; /* defaults without --score */
    const char *score, *xlsx, *explain, *figure;
    bool csv;
    uint32_t shown; /* incidents behind the figure */
};

static const struct argp_child children[] = {{&gp_cli_argp, 0, NULL, 0}, {0}};

/* ---------------------------------------------------------------- explaining */

static json_t *case_json(const struct assess *assess, const struct gp_assess_case *found,
                         const struct gp_incident *incident)
{
    json_t *object = json_object();
    char area[16];

    gp_area_format(incident->area, area);
    json_object_set_new(object, "figure",
                        json_string(gp_figure_name(gp_figure_parse(gp_span_of(assess->figure)))));
    json_object_set_new(object, "unit", gp_show_text(found->unit));
    json_object_set_new(object, "incident", json_integer((json_int_t)found->incident));
    json_object_set_new(object, "state", json_string(gp_state_name(incident->state)));
    json_object_set_new(object, "area", json_string(area));
    json_object_set_new(object, "category", gp_show_text(incident->row.code));
    json_object_set_new(object, "owner", gp_show_text(incident->owner));
    return object;
}

static void print_case(const struct gp_assess_case *found, const struct gp_incident *incident)
{
    char number[24], area[16];

    (void)snprintf(number, sizeof number, "#%" PRIu64, found->incident);
    gp_area_format(incident->area, area);
    gp_cli_cell(gp_span_of(number), 8);
    gp_cli_cell(gp_span_of(_(gp_state_name(incident->state))), 11);
    gp_cli_cell(gp_span_of(area), 15);
    gp_cli_cell(incident->row.code, 10);
    gp_cli_cell(incident->owner, 24);
    gp_cli_flat(incident->text);
    putchar('\n');
}

static int show_case(void *context, const struct gp_assess_case *found)
{
    struct assess *assess = context;
    assess->shown++;
    struct gp_request request = {.kind = GP_REQUEST_INCIDENT, .incident = found->incident};
    struct gp_reply reply;
    int code = gp_cli_call(&assess->cli, &request, 0, &reply);

    if (code != GP_EXIT_DONE)
        return code;
    if (assess->cli.json)
        gp_cli_print_json(case_json(assess, found, reply.incident));
    else
        print_case(found, reply.incident);
    return GP_EXIT_DONE;
}

/* ---------------------------------------------------------------- scoring */

static int load_weights(struct assess *assess)
{
    struct gp_findings findings;
    int rc = 0;

    gp_weighing_defaults(&assess->weighing);
    if (assess->score == NULL)
        return GP_EXIT_DONE;
    gp_findings_init(&findings);
    rc = gp_weighing_load(assess->score, &findings, &assess->weighing);
    for (size_t i = 0; i < findings.count; i++) {
        const struct gp_finding *finding = &findings.item[i];
        fprintf(stderr, "%s:%u: %s%s%s: %s; %s\n", assess->score, finding->line, finding->field,
                finding->value[0] != '\0' ? " " : "", finding->value, _(finding->problem),
                _(finding->remedy));
    }
    if (rc != 0 && findings.count == 0)
        fprintf(stderr, _("gridpost: %s: %s\n"), assess->score, gp_error_text(rc));
    gp_findings_release(&findings);
    assess->report.scored = rc == 0;
    if (rc == GP_ENOTFOUND)
        return GP_EXIT_NOT_FOUND;
    return rc == 0 ? GP_EXIT_DONE : GP_EXIT_FAILED;
}

/* ---------------------------------------------------------------- the command */

enum { OPT_FROM = 256, OPT_TO, OPT_BY, OPT_LEVEL, OPT_SCORE, OPT_EXPLAIN, OPT_CSV, OPT_XLSX };

static const struct argp_option options[] = {
    {"from", OPT_FROM, "TIME", 0, N_("the period's beginning"), 0},
    {"to", OPT_TO, "TIME", 0, N_("its end, which does not belong to it"), 0},
    {"by", OPT_BY, "UNIT", 0, N_("area, post, person, department or line"), 0},
    {"level", OPT_LEVEL, "LEVEL", 0, N_("by area: of the units (default community)"), 0},
    {"area", 'a', "CODE", 0, N_("incidents of this area and below only"), 0},
    {"score", OPT_SCORE, "FILE", 0, N_("scores and ranks by the weights of this file"), 0},
    {"explain", OPT_EXPLAIN, "UNIT", 0, N_("the incidents behind UNIT's FIGURE"), 0},
    {"csv", OPT_CSV, NULL, 0, N_("comma-separated values, for spreadsheets"), 0},
    {"xlsx", OPT_XLSX, "FILE", 0, N_("write a workbook"), 0},
    {0},
};

static void read_unit(int key, const char *value, struct gp_assess_ask *ask,
                      struct argp_state *state)
{
    if (key == OPT_BY) {
        ask->by = (uint8_t)gp_assess_by_parse(gp_span_of(value));
        if (ask->by == GP_BY_NONE)
            argp_error(state, "%s", _("--by is area, post, person, department or line"));
    } else if (key == OPT_LEVEL) {
        ask->level = (uint8_t)gp_level_parse(gp_span_of(value));
        if (ask->level == GP_LEVEL_NONE)
            argp_error(state, _("there is no level '%s'"), value);
    } else if (gp_area_parse(gp_span_of(value), &ask->area) != 0) {
        argp_error(state, "%s", _("--area is a code of digits"));
    }
}

static void check(const struct assess *assess, struct argp_state *state)
{
    const struct gp_assess_ask *ask = &assess->report.ask;

    if (ask->from_ms == 0 || ask->to_ms == 0 || ask->by == GP_BY_NONE)
        argp_error(state, "%s", _("--from, --to and --by are needed"));
    if (ask->from_ms >= ask->to_ms)
        argp_error(state, "%s", _("--to is after --from"));
    if (assess->explain != NULL && assess->figure == NULL)
        argp_error(state, "%s", _("write: --explain UNIT FIGURE"));
    if (assess->figure != NULL && gp_figure_parse(gp_span_of(assess->figure)) == GP_FIGURE_NONE)
        argp_error(state, _("there is no figure '%s'; docs/ASSESSMENT.md lists them"),
                   assess->figure);
}

static error_t on_option(int key, char *value, struct argp_state *state)
{
    struct assess *assess = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &assess->cli;
        return 0;
    case OPT_FROM:
        gp_cli_read_time(value, &assess->report.ask.from_ms, state);
        return 0;
    case OPT_TO:
        gp_cli_read_time(value, &assess->report.ask.to_ms, state);
        return 0;
    case OPT_BY:
    case OPT_LEVEL:
    case 'a':
        read_unit(key, value, &assess->report.ask, state);
        return 0;
    case OPT_SCORE:
        assess->score = value;
        return 0;
    case OPT_EXPLAIN:
        assess->explain = value;
        return 0;
    case OPT_CSV:
        assess->csv = true;
        return 0;
    case OPT_XLSX:
        assess->xlsx = value;
        return 0;
    case ARGP_KEY_ARG:
        if (assess->explain == NULL || state->arg_num > 0)
            return ARGP_ERR_UNKNOWN;
        assess->figure = value;
        return 0;
    case ARGP_KEY_END:
        check(assess, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static int write_report(struct assess *assess)
{
    const struct gp_report *report = &assess->report;

    if (assess->xlsx != NULL)
        return gp_report_book(&assess->cli, report, assess->xlsx);
    if (assess->csv)
        gp_report_csv(report);
    else if (assess->cli.json)
        gp_report_json(report);
    else
        gp_report_table(report);
    return GP_EXIT_DONE;
}

/* No incident is behind a 0, and none behind a unit that was misspelt: the report tells. */
static int explain(struct assess *assess)
{
    struct gp_report *report = &assess->report;
    struct gp_span unit = gp_span_of(assess->explain);
    int figure = gp_figure_parse(gp_span_of(assess->figure));
    int code =
        gp_report_behind(&assess->cli, report, unit, (enum gp_figure)figure, show_case, assess);

    if (code == GP_EXIT_DONE && assess->shown == 0)
        code = gp_report_fetch(&assess->cli, report, &assess->weighing);
    if (code != GP_EXIT_DONE || assess->shown > 0)
        return code;
    for (uint32_t row = 0; row < report->count; row++) {
        if (gp_span_equal(report->row[row].unit, unit))
            return GP_EXIT_DONE;
    }
    fprintf(stderr, _("gridpost: this report has no unit '%s'\n"), assess->explain);
    return GP_EXIT_NOT_FOUND;
}

static int run(struct assess *assess)
{
    int code = load_weights(assess);

    if (code != GP_EXIT_DONE)
        return code;
    if (assess->explain != NULL)
        return explain(assess);
    code = gp_report_fetch(&assess->cli, &assess->report, &assess->weighing);
    return code == GP_EXIT_DONE ? write_report(assess) : code;
}

int gp_cmd_assess(int argc, char **argv)
{
    static const struct argp parser = {
        .options = options,
        .parser = on_option,
        .args_doc = "[FIGURE]",
        .doc = N_("Counts what was reported, accepted and finished in time, overdue, reworked and "
                  "returned in a period, by unit. docs/ASSESSMENT.md defines each figure."),
        .children = children,
    };
    struct assess assess = {0};

    gp_cli_init(&assess.cli);
    gp_report_init(&assess.report, GP_CLI_REPORT_BYTES_MAX);
    assess.report.language = gp_cli_report_language();
    (void)argp_parse(&parser, argc, argv, 0, NULL, &assess); /* exits on a mistake */
    int code = run(&assess);
    gp_report_release(&assess.report);
    gp_weighing_release(&assess.weighing);
    gp_cli_release(&assess.cli);
    return code;
}
