/* backup and restore: what the command asks for, how it waits, and what it makes of the end. */
#include "tools/fake.h"
#include "tools/run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

struct scene {
    struct run run;
    uint8_t result;     /* of the copy, at the third look */
    bool none;          /* it keeps nothing */
    bool busy, restart; /* the daemon: has another one under way; is started again */
};

static void list(const struct scene *scene, struct gp_backup_state *ret_state)
{
    static struct gp_backup_kept kept[] = {
        {GP_SPAN("2026-09-30T08-40-45Z-41"), INT64_C(1790757645000), 41, 3 << 20, true},
        {GP_SPAN("2026-09-29T08-40-45Z-40"), INT64_C(1790671245000), 40, (2 << 20) - 5, false},
    };

    ret_state->kept = kept;
    ret_state->kept_count = scene->none ? 0 : 2;
}

static bool answer(void *context, const struct gp_request *request, unsigned nth,
                   struct gp_reply *ret_reply)
{
    const struct scene *scene = context;

    if (scene->busy) {
        ret_reply->status = GP_STATUS_TRY_AGAIN;
        ret_reply->detail = GP_SPAN("another backup or check is under way");
        return true;
    }
    ret_reply->status = GP_STATUS_OK;
    ret_reply->kind = GP_REPLY_BACKUP;
    if (request->backup == GP_BACKUP_LIST) {
        list(scene, &ret_reply->backup);
        return true;
    }
    ret_reply->backup = (struct gp_backup_state){
        .job = 7,
        .phase = (uint8_t)(nth < 2 ? nth + 1 : GP_BACKUP_NONE),
        .done = 3 << 20,
        .of = 4 << 20,
        .started_ms = INT64_C(1790757645000),
    };
    if (nth < 2)
        return true;
    if (scene->restart)
        ret_reply->backup.job = 0;
    ret_reply->backup.result = scene->result;
    ret_reply->backup.seq = 41;
    ret_reply->backup.ended_ms = INT64_C(1790757646000);
    if (scene->result == GP_BACKUP_GOOD)
        ret_reply->backup.name = GP_SPAN("2026-09-30T08-40-45Z-41");
    else
        ret_reply->backup.finding = GP_SPAN("verifying: entry 40");
    return true;
}

static int set_up(void **state)
{
    struct scene *scene = run_scene(sizeof *scene);

    scene->result = GP_BACKUP_GOOD;
    scene->run.fake = fake_start(scene->run.address, answer, scene);
    *state = scene;
    return 0;
}

static void check_contains(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("no \"%s\" in: %s", part, text);
}

static uint8_t act_of(struct scene *scene, unsigned nth)
{
    struct gp_arena arena;
    struct gp_request request = run_sent(&scene->run, nth, &arena);

    assert_int_equal(request.kind, GP_REQUEST_BACKUP);
    gp_arena_release(&arena);
    return request.backup;
}

static void a_backup_is_waited_for(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(run_words(&scene->run, "backup"), 0);
    assert_string_equal(scene->run.out, "backup 2026-09-30T08-40-45Z-41: head 41, 3 MiB copied\n");
    assert_int_equal(fake_count(scene->run.fake), 3);
    assert_int_equal(act_of(scene, 0), GP_BACKUP_MAKE);
    assert_int_equal(act_of(scene, 1), GP_BACKUP_LOOK);
}

static void a_check_asks_for_one(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(run_words(&scene->run, "backup --check --json"), 0);
    assert_int_equal(act_of(scene, 0), GP_BACKUP_CHECK);
    check_contains(scene->run.out, "\"result\":\"good\",\"name\":\"2026-09-30T08-40-45Z-41\"");
    check_contains(scene->run.out, "\"seq\":41,\"hash\":\"00000000");
    check_contains(scene->run.out, "\"bytes\":3145728,\"started\":\"2026-09-30T16:40:45+08:00\"");
}

static void what_is_kept_is_listed(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(run_words(&scene->run, "backup --list"), 0);
    assert_int_equal(act_of(scene, 0), GP_BACKUP_LIST);
    assert_string_equal(
        scene->run.out,
        "2026-09-30T08-40-45Z-41  made 2026-09-30 16:40:45  head 41  3 MiB  verified\n"
        "2026-09-29T08-40-45Z-40  made 2026-09-29 16:40:45  head 40  2 MiB  NOT VERIFIED\n");
    assert_int_equal(run_words(&scene->run, "backup --list --json"), 0);
    check_contains(scene->run.out,
                   "{\"name\":\"2026-09-30T08-40-45Z-41\",\"at\":\"2026-09-30T16:40:45+08:00\","
                   "\"seq\":41,\"bytes\":3145728,\"verified\":true}\n");
    assert_int_equal(fake_count(scene->run.fake), 2); /* nothing is waited for */
    scene->none = true;
    assert_int_equal(run_words(&scene->run, "backup --list"), 0);
    assert_string_equal(scene->run.out, "no backups\n");
    assert_int_equal(run_words(&scene->run, "backup --list --check"), 64);
}

static void damage_is_a_failure(void **state)
{
    struct scene *scene = *state;

    scene->result = GP_BACKUP_DAMAGED;
    assert_int_equal(run_words(&scene->run, "backup"), 1);
    check_contains(scene->run.err, "DAMAGED");
    check_contains(scene->run.err, "verifying: entry 40");
    assert_string_equal(scene->run.out, "");
}

static void what_could_not_be_made_is_a_failure(void **state)
{
    struct scene *scene = *state;

    scene->result = GP_BACKUP_FAILED;
    assert_int_equal(run_words(&scene->run, "backup"), 1);
    check_contains(scene->run.err, "no copy could be made: verifying: entry 40");
}

static void a_stop_is_a_failure(void **state)
{
    struct scene *scene = *state;

    scene->result = GP_BACKUP_CUT;
    assert_int_equal(run_words(&scene->run, "backup --json"), 1);
    check_contains(scene->run.out, "\"result\":\"cut short\"");
}

static void what_gave_way_is_for_later(void **state)
{
    struct scene *scene = *state;

    scene->result = GP_BACKUP_GAVE_WAY;
    assert_int_equal(run_words(&scene->run, "backup"), 75);
    check_contains(scene->run.err, "gave way: the store's disk is nearly full");
    assert_int_equal(run_words(&scene->run, "backup --json"), 75);
    check_contains(scene->run.out, "\"result\":\"gave way\"");
}

static void another_one_under_way_is_for_later(void **state)
{
    struct scene *scene = *state;

    scene->busy = true;
    assert_int_equal(run_words(&scene->run, "backup"), 75);
}

static void a_daemon_started_again_knows_nothing(void **state)
{
    struct scene *scene = *state;

    scene->restart = true;
    assert_int_equal(run_words(&scene->run, "backup"), 1);
    check_contains(scene->run.err, "started again meanwhile");
}

static void restore_needs_a_backup_and_a_place(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(run_words(&scene->run, "restore"), 64);
    assert_int_equal(run_words(&scene->run, "restore here"), 64);
    assert_int_equal(run_words(&scene->run, "restore here there --store x"), 64);
    check_contains(scene->run.err, "one backup");
    assert_int_equal(fake_count(scene->run.fake), 0);
}

#define BACKUP(name) cmocka_unit_test_setup_teardown(name, set_up, run_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BACKUP(a_backup_is_waited_for),
        BACKUP(a_check_asks_for_one),
        BACKUP(what_is_kept_is_listed),
        BACKUP(damage_is_a_failure),
        BACKUP(what_could_not_be_made_is_a_failure),
        BACKUP(a_stop_is_a_failure),
        BACKUP(what_gave_way_is_for_later),
        BACKUP(another_one_under_way_is_for_later),
        BACKUP(a_daemon_started_again_knows_nothing),
        BACKUP(restore_needs_a_backup_and_a_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
