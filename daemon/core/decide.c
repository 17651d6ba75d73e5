/*
 * Commands: which state allows which verb, and into which state it leads. The table below is the
 * only place where that is written. The other rules of a verb (who may, what it changes) are one
 * function each, in decide_work.c (the main line), decide_check.c (verification, rework,
 * reopening), decide_return.c, decide_time.c (extension, suspension), decide_desk.c (the
 * dispatcher's), decide_strike.c and decide_erase.c. Commands about people and devices have no
 * incident: decide_people.c, decide_device.c.
 */
#include "core/decide_internal.h"

#include <assert.h>
#include <stdio.h>

typedef void (*verb_rule)(struct gp_decider *decider, struct gp_leads leads);

#define IN(state) (UINT32_C(1) << (state))
#define RULED_ON  (IN(GP_STATE_RETURNED) | IN(GP_STATE_ARBITRATION))
#define BEHIND    (IN(GP_STATE_FINISHED) | IN(GP_STATE_VERIFIED))
#define OPEN                                                                                       \
    (IN(GP_STATE_REPORTED) | GP_STATES_AT_WORK | RULED_ON | BEHIND | IN(GP_STATE_SUSPENDED) |      \
     IN(GP_STATE_DUPLICATE))
#define ENDED (IN(GP_STATE_CLOSED) | IN(GP_STATE_VOID))

#define TO(state)                                                                                  \
    {                                                                                              \
        (state), GP_STATE_NONE                                                                     \
    }
#define TO_OR(one, other)                                                                          \
    {                                                                                              \
        (one), (other)                                                                             \
    }

static const struct transition {
    uint32_t from; /* set of states */
    struct gp_leads leads;
    verb_rule rule;
} transitions[] = {
    [GP_VERB_FILE] = {IN(GP_STATE_REPORTED), TO(GP_STATE_DISPATCHED), gp_do_file},
    [GP_VERB_VOID] = {IN(GP_STATE_REPORTED) | IN(GP_STATE_DISPATCHED) | RULED_ON, TO(GP_STATE_VOID),
                      gp_do_void},
    [GP_VERB_LINK] = {IN(GP_STATE_REPORTED) | GP_STATES_AT_WORK | RULED_ON, TO(GP_STATE_DUPLICATE),
                      gp_do_link},
    [GP_VERB_UNLINK] = {IN(GP_STATE_DUPLICATE), TO(GP_STATE_BACK), gp_do_unlink},
    [GP_VERB_ACCEPT] = {IN(GP_STATE_DISPATCHED) | IN(GP_STATE_REOPENED), TO(GP_STATE_ACCEPTED),
                        gp_do_accept},
    [GP_VERB_NOTE] = {OPEN, TO(GP_STATE_NONE), gp_do_note},
    [GP_VERB_STAGE] = {GP_STATES_AT_WORK, TO(GP_STATE_NONE), gp_do_stage},
    [GP_VERB_FINISH] = {GP_STATES_AT_WORK | IN(GP_STATE_ARBITRATION), TO(GP_STATE_FINISHED),
                        gp_do_finish},
    [GP_VERB_VERIFY] = {IN(GP_STATE_FINISHED), TO_OR(GP_STATE_VERIFIED, GP_STATE_REWORK),
                        gp_do_verify},
    [GP_VERB_INFORM] = {GP_STATES_AT_WORK | BEHIND, TO(GP_STATE_NONE), gp_do_inform},
    [GP_VERB_CLOSE] = {IN(GP_STATE_VERIFIED), TO(GP_STATE_CLOSED), gp_do_close},
    [GP_VERB_RETURN] = {IN(GP_STATE_DISPATCHED) | IN(GP_STATE_ACCEPTED),
                        TO_OR(GP_STATE_RETURNED, GP_STATE_ARBITRATION), gp_do_return},
    [GP_VERB_CONSENT] = {IN(GP_STATE_DISPATCHED) | IN(GP_STATE_ACCEPTED), TO(GP_STATE_NONE),
                         gp_do_consent},
    [GP_VERB_RULE] = {RULED_ON, TO_OR(GP_STATE_DISPATCHED, GP_STATE_BACK), gp_do_rule},
    [GP_VERB_REFUSE] = {IN(GP_STATE_DISPATCHED) | RULED_ON, TO(GP_STATE_VOID), gp_do_refuse},
    [GP_VERB_EXTEND] = {GP_STATES_AT_WORK, TO(GP_STATE_NONE), gp_do_extend},
    [GP_VERB_DECIDE] = {GP_STATES_AT_WORK, TO(GP_STATE_NONE), gp_do_decide},
    [GP_VERB_SUSPEND] = {GP_STATES_AT_WORK, TO(GP_STATE_SUSPENDED), gp_do_suspend},
    [GP_VERB_RESUME] = {IN(GP_STATE_SUSPENDED), TO(GP_STATE_BACK), gp_do_resume},
    [GP_VERB_REOPEN] = {IN(GP_STATE_CLOSED), TO(GP_STATE_REOPENED), gp_do_reopen},
    [GP_VERB_REASSIGN] = {GP_STATES_AT_WORK, TO(GP_STATE_DISPATCHED), gp_do_reassign},
    [GP_VERB_CORRECT] = {IN(GP_STATE_REPORTED) | GP_STATES_AT_WORK | RULED_ON,
                         TO(GP_STATE_DISPATCHED), gp_do_correct},
    [GP_VERB_DELIVER] = {OPEN | ENDED, TO(GP_STATE_NONE), gp_do_deliver},
    [GP_VERB_APPEAL] = {OPEN | ENDED, TO(GP_STATE_NONE), gp_do_appeal},
    [GP_VERB_SIGN] = {OPEN | ENDED, TO(GP_STATE_NONE), gp_do_sign},
    [GP_VERB_ERASE] = {ENDED, TO(GP_STATE_NONE), gp_do_erase},
};

uint32_t gp_verb_states(int verb)
{
    return verb > 0 && (size_t)verb < GP_COUNT(transitions) ? transitions[verb].from : 0;
}

/* The same for what comes about without a verb of its own: within a report, by a step of the plan,
 * or by another incident. */
struct gp_leads gp_turn_leads(enum gp_turn turn)
{
    static const struct gp_leads turns[] = {
        [GP_TURN_REPORTED] = TO(GP_STATE_REPORTED),
        [GP_TURN_FILED] = TO(GP_STATE_FILED),
        [GP_TURN_DISPATCHED] = TO(GP_STATE_DISPATCHED),
        [GP_TURN_ON_SPOT] = TO_OR(GP_STATE_FINISHED, GP_STATE_VERIFIED),
        [GP_TURN_HANDOVER] = TO(GP_STATE_DISPATCHED),
        [GP_TURN_RESUMED] = TO(GP_STATE_BACK),
        [GP_TURN_CLOSED] = TO(GP_STATE_CLOSED),
        [GP_TURN_TAKEN_BACK] = TO_OR(GP_STATE_DISPATCHED, GP_STATE_ACCEPTED),
        [GP_TURN_REWORK_TAKEN_BACK] = TO(GP_STATE_REWORK),
    };
    return turns[turn];
}

/* ---------------------------------------------------------------- refusing */

/* "now accepted; allowed: note stage finish …" */
static void refuse_state(struct gp_decider *decider)
{
    uint8_t state = decider->incident->state;
    char allowed[200] = "";
    size_t used = 0;

    for (size_t verb = GP_VERB_FILE; verb < GP_COUNT(transitions); verb++) {
        bool always = transitions[verb].from == (OPEN | ENDED); /* goes without saying */
        if (!always && transitions[verb].from & IN(state))
            used += (size_t)snprintf(allowed + used, sizeof allowed - used, " %s",
                                     gp_verb_name((int)verb));
    }
    gp_refuse(decider, GP_REASON_STATE, "now %s; allowed:%s", gp_state_name(state),
              used > 0 ? allowed : " nothing");
}

/* ---------------------------------------------------------------- one command */

static bool may_go_on(struct gp_decider *decider)
{
    const struct gp_command *command = decider->command;

    if (decider->scene->incident == NULL) {
        gp_refuse(decider, GP_REASON_UNKNOWN_INCIDENT, "there is no incident %llu",
                  (unsigned long long)command->incident);
        return false;
    }
    if (command->expect_version != 0 && command->expect_version != decider->incident->version) {
        gp_refuse(decider, GP_REASON_VERSION, "it is at version %u, state %s, owner %.*s",
                  decider->incident->version, gp_state_name(decider->incident->state),
                  GP_SPAN_ARG(decider->incident->owner));
        return false;
    }
    if (!(transitions[command->verb].from & IN(decider->incident->state))) {
        refuse_state(decider);
        return false;
    }
    return true;
}

/* False: refused. Only what a file brings in is nobody's act. */
static bool actor_is_known(struct gp_decider *decider)
{
    const struct gp_command *command = decider->command;

    decider->actor = gp_org_person(decider->scene->org, command->actor);
    if (decider->actor != GP_NONE || command->verb == GP_VERB_ENROL)
        return true;
    gp_refuse(decider, GP_REASON_UNKNOWN_PERSON, "'%.*s' is not in people.csv",
              GP_SPAN_ARG(command->actor));
    return false;
}

void gp_decide(const struct gp_scene *scene, const struct gp_command *command,
               struct gp_decision *ret_decision)
{
    struct gp_decider decider;

    gp_decider_begin(&decider, scene, command, ret_decision);
    if (!gp_speaker_counts(&decider) || !actor_is_known(&decider))
        return;
    if (scene->speaker != NULL && !gp_need_right(&decider))
        return;
    if (command->verb == GP_VERB_REPORT) {
        gp_decide_report(&decider);
        return;
    }
    if (gp_verb_about_people(command->verb) || gp_verb_about_devices(command->verb)) {
        if (gp_verb_about_people(command->verb))
            gp_decide_people(&decider);
        else
            gp_decide_device(&decider);
        gp_mark_personal(&decider);
        return;
    }
    assert(command->verb < GP_COUNT(transitions) && transitions[command->verb].rule != NULL);
    if (may_go_on(&decider))
        transitions[command->verb].rule(&decider, transitions[command->verb].leads);
    assert(ret_decision->reason != GP_REASON_NONE || ret_decision->entry_count > 0);
}
