/* The census, and what is counted of it, against a plain look at every incident. */
#include "engine/stage.h"

#include "base/arena.h"
#include "base/clocktext.h"
#include "wire/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define AREAS_MOST       16
#define DEPARTMENTS_MOST 8

/* Of one open incident, as the test sees it. */
struct plain {
    char code[16]; /* digits of where it may be counted */
    struct gp_span department;
    int colour;
    bool soon;
};

static struct gp_arena arena;

static int arena_open(void **state)
{
    (void)state;
    gp_arena_init(&arena, (size_t)64 * 1024 * 1024);
    return 0;
}

static int arena_close(void **state)
{
    (void)state;
    gp_arena_release(&arena);
    return 0;
}

static struct gp_store *store_of(struct city *city)
{
    return gp_rehearsal_store(city->rehearsal);
}

/* ---------------------------------------------------------------- plainly */

/* docs/PROTOCOL.md, section 5, said once more. */
static int plain_colour(const struct gp_incident *incident)
{
    static const char by_state[] = {
        [GP_STATE_REPORTED] = GP_COLOUR_NEW,
        [GP_STATE_FILED] = GP_COLOUR_NEW,
        [GP_STATE_FINISHED] = GP_COLOUR_DONE,
        [GP_STATE_VERIFIED] = GP_COLOUR_DONE,
        [GP_STATE_DUPLICATE] = GP_COLOUR_LINKED,
        [GP_STATE_SUSPENDED] = GP_COLOUR_SUSPENDED,
        [GP_STATE_REOPENED] = 0,
    };
    bool yellow = false;

    if (by_state[incident->state] != 0)
        return by_state[incident->state];
    for (int i = 0; i < incident->plan.step_count; i++)
        yellow = yellow || (incident->plan.step[i].step == GP_STEP_YELLOW &&
                            incident->plan.step[i].status == GP_FIRED &&
                            incident->plan.step[i].stage == incident->plan.current);
    return incident->overdue_ms > 0 ? GP_COLOUR_OVERDUE
           : yellow                 ? GP_COLOUR_YELLOW
                                    : GP_COLOUR_RUNNING;
}

/* False: it is not open. */
static bool plain_of(struct city *city, struct gp_txn *txn, uint64_t id, struct plain *ret_plain)
{
    static struct gp_incident incident;
    struct gp_span record;
    int64_t due_ms;

    assert_int_equal(gp_incident_get(txn, id, &record), 0);
    assert_int_equal(gp_wire_incident_unpack(record, &arena, &incident), 0);
    if (incident.state == GP_STATE_CLOSED || incident.state == GP_STATE_VOID)
        return false;
    gp_area_format(incident.row.is_private ? incident.community : incident.area, ret_plain->code);
    ret_plain->department = gp_arena_copy(&arena, incident.row.department);
    ret_plain->colour = plain_colour(&incident);
    due_ms = incident.plan.stage_count > 0 ? incident.plan.stage[incident.plan.current].due_ms : 0;
    ret_plain->soon =
        due_ms != 0 && due_ms <= city->now_ms + 24 * GP_MS_HOUR &&
        (ret_plain->colour == GP_COLOUR_RUNNING || ret_plain->colour == GP_COLOUR_YELLOW);
    return true;
}

static struct plain *plain_city(struct city *city, size_t *ret_count)
{
    struct plain *plain = gp_arena_zalloc(&arena, city->incidents, sizeof *plain);
    struct gp_txn *txn;

    *ret_count = 0;
    assert_int_equal(gp_txn_read(store_of(city), &txn), 0);
    for (uint64_t id = 1; id <= city->incidents; id++)
        *ret_count += plain_of(city, txn, id, &plain[*ret_count]);
    gp_txn_abort(txn);
    return plain;
}

/* ---------------------------------------------------------------- comparing */

static struct gp_census *take(struct city *city, uint32_t most)
{
    struct gp_census *census;

    assert_int_equal(gp_engine_census(store_of(city), city->now_ms, most, NULL, &census), 0);
    return census;
}

static void same_counts(const struct gp_colour_counts *is, const struct gp_colour_counts *should,
                        const char *what)
{
    for (int colour = 1; colour < GP_COLOUR_END; colour++) {
        if (is->colour[colour] != should->colour[colour])
            fail_msg("%s, %s: %d instead of %d", what, gp_colour_name(colour),
                     (int)is->colour[colour], (int)should->colour[colour]);
    }
    assert_int_equal(is->soon, should->soon);
}

static void add(struct gp_colour_counts *counts, const struct plain *plain)
{
    counts->colour[plain->colour]++;
    counts->soon += plain->soon;
}

static void compare_departments(struct city *city, const struct gp_census *census,
                                const struct plain *plain, size_t count)
{
    uint64_t open = 0;

    for (uint32_t d = 0; d < census->department_count; d++) {
        struct gp_colour_counts should = {0};
        for (size_t i = 0; i < count; i++) {
            if (gp_span_equal(plain[i].department, census->department[d]))
                add(&should, &plain[i]);
        }
        assert_true(gp_org_department(city->org, census->department[d]) != GP_NONE);
        same_counts(&census->by_department[d], &should, "department");
        open += gp_counts_open(&census->by_department[d]);
    }
    assert_int_equal(open, count);
    assert_int_equal(census->row_count, count);
}

static bool begins(const char *code, const char *prefix)
{
    return strncmp(code, prefix, strlen(prefix)) == 0;
}

/* Among the areas right below the asked one (its code ""; those without one above), that in which a
 * code lies; the last index for none. */
static size_t plain_child(const struct gp_org *org, const char *asked, const char *code)
{
    for (size_t i = 0; i < org->area_count; i++) {
        char child[16], parent[16] = "";
        gp_area_format(org->areas[i].ref, child);
        if (org->areas[i].parent != GP_NONE)
            gp_area_format(org->areas[org->areas[i].parent].ref, parent);
        if (strcmp(parent, asked) == 0 && begins(code, child))
            return i;
    }
    return org->area_count;
}

static void compare_sum(struct city *city, const struct gp_census *census,
                        const struct gp_summary_ask *ask, const struct plain *plain, size_t count)
{
    struct gp_colour_counts by_area[AREAS_MOST] = {0}, by_department[DEPARTMENTS_MOST] = {0};
    struct gp_colour_counts should[AREAS_MOST] = {0}, total = {0};
    struct gp_summing summing = {.by_area = by_area, .by_department = by_department};
    char asked[16] = "";

    if (ask->area.padded != 0)
        gp_area_format(ask->area, asked);
    gp_census_sum(city->org, census, ask, city->now_ms, &summing);
    for (size_t i = 0; i < count; i++) {
        if (!begins(plain[i].code, asked) ||
            (ask->department.len > 0 && !gp_span_equal(ask->department, plain[i].department)))
            continue;
        add(&should[plain_child(city->org, asked, plain[i].code)], &plain[i]);
        add(&total, &plain[i]);
    }
    for (size_t i = 0; i <= city->org->area_count; i++)
        same_counts(&by_area[i], &should[i], asked);
    same_counts(&summing.total, &total, "total");
    for (uint32_t d = 0; d < census->department_count; d++) {
        for (int colour = 1; colour < GP_COLOUR_END; colour++)
            total.colour[colour] -= by_department[d].colour[colour];
        total.soon -= by_department[d].soon;
    }
    same_counts(&total, &(struct gp_colour_counts){0}, "departments together");
}

/* Every area and none, every department and none. */
static void compare_sums(struct city *city, const struct gp_census *census,
                         const struct plain *plain, size_t count)
{
    const struct gp_org *org = city->org;

    assert_true(org->area_count < AREAS_MOST);
    for (size_t a = 0; a <= org->area_count; a++) {
        for (size_t d = 0; d <= org->department_count; d++) {
            struct gp_summary_ask ask = {0};
            if (a < org->area_count)
                ask.area = org->areas[a].ref;
            if (d < org->department_count)
                ask.department = org->departments[d].code;
            compare_sum(city, census, &ask, plain, count);
        }
    }
}

static uint64_t count_colour(const struct gp_census *census, int colour)
{
    uint64_t count = 0;

    for (uint32_t i = 0; i < census->row_count; i++)
        count += census->row[i].colour == colour;
    return count;
}

/* ---------------------------------------------------------------- the tests */

static void census_is_what_a_plain_look_sees(void **state)
{
    static const int met[] = {GP_COLOUR_RUNNING, GP_COLOUR_YELLOW, GP_COLOUR_OVERDUE,
                              GP_COLOUR_DONE, GP_COLOUR_NEW};
    bool seen[GP_COLOUR_END] = {false};
    struct city city;

    (void)state;
    city_open(&city, 71);
    for (int round = 0; round < 40; round++) {
        for (int i = 0; i < 15; i++)
            city_step(&city, 2);
        gp_arena_reset(&arena);
        struct gp_census *census = take(&city, GP_CENSUS_ROWS_MAX);
        size_t count;
        struct plain *plain = plain_city(&city, &count);
        assert_false(census->partial);
        assert_int_equal(census->head, city_head(&city, NULL));
        compare_departments(&city, census, plain, count);
        compare_sums(&city, census, plain, count);
        for (int colour = 1; colour < GP_COLOUR_END; colour++)
            seen[colour] = seen[colour] || count_colour(census, colour) > 0;
        gp_census_free(census);
    }
    for (size_t i = 0; i < sizeof met / sizeof met[0]; i++)
        assert_true(seen[met[i]]);
    city_close(&city);
}

static struct gp_answer act(struct city *city, enum gp_verb verb, const char *by, uint64_t incident,
                            struct gp_command command)
{
    command.verb = (uint8_t)verb;
    command.actor = gp_span_of(by);
    command.device = GP_SPAN("handset");
    command.incident = incident;
    return city_apply(city, &command);
}

static struct gp_command report_in(const char *grid, const char *category)
{
    return (struct gp_command){.grid = gp_span_of(grid),
                               .category = gp_span_of(category),
                               .condition = GP_SPAN("default")};
}

/* What the random stream does not bring about. */
static void suspended_and_linked_have_their_colours(void **state)
{
    struct city city;

    (void)state;
    city_open(&city, 72);
    for (uint64_t id = 1; id <= 3; id++)
        assert_int_equal(
            act(&city, GP_VERB_REPORT, "li", 0, report_in("340705006001001", "n8")).incident, id);
    assert_int_equal(act(&city, GP_VERB_LINK, "zheng", 2, (struct gp_command){.other = 1}).reason,
                     0);
    assert_int_equal(
        act(&city, GP_VERB_SUSPEND, "zheng", 3,
            (struct gp_command){.from_ms = city.now_ms + 20 * GP_MS_DAY, .text = GP_SPAN("parts")})
            .reason,
        0);
    struct gp_census *census = take(&city, GP_CENSUS_ROWS_MAX);
    assert_int_equal(census->row_count, 3);
    assert_int_equal(count_colour(census, GP_COLOUR_RUNNING), 1);
    assert_int_equal(count_colour(census, GP_COLOUR_LINKED), 1);
    assert_int_equal(count_colour(census, GP_COLOUR_SUSPENDED), 1);
    gp_census_free(census);
    city_close(&city);
}

static const struct gp_summary_row *row_of(const struct gp_summary_row *row, uint32_t count,
                                           const char *unit)
{
    for (uint32_t i = 0; i < count; i++) {
        if (gp_span_is(row[i].unit, unit))
            return &row[i];
    }
    return NULL;
}

static struct gp_summary summary_of(struct city *city, const struct gp_census *census,
                                    const char *area, const char *department)
{
    struct gp_summary_ask ask = {.department = gp_span_of(department)};
    struct gp_summary summary;

    if (area[0] != '\0')
        assert_int_equal(gp_area_parse(gp_span_of(area), &ask.area), 0);
    assert_int_equal(gp_census_summary(city->org, census, &ask, city->now_ms, &arena, &summary), 0);
    return summary;
}

/* What is told: units with their names, where nothing is open none. */
static void a_summary_has_units_that_have_something(void **state)
{
    struct city city;

    (void)state;
    city_open(&city, 76);
    (void)act(&city, GP_VERB_REPORT, "li", 0, report_in("340705006001001", "n8"));
    (void)act(&city, GP_VERB_REPORT, "li", 0, report_in("340705006001002", "p4")); /* private */
    (void)act(&city, GP_VERB_REPORT, "li", 0, report_in("340705402001001", "f2"));
    struct gp_census *census = take(&city, GP_CENSUS_ROWS_MAX);
    struct gp_summary summary = summary_of(&city, census, "", "");
    assert_int_equal(summary.area_count, 1);
    assert_true(gp_span_is(summary.area[0].unit, "340705"));
    assert_true(gp_span_is(summary.total.unit, "-"));
    summary = summary_of(&city, census, "340705", "");
    assert_int_equal(summary.area_count, 2);
    assert_true(gp_span_is(summary.area[0].unit, "340705006"));
    assert_true(gp_span_is(summary.area[0].name, "新城"));
    assert_int_equal(gp_counts_open(&summary.area[0].counts), 2);
    assert_int_equal(summary.department_count, 2);
    assert_true(gp_span_is(summary.department[0].unit, "SZ"));
    assert_true(gp_span_is(summary.department[0].name, "市政工程管理处"));
    assert_true(gp_span_is(summary.department[1].unit, "XF"));
    assert_int_equal(gp_counts_open(&summary.total.counts), 3);
    assert_int_equal(summary.head, census->head);
    summary = summary_of(&city, census, "340705006001", ""); /* a grid, and the community itself */
    assert_int_equal(summary.area_count, 2);
    assert_non_null(row_of(summary.area, 2, "340705006001001"));
    assert_true(gp_span_is(summary.area[1].unit, "340705006001"));
    assert_true(gp_span_is(summary.area[1].name, "临湖社区"));
    summary = summary_of(&city, census, "340705", "XF");
    assert_int_equal(summary.area_count, 1);
    assert_true(gp_span_is(summary.area[0].unit, "340705402"));
    summary = summary_of(&city, census, "110101", "");
    assert_int_equal(summary.area_count + summary.department_count, 0);
    gp_census_free(census);
    city_close(&city);
}

/* A private incident is its community's for whoever counts. */
static void no_count_tells_the_grid_of_a_private_incident(void **state)
{
    struct gp_colour_counts by_area[AREAS_MOST] = {0}, by_department[DEPARTMENTS_MOST] = {0};
    struct gp_summing summing = {.by_area = by_area, .by_department = by_department};
    struct gp_summary_ask ask = {0};
    struct city city;

    (void)state;
    city_open(&city, 73);
    assert_int_equal(act(&city, GP_VERB_REPORT, "li", 0, report_in("340705006001001", "p4")).reason,
                     0);
    struct gp_census *census = take(&city, GP_CENSUS_ROWS_MAX);
    assert_int_equal(gp_area_parse(GP_SPAN("340705006001001"), &ask.area), 0);
    gp_census_sum(city.org, census, &ask, city.now_ms, &summing);
    assert_int_equal(gp_counts_open(&summing.total), 0);
    assert_int_equal(gp_area_parse(GP_SPAN("340705006001"), &ask.area), 0);
    gp_census_sum(city.org, census, &ask, city.now_ms, &summing);
    assert_int_equal(gp_counts_open(&summing.total), 1);
    assert_int_equal(gp_counts_open(&by_area[city.org->area_count]), 1); /* of no child */
    gp_census_free(census);
    city_close(&city);
}

/* What is filed under a code that leads elsewhere now is counted there. */
static void old_codes_count_where_they_lead(void **state)
{
    struct gp_colour_counts by_area[AREAS_MOST] = {0}, by_department[DEPARTMENTS_MOST] = {0};
    struct gp_summing summing = {.by_area = by_area, .by_department = by_department};
    struct gp_area areas[AREAS_MOST];
    struct gp_summary_ask ask = {0};
    struct gp_org merged;
    struct city city;

    (void)state;
    city_open(&city, 74);
    assert_int_equal(act(&city, GP_VERB_REPORT, "li", 0, report_in("340705006001001", "n8")).reason,
                     0);
    struct gp_census *census = take(&city, GP_CENSUS_ROWS_MAX);
    merged = *city.org;
    memcpy(areas, merged.areas, merged.area_count * sizeof *areas);
    merged.areas = areas;
    uint32_t old = gp_org_area(city.org, GP_SPAN("340705006001001"));
    uint32_t next = gp_org_area(city.org, GP_SPAN("340705402001002"));
    areas[old].alias_of = next;
    areas[old].valid_to_ms = city.now_ms;
    assert_int_equal(gp_area_parse(GP_SPAN("340705402001"), &ask.area), 0);
    gp_census_sum(&merged, census, &ask, city.now_ms, &summing);
    assert_int_equal(gp_counts_open(&by_area[next]), 1);
    assert_int_equal(gp_counts_open(&summing.total), 1);
    gp_census_free(census);
    city_close(&city);
}

static void more_than_is_counted_is_told(void **state)
{
    struct city city;
    struct gp_command command;

    (void)state;
    city_open(&city, 75);
    for (unsigned i = 0; i < 60; i++) {
        city_random_report(&city, &command);
        (void)city_apply(&city, &command);
    }
    struct gp_census *whole = take(&city, GP_CENSUS_ROWS_MAX);
    struct gp_census *exact = take(&city, whole->row_count);
    struct gp_census *part = take(&city, whole->row_count - 1);
    assert_false(exact->partial);
    assert_int_equal(exact->row_count, whole->row_count);
    assert_true(part->partial);
    assert_int_equal(part->row_count, whole->row_count - 1);
    gp_census_free(whole);
    gp_census_free(exact);
    gp_census_free(part);
    city_close(&city);
}

/* More incidents than one transaction looks at: nothing is lost between two. */
static void transactions_join_without_a_gap(void **state)
{
    struct stage *stage = *state;
    static struct gp_item items[500];
    atomic_bool stop = true;
    struct gp_census *census;
    uint32_t reports = GP_READ_ROWS_MAX * 2 + 500;

    for (uint32_t done = 0; done < reports; done += 500) {
        for (size_t i = 0; i < 500; i++)
            items[i] = stage_report();
        stage_apply(stage, items, 500);
    }
    census = take(&stage->city, GP_CENSUS_ROWS_MAX);
    assert_int_equal(census->row_count, reports);
    assert_int_equal(gp_counts_open(&census->by_department[0]), reports);
    gp_census_free(census);
    assert_int_equal(
        gp_engine_census(store_of(&stage->city), stage->now_ms, GP_CENSUS_ROWS_MAX, &stop, &census),
        GP_EAGAIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(census_is_what_a_plain_look_sees),
        cmocka_unit_test(suspended_and_linked_have_their_colours),
        cmocka_unit_test(a_summary_has_units_that_have_something),
        cmocka_unit_test(no_count_tells_the_grid_of_a_private_incident),
        cmocka_unit_test(old_codes_count_where_they_lead),
        cmocka_unit_test(more_than_is_counted_is_told),
        cmocka_unit_test_setup_teardown(transactions_join_without_a_gap, stage_open, stage_close),
    };
    return cmocka_run_group_tests_name("census", tests, arena_open, arena_close);
}
