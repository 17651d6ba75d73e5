/* /metrics: the daemon's figures for Prometheus, and some of this server's own. A collector cannot
 * sign in: it has a key, and the daemon looks at the rights of the user for whom that speaks. */
#include "web/api.h"

#include "show/metrics.h"
#include "web/apikey.h"

#include <inttypes.h>
#include <stdlib.h>
#include <strings.h>

#define ASK_MS 5000 /* a collector itself waits for ten seconds, as Prometheus does */
#define BEARER "Bearer "
#define PLAIN  "text/plain; charset=utf-8"

struct ask {
    struct gp_web *web;
    struct gp_exchange *exchange;
    struct gp_directory *directory; /* has the person for whom it is asked */
    struct gp_async_call *asked;    /* of the daemon; NULL: nothing */
};

/* ---------------------------------------------------------------- our own */

/* What this server answers with; each has a line from the start, so that a rate begins with the
 * first one. */
static const int statuses[] = {200, 304, 400, 401, 403, 404, 405,
                               409, 413, 415, 429, 500, 502, 503};

static void gauge(FILE *to, const char *name, const char *help, uint64_t value)
{
    gp_metrics_family(to, name, "gauge", help);
    fprintf(to, "%s %" PRIu64 "\n", name, value);
}

static void put_open311(const struct gp_web_open311 *open311, FILE *to)
{
    gp_metrics_family(to, "gridpost_web_open311_calls_total", "counter",
                      "Calls of Open311 that were taken on.");
    fprintf(to, "gridpost_web_open311_calls_total{method=\"get\"} %" PRIu64 "\n",
            open311->calls[0]);
    fprintf(to, "gridpost_web_open311_calls_total{method=\"post\"} %" PRIu64 "\n",
            open311->calls[1]);
    gp_metrics_family(to, "gridpost_web_open311_held_back_total", "counter",
                      "Calls of Open311 that were not: their address or key was too fast, or "
                      "too many were under way or the daemon silent.");
    fprintf(to, "gridpost_web_open311_held_back_total{reason=\"limited\"} %" PRIu64 "\n",
            open311->limited);
    fprintf(to, "gridpost_web_open311_held_back_total{reason=\"busy\"} %" PRIu64 "\n",
            open311->busy);
    gauge(to, "gridpost_web_open311_under_way", "Calls of Open311 under way.", open311->under_way);
}

static void put_own(const struct gp_web *web, FILE *to)
{
    uint64_t silent_ms = uv_now(&web->loop) - web->daemon.at_ms;

    gp_metrics_family(to, "gridpost_web_answers_total", "counter",
                      "Answers of gridpost-web by their HTTP status.");
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
        fprintf(to, "gridpost_web_answers_total{status=\"%d\"} %" PRIu64 "\n", statuses[i],
                gp_http_answered(web->http, statuses[i]));
    gauge(to, "gridpost_web_sessions", "Sessions of users that have signed in.",
          gp_sign_count(web->sign));
    gauge(to, "gridpost_web_streams", "Event streams that are open.", gp_sign_streams(web->sign));
    gp_metrics_family(to, "gridpost_web_daemon_silent_seconds", "gauge",
                      "Since the daemon answered when gridpost-web asked for its status.");
    fprintf(to, "gridpost_web_daemon_silent_seconds %" PRIu64 ".%03u\n", silent_ms / 1000,
            (unsigned)(silent_ms % 1000));
    put_open311(&web->open311, to);
}

/* ---------------------------------------------------------------- how it ends */

static void drop(struct ask *ask)
{
    gp_http_on_gone(ask->exchange, NULL, NULL);
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

/* figures NULL: the daemon does not answer, which is a figure, too. */
static void answer(struct ask *ask, const struct gp_daemon_figures *figures)
{
    struct gp_exchange *exchange = ask->exchange;
    char *text = NULL;
    size_t len = 0;
    FILE *memory = open_memstream(&text, &len);

    if (memory != NULL && figures != NULL)
        gp_show_metrics(figures, memory);
    else if (memory != NULL)
        gp_show_metrics_down(memory);
    if (memory != NULL)
        put_own(ask->web, memory);
    drop(ask);
    if (memory == NULL || fclose(memory) != 0)
        gp_http_refuse(exchange, 503, "unavailable", "no memory");
    else
        gp_http_reply(exchange, 200, GP_METRICS_TYPE, (struct gp_span){text, len});
    free(text);
}

static void on_reply(void *context, int error, const struct gp_reply *reply)
{
    struct ask *ask = context;
    struct gp_exchange *exchange = ask->exchange;

    ask->asked = NULL;
    if (error == 0 && reply->status == GP_STATUS_REFUSED) {
        drop(ask);
        gp_http_reply(exchange, 403, PLAIN, GP_SPAN("this user may not read figures\n"));
    } else {
        answer(ask, error == 0 && reply->status == GP_STATUS_OK ? reply->figures : NULL);
    }
}

/* ---------------------------------------------------------------- begin */

/* The user for whom the request's key speaks; GP_NONE: it has none that is good for this. */
static uint32_t who(const struct gp_exchange *exchange, const struct gp_web *web)
{
    const char *sent = gp_http_header(exchange, "authorization");

    if (sent == NULL || strncasecmp(sent, BEARER, sizeof BEARER - 1) != 0)
        return GP_NONE;
    const struct gp_apikey *key =
        gp_apikey_find(&web->vault, GP_APIKEY_METRICS, gp_span_of(sent + sizeof BEARER - 1));
    return key != NULL ? gp_web_user(web, key->user) : GP_NONE;
}

static void ask_daemon(struct ask *ask, uint32_t user)
{
    const struct gp_org *org = gp_web_org(ask->web);
    const struct gp_request request = {.kind = GP_REQUEST_FIGURES,
                                       .person = org->persons[org->users[user].person].id};

    if (gp_async_ask(ask->web->async, &request, ASK_MS, on_reply, ask, &ask->asked) != 0)
        answer(ask, NULL);
}

void gp_api_metrics(struct gp_exchange *exchange, void *context)
{
    struct gp_web *web = context;
    uint32_t user = who(exchange, web);

    if (user == GP_NONE) {
        gp_http_add(exchange, "www-authenticate:", "Bearer");
        gp_http_reply(exchange, 401, PLAIN, GP_SPAN("a key for metrics is needed\n"));
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
    gp_http_on_gone(exchange, on_gone, ask);
    ask_daemon(ask, user);
}
