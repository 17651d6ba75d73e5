#include "property/rules.h"

#define IN(state)  (UINT32_C(1) << (state))
#define SAME       UINT32_C(1) /* stays where it is */
#define NOTHING    IN(GP_STATE_NONE)
#define REPORTED   IN(GP_STATE_REPORTED)
#define DISPATCHED IN(GP_STATE_DISPATCHED)
#define ACCEPTED   IN(GP_STATE_ACCEPTED)
#define FINISHED   IN(GP_STATE_FINISHED)
#define VERIFIED   IN(GP_STATE_VERIFIED)
#define CLOSED     IN(GP_STATE_CLOSED)
#define VOID       IN(GP_STATE_VOID)
#define DUPLICATE  IN(GP_STATE_DUPLICATE)
#define RETURNED   IN(GP_STATE_RETURNED)
#define DISPUTED   IN(GP_STATE_ARBITRATION)
#define SUSPENDED  IN(GP_STATE_SUSPENDED)
#define REWORK     IN(GP_STATE_REWORK)
#define REOPENED   IN(GP_STATE_REOPENED)
#define WORK       (DISPATCHED | ACCEPTED | REWORK | REOPENED)
#define STREETS    (RETURNED | DISPUTED) /* the street's turn */
#define OPEN       (REPORTED | WORK | STREETS | FINISHED | VERIFIED | SUSPENDED | DUPLICATE)
#define ANY        (OPEN | CLOSED | VOID)

/* Everything in `from` leads to everything in `to`. Rare: right, but too seldom to be asked for
 * state by state. */
struct rule {
    uint8_t name; /* enum gp_verb, or enum gp_what where nobody acts */
    uint32_t from, to;
    bool rare;
};

static const struct rule by_verb[] = {
    {GP_VERB_REPORT, NOTHING, REPORTED | DISPATCHED | FINISHED | VERIFIED | CLOSED, false},
    {GP_VERB_FILE, REPORTED, DISPATCHED, false},
    {GP_VERB_VOID, REPORTED | DISPATCHED | STREETS, VOID, false},
    {GP_VERB_LINK, REPORTED | WORK | STREETS, DUPLICATE, false},
    {GP_VERB_UNLINK, DUPLICATE, REPORTED | WORK, false},
    {GP_VERB_ACCEPT, DISPATCHED | REOPENED, ACCEPTED, false},
    {GP_VERB_NOTE, OPEN, SAME, false},
    {GP_VERB_STAGE, DISPATCHED | ACCEPTED | REOPENED, SAME, false},
    {GP_VERB_STAGE, REWORK, SAME, true}, /* a rework that is of one stage only says no */
    {GP_VERB_FINISH, WORK | DISPUTED, FINISHED, false},
    {GP_VERB_VERIFY, FINISHED, VERIFIED | REWORK, false},
    {GP_VERB_INFORM, WORK | FINISHED | VERIFIED, SAME, false},
    {GP_VERB_CLOSE, VERIFIED, CLOSED, false},
    {GP_VERB_RETURN, DISPATCHED | ACCEPTED, RETURNED | DISPUTED, false},
    {GP_VERB_CONSENT, DISPATCHED | ACCEPTED, SAME, false},
    {GP_VERB_RULE, STREETS, DISPATCHED | ACCEPTED, false},
    {GP_VERB_REFUSE, DISPATCHED | STREETS, VOID, false},
    {GP_VERB_EXTEND, WORK, SAME, false},
    {GP_VERB_DECIDE, WORK, SAME, false},
    {GP_VERB_DECIDE, DISPATCHED, ACCEPTED | REWORK, false}, /* red is taken back */
    {GP_VERB_SUSPEND, WORK, SUSPENDED, false},
    {GP_VERB_RESUME, SUSPENDED, WORK, false},
    {GP_VERB_REOPEN, CLOSED, REOPENED, false},
    {GP_VERB_REASSIGN, WORK, DISPATCHED, false},
    {GP_VERB_CORRECT, REPORTED, SAME, false},
    {GP_VERB_CORRECT, WORK | STREETS, DISPATCHED, false},
    {GP_VERB_DELIVER, ANY, SAME, true},
    {GP_VERB_APPEAL, ANY, SAME, true},
    {GP_VERB_SIGN, ANY, SAME, true},
    {GP_VERB_ERASE, CLOSED | VOID, SAME, false},
    {GP_VERB_LEAVE, NOTHING, SAME, false}, /* about people: of no incident */
    {GP_VERB_APPROVE, NOTHING, SAME, false},
    {GP_VERB_REJECT, NOTHING, SAME, false},
    {GP_VERB_CANCEL, NOTHING, SAME, false},
    {GP_VERB_HOLD, NOTHING, SAME, false},
    {GP_VERB_INVITE, NOTHING, SAME, false}, /* about devices: of none either */
    {GP_VERB_JOIN, NOTHING, SAME, false},
    {GP_VERB_CONFIRM, NOTHING, SAME, false},
    {GP_VERB_REVOKE, NOTHING, SAME, false},
    {GP_VERB_ROTATE, NOTHING, SAME, false},
};

/* What time does, and what follows from an act on another incident. */
static const struct rule alone[] = {
    {GP_WHAT_STEP, WORK | STREETS | FINISHED | SUSPENDED, SAME, false},
    {GP_WHAT_HANDOVER, WORK, DISPATCHED, false},
    {GP_WHAT_STAGED, DISPATCHED, SAME, false}, /* behind a handover */
    {GP_WHAT_STAGED, ACCEPTED | REWORK | REOPENED, SAME, true},
    {GP_WHAT_RESUMED, SUSPENDED, WORK, false},
    {GP_WHAT_CLOSED, DUPLICATE, CLOSED, false},
    {GP_WHAT_STRIKE, DISPATCHED | SUSPENDED | STREETS, SAME, true},
    {GP_WHAT_STRIKE, ANY, SAME, true},
    {GP_WHAT_VACANT, ANY | IN(GP_STATE_FILED), SAME, true},
    {GP_WHAT_APPEALED, WORK, SAME, true},
    {GP_WHAT_OWNER_SHIFT, WORK | RETURNED | SUSPENDED, SAME, false},
    {GP_WHAT_OWNER_SHIFT, DISPUTED, SAME, true},
    {GP_WHAT_REPLANNED, WORK, SAME, false},
    {GP_WHAT_REPLANNED, DISPATCHED, ACCEPTED | REWORK, true},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool leads(const struct rule *rule, int from, int to)
{
    if (!(rule->from & IN(from)))
        return false;
    return (rule->to & SAME) ? from == to : (rule->to & IN(to)) != 0;
}

static bool found(const struct rule *rules, size_t count, int name, int from, int to)
{
    for (size_t i = 0; i < count; i++) {
        if (rules[i].name == name && leads(&rules[i], from, to))
            return true;
    }
    return false;
}

bool rules_verb(int verb, int from, int to)
{
    return found(by_verb, COUNT(by_verb), verb, from, to);
}

bool rules_alone(int what, int from, int to)
{
    return found(alone, COUNT(alone), what, from, to);
}

bool rules_allowed(int verb, int from)
{
    for (size_t i = 0; i < COUNT(by_verb); i++) {
        if (by_verb[i].name == verb && by_verb[i].from & IN(from))
            return true;
    }
    return false;
}

bool rules_has_verb(int verb)
{
    for (size_t i = 0; i < COUNT(by_verb); i++) {
        if (by_verb[i].name == verb)
            return true;
    }
    return false;
}

bool rules_owned(int state)
{
    return (IN(state) & (WORK | STREETS | FINISHED | VERIFIED | SUSPENDED)) != 0;
}

bool rules_clock_runs(int state)
{
    return (IN(state) & (WORK | STREETS | SUSPENDED)) != 0;
}

bool rules_step(int state, int step)
{
    switch (step) {
    case GP_STEP_RESUME_NOTICE:
        return state == GP_STATE_SUSPENDED;
    case GP_STEP_VERIFY_LATE:
        return state == GP_STATE_FINISHED;
    case GP_STEP_DISPATCH_LATE:
        return (IN(state) & STREETS) != 0;
    case GP_STEP_ORANGE: /* of the overall clock, which a return does not stop */
    case GP_STEP_CARD:
    case GP_STEP_REPEAT:
        return (IN(state) & (WORK | STREETS)) != 0;
    case GP_STEP_UNACCEPTED:
        return (IN(state) & (DISPATCHED | REOPENED)) != 0;
    default:
        return (IN(state) & WORK) != 0;
    }
}

bool rules_moves_due(int what)
{
    switch (what) {
    case GP_WHAT_DISPATCHED:
    case GP_WHAT_STAGED:
    case GP_WHAT_EXTENDED:
    case GP_WHAT_REPLANNED:
    case GP_WHAT_RESUMED:
    case GP_WHAT_REWORK:
    case GP_WHAT_REOPENED:
    case GP_WHAT_RULED:
    case GP_WHAT_REASSIGNED:
        return true;
    default:
        return false;
    }
}

static void each_of(const struct rule *rules, size_t count, bool by_itself,
                    void (*each)(void *, bool, int, int, int), void *context)
{
    for (size_t i = 0; i < count; i++) {
        for (int from = 0; from <= GP_STATE_REOPENED && !rules[i].rare; from++) {
            for (int to = 0; to <= GP_STATE_REOPENED; to++) {
                if (leads(&rules[i], from, to))
                    each(context, by_itself, rules[i].name, from, to);
            }
        }
    }
}

void rules_each(void (*each)(void *, bool, int, int, int), void *context)
{
    each_of(by_verb, COUNT(by_verb), false, each, context);
    each_of(alone, COUNT(alone), true, each, context);
}
