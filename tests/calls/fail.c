#include "calls/fail.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define BIT(fault) (1u << (fault))
#define DISK       BIT(FAULT_DISK)
#define FULL       BIT(FAULT_FULL)
#define FILES      BIT(FAULT_FILES)
#define DATA       (DISK | BIT(FAULT_SHORT) | BIT(FAULT_SIGNAL))

static const char *const names[FAULT_COUNT] = {"none",  "memory", "disk", "full",
                                               "short", "signal", "files"};
static const int errors[FAULT_COUNT] = {0, ENOMEM, EIO, ENOSPC, 0, EINTR, EMFILE};

static struct {
    enum fault fault;
    uint64_t at, counted, failed;
    bool sticky, watch;
    char first[300], last[300];
} now;
static uint64_t live;
static int64_t waited_ms;

const char *fault_name(enum fault fault)
{
    return names[fault];
}

void fail_arm(enum fault fault, uint64_t at, bool sticky)
{
    memset(&now, 0, sizeof now);
    now.fault = fault;
    now.at = at;
    now.sticky = sticky;
}

void fail_watch(bool watch)
{
    now.watch = watch;
}

void fail_lift(void)
{
    now.at = 0;
}

void fail_wait(int64_t ms)
{
    waited_ms += ms;
}

int clock_gettime(clockid_t id, struct timespec *ret_now)
{
    int rc = (int)syscall(SYS_clock_gettime, id, ret_now);

    ret_now->tv_sec += waited_ms / 1000;
    return rc;
}

uint64_t fail_counted(void)
{
    return now.counted;
}

uint64_t fail_failed(void)
{
    return now.failed;
}

const char *fail_first(void)
{
    return now.first;
}

const char *fail_last(void)
{
    return now.last;
}

bool fail_was(const char *call, const char *name_end)
{
    size_t len = strlen(call), end = strlen(name_end), all = strlen(now.last);

    return strncmp(now.last, call, len) == 0 && now.last[len] == ' ' && all >= end &&
           strcmp(now.last + all - end, name_end) == 0;
}

uint64_t fail_live(void)
{
    return live;
}

/* ---------------------------------------------------------------- deciding */

static bool is_hit(void)
{
    if (now.at == 0 || now.counted < now.at)
        return false;
    if (now.counted == now.at)
        return true;
    return now.sticky && (now.fault != FAULT_SIGNAL || (now.counted - now.at) % 2 == 0);
}

static void note(const char *call, int fd, const char *name)
{
    char link[40], path[200] = "";

    if (fd >= 0 && name == NULL) {
        (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        ssize_t len = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof path - 1);
        path[len < 0 ? 0 : len] = '\0';
        name = strrchr(path, '/') != NULL ? strrchr(path, '/') + 1 : path;
    }
    (void)snprintf(now.last, sizeof now.last, "%s %s", call, name != NULL ? name : "");
    if (now.failed++ == 0)
        memcpy(now.first, now.last, sizeof now.first);
}

/* Whether this call is to fail; then errno is set. */
static bool fails(unsigned can, const char *call, int fd, const char *name)
{
    if (!now.watch || (can & BIT(now.fault)) == 0)
        return false;
    now.counted++;
    if (!is_hit())
        return false;
    note(call, fd, name);
    errno = errors[now.fault];
    return true;
}

/* Of a read or write of len bytes: what is left of it; -1: it fails. */
static ssize_t part(unsigned can, const char *call, int fd, size_t len)
{
    if (!fails(can, call, fd, NULL))
        return (ssize_t)len;
    if (now.fault != FAULT_SHORT)
        return -1;
    return len < 2 ? (ssize_t)len : (ssize_t)(len / 2);
}

/* ---------------------------------------------------------------- memory */

static bool refused(void)
{
    return fails(BIT(FAULT_MEMORY), "memory", -1, NULL);
}

#ifdef GP_CALLS_WRAP
#define OWN(name)  __wrap_##name
#define REAL(name) __real_##name
#define COUNTED    false
#else
#define OWN(name)  name
#define REAL(name) __libc_##name
#define COUNTED    true
#endif

void *REAL(malloc)(size_t size);
void *REAL(calloc)(size_t count, size_t size);
void *REAL(realloc)(void *old, size_t size);
void REAL(free)(void *memory);
void *OWN(malloc)(size_t size);
void *OWN(calloc)(size_t count, size_t size);
void *OWN(realloc)(void *old, size_t size);
void OWN(free)(void *memory);

static void *taken(void *memory)
{
    live += COUNTED && memory != NULL;
    return memory;
}

void *OWN(malloc)(size_t size)
{
    return refused() ? NULL : taken(REAL(malloc)(size));
}

void *OWN(calloc)(size_t count, size_t size)
{
    return refused() ? NULL : taken(REAL(calloc)(count, size));
}

void *OWN(realloc)(void *old, size_t size)
{
    if (refused())
        return NULL;
    void *memory = REAL(realloc)(old, size);
    if (old == NULL)
        (void)taken(memory);
    return memory;
}

void OWN(free)(void *memory)
{
    live -= COUNTED && memory != NULL;
    REAL(free)(memory);
}

#ifndef GP_CALLS_WRAP
void *__libc_memalign(size_t align, size_t size);
void *memalign(size_t align, size_t size);

void *memalign(size_t align, size_t size)
{
    return refused() ? NULL : taken(__libc_memalign(align, size));
}

void *aligned_alloc(size_t align, size_t size)
{
    return memalign(align, size);
}

int posix_memalign(void **ret_memory, size_t align, size_t size)
{
    void *memory = memalign(align, size);

    if (memory == NULL)
        return ENOMEM;
    *ret_memory = memory;
    return 0;
}
#endif

void *mmap(void *at, size_t len, int protection, int flags, int fd, off_t offset)
{
    if (fails(BIT(FAULT_MEMORY), "mmap", fd, NULL))
        return MAP_FAILED;
    return (void *)syscall(SYS_mmap, at, len, protection, flags, fd, offset);
}

/* ---------------------------------------------------------------- files */

static bool open_fails(const char *call, const char *name, int flags)
{
    return fails(DISK | FILES | ((flags & O_CREAT) != 0 ? FULL : 0), call, -1, name);
}

int openat(int folder, const char *name, int flags, ...)
{
    va_list rest;

    va_start(rest, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    if (open_fails("open", name, flags))
        return -1;
    return (int)syscall(SYS_openat, folder, name, flags, mode);
}

int open(const char *name, int flags, ...)
{
    va_list rest;

    va_start(rest, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    const char *last = strrchr(name, '/');
    if (open_fails("open", last != NULL ? last + 1 : name, flags))
        return -1;
    return (int)syscall(SYS_openat, AT_FDCWD, name, flags, mode);
}

/* libc's own way to open(2) does not come by here. */
static void *real(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

DIR *opendir(const char *name)
{
    DIR *(*next)(const char *) = (DIR * (*)(const char *))(uintptr_t)real("opendir");
    return open_fails("opendir", name, 0) ? NULL : next(name);
}

FILE *fopen(const char *name, const char *mode)
{
    FILE *(*next)(const char *, const char *) =
        (FILE * (*)(const char *, const char *))(uintptr_t)real("fopen");
    return open_fails("fopen", name, 0) ? NULL : next(name, mode);
}

ssize_t read(int fd, void *bytes, size_t len)
{
    ssize_t most = part(DATA, "read", fd, len);
    return most < 0 ? -1 : syscall(SYS_read, fd, bytes, most);
}

ssize_t pread(int fd, void *bytes, size_t len, off_t at)
{
    ssize_t most = part(DATA, "pread", fd, len);
    return most < 0 ? -1 : syscall(SYS_pread64, fd, bytes, most, at);
}

ssize_t write(int fd, const void *bytes, size_t len)
{
    ssize_t most = part(DATA | FULL, "write", fd, len);
    return most < 0 ? -1 : syscall(SYS_write, fd, bytes, most);
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at)
{
    ssize_t most = part(DATA | FULL, "pwrite", fd, len);
    return most < 0 ? -1 : syscall(SYS_pwrite64, fd, bytes, most, at);
}

/* Short: the first half of the parts. */
ssize_t writev(int fd, const struct iovec *parts, int count)
{
    ssize_t most = part(DATA | FULL, "writev", fd, (size_t)count);
    return most < 0 ? -1 : syscall(SYS_writev, fd, parts, most);
}

int fdatasync(int fd)
{
    return fails(DISK, "fdatasync", fd, NULL) ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int fsync(int fd)
{
    return fails(DISK, "fsync", fd, NULL) ? -1 : (int)syscall(SYS_fsync, fd);
}

int sync_file_range(int fd, off_t at, off_t len, unsigned flags)
{
    if (fails(DISK, "sync_file_range", fd, NULL))
        return -1;
    return (int)syscall(SYS_sync_file_range, fd, at, len, flags);
}

int ftruncate(int fd, off_t len)
{
    return fails(DISK | FULL, "ftruncate", fd, NULL) ? -1 : (int)syscall(SYS_ftruncate, fd, len);
}

int renameat(int from_fd, const char *from, int to_fd, const char *to)
{
    if (fails(DISK | FULL, "rename", -1, to))
        return -1;
    return (int)syscall(SYS_renameat, from_fd, from, to_fd, to);
}

int unlinkat(int fd, const char *name, int flags)
{
    return fails(DISK, "unlink", -1, name) ? -1 : (int)syscall(SYS_unlinkat, fd, name, flags);
}

int mkdirat(int fd, const char *name, mode_t mode)
{
    return fails(DISK | FULL, "mkdir", -1, name) ? -1 : (int)syscall(SYS_mkdirat, fd, name, mode);
}

int mkdir(const char *name, mode_t mode)
{
    return mkdirat(AT_FDCWD, name, mode);
}

int fstat(int fd, struct stat *ret_stat)
{
    return fails(DISK, "fstat", fd, NULL) ? -1 : (int)syscall(SYS_fstat, fd, ret_stat);
}

int fstatat(int fd, const char *restrict name, struct stat *restrict ret_stat, int flags)
{
    if (fails(DISK, "fstat", -1, name))
        return -1;
    return (int)syscall(SYS_newfstatat, fd, name, ret_stat, flags);
}

/* As LMDB of Debian calls it. */
int __fxstat(int version, int fd, struct stat *ret_stat);

int __fxstat(int version, int fd, struct stat *ret_stat)
{
    (void)version;
    return fstat(fd, ret_stat);
}

off_t lseek(int fd, off_t at, int from)
{
    return fails(DISK, "lseek", fd, NULL) ? -1 : syscall(SYS_lseek, fd, at, from);
}

int flock(int fd, int how)
{
    return fails(DISK | BIT(FAULT_SIGNAL), "flock", fd, NULL) ? -1
                                                              : (int)syscall(SYS_flock, fd, how);
}

int fcntl(int fd, int command, ...)
{
    bool locks = command == F_SETLK || command == F_SETLKW || command == F_GETLK;
    va_list rest;

    va_start(rest, command);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    if (locks && fails(DISK | BIT(FAULT_SIGNAL), "fcntl", fd, NULL))
        return -1;
    return (int)syscall(SYS_fcntl, fd, command, argument);
}
