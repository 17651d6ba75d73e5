/*
 * watch and tail: follow a feed. Each ask says how far the last answer looked (scanned_to), so that
 * nothing is skipped, over a restart of the daemon as well.
 */
#include "gridpost/cli.h"

#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Between two tries to reach a daemon that is away. */
#define GP_RETRY_MS 500

struct follow {
    struct gp_cli cli;
    struct gp_feed_ask ask;
    bool since_given;
    bool no_follow, ended;   /* ended: the journal's end was seen */
    uint64_t count, printed; /* count 0: until interrupted */
    char name[32];
};

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

/* Whether nobody reads standard output any more: with nothing to print no SIGPIPE would tell. */
static bool reader_left(void)
{
    struct pollfd out = {.fd = STDOUT_FILENO};
    return poll(&out, 1, 0) == 1 && (out.revents & (POLLERR | POLLHUP)) != 0;
}

static bool stopped(void)
{
    return interrupted || reader_left();
}

static const struct argp_child children[] = {{&gp_cli_argp, 0, NULL, 0}, {0}};

enum { OPT_LINE = 256, OPT_DEPARTMENT, OPT_PERSON, OPT_INCIDENT, OPT_SINCE, OPT_COUNT, OPT_END };

static const struct argp_option options[] = {
    {"area", 'a', "CODE", 0, N_("this area and everything below"), 0},
    {"department", OPT_DEPARTMENT, "CODE", 0, N_("responsible department"), 0},
    {"line", OPT_LINE, "CODE", 0, N_("line of business"), 0},
    {"person", OPT_PERSON, "ID", 0, N_("who acted or was told"), 0},
    {"incident", OPT_INCIDENT, "N", 0, N_("one incident"), 0},
    {"since", OPT_SINCE, "SEQ", 0, N_("everything after entry SEQ; 0: all (default: from now)"), 0},
    {"count", OPT_COUNT, "N", 0, N_("stop after N entries"), 0},
    {"no-follow", OPT_END, NULL, 0,
     N_("print what is there (from entry 1 without --since) and stop"), 0},
    {0},
};

static error_t on_option(int key, char *value, struct argp_state *state)
{
    struct follow *follow = state->input;
    struct gp_feed_filter *filter = &follow->ask.filter;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &follow->cli;
        return 0;
    case 'a':
        if (gp_area_parse(gp_span_of(value), &filter->area) != 0)
            argp_error(state, "%s", _("--area is a code of digits"));
        return 0;
    case OPT_DEPARTMENT:
        filter->department = gp_span_of(value);
        return 0;
    case OPT_LINE:
        filter->line = gp_span_of(value);
        return 0;
    case OPT_PERSON:
        filter->person = gp_span_of(value);
        return 0;
    case OPT_INCIDENT:
        if (!gp_cli_incident(value, &filter->incident))
            argp_error(state, _("'%s' is no incident's number"), value);
        return 0;
    case OPT_SINCE:
        follow->since_given = true;
        if (!gp_read_number(value, &follow->ask.after) && strcmp(value, "0") != 0)
            argp_error(state, "%s", _("--since is an entry's number"));
        return 0;
    case OPT_COUNT:
        if (!gp_read_number(value, &follow->count))
            argp_error(state, "%s", _("--count is a number"));
        return 0;
    case OPT_END:
        follow->no_follow = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* ---------------------------------------------------------------- following */

static void pause_ms(long ms)
{
    struct timespec time = {ms / 1000, ms % 1000 * 1000000};
    (void)nanosleep(&time, NULL); /* an interrupt ends it early, as it should */
}

/* The head as a starting point for `from now`. */
static int find_head(struct follow *follow)
{
    struct gp_request request = {.kind = GP_REQUEST_STATUS};
    struct gp_reply reply;
    int code = gp_cli_call(&follow->cli, &request, 0, &reply);

    if (code == GP_EXIT_DONE)
        follow->ask.after = reply.daemon.head;
    return code;
}

static bool enough(const struct follow *follow)
{
    return follow->ended || (follow->count != 0 && follow->printed >= follow->count);
}

static void print_entries(struct follow *follow, const struct gp_reply *reply)
{
    for (uint32_t i = 0; i < reply->feed.count && !enough(follow); i++) {
        const struct gp_entry *entry = reply->feed.item[i];
        if (entry->seq <= follow->ask.after)
            continue; /* printed before a restart cut the answer off */
        if (follow->cli.json)
            gp_cli_print_json(gp_show_entry(entry, gp_show_zone(entry->at_ms), NULL, NULL));
        else
            gp_cli_entry_line(&follow->cli, entry);
        follow->ask.after = entry->seq;
        follow->printed++;
    }
    if (!enough(follow) && reply->feed.scanned_to > follow->ask.after)
        follow->ask.after = reply->feed.scanned_to;
}

/* The daemon went away: waits until it is back, with two words instead of one for each try. */
static void wait_for_daemon(struct follow *follow)
{
    fprintf(stderr,
            _("gridpost: the daemon is away; going on after entry %" PRIu64 " when it is back\n"),
            follow->ask.after);
    while (!stopped() && gp_cli_reconnect(&follow->cli) != 0)
        pause_ms(GP_RETRY_MS);
    if (!stopped())
        fputs(_("gridpost: the daemon is back\n"), stderr);
}

static int use_answer(struct follow *follow, const struct gp_reply *reply)
{
    if (reply->status == GP_STATUS_TRY_AGAIN) { /* it is stopping, or has too many followers */
        pause_ms(GP_RETRY_MS);
        return GP_EXIT_DONE;
    }
    if (reply->status != GP_STATUS_OK)
        return gp_cli_refusal(&follow->cli, reply);
    if (reply->feed.head < follow->ask.after) {
        fprintf(stderr,
                _("gridpost: this journal ends at entry %" PRIu64 ", before %" PRIu64
                  ": is it another store?\n"),
                reply->feed.head, follow->ask.after);
        return GP_EXIT_FAILED;
    }
    print_entries(follow, reply);
    follow->ended = follow->no_follow && reply->feed.scanned_to >= reply->feed.head;
    return GP_EXIT_DONE;
}

static int look(struct follow *follow)
{
    struct gp_request request = {.kind = GP_REQUEST_FEED, .feed = follow->ask};
    struct gp_reply reply;
    int rc;

    gp_cli_speak(&follow->cli, &request);
    gp_client_stop_on(follow->cli.client, stopped);
    rc = gp_client_call(follow->cli.client, &request, GP_FEED_WAIT_MS_MAX + follow->cli.timeout_ms,
                        &reply);
    gp_cli_keep_server_key(&follow->cli);
    if (interrupted)
        return GP_EXIT_INTERRUPTED;
    if (rc == 0)
        return use_answer(follow, &reply);
    if (rc == GP_EAGAIN) /* some other signal, or the reader left */
        return GP_EXIT_DONE;
    if (rc != GP_ETIMEDOUT && rc != GP_ECLOSED)
        return gp_cli_call_failed(&follow->cli, rc);
    wait_for_daemon(follow);
    return GP_EXIT_DONE;
}

static int run(struct follow *follow)
{
    struct sigaction action = {.sa_handler = on_interrupt};
    int code = gp_cli_connect(&follow->cli);

    (void)sigaction(SIGINT, &action, NULL); /* valid signals and memory: cannot fail */
    (void)sigaction(SIGTERM, &action, NULL);
    (void)snprintf(follow->name, sizeof follow->name, "gridpost-%ld", (long)getpid());
    follow->ask.follower = gp_span_of(follow->name);
    follow->ask.wait_ms = follow->no_follow ? 0 : GP_FEED_WAIT_MS_MAX;
    if (code == GP_EXIT_DONE && !follow->since_given && !follow->no_follow)
        code = find_head(follow);
    while (code == GP_EXIT_DONE && !stopped() && !enough(follow))
        code = look(follow);
    if (interrupted) {
        fprintf(stderr, _("gridpost: to go on from here: --since %" PRIu64 "\n"),
                follow->ask.after);
        code = GP_EXIT_INTERRUPTED;
    }
    gp_cli_release(&follow->cli);
    return code;
}

static int start(int argc, char **argv, bool escalations, const char *doc)
{
    struct argp parser = {
        .options = options, .parser = on_option, .doc = doc, .children = children};
    struct follow follow = {.ask = {.filter = {.escalations = escalations}}};

    gp_cli_init(&follow.cli);
    (void)argp_parse(&parser, argc, argv, 0, NULL, &follow); /* exits on a mistake */
    return run(&follow);
}

int gp_cmd_watch(int argc, char **argv)
{
    return start(argc, argv, false,
                 N_("Follows the journal as it grows, of an area, department, line or person."));
}

int gp_cmd_tail(int argc, char **argv)
{
    return start(argc, argv, true, N_("Follows the escalations: steps, handovers and vacancies."));
}
