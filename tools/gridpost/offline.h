/** What the subcommands without a daemon share: a configuration folder and a forecast. */
#ifndef GP_CLI_OFFLINE_H
#define GP_CLI_OFFLINE_H

#include "core/forecast.h"
#include "gridpost/cli.h"
#include "org/directory.h"

/** Prints a finding for people: file, line, what is wrong, and the remedy on a line of its own. */
void gp_offline_print_finding(FILE *to, bool colour, const struct gp_finding *finding);

/** False: it is no folder, which is said on stderr. */
bool gp_offline_is_folder(const char *folder);

/** Loads a folder; on mistakes prints them to stderr. Returns an exit code. */
int gp_offline_load(const char *folder, struct gp_directory **ret_directory);
/** The same of a folder that stands in for another, whose name is said. */
int gp_offline_load_as(const char *name, const char *folder, struct gp_directory **ret_directory);

/** Offset of the folder's default calendar: the zone that rehearsals write in. */
int64_t gp_offline_zone(const struct gp_directory *directory);

/** Forecasts a report; why it would be refused goes to stderr. Returns an exit code. */
int gp_offline_forecast(const struct gp_org *org, const struct gp_forecast_ask *ask,
                        gp_forecast_fn entry, void *context);

/** Reads a time: ISO 8601 with zone, or without in the one given; of a date its midnight. */
bool gp_offline_time(struct gp_span text, int64_t zone_ms, int64_t *ret_ms);

#endif
