/**
 * Makes up what happens next: mostly sensible, sometimes nonsense, at instants that matter. The
 * verbs and how their words are filled in are the table in verbs.c.
 */
#ifndef GP_TESTS_PROPERTY_GENERATE_H
#define GP_TESTS_PROPERTY_GENERATE_H

#include "property/world.h"

/* What a sequence is mostly about, so that rare states are reached as well. */
enum flavour {
    FLAVOUR_ANY,
    FLAVOUR_ON_SPOT, /* many closings in one grid */
    FLAVOUR_WORK,    /* finished, reworked, closed, reopened */
    FLAVOUR_SIDE,    /* returned, ruled, suspended, extended */
    FLAVOUR_SLOW,    /* days between acts: strikes, appeals */
    FLAVOUR_PEOPLE,  /* leave, who holds what */
    FLAVOURS,
};

struct generator {
    uint64_t random; /* state; never 0 */
    struct sequence *sequence;
    const struct world *world; /* while generating */
    enum flavour flavour;
    int opener[INCIDENTS_MAX]; /* the act that opened an incident */
    int asker[LEAVES_MAX];     /* the act that asked for a leave */
    int looked;                /* acts that were looked at for them */
    struct gp_span invited;    /* the person whose device is made just now */
};

void generate_begin(struct generator *generator, struct sequence *sequence, uint64_t seed,
                    uint64_t number);

/** Appends an act, or a few that are joined. */
void generate(struct generator *generator, const struct world *world);

/* ---- for verbs.c ---- */

/** A number in [0, below); below > 0. */
uint64_t generate_random(struct generator *generator, uint64_t below);
/** True in so many of a hundred cases. */
bool generate_chance(struct generator *generator, unsigned percent);
struct gp_span generate_person(struct generator *generator);
struct gp_span generate_post(struct generator *generator);
/** The index of the act that opened an incident. */
int generate_opener(const struct generator *generator, uint64_t id);

/** The index of the act that asked for a leave; ACT_NOBODY: a row of leave.csv. */
int generate_asker(const struct generator *generator, uint64_t id);

/* ---- verbs.c ---- */

/** Fills in a command: verb, words, actor, target. */
void verbs_fill(struct generator *generator, struct act *act);

/* ---- verbs_people.c: words and actor of what is about people ---- */
void verbs_leave(struct generator *, const struct gp_incident *, struct act *);
void verbs_sign_leave(struct generator *, const struct gp_incident *, struct act *);
void verbs_cancel(struct generator *, const struct gp_incident *, struct act *);
void verbs_hold(struct generator *, const struct gp_incident *, struct act *);

/* ---- verbs_devices.c: the same of what is about devices ---- */
void verbs_invite(struct generator *, const struct gp_incident *, struct act *);
void verbs_join(struct generator *, const struct gp_incident *, struct act *);
void verbs_confirm(struct generator *, const struct gp_incident *, struct act *);
void verbs_revoke(struct generator *, const struct gp_incident *, struct act *);
void verbs_rotate(struct generator *, const struct gp_incident *, struct act *);
/** The command that leads a new device to its stage: 0 invited, 1 joined, 2 confirmed. */
void verbs_enrol(struct generator *generator, unsigned stage, struct act *act);
/** Perhaps lets a command come through a device, seldom one that may not. */
void verbs_speak(struct generator *generator, struct act *act);

#endif
