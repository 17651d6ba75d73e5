/* backup: has the daemon make a copy of its store, or check one; restore: gridpostd makes a store
 * of a backup. */
#include "gridpost/proof.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const struct argp_child children[] = {{&gp_cli_argp, 0, NULL, 0}, {0}};

/* ---------------------------------------------------------------- backup */

struct backup {
    struct gp_cli cli;
    bool check, list;
    bool on_line; /* progress is shown */
    struct gp_reply reply;
};

#define FIRST_LOOK_MS 50
#define LOOK_MS_MAX   1000 /* half of what a device may ask in a minute */

static const char *phase_name(int phase)
{
    static const char *const names[] = {"", N_("copying"), N_("compacting"), N_("verifying"),
                                        N_("finishing")};
    return names[phase];
}

/* On one line of a terminal, which ends with end_progress. */
static void print_progress(struct backup *backup)
{
    const struct gp_backup_state *state = &backup->reply.backup;

    if (!isatty(STDERR_FILENO) || backup->cli.json)
        return;
    fputc('\r', stderr);
    fprintf(stderr, _("%-12s %" PRIu64 " of %" PRIu64 " MiB"), _(phase_name(state->phase)),
            state->done >> 20, state->of >> 20);
    backup->on_line = true;
}

static void end_progress(struct backup *backup)
{
    if (backup->on_line)
        fputc('\n', stderr);
    backup->on_line = false;
}

static void rest(unsigned ms)
{
    const struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    (void)nanosleep(&pause, NULL); /* an interrupt ends it early, as it should */
}

/* Looks until it is over. A daemon that was started again in between knows nothing of it. */
static int follow(struct backup *backup)
{
    uint64_t job = backup->reply.backup.job;

    for (unsigned pause_ms = FIRST_LOOK_MS; backup->reply.backup.phase != GP_BACKUP_NONE;) {
        struct gp_request request = {.kind = GP_REQUEST_BACKUP, .backup = GP_BACKUP_LOOK};
        print_progress(backup);
        rest(pause_ms);
        pause_ms = pause_ms * 2 < LOOK_MS_MAX ? pause_ms * 2 : LOOK_MS_MAX;
        int code = gp_cli_call(&backup->cli, &request, 0, &backup->reply);
        if (code != GP_EXIT_DONE)
            return code;
        if (backup->reply.backup.job != job) {
            end_progress(backup);
            fprintf(stderr, _("gridpost: the daemon was started again meanwhile\n"));
            return GP_EXIT_FAILED;
        }
    }
    return GP_EXIT_DONE;
}

static const char *result_name(int result)
{
    static const char *const names[] = {"unknown", "good",      "damaged",
                                        "failed",  "cut short", "gave way"};
    return names[result];
}

static json_t *state_json(const struct gp_backup_state *state)
{
    int64_t zone_ms = gp_show_zone(state->started_ms);
    json_t *object = json_object();

    json_object_set_new(object, "check", json_boolean(state->check));
    json_object_set_new(object, "result", json_string(result_name(state->result)));
    json_object_set_new(object, "name", gp_show_text(state->name));
    json_object_set_new(object, "seq", json_integer((json_int_t)state->seq));
    json_object_set_new(object, "hash", gp_proof_hex(state->hash, sizeof state->hash));
    json_object_set_new(object, "bytes", json_integer((json_int_t)state->done));
    json_object_set_new(object, "started", gp_show_time(state->started_ms, zone_ms));
    json_object_set_new(object, "ended", gp_show_time(state->ended_ms, zone_ms));
    json_object_set_new(object, "finding", gp_show_text(state->finding));
    return object;
}

static void print_good(const struct gp_backup_state *state)
{
    if (state->check)
        printf(_("the store is whole: head %" PRIu64 ", %" PRIu64 " MiB were looked at\n"),
               state->seq, state->done >> 20);
    else
        printf(_("backup %.*s: head %" PRIu64 ", %" PRIu64 " MiB copied\n"),
               GP_SPAN_ARG(state->name), state->seq, state->done >> 20);
}

static void print_bad(const struct gp_backup_state *state)
{
    switch ((enum gp_backup_result)state->result) {
    case GP_BACKUP_DAMAGED:
        fprintf(stderr,
                _("gridpost: the copy is DAMAGED, and so is the store; nothing was kept:\n"
                  "%.*s\n"),
                GP_SPAN_ARG(state->finding));
        break;
    case GP_BACKUP_CUT:
        fprintf(stderr, _("gridpost: the daemon was stopped before the copy was made\n"));
        break;
    case GP_BACKUP_GAVE_WAY:
        fprintf(stderr, _("gridpost: gave way: the store's disk is nearly full; make room there, "
                          "and try again\n"));
        break;
    default:
        fprintf(stderr, _("gridpost: no copy could be made: %.*s\n"), GP_SPAN_ARG(state->finding));
        break;
    }
}

static int print_result(const struct backup *backup)
{
    const struct gp_backup_state *state = &backup->reply.backup;
    bool good = state->result == GP_BACKUP_GOOD;

    if (backup->cli.json)
        gp_cli_print_json(state_json(state));
    else if (good)
        print_good(state);
    else
        print_bad(state);
    if (state->result == GP_BACKUP_GAVE_WAY)
        return GP_EXIT_TRY_AGAIN;
    return good ? GP_EXIT_DONE : GP_EXIT_FAILED;
}

/* ---------------------------------------------------------------- what is kept */

static json_t *kept_json(const struct gp_backup_kept *kept)
{
    json_t *object = json_object();

    json_object_set_new(object, "name", gp_show_text(kept->name));
    json_object_set_new(object, "at", gp_show_time(kept->at_ms, gp_show_zone(kept->at_ms)));
    json_object_set_new(object, "seq", json_integer((json_int_t)kept->seq));
    json_object_set_new(object, "bytes", json_integer((json_int_t)kept->bytes));
    json_object_set_new(object, "verified", json_boolean(kept->verified));
    return object;
}

static void print_kept(const struct gp_backup_kept *kept)
{
    char at[GP_CLI_TIME_BYTES];

    gp_cli_time_text(kept->at_ms, at);
    printf(_("%.*s  made %s  head %" PRIu64 "  %" PRIu64 " MiB  %s\n"), GP_SPAN_ARG(kept->name), at,
           kept->seq, (kept->bytes + (1 << 20) - 1) >> 20,
           kept->verified ? _("verified") : _("NOT VERIFIED"));
}

static int print_list(const struct backup *backup)
{
    const struct gp_backup_state *state = &backup->reply.backup;

    for (uint32_t i = 0; i < state->kept_count; i++) {
        if (backup->cli.json)
            gp_cli_print_json(kept_json(&state->kept[i]));
        else
            print_kept(&state->kept[i]);
    }
    if (state->kept_count == 0 && !backup->cli.json)
        puts(_("no backups"));
    return GP_EXIT_DONE;
}

enum { OPT_CHECK = 256, OPT_LIST, OPT_STORE };
static const struct argp_option backup_options[] = {
    {"check", OPT_CHECK, NULL, 0, N_("only look whether the store is whole; keep nothing"), 0},
    {"list", OPT_LIST, NULL, 0, N_("only say which backups there are, the newest first"), 0},
    {0},
};

static error_t on_backup(int key, char *value, struct argp_state *state)
{
    struct backup *backup = state->input;

    (void)value;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &backup->cli;
        return 0;
    case OPT_CHECK:
        backup->check = true;
        return 0;
    case OPT_LIST:
        backup->list = true;
        return 0;
    case ARGP_KEY_END:
        if (backup->check && backup->list)
            argp_error(state, "%s", _("--check or --list, not both"));
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static enum gp_backup_act act_of(const struct backup *backup)
{
    return backup->list ? GP_BACKUP_LIST : backup->check ? GP_BACKUP_CHECK : GP_BACKUP_MAKE;
}

int gp_cmd_backup(int argc, char **argv)
{
    static const struct argp parser = {
        .options = backup_options,
        .parser = on_backup,
        .doc = N_("Has the daemon copy its store while it works, check the copy and keep it below "
                  "the folder of backups on its machine; waits until it is done."),
        .children = children,
    };
    struct backup backup = {0};
    struct gp_request request = {.kind = GP_REQUEST_BACKUP};

    gp_cli_init(&backup.cli);
    (void)argp_parse(&parser, argc, argv, 0, NULL, &backup); /* exits on a mistake */
    request.backup = (uint8_t)act_of(&backup);
    int code = gp_cli_call(&backup.cli, &request, 0, &backup.reply);
    if (code == GP_EXIT_DONE && !backup.list)
        code = follow(&backup);
    end_progress(&backup);
    if (code == GP_EXIT_DONE)
        code = backup.list ? print_list(&backup) : print_result(&backup);
    gp_cli_release(&backup.cli);
    return code;
}

/* ---------------------------------------------------------------- restore */

struct restore {
    struct gp_cli cli;
    const char *from, *store;
};

static const struct argp_option restore_options[] = {
    {"store", OPT_STORE, "DIR", 0, N_("where the store is to be: a folder that is not there"), 0},
    {0},
};

static error_t on_restore(int key, char *value, struct argp_state *state)
{
    struct restore *restore = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &restore->cli;
        return 0;
    case OPT_STORE:
        restore->store = value;
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num > 0)
            argp_error(state, "%s", _("name one backup"));
        restore->from = value;
        return 0;
    case ARGP_KEY_END:
        if (restore->from == NULL || restore->store == NULL)
            argp_error(state, "%s", _("name a backup's folder, and the new store by --store"));
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* The daemon knows stores; no daemon needs to run, and none may have that one open. */
static int run_daemon(const struct restore *restore)
{
    const char *program = getenv("GRIDPOSTD");

    if (program == NULL || program[0] == '\0')
        program = GP_SBINDIR "/gridpostd";
    (void)execlp(program, "gridpostd", "--restore", restore->from, "--store", restore->store,
                 (char *)NULL);
    fprintf(stderr, _("gridpost: %s cannot be started: %s\n"), program, strerror(errno));
    return GP_EXIT_FAILED;
}

int gp_cmd_restore(int argc, char **argv)
{
    static const struct argp parser = {
        .options = restore_options,
        .parser = on_restore,
        .args_doc = "BACKUP",
        .doc = N_("Makes a store of a backup: copies it, verifies the copy, and gives it its name. "
                  "The daemon must be stopped where it is to use that store."),
        .children = children,
    };
    struct restore restore = {0};

    gp_cli_init(&restore.cli);
    (void)argp_parse(&parser, argc, argv, 0, NULL, &restore); /* exits on a mistake */
    int code = run_daemon(&restore);
    gp_cli_release(&restore.cli);
    return code;
}
