/*
 * GET requests. The newest come first, but the daemon's pages go from the oldest on; so time is cut
 * into windows, from the newest back, each is read to its end and turned around. A window grows
 * fourfold while little is in it and shrinks when there is too much to keep: so a quiet town's
 * three months are a handful of questions, and a big city's first page is one hour.
 */
#include "web/open311/internal.h"

#include "base/clocktext.h"

#include <stdlib.h>

#define WINDOW_ROWS  2000 /* kept of one window, with texts of up to 2 KB */
#define WINDOW_BYTES (8 * 1024 * 1024)
#define WINDOW_FEW   250 /* seen in a window: the next one may be wider */
#define FIRST_MS     (6 * GP_MS_HOUR)

static void next_window(struct gp_open311_call *call);

static void failed(struct gp_open311_call *call)
{
    gp_open311_fail_now(call, GP_OPEN311_BROKEN, GP_OPEN311_FAILED, (struct gp_span){0});
}

/* ---------------------------------------------------------------- rows */

static bool is_asked_for(const struct gp_open311_filter *filter, const struct gp_open311_row *row)
{
    bool closed = gp_open311_is_closed(row->state), of_code = filter->code_count == 0;

    for (uint32_t i = 0; i < filter->code_count && !of_code; i++)
        of_code = gp_span_equal(filter->code[i], row->code);
    return of_code && (closed ? filter->closed : filter->open) &&
           row->updated_ms >= filter->updated_from_ms &&
           (filter->updated_to_ms == 0 || row->updated_ms < filter->updated_to_ms);
}

/* Puts an incident into the window. False: there is no room in it. */
static bool collect(struct gp_open311_call *call, const struct gp_incident *incident)
{
    struct gp_open311_search *search = &call->search;
    struct gp_open311_row row;

    search->seen++;
    if (search->count == WINDOW_ROWS)
        return false;
    struct gp_arena_mark mark = gp_arena_here(&search->arena);
    if (!gp_open311_row_of(call, incident, &search->arena, &row))
        return call->error_count == 0;
    if (is_asked_for(&call->filter, &row))
        search->row[search->count++] = row;
    else
        gp_arena_back(&search->arena, mark);
    return true;
}

static int newest_first(const void *left, const void *right)
{
    const struct gp_open311_row *a = left, *b = right;

    if (a->requested_ms != b->requested_ms)
        return a->requested_ms > b->requested_ms ? -1 : 1;
    return (a->id < b->id) - (a->id > b->id);
}

/* Takes over what belongs on the page that was asked for. */
static bool take_window(struct gp_open311_call *call)
{
    struct gp_open311_search *search = &call->search;

    qsort(search->row, search->count, sizeof search->row[0], newest_first);
    for (uint32_t i = 0; i < search->count && call->count < call->filter.size; i++) {
        if (search->skip > 0) {
            search->skip--;
            continue;
        }
        call->row[call->count] = search->row[i];
        if (!gp_open311_row_keep(&call->arena, &call->row[call->count]))
            return false;
        call->count++;
    }
    return true;
}

/* ---------------------------------------------------------------- windows */

static void begin_window(struct gp_open311_call *call)
{
    struct gp_open311_search *search = &call->search;
    struct gp_query *query = &call->request.query;

    gp_arena_reset(&search->arena);
    search->count = search->seen = 0;
    search->from_ms = query->to_ms - search->width_ms;
    if (search->from_ms < call->filter.from_ms)
        search->from_ms = call->filter.from_ms;
    query->from_ms = search->from_ms;
    query->cursor_len = 0;
}

static void end_window(struct gp_open311_call *call)
{
    struct gp_open311_search *search = &call->search;
    struct gp_query *query = &call->request.query;

    if (!take_window(call)) {
        failed(call);
        return;
    }
    if (call->count == call->filter.size || search->from_ms <= call->filter.from_ms) {
        gp_open311_rows_done(call);
        return;
    }
    query->to_ms = search->from_ms;
    if (search->seen < WINDOW_FEW)
        search->width_ms *= 4;
    else if (search->seen > WINDOW_ROWS / 2 && search->width_ms > GP_MS_SECOND)
        search->width_ms /= 2;
    begin_window(call);
    next_window(call);
}

/* Looks at a narrower window instead. One that cannot be narrower is what it is. */
static void narrow(struct gp_open311_call *call)
{
    struct gp_open311_search *search = &call->search;

    search->width_ms = (call->request.query.to_ms - search->from_ms) / 4;
    if (search->width_ms < 1) {
        failed(call);
        return;
    }
    begin_window(call);
    next_window(call);
}

static void on_page(struct gp_open311_call *call, const struct gp_reply *reply)
{
    struct gp_query *query = &call->request.query;

    if (reply->status != GP_STATUS_OK || reply->kind != GP_REPLY_PAGE) {
        gp_open311_fail_now(call, GP_OPEN311_LATER, GP_OPEN311_UNREACHABLE, (struct gp_span){0});
        return;
    }
    for (uint32_t i = 0; i < reply->page.count; i++) {
        if (collect(call, &reply->page.item[i]))
            continue;
        call->error_count = 0; /* if it was memory, a narrower window costs less */
        narrow(call);
        return;
    }
    query->cursor_len = 0;
    if (reply->page.cursor.len == 0) {
        end_window(call);
    } else if (reply->page.cursor.len > sizeof query->cursor) {
        failed(call);
    } else {
        query->cursor_len = (uint8_t)reply->page.cursor.len;
        memcpy(query->cursor, reply->page.cursor.ptr, reply->page.cursor.len);
        next_window(call);
    }
}

static void next_window(struct gp_open311_call *call)
{
    gp_open311_ask_next(call, on_page);
}

static void by_time(struct gp_open311_call *call)
{
    struct gp_open311_search *search = &call->search;

    search->row = gp_arena_zalloc(&call->arena, WINDOW_ROWS, sizeof *search->row);
    if (search->row == NULL) {
        failed(call);
        return;
    }
    gp_arena_init(&search->arena, WINDOW_BYTES);
    search->width_ms = FIRST_MS;
    search->skip = (uint64_t)(call->filter.page - 1) * call->filter.size;
    call->request.kind = GP_REQUEST_QUERY;
    call->request.query = (struct gp_query){
        .area = call->city.area,
        .open_only = !call->filter.closed,
        .to_ms = call->filter.to_ms,
        .limit = GP_PAGE_ROWS_MAX,
    };
    begin_window(call);
    next_window(call);
}

/* ---------------------------------------------------------------- by their numbers */

static void next_incident(struct gp_open311_call *call);

static void on_incident(struct gp_open311_call *call, const struct gp_reply *reply)
{
    bool there = reply->status == GP_STATUS_OK && reply->kind == GP_REPLY_INCIDENT;

    if (!there && reply->status != GP_STATUS_NOT_FOUND && reply->status != GP_STATUS_REFUSED) {
        gp_open311_fail_now(call, GP_OPEN311_LATER, GP_OPEN311_UNREACHABLE, (struct gp_span){0});
        return;
    }
    if (there && gp_open311_row_of(call, reply->incident, &call->arena, &call->row[call->count]))
        call->count++;
    if (call->error_count > 0)
        failed(call);
    else
        next_incident(call);
}

static void next_incident(struct gp_open311_call *call)
{
    if (call->search.next == call->filter.id_count) {
        gp_open311_rows_done(call);
        return;
    }
    call->request.kind = GP_REQUEST_INCIDENT;
    call->request.incident = call->filter.id[call->search.next++];
    gp_open311_ask_next(call, on_incident);
}

void gp_open311_search(struct gp_open311_call *call)
{
    uint32_t most;

    gp_open311_filter_requests(call);
    if (call->error_count > 0)
        return;
    most = call->filter.by_id ? call->filter.id_count + 1 : call->filter.size;
    call->row = gp_arena_zalloc(&call->arena, most, sizeof *call->row);
    if (call->row == NULL)
        failed(call);
    else if (call->filter.by_id)
        next_incident(call);
    else
        by_time(call);
}
