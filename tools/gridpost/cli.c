#include "gridpost/cli.h"

#include "base/clocktext.h"

#include <ctype.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

#define GP_DEFAULT_SOCKET     "ipc:///run/gridpost/gridpost.ipc"
#define GP_DEFAULT_TIMEOUT_MS 10000

enum { OPT_SOCKET = 512, OPT_AS, OPT_IDENTITY, OPT_DEVICE, OPT_JSON, OPT_TIMEOUT, OPT_COLOUR };

static const struct argp_option options[] = {
    {NULL, 0, NULL, 0, N_("Common options:"), 90},
    {"socket", OPT_SOCKET, "ADDR", 0, N_("the daemon's socket (GRIDPOST_SOCKET)"), 90},
    {"as", OPT_AS, "PERSON", 0, N_("who is speaking (GRIDPOST_PERSON)"), 90},
    {"identity", OPT_IDENTITY, "FILE", 0,
     N_("who this device is (GRIDPOST_IDENTITY, ~/.config/gridpost/identity)"), 90},
    {"device", OPT_DEVICE, "NAME", 0, N_("the handset's name (default: this host)"), 90},
    {"json", OPT_JSON, NULL, 0, N_("one JSON object a line"), 90},
    {"timeout", OPT_TIMEOUT, "SECONDS", 0, N_("how long to wait for an answer (default 10)"), 90},
    {"color", OPT_COLOUR, "WHEN", 0, N_("auto, always or never"), 90},
    {0},
};

static error_t on_option(int key, char *value, struct argp_state *state)
{
    struct gp_cli *cli = state->input;
    uint64_t seconds = 0;

    switch (key) {
    case OPT_SOCKET:
        cli->socket = value;
        cli->socket_given = true;
        return 0;
    case OPT_AS:
        cli->person = value;
        cli->person_given = true;
        return 0;
    case OPT_IDENTITY:
        cli->identity = value;
        cli->identity_given = value[0] != '\0';
        return 0;
    case OPT_DEVICE:
        cli->device = value;
        return 0;
    case OPT_JSON:
        cli->json = true;
        return 0;
    case OPT_TIMEOUT:
        if (!gp_read_number(value, &seconds) || seconds > 3600)
            argp_error(state, "%s", _("--timeout is a number of seconds from 1 to 3600"));
        cli->timeout_ms = (unsigned)seconds * 1000;
        return 0;
    case OPT_COLOUR:
        if (strcmp(value, "always") != 0 && strcmp(value, "never") != 0 &&
            strcmp(value, "auto") != 0)
            argp_error(state, "%s", _("--color is auto, always or never"));
        cli->colour =
            strcmp(value, "always") == 0 || (strcmp(value, "auto") == 0 && isatty(STDOUT_FILENO));
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp gp_cli_argp = {.options = options, .parser = on_option};

static char host[GP_ID_BYTES_MAX];

static const char *environment(const char *name)
{
    const char *value = getenv(name);

    return value != NULL ? value : "";
}

void gp_cli_init(struct gp_cli *cli)
{
    const char *socket = environment("GRIDPOST_SOCKET"), *identity = getenv("GRIDPOST_IDENTITY");

    if (gethostname(host, sizeof host - 1) != 0)
        (void)snprintf(host, sizeof host, "console");
    *cli = (struct gp_cli){
        .socket = socket[0] != '\0' ? socket : GP_DEFAULT_SOCKET,
        .socket_given = socket[0] != '\0',
        .person = environment("GRIDPOST_PERSON"),
        .identity = identity != NULL ? identity : gp_cli_identity_default(),
        .identity_given = identity != NULL && identity[0] != '\0',
        .device = host,
        .timeout_ms = GP_DEFAULT_TIMEOUT_MS,
        .colour = isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL,
    };
}

void gp_cli_release(struct gp_cli *cli)
{
    gp_client_close(cli->client);
    cli->client = NULL;
    gp_identity_clear(&cli->known);
}

/* ---------------------------------------------------------------- the daemon */

int gp_cli_reconnect(struct gp_cli *cli)
{
    struct gp_client *client;
    int rc;

    gp_client_close(cli->client);
    cli->client = NULL;
    rc = gp_client_open(cli->socket, &client);
    if (rc == 0 && cli->sealed)
        rc = gp_client_identify(client, &cli->known);
    if (rc == 0)
        cli->client = client;
    return rc;
}

static int say_unreachable(const struct gp_cli *cli, int error)
{
    if (error == GP_ENOTFOUND) {
        fprintf(stderr, _("gridpost: nobody answers at %s\n"), cli->socket);
        fprintf(stderr, _("  start the daemon: systemctl start gridpostd\n"
                          "  or a drill:       gridpostd --drill --config DIR --store DIR --socket "
                          "ADDR\n"
                          "  other socket:     --socket ADDR, or GRIDPOST_SOCKET\n"));
        return GP_EXIT_TRY_AGAIN;
    }
    fprintf(stderr, _("gridpost: %s: %s\n"), cli->socket, gp_error_text(error));
    return error == GP_EINVAL ? GP_EXIT_USAGE : GP_EXIT_FAILED;
}

int gp_cli_connect_bare(struct gp_cli *cli)
{
    int rc = gp_cli_reconnect(cli);

    return rc == 0 ? GP_EXIT_DONE : say_unreachable(cli, rc);
}

int gp_cli_connect(struct gp_cli *cli)
{
    int code;

    if (cli->client != NULL)
        return GP_EXIT_DONE;
    code = gp_cli_load_identity(cli);
    if (code == GP_EXIT_DONE)
        code = gp_cli_connect_bare(cli);
    return code == GP_EXIT_DONE ? gp_cli_check_person(cli) : code;
}

int gp_cli_call_failed(const struct gp_cli *cli, int error)
{
    if (error == GP_ETIMEDOUT) {
        fprintf(stderr, _("gridpost: no answer from %s in time\n"), cli->socket);
        if (cli->sealed)
            fprintf(stderr,
                    _("  it was sealed as %s says; a server with other keys never answers\n"),
                    cli->identity);
        return GP_EXIT_TIMED_OUT;
    }
    fprintf(stderr, _("gridpost: %s: %s\n"), cli->socket, _(gp_error_text(error)));
    if (error == GP_EPENDING)
        return GP_EXIT_TRY_AGAIN;
    return error == GP_EDENIED ? GP_EXIT_REFUSED : GP_EXIT_FAILED;
}

void gp_cli_speak(const struct gp_cli *cli, struct gp_request *request)
{
    request->person = gp_span_of(cli->sealed && !cli->person_given ? "" : cli->person);
    request->device = gp_span_of(cli->device);
}

static json_t *refusal_json(const struct gp_reply *reply)
{
    return json_pack("{s:s, s:s, s:s%}", "what", "refused", "reason", gp_reason_word(reply->reason),
                     "detail", reply->detail.ptr != NULL ? reply->detail.ptr : "",
                     reply->detail.len);
}

static void print_refused(const struct gp_cli *cli, const struct gp_reply *reply)
{
    if (cli->json)
        gp_cli_print_json(refusal_json(reply));
    else if (reply->reason == GP_REASON_NONE) /* the clock's acts have no rule of the domain */
        fprintf(stderr, _("gridpost: refused: %.*s\n"), GP_SPAN_ARG(reply->detail));
    else
        fprintf(stderr, _("gridpost: refused: %s (%s). %.*s\n"), _(gp_reason_text(reply->reason)),
                gp_reason_word(reply->reason), GP_SPAN_ARG(reply->detail));
}

int gp_cli_refusal(const struct gp_cli *cli, const struct gp_reply *reply)
{
    static const struct {
        int code;
        const char *text;
    } answers[] = {
        [GP_STATUS_INVALID] = {GP_EXIT_FAILED, N_("the daemon does not understand this")},
        [GP_STATUS_NOT_FOUND] = {GP_EXIT_NOT_FOUND, N_("not found")},
        [GP_STATUS_TRY_AGAIN] = {GP_EXIT_TRY_AGAIN, N_("try again later, nothing was stored")},
        [GP_STATUS_VERSION] = {GP_EXIT_FAILED, N_("the daemon speaks another version")},
        [GP_STATUS_LIMITED] = {GP_EXIT_TRY_AGAIN, N_("too fast: try again later")},
        [GP_STATUS_SEALED_ONLY] = {GP_EXIT_REFUSED,
                                   N_("only devices that are enrolled may speak here: gridpost "
                                      "join, or --identity FILE")},
    };

    if (reply->status == GP_STATUS_OK)
        return GP_EXIT_DONE;
    if (reply->status == GP_STATUS_REFUSED) {
        print_refused(cli, reply);
        return reply->reason == GP_REASON_UNKNOWN_INCIDENT ? GP_EXIT_NOT_FOUND : GP_EXIT_REFUSED;
    }
    if (reply->status > GP_STATUS_SEALED_ONLY || answers[reply->status].text == NULL)
        return gp_cli_call_failed(cli, GP_EFORMAT);
    fprintf(stderr, _("gridpost: %s: %.*s\n"), _(answers[reply->status].text),
            GP_SPAN_ARG(reply->detail));
    return answers[reply->status].code;
}

int gp_cli_call(struct gp_cli *cli, struct gp_request *request, unsigned wait_ms,
                struct gp_reply *ret_reply)
{
    int code = gp_cli_connect(cli);
    int rc;

    if (code != GP_EXIT_DONE)
        return code;
    gp_cli_speak(cli, request);
    rc = gp_client_call(cli->client, request, cli->timeout_ms + wait_ms, ret_reply);
    gp_cli_keep_server_key(cli);
    if (rc != 0)
        return gp_cli_call_failed(cli, rc);
    return gp_cli_refusal(cli, ret_reply);
}

int gp_cli_answer(void)
{
    char line[80];

    (void)fflush(stdout);
    if (fgets(line, sizeof line, stdin) == NULL)
        return -1;
    line[strcspn(line, "\r\n")] = '\0';
    return strcasecmp(line, "y") == 0 || strcasecmp(line, "yes") == 0 || strcmp(line, "是") == 0;
}

int gp_cli_new_id(unsigned char ret_id[GP_COMMAND_ID_BYTES])
{
    if (gp_client_new_id(ret_id) == 0)
        return GP_EXIT_DONE;
    fputs(_("gridpost: no random numbers to be had\n"), stderr);
    return GP_EXIT_FAILED;
}

int gp_cli_send(struct gp_cli *cli, struct gp_command *command, struct gp_reply *ret_reply)
{
    struct gp_request request = {.kind = GP_REQUEST_COMMAND};
    int code = gp_cli_new_id(command->id);

    if (code != GP_EXIT_DONE)
        return code;
    request.command = *command;
    return gp_cli_call(cli, &request, 0, ret_reply);
}

bool gp_cli_next_page(struct gp_query *query, const struct gp_reply *page)
{
    struct gp_span cursor = page->page.cursor;

    query->cursor_len = (uint8_t)cursor.len;
    if (cursor.len > 0)
        memcpy(query->cursor, cursor.ptr, cursor.len);
    return cursor.len > 0;
}

int gp_cli_now(struct gp_cli *cli, int64_t *ret_ms)
{
    struct gp_request request = {.kind = GP_REQUEST_STATUS};
    struct gp_reply reply;
    int code = gp_cli_call(cli, &request, 0, &reply);

    if (code == GP_EXIT_DONE)
        *ret_ms = reply.daemon.now_ms;
    return code;
}

/* ---------------------------------------------------------------- reading words */

void gp_cli_need_speaker(const struct gp_cli *cli, struct argp_state *state)
{
    if (cli->person[0] == '\0' && !gp_cli_is_known(cli))
        argp_error(state, "%s", _("say who is speaking: --as PERSON, or GRIDPOST_PERSON"));
}

bool gp_cli_incident(const char *text, uint64_t *ret_incident)
{
    return gp_read_number(text[0] == '#' ? text + 1 : text, ret_incident);
}

bool gp_cli_time(const char *text, int64_t *ret_ms)
{
    char zoned[48];
    int64_t day, ms;

    if (gp_instant_parse(gp_span_of(text), ret_ms) == 0)
        return true;
    if (gp_date_parse(gp_span_of(text), &day) == 0) {
        *ret_ms = day * GP_MS_DAY - gp_show_zone(day * GP_MS_DAY);
        return true;
    }
    (void)snprintf(zoned, sizeof zoned, "%.40sZ", text);
    if (gp_instant_parse(gp_span_of(zoned), &ms) != 0)
        return false;
    *ret_ms = ms - gp_show_zone(ms);
    return true;
}

void gp_cli_read_time(const char *value, int64_t *ret_ms, struct argp_state *state)
{
    if (!gp_cli_time(value, ret_ms))
        argp_error(state, _("'%s' is no time: write 2026-10-01 or 2026-10-01T08:00"), value);
}

/* ---------------------------------------------------------------- writing */

void gp_cli_print_json(json_t *object)
{
    if (object != NULL && json_dumpf(object, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER) == 0)
        putchar('\n');
    else
        fputs("gridpost: out of memory\n", stderr);
    json_decref(object);
    (void)fflush(stdout); /* somebody may be reading line by line */
}

void gp_cli_time_text(int64_t ms, char ret_text[GP_CLI_TIME_BYTES])
{
    gp_show_time_text(ms, ret_text);
}

void gp_cli_duration_text(int64_t ms, char ret_text[GP_CLI_TIME_BYTES])
{
    const char *sign = ms < 0 ? "-" : "";
    int64_t minutes = (ms < 0 ? -ms : ms) / GP_MS_MINUTE;

    if (minutes >= 24 * 60)
        (void)snprintf(ret_text, GP_CLI_TIME_BYTES, _("%s%" PRId64 " d %02" PRId64 " h"), sign,
                       minutes / (24 * 60), minutes / 60 % 24);
    else if (minutes >= 60)
        (void)snprintf(ret_text, GP_CLI_TIME_BYTES, _("%s%" PRId64 " h %02" PRId64 " min"), sign,
                       minutes / 60, minutes % 60);
    else
        (void)snprintf(ret_text, GP_CLI_TIME_BYTES, _("%s%" PRId64 " min"), sign, minutes);
}

/* One character's bytes and columns; a byte that is no character counts as one of each. */
static size_t next_character(struct gp_span text, int *ret_columns)
{
    mbstate_t state = {0};
    wchar_t character;
    size_t bytes = mbrtowc(&character, text.ptr, text.len, &state);

    if (bytes == 0 || bytes == (size_t)-1 || bytes == (size_t)-2) {
        *ret_columns = 1;
        return 1;
    }
    int columns = iswcntrl((wint_t)character) ? 1 : wcwidth(character);
    *ret_columns = columns > 0 ? columns : 0;
    return bytes;
}

int gp_cli_width(struct gp_span text)
{
    int width = 0;

    while (text.len > 0) {
        int columns;
        size_t bytes = next_character(text, &columns);
        width += columns;
        text.ptr += bytes;
        text.len -= bytes;
    }
    return width;
}

/* Prints what fits into a width, on one line; returns the columns it took. */
static int print_flat(struct gp_span text, int width)
{
    int used = 0;

    while (text.len > 0) {
        int columns;
        size_t bytes = next_character(text, &columns);
        if (used + columns > width)
            break;
        if (bytes == 1 && iscntrl((unsigned char)text.ptr[0])) /* a line feed, a tab */
            putchar(' ');
        else
            (void)fwrite(text.ptr, 1, bytes, stdout);
        used += columns;
        text.ptr += bytes;
        text.len -= bytes;
    }
    return used;
}

void gp_cli_cell(struct gp_span text, int width)
{
    int used = print_flat(text, width);
    printf("%*s", width - used + 1, "");
}

void gp_cli_flat(struct gp_span text)
{
    (void)print_flat(text, INT_MAX); /* however wide it is */
}
