/* duty: the duty cards (明白表) of a category, one for each condition. */
#include "gridpost/duty.h"
#include "gridpost/offline.h"
#include "gridpost/told.h"

#include <stdlib.h>
#include <time.h>

struct duty {
    struct gp_cli cli;
    const char *folder, *category, *condition, *grid;
    int64_t at_ms, zone_ms;
    const struct gp_org *org;
    json_t *told; /* with --json */
};

/* ---------------------------------------------------------------- who is told in one grid */

static bool on_entry(void *context, const struct gp_entry *entry)
{
    const struct duty *duty = context;
    static struct gp_forecast_step step; /* some KiB, and used up in this call */

    gp_told_name(duty->org, entry, &step);
    if (duty->cli.json) {
        json_array_append_new(duty->told, gp_told_json(&step, duty->zone_ms));
        return true;
    }
    if (entry->seq == 1)
        gp_told_head(2);
    gp_told_rows(&step, 2);
    return true;
}

static int tell(struct duty *duty, const struct gp_row *row)
{
    struct gp_forecast_ask ask = {.grid = gp_span_of(duty->grid),
                                  .category = row->code,
                                  .condition = row->condition,
                                  .at_ms = duty->at_ms};
    char at[GP_CLI_TIME_BYTES];

    gp_cli_time_text(duty->at_ms, at);
    if (!duty->cli.json)
        printf(_("who is told in %s, reported %s\n"), duty->grid, at);
    return gp_offline_forecast(duty->org, &ask, on_entry, duty);
}

/* ---------------------------------------------------------------- the cards */

static int print_json(struct duty *duty, const struct gp_row *row)
{
    json_t *object = gp_duty_json(duty->org, row);
    int code = GP_EXIT_DONE;

    duty->told = json_array();
    if (duty->grid != NULL)
        code = tell(duty, row);
    json_object_set_new(object, "told", duty->told);
    gp_cli_print_json(object);
    return code;
}

static int print_card(struct duty *duty, const struct gp_row *row)
{
    if (duty->cli.json)
        return print_json(duty, row);
    gp_duty_card(duty->org, row);
    return duty->grid != NULL ? tell(duty, row) : GP_EXIT_DONE;
}

static bool asked_for(const struct duty *duty, const struct gp_row *row)
{
    return gp_span_is(row->code, duty->category) &&
           (duty->condition == NULL || gp_span_is(row->condition, duty->condition));
}

static int run(struct duty *duty)
{
    int code = GP_EXIT_DONE;
    unsigned printed = 0;

    for (size_t i = 0; code == GP_EXIT_DONE && i < duty->org->row_count; i++) {
        if (!asked_for(duty, &duty->org->rows[i]))
            continue;
        if (printed++ > 0 && !duty->cli.json)
            putchar('\n');
        code = print_card(duty, &duty->org->rows[i]);
    }
    if (printed > 0)
        return code;
    fprintf(stderr, _("gridpost: '%s%s%s' is not in catalogue.csv\n"), duty->category,
            duty->condition != NULL ? " " : "", duty->condition != NULL ? duty->condition : "");
    return GP_EXIT_NOT_FOUND;
}

/* ---------------------------------------------------------------- the command line */

enum { OPT_AT = 256 };
static const struct argp_option options[] = {
    {"condition", 'k', "CODE", 0, N_("only this condition (default: all of the category)"), 0},
    {"grid", 'g', "CODE", 0, N_("also who would be told by name in this grid"), 0},
    {"at", OPT_AT, "TIME", 0, N_("at this time instead of now"), 0},
    {"config", 'c', "DIR", 0, N_("configuration folder (default /etc/gridpost)"), 0},
    {0},
};
static const struct argp_child children[] = {{&gp_cli_argp, 0, NULL, 0}, {0}};

static error_t on_option(int key, char *value, struct argp_state *state)
{
    struct duty *duty = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &duty->cli;
        return 0;
    case 'k':
        duty->condition = value;
        return 0;
    case 'g':
        duty->grid = value;
        return 0;
    case 'c':
        duty->folder = value;
        return 0;
    case OPT_AT:
        gp_cli_read_time(value, &duty->at_ms, state);
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num > 0)
            return ARGP_ERR_UNKNOWN;
        duty->category = value;
        return 0;
    case ARGP_KEY_END:
        if (duty->category == NULL)
            argp_error(state, "%s", _("name the category"));
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int gp_cmd_duty(int argc, char **argv)
{
    static const struct argp parser = {
        .options = options,
        .parser = on_option,
        .args_doc = "CATEGORY",
        .doc =
            N_("Prints the duty card of a category, for each of its conditions: what is checked, "
               "who answers, by when, what the department owes, and who is told at each step; "
               "with --grid also by name."),
        .children = children,
    };
    struct duty duty = {.folder = "/etc/gridpost", .at_ms = (int64_t)time(NULL) * 1000};
    struct gp_directory *directory = NULL;

    gp_cli_init(&duty.cli);
    (void)argp_parse(&parser, argc, argv, 0, NULL, &duty); /* exits on a mistake */
    int code = gp_offline_load(duty.folder, &directory);
    if (code == GP_EXIT_DONE) {
        duty.org = gp_directory_org(directory);
        duty.zone_ms = gp_offline_zone(directory);
        code = run(&duty);
    }
    gp_directory_unref(directory);
    return code;
}
