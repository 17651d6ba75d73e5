#include "base/frame.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/limits.h"

#include <assert.h>
#include <string.h>

#define LENGTH_BYTES 8
#define HOP_BYTES    4

/* The least that a length can be of which only the first bytes are known. */
static uint64_t least_length(const unsigned char *bytes, size_t len)
{
    unsigned char length[LENGTH_BYTES] = {0};

    memcpy(length, bytes, len < LENGTH_BYTES ? len : LENGTH_BYTES);
    return gp_get_u64(length);
}

/* Of a body of `whole` bytes of which `len` are there. */
static int look_path(const unsigned char *body, size_t len, size_t whole)
{
    for (size_t hop = 0; hop < GP_GATE_HOPS_MAX; hop++) {
        size_t at = hop * HOP_BYTES;
        if (at + HOP_BYTES > whole)
            return GP_EFORMAT;
        if (at >= len || body[at] >= 0x80)
            return 0;
    }
    return GP_EFORMAT;
}

int gp_frame_look(const struct gp_frame_rule *rule, const unsigned char *bytes, size_t len,
                  size_t *ret_bytes)
{
    size_t type = rule->ipc ? 1 : 0;
    size_t head = type + LENGTH_BYTES;

    if (len < type) {
        *ret_bytes = head;
        return GP_EAGAIN;
    }
    if (rule->ipc && bytes[0] != GP_SP_IPC_TYPE)
        return GP_EFORMAT;
    uint64_t body = least_length(bytes + type, len - type);
    if (body > rule->body_max)
        return GP_ELIMIT;
    if (len < head) {
        *ret_bytes = head;
        return GP_EAGAIN;
    }
    if (rule->path && look_path(bytes + head, len - head, (size_t)body) != 0)
        return GP_EFORMAT;
    *ret_bytes = head + (size_t)body;
    return len < *ret_bytes ? GP_EAGAIN : 0;
}

void gp_frame_write_head(uint32_t number, size_t len,
                         unsigned char ret_head[GP_FRAME_HEAD_BYTES + GP_FRAME_PATH_BYTES])
{
    assert((number & GP_FRAME_PATH_LAST) != 0);
    ret_head[0] = GP_SP_IPC_TYPE;
    gp_put_u64(ret_head + 1, GP_FRAME_PATH_BYTES + len);
    gp_put_u32(ret_head + GP_FRAME_HEAD_BYTES, number);
}
