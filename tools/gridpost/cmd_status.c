/* status, roster and clock. */
#include "gridpost/cli.h"

#include <inttypes.h>
#include <string.h>

struct ask {
    struct gp_cli cli;
    struct gp_request request;
};

static const struct argp_child children[] = {{&gp_cli_argp, 0, NULL, 0}, {0}};

/* ---------------------------------------------------------------- status */

static json_t *status_json(const struct gp_daemon_status *status)
{
    int64_t zone_ms = gp_show_zone(status->now_ms);
    json_t *object = json_object();

    json_object_set_new(object, "version", gp_show_text(status->version));
    json_object_set_new(object, "drill", json_boolean(status->drill));
    json_object_set_new(object, "clock_rate", json_integer(status->clock_rate));
    json_object_set_new(object, "clock",
                        json_string(status->clock_state == 2 ? "held" : "running"));
    json_object_set_new(object, "now", gp_show_time(status->now_ms, zone_ms));
    json_object_set_new(object, "started", gp_show_time(status->started_ms, zone_ms));
    json_object_set_new(object, "next_deadline", gp_show_time(status->next_deadline_ms, zone_ms));
    json_object_set_new(object, "head", json_integer((json_int_t)status->head));
    json_object_set_new(object, "incidents", json_integer((json_int_t)status->incidents));
    json_object_set_new(object, "clocks_running", json_integer((json_int_t)status->planned));
    json_object_set_new(object, "batches", json_integer((json_int_t)status->batches));
    json_object_set_new(object, "commands", json_integer((json_int_t)status->commands));
    json_object_set_new(object, "refused", json_integer((json_int_t)status->refused));
    json_object_set_new(object, "repeated", json_integer((json_int_t)status->repeated));
    json_object_set_new(object, "malformed", json_integer((json_int_t)status->malformed));
    json_object_set_new(object, "followers", json_integer(status->followers));
    json_object_set_new(object, "sessions", json_integer((json_int_t)status->sessions));
    json_object_set_new(object, "handshakes", json_integer((json_int_t)status->handshakes));
    json_object_set_new(object, "denied", json_integer((json_int_t)status->denied));
    json_object_set_new(object, "limited", json_integer((json_int_t)status->limited));
    json_object_set_new(object, "store_bytes", json_integer((json_int_t)status->store_bytes));
    json_object_set_new(object, "no_room", json_boolean(status->no_room));
    json_object_set_new(object, "backup", gp_show_time(status->backup_ms, zone_ms));
    json_object_set_new(object, "directory", gp_show_text(status->directory));
    json_object_set_new(object, "reload", gp_show_text(status->reload));
    return object;
}

static void print_status(const struct gp_daemon_status *status)
{
    char now[GP_CLI_TIME_BYTES], started[GP_CLI_TIME_BYTES], next[GP_CLI_TIME_BYTES];
    char backup[GP_CLI_TIME_BYTES], age[GP_CLI_TIME_BYTES];

    gp_cli_time_text(status->now_ms, now);
    gp_cli_time_text(status->started_ms, started);
    gp_cli_time_text(status->next_deadline_ms, next);
    printf(_("gridpostd %.*s%s, started %s\n"), GP_SPAN_ARG(status->version),
           status->drill ? _(" (drill)") : "", started);
    printf(_("clock      %s, %s, %u times\n"), now,
           status->clock_state == 2 ? _("HELD: gridpost clock confirm") : _("running"),
           status->clock_rate);
    printf(_("journal    %" PRIu64 " entries, store %" PRIu64 " KiB\n"), status->head,
           status->store_bytes / 1024);
    if (status->no_room)
        printf(_("NO ROOM    nearly no space is left: reports are not taken\n"));
    printf(_("incidents  %" PRIu64 ", %" PRIu64 " steps and leaves planned, the next %s\n"),
           status->incidents, status->planned, next);
    printf(_("commands   %" PRIu64 " in %" PRIu64 " batches, %" PRIu64 " refused, %" PRIu64
             " repeated, %" PRIu64 " malformed\n"),
           status->commands, status->batches, status->refused, status->repeated, status->malformed);
    printf(_("followers  %u waiting\n"), status->followers);
    printf(_("sessions   %" PRIu64 " open, %" PRIu64 " handshakes, %" PRIu64 " denied, %" PRIu64
             " too fast\n"),
           status->sessions, status->handshakes, status->denied, status->limited);
    gp_cli_time_text(status->backup_ms, backup);
    gp_cli_duration_text(status->now_ms - status->backup_ms, age);
    if (status->backup_ms != 0)
        printf(_("backup     %s, %s ago\n"), backup, age);
    else
        puts(_("backup     none"));
    printf(_("directory  %.*s %.*s\n"), GP_SPAN_ARG(status->directory),
           GP_SPAN_ARG(status->reload));
}

static error_t on_plain(int key, char *value, struct argp_state *state)
{
    struct ask *ask = state->input;

    (void)value;
    if (key == ARGP_KEY_INIT)
        state->child_inputs[0] = &ask->cli;
    return key == ARGP_KEY_INIT ? 0 : ARGP_ERR_UNKNOWN;
}

int gp_cmd_status(int argc, char **argv)
{
    static const struct argp parser = {
        .parser = on_plain, .doc = N_("Says how the daemon is."), .children = children};
    struct ask ask = {.request = {.kind = GP_REQUEST_STATUS}};
    struct gp_reply reply;

    gp_cli_init(&ask.cli);
    (void)argp_parse(&parser, argc, argv, 0, NULL, &ask); /* exits on a mistake */
    int code = gp_cli_call(&ask.cli, &ask.request, 0, &reply);
    if (code == GP_EXIT_DONE && ask.cli.json)
        gp_cli_print_json(status_json(&reply.daemon));
    else if (code == GP_EXIT_DONE)
        print_status(&reply.daemon);
    gp_cli_release(&ask.cli);
    return code;
}

/* ---------------------------------------------------------------- roster */

static json_t *duty_json(const struct gp_duty_row *row)
{
    json_t *object = json_object();

    json_object_set_new(object, "area", gp_show_text(row->area));
    json_object_set_new(object, "area_name", gp_show_text(row->area_name));
    json_object_set_new(object, "kind", gp_show_text(row->kind));
    json_object_set_new(object, "post", gp_show_text(row->post));
    json_object_set_new(object, "person", gp_show_text(row->person));
    json_object_set_new(object, "name", gp_show_text(row->person_name));
    json_object_set_new(object, "phone", gp_show_text(row->phone));
    json_object_set_new(object, "path",
                        row->path != 0 ? json_string(gp_path_name(row->path)) : json_null());
    return object;
}

static void print_duty(const struct gp_duty_row *row)
{
    gp_cli_cell(row->area, 15);
    gp_cli_cell(row->area_name, 20);
    gp_cli_cell(row->kind, 4);
    gp_cli_cell(row->post, 26);
    if (row->path == 0) {
        puts(_("nobody"));
        return;
    }
    gp_cli_cell(row->person, 12);
    gp_cli_cell(row->person_name, 10);
    gp_cli_cell(gp_span_of(_(gp_path_name(row->path))), 10);
    printf("%.*s\n", GP_SPAN_ARG(row->phone));
}

enum { OPT_AT = 256 };
static const struct argp_option roster_options[] = {
    {"at", OPT_AT, "TIME", 0, N_("at this time instead of now"), 0}, {0}};

static error_t on_roster(int key, char *value, struct argp_state *state)
{
    struct ask *ask = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &ask->cli;
        return 0;
    case OPT_AT:
        gp_cli_read_time(value, &ask->request.roster.at_ms, state);
        return 0;
    case ARGP_KEY_ARG:
        if (gp_area_parse(gp_span_of(value), &ask->request.roster.area) != 0)
            argp_error(state, _("'%s' is no area's code"), value);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int gp_cmd_roster(int argc, char **argv)
{
    static const struct argp parser = {
        .options = roster_options,
        .parser = on_roster,
        .args_doc = "[AREA]",
        .doc = N_("Shows who answers in an area: its duty person, and who is behind each of its "
                  "posts. Without AREA: streets and above."),
        .children = children,
    };
    struct ask ask = {.request = {.kind = GP_REQUEST_ROSTER}};
    struct gp_reply reply;

    gp_cli_init(&ask.cli);
    (void)argp_parse(&parser, argc, argv, 0, NULL, &ask); /* exits on a mistake */
    int code = gp_cli_call(&ask.cli, &ask.request, 0, &reply);
    for (uint32_t i = 0; code == GP_EXIT_DONE && i < reply.roster.count; i++) {
        if (ask.cli.json)
            gp_cli_print_json(duty_json(&reply.roster.item[i]));
        else
            print_duty(&reply.roster.item[i]);
    }
    gp_cli_release(&ask.cli);
    return code;
}

/* ---------------------------------------------------------------- clock */

static error_t on_clock(int key, char *value, struct argp_state *state)
{
    struct ask *ask = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &ask->cli;
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num == 0 && strcmp(value, "confirm") == 0)
            ask->request.control.act = GP_CONTROL_CLOCK_CONFIRM;
        else if (state->arg_num == 0 && strcmp(value, "lower") == 0)
            ask->request.control.act = GP_CONTROL_CLOCK_LOWER;
        else if (state->arg_num == 0 || !gp_cli_time(value, &ask->request.control.at_ms))
            argp_error(state, "%s", _("write: confirm, or lower TIME"));
        return 0;
    case ARGP_KEY_END:
        if (ask->request.control.act == 0 ||
            (ask->request.control.act == GP_CONTROL_CLOCK_LOWER && ask->request.control.at_ms == 0))
            argp_error(state, "%s", _("write: confirm, or lower TIME"));
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int gp_cmd_clock(int argc, char **argv)
{
    static const struct argp parser = {
        .parser = on_clock,
        .args_doc = "confirm | lower TIME",
        .doc = N_("For an admin: confirms that the wall clock is right when the ladder is held, or "
                  "lowers a mark that lies in the future."),
        .children = children,
    };
    struct ask ask = {.request = {.kind = GP_REQUEST_CONTROL}};
    struct gp_reply reply;

    gp_cli_init(&ask.cli);
    (void)argp_parse(&parser, argc, argv, 0, NULL, &ask); /* exits on a mistake */
    int code = gp_cli_new_id(ask.request.control.id);
    if (code == GP_EXIT_DONE)
        code = gp_cli_call(&ask.cli, &ask.request, 0, &reply);
    if (code == GP_EXIT_DONE)
        puts(_("done"));
    gp_cli_release(&ask.cli);
    return code;
}
