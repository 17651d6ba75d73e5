/**
 * Breaks of the product, each under a name, so that tests/teeth can show that its tests notice
 * them. A build with GP_TEETH has all of them and does the one that GRIDPOST_BREAK names; any other
 * build has none: gp_broken is a constant there, and what stands behind it is not compiled.
 */
#ifndef GP_BASE_BROKEN_H
#define GP_BASE_BROKEN_H

#include <stdbool.h>

#ifdef GP_TEETH
/** Whether this process is to be broken so. Thread: any. */
bool gp_broken(const char *name);
#else
#define gp_broken(name) false
#endif

#endif
