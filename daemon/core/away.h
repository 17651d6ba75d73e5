/**
 * What an absence would mean (R18): how many days it makes in a year, which duty it would miss, and
 * whether the other one of an exclusive pair is away too. Pure look-ups in the directory.
 */
#ifndef GP_CORE_AWAY_H
#define GP_CORE_AWAY_H

#include "core/org.h"

struct gp_away {
    uint32_t person;
    int64_t from_ms, to_ms; /* half-open */
    int64_t zone_ms;        /* of the days */
};

/** How long two half-open intervals overlap; 0: they do not. Thread: any. */
int64_t gp_overlap_ms(int64_t a_from, int64_t a_to, int64_t b_from, int64_t b_to);

/** Days of leave in the calendar year in which the absence begins: what is approved and the absence
 * itself, each rounded up. Thread: any. */
int64_t gp_leave_days(const struct gp_org *org, const struct gp_away *away, int *ret_year);

/** The first duty by roster that the person would miss, and when it begins; NULL: none. */
const struct gp_shift *gp_missed_duty(const struct gp_org *org, const struct gp_away *away,
                                      int64_t *ret_from_ms);

/**
 * D1 and D2 of one community are an exclusive pair: the leave of the other one, requested or
 * approved, that overlaps the absence; NULL: there is none, or the person is no such one.
 */
const struct gp_leave *gp_both_away(const struct gp_org *org, const struct gp_away *away);

#endif
