/* A request's parts, taken out of libwebsockets' tables at once: those are needed for the next. */
#include "web/exchange.h"

#include <stdlib.h>

const char *const gp_http_known_header[] = {
    "accept-encoding", "accept-language", "authorization", "content-type", "cookie", "host",
    "if-none-match",   "last-event-id",   "origin",        "x-csrf",       NULL};

static const int token_of[] = {WSI_TOKEN_HTTP_ACCEPT_ENCODING,
                               WSI_TOKEN_HTTP_ACCEPT_LANGUAGE,
                               WSI_TOKEN_HTTP_AUTHORIZATION,
                               WSI_TOKEN_HTTP_CONTENT_TYPE,
                               WSI_TOKEN_HTTP_COOKIE,
                               WSI_TOKEN_HOST,
                               WSI_TOKEN_HTTP_IF_NONE_MATCH,
                               -1,
                               WSI_TOKEN_ORIGIN,
                               -1};

struct gp_exchange *gp_exchange_new(struct gp_http *http, struct lws *wsi,
                                    struct gp_exchange **list)
{
    struct gp_exchange *exchange = calloc(1, sizeof *exchange);

    if (exchange == NULL)
        return NULL;
    exchange->http = http;
    exchange->wsi = wsi;
    exchange->last = &exchange->first;
    exchange->next = *list;
    exchange->link = list;
    if (*list != NULL)
        (*list)->link = &exchange->next;
    *list = exchange;
    return exchange;
}

void gp_exchange_drop(struct gp_exchange *exchange)
{
    struct gp_chunk *chunk = exchange->first;

    exchange->first = chunk->next;
    if (exchange->first == NULL)
        exchange->last = &exchange->first;
    exchange->queued -= chunk->len;
    free(chunk);
}

void gp_exchange_free(struct gp_exchange *exchange)
{
    if (exchange == NULL)
        return;
    *exchange->link = exchange->next;
    if (exchange->next != NULL)
        exchange->next->link = exchange->link;
    while (exchange->first != NULL)
        gp_exchange_drop(exchange);
    for (size_t i = 0; gp_http_known_header[i] != NULL; i++)
        free(exchange->header[i]);
    for (unsigned i = 0; i < exchange->added_count; i++)
        free(exchange->added[i]);
    free(exchange->path);
    free(exchange->query_text);
    free(exchange->encoded_path);
    free(exchange->encoded_query);
    free(exchange->body);
    free(exchange);
}

int gp_exchange_queue(struct gp_exchange *exchange, struct gp_span bytes)
{
    if (bytes.len == 0)
        return 0;
    struct gp_chunk *chunk = malloc(sizeof *chunk + bytes.len);
    if (chunk == NULL)
        return GP_ENOMEM;
    chunk->next = NULL;
    chunk->len = bytes.len;
    chunk->sent = 0;
    memcpy(chunk->bytes, bytes.ptr, bytes.len);
    *exchange->last = chunk;
    exchange->last = &chunk->next;
    exchange->queued += bytes.len;
    return 0;
}

/* ---------------------------------------------------------------- the head */

/* A copy of a header, NUL-terminated; NULL: it is not there, or *error says why. */
static char *copy_token(struct lws *wsi, int token, int *error)
{
    int len = lws_hdr_total_length(wsi, (enum lws_token_indexes)token);
    if (len <= 0)
        return NULL;
    char *text = malloc((size_t)len + 1);
    if (text == NULL) {
        *error = GP_ENOMEM;
        return NULL;
    }
    if (lws_hdr_copy(wsi, text, len + 1, (enum lws_token_indexes)token) < 0)
        text[0] = '\0';
    text[len] = '\0';
    return text;
}

static char *copy_custom(struct lws *wsi, const char *name, int *error)
{
    char with_colon[32];
    int name_len = snprintf(with_colon, sizeof with_colon, "%s:", name);
    int len = lws_hdr_custom_length(wsi, with_colon, name_len);

    if (len < 0)
        return NULL;
    char *text = malloc((size_t)len + 1);
    if (text == NULL) {
        *error = GP_ENOMEM;
        return NULL;
    }
    if (lws_hdr_custom_copy(wsi, text, len + 1, with_colon, name_len) < 0)
        text[0] = '\0';
    text[len] = '\0';
    return text;
}

static int read_headers(struct gp_exchange *exchange)
{
    int error = 0;

    for (size_t i = 0; gp_http_known_header[i] != NULL; i++)
        exchange->header[i] = token_of[i] >= 0
                                  ? copy_token(exchange->wsi, token_of[i], &error)
                                  : copy_custom(exchange->wsi, gp_http_known_header[i], &error);
    return error;
}

static void set_pair(struct gp_pairs *pairs, char *text)
{
    char *equal = strchr(text, '=');

    if (equal != NULL)
        *equal = '\0';
    pairs->pair[pairs->count++] =
        (struct gp_pair){text, equal != NULL ? equal + 1 : text + strlen(text)};
}

/* libwebsockets has cut the query at "&" and decoded each piece. Some are empty, as in "a=1&&b=2".
 * Its length; -1: there is no such piece. */
static int piece_length(struct lws *wsi, int piece)
{
    char none[1];
    int len = lws_hdr_fragment_length(wsi, WSI_TOKEN_HTTP_URI_ARGS, piece);

    if (len == 0)
        len = lws_hdr_copy_fragment(wsi, none, sizeof none, WSI_TOKEN_HTTP_URI_ARGS, piece);
    return len;
}

static int read_query(struct gp_exchange *exchange)
{
    struct lws *wsi = exchange->wsi;
    size_t room = 1;
    int len;

    for (int i = 0; (len = piece_length(wsi, i)) >= 0; i++)
        room += (size_t)len + 1;
    exchange->query_text = malloc(room);
    if (exchange->query_text == NULL)
        return GP_ENOMEM;
    char *at = exchange->query_text;
    for (int i = 0; (len = piece_length(wsi, i)) >= 0; i++) {
        if (len == 0)
            continue;
        if (exchange->query.count == GP_HTTP_PAIRS_MAX ||
            lws_hdr_copy_fragment(wsi, at, len + 1, WSI_TOKEN_HTTP_URI_ARGS, i) < 0)
            return GP_ELIMIT;
        at[len] = '\0';
        set_pair(&exchange->query, at);
        at += len + 1;
    }
    return 0;
}

static enum gp_http_method method_of(int lws_method)
{
    switch (lws_method) {
    case LWSHUMETH_GET:
        return GP_HTTP_GET;
    case LWSHUMETH_HEAD:
        return GP_HTTP_HEAD;
    case LWSHUMETH_POST:
        return GP_HTTP_POST;
    default:
        return GP_HTTP_OTHER;
    }
}

/* The last address of X-Forwarded-For is the one that our own proxy has seen, whatever the caller
 * has put before it. */
static int read_peer(struct gp_exchange *exchange, bool behind_proxy)
{
    int error = 0;
    char *list = behind_proxy ? copy_token(exchange->wsi, WSI_TOKEN_X_FORWARDED_FOR, &error) : NULL;

    if (list != NULL) {
        const char *comma = strrchr(list, ',');
        const char *last = comma != NULL ? comma + 1 : list;
        last += strspn(last, " ");
        (void)snprintf(exchange->peer, sizeof exchange->peer, "%.63s", last);
    } else {
        (void)lws_get_peer_simple(exchange->wsi, exchange->peer, sizeof exchange->peer);
    }
    free(list);
    return error;
}

int gp_exchange_read_head(struct gp_exchange *exchange, bool behind_proxy)
{
    char *uri = NULL;
    int len = 0;

    exchange->method = method_of(lws_http_get_uri_and_method(exchange->wsi, &uri, &len));
    exchange->path = uri != NULL ? strndup(uri, (size_t)len) : strdup("/");
    int rc = exchange->path != NULL ? read_peer(exchange, behind_proxy) : GP_ENOMEM;
    if (rc == 0)
        rc = read_query(exchange);
    return rc == 0 ? read_headers(exchange) : rc;
}

/* ---------------------------------------------------------------- the body */

int gp_exchange_add_body(struct gp_exchange *exchange, struct gp_span piece)
{
    size_t need = exchange->body_len + piece.len + 1;

    if (exchange->body_len + piece.len > GP_HTTP_BODY_MAX)
        return GP_ELIMIT;
    if (need > exchange->body_of) {
        size_t of = need * 2;
        char *body = realloc(exchange->body, of);
        if (body == NULL)
            return GP_ENOMEM;
        exchange->body = body;
        exchange->body_of = of;
    }
    if (piece.len > 0)
        memcpy(exchange->body + exchange->body_len, piece.ptr, piece.len);
    exchange->body_len += piece.len;
    exchange->body[exchange->body_len] = '\0';
    return 0;
}

/* ---------------------------------------------------------------- what handlers ask */

enum gp_http_method gp_http_method(const struct gp_exchange *exchange)
{
    return exchange->method;
}

const char *gp_http_path(const struct gp_exchange *exchange)
{
    return exchange->path;
}

const char *gp_http_peer(const struct gp_exchange *exchange)
{
    return exchange->peer;
}

struct gp_span gp_http_body(const struct gp_exchange *exchange)
{
    return (struct gp_span){exchange->body, exchange->body_len};
}

static const char *find(const struct gp_pairs *pairs, const char *name)
{
    for (size_t i = 0; i < pairs->count; i++) {
        if (strcmp(pairs->pair[i].name, name) == 0)
            return pairs->pair[i].value;
    }
    return NULL;
}

const char *gp_http_query(const struct gp_exchange *exchange, const char *name)
{
    return find(&exchange->query, name);
}

const char *gp_http_header(const struct gp_exchange *exchange, const char *name)
{
    for (size_t i = 0; gp_http_known_header[i] != NULL; i++) {
        if (strcmp(gp_http_known_header[i], name) == 0)
            return exchange->header[i];
    }
    return NULL;
}

bool gp_http_cookie(const struct gp_exchange *exchange, const char *name, char *ret_value,
                    size_t size)
{
    const char *at = gp_http_header(exchange, "cookie");
    size_t name_len = strlen(name);

    while (at != NULL && *at != '\0') {
        at += strspn(at, "; ");
        size_t len = strcspn(at, ";");
        if (len > name_len && strncmp(at, name, name_len) == 0 && at[name_len] == '=') {
            size_t value_len = len - name_len - 1;
            if (value_len >= size)
                return false;
            memcpy(ret_value, at + name_len + 1, value_len);
            ret_value[value_len] = '\0';
            return true;
        }
        at += len;
    }
    return false;
}
