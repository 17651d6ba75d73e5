/**
 * A forecast: what a report at an instant would bring if nobody touched it, or what an incident
 * will, and who would be told at each step, up to the first `repeat` of the last stage. It comes
 * from the rules themselves: gp_decide for the report, gp_decide_expire for each planned instant.
 * Nothing is stored.
 */
#ifndef GP_CORE_FORECAST_H
#define GP_CORE_FORECAST_H

#include "core/decide.h"

/* Posts that may own an incident and be vacant: its A, F, K, H2 and H, and whoever was given it. */
#define GP_FORECAST_VACANT_MAX 6

/* Working memory, of some hundred KiB: the caller's, who need not fill it. */
struct gp_forecast {
    struct gp_incident incident;
    struct gp_decision decision; /* the newest; after a refusal its reason and detail */
    uint64_t seq;                /* of the newest entry: they are numbered from 1 */
    struct {
        uint32_t post; /* key */
        int64_t day;   /* the newest one that it was noted for */
    } vacant[GP_FORECAST_VACANT_MAX];
    uint8_t vacant_count;
};

struct gp_forecast_ask {
    struct gp_span grid, category, condition; /* as of a report */
    struct gp_span person;                    /* who would report; "": anybody */
    int64_t at_ms;
};

/** One entry of a forecast, in the journal's order; false: no more are wanted. The entry is dead
 * after the call, its spans live as long as org and ask. */
typedef bool (*gp_forecast_fn)(void *context, const struct gp_entry *entry);

/**
 * Forecasts one report. Rows that are filed by hand are filed at once.
 *
 * Thread:  any, with a forecast of its own
 * Ensures: GP_REASON_NONE: each entry was given to the function, but of repeats the first of each
 *          stage only; the last is the last stage's, where its ladder has one. Else why the report
 * would be refused, the detail is in forecast->decision, and the function was never called
 */
enum gp_reason gp_forecast_run(const struct gp_org *org, const struct gp_forecast_ask *ask,
                               struct gp_forecast *forecast, gp_forecast_fn entry, void *context);

/**
 * Forecasts what comes of an incident as it is if nobody touches it: what is planned, and what that
 * sets going. Paused steps come where the incident is to go on by itself.
 *
 * Thread:   any, with a forecast of its own
 * Requires: the incident is as the engine has made it; its spans live as long as the call
 * Ensures:  each entry was given to the function, as gp_forecast_run does; none where nothing is
 *           planned, or repeats only
 */
void gp_forecast_go_on(const struct gp_org *org, const struct gp_incident *incident, int64_t now_ms,
                       struct gp_forecast *forecast, gp_forecast_fn entry, void *context);

#endif
