/* list: incidents that meet every condition. */
#include "gridpost/cli.h"

#include <inttypes.h>

struct list {
    struct gp_cli cli;
    struct gp_query query;
    bool all;
    uint64_t printed;
};

static void print_header(void)
{
    gp_cli_cell(gp_span_of(_("number")), 8);
    gp_cli_cell(gp_span_of(_("state")), 11);
    gp_cli_cell(gp_span_of(_("grid")), 15);
    gp_cli_cell(gp_span_of(_("category")), 10);
    gp_cli_cell(gp_span_of(_("owner")), 24);
    gp_cli_cell(gp_span_of(_("due")), 19);
    puts(_("text"));
}

static void print_row(const struct gp_incident *incident)
{
    char number[24], area[16], due[GP_CLI_TIME_BYTES];

    (void)snprintf(number, sizeof number, "#%" PRIu64, incident->id);
    gp_area_format(incident->area, area);
    gp_cli_time_text(gp_plan_due(&incident->plan), due);
    gp_cli_cell(gp_span_of(number), 8);
    gp_cli_cell(gp_span_of(_(gp_state_name(incident->state))), 11);
    gp_cli_cell(gp_span_of(area), 15);
    gp_cli_cell(incident->row.code, 10);
    gp_cli_cell(incident->owner, 24);
    gp_cli_cell(gp_span_of(due), 19);
    gp_cli_cell(incident->text, 40);
    puts(incident->overdue_ms != 0 ? _("overdue") : "");
}

static void print_page(struct list *list, const struct gp_reply *reply)
{
    if (list->printed == 0 && !list->cli.json && reply->page.count > 0)
        print_header();
    for (uint32_t i = 0; i < reply->page.count; i++) {
        if (list->cli.json)
            gp_cli_print_json(gp_show_incident(&reply->page.item[i]));
        else
            print_row(&reply->page.item[i]);
        list->printed++;
    }
}

/* Pages until there is no more, or enough is printed. */
static int run_list(struct list *list)
{
    uint64_t wanted = list->all ? UINT64_MAX : list->query.limit != 0 ? list->query.limit : 50;

    for (;;) {
        struct gp_request request = {.kind = GP_REQUEST_QUERY, .query = list->query};
        struct gp_reply reply;
        uint64_t left = wanted - list->printed;
        request.query.limit = left < GP_PAGE_ROWS_MAX ? (uint32_t)left : GP_PAGE_ROWS_MAX;
        int code = gp_cli_call(&list->cli, &request, 0, &reply);
        if (code != GP_EXIT_DONE)
            return code;
        print_page(list, &reply);
        if (!gp_cli_next_page(&list->query, &reply))
            return GP_EXIT_DONE;
        if (list->printed >= wanted) {
            if (!list->cli.json)
                puts(_("… more: --limit N or --all"));
            return GP_EXIT_DONE;
        }
    }
}

static const struct argp_child children[] = {{&gp_cli_argp, 0, NULL, 0}, {0}};

enum {
    OPT_STATE = 256,
    OPT_OPEN,
    OPT_OVERDUE,
    OPT_POST,
    OPT_DEPARTMENT,
    OPT_PERSON,
    OPT_FROM,
    OPT_TO,
    OPT_SORT,
    OPT_LIMIT,
    OPT_ALL
};

static const struct argp_option list_options[] = {
    {"area", 'a', "CODE", 0, N_("this area and everything below"), 0},
    {"state", OPT_STATE, "STATE", 0,
     N_("reported, dispatched, accepted, returned, suspended, finished, rework, …"), 0},
    {"open", OPT_OPEN, NULL, 0, N_("not closed"), 0},
    {"overdue", OPT_OVERDUE, NULL, 0, N_("past the limit"), 0},
    {"post", OPT_POST, "POST", 0, N_("owner post"), 0},
    {"department", OPT_DEPARTMENT, "CODE", 0, N_("responsible department"), 0},
    {"person", OPT_PERSON, "ID", 0, N_("who holds the owner post or is its deputy"), 0},
    {"from", OPT_FROM, "TIME", 0, N_("received at or after"), 0},
    {"to", OPT_TO, "TIME", 0, N_("received before"), 0},
    {"sort", OPT_SORT, "ORDER", 0, N_("number (default), due or newest"), 0},
    {"limit", OPT_LIMIT, "N", 0, N_("at most N rows (default 50)"), 0},
    {"all", OPT_ALL, NULL, 0, N_("all rows"), 0},
    {0},
};

/* Says which there are. */
static void no_such_state(const struct argp_state *state, const char *value)
{
    static const char names[] =
#define X(name, number, text, open) " " text
        GP_STATES(X);
#undef X

    argp_error(state, _("there is no state '%s':%s"), value, names);
}

static error_t on_list(int key, char *value, struct argp_state *state)
{
    struct list *list = state->input;
    struct gp_query *query = &list->query;
    uint64_t number = 0;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &list->cli;
        return 0;
    case 'a':
        if (gp_area_parse(gp_span_of(value), &query->area) != 0)
            argp_error(state, "%s", _("--area is a code of digits"));
        return 0;
    case OPT_STATE:
        number = (uint64_t)gp_state_parse(gp_span_of(value));
        if (number == GP_STATE_NONE)
            no_such_state(state, value);
        query->states |= GP_STATE_BIT(number);
        return 0;
    case OPT_OPEN:
        query->open_only = true;
        return 0;
    case OPT_OVERDUE:
        query->overdue_only = true;
        return 0;
    case OPT_POST:
        query->post = gp_span_of(value);
        return 0;
    case OPT_DEPARTMENT:
        query->department = gp_span_of(value);
        return 0;
    case OPT_PERSON:
        query->person = gp_span_of(value);
        return 0;
    case OPT_FROM:
    case OPT_TO:
        gp_cli_read_time(value, key == OPT_FROM ? &query->from_ms : &query->to_ms, state);
        return 0;
    case OPT_SORT:
        if (gp_order_parse(gp_span_of(value), &query->order) != 0)
            argp_error(state, "%s", _("--sort is number, due or newest"));
        return 0;
    case OPT_LIMIT:
        if (!gp_read_number(value, &number) || number > 1000000)
            argp_error(state, "%s", _("--limit is a number from 1 to 1000000"));
        query->limit = (uint32_t)number;
        return 0;
    case OPT_ALL:
        list->all = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int gp_cmd_list(int argc, char **argv)
{
    static const struct argp parser = {
        .options = list_options,
        .parser = on_list,
        .doc = N_("Lists incidents; every condition given must hold."),
        .children = children,
    };
    struct list list = {0};

    gp_cli_init(&list.cli);
    (void)argp_parse(&parser, argc, argv, 0, NULL, &list); /* exits on a mistake */
    int code = run_list(&list);
    gp_cli_release(&list.cli);
    return code;
}
