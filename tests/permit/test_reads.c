/*
 * Every read of every role and person, by every filter, against the model; and what the sample's
 * table must say whatever an office makes of it.
 */
#include "core/permit.h"
#include "permit/cast.h"
#include "permit/life.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---------------------------------------------------------------- what the sample's table must say
 */

static bool is_read(int action)
{
    return action >= GP_ACTION_READS && action != GP_ACTION_CLOCK;
}

static unsigned reach_of(enum gp_role role, int action)
{
    return life_org()->rights.reach[role][action];
}

/* Whatever else an office changes: these lines separate who writes from who looks on, and who lets
 * devices in from who works with them. */
static void the_sample_keeps_duties_apart(void **state)
{
    const unsigned own = 1U << GP_REACH_OWN, self = 1U << GP_REACH_SELF, all = 1U << GP_REACH_ALL;

    (void)state;
    for (int action = 1; action < GP_ACTIONS_END; action++) {
        bool device = action >= GP_VERB_INVITE && action <= GP_VERB_ENROL;
        if (!is_read(action)) /* reads all, writes nothing; a backup never leaves the machine */
            assert_int_equal(reach_of(GP_ROLE_AUDITOR, action), 0);
        else if (strcmp(gp_action_name(action), "?") != 0)
            assert_int_equal(reach_of(GP_ROLE_AUDITOR, action), all);
        for (int role = GP_ROLE_OFFICER; role < GP_ROLES_END; role++) {
            bool never = action == GP_VERB_JOIN || action == GP_VERB_ENROL;
            if (never || ((device || action == GP_ACTION_CLOCK) && role != GP_ROLE_ADMIN))
                assert_int_equal(reach_of((enum gp_role)role, action), 0);
        }
        if (action < GP_ACTION_READS) /* an officer's hands reach no further than the own work */
            assert_int_equal(reach_of(GP_ROLE_OFFICER, action) & ~(own | self), 0);
    }
    assert_int_equal(reach_of(GP_ROLE_OFFICER, GP_VERB_REPORT), own);
    assert_int_equal(reach_of(GP_ROLE_DISPATCHER, GP_VERB_ERASE), 0);
    assert_int_equal(reach_of(GP_ROLE_READER, GP_VERB_NOTE), 0);
    assert_int_equal(reach_of(GP_ROLE_ADMIN, GP_VERB_ACCEPT), 0);
}

/* R17 and R18 are for everybody who works here. */
static void everybody_speaks_for_themselves(void **state)
{
    static const enum gp_verb verbs[] = {GP_VERB_LEAVE, GP_VERB_CANCEL, GP_VERB_APPEAL,
                                         GP_VERB_DELIVER};
    const unsigned self = 1U << GP_REACH_SELF | 1U << GP_REACH_ALL;

    (void)state;
    for (int role = GP_ROLE_OFFICER; role < GP_ROLES_END; role++) {
        bool writes = role != GP_ROLE_AUDITOR && role != GP_ROLE_BRIDGE;
        for (size_t j = 0; writes && j < COUNT(verbs); j++)
            assert_int_not_equal(reach_of((enum gp_role)role, verbs[j]) & self, 0);
    }
}

/* ---------------------------------------------------------------- reads */

static struct gp_speaker speaker_of(const char *person, enum gp_role role)
{
    return (struct gp_speaker){
        .org = life_org(),
        .person = gp_org_person(life_org(), gp_span_of(person)),
        .role = (uint8_t)role,
        .now_ms = town_at(LIFE_NOW),
    };
}

static void expect(const struct gp_speaker *speaker, const char *person, const char *action,
                   const struct expect_about *about, bool got)
{
    const char *role = gp_role_name(speaker->role);

    if (got != expect_right(role, action, person, about))
        fail_msg("%s as %s may%s %s: place %s, department %s, post %s, reporter %s, person %s",
                 person, role, got ? "" : " not", action, about->place != NULL ? about->place : "-",
                 about->department != NULL ? about->department : "-",
                 about->owner != NULL ? about->owner : "-",
                 about->reporter != NULL ? about->reporter : "-",
                 about->person != NULL ? about->person : "-");
}

/* Where a filter may look: a grid, its community, its street, everywhere; and two that are not the
 * code of an area. */
static const char *const places[] = {
    "340705006001001", "340705006001", "340705006",     "340705006002001", "340705005002",
    "340705005",       "340705",       "3407050060010", "3407050060",      NULL};
/* In which area's code they begin: what the model sees of them. */
static const char *const lies_in[] = {
    "340705006001001", "340705006001", "340705006",    "340705006002001", "340705005002",
    "340705005",       "340705",       "340705006001", "340705006",       NULL};

static struct gp_area_ref ref_of(const char *code)
{
    struct gp_area_ref ref = {0};

    if (code != NULL)
        assert_int_equal(gp_area_parse(gp_span_of(code), &ref), 0);
    return ref;
}

/* Every read that has filters, with one set of them. */
static void ask(const struct gp_speaker *speaker, const char *by, size_t place,
                const struct expect_about *about)
{
    const struct gp_query query = {.area = ref_of(places[place]),
                                   .department = gp_span_of(about->department),
                                   .post = gp_span_of(about->owner),
                                   .person = gp_span_of(about->person)};
    struct gp_feed_filter filter = {
        .area = query.area, .department = query.department, .person = query.person};
    struct expect_about view = *about, area = {.place = about->place};
    const struct gp_assess_ask assess = {.by = GP_BY_DEPARTMENT, .area = query.area};
    const struct expect_about unit = {.place = about->place, .department = about->department};
    const struct gp_summary_ask summary = {.area = query.area, .department = query.department};

    view.owner = NULL; /* feeds know no post */
    expect(speaker, by, "query", about, gp_permit_query(speaker, &query));
    expect(speaker, by, "feed", &view, gp_permit_feed(speaker, &filter, NULL));
    filter.escalations = true; /* in the sample who follows escalations follows feeds */
    expect(speaker, by, "escalations", &view, gp_permit_feed(speaker, &filter, NULL));
    expect(speaker, by, "assess", &area, gp_permit_assess(speaker, &assess));
    expect(speaker, by, "query", &unit, gp_permit_summary(speaker, &summary));
    expect(speaker, by, "roster", &area, gp_permit_roster(speaker, query.area));
    if (places[place] != NULL)
        expect(speaker, by, "who", &area, gp_permit_who(speaker, gp_span_of(places[place])));
}

static void ask_everything(const struct gp_speaker *speaker, const char *by)
{
    static const char *const departments[] = {NULL, "LH", "SZ"};
    static const char *const posts[] = {NULL, "A-lvhua-340705006001", "K-LH"};

    for (size_t i = 0; i < COUNT(places); i++) {
        for (size_t j = 0; j < COUNT(departments); j++) {
            for (size_t k = 0; k < COUNT(posts); k++) {
                struct expect_about about = {
                    .place = lies_in[i], .department = departments[j], .owner = posts[k]};
                ask(speaker, by, i, &about);
                about.person = by;
                ask(speaker, by, i, &about);
                about.person = "w00600104";
                ask(speaker, by, i, &about);
            }
        }
    }
}

static void ask_about_people(const struct gp_speaker *speaker, const char *by)
{
    for (size_t i = 0; i < CAST_SUBJECTS; i++) {
        const struct gp_leaves_ask leaves = {.person = gp_span_of(cast_subjects[i].person)};
        struct expect_about about = {.person = cast_subjects[i].person};
        expect(speaker, by, "devices", &about,
               gp_permit_devices(speaker, gp_span_of(cast_subjects[i].person)));
        about.place = cast_subjects[i].place;
        about.department = cast_subjects[i].department;
        expect(speaker, by, "leaves", &about, gp_permit_leaves(speaker, &leaves));
    }
}

static void ask_without_filters(const struct gp_speaker *speaker, const char *by)
{
    static const struct {
        enum gp_action action;
        const char *word;
    } reads[] = {{GP_ACTION_STATUS, "status"},
                 {GP_ACTION_CLOCK, "clock"},
                 {GP_ACTION_CHAIN, "chain"},
                 {GP_ACTION_HEAD, "head"},
                 {GP_ACTION_FIGURES, "figures"}};
    const struct expect_about nothing = {0};

    for (size_t i = 0; i < COUNT(reads); i++)
        expect(speaker, by, reads[i].word, &nothing,
               gp_permit(speaker, reads[i].action, GP_NO_TARGET));
    expect(speaker, by, "devices", &nothing, gp_permit_devices(speaker, GP_SPAN("")));
    expect(speaker, by, "leaves", &nothing,
           gp_permit_leaves(speaker, &(const struct gp_leaves_ask){0}));
}

static void reads_of_everybody(void **state)
{
    (void)state;
    for (int role = GP_ROLE_OFFICER; role < GP_ROLES_END; role++) {
        for (size_t j = 0; j < CAST_PEOPLE; j++) {
            const struct gp_speaker speaker = speaker_of(cast_people[j], (enum gp_role)role);
            ask_everything(&speaker, cast_people[j]);
            ask_about_people(&speaker, cast_people[j]);
            ask_without_filters(&speaker, cast_people[j]);
        }
    }
}

static void read_one(const struct gp_incident *incident, const char *grid)
{
    const struct gp_feed_filter filter = {.incident = incident->id};
    struct cast_incident seen;

    cast_incident(incident, grid, &seen);
    for (int role = GP_ROLE_OFFICER; role < GP_ROLES_END; role++) {
        for (size_t j = 0; j < CAST_PEOPLE; j++) {
            const struct gp_speaker speaker = speaker_of(cast_people[j], (enum gp_role)role);
            expect(&speaker, cast_people[j], "incident", &seen.about,
                   gp_permit_incident(&speaker, incident));
            expect(&speaker, cast_people[j], "feed", &seen.about,
                   gp_permit_feed(&speaker, &filter, incident));
            assert_int_equal(gp_permit_incident(&speaker, NULL),
                             expect_somewhere(gp_role_name(role), "incident"));
        }
    }
}

static void one_incident_in_every_state(void **state)
{
    (void)state;
    for (size_t i = 0; i < CAST_GRIDS; i++) {
        for (int at = GP_STATE_REPORTED; at <= GP_STATE_REOPENED; at++)
            read_one(life_in(cast_grids[i], (enum gp_state)at), cast_grids[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sample_keeps_duties_apart),
        cmocka_unit_test(everybody_speaks_for_themselves),
        cmocka_unit_test(reads_of_everybody),
        cmocka_unit_test(one_incident_in_every_state),
    };
    return cmocka_run_group_tests(tests, cast_begin, cast_end);
}
