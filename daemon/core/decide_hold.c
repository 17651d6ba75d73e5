/*
 * Who holds a post, by command, and what a leave means for the work of whoever holds one (R6). A
 * tenure begins at its `from`; whoever held the post before holds it no longer from then on.
 */
#include "core/decide_internal.h"
#include "core/standing.h"

#include <assert.h>

/* The holder at an instant; the empty span for a vacant post. */
static struct gp_span holder_at(const struct gp_org *org, uint32_t post, int64_t at_ms,
                                uint32_t *ret_person)
{
    *ret_person = GP_NONE;
    for (size_t i = 0; i < org->holding_count; i++) {
        const struct gp_holding *holding = &org->holdings[i];
        if (holding->post == post && at_ms >= holding->from_ms && at_ms < holding->to_ms)
            *ret_person = holding->person;
    }
    return *ret_person != GP_NONE ? org->persons[*ret_person].id : (struct gp_span){"", 0};
}

/* False: refused. Assessments ask who held a post at a moment of the past, so that must stay as it
 * was. */
static bool tenure_is_sound(struct gp_decider *decider, uint32_t post,
                            const struct gp_tenure *tenure)
{
    const struct gp_org *org = decider->scene->org;

    if (tenure->person.len > 0 && gp_org_person(org, tenure->person) == GP_NONE) {
        gp_refuse(decider, GP_REASON_UNKNOWN_PERSON, "'%.*s' is not in people.csv",
                  GP_SPAN_ARG(tenure->person));
        return false;
    }
    if (tenure->to_ms <= tenure->from_ms || tenure->to_ms <= decider->scene->now_ms) {
        gp_refuse(decider, GP_REASON_TOO_LONG, "it ends before it begins, or is over");
        return false;
    }
    if (tenure->from_ms < decider->scene->now_ms - GP_MS_DAY) {
        gp_refuse(decider, GP_REASON_LATE, "it may have begun a day ago at the earliest");
        return false;
    }
    if (!gp_may_fill(org, decider->actor, post, decider->scene->now_ms)) {
        gp_refuse(decider, GP_REASON_NOT_ALLOWED,
                  "D1 fills A and B of the community, H F and K of the department, S1 the "
                  "street's posts, X any");
        return false;
    }
    return true;
}

static void write_tenure(struct gp_decider *decider, uint32_t post, const struct gp_tenure *tenure)
{
    const struct gp_org *org = decider->scene->org;
    const char *kind = gp_post_kind_name(org->posts[post].kind);
    struct gp_effective who = {.post = post, .path = GP_PATH_HOLDER};
    struct gp_entry *entry = gp_entry_new(decider, GP_WHAT_AUDIT);
    char interval[GP_INTERVAL_BYTES];
    uint32_t before;

    gp_interval_format(tenure->from_ms, tenure->to_ms, gp_org_calendar(org, GP_NONE)->zone_ms,
                       interval);
    struct gp_span was = holder_at(org, post, tenure->from_ms, &before);
    entry->subject = tenure->post;
    entry->tenure = *tenure;
    if (org->posts[post].area_count > 0)
        entry->area = org->areas[org->posts[post].areas[0]].ref;
    entry->text =
        gp_draft(decider, "post %.*s: %s%.*s %s (before: %s%.*s)%s%.*s", GP_SPAN_ARG(tenure->post),
                 tenure->person.len > 0 ? "held by " : "vacant", GP_SPAN_ARG(tenure->person),
                 interval, was.len > 0 ? "" : "nobody", GP_SPAN_ARG(was),
                 decider->command->text.len > 0 ? ": " : "", GP_SPAN_ARG(decider->command->text));
    who.person = gp_org_person(org, tenure->person);
    gp_tell_person(decider, entry, who, kind);
    who.person = before;
    gp_tell_person(decider, entry, who, kind);
}

void gp_decide_hold(struct gp_decider *decider)
{
    const struct gp_command *command = decider->command;
    uint32_t post = gp_need_post(decider, command->post);

    if (post == GP_NONE)
        return;
    const struct gp_tenure tenure = {
        .id = decider->scene->new_tenure_id,
        .post = command->post,
        .person = command->person,
        .from_ms = command->from_ms != 0 ? command->from_ms : decider->scene->now_ms,
        .to_ms = command->to_ms != 0 ? command->to_ms : INT64_MAX,
    };
    if (tenure_is_sound(decider, post, &tenure))
        write_tenure(decider, post, &tenure);
}

/* ---------------------------------------------------------------- R6 */

void gp_decide_owner_shift(const struct gp_scene *scene, struct gp_decision *ret_decision)
{
    struct gp_decider decider;
    struct gp_entry *entry;

    assert(scene->incident != NULL && gp_state_open(scene->incident->state));
    assert(scene->leave != NULL);
    gp_decider_begin(&decider, scene, NULL, ret_decision);
    entry = gp_entry_new(&decider, GP_WHAT_OWNER_SHIFT);
    entry->subject = scene->leave->person;
    entry->leave = *scene->leave;
    entry->leave.shifted = scene->incident->id;
    gp_tell_now(&decider, gp_bit(GP_TELL_OWNER), entry);
    gp_emit(&decider, entry);
}
