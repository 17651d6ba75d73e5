/**
 * What the files of decide share. Nothing outside core/ includes this.
 */
#ifndef GP_CORE_DECIDE_INTERNAL_H
#define GP_CORE_DECIDE_INTERNAL_H

#include "core/decide.h"
#include "core/ladder.h"
#include "core/post.h"

/* What coalesced steps would have told while one post owned the incident (R16). */
struct gp_missed {
    struct gp_span owner;
    struct gp_notice notice;
};

#define GP_MISSED_OWNERS_MAX 3 /* A → F → K: from K on nothing moves */

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

/** Folds the newest entry into the incident and says in it how things stand afterwards. */
void gp_emit(struct gp_decider *decider, struct gp_entry *entry);

/** The command `report`: checks grid and category, opens the incident, dispatches where filing is
 * auto. */
void gp_decide_report(struct gp_decider *decider);

/** Files and dispatches a reported incident (DOMAIN section 8); refuses when that cannot be. */
void gp_file_and_dispatch(struct gp_decider *decider);

/** Who owns next from this kind of post on: A → F → K → H2 → H; vacant ones are noted and passed.
 */
uint32_t gp_next_owner(struct gp_decider *decider, enum gp_post_kind from);

/** Starts the clock of stage `index` at start_ms. Errors: GP_ENOTFOUND. */
int gp_start_stage(struct gp_decider *decider, uint8_t index, int64_t start_ms,
                   struct gp_plan *plan);

/** Fires one planned step, with handover and next stage where they belong to it. */
void gp_fire_step(struct gp_decider *decider, const struct gp_plan_step *step, bool coalesced);

/** The rung behind a planned step; NULL when the ladder has lost it. */
const struct gp_rung *gp_step_rung(const struct gp_decider *decider,
                                   const struct gp_plan_step *step);

#endif
