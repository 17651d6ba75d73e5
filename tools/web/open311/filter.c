/* Parameters of GET. One that is empty is as one that is not there, as the specification has it. */
#include "web/open311/internal.h"

#include "base/clocktext.h"

/* 9999-12-01, which leaves room to the last time that the daemon takes. */
#define LAST_MS (INT64_C(2932866) * GP_MS_DAY)

/* The daemon's clock is ahead of what is known of it here by less. */
#define AHEAD_MS GP_MS_MINUTE

static struct gp_span get(const struct gp_open311_call *call, const char *name)
{
    return gp_open311_form_get(&call->form, name);
}

static void fail(struct gp_open311_call *call, enum gp_open311_word word, struct gp_span about)
{
    gp_open311_fail(call, GP_OPEN311_BAD, word, about);
}

/* ---------------------------------------------------------------- times */

/* A plus that was not encoded has become the blank in front of the zone. */
static struct gp_span with_plus(struct gp_span text, char *buffer, size_t room)
{
    const size_t zone_len = sizeof " 08:00" - 1;

    if (text.len < sizeof "2026-01-01T00:00 08:00" - 1 || text.len > room ||
        text.ptr[text.len - zone_len] != ' ')
        return text;
    memcpy(buffer, text.ptr, text.len);
    buffer[text.len - zone_len] = '+';
    return (struct gp_span){buffer, text.len};
}

/* The instant, or, of a day that stands alone, its begin in the city's zone; last: how long it is.
 * 0: not said. */
static int64_t instant(struct gp_open311_call *call, const char *name, int64_t *ret_last_ms)
{
    char buffer[GP_CLOCKTEXT_BYTES];
    struct gp_span text = get(call, name);
    int64_t ms, day;

    *ret_last_ms = 0;
    if (text.len == 0)
        return 0;
    if (gp_date_parse(text, &day) == 0) {
        *ret_last_ms = GP_MS_DAY;
        ms = day * GP_MS_DAY - gp_open311_zone(call, call->city.area);
    } else if (gp_instant_parse(with_plus(text, buffer, sizeof buffer), &ms) == 0) {
        *ret_last_ms = ms % GP_MS_SECOND == 0 ? GP_MS_SECOND : 1;
    } else {
        fail(call, GP_OPEN311_BAD_DATE, gp_span_of(name));
        return 0;
    }
    if (ms > LAST_MS)
        return LAST_MS;
    return ms > 0 ? ms : 1; /* gridpost knows nothing from before 1970 */
}

static int64_t begin_of(struct gp_open311_call *call, const char *name)
{
    int64_t last_ms;

    return instant(call, name, &last_ms);
}

/* The last instant itself is within. */
static int64_t end_of(struct gp_open311_call *call, const char *name)
{
    int64_t last_ms, ms = instant(call, name, &last_ms);

    return ms != 0 ? ms + last_ms : 0;
}

/* Where one end is not said it follows from the other; where neither is, the time up to now, and to
 * that belongs what has just come in by the daemon's clock. */
static void read_span(struct gp_open311_call *call, int64_t usual_ms)
{
    struct gp_open311_filter *filter = &call->filter;
    int64_t from_ms = begin_of(call, "start_date"), to_ms = end_of(call, "end_date");
    int64_t last_ms = call->now_ms + AHEAD_MS;
    int64_t end_ms = to_ms != 0 ? to_ms : call->now_ms + 1;

    if (from_ms != 0 && to_ms != 0 &&
        (from_ms > to_ms || to_ms - from_ms > GP_OPEN311_SPAN_MS + GP_MS_DAY))
        fail(call, GP_OPEN311_BAD_SPAN, (struct gp_span){0});
    if (to_ms == 0) {
        to_ms = last_ms;
        if (from_ms > last_ms) /* what is to come has not come yet */
            to_ms = from_ms;
        else if (from_ms != 0 && last_ms - from_ms > GP_OPEN311_SPAN_MS)
            to_ms = from_ms + GP_OPEN311_SPAN_MS;
    }
    if (from_ms == 0)
        from_ms = end_ms > usual_ms ? end_ms - usual_ms : 1;
    filter->from_ms = from_ms;
    filter->to_ms = to_ms;
}

/* ---------------------------------------------------------------- lists */

/* The values of a parameter that may be repeated and may have commas. */
struct values {
    const char *name;
    uint32_t next; /* field */
    struct gp_span list;
};

static bool next_value(const struct gp_open311_call *call, struct values *values,
                       struct gp_span *ret_value)
{
    const struct gp_open311_form *form = &call->form;

    while (!gp_open311_list_next(&values->list, ret_value)) {
        while (values->next < form->count &&
               !gp_span_is(form->field[values->next].name, values->name))
            values->next++;
        if (values->next == form->count)
            return false;
        values->list = form->field[values->next++].value;
    }
    return true;
}

static void read_ids(struct gp_open311_call *call)
{
    struct gp_open311_filter *filter = &call->filter;
    struct values values = {.name = "service_request_id"};
    struct gp_span value;

    while (next_value(call, &values, &value)) {
        filter->by_id = true;
        if (filter->id_count == GP_OPEN311_LIST_MAX) {
            fail(call, GP_OPEN311_TOO_MANY, gp_span_of(values.name));
            return;
        }
        if (gp_open311_number(value, INT64_MAX, &filter->id[filter->id_count]))
            filter->id_count++; /* one that is no number is nobody's */
    }
}

static void read_codes(struct gp_open311_call *call)
{
    struct gp_open311_filter *filter = &call->filter;
    struct values values = {.name = "service_code"};
    struct gp_span value;

    while (next_value(call, &values, &value)) {
        if (filter->code_count == GP_OPEN311_LIST_MAX) {
            fail(call, GP_OPEN311_TOO_MANY, gp_span_of(values.name));
            return;
        }
        filter->code[filter->code_count++] = value;
    }
}

static void read_status(struct gp_open311_call *call)
{
    struct gp_open311_filter *filter = &call->filter;
    struct values values = {.name = "status"};
    struct gp_span value;

    while (next_value(call, &values, &value)) {
        filter->open = filter->open || gp_span_is(value, "open");
        filter->closed = filter->closed || gp_span_is(value, "closed");
        if (!gp_span_is(value, "open") && !gp_span_is(value, "closed"))
            fail(call, GP_OPEN311_BAD_STATUS, value);
    }
    if (!filter->open && !filter->closed)
        filter->open = filter->closed = true;
}

/* ---------------------------------------------------------------- the rest */

static void read_pages(struct gp_open311_call *call)
{
    struct gp_open311_filter *filter = &call->filter;
    struct gp_span page = get(call, "page"), size = get(call, "page_size");
    uint64_t page_number = 1, size_number = page.len > 0 ? 50 : GP_OPEN311_ROWS_MAX;

    if ((page.len > 0 && !gp_open311_number(page, GP_OPEN311_DEPTH_MAX, &page_number)) ||
        (size.len > 0 && !gp_open311_number(size, GP_OPEN311_ROWS_MAX, &size_number)) ||
        page_number == 0 || size_number == 0 || page_number * size_number > GP_OPEN311_DEPTH_MAX)
        fail(call, GP_OPEN311_BAD_PAGE, (struct gp_span){0});
    filter->page = (uint32_t)page_number;
    filter->size = (uint32_t)size_number;
}

void gp_open311_filter_requests(struct gp_open311_call *call)
{
    struct gp_open311_filter *filter = &call->filter;

    filter->extensions = gp_span_is(get(call, "extensions"), "true");
    read_ids(call);
    if (filter->by_id) /* it overrides all others */
        return;
    read_codes(call);
    read_status(call);
    read_span(call, GP_OPEN311_SPAN_MS);
    read_pages(call);
    filter->updated_from_ms = begin_of(call, "updated_after");
    filter->updated_to_ms = end_of(call, "updated_before");
}

void gp_open311_filter_updates(struct gp_open311_call *call)
{
    read_span(call, GP_MS_DAY);
}
