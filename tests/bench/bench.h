/**
 * What the files of `bench` share. Everything ends the process with a word on stderr when it cannot
 * do what it says; so do the tests' clients it is built on, with the line that failed.
 */
#ifndef GP_TESTS_BENCH_BENCH_H
#define GP_TESTS_BENCH_BENCH_H

#include "trust/keys.h"

#define BENCH_CLIENTS_MAX 400 /* NN_MAX_SOCKETS is 512 */

struct bench_ask {
    const char *address;
    int clients;
    double seconds;
    const char *keys;     /* the folder of the server's keys: sealed; NULL: unsealed */
    unsigned first;       /* device of the first client, the others have the next ones */
    const char *category; /* of a report */
};

/** Monotonic, in seconds. */
double bench_now(void);

void bench_die(const char *text);

/* ---- load.c ---- */
/** Closed-loop clients that report, each with one report in flight; prints what they got. */
int bench_load(const struct bench_ask *ask);
/** Closed-loop clients that handshake: each sends a HELLO of its own again and again, and does not
 * open what comes back, so that the processor works for the server. Needs ask->keys. */
int bench_hello(const struct bench_ask *ask);
/** Reports until `wanted` are answered, from 256 clients. */
int bench_fill(const char *address, size_t wanted);

/* ---- devices.c ---- */
/** The key pair of a device of this bench: always the same of one number, so no secret at all. */
void bench_device(unsigned number, struct gp_keypair *ret_pair);
/** Prints devices.csv for the devices 0 to count - 1, all of the officer li. */
int bench_devices(unsigned count);

/* ---- machine.c ---- */
/** Prints the resident memory of a process for each idle connection to it. */
int bench_idle(const char *address, int count, const char *pid);
/** Prints fdatasyncs of 4 KiB appends a second. */
int bench_sync(const char *folder, double seconds);

#endif
