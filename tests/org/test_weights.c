/* assess.yaml: the sample is the defaults, values are taken, mistakes name their line. */
#include "org/folder.h"

#include "base/error.h"
#include "org/weights.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define FILE_NAME "assess.yaml"

static struct gp_findings findings;
static struct gp_weighing weighing;

static int load(const char *text)
{
    struct folder folder;
    char path[4096];

    folder_open(&folder);
    folder_put(&folder, FILE_NAME, text, strlen(text));
    (void)snprintf(path, sizeof path, "%s/" FILE_NAME, folder.path);
    gp_findings_release(&findings);
    gp_findings_init(&findings);
    int rc = gp_weighing_load(path, &findings, &weighing);
    folder_close(&folder);
    return rc;
}

static struct gp_entered entered(const char *unit, int year)
{
    struct gp_span veto;
    return gp_weighing_entered(&weighing, gp_span_of(unit), year, &veto);
}

static void refused(const char *text, unsigned line, const char *problem)
{
    assert_int_equal(load(text), GP_ECONFIG);
    assert_true(findings.count > 0);
    assert_int_equal(findings.item[0].line, line);
    assert_string_equal(findings.item[0].problem, problem);
}

static void the_sample_is_the_defaults(void **state)
{
    struct gp_weighing defaults;

    (void)state;
    gp_findings_init(&findings);
    assert_int_equal(gp_weighing_load(GP_SOURCE_DIR "/config/assess.yaml", &findings, &weighing),
                     0);
    assert_int_equal(findings.count, 0);
    gp_weighing_defaults(&defaults);
    assert_memory_equal(&weighing.weights, &defaults.weights, sizeof defaults.weights);
    assert_int_equal(weighing.unit_count, 0);
    gp_weighing_release(&weighing);
    gp_weighing_release(&defaults);
}

static void values_are_taken(void **state)
{
    struct gp_span veto;

    (void)state;
    assert_int_equal(load("weights: {accept: 1, finish: 0, coverage: 5}\n"
                          "parts: {basic: 60, highlights: 30, review: 10}\n"
                          "coverage_target: 3.5\n"
                          "last_years: 2\n"
                          "units:\n"
                          "  \"340705402\":\n"
                          "    highlights: 85\n"
                          "    review: 90.5\n"
                          "    bonus: 1.25\n"
                          "    veto: a grave accident\n"
                          "    last_in: [2024, 2025, 2022]\n"
                          "  li: {review: 100.00}\n"),
                     0);
    assert_int_equal(weighing.weights.rate[GP_RATE_ACCEPT], 1);
    assert_int_equal(weighing.weights.rate[GP_RATE_FINISH], 0);
    assert_int_equal(weighing.weights.rate[GP_RATE_QUALITY], 20); /* as before */
    assert_int_equal(weighing.weights.highlights, 30);
    assert_int_equal(weighing.weights.coverage_target, 350);
    assert_int_equal(weighing.weights.last_years, 2);
    assert_int_equal(entered("340705402", 2026).highlights, 8500);
    assert_int_equal(entered("340705402", 2026).review, 9050);
    assert_int_equal(entered("340705402", 2026).bonus, 125);
    assert_true(entered("340705402", 2026).veto);
    assert_int_equal(entered("li", 2026).review, GP_POINTS);
    assert_false(entered("li", 2026).veto);
    assert_int_equal(entered("nobody", 2026).review, 0);
    (void)gp_weighing_entered(&weighing, GP_SPAN("340705402"), 2026, &veto);
    assert_true(gp_span_is(veto, "a grave accident"));
    gp_weighing_release(&weighing);
}

static void an_empty_file_is_the_defaults(void **state)
{
    struct gp_weighing defaults;

    (void)state;
    assert_int_equal(load(""), 0);
    assert_int_equal(findings.count, 0);
    gp_weighing_defaults(&defaults);
    assert_memory_equal(&weighing.weights, &defaults.weights, sizeof defaults.weights);
    gp_weighing_release(&weighing);
    gp_weighing_release(&defaults);
}

static void years_count_only_when_they_run_on(void **state)
{
    (void)state;
    assert_int_equal(load("units: {a: {last_in: [2024, 2025, 2022]}, b: {last_in: 2025}}\n"), 0);
    assert_int_equal(entered("a", 2026).last_running, 2);
    assert_int_equal(entered("a", 2025).last_running, 1);
    assert_int_equal(entered("a", 2024).last_running, 0);
    assert_int_equal(entered("a", 2023).last_running, 1);
    assert_int_equal(entered("b", 2026).last_running, 1);
    gp_weighing_release(&weighing);
}

static void mistakes_name_their_line(void **state)
{
    (void)state;
    refused("weights:\n  accept: many\n", 2, "not a whole number of this key");
    refused("weights: {accept: 0, finish: 0, quality: 0, duty: 0, coverage: 0}\n", 1,
            "no rate weighs anything");
    refused("parts:\n  basic: 80\n", 2, "basic, highlights and review are not 100 together");
    refused("wieghts: {}\n", 1, "unknown key");
    refused("units:\n  a:\n    review: 100.01\n", 3, "not a number of this key");
    refused("units:\n  a:\n    review: 90.123\n", 3, "not a number of this key");
    refused("units:\n  a:\n    last_in: [25]\n", 3, "not a year");
    refused("units:\n  a:\n    last_in: [2O25]\n", 3, "not a year");
    refused("units:\n  a:\n    review: x\n", 3, "not a number of this key");
    refused("units:\n  a:\n    review: 90.x\n", 3, "not a number of this key");
    refused("units:\n  a:\n    review: \"\"\n", 3, "not a number of this key");
    refused("units:\n  - a\n", 2, "expected key: value lines here");
    refused("units:\n  a: {review: 1}\n  a: {review: 2}\n", 3, "the unit is there twice");
    refused("coverage_target: 0\n", 1, "coverage_target and last_years are more than 0");
    refused("last_years: 100\n", 1, "not a whole number of this key");
    refused("last_years: 0\n", 1, "coverage_target and last_years are more than 0");
}

static void a_missing_file_is_said_so(void **state)
{
    (void)state;
    assert_int_equal(gp_weighing_load("/nonexistent/assess.yaml", &findings, &weighing),
                     GP_ENOTFOUND);
}

static int tear_down(void **state)
{
    (void)state;
    gp_findings_release(&findings);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sample_is_the_defaults),
        cmocka_unit_test(values_are_taken),
        cmocka_unit_test(an_empty_file_is_the_defaults),
        cmocka_unit_test(years_count_only_when_they_run_on),
        cmocka_unit_test(mistakes_name_their_line),
        cmocka_unit_test(a_missing_file_is_said_so),
    };
    return cmocka_run_group_tests_name("weights", tests, NULL, tear_down);
}
