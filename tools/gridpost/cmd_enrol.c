/* enrol: an invitation for a person's device, and then its confirmation. */
#include "gridpost/devices.h"
#include "gridpost/qr.h"

#include "trust/invitation.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#define GP_LOOK_S 1 /* between two looks whether the device has joined */

struct enrol {
    struct gp_cli cli;
    struct gp_command command;
    const char *png;
    bool no_wait;
    uint64_t device;
    int64_t expires_ms;
    char invitation[GP_INVITATION_TEXT];
};

/* ---------------------------------------------------------------- the invitation */

static void print_invitation(const struct enrol *enrol)
{
    char until[GP_CLI_TIME_BYTES];

    if (enrol->cli.json) {
        gp_cli_print_json(
            json_pack("{s:I, s:s%, s:s, s:o, s:s}", "device", (json_int_t)enrol->device, "person",
                      enrol->command.person.ptr, enrol->command.person.len, "role",
                      gp_role_name(enrol->command.role), "expires",
                      gp_show_time(enrol->expires_ms, gp_show_zone(enrol->expires_ms)),
                      "invitation", enrol->invitation));
        return;
    }
    gp_cli_time_text(enrol->expires_ms, until);
    (void)gp_qr_print(stdout, enrol->invitation, enrol->cli.colour); /* the text says it, too */
    printf(_("Device %" PRIu64 " of %.*s (%s) may join until %s, once. Scan the code, or type "
             "'gridpost join -' there and paste:\n\n%s\n\n"),
           enrol->device, GP_SPAN_ARG(enrol->command.person), _(gp_role_name(enrol->command.role)),
           until, enrol->invitation);
    (void)fflush(stdout);
}

static int invite(struct enrol *enrol)
{
    struct gp_invitation read;
    struct gp_reply reply;
    int code = gp_cli_send(&enrol->cli, &enrol->command, &reply);

    if (code != GP_EXIT_DONE)
        return code;
    int rc = gp_trust_start();
    if (rc == 0)
        rc = gp_invitation_read(reply.answer.invitation, &read);
    if (rc != 0)
        return gp_cli_call_failed(&enrol->cli, rc);
    gp_invitation_write(&read, enrol->invitation);
    enrol->device = read.device;
    enrol->expires_ms = read.expires_s * 1000;
    gp_wipe(&read, sizeof read);
    print_invitation(enrol);
    return enrol->png != NULL ? gp_qr_png(enrol->png, enrol->invitation) : GP_EXIT_DONE;
}

/* ---------------------------------------------------------------- the device joins */

/* Looks until the device has joined, or the time for it is over. */
static int await_join(struct enrol *enrol, struct gp_device *ret_device)
{
    struct timespec pause = {.tv_sec = GP_LOOK_S}, begun, now;

    (void)clock_gettime(CLOCK_BOOTTIME, &begun); /* Linux has it */
    do {
        int code = gp_devices_one(&enrol->cli, enrol->device, ret_device);
        if (code != GP_EXIT_DONE)
            return code;
        if (ret_device->state != GP_DEVICE_INVITED)
            return GP_EXIT_DONE;
        (void)nanosleep(&pause, NULL); /* an interrupt ends it early, as it should */
        (void)clock_gettime(CLOCK_BOOTTIME, &now);
    } while (now.tv_sec - begun.tv_sec <= GP_INVITATION_MS / 1000);
    fputs(_("gridpost: nobody joined in time; the invitation is over\n"), stderr);
    return GP_EXIT_TIMED_OUT;
}

/* Other digits mean that somebody else has used the invitation: that device must not stay. */
static int compare(struct enrol *enrol, const struct gp_device *device)
{
    char digits[GP_DIGITS_BYTES];
    uint32_t shown = device->digits;

    gp_devices_digits(shown, digits);
    printf(_("Device %" PRIu64 " has joined; it calls itself '%.*s'.\n"), device->id,
           GP_SPAN_ARG(device->label));
    printf(_("Do both show %s? [y/N] "), digits);
    switch (gp_cli_answer()) {
    case 1:
        return gp_devices_confirm(&enrol->cli, enrol->device, shown);
    case 0:
        (void)gp_devices_revoke(&enrol->cli, enrol->device,
                                GP_SPAN("the digits were not the same"));
        return GP_EXIT_REFUSED; /* whatever became of that was said */
    default:
        printf(_("\nIt waits for: gridpost devices confirm %" PRIu64 " --digits %06u\n"),
               enrol->device, shown);
        return GP_EXIT_TRY_AGAIN;
    }
}

static int see_it_join(struct enrol *enrol)
{
    struct gp_device device;
    int code = await_join(enrol, &device);

    if (code != GP_EXIT_DONE)
        return code;
    if (device.state == GP_DEVICE_PENDING)
        return compare(enrol, &device);
    gp_devices_print(&enrol->cli, &device); /* somebody else has decided on it */
    return device.state == GP_DEVICE_ACTIVE ? GP_EXIT_DONE : GP_EXIT_REFUSED;
}

/* ---------------------------------------------------------------- words */

enum { OPT_ROLE = 256, OPT_PNG, OPT_REASON, OPT_NO_WAIT };
static const struct argp_option options[] = {
    {"role", OPT_ROLE, "ROLE", 0,
     N_("officer, dispatcher, reader, handler, admin, supervisor, auditor or bridge"), 0},
    {"png", OPT_PNG, "FILE", 0, N_("the code as a picture, too"), 0},
    {"reason", OPT_REASON, "TEXT", 0, N_("why, for the journal"), 0},
    {"no-wait", OPT_NO_WAIT, NULL, 0, N_("end without waiting for the device; also with --json"),
     0},
    {0},
};
static const struct argp_child children[] = {{&gp_cli_argp, 0, NULL, 0}, {0}};

static error_t on_option(int key, char *value, struct argp_state *state)
{
    struct enrol *enrol = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &enrol->cli;
        return 0;
    case OPT_ROLE:
        enrol->command.role = (uint8_t)gp_role_parse(gp_span_of(value));
        if (enrol->command.role == GP_ROLE_LOCAL)
            argp_error(state, _("'%s' is no role"), value);
        return 0;
    case OPT_PNG:
        enrol->png = value;
        return 0;
    case OPT_REASON:
        enrol->command.text = gp_span_of(value);
        return 0;
    case OPT_NO_WAIT:
        enrol->no_wait = true;
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num > 0)
            argp_error(state, "%s", _("one person at a time"));
        enrol->command.person = gp_span_of(value);
        return 0;
    case ARGP_KEY_END:
        if (enrol->command.person.len == 0 || enrol->command.role == GP_ROLE_LOCAL)
            argp_error(state, "%s", _("say who, and --role"));
        gp_cli_need_speaker(&enrol->cli, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int gp_cmd_enrol(int argc, char **argv)
{
    static const struct argp parser = {
        .options = options,
        .parser = on_option,
        .args_doc = "PERSON",
        .doc = N_("Invites a device of PERSON: shows the invitation as a QR code and as text, "
                  "waits until the device has joined, and confirms it when both sides show the "
                  "same six digits. An invitation is good for 15 minutes, once, and a secret "
                  "until then."),
        .children = children,
    };
    struct enrol enrol = {.command = {.verb = GP_VERB_INVITE}};

    gp_cli_init(&enrol.cli);
    (void)argp_parse(&parser, argc, argv, 0, NULL, &enrol); /* exits on a mistake */
    int code = invite(&enrol);
    if (code == GP_EXIT_DONE && !enrol.no_wait && !enrol.cli.json)
        code = see_it_join(&enrol);
    gp_cli_release(&enrol.cli);
    return code;
}
