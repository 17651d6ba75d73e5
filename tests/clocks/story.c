#include "clocks/story.h"

#include "base/clocktext.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
// clang-format off
#include <cmocka.h>
// clang-format on

struct story story;

/* ---------------------------------------------------------------- the journal */

static void note(const struct gp_entry *entry)
{
    struct noted *noted = &story.entry[story.count];

    assert_true(story.count < ENTRIES_MAX);
    assert_int_equal(entry->seq, ++story.count);
    *noted = (struct noted){.at_ms = entry->at_ms,
                            .nominal_ms = entry->nominal_ms,
                            .late_ms = entry->late_ms,
                            .incident = entry->incident,
                            .what = (uint8_t)entry->what,
                            .step = (uint8_t)entry->step};
    (void)snprintf(noted->text, sizeof noted->text, "%.*s", GP_SPAN_ARG(entry->text));
}

bool story_read_on(uint32_t wait_ms)
{
    struct gp_request request = request_feed(story.count, wait_ms);
    struct gp_reply reply = client_ask(&story.world.client, &request);

    assert_int_equal(reply.status, GP_STATUS_OK);
    for (uint32_t i = 0; i < reply.feed.count; i++)
        note(reply.feed.item[i]);
    return reply.feed.count > 0;
}

void story_read(void)
{
    uint64_t head = client_status(&story.world.client).head;

    while (story.count < head)
        (void)story_read_on(0);
}

static bool is(const struct noted *noted, enum gp_what what, enum gp_step step, const char *text)
{
    return noted->what == what && noted->step == step &&
           strncmp(noted->text, text, strlen(text)) == 0;
}

/* A feed that waits gathers for a quarter of a second; what is nearly there is had sooner. */
static bool wait_for_more(void)
{
    for (int asks = 0; asks < 200; asks++) {
        if (story_read_on(0))
            return true;
    }
    return story_read_on(20000);
}

const struct noted *story_await(enum gp_what what, enum gp_step step, const char *text)
{
    for (;;) {
        while (story.seen < story.count) {
            const struct noted *noted = &story.entry[story.seen++];
            if (is(noted, what, step, text))
                return noted;
        }
        if (!wait_for_more())
            fail_msg("no entry %d of step %d \"%s\"", what, step, text);
    }
}

const struct noted *story_await_step(enum gp_step step)
{
    return story_await(GP_WHAT_STEP, step, "");
}

const struct noted *story_await_clock(const char *text)
{
    return story_await(GP_WHAT_CLOCK, GP_STEP_NONE, text);
}

unsigned story_count(enum gp_what what, enum gp_step step, const char *text)
{
    unsigned count = 0;

    story_read();
    for (size_t i = 0; i < story.count; i++)
        count += is(&story.entry[i], what, step, text);
    return count;
}

unsigned story_steps(uint64_t incident, enum gp_step step)
{
    unsigned count = 0;

    story_read();
    for (size_t i = 0; i < story.count; i++)
        count += story.entry[i].incident == incident && is(&story.entry[i], GP_WHAT_STEP, step, "");
    return count;
}

static int by_step(const void *a, const void *b)
{
    const struct noted *one = a, *two = b;

    if (one->incident != two->incident)
        return one->incident < two->incident ? -1 : 1;
    if (one->step != two->step)
        return one->step < two->step ? -1 : 1;
    return (one->nominal_ms > two->nominal_ms) - (one->nominal_ms < two->nominal_ms);
}

static void judge_steps(void)
{
    size_t steps = 0;

    for (size_t i = 0; i < story.count; i++) {
        if (story.entry[i].what == GP_WHAT_STEP)
            story.entry[steps++] = story.entry[i];
    }
    qsort(story.entry, steps, sizeof story.entry[0], by_step);
    for (size_t i = 1; i < steps; i++)
        assert_int_not_equal(by_step(&story.entry[i - 1], &story.entry[i]), 0); /* twice */
}

void story_judge(void)
{
    int64_t highest_ms = 0;

    story_read();
    for (size_t i = 0; i < story.count; i++) {
        const struct noted *noted = &story.entry[i];
        assert_true(noted->at_ms >= highest_ms);
        highest_ms = is(noted, GP_WHAT_CLOCK, GP_STEP_NONE, "mark lowered") ? 0 : noted->at_ms;
        if (noted->what != GP_WHAT_STEP)
            continue;
        assert_true(noted->at_ms >= noted->nominal_ms); /* else early */
        assert_true(noted->late_ms == noted->at_ms - noted->nominal_ms);
    }
    judge_steps();
}

/* ---------------------------------------------------------------- a machine and its clocks */

static int64_t monotonic_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * GP_MS_SECOND + now.tv_nsec / 1000000;
}

int64_t story_slack_ms(void)
{
    return monotonic_ms() - story.began_ms + 2;
}

int story_begin(void **state)
{
    (void)state;
    daemon_prepare(&story.world.daemon);
    story.true_ms = MORNING_MS;
    story.began_ms = monotonic_ms();
    daemon_fault(&story.world.daemon, MORNING_MS);
    daemon_setting(&story.world.daemon, "clock_jump_max: 10m");
    daemon_setting(&story.world.daemon, "clock_start_max: 14d");
    story.count = story.seen = 0;
    world_start(&story.world, NULL);
    return 0;
}

int story_end(void **state)
{
    void *world = &story.world;

    (void)state;
    return world_end(&world);
}

void story_pass(int64_t ms)
{
    daemon_shift(&story.world.daemon, ms, ms);
    story.true_ms += ms;
}

void story_move_wall(int64_t ms)
{
    daemon_shift(&story.world.daemon, ms, 0);
}

void story_expect(enum gp_clock_state state, int64_t now_ms)
{
    struct gp_daemon_status status = client_status(&story.world.client);

    assert_int_equal(status.clock_state, state);
    if (status.now_ms < now_ms - 1 || status.now_ms > now_ms + story_slack_ms())
        fail_msg("effective time is off by %lld ms", (long long)(status.now_ms - now_ms));
}

uint64_t story_report(void)
{
    struct gp_request request = request_report();

    request.command.category = GP_SPAN("u2");
    struct gp_reply reply = client_ask(&story.world.client, &request);
    assert_int_equal(reply.status, GP_STATUS_OK);
    return reply.answer.incident;
}

void story_nudge(void)
{
    struct gp_request request = request_command(GP_VERB_ACCEPT, UINT64_MAX >> 1, "li");

    assert_int_equal(client_ask(&story.world.client, &request).status, GP_STATUS_REFUSED);
}

void story_admin(enum gp_control act, int64_t at_ms, enum gp_status status)
{
    struct gp_request request = {.kind = GP_REQUEST_CONTROL,
                                 .person = GP_SPAN("feng"),
                                 .control = {.act = act, .at_ms = at_ms}};

    assert_int_equal(client_ask(&story.world.client, &request).status, status);
}

void story_start_again(int64_t moved_ms)
{
    story_read();
    daemon_kill(&story.world.daemon);
    client_close(&story.world.client);
    story_move_wall(moved_ms);
    world_start(&story.world, NULL);
}

void story_expect_steps(uint64_t incident, int64_t after_ms)
{
    static const struct {
        int64_t after_ms;
        enum gp_step step;
    } ladder[] = {{0, GP_STEP_DISPATCH},          {15 * GP_MS_MINUTE, GP_STEP_UNACCEPTED},
                  {GP_MS_HOUR, GP_STEP_YELLOW},   {2 * GP_MS_HOUR, GP_STEP_RED},
                  {3 * GP_MS_HOUR, GP_STEP_BLUE}, {6 * GP_MS_HOUR, GP_STEP_CARD}};

    for (size_t i = 0; i < sizeof ladder / sizeof ladder[0]; i++)
        assert_int_equal(story_steps(incident, ladder[i].step), after_ms >= ladder[i].after_ms);
}
