/* What gridpostd's clients say: reports, sealed reports, handshakes. */
#include "bench/bench.h"
#include "bench/devices.h"
#include "bench/sp.h"
#include "bench/town.h"
#include "lib/client.h"
#include "trust/handshake.h"
#include "trust/session.h"

#include <stdlib.h>

#define ENROL_S     30 /* for the daemon to take over devices.csv */
#define ARENA_BYTES ((size_t)1024 * 1024)

struct device {
    struct gp_keypair own;
    struct gp_channel channel;
    struct gp_asked asked;
    unsigned char hello[GP_HELLO_BYTES];
};

static struct sp connections[LOAD_CLIENTS_MAX];
static struct device devices[LOAD_CLIENTS_MAX];
static struct gp_server_keys keys;
static struct gp_arena arena; /* of the message in hand */
static unsigned reported;

/* ---------------------------------------------------------------- reports */

/* The bytes live until the next. */
static struct gp_span next_report(void)
{
    char grid[TOWN_CODE_BYTES];
    struct gp_request report = request_command(GP_VERB_REPORT, 0, "li");
    struct gp_span packed;

    town_grid(reported, grid);
    report.device = GP_SPAN("bench");
    report.command.grid = gp_span_of(grid);
    report.command.category = gp_span_of(town_category(reported++));
    report.command.text = gp_span_of(town_text);
    report.command.place =
        (struct gp_place){.known = true, .lat_e7 = 309300000, .lon_e7 = 1178100000};
    gp_arena_reset(&arena);
    if (gp_wire_request_pack(&report, &arena, &packed) != 0)
        load_die("a report is not to be packed");
    return packed;
}

static void check(struct gp_span bytes)
{
    struct gp_reply reply;

    gp_arena_reset(&arena);
    if (gp_wire_reply_unpack(gp_arena_copy(&arena, bytes), &arena, &reply) != 0)
        load_die("an answer that is none");
    if (reply.status != GP_STATUS_OK)
        load_die("refused: %.*s", GP_SPAN_ARG(reply.detail));
}

/* Whoever connects in the middle of a run begins at another grid. */
static int plain_open(const struct load_ask *ask, int connection)
{
    if (connection == 0) {
        gp_arena_init(&arena, ARENA_BYTES);
        reported = (unsigned)(load_now() * 1000);
    }
    sp_open(&connections[connection], ask->address);
    return connections[connection].fd;
}

static void plain_send(int connection)
{
    struct gp_span report = next_report();

    sp_send(&connections[connection], report.ptr, report.len);
}

static bool plain_receive(int connection)
{
    struct gp_span answer;

    if (!sp_receive(&connections[connection], &answer))
        return false;
    check(answer);
    return true;
}

const struct load_peer bench_reports = {"reports", plain_open, plain_send, plain_receive};

static bool echo_receive(int connection)
{
    struct gp_span answer;

    return sp_receive(&connections[connection], &answer);
}

const struct load_peer bench_echo = {"messages", plain_open, plain_send, echo_receive};

/* ---------------------------------------------------------------- sealed */

static void read_keys(const char *folder)
{
    const char *reason;

    if (gp_trust_start() != 0 || gp_keys_open(folder, false, &keys, &reason) != 0)
        load_die("the server's keys cannot be read");
}

/* Returns an enum gp_welcome_status. */
static int shake_hands(int connection)
{
    struct device *device = &devices[connection];
    struct gp_welcome welcome;
    struct gp_noise noise;

    if (gp_hello_write(&device->own, keys.box[0].public, &noise, device->hello) != 0)
        load_die("a handshake cannot begin");
    sp_send(&connections[connection], device->hello, sizeof device->hello);
    if (gp_welcome_read(&noise, sp_wait(&connections[connection]), &welcome) != 0)
        load_die("no welcome");
    if (welcome.status == GP_WELCOME_OK)
        gp_channel_init(&device->channel, &noise, welcome.session);
    return welcome.status;
}

/* A daemon that has just started may still be taking the devices over. */
static int sealed_open(const struct load_ask *ask, int connection)
{
    double until = load_now() + ENROL_S;
    int fd = plain_open(ask, connection);

    if (connection == 0)
        read_keys(ask->keys);
    bench_device(ask->first + (unsigned)connection, &devices[connection].own);
    while (shake_hands(connection) != GP_WELCOME_OK) {
        if (load_now() > until)
            load_die("a device is not known: is devices.csv that of `bench devices`?");
    }
    return fd;
}

static void sealed_send(int connection)
{
    unsigned char message[GP_MESSAGE_BYTES_MAX + GP_ENVELOPE_OVERHEAD];
    struct device *device = &devices[connection];
    struct gp_span report = next_report();

    if (gp_channel_seal_request(&device->channel, report, message, &device->asked) != 0)
        load_die("a session is used up");
    sp_send(&connections[connection], message, report.len + GP_ENVELOPE_OVERHEAD);
}

static bool sealed_receive(int connection)
{
    unsigned char plain[SP_BYTES_MAX];
    struct device *device = &devices[connection];
    struct gp_envelope envelope;
    struct gp_span answer;
    size_t len;

    if (!sp_receive(&connections[connection], &answer))
        return false;
    if (gp_envelope_read(answer, &envelope) != 0 || envelope.type != GP_ENVELOPE_ANSWER ||
        gp_channel_open_answer(&device->channel, &device->asked, &envelope, plain, &len) != 0)
        load_die("an answer that does not open");
    check((struct gp_span){(char *)plain, len});
    return true;
}

const struct load_peer bench_sealed = {"reports", sealed_open, sealed_send, sealed_receive};

/* ---------------------------------------------------------------- handshakes */

static void hello_send(int connection)
{
    sp_send(&connections[connection], devices[connection].hello, GP_HELLO_BYTES);
}

static bool hello_receive(int connection)
{
    struct gp_span welcome;

    if (!sp_receive(&connections[connection], &welcome))
        return false;
    if (welcome.len != GP_WELCOME_BYTES)
        load_die("no welcome");
    return true;
}

const struct load_peer bench_hello = {"handshakes", sealed_open, hello_send, hello_receive};
