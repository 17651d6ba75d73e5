/* How far a right reaches: one scope at a time, in the town; and what decide asks of it. */
#include "core/permit.h"
#include "solo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NOON         "2026-06-01 11:00" /* a Monday on which nobody is on duty */
#define VERB         GP_VERB_NOTE
#define READ         GP_ACTION_QUERY

/* Nobody has any right but one: this action within one scope, for officers. */
static void only(int action, int reach)
{
    town_no_rights(&town);
    town_grant(&town, GP_ROLE_OFFICER, action, reach);
}

static struct gp_speaker speaker_at(const char *person, const char *when)
{
    return (struct gp_speaker){
        .org = &town.org,
        .person = gp_org_person(&town.org, gp_span_of(person)),
        .role = GP_ROLE_OFFICER,
        .now_ms = town_at(when),
    };
}

static struct gp_target place(const char *code)
{
    struct gp_target target = {0};

    assert_int_equal(gp_area_parse(gp_span_of(code), &target.area), 0);
    return target;
}

static bool may(const char *person, int action, struct gp_target target)
{
    struct gp_speaker speaker = speaker_at(person, NOON);
    return gp_permit(&speaker, action, &target);
}

/* Exactly these of the town's people may. */
static void just(int action, struct gp_target target, const char *const *people, size_t count)
{
    for (size_t i = 0; i < TOWN_PERSONS; i++) {
        const char *person = town.persons[i].id.ptr;
        bool listed = false;
        for (size_t j = 0; j < count; j++)
            listed = listed || strcmp(people[j], person) == 0;
        if (may(person, action, target) != listed)
            fail_msg("%s %s", person, listed ? "may not" : "may");
    }
}
#define JUST(action, target, ...)                                                                  \
    do {                                                                                           \
        static const char *const people[] = {__VA_ARGS__};                                         \
        just(action, target, people, COUNT(people));                                               \
    } while (0)
#define NOBODY(action, target) just(action, target, NULL, 0)

/* ---------------------------------------------------------------- default deny */

static void what_is_not_written_is_denied(void **state)
{
    struct gp_target here = place(TOWN_GRID);

    (void)state;
    town_no_rights(&town);
    NOBODY(VERB, here);
    only(VERB, GP_REACH_ALL);
    assert_true(may("cao", VERB, here));
    assert_false(may("cao", GP_VERB_ACCEPT, here));
    assert_false(may("cao", READ, here));
    assert_false(may("stranger", VERB, here));
    struct gp_speaker speaker = speaker_at("cao", NOON);
    town_grant(&town, GP_ROLE_LOCAL, VERB, GP_REACH_ALL); /* whatever a table might hold */
    for (int role = -1; role <= GP_ROLES_END; role++) {
        speaker.role = (uint8_t)role;
        assert_int_equal(gp_permit(&speaker, VERB, &here), role == GP_ROLE_OFFICER);
    }
    speaker.role = GP_ROLE_OFFICER;
    assert_false(gp_permit(&speaker, GP_ACTION_NONE, &here));
    assert_false(gp_permit(&speaker, GP_ACTIONS_END, &here));
    assert_false(gp_permit(&speaker, -1, &here));
}

/* Where nothing is said only `all` is wide enough. */
static void nothing_lies_nowhere(void **state)
{
    (void)state;
    for (int reach = GP_REACH_ALL; reach < GP_REACH_END; reach++) {
        only(READ, reach);
        assert_int_equal(may("li", READ, *GP_NO_TARGET), reach == GP_REACH_ALL);
        assert_int_equal(may("zheng", READ, *GP_NO_TARGET), reach == GP_REACH_ALL);
    }
}

/* ---------------------------------------------------------------- scopes */

static void in_the_street(void **state)
{
    (void)state;
    only(VERB, GP_REACH_STREET);
    /* its S1, S2, SK with a deputy, X; and the district's */
    JUST(VERB, place(TOWN_GRID), "zhou", "wu", "zheng", "feng", "qin", "zhu", "xu");
    JUST(VERB, place(TOWN_STREET), "zhou", "wu", "zheng", "feng", "qin", "zhu", "xu");
    JUST(VERB, place(TOWN_GRID_STREETLESS), "qin", "zhu", "xu");
    JUST(VERB, place("340705"), "qin", "zhu", "xu");
}

static void in_the_community(void **state)
{
    (void)state;
    only(VERB, GP_REACH_COMMUNITY);
    /* D1, D2, R, and the specialists of every line with their deputies. One line's post is vacant,
     * so whoever stands in for it counts: D2 does. */
    JUST(VERB, place(TOWN_GRID), "qian", "wang", "sun", "li", "zhang", "zhao");
    JUST(VERB, place(TOWN_COMMUNITY), "qian", "wang", "sun", "li", "zhang", "zhao");
    JUST(VERB, place(TOWN_GRID_STREETLESS), "kong", "shi", "cao", "he", "lv");
    NOBODY(VERB, place(TOWN_STREET));
    NOBODY(VERB, place(TOWN_GRID_BARE));
}

static void own_grids(void **state)
{
    (void)state;
    only(VERB, GP_REACH_OWN);
    JUST(VERB, place(TOWN_GRID_SAME_AB), "li", "zhao");
    JUST(VERB, place(TOWN_GRID), "zhang", "li");
    NOBODY(VERB, place(TOWN_COMMUNITY));
}

static void own_posts_and_reports(void **state)
{
    struct gp_target target = {.owner = GP_SPAN("A-shizheng-340705006001")};

    (void)state;
    only(VERB, GP_REACH_OWN);
    JUST(VERB, target, "li", "zhao");
    target = (struct gp_target){.assistant = GP_SPAN("K-SZ")};
    JUST(VERB, target, "chu", "chen");
    target = (struct gp_target){.reporter = GP_SPAN("cao")};
    JUST(VERB, target, "cao");
    target = (struct gp_target){.person = GP_SPAN("cao")};
    NOBODY(VERB, target);
    target = (struct gp_target){.owner = GP_SPAN("B-none"), .assistant = GP_SPAN("A")};
    NOBODY(VERB, target);
}

/* At night zhang answers for the community, zheng for the street and zhu for the district. */
static void hours_of_duty(void **state)
{
    static const char *const night = "2026-06-01 22:00";
    struct gp_target here = place(TOWN_GRID_SAME_AB), streetless = place(TOWN_GRID_STREETLESS);

    (void)state;
    only(VERB, GP_REACH_OWN);
    struct gp_speaker zhang = speaker_at("zhang", night), zheng = speaker_at("zheng", night);
    struct gp_speaker zhu = speaker_at("zhu", night);
    assert_true(gp_permit(&zhang, VERB, &here));
    assert_false(gp_permit(&zhang, VERB, &streetless));
    assert_true(gp_permit(&zheng, VERB, &here));
    assert_true(gp_permit(&zhu, VERB, &here));
    assert_true(gp_permit(&zhu, VERB, &streetless));
    zhang.now_ms = zheng.now_ms = town_at("2026-06-02 09:00");
    assert_false(gp_permit(&zhang, VERB, &here));
    assert_false(gp_permit(&zheng, VERB, &here));
}

static void in_the_department(void **state)
{
    struct gp_target target = {.department = GP_SPAN("SZ")};

    (void)state;
    only(VERB, GP_REACH_DEPARTMENT);
    JUST(VERB, target, "chen", "chu", "wei", "jiang");
    target.area = place(TOWN_GRID).area;
    JUST(VERB, target, "chen", "chu", "wei", "jiang");
    target.department = GP_SPAN("XX");
    NOBODY(VERB, target);
    NOBODY(VERB, place(TOWN_GRID));
}

static void oneself(void **state)
{
    struct gp_target target = {.person = GP_SPAN("li"), .reporter = GP_SPAN("cao")};

    (void)state;
    only(VERB, GP_REACH_SELF);
    JUST(VERB, target, "li");
}

/* ---------------------------------------------------------------- who is of a post */

/* A holder on leave sees what is the post's and does nothing; the stand-in does. */
static void on_leave(void **state)
{
    struct gp_target here = place(TOWN_GRID_SAME_AB);

    (void)state;
    town_leave(&town, "li", "cao", "2026-06-01 00:00", "2026-06-02 00:00");
    only(VERB, GP_REACH_OWN);
    JUST(VERB, here, "cao", "zhao");
    only(READ, GP_REACH_OWN);
    JUST(READ, here, "li", "cao", "zhao");
}

static void a_post_that_is_lost(void **state)
{
    (void)state;
    only(READ, GP_REACH_STREET);
    assert_true(may("feng", READ, place(TOWN_GRID)));
    town_vacate(&town, "X-340705006");
    assert_false(may("feng", READ, place(TOWN_GRID)));
}

/* What is filed under an old code belongs to who answers for it now. */
static void areas_that_were_merged(void **state)
{
    struct gp_area *old = &town.areas[town_area(&town, TOWN_GRID)];

    (void)state;
    only(VERB, GP_REACH_OWN);
    old->alias_of = town_area(&town, TOWN_GRID_STREETLESS);
    old->valid_to_ms = town_at("2026-06-01 00:00");
    JUST(VERB, place(TOWN_GRID), "lv", "he");
    only(VERB, GP_REACH_STREET);
    JUST(VERB, place(TOWN_GRID), "qin", "zhu", "xu");
}

/* A filter may be any run of digits: it lies where its whole range does. */
static void prefixes(void **state)
{
    (void)state;
    only(READ, GP_REACH_COMMUNITY);
    assert_true(may("wang", READ, place("34070500600100")));
    assert_true(may("wang", READ, place("340705006001")));
    assert_false(may("wang", READ, place("34070500600")));
    only(READ, GP_REACH_STREET);
    assert_true(may("zhou", READ, place("34070500600")));
    assert_false(may("zhou", READ, place("34070500")));
    assert_true(may("qin", READ, place("34070500")));
    assert_false(may("qin", READ, place("3407")));
    assert_false(may("qin", READ, place("99")));
}

/* ---------------------------------------------------------------- asks */

static void queries(void **state)
{
    struct gp_speaker li = speaker_at("li", NOON);
    struct gp_query query = {.open_only = true};

    (void)state;
    only(GP_ACTION_QUERY, GP_REACH_OWN);
    town_grant(&town, GP_ROLE_OFFICER, GP_ACTION_QUERY, GP_REACH_SELF);
    assert_false(gp_permit_query(&li, &query));
    query.area = place(TOWN_COMMUNITY).area;
    assert_false(gp_permit_query(&li, &query));
    query.post = GP_SPAN("A-shizheng-340705006001"); /* both must match: so it is own */
    assert_true(gp_permit_query(&li, &query));
    query = (struct gp_query){.person = GP_SPAN("li")};
    assert_true(gp_permit_query(&li, &query));
    query.person = GP_SPAN("zhang");
    assert_false(gp_permit_query(&li, &query));
    query = (struct gp_query){.area = place(TOWN_GRID_SAME_AB).area};
    assert_true(gp_permit_query(&li, &query));
    query = (struct gp_query){.department = GP_SPAN("SZ")};
    assert_false(gp_permit_query(&li, &query));
    town_grant(&town, GP_ROLE_OFFICER, GP_ACTION_QUERY, GP_REACH_DEPARTMENT);
    assert_false(gp_permit_query(&li, &query));
    li = speaker_at("jiang", NOON);
    assert_true(gp_permit_query(&li, &query));
}

static void incidents(void **state)
{
    struct gp_speaker li = speaker_at("li", NOON), he = speaker_at("he", NOON);

    (void)state;
    solo_report(NOON, "n4");
    only(GP_ACTION_INCIDENT, GP_REACH_OWN);
    assert_true(gp_permit_incident(&li, &play.incident));
    assert_false(gp_permit_incident(&he, &play.incident));
    assert_true(gp_permit_incident(&he, NULL)); /* is told that there is none */
    town_no_rights(&town);
    assert_false(gp_permit_incident(&he, NULL));
}

static void feeds(void **state)
{
    struct gp_speaker li = speaker_at("li", NOON);
    struct gp_feed_filter filter = {.incident = 7};

    (void)state;
    solo_report(NOON, "n4");
    only(GP_ACTION_FEED, GP_REACH_OWN);
    assert_false(gp_permit_feed(&li, &filter, NULL));
    assert_true(gp_permit_feed(&li, &filter, &play.incident));
    filter = (struct gp_feed_filter){.line = GP_SPAN("shizheng")};
    assert_false(gp_permit_feed(&li, &filter, NULL));
    filter.area = place(TOWN_GRID).area;
    assert_true(gp_permit_feed(&li, &filter, NULL));
    only(GP_ACTION_ESCALATIONS, GP_REACH_OWN);
    assert_false(gp_permit_feed(&li, &filter, NULL));
    filter.escalations = true;
    assert_true(gp_permit_feed(&li, &filter, NULL));
    only(GP_ACTION_FEED, GP_REACH_OWN); /* which has them, too */
    assert_true(gp_permit_feed(&li, &filter, NULL));
}

/* Figures, and the incidents behind one: of a whole area, or of a unit. */
static void assessments(void **state)
{
    struct gp_speaker li = speaker_at("li", NOON);
    struct gp_assess_ask ask = {.by = GP_BY_PERSON, .unit = GP_SPAN("li")};

    (void)state;
    only(GP_ACTION_ASSESS, GP_REACH_SELF);
    town_grant(&town, GP_ROLE_OFFICER, GP_ACTION_ASSESS, GP_REACH_OWN);
    assert_true(gp_permit_assess(&li, &ask));
    ask.unit = GP_SPAN(""); /* everybody's */
    assert_false(gp_permit_assess(&li, &ask));
    ask.unit = GP_SPAN("li");
    ask.figure = GP_FIGURE_OVERDUE;
    assert_true(gp_permit_assess(&li, &ask));
    ask.unit = GP_SPAN("zhang");
    assert_false(gp_permit_assess(&li, &ask));
    ask = (struct gp_assess_ask){.by = GP_BY_POST, .figure = GP_FIGURE_OVERDUE};
    ask.unit = GP_SPAN("A-shizheng-340705006001");
    assert_true(gp_permit_assess(&li, &ask));
    ask = (struct gp_assess_ask){.by = GP_BY_AREA, .area = place(TOWN_GRID).area};
    assert_true(gp_permit_assess(&li, &ask));
    ask.figure = GP_FIGURE_OVERDUE; /* those behind the figure of an area: it confines them */
    assert_true(gp_permit_assess(&li, &ask));
    ask.area = place(TOWN_GRID_STREETLESS).area;
    assert_false(gp_permit_assess(&li, &ask));
    ask = (struct gp_assess_ask){
        .by = GP_BY_DEPARTMENT, .unit = GP_SPAN("SZ"), .figure = GP_FIGURE_OVERDUE};
    only(GP_ACTION_ASSESS, GP_REACH_DEPARTMENT);
    li = speaker_at("chu", NOON);
    assert_true(gp_permit_assess(&li, &ask));
    ask.by = GP_BY_LINE; /* no department, whatever it is called */
    assert_false(gp_permit_assess(&li, &ask));
    ask.by = GP_BY_DEPARTMENT;
    ask.unit = GP_SPAN("XF");
    assert_false(gp_permit_assess(&li, &ask));
}

/* Of a person's leaves: oneself, the community's and street's, the department's. */
static void people_that_are_asked_about(void **state)
{
    static const struct {
        int reach;
        const char *by, *of;
        bool may;
    } cases[] = {
        {GP_REACH_SELF, "li", "li", true},
        {GP_REACH_SELF, "li", "zhang", false},
        {GP_REACH_COMMUNITY, "qian", "li", true},
        {GP_REACH_COMMUNITY, "qian", "he", false},
        {GP_REACH_STREET, "zheng", "li", true},
        {GP_REACH_STREET, "zheng", "he", false},
        {GP_REACH_DEPARTMENT, "jiang", "chen", true},
        {GP_REACH_DEPARTMENT, "jiang", "shen", false},
        {GP_REACH_SELF, "li", "", false},
        {GP_REACH_ALL, "li", "", true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct gp_speaker by = speaker_at(cases[i].by, NOON);
        struct gp_leaves_ask ask = {.person = gp_span_of(cases[i].of)};
        only(GP_ACTION_LEAVES, cases[i].reach);
        assert_int_equal(gp_permit_leaves(&by, &ask), cases[i].may);
    }
}

static void the_other_asks(void **state)
{
    struct gp_speaker zheng = speaker_at("zheng", NOON);

    (void)state;
    only(GP_ACTION_ROSTER, GP_REACH_STREET);
    assert_true(gp_permit_roster(&zheng, place(TOWN_COMMUNITY).area));
    assert_false(gp_permit_roster(&zheng, (struct gp_area_ref){0}));
    only(GP_ACTION_WHO, GP_REACH_STREET);
    assert_true(gp_permit_who(&zheng, GP_SPAN(TOWN_GRID)));
    assert_false(gp_permit_who(&zheng, GP_SPAN(TOWN_GRID_STREETLESS)));
    assert_false(gp_permit_who(&zheng, GP_SPAN("no code")));
    only(GP_ACTION_DEVICES, GP_REACH_SELF);
    assert_true(gp_permit_devices(&zheng, GP_SPAN("zheng")));
    assert_false(gp_permit_devices(&zheng, GP_SPAN("li")));
    assert_false(gp_permit_devices(&zheng, GP_SPAN("")));
}

/* ---------------------------------------------------------------- in decide */

static struct gp_decision decision;

static int decide(const char *person, uint8_t role, struct gp_scene scene,
                  struct gp_command command)
{
    const struct gp_device device = {
        .id = 3, .person = gp_span_of(person), .role = role, .state = GP_DEVICE_ACTIVE};

    scene.org = &town.org;
    scene.now_ms = town_at(NOON);
    scene.speaker = &device;
    scene.new_id = 9;
    scene.new_device_id = 4;
    command.actor = gp_span_of(person);
    command.by_device = 3;
    gp_decide(&scene, &command, &decision);
    return decision.reason;
}

static void decide_asks_first(void **state)
{
    const struct gp_scene with = {.incident = &play.incident};
    const struct gp_command note = {.verb = GP_VERB_NOTE, .incident = 7, .text = GP_SPAN("seen")};

    (void)state;
    solo_report("2026-06-01 10:00", "n4");
    assert_int_equal(decide("li", GP_ROLE_OFFICER, with, note), 0);
    only(GP_VERB_NOTE, GP_REACH_COMMUNITY);
    assert_int_equal(decide("li", GP_ROLE_OFFICER, with, note), 0);
    assert_int_equal(decide("he", GP_ROLE_OFFICER, with, note), GP_REASON_NO_RIGHT);
    assert_string_equal(decision.detail, "role officer: note reaches as far as: community");
    assert_int_equal(decide("li", GP_ROLE_READER, with, note), GP_REASON_NO_RIGHT);
    assert_string_equal(decision.detail, "role reader: note is none of its rights");
    assert_int_equal(decision.entry_count, 0);
}

/* The table narrows: a right in a place is not yet the post that is needed. */
static void posts_are_asked_behind_it(void **state)
{
    const struct gp_scene with = {.incident = &play.incident};
    const struct gp_command accept = {.verb = GP_VERB_ACCEPT, .incident = 7};

    (void)state;
    solo_report("2026-06-01 10:00", "n4");
    assert_int_equal(decide("he", GP_ROLE_OFFICER, with, accept), GP_REASON_NOT_OWNER);
    assert_int_equal(decide("li", GP_ROLE_OFFICER, with, accept), 0);
}

/* Whoever has the right somewhere is told that a thing is not there; who has it nowhere is not. */
static void what_is_not_there(void **state)
{
    const struct gp_scene nothing = {0};

    (void)state;
    town_no_rights(&town);
    town_grant(&town, GP_ROLE_OFFICER, GP_VERB_NOTE, GP_REACH_OWN);
    town_grant(&town, GP_ROLE_OFFICER, GP_VERB_APPROVE, GP_REACH_COMMUNITY);
    town_grant(&town, GP_ROLE_OFFICER, GP_VERB_REVOKE, GP_REACH_SELF);
    town_grant(&town, GP_ROLE_OFFICER, GP_VERB_REPORT, GP_REACH_OWN);
    static const struct {
        uint8_t verb;
        int reason;
    } cases[] = {
        {GP_VERB_NOTE, GP_REASON_UNKNOWN_INCIDENT}, {GP_VERB_ACCEPT, GP_REASON_NO_RIGHT},
        {GP_VERB_APPROVE, GP_REASON_UNKNOWN_LEAVE}, {GP_VERB_REJECT, GP_REASON_NO_RIGHT},
        {GP_VERB_REVOKE, GP_REASON_UNKNOWN_DEVICE}, {GP_VERB_CONFIRM, GP_REASON_NO_RIGHT},
        {GP_VERB_REPORT, GP_REASON_NO_RIGHT},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct gp_command command = {.verb = cases[i].verb, .grid = GP_SPAN("340799001001001")};
        assert_int_equal(decide("li", GP_ROLE_OFFICER, nothing, command), cases[i].reason);
    }
}

/* A bridge gives nobody more than the posts of the person that it speaks for. */
static void a_bridge(void **state)
{
    const struct gp_device bridge = {
        .id = 3, .person = GP_SPAN("zhou"), .role = GP_ROLE_BRIDGE, .state = GP_DEVICE_ACTIVE};
    struct gp_scene scene = {
        .org = &town.org, .now_ms = town_at(NOON), .speaker = &bridge, .new_id = 9};
    struct gp_command report = {
        .verb = GP_VERB_REPORT, .grid = GP_SPAN(TOWN_GRID), .category = GP_SPAN("n4")};

    (void)state;
    town_no_rights(&town);
    town_grant(&town, GP_ROLE_BRIDGE, GP_VERB_REPORT, GP_REACH_STREET);
    town_grant(&town, GP_ROLE_BRIDGE, GP_VERB_REPORT, GP_REACH_OWN);
    report.actor = GP_SPAN("zhang");
    gp_decide(&scene, &report, &decision);
    assert_int_equal(decision.reason, GP_REASON_NONE);
    report.actor = GP_SPAN("he");
    gp_decide(&scene, &report, &decision);
    assert_int_equal(decision.reason, GP_REASON_NO_RIGHT);
}

/* Each command about people lies where the person, or the post, belongs. */
static void people_and_devices(void **state)
{
    const struct gp_leave_record leave = {.id = 1,
                                          .person = GP_SPAN("li"),
                                          .state = GP_LEAVE_REQUESTED,
                                          .from_ms = town_at("2026-06-10 00:00"),
                                          .to_ms = town_at("2026-06-11 00:00")};
    const struct gp_device pending = {
        .id = 5, .person = GP_SPAN("li"), .role = GP_ROLE_OFFICER, .state = GP_DEVICE_PENDING};
    const struct gp_scene with = {.leave = &leave, .device = &pending};
    const struct gp_command base = {.person = GP_SPAN("li"),
                                    .role = GP_ROLE_OFFICER,
                                    .post = GP_SPAN("B-340705006001001"),
                                    .leave = 1,
                                    .device_id = 5};
    static const uint8_t verbs[] = {GP_VERB_LEAVE,   GP_VERB_APPROVE, GP_VERB_REJECT,
                                    GP_VERB_CANCEL,  GP_VERB_HOLD,    GP_VERB_INVITE,
                                    GP_VERB_CONFIRM, GP_VERB_REVOKE};

    (void)state;
    for (size_t i = 0; i < COUNT(verbs); i++) {
        struct gp_command command = base;
        command.verb = verbs[i];
        only(verbs[i], GP_REACH_COMMUNITY);
        assert_int_not_equal(decide("qian", GP_ROLE_OFFICER, with, command), GP_REASON_NO_RIGHT);
        assert_int_equal(decide("kong", GP_ROLE_OFFICER, with, command), GP_REASON_NO_RIGHT);
        only(verbs[i], GP_REACH_SELF);
        assert_int_equal(decide("li", GP_ROLE_OFFICER, with, command) != GP_REASON_NO_RIGHT,
                         verbs[i] != GP_VERB_HOLD);
        assert_int_equal(decide("qian", GP_ROLE_OFFICER, with, command), GP_REASON_NO_RIGHT);
    }
    only(GP_VERB_ROTATE, GP_REACH_STREET); /* the server's key lies nowhere */
    const struct gp_command rotate = {.verb = GP_VERB_ROTATE, .result = GP_RESULT_YES};
    assert_int_equal(decide("qin", GP_ROLE_OFFICER, with, rotate), GP_REASON_NO_RIGHT);
}

/* What gridpost does itself is nobody's right, whatever a table says. */
static void join_and_enrol(void **state)
{
    (void)state;
    assert_int_equal(gp_action_parse(GP_SPAN("join")), GP_ACTION_NONE);
    assert_int_equal(gp_action_parse(GP_SPAN("enrol")), GP_ACTION_NONE);
    for (int action = 1; action < GP_ACTIONS_END; action++) {
        const char *name = gp_action_name(action);
        if (strcmp(name, "?") != 0 && action != GP_VERB_JOIN && action != GP_VERB_ENROL)
            assert_int_equal(gp_action_parse(gp_span_of(name)), action);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup(name, solo_begin)
        T(what_is_not_written_is_denied),
        T(nothing_lies_nowhere),
        T(in_the_street),
        T(in_the_community),
        T(own_grids),
        T(own_posts_and_reports),
        T(hours_of_duty),
        T(in_the_department),
        T(oneself),
        T(on_leave),
        T(a_post_that_is_lost),
        T(areas_that_were_merged),
        T(prefixes),
        T(queries),
        T(incidents),
        T(feeds),
        T(assessments),
        T(people_that_are_asked_about),
        T(the_other_asks),
        T(decide_asks_first),
        T(posts_are_asked_behind_it),
        T(what_is_not_there),
        T(a_bridge),
        T(people_and_devices),
        T(join_and_enrol),
#undef T
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
