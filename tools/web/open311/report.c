/* How a form becomes the command `report`, and its answer a service request. */
#include "web/open311/internal.h"

#include "base/error.h"

#include <stdio.h>

/* Bytes of a single field. Together they leave the text a thousand. */
#define ADDRESS_BYTES_MAX 300
#define MEDIA_BYTES_MAX   300
#define PERSON_BYTES_MAX  100 /* names, and the email */
#define CLIENT_BYTES_MAX  64

static void fail(struct gp_open311_call *call, enum gp_open311_word word, struct gp_span about)
{
    gp_open311_fail(call, GP_OPEN311_BAD, word, about);
}

static struct gp_span get(const struct gp_open311_call *call, const char *name)
{
    return gp_open311_form_get(&call->form, name);
}

/* ---------------------------------------------------------------- texts */

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\t';
}

static struct gp_span trimmed(struct gp_span text)
{
    while (text.len > 0 && is_blank(text.ptr[0]))
        text = (struct gp_span){text.ptr + 1, text.len - 1};
    while (text.len > 0 && is_blank(text.ptr[text.len - 1]))
        text.len--;
    return text;
}

/* A text as the daemon takes it: lines end with a line feed, other control characters are blanks.
 * Of a single line, line feeds are, too. */
static struct gp_span plain(struct gp_open311_call *call, struct gp_span text, bool lines)
{
    char *copy = gp_arena_alloc(&call->arena, text.len + 1);
    size_t used = 0;

    if (copy == NULL) {
        gp_open311_fail(call, GP_OPEN311_BROKEN, GP_OPEN311_FAILED, (struct gp_span){0});
        return (struct gp_span){0};
    }
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        unsigned char next = i + 1 < text.len ? (unsigned char)text.ptr[i + 1] : 0;
        if (c == '\r' && next == '\n')
            continue;
        if (c == 0xC2 && next < 0xA0) { /* U+0080 to U+009F */
            copy[used++] = ' ';
            i++;
        } else if (c == '\r' || c == '\n') {
            copy[used++] = lines ? '\n' : ' ';
        } else {
            copy[used++] = c < 0x20 || c == 0x7F ? ' ' : (char)c;
        }
    }
    return trimmed((struct gp_span){copy, used});
}

static struct gp_span one_line(struct gp_open311_call *call, const char *name, size_t most)
{
    struct gp_span text = plain(call, get(call, name), false);

    if (text.len <= most)
        return text;
    fail(call, GP_OPEN311_TOO_LONG, gp_span_of(name));
    return (struct gp_span){0};
}

/* "王 五", or what there is of it. */
static struct gp_span full_name(struct gp_open311_call *call)
{
    struct gp_span first = one_line(call, "first_name", PERSON_BYTES_MAX);
    struct gp_span last = one_line(call, "last_name", PERSON_BYTES_MAX);
    char text[2 * PERSON_BYTES_MAX + 2];
    size_t used = first.len;

    if (first.len == 0 || last.len == 0)
        return first.len > 0 ? first : last;
    memcpy(text, first.ptr, first.len);
    text[used++] = ' ';
    memcpy(text + used, last.ptr, last.len);
    struct gp_span copy = gp_arena_copy(&call->arena, (struct gp_span){text, used + last.len});
    return copy.ptr != NULL ? copy : last;
}

static bool is_web_address(struct gp_span text)
{
    return (text.len > 7 && memcmp(text.ptr, "http://", 7) == 0) ||
           (text.len > 8 && memcmp(text.ptr, "https://", 8) == 0);
}

static void read_texts(struct gp_open311_call *call, struct gp_span client, bool grid_unknown)
{
    struct gp_command *command = &call->request.command;
    struct gp_open311_tail tail = {
        .address = one_line(call, "address_string", ADDRESS_BYTES_MAX),
        .media = one_line(call, "media_url", MEDIA_BYTES_MAX),
        .name = full_name(call),
        .email = one_line(call, "email", PERSON_BYTES_MAX),
        .client = client.len <= CLIENT_BYTES_MAX ? plain(call, client, false) : (struct gp_span){0},
        .grid_unknown = grid_unknown,
    };

    if (tail.media.len > 0 && !is_web_address(tail.media))
        fail(call, GP_OPEN311_BAD_MEDIA, (struct gp_span){0});
    command->phone = one_line(call, "phone", GP_ID_BYTES_MAX);
    if (call->error_count == 0 && gp_open311_tail_join(&call->arena, call->city.language,
                                                       plain(call, get(call, "description"), true),
                                                       &tail, &command->text, &call->cut) != 0)
        gp_open311_fail(call, GP_OPEN311_BROKEN, GP_OPEN311_FAILED, (struct gp_span){0});
}

/* ---------------------------------------------------------------- what */

static void read_service(struct gp_open311_call *call)
{
    struct gp_span code = get(call, "service_code");
    struct gp_span condition = gp_open311_form_attribute(&call->form, "condition");
    struct gp_command *command = &call->request.command;
    uint32_t row;

    if (code.len == 0) {
        fail(call, GP_OPEN311_NO_SERVICE_CODE, code);
        return;
    }
    if (!gp_open311_service_known(call, code)) {
        gp_open311_fail(call, GP_OPEN311_MISSING, GP_OPEN311_NO_SERVICE, code);
        return;
    }
    row = gp_open311_service_row(call, code, condition);
    if (row == GP_NONE && condition.len > 0) {
        fail(call, GP_OPEN311_BAD_CONDITION, condition);
    } else if (row == GP_NONE) {
        fail(call, GP_OPEN311_NO_CONDITION, gp_open311_conditions(call, code));
    } else { /* said in any case: what is not to be had may be the category's other row */
        command->category = call->city.org->rows[row].code;
        command->condition = call->city.org->rows[row].condition;
    }
}

/* ---------------------------------------------------------------- where */

static void read_place(struct gp_open311_call *call)
{
    struct gp_span lat = get(call, "lat"), lon = get(call, "long");
    struct gp_place *place = &call->request.command.place;

    if (lat.len == 0 && lon.len == 0)
        return;
    place->known =
        gp_open311_degrees(lat, 90, &place->lat_e7) && gp_open311_degrees(lon, 180, &place->lon_e7);
    if (!place->known)
        fail(call, GP_OPEN311_BAD_LOCATION, (struct gp_span){0});
}

static bool is_grid(const struct gp_open311_call *call, uint32_t area)
{
    const struct gp_org *org = call->city.org;

    return area != GP_NONE && org->areas[area].ref.level == GP_LEVEL_GRID &&
           (call->city.area.padded == 0 ||
            gp_org_covers(org, call->city.area, org->areas[area].ref, call->now_ms));
}

/* By the code that is said, else by the outlines. GP_NONE: neither tells. */
static uint32_t find_grid(struct gp_open311_call *call)
{
    const struct gp_org *org = call->city.org;
    struct gp_span code = get(call, "address_id");
    struct gp_place place = call->request.command.place;
    uint32_t area;

    if (code.len > 0) {
        area = gp_org_area_at(org, gp_org_area(org, code), call->now_ms);
        if (is_grid(call, area))
            return area;
        if (call->city.locate == NULL || !place.known)
            fail(call, GP_OPEN311_BAD_ADDRESS_ID, code);
    }
    if (call->city.locate == NULL || !place.known)
        return GP_NONE;
    area = call->city.locate(call->city.locate_context, org, place);
    area = gp_org_area_at(org, area, call->now_ms);
    return is_grid(call, area) ? area : GP_NONE;
}

/* Returns whether the grid had to be guessed. */
static bool read_grid(struct gp_open311_call *call)
{
    struct gp_command *command = &call->request.command;
    bool said = get(call, "address_id").len > 0 || get(call, "address_string").len > 0;
    uint32_t area = find_grid(call);

    if (area != GP_NONE) {
        command->grid = call->city.org->areas[area].code;
        return false;
    }
    if (call->error_count > 0)
        return false;
    if (!said && !command->place.known)
        fail(call, GP_OPEN311_NO_LOCATION, (struct gp_span){0});
    else if (call->city.fallback_grid.len == 0)
        fail(call,
             call->city.locate != NULL && command->place.known ? GP_OPEN311_OUTSIDE
                                                               : GP_OPEN311_NO_GRID,
             (struct gp_span){0});
    command->grid = call->city.fallback_grid;
    return true;
}

/* ---------------------------------------------------------------- the answer */

static void write_notice(struct gp_open311_call *call, struct gp_markup *markup, int64_t due_ms)
{
    struct gp_span due =
        gp_open311_due_text(call, GP_OPEN311_DUE, due_ms, gp_open311_zone(call, call->city.area));
    struct gp_span cut = gp_span_of(gp_open311_word(call->language, GP_OPEN311_CUT));
    char text[512];

    if (!call->cut) {
        gp_markup_text(markup, "service_notice", due);
        return;
    }
    (void)snprintf(text, sizeof text, "%.*s%s%.*s", GP_SPAN_ARG(due), due.len > 0 ? " " : "",
                   GP_SPAN_ARG(cut));
    gp_markup_word(markup, "service_notice", text);
}

static void write_taken(struct gp_open311_call *call, const struct gp_reply *reply)
{
    struct gp_markup *markup = gp_open311_document(call);
    char id[24];

    if (markup == NULL)
        return;
    (void)snprintf(id, sizeof id, "%llu", (unsigned long long)reply->answer.incident);
    gp_markup_list(markup, "service_requests");
    gp_markup_object(markup, "request");
    gp_markup_word(markup, "service_request_id", id);
    write_notice(call, markup, reply->answer.due_ms);
    gp_markup_null(markup, "account_id");
    gp_markup_close(markup);
    gp_markup_close(markup);
    gp_open311_done(call, markup);
}

static void on_answer(struct gp_open311_call *call, const struct gp_reply *reply)
{
    if (reply->status == GP_STATUS_OK && reply->kind == GP_REPLY_ANSWER)
        write_taken(call, reply);
    else if (reply->status == GP_STATUS_REFUSED)
        gp_open311_fail_now(call, GP_OPEN311_BAD, GP_OPEN311_REFUSED,
                            gp_span_of(gp_reason_text(reply->reason)));
    else
        gp_open311_fail_now(call, GP_OPEN311_LATER, GP_OPEN311_UNREACHABLE, (struct gp_span){0});
}

void gp_open311_report(struct gp_open311_call *call)
{
    struct gp_span client = {0}, key = get(call, "api_key");

    if (call->city.key == NULL || !call->city.key(call->city.key_context, key, &client)) {
        gp_open311_fail_now(call, GP_OPEN311_DENIED, GP_OPEN311_BAD_KEY, (struct gp_span){0});
        return;
    }
    call->request.kind = GP_REQUEST_COMMAND;
    call->request.command = (struct gp_command){.verb = GP_VERB_REPORT};
    memcpy(call->request.command.id, call->command_id, sizeof call->command_id);
    read_service(call);
    read_place(call);
    bool guessed = call->error_count == 0 && read_grid(call);
    read_texts(call, client, guessed);
    if (call->error_count == 0)
        gp_open311_ask_next(call, on_answer);
}
