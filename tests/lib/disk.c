#include "lib/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static bool may_mount;

static bool write_map(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    ssize_t len = (ssize_t)strlen(text);

    if (fd < 0)
        return false;
    bool written = write(fd, text, (size_t)len) == len;
    (void)close(fd); /* the kernel has taken it, or not */
    return written;
}

/* Who is not root becomes root of a user namespace. */
static bool enter_namespace(void)
{
    char map[32];
    uid_t user = getuid();

    if (unshare(CLONE_NEWNS) == 0)
        return true;
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
        return false;
    (void)snprintf(map, sizeof map, "0 %u 1", (unsigned)user);
    return write_map("/proc/self/uid_map", map);
}

void disk_enter(bool mounts)
{
    may_mount =
        mounts && enter_namespace() && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
    (void)printf("disk: %s\n", may_mount ? "a tmpfs"
                               : mounts  ? "a room that is counted: mounting is refused"
                                         : "a room that is counted");
}

static void set_room(const struct disk *disk, int64_t bytes)
{
    __atomic_store_n(&disk->daemon->faults->room, bytes, __ATOMIC_SEQ_CST);
    __atomic_store_n(&disk->daemon->faults->limited, 1, __ATOMIC_SEQ_CST);
}

void disk_open(struct disk *disk, struct daemon *daemon, int64_t bytes)
{
    char options[64];

    *disk = (struct disk){.daemon = daemon};
    (void)snprintf(options, sizeof options, "size=%lld", (long long)bytes);
    assert_int_equal(mkdir(daemon->store, 0700), 0);
    disk->mounted = may_mount && mount("none", daemon->store, "tmpfs", 0, options) == 0;
    if (may_mount && !disk->mounted)
        print_message("disk: a room that is counted: %s\n", strerror(errno));
    if (!disk->mounted)
        set_room(disk, bytes);
}

void disk_close(struct disk *disk)
{
    if (disk->mounted)
        assert_int_equal(umount2(disk->daemon->store, MNT_DETACH), 0);
}

int64_t disk_room(const struct disk *disk)
{
    struct statvfs fs;

    if (!disk->mounted)
        return __atomic_load_n(&disk->daemon->faults->room, __ATOMIC_SEQ_CST);
    assert_int_equal(statvfs(disk->daemon->store, &fs), 0);
    return (int64_t)(fs.f_bavail * fs.f_frsize);
}

static void ballast_path(const struct disk *disk, char path[DAEMON_PATH_BYTES * 2])
{
    (void)snprintf(path, DAEMON_PATH_BYTES * 2, "%s/ballast", disk->daemon->store);
}

/* Somebody else's file. What is free is not known to the byte, and the daemon takes of it, too. */
static void write_ballast(const struct disk *disk, int64_t bytes)
{
    char path[DAEMON_PATH_BYTES * 2];
    int64_t piece = bytes;

    ballast_path(disk, path);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    off_t at = lseek(fd, 0, SEEK_END);
    for (bytes += at; at < bytes && piece >= 4096;) {
        if (piece > bytes - at)
            piece = bytes - at;
        if (posix_fallocate(fd, at, piece) == 0)
            at += piece;
        else
            piece /= 2;
    }
    assert_int_equal(close(fd), 0);
}

void disk_leave(struct disk *disk, int64_t bytes)
{
    int64_t withheld = disk_room(disk) - bytes;

    if (withheld <= 0)
        return;
    disk->withheld += withheld;
    if (disk->mounted)
        write_ballast(disk, withheld);
    else
        (void)__atomic_sub_fetch(&disk->daemon->faults->room, withheld, __ATOMIC_SEQ_CST);
}

void disk_give_back(struct disk *disk)
{
    char path[DAEMON_PATH_BYTES * 2];

    ballast_path(disk, path);
    if (disk->mounted)
        assert_int_equal(unlink(path), 0);
    else
        (void)__atomic_add_fetch(&disk->daemon->faults->room, disk->withheld, __ATOMIC_SEQ_CST);
    disk->withheld = 0;
}

void disk_leave_alone(const struct disk *disk)
{
    if (!disk->mounted)
        __atomic_store_n(&disk->daemon->faults->limited, 0, __ATOMIC_SEQ_CST);
}
