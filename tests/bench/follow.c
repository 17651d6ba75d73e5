/*
 * Followers: each asks for its feed, and after each answer for what comes behind it, as a
 * dashboard does. An entry's lag is the time from its stamp in the journal until a follower has it.
 */
#include "bench/many.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REPORTERS      64
#define SETTLE_S       3.0 /* before lags count, and at the end for what is under way */
#define GIVE_UP_S      30.0
#define REPORT_ENTRIES 4 /* reported, filed, dispatched, step: of one report */

enum stage { STAGE_NEW, STAGE_READY, STAGE_FOLLOWING };

struct follow {
    struct fleet fleet;
    const struct many_ask *ask;
    struct samples lag;
    uint32_t ready;
    bool counting;
    uint64_t got, answers, refused;
    uint64_t from, upto; /* entries with these numbers count */
    uint32_t behind;     /* followers that have not seen upto */
};

static struct follow follow;
static struct pace pace;

static void ask_on(struct client *client, uint32_t wait_ms)
{
    const struct city_grid *grid = city_grid_of(&follow.ask->city, client->number);
    struct gp_request request = {.kind = GP_REQUEST_FEED, .person = grid->officer};
    char name[32];
    int len = snprintf(name, sizeof name, "follower-%u", client->number);

    request.feed = (struct gp_feed_ask){
        .after = client->value,
        .wait_ms = wait_ms,
        .follower = {name, (size_t)len},
        .limit = wait_ms == 0 ? 1 : 0,
    };
    if (follow.ask->own && client->stage == STAGE_FOLLOWING) /* the head needs no filter */
        (void)gp_area_parse((struct gp_span){grid->code.ptr, 12}, &request.feed.filter.area);
    client->due_s = fleet_now();
    client_ask(client, &request);
}

static void on_open(struct client *client)
{
    if (client->fleet->sealed)
        client_hello(client);
    else
        ask_on(client, 0);
}

static void on_welcome(struct client *client, int status)
{
    if (status != GP_WELCOME_OK) {
        fputs("bench: a follower's device is not known\n", stderr);
        exit(1);
    }
    client->stage = STAGE_NEW;
    ask_on(client, 0);
}

static void count(const struct gp_reply *reply)
{
    int64_t now_ms = many_wall_ms();

    for (uint32_t i = 0; i < reply->feed.count; i++) {
        const struct gp_entry *entry = reply->feed.item[i];
        if (!follow.counting || entry->seq <= follow.from ||
            (follow.upto != 0 && entry->seq > follow.upto))
            continue;
        follow.got++;
        samples_add(&follow.lag, (double)(now_ms - entry->at_ms));
    }
}

static void on_reply(struct client *client, const struct gp_reply *reply)
{
    if (reply->status != GP_STATUS_OK) {
        if (follow.refused++ == 0)
            fprintf(stderr, "bench: a follower is refused: %.*s\n", GP_SPAN_ARG(reply->detail));
        ask_on(client, GP_FEED_WAIT_MS_MAX);
        return;
    }
    follow.answers++;
    if (client->stage == STAGE_NEW) {
        client->value = reply->feed.head;
        client->stage = STAGE_FOLLOWING;
        follow.ready++;
    } else {
        count(reply);
        follow.behind -= follow.upto != 0 && client->value < follow.upto &&
                         reply->feed.scanned_to >= follow.upto;
        client->value = reply->feed.scanned_to;
    }
    ask_on(client, GP_FEED_WAIT_MS_MAX);
}

static void on_gone(struct client *client)
{
    (void)client;
    fputs("bench: the daemon closed a follower's connection\n", stderr);
    exit(1);
}

static const struct fleet_calls calls = {on_open, on_welcome, on_reply, fleet_die_again, on_gone};

static uint64_t newest(void)
{
    uint64_t seq = 0;

    for (uint32_t i = 0; i < follow.fleet.count; i++) {
        if (follow.fleet.client[i].value > seq)
            seq = follow.fleet.client[i].value;
    }
    return seq;
}

static void run_for(double seconds)
{
    double until_s = fleet_now() + seconds;

    while (fleet_now() < until_s) {
        pace_run(&pace, 1);
        fleet_run(&follow.fleet, 1);
    }
}

/* Until all have seen what they are owed. */
static void catch_up(void)
{
    double until_s = fleet_now() + GIVE_UP_S;

    follow.upto = newest();
    follow.behind = 0;
    for (uint32_t i = 0; i < follow.fleet.count; i++)
        follow.behind += follow.fleet.client[i].value < follow.upto;
    while (follow.behind > 0 && fleet_now() < until_s)
        fleet_run(&follow.fleet, 100);
}

static void tell(double spent_s)
{
    uint64_t entries = follow.upto - follow.from;

    printf("followers=%u feeds=%s entries=%llu entries_per_second=%.0f delivered=%llu answers=%llu "
           "refused=%llu behind=%u",
           follow.fleet.count, follow.ask->own ? "own" : "all", (unsigned long long)entries,
           (double)entries / spent_s, (unsigned long long)follow.got,
           (unsigned long long)follow.answers, (unsigned long long)follow.refused, follow.behind);
    if (!follow.ask->own)
        printf(" missed=%lld", (long long)(entries * follow.fleet.count - follow.got));
    samples_print(&follow.lag, "lag");
    samples_print(&pace.samples, "report");
    putchar('\n');
}

int many_follow(const struct many_ask *many)
{
    struct many_ask reporters = *many;
    double begin_s, spent_s;

    follow.ask = many;
    samples_open(&follow.lag);
    fleet_open(&follow.fleet, many->count, &calls, many->address, many->keys, many->first);
    for (uint32_t i = 0; i < many->count; i++) {
        client_connect(&follow.fleet.client[i]);
        while (follow.ready <= i)
            fleet_run(&follow.fleet, 100);
    }
    reporters.first = many->first + many->count;
    reporters.rate = many->rate / REPORT_ENTRIES;
    pace_open(&pace, &reporters, REPORTERS);
    run_for(SETTLE_S);
    follow.from = newest();
    follow.counting = true;
    begin_s = fleet_now();
    run_for(many->seconds);
    spent_s = fleet_now() - begin_s;
    catch_up();
    tell(spent_s);
    pace_close(&pace);
    return 0;
}
