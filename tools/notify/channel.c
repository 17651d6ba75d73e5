#include "notify/channel.h"

#include "notify/sign.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void gp_outgoing_release(struct gp_outgoing *outgoing)
{
    gp_buffer_release(&outgoing->url);
    gp_buffer_release(&outgoing->body);
    for (size_t i = 0; i < outgoing->header_count; i++)
        gp_buffer_release(&outgoing->header[i]);
    *outgoing = (struct gp_outgoing){0};
}

static bool is_whole(const struct gp_outgoing *outgoing)
{
    bool whole = !outgoing->url.failed && !outgoing->body.failed;

    for (size_t i = 0; i < outgoing->header_count; i++)
        whole = whole && !outgoing->header[i].failed;
    return whole;
}

static struct gp_buffer *new_header(struct gp_outgoing *outgoing)
{
    return &outgoing->header[outgoing->header_count++];
}

/* ---------------------------------------------------------------- webhook */

/* The signature is over the time and the body, so that an old request cannot be sent again later
 * by somebody else. */
static void write_webhook(const struct gp_channel *channel, const struct gp_message *message,
                          int64_t now_ms, struct gp_outgoing *outgoing)
{
    struct gp_buffer text = {0};
    unsigned char mac[GP_HMAC_BYTES];
    struct gp_buffer *header;

    gp_buffer_say(&outgoing->url, channel->url);
    gp_buffer_add(&outgoing->body, gp_buffer_span(&message->json));
    gp_buffer_say(new_header(outgoing), "Content-Type: application/json");
    gp_buffer_printf(new_header(outgoing), "Gridpost-Notice: %s", message->id.ptr);
    gp_buffer_printf(new_header(outgoing), "Gridpost-Time: %" PRId64, now_ms / 1000);
    if (channel->secret[0][0] == '\0')
        return;
    gp_buffer_printf(&text, "%" PRId64 ".", now_ms / 1000);
    gp_buffer_add(&text, gp_buffer_span(&message->json));
    gp_hmac_sha256(gp_span_of(channel->secret[0]), gp_buffer_span(&text), mac);
    header = new_header(outgoing);
    gp_buffer_say(header, "Gridpost-Signature: v1=");
    gp_buffer_hex(header, (struct gp_span){(const char *)mac, sizeof mac});
    header->failed = header->failed || text.failed;
    gp_buffer_release(&text);
}

/* ---------------------------------------------------------------- robots */

/* Both take {"msgtype":"text","text":{"content":…}}. */
static void write_text_body(const struct gp_message *message, struct gp_outgoing *outgoing)
{
    json_t *object = json_object(), *text = json_object();
    char *dump;

    json_object_set_new(text, "content", json_stringn(message->text.ptr, message->text.len));
    json_object_set_new(object, "msgtype", json_string("text"));
    json_object_set_new(object, "text", text);
    dump = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    if (dump == NULL)
        outgoing->body.failed = true;
    else
        gp_buffer_say(&outgoing->body, dump);
    free(dump);
    gp_buffer_say(new_header(outgoing), "Content-Type: application/json");
    gp_buffer_printf(new_header(outgoing), "Gridpost-Notice: %s", message->id.ptr);
}

static void write_wecom(const struct gp_channel *channel, const struct gp_message *message,
                        struct gp_outgoing *outgoing)
{
    gp_buffer_printf(&outgoing->url, "%s?key=", channel->url);
    gp_buffer_percent(&outgoing->url, gp_span_of(channel->secret[0]));
    write_text_body(message, outgoing);
}

/* sign = base64(HMAC-SHA256(secret, "TIME\nSECRET")), TIME in milliseconds. */
static void sign_dingtalk(const char *secret, int64_t now_ms, struct gp_buffer *url)
{
    struct gp_buffer text = {0}, sign = {0};
    unsigned char mac[GP_HMAC_BYTES];

    gp_buffer_printf(&text, "%" PRId64 "\n%s", now_ms, secret);
    gp_hmac_sha256(gp_span_of(secret), gp_buffer_span(&text), mac);
    gp_buffer_base64(&sign, (struct gp_span){(const char *)mac, sizeof mac});
    gp_buffer_printf(url, "&timestamp=%" PRId64 "&sign=", now_ms);
    gp_buffer_percent(url, gp_buffer_span(&sign));
    url->failed = url->failed || text.failed || sign.failed;
    gp_buffer_release(&text);
    gp_buffer_release(&sign);
}

static void write_dingtalk(const struct gp_channel *channel, const struct gp_message *message,
                           int64_t now_ms, struct gp_outgoing *outgoing)
{
    gp_buffer_printf(&outgoing->url, "%s?access_token=", channel->url);
    gp_buffer_percent(&outgoing->url, gp_span_of(channel->secret[0]));
    if (channel->secret[1][0] != '\0')
        sign_dingtalk(channel->secret[1], now_ms, &outgoing->url);
    write_text_body(message, outgoing);
}

/* ---------------------------------------------------------------- mail */

static void write_smtp(const struct gp_channel *channel, const char *address,
                       const struct gp_message *message, int64_t now_ms,
                       struct gp_outgoing *outgoing)
{
    outgoing->mail = true;
    outgoing->from = channel->from;
    outgoing->to = address;
    if (channel->secret[0][0] != '\0') {
        outgoing->user = channel->secret[0];
        outgoing->password = channel->secret[1];
    }
    gp_buffer_say(&outgoing->url, channel->url);
    gp_mail_write(channel, address, message, now_ms, &outgoing->body);
}

int gp_channel_write(const struct gp_channel *channel, const char *address,
                     const struct gp_message *message, int64_t now_ms,
                     struct gp_outgoing *ret_outgoing)
{
    struct gp_outgoing outgoing = {.ca_file = channel->ca_file, .proxy = channel->proxy};

    switch ((enum gp_channel_kind)channel->kind) {
    case GP_CHANNEL_WEBHOOK:
        write_webhook(channel, message, now_ms, &outgoing);
        break;
    case GP_CHANNEL_WECOM:
        write_wecom(channel, message, &outgoing);
        break;
    case GP_CHANNEL_DINGTALK:
        write_dingtalk(channel, message, now_ms, &outgoing);
        break;
    case GP_CHANNEL_SMTP:
        write_smtp(channel, address, message, now_ms, &outgoing);
        break;
    }
    if (!is_whole(&outgoing)) {
        gp_outgoing_release(&outgoing);
        return GP_ENOMEM;
    }
    *ret_outgoing = outgoing;
    return 0;
}

/* ---------------------------------------------------------------- verdicts */

__attribute__((format(printf, 3, 4))) static void
say(struct gp_verdict *verdict, enum gp_verdict_kind kind, const char *format, ...)
{
    va_list arguments;

    verdict->kind = kind;
    va_start(arguments, format);
    (void)vsnprintf(verdict->why, sizeof verdict->why, format, arguments);
    va_end(arguments);
}

static const char *ending_text(enum gp_ending ending)
{
    switch (ending) {
    case GP_ENDING_UNREACHED:
        return "the server cannot be reached";
    case GP_ENDING_TIMED_OUT:
        return "no answer in time";
    case GP_ENDING_BROKEN:
        return "the connection broke, or the answer was none";
    case GP_ENDING_TLS:
        return "TLS: the server's certificate is not good";
    case GP_ENDING_DENIED:
        return "the mail server takes neither user nor password";
    case GP_ENDING_ANSWERED:
        break;
    }
    return "answered";
}

/* What is wrong with this very message stays wrong; all else somebody may mend. */
static void judge_http(long status, struct gp_verdict *verdict)
{
    if (status >= 200 && status < 300)
        verdict->kind = GP_VERDICT_SENT;
    else if (status == 400 || status == 413 || status == 422)
        say(verdict, GP_VERDICT_REFUSED, "HTTP %ld", status);
    else
        say(verdict, GP_VERDICT_RETRY, "HTTP %ld", status);
}

/* 4xx is a mail server's "later"; 5xx is for good, but for those that are about us. */
static void judge_smtp(long status, struct gp_verdict *verdict)
{
    if (status >= 200 && status < 300)
        verdict->kind = GP_VERDICT_SENT;
    else if (status >= 550 && status <= 554)
        say(verdict, GP_VERDICT_REFUSED, "SMTP %ld", status);
    else
        say(verdict, GP_VERDICT_RETRY, "SMTP %ld", status);
}

#define WECOM_TOO_FAST      45009
#define WECOM_TOO_LONG      45002
#define DINGTALK_TOO_FAST_1 130101
#define DINGTALK_TOO_FAST_2 410100
#define WECOM_PAUSE_MS      60000  /* it counts by the minute, */
#define DINGTALK_PAUSE_MS   600000 /* and so does this one, but then takes nothing for ten */

/* Robots answer 200 whatever happens; errcode says what. Its words may repeat the key, so the
 * number is all that is kept. */
static void judge_robot(const struct gp_answer *answer, struct gp_verdict *verdict)
{
    json_t *object = json_loadb(answer->body, answer->body_len, 0, NULL);
    const json_t *code = json_object_get(object, "errcode");
    json_int_t number = json_integer_value(code);

    if (!json_is_integer(code))
        say(verdict, GP_VERDICT_RETRY, "the answer is not a robot's");
    else if (number == 0)
        verdict->kind = GP_VERDICT_SENT;
    else if (number == WECOM_TOO_LONG)
        say(verdict, GP_VERDICT_REFUSED, "errcode %" PRId64, (int64_t)number);
    else
        say(verdict, GP_VERDICT_RETRY, "errcode %" PRId64, (int64_t)number);
    if (number == WECOM_TOO_FAST)
        verdict->after_ms = WECOM_PAUSE_MS;
    if (number == DINGTALK_TOO_FAST_1 || number == DINGTALK_TOO_FAST_2)
        verdict->after_ms = DINGTALK_PAUSE_MS;
    json_decref(object);
}

void gp_channel_judge(const struct gp_channel *channel, const struct gp_answer *answer,
                      struct gp_verdict *ret_verdict)
{
    struct gp_verdict verdict = {.kind = GP_VERDICT_RETRY, .after_ms = answer->after_ms};

    if (answer->ending != GP_ENDING_ANSWERED)
        say(&verdict, GP_VERDICT_RETRY, "%s", ending_text(answer->ending));
    else if (channel->kind == GP_CHANNEL_SMTP)
        judge_smtp(answer->status, &verdict);
    else
        judge_http(answer->status, &verdict);
    if (verdict.kind == GP_VERDICT_SENT &&
        (channel->kind == GP_CHANNEL_WECOM || channel->kind == GP_CHANNEL_DINGTALK))
        judge_robot(answer, &verdict);
    *ret_verdict = verdict;
}
