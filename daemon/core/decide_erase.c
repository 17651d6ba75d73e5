/*
 * Erasing personal data: what people typed about an incident that is over, and the phone of the
 * resident who reported it. The journal keeps its hashes, and one `audit` entry says who erased how
 * much and why; the fold of that entry deletes the texts.
 *
 * The supervision office or the head of the street erases, never the dispatcher, whose own rulings
 * the texts may prove; and nobody while an appeal awaits its ruling, which is given on these texts.
 */
#include "core/decide_internal.h"

static uint32_t need_eraser(struct gp_decider *decider)
{
    static const enum gp_post_kind erasers[] = {GP_POST_X, GP_POST_S1};
    uint32_t post = gp_acts_for_one_of(decider, erasers, GP_COUNT(erasers));

    if (post == GP_NONE)
        gp_refuse(decider, GP_REASON_NOT_ALLOWED, "the supervision office (X) or S1 erases");
    return post;
}

/* False: refused, because somebody has appealed against a strike from this incident. */
static bool nobody_appeals(struct gp_decider *decider)
{
    const struct gp_side *side = &decider->incident->side;
    struct gp_strike strike;

    for (uint8_t i = 0; i < side->struck_count; i++) {
        if (gp_recall_strike(decider, side->struck[i], &strike) &&
            (strike.state == GP_STRIKE_APPEALED || strike.state == GP_STRIKE_SIGNED)) {
            gp_refuse(decider, GP_REASON_PENDING, "the appeal of %.*s awaits its ruling",
                      GP_SPAN_ARG(strike.person));
            return false;
        }
    }
    return true;
}

static unsigned texts_left(const struct gp_decider *decider)
{
    const struct gp_recall *recall = decider->scene->recall;
    return recall != NULL && recall->texts != NULL
               ? recall->texts(recall->context, decider->incident->id)
               : 0;
}

void gp_do_erase(struct gp_decider *decider, struct gp_leads leads)
{
    uint32_t post = need_eraser(decider);

    if (post == GP_NONE || !gp_need_text(decider) || !nobody_appeals(decider))
        return;
    unsigned left = texts_left(decider);
    if (left == 0 && decider->incident->erased_ms != 0) {
        gp_refuse(decider, GP_REASON_STATE, "nothing is left to erase");
        return;
    }
    struct gp_entry *entry = gp_act(decider, GP_WHAT_AUDIT, post, leads.to);
    entry->erases = true;
    gp_say(entry,
           gp_draft(decider, "erased %u texts: %.*s", left, GP_SPAN_ARG(decider->command->text)));
    gp_emit(decider, entry);
}
