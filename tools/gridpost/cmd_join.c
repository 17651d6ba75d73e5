/* join: this device makes its key and joins by an invitation. */
#include "gridpost/devices.h"
#include "gridpost/save.h"

#include "trust/handshake.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define GP_LOOK_S 2 /* between two handshakes that ask whether an admin has confirmed it */

struct join {
    struct gp_cli cli;
    const char *text, *label;
    char host[GP_LABEL_BYTES + 1]; /* its beginning, where no label is given */
    bool no_wait;
    struct gp_invitation invitation;
};

/* ---------------------------------------------------------------- before */

/* Lines until there is as much as an invitation has, or an empty one: who pastes it need not say
 * that this is its end, and it may have been wrapped. */
static size_t read_pasted(char *text, size_t room)
{
    size_t len = 0, letters = 0;
    bool more = true;

    while (more && letters < GP_INVITATION_TEXT - 1 && len + 1 < room &&
           fgets(text + len, (int)(room - len), stdin) != NULL) {
        size_t line = len;
        len += strlen(text + len);
        more = text[line + strspn(text + line, " \t\r\n")] != '\0';
        for (; line < len; line++)
            letters += strchr(" \t\r\n", text[line]) == NULL;
    }
    return len;
}

static int read_invitation(struct join *join)
{
    struct gp_span text = gp_span_of(join->text);
    char pasted[GP_INVITATION_BYTES_MAX * 4];

    if (strcmp(join->text, "-") == 0) {
        if (isatty(STDIN_FILENO))
            fputs(_("Paste the invitation, then Enter: "), stderr);
        text = (struct gp_span){pasted, read_pasted(pasted, sizeof pasted)};
    }
    int rc = gp_invitation_read(text, &join->invitation);
    gp_wipe(pasted, sizeof pasted);
    if (rc == 0)
        return GP_EXIT_DONE;
    fputs(rc == GP_EINVAL    ? _("gridpost: this is no invitation: it begins with GP1:\n")
          : rc == GP_EFORMAT ? _("gridpost: this invitation is mistyped, cut or damaged\n")
                             : _("gridpost: this invitation is of a newer gridpost\n"),
          stderr);
    return GP_EXIT_FAILED;
}

static int check_file(const struct join *join)
{
    if (join->cli.identity[0] == '\0') {
        fputs(_("gridpost: where shall the identity be kept? --identity FILE\n"), stderr);
        return GP_EXIT_USAGE;
    }
    if (access(join->cli.identity, F_OK) != 0)
        return GP_EXIT_DONE;
    fprintf(stderr,
            _("gridpost: %s is there already: this device is somebody. For another identity: "
              "--identity FILE\n"),
            join->cli.identity);
    return GP_EXIT_REFUSED;
}

/* The file is written before the invitation is used up, so that a full disk costs nothing. */
static int make_identity(struct join *join)
{
    struct gp_identity *known = &join->cli.known;

    gp_identity_new(join->invitation.server, join->invitation.sign, known);
    known->device = join->invitation.device;
    if (join->cli.socket_given && strlen(join->cli.socket) <= GP_ADDRESS_BYTES_MAX)
        (void)snprintf(known->address, sizeof known->address, "%s", join->cli.socket);
    return gp_cli_save_identity(join->cli.identity, known);
}

/* ---------------------------------------------------------------- joining */

static void print_joined(const struct join *join, uint32_t digits)
{
    char shown[GP_DIGITS_BYTES];

    if (join->cli.json) {
        (void)snprintf(shown, sizeof shown, "%06u", digits);
        gp_cli_print_json(json_pack("{s:I, s:s, s:s}", "device", (json_int_t)join->cli.known.device,
                                    "state", "pending", "digits", shown));
        return;
    }
    gp_devices_digits(digits, shown);
    printf(_("This is device %" PRIu64 ". Compare with who invited you: %s\n"),
           join->cli.known.device, shown);
    (void)fflush(stdout);
}

static int say_denied(const struct join *join)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now); /* Linux has it */
    fputs(gp_invitation_over(&join->invitation, (int64_t)now.tv_sec * 1000)
              ? _("gridpost: the invitation is over; ask for another one\n")
              : _("gridpost: the server does not take this invitation: it was used, or the server "
                  "has started anew; ask for another one\n"),
          stderr);
    return GP_EXIT_REFUSED;
}

static int send_join(struct join *join)
{
    struct gp_cli *cli = &join->cli;
    uint32_t digits;
    int rc = gp_client_identify(cli->client, &cli->known);

    if (rc == 0)
        rc = gp_client_join(cli->client, &join->invitation, gp_span_of(join->label),
                            cli->timeout_ms, &digits);
    if (rc == GP_EDENIED)
        return say_denied(join);
    if (rc != 0)
        return gp_cli_call_failed(cli, rc);
    print_joined(join, digits);
    return GP_EXIT_DONE;
}

static void print_confirmed(const struct join *join, uint8_t role)
{
    if (join->cli.json)
        gp_cli_print_json(json_pack("{s:I, s:s, s:s}", "device", (json_int_t)join->cli.known.device,
                                    "state", "active", "role", gp_role_name(role)));
    else
        printf(_("Confirmed as %s; the identity is in %s\n"), _(gp_role_name(role)),
               join->cli.identity);
}

/* As long as the admin takes, within the time that an invitation has. */
static int await_confirmation(struct join *join)
{
    struct timespec pause = {.tv_sec = GP_LOOK_S}, begun, now;
    uint8_t role;
    int rc;

    (void)clock_gettime(CLOCK_BOOTTIME, &begun); /* Linux has it */
    do {
        rc = gp_client_greet(join->cli.client, join->cli.timeout_ms, &role);
        if (rc == 0) {
            print_confirmed(join, role);
            return GP_EXIT_DONE;
        }
        if (rc != GP_EPENDING)
            return gp_cli_call_failed(&join->cli, rc);
        (void)nanosleep(&pause, NULL); /* an interrupt ends it early, as it should */
        (void)clock_gettime(CLOCK_BOOTTIME, &now);
    } while (now.tv_sec - begun.tv_sec <= GP_INVITATION_MS / 1000);
    return gp_cli_call_failed(&join->cli, rc);
}

static int run(struct join *join)
{
    int code = check_file(join);

    if (code == GP_EXIT_DONE)
        code = read_invitation(join);
    if (code == GP_EXIT_DONE)
        code = gp_cli_connect_bare(&join->cli);
    if (code == GP_EXIT_DONE)
        code = make_identity(join);
    if (code != GP_EXIT_DONE)
        return code;
    code = send_join(join);
    bool known = code == GP_EXIT_DONE;
    if (known && !join->no_wait) {
        code = await_confirmation(join);
        known = code != GP_EXIT_REFUSED;
    }
    if (!known) /* a key that the server does not take is no identity */
        (void)unlink(join->cli.identity);
    return code;
}

/* ---------------------------------------------------------------- words */

enum { OPT_LABEL = 256, OPT_NO_WAIT };
static const struct argp_option options[] = {
    {"label", OPT_LABEL, "NAME", 0, N_("what this device calls itself (default: this host)"), 0},
    {"no-wait", OPT_NO_WAIT, NULL, 0, N_("end without waiting for confirmation"), 0},
    {0},
};
static const struct argp_child children[] = {{&gp_cli_argp, 0, NULL, 0}, {0}};

static void check(struct join *join, struct argp_state *state)
{
    if (join->text == NULL)
        argp_error(state, "%s", _("give the invitation, or - to read it"));
    if (join->label == NULL) {
        (void)snprintf(join->host, sizeof join->host, "%.*s", GP_LABEL_BYTES, join->cli.device);
        join->label = join->host;
    }
    if (strlen(join->label) > GP_LABEL_BYTES)
        argp_error(state, _("--label has at most %d bytes"), GP_LABEL_BYTES);
}

static error_t on_option(int key, char *value, struct argp_state *state)
{
    struct join *join = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &join->cli;
        return 0;
    case OPT_LABEL:
        join->label = value;
        return 0;
    case OPT_NO_WAIT:
        join->no_wait = true;
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num > 0)
            argp_error(state, "%s", _("one invitation at a time"));
        join->text = value;
        return 0;
    case ARGP_KEY_END:
        check(join, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int gp_cmd_join(int argc, char **argv)
{
    static const struct argp parser = {
        .options = options,
        .parser = on_option,
        .args_doc = "INVITATION\n-",
        .doc = N_("Joins by an invitation: makes this device's key, shows six digits to be "
                  "compared with those of who invited it, and waits until they were confirmed. "
                  "The identity is kept in the file of --identity. With - the invitation is read "
                  "from standard input: as an argument, it would be in the list of processes and "
                  "in the shell's history, and who sees it first may join in your place."),
        .children = children,
    };
    struct join join = {0};

    gp_cli_init(&join.cli);
    (void)argp_parse(&parser, argc, argv, 0, NULL, &join); /* exits on a mistake */
    int code = GP_EXIT_FAILED;
    if (gp_trust_start() == 0)
        code = run(&join);
    gp_wipe(&join.invitation, sizeof join.invitation);
    gp_cli_release(&join.cli);
    return code;
}
