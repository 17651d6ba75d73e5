/**
 * A real gridpostd for tests: a folder of its own with configuration, store and sockets, and the
 * process that runs in it. Nothing here sleeps to wait: the daemon says over NOTIFY_SOCKET when it
 * is ready, and its end is waited for.
 *
 * Every function fails the running test when it cannot do what it says.
 */
#ifndef GP_TESTS_LIB_DAEMON_H
#define GP_TESTS_LIB_DAEMON_H

#include "lib/faults.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define DAEMON_PATH_BYTES 96 /* an ipc address must fit a sun_path */

struct daemon {
    char folder[DAEMON_PATH_BYTES]; /* holds all of the below */
    char config[DAEMON_PATH_BYTES], store[DAEMON_PATH_BYTES], log[DAEMON_PATH_BYTES];
    char keys[DAEMON_PATH_BYTES];
    /* addresses: ipc://… */
    char socket[DAEMON_PATH_BYTES], edge[DAEMON_PATH_BYTES], hint[DAEMON_PATH_BYTES];
    bool sealed_only;      /* to be started without --insecure-local */
    struct faults *faults; /* clocks and disk of the daemon; NULL: the real ones */
    int notify;            /* where the daemon says how it is */
    pid_t pid;             /* 0: none runs */
    int64_t patience_ms;   /* so much longer than usual it may take to end */
};

/** Makes the folder with a copy of tests/golden/config and a gridpost.yaml of its own, by which
 * little space is taken ahead (store_reserve_mib: 1). */
void daemon_prepare(struct daemon *daemon);

/** Ends a daemon that still runs and removes the folder. */
void daemon_remove(struct daemon *daemon);

/**
 * Gives the daemons started from now on a disk that the test can fail, and clocks that it can move
 * by daemon_shift. The wall clock shows wall_ms now.
 */
void daemon_fault(struct daemon *daemon, int64_t wall_ms);

/** Moves the daemon's wall clock and its boot time, at once and while it runs. */
void daemon_shift(const struct daemon *daemon, int64_t wall_ms, int64_t boot_ms);

/** Lets so much time pass behind the next reading that the daemon takes of either of them. */
void daemon_slip(const struct daemon *daemon, int64_t ms);

/** Makes writes into the store fail with this errno from now on; 0: they work. */
void daemon_fail_writes(const struct daemon *daemon, int error);

/** Holds batches and reads of the store where they begin, or lets them go on. The loop's own reads
 * go on. daemon_stop lets go. */
void daemon_hold(const struct daemon *daemon, bool hold);

/** Has the daemon's loop stand still behind the looks-th time from now that it looks how late it
 * is; 0: lets it go on. */
void daemon_stall(const struct daemon *daemon, int32_t looks);

/** Has the disk of a folder called `backup` answer nobody, or answer again. */
void daemon_away(const struct daemon *daemon, bool away);

/** cmocka's set-up and tear-down of a test whose *state is a daemon that it starts itself. */
int daemon_set_up(void **state);
int daemon_tear_down(void **state);

/** Adds a line to config/gridpost.yaml ("batch_items_max: 4"). */
void daemon_setting(const struct daemon *daemon, const char *line);

/** Takes the configuration from another folder of the source tree ("config"), but for
 * gridpost.yaml. */
void daemon_copy(const struct daemon *daemon, const char *folder);

/** Writes a file below config/, over what was there. */
void daemon_write(const struct daemon *daemon, const char *name, const char *text);

/** Replaces the first `from` in a file below config/. */
void daemon_edit(const struct daemon *daemon, const char *name, const char *from, const char *to);

/**
 * Starts gridpostd with --config, --insecure-local and the words of a NULL-ended list (NULL: none);
 * stderr and stdout go to the end of daemon->log.
 */
void daemon_spawn(struct daemon *daemon, const char *const *words);

/** Spawns and waits until the daemon says READY=1. */
void daemon_start(struct daemon *daemon, const char *const *words);

/** Reads notifications until one holds the line ("READY=1"). */
void daemon_await(const struct daemon *daemon, const char *line);

/** Throws away what the daemon has said. Unread, it would soon wait for us: call it where a test
 * brings many reloads. */
void daemon_forget(const struct daemon *daemon);

/** Sends a signal. */
void daemon_signal(const struct daemon *daemon, int number);

/** Waits for the daemon's end. Returns its exit code, or 128 plus the signal that ended it. */
int daemon_wait(struct daemon *daemon);

/** SIGTERM, and waits. Returns as daemon_wait. */
int daemon_stop(struct daemon *daemon);

/** SIGKILL, and waits. */
void daemon_kill(struct daemon *daemon);

/** Spawns and waits for the end: for what is refused, and for commands on a store. */
int daemon_run(struct daemon *daemon, const char *const *words);

/** Whether the log holds a text; the log is printed when it was expected to and does not. */
int daemon_log_has(const struct daemon *daemon, const char *text);
void daemon_assert_log(const struct daemon *daemon, const char *text);

/** Waits until the log holds a text. */
void daemon_await_log(const struct daemon *daemon, const char *text);

#endif
