/* watch and tail: where they begin, that they never skip, and how they end. */
#include "tools/fake.h"
#include "tools/run.h"
#include "tools/sample.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

/* A journal of `head` entries; the fake answers at most `page` of them at once, only even ones
 * match, and it never rests: without a match it answers at once. */
struct scene {
    struct run run;
    uint64_t head, page;
    unsigned silent_from; /* requests from this one on get no answer */
    void (*make)(uint64_t seq, struct gp_entry *ret_entry);
    struct gp_entry entry[16];
    struct gp_entry *list[16];
};

static void answer_feed(struct scene *scene, const struct gp_feed_ask *ask,
                        struct gp_reply *ret_reply)
{
    uint64_t seq = ask->after;

    ret_reply->kind = GP_REPLY_FEED;
    ret_reply->feed.item = scene->list;
    while (seq < scene->head && ret_reply->feed.count < scene->page) {
        seq++;
        if (seq % 2 != 0)
            continue;
        struct gp_entry *entry = &scene->entry[ret_reply->feed.count];
        scene->make(seq, entry);
        scene->list[ret_reply->feed.count++] = entry;
    }
    ret_reply->feed.scanned_to = seq;
    ret_reply->feed.head = scene->head;
}

static bool answer(void *context, const struct gp_request *request, unsigned nth,
                   struct gp_reply *ret_reply)
{
    struct scene *scene = context;

    if (nth >= scene->silent_from)
        return false;
    ret_reply->status = GP_STATUS_OK;
    if (request->kind == GP_REQUEST_FEED) {
        answer_feed(scene, &request->feed, ret_reply);
    } else {
        ret_reply->kind = GP_REPLY_STATUS;
        ret_reply->daemon.version = GP_SPAN("0");
        ret_reply->daemon.head = scene->head;
        ret_reply->daemon.clock_rate = 1;
        ret_reply->daemon.clock_state = 1;
        scene->head += 4; /* something happens after the question */
    }
    return true;
}

static int set_up(void **state)
{
    struct scene *scene = run_scene(sizeof *scene);

    scene->head = 20;
    scene->page = 3;
    scene->silent_from = UINT32_MAX;
    scene->make = sample_reported;
    *state = scene;
    return 0;
}

static void listen_on(struct scene *scene)
{
    scene->run.fake = fake_start(scene->run.address, answer, scene);
}

/* What was printed: one JSON line for each even seq from first to last, nothing else. */
static void check_lines(const char *out, uint64_t first, uint64_t last)
{
    char begin[32];

    for (uint64_t seq = first; seq <= last; seq += 2) {
        snprintf(begin, sizeof begin, "{\"seq\":%u,", (unsigned)seq);
        if (strncmp(out, begin, strlen(begin)) != 0)
            fail_msg("expected %s at: %s", begin, out);
        out = strchr(out, '\n');
        assert_non_null(out);
        out++;
    }
    assert_string_equal(out, "");
}

static void since_0_is_everything_in_order(void **state)
{
    struct scene *scene = *state;

    listen_on(scene);
    assert_int_equal(run_words(&scene->run, "watch --since 0 --count 10 --json"), 0);
    check_lines(scene->run.out, 2, 20);
    assert_string_equal(scene->run.err, "");
}

static void the_next_ask_starts_where_the_last_look_ended(void **state)
{
    struct scene *scene = *state;
    struct gp_arena arena;

    scene->page = 1;
    scene->head = 5;
    scene->silent_from = 3;
    listen_on(scene);
    run_start(&scene->run, "watch --since 0 --json");
    fake_wait(scene->run.fake, 4);
    for (unsigned i = 0; i < 4; i++) {
        static const uint64_t after[] = {0, 2, 4, 5}; /* 5 was looked at and did not match */
        struct gp_request request = run_sent(&scene->run, i, &arena);
        assert_int_equal(request.kind, GP_REQUEST_FEED);
        assert_int_equal(request.feed.after, after[i]);
        assert_int_equal(request.feed.wait_ms, GP_FEED_WAIT_MS_MAX);
        assert_true(request.feed.follower.len > 0);
        gp_arena_release(&arena);
    }
    kill(scene->run.pid, SIGINT);
    run_finish(&scene->run);
    assert_int_equal(scene->run.code, 130);
    check_lines(scene->run.out, 2, 4);
    assert_non_null(strstr(scene->run.err, "--since 5\n"));
}

static void without_since_it_begins_with_what_comes(void **state)
{
    struct scene *scene = *state;

    listen_on(scene);
    assert_int_equal(run_words(&scene->run, "watch --count 2 --json"), 0);
    check_lines(scene->run.out, 22, 24);
}

static void count_ends_it_within_an_answer(void **state)
{
    struct scene *scene = *state;

    listen_on(scene);
    assert_int_equal(run_words(&scene->run, "watch --since 4 --count 2 --json"), 0);
    check_lines(scene->run.out, 6, 8);
}

static void filters_are_sent_as_given(void **state)
{
    struct scene *scene = *state;
    struct gp_arena arena;

    listen_on(scene);
    assert_int_equal(run_words(&scene->run,
                               "tail --since 0 --count 1 --area 340705 --department SZ "
                               "--line municipal --person li --incident 41 --as wang"),
                     0);
    struct gp_request request = run_sent(&scene->run, 0, &arena);
    assert_true(gp_span_is(request.person, "wang"));
    assert_int_equal(request.feed.filter.area.digits, 6);
    assert_true(gp_span_is(request.feed.filter.department, "SZ"));
    assert_true(gp_span_is(request.feed.filter.line, "municipal"));
    assert_true(gp_span_is(request.feed.filter.person, "li"));
    assert_int_equal(request.feed.filter.incident, 41);
    assert_true(request.feed.filter.escalations);
    gp_arena_release(&arena);
    assert_int_equal(run_words(&scene->run, "watch --since 0 --count 1"), 0);
    assert_false(run_sent(&scene->run, 1, &arena).feed.filter.escalations);
    gp_arena_release(&arena);
}

static void a_restart_of_the_daemon_is_survived_without_a_gap(void **state)
{
    struct scene *scene = *state;

    scene->head = 4;
    scene->silent_from = 1;
    listen_on(scene);
    run_start(&scene->run, "watch --since 0 --count 5 --json");
    fake_wait(scene->run.fake, 2); /* 2 and 4 were answered, the second ask rests */
    fake_stop(scene->run.fake);
    scene->head = 10;
    scene->silent_from = UINT32_MAX;
    listen_on(scene);
    run_finish(&scene->run);
    assert_int_equal(scene->run.code, 0);
    check_lines(scene->run.out, 2, 10);
}

/* Waits until the file of stderr holds something: the command says so while it runs on. */
static void wait_for_error(struct scene *scene, const char *part)
{
    char path[128], text[4096];

    snprintf(path, sizeof path, "%s/err", scene->run.folder);
    for (;;) {
        FILE *file = fopen(path, "r");
        assert_non_null(file);
        size_t len = fread(text, 1, sizeof text - 1, file);
        fclose(file);
        text[len] = '\0';
        if (strstr(text, part) != NULL)
            return;
        (void)poll(NULL, 0, 5); /* CTest's time-out is the limit */
    }
}

static void a_daemon_that_stays_away_is_said_and_waited_for(void **state)
{
    struct scene *scene = *state;

    scene->head = 4;
    scene->silent_from = 1;
    listen_on(scene);
    run_start(&scene->run, "watch --since 0 --count 5 --json");
    fake_wait(scene->run.fake, 2);
    fake_stop(scene->run.fake);
    wait_for_error(scene, "after entry 4");
    scene->head = 10;
    scene->silent_from = UINT32_MAX;
    listen_on(scene);
    run_finish(&scene->run);
    assert_int_equal(scene->run.code, 0);
    check_lines(scene->run.out, 2, 10);
    assert_non_null(strstr(scene->run.err, "is back"));
}

static void an_interrupt_while_the_daemon_is_away_ends_it(void **state)
{
    struct scene *scene = *state;

    scene->silent_from = 4;
    listen_on(scene);
    run_start(&scene->run, "watch --since 0 --json");
    fake_wait(scene->run.fake, 5);
    fake_stop(scene->run.fake);
    scene->run.fake = NULL;
    wait_for_error(scene, "after entry 20");
    kill(scene->run.pid, SIGINT);
    run_finish(&scene->run);
    assert_int_equal(scene->run.code, 130);
    assert_non_null(strstr(scene->run.err, "--since 20\n"));
}

static void another_store_is_not_followed_silently(void **state)
{
    struct scene *scene = *state;

    listen_on(scene);
    assert_int_equal(run_words(&scene->run, "watch --since 900"), 1);
    assert_string_equal(scene->run.out, "");
    assert_non_null(strstr(scene->run.err, "entry 20"));
    assert_non_null(strstr(scene->run.err, "900"));
}

/* Starts to follow into a pipe. */
static int follow_into_pipe(struct scene *scene)
{
    int ends[2];

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    scene->run.out_fd = ends[1];
    run_start(&scene->run, "watch --since 20");
    close(ends[1]);
    return ends[0];
}

/* Nothing more to print is no reason to stay when nobody reads: `gridpost tail | head` must end. */
static void a_reader_who_leaves_ends_it(void **state)
{
    struct scene *scene = *state;

    scene->silent_from = 1;
    listen_on(scene);
    int reader = follow_into_pipe(scene);
    fake_wait(scene->run.fake, 2); /* the second ask rests */
    close(reader);
    run_finish(&scene->run);
    assert_int_equal(scene->run.code, 0);
    assert_string_equal(scene->run.err, "");
}

static void a_reader_who_leaves_while_the_daemon_is_away_ends_it(void **state)
{
    struct scene *scene = *state;

    scene->silent_from = 1;
    listen_on(scene);
    int reader = follow_into_pipe(scene);
    fake_wait(scene->run.fake, 2);
    fake_stop(scene->run.fake);
    scene->run.fake = NULL;
    wait_for_error(scene, "is away");
    close(reader);
    run_finish(&scene->run);
    assert_int_equal(scene->run.code, 0);
}

static bool refuse_then_answer(void *context, const struct gp_request *request, unsigned nth,
                               struct gp_reply *ret_reply)
{
    if (nth > 0)
        return answer(context, request, nth, ret_reply);
    ret_reply->status = GP_STATUS_TRY_AGAIN;
    ret_reply->kind = GP_REPLY_FEED;
    return true;
}

static void try_again_is_tried_again(void **state)
{
    struct scene *scene = *state;

    scene->run.fake = fake_start(scene->run.address, refuse_then_answer, scene);
    assert_int_equal(run_words(&scene->run, "watch --since 0 --count 3 --json"), 0);
    check_lines(scene->run.out, 2, 6);
    assert_int_equal(fake_count(scene->run.fake), 2);
}

static void an_entry_is_one_aligned_line(void **state)
{
    struct scene *scene = *state;

    listen_on(scene);
    assert_int_equal(run_words(&scene->run, "watch --since 0 --count 1"), 0);
    assert_string_equal(scene->run.out, "      2  2026-09-30 16:40:00  #41      reported     "
                                        "                         by li  \"井盖缺失\"\n");
}

static void a_step_is_coloured_on_a_terminal_only(void **state)
{
    struct scene *scene = *state;

    scene->make = sample_step;
    listen_on(scene);
    assert_int_equal(run_words(&scene->run, "tail --since 0 --count 1"), 0);
    assert_string_equal(scene->run.out, "      2  2026-09-30 16:40:01  #41      yellow       "
                                        "A-municipal-402001       → li(A+B) zhao(Z)\n");
    assert_int_equal(run_words(&scene->run, "tail --since 0 --count 1 --color always"), 0);
    assert_non_null(strstr(scene->run.out, "\033[33myellow       \033[0m"));
}

static void make_late(uint64_t seq, struct gp_entry *ret_entry)
{
    sample_step(seq, ret_entry);
    ret_entry->late_ms = INT64_C(66000000);
    ret_entry->nominal_ms = ret_entry->at_ms - ret_entry->late_ms;
}

static void lateness_of_minutes_and_more_is_said(void **state)
{
    struct scene *scene = *state;

    scene->make = make_late;
    listen_on(scene);
    assert_int_equal(run_words(&scene->run, "tail --since 0 --count 1"), 0);
    assert_non_null(strstr(scene->run.out, "zhao(Z) late by 18 h 20 min\n"));
}

static void make_poem(uint64_t seq, struct gp_entry *ret_entry)
{
    sample_reported(seq, ret_entry);
    ret_entry->text = GP_SPAN("井盖\n缺失\tnow");
}

static void a_text_of_several_lines_stays_on_one(void **state)
{
    struct scene *scene = *state;

    scene->make = make_poem;
    listen_on(scene);
    assert_int_equal(run_words(&scene->run, "watch --since 0 --count 1"), 0);
    assert_non_null(strstr(scene->run.out, "\"井盖 缺失 now\"\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, run_end)
        T(since_0_is_everything_in_order),
        T(the_next_ask_starts_where_the_last_look_ended),
        T(without_since_it_begins_with_what_comes),
        T(count_ends_it_within_an_answer),
        T(filters_are_sent_as_given),
        T(a_restart_of_the_daemon_is_survived_without_a_gap),
        T(a_daemon_that_stays_away_is_said_and_waited_for),
        T(an_interrupt_while_the_daemon_is_away_ends_it),
        T(another_store_is_not_followed_silently),
        T(a_reader_who_leaves_ends_it),
        T(a_reader_who_leaves_while_the_daemon_is_away_ends_it),
        T(try_again_is_tried_again),
        T(an_entry_is_one_aligned_line),
        T(a_step_is_coloured_on_a_terminal_only),
        T(lateness_of_minutes_and_more_is_said),
        T(a_text_of_several_lines_stays_on_one),
#undef T
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
