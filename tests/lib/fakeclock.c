/*
 * LD_PRELOADed into a daemon under test: the wall clock and boot time are shifted by what the file
 * named by FAKECLOCK holds, two signed 64-bit numbers of milliseconds. The monotonic clock is left
 * alone, as it is in suspend.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int64_t *shift_ms; /* wall, boot; written by the test while we run */

__attribute__((constructor)) static void open_file(void)
{
    const char *path = getenv("FAKECLOCK");
    int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    void *map = fd >= 0 ? mmap(NULL, 16, PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;

    if (map == MAP_FAILED)
        abort();
    shift_ms = map;
    (void)close(fd); /* the mapping stays */
}

int clock_gettime(clockid_t id, struct timespec *ret_now)
{
    int rc = (int)syscall(SYS_clock_gettime, id, ret_now);

    if (rc != 0 || (id != CLOCK_REALTIME && id != CLOCK_BOOTTIME) || shift_ms == NULL)
        return rc;
    int64_t shift = __atomic_load_n(&shift_ms[id == CLOCK_BOOTTIME], __ATOMIC_SEQ_CST);
    int64_t ms = (int64_t)ret_now->tv_sec * 1000 + ret_now->tv_nsec / 1000000 + shift;
    ret_now->tv_nsec = (long)(ms % 1000) * 1000000 + ret_now->tv_nsec % 1000000;
    ret_now->tv_sec = ms / 1000;
    return rc;
}
