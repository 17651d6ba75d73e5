/* LD_PRELOADed into a gate: its time goes two hundred times as fast. */
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define TIMES 200

int clock_gettime(clockid_t id, struct timespec *ret_now)
{
    int rc = (int)syscall(SYS_clock_gettime, id, ret_now);

    if (rc != 0 || (id != CLOCK_MONOTONIC && id != CLOCK_MONOTONIC_COARSE))
        return rc;
    long long ns = (ret_now->tv_sec * 1000000000LL + ret_now->tv_nsec) % 1000000000000000LL * TIMES;
    ret_now->tv_sec = ns / 1000000000;
    ret_now->tv_nsec = ns % 1000000000;
    return rc;
}
