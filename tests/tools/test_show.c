/* show on the side lines: what they left behind, who follows, and what became of the notices. */
#include "tools/fake.h"
#include "tools/run.h"
#include "tools/sample.h"

#include "base/clocktext.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
// clang-format off
#include <cmocka.h>
// clang-format on

struct scene {
    struct run run;
    struct gp_incident incident;
    struct gp_entry entry[4], *item[4];
};

static struct gp_entry delivered(uint64_t seq, const char *person, const char *state)
{
    return (struct gp_entry){.seq = seq,
                             .at_ms = SAMPLE_MS,
                             .incident = 41,
                             .what = GP_WHAT_DELIVERED,
                             .subject = gp_span_of(person),
                             .text = gp_span_of(state),
                             .ref_seq = {305},
                             .ref_count = 1};
}

/* Two pages: the notices, then what became of them. */
static void answer_feed(struct scene *scene, const struct gp_feed_ask *ask,
                        struct gp_reply *ret_reply)
{
    assert_int_equal(ask->filter.incident, 41);
    sample_step(305, &scene->entry[0]);
    scene->entry[1] = delivered(306, "li", "delivered");
    scene->entry[2] = delivered(307, "zhao", "failed");
    scene->entry[3] = delivered(308, "li", "acknowledged");
    for (int i = 0; i < 4; i++)
        scene->item[i] = &scene->entry[i];
    ret_reply->kind = GP_REPLY_FEED;
    ret_reply->feed.item = ask->after == 0 ? scene->item : scene->item + 1;
    ret_reply->feed.count = ask->after == 0 ? 1 : 3;
    ret_reply->feed.scanned_to = ask->after == 0 ? 305 : 400;
    ret_reply->feed.head = 400;
}

static bool give_reply(void *context, const struct gp_request *request, unsigned nth,
                       struct gp_reply *ret_reply)
{
    struct scene *scene = context;

    (void)nth;
    ret_reply->status = GP_STATUS_OK;
    if (request->kind == GP_REQUEST_STATUS) {
        ret_reply->kind = GP_REPLY_STATUS;
        ret_reply->daemon.now_ms = SAMPLE_MS + 5 * GP_MS_HOUR;
    } else if (request->kind == GP_REQUEST_INCIDENT) {
        ret_reply->kind = GP_REPLY_INCIDENT;
        ret_reply->incident = &scene->incident;
        ret_reply->follower[0] = 50;
        ret_reply->follower[1] = 52;
        ret_reply->follower_count = 2;
    } else {
        assert_int_equal(request->kind, GP_REQUEST_FEED); /* it asks no more than it must */
        answer_feed(scene, &request->feed, ret_reply);
    }
    return true;
}

/* Everything at once, which no rule of the core would allow. */
static void fill_side(struct gp_side *side)
{
    *side = (struct gp_side){
        .returner = GP_SPAN("A-municipal-402001"),
        .suggested = GP_SPAN("F-SZ"),
        .return_reason = GP_RETURN_NO_POWER,
        .returned_ms = SAMPLE_MS + GP_MS_HOUR,
        .returns = 2,
        .buck_passed = 1,
        .bound = true,
        .asked_ms = SAMPLE_MS,
        .asked_h = 8,
        .asker = GP_SPAN("A-municipal-402001"),
        .resume_ms = SAMPLE_MS + 24 * GP_MS_HOUR,
        .check_due_ms = SAMPLE_MS + 2 * GP_MS_HOUR,
        .reworks = 3,
        .reopens = 1,
        .downward = true,
        .on_spot = true,
        .drawn = true,
        .main = 40,
        .unfilled = GP_SPAN("A-fire-402001"),
        .struck = {GP_SPAN("li"), GP_SPAN("zhao")},
        .struck_count = 2,
    };
}

static int set_up(void **state)
{
    struct scene *scene = run_scene(sizeof *scene);

    sample_incident(41, &scene->incident);
    fill_side(&scene->incident.side);
    scene->incident.plan.step[2].status = GP_PAUSED;
    scene->run.fake = fake_start(scene->run.address, give_reply, scene);
    *state = scene;
    return 0;
}

static void check_contains(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("no \"%s\" in: %s", part, text);
}

static void the_side_lines_are_told(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(run_words(&scene->run, "show 41"), 0);
    check_contains(scene->run.out, "from above   without approval: may be refused\n"
                                   "on the spot  drawn for a check\n"
                                   "follows      #40\n"
                                   "vacant post  A-fire-402001\n"
                                   "returns      2\n"
                                   "buck-passing 1\n"
                                   "ruling       the street has ruled: it binds\n"
                                   "returned by  A-municipal-402001 (no_power)\n"
                                   "returned     2026-09-30 17:40:00\n"
                                   "suggested    F-SZ\n"
                                   "waits for    a ruling of the street\n"
                                   "extension    8 h, asked by A-municipal-402001\n"
                                   "goes on      2026-10-01 16:40:00\n"
                                   "check due    2026-09-30 18:40:00\n"
                                   "reworks      3\n"
                                   "reopened     1\n"
                                   "strike       li\n"
                                   "strike       zhao\n"
                                   "steps\n");
    check_contains(scene->run.out, "  2026-10-01 00:40:00  red           paused   \n"
                                   "followers    #50 #52\n");
}

static void notices_show_what_became_of_them(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(run_words(&scene->run, "show 41 --notices"), 0);
    check_contains(
        scene->run.out,
        "notices\n"
        "    305  2026-09-30 16:40:01  yellow        li           A+B          holder    "
        "acknowledged\n"
        "    305  2026-09-30 16:40:01  yellow        zhao         Z            duty      "
        "failed\n");
}

static void as_json_it_is_one_object(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(run_words(&scene->run, "show 41 --notices --json"), 0);
    check_contains(scene->run.out, "\"side\":{\"returned_by\":\"A-municipal-402001\","
                                   "\"returned\":\"2026-09-30T17:40:00+08:00\","
                                   "\"return_reason\":\"no_power\",\"suggested\":\"F-SZ\","
                                   "\"returns\":2,\"buck_passed\":1,\"bound\":true,");
    check_contains(scene->run.out, "\"main\":40,\"vacant_post\":\"A-fire-402001\","
                                   "\"strikes\":[\"li\",\"zhao\"]}");
    check_contains(scene->run.out, "\"followers\":[50,52],\"notices\":[{\"seq\":305,"
                                   "\"at\":\"2026-09-30T16:40:01.500+08:00\",\"name\":\"yellow\","
                                   "\"person\":\"li\",\"capacity\":\"A+B\",\"path\":\"holder\","
                                   "\"delivery\":\"acknowledged\"},");
    assert_string_equal(strchr(scene->run.out, '\n'), "\n");
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, run_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(the_side_lines_are_told),
        T(notices_show_what_became_of_them),
        T(as_json_it_is_one_object),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
