/**
 * One incident's life, played straight through decide and fold, with every promise of the two
 * checked after each decision. What happened is read back as a transcript, one line an entry:
 *
 *   06-15 09:00 dispatch: li(A+B) wang(B superior)
 *   06-15 15:00 handover -> F-SZ
 *
 * that is: time, step (or what, for entries that are no steps), "late H:MM", flags, "-> owner"
 * where the owner is new, "due" where the plan is, and the recipients with capacity and, unless it
 * is holder, path.
 */
#ifndef GP_TESTS_LIB_PLAY_H
#define GP_TESTS_LIB_PLAY_H

#include "core/decide.h"
#include "lib/town.h"

#define PLAY_ENTRIES_MAX    256
#define PLAY_TRANSCRIPT_MAX 32768

struct play {
    struct town *town;
    struct gp_incident incident;
    bool reported;               /* the incident is there */
    int64_t now_ms;              /* of the newest decision: time never runs backwards */
    struct gp_decision decision; /* the newest */
    struct gp_entry journal[PLAY_ENTRIES_MAX];
    size_t count;
    size_t read; /* entries that play_expect has seen */
    /* what the rules may recall, to be set by a test */
    struct gp_recall recall;
    uint32_t strikes_before, on_spot_before;
    struct gp_similar similar[4]; /* ascending by id */
    size_t similar_count;
    unsigned linked;
    const struct gp_incident *other; /* the main incident of a link */
    bool may_end;                    /* grid or calendar are no more: steps may come to an end */
    char transcript[PLAY_TRANSCRIPT_MAX];
};

/** Empties the stage. The play is large: keep it static. */
void play_begin(struct play *play, struct town *town);

/** A report in a grid; condition "" as handsets may send it. Returns the reason. */
int play_report(struct play *play, const char *when, const char *by, const char *grid,
                const char *category);

/** A command about the incident, after the steps that come before it. Returns the reason. */
int play_do(struct play *play, const char *when, enum gp_verb verb, const char *by);

/** The same with everything that a command can say; fields that play sets are ignored. */
int play_command(struct play *play, const char *when, const char *by,
                 const struct gp_command *command);

/** Fires each step at its own time, up to and with this one. */
void play_until(struct play *play, const char *when);

/** R16: everything missed up to now, at once; as many decisions as it takes. */
void play_catch_up(struct play *play, const char *when);

/** R15: returns whether anything moved. */
bool play_replan(struct play *play, const char *when);

/** Compares the transcript since the last play_expect (or play_skip). */
void play_expect(struct play *play, const char *transcript);
void play_skip(struct play *play);

/** The newest entry of a kind; step GP_STEP_NONE: of any. Fails the test if there is none. */
const struct gp_entry *play_last(const struct play *play, enum gp_what what, enum gp_step step);

/** When a step of a stage is planned, as "MM-DD HH:MM", or "fired", "paused", "dropped", "none". */
const char *play_when(const struct play *play, uint8_t stage, enum gp_step step);

#endif
