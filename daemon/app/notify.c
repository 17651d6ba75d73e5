#include "app/internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <systemd/sd-daemon.h>
#include <time.h>

/* Longer than this without a look at the deadline table, or with one batch at the writer, and the
 * watchdog gets no ping. */
#define GP_STUCK_MS 10000

/* sd_notifyf takes memory: without any, a supervisor would wait in vain for a daemon that serves.
 */
void gp_notify_ready(const struct gp_app *app)
{
    char text[64];

    (void)snprintf(text, sizeof text, "READY=1\nSTATUS=head %" PRIu64 "%s", app->head,
                   app->options->drill ? ", drill" : "");
    (void)sd_notify(0, text);
}

/* systemd 252 has no Type=notify-reload, but newer ones want the stamp. */
void gp_notify_reloading(void)
{
    struct timespec now;
    char text[64];

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    (void)snprintf(text, sizeof text, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
                   (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000);
    (void)sd_notify(0, text);
}

void gp_notify_stopping(void)
{
    (void)sd_notify(0, "STOPPING=1");
}

/* Four times per WatchdogSec= at the most: a drill's ticks are many, and systemd's socket blocks
 * who fills it. */
void gp_notify_watchdog(struct gp_app *app)
{
    uint64_t now = uv_now(&app->loop), watchdog_us;

    if (sd_watchdog_enabled(0, &watchdog_us) <= 0 || now < app->ping_at)
        return;
    if (app->in_flight && now - app->batch_sent > GP_STUCK_MS)
        return;
    app->ping_at = now + watchdog_us / 4000;
    (void)sd_notify(0, "WATCHDOG=1"); /* a supervisor that is gone needs none */
}
