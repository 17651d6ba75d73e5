/** What gridpost-notify says while it runs: lines on stderr, and how it is, to systemd. */
#ifndef GP_NOTIFY_SAY_H
#define GP_NOTIFY_SAY_H

enum gp_say_level { GP_SAY_ERROR = 3, GP_SAY_WARNING = 4, GP_SAY_INFO = 6, GP_SAY_DEBUG = 7 };

/** error, warning, info or debug; anything else is info. Call before threads start. */
void gp_say_open(const char *level);

/** One line: a stable id, what happened, the consequence. Never a secret. Thread: any. */
__attribute__((format(printf, 3, 4))) void gp_log_line(enum gp_say_level level, const char *id,
                                                       const char *format, ...);

/** Tells systemd, as sd_notify(3) does. Without one nothing happens. */
void gp_say_state(const char *state);

/** Tells the watchdog that it lives, four times as often as asked for. */
void gp_say_alive(void);

#endif
