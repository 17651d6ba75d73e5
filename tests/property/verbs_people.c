/* Leave and holdings: who asks, who signs, from when; mostly right, often not. */
#include "core/post.h"
#include "core/standing.h"
#include "property/generate.h"

static int64_t up_to(struct generator *generator, int64_t ms)
{
    return (int64_t)generate_random(generator, (uint64_t)ms + 1);
}

static struct gp_span holder(struct generator *generator, const char *post)
{
    const struct gp_org *org = generator->world->view;
    uint32_t index = gp_org_post(org, gp_span_of(post));
    uint32_t person = gp_post_effective(org, index, gp_org_area(org, GP_SPAN("340705006001001")),
                                        generator->world->now_ms)
                          .person;

    return person != GP_NONE ? org->persons[person].id : generate_person(generator);
}

/* ---------------------------------------------------------------- who is away */

/* Who holds the owner post of something open. */
static struct gp_span some_owner(struct generator *generator)
{
    const struct model *model = generator->world->model;

    for (unsigned tries = 0; tries < 6 && model->last_id > 0; tries++) {
        const struct gp_incident *incident =
            &model->incident[1 + generate_random(generator, model->last_id)].folded;
        uint32_t post = gp_org_post(model->org, incident->owner);
        for (uint32_t person = 0;
             post != GP_NONE && gp_state_open(incident->state) && person < model->org->person_count;
             person++) {
            if (people_holds(model, post, person, model->now_ms))
                return model->org->persons[person].id;
        }
    }
    return generate_person(generator);
}

static struct gp_span who_goes(struct generator *generator)
{
    static const char *const pairs[] = {"D1-340705006001", "D2-340705006001", "D1-340705402",
                                        "D2-340705402"};
    uint64_t dice = generate_random(generator, 100);

    if (dice < 30)
        return holder(generator, pairs[generate_random(generator, 4)]);
    return dice < 75 ? some_owner(generator) : generate_person(generator);
}

/* Now, at the very instant of the next step, soon, some day, too late. */
static int64_t begin_ms(struct generator *generator, int64_t now_ms)
{
    uint64_t dice = generate_random(generator, 100);

    if (dice < 8)
        return now_ms;
    if (dice < 28 && generator->world->next_ms != INT64_MAX)
        return generator->world->next_ms;
    if (dice < 45)
        return now_ms + up_to(generator, GP_MS_HOUR);
    if (dice < 75)
        return now_ms + up_to(generator, GP_MS_DAY);
    if (dice < 88)
        return now_ms + up_to(generator, 5 * GP_MS_DAY);
    return now_ms - up_to(generator, dice < 97 ? GP_MS_DAY : 3 * GP_MS_DAY);
}

static int64_t length_ms(struct generator *generator)
{
    uint64_t dice = generate_random(generator, 100);

    if (dice < 4)
        return -up_to(generator, GP_MS_DAY); /* ends before it begins */
    if (dice < 30)
        return 1 + up_to(generator, 6 * GP_MS_HOUR);
    if (dice < 35)
        return 3 * GP_MS_DAY + (int64_t)generate_random(generator, 2);
    if (dice < 75)
        return 1 + up_to(generator, 3 * GP_MS_DAY);
    return up_to(generator, dice < 99 ? 20 * GP_MS_DAY : 400 * GP_MS_DAY);
}

static void override_it(struct generator *generator, struct act *act, unsigned percent)
{
    if (generate_chance(generator, percent))
        act->command.override_reason = GP_SPAN("书记已同意");
}

void verbs_leave(struct generator *generator, const struct gp_incident *incident, struct act *act)
{
    struct gp_command *command = &act->command;
    uint64_t dice = generate_random(generator, 100);

    (void)incident;
    command->actor = command->person = who_goes(generator);
    if (dice < 10) /* whoever speaks */
        command->person = (struct gp_span){0};
    else if (dice < 35)
        command->actor = holder(generator, dice < 25 ? "R-340705006001" : "SK-340705006");
    command->from_ms = begin_ms(generator, act->at_ms);
    command->to_ms = command->from_ms + length_ms(generator);
    if (generate_chance(generator, 60))
        command->standin = generate_person(generator);
    if (generate_chance(generator, 2))
        command->standin = GP_SPAN("stranger");
    override_it(generator, act, 15);
}

/* ---------------------------------------------------------------- a leave is named */

/* One of these states, or any, or none; the person whose it is. */
static struct gp_span name_leave(struct generator *generator, uint32_t states, struct act *act)
{
    const struct people *people = &generator->world->model->people;
    uint64_t id = generate_random(generator, people->leave_count + 2);

    for (uint64_t i = 0; i < people->leave_count && !generate_chance(generator, 2); i++) {
        uint64_t look = 1 + (id + i) % people->leave_count;
        const struct gp_leave_record *record = &people->leave[look].record;
        if (!(states >> record->state & 1) || record->to_ms <= act->at_ms)
            continue;
        id = look;
        break;
    }
    act->leave = generate_asker(generator, id);
    act->command.leave = id;
    return id > 0 && id <= people->leave_count ? people->leave[id].record.person
                                               : generate_person(generator);
}

static struct gp_span signer(struct generator *generator, struct gp_span person, bool longer)
{
    const struct gp_org *org = generator->world->view;
    int64_t now_ms = generator->world->now_ms;
    struct gp_standing standing = gp_standing_of(org, gp_org_person(org, person), now_ms);
    uint32_t posts[GP_SIGNERS_MAX];
    size_t count = gp_leave_signers(org, &standing, longer, now_ms, posts);

    if (count == 0)
        return generate_person(generator);
    uint32_t post = posts[generate_random(generator, count)];
    if (org->posts[post].deputy_count > 0 && generate_chance(generator, 25))
        return org->persons[org->posts[post].deputies[0]].id;
    for (size_t i = 0; i < org->holding_count; i++) {
        const struct gp_holding *row = &org->holdings[i];
        if (row->post == post && now_ms >= row->from_ms && now_ms < row->to_ms)
            return org->persons[row->person].id;
    }
    return generate_person(generator);
}

void verbs_sign_leave(struct generator *generator, const struct gp_incident *incident,
                      struct act *act)
{
    struct gp_span person = name_leave(generator, 1U << GP_LEAVE_REQUESTED, act);
    uint64_t dice = generate_random(generator, 100);

    (void)incident;
    act->command.actor = person; /* their own: never */
    if (dice < 75)
        act->command.actor = signer(generator, person, generate_chance(generator, 50));
    else if (dice < 90)
        act->command.actor = generate_person(generator);
    override_it(generator, act, act->command.verb == GP_VERB_APPROVE ? 15 : 0);
}

void verbs_cancel(struct generator *generator, const struct gp_incident *incident, struct act *act)
{
    struct gp_span person =
        name_leave(generator, 1U << GP_LEAVE_REQUESTED | 1U << GP_LEAVE_APPROVED, act);

    (void)incident;
    act->command.actor = person;
    if (generate_chance(generator, 40))
        act->command.actor = signer(generator, person, false);
}

/* ---------------------------------------------------------------- who holds what */

/* From the very instant of a tenure that was given before. */
static void hold_again(struct generator *generator, struct act *act)
{
    const struct people *people = &generator->world->model->people;

    if (people->tenure_count == 0 || !generate_chance(generator, 30))
        return;
    const struct gp_tenure *tenure =
        &people->tenure[generate_random(generator, people->tenure_count)];
    act->command.post = tenure->post;
    if (generate_chance(generator, 60))
        act->command.from_ms = tenure->from_ms;
}

void verbs_hold(struct generator *generator, const struct gp_incident *incident, struct act *act)
{
    struct gp_command *command = &act->command;
    const struct gp_org *org = generator->world->org;

    (void)incident;
    for (unsigned tries = 0; tries < 4; tries++) {
        command->post = generate_post(generator);
        uint8_t kind = org->posts[gp_org_post(org, command->post)].kind;
        if (kind == GP_POST_A || kind == GP_POST_B || kind == GP_POST_F || kind == GP_POST_K)
            break;
    }
    hold_again(generator, act);
    if (generate_chance(generator, 2))
        command->post = GP_SPAN("Q-unknown");
    if (generate_chance(generator, 85))
        command->person = generate_person(generator);
    command->actor =
        holder(generator, generate_chance(generator, 70) ? "X-340705006" : "D1-340705006001");
    if (command->from_ms == 0 && generate_chance(generator, 60))
        command->from_ms = begin_ms(generator, act->at_ms);
    if (generate_chance(generator, 50))
        command->to_ms =
            (command->from_ms != 0 ? command->from_ms : act->at_ms) + length_ms(generator);
}
