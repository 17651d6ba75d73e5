/**
 * The devices that speak sealed in the benchmark.
 */
#ifndef GP_TESTS_BENCH_DEVICES_H
#define GP_TESTS_BENCH_DEVICES_H

#include "trust/keys.h"

/** The key pair of a device: always the same of one number, so no secret at all. */
void bench_device(unsigned number, struct gp_keypair *ret_pair);

/** Prints devices.csv for the devices 0 to count - 1, all of the officer li. */
void bench_devices(unsigned count);

#endif
