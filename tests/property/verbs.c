/*
 * The verbs and their words. To add a verb: a row in the table below, a function that fills in its
 * words where it has any, and its transitions in rules.c.
 */
#include "core/post.h"
#include "property/generate.h"

#define IN(state) (UINT32_C(1) << (state))
#define WORK                                                                                       \
    (IN(GP_STATE_DISPATCHED) | IN(GP_STATE_ACCEPTED) | IN(GP_STATE_REWORK) | IN(GP_STATE_REOPENED))
#define STREETS (IN(GP_STATE_RETURNED) | IN(GP_STATE_ARBITRATION))
#define ANY     (~UINT32_C(0))

/* Who may: kinds of post, the first is the likeliest. */
struct role {
    uint8_t kind[6]; /* enum gp_post_kind; 0 ends */
    bool owner, subject;
};

typedef void (*fill_words)(struct generator *, const struct gp_incident *, struct act *);

struct verb {
    uint8_t verb;
    unsigned weight[FLAVOURS]; /* any, on spot, work, side, slow, people */
    uint32_t from;             /* states in which it makes sense */
    struct role role;
    fill_words fill;
};

/* ---------------------------------------------------------------- words */

static void say_why(struct generator *generator, const struct gp_incident *incident,
                    struct act *act)
{
    (void)incident;
    if (!generate_chance(generator, 10))
        act->command.text = GP_SPAN("事出有因");
}

static void result(struct generator *generator, const struct gp_incident *incident, struct act *act)
{
    say_why(generator, incident, act);
    act->command.result = generate_chance(generator, 95)
                              ? (uint8_t)(1 + generate_random(generator, 2))
                              : GP_RESULT_NONE;
}

static struct gp_span some_post(struct generator *generator, const struct gp_incident *incident)
{
    const struct gp_org *org = generator->world->org;

    for (unsigned tries = 0; tries < 5; tries++) {
        struct gp_span id = generate_post(generator);
        uint8_t kind = org->posts[gp_org_post(org, id)].kind;
        if (kind == GP_POST_A || kind == GP_POST_F || kind == GP_POST_K)
            return id;
    }
    return incident != NULL && generate_chance(generator, 50) ? incident->owner
                                                              : generate_post(generator);
}

static void name_post(struct generator *generator, const struct gp_incident *incident,
                      struct act *act)
{
    say_why(generator, incident, act);
    if (generate_chance(generator, 85))
        act->command.post = some_post(generator, incident);
    else if (generate_chance(generator, 50))
        act->command.post = GP_SPAN("Q-unknown");
}

static void rule(struct generator *generator, const struct gp_incident *incident, struct act *act)
{
    name_post(generator, incident, act);
    result(generator, incident, act);
}

static void give_back(struct generator *generator, const struct gp_incident *incident,
                      struct act *act)
{
    if (generate_chance(generator, 60))
        name_post(generator, incident, act);
    act->command.return_reason = (uint8_t)generate_random(generator, GP_RETURN_OUT_OF_SCOPE + 1);
}

static void hours(struct generator *generator, const struct gp_incident *incident, struct act *act)
{
    static const uint32_t absurd[] = {0, 100000, 99999, 4000};

    (void)incident;
    act->command.hours = generate_chance(generator, 10)
                             ? absurd[generate_random(generator, 4)]
                             : (uint32_t)(1 + generate_random(generator, 4));
}

static void resume_date(struct generator *generator, const struct gp_incident *incident,
                        struct act *act)
{
    static const int64_t absurd_days[] = {-3, 0, 366, 367, 5000};
    int64_t days = generate_chance(generator, 10) ? absurd_days[generate_random(generator, 5)]
                                                  : (int64_t)generate_random(generator, 14);

    say_why(generator, incident, act);
    act->command.from_ms =
        act->at_ms + days * GP_MS_DAY + (int64_t)generate_random(generator, GP_MS_DAY);
}

static void name_row(struct generator *generator, struct act *act)
{
    const struct gp_org *org = generator->world->org;
    const struct gp_row *row = &org->rows[generate_random(generator, org->row_count)];

    act->command.category = row->code;
    if (generate_chance(generator, 80))
        act->command.condition = row->condition;
    if (generate_chance(generator, 3))
        act->command.category = GP_SPAN("unknown");
}

static void name_grid(struct generator *generator, struct act *act)
{
    const struct gp_org *org = generator->world->org;
    uint64_t first = generate_random(generator, org->area_count);

    for (uint64_t i = 0; i < org->area_count; i++) {
        const struct gp_area *area = &org->areas[(first + i) % org->area_count];
        if (area->ref.level == GP_LEVEL_GRID || generate_chance(generator, 3)) {
            act->command.grid = area->code;
            return;
        }
    }
}

static void correct(struct generator *generator, const struct gp_incident *incident,
                    struct act *act)
{
    say_why(generator, incident, act);
    if (generate_chance(generator, 60))
        name_row(generator, act);
    if (generate_chance(generator, 40))
        name_grid(generator, act);
}

static void link(struct generator *generator, const struct gp_incident *incident, struct act *act)
{
    const struct model *model = generator->world->model;

    (void)incident;
    if (model->last_id > 0)
        act->other = generate_opener(generator, 1 + generate_random(generator, model->last_id));
}

static void report_on_spot(struct generator *generator, struct act *act)
{
    const struct gp_org *org = generator->world->org;

    act->command.on_spot = true;
    act->command.informed = generate_chance(generator, 50);
    act->command.category = generate_chance(generator, 60) ? GP_SPAN("n2") : GP_SPAN("i4");
    act->command.condition = GP_SPAN("default");
    act->command.grid = GP_SPAN("340705006001001");
    act->command.actor = org->persons[gp_org_person(org, GP_SPAN("li"))].id;
}

static void report(struct generator *generator, const struct gp_incident *incident, struct act *act)
{
    unsigned on_spot = generator->flavour == FLAVOUR_ON_SPOT ? 75 : 4;

    (void)incident;
    act->command.text = GP_SPAN("井盖缺失");
    act->command.actor = generate_person(generator);
    name_row(generator, act);
    name_grid(generator, act);
    if (generate_chance(generator, 15))
        act->command.category = GP_SPAN("s25");
    if (generate_chance(generator, 8)) /* filed by hand */
        act->command.category = GP_SPAN("m4");
    if (generate_chance(generator, 20))
        act->command.condition = (struct gp_span){0};
    act->command.captured_ms = act->at_ms - (int64_t)generate_random(generator, 20) * GP_MS_MINUTE;
    if (generate_chance(generator, 30))
        act->command.phone = GP_SPAN("13800000000");
    act->command.downward = generate_chance(generator, 30);
    if (generate_chance(generator, 30))
        act->command.approval = GP_SPAN("〔2026〕12");
    act->command.place = (struct gp_place){generate_chance(generator, 60), 309400000,
                                           1178100000 + (int32_t)generate_random(generator, 9000)};
    if (generate_chance(generator, on_spot))
        report_on_spot(generator, act);
}

/* A notice of this incident, and who got it: looked for among the newest entries. */
static void deliver(struct generator *generator, const struct gp_incident *incident,
                    struct act *act)
{
    const struct model *model = generator->world->model;

    act->command.delivery = (uint8_t)generate_random(generator, GP_DELIVERY_READ + 1);
    act->command.person = generate_person(generator);
    act->command.ref_seq = 1 + generate_random(generator, model->head + 2);
    if (incident != NULL && model->incident[incident->id].notice_seq != 0 &&
        generate_chance(generator, 80)) {
        act->command.ref_seq = model->incident[incident->id].notice_seq;
        act->command.person = model->incident[incident->id].notice_person;
    }
    act->command.actor = act->command.person;
}

static void strike(struct generator *generator, const struct gp_incident *incident, struct act *act)
{
    result(generator, incident, act);
    if (incident == NULL || incident->side.struck_count == 0 || generate_chance(generator, 5))
        act->command.person = generate_person(generator);
    else
        act->command.person =
            incident->side.struck[generate_random(generator, incident->side.struck_count)];
}

/* ---------------------------------------------------------------- the table */

#define OWNER                                                                                      \
    {                                                                                              \
        .owner = true                                                                              \
    }
#define FILER                                                                                      \
    {                                                                                              \
        .kind = { GP_POST_SK, GP_POST_S1, GP_POST_D2, GP_POST_D1 }                                 \
    }
#define STREET                                                                                     \
    {                                                                                              \
        .kind = { GP_POST_SK, GP_POST_S1, GP_POST_S2 }                                             \
    }
#define CHECKER                                                                                    \
    {                                                                                              \
        .kind = { GP_POST_SK, GP_POST_D2, GP_POST_D1 }                                             \
    }
#define CLOSER                                                                                     \
    {                                                                                              \
        .kind = { GP_POST_SK, GP_POST_D1, GP_POST_K }                                              \
    }
#define DIRECT                                                                                     \
    {                                                                                              \
        .kind = { GP_POST_D1, GP_POST_D2, GP_POST_A, GP_POST_B }                                   \
    }
#define GRANTER                                                                                    \
    {                                                                                              \
        .kind = { GP_POST_D1, GP_POST_SK, GP_POST_D1, GP_POST_SK }                                 \
    }
#define ANYBODY                                                                                    \
    {                                                                                              \
        .kind = { GP_POST_B, GP_POST_A, GP_POST_R, GP_POST_F, GP_POST_X, GP_POST_H }               \
    }
#define SIGNER                                                                                     \
    {                                                                                              \
        .kind = { GP_POST_X, GP_POST_S1, GP_POST_R, GP_POST_H }                                    \
    }
#define ERASER                                                                                     \
    {                                                                                              \
        .kind = { GP_POST_X, GP_POST_S1 }                                                          \
    }
#define SUBJECT                                                                                    \
    {                                                                                              \
        .subject = true                                                                            \
    }

static const struct verb verbs[] = {
    {GP_VERB_REPORT, {12, 24, 9, 10, 8, 12}, ANY, ANYBODY, report},
    {GP_VERB_FILE, {3, 2, 2, 2, 1, 3}, IN(GP_STATE_REPORTED), FILER, say_why},
    {GP_VERB_ACCEPT,
     {10, 4, 12, 8, 5, 10},
     IN(GP_STATE_DISPATCHED) | IN(GP_STATE_REOPENED),
     OWNER,
     NULL},
    {GP_VERB_NOTE, {3, 3, 2, 2, 2, 3}, ANY, ANYBODY, say_why},
    {GP_VERB_STAGE, {5, 2, 5, 4, 3, 5}, WORK, OWNER, NULL},
    {GP_VERB_FINISH, {10, 6, 18, 4, 5, 10}, WORK | IN(GP_STATE_ARBITRATION), OWNER, say_why},
    {GP_VERB_VERIFY, {9, 8, 20, 3, 4, 9}, IN(GP_STATE_FINISHED), CHECKER, result},
    {GP_VERB_INFORM,
     {4, 3, 5, 2, 2, 4},
     WORK | IN(GP_STATE_FINISHED) | IN(GP_STATE_VERIFIED),
     ANYBODY,
     NULL},
    {GP_VERB_CLOSE, {8, 5, 10, 2, 3, 8}, IN(GP_STATE_VERIFIED), CLOSER, NULL},
    {GP_VERB_VOID,
     {2, 3, 1, 2, 2, 2},
     IN(GP_STATE_REPORTED) | IN(GP_STATE_DISPATCHED) | STREETS,
     FILER,
     say_why},
    {GP_VERB_LINK, {4, 4, 3, 4, 2, 4}, IN(GP_STATE_REPORTED) | WORK | STREETS, FILER, link},
    {GP_VERB_UNLINK, {3, 2, 2, 2, 1, 3}, IN(GP_STATE_DUPLICATE), FILER, NULL},
    {GP_VERB_RETURN,
     {7, 3, 2, 16, 3, 7},
     IN(GP_STATE_DISPATCHED) | IN(GP_STATE_ACCEPTED),
     OWNER,
     give_back},
    {GP_VERB_CONSENT,
     {3, 1, 1, 8, 1, 3},
     IN(GP_STATE_DISPATCHED) | IN(GP_STATE_ACCEPTED),
     STREET,
     NULL},
    {GP_VERB_RULE, {7, 2, 2, 12, 2, 7}, STREETS, STREET, rule},
    {GP_VERB_REFUSE, {3, 2, 1, 4, 1, 3}, IN(GP_STATE_DISPATCHED) | STREETS, DIRECT, say_why},
    {GP_VERB_EXTEND, {6, 2, 5, 8, 6, 6}, WORK, OWNER, hours},
    {GP_VERB_DECIDE, {7, 2, 5, 9, 7, 7}, WORK, GRANTER, result},
    {GP_VERB_SUSPEND, {4, 2, 4, 6, 4, 4}, WORK, STREET, resume_date},
    {GP_VERB_RESUME, {3, 1, 3, 4, 2, 3}, IN(GP_STATE_SUSPENDED), STREET, NULL},
    {GP_VERB_REOPEN, {4, 3, 8, 2, 2, 4}, IN(GP_STATE_CLOSED), FILER, say_why},
    {GP_VERB_REASSIGN, {4, 2, 3, 5, 3, 4}, WORK, FILER, name_post},
    {GP_VERB_CORRECT, {5, 4, 3, 6, 3, 5}, IN(GP_STATE_REPORTED) | WORK | STREETS, FILER, correct},
    {GP_VERB_DELIVER, {3, 3, 2, 2, 4, 3}, ANY, ANYBODY, deliver},
    {GP_VERB_APPEAL, {2, 1, 2, 2, 9, 2}, ANY, SUBJECT, strike},
    {GP_VERB_SIGN, {2, 1, 2, 2, 12, 2}, ANY, SIGNER, strike},
    {GP_VERB_ERASE, {3, 2, 3, 1, 3, 3}, IN(GP_STATE_CLOSED) | IN(GP_STATE_VOID), ERASER, say_why},
    {GP_VERB_LEAVE, {2, 2, 1, 1, 2, 22}, ANY, ANYBODY, verbs_leave},
    {GP_VERB_APPROVE, {2, 2, 1, 1, 2, 26}, ANY, ANYBODY, verbs_sign_leave},
    {GP_VERB_REJECT, {1, 1, 1, 1, 1, 3}, ANY, ANYBODY, verbs_sign_leave},
    {GP_VERB_CANCEL, {1, 1, 1, 1, 1, 7}, ANY, ANYBODY, verbs_cancel},
    {GP_VERB_HOLD, {1, 1, 1, 1, 1, 8}, ANY, ANYBODY, verbs_hold},
    {GP_VERB_INVITE, {1, 1, 1, 1, 1, 2}, ANY, ANYBODY, verbs_invite},
    {GP_VERB_JOIN, {1, 1, 1, 1, 1, 2}, ANY, ANYBODY, verbs_join},
    {GP_VERB_CONFIRM, {1, 1, 1, 1, 1, 2}, ANY, ANYBODY, verbs_confirm},
    {GP_VERB_REVOKE, {1, 1, 1, 1, 1, 2}, ANY, ANYBODY, verbs_revoke},
    {GP_VERB_ROTATE, {1, 0, 0, 0, 0, 1}, ANY, ANYBODY, verbs_rotate},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---------------------------------------------------------------- which, on what, by whom */

static const struct verb *choose_verb(struct generator *generator)
{
    unsigned sum = 0;

    for (size_t i = 0; i < COUNT(verbs); i++)
        sum += verbs[i].weight[generator->flavour];
    uint64_t dice = generate_random(generator, sum);
    for (size_t i = 0;; i++) {
        if (dice < verbs[i].weight[generator->flavour])
            return &verbs[i];
        dice -= verbs[i].weight[generator->flavour];
    }
}

/* Whether the verb has something to do there. */
static bool suits(const struct verb *verb, const struct gp_incident *incident)
{
    if (!(verb->from & IN(incident->state)))
        return false;
    switch (verb->verb) {
    case GP_VERB_DECIDE:
        return incident->side.asked_ms != 0;
    case GP_VERB_APPEAL:
    case GP_VERB_SIGN:
        return incident->side.struck_count > 0;
    case GP_VERB_REFUSE:
        return incident->side.downward && incident->side.approval.len == 0;
    case GP_VERB_STAGE:
        return incident->plan.stage_count > 1;
    default:
        return true;
    }
}

/* NULL: none at all. */
static const struct gp_incident *choose_incident(struct generator *generator,
                                                 const struct verb *verb)
{
    const struct model *model = generator->world->model;

    if (model->last_id == 0)
        return NULL;
    uint64_t first = generate_random(generator, model->last_id);
    bool any = generate_chance(generator, 8);
    for (uint64_t i = 0; i < model->last_id; i++) {
        const struct gp_incident *incident =
            &model->incident[1 + (first + i) % model->last_id].folded;
        if (any || suits(verb, incident))
            return incident;
    }
    return &model->incident[1 + first].folded;
}

static struct gp_span person_of(struct generator *generator, const struct gp_incident *incident,
                                uint32_t post)
{
    const struct gp_org *org = generator->world->view;
    uint32_t area = gp_org_area_ref(org, incident->area);

    if (post == GP_NONE || area == GP_NONE)
        return generate_person(generator);
    if (org->posts[post].deputy_count > 0 && generate_chance(generator, 25))
        return org->persons[org->posts[post].deputies[0]].id;
    uint32_t person = gp_post_effective(org, post, area, generator->world->now_ms).person;
    return person != GP_NONE ? org->persons[person].id : generate_person(generator);
}

static struct gp_span choose_actor(struct generator *generator, const struct gp_incident *incident,
                                   const struct role *role)
{
    const struct gp_org *org = generator->world->org;
    unsigned kinds = 0;

    if (role->owner)
        return person_of(generator, incident, gp_org_post(org, incident->owner));
    while (kinds < COUNT(role->kind) && role->kind[kinds] != 0)
        kinds++;
    uint8_t kind = role->kind[generate_random(generator, kinds)];
    uint32_t post = gp_post_of(org, kind, gp_org_area_ref(org, incident->area),
                               gp_org_line(org, incident->row.line),
                               gp_org_department(org, incident->row.department));
    return person_of(generator, incident, post);
}

void verbs_fill(struct generator *generator, struct act *act)
{
    const struct verb *verb = choose_verb(generator);
    const struct gp_incident *incident = NULL;

    act->command.verb = verb->verb;
    if (verb->verb != GP_VERB_REPORT && !gp_verb_about_people(verb->verb) &&
        !gp_verb_about_devices(verb->verb))
        incident = choose_incident(generator, verb);
    if (incident != NULL)
        act->target = generate_opener(generator, incident->id);
    if (verb->fill != NULL)
        verb->fill(generator, incident, act);
    if (verb->role.subject)
        act->command.actor = act->command.person;
    else if (incident != NULL && act->command.actor.len == 0)
        act->command.actor = choose_actor(generator, incident, &verb->role);
    if (act->command.actor.len == 0 ||
        (verb->verb != GP_VERB_REPORT && generate_chance(generator, 12)))
        act->command.actor = generate_person(generator);
    if (generate_chance(generator, 1))
        act->command.actor = GP_SPAN("stranger");
    if (incident != NULL && generate_chance(generator, 20))
        act->command.expect_version = incident->version + generate_chance(generator, 20);
}
