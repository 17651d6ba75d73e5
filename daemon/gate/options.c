#include "gate/options.h"

#include <argp.h>
#include <stdlib.h>
#include <sysexits.h>

#define EDGE_DEFAULT "ipc:///run/gridpost-edge/edge.ipc"
#define HINT_DEFAULT "ipc:///run/gridpost-edge/hint.ipc"

#define SECONDS_MAX 86400

const char *argp_program_version = "gridpost-gate " GP_VERSION;

enum {
    OPT_HINT_LISTEN = 256,
    OPT_EDGE,
    OPT_HINT,
    OPT_CONNECTIONS,
    OPT_PER_ADDRESS,
    OPT_MEMORY,
    OPT_HANDSHAKE,
    OPT_FRAME,
    OPT_IDLE,
    OPT_LINK
};

static const struct argp_option arguments[] = {
    {"listen", 'l', "ADDR", 0, "take requests at tcp://HOST:PORT or tcp://[HOST]:PORT; up to 8", 0},
    {"hint-listen", OPT_HINT_LISTEN, "ADDR", 0, "give hints at such an address; up to 8", 0},
    {"edge", OPT_EDGE, "ADDR", 0, "the daemon's edge socket (" EDGE_DEFAULT ")", 0},
    {"hint", OPT_HINT, "ADDR", 0, "the daemon's hint socket (" HINT_DEFAULT ")", 0},
    {"connections", OPT_CONNECTIONS, "N", 0, "at most so many connections (10000)", 1},
    {"per-address", OPT_PER_ADDRESS, "N", 0, "at most so many of one address (1024)", 1},
    {"memory", OPT_MEMORY, "MIB", 0, "messages under way take at most so much (256)", 1},
    {"handshake-timeout", OPT_HANDSHAKE, "S", 0, "for the opening of a connection (5)", 2},
    {"frame-timeout", OPT_FRAME, "S", 0, "for a message, from its first byte (10)", 2},
    {"link-timeout", OPT_LINK, "S", 0, "to wait for a link of the daemon's (5)", 2},
    {"idle-timeout", OPT_IDLE, "S", 0, "without any message (600)", 2},
    {0},
};

static uint64_t read_number(struct argp_state *state, const char *name, const char *text,
                            unsigned long max)
{
    char *end;
    unsigned long number = strtoul(text, &end, 10);

    if (text[0] < '0' || text[0] > '9' || *end != '\0' || number < 1 || number > max)
        argp_error(state, "--%s is a number from 1 to %lu", name, max);
    return number;
}

static uint64_t read_seconds(struct argp_state *state, const char *name, const char *text)
{
    char *end;
    double seconds = strtod(text, &end);

    if (text[0] < '0' || text[0] > '9' || *end != '\0' || !(seconds >= 0.001) ||
        seconds > SECONDS_MAX)
        argp_error(state, "--%s is a number of seconds from 0.001 to %d", name, SECONDS_MAX);
    return (uint64_t)(seconds * 1000);
}

static void read_listen(struct argp_state *state, const char *text, struct gp_address *list,
                        unsigned *count)
{
    if (*count == GP_GATE_LISTEN_MAX)
        argp_error(state, "at most %d addresses of a kind", GP_GATE_LISTEN_MAX);
    else if (gp_address_parse(text, &list[*count]) != 0)
        argp_error(state, "%s: write tcp://HOST:PORT with a number for HOST, in [] if IPv6", text);
    else
        ++*count;
}

static const char *read_path(struct argp_state *state, const char *text)
{
    const char *path = gp_address_path(text);

    if (path == NULL)
        argp_error(state, "%s: write ipc:// and an absolute path that fits a socket", text);
    return path;
}

static error_t on_limit(int key, const char *value, struct argp_state *state)
{
    struct gp_gate_options *options = state->input;

    switch (key) {
    case OPT_CONNECTIONS:
        options->connections =
            (uint32_t)read_number(state, "connections", value, GP_GATE_CONNECTIONS_MAX);
        break;
    case OPT_PER_ADDRESS:
        options->per_address =
            (uint32_t)read_number(state, "per-address", value, GP_GATE_CONNECTIONS_MAX);
        break;
    case OPT_MEMORY:
        options->memory_bytes = read_number(state, "memory", value, 1 << 20) << 20;
        break;
    case OPT_HANDSHAKE:
        options->handshake_ms = read_seconds(state, "handshake-timeout", value);
        break;
    case OPT_FRAME:
        options->frame_ms = read_seconds(state, "frame-timeout", value);
        break;
    case OPT_LINK:
        options->link_ms = read_seconds(state, "link-timeout", value);
        break;
    case OPT_IDLE:
        options->idle_ms = read_seconds(state, "idle-timeout", value);
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static error_t on_argument(int key, char *value, struct argp_state *state)
{
    struct gp_gate_options *options = state->input;

    switch (key) {
    case 'l':
        read_listen(state, value, options->listen, &options->listen_count);
        break;
    case OPT_HINT_LISTEN:
        read_listen(state, value, options->hint_listen, &options->hint_listen_count);
        break;
    case OPT_EDGE:
        options->edge = read_path(state, value);
        break;
    case OPT_HINT:
        options->hint = read_path(state, value);
        break;
    case ARGP_KEY_END:
        if (options->listen_count + options->hint_listen_count == 0)
            argp_error(state, "nowhere to listen: give --listen or --hint-listen");
        break;
    default:
        return on_limit(key, value, state);
    }
    return 0;
}

void gp_gate_options_parse(int argc, char **argv, struct gp_gate_options *ret_options)
{
    static const struct argp parser = {
        .options = arguments,
        .parser = on_argument,
        .doc = "Takes connections from the network and relays whole messages to gridpostd.",
    };

    *ret_options = (struct gp_gate_options){
        .edge = gp_address_path(EDGE_DEFAULT),
        .hint = gp_address_path(HINT_DEFAULT),
        .connections = GP_GATE_CONNECTIONS,
        .per_address = GP_GATE_PER_ADDRESS,
        .memory_bytes = (uint64_t)GP_GATE_MEMORY_MIB << 20,
        .handshake_ms = GP_GATE_HANDSHAKE_MS,
        .frame_ms = GP_GATE_FRAME_MS,
        .idle_ms = GP_GATE_IDLE_MS,
        .link_ms = GP_GATE_LINK_MS,
    };
    argp_err_exit_status = EX_USAGE;
    (void)argp_parse(&parser, argc, argv, 0, NULL, ret_options); /* exits on a mistake */
}
