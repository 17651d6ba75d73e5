/** How gridpost-notify is, said to systemd. What it says to people goes by base/log.h, and is never
 * a secret. */
#ifndef GP_NOTIFY_SAY_H
#define GP_NOTIFY_SAY_H

/** Tells systemd, as sd_notify(3) does. Without one nothing happens. */
void gp_say_state(const char *state);

/** Tells the watchdog that it lives, four times as often as asked for. */
void gp_say_alive(void);

#endif
