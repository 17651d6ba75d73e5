/**
 * What a store holds when no daemon runs on it, read by the store's own library.
 * Fails the running test when it cannot do what it says.
 */
#ifndef GP_TESTS_CRASH_HELD_H
#define GP_TESTS_CRASH_HELD_H

#include "crash/history.h"

/** Reads the entries from first to last, both included, which must be there. */
void held_read(const char *store, uint64_t first, uint64_t last,
               struct history_journal *ret_journal);

/**
 * Holds a history against the entries from first to last, and fails the test when it is not well:
 * what is wrong is printed, and the history is written to `file` (NULL: nowhere).
 */
void held_check(const char *store, uint64_t first, uint64_t last, const struct history *history,
                const char *file);

#endif
