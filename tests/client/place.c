#include "client/place.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static struct gp_arena arena;

int place_set_up(void **state)
{
    struct place *place = calloc(1, sizeof *place);

    assert_non_null(place);
    (void)snprintf(place->folder, sizeof place->folder, "/tmp/gridpost-async-XXXXXX");
    assert_non_null(mkdtemp(place->folder));
    (void)snprintf(place->path, sizeof place->path, "%s/gp.ipc", place->folder);
    (void)snprintf(place->address, sizeof place->address, "ipc://%s", place->path);
    gp_arena_init(&arena, GP_REPLY_UNPACK_BYTES_MAX);
    desk_init(&place->desk);
    *state = place;
    return 0;
}

int place_tear_down(void **state)
{
    struct place *place = *state;

    desk_end(&place->desk);
    (void)unlink(place->path); /* not every test binds it */
    assert_int_equal(rmdir(place->folder), 0);
    gp_arena_release(&arena);
    free(place);
    return 0;
}

void place_start(struct place *place, peer_fn *on_request, unsigned connections, unsigned queue)
{
    peer_start(&place->peer, &place->desk.loop, place->path, on_request);
    desk_open(&place->desk, place->address, NULL, connections, queue);
}

void place_stop(struct place *place)
{
    desk_close(&place->desk);
    peer_stop(&place->peer);
}

/* ---------------------------------------------------------------- messages */

static struct gp_span pack(const struct gp_reply *reply)
{
    struct gp_span bytes;

    gp_arena_reset(&arena);
    assert_int_equal(gp_wire_reply_pack(reply, &arena, &bytes), 0);
    return bytes;
}

struct gp_span place_reply(uint8_t status, uint32_t retry_ms)
{
    return pack(&(struct gp_reply){.status = status, .retry_ms = retry_ms});
}

struct gp_span place_answer(uint64_t incident)
{
    return pack(&(struct gp_reply){
        .status = GP_STATUS_OK, .kind = GP_REPLY_ANSWER, .answer = {.incident = incident}});
}

struct gp_span place_feed(void)
{
    return pack(&(struct gp_reply){.status = GP_STATUS_OK, .kind = GP_REPLY_FEED});
}

struct gp_request place_request(struct gp_span body)
{
    struct gp_request request;
    const char *field = "";

    gp_arena_reset(&arena);
    assert_int_equal(gp_wire_request_unpack(gp_arena_copy(&arena, body), &arena, &request, &field),
                     0);
    return request;
}

void place_on_request(struct peer_link *link, struct gp_span body)
{
    struct gp_request request = place_request(body);

    if (request.kind == GP_REQUEST_COMMAND)
        peer_answer(link, place_answer(request.command.incident));
}
