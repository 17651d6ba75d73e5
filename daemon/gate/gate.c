#include "gate/gate.h"

#include "base/error.h"
#include "base/log.h"
#include "gate/report.h"

#include <assert.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#define REPORT_MS 60000 /* between two reports of who was sent away */
#define STATUS_MS 10000 /* between two words to the supervisor about how many there are */

/* Descriptors beside those of connections: standard ones, libuv's, listeners, signals. */
#define DESCRIPTORS_OWN 64

void gp_gate_room(struct gp_gate *gate, uv_buf_t *ret_buf)
{
    bool full = gp_pool_full(&gate->pool);
    *ret_buf = uv_buf_init((char *)gate->bytes, full ? 0 : sizeof gate->bytes);
}

/* ---------------------------------------------------------------- what is said */

/* "name=count …", of those that grew since `before`, or of all. */
static void write_counts(const struct gp_gate_counts *now, const struct gp_gate_counts *before,
                         char *to, size_t size)
{
    size_t used = 0;

    to[0] = '\0';
#define X(name)                                                                                    \
    if (used < size && (before == NULL || now->name != before->name))                              \
        used += (size_t)snprintf(to + used, size - used, " " #name "=%" PRIu64,                    \
                                 now->name - (before != NULL ? before->name : 0));
    GP_GATE_COUNTS(X)
#undef X
}

static void report_all(const struct gp_gate *gate)
{
    char text[1024];

    write_counts(&gate->counts, NULL, text, sizeof text);
    gp_log(GP_LOG_INFO, "counts", "open=%" PRIu32 " memory=%" PRIu64 "%s", gate->peers.count,
           gate->pool.used, text);
}

/* How many were sent away; an end by the client or the daemon is the normal one. */
static uint64_t sent_away(const struct gp_gate_counts *counts)
{
    return counts->refused + counts->no_fd + counts->opening + counts->frame + counts->talked +
           counts->slow_open + counts->slow_frame + counts->slow_taker + counts->no_link +
           counts->no_memory;
}

static void report_news(struct gp_gate *gate, uint64_t now_ms)
{
    char text[1024];

    if (now_ms < gate->report_at_ms)
        return;
    gate->report_at_ms = now_ms + REPORT_MS;
    if (sent_away(&gate->counts) != sent_away(&gate->told)) {
        write_counts(&gate->counts, &gate->told, text, sizeof text);
        gp_log(GP_LOG_INFO, "news", "of the last minute:%s", text);
    }
    gate->told = gate->counts;
}

void gp_gate_short_of_descriptors(struct gp_gate *gate)
{
    uint64_t now_ms = uv_now(&gate->loop);

    if (now_ms < gate->short_at_ms)
        return;
    gate->short_at_ms = now_ms + REPORT_MS;
    gp_log(GP_LOG_ERROR, "descriptors",
           "none left with %" PRIu32 " connections; who comes is turned away: raise LimitNOFILE",
           gate->peers.count);
}

static void tell_supervisor(struct gp_gate *gate, uint64_t now_ms)
{
    uint64_t watchdog_ms = gp_report_watchdog_ms();
    char text[64];

    if (watchdog_ms > 0 && now_ms >= gate->ping_at_ms) {
        gate->ping_at_ms = now_ms + watchdog_ms / 4;
        gp_report_notify("WATCHDOG=1");
    }
    if (now_ms >= gate->status_at_ms) {
        gate->status_at_ms = now_ms + STATUS_MS;
        (void)snprintf(text, sizeof text, "STATUS=%" PRIu32 " connections", gate->peers.count);
        gp_report_notify(text);
    }
}

/* ---------------------------------------------------------------- end */

static void close_all(struct gp_gate *gate)
{
    gp_edge_stop(&gate->edge);
    uv_close((uv_handle_t *)&gate->tick, NULL);
    uv_close((uv_handle_t *)&gate->terminate, NULL);
    uv_close((uv_handle_t *)&gate->interrupt, NULL);
    uv_close((uv_handle_t *)&gate->report, NULL);
}

/* Ends those whom nobody owes anything, and at last all. */
static void drain(struct gp_gate *gate, uint64_t now_ms)
{
    bool over = now_ms >= gate->drain_until_ms;

    for (struct gp_ring *at = gate->guests.next, *next; at != &gate->guests; at = next) {
        struct gp_guest *guest = GP_RING_OF(at, struct gp_guest, guests);
        next = at->next;
        if (over || !gp_guest_busy(guest))
            gp_guest_end(guest, &gate->counts.stopped);
    }
    if (gp_ring_empty(&gate->guests))
        close_all(gate);
}

static void on_tick(uv_timer_t *timer)
{
    struct gp_gate *gate = timer->data;
    uint64_t now_ms = uv_now(&gate->loop);

    for (struct gp_ring *at = gate->guests.next, *next; at != &gate->guests; at = next) {
        next = at->next;
        gp_guest_tick(GP_RING_OF(at, struct gp_guest, guests), now_ms);
    }
    gp_edge_serve(&gate->edge, now_ms);
    gp_hints_tick(&gate->hints, now_ms);
    tell_supervisor(gate, now_ms);
    report_news(gate, now_ms);
    if (gate->draining) {
        drain(gate, now_ms);
        return;
    }
    for (unsigned i = 0; i < gate->listener_count; i++)
        gp_listener_tick(&gate->listeners[i]);
}

static void stop(struct gp_gate *gate)
{
    if (gate->draining)
        return;
    gate->draining = true;
    gate->drain_until_ms = uv_now(&gate->loop) + GP_GATE_DRAIN_MS;
    for (unsigned i = 0; i < gate->listener_count; i++)
        gp_listener_close(&gate->listeners[i]);
    gp_hints_stop(&gate->hints);
    int rc = uv_timer_start(&gate->tick, on_tick, 0, GP_GATE_DRAIN_MS / 40);
    assert(rc == 0);
}

static void on_signal(uv_signal_t *signal, int number)
{
    struct gp_gate *gate = signal->data;

    if (number == SIGUSR1) {
        report_all(gate);
        return;
    }
    gp_report_notify("STOPPING=1");
    gp_log(GP_LOG_INFO, "stop", "no more connections; messages under way may end");
    stop(gate);
}

/* ---------------------------------------------------------------- start */

static void watch(struct gp_gate *gate, uv_signal_t *signal, int number)
{
    int rc = uv_signal_init(&gate->loop, signal);

    assert(rc == 0);
    signal->data = gate;
    rc = uv_signal_start(signal, on_signal, number);
    assert(rc == 0);
}

/* Connections of the network and of the daemon need a descriptor each. */
static void raise_descriptors(const struct gp_gate *gate)
{
    rlim_t needed = 2 * (rlim_t)gate->options->connections + DESCRIPTORS_OWN;
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit); /* the warning says what is left */
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < needed)
        gp_log(GP_LOG_WARNING, "descriptors",
               "%" PRIu32 " connections need %ju of them and %ju are allowed: raise LimitNOFILE "
               "or lower --connections",
               gate->options->connections, (uintmax_t)needed, (uintmax_t)limit.rlim_cur);
}

static int init(struct gp_gate *gate, const struct gp_gate_options *options)
{
    uint64_t seed;

    *gate = (struct gp_gate){.options = options, .spare = -1};
    gp_ring_init(&gate->guests);
    gp_pool_init(&gate->pool, options->memory_bytes);
    gp_edge_init(&gate->edge, options->edge);
    gp_hints_init(&gate->hints, gate, options->hint_listen_count > 0 ? options->hint : NULL);
    raise_descriptors(gate);
    if (getrandom(&seed, sizeof seed, 0) != sizeof seed || uv_loop_init(&gate->loop) != 0)
        return GP_EIO;
    gate->spare = gp_spare_open();
    int rc = uv_timer_init(&gate->loop, &gate->tick);
    assert(rc == 0);
    gate->tick.data = gate;
    watch(gate, &gate->terminate, SIGTERM);
    watch(gate, &gate->interrupt, SIGINT);
    watch(gate, &gate->report, SIGUSR1);
    return gp_peers_init(&gate->peers, options->connections, options->per_address, seed);
}

static int listen_at(struct gp_gate *gate, const struct gp_guest_kind *kind,
                     const struct gp_address *addresses, unsigned count)
{
    char text[GP_ADDRESS_TEXT_BYTES];
    const char *reason;

    for (unsigned i = 0; i < count; i++) {
        int rc = gp_listener_open(&gate->listeners[gate->listener_count], gate, kind, &addresses[i],
                                  &reason);
        if (rc != 0) {
            gp_address_write(&addresses[i], text);
            gp_log(GP_LOG_ERROR, "listen", "%s: %s: not starting", text, reason);
            return rc;
        }
        gate->listener_count++;
    }
    return 0;
}

static int start(struct gp_gate *gate)
{
    const struct gp_gate_options *options = gate->options;
    int rc = listen_at(gate, &gp_link_kind, options->listen, options->listen_count);

    if (rc == 0)
        rc = listen_at(gate, &gp_follower_kind, options->hint_listen, options->hint_listen_count);
    if (rc == 0)
        rc = uv_timer_start(&gate->tick, on_tick, 0, GP_GATE_TICK_MS) == 0 ? 0 : GP_EIO;
    if (rc == 0)
        gp_report_notify("READY=1");
    return rc;
}

static void finish(struct gp_gate *gate)
{
    int rc = uv_loop_close(&gate->loop);

    assert(rc == 0); /* nothing is left open */
    gp_peers_release(&gate->peers);
    if (gate->spare >= 0)
        (void)close(gate->spare); /* it was only held */
    free(gate);
}

int gp_gate_run(const struct gp_gate_options *options)
{
    struct gp_gate *gate = malloc(sizeof *gate);
    int rc = gate != NULL ? init(gate, options) : GP_ENOMEM;

    if (rc != 0) {
        gp_log(GP_LOG_ERROR, "start", "%s: not starting", gp_error_text(rc));
        return 1; /* the process ends, and all that it has with it */
    }
    rc = start(gate);
    if (rc != 0)
        stop(gate);
    (void)uv_run(&gate->loop, UV_RUN_DEFAULT); /* returns when all handles are closed */
    if (rc == 0)
        report_all(gate);
    finish(gate);
    return rc == 0 ? 0 : 1;
}
