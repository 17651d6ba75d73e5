/**
 * The machine that the daemon under test runs on: its disk, its clock, its entropy.
 *
 * The store calls libc as it always does; the calls that write come here first (machine.c), where
 * they are counted, and where the machine may stop before, in the middle of or behind one. Nothing
 * is synced: a sync says only that what was written to that file until then is safe.
 *
 * When the machine stops, the folder is copied as a later start would find it. After a kill that
 * has all that was written. After a power cut, of what was written since its file was last synced,
 * any sectors of 512 bytes may be missing. What the old process does from then on happens in the
 * old folder, where nobody looks again: so a process need not be killed in order to die.
 *
 * New names, removed names and lengths of files are never lost here: tests/power is about those.
 */
#ifndef GP_TESTS_SIM_MACHINE_H
#define GP_TESTS_SIM_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

/** Once, before the first run: random bytes are the simulation's from now on. */
void machine_prepare(void);

/** Folders of this machine's lives lie in `base`; the first one begins. Returns the store's path,
 * which is not there yet. */
const char *machine_begin(const char *base);
/** The store's path in this life. */
const char *machine_store(void);

/* What the daemon is doing, for the figures. */
enum machine_place {
    MACHINE_IDLE, /* nothing: killed between two events */
    MACHINE_START,
    MACHINE_BATCH,
    MACHINE_CHECKPOINT,
    MACHINE_SETTLE,
    MACHINE_UPKEEP,
    MACHINE_STOP,
    MACHINE_PLACES,
};
void machine_enter(enum machine_place place);

/** The machine stops at its calls-th writing call from now on; 0: it does not. */
void machine_arm(unsigned calls);
/** It stops now. */
void machine_stop(void);
bool machine_stopped(void);
/** Behind a stop, when everything of the old life is closed: the next life begins on the copy. */
void machine_revive(void);

struct machine_figures {
    uint64_t syncs, writes, kills, power_cuts;
    uint64_t sectors, lost;        /* unsynced sectors at power cuts, and those that were lost */
    uint64_t died[MACHINE_PLACES]; /* where */
    uint64_t before_write, before_sync; /* of a batch, those that died there */
};
extern struct machine_figures machine_figures;

/** Seconds of the real world, for progress and ratio. */
double machine_real_seconds(void);

#endif
