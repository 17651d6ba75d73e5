/**
 * What people do: officers report, some 500 times a day and mostly by day; the posts that own an
 * incident accept it, finish it, have it verified and close it, late or never some of them; the
 * street rules, grants, suspends. Now and then somebody does anything at all (tests/property's
 * generator), with leave, holdings and devices among it.
 */
#ifndef GP_TESTS_SIM_DESK_H
#define GP_TESTS_SIM_DESK_H

#include "sim/errand.h"

#define DESK_REPORTS_A_DAY 500

void desk_begin(uint64_t seed);

/** A handset has learned what became of its command. */
void desk_answered(const struct errand *errand, const struct gp_answer *answer);

/** Nobody types anything any more. */
void desk_close(void);

#endif
