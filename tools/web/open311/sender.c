/* Who speaks: the key, and what a form says of its sender, made plain. */
#include "web/open311/internal.h"

#include <stdio.h>

/* Bytes of a single field. Together they leave the text some eight hundred. */
#define ADDRESS_BYTES_MAX 300
#define MEDIA_BYTES_MAX   300
#define PERSON_BYTES_MAX  100 /* names, and the email */
#define CLIENT_BYTES_MAX  64

static void fail(struct gp_open311_call *call, enum gp_open311_word word, struct gp_span about)
{
    gp_open311_fail(call, GP_OPEN311_BAD, word, about);
}

static struct gp_span get(const struct gp_open311_call *call, const char *name)
{
    return gp_open311_form_get(&call->form, name);
}

/* ---------------------------------------------------------------- texts */

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\t';
}

static struct gp_span trimmed(struct gp_span text)
{
    while (text.len > 0 && is_blank(text.ptr[0]))
        text = (struct gp_span){text.ptr + 1, text.len - 1};
    while (text.len > 0 && is_blank(text.ptr[text.len - 1]))
        text.len--;
    return text;
}

struct gp_span gp_open311_plain(struct gp_open311_call *call, struct gp_span text, bool lines)
{
    char *copy = gp_arena_alloc(&call->arena, text.len + 1);
    size_t used = 0;

    if (copy == NULL) {
        gp_open311_fail(call, GP_OPEN311_BROKEN, GP_OPEN311_FAILED, (struct gp_span){0});
        return (struct gp_span){0};
    }
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        unsigned char next = i + 1 < text.len ? (unsigned char)text.ptr[i + 1] : 0;
        if (c == '\r' && next == '\n')
            continue;
        if (c == 0xC2 && next < 0xA0) { /* U+0080 to U+009F */
            copy[used++] = ' ';
            i++;
        } else if (c == '\r' || c == '\n') {
            copy[used++] = lines ? '\n' : ' ';
        } else {
            copy[used++] = c < 0x20 || c == 0x7F ? ' ' : (char)c;
        }
    }
    return trimmed((struct gp_span){copy, used});
}

struct gp_span gp_open311_line(struct gp_open311_call *call, const char *name, size_t most)
{
    struct gp_span text = gp_open311_plain(call, get(call, name), false);

    if (text.len <= most)
        return text;
    fail(call, GP_OPEN311_TOO_LONG, gp_span_of(name));
    return (struct gp_span){0};
}

/* "john smith", "王五": or what there is of it. */
static struct gp_span full_name(struct gp_open311_call *call)
{
    struct gp_span first = gp_open311_line(call, "first_name", PERSON_BYTES_MAX);
    struct gp_span last = gp_open311_line(call, "last_name", PERSON_BYTES_MAX);
    bool latin = first.len > 0 && (unsigned char)first.ptr[0] < 0x80;
    char text[2 * PERSON_BYTES_MAX + 2];

    if (first.len == 0 || last.len == 0)
        return first.len > 0 ? first : last;
    int len = latin
                  ? snprintf(text, sizeof text, "%.*s %.*s", GP_SPAN_ARG(first), GP_SPAN_ARG(last))
                  : snprintf(text, sizeof text, "%.*s%.*s", GP_SPAN_ARG(last), GP_SPAN_ARG(first));
    struct gp_span copy = gp_arena_copy(&call->arena, (struct gp_span){text, (size_t)len});
    return copy.ptr != NULL ? copy : last;
}

static bool is_web_address(struct gp_span text)
{
    return (text.len > 7 && memcmp(text.ptr, "http://", 7) == 0) ||
           (text.len > 8 && memcmp(text.ptr, "https://", 8) == 0);
}

void gp_open311_sender(struct gp_open311_call *call, struct gp_span client,
                       struct gp_open311_tail *ret_tail)
{
    *ret_tail = (struct gp_open311_tail){
        .address = gp_open311_line(call, "address_string", ADDRESS_BYTES_MAX),
        .media = gp_open311_line(call, "media_url", MEDIA_BYTES_MAX),
        .name = full_name(call),
        .email = gp_open311_line(call, "email", PERSON_BYTES_MAX),
    };
    if (client.len <= CLIENT_BYTES_MAX && gp_utf8_valid(client))
        ret_tail->client = gp_open311_plain(call, client, false);
    if (ret_tail->media.len > 0 && !is_web_address(ret_tail->media))
        fail(call, GP_OPEN311_BAD_MEDIA, (struct gp_span){0});
}

bool gp_open311_has_key(struct gp_open311_call *call, struct gp_span *ret_client)
{
    struct gp_span client = {0};

    if (call->city.key == NULL ||
        !call->city.key(call->city.key_context, get(call, "api_key"), &client)) {
        gp_open311_fail_now(call, GP_OPEN311_DENIED, GP_OPEN311_BAD_KEY, (struct gp_span){0});
        return false;
    }
    *ret_client = client;
    return true;
}
