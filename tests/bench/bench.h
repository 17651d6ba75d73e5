/**
 * What the files of `bench` share: gridpost's peers of the load generator, and what the machine
 * says of itself. Everything ends the process with a word on stderr when it cannot do what it says.
 */
#ifndef GP_TESTS_BENCH_BENCH_H
#define GP_TESTS_BENCH_BENCH_H

#include "bench/load.h"

/* ---- gridpost.c ---- */
/** Reports, unsealed. */
extern const struct load_peer bench_reports;
/** Reports, each client sealed as a device of its own. Needs ask->keys. */
extern const struct load_peer bench_sealed;
/** Each client sends a HELLO of its own again and again, and does not open what comes back, so that
 * the processor works for the server. Needs ask->keys. */
extern const struct load_peer bench_hello;
/** Reports to a server that gives back something, whatever it is. */
extern const struct load_peer bench_echo;

/* ---- machine.c ---- */
/** Prints the resident memory of a process for each idle connection to it. */
int bench_idle(const char *address, int count, const char *pid);
/**
 * Prints what an fdatasync behind a write of so many bytes takes: at the end of a file that grows,
 * or within one that was filled with zeros and synced before.
 */
int bench_sync(const char *folder, double seconds, size_t bytes, bool zeroed);

#endif
