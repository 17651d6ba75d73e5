/* Who is told: the chain of DOMAIN section 4, which post serves an area, notices that climb. */
#include "solo.h"

#include "core/ladder.h"
#include "core/post.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define DAY          "2026-06-01 10:00" /* a Monday: nobody is on duty */
#define NIGHT        "2026-06-01 23:00" /* community: zhang; street: zheng; district: zhu */
#define AWAY         "2026-06-01 00:00", "2026-06-03 00:00"
#define A_POST       "A-shizheng-340705006001"

/* ---------------------------------------------------------------- effective */

static const struct chain {
    const char *post, *when;
    const char *away[8]; /* on leave without a stand-in */
    const char *expect;  /* "person path"; "nobody" */
} chains[] = {
    {A_POST, DAY, {NULL}, "li holder"},
    {A_POST, NIGHT, {NULL}, "li holder"},
    {A_POST, DAY, {"li"}, "zhao cover"},
    {A_POST, NIGHT, {"li", "zhao"}, "zhang duty"},
    {A_POST, NIGHT, {"li", "zhao", "zhang"}, "zheng duty"},
    {A_POST, NIGHT, {"li", "zhao", "zhang", "zheng"}, "zhu duty"},
    {A_POST, DAY, {"li", "zhao"}, "wang superior"},
    {A_POST, DAY, {"li", "zhao", "wang"}, "qian superior"},
    {A_POST, DAY, {"li", "zhao", "wang", "qian"}, "sun superior"},
    {A_POST, DAY, {"li", "zhao", "wang", "qian", "sun"}, "zhou superior"},
    {A_POST, DAY, {"li", "zhao", "wang", "qian", "sun", "zhou"}, "nobody"},
    {"B-340705006001002", DAY, {"zhang"}, "li cover"},
    {"D2-340705006001", DAY, {"wang"}, "qian cover"},
    {"D2-340705006001", DAY, {"wang", "qian"}, "sun superior"}, /* qian is visited once */
    {"R-340705006001", DAY, {"sun"}, "wang superior"},
    {"F-SZ", DAY, {"chen"}, "chu cover"},
    {"F-SZ", DAY, {"chen", "chu"}, "wei superior"}, /* past K, whose holder is chu */
    {"F-SZ", DAY, {"chen", "chu", "wei"}, "jiang superior"},
    {"F-SZ", NIGHT, {"chen", "chu", "wei", "jiang"}, "zheng duty"},
    {"F-SZ", DAY, {"chen", "chu", "wei", "jiang"}, "nobody"},
    {"K-SZ", DAY, {"chu"}, "chen cover"},
    {"K-SZ", DAY, {"chu", "chen"}, "wei superior"}, /* never down to F */
    {"H2-SZ", DAY, {"wei"}, "jiang superior"},
    {"H-SZ", NIGHT, {"jiang"}, "zheng duty"},
    {"H-SZ", DAY, {"jiang"}, "nobody"},
    {"S1-340705006", NIGHT, {"zhou"}, "zheng duty"},
    {"S1-340705006", DAY, {"zhou"}, "qin superior"},
    {"S1-340705006", DAY, {"zhou", "qin"}, "nobody"},
    {"SK-340705006", DAY, {"zheng"}, "wu cover"},
    {"SK-340705006", DAY, {"zheng", "wu"}, "zhu superior"},
    {"SK-340705006", DAY, {"zheng", "wu", "zhu"}, "qin superior"},
    {"X-340705006", DAY, {"feng"}, "xu superior"},
    {"A-xiaofang-340705006001", DAY, {NULL}, "wang superior"}, /* vacant, no deputies */
};

static void expect_effective(const char *post, const char *grid, const char *when,
                             const char *expect)
{
    struct gp_effective found =
        gp_post_effective(&town.org, town_post(&town, post), town_area(&town, grid), town_at(when));
    char text[80] = "nobody";

    if (found.person != GP_NONE)
        (void)snprintf(text, sizeof text, "%.*s %s", GP_SPAN_ARG(town.persons[found.person].id),
                       gp_path_name(found.path));
    if (strcmp(text, expect) != 0)
        fail_msg("%s at %s: %s instead of %s", post, when, text, expect);
}

static void every_chain(void **state)
{
    for (size_t i = 0; i < COUNT(chains); i++) {
        solo_begin(state);
        for (size_t k = 0; k < 8 && chains[i].away[k] != NULL; k++)
            town_leave(&town, chains[i].away[k], NULL, AWAY);
        expect_effective(chains[i].post, TOWN_GRID, chains[i].when, chains[i].expect);
    }
}

static void leave_is_half_open(void **state)
{
    (void)state;
    town_leave(&town, "li", "wu", "2026-06-01 09:00", "2026-06-01 17:00");
    expect_effective(A_POST, TOWN_GRID, "2026-06-01 08:59:59", "li holder");
    expect_effective(A_POST, TOWN_GRID, "2026-06-01 09:00", "wu cover");
    expect_effective(A_POST, TOWN_GRID, "2026-06-01 16:59:59", "wu cover");
    expect_effective(A_POST, TOWN_GRID, "2026-06-01 17:00", "li holder");
}

static void leaves_that_do_not_count(void **state)
{
    (void)state;
    town_leave(&town, "li", "wu", AWAY);
    town.leaves[0].approved = false;
    expect_effective(A_POST, TOWN_GRID, DAY, "li holder");
    town.leaves[0].approved = true;
    expect_effective(A_POST, TOWN_GRID, DAY, "wu cover");
    town_leave(&town, "wu", NULL, AWAY); /* the stand-in is away, too: the post's deputies */
    expect_effective(A_POST, TOWN_GRID, DAY, "zhao cover");
}

static void holding_is_half_open(void **state)
{
    uint32_t post = town_post(&town, A_POST);

    (void)state;
    town_vacate(&town, A_POST);
    town_hold(&town, A_POST, "li", "2026-01-01 00:00", "2026-06-01 10:00");
    town_hold(&town, A_POST, "he", "2026-06-01 11:00", "2027-01-01 00:00");
    assert_false(gp_post_vacant(&town.org, post, town_at("2026-06-01 09:59:59")));
    assert_true(gp_post_vacant(&town.org, post, town_at("2026-06-01 10:00")));
    assert_false(gp_post_vacant(&town.org, post, town_at("2026-06-01 11:00")));
    expect_effective(A_POST, TOWN_GRID, "2026-06-01 09:59:59", "li holder");
    expect_effective(A_POST, TOWN_GRID, "2026-06-01 10:00", "zhao cover");
    expect_effective(A_POST, TOWN_GRID, "2026-06-01 11:00", "he holder");
}

/* Of two who hold a post the one who is present answers. */
static void two_holders(void **state)
{
    (void)state;
    town_hold(&town, A_POST, "he", "2026-01-01 00:00", "2027-01-01 00:00");
    expect_effective(A_POST, TOWN_GRID, DAY, "li holder");
    town_leave(&town, "li", "wu", AWAY);
    expect_effective(A_POST, TOWN_GRID, DAY, "he holder");
    town_leave(&town, "he", NULL, AWAY);
    expect_effective(A_POST, TOWN_GRID, DAY, "wu cover");
}

/* At most eight people are looked at; then the step falls through. */
static void eight_hops(void **state)
{
    static const char *const people[] = {"cao", "feng", "han", "he", "hua", "jin", "kong", "lv"};
    struct gp_post *post = &town.posts[town_post(&town, A_POST)];

    (void)state;
    town_leave(&town, "li", NULL, AWAY);
    post->deputy_count = 0;
    for (size_t i = 0; i < 6; i++)
        post->deputies[post->deputy_count++] = town_person(&town, people[i]);
    for (size_t i = 0; i < COUNT(people); i++)
        town_leave(&town, people[i], NULL, AWAY);
    expect_effective(A_POST, TOWN_GRID, DAY, "wang superior"); /* the eighth */
    post->deputies[post->deputy_count++] = town_person(&town, people[6]);
    expect_effective(A_POST, TOWN_GRID, DAY, "nobody");
}

/* A person is looked at once, however often they are named. */
static void visited_once(void **state)
{
    struct gp_post *post = &town.posts[town_post(&town, A_POST)];

    (void)state;
    town_leave(&town, "li", "li", AWAY);
    for (post->deputy_count = 0; post->deputy_count < GP_DEPUTIES_MAX; post->deputy_count++)
        post->deputies[post->deputy_count] = town_person(&town, "li");
    expect_effective(A_POST, TOWN_GRID, DAY, "wang superior");
}

/* "The post's community" is always the incident's: a field post covers several. */
static void duty_of_the_incident(void **state)
{
    (void)state;
    town_vacate(&town, A_POST);
    town.posts[town_post(&town, A_POST)].deputy_count = 0;
    expect_effective(A_POST, TOWN_GRID, NIGHT, "zhang duty");
    expect_effective(A_POST, TOWN_GRID_STREETLESS, NIGHT, "zhu duty");
    expect_effective(A_POST, TOWN_GRID_STREETLESS, DAY, "shi superior");
    expect_effective(A_POST, TOWN_GRID_BARE, DAY, "qin superior"); /* no community at all */
}

/* ---------------------------------------------------------------- duty */

static void expect_duty(const char *area, const char *when, const char *expect)
{
    uint32_t person = gp_duty_person(&town.org, town_area(&town, area), town_at(when));
    const char *found = person == GP_NONE ? "nobody" : town.persons[person].id.ptr;

    if (strcmp(found, expect) != 0)
        fail_msg("%s at %s: %s instead of %s", area, when, found, expect);
}

static void duty_hours(void **state)
{
    (void)state;
    expect_duty(TOWN_GRID, "2026-06-01 17:59:59", "nobody");
    expect_duty(TOWN_GRID, "2026-06-01 18:00", "zhang"); /* Monday evening */
    expect_duty(TOWN_GRID, "2026-06-02 07:59:59", "zhang");
    expect_duty(TOWN_GRID, "2026-06-02 08:00", "nobody");
    expect_duty(TOWN_GRID, "2026-06-06 07:59:59",
                "zhang"); /* Saturday: Friday's night, then all day */
    expect_duty(TOWN_GRID, "2026-06-06 12:00", "zhang");
    expect_duty(TOWN_GRID, "2026-06-08 00:00", "zheng"); /* Monday's small hours: no Sunday night */
    expect_duty(TOWN_STREET, "2026-06-01 20:00", "zheng");
    expect_duty(TOWN_STREET, "2026-06-06 12:00", "xu"); /* nearest ancestor with a roster then */
}

static void duty_intervals(void **state)
{
    (void)state;
    town_no_duty(&town);
    town_duty(&town, TOWN_STREET, "wu", "2026-06-01 08:00", "2026-06-02 08:00");
    expect_duty(TOWN_GRID, "2026-06-01 07:59:59", "nobody");
    expect_duty(TOWN_GRID, "2026-06-01 08:00", "wu");
    expect_duty(TOWN_GRID, "2026-06-02 07:59:59", "wu");
    expect_duty(TOWN_GRID, "2026-06-02 08:00", "nobody");
    town_leave(&town, "wu", NULL, "2026-06-01 12:00", "2026-06-01 13:00");
    expect_duty(TOWN_GRID, "2026-06-01 12:30", "nobody");
}

/* ---------------------------------------------------------------- which post */

static void expect_post(enum gp_post_kind kind, const char *grid, const char *line,
                        const char *department, const char *expect)
{
    uint32_t post = gp_post_of(&town.org, kind, town_area(&town, grid),
                               gp_org_line(&town.org, gp_span_of(line)),
                               gp_org_department(&town.org, gp_span_of(department)));
    const char *found = post == GP_NONE ? "none" : town.posts[post].id.ptr;

    assert_string_equal(found, expect);
}

static void which_post(void **state)
{
    (void)state;
    expect_post(GP_POST_A, TOWN_GRID, "shizheng", "SZ", A_POST);
    expect_post(GP_POST_A, TOWN_GRID_STREETLESS, "xiaofang", "XF", "A-xiaofang-340705402");
    expect_post(GP_POST_A, TOWN_GRID_STREETLESS, "gongyong", "GS", "none");
    expect_post(GP_POST_B, TOWN_GRID, "shizheng", "SZ", "B-340705006001002");
    expect_post(GP_POST_B, TOWN_GRID_BARE, "shizheng", "SZ", "none");
    expect_post(GP_POST_F, TOWN_GRID_STREETLESS, "shizheng", "XF", "F-XF");
    expect_post(GP_POST_F, TOWN_GRID_BARE, "shizheng", "SZ", "none");
    expect_post(GP_POST_K, TOWN_GRID_BARE, "shizheng", "SZ", "K-SZ");
    expect_post(GP_POST_D1, TOWN_GRID_STREETLESS, "shizheng", "SZ", "D1-340705402");
    expect_post(GP_POST_R, TOWN_GRID_BARE, "shizheng", "SZ", "none");
    expect_post(GP_POST_SK, TOWN_GRID, "shizheng", "SZ", "SK-340705006");
    expect_post(GP_POST_SK, TOWN_GRID_STREETLESS, "shizheng", "SZ", "SK-340705");
    expect_post(GP_POST_S2, TOWN_GRID_STREETLESS, "shizheng", "SZ", "none");
    expect_post(GP_POST_X, TOWN_GRID_BARE, "shizheng", "SZ", "X-340705");
    expect_post(GP_POST_Z, TOWN_GRID, "shizheng", "SZ", "none");
}

static void acts_for(void **state)
{
    static const struct {
        const char *person, *when;
        bool may;
    } rows[] = {
        {"li", DAY, true},    {"zhao", DAY, true},     {"wu", DAY, false},
        {"wang", DAY, false}, {"zhang", NIGHT, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_int_equal(gp_person_acts_for(&town.org, town_person(&town, rows[i].person),
                                            town_post(&town, A_POST), town_area(&town, TOWN_GRID),
                                            town_at(rows[i].when)),
                         rows[i].may);
    town_leave(&town, "li", NULL, AWAY);
    town_leave(&town, "zhao", NULL, AWAY); /* now whoever is found may act, a deputy still */
    assert_true(gp_person_acts_for(&town.org, town_person(&town, "zhang"), town_post(&town, A_POST),
                                   town_area(&town, TOWN_GRID), town_at(NIGHT)));
    assert_true(gp_person_acts_for(&town.org, town_person(&town, "zhao"), town_post(&town, A_POST),
                                   town_area(&town, TOWN_GRID), town_at(NIGHT)));
    assert_false(gp_person_acts_for(&town.org, town_person(&town, "li"), town_post(&town, A_POST),
                                    town_area(&town, TOWN_GRID), town_at(NIGHT)));
    assert_true(gp_person_listed(&town.org, town_person(&town, "li"), town_post(&town, A_POST),
                                 town_at(NIGHT)));
}

/* Of two who hold a post at once, each acts while present. */
static void two_holders_act(void **state)
{
    static const char *const holders[] = {"li", "wu"};

    (void)state;
    town_hold(&town, A_POST, "wu", TOWN_ALWAYS);
    for (int away = 0; away < 2; away++) {
        for (size_t i = 0; i < COUNT(holders); i++)
            assert_int_equal(gp_person_acts_for(&town.org, town_person(&town, holders[i]),
                                                town_post(&town, A_POST),
                                                town_area(&town, TOWN_GRID), town_at(DAY)),
                             i == 1 || !away);
        town_leave(&town, "li", NULL, AWAY);
    }
}

/* ---------------------------------------------------------------- first owner, vacancies */

static const char *first_owner(const char *grid, const char *category)
{
    static char text[GP_ID_BYTES_MAX + 1];
    void *state = NULL;

    play_begin(&play, &town);
    (void)state;
    assert_int_equal(play_report(&play, DAY, "zhang", grid, category), 0);
    (void)snprintf(text, sizeof text, "%.*s", GP_SPAN_ARG(play.incident.owner));
    return text;
}

static void first_owners(void **state)
{
    (void)state;
    assert_string_equal(first_owner(TOWN_GRID, "n4"), A_POST);
    assert_string_equal(first_owner(TOWN_GRID, "u1"), "F-GS"); /* the row says F */
    assert_string_equal(first_owner(TOWN_GRID_BARE, "n4"), "K-SZ");
    play.read = 2;
    play_expect(&play, "06-01 10:00 dispatched -> K-SZ due 06-01 16:00\n" /* nothing is vacant */
                       "06-01 10:00 dispatch: chu(K)\n");
    town_drop_post(&town, A_POST);
    assert_string_equal(first_owner(TOWN_GRID, "n4"), "F-SZ");
    town_drop_post(&town, "F-SZ");
    assert_string_equal(first_owner(TOWN_GRID, "n4"), "K-SZ");
    town_drop_post(&town, "K-SZ");
    assert_string_equal(first_owner(TOWN_GRID, "n4"), "H2-SZ");
    town_drop_post(&town, "H2-SZ");
    assert_string_equal(first_owner(TOWN_GRID, "n4"), "H-SZ");
    town_drop_post(&town, "H-SZ");
    assert_string_equal(first_owner(TOWN_GRID, "n4"), "D2-340705006001"); /* the territory */
}

static void vacant_after_vacant(void **state)
{
    (void)state;
    town_vacate(&town, A_POST);
    town_vacate(&town, "F-SZ");
    town_vacate(&town, "K-SZ");
    assert_string_equal(first_owner(TOWN_GRID, "n4"), "H2-SZ");
    play.read = 2;
    play_expect(&play, "06-01 10:00 vacant: qian(D1)\n"
                       "06-01 10:00 vacant: jiang(H)\n"
                       "06-01 10:00 vacant: jiang(H)\n"
                       "06-01 10:00 dispatched -> H2-SZ due 06-01 16:00\n"
                       "06-01 10:00 dispatch: wei(H2) zhang(B)\n");
}

/* An absent holder is not a vacancy: the post keeps the incident, the stand-in is told. */
static void absent_is_not_vacant(void **state)
{
    (void)state;
    town_leave(&town, "li", "wu", AWAY);
    assert_string_equal(first_owner(TOWN_GRID, "n4"), A_POST);
    play.read = 3;
    play_expect(&play, "06-01 10:00 dispatch: wu(A cover) zhang(B)\n");
}

static void vacant_once_a_day(void **state)
{
    (void)state;
    town_vacate(&town, A_POST);
    assert_int_equal(play_report(&play, "2026-06-01 23:30", "zhang", TOWN_GRID, "n4"), 0);
    assert_true(gp_span_is(play_last(&play, GP_WHAT_VACANT, GP_STEP_NONE)->vacant_post, A_POST));
    play.read = 4;
    play_begin(&play, &town);
    assert_int_equal(play_report(&play, "2026-06-01 23:30", "zhang", TOWN_GRID, "n4"), 0);
    play_skip(&play);
    play.reported = false; /* a second incident in the same journal */
    assert_int_equal(play_report(&play, "2026-06-01 23:59:59", "zhang", TOWN_GRID, "n4"), 0);
    for (size_t i = play.read; i < play.count; i++)
        assert_int_not_equal(play.journal[i].what, GP_WHAT_VACANT);
    play_skip(&play);
    play.reported = false;
    assert_int_equal(play_report(&play, "2026-06-02 00:00", "zhang", TOWN_GRID, "n4"), 0);
    assert_int_equal(play.journal[play.read + 2].what, GP_WHAT_VACANT);
}

/* At red a vacant field post is noted and passed over, in the same decision. */
static void vacant_at_red(void **state)
{
    (void)state;
    town_vacate(&town, "F-SZ");
    assert_string_equal(first_owner(TOWN_GRID, "n2"), A_POST);
    play_until(&play, "2026-06-01 11:36");
    play_skip(&play);
    play_until(&play, "2026-06-01 12:00");
    play_expect(&play, "06-01 12:00 vacant: jiang(H)\n"
                       "06-01 12:00 red: chu(K) qian(D1) wang(D2)\n"
                       "06-01 12:00 handover -> K-SZ\n");
    assert_true(gp_span_is(play.incident.assistant, A_POST));
}

/* ---------------------------------------------------------------- notices */

static const char *notice(uint32_t tells, bool urgent, bool acting_b, const char *when)
{
    static struct gp_recipient list[GP_RECIPIENTS_MAX];
    static char text[400];
    const struct gp_notice asked = {.tells = tells, .urgent = urgent, .acting_b = acting_b};
    uint8_t count = 0;
    size_t used = 0;

    gp_recipients(&town.org, &play.incident, play.incident.owner, &asked, town_at(when), list,
                  &count);
    text[0] = '\0';
    for (uint8_t i = 0; i < count; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%.*s(%s %s)", i > 0 ? " " : "",
                                 GP_SPAN_ARG(list[i].person), list[i].capacity,
                                 gp_path_name(list[i].path));
    return text;
}
#define TELL(word) (UINT32_C(1) << GP_TELL_##word)

static void one_notice_each(void **state)
{
    (void)state;
    assert_string_equal(first_owner(TOWN_GRID_SAME_AB, "n4"), A_POST);
    town_hold(&town, "R-340705006001", "wang", "2026-01-01 00:00", "2027-01-01 00:00");
    town_vacate(&town, "D1-340705006001");
    assert_string_equal(notice(TELL(OWNER) | TELL(B) | TELL(D1) | TELL(D2), false, false, DAY),
                        "li(A+B holder) wang(D1+D2 cover)");
    assert_string_equal(notice(0, false, false, DAY), "");
}

/* R5: D2 as acting B, or the next up who is another person. */
static void acting_b(void **state)
{
    const uint32_t tells = TELL(OWNER) | TELL(B);

    (void)state;
    assert_string_equal(first_owner(TOWN_GRID_SAME_AB, "n4"), A_POST);
    assert_string_equal(notice(tells, false, true, DAY), "li(A+B holder) wang(B superior)");
    town_vacate(&town, "D2-340705006001");
    town_hold(&town, "D2-340705006001", "li", TOWN_ALWAYS);
    assert_string_equal(notice(tells, false, true, DAY), "li(A+B holder) qian(B superior)");
    town_vacate(&town, "D1-340705006001");
    town_hold(&town, "D1-340705006001", "li", TOWN_ALWAYS);
    assert_string_equal(notice(tells, false, true, DAY), "li(A+B holder) sun(B superior)");
    assert_string_equal(first_owner(TOWN_GRID_SAME_AB, "u2"), A_POST);
    play.read = 3;
    play_expect(&play, "06-01 10:00 dispatch: li(A+B+D2) zhao(A cover) sun(B superior)\n");
}

/* Two posts that lead to one person only while a colleague is away count as one, too. */
static void same_person_by_cover(void **state)
{
    (void)state;
    assert_string_equal(first_owner(TOWN_GRID, "n4"), A_POST);
    assert_false(play.incident.same_ab);
    town_leave(&town, "zhang", NULL, AWAY); /* li covers the grid */
    assert_string_equal(first_owner(TOWN_GRID, "n4"), A_POST);
    assert_true(play.incident.same_ab);
    play.read = 3;
    play_expect(&play, "06-01 10:00 dispatch: li(A+B) wang(B superior)\n");
}

static void duty_when_urgent(void **state)
{
    (void)state;
    assert_string_equal(first_owner(TOWN_GRID_SAME_AB, "n4"), A_POST);
    assert_string_equal(notice(TELL(OWNER), true, false, DAY), "li(A holder)");
    assert_string_equal(notice(TELL(OWNER), true, false, NIGHT), "li(A holder) zhang(Z duty)");
    assert_string_equal(notice(TELL(OWNER), true, false, "2026-06-01 12:00"), /* lunch: no roster */
                        "li(A holder)");
    assert_string_equal(notice(TELL(OWNER), false, false, NIGHT), "li(A holder)");
    assert_string_equal(notice(TELL(SZ), false, false, NIGHT), "zheng(Z duty)");
}

static void next_deputy(void **state)
{
    struct gp_post *post = &town.posts[town_post(&town, A_POST)];

    (void)state;
    assert_string_equal(first_owner(TOWN_GRID, "n4"), A_POST);
    post->deputies[post->deputy_count++] = town_person(&town, "wu");
    assert_string_equal(notice(TELL(DEPUTY), false, false, DAY), "zhao(A cover)");
    town_leave(&town, "li", NULL, AWAY); /* zhao answers: the next one is wu */
    assert_string_equal(notice(TELL(OWNER) | TELL(DEPUTY), false, false, DAY),
                        "zhao(A cover) wu(A cover)");
    town_leave(&town, "zhao", NULL, AWAY);
    assert_string_equal(notice(TELL(OWNER) | TELL(DEPUTY), false, false, DAY), "wu(A cover)");
}

/* S is the desk, else the head of the street; a department its desk. */
static void parties(void **state)
{
    (void)state;
    assert_string_equal(first_owner(TOWN_GRID, "u1"), "F-GS");
    assert_string_equal(notice(TELL(ROW), false, false, DAY), "zheng(SK holder) han(K holder)");
    town_drop_post(&town, "SK-340705006");
    town_drop_post(&town, "SK-340705");
    assert_string_equal(notice(TELL(ROW), false, false, DAY), "zhou(S1 holder) han(K holder)");
}

/* A notice that ends empty goes to the next higher level, at the top to the nearest below. */
static void never_to_nobody(void **state)
{
    const uint32_t blue = TELL(H2) | TELL(R), orange = TELL(S1) | TELL(S2) | TELL(H);

    (void)state;
    assert_string_equal(first_owner(TOWN_GRID, "n4"), A_POST);
    town_drop_post(&town, "R-340705006001");
    assert_string_equal(notice(blue, false, false, DAY), "wei(H2 holder)");
    town_drop_post(&town, "H2-SZ");
    assert_string_equal(notice(blue, false, false, DAY), "zhou(S1 holder)");
    assert_string_equal(notice(blue, false, false, NIGHT), "zheng(Z duty)");
    town_drop_post(&town, "S1-340705006");
    town_drop_post(&town, "S2-340705006");
    town_drop_post(&town, "S1-340705");
    town_drop_post(&town, "H-SZ");
    assert_string_equal(notice(orange, false, false, DAY), "feng(X holder)");
    town_drop_post(&town, "X-340705006");
    town_drop_post(&town, "X-340705");
    assert_string_equal(notice(orange, false, false, NIGHT), "zheng(Z duty)");
    assert_string_equal(notice(TELL(X), false, false, DAY), "zheng(SK holder)");
}

/* Levels that an area does not have are skipped. */
static void missing_levels(void **state)
{
    (void)state;
    assert_string_equal(first_owner(TOWN_GRID_BARE, "n4"), "K-SZ");
    play.read = 3;
    play_until(&play, "2026-06-02 16:00");
    play_expect(&play, "06-01 10:00 dispatch: chu(K)\n"
                       "06-01 11:00 unaccepted: chen(K cover)\n"
                       "06-01 15:12 yellow: chu(K)\n"
                       "06-01 16:00 red: chu(K) jiang(H)\n"
                       "06-02 10:00 blue: wei(H2)\n"
                       "06-02 16:00 orange: qin(S1) jiang(H)\n");
    assert_string_equal(first_owner(TOWN_GRID_STREETLESS, "n4"), "A-shizheng-340705402");
    play.read = 3;
    play_until(&play, "2026-06-02 16:00");
    play_expect(&play, "06-01 10:00 dispatch: he(A) lv(B)\n"
                       "06-01 11:00 unaccepted: lv(A cover) shi(D2)\n"
                       "06-01 15:12 yellow: he(A) lv(B)\n"
                       "06-01 16:00 red: chen(F) kong(D1) shi(D2) chu(K)\n"
                       "06-01 16:00 handover -> F-SZ\n"
                       "06-02 10:00 blue: cao(R) wei(H2)\n"
                       "06-02 16:00 orange: qin(S1) jiang(H)\n");
}

/* A ladder may tell the department's field post. */
static void the_field_post_is_told(void **state)
{
    (void)state;
    town_rung(&town, "N", GP_STEP_YELLOW)->tells = UINT32_C(1) << GP_TELL_F;
    solo_report("2026-06-01 08:00", "n4");
    play_until(&play, "2026-06-01 11:12");
    const struct gp_entry *yellow = play_last(&play, GP_WHAT_STEP, GP_STEP_YELLOW);
    assert_int_equal(yellow->recipient_count, 1);
    assert_true(gp_span_is(yellow->recipient[0].person, "chen"));
    assert_string_equal(yellow->recipient[0].capacity, "F");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(every_chain, solo_begin),
        cmocka_unit_test_setup(leave_is_half_open, solo_begin),
        cmocka_unit_test_setup(leaves_that_do_not_count, solo_begin),
        cmocka_unit_test_setup(holding_is_half_open, solo_begin),
        cmocka_unit_test_setup(two_holders, solo_begin),
        cmocka_unit_test_setup(eight_hops, solo_begin),
        cmocka_unit_test_setup(visited_once, solo_begin),
        cmocka_unit_test_setup(duty_of_the_incident, solo_begin),
        cmocka_unit_test_setup(duty_hours, solo_begin),
        cmocka_unit_test_setup(duty_intervals, solo_begin),
        cmocka_unit_test_setup(which_post, solo_begin),
        cmocka_unit_test_setup(acts_for, solo_begin),
        cmocka_unit_test_setup(two_holders_act, solo_begin),
        cmocka_unit_test_setup(first_owners, solo_begin),
        cmocka_unit_test_setup(vacant_after_vacant, solo_begin),
        cmocka_unit_test_setup(absent_is_not_vacant, solo_begin),
        cmocka_unit_test_setup(vacant_once_a_day, solo_begin),
        cmocka_unit_test_setup(vacant_at_red, solo_begin),
        cmocka_unit_test_setup(one_notice_each, solo_begin),
        cmocka_unit_test_setup(acting_b, solo_begin),
        cmocka_unit_test_setup(same_person_by_cover, solo_begin),
        cmocka_unit_test_setup(duty_when_urgent, solo_begin),
        cmocka_unit_test_setup(next_deputy, solo_begin),
        cmocka_unit_test_setup(parties, solo_begin),
        cmocka_unit_test_setup(never_to_nobody, solo_begin),
        cmocka_unit_test_setup(missing_levels, solo_begin),
        cmocka_unit_test_setup(the_field_post_is_told, solo_begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
