/* Plans that a decision makes: fresh ones, ladders anew, the clocks beside the owner's, and a new
 * owner with a plan of their own. */
#include "core/decide_internal.h"

#include <assert.h>

const struct gp_calendar *gp_calendar_here(const struct gp_decider *decider)
{
    assert(decider->area != GP_NONE);
    return gp_org_calendar(decider->scene->org, decider->area);
}

int64_t gp_side_clock_ms(const struct gp_decider *decider, const struct gp_plan *plan,
                         enum gp_step step)
{
    const struct gp_stage *stage = gp_plan_stage_now(plan);
    const struct gp_ladder *ladder = gp_stage_ladder(decider->scene->org, stage);
    bool continuous = ladder != NULL ? ladder->continuous : gp_unit_continuous(stage->amount.unit);
    const struct gp_rung *rung = gp_ladder_side_rung(ladder, step, continuous);
    int64_t at_ms = decider->scene->now_ms;

    if (rung->has_amount)
        (void)gp_calendar_add(gp_calendar_here(decider), at_ms, rung->amount, GP_WD_HOURS,
                              &at_ms); /* a calendar that ends: at once, rather than never */
    return at_ms;
}

/* The running stage's steps leave the plan, those of other stages are over. */
static void clear_stage(struct gp_plan *plan)
{
    uint8_t kept = 0;

    gp_plan_end_side(plan);
    gp_plan_drop(plan, GP_STEP_NONE);
    for (uint8_t i = 0; i < plan->step_count; i++) {
        if (plan->step[i].stage != plan->current)
            plan->step[kept++] = plan->step[i];
    }
    gp_plan_cut(plan, kept);
}

int gp_plan_anew(struct gp_decider *decider, struct gp_plan *plan)
{
    clear_stage(plan);
    return gp_plan_retime(gp_calendar_here(decider), decider->scene->org, &decider->incident->row,
                          plan->current, true, plan);
}

/* Steps behind blue keep what they went through. */
static void keep_overall(const struct gp_plan *old, struct gp_plan *plan)
{
    for (uint8_t i = 0; i < plan->step_count; i++) {
        struct gp_plan_step *step = &plan->step[i];
        if (step->stage != plan->current || step->step < GP_STEP_ORANGE)
            continue;
        const struct gp_plan_step *was = gp_plan_find(old, step->stage, step->step);
        if (was != NULL) /* never paused: only `link` and `suspend` stop it, and end first */
            *step = *was;
    }
    for (uint8_t i = 0; i < old->step_count; i++) { /* what fired stays, also without its rung */
        const struct gp_plan_step *was = &old->step[i];
        if (was->stage == plan->current && was->status == GP_FIRED && was->step >= GP_STEP_ORANGE &&
            was->step <= GP_STEP_REPEAT && gp_plan_find(plan, was->stage, was->step) == NULL)
            gp_plan_append(plan, was);
    }
}

int gp_plan_fresh(struct gp_decider *decider, struct gp_plan *plan)
{
    const struct gp_plan old = *plan;
    const struct gp_stage *was = &old.stage[old.current];

    plan->stage[plan->current] = (struct gp_stage){
        .start_ms = decider->scene->now_ms,
        .overall_ms = was->overall_ms != 0 ? was->overall_ms : was->due_ms,
    };
    int rc = gp_plan_anew(decider, plan);
    if (rc == 0)
        keep_overall(&old, plan);
    return rc;
}

void gp_fire_dispatch(struct gp_decider *decider)
{
    const struct gp_plan *plan = &decider->incident->plan;
    const struct gp_plan_step *step = gp_plan_find(plan, plan->current, GP_STEP_DISPATCH);

    if (step != NULL && step->status == GP_PLANNED)
        gp_fire_step(decider, step, false);
}

void gp_end_asking(struct gp_side *side)
{
    side->asked_ms = 0;
    side->asked_h = 0;
    side->asker = side->helper = (struct gp_span){0};
    side->fired_count = side->struck_before = 0;
}

uint8_t gp_asked_stage(const struct gp_incident *incident)
{
    uint8_t stage = incident->plan.current;

    assert(incident->side.asked_ms != 0);
    while (stage > 0 && incident->plan.stage[stage].start_ms > incident->side.asked_ms)
        stage--;
    return stage;
}

void gp_end_return(struct gp_side *side)
{
    side->returner = side->suggested = (struct gp_span){0};
    side->returned_ms = 0;
    side->resume_state = GP_STATE_NONE;
}

void gp_end_undone(struct gp_decider *decider, struct gp_entry *entry)
{
    entry->patch.bits |= GP_PATCH_CLOSE;
    gp_plan_end_side(gp_plan_of(decider, entry));
    gp_plan_drop(gp_plan_of(decider, entry), GP_STEP_NONE);
    gp_end_asking(gp_side_of(decider, entry));
    gp_end_return(gp_side_of(decider, entry));
}

/* The department that answers for an A post's work: the row's own, where that is of its line. */
static uint32_t department_of_line(const struct gp_org *org, const struct gp_row_copy *row,
                                   uint32_t line)
{
    uint32_t found = gp_org_row_version(org, row->code, row->condition, row->valid_from_ms);
    bool own = found != GP_NONE && org->rows[found].line == line;

    return own ? org->rows[found].department : org->lines[line].department;
}

/* The same row under the line and department that a post belongs to; the territory's posts leave it
 * as it is: it is still that department's work. */
static void rename_row(const struct gp_org *org, const struct gp_post *post,
                       struct gp_row_copy *row)
{
    uint32_t department = post->department;

    if (post->kind == GP_POST_A && post->line != GP_NONE) {
        department = department_of_line(org, row, post->line);
        row->line = org->lines[post->line].code;
    }
    if (department != GP_NONE)
        row->department = org->departments[department].code;
}

void gp_set_owner(const struct gp_decider *decider, struct gp_span owner, struct gp_entry *entry)
{
    const struct gp_org *org = decider->scene->org;
    uint32_t post = gp_org_post(org, owner);
    struct gp_patch *patch = &entry->patch;
    const struct gp_row_copy *was = &decider->incident->row;
    struct gp_row_copy row = patch->bits & GP_PATCH_ROW ? patch->row : *was;

    patch->bits |= GP_PATCH_OWNER;
    patch->owner = owner;
    if (post != GP_NONE)
        rename_row(org, &org->posts[post], &row);
    if (gp_span_equal(row.line, was->line) && gp_span_equal(row.department, was->department))
        return;
    if (!(patch->bits & GP_PATCH_ROW))
        patch->community = decider->incident->community;
    patch->bits |= GP_PATCH_ROW;
    patch->row = row;
}

bool gp_move_to(struct gp_decider *decider, struct gp_entry *entry, uint32_t owner)
{
    struct gp_plan *plan = gp_plan_of(decider, entry);

    gp_set_owner(decider, decider->scene->org->posts[owner].id, entry);
    entry->patch.bits |= GP_PATCH_UNACCEPT;
    entry->patch.assistant = (struct gp_span){0};
    gp_end_asking(gp_side_of(decider, entry));
    if (gp_plan_fresh(decider, plan) != 0) {
        gp_refuse(decider, GP_REASON_CALENDAR, "it cannot be planned again");
        return false;
    }
    gp_emit(decider, entry);
    gp_fire_dispatch(decider);
    return true;
}
