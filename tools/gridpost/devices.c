#include "gridpost/devices.h"

#include "trust/trust.h"

#include <inttypes.h>

int gp_devices_one(struct gp_cli *cli, uint64_t id, struct gp_device *ret_device)
{
    struct gp_request request = {.kind = GP_REQUEST_DEVICES,
                                 .devices = {.after = id - 1, .limit = 1}};
    struct gp_reply reply;
    int code = gp_cli_call(cli, &request, 0, &reply);

    if (code != GP_EXIT_DONE)
        return code;
    if (reply.devices.count == 0 || reply.devices.item[0].id != id) {
        fprintf(stderr, _("gridpost: there is no device %" PRIu64 "\n"), id);
        return GP_EXIT_NOT_FOUND;
    }
    *ret_device = reply.devices.item[0];
    return GP_EXIT_DONE;
}

bool gp_devices_number(const char *text, uint64_t *ret_id)
{
    return gp_read_number(text[0] == '#' ? text + 1 : text, ret_id);
}

void gp_devices_digits(uint32_t digits, char ret_text[GP_DIGITS_BYTES])
{
    (void)snprintf(ret_text, GP_DIGITS_BYTES, "%03u %03u", digits / 1000 % 1000, digits % 1000);
}

/* ---------------------------------------------------------------- showing */

static json_t *key_json(const struct gp_device *device)
{
    char text[GP_KEY_TEXT];

    if (!gp_device_has_key(device))
        return json_null();
    gp_key_format(device->key, text);
    return json_string(text);
}

static json_t *digits_json(const struct gp_device *device)
{
    char text[GP_DIGITS_BYTES];

    if (device->joined_ms == 0)
        return json_null();
    (void)snprintf(text, sizeof text, "%06u", device->digits);
    return json_string(text);
}

static void set_time(json_t *object, const char *key, int64_t ms)
{
    json_object_set_new(object, key, gp_show_time(ms, gp_show_zone(ms)));
}

json_t *gp_devices_json(const struct gp_device *device)
{
    json_t *object = json_object();

    json_object_set_new(object, "device", json_integer((json_int_t)device->id));
    json_object_set_new(object, "person", gp_show_text(device->person));
    json_object_set_new(object, "role", json_string(gp_role_name(device->role)));
    json_object_set_new(object, "state", json_string(gp_device_state_name(device->state)));
    json_object_set_new(object, "label", gp_show_text(device->label));
    json_object_set_new(object, "key", key_json(device));
    json_object_set_new(object, "digits", digits_json(device));
    set_time(object, "invited", device->invited_ms);
    set_time(object, "expires", device->expires_ms);
    set_time(object, "joined", device->joined_ms);
    set_time(object, "confirmed", device->confirmed_ms);
    set_time(object, "revoked", device->revoked_ms);
    json_object_set_new(object, "invited_by", gp_show_text(device->invited_by));
    json_object_set_new(object, "confirmed_by", gp_show_text(device->confirmed_by));
    json_object_set_new(object, "revoked_by", gp_show_text(device->revoked_by));
    return object;
}

/* What matters most in the state it is in. */
static void print_standing(const struct gp_device *device)
{
    char when[GP_CLI_TIME_BYTES], digits[GP_DIGITS_BYTES];

    switch (device->state) {
    case GP_DEVICE_INVITED:
        gp_cli_time_text(device->expires_ms, when);
        printf(_("until %s\n"), when);
        break;
    case GP_DEVICE_PENDING:
        gp_devices_digits(device->digits, digits);
        printf(_("shows %s\n"), digits);
        break;
    case GP_DEVICE_REVOKED:
        gp_cli_time_text(device->revoked_ms, when);
        printf(_("%s by %.*s\n"), when, GP_SPAN_ARG(device->revoked_by));
        break;
    default:
        gp_cli_time_text(device->confirmed_ms, when);
        if (device->expires_ms == 0)
            printf(_("%s by file\n"), when);
        else
            puts(when);
    }
}

void gp_devices_print(const struct gp_cli *cli, const struct gp_device *device)
{
    if (cli->json) {
        gp_cli_print_json(gp_devices_json(device));
        return;
    }
    printf("%5" PRIu64 "  ", device->id);
    gp_cli_cell(device->person, 14);
    gp_cli_cell(gp_span_of(_(gp_role_name(device->role))), 12);
    gp_cli_cell(gp_span_of(_(gp_device_state_name(device->state))), 10);
    gp_cli_cell(device->label, 20);
    print_standing(device);
}

/* ---------------------------------------------------------------- changing */

static int send(struct gp_cli *cli, struct gp_command *command, const char *said)
{
    struct gp_reply reply;
    int code = gp_cli_send(cli, command, &reply);

    if (code != GP_EXIT_DONE)
        return code;
    if (cli->json)
        gp_cli_print_json(json_pack("{s:I, s:s, s:I}", "device", (json_int_t)command->device_id,
                                    "state", said, "seq", (json_int_t)reply.answer.seq));
    else
        printf(_("device %" PRIu64 " is %s (entry %" PRIu64 ")\n"), command->device_id, _(said),
               reply.answer.seq);
    return GP_EXIT_DONE;
}

int gp_devices_confirm(struct gp_cli *cli, uint64_t id, uint32_t digits)
{
    struct gp_command command = {.verb = GP_VERB_CONFIRM, .device_id = id, .digits = digits};

    return send(cli, &command, gp_device_state_name(GP_DEVICE_ACTIVE));
}

int gp_devices_revoke(struct gp_cli *cli, uint64_t id, struct gp_span why)
{
    struct gp_command command = {.verb = GP_VERB_REVOKE, .device_id = id, .text = why};

    return send(cli, &command, gp_device_state_name(GP_DEVICE_REVOKED));
}
