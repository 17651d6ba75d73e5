/**
 * What the gate says to systemd over NOTIFY_SOCKET. Written out here and not taken from libsystemd,
 * so that the process that the network reaches is libuv and little else. Lines go by base/log.h.
 */
#ifndef GP_GATE_REPORT_H
#define GP_GATE_REPORT_H

#include <stdint.h>

/** Tells the supervisor, as sd_notify(3) does; one that is gone or absent needs nothing. */
void gp_report_notify(const char *state);

/** Milliseconds between two signs of life that the supervisor wants; 0: it wants none. */
uint64_t gp_report_watchdog_ms(void);

#endif
