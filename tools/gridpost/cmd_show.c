/* show: one incident, who follows it, and who was told what. */
#include "gridpost/show.h"

#include <inttypes.h>

struct show {
    struct gp_cli cli;
    uint64_t id;
    bool notices;
};

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
    puts(_("steps"));
    for (uint8_t i = 0; i < plan->step_count; i++) {
        const struct gp_plan_step *step = &plan->step[i];
        char at[GP_CLI_TIME_BYTES];
        gp_cli_time_text(step->at_ms, at);
        printf("  %s  ", at);
        gp_cli_cell(gp_span_of(_(gp_step_name(step->step))), 13);
        gp_cli_cell(gp_span_of(_(gp_show_status_name(step->status))), 8);
        if (plan->stage_count > 1)
            printf("%d", step->stage + 1);
        puts(step->provisional ? _(" provisional") : "");
    }
}

/* ---------------------------------------------------------------- the side lines */

static void print_count(const char *name, unsigned count)
{
    char text[16];

    if (count == 0)
        return;
    (void)snprintf(text, sizeof text, "%u", count);
    print_line(name, gp_span_of(text));
}

static void print_return(const struct gp_side *side)
{
    char text[3 * GP_ID_BYTES_MAX];

    print_count(_("returns"), side->returns);
    print_count(_("buck-passing"), side->buck_passed);
    if (side->consented)
        print_line(_("consent"), gp_span_of(_("one return after the window is allowed")));
    if (side->bound)
        print_line(_("ruling"), gp_span_of(_("the street has ruled: it binds")));
    if (side->returner.len == 0)
        return;
    (void)snprintf(text, sizeof text, "%.*s (%s)", GP_SPAN_ARG(side->returner),
                   gp_return_reason_name(side->return_reason));
    print_line(_("returned by"), gp_span_of(text));
    print_time(_("returned"), side->returned_ms);
    print_line(_("suggested"), side->suggested);
    print_line(_("waits for"), gp_span_of(_("a ruling of the street")));
}

static void print_waits(const struct gp_side *side)
{
    char text[2 * GP_ID_BYTES_MAX];

    if (side->asked_ms != 0) {
        (void)snprintf(text, sizeof text, _("%u h, asked by %.*s"), side->asked_h,
                       GP_SPAN_ARG(side->asker));
        print_line(_("extension"), gp_span_of(text));
    }
    print_time(_("goes on"), side->resume_ms);
    print_time(_("check due"), side->check_due_ms);
}

static void print_origin(const struct gp_side *side)
{
    char text[2 * GP_ID_BYTES_MAX];

    if (side->downward)
        print_line(_("from above"), side->approval.len > 0
                                        ? side->approval
                                        : gp_span_of(_("without approval: may be refused")));
    if (side->on_spot)
        print_line(_("on the spot"), gp_span_of(side->drawn ? _("drawn for a check") : _("yes")));
    if (side->main != 0) {
        (void)snprintf(text, sizeof text, "#%" PRIu64, side->main);
        print_line(_("follows"), gp_span_of(text));
    }
    print_line(_("vacant post"), side->unfilled);
}

static void print_side(const struct gp_side *side)
{
    print_origin(side);
    print_return(side);
    print_waits(side);
    print_count(_("reworks"), side->reworks);
    print_count(_("reopened"), side->reopens);
    for (uint8_t i = 0; i < side->struck_count; i++)
        print_line(_("strike"), side->struck[i]);
}

/* ---------------------------------------------------------------- the whole */

/* Whether the owner's clock runs: it stands while a ruling, a date or the main incident is awaited.
 */
static bool clock_runs(const struct gp_incident *incident)
{
    switch (incident->state) {
    case GP_STATE_DISPATCHED:
    case GP_STATE_ACCEPTED:
    case GP_STATE_REWORK:
    case GP_STATE_REOPENED:
        return true;
    default:
        return false;
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
    if (clock_runs(incident) && due_ms != 0 && now_ms != 0) {
        gp_cli_duration_text(due_ms - now_ms, left);
        print_line(due_ms >= now_ms ? _("time left") : _("late by"), gp_span_of(left));
    }
    print_line(_("overdue"), incident->overdue_post);
    print_side(&incident->side);
    if (incident->plan.step_count > 0)
        print_steps(&incident->plan);
}

enum { OPT_NOTICES = 256 };

static error_t on_show(int key, char *value, struct argp_state *state)
{
    struct show *show = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &show->cli;
        return 0;
    case OPT_NOTICES:
        show->notices = true;
        return 0;
    case ARGP_KEY_ARG:
        if (!gp_cli_incident(value, &show->id))
            argp_error(state, _("'%s' is no incident's number"), value);
        return 0;
    case ARGP_KEY_END:
        if (show->id == 0)
            argp_error(state, "%s", _("name the incident's number"));
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* ---------------------------------------------------------------- who follows it (R21) */

static json_t *followers_json(const struct gp_reply *reply)
{
    json_t *followers = json_array();

    for (uint32_t i = 0; i < reply->follower_count; i++)
        json_array_append_new(followers, json_integer((json_int_t)reply->follower[i]));
    return followers;
}

static void print_followers(const struct gp_reply *reply)
{
    if (reply->follower_count == 0)
        return;
    gp_cli_cell(gp_span_of(_("followers")), 12);
    for (uint32_t i = 0; i < reply->follower_count; i++)
        printf(i > 0 ? " #%" PRIu64 : "#%" PRIu64, reply->follower[i]);
    putchar('\n');
}

/* ---------------------------------------------------------------- the command */

/* Behind the incident, whose memory the next call takes. */
static int show_notices(struct show *show, json_t *object)
{
    struct gp_notices notices = {0};
    int code = gp_notices_read(&show->cli, show->id, &notices);

    if (code == GP_EXIT_DONE && show->cli.json)
        json_object_set_new(object, "notices", gp_notices_json(&notices));
    else if (code == GP_EXIT_DONE)
        gp_notices_print(&notices);
    gp_notices_release(&notices);
    return code;
}

static int show_it(struct show *show, const struct gp_reply *reply, int64_t now_ms)
{
    json_t *object = NULL;
    int code = GP_EXIT_DONE;

    if (show->cli.json) {
        object = gp_show_incident(reply->incident);
        json_object_set_new(object, "followers", followers_json(reply));
    } else {
        print_incident(reply->incident, now_ms);
        print_followers(reply);
    }
    if (show->notices)
        code = show_notices(show, object);
    if (code == GP_EXIT_DONE && show->cli.json)
        gp_cli_print_json(json_incref(object));
    json_decref(object);
    return code;
}

static int run_show(struct show *show)
{
    struct gp_request request = {.kind = GP_REQUEST_INCIDENT, .incident = show->id};
    struct gp_reply reply;
    int64_t now_ms = 0;
    int code = show->cli.json ? GP_EXIT_DONE : gp_cli_now(&show->cli, &now_ms);

    if (code == GP_EXIT_DONE)
        code = gp_cli_call(&show->cli, &request, 0, &reply);
    return code == GP_EXIT_DONE ? show_it(show, &reply, now_ms) : code;
}

int gp_cmd_show(int argc, char **argv)
{
    static const struct argp_child children[] = {{&gp_cli_argp, 0, NULL, 0}, {0}};
    static const struct argp_option options[] = {
        {"notices", OPT_NOTICES, NULL, 0, N_("who was told what, and whether it reached them"), 0},
        {0}};
    static const struct argp parser = {
        .options = options,
        .parser = on_show,
        .args_doc = "INCIDENT",
        .doc = N_("Shows one incident: who owns it, its times, the steps that were and will be."),
        .children = children,
    };
    struct show show = {0};

    gp_cli_init(&show.cli);
    (void)argp_parse(&parser, argc, argv, 0, NULL, &show); /* exits on a mistake */
    int code = run_show(&show);
    gp_cli_release(&show.cli);
    return code;
}
