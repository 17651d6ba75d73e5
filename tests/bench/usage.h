/**
 * What processes and a disk have spent, as the kernel counts it.
 */
#ifndef GP_TESTS_BENCH_USAGE_H
#define GP_TESTS_BENCH_USAGE_H

/** Processor time in seconds, user and system, of processes, of their children that live and of
 * those that have ended and were waited for. */
double usage_processor_s(const int *pids, int count);

/**
 * Bytes that the block device behind a folder has written, by whomever, with what the file system
 * adds; what is dirty in memory is written first. NAN where there is no such device.
 *
 * The figure that /proc/PID/io has for a process is of no use: from Linux 6.16 on ext4 caches files
 * in large folios, and a folio counts whole there for each byte of it that is written.
 */
double usage_disk_bytes(const char *folder);

#endif
