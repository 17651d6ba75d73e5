/*
 * core/calendar and core/ladder's stages against the second opinion of minutes.h, on 100,000 random
 * triples of start, allowance and calendar: seasons, gaps, days off, make-up days with and without
 * hours of their own, zones; starts with a liking for the edges of segments; all units, all three
 * modes of counting days, limits of up to three stages.
 *
 * GP_SEED and GP_TRIPLES in the environment repeat a failure and look further.
 */
#include "base/error.h"
#include "core/ladder.h"
#include "lib/town.h"
#include "minutes.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define START_DAYS 400 /* starts lie in the table's first of them */
#define TRIALS     250 /* of one calendar */

/* What the triples that were compared had in them. */
static struct {
    unsigned triples, staged, make_up, seasons;
    unsigned days[3]; /* in working days, by enum gp_wd_mode */
} tally;

static int64_t first_day;
static uint64_t seed_now; /* of the calendar that is compared */

static uint64_t random_state;

static uint64_t pick(uint64_t below)
{
    random_state ^= random_state << 13; /* xorshift64 */
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state % below;
}

/* ---------------------------------------------------------------- random calendars */

static struct gp_week weeks[3];
static struct gp_special_day specials[120];

static void pick_hours(struct gp_day_hours *ret_hours)
{
    int32_t at = pick(3) == 0 ? 0 : (int32_t)pick(600);
    uint8_t count = (uint8_t)(1 + pick(GP_SEGMENTS_MAX));

    *ret_hours = (struct gp_day_hours){0};
    for (uint8_t i = 0; i < count && at < MINUTES_OF_DAY; i++) {
        int32_t to = at + 1 + (int32_t)pick(pick(4) == 0 ? 1440 : 300);
        if (to > MINUTES_OF_DAY)
            to = MINUTES_OF_DAY;
        ret_hours->segment[ret_hours->segment_count++] = (struct gp_segment){
            .from_ms = at * (int32_t)GP_MS_MINUTE, .to_ms = to * (int32_t)GP_MS_MINUTE};
        at = to + (pick(4) == 0 ? 0 : (int32_t)pick(200)); /* neighbours may touch */
    }
}

static void pick_week(struct gp_week *week)
{
    struct gp_day_hours usual;

    pick_hours(&usual);
    for (int i = 0; i < 7; i++) {
        if (pick(7) == 0)
            pick_hours(&week->hours[i]);
        else
            week->hours[i] = pick(7) < (i < 5 ? 6 : 1) ? usual : (struct gp_day_hours){0};
    }
}

static size_t pick_specials(void)
{
    size_t count = 0;

    for (int64_t day = first_day; count < 120; day += 1 + (int64_t)pick(pick(3) == 0 ? 40 : 3)) {
        struct gp_special_day *special = &specials[count++];
        *special = (struct gp_special_day){.day = day, .work = pick(3) == 0};
        special->own_hours = special->work && pick(2) == 0;
        if (special->own_hours)
            pick_hours(&special->hours);
    }
    return count;
}

static struct gp_calendar pick_calendar(void)
{
    static const int64_t zones[] = {8 * GP_MS_HOUR, -4 * GP_MS_HOUR, 330 * GP_MS_MINUTE, 0};
    int64_t change = first_day + (int64_t)pick(300), back = change + (int64_t)pick(200);

    for (int i = 0; i < 3; i++)
        pick_week(&weeks[i]);
    weeks[0].first_day = INT64_MIN;
    weeks[0].last_day = change - 1;
    weeks[1].first_day = change;
    weeks[1].last_day = back;
    weeks[2].first_day = back + 1 + (pick(4) == 0 ? (int64_t)pick(60) : 0); /* perhaps a gap */
    weeks[2].last_day = INT64_MAX;
    return (struct gp_calendar){
        .zone_ms = zones[pick(4)],
        .workday_ms = 8 * GP_MS_HOUR + (int64_t)pick(2) * 30 * GP_MS_MINUTE,
        .known_until_ms = INT64_MAX,
        .weeks = weeks,
        .week_count = 3,
        .specials = specials,
        .special_count = pick_specials(),
    };
}

/* ---------------------------------------------------------------- comparing */

static void same(const char *what, const struct gp_calendar *calendar, int64_t from, int64_t got_ms,
                 int64_t expected)
{
    char start[GP_CLOCKTEXT_BYTES], got[GP_CLOCKTEXT_BYTES], want[GP_CLOCKTEXT_BYTES];

    if (minutes_local(got_ms) == expected)
        return;
    gp_instant_format(minutes_instant(from), calendar->zone_ms, start);
    gp_instant_format(got_ms, calendar->zone_ms, got);
    gp_instant_format(minutes_instant(expected), calendar->zone_ms, want);
    fail_msg("%s from %s: %s instead of %s; GP_SEED=%" PRIu64 " repeats it", what, start, got, want,
             seed_now);
}

static void expect(bool right, const char *what)
{
    if (!right)
        fail_msg("%s; GP_SEED=%" PRIu64 " repeats it", what, seed_now);
}

/* Half of the starts lie within a millisecond of a segment's edge. */
static int64_t pick_start(void)
{
    int64_t minute = 1 + (int64_t)pick(START_DAYS * MINUTES_OF_DAY),
            last = START_DAYS * MINUTES_OF_DAY;

    if (pick(2) == 0)
        return minute * GP_MS_MINUTE + (int64_t)pick(GP_MS_MINUTE);
    while (minute < last &&
           minutes_working(minute * GP_MS_MINUTE) == minutes_working((minute - 1) * GP_MS_MINUTE))
        minute++;
    return minute * GP_MS_MINUTE - 1 + (int64_t)pick(3);
}

static struct gp_amount pick_amount(int64_t first_unit)
{
    struct gp_amount amount = {
        .unit =
            (uint8_t)(first_unit + (int64_t)pick((uint64_t)(GP_UNIT_WORK_DAY + 1 - first_unit)))};

    amount.n = (uint32_t)pick(amount.unit == GP_UNIT_URGENT_DAY || pick(2) == 0 ? 6 : 40);
    return amount;
}

static void compare_amount(const struct gp_calendar *calendar, int64_t from,
                           struct gp_amount amount, enum gp_wd_mode mode, int64_t due)
{
    static const char *const units[] = {"", "m", "uh", "ud", "wh", "wd"};
    unsigned percent = (unsigned)pick(101);
    int64_t from_ms = minutes_instant(from), due_ms = minutes_instant(due), ms = 0;

    expect(gp_calendar_add(calendar, from_ms, amount, mode, &ms) == 0, "nothing added");
    same(units[amount.unit], calendar, from, ms, due);
    expect(gp_calendar_worked(calendar, from_ms, due_ms) == minutes_worked(from, due), "worked");
    expect(gp_calendar_percent(calendar, from_ms, due_ms, amount, percent, &ms) == 0,
           "no percentage");
    same("percent", calendar, from, ms, minutes_percent(from, due, amount, percent));
}

static void compare_start(const struct gp_calendar *calendar, int64_t from, int64_t next)
{
    int64_t ms = 0;

    expect(gp_calendar_working(calendar, minutes_instant(from)) == minutes_working(from),
           "working or not");
    expect(gp_calendar_next_working(calendar, minutes_instant(from), &ms) == 0, "no next");
    same("next", calendar, from, ms, next);
}

/* Plans from a stage on: each one's due is counted from the due of the one before. */
static void compare_plan(const struct gp_calendar *calendar, const struct gp_row_copy *row,
                         uint8_t index, int64_t from, const int64_t *due)
{
    static const struct gp_ladder ladder = {
        .id = GP_SPAN("N"), .next = GP_SPAN("N"), .next_long = GP_SPAN("N"), .next_long_wd = 5};
    static const struct gp_org org = {.ladders = &ladder, .ladder_count = 1};
    struct gp_plan plan = {0};

    expect(gp_plan_stage(calendar, &org, row, index, minutes_instant(from), true, &plan) == 0 &&
               plan.stage_count == row->limit.stage_count,
           "no plan of all stages");
    for (uint8_t i = index; i < plan.stage_count; i++) {
        same("stage", calendar, from, plan.stage[i].due_ms, due[i]);
        same("start of a stage", calendar, from, plan.stage[i].start_ms,
             i == index ? from : due[i - 1]);
    }
}

/* The dues of all stages from one on. False: the table was too short to tell. */
static bool slow_stages(const struct gp_row_copy *row, uint8_t index, int64_t from, int64_t *due)
{
    for (uint8_t i = index; i < row->limit.stage_count; i++) {
        from = minutes_add(from, row->limit.stage[i], row->wd_mode);
        due[i] = from;
        if (from < 0)
            return false;
    }
    return true;
}

/* A limit such as 2uh+5wd: as planned at dispatch, and from the second stage on when the first was
 * met early, or the call came late. */
static bool compare_stages(const struct gp_calendar *calendar, const struct gp_row_copy *row,
                           int64_t from)
{
    int64_t due[GP_STAGES_MAX], met;

    if (!slow_stages(row, 0, from, due))
        return false;
    compare_plan(calendar, row, 0, from, due);
    met = from + (int64_t)pick((uint64_t)(due[0] - from) + 3 * GP_MS_DAY);
    if (row->limit.stage_count > 1 && slow_stages(row, 1, met, due))
        compare_plan(calendar, row, 1, met, due);
    return true;
}

static void count(const struct gp_calendar *calendar, const struct gp_row_copy *row, int64_t from,
                  int64_t due)
{
    int64_t start = first_day + from / GP_MS_DAY, end = first_day + due / GP_MS_DAY;
    bool make_up = false, season = false;

    for (size_t i = 0; i < calendar->special_count; i++)
        make_up = make_up || (calendar->specials[i].work && calendar->specials[i].day >= start &&
                              calendar->specials[i].day <= end);
    for (size_t i = 1; i < calendar->week_count; i++)
        season =
            season || (calendar->weeks[i].first_day > start && calendar->weeks[i].first_day <= end);
    tally.triples++;
    tally.staged += row->limit.stage_count > 1;
    tally.make_up += make_up;
    tally.seasons += season;
    if (row->limit.stage[0].unit == GP_UNIT_WORK_DAY)
        tally.days[row->wd_mode]++;
}

/* A start and an allowance of one to three stages. Minutes are no limit, but a rung's distance. */
static void compare_triple(const struct gp_calendar *calendar)
{
    int64_t from = pick_start(), next = minutes_next(from);
    struct gp_row_copy row = {.policy = GP_SPAN("N"), .wd_mode = (uint8_t)pick(3)};

    row.limit.stage_count = (uint8_t)(pick(2) == 0 ? 1 : 1 + pick(GP_STAGES_MAX));
    for (uint8_t i = 0; i < row.limit.stage_count; i++)
        row.limit.stage[i] =
            pick_amount(row.limit.stage_count == 1 ? GP_UNIT_MINUTE : GP_UNIT_URGENT_HOUR);
    int64_t due = minutes_add(from, row.limit.stage[0], row.wd_mode);
    if (next < 0 || due < 0 || !compare_stages(calendar, &row, from))
        return;
    compare_start(calendar, from, next);
    compare_amount(calendar, from, row.limit.stage[0], row.wd_mode, due);
    count(calendar, &row, from, due);
}

static void compare(const struct gp_calendar *calendar, unsigned trials)
{
    unsigned before = tally.triples;

    minutes_fill(calendar, first_day);
    for (unsigned i = 0; i < trials; i++)
        compare_triple(calendar);
    assert_true(tally.triples - before > trials / 2); /* a short table would prove nothing */
}

static void begin(uint64_t seed, int64_t monday)
{
    seed_now = seed;
    random_state = seed * UINT64_C(0x9E3779B97F4A7C15);
    first_day = monday;
    for (int i = 0; i < 8; i++)
        (void)pick(2);
}

static void the_office_agrees(void **state)
{
    static struct town town;

    (void)state;
    town_build(&town);
    begin(1, gp_day_from_date(2025, 12, 1));
    compare(&town.calendar, 1000);
}

static uint64_t setting(const char *name, uint64_t otherwise)
{
    const char *value = getenv(name);
    return value != NULL ? strtoull(value, NULL, 10) : otherwise;
}

static void random_calendars_agree(void **state)
{
    uint64_t seed = setting("GP_SEED", 20261124), triples = setting("GP_TRIPLES", 100000);

    (void)state;
    memset(&tally, 0, sizeof tally);
    for (uint64_t i = 0; tally.triples < triples; i++) {
        begin(seed + i,
              (seed + i) % 2 == 0 ? gp_day_from_date(2025, 12, 1) : gp_day_from_date(1969, 12, 1));
        struct gp_calendar calendar = pick_calendar();
        compare(&calendar, TRIALS);
    }
    print_message("%u triples agree: %u staged, %u over a make-up day, %u over a change of hours, "
                  "work days as hours %u, to the end %u, by the clock %u\n",
                  tally.triples, tally.staged, tally.make_up, tally.seasons,
                  tally.days[GP_WD_HOURS], tally.days[GP_WD_EOD], tally.days[GP_WD_CLOCK]);
    assert_true(tally.staged > triples / 10 && tally.make_up > triples / 10);
    assert_true(tally.seasons > triples / 100);
    for (int mode = 0; mode < 3; mode++)
        assert_true(tally.days[mode] > triples / 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_office_agrees),
        cmocka_unit_test(random_calendars_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
