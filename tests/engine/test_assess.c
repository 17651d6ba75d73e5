/* Assessments of random histories: every figure has exactly the incidents behind it that it says,
 * whatever the unit, the period and the size of the page. */
#include "core/assess.h"

#include "base/bytes.h"
#include "base/clocktext.h"
#include "engine/stage.h"
#include "wire/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define STEPS        900
#define UNITS_MAX    200

/* ---------------------------------------------------------------- a history */

/* Verbs of the side lines as often as those of the main line. */
static const uint8_t verbs[] = {
    GP_VERB_ACCEPT, GP_VERB_ACCEPT, GP_VERB_STAGE,  GP_VERB_FINISH,   GP_VERB_FINISH,
    GP_VERB_VERIFY, GP_VERB_CLOSE,  GP_VERB_REOPEN, GP_VERB_RETURN,   GP_VERB_CONSENT,
    GP_VERB_RULE,   GP_VERB_EXTEND, GP_VERB_DECIDE, GP_VERB_SUSPEND,  GP_VERB_RESUME,
    GP_VERB_VOID,   GP_VERB_LINK,   GP_VERB_UNLINK, GP_VERB_REASSIGN, GP_VERB_CORRECT,
    GP_VERB_APPEAL, GP_VERB_SIGN,
};

static struct gp_span somebody(struct city *city)
{
    static const char *const desks[] = {"zheng", "zhu", "qian", "kong", "feng", "zhou"};

    if (city_random(city, 2) == 0)
        return gp_span_of(desks[city_random(city, COUNT(desks))]);
    return city->org->persons[city_random(city, city->org->person_count)].id;
}

static void random_command(struct city *city, struct gp_command *ret_command)
{
    *ret_command = (struct gp_command){
        .verb = verbs[city_random(city, COUNT(verbs))],
        .actor = somebody(city),
        .device = GP_SPAN("handset-2"),
        .incident = 1 + city_random(city, city->incidents),
        .text = GP_SPAN("because"),
        .result = (uint8_t)(GP_RESULT_YES + city_random(city, 2)),
        .return_reason = GP_RETURN_WRONG_LINE,
        .hours = 1,
        .post = city->org->posts[city_random(city, city->org->post_count)].id,
        .person = somebody(city),
        .from_ms = city->now_ms + (int64_t)(1 + city_random(city, 5)) * GP_MS_DAY,
        .other = 1 + city_random(city, city->incidents),
    };
    gp_put_u64(ret_command->id, ((uint64_t)city->now_ms << 16) | city_random(city, 65536));
    gp_put_u64(ret_command->id + 8, city_random(city, UINT64_MAX));
}

/* Tries an act with several people: one of them may be allowed. */
static void act(struct city *city)
{
    struct gp_command command;

    random_command(city, &command);
    for (int tries = 0; tries < 6; tries++) {
        command.actor = somebody(city);
        command.id[15]++;
        if (city_apply(city, &command).reason == GP_REASON_NONE)
            return;
    }
}

static void live(struct city *city, unsigned steps)
{
    for (unsigned i = 0; i < steps; i++) {
        city_step(city, 3);
        act(city);
    }
}

/* ---------------------------------------------------------------- asking */

static void ask_page(struct city *city, const struct gp_assess_ask *ask, struct gp_arena *arena,
                     struct gp_assessment *ret_page)
{
    atomic_bool stop = false;
    int rc = gp_engine_assess(gp_rehearsal_store(city->rehearsal), city->org, ask, &stop, arena,
                              ret_page);
    assert_int_equal(rc, 0);
}

struct rows {
    struct gp_assess_row row[UNITS_MAX];
    uint32_t count;
    unsigned pages;
};

static void ask_rows(struct city *city, struct gp_assess_ask ask, struct gp_arena *arena,
                     struct rows *rows)
{
    struct gp_assessment page;

    *rows = (struct rows){0};
    do {
        ask_page(city, &ask, arena, &page);
        for (uint32_t i = 0; i < page.row_count; i++) {
            assert_true(rows->count < UNITS_MAX);
            rows->row[rows->count++] = page.row[i];
        }
        rows->pages++;
        ask.after = page.next;
        ask.upto = page.head;
    } while (page.next != 0);
}

/* The incidents behind a figure, counted page by page; they rise, and each is there once (of
 * strikes: once for each person; of all units: once for each that it was in, for a ruling may give
 * it to another line and department). */
static uint64_t count_behind(struct city *city, struct gp_assess_ask ask, struct gp_arena *arena)
{
    struct gp_assessment page;
    uint64_t count = 0, last = 0;

    do {
        ask_page(city, &ask, arena, &page);
        for (uint32_t i = 0; i < page.behind_count; i++) {
            uint64_t id = page.behind[i].incident;
            bool again = ask.figure == GP_FIGURE_STRIKES || ask.unit.len == 0;
            assert_true(id > last || (again && id == last));
            assert_true(ask.unit.len == 0 || gp_span_equal(ask.unit, page.behind[i].unit));
            last = id;
        }
        count += page.behind_count;
        ask.after = page.next;
        ask.upto = page.head;
    } while (page.next != 0);
    return count;
}

/* How many incidents are behind a figure of each row, asked for all units at once. */
static void tally(struct city *city, struct gp_assess_ask ask, const struct rows *rows,
                  uint64_t *counts)
{
    struct gp_arena arena;
    struct gp_assessment page;

    gp_arena_init(&arena, 32 << 20);
    do {
        ask_page(city, &ask, &arena, &page);
        for (uint32_t i = 0; i < page.behind_count; i++) {
            uint32_t at = 0;
            while (at < rows->count && !gp_span_equal(rows->row[at].unit, page.behind[i].unit))
                at++;
            assert_true(at < rows->count);
            counts[at]++;
        }
        ask.after = page.next;
        ask.upto = page.head;
    } while (page.next != 0);
    gp_arena_release(&arena);
}

static void check_figure(struct city *city, struct gp_assess_ask ask, const struct rows *rows)
{
    uint64_t counts[UNITS_MAX] = {0};
    struct gp_arena arena;
    uint32_t one = (uint32_t)city_random(city, rows->count);

    tally(city, ask, rows, counts);
    for (uint32_t i = 0; i < rows->count; i++) {
        if (counts[i] != rows->row[i].figures.count[ask.figure])
            fail_msg("by %s, %.*s: %s is %llu, but %llu are behind it", gp_assess_by_name(ask.by),
                     GP_SPAN_ARG(rows->row[i].unit), gp_figure_name(ask.figure),
                     (unsigned long long)rows->row[i].figures.count[ask.figure],
                     (unsigned long long)counts[i]);
    }
    gp_arena_init(&arena, 8 << 20);
    ask.unit = rows->row[one].unit;
    ask.limit = 1 + counts[one] / 3;
    assert_int_equal(count_behind(city, ask, &arena), counts[one]);
    gp_arena_release(&arena);
}

/* What one figure says of another. */
static void check_sense(const struct gp_assess_row *row)
{
    const uint64_t *count = row->figures.count;

    assert_true(count[GP_FIGURE_PATROL] <= count[GP_FIGURE_REPORTED]);
    assert_true(count[GP_FIGURE_ACCEPTED] <= count[GP_FIGURE_SHOULD_ACCEPT]);
    assert_true(count[GP_FIGURE_FINISHED] <= count[GP_FIGURE_SHOULD_FINISH]);
    assert_true(count[GP_FIGURE_SHOULD_FINISH] <=
                count[GP_FIGURE_FINISHED] + count[GP_FIGURE_OVERDUE]);
    assert_true(count[GP_FIGURE_BUCK_PASSED] <= count[GP_FIGURE_RETURNED]);
    assert_true(row->figures.work_ms <= row->figures.clock_ms);
    assert_true(count[GP_FIGURE_HANDLED] > 0 || row->figures.clock_ms == 0);
}

/* One unit that is named has its row alone, and the same. */
static void check_alone(struct city *city, struct gp_assess_ask ask, const struct rows *rows,
                        struct gp_arena *arena)
{
    static struct rows alone;
    uint32_t one = (uint32_t)city_random(city, rows->count);

    ask.unit = rows->row[one].unit;
    ask_rows(city, ask, arena, &alone);
    assert_int_equal(alone.count, 1);
    assert_true(gp_span_equal(alone.row[0].unit, ask.unit));
    assert_memory_equal(&alone.row[0].figures, &rows->row[one].figures,
                        sizeof alone.row[0].figures);
}

static void check_period(struct city *city, int64_t from_ms, int64_t to_ms)
{
    struct gp_arena arena;
    static struct rows rows, paged;

    gp_arena_init(&arena, 32 << 20);
    for (int by = GP_BY_AREA; by <= GP_BY_LINE; by++) {
        struct gp_assess_ask ask = {.from_ms = from_ms, .to_ms = to_ms, .by = (uint8_t)by};
        gp_arena_reset(&arena);
        ask_rows(city, ask, &arena, &rows);
        ask.limit = 7;
        ask_rows(city, ask, &arena, &paged);
        assert_int_equal(paged.count, rows.count);
        assert_int_equal(paged.pages, (rows.count + 6) / 7);
        ask.limit = 0;
        for (uint32_t i = 0; i < rows.count; i++) {
            assert_memory_equal(&paged.row[i].figures, &rows.row[i].figures,
                                sizeof rows.row[i].figures);
            check_sense(&rows.row[i]);
        }
        check_alone(city, ask, &rows, &arena);
        for (ask.figure = GP_FIGURE_REPORTED; ask.figure < GP_FIGURE_END; ask.figure++)
            check_figure(city, ask, &rows);
    }
    gp_arena_release(&arena);
}

/* ---------------------------------------------------------------- the tests */

static void figures_have_what_is_behind_them(void **state)
{
    struct city city;

    (void)state;
    for (uint64_t seed = 1; seed <= 2; seed++) {
        city_open(&city, seed);
        live(&city, STEPS / 3);
        int64_t middle_ms = CITY_START_MS + (city.now_ms - CITY_START_MS) / 2;
        check_period(&city, CITY_START_MS, city.now_ms + 1);
        check_period(&city, middle_ms, city.now_ms + 1);
        check_period(&city, CITY_START_MS, middle_ms);
        city_close(&city);
    }
}

static uint64_t total(struct city *city, enum gp_assess_by by, enum gp_figure figure,
                      int64_t from_ms, int64_t to_ms)
{
    struct gp_assess_ask ask = {
        .from_ms = from_ms, .to_ms = to_ms, .by = (uint8_t)by, .figure = (uint8_t)figure};
    struct gp_arena arena;

    gp_arena_init(&arena, 8 << 20);
    uint64_t count = count_behind(city, ask, &arena);
    gp_arena_release(&arena);
    return count;
}

/* Counted from the journal by hand: reports, and strikes that still stand. */
static void count_journal(struct city *city, uint64_t *ret_reports, uint64_t *ret_strikes)
{
    struct gp_feed_ask ask = {0};
    struct gp_arena arena;
    struct gp_feed_page page;

    *ret_reports = *ret_strikes = 0;
    gp_arena_init(&arena, 32 << 20);
    do {
        gp_arena_reset(&arena);
        assert_int_equal(gp_engine_feed(gp_rehearsal_store(city->rehearsal), city->org, &ask,
                                        (struct gp_span){0}, city->now_ms, &arena, &page),
                         0);
        for (uint32_t i = 0; i < page.count; i++) {
            *ret_reports += page.item[i]->what == GP_WHAT_REPORTED;
            *ret_strikes += page.item[i]->what == GP_WHAT_STRIKE;
            *ret_strikes -= page.item[i]->what == GP_WHAT_APPEALED &&
                            page.item[i]->strike.state == GP_STRIKE_LIFTED;
        }
        ask.after = page.scanned_to;
    } while (page.scanned_to < page.head);
    gp_arena_release(&arena);
}

static void everything_is_in_one_unit(void **state)
{
    struct city city;
    uint64_t reports, strikes;

    (void)state;
    city_open(&city, 11);
    live(&city, STEPS);
    count_journal(&city, &reports, &strikes);
    int64_t middle_ms = CITY_START_MS + (city.now_ms - CITY_START_MS) / 3;
    for (int by = GP_BY_AREA; by <= GP_BY_LINE; by++) {
        enum gp_assess_by unit = (enum gp_assess_by)by;
        uint64_t whole = total(&city, unit, GP_FIGURE_REPORTED, CITY_START_MS, city.now_ms + 1);
        assert_int_equal(whole, reports);
        assert_int_equal(total(&city, unit, GP_FIGURE_REPORTED, CITY_START_MS, middle_ms) +
                             total(&city, unit, GP_FIGURE_REPORTED, middle_ms, city.now_ms + 1),
                         whole);
        /* some incidents with a strike are void or linked in the end */
        assert_true(total(&city, unit, GP_FIGURE_STRIKES, CITY_START_MS, city.now_ms + 1) <=
                    strikes);
    }
    /* The history is worth counting. */
    for (int figure = GP_FIGURE_REPORTED; figure < GP_FIGURE_END; figure++) {
        if (total(&city, GP_BY_LINE, (enum gp_figure)figure, CITY_START_MS, city.now_ms + 1) == 0)
            fail_msg("nothing was %s in this history: try another seed", gp_figure_name(figure));
    }
    city_close(&city);
}

#define CASES_MAX  2000
#define SHARES_MAX 20000

/* A count that knows no short cut: every entry of the journal is unpacked, in order. */
struct whole {
    struct gp_case item[CASES_MAX];
    struct gp_share share[SHARES_MAX];
    struct gp_assess assess;
};

static void count_whole(struct city *city, const struct gp_assess_ask *ask, struct whole *whole)
{
    static struct gp_entry entry;
    struct gp_arena arena;
    struct gp_txn *txn;
    struct gp_fact fact;

    memset(whole, 0, sizeof *whole);
    whole->assess = (struct gp_assess){
        .org = city->org, .ask = ask, .share = whole->share, .share_room = SHARES_MAX};
    gp_arena_init(&arena, 1 << 20);
    assert_int_equal(gp_txn_read(gp_rehearsal_store(city->rehearsal), &txn), 0);
    for (uint64_t seq = 1; gp_engine_entry(txn, seq, &arena, &entry) == 0; seq++) {
        assert_true(entry.incident < CASES_MAX);
        entry.seq = seq;
        gp_fact_of(&entry, &fact);
        if (entry.incident != 0 && entry.at_ms < ask->to_ms)
            gp_assess_count(&whole->assess, &whole->item[entry.incident], &fact);
        gp_arena_reset(&arena);
    }
    gp_txn_abort(txn);
    gp_arena_release(&arena);
}

static void figures_of_unit(const struct whole *whole, struct gp_span unit,
                            struct gp_figures *ret_figures)
{
    const struct gp_assess *assess = &whole->assess;

    *ret_figures = (struct gp_figures){0};
    for (uint32_t i = 0; i < assess->share_count; i++) {
        const struct gp_share *share = &whole->share[i];
        if (gp_span_equal(gp_assess_unit_id(assess->org, assess->ask->by, share->unit), unit))
            gp_figures_add(ret_figures, share, &whole->item[share->incident]);
    }
}

static void compare_with_whole(struct city *city, struct gp_assess_ask ask)
{
    static struct whole whole;
    static struct rows rows;
    struct gp_arena arena;

    gp_arena_init(&arena, 32 << 20);
    ask_rows(city, ask, &arena, &rows);
    count_whole(city, &ask, &whole);
    for (uint32_t i = 0; i < rows.count; i++) {
        struct gp_figures expected;
        figures_of_unit(&whole, rows.row[i].unit, &expected);
        expected.grids = rows.row[i].figures.grids;
        assert_memory_equal(&rows.row[i].figures, &expected, sizeof expected);
    }
    gp_arena_release(&arena);
}

static void the_walk_counts_as_the_whole_journal_does(void **state)
{
    struct city city;

    (void)state;
    for (uint64_t seed = 21; seed <= 23; seed++) {
        city_open(&city, seed);
        live(&city, STEPS / 2);
        int64_t all_ms = city.now_ms + 1 - CITY_START_MS;
        for (unsigned round = 0; round < 8; round++) {
            int64_t from_ms = CITY_START_MS + (int64_t)city_random(&city, (uint64_t)all_ms);
            int64_t to_ms = from_ms + 1 + (int64_t)city_random(&city, (uint64_t)all_ms / 2);
            for (int by = GP_BY_AREA; by <= GP_BY_LINE; by++)
                compare_with_whole(
                    &city,
                    (struct gp_assess_ask){.from_ms = from_ms, .to_ms = to_ms, .by = (uint8_t)by});
        }
        city_close(&city);
    }
}

static void a_period_that_is_over_stays_as_it_was(void **state)
{
    struct city city;
    struct gp_arena arena;
    static struct rows before, after;

    (void)state;
    city_open(&city, 4);
    live(&city, STEPS / 3);
    gp_arena_init(&arena, 32 << 20);
    struct gp_assess_ask ask = {
        .from_ms = CITY_START_MS, .to_ms = city.now_ms - GP_MS_DAY, .by = GP_BY_POST};
    ask_rows(&city, ask, &arena, &before);
    live(&city, STEPS / 3);
    ask_rows(&city, ask, &arena, &after);
    assert_int_equal(before.count, after.count);
    for (uint32_t i = 0; i < before.count; i++)
        assert_memory_equal(&before.row[i].figures, &after.row[i].figures,
                            sizeof before.row[i].figures);
    gp_arena_release(&arena);
    city_close(&city);
}

static void an_empty_journal_gives_rows_of_nothing(void **state)
{
    struct city city;
    struct gp_arena arena;
    struct gp_assessment page;
    struct gp_assess_ask ask = {.from_ms = 1, .to_ms = 2, .by = GP_BY_AREA};
    atomic_bool stop = false;

    (void)state;
    city_open(&city, 1);
    gp_arena_init(&arena, 1 << 20);
    ask_page(&city, &ask, &arena, &page);
    assert_int_equal(page.row_count, 2); /* communities */
    assert_int_equal(page.row[0].figures.grids, 2);
    ask.by = GP_BY_PERSON;
    ask_page(&city, &ask, &arena, &page);
    assert_int_equal(page.row_count, 0);
    ask.unit = GP_SPAN("li"); /* who is named has a row all the same */
    ask_page(&city, &ask, &arena, &page);
    assert_int_equal(page.row_count, 1);
    ask.unit = GP_SPAN("nobody");
    ask_page(&city, &ask, &arena, &page);
    assert_int_equal(page.row_count, 0);
    ask.to_ms = 1;
    assert_int_equal(
        gp_engine_assess(gp_rehearsal_store(city.rehearsal), city.org, &ask, &stop, &arena, &page),
        GP_EINVAL);
    gp_arena_release(&arena);
    city_close(&city);
}

static void an_assessment_that_is_stopped_says_so(void **state)
{
    struct city city;
    struct gp_arena arena;
    struct gp_assessment page = {.head = 7};
    struct gp_assess_ask ask = {.from_ms = 1, .to_ms = INT64_MAX, .by = GP_BY_AREA};
    atomic_bool stop = true;

    (void)state;
    city_open(&city, 1);
    live(&city, 10);
    gp_arena_init(&arena, 1 << 20);
    assert_int_equal(
        gp_engine_assess(gp_rehearsal_store(city.rehearsal), city.org, &ask, &stop, &arena, &page),
        GP_EAGAIN);
    assert_int_equal(page.head, 7); /* untouched */
    gp_arena_release(&arena);
    city_close(&city);
}

static void a_feed_gives_the_kinds_that_are_asked_for(void **state)
{
    struct city city;
    struct gp_arena arena;
    struct gp_feed_page page;
    struct gp_feed_ask ask = {.filter.whats =
                                  UINT64_C(1) << GP_WHAT_FILED | UINT64_C(1) << GP_WHAT_ACCEPTED};

    (void)state;
    city_open(&city, 2);
    live(&city, 40);
    gp_arena_init(&arena, 32 << 20);
    assert_int_equal(gp_engine_feed(gp_rehearsal_store(city.rehearsal), city.org, &ask,
                                    (struct gp_span){0}, city.now_ms, &arena, &page),
                     0);
    assert_true(page.count > 0);
    for (uint32_t i = 0; i < page.count; i++)
        assert_true(page.item[i]->what == GP_WHAT_FILED || page.item[i]->what == GP_WHAT_ACCEPTED);
    gp_arena_release(&arena);
    city_close(&city);
}

static void report_at(struct stage *stage, int64_t at_ms, size_t count)
{
    struct gp_item items[100];

    assert_true(count <= COUNT(items));
    for (size_t i = 0; i < count; i++)
        items[i] = stage_report();
    stage->now_ms = at_ms;
    stage_apply(stage, items, count);
}

/* The clock was a day ahead until an admin lowered it: then times fall once, as seq rises. */
static void clock_that_was_lowered_loses_nothing(void **state)
{
    struct stage *stage = *state;
    int64_t at_ms[] = {CITY_START_MS, CITY_START_MS + 24 * GP_MS_HOUR,
                       CITY_START_MS + 2 * GP_MS_HOUR, CITY_START_MS + 3 * GP_MS_HOUR};

    report_at(stage, at_ms[0], 100);
    report_at(stage, at_ms[1], 50);
    stage_restart(stage);
    report_at(stage, at_ms[2], 25);
    for (int i = 0; i < 4; i++)
        report_at(stage, at_ms[3] + i, 80);
    for (size_t from = 0; from < COUNT(at_ms); from++) {
        for (size_t to = 0; to < COUNT(at_ms); to++) {
            struct gp_assess_ask ask = {
                .from_ms = at_ms[from], .to_ms = at_ms[to] + 1, .by = GP_BY_AREA};
            if (ask.from_ms < ask.to_ms)
                compare_with_whole(&stage->city, ask);
        }
    }
}

/* More often than anybody keeps count of. */
static void clock_that_is_lowered_all_the_time_loses_nothing(void **state)
{
    struct stage *stage = *state;

    for (int i = 0; i < 80; i++)
        report_at(stage, CITY_START_MS + (80 - i) * GP_MS_MINUTE, 1);
    for (int i = 0; i < 80; i += 5) {
        int64_t from_ms = CITY_START_MS + i * GP_MS_MINUTE;
        struct gp_assess_ask ask = {
            .from_ms = from_ms, .to_ms = from_ms + 3 * GP_MS_MINUTE, .by = GP_BY_AREA};
        compare_with_whole(&stage->city, ask);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_journal_gives_rows_of_nothing),
        cmocka_unit_test(an_assessment_that_is_stopped_says_so),
        cmocka_unit_test(figures_have_what_is_behind_them),
        cmocka_unit_test(everything_is_in_one_unit),
        cmocka_unit_test_setup_teardown(clock_that_was_lowered_loses_nothing, stage_open,
                                        stage_close),
        cmocka_unit_test_setup_teardown(clock_that_is_lowered_all_the_time_loses_nothing,
                                        stage_open, stage_close),
        cmocka_unit_test(the_walk_counts_as_the_whole_journal_does),
        cmocka_unit_test(a_period_that_is_over_stays_as_it_was),
        cmocka_unit_test(a_feed_gives_the_kinds_that_are_asked_for),
    };
    return cmocka_run_group_tests_name("assess", tests, NULL, NULL);
}
