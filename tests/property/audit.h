/**
 * What must hold between the tables and the journal behind every batch.
 */
#ifndef GP_TESTS_PROPERTY_AUDIT_H
#define GP_TESTS_PROPERTY_AUDIT_H

#include "property/world.h"

/** Deadline rows of all incidents and leaves; record and owner of incidents that the batch touched;
 * who holds what and who is away. */
void audit(struct world *world);

#endif
