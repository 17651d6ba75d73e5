/*
 * Commands: which state allows which verb, and into which state it leads. The table below is the
 * only place where that is written. The other rules of a verb (who may, what it changes) are one
 * function each.
 */
#include "core/decide_internal.h"

#include <assert.h>
#include <stdio.h>

typedef void (*verb_rule)(struct gp_decider *decider, uint8_t next_state);

static void do_file(struct gp_decider *decider, uint8_t next_state);
static void do_accept(struct gp_decider *decider, uint8_t next_state);
static void do_note(struct gp_decider *decider, uint8_t next_state);
static void do_stage(struct gp_decider *decider, uint8_t next_state);
static void do_finish(struct gp_decider *decider, uint8_t next_state);
static void do_verify(struct gp_decider *decider, uint8_t next_state);
static void do_inform(struct gp_decider *decider, uint8_t next_state);
static void do_close(struct gp_decider *decider, uint8_t next_state);

#define IN(state) (UINT32_C(1) << (state))
#define AT_WORK   (IN(GP_STATE_DISPATCHED) | IN(GP_STATE_ACCEPTED))
#define BEHIND    (IN(GP_STATE_FINISHED) | IN(GP_STATE_VERIFIED))

static const struct transition {
    uint32_t from; /* set of states */
    uint8_t to;    /* GP_STATE_NONE: stays as it is */
    verb_rule rule;
} transitions[] = {
    [GP_VERB_FILE] = {IN(GP_STATE_REPORTED), GP_STATE_DISPATCHED, do_file},
    [GP_VERB_ACCEPT] = {IN(GP_STATE_DISPATCHED), GP_STATE_ACCEPTED, do_accept},
    [GP_VERB_NOTE] = {IN(GP_STATE_REPORTED) | AT_WORK | BEHIND, GP_STATE_NONE, do_note},
    [GP_VERB_STAGE] = {AT_WORK, GP_STATE_NONE, do_stage},
    [GP_VERB_FINISH] = {AT_WORK, GP_STATE_FINISHED, do_finish},
    [GP_VERB_VERIFY] = {IN(GP_STATE_FINISHED), GP_STATE_VERIFIED, do_verify},
    [GP_VERB_INFORM] = {AT_WORK | BEHIND, GP_STATE_NONE, do_inform},
    [GP_VERB_CLOSE] = {IN(GP_STATE_VERIFIED), GP_STATE_CLOSED, do_close},
};

/* ---------------------------------------------------------------- refusing */

/* "now accepted; allowed: note stage finish inform" */
static void refuse_state(struct gp_decider *decider)
{
    uint8_t state = decider->incident->state;
    char allowed[100] = "";
    size_t used = 0;

    for (size_t verb = GP_VERB_FILE; verb < sizeof transitions / sizeof transitions[0]; verb++) {
        if (transitions[verb].from & IN(state))
            used += (size_t)snprintf(allowed + used, sizeof allowed - used, " %s",
                                     gp_verb_name((int)verb));
    }
    gp_refuse(decider, GP_REASON_STATE, "now %s; allowed:%s", gp_state_name(state),
              used > 0 ? allowed : " nothing");
}

/* ---------------------------------------------------------------- who may */

/* The post's id for a refusal's detail; "" for none. */
static struct gp_span post_id(const struct gp_org *org, uint32_t post)
{
    return post != GP_NONE ? org->posts[post].id : (struct gp_span){"", 0};
}

static uint32_t post_of_kind(const struct gp_decider *decider, enum gp_post_kind kind)
{
    const struct gp_org *org = decider->scene->org;
    const struct gp_row_copy *row = &decider->incident->row;

    if (decider->area == GP_NONE)
        return GP_NONE;
    return gp_post_of(org, kind, decider->area, gp_org_line(org, row->line),
                      gp_org_department(org, row->department));
}

static bool acts_for(const struct gp_decider *decider, uint32_t post)
{
    return post != GP_NONE && decider->area != GP_NONE &&
           gp_person_acts_for(decider->scene->org, decider->actor, post, decider->area,
                              decider->scene->now_ms);
}

/* The first post of these kinds that the actor acts for; GP_NONE. */
static uint32_t acts_for_one_of(const struct gp_decider *decider, const enum gp_post_kind *kinds,
                                size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t post = post_of_kind(decider, kinds[i]);
        if (acts_for(decider, post))
            return post;
    }
    return GP_NONE;
}

static uint32_t owner_post(const struct gp_decider *decider)
{
    return gp_org_post(decider->scene->org, decider->incident->owner);
}

/* The A post that assists after a handover, until the department's post has accepted. */
static uint32_t assistant_post(const struct gp_decider *decider)
{
    if (decider->incident->assistant.len == 0 || decider->incident->state != GP_STATE_DISPATCHED)
        return GP_NONE;
    return gp_org_post(decider->scene->org, decider->incident->assistant);
}

/* The actor's post as owner or, where that is allowed, as assistant; refuses otherwise. */
static uint32_t need_owner(struct gp_decider *decider, bool or_assistant)
{
    uint32_t owner = owner_post(decider);

    if (acts_for(decider, owner))
        return owner;
    if (or_assistant && acts_for(decider, assistant_post(decider)))
        return assistant_post(decider);
    gp_refuse(decider, GP_REASON_NOT_OWNER, "owner is %.*s; its holder and deputies may",
              GP_SPAN_ARG(decider->incident->owner));
    return GP_NONE;
}

static bool finished_it(const struct gp_decider *decider)
{
    for (uint8_t i = 0; i < decider->incident->finisher_count; i++) {
        if (gp_span_equal(decider->incident->finisher[i], decider->command->actor))
            return true;
    }
    return false;
}

/* ---------------------------------------------------------------- entries */

static struct gp_entry *act(struct gp_decider *decider, enum gp_what what, uint32_t post,
                            uint8_t next_state)
{
    decider->actor_post = post_id(decider->scene->org, post);
    struct gp_entry *entry = gp_entry_new(decider, what);

    entry->text = decider->command->text;
    entry->patch.person = decider->command->actor;
    entry->patch.at_ms = decider->scene->now_ms;
    if (next_state != GP_STATE_NONE) {
        entry->patch.bits |= GP_PATCH_STATE;
        entry->patch.state = next_state;
    }
    return entry;
}

/* ---------------------------------------------------------------- the verbs */

static const enum gp_post_kind filers[] = {GP_POST_SK, GP_POST_S1, GP_POST_D2, GP_POST_D1};
static const enum gp_post_kind checkers[] = {GP_POST_SK, GP_POST_D2, GP_POST_D1};
static const enum gp_post_kind closers[] = {GP_POST_SK, GP_POST_D2, GP_POST_D1, GP_POST_K};
static const enum gp_post_kind concerned[] = {
    GP_POST_B,  GP_POST_A,  GP_POST_D2, GP_POST_D1, GP_POST_R, GP_POST_F,  GP_POST_K,
    GP_POST_SK, GP_POST_S1, GP_POST_S2, GP_POST_X,  GP_POST_H, GP_POST_H2,
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void do_file(struct gp_decider *decider, uint8_t next_state)
{
    uint32_t post = acts_for_one_of(decider, filers, COUNT(filers));

    assert(next_state == GP_STATE_DISPATCHED);
    if (post == GP_NONE) {
        gp_refuse(decider, GP_REASON_NOT_ALLOWED, "the dispatcher (SK), S1, D2 or D1 files");
        return;
    }
    decider->actor_post = post_id(decider->scene->org, post);
    gp_file_and_dispatch(decider);
}

static void do_accept(struct gp_decider *decider, uint8_t next_state)
{
    uint32_t post = need_owner(decider, false);
    if (post == GP_NONE)
        return;
    struct gp_entry *entry = act(decider, GP_WHAT_ACCEPTED, post, next_state);
    entry->patch.bits |= GP_PATCH_ACCEPT;
    gp_emit(decider, entry);
}

static void do_note(struct gp_decider *decider, uint8_t next_state)
{
    uint32_t post = owner_post(decider);

    if (!acts_for(decider, post)) {
        post = acts_for_one_of(decider, concerned, COUNT(concerned));
        if (post == GP_NONE &&
            !gp_span_equal(decider->command->actor, decider->incident->reporter)) {
            gp_refuse(decider, GP_REASON_NOT_ALLOWED,
                      "the reporter and the posts of this community, street and department may");
            return;
        }
    }
    gp_emit(decider, act(decider, GP_WHAT_NOTED, post, next_state));
}

/* The stage that `stage` meets: a missed one first, else the running one. Never the last. */
static int open_stage(const struct gp_plan *plan)
{
    for (uint8_t i = 0; i + 1 < plan->stage_count && i <= plan->current; i++) {
        if (plan->stage[i].met_ms == 0)
            return i;
    }
    return -1;
}

static void drop_stage(struct gp_plan *plan, uint8_t stage)
{
    for (uint8_t i = 0; i < plan->step_count; i++) {
        if (plan->step[i].stage == stage && plan->step[i].status == GP_PLANNED)
            plan->step[i].status = GP_DROPPED;
    }
}

static void do_stage(struct gp_decider *decider, uint8_t next_state)
{
    int64_t now_ms = decider->scene->now_ms;
    uint32_t post = need_owner(decider, true);
    int stage = open_stage(&decider->incident->plan);

    if (post == GP_NONE)
        return;
    if (stage < 0) {
        gp_refuse(decider, GP_REASON_NO_STAGE, "the last stage is met by finish");
        return;
    }
    struct gp_entry *entry = act(decider, GP_WHAT_STAGED, post, next_state);
    struct gp_plan *plan = &entry->patch.plan;
    *plan = decider->incident->plan;
    plan->stage[stage].met_ms = now_ms;
    drop_stage(plan, (uint8_t)stage);
    if (stage == plan->current &&
        gp_start_stage(decider, (uint8_t)(stage + 1), now_ms, plan) != 0) {
        gp_refuse(decider, GP_REASON_CALENDAR, "the next stage cannot be planned");
        return;
    }
    entry->stage = (uint8_t)stage;
    entry->patch.bits |= GP_PATCH_PLAN;
    gp_emit(decider, entry);
}

static void do_finish(struct gp_decider *decider, uint8_t next_state)
{
    uint32_t post = need_owner(decider, true);
    if (post == GP_NONE)
        return;
    struct gp_entry *entry = act(decider, GP_WHAT_FINISHED, post, next_state);
    entry->patch.bits |= GP_PATCH_FINISH;
    if (decider->incident->state == GP_STATE_DISPATCHED)
        entry->patch.bits |= GP_PATCH_ACCEPT; /* finishing implies accepting */
    gp_emit(decider, entry);
}

static void do_verify(struct gp_decider *decider, uint8_t next_state)
{
    uint32_t post = acts_for_one_of(decider, checkers, COUNT(checkers));

    if (finished_it(decider)) {
        gp_refuse(decider, GP_REASON_OWN_WORK,
                  "%.*s finished it; SK, D2 or D1 verify, another person",
                  GP_SPAN_ARG(decider->command->actor));
        return;
    }
    if (post == GP_NONE) {
        gp_refuse(decider, GP_REASON_NOT_CHECKER, "SK of the street, else D2 or D1 verify");
        return;
    }
    struct gp_entry *entry = act(decider, GP_WHAT_VERIFIED, post, next_state);
    entry->patch.bits |= GP_PATCH_VERIFY;
    gp_emit(decider, entry);
}

static void do_inform(struct gp_decider *decider, uint8_t next_state)
{
    uint32_t post = owner_post(decider);

    if (!acts_for(decider, post))
        post = acts_for_one_of(decider, concerned, COUNT(concerned));
    if (post == GP_NONE) {
        gp_refuse(decider, GP_REASON_NOT_ALLOWED,
                  "the posts of this community, street and department may");
        return;
    }
    struct gp_entry *entry = act(decider, GP_WHAT_INFORMED, post, next_state);
    entry->patch.bits |= GP_PATCH_INFORM;
    gp_emit(decider, entry);
}

static void do_close(struct gp_decider *decider, uint8_t next_state)
{
    const struct gp_row_copy *row = &decider->incident->row;
    uint32_t post = acts_for_one_of(decider, closers, COUNT(closers));

    if (post == GP_NONE) {
        gp_refuse(decider, GP_REASON_NOT_ALLOWED, "SK, D2, D1 or the department's desk K close");
        return;
    }
    if (row->informed && !row->is_private && !decider->incident->informed) {
        gp_refuse(decider, GP_REASON_NOT_INFORMED, "tell the residents, then: inform"); /* R19 */
        return;
    }
    struct gp_entry *entry = act(decider, GP_WHAT_CLOSED, post, next_state);
    entry->patch.bits |= GP_PATCH_CLOSE;
    gp_emit(decider, entry);
}

/* ---------------------------------------------------------------- one command */

static bool may_go_on(struct gp_decider *decider)
{
    const struct gp_command *command = decider->command;

    if (decider->scene->incident == NULL) {
        gp_refuse(decider, GP_REASON_UNKNOWN_INCIDENT, "there is no incident %llu",
                  (unsigned long long)command->incident);
        return false;
    }
    if (command->expect_version != 0 && command->expect_version != decider->incident->version) {
        gp_refuse(decider, GP_REASON_VERSION, "it is at version %u, state %s, owner %.*s",
                  decider->incident->version, gp_state_name(decider->incident->state),
                  GP_SPAN_ARG(decider->incident->owner));
        return false;
    }
    if (!(transitions[command->verb].from & IN(decider->incident->state))) {
        refuse_state(decider);
        return false;
    }
    return true;
}

void gp_decide(const struct gp_scene *scene, const struct gp_command *command,
               struct gp_decision *ret_decision)
{
    struct gp_decider decider;

    gp_decider_begin(&decider, scene, command, ret_decision);
    decider.actor = gp_org_person(scene->org, command->actor);
    if (decider.actor == GP_NONE) {
        gp_refuse(&decider, GP_REASON_UNKNOWN_PERSON, "'%.*s' is not in people.csv",
                  GP_SPAN_ARG(command->actor));
        return;
    }
    if (command->verb == GP_VERB_REPORT) {
        gp_decide_report(&decider);
        return;
    }
    assert(command->verb < COUNT(transitions) && transitions[command->verb].rule != NULL);
    if (may_go_on(&decider))
        transitions[command->verb].rule(&decider, transitions[command->verb].to);
    assert(ret_decision->reason != GP_REASON_NONE || ret_decision->entry_count > 0);
}
