/* Requests: what a client may ask, every bound checked before anything is believed. */
#include "wire/internal.h"

/* ---------------------------------------------------------------- reading */

static uint32_t in_state(struct gp_in *in, Gp__State state, const char *field)
{
    uint32_t number = gp_in_number(in, (uint32_t)state, GP_STATE_REOPENED, field);

    return number == GP_STATE_NONE ? 0 : GP_STATE_BIT(number);
}

static uint32_t in_states(struct gp_in *in, const Gp__Query *from)
{
    uint32_t states = in_state(in, from->state, "query.state");

    if (from->n_states > GP_STATE_REOPENED) {
        gp_in_fail(in, GP_ELIMIT, "query.states");
        return 0;
    }
    for (size_t i = 0; i < from->n_states; i++)
        states |= in_state(in, from->states[i], "query.states");
    return states;
}

static void in_query(struct gp_in *in, const Gp__Query *from, struct gp_query *to)
{
    to->area = gp_in_area(in, from->area, GP_LEVEL_NONE, "query.area");
    to->states = in_states(in, from);
    to->open_only = from->open_only;
    to->overdue_only = from->overdue_only;
    to->post = gp_in_id(in, from->post, "query.post");
    to->department = gp_in_id(in, from->department, "query.department");
    to->person = gp_in_id(in, from->person, "query.person");
    to->from_ms = gp_in_time(in, from->from_ms, "query.from_ms");
    to->to_ms = gp_in_time(in, from->to_ms, "query.to_ms");
    to->limit = gp_in_number(in, from->limit, GP_PAGE_ROWS_MAX, "query.limit");
    to->order = (uint8_t)gp_in_number(in, (uint32_t)from->order, GP_ORDER_NEWEST, "query.order");
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
    to->hint = from->hint;
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
        gp_in_command(in, from, &to->command);
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
        gp_in_control(in, from, to);
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
    case GP__REQUEST__BODY_DEVICES:
        to->kind = GP_REQUEST_DEVICES;
        gp_in_devices_get(in, from->devices, &to->devices);
        break;
    case GP__REQUEST__BODY_VERIFY:
        to->kind = GP_REQUEST_VERIFY;
        to->verify = (struct gp_verify_ask){from->verify->from, from->verify->upto};
        break;
    case GP__REQUEST__BODY_HEAD:
        to->kind = GP_REQUEST_HEAD;
        break;
    case GP__REQUEST__BODY_BACKUP:
        to->kind = GP_REQUEST_BACKUP;
        gp_in_backup_ask(in, from->backup, &to->backup);
        break;
    case GP__REQUEST__BODY_FIGURES:
        to->kind = GP_REQUEST_FIGURES;
        break;
    case GP__REQUEST__BODY_SUMMARY:
        to->kind = GP_REQUEST_SUMMARY;
        gp_in_summary_get(in, from->summary, &to->summary);
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

/* One alone is said as it was before there were several. */
static void out_states(struct gp_out *out, uint32_t states, Gp__Query *to)
{
    Gp__State *list = gp_out_new(out, GP_STATE_REOPENED * sizeof *list);
    size_t count = 0;

    for (int state = GP_STATE_REPORTED; state <= GP_STATE_REOPENED; state++) {
        if (states & GP_STATE_BIT(state))
            list[count++] = (Gp__State)state;
    }
    if (count == 1) {
        GP_SET(to, state, list[0]);
        return;
    }
    to->states = list;
    to->n_states = count;
}

static Gp__Query *out_query(struct gp_out *out, const struct gp_query *from)
{
    Gp__Query *to = gp_out_new(out, sizeof *to);

    gp__query__init(to);
    to->area = gp_out_area(out, from->area);
    out_states(out, from->states, to);
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
    GP_SET(to, order, (Gp__Order)from->order);
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
    GP_SET(to, hint, from->hint);
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
        gp_out_control(out, from, to);
        break;
    case GP_REQUEST_WHO:
        to->body_case = GP__REQUEST__BODY_WHO;
        to->who = out_who(out, from);
        break;
    case GP_REQUEST_VERIFY:
        to->body_case = GP__REQUEST__BODY_VERIFY;
        to->verify = gp_out_verify_get(out, &from->verify);
        break;
    case GP_REQUEST_HEAD:
        to->body_case = GP__REQUEST__BODY_HEAD;
        to->head = gp_out_new(out, sizeof *to->head);
        gp__head_get__init(to->head);
        break;
    case GP_REQUEST_BACKUP:
        to->body_case = GP__REQUEST__BODY_BACKUP;
        to->backup = gp_out_new(out, sizeof *to->backup);
        gp__backup_ask__init(to->backup);
        GP_SET(to->backup, act, from->backup);
        break;
    case GP_REQUEST_FIGURES:
        to->body_case = GP__REQUEST__BODY_FIGURES;
        to->figures = gp_out_new(out, sizeof *to->figures);
        gp__figures_get__init(to->figures);
        break;
    case GP_REQUEST_SUMMARY:
        to->body_case = GP__REQUEST__BODY_SUMMARY;
        to->summary = gp_out_summary_get(out, &from->summary);
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
        to->command = gp_out_command(out, &from->command);
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
    case GP_REQUEST_DEVICES:
        to->body_case = GP__REQUEST__BODY_DEVICES;
        to->devices = gp_out_devices_get(out, &from->devices);
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
