/**
 * Makes a failing sequence smaller: drops acts as long as it still fails the same way.
 */
#ifndef GP_TESTS_PROPERTY_SHRINK_H
#define GP_TESTS_PROPERTY_SHRINK_H

#include "property/act.h"

/** Prints the smallest sequence found; `code` is the failure's. Every attempt is a process. */
void shrink(const struct sequence *sequence, int act, int code);

#endif
