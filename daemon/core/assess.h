/**
 * Assessment (DOMAIN section 12): figures per unit, counted from the journal alone.
 *
 * The entries of an incident are read in order of their number, from its report up to, but without,
 * the first entry at or after `to`. Each incident that the period touches has a case: where it
 * stands at this entry. What happens within [from, to) is credited to a share: one
 * incident's part in the figures of one unit. So a figure is a number of shares, and the incidents
 * behind it can be listed; and an incident counts once in a figure of a unit, however often it
 * happened. Strikes alone have a share each.
 *
 * Units are those of the directory that is handed in, areas as they are when the period ends: what
 * was merged by then counts for what it became.
 *
 * A period that is over gives the same figures for ever, and an obligation counts in one period
 * only: in which it was kept, or in which the journal says that it was not.
 *
 * docs/ASSESSMENT.md says what each figure means; assess.c only obeys it.
 */
#ifndef GP_CORE_ASSESS_H
#define GP_CORE_ASSESS_H

#include "core/fact.h"

#define GP_ASSESS_BYS(X)                                                                           \
    X(GP_BY_AREA, 1, "area")                                                                       \
    X(GP_BY_POST, 2, "post")                                                                       \
    X(GP_BY_PERSON, 3, "person")                                                                   \
    X(GP_BY_DEPARTMENT, 4, "department")                                                           \
    X(GP_BY_LINE, 5, "line")

enum gp_assess_by { /* on the wire: only ever append */
                    GP_BY_NONE = 0,
#define X(name, number, text) name = (number),
                    GP_ASSESS_BYS(X)
#undef X
};

/* Counted figures: number, word, Chinese name. */
#define GP_FIGURES(X)                                                                              \
    X(GP_FIGURE_REPORTED, 1, "reported", "上报")                                                   \
    X(GP_FIGURE_PATROL, 2, "patrol", "巡查上报")                                                   \
    X(GP_FIGURE_FILED, 3, "filed", "立案")                                                         \
    X(GP_FIGURE_SHOULD_ACCEPT, 4, "should_accept", "应接单")                                       \
    X(GP_FIGURE_ACCEPTED, 5, "accepted", "按时接单")                                               \
    X(GP_FIGURE_SHOULD_FINISH, 6, "should_finish", "应办结")                                       \
    X(GP_FIGURE_FINISHED, 7, "finished", "按期办结")                                               \
    X(GP_FIGURE_OVERDUE, 8, "overdue", "超期")                                                     \
    X(GP_FIGURE_REWORK, 9, "rework", "返工")                                                       \
    X(GP_FIGURE_RETURNED, 10, "returned", "退回")                                                  \
    X(GP_FIGURE_BUCK_PASSED, 11, "buck_passed", "推诿")                                            \
    X(GP_FIGURE_SUSPENDED, 12, "suspended", "挂起")                                                \
    X(GP_FIGURE_HANDLED, 13, "handled", "办结")                                                    \
    X(GP_FIGURE_STRIKES, 14, "strikes", "问责")

enum gp_figure { /* on the wire: only ever append */
                 GP_FIGURE_NONE = 0,
#define X(name, number, text, zh) name = (number),
                 GP_FIGURES(X)
#undef X
                     GP_FIGURE_END,
};

const char *gp_assess_by_name(int by); /* "?" for a number that is none */
int gp_assess_by_parse(struct gp_span text);
const char *gp_figure_name(int figure);   /* the same */
const char *gp_figure_zh(int figure);     /* the same */
int gp_figure_parse(struct gp_span text); /* a word or a Chinese name; GP_FIGURE_NONE */

/* What is asked. */
struct gp_assess_ask {
    int64_t from_ms, to_ms;  /* half-open */
    uint8_t by;              /* enum gp_assess_by */
    uint8_t level;           /* of the units by area; 0: community */
    struct gp_area_ref area; /* incidents of this area and below only; padded 0: everywhere */
    struct gp_span unit;     /* of this unit only, rows too; "": of all */
    uint8_t figure;          /* explain this figure; GP_FIGURE_NONE: rows of figures instead */
    uint64_t upto;           /* the journal's head of the first page; 0: now */
    uint64_t after;          /* cursor of the page before */
    uint32_t limit;          /* rows of a page; 0: as many as fit */
};

/* One incident's part in the figures of one unit. */
struct gp_share {
    uint64_t incident;
    uint32_t unit;    /* index of the unit */
    uint32_t next;    /* the incident's next share; GP_NONE */
    uint32_t subject; /* of a strike: hash of the person; 0: this is no strike */
    uint32_t figures; /* bit (1 << enum gp_figure): what happened */
    uint16_t settled; /* obligations to finish that were kept or missed */
    uint16_t missed;  /* of those the missed ones */
    uint16_t stages_missed;
    uint16_t unaccepted;       /* calls to accept that were missed */
    uint64_t red_seq;          /* entry that missed last: an extension may take it back */
    int64_t work_ms, clock_ms; /* handling time, if handled */
};

/* Where one incident stands at the entry that is read. */
struct gp_case {
    uint64_t incident;  /* 0: not seen yet */
    uint32_t share;     /* its first; GP_NONE */
    uint32_t handled;   /* the share that has its handling time; GP_NONE */
    uint32_t area;      /* index of the area that answers for it; GP_NONE: none any more */
    uint32_t unfilled;  /* R7: vacant post that was passed over at dispatch; GP_NONE */
    uint8_t stages;     /* of its limit */
    bool is_void;       /* no incident of ours: void or declined */
    bool linked;        /* follows another one as its duplicate */
    bool outside;       /* not in the area that is asked for */
    bool filed;         /* within the period, and nobody owned it yet */
    bool accept_open;   /* it waits to be accepted, and nobody was called for that */
    bool finish_open;   /* its final due has not passed, and it is not finished */
    int64_t started_ms; /* of the handling: dispatched, or reopened */
    int64_t gap_from_ms, gap_to_ms; /* suspended; gap_to 0: still is */
};

/* A share at the most for each of: filed, the entry itself. */
#define GP_SHARES_PER_ENTRY 3

struct gp_assess {
    const struct gp_org *org;
    const struct gp_assess_ask *ask;
    struct gp_share *share; /* the caller's; room for GP_SHARES_PER_ENTRY more before each entry */
    uint32_t share_count, share_room;
};

/**
 * Counts one entry about an incident.
 *
 * Thread:   any
 * Requires: an incident's entries come in order of seq, from its report on; *item is its case,
 *           zeroed before the first; fact->at_ms < ask->to_ms; room for GP_SHARES_PER_ENTRY shares
 * Lifetime: nothing points into the fact afterwards
 */
void gp_assess_count(struct gp_assess *assess, struct gp_case *item, const struct gp_fact *fact);

/**
 * Whether a share counts in a figure, as its incident stands after the last entry. What was void,
 * declined or a duplicate in the end counts as reported only.
 *
 * Thread: any
 */
bool gp_share_counts(const struct gp_share *share, const struct gp_case *item,
                     enum gp_figure figure);

/* ---------------------------------------------------------------- units */

/** How many units there can be; the last one, index count - 1, stands for what is in none. */
uint32_t gp_assess_units(const struct gp_org *org, enum gp_assess_by by);

/** A unit's id and name; "-" of the last. Thread: any. Lifetime: of the directory. */
struct gp_span gp_assess_unit_id(const struct gp_org *org, enum gp_assess_by by, uint32_t unit);
struct gp_span gp_assess_unit_name(const struct gp_org *org, enum gp_assess_by by, uint32_t unit);

/** Whether a unit has a row even when nothing was counted: areas of the level within the area that
 * is asked for, departments, lines. */
bool gp_assess_unit_listed(const struct gp_org *org, const struct gp_assess_ask *ask,
                           uint32_t unit);

/** Adds the unit's grids, by area and of B posts; counts[unit] for each unit. */
void gp_assess_grids(const struct gp_org *org, const struct gp_assess_ask *ask, uint32_t *counts);

/* ---------------------------------------------------------------- figures of one unit */

struct gp_figures {
    uint64_t count[GP_FIGURE_END]; /* by enum gp_figure */
    uint64_t work_ms, clock_ms;    /* handling time of all that were handled */
    uint32_t grids;                /* 0: coverage says nothing here */
};

/** Adds a share of an incident to its unit's figures. Thread: any. */
void gp_figures_add(struct gp_figures *figures, const struct gp_share *share,
                    const struct gp_case *item);

#endif
