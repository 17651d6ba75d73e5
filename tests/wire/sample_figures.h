/**
 * Samples of what the daemon tells of itself, and comparing them: the part of sample.h that is
 * about status and figures.
 */
#ifndef GP_TESTS_WIRE_SAMPLE_FIGURES_H
#define GP_TESTS_WIRE_SAMPLE_FIGURES_H

#include "wire/sample.h"

struct gp_daemon_status sample_status(void);
struct gp_daemon_figures *sample_figures(void); /* lifetime: the program's */
struct gp_summary sample_summary(void);         /* its rows, too */

void same_status(const struct gp_daemon_status *a, const struct gp_daemon_status *b);
void same_figures(const struct gp_daemon_figures *a, const struct gp_daemon_figures *b);
void same_summary(const struct gp_summary *a, const struct gp_summary *b);

#endif
