/* Figures: the words, what a share adds to them, and the units they are of. */
#include "core/assess.h"

#include <assert.h>

const char *gp_assess_by_name(int by)
{
    switch (by) {
#define X(name, number, text)                                                                      \
    case number:                                                                                   \
        return text;
        GP_ASSESS_BYS(X)
#undef X
    default:
        return "?";
    }
}

int gp_assess_by_parse(struct gp_span text)
{
#define X(name, number, word)                                                                      \
    if (gp_span_is(text, word))                                                                    \
        return number;
    GP_ASSESS_BYS(X)
#undef X
    return GP_BY_NONE;
}

const char *gp_figure_name(int figure)
{
    switch (figure) {
#define X(name, number, text, zh)                                                                  \
    case number:                                                                                   \
        return text;
        GP_FIGURES(X)
#undef X
    default:
        return "?";
    }
}

const char *gp_figure_zh(int figure)
{
    switch (figure) {
#define X(name, number, text, zh)                                                                  \
    case number:                                                                                   \
        return zh;
        GP_FIGURES(X)
#undef X
    default:
        return "?";
    }
}

int gp_figure_parse(struct gp_span text)
{
#define X(name, number, word, zh)                                                                  \
    if (gp_span_is(text, word) || gp_span_is(text, zh))                                            \
        return number;
    GP_FIGURES(X)
#undef X
    return GP_FIGURE_NONE;
}

/* ---------------------------------------------------------------- shares */

static bool left_out(const struct gp_case *item, enum gp_figure figure)
{
    if (figure == GP_FIGURE_REPORTED || figure == GP_FIGURE_PATROL)
        return false; /* who reports has done so */
    return item->is_void || item->linked;
}

bool gp_share_counts(const struct gp_share *share, const struct gp_case *item,
                     enum gp_figure figure)
{
    if (left_out(item, figure))
        return false;
    switch (figure) {
    case GP_FIGURE_ACCEPTED:
        return share->figures & UINT32_C(1) << GP_FIGURE_SHOULD_ACCEPT && share->unaccepted == 0;
    case GP_FIGURE_SHOULD_FINISH:
        return share->settled > 0;
    case GP_FIGURE_FINISHED:
        return share->settled > 0 && share->missed == 0;
    case GP_FIGURE_OVERDUE:
        return share->missed > 0 || share->stages_missed > 0;
    default:
        return (share->figures & UINT32_C(1) << figure) != 0;
    }
}

void gp_figures_add(struct gp_figures *figures, const struct gp_share *share,
                    const struct gp_case *item)
{
    for (int figure = GP_FIGURE_REPORTED; figure < GP_FIGURE_END; figure++)
        figures->count[figure] += gp_share_counts(share, item, (enum gp_figure)figure);
    if (gp_share_counts(share, item, GP_FIGURE_HANDLED)) {
        figures->work_ms += (uint64_t)share->work_ms;
        figures->clock_ms += (uint64_t)share->clock_ms;
    }
}

/* ---------------------------------------------------------------- units */

static size_t count_of(const struct gp_org *org, enum gp_assess_by by)
{
    switch (by) {
    case GP_BY_AREA:
        return org->area_count;
    case GP_BY_POST:
        return org->post_count;
    case GP_BY_PERSON:
        return org->person_count;
    case GP_BY_DEPARTMENT:
        return org->department_count;
    case GP_BY_LINE:
        return org->line_count;
    case GP_BY_NONE:
        break;
    }
    return 0;
}

uint32_t gp_assess_units(const struct gp_org *org, enum gp_assess_by by)
{
    return (uint32_t)count_of(org, by) + 1;
}

struct gp_span gp_assess_unit_id(const struct gp_org *org, enum gp_assess_by by, uint32_t unit)
{
    assert(unit <= count_of(org, by));
    if (unit == count_of(org, by))
        return GP_SPAN("-");
    switch (by) {
    case GP_BY_AREA:
        return org->areas[unit].code;
    case GP_BY_POST:
        return org->posts[unit].id;
    case GP_BY_PERSON:
        return org->persons[unit].id;
    case GP_BY_DEPARTMENT:
        return org->departments[unit].code;
    default:
        assert(by == GP_BY_LINE); /* by nothing there is no unit but the last */
        return org->lines[unit].code;
    }
}

struct gp_span gp_assess_unit_name(const struct gp_org *org, enum gp_assess_by by, uint32_t unit)
{
    if (unit >= count_of(org, by))
        return GP_SPAN("-");
    switch (by) {
    case GP_BY_AREA:
        return org->areas[unit].name;
    case GP_BY_POST:
        return gp_span_of(gp_post_kind_name(org->posts[unit].kind));
    case GP_BY_PERSON:
        return org->persons[unit].name;
    case GP_BY_DEPARTMENT:
        return org->departments[unit].name_zh;
    default:
        assert(by == GP_BY_LINE);
        return org->lines[unit].name_zh;
    }
}

static uint8_t level_of(const struct gp_assess_ask *ask)
{
    return ask->level != 0 ? ask->level : GP_LEVEL_COMMUNITY;
}

/* Areas as they are when the period ends: what was merged by then counts for what it became. */
static bool asked_for(const struct gp_assess_ask *ask, const struct gp_area *area)
{
    int64_t last_ms = ask->to_ms - 1;

    return last_ms >= area->valid_from_ms && last_ms < area->valid_to_ms &&
           last_ms < gp_area_alias_from(area) &&
           (ask->area.padded == 0 || gp_area_covers(ask->area, area->ref));
}

bool gp_assess_unit_listed(const struct gp_org *org, const struct gp_assess_ask *ask, uint32_t unit)
{
    if (unit >= count_of(org, ask->by))
        return false;
    if (ask->by == GP_BY_AREA)
        return org->areas[unit].ref.level == level_of(ask) && asked_for(ask, &org->areas[unit]);
    return ask->by == GP_BY_DEPARTMENT || ask->by == GP_BY_LINE;
}

static void grids_of_areas(const struct gp_org *org, const struct gp_assess_ask *ask,
                           uint32_t *counts)
{
    for (uint32_t i = 0; i < org->area_count; i++) {
        if (org->areas[i].ref.level != GP_LEVEL_GRID || !asked_for(ask, &org->areas[i]))
            continue;
        uint32_t unit = gp_org_ancestor(org, i, (enum gp_level)level_of(ask));
        counts[unit != GP_NONE ? unit : org->area_count]++;
    }
}

void gp_assess_grids(const struct gp_org *org, const struct gp_assess_ask *ask, uint32_t *counts)
{
    if (ask->by == GP_BY_AREA)
        grids_of_areas(org, ask, counts);
    for (uint32_t i = 0; ask->by == GP_BY_POST && i < org->post_count; i++) {
        if (org->posts[i].kind == GP_POST_B)
            counts[i] += org->posts[i].area_count;
    }
}
