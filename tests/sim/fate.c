#include "sim/fate.h"

#include "base/clocktext.h"
#include "property/city.h"
#include "sim/daemon.h"
#include "sim/events.h"
#include "sim/follower.h"
#include "sim/handset.h"
#include "sim/machine.h"
#include "sim/net.h"

#include <stdbool.h>
#include <stddef.h>

static bool over;

/* ---------------------------------------------------------------- stops */

/* Mostly systemd starts it again at once; sometimes nobody is there for a day. */
static int64_t down_ms(void)
{
    uint64_t dice = events_random(100);

    if (dice < 85)
        return events_between(GP_MS_SECOND, 5 * GP_MS_SECOND);
    if (dice < 95)
        return events_between(GP_MS_MINUTE, 40 * GP_MS_MINUTE);
    if (dice < 99 || events_chance(500))
        return events_between(GP_MS_HOUR, 8 * GP_MS_HOUR);
    return events_between(GP_MS_DAY / 2, 2 * GP_MS_DAY);
}

static void stop_machine(void)
{
    uint64_t dice = events_random(100);

    daemon_next_down(down_ms());
    if (dice < 15)
        daemon_kill();
    else if (dice < 30)
        daemon_ask_to_end();
    else if (dice < 75)
        machine_arm(1 + (unsigned)events_random(3)); /* of the next batch */
    else
        machine_arm(1 + (unsigned)events_random(40)); /* wherever that is */
}

void fate_tempt(unsigned permille, unsigned calls)
{
    if (!over && events_chance(permille))
        machine_arm(1 + (unsigned)events_random(calls));
}

/* ---------------------------------------------------------------- clocks */

static void confirm(void *context, uint64_t number)
{
    (void)context;
    (void)number;
    daemon_confirm_clock();
}

static void put_right(void *context, uint64_t number)
{
    (void)context;
    (void)number;
    daemon_set_wall(0);
    events_in(GP_MS_MINUTE, confirm, NULL, 0);
}

static void shift_clock(void)
{
    static const int64_t shifts_ms[] = {-GP_MS_SECOND,     GP_MS_SECOND,      -GP_MS_HOUR,
                                        3 * GP_MS_MINUTE,  25 * GP_MS_MINUTE, -3 * GP_MS_DAY,
                                        -3650 * GP_MS_DAY, 9 * GP_MS_MINUTE,  -30 * GP_MS_SECOND};

    daemon_set_wall(shifts_ms[events_random(sizeof shifts_ms / sizeof shifts_ms[0])]);
    events_in(events_between(GP_MS_SECOND, 3 * GP_MS_HOUR), put_right, NULL, 0);
}

/* The battery is dead: the daemon starts far in the future, and holds until somebody looks. */
static void start_in_the_future(void)
{
    if (!daemon_is_up())
        return;
    daemon_next_down(events_between(GP_MS_SECOND, GP_MS_HOUR));
    daemon_set_wall(400 * GP_MS_DAY);
    daemon_kill();
    events_in(events_between(2 * GP_MS_HOUR, 4 * GP_MS_HOUR), put_right, NULL, 0);
}

/* ---------------------------------------------------------------- all of it */

static void calm(void *context, uint64_t number)
{
    (void)context;
    (void)number;
    net_calm();
}

static void bad_weather(void)
{
    net_storm();
    events_in(events_between(GP_MS_MINUTE, GP_MS_HOUR), calm, NULL, 0);
}

static void lose_handset(void)
{
    handset_lose_one(events_between(GP_MS_MINUTE, 6 * GP_MS_HOUR));
}

static void change_directory(void)
{
    daemon_reload(city_org((unsigned)events_random(CITY_VARIANTS)));
}

/* How often on average, in minutes. */
static const struct kind {
    void (*befall)(void);
    int64_t minutes;
} kinds[] = {
    {stop_machine, 75},        {shift_clock, 20 * 60}, {start_in_the_future, 6 * 24 * 60},
    {bad_weather, 8 * 60},     {lose_handset, 90},     {change_directory, 30 * 60},
    {follower_crash_one, 100},
};

static void befall(void *context, uint64_t number)
{
    const struct kind *kind = context;

    (void)number;
    if (over)
        return;
    kind->befall();
    events_in(events_between(0, 2 * kind->minutes * GP_MS_MINUTE), befall, context, 0);
}

void fate_begin(void)
{
    over = false;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        events_in(events_between(0, 2 * kinds[i].minutes * GP_MS_MINUTE), befall,
                  (void *)(uintptr_t)&kinds[i], 0);
}

void fate_end(void)
{
    over = true;
    machine_arm(0);
    net_perfect();
    handset_all_back();
    daemon_start_now();
    put_right(NULL, 0);
}
