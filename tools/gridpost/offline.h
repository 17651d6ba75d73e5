/** What the subcommands without a daemon share: a configuration folder and a labelled rehearsal. */
#ifndef GP_CLI_OFFLINE_H
#define GP_CLI_OFFLINE_H

#include "gridpost/cli.h"
#include "org/directory.h"
#include "rehearsal/rehearsal.h"

/** Prints a finding for people: file, line, what is wrong, and the remedy on a line of its own. */
void gp_offline_print_finding(FILE *to, bool colour, const struct gp_finding *finding);

/** Loads a folder; on mistakes prints them to stderr. Returns an exit code. */
int gp_offline_load(const char *folder, struct gp_directory **ret_directory);

/** Offset of the folder's default calendar: the zone that rehearsals write in. */
int64_t gp_offline_zone(const struct gp_directory *directory);

#endif
