/* Which message goes next: quiet hours, rates, digests, back-off, giving up. */
#include "notify/desk_internal.h"

#include "base/clocktext.h"

#include <assert.h>
#include <stdio.h>

#define MINUTE_MS 60000

/* ---------------------------------------------------------------- quiet hours */

int64_t gp_quiet_until(const struct gp_quiet *quiet, int64_t zone_ms, int64_t now_ms)
{
    int64_t midnight = gp_day_of(now_ms, zone_ms) * GP_MS_DAY - zone_ms;
    int64_t of_day = now_ms - midnight;

    if (!quiet->set)
        return 0;
    if (quiet->from_ms < quiet->to_ms)
        return of_day >= quiet->from_ms && of_day < quiet->to_ms ? midnight + quiet->to_ms : 0;
    if (of_day >= quiet->from_ms) /* over midnight */
        return midnight + GP_MS_DAY + quiet->to_ms;
    return of_day < quiet->to_ms ? midnight + quiet->to_ms : 0;
}

static bool passes(const struct gp_rule *rule, const struct gp_note *note)
{
    uint64_t own = note->what == GP_WHAT_STEP ? GP_PASS_STEP(note->step) : GP_PASS_WHAT(note->what);

    return (rule->passes & own) != 0 || (note->urgent && (rule->passes & GP_PASS_URGENT) != 0);
}

/* Until when the letter rests; 0: it may go. */
static int64_t rests_until(const struct gp_desk *desk, const struct gp_letter *letter,
                           int64_t now_ms)
{
    const struct gp_rule *rule = &desk->settings->rule[letter->rule];
    int64_t until = gp_quiet_until(&rule->quiet, rule->zone_ms, now_ms);

    return until != 0 && !passes(rule, letter->note) ? until : 0;
}

/* ---------------------------------------------------------------- rates */

void gp_road_went(struct gp_road *road, int64_t at_ms)
{
    if (road->count == GP_RATE_MAX) {
        road->first = (road->first + 1) % GP_RATE_MAX;
        road->count--;
    }
    road->went_ms[(road->first + road->count++) % GP_RATE_MAX] = at_ms;
}

/* Drops what is older than a minute, and what a clock that was put back has left in the future. */
static void forget_minute(struct gp_road *road, int64_t now_ms)
{
    while (road->count > 0) {
        int64_t went = road->went_ms[road->first];
        if (went <= now_ms && now_ms - went < MINUTE_MS)
            return;
        road->first = (road->first + 1) % GP_RATE_MAX;
        road->count--;
    }
}

/* Messages that the channel still takes in this minute; SIZE_MAX: any number. */
static size_t tokens(const struct gp_desk *desk, uint32_t channel, int64_t now_ms,
                     int64_t *ret_wake_ms)
{
    struct gp_road *road = &desk->road[channel];
    size_t rate = (size_t)desk->settings->channel[channel].rate;

    forget_minute(road, now_ms);
    if (rate == 0)
        return SIZE_MAX;
    if (road->count < rate)
        return rate - road->count;
    /* one is free when the one that is `rate` back is a minute old */
    int64_t free_ms = road->went_ms[(road->first + road->count - rate) % GP_RATE_MAX] + MINUTE_MS;
    *ret_wake_ms = free_ms < *ret_wake_ms ? free_ms : *ret_wake_ms;
    return 0;
}

/* ---------------------------------------------------------------- one destination */

struct choice {
    struct gp_letter *single; /* the one with the fewest failed tries */
    size_t due;
};

/* Letters that may go now: all of them for a digest, and the best one of them. */
static void look_through(struct gp_desk *desk, struct gp_dest *dest, int64_t now_ms,
                         struct choice *choice, struct gp_batch *batch, int64_t *wake_ms)
{
    for (struct gp_letter *letter = dest->letters.first; letter != NULL; letter = letter->next) {
        int64_t until = rests_until(desk, letter, now_ms);
        if (until != 0) {
            letter->since_ms = until; /* it gives up later by as much */
            *wake_ms = until < *wake_ms ? until : *wake_ms;
            continue;
        }
        choice->due++;
        if (choice->single == NULL || letter->attempts < choice->single->attempts)
            choice->single = letter;
        if (!letter->alone && batch->count < GP_BATCH_MAX)
            batch->letter[batch->count++] = letter;
        if (choice->due >= 2 * GP_BATCH_MAX)
            break; /* more would change nothing now */
    }
}

/* A clock that was put back must not hold letters for as long. */
static bool waits(const struct gp_desk *desk, const struct gp_dest *dest, int64_t now_ms)
{
    int64_t longest = desk->settings->retry_max_ms + desk->settings->retry_max_ms / 4;

    longest = longest > GP_RETRY_AFTER_MS ? longest : GP_RETRY_AFTER_MS;
    return now_ms < dest->next_ms && dest->next_ms - now_ms <= longest;
}

static bool choose(struct gp_desk *desk, uint32_t index, int64_t now_ms, struct gp_batch *batch,
                   int64_t *wake_ms)
{
    struct gp_dest *dest = &desk->dest[index];
    uint32_t channel = desk->settings->rule[index].channel;
    const struct gp_channel *way = &desk->settings->channel[channel];
    struct choice choice = {0};

    if (dest->underway || desk->road[channel].underway >= way->at_once)
        return false; /* its end wakes */
    if (waits(desk, dest, now_ms)) {
        *wake_ms = dest->next_ms < *wake_ms ? dest->next_ms : *wake_ms;
        return false;
    }
    batch->dest = index;
    batch->count = 0;
    look_through(desk, dest, now_ms, &choice, batch, wake_ms);
    if (choice.due == 0)
        return false;
    size_t left = tokens(desk, channel, now_ms, wake_ms);
    if (left == 0)
        return false;
    bool many = choice.due > left || (way->digest > 0 && choice.due > (size_t)way->digest);
    batch->digest = way->kind != GP_CHANNEL_WEBHOOK && many && batch->count > 1;
    if (!batch->digest) {
        batch->letter[0] = choice.single;
        batch->count = 1;
    }
    return true;
}

/* Destinations take turns, or a channel's first ones would use up its rate. */
bool gp_desk_next(struct gp_desk *desk, int64_t now_ms, struct gp_batch *ret_batch,
                  int64_t *ret_wake_ms)
{
    *ret_wake_ms = INT64_MAX;
    for (uint32_t i = 0; i < desk->busy_count; i++) {
        uint32_t at = (desk->turn + i) % desk->busy_count;
        if (choose(desk, desk->busy[at], now_ms, ret_batch, ret_wake_ms)) {
            desk->turn = at + 1;
            return true;
        }
    }
    return false;
}

void gp_desk_begin(struct gp_desk *desk, const struct gp_batch *batch, int64_t now_ms)
{
    struct gp_road *road = &desk->road[desk->settings->rule[batch->dest].channel];

    assert(batch->count > 0);
    assert(!desk->dest[batch->dest].underway);
    desk->dest[batch->dest].underway = true;
    road->underway++;
    gp_road_went(road, now_ms);
    for (size_t i = 0; i < batch->count; i++)
        batch->letter[i]->state = GP_LETTER_UNDERWAY;
}

/* ---------------------------------------------------------------- what became of it */

/* Doubles with each failure, and a fifth more or less, or all would come again at once. */
static int64_t delay_of(const struct gp_desk *desk, uint32_t failures)
{
    int64_t delay = desk->settings->retry_first_ms;

    for (uint32_t i = 1; i < failures && delay < desk->settings->retry_max_ms; i++)
        delay *= 2;
    if (delay > desk->settings->retry_max_ms)
        delay = desk->settings->retry_max_ms;
    return delay - delay / 5 + (int64_t)(desk->chance() % (uint32_t)(delay / 5 * 2 + 1));
}

static void give_up(struct gp_desk *desk, struct gp_letter *letter, const char *why, int64_t now_ms)
{
    if (letter->why[0] == '\0')
        (void)snprintf(letter->why, sizeof letter->why, "%s", why);
    gp_desk_gave_up(desk, letter, now_ms);
    /* a record that is lost lets it be tried once more after the next start */
    (void)gp_outbox_add(desk->outbox, gp_record_letter(desk, "dead", letter, now_ms));
}

/* What could have gone for as long as its destination fails, and long enough. */
static void give_up_old(struct gp_desk *desk, struct gp_dest *dest, const char *why, int64_t now_ms)
{
    struct gp_letter *next;

    for (struct gp_letter *letter = dest->letters.first; letter != NULL; letter = next) {
        int64_t since =
            letter->since_ms > dest->failing_since_ms ? letter->since_ms : dest->failing_since_ms;
        next = letter->next;
        if (now_ms - since >= desk->settings->give_up_ms)
            give_up(desk, letter, why, now_ms);
    }
}

static void end_retry(struct gp_desk *desk, const struct gp_batch *batch,
                      const struct gp_verdict *verdict, int64_t now_ms)
{
    struct gp_dest *dest = &desk->dest[batch->dest];

    if (dest->failures++ == 0)
        dest->failing_since_ms = now_ms;
    int64_t delay = delay_of(desk, dest->failures);
    int64_t after = verdict->after_ms < GP_RETRY_AFTER_MS ? verdict->after_ms : GP_RETRY_AFTER_MS;
    dest->next_ms = now_ms + (after > delay ? after : delay);
    for (size_t i = 0; i < batch->count; i++) {
        struct gp_letter *letter = batch->letter[i];
        letter->attempts++;
        memcpy(letter->why, verdict->why, sizeof letter->why);
        (void)gp_outbox_add(desk->outbox, gp_record_try(desk, letter, i == 0, now_ms));
    }
    give_up_old(desk, dest, verdict->why, now_ms);
}

static void end_well(struct gp_dest *dest)
{
    dest->failures = 0;
    dest->next_ms = dest->failing_since_ms = 0;
}

/* One letter of a digest may be what was refused: each then goes by itself. */
static void end_refused(struct gp_desk *desk, const struct gp_batch *batch,
                        const struct gp_verdict *verdict, int64_t now_ms)
{
    for (size_t i = 0; i < batch->count; i++) {
        struct gp_letter *letter = batch->letter[i];
        letter->alone = true;
        memcpy(letter->why, verdict->why, sizeof letter->why);
        if (batch->count == 1)
            give_up(desk, letter, verdict->why, now_ms);
    }
}

void gp_desk_end(struct gp_desk *desk, const struct gp_batch *batch,
                 const struct gp_verdict *verdict, int64_t now_ms)
{
    struct gp_dest *dest = &desk->dest[batch->dest];

    assert(dest->underway);
    dest->underway = false;
    desk->road[desk->settings->rule[batch->dest].channel].underway--;
    for (size_t i = 0; i < batch->count; i++)
        batch->letter[i]->state = GP_LETTER_WAITING;
    if (verdict->kind == GP_VERDICT_RETRY) {
        end_retry(desk, batch, verdict, now_ms);
        return;
    }
    end_well(dest);
    if (verdict->kind == GP_VERDICT_REFUSED) {
        end_refused(desk, batch, verdict, now_ms);
        return;
    }
    for (size_t i = 0; i < batch->count; i++) {
        /* a record that is lost sends it once more after the next start, with the same id */
        (void)gp_outbox_add(desk->outbox, gp_record_sent(desk, batch->letter[i], i == 0, now_ms));
        gp_desk_arrived(desk, batch->letter[i]);
    }
}
