/* run and check; and what all subcommands begin with, the settings. */
#include "notify/notify.h"

#include "base/log.h"
#include "notify/run.h"
#include "notify/say.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { OPT_JSON = 256, OPT_SINCE };

static const struct argp_option common[] = {
    {"config", 'c', "FILE", 0, N_("settings (default /etc/gridpost/notify.yaml)"), 0},
    {"json", OPT_JSON, NULL, 0, N_("one JSON object a line"), 0},
    {0},
};

static error_t on_common(int key, char *value, struct argp_state *state)
{
    struct gp_notify_cli *cli = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        cli->config = GP_NOTIFY_CONFIG;
        return 0;
    case 'c':
        cli->config = value;
        return 0;
    case OPT_JSON:
        cli->json = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp gp_notify_argp = {.options = common, .parser = on_common};

static const struct argp_child children[] = {{&gp_notify_argp, 0, NULL, 0}, {0}};

/* ---------------------------------------------------------------- findings */

static void print_json(const struct gp_finding *finding)
{
    json_t *object = json_object();

    json_object_set_new(object, "severity",
                        json_string(finding->severity == GP_FINDING_ERROR ? "error" : "warning"));
    json_object_set_new(object, "file", json_string(finding->file));
    json_object_set_new(object, "line",
                        finding->line != 0 ? json_integer(finding->line) : json_null());
    json_object_set_new(object, "field", json_string(finding->field));
    json_object_set_new(object, "value", json_string(finding->value));
    json_object_set_new(object, "problem", json_string(finding->problem));
    json_object_set_new(object, "remedy", json_string(finding->remedy));
    (void)json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(object);
}

static void print_finding(FILE *to, const struct gp_finding *finding)
{
    fputs(finding->file, to);
    if (finding->line != 0)
        fprintf(to, ":%u", finding->line);
    fprintf(to, ": %s: ", finding->severity == GP_FINDING_ERROR ? _("error") : _("warning"));
    if (finding->field[0] != '\0')
        fprintf(to, "%s ", finding->field);
    if (finding->value[0] != '\0')
        fprintf(to, "'%s' ", finding->value);
    fprintf(to, "%s\n    %s\n", _(finding->problem), _(finding->remedy));
}

static int load(const struct gp_notify_cli *cli, struct gp_findings *findings,
                struct gp_notify_settings **ret_settings)
{
    int rc = gp_notify_settings_load(cli->config, findings, ret_settings);

    if (rc == 0)
        return GP_NOTIFY_DONE;
    if (rc == GP_ECONFIG)
        return GP_NOTIFY_CONFIG_WRONG;
    fprintf(stderr, "gridpost-notify: %s: %s\n", cli->config, gp_error_text(rc));
    return rc == GP_ENOTFOUND ? GP_NOTIFY_NOT_FOUND : GP_NOTIFY_FAILED;
}

int gp_notify_load(const struct gp_notify_cli *cli, bool warnings,
                   struct gp_notify_settings **ret_settings)
{
    struct gp_findings findings;

    gp_findings_init(&findings);
    int code = load(cli, &findings, ret_settings);
    for (size_t i = 0; i < findings.count; i++) {
        if (warnings || findings.item[i].severity == GP_FINDING_ERROR)
            print_finding(stderr, &findings.item[i]);
    }
    gp_findings_release(&findings);
    return code;
}

/* ---------------------------------------------------------------- check */

int gp_notify_check(int argc, char **argv)
{
    static const struct argp parser = {.children = children,
                                       .doc = N_("Checks the settings, the files that they name "
                                                 "and the templates, and sends nothing.")};
    struct gp_notify_cli cli = {0};
    struct gp_notify_settings *settings = NULL;
    struct gp_findings findings;

    (void)argp_parse(&parser, argc, argv, 0, NULL, &cli); /* exits on a mistake */
    gp_findings_init(&findings);
    int code = load(&cli, &findings, &settings);
    for (size_t i = 0; i < findings.count; i++) {
        if (cli.json)
            print_json(&findings.item[i]);
        else
            print_finding(stdout, &findings.item[i]);
    }
    if (code == GP_NOTIFY_DONE && !cli.json)
        printf(_("%s: %u channels, %u recipients\n"), cli.config, settings->channel_count,
               settings->rule_count);
    gp_findings_release(&findings);
    gp_notify_settings_free(settings);
    return code;
}

/* ---------------------------------------------------------------- run */

struct run_arguments {
    struct gp_notify_cli cli;
    struct gp_run_options options;
};

static const struct argp_option run_options[] = {
    {"since", OPT_SINCE, "SEQ", 0,
     N_("tell what the journal says behind entry SEQ, whatever was told before"), 0},
    {0},
};

static error_t on_run(int key, char *value, struct argp_state *state)
{
    struct run_arguments *arguments = state->input;
    char *end;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &arguments->cli;
        return 0;
    case OPT_SINCE:
        errno = 0;
        arguments->options.since = strtoull(value, &end, 10);
        arguments->options.since_given = true;
        if (value[0] < '0' || value[0] > '9' || *end != '\0' || errno != 0)
            argp_error(state, "%s", _("--since is an entry's number"));
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* A reload with mistakes goes on as before, and says so. */
static void reload(const struct gp_notify_cli *cli, struct gp_notify_settings **settings)
{
    struct gp_notify_settings *fresh = NULL;

    gp_say_state("RELOADING=1");
    if (gp_notify_load(cli, false, &fresh) != GP_NOTIFY_DONE) {
        gp_log(GP_LOG_ERROR, "reload", "the settings have mistakes; going on as before");
        return;
    }
    gp_notify_settings_free(*settings);
    *settings = fresh;
    gp_log(GP_LOG_INFO, "reload", "%u channels, %u recipients", fresh->channel_count,
           fresh->rule_count);
}

int gp_notify_run(int argc, char **argv)
{
    static const struct argp parser = {.options = run_options,
                                       .parser = on_run,
                                       .children = children,
                                       .doc = N_("Follows the journal and tells people, until it "
                                                 "is stopped.")};
    struct run_arguments arguments = {0};
    struct gp_notify_settings *settings = NULL;
    enum gp_run_end end;

    (void)argp_parse(&parser, argc, argv, 0, NULL, &arguments); /* exits on a mistake */
    int code = gp_notify_load(&arguments.cli, true, &settings);
    if (code != GP_NOTIFY_DONE)
        return code;
    gp_log_open(settings->log_level);
    gp_run_signals();
    while ((end = gp_run(settings, &arguments.options)) == GP_RUN_RELOAD) {
        arguments.options.since_given = false;
        reload(&arguments.cli, &settings);
    }
    gp_notify_settings_free(settings);
    switch (end) {
    case GP_RUN_STOPPED:
        return GP_NOTIFY_DONE;
    case GP_RUN_NEVER:
        return GP_NOTIFY_CONFIG_WRONG;
    default:
        return GP_NOTIFY_FAILED;
    }
}
