/* gridpost-notify SUBCOMMAND …: one table of subcommands. */
#include "notify/notify.h"

#include "gridpost/cli.h"
#include "trust/trust.h"

#include <string.h>

static const struct command {
    const char *name;
    const char *summary;
    int (*run)(int argc, char **argv);
} commands[] = {
    {"run", N_("follow the journal and tell people"), gp_notify_run},
    {"check", N_("check the settings"), gp_notify_check},
    {"test", N_("send one message by a channel"), gp_notify_test},
    {"dead", N_("list the notices that were given up"), gp_notify_dead},
    {"resend", N_("send a notice again that was given up"), gp_notify_resend},
};

#define COMMANDS (sizeof commands / sizeof commands[0])

static void print_help(FILE *to)
{
    fputs(_("usage: gridpost-notify SUBCOMMAND [OPTION…] …\n\n"), to);
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(to, "  %-10s %s\n", commands[i].name, _(commands[i].summary));
    fputs(_("\n`gridpost-notify SUBCOMMAND --help` says more; gridpost-notify(8) has everything.\n"
            "Exit codes: 0 done, 1 failed, 2 not found, 64 usage, 78 the settings are wrong.\n"),
          to);
}

/* argp prints the first argument as the program's name. */
static int run(const struct command *command, int argc, char **argv)
{
    char name[40];

    (void)snprintf(name, sizeof name, "gridpost-notify %s", command->name);
    argv[0] = name;
    if (gp_trust_start() != 0) {
        fputs(_("gridpost-notify: there is no randomness\n"), stderr);
        return GP_NOTIFY_FAILED;
    }
    return command->run(argc, argv);
}

int main(int argc, char **argv)
{
    gp_cli_start_language();
    argp_err_exit_status = GP_NOTIFY_USAGE;
    if (argc < 2) {
        print_help(stderr);
        return GP_NOTIFY_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        print_help(stdout);
        return GP_NOTIFY_DONE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("gridpost-notify " GP_VERSION);
        return GP_NOTIFY_DONE;
    }
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(argv[1], commands[i].name) == 0)
            return run(&commands[i], argc - 1, argv + 1);
    }
    fprintf(stderr, _("gridpost-notify: there is no subcommand '%s'; see gridpost-notify --help\n"),
            argv[1]);
    return GP_NOTIFY_USAGE;
}
