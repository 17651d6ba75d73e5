/**
 * assess.yaml: how an office weighs its assessments, and what it enters for units by hand. Read by
 * the command, not by the daemon: figures are the journal's, weights are the office's.
 */
#ifndef GP_ORG_WEIGHTS_H
#define GP_ORG_WEIGHTS_H

#include "base/arena.h"
#include "core/score.h"
#include "org/finding.h"

struct gp_weighed_unit {
    struct gp_span id;
    struct gp_entered entered; /* last_running: see gp_weighing_entered */
    struct gp_span veto;       /* why; "": none */
    struct gp_span last_in;    /* years, as written */
};

struct gp_weighing {
    struct gp_weights weights;
    struct gp_weighed_unit *unit;
    size_t unit_count;
    struct gp_arena arena; /* everything above */
};

/** The weights that count where a file does not say otherwise; no units. */
void gp_weighing_defaults(struct gp_weighing *ret_weighing);

/**
 * Reads a file.
 *
 * Errors: GP_ENOTFOUND; GP_ECONFIG: findings say why; GP_ENOMEM, GP_EAGAIN
 */
int gp_weighing_load(const char *path, struct gp_findings *findings,
                     struct gp_weighing *ret_weighing);
void gp_weighing_release(struct gp_weighing *weighing); /* accepts NULL */

/** What is entered for a unit, assessed for a year; *ret_veto says why, "" for no veto. */
struct gp_entered gp_weighing_entered(const struct gp_weighing *weighing, struct gp_span unit,
                                      int year, struct gp_span *ret_veto);

#endif
