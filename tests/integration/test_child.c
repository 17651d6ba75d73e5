/* What becomes of a check's processes, and of what they make, if they are in the way or killed. */
#include "lib/backup.h"

#include <ctype.h>
#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define END_S 20

static char scratch[DAEMON_PATH_BYTES * 2], tmpdir[256];

static int set_up(void **state)
{
    struct world *world = backup_prepare(state);
    const char *before = getenv("TMPDIR");

    (void)snprintf(tmpdir, sizeof tmpdir, "%s", before != NULL ? before : "");
    (void)snprintf(scratch, sizeof scratch, "%s/scratch", world->daemon.folder);
    assert_int_equal(mkdir(scratch, 0700), 0);
    assert_int_equal(setenv("TMPDIR", scratch, 1), 0);
    daemon_fault(&world->daemon, MORNING_MS);
    world_start(world, NULL);
    (void)client_report(&world->client);
    return 0;
}

static int tear_down(void **state)
{
    assert_int_equal(tmpdir[0] != '\0' ? setenv("TMPDIR", tmpdir, 1) : unsetenv("TMPDIR"), 0);
    return world_end(state);
}

/* Folders for throw-away stores. */
static unsigned scratches(void)
{
    DIR *folder = opendir(scratch);
    const struct dirent *entry;
    unsigned found = 0;

    assert_non_null(folder);
    while ((entry = readdir(folder)) != NULL)
        found += entry->d_name[0] != '.';
    assert_int_equal(closedir(folder), 0);
    return found;
}

/* ---------------------------------------------------------------- processes */

/* False: it is gone. */
static bool look_at(pid_t pid, char *ret_state, pid_t *ret_parent)
{
    char path[64];
    int parent, fields = 0;

    (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "re");
    if (file != NULL) {
        fields = fscanf(file, "%*d (%*[^)]) %c %d", ret_state, &parent);
        (void)fclose(file); /* only read */
    }
    *ret_parent = fields == 2 ? parent : 0;
    return fields == 2;
}

/* One that lives; 0: there is none. */
static pid_t child_of(pid_t parent)
{
    DIR *folder = opendir("/proc");
    const struct dirent *entry;
    pid_t found = 0;

    assert_non_null(folder);
    while (found == 0 && (entry = readdir(folder)) != NULL) {
        pid_t pid = isdigit((unsigned char)entry->d_name[0]) ? atoi(entry->d_name) : 0, its;
        char state;
        if (pid > 0 && look_at(pid, &state, &its) && its == parent && state != 'Z')
            found = pid;
    }
    assert_int_equal(closedir(folder), 0);
    return found;
}

/* False: it came to its end before. */
static bool stop(pid_t pid)
{
    char state = ' ';
    pid_t parent;

    if (kill(pid, SIGSTOP) != 0)
        return false;
    while (state != 'T') {
        if (!look_at(pid, &state, &parent) || state == 'Z')
            return false;
    }
    return true;
}

/* Whether it has a file of that name open. */
static bool has_open(pid_t pid, const char *name)
{
    char path[64], link[300];
    const struct dirent *entry;
    bool found = false;

    (void)snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    DIR *folder = opendir(path);
    while (folder != NULL && !found && (entry = readdir(folder)) != NULL) {
        ssize_t len = readlinkat(dirfd(folder), entry->d_name, link, sizeof link - 1);
        link[len > 0 ? len : 0] = '\0';
        found = strstr(link, name) != NULL;
    }
    if (folder != NULL)
        assert_int_equal(closedir(folder), 0);
    return found;
}

/* A check under way that has its folder, or had: 0: it was quicker. */
static pid_t find_check(struct world *world)
{
    pid_t check = 0;

    (void)backup_begin(world, GP_BACKUP_CHECK);
    while (backup_ask(world, GP_BACKUP_LOOK).backup.phase != GP_BACKUP_NONE) {
        check = scratches() > 0 ? child_of(world->daemon.pid) : 0;
        if (check != 0 && stop(check))
            return check;
    }
    return 0;
}

/* A check whose processes stand still, in the middle of it: its worker has the copy open. */
static pid_t stop_a_check(struct world *world)
{
    for (;;) {
        pid_t check = find_check(world);
        pid_t worker = check != 0 ? child_of(check) : 0;
        if (worker != 0 && stop(worker) && has_open(worker, "/daemon.lock"))
            return check;
        if (worker != 0)
            (void)kill(worker, SIGCONT); /* it may be at its end */
        if (check != 0)
            assert_int_equal(kill(check, SIGCONT), 0);
        (void)backup_await_end(world);
    }
}

/* Of a check that stands still: without anybody who ends it there is none. */
static struct gp_backup_state await_end(struct world *world)
{
    struct gp_backup_state end;
    time_t until = time(NULL) + END_S;

    do {
        end = backup_ask(world, GP_BACKUP_LOOK).backup;
        assert_true(time(NULL) < until);
    } while (end.phase != GP_BACKUP_NONE);
    return end;
}

/* ---------------------------------------------------------------- in the way */

static void a_check_gives_way_to_the_store(void **state)
{
    struct world *world = *state;
    int64_t *no_room = &world->daemon.faults->no_room;

    (void)stop_a_check(world);
    __atomic_store_n(no_room, 1, __ATOMIC_SEQ_CST);
    struct gp_backup_state end = await_end(world);
    assert_int_equal(end.result, GP_BACKUP_GAVE_WAY);
    assert_true(gp_span_is(end.finding, "gave way: the store's disk is nearly full"));
    daemon_assert_log(&world->daemon, "check gave way: the store's disk is nearly full");
    assert_int_equal(backup_count(""), 0);
    assert_int_equal(scratches(), 0);
    (void)client_report(&world->client);
    assert_int_equal(backup_run(world, GP_BACKUP_MAKE).result, GP_BACKUP_GAVE_WAY);
    __atomic_store_n(no_room, 0, __ATOMIC_SEQ_CST);
    assert_int_equal(backup_run(world, GP_BACKUP_MAKE).result, GP_BACKUP_GOOD);
}

/* ---------------------------------------------------------------- killed */

static int oom_score(pid_t pid)
{
    char path[64];
    int score = 0;

    (void)snprintf(path, sizeof path, "/proc/%d/oom_score_adj", (int)pid);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%d", &score), 1);
    (void)fclose(file); /* only read */
    return score;
}

/* The unit protects the daemon from whoever makes room when memory is short, and not these. */
static void a_check_goes_before_the_daemon(void **state)
{
    struct world *world = *state;
    pid_t check = stop_a_check(world), worker = child_of(check);

    assert_true(oom_score(check) >= 500);
    assert_true(oom_score(worker) >= 500);
    assert_int_equal(kill(worker, SIGCONT), 0);
    assert_int_equal(kill(check, SIGCONT), 0);
    assert_int_equal(await_end(world).result, GP_BACKUP_GOOD);
}

static void assert_gone(pid_t pid)
{
    char state;
    pid_t parent;

    for (time_t until = time(NULL) + END_S; look_at(pid, &state, &parent) && state != 'Z';)
        assert_true(time(NULL) < until);
}

static void a_check_that_is_killed_leaves_nothing(void **state)
{
    struct world *world = *state;
    pid_t check = stop_a_check(world);

    assert_int_equal(kill(check, SIGKILL), 0);
    struct gp_backup_state end = await_end(world);
    assert_int_equal(end.result, GP_BACKUP_FAILED);
    daemon_assert_log(&world->daemon, "verifying: ended by signal 9");
    assert_int_equal(scratches(), 0);
    assert_int_equal(backup_count(""), 0);
}

/* Who comes next clears away what nobody has in use, and nothing else. */
static void what_is_left_behind_a_killed_daemon_goes(void **state)
{
    struct world *world = *state;
    const char *const verify[] = {"--verify", "--store", "/nowhere", NULL};
    pid_t check = stop_a_check(world), worker = child_of(check);
    struct daemon second = world->daemon;

    second.pid = 0;
    assert_int_equal(daemon_run(&second, verify), 1);
    assert_int_equal(scratches(), 1);
    client_close(&world->client);
    daemon_kill(&world->daemon);
    assert_int_equal(kill(check, SIGKILL), 0);
    assert_gone(check);
    assert_gone(worker);
    assert_int_equal(scratches(), 1);
    world_start(world, NULL);
    assert_int_equal(backup_run(world, GP_BACKUP_CHECK).result, GP_BACKUP_GOOD);
    assert_int_equal(scratches(), 0);
}

#define CHILD(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CHILD(a_check_gives_way_to_the_store),
        CHILD(a_check_goes_before_the_daemon),
        CHILD(a_check_that_is_killed_leaves_nothing),
        CHILD(what_is_left_behind_a_killed_daemon_goes),
    };
    return cmocka_run_group_tests_name("child", tests, NULL, NULL);
}
