/* check: what is wrong in a configuration folder, where nobody answers, and what it would change.
 */
#include "gridpost/coverage.h"
#include "gridpost/offline.h"
#include "gridpost/rights.h"

#include "base/clocktext.h"
#include "web/geometry.h"

#include <time.h>

struct check {
    struct gp_cli cli;
    const char *folder;
    const char *against; /* the folder it would replace; NULL: no difference is asked for */
    int64_t from_ms;
    bool coverage, no_coverage, rights, users, strict;
};

static const struct argp_child children[] = {{&gp_cli_argp, 0, NULL, 0}, {0}};

enum {
    OPT_FROM = 256,
    OPT_COVERAGE,
    OPT_NO_COVERAGE,
    OPT_RIGHTS,
    OPT_USERS,
    OPT_STRICT,
    OPT_AGAINST
};

static const struct argp_option options[] = {
    {"from", OPT_FROM, "TIME", 0, N_("week to look for gaps in (default: the one from today)"), 0},
    {"coverage", OPT_COVERAGE, NULL, 0,
     N_("only prove that every grid, category and hour has somebody, or list the holes"), 0},
    {"no-coverage", OPT_NO_COVERAGE, NULL, 0, N_("do not look for gaps"), 0},
    {"rights", OPT_RIGHTS, NULL, 0,
     N_("only say who may what: every role with its scopes, every scope with its actions"), 0},
    {"users", OPT_USERS, NULL, 0,
     N_("only say who works through a bridge: user name, person, role, and the bridge's person"),
     0},
    {"strict", OPT_STRICT, NULL, 0, N_("warnings count as errors"), 0},
    {"against", OPT_AGAINST, "OLD", 0,
     N_("say what it would change, row by row, if it replaced the folder OLD"), 0},
    {"config", 'c', "DIR", 0, N_("configuration folder (default /etc/gridpost)"), 0},
    {0},
};

static error_t on_option(int key, char *value, struct argp_state *state)
{
    struct check *check = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &check->cli;
        return 0;
    case OPT_FROM:
        gp_cli_read_time(value, &check->from_ms, state);
        return 0;
    case OPT_COVERAGE:
        check->coverage = true;
        return 0;
    case OPT_NO_COVERAGE:
        check->no_coverage = true;
        return 0;
    case OPT_RIGHTS:
        check->rights = true;
        return 0;
    case OPT_USERS:
        check->users = true;
        return 0;
    case OPT_STRICT:
        check->strict = true;
        return 0;
    case OPT_AGAINST:
        check->against = value;
        return 0;
    case 'c':
    case ARGP_KEY_ARG:
        check->folder = value;
        return 0;
    case ARGP_KEY_END:
        if (check->coverage && check->no_coverage)
            argp_error(state, "%s", _("--coverage and --no-coverage exclude each other"));
        if (check->rights + check->users + check->coverage > 1)
            argp_error(state, "%s", _("--rights, --users and --coverage are different questions"));
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static json_t *finding_json(const struct gp_finding *finding)
{
    json_t *object = json_object();

    json_object_set_new(object, "severity",
                        json_string(finding->severity == GP_FINDING_ERROR ? "error" : "warning"));
    json_object_set_new(object, "file", json_string(finding->file));
    json_object_set_new(object, "line",
                        finding->line != 0 ? json_integer(finding->line) : json_null());
    json_object_set_new(object, "field", json_string(finding->field));
    json_object_set_new(object, "value",
                        gp_utf8_valid(gp_span_of(finding->value)) ? json_string(finding->value)
                                                                  : json_null());
    json_object_set_new(object, "problem", json_string(finding->problem));
    json_object_set_new(object, "remedy", json_string(finding->remedy));
    return object;
}

static void print_findings(const struct check *check, const struct gp_findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        if (check->cli.json)
            gp_cli_print_json(finding_json(&findings->item[i]));
        else
            gp_offline_print_finding(stdout, check->cli.colour, &findings->item[i]);
    }
    if (!check->cli.json && findings->dropped > 0)
        printf(_("… and %zu more\n"), findings->dropped);
}

/* One line of the difference: its sign, a blank, and the fact that comes or goes. */
static void print_change(void *context, const char *line)
{
    const struct check *check = context;
    const char *colour = line[0] == '+' ? "\033[32m" : line[0] == '-' ? "\033[31m" : "";

    if (!check->cli.json) {
        printf("%s%s%s\n", check->cli.colour ? colour : "", line,
               check->cli.colour ? "\033[0m" : "");
        return;
    }
    json_t *object = json_object();
    json_object_set_new(object, "change",
                        json_string(line[0] == '+'   ? "added"
                                    : line[0] == '-' ? "removed"
                                                     : "unlisted"));
    json_object_set_new(object, "fact", json_string(line + 2));
    gp_cli_print_json(object);
}

/* What a reload would log, before anything is in force. Returns an exit code. */
static int print_difference(struct check *check, const struct gp_org *org)
{
    struct gp_directory *old = NULL;
    int code = gp_offline_load(check->against, &old);

    if (code == GP_EXIT_DONE) {
        const struct gp_org *before = gp_directory_org(old);
        if (!check->cli.json && memcmp(before->digest, org->digest, sizeof org->digest) == 0)
            printf(_("no difference from %s: a reload would change nothing\n"), check->against);
        gp_directory_diff(before, org, print_change, check);
    }
    gp_directory_unref(old);
    return code;
}

static int finish(const struct check *check, struct gp_findings *findings, int rc)
{
    if (!check->cli.json)
        printf(_("%s: %zu errors, %zu warnings\n"), check->folder, findings->errors,
               findings->warnings);
    bool bad = rc != 0 || findings->errors > 0 || (check->strict && findings->warnings > 0);
    if (rc != 0 && rc != GP_ECONFIG)
        fprintf(stderr, "gridpost: %s: %s\n", check->folder, gp_error_text(rc));
    gp_findings_release(findings);
    return bad ? GP_EXIT_FAILED : GP_EXIT_DONE;
}

/* As asked, else midnight of today in the default calendar's zone. */
static int64_t week_start(const struct check *check, const struct gp_org *org)
{
    int64_t zone_ms = org->calendars[org->default_calendar].zone_ms;

    if (check->from_ms != 0)
        return check->from_ms;
    return gp_day_of((int64_t)time(NULL) * GP_MS_SECOND, zone_ms) * GP_MS_DAY - zone_ms;
}

/* Outlines are no part of the directory, since the daemon does not read them. */
static int check_geometry(const struct check *check, const struct gp_org *org,
                          struct gp_findings *findings)
{
    struct gp_geometry *geometry = NULL;
    int rc = gp_geometry_new(&geometry);

    if (rc == 0)
        rc = gp_geometry_read(geometry, check->folder, org, findings);
    gp_geometry_free(geometry);
    return rc == GP_ECONFIG ? 0 : rc; /* the findings say why, and refuse the folder */
}

/* The mistakes, the gaps, and what would change. */
static int check_all(struct check *check, const struct gp_org *org, struct gp_findings *findings,
                     int rc)
{
    int code = GP_EXIT_DONE;

    if (rc == 0)
        rc = check_geometry(check, org, findings);
    if (rc == 0 && !check->no_coverage)
        rc = gp_directory_coverage(org, week_start(check, org), findings);
    print_findings(check, findings);
    if (rc == 0 && check->against != NULL)
        code = print_difference(check, org);
    int verdict = finish(check, findings, rc);
    return code != GP_EXIT_DONE ? code : verdict;
}

/* The one question that was asked in place of all. Returns an exit code. */
static int answer_only(const struct check *check, const struct gp_org *org)
{
    if (check->coverage)
        return gp_coverage_report(&check->cli, org, week_start(check, org));
    if (check->rights)
        gp_rights_print(&check->cli, org);
    else
        gp_users_print(&check->cli, org);
    return GP_EXIT_DONE;
}

int gp_cmd_check(int argc, char **argv)
{
    static const struct argp parser = {
        .options = options,
        .parser = on_option,
        .args_doc = "[DIR]",
        .doc = N_("Checks a configuration folder: every mistake with file, line, field, value and "
                  "remedy, and every grid and category that nobody answers for at some hour of the "
                  "week. With --against also what a reload would change. Exits 1 when something is "
                  "wrong."),
        .children = children,
    };
    struct check check = {.folder = "/etc/gridpost"};
    struct gp_findings findings;
    struct gp_directory *directory = NULL;
    int code;

    gp_cli_init(&check.cli);
    (void)argp_parse(&parser, argc, argv, 0, NULL, &check); /* exits on a mistake */
    if (!gp_offline_is_folder(check.folder))
        return GP_EXIT_NOT_FOUND;
    gp_findings_init(&findings);
    int rc = gp_directory_load(check.folder, &findings, &directory);
    const struct gp_org *org = rc == 0 ? gp_directory_org(directory) : NULL;
    if (rc == 0 && (check.coverage || check.rights || check.users)) {
        gp_findings_release(&findings); /* warnings are another question's answer */
        code = answer_only(&check, org);
    } else {
        code = check_all(&check, org, &findings, rc);
    }
    gp_directory_unref(directory);
    return code;
}
