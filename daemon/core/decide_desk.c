/*
 * The dispatcher's desk: filing, voiding, duplicates (R21), reassigning and correcting, and what
 * became of notices (DOMAIN sections 5 and 9).
 */
#include "core/decide_internal.h"

void gp_do_file(struct gp_decider *decider, struct gp_leads leads)
{
    uint32_t post = gp_need_filer(decider, "files");

    (void)leads; /* filing has its own: gp_file_and_dispatch */
    if (post == GP_NONE)
        return;
    decider->actor_post = gp_post_id(decider->scene->org, post);
    gp_file_and_dispatch(decider);
}

static unsigned linked(const struct gp_decider *decider, uint64_t main)
{
    const struct gp_recall *recall = decider->scene->recall;
    return recall != NULL && recall->linked != NULL ? recall->linked(recall->context, main) : 0;
}

bool gp_nobody_follows(struct gp_decider *decider)
{
    unsigned count = linked(decider, decider->incident->id);

    if (count == 0)
        return true;
    gp_refuse(decider, GP_REASON_LINKED, "%u reports follow it: unlink them first", count);
    return false;
}

void gp_do_void(struct gp_decider *decider, struct gp_leads leads)
{
    uint32_t post = gp_need_filer(decider, "voids");

    if (post == GP_NONE || !gp_need_text(decider) || !gp_nobody_follows(decider))
        return;
    struct gp_entry *entry = gp_act(decider, GP_WHAT_VOIDED, post, leads.to);
    gp_end_undone(decider, entry);
    gp_tell_now(decider, gp_bit(GP_TELL_OWNER), entry);
    gp_emit(decider, entry);
}

/* ---------------------------------------------------------------- duplicates */

static bool may_link(struct gp_decider *decider)
{
    const struct gp_incident *main = decider->scene->other;

    if (main == NULL || main->id == decider->incident->id)
        gp_refuse(decider, GP_REASON_UNKNOWN_INCIDENT, "name another incident that is there");
    else if (main->side.main != 0)
        gp_refuse(decider, GP_REASON_LINKED, "#%llu follows #%llu: link to that",
                  (unsigned long long)main->id, (unsigned long long)main->side.main);
    else if (!gp_state_open(main->state))
        gp_refuse(decider, GP_REASON_STATE, "#%llu is %s", (unsigned long long)main->id,
                  gp_state_name(main->state));
    else if (linked(decider, main->id) >= GP_LINKED_MAX)
        gp_refuse(decider, GP_REASON_TOO_MANY, "%d reports follow #%llu already", GP_LINKED_MAX,
                  (unsigned long long)main->id);
    else
        return gp_nobody_follows(decider);
    return false;
}

/* Where unlinking leads back to: of a returned one, to what it was before, with its owner of then.
 */
static void end_ruling(struct gp_decider *decider, struct gp_entry *entry)
{
    struct gp_side *side = gp_side_of(decider, entry);
    uint8_t before = side->resume_state;
    struct gp_span returner = side->returner;

    gp_end_return(side);
    side->resume_state = returner.len > 0 ? before : decider->incident->state;
    if (decider->incident->state != GP_STATE_ARBITRATION)
        return;
    gp_set_owner(decider, returner, entry);
    entry->patch.assistant = decider->incident->assistant;
}

void gp_do_link(struct gp_decider *decider, struct gp_leads leads)
{
    uint32_t post = gp_need_filer(decider, "links");

    if (post == GP_NONE || !may_link(decider))
        return;
    struct gp_entry *entry = gp_act(decider, GP_WHAT_LINKED, post, leads.to);
    struct gp_side *side = gp_side_of(decider, entry);
    struct gp_plan *plan = gp_plan_of(decider, entry);
    entry->other = side->main = decider->scene->other->id;
    end_ruling(decider, entry);
    gp_plan_end_side(plan);
    gp_plan_pause(plan, GP_STEP_REPEAT);
    gp_emit(decider, entry);
}

void gp_do_unlink(struct gp_decider *decider, struct gp_leads leads)
{
    uint32_t post = gp_need_filer(decider, "unlinks");

    if (post == GP_NONE)
        return;
    struct gp_entry *entry = gp_act(decider, GP_WHAT_UNLINKED, post, leads.to);
    struct gp_side *side = gp_side_of(decider, entry);
    entry->other = side->main;
    side->main = 0;
    side->resume_state = GP_STATE_NONE;
    gp_plan_continue(gp_plan_of(decider, entry));
    gp_emit(decider, entry);
}

/* ---------------------------------------------------------------- reassign, correct */

/* R9: who returned it receives it again by a ruling only. False: refused. */
static bool may_receive(struct gp_decider *decider, uint32_t owner)
{
    if (!gp_barred(decider, owner))
        return true;
    gp_refuse(decider, GP_REASON_BARRED, "%.*s or its department returned it: rule on it",
              GP_SPAN_ARG(decider->scene->org->posts[owner].id));
    return false;
}

void gp_do_reassign(struct gp_decider *decider, struct gp_leads leads)
{
    uint32_t post = gp_need_filer(decider, "reassigns");
    uint32_t owner;

    if (post == GP_NONE || !gp_need_text(decider))
        return;
    owner = gp_need_post(decider, decider->command->post);
    if (owner == GP_NONE)
        return;
    if (!may_receive(decider, owner))
        return;
    (void)gp_move_to(decider, gp_act(decider, GP_WHAT_REASSIGNED, post, leads.to),
                     owner); /* a refusal is the answer */
}

/* The dispatcher. Of a grid that has left the directory there is none: then that of the grid where
 * it goes. GP_NONE: refused. */
static uint32_t need_corrector(struct gp_decider *decider)
{
    if (decider->area == GP_NONE && decider->command->grid.len == 0)
        gp_refuse(decider, GP_REASON_UNKNOWN_AREA, "its grid is no more: name another");
    else if (decider->area == GP_NONE)
        decider->area = gp_find_grid(decider);
    return decider->area != GP_NONE ? gp_need_filer(decider, "corrects") : GP_NONE;
}

/* What the command leaves out stays as it is; *ret_row GP_NONE: the row it was filed under. */
static bool corrected(struct gp_decider *decider, uint32_t *ret_area, uint32_t *ret_row)
{
    const struct gp_command *command = decider->command;
    struct gp_command wanted = *command;
    struct gp_decider look = *decider;

    *ret_row = GP_NONE;
    if (wanted.category.len == 0)
        wanted.category = decider->incident->row.code;
    look.command = &wanted;
    *ret_area = wanted.grid.len > 0 ? gp_find_grid(&look) : decider->area;
    if (*ret_area != GP_NONE && (command->category.len > 0 || command->condition.len > 0))
        *ret_row = gp_find_row(&look);
    return decider->out->reason == GP_REASON_NONE;
}

/* Row, area and community as they are right; the incident is seen so from here on, because who owns
 * it follows from them. */
static void set_right(struct gp_decider *decider, uint32_t area, uint32_t row,
                      struct gp_patch *patch)
{
    const struct gp_org *org = decider->scene->org;

    decider->area = area;
    if (row != GP_NONE)
        gp_set_row(decider, &org->rows[row], patch);
    else
        gp_keep_row(decider, patch);
    patch->bits |= GP_PATCH_AREA;
    patch->area = org->areas[area].ref;
    decider->incident->row = patch->row;
    decider->incident->area = patch->area;
}

/* The entry says itself what and where the incident is now. */
static struct gp_entry *correction(struct gp_decider *decider, uint32_t post, uint8_t next_state,
                                   const struct gp_patch *right)
{
    struct gp_entry *entry = gp_act(decider, GP_WHAT_REASSIGNED, post, next_state);

    entry->patch.bits |= right->bits;
    entry->patch.row = right->row;
    entry->patch.area = right->area;
    entry->patch.community = right->community;
    return entry;
}

/* Whether the right row's limit is not the one that runs: of another category or condition, or of a
 * newer version that lacks the running stage. */
static bool other_limit(const struct gp_decider *decider, const struct gp_row_copy *right)
{
    const struct gp_row_copy *was = &decider->scene->incident->row;

    return !gp_span_equal(was->code, right->code) ||
           !gp_span_equal(was->condition, right->condition) ||
           right->limit.stage_count <= decider->incident->plan.current;
}

/* Another row, another limit: its first stage takes over from the one that runs, with the overall
 * clock and what that has brought; the other stages are no more. */
static void to_first_stage(struct gp_plan *plan)
{
    uint8_t kept = 0;

    for (uint8_t i = 0; i < plan->step_count; i++) {
        if (plan->step[i].stage != plan->current)
            continue;
        plan->step[kept] = plan->step[i];
        plan->step[kept++].stage = 0;
    }
    gp_plan_cut(plan, kept);
    plan->stage[0] = plan->stage[plan->current];
    plan->current = 0;
}

void gp_do_correct(struct gp_decider *decider, struct gp_leads leads)
{
    uint32_t post = need_corrector(decider);
    bool reported = decider->incident->state == GP_STATE_REPORTED;
    struct gp_patch right = {0};
    uint32_t area, row, owner;

    if (post == GP_NONE || !gp_need_text(decider) || !corrected(decider, &area, &row))
        return;
    set_right(decider, area, row, &right);
    if (reported) {
        gp_emit(decider, correction(decider, post, GP_STATE_NONE, &right));
        return;
    }
    owner = gp_find_owner(decider, right.row.first_owner); /* its vacancies come first */
    if (owner == GP_NONE || !may_receive(decider, owner))
        return;
    struct gp_entry *entry = correction(decider, post, leads.to, &right);
    gp_end_return(gp_side_of(decider, entry));
    if (other_limit(decider, &right.row))
        to_first_stage(gp_plan_of(decider, entry));
    (void)gp_move_to(decider, entry, owner); /* a refusal is the answer */
}

/* ---------------------------------------------------------------- deliver */

void gp_do_deliver(struct gp_decider *decider, struct gp_leads leads)
{
    const struct gp_command *command = decider->command;
    const struct gp_recall *recall = decider->scene->recall;
    struct gp_span person = command->person.len > 0 ? command->person : command->actor;
    uint64_t incident = 0;

    if (command->delivery == GP_DELIVERY_NONE) {
        gp_refuse(decider, GP_REASON_NO_RESULT, "say delivered, failed or acknowledged");
        return;
    }
    if (command->delivery == GP_DELIVERY_READ && !gp_span_equal(person, command->actor)) {
        gp_refuse(decider, GP_REASON_NOT_ALLOWED, "who was told acknowledges it");
        return;
    }
    if (recall == NULL || recall->told == NULL ||
        !recall->told(recall->context, command->ref_seq, person, &incident) ||
        incident != decider->incident->id) {
        gp_refuse(decider, GP_REASON_NOT_TOLD, "entry %llu of this incident does not tell %.*s",
                  (unsigned long long)command->ref_seq, GP_SPAN_ARG(person));
        return;
    }
    struct gp_entry *entry = gp_act(decider, GP_WHAT_DELIVERED, GP_NONE, leads.to);
    entry->subject = person;
    entry->ref_seq[entry->ref_count++] = command->ref_seq;
    gp_say(entry, gp_span_of(gp_delivery_name(command->delivery)));
    gp_emit(decider, entry);
}
