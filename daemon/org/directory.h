/**
 * The directory: files of an office become one immutable snapshot (core/org.h). Layout of a
 * configuration folder:
 *
 *   gridpost.yaml   main settings (settings.h)
 *   ladders.yaml    policies
 *   calendar/NAME.yaml
 *   org/areas.csv people.csv departments.csv lines.csv posts.csv holdings.csv leave.csv
 *       roster.csv catalogue.csv rights.csv devices.csv
 *
 * Every mistake is a finding with file, line, field, value and remedy; nothing is guessed.
 */
#ifndef GP_ORG_DIRECTORY_H
#define GP_ORG_DIRECTORY_H

#include "core/org.h"
#include "org/finding.h"

struct gp_directory; /* owns the memory of one snapshot; reference counted, thread-safe */

/**
 * Reads and checks a configuration folder.
 *
 * Thread:  any
 * Ensures: findings has everything that was noticed; on GP_ECONFIG at least one GP_FINDING_ERROR
 * Errors:  GP_ECONFIG: the findings say why; GP_ENOMEM; GP_EAGAIN: no descriptor is free
 */
int gp_directory_load(const char *folder, struct gp_findings *findings,
                      struct gp_directory **ret_directory);

const struct gp_org *gp_directory_org(const struct gp_directory *directory);
struct gp_directory *gp_directory_ref(struct gp_directory *directory);
void gp_directory_unref(struct gp_directory *directory); /* accepts NULL */

/**
 * Says what differs, one line each ("+ holding A-shizheng-340705402 zhang from 2026-10-01").
 *
 * Ensures: no call when the digests are equal
 */
void gp_directory_diff(const struct gp_org *before, const struct gp_org *after,
                       void (*line)(void *context, const char *text), void *context);

/**
 * Finds gaps: a grid and category that nobody answers for at some hour of the week that starts
 * at from_ms. Adds one finding per (post chain, hours), not per grid and hour, so that the list is
 * readable.
 */
int gp_directory_coverage(const struct gp_org *org, int64_t from_ms, struct gp_findings *findings);

#endif
