/**
 * Calls that fail. This program's own malloc, pwrite … stand before libc's, for all libraries in
 * the process; one of them, by its number, does not do what it should. In a sanitizer's build the
 * allocator is the sanitizer's: there only what is linked statically, which is ours, can be
 * refused.
 *
 * One thread only: the lives of this folder have one.
 */
#ifndef GP_TESTS_CALLS_FAIL_H
#define GP_TESTS_CALLS_FAIL_H

#include <stdbool.h>
#include <stdint.h>

enum fault {
    FAULT_NONE,
    FAULT_MEMORY, /* allocations and maps: ENOMEM */
    FAULT_DISK,   /* whatever touches a file: EIO */
    FAULT_FULL,   /* whatever takes space: ENOSPC */
    FAULT_SHORT,  /* reads and writes do half of it */
    FAULT_SIGNAL, /* reads, writes and locks: EINTR */
    FAULT_FILES,  /* whatever needs a descriptor: EMFILE */
    FAULT_COUNT
};

/** "memory" …; as options name them. */
const char *fault_name(enum fault fault);

/**
 * From now on calls that this fault can befall are counted, where fail_watch says so; the at-th
 * fails (0: none does). Sticky: all from it on, until fail_lift; of EINTR every second one.
 */
void fail_arm(enum fault fault, uint64_t at, bool sticky);
void fail_watch(bool watch);
void fail_lift(void);

/** Lets time go by without waiting: the clock of this process goes ahead. */
void fail_wait(int64_t ms);

/** How many were counted, and how many failed, since fail_arm. */
uint64_t fail_counted(void);
uint64_t fail_failed(void);

/** The first call that failed and the last one, with their files: "pwrite data.mdb". Static
 * storage.
 */
const char *fail_first(void);
const char *fail_last(void);
/** Whether the last one was of this kind, on a file whose name ends so. */
bool fail_was(const char *call, const char *name_end);

/** Allocations that were not freed, all in all; 0 in a sanitizer's build. */
uint64_t fail_live(void);

#endif
