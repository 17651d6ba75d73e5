/**
 * A run: a city of so many days, then quiet until everybody is answered, then the whole store is
 * looked at. README: tests/README.md.
 */
#ifndef GP_TESTS_SIM_MAIN_H
#define GP_TESTS_SIM_MAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct main_options {
    uint64_t seed;
    unsigned days, seeds;
    bool complete, twice;
    const char *commit;
};
extern struct main_options main_options;

/** True time within the run, as "day 3 14:05:09.120". */
void main_say_when(char *text, size_t room);

#endif
