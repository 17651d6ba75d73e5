/*
 * plan: the steps that a report would get if nobody touched it, and who would be told at each. It
 * is the core's forecast of exactly that report, so the answer comes from the rules themselves.
 */
#include "core/ladder.h"
#include "gridpost/offline.h"
#include "gridpost/told.h"

#include <unistd.h>

struct plan {
    struct gp_cli cli;
    const char *folder, *grid, *category, *condition, *person;
    int64_t at_ms;
    int64_t zone_ms;
    const struct gp_org *org;
};

/* The ladder that the incident climbs in an entry's stage; NULL. */
static const struct gp_ladder *ladder_of(const struct plan *plan, const struct gp_entry *entry)
{
    uint32_t index = gp_org_row(plan->org, entry->category, entry->condition, plan->at_ms);

    if (index == GP_NONE)
        return NULL;
    const struct gp_row *row = &plan->org->rows[index];
    uint32_t ladder = gp_ladder_of_stage(plan->org, row->policy, &row->limit, entry->stage);
    return ladder != GP_NONE ? &plan->org->ladders[ladder] : NULL;
}

/* "8wh x10 then 40wh" */
static void add_every(const struct plan *plan, const struct gp_entry *entry, json_t *object)
{
    const struct gp_ladder *ladder = ladder_of(plan, entry);
    char every[GP_LIMIT_TEXT_BYTES], then[GP_LIMIT_TEXT_BYTES];

    for (uint8_t i = 0; ladder != NULL && i < ladder->rung_count; i++) {
        const struct gp_rung *rung = &ladder->rung[i];
        struct gp_limit first = {.stage = {rung->amount}, .stage_count = 1};
        struct gp_limit later = {.stage = {rung->then}, .stage_count = 1};
        if (rung->step != GP_STEP_REPEAT)
            continue;
        gp_limit_format(&first, every);
        gp_limit_format(&later, then);
        json_object_set_new(
            object, "every",
            json_pack("{s:s, s:i, s:s}", "every", every, "times", (int)rung->times, "then", then));
    }
}

static void print_row(const struct gp_entry *entry)
{
    char at[GP_CLI_TIME_BYTES];

    gp_cli_time_text(entry->at_ms, at);
    printf("%s  ", at);
    gp_cli_cell(gp_span_of(_(gp_show_entry_name(entry))), 12);
    gp_cli_cell(entry->owner, 26);
    for (uint8_t i = 0; i < entry->recipient_count; i++)
        printf("%.*s(%s) ", GP_SPAN_ARG(entry->recipient[i].person), entry->recipient[i].capacity);
    putchar('\n');
}

static bool on_entry(void *context, const struct gp_entry *entry)
{
    const struct plan *plan = context;
    json_t *object;

    if (!plan->cli.json && isatty(1)) {
        print_row(entry);
        return true;
    }
    object = gp_show_entry(entry, plan->zone_ms, gp_told_label, NULL);
    if (entry->what == GP_WHAT_STEP && entry->step == GP_STEP_REPEAT)
        add_every(plan, entry, object);
    gp_cli_print_json(object);
    return true;
}

static int run(struct plan *plan)
{
    struct gp_forecast_ask ask = {
        .grid = gp_span_of(plan->grid),
        .category = gp_span_of(plan->category),
        .condition = gp_span_of(plan->condition),
        .person = gp_span_of(plan->person),
        .at_ms = plan->at_ms,
    };

    return gp_offline_forecast(plan->org, &ask, on_entry, plan);
}

enum { OPT_AT = 256, OPT_BY };
static const struct argp_option options[] = {
    {"config", 'c', "DIR", 0, N_("configuration folder (default /etc/gridpost)"), 0},
    {"grid", 'g', "CODE", 0, N_("grid, 15 digits"), 0},
    {"category", 'C', "CODE", 0, N_("category of the catalogue"), 0},
    {"condition", 'k', "CODE", 0, N_("condition, where the category has several"), 0},
    {"at", OPT_AT, "TIME", 0, N_("when the report would come"), 0},
    {"by", OPT_BY, "PERSON", 0, N_("who would report (default: anybody)"), 0},
    {0},
};
static const struct argp_child children[] = {{&gp_cli_argp, 0, NULL, 0}, {0}};

static error_t on_option(int key, char *value, struct argp_state *state)
{
    struct plan *plan = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &plan->cli;
        return 0;
    case 'c':
        plan->folder = value;
        return 0;
    case 'g':
        plan->grid = value;
        return 0;
    case 'C':
        plan->category = value;
        return 0;
    case 'k':
        plan->condition = value;
        return 0;
    case OPT_BY:
        plan->person = value;
        return 0;
    case OPT_AT:
        gp_cli_read_time(value, &plan->at_ms, state);
        return 0;
    case ARGP_KEY_END:
        if (plan->grid == NULL || plan->category == NULL || plan->at_ms == 0)
            argp_error(state, "%s", _("--grid, --category and --at are needed"));
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int gp_cmd_plan(int argc, char **argv)
{
    static const struct argp parser = {
        .options = options,
        .parser = on_option,
        .doc = N_("Prints the steps that a report at that time would get if nobody touched it, up "
                  "to the first repeat, and who would be told at each: a table on a terminal, else "
                  "one JSON object a line."),
        .children = children,
    };
    struct plan plan = {.folder = "/etc/gridpost"};
    struct gp_directory *directory = NULL;

    gp_cli_init(&plan.cli);
    (void)argp_parse(&parser, argc, argv, 0, NULL, &plan); /* exits on a mistake */
    int code = gp_offline_load(plan.folder, &directory);
    if (code == GP_EXIT_DONE) {
        plan.org = gp_directory_org(directory);
        plan.zone_ms = gp_offline_zone(directory);
        code = run(&plan);
    }
    gp_directory_unref(directory);
    return code;
}
