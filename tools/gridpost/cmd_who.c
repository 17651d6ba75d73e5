/*
 * who: who would be told of a report at each step, and by which path they are found. The running
 * daemon is asked, which knows the directory in force; with --config a folder answers.
 */
#include "gridpost/offline.h"
#include "gridpost/told.h"

#include <time.h>

struct who {
    struct gp_cli cli;
    const char *folder; /* NULL: ask the daemon */
    const char *grid, *category, *condition;
    int64_t at_ms, zone_ms;
    const struct gp_org *org;
};

static void print_step(const struct who *who, const struct gp_forecast_step *step)
{
    if (who->cli.json)
        gp_cli_print_json(gp_told_json(step, who->zone_ms));
    else
        gp_told_rows(step, 0);
}

/* ---------------------------------------------------------------- the daemon */

static int ask_daemon(struct who *who)
{
    struct gp_request request = {.kind = GP_REQUEST_WHO,
                                 .who = {.grid = gp_span_of(who->grid),
                                         .category = gp_span_of(who->category),
                                         .condition = gp_span_of(who->condition),
                                         .at_ms = who->at_ms}};
    struct gp_reply reply;
    int code = gp_cli_call(&who->cli, &request, 0, &reply);

    if (code != GP_EXIT_DONE)
        return code;
    if (!who->cli.json)
        gp_told_head(0);
    for (uint32_t i = 0; i < reply.forecast.count; i++) {
        who->zone_ms = gp_show_zone(reply.forecast.item[i]->entry.at_ms);
        print_step(who, reply.forecast.item[i]);
    }
    return GP_EXIT_DONE;
}

/* ---------------------------------------------------------------- a folder */

static bool on_entry(void *context, const struct gp_entry *entry)
{
    const struct who *who = context;
    static struct gp_forecast_step step; /* some KiB, and used up in this call */

    gp_told_name(who->org, entry, &step);
    if (!who->cli.json && entry->seq == 1)
        gp_told_head(0);
    print_step(who, &step);
    return true;
}

static int ask_folder(struct who *who)
{
    struct gp_directory *directory = NULL;
    struct gp_forecast_ask ask = {
        .grid = gp_span_of(who->grid),
        .category = gp_span_of(who->category),
        .condition = gp_span_of(who->condition),
        .at_ms = who->at_ms != 0 ? who->at_ms : (int64_t)time(NULL) * 1000,
    };
    int code = gp_offline_load(who->folder, &directory);

    if (code == GP_EXIT_DONE) {
        who->org = gp_directory_org(directory);
        who->zone_ms = gp_offline_zone(directory);
        code = gp_offline_forecast(who->org, &ask, on_entry, who);
    }
    gp_directory_unref(directory);
    return code;
}

/* ---------------------------------------------------------------- the command line */

enum { OPT_AT = 256 };
static const struct argp_option options[] = {
    {"condition", 'k', "CODE", 0, N_("condition, where the category has several"), 0},
    {"at", OPT_AT, "TIME", 0, N_("at this time instead of now"), 0},
    {"config", 'c', "DIR", 0, N_("ask this configuration folder instead of the daemon"), 0},
    {0},
};
static const struct argp_child children[] = {{&gp_cli_argp, 0, NULL, 0}, {0}};

static error_t on_option(int key, char *value, struct argp_state *state)
{
    struct who *who = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &who->cli;
        return 0;
    case 'k':
        who->condition = value;
        return 0;
    case 'c':
        who->folder = value;
        return 0;
    case OPT_AT:
        gp_cli_read_time(value, &who->at_ms, state);
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num > 1)
            return ARGP_ERR_UNKNOWN;
        *(state->arg_num == 0 ? &who->grid : &who->category) = value;
        return 0;
    case ARGP_KEY_END:
        if (who->category == NULL)
            argp_error(state, "%s", _("name the grid and the category"));
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int gp_cmd_who(int argc, char **argv)
{
    static const struct argp parser = {
        .options = options,
        .parser = on_option,
        .args_doc = "GRID CATEGORY",
        .doc = N_("Shows who would be told of a report at each step if nobody touched it, as what, "
                  "and by which path each is found: holder, cover, duty or superior."),
        .children = children,
    };
    struct who who = {.folder = NULL};

    gp_cli_init(&who.cli);
    (void)argp_parse(&parser, argc, argv, 0, NULL, &who); /* exits on a mistake */
    int code = who.folder != NULL ? ask_folder(&who) : ask_daemon(&who);
    gp_cli_release(&who.cli);
    return code;
}
