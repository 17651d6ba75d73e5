/**
 * What the journal says, told apart from the tables: every incident folded from its entries, and
 * what the properties need to remember of them.
 */
#ifndef GP_TESTS_PROPERTY_MODEL_H
#define GP_TESTS_PROPERTY_MODEL_H

#include "property/devices.h"
#include "property/people.h"

struct model_incident {
    struct gp_incident folded;                     /* texts live in the model's arena */
    bool fired[GP_STAGES_MAX][GP_STEP_RESUME + 1]; /* since its steps were last armed */
    uint32_t nth[GP_STAGES_MAX];                   /* the last repeat */
    int64_t planned_ms;                            /* when its plan was last made or moved */
    bool touched;                                  /* by the batch that is looked at */
    uint64_t notice_seq;                           /* the newest entry that told somebody */
    struct gp_span notice_person;
};

#ifndef STRIKES_MAX
#define STRIKES_MAX 512
#endif

struct model {
    struct gp_strike strike[STRIKES_MAX]; /* as last journalled */
    unsigned strike_count;
    struct model_incident incident[INCIDENTS_MAX];
    struct people people;
    struct devices devices;
    uint64_t last_id, head;
    int64_t now_ms;
    const struct gp_org *org;
    struct gp_arena arena;
    struct gp_entry entry;     /* the one that is looked at */
    struct gp_incident before; /* its incident before it */
    bool catching_up;
    bool lagging;     /* steps wait: they may be late */
    bool held;        /* no step fires */
    uint64_t step_id; /* the incident of the last step that was on time, within a batch */
    /* of a catch-up */
    uint64_t due, fired, coalesced, told[INCIDENTS_MAX];
};

/** Empties a model, zeroed or used, for another sequence. */
void model_reset(struct model *model);

/**
 * Takes in one entry: checks it against the incident before and after it, and folds it.
 * Lifetime: the model's entry is it, until the next one
 */
void model_take(struct model *model, struct gp_span bytes, uint64_t seq);

/** State of an incident; GP_STATE_NONE: it is not there. */
int model_state(const struct model *model, uint64_t id);

/** Before a batch at that instant. */
void model_begin_batch(struct model *model, const struct gp_org *org, int64_t now_ms);

/** Before and after a start that catches up (R16). */
void model_begin_start(struct model *model);
void model_end_start(struct model *model);

#endif
