/* duty: the card of the golden organisation, in both languages, by name in a grid, and as JSON. */
#include "tools/run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define CONFIG " --config " GP_SOURCE_DIR "/tests/golden/config"

static struct run *run;

static int set_up(void **state)
{
    *state = run = run_scene(sizeof *run);
    return 0;
}

static void check_contains(const char *part)
{
    if (strstr(run->out, part) == NULL)
        fail_msg("no \"%s\" in: %s", part, run->out);
}

static void a_card_says_who_what_and_by_when(void **state)
{
    (void)state;
    assert_int_equal(run_words(run, "duty i4" CONFIG), 0);
    assert_string_equal(run->out,
                        "Duty card i4 default\n"
                        "what                 i4\n"
                        "on the spot          no\n"
                        "private              no\n"
                        "residents told       yes, before it is closed\n"
                        "filing               at once, by itself\n"
                        "who answers          A post of line municipal works, else field post F of "
                        "municipal works\n"
                        "department           municipal works\n"
                        "limit                4 working h\n"
                        "policy               N\n"
                        "urgency              normal\n"
                        "department owes      the work from red on: field post F answers, else "
                        "desk K; the due stays\n"
                        "who is told\n"
                        "  dispatch     at once                                                the "
                        "owner, B grid officer, SK street desk or S1\n"
                        "  unaccepted   25 % of the limit, 2 working h at most                 the "
                        "owner's stand-in, D2 director\n"
                        "  yellow       80 % of the limit                                      the "
                        "owner, B grid officer\n"
                        "  red          when the limit passes                                  the "
                        "new owner, D1 secretary, D2 director, K department's desk\n"
                        "  blue         4 working h after the limit                            R "
                        "first responsibility, H2 deputy in charge\n"
                        "  orange       8 working h after the limit                            S1 "
                        "street head, S2 street head, H department's head\n"
                        "  card         24 working h after the limit                           X "
                        "supervision office; strike candidate: the owner\n"
                        "  repeat       every 8 working h, 10 times, then every 40 working h   X "
                        "supervision office\n");
}

static void a_chinese_card_is_aligned(void **state)
{
    (void)state;
    run->language = "zh_CN";
    assert_int_equal(run_words(run, "duty p4" CONFIG), 0);
    check_contains("明白表 p4 default\n"
                   "检查内容             类别p4\n"
                   "现场办结             否\n"
                   "涉及隐私             是\n"
                   "告知居民             否\n"
                   "立案方式             自动立案派遣\n"
                   "谁负责               市政设施条线的 A 岗，没有时为市政工程管理处下沉岗 F\n"
                   "部门                 市政工程管理处\n"
                   "时限                 4 工作小时\n");
    check_contains(
        "  派遣         立即                                                   责任岗、B "
        "岗网格员\n"
        "  未接单       时限的 25%，最多 2 工作小时                            "
        "责任岗的代岗人、D2 主任\n");
}

/* A department that answers from the start, parties that are told too, an urgent ladder. */
static void an_urgent_row_of_the_department(void **state)
{
    (void)state;
    assert_int_equal(run_words(run, "duty u1" CONFIG), 0);
    check_contains("who answers          field post F of water supply, else its desk K\n");
    check_contains("limit                1 h\n");
    check_contains("the work from the start; from red on its desk K answers, the due stays\n");
    check_contains("SK street desk or S1, desk K of fire and rescue, Z duty person, D2 director\n");
    check_contains("outside working hours Z duty person; strike candidate: the owner\n");
}

static void stages_have_a_ladder_each(void **state)
{
    (void)state;
    assert_int_equal(run_words(run, "duty s25" CONFIG), 0);
    check_contains("limit                2 h + 5 working d\n"
                   "working days         counted in the working hours of a day\n");
    check_contains("who is told in stage 1: 2 h, policy U\n  dispatch ");
    check_contains("who is told in stage 2: 5 working d, policy L\n  yellow1 ");
    assert_int_equal(run_words(run, "duty d3e" CONFIG), 0);
    check_contains("working days         to the end of the last day\n");
    assert_int_equal(run_words(run, "duty m4" CONFIG), 0);
    check_contains("filing               by the dispatcher\n");
}

static void each_condition_has_its_card(void **state)
{
    (void)state;
    assert_int_equal(run_words(run, "duty c" CONFIG), 0);
    check_contains("Duty card c broken\n");
    check_contains(
        "\n\nDuty card c missing\nwhat                 c\ncondition            missing\n");
    assert_int_equal(run_words(run, "duty c --condition missing" CONFIG), 0);
    assert_null(strstr(run->out, "broken"));
}

static void a_grid_brings_names(void **state)
{
    (void)state;
    assert_int_equal(run_words(run, "duty n4 --grid 340705006001001 --at 2026-06-15T09:00" CONFIG),
                     0);
    check_contains(
        "who is told in 340705006001001, reported 2026-06-15 09:00:00\n"
        "  step         time                person       post                       as       found "
        "as\n"
        "  dispatch     2026-06-15 09:00:00 李某         A-shizheng-340705006001    A+B      "
        "holder\n"
        "                                   王某         D2-340705006001            B        "
        "superior\n");
    assert_int_equal(run_words(run, "duty n4 --grid 340705006001" CONFIG), 3);
    assert_non_null(strstr(run->err, "unknown_area"));
}

static void json_is_one_object_a_card(void **state)
{
    (void)state;
    assert_int_equal(run_words(run, "duty u1 --json" CONFIG), 0);
    check_contains("{\"category\":\"u1\",\"condition\":\"default\",");
    check_contains("\"department\":{\"code\":\"GS\",");
    check_contains("\"first_owner\":\"F\",\"tell\":[\"S\",\"XF\"],");
    check_contains(
        "\"limit\":\"1uh\",\"wd_mode\":\"hours\",\"policy\":\"U\",\"stages\":[{\"stage\":1,"
        "\"limit\":\"1uh\",\"policy\":\"U\",\"steps\":[{\"step\":\"dispatch\",");
    check_contains("\"told\":[]}\n");
    assert_int_equal(
        run_words(run, "duty c --json --grid 340705006001001 --at 2026-06-15T09:00" CONFIG), 0);
    check_contains("\"told\":[{\"seq\":1,\"at\":\"2026-06-15T09:00:00+08:00\"");
    check_contains("\"name\":\"李某\"");
    check_contains("}]}\n{\"category\":\"c\",\"condition\":\"missing\",");
}

static void what_is_not_there_exits_2(void **state)
{
    (void)state;
    assert_int_equal(run_words(run, "duty nothing" CONFIG), 2);
    assert_string_equal(run->err, "gridpost: 'nothing' is not in catalogue.csv\n");
    assert_int_equal(run_words(run, "duty c --condition old" CONFIG), 2);
    assert_string_equal(run->out, "");
    assert_string_equal(run->err, "gridpost: 'c old' is not in catalogue.csv\n");
    assert_int_equal(run_words(run, "duty" CONFIG), 64);
    assert_int_equal(run_words(run, "duty n4 n8" CONFIG), 64);
    assert_int_equal(run_words(run, "duty nothing --config /nowhere/at/all"), 2);
    assert_string_equal(run->err, "gridpost: /nowhere/at/all is no configuration folder\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, run_end)
        T(a_card_says_who_what_and_by_when), T(a_chinese_card_is_aligned),
        T(an_urgent_row_of_the_department),  T(stages_have_a_ladder_each),
        T(each_condition_has_its_card),      T(a_grid_brings_names),
        T(json_is_one_object_a_card),        T(what_is_not_there_exits_2),
#undef T
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
