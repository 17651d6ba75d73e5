/*
 * The daemon's sockets: `local` and `tcp` for who is on this machine, `edge` for what gridpost-gate
 * relays from the network, and the hints. What an address may be is checked before anything is
 * opened: the same start would fail again.
 */
#include "app/internal.h"

#include <stdlib.h>
#include <sysexits.h>

static const char *given(const char *option, const char *setting)
{
    return option != NULL ? option : setting;
}

const char *gp_sockets_address(const struct gp_app *app, enum gp_door door)
{
    const struct gp_app_options *options = app->options;
    const struct gp_settings *settings = &app->settings;

    if (door == GP_DOOR_LOCAL)
        return given(options->socket, settings->socket);
    if (door == GP_DOOR_TCP)
        return given(options->socket_tcp, settings->socket_tcp);
    return given(options->edge, settings->edge_socket);
}

static const char *hint_address(const struct gp_app *app)
{
    return given(app->options->hint, app->settings.hint_socket);
}

/* ---------------------------------------------------------------- what an address may be */

static bool begins(const char *address, const char *with)
{
    return strncmp(address, with, strlen(with)) == 0;
}

static bool ipc_or_none(const char *address)
{
    return address[0] == '\0' || begins(address, "ipc://");
}

/* The shipped unit has no network, and the drop-in that gives it the loopback says so here. */
static bool tcp_is_meant(const struct gp_app *app)
{
    const char *said = getenv("GRIDPOST_TCP");

    return app->options->drill || (said != NULL && strcmp(said, "yes") == 0);
}

static int check_tcp(const struct gp_app *app, const char *tcp)
{
    if (tcp[0] == '\0')
        return 0;
    if (!gp_settings_loopback(gp_span_of(tcp))) {
        gp_log(GP_LOG_ERROR, "socket",
               "%s: only loopback is allowed, nanomsg does not encrypt: tcp://127.0.0.1:PORT", tcp);
        return EX_CONFIG;
    }
    if (!tcp_is_meant(app)) {
        gp_log(GP_LOG_ERROR, "socket",
               "%s: tcp needs the drop-in gridpostd.service.d/tcp.conf (it sets GRIDPOST_TCP=yes)",
               tcp);
        return EX_CONFIG;
    }
    return 0;
}

/* Of the settings org/ has made sure; options come past it. */
int gp_sockets_check(const struct gp_app *app)
{
    const char *socket = gp_sockets_address(app, GP_DOOR_LOCAL);
    const char *edge = gp_sockets_address(app, GP_DOOR_EDGE), *hint = hint_address(app);

    if (!begins(socket, "ipc://")) {
        gp_log(GP_LOG_ERROR, "socket", "%s: write ipc:// and a path", socket);
        return EX_CONFIG;
    }
    if (!ipc_or_none(edge)) {
        gp_log(GP_LOG_ERROR, "socket", "%s: the edge is ipc:// only, gridpost-gate speaks tcp",
               edge);
        return EX_CONFIG;
    }
    if (!ipc_or_none(hint)) {
        gp_log(GP_LOG_ERROR, "socket", "%s: hints go over ipc:// only", hint);
        return EX_CONFIG;
    }
    return check_tcp(app, gp_sockets_address(app, GP_DOOR_TCP));
}

/* ---------------------------------------------------------------- all of them */

static int bind_door(struct gp_app *app, enum gp_door door)
{
    const char *address = gp_sockets_address(app, door), *reason = "";

    if (address[0] == '\0')
        return 0;
    if (gp_intake_open(&app->loop, address, GP_MESSAGE_BYTES_MAX + GP_ENVELOPE_OVERHEAD,
                       gp_app_on_letter, app, &app->intake[door], &reason) == 0)
        return 0;
    gp_log(GP_LOG_ERROR, "socket", "%s cannot be bound: %s", address, reason);
    return 1;
}

int gp_sockets_bind(struct gp_app *app)
{
    const char *hint = hint_address(app), *reason = "";

    for (enum gp_door door = 0; door < GP_DOORS; door++) {
        if (bind_door(app, door) != 0)
            return 1;
    }
    if (hint[0] != '\0' && gp_hint_open(&app->loop, hint, &app->hint, &reason) != 0) {
        gp_log(GP_LOG_ERROR, "socket", "%s cannot be bound: %s", hint, reason);
        return 1;
    }
    return 0;
}

void gp_sockets_pause(struct gp_app *app)
{
    for (enum gp_door door = 0; door < GP_DOORS; door++) {
        if (app->intake[door] != NULL)
            gp_intake_pause(app->intake[door]);
    }
}

void gp_sockets_resume(struct gp_app *app)
{
    for (enum gp_door door = 0; door < GP_DOORS; door++) {
        if (app->intake[door] != NULL)
            gp_intake_resume(app->intake[door]);
    }
}

void gp_sockets_close(struct gp_app *app)
{
    for (enum gp_door door = 0; door < GP_DOORS; door++) {
        gp_intake_close(app->intake[door]);
        app->intake[door] = NULL;
    }
    gp_hint_close(app->hint);
    app->hint = NULL;
}
