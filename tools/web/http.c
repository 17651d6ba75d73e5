/* The server: libwebsockets' events become exchanges, and what is queued is written out. */
#include "web/exchange.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#define GP_HTTP_PARALLEL 2048 /* requests under way; event streams are the most of them */
#define REQUEST_S        20   /* for a request to be there as a whole */
#define IDLE_S           60   /* between two requests of one connection */
#define HEAD_BYTES       2048 /* of a response, at most */
#define LOOK_MS          500  /* between two looks at who has left */
#define STATUSES         600

struct gp_http {
    struct lws_context *context;
    struct lws_vhost *vhost;
    struct gp_http_options options;
    struct gp_exchange *open; /* all of them */
    uv_timer_t look;
    uint64_t answered[STATUSES]; /* by status */
};

static struct gp_exchange **slot_of(struct lws *wsi)
{
    return lws_wsi_user(wsi);
}

static struct gp_http *http_of(struct lws *wsi)
{
    return lws_context_user(lws_get_context(wsi));
}

/* ---------------------------------------------------------------- from request to handler */

static bool route_fits(const struct gp_http_route *route, const struct gp_exchange *exchange)
{
    size_t len = strlen(route->path);
    enum gp_http_method method = exchange->method == GP_HTTP_HEAD ? GP_HTTP_GET : exchange->method;

    if (route->method != method)
        return false;
    if (len > 0 && route->path[len - 1] == '*')
        return strncmp(route->path, exchange->path, len - 1) == 0;
    return strcmp(route->path, exchange->path) == 0;
}

static void hand_over(struct gp_exchange *exchange)
{
    const struct gp_http_options *options = &exchange->http->options;

    exchange->phase = GP_EXCHANGE_HANDLER;
    lws_set_timeout(exchange->wsi, NO_PENDING_TIMEOUT, 0);
    for (size_t i = 0; i < options->route_count; i++) {
        if (route_fits(&options->route[i], exchange)) {
            options->route[i].handler(exchange, options->context);
            return;
        }
    }
    if (exchange->method == GP_HTTP_OTHER)
        gp_http_refuse(exchange, 405, "method", "only GET, HEAD and POST are known");
    else
        gp_http_refuse(exchange, 404, "not_found", exchange->path);
}

static bool has_body(struct lws *wsi)
{
    return lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) > 0;
}

/* libwebsockets knows no chunks in requests and would read them as the next request, which a proxy
 * believes to be somebody else's: so that connection ends. */
static bool has_chunks(struct lws *wsi)
{
    return lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0;
}

static void refuse_chunks(struct gp_exchange *exchange)
{
    exchange->phase = GP_EXCHANGE_HANDLER;
    exchange->closes = true;
    gp_http_refuse(exchange, 411, "length", "a body needs its Content-Length");
}

static int begin(struct lws *wsi)
{
    struct gp_http *http = http_of(wsi);
    struct gp_exchange **slot = slot_of(wsi);
    struct gp_exchange *exchange = gp_exchange_new(http, wsi, &http->open);

    if (exchange == NULL)
        return -1;
    assert(*slot == NULL);
    *slot = exchange;
    int rc = gp_exchange_read_head(exchange, exchange->http->options.behind_proxy);
    if (rc != 0)
        return -1;
    if (has_chunks(wsi)) {
        refuse_chunks(exchange);
    } else if (has_body(wsi)) {
        exchange->phase = GP_EXCHANGE_BODY;
        lws_set_timeout(wsi, PENDING_TIMEOUT_HTTP_CONTENT, REQUEST_S);
    } else {
        hand_over(exchange);
    }
    return 0;
}

static int take_body(struct gp_exchange *exchange, const void *bytes, size_t len)
{
    if (exchange == NULL || exchange->phase != GP_EXCHANGE_BODY)
        return 0; /* it was refused already, and the rest is read past */
    int rc = gp_exchange_add_body(exchange, (struct gp_span){bytes, len});
    if (rc == GP_ELIMIT) {
        exchange->phase = GP_EXCHANGE_HANDLER;
        gp_http_refuse(exchange, 413, "too_large", "the body is larger than 64 KiB");
        rc = 0;
    }
    return rc == 0 ? 0 : -1;
}

/* ---------------------------------------------------------------- from handler to response */

static const struct {
    const char *name, *value;
} always[] = {
    {"content-security-policy:",
     "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src "
     "'self'; manifest-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; "
     "require-trusted-types-for 'script'; trusted-types 'none'"},
    {"x-content-type-options:", "nosniff"},
    {"referrer-policy:", "no-referrer"},
    {"cross-origin-opener-policy:", "same-origin"},
    {"cross-origin-resource-policy:", "same-origin"},
    {"permissions-policy:", "camera=(), microphone=(), geolocation=()"},
};

static int add_header(struct lws *wsi, const char *name, const char *value, unsigned char **at,
                      unsigned char *end)
{
    return lws_add_http_header_by_name(wsi, (const unsigned char *)name,
                                       (const unsigned char *)value, (int)strlen(value), at, end);
}

static bool is_added(const struct gp_exchange *exchange, const char *name)
{
    for (unsigned i = 0; i < exchange->added_count; i++) {
        if (strcmp(exchange->added[i], name) == 0)
            return true;
    }
    return false;
}

static int add_all(struct gp_exchange *exchange, unsigned char **at, unsigned char *end)
{
    struct lws *wsi = exchange->wsi;
    int rc = 0;

    for (size_t i = 0; i < sizeof always / sizeof always[0]; i++)
        rc |= add_header(wsi, always[i].name, always[i].value, at, end);
    if (!is_added(exchange, "cache-control:"))
        rc |= add_header(wsi, "cache-control:", "no-store", at, end);
    for (unsigned i = 0; i < exchange->added_count; i++) {
        const char *name = exchange->added[i];
        rc |= add_header(wsi, name, name + strlen(name) + 1, at, end);
    }
    if (exchange->type != NULL)
        rc |= add_header(wsi, "content-type:", exchange->type, at, end);
    return rc;
}

static int write_head(struct gp_exchange *exchange)
{
    unsigned char bytes[LWS_PRE + HEAD_BYTES], *begin = bytes + LWS_PRE, *at = begin;
    unsigned char *end = bytes + sizeof bytes;
    struct lws *wsi = exchange->wsi;
    int rc = lws_add_http_header_status(wsi, (unsigned)exchange->status, &at, end);

    if (rc == 0)
        rc = add_all(exchange, &at, end);
    if (rc == 0 && (exchange->streaming || exchange->closes))
        rc = add_header(wsi, "connection:", "close", &at, end);
    if (rc == 0 && !exchange->streaming && exchange->status != 304)
        rc = lws_add_http_header_content_length(wsi, exchange->length, &at, end);
    if (rc == 0)
        rc = lws_finalize_http_header(wsi, &at, end);
    if (rc != 0)
        return -1;
    exchange->headers_sent = true;
    exchange->http->answered[exchange->status]++;
    size_t len = (size_t)(at - begin);
    return lws_write(wsi, begin, len, LWS_WRITE_HTTP_HEADERS) == (int)len ? 0 : -1;
}

/* One piece of the queue. */
static int write_piece(struct gp_exchange *exchange)
{
    struct gp_chunk *chunk = exchange->first;
    size_t len = chunk->len - chunk->sent;
    unsigned char *from = chunk->bytes + chunk->sent;

    /* libwebsockets may write over LWS_PRE bytes in front: they have left already, or are room */
    if (len > GP_HTTP_PIECE)
        len = GP_HTTP_PIECE;
    if (lws_write(exchange->wsi, from, len, LWS_WRITE_HTTP) < (int)len)
        return -1;
    chunk->sent += len;
    if (chunk->sent == chunk->len)
        gp_exchange_drop(exchange);
    return 0;
}

static int finish(struct gp_exchange *exchange)
{
    struct lws *wsi = exchange->wsi;
    bool close_it = exchange->streaming || exchange->closes; /* the first ends only so */

    *slot_of(wsi) = NULL;
    gp_exchange_free(exchange);
    return close_it || lws_http_transaction_completed(wsi) != 0 ? -1 : 0;
}

static int on_writable(struct lws *wsi)
{
    struct gp_exchange *exchange = *slot_of(wsi);
    int rc = 0;

    if (exchange == NULL || exchange->phase < GP_EXCHANGE_STREAM)
        return 0;
    if (!exchange->headers_sent)
        rc = write_head(exchange);
    else if (exchange->first != NULL)
        rc = write_piece(exchange);
    if (rc != 0)
        return -1;
    if (exchange->first != NULL)
        (void)lws_callback_on_writable(wsi);
    else if (exchange->phase == GP_EXCHANGE_ANSWERED)
        return finish(exchange);
    return 0;
}

static void lose(struct lws *wsi)
{
    struct gp_exchange **slot = slot_of(wsi);
    struct gp_exchange *exchange = slot != NULL ? *slot : NULL;

    if (exchange == NULL)
        return;
    *slot = NULL;
    if ((exchange->phase == GP_EXCHANGE_HANDLER || exchange->phase == GP_EXCHANGE_STREAM) &&
        exchange->gone != NULL)
        exchange->gone(exchange, exchange->gone_context);
    gp_exchange_free(exchange);
}

/* ---------------------------------------------------------------- events */

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t len)
{
    switch (reason) {
    case LWS_CALLBACK_HTTP:
        return begin(wsi);
    case LWS_CALLBACK_HTTP_BODY:
        return take_body(*slot_of(wsi), in, len);
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
        if (*slot_of(wsi) != NULL && (*slot_of(wsi))->phase == GP_EXCHANGE_BODY)
            hand_over(*slot_of(wsi));
        return 0;
    case LWS_CALLBACK_HTTP_WRITEABLE:
        return on_writable(wsi);
    case LWS_CALLBACK_CLOSED_HTTP:
    case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
        lose(wsi);
        return 0;
    default:
        return lws_callback_http_dummy(wsi, reason, user, in, len);
    }
}

static const struct lws_protocols protocols[] = {
    {.name = "http", .callback = on_event, .per_session_data_size = sizeof(struct gp_exchange *)},
    {0},
};

/* ---------------------------------------------------------------- who has left */

/* libwebsockets does not read while a request is being answered, so nothing tells it that the peer
 * has left: we look. */
static bool has_left(struct lws *wsi)
{
    char byte;
    ssize_t got = recv(lws_get_socket_fd(wsi), &byte, 1, MSG_PEEK | MSG_DONTWAIT);

    return got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
}

static void on_look(uv_timer_t *timer)
{
    struct gp_http *http = timer->data;

    for (struct gp_exchange *exchange = http->open; exchange != NULL; exchange = exchange->next) {
        if (exchange->phase != GP_EXCHANGE_BODY && has_left(exchange->wsi))
            lws_set_timeout(exchange->wsi, PENDING_TIMEOUT_CLOSE_SEND, LWS_TO_KILL_ASYNC);
    }
}

static void begin_looking(struct gp_http *http, uv_loop_t *loop)
{
    (void)uv_timer_init(loop, &http->look); /* fails never, and starting only without a callback */
    (void)uv_timer_start(&http->look, on_look, LOOK_MS, LOOK_MS);
    http->look.data = http;
}

/* ---------------------------------------------------------------- life */

int gp_http_open(uv_loop_t *loop, const struct gp_http_options *options, struct gp_http **ret_http)
{
    struct gp_http *http = calloc(1, sizeof *http);
    void *loops[1] = {loop};

    if (http == NULL)
        return GP_ENOMEM;
    http->options = *options;
    lws_set_log_level(0, NULL); /* strangers could fill the log with what they send */
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN_SERVER,
        .protocols = protocols,
        .options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS,
        .foreign_loops = loops,
        .user = http,
        .max_http_header_data = GP_HTTP_HEADER_MAX,
        .max_http_header_pool = GP_HTTP_PARALLEL,
        .timeout_secs = REQUEST_S,
        .keepalive_timeout = IDLE_S,
        .gid = (gid_t)-1,
        .uid = (uid_t)-1,
    };
    http->context = lws_create_context(&info);
    if (http->context == NULL) {
        free(http);
        return GP_ENOMEM;
    }
    begin_looking(http, loop);
    info.port = options->port;
    info.iface = options->host;
    info.vhost_name = "gridpost-web";
    if (strchr(options->host, ':') == NULL) /* else it would listen at every address, in both */
        info.options |= LWS_SERVER_OPTION_DISABLE_IPV6;
    http->vhost = lws_create_vhost(http->context, &info);
    *ret_http = http;
    return http->vhost != NULL ? 0 : GP_EIO;
}

uint16_t gp_http_port(const struct gp_http *http)
{
    return (uint16_t)lws_get_vhost_listen_port(http->vhost);
}

uint64_t gp_http_answered(const struct gp_http *http, int status)
{
    return http->answered[status];
}

void gp_http_close(struct gp_http *http)
{
    uv_close((uv_handle_t *)&http->look, NULL);
    lws_context_destroy(http->context);
}

void gp_http_free(struct gp_http *http)
{
    if (http == NULL)
        return;
    lws_context_destroy(http->context); /* its second half, when no handle is left */
    free(http);
}
