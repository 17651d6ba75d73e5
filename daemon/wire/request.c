/* Requests: what a client may ask, every bound checked before anything is believed. */
#include "wire/internal.h"

#include <xxhash.h>

uint64_t gp_device_hash(struct gp_span device)
{
    return XXH3_64bits(device.ptr, device.len);
}

static Gp__Command *out_command(struct gp_out *out, const struct gp_command *from);

/* ---------------------------------------------------------------- reading */

/* Over the canonical packing of the body, so that the same content in another field order, with
 * defaults spelled out, or with fields we do not know, is the same body. The guard is no part of
 * it. */
static void hash_body(struct gp_in *in, struct gp_command *to)
{
    struct gp_out out = {.arena = in->arena};
    Gp__Command *bare = out_command(&out, to);
    struct gp_span bytes;

    bare->has_expect_version = false;
    if (gp_out_pack(&out, &bare->base, GP_MESSAGE_BYTES_MAX, &bytes) != 0) {
        gp_in_fail(in, GP_ENOMEM, "command");
        return;
    }
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes.ptr, bytes.len));
    memcpy(to->body_hash, canonical.digest, sizeof to->body_hash);
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

static void in_command(struct gp_in *in, const Gp__Request *request, struct gp_command *to)
{
    const Gp__Command *from = request->command;

    if (request->id.len != GP_COMMAND_ID_BYTES || all_zero(request->id.data, request->id.len)) {
        gp_in_fail(in, GP_EFORMAT, "id");
        return;
    }
    memcpy(to->id, request->id.data, sizeof to->id);
    to->verb = (uint8_t)gp_in_number(in, (uint32_t)from->verb, GP_VERB_ERASE, "command.verb");
    if (to->verb == GP_VERB_NONE)
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
    check_needs(in, to);
    if (in->error == 0)
        hash_body(in, to);
}

static void in_query(struct gp_in *in, const Gp__Query *from, struct gp_query *to)
{
    to->area = gp_in_area(in, from->area, GP_LEVEL_NONE, "query.area");
    to->state = (uint8_t)gp_in_number(in, (uint32_t)from->state, GP_STATE_REOPENED, "query.state");
    to->open_only = from->open_only;
    to->overdue_only = from->overdue_only;
    to->post = gp_in_id(in, from->post, "query.post");
    to->department = gp_in_id(in, from->department, "query.department");
    to->person = gp_in_id(in, from->person, "query.person");
    to->from_ms = gp_in_time(in, from->from_ms, "query.from_ms");
    to->to_ms = gp_in_time(in, from->to_ms, "query.to_ms");
    to->limit = gp_in_number(in, from->limit, GP_PAGE_ROWS_MAX, "query.limit");
    if (from->cursor.len > sizeof to->cursor) {
        gp_in_fail(in, GP_ELIMIT, "query.cursor");
        return;
    }
    to->cursor_len = (uint8_t)from->cursor.len;
    if (to->cursor_len > 0)
        memcpy(to->cursor, from->cursor.data, from->cursor.len);
}

static void in_feed(struct gp_in *in, const Gp__FeedAsk *from, struct gp_feed_ask *to)
{
    to->after = from->after;
    to->filter.area = gp_in_area(in, from->area, GP_LEVEL_NONE, "feed.area");
    to->filter.department = gp_in_id(in, from->department, "feed.department");
    to->filter.line = gp_in_id(in, from->line, "feed.line");
    to->filter.person = gp_in_id(in, from->person, "feed.person");
    to->filter.incident = from->incident;
    to->filter.escalations = from->escalations;
    to->filter.whats = gp_in_whats(in, from);
    to->wait_ms = gp_in_number(in, from->wait_ms, GP_FEED_WAIT_MS_MAX, "feed.wait_ms");
    to->limit = gp_in_number(in, from->limit, GP_FEED_ENTRIES_MAX, "feed.limit");
    to->follower = gp_in_id(in, from->follower, "feed.follower");
}

static void in_who(struct gp_in *in, const Gp__WhoGet *from, struct gp_request *to)
{
    to->who.grid = gp_in_id(in, from->grid, "who.grid");
    to->who.category = gp_in_id(in, from->category, "who.category");
    to->who.condition = gp_in_id(in, from->condition, "who.condition");
    to->who.at_ms = gp_in_time(in, from->at_ms, "who.at_ms");
    if (to->who.grid.len == 0 || to->who.category.len == 0)
        gp_in_fail(in, GP_EFORMAT, to->who.grid.len == 0 ? "who.grid" : "who.category");
}

static void in_body(struct gp_in *in, const Gp__Request *from, struct gp_request *to)
{
    switch (from->body_case) {
    case GP__REQUEST__BODY_COMMAND:
        to->kind = GP_REQUEST_COMMAND;
        in_command(in, from, &to->command);
        break;
    case GP__REQUEST__BODY_QUERY:
        to->kind = GP_REQUEST_QUERY;
        in_query(in, from->query, &to->query);
        break;
    case GP__REQUEST__BODY_INCIDENT:
        to->kind = GP_REQUEST_INCIDENT;
        to->incident = from->incident->id;
        break;
    case GP__REQUEST__BODY_FEED:
        to->kind = GP_REQUEST_FEED;
        in_feed(in, from->feed, &to->feed);
        break;
    case GP__REQUEST__BODY_STATUS:
        to->kind = GP_REQUEST_STATUS;
        break;
    case GP__REQUEST__BODY_ROSTER:
        to->kind = GP_REQUEST_ROSTER;
        to->roster.area = gp_in_area(in, from->roster->area, GP_LEVEL_NONE, "roster.area");
        to->roster.at_ms = gp_in_time(in, from->roster->at_ms, "roster.at_ms");
        break;
    case GP__REQUEST__BODY_CONTROL:
        to->kind = GP_REQUEST_CONTROL;
        to->control.act =
            (uint8_t)gp_in_number(in, from->control->act, GP_CONTROL_CLOCK_LOWER, "control.act");
        to->control.at_ms = gp_in_time(in, from->control->at_ms, "control.at_ms");
        if (to->control.act == 0)
            gp_in_fail(in, GP_EFORMAT, "control.act");
        break;
    case GP__REQUEST__BODY_WHO:
        to->kind = GP_REQUEST_WHO;
        in_who(in, from->who, to);
        break;
    case GP__REQUEST__BODY_ASSESS:
        to->kind = GP_REQUEST_ASSESS;
        gp_in_assess_get(in, from->assess, &to->assess);
        break;
    case GP__REQUEST__BODY_LEAVES:
        to->kind = GP_REQUEST_LEAVES;
        gp_in_leaves_get(in, from->leaves, &to->leaves);
        break;
    default:
        gp_in_fail(in, GP_EFORMAT, "body");
        break;
    }
}

/* A request may cost no more than this, however large the arena is. Returns the ceiling before. */
static size_t lower_ceiling(struct gp_arena *arena)
{
    size_t before = arena->ceiling;

    if (before - arena->used > GP_UNPACK_BYTES_MAX)
        arena->ceiling = arena->used + GP_UNPACK_BYTES_MAX;
    return before;
}

static void in_request(struct gp_in *in, struct gp_span message, struct gp_request *to)
{
    const Gp__Request *from =
        (const Gp__Request *)gp_unpack(in, &gp__request__descriptor, message, GP_MESSAGE_BYTES_MAX);

    if (from != NULL && from->version != GP_WIRE_VERSION)
        gp_in_fail(in, GP_EVERSION, "version");
    if (from != NULL && gp_wire_has_nul(&gp__request__descriptor, message))
        gp_in_fail(in, GP_EUTF8, "message");
    if (from == NULL || in->error != 0)
        return;
    if (from->speaker != NULL) {
        to->person = gp_in_id(in, from->speaker->person, "speaker.person");
        to->device = gp_in_id(in, from->speaker->device, "speaker.device");
    }
    in_body(in, from, to);
}

int gp_wire_request_unpack(struct gp_span message, struct gp_arena *arena,
                           struct gp_request *ret_request, const char **ret_field)
{
    struct gp_in in = {.arena = arena, .field = ""};
    struct gp_request request = {0};
    size_t ceiling = lower_ceiling(arena);

    in_request(&in, message, &request);
    arena->ceiling = ceiling;
    if (in.error != 0) {
        *ret_field = in.field;
        return in.error;
    }
    *ret_request = request;
    return 0;
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
}

static Gp__Command *out_command(struct gp_out *out, const struct gp_command *from)
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

static Gp__Query *out_query(struct gp_out *out, const struct gp_query *from)
{
    Gp__Query *to = gp_out_new(out, sizeof *to);

    gp__query__init(to);
    to->area = gp_out_area(out, from->area);
    GP_SET(to, state, (Gp__State)from->state);
    GP_SET(to, open_only, from->open_only);
    GP_SET(to, overdue_only, from->overdue_only);
    to->post = gp_out_text(out, from->post);
    to->department = gp_out_text(out, from->department);
    to->person = gp_out_text(out, from->person);
    GP_SET(to, from_ms, from->from_ms);
    GP_SET(to, to_ms, from->to_ms);
    to->has_cursor = from->cursor_len > 0;
    to->cursor = (ProtobufCBinaryData){from->cursor_len, (uint8_t *)(uintptr_t)from->cursor};
    GP_SET(to, limit, from->limit);
    return to;
}

static Gp__FeedAsk *out_feed(struct gp_out *out, const struct gp_feed_ask *from)
{
    Gp__FeedAsk *to = gp_out_new(out, sizeof *to);

    gp__feed_ask__init(to);
    GP_SET(to, after, from->after);
    to->area = gp_out_area(out, from->filter.area);
    to->department = gp_out_text(out, from->filter.department);
    to->line = gp_out_text(out, from->filter.line);
    to->person = gp_out_text(out, from->filter.person);
    GP_SET(to, incident, from->filter.incident);
    GP_SET(to, escalations, from->filter.escalations);
    gp_out_whats(out, from->filter.whats, to);
    GP_SET(to, wait_ms, from->wait_ms);
    GP_SET(to, limit, from->limit);
    to->follower = gp_out_text(out, from->follower);
    return to;
}

static Gp__WhoGet *out_who(struct gp_out *out, const struct gp_request *from)
{
    Gp__WhoGet *to = gp_out_new(out, sizeof *to);

    gp__who_get__init(to);
    to->grid = gp_out_text(out, from->who.grid);
    to->category = gp_out_text(out, from->who.category);
    to->condition = gp_out_text(out, from->who.condition);
    GP_SET(to, at_ms, from->who.at_ms);
    return to;
}

static void out_small(struct gp_out *out, const struct gp_request *from, Gp__Request *to)
{
    switch ((enum gp_request_kind)from->kind) {
    case GP_REQUEST_INCIDENT:
        to->body_case = GP__REQUEST__BODY_INCIDENT;
        to->incident = gp_out_new(out, sizeof *to->incident);
        gp__incident_get__init(to->incident);
        GP_SET(to->incident, id, from->incident);
        break;
    case GP_REQUEST_ROSTER:
        to->body_case = GP__REQUEST__BODY_ROSTER;
        to->roster = gp_out_new(out, sizeof *to->roster);
        gp__roster_get__init(to->roster);
        to->roster->area = gp_out_area(out, from->roster.area);
        GP_SET(to->roster, at_ms, from->roster.at_ms);
        break;
    case GP_REQUEST_CONTROL:
        to->body_case = GP__REQUEST__BODY_CONTROL;
        to->control = gp_out_new(out, sizeof *to->control);
        gp__control__init(to->control);
        GP_SET(to->control, act, from->control.act);
        GP_SET(to->control, at_ms, from->control.at_ms);
        break;
    case GP_REQUEST_WHO:
        to->body_case = GP__REQUEST__BODY_WHO;
        to->who = out_who(out, from);
        break;
    default:
        to->body_case = GP__REQUEST__BODY_STATUS;
        to->status = gp_out_new(out, sizeof *to->status);
        gp__status_get__init(to->status);
        break;
    }
}

static void out_body(struct gp_out *out, const struct gp_request *from, Gp__Request *to)
{
    switch ((enum gp_request_kind)from->kind) {
    case GP_REQUEST_COMMAND:
        to->body_case = GP__REQUEST__BODY_COMMAND;
        to->command = out_command(out, &from->command);
        to->has_id = true;
        to->id =
            (ProtobufCBinaryData){sizeof from->command.id, (uint8_t *)(uintptr_t)from->command.id};
        break;
    case GP_REQUEST_QUERY:
        to->body_case = GP__REQUEST__BODY_QUERY;
        to->query = out_query(out, &from->query);
        break;
    case GP_REQUEST_ASSESS:
        to->body_case = GP__REQUEST__BODY_ASSESS;
        to->assess = gp_out_assess_get(out, &from->assess);
        break;
    case GP_REQUEST_FEED:
        to->body_case = GP__REQUEST__BODY_FEED;
        to->feed = out_feed(out, &from->feed);
        break;
    case GP_REQUEST_LEAVES:
        to->body_case = GP__REQUEST__BODY_LEAVES;
        to->leaves = gp_out_leaves_get(out, &from->leaves);
        break;
    default:
        out_small(out, from, to);
        break;
    }
}

int gp_wire_request_pack(const struct gp_request *request, struct gp_arena *arena,
                         struct gp_span *ret_message)
{
    struct gp_out out = {.arena = arena};
    Gp__Request message;
    Gp__Speaker speaker;
    struct gp_request check;
    struct gp_span packed;
    const char *field;
    int rc;

    gp__request__init(&message);
    GP_SET(&message, version, GP_WIRE_VERSION);
    gp__speaker__init(&speaker);
    speaker.person = gp_out_text(&out, request->person);
    speaker.device = gp_out_text(&out, request->device);
    message.speaker = &speaker;
    out_body(&out, request, &message);
    rc = gp_out_pack(&out, &message.base, GP_MESSAGE_BYTES_MAX, &packed);
    if (rc == 0)
        rc = gp_wire_request_unpack(packed, arena, &check, &field);
    if (rc == 0)
        *ret_message = packed;
    return rc;
}
