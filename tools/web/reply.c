/* What handlers answer with. */
#include "web/exchange.h"

#include <assert.h>
#include <stdlib.h>

void gp_http_add(struct gp_exchange *exchange, const char *name, const char *value)
{
    size_t name_size = strlen(name) + 1, value_size = strlen(value) + 1;

    assert(exchange->added_count < GP_HTTP_ADDED_MAX);
    char *added = malloc(name_size + value_size);
    if (added == NULL)
        return; /* the response then fails at what needs it, as if the header was lost on the way */
    memcpy(added, name, name_size);
    memcpy(added + name_size, value, value_size);
    exchange->added[exchange->added_count++] = added;
}

static void answered(struct gp_exchange *exchange)
{
    exchange->phase = GP_EXCHANGE_ANSWERED;
    exchange->gone = NULL;
    (void)lws_callback_on_writable(exchange->wsi);
}

void gp_http_reply(struct gp_exchange *exchange, int status, const char *type, struct gp_span body)
{
    bool bodiless = exchange->method == GP_HTTP_HEAD || status == 304 || status == 204;

    assert(exchange->phase == GP_EXCHANGE_HANDLER);
    exchange->status = status;
    exchange->type = type;
    exchange->length = body.len;
    if (!bodiless && gp_exchange_queue(exchange, body) != 0) {
        exchange->status = 500;
        exchange->length = 0;
    }
    answered(exchange);
}

void gp_http_json(struct gp_exchange *exchange, int status, json_t *object)
{
    char *text = object != NULL ? json_dumps(object, JSON_COMPACT) : NULL;

    json_decref(object);
    if (text == NULL) {
        gp_http_reply(exchange, 500, "application/json", GP_SPAN("{\"error\":\"memory\"}"));
        return;
    }
    gp_http_reply(exchange, status, "application/json", gp_span_of(text));
    free(text);
}

void gp_http_refuse(struct gp_exchange *exchange, int status, const char *reason,
                    const char *detail)
{
    if (detail != NULL && !gp_utf8_valid(gp_span_of(detail)))
        detail = NULL; /* it is what was sent, and that was no text */
    gp_http_json(exchange, status, json_pack("{s:s,s:s*}", "error", reason, "detail", detail));
}

void gp_http_stream(struct gp_exchange *exchange, const char *type)
{
    assert(exchange->phase == GP_EXCHANGE_HANDLER);
    exchange->status = 200;
    exchange->type = type;
    exchange->streaming = true;
    exchange->phase = GP_EXCHANGE_STREAM;
    (void)lws_callback_on_writable(exchange->wsi);
}

bool gp_http_push(struct gp_exchange *exchange, struct gp_span chunk)
{
    assert(exchange->phase == GP_EXCHANGE_STREAM);
    if (exchange->queued + chunk.len > GP_HTTP_QUEUE_MAX ||
        gp_exchange_queue(exchange, chunk) != 0) {
        while (exchange->first != NULL && exchange->first->sent == 0)
            gp_exchange_drop(exchange);
        answered(exchange);
        return false;
    }
    (void)lws_callback_on_writable(exchange->wsi);
    return true;
}

void gp_http_end(struct gp_exchange *exchange)
{
    assert(exchange->phase == GP_EXCHANGE_STREAM);
    answered(exchange);
}

void gp_http_on_gone(struct gp_exchange *exchange,
                     void (*gone)(struct gp_exchange *exchange, void *context), void *context)
{
    exchange->gone = gone;
    exchange->gone_context = context;
}
