/*
 * A disk that becomes full under the running daemon, and has room again. First reports are refused
 * while all else goes on out of what was taken ahead; then, when that is gone too, whole batches.
 * What was acknowledged is there at every stage, through kills and starts on the full disk.
 *
 *   test_daemon_space tmpfs|room [PATTERN]
 */
#include "base/clocktext.h"
#include "lib/disk.h"
#include "lib/sealed.h"
#include "lib/world.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define MIB        INT64_C(1048576)
#define CROWD      100
#define REPORTS    20000
#define AGAIN_MS   10000                  /* from space until reports are taken */
#define END_MS     8000                   /* drain_max, five seconds, and to spare */
#define MORNING_MS INT64_C(1790730000000) /* 2026-09-30T09:00+08:00, a working Wednesday */

struct scene {
    struct world world;
    struct disk disk;
    struct gp_request taken[REPORTS]; /* what clients saw acknowledged */
    uint64_t incident[REPORTS];
    size_t count;
};

static int64_t monotonic_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void pause_ms(int ms)
{
    const struct timespec pause = {.tv_nsec = ms * 1000000L};
    (void)nanosleep(&pause, NULL);
}

/* ---------------------------------------------------------------- reports */

static char long_text[GP_TEXT_BYTES_MAX];

static struct gp_request report_of(const char *category)
{
    struct gp_request request = request_report();

    request.command.text = (struct gp_span){long_text, sizeof long_text};
    request.command.category = gp_span_of(category);
    return request;
}

static void remember(struct scene *scene, const struct gp_request *request, uint64_t incident)
{
    assert_true(scene->count < REPORTS);
    scene->taken[scene->count] = *request;
    scene->incident[scene->count++] = incident;
}

static enum gp_status report(struct scene *scene, const char *category)
{
    struct gp_request request = report_of(category);
    struct gp_reply reply = client_ask(&scene->world.client, &request);

    if (reply.status == GP_STATUS_OK)
        remember(scene, &request, reply.answer.incident);
    return (enum gp_status)reply.status;
}

static struct gp_request note(void)
{
    struct gp_request request = request_command(GP_VERB_NOTE, 1, "li");

    request.command.text = (struct gp_span){long_text, sizeof long_text};
    return request;
}

static enum gp_status act(struct scene *scene, enum gp_verb verb, uint64_t incident,
                          const char *person)
{
    struct gp_request request = request_command(verb, incident, person);

    if (verb == GP_VERB_VERIFY)
        request.command.result = GP_RESULT_YES;
    return (enum gp_status)client_ask(&scene->world.client, &request).status;
}

/* One round of many clients: reports, or notes on the first of them. Returns how many were told to
 * try again. */
static unsigned round_of(struct scene *scene, bool reports, struct crowd *crowd,
                         struct gp_arena *arena)
{
    static struct gp_request request[CROWD];
    struct gp_reply reply;
    uint32_t number;
    unsigned refused = 0;

    for (uint32_t i = 0; i < CROWD; i++) {
        request[i] = reports ? report_of("n4") : note();
        crowd_send(crowd, i, &request[i]);
    }
    for (uint32_t i = 0; i < CROWD; i++) {
        assert_true(crowd_receive(crowd, 20000, arena, &number, &reply));
        if (reply.status == GP_STATUS_OK && reports)
            remember(scene, &request[number], reply.answer.incident);
        assert_true(reply.status == GP_STATUS_OK || reply.status == GP_STATUS_TRY_AGAIN);
        refused += reply.status == GP_STATUS_TRY_AGAIN;
    }
    gp_arena_reset(arena);
    return refused;
}

/* Until none is taken. */
static void fill(struct scene *scene, bool reports)
{
    struct crowd crowd;
    struct gp_arena arena;

    gp_arena_init(&arena, (size_t)64 << 20);
    crowd_open(&crowd, scene->world.daemon.socket, CROWD);
    while (round_of(scene, reports, &crowd, &arena) < CROWD)
        continue;
    crowd_close(&crowd);
    gp_arena_release(&arena);
}

/* Who asks again gets the answer of then: nothing that was acknowledged is lost, or there twice. */
static void assert_nothing_lost(struct scene *scene)
{
    assert_int_equal(client_status(&scene->world.client).incidents, scene->count);
    for (size_t i = 0; i < scene->count; i++) {
        struct gp_reply reply = client_ask(&scene->world.client, &scene->taken[i]);
        assert_int_equal(reply.status, GP_STATUS_OK);
        assert_true(reply.answer.repeated);
        assert_int_equal(reply.answer.incident, scene->incident[i]);
    }
}

/* ---------------------------------------------------------------- the daemon */

static bool has_file(const struct scene *scene, const char *name)
{
    char path[DAEMON_PATH_BYTES * 2];

    (void)snprintf(path, sizeof path, "%s/%s", scene->world.daemon.store, name);
    return access(path, F_OK) == 0;
}

static void await_spares(const struct scene *scene)
{
    for (int64_t until = monotonic_ms() + 30000;
         !has_file(scene, "journal/spare-0.log") || !has_file(scene, "journal/spare-1.log");) {
        assert_true(monotonic_ms() < until);
        pause_ms(5);
    }
}

/* Words of the command's status. */
static bool command_says(const struct scene *scene, const char *word)
{
    char line[512], output[4096] = "";
    size_t len = 0;

    (void)snprintf(line, sizeof line, "LANGUAGE=C '%s' status --socket '%s'", GP_COMMAND,
                   scene->world.daemon.socket);
    FILE *from = popen(line, "re"); // NOLINT(cert-env33-c)
    assert_non_null(from);
    len = fread(output, 1, sizeof output - 1, from);
    output[len] = '\0';
    assert_int_equal(pclose(from), 0);
    return strstr(output, word) != NULL;
}

static void start_again(struct scene *scene)
{
    client_close(&scene->world.client);
    if (scene->world.daemon.pid != 0)
        daemon_kill(&scene->world.daemon);
    world_start(&scene->world, NULL);
}

/* Space is there: how long until reports are taken. */
static void await_reports(struct scene *scene)
{
    int64_t begun = monotonic_ms();

    while (client_status(&scene->world.client).no_room) { /* it comes by itself */
        assert_true(monotonic_ms() - begun < AGAIN_MS);
        pause_ms(20);
    }
    while (report(scene, "n4") != GP_STATUS_OK) {
        assert_true(monotonic_ms() - begun < AGAIN_MS);
        pause_ms(20);
    }
    print_message("reports are taken again after %lld ms\n", (long long)(monotonic_ms() - begun));
    assert_false(client_status(&scene->world.client).no_room);
    assert_false(command_says(scene, "NO ROOM"));
}

/* Its tables are what the journal tells. */
static void end_and_check(struct scene *scene)
{
    struct daemon *daemon = &scene->world.daemon;
    char copy[DAEMON_PATH_BYTES * 2];

    assert_nothing_lost(scene);
    world_stop(&scene->world);
    (void)snprintf(copy, sizeof copy, "%s/copy", daemon->folder);
    disk_leave_alone(&scene->disk); /* a rebuilt store is as large again */
    assert_int_equal(daemon_run(daemon, (const char *const[]){"--verify", NULL}), 0);
    assert_int_equal(daemon_run(daemon, (const char *const[]){"--rebuild", copy, NULL}), 0);
}

static bool await_step(struct scene *scene, uint64_t seq, uint64_t incident)
{
    for (struct gp_reply reply = {.feed.count = 1}; reply.feed.count > 0;) {
        struct gp_request request = request_feed(seq, 10000);
        reply = client_ask(&scene->world.client, &request);
        for (uint32_t i = 0; i < reply.feed.count; i++) {
            const struct gp_entry *entry = reply.feed.item[i];
            if (entry->incident == incident && entry->step == GP_STEP_UNACCEPTED)
                return true;
        }
        seq = reply.feed.scanned_to;
    }
    return false;
}

static enum gp_state state_of(struct scene *scene, uint64_t incident)
{
    struct gp_request request = {.kind = GP_REQUEST_INCIDENT, .incident = incident};
    struct gp_reply reply = client_ask(&scene->world.client, &request);

    assert_int_equal(reply.status, GP_STATUS_OK);
    return (enum gp_state)reply.incident->state;
}

static void work_off(struct scene *scene, uint64_t incident)
{
    assert_int_equal(act(scene, GP_VERB_ACCEPT, incident, "zhao"), GP_STATUS_OK);
    assert_int_equal(act(scene, GP_VERB_FINISH, incident, "li"), GP_STATUS_OK);
    assert_int_equal(act(scene, GP_VERB_VERIFY, incident, "zheng"), GP_STATUS_OK);
    assert_int_equal(act(scene, GP_VERB_CLOSE, incident, "zheng"), GP_STATUS_OK);
    assert_int_equal(state_of(scene, incident), GP_STATE_CLOSED);
}

/* ---------------------------------------------------------------- stories */

static void open_scene(struct scene *scene, const char *reserve, int64_t bytes)
{
    memset(long_text, 'x', sizeof long_text);
    scene->count = 0;
    daemon_prepare(&scene->world.daemon);
    daemon_edit(&scene->world.daemon, "gridpost.yaml", "store_reserve_mib: 1", reserve);
    daemon_fault(&scene->world.daemon, MORNING_MS);
    disk_open(&scene->disk, &scene->world.daemon, bytes);
    world_start(&scene->world, NULL);
}

static void close_scene(struct scene *scene)
{
    disk_close(&scene->disk);
    daemon_remove(&scene->world.daemon);
}

static struct scene scene;

/* Reading, escalation, revocation and handling live on what was taken ahead. */
static void reports_are_refused_and_all_else_goes_on(void **state)
{
    (void)state;
    open_scene(&scene, "store_reserve_mib: 32", 192 * MIB);
    assert_int_equal(report(&scene, "u2"), GP_STATUS_OK);
    assert_int_equal(report(&scene, "n4"), GP_STATUS_OK);
    assert_int_equal(report(&scene, "n4"), GP_STATUS_OK);
    struct gp_invitation invitation = sealed_invite(&scene.world.client, "li", GP_ROLE_OFFICER);
    await_spares(&scene);
    assert_false(command_says(&scene, "NO ROOM"));

    disk_leave(&scene.disk, MIB);
    fill(&scene, true);
    daemon_assert_log(&scene.world.daemon, "nearly no space left: reports are not taken");
    assert_true(client_status(&scene.world.client).no_room);
    assert_true(command_says(&scene, "NO ROOM"));
    work_off(&scene, scene.incident[1]);
    sealed_revoke(&scene.world.client, invitation.device);
    uint64_t head = client_status(&scene.world.client).head;
    daemon_shift(&scene.world.daemon, 16 * GP_MS_MINUTE, 16 * GP_MS_MINUTE);
    assert_true(await_step(&scene, head, scene.incident[0]));
    assert_int_equal(report(&scene, "n4"), GP_STATUS_TRY_AGAIN);

    start_again(&scene); /* kill -9, and a start on the full disk */
    assert_int_equal(report(&scene, "n4"), GP_STATUS_TRY_AGAIN);
    work_off(&scene, scene.incident[2]);
    disk_give_back(&scene.disk);
    await_reports(&scene);
    end_and_check(&scene);
    close_scene(&scene);
}

/* What lies ahead is used up by notes: then whole batches fail. */
static void batches_fail_when_nothing_is_left(void **state)
{
    (void)state;
    open_scene(&scene, "store_reserve_mib: 32", 160 * MIB);
    assert_int_equal(report(&scene, "n4"), GP_STATUS_OK);
    await_spares(&scene);
    disk_leave(&scene.disk, 0);
    fill(&scene, true);
    fill(&scene, false);
    daemon_assert_log(&scene.world.daemon, "no space left");
    assert_int_equal(state_of(&scene, 1), GP_STATE_DISPATCHED);
    assert_int_equal(report(&scene, "n4"), GP_STATUS_TRY_AGAIN);

    start_again(&scene);
    assert_int_equal(report(&scene, "n4"), GP_STATUS_TRY_AGAIN);
    assert_int_equal(state_of(&scene, 1), GP_STATE_DISPATCHED);
    fill(&scene, false);
    daemon_signal(&scene.world.daemon, SIGHUP);
    int64_t begun = monotonic_ms();
    world_stop(&scene.world);
    assert_true(monotonic_ms() - begun < END_MS);

    world_start(&scene.world, NULL);
    disk_give_back(&scene.disk);
    await_reports(&scene);
    end_and_check(&scene);
    close_scene(&scene);
}

/* How often the store was looked at, or begun to be written. */
static int64_t looks(void)
{
    return __atomic_load_n(&scene.world.daemon.faults->begins, __ATOMIC_SEQ_CST);
}

/* Of a day of its own. */
static enum gp_status ask_for_leave(struct scene *of, int day)
{
    struct gp_request leave = request_command(GP_VERB_LEAVE, 0, "li");

    leave.command.from_ms = MORNING_MS + (day + 1) * 2 * INT64_C(86400000);
    leave.command.to_ms = leave.command.from_ms + 86400000;
    return (enum gp_status)client_ask(&of->world.client, &leave).status;
}

/* The log takes what the tables have no room for: people's, too, which the directory's view is to
 * show. */
static void outgrow_tables(struct scene *of, int *day)
{
    uint64_t before = of->count;

    disk_leave(&of->disk, 0);
    while (ask_for_leave(of, (*day)++) == GP_STATUS_OK && report(of, "n4") == GP_STATUS_OK)
        continue;
    assert_true(of->count > before);
    daemon_edit(&of->world.daemon, "calendar/office.yaml", "08:00-12:00", "08:00-11:59");
    world_reload(&of->world);
}

/* Tables that cannot be committed are waited for by the directory's view, by a reload, and by an
 * end: none of them asks without pause. */
static void nothing_spins_on_a_disk_that_stays_full(void **state)
{
    int day = 0;

    (void)state;
    open_scene(&scene, "store_reserve_mib: 0", 160 * MIB);
    assert_int_equal(report(&scene, "n4"), GP_STATUS_OK);
    outgrow_tables(&scene, &day);
    int64_t before = looks();
    pause_ms(999);
    pause_ms(999);
    print_message("looks at the store in two seconds: %lld\n", (long long)(looks() - before));
    assert_true(looks() - before < 50);
    disk_give_back(&scene.disk);
    await_reports(&scene);

    daemon_edit(&scene.world.daemon, "calendar/office.yaml", "08:00-11:59", "08:00-12:00");
    outgrow_tables(&scene, &day);
    int64_t begun = monotonic_ms();
    world_stop(&scene.world);
    assert_true(monotonic_ms() - begun < END_MS);
    disk_give_back(&scene.disk);
    world_start(&scene.world, NULL);
    await_reports(&scene);
    end_and_check(&scene);
    close_scene(&scene);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reports_are_refused_and_all_else_goes_on),
        cmocka_unit_test(batches_fail_when_nothing_is_left),
        cmocka_unit_test(nothing_spins_on_a_disk_that_stays_full),
    };

    if (argc > 2)
        cmocka_set_test_filter(argv[2]);
    disk_enter(argc > 1 && strcmp(argv[1], "tmpfs") == 0);
    return cmocka_run_group_tests_name("space", tests, NULL, NULL);
}
