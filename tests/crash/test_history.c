/* A history in which all is well, and the same one broken in each way that the checker knows. */
#include "crash/history.h"

#include "core/decide.h"
#include "core/reason.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define FIRST 101u /* the daemon had 100 entries before the clients came */

enum call_index { REPORT_A, REPORT_B, ACCEPT_A, LATE_A, UNANSWERED, CALLS };

struct scene {
    struct history history;
    struct history_journal journal;
    struct history_finding finding;
};

static void name(unsigned char *id, enum call_index call)
{
    memset(id, 0, GP_COMMAND_ID_BYTES);
    id[0] = (unsigned char)(0x10 + call);
}

static void hold(struct scene *scene, uint64_t incident, uint8_t what, uint32_t version, int call)
{
    struct history_entry entry = {
        .incident = incident,
        .digest = 7000 + scene->journal.count,
        .at_ms = 1000,
        .version = version,
        .what = what,
        .has_id = call >= 0,
    };

    if (call >= 0)
        name(entry.id, (enum call_index)call);
    history_holds(&scene->journal, &entry);
}

static void say(struct scene *scene, enum call_index index, uint64_t incident, uint64_t seq,
                uint32_t version, uint8_t outcome)
{
    struct history_call call = {
        .sent_ns = 1000 * index + 1,
        .answered_ns = 1000 * index + 900,
        .client = index,
        .sends = 1,
        .incident = index >= ACCEPT_A && index <= LATE_A ? incident : 0,
        .outcome = outcome,
    };

    name(call.id, index);
    if (outcome == HISTORY_DONE)
        call.answer = (struct history_answer){
            .incident = incident, .seq = seq, .version = version, .at_ms = 1000};
    assert_int_equal(history_call(&scene->history, &call), index);
}

/* Two report, both look at A's and accept it at once: the second is refused. Nobody was told of the
 * last report. One follower sees it all. */
static int set_up(void **state)
{
    static struct scene scene;

    scene = (struct scene){.journal = {.first = FIRST}};
    history_init(&scene.history, 1);
    hold(&scene, 1, GP_WHAT_REPORTED, 1, -1);
    hold(&scene, 1, GP_WHAT_DISPATCHED, 2, REPORT_A);
    hold(&scene, 2, GP_WHAT_REPORTED, 1, -1);
    hold(&scene, 2, GP_WHAT_DISPATCHED, 2, REPORT_B);
    hold(&scene, 1, GP_WHAT_STEP, 2, -1);
    hold(&scene, 1, GP_WHAT_ACCEPTED, 3, ACCEPT_A);
    hold(&scene, 3, GP_WHAT_REPORTED, 2, UNANSWERED);
    say(&scene, REPORT_A, 1, FIRST + 1, 2, HISTORY_DONE);
    say(&scene, REPORT_B, 2, FIRST + 3, 2, HISTORY_DONE);
    say(&scene, ACCEPT_A, 1, FIRST + 5, 3, HISTORY_DONE);
    say(&scene, LATE_A, 1, 0, 0, HISTORY_REFUSED);
    say(&scene, UNANSWERED, 0, 0, 0, HISTORY_OPEN);
    scene.history.call[ACCEPT_A].guard = 2;
    scene.history.call[LATE_A].guard = 2;
    scene.history.call[LATE_A].reason = GP_REASON_VERSION;
    scene.history.call[UNANSWERED].answered_ns = 0;
    history_repeat(&scene.history,
                   &(struct history_repeat){.call = REPORT_A,
                                            .answer = scene.history.call[REPORT_A].answer,
                                            .said = true});
    scene.history.feed[0].after = FIRST - 1;
    for (uint64_t i = 0; i < scene.journal.count; i++)
        history_saw(&scene.history, 0, FIRST + i, 7000 + i);
    *state = &scene;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;

    history_release(&scene->history);
    history_journal_release(&scene->journal);
    return 0;
}

static void finds(struct scene *scene, enum history_fault fault)
{
    history_check(&scene->history, &scene->journal, &scene->finding);
    assert_int_equal(scene->finding.count[fault], 1);
    assert_int_equal(scene->finding.total, 1);
    assert_true(strlen(scene->finding.first[fault]) > 0);
}

static void whole_history_is_well(void **state)
{
    struct scene *scene = *state;

    history_check(&scene->history, &scene->journal, &scene->finding);
    assert_int_equal(scene->finding.total, 0);
}

static void what_was_never_answered_may_be_missing(void **state)
{
    struct scene *scene = *state;

    scene->journal.count--;
    scene->history.feed[0].count--;
    history_check(&scene->history, &scene->journal, &scene->finding);
    assert_int_equal(scene->finding.total, 0);
}

/* As when the daemon answers before it syncs: the last batch is gone, told or not. */
static void lost_acknowledgement_is_found(void **state)
{
    struct scene *scene = *state;

    scene->history.call[UNANSWERED].outcome = HISTORY_DONE;
    scene->history.call[UNANSWERED].answered_ns = 1000 * UNANSWERED + 900;
    scene->history.call[UNANSWERED].answer =
        (struct history_answer){.incident = 3, .seq = FIRST + 6, .version = 2, .at_ms = 1000};
    scene->journal.count--;
    scene->history.feed[0].count--;
    finds(scene, HISTORY_LOST);
}

static void doubled_command_is_found(void **state)
{
    struct scene *scene = *state;

    hold(scene, 1, GP_WHAT_NOTED, 3, ACCEPT_A);
    history_saw(&scene->history, 0, FIRST + 7, 7007);
    finds(scene, HISTORY_DOUBLED);
}

static void report_in_two_incidents_is_found(void **state)
{
    struct scene *scene = *state;

    hold(scene, 4, GP_WHAT_REPORTED, 1, REPORT_A);
    history_saw(&scene->history, 0, FIRST + 7, 7007);
    finds(scene, HISTORY_DOUBLED);
}

static void other_incident_than_told_is_found(void **state)
{
    struct scene *scene = *state;

    scene->history.call[REPORT_B].answer.incident = 3;
    finds(scene, HISTORY_MISTOLD);
}

static void other_version_than_told_is_found(void **state)
{
    struct scene *scene = *state;

    scene->history.call[REPORT_B].answer.version = 1;
    finds(scene, HISTORY_MISTOLD);
}

static void phantom_command_is_found(void **state)
{
    struct scene *scene = *state;

    name(scene->journal.entry[5].id, CALLS);
    scene->history.call[ACCEPT_A].outcome = HISTORY_OPEN;
    scene->history.call[LATE_A].outcome = HISTORY_OPEN;
    finds(scene, HISTORY_PHANTOM);
}

static void phantom_report_is_found(void **state)
{
    struct scene *scene = *state;

    hold(scene, 9, GP_WHAT_REPORTED, 1, -1);
    history_saw(&scene->history, 0, FIRST + 7, 7007);
    finds(scene, HISTORY_PHANTOM);
}

static void refused_command_that_happened_is_found(void **state)
{
    struct scene *scene = *state;

    hold(scene, 1, GP_WHAT_NOTED, 3, LATE_A);
    history_saw(&scene->history, 0, FIRST + 7, 7007);
    finds(scene, HISTORY_UNDEAD);
}

static void other_answer_to_a_repeat_is_found(void **state)
{
    struct scene *scene = *state;

    scene->history.repeat[0].answer.seq++;
    finds(scene, HISTORY_REPEAT);
}

static void repeat_taken_for_new_is_found(void **state)
{
    struct scene *scene = *state;

    scene->history.repeat[0].said = false;
    finds(scene, HISTORY_REPEAT);
}

static void sequences_against_time_are_found(void **state)
{
    struct scene *scene = *state;
    struct history_call *call = scene->history.call;
    int64_t sent_ns = call[REPORT_A].sent_ns, answered_ns = call[REPORT_A].answered_ns;

    call[REPORT_A].sent_ns = call[REPORT_B].sent_ns;
    call[REPORT_A].answered_ns = call[REPORT_B].answered_ns;
    call[REPORT_B].sent_ns = sent_ns;
    call[REPORT_B].answered_ns = answered_ns;
    finds(scene, HISTORY_ORDER);
}

/* Reports under way at the same time may come to the journal in any order. */
static void overlapping_commands_have_no_order(void **state)
{
    struct scene *scene = *state;

    scene->history.call[REPORT_A].sent_ns = scene->history.call[REPORT_B].sent_ns + 1;
    scene->history.call[REPORT_A].answered_ns = scene->history.call[REPORT_B].answered_ns + 1;
    history_check(&scene->history, &scene->journal, &scene->finding);
    assert_int_equal(scene->finding.total, 0);
}

static void passed_guard_is_found(void **state)
{
    struct scene *scene = *state;

    scene->history.call[ACCEPT_A].guard = 1;
    finds(scene, HISTORY_GUARD);
}

static void refusal_without_a_change_is_found(void **state)
{
    struct scene *scene = *state;

    scene->history.call[LATE_A].guard = 3;
    finds(scene, HISTORY_EXCUSE);
}

/* The other change was asked for only when the refusal was here. */
static void refusal_before_the_change_is_found(void **state)
{
    struct scene *scene = *state;

    scene->history.call[LATE_A].sent_ns = 1;
    scene->history.call[LATE_A].answered_ns = scene->history.call[ACCEPT_A].sent_ns - 1;
    finds(scene, HISTORY_EXCUSE);
}

/* A reload plans anew, for which nobody's command stands. */
static void refusal_behind_a_reload_is_well(void **state)
{
    struct scene *scene = *state;

    hold(scene, 1, GP_WHAT_REPLANNED, 4, -1);
    history_saw(&scene->history, 0, FIRST + 7, 7007);
    scene->history.call[LATE_A].guard = 3;
    history_check(&scene->history, &scene->journal, &scene->finding);
    assert_int_equal(scene->finding.total, 0);
}

static void refusal_for_another_reason_is_found(void **state)
{
    struct scene *scene = *state;

    scene->history.call[LATE_A].reason = GP_REASON_UNKNOWN_INCIDENT;
    finds(scene, HISTORY_EXCUSE);
}

static void hole_in_a_feed_is_found(void **state)
{
    struct history_feed *feed = &((struct scene *)*state)->history.feed[0];

    memmove(&feed->sight[2], &feed->sight[3], (feed->count - 3) * sizeof *feed->sight);
    feed->count--;
    finds(*state, HISTORY_HOLE);
}

static void missing_end_of_a_feed_is_found(void **state)
{
    struct scene *scene = *state;

    scene->history.feed[0].count--;
    finds(scene, HISTORY_HOLE);
}

static void entry_that_a_feed_brings_twice_is_found(void **state)
{
    struct scene *scene = *state;

    history_saw(&scene->history, 0, FIRST + 6, 7006);
    finds(scene, HISTORY_TWICE);
}

/* As when a follower was shown what a crash took back, and something else became of that number. */
static void entry_that_a_feed_brings_otherwise_is_found(void **state)
{
    struct scene *scene = *state;

    scene->history.feed[0].sight[4].digest++;
    finds(scene, HISTORY_UNTRUE);
}

static void digest_depends_on_what_followers_see(void **state)
{
    struct gp_entry entry = {.seq = 5, .what = GP_WHAT_STEP, .owner = GP_SPAN("A-1")};
    uint64_t digest = history_digest(&entry);

    (void)state;
    entry.text = GP_SPAN("masked for some");
    assert_true(history_digest(&entry) == digest);
    entry.owner = GP_SPAN("A-2");
    assert_true(history_digest(&entry) != digest);
    entry.is_private = true;
    digest = history_digest(&entry);
    entry.owner = GP_SPAN("A-1");
    assert_true(history_digest(&entry) == digest);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(whole_history_is_well),
        TEST(what_was_never_answered_may_be_missing),
        TEST(lost_acknowledgement_is_found),
        TEST(doubled_command_is_found),
        TEST(report_in_two_incidents_is_found),
        TEST(other_incident_than_told_is_found),
        TEST(other_version_than_told_is_found),
        TEST(phantom_command_is_found),
        TEST(phantom_report_is_found),
        TEST(refused_command_that_happened_is_found),
        TEST(other_answer_to_a_repeat_is_found),
        TEST(repeat_taken_for_new_is_found),
        TEST(sequences_against_time_are_found),
        TEST(overlapping_commands_have_no_order),
        TEST(passed_guard_is_found),
        TEST(refusal_without_a_change_is_found),
        TEST(refusal_before_the_change_is_found),
        TEST(refusal_behind_a_reload_is_well),
        TEST(refusal_for_another_reason_is_found),
        TEST(hole_in_a_feed_is_found),
        TEST(missing_end_of_a_feed_is_found),
        TEST(entry_that_a_feed_brings_twice_is_found),
        TEST(entry_that_a_feed_brings_otherwise_is_found),
        cmocka_unit_test(digest_depends_on_what_followers_see),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
