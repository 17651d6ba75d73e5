/*
 * The two halves of libgridpost side by side, against a gridpostd of their own: requests a second
 * of the client that waits for each answer, and of the one that has many under way in a loop.
 *
 *   bench_async [SECONDS [CONNECTIONS]]       of each cell; 3 and 64 when left out
 */
#include "client/async.h"
#include "client/client.h"
#include "lib/sealed.h"
#include "lib/world.h"

#include <stdio.h>
#include <stdlib.h>

#define TIMEOUT_MS 60000

static double seconds = 3;
static unsigned connections = 64;

static void die(const char *what, int error)
{
    (void)fprintf(stderr, "bench: %s: %s\n", what, gp_error_text(error));
    exit(1);
}

static double now_s(void)
{
    return (double)uv_hrtime() / 1e9;
}

/* What is asked: the daemon's status, which costs it next to nothing, or a report. */
typedef struct gp_request request_fn(void);

static struct gp_request ask_status(void)
{
    return (struct gp_request){.kind = GP_REQUEST_STATUS};
}

static void judge(int error, const struct gp_reply *reply)
{
    if (error != 0)
        die("a request", error);
    if (reply->status != GP_STATUS_OK) {
        (void)fprintf(stderr, "bench: status %u: %.*s\n", (unsigned)reply->status,
                      GP_SPAN_ARG(reply->detail));
        exit(1);
    }
}

/* ---------------------------------------------------------------- one after the other */

static double blocking(const char *address, const struct gp_identity *identity, request_fn *make)
{
    struct gp_client *client;
    struct gp_reply reply;
    uint64_t count = 0;
    double begun = now_s();
    int rc = gp_client_open(address, &client);

    if (rc == 0 && identity != NULL)
        rc = gp_client_identify(client, identity);
    if (rc != 0)
        die(address, rc);
    for (; now_s() < begun + seconds; count++) {
        struct gp_request request = make();
        rc = gp_client_call(client, &request, TIMEOUT_MS, &reply);
        judge(rc, &reply);
    }
    gp_client_close(client);
    return (double)count / (now_s() - begun);
}

/* ---------------------------------------------------------------- many at once */

struct run;

/* One that asks again and again. */
struct asker {
    struct run *run;
    double begun;
};

struct run {
    uv_loop_t loop;
    struct gp_async *async;
    request_fn *make;
    double until, slowest;
    uint64_t count;
    unsigned under_way;
    struct asker asker[GP_ASYNC_CONNECTIONS_MAX];
};

static void ask(struct asker *asker);

static void on_end(void *context, int error, const struct gp_reply *reply)
{
    struct asker *asker = context;
    struct run *run = asker->run;
    double now = now_s();

    judge(error, reply);
    run->slowest = now - asker->begun > run->slowest ? now - asker->begun : run->slowest;
    run->count++;
    run->under_way--;
    if (now < run->until)
        ask(asker);
    else if (run->under_way == 0)
        gp_async_close(run->async, NULL, NULL);
}

static void ask(struct asker *asker)
{
    struct run *run = asker->run;
    struct gp_request request = run->make();

    asker->begun = now_s();
    int rc = gp_async_ask(run->async, &request, TIMEOUT_MS, on_end, asker, NULL);
    if (rc != 0)
        die("asking", rc);
    run->under_way++;
}

static double asynchronous(const char *address, const struct gp_identity *identity,
                           request_fn *make, double *ret_slowest)
{
    struct gp_async_limits limits = {.connections = connections};
    static struct run run;
    double begun = now_s();

    run = (struct run){.make = make, .until = begun + seconds};
    (void)uv_loop_init(&run.loop);
    int rc = gp_async_open(&run.loop, address, identity, &limits, &run.async);
    if (rc != 0)
        die(address, rc);
    for (unsigned i = 0; i < connections; i++) {
        run.asker[i].run = &run;
        ask(&run.asker[i]);
    }
    (void)uv_run(&run.loop, UV_RUN_DEFAULT);
    double took = now_s() - begun;
    (void)uv_loop_close(&run.loop);
    *ret_slowest = run.slowest;
    return (double)run.count / took;
}

/* ---------------------------------------------------------------- table */

static void row(const char *name, const char *address, const struct gp_identity *identity,
                request_fn *make)
{
    double slowest, one = blocking(address, identity, make);
    double many = asynchronous(address, identity, make, &slowest);

    (void)printf("%-18s %10.0f %10.0f %8.1f %8.0f ms\n", name, one, many, many / one,
                 slowest * 1000);
    (void)fflush(stdout);
}

static void enrol(struct world *world, struct gp_identity *ret_identity)
{
    struct sealed bridge;

    sealed_enrol(&bridge, &world->client, world->daemon.edge, "feng", GP_ROLE_BRIDGE);
    sealed_close(&bridge);
    gp_identity_new(bridge.server, bridge.sign, ret_identity);
    ret_identity->own = bridge.own;
}

int main(int argc, char **argv)
{
    static struct world world;
    struct gp_identity identity;

    seconds = argc > 1 ? atof(argv[1]) : seconds;
    connections = argc > 2 ? (unsigned)atoi(argv[2]) : connections;
    if (seconds <= 0 || connections < 1 || connections > GP_ASYNC_CONNECTIONS_MAX) {
        (void)fputs("usage: bench_async [SECONDS [CONNECTIONS]]\n", stderr);
        return 64;
    }
    daemon_prepare(&world.daemon);
    daemon_setting(&world.daemon, "bridge_rate: 1000000");
    world_start(&world, NULL);
    enrol(&world, &identity);
    (void)printf("requests a second   one at a   %4u at    ratio     slowest\n"
                 "                        time       once             of those\n",
                 connections);
    row("status", world.daemon.socket, NULL, ask_status);
    row("status, sealed", world.daemon.edge, &identity, ask_status);
    row("report", world.daemon.socket, NULL, request_report);
    row("report, sealed", world.daemon.edge, &identity, request_report);
    world_stop(&world);
    daemon_remove(&world.daemon);
    return 0;
}
