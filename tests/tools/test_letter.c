/* Letters against a server that speaks SP by hand, so that a test says what comes in one piece. */
#include "client/letter.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/sp.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define HEAD_BYTES   13 /* of a message over ipc: type, size, the letter's number */
#define LETTER_BYTES 64
#define ANSWER_BYTES 200 /* nanomsg has less than 32 in place, and more on the heap */
#define WAIT_MS      20000
#define ROUNDS       20
#define NUMBER_LAST  UINT32_C(0x80000000)
#define IS_ANSWERED  "is answered"
#define IS_NOT_MEANT "is not for you"

struct server;
typedef void play_fn(struct server *server);

struct server {
    char folder[64], path[96], address[128];
    int listener;
    play_fn *play; /* runs in a thread of its own */
    pthread_t thread;
};

struct told {
    uint32_t number;
    size_t len;
    char letter[LETTER_BYTES];
};

/* ---------------------------------------------------------------- the server's side */

/* cmocka's assertions jump back into the test, which only the test's own thread may do. */
static void must(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "server: %s\n", what);
    abort();
}

static bool read_all(int fd, void *bytes, size_t len)
{
    return recv(fd, bytes, len, MSG_WAITALL) == (ssize_t)len;
}

static void write_all(int fd, const void *bytes, size_t len)
{
    must(send(fd, bytes, len, MSG_NOSIGNAL) == (ssize_t)len, "cannot send");
}

/* A connection that has greeted. Who opens letters knocks first, and says nothing. */
static int take_connection(const struct server *server)
{
    unsigned char opening[GP_SP_BYTES];

    for (;;) {
        int fd = accept(server->listener, NULL, NULL);
        must(fd >= 0, "cannot accept");
        gp_sp_write(GP_SP_REP, opening);
        (void)send(fd, opening, sizeof opening, MSG_NOSIGNAL); /* who knocks has gone */
        if (read_all(fd, opening, sizeof opening))
            return fd;
        (void)close(fd);
    }
}

static struct told take_letter(int fd)
{
    unsigned char head[HEAD_BYTES];
    struct told told;

    must(read_all(fd, head, sizeof head), "no letter comes");
    must(head[0] == GP_SP_IPC_TYPE, "no message of ipc");
    told.len = (size_t)gp_get_u64(head + 1) - 4;
    told.number = gp_get_u32(head + 9);
    must((told.number & NUMBER_LAST) != 0, "the number does not end the path");
    must(told.len <= sizeof told.letter && read_all(fd, told.letter, told.len), "half a letter");
    return told;
}

static size_t put_answer(unsigned char *to, uint32_t number, const char *text, size_t len)
{
    to[0] = GP_SP_IPC_TYPE;
    gp_put_u64(to + 1, len + 4);
    gp_put_u32(to + 9, number);
    memset(to + HEAD_BYTES, 0, len);
    memcpy(to + HEAD_BYTES, text, strlen(text));
    return HEAD_BYTES + len;
}

static void give_answer(int fd, uint32_t number, const char *text)
{
    unsigned char bytes[HEAD_BYTES + ANSWER_BYTES];

    write_all(fd, bytes, put_answer(bytes, number, text, strlen(text)));
}

static void must_end(int fd)
{
    char byte;

    must(recv(fd, &byte, 1, 0) == 0, "the connection goes on");
    (void)close(fd);
}

/* ---------------------------------------------------------------- the client's side */

static void *serve(void *context)
{
    struct server *server = context;

    server->play(server);
    return NULL;
}

static void start(struct server *server, play_fn *play, struct gp_letters *ret_letters)
{
    server->play = play;
    assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
    assert_int_equal(gp_letters_open(ret_letters, server->address), 0);
}

static void finish(struct server *server, struct gp_letters *letters)
{
    gp_letters_close(letters);
    assert_int_equal(pthread_join(server->thread, NULL), 0);
}

static int call(struct gp_letters *letters, int64_t wait_ms, struct gp_span *ret_answer)
{
    const struct gp_wait wait = {.until_ms = gp_letters_now() + wait_ms};

    return gp_letters_call(letters, GP_SPAN("a letter"), &wait, ret_answer);
}

static void assert_answered(struct gp_letters *letters)
{
    struct gp_span answer;

    assert_int_equal(call(letters, WAIT_MS, &answer), 0);
    assert_true(answer.len >= strlen(IS_ANSWERED));
    assert_memory_equal(answer.ptr, IS_ANSWERED, strlen(IS_ANSWERED));
}

static int set_up(void **state)
{
    struct server *server = calloc(1, sizeof *server);
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    assert_non_null(server);
    snprintf(server->folder, sizeof server->folder, "/tmp/gridpost-letter-XXXXXX");
    assert_non_null(mkdtemp(server->folder));
    snprintf(server->path, sizeof server->path, "%s/gp.ipc", server->folder);
    snprintf(server->address, sizeof server->address, "ipc://%s", server->path);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", server->path);
    server->listener = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_true(server->listener >= 0);
    assert_int_equal(bind(server->listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(server->listener, 8), 0);
    *state = server;
    return 0;
}

static int tear_down(void **state)
{
    struct server *server = *state;

    (void)close(server->listener);
    assert_int_equal(unlink(server->path), 0);
    assert_int_equal(rmdir(server->folder), 0);
    free(server);
    return 0;
}

/* ---------------------------------------------------------------- answers to something else */

/* The second comes before anybody has fetched the first. */
static void answer_and_go_on(struct server *server)
{
    unsigned char bytes[2 * (HEAD_BYTES + ANSWER_BYTES)];
    int fd = take_connection(server);

    for (unsigned i = 0; i < ROUNDS; i++) {
        size_t len = i % 2 == 0 ? sizeof IS_NOT_MEANT : ANSWER_BYTES;
        struct told told = take_letter(fd);
        size_t first = put_answer(bytes, told.number, IS_ANSWERED, len);
        size_t second = put_answer(bytes + first, told.number - 1, IS_NOT_MEANT, len);
        write_all(fd, bytes, first + second);
    }
    must_end(fd);
}

static void what_comes_behind_the_answer_does_not_take_its_place(void **state)
{
    struct gp_letters letters;

    start(*state, answer_and_go_on, &letters);
    for (unsigned i = 0; i < ROUNDS; i++)
        assert_answered(&letters);
    finish(*state, &letters);
}

static void answer_behind_rubbish(struct server *server)
{
    static const unsigned char stub[] = {GP_SP_IPC_TYPE, 0, 0, 0, 0, 0, 0, 0, 2, 'n', 'o'};
    int fd = take_connection(server);
    struct told told = take_letter(fd);

    write_all(fd, stub, sizeof stub);
    give_answer(fd, told.number - 1, IS_NOT_MEANT);
    give_answer(fd, told.number & ~NUMBER_LAST, IS_NOT_MEANT);
    give_answer(fd, told.number, IS_ANSWERED);
    must_end(fd);
}

static void what_is_no_answer_to_this_letter_is_passed_over(void **state)
{
    struct gp_letters letters;

    start(*state, answer_behind_rubbish, &letters);
    assert_answered(&letters);
    finish(*state, &letters);
}

/* ---------------------------------------------------------------- no answer */

static void answer_the_second_connection(struct server *server)
{
    int first = take_connection(server);
    struct told told = take_letter(first);
    int second = take_connection(server);
    struct told again = take_letter(second);

    must(told.len == again.len && memcmp(told.letter, again.letter, told.len) == 0,
         "another letter");
    must_end(first);
    give_answer(second, again.number, IS_ANSWERED);
    must_end(second);
}

/* The connection may be one that the daemon never sees: nanomsg waits on it for good. */
static void a_letter_that_was_given_up_takes_its_connection_along(void **state)
{
    struct gp_letters letters;
    struct gp_span answer;

    start(*state, answer_the_second_connection, &letters);
    assert_int_equal(call(&letters, 100, &answer), GP_ETIMEDOUT);
    assert_answered(&letters);
    finish(*state, &letters);
}

static void hang_up_first(struct server *server)
{
    int fd = take_connection(server);
    struct told told = take_letter(fd);

    (void)close(fd);
    fd = take_connection(server);
    struct told again = take_letter(fd);
    must(told.len == again.len && memcmp(told.letter, again.letter, told.len) == 0,
         "another letter");
    give_answer(fd, again.number, IS_ANSWERED);
    must_end(fd);
}

static void a_letter_is_sent_again_over_the_next_connection(void **state)
{
    struct gp_letters letters;
    int64_t began_ms = gp_letters_now();

    start(*state, hang_up_first, &letters);
    assert_answered(&letters);
    assert_true(gp_letters_now() < began_ms + WAIT_MS / 2);
    finish(*state, &letters);
}

static void answer_the_second_time(struct server *server)
{
    int fd = take_connection(server);
    struct told told = take_letter(fd);
    struct told again = take_letter(fd);

    must(told.number == again.number && told.len == again.len, "another letter");
    give_answer(fd, again.number, IS_ANSWERED);
    give_answer(fd, again.number, IS_NOT_MEANT);
    told = take_letter(fd);
    give_answer(fd, told.number, IS_ANSWERED);
    must_end(fd);
}

static void a_letter_is_sent_again_when_no_answer_comes(void **state)
{
    struct gp_letters letters;

    start(*state, answer_the_second_time, &letters);
    assert_answered(&letters);
    assert_answered(&letters); /* and not what the first was answered twice with */
    finish(*state, &letters);
}

static void go_away(struct server *server)
{
    int fd = take_connection(server);

    (void)take_letter(fd);
    (void)shutdown(server->listener, SHUT_RDWR);
    (void)close(fd);
}

static void a_letter_that_rests_does_not_wait_for_a_server_that_has_gone(void **state)
{
    struct gp_letters letters;
    struct gp_wait wait = {
        .until_ms = gp_letters_now() + WAIT_MS, .rest_ms = WAIT_MS, .rests = true};
    struct gp_span answer;

    start(*state, go_away, &letters);
    assert_int_equal(gp_letters_call(&letters, GP_SPAN("a letter"), &wait, &answer), GP_ECLOSED);
    finish(*state, &letters);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        T(what_comes_behind_the_answer_does_not_take_its_place),
        T(what_is_no_answer_to_this_letter_is_passed_over),
        T(a_letter_that_was_given_up_takes_its_connection_along),
        T(a_letter_is_sent_again_over_the_next_connection),
        T(a_letter_is_sent_again_when_no_answer_comes),
        T(a_letter_that_rests_does_not_wait_for_a_server_that_has_gone),
#undef T
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
