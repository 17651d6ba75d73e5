/* libgridpost with an identity: handshakes, sealed calls, and what goes wrong on the way. */
#include "client/client.h"
#include "tools/fake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

struct scene {
    char folder[64], address[128];
    struct sealed sealed;
    struct gp_identity identity;
    struct fake *fake;
    struct gp_client *client;
    unsigned limited; /* so many requests are answered "too fast" */
};

static bool answer(void *context, const struct gp_request *request, unsigned nth,
                   struct gp_reply *ret_reply)
{
    struct scene *scene = context;

    (void)nth;
    if (scene->limited > 0) {
        scene->limited--;
        ret_reply->status = GP_STATUS_LIMITED;
        ret_reply->retry_ms = 20;
        return true;
    }
    ret_reply->status = GP_STATUS_OK;
    ret_reply->kind = GP_REPLY_ANSWER;
    ret_reply->answer.incident = request->command.incident + 1;
    return true;
}

static int set_up(void **state)
{
    struct scene *scene = calloc(1, sizeof *scene);

    snprintf(scene->folder, sizeof scene->folder, "/tmp/gridpost-sealed-XXXXXX");
    assert_non_null(mkdtemp(scene->folder));
    snprintf(scene->address, sizeof scene->address, "ipc://%s/gp.ipc", scene->folder);
    sealed_init(&scene->sealed);
    sealed_identity(&scene->sealed, &scene->identity);
    scene->fake = fake_start_sealed(scene->address, answer, scene, &scene->sealed);
    assert_int_equal(gp_client_open(scene->address, &scene->client), 0);
    assert_int_equal(gp_client_identify(scene->client, &scene->identity), 0);
    *state = scene;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;
    char path[160];

    gp_client_close(scene->client);
    fake_stop(scene->fake);
    snprintf(path, sizeof path, "%s/gp.ipc", scene->folder);
    (void)unlink(path); /* nanomsg leaves it behind or takes it along */
    assert_int_equal(rmdir(scene->folder), 0);
    free(scene);
    return 0;
}

/* What accepting an incident gives; the answer must be the fake's to this very incident. */
static int accept_one(struct scene *scene, uint64_t incident, unsigned timeout_ms)
{
    const struct gp_request request = {
        .kind = GP_REQUEST_COMMAND,
        .command = {.verb = GP_VERB_ACCEPT, .id = {[0] = 1, [15] = 9}, .incident = incident}};
    struct gp_reply reply;

    atomic_fetch_add(&fake_fence, 1);
    int rc = gp_client_call(scene->client, &request, timeout_ms, &reply);
    (void)atomic_load(&fake_fence);
    if (rc == 0 && reply.status == GP_STATUS_OK)
        assert_int_equal(reply.answer.incident, incident + 1);
    return rc == 0 ? (int)reply.status : rc;
}

static void one_handshake_serves_many_calls(void **state)
{
    struct scene *scene = *state;

    for (uint64_t incident = 1; incident <= 20; incident++)
        assert_int_equal(accept_one(scene, incident, 10000), GP_STATUS_OK);
    assert_int_equal(scene->sealed.hellos, 1);
    assert_int_equal(scene->sealed.requests, 20);
    assert_memory_equal(scene->sealed.device_key, scene->identity.own.public, GP_KEY_BYTES);
}

static void what_was_sent_is_kept_as_it_was_before_it_was_sealed(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(gp_client_sent(scene->client).len, 0);
    assert_int_equal(accept_one(scene, 7, 10000), GP_STATUS_OK);
    assert_true(gp_span_equal(gp_client_sent(scene->client), fake_request(scene->fake, 0)));
}

static void a_forgotten_session_is_made_anew(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(accept_one(scene, 1, 10000), GP_STATUS_OK);
    scene->sealed.forget = 2;
    assert_int_equal(accept_one(scene, 2, 10000), GP_STATUS_OK);
    assert_int_equal(scene->sealed.hellos, 3);
    assert_int_equal(fake_count(scene->fake), 2);
}

/* AGAIN is sent so often in a second, and who floods the server has it say that to nobody else. */
static void a_session_that_is_not_answered_is_made_anew(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(accept_one(scene, 1, 10000), GP_STATUS_OK);
    scene->sealed.mute = 1;
    assert_int_equal(accept_one(scene, 2, 100), GP_ETIMEDOUT);
    assert_int_equal(accept_one(scene, 2, 10000), GP_STATUS_OK);
    assert_int_equal(scene->sealed.hellos, 2);
}

static void a_server_that_forgets_each_session_does_not_know_the_device(void **state)
{
    struct scene *scene = *state;

    scene->sealed.forget = 100;
    assert_int_equal(accept_one(scene, 1, 10000), GP_EDENIED);
    assert_int_equal(scene->sealed.hellos, 3);
    assert_int_equal(fake_count(scene->fake), 0);
}

static void an_unknown_device_is_told_so(void **state)
{
    struct scene *scene = *state;

    scene->sealed.welcome.status = GP_WELCOME_UNKNOWN;
    assert_int_equal(accept_one(scene, 1, 10000), GP_EDENIED);
    assert_int_equal(scene->sealed.requests, 0);
}

static void an_unconfirmed_device_waits(void **state)
{
    struct scene *scene = *state;

    scene->sealed.waits = 1;
    assert_int_equal(accept_one(scene, 1, 10000), GP_EPENDING);
    assert_int_equal(accept_one(scene, 1, 10000), GP_STATUS_OK);
}

static void answers_that_were_changed_are_dropped(void **state)
{
    struct scene *scene = *state;

    scene->sealed.spoil = 3; /* a welcome, and two answers */
    assert_int_equal(accept_one(scene, 1, 10000), GP_STATUS_OK);
    assert_int_equal(accept_one(scene, 2, 10000), GP_STATUS_OK);
    assert_int_equal(fake_count(scene->fake), 2); /* each was executed once */
    scene->sealed.spoil = 2;
    assert_int_equal(accept_one(scene, 3, 10000), GP_STATUS_OK);
    assert_int_equal(fake_count(scene->fake), 3);
    assert_int_equal(scene->sealed.requests, 5);
}

static void nothing_but_wrong_answers_is_an_error(void **state)
{
    struct scene *scene = *state;

    scene->sealed.spoil = 1000;
    assert_int_equal(accept_one(scene, 1, 10000), GP_EFORMAT);
    assert_int_equal(fake_count(scene->fake), 0);
}

static void a_server_with_other_keys_never_answers(void **state)
{
    struct scene *scene = *state;

    gp_random(scene->identity.server, GP_KEY_BYTES);
    assert_int_equal(gp_client_identify(scene->client, &scene->identity), 0);
    assert_int_equal(accept_one(scene, 1, 100), GP_ETIMEDOUT);
}

static void too_fast_is_waited_for(void **state)
{
    struct scene *scene = *state;

    scene->limited = 2;
    assert_int_equal(accept_one(scene, 1, 10000), GP_STATUS_OK);
    assert_int_equal(fake_count(scene->fake), 3);
    assert_int_equal(scene->sealed.requests, 3);
    scene->limited = 1000;
    assert_int_equal(accept_one(scene, 1, 10), GP_STATUS_LIMITED);
}

static void a_newer_key_of_the_server_is_taken_over(void **state)
{
    struct scene *scene = *state;
    struct gp_server_keys newer;

    gp_keys_new(&newer);
    memcpy(scene->sealed.welcome.server_key, newer.box[0].public, GP_KEY_BYTES);
    scene->sealed.keys.box[1] = newer.box[0];
    scene->sealed.keys.box_count = 2;
    assert_int_equal(accept_one(scene, 1, 10000), GP_STATUS_OK);
    assert_memory_equal(gp_client_identity(scene->client)->server, newer.box[0].public,
                        GP_KEY_BYTES);
    scene->sealed.forget = 1; /* the next handshake means the newer one */
    scene->sealed.keys.box[0] = newer.box[0];
    scene->sealed.keys.box_count = 1;
    assert_int_equal(accept_one(scene, 2, 10000), GP_STATUS_OK);
}

static void a_session_ends_when_its_time_is_over(void **state)
{
    struct scene *scene = *state;

    scene->sealed.welcome.lifetime_s = 0;
    assert_int_equal(accept_one(scene, 1, 10000), GP_STATUS_OK);
    assert_int_equal(accept_one(scene, 2, 10000), GP_STATUS_OK);
    assert_int_equal(scene->sealed.hellos, 2);
}

static void greeting_says_the_role(void **state)
{
    struct scene *scene = *state;
    uint8_t role = 0;

    scene->sealed.welcome.role = GP_ROLE_BRIDGE;
    assert_int_equal(gp_client_greet(scene->client, 10000, &role), 0);
    assert_int_equal(role, GP_ROLE_BRIDGE);
    assert_int_equal(accept_one(scene, 1, 10000), GP_STATUS_OK);
    assert_int_equal(scene->sealed.hellos, 1);
}

static int join(struct scene *scene, uint32_t *ret_digits)
{
    struct gp_invitation invitation = {.device = 17};

    memcpy(invitation.server, scene->sealed.keys.box[0].public, GP_KEY_BYTES);
    memcpy(invitation.psk, scene->sealed.psk, GP_PSK_BYTES);
    return gp_client_join(scene->client, &invitation, GP_SPAN("handset 3"), 10000, ret_digits);
}

static void joining_shows_the_digits_of_both_sides(void **state)
{
    struct scene *scene = *state;
    uint32_t digits = GP_DIGITS_END;

    scene->sealed.waits = 1;
    scene->sealed.spoil = 1;
    assert_int_equal(join(scene, &digits), 0);
    assert_int_equal(digits, scene->sealed.digits);
    assert_string_equal(scene->sealed.label, "handset 3");
    assert_memory_equal(scene->sealed.device_key, scene->identity.own.public, GP_KEY_BYTES);
}

static void an_invitation_that_was_used_is_refused(void **state)
{
    struct scene *scene = *state;
    uint32_t digits = GP_DIGITS_END;

    scene->sealed.welcome.status = GP_WELCOME_UNKNOWN;
    assert_int_equal(join(scene, &digits), GP_EDENIED);
    assert_int_equal(digits, GP_DIGITS_END);
}

static void an_invitation_that_the_server_has_not_is_refused(void **state)
{
    struct scene *scene = *state;
    uint32_t digits = GP_DIGITS_END;
    unsigned char psk[GP_PSK_BYTES];

    memcpy(psk, scene->sealed.psk, sizeof psk);
    gp_random(scene->sealed.psk, sizeof scene->sealed.psk);
    struct gp_invitation invitation = {.device = 17};
    memcpy(invitation.server, scene->sealed.keys.box[0].public, GP_KEY_BYTES);
    memcpy(invitation.psk, psk, GP_PSK_BYTES);
    assert_int_equal(gp_client_join(scene->client, &invitation, GP_SPAN("x"), 10000, &digits),
                     GP_EDENIED);
    assert_int_equal(scene->sealed.joins, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        T(one_handshake_serves_many_calls),
        T(what_was_sent_is_kept_as_it_was_before_it_was_sealed),
        T(a_forgotten_session_is_made_anew),
        T(a_session_that_is_not_answered_is_made_anew),
        T(a_server_that_forgets_each_session_does_not_know_the_device),
        T(an_unknown_device_is_told_so),
        T(an_unconfirmed_device_waits),
        T(answers_that_were_changed_are_dropped),
        T(nothing_but_wrong_answers_is_an_error),
        T(a_server_with_other_keys_never_answers),
        T(too_fast_is_waited_for),
        T(a_newer_key_of_the_server_is_taken_over),
        T(a_session_ends_when_its_time_is_over),
        T(greeting_says_the_role),
        T(joining_shows_the_digits_of_both_sides),
        T(an_invitation_that_was_used_is_refused),
        T(an_invitation_that_the_server_has_not_is_refused),
#undef T
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
