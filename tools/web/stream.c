/* Event streams: each is a feed request that waits at the daemon, asked again behind every answer;
 * so it is the daemon that decides what a user may see, at every moment. A browser that was away
 * says up to where it has seen (Last-Event-ID = the journal's sequence). */
#include "web/api.h"

#include "show/show.h"

#include <inttypes.h>
#include <stdlib.h>

#define WAIT_MS      20000
#define MISSED_MAX   10000 /* more than that is read anew */
#define RETRY_MS     2000
#define PAGE_ENTRIES 50
#define OF_USER_MAX  32 /* streams: an open page has one, and the daemon takes 1,024 in all */
#define PAGE_LOOKS   20 /* pages of the journal that one call of the tail looks through */

struct gp_web_stream {
    struct gp_web_stream *next, **link; /* of the session's */
    struct gp_web *web;
    struct gp_exchange *exchange;
    struct gp_signed *session;
    struct gp_async_call *call;
    struct gp_feed_filter filter;
    struct gp_arena arena; /* what the filter points into */
    struct gp_span person;
    uint64_t after;
    bool begun; /* it has told the head since it could */
    bool away;  /* and that it can't */
    uv_timer_t again;
};

/* ---------------------------------------------------------------- what is written */

static void on_closed(uv_handle_t *handle)
{
    struct gp_web_stream *stream = handle->data;

    gp_arena_release(&stream->arena);
    free(stream);
}

/* Leaves the session; the exchange is somebody else's from here on. */
static void release(struct gp_web_stream *stream)
{
    if (stream->call != NULL)
        gp_async_cancel(stream->call);
    stream->call = NULL;
    *stream->link = stream->next;
    if (stream->next != NULL)
        stream->next->link = stream->link;
    stream->session->streams--;
    uv_close((uv_handle_t *)&stream->again, on_closed);
}

/* False: the browser was too slow, and the stream is gone. */
static bool push(struct gp_web_stream *stream, const char *event, uint64_t id, json_t *data)
{
    char *text = data != NULL ? json_dumps(data, JSON_COMPACT) : NULL, *frame = NULL;
    int len = text == NULL ? -1
              : id > 0
                  ? asprintf(&frame, "id: %" PRIu64 "\nevent: %s\ndata: %s\n\n", id, event, text)
                  : asprintf(&frame, "event: %s\ndata: %s\n\n", event, text);
    bool good = len > 0 && gp_http_push(stream->exchange, (struct gp_span){frame, (size_t)len});

    json_decref(data);
    free(text);
    free(frame);
    if (!good)
        release(stream);
    return good;
}

static json_t *head_json(const struct gp_web *web, uint64_t head)
{
    return json_pack("{s:I, s:o, s:i}", "head", (json_int_t)head, "now",
                     gp_ask_time(gp_web_now(web)), "rate", (int)web->daemon.rate);
}

static void end_with(struct gp_web_stream *stream, const char *why)
{
    if (!push(stream, "end", 0, json_pack("{s:s}", "error", why)))
        return;
    struct gp_exchange *exchange = stream->exchange;
    release(stream);
    gp_http_on_gone(exchange, NULL, NULL);
    gp_http_end(exchange);
}

/* ---------------------------------------------------------------- the feed */

static void ask_feed(struct gp_web_stream *stream);

static void on_again(uv_timer_t *timer)
{
    ask_feed(timer->data);
}

static void try_later(struct gp_web_stream *stream, unsigned ms)
{
    (void)uv_timer_start(&stream->again, on_again, ms, 0);
}

/* What was missed is too much, or the journal is another one: the page reads anew from here. */
static bool must_reset(const struct gp_web_stream *stream, const struct gp_reply *reply)
{
    uint64_t head = reply->feed.head;

    return stream->after > head || (!stream->begun && head - stream->after > MISSED_MAX);
}

static bool push_entries(struct gp_web_stream *stream, const struct gp_reply *reply)
{
    for (uint32_t i = 0; i < reply->feed.count; i++) {
        const struct gp_entry *entry = reply->feed.item[i];
        gp_web_heard(stream->web, entry->at_ms);
        if (!push(stream, "entry", entry->seq,
                  gp_show_entry(entry, gp_show_zone(entry->at_ms), NULL, NULL)))
            return false;
    }
    return true;
}

static void take_feed(struct gp_web_stream *stream, const struct gp_reply *reply)
{
    bool caught_up = reply->feed.scanned_to >= reply->feed.head;

    if (must_reset(stream, reply)) {
        if (!push(stream, "reset", reply->feed.head, head_json(stream->web, reply->feed.head)))
            return;
        stream->after = reply->feed.head;
    } else {
        if (!push_entries(stream, reply))
            return;
        stream->after = reply->feed.scanned_to;
    }
    if ((!stream->begun || reply->feed.count == 0) && caught_up &&
        !push(stream, "head", stream->after, head_json(stream->web, reply->feed.head)))
        return;
    stream->begun = stream->begun || caught_up;
    stream->away = false;
    ask_feed(stream);
}

/* The page says that it is not up to date, until the next head. From then on it is as at the
 * beginning: what is there is asked for without waiting. False: the stream is gone. */
static bool tell_away(struct gp_web_stream *stream)
{
    stream->begun = false;
    if (stream->away)
        return true;
    stream->away = true;
    return push(stream, "away", 0, json_object());
}

static void on_feed(void *context, int error, const struct gp_reply *reply)
{
    struct gp_web_stream *stream = context;

    stream->call = NULL;
    if (error == GP_ECLOSED) /* we are stopping: the exchange is told of that by itself */
        return;
    if (error != 0) {
        if (tell_away(stream))
            try_later(stream, RETRY_MS);
    } else if (reply->status == GP_STATUS_OK)
        take_feed(stream, reply);
    else if (reply->status == GP_STATUS_REFUSED)
        end_with(stream, gp_reason_word(reply->reason));
    else
        try_later(stream, reply->retry_ms > RETRY_MS ? reply->retry_ms : RETRY_MS);
}

/* The first look does not wait: the page shows at once that it is connected. */
static void ask_feed(struct gp_web_stream *stream)
{
    struct gp_request request = {.kind = GP_REQUEST_FEED,
                                 .person = stream->person,
                                 .feed = {.after = stream->after,
                                          .filter = stream->filter,
                                          .wait_ms = stream->begun ? WAIT_MS : 0}};

    if (gp_async_ask(stream->web->async, &request, GP_WEB_ASK_MS + WAIT_MS, on_feed, stream,
                     &stream->call) != 0) {
        stream->call = NULL;
        try_later(stream, RETRY_MS);
    }
}

/* ---------------------------------------------------------------- its life */

static void on_gone(struct gp_exchange *exchange, void *context)
{
    (void)exchange;
    release(context);
}

void gp_stream_session_ended(void *context, struct gp_signed *session)
{
    (void)context;
    while (session->stream != NULL)
        end_with(session->stream, "signed_out");
}

void gp_stream_daemon_away(void *context, struct gp_signed *session)
{
    struct gp_web_stream *next;

    (void)context;
    for (struct gp_web_stream *stream = session->stream; stream != NULL; stream = next) {
        next = stream->next;
        if (!tell_away(stream))
            continue;
        if (stream->call != NULL)
            gp_async_cancel(stream->call);
        stream->call = NULL;
        (void)uv_timer_stop(&stream->again);
        ask_feed(stream);
    }
}

static bool read_filter(struct gp_ask *ask, struct gp_feed_filter *ret_filter)
{
    uint64_t escalations = 0;

    *ret_filter = (struct gp_feed_filter){0};
    if (!gp_ask_area(ask, "area", &ret_filter->area) ||
        !gp_ask_word(ask, "department", &ret_filter->department) ||
        !gp_ask_word(ask, "person", &ret_filter->person) ||
        !gp_ask_number(ask, "incident", 1, INT64_MAX, &ret_filter->incident) ||
        !gp_ask_number(ask, "escalations", 0, 1, &escalations))
        return false;
    ret_filter->escalations = escalations == 1;
    return true;
}

/* Where the browser has come to; without a word of that, what comes from now on. */
static bool read_after(struct gp_ask *ask, uint64_t *ret_after)
{
    const char *last = gp_http_header(ask->exchange, "last-event-id");

    *ret_after = ask->web->daemon.head;
    if (last == NULL || last[0] < '0' || last[0] > '9')
        return gp_ask_number(ask, "after", 0, INT64_MAX, ret_after);
    *ret_after = strtoull(last, NULL, 10);
    return true;
}

static struct gp_web_stream *new_stream(struct gp_ask *ask, const struct gp_feed_filter *filter)
{
    struct gp_web_stream *stream = calloc(1, sizeof *stream);

    if (stream == NULL)
        return NULL;
    gp_arena_init(&stream->arena, GP_HTTP_BODY_MAX);
    stream->web = ask->web;
    stream->exchange = ask->exchange;
    stream->session = ask->session;
    stream->filter = *filter;
    stream->filter.department = gp_arena_copy(&stream->arena, filter->department);
    stream->filter.person = gp_arena_copy(&stream->arena, filter->person);
    stream->person = gp_arena_copy(&stream->arena, ask->person);
    if (stream->person.ptr == NULL || stream->filter.person.ptr == NULL ||
        stream->filter.department.ptr == NULL) {
        gp_arena_release(&stream->arena);
        free(stream);
        return NULL;
    }
    stream->again.data = stream;
    (void)uv_timer_init(&ask->web->loop, &stream->again); /* fails never */
    stream->next = ask->session->stream;
    stream->link = &ask->session->stream;
    if (stream->next != NULL)
        stream->next->link = &stream->next;
    ask->session->stream = stream;
    ask->session->streams++;
    return stream;
}

void gp_api_stream(struct gp_exchange *exchange, void *context)
{
    struct gp_ask *ask = gp_ask_begin(exchange, context);
    struct gp_feed_filter filter;
    char retry[32];
    uint64_t after;

    if (ask == NULL || !read_filter(ask, &filter) || !read_after(ask, &after))
        return;
    if (gp_sign_streams_of(ask->web->sign, ask->session->user) >= OF_USER_MAX) {
        gp_ask_limit(ask, "too many streams of this user are open");
        return;
    }
    struct gp_web_stream *stream = new_stream(ask, &filter);
    if (stream == NULL) {
        gp_ask_refuse(ask, 503, "unavailable", "no memory");
        return;
    }
    stream->after = after;
    gp_ask_leave(ask);
    gp_http_on_gone(exchange, on_gone, stream);
    gp_http_stream(exchange, "text/event-stream");
    int len = snprintf(retry, sizeof retry, "retry: %d\n\n", RETRY_MS);
    if (!gp_http_push(exchange, (struct gp_span){retry, (size_t)len}))
        release(stream);
    else if (!gp_async_is_away(stream->web->async) || tell_away(stream))
        ask_feed(stream);
}

/* ---------------------------------------------------------------- the tail, backwards
 *
 * The journal is read forwards only, so a page of the newest is found by looking from some way
 * before, and farther before where that did not give enough.
 */

struct tail {
    struct gp_feed_filter filter;
    uint64_t before, from, at, limit;
    unsigned looks;
};

static void ask_tail(struct gp_ask *ask);

static void finish_tail(struct gp_ask *ask, uint64_t head)
{
    const struct tail *tail = ask->state;
    size_t count = json_array_size(ask->answer);
    size_t skip = count > tail->limit ? count - tail->limit : 0;
    json_t *entries = json_array();
    json_t *before = json_null();

    for (size_t i = count; i > skip; i--)
        json_array_append(entries, json_array_get(ask->answer, i - 1));
    if (skip > 0)
        before = json_incref(json_object_get(json_array_get(ask->answer, skip), "seq"));
    else if (tail->from > 0)
        before = json_integer((json_int_t)tail->from + 1);
    gp_ask_json(ask, json_pack("{s:o, s:o, s:I}", "entries", entries, "before", before, "head",
                               (json_int_t)head));
}

/* Eight times as far back as before. */
static void go_back(struct tail *tail)
{
    uint64_t width = (tail->before - tail->from) * 8;

    tail->from = width >= tail->before ? 0 : tail->before - width;
    tail->at = tail->from;
}

static void take_tail(struct gp_ask *ask, const struct gp_reply *reply)
{
    struct tail *tail = ask->state;

    for (uint32_t i = 0; i < reply->feed.count; i++) {
        const struct gp_entry *entry = reply->feed.item[i];
        if (entry->seq < tail->before)
            json_array_append_new(ask->answer,
                                  gp_show_entry(entry, gp_show_zone(entry->at_ms), NULL, NULL));
    }
    tail->at = reply->feed.scanned_to;
    bool over = tail->at >= tail->before - 1 || tail->at >= reply->feed.head;
    if (over && json_array_size(ask->answer) < tail->limit && tail->from > 0 &&
        tail->looks < PAGE_LOOKS) {
        json_array_clear(ask->answer);
        go_back(tail);
        over = false;
    }
    if (over || tail->looks >= 4 * PAGE_LOOKS)
        finish_tail(ask, reply->feed.head);
    else
        ask_tail(ask);
}

static void ask_tail(struct gp_ask *ask)
{
    struct tail *tail = ask->state;
    struct gp_request request = {.kind = GP_REQUEST_FEED,
                                 .feed = {.after = tail->at, .filter = tail->filter}};

    tail->looks++;
    gp_ask_daemon(ask, &request, take_tail);
}

void gp_api_escalations(struct gp_exchange *exchange, void *context)
{
    struct gp_ask *ask = gp_ask_begin(exchange, context);

    if (ask == NULL)
        return;
    struct tail *tail = gp_arena_zalloc(&ask->arena, 1, sizeof *tail);
    ask->state = tail;
    ask->answer = json_array();
    if (tail == NULL) {
        gp_ask_refuse(ask, 503, "unavailable", "no memory");
        return;
    }
    tail->limit = PAGE_ENTRIES;
    tail->before = ask->web->daemon.head + 1;
    if (!read_filter(ask, &tail->filter) || !gp_ask_number(ask, "limit", 1, 200, &tail->limit) ||
        !gp_ask_number(ask, "before", 1, INT64_MAX, &tail->before))
        return;
    tail->filter.escalations = true;
    tail->from = tail->before > 8 * tail->limit ? tail->before - 8 * tail->limit : 0;
    tail->at = tail->from;
    ask_tail(ask);
}
