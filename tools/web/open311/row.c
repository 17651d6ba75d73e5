/* Of an incident, what anybody may see, and how it is written. */
#include "web/open311/internal.h"

#include "base/clocktext.h"

#include <stdio.h>

/* ---------------------------------------------------------------- what is shown */

bool gp_open311_is_closed(uint8_t state)
{
    return state == GP_STATE_CLOSED || state == GP_STATE_VOID || state == GP_STATE_DUPLICATE;
}

int64_t gp_open311_zone(const struct gp_open311_call *call, struct gp_area_ref area)
{
    const struct gp_org *org = call->city.org;
    uint32_t index = area.padded != 0 ? gp_org_area_near(org, area, call->now_ms) : GP_NONE;

    if (index == GP_NONE && org->area_count > 0)
        index = 0; /* the highest */
    return index != GP_NONE ? gp_org_calendar(org, index)->zone_ms : 0;
}

bool gp_open311_is_private(const struct gp_open311_call *call, struct gp_span code,
                           struct gp_span condition)
{
    const struct gp_org *org = call->city.org;
    uint32_t row = gp_org_row(org, code, condition, call->now_ms);

    return row != GP_NONE && org->rows[row].is_private;
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* An incident does not say when it was changed last; what has a time of its own in it does. */
static int64_t updated_of(const struct gp_incident *incident)
{
    int64_t ms = later(incident->received_ms, incident->dispatched_ms);

    if (incident->closed_ms != 0)
        return incident->closed_ms;
    ms = later(ms, later(incident->accepted_ms, incident->finished_ms));
    ms = later(ms, later(incident->verified_ms, incident->side.returned_ms));
    for (uint8_t i = 0; i < incident->plan.stage_count; i++)
        ms = later(ms, later(incident->plan.stage[i].met_ms, incident->plan.stage[i].gap_from_ms));
    return ms;
}

/* What has a tail came by Open311; the same person may have reported otherwise, too. */
static void take_texts(const struct gp_open311_call *call, const struct gp_incident *incident,
                       struct gp_open311_row *row)
{
    struct gp_open311_tail tail = {0};

    if (call->city.texts == GP_OPEN311_TEXTS_NONE)
        return;
    if (call->city.person.len > 0 && gp_span_equal(incident->reporter, call->city.person))
        row->text = gp_open311_tail_split(incident->text, &tail);
    row->address = tail.address;
    row->media = tail.media;
    if (!tail.found)
        row->text = call->city.texts == GP_OPEN311_TEXTS_ALL ? incident->text : (struct gp_span){0};
}

bool gp_open311_row_keep(struct gp_arena *arena, struct gp_open311_row *row)
{
    struct gp_span *span[] = {&row->code, &row->condition, &row->department,
                              &row->text, &row->address,   &row->media};

    for (size_t i = 0; i < sizeof span / sizeof span[0]; i++) {
        struct gp_span copy = gp_arena_copy(arena, *span[i]);
        if (copy.ptr == NULL && span[i]->len > 0)
            return false;
        *span[i] = copy;
    }
    return true;
}

bool gp_open311_row_of(struct gp_open311_call *call, const struct gp_incident *incident,
                       struct gp_arena *arena, struct gp_open311_row *ret_row)
{
    struct gp_open311_row row = {
        .id = incident->id,
        .state = incident->state,
        .requested_ms = incident->received_ms,
        .updated_ms = updated_of(incident),
        .due_ms = gp_plan_due(&incident->plan),
        .resume_ms = incident->side.resume_ms,
        .area = incident->area,
        .code = incident->row.code,
        .condition = incident->row.condition,
        .department = incident->row.department,
        .place = incident->place,
    };

    if (incident->row.is_private || gp_open311_is_private(call, row.code, row.condition))
        return false;
    if (call->city.area.padded != 0 &&
        !gp_org_covers(call->city.org, call->city.area, row.area, call->now_ms))
        return false;
    take_texts(call, incident, &row);
    if (!gp_open311_row_keep(arena, &row)) {
        gp_open311_fail(call, GP_OPEN311_BROKEN, GP_OPEN311_FAILED, (struct gp_span){0});
        return false;
    }
    *ret_row = row;
    return true;
}

/* ---------------------------------------------------------------- in words */

struct gp_span gp_open311_due_text(struct gp_open311_call *call, enum gp_open311_word word,
                                   int64_t due_ms, int64_t zone_ms)
{
    char text[GP_CLOCKTEXT_BYTES];

    if (due_ms == 0)
        return (struct gp_span){0};
    gp_instant_format(due_ms, zone_ms, text);
    text[sizeof "2026-01-01T00:00" - 1] = '\0';
    text[sizeof "2026-01-01" - 1] = ' ';
    return gp_open311_say(&call->arena, call->language, word, gp_span_of(text));
}

static struct gp_span notes_of(struct gp_open311_call *call, const struct gp_open311_row *row,
                               int64_t zone_ms)
{
    if (row->state == GP_STATE_SUSPENDED && row->resume_ms != 0)
        return gp_open311_due_text(call, GP_OPEN311_UNTIL, row->resume_ms, zone_ms);
    if (row->state < GP_STATE_REPORTED || row->state > GP_STATE_REOPENED)
        return (struct gp_span){0};
    return gp_span_of(gp_open311_word(
        call->language,
        (enum gp_open311_word)(GP_OPEN311_STATE_REPORTED + row->state - GP_STATE_REPORTED)));
}

/* From what was typed and the grid up to the top, as the specification wants it. */
static struct gp_span address_of(struct gp_open311_call *call, const struct gp_open311_row *row)
{
    const struct gp_org *org = call->city.org;
    uint32_t area = gp_org_area_near(org, row->area, call->now_ms);
    char text[1024];
    size_t used = 0;
    struct gp_span part = row->address;

    while (part.len > 0 || area != GP_NONE) {
        if (part.len > 0 && used + part.len + 2 <= sizeof text) {
            if (used > 0) {
                memcpy(text + used, ", ", 2);
                used += 2;
            }
            memcpy(text + used, part.ptr, part.len);
            used += part.len;
        }
        part = (struct gp_span){0};
        if (area != GP_NONE) {
            part = org->areas[area].name;
            area = org->areas[area].parent;
        }
    }
    struct gp_span copy = gp_arena_copy(&call->arena, (struct gp_span){text, used});
    return copy.ptr != NULL ? copy : (struct gp_span){0};
}

/* While it is on hold its clock stands, and what was the due is none. */
static int64_t expected_of(const struct gp_open311_row *row)
{
    return row->state == GP_STATE_SUSPENDED ? 0 : row->due_ms;
}

/* What the city owes, while somebody is at it. */
static struct gp_span notice_of(struct gp_open311_call *call, const struct gp_open311_row *row,
                                int64_t zone_ms)
{
    switch (row->state) {
    case GP_STATE_DISPATCHED:
    case GP_STATE_ACCEPTED:
    case GP_STATE_REWORK:
    case GP_STATE_REOPENED:
        return gp_open311_due_text(call, GP_OPEN311_DUE, row->due_ms, zone_ms);
    default:
        return (struct gp_span){0};
    }
}

static struct gp_span service_name(const struct gp_open311_call *call,
                                   const struct gp_open311_row *row)
{
    const struct gp_org *org = call->city.org;
    uint32_t index = gp_org_row(org, row->code, row->condition, call->now_ms);

    return index != GP_NONE ? gp_open311_row_name(call, &org->rows[index]) : row->code;
}

/* ---------------------------------------------------------------- writing */

static void write_place(struct gp_markup *markup, struct gp_place place)
{
    if (place.known) {
        gp_markup_degrees(markup, "lat", place.lat_e7);
        gp_markup_degrees(markup, "long", place.lon_e7);
    } else {
        gp_markup_null(markup, "lat");
        gp_markup_null(markup, "long");
    }
}

/* As the page of extensions has them. */
static void write_extensions(const struct gp_open311_call *call, struct gp_markup *markup,
                             const struct gp_open311_row *row)
{
    const struct gp_org *org = call->city.org;
    uint32_t index = gp_org_row(org, row->code, row->condition, call->now_ms);

    gp_markup_list(markup, "attributes");
    if (index != GP_NONE && !gp_span_is(row->condition, "default")) {
        gp_markup_object(markup, "attribute");
        gp_markup_word(markup, "label", gp_open311_word(call->language, GP_OPEN311_CONDITION));
        gp_markup_word(markup, "name", "condition");
        gp_markup_text(markup, "value", gp_open311_condition_name(call, &org->rows[index]));
        gp_markup_text(markup, "code", row->condition);
        gp_markup_close(markup);
    }
    gp_markup_close(markup);
    gp_markup_object(markup, "extended_attributes");
    gp_markup_word(markup, "state", gp_state_name(row->state));
    gp_markup_text(markup, "department", row->department);
    gp_markup_close(markup);
}

void gp_open311_row_write(struct gp_open311_call *call, struct gp_markup *markup,
                          const struct gp_open311_row *row)
{
    int64_t zone_ms = gp_open311_zone(call, row->area);
    char id[24], area[16];

    (void)snprintf(id, sizeof id, "%llu", (unsigned long long)row->id);
    gp_area_format(row->area, area);
    gp_markup_object(markup, "request");
    gp_markup_word(markup, "service_request_id", id);
    gp_markup_word(markup, "status", gp_open311_is_closed(row->state) ? "closed" : "open");
    gp_markup_text(markup, "status_notes", notes_of(call, row, zone_ms));
    gp_markup_text(markup, "service_name", service_name(call, row));
    gp_markup_text(markup, "service_code", row->code);
    gp_markup_text(markup, "description", row->text);
    gp_markup_text(markup, "agency_responsible", gp_open311_department_name(call, row->department));
    gp_markup_text(markup, "service_notice", notice_of(call, row, zone_ms));
    gp_markup_instant(markup, "requested_datetime", row->requested_ms, zone_ms);
    gp_markup_instant(markup, "updated_datetime", row->updated_ms, zone_ms);
    gp_markup_instant(markup, "expected_datetime", expected_of(row), zone_ms);
    gp_markup_text(markup, "address", address_of(call, row));
    gp_markup_word(markup, "address_id", area);
    write_place(markup, row->place);
    gp_markup_text(markup, "media_url", row->media);
    if (call->filter.extensions)
        write_extensions(call, markup, row);
    gp_markup_close(markup);
}

void gp_open311_rows_done(struct gp_open311_call *call)
{
    struct gp_markup *markup = gp_open311_document(call);

    if (markup == NULL)
        return;
    gp_markup_list(markup, "service_requests");
    for (uint32_t i = 0; i < call->count; i++)
        gp_open311_row_write(call, markup, &call->row[i]);
    gp_markup_close(markup);
    gp_open311_done(call, markup);
}
