/* Views of the journal: feed filters, and what a private incident shows to whom. */
#include "solo.h"

#include "core/query.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define DAY          "2026-06-01 08:00"

static void report(const char *grid, const char *category)
{
    struct gp_command command = {
        .verb = GP_VERB_REPORT,
        .device = GP_SPAN("handset"),
        .grid = gp_span_of(grid),
        .category = gp_span_of(category),
        .text = GP_SPAN("text"),
        .place = {.known = true, .lat_e7 = 309000000, .lon_e7 = 1178000000},
    };
    assert_int_equal(play_command(&play, DAY, "cao", &command), 0);
}

/* How many of the journal's entries pass. */
static size_t passing(const struct gp_feed_filter *filter)
{
    size_t count = 0;

    for (size_t i = 0; i < play.count; i++)
        count += gp_feed_match(&town.org, filter, &play.journal[i]);
    return count;
}

static struct gp_area_ref prefix(const char *code)
{
    struct gp_area_ref area;

    assert_int_equal(gp_area_parse(gp_span_of(code), &area), 0);
    return area;
}

static void by_area(void **state)
{
    static const struct {
        const char *code;
        bool passes;
    } rows[] = {
        {"34", true},           {"340705", true},          {"340705006", true},
        {"340705006001", true}, {"340705006001002", true}, {"340705006001001", false},
        {"340705402", false},   {"340706", false},
    };

    (void)state;
    report(TOWN_GRID, "n4");
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct gp_feed_filter filter = {.area = prefix(rows[i].code)};
        assert_int_equal(passing(&filter), rows[i].passes ? play.count : 0);
    }
    assert_int_equal(passing(&(struct gp_feed_filter){0}), play.count);
}

/* An entry about no area at all (clock, audit) is in no area's feed. */
static void without_area(void **state)
{
    struct gp_entry audit = {.seq = 1, .what = GP_WHAT_AUDIT};
    struct gp_feed_filter filter = {.area = prefix("340705")};

    (void)state;
    assert_false(gp_feed_match(&town.org, &filter, &audit));
    assert_true(gp_feed_match(&town.org, &(struct gp_feed_filter){0}, &audit));
}

static void by_words(void **state)
{
    (void)state;
    report(TOWN_GRID, "n2");
    play_until(&play,
               "2026-06-01 10:00"); /* reported filed dispatched + dispatch … red, handover */
    assert_int_equal(play.count, 8);
    assert_int_equal(passing(&(struct gp_feed_filter){.department = GP_SPAN("SZ")}), 8);
    assert_int_equal(passing(&(struct gp_feed_filter){.department = GP_SPAN("XF")}), 0);
    assert_int_equal(passing(&(struct gp_feed_filter){.line = GP_SPAN("shizheng")}), 8);
    assert_int_equal(passing(&(struct gp_feed_filter){.line = GP_SPAN("xiaofang")}), 0);
    assert_int_equal(passing(&(struct gp_feed_filter){.incident = 7}), 8);
    assert_int_equal(passing(&(struct gp_feed_filter){.incident = 8}), 0);
    assert_int_equal(passing(&(struct gp_feed_filter){.person = GP_SPAN("wang")}), 2);
    assert_int_equal(passing(&(struct gp_feed_filter){.person = GP_SPAN("cao")}), 3); /* actor */
    assert_int_equal(passing(&(struct gp_feed_filter){.person = GP_SPAN("xu")}), 0);
    assert_int_equal(
        passing(&(struct gp_feed_filter){.line = GP_SPAN("shizheng"), .person = GP_SPAN("wang")}),
        2);
    assert_int_equal(
        passing(&(struct gp_feed_filter){.line = GP_SPAN("xiaofang"), .person = GP_SPAN("wang")}),
        0);
}

/* The escalation tail: steps after dispatch, handovers, vacancies. */
static void escalations(void **state)
{
    const struct gp_feed_filter filter = {.escalations = true};

    (void)state;
    report(TOWN_GRID, "f2");
    play_until(&play, "2026-06-01 10:00");
    for (size_t i = 0; i < play.count; i++) {
        const struct gp_entry *entry = &play.journal[i];
        bool expect = entry->what == GP_WHAT_VACANT || entry->what == GP_WHAT_HANDOVER ||
                      (entry->what == GP_WHAT_STEP && entry->step != GP_STEP_DISPATCH);
        assert_int_equal(gp_feed_match(&town.org, &filter, entry), expect);
    }
    assert_int_equal(passing(&filter), 5); /* vacant, unaccepted, yellow, red, handover */
}

/* ---------------------------------------------------------------- private incidents */

static void who_sees_private(void **state)
{
    static const struct {
        const char *person;
        bool sees;
    } rows[] = {
        {"li", true},     {"zhao", true}, {"wang", true},      {"qian", true},  {"chen", true},
        {"chu", true},    {"wei", true},  {"jiang", true},     {"feng", false}, {"zhou", false},
        {"zheng", false}, {"he", false},  {"stranger", false}, {"", false},     {"sun", false},
    };

    (void)state;
    report(TOWN_GRID, "p4");
    const struct gp_entry *entry = play_last(&play, GP_WHAT_DISPATCHED, GP_STEP_NONE);
    assert_true(entry->is_private);
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (gp_may_see_entry(&town.org, entry, gp_span_of(rows[i].person), town_at(DAY)) !=
            rows[i].sees)
            fail_msg("%s: %d expected", rows[i].person, rows[i].sees);
    }
}

/* Who is told by an entry sees that entry; who reported sees the report. */
static void told_ones_see(void **state)
{
    (void)state;
    report(TOWN_GRID, "p4");
    const struct gp_entry *told = play_last(&play, GP_WHAT_STEP, GP_STEP_DISPATCH);
    const struct gp_entry *reported = play_last(&play, GP_WHAT_REPORTED, GP_STEP_NONE);
    assert_true(gp_may_see_entry(&town.org, told, GP_SPAN("zhang"), town_at(DAY)));
    assert_true(gp_may_see_entry(&town.org, reported, GP_SPAN("cao"), town_at(DAY)));
    assert_false(gp_may_see_entry(&town.org, told, GP_SPAN("cao"), town_at(DAY)));
}

static void masked_entry(void **state)
{
    (void)state;
    report(TOWN_GRID, "p4");
    struct gp_entry entry = *play_last(&play, GP_WHAT_REPORTED, GP_STEP_NONE);
    assert_int_equal(entry.text.len, 4);
    gp_entry_mask(&town.org, &entry);
    assert_int_equal(entry.text.len, 0);
    assert_false(entry.place.known);
    assert_int_equal(entry.place.lat_e7, 0);
    assert_int_equal(entry.area.padded, 340705006001000);
    assert_int_equal(entry.area.digits, 12);
    assert_int_equal(entry.area.level, GP_LEVEL_COMMUNITY);
    assert_true(gp_span_is(entry.category, "p4"));
    assert_int_equal(entry.actor.len, 0); /* who reported */
}

static void masked_incident(void **state)
{
    (void)state;
    report(TOWN_GRID, "p4");
    gp_incident_mask(&play.incident);
    assert_int_equal(play.incident.text.len, 0);
    assert_false(play.incident.place.known);
    assert_int_equal(play.incident.reporter.len, 0);
    assert_int_equal(play.incident.area.padded, 340705006001000);
}

/* Nothing finer than a community gets out: not before filing, not where there is no community. */
static void masked_without_community(void **state)
{
    (void)state;
    report(TOWN_GRID, "mp4"); /* waits for the dispatcher */
    gp_incident_mask(&play.incident);
    assert_int_equal(play.incident.area.padded, 340705006001000);
    solo_begin(state);
    report(TOWN_GRID_BARE, "p4");
    struct gp_entry entry = *play_last(&play, GP_WHAT_REPORTED, GP_STEP_NONE);
    gp_entry_mask(&town.org, &entry);
    gp_incident_mask(&play.incident);
    assert_int_equal(entry.area.padded, 340705000000000);
    assert_int_equal(play.incident.area.padded, 340705000000000);
    assert_int_equal(play.incident.area.digits, 6);
}

/* To name the grid's one officer is to name the grid. */
static void masked_officer(void **state)
{
    (void)state;
    report(TOWN_GRID, "p4");
    struct gp_entry told = *play_last(&play, GP_WHAT_STEP, GP_STEP_DISPATCH);
    assert_int_equal(told.recipient_count, 2);
    gp_entry_mask(&town.org, &told);
    assert_int_equal(told.recipient_count, 1);
    assert_true(gp_span_is(told.recipient[0].person, "li"));
    assert_int_equal(play_do(&play, "2026-06-01 08:10", GP_VERB_NOTE, "zhang"), 0);
    struct gp_entry noted = *play_last(&play, GP_WHAT_NOTED, GP_STEP_NONE);
    assert_true(gp_span_is(noted.actor_post, "B-340705006001002"));
    gp_entry_mask(&town.org, &noted);
    assert_int_equal(noted.actor.len + noted.actor_post.len, 0);
    assert_int_equal(play_do(&play, "2026-06-01 08:20", GP_VERB_ACCEPT, "li"), 0);
    struct gp_entry accepted = *play_last(&play, GP_WHAT_ACCEPTED, GP_STEP_NONE);
    gp_entry_mask(&town.org, &accepted);
    assert_true(gp_span_is(accepted.actor, "li"));
}

/* A filter by grid does not find what is masked for the reader. */
static void masked_before_the_filter(void **state)
{
    const struct gp_feed_filter filter = {.area = prefix(TOWN_GRID)};

    (void)state;
    report(TOWN_GRID, "p4");
    struct gp_entry entry = play.journal[0];
    assert_true(gp_feed_match(&town.org, &filter, &entry));
    gp_entry_mask(&town.org, &entry);
    assert_false(gp_feed_match(&town.org, &filter, &entry));
}

static void traits_are_the_incidents(void **state)
{
    struct gp_traits traits;

    (void)state;
    report(TOWN_GRID, "p4");
    play_until(&play, "2026-06-01 12:00");
    gp_traits_of(&play.incident, &traits);
    assert_int_equal(traits.state, GP_STATE_DISPATCHED);
    assert_true(traits.is_private);
    assert_int_equal(traits.area.padded, play.incident.area.padded);
    assert_true(gp_span_is(traits.owner, "F-SZ"));
    assert_true(gp_span_is(traits.department, "SZ"));
    assert_true(gp_span_is(traits.category, "p4"));
    assert_int_equal(traits.received_ms, town_at(DAY));
    assert_int_equal(traits.overdue_ms, town_at("2026-06-01 12:00"));
}

static void by_incident_and_kind(void **state)
{
    (void)state;
    report(TOWN_GRID, "n4"); /* reported, filed, dispatched, dispatch: of incident 7 */
    assert_int_equal(passing(&(struct gp_feed_filter){.incident = 7}), play.count);
    assert_int_equal(passing(&(struct gp_feed_filter){.incident = 8}), 0);
    assert_int_equal(passing(&(struct gp_feed_filter){.whats = UINT32_C(1) << GP_WHAT_FILED}), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(by_area, solo_begin),
        cmocka_unit_test_setup(without_area, solo_begin),
        cmocka_unit_test_setup(by_words, solo_begin),
        cmocka_unit_test_setup(escalations, solo_begin),
        cmocka_unit_test_setup(who_sees_private, solo_begin),
        cmocka_unit_test_setup(told_ones_see, solo_begin),
        cmocka_unit_test_setup(masked_entry, solo_begin),
        cmocka_unit_test_setup(masked_incident, solo_begin),
        cmocka_unit_test_setup(masked_without_community, solo_begin),
        cmocka_unit_test_setup(masked_officer, solo_begin),
        cmocka_unit_test_setup(masked_before_the_filter, solo_begin),
        cmocka_unit_test_setup(traits_are_the_incidents, solo_begin),
        cmocka_unit_test_setup(by_incident_and_kind, solo_begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
