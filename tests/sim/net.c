#include "sim/net.h"

#include "base/clocktext.h"

static enum { CALM, STORM, PERFECT } weather;
struct net_figures net_figures;

void net_begin(void)
{
    weather = CALM;
}

void net_storm(void)
{
    if (weather == CALM)
        weather = STORM;
}

void net_calm(void)
{
    if (weather == STORM)
        weather = CALM;
}

void net_perfect(void)
{
    weather = PERFECT;
}

/* Mostly some milliseconds; now and then a stall, and seldom a copy that turns up hours later. */
static int64_t delay_ms(void)
{
    uint64_t dice = events_random(1000);

    if (dice < 950 || weather == PERFECT)
        return events_between(2, 80);
    net_figures.stalled++;
    if (dice < 980)
        return events_between(80, 3 * GP_MS_SECOND);
    if (dice < 998)
        return events_between(GP_MS_SECOND, 90 * GP_MS_SECOND);
    return events_between(GP_MS_MINUTE, 8 * GP_MS_HOUR);
}

unsigned net_send(event_fire deliver, void *context, uint64_t number)
{
    static const unsigned loss[] = {[CALM] = 40, [STORM] = 500, [PERFECT] = 0};

    net_figures.sent++;
    if (events_chance(loss[weather])) {
        net_figures.lost++;
        return 0;
    }
    events_in(delay_ms(), deliver, context, number);
    if (weather == PERFECT || !events_chance(30))
        return 1;
    net_figures.doubled++;
    events_in(delay_ms(), deliver, context, number);
    return 2;
}
