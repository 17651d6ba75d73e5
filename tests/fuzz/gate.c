/*
 * A stream of bytes, cut as its first byte says, through the gate's framing. What is promised: the
 * same messages are found however the stream is cut, each within its limits and, where it must,
 * with a return path; what is refused stays refused with more bytes; and nobody is told to wait for
 * bytes that are there.
 */
#include "fuzz.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/frame.h"
#include "base/limits.h"

static const struct gp_frame_rule rules[] = {
    {.path = true, .body_max = GP_GATE_REQUEST_BYTES},
    {.ipc = true, .body_max = GP_GATE_REPLY_BYTES},
    {.ipc = true, .body_max = GP_GATE_HINT_BYTES},
};

static void check_message(const struct gp_frame_rule *rule, const uint8_t *message, size_t len)
{
    size_t head = rule->ipc ? 9 : 8, hop = 0;

    PROMISE(len >= head && len - head <= rule->body_max);
    PROMISE(gp_get_u64(message + head - 8) == len - head);
    if (!rule->path)
        return;
    while (hop < GP_GATE_HOPS_MAX && message[head + 4 * hop] < 0x80)
        hop++;
    PROMISE(hop < GP_GATE_HOPS_MAX && head + 4 * (hop + 1) <= len);
}

/* The answer for the whole, checked against those for `step` bytes more each time. */
static int look(const struct gp_frame_rule *rule, const uint8_t *data, size_t size, size_t step,
                size_t *ret_bytes)
{
    size_t need = 0, known = 0;
    int whole = gp_frame_look(rule, data, size, ret_bytes);

    for (size_t len = 0; len < size; len += step) {
        int rc = gp_frame_look(rule, data, len, &need);
        if (rc == 0) {
            PROMISE(whole == 0 && need == *ret_bytes && need <= len);
            break;
        }
        if (rc != GP_EAGAIN) {
            PROMISE(whole == rc || whole == GP_ELIMIT || whole == GP_EFORMAT);
            break;
        }
        PROMISE(need > len && need >= known);
        known = need;
    }
    return whole;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    const struct gp_frame_rule *rule = &rules[data[0] % (sizeof rules / sizeof rules[0])];
    size_t step = (size_t)data[1] + 1, bytes;
    data += 2;
    size -= 2;
    for (int rc = 0; rc == 0;) {
        rc = look(rule, data, size, step, &bytes);
        PROMISE(rc == 0 || rc == GP_EAGAIN || rc == GP_EFORMAT || rc == GP_ELIMIT);
        if (rc == GP_EAGAIN)
            PROMISE(bytes > size);
        if (rc == 0) {
            PROMISE(bytes <= size);
            check_message(rule, data, bytes);
            data += bytes;
            size -= bytes;
        }
    }
    return 0;
}
