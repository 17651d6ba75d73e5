/**
 * Leave and holdings as the journal tells of them, and what must hold of them: R6, R18, who holds
 * what. Who holds a post at an instant and who is away is found out here once more, from entries
 * and files only, by another way than engine/view.c goes.
 */
#ifndef GP_TESTS_PROPERTY_PEOPLE_H
#define GP_TESTS_PROPERTY_PEOPLE_H

#include "property/act.h"

#ifndef LEAVES_MAX
#define LEAVES_MAX 512
#endif
#ifndef TENURES_MAX
#define TENURES_MAX 256
#endif

struct people_leave {
    struct gp_leave_record record; /* as last journalled */
    int64_t armed_ms;              /* since when its begin waits */
    bool audited;                  /* the journal says why both may be away */
    bool shifted[INCIDENTS_MAX];   /* owner_shift entries since then */
};

struct people {
    struct people_leave leave[LEAVES_MAX]; /* by id */
    uint64_t leave_count, tenure_count;
    struct gp_tenure tenure[TENURES_MAX]; /* in their order */
    bool excused;  /* D1 or D2 changed hands: both may be away without an override */
    bool changed;  /* since the view was last looked at */
    uint64_t late; /* the leave that was approved after its begin, until that is written; 0 */
};

struct model;
struct world;

/** Takes in the model's entry, if it is about people. */
void people_entry(struct model *model);

/** The begin of a leave as a deadline row: exactly while it is approved and has not begun. */
void people_deadline(const struct model *model, uint64_t leave, unsigned rows, int64_t at_ms);

/** Behind a batch: nobody of an exclusive pair is away unsaid, and the view is what it must be. */
void people_audit(struct world *world);

/** A command about people that was refused, where nothing else can have come between. */
void people_refused(const struct model *model, const struct act *act);

/** Whether the person holds the post at that instant. */
bool people_holds(const struct model *model, uint32_t post, uint32_t person, int64_t at_ms);

/** Whether it holds now or at any later instant before to_ms at which a stretch of the post may
 * begin; from_ms counts as now. */
typedef bool (*people_test)(const struct model *model, uint32_t post, uint32_t person,
                            int64_t at_ms);
bool people_any_instant(const struct model *model, uint32_t post, uint32_t person, int64_t from_ms,
                        int64_t to_ms, people_test test);

/** Whether a leave keeps its person away in its time: what ended early counts until then. */
bool people_keeps_away(const struct gp_leave_record *leave);

/* ---- people_view.c ---- */

/** The view is what journal and files say, and what its tables say. */
void people_view(struct world *world);

#endif
