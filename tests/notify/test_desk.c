/* Which letter goes when: order, digests, rates, quiet hours, back-off, giving up, starting again.
 */
#include "notify/scene.h"

#include "base/clocktext.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define HOOK "channels: [{name: hook, kind: webhook, url: \"https://h.example/\"}]\n"

static void open_robot(struct scene *scene)
{
    scene_write(scene, "key", "k\n");
    scene_open(scene, "channels: [{name: robot, kind: wecom, secret_file: @/key}]\n"
                      "recipients: [{person: \"*\", name: SZ, channel: robot}]\n");
}

static size_t reports(const struct scene *scene, struct gp_delivery_report ret[16])
{
    return gp_desk_reports(scene->desk, ret, 16);
}

/* ---------------------------------------------------------------- order */

static void letters_of_one_destination_go_one_after_the_other(void **state)
{
    struct scene *scene = *state;
    struct gp_batch first;

    scene_open(scene, HOOK "recipients: [{person: li, channel: hook}]\n");
    scene_take(scene, 7, "yellow", "li wang");
    scene_take(scene, 9, "red", "li");
    scene_take(scene, 10, "red", "wang"); /* nobody told it */
    assert_int_equal(gp_desk_waiting(scene->desk), 2);
    first = scene_begin(scene);
    assert_string_equal(scene_id(scene, &first, 0), "7-li");
    assert_int_equal(scene_rests(scene), INT64_MAX);
    scene_end(scene, &first, GP_VERDICT_SENT);
    assert_int_equal(scene_send(scene), 9);
    assert_int_equal(gp_desk_waiting(scene->desk), 0);
}

static void destinations_do_not_wait_for_each_other(void **state)
{
    struct scene *scene = *state;

    scene_open(scene, HOOK "recipients: [{person: li, channel: hook},\n"
                           "  {person: wang, channel: hook, address: w}]\n");
    scene_take(scene, 7, "yellow", "li wang");
    struct gp_batch one = scene_begin(scene), two = scene_begin(scene);
    assert_int_not_equal(one.dest, two.dest);
    scene_end(scene, &one, GP_VERDICT_RETRY);
    scene_end(scene, &two, GP_VERDICT_SENT);
    scene_take(scene, 8, "red", "li wang");
    two = scene_begin(scene);
    assert_string_equal(scene_id(scene, &two, 0), "8-wang");
    scene_end(scene, &two, GP_VERDICT_SENT);
    assert_int_equal(scene_rests(scene), scene->now_ms + 8000); /* 10 s less a fifth */
}

static void one_destination_gets_one_letter_of_a_note(void **state)
{
    struct scene *scene = *state;

    scene_open(scene, HOOK "recipients: [{person: li, name: a, channel: hook},\n"
                           "  {person: wang, name: b, channel: hook},\n"
                           "  {person: \"*\", name: c, channel: hook, language: en}]\n");
    scene_take(scene, 7, "yellow", "wang li");
    assert_int_equal(gp_desk_waiting(scene->desk), 2);
    struct gp_batch one = scene_begin(scene), two = scene_begin(scene);
    assert_int_equal(one.letter[0]->who, 3);
    assert_int_equal(two.letter[0]->who, 3);
    assert_string_equal(scene->settings->rule[one.letter[0]->rule].name, "a");
    scene_end(scene, &one, GP_VERDICT_SENT);
    scene_end(scene, &two, GP_VERDICT_SENT);
}

static void a_channel_has_so_many_under_way(void **state)
{
    struct scene *scene = *state;

    scene_open(scene, "channels: [{name: hook, kind: webhook, url: \"https://h/\", at_once: 1}]\n"
                      "recipients: [{person: li, channel: hook},\n"
                      "  {person: wang, channel: hook, address: w}]\n");
    scene_take(scene, 7, "yellow", "li wang");
    struct gp_batch one = scene_begin(scene);
    assert_int_equal(scene_rests(scene), INT64_MAX);
    scene_end(scene, &one, GP_VERDICT_SENT);
    assert_int_equal(scene_send(scene), 7);
}

/* ---------------------------------------------------------------- rates and digests */

static void a_few_go_singly_and_more_as_one_message(void **state)
{
    struct scene *scene = *state;

    open_robot(scene);
    for (uint64_t seq = 1; seq <= 5; seq++)
        scene_take(scene, seq, "yellow", "li");
    struct gp_batch batch = scene_begin(scene);
    assert_int_equal(batch.count, 1);
    scene_end(scene, &batch, GP_VERDICT_SENT);
    scene_take(scene, 6, "yellow", "li");
    scene_take(scene, 7, "yellow", "li");
    batch = scene_begin(scene);
    assert_true(batch.digest);
    assert_int_equal(batch.count, 6);
    assert_string_equal(scene_id(scene, &batch, 5), "7-SZ");
    scene_end(scene, &batch, GP_VERDICT_SENT);
    assert_int_equal(gp_desk_waiting(scene->desk), 0);
}

/* 200 notices come at once, and more while they go: never more than 20 messages in any minute, and
 * everything has gone. */
static void a_robot_gets_twenty_messages_a_minute(void **state)
{
    struct scene *scene = *state;
    int64_t went[400];
    size_t count = 0;
    uint64_t seq = 0;

    open_robot(scene);
    while (seq < 900 || gp_desk_waiting(scene->desk) > 0) {
        for (int i = 0; i < 3 && seq < 900; i++)
            scene_take(scene, ++seq, "yellow", "li wang");
        struct gp_batch batch;
        int64_t wake_ms;
        if (gp_desk_next(scene->desk, scene->now_ms, &batch, &wake_ms)) {
            struct gp_message message;
            assert_int_equal(gp_compose(scene->settings, &batch, &message), 0);
            assert_true(message.text.len <= GP_WECOM_BYTES);
            gp_message_release(&message);
            gp_desk_begin(scene->desk, &batch, scene->now_ms);
            scene_end(scene, &batch, GP_VERDICT_SENT);
            assert_true(count < 400);
            went[count++] = scene->now_ms;
        }
        scene->now_ms += 400;
    }
    for (size_t i = 20; i < count; i++)
        assert_true(went[i] - went[i - 20] >= 60000);
    assert_true(count > 20); /* or the rate was never reached */
}

static void a_rate_outlives_a_kill(void **state)
{
    struct scene *scene = *state;

    scene_write(scene, "key", "k\n");
    scene_open(scene, "channels: [{name: r, kind: wecom, secret_file: @/key, rate: 2, digest: 0}]\n"
                      "recipients: [{person: \"*\", channel: r}]\n");
    for (uint64_t seq = 1; seq <= 2; seq++) {
        scene_take(scene, seq, "yellow", "li");
        assert_int_equal(scene_send(scene), seq);
    }
    scene_kill(scene);
    scene_take(scene, 3, "yellow", "li");
    assert_int_equal(scene_rests(scene), SCENE_NOON + 60000);
    scene->now_ms = SCENE_NOON + 60000;
    assert_int_equal(scene_send(scene), 3);
}

static void a_digest_has_as_many_as_fit_and_the_rest_follows(void **state)
{
    struct scene *scene = *state;
    size_t sent = 0, messages = 0;

    open_robot(scene);
    for (uint64_t seq = 1; seq <= 100; seq++)
        scene_take(scene, seq, "yellow", "li wang");
    while (sent < 100) {
        struct gp_batch batch = scene_begin(scene);
        assert_true(batch.count > 5 || sent + batch.count >= 95);
        assert_int_equal(batch.letter[0]->note->seq, sent + 1);
        sent += batch.count;
        messages++;
        scene_end(scene, &batch, GP_VERDICT_SENT);
    }
    assert_int_equal(sent, 100);
    assert_in_range(messages, 5, 20);
}

static void a_rate_that_is_used_up_makes_digests(void **state)
{
    struct scene *scene = *state;

    scene_write(scene, "key", "k\n");
    scene_open(scene, "channels: [{name: r, kind: wecom, secret_file: @/key, rate: 2, digest: 0}]\n"
                      "recipients: [{person: \"*\", channel: r}]\n");
    for (uint64_t seq = 1; seq <= 3; seq++)
        scene_take(scene, seq, "yellow", "li");
    struct gp_batch batch = scene_begin(scene);
    assert_int_equal(batch.count, 3);
    scene_end(scene, &batch, GP_VERDICT_SENT);
    scene_take(scene, 4, "yellow", "li");
    assert_int_equal(scene_send(scene), 4);
}

static void webhooks_get_no_digests(void **state)
{
    struct scene *scene = *state;

    scene_open(scene,
               "channels: [{name: hook, kind: webhook, url: \"https://h/\", rate: 3, digest: 1}]\n"
               "recipients: [{person: li, channel: hook}]\n");
    for (uint64_t seq = 1; seq <= 4; seq++)
        scene_take(scene, seq, "yellow", "li");
    for (uint64_t seq = 1; seq <= 3; seq++)
        assert_int_equal(scene_send(scene), seq);
    assert_int_equal(scene_rests(scene), SCENE_NOON + 60000);
}

static void a_refused_digest_is_sent_singly(void **state)
{
    struct scene *scene = *state;

    open_robot(scene);
    for (uint64_t seq = 1; seq <= 8; seq++)
        scene_take(scene, seq, "yellow", "li");
    struct gp_batch batch = scene_begin(scene);
    assert_int_equal(batch.count, 8);
    scene_end(scene, &batch, GP_VERDICT_REFUSED);
    for (int i = 0; i < 8; i++) {
        batch = scene_begin(scene);
        assert_int_equal(batch.count, 1);
        scene_end(scene, &batch, i == 3 ? GP_VERDICT_REFUSED : GP_VERDICT_SENT);
    }
    assert_int_equal(gp_desk_dead(scene->desk), 1);
    assert_int_equal(gp_desk_waiting(scene->desk), 0);
}

/* ---------------------------------------------------------------- quiet hours */

static int64_t at(const char *text)
{
    int64_t ms;

    assert_int_equal(gp_instant_parse(gp_span_of(text), &ms), 0);
    return ms;
}

static void quiet_hours_end_where_they_should(void **state)
{
    static const struct {
        int from, to; /* minutes of the day */
        const char *now, *until;
        int64_t zone_h;
    } cases[] = {
        {22 * 60, 7 * 60, "2026-06-22T21:59:59+08:00", NULL, 8},
        {22 * 60, 7 * 60, "2026-06-22T22:00:00+08:00", "2026-06-23T07:00:00+08:00", 8},
        {22 * 60, 7 * 60, "2026-06-22T23:59:59+08:00", "2026-06-23T07:00:00+08:00", 8},
        {22 * 60, 7 * 60, "2026-06-23T00:00:00+08:00", "2026-06-23T07:00:00+08:00", 8},
        {22 * 60, 7 * 60, "2026-06-23T06:59:59+08:00", "2026-06-23T07:00:00+08:00", 8},
        {22 * 60, 7 * 60, "2026-06-23T07:00:00+08:00", NULL, 8},
        {12 * 60, 14 * 60, "2026-06-22T13:00:00+08:00", "2026-06-22T14:00:00+08:00", 8},
        {12 * 60, 14 * 60, "2026-06-22T14:00:00+08:00", NULL, 8},
        {0, 24 * 60, "2026-06-22T13:00:00+08:00", "2026-06-23T00:00:00+08:00", 8},
        {22 * 60, 7 * 60, "2026-06-22T20:30:00-05:00", NULL, -5},
        {22 * 60, 7 * 60, "2026-06-22T22:30:00-05:00", "2026-06-23T07:00:00-05:00", -5},
        {22 * 60, 7 * 60, "2026-12-31T23:00:00+08:00", "2027-01-01T07:00:00+08:00", 8},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct gp_quiet quiet = {true, cases[i].from * 60000, cases[i].to * 60000};
        assert_int_equal(gp_quiet_until(&quiet, cases[i].zone_h * GP_MS_HOUR, at(cases[i].now)),
                         cases[i].until != NULL ? at(cases[i].until) : 0);
    }
}

static void in_quiet_hours_only_what_passes_is_told(void **state)
{
    struct scene *scene = *state;

    scene_open(scene, HOOK "recipients: [{person: li, channel: hook, quiet: \"22:00-07:00\",\n"
                           "  passes: [urgent, red, vacant]}]\n");
    scene->now_ms = at("2026-06-22T23:30:00+08:00");
    scene_take(scene, 7, "yellow", "li");
    assert_int_equal(scene_rests(scene), at("2026-06-23T07:00:00+08:00"));
    scene_take(scene, 8, "red", "li");
    scene_take(scene, 9, "vacant", "li");
    assert_int_equal(scene_send(scene), 8);
    assert_int_equal(scene_send(scene), 9);
    struct gp_note *urgent = scene_note(10, "yellow", "li");
    urgent->category = GP_SPAN("u2"); /* its limit runs without a break */
    assert_int_equal(gp_desk_take(scene->desk, &urgent, 1, 10, scene->now_ms), 0);
    assert_int_equal(scene_send(scene), 10);
    scene_kill(scene);
    scene->now_ms = at("2026-06-23T06:59:59+08:00");
    (void)scene_rests(scene);
    scene->now_ms = at("2026-06-23T07:00:00+08:00");
    assert_int_equal(scene_send(scene), 7);
}

static void quiet_hours_do_not_count_against_a_letter(void **state)
{
    struct scene *scene = *state;

    scene_open(scene, "give_up: 1h\n" HOOK "recipients: [{person: li, channel: hook,\n"
                      "  quiet: \"22:00-07:00\", passes: red}]\n");
    scene->now_ms = at("2026-06-22T22:30:00+08:00");
    scene_take(scene, 7, "yellow", "li");
    (void)scene_rests(scene);
    scene->now_ms = at("2026-06-23T06:30:00+08:00");
    scene_take(scene, 8, "red", "li"); /* passes, and fails from here on */
    struct gp_batch batch = scene_begin(scene);
    scene_end(scene, &batch, GP_VERDICT_RETRY);
    scene->now_ms = at("2026-06-23T07:40:00+08:00");
    batch = scene_begin(scene);
    assert_int_equal(batch.letter[0]->note->seq, 7);
    scene_end(scene, &batch, GP_VERDICT_RETRY);
    assert_int_equal(gp_desk_dead(scene->desk), 1); /* the one that has failed for over an hour */
    assert_int_equal(gp_desk_first_dead(scene->desk)->note->seq, 8);
}

/* What has waited long, for its turn or for somebody to start the program, has not failed yet. */
static void waiting_is_not_failing(void **state)
{
    struct scene *scene = *state;

    scene_open(scene, "give_up: 1h\n" HOOK "recipients: [{person: li, channel: hook}]\n");
    scene_take(scene, 7, "yellow", "li");
    scene->now_ms += 2 * GP_MS_HOUR;
    struct gp_batch batch = scene_begin(scene);
    scene_end(scene, &batch, GP_VERDICT_RETRY);
    assert_int_equal(gp_desk_dead(scene->desk), 0);
}

/* ---------------------------------------------------------------- back-off, giving up */

static void each_failure_doubles_the_wait_up_to_a_bound(void **state)
{
    struct scene *scene = *state;
    static const int64_t waits[] = {8, 16, 32, 64, 96, 96};

    scene_open(scene, "retry_max: 2m\n" HOOK "recipients: [{person: li, channel: hook}]\n");
    scene_take(scene, 7, "yellow", "li");
    for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++) {
        struct gp_batch batch = scene_begin(scene);
        scene_end(scene, &batch, GP_VERDICT_RETRY);
        assert_int_equal(scene_rests(scene), scene->now_ms + waits[i] * 1000);
        if (i == 2)
            scene_kill(scene); /* it goes on where it was */
        assert_int_equal(scene_rests(scene), scene->now_ms + waits[i] * 1000);
        scene->now_ms += waits[i] * 1000;
    }
    assert_int_equal(scene_send(scene), 7);
    scene_take(scene, 8, "yellow", "li");
    struct gp_batch batch = scene_begin(scene);
    scene_end(scene, &batch, GP_VERDICT_RETRY); /* what was well begins anew */
    assert_int_equal(scene_rests(scene), scene->now_ms + 8000);
}

static void a_server_may_ask_for_more_time_within_bounds(void **state)
{
    struct scene *scene = *state;
    struct gp_verdict verdict = {.kind = GP_VERDICT_RETRY, .after_ms = 120000};

    scene_open(scene, HOOK "recipients: [{person: li, channel: hook}]\n");
    scene_take(scene, 7, "yellow", "li");
    struct gp_batch batch = scene_begin(scene);
    gp_desk_end(scene->desk, &batch, &verdict, scene->now_ms);
    assert_int_equal(scene_rests(scene), scene->now_ms + 120000);
    scene->now_ms += 120000;
    verdict.after_ms = INT64_C(86400000);
    batch = scene_begin(scene);
    gp_desk_end(scene->desk, &batch, &verdict, scene->now_ms);
    assert_int_equal(scene_rests(scene), scene->now_ms + 3600000);
}

static void a_clock_that_is_put_back_holds_nothing_for_long(void **state)
{
    struct scene *scene = *state;

    scene_open(scene, HOOK "recipients: [{person: li, channel: hook}]\n");
    scene_take(scene, 7, "yellow", "li");
    struct gp_batch batch = scene_begin(scene);
    scene_end(scene, &batch, GP_VERDICT_RETRY);
    scene->now_ms -= 365 * GP_MS_DAY;
    assert_int_equal(scene_send(scene), 7);
}

static void one_bad_letter_is_not_in_front_of_all(void **state)
{
    struct scene *scene = *state;

    scene_open(scene, HOOK "recipients: [{person: li, channel: hook}]\n");
    scene_take(scene, 7, "yellow", "li");
    scene_take(scene, 8, "yellow", "li");
    struct gp_batch batch = scene_begin(scene);
    scene_end(scene, &batch, GP_VERDICT_RETRY);
    scene->now_ms += 60000;
    assert_int_equal(scene_send(scene), 8);
    assert_int_equal(scene_send(scene), 7);
}

static void what_fails_for_too_long_is_given_up_and_can_be_sent_again(void **state)
{
    struct scene *scene = *state;
    struct gp_delivery_report report[16];

    scene_open(scene, "give_up: 1h\n" HOOK "recipients: [{person: li, channel: hook}]\n");
    scene_take(scene, 7, "yellow", "li wang");
    struct gp_batch batch = scene_begin(scene);
    scene_end(scene, &batch, GP_VERDICT_RETRY);
    assert_int_equal(reports(scene, report), 0);
    scene->now_ms += 3600000;
    scene_take(scene, 8, "yellow", "li"); /* fresh: it stays */
    batch = scene_begin(scene);
    assert_int_equal(batch.letter[0]->note->seq, 8);
    scene_end(scene, &batch, GP_VERDICT_RETRY);
    assert_int_equal(gp_desk_dead(scene->desk), 1);
    assert_int_equal(gp_desk_waiting(scene->desk), 1);
    assert_string_equal(gp_desk_first_dead(scene->desk)->why, "as told");
    assert_int_equal(reports(scene, report), 1);
    assert_false(report[0].sent);
    assert_string_equal(report[0].person, "li");
    gp_desk_said(scene->desk, &report[0]);
    scene_kill(scene);
    assert_int_equal(reports(scene, report), 0);
    assert_int_equal(gp_desk_resend(scene->desk, GP_SPAN("8-li"), scene->now_ms), 0);
    assert_int_equal(gp_desk_resend(scene->desk, GP_SPAN("7-li"), scene->now_ms), 1);
    scene_kill(scene);
    assert_int_equal(gp_desk_dead(scene->desk), 0);
    assert_int_equal(scene_send(scene) + scene_send(scene), 15);
    assert_int_equal(reports(scene, report), 2);
    assert_true(report[0].sent && report[1].sent);
}

static void old_dead_letters_are_forgotten(void **state)
{
    struct scene *scene = *state;

    scene_open(scene, HOOK "recipients: [{person: li, channel: hook}]\nkeep_dead: 2d\n");
    scene_take(scene, 7, "yellow", "li");
    struct gp_batch batch = scene_begin(scene);
    scene_end(scene, &batch, GP_VERDICT_REFUSED);
    scene->now_ms += 2 * GP_MS_DAY;
    assert_int_equal(gp_desk_tidy(scene->desk, scene->now_ms), 0);
    assert_int_equal(gp_desk_dead(scene->desk), 1);
    scene->now_ms += 1;
    assert_int_equal(gp_desk_tidy(scene->desk, scene->now_ms), 0);
    assert_int_equal(gp_desk_dead(scene->desk), 0);
    scene_kill(scene);
    assert_int_equal(gp_desk_dead(scene->desk), 0);
}

/* ---------------------------------------------------------------- what the journal is told */

static void a_person_is_reached_when_one_way_has_worked(void **state)
{
    struct scene *scene = *state;
    struct gp_delivery_report report[16];

    scene_open(scene, HOOK "recipients: [{person: li, channel: hook},\n"
                           "  {person: \"*\", name: all, channel: hook, address: a}]\n");
    scene_take(scene, 7, "yellow", "li wang");
    struct gp_batch one = scene_begin(scene), two = scene_begin(scene);
    scene_end(scene, &one, GP_VERDICT_REFUSED);
    assert_int_equal(reports(scene, report), 0); /* the other one may still arrive */
    scene_end(scene, &two, GP_VERDICT_SENT);
    assert_int_equal(reports(scene, report), 2);
    assert_true(report[0].sent && report[1].sent);
    assert_string_equal(report[0].person, "li");
    assert_string_equal(report[1].person, "wang");
    assert_int_equal(report[0].incident, 41);
    gp_desk_said(scene->desk, &report[0]);
    scene_kill(scene);
    assert_int_equal(reports(scene, report), 1);
    assert_string_equal(report[0].person, "wang");
}

/* Given up and sent again before the journal heard of it: that it failed is true no more. */
static void what_arrived_after_all_is_not_said_to_have_failed(void **state)
{
    struct scene *scene = *state;
    struct gp_delivery_report report[16];

    scene_open(scene, HOOK "recipients: [{person: li, channel: hook}]\n");
    scene_take(scene, 7, "yellow", "li");
    struct gp_batch batch = scene_begin(scene);
    scene_end(scene, &batch, GP_VERDICT_REFUSED);
    assert_int_equal(gp_desk_resend(scene->desk, GP_SPAN("all"), scene->now_ms), 1);
    assert_int_equal(scene_send(scene), 7);
    assert_int_equal(reports(scene, report), 1);
    assert_true(report[0].sent);
}

static void an_entry_without_incident_is_told_and_not_reported(void **state)
{
    struct scene *scene = *state;
    struct gp_delivery_report report[16];
    struct gp_note *note = scene_note(7, "leave", "li");

    scene_open(scene, HOOK "recipients: [{person: li, channel: hook}]\n");
    note->incident = 0;
    assert_int_equal(gp_desk_take(scene->desk, &note, 1, 7, scene->now_ms), 0);
    assert_int_equal(scene_send(scene), 7);
    assert_int_equal(reports(scene, report), 0);
}

/* ---------------------------------------------------------------- starting again */

static void what_was_under_way_goes_again_with_the_same_id(void **state)
{
    struct scene *scene = *state;
    uint64_t cursor = 0;

    scene_open(scene, HOOK "recipients: [{person: li, channel: hook}]\n");
    assert_false(gp_desk_cursor(scene->desk, &cursor));
    scene_take(scene, 7, "yellow", "li");
    scene_take(scene, 8, "red", "li");
    assert_int_equal(scene_send(scene), 7);
    (void)scene_begin(scene);
    scene_kill(scene);
    assert_true(gp_desk_cursor(scene->desk, &cursor));
    assert_int_equal(cursor, 8);
    struct gp_batch batch = scene_begin(scene);
    assert_string_equal(scene_id(scene, &batch, 0), "8-li");
    scene_end(scene, &batch, GP_VERDICT_SENT);
    assert_int_equal(gp_desk_waiting(scene->desk), 0);
}

static void a_page_that_comes_twice_is_taken_once(void **state)
{
    struct scene *scene = *state;

    scene_open(scene, HOOK "recipients: [{person: li, channel: hook}]\n");
    scene_take(scene, 7, "yellow", "li");
    scene_take(scene, 7, "yellow", "li");
    assert_int_equal(gp_desk_waiting(scene->desk), 1);
}

static void the_file_is_bounded_and_keeps_what_counts(void **state)
{
    struct scene *scene = *state;
    char path[160];
    struct gp_delivery_report report[16];

    scene_open(scene, HOOK "recipients: [{person: li, channel: hook}]\n");
    scene_take(scene, 1, "yellow", "li");
    struct gp_batch batch = scene_begin(scene);
    scene_end(scene, &batch, GP_VERDICT_REFUSED); /* one that stays, dead */
    for (uint64_t seq = 2; seq <= 4000; seq++) {
        scene_take(scene, seq, "yellow", "li");
        assert_int_equal(scene_send(scene), seq);
        for (size_t n; (n = reports(scene, report)) > 0;)
            gp_desk_said(scene->desk, &report[n - 1]);
        assert_int_equal(gp_desk_tidy(scene->desk, scene->now_ms), 0);
    }
    scene_take(scene, 4001, "yellow", "li");
    scene_path(scene, "outbox", path);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    assert_true(ftell(file) < 2 * GP_OUTBOX_SLACK); /* 4,000 notes take more */
    assert_int_equal(fclose(file), 0);
    scene_kill(scene);
    assert_int_equal(gp_desk_dead(scene->desk), 1);
    assert_int_equal(gp_desk_waiting(scene->desk), 1);
    assert_int_equal(gp_desk_resend(scene->desk, GP_SPAN("all"), scene->now_ms), 1);
    assert_int_equal(scene_send(scene), 4001);
    assert_int_equal(scene_send(scene), 1);
}

static void beginning_anew_tells_once_more(void **state)
{
    struct scene *scene = *state;

    scene_open(scene, HOOK "recipients: [{person: li, channel: hook}]\n");
    scene_take(scene, 7, "yellow", "li");
    scene_take(scene, 9, "red", "li");
    assert_int_equal(scene_send(scene), 7);
    struct gp_delivery_report report[16];
    assert_int_equal(reports(scene, report), 1);
    gp_desk_said(scene->desk, &report[0]);
    assert_int_equal(gp_desk_restart(scene->desk, 5), 0);
    scene_take(scene, 7, "yellow", "li");
    scene_take(scene, 9, "red", "li"); /* waits already */
    assert_int_equal(gp_desk_waiting(scene->desk), 2);
    scene_kill(scene);
    assert_int_equal(gp_desk_waiting(scene->desk), 2);
    assert_int_equal(scene_send(scene) + scene_send(scene), 16);
}

static void who_is_no_recipient_any_more_is_left_out(void **state)
{
    struct scene *scene = *state;
    struct gp_delivery_report report[16];

    scene_open(scene, HOOK "recipients: [{person: li, channel: hook},\n"
                           "  {person: wang, channel: hook, address: w}]\n");
    scene_take(scene, 7, "yellow", "li wang");
    gp_desk_close(scene->desk);
    scene->desk = NULL;
    scene_open(scene, HOOK "recipients: [{person: wang, channel: hook, address: w}]\n");
    assert_int_equal(gp_desk_orphans(scene->desk), 1);
    assert_int_equal(gp_desk_waiting(scene->desk), 1);
    assert_int_equal(reports(scene, report), 1);
    assert_string_equal(report[0].person, "li");
    assert_false(report[0].sent);
}

static void too_many_that_wait_leave_no_room(void **state)
{
    struct scene *scene = *state;

    scene_open(scene, "waiting_max: 100\n" HOOK "recipients: [{person: li, channel: hook}]\n");
    for (uint64_t seq = 1; seq <= 100; seq++) {
        assert_true(gp_desk_has_room(scene->desk));
        scene_take(scene, seq, "yellow", "li");
    }
    assert_false(gp_desk_has_room(scene->desk));
    (void)scene_send(scene);
    assert_true(gp_desk_has_room(scene->desk));
}

static void of_private_incidents_groups_learn_no_officer(void **state)
{
    struct scene *scene = *state;

    scene_open(scene, HOOK "recipients: [{person: \"*\", channel: hook},\n"
                           "  {person: wang, channel: hook, address: w}]\n");
    struct gp_note *note = scene_note(7, "yellow", "li wang"); /* wang as B */
    note->is_private = true;
    assert_int_equal(gp_desk_take(scene->desk, &note, 1, 7, scene->now_ms), 0);
    for (int i = 0; i < 2; i++) {
        struct gp_batch batch = scene_begin(scene);
        assert_int_equal(batch.letter[0]->who,
                         scene->settings->rule[batch.dest].kind == GP_RULE_PERSON ? 2 : 1);
        scene_end(scene, &batch, GP_VERDICT_SENT);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_set_up, scene_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(letters_of_one_destination_go_one_after_the_other),
        TEST(destinations_do_not_wait_for_each_other),
        TEST(one_destination_gets_one_letter_of_a_note),
        TEST(a_channel_has_so_many_under_way),
        TEST(a_few_go_singly_and_more_as_one_message),
        TEST(a_robot_gets_twenty_messages_a_minute),
        TEST(a_rate_outlives_a_kill),
        TEST(a_digest_has_as_many_as_fit_and_the_rest_follows),
        TEST(a_rate_that_is_used_up_makes_digests),
        TEST(webhooks_get_no_digests),
        TEST(a_refused_digest_is_sent_singly),
        TEST(quiet_hours_end_where_they_should),
        TEST(in_quiet_hours_only_what_passes_is_told),
        TEST(quiet_hours_do_not_count_against_a_letter),
        TEST(waiting_is_not_failing),
        TEST(each_failure_doubles_the_wait_up_to_a_bound),
        TEST(a_server_may_ask_for_more_time_within_bounds),
        TEST(a_clock_that_is_put_back_holds_nothing_for_long),
        TEST(one_bad_letter_is_not_in_front_of_all),
        TEST(what_fails_for_too_long_is_given_up_and_can_be_sent_again),
        TEST(old_dead_letters_are_forgotten),
        TEST(a_person_is_reached_when_one_way_has_worked),
        TEST(what_arrived_after_all_is_not_said_to_have_failed),
        TEST(an_entry_without_incident_is_told_and_not_reported),
        TEST(what_was_under_way_goes_again_with_the_same_id),
        TEST(a_page_that_comes_twice_is_taken_once),
        TEST(the_file_is_bounded_and_keeps_what_counts),
        TEST(beginning_anew_tells_once_more),
        TEST(who_is_no_recipient_any_more_is_left_out),
        TEST(too_many_that_wait_leave_no_room),
        TEST(of_private_incidents_groups_learn_no_officer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
