/**
 * What the files of decide share. Nothing outside core/ includes this.
 */
#ifndef GP_CORE_DECIDE_INTERNAL_H
#define GP_CORE_DECIDE_INTERNAL_H

#include "core/decide.h"
#include "core/ladder.h"
#include "core/plan.h"
#include "core/post.h"

/* What coalesced steps would have told while one post owned the incident (R16). */
struct gp_missed {
    struct gp_span owner;
    struct gp_notice notice;
};

#define GP_MISSED_OWNERS_MAX 3 /* A → F → K: from K on nothing moves */

/* Where an incident goes back to: to the state in which the side line found it. */
#define GP_STATE_BACK 255

/* Where a verb, or what happens by itself, leads: written in the tables of decide.c and nowhere
 * else. */
struct gp_leads {
    uint8_t to;    /* enum gp_state, GP_STATE_BACK; GP_STATE_NONE: nowhere */
    uint8_t other; /* of a rule with two ends: the other one */
};

/* What changes an incident's state without a verb of its own. */
enum gp_turn {
    GP_TURN_REPORTED,          /* a report opens it */
    GP_TURN_FILED,             /* it files itself */
    GP_TURN_DISPATCHED,        /* and is dispatched */
    GP_TURN_ON_SPOT,           /* or was done at once: finished; verified when it is not drawn */
    GP_TURN_HANDOVER,          /* red: the department has not accepted */
    GP_TURN_RESUMED,           /* a suspension ends */
    GP_TURN_CLOSED,            /* closed with its main incident, or on the spot */
    GP_TURN_TAKEN_BACK,        /* an extension supersedes the handover: not accepted, or accepted */
    GP_TURN_REWORK_TAKEN_BACK, /* the same, of a rework */
};

/** Where that leads. */
struct gp_leads gp_turn_leads(enum gp_turn turn);

/** One of a set: a ladder word (enum gp_tell), a step, a state. */
static inline uint32_t gp_bit(int number)
{
    return UINT32_C(1) << number;
}

/* The states in which the owner's clock runs, as a set. */
#define GP_STATES_AT_WORK                                                                          \
    (UINT32_C(1) << GP_STATE_DISPATCHED | UINT32_C(1) << GP_STATE_ACCEPTED |                       \
     UINT32_C(1) << GP_STATE_REWORK | UINT32_C(1) << GP_STATE_REOPENED)

/* One decision in the making: entries so far, and the incident as they leave it. */
struct gp_decider {
    const struct gp_scene *scene;
    const struct gp_command *command; /* NULL for steps */
    struct gp_decision *out;
    struct gp_incident *incident; /* &out->after */
    uint32_t area;                /* index of the grid that answers for it now; GP_NONE: it has
                                     left the directory */
    uint32_t actor;               /* index of the command's person */
    struct gp_span actor_post;    /* for entries that this person makes; "" */
    struct gp_missed missed[GP_MISSED_OWNERS_MAX];
    uint8_t missed_count;
};

/** Starts a decision about scene->incident (or none). */
void gp_decider_begin(struct gp_decider *decider, const struct gp_scene *scene,
                      const struct gp_command *command, struct gp_decision *out);

/** Refuses: no entry remains and nothing has changed. The detail is a printf format. */
__attribute__((format(printf, 3, 4))) void
gp_refuse(struct gp_decider *decider, enum gp_reason reason, const char *format, ...);

/** A fresh entry about the incident; fill it, then gp_emit it. */
struct gp_entry *gp_entry_new(struct gp_decider *decider, enum gp_what what);

/** The same for what happens by itself (steps, vacancies): it has no actor. */
struct gp_entry *gp_entry_of_itself(struct gp_decider *decider, enum gp_what what);

/** Gives an entry words of our own, in place of what a person typed: they stay in the journal. */
void gp_say(struct gp_entry *entry, struct gp_span words);

/** Folds the newest entry into the incident and says in it how things stand afterwards. Text that
 * is not our own is personal from here on. */
void gp_emit(struct gp_decider *decider, struct gp_entry *entry);

/** The same mark for all entries of a decision about people or devices, which are folded into no
 * incident. */
void gp_mark_personal(struct gp_decider *decider);

/** Adds a person to an entry's recipients, once; nobody (GP_NONE) is not added. */
void gp_tell_person(const struct gp_decider *decider, struct gp_entry *entry,
                    struct gp_effective who, const char *capacity);

/** The commands leave, approve, reject, cancel and hold. */
void gp_decide_people(struct gp_decider *decider);
/** Says who holds a post from..to: the command `hold`. */
void gp_decide_hold(struct gp_decider *decider);

/** Whether the device that speaks is active and speaks for its own person; true where none does.
 * False: refused. */
bool gp_speaker_counts(struct gp_decider *decider);
/** The commands invite, join, confirm, revoke, rotate and enrol. */
void gp_decide_device(struct gp_decider *decider);

/** The command `report`: checks grid and category, opens the incident, dispatches where filing is
 * auto. */
void gp_decide_report(struct gp_decider *decider);

/** Files and dispatches a reported incident (DOMAIN section 8); refuses when that cannot be. */
void gp_file_and_dispatch(struct gp_decider *decider);

/** Who owns next from this kind of post on: A → F → K → H2 → H; vacant ones are noted and passed.
 */
uint32_t gp_next_owner(struct gp_decider *decider, enum gp_post_kind from);

/** The same, and where every post of line and department is vacant or missing, the territory's;
 * GP_NONE: refused. */
uint32_t gp_find_owner(struct gp_decider *decider, enum gp_post_kind from);

/** The grid that the command names, an old code followed to the area that answers for it now;
 * GP_NONE: refused. */
uint32_t gp_find_grid(struct gp_decider *decider);
/** The catalogue row that the command names; GP_NONE: refused, saying which conditions there are.
 */
uint32_t gp_find_row(struct gp_decider *decider);
/** Puts the row, and the community that counts from now on, into a patch. */
void gp_set_row(const struct gp_decider *decider, const struct gp_row *row, struct gp_patch *patch);

/** R21: fills in an entry's likely duplicates, the newest first. */
void gp_find_similar(struct gp_decider *decider, struct gp_entry *entry);
/** Whether two known places are within 50 m. */
bool gp_place_near(struct gp_place a, struct gp_place b);

/** The same for the row that the incident was filed under. */
void gp_keep_row(const struct gp_decider *decider, struct gp_patch *patch);

/** R5: whether an A post that owns and the grid's B post are one person now. Requires: an area. */
bool gp_same_ab(const struct gp_decider *decider, uint32_t owner);

/** R8: whether this post, or its department, has returned the incident. */
bool gp_barred(const struct gp_decider *decider, uint32_t post);

/** R13: the owner's clock ends and the checker's starts; the checker is told. */
void gp_start_check(struct gp_decider *decider, struct gp_entry *entry);

/** R12: a suspended incident goes on at an instant, and its plan with it. False: that cannot be
 * made anew, because its grid or its calendar is no more; the entry's is as it was. */
bool gp_thaw(struct gp_decider *decider, int64_t at_ms, struct gp_entry *entry);

/** Starts the clock of stage `index` at start_ms. Errors: GP_ENOTFOUND. */
int gp_start_stage(struct gp_decider *decider, uint8_t index, int64_t start_ms,
                   struct gp_plan *plan);

/** Fires one planned step, with handover and next stage where they belong to it. */
void gp_fire_step(struct gp_decider *decider, const struct gp_plan_step *step, bool coalesced);

/** The rung behind a planned step; NULL when the ladder has lost it. */
const struct gp_rung *gp_step_rung(const struct gp_decider *decider,
                                   const struct gp_plan_step *step);

/** Remembers a text that the decision makes up (printf format); cut where the room ends. */
__attribute__((format(printf, 2, 3))) struct gp_span gp_draft(struct gp_decider *decider,
                                                              const char *format, ...);

/** Adds to an entry whom a notice reaches now, if this post owns the incident. */
void gp_tell_of(const struct gp_decider *decider, struct gp_span owner,
                const struct gp_notice *notice, struct gp_entry *entry);

/** Adds whom a set of ladder words (1 << enum gp_tell) reaches now to an entry; the owner is who
 * owns after it. */
void gp_tell_now(const struct gp_decider *decider, uint32_t tells, struct gp_entry *entry);

/**
 * Whether the role of the device that speaks has the right to the command where it is about
 * something (permit.h); false: refused. Requires: a device speaks, and the actor is known.
 */
bool gp_need_right(struct gp_decider *decider);

/* ---- decide_who.c: who may ---- */

#define GP_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/** The post's id; the empty span for none. */
struct gp_span gp_post_id(const struct gp_org *org, uint32_t post);
/** The post of a kind that serves the incident; GP_NONE. */
uint32_t gp_post_here(const struct gp_decider *decider, enum gp_post_kind kind);
/** Whether the actor may act for a post now; never for GP_NONE. */
bool gp_acts_for(const struct gp_decider *decider, uint32_t post);
/** The first post of these kinds that the actor acts for; GP_NONE. */
uint32_t gp_acts_for_one_of(const struct gp_decider *decider, const enum gp_post_kind *kinds,
                            size_t count);
uint32_t gp_owner_post(const struct gp_decider *decider);
/** The actor's post as owner or, where that is allowed, as assistant; GP_NONE: refused. */
uint32_t gp_need_owner(struct gp_decider *decider, bool or_assistant);
/** The street's post (SK, S1 or S2) that the actor acts for; GP_NONE: refused, saying who may. */
uint32_t gp_need_street(struct gp_decider *decider, const char *what);
/** The dispatcher's (SK, S1, D2 or D1); GP_NONE: refused. */
uint32_t gp_need_filer(struct gp_decider *decider, const char *what);
/** False: refused, because the command gives no reason in its text. */
bool gp_need_text(struct gp_decider *decider);
/** False: refused, because reports follow this incident (R21), which would be left without it. */
bool gp_nobody_follows(struct gp_decider *decider);
/** The post that a command names; GP_NONE: refused. */
uint32_t gp_need_post(struct gp_decider *decider, struct gp_span id);
/** Whether one person finished this incident, now or before a rework. */
bool gp_finished_it(const struct gp_decider *decider, struct gp_span person);

/** An entry of the command's actor for a post: text, patch.person, patch.at_ms and the next state
 * are filled in (GP_STATE_NONE: it stays; GP_STATE_BACK: as before the side line). */
struct gp_entry *gp_act(struct gp_decider *decider, enum gp_what what, uint32_t post,
                        uint8_t next_state);

/** Puts the next state into an entry, likewise. */
void gp_set_state(const struct gp_decider *decider, uint8_t next_state, struct gp_entry *entry);

/** The incident's side facts in the entry, to be changed there: the entry carries them. */
struct gp_side *gp_side_of(struct gp_decider *decider, struct gp_entry *entry);
/** Its plan, likewise. */
struct gp_plan *gp_plan_of(struct gp_decider *decider, struct gp_entry *entry);

/** No extension is pending any more. */
void gp_end_asking(struct gp_side *side);
/** The stage that ran when the pending extension was asked for. Requires: one is pending. */
uint8_t gp_asked_stage(const struct gp_incident *incident);
/** No ruling is awaited any more. */
void gp_end_return(struct gp_side *side);
/** The incident ends without its work being done: nobody's clock runs, nothing is awaited. */
void gp_end_undone(struct gp_decider *decider, struct gp_entry *entry);

/* ---- planning for a decision ---- */

/** The calendar that counts for the incident. Requires: area is not GP_NONE. */
const struct gp_calendar *gp_calendar_here(const struct gp_decider *decider);

/**
 * Plans every stage that has begun again from its facts; what was fired, dropped or paused stays
 * so.
 *
 * Errors: GP_ENOTFOUND: no working time within twenty years
 */
int gp_plan_again(struct gp_decider *decider, const struct gp_row_copy *row,
                  const struct gp_plan *facts, struct gp_plan *ret_plan);

/**
 * R8: a fresh allowance from now on for the running stage, by the incident's row: dispatch to blue
 * follow it; the overall clock goes on (orange, card and repeat keep their due).
 */
int gp_plan_fresh(struct gp_decider *decider, struct gp_plan *plan);

/** A ladder from the start for the running stage; nothing of the old one counts. */
int gp_plan_anew(struct gp_decider *decider, struct gp_plan *plan);

/** When the step of a side clock that starts now beside the plan's stage fires. Requires: an area,
 * and there is a stage. */
int64_t gp_side_clock_ms(const struct gp_decider *decider, const struct gp_plan *plan,
                         enum gp_step step);

/** Tells the owner by firing the plan's `dispatch`. */
void gp_fire_dispatch(struct gp_decider *decider);

/** R17: one strike candidate, for whoever effectively held a post at an instant; nothing when that
 * is nobody, or a person who has one from this incident. `tell`: the supervision office hears of
 * it. */
void gp_strike(struct gp_decider *decider, struct gp_span post, int64_t at_ms, bool tell);
/** The strike that a person has from the incident. False: none. */
bool gp_recall_strike(const struct gp_decider *decider, struct gp_span person,
                      struct gp_strike *ret_strike);
/** R11: strikes of steps that an extension superseded have no effect: of the incident's, those
 * behind the first `before`. */
void gp_lift_strikes(struct gp_decider *decider, uint8_t before);

/** Names the owner in an entry, and the department that is responsible from then on: "not ours" is
 * answered with whose it is, or `red` would hand it back to the one that said so. Not for a
 * handover, which stays within the department. */
void gp_set_owner(const struct gp_decider *decider, struct gp_span owner, struct gp_entry *entry);

/** Changes owner, with a fresh plan; the new owner is told. False: refused. */
bool gp_move_to(struct gp_decider *decider, struct gp_entry *entry, uint32_t owner);

/* ---- the rules of the verbs: leads as the table in decide.c says ---- */
#define GP_RULE(name) void name(struct gp_decider *decider, struct gp_leads leads)
GP_RULE(gp_do_file);
GP_RULE(gp_do_void);
GP_RULE(gp_do_link);
GP_RULE(gp_do_unlink);
GP_RULE(gp_do_accept);
GP_RULE(gp_do_note);
GP_RULE(gp_do_stage);
GP_RULE(gp_do_finish);
GP_RULE(gp_do_verify);
GP_RULE(gp_do_inform);
GP_RULE(gp_do_close);
GP_RULE(gp_do_return);
GP_RULE(gp_do_consent);
GP_RULE(gp_do_rule);
GP_RULE(gp_do_refuse);
GP_RULE(gp_do_extend);
GP_RULE(gp_do_decide);
GP_RULE(gp_do_suspend);
GP_RULE(gp_do_resume);
GP_RULE(gp_do_reopen);
GP_RULE(gp_do_reassign);
GP_RULE(gp_do_correct);
GP_RULE(gp_do_deliver);
GP_RULE(gp_do_appeal);
GP_RULE(gp_do_sign);
GP_RULE(gp_do_erase);

#endif
