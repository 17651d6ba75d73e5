/*
 * Closed loops: each client has one message in flight, and an answer is followed by the next one.
 * What a client says is a job of its own kind: reports, sealed reports, handshakes.
 */
#include "bench/bench.h"

#include "lib/sealed.h"

#include <nanomsg/nn.h>
#include <stdio.h>
#include <stdlib.h>

#define SAMPLES_MAX 4000000
#define WARM_UP_S   1
#define ENROL_S     30 /* for the daemon to take over devices.csv */

struct one {
    struct client plain;
    struct sealed device;
    unsigned char hello[GP_HELLO_BYTES];
    double sent;
};

struct job {
    const char *name; /* what it counts */
    void (*open)(struct one *one, const char *address);
    void (*send)(struct one *one);
    void (*receive)(struct one *one);
    bool sealed;
};

static struct one clients[BENCH_CLIENTS_MAX];
static struct nn_pollfd polls[BENCH_CLIENTS_MAX];
static float samples[SAMPLES_MAX]; /* milliseconds */
static size_t sample_count;
static struct gp_request report; /* but for its id */

/* ---------------------------------------------------------------- reports */

static void make_report(const char *category)
{
    static const char text[] =
        "井盖缺失，位于人行道中间，已放置警示标志，请尽快安排人员到场处理，周边有学校。"
        "现场照片已上传，联系人已知会，等待处理结果反馈，谢谢配合与支持工作。";

    report = request_command(GP_VERB_REPORT, 0, "li");
    report.device = GP_SPAN("bench");
    report.command.grid = GP_SPAN("340705006001001");
    report.command.category = gp_span_of(category);
    report.command.text = gp_span_of(text);
    report.command.place =
        (struct gp_place){.known = true, .lat_e7 = 309300000, .lon_e7 = 1178100000};
}

static const struct gp_request *next_report(void)
{
    struct gp_request fresh = request_command(GP_VERB_REPORT, 0, "li");

    memcpy(report.command.id, fresh.command.id, sizeof report.command.id);
    return &report;
}

static void check(struct gp_reply reply)
{
    if (reply.status == GP_STATUS_OK)
        return;
    fprintf(stderr, "bench: refused: %.*s\n", GP_SPAN_ARG(reply.detail));
    exit(1);
}

static void plain_open(struct one *one, const char *address)
{
    client_open(&one->plain, address);
}

static void plain_send(struct one *one)
{
    client_send(&one->plain, next_report());
}

static void plain_receive(struct one *one)
{
    check(client_receive(&one->plain));
}

static void sealed_open_session(struct one *one, const char *address)
{
    (void)address; /* the device is connected */
    if (sealed_hello(&one->device) != GP_WELCOME_OK)
        bench_die("a device is not known: is devices.csv that of `bench devices`?");
}

static void sealed_send_report(struct one *one)
{
    sealed_send(&one->device, next_report());
}

static void sealed_receive_answer(struct one *one)
{
    check(sealed_receive(&one->device));
}

/* ---------------------------------------------------------------- handshakes */

static void hello_open(struct one *one, const char *address)
{
    struct gp_noise noise;

    sealed_open_session(one, address);
    if (gp_hello_write(&one->device.own, one->device.server, &noise, one->hello) != 0)
        bench_die("hello");
}

static void hello_send(struct one *one)
{
    sealed_send_bytes(&one->device, one->hello, sizeof one->hello);
}

static void hello_receive(struct one *one)
{
    void *welcome = NULL;
    int len = nn_recv(one->device.socket, &welcome, NN_MSG, 0);

    if (len != GP_WELCOME_BYTES)
        bench_die("no welcome");
    (void)nn_freemsg(welcome);
}

/* ---------------------------------------------------------------- the loop */

static const struct job reports = {"reports", plain_open, plain_send, plain_receive, false};
static const struct job sealed_reports = {"reports", sealed_open_session, sealed_send_report,
                                          sealed_receive_answer, true};
static const struct job handshakes = {"handshakes", hello_open, hello_send, hello_receive, true};

/* A daemon that has just started may still be taking the devices over, the last one last. */
static void await_devices(struct one *last)
{
    double until = bench_now() + ENROL_S;

    while (sealed_hello(&last->device) != GP_WELCOME_OK && bench_now() < until)
        ;
}

static void connect_devices(const struct bench_ask *ask)
{
    struct gp_server_keys keys;
    const char *reason;

    if (gp_trust_start() != 0 || gp_keys_open(ask->keys, false, &keys, &reason) != 0)
        bench_die("the server's keys");
    for (int i = 0; i < ask->clients; i++) {
        struct sealed *device = &clients[i].device;
        sealed_open(device, ask->address);
        bench_device(ask->first + (unsigned)i, &device->own);
        memcpy(device->server, keys.box[0].public, sizeof device->server);
    }
    gp_keys_clear(&keys);
    await_devices(&clients[ask->clients - 1]);
}

static void connect_all(const struct job *job, const struct bench_ask *ask)
{
    if (job->sealed)
        connect_devices(ask);
    for (int i = 0; i < ask->clients; i++) {
        struct one *one = &clients[i];
        job->open(one, ask->address);
        polls[i] = (struct nn_pollfd){.fd = job->sealed ? one->device.socket : one->plain.socket,
                                      .events = NN_POLLIN};
    }
}

static void send_next(const struct job *job, struct one *one)
{
    one->sent = bench_now();
    job->send(one);
}

static void receive(const struct job *job, struct one *one)
{
    job->receive(one);
    if (sample_count < SAMPLES_MAX)
        samples[sample_count++] = (float)((bench_now() - one->sent) * 1000);
}

/* Until `until` or until `wanted` answers came; every answer is followed by the next message. */
static void loop(const struct job *job, int count, double until, size_t wanted)
{
    size_t answers = 0;

    while (bench_now() < until && answers < wanted) {
        if (nn_poll(polls, count, 1000) < 0)
            bench_die("poll");
        for (int i = 0; i < count; i++) {
            if (!(polls[i].revents & NN_POLLIN))
                continue;
            receive(job, &clients[i]);
            answers++;
            send_next(job, &clients[i]);
        }
    }
}

static void begin(const struct job *job, const struct bench_ask *ask)
{
    connect_all(job, ask);
    for (int i = 0; i < ask->clients; i++)
        send_next(job, &clients[i]);
}

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static double quantile(double share)
{
    if (sample_count == 0)
        bench_die("no answers");
    return (double)samples[(size_t)((double)(sample_count - 1) * share)];
}

static int measure(const struct job *job, const struct bench_ask *ask)
{
    double start, spent;

    begin(job, ask);
    loop(job, ask->clients, bench_now() + WARM_UP_S, SIZE_MAX);
    sample_count = 0;
    start = bench_now();
    loop(job, ask->clients, start + ask->seconds, SIZE_MAX);
    spent = bench_now() - start;
    qsort(samples, sample_count, sizeof *samples, by_value);
    printf("clients=%d %s=%zu per_second=%.0f p50_ms=%.2f p99_ms=%.2f max_ms=%.2f\n", ask->clients,
           job->name, sample_count, (double)sample_count / spent, quantile(0.5), quantile(0.99),
           quantile(1));
    return 0;
}

int bench_load(const struct bench_ask *ask)
{
    make_report(ask->category);
    return measure(ask->keys != NULL ? &sealed_reports : &reports, ask);
}

int bench_hello(const struct bench_ask *ask)
{
    return measure(&handshakes, ask);
}

int bench_fill(const char *address, size_t wanted)
{
    struct bench_ask ask = {.address = address, .clients = 256, .category = "l5"};
    double start = bench_now();

    make_report(ask.category);
    begin(&reports, &ask);
    loop(&reports, ask.clients, start + 3600, wanted);
    printf("filled=%zu seconds=%.1f\n", wanted, bench_now() - start);
    return 0;
}
