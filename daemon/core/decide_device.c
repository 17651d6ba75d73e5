/*
 * Devices (core/device.h has the states): invited, joined, confirmed, revoked, enrolled by file;
 * and the change of the server's key, which has no record of its own. Before them stands what is
 * asked of every command that came sealed: is the device that said it still one of ours?
 *
 * Who may is the table of rights alone (core/permit.h). No post is asked: an unsealed speaker is
 * believed to be anybody, so asking would keep nobody out.
 */
#include "core/decide_internal.h"

#include "base/broken.h"

#include <assert.h>
#include <stdio.h>

bool gp_verb_about_devices(int verb)
{
    return verb >= GP_VERB_INVITE && verb <= GP_VERB_ENROL;
}

/* ---------------------------------------------------------------- who speaks */

bool gp_speaker_counts(struct gp_decider *decider)
{
    const struct gp_device *speaker = decider->scene->speaker;

    if (speaker == NULL)
        return true;
    if (speaker->state != GP_DEVICE_ACTIVE && !gp_broken("stale-permission")) {
        gp_refuse(decider, GP_REASON_REVOKED, "device %llu: %s", (unsigned long long)speaker->id,
                  speaker->id == 0 ? "not known here" : gp_device_state_name(speaker->state));
        return false;
    }
    if (speaker->role != GP_ROLE_BRIDGE &&
        !gp_span_equal(speaker->person, decider->command->actor)) {
        gp_refuse(decider, GP_REASON_NO_RIGHT, "device %llu speaks for %.*s only",
                  (unsigned long long)speaker->id, GP_SPAN_ARG(speaker->person));
        return false;
    }
    return true;
}

/* ---------------------------------------------------------------- what all of them need */

/* The person whom a new device is for. False: refused. */
static bool person_is_known(struct gp_decider *decider)
{
    struct gp_span person = decider->command->person;

    if (gp_org_person(decider->scene->org, person) != GP_NONE)
        return true;
    gp_refuse(decider, GP_REASON_UNKNOWN_PERSON, "'%.*s' is not in people.csv",
              GP_SPAN_ARG(person));
    return false;
}

/* The device that the command names, in one of a set of states. False: refused. */
static bool device_is_in(struct gp_decider *decider, uint32_t states, enum gp_reason otherwise)
{
    const struct gp_device *device = decider->scene->device;

    if (device == NULL) {
        gp_refuse(decider, GP_REASON_UNKNOWN_DEVICE, "there is no device %llu",
                  (unsigned long long)decider->command->device_id);
        return false;
    }
    if (states & gp_bit(device->state))
        return true;
    gp_refuse(decider, otherwise, "device %llu is %s", (unsigned long long)device->id,
              gp_device_state_name(device->state));
    return false;
}

/* False: refused, because some device has the key, or had it: a key is of one device for ever. */
static bool key_is_new(struct gp_decider *decider)
{
    const struct gp_recall *recall = decider->scene->recall;
    uint64_t other = 0;

    if (recall != NULL && recall->key_known != NULL)
        other = recall->key_known(recall->context, decider->command->key);
    if (other == 0)
        return true;
    gp_refuse(decider, GP_REASON_NOT_ALLOWED, "device %llu has this key; make a new one",
              (unsigned long long)other);
    return false;
}

/* False: refused, because there are as many as the store may have. */
static bool there_is_room(struct gp_decider *decider)
{
    if (decider->scene->new_device_id <= GP_DEVICES_MAX)
        return true;
    gp_refuse(decider, GP_REASON_TOO_MANY, "%d devices at the most", GP_DEVICES_MAX);
    return false;
}

/* False: refused, because the person has as many as may be. Who writes a file has counted. */
static bool person_has_room(struct gp_decider *decider)
{
    const struct gp_scene *scene = decider->scene;
    unsigned devices = 0;

    if (scene->recall != NULL && scene->recall->devices != NULL)
        devices =
            scene->recall->devices(scene->recall->context, decider->command->person, scene->now_ms);
    if (devices < GP_DEVICES_PERSON_MAX)
        return true;
    gp_refuse(decider, GP_REASON_TOO_MANY, "%.*s has %u devices; revoke one first",
              GP_SPAN_ARG(decider->command->person), devices);
    return false;
}

/* "device 3 of li (officer): revoked: why" */
static void write_device(struct gp_decider *decider, const struct gp_device *device,
                         const char *did)
{
    struct gp_entry *entry = gp_entry_new(decider, GP_WHAT_DEVICE);
    struct gp_span why = decider->command->text;
    struct gp_span label = device->label;
    bool joins = decider->command->verb == GP_VERB_JOIN || decider->command->verb == GP_VERB_ENROL;

    entry->subject = device->person;
    entry->device = *device;
    if (joins) /* there the text is the label */
        gp_say(entry, gp_draft(decider, "device %llu of %.*s (%s): %s%s%.*s",
                               (unsigned long long)device->id, GP_SPAN_ARG(device->person),
                               gp_role_name(device->role), did, label.len > 0 ? " as " : "",
                               GP_SPAN_ARG(label)));
    else
        entry->text =
            gp_draft(decider, "device %llu of %.*s (%s): %s%s%.*s", (unsigned long long)device->id,
                     GP_SPAN_ARG(device->person), gp_role_name(device->role), did,
                     why.len > 0 ? ": " : "", GP_SPAN_ARG(why));
}

/* ---------------------------------------------------------------- from invitation to work */

static void do_invite(struct gp_decider *decider)
{
    const struct gp_command *command = decider->command;
    int64_t now_ms = decider->scene->now_ms;
    const struct gp_device device = {
        .id = decider->scene->new_device_id,
        .person = command->person,
        .role = command->role,
        .state = GP_DEVICE_INVITED,
        .invited_ms = now_ms,
        .expires_ms = now_ms + GP_INVITATION_MS,
        .invited_by = command->actor,
    };

    assert(command->role > GP_ROLE_LOCAL && command->role < GP_ROLES_END); /* wire/ has looked */
    if (person_is_known(decider) && there_is_room(decider) && person_has_room(decider))
        write_device(decider, &device, "invited");
}

static void do_join(struct gp_decider *decider)
{
    const struct gp_command *command = decider->command;
    int64_t now_ms = decider->scene->now_ms;
    struct gp_device device;

    if (!device_is_in(decider, gp_bit(GP_DEVICE_INVITED), GP_REASON_EXPIRED))
        return;
    device = *decider->scene->device;
    if (now_ms >= device.expires_ms) {
        gp_refuse(decider, GP_REASON_EXPIRED, "invitation %llu is over",
                  (unsigned long long)device.id);
        return;
    }
    if (!key_is_new(decider))
        return;
    device.state = GP_DEVICE_PENDING;
    device.label = command->text;
    device.digits = command->digits;
    device.joined_ms = now_ms;
    memcpy(device.key, command->key, sizeof device.key);
    write_device(decider, &device, "joined");
}

static void do_confirm(struct gp_decider *decider)
{
    struct gp_device device;

    if (!device_is_in(decider, gp_bit(GP_DEVICE_PENDING), GP_REASON_STATE))
        return;
    device = *decider->scene->device;
    if (decider->command->digits != device.digits) {
        gp_refuse(
            decider, GP_REASON_DIGITS,
            "device %llu shows others: if it is not mistyped, somebody is in between; revoke it",
            (unsigned long long)device.id);
        return;
    }
    device.state = GP_DEVICE_ACTIVE;
    device.confirmed_ms = decider->scene->now_ms;
    device.confirmed_by = decider->command->actor;
    write_device(decider, &device, "confirmed");
}

/* ---------------------------------------------------------------- the end */

/* Whether nobody could enrol or revoke any more. A file can still bring an admin in, so it is
 * allowed, for instance when that one handset is stolen; never without a word about it. */
static bool is_last_admin(const struct gp_decider *decider)
{
    const struct gp_device *device = decider->scene->device;
    const struct gp_recall *recall = decider->scene->recall;

    return device->role == GP_ROLE_ADMIN && device->state == GP_DEVICE_ACTIVE && recall != NULL &&
           recall->other_admin != NULL && !recall->other_admin(recall->context, device->id);
}

static void do_revoke(struct gp_decider *decider)
{
    const uint32_t living =
        gp_bit(GP_DEVICE_INVITED) | gp_bit(GP_DEVICE_PENDING) | gp_bit(GP_DEVICE_ACTIVE);
    struct gp_device device;

    if (!device_is_in(decider, living, GP_REASON_STATE))
        return;
    if (decider->command->text.len == 0 && is_last_admin(decider)) {
        gp_refuse(decider, GP_REASON_NO_REASON, "it is the last admin's device: say why");
        return;
    }
    device = *decider->scene->device;
    device.state = GP_DEVICE_REVOKED;
    device.revoked_ms = decider->scene->now_ms;
    device.revoked_by = decider->command->actor;
    write_device(decider, &device, "revoked");
}

/* ---------------------------------------------------------------- by file, and the server's key */

/* The engine says it of a row of org/devices.csv: nobody acts, and nobody compares digits. */
static void do_enrol(struct gp_decider *decider)
{
    const struct gp_command *command = decider->command;
    struct gp_device device = {
        .id = decider->scene->new_device_id,
        .person = command->person,
        .label = command->text,
        .role = command->role,
        .state = GP_DEVICE_ACTIVE,
        .confirmed_ms = decider->scene->now_ms,
    };

    if (!person_is_known(decider) || !key_is_new(decider) || !there_is_room(decider))
        return;
    memcpy(device.key, command->key, sizeof device.key);
    write_device(decider, &device, "enrolled by file");
}

static void do_rotate(struct gp_decider *decider)
{
    struct gp_span why = decider->command->text;
    bool begins = decider->command->result == GP_RESULT_YES;
    struct gp_entry *entry;

    if (decider->command->result == GP_RESULT_NONE) {
        gp_refuse(decider, GP_REASON_NO_RESULT, "does the change begin (yes) or end (no)?");
        return;
    }
    if (decider->command->obstacle != NULL) {
        gp_refuse(decider, GP_REASON_STATE, "%s", decider->command->obstacle);
        return;
    }
    entry = gp_entry_new(decider, GP_WHAT_DEVICE);
    entry->text = gp_draft(decider, "server key: %s%s%.*s",
                           begins ? "a new one counts beside the old" : "the old one ends",
                           why.len > 0 ? ": " : "", GP_SPAN_ARG(why));
}

void gp_decide_device(struct gp_decider *decider)
{
    switch (decider->command->verb) {
    case GP_VERB_INVITE:
        do_invite(decider);
        break;
    case GP_VERB_JOIN:
        do_join(decider);
        break;
    case GP_VERB_CONFIRM:
        do_confirm(decider);
        break;
    case GP_VERB_REVOKE:
        do_revoke(decider);
        break;
    case GP_VERB_ROTATE:
        do_rotate(decider);
        break;
    default:
        do_enrol(decider);
        break;
    }
}
