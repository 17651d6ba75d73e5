/*
 * Open311 over HTTP: the library in open311/ knows what to answer, here are its sockets, and how
 * much of it there may be. Everything else of this server is for who has signed in; this is for
 * anybody, so it reads no cookie, other sites' pages may read along, and it is held back where it
 * would be in the way of the boards.
 */
#include "web/api.h"

#include "base/log.h"
#include "client/client.h"
#include "web/apikey.h"
#include "web/open311/open311.h"
#include "web/pace.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define PREFIX      "/open311/v2"
#define CALLS_MAX   16 /* under way at once; each asks the daemon one thing after the other */
#define BUSY_S      "2"
#define FORM        "application/x-www-form-urlencoded"
#define URL_BYTES   512
#define CLIENT_SIZE (GP_USER_BYTES_MAX + 1)

/* A map of a city loads some pages of requests at once, FixMyStreet asks for updates every few
 * minutes. An app of the whole city reports by one key, and storms come. */
static const struct gp_pace_rule reads = {.mark = 'r', .burst = 120, .interval_ms = 500};
static const struct gp_pace_rule posts = {.mark = 'p', .burst = 120, .interval_ms = 200};

/* One call. The exchange's bytes, the directory and what is below outlive the library's call. */
struct ask {
    struct gp_web *web;
    struct gp_exchange *exchange;
    struct gp_directory *directory;
    struct gp_open311_call *call;
    struct gp_async_call *asked; /* of the daemon; NULL: nothing */
    char peer[64];
    char client[CLIENT_SIZE]; /* the name of the key that was right */
    bool key_wrong;
    char url[URL_BYTES];
    char wait_s[24]; /* "": nothing to wait for */
};

/* ---------------------------------------------------------------- the city */

static bool fits_key(void *context, struct gp_span text, struct gp_span *ret_client)
{
    struct ask *ask = context;
    const struct gp_apikey *key = gp_apikey_find(&ask->web->vault, GP_APIKEY_OPEN311, text);

    ask->key_wrong = key == NULL;
    if (key == NULL)
        return false;
    memcpy(ask->client, key->name, sizeof ask->client); /* the vault may be read anew meanwhile */
    *ret_client = gp_span_of(ask->client);
    return true;
}

static void write_url(struct ask *ask)
{
    const struct gp_web *web = ask->web;
    const char *origin = web->options->origin, *host = web->options->host;
    bool six = strchr(host, ':') != NULL;

    if (origin[0] != '\0')
        (void)snprintf(ask->url, sizeof ask->url, "%s" PREFIX, origin);
    else
        (void)snprintf(ask->url, sizeof ask->url, "http://%s%s%s:%u" PREFIX, six ? "[" : "", host,
                       six ? "]" : "", gp_http_port(web->http));
}

/* False: the user whom the city has named for it is none. */
static bool describe(struct ask *ask, struct gp_open311_city *ret_city)
{
    const struct gp_web *web = ask->web;
    const struct gp_web_open311_options *options = &web->options->open311;
    const struct gp_org *org = gp_web_org(web);
    uint32_t user = gp_web_user(web, options->user);

    if (user == GP_NONE)
        return false;
    write_url(ask);
    *ret_city = (struct gp_open311_city){
        .org = org,
        .changed_ms = web->changed_ms,
        .person = org->persons[org->users[user].person].id,
        .area = web->open311.area,
        .url = gp_span_of(ask->url),
        .contact = gp_span_of(options->contact),
        .key_service = gp_span_of(options->key_service),
        .jurisdiction = gp_span_of(options->jurisdiction),
        .fallback_grid = gp_span_of(options->fallback_grid),
        .test = options->test,
        .language = options->language,
        .texts = options->texts,
        .locate = gp_geometry_locate,
        .locate_context = web->geometry,
        .key = fits_key,
        .key_context = ask,
    };
    return true;
}

/* ---------------------------------------------------------------- how it ends */

static void drop(struct ask *ask)
{
    ask->web->open311.under_way--;
    gp_open311_end(ask->call);
    gp_directory_unref(ask->directory);
    free(ask);
}

static void on_gone(struct gp_exchange *exchange, void *context)
{
    struct ask *ask = context;

    (void)exchange;
    if (ask->asked != NULL)
        gp_async_cancel(ask->asked);
    drop(ask);
}

/* The answer is copied into the exchange, so the call can go at once. */
static void answer(struct ask *ask)
{
    struct gp_open311_answer answer = gp_open311_answer(ask->call);
    struct gp_exchange *exchange = ask->exchange;

    if (gp_http_method(exchange) != GP_HTTP_POST)
        gp_http_add(exchange, "access-control-allow-origin:", "*");
    if (ask->wait_s[0] != '\0')
        gp_http_add(exchange, "retry-after:", ask->wait_s);
    gp_http_on_gone(exchange, NULL, NULL);
    gp_http_reply(exchange, answer.status, answer.type, answer.body);
    drop(ask);
}

static void fail(struct ask *ask)
{
    struct gp_exchange *exchange = ask->exchange;

    gp_http_on_gone(exchange, NULL, NULL);
    drop(ask);
    gp_http_refuse(exchange, 503, "unavailable", "no memory");
}

/* ---------------------------------------------------------------- steps */

static void go_on(struct ask *ask);

static void on_reply(void *context, int error, const struct gp_reply *reply)
{
    struct ask *ask = context;

    ask->asked = NULL;
    gp_open311_told(ask->call, error, reply);
    go_on(ask);
}

static void go_on(struct ask *ask)
{
    const struct gp_request *request;

    while ((request = gp_open311_ask(ask->call)) != NULL) {
        int rc = gp_async_ask(ask->web->async, request, GP_WEB_ASK_MS, on_reply, ask, &ask->asked);
        if (rc == 0)
            return;
        gp_open311_told(ask->call, rc, NULL);
    }
    answer(ask);
}

/* ---------------------------------------------------------------- how much of it */

static void say_wait(struct ask *ask, int64_t wait_ms)
{
    (void)snprintf(ask->wait_s, sizeof ask->wait_s, "%lld", (long long)(wait_ms + 999) / 1000);
    ask->web->open311.limited++;
}

/* Before anything is read. 0, or the status that says no. Who posts is counted by the key, and by
 * the address only where that was wrong. */
static int may_begin(struct ask *ask)
{
    const struct gp_web *web = ask->web;
    int64_t now_ms = (int64_t)uv_now(&web->loop);
    bool post = gp_http_method(ask->exchange) == GP_HTTP_POST;
    const char *type = gp_http_header(ask->exchange, "content-type");

    gp_pace_peer(gp_http_peer(ask->exchange), ask->peer, sizeof ask->peer);
    int64_t wait_ms = gp_pace_wait_ms(web->open311.pace, &reads, ask->peer, now_ms);
    if (wait_ms > 0) {
        say_wait(ask, wait_ms);
        return 429;
    }
    if (!post)
        gp_pace_take(web->open311.pace, &reads, ask->peer, now_ms);
    if (!web->daemon.known || web->open311.under_way > CALLS_MAX) {
        (void)snprintf(ask->wait_s, sizeof ask->wait_s, BUSY_S);
        ask->web->open311.busy++;
        return 503;
    }
    return post && (type == NULL || strncasecmp(type, FORM, sizeof FORM - 1) != 0) ? 415 : 0;
}

/* Behind the begin of a POST, which has judged its key and asked nobody yet. */
static bool may_post(struct ask *ask)
{
    struct gp_pace *pace = ask->web->open311.pace;
    int64_t now_ms = (int64_t)uv_now(&ask->web->loop);

    if (ask->key_wrong)
        gp_pace_take(pace, &reads, ask->peer, now_ms);
    if (ask->client[0] == '\0')
        return true; /* it ends by itself */
    int64_t wait_ms = gp_pace_wait_ms(pace, &posts, ask->client, now_ms);
    if (wait_ms > 0)
        say_wait(ask, wait_ms);
    else
        gp_pace_take(pace, &posts, ask->client, now_ms);
    return wait_ms == 0;
}

/* ---------------------------------------------------------------- begin */

static bool read_input(struct ask *ask, struct gp_open311_input *ret_input)
{
    *ret_input = (struct gp_open311_input){
        .post = gp_http_method(ask->exchange) == GP_HTTP_POST,
        .path = gp_http_encoded_path(ask->exchange, PREFIX "/"),
        .query = gp_http_encoded_query(ask->exchange),
        .form = gp_http_body(ask->exchange),
        .now_ms = gp_web_now(ask->web),
    };
    return ret_input->path.ptr != NULL && ret_input->query.ptr != NULL &&
           gp_client_new_id(ret_input->command_id) == 0;
}

static void begin(struct ask *ask, const struct gp_open311_city *city)
{
    struct gp_open311_input input;

    if (!read_input(ask, &input)) {
        fail(ask);
        return;
    }
    input.refuse = may_begin(ask);
    if (input.refuse == 0)
        ask->web->open311.calls[input.post]++;
    ask->call = gp_open311_begin(city, &input);
    if (ask->call != NULL && input.refuse == 0 && input.post && !may_post(ask)) {
        gp_open311_end(ask->call);
        input.refuse = 429;
        ask->call = gp_open311_begin(city, &input);
    }
    if (ask->call == NULL)
        fail(ask);
    else
        go_on(ask);
}

/* What is shown, when nothing was said: all, by the code of the one area that has all the others
 * where there is one, since somebody of a district may ask for that and not for everything. */
static struct gp_area_ref whole(const struct gp_org *org)
{
    struct gp_area_ref top = {0};
    unsigned count = 0;

    for (uint32_t i = 0; i < org->area_count; i++) {
        if (org->areas[i].parent == GP_NONE && count++ == 0)
            top = org->areas[i].ref;
    }
    return count == 1 ? top : (struct gp_area_ref){0};
}

void gp_api_open311_settle(struct gp_web *web)
{
    const struct gp_web_open311_options *options = &web->options->open311;
    const struct gp_org *org = gp_web_org(web);
    const char *fallback = options->fallback_grid;

    web->open311.area = options->area.padded != 0 ? options->area : whole(org);
    if (options->user[0] == '\0')
        return;
    if (gp_web_user(web, options->user) == GP_NONE)
        gp_log(GP_LOG_ERROR, "open311", "%s is no user of this server; nobody gets an answer",
               options->user);
    uint32_t area = gp_org_area(org, gp_span_of(fallback));
    if (fallback[0] != '\0' && (area == GP_NONE || org->areas[area].ref.level != GP_LEVEL_GRID))
        gp_log(GP_LOG_ERROR, "open311", "%s is no grid; reports that need it are refused",
               fallback);
}

void gp_api_open311(struct gp_exchange *exchange, void *context)
{
    struct gp_web *web = context;
    struct gp_open311_city city;

    if (web->options->open311.user[0] == '\0') {
        gp_http_refuse(exchange, 404, "not_found", "there is no Open311 here");
        return;
    }
    struct ask *ask = calloc(1, sizeof *ask);
    if (ask == NULL) {
        gp_http_refuse(exchange, 503, "unavailable", "no memory");
        return;
    }
    ask->web = web;
    ask->exchange = exchange;
    ask->directory = gp_directory_ref(web->directory);
    web->open311.under_way++;
    gp_http_on_gone(exchange, on_gone, ask);
    if (describe(ask, &city)) {
        begin(ask, &city);
        return;
    }
    gp_http_on_gone(exchange, NULL, NULL);
    drop(ask);
    gp_http_refuse(exchange, 503, "unavailable", "who speaks for Open311 is no user");
}
