#include "bench/load.h"

#include "bench/usage.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>

#define SAMPLES_MAX 4000000
#define WARM_UP_S   0.5
#define WARM_MAX_S  10 /* in which each connection of a closed loop should have had two answers */
#define SETTLE_MS                                                                                  \
    300               /* for a server to write what it holds back until it has nothing else to do  \
                       */
#define SILENCE_S  60 /* no answer for so long: the server is gone */
#define EVENTS_MAX 256

static float samples[SAMPLES_MAX]; /* milliseconds */

struct ring {
    int first, count;
    double of[LOAD_CLIENTS_MAX];
};

struct loop {
    const struct load_peer *peer;
    const struct load_ask *ask;
    int epoll, connections;
    struct ring idle;             /* connections with nothing under way */
    struct ring waiting;          /* closed loop: since when clients without a connection wait */
    double next_due;              /* open loop: when the next message is due */
    uint64_t draw;                /* open loop: what that is drawn from */
    double due[LOAD_CLIENTS_MAX]; /* of the message under way on a connection */
    int flying;                   /* messages under way */
    double quiet_since;           /* the last answer, or when something went to an idle server */
    bool over;                    /* sends nothing more, and what still comes is no sample */
    size_t answers, sample_count;
    double pause; /* the longest time without an answer while one was owed */
};

static void push(struct ring *ring, double value)
{
    ring->of[(ring->first + ring->count++) % LOAD_CLIENTS_MAX] = value;
}

static double pop(struct ring *ring)
{
    double value = ring->of[ring->first];

    ring->first = (ring->first + 1) % LOAD_CLIENTS_MAX;
    ring->count--;
    return value;
}

/* ---------------------------------------------------------------- when to send */

/* Exponentially distributed: what lies between two of a Poisson process (xorshift64). */
static double interval(struct loop *loop)
{
    loop->draw ^= loop->draw << 13;
    loop->draw ^= loop->draw >> 7;
    loop->draw ^= loop->draw << 17;
    return -log((double)((loop->draw >> 11) + 1) * 0x1p-53) / loop->ask->rate;
}

static bool is_due(const struct loop *loop, double now)
{
    return loop->ask->rate > 0 ? loop->next_due <= now : loop->waiting.count > 0;
}

static double take_due(struct loop *loop)
{
    double due = loop->next_due;

    if (loop->ask->rate <= 0)
        return pop(&loop->waiting);
    loop->next_due += interval(loop);
    return due;
}

static void send_due(struct loop *loop)
{
    double now = load_now();

    while (!loop->over && loop->idle.count > 0 && is_due(loop, now)) {
        int connection = (int)pop(&loop->idle);
        loop->due[connection] = take_due(loop);
        if (loop->flying++ == 0)
            loop->quiet_since = now;
        loop->peer->send(connection);
    }
}

/* ---------------------------------------------------------------- answers */

static void sample(struct loop *loop, int connection, double now)
{
    if (now - loop->quiet_since > loop->pause)
        loop->pause = now - loop->quiet_since;
    if (loop->sample_count < SAMPLES_MAX)
        samples[loop->sample_count++] = (float)((now - loop->due[connection]) * 1000);
}

static void count_answer(struct loop *loop, int connection)
{
    double now = load_now();

    loop->flying--;
    loop->answers++;
    if (!loop->over)
        sample(loop, connection, now);
    loop->quiet_since = now;
    push(&loop->idle, connection);
    if (loop->ask->rate <= 0)
        push(&loop->waiting, now);
}

/* Until the next message is due or `until`; a second at most. */
static struct timespec patience(const struct loop *loop, double until)
{
    double now = load_now(), wait = until - now;

    if (loop->ask->rate > 0 && loop->idle.count > 0 && loop->next_due - now < wait)
        wait = loop->next_due - now;
    if (wait < 0)
        wait = 0;
    if (wait >= 1)
        return (struct timespec){1, 0};
    return (struct timespec){0, (long)(wait * 1e9)};
}

static void turn(struct loop *loop, double until)
{
    struct epoll_event events[EVENTS_MAX];
    struct timespec wait = patience(loop, until);
    int count = epoll_pwait2(loop->epoll, events, EVENTS_MAX, &wait, NULL);

    if (count < 0 && errno != EINTR)
        load_die("epoll: %m");
    for (int i = 0; i < count; i++) {
        int connection = (int)events[i].data.u32;
        if (loop->peer->receive(connection))
            count_answer(loop, connection);
    }
    if (loop->flying > 0 && load_now() - loop->quiet_since > SILENCE_S)
        load_die("no answer for %d s", SILENCE_S);
    send_due(loop);
}

static void run_until(struct loop *loop, double until, size_t answers)
{
    while (loop->answers < answers && load_now() < until)
        turn(loop, until);
}

/* ---------------------------------------------------------------- a run */

static void connect_all(struct loop *loop)
{
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files); /* too few: opening says so */
    }
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    for (int i = 0; i < loop->connections; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.u32 = (unsigned)i};
        int fd = loop->peer->open(loop->ask, i);
        if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event) != 0)
            load_die("epoll: %m");
        push(&loop->idle, i);
    }
}

static void begin(struct loop *loop, const struct load_peer *peer, const struct load_ask *ask)
{
    *loop = (struct loop){.peer = peer, .ask = ask, .draw = 0x9E3779B97F4A7C15};
    loop->connections = ask->connections > 0 ? ask->connections : ask->clients;
    connect_all(loop);
    loop->next_due = load_now();
    for (int i = 0; ask->rate <= 0 && i < ask->clients; i++)
        push(&loop->waiting, loop->next_due);
    send_due(loop);
}

static double own_processor_s(void)
{
    struct rusage own;

    (void)getrusage(RUSAGE_SELF, &own);
    return (double)(own.ru_utime.tv_sec + own.ru_stime.tv_sec) +
           (double)(own.ru_utime.tv_usec + own.ru_stime.tv_usec) / 1e6;
}

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static double quantile(const struct loop *loop, double share)
{
    return (double)samples[(size_t)((double)(loop->sample_count - 1) * share)];
}

/* What a run has cost, each 0 before it. */
struct spent {
    double seconds, own_s, server_s, disk_bytes;
};

static void print(struct loop *loop, const struct spent *spent)
{
    double count = (double)loop->sample_count;

    if (loop->sample_count == 0)
        load_die("no answers");
    qsort(samples, loop->sample_count, sizeof *samples, by_value);
    printf("clients=%d connections=%d %s=%.0f per_second=%.0f p50_ms=%.3f p95_ms=%.3f p99_ms=%.3f "
           "p999_ms=%.3f max_ms=%.3f pause_ms=%.3f generator_percent=%.0f",
           loop->ask->clients, loop->connections, loop->peer->what, count, count / spent->seconds,
           quantile(loop, 0.5), quantile(loop, 0.95), quantile(loop, 0.99), quantile(loop, 0.999),
           quantile(loop, 1), loop->pause * 1000, 100 * spent->own_s / spent->seconds);
    if (loop->ask->pid_count > 0)
        printf(" processor_us=%.1f", spent->server_s * 1e6 / count);
    if (loop->ask->disk != NULL)
        printf(" disk_bytes=%.0f", spent->disk_bytes / (double)loop->answers);
    printf("\n");
}

/* A server that begins a process for each connection has what that costs behind it. */
static void warm_up(struct loop *loop)
{
    double start = load_now();

    run_until(loop, start + WARM_UP_S, SIZE_MAX);
    if (loop->ask->rate <= 0)
        run_until(loop, start + WARM_MAX_S, (size_t)loop->connections * 2);
}

static void measure(struct loop *loop, struct spent *spent)
{
    const struct load_ask *ask = loop->ask;

    warm_up(loop);
    loop->sample_count = 0;
    loop->pause = 0;
    double server_s = usage_processor_s(ask->pids, ask->pid_count);
    double own_s = own_processor_s(), start = load_now();
    run_until(loop, start + ask->seconds, SIZE_MAX);
    spent->seconds = load_now() - start;
    spent->own_s = own_processor_s() - own_s;
    spent->server_s = usage_processor_s(ask->pids, ask->pid_count) - server_s;
}

static void measure_all(const struct load_peer *peer, const struct load_ask *ask)
{
    static struct loop loop;
    struct spent spent = {0};
    struct timespec settle = {.tv_nsec = SETTLE_MS * 1000000};
    double disk_bytes = ask->disk != NULL ? usage_disk_bytes(ask->disk) : 0;

    begin(&loop, peer, ask);
    measure(&loop, &spent);
    for (loop.over = true; loop.flying > 0;)
        turn(&loop, load_now() + 1);
    (void)nanosleep(&settle, NULL);
    if (ask->disk != NULL)
        spent.disk_bytes = usage_disk_bytes(ask->disk) - disk_bytes;
    print(&loop, &spent);
}

static void fill(const struct load_peer *peer, const struct load_ask *ask)
{
    static struct loop loop;
    double start = load_now();

    begin(&loop, peer, ask);
    run_until(&loop, start + 1e9, ask->fill);
    printf("filled=%zu seconds=%.1f\n", loop.answers, load_now() - start);
}

int load_run(const struct load_peer *peer, const struct load_ask *ask)
{
    if (ask->fill > 0)
        fill(peer, ask);
    else
        measure_all(peer, ask);
    return 0;
}
