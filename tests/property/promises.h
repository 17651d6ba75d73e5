/**
 * Single promises of DOMAIN sections 7 and 8, each checked where an entry could break it.
 */
#ifndef GP_TESTS_PROPERTY_PROMISES_H
#define GP_TESTS_PROPERTY_PROMISES_H

#include "property/model.h"

/** Of one entry; the incident before and after it. */
void promises_entry(const struct gp_incident *before, const struct gp_entry *entry,
                    const struct gp_incident *after);

/** R17: a strike's number is one more than those of person and year that count; keeps it. */
void promises_strike(struct model *model);

/** Of an incident and the one that it follows, behind a batch. */
void promises_incident(const struct model *model, const struct gp_incident *incident);

#endif
