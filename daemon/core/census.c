#include "core/census.h"

const char *gp_colour_name(int colour)
{
    switch (colour) {
#define X(name, number, text)                                                                      \
    case number:                                                                                   \
        return text;
        GP_COLOURS(X)
#undef X
    default:
        return "?";
    }
}

/* ---------------------------------------------------------------- one incident */

static bool warned(const struct gp_plan *plan)
{
    for (uint8_t i = 0; i < plan->step_count; i++) {
        const struct gp_plan_step *step = &plan->step[i];
        if (step->step == GP_STEP_YELLOW && step->stage == plan->current &&
            step->status == GP_FIRED)
            return true;
    }
    return false;
}

void gp_outlook_of(const struct gp_incident *incident, struct gp_outlook *ret_outlook)
{
    const struct gp_plan *plan = &incident->plan;

    *ret_outlook = (struct gp_outlook){
        .state = incident->state,
        .is_private = incident->row.is_private,
        .warned = warned(plan),
        .area = incident->area,
        .community = incident->community,
        .department = incident->row.department,
        .due_ms = plan->stage_count > 0 ? plan->stage[plan->current].due_ms : 0,
        .overdue_ms = incident->overdue_ms,
    };
}

enum gp_colour gp_colour_of(const struct gp_outlook *outlook)
{
    switch ((enum gp_state)outlook->state) {
    case GP_STATE_SUSPENDED:
        return GP_COLOUR_SUSPENDED;
    case GP_STATE_FINISHED:
    case GP_STATE_VERIFIED:
        return GP_COLOUR_DONE;
    case GP_STATE_DUPLICATE:
        return GP_COLOUR_LINKED;
    case GP_STATE_REPORTED:
    case GP_STATE_FILED:
        return GP_COLOUR_NEW;
    default:
        if (outlook->overdue_ms != 0)
            return GP_COLOUR_OVERDUE;
        return outlook->warned ? GP_COLOUR_YELLOW : GP_COLOUR_RUNNING;
    }
}

bool gp_is_soon(const struct gp_outlook *outlook, int64_t now_ms)
{
    enum gp_colour colour = gp_colour_of(outlook);

    return (colour == GP_COLOUR_RUNNING || colour == GP_COLOUR_YELLOW) && outlook->due_ms != 0 &&
           outlook->due_ms <= now_ms + GP_SOON_MS;
}

/* ---------------------------------------------------------------- counting */

uint64_t gp_counts_open(const struct gp_colour_counts *counts)
{
    uint64_t open = 0;

    for (int colour = GP_COLOUR_NONE + 1; colour < GP_COLOUR_END; colour++)
        open += counts->colour[colour];
    return open;
}

static void count(struct gp_colour_counts *counts, const struct gp_census_row *row)
{
    counts->colour[row->colour]++;
    counts->soon += row->soon;
}

/* The highest area on the way up from one that is below the asked area and not that itself. What
 * lies in no such area stands at `itself`. */
static uint32_t child_of(const struct gp_org *org, struct gp_area_ref asked, uint32_t area,
                         uint32_t itself)
{
    uint32_t child = itself;

    for (; area != GP_NONE; area = org->areas[area].parent) {
        struct gp_area_ref ref = org->areas[area].ref;
        bool is_asked = ref.padded == asked.padded && ref.digits == asked.digits;
        if (asked.padded != 0 && (is_asked || !gp_area_covers(asked, ref)))
            break;
        child = area;
    }
    return child;
}

/* Where the rows of one area code are counted; GP_NONE: nowhere. */
static uint32_t place_of(const struct gp_org *org, const struct gp_summary_ask *ask,
                         struct gp_area_ref area, int64_t now_ms)
{
    uint32_t itself = (uint32_t)org->area_count;

    if (ask->area.padded != 0 && !gp_org_covers(org, ask->area, area, now_ms))
        return GP_NONE;
    return child_of(org, ask->area, gp_org_area_near(org, area, now_ms), itself);
}

static bool same_area(struct gp_area_ref a, struct gp_area_ref b)
{
    return a.padded == b.padded && a.digits == b.digits && a.level == b.level;
}

void gp_census_sum(const struct gp_org *org, const struct gp_census *census,
                   const struct gp_summary_ask *ask, int64_t now_ms, struct gp_summing *summing)
{
    struct gp_area_ref last = {0};
    uint32_t place = GP_NONE;

    for (uint32_t i = 0; i < census->row_count; i++) {
        const struct gp_census_row *row = &census->row[i];
        if (i == 0 || !same_area(row->area, last))
            place = place_of(org, ask, row->area, now_ms);
        last = row->area;
        if (place == GP_NONE ||
            (ask->department.len > 0 &&
             !gp_span_equal(ask->department, census->department[row->department])))
            continue;
        count(&summing->by_area[place], row);
        count(&summing->by_department[row->department], row);
        count(&summing->total, row);
    }
}
