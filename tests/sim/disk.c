#include "sim/disk.h"

#include "property/fail.h"
#include "sim/events.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SECTOR ((off_t)512)

struct write {
    ino_t file;
    off_t at;
    size_t len;
    unsigned char *old, *new; /* in one piece of memory */
};

static struct {
    char folder[256];
    size_t folder_len;
    struct write *write;
    size_t count, room;
} disk;

void disk_begin(const char *folder)
{
    disk.folder_len = (size_t)snprintf(disk.folder, sizeof disk.folder, "%s", folder);
}

/* Drops the writes to a file; 0: all of them. */
static void drop(ino_t file)
{
    size_t kept = 0;

    for (size_t i = 0; i < disk.count; i++) {
        if (file != 0 && disk.write[i].file != file)
            disk.write[kept++] = disk.write[i];
        else
            free(disk.write[i].old);
    }
    disk.count = kept;
}

void disk_forget(void)
{
    drop(0);
}

bool disk_has(int fd)
{
    char link[64], path[512];
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, path, sizeof path);

    return disk.folder_len > 0 && len >= (ssize_t)disk.folder_len &&
           memcmp(path, disk.folder, disk.folder_len) == 0 &&
           ((size_t)len == disk.folder_len || path[disk.folder_len] == '/');
}

static struct stat look(int fd)
{
    struct stat stat = {0};

    if (fstat(fd, &stat) != 0)
        fail("looking at a file of the store");
    return stat;
}

/* ---------------------------------------------------------------- writes */

void disk_write(int fd, const void *bytes, size_t len, off_t at)
{
    struct write write = {look(fd).st_ino, at, len, calloc(2, len), NULL};

    if (write.old == NULL)
        abort();
    write.new = write.old + len;
    /* Where the file was shorter there are zeros. A file that only writes is seldom, and new. */
    (void)!syscall(SYS_pread64, fd, write.old, len, at);
    memcpy(write.new, bytes, len);
    if (disk.count == disk.room) {
        disk.room = disk.room == 0 ? 256 : 2 * disk.room;
        disk.write = realloc(disk.write, disk.room * sizeof *disk.write);
        if (disk.write == NULL)
            abort();
    }
    disk.write[disk.count++] = write;
}

void disk_sync(int fd)
{
    drop(look(fd).st_ino);
}

void disk_unlink(int folder_fd, const char *name)
{
    struct stat stat;

    if (fstatat(folder_fd, name, &stat, AT_SYMLINK_NOFOLLOW) == 0)
        drop(stat.st_ino);
}

/* ---------------------------------------------------------------- a power cut */

enum fate { ALL_KEPT, ALL_LOST, BY_CHANCE };

static void put(int fd, const void *bytes, size_t len, off_t at)
{
    if (syscall(SYS_pwrite64, fd, bytes, len, at) != (ssize_t)len)
        fail("writing a copy");
}

static void redo(int fd, const struct write *write, enum fate fate, struct disk_loss *loss)
{
    off_t end = write->at + (off_t)write->len;

    for (off_t at = write->at, next; at < end; at = next) {
        next = (at / SECTOR + 1) * SECTOR;
        if (next > end)
            next = end;
        loss->sectors++;
        if (fate == ALL_LOST || (fate == BY_CHANCE && events_chance(500))) {
            loss->lost++;
            continue;
        }
        put(fd, write->new + (at - write->at), (size_t)(next - at), at);
    }
}

/* What was there before all of them, and then of each what the disk had come to. */
static void lose(int fd, ino_t file, struct disk_loss *loss)
{
    uint64_t dice = events_random(10);
    enum fate fate = dice < 2 ? ALL_KEPT : dice < 5 ? ALL_LOST : BY_CHANCE;

    for (size_t i = disk.count; i-- > 0;) {
        if (disk.write[i].file == file)
            put(fd, disk.write[i].old, disk.write[i].len, disk.write[i].at);
    }
    for (size_t i = 0; i < disk.count; i++) {
        if (disk.write[i].file == file)
            redo(fd, &disk.write[i], fate, loss);
    }
}

static bool is_unsynced(ino_t file)
{
    for (size_t i = 0; i < disk.count; i++) {
        if (disk.write[i].file == file)
            return true;
    }
    return false;
}

static void move(ino_t from, ino_t to)
{
    for (size_t i = 0; i < disk.count; i++) {
        if (disk.write[i].file == from)
            disk.write[i].file = to;
    }
}

/* ---------------------------------------------------------------- copying */

static void copy_file(int folder, const char *name, int to_folder, bool power,
                      struct disk_loss *loss)
{
    int from = openat(folder, name, O_RDONLY | O_CLOEXEC);
    int to = openat(to_folder, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    struct stat stat = look(from);
    off_t done = 0;

    while (done < stat.st_size) {
        if (sendfile(to, from, &done, (size_t)(stat.st_size - done)) <= 0)
            fail("copying %s", name);
    }
    if (is_unsynced(stat.st_ino)) {
        if (power)
            lose(to, stat.st_ino, loss);
        move(stat.st_ino, look(to).st_ino);
    }
    (void)close(from);
    (void)close(to);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void copy_folder(const char *from, const char *to, bool power, struct disk_loss *loss)
{
    struct dirent **entry;
    int count = scandir(from, &entry, NULL, by_name); /* in an order that is the same everywhere */
    int folder = open(from, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (count < 0 || folder < 0)
        return; /* nothing is there yet */
    (void)mkdir(to, 0700);
    int to_folder = open(to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (int i = 0; i < count; i++) {
        const char *name = entry[i]->d_name;
        char from_path[512], to_path[512];
        (void)snprintf(from_path, sizeof from_path, "%s/%s", from, name);
        (void)snprintf(to_path, sizeof to_path, "%s/%s", to, name);
        if (entry[i]->d_type == DT_DIR && name[0] != '.')
            copy_folder(from_path, to_path, power, loss);
        else if (entry[i]->d_type == DT_REG && strcmp(name, "lock.mdb") != 0)
            copy_file(folder, name, to_folder, power, loss);
        free(entry[i]);
    }
    free(entry);
    (void)close(folder);
    (void)close(to_folder);
}

void disk_copy(const char *from, const char *to, bool power, struct disk_loss *ret_loss)
{
    copy_folder(from, to, power, ret_loss);
    if (power)
        drop(0);
}
