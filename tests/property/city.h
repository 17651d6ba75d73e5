/**
 * Directories of one small city: the golden configuration and what an office might make of it.
 */
#ifndef GP_TESTS_PROPERTY_CITY_H
#define GP_TESTS_PROPERTY_CITY_H

#include "core/org.h"

#define CITY_VARIANTS 6

/** Loads all of them; ends the program when it cannot. The memory lives as long as the program. */
void city_load(void);

/** 0: as it is in the files; the others: other limits, hours, ladders, leave, vacancies, a lost
 * row. */
const struct gp_org *city_org(unsigned variant);

#endif
