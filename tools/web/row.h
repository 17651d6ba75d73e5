/** An incident as a card of the board shows it (docs/WEB-API.md, section 5). */
#ifndef GP_WEB_ROW_H
#define GP_WEB_ROW_H

#include "core/incident.h"
#include "core/org.h"

#include <jansson.h>

/* How an incident stands with its time. */
struct gp_row_time {
    int64_t due_ms;           /* 0: no clock runs */
    int64_t warn_ms;          /* 0: there is no warning */
    int32_t used_bp, warn_bp; /* of the allowance, in its own clock; up to GP_ROW_BP_MAX */
};

#define GP_ROW_BP_MAX     30000
#define GP_ROW_TEXT_CHARS 60

/** Pure. Thread: any. */
void gp_row_time_of(const struct gp_org *org, const struct gp_incident *incident, int64_t now_ms,
                    struct gp_row_time *ret_time);

/** Who answers for the incident's post now; GP_NONE: nobody. Thread: any. */
uint32_t gp_row_owner(const struct gp_org *org, const struct gp_incident *incident, int64_t now_ms);

/** The first characters of a text: whole ones, of UTF-8. Thread: any. */
struct gp_span gp_row_text(struct gp_span text, unsigned characters);

json_t *gp_row_json(const struct gp_org *org, const struct gp_incident *incident, int64_t now_ms);

#endif
