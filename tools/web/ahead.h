/** What comes of an incident if nobody does anything (docs/WEB-API.md, section 6). */
#ifndef GP_WEB_AHEAD_H
#define GP_WEB_AHEAD_H

#include "core/incident.h"
#include "core/org.h"

#include <jansson.h>

/**
 * The steps to come, the soonest first, each with whom it would tell by this directory: what the
 * rules make of the plan, and what is paused or repeats as the plan has it.
 *
 * Thread:  any
 * Ensures: an array; NULL: no memory
 */
json_t *gp_ahead_json(const struct gp_org *org, const struct gp_incident *incident, int64_t now_ms);

#endif
