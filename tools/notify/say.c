#include "notify/say.h"

#include <stdint.h>
#include <systemd/sd-daemon.h>
#include <time.h>

void gp_say_state(const char *state)
{
    (void)sd_notify(0, state); /* a supervisor that is gone needs nothing */
}

void gp_say_alive(void)
{
    static int64_t next_ms;
    struct timespec now;
    uint64_t watchdog_us;

    if (sd_watchdog_enabled(0, &watchdog_us) <= 0)
        return;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t now_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    if (now_ms < next_ms)
        return;
    next_ms = now_ms + (int64_t)(watchdog_us / 4000);
    (void)sd_notify(0, "WATCHDOG=1");
}
