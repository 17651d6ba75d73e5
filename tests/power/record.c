/*
 * The recorder. Its functions of libc's names stand before libc's own, in a gridpostd that
 * this is linked into and in a test. Until record_begin they are libc's calls and no
 * more.
 *
 * Calls that change names are made under the lock of the book, so that their order in the trace is
 * the kernel's. Data goes beside each other as it does without us: a call is noted before it is
 * made and again when it has returned. A process that is to be killed is killed while no call is
 * under way, or nobody could tell whether the kernel had it.
 *
 * sync_file_range promises nothing, so it is not recorded. What is written through a mapping would
 * be missed: the store maps for reading only, but for LMDB's lock file, which says nothing after a
 * power cut.
 */
#include "power/record.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define FDS_MAX   1024
#define PATH_ROOM 256

struct handle {
    uint32_t number;      /* 0: not below the root */
    char path[PATH_ROOM]; /* relative to the root; "": the root itself */
};

static struct {
    pthread_mutex_t lock;
    bool on;
    int fd;
    uint64_t records, last;
    uint32_t calls, handles;
    char root[PATH_ROOM];
    struct handle handle[FDS_MAX];
} book = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* Calls that are under way hold it for reading. */
static pthread_rwlock_t gate = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;

/* ---------------------------------------------------------------- the book */

static void give_up(const char *why, const char *what)
{
    (void)fprintf(stderr, "the recorder cannot go on: %s: %s\n", why, what);
    abort();
}

static void append(const struct record *record, const struct iovec *part, int count)
{
    struct iovec all[64] = {{.iov_base = (void *)(uintptr_t)record, .iov_len = sizeof *record}};
    size_t bytes = sizeof *record;

    if (count > 63)
        give_up("too many pieces in one write", "writev");
    for (int i = 0; i < count; i++) {
        all[1 + i] = part[i];
        bytes += part[i].iov_len;
    }
    if (syscall(SYS_writev, book.fd, all, 1 + count) != (ssize_t)bytes)
        give_up("the trace cannot be written", strerror(errno));
    book.records++;
}

static void append_text(const struct record *record, const char *text, size_t len)
{
    struct iovec part = {.iov_base = (void *)(uintptr_t)text, .iov_len = len};
    append(record, &part, 1);
}

static void lock_book(void)
{
    (void)pthread_mutex_lock(&book.lock); /* cannot fail: nobody locks twice */
}

static void unlock_book(void)
{
    (void)pthread_mutex_unlock(&book.lock);
}

static void die_in_time(void)
{
    if (book.last == 0 || book.records < book.last)
        return;
    (void)pthread_rwlock_wrlock(&gate);
    (void)raise(SIGKILL);
}

void record_begin(const char *root, const char *file, uint64_t last)
{
    const struct record record = {.kind = RECORD_PROCESS};

    book.fd =
        (int)syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (book.fd < 0 || strlen(root) >= PATH_ROOM)
        give_up("no trace", file);
    (void)snprintf(book.root, sizeof book.root, "%s", root);
    append(&record, NULL, 0);
    book.last = last;
    book.on = true;
}

__attribute__((constructor)) static void begin_preloaded(void)
{
    const char *root = getenv(RECORD_ROOT), *file = getenv(RECORD_FILE);
    const char *last = getenv(RECORD_LAST);

    if (root != NULL && file != NULL)
        record_begin(root, file, last != NULL ? strtoull(last, NULL, 10) : 0);
}

void record_promise(uint64_t seq, uint64_t incident)
{
    const struct record record = {.kind = RECORD_PROMISE, .at = seq, .size = incident};

    if (!book.on)
        return;
    lock_book();
    append(&record, NULL, 0);
    unlock_book();
}

void record_reply(const void *bytes, size_t len)
{
    const struct record record = {.kind = RECORD_REPLY, .len = (uint32_t)len};

    if (!book.on)
        return;
    lock_book();
    append_text(&record, bytes, len);
    unlock_book();
}

/* ---------------------------------------------------------------- paths and handles */

/* Whether it lies in the root; *ret_path is relative to that. */
static bool inside(int folder, const char *name, char ret_path[PATH_ROOM])
{
    size_t root = strlen(book.root);
    const char *at = name;

    if (!book.on)
        return false;
    if (name[0] == '/') {
        if (strncmp(name, book.root, root) != 0 || (name[root] != '/' && name[root] != '\0'))
            return false;
        at = name + root;
        while (*at == '/')
            at++;
        return snprintf(ret_path, PATH_ROOM, "%s", at) < PATH_ROOM;
    }
    if (folder < 0 || folder >= FDS_MAX || book.handle[folder].number == 0)
        return false;
    if (strcmp(at, ".") == 0)
        at = "";
    const char *base = book.handle[folder].path;
    return snprintf(ret_path, PATH_ROOM, "%s%s%s", base,
                    base[0] != '\0' && at[0] != '\0' ? "/" : "", at) < PATH_ROOM;
}

static uint32_t handle_of(int fd)
{
    return book.on && fd >= 0 && fd < FDS_MAX ? book.handle[fd].number : 0;
}

static int open_and_note(int folder, const char *name, int flags, mode_t mode)
{
    char path[PATH_ROOM];

    if (!inside(folder, name, path))
        return (int)syscall(SYS_openat, folder, name, flags, mode);
    lock_book();
    int fd = (int)syscall(SYS_openat, folder, name, flags, mode);
    if (fd >= FDS_MAX)
        give_up("too many files", path);
    if (fd >= 0) {
        struct record record = {.kind = RECORD_OPEN,
                                .handle = ++book.handles,
                                .at = (uint64_t)flags,
                                .len = (uint32_t)strlen(path) + 1};
        book.handle[fd].number = book.handles;
        memcpy(book.handle[fd].path, path, record.len);
        append_text(&record, path, record.len);
    }
    unlock_book();
    die_in_time();
    return fd;
}

static mode_t mode_of(int flags, va_list arguments)
{
    return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
}

int open(const char *name, int flags, ...)
{
    va_list arguments;

    va_start(arguments, flags);
    mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    return open_and_note(AT_FDCWD, name, flags, mode);
}

int openat(int folder, const char *name, int flags, ...)
{
    va_list arguments;

    va_start(arguments, flags);
    mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    return open_and_note(folder, name, flags, mode);
}

int close(int fd)
{
    if (handle_of(fd) == 0)
        return (int)syscall(SYS_close, fd);
    lock_book(); /* the kernel may give the number to another file at once */
    book.handle[fd].number = 0;
    int rc = (int)syscall(SYS_close, fd);
    unlock_book();
    return rc;
}

/* ---------------------------------------------------------------- names */

static int note_name(enum record_kind kind, const char *path, int rc)
{
    const struct record record = {.kind = kind, .len = (uint32_t)strlen(path) + 1};

    if (rc == 0)
        append_text(&record, path, record.len);
    unlock_book();
    int error = errno;
    die_in_time();
    errno = error;
    return rc;
}

int unlinkat(int folder, const char *name, int flags)
{
    char path[PATH_ROOM];

    if (!inside(folder, name, path))
        return (int)syscall(SYS_unlinkat, folder, name, flags);
    lock_book();
    return note_name(RECORD_UNLINK, path, (int)syscall(SYS_unlinkat, folder, name, flags));
}

int unlink(const char *name)
{
    return unlinkat(AT_FDCWD, name, 0);
}

int mkdirat(int folder, const char *name, mode_t mode)
{
    char path[PATH_ROOM];

    if (!inside(folder, name, path))
        return (int)syscall(SYS_mkdirat, folder, name, mode);
    lock_book();
    return note_name(RECORD_MKDIR, path, (int)syscall(SYS_mkdirat, folder, name, mode));
}

int mkdir(const char *name, mode_t mode)
{
    return mkdirat(AT_FDCWD, name, mode);
}

int renameat(int from_folder, const char *from, int to_folder, const char *to)
{
    char paths[2 * PATH_ROOM], to_path[PATH_ROOM];
    bool ours = inside(from_folder, from, paths);

    if (ours != inside(to_folder, to, to_path))
        give_up("a name crosses the root", from);
    if (!ours)
        return (int)syscall(SYS_renameat, from_folder, from, to_folder, to);
    size_t first = strlen(paths) + 1, second = strlen(to_path) + 1;
    const struct record record = {.kind = RECORD_RENAME, .len = (uint32_t)(first + second)};
    memcpy(paths + first, to_path, second);
    lock_book();
    int rc = (int)syscall(SYS_renameat, from_folder, from, to_folder, to);
    if (rc == 0)
        append_text(&record, paths, record.len);
    unlock_book();
    die_in_time();
    return rc;
}

int rename(const char *from, const char *to)
{
    return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

int link(const char *from, const char *to)
{
    char path[PATH_ROOM];

    if (inside(AT_FDCWD, to, path))
        give_up("links are not recorded", path);
    return (int)syscall(SYS_link, from, to);
}

/* ---------------------------------------------------------------- data */

static uint32_t begin_call(struct record *record, const struct iovec *part, int count)
{
    (void)pthread_rwlock_rdlock(&gate);
    lock_book();
    record->call = ++book.calls;
    append(record, part, count);
    unlock_book();
    return record->call;
}

static ssize_t end_call(uint32_t call, ssize_t rc)
{
    const struct record record = {.kind = RECORD_END, .call = call, .at = (uint64_t)rc};
    int error = errno;

    lock_book();
    append(&record, NULL, 0);
    unlock_book();
    (void)pthread_rwlock_unlock(&gate);
    die_in_time();
    errno = error;
    return rc;
}

static bool only_zeros(const struct iovec *part, int count)
{
    for (int i = 0; i < count; i++) {
        const unsigned char *bytes = part[i].iov_base;
        if (part[i].iov_len > 0 &&
            (bytes[0] != 0 || memcmp(bytes, bytes + 1, part[i].iov_len - 1) != 0))
            return false;
    }
    return true;
}

static uint32_t begin_write(uint32_t handle, const struct iovec *part, int count, off_t at)
{
    struct record record = {.kind = RECORD_WRITE, .handle = handle, .at = (uint64_t)at};

    for (int i = 0; i < count; i++)
        record.size += part[i].iov_len;
    if (only_zeros(part, count))
        count = 0;
    else
        record.len = (uint32_t)record.size;
    return begin_call(&record, part, count);
}

/* Where a write without an offset goes. */
static off_t place_of(int fd)
{
    struct stat stat;

    if ((syscall(SYS_fcntl, fd, F_GETFL) & O_APPEND) == 0)
        return (off_t)syscall(SYS_lseek, fd, 0, SEEK_CUR);
    return fstat(fd, &stat) == 0 ? stat.st_size : -1;
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at)
{
    const struct iovec part = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = len};
    uint32_t handle = handle_of(fd);

    if (handle == 0)
        return syscall(SYS_pwrite64, fd, bytes, len, at);
    uint32_t call = begin_write(handle, &part, 1, at);
    return end_call(call, syscall(SYS_pwrite64, fd, bytes, len, at));
}

ssize_t write(int fd, const void *bytes, size_t len)
{
    const struct iovec part = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = len};
    uint32_t handle = handle_of(fd);

    if (handle == 0)
        return syscall(SYS_write, fd, bytes, len);
    uint32_t call = begin_write(handle, &part, 1, place_of(fd));
    return end_call(call, syscall(SYS_write, fd, bytes, len));
}

ssize_t writev(int fd, const struct iovec *part, int count)
{
    uint32_t handle = handle_of(fd);

    if (handle == 0)
        return syscall(SYS_writev, fd, part, count);
    uint32_t call = begin_write(handle, part, count, place_of(fd));
    return end_call(call, syscall(SYS_writev, fd, part, count));
}

ssize_t pwritev(int fd, const struct iovec *part, int count, off_t at)
{
    uint32_t handle = handle_of(fd);

    if (handle == 0)
        return syscall(SYS_pwritev, fd, part, count, at, 0);
    uint32_t call = begin_write(handle, part, count, at);
    return end_call(call, syscall(SYS_pwritev, fd, part, count, at, 0));
}

int ftruncate(int fd, off_t len)
{
    struct record record = {
        .kind = RECORD_TRUNCATE, .handle = handle_of(fd), .size = (uint64_t)len};

    if (record.handle == 0)
        return (int)syscall(SYS_ftruncate, fd, len);
    uint32_t call = begin_call(&record, NULL, 0);
    return (int)end_call(call, syscall(SYS_ftruncate, fd, len));
}

/* Blocks for what has no bytes yet change nothing that anybody reads. */
int fallocate(int fd, int mode, off_t at, off_t len)
{
    if (handle_of(fd) != 0 && mode != FALLOC_FL_KEEP_SIZE)
        give_up("not recorded", "fallocate");
    return (int)syscall(SYS_fallocate, fd, mode, at, len);
}

static int sync_and_note(int fd, long number)
{
    struct record record = {.kind = RECORD_SYNC, .handle = handle_of(fd)};

    if (record.handle == 0)
        return (int)syscall(number, fd);
    uint32_t call = begin_call(&record, NULL, 0);
    return (int)end_call(call, syscall(number, fd));
}

int fdatasync(int fd)
{
    return sync_and_note(fd, SYS_fdatasync);
}

int fsync(int fd)
{
    return sync_and_note(fd, SYS_fsync);
}
