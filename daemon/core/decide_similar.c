/* R21: likely duplicates of a report, for the dispatcher: same grid and category, open, reported
 * within seven days, and within 50 m where both have a position. */
#include "core/decide_internal.h"

#define GP_SIMILAR_MS     (7 * GP_MS_DAY)
#define GP_SIMILAR_METRES 50.0

/* Of an angle in degrees of at most 90; exact to 3 parts in 100,000, which is 1.5 mm in 50 m. */
static double cosine(double degrees)
{
    double x = degrees * 3.14159265358979323846 / 180.0;
    double x2 = x * x;
    return 1 - x2 / 2 + x2 * x2 / 24 - x2 * x2 * x2 / 720 + x2 * x2 * x2 * x2 / 40320;
}

bool gp_place_near(struct gp_place a, struct gp_place b)
{
    const double metres_per_e7 = 111195.0 / 1e7; /* of a great circle's degree */
    double north = ((double)a.lat_e7 - b.lat_e7) * metres_per_e7;
    double east = ((double)a.lon_e7 - b.lon_e7) * metres_per_e7 * cosine(a.lat_e7 / 1e7);

    return north * north + east * east <= GP_SIMILAR_METRES * GP_SIMILAR_METRES;
}

static bool likely(const struct gp_decider *decider, const struct gp_similar *other)
{
    const struct gp_command *command = decider->command;

    if (other->main != 0 || !gp_span_equal(other->category, command->category))
        return false;
    return !other->place.known || !command->place.known ||
           gp_place_near(other->place, command->place);
}

struct finder {
    const struct gp_decider *decider;
    struct gp_entry *entry;
};

/* Whether to go on behind this one. */
static bool take(void *taker, const struct gp_similar *other)
{
    const struct finder *finder = taker;
    struct gp_entry *entry = finder->entry;

    if (other->received_ms < finder->decider->scene->now_ms - GP_SIMILAR_MS)
        return false;
    if (likely(finder->decider, other))
        entry->similar[entry->similar_count++] = other->id;
    return entry->similar_count < GP_SIMILAR_MAX;
}

void gp_find_similar(struct gp_decider *decider, struct gp_entry *entry)
{
    const struct gp_recall *recall = decider->scene->recall;
    struct finder finder = {decider, entry};

    if (recall != NULL && recall->similar != NULL)
        recall->similar(recall->context, entry->area, decider->command->category, take, &finder);
}
