/* Gaps of one week, Monday 2026-11-23 00:00 to the next. */
#include "org/folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define MONDAY "2026-11-23T00:00+08:00"

/* The folder's gaps; release with gp_findings_release. */
static void find_gaps(struct folder *folder, struct gp_findings *gaps)
{
    struct loaded loaded;

    folder_load(folder, &loaded);
    assert_int_equal(loaded.rc, 0);
    gp_findings_init(gaps);
    assert_int_equal(gp_directory_coverage(loaded.org, at(MONDAY), gaps), 0);
    loaded_release(&loaded);
    folder_close(folder);
}

static bool has_gap(const struct gp_findings *gaps, const char *community, const char *says)
{
    for (size_t i = 0; i < gaps->count; i++) {
        const struct gp_finding *gap = &gaps->item[i];
        if (strcmp(gap->field, "area") == 0 && strcmp(gap->value, community) == 0 &&
            strstr(gap->problem, says) != NULL)
            return true;
    }
    findings_print(gaps);
    return false;
}

static void no_gaps(void **state)
{
    struct folder folder;
    struct gp_findings gaps;

    (void)state;
    folder_open(&folder);
    find_gaps(&folder, &gaps);
    findings_print(&gaps);
    assert_int_equal(gaps.count, 0);
    gp_findings_release(&gaps);
}

/* The fire line's only specialist ends on Wednesday, and its desk is empty. */
static void a_holding_ends(void **state)
{
    struct folder folder;
    struct gp_findings gaps;

    (void)state;
    folder_open(&folder);
    folder_edit(&folder, "org/holdings.csv", "zhang,2025-01-01,2026-12-31",
                "zhang,2025-01-01,2026-11-25");
    folder_edit(&folder, "org/holdings.csv", "K-XF,hu,2025-01-01,\n", "");
    find_gaps(&folder, &gaps);
    assert_int_equal(gaps.errors, 2); /* one for each community */
    assert_true(has_gap(&gaps, "340705006001",
                        "line xiaofang, department XF from 2026-11-26T00:00:00+08:00 to "
                        "2026-11-30T00:00:00+08:00 (2 grids, 1 catalogue rows, such as 03-01)"));
    assert_true(has_gap(&gaps, "340705006002", "(1 grids, 1 catalogue rows, such as 03-01)"));
    gp_findings_release(&gaps);
}

/* Another version from Wednesday on belongs to a line that nobody answers for; the one of next year
 * does not matter yet. */
static void a_version_begins(void **state)
{
    struct folder folder;
    struct gp_findings gaps;

    (void)state;
    folder_open(&folder);
    folder_edit(&folder, "org/lines.csv", "", "wuguan,无人管,,SZ\nwuren,无人,,SZ\n");
    folder_edit(&folder, "org/departments.csv", "", "WG,无人局,\n");
    folder_edit(&folder, "org/catalogue.csv", "",
                "01-10,default,垃圾,,,wuguan,WG,A,,,2wh,N,,,,,,,2026-11-25\n"
                "01-10,default,垃圾,,,wuren,WG,A,,,2wh,N,,,,,,,2027-01-01\n");
    find_gaps(&folder, &gaps);
    assert_int_equal(gaps.errors, 2);
    assert_true(has_gap(&gaps, "340705006001",
                        "line wuguan, department WG from 2026-11-25T00:00:00+08:00 to "
                        "2026-11-30T00:00:00+08:00 (2 grids, 1 catalogue rows, such as 01-10)"));
    gp_findings_release(&gaps);
}

/* A later holder closes the gap; a gap that opens and closes twice is said twice. */
static void a_gap_between_holdings(void **state)
{
    struct folder folder;
    struct gp_findings gaps;

    (void)state;
    folder_open(&folder);
    folder_edit(&folder, "org/holdings.csv", "zhang,2025-01-01,2026-12-31",
                "zhang,2025-01-01,2026-11-23");
    folder_edit(&folder, "org/holdings.csv", "K-XF,hu,2025-01-01,",
                "A-xiaofang-006,hu,2026-11-25T12:00,2026-11-26T12:00");
    find_gaps(&folder, &gaps);
    assert_int_equal(gaps.errors, 4);
    assert_true(has_gap(&gaps, "340705006001",
                        "from 2026-11-24T00:00:00+08:00 to 2026-11-25T12:00:00+08:00"));
    assert_true(has_gap(&gaps, "340705006001",
                        "from 2026-11-26T12:00:00+08:00 to 2026-11-30T00:00:00+08:00"));
    gp_findings_release(&gaps);
}

/*
 * The specialist is away from Friday evening to Monday; the street's duty person is there at night
 * on weekdays only, and nobody above answers.
 */
static void a_leave_beyond_the_roster(void **state)
{
    struct folder folder;
    struct gp_findings gaps;

    (void)state;
    folder_open(&folder);
    folder_edit(&folder, "org/holdings.csv", "K-XF,hu,2025-01-01,\n", "");
    folder_edit(&folder, "org/holdings.csv", "D2-001,wang,2025-01-01,\n", "");
    folder_edit(&folder, "org/leave.csv", "",
                "l9,zhang,2026-11-27T18:00,2026-11-30T08:00,,approved\n");
    folder_edit(&folder, "org/roster.csv",
                "340705006,hu,sat sun,00:00,24:00,2026-01-01,2026-12-31\n", "");
    find_gaps(&folder, &gaps);
    assert_int_equal(gaps.errors, 2);
    assert_true(has_gap(&gaps, "340705006002",
                        "line xiaofang, department XF from 2026-11-28T08:00:00+08:00 to "
                        "2026-11-30T00:00:00+08:00"));
    gp_findings_release(&gaps);
}

/* No roster at all: the gap is the leave, to the minute. */
static void a_leave_on_one_afternoon(void **state)
{
    struct folder folder;
    struct gp_findings gaps;

    (void)state;
    folder_open(&folder);
    folder_edit(&folder, "org/holdings.csv", "K-XF,hu,2025-01-01,\n", "");
    folder_edit(&folder, "org/holdings.csv", "D2-001,wang,2025-01-01,\n", "");
    folder_edit(&folder, "org/leave.csv", "",
                "l9,zhang,2026-11-24T14:30,2026-11-24T17:00,,approved\n");
    folder_remove(&folder, "org/roster.csv");
    find_gaps(&folder, &gaps);
    assert_int_equal(gaps.errors, 2);
    assert_true(has_gap(&gaps, "340705006001",
                        "from 2026-11-24T14:30:00+08:00 to 2026-11-24T17:00:00+08:00"));
    gp_findings_release(&gaps);
}

static void a_requested_leave_opens_no_gap(void **state)
{
    struct folder folder;
    struct gp_findings gaps;

    (void)state;
    folder_open(&folder);
    folder_edit(&folder, "org/holdings.csv", "K-XF,hu,2025-01-01,\n", "");
    folder_remove(&folder, "org/roster.csv");
    folder_edit(&folder, "org/leave.csv", "", "l9,zhang,2026-11-24,2026-11-25,,requested\n");
    find_gaps(&folder, &gaps);
    assert_int_equal(gaps.count, 0);
    gp_findings_release(&gaps);
}

/* Rows that share their chain are one finding; another first owner or department is another. */
static void rows_are_grouped(void **state)
{
    struct folder folder;
    struct gp_findings gaps;

    (void)state;
    folder_open(&folder);
    folder_edit(&folder, "org/catalogue.csv", "",
                "03-02,default,消防栓,hydrant,,xiaofang,XF,A,,low,4wh,N,,no,no,no,,\n"
                "03-03,default,烟花,fireworks,,xiaofang,XF,F,,low,4wh,N,,no,no,no,,\n");
    folder_edit(&folder, "org/holdings.csv", "A-xiaofang-006,zhang,2025-01-01,2026-12-31\n", "");
    folder_edit(&folder, "org/holdings.csv", "K-XF,hu,2025-01-01,\n", "");
    find_gaps(&folder, &gaps);
    assert_int_equal(gaps.errors, 4); /* two communities; first owner A and F */
    assert_true(has_gap(&gaps, "340705006001", "(2 grids, 2 catalogue rows, such as 03-01)"));
    assert_true(has_gap(&gaps, "340705006001", "(2 grids, 1 catalogue rows, such as 03-03)"));
    gp_findings_release(&gaps);
}

/* Nobody lives in a grid that has been merged or has not begun. */
static void grids_that_do_not_count(void **state)
{
    struct folder folder;
    struct gp_findings gaps;

    (void)state;
    folder_open(&folder);
    folder_edit(&folder, "org/areas.csv", "",
                "340705007,旧街道,street,,,,,\n340705007001,旧社区,community,,,,,\n"
                "340705007001001,旧网格,grid,240,,340705006001001,,\n"
                "340705007001002,未来网格,grid,240,,,2027-01-01,\n"
                "340705007001003,从前网格,grid,240,,,,2026-11-22\n");
    folder_edit(&folder, "org/holdings.csv", "K-SZ,zhou,2025-01-01,\n", "");
    find_gaps(&folder, &gaps);
    findings_print(&gaps);
    assert_int_equal(gaps.count, 0);
    gp_findings_release(&gaps);
}

/* A community that begins on Thursday needs nobody before. */
static void a_community_that_begins(void **state)
{
    struct folder folder;
    struct gp_findings gaps;

    (void)state;
    folder_open(&folder);
    folder_edit(&folder, "org/areas.csv", "",
                "340705008,新街道,street,,,,,\n340705008001,新社区,community,,,,,\n"
                "340705008001001,新网格,grid,240,,,2026-11-26,\n");
    folder_edit(&folder, "org/holdings.csv", "K-SZ,zhou,2025-01-01,\n", "K-SZ,zhou,2026-11-27,\n");
    find_gaps(&folder, &gaps);
    assert_true(has_gap(&gaps, "340705008001",
                        "line shizheng, department SZ from 2026-11-26T00:00:00+08:00 to "
                        "2026-11-27T00:00:00+08:00 (1 grids"));
    gp_findings_release(&gaps);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_gaps),
        cmocka_unit_test(a_holding_ends),
        cmocka_unit_test(a_version_begins),
        cmocka_unit_test(a_gap_between_holdings),
        cmocka_unit_test(a_leave_beyond_the_roster),
        cmocka_unit_test(a_leave_on_one_afternoon),
        cmocka_unit_test(a_requested_leave_opens_no_gap),
        cmocka_unit_test(rows_are_grouped),
        cmocka_unit_test(grids_that_do_not_count),
        cmocka_unit_test(a_community_that_begins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
