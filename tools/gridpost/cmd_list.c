/* list and show. */
#include "gridpost/cli.h"

#include "base/clocktext.h"

#include <inttypes.h>
#include <string.h>

struct list {
    struct gp_cli cli;
    struct gp_query query;
    uint64_t id;
    bool all;
    uint64_t printed;
};

static const struct argp_child children[] = {{&gp_cli_argp, 0, NULL, 0}, {0}};

/* ---------------------------------------------------------------- JSON */

static json_t *steps_json(const struct gp_plan *plan, int64_t zone_ms)
{
    static const char *const words[] = {"", "planned", "fired", "dropped"};
    json_t *list = json_array();

    for (uint8_t i = 0; i < plan->step_count; i++) {
        const struct gp_plan_step *step = &plan->step[i];
        json_t *row = json_object();
        json_object_set_new(row, "step", json_string(gp_step_name(step->step)));
        json_object_set_new(row, "at", gp_cli_json_time(step->at_ms, zone_ms));
        json_object_set_new(row, "stage", json_integer(step->stage + 1));
        json_object_set_new(row, "status", json_string(words[step->status % 4]));
        json_object_set_new(row, "provisional", json_boolean(step->provisional));
        json_array_append_new(list, row);
    }
    return list;
}

static void set_area(json_t *object, const char *key, struct gp_area_ref area)
{
    char code[16];

    gp_area_format(area, code);
    json_object_set_new(object, key, area.padded != 0 ? json_string(code) : json_null());
}

static json_t *incident_json(const struct gp_incident *incident)
{
    int64_t zone_ms = gp_cli_zone(incident->received_ms);
    json_t *object = json_object();

    json_object_set_new(object, "incident", json_integer((json_int_t)incident->id));
    json_object_set_new(object, "state", json_string(gp_state_name(incident->state)));
    json_object_set_new(object, "version", json_integer(incident->version));
    set_area(object, "area", incident->area);
    set_area(object, "community", incident->community);
    json_object_set_new(object, "category", gp_cli_json_text(incident->row.code));
    json_object_set_new(object, "condition", gp_cli_json_text(incident->row.condition));
    json_object_set_new(object, "line", gp_cli_json_text(incident->row.line));
    json_object_set_new(object, "department", gp_cli_json_text(incident->row.department));
    json_object_set_new(object, "owner", gp_cli_json_text(incident->owner));
    json_object_set_new(object, "assistant", gp_cli_json_text(incident->assistant));
    json_object_set_new(object, "reporter", gp_cli_json_text(incident->reporter));
    json_object_set_new(object, "text", gp_cli_json_text(incident->text));
    json_object_set_new(object, "erased", gp_cli_json_time(incident->erased_ms, zone_ms));
    json_object_set_new(object, "captured", gp_cli_json_time(incident->captured_ms, zone_ms));
    json_object_set_new(object, "received", gp_cli_json_time(incident->received_ms, zone_ms));
    json_object_set_new(object, "due", gp_cli_json_time(gp_plan_due(&incident->plan), zone_ms));
    json_object_set_new(object, "accepted", gp_cli_json_time(incident->accepted_ms, zone_ms));
    json_object_set_new(object, "finished", gp_cli_json_time(incident->finished_ms, zone_ms));
    json_object_set_new(object, "verified", gp_cli_json_time(incident->verified_ms, zone_ms));
    json_object_set_new(object, "closed", gp_cli_json_time(incident->closed_ms, zone_ms));
    json_object_set_new(object, "informed", json_boolean(incident->informed));
    json_object_set_new(object, "overdue", json_boolean(incident->overdue_ms != 0));
    json_object_set_new(object, "overdue_post", gp_cli_json_text(incident->overdue_post));
    json_object_set_new(object, "steps", steps_json(&incident->plan, zone_ms));
    return object;
}

/* ---------------------------------------------------------------- list */

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
            gp_cli_print_json(incident_json(&reply->page.item[i]));
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
        if (reply.page.cursor.len == 0)
            return GP_EXIT_DONE;
        if (list->printed >= wanted) {
            if (!list->cli.json)
                puts(_("… more: --limit N or --all"));
            return GP_EXIT_DONE;
        }
        memcpy(list->query.cursor, reply.page.cursor.ptr, reply.page.cursor.len);
        list->query.cursor_len = (uint8_t)reply.page.cursor.len;
    }
}

enum {
    OPT_STATE = 256,
    OPT_OPEN,
    OPT_OVERDUE,
    OPT_POST,
    OPT_DEPARTMENT,
    OPT_PERSON,
    OPT_FROM,
    OPT_TO,
    OPT_LIMIT,
    OPT_ALL
};

static const struct argp_option list_options[] = {
    {"area", 'a', "CODE", 0, N_("this area and everything below"), 0},
    {"state", OPT_STATE, "STATE", 0, N_("reported, dispatched, accepted, finished, …"), 0},
    {"open", OPT_OPEN, NULL, 0, N_("not closed"), 0},
    {"overdue", OPT_OVERDUE, NULL, 0, N_("past the limit"), 0},
    {"post", OPT_POST, "POST", 0, N_("owner post"), 0},
    {"department", OPT_DEPARTMENT, "CODE", 0, N_("responsible department"), 0},
    {"person", OPT_PERSON, "ID", 0, N_("who holds the owner post or is its deputy"), 0},
    {"from", OPT_FROM, "TIME", 0, N_("received at or after"), 0},
    {"to", OPT_TO, "TIME", 0, N_("received before"), 0},
    {"limit", OPT_LIMIT, "N", 0, N_("at most N rows (default 50)"), 0},
    {"all", OPT_ALL, NULL, 0, N_("all rows"), 0},
    {0},
};

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
        query->state = (uint8_t)gp_state_parse(gp_span_of(value));
        if (query->state == GP_STATE_NONE)
            argp_error(state, _("there is no state '%s'"), value);
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
        if (!gp_cli_time(value, key == OPT_FROM ? &query->from_ms : &query->to_ms))
            argp_error(state, _("'%s' is no time: write 2026-10-01 or 2026-10-01T08:00"), value);
        return 0;
    case OPT_LIMIT:
        if (!gp_cli_number(value, &number) || number > 1000000)
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

/* ---------------------------------------------------------------- show */

static void print_line(const char *name, struct gp_span value)
{
    if (value.len == 0)
        return;
    gp_cli_cell(gp_span_of(name), 12);
    gp_cli_flat(value);
    putchar('\n');
}

static void print_time(const char *name, int64_t ms)
{
    char text[GP_CLI_TIME_BYTES];

    if (ms == 0)
        return;
    gp_cli_time_text(ms, text);
    print_line(name, gp_span_of(text));
}

static void print_steps(const struct gp_plan *plan)
{
    static const char *const words[] = {"", N_("planned"), N_("fired"), N_("dropped")};

    puts(_("steps"));
    for (uint8_t i = 0; i < plan->step_count; i++) {
        const struct gp_plan_step *step = &plan->step[i];
        char at[GP_CLI_TIME_BYTES];
        gp_cli_time_text(step->at_ms, at);
        printf("  %s  ", at);
        gp_cli_cell(gp_span_of(_(gp_step_name(step->step))), 12);
        gp_cli_cell(gp_span_of(_(words[step->status % 4])), 8);
        if (plan->stage_count > 1)
            printf("%d", step->stage + 1);
        puts(step->provisional ? _(" provisional") : "");
    }
}

static void print_incident(const struct gp_incident *incident, int64_t now_ms)
{
    char area[16], left[GP_CLI_TIME_BYTES];
    int64_t due_ms = gp_plan_due(&incident->plan);

    gp_area_format(incident->area, area);
    printf(_("#%" PRIu64 "  %s, version %u\n"), incident->id, _(gp_state_name(incident->state)),
           incident->version);
    print_line(_("text"), incident->text);
    print_line(_("grid"), gp_span_of(area));
    print_line(_("category"), incident->row.code);
    print_line(_("condition"), incident->row.condition);
    print_line(_("department"), incident->row.department);
    print_line(_("owner"), incident->owner);
    print_line(_("assistant"), incident->assistant);
    print_line(_("reporter"), incident->reporter);
    print_time(_("received"), incident->received_ms);
    print_time(_("accepted"), incident->accepted_ms);
    print_time(_("due"), due_ms);
    print_time(_("finished"), incident->finished_ms);
    print_time(_("verified"), incident->verified_ms);
    print_time(_("closed"), incident->closed_ms);
    print_time(_("erased"), incident->erased_ms);
    if (incident->finished_ms == 0 && due_ms != 0 && now_ms != 0) {
        gp_cli_duration_text(due_ms - now_ms, left);
        print_line(due_ms >= now_ms ? _("time left") : _("late by"), gp_span_of(left));
    }
    print_line(_("overdue"), incident->overdue_post);
    if (incident->plan.step_count > 0)
        print_steps(&incident->plan);
}

static error_t on_show(int key, char *value, struct argp_state *state)
{
    struct list *list = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &list->cli;
        return 0;
    case ARGP_KEY_ARG:
        if (!gp_cli_number(value[0] == '#' ? value + 1 : value, &list->id))
            argp_error(state, _("'%s' is no incident's number"), value);
        return 0;
    case ARGP_KEY_END:
        if (list->id == 0)
            argp_error(state, "%s", _("name the incident's number"));
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* The daemon's clock: a drill's runs apart from ours. */
static int daemon_now(struct gp_cli *cli, int64_t *ret_now_ms)
{
    struct gp_request request = {.kind = GP_REQUEST_STATUS};
    struct gp_reply reply;
    int code = gp_cli_call(cli, &request, 0, &reply);

    if (code == GP_EXIT_DONE)
        *ret_now_ms = reply.daemon.now_ms;
    return code;
}

int gp_cmd_show(int argc, char **argv)
{
    static const struct argp parser = {
        .parser = on_show,
        .args_doc = "INCIDENT",
        .doc = N_("Shows one incident: who owns it, its times, the steps that were and will be."),
        .children = children,
    };
    struct list list = {0};
    struct gp_request request = {.kind = GP_REQUEST_INCIDENT};
    struct gp_reply reply;
    int64_t now_ms = 0;

    gp_cli_init(&list.cli);
    (void)argp_parse(&parser, argc, argv, 0, NULL, &list); /* exits on a mistake */
    request.incident = list.id;
    int code = list.cli.json ? GP_EXIT_DONE : daemon_now(&list.cli, &now_ms);
    if (code == GP_EXIT_DONE)
        code = gp_cli_call(&list.cli, &request, 0, &reply);
    if (code == GP_EXIT_DONE && list.cli.json)
        gp_cli_print_json(incident_json(reply.incident));
    else if (code == GP_EXIT_DONE)
        print_incident(reply.incident, now_ms);
    gp_cli_release(&list.cli);
    return code;
}
