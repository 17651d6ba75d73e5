/* replay: a municipality's request export as an organisation and a stream of reports. */
#include "gridpost/offline.h"
#include "replay/run.h"

#include "org/loader.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct replay {
    struct gp_cli cli;
    const char *mapping_path, *csv, *make_config;
    bool rehearse, disagreements, progress;
    struct gp_mapping *mapping;
    struct gp_replay_table table;
    char folder[256]; /* of the configuration; a temporary one ends in XXXXXX */
    int64_t from_ms, to_ms, until_ms;
    uint64_t limit;
};

/* ---------------------------------------------------------------- the summary */

static json_t *summary_json(const struct gp_replay_summary *summary)
{
    json_t *object = json_object();

#define NUMBER(key) json_object_set_new(object, #key, json_integer((json_int_t)summary->key))
    NUMBER(rows);
    NUMBER(skipped);
    NUMBER(dues_checked);
    NUMBER(dues_agree);
    NUMBER(verdicts_checked);
    NUMBER(verdicts_agree);
    NUMBER(reported);
    NUMBER(accepted);
    NUMBER(closed);
    NUMBER(refused);
    NUMBER(on_time);
    NUMBER(overdue);
    NUMBER(handovers);
#undef NUMBER
    return object;
}

static void print_share(const char *name, size_t agree, size_t checked)
{
    if (checked > 0)
        printf(_("%s: %zu of %zu agree with the city's own (%.2f %%)\n"), name, agree, checked,
               100.0 * (double)agree / (double)checked);
}

static void print_summary(const struct gp_replay_summary *summary)
{
    printf(_("rows %zu, skipped %zu; reported %zu, accepted %zu, closed %zu, refused %zu\n"),
           summary->rows, summary->skipped, summary->reported, summary->accepted, summary->closed,
           summary->refused);
    printf(_("of all closings in the export %zu are within our due, %zu past it; handed over to "
             "departments %zu times\n"),
           summary->on_time, summary->overdue, summary->handovers);
    print_share(_("dues"), summary->dues_agree, summary->dues_checked);
    print_share(_("verdicts"), summary->verdicts_agree, summary->verdicts_checked);
}

/* ---------------------------------------------------------------- the configuration */

/* Keeps the rows of the window that --from, --to and --limit ask for. */
static void cut_window(struct replay *replay)
{
    struct gp_replay_table *table = &replay->table;
    size_t kept = 0;

    for (size_t i = 0; i < table->count; i++) {
        struct gp_replay_row *row = &table->row[i];
        bool inside = (replay->from_ms == 0 || row->opened_ms >= replay->from_ms) &&
                      (replay->to_ms == 0 || row->opened_ms < replay->to_ms) &&
                      (replay->limit == 0 || kept < replay->limit);
        if (inside) {
            table->row[kept++] = *row;
        } else {
            free(row->id);
            free(row->text);
        }
    }
    table->count = kept;
}

static int write_config(struct replay *replay)
{
    int rc =
        gp_replay_city_write(replay->folder, replay->mapping_path, replay->mapping, &replay->table);
    return rc == 0 ? GP_EXIT_DONE : GP_EXIT_FAILED;
}

/* A temporary folder around the configuration, whose name mkdtemp has made ours alone. */
static bool make_temporary(struct replay *replay, char parent[200])
{
    const char *base = getenv("TMPDIR");

    (void)snprintf(parent, 200, "%.150s/gridpost-replay-XXXXXX",
                   base != NULL && base[0] != '\0' ? base : "/tmp");
    if (mkdtemp(parent) == NULL) {
        perror(parent);
        return false;
    }
    (void)snprintf(replay->folder, sizeof replay->folder, "%s/config", parent);
    return true;
}

static void remove_temporary(const struct replay *replay, const char *parent)
{
    static const char *const files[] = {
        "gridpost.yaml",     "ladders.yaml",        "calendar/city.yaml",
        "org/areas.csv",     "org/departments.csv", "org/lines.csv",
        "org/catalogue.csv", "org/posts.csv",       "org/people.csv",
        "org/holdings.csv",  "org/rights.csv",      "org",
        "calendar",
    };
    char path[400];

    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", replay->folder, files[i]);
        (void)remove(path); /* what is left over is in the temporary folder */
    }
    (void)rmdir(replay->folder);
    (void)rmdir(parent);
}

/* ---------------------------------------------------------------- running */

/* A whole line: on a terminal it may stand among those of watch and tail. */
static void say_progress(const struct gp_replay_progress *progress,
                         const struct gp_replay_summary *summary)
{
    char clock[GP_CLI_TIME_BYTES];

    gp_cli_time_text(progress->clock_ms, clock);
    fprintf(stderr, _("replay %s  %zu of %zu steps, %zu reports, %zu closed\n"), clock,
            progress->done, progress->count, summary->reported, summary->closed);
}

static int rehearse(struct replay *replay, struct gp_replay *run)
{
    struct gp_directory *directory = NULL;
    char parent[200];
    int code, rc;

    if (!make_temporary(replay, parent))
        return GP_EXIT_FAILED;
    code = write_config(replay);
    if (code == GP_EXIT_DONE)
        code = gp_offline_load(replay->folder, &directory);
    if (code == GP_EXIT_DONE) {
        rc = gp_replay_rehearse(run, gp_directory_org(directory));
        if (rc != 0) {
            fprintf(stderr, "gridpost: %s\n", gp_error_text(rc));
            code = GP_EXIT_FAILED;
        }
    }
    gp_directory_unref(directory);
    remove_temporary(replay, parent);
    return code;
}

static int send_rows(struct replay *replay, struct gp_replay *run)
{
    int code, rc;

    if (!replay->cli.identity_given)
        replay->cli.identity = ""; /* many people speak here, which a drill believes unsealed */
    code = gp_cli_connect(&replay->cli);
    if (code != GP_EXIT_DONE)
        return code;
    rc = gp_replay_send(run, replay->cli.client);
    if (rc == 0)
        return GP_EXIT_DONE;
    if (rc == GP_EMODE)
        fputs(_("gridpost: that daemon is no drill: real stores take no replay\n"), stderr);
    else if (rc == GP_EINVAL)
        fputs(_("gridpost: the drill's clock is past the first row: start the drill with "
                "--clock-start before it\n"),
              stderr);
    else
        fprintf(stderr, "gridpost: %s\n", gp_error_text(rc));
    return rc == GP_ETIMEDOUT ? GP_EXIT_TIMED_OUT : GP_EXIT_FAILED;
}

static int run_replay(struct replay *replay)
{
    struct gp_replay run = {
        .mapping = replay->mapping,
        .table = &replay->table,
        .until_ms = replay->until_ms,
        .progress = replay->progress || isatty(STDERR_FILENO) ? say_progress : NULL,
        .disagreements = replay->disagreements ? stderr : NULL,
    };
    int code;

    if (!gp_word_duration(gp_span_of(replay->mapping->accept_after), &run.accept_after_ms)) {
        fprintf(stderr, _("%s: accept_after should look like 30m\n"), replay->mapping_path);
        return GP_EXIT_FAILED;
    }
    cut_window(replay);
    if (replay->make_config != NULL) {
        (void)snprintf(replay->folder, sizeof replay->folder, "%s", replay->make_config);
        return write_config(replay);
    }
    code = replay->rehearse ? rehearse(replay, &run) : send_rows(replay, &run);
    if (code != GP_EXIT_DONE)
        return code;
    if (replay->cli.json)
        gp_cli_print_json(summary_json(&run.summary));
    else
        print_summary(&run.summary);
    return GP_EXIT_DONE;
}

/* ---------------------------------------------------------------- options */

enum {
    OPT_MAPPING = 'm',
    OPT_REHEARSE = 256,
    OPT_DISAGREEMENTS,
    OPT_PROGRESS,
    OPT_MAKE,
    OPT_FROM,
    OPT_TO,
    OPT_UNTIL,
    OPT_LIMIT
};

static const struct argp_option options[] = {
    {"mapping", OPT_MAPPING, "FILE", 0, N_("which column is what: a YAML file"), 0},
    {"rehearse", OPT_REHEARSE, NULL, 0, N_("on a virtual clock, without a daemon"), 0},
    {"disagreements", OPT_DISAGREEMENTS, NULL, 0, N_("list them on stderr"), 0},
    {"progress", OPT_PROGRESS, NULL, 0,
     N_("say every 5 s on stderr how far it is (default: on a terminal)"), 0},
    {"make-config", OPT_MAKE, "DIR", 0, N_("only write the configuration folder, for a drill"), 0},
    {"from", OPT_FROM, "TIME", 0, N_("rows opened at or after"), 0},
    {"to", OPT_TO, "TIME", 0, N_("rows opened before"), 0},
    {"until", OPT_UNTIL, "TIME", 0, N_("stop there: what happened later is left out"), 0},
    {"limit", OPT_LIMIT, "N", 0, N_("the first N rows"), 0},
    {0},
};
static const struct argp_child children[] = {{&gp_cli_argp, 0, NULL, 0}, {0}};

static error_t on_option(int key, char *value, struct argp_state *state)
{
    struct replay *replay = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &replay->cli;
        return 0;
    case OPT_MAPPING:
        replay->mapping_path = value;
        return 0;
    case OPT_REHEARSE:
        replay->rehearse = true;
        return 0;
    case OPT_DISAGREEMENTS:
        replay->disagreements = true;
        return 0;
    case OPT_PROGRESS:
        replay->progress = true;
        return 0;
    case OPT_MAKE:
        replay->make_config = value;
        return 0;
    case OPT_FROM:
    case OPT_TO:
        gp_cli_read_time(value, key == OPT_FROM ? &replay->from_ms : &replay->to_ms, state);
        return 0;
    case OPT_UNTIL:
        gp_cli_read_time(value, &replay->until_ms, state);
        return 0;
    case OPT_LIMIT:
        if (!gp_read_number(value, &replay->limit))
            argp_error(state, "%s", _("--limit is a number"));
        return 0;
    case ARGP_KEY_ARG:
        replay->csv = value;
        return 0;
    case ARGP_KEY_END:
        if (replay->mapping_path == NULL || replay->csv == NULL)
            argp_error(state, "%s", _("--mapping and the export's file are needed"));
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int gp_cmd_replay(int argc, char **argv)
{
    static const struct argp parser = {
        .options = options,
        .parser = on_option,
        .args_doc = "CSV[.xz]",
        .doc = N_("Turns a municipality's request export into an organisation and a stream of "
                  "reports, accepts and closings, against a running drill or on a virtual clock, "
                  "and compares with the city's own dues and verdicts."),
        .children = children,
    };
    struct replay replay = {0};

    gp_cli_init(&replay.cli);
    (void)argp_parse(&parser, argc, argv, 0, NULL, &replay); /* exits on a mistake */
    int code =
        gp_mapping_load(replay.mapping_path, &replay.mapping) == 0 ? GP_EXIT_DONE : GP_EXIT_FAILED;
    if (code == GP_EXIT_DONE &&
        gp_replay_table_load(replay.csv, replay.mapping, &replay.table) != 0)
        code = GP_EXIT_FAILED;
    if (code == GP_EXIT_DONE)
        code = run_replay(&replay);
    gp_replay_table_release(&replay.table);
    if (replay.mapping != NULL)
        gp_mapping_free(replay.mapping);
    gp_cli_release(&replay.cli);
    return code;
}
