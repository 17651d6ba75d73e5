#include "calls/line.h"

#include "base/bytes.h"
#include "base/sp.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define BYTES_MAX    ((size_t)4 << 20)
#define HEAD_BYTES   9 /* type and length */
#define NUMBER_BYTES 4
#define LAST         UINT32_C(0x80000000) /* ends the path of an SP header */

void line_init(struct line *line)
{
    *line = (struct line){.fd = -1, .bytes = malloc(BYTES_MAX)};
    if (line->bytes == NULL)
        abort();
}

static void hang_up(struct line *line)
{
    if (line->fd >= 0)
        (void)close(line->fd);
    line->fd = -1;
}

void line_close(struct line *line)
{
    hang_up(line);
    free(line->bytes);
}

static bool send_all(struct line *line, const void *bytes, size_t len)
{
    if (send(line->fd, bytes, len, MSG_NOSIGNAL) == (ssize_t)len)
        return true;
    hang_up(line);
    return false;
}

/* Returns 1, 0: not within wait_ms, or -1: it has ended. */
static int receive(struct line *line, void *bytes, size_t len, int wait_ms)
{
    struct pollfd one = {.fd = line->fd, .events = POLLIN};

    for (size_t have = 0; have < len;) {
        if (poll(&one, 1, wait_ms) == 0)
            return 0;
        ssize_t got = recv(line->fd, (char *)bytes + have, len - have, 0);
        if (got <= 0) {
            hang_up(line);
            return -1;
        }
        have += (size_t)got;
        wait_ms = -1; /* what has begun comes, or the end */
    }
    return 1;
}

bool line_open(struct line *line, const char *address)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    unsigned char opening[GP_SP_BYTES];

    if (line->fd >= 0)
        return true;
    strncpy(name.sun_path, address + strlen("ipc://"), sizeof name.sun_path - 1);
    line->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(line->fd, (struct sockaddr *)&name, sizeof name) != 0) {
        hang_up(line);
        return false;
    }
    gp_sp_write(GP_SP_REQ, opening);
    return send_all(line, opening, sizeof opening) &&
           receive(line, opening, sizeof opening, -1) == 1;
}

/* One message of the answers; older ones are passed over. */
static int receive_one(struct line *line, int wait_ms, struct gp_span *ret_body)
{
    unsigned char head[HEAD_BYTES + NUMBER_BYTES];
    int got = receive(line, head, sizeof head, wait_ms);

    if (got != 1)
        return got;
    size_t len = gp_get_u64(head + 1) - NUMBER_BYTES;
    if (len > BYTES_MAX || receive(line, line->bytes, len, -1) != 1) {
        hang_up(line);
        return -1;
    }
    ret_body->ptr = (const char *)line->bytes;
    ret_body->len = gp_get_u32(head + HEAD_BYTES) == line->number ? len : 0;
    return 1;
}

bool line_ask(struct line *line, struct gp_span body, int wait_ms, struct gp_span *ret_body)
{
    unsigned char head[HEAD_BYTES + NUMBER_BYTES] = {GP_SP_IPC_TYPE};
    int got;

    *ret_body = (struct gp_span){0};
    line->number = (line->number + 1) | LAST;
    gp_put_u64(head + 1, body.len + NUMBER_BYTES);
    gp_put_u32(head + HEAD_BYTES, line->number);
    if (!send_all(line, head, sizeof head) || !send_all(line, body.ptr, body.len))
        return false;
    do
        got = receive_one(line, wait_ms, ret_body);
    while (got == 1 && ret_body->len == 0);
    return got >= 0;
}
