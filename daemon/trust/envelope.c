#include "trust/envelope.h"

#include "trust/internal.h"

#define KEY_AT     2
#define SESSION_AT 2
#define COUNTER_AT (SESSION_AT + GP_SESSION_ID_BYTES)
#define DEVICE_AT  (KEY_AT + GP_KEY_ID_BYTES)

/* What lies between the two first bytes and the body. */
enum form { PLAIN, KEY, KEY_DEVICE, SESSION, SESSION_COUNTER };

static const size_t head_bytes[] = {
    [PLAIN] = KEY_AT,
    [KEY] = DEVICE_AT,
    [KEY_DEVICE] = DEVICE_AT + 8,
    [SESSION] = COUNTER_AT,
    [SESSION_COUNTER] = COUNTER_AT + 8,
};

static const struct kind {
    enum form form;
    bool exact; /* len is the length; otherwise the least */
    size_t len;
} kinds[] = {
    [GP_ENVELOPE_HELLO] = {KEY, true, GP_HELLO_BYTES},
    [GP_ENVELOPE_WELCOME] = {PLAIN, true, GP_WELCOME_BYTES},
    [GP_ENVELOPE_JOIN] = {KEY_DEVICE, true, GP_JOIN_BYTES},
    [GP_ENVELOPE_JOINED] = {PLAIN, true, GP_JOINED_BYTES},
    [GP_ENVELOPE_REQUEST] = {SESSION_COUNTER, false, GP_ENVELOPE_OVERHEAD},
    [GP_ENVELOPE_ANSWER] = {SESSION_COUNTER, false, GP_ENVELOPE_OVERHEAD},
    [GP_ENVELOPE_AGAIN] = {SESSION, true, GP_AGAIN_BYTES},
};

static_assert(COUNTER_AT + 8 == GP_ENVELOPE_HEAD_MAX, "the longest head");

bool gp_envelope_is(struct gp_span message)
{
    return message.len > 0 && (gp_bytes(message)[0] & 0xF0) == GP_ENVELOPE_MARK;
}

static void read_head(const unsigned char *head, struct gp_envelope *envelope)
{
    switch (kinds[envelope->type].form) {
    case KEY_DEVICE:
        envelope->device = gp_get_u64(head + DEVICE_AT);
        memcpy(envelope->key_id, head + KEY_AT, GP_KEY_ID_BYTES);
        break;
    case KEY:
        memcpy(envelope->key_id, head + KEY_AT, GP_KEY_ID_BYTES);
        break;
    case SESSION_COUNTER:
        envelope->counter = gp_get_u64(head + COUNTER_AT);
        memcpy(envelope->session, head + SESSION_AT, GP_SESSION_ID_BYTES);
        break;
    case SESSION:
        memcpy(envelope->session, head + SESSION_AT, GP_SESSION_ID_BYTES);
        break;
    case PLAIN:
        break;
    }
}

int gp_envelope_read(struct gp_span message, struct gp_envelope *ret_envelope)
{
    const unsigned char *bytes = gp_bytes(message);
    struct gp_envelope envelope = {0};
    const struct kind *kind;
    size_t head;

    if (!gp_envelope_is(message))
        return GP_EFORMAT;
    if ((bytes[0] & 0x0F) != GP_ENVELOPE_VERSION)
        return GP_EVERSION;
    if (message.len < KEY_AT || bytes[1] < GP_ENVELOPE_HELLO || bytes[1] > GP_ENVELOPE_AGAIN)
        return GP_EFORMAT;
    envelope.type = bytes[1];
    kind = &kinds[envelope.type];
    if (kind->exact ? message.len != kind->len : message.len < kind->len)
        return GP_EFORMAT;
    head = head_bytes[kind->form];
    envelope.head = (struct gp_span){message.ptr, head};
    envelope.body = (struct gp_span){message.ptr + head, message.len - head};
    read_head(bytes, &envelope);
    *ret_envelope = envelope;
    return 0;
}

size_t gp_envelope_write_head(const struct gp_envelope *envelope,
                              unsigned char ret_head[GP_ENVELOPE_HEAD_MAX])
{
    enum form form = kinds[envelope->type].form;

    ret_head[0] = GP_ENVELOPE_MARK | GP_ENVELOPE_VERSION;
    ret_head[1] = (unsigned char)envelope->type;
    if (form == KEY || form == KEY_DEVICE)
        memcpy(ret_head + KEY_AT, envelope->key_id, GP_KEY_ID_BYTES);
    if (form == KEY_DEVICE)
        gp_put_u64(ret_head + DEVICE_AT, envelope->device);
    if (form == SESSION || form == SESSION_COUNTER)
        memcpy(ret_head + SESSION_AT, envelope->session, GP_SESSION_ID_BYTES);
    if (form == SESSION_COUNTER)
        gp_put_u64(ret_head + COUNTER_AT, envelope->counter);
    return head_bytes[form];
}

void gp_again_write(const unsigned char session[GP_SESSION_ID_BYTES],
                    unsigned char ret_message[GP_AGAIN_BYTES])
{
    struct gp_envelope again = {.type = GP_ENVELOPE_AGAIN};
    unsigned char head[GP_ENVELOPE_HEAD_MAX];
    size_t len;

    memcpy(again.session, session, GP_SESSION_ID_BYTES);
    len = gp_envelope_write_head(&again, head);
    assert(len == GP_AGAIN_BYTES); /* it has no body */
    memcpy(ret_message, head, len);
}
