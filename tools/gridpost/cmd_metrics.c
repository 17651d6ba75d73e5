/* metrics: the daemon's figures for Prometheus. */
#include "gridpost/cli.h"

#include "gridpost/save.h"
#include "show/metrics.h"

#include <stdlib.h>

/* A collector of another user reads it. */
#define METRICS_MODE 0644

struct ask {
    struct gp_cli cli;
    const char *output; /* NULL: standard output */
};

static const struct argp_child children[] = {{&gp_cli_argp, 0, NULL, 0}, {0}};

static const struct argp_option options[] = {
    {"output", 'o', "FILE", 0, N_("write FILE, whole or not at all, for a collector of text files"),
     0},
    {0}};

static error_t on_option(int key, char *value, struct argp_state *state)
{
    struct ask *ask = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &ask->cli;
        return 0;
    case 'o':
        ask->output = value;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* Nobody answers; or what answers says to come again. A refusal is an answer. */
static bool is_down(int code)
{
    return code == GP_EXIT_FAILED || code == GP_EXIT_TIMED_OUT || code == GP_EXIT_TRY_AGAIN;
}

/* figures NULL: the daemon is down. Returns an exit code. */
static int put(const struct ask *ask, const struct gp_daemon_figures *figures)
{
    char *text = NULL;
    size_t len = 0;
    FILE *memory = open_memstream(&text, &len);
    int code = GP_EXIT_FAILED;

    if (memory != NULL && figures != NULL)
        gp_show_metrics(figures, memory);
    else if (memory != NULL)
        gp_show_metrics_down(memory);
    if (memory == NULL || fclose(memory) != 0)
        fprintf(stderr, _("gridpost: %s\n"), gp_error_text(GP_ENOMEM));
    else if (ask->output != NULL)
        code = gp_save_or_say(ask->output, (struct gp_span){text, len}, METRICS_MODE);
    else if (fwrite(text, 1, len, stdout) == len && fflush(stdout) == 0)
        code = GP_EXIT_DONE;
    else
        fprintf(stderr, _("gridpost: %s\n"), gp_error_text(GP_EIO));
    free(text);
    return code;
}

int gp_cmd_metrics(int argc, char **argv)
{
    static const struct argp parser = {
        .options = options,
        .parser = on_option,
        .doc = N_("Prints what the daemon counts and measures of itself, as Prometheus reads it."),
        .children = children,
    };
    struct ask ask = {.output = NULL};
    struct gp_request request = {.kind = GP_REQUEST_FIGURES};
    struct gp_reply reply;

    gp_cli_init(&ask.cli);
    (void)argp_parse(&parser, argc, argv, 0, NULL, &ask); /* exits on a mistake */
    int code = gp_cli_call(&ask.cli, &request, 0, &reply);
    if (code == GP_EXIT_DONE)
        code = put(&ask, reply.figures);
    else if (is_down(code))
        (void)put(&ask, NULL); /* the code says what went wrong first */
    gp_cli_release(&ask.cli);
    return code;
}
