/**
 * A small disk for a daemon's store, which a test fills and gives room again: a tmpfs in a mount
 * namespace of the test's own or, where mounting is refused, a room in bytes that faults.c counts.
 * Every function fails the running test when it cannot do what it says.
 */
#ifndef GP_TESTS_LIB_DISK_H
#define GP_TESTS_LIB_DISK_H

#include "lib/daemon.h"

struct disk {
    struct daemon *daemon;
    bool mounted;     /* false: a room that is counted */
    int64_t withheld; /* by disk_leave */
};

/** Takes a mount namespace, or says on stdout that a room stands in. Once, before anything else. */
void disk_enter(bool may_mount);

/** Puts a disk of so many bytes under the store of a daemon that was prepared, and has its faults
 * (daemon_fault). */
void disk_open(struct disk *disk, struct daemon *daemon, int64_t bytes);
/** Before daemon_remove. */
void disk_close(struct disk *disk);

/** Bytes that are free. */
int64_t disk_room(const struct disk *disk);
/** Has others take all but so many bytes of what is free. */
void disk_leave(struct disk *disk, int64_t bytes);
/** Has them give it back. */
void disk_give_back(struct disk *disk);
/** What is written from now on is not on this disk. */
void disk_leave_alone(const struct disk *disk);

#endif
