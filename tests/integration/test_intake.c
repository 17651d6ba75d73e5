/* net/ alone, without a daemon: letters in any order, pause, and who owns what. */
#include "lib/client.h"
#include "net/hint.h"
#include "net/intake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define LETTERS 8

/* Keeps letters until the test answers them. */
struct desk {
    char folder[32], address[64];
    uv_loop_t loop;
    struct gp_intake *intake;
    struct gp_letter letter[LETTERS];
    size_t count;
    bool pause_after_one;
    struct crowd crowd;
    struct gp_arena arena;
};

static void on_letter(void *context, struct gp_letter letter)
{
    struct desk *desk = context;

    assert_true(desk->count < LETTERS);
    desk->letter[desk->count++] = letter;
    if (desk->pause_after_one)
        gp_intake_pause(desk->intake);
}

static int set_up(void **state)
{
    static struct desk desk;
    const char *reason = "";

    desk = (struct desk){.folder = "/tmp/gridpost-XXXXXX"};
    assert_non_null(mkdtemp(desk.folder));
    (void)snprintf(desk.address, sizeof desk.address, "ipc://%s/intake", desk.folder);
    assert_int_equal(uv_loop_init(&desk.loop), 0);
    assert_int_equal(gp_intake_open(&desk.loop, desk.address, GP_MESSAGE_BYTES_MAX, on_letter,
                                    &desk, &desk.intake, &reason),
                     0);
    crowd_open(&desk.crowd, desk.address, LETTERS);
    gp_arena_init(&desk.arena, 1 << 20);
    *state = &desk;
    return 0;
}

static int tear_down(void **state)
{
    struct desk *desk = *state;

    crowd_close(&desk->crowd);
    for (size_t i = 0; i < desk->count; i++)
        gp_letter_drop(&desk->letter[i]); /* an answered one is empty: nothing happens */
    gp_intake_close(desk->intake);
    (void)uv_run(&desk->loop, UV_RUN_DEFAULT); /* ends when the handle is closed */
    assert_int_equal(uv_loop_close(&desk->loop), 0);
    gp_arena_release(&desk->arena);
    (void)unlink(desk->address + strlen("ipc://")); /* nanomsg leaves it or not, as it likes */
    assert_int_equal(rmdir(desk->folder), 0);
    return 0;
}

static void send_numbered(struct desk *desk)
{
    struct gp_request request = {.kind = GP_REQUEST_INCIDENT};

    for (uint32_t i = 0; i < LETTERS; i++) {
        request.incident = i + 1;
        crowd_send(&desk->crowd, i, &request);
    }
}

/* Which request a letter holds. */
static uint64_t number_in(struct desk *desk, const struct gp_letter *letter)
{
    struct gp_request request;
    const char *field;

    assert_int_equal(gp_wire_request_unpack((struct gp_span){letter->body, letter->len},
                                            &desk->arena, &request, &field),
                     0);
    return request.incident;
}

static void answer_with_its_number(struct desk *desk, struct gp_letter *letter)
{
    char detail[8];
    struct gp_reply reply = {.status = GP_STATUS_NOT_FOUND};
    struct gp_span packed;

    (void)snprintf(detail, sizeof detail, "%d", (int)number_in(desk, letter));
    reply.detail = gp_span_of(detail);
    assert_int_equal(gp_wire_reply_pack(&reply, &desk->arena, &packed), 0);
    gp_letter_reply(letter, packed);
    assert_null(letter->body);
    assert_null(letter->path);
}

static void letters_are_answered_in_any_order(void **state)
{
    struct desk *desk = *state;

    send_numbered(desk);
    while (desk->count < LETTERS)
        (void)uv_run(&desk->loop, UV_RUN_ONCE);
    for (size_t i = LETTERS; i-- > 0;)
        answer_with_its_number(desk, &desk->letter[i]);
    for (int i = 0; i < LETTERS; i++) {
        struct gp_reply reply;
        uint32_t number;
        char expected[8];
        assert_true(crowd_receive(&desk->crowd, 5000, &desk->arena, &number, &reply));
        (void)snprintf(expected, sizeof expected, "%u", number + 1);
        assert_true(gp_span_is(reply.detail, expected));
    }
}

/* What has not been read waits in nanomsg and in the sockets; nothing is lost. */
static void paused_intake_reads_nothing_until_it_resumes(void **state)
{
    struct desk *desk = *state;

    desk->pause_after_one = true;
    send_numbered(desk);
    while (desk->count < 1)
        (void)uv_run(&desk->loop, UV_RUN_ONCE);
    (void)uv_run(&desk->loop, UV_RUN_NOWAIT);
    assert_int_equal(desk->count, 1);
    desk->pause_after_one = false;
    gp_intake_resume(desk->intake);
    gp_intake_resume(desk->intake); /* once more does nothing */
    while (desk->count < LETTERS)
        (void)uv_run(&desk->loop, UV_RUN_ONCE);
}

/* The peer is gone when the answer comes: it is thrown away. */
static void answer_to_nobody_is_dropped(void **state)
{
    struct desk *desk = *state;
    struct crowd gone;
    struct gp_request request = {.kind = GP_REQUEST_INCIDENT, .incident = 1};

    crowd_open(&gone, desk->address, 1);
    crowd_send(&gone, 0, &request);
    while (desk->count < 1)
        (void)uv_run(&desk->loop, UV_RUN_ONCE);
    crowd_close(&gone);
    answer_with_its_number(desk, &desk->letter[0]);
}

/* ---------------------------------------------------------------- hints */

static const unsigned char sub[] = {0, 'S', 'P', 0, 0, 0x21, 0, 0};
static const unsigned char said[] = {0, 'S', 'P', 0, 0, 0x20, 0,   0,   1,   0,  0,
                                     0, 0,   0,   0, 0, 4,    'h', 'i', 'n', 't'};

/* A follower by its bytes, which may be more than a SUB sends. */
static int follow(const char *path, const void *bytes, size_t len)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(send(fd, bytes, len, MSG_NOSIGNAL), len);
    return fd;
}

/* Whether it has got the opening and one hint, and nothing else until its end. */
static bool hears_one(int fd)
{
    unsigned char bytes[sizeof said + 1];
    ssize_t len = recv(fd, bytes, sizeof bytes, MSG_WAITALL);

    (void)close(fd);
    return len == sizeof said && memcmp(bytes, said, sizeof said) == 0;
}

/* With nanomsg's own PUB socket the first of these ends the process. */
static void who_talks_into_the_hints_is_sent_away(void **state)
{
    static const unsigned char other[] = {0, 'S', 'P', 0, 0, 0x30, 0, 0};
    unsigned char talk[sizeof sub + 12] = {0};
    char address[64], *path = address + 6;
    const char *reason;
    struct gp_hint *hint, *second;
    uv_loop_t loop;
    int follower[4];

    (void)state;
    memcpy(talk, sub, sizeof sub);
    talk[sizeof sub] = 1;
    talk[sizeof sub + 8] = 3;
    (void)snprintf(address, sizeof address, "ipc:///tmp/gp-hint-%d", (int)getpid());
    assert_int_equal(uv_loop_init(&loop), 0);
    assert_int_equal(gp_hint_open(&loop, address, &hint, &reason), 0);
    assert_int_equal(gp_hint_open(&loop, address, &second, &reason), GP_EIO); /* one lives there */
    follower[0] = follow(path, talk, sizeof talk);
    follower[1] = follow(path, sub, sizeof sub);
    follower[2] = follow(path, other, sizeof other);
    follower[3] = follow(path, sub, 3);
    (void)uv_run(&loop, UV_RUN_ONCE);
    gp_hint_send(hint, GP_SPAN("hint"));
    gp_hint_close(hint);
    while (uv_run(&loop, UV_RUN_DEFAULT) != 0)
        continue;
    assert_int_equal(uv_loop_close(&loop), 0);
    assert_false(hears_one(follower[0]));
    assert_true(hears_one(follower[1]));
    assert_false(hears_one(follower[2]));
    assert_false(hears_one(follower[3]));
}

static void hints_go_over_ipc_only(void **state)
{
    struct gp_hint *hint;
    const char *reason = NULL;

    (void)state;
    assert_int_equal(gp_hint_open(NULL, "tcp://127.0.0.1:1", &hint, &reason), GP_EINVAL);
    assert_string_equal(reason, "hints go over ipc:// only");
    gp_hint_send(NULL, GP_SPAN("hint")); /* no hint socket is configured: nothing happens */
    gp_hint_close(NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(letters_are_answered_in_any_order),
        TEST(paused_intake_reads_nothing_until_it_resumes),
        TEST(answer_to_nobody_is_dropped),
        cmocka_unit_test(who_talks_into_the_hints_is_sent_away),
        cmocka_unit_test(hints_go_over_ipc_only),
    };

    return cmocka_run_group_tests_name("intake", tests, NULL, NULL);
}
