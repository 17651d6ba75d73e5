/*
 * Counting: one function for each kind of fact, obeying docs/ASSESSMENT.md.
 */
#include "core/assess.h"

#include "core/calendar.h"
#include "core/decide.h"
#include "core/post.h"

#include <assert.h>

static uint32_t bit(enum gp_figure figure)
{
    return UINT32_C(1) << figure;
}

/* ---------------------------------------------------------------- whose it is */

static uint32_t last_unit(const struct gp_assess *assess)
{
    return gp_assess_units(assess->org, assess->ask->by) - 1;
}

/* R7: the level that should have filled a vacant owner post: D1, of department posts H. */
static uint32_t answers_for(const struct gp_assess *assess, const struct gp_case *item,
                            uint32_t post)
{
    const struct gp_org *org = assess->org;

    if (item->unfilled == GP_NONE || item->area == GP_NONE)
        return post;
    const struct gp_post *vacant = &org->posts[item->unfilled];
    bool line = vacant->kind == GP_POST_A;
    uint32_t found = gp_post_of(org, line ? GP_POST_D1 : GP_POST_H, item->area, GP_NONE,
                                line ? GP_NONE : vacant->department);
    return found != GP_NONE ? found : post;
}

static uint32_t unit_of_area(const struct gp_assess *assess, const struct gp_case *item)
{
    uint8_t level = assess->ask->level != 0 ? assess->ask->level : GP_LEVEL_COMMUNITY;
    uint32_t area = gp_org_area_at(assess->org, item->area, assess->ask->to_ms - 1);
    return gp_org_ancestor(assess->org, area, (enum gp_level)level);
}

/* The unit that an entry counts for when this post is meant; the last unit where there is none. */
static uint32_t unit_of(const struct gp_assess *assess, const struct gp_case *item,
                        const struct gp_fact *fact, uint32_t post)
{
    const struct gp_org *org = assess->org;
    uint32_t unit = GP_NONE;

    switch ((enum gp_assess_by)assess->ask->by) {
    case GP_BY_AREA:
        unit = unit_of_area(assess, item);
        break;
    case GP_BY_POST:
        unit = post;
        break;
    case GP_BY_PERSON:
        if (post != GP_NONE && item->area != GP_NONE)
            unit = gp_post_effective(org, post, item->area, fact->at_ms).person;
        break;
    case GP_BY_DEPARTMENT:
        unit = gp_org_department(org, fact->department);
        break;
    case GP_BY_LINE:
        unit = gp_org_line(org, fact->line);
        break;
    case GP_BY_NONE:
        break;
    }
    return unit != GP_NONE ? unit : last_unit(assess);
}

/* ---------------------------------------------------------------- shares */

static uint32_t new_share(struct gp_assess *assess, struct gp_case *item, uint32_t unit,
                          uint32_t subject)
{
    uint32_t at = assess->share_count;

    assert(at < assess->share_room);
    assess->share_count++;
    assess->share[at] = (struct gp_share){
        .incident = item->incident, .unit = unit, .next = item->share, .subject = subject};
    item->share = at;
    return at;
}

static uint32_t share_of(struct gp_assess *assess, struct gp_case *item, uint32_t unit)
{
    for (uint32_t at = item->share; at != GP_NONE; at = assess->share[at].next) {
        if (assess->share[at].unit == unit && assess->share[at].subject == 0)
            return at;
    }
    return new_share(assess, item, unit, 0);
}

static bool within(const struct gp_assess *assess, const struct gp_case *item,
                   const struct gp_fact *fact)
{
    return fact->at_ms >= assess->ask->from_ms && !item->outside;
}

/* The share of whoever answers for what the owner post did; NULL outside the period. */
static struct gp_share *owners_share(struct gp_assess *assess, struct gp_case *item,
                                     const struct gp_fact *fact)
{
    if (!within(assess, item, fact))
        return NULL;
    uint32_t post = answers_for(assess, item, gp_org_post(assess->org, fact->owner));
    uint32_t unit = unit_of(assess, item, fact, post);
    return &assess->share[share_of(assess, item, unit)];
}

static struct gp_share *posts_share(struct gp_assess *assess, struct gp_case *item,
                                    const struct gp_fact *fact, struct gp_span post)
{
    if (!within(assess, item, fact))
        return NULL;
    uint32_t unit = unit_of(assess, item, fact, gp_org_post(assess->org, post));
    return &assess->share[share_of(assess, item, unit)];
}

static void mark(struct gp_share *share, enum gp_figure figure)
{
    if (share != NULL)
        share->figures |= bit(figure);
}

/* ---------------------------------------------------------------- reports */

/* The grid's officer, if that is who reports; GP_NONE. */
static uint32_t officer(const struct gp_assess *assess, const struct gp_case *item,
                        const struct gp_fact *fact)
{
    const struct gp_org *org = assess->org;
    uint32_t person = gp_org_person(org, fact->actor);
    uint32_t post =
        item->area != GP_NONE ? gp_post_of(org, GP_POST_B, item->area, GP_NONE, GP_NONE) : GP_NONE;

    if (person == GP_NONE || post == GP_NONE ||
        !gp_person_acts_for(org, person, post, item->area, fact->at_ms))
        return GP_NONE;
    return post;
}

/* By person a report is the reporter's own; by post the grid's, where its officer reports. */
static void on_reported(struct gp_assess *assess, struct gp_case *item, const struct gp_fact *fact)
{
    uint32_t post = officer(assess, item, fact);
    uint32_t unit = unit_of(assess, item, fact, post);

    if (!within(assess, item, fact))
        return;
    if (assess->ask->by == GP_BY_PERSON) {
        uint32_t person = gp_org_person(assess->org, fact->actor);
        unit = person != GP_NONE ? person : last_unit(assess);
    }
    struct gp_share *share = &assess->share[share_of(assess, item, unit)];
    mark(share, GP_FIGURE_REPORTED);
    if (post != GP_NONE)
        mark(share, GP_FIGURE_PATROL);
}

/* Filed counts for the first owner, who is known an entry later. */
static void note_filed(struct gp_assess *assess, struct gp_case *item, const struct gp_fact *fact)
{
    if (fact->what == GP_WHAT_FILED)
        item->filed = within(assess, item, fact);
    if (!item->filed || fact->owner.len == 0)
        return;
    mark(owners_share(assess, item, fact), GP_FIGURE_FILED);
    item->filed = false;
}

/* ---------------------------------------------------------------- accepting */

static void accept(struct gp_assess *assess, struct gp_case *item, const struct gp_fact *fact,
                   bool in_time)
{
    struct gp_share *share = item->accept_open ? owners_share(assess, item, fact) : NULL;

    item->accept_open = false;
    mark(share, GP_FIGURE_SHOULD_ACCEPT);
    if (share != NULL && !in_time)
        share->unaccepted++;
}

/* ---------------------------------------------------------------- finishing */

/* Work begins for somebody: they have not been called, and their due has not passed. */
static void start_round(struct gp_case *item, bool to_accept)
{
    item->accept_open = to_accept;
    item->finish_open = true;
}

/* Suspended within [from, to): nothing else is taken out of the handling time. */
static void cut_gap(const struct gp_case *item, int64_t from_ms, int64_t to_ms, int64_t *ret_from,
                    int64_t *ret_to)
{
    int64_t end_ms = item->gap_to_ms != 0 ? item->gap_to_ms : to_ms;

    *ret_from = item->gap_from_ms > from_ms ? item->gap_from_ms : from_ms;
    *ret_to = end_ms < to_ms ? end_ms : to_ms;
    if (item->gap_from_ms == 0 || *ret_to < *ret_from)
        *ret_to = *ret_from;
}

static void time_handling(struct gp_assess *assess, struct gp_case *item, int64_t finished_ms,
                          struct gp_share *share)
{
    const struct gp_calendar *calendar = gp_org_calendar(assess->org, item->area);
    int64_t gap_from, gap_to;

    cut_gap(item, item->started_ms, finished_ms, &gap_from, &gap_to);
    share->clock_ms = finished_ms - item->started_ms - (gap_to - gap_from);
    share->work_ms = gp_calendar_worked(calendar, item->started_ms, finished_ms) -
                     gp_calendar_worked(calendar, gap_from, gap_to);
}

static void on_finished(struct gp_assess *assess, struct gp_case *item, const struct gp_fact *fact)
{
    struct gp_share *share = owners_share(assess, item, fact);

    if (fact->bits & GP_PATCH_DISPATCH) { /* on the spot (R22) */
        item->started_ms = fact->at_ms;
        start_round(item, false);
    }
    if (fact->bits & GP_PATCH_ACCEPT)
        accept(assess, item, fact, true);
    if (share == NULL) {
        item->finish_open = false;
        return;
    }
    share->settled += item->finish_open;
    item->finish_open = false;
    /* The last finish of the period is the one whose time counts. */
    if (item->handled != GP_NONE)
        assess->share[item->handled].figures &= ~bit(GP_FIGURE_HANDLED);
    item->handled = (uint32_t)(share - assess->share);
    mark(share, GP_FIGURE_HANDLED);
    time_handling(assess, item, fact->at_ms, share);
}

/* The due passed. Whoever owned then answers, and the entry says who: handover comes after it. */
static void on_red(struct gp_assess *assess, struct gp_case *item, const struct gp_fact *fact)
{
    bool final = fact->stage + 1 >= item->stages;
    struct gp_share *share = !final || item->finish_open ? owners_share(assess, item, fact) : NULL;

    if (final)
        item->finish_open = false;
    if (share == NULL)
        return;
    share->red_seq = fact->seq;
    if (final) {
        share->settled++;
        share->missed++;
    } else {
        share->stages_missed++;
    }
}

static void on_step(struct gp_assess *assess, struct gp_case *item, const struct gp_fact *fact)
{
    if (fact->step == GP_STEP_UNACCEPTED)
        accept(assess, item, fact, false);
    else if (fact->step == GP_STEP_RED)
        on_red(assess, item, fact);
}

/* ---------------------------------------------------------------- taking back */

/* R11: an extension that was asked for in time took the overdue back: the due is to come again. */
static void take_back(struct gp_assess *assess, struct gp_case *item, uint64_t seq)
{
    for (uint32_t at = item->share; at != GP_NONE; at = assess->share[at].next) {
        struct gp_share *share = &assess->share[at];
        if (share->red_seq != seq)
            continue;
        share->red_seq = 0;
        if (share->missed > 0) {
            share->settled--;
            share->missed--;
        } else if (share->stages_missed > 0) {
            share->stages_missed--;
        }
    }
}

static void on_replanned(struct gp_assess *assess, struct gp_case *item, const struct gp_fact *fact)
{
    for (uint8_t i = 0; i < fact->ref_count; i++)
        take_back(assess, item, fact->ref_seq[i]);
    if (fact->ref_count > 0)
        item->finish_open = true;
}

/* ---------------------------------------------------------------- strikes */

/* Never 0: that is a share without a strike. */
static uint32_t subject_of(struct gp_span person)
{
    uint32_t key = gp_post_key(person);
    return key != 0 ? key : 1;
}

static void on_strike(struct gp_assess *assess, struct gp_case *item, const struct gp_fact *fact)
{
    uint32_t unit;

    if (!within(assess, item, fact))
        return;
    unit = unit_of(assess, item, fact, gp_org_post(assess->org, fact->owner));
    if (assess->ask->by == GP_BY_PERSON) {
        uint32_t person = gp_org_person(assess->org, fact->struck);
        unit = person != GP_NONE ? person : last_unit(assess);
    }
    uint32_t at = new_share(assess, item, unit, subject_of(fact->struck));
    mark(&assess->share[at], GP_FIGURE_STRIKES);
}

/* A granted appeal lifts the effect (R17). */
static void on_appealed(struct gp_assess *assess, struct gp_case *item, const struct gp_fact *fact)
{
    uint32_t subject = subject_of(fact->struck);

    if (fact->strike_state != GP_STRIKE_LIFTED)
        return;
    for (uint32_t at = item->share; at != GP_NONE; at = assess->share[at].next) {
        if (assess->share[at].subject == subject)
            assess->share[at].figures &= ~bit(GP_FIGURE_STRIKES);
    }
}

/* ---------------------------------------------------------------- side lines */

/* A due that moved before it passed needs nothing: its red has moved with it. */
static void on_ruled(struct gp_case *item, const struct gp_fact *fact)
{
    bool moved = fact->level == GP_RESULT_YES && (fact->bits & GP_PATCH_OWNER) != 0;

    if (!moved)
        return;
    item->unfilled = GP_NONE;
    start_round(item, true);
}

static void on_returned(struct gp_assess *assess, struct gp_case *item, const struct gp_fact *fact)
{
    struct gp_share *share = posts_share(assess, item, fact, fact->returner);

    mark(share, GP_FIGURE_RETURNED);
    if (fact->flags & GP_FLAG_BUCK_PASSING)
        mark(share, GP_FIGURE_BUCK_PASSED);
}

static void on_resumed(struct gp_case *item, const struct gp_fact *fact)
{
    item->gap_to_ms = fact->gap_to_ms != 0 ? fact->gap_to_ms : fact->at_ms;
}

/* ---------------------------------------------------------------- where it stands */

static void know_place(struct gp_assess *assess, struct gp_case *item, const struct gp_fact *fact)
{
    const struct gp_org *org = assess->org;
    struct gp_area_ref asked = assess->ask->area;

    item->area = gp_org_area_at(org, gp_org_area_ref(org, fact->area), fact->at_ms);
    item->outside =
        asked.padded != 0 && !gp_org_covers(org, asked, fact->area, assess->ask->to_ms - 1);
}

static void know_facts(struct gp_assess *assess, struct gp_case *item, const struct gp_fact *fact)
{
    uint32_t bits = fact->bits;

    if (item->incident == 0)
        *item = (struct gp_case){.incident = fact->incident,
                                 .share = GP_NONE,
                                 .handled = GP_NONE,
                                 .unfilled = GP_NONE,
                                 .stages = 1};
    know_place(assess, item, fact);
    item->is_void = fact->state == GP_STATE_VOID;
    if (bits & (GP_PATCH_ROW | GP_PATCH_PLAN))
        item->stages = fact->stages;
    if (bits & GP_PATCH_SIDE && fact->what == GP_WHAT_DISPATCHED)
        item->unfilled = gp_org_post(assess->org, fact->unfilled);
}

static void on_work(struct gp_case *item, const struct gp_fact *fact)
{
    switch ((enum gp_what)fact->what) {
    case GP_WHAT_DISPATCHED:
    case GP_WHAT_REOPENED:
        item->started_ms = fact->at_ms;
        start_round(item, true);
        break;
    case GP_WHAT_REASSIGNED: /* corrected before it was filed: nobody owns it yet */
        item->unfilled = GP_NONE;
        if (fact->state == GP_STATE_DISPATCHED)
            start_round(item, true);
        break;
    case GP_WHAT_RULED:
        on_ruled(item, fact);
        break;
    case GP_WHAT_LINKED:
    case GP_WHAT_UNLINKED:
        item->linked = fact->what == GP_WHAT_LINKED;
        break;
    case GP_WHAT_RESUMED:
        on_resumed(item, fact);
        break;
    case GP_WHAT_SUSPENDED:
        item->gap_from_ms = fact->at_ms;
        item->gap_to_ms = 0;
        break;
    default:
        break;
    }
}

static void count(struct gp_assess *assess, struct gp_case *item, const struct gp_fact *fact)
{
    switch ((enum gp_what)fact->what) {
    case GP_WHAT_REPORTED:
        on_reported(assess, item, fact);
        break;
    case GP_WHAT_ACCEPTED:
        accept(assess, item, fact, true);
        break;
    case GP_WHAT_FINISHED:
        on_finished(assess, item, fact);
        break;
    case GP_WHAT_STEP:
        on_step(assess, item, fact);
        break;
    case GP_WHAT_REPLANNED:
        on_replanned(assess, item, fact);
        break;
    case GP_WHAT_REWORK:
        mark(owners_share(assess, item, fact), GP_FIGURE_REWORK);
        start_round(item, false);
        break;
    case GP_WHAT_RETURNED:
    case GP_WHAT_ARBITRATED:
        on_returned(assess, item, fact);
        break;
    case GP_WHAT_SUSPENDED:
        mark(owners_share(assess, item, fact), GP_FIGURE_SUSPENDED);
        break;
    case GP_WHAT_STRIKE:
        on_strike(assess, item, fact);
        break;
    case GP_WHAT_APPEALED:
        on_appealed(assess, item, fact);
        break;
    default:
        break;
    }
}

void gp_assess_count(struct gp_assess *assess, struct gp_case *item, const struct gp_fact *fact)
{
    assert(fact->incident != 0);
    assert(item->incident == 0 || item->incident == fact->incident);
    assert(fact->at_ms < assess->ask->to_ms);
    assert(assess->share_count + GP_SHARES_PER_ENTRY <= assess->share_room);
    know_facts(assess, item, fact);
    on_work(item, fact);
    note_filed(assess, item, fact);
    count(assess, item, fact);
}
