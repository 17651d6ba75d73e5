/**
 * The incident (案卷): the stored item that a report opens, with its plan of steps. Plain data;
 * the rules that change it are in decide*.c, the one function that applies a change is gp_fold.
 *
 * Every fact that a rule needs later is kept here, so that a change of directory never changes
 * history: the catalogue row is a copy, posts and people are ids.
 */
#ifndef GP_CORE_INCIDENT_H
#define GP_CORE_INCIDENT_H

#include "base/limits.h"
#include "base/span.h"
#include "core/area.h"
#include "core/limit.h"

#include <stdint.h>

/*
 *             file              accept           finish            pass              close
 *  reported ───────► dispatched ────────► accepted ───────► finished ──────► verified ─────► closed
 *   │                │  ▲ ▲ └──────────────finish────────────▲   │                             │
 *   │void            │  │ │ └─────────── red: handover ───────── accepted     fail │ │reopen ▼ │  │
 * └──── accept (a new owner) ─┐         ▲   ▼            │              ▼ void              │  └─
 * refuse (the old one goes on)┐        └─ rework ◄──────┘          reopened │ return │ (finish
 * leads to finished again;   reopened └──────► returned ──── rule ──────┘  works like dispatched)
 *  link: duplicate (follows its main incident, closes with it; unlink: as before)
 *  second return: arbitration ── rule ──► dispatched          suspend: suspended ── date ──► as
 * before
 *
 * `filed` is passed through within one transaction. Which verb is allowed where is the table in
 * decide.c, and only there.
 */
#define GP_STATES(X)                                                                               \
    X(GP_STATE_REPORTED, 1, "reported", true)                                                      \
    X(GP_STATE_FILED, 2, "filed", true)                                                            \
    X(GP_STATE_DISPATCHED, 3, "dispatched", true)                                                  \
    X(GP_STATE_ACCEPTED, 4, "accepted", true)                                                      \
    X(GP_STATE_FINISHED, 5, "finished", true)                                                      \
    X(GP_STATE_VERIFIED, 6, "verified", true)                                                      \
    X(GP_STATE_CLOSED, 7, "closed", false)                                                         \
    X(GP_STATE_VOID, 8, "void", false)                                                             \
    X(GP_STATE_DUPLICATE, 9, "duplicate", true)                                                    \
    X(GP_STATE_RETURNED, 10, "returned", true)                                                     \
    X(GP_STATE_ARBITRATION, 11, "arbitration", true)                                               \
    X(GP_STATE_SUSPENDED, 12, "suspended", true)                                                   \
    X(GP_STATE_REWORK, 13, "rework", true)                                                         \
    X(GP_STATE_REOPENED, 14, "reopened", true)

enum gp_state { /* numbers are stored and on the wire: only ever append */
                GP_STATE_NONE = 0,
#define X(name, number, text, open) name = (number),
                GP_STATES(X)
#undef X
};

#define GP_STATE_BIT(state) (UINT32_C(1) << (state)) /* of a set of states */

const char *gp_state_name(int state);    /* "?" for a number that is none */
int gp_state_parse(struct gp_span text); /* GP_STATE_NONE if it is none */
bool gp_state_open(int state);           /* not closed and not void */
uint32_t gp_states_open(void);           /* all of those, as bits (1 << state) */

enum gp_step_status { /* stored */
                      GP_PLANNED = 1,
                      GP_FIRED = 2,
                      GP_DROPPED = 3, /* accepted, finished, superseded: will not fire */
                      GP_PAUSED = 4,  /* its clock stands: returned or suspended */
};

struct gp_plan_step {
    int64_t at_ms;
    uint8_t step;     /* enum gp_step */
    uint8_t stage;    /* 0-based: whose clock it belongs to */
    uint8_t status;   /* enum gp_step_status */
    bool provisional; /* beyond the calendar's known_until */
    uint32_t nth;     /* repeat: 1 for the first; else 0 */
};

/* The facts that a stage's times follow from, and the due that follows from them (ladder.h). */
struct gp_stage {
    struct gp_amount amount; /* allowance */
    bool own_amount;         /* of this incident (rework), not of its catalogue row */
    int64_t start_ms, due_ms;
    int64_t met_ms;        /* 0: not (yet) met */
    struct gp_span policy; /* ladder id */
    bool provisional;
    bool rework;        /* a ladder without dispatch and unaccepted */
    int64_t overall_ms; /* R8: orange and card count from this due; 0: from due_ms */
    uint32_t extended_h[GP_EXTENSIONS_MAX]; /* R11: granted hours, in the allowance's clock; 0 */
    int64_t gap_from_ms, gap_to_ms;         /* R12: suspended; 0: not. gap_to 0: still is */
};

struct gp_plan {
    struct gp_stage stage[GP_STAGES_MAX];
    uint8_t stage_count;
    uint8_t current; /* 0-based; the stage whose clock runs */
    struct gp_plan_step
        step[GP_PLAN_STEPS_MAX]; /* by (at_ms, step) within a stage; see gp_plan_next */
    uint8_t step_count;
};

/* The catalogue row an incident was filed under, as it was then. */
struct gp_row_copy {
    struct gp_span code, condition, line, department, policy;
    int64_t valid_from_ms; /* which version of the row; 0: the one from the beginning */
    uint8_t first_owner;
    struct gp_limit limit;
    uint8_t wd_mode;
    bool is_private, informed, on_spot;
    struct gp_span tell[GP_TELL_MAX]; /* "S" or a department's code */
    uint8_t tell_count;
};

/* What the side lines of DOMAIN section 8 leave behind. The entry that changes any of it carries
 * all of it. */
struct gp_side {
    uint8_t resume_state; /* enum gp_state: where returned, arbitration, suspended and duplicate go
                             back to */
    struct gp_span first_owner; /* post: the first receiver, who leads during arbitration */
    struct gp_span unfilled;    /* R7: vacant owner post that was passed over at dispatch */
    /* R8, R9: returns */
    struct gp_span returner, suggested; /* posts, while a ruling is awaited */
    struct gp_span
        barred[GP_RETURNS_MAX]; /* posts that returned it: only a ruling brings it back */
    uint8_t barred_count;
    uint8_t returns, buck_passed; /* how often; of those after the window */
    uint8_t return_reason;        /* enum gp_return_reason, of the last */
    int64_t returned_ms;          /* of the one that awaits a ruling; else 0 */
    bool consented;               /* the street allows one return after the window */
    bool bound;                   /* arbitration has ruled: no further return */
    /* R11: extension */
    int64_t asked_ms; /* 0: none is asked for */
    uint32_t asked_h;
    struct gp_span asker;        /* post that owned when it was asked */
    struct gp_span helper;       /* the assistant of that moment */
    uint64_t fired[GP_REFS_MAX]; /* seq of steps after due while it was pending */
    uint8_t fired_count;
    uint8_t struck_before; /* struck_count of that moment */
    /* R12: suspension */
    uint8_t suspensions;
    int64_t resume_ms; /* first working instant of the date; 0: not suspended */
    /* R13: the check */
    int64_t check_due_ms; /* the checker's due; 0: nobody checks */
    uint8_t reworks, reopens;
    /* R10, R22: where it came from */
    bool downward;           /* a task from above */
    struct gp_span approval; /* its approval reference */
    bool on_spot, drawn;     /* closed at report time; drawn for verification */
    uint64_t main;           /* R21: incident that this one follows; 0 */
    /* R17: people who have a strike from this incident */
    struct gp_span struck[GP_STRUCK_MAX];
    uint8_t struck_count;
};

#define GP_RETURN_REASONS(X)                                                                       \
    X(GP_RETURN_WRONG_LINE, 1, "wrong_line")                                                       \
    X(GP_RETURN_WRONG_AREA, 2, "wrong_area")                                                       \
    X(GP_RETURN_DUPLICATE, 3, "duplicate")                                                         \
    X(GP_RETURN_NOT_ENOUGH_INFO, 4, "not_enough_info")                                             \
    X(GP_RETURN_NO_POWER, 5, "no_power")                                                           \
    X(GP_RETURN_OUT_OF_SCOPE, 6, "out_of_scope")

enum gp_return_reason { /* stored and on the wire: only ever append */
                        GP_RETURN_NONE = 0,
#define X(name, number, text) name = (number),
                        GP_RETURN_REASONS(X)
#undef X
};

const char *gp_return_reason_name(int reason); /* "" for 0 */
int gp_return_reason_parse(struct gp_span text);

struct gp_place {
    bool known;
    int32_t lat_e7, lon_e7; /* WGS 84 degrees times 10^7 */
};

struct gp_incident {
    uint64_t id;
    uint32_t version; /* grows when state, owner or plan changes: the guard of commands */
    uint8_t state;    /* enum gp_state */
    struct gp_area_ref area, community; /* grid, and its community at filing */
    struct gp_row_copy row;
    struct gp_span reporter, device; /* person who reported; handset */
    uint64_t text_seq;   /* of its `reported` entry, beside which text and phone lie; 0: neither */
    int64_t erased_ms;   /* when personal texts were erased last; 0: never */
    struct gp_span text; /* joined when it is read; of a report of store format 1 its own */
    struct gp_place place;
    int64_t captured_ms, received_ms, dispatched_ms;
    struct gp_span owner;                                     /* post */
    struct gp_span assistant;                                 /* the A post after a handover */
    struct gp_span acceptor;                                  /* person */
    int64_t accepted_ms, finished_ms, verified_ms, closed_ms; /* 0: not yet */
    struct gp_span finisher[GP_FINISHERS_MAX]; /* persons who finished; may not verify */
    uint8_t finisher_count;
    bool informed;
    int64_t overdue_ms;          /* due that passed; 0: none did */
    struct gp_span overdue_post; /* who let it pass */
    bool same_ab;                /* R5: A and B were one person when it was first dispatched */
    uint32_t owed;               /* bit (1 << step): coalesced, its recipients not yet told (R16) */
    struct gp_plan plan;
    struct gp_side side;
};

/**
 * The planned step that comes next: smallest (at_ms, step, stage); NULL when no clock runs.
 *
 * Thread:   any
 * Lifetime: of the incident
 */
const struct gp_plan_step *gp_plan_next(const struct gp_plan *plan);

/** The due whose clock runs: the stage's while its owner works, the checker's once it is finished;
 * 0: no clock runs. Thread: any. */
int64_t gp_due_running(uint8_t state, int64_t stage_due_ms, int64_t check_due_ms);
int64_t gp_incident_due(const struct gp_incident *incident);

/** The final due: of the last stage. 0 when there is no plan. Thread: any. */
int64_t gp_plan_due(const struct gp_plan *plan);

#endif
