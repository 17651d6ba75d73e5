#include "app/internal.h"

#include <inttypes.h>
#include <systemd/sd-daemon.h>
#include <time.h>

/* Longer than this without a look at the deadline table, or with one batch at the writer, and the
 * watchdog gets no ping. */
#define GP_STUCK_MS 10000

void gp_notify_ready(const struct gp_app *app)
{
    (void)sd_notifyf(0, "READY=1\nSTATUS=head %" PRIu64 "%s", app->head,
                     app->options->drill ? ", drill" : "");
}

/* systemd 252 has no Type=notify-reload, but newer ones want the stamp. */
void gp_notify_reloading(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    (void)sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
                     (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000);
}

void gp_notify_stopping(void)
{
    (void)sd_notify(0, "STOPPING=1");
}

void gp_notify_watchdog(const struct gp_app *app)
{
    if (app->in_flight && uv_now(&app->loop) - app->batch_sent > GP_STUCK_MS)
        return;
    (void)sd_notify(0, "WATCHDOG=1");
}
