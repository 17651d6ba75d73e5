/* Devices: as the journal and their table have them, and as they are asked for. */
#include "wire/internal.h"

#include <assert.h>

/* One record: ids, a label and a key. */
#define GP_DEVICE_BYTES_MAX 1024

/* ---------------------------------------------------------------- one device */

static void out_times(const struct gp_device *device, Gp__Device *to)
{
    GP_SET(to, invited_ms, device->invited_ms);
    GP_SET(to, expires_ms, device->expires_ms);
    GP_SET(to, joined_ms, device->joined_ms);
    GP_SET(to, confirmed_ms, device->confirmed_ms);
    GP_SET(to, revoked_ms, device->revoked_ms);
}

Gp__Device *gp_out_device(struct gp_out *out, const struct gp_device *device)
{
    Gp__Device *to;

    if (device->id == 0)
        return NULL;
    to = gp_out_new(out, sizeof *to);
    gp__device__init(to);
    GP_SET(to, id, device->id);
    to->person = gp_out_text(out, device->person);
    GP_SET(to, role, (Gp__Role)device->role);
    GP_SET(to, state, (Gp__DeviceState)device->state);
    to->has_key = gp_device_has_key(device);
    to->key = gp_out_bytes(device->key, sizeof device->key);
    to->label = gp_out_text(out, device->label);
    out_times(device, to);
    GP_SET(to, digits, device->digits);
    to->invited_by = gp_out_text(out, device->invited_by);
    to->confirmed_by = gp_out_text(out, device->confirmed_by);
    to->revoked_by = gp_out_text(out, device->revoked_by);
    return to;
}

static void in_times(struct gp_in *in, const Gp__Device *from, struct gp_device *to)
{
    to->invited_ms = gp_in_time(in, from->invited_ms, "device.invited_ms");
    to->expires_ms = gp_in_time(in, from->expires_ms, "device.expires_ms");
    to->joined_ms = gp_in_time(in, from->joined_ms, "device.joined_ms");
    to->confirmed_ms = gp_in_time(in, from->confirmed_ms, "device.confirmed_ms");
    to->revoked_ms = gp_in_time(in, from->revoked_ms, "device.revoked_ms");
}

void gp_in_device(struct gp_in *in, const Gp__Device *from, struct gp_device *ret_device)
{
    struct gp_device *to = ret_device;

    memset(to, 0, sizeof *to);
    if (from == NULL)
        return;
    to->id = from->id;
    to->person = gp_in_id(in, from->person, "device.person");
    to->role = (uint8_t)gp_in_number(in, (uint32_t)from->role, GP_ROLES_END - 1, "device.role");
    to->state = (uint8_t)gp_in_number(in, (uint32_t)from->state, GP_DEVICE_REVOKED, "device.state");
    if (from->has_key)
        gp_in_bytes(in, from->key, sizeof to->key, "device.key", to->key);
    to->label = gp_in_line(in, from->label, GP_DEVICE_LABEL_BYTES_MAX, "device.label");
    in_times(in, from, to);
    to->digits = gp_in_number(in, from->digits, GP_DIGITS_MAX, "device.digits");
    to->invited_by = gp_in_id(in, from->invited_by, "device.invited_by");
    to->confirmed_by = gp_in_id(in, from->confirmed_by, "device.confirmed_by");
    to->revoked_by = gp_in_id(in, from->revoked_by, "device.revoked_by");
    if (to->id == 0 || to->person.len == 0)
        gp_in_fail(in, GP_EFORMAT, "device.id");
}

/* ---------------------------------------------------------------- as a row of its table */

int gp_wire_device_pack(const struct gp_device *device, struct gp_arena *arena,
                        struct gp_span *ret_bytes)
{
    struct gp_out out = {.arena = arena};
    Gp__Device *message = gp_out_device(&out, device);

    assert(message != NULL); /* an empty record is not stored */
    return gp_out_pack(&out, &message->base, GP_DEVICE_BYTES_MAX, ret_bytes);
}

int gp_wire_device_unpack(struct gp_span bytes, struct gp_arena *arena,
                          struct gp_device *ret_device)
{
    struct gp_in in = {.arena = arena};
    const Gp__Device *message =
        (const Gp__Device *)gp_unpack(&in, &gp__device__descriptor, bytes, GP_DEVICE_BYTES_MAX);

    if (message != NULL)
        gp_in_device(&in, message, ret_device);
    if (message != NULL && message->id == 0) /* the look at it begins by it */
        gp_in_fail(&in, GP_EFORMAT, "device.id");
    return in.error;
}

/* ---------------------------------------------------------------- asking for them */

void gp_in_devices_get(struct gp_in *in, const Gp__DevicesGet *from, struct gp_devices_ask *ret_ask)
{
    ret_ask->person = gp_in_id(in, from->person, "devices.person");
    ret_ask->state =
        (uint8_t)gp_in_number(in, (uint32_t)from->state, GP_DEVICE_REVOKED, "devices.state");
    ret_ask->after = from->after;
    ret_ask->limit = gp_in_number(in, from->limit, GP_PAGE_ROWS_MAX, "devices.limit");
}

Gp__DevicesGet *gp_out_devices_get(struct gp_out *out, const struct gp_devices_ask *from)
{
    Gp__DevicesGet *to = gp_out_new(out, sizeof *to);

    gp__devices_get__init(to);
    to->person = gp_out_text(out, from->person);
    GP_SET(to, state, (Gp__DeviceState)from->state);
    GP_SET(to, after, from->after);
    GP_SET(to, limit, from->limit);
    return to;
}

Gp__VerifyGet *gp_out_verify_get(struct gp_out *out, const struct gp_verify_ask *from)
{
    Gp__VerifyGet *to = gp_out_new(out, sizeof *to);

    gp__verify_get__init(to);
    GP_SET(to, from, from->from);
    GP_SET(to, upto, from->upto);
    return to;
}

void gp_out_devices(struct gp_out *out, const struct gp_reply *from, Gp__Reply *to)
{
    Gp__Devices *devices = gp_out_new(out, sizeof *devices);

    gp__devices__init(devices);
    devices->device = gp_out_list(out, from->devices.count);
    for (uint32_t i = 0; devices->device != NULL && i < from->devices.count; i++)
        devices->device[devices->n_device++] = gp_out_device(out, &from->devices.item[i]);
    GP_SET(devices, next, from->devices.next);
    to->body_case = GP__REPLY__BODY_DEVICES;
    to->devices = devices;
}

void gp_in_devices(struct gp_in *in, const Gp__Devices *from, struct gp_reply *ret_reply)
{
    ret_reply->kind = GP_REPLY_DEVICES;
    ret_reply->devices.item = gp_in_array(in, from->n_device, sizeof *ret_reply->devices.item,
                                          GP_PAGE_ROWS_MAX, "devices.device");
    ret_reply->devices.count = ret_reply->devices.item != NULL ? (uint32_t)from->n_device : 0;
    for (uint32_t i = 0; i < ret_reply->devices.count; i++)
        gp_in_device(in, from->device[i], &ret_reply->devices.item[i]);
    ret_reply->devices.next = from->next;
}
