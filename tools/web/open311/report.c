/* How a form becomes the command `report`, and its answer a service request. */
#include "web/open311/internal.h"

#include "base/error.h"

#include <stdio.h>

static void fail(struct gp_open311_call *call, enum gp_open311_word word, struct gp_span about)
{
    gp_open311_fail(call, GP_OPEN311_BAD, word, about);
}

static struct gp_span get(const struct gp_open311_call *call, const char *name)
{
    return gp_open311_form_get(&call->form, name);
}

static void read_texts(struct gp_open311_call *call, struct gp_span client, bool grid_unknown)
{
    struct gp_command *command = &call->request.command;
    struct gp_span text = gp_open311_plain(call, get(call, "description"), true);
    struct gp_open311_tail tail;

    gp_open311_sender(call, client, &tail);
    tail.grid_unknown = grid_unknown;
    command->phone = gp_open311_line(call, "phone", GP_ID_BYTES_MAX);
    if (call->error_count == 0 && gp_open311_tail_join(&call->arena, call->city.language, text,
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
    if (gp_open311_is_taken(call, reply))
        write_taken(call, reply);
}

void gp_open311_report(struct gp_open311_call *call)
{
    struct gp_span client;

    if (!gp_open311_has_key(call, &client))
        return;
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
