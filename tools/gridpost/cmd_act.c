/* report, and the verbs that act on an incident. */
#include "gridpost/cli.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct act {
    struct gp_cli cli;
    struct gp_command command;
    char text[GP_TEXT_BYTES_MAX + 1];
    bool has_id;
};

enum {
    OPT_GRID = 'g',
    OPT_CATEGORY = 'c',
    OPT_CONDITION = 'k',
    OPT_PLACE = 256,
    OPT_CAPTURED,
    OPT_ID,
    OPT_NOTE,
    OPT_VERSION
};

/* ---------------------------------------------------------------- words */

static bool read_degrees(const char **at, double most, int32_t *ret_e7)
{
    char *end;
    double value = strtod(*at, &end);

    if (end == *at || !(fabs(value) <= most))
        return false;
    *ret_e7 = (int32_t)lround(value * 1e7);
    *at = end;
    return true;
}

static bool read_place(const char *text, struct gp_place *ret_place)
{
    struct gp_place place = {.known = true};

    if (!read_degrees(&text, 90, &place.lat_e7) || *text++ != ',' ||
        !read_degrees(&text, 180, &place.lon_e7) || *text != '\0')
        return false;
    *ret_place = place;
    return true;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static bool read_id(const char *text, unsigned char ret_id[GP_COMMAND_ID_BYTES])
{
    if (strlen(text) != 2 * GP_COMMAND_ID_BYTES)
        return false;
    for (int i = 0; i < GP_COMMAND_ID_BYTES; i++) {
        int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        ret_id[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}

/* Words of the command line, with blanks between them. */
static void add_word(struct act *act, const char *word, struct argp_state *state)
{
    size_t used = strlen(act->text), more = strlen(word), blank = used > 0;

    if (used + blank + more >= sizeof act->text)
        argp_error(state, _("the text is longer than %d bytes"), GP_TEXT_BYTES_MAX);
    if (blank)
        act->text[used] = ' ';
    memcpy(act->text + used + blank, word, more + 1);
}

static void check_speaker(const struct act *act, struct argp_state *state)
{
    if (act->cli.person[0] == '\0')
        argp_error(state, "%s", _("say who is speaking: --as PERSON, or GRIDPOST_PERSON"));
}

/* ---------------------------------------------------------------- sending */

#define ID_TEXT_BYTES (2 * GP_COMMAND_ID_BYTES + 1)

static void id_text(const unsigned char id[GP_COMMAND_ID_BYTES], char ret_text[ID_TEXT_BYTES])
{
    for (int i = 0; i < GP_COMMAND_ID_BYTES; i++)
        (void)snprintf(ret_text + 2 * i, 3, "%02x", id[i]);
}

static json_t *answer_json(const struct gp_reply *reply)
{
    json_t *object = json_object();
    char id[ID_TEXT_BYTES];

    id_text(reply->answer.id, id);
    json_object_set_new(object, "id", json_string(id));
    json_object_set_new(object, "incident", json_integer((json_int_t)reply->answer.incident));
    json_object_set_new(object, "seq", json_integer((json_int_t)reply->answer.seq));
    json_object_set_new(object, "state", json_string(gp_state_name(reply->answer.state)));
    json_object_set_new(object, "version", json_integer(reply->answer.version));
    json_object_set_new(object, "due",
                        gp_cli_json_time(reply->answer.due_ms, gp_cli_zone(reply->answer.due_ms)));
    json_object_set_new(object, "repeated", json_boolean(reply->answer.repeated));
    return object;
}

static void print_answer(const struct gp_cli *cli, const struct gp_reply *reply)
{
    char due[GP_CLI_TIME_BYTES];

    if (cli->json) {
        gp_cli_print_json(answer_json(reply));
        return;
    }
    gp_cli_time_text(reply->answer.due_ms, due);
    printf(_("#%" PRIu64 " %s, due %s (entry %" PRIu64 "%s)\n"), reply->answer.incident,
           _(gp_state_name(reply->answer.state)), due, reply->answer.seq,
           reply->answer.repeated ? _(", stored before") : "");
}

/* Whether it was stored is not known, or it was not: the same id makes it safe to try again. */
static void print_how_to_repeat(const struct act *act)
{
    char id[ID_TEXT_BYTES];

    id_text(act->command.id, id);
    fprintf(stderr, _("gridpost: to repeat it without doing it twice: --id %s\n"), id);
}

static int send_command(struct act *act)
{
    struct gp_request request = {.kind = GP_REQUEST_COMMAND};
    struct gp_reply reply;
    int code;

    act->command.text = gp_span_of(act->text);
    if (!act->has_id && gp_client_new_id(act->command.id) != 0) {
        fputs(_("gridpost: no random numbers to be had\n"), stderr);
        return GP_EXIT_FAILED;
    }
    request.command = act->command;
    code = gp_cli_call(&act->cli, &request, 0, &reply);
    if (code == GP_EXIT_DONE)
        print_answer(&act->cli, &reply);
    if (code == GP_EXIT_TIMED_OUT || code == GP_EXIT_TRY_AGAIN)
        print_how_to_repeat(act);
    gp_cli_release(&act->cli);
    return code;
}

/* ---------------------------------------------------------------- report */

static const struct argp_option report_options[] = {
    {"grid", OPT_GRID, "CODE", 0, N_("grid, 15 digits"), 0},
    {"category", OPT_CATEGORY, "CODE", 0, N_("category of the catalogue"), 0},
    {"condition", OPT_CONDITION, "CODE", 0, N_("condition, where the category has several"), 0},
    {"at", OPT_PLACE, "LAT,LON", 0, N_("position in degrees"), 0},
    {"captured", OPT_CAPTURED, "TIME", 0, N_("when it was seen (default: now)"), 0},
    {"id", OPT_ID, "HEX", 0, N_("report id, to send the same report again"), 0},
    {0},
};

static error_t on_report(int key, char *value, struct argp_state *state)
{
    struct act *act = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &act->cli;
        return 0;
    case OPT_GRID:
        act->command.grid = gp_span_of(value);
        return 0;
    case OPT_CATEGORY:
        act->command.category = gp_span_of(value);
        return 0;
    case OPT_CONDITION:
        act->command.condition = gp_span_of(value);
        return 0;
    case OPT_PLACE:
        if (!read_place(value, &act->command.place))
            argp_error(state, "%s", _("--at is LAT,LON in degrees, such as 30.93,117.81"));
        return 0;
    case OPT_CAPTURED:
        if (!gp_cli_time(value, &act->command.captured_ms))
            argp_error(state, "%s", _("--captured is a time such as 2026-10-01T08:00"));
        return 0;
    case OPT_ID:
        act->has_id = read_id(value, act->command.id);
        if (!act->has_id)
            argp_error(state, "%s", _("--id is 32 hexadecimal digits"));
        return 0;
    case ARGP_KEY_ARG:
        add_word(act, value, state);
        return 0;
    case ARGP_KEY_END:
        if (act->command.grid.len == 0 || act->command.category.len == 0)
            argp_error(state, "%s", _("--grid and --category are needed"));
        check_speaker(act, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {{&gp_cli_argp, 0, NULL, 0}, {0}};

int gp_cmd_report(int argc, char **argv)
{
    static const struct argp parser = {
        .options = report_options,
        .parser = on_report,
        .args_doc = "TEXT...",
        .doc = N_("Reports an incident and waits until it is on disk."),
        .children = children,
    };
    struct act act = {.command = {.verb = GP_VERB_REPORT}};

    gp_cli_init(&act.cli);
    (void)argp_parse(&parser, argc, argv, 0, NULL, &act); /* exits on a mistake */
    return send_command(&act);
}

/* ---------------------------------------------------------------- the other verbs */

static const struct argp_option act_options[] = {
    {"note", OPT_NOTE, "TEXT", 0, N_("a note for the journal"), 0},
    {"if-version", OPT_VERSION, "N", 0, N_("only if the incident is still at version N"), 0},
    {"id", OPT_ID, "HEX", 0, N_("command id, to send the same command again"), 0},
    {0},
};

static error_t on_act(int key, char *value, struct argp_state *state)
{
    struct act *act = state->input;
    uint64_t number = 0;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &act->cli;
        return 0;
    case OPT_NOTE:
        add_word(act, value, state);
        return 0;
    case OPT_VERSION:
        if (!gp_cli_number(value, &number) || number > UINT32_MAX)
            argp_error(state, "%s", _("--if-version is a number"));
        act->command.expect_version = (uint32_t)number;
        return 0;
    case OPT_ID:
        act->has_id = read_id(value, act->command.id);
        if (!act->has_id)
            argp_error(state, "%s", _("--id is 32 hexadecimal digits"));
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num > 0)
            add_word(act, value, state);
        else if (!gp_cli_number(value[0] == '#' ? value + 1 : value, &act->command.incident))
            argp_error(state, _("'%s' is no incident's number"), value);
        return 0;
    case ARGP_KEY_END:
        if (act->command.incident == 0)
            argp_error(state, "%s", _("name the incident's number"));
        check_speaker(act, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int gp_cmd_act(int argc, char **argv)
{
    static const struct argp parser = {
        .options = act_options,
        .parser = on_act,
        .args_doc = "INCIDENT [TEXT...]",
        .doc = N_("Acts on an incident for the person given by --as, and waits until it is on "
                  "disk."),
        .children = children,
    };
    const char *verb = strchr(argv[0], ' ') + 1;
    struct act act = {.command = {.verb = (uint8_t)gp_verb_parse(gp_span_of(verb))}};

    gp_cli_init(&act.cli);
    (void)argp_parse(&parser, argc, argv, 0, NULL, &act); /* exits on a mistake */
    return send_command(&act);
}
