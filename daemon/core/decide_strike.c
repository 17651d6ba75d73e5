/*
 * R17: strikes are drafts for a human to decide. The subject is whoever effectively held the owner
 * post at the step; they count per calendar year, one per incident and subject. An appeal, once,
 * granted by two different signatories, lifts the effect and keeps the fact.
 */
#include "core/decide_internal.h"

static uint16_t year_of(const struct gp_decider *decider, int64_t at_ms)
{
    int year, month, day;

    gp_date_from_day(gp_day_of(at_ms, gp_calendar_here(decider)->zone_ms), &year, &month, &day);
    return (uint16_t)year;
}

static uint32_t strikes_in(const struct gp_decider *decider, struct gp_span person, uint16_t year)
{
    const struct gp_recall *recall = decider->scene->recall;
    return recall != NULL && recall->strikes != NULL
               ? recall->strikes(recall->context, person, year)
               : 0;
}

static bool is_struck(const struct gp_side *side, struct gp_span person)
{
    for (uint8_t i = 0; i < side->struck_count; i++) {
        if (gp_span_equal(side->struck[i], person))
            return true;
    }
    return side->struck_count == GP_STRUCK_MAX;
}

/* 1-2-3; the fourth and later repeat the third. */
static uint32_t level_of(uint32_t number)
{
    return number < 3 ? number : 3;
}

/* The notice as a human will edit and sign it. */
static struct gp_span draft(struct gp_decider *decider, const struct gp_strike *strike,
                            struct gp_span name, struct gp_span post)
{
    static const char *const measures[] = {"", "通报批评", "诫勉谈话", "组织处理"};
    const struct gp_incident *incident = decider->incident;

    return gp_draft(decider,
                    "%s（草稿，待审定）：%.*s（%.*s，岗位%.*s）负责的案卷#%llu（%.*s/%.*s）%s，"
                    "依照规定拟给予%s。本年度第%u次。本人可在规定期限内申诉一次。",
                    measures[level_of(strike->number)], GP_SPAN_ARG(name),
                    GP_SPAN_ARG(strike->person), GP_SPAN_ARG(post),
                    (unsigned long long)incident->id, GP_SPAN_ARG(incident->row.code),
                    GP_SPAN_ARG(incident->row.condition),
                    incident->state == GP_STATE_REWORK ? "三次返工仍不合格" : "逾期未办结",
                    measures[level_of(strike->number)], strike->number);
}

void gp_strike(struct gp_decider *decider, struct gp_span post_id, int64_t at_ms, bool tell)
{
    const struct gp_org *org = decider->scene->org;
    uint32_t post = gp_org_post(org, post_id);
    uint32_t person = post != GP_NONE && decider->area != GP_NONE
                          ? gp_post_effective(org, post, decider->area, at_ms).person
                          : GP_NONE;

    if (person == GP_NONE || is_struck(&decider->incident->side, org->persons[person].id))
        return;
    struct gp_entry *entry = gp_entry_of_itself(decider, GP_WHAT_STRIKE);
    struct gp_strike *strike = &entry->strike;
    struct gp_side *side = gp_side_of(decider, entry);
    *strike = (struct gp_strike){
        .person = org->persons[person].id,
        .year = year_of(decider, at_ms),
        .incident = decider->incident->id,
        .state = GP_STRIKE_DRAFT,
    };
    strike->number = strikes_in(decider, strike->person, strike->year) + 1;
    side->struck[side->struck_count++] = strike->person;
    entry->subject = strike->person;
    entry->level = level_of(strike->number);
    entry->nth = strike->number;
    entry->text = draft(decider, strike, org->persons[person].name, post_id);
    if (tell)
        gp_tell_now(decider, gp_bit(GP_TELL_X), entry);
    gp_emit(decider, entry);
}

/* ---------------------------------------------------------------- appeals */

bool gp_recall_strike(const struct gp_decider *decider, struct gp_span person,
                      struct gp_strike *ret_strike)
{
    const struct gp_recall *recall = decider->scene->recall;
    return recall != NULL && recall->strike_of != NULL &&
           recall->strike_of(recall->context, person, decider->incident->id, ret_strike);
}

static void emit_strike(struct gp_decider *decider, struct gp_entry *entry,
                        const struct gp_strike *strike, struct gp_span text)
{
    entry->strike = *strike;
    entry->subject = strike->person;
    entry->level = level_of(strike->number);
    entry->nth = strike->number;
    if (text.len > 0)
        entry->text = text;
    gp_emit(decider, entry);
}

void gp_lift_strikes(struct gp_decider *decider, uint8_t before)
{
    for (uint8_t i = before; i < decider->incident->side.struck_count; i++) {
        struct gp_strike strike;
        if (!gp_recall_strike(decider, decider->incident->side.struck[i], &strike) ||
            strike.state == GP_STRIKE_LIFTED)
            continue;
        strike.state = GP_STRIKE_LIFTED;
        emit_strike(decider, gp_entry_of_itself(decider, GP_WHAT_APPEALED), &strike,
                    GP_SPAN("lifted: the limit was extended"));
    }
}

/* The strike of the person whom the command names (else of who speaks). False: refused. */
static bool need_strike(struct gp_decider *decider, struct gp_strike *ret_strike)
{
    struct gp_span person =
        decider->command->person.len > 0 ? decider->command->person : decider->command->actor;

    if (gp_recall_strike(decider, person, ret_strike))
        return true;
    gp_refuse(decider, GP_REASON_NO_STRIKE, "%.*s has no strike from this incident",
              GP_SPAN_ARG(person));
    return false;
}

void gp_do_appeal(struct gp_decider *decider, struct gp_leads leads)
{
    struct gp_strike strike;

    if (!need_strike(decider, &strike) || !gp_need_text(decider))
        return;
    if (!gp_span_equal(strike.person, decider->command->actor)) {
        gp_refuse(decider, GP_REASON_NOT_ALLOWED, "%.*s appeals, nobody else",
                  GP_SPAN_ARG(strike.person));
        return;
    }
    if (strike.state != GP_STRIKE_DRAFT) {
        gp_refuse(decider, GP_REASON_TOO_MANY,
                  strike.state == GP_STRIKE_LIFTED ? "it is lifted already"
                                                   : "an appeal is made once");
        return;
    }
    struct gp_entry *entry = gp_act(decider, GP_WHAT_APPEALED, GP_NONE, leads.to);
    strike.state = GP_STRIKE_APPEALED;
    gp_tell_now(decider, gp_bit(GP_TELL_X) | gp_bit(GP_TELL_S1), entry);
    emit_strike(decider, entry, &strike, (struct gp_span){0});
}

/* Signed by one, and by another; a refusal ends it. */
static uint8_t after_signing(struct gp_decider *decider, const struct gp_strike *strike)
{
    if (decider->command->result == GP_RESULT_NO)
        return GP_STRIKE_UPHELD;
    if (strike->state == GP_STRIKE_APPEALED)
        return GP_STRIKE_SIGNED;
    return GP_STRIKE_LIFTED;
}

/* What the signature made of the appeal, and what the signatory says to it. */
static struct gp_span signed_text(struct gp_decider *decider, uint8_t state)
{
    struct gp_span text = decider->command->text;

    return gp_draft(decider, "%s%s%.*s", gp_strike_verdict(state), text.len > 0 ? ": " : "",
                    GP_SPAN_ARG(text));
}

void gp_do_sign(struct gp_decider *decider, struct gp_leads leads)
{
    static const enum gp_post_kind signers[] = {GP_POST_X, GP_POST_S1, GP_POST_S2,
                                                GP_POST_R, GP_POST_H,  GP_POST_H2};
    uint32_t post = gp_acts_for_one_of(decider, signers, GP_COUNT(signers));
    struct gp_span actor = decider->command->actor;
    struct gp_strike strike;

    if (!need_strike(decider, &strike))
        return;
    if (post == GP_NONE || gp_span_equal(actor, strike.person)) {
        gp_refuse(decider, GP_REASON_NOT_ALLOWED, "X, S1, S2, R, H or H2 sign, never the subject");
        return;
    }
    if (strike.state != GP_STRIKE_APPEALED && strike.state != GP_STRIKE_SIGNED) {
        gp_refuse(decider, GP_REASON_NOTHING_ASKED, "no appeal waits for a signature");
        return;
    }
    if (decider->command->result == GP_RESULT_NONE) {
        gp_refuse(decider, GP_REASON_NO_RESULT, "say grant or refuse");
        return;
    }
    if (strike.state == GP_STRIKE_SIGNED && gp_span_equal(actor, strike.signer)) {
        gp_refuse(decider, GP_REASON_OWN_WORK, "%.*s has signed: another person must",
                  GP_SPAN_ARG(actor));
        return;
    }
    struct gp_entry *entry = gp_act(decider, GP_WHAT_APPEALED, post, leads.to);
    strike.state = after_signing(decider, &strike);
    strike.signer = actor;
    gp_tell_now(decider, gp_bit(GP_TELL_X), entry);
    emit_strike(decider, entry, &strike, signed_text(decider, strike.state));
}
