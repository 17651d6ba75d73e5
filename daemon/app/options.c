/* gridpostd's command line. */
#include "app/app.h"

#include "base/clocktext.h"
#include "base/log.h"

#include <argp.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

const char *argp_program_version = "gridpostd " GP_VERSION;

enum {
    OPT_STORE = 256,
    OPT_KEYS,
    OPT_SOCKET,
    OPT_TCP,
    OPT_EDGE,
    OPT_HINT,
    OPT_INSECURE,
    OPT_DRILL,
    OPT_RATE,
    OPT_START,
    OPT_CHECK,
    OPT_REBUILD,
    OPT_VERIFY,
    OPT_BACKUP,
    OPT_COMPACT,
    OPT_RESTORE
};

static const struct argp_option arguments[] = {
    {"config", 'c', "DIR", 0, "configuration folder (default /etc/gridpost)", 0},
    {"store", OPT_STORE, "DIR", 0, "store, instead of the setting", 0},
    {"backup", OPT_BACKUP, "DIR", 0,
     "where backups go; with --store or --drill there are none without it", 0},
    {"keys", OPT_KEYS, "DIR", 0, "the server's keys, instead of the setting", 0},
    {"socket", OPT_SOCKET, "ADDR", 0, "intake, instead of the setting: ipc://PATH", 0},
    {"tcp", OPT_TCP, "ADDR", 0, "second intake: tcp://127.0.0.1:PORT", 0},
    {"edge", OPT_EDGE, "ADDR", 0, "intake of sealed messages only; '' for none", 0},
    {"hint", OPT_HINT, "ADDR", 0, "hint socket, instead of the setting; '' for none", 0},
    {"insecure-local", OPT_INSECURE, NULL, 0,
     "believe who speaks unsealed on --socket and --tcp: for trials", 0},
    {"drill", OPT_DRILL, NULL, 0, "drill: a store of its own, entries marked", 1},
    {"clock-rate", OPT_RATE, "N", 0, "drill: clock N times as fast", 1},
    {"clock-start", OPT_START, "TIME", 0, "drill: clock starts at TIME (ISO 8601 with zone)", 1},
    {"check", OPT_CHECK, NULL, 0, "load the configuration, say what is wrong, exit", 2},
    {"verify", OPT_VERIFY, NULL, 0, "check the whole store, exit", 2},
    {"compact", OPT_COMPACT, NULL, 0, "write the tables anew, without free pages, exit", 2},
    {"restore", OPT_RESTORE, "BACKUP", 0, "make a new --store of a backup, exit", 2},
    {"rebuild", OPT_REBUILD, "DIR", 0, "fold the journal into a new store, compare, exit", 2},
    {0},
};

static void read_rate(struct gp_app_options *options, const char *text, struct argp_state *state)
{
    char *end;
    unsigned long rate = strtoul(text, &end, 10);

    if (*end != '\0' || rate < 1 || rate > 1000000)
        argp_error(state, "--clock-rate is a number from 1 to 1000000");
    options->clock_rate = (uint32_t)rate;
}

static error_t on_argument(int key, char *value, struct argp_state *state)
{
    struct gp_app_options *options = state->input;

    switch (key) {
    case 'c':
        options->config = value;
        break;
    case OPT_STORE:
        options->store = value;
        break;
    case OPT_KEYS:
        options->keys = value;
        break;
    case OPT_EDGE:
        options->edge = value;
        break;
    case OPT_INSECURE:
        options->insecure_local = true;
        break;
    case OPT_SOCKET:
        options->socket = value;
        break;
    case OPT_TCP:
        options->socket_tcp = value;
        break;
    case OPT_HINT:
        options->hint = value;
        break;
    case OPT_DRILL:
        options->drill = true;
        break;
    case OPT_RATE:
        read_rate(options, value, state);
        break;
    case OPT_CHECK:
        options->check_only = true;
        break;
    case OPT_VERIFY:
        options->verify = true;
        break;
    case OPT_BACKUP:
        options->backup = value;
        break;
    case OPT_COMPACT:
        options->compact = true;
        break;
    case OPT_RESTORE:
        options->restore = value;
        break;
    case OPT_REBUILD:
        options->rebuild = value;
        break;
    case OPT_START:
        if (gp_instant_parse(gp_span_of(value), &options->clock_start_ms) != 0)
            argp_error(state, "--clock-start: write 2026-10-01T08:00+08:00");
        break;
    case ARGP_KEY_END:
        if (!options->drill && (options->clock_rate != 1 || options->clock_start_ms != 0))
            argp_error(state, "--clock-rate and --clock-start need --drill");
        if ((options->restore != NULL || options->compact) && options->store == NULL)
            argp_error(state, "--restore and --compact need --store");
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

int gp_options_parse(int argc, char **argv, struct gp_app_options *ret_options)
{
    static const struct argp parser = {
        .options = arguments,
        .parser = on_argument,
        .doc = "The event daemon of a city's grid management.",
    };

    *ret_options = (struct gp_app_options){.config = "/etc/gridpost", .clock_rate = 1};
    argp_err_exit_status = EX_USAGE;
    int error = argp_parse(&parser, argc, argv, 0, NULL, ret_options);
    if (error != 0)
        gp_log(GP_LOG_ERROR, "config", "the options could not be read: %s", strerror(error));
    return error;
}
