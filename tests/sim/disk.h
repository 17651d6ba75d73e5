/**
 * What of a folder would survive a power cut: each write since its file was last synced, with the
 * bytes that were there before it.
 */
#ifndef GP_TESTS_SIM_DISK_H
#define GP_TESTS_SIM_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/** What lies below this folder is on the disk from now on. Unsynced writes stay known. */
void disk_begin(const char *folder);
/** Forgets all unsynced writes: of another disk. */
void disk_forget(void);

/** Whether a file or folder lies on the disk. */
bool disk_has(int fd);

/** Before bytes are written. */
void disk_write(int fd, const void *bytes, size_t len, off_t at);
/** All writes to the file until now are safe. */
void disk_sync(int fd);
/** Before a name is removed. */
void disk_unlink(int folder_fd, const char *name);

struct disk_loss {
    uint64_t sectors, lost; /* of 512 bytes, unsynced */
};

/**
 * Copies the folder as a later start finds it. power: what is unsynced may be lost, and the rest
 * is on the disk from then on; else it is there, still unsynced.
 */
void disk_copy(const char *from, const char *to, bool power, struct disk_loss *ret_loss);

#endif
