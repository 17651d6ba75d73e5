/**
 * Judges a crash state: starts on it as gridpostd does, and holds what is there against what was
 * promised and against the journal itself.
 */
#ifndef GP_TESTS_POWER_JUDGE_H
#define GP_TESTS_POWER_JUDGE_H

#include "engine/city.h"
#include "power/history.h"

#define JUDGE_TEXT 400

struct judge_tables;

struct judge {
    const struct history *history;
    struct city city;
    char store[200], copy[200];  /* folders: of the state, and for rebuilding */
    struct judge_tables *tables; /* by the journal's head: what the tables are then */
    char wrong[JUDGE_TEXT];
};

/** `folder` is the judge's own; the state is to be written to folder/disk, its store is
 * folder/disk/store. */
void judge_open(struct judge *judge, const char *folder, const struct history *history);
void judge_close(struct judge *judge);

/** Whether all is well; else judge->wrong says what is not. `promised`: the last entry that was
 * answered for; `on`: work is to go on, and the store to be opened again. */
bool judge_state(struct judge *judge, uint64_t promised, bool on);

#endif
