/** Who is told at each step of a forecast, as a table for people or as JSON. */
#ifndef GP_CLI_TOLD_H
#define GP_CLI_TOLD_H

#include "core/org.h"
#include "gridpost/cli.h"

/** Prints the table's head, with `indent` blanks before it. */
void gp_told_head(int indent);

/** Prints one entry's rows, one for each person; entries that tell nobody and move nothing print
 * none. */
void gp_told_rows(const struct gp_forecast_step *step, int indent);

/** The label of a forecast's only report (a gp_label_fn). */
const char *gp_told_label(void *context, uint64_t incident);

/** The entry as `plan` has it, each recipient with its name. */
json_t *gp_told_json(const struct gp_forecast_step *step, int64_t zone_ms);

/** An entry with the names that the directory has. Lifetime: of both. */
void gp_told_name(const struct gp_org *org, const struct gp_entry *entry,
                  struct gp_forecast_step *ret_step);

#endif
