#include "property/promises.h"

#include "core/plan.h"
#include "property/fail.h"
#include "property/rules.h"

#define ENTRY(entry) (unsigned long long)(entry)->seq

static bool among(const struct gp_span *list, uint8_t count, struct gp_span who)
{
    for (uint8_t i = 0; i < count; i++) {
        if (gp_span_equal(list[i], who))
            return true;
    }
    return false;
}

/* A step tells somebody, and belongs to a clock that runs in this state. */
static void check_step(const struct gp_incident *before, const struct gp_entry *entry)
{
    if (!rules_step(before->state, entry->step))
        fail("%s fires while incident %llu is %s, at entry %llu", gp_step_name(entry->step),
             (unsigned long long)entry->incident, gp_state_name(before->state), ENTRY(entry));
    if (entry->recipient_count == 0 && !(entry->flags & GP_FLAG_COALESCED))
        fail("%s tells nobody at entry %llu", gp_step_name(entry->step), ENTRY(entry));
    for (uint8_t i = 0; i < entry->recipient_count; i++) {
        for (uint8_t j = 0; j < i; j++) {
            if (gp_span_equal(entry->recipient[i].person, entry->recipient[j].person))
                fail("entry %llu tells one person twice", ENTRY(entry));
        }
    }
}

/* The limit is passed once, and the record names who owned then. */
static void check_overdue(const struct gp_incident *before, const struct gp_entry *entry,
                          const struct gp_incident *after)
{
    bool red = entry->what == GP_WHAT_STEP && entry->step == GP_STEP_RED;

    if (red && after->overdue_ms == 0)
        fail("red leaves no record of the limit at entry %llu", ENTRY(entry));
    if (red && before->overdue_ms == 0 && !gp_span_equal(after->overdue_post, before->owner))
        fail("entry %llu records the limit against another post than the owner", ENTRY(entry));
    if (!red && entry->what != GP_WHAT_REPLANNED && before->overdue_ms != after->overdue_ms)
        fail("entry %llu (%s) touches the record of the limit", ENTRY(entry),
             gp_what_name(entry->what));
}

/* R5, R13: who finished does not verify. What is not drawn of on-spot work nobody verifies. */
static void check_verified(const struct gp_incident *before, const struct gp_entry *entry)
{
    if (!before->side.on_spot && among(before->finisher, before->finisher_count, entry->actor))
        fail("who finished it verifies at entry %llu", ENTRY(entry));
}

/* R19: informed, where the row says so, unless private; what follows another one closes with it. */
static void check_closed(const struct gp_incident *before, const struct gp_entry *entry)
{
    if (before->state != GP_STATE_DUPLICATE && before->row.informed && !before->row.is_private &&
        !before->informed)
        fail("closed at entry %llu without telling the residents", ENTRY(entry));
}

/* R17: one strike per incident and subject. */
static void check_strike(const struct gp_incident *before, const struct gp_entry *entry)
{
    if (among(before->side.struck, before->side.struck_count, entry->subject))
        fail("a second strike for %.*s at entry %llu", GP_SPAN_ARG(entry->subject), ENTRY(entry));
    if (entry->level < 1 || entry->level > 3 || entry->nth < entry->level)
        fail("a strike of level %u, number %u, at entry %llu", entry->level, entry->nth,
             ENTRY(entry));
}

static struct gp_strike *known_strike(struct model *model, const struct gp_strike *strike)
{
    for (unsigned i = 0; i < model->strike_count; i++) {
        struct gp_strike *known = &model->strike[i];
        if (known->incident == strike->incident && gp_span_equal(known->person, strike->person))
            return known;
    }
    if (model->strike_count == STRIKES_MAX)
        fail("more than %d strikes", STRIKES_MAX);
    return &model->strike[model->strike_count++];
}

void promises_strike(struct model *model)
{
    const struct gp_entry *entry = &model->entry;
    uint32_t before = 0;

    if (entry->strike.person.len == 0)
        return;
    for (unsigned i = 0; i < model->strike_count; i++)
        before += model->strike[i].state != GP_STRIKE_LIFTED &&
                  model->strike[i].year == entry->strike.year &&
                  gp_span_equal(model->strike[i].person, entry->strike.person);
    if (entry->what == GP_WHAT_STRIKE && entry->strike.number != before + 1)
        fail("strike number %u of %.*s at entry %llu, with %u before it", entry->strike.number,
             GP_SPAN_ARG(entry->subject), ENTRY(entry), before);
    *known_strike(model, &entry->strike) = entry->strike;
}

/* R8: whoever gets it, the overall clock goes on: what comes behind blue stays where it was. */
static void check_overall(const struct gp_incident *before, const struct gp_entry *entry,
                          const struct gp_incident *after)
{
    for (uint8_t i = 0; i < before->plan.step_count; i++) {
        const struct gp_plan_step *was = &before->plan.step[i], *is;
        if (was->stage != before->plan.current || was->step < GP_STEP_ORANGE ||
            was->step > GP_STEP_REPEAT)
            continue;
        is = gp_plan_find(&after->plan, after->plan.current, was->step);
        if (is != NULL && (is->at_ms != was->at_ms || is->nth != was->nth))
            fail("a new owner moves %s at entry %llu", gp_step_name(was->step), ENTRY(entry));
    }
}

/* R8, R11, R12: how often. */
static void check_often(const struct gp_entry *entry, const struct gp_incident *after)
{
    const struct gp_side *side = &after->side;

    if (side->suspensions > 1 || side->barred_count > GP_RETURNS_MAX ||
        side->buck_passed > side->returns)
        fail("suspended %u times, returned %u times, at entry %llu", side->suspensions,
             side->returns, ENTRY(entry));
    if ((side->returned_ms != 0) != (side->returner.len > 0))
        fail("half a return at entry %llu", ENTRY(entry));
    if ((after->state == GP_STATE_RETURNED || after->state == GP_STATE_ARBITRATION) !=
        (side->returner.len > 0))
        fail("incident %llu is %s, and a ruling is %s at entry %llu",
             (unsigned long long)entry->incident, gp_state_name(after->state),
             side->returner.len > 0 ? "awaited" : "not awaited", ENTRY(entry));
    if ((after->state == GP_STATE_DUPLICATE) && side->main == 0)
        fail("a duplicate of nothing at entry %llu", ENTRY(entry));
    if ((after->state == GP_STATE_SUSPENDED) != (side->resume_ms != 0))
        fail("incident %llu is %s with%s a date to go on at entry %llu",
             (unsigned long long)entry->incident, gp_state_name(after->state),
             side->resume_ms != 0 ? "" : "out", ENTRY(entry));
}

void promises_entry(const struct gp_incident *before, const struct gp_entry *entry,
                    const struct gp_incident *after)
{
    check_overdue(before, entry, after);
    check_often(entry, after);
    switch (entry->what) {
    case GP_WHAT_STEP:
        check_step(before, entry);
        break;
    case GP_WHAT_VERIFIED:
    case GP_WHAT_REWORK:
        check_verified(before, entry);
        break;
    case GP_WHAT_CLOSED:
        check_closed(before, entry);
        break;
    case GP_WHAT_RULED:
    case GP_WHAT_REASSIGNED:
        check_overall(before, entry, after);
        break;
    case GP_WHAT_STRIKE:
        check_strike(before, entry);
        break;
    default:
        break;
    }
}

/* R21: what follows an incident follows an open one that follows none. */
void promises_incident(const struct model *model, const struct gp_incident *incident)
{
    const struct gp_incident *main;

    if (incident->state != GP_STATE_DUPLICATE)
        return;
    if (incident->side.main > model->last_id)
        fail("incident %llu follows one that is not there", (unsigned long long)incident->id);
    main = &model->incident[incident->side.main].folded;
    if (!gp_state_open(main->state) || main->side.main != 0)
        fail("incident %llu follows %llu, which is %s", (unsigned long long)incident->id,
             (unsigned long long)main->id, gp_state_name(main->state));
}
