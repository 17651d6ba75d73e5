/* rehearse on scenarios that cannot be played: each mistake is said with its line and what would
 * do. */
#include "tools/run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static struct run run;

static int set_up(void **state)
{
    (void)state;
    run_init(&run);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    run_clear(&run);
    return 0;
}

static void play_text(const char *text)
{
    char path[128];
    FILE *file;

    (void)snprintf(path, sizeof path, "%s/one.scenario", run.folder);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    const char *const arguments[] = {"rehearse", "--config", GP_TEST_CONFIG, path, NULL};
    (void)run_arguments(&run, arguments);
    assert_int_equal(remove(path), 0);
}

/* Plays a report and then one more line. */
static void play(const char *line)
{
    char text[1024];

    (void)snprintf(text, sizeof text,
                   "2026-10-12T09:00+08:00 report r1 grid=340705006001001 category=n8 by=zhang\n"
                   "2026-10-12T09:30+08:00 %s\n"
                   "2026-10-12T10:00+08:00 end\n",
                   line);
    play_text(text);
}

#define T9  "2026-10-12T09:00+08:00 "
#define T10 "2026-10-12T10:00+08:00 "

/* What is wrong with the file, before anything is played. */
static void what_is_no_scenario_is_refused(void **state)
{
    static const struct {
        const char *text, *line, *says;
    } cases[] = {
        {"", ".scenario:", "the last line must be TIME end"},
        {"# nothing yet\n\n", ".scenario:2: ", "the last line must be TIME end"},
        {T9 "crash\n", ".scenario:1: ", "the last line must be TIME end"},
        {"today end\n", ".scenario:1: ", "'today' is no time: write it as"},
        {T9 "\n", ".scenario:1: ", "the verb is missing behind the time"},
        {T9 "crash\n\n" T9 "end\n" T10 "crash\n", ".scenario:4: ", "nothing may follow 'end'"},
        {T10 "crash\n" T9 "end\n", ".scenario:2: ", "time goes back"},
        {T9 "accept r1 by\n" T10 "end\n", ".scenario:1: ", "expected key=value at 'by'"},
        {T9 "accept r1 by li\n" T10 "end\n", ".scenario:1: ", "expected key=value at 'by'"},
        {T9 "accept r1 =li\n" T10 "end\n", ".scenario:1: ", "expected key=value at ''"},
        {T9 "note r1 text=\"a hole\n" T10 "end\n", ".scenario:1: ", "closing quote is missing"},
        {T9 "note r1 a= b= c= d= e= f= g= h= i= j= k= l= m= n= o= p= q=\n" T10 "end\n",
         ".scenario:1: ", "more than 16 keys"},
        {T9 "note r1 text=\xB0\xA1\n" T10 "end\n", ".scenario:", "the file is not UTF-8"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        play_text(cases[i].text);
        if (run.code != 1 || strstr(run.err, cases[i].line) == NULL ||
            strstr(run.err, cases[i].says) == NULL)
            fail_msg("\"%s\" says %d: %s", cases[i].text, run.code, run.err);
    }
}

/* As an editor of another system leaves it. */
static void blanks_and_line_ends_do_not_count(void **state)
{
    (void)state;
    play_text("# a morning\r\n\r\n"
              "\t" T9 "\treport   r1\tgrid=340705006001001 category=n8 by=zhang "
              "text=\"a hole\"  \r\n" T10 "end");
    assert_int_equal(run.code, 0);
    assert_non_null(strstr(run.out, "\"incident\":\"r1\""));
}

static void a_mistake_is_said_with_its_line(void **state)
{
    static const struct {
        const char *line, *says;
    } cases[] = {
        {"juggle r1 by=li", "there is no verb 'juggle': report file accept"},
        {"assess by=grid from=2026-10-12 to=2026-10-13", "assess does not know by=grid: by from"},
        {"assess by=post from=2026-10-12", "assess needs by=area|post|person|department|line"},
        {"assess by=post from=2026-10-12 to=2026-10-12", "and a later to="},
        {"accept r2 by=li", "no report has the label 'r2'"},
        {"accept r1 by=li hours=8", "accept does not know the key 'hours': by text reason version"},
        {"accept r1 who=li", "accept does not know the key 'who'"},
        {"void r1 by=zheng text=test reason=test", "reason=test: the text is given already"},
        {"accept r1 by=li version=千里之行始于足下千里之行始于足下千里之行",
         "version=千里之行始于足下千里之行始于足下千里之行: a number"},
        {"accept r1 by=li version=a千里之行始于足下千里之行始于足下千里之行",
         "version=a千里之行始于足下千里之行始于足下千里之: a number"},
        {"verify r1 by=zheng result=good", "result=good: pass or fail"},
        {"rule r1 by=zheng result=pass", "result=pass: accept or refuse"},
        {"return r1 by=li reason=lazy", "reason=lazy: wrong_line wrong_area"},
        {"extend r1 by=li hours=", "hours=nothing: a number from 1 on"},
        {"suspend r1 by=zheng until=later", "until=later: a time such as"},
        {"link r1 by=zheng to=r9", "to=r9: no such incident"},
        {"deliver r1 by=li seq=4 state=lost", "state=lost: delivered failed acknowledged"},
        {"report r1 grid=340705006001001 category=n8 by=li", "the label r1 is used already"},
        {"report r2 grid=340705006001001 category=n8 by=li lat=30.9", "lat= and lon= go together"},
        {"report r2 grid=340705006001001 category=n8 by=li lat=91 lon=1", "degrees from -90 to 90"},
        {"report r2 grid=340705006001001 category=n8 by=li on_spot=1", "on_spot=1: yes or no"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        play(cases[i].line);
        assert_int_equal(run.code, 1);
        if (strstr(run.err, ".scenario:2: ") == NULL || strstr(run.err, cases[i].says) == NULL)
            fail_msg("\"%s\" says: %s", cases[i].line, run.err);
    }
}

static void a_guard_is_kept(void **state)
{
    (void)state;
    play("accept r1 by=li version=99");
    assert_int_equal(run.code, 0);
    assert_non_null(strstr(run.out, "\"reason\":\"version\""));
}

static void a_residents_phone_is_not_printed(void **state)
{
    (void)state;
    play("report r2 grid=340705006001001 category=n4 by=li phone=0562-777");
    assert_int_equal(run.code, 0);
    assert_non_null(strstr(run.out, "\"incident\":\"r2\""));
    assert_null(strstr(run.out, "0562-777"));
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(what_is_no_scenario_is_refused),   T(blanks_and_line_ends_do_not_count),
        T(a_mistake_is_said_with_its_line),  T(a_guard_is_kept),
        T(a_residents_phone_is_not_printed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
