/*
 * import: holdings and leaves from files, entered by commands that the journal keeps. The files
 * have the columns of org/holdings.csv and org/leave.csv; they are read by the directory's own
 * loader, in a folder that is the configuration with these files in place of its own, so that every
 * mistake is found and named before anything is sent.
 */
#include "gridpost/offline.h"
#include "gridpost/people.h"
#include "gridpost/stores.h"

#include "base/tree.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct import {
    struct gp_cli cli;
    const char *folder, *holdings, *leave;
    bool dry_run;
    int64_t now_ms;
    char scratch[64]; /* the folder that is read; "": not made yet */
    struct gp_directory *directory;
    struct gp_people_list held, away; /* as the daemon has them */
    unsigned changes;
    int refused; /* the first exit code that was not DONE */
};

/* ---------------------------------------------------------------- the folder */

/* A link `name` in the scratch folder to a file or folder, by its whole path. */
static bool link_to(const struct import *import, const char *name, const char *target)
{
    char whole[PATH_MAX], path[PATH_MAX];

    if (realpath(target, whole) == NULL)
        return false;
    (void)snprintf(path, sizeof path, "%s/%s", import->scratch, name);
    return symlink(whole, path) == 0;
}

static bool link_part(const struct import *import, const char *name)
{
    char target[PATH_MAX];

    (void)snprintf(target, sizeof target, "%s/%s", import->folder, name);
    return link_to(import, name, target);
}

static int not_there(const char *file)
{
    fprintf(stderr, _("gridpost: %s: %s\n"), file, gp_error_text(GP_ENOTFOUND));
    return GP_EXIT_NOT_FOUND;
}

static int make_scratch(struct import *import)
{
    static const char *const parts[] = {
        "gridpost.yaml",       "ladders.yaml",   "calendar",       "org/areas.csv",
        "org/departments.csv", "org/lines.csv",  "org/people.csv", "org/posts.csv",
        "org/catalogue.csv",   "org/rights.csv",
    };
    char org[80];

    (void)snprintf(import->scratch, sizeof import->scratch, "/tmp/gridpost-import-XXXXXX");
    if (mkdtemp(import->scratch) == NULL) {
        import->scratch[0] = '\0';
        fprintf(stderr, "gridpost: %s\n", gp_error_text(GP_EIO));
        return GP_EXIT_FAILED;
    }
    (void)snprintf(org, sizeof org, "%s/org", import->scratch);
    bool made = mkdir(org, 0700) == 0;
    for (size_t i = 0; made && i < sizeof parts / sizeof parts[0]; i++)
        made = link_part(import, parts[i]);
    if (!made) {
        fprintf(stderr, _("gridpost: %s is no configuration folder\n"), import->folder);
        return GP_EXIT_FAILED;
    }
    if (import->holdings == NULL)
        (void)link_part(import, "org/holdings.csv"); /* missing: the loader says so */
    else if (!link_to(import, "org/holdings.csv", import->holdings))
        return not_there(import->holdings);
    if (import->leave != NULL && !link_to(import, "org/leave.csv", import->leave))
        return not_there(import->leave);
    return GP_EXIT_DONE;
}

/* ---------------------------------------------------------------- one change */

/* Says it, and sends it unless it is a dry run. Goes on after a refusal. */
static int change(struct import *import, const char *what, struct gp_command *command,
                  struct gp_reply *ret_reply)
{
    struct gp_span subject = command->verb == GP_VERB_HOLD ? command->post : command->person;
    int64_t to_ms = command->to_ms != 0 ? command->to_ms : INT64_MAX;

    import->changes++;
    printf("+ %s %.*s %.*s %s\n", what, GP_SPAN_ARG(subject),
           GP_SPAN_ARG(command->verb == GP_VERB_HOLD ? command->person : command->standin),
           gp_people_interval(command->from_ms, to_ms));
    (void)fflush(stdout);
    if (import->dry_run)
        return GP_EXIT_DONE;
    int code = gp_cli_send(&import->cli, command, ret_reply);
    if (code != GP_EXIT_DONE && import->refused == GP_EXIT_DONE)
        import->refused = code;
    return code == GP_EXIT_REFUSED ? GP_EXIT_DONE : code;
}

/* ---------------------------------------------------------------- holdings */

/* A row that has begun is the same as a holding that has: when does not matter any more. */
static bool is_held(const struct import *import, const struct gp_command *row, int64_t from_ms)
{
    int64_t to_ms = row->to_ms != 0 ? row->to_ms : INT64_MAX;

    for (size_t i = 0; i < import->held.holding_count; i++) {
        const struct gp_tenure *held = &import->held.holding[i];
        bool begun = from_ms <= import->now_ms && held->from_ms <= import->now_ms;
        if (gp_span_equal(held->post, row->post) && gp_span_equal(held->person, row->person) &&
            held->to_ms == to_ms && (begun || held->from_ms == from_ms))
            return true;
    }
    return false;
}

static int import_holdings(struct import *import, const struct gp_org *org)
{
    int code = GP_EXIT_DONE;

    for (size_t i = 0; code == GP_EXIT_DONE && i < org->holding_count; i++) {
        const struct gp_holding *row = &org->holdings[i];
        struct gp_reply reply;
        struct gp_command command = {
            .verb = GP_VERB_HOLD,
            .post = org->posts[row->post].id,
            .person = org->persons[row->person].id,
            .from_ms = row->from_ms > import->now_ms ? row->from_ms : import->now_ms,
            .to_ms = row->to_ms != INT64_MAX ? row->to_ms : 0,
            .text = GP_SPAN("import"),
        };
        if (row->to_ms > import->now_ms && !is_held(import, &command, row->from_ms))
            code = change(import, _("holding"), &command, &reply);
    }
    return code;
}

/* ---------------------------------------------------------------- leave */

static const struct gp_leave_record *find_leave(const struct import *import,
                                                const struct gp_leave *row, struct gp_span person)
{
    for (size_t i = 0; i < import->away.leave_count; i++) {
        const struct gp_leave_record *leave = &import->away.leave[i];
        bool counts = leave->state == GP_LEAVE_REQUESTED || leave->state == GP_LEAVE_APPROVED;
        if (counts && gp_span_equal(leave->person, person) && leave->from_ms == row->from_ms &&
            leave->to_ms == row->to_ms)
            return leave;
    }
    return NULL;
}

static int approve(struct import *import, struct gp_command *command, uint64_t id)
{
    struct gp_reply reply;

    command->verb = GP_VERB_APPROVE;
    command->leave = id;
    return change(import, _("approval"), command, &reply);
}

static int import_leave(struct import *import, const struct gp_org *org, const struct gp_leave *row)
{
    struct gp_reply reply = {.status = 0};
    struct gp_command command = {
        .verb = GP_VERB_LEAVE,
        .person = org->persons[row->person].id,
        .standin = row->standin != GP_NONE ? org->persons[row->standin].id : (struct gp_span){0},
        .from_ms = row->from_ms,
        .to_ms = row->to_ms,
        .text = GP_SPAN("import"),
    };
    const struct gp_leave_record *known = find_leave(import, row, command.person);
    uint64_t id = known != NULL ? known->id : 0;

    if (known == NULL) {
        int code = change(import, _("leave"), &command, &reply);
        if (code != GP_EXIT_DONE)
            return code;
        if (reply.status == GP_STATUS_OK)
            id = reply.answer.incident;
    }
    bool approved = known != NULL && known->state == GP_LEAVE_APPROVED;
    if (!row->approved || approved || (id == 0 && !import->dry_run))
        return GP_EXIT_DONE;
    return approve(import, &command, id);
}

static int import_leaves(struct import *import, const struct gp_org *org)
{
    int code = GP_EXIT_DONE;

    for (size_t i = 0; code == GP_EXIT_DONE && i < org->leave_count; i++) {
        if (org->leaves[i].to_ms > import->now_ms)
            code = import_leave(import, org, &org->leaves[i]);
    }
    return code;
}

/* ---------------------------------------------------------------- the whole */

static int ask_daemon(struct import *import)
{
    struct gp_leaves_ask ask = {.holdings = true};
    int code = gp_cli_now(&import->cli, &import->now_ms);

    ask.from_ms = import->now_ms;
    if (code == GP_EXIT_DONE)
        code = gp_people_ask(&import->cli, ask, &import->held);
    ask.holdings = false;
    return code == GP_EXIT_DONE ? gp_people_ask(&import->cli, ask, &import->away) : code;
}

static int run_import(struct import *import)
{
    int code = make_scratch(import);

    if (code == GP_EXIT_DONE)
        code = gp_offline_load_as(import->folder, import->scratch, &import->directory);
    if (code == GP_EXIT_DONE)
        code = ask_daemon(import);
    if (code == GP_EXIT_DONE && import->holdings != NULL)
        code = import_holdings(import, gp_directory_org(import->directory));
    if (code == GP_EXIT_DONE && import->leave != NULL)
        code = import_leaves(import, gp_directory_org(import->directory));
    if (code == GP_EXIT_DONE && import->changes == 0)
        puts(_("nothing differs"));
    return code == GP_EXIT_DONE ? import->refused : code;
}

enum { OPT_HOLDINGS = 256, OPT_LEAVE, OPT_DRY_RUN };
static const struct argp_option options[] = {
    {"holdings", OPT_HOLDINGS, "FILE", 0, N_("rows as in org/holdings.csv"), 0},
    {"leave", OPT_LEAVE, "FILE", 0, N_("rows as in org/leave.csv"), 0},
    {"dry-run", OPT_DRY_RUN, NULL, 0, N_("only show the difference"), 0},
    {"config", 'c', "DIR", 0, N_("configuration folder (default /etc/gridpost)"), 0},
    {0},
};
static const struct argp_child children[] = {{&gp_cli_argp, 0, NULL, 0}, {0}};

static error_t on_option(int key, char *value, struct argp_state *state)
{
    struct import *import = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &import->cli;
        return 0;
    case OPT_HOLDINGS:
        import->holdings = value;
        return 0;
    case OPT_LEAVE:
        import->leave = value;
        return 0;
    case OPT_DRY_RUN:
        import->dry_run = true;
        return 0;
    case 'c':
        import->folder = value;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "%s", _("name files by --holdings and --leave"));
        return 0;
    case ARGP_KEY_END:
        if (import->holdings == NULL && import->leave == NULL)
            argp_error(state, "%s", _("name files by --holdings and --leave"));
        if (!import->dry_run)
            gp_cli_need_speaker(&import->cli, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int gp_cmd_import(int argc, char **argv)
{
    static const struct argp parser = {
        .options = options,
        .parser = on_option,
        .doc = N_("Enters holdings and leaves from files by commands that the journal keeps: what "
                  "differs from what the daemon has is shown, and sent unless --dry-run is given. "
                  "What is over is left out; posts that the file does not name stay as they are."),
        .children = children,
    };
    struct import import = {.folder = "/etc/gridpost"};

    if (gp_stores_is_asked(argc, argv))
        return gp_cmd_import_store(argc, argv);
    gp_cli_init(&import.cli);
    (void)argp_parse(&parser, argc, argv, 0, NULL, &import); /* exits on a mistake */
    int code = run_import(&import);
    (void)gp_tree_remove(import.scratch, 2); /* links of ours, and org/ with more of them */
    gp_people_release(&import.held);
    gp_people_release(&import.away);
    gp_directory_unref(import.directory);
    gp_cli_release(&import.cli);
    return code;
}
