/* devices: the list, and confirming one; revoke; rotate-key. */
#include "gridpost/devices.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

enum { OPT_PERSON = 256, OPT_ALL, OPT_DIGITS, OPT_TEXT, OPT_YES };

static const struct argp_child children[] = {{&gp_cli_argp, 0, NULL, 0}, {0}};

/* ---------------------------------------------------------------- devices */

struct devices {
    struct gp_cli cli;
    struct gp_devices_ask ask;
    bool all, confirm;
    uint64_t id;
    uint32_t digits;
    bool has_digits;
};

static int list(struct devices *devices)
{
    struct gp_request request = {.kind = GP_REQUEST_DEVICES, .devices = devices->ask};
    struct gp_reply reply;

    request.devices.limit = GP_PAGE_ROWS_MAX;
    do {
        int code = gp_cli_call(&devices->cli, &request, 0, &reply);
        if (code != GP_EXIT_DONE)
            return code;
        for (uint32_t i = 0; i < reply.devices.count; i++) {
            if (devices->all || reply.devices.item[i].state != GP_DEVICE_REVOKED)
                gp_devices_print(&devices->cli, &reply.devices.item[i]);
        }
        request.devices.after = reply.devices.next;
    } while (reply.devices.next != 0);
    return GP_EXIT_DONE;
}

/* Six digits, a blank or a dash among them or not. */
static bool read_digits(const char *text, uint32_t *ret_digits)
{
    uint32_t value = 0;
    int count = 0;

    for (; *text != '\0'; text++) {
        if (*text == ' ' || *text == '-')
            continue;
        if (*text < '0' || *text > '9' || ++count > 6)
            return false;
        value = value * 10 + (uint32_t)(*text - '0');
    }
    *ret_digits = value;
    return count == 6;
}

static const struct argp_option devices_options[] = {
    {"person", OPT_PERSON, "PERSON", 0, N_("devices of this person"), 0},
    {"all", OPT_ALL, NULL, 0, N_("those that are revoked, too"), 0},
    {"digits", OPT_DIGITS, "DIGITS", 0, N_("confirm: the six that the device shows"), 0},
    {0},
};

static void on_devices_word(struct devices *devices, const char *word, struct argp_state *state)
{
    if (state->arg_num == 0 && strcmp(word, "confirm") == 0)
        devices->confirm = true;
    else if (!devices->confirm || state->arg_num != 1)
        argp_error(state, _("devices does not know '%s'"), word);
    else if (!gp_devices_number(word, &devices->id))
        argp_error(state, _("'%s' is no device's number"), word);
}

static void check_devices(const struct devices *devices, struct argp_state *state)
{
    if (devices->confirm != devices->has_digits || devices->confirm != (devices->id != 0))
        argp_error(state, "%s", _("write: confirm DEVICE --digits DIGITS"));
    if (devices->confirm)
        gp_cli_need_speaker(&devices->cli, state);
}

static error_t on_devices(int key, char *value, struct argp_state *state)
{
    struct devices *devices = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &devices->cli;
        return 0;
    case OPT_PERSON:
        devices->ask.person = gp_span_of(value);
        return 0;
    case OPT_ALL:
        devices->all = true;
        return 0;
    case OPT_DIGITS:
        devices->has_digits = read_digits(value, &devices->digits);
        if (!devices->has_digits)
            argp_error(state, _("'%s' are not six digits"), value);
        return 0;
    case ARGP_KEY_ARG:
        on_devices_word(devices, value, state);
        return 0;
    case ARGP_KEY_END:
        check_devices(devices, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int gp_cmd_devices(int argc, char **argv)
{
    static const struct argp parser = {
        .options = devices_options,
        .parser = on_devices,
        .args_doc = "\nconfirm DEVICE --digits DIGITS",
        .doc = N_("Lists the devices that may speak, or are about to; or confirms one that has "
                  "joined, after its six digits were compared with those shown here."),
        .children = children,
    };
    struct devices devices = {0};

    gp_cli_init(&devices.cli);
    (void)argp_parse(&parser, argc, argv, 0, NULL, &devices); /* exits on a mistake */
    int code = devices.confirm ? gp_devices_confirm(&devices.cli, devices.id, devices.digits)
                               : list(&devices);
    gp_cli_release(&devices.cli);
    return code;
}

/* ---------------------------------------------------------------- revoke */

struct revoke {
    struct gp_cli cli;
    uint64_t id;
    struct gp_span person, why;
};

/* The devices of one page that are not revoked: their numbers, since the page dies with the next
 * call. Returns an exit code. */
static int find_live(struct revoke *revoke, uint64_t *after, uint64_t ret_ids[GP_PAGE_ROWS_MAX],
                     uint32_t *ret_count)
{
    struct gp_request request = {
        .kind = GP_REQUEST_DEVICES,
        .devices = {.person = revoke->person, .after = *after, .limit = GP_PAGE_ROWS_MAX}};
    struct gp_reply reply;
    int code = gp_cli_call(&revoke->cli, &request, 0, &reply);

    if (code != GP_EXIT_DONE)
        return code;
    *ret_count = 0;
    for (uint32_t i = 0; i < reply.devices.count && i < GP_PAGE_ROWS_MAX; i++) {
        if (reply.devices.item[i].state != GP_DEVICE_REVOKED)
            ret_ids[(*ret_count)++] = reply.devices.item[i].id;
    }
    *after = reply.devices.next;
    return GP_EXIT_DONE;
}

/* One that is refused does not keep the others alive; the first code that is not DONE is the end's.
 */
static int revoke_person(struct revoke *revoke)
{
    uint64_t ids[GP_PAGE_ROWS_MAX], after = 0, found = 0;
    int first = GP_EXIT_DONE;

    do {
        uint32_t count;
        int code = find_live(revoke, &after, ids, &count);
        if (code != GP_EXIT_DONE)
            return code;
        for (uint32_t i = 0; i < count; i++, found++) {
            code = gp_devices_revoke(&revoke->cli, ids[i], revoke->why);
            first = first == GP_EXIT_DONE ? code : first;
        }
    } while (after != 0);
    if (found > 0)
        return first;
    fprintf(stderr, _("gridpost: %.*s has no device that may speak\n"),
            GP_SPAN_ARG(revoke->person));
    return GP_EXIT_NOT_FOUND;
}

static const struct argp_option revoke_options[] = {
    {"person", OPT_PERSON, "PERSON", 0, N_("all devices of this person"), 0},
    {"text", OPT_TEXT, "WHY", 0, N_("why, for the journal"), 0},
    {0},
};

static error_t on_revoke(int key, char *value, struct argp_state *state)
{
    struct revoke *revoke = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &revoke->cli;
        return 0;
    case OPT_PERSON:
        revoke->person = gp_span_of(value);
        return 0;
    case OPT_TEXT:
        revoke->why = gp_span_of(value);
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num > 0 || !gp_devices_number(value, &revoke->id))
            argp_error(state, _("'%s' is no device's number"), value);
        return 0;
    case ARGP_KEY_END:
        if ((revoke->id != 0) == (revoke->person.len > 0))
            argp_error(state, "%s", _("name a device's number, or --person PERSON"));
        gp_cli_need_speaker(&revoke->cli, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int gp_cmd_revoke(int argc, char **argv)
{
    static const struct argp parser = {
        .options = revoke_options,
        .parser = on_revoke,
        .args_doc = "DEVICE\n--person PERSON",
        .doc = N_("Locks out a device, or all devices of a person: once this has answered, nothing "
                  "that they sent takes effect. It cannot be taken back; enrol them anew."),
        .children = children,
    };
    struct revoke revoke = {0};

    gp_cli_init(&revoke.cli);
    (void)argp_parse(&parser, argc, argv, 0, NULL, &revoke); /* exits on a mistake */
    int code = revoke.id != 0 ? gp_devices_revoke(&revoke.cli, revoke.id, revoke.why)
                              : revoke_person(&revoke);
    gp_cli_release(&revoke.cli);
    return code;
}

/* ---------------------------------------------------------------- rotate-key */

struct rotate {
    struct gp_cli cli;
    struct gp_command command;
    bool yes;
};

static const struct argp_option rotate_options[] = {
    {"yes", OPT_YES, NULL, 0, N_("end: without being asked"), 0},
    {0},
};

/* Who has not spoken meanwhile cannot be told by the store, and to enrol them all again is a day's
 * work: so somebody must mean it. Asks on the terminal; without one, or with JSON, nobody can be
 * asked. Returns an exit code. */
static int ask_to_end(const struct rotate *rotate)
{
    if (rotate->command.result != GP_RESULT_NO || rotate->yes)
        return GP_EXIT_DONE;
    if (!isatty(STDIN_FILENO) || rotate->cli.json) {
        fputs(_("gridpost: a device that has not spoken since rotate-key begin is locked out by "
                "this and must be enrolled anew: say --yes if that is meant\n"),
              stderr);
        return GP_EXIT_USAGE;
    }
    fputs(_("A device that has not spoken since rotate-key begin is locked out by this and must "
            "be enrolled anew.\nLet the old key die? [y/N] "),
          stdout);
    return gp_cli_answer() == 1 ? GP_EXIT_DONE : GP_EXIT_REFUSED;
}

static error_t on_rotate(int key, char *value, struct argp_state *state)
{
    struct rotate *rotate = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &rotate->cli;
        return 0;
    case OPT_YES:
        rotate->yes = true;
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num == 0 && strcmp(value, "begin") == 0)
            rotate->command.result = GP_RESULT_YES;
        else if (state->arg_num == 0 && strcmp(value, "end") == 0)
            rotate->command.result = GP_RESULT_NO;
        else
            argp_error(state, "%s", _("write: begin, or end"));
        return 0;
    case ARGP_KEY_END:
        if (rotate->command.result == 0)
            argp_error(state, "%s", _("write: begin, or end"));
        gp_cli_need_speaker(&rotate->cli, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void print_rotated(const struct rotate *rotate, const struct gp_reply *reply)
{
    bool begun = rotate->command.result == GP_RESULT_YES;

    if (rotate->cli.json)
        gp_cli_print_json(json_pack("{s:s, s:I}", "rotate", begun ? "begun" : "ended", "seq",
                                    (json_int_t)reply->answer.seq));
    else if (begun)
        printf(_("a new server key is alive beside the old one (entry %" PRIu64
                 "); devices take it "
                 "over as they speak; then: gridpost rotate-key end\n"),
               reply->answer.seq);
    else
        printf(_("the old server key is dead (entry %" PRIu64 "); a device that has not spoken "
                 "meanwhile must be enrolled anew\n"),
               reply->answer.seq);
}

int gp_cmd_rotate_key(int argc, char **argv)
{
    static const struct argp parser = {
        .options = rotate_options,
        .parser = on_rotate,
        .args_doc = "begin\nend [--yes]",
        .doc = N_("Changes the server's key: begin makes a new one, which devices take over as "
                  "they speak; end lets the old one die, and asks before."),
        .children = children,
    };
    struct rotate rotate = {.command = {.verb = GP_VERB_ROTATE}};
    struct gp_reply reply;

    gp_cli_init(&rotate.cli);
    (void)argp_parse(&parser, argc, argv, 0, NULL, &rotate); /* exits on a mistake */
    int code = ask_to_end(&rotate);
    if (code == GP_EXIT_DONE)
        code = gp_cli_send(&rotate.cli, &rotate.command, &reply);
    if (code == GP_EXIT_DONE)
        print_rotated(&rotate, &reply);
    gp_cli_release(&rotate.cli);
    return code;
}
