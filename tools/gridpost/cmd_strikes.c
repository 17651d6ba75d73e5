/* strikes: who has one, from what, and what became of it; and the notice's draft. */
#include "gridpost/assess.h"

#include <inttypes.h>

struct strikes {
    struct gp_cli cli;
    struct gp_feed_filter filter;
    struct gp_strikes found;
    const char *person;
    uint64_t year;
    bool notice;
};

static const struct argp_child children[] = {{&gp_cli_argp, 0, NULL, 0}, {0}};

/* ---------------------------------------------------------------- rows */

static bool wanted(const struct strikes *strikes, const struct gp_strike_row *row)
{
    return (strikes->person == NULL || gp_span_is(row->person, strikes->person)) &&
           (strikes->year == 0 || strikes->year == row->year);
}

static void print_header(void)
{
    gp_cli_cell(gp_span_of(_("given")), 19);
    gp_cli_cell(gp_span_of(_("person")), 12);
    gp_cli_cell(gp_span_of(_("nth of the year")), 15);
    gp_cli_cell(gp_span_of(_("measure")), 22);
    gp_cli_cell(gp_span_of(_("state")), 10);
    gp_cli_cell(gp_span_of(_("incident")), 8);
    puts(_("owner"));
}

static void print_row(const struct gp_strike_row *row)
{
    char at[GP_CLI_TIME_BYTES], number[24], incident[24];

    gp_cli_time_text(row->at_ms, at);
    (void)snprintf(number, sizeof number, "%u", row->number);
    (void)snprintf(incident, sizeof incident, "#%" PRIu64, row->incident);
    gp_cli_cell(gp_span_of(at), 19);
    gp_cli_cell(row->person, 12);
    gp_cli_cell(gp_span_of(number), 15);
    gp_cli_cell(gp_span_of(gp_strike_measure(gp_cli_report_language(), row->number)), 22);
    gp_cli_cell(gp_span_of(gp_strike_state_word(gp_cli_report_language(), row->state)), 10);
    gp_cli_cell(gp_span_of(incident), 8);
    gp_cli_flat(row->owner);
    putchar('\n');
}

static json_t *row_json(const struct gp_strike_row *row)
{
    json_t *object = json_object();
    char area[16];

    gp_area_format(row->area, area);
    json_object_set_new(object, "at", gp_show_time(row->at_ms, gp_show_zone(row->at_ms)));
    json_object_set_new(object, "person", gp_show_text(row->person));
    json_object_set_new(object, "year", json_integer(row->year));
    json_object_set_new(object, "number", json_integer(row->number));
    json_object_set_new(object, "measure", json_integer(row->number < 3 ? row->number : 3));
    json_object_set_new(object, "state", json_string(gp_strike_state_name(row->state)));
    json_object_set_new(object, "incident", json_integer((json_int_t)row->incident));
    json_object_set_new(object, "area", json_string(area));
    json_object_set_new(object, "category", gp_show_text(row->category));
    json_object_set_new(object, "condition", gp_show_text(row->condition));
    json_object_set_new(object, "owner", gp_show_text(row->owner));
    json_object_set_new(object, "notice", gp_show_text(row->text));
    return object;
}

static int print_rows(const struct strikes *strikes)
{
    uint32_t printed = 0;

    for (uint32_t i = 0; i < strikes->found.count; i++) {
        const struct gp_strike_row *row = &strikes->found.row[i];
        if (!wanted(strikes, row))
            continue;
        if (strikes->cli.json) {
            gp_cli_print_json(row_json(row));
            continue;
        }
        if (printed++ == 0)
            print_header();
        print_row(row);
    }
    return GP_EXIT_DONE;
}

static int print_notice(const struct strikes *strikes)
{
    for (uint32_t i = 0; i < strikes->found.count; i++) {
        const struct gp_strike_row *row = &strikes->found.row[i];
        if (!wanted(strikes, row))
            continue;
        if (row->text.len == 0) {
            fprintf(stderr, _("gridpost: the notice is of a private incident: ask --as one of its "
                              "people\n"));
            return GP_EXIT_REFUSED;
        }
        gp_cli_flat(row->text);
        putchar('\n');
        return GP_EXIT_DONE;
    }
    fprintf(stderr, _("gridpost: %s has no strike from #%" PRIu64 "\n"), strikes->person,
            strikes->filter.incident);
    return GP_EXIT_NOT_FOUND;
}

/* ---------------------------------------------------------------- the command */

enum { OPT_PERSON = 256, OPT_YEAR, OPT_NOTICE };

static const struct argp_option options[] = {
    {"person", OPT_PERSON, "ID", 0, N_("strikes of this person"), 0},
    {"year", OPT_YEAR, "YEAR", 0, N_("given in this calendar year"), 0},
    {"area", 'a', "CODE", 0, N_("from incidents of this area and below"), 0},
    {"notice", OPT_NOTICE, "INCIDENT", 0, N_("print the draft of the notice to PERSON"), 0},
    {0},
};

static error_t on_option(int key, char *value, struct argp_state *state)
{
    struct strikes *strikes = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &strikes->cli;
        return 0;
    case OPT_PERSON:
        strikes->person = value;
        return 0;
    case OPT_YEAR:
        if (!gp_read_number(value, &strikes->year) || strikes->year > 9999)
            argp_error(state, _("'%s' is no year"), value);
        return 0;
    case 'a':
        if (gp_area_parse(gp_span_of(value), &strikes->filter.area) != 0)
            argp_error(state, "%s", _("--area is a code of digits"));
        return 0;
    case OPT_NOTICE:
        strikes->notice = true;
        if (!gp_cli_incident(value, &strikes->filter.incident))
            argp_error(state, _("'%s' is no incident's number"), value);
        return 0;
    case ARGP_KEY_ARG:
        if (!strikes->notice || state->arg_num > 0)
            return ARGP_ERR_UNKNOWN;
        strikes->person = value;
        return 0;
    case ARGP_KEY_END:
        if (strikes->notice && strikes->person == NULL)
            argp_error(state, "%s", _("write: --notice INCIDENT PERSON"));
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int gp_cmd_strikes(int argc, char **argv)
{
    static const struct argp parser = {
        .options = options,
        .parser = on_option,
        .args_doc = "[PERSON]",
        .doc = N_("Lists strikes with what became of them, or prints the draft of one's notice. "
                  "They are drafts for a human to decide."),
        .children = children,
    };
    struct strikes strikes = {0};

    gp_cli_init(&strikes.cli);
    gp_strikes_init(&strikes.found, GP_CLI_REPORT_BYTES_MAX);
    (void)argp_parse(&parser, argc, argv, 0, NULL, &strikes); /* exits on a mistake */
    if (strikes.person != NULL)
        strikes.filter.person = gp_span_of(strikes.person);
    int code = gp_strikes_fetch(&strikes.cli, &strikes.filter, &strikes.found);
    if (code == GP_EXIT_DONE)
        code = strikes.notice ? print_notice(&strikes) : print_rows(&strikes);
    gp_strikes_release(&strikes.found);
    gp_cli_release(&strikes.cli);
    return code;
}
