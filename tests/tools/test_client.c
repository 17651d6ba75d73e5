/* libgridpost alone: opening, one call, time-outs, and what it makes of bad answers. */
#include "client/client.h"
#include "tools/fake.h"

#include <nanomsg/nn.h>
#include <nanomsg/reqrep.h>
#include <poll.h>
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

struct place {
    char folder[64], path[96], address[128];
};

static int make_place(void **state)
{
    struct place *place = calloc(1, sizeof *place);

    assert_non_null(place);
    snprintf(place->folder, sizeof place->folder, "/tmp/gridpost-client-XXXXXX");
    assert_non_null(mkdtemp(place->folder));
    snprintf(place->path, sizeof place->path, "%s/gp.ipc", place->folder);
    snprintf(place->address, sizeof place->address, "ipc://%s", place->path);
    *state = place;
    return 0;
}

static int drop_place(void **state)
{
    struct place *place = *state;

    (void)unlink(place->path); /* not every test binds it */
    assert_int_equal(rmdir(place->folder), 0);
    free(place);
    return 0;
}

/* ---------------------------------------------------------------- opening */

static void a_missing_socket_is_said_at_once(void **state)
{
    struct place *place = *state;
    struct gp_client *client = NULL;

    assert_int_equal(gp_client_open(place->address, &client), GP_ENOTFOUND);
    assert_null(client);
}

static void a_socket_left_behind_by_a_dead_daemon_counts_as_missing(void **state)
{
    struct place *place = *state;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct gp_client *client = NULL;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(address.sun_path, sizeof address.sun_path, "%s", place->path);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    close(fd); /* the file stays */
    assert_int_equal(gp_client_open(place->address, &client), GP_ENOTFOUND);
}

static void what_is_no_address_is_refused(void **state)
{
    static const char *const wrong[] = {"", "gp.ipc", "ws://127.0.0.1:1", "tcp://127.0.0.1",
                                        "ipc://"};
    struct gp_client *client = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        int rc = gp_client_open(wrong[i], &client);
        if (rc != GP_EINVAL)
            fail_msg("\"%s\" gave %s", wrong[i], gp_error_name(rc));
    }
    assert_null(client);
    gp_client_close(NULL);
}

/* ---------------------------------------------------------------- calling */

static bool status_of_incident(void *context, const struct gp_request *request, unsigned nth,
                               struct gp_reply *ret_reply)
{
    (void)context;
    (void)nth;
    ret_reply->status = GP_STATUS_OK;
    ret_reply->kind = GP_REPLY_ANSWER;
    ret_reply->answer.incident = request->command.incident + 1;
    return true;
}

static struct gp_request accept_of(uint64_t incident)
{
    return (struct gp_request){
        .kind = GP_REQUEST_COMMAND,
        .person = GP_SPAN("li"),
        .device = GP_SPAN("desk"),
        .command = {.verb = GP_VERB_ACCEPT, .id = {[0] = 1, [15] = 9}, .incident = incident}};
}

static void a_call_brings_the_answer(void **state)
{
    struct place *place = *state;
    struct fake *fake = fake_start(place->address, status_of_incident, NULL);
    struct gp_client *client;
    struct gp_reply reply;

    assert_int_equal(gp_client_open(place->address, &client), 0);
    for (uint64_t incident = 1; incident <= 3; incident++) {
        struct gp_request request = accept_of(incident);
        assert_int_equal(gp_client_call(client, &request, 10000, &reply), 0);
        assert_int_equal(reply.answer.incident, incident + 1);
    }
    gp_client_close(client);
    fake_stop(fake);
}

static void what_the_daemon_would_refuse_is_not_even_sent(void **state)
{
    struct place *place = *state;
    struct fake *fake = fake_start(place->address, status_of_incident, NULL);
    struct gp_client *client;
    struct gp_request request = accept_of(1);
    struct gp_reply reply;

    request.person = GP_SPAN("li\xFF");
    assert_int_equal(gp_client_open(place->address, &client), 0);
    assert_int_equal(gp_client_call(client, &request, 10000, &reply), GP_EUTF8);
    assert_int_equal(fake_count(fake), 0);
    gp_client_close(client);
    fake_stop(fake);
}

static bool silent_once(void *context, const struct gp_request *request, unsigned nth,
                        struct gp_reply *ret_reply)
{
    return nth > 0 && status_of_incident(context, request, nth, ret_reply);
}

static void after_a_timeout_the_same_request_is_the_same_bytes(void **state)
{
    struct place *place = *state;
    struct fake *fake = fake_start(place->address, silent_once, NULL);
    struct gp_client *client;
    struct gp_request request = accept_of(7);
    struct gp_reply reply = {.status = 99};

    assert_int_equal(gp_client_open(place->address, &client), 0);
    assert_int_equal(gp_client_call(client, &request, 50, &reply), GP_ETIMEDOUT);
    assert_int_equal(reply.status, 99);
    fake_wait(fake, 1);
    assert_int_equal(gp_client_call(client, &request, 10000, &reply), 0);
    assert_int_equal(reply.answer.incident, 8);
    assert_int_equal(fake_count(fake), 2);
    assert_true(gp_span_equal(fake_request(fake, 0), fake_request(fake, 1)));
    gp_client_close(client);
    fake_stop(fake);
}

/* As a daemon where nothing happens: the request rests longer than a command would. */
static bool rest_then_answer(void *context, const struct gp_request *request, unsigned nth,
                             struct gp_reply *ret_reply)
{
    if (request->kind != GP_REQUEST_FEED)
        return status_of_incident(context, request, nth, ret_reply);
    (void)poll(NULL, 0, 3500);
    ret_reply->status = GP_STATUS_OK;
    ret_reply->kind = GP_REPLY_FEED;
    return true;
}

static void a_resting_feed_request_is_not_sent_twice(void **state)
{
    struct place *place = *state;
    struct fake *fake = fake_start(place->address, rest_then_answer, NULL);
    struct gp_request feed = {.kind = GP_REQUEST_FEED, .feed = {.wait_ms = 5000}};
    struct gp_request command = accept_of(1);
    struct gp_client *client;
    struct gp_reply reply;

    assert_int_equal(gp_client_open(place->address, &client), 0);
    assert_int_equal(gp_client_call(client, &feed, 30000, &reply), 0);
    assert_int_equal(gp_client_call(client, &command, 30000, &reply), 0);
    assert_int_equal(fake_count(fake), 2);
    gp_client_close(client);
    fake_stop(fake);
}

static void a_body_that_was_not_asked_for_is_an_error(void **state)
{
    struct place *place = *state;
    struct fake *fake = fake_start(place->address, status_of_incident, NULL);
    struct gp_request request = {.kind = GP_REQUEST_INCIDENT, .incident = 41};
    struct gp_client *client;
    struct gp_reply reply = {.status = 99};

    assert_int_equal(gp_client_open(place->address, &client), 0);
    assert_int_equal(gp_client_call(client, &request, 10000, &reply), GP_EFORMAT);
    assert_int_equal(reply.status, 99);
    gp_client_close(client);
    fake_stop(fake);
}

/* ---------------------------------------------------------------- hostile answers */

struct raw {
    int socket;
    const void *answer;
    size_t len;
};

static void *answer_raw(void *context)
{
    struct raw *raw = context;
    void *bytes;

    if (nn_recv(raw->socket, &bytes, NN_MSG, 0) < 0)
        return NULL;
    nn_freemsg(bytes);
    (void)nn_send(raw->socket, raw->answer, raw->len, 0); /* the client's side is what is tested */
    return NULL;
}

/* What a call gives when these bytes come back. */
static int call_against(const struct place *place, const void *answer, size_t len,
                        unsigned timeout_ms)
{
    struct raw raw = {nn_socket(AF_SP, NN_REP), answer, len};
    struct gp_request request = accept_of(1);
    struct gp_reply reply;
    struct gp_client *client;
    pthread_t thread;

    assert_true(nn_bind(raw.socket, place->address) >= 0);
    assert_int_equal(pthread_create(&thread, NULL, answer_raw, &raw), 0);
    assert_int_equal(gp_client_open(place->address, &client), 0);
    int rc = gp_client_call(client, &request, timeout_ms, &reply);
    assert_int_equal(pthread_join(thread, NULL), 0);
    gp_client_close(client);
    nn_close(raw.socket);
    return rc;
}

static void an_answer_that_is_no_reply_is_an_error(void **state)
{
    static const char noise[] = "\x08\x01\x10\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF";

    assert_int_equal(call_against(*state, noise, sizeof noise - 1, 10000), GP_EFORMAT);
    assert_int_not_equal(call_against(*state, "", 0, 10000), 0);
}

static void an_answer_above_the_limit_never_arrives(void **state)
{
    size_t len = GP_REPLY_BYTES_MAX + 64 * 1024;
    char *large = calloc(1, len);

    assert_int_equal(call_against(*state, large, len, 300), GP_ETIMEDOUT);
    free(large);
}

/* ---------------------------------------------------------------- ids */

static uint64_t milliseconds_of(const unsigned char id[GP_COMMAND_ID_BYTES])
{
    uint64_t ms = 0;

    for (int i = 0; i < 6; i++)
        ms = ms << 8 | id[i];
    return ms;
}

static void an_id_begins_with_the_time_and_is_never_the_same(void **state)
{
    unsigned char first[GP_COMMAND_ID_BYTES], second[GP_COMMAND_ID_BYTES];
    struct timespec now;

    (void)state;
    clock_gettime(CLOCK_REALTIME, &now);
    assert_int_equal(gp_client_new_id(first), 0);
    assert_int_equal(gp_client_new_id(second), 0);
    uint64_t before = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    assert_in_range(milliseconds_of(first), before, before + 60000);
    assert_memory_not_equal(first + 6, second + 6, GP_COMMAND_ID_BYTES - 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, make_place, drop_place)
        T(a_missing_socket_is_said_at_once),
        T(a_socket_left_behind_by_a_dead_daemon_counts_as_missing),
        T(what_is_no_address_is_refused),
        T(a_call_brings_the_answer),
        T(what_the_daemon_would_refuse_is_not_even_sent),
        T(after_a_timeout_the_same_request_is_the_same_bytes),
        T(a_resting_feed_request_is_not_sent_twice),
        T(a_body_that_was_not_asked_for_is_an_error),
        T(an_answer_that_is_no_reply_is_an_error),
        T(an_answer_above_the_limit_never_arrives),
        T(an_id_begins_with_the_time_and_is_never_the_same),
#undef T
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
