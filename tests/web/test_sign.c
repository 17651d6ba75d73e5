/* Sessions and how often somebody may try, with a clock of the test's own. */
#include "web/sign.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOW 1000000

struct scene {
    struct gp_sign *sign;
    unsigned ended;
    char last[GP_SIGN_ID_BYTES]; /* who ended last */
    const char *removed;         /* whom `stays` says no for */
};

static void on_ended(void *context, struct gp_signed *session)
{
    struct scene *scene = context;

    scene->ended++;
    memcpy(scene->last, session->user, sizeof scene->last);
}

static int set_up(void **state)
{
    struct scene *scene = calloc(1, sizeof *scene);

    *state = scene;
    return scene != NULL ? gp_sign_new(on_ended, scene, &scene->sign) : -1;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;

    gp_sign_free(scene->sign);
    free(scene);
    return 0;
}

static bool stays(void *context, const struct gp_signed *session)
{
    const struct scene *scene = context;
    return scene->removed == NULL || strcmp(scene->removed, session->user) != 0;
}

static struct gp_signed *begin(struct scene *scene, const char *user, int64_t now_ms,
                               char ret_token[GP_SIGN_TOKEN_TEXT])
{
    struct gp_signed *session = NULL;

    assert_int_equal(gp_sign_begin(scene->sign, user, "li", 4, now_ms, ret_token, &session), 0);
    return session;
}

static void a_token_finds_its_session(void **state)
{
    struct scene *scene = *state;
    char token[GP_SIGN_TOKEN_TEXT], other[GP_SIGN_TOKEN_TEXT];
    struct gp_signed *session = begin(scene, "u1", NOW, token);
    struct gp_signed *second = begin(scene, "u2", NOW, other);

    assert_string_not_equal(token, other);
    assert_string_not_equal(session->csrf, second->csrf);
    assert_ptr_equal(gp_sign_find(scene->sign, token, NOW), session);
    assert_ptr_equal(gp_sign_find(scene->sign, other, NOW), second);
    assert_string_equal(session->user, "u1");
    assert_string_equal(session->person, "li");
    assert_int_equal(session->role, 4);
    assert_int_equal(gp_sign_count(scene->sign), 2);
    token[0] = token[0] == '0' ? '1' : '0';
    assert_null(gp_sign_find(scene->sign, token, NOW));
    assert_null(gp_sign_find(scene->sign, "", NOW));
    assert_null(gp_sign_find(scene->sign, "not even hexadecimal", NOW));
}

static void nothing_in_memory_is_the_token(void **state)
{
    struct scene *scene = *state;
    char token[GP_SIGN_TOKEN_TEXT];
    const struct gp_signed *session = begin(scene, "u1", NOW, token);
    const char *bytes = (const char *)session;

    for (size_t i = 0; i + 16 <= sizeof *session; i++)
        assert_int_not_equal(memcmp(bytes + i, token, 16), 0);
}

static void a_session_ends_by_age_and_by_idleness(void **state)
{
    struct scene *scene = *state;
    char token[GP_SIGN_TOKEN_TEXT];
    int64_t now = NOW;

    (void)begin(scene, "u1", now, token);
    for (; now < NOW + GP_SIGN_LIFE_MS; now += GP_SIGN_IDLE_MS - 1)
        assert_non_null(gp_sign_find(scene->sign, token, now));
    assert_null(gp_sign_find(scene->sign, token, NOW + GP_SIGN_LIFE_MS));
    assert_int_equal(scene->ended, 1);
    (void)begin(scene, "u1", NOW, token);
    assert_null(gp_sign_find(scene->sign, token, NOW + GP_SIGN_IDLE_MS));
    assert_int_equal(scene->ended, 2);
    assert_int_equal(gp_sign_count(scene->sign), 0);
}

static void an_open_stream_keeps_it_from_being_idle(void **state)
{
    struct scene *scene = *state;
    char token[GP_SIGN_TOKEN_TEXT];
    struct gp_signed *session = begin(scene, "u1", NOW, token);

    session->streams = 1;
    gp_sign_sweep(scene->sign, NOW + GP_SIGN_IDLE_MS, stays, scene);
    assert_int_equal(scene->ended, 0);
    gp_sign_sweep(scene->sign, NOW + GP_SIGN_LIFE_MS, stays, scene);
    assert_int_equal(scene->ended, 1);
}

static void who_is_removed_ends_with_all_sessions(void **state)
{
    struct scene *scene = *state;
    char token[3][GP_SIGN_TOKEN_TEXT];

    (void)begin(scene, "u1", NOW, token[0]);
    (void)begin(scene, "u2", NOW, token[1]);
    (void)begin(scene, "u1", NOW, token[2]);
    scene->removed = "u1";
    gp_sign_sweep(scene->sign, NOW, stays, scene);
    assert_int_equal(scene->ended, 2);
    assert_null(gp_sign_find(scene->sign, token[0], NOW));
    assert_non_null(gp_sign_find(scene->sign, token[1], NOW));
    assert_null(gp_sign_find(scene->sign, token[2], NOW));
}

static void one_more_than_a_user_may_have_ends_the_oldest(void **state)
{
    struct scene *scene = *state;
    char first[GP_SIGN_TOKEN_TEXT], token[GP_SIGN_TOKEN_TEXT];

    (void)begin(scene, "u1", NOW, first);
    (void)begin(scene, "u2", NOW - 1, token); /* older, and somebody else's */
    for (int i = 1; i <= GP_SIGN_OF_USER_MAX; i++)
        (void)begin(scene, "u1", NOW + i, token);
    assert_int_equal(scene->ended, 1);
    assert_string_equal(scene->last, "u1");
    assert_null(gp_sign_find(scene->sign, first, NOW + 9));
    assert_non_null(gp_sign_find(scene->sign, token, NOW + 9));
}

static void there_is_an_end_to_sessions(void **state)
{
    struct scene *scene = *state;
    char token[GP_SIGN_TOKEN_TEXT], name[16];
    struct gp_signed *session;

    for (int i = 0; i < GP_SIGN_SESSIONS_MAX; i++) {
        (void)snprintf(name, sizeof name, "u%d", i);
        (void)begin(scene, name, NOW, token);
    }
    assert_int_equal(gp_sign_begin(scene->sign, "x", "li", 4, NOW, token, &session), GP_EAGAIN);
    gp_sign_sweep(scene->sign, NOW + GP_SIGN_IDLE_MS, stays, scene);
    assert_int_equal(gp_sign_begin(scene->sign, "x", "li", 4, NOW, token, &session), 0);
}

static void a_change_repeats_what_the_page_was_told(void **state)
{
    struct scene *scene = *state;
    char token[GP_SIGN_TOKEN_TEXT], csrf[GP_SIGN_TOKEN_TEXT];
    const struct gp_signed *session = begin(scene, "u1", NOW, token);

    memcpy(csrf, session->csrf, sizeof csrf);
    assert_true(gp_sign_csrf_fits(session, csrf));
    csrf[63] = csrf[63] == '0' ? '1' : '0';
    assert_false(gp_sign_csrf_fits(session, csrf));
    assert_false(gp_sign_csrf_fits(session, token));
    assert_false(gp_sign_csrf_fits(session, ""));
    assert_false(gp_sign_csrf_fits(session, NULL));
}

/* ---------------------------------------------------------------- how often */

static void fail_often(struct scene *scene, const char *peer, const char *user, int times)
{
    for (int i = 0; i < times; i++) {
        assert_int_equal(gp_sign_wait_ms(scene->sign, peer, user, NOW + i), 0);
        gp_sign_failed(scene->sign, peer, user, NOW + i);
    }
}

static void who_fails_too_often_must_wait(void **state)
{
    struct scene *scene = *state;

    fail_often(scene, "p1", "u1", GP_SIGN_PAIR_MAX);
    assert_int_equal(gp_sign_wait_ms(scene->sign, "p1", "u1", NOW + 10), GP_SIGN_WINDOW_MS - 10);
    assert_int_equal(gp_sign_wait_ms(scene->sign, "p1", "u2", NOW + 10), 0);
    assert_int_equal(gp_sign_wait_ms(scene->sign, "p2", "u1", NOW + 10), 0);
    assert_int_equal(gp_sign_wait_ms(scene->sign, "p1", "u1", NOW + GP_SIGN_WINDOW_MS), 0);
    gp_sign_failed(scene->sign, "p1", "u1", NOW + GP_SIGN_WINDOW_MS); /* a new window */
    assert_int_equal(gp_sign_wait_ms(scene->sign, "p1", "u1", NOW + GP_SIGN_WINDOW_MS), 0);
}

static void a_success_forgives_the_pair(void **state)
{
    struct scene *scene = *state;

    fail_often(scene, "p1", "u1", GP_SIGN_PAIR_MAX - 1);
    gp_sign_succeeded(scene->sign, "p1", "u1");
    fail_often(scene, "p1", "u1", GP_SIGN_PAIR_MAX - 1);
}

static void a_peer_that_tries_many_users_must_wait(void **state)
{
    struct scene *scene = *state;
    char user[16];

    for (int i = 0; i < GP_SIGN_PEER_MAX; i++) {
        (void)snprintf(user, sizeof user, "u%d", i);
        fail_often(scene, "p1", user, 1);
    }
    assert_true(gp_sign_wait_ms(scene->sign, "p1", "fresh", NOW) > 0);
    assert_int_equal(gp_sign_wait_ms(scene->sign, "p2", "fresh", NOW), 0);
}

static void a_user_that_many_peers_try_is_shut(void **state)
{
    struct scene *scene = *state;
    char peer[16];

    for (int i = 0; i < GP_SIGN_USER_MAX; i++) {
        (void)snprintf(peer, sizeof peer, "p%d", i);
        fail_often(scene, peer, "u1", 1);
    }
    assert_true(gp_sign_wait_ms(scene->sign, "fresh", "u1", NOW) > 0);
    assert_int_equal(gp_sign_wait_ms(scene->sign, "fresh", "u2", NOW), 0);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(a_token_finds_its_session),
        WITH(nothing_in_memory_is_the_token),
        WITH(a_session_ends_by_age_and_by_idleness),
        WITH(an_open_stream_keeps_it_from_being_idle),
        WITH(who_is_removed_ends_with_all_sessions),
        WITH(one_more_than_a_user_may_have_ends_the_oldest),
        WITH(there_is_an_end_to_sessions),
        WITH(a_change_repeats_what_the_page_was_told),
        WITH(who_fails_too_often_must_wait),
        WITH(a_success_forgives_the_pair),
        WITH(a_peer_that_tries_many_users_must_wait),
        WITH(a_user_that_many_peers_try_is_shut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
