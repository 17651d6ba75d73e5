/* Commands and controls: the requests that change something, every bound checked before anything is
 * believed. */
#include "wire/internal.h"

#include <xxhash.h>

uint64_t gp_device_hash(struct gp_span device)
{
    return XXH3_64bits(device.ptr, device.len);
}

bool gp_wire_verb_allowed(int verb)
{
    return verb > GP_VERB_NONE && verb <= GP_VERB_ROTATE && verb != GP_VERB_JOIN;
}

/* ---------------------------------------------------------------- reading */

/* Seeds of hashes of bodies: a control and a command may pack to the same bytes. A command's is in
 * the stores that there are. */
enum { COMMAND_SEED = 0, CONTROL_SEED = 1 };

/* Over the canonical packing of the body, so that the same content in another field order, with
 * defaults spelled out, or with fields we do not know, is the same body. */
static void hash_packed(struct gp_in *in, struct gp_out *out, const ProtobufCMessage *bare,
                        XXH64_hash_t seed, unsigned char ret_hash[sizeof(XXH128_canonical_t)])
{
    XXH128_canonical_t canonical;
    struct gp_span bytes;

    if (gp_out_pack(out, bare, GP_MESSAGE_BYTES_MAX, &bytes) != 0) {
        gp_in_fail(in, GP_ENOMEM, "body");
        return;
    }
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_withSeed(bytes.ptr, bytes.len, seed));
    memcpy(ret_hash, canonical.digest, sizeof canonical);
}

/* The guard is no part of a command's body. */
static void hash_command(struct gp_in *in, struct gp_command *to)
{
    struct gp_out out = {.arena = in->arena};
    Gp__Command *bare = gp_out_command(&out, to);

    bare->has_expect_version = false;
    hash_packed(in, &out, &bare->base, COMMAND_SEED, to->body_hash);
}

static bool all_zero(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] != 0)
            return false;
    }
    return true;
}

static void in_details(struct gp_in *in, const Gp__Command *from, struct gp_command *to)
{
    to->phone = gp_in_id(in, from->phone, "command.phone");
    to->on_spot = from->on_spot;
    to->informed = from->informed;
    to->downward = from->downward;
    to->approval = gp_in_id(in, from->approval, "command.approval");
    to->result = (uint8_t)gp_in_number(in, (uint32_t)from->result, GP_RESULT_NO, "command.result");
    to->return_reason = (uint8_t)gp_in_number(in, (uint32_t)from->return_reason,
                                              GP_RETURN_OUT_OF_SCOPE, "command.return_reason");
    to->delivery =
        (uint8_t)gp_in_number(in, (uint32_t)from->delivery, GP_DELIVERY_READ, "command.delivery");
    to->hours = gp_in_number(in, from->hours, GP_AMOUNT_MAX, "command.hours");
    to->other = from->other;
    to->ref_seq = from->ref_seq;
}

static void in_people(struct gp_in *in, const Gp__Command *from, struct gp_command *to)
{
    to->post = gp_in_id(in, from->post, "command.post");
    to->person = gp_in_id(in, from->person, "command.person");
    to->standin = gp_in_id(in, from->standin, "command.standin");
    to->from_ms = gp_in_time(in, from->from_ms, "command.from_ms");
    to->to_ms = gp_in_time(in, from->to_ms, "command.to_ms");
    to->leave = from->leave;
    to->override_reason =
        gp_in_text(in, from->override_reason, GP_REASON_BYTES_MAX, "command.override_reason");
}

static void in_device(struct gp_in *in, const Gp__Command *from, struct gp_command *to)
{
    to->role = (uint8_t)gp_in_number(in, (uint32_t)from->role, GP_ROLES_END - 1, "command.role");
    to->device_id = from->device;
    to->digits = gp_in_number(in, from->digits, GP_DIGITS_MAX, "command.digits");
}

/* Of what is about devices. */
static void check_device_needs(struct gp_in *in, const struct gp_command *command)
{
    bool invites = command->verb == GP_VERB_INVITE;

    if (invites && command->person.len == 0)
        gp_in_fail(in, GP_EFORMAT, "command.person");
    if (invites && command->role == GP_ROLE_LOCAL)
        gp_in_fail(in, GP_EFORMAT, "command.role");
    if (!invites && command->verb != GP_VERB_ROTATE && command->device_id == 0)
        gp_in_fail(in, GP_EFORMAT, "command.device");
}

/* What a verb cannot do without; the rules of core say the rest. */
static void check_needs(struct gp_in *in, const struct gp_command *command)
{
    switch (command->verb) {
    case GP_VERB_REPORT:
        if (command->grid.len == 0 || command->category.len == 0)
            gp_in_fail(in, GP_EFORMAT,
                       command->grid.len == 0 ? "command.grid" : "command.category");
        break;
    case GP_VERB_LEAVE:
    case GP_VERB_HOLD:
        break;
    case GP_VERB_INVITE:
    case GP_VERB_CONFIRM:
    case GP_VERB_REVOKE:
    case GP_VERB_ROTATE:
        check_device_needs(in, command);
        break;
    case GP_VERB_APPROVE:
    case GP_VERB_REJECT:
    case GP_VERB_CANCEL:
        if (command->leave == 0)
            gp_in_fail(in, GP_EFORMAT, "command.leave");
        break;
    default:
        if (command->incident == 0)
            gp_in_fail(in, GP_EFORMAT, "command.incident");
        break;
    }
}

/* False: this is no id, which was said. */
static bool in_command_id(struct gp_in *in, const Gp__Request *request,
                          unsigned char ret_id[GP_COMMAND_ID_BYTES])
{
    if (request->id.len != GP_COMMAND_ID_BYTES || all_zero(request->id.data, request->id.len)) {
        gp_in_fail(in, GP_EFORMAT, "id");
        return false;
    }
    memcpy(ret_id, request->id.data, GP_COMMAND_ID_BYTES);
    return true;
}

void gp_in_command(struct gp_in *in, const Gp__Request *request, struct gp_command *ret_command)
{
    const Gp__Command *from = request->command;
    struct gp_command *to = ret_command;

    if (!in_command_id(in, request, to->id))
        return;
    to->verb = (uint8_t)gp_in_number(in, (uint32_t)from->verb, GP_VERB_ENROL, "command.verb");
    if (!gp_wire_verb_allowed(to->verb))
        gp_in_fail(in, GP_EFORMAT, "command.verb");
    to->incident = from->incident;
    to->expect_version = from->expect_version;
    to->text = gp_in_text(in, from->text, GP_TEXT_BYTES_MAX, "command.text");
    to->grid = gp_in_id(in, from->grid, "command.grid");
    to->category = gp_in_id(in, from->category, "command.category");
    to->condition = gp_in_id(in, from->condition, "command.condition");
    to->captured_ms = gp_in_time(in, from->captured_ms, "command.captured_ms");
    to->place = gp_in_place(in, from->place);
    in_details(in, from, to);
    in_people(in, from, to);
    in_device(in, from, to);
    check_needs(in, to);
    if (in->error == 0)
        hash_command(in, to);
}

/* ---------------------------------------------------------------- writing */

static void out_details(struct gp_out *out, const struct gp_command *from, Gp__Command *to)
{
    to->phone = gp_out_text(out, from->phone);
    GP_SET(to, on_spot, from->on_spot);
    GP_SET(to, informed, from->informed);
    GP_SET(to, downward, from->downward);
    to->approval = gp_out_text(out, from->approval);
    GP_SET(to, result, (Gp__Result)from->result);
    GP_SET(to, return_reason, (Gp__ReturnReason)from->return_reason);
    GP_SET(to, delivery, (Gp__Delivery)from->delivery);
    GP_SET(to, hours, from->hours);
    to->post = gp_out_text(out, from->post);
    to->person = gp_out_text(out, from->person);
    to->standin = gp_out_text(out, from->standin);
    GP_SET(to, from_ms, from->from_ms);
    GP_SET(to, to_ms, from->to_ms);
    GP_SET(to, other, from->other);
    GP_SET(to, leave, from->leave);
    GP_SET(to, ref_seq, from->ref_seq);
    to->override_reason = gp_out_text(out, from->override_reason);
    GP_SET(to, role, (Gp__Role)from->role);
    GP_SET(to, device, from->device_id);
    GP_SET(to, digits, from->digits);
}

Gp__Command *gp_out_command(struct gp_out *out, const struct gp_command *from)
{
    Gp__Command *to = gp_out_new(out, sizeof *to);

    gp__command__init(to);
    GP_SET(to, verb, (Gp__Verb)from->verb);
    GP_SET(to, incident, from->incident);
    GP_SET(to, expect_version, from->expect_version);
    to->text = gp_out_text(out, from->text);
    to->grid = gp_out_text(out, from->grid);
    to->category = gp_out_text(out, from->category);
    to->condition = gp_out_text(out, from->condition);
    GP_SET(to, captured_ms, from->captured_ms);
    to->place = gp_out_place(out, from->place);
    out_details(out, from, to);
    return to;
}

/* ---------------------------------------------------------------- controls */

static Gp__Control *out_control(struct gp_out *out, const struct gp_request *from)
{
    Gp__Control *to = gp_out_new(out, sizeof *to);

    gp__control__init(to);
    GP_SET(to, act, from->control.act);
    GP_SET(to, at_ms, from->control.at_ms);
    return to;
}

void gp_in_control(struct gp_in *in, const Gp__Request *request, struct gp_request *to)
{
    const Gp__Control *from = request->control;
    struct gp_out out = {.arena = in->arena};

    if (request->has_id && !in_command_id(in, request, to->control.id))
        return;
    to->control.act = (uint8_t)gp_in_number(in, from->act, GP_CONTROL_CLOCK_LOWER, "control.act");
    to->control.at_ms = gp_in_time(in, from->at_ms, "control.at_ms");
    if (to->control.act == 0)
        gp_in_fail(in, GP_EFORMAT, "control.act");
    if (in->error == 0)
        hash_packed(in, &out, &out_control(&out, to)->base, CONTROL_SEED, to->control.body_hash);
}

void gp_out_control(struct gp_out *out, const struct gp_request *from, Gp__Request *to)
{
    to->control = out_control(out, from);
    to->has_id = !all_zero(from->control.id, sizeof from->control.id);
    to->id = gp_out_bytes(from->control.id, sizeof from->control.id);
}
