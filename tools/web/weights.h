/** The file of weights (--score) by which assessments are scored; held while it is used. */
#ifndef GP_WEB_WEIGHTS_H
#define GP_WEB_WEIGHTS_H

#include "org/weights.h"

struct gp_web_weights {
    struct gp_weighing weighing;
    bool scored;    /* there is a file; else these are the defaults, and nothing is ranked */
    unsigned users; /* counted on the loop; the pool only reads */
};

/**
 * Reads the file; "": the defaults. What is wrong with it is logged, and *weights stays what it
 * was; else the old ones, which may be NULL, are let go.
 *
 * Thread: loop
 * Errors: GP_ECONFIG: no such file, or mistakes in it; GP_ENOMEM
 */
int gp_web_weights_read(const char *path, struct gp_web_weights **weights);

/** Thread: loop. */
struct gp_web_weights *gp_web_weights_ref(struct gp_web_weights *weights);
void gp_web_weights_unref(struct gp_web_weights *weights); /* accepts NULL */

#endif
