#include "base/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum gp_log_level most = GP_LOG_INFO;
static bool prefixed;

void gp_log_open(const char *level)
{
    static const struct {
        const char *name;
        enum gp_log_level level;
    } levels[] = {{"error", GP_LOG_ERROR}, {"warning", GP_LOG_WARNING}, {"debug", GP_LOG_DEBUG}};

    most = GP_LOG_INFO;
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        if (strcmp(level, levels[i].name) == 0)
            most = levels[i].level;
    }
    prefixed = getenv("JOURNAL_STREAM") != NULL;
}

void gp_log(enum gp_log_level level, const char *id, const char *format, ...)
{
    char line[1200];
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
