/**
 * One line per message on stderr, with systemd's level prefix where the journal reads it: a stable
 * id, what happened, the consequence.
 */
#ifndef GP_BASE_LOG_H
#define GP_BASE_LOG_H

enum gp_log_level { GP_LOG_ERROR = 3, GP_LOG_WARNING = 4, GP_LOG_INFO = 6, GP_LOG_DEBUG = 7 };

/** How much is said: error, warning, info or debug; anything else is info. Call before the first
 * line and before threads start. */
void gp_log_open(const char *level);

/** Thread: any. */
__attribute__((format(printf, 3, 4))) void gp_log(enum gp_log_level level, const char *id,
                                                  const char *format, ...);

#endif
