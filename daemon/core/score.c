#include "core/score.h"

#include "base/clocktext.h"

#include <assert.h>

#define GP_WEEK_MS (7 * GP_MS_DAY)

const char *gp_rate_name(int rate)
{
    switch (rate) {
#define X(name, text, zh)                                                                          \
    case name:                                                                                     \
        return text;
        GP_RATES(X)
#undef X
    default:
        return "?";
    }
}

const char *gp_rate_zh(int rate)
{
    switch (rate) {
#define X(name, text, zh)                                                                          \
    case name:                                                                                     \
        return zh;
        GP_RATES(X)
#undef X
    default:
        return "?";
    }
}

int32_t gp_rate_of(uint64_t part, uint64_t whole)
{
    if (whole == 0)
        return GP_NOT_APPLICABLE;
    if (part >= whole)
        return GP_POINTS;
    assert(part <= UINT64_MAX / GP_POINTS);
    return (int32_t)(part * GP_POINTS / whole);
}

int32_t gp_coverage(const struct gp_figures *figures, int64_t period_ms)
{
    const uint64_t hundredths = 100;
    uint64_t patrols = figures->count[GP_FIGURE_PATROL];

    if (figures->grids == 0 || period_ms <= 0)
        return GP_NOT_APPLICABLE;
    /* Whole minutes keep the product far from 64 bits: 10^10 reports of a century. */
    uint64_t minutes = (uint64_t)(period_ms / GP_MS_MINUTE), week = GP_WEEK_MS / GP_MS_MINUTE;
    if (minutes == 0)
        return GP_NOT_APPLICABLE;
    uint64_t value = patrols * hundredths * week / (figures->grids * minutes);
    return value < INT32_MAX ? (int32_t)value : INT32_MAX;
}

static uint64_t less(uint64_t whole, uint64_t part)
{
    return part < whole ? whole - part : 0;
}

void gp_rates_of(const struct gp_figures *figures, const struct gp_weights *weights,
                 int64_t period_ms, struct gp_rates *ret_rates)
{
    const uint64_t *count = figures->count;
    uint64_t handled = count[GP_FIGURE_HANDLED], filed = count[GP_FIGURE_FILED];
    struct gp_rates *to = ret_rates;

    to->rate[GP_RATE_ACCEPT] =
        gp_rate_of(count[GP_FIGURE_ACCEPTED], count[GP_FIGURE_SHOULD_ACCEPT]);
    to->rate[GP_RATE_FINISH] =
        gp_rate_of(count[GP_FIGURE_FINISHED], count[GP_FIGURE_SHOULD_FINISH]);
    to->rate[GP_RATE_QUALITY] = gp_rate_of(less(handled, count[GP_FIGURE_REWORK]), handled);
    to->rate[GP_RATE_DUTY] = gp_rate_of(less(filed, count[GP_FIGURE_BUCK_PASSED]), filed);
    to->coverage = gp_coverage(figures, period_ms);
    to->rate[GP_RATE_COVERAGE] = to->coverage == GP_NOT_APPLICABLE
                                     ? GP_NOT_APPLICABLE
                                     : gp_rate_of((uint64_t)to->coverage, weights->coverage_target);
}

/* The weighted mean of the rates that apply. */
static int32_t basic_of(const struct gp_rates *rates, const struct gp_weights *weights)
{
    uint64_t sum = 0, weight = 0;

    for (int i = 0; i < GP_RATE_COUNT; i++) {
        if (rates->rate[i] == GP_NOT_APPLICABLE)
            continue;
        sum += (uint64_t)rates->rate[i] * weights->rate[i];
        weight += weights->rate[i];
    }
    return weight == 0 ? GP_NOT_APPLICABLE : (int32_t)(sum / weight);
}

char gp_grade(int32_t total)
{
    static const struct {
        int32_t least;
        char grade;
    } bands[] = {{9000, 'A'}, {7500, 'B'}, {6000, 'C'}, {4000, 'D'}};

    for (size_t i = 0; i < sizeof bands / sizeof bands[0]; i++) {
        if (total >= bands[i].least)
            return bands[i].grade;
    }
    return 'E';
}

void gp_score_of(const struct gp_rates *rates, const struct gp_weights *weights,
                 const struct gp_entered *entered, struct gp_score *ret_score)
{
    struct gp_score score = {.basic = basic_of(rates, weights), .veto = entered->veto};

    assert(weights->basic + weights->highlights + weights->review == 100);
    assert(entered->highlights >= 0 && entered->highlights <= GP_POINTS);
    assert(entered->review >= 0 && entered->review <= GP_POINTS);
    if (score.basic == GP_NOT_APPLICABLE) {
        score.total = GP_NOT_APPLICABLE;
        score.grade = '-';
    } else {
        int64_t sum = (int64_t)score.basic * weights->basic +
                      (int64_t)entered->highlights * weights->highlights +
                      (int64_t)entered->review * weights->review;
        score.total = (int32_t)(sum / 100) + entered->bonus;
        score.grade = gp_grade(score.total);
    }
    *ret_score = score;
}

static uint32_t rank_of(const struct gp_score *score, size_t count, int32_t total)
{
    uint32_t rank = 1;

    for (size_t i = 0; i < count; i++)
        rank += score[i].total != GP_NOT_APPLICABLE && score[i].total > total;
    return rank;
}

void gp_score_rank(struct gp_score *score, const struct gp_entered *entered, size_t count,
                   const struct gp_weights *weights)
{
    uint32_t last = 1; /* where all are equal nobody is the last */

    for (size_t i = 0; i < count; i++) {
        score[i].rank =
            score[i].total == GP_NOT_APPLICABLE ? 0 : rank_of(score, count, score[i].total);
        if (score[i].rank > last)
            last = score[i].rank;
    }
    for (size_t i = 0; i < count; i++) {
        score[i].yellow = last > 1 && score[i].rank == last;
        score[i].flagged = score[i].yellow && entered[i].last_running + 1u >= weights->last_years;
    }
}
