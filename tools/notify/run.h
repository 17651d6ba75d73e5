/** The notifier at work: journal, desk and transfers in one loop. */
#ifndef GP_NOTIFY_RUN_H
#define GP_NOTIFY_RUN_H

#include "notify/settings.h"

enum gp_run_end {
    GP_RUN_STOPPED = 0, /* by a signal */
    GP_RUN_RELOAD = 1,  /* SIGHUP: read the settings and call again */
    GP_RUN_FAILED = 2,  /* said in the log; the same start may do better */
    GP_RUN_NEVER = 3,   /* said in the log; the same start would fail again */
};

struct gp_run_options {
    bool since_given; /* begin behind this entry of the journal, whatever the state says */
    uint64_t since;
};

/** Takes over SIGTERM, SIGINT and SIGHUP. Call once, before gp_run. */
void gp_run_signals(void);

/**
 * Follows the journal and tells people until a signal comes.
 *
 * Requires: gp_trust_start() was called; one call at a time in a process
 */
enum gp_run_end gp_run(const struct gp_notify_settings *settings,
                       const struct gp_run_options *options);

/** Milliseconds since 1970 by the wall clock. */
int64_t gp_now_ms(void);

#endif
