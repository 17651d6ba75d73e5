#include "bench/sp.h"

#include "base/bytes.h"
#include "base/sp.h"
#include "bench/load.h"

#include <poll.h>
#include <string.h>
#include <sys/uio.h>

#define NUMBER_BYTES 4
#define LAST         UINT32_C(0x80000000) /* ends the path of an SP header */

static size_t head_bytes(const struct sp *sp)
{
    return sp->ipc ? 9 : 8;
}

static void await(const struct sp *sp)
{
    struct pollfd one = {.fd = sp->fd, .events = POLLIN};

    if (poll(&one, 1, 30000) != 1)
        load_die("the server is silent");
}

void sp_open(struct sp *sp, const char *address)
{
    unsigned char opening[GP_SP_BYTES];
    size_t have = 0;

    *sp = (struct sp){.fd = load_connect(address), .ipc = strncmp(address, "ipc", 3) == 0};
    gp_sp_write(GP_SP_REQ, opening);
    load_put(sp->fd, opening, sizeof opening);
    while (have < sizeof opening) {
        await(sp);
        have += load_take(sp->fd, opening + have, sizeof opening - have);
    }
    if (!gp_sp_begins(GP_SP_REP, opening, sizeof opening))
        load_die("%s: nobody answers requests there", address);
}

void sp_send(struct sp *sp, const void *body, size_t len)
{
    unsigned char head[9 + NUMBER_BYTES] = {GP_SP_IPC_TYPE};
    size_t bytes = head_bytes(sp);
    struct iovec parts[2] = {{head, bytes + NUMBER_BYTES}, {(void *)(uintptr_t)body, len}};

    sp->have = 0;
    sp->number = (sp->number + 1) | LAST;
    gp_put_u64(head + bytes - 8, len + NUMBER_BYTES);
    gp_put_u32(head + bytes, sp->number);
    if (writev(sp->fd, parts, 2) != (ssize_t)(parts[0].iov_len + len))
        load_die("a request was not taken: %m");
}

bool sp_receive(struct sp *sp, struct gp_span *ret_body)
{
    size_t head = head_bytes(sp), len;

    sp->have += load_take(sp->fd, sp->bytes + sp->have, sizeof sp->bytes - sp->have);
    if (sp->have < head + NUMBER_BYTES)
        return false;
    len = gp_get_u64(sp->bytes + head - 8);
    if (len < NUMBER_BYTES || len > sizeof sp->bytes - head)
        load_die("an answer of %zu bytes", len);
    if (sp->have < head + len)
        return false;
    if (gp_get_u32(sp->bytes + head) != sp->number)
        load_die("an answer to another request");
    *ret_body = (struct gp_span){(char *)sp->bytes + head + NUMBER_BYTES, len - NUMBER_BYTES};
    return true;
}

struct gp_span sp_wait(struct sp *sp)
{
    struct gp_span body;

    do
        await(sp);
    while (!sp_receive(sp, &body));
    return body;
}
