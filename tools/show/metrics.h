/** The daemon's figures as Prometheus reads them: text format 0.0.4, UTF-8. */
#ifndef GP_SHOW_METRICS_H
#define GP_SHOW_METRICS_H

#include "wire/message.h"

#include <stdio.h>

/* What an HTTP server says that this text is. */
#define GP_METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

/**
 * Writes all families, each with HELP and TYPE, in one order. What is counted by kind has a line
 * for every kind that is known here, also where that is 0, so that a rate begins with the first
 * one; what there is none of (a backup, a next deadline) has none.
 *
 * Errors: none of its own; ferror(to) says whether it could be written
 */
void gp_show_metrics(const struct gp_daemon_figures *figures, FILE *to);

/** Writes that the daemon did not answer: gridpost_up alone. */
void gp_show_metrics_down(FILE *to);

/** Begins a family: HELP and TYPE. For who adds some of their own. */
void gp_metrics_family(FILE *to, const char *name, const char *type, const char *help);

#endif
