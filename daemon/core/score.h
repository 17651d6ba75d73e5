/**
 * Scores (DOMAIN section 12): rates, the weighted sum, grades and the ranking. Integers only: a
 * rate and a score are basis points, rounded down, so that 89.99 is never 90.
 */
#ifndef GP_CORE_SCORE_H
#define GP_CORE_SCORE_H

#include "core/assess.h"

/* 0 of 0: not applicable. Never 0 and never 100 %. */
#define GP_NOT_APPLICABLE INT32_MIN

#define GP_POINTS 10000 /* 100 %, and a score of 100.00 */

/* Rates that the basic part is made of. */
#define GP_RATES(X)                                                                                \
    X(GP_RATE_ACCEPT, "accept", "按时接单率")                                                      \
    X(GP_RATE_FINISH, "finish", "按期办结率")                                                      \
    X(GP_RATE_QUALITY, "quality", "一次合格率")                                                    \
    X(GP_RATE_DUTY, "duty", "不推诿率")                                                            \
    X(GP_RATE_COVERAGE, "coverage", "巡查达标率")

enum gp_rate {
#define X(name, text, zh) name,
    GP_RATES(X)
#undef X
        GP_RATE_COUNT
};

const char *gp_rate_name(int rate); /* "?" for a number that is none */
const char *gp_rate_zh(int rate);   /* the same */

/**
 * part of whole in basis points, rounded down; GP_NOT_APPLICABLE of a whole of 0. What is more than
 * the whole is the whole.
 */
int32_t gp_rate_of(uint64_t part, uint64_t whole);

/** Patrol reports per grid and week in hundredths, rounded down; GP_NOT_APPLICABLE without grids.
 */
int32_t gp_coverage(const struct gp_figures *figures, int64_t period_ms);

/* How an office weighs (assess.yaml). */
struct gp_weights {
    uint32_t rate[GP_RATE_COUNT];
    uint32_t basic, highlights, review; /* percent; together 100 */
    uint32_t coverage_target; /* reports per grid and week, in hundredths, that are 100 % */
    uint16_t last_years;      /* last so many years running: flagged */
};

/* What an office enters for a unit. */
struct gp_entered {
    int32_t highlights, review; /* 0 … GP_POINTS */
    int32_t bonus;              /* points in hundredths */
    bool veto;
    uint16_t last_running; /* years running before this one in which the unit was the last */
};

struct gp_rates {
    int32_t rate[GP_RATE_COUNT]; /* basis points, or GP_NOT_APPLICABLE */
    int32_t coverage;            /* reports per grid and week in hundredths, or the same */
};

void gp_rates_of(const struct gp_figures *figures, const struct gp_weights *weights,
                 int64_t period_ms, struct gp_rates *ret_rates);

struct gp_score {
    int32_t basic; /* basis points; GP_NOT_APPLICABLE: no rate applies, so there is no score */
    int32_t total; /* points in hundredths; the same */
    char grade;    /* 'A' … 'E'; '-' without a score */
    uint32_t rank; /* 1 …; equal totals share one; 0 without a score */
    bool veto;     /* not eligible for honours; score and rank stand all the same */
    bool yellow;   /* the last of the ranking */
    bool flagged;  /* the last for so many years running */
};

/** Basic part, total and grade of one unit; rank, yellow and flagged are left as none. */
void gp_score_of(const struct gp_rates *rates, const struct gp_weights *weights,
                 const struct gp_entered *entered, struct gp_score *ret_score);

/** 'A' from 90.00 points, 'B' from 75, 'C' from 60, 'D' from 40, else 'E'. */
char gp_grade(int32_t total);

/**
 * Ranks: 1, 2, 2, 4. Whoever has the lowest score of at least two different ones is the last.
 *
 * Requires: entered[i] belongs to score[i]; O(count^2) at the most
 */
void gp_score_rank(struct gp_score *score, const struct gp_entered *entered, size_t count,
                   const struct gp_weights *weights);

#endif
