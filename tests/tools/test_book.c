/* The workbook, read back by xlsx2csv; and the ceilings of what goes into it. */
#include "report/book.h"

#include "base/error.h"
#include "base/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define KIB ((size_t)1024)

struct scene {
    struct gp_report report;
    struct gp_overdues overdues;
    struct gp_strikes strikes;
    char path[40], text[8192];
};

static int set_up(void **state)
{
    struct gp_assess_row row = {.unit = GP_SPAN("340705006"), .name = GP_SPAN("新城")};
    struct gp_assessment page = {.row = &row, .row_count = 1, .head = 7};
    struct gp_weighing weighing;
    struct scene *scene = calloc(1, sizeof *scene);

    assert_non_null(scene);
    gp_report_init(&scene->report, 64 * KIB);
    scene->report.ask = (struct gp_assess_ask){.from_ms = 1000, .to_ms = 2000, .by = GP_BY_AREA};
    assert_int_equal(gp_report_add(&scene->report, &page), 0);
    gp_weighing_defaults(&weighing);
    assert_int_equal(gp_report_weigh(&scene->report, &weighing), 0);
    gp_weighing_release(&weighing);
    gp_overdues_init(&scene->overdues, 64 * KIB);
    gp_strikes_init(&scene->strikes, 64 * KIB);
    strcpy(scene->path, "/tmp/gridpost-book-XXXXXX");
    int fd = mkstemp(scene->path);
    assert_true(fd >= 0);
    close(fd);
    *state = scene;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;

    gp_report_release(&scene->report);
    gp_overdues_release(&scene->overdues);
    gp_strikes_release(&scene->strikes);
    unlink(scene->path);
    free(scene);
    return 0;
}

/* Writes it and leaves its sheets in scene->text. */
static void write_and_read(struct scene *scene, bool strikes)
{
    struct gp_book book = {&scene->report, &scene->overdues, strikes ? &scene->strikes : NULL};
    const char *problem = NULL;
    char command[200];

    assert_int_equal(gp_book_write(&book, scene->path, &problem), 0);
    (void)snprintf(command, sizeof command, GP_XLSX2CSV " -a %s", scene->path);
    FILE *read = popen(command, "r");
    assert_non_null(read);
    scene->text[fread(scene->text, 1, sizeof scene->text - 1, read)] = '\0';
    assert_int_equal(pclose(read), 0);
}

static void has(const struct scene *scene, const char *text)
{
    if (strstr(scene->text, text) == NULL)
        fail_msg("no \"%s\" in\n%s", text, scene->text);
}

static void has_not(const struct scene *scene, const char *text)
{
    if (strstr(scene->text, text) != NULL)
        fail_msg("\"%s\" in\n%s", text, scene->text);
}

static void add_overdue(struct scene *scene, uint64_t number)
{
    struct gp_assess_case found = {number, GP_SPAN("340705006")};

    assert_int_equal(gp_overdues_add(&scene->overdues, &found), 0);
}

static void an_incident_is_told_as_far_as_it_may_be_read(void **state)
{
    struct scene *scene = *state;
    struct gp_incident incident = {.area = {340705006001001, 15, GP_LEVEL_GRID},
                                   .row = {.code = GP_SPAN("n4"), .condition = GP_SPAN("default")},
                                   .overdue_post = GP_SPAN("F-SZ"),
                                   .overdue_ms = INT64_C(1781506800000),
                                   .state = GP_STATE_FINISHED};

    add_overdue(scene, 5);
    add_overdue(scene, 6);
    assert_int_equal(gp_overdues_tell(&scene->overdues, 1, &incident), 0);
    scene->report.language = GP_REPORT_ZH;
    write_and_read(scene, true);
    has(scene, " - 超期\n单位,编号,网格,类别,情形,时限,超期责任岗位,状态\n340705006,5,,,,,,\n"
               "340705006,6,340705006001001,n4,default,2026-06-15 15:00:00,F-SZ,已办结\n");
    has(scene, " - 问责\n");
    has_not(scene, "更多");
    scene->report.language = GP_REPORT_EN;
    write_and_read(scene, true);
    has(scene, ",F-SZ,finished\n");
    has(scene, " - strikes\n");
}

static void a_list_that_was_cut_says_so(void **state)
{
    struct scene *scene = *state;

    add_overdue(scene, 5);
    scene->overdues.more = true;
    write_and_read(scene, false);
    has(scene, "340705006,5,,,,,,\nthere are more: ask for a shorter period or an area,");
    has_not(scene, "strikes\n");
}

static void strikes_are_of_the_period(void **state)
{
    struct scene *scene = *state;
    struct gp_entry entry = {.what = GP_WHAT_STRIKE, .incident = 9, .nth = 3};
    static const int64_t at[] = {999, 1000, 1999, 2000};
    static const char *const whom[] = {"before", "first", "last", "behind"};

    for (unsigned i = 0; i < 4; i++) {
        entry.at_ms = at[i];
        entry.subject = gp_span_of(whom[i]);
        assert_int_equal(gp_strikes_add(&scene->strikes, &entry), 0);
    }
    entry.what = GP_WHAT_NOTED;
    assert_int_equal(gp_strikes_add(&scene->strikes, &entry), 0);
    assert_int_equal(scene->strikes.count, 4);
    write_and_read(scene, true);
    has(scene, ",first,3,organisational measure,draft,9,");
    has(scene, ",last,3,");
    has_not(scene, ",before,");
    has_not(scene, ",behind,");
}

/* As long as an entry's text may be, and of characters of three bytes: none of them is halved. */
static void a_long_notice_is_there_to_its_end(void **state)
{
    struct scene *scene = *state;
    struct gp_entry entry = {.what = GP_WHAT_STRIKE, .subject = GP_SPAN("chen"), .at_ms = 1000};
    char text[GP_TEXT_BYTES_MAX + 1];
    size_t len = 0;

    while (len + 6 <= GP_TEXT_BYTES_MAX) {
        memcpy(text + len, "督", 3);
        len += 3;
    }
    memcpy(text + len, "终", 3);
    entry.text = (struct gp_span){text, len + 3};
    assert_int_equal(gp_strikes_add(&scene->strikes, &entry), 0);
    write_and_read(scene, true);
    has(scene, "督督督终");
}

static void what_cannot_be_written_is_told(void **state)
{
    struct scene *scene = *state;
    struct gp_book book = {&scene->report, &scene->overdues, &scene->strikes};
    const char *problem = NULL;

    assert_int_equal(gp_book_write(&book, "/nonexistent/book.xlsx", &problem), GP_EIO);
    assert_non_null(problem);
}

static void ceilings_hold(void **state)
{
    struct gp_assess_row row = {.unit = GP_SPAN("340705006"), .name = GP_SPAN("新城")};
    struct gp_assessment page = {.row = &row, .row_count = 1};
    struct gp_assess_case found = {1, GP_SPAN("340705006")};
    struct gp_entry entry = {.what = GP_WHAT_STRIKE, .subject = GP_SPAN("chen")};
    struct gp_overdues overdues;
    struct gp_strikes strikes;
    struct gp_report report;

    (void)state;
    gp_report_init(&report, 8);
    assert_int_equal(gp_report_add(&report, &page), GP_ENOMEM);
    gp_report_release(&report);
    gp_overdues_init(&overdues, 8);
    assert_int_equal(gp_overdues_add(&overdues, &found), GP_ENOMEM);
    assert_int_equal(overdues.count, 0);
    gp_overdues_release(&overdues);
    gp_strikes_init(&strikes, 3);
    assert_int_equal(gp_strikes_add(&strikes, &entry), GP_ENOMEM);
    assert_int_equal(strikes.count, 0);
    gp_strikes_release(&strikes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_incident_is_told_as_far_as_it_may_be_read, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_list_that_was_cut_says_so, set_up, tear_down),
        cmocka_unit_test_setup_teardown(strikes_are_of_the_period, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_long_notice_is_there_to_its_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_cannot_be_written_is_told, set_up, tear_down),
        cmocka_unit_test(ceilings_hold),
    };

    setenv("TZ", "CST-8", 1);
    return cmocka_run_group_tests_name("book", tests, NULL, NULL);
}
