/* One connection by itself: letters that the kernel does not take at once, and its ends. */
#include "client/pipe.h"

#include "base/error.h"
#include "base/frame.h"
#include "client/place.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define LETTER_BYTES 16000

/* A pipe, and what it has said. */
struct ear {
    struct gp_pipe *pipe;
    unsigned opened, answered, lost, closed;
    int error;
    struct gp_span got;
    char bytes[64];
};

static void on_open(struct gp_pipe *pipe)
{
    ((struct ear *)pipe->owner)->opened++;
}

static void on_answer(struct gp_pipe *pipe, struct gp_span body)
{
    struct ear *ear = pipe->owner;

    ear->answered++;
    assert_true(body.len <= sizeof ear->bytes);
    memcpy(ear->bytes, body.ptr, body.len);
    ear->got = (struct gp_span){ear->bytes, body.len};
}

static void on_lost(struct gp_pipe *pipe, int error)
{
    struct ear *ear = pipe->owner;

    ear->lost++;
    ear->error = error;
}

static void on_closed(struct gp_pipe *pipe)
{
    ((struct ear *)pipe->owner)->closed++;
}

static const struct gp_pipe_calls calls = {on_open, on_answer, on_lost, on_closed};

static void open_pipe(struct place *place, struct ear *ear)
{
    memset(ear, 0, sizeof *ear);
    assert_int_equal(gp_pipe_open(&place->desk.loop, place->path, &calls, ear, &ear->pipe), 0);
}

static void run_until_open(struct place *place, struct ear *ear)
{
    int least = 1; /* the kernel takes a few kilobytes then */

    desk_run_until(&place->desk, ear->opened == 1);
    assert_int_equal(uv_send_buffer_size((uv_handle_t *)&ear->pipe->uv, &least), 0);
}

static char letter[LETTER_BYTES];

static struct gp_span long_letter(void)
{
    for (size_t i = 0; i < sizeof letter; i++)
        letter[i] = (char)(i * 7 % 251);
    return (struct gp_span){letter, sizeof letter};
}

/* ---------------------------------------------------------------- letters */

static void compare(struct peer_link *link, struct gp_span body)
{
    if (gp_span_equal(body, long_letter()))
        peer_answer(link, GP_SPAN("the same"));
}

static void a_letter_goes_in_as_many_pieces_as_it_takes(void **state)
{
    struct place *place = *state;
    struct ear ear;

    peer_start(&place->peer, &place->desk.loop, place->path, compare);
    open_pipe(place, &ear);
    run_until_open(place, &ear);
    for (unsigned i = 1; i <= 3; i++) {
        gp_pipe_send(ear.pipe, long_letter());
        assert_non_null(ear.pipe->rest);
        desk_run_until(&place->desk, ear.answered == i);
        assert_true(gp_span_is(ear.got, "the same"));
    }
    gp_pipe_close(ear.pipe);
    desk_run_until(&place->desk, ear.closed == 1);
    peer_stop(&place->peer);
    assert_int_equal(ear.lost, 0);
}

/* The peer's side of the first connection, which reads nothing from here on. */
static struct peer_link *deaf_link(struct place *place)
{
    struct peer_link *link = GP_RING_OF(place->peer.links.next, struct peer_link, ring);

    assert_int_equal(uv_read_stop((uv_stream_t *)&link->pipe), 0);
    return link;
}

static void an_answer_to_half_a_letter_is_none(void **state)
{
    unsigned char head[GP_FRAME_HEAD_BYTES + GP_FRAME_PATH_BYTES];
    struct place *place = *state;
    struct ear ear;

    peer_start(&place->peer, &place->desk.loop, place->path, compare);
    open_pipe(place, &ear);
    run_until_open(place, &ear);
    struct peer_link *link = deaf_link(place);
    gp_pipe_send(ear.pipe, long_letter());
    gp_frame_write_head(ear.pipe->number, 0, head);
    peer_send(link, head, sizeof head);
    desk_run_until(&place->desk, ear.lost == 1);
    assert_int_equal(ear.error, GP_EFORMAT);
    assert_int_equal(ear.answered, 0);
    desk_run_until(&place->desk, ear.closed == 1);
    peer_stop(&place->peer);
}

static void half_a_letter_is_no_hindrance_to_the_end(void **state)
{
    struct place *place = *state;
    struct ear ear;

    peer_start(&place->peer, &place->desk.loop, place->path, compare);
    open_pipe(place, &ear);
    run_until_open(place, &ear);
    (void)deaf_link(place);
    gp_pipe_send(ear.pipe, long_letter());
    assert_non_null(ear.pipe->rest);
    gp_pipe_close(ear.pipe);
    gp_pipe_close(ear.pipe); /* it stays so */
    desk_run_until(&place->desk, ear.closed == 1);
    assert_int_equal(ear.lost, 0);
    peer_stop(&place->peer);
}

/* ---------------------------------------------------------------- ends */

static void where_nobody_listens_there_is_none(void **state)
{
    struct place *place = *state;
    struct ear ear;

    open_pipe(place, &ear);
    assert_int_equal(ear.lost, 0); /* it is said from the loop */
    desk_run_until(&place->desk, ear.closed == 1);
    assert_int_equal(ear.lost, 1);
    assert_int_equal(ear.error, GP_ENOTFOUND);
    assert_int_equal(ear.opened, 0);
}

static void closed_while_it_connects_it_says_nothing(void **state)
{
    struct place *place = *state;
    struct ear ear;

    peer_start(&place->peer, &place->desk.loop, place->path, compare);
    open_pipe(place, &ear);
    gp_pipe_close(ear.pipe);
    assert_int_equal(ear.closed, 0);
    desk_run_until(&place->desk, ear.closed == 1);
    assert_int_equal(ear.opened + ear.lost, 0);
    peer_stop(&place->peer);
}

static void the_daemons_end_is_told_once(void **state)
{
    struct place *place = *state;
    struct ear ear;

    peer_start(&place->peer, &place->desk.loop, place->path, compare);
    open_pipe(place, &ear);
    run_until_open(place, &ear);
    peer_stop(&place->peer);
    desk_run_until(&place->desk, ear.closed == 1);
    assert_int_equal(ear.lost, 1);
    assert_int_equal(ear.error, GP_ECLOSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, place_set_up, place_tear_down)
        T(a_letter_goes_in_as_many_pieces_as_it_takes), T(an_answer_to_half_a_letter_is_none),
        T(half_a_letter_is_no_hindrance_to_the_end),    T(where_nobody_listens_there_is_none),
        T(closed_while_it_connects_it_says_nothing),    T(the_daemons_end_is_told_once),
#undef T
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
