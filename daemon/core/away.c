#include "core/away.h"

#include "base/clocktext.h"

/* ---------------------------------------------------------------- days and duties */

int64_t gp_overlap_ms(int64_t a_from, int64_t a_to, int64_t b_from, int64_t b_to)
{
    int64_t from = a_from > b_from ? a_from : b_from, to = a_to < b_to ? a_to : b_to;
    return to > from ? to - from : 0;
}

static int64_t whole_days(int64_t ms)
{
    return (ms + GP_MS_DAY - 1) / GP_MS_DAY;
}

int64_t gp_leave_days(const struct gp_org *org, const struct gp_away *away, int *ret_year)
{
    int month, day;

    gp_date_from_day(gp_day_of(away->from_ms, away->zone_ms), ret_year, &month, &day);
    int64_t from = gp_day_from_date(*ret_year, 1, 1) * GP_MS_DAY - away->zone_ms;
    int64_t to = gp_day_from_date(*ret_year + 1, 1, 1) * GP_MS_DAY - away->zone_ms;
    int64_t days = whole_days(gp_overlap_ms(away->from_ms, away->to_ms, from, to));
    for (size_t i = 0; i < org->leave_count; i++) {
        const struct gp_leave *leave = &org->leaves[i];
        if (leave->approved && leave->person == away->person)
            days += whole_days(gp_overlap_ms(leave->from_ms, leave->to_ms, from, to));
    }
    return days;
}

/* The first duty of a weekly shift within the absence; 0: none. A week holds every weekday. */
static int64_t weekly_duty(const struct gp_away *away, const struct gp_shift *shift)
{
    int64_t begin_ms = away->from_ms > shift->valid_from_ms ? away->from_ms : shift->valid_from_ms;
    int64_t first = gp_day_of(begin_ms, away->zone_ms) - 1;
    int64_t overnight = shift->to_ms <= shift->from_ms ? GP_MS_DAY : 0;

    for (int64_t day = first; day <= first + 8; day++) {
        int64_t from = day * GP_MS_DAY - away->zone_ms + shift->from_ms;
        int64_t to = day * GP_MS_DAY - away->zone_ms + shift->to_ms + overnight;
        if (((shift->weekdays >> gp_weekday(day)) & 1) && from >= shift->valid_from_ms &&
            from < shift->valid_to_ms && gp_overlap_ms(from, to, away->from_ms, away->to_ms) > 0)
            return from;
    }
    return 0;
}

const struct gp_shift *gp_missed_duty(const struct gp_org *org, const struct gp_away *away,
                                      int64_t *ret_from_ms)
{
    for (size_t i = 0; i < org->shift_count; i++) {
        const struct gp_shift *shift = &org->shifts[i];
        if (shift->person != away->person)
            continue;
        *ret_from_ms = shift->valid_from_ms;
        if (shift->weekdays != 0)
            *ret_from_ms = weekly_duty(away, shift);
        else if (gp_overlap_ms(shift->valid_from_ms, shift->valid_to_ms, away->from_ms,
                               away->to_ms) == 0)
            *ret_from_ms = 0;
        if (*ret_from_ms != 0)
            return shift;
    }
    return NULL;
}

/* ---------------------------------------------------------------- the exclusive pair */

/* A leave of one holder of the post that overlaps ours; NULL: none. */
static const struct gp_leave *leave_of_holder(const struct gp_org *org, const struct gp_away *away,
                                              uint32_t post)
{
    int64_t from = away->from_ms, to = away->to_ms;

    for (size_t i = 0; i < org->holding_count; i++) {
        const struct gp_holding *holding = &org->holdings[i];
        if (holding->post != post || holding->person == away->person ||
            gp_overlap_ms(holding->from_ms, holding->to_ms, from, to) == 0)
            continue;
        for (size_t k = 0; k < org->leave_count; k++) {
            const struct gp_leave *leave = &org->leaves[k];
            if (leave->person == holding->person &&
                gp_overlap_ms(leave->from_ms, leave->to_ms, from, to) > 0)
                return leave;
        }
    }
    return NULL;
}

static uint32_t partner_of(const struct gp_org *org, const struct gp_post *post)
{
    if ((post->kind != GP_POST_D1 && post->kind != GP_POST_D2) || post->area_count == 0)
        return GP_NONE;
    return gp_org_scope(org, post->kind == GP_POST_D1 ? GP_POST_D2 : GP_POST_D1, post->areas[0],
                        GP_NONE, GP_NONE);
}

const struct gp_leave *gp_both_away(const struct gp_org *org, const struct gp_away *away)
{
    for (size_t i = 0; i < org->holding_count; i++) {
        const struct gp_holding *holding = &org->holdings[i];
        uint32_t partner = partner_of(org, &org->posts[holding->post]);
        if (partner == GP_NONE || holding->person != away->person ||
            gp_overlap_ms(holding->from_ms, holding->to_ms, away->from_ms, away->to_ms) == 0)
            continue;
        const struct gp_leave *leave = leave_of_holder(org, away, partner);
        if (leave != NULL)
            return leave;
    }
    return NULL;
}
