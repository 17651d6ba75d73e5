/* The asynchronous client's one sealed session: shared, renewed, forgotten, refused. */
#include "base/error.h"
#include "client/async_internal.h"
#include "client/place.h"
#include "client/sealer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define LONG_MS 60000 /* a time-out that no test waits for */

static struct sealer sealer;
static struct gp_identity identity;

static void start(struct place *place, unsigned connections)
{
    sealer_init(&sealer);
    sealer_identity(&sealer, &identity);
    place->peer.context = &sealer;
    peer_start(&place->peer, &place->desk.loop, place->path, sealer_on_request);
    desk_open(&place->desk, place->address, &identity, connections, 0);
}

static struct desk_ask *ask(struct place *place, uint64_t incident)
{
    struct gp_request request = desk_command(incident);

    return desk_ask(&place->desk, &request, LONG_MS);
}

static struct desk_ask *ask_feed(struct place *place)
{
    struct gp_request request = desk_feed(20000);

    return desk_ask(&place->desk, &request, LONG_MS);
}

static void ask_and_get(struct place *place, uint64_t incident)
{
    const struct desk_ask *asked = ask(place, incident);

    desk_run_until(&place->desk, asked->ended);
    assert_int_equal(asked->error, 0);
    assert_int_equal(asked->value, incident);
}

/* ---------------------------------------------------------------- sharing */

static void all_share_one_session(void **state)
{
    struct place *place = *state;

    start(place, 16);
    for (uint64_t i = 0; i < 100; i++)
        (void)ask(place, i + 1);
    desk_finish(&place->desk);
    for (uint64_t i = 0; i < 100; i++)
        assert_int_equal(place->desk.ask[i].value, i + 1);
    assert_int_equal(sealer.hellos, 1);
    assert_int_equal(sealer.letters, 100);
    for (unsigned i = 1; i < 100; i++)
        assert_true(sealer_same_session(&sealer, 0, i));
    place_stop(place);
}

static void a_server_that_forgets_is_greeted_once_for_all(void **state)
{
    struct place *place = *state;

    start(place, 32);
    for (int i = 0; i < 20; i++)
        (void)ask_feed(place);
    desk_run_until(&place->desk, place->peer.owed == 20);
    peer_stop(&place->peer);
    sealer_forget(&sealer);
    peer_start(&place->peer, &place->desk.loop, place->path, sealer_on_request);
    for (uint64_t i = 0; i < 50; i++)
        (void)ask(place, i + 1);
    desk_run_until(&place->desk, place->desk.ended == 50 && place->peer.owed == 20);
    assert_int_equal(place->desk.by_error, 0);
    assert_int_equal(sealer.hellos, 2);
    place_stop(place);
}

static void a_server_that_forgets_always_is_asked_less_often(void **state)
{
    struct place *place = *state;
    struct gp_request request = desk_command(1);

    start(place, 4);
    sealer.forgets = true;
    struct desk_ask *asked = desk_ask(&place->desk, &request, 2900);
    desk_finish(&place->desk);
    assert_int_equal(asked->error, GP_ETIMEDOUT);
    assert_int_equal(sealer.letters,
                     4); /* three at once, one a second later, and two more are too many */
    place_stop(place);
}

/* ---------------------------------------------------------------- renewing */

static void a_session_that_ends_soon_is_renewed_and_still_answers(void **state)
{
    struct place *place = *state;

    start(place, 4);
    sealer.welcome.lifetime_s = 1;
    struct desk_ask *rests = ask_feed(place);
    desk_run_until(&place->desk, place->peer.owed == 1);
    struct peer_link *of_feed = GP_RING_OF(place->peer.links.next, struct peer_link, ring);
    while (!of_feed->owed)
        of_feed = GP_RING_OF(of_feed->ring.next, struct peer_link, ring);
    for (; sealer.hellos < 3; desk_step(&place->desk))
        ask_and_get(place, 1);
    assert_false(rests->ended);
    sealer_answer(of_feed, place_feed()); /* in the first of them */
    desk_run_until(&place->desk, rests->ended);
    assert_int_equal(rests->error, 0);
    assert_int_equal(place->desk.by_error, 0);
    place_stop(place);
}

static void a_session_is_renewed_before_its_last_message(void **state)
{
    struct place *place = *state;

    start(place, 4);
    ask_and_get(place, 1);
    place->desk.async->talk->talk.channel.sent = GP_SESSION_MESSAGES - GP_ASYNC_RENEW_MESSAGES - 1;
    ask_and_get(place, 2); /* the last one that needs nothing */
    assert_int_equal(sealer.hellos, 1);
    ask_and_get(place, 3);
    desk_run_until(&place->desk, sealer.sessions == 2);
    ask_and_get(place, 4);
    ask_and_get(place, 5);
    assert_true(sealer_same_session(&sealer, 0, 2));
    assert_false(sealer_same_session(&sealer, 0, 4));
    assert_int_equal(sealer.hellos, 2);
    place_stop(place);
}

static void behind_its_last_message_nobody_fails(void **state)
{
    struct place *place = *state;

    start(place, 8);
    ask_and_get(place, 1);
    place->desk.async->talk->talk.channel.sent = GP_SESSION_MESSAGES - 1;
    sealer.deaf = 1; /* the new one takes its time */
    for (uint64_t i = 0; i < 20; i++)
        (void)ask(place, i + 1);
    desk_finish(&place->desk);
    assert_int_equal(place->desk.by_error, 0);
    assert_int_equal(sealer.sessions, 2);
    place_stop(place);
}

/* ---------------------------------------------------------------- untrue answers */

static void an_untrue_answer_is_dropped_and_the_same_envelope_sent(void **state)
{
    struct place *place = *state;

    start(place, 4);
    ask_and_get(place, 7);
    sealer.letters = 0;
    sealer.spoil = 5;
    ask_and_get(place, 1);
    assert_int_equal(sealer.letters, 6);
    for (unsigned i = 1; i < 6; i++)
        assert_true(gp_span_equal(sealer.letter[0], sealer.letter[i]));
    place_stop(place);
}

static void nothing_but_untrue_answers_are_an_error(void **state)
{
    struct place *place = *state;

    start(place, 4);
    ask_and_get(place, 7);
    sealer.letters = 0;
    sealer.spoil = UINT_MAX;
    struct desk_ask *asked = ask(place, 1);
    desk_finish(&place->desk);
    assert_int_equal(asked->error, GP_EFORMAT);
    assert_int_equal(sealer.letters, GP_ASYNC_WRONG_MAX);
    place_stop(place);
}

static void untrue_welcomes_are_dropped_too(void **state)
{
    struct place *place = *state;

    start(place, 4);
    sealer.spoil = GP_ASYNC_WRONG_MAX - 1;
    ask_and_get(place, 1);
    assert_int_equal(sealer.hellos, GP_ASYNC_WRONG_MAX);
    sealer_forget(&sealer);
    sealer.hellos = 0;
    sealer.spoil = UINT_MAX;
    struct desk_ask *asked = ask(place, 1);
    desk_finish(&place->desk);
    assert_int_equal(asked->error, GP_EFORMAT);
    place_stop(place);
}

static void no_welcome(struct peer_link *link, struct gp_span letter)
{
    if (letter.len == GP_HELLO_BYTES) {
        sealer.hellos++;
        peer_answer(link, GP_SPAN("no welcome"));
    } else {
        sealer_on_request(link, letter);
    }
}

/* Also over one connection, which the handshakes take first. */
static void a_session_that_cannot_be_renewed_serves_to_its_end(void **state)
{
    struct place *place = *state;

    start(place, 1);
    ask_and_get(place, 1);
    place->desk.async->talk->renew_ms = 0;
    place->peer.on_request = no_welcome;
    for (uint64_t i = 0; i < 20; i++)
        (void)ask(place, i + 1);
    desk_finish(&place->desk);
    assert_int_equal(place->desk.by_error, 0);
    assert_int_equal(sealer.hellos, 1 + GP_ASYNC_WRONG_MAX);
    place_stop(place);
}

/* Whoever is on the way can make one up: it costs a handshake. */
static void garbage(struct peer_link *link, struct gp_span letter)
{
    static const struct gp_span words[] = {
        {"", 0},
        {"\xe1", 1},
        {"\xe1\x06", 2},
        {"\x08\x01", 2},
        {"\xe1\x07short", 7},
        {"\xe1\x63", 2},
        {"\xf1\x06-ghijklmnopqrstuvwxyz-ghijklmnopqrstuvwxyz-------------", 54}};
    static unsigned next;
    struct gp_envelope envelope;

    assert_int_equal(gp_envelope_read(letter, &envelope), 0);
    if (envelope.type == GP_ENVELOPE_REQUEST && next < sizeof words / sizeof words[0])
        peer_answer(link, words[next++]);
    else
        sealer_on_request(link, letter);
}

static void garbage_is_no_answer(void **state)
{
    struct place *place = *state;

    start(place, 4);
    place->peer.on_request = garbage;
    ask_and_get(place, 3);
    assert_int_equal(sealer.hellos, 1);
    assert_int_equal(place->peer.open, place->peer.accepted);
    place_stop(place);
}

/* ---------------------------------------------------------------- silence */

/* PROTOCOL section 12: the same envelope, the next counter, another session. */
static void behind_silence_the_protocols_steps_are_taken(void **state)
{
    struct place *place = *state;

    start(place, 4);
    ask_and_get(place, 1);
    place->desk.async->silence_ms = 200;
    sealer.letters = 0;
    sealer.mute = 3;
    ask_and_get(place, 9);
    assert_int_equal(sealer.letters, 4);
    assert_true(gp_span_equal(sealer.letter[0], sealer.letter[1]));
    assert_true(sealer_same_session(&sealer, 1, 2));
    assert_int_equal(sealer_counter(&sealer, 2), sealer_counter(&sealer, 1) + 1);
    assert_false(sealer_same_session(&sealer, 2, 3));
    assert_int_equal(sealer.hellos, 2);
    place_stop(place);
}

static void mute_for_one(struct peer_link *link, struct gp_span letter)
{
    static const unsigned victim_len = 95; /* told apart by its length */

    if (letter.len != GP_HELLO_BYTES && letter.len > victim_len)
        return;
    sealer_on_request(link, letter);
}

/* A session in which others are answered is not given up for one. */
static void a_session_that_answers_others_is_kept(void **state)
{
    struct place *place = *state;
    struct gp_request request = desk_command(1);
    char text[200];

    start(place, 4);
    place->desk.async->silence_ms = 50;
    place->peer.on_request = mute_for_one;
    memset(text, 'x', sizeof text);
    request.command.text = (struct gp_span){text, sizeof text};
    struct desk_ask *victim = desk_ask(&place->desk, &request, 1500);
    for (; !victim->ended; desk_step(&place->desk))
        ask_and_get(place, 1);
    assert_int_equal(victim->error, GP_ETIMEDOUT);
    assert_int_equal(sealer.hellos, 1);
    place_stop(place);
}

/* ---------------------------------------------------------------- refused */

static void refused_by(struct place *place, enum gp_welcome_status status, int error)
{
    start(place, 4);
    sealer.welcome.status = (uint8_t)status;
    for (uint64_t i = 0; i < 10; i++)
        (void)ask(place, i + 1);
    desk_finish(&place->desk);
    struct desk_ask *later = ask(place, 11);
    desk_finish(&place->desk);
    assert_int_equal(later->error, error);
    assert_int_equal(place->desk.by_error, 11);
    for (unsigned i = 0; i < 11; i++)
        assert_int_equal(place->desk.ask[i].error, error);
    assert_int_equal(sealer.hellos, 1); /* and not asked again at once */
}

static void who_is_not_known_is_told_so(void **state)
{
    struct place *place = *state;

    refused_by(place, GP_WELCOME_UNKNOWN, GP_EDENIED);
    place_stop(place);
}

static void who_waits_for_confirmation_is_let_in_later(void **state)
{
    struct place *place = *state;

    refused_by(place, GP_WELCOME_WAITS, GP_EPENDING);
    place->desk.async->greeter.refused_until_ms = 0; /* three seconds later */
    sealer.welcome.status = GP_WELCOME_OK;
    ask_and_get(place, 12);
    place_stop(place);
}

static void ask_again(struct desk_ask *ended)
{
    struct gp_request request = desk_command(1);

    if (ended->desk->asks < 50)
        desk_ask(ended->desk, &request, LONG_MS)->then = ask_again;
}

/* Between two ends the loop polls. */
static void who_asks_again_at_once_does_not_stop_the_loop(void **state)
{
    struct place *place = *state;

    start(place, 4);
    sealer.welcome.status = GP_WELCOME_UNKNOWN;
    ask(place, 1)->then = ask_again;
    desk_run_until(&place->desk, place->desk.ended >= 2);
    assert_true(place->desk.ended < 10);
    desk_finish(&place->desk);
    assert_int_equal(place->desk.by_error, 50);
    place_stop(place);
}

static void revoked_in_the_middle_of_it_everything_ends(void **state)
{
    struct place *place = *state;

    start(place, 4);
    ask_and_get(place, 1);
    sealer_forget(&sealer);
    sealer.welcome.status = GP_WELCOME_UNKNOWN;
    struct desk_ask *asked = ask(place, 2);
    desk_finish(&place->desk);
    assert_int_equal(asked->error, GP_EDENIED);
    place_stop(place);
}

/* ---------------------------------------------------------------- keys */

static void the_servers_newer_key_is_taken_over(void **state)
{
    struct place *place = *state;
    unsigned char id[GP_KEY_ID_BYTES];

    start(place, 4);
    gp_keypair_new(&sealer.keys.box[1]);
    sealer.keys.box_count = 2;
    memcpy(sealer.welcome.server_key, sealer.keys.box[1].public, GP_KEY_BYTES);
    assert_memory_equal(gp_async_identity(place->desk.async)->server, sealer.keys.box[0].public,
                        GP_KEY_BYTES);
    ask_and_get(place, 1);
    assert_memory_equal(gp_async_identity(place->desk.async)->server, sealer.keys.box[1].public,
                        GP_KEY_BYTES);
    sealer_forget(&sealer);
    ask_and_get(place, 2);
    gp_key_id(sealer.keys.box[1].public, id);
    assert_memory_equal(sealer.key_id, id, sizeof id);
    place_stop(place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, place_set_up, place_tear_down)
        T(all_share_one_session),
        T(a_server_that_forgets_is_greeted_once_for_all),
        T(a_server_that_forgets_always_is_asked_less_often),
        T(a_session_that_ends_soon_is_renewed_and_still_answers),
        T(a_session_is_renewed_before_its_last_message),
        T(behind_its_last_message_nobody_fails),
        T(an_untrue_answer_is_dropped_and_the_same_envelope_sent),
        T(nothing_but_untrue_answers_are_an_error),
        T(untrue_welcomes_are_dropped_too),
        T(a_session_that_cannot_be_renewed_serves_to_its_end),
        T(garbage_is_no_answer),
        T(behind_silence_the_protocols_steps_are_taken),
        T(a_session_that_answers_others_is_kept),
        T(who_is_not_known_is_told_so),
        T(who_waits_for_confirmation_is_let_in_later),
        T(who_asks_again_at_once_does_not_stop_the_loop),
        T(revoked_in_the_middle_of_it_everything_ends),
        T(the_servers_newer_key_is_taken_over),
#undef T
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
