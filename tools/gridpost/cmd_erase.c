/* erase: personal texts of incidents that are named, or of all that ended before a day. */
#include "gridpost/cli.h"

#include "org/settings.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

struct erase {
    struct gp_cli cli;
    const char *reason, *config;
    struct gp_area_ref area;
    int64_t before_ms; /* 0: incidents are named */
    bool dry_run;
    char **words; /* the named ones */
    int word_count;
    uint64_t done;
    int spared; /* exit code of the first that was refused or is not there; 0: none */
};

/* ---------------------------------------------------------------- one incident */

static void print_erased(const struct erase *erase, const struct gp_reply *reply)
{
    uint64_t incident = reply->answer.incident, seq = reply->answer.seq;

    if (erase->cli.json)
        gp_cli_print_json(json_pack("{s:I, s:I, s:b}", "incident", (json_int_t)incident, "seq",
                                    (json_int_t)seq, "erased", 1));
    else
        printf(_("#%" PRIu64 " erased (entry %" PRIu64 ")\n"), incident, seq);
}

/* A refusal is told; the others' turn comes all the same. */
static int erase_one(struct erase *erase, uint64_t incident)
{
    struct gp_command command = {
        .verb = GP_VERB_ERASE, .incident = incident, .text = gp_span_of(erase->reason)};
    struct gp_reply reply;
    int code = gp_cli_send(&erase->cli, &command, &reply);

    if (code == GP_EXIT_DONE) {
        erase->done++;
        print_erased(erase, &reply);
    } else if (code == GP_EXIT_REFUSED || code == GP_EXIT_NOT_FOUND) {
        if (erase->spared == GP_EXIT_DONE)
            erase->spared = code;
        fprintf(stderr, _("gridpost: #%" PRIu64 " keeps its texts\n"), incident);
        return GP_EXIT_DONE;
    }
    return code;
}

static int erase_named(struct erase *erase)
{
    int code = GP_EXIT_DONE;

    for (int i = 0; code == GP_EXIT_DONE && i < erase->word_count; i++) {
        uint64_t incident = 0;
        (void)gp_cli_incident(erase->words[i], &incident); /* checked when read */
        code = erase_one(erase, incident);
    }
    return code;
}

/* ---------------------------------------------------------------- all before a day */

static int64_t ended_ms(const struct gp_incident *incident)
{
    return incident->closed_ms != 0 ? incident->closed_ms : incident->received_ms;
}

/* Whether it ended before the day, and was not erased since. */
static bool is_old(const struct erase *erase, const struct gp_incident *incident)
{
    return ended_ms(incident) < erase->before_ms && incident->erased_ms <= ended_ms(incident);
}

static void print_would(struct erase *erase, const struct gp_incident *incident)
{
    int64_t ms = ended_ms(incident);
    char ended[GP_CLI_TIME_BYTES];

    erase->done++;
    gp_cli_time_text(ms, ended);
    if (erase->cli.json)
        gp_cli_print_json(json_pack("{s:I, s:s, s:o, s:b}", "incident", (json_int_t)incident->id,
                                    "state", gp_state_name(incident->state), "ended",
                                    gp_show_time(ms, gp_show_zone(ms)), "erased", 0));
    else
        printf(_("#%" PRIu64 " %s %s: would be erased\n"), incident->id,
               _(gp_state_name(incident->state)), ended);
}

static void show_progress(const struct erase *erase)
{
    if (!erase->dry_run && isatty(STDERR_FILENO) && !isatty(STDOUT_FILENO))
        fprintf(stderr, _("%" PRIu64 " erased…\n"), erase->done);
}

/* What a page says is gone with the next call: the numbers are noted first. */
static int erase_page(struct erase *erase, const struct gp_reply *reply)
{
    uint64_t old[GP_PAGE_ROWS_MAX];
    uint32_t count = 0;
    int code = GP_EXIT_DONE;

    for (uint32_t i = 0; i < reply->page.count && i < GP_PAGE_ROWS_MAX; i++) {
        const struct gp_incident *incident = &reply->page.item[i];
        if (!is_old(erase, incident))
            continue;
        if (erase->dry_run)
            print_would(erase, incident);
        else
            old[count++] = incident->id;
    }
    for (uint32_t i = 0; code == GP_EXIT_DONE && i < count; i++)
        code = erase_one(erase, old[i]);
    show_progress(erase);
    return code;
}

/* Erasing moves no incident in any index, so that a cursor stays good. */
static int erase_state(struct erase *erase, enum gp_state state)
{
    struct gp_request request = {.kind = GP_REQUEST_QUERY,
                                 .query = {.area = erase->area,
                                           .states = GP_STATE_BIT(state),
                                           .to_ms = erase->before_ms,
                                           .limit = GP_PAGE_ROWS_MAX}};
    bool more;

    do {
        struct gp_reply reply;
        int code = gp_cli_call(&erase->cli, &request, 0, &reply);
        if (code != GP_EXIT_DONE)
            return code;
        more = gp_cli_next_page(&request.query, &reply);
        code = erase_page(erase, &reply);
        if (code != GP_EXIT_DONE)
            return code;
    } while (more);
    return GP_EXIT_DONE;
}

/* personal_days of the folder's gridpost.yaml, back from the daemon's clock: a drill's is its own.
 */
static int read_days(struct erase *erase)
{
    struct gp_settings settings;
    struct gp_findings findings;

    /* A folder that is not there must not stand for the defaults. */
    int rc = access(erase->config, R_OK | X_OK) == 0 ? 0 : GP_ENOTFOUND;
    gp_findings_init(&findings);
    if (rc == 0)
        rc = gp_settings_load(erase->config, &findings, &settings);
    gp_findings_release(&findings);
    if (rc != 0) {
        fprintf(stderr, _("gridpost: %s: %s\n"), erase->config, gp_error_text(rc));
        return rc == GP_ENOTFOUND ? GP_EXIT_NOT_FOUND : GP_EXIT_FAILED;
    }
    int64_t days = settings.personal_days;
    gp_settings_release(&settings);
    int code = gp_cli_now(&erase->cli, &erase->before_ms);
    if (code == GP_EXIT_DONE)
        erase->before_ms -= days * GP_MS_DAY;
    return code;
}

static int erase_old(struct erase *erase)
{
    int code = erase->before_ms == 0 ? read_days(erase) : GP_EXIT_DONE;

    if (code == GP_EXIT_DONE)
        code = erase_state(erase, GP_STATE_CLOSED);
    if (code == GP_EXIT_DONE)
        code = erase_state(erase, GP_STATE_VOID);
    if (code == GP_EXIT_DONE && !erase->cli.json)
        printf(erase->dry_run ? _("%" PRIu64 " incidents would be erased\n")
                              : _("%" PRIu64 " incidents erased\n"),
               erase->done);
    return code;
}

/* ---------------------------------------------------------------- words */

enum { OPT_BEFORE = 256, OPT_DRY, OPT_CONFIG };

static const struct argp_option erase_options[] = {
    {"reason", 'r', "TEXT", 0, N_("why; it stays in the journal"), 0},
    {"closed-before", OPT_BEFORE, "TIME", 0, N_("all that were closed or voided before"), 0},
    {"config", OPT_CONFIG, "DIR", 0,
     N_("the same, before personal_days of this folder's gridpost.yaml"), 0},
    {"area", 'a', "CODE", 0, N_("of these only this area and everything below"), 0},
    {"dry-run", OPT_DRY, NULL, 0, N_("say which those are and erase nothing"), 0},
    {0},
};

static void read_words(struct erase *erase, struct argp_state *state)
{
    uint64_t number;

    erase->words = state->argv + state->next;
    erase->word_count = state->argc - state->next;
    for (int i = 0; i < erase->word_count; i++) {
        const char *word = erase->words[i];
        if (!gp_cli_incident(word, &number))
            argp_error(state, _("'%s' is no incident's number"), word);
    }
}

static void check(const struct erase *erase, struct argp_state *state)
{
    bool by_age = erase->before_ms != 0 || erase->config != NULL;

    if (by_age == (erase->word_count > 0) || (erase->before_ms != 0 && erase->config != NULL))
        argp_error(state, "%s", _("name incidents, or give one of --closed-before and --config"));
    if (!by_age && (erase->dry_run || erase->area.padded != 0))
        argp_error(state, "%s", _("--dry-run and --area go with --closed-before or --config"));
    if (!erase->dry_run && (erase->reason == NULL || erase->reason[0] == '\0'))
        argp_error(state, "%s", _("say why: --reason TEXT"));
    if (!erase->dry_run && strlen(erase->reason) > GP_REASON_BYTES_MAX)
        argp_error(state, _("the reason is longer than %d bytes"), GP_REASON_BYTES_MAX);
    if (!erase->dry_run)
        gp_cli_need_speaker(&erase->cli, state);
}

static error_t on_erase(int key, char *value, struct argp_state *state)
{
    struct erase *erase = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &erase->cli;
        return 0;
    case 'r':
        erase->reason = value;
        return 0;
    case OPT_BEFORE:
        gp_cli_read_time(value, &erase->before_ms, state);
        return 0;
    case OPT_CONFIG:
        erase->config = value;
        return 0;
    case 'a':
        if (gp_area_parse(gp_span_of(value), &erase->area) != 0)
            argp_error(state, "%s", _("--area is a code of digits"));
        return 0;
    case OPT_DRY:
        erase->dry_run = true;
        return 0;
    case ARGP_KEY_ARGS:
        read_words(erase, state);
        return 0;
    case ARGP_KEY_END:
        check(erase, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {{&gp_cli_argp, 0, NULL, 0}, {0}};

int gp_cmd_erase(int argc, char **argv)
{
    static const struct argp parser = {
        .options = erase_options,
        .parser = on_erase,
        .args_doc = "INCIDENT...\n--closed-before TIME\n--config DIR",
        .doc = N_("Erases what people typed about incidents that are over, and the phones of those "
                  "who reported them. The journal keeps its hashes."),
        .children = children,
    };
    struct erase erase = {0};

    gp_cli_init(&erase.cli);
    (void)argp_parse(&parser, argc, argv, 0, NULL, &erase); /* exits on a mistake */
    int code = erase.word_count > 0 ? erase_named(&erase) : erase_old(&erase);
    gp_cli_release(&erase.cli);
    return code == GP_EXIT_DONE ? erase.spared : code;
}
