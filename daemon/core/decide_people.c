/*
 * Leave (R18): asked for, approved by whom standing.h names, rejected, cancelled. The secretary and
 * the director of one community are an exclusive pair. What is doubtful but allowed (more than 20
 * days a year, a clash with the roster) is a warning in the entry's text.
 */
#include "core/away.h"
#include "core/decide_internal.h"
#include "core/standing.h"

#include <stdio.h>

bool gp_verb_about_people(int verb)
{
    return verb >= GP_VERB_LEAVE && verb <= GP_VERB_HOLD;
}

/* What the rules of one leave look at. */
struct about {
    struct gp_decider *decider;
    const struct gp_org *org;
    int64_t now_ms, zone_ms;
    struct gp_leave_record leave; /* as it will be */
    struct gp_standing standing;  /* of the person */
    struct gp_away away;          /* person and interval */
    char interval[GP_INTERVAL_BYTES];
};

static bool longer(const struct gp_leave_record *leave)
{
    return leave->to_ms - leave->from_ms > GP_LEAVE_BRIEF_MS;
}

/* False: refused, because the person has left the directory. */
static bool set_about(struct about *about, struct gp_decider *decider,
                      const struct gp_leave_record *leave)
{
    const struct gp_org *org = decider->scene->org;
    uint32_t person = gp_org_person(org, leave->person);

    if (person == GP_NONE) {
        gp_refuse(decider, GP_REASON_UNKNOWN_PERSON, "'%.*s' is not in people.csv",
                  GP_SPAN_ARG(leave->person));
        return false;
    }
    *about = (struct about){
        .decider = decider,
        .org = org,
        .now_ms = decider->scene->now_ms,
        .zone_ms = gp_org_calendar(org, GP_NONE)->zone_ms,
        .leave = *leave,
        .standing = gp_standing_of(org, person, decider->scene->now_ms),
    };
    about->away = (struct gp_away){person, leave->from_ms, leave->to_ms, about->zone_ms};
    gp_interval_format(leave->from_ms, leave->to_ms, about->zone_ms, about->interval);
    return true;
}

/* ---------------------------------------------------------------- warnings */

#define WARNINGS_BYTES 240

static void write_warnings(const struct about *about, char ret_text[WARNINGS_BYTES])
{
    char at[GP_CLOCKTEXT_BYTES];
    int year, used = 0;
    int64_t days = gp_leave_days(about->org, &about->away, &year), from_ms = 0;
    const struct gp_shift *shift = gp_missed_duty(about->org, &about->away, &from_ms);

    ret_text[0] = '\0';
    if (days > GP_LEAVE_YEAR_DAYS)
        used = snprintf(ret_text, WARNINGS_BYTES, "; warning: %lld days of leave in %d",
                        (long long)days, year);
    if (shift == NULL)
        return;
    gp_instant_format(from_ms, about->zone_ms, at);
    at[16] = '\0';
    (void)snprintf(ret_text + used, WARNINGS_BYTES - (size_t)used,
                   "; warning: on duty in %.*s from %s",
                   GP_SPAN_ARG(about->org->areas[shift->area].code), at);
}

/* ---------------------------------------------------------------- the exclusive pair */

/* Where the person belongs, for those who follow an area or a department. */
static void set_place(const struct about *about, struct gp_entry *entry)
{
    if (about->standing.area != GP_NONE)
        entry->area = about->org->areas[about->standing.area].ref;
    if (about->standing.department != GP_NONE)
        entry->department = about->org->departments[about->standing.department].code;
}

static void audit_override(struct about *about, const struct gp_leave *other)
{
    struct gp_decider *decider = about->decider;
    struct gp_entry *entry = gp_entry_new(decider, GP_WHAT_AUDIT);
    char interval[GP_INTERVAL_BYTES];

    gp_interval_format(other->from_ms, other->to_ms, about->zone_ms, interval);
    entry->subject = about->leave.person;
    set_place(about, entry);
    gp_say(entry,
           gp_draft(decider, "both away: leave %llu of %.*s %s beside leave %.*s of %.*s %s: %.*s",
                    (unsigned long long)about->leave.id, GP_SPAN_ARG(about->leave.person),
                    about->interval, GP_SPAN_ARG(other->id),
                    GP_SPAN_ARG(about->org->persons[other->person].id), interval,
                    GP_SPAN_ARG(about->leave.override_reason)));
}

/* False: refused. An override that is needed is audited; one that let it in before still holds. */
static bool pair_lets_pass(struct about *about)
{
    const struct gp_leave *other = gp_both_away(about->org, &about->away);
    struct gp_span reason = about->decider->command->override_reason;
    char interval[GP_INTERVAL_BYTES];

    if (other == NULL || (reason.len == 0 && about->leave.override_reason.len > 0))
        return true;
    if (reason.len > 0) {
        about->leave.override_reason = reason;
        audit_override(about, other);
        return true;
    }
    gp_interval_format(other->from_ms, other->to_ms, about->zone_ms, interval);
    gp_refuse(about->decider, GP_REASON_BOTH_AWAY,
              "leave %.*s of %.*s, %s; an override with a reason lets it pass",
              GP_SPAN_ARG(other->id), GP_SPAN_ARG(about->org->persons[other->person].id), interval);
    return false;
}

/* ---------------------------------------------------------------- the entry */

void gp_tell_person(const struct gp_decider *decider, struct gp_entry *entry,
                    struct gp_effective who, const char *capacity)
{
    const struct gp_org *org = decider->scene->org;
    struct gp_recipient *to = &entry->recipient[entry->recipient_count];

    if (who.person == GP_NONE || entry->recipient_count == GP_RECIPIENTS_MAX)
        return;
    for (uint8_t i = 0; i < entry->recipient_count; i++) {
        if (gp_span_equal(entry->recipient[i].person, org->persons[who.person].id))
            return;
    }
    *to = (struct gp_recipient){
        .person = org->persons[who.person].id,
        .post = gp_post_id(org, who.post),
        .path = who.path,
    };
    (void)snprintf(to->capacity, sizeof to->capacity, "%s", capacity);
    entry->recipient_count++;
}

/* Of several posts of a kind the nearest, unless that is the person's own. */
static void tell_signers(const struct about *about, struct gp_entry *entry)
{
    uint32_t told = 0;
    uint32_t posts[GP_SIGNERS_MAX];
    size_t count =
        gp_leave_signers(about->org, &about->standing, longer(&about->leave), about->now_ms, posts);

    for (size_t i = 0; i < count; i++) {
        uint8_t kind = about->org->posts[posts[i]].kind;
        struct gp_effective who =
            gp_post_effective(about->org, posts[i], about->standing.area, about->now_ms);
        if ((told >> kind & 1) || who.person == GP_NONE || who.person == about->standing.person)
            continue;
        told |= UINT32_C(1) << kind;
        gp_tell_person(about->decider, entry, who, gp_post_kind_name(kind));
    }
}

static void tell_person_and_standin(const struct about *about, struct gp_entry *entry)
{
    struct gp_effective who = {
        .person = about->standing.person, .post = about->standing.post, .path = GP_PATH_HOLDER};

    gp_tell_person(about->decider, entry, who, "leave");
    who = (struct gp_effective){.person = gp_org_person(about->org, about->leave.standin),
                                .post = GP_NONE,
                                .path = GP_PATH_COVER};
    gp_tell_person(about->decider, entry, who, "standin");
}

/* "leave 3: qian 2026-06-17..2026-06-18 approved, stand-in wang; warning: …: why" */
static struct gp_span words(const struct about *about, const char *did, const char *warnings)
{
    const struct gp_leave_record *leave = &about->leave;
    struct gp_span why = about->decider->command->text;

    return gp_draft(about->decider, "leave %llu: %.*s %s %s%s%.*s%s%s%.*s",
                    (unsigned long long)leave->id, GP_SPAN_ARG(leave->person), about->interval, did,
                    leave->standin.len > 0 ? ", stand-in " : "", GP_SPAN_ARG(leave->standin),
                    warnings, why.len > 0 ? ": " : "", GP_SPAN_ARG(why));
}

static struct gp_entry *write_leave(struct about *about, const char *did, bool warn)
{
    struct gp_decider *decider = about->decider;
    char warnings[WARNINGS_BYTES] = "";

    if (warn)
        write_warnings(about, warnings);
    struct gp_entry *entry = gp_entry_new(decider, GP_WHAT_LEAVE);
    entry->subject = about->leave.person;
    entry->leave = about->leave;
    set_place(about, entry);
    entry->text = words(about, did, warnings);
    return entry;
}

/* ---------------------------------------------------------------- leave */

static bool interval_is_sound(struct gp_decider *decider)
{
    const struct gp_command *command = decider->command;
    int64_t now_ms = decider->scene->now_ms;

    if (command->from_ms <= 0 || command->to_ms <= command->from_ms) {
        gp_refuse(decider, GP_REASON_TOO_LONG, "say from and to; it ends before it begins");
        return false;
    }
    if (command->to_ms - command->from_ms > GP_LEAVE_DAYS_MAX * GP_MS_DAY) {
        gp_refuse(decider, GP_REASON_TOO_LONG, "at most %d days at once", GP_LEAVE_DAYS_MAX);
        return false;
    }
    if (command->to_ms <= now_ms || command->from_ms < now_ms - GP_MS_DAY) {
        gp_refuse(decider, GP_REASON_LATE,
                  "it may have begun a day ago at the earliest, and must "
                  "not be over");
        return false;
    }
    return true;
}

static bool standin_is_sound(struct gp_decider *decider, struct gp_span person)
{
    struct gp_span standin = decider->command->standin;

    if (standin.len == 0)
        return true;
    if (gp_org_person(decider->scene->org, standin) == GP_NONE) {
        gp_refuse(decider, GP_REASON_UNKNOWN_PERSON, "stand-in '%.*s' is not in people.csv",
                  GP_SPAN_ARG(standin));
        return false;
    }
    if (gp_span_equal(standin, person)) {
        gp_refuse(decider, GP_REASON_NOT_ALLOWED, "who is away cannot stand in");
        return false;
    }
    return true;
}

/* One person's leaves never overlap. */
static bool is_free(const struct about *about)
{
    const struct gp_org *org = about->org;
    char interval[GP_INTERVAL_BYTES];

    for (size_t i = 0; i < org->leave_count; i++) {
        const struct gp_leave *leave = &org->leaves[i];
        if (leave->person != about->standing.person ||
            gp_overlap_ms(leave->from_ms, leave->to_ms, about->leave.from_ms, about->leave.to_ms) ==
                0)
            continue;
        gp_interval_format(leave->from_ms, leave->to_ms, about->zone_ms, interval);
        gp_refuse(about->decider, GP_REASON_OVERLAP, "leave %.*s, %s: cancel it first",
                  GP_SPAN_ARG(leave->id), interval);
        return false;
    }
    return true;
}

static void do_leave(struct gp_decider *decider)
{
    const struct gp_command *command = decider->command;
    struct about about;
    const struct gp_leave_record leave = {
        .id = decider->scene->new_leave_id,
        .person = command->person.len > 0 ? command->person : command->actor,
        .standin = command->standin,
        .from_ms = command->from_ms,
        .to_ms = command->to_ms,
        .state = GP_LEAVE_REQUESTED,
    };

    if (!interval_is_sound(decider) || !standin_is_sound(decider, leave.person) ||
        !set_about(&about, decider, &leave))
        return;
    if (decider->actor != about.standing.person &&
        !gp_may_enter_leave(about.org, &about.standing, decider->actor, about.now_ms)) {
        gp_refuse(decider, GP_REASON_NOT_ALLOWED,
                  "the person, who may approve it, or the desk (SK, K) enters it");
        return;
    }
    if (is_free(&about) && pair_lets_pass(&about))
        tell_signers(&about, write_leave(&about, "requested", true));
}

/* ---------------------------------------------------------------- approve, reject, cancel */

/* The leave that the command names, in one of the states (bits); false: refused. */
static bool set_named(struct about *about, struct gp_decider *decider, unsigned states)
{
    const struct gp_leave_record *leave = decider->scene->leave;

    if (leave == NULL) {
        gp_refuse(decider, GP_REASON_UNKNOWN_LEAVE, "there is no leave %llu",
                  (unsigned long long)decider->command->leave);
        return false;
    }
    if (!(states & (1U << leave->state))) {
        gp_refuse(decider, GP_REASON_STATE, "leave %llu is %s", (unsigned long long)leave->id,
                  gp_leave_state_name(leave->state));
        return false;
    }
    if (leave->to_ms <= decider->scene->now_ms) {
        gp_refuse(decider, GP_REASON_LATE, "leave %llu is over", (unsigned long long)leave->id);
        return false;
    }
    return set_about(about, decider, leave);
}

static uint8_t signs(const struct about *about, uint32_t person)
{
    return person == GP_NONE ? 0
                             : gp_leave_signs(about->org, &about->standing, longer(&about->leave),
                                              person, about->now_ms);
}

/* "R-340705006001 S1-340705006 may" */
static void refuse_signer(const struct about *about)
{
    uint32_t posts[GP_SIGNERS_MAX];
    size_t count =
        gp_leave_signers(about->org, &about->standing, longer(&about->leave), about->now_ms, posts);
    char text[120] = "";
    size_t used = 0;

    for (size_t i = 0; i < count && used < sizeof text; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%.*s ",
                                 GP_SPAN_ARG(about->org->posts[posts[i]].id));
    gp_refuse(about->decider, GP_REASON_NOT_ALLOWED, "%smay, never for themselves", text);
}

/* Whether two different people's signatures are all that are needed. */
static bool complete(const struct about *about, uint8_t needs)
{
    uint8_t mine = signs(about, about->decider->actor);

    if (needs != (GP_SIGNED_LEADER | GP_SIGNED_HEAD))
        return true;
    return about->leave.first_approver.len > 0 &&
           ((mine | signs(about, gp_org_person(about->org, about->leave.first_approver))) &
            needs) == needs;
}

static void do_approve(struct gp_decider *decider)
{
    struct about about;

    if (!set_named(&about, decider, 1U << GP_LEAVE_REQUESTED))
        return;
    if (signs(&about, decider->actor) == 0) {
        refuse_signer(&about);
        return;
    }
    if (!pair_lets_pass(&about))
        return;
    uint8_t needs = gp_leave_needs(about.org, &about.standing, longer(&about.leave), about.now_ms);
    if (gp_span_equal(about.leave.first_approver, decider->command->actor)) {
        gp_refuse(decider, GP_REASON_NOT_ALLOWED, "another person signs second");
        return;
    }
    if (complete(&about, needs)) {
        about.leave.state = GP_LEAVE_APPROVED;
        tell_person_and_standin(&about, write_leave(&about, "approved", true));
        return;
    }
    about.leave.first_approver = decider->command->actor;
    tell_signers(&about, write_leave(&about, "approved by the first of two", true));
}

static void do_reject(struct gp_decider *decider)
{
    struct about about;

    if (!set_named(&about, decider, 1U << GP_LEAVE_REQUESTED))
        return;
    if (signs(&about, decider->actor) == 0) {
        refuse_signer(&about);
        return;
    }
    about.leave.state = GP_LEAVE_REJECTED;
    tell_person_and_standin(&about, write_leave(&about, "rejected", false));
}

static void do_cancel(struct gp_decider *decider)
{
    struct about about;

    if (!set_named(&about, decider, 1U << GP_LEAVE_REQUESTED | 1U << GP_LEAVE_APPROVED))
        return;
    if (decider->actor != about.standing.person &&
        !gp_may_enter_leave(about.org, &about.standing, decider->actor, about.now_ms)) {
        gp_refuse(decider, GP_REASON_NOT_ALLOWED, "the person or who may approve it cancels it");
        return;
    }
    bool early = about.leave.state == GP_LEAVE_APPROVED && about.leave.from_ms < about.now_ms;
    about.leave.state = GP_LEAVE_CANCELLED;
    about.leave.begun = early;
    if (early)
        about.leave.to_ms = about.now_ms; /* it counts until here */
    struct gp_entry *entry = write_leave(&about, early ? "ended early" : "cancelled", false);
    tell_person_and_standin(&about, entry);
    tell_signers(&about, entry);
}

void gp_decide_people(struct gp_decider *decider)
{
    switch (decider->command->verb) {
    case GP_VERB_LEAVE:
        do_leave(decider);
        break;
    case GP_VERB_APPROVE:
        do_approve(decider);
        break;
    case GP_VERB_REJECT:
        do_reject(decider);
        break;
    case GP_VERB_CANCEL:
        do_cancel(decider);
        break;
    default:
        gp_decide_hold(decider);
        break;
    }
}
