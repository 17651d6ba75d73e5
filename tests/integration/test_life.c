/* Starting, stopping, dying, and what is refused before anything starts. */
#include "lib/client.h"
#include "lib/daemon.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static struct gp_daemon_status status_of(const struct daemon *daemon)
{
    struct client client;

    client_open(&client, daemon->socket);
    struct gp_daemon_status status = client_status(&client);
    client_close(&client); /* only numbers are used afterwards */
    return status;
}

static void report_some(const struct daemon *daemon, unsigned count)
{
    struct client client;

    client_open(&client, daemon->socket);
    for (unsigned i = 0; i < count; i++)
        (void)client_report(&client);
    client_close(&client);
}

/* ---------------------------------------------------------------- stop and start */

static void stop_says_so_and_keeps_everything(void **state)
{
    struct daemon *daemon = *state;

    daemon_start(daemon, NULL);
    report_some(daemon, 10);
    struct gp_daemon_status before = status_of(daemon);
    daemon_signal(daemon, SIGTERM);
    daemon_await(daemon, "STOPPING=1");
    assert_int_equal(daemon_wait(daemon), 0);

    daemon_start(daemon, NULL);
    struct gp_daemon_status after = status_of(daemon);
    assert_int_equal(after.incidents, before.incidents);
    assert_int_equal(after.planned, before.planned);
    assert_true(after.head >= before.head); /* a start writes its audit line */
    assert_int_equal(daemon_stop(daemon), 0);
}

static void start_with_the_same_files_sends_nothing(void **state)
{
    struct daemon *daemon = *state;
    struct client client;

    daemon_start(daemon, NULL);
    report_some(daemon, 1);
    uint64_t head = status_of(daemon).head;
    assert_int_equal(daemon_stop(daemon), 0);
    daemon_start(daemon, NULL);
    client_open(&client, daemon->socket);
    struct gp_request request = request_feed(head, 2000);
    struct gp_reply reply = client_ask(&client, &request);
    assert_int_equal(reply.feed.count, 1);
    assert_int_equal(reply.feed.item[0]->what, GP_WHAT_AUDIT);
    assert_true(gp_span_is(reply.feed.item[0]->text, "start: due 0 fired 0 coalesced 0"));
    client_close(&client);
    assert_int_equal(daemon_stop(daemon), 0);
}

static void watchdog_is_fed_where_systemd_wants_it(void **state)
{
    struct daemon *daemon = *state;

    assert_int_equal(setenv("WATCHDOG_USEC", "4000000", 1), 0);
    daemon_start(daemon, NULL);
    assert_int_equal(unsetenv("WATCHDOG_USEC"), 0);
    daemon_await(daemon, "WATCHDOG=1");
    daemon_await(daemon, "WATCHDOG=1");
    assert_int_equal(daemon_stop(daemon), 0);
}

/* Sends many reports, lets the daemon end at once, and keeps which were acknowledged. */
#define LOAD 64
struct load {
    struct gp_request request[LOAD];
    uint64_t incident[LOAD]; /* 0: not acknowledged */
};

static unsigned run_load(struct daemon *daemon, struct load *load, int signal)
{
    struct crowd crowd;
    struct gp_arena arena;
    struct gp_reply reply;
    uint32_t number;
    unsigned acknowledged = 0;

    gp_arena_init(&arena, (size_t)64 << 20);
    crowd_open(&crowd, daemon->socket, LOAD);
    for (uint32_t i = 0; i < LOAD; i++) {
        load->request[i] = request_report();
        load->incident[i] = 0;
        crowd_send(&crowd, i, &load->request[i]);
    }
    while (crowd_receive(&crowd, acknowledged < LOAD / 2 ? 10000 : 200, &arena, &number, &reply)) {
        assert_int_equal(reply.status, GP_STATUS_OK);
        load->incident[number] = reply.answer.incident;
        if (++acknowledged == LOAD / 2)
            daemon_signal(daemon, signal);
    }
    crowd_close(&crowd);
    gp_arena_release(&arena);
    return acknowledged;
}

/* What was acknowledged is there, once: the same report again gets the same answer. */
static void check_load(const struct daemon *daemon, const struct load *load)
{
    struct client client;

    client_open(&client, daemon->socket);
    for (unsigned i = 0; i < LOAD; i++) {
        struct gp_reply reply = client_ask(&client, &load->request[i]);
        assert_int_equal(reply.status, GP_STATUS_OK);
        if (load->incident[i] == 0)
            continue;
        assert_true(reply.answer.repeated);
        assert_int_equal(reply.answer.incident, load->incident[i]);
    }
    assert_int_equal(client_status(&client).incidents, LOAD);
    client_close(&client);
}

static void stop_under_load_loses_nothing(void **state)
{
    struct daemon *daemon = *state;
    struct load load;

    daemon_setting(daemon, "batch_items_max: 2");
    daemon_start(daemon, NULL);
    assert_true(run_load(daemon, &load, SIGTERM) >= LOAD / 2);
    assert_int_equal(daemon_wait(daemon), 0);
    daemon_start(daemon, NULL);
    check_load(daemon, &load);
    assert_int_equal(daemon_stop(daemon), 0);
}

/* Without time to drain, what is read is cut short: every answer that leaves is whole, or says that
 * it should be asked for again. */
static void stop_waits_for_no_reader(void **state)
{
    struct gp_request read[] = {
        {.kind = GP_REQUEST_QUERY, .person = GP_SPAN("feng")},
        {.kind = GP_REQUEST_ASSESS,
         .person = GP_SPAN("feng"),
         .assess = {.from_ms = 1, .to_ms = GP_MS_DAY * 40000, .by = GP_BY_AREA}},
    };
    struct daemon *daemon = *state;
    struct crowd crowd;
    struct gp_arena arena;
    struct gp_reply reply;
    uint32_t number;

    daemon_setting(daemon, "drain_max: 0s");
    daemon_start(daemon, NULL);
    report_some(daemon, 20);
    gp_arena_init(&arena, (size_t)64 << 20);
    crowd_open(&crowd, daemon->socket, LOAD);
    for (uint32_t i = 0; i < LOAD; i++)
        crowd_send(&crowd, i, &read[i % 2]);
    assert_true(crowd_receive(&crowd, 30000, &arena, &number, &reply));
    daemon_signal(daemon, SIGTERM);
    while (crowd_receive(&crowd, 200, &arena, &number, &reply))
        assert_true(reply.status == GP_STATUS_OK || reply.status == GP_STATUS_TRY_AGAIN);
    assert_int_equal(daemon_wait(daemon), 0);
    crowd_close(&crowd);
    gp_arena_release(&arena);
}

static void kill_loses_nothing_that_was_acknowledged(void **state)
{
    struct daemon *daemon = *state;
    struct load load;

    daemon_setting(daemon, "batch_items_max: 2");
    daemon_start(daemon, NULL);
    assert_true(run_load(daemon, &load, SIGKILL) >= LOAD / 2);
    assert_int_equal(daemon_wait(daemon), 128 + SIGKILL);
    daemon_start(daemon, NULL); /* also: the stale socket file is no obstacle */
    check_load(daemon, &load);
    assert_int_equal(daemon_stop(daemon), 0);
    assert_int_equal(daemon_run(daemon, WORDS("--verify")), 0);
}

/* ---------------------------------------------------------------- one store, one daemon */

static void second_daemon_is_refused(void **state)
{
    struct daemon *daemon = *state;
    struct daemon second;

    daemon_start(daemon, NULL);
    report_some(daemon, 1);
    second = *daemon;
    second.pid = 0;
    assert_int_equal(daemon_run(&second, NULL), EX_TEMPFAIL);
    daemon_assert_log(daemon, "another gridpostd has it open");
    report_some(daemon, 1); /* the first one and its socket are as before */
    assert_int_equal(daemon_stop(daemon), 0);
}

/* With a store of its own the lock does not stop it, but the socket is not taken away. */
static void socket_of_another_daemon_is_left_alone(void **state)
{
    struct daemon *daemon = *state;
    struct daemon second;
    char store[DAEMON_PATH_BYTES + 8];

    (void)snprintf(store, sizeof store, "%s-2", daemon->store);
    daemon_start(daemon, NULL);
    second = *daemon;
    second.pid = 0;
    /* Not 1 under a leak checker: nanomsg loses a little when a bind fails. */
    assert_int_not_equal(daemon_run(&second, WORDS("--store", store)), 0);
    daemon_assert_log(daemon, "cannot be bound");
    report_some(daemon, 1);
    assert_int_equal(daemon_stop(daemon), 0);
}

static void drill_and_real_never_mix(void **state)
{
    struct daemon *daemon = *state;
    char drill[DAEMON_PATH_BYTES + 8];

    (void)snprintf(drill, sizeof drill, "%s-drill", daemon->store);
    daemon_start(daemon, NULL);
    assert_int_equal(daemon_stop(daemon), 0);
    assert_int_equal(daemon_run(daemon, WORDS("--drill")), EX_CONFIG);
    daemon_assert_log(daemon, "this is a real store");

    daemon_start(daemon, WORDS("--drill", "--store", drill));
    assert_true(status_of(daemon).drill);
    assert_int_equal(daemon_stop(daemon), 0);
    assert_int_equal(daemon_run(daemon, WORDS("--store", drill)), EX_CONFIG);
    daemon_assert_log(daemon, "this is a drill's store");
}

/* ---------------------------------------------------------------- configuration */

struct mistake {
    const char *file, *from, *to; /* from NULL: a line for gridpost.yaml */
    const char *says;             /* file, line, field, value: as the log names them */
};

static const struct mistake mistakes[] = {
    {"gridpost.yaml", NULL, "no_such_key: 1", "no_such_key"},
    {"gridpost.yaml", NULL, "batch_items_max: many", "many"},
    {"gridpost.yaml", NULL, "socket_tcp: tcp://0.0.0.0:7000", "only loopback"},
    {"gridpost.yaml", NULL, "socket_tcp: [", "gridpost.yaml"},
    {"org/posts.csv", "K-SZ,K,,,SZ", "K-SZ,K,,,QQ", "org/posts.csv:25: department 'QQ'"},
    {"org/holdings.csv", "B-340705006001001,li", "B-340705006001001,nobody",
     "org/holdings.csv:4: person 'nobody'"},
    {"org/areas.csv", "340705006,", "34070x006,", "org/areas.csv:3: code '34070x006'"},
    {"org/catalogue.csv", "2wh,N", "2xx,N", "org/catalogue.csv:2: limit '2xx'"},
    {"org/rights.csv", "confirm revoke", "confirm", "nobody could lock a lost device out"},
    {"ladders.yaml", "80%", "eighty", "ladders.yaml"},
    {"calendar/office.yaml", "+08:00", "Shanghai", "calendar/office.yaml"},
};

static void mistake_is_named_and_nothing_starts(void **state)
{
    struct daemon *shared = *state;

    (void)shared;
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        const struct mistake *mistake = &mistakes[i];
        struct daemon daemon;
        daemon_prepare(&daemon);
        if (mistake->from == NULL)
            daemon_setting(&daemon, mistake->to);
        else
            daemon_edit(&daemon, mistake->file, mistake->from, mistake->to);
        assert_int_equal(daemon_run(&daemon, NULL), EX_CONFIG);
        daemon_assert_log(&daemon, mistake->says);
        assert_int_not_equal(access(daemon.store, F_OK), 0);
        assert_int_equal(daemon_run(&daemon, WORDS("--check")), EX_CONFIG);
        daemon_remove(&daemon);
    }
}

static void missing_folder_is_named(void **state)
{
    struct daemon *daemon = *state;

    assert_int_equal(daemon_run(daemon, WORDS("--config", "/nonexistent")), EX_CONFIG);
    daemon_assert_log(daemon, "/nonexistent");
}

static void check_touches_nothing(void **state)
{
    struct daemon *daemon = *state;

    assert_int_equal(daemon_run(daemon, WORDS("--check")), 0);
    assert_int_not_equal(access(daemon->store, F_OK), 0);
}

static void usage_is_checked(void **state)
{
    struct daemon *daemon = *state;

    assert_int_equal(daemon_run(daemon, WORDS("--no-such-option")), EX_USAGE);
    assert_int_equal(daemon_run(daemon, WORDS("word")), EX_USAGE);
    assert_int_equal(daemon_run(daemon, WORDS("--clock-rate", "60")), EX_USAGE);
    assert_int_equal(daemon_run(daemon, WORDS("--drill", "--clock-rate", "0")), EX_USAGE);
    assert_int_equal(daemon_run(daemon, WORDS("--drill", "--clock-rate", "")), EX_USAGE);
    assert_int_equal(daemon_run(daemon, WORDS("--drill", "--clock-start", "today")), EX_USAGE);
    assert_int_equal(daemon_run(daemon, WORDS("--drill", "--clock-rate", "60x")), EX_USAGE);
    assert_int_equal(daemon_run(daemon, WORDS("--clock-start", "2026-10-01T08:00Z")), EX_USAGE);
    assert_int_equal(daemon_run(daemon, WORDS("--restore", "/nowhere")), EX_USAGE);
    assert_int_equal(daemon_run(daemon, WORDS("--compact")), EX_USAGE);
    assert_int_equal(daemon_run(daemon, WORDS("--help")), 0);
    assert_int_equal(daemon_run(daemon, WORDS("--version")), 0);
    daemon_assert_log(daemon, "gridpostd " GP_VERSION);
}

/* ---------------------------------------------------------------- sockets */

static void socket_is_closed_to_strangers(void **state)
{
    struct daemon *daemon = *state;
    struct stat stat_intake, stat_edge, stat_hint;

    daemon_start(daemon, NULL);
    assert_int_equal(stat(daemon->socket + strlen("ipc://"), &stat_intake), 0);
    assert_int_equal(stat(daemon->edge + strlen("ipc://"), &stat_edge), 0);
    assert_int_equal(stat(daemon->hint + strlen("ipc://"), &stat_hint), 0);
    assert_int_equal(stat_intake.st_mode & S_IRWXO, 0);
    assert_int_equal(stat_edge.st_mode & S_IRWXO, 0);
    assert_int_equal(stat_hint.st_mode & S_IRWXO, 0);
    assert_int_equal(daemon_stop(daemon), 0);
}

static void socket_that_cannot_be_bound_is_named(void **state)
{
    struct daemon *daemon = *state;

    assert_int_equal(daemon_run(daemon, WORDS("--socket", "ipc:///nonexistent/intake")), 1);
    daemon_assert_log(daemon, "ipc:///nonexistent/intake cannot be bound");
    assert_int_equal(daemon_run(daemon, WORDS("--hint", "tcp://127.0.0.1:1")), EX_CONFIG);
    daemon_assert_log(daemon, "hints go over ipc:// only");
    assert_int_equal(daemon_run(daemon, WORDS("--hint", "ipc:///nonexistent/hint")), 1);
    daemon_assert_log(daemon, "ipc:///nonexistent/hint cannot be bound: No such file");
    assert_int_equal(daemon_run(daemon, WORDS("--edge", "tcp://127.0.0.1:1")), EX_CONFIG);
    daemon_assert_log(daemon, "the edge is ipc:// only");
}

/* A port that was free a moment ago. */
static void free_address(char *ret_address, size_t size)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    assert_int_equal(close(fd), 0);
    (void)snprintf(ret_address, size, "tcp://127.0.0.1:%u", ntohs(address.sin_port));
}

static void loopback_tcp_is_served_too_and_others_refused(void **state)
{
    struct daemon *daemon = *state;
    struct client client;
    char address[64];

    assert_int_equal(daemon_run(daemon, WORDS("--tcp", "tcp://0.0.0.0:7000")), EX_CONFIG);
    assert_int_equal(daemon_run(daemon, WORDS("--tcp", "tcp://*:7000")), EX_CONFIG);
    daemon_assert_log(daemon, "only loopback is allowed");
    assert_int_equal(daemon_run(daemon, WORDS("--tcp", "tcp://127.0.0.1:7777x")), EX_CONFIG);
    assert_int_equal(daemon_run(daemon, WORDS("--tcp", "tcp://127.0.0.1:99999")), EX_CONFIG);
    assert_int_equal(daemon_run(daemon, WORDS("--tcp", "tcp://127.0.0.1:0")), EX_CONFIG);
    assert_int_equal(daemon_run(daemon, WORDS("--tcp", "tcp://127.0.0.1:")), EX_CONFIG);
    assert_int_equal(daemon_run(daemon, WORDS("--socket", "tcp://0.0.0.0:7000")), EX_CONFIG);
    assert_int_equal(daemon_run(daemon, WORDS("--socket", "ws://127.0.0.1:7000")), EX_CONFIG);

    free_address(address, sizeof address);
    assert_int_equal(daemon_run(daemon, WORDS("--tcp", address)), EX_CONFIG);
    daemon_assert_log(daemon, "gridpostd.service.d/tcp.conf");
    assert_int_equal(setenv("GRIDPOST_TCP", "yes", 1), 0);
    daemon_start(daemon, WORDS("--tcp", address));
    assert_int_equal(unsetenv("GRIDPOST_TCP"), 0);
    client_open(&client, address);
    assert_int_equal(client_report(&client), 1);
    client_close(&client);
    report_some(daemon, 1);
    assert_int_equal(daemon_stop(daemon), 0);
}

/* ---------------------------------------------------------------- offline */

static void rebuilt_store_is_the_same(void **state)
{
    struct daemon *daemon = *state;
    char copy[DAEMON_PATH_BYTES + 8];

    (void)snprintf(copy, sizeof copy, "%s-copy", daemon->store);
    daemon_start(daemon, NULL);
    report_some(daemon, 20);
    assert_int_equal(daemon_stop(daemon), 0);
    assert_int_equal(daemon_run(daemon, WORDS("--rebuild", copy)), 0);
    daemon_assert_log(daemon, "every table is the same, byte for byte");
    assert_int_equal(daemon_run(daemon, WORDS("--rebuild", copy)), 1);
    daemon_assert_log(daemon, "something is there already");
    daemon_start(daemon, WORDS("--store", copy));
    assert_int_equal(status_of(daemon).incidents, 20);
    assert_int_equal(daemon_stop(daemon), 0);
}

/* Looking at a store needs to know where it is, and no directory without mistakes. */
static void store_of_a_broken_directory_can_be_checked(void **state)
{
    struct daemon *daemon = *state;
    char copy[DAEMON_PATH_BYTES + 8];

    daemon_start(daemon, NULL);
    report_some(daemon, 3);
    assert_int_equal(daemon_stop(daemon), 0);
    daemon_write(daemon, "org/posts.csv", "nothing\n");
    assert_int_equal(daemon_run(daemon, WORDS("--check")), EX_CONFIG);
    assert_int_equal(daemon_run(daemon, WORDS("--verify")), 0);
    (void)snprintf(copy, sizeof copy, "%s-1", daemon->store);
    assert_int_equal(daemon_run(daemon, WORDS("--rebuild", copy)), 0);

    daemon_setting(daemon, "no_such_key: 1"); /* not even settings, where --store says it all */
    assert_int_equal(daemon_run(daemon, WORDS("--verify")), EX_CONFIG);
    assert_int_equal(daemon_run(daemon, WORDS("--verify", "--store", daemon->store)), 0);
    (void)snprintf(copy, sizeof copy, "%s-2", daemon->store);
    assert_int_equal(daemon_run(daemon, WORDS("--rebuild", copy, "--store", daemon->store)), 0);
}

/* Changes one bit wherever a text stands in one of the store's files, as a failing disk might. */
static void damage(const struct daemon *daemon, const char *name, const char *text)
{
    char path[DAEMON_PATH_BYTES + 40];
    struct stat stat;

    (void)snprintf(path, sizeof path, "%s/%s", daemon->store, name);
    FILE *file = fopen(path, "r+e");
    assert_non_null(file);
    assert_int_equal(fstat(fileno(file), &stat), 0);
    char *bytes =
        mmap(NULL, (size_t)stat.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fileno(file), 0);
    assert_ptr_not_equal(bytes, MAP_FAILED);
    char *end = bytes + stat.st_size;
    char *at = memmem(bytes, (size_t)stat.st_size, text, strlen(text));
    assert_non_null(at);
    for (; at != NULL; at = memmem(at, (size_t)(end - at), text, strlen(text)))
        at[0] ^= 0x01;
    assert_int_equal(munmap(bytes, (size_t)stat.st_size), 0);
    assert_int_equal(fclose(file), 0);
}

static void damaged_store_is_told(void **state)
{
    struct daemon *daemon = *state;
    struct client client;

    daemon_start(daemon, NULL);
    client_open(&client, daemon->socket);
    struct gp_request request = request_report();
    request.command.text = GP_SPAN("the first one");
    request.device = GP_SPAN("the first device");
    assert_int_equal(client_ask(&client, &request).answer.incident, 1);
    client_close(&client);
    report_some(daemon, 5);
    assert_int_equal(daemon_stop(daemon), 0);
    assert_int_equal(daemon_run(daemon, WORDS("--verify")), 0);
    daemon_assert_log(daemon, "chain whole");
    damage(daemon, "data.mdb", "the first one");
    assert_int_equal(daemon_run(daemon, WORDS("--verify")), 1);
    daemon_assert_log(daemon, "table personal, incident 1, entry ");
    damage(daemon, "data.mdb", "the first device");

    daemon_start(daemon, NULL); /* the journal is whole: it serves what it can */
    client_open(&client, daemon->socket);
    request = (struct gp_request){.kind = GP_REQUEST_INCIDENT, .incident = 1};
    assert_int_equal(client_ask(&client, &request).status, GP_STATUS_TRY_AGAIN);
    daemon_assert_log(daemon, "a damaged row was read");
    client_close(&client);
    request = request_command(GP_VERB_ACCEPT, 1, "li");
    client_open(&client, daemon->socket);
    client_send(&client, &request); /* and stops rather than write on top of it */
    assert_int_equal(daemon_wait(daemon), 1);
    client_close(&client);
}

/* Power was cut before a checkpoint, and the tables cannot come up to the journal any more. */
static void damaged_tables_are_rebuilt_from_the_journal(void **state)
{
    struct daemon *daemon = *state;
    struct client client;
    char command[6 * DAEMON_PATH_BYTES], copy[DAEMON_PATH_BYTES + 8];

    daemon_start(daemon, NULL);
    client_open(&client, daemon->socket);
    struct gp_request request = request_report();
    request.device = GP_SPAN("the first device");
    assert_int_equal(client_ask(&client, &request).answer.incident, 1);
    client_close(&client);
    assert_int_equal(daemon_stop(daemon), 0);
    (void)snprintf(command, sizeof command, "cp %s/data.mdb %s-before", daemon->store,
                   daemon->store);
    assert_int_equal(system(command), 0);
    daemon_start(daemon, NULL);
    client_open(&client, daemon->socket);
    request = request_command(GP_VERB_ACCEPT, 1, "li");
    assert_int_equal(client_ask(&client, &request).status, GP_STATUS_OK);
    client_close(&client);
    assert_int_equal(daemon_stop(daemon), 0);
    (void)snprintf(command, sizeof command, "mv %s-before %s/data.mdb", daemon->store,
                   daemon->store);
    assert_int_equal(system(command), 0);
    damage(daemon, "data.mdb", "the first device");

    assert_int_equal(daemon_run(daemon, NULL), 1);
    assert_int_equal(daemon_run(daemon, WORDS("--verify")), 1);
    daemon_assert_log(daemon, "chain whole");
    daemon_assert_log(daemon, "table incident, incident 1, key 0000000000000001: its checksum");
    (void)snprintf(copy, sizeof copy, "%s-copy", daemon->store);
    assert_int_equal(daemon_run(daemon, WORDS("--rebuild", copy)), 1); /* it differs, of course */
    daemon_assert_log(daemon, "differs from what the journal says");
    assert_int_equal(daemon_run(daemon, WORDS("--verify", "--store", copy)), 0);
    (void)snprintf(command, sizeof command, "mv %s %s-damaged && mv %s %s", daemon->store,
                   daemon->store, copy, daemon->store);
    assert_int_equal(system(command), 0);
    daemon_start(daemon, NULL);
    client_open(&client, daemon->socket);
    request = (struct gp_request){.kind = GP_REQUEST_INCIDENT, .incident = 1};
    struct gp_reply reply = client_ask(&client, &request);
    assert_int_equal(reply.status, GP_STATUS_OK);
    assert_int_equal(reply.incident->state, GP_STATE_ACCEPTED);
    client_close(&client);
    assert_int_equal(daemon_stop(daemon), 0);
}

/* A journal with a hole is not gone on with, nor cut: a person must look. */
static void damaged_journal_is_told(void **state)
{
    struct daemon *daemon = *state;

    daemon_start(daemon, NULL);
    report_some(daemon, 5);
    assert_int_equal(daemon_stop(daemon), 0);
    damage(daemon, "journal/0000000000000001.log", "路灯不亮");
    for (int round = 0; round < 2; round++) {
        assert_int_equal(daemon_run(daemon, round == 0 ? WORDS("--verify") : NULL), 1);
        daemon_assert_log(daemon, "journal/0000000000000001.log is damaged or missing at byte");
    }
}

/* Puts bytes behind the last group, as a power cut in the middle of a batch does. */
static void tear(const struct daemon *daemon)
{
    char path[DAEMON_PATH_BYTES + 40];
    struct stat stat;
    long end;

    (void)snprintf(path, sizeof path, "%s/journal/0000000000000001.log", daemon->store);
    FILE *file = fopen(path, "r+e");
    assert_non_null(file);
    assert_int_equal(fstat(fileno(file), &stat), 0);
    char *bytes = malloc((size_t)stat.st_size);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, (size_t)stat.st_size, file), stat.st_size);
    for (end = stat.st_size; bytes[end - 1] == 0;)
        end--;
    free(bytes);
    assert_int_equal(fseek(file, (end + 7) / 8 * 8, SEEK_SET), 0);
    assert_int_equal(fputs("half of a group", file) >= 0, 1);
    assert_int_equal(fclose(file), 0);
}

static void torn_batch_is_set_aside(void **state)
{
    struct daemon *daemon = *state;
    struct client client;

    daemon_start(daemon, NULL);
    report_some(daemon, 5);
    daemon_kill(daemon);
    tear(daemon);
    daemon_start(daemon, NULL);
    daemon_assert_log(daemon, "never acknowledged were set aside as journal/cut-");
    client_open(&client, daemon->socket);
    assert_int_equal(client_status(&client).incidents, 5);
    assert_int_equal(client_report(&client), 6);
    client_close(&client);
    assert_int_equal(daemon_stop(daemon), 0);
    assert_int_equal(daemon_run(daemon, WORDS("--verify")), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, daemon_set_up, daemon_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(stop_says_so_and_keeps_everything),
        TEST(start_with_the_same_files_sends_nothing),
        TEST(watchdog_is_fed_where_systemd_wants_it),
        TEST(stop_under_load_loses_nothing),
        TEST(stop_waits_for_no_reader),
        TEST(kill_loses_nothing_that_was_acknowledged),
        TEST(second_daemon_is_refused),
        TEST(socket_of_another_daemon_is_left_alone),
        TEST(drill_and_real_never_mix),
        TEST(mistake_is_named_and_nothing_starts),
        TEST(missing_folder_is_named),
        TEST(check_touches_nothing),
        TEST(usage_is_checked),
        TEST(socket_is_closed_to_strangers),
        TEST(socket_that_cannot_be_bound_is_named),
        TEST(loopback_tcp_is_served_too_and_others_refused),
        TEST(rebuilt_store_is_the_same),
        TEST(store_of_a_broken_directory_can_be_checked),
        TEST(damaged_store_is_told),
        TEST(damaged_tables_are_rebuilt_from_the_journal),
        TEST(damaged_journal_is_told),
        TEST(torn_batch_is_set_aside),
    };

    return cmocka_run_group_tests_name("life", tests, NULL, NULL);
}
