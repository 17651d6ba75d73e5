/**
 * Where a property that does not hold ends up: what failed is printed with the words that play it
 * again, and the program ends. An assertion in the code under test comes here, too.
 */
#ifndef GP_TESTS_PROPERTY_FAIL_H
#define GP_TESTS_PROPERTY_FAIL_H

#include "property/act.h"

struct fail_place {
    const struct sequence *sequence; /* that is played */
    int act;
    bool silent; /* a child of the shrinker: only its exit code counts */
    bool shrink;
    const char *program;
};
extern struct fail_place fail_place;

/** Catches aborts of the code under test. */
void fail_install(void);

/** Ends the program. Exit code: 1; of a silent child one that tells failures apart. */
__attribute__((noreturn, format(printf, 1, 2))) void fail(const char *format, ...);

/** Fails with the error's text unless rc is 0. */
void fail_unless_ok(int rc, const char *what);

#endif
