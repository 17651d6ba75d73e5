/** check --coverage: the proof that everybody is covered for a week, or where nobody is. */
#ifndef GP_CLI_COVERAGE_H
#define GP_CLI_COVERAGE_H

#include "core/org.h"
#include "gridpost/cli.h"

/** Proves the week from from_ms on; prints one line of what was proven, or the holes. Returns an
 * exit code: FAILED when there is a hole. */
int gp_coverage_report(const struct gp_cli *cli, const struct gp_org *org, int64_t from_ms);

#endif
