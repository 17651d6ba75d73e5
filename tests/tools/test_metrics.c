/* metrics: the text that Prometheus reads, and what is said when nobody answers. */
#include "tools/fake.h"
#include "tools/run.h"

#include "show/metrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
// clang-format off
#include <cmocka.h>
// clang-format on

/* ---------------------------------------------------------------- the text */

/* Lifetime: the caller frees it. */
static char *text_of(const struct gp_daemon_figures *figures)
{
    char *text = NULL;
    size_t len;
    FILE *memory = open_memstream(&text, &len);

    assert_non_null(memory);
    gp_show_metrics(figures, memory);
    assert_int_equal(fclose(memory), 0);
    return text;
}

static void has(const struct gp_daemon_figures *figures, const char *lines)
{
    char *text = text_of(figures);

    if (strstr(text, lines) == NULL)
        fail_msg("without\n%s\nin\n%s", lines, text);
    free(text);
}

static void has_not(const struct gp_daemon_figures *figures, const char *words)
{
    char *text = text_of(figures);

    if (strstr(text, words) != NULL)
        fail_msg("with %s in\n%s", words, text);
    free(text);
}

static void a_name_cannot_leave_its_label(void **state)
{
    struct gp_follower_figure follower = {GP_SPAN("a\"b\\c\nd"), 3, 1500};
    struct gp_daemon_figures figures = {.follower = &follower, .follower_count = 1};

    (void)state;
    has(&figures, "\ngridpost_follower_behind_entries{follower=\"a\\\"b\\\\c\\nd\"} 3\n");
    has(&figures,
        "\ngridpost_follower_asked_timestamp_seconds{follower=\"a\\\"b\\\\c\\nd\"} 1.5\n");
}

static void buckets_are_cumulative(void **state)
{
    struct gp_daemon_figures figures = {
        .commit_us = {.bounds = {3, {250, 1000, 2500000}},
                      .histogram = {.count = {1, 0, 2, 4}, .sum = 10000001}},
        .batch_items = {.bounds = {1, {8}}, .histogram = {.count = {5, 6}, .sum = 99}},
    };

    (void)state;
    has(&figures, "# TYPE gridpost_commit_seconds histogram\n"
                  "gridpost_commit_seconds_bucket{le=\"0.00025\"} 1\n"
                  "gridpost_commit_seconds_bucket{le=\"0.001\"} 1\n"
                  "gridpost_commit_seconds_bucket{le=\"2.5\"} 3\n"
                  "gridpost_commit_seconds_bucket{le=\"+Inf\"} 7\n"
                  "gridpost_commit_seconds_sum 10.000001\n"
                  "gridpost_commit_seconds_count 7\n");
    has(&figures, "gridpost_batch_items_bucket{le=\"8\"} 5\n"
                  "gridpost_batch_items_bucket{le=\"+Inf\"} 11\n"
                  "gridpost_batch_items_sum 99\n");
    has_not(&figures, "gridpost_answer_seconds"); /* it has no bounds: an older daemon */
}

/* What has not happened yet is 0, so that the first one is a rise. */
static void every_kind_has_a_line(void **state)
{
    struct gp_daemon_figures figures = {.refusals.of = {[GP_REASON_LATE] = 2, [63] = 1}};

    (void)state;
    has(&figures, "\ngridpost_refusals_total{reason=\"late\"} 2\n");
    has(&figures, "\ngridpost_refusals_total{reason=\"conflict\"} 0\n");
    has(&figures, "\ngridpost_refusals_total{reason=\"63\"} 1\n"); /* of a newer daemon */
    has_not(&figures, "reason=\"62\"");
    has(&figures, "\ngridpost_answers_total{status=\"try_again\"} 0\n");
    has(&figures, "\ngridpost_requests_total{kind=\"figures\"} 0\n");
    has(&figures, "\ngridpost_commands_total{verb=\"report\"} 0\n");
    has(&figures, "\ngridpost_steps_total{step=\"unaccepted\"} 0\n");
    has_not(&figures, "step=\"dispatch\"");
    has_not(&figures, "step=\"resume\"");
    has_not(&figures, "verb=\"enrol\"");
}

static void what_there_is_none_of_has_no_line(void **state)
{
    struct gp_daemon_figures figures = {.status.now_ms = 1790757600123};

    (void)state;
    has(&figures, "\ngridpost_time_seconds 1790757600.123\n");
    has_not(&figures, "gridpost_backup_timestamp_seconds");
    has_not(&figures, "gridpost_next_deadline_timestamp_seconds");
    has_not(&figures, "gridpost_department_");
    figures.status.backup_ms = 1790757600000;
    has(&figures, "\ngridpost_backup_timestamp_seconds 1790757600\n");
}

/* ---------------------------------------------------------------- the command */

struct scene {
    struct run run;
    uint8_t status;
    struct gp_daemon_figures figures;
    struct gp_department_figure department;
};

static bool answer(void *context, const struct gp_request *request, unsigned nth,
                   struct gp_reply *ret_reply)
{
    struct scene *scene = context;

    (void)nth;
    assert_int_equal(request->kind, GP_REQUEST_FIGURES);
    ret_reply->status = scene->status;
    if (scene->status != GP_STATUS_OK) {
        ret_reply->reason = scene->status == GP_STATUS_REFUSED ? GP_REASON_NO_RIGHT : 0;
        return true;
    }
    ret_reply->kind = GP_REPLY_FIGURES;
    ret_reply->figures = &scene->figures;
    return true;
}

static int set_up(void **state)
{
    struct scene *scene = run_scene(sizeof *scene);

    scene->status = GP_STATUS_OK;
    scene->department = (struct gp_department_figure){GP_SPAN("城管局"), 5, 2, 1};
    scene->figures.department = &scene->department;
    scene->figures.department_count = 1;
    scene->run.fake = fake_start(scene->run.address, answer, scene);
    *state = scene;
    return 0;
}

static void metrics_are_printed(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(run_words(&scene->run, "metrics"), 0);
    assert_non_null(strstr(scene->run.out, "\ngridpost_up 1\n"));
    assert_non_null(strstr(scene->run.out,
                           "\ngridpost_department_overdue_incidents{department=\"城管局\"} 1\n"));
}

/* What a collector finds is the old file or the new one, and readable. */
static void a_file_is_written_for_a_collector(void **state)
{
    struct scene *scene = *state;
    char path[128], words[160], line[64] = "";
    struct stat stat_of;

    run_path(&scene->run, "head", path);
    (void)snprintf(words, sizeof words, "metrics --output %s", path);
    assert_int_equal(run_words(&scene->run, words), 0);
    assert_string_equal(scene->run.out, "");
    assert_int_equal(stat(path, &stat_of), 0);
    assert_int_equal(stat_of.st_mode & 0777, 0644);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    assert_int_equal(fclose(file), 0);
    assert_string_equal(line, "# HELP gridpost_up 1: the daemon has answered.\n");
}

static void nobody_there_is_down(void **state)
{
    struct scene *scene = *state;

    fake_stop(scene->run.fake);
    scene->run.fake = NULL;
    assert_int_not_equal(run_words(&scene->run, "metrics"), 0);
    assert_string_equal(scene->run.out, "# HELP gridpost_up 1: the daemon has answered.\n"
                                        "# TYPE gridpost_up gauge\n"
                                        "gridpost_up 0\n");
    assert_true(scene->run.err[0] != '\0');
}

/* Who refuses is there: the file of before stays, and grows old. */
static void a_refusal_is_not_down(void **state)
{
    struct scene *scene = *state;

    scene->status = GP_STATUS_REFUSED;
    assert_int_equal(run_words(&scene->run, "metrics"), 3);
    assert_string_equal(scene->run.out, "");
    scene->status = GP_STATUS_TRY_AGAIN;
    assert_int_equal(run_words(&scene->run, "metrics"), 75);
    assert_non_null(strstr(scene->run.out, "\ngridpost_up 0\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_cannot_leave_its_label),
        cmocka_unit_test(buckets_are_cumulative),
        cmocka_unit_test(every_kind_has_a_line),
        cmocka_unit_test(what_there_is_none_of_has_no_line),
        cmocka_unit_test_setup_teardown(metrics_are_printed, set_up, run_end),
        cmocka_unit_test_setup_teardown(a_file_is_written_for_a_collector, set_up, run_end),
        cmocka_unit_test_setup_teardown(nobody_there_is_down, set_up, run_end),
        cmocka_unit_test_setup_teardown(a_refusal_is_not_down, set_up, run_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
