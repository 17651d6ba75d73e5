/**
 * What must hold between the tables and the journal behind every batch.
 */
#ifndef GP_TESTS_PROPERTY_AUDIT_H
#define GP_TESTS_PROPERTY_AUDIT_H

#include "property/world.h"

/** Deadline rows of all incidents; record and owner of those that the batch touched. */
void audit(struct world *world);

#endif
