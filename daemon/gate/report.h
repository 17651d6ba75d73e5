/**
 * What the gate says: lines on stderr, and to systemd over NOTIFY_SOCKET. Written out here and not
 * taken from libsystemd, so that the process that the network reaches is libuv and little else.
 */
#ifndef GP_GATE_REPORT_H
#define GP_GATE_REPORT_H

#include <stdint.h>

enum gp_report_level { GP_REPORT_ERROR = 3, GP_REPORT_WARNING = 4, GP_REPORT_INFO = 6 };

/** One line: a stable id, what happened, the consequence. With systemd's level where it reads. */
__attribute__((format(printf, 3, 4))) void gp_report(enum gp_report_level level, const char *id,
                                                     const char *format, ...);

/** Tells the supervisor, as sd_notify(3) does; one that is gone or absent needs nothing. */
void gp_report_notify(const char *state);

/** Milliseconds between two signs of life that the supervisor wants; 0: it wants none. */
uint64_t gp_report_watchdog_ms(void);

#endif
