#include "crash/fleet.h"

#include "lib/client.h"

#include <errno.h>
#include <nanomsg/nn.h>
#include <nanomsg/reqrep.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define FLEET_ARENA_BYTES  ((size_t)4 * 1024 * 1024)
#define FLEET_WAIT_MS      30000 /* longer than anything takes, also under a sanitizer */
#define FLEET_RECONNECT_MS 5
#define FLEET_RESEND_MS    3000 /* as the command gridpost */
#define FLEET_PATIENCE_MS  5000 /* then a handset takes a new connection */
#define ID_HEX_BYTES       33

static int64_t monotonic_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void id_to_hex(const unsigned char *id, char *ret_hex)
{
    for (size_t i = 0; i < 16; i++)
        (void)snprintf(ret_hex + 2 * i, 3, "%02x", id[i]);
}

/* ---------------------------------------------------------------- sending */

static void set_ms(int socket, int level, int option, int value_ms)
{
    assert_int_equal(nn_setsockopt(socket, level, option, &value_ms, sizeof value_ms), 0);
}

/* A socket sends what is under way again by itself: over a new connection, and after a time. */
static void open_handset(struct fleet *fleet, size_t handset)
{
    int socket = nn_socket(AF_SP, NN_REQ);
    size_t size = sizeof fleet->handset[handset].readable;

    assert_true(socket >= 0);
    set_ms(socket, NN_SOL_SOCKET, NN_RECONNECT_IVL, FLEET_RECONNECT_MS);
    set_ms(socket, NN_REQ, NN_REQ_RESEND_IVL, FLEET_RESEND_MS);
    assert_int_equal(
        nn_getsockopt(socket, NN_SOL_SOCKET, NN_RCVFD, &fleet->handset[handset].readable, &size),
        0);
    assert_true(nn_connect(socket, fleet->address) >= 0);
    fleet->handset[handset].socket = socket;
}

/* The bytes of a report depend on its id only, so that they can be sent again. */
static void send_report(struct fleet *fleet, size_t handset)
{
    const struct fleet_report *report = &fleet->report[fleet->handset[handset].under_way];
    struct gp_request request = request_report();
    char hex[ID_HEX_BYTES], device[16];
    struct gp_span packed;

    id_to_hex(report->id, hex);
    (void)snprintf(device, sizeof device, "handset-%zu", handset);
    memcpy(request.command.id, report->id, sizeof report->id);
    request.command.text = gp_span_of(hex);
    request.device = gp_span_of(device);
    gp_arena_reset(&fleet->arena);
    assert_int_equal(gp_wire_request_pack(&request, &fleet->arena, &packed), 0);
    assert_int_equal(nn_send(fleet->handset[handset].socket, packed.ptr, packed.len, 0),
                     (int)packed.len);
    fleet->handset[handset].sent_ms = monotonic_ms();
}

static void send_next(struct fleet *fleet, size_t handset)
{
    struct gp_request fresh = request_report();

    if (fleet->count == fleet->capacity) {
        fleet->capacity = fleet->capacity * 2 + 1024;
        fleet->report = realloc(fleet->report, fleet->capacity * sizeof *fleet->report);
        assert_non_null(fleet->report);
    }
    struct fleet_report *report = &fleet->report[fleet->count];
    *report = (struct fleet_report){0};
    memcpy(report->id, fresh.command.id, sizeof report->id);
    fleet->handset[handset].under_way = fleet->count++;
    send_report(fleet, handset);
}

void fleet_open(struct fleet *fleet, const char *address)
{
    *fleet = (struct fleet){.address = address};
    gp_arena_init(&fleet->arena, FLEET_ARENA_BYTES);
    for (size_t i = 0; i < FLEET_SIZE; i++) {
        open_handset(fleet, i);
        send_next(fleet, i);
    }
}

void fleet_close(struct fleet *fleet)
{
    for (size_t i = 0; i < FLEET_SIZE; i++)
        assert_int_equal(nn_close(fleet->handset[i].socket), 0);
    gp_arena_release(&fleet->arena);
    free(fleet->report);
}

/* ---------------------------------------------------------------- answers */

static void acknowledge(struct fleet *fleet, size_t handset, const struct gp_reply *reply)
{
    struct fleet_report *report = &fleet->report[fleet->handset[handset].under_way];

    if (reply->status != GP_STATUS_OK)
        fail_msg("a report was answered with status %u: %.*s", reply->status,
                 (int)reply->detail.len, (const char *)reply->detail.ptr);
    assert_memory_equal(reply->answer.id, report->id, sizeof report->id);
    assert_true(reply->answer.incident > 0);
    assert_int_equal(report->incident, 0);
    report->incident = reply->answer.incident;
    fleet->acknowledged++;
    fleet->repeated += reply->answer.repeated;
}

/* Returns false when there was nothing to receive after all. */
static bool receive(struct fleet *fleet, size_t handset, struct gp_reply *ret_reply)
{
    void *message = NULL;
    int len = nn_recv(fleet->handset[handset].socket, &message, NN_MSG, NN_DONTWAIT);

    if (len < 0 && nn_errno() == EAGAIN)
        return false;
    assert_true(len >= 0);
    gp_arena_reset(&fleet->arena);
    struct gp_span bytes = gp_arena_copy(&fleet->arena, (struct gp_span){message, (size_t)len});
    assert_int_equal(nn_freemsg(message), 0);
    assert_int_equal(gp_wire_reply_unpack(bytes, &fleet->arena, ret_reply), 0);
    return true;
}

static void take_answer(struct fleet *fleet, size_t handset, bool go_on)
{
    struct gp_reply reply;

    if (!receive(fleet, handset, &reply))
        return;
    if (reply.status == GP_STATUS_TRY_AGAIN) {
        send_report(fleet, handset);
        return;
    }
    acknowledge(fleet, handset, &reply);
    fleet->handset[handset].resting = !go_on;
    if (go_on)
        send_next(fleet, handset);
}

/* nanomsg 1.1.5 leaves a connection for dead that waited in the listener's backlog when its process
 * was killed: it never connects again. So no handset waits for one connection for ever. */
static void renew(struct fleet *fleet, size_t handset)
{
    struct handset *this = &fleet->handset[handset];

    if (this->resting || monotonic_ms() - this->sent_ms < FLEET_PATIENCE_MS)
        return;
    assert_int_equal(nn_close(this->socket), 0);
    open_handset(fleet, handset);
    send_report(fleet, handset);
    fleet->given_up++;
}

/* Returns whether the descriptor is readable. */
static bool turn(struct fleet *fleet, int descriptor, int timeout_ms, bool go_on)
{
    struct pollfd wait[FLEET_SIZE + 1];

    for (size_t i = 0; i < FLEET_SIZE; i++)
        wait[i] = (struct pollfd){.fd = fleet->handset[i].resting ? -1 : fleet->handset[i].readable,
                                  .events = POLLIN};
    wait[FLEET_SIZE] = (struct pollfd){.fd = descriptor, .events = POLLIN};
    assert_true(poll(wait, FLEET_SIZE + 1, timeout_ms) >= 0);
    for (size_t i = 0; i < FLEET_SIZE; i++) {
        if (wait[i].revents != 0)
            take_answer(fleet, i, go_on);
        else
            renew(fleet, i);
    }
    return wait[FLEET_SIZE].revents != 0;
}

bool fleet_run(struct fleet *fleet, int descriptor, int duration_ms)
{
    int64_t until_ms = monotonic_ms() + duration_ms;
    int64_t left_ms = duration_ms;

    while (left_ms > 0) {
        if (turn(fleet, descriptor, (int)left_ms, true))
            return true;
        left_ms = until_ms - monotonic_ms();
    }
    return false;
}

void fleet_run_reports(struct fleet *fleet, size_t reports)
{
    int64_t until_ms = monotonic_ms() + FLEET_WAIT_MS;
    size_t want = fleet->acknowledged + reports;

    while (fleet->acknowledged < want) {
        if (monotonic_ms() > until_ms)
            fail_msg("%zu reports are still missing", want - fleet->acknowledged);
        (void)turn(fleet, -1, 100, true);
    }
}

static size_t count_connected(const struct fleet *fleet)
{
    size_t connected = 0;

    for (size_t i = 0; i < FLEET_SIZE; i++) {
        if (!fleet->handset[i].resting)
            connected +=
                nn_get_statistic(fleet->handset[i].socket, NN_STAT_CURRENT_CONNECTIONS) > 0;
    }
    return connected;
}

void fleet_finish(struct fleet *fleet)
{
    int64_t until_ms = monotonic_ms() + FLEET_WAIT_MS;

    while (fleet->acknowledged < fleet->count) {
        if (monotonic_ms() > until_ms)
            fail_msg("%zu reports were never answered; %zu of their handsets are connected",
                     fleet->count - fleet->acknowledged, count_connected(fleet));
        (void)turn(fleet, -1, 100, false);
    }
}

/* ---------------------------------------------------------------- the journal */

static int by_id(const void *a, const void *b)
{
    const struct fleet_report *left = a, *right = b;
    return memcmp(left->id, right->id, sizeof left->id);
}

static struct fleet_report *find(struct fleet *fleet, struct gp_span hex)
{
    struct fleet_report wanted = {0};
    char text[ID_HEX_BYTES];

    assert_int_equal(hex.len, ID_HEX_BYTES - 1);
    memcpy(text, hex.ptr, hex.len);
    text[hex.len] = '\0';
    for (size_t i = 0; i < sizeof wanted.id; i++)
        assert_int_equal(sscanf(text + 2 * i, "%2hhx", &wanted.id[i]), 1);
    return bsearch(&wanted, fleet->report, fleet->count, sizeof wanted, by_id);
}

static void count_entry(struct fleet *fleet, const struct gp_entry *entry)
{
    if (entry->what != GP_WHAT_REPORTED)
        return;
    struct fleet_report *report = find(fleet, entry->text);
    assert_non_null(report); /* else the journal invented one */
    report->seen++;
    report->mistold |= report->incident != entry->incident;
}

static void read_journal(struct fleet *fleet, struct client *client)
{
    uint64_t after = 0;
    struct gp_reply reply;

    do {
        struct gp_request request = request_feed(after, 0);
        do /* readers may all be busy with a crowd that has just gone */
            reply = client_ask(client, &request);
        while (reply.status == GP_STATUS_TRY_AGAIN);
        assert_int_equal(reply.status, GP_STATUS_OK);
        assert_true(reply.feed.count > 0);
        for (uint32_t i = 0; i < reply.feed.count; i++) {
            assert_int_equal(reply.feed.item[i]->seq, ++after);
            count_entry(fleet, reply.feed.item[i]);
        }
        assert_int_equal(reply.feed.scanned_to, after);
    } while (after < reply.feed.head);
}

static void check_seen(const struct fleet *fleet)
{
    size_t lost = 0, doubled = 0, mistold = 0;

    for (size_t i = 0; i < fleet->count; i++) {
        lost += fleet->report[i].seen == 0;
        doubled += fleet->report[i].seen > 1;
        mistold += fleet->report[i].mistold;
    }
    if (lost + doubled + mistold > 0)
        fail_msg("of %zu acknowledged reports %zu are lost, %zu are there more than once, and %zu "
                 "are not the incident that was told",
                 fleet->count, lost, doubled, mistold);
}

void fleet_check_journal(struct fleet *fleet, const char *address)
{
    struct client client;

    assert_int_equal(fleet->acknowledged, fleet->count);
    qsort(fleet->report, fleet->count, sizeof *fleet->report, by_id);
    client_open(&client, address);
    read_journal(fleet, &client);
    uint64_t incidents = client_status(&client).incidents;
    client_close(&client);
    check_seen(fleet);
    assert_int_equal(incidents, fleet->count);
}
