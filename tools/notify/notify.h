/** What the subcommands of gridpost-notify share. */
#ifndef GP_NOTIFY_NOTIFY_H
#define GP_NOTIFY_NOTIFY_H

#include "base/error.h"
#include "notify/settings.h"

#include <argp.h>
#include <libintl.h>
#include <stdio.h>

#define _(text)  gettext(text)
#define N_(text) text

#define GP_NOTIFY_CONFIG "/etc/gridpost/notify.yaml"

enum gp_notify_exit { /* as the command gridpost's, and the daemon's for its configuration */
                      GP_NOTIFY_DONE = 0,
                      GP_NOTIFY_FAILED = 1,
                      GP_NOTIFY_NOT_FOUND = 2,
                      GP_NOTIFY_USAGE = 64,
                      GP_NOTIFY_CONFIG_WRONG = 78,
};

struct gp_notify_cli {
    const char *config;
    bool json;
};

/** Child parser with --config and --json; its input is a struct gp_notify_cli. */
extern const struct argp gp_notify_argp;

/** Reads the settings; findings go to stderr as `check` prints them. Returns an exit code. */
int gp_notify_load(const struct gp_notify_cli *cli, bool warnings,
                   struct gp_notify_settings **ret_settings);

/* Subcommands: argv[0] is "gridpost-notify SUBCOMMAND"; each returns an exit code. */
int gp_notify_run(int argc, char **argv);
int gp_notify_check(int argc, char **argv);
int gp_notify_test(int argc, char **argv);
int gp_notify_dead(int argc, char **argv);
int gp_notify_resend(int argc, char **argv);

#endif
