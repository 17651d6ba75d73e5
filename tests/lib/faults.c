/*
 * LD_PRELOADed into a daemon under test: clocks that the test moves and a disk that it fills. The
 * monotonic clock is left alone, as it is in suspend. A disk may have a room of so many bytes: what
 * a write, or fallocate, takes behind a file's last block is counted. Of all that the daemon
 * writes, only the store's goes by pwrite and writev. Batches can be held where they come to the
 * disk, reads where they begin: at LMDB's transaction.
 */
#include "lib/faults.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

typedef int (*begin_fn)(void *env, void *parent, unsigned flags, void **ret_txn);

static struct faults *faults;

__attribute__((constructor)) static void open_faults(void)
{
    const char *path = getenv("FAULTS");
    int fd = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
    void *map = fd >= 0 ? mmap(NULL, sizeof *faults, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)
                        : MAP_FAILED;

    if (map == MAP_FAILED)
        abort();
    faults = map;
    (void)close(fd); /* the mapping stays */
}

static int64_t look(const int64_t *fault)
{
    return faults != NULL ? __atomic_load_n(fault, __ATOMIC_SEQ_CST) : 0;
}

static void slip(void)
{
    int64_t ms = faults != NULL ? __atomic_exchange_n(&faults->slip_ms, 0, __ATOMIC_SEQ_CST) : 0;

    if (ms == 0)
        return;
    (void)__atomic_add_fetch(&faults->boot_ms, ms, __ATOMIC_SEQ_CST);
    (void)__atomic_add_fetch(&faults->wall_ms, ms, __ATOMIC_SEQ_CST);
}

/* The thread that was busy for long, with what it does next not knowing so. */
static void stall(void)
{
    int32_t looks = faults != NULL ? __atomic_load_n(&faults->stall, __ATOMIC_SEQ_CST) : 0;

    if (looks == 0 || gettid() != getpid())
        return;
    if (looks > 1)
        __atomic_store_n(&faults->stall, looks - 1, __ATOMIC_SEQ_CST);
    while (looks == 1 && __atomic_load_n(&faults->stall, __ATOMIC_SEQ_CST) == 1)
        (void)syscall(SYS_futex, &faults->stall, FUTEX_WAIT, 1, NULL, NULL, 0);
}

int clock_gettime(clockid_t id, struct timespec *ret_now)
{
    int rc = (int)syscall(SYS_clock_gettime, id, ret_now);

    if (id == CLOCK_MONOTONIC || id == CLOCK_MONOTONIC_COARSE)
        stall();
    if (rc != 0 || (id != CLOCK_REALTIME && id != CLOCK_BOOTTIME))
        return rc;
    int64_t shift_ms = look(id == CLOCK_BOOTTIME ? &faults->boot_ms : &faults->wall_ms);
    int64_t ms = (int64_t)ret_now->tv_sec * 1000 + ret_now->tv_nsec / 1000000 + shift_ms;
    ret_now->tv_nsec = (long)(ms % 1000) * 1000000 + ret_now->tv_nsec % 1000000;
    ret_now->tv_sec = ms / 1000;
    slip();
    return rc;
}

/* The loop's thread never waits for the store. */
static void wait_while_held(void)
{
    while (gettid() != getpid() && __atomic_load_n(&faults->hold, __ATOMIC_SEQ_CST) != 0)
        (void)syscall(SYS_futex, &faults->hold, FUTEX_WAIT, 1, NULL, NULL, 0);
}

/* ---------------------------------------------------------------- a disk that does not answer */

int openat(int at_fd, const char *name, int flags, ...)
{
    const char *last = strrchr(name, '/');
    va_list more;

    va_start(more, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
    va_end(more);
    while (faults != NULL && last != NULL && strcmp(last, "/backup") == 0 &&
           __atomic_load_n(&faults->away, __ATOMIC_SEQ_CST) != 0)
        (void)syscall(SYS_futex, &faults->away, FUTEX_WAIT, 1, NULL, NULL, 0);
    return (int)syscall(SYS_openat, at_fd, name, flags, mode);
}

/* ---------------------------------------------------------------- room */

/* Files have no holes before their last block: the daemon makes none. */
static int64_t blocks_end(int fd)
{
    struct stat stat;

    if (fstat(fd, &stat) != 0 || !S_ISREG(stat.st_mode))
        return INT64_MAX;
    return stat.st_blocks * 512 > stat.st_size ? stat.st_blocks * 512 : stat.st_size;
}

/* Bytes of a write up to `end` that have room, of `len` in all; what is new of them is taken. */
static int64_t take_room(int fd, int64_t end, int64_t len)
{
    int64_t has = blocks_end(fd), lacking;

    if (look(&faults->limited) == 0 || end <= has)
        return len;
    int64_t want = end - has < len ? end - has : len;
    lacking = -__atomic_sub_fetch(&faults->room, want, __ATOMIC_SEQ_CST);
    if (lacking <= 0)
        return len;
    if (lacking > want)
        lacking = want;
    (void)__atomic_add_fetch(&faults->room, lacking, __ATOMIC_SEQ_CST);
    return len - lacking;
}

static void give_room(int64_t bytes)
{
    if (look(&faults->limited) != 0)
        (void)__atomic_add_fetch(&faults->room, bytes, __ATOMIC_SEQ_CST);
}

int fallocate(int fd, int mode, off_t at, off_t len)
{
    int64_t has = blocks_end(fd), end = at + len;
    int64_t want = end > has ? end - has : 0;

    if (want > 0 && take_room(fd, end, want) < want) {
        errno = ENOSPC; /* all or nothing; what was taken of the rest is given back */
        return -1;
    }
    return (int)syscall(SYS_fallocate, fd, mode, at, len);
}

int fstatvfs(int fd, struct statvfs *ret_disk)
{
    int (*real)(int, struct statvfs *) =
        (int (*)(int, struct statvfs *))(uintptr_t)dlsym(RTLD_NEXT, "fstatvfs");
    int rc = real(fd, ret_disk);

    if (rc == 0 && look(&faults->limited) != 0) {
        int64_t room = look(&faults->room);
        ret_disk->f_bavail = room > 0 ? (fsblkcnt_t)room / ret_disk->f_frsize : 0;
    }
    if (rc == 0 && look(&faults->no_room) != 0)
        ret_disk->f_bavail = 0;
    return rc;
}

int ftruncate(int fd, off_t len)
{
    struct stat before;
    bool counts = fstat(fd, &before) == 0 && before.st_nlink > 0 && len < before.st_size;
    int rc = (int)syscall(SYS_ftruncate, fd, len);

    if (rc == 0 && counts)
        give_room(before.st_size - len);
    return rc;
}

int unlinkat(int folder_fd, const char *name, int flags)
{
    struct stat stat;
    bool counts = fstatat(folder_fd, name, &stat, AT_SYMLINK_NOFOLLOW) == 0 && stat.st_nlink == 1;
    int rc = (int)syscall(SYS_unlinkat, folder_fd, name, flags);

    if (rc == 0 && counts)
        give_room(stat.st_blocks * 512);
    return rc;
}

/* ---------------------------------------------------------------- writes */

static bool fails(int64_t room)
{
    int64_t error = look(&faults->write_error);

    if (error == 0 && room > 0)
        return false;
    errno = error != 0 ? (int)error : ENOSPC;
    return true;
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at)
{
    wait_while_held();
    int64_t room = take_room(fd, at + (int64_t)len, (int64_t)len);

    return fails(room) ? -1 : syscall(SYS_pwrite64, fd, bytes, (size_t)room, at);
}

ssize_t writev(int fd, const struct iovec *part, int count)
{
    struct iovec fits[IOV_MAX];
    int64_t len = 0, at = lseek(fd, 0, SEEK_CUR);

    for (int i = 0; i < count; i++)
        len += (int64_t)part[i].iov_len;
    int64_t room = at < 0 ? len : take_room(fd, at + len, len);
    if (fails(room))
        return -1;
    for (int i = 0; i < count; i++) { /* a disk with less room takes a part */
        fits[i] = part[i];
        if ((int64_t)fits[i].iov_len > room)
            fits[i].iov_len = (size_t)room;
        room -= (int64_t)fits[i].iov_len;
    }
    return syscall(SYS_writev, fd, fits, count);
}

/* As lmdb.h has it, with its types as the pointers that they are. */
int mdb_txn_begin(void *env, void *parent, unsigned flags, void **ret_txn);

int mdb_txn_begin(void *env, void *parent, unsigned flags, void **ret_txn)
{
    begin_fn begin = (begin_fn)(uintptr_t)dlsym(RTLD_NEXT, "mdb_txn_begin");

    wait_while_held();
    (void)__atomic_add_fetch(&faults->begins, 1, __ATOMIC_SEQ_CST);
    return begin(env, parent, flags, ret_txn);
}
