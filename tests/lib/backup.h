/**
 * A daemon that has a folder for its backups, and what tests ask of it. One at a time in a process.
 * Every function fails the running test when it cannot do what it says.
 */
#ifndef GP_TESTS_LIB_BACKUP_H
#define GP_TESTS_LIB_BACKUP_H

#include "lib/world.h"

#define MORNING_MS INT64_C(1790730000000) /* 2026-09-30T09:00+08:00 */

/** Where the backups are, two of which stay; after backup_prepare. */
extern char backup_shelf[DAEMON_PATH_BYTES * 2];

/** Prepares a daemon that is not started yet; *state is its world. Lifetime: the process'. */
struct world *backup_prepare(void **state);
/** cmocka's set-up: prepares it and starts it. The tear-down is world_end. */
int backup_set_up(void **state);
/** The same, with faults and a clock that shows MORNING_MS. */
int backup_set_up_faults(void **state);

struct gp_reply backup_ask(struct world *world, enum gp_backup_act act);
/** Begins a backup or a check. Lifetime of its texts: until the client's next ask. */
struct gp_backup_state backup_begin(struct world *world, enum gp_backup_act act);
/** Waits until the one that was begun is over. Lifetime: likewise. */
struct gp_backup_state backup_await_end(struct world *world);
/** Both. */
struct gp_backup_state backup_run(struct world *world, enum gp_backup_act act);

/** How many entries of the folder begin with a text. */
unsigned backup_count(const char *prefix);

#endif
