#include "notify/say.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <time.h>

static enum gp_say_level most = GP_SAY_INFO;
static bool prefixed;

void gp_say_open(const char *level)
{
    static const struct {
        const char *name;
        enum gp_say_level level;
    } levels[] = {{"error", GP_SAY_ERROR}, {"warning", GP_SAY_WARNING}, {"debug", GP_SAY_DEBUG}};

    most = GP_SAY_INFO;
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        if (strcmp(level, levels[i].name) == 0)
            most = levels[i].level;
    }
    prefixed = getenv("JOURNAL_STREAM") != NULL;
}

void gp_log_line(enum gp_say_level level, const char *id, const char *format, ...)
{
    char line[600];
    va_list arguments;
    int used;

    if (level > most)
        return;
    used = prefixed ? snprintf(line, sizeof line, "<%d>%s: ", (int)level, id)
                    : snprintf(line, sizeof line, "%s: ", id);
    va_start(arguments, format);
    (void)vsnprintf(line + used, sizeof line - (size_t)used, format, arguments);
    va_end(arguments);
    fprintf(stderr, "%s\n", line); /* one write: lines of threads do not mix */
}

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
