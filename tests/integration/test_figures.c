/* The daemon's figures of itself: they say what was done, and never fall. */
#include "base/clocktext.h"
#include "core/census.h"
#include "lib/sealed.h"
#include "lib/world.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static int set_up(void **state)
{
    static struct world world;

    daemon_prepare(&world.daemon);
    world_start(&world, NULL);
    *state = &world;
    return 0;
}

static struct gp_reply ask(struct world *world, struct gp_request request)
{
    return client_ask(&world->client, &request);
}

/* What the daemon says now. Its lists live until the next ask. */
static struct gp_daemon_figures figures_of(struct world *world)
{
    struct gp_reply reply = ask(world, (struct gp_request){.kind = GP_REQUEST_FIGURES});

    assert_int_equal(reply.status, GP_STATUS_OK);
    assert_int_equal(reply.kind, GP_REPLY_FIGURES);
    return *reply.figures;
}

/* The same, counted after an instant of the daemon's clock. */
static struct gp_daemon_figures figures_after(struct world *world, int64_t at_ms)
{
    struct gp_daemon_figures figures;

    do
        figures = figures_of(world);
    while (figures.counted_ms <= at_ms);
    return figures;
}

static struct gp_request report_of(const char *category)
{
    struct gp_request request = request_report();

    request.command.category = gp_span_of(category);
    return request;
}

/* ---------------------------------------------------------------- what was done */

#define REPORTS  7
#define REFUSALS 3

static void counters_say_what_was_done(void **state)
{
    struct world *world = *state;
    struct gp_daemon_figures before = figures_of(world), after;
    struct gp_request request;

    for (int i = 0; i < REPORTS; i++) {
        request = request_report();
        assert_int_equal(ask(world, request).status, GP_STATUS_OK);
    }
    for (int i = 0; i < 2; i++)
        assert_true(ask(world, request).answer.repeated);
    for (int i = 0; i < REFUSALS; i++)
        assert_int_equal(ask(world, request_command(GP_VERB_ACCEPT, 4711, "li")).reason,
                         GP_REASON_UNKNOWN_INCIDENT);
    assert_int_equal(client_ask_bytes(&world->client, "\xFF", 1).status, GP_STATUS_INVALID);
    assert_int_equal(
        ask(world, (struct gp_request){.kind = GP_REQUEST_INCIDENT, .incident = 4711}).status,
        GP_STATUS_NOT_FOUND);
    after = figures_of(world);
    assert_int_equal(after.done.of[GP_VERB_REPORT] - before.done.of[GP_VERB_REPORT], REPORTS);
    assert_int_equal(after.done.of[GP_VERB_ACCEPT], 0);
    assert_int_equal(after.requests.of[GP_REQUEST_COMMAND], REPORTS + 2 + REFUSALS);
    assert_int_equal(after.requests.of[GP_REQUEST_INCIDENT], 1);
    assert_int_equal(after.requests.of[GP_REQUEST_FIGURES], 2);
    assert_int_equal(after.answers.of[GP_STATUS_OK], 1 + REPORTS + 2); /* not its own yet */
    assert_int_equal(after.answers.of[GP_STATUS_REFUSED], REFUSALS);
    assert_int_equal(after.answers.of[GP_STATUS_INVALID], 1);
    assert_int_equal(after.answers.of[GP_STATUS_NOT_FOUND], 1);
    assert_int_equal(after.refusals.of[GP_REASON_UNKNOWN_INCIDENT], REFUSALS);
    assert_int_equal(after.status.malformed, 1);
    assert_int_equal(after.status.repeated, 2);
    assert_int_equal(after.status.commands, REPORTS + 2 + REFUSALS);
    assert_int_equal(gp_histogram_total(&after.answer_ms.histogram), REPORTS + 2 + REFUSALS);
}

/* Each batch is in the sizes, and each that wrote something in the times. */
static void batches_are_measured(void **state)
{
    struct world *world = *state;
    struct gp_daemon_figures figures;

    for (int i = 0; i < REPORTS; i++)
        (void)client_report(&world->client);
    (void)ask(world, request_command(GP_VERB_ACCEPT, 4711, "li"));
    figures = figures_of(world);
    assert_true(figures.status.batches > REPORTS); /* one after the other, and gridpost's own */
    assert_int_equal(gp_histogram_total(&figures.batch_items.histogram), figures.status.batches);
    assert_true(figures.batch_items.histogram.sum >= REPORTS + 1);
    assert_true(gp_histogram_total(&figures.commit_us.histogram) >= REPORTS);
    assert_true(gp_histogram_total(&figures.commit_us.histogram) < figures.status.batches);
    assert_true(figures.commit_us.histogram.sum > 0);
    assert_true(gp_histogram_total(&figures.checkpoint_ms.histogram) > 0);
    assert_int_equal(figures.failed, 0);
    assert_int_equal(figures.committed, figures.status.head);
    assert_int_equal(figures.queued, 0);
    assert_true(figures.journal_bytes > 0);
    assert_int_equal(figures.data_bytes + figures.journal_bytes, figures.status.store_bytes);
    assert_true(figures.map_bytes > figures.data_bytes);
}

/* 2026-09-30T09:00+08:00, a working Wednesday. */
#define MORNING_MS INT64_C(1790730000000)

static int set_up_faults(void **state)
{
    static struct world world;

    daemon_prepare(&world.daemon);
    daemon_fault(&world.daemon, MORNING_MS);
    world_start(&world, NULL);
    *state = &world;
    return 0;
}

static void batches_that_fail_are_counted(void **state)
{
    struct world *world = *state;

    daemon_fail_writes(&world->daemon, ENOSPC);
    assert_int_equal(ask(world, request_report()).status, GP_STATUS_TRY_AGAIN);
    daemon_fail_writes(&world->daemon, 0);
    while (ask(world, request_report()).status != GP_STATUS_OK) /* once it has room again */
        ;
    assert_in_range(figures_of(world).failed, 1, UINT32_MAX);
    assert_in_range(figures_of(world).answers.of[GP_STATUS_TRY_AGAIN], 1, UINT32_MAX);
}

/* ---------------------------------------------------------------- never less */

static void not_less(const struct gp_counts *was, const struct gp_counts *is)
{
    for (int i = 0; i < GP_COUNTS_MAX; i++)
        assert_true(is->of[i] >= was->of[i]);
}

static void no_measure_less(const struct gp_measured *was, const struct gp_measured *is)
{
    for (int i = 0; i <= GP_BOUNDS_MAX; i++)
        assert_true(is->histogram.count[i] >= was->histogram.count[i]);
    assert_true(is->histogram.sum >= was->histogram.sum);
}

static void no_figure_less(const struct gp_daemon_figures *was, const struct gp_daemon_figures *is)
{
    not_less(&was->requests, &is->requests);
    not_less(&was->answers, &is->answers);
    not_less(&was->refusals, &is->refusals);
    not_less(&was->done, &is->done);
    not_less(&was->steps, &is->steps);
    no_measure_less(&was->commit_us, &is->commit_us);
    no_measure_less(&was->batch_items, &is->batch_items);
    no_measure_less(&was->answer_ms, &is->answer_ms);
    no_measure_less(&was->checkpoint_ms, &is->checkpoint_ms);
    no_measure_less(&was->late_ms, &is->late_ms);
    assert_true(is->coalesced >= was->coalesced);
    assert_true(is->failed >= was->failed);
    assert_true(is->dropped >= was->dropped);
    assert_true(is->status.batches >= was->status.batches);
    assert_true(is->status.head >= was->status.head);
    assert_true(is->counted_ms >= was->counted_ms);
}

/* Whatever comes of it. */
static void counters_never_fall(void **state)
{
    static const enum gp_verb verbs[] = {GP_VERB_ACCEPT, GP_VERB_NOTE,  GP_VERB_STAGE,
                                         GP_VERB_FINISH, GP_VERB_CLOSE, GP_VERB_INFORM,
                                         GP_VERB_REOPEN, GP_VERB_RESUME};
    struct world *world = *state;
    struct gp_daemon_figures was = figures_of(world);

    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        struct gp_daemon_figures is;
        (void)ask(world, request_command(verbs[i], client_report(&world->client), "li"));
        is = figures_of(world);
        no_figure_less(&was, &is);
        was = is;
    }
    assert_in_range(was.answers.of[GP_STATUS_REFUSED], 1, sizeof verbs / sizeof verbs[0] - 1);
}

/* ---------------------------------------------------------------- departments */

static const struct gp_department_figure *find(const struct gp_daemon_figures *figures,
                                               const char *code)
{
    for (uint32_t i = 0; i < figures->department_count; i++) {
        if (gp_span_is(figures->department[i].department, code))
            return &figures->department[i];
    }
    fail_msg("no figures of %s", code);
    return NULL;
}

static void departments_have_what_is_open(void **state)
{
    struct world *world = *state;
    struct gp_daemon_figures figures;
    const struct gp_department_figure *works;
    uint64_t id = 0;

    for (int i = 0; i < 3; i++)
        id = ask(world, report_of("u2")).answer.incident; /* 2 urgent hours: always soon */
    (void)ask(world, report_of("f2"));
    assert_int_equal(ask(world, request_command(GP_VERB_FINISH, id, "li")).status, GP_STATUS_OK);
    figures = figures_after(world, client_status(&world->client).now_ms);
    assert_int_equal(figures.department_count, 2);
    assert_false(figures.partial);
    works = find(&figures, "SZ");
    assert_int_equal(works->open, 3);
    assert_int_equal(works->soon, 2);
    assert_int_equal(works->overdue, 0);
    assert_int_equal(find(&figures, "XF")->open, 1);
}

/* Who asks again at once gets what was counted before, and nobody walks the rows once more. */
static void a_count_is_kept_for_two_seconds(void **state)
{
    struct world *world = *state;
    struct gp_daemon_figures first, again, later;

    (void)client_report(&world->client);
    first = figures_after(world, client_status(&world->client).now_ms);
    assert_int_equal(find(&first, "SZ")->open, 1);
    (void)client_report(&world->client);
    again = figures_of(world);
    if (again.counted_ms == first.counted_ms) /* else two seconds have passed here */
        assert_int_equal(find(&again, "SZ")->open, 1);
    assert_int_equal(again.status.head, client_status(&world->client).head); /* that is of now */
    later = figures_after(world, first.counted_ms);
    assert_in_range(later.counted_ms - first.counted_ms, GP_CENSUS_MS / 2, INT64_MAX);
    assert_int_equal(find(&later, "SZ")->open, 2);
}

/* ---------------------------------------------------------------- followers */

static void follow(struct world *world, const char *person, uint64_t after, uint32_t limit)
{
    struct gp_request request = request_feed(after, 0);

    request.person = gp_span_of(person);
    request.feed.follower = GP_SPAN("board");
    request.feed.limit = limit;
    assert_int_equal(ask(world, request).status, GP_STATUS_OK);
}

static void followers_have_their_lag(void **state)
{
    struct world *world = *state;
    struct gp_daemon_figures figures;
    uint64_t head;

    for (int i = 0; i < REPORTS; i++)
        (void)client_report(&world->client);
    head = client_status(&world->client).head;
    assert_int_equal(figures_of(world).follower_count, 0);
    follow(world, "li", 3, 1);
    figures = figures_of(world);
    assert_int_equal(figures.follower_count, 1);
    assert_true(gp_span_is(figures.follower[0].name, "board"));
    assert_int_equal(figures.follower[0].behind,
                     head - 3); /* it has not said that it got the page */
    assert_in_range(figures.follower[0].asked_ms, figures.status.started_ms, figures.status.now_ms);
    follow(world, "li", head, 0);
    assert_int_equal(figures_of(world).follower[0].behind, 0);
    (void)client_report(&world->client);
    assert_true(figures_of(world).follower[0].behind > 0);
    follow(world, "wang", 1, 1); /* another one of that name */
    figures = figures_of(world);
    assert_int_equal(figures.follower_count, 1);
    assert_int_equal(figures.follower[0].behind, figures.status.head - 1);
    for (int i = 0; i < 2 * GP_FOLLOWER_FIGURES_MAX; i++) {
        char name[24];
        struct gp_request request = request_feed(0, 0);
        (void)snprintf(name, sizeof name, "name-%d", i);
        request.feed.follower = gp_span_of(name);
        (void)ask(world, request);
    }
    assert_int_equal(figures_of(world).follower_count, GP_FOLLOWER_FIGURES_MAX);
}

/* ---------------------------------------------------------------- steps */

/* 10 hours in a second. */
static const char *const drill[] = {"--drill",       "--clock-rate",           "36000",
                                    "--clock-start", "2026-09-30T08:00+08:00", NULL};

static int set_up_drill(void **state)
{
    static struct world world;

    daemon_prepare(&world.daemon);
    world_start(&world, drill);
    *state = &world;
    return 0;
}

/* What the journal has: of each step, and how late all were together. */
struct told {
    uint64_t steps[GP_STEP_RESUME + 1], count, late_ms, coalesced;
};

static void read_steps(struct world *world, uint64_t upto, struct told *told)
{
    uint64_t after = 0;

    while (after < upto) {
        struct gp_reply reply = ask(world, request_feed(after, 0));
        for (uint32_t i = 0; i < reply.feed.count; i++) {
            const struct gp_entry *entry = reply.feed.item[i];
            if (entry->what != GP_WHAT_STEP || entry->step == GP_STEP_DISPATCH || entry->seq > upto)
                continue;
            told->steps[entry->step]++;
            told->count++;
            told->late_ms += (uint64_t)entry->late_ms;
            told->coalesced += (entry->flags & GP_FLAG_COALESCED) != 0;
        }
        after = reply.feed.scanned_to;
    }
}

/* Figures of a moment in which the journal stood still. */
static struct gp_daemon_figures still(struct world *world, struct told *told)
{
    struct gp_daemon_figures figures = figures_of(world);

    *told = (struct told){.count = 0};
    read_steps(world, figures.status.head, told);
    return figures;
}

static void steps_are_those_of_the_journal(void **state)
{
    struct world *world = *state;
    struct gp_daemon_figures figures;
    struct told told;

    for (int i = 0; i < 5; i++)
        assert_int_equal(ask(world, report_of("u2")).status, GP_STATUS_OK);
    do
        figures = still(world, &told);
    while (figures.steps.of[GP_STEP_RED] < 5);
    for (int step = 1; step <= GP_STEP_RESUME; step++)
        assert_int_equal(figures.steps.of[step], told.steps[step]);
    assert_int_equal(gp_histogram_total(&figures.late_ms.histogram), told.count);
    assert_int_equal(figures.late_ms.histogram.sum, told.late_ms);
    assert_int_equal(figures.coalesced, told.coalesced);
    figures = figures_after(world, figures.counted_ms + GP_MS_HOUR);
    assert_int_equal(find(&figures, "SZ")->overdue, 5);
    assert_int_equal(find(&figures, "SZ")->soon, 0);
}

/* ---------------------------------------------------------------- summaries */

static struct gp_request summary_ask(const char *area, const char *department)
{
    struct gp_request request = {.kind = GP_REQUEST_SUMMARY,
                                 .person = GP_SPAN("li"),
                                 .summary = {.department = gp_span_of(department)}};

    if (area[0] != '\0')
        assert_int_equal(gp_area_parse(gp_span_of(area), &request.summary.area), 0);
    return request;
}

/* What many ask is counted once, for all of them. */
static void summaries_count_in_one_census(void **state)
{
    struct world *world = *state;
    struct gp_reply reply;
    int64_t at_ms;

    (void)client_report(&world->client);
    (void)ask(world, report_of("f2"));
    at_ms = figures_after(world, client_status(&world->client).now_ms).counted_ms;
    reply = ask(world, summary_ask("340705", ""));
    assert_int_equal(reply.status, GP_STATUS_OK);
    assert_int_equal(reply.kind, GP_REPLY_SUMMARY);
    assert_int_equal(reply.summary.area_count, 1);
    assert_true(gp_span_is(reply.summary.area[0].unit, "340705006"));
    assert_int_equal(reply.summary.area[0].counts.colour[GP_COLOUR_RUNNING], 2);
    assert_int_equal(reply.summary.department_count, 2);
    assert_int_equal(gp_counts_open(&reply.summary.total.counts), 2);
    if (reply.summary.at_ms != at_ms) /* two seconds have passed here */
        assert_in_range(reply.summary.at_ms, at_ms + 1, INT64_MAX);
    reply = ask(world, summary_ask("340705", "XF"));
    assert_int_equal(gp_counts_open(&reply.summary.total.counts), 1);
    reply = ask(world, summary_ask("", ""));
    assert_int_equal(gp_counts_open(&reply.summary.total.counts), 2);
}

/* By the posts of who asks: an officer has the own grids, and neither street nor city. */
static void summaries_need_the_right_to_query(void **state)
{
    struct world *world = *state;
    struct sealed officer, reader;
    struct gp_request request = summary_ask("340705006001001", "");
    struct gp_reply reply;

    sealed_enrol(&officer, &world->client, world->daemon.edge, "li", GP_ROLE_OFFICER);
    sealed_enrol(&reader, &world->client, world->daemon.edge, "chen", GP_ROLE_READER);
    assert_int_equal(sealed_ask(&officer, &request).status, GP_STATUS_OK);
    request = summary_ask("340705006", "");
    assert_int_equal(sealed_ask(&officer, &request).reason, GP_REASON_NO_RIGHT);
    request = summary_ask("", "");
    reply = sealed_ask(&officer, &request);
    assert_int_equal(reply.reason, GP_REASON_NO_RIGHT);
    assert_true(gp_span_is(reply.detail, "role officer: query reaches as far as: own self; confine "
                                         "it by area or department"));
    request = summary_ask("", "SZ");
    assert_int_equal(sealed_ask(&reader, &request).status, GP_STATUS_OK);
    request = summary_ask("", "XF");
    assert_int_equal(sealed_ask(&reader, &request).reason, GP_REASON_NO_RIGHT);
    sealed_close(&officer);
    sealed_close(&reader);
}

/* ---------------------------------------------------------------- who may */

static void figures_need_their_right(void **state)
{
    struct world *world = *state;
    struct gp_request request = {.kind = GP_REQUEST_FIGURES};
    struct sealed officer, auditor;
    struct gp_daemon_figures figures;

    sealed_enrol(&officer, &world->client, world->daemon.edge, "li", GP_ROLE_OFFICER);
    sealed_enrol(&auditor, &world->client, world->daemon.edge, "li", GP_ROLE_AUDITOR);
    assert_int_equal(sealed_ask(&officer, &request).reason, GP_REASON_NO_RIGHT);
    struct gp_reply reply = sealed_ask(&auditor, &request);
    assert_int_equal(reply.status, GP_STATUS_OK);
    figures = *reply.figures;
    assert_int_equal(figures.status.denied, 1);
    assert_true(figures.status.sessions >= 2);
    assert_int_equal(figures.refusals.of[GP_REASON_NO_RIGHT], 1);
    assert_int_equal(figures.done.of[GP_VERB_JOIN], 2);
    assert_int_equal(figures.done.of[GP_VERB_CONFIRM], 2);
    sealed_close(&officer);
    sealed_close(&auditor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(counters_say_what_was_done, set_up, world_end),
        cmocka_unit_test_setup_teardown(batches_are_measured, set_up, world_end),
        cmocka_unit_test_setup_teardown(batches_that_fail_are_counted, set_up_faults, world_end),
        cmocka_unit_test_setup_teardown(counters_never_fall, set_up, world_end),
        cmocka_unit_test_setup_teardown(departments_have_what_is_open, set_up, world_end),
        cmocka_unit_test_setup_teardown(a_count_is_kept_for_two_seconds, set_up, world_end),
        cmocka_unit_test_setup_teardown(followers_have_their_lag, set_up, world_end),
        cmocka_unit_test_setup_teardown(steps_are_those_of_the_journal, set_up_drill, world_end),
        cmocka_unit_test_setup_teardown(summaries_count_in_one_census, set_up, world_end),
        cmocka_unit_test_setup_teardown(summaries_need_the_right_to_query, set_up, world_end),
        cmocka_unit_test_setup_teardown(figures_need_their_right, set_up, world_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
