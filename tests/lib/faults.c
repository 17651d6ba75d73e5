/*
 * LD_PRELOADed into a daemon under test: clocks that the test moves and a disk that it fills. The
 * monotonic clock is left alone, as it is in suspend. Of all that the daemon writes, only the
 * store's goes by pwrite and writev. Batches can be held where they come to the disk, reads where
 * they begin: at LMDB's transaction.
 */
#include "lib/faults.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

typedef int (*begin_fn)(void *env, void *parent, unsigned flags, void **ret_txn);

static struct faults *faults;

__attribute__((constructor)) static void open_faults(void)
{
    const char *path = getenv("FAULTS");
    int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    void *map = fd >= 0 ? mmap(NULL, sizeof *faults, PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;

    if (map == MAP_FAILED)
        abort();
    faults = map;
    (void)close(fd); /* the mapping stays */
}

static int64_t look(const int64_t *fault)
{
    return faults != NULL ? __atomic_load_n(fault, __ATOMIC_SEQ_CST) : 0;
}

int clock_gettime(clockid_t id, struct timespec *ret_now)
{
    int rc = (int)syscall(SYS_clock_gettime, id, ret_now);

    if (rc != 0 || (id != CLOCK_REALTIME && id != CLOCK_BOOTTIME))
        return rc;
    int64_t shift_ms = look(id == CLOCK_BOOTTIME ? &faults->boot_ms : &faults->wall_ms);
    int64_t ms = (int64_t)ret_now->tv_sec * 1000 + ret_now->tv_nsec / 1000000 + shift_ms;
    ret_now->tv_nsec = (long)(ms % 1000) * 1000000 + ret_now->tv_nsec % 1000000;
    ret_now->tv_sec = ms / 1000;
    return rc;
}

/* The loop's thread never waits for the store. */
static void wait_while_held(void)
{
    while (gettid() != getpid() && __atomic_load_n(&faults->hold, __ATOMIC_SEQ_CST) != 0)
        (void)syscall(SYS_futex, &faults->hold, FUTEX_WAIT, 1, NULL, NULL, 0);
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at)
{
    wait_while_held();
    int64_t error = look(&faults->write_error);

    if (error == 0)
        return syscall(SYS_pwrite64, fd, bytes, len, at);
    errno = (int)error;
    return -1;
}

ssize_t writev(int fd, const struct iovec *part, int count)
{
    int64_t error = look(&faults->write_error);

    if (error == 0)
        return syscall(SYS_writev, fd, part, count);
    errno = (int)error;
    return -1;
}

/* As lmdb.h has it, with its types as the pointers that they are. */
int mdb_txn_begin(void *env, void *parent, unsigned flags, void **ret_txn);

int mdb_txn_begin(void *env, void *parent, unsigned flags, void **ret_txn)
{
    begin_fn begin = (begin_fn)(uintptr_t)dlsym(RTLD_NEXT, "mdb_txn_begin");

    wait_while_held();
    return begin(env, parent, flags, ret_txn);
}
