/* A daemon that breaks the protocol: it loses that connection, and nothing else does. */
#include "base/bytes.h"
#include "base/error.h"
#include "base/frame.h"
#include "base/limits.h"
#include "client/async_internal.h"
#include "client/place.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define LONG_MS    60000 /* a time-out that no test waits for */
#define HEAD_BYTES (GP_FRAME_HEAD_BYTES + GP_FRAME_PATH_BYTES)

/* ---------------------------------------------------------------- what it does */

static void send_head(struct peer_link *link, uint32_t number, size_t len)
{
    unsigned char head[HEAD_BYTES];

    gp_frame_write_head(number, len, head);
    peer_send(link, head, sizeof head);
}

static void another_number(struct peer_link *link)
{
    send_head(link, link->number + 1, 2);
    peer_send(link, "\x08\x01", 2);
}

static void a_path_of_two(struct peer_link *link)
{
    unsigned char message[GP_FRAME_HEAD_BYTES + 8] = {GP_SP_IPC_TYPE};

    gp_put_u64(message + 1, 8);
    gp_put_u32(message + GP_FRAME_HEAD_BYTES, 1);
    gp_put_u32(message + GP_FRAME_HEAD_BYTES + 4, link->number);
    peer_send(link, message, sizeof message);
}

static void huge_length(struct peer_link *link)
{
    peer_send(link, "\1\xff\xff\xff\xff\xff\xff\xff\xff", 9);
}

static void length_above_the_limit(struct peer_link *link)
{
    send_head(link, link->number, GP_REPLY_BYTES_MAX + GP_ENVELOPE_OVERHEAD + 1);
}

static void no_room_for_a_number(struct peer_link *link)
{
    peer_send(link, "\1\0\0\0\0\0\0\0\3", 9);
}

static void another_type(struct peer_link *link)
{
    peer_send(link, "\2", 1);
}

static void other_words(struct peer_link *link)
{
    peer_send(link, "HTTP/1.1 400 Bad Request\r\n\r\n", 28);
}

static void two_answers(struct peer_link *link)
{
    for (int i = 0; i < 2; i++) {
        send_head(link, link->number, 2);
        peer_send(link, "\x08\x01", 2);
    }
}

static void ends_at_once(struct peer_link *link)
{
    peer_end(link);
}

static void ends_within_the_head(struct peer_link *link)
{
    peer_send(link, "\1\0\0\0", 4);
    peer_end(link);
}

static void ends_within_the_body(struct peer_link *link)
{
    send_head(link, link->number, 1000);
    peer_send(link, "\x08\x01", 2);
    peer_end(link);
}

static void never_goes_on(struct peer_link *link)
{
    send_head(link, link->number, 1000);
}

typedef void act_fn(struct peer_link *link);

static const struct act {
    const char *name;
    act_fn *act;
} acts[] = {
#define A(name)                                                                                    \
    {                                                                                              \
#name, name                                                                                \
    }
    A(another_number),       A(a_path_of_two),        A(huge_length),   A(length_above_the_limit),
    A(no_room_for_a_number), A(another_type),         A(other_words),   A(two_answers),
    A(ends_at_once),         A(ends_within_the_head), A(never_goes_on), A(ends_within_the_body),
#undef A
};

#define ACTS (sizeof acts / sizeof acts[0])

/* What is done to whom asks about this incident; a feed is left alone. */
#define VICTIM 666

static const struct act *doing;
static unsigned left; /* so often */

static void do_it(struct peer_link *link, struct gp_span body)
{
    struct gp_request request = place_request(body);

    if (request.kind == GP_REQUEST_COMMAND && request.command.incident == VICTIM && left > 0) {
        left--;
        doing->act(link);
    } else {
        place_on_request(link, body);
    }
}

static struct desk_ask *ask(struct place *place, uint64_t incident, unsigned timeout_ms)
{
    struct gp_request request = desk_command(incident);

    return desk_ask(&place->desk, &request, timeout_ms);
}

/* ---------------------------------------------------------------- answers */

static void only_that_connection_is_lost(void **state)
{
    struct place *place = *state;
    struct gp_request feed = desk_feed(20000);

    place_start(place, do_it, 8, 0);
    place->desk.async->silence_ms = 100;
    struct desk_ask *rests = desk_ask(&place->desk, &feed, LONG_MS);
    desk_run_until(&place->desk, place->peer.owed == 1);
    struct peer_link *of_feed = GP_RING_OF(place->peer.links.next, struct peer_link, ring);
    for (size_t i = 0; i < ACTS; i++) {
        print_message("%s\n", acts[i].name);
        doing = &acts[i];
        left = 2;
        struct desk_ask *victim = ask(place, VICTIM, LONG_MS), *other = ask(place, i + 1, LONG_MS);
        desk_run_until(&place->desk, victim->ended && other->ended);
        assert_int_equal(victim->error, 0);
        assert_int_equal(victim->value, VICTIM);
        assert_int_equal(other->value, i + 1);
        assert_int_equal(left, 0);
    }
    assert_false(rests->ended);
    peer_answer(of_feed, place_feed()); /* over the connection that it came by */
    desk_run_until(&place->desk, rests->ended);
    assert_int_equal(rests->error, 0);
    place_stop(place);
}

/* It is not asked more and more often, and whoever asks learns of it in the end. */
static void who_never_does_better_is_given_time(void **state)
{
    struct place *place = *state;

    for (size_t i = 0; i < ACTS; i++) {
        print_message("%s\n", acts[i].name);
        place_start(place, do_it, 8, 0);
        doing = &acts[i];
        left = UINT_MAX;
        place->peer.accepted = 0;
        struct desk_ask *victim = ask(place, VICTIM, 600);
        desk_run_until(&place->desk, victim->ended);
        assert_int_equal(victim->error, GP_ETIMEDOUT);
        assert_in_range(place->peer.accepted, 1, 7);
        place_stop(place);
    }
}

/* With the first thirteen behind it: the pauses between them are long. */
static void after_sixteen_wrong_answers_it_gives_up(void **state)
{
    struct place *place = *state;

    place_start(place, do_it, 8, 0);
    doing = &acts[0];
    left = UINT_MAX;
    struct desk_ask *victim = ask(place, VICTIM, LONG_MS);
    victim->call->wrongs = GP_ASYNC_WRONG_MAX - 3;
    desk_run_until(&place->desk, victim->ended);
    assert_int_equal(victim->error, GP_EFORMAT);
    assert_int_equal(place->peer.requests, 3);
    place_stop(place);
}

/* ---------------------------------------------------------------- before it was asked */

static void on_wrote(uv_write_t *request, int status)
{
    (void)request;
    (void)status;
}

/* A socket that says something of its own to whoever comes. */
struct stranger {
    uv_pipe_t listener, link;
    uv_write_t write;
    const char *bytes;
    size_t len;
    unsigned accepted;
};

static void on_stranger_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *ret_buf)
{
    static char bytes[65536];

    (void)handle;
    (void)suggested;
    *ret_buf = uv_buf_init(bytes, sizeof bytes);
}

static void on_stranger_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf)
{
    (void)buf;
    if (len < 0)
        uv_close((uv_handle_t *)stream, NULL);
}

static void on_comer(uv_stream_t *listener, int status)
{
    struct stranger *stranger = listener->data;
    uv_buf_t buf = uv_buf_init((char *)(uintptr_t)stranger->bytes, (unsigned)stranger->len);

    assert_int_equal(status, 0);
    stranger->accepted++;
    assert_int_equal(uv_pipe_init(listener->loop, &stranger->link, 0), 0);
    assert_int_equal(uv_accept(listener, (uv_stream_t *)&stranger->link), 0);
    assert_int_equal(
        uv_read_start((uv_stream_t *)&stranger->link, on_stranger_alloc, on_stranger_read), 0);
    assert_int_equal(uv_write(&stranger->write, (uv_stream_t *)&stranger->link, &buf, 1, on_wrote),
                     0);
}

static void who_opens_otherwise_is_no_daemon(void **state)
{
    static const struct gp_span words[] = {{"\0SP\0\0\x30\0\0", 8},
                                           {"\0SP\0\0\x31\0\1", 8},
                                           {"220 ready\r\n", 11},
                                           {"\0SP\0\0\x31\0\0\1\0\0\0", 12},
                                           {"\0SQ", 3}};
    struct place *place = *state;

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        struct stranger stranger = {.bytes = words[i].ptr, .len = words[i].len};
        assert_int_equal(uv_pipe_init(&place->desk.loop, &stranger.listener, 0), 0);
        stranger.listener.data = &stranger;
        assert_int_equal(uv_pipe_bind(&stranger.listener, place->path), 0);
        assert_int_equal(uv_listen((uv_stream_t *)&stranger.listener, 10, on_comer), 0);
        desk_open(&place->desk, place->address, NULL, 0, 0);
        struct desk_ask *victim = ask(place, 1, 300);
        desk_run_until(&place->desk, victim->ended);
        assert_int_equal(victim->error, GP_ETIMEDOUT);
        assert_in_range(stranger.accepted, 1, 8);
        desk_close(&place->desk);
        desk_run_until(&place->desk, uv_is_closing((uv_handle_t *)&stranger.link));
        uv_close((uv_handle_t *)&stranger.listener, NULL);
        (void)uv_run(&place->desk.loop, UV_RUN_NOWAIT);
    }
}

static void speaks_behind(struct peer_link *link)
{
    peer_answer(link, place_answer(VICTIM));
    send_head(link, link->number + 1, 2); /* the number of the next request */
    peer_send(link, "\x08\x01", 2);
}

/* What lies ready when the next request goes was not made for it. */
static void an_answer_before_its_request_is_none(void **state)
{
    static const struct act early = {"speaks_behind", speaks_behind};
    struct place *place = *state;

    place_start(place, do_it, 1, 0);
    doing = &early;
    left = 1;
    struct desk_ask *first = ask(place, VICTIM, LONG_MS), *second = ask(place, 2, LONG_MS);
    desk_finish(&place->desk);
    assert_int_equal(first->error, 0);
    assert_int_equal(first->value, VICTIM);
    assert_int_equal(second->error, 0);
    assert_int_equal(second->value, 2);
    place_stop(place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, place_set_up, place_tear_down)
        T(only_that_connection_is_lost),
        T(who_never_does_better_is_given_time),
        T(after_sixteen_wrong_answers_it_gives_up),
        T(who_opens_otherwise_is_no_daemon),
        T(an_answer_before_its_request_is_none),
#undef T
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
