#include "property/promises.h"

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
