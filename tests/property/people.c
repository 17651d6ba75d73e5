#include "property/people.h"

#include "property/fail.h"
#include "property/stats.h"
#include "property/world.h"

#include <stdio.h>

#define KIND(kind) (UINT32_C(1) << (kind))
#define ENTRY      (unsigned long long)model->entry.seq
#define LEAVE(it)  (unsigned long long)(it)->record.id

/* ---------------------------------------------------------------- who holds what */

/* Whether a row that began at from_ms still counts at that instant, with the tenures of its post
 * that came after it, from `first` on: one that begins later ends it, one that began before it
 * keeps it out until its own end. */
static bool counts_at(const struct model *model, struct gp_span post, int64_t from_ms,
                      uint64_t first, int64_t at_ms)
{
    for (uint64_t i = first; i < model->people.tenure_count; i++) {
        const struct gp_tenure *later = &model->people.tenure[i];
        if (!gp_span_equal(later->post, post))
            continue;
        if (later->from_ms > from_ms && later->from_ms <= at_ms)
            return false;
        if (later->from_ms <= from_ms && later->to_ms > from_ms)
            from_ms = later->to_ms;
    }
    return from_ms <= at_ms;
}

bool people_holds(const struct model *model, uint32_t post, uint32_t person, int64_t at_ms)
{
    const struct gp_org *org = model->org;
    struct gp_span id = org->posts[post].id;

    for (size_t i = 0; i < org->holding_count; i++) {
        const struct gp_holding *row = &org->holdings[i];
        if (row->post == post && row->person == person && at_ms >= row->from_ms &&
            at_ms < row->to_ms && counts_at(model, id, row->from_ms, 0, at_ms))
            return true;
    }
    for (uint64_t i = 0; i < model->people.tenure_count; i++) {
        const struct gp_tenure *row = &model->people.tenure[i];
        if (gp_span_equal(row->post, id) && gp_span_equal(row->person, org->persons[person].id) &&
            at_ms >= row->from_ms && at_ms < row->to_ms &&
            counts_at(model, id, row->from_ms, i + 1, at_ms))
            return true;
    }
    return false;
}

bool people_any_instant(const struct model *model, uint32_t post, uint32_t person, int64_t from_ms,
                        int64_t to_ms, people_test test)
{
    struct gp_span id = model->org->posts[post].id;

    if (test(model, post, person, from_ms))
        return true;
    for (uint64_t i = 0; i < model->people.tenure_count; i++) {
        const struct gp_tenure *row = &model->people.tenure[i];
        const int64_t edge[] = {row->from_ms, row->to_ms};
        for (int k = 0; k < 2 && gp_span_equal(row->post, id); k++) {
            if (edge[k] > from_ms && edge[k] < to_ms && test(model, post, person, edge[k]))
                return true;
        }
    }
    return false;
}

/* At some time of an interval. Holdings of the files begin before all that is played. */
static bool holds_within(const struct model *model, uint32_t post, uint32_t person, int64_t from_ms,
                         int64_t to_ms)
{
    return people_any_instant(model, post, person, from_ms, to_ms, people_holds);
}

/* Kinds of post that a person holds; with those whose listed deputy they are. */
static uint32_t kinds_of(const struct model *model, uint32_t person, bool deputies)
{
    const struct gp_org *org = model->org;
    uint32_t kinds = 0;

    for (uint32_t i = 0; i < org->post_count; i++) {
        const struct gp_post *post = &org->posts[i];
        if (people_holds(model, i, person, model->now_ms))
            kinds |= KIND(post->kind);
        for (uint8_t k = 0; deputies && k < post->deputy_count; k++) {
            if (post->deputies[k] == person)
                kinds |= KIND(post->kind);
        }
    }
    return kinds;
}

/* ---------------------------------------------------------------- who is away */

bool people_keeps_away(const struct gp_leave_record *leave)
{
    return leave->state == GP_LEAVE_APPROVED ||
           (leave->state == GP_LEAVE_CANCELLED && leave->begun);
}

static const struct gp_leave_record *away(const struct model *model, struct gp_span person)
{
    for (uint64_t id = 1; id <= model->people.leave_count; id++) {
        const struct gp_leave_record *leave = &model->people.leave[id].record;
        if (people_keeps_away(leave) && gp_span_equal(leave->person, person) &&
            model->now_ms >= leave->from_ms && model->now_ms < leave->to_ms)
            return leave;
    }
    return NULL;
}

/* ---------------------------------------------------------------- R18: the exclusive pair */

static uint32_t partner(const struct gp_org *org, uint32_t post)
{
    uint8_t kind = org->posts[post].kind;

    for (uint32_t i = 0; (kind == GP_POST_D1 || kind == GP_POST_D2) && i < org->post_count; i++) {
        if (org->posts[i].kind == (kind == GP_POST_D1 ? GP_POST_D2 : GP_POST_D1) &&
            org->posts[i].areas[0] == org->posts[post].areas[0])
            return i;
    }
    return GP_NONE;
}

/* Whether somebody who holds the post then is away then, or may be. */
static bool away_from(const struct model *model, uint32_t post, uint32_t except, int64_t from_ms,
                      int64_t to_ms)
{
    for (uint64_t id = 1; id <= model->people.leave_count; id++) {
        const struct gp_leave_record *leave = &model->people.leave[id].record;
        uint32_t person = gp_org_person(model->org, leave->person);
        if ((people_keeps_away(leave) || leave->state == GP_LEAVE_REQUESTED) && person != except &&
            leave->from_ms < to_ms && leave->to_ms > from_ms &&
            holds_within(model, post, person, from_ms, to_ms))
            return true;
    }
    return false;
}

static bool both_away(const struct model *model, struct gp_span who, int64_t from_ms, int64_t to_ms)
{
    uint32_t person = gp_org_person(model->org, who);

    for (uint32_t post = 0; post < model->org->post_count; post++) {
        uint32_t other = partner(model->org, post);
        if (other != GP_NONE && holds_within(model, post, person, from_ms, to_ms) &&
            away_from(model, other, person, from_ms, to_ms))
            return true;
    }
    return false;
}

static void check_pair(const struct model *model, const struct people_leave *leave)
{
    const struct gp_leave_record *record = &leave->record;

    if (!both_away(model, record->person, record->from_ms, record->to_ms))
        return;
    if (record->override_reason.len == 0 || !leave->audited)
        fail("leave %llu passes at entry %llu, both are away, and the journal does not say why",
             LEAVE(leave), ENTRY);
    stats_count(STATS_OVERRIDDEN, 1);
}

/* Now, whatever has led to it. */
static void check_pairs_now(struct model *model)
{
    const struct gp_org *org = model->org;
    const struct gp_leave_record *leave[2];

    for (uint32_t post = 0; post < org->post_count; post++) {
        uint32_t holder[2] = {GP_NONE, GP_NONE}, posts[2] = {post, partner(org, post)};
        if (posts[1] == GP_NONE || org->posts[post].kind != GP_POST_D1)
            continue;
        for (uint32_t person = 0; person < org->person_count; person++) {
            for (int k = 0; k < 2; k++) {
                if (people_holds(model, posts[k], person, model->now_ms))
                    holder[k] = person;
            }
        }
        if (holder[0] == GP_NONE || holder[1] == GP_NONE)
            model->people.excused = true;
        for (int k = 0; k < 2 && !model->people.excused; k++)
            leave[k] = away(model, org->persons[holder[k]].id);
        if (!model->people.excused && leave[0] != NULL && leave[1] != NULL &&
            leave[0]->override_reason.len + leave[1]->override_reason.len == 0)
            fail("leaves %llu and %llu keep both away, and nobody allowed it",
                 (unsigned long long)leave[0]->id, (unsigned long long)leave[1]->id);
    }
}

/* ---------------------------------------------------------------- R18: who signs */

/* docs/CONFIG.md, once more by hand; any S1 or X where nobody of a row is left. */
static uint32_t signers_for(uint32_t kinds)
{
    static const struct {
        uint32_t of, signers;
    } rows[] = {
        {KIND(GP_POST_X) | KIND(GP_POST_S1) | KIND(GP_POST_S2), 0},
        {KIND(GP_POST_H), 0},
        {KIND(GP_POST_H2), KIND(GP_POST_H)},
        {KIND(GP_POST_R), 0},
        {KIND(GP_POST_D1), KIND(GP_POST_R)},
        {KIND(GP_POST_D2), KIND(GP_POST_R) | KIND(GP_POST_S2)},
        {KIND(GP_POST_SK), 0},
        {KIND(GP_POST_K) | KIND(GP_POST_F), KIND(GP_POST_H) | KIND(GP_POST_H2)},
        {~UINT32_C(0), KIND(GP_POST_D1) | KIND(GP_POST_R)},
    };
    size_t i = 0;

    while (i < sizeof rows / sizeof rows[0] - 1 && !(rows[i].of & kinds))
        i++;
    return rows[i].signers | KIND(GP_POST_S1) | KIND(GP_POST_X);
}

static void check_signed(const struct model *model, const struct people_leave *leave)
{
    const struct gp_leave_record *record = &leave->record;
    const struct gp_entry *entry = &model->entry;
    uint32_t kinds = kinds_of(model, gp_org_person(model->org, record->person), false);
    bool direct = (kinds & (KIND(GP_POST_D1) | KIND(GP_POST_D2))) &&
                  (signers_for(kinds) & KIND(GP_POST_R)); /* and nothing higher */
    bool two = direct && record->to_ms - record->from_ms > 3 * GP_MS_DAY;

    if (gp_span_equal(entry->actor, record->person))
        fail("%.*s signs their own leave at entry %llu", GP_SPAN_ARG(entry->actor), ENTRY);
    if (!(kinds_of(model, gp_org_person(model->org, entry->actor), true) & signers_for(kinds)))
        fail("%.*s may not sign leave %llu at entry %llu", GP_SPAN_ARG(entry->actor), LEAVE(leave),
             ENTRY);
    if (record->state != GP_LEAVE_APPROVED)
        return;
    if (gp_span_equal(record->first_approver, entry->actor))
        fail("one person signs leave %llu twice", LEAVE(leave));
    if (two && model->people.tenure_count == 0 && record->first_approver.len == 0)
        fail("leave %llu of %.*s is longer and has one signature", LEAVE(leave),
             GP_SPAN_ARG(record->person));
}

/* ---------------------------------------------------------------- R6: a leave begins */

/* Whose owner has something to do, and that owner is who goes. */
static bool must_shift(const struct model *model, const struct people_leave *leave, uint64_t id)
{
    const struct gp_incident *incident = &model->incident[id].folded;
    uint32_t post = gp_org_post(model->org, incident->owner);

    switch (incident->state) {
    case GP_STATE_DISPATCHED:
    case GP_STATE_ACCEPTED:
    case GP_STATE_REWORK:
    case GP_STATE_REOPENED:
    case GP_STATE_RETURNED:
    case GP_STATE_ARBITRATION:
    case GP_STATE_SUSPENDED:
        return post != GP_NONE && leave->record.to_ms > model->now_ms &&
               people_holds(model, post, gp_org_person(model->org, leave->record.person),
                            model->now_ms);
    default:
        return false;
    }
}

static void take_shift(struct model *model, struct people_leave *leave)
{
    const struct gp_entry *entry = &model->entry;
    uint64_t id = entry->incident;

    if (leave->record.state != GP_LEAVE_APPROVED || leave->record.begun)
        fail("entry %llu shifts for leave %llu, which is %s or has begun", ENTRY, LEAVE(leave),
             gp_leave_state_name(leave->record.state));
    if (model->now_ms < leave->record.from_ms)
        fail("entry %llu shifts before leave %llu begins", ENTRY, LEAVE(leave));
    if (!must_shift(model, leave, id))
        fail("entry %llu shifts incident %llu, which is %s and %.*s's", ENTRY,
             (unsigned long long)id, gp_state_name(model->incident[id].folded.state),
             GP_SPAN_ARG(model->incident[id].folded.owner));
    if (leave->shifted[id])
        fail("incident %llu shifts again for leave %llu at entry %llu", (unsigned long long)id,
             LEAVE(leave), ENTRY);
    leave->shifted[id] = true;
    model->people.late = 0; /* its first share at least */
    for (uint8_t i = 0; i < entry->recipient_count; i++) {
        if (away(model, entry->recipient[i].person) != NULL)
            fail("entry %llu tells %.*s, who is away", ENTRY,
                 GP_SPAN_ARG(entry->recipient[i].person));
    }
}

/* On the virtual clock it begins when it is due; late where it was approved late. */
static void take_begin(struct model *model, const struct people_leave *leave)
{
    int64_t from_ms = leave->record.from_ms;
    int64_t due_ms = from_ms > leave->armed_ms ? from_ms : leave->armed_ms;

    if (model->now_ms < from_ms)
        fail("leave %llu begins early at entry %llu", LEAVE(leave), ENTRY);
    if (!model->catching_up && !model->lagging && model->now_ms != due_ms)
        fail("leave %llu begins %lld ms late at entry %llu", LEAVE(leave),
             (long long)(model->now_ms - due_ms), ENTRY);
    for (uint64_t id = 1; id <= model->last_id; id++) {
        if (must_shift(model, leave, id) && !leave->shifted[id])
            fail("leave %llu begins at entry %llu, and incident %llu was not shifted", LEAVE(leave),
                 ENTRY, (unsigned long long)id);
    }
    model->people.late = 0;
    stats_count(STATS_BEGUN, 1);
    stats_count(STATS_BEGUN_LATE, model->catching_up && model->now_ms > from_ms);
    stats_count(STATS_BEGUN_WITH_STEP, model->step_id != 0);
}

/* ---------------------------------------------------------------- entries */

static struct people_leave *leave_of(struct model *model)
{
    uint64_t id = model->entry.leave.id;

    if (id > model->people.leave_count + 1 || id >= LEAVES_MAX)
        fail("entry %llu is of leave %llu, the last one is %llu", ENTRY, (unsigned long long)id,
             (unsigned long long)model->people.leave_count);
    return &model->people.leave[id];
}

/* requested → approved | rejected | cancelled, approved → cancelled. Rows of the file may change.
 */
static void check_leads(const struct model *model, const struct people_leave *leave)
{
    const struct gp_leave_record *is = &model->entry.leave;
    uint8_t was = leave->record.state;

    if (is->state != was &&
        !(was == GP_LEAVE_NONE && (is->state == GP_LEAVE_REQUESTED || is->source.len > 0)) &&
        was != GP_LEAVE_REQUESTED && !(was == GP_LEAVE_APPROVED && is->state == GP_LEAVE_CANCELLED))
        fail("entry %llu leads leave %llu from %s to %s", ENTRY, (unsigned long long)is->id,
             gp_leave_state_name(was), gp_leave_state_name(is->state));
    if (is->to_ms <= is->from_ms && is->state != GP_LEAVE_CANCELLED)
        fail("leave %llu ends before it begins", (unsigned long long)is->id);
}

static void take_leave(struct model *model)
{
    struct people_leave *leave = leave_of(model);
    const struct gp_leave_record was = leave->record, *is = &model->entry.leave;
    bool approved = was.state != GP_LEAVE_APPROVED && is->state == GP_LEAVE_APPROVED;
    bool moved = was.from_ms != is->from_ms || !gp_span_equal(was.person, is->person);
    bool by_command = model->entry.actor.len > 0;

    check_leads(model, leave);
    if (approved || moved) {
        leave->armed_ms = model->now_ms;
        memset(leave->shifted, 0, sizeof leave->shifted);
    }
    if (was.state == GP_LEAVE_APPROVED && is->state == GP_LEAVE_APPROVED && is->begun && !was.begun)
        take_begin(model, leave);
    leave->record = *is;
    if (is->id > model->people.leave_count)
        model->people.leave_count = is->id;
    if (by_command && (was.state == GP_LEAVE_NONE || approved))
        check_pair(model, leave);
    if (by_command && approved && is->from_ms <= model->now_ms && !model->held)
        model->people.late = is->id;
    if (by_command && was.state == GP_LEAVE_REQUESTED && is->state != GP_LEAVE_CANCELLED)
        check_signed(model, leave);
}

/* "both away: leave 3 of …" before the entry of the leave itself. */
static void take_override(struct model *model)
{
    unsigned long long id = 0;
    char text[64];

    (void)snprintf(text, sizeof text, "%.*s", GP_SPAN_ARG(model->entry.text));
    if (sscanf(text, "both away: leave %llu of", &id) != 1)
        return;
    if (id == 0 || id > model->people.leave_count + 1 || id >= LEAVES_MAX)
        fail("entry %llu allows leave %llu, which is not there", ENTRY, id);
    model->people.leave[id].audited = true;
}

static void take_tenure(struct model *model)
{
    struct people *people = &model->people;
    const struct gp_tenure *tenure = &model->entry.tenure;
    uint32_t post = gp_org_post(model->org, tenure->post);

    if (tenure->id != people->tenure_count + 1 || people->tenure_count == TENURES_MAX)
        fail("entry %llu is tenure %llu, there are %llu", ENTRY, (unsigned long long)tenure->id,
             (unsigned long long)people->tenure_count);
    if (post == GP_NONE || tenure->to_ms <= tenure->from_ms)
        fail("entry %llu is a tenure of nothing", ENTRY);
    people->tenure[people->tenure_count++] = *tenure;
    if (partner(model->org, post) != GP_NONE)
        people->excused = true;
}

void people_entry(struct model *model)
{
    const struct gp_entry *entry = &model->entry;

    if (model->people.late != 0 && entry->actor.len > 0)
        fail("leave %llu has begun already, and entry %llu comes before its work is moved",
             (unsigned long long)model->people.late, ENTRY);
    if (entry->what == GP_WHAT_OWNER_SHIFT) {
        struct people_leave *leave = leave_of(model);
        take_shift(model, leave);
        leave->record = entry->leave;
    } else if (entry->what == GP_WHAT_LEAVE) {
        take_leave(model);
    } else if (entry->what == GP_WHAT_AUDIT) {
        take_override(model);
    }
    if (entry->tenure.id != 0)
        take_tenure(model);
    model->people.changed |= entry->leave.id != 0 || entry->tenure.id != 0;
}

void people_deadline(const struct model *model, uint64_t leave, unsigned rows, int64_t at_ms)
{
    const struct gp_leave_record *record = &model->people.leave[leave].record;
    bool waits = record->state == GP_LEAVE_APPROVED && !record->begun;

    if (rows != waits)
        fail("leave %llu is %s and has %s, with %u deadline rows", (unsigned long long)leave,
             gp_leave_state_name(record->state), record->begun ? "begun" : "not begun", rows);
    if (rows == 1 && at_ms != record->from_ms)
        fail("leave %llu begins at %lld, its deadline row is at %lld", (unsigned long long)leave,
             (long long)record->from_ms, (long long)at_ms);
}

/* ---------------------------------------------------------------- behind a batch */

void people_audit(struct world *world)
{
    struct model *model = world->model;

    check_pairs_now(model);
    if (model->people.late != 0)
        fail("leave %llu has begun already, and nothing moves its work",
             (unsigned long long)model->people.late);
    if (!model->people.changed)
        return;
    people_view(world);
    model->people.changed = false;
}

/* ---------------------------------------------------------------- refusals */

void people_refused(const struct model *model, const struct act *act)
{
    const struct gp_command *command = &act->command;
    struct gp_span person = command->person.len > 0 ? command->person : command->actor;
    int64_t from_ms = command->from_ms, to_ms = command->to_ms;
    const struct gp_leave_record *leave = NULL;

    if (command->leave > 0 && command->leave <= model->people.leave_count)
        leave = &model->people.leave[command->leave].record;
    if (act->answer.reason == GP_REASON_STATE && leave != NULL &&
        leave->state == GP_LEAVE_REQUESTED)
        fail("%s was refused because leave %llu is requested", gp_verb_name(command->verb),
             (unsigned long long)command->leave);
    if (act->answer.reason != GP_REASON_BOTH_AWAY)
        return;
    if (command->verb != GP_VERB_LEAVE) {
        person = leave->person;
        from_ms = leave->from_ms;
        to_ms = leave->to_ms;
    }
    if (command->override_reason.len > 0 || !both_away(model, person, from_ms, to_ms))
        fail("%s was refused because both would be away", gp_verb_name(command->verb));
}
