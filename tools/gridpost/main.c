/* gridpost SUBCOMMAND …: one table of subcommands. */
#include "gridpost/cli.h"

#include <string.h>

static const struct command {
    const char *name;
    const char *summary;
    int (*run)(int argc, char **argv);
} commands[] = {
    {"report", N_("report an incident"), gp_cmd_act},
    {"file", N_("file and dispatch a report that waits for it"), gp_cmd_act},
    {"accept", N_("accept an incident for its owner post"), gp_cmd_act},
    {"note", N_("add a note to an incident"), gp_cmd_act},
    {"stage", N_("meet a stage of a staged limit"), gp_cmd_act},
    {"finish", N_("say that the work is done"), gp_cmd_act},
    {"verify", N_("say whether the work is good; alone: check the journal's chain; a store"),
     gp_cmd_verify},
    {"inform", N_("say that residents were told"), gp_cmd_act},
    {"close", N_("close a verified incident"), gp_cmd_act},
    {"reopen", N_("begin the work of a closed incident again"), gp_cmd_act},
    {"return", N_("say that it is not ours"), gp_cmd_act},
    {"consent", N_("allow a return after the window"), gp_cmd_act},
    {"rule", N_("rule on a returned incident"), gp_cmd_act},
    {"refuse", N_("refuse a task from above without approval"), gp_cmd_act},
    {"extend", N_("ask for more time"), gp_cmd_act},
    {"decide", N_("decide on an extension"), gp_cmd_act},
    {"suspend", N_("let the clock stand still until a date"), gp_cmd_act},
    {"resume", N_("end a suspension early"), gp_cmd_act},
    {"reassign", N_("give an incident to another post"), gp_cmd_act},
    {"correct", N_("correct grid, category or condition"), gp_cmd_act},
    {"void", N_("end what is no incident"), gp_cmd_act},
    {"link", N_("let a duplicate follow its main incident"), gp_cmd_act},
    {"unlink", N_("take a duplicate out again"), gp_cmd_act},
    {"deliver", N_("say what became of a notice"), gp_cmd_act},
    {"appeal", N_("appeal against a strike"), gp_cmd_act},
    {"sign", N_("sign an appeal"), gp_cmd_act},
    {"erase", N_("erase personal texts of incidents that are over"), gp_cmd_erase},
    {"show", N_("one incident with its plan"), gp_cmd_show},
    {"list", N_("incidents by area, state, post, department, person, time"), gp_cmd_list},
    {"roster", N_("who answers in an area now"), gp_cmd_roster},
    {"who", N_("who would be told of a report, step by step"), gp_cmd_who},
    {"leave", N_("ask for leave, list, approve, reject or cancel it"), gp_cmd_leave},
    {"hold", N_("say who holds a post"), gp_cmd_hold},
    {"transfer", N_("somebody leaves for good: what they hold goes to another"), gp_cmd_transfer},
    {"import", N_("enter holdings and leaves from files; a store from an export"), gp_cmd_import},
    {"export", N_("everything in a store, as lines of JSON"), gp_cmd_export},
    {"watch", N_("follow a feed"), gp_cmd_watch},
    {"tail", N_("follow the escalations"), gp_cmd_tail},
    {"assess", N_("figures, rates and scores of a period, by unit"), gp_cmd_assess},
    {"strikes", N_("strikes and what became of them, and their notices"), gp_cmd_strikes},
    {"status", N_("how the daemon is"), gp_cmd_status},
    {"metrics", N_("what the daemon counts of itself, for Prometheus"), gp_cmd_metrics},
    {"clock", N_("confirm a held clock, or lower its mark"), gp_cmd_clock},
    {"init", N_("make the server's keys and the first admin"), gp_cmd_init},
    {"enrol", N_("invite a person's device"), gp_cmd_enrol},
    {"join", N_("join as a device, by an invitation"), gp_cmd_join},
    {"devices", N_("list the devices that may speak; confirm one"), gp_cmd_devices},
    {"revoke", N_("lock a device out"), gp_cmd_revoke},
    {"rotate-key", N_("change the server's key"), gp_cmd_rotate_key},
    {"receipt", N_("show or verify a receipt that was kept"), gp_cmd_receipt},
    {"head", N_("the journal's end, signed"), gp_cmd_head},
    {"backup", N_("have a copy of the store made, or checked"), gp_cmd_backup},
    {"restore", N_("make a store of a backup"), gp_cmd_restore},
    {"check", N_("check a configuration folder"), gp_cmd_check},
    {"duty", N_("the duty card of a category"), gp_cmd_duty},
    {"plan", N_("the steps a report would get, and who would be told"), gp_cmd_plan},
    {"rehearse", N_("run a scenario on a virtual clock"), gp_cmd_rehearse},
    {"replay", N_("replay a city's request export"), gp_cmd_replay},
};

#define COMMANDS (sizeof commands / sizeof commands[0])

static void print_help(FILE *to)
{
    fputs(_("usage: gridpost SUBCOMMAND [OPTION…] …\n\n"), to);
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(to, "  %-10s %s\n", commands[i].name, _(commands[i].summary));
    fputs(_("\n`gridpost SUBCOMMAND --help` says more; gridpost(1) has everything.\n"
            "Exit codes: 0 done, 1 failed, 2 not found, 3 refused, 4 timed out, 64 usage,\n"
            "75 try again later, 130 interrupted.\n"),
          to);
}

/* argp prints the first argument as the program's name. */
static int run(const struct command *command, int argc, char **argv)
{
    char name[32];

    (void)snprintf(name, sizeof name, "gridpost %s", command->name);
    argv[0] = name;
    return command->run(argc, argv);
}

int main(int argc, char **argv)
{
    gp_cli_start_language();
    argp_err_exit_status = GP_EXIT_USAGE;
    if (argc < 2) {
        print_help(stderr);
        return GP_EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        print_help(stdout);
        return GP_EXIT_DONE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("gridpost " GP_VERSION);
        return GP_EXIT_DONE;
    }
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(argv[1], commands[i].name) == 0)
            return run(&commands[i], argc - 1, argv + 1);
    }
    fprintf(stderr, _("gridpost: there is no subcommand '%s'; see gridpost --help\n"), argv[1]);
    return GP_EXIT_USAGE;
}
