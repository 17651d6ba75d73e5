/* The table of sessions: who is found, who goes first, which answers are kept. */
#include "app/seal/sessions.h"
#include "base/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define MOST 16

struct stage {
    struct gp_sessions *sessions;
    struct gp_noise noise; /* of a handshake that is done */
    unsigned ended;
    uint64_t last_ended; /* device */
};

static void on_end(void *context, struct gp_session *session)
{
    struct stage *stage = context;

    stage->ended++;
    stage->last_ended = session->device;
}

/* Both sides of one handshake; the server's is kept. */
static void shake_hands(struct gp_noise *ret_noise)
{
    struct gp_keypair device, server;
    struct gp_noise initiator;
    unsigned char message[256], payload[256];
    size_t len, payload_len;

    gp_keypair_new(&device);
    gp_keypair_new(&server);
    gp_noise_init(&initiator, GP_NOISE_IK, true, GP_SPAN("test"), &device, server.public, NULL);
    gp_noise_init(ret_noise, GP_NOISE_IK, false, GP_SPAN("test"), &server, NULL, NULL);
    assert_int_equal(gp_noise_write(&initiator, NULL, GP_SPAN(""), message, &len), 0);
    assert_int_equal(
        gp_noise_read(ret_noise, (struct gp_span){(char *)message, len}, payload, &payload_len), 0);
    assert_int_equal(gp_noise_write(ret_noise, NULL, GP_SPAN(""), message, &len), 0);
}

static int set_up(void **state)
{
    static struct stage stage;

    assert_int_equal(gp_trust_start(), 0);
    stage = (struct stage){0};
    shake_hands(&stage.noise);
    assert_int_equal(gp_sessions_open(MOST, on_end, &stage, &stage.sessions), 0);
    *state = &stage;
    return 0;
}

static int tear_down(void **state)
{
    gp_sessions_close(((struct stage *)*state)->sessions);
    return 0;
}

static void id_of(uint64_t number, unsigned char ret_id[GP_SESSION_ID_BYTES])
{
    memset(ret_id, 0, GP_SESSION_ID_BYTES);
    gp_put_u64(ret_id + 8, number); /* all in one bucket */
}

static void add(struct stage *stage, uint64_t number, uint64_t device, uint64_t ends_ms)
{
    struct gp_session_owner owner = {.device = device, .role = 1, .person = GP_SPAN("li")};
    unsigned char id[GP_SESSION_ID_BYTES];

    id_of(number, id);
    assert_int_equal(gp_sessions_add(stage->sessions, &stage->noise, id, &owner, ends_ms), 0);
}

static struct gp_session *find(const struct stage *stage, uint64_t number)
{
    unsigned char id[GP_SESSION_ID_BYTES];

    id_of(number, id);
    return gp_sessions_find(stage->sessions, id);
}

static void session_is_found_by_its_id(void **state)
{
    struct stage *stage = *state;

    add(stage, 1, 7, 100);
    add(stage, 2, 8, 100);
    assert_int_equal(find(stage, 1)->device, 7);
    assert_int_equal(find(stage, 2)->device, 8);
    assert_int_equal(find(stage, 2)->person_len, 2);
    assert_memory_equal(find(stage, 2)->person, "li", 2);
    assert_null(find(stage, 3));
}

static void add_proven(struct stage *stage, uint64_t number, uint64_t device, uint64_t ends_ms)
{
    add(stage, number, device, ends_ms);
    gp_sessions_prove(stage->sessions, find(stage, number));
}

static void device_keeps_its_newest_four(void **state)
{
    struct stage *stage = *state;

    for (uint64_t i = 1; i <= GP_DEVICE_SESSIONS_MAX; i++)
        add_proven(stage, i, 7, 100);
    add_proven(stage, 100, 7 + (UINT64_C(1) << 32), 100); /* another device of the same bucket */
    assert_int_equal(stage->ended, 0);
    add(stage, 5, 7, 100);
    assert_int_equal(stage->ended, 0);
    gp_sessions_prove(stage->sessions, find(stage, 5));
    assert_int_equal(stage->ended, 1);
    assert_null(find(stage, 1));
    assert_non_null(find(stage, 2));
    assert_non_null(find(stage, 5));
    assert_non_null(find(stage, 100));
    gp_sessions_prove(stage->sessions, find(stage, 5)); /* as it is */
    assert_int_equal(stage->ended, 1);
}

/* A recorded HELLO played back makes sessions that nobody can use. They end no session that its
 * device works with, and not the one that it has just made either. */
static void played_back_hello_ends_nobody(void **state)
{
    struct stage *stage = *state;

    for (uint64_t i = 1; i <= MOST; i++)
        add_proven(stage, i, i, 100); /* the table is full */
    add(stage, 100, 7, 100);
    for (uint64_t i = 1; i < GP_SESSIONS_FRESH_MAX; i++)
        add(stage, 1000 + i, 7, 100);
    assert_int_equal(stage->ended, 0);
    assert_int_equal(gp_sessions_count(stage->sessions), MOST + GP_SESSIONS_FRESH_MAX);
    assert_non_null(find(stage, 100));
    add(stage, 50000, 7, 100); /* one too many: the oldest of these goes */
    assert_int_equal(stage->ended, 1);
    assert_null(find(stage, 100));
    for (uint64_t i = 1; i <= MOST; i++)
        assert_non_null(find(stage, i));
}

static void oldest_goes_when_the_table_is_full(void **state)
{
    struct stage *stage = *state;

    for (uint64_t i = 1; i <= MOST; i++)
        add_proven(stage, i, i, 100);
    assert_int_equal(stage->ended, 0);
    add_proven(stage, 50, 50, 100);
    assert_int_equal(stage->ended, 1);
    assert_int_equal(stage->last_ended, 1);
    assert_int_equal(gp_sessions_count(stage->sessions), MOST);
}

/* Which one is the oldest is a matter of its handshake, and not of its first request. */
static void late_proof_makes_no_session_younger(void **state)
{
    struct stage *stage = *state;

    add(stage, 1, 1, 100);
    add_proven(stage, 2, 2, 200);
    gp_sessions_prove(stage->sessions, find(stage, 1));
    gp_sessions_expire(stage->sessions, 100);
    assert_null(find(stage, 1));
    assert_non_null(find(stage, 2));
    assert_int_equal(gp_sessions_count(stage->sessions), 1);
}

static void revoked_device_loses_all(void **state)
{
    struct stage *stage = *state;

    add(stage, 1, 7, 100);
    add(stage, 2, 8, 100);
    add_proven(stage, 3, 7, 100);
    gp_sessions_end_device(stage->sessions, 7);
    assert_int_equal(stage->ended, 2);
    assert_null(find(stage, 1));
    assert_null(find(stage, 3));
    assert_non_null(find(stage, 2));
    gp_sessions_end_device(stage->sessions, 9);
    assert_int_equal(stage->ended, 2);
}

static void time_ends_a_session(void **state)
{
    struct stage *stage = *state;

    add(stage, 1, 1, 100);
    add(stage, 2, 2, 200);
    gp_sessions_expire(stage->sessions, 99);
    assert_int_equal(gp_sessions_count(stage->sessions), 2);
    gp_sessions_expire(stage->sessions, 100);
    assert_null(find(stage, 1));
    assert_non_null(find(stage, 2));
}

/* ---------------------------------------------------------------- kept answers */

static struct gp_asked asked(uint64_t counter)
{
    return (struct gp_asked){.counter = counter, .tag = {(unsigned char)counter, 1}};
}

static void keep(struct stage *stage, struct gp_session *session, uint64_t counter,
                 struct gp_span answer)
{
    struct gp_asked request = asked(counter);
    gp_session_keep(stage->sessions, session, &request, answer);
}

static const struct gp_given *given(struct gp_session *session, uint64_t counter)
{
    struct gp_asked request = asked(counter);
    return gp_session_given(session, &request);
}

static void newest_answers_are_kept(void **state)
{
    struct stage *stage = *state;

    add(stage, 1, 1, 100);
    struct gp_session *session = find(stage, 1);
    for (uint64_t i = 0; i <= GP_SESSION_ANSWERS_MAX; i++)
        keep(stage, session, i, GP_SPAN("answer"));
    assert_null(given(session, 0));
    assert_non_null(given(session, 1));
    const struct gp_given *last = given(session, GP_SESSION_ANSWERS_MAX);
    assert_non_null(last);
    assert_int_equal(last->len, 6);
    assert_memory_equal(last->bytes, "answer", 6);
}

/* The same counter with another tag is another message. */
static void answer_belongs_to_the_whole_request(void **state)
{
    struct stage *stage = *state;
    struct gp_asked other = asked(1);

    add(stage, 1, 1, 100);
    struct gp_session *session = find(stage, 1);
    keep(stage, session, 1, GP_SPAN("answer"));
    other.tag[15] ^= 1;
    assert_null(gp_session_given(session, &other));
    assert_non_null(given(session, 1));
}

static void answer_is_given_again_so_often(void **state)
{
    struct stage *stage = *state;

    add(stage, 1, 1, 100);
    struct gp_session *session = find(stage, 1);
    keep(stage, session, 1, GP_SPAN("answer"));
    for (int i = 0; i < GP_ANSWER_RESENDS_MAX; i++)
        assert_non_null(given(session, 1));
    assert_null(given(session, 1));
}

/* Over the ceiling the oldest of all go, whosever they are. */
static void kept_answers_have_a_ceiling(void **state)
{
    struct stage *stage = *state;
    size_t len = GP_ANSWERS_BYTES_MAX / 2;
    char *large = calloc(1, len);

    assert_non_null(large);
    add(stage, 1, 1, 100);
    add(stage, 2, 2, 100);
    keep(stage, find(stage, 1), 1, (struct gp_span){large, len});
    keep(stage, find(stage, 2), 1, (struct gp_span){large, len});
    assert_non_null(given(find(stage, 1), 1));
    keep(stage, find(stage, 2), 2, GP_SPAN("x"));
    assert_null(given(find(stage, 1), 1));
    assert_non_null(given(find(stage, 2), 1));
    assert_non_null(given(find(stage, 2), 2));
    free(large);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(session_is_found_by_its_id),
        TEST(device_keeps_its_newest_four),
        TEST(played_back_hello_ends_nobody),
        TEST(oldest_goes_when_the_table_is_full),
        TEST(late_proof_makes_no_session_younger),
        TEST(revoked_device_loses_all),
        TEST(time_ends_a_session),
        TEST(newest_answers_are_kept),
        TEST(answer_belongs_to_the_whole_request),
        TEST(answer_is_given_again_so_often),
        TEST(kept_answers_have_a_ceiling),
    };

    return cmocka_run_group_tests_name("sessions", tests, NULL, NULL);
}
