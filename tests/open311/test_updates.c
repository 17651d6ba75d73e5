/* GET servicerequestupdates: journal entries as updates, and finding them by time. */
#include "open311/city.h"

#include "base/error.h"
#include "lib/play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static struct play play;

static void expect_ids(struct told told, const char *expected)
{
    char ids[4096] = "";
    size_t used = 0;

    for (const char *at = told.body; (at = strstr(at, "<update_id>")) != NULL; at++)
        used += (size_t)snprintf(ids + used, sizeof ids - used, "%s%d", used > 0 ? " " : "",
                                 atoi(at + strlen("<update_id>")));
    assert_int_equal(told.status, 200);
    if (strcmp(ids, expected) != 0)
        fail_msg("'%s' instead of '%s'", ids, expected);
}

/* ---------------------------------------------------------------- a life, by the core itself */

static void act(const char *when, enum gp_verb verb, const char *by, struct gp_command command)
{
    command.verb = (uint8_t)verb;
    if (play_command(&play, when, by, &command) != GP_REASON_NONE)
        fail_msg("%s: %s", when, play.decision.detail);
}

/* The engine numbers entries; here that is done by hand. */
static void take_journal(void)
{
    for (size_t i = 0; i < play.count; i++) {
        desk.entry[desk.entry_count] = play.journal[i];
        desk.entry[desk.entry_count].seq = desk.entry_count + 1;
        desk.entry_count++;
    }
}

static void a_whole_life_is_told(void **state)
{
    (void)state;
    play_begin(&play, &town);
    assert_int_equal(play_report(&play, "2026-06-15 09:00", "zhang", TOWN_GRID, "n4"), 0);
    act("2026-06-15 09:10", GP_VERB_RETURN, "li",
        (struct gp_command){.return_reason = GP_RETURN_WRONG_LINE,
                            .post = GP_SPAN("F-GS"),
                            .text = GP_SPAN("电话 13800000000")});
    act("2026-06-15 09:20", GP_VERB_RULE, "zheng", (struct gp_command){.result = GP_RESULT_YES});
    act("2026-06-15 09:30", GP_VERB_ACCEPT, "yan", (struct gp_command){0});
    act("2026-06-15 09:40", GP_VERB_SUSPEND, "zheng",
        (struct gp_command){.text = GP_SPAN("等配件"), .from_ms = town_at("2026-06-20 00:00")});
    act("2026-06-15 10:00", GP_VERB_RESUME, "zheng", (struct gp_command){0});
    act("2026-06-15 10:10", GP_VERB_NOTE, "yan", (struct gp_command){.text = GP_SPAN("秘密")});
    act("2026-06-15 10:20", GP_VERB_FINISH, "yan", (struct gp_command){.text = GP_SPAN("秘密")});
    act("2026-06-15 10:30", GP_VERB_VERIFY, "zheng", (struct gp_command){.result = GP_RESULT_NO});
    act("2026-06-15 10:40", GP_VERB_FINISH, "yan", (struct gp_command){0});
    act("2026-06-15 10:50", GP_VERB_VERIFY, "zheng", (struct gp_command){.result = GP_RESULT_YES});
    act("2026-06-15 11:00", GP_VERB_CLOSE, "zheng", (struct gp_command){0});
    act("2026-06-15 11:10", GP_VERB_REOPEN, "zheng", (struct gp_command){.text = GP_SPAN("又坏")});
    take_journal();
    expect_golden(get("servicerequestupdates.xml"), 200, "updates");
    expect_golden(get("servicerequestupdates.json?locale=en"), 200, "updates-en");
    expect_golden(get("servicerequestupdates.xml?locale=en"), 200, "updates-en");
    expect_lacks(get("servicerequestupdates.json"), "秘密");
    expect_lacks(get("servicerequestupdates.json"), "13800000000");
}

/* ---------------------------------------------------------------- what is an update */

static void each_state_has_its_status(void **state)
{
    static const struct {
        enum gp_what what;
        enum gp_state state;
        const char *status;
    } cases[] = {
        {GP_WHAT_DISPATCHED, GP_STATE_DISPATCHED, "INVESTIGATING"},
        {GP_WHAT_ACCEPTED, GP_STATE_ACCEPTED, "IN_PROGRESS"},
        {GP_WHAT_FINISHED, GP_STATE_FINISHED, "IN_PROGRESS"},
        {GP_WHAT_VERIFIED, GP_STATE_VERIFIED, "IN_PROGRESS"},
        {GP_WHAT_CLOSED, GP_STATE_CLOSED, "FIXED"},
        {GP_WHAT_VOIDED, GP_STATE_VOID, "NO_FURTHER_ACTION"},
        {GP_WHAT_DECLINED, GP_STATE_VOID, "NO_FURTHER_ACTION"},
        {GP_WHAT_LINKED, GP_STATE_DUPLICATE, "DUPLICATE"},
        {GP_WHAT_UNLINKED, GP_STATE_REPORTED, "OPEN"},
        {GP_WHAT_RETURNED, GP_STATE_RETURNED, "INVESTIGATING"},
        {GP_WHAT_ARBITRATED, GP_STATE_ARBITRATION, "INVESTIGATING"},
        {GP_WHAT_RULED, GP_STATE_DISPATCHED, "INVESTIGATING"},
        {GP_WHAT_SUSPENDED, GP_STATE_SUSPENDED, "ACTION_SCHEDULED"},
        {GP_WHAT_RESUMED, GP_STATE_ACCEPTED, "IN_PROGRESS"},
        {GP_WHAT_REWORK, GP_STATE_REWORK, "IN_PROGRESS"},
        {GP_WHAT_REOPENED, GP_STATE_REOPENED, "OPEN"},
        {GP_WHAT_STAGED, GP_STATE_ACCEPTED, "IN_PROGRESS"},
        {GP_WHAT_REASSIGNED, GP_STATE_DISPATCHED, "INVESTIGATING"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char words[100];
        desk.entry_count = 0;
        (void)desk_entry("2026-06-15 10:00", 7, cases[i].what, cases[i].state);
        (void)snprintf(words, sizeof words, "<status>%s</status>", cases[i].status);
        expect_has(get("servicerequestupdates.xml"), words);
        expect_lacks(get("servicerequestupdates.xml"),
                     "<description/>"); /* FixMyStreet wants one */
    }
}

static void the_rest_of_the_journal_is_no_update(void **state)
{
    static const enum gp_what others[] = {GP_WHAT_REPORTED,  GP_WHAT_FILED,      GP_WHAT_NOTED,
                                          GP_WHAT_EXTENDED,  GP_WHAT_INFORMED,   GP_WHAT_VACANT,
                                          GP_WHAT_HANDOVER,  GP_WHAT_DELIVERED,  GP_WHAT_STEP,
                                          GP_WHAT_REPLANNED, GP_WHAT_STRIKE,     GP_WHAT_APPEALED,
                                          GP_WHAT_AUDIT,     GP_WHAT_LEAVE,      GP_WHAT_CLOCK,
                                          GP_WHAT_DEVICE,    GP_WHAT_OWNER_SHIFT};

    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        (void)desk_entry("2026-06-15 10:00", 7, others[i], GP_STATE_ACCEPTED);
    (void)desk_entry("2026-06-15 10:00", 0, GP_WHAT_ACCEPTED, GP_STATE_ACCEPTED);
    desk_entry("2026-06-15 10:00", 7, GP_WHAT_ACCEPTED, GP_STATE_ACCEPTED)->state = 99;
    expect_ids(get("servicerequestupdates.xml"), "");
}

static void what_is_private_is_not_told(void **state)
{
    (void)state;
    (void)desk_entry("2026-06-15 10:00", 7, GP_WHAT_DISPATCHED, GP_STATE_DISPATCHED);
    (void)desk_entry("2026-06-15 10:01", 8, GP_WHAT_DISPATCHED, GP_STATE_DISPATCHED);
    desk_entry("2026-06-15 10:02", 9, GP_WHAT_DISPATCHED, GP_STATE_DISPATCHED)->is_private = true;
    desk_entry("2026-06-15 10:03", 10, GP_WHAT_DISPATCHED, GP_STATE_DISPATCHED)->category =
        GP_SPAN("p4");
    expect_ids(get("servicerequestupdates.xml"), "1 2");
    /* it was corrected: what was told of it before is not told any more */
    desk_entry("2026-06-15 10:04", 7, GP_WHAT_REASSIGNED, GP_STATE_DISPATCHED)->is_private = true;
    expect_ids(get("servicerequestupdates.xml"), "2");
    desk_entry("2026-06-15 10:05", 8, GP_WHAT_STEP, GP_STATE_DISPATCHED)->is_private = true;
    expect_ids(get("servicerequestupdates.xml"), "");
}

/* ---------------------------------------------------------------- by time */

/* One a second, the last at noon of the 15th. */
static void fill_evenly(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        desk_entry("2026-06-15 12:00", i % 100 + 1, GP_WHAT_ACCEPTED, GP_STATE_ACCEPTED)->at_ms -=
            (int64_t)(count - 1 - i) * GP_MS_SECOND;
}

static void both_ends_are_within(void **state)
{
    (void)state;
    fill_evenly(20000);
    expect_ids(get("servicerequestupdates.xml?start_date=2026-06-15T03:59:58Z"),
               "19998 19999 20000");
    expect_ids(get("servicerequestupdates.xml?start_date=2026-06-15T03:00:00Z"
                   "&end_date=2026-06-15T03:00:01Z"),
               "16400 16401");
    assert_true(desk.asks < 20);
    expect_ids(get("servicerequestupdates.xml?start_date=2026-06-14T22:26:41Z"
                   "&end_date=2026-06-14T22:26:42Z"),
               "1 2");
    expect_ids(get("servicerequestupdates.xml?start_date=2026-06-14T22:00:00Z"
                   "&end_date=2026-06-14T22:26:41Z"),
               "1");
    expect_ids(get("servicerequestupdates.xml?start_date=2026-06-14T21:00:00Z"
                   "&end_date=2026-06-14T22:26:40Z"),
               "");
    expect_ids(get("servicerequestupdates.xml?start_date=2026-06-15T04:00:01Z"), "");
    expect_ids(get("servicerequestupdates.xml?start_date=2026-06-15T04:00:00Z"
                   "&end_date=2026-06-15T04:00:00Z"),
               "20000");
}

/* At each place of the journal the same as by looking at all of it. */
static void the_place_is_found_everywhere(void **state)
{
    (void)state;
    fill_evenly(3000);
    for (int second = 1; second <= 3000; second += 7) {
        char path[200], id[16], at[GP_CLOCKTEXT_BYTES];
        int64_t ms = town_at("2026-06-15 12:00") - (3000 - second) * GP_MS_SECOND;
        gp_instant_format(ms, 0, at);
        at[19] = '\0';
        (void)snprintf(path, sizeof path, "servicerequestupdates.xml?start_date=%sZ&end_date=%sZ",
                       at, at);
        (void)snprintf(id, sizeof id, "%d", second);
        expect_ids(get(path), id);
        assert_true(desk.asks < 16);
    }
}

static void the_oldest_thousand_come_first(void **state)
{
    (void)state;
    fill_evenly(5000);
    struct told told = get("servicerequestupdates.xml");
    unsigned count = 0;
    for (const char *at = told.body; (at = strstr(at, "<update_id>")) != NULL; at++)
        count++;
    assert_int_equal(count, 1000);
    expect_has(told, "<update_id>1</update_id>");
    expect_has(told, "<update_id>1000</update_id>");
    expect_lacks(told, "<update_id>1001</update_id>");
}

static void without_dates_it_is_a_day(void **state)
{
    (void)state;
    (void)desk_entry("2026-06-14 11:59", 1, GP_WHAT_ACCEPTED, GP_STATE_ACCEPTED);
    (void)desk_entry("2026-06-14 12:01", 1, GP_WHAT_CLOSED, GP_STATE_CLOSED);
    (void)desk_entry("2026-06-15 12:00", 1, GP_WHAT_REOPENED, GP_STATE_REOPENED);
    expect_ids(get("servicerequestupdates.xml"), "2 3");
    expect_error(get("servicerequestupdates.xml?start_date=x"), 400, 400, "start_date");
    expect_error(get("servicerequestupdates.xml?start_date=2026-01-01T00:00:00Z"
                     "&end_date=2026-06-01T00:00:00Z"),
                 400, 400, "90");
}

static void an_empty_journal_has_none(void **state)
{
    (void)state;
    expect_ids(get("servicerequestupdates.xml"), "");
    assert_string_equal(get("servicerequestupdates.json").body, "[]");
}

static void the_daemon_may_be_away(void **state)
{
    (void)state;
    fill_evenly(3000);
    desk.error = GP_ECLOSED;
    expect_error(get("servicerequestupdates.xml"), 400, 503, "稍后重试");
    desk.error = 0;
    desk.status = GP_STATUS_LIMITED;
    expect_error(get("servicerequestupdates.xml"), 400, 503, "稍后重试");
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, city_begin, city_end)
    const struct CMUnitTest tests[] = {
        T(a_whole_life_is_told),
        T(each_state_has_its_status),
        T(the_rest_of_the_journal_is_no_update),
        T(what_is_private_is_not_told),
        T(both_ends_are_within),
        T(the_place_is_found_everywhere),
        T(the_oldest_thousand_come_first),
        T(without_dates_it_is_a_day),
        T(an_empty_journal_has_none),
        T(the_daemon_may_be_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
