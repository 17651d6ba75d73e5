/*
 * Reports at a rate. Each client has one under way; a report whose time has come while no client is
 * free waits, and its wait counts: so a daemon that is too slow cannot hide it by slowing us down.
 */
#include "bench/many.h"

#include <stdio.h>
#include <stdlib.h>

enum stage { STAGE_NEW, STAGE_FREE, STAGE_ASKED };

static struct pace *pace_of(struct client *client)
{
    return (struct pace *)(void *)client->fleet; /* its first member */
}

static void on_open(struct client *client)
{
    if (client->fleet->sealed)
        client_hello(client);
    else
        client->stage = STAGE_FREE;
}

static void on_welcome(struct client *client, int status)
{
    if (status != GP_WELCOME_OK) {
        fputs("bench: a device is not known: is devices.csv that of `bench_many devices`?\n",
              stderr);
        exit(1);
    }
    client->stage = STAGE_FREE;
}

static void on_reply(struct client *client, const struct gp_reply *reply)
{
    struct pace *pace = pace_of(client);

    if (reply->status != GP_STATUS_OK && pace->refused++ == 0)
        fprintf(stderr, "bench: refused: %.*s\n", GP_SPAN_ARG(reply->detail));
    pace->answered++;
    samples_add(&pace->samples, (fleet_now() - client->due_s) * 1000);
    client->stage = STAGE_FREE;
}

static void on_gone(struct client *client)
{
    (void)client;
    fputs("bench: the daemon closed a connection\n", stderr);
    exit(1);
}

static const struct fleet_calls calls = {on_open, on_welcome, on_reply, fleet_die_again, on_gone};

static bool all_free(const struct fleet *fleet)
{
    for (uint32_t i = 0; i < fleet->count; i++) {
        if (fleet->client[i].stage != STAGE_FREE)
            return false;
    }
    return true;
}

void pace_open(struct pace *pace, const struct many_ask *ask, uint32_t count)
{
    *pace = (struct pace){.ask = ask};
    samples_open(&pace->samples);
    fleet_open(&pace->fleet, count, &calls, ask->address, ask->keys, ask->first);
    for (uint32_t i = 0; i < count; i++) {
        client_connect(&pace->fleet.client[i]);
        while (pace->fleet.client[i].stage != STAGE_FREE)
            fleet_run(&pace->fleet, 100);
    }
    pace->begin_s = pace->next_s = fleet_now();
}

static struct client *next_free(struct pace *pace)
{
    for (uint32_t i = 0; i < pace->fleet.count; i++) {
        struct client *client = &pace->fleet.client[(pace->turn + i) % pace->fleet.count];
        if (client->stage != STAGE_FREE)
            continue;
        pace->turn = client->number + 1;
        return client;
    }
    return NULL;
}

/* Whose device it is reports for its own grid. */
static uint64_t next_report(struct pace *pace, const struct client *client)
{
    uint64_t n = pace->sent++;

    if (!pace->fleet.sealed)
        return n;
    return pace->ask->first + client->number + n * pace->ask->city.grid_count;
}

static void send_due(struct pace *pace)
{
    double now_s = fleet_now(), rate = pace->ask->rate;

    while (!pace->ending && (rate <= 0 || pace->next_s <= now_s)) {
        struct client *client = next_free(pace);
        struct gp_request request;
        if (client == NULL)
            return;
        request = many_report(&pace->ask->city, next_report(pace, client));
        client->due_s = rate > 0 ? pace->next_s : now_s;
        client->stage = STAGE_ASKED;
        client_ask(client, &request);
        pace->next_s += rate > 0 ? 1 / rate : 0;
    }
}

void pace_run(struct pace *pace, int wait_ms)
{
    double left_ms = (pace->next_s - fleet_now()) * 1000;

    if (pace->ask->rate > 0 && left_ms < wait_ms)
        wait_ms = left_ms > 0 ? (int)left_ms : 0;
    send_due(pace);
    fleet_run(&pace->fleet, wait_ms);
}

static void end(struct pace *pace)
{
    pace->ending = true;
    while (!all_free(&pace->fleet))
        fleet_run(&pace->fleet, 100);
}

void pace_close(struct pace *pace)
{
    end(pace);
    fleet_close(&pace->fleet);
    samples_close(&pace->samples);
}

int many_pace(const struct many_ask *ask)
{
    static struct pace pace;
    double per_second;

    pace_open(&pace, ask, ask->count);
    while (fleet_now() < pace.begin_s + ask->seconds)
        pace_run(&pace, 100);
    per_second = (double)pace.answered / (fleet_now() - pace.begin_s);
    end(&pace); /* what is still unanswered waits longest, and counts */
    printf("clients=%u reports=%llu refused=%llu per_second=%.0f", ask->count,
           (unsigned long long)pace.answered, (unsigned long long)pace.refused, per_second);
    samples_print(&pace.samples, "answer");
    putchar('\n');
    pace_close(&pace);
    return 0;
}
