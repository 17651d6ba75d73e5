#include "web/ask.h"

#include "base/clocktext.h"
#include "core/reason.h"
#include "show/show.h"
#include "web/periods.h"

#include <stdio.h>
#include <stdlib.h>

#define LIMITED_MS 1000 /* until some of what is under way may be over */

/* ---------------------------------------------------------------- who asks */

bool gp_ask_is_secure(const struct gp_web *web)
{
    return strncmp(web->options->origin, "https://", 8) == 0;
}

const char *gp_ask_cookie(const struct gp_web *web)
{
    return gp_ask_is_secure(web) ? "__Host-gridpost" : "gridpost";
}

struct gp_signed *gp_ask_session(const struct gp_exchange *exchange, struct gp_web *web)
{
    char token[GP_SIGN_TOKEN_TEXT + 1];

    if (!gp_http_cookie(exchange, gp_ask_cookie(web), token, sizeof token))
        return NULL;
    return gp_sign_find(web->sign, token, (int64_t)uv_now(&web->loop));
}

/* A page of ours says where it comes from. Without --origin that is whatever name we were called by
 * on this machine: a page of another site cannot have a loopback name. */
static bool fits(const char *origin, const char *host, const struct gp_web *web)
{
    if (origin == NULL)
        return false;
    if (web->options->origin[0] != '\0')
        return strcmp(origin, web->options->origin) == 0;
    return host != NULL && strncmp(origin, "http://", 7) == 0 && strcmp(origin + 7, host) == 0 &&
           (strncmp(host, "127.0.0.1:", 10) == 0 || strncmp(host, "localhost:", 10) == 0);
}

bool gp_ask_origin_fits(struct gp_exchange *exchange, const struct gp_web *web)
{
    if (fits(gp_http_header(exchange, "origin"), gp_http_header(exchange, "host"), web))
        return true;
    gp_http_refuse(exchange, 403, "origin", "this comes from another site");
    return false;
}

static void drop(struct gp_ask *ask)
{
    *ask->link = ask->next;
    if (ask->next != NULL)
        ask->next->link = ask->link;
    if (ask->in_pool != NULL)
        *ask->in_pool = NULL;
    if (ask->on_drop != NULL)
        ask->on_drop(ask);
    json_decref(ask->answer);
    json_decref(ask->body);
    gp_directory_unref(ask->directory);
    gp_arena_release(&ask->arena);
    free(ask);
}

static void on_gone(struct gp_exchange *exchange, void *context)
{
    struct gp_ask *ask = context;

    (void)exchange;
    if (ask->call != NULL)
        gp_async_cancel(ask->call);
    drop(ask);
}

static void enter(struct gp_ask *ask, struct gp_web *web)
{
    ask->web = web;
    ask->next = web->asks;
    ask->link = &web->asks;
    if (ask->next != NULL)
        ask->next->link = &ask->next;
    web->asks = ask;
}

/* The daemon counts all users as one device: who could have all of its places would shut out the
 * others. */
static bool has_enough(const struct gp_web *web, const struct gp_signed *session)
{
    unsigned count = 0;

    for (const struct gp_ask *ask = web->asks; ask != NULL; ask = ask->next)
        count += gp_span_is(ask->person, session->person);
    return count >= GP_ASKS_OF_USER_MAX;
}

static json_t *limited_json(const char *detail)
{
    return json_pack("{s:s, s:s, s:i}", "error", "limited", "detail", detail, "retry_ms",
                     LIMITED_MS);
}

static struct gp_ask *begin(struct gp_exchange *exchange, struct gp_web *web,
                            struct gp_signed *session)
{
    if (has_enough(web, session)) {
        gp_http_json(exchange, 429, limited_json("too many calls of this user are under way"));
        return NULL;
    }
    struct gp_ask *ask = calloc(1, sizeof *ask);
    if (ask == NULL) {
        gp_http_refuse(exchange, 503, "unavailable", "no memory");
        return NULL;
    }
    gp_arena_init(&ask->arena, GP_ASK_BYTES_MAX);
    enter(ask, web);
    ask->exchange = exchange;
    ask->session = session;
    ask->directory = gp_directory_ref(web->directory);
    const struct gp_org *org = gp_web_org(web);
    uint32_t user = gp_web_user(web, session->user);
    if (user != GP_NONE) {
        ask->speaker = (struct gp_speaker){.org = org,
                                           .person = org->users[user].person,
                                           .role = org->users[user].role,
                                           .now_ms = gp_web_now(web)};
        ask->person = org->persons[ask->speaker.person].id;
    }
    gp_http_on_gone(exchange, on_gone, ask);
    if (user != GP_NONE)
        return ask;
    gp_sign_end(web->sign, session);
    gp_ask_refuse(ask, 401, "signed_out", "no user any more");
    return NULL;
}

struct gp_ask *gp_ask_begin(struct gp_exchange *exchange, struct gp_web *web)
{
    struct gp_signed *session = gp_ask_session(exchange, web);

    if (session == NULL) {
        gp_http_refuse(exchange, 401, "signed_out", "sign in first");
        return NULL;
    }
    return begin(exchange, web, session);
}

struct gp_ask *gp_ask_change(struct gp_exchange *exchange, struct gp_web *web)
{
    struct gp_signed *session = gp_ask_session(exchange, web);
    struct gp_span body = gp_http_body(exchange);

    if (session == NULL) {
        gp_http_refuse(exchange, 401, "signed_out", "sign in first");
        return NULL;
    }
    if (!gp_ask_origin_fits(exchange, web))
        return NULL;
    if (!gp_sign_csrf_fits(session, gp_http_header(exchange, "x-csrf"))) {
        gp_http_refuse(exchange, 403, "csrf", "the page is not of this session");
        return NULL;
    }
    json_t *object = json_loadb(gp_span_text(body), body.len, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(object)) {
        json_decref(object);
        gp_http_refuse(exchange, 400, "malformed", "the body is no JSON object");
        return NULL;
    }
    struct gp_ask *ask = begin(exchange, web, session);
    if (ask == NULL)
        json_decref(object);
    else
        ask->body = object;
    return ask;
}

/* ---------------------------------------------------------------- how it ends */

json_t *gp_ask_time(int64_t ms)
{
    return gp_show_time(ms, gp_show_zone(ms));
}

static void end(struct gp_ask *ask, int status, json_t *object)
{
    struct gp_exchange *exchange = ask->exchange;

    gp_http_on_gone(exchange, NULL, NULL);
    drop(ask);
    gp_http_json(exchange, status, object);
}

void gp_ask_json(struct gp_ask *ask, json_t *object)
{
    if (json_object_get(object, "now") == NULL)
        json_object_set_new(object, "now", gp_ask_time(gp_web_now(ask->web)));
    end(ask, 200, object);
}

void gp_ask_leave(struct gp_ask *ask)
{
    gp_http_on_gone(ask->exchange, NULL, NULL);
    drop(ask);
}

bool gp_ask_tag(struct gp_ask *ask, const char *etag)
{
    struct gp_exchange *exchange = ask->exchange;
    const char *known = gp_http_header(exchange, "if-none-match");

    gp_http_add(exchange, "etag:", etag);
    gp_http_add(exchange, "cache-control:", "private, no-cache");
    if (known == NULL || strcmp(known, etag) != 0)
        return false;
    gp_ask_leave(ask);
    gp_http_reply(exchange, 304, NULL, (struct gp_span){0});
    return true;
}

void gp_ask_refuse(struct gp_ask *ask, int status, const char *reason, const char *detail)
{
    end(ask, status, json_pack("{s:s, s:s?, s:n}", "error", reason, "detail", detail, "retry_ms"));
}

void gp_ask_limit(struct gp_ask *ask, const char *detail)
{
    end(ask, 429, limited_json(detail));
}

static void refuse_later(struct gp_ask *ask, int status, const char *reason, struct gp_span detail,
                         uint32_t retry_ms)
{
    end(ask, status,
        json_pack("{s:s, s:o, s:i}", "error", reason, "detail", gp_show_text(detail), "retry_ms",
                  (int)retry_ms));
}

/* ---------------------------------------------------------------- the daemon's answers */

static void say_no_answer(struct gp_ask *ask, int error)
{
    if (error == GP_EFORMAT)
        gp_ask_refuse(ask, 502, "protocol", "the daemon's answer cannot be understood");
    else
        refuse_later(ask, 503, "unavailable", gp_span_of(gp_error_text(error)), GP_WEB_LOOK_MS);
}

/* A read that is refused is a matter of rights; a command that is, of its own rules. */
static void say_refused(struct gp_ask *ask, const struct gp_reply *reply)
{
    const char *reason = gp_reason_word(reply->reason);

    refuse_later(ask, ask->body == NULL ? 403 : 409, reason, reply->detail, 0);
}

static void say_status(struct gp_ask *ask, const struct gp_reply *reply)
{
    switch (reply->status) {
    case GP_STATUS_REFUSED:
        say_refused(ask, reply);
        break;
    case GP_STATUS_INVALID:
        refuse_later(ask, 400, "malformed", reply->detail, 0);
        break;
    case GP_STATUS_NOT_FOUND:
        refuse_later(ask, 404, "not_found", reply->detail, 0);
        break;
    case GP_STATUS_LIMITED:
        refuse_later(ask, 429, "limited", reply->detail, reply->retry_ms);
        break;
    case GP_STATUS_TRY_AGAIN:
        refuse_later(ask, 503, "unavailable", reply->detail, 1000);
        break;
    default:
        refuse_later(ask, 502, "protocol", reply->detail, 0);
        break;
    }
}

static bool is_not_there(int error, const struct gp_reply *reply)
{
    return error == 0 &&
           (reply->status == GP_STATUS_NOT_FOUND || reply->status == GP_STATUS_REFUSED);
}

static void on_reply(void *context, int error, const struct gp_reply *reply)
{
    struct gp_ask *ask = context;
    void (*skip)(struct gp_ask * ask) = ask->skip;

    ask->call = NULL;
    ask->skip = NULL;
    if (skip != NULL && is_not_there(error, reply))
        skip(ask);
    else if (error != 0)
        say_no_answer(ask, error);
    else if (reply->status != GP_STATUS_OK)
        say_status(ask, reply);
    else
        ask->then(ask, reply);
}

void gp_ask_daemon(struct gp_ask *ask, struct gp_request *request, gp_ask_fn *then)
{
    unsigned wait_ms = request->kind == GP_REQUEST_FEED ? request->feed.wait_ms : 0;

    if (request->kind == GP_REQUEST_ASSESS)
        wait_ms = GP_WEB_ASSESS_MS;
    request->person = ask->person;
    ask->then = then;
    if (gp_async_is_away(ask->web->async)) {
        refuse_later(ask, 503, "unavailable", GP_SPAN("the daemon is not there"), GP_WEB_LOOK_MS);
        return;
    }
    int rc =
        gp_async_ask(ask->web->async, request, GP_WEB_ASK_MS + wait_ms, on_reply, ask, &ask->call);
    if (rc == GP_ELIMIT || rc == GP_EUTF8 || rc == GP_EFORMAT)
        gp_ask_refuse(ask, 400, "malformed", gp_error_text(rc));
    else if (rc != 0)
        say_no_answer(ask, rc);
}

/* ---------------------------------------------------------------- what the query says */

static bool wrong(struct gp_ask *ask, const char *name)
{
    gp_ask_refuse(ask, 400, "malformed", name);
    return false;
}

/* An empty value is none. */
static const char *said(const struct gp_ask *ask, const char *name)
{
    const char *value = gp_http_query(ask->exchange, name);

    return value != NULL && value[0] != '\0' ? value : NULL;
}

bool gp_ask_area(struct gp_ask *ask, const char *name, struct gp_area_ref *ret_area)
{
    const char *value = said(ask, name);

    *ret_area = (struct gp_area_ref){0};
    return value == NULL || gp_area_parse(gp_span_of(value), ret_area) == 0 || wrong(ask, name);
}

bool gp_ask_word(struct gp_ask *ask, const char *name, struct gp_span *ret_word)
{
    *ret_word = gp_span_of(said(ask, name));
    return (ret_word->len <= GP_ID_BYTES_MAX && gp_utf8_valid(*ret_word)) || wrong(ask, name);
}

bool gp_ask_number(struct gp_ask *ask, const char *name, uint64_t min, uint64_t max,
                   uint64_t *value)
{
    const char *text = said(ask, name);
    char *after;

    if (text == NULL)
        return true;
    uint64_t number = strtoull(text, &after, 10);
    if (text[0] < '0' || text[0] > '9' || *after != '\0' || strlen(text) > 19 || number < min ||
        number > max)
        return wrong(ask, name);
    *value = number;
    return true;
}

bool gp_ask_read_when(struct gp_span text, int64_t *ret_ms)
{
    int64_t day;

    if (gp_instant_parse(text, ret_ms) == 0)
        return true;
    if (gp_date_parse(text, &day) != 0)
        return false;
    *ret_ms = gp_day_begins(day);
    return true;
}

bool gp_ask_when(struct gp_ask *ask, const char *name, int64_t *ms)
{
    struct gp_span text = gp_span_of(said(ask, name));

    return text.len == 0 || gp_ask_read_when(text, ms) || wrong(ask, name);
}
