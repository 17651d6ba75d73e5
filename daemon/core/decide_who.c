/* Who may: posts of an incident that the command's actor acts for, and what an act says. */
#include "core/decide_internal.h"

/* ---------------------------------------------------------------- posts */

struct gp_span gp_post_id(const struct gp_org *org, uint32_t post)
{
    return post != GP_NONE ? org->posts[post].id : (struct gp_span){"", 0};
}

uint32_t gp_post_here(const struct gp_decider *decider, enum gp_post_kind kind)
{
    const struct gp_org *org = decider->scene->org;
    const struct gp_row_copy *row = &decider->incident->row;

    if (decider->area == GP_NONE)
        return GP_NONE;
    return gp_post_of(org, kind, decider->area, gp_org_line(org, row->line),
                      gp_org_department(org, row->department));
}

bool gp_acts_for(const struct gp_decider *decider, uint32_t post)
{
    return post != GP_NONE && decider->area != GP_NONE &&
           gp_person_acts_for(decider->scene->org, decider->actor, post, decider->area,
                              decider->scene->now_ms);
}

uint32_t gp_acts_for_one_of(const struct gp_decider *decider, const enum gp_post_kind *kinds,
                            size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t post = gp_post_here(decider, kinds[i]);
        if (gp_acts_for(decider, post))
            return post;
    }
    return GP_NONE;
}

uint32_t gp_owner_post(const struct gp_decider *decider)
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

/* ---------------------------------------------------------------- needs */

uint32_t gp_need_owner(struct gp_decider *decider, bool or_assistant)
{
    uint32_t owner = gp_owner_post(decider);

    if (gp_acts_for(decider, owner))
        return owner;
    if (or_assistant && gp_acts_for(decider, assistant_post(decider)))
        return assistant_post(decider);
    gp_refuse(decider, GP_REASON_NOT_OWNER, "owner is %.*s; its holder and deputies may",
              GP_SPAN_ARG(decider->incident->owner));
    return GP_NONE;
}

uint32_t gp_need_street(struct gp_decider *decider, const char *what)
{
    static const enum gp_post_kind street[] = {GP_POST_SK, GP_POST_S1, GP_POST_S2};
    uint32_t post = gp_acts_for_one_of(decider, street, GP_COUNT(street));

    if (post == GP_NONE)
        gp_refuse(decider, GP_REASON_NOT_ALLOWED, "the street (SK, S1 or S2) %s", what);
    return post;
}

uint32_t gp_need_filer(struct gp_decider *decider, const char *what)
{
    static const enum gp_post_kind filers[] = {GP_POST_SK, GP_POST_S1, GP_POST_D2, GP_POST_D1};
    uint32_t post = gp_acts_for_one_of(decider, filers, GP_COUNT(filers));

    if (post == GP_NONE)
        gp_refuse(decider, GP_REASON_NOT_ALLOWED, "the dispatcher (SK), S1, D2 or D1 %s", what);
    return post;
}

bool gp_need_text(struct gp_decider *decider)
{
    if (decider->command->text.len > 0)
        return true;
    gp_refuse(decider, GP_REASON_NO_REASON, "say why, in the text");
    return false;
}

uint32_t gp_need_post(struct gp_decider *decider, struct gp_span id)
{
    uint32_t post = gp_org_post(decider->scene->org, id);

    if (post == GP_NONE && id.len == 0)
        gp_refuse(decider, GP_REASON_UNKNOWN_POST, "name the post");
    else if (post == GP_NONE)
        gp_refuse(decider, GP_REASON_UNKNOWN_POST, "'%.*s' is not in posts.csv", GP_SPAN_ARG(id));
    return post;
}

bool gp_finished_it(const struct gp_decider *decider, struct gp_span person)
{
    for (uint8_t i = 0; i < decider->incident->finisher_count; i++) {
        if (gp_span_equal(decider->incident->finisher[i], person))
            return true;
    }
    return false;
}

/* ---------------------------------------------------------------- acts */

void gp_set_state(const struct gp_decider *decider, uint8_t next_state, struct gp_entry *entry)
{
    if (next_state == GP_STATE_NONE)
        return;
    entry->patch.bits |= GP_PATCH_STATE;
    entry->patch.state =
        next_state == GP_STATE_BACK ? decider->incident->side.resume_state : next_state;
}

struct gp_entry *gp_act(struct gp_decider *decider, enum gp_what what, uint32_t post,
                        uint8_t next_state)
{
    decider->actor_post = gp_post_id(decider->scene->org, post);
    struct gp_entry *entry = gp_entry_new(decider, what);

    entry->text = decider->command->text;
    entry->patch.person = decider->command->actor;
    entry->patch.at_ms = decider->scene->now_ms;
    gp_set_state(decider, next_state, entry);
    return entry;
}

struct gp_side *gp_side_of(struct gp_decider *decider, struct gp_entry *entry)
{
    if (!(entry->patch.bits & GP_PATCH_SIDE))
        entry->patch.side = decider->incident->side;
    entry->patch.bits |= GP_PATCH_SIDE;
    return &entry->patch.side;
}

struct gp_plan *gp_plan_of(struct gp_decider *decider, struct gp_entry *entry)
{
    if (!(entry->patch.bits & GP_PATCH_PLAN))
        entry->patch.plan = decider->incident->plan;
    entry->patch.bits |= GP_PATCH_PLAN;
    return &entry->patch.plan;
}
