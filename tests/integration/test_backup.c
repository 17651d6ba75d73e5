/* Backups of a running daemon: what is in them, what becomes of them when something goes wrong, and
 * that a store made of one goes on as the old one did. */
#include "lib/backup.h"
#include "lib/sealed.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define CROWD  16
#define NEEDLE "a text that nobody else writes"

/* ---------------------------------------------------------------- looking at folders */

static void assert_modes(const char *path)
{
    DIR *folder = opendir(path);
    const struct dirent *entry;
    struct stat stat;

    assert_non_null(folder);
    assert_int_equal(fstat(dirfd(folder), &stat), 0);
    assert_int_equal(stat.st_mode & 07777, 0700);
    while ((entry = readdir(folder)) != NULL) {
        char below[DAEMON_PATH_BYTES * 6];
        if (entry->d_name[0] == '.')
            continue;
        (void)snprintf(below, sizeof below, "%s/%s", path, entry->d_name);
        assert_int_equal(lstat(below, &stat), 0);
        if (S_ISDIR(stat.st_mode))
            assert_modes(below);
        else
            assert_int_equal(stat.st_mode & 07777, 0600);
    }
    assert_int_equal(closedir(folder), 0);
}

/* ---------------------------------------------------------------- under load */

/* Reports of many at once that do not cease until a backup is made. */
struct load {
    struct crowd crowd;
    struct gp_arena arena;
    struct gp_request first; /* the first report */
    uint64_t acknowledged;   /* the highest seq that was answered */
};

static void report(struct load *load, uint32_t number)
{
    struct gp_request request = request_report();

    if (load->first.kind == 0)
        load->first = request;
    crowd_send(&load->crowd, number, &request);
}

static void take_answers(struct load *load, unsigned answers)
{
    for (unsigned i = 0; i < answers; i++) {
        struct gp_reply reply;
        uint32_t number;
        assert_true(crowd_receive(&load->crowd, 30000, &load->arena, &number, &reply));
        assert_int_equal(reply.status, GP_STATUS_OK);
        if (reply.answer.seq > load->acknowledged)
            load->acknowledged = reply.answer.seq;
        gp_arena_reset(&load->arena);
        report(load, number);
    }
}

static void assert_in_journal(struct world *world, uint64_t seq, const unsigned char hash[32])
{
    const struct gp_request request = {.kind = GP_REQUEST_VERIFY, .verify = {seq, seq}};
    struct gp_reply reply = client_ask(&world->client, &request);

    assert_int_equal(reply.status, GP_STATUS_OK);
    assert_int_equal(reply.verified.bad, 0);
    assert_int_equal(reply.verified.upto, seq);
    assert_memory_equal(reply.verified.hash, hash, 32);
}

static void back_up_under_load(struct world *world, struct load *load, uint64_t *ret_seq,
                               char ret_name[80])
{
    struct gp_backup_state state;

    crowd_open(&load->crowd, world->daemon.socket, CROWD);
    for (uint32_t i = 0; i < CROWD; i++)
        report(load, i);
    take_answers(load, 300);
    uint64_t before = load->acknowledged;
    (void)backup_begin(world, GP_BACKUP_MAKE);
    do {
        take_answers(load, CROWD);
        state = backup_ask(world, GP_BACKUP_LOOK).backup;
    } while (state.phase != GP_BACKUP_NONE);
    assert_int_equal(state.result, GP_BACKUP_GOOD);
    assert_true(state.seq >= before);
    *ret_seq = state.seq;
    (void)snprintf(ret_name, 80, "%.*s", GP_SPAN_ARG(state.name));
    unsigned char hash[32];
    memcpy(hash, state.hash, sizeof hash);
    assert_in_journal(world, state.seq, hash);
    crowd_close(&load->crowd);
}

static void a_backup_under_load_becomes_a_store_that_goes_on(void **state)
{
    struct world *world = *state;
    char name[80], from[DAEMON_PATH_BYTES * 4], store[DAEMON_PATH_BYTES * 2];
    static struct load load;
    uint64_t seq;

    load = (struct load){0};
    gp_arena_init(&load.arena, (size_t)1 << 20);
    back_up_under_load(world, &load, &seq, name);
    gp_arena_release(&load.arena);
    assert_true(client_status(&world->client).backup_ms > 0);
    (void)snprintf(from, sizeof from, "%s/%s", backup_shelf, name);
    (void)snprintf(store, sizeof store, "%s/again/", world->daemon.folder); /* as shells complete */
    assert_modes(from);
    assert_modes(backup_shelf);
    world_stop(world);

    const char *const restore[] = {"--restore", from, "--store", store, NULL};
    assert_int_equal(daemon_run(&world->daemon, restore), 0);
    assert_int_not_equal(daemon_run(&world->daemon, restore), 0); /* something is there now */
    assert_modes(store);
    world_start(world, (const char *const[]){"--store", store, NULL});
    assert_true(client_status(&world->client).head >= seq);
    struct gp_reply reply = client_ask(&world->client, &load.first);
    assert_int_equal(reply.status, GP_STATUS_OK);
    assert_true(reply.answer.repeated);
    (void)client_report(&world->client);
}

/* What is at hand when somebody types the wrong path. */
static void what_is_no_backup_is_not_restored(void **state)
{
    struct world *world = *state;
    char store[DAEMON_PATH_BYTES * 2];

    (void)snprintf(store, sizeof store, "%s/again", world->daemon.folder);
    world_stop(world);
    const char *const live[] = {"--restore", world->daemon.store, "--store", store, NULL};
    assert_int_equal(daemon_run(&world->daemon, live), 1);
    const char *const none[] = {"--restore", "/nowhere", "--store", store, NULL};
    assert_int_equal(daemon_run(&world->daemon, none), 1);
    assert_int_equal(access(store, F_OK), -1);
    world_start(world, NULL);
}

/* ---------------------------------------------------------------- who, where, how many */

static void one_at_a_time(void **state)
{
    struct world *world = *state;

    (void)client_report(&world->client);
    daemon_hold(&world->daemon, true);
    uint64_t job = backup_begin(world, GP_BACKUP_MAKE).job;
    assert_int_equal(backup_ask(world, GP_BACKUP_MAKE).status, GP_STATUS_TRY_AGAIN);
    assert_int_equal(backup_ask(world, GP_BACKUP_CHECK).status, GP_STATUS_TRY_AGAIN);
    assert_int_equal(backup_ask(world, GP_BACKUP_LOOK).backup.job, job);
    daemon_hold(&world->daemon, false);
    assert_int_equal(backup_await_end(world).result, GP_BACKUP_GOOD);
    assert_int_equal(backup_count("20"), 1);
}

static void another_store_has_no_folder_unless_it_is_named(void **state)
{
    struct world *world = *state;
    char store[DAEMON_PATH_BYTES * 2];

    (void)snprintf(store, sizeof store, "%s/other", world->daemon.folder);
    world_stop(world);
    world_start(world, (const char *const[]){"--store", store, NULL});
    assert_int_equal(backup_ask(world, GP_BACKUP_MAKE).status, GP_STATUS_NOT_FOUND);
    assert_int_equal(backup_ask(world, GP_BACKUP_LOOK).backup.job, 0);
    world_stop(world);
    world_start(world, (const char *const[]){"--store", store, "--backup", backup_shelf, NULL});
    assert_int_equal(backup_run(world, GP_BACKUP_MAKE).result, GP_BACKUP_GOOD);
}

/* A store's folder has the store's files: a copy in it would be copied, and be in the way. */
static void a_store_has_no_backups_inside(void **state)
{
    struct world *world = *state;
    char inside[DAEMON_PATH_BYTES * 2];

    world_stop(world);
    (void)snprintf(inside, sizeof inside, "%s/./backup", world->daemon.store);
    const char *const words[] = {"--backup", inside, NULL};
    assert_int_equal(daemon_run(&world->daemon, words), EX_CONFIG);
    daemon_assert_log(&world->daemon, "/./backup: inside the store's folder");
    daemon_edit(&world->daemon, "gridpost.yaml", backup_shelf, inside);
    assert_int_equal(daemon_run(&world->daemon, (const char *const[]){"--check", NULL}), EX_CONFIG);
    daemon_assert_log(&world->daemon, "backup_dir");
    daemon_edit(&world->daemon, "gridpost.yaml", inside, backup_shelf);
    world_start(world, NULL);
}

static void a_role_may_that_has_the_right(void **state)
{
    struct world *world = *state;
    const struct gp_request request = {.kind = GP_REQUEST_BACKUP, .backup = GP_BACKUP_MAKE};
    static struct sealed officer, auditor;

    sealed_enrol(&officer, &world->client, world->daemon.edge, "li", GP_ROLE_OFFICER);
    sealed_enrol(&auditor, &world->client, world->daemon.edge, "cao", GP_ROLE_AUDITOR);
    struct gp_reply reply = sealed_ask(&officer, &request);
    assert_int_equal(reply.status, GP_STATUS_REFUSED);
    assert_int_equal(reply.reason, GP_REASON_NO_RIGHT);
    assert_int_equal(backup_count("20"), 0);
    assert_int_equal(sealed_ask(&auditor, &request).status, GP_STATUS_OK);
    assert_int_equal(backup_await_end(world).result, GP_BACKUP_GOOD);
    daemon_assert_log(&world->daemon, " s, asked for by cao");
    assert_int_equal(backup_run(world, GP_BACKUP_CHECK).result, GP_BACKUP_GOOD);
    daemon_assert_log(&world->daemon, " s, asked for by feng");
    sealed_close(&officer);
    sealed_close(&auditor);
}

/* ---------------------------------------------------------------- what goes wrong */

static void a_kill_in_the_middle_leaves_no_half(void **state)
{
    struct world *world = *state;

    (void)client_report(&world->client);
    daemon_hold(&world->daemon, true);
    (void)backup_begin(world, GP_BACKUP_MAKE);
    while (backup_count(".tmp-backup-") == 0) {
    }
    client_close(&world->client);
    daemon_kill(&world->daemon);
    assert_int_equal(backup_count("20"), 0);
    daemon_hold(&world->daemon, false);
    world_start(world, NULL);
    assert_int_equal(client_status(&world->client).backup_ms, 0);
    assert_int_equal(backup_run(world, GP_BACKUP_MAKE).result, GP_BACKUP_GOOD);
    assert_int_equal(backup_count("20"), 1);
    assert_int_equal(backup_count(""), 1); /* what was under way is gone */
}

static void a_stop_in_the_middle_ends_it(void **state)
{
    struct world *world = *state;

    (void)client_report(&world->client);
    daemon_hold(&world->daemon, true);
    (void)backup_begin(world, GP_BACKUP_MAKE);
    client_close(&world->client);
    daemon_signal(&world->daemon, SIGTERM);
    daemon_await_log(&world->daemon, "draining");
    assert_int_equal(daemon_stop(&world->daemon), 0); /* lets go of it */
    assert_int_equal(backup_count(""), 0);
    daemon_assert_log(&world->daemon, "backup cut short");
    world_start(world, NULL);
}

/* The service is not the backups': it comes up, and goes on, without their disk. */
static void a_folder_that_does_not_answer_keeps_nobody_waiting(void **state)
{
    struct world *world = *state;
    int64_t newest_ms = 0;

    assert_int_equal(backup_run(world, GP_BACKUP_MAKE).result, GP_BACKUP_GOOD);
    world_stop(world);
    daemon_away(&world->daemon, true);
    world_start(world, NULL);
    (void)client_report(&world->client);
    assert_int_equal(client_status(&world->client).backup_ms, 0);
    daemon_away(&world->daemon, false);
    while (newest_ms == 0)
        newest_ms = client_status(&world->client).backup_ms;
    assert_true(newest_ms >= MORNING_MS - 1000);
}

static void a_disk_without_room_ends_the_backup_and_nothing_else(void **state)
{
    struct world *world = *state;
    struct faults *faults = world->daemon.faults;

    __atomic_store_n(&faults->room, INT64_C(200) << 20, __ATOMIC_SEQ_CST); /* more than it takes */
    __atomic_store_n(&faults->limited, 1, __ATOMIC_SEQ_CST);
    struct gp_backup_state end = backup_run(world, GP_BACKUP_MAKE);
    assert_int_equal(end.result, GP_BACKUP_FAILED);
    assert_true(gp_span_is(end.finding, "no space left"));
    assert_int_equal(backup_count(""), 0);
    (void)client_report(&world->client);
    __atomic_store_n(&faults->limited, 0, __ATOMIC_SEQ_CST);
    assert_int_equal(backup_run(world, GP_BACKUP_MAKE).result, GP_BACKUP_GOOD);
    assert_int_equal(backup_count("20"), 1);
}

/* Where there is no folder for a throw-away store nothing is known of the copy: it is not kept, and
 * nobody is sent to look for damage. */
static void a_check_that_cannot_be_done_finds_no_damage(void **state)
{
    struct world *world = *state;
    char from[DAEMON_PATH_BYTES * 4], store[DAEMON_PATH_BYTES * 2];

    struct gp_backup_state end = backup_run(world, GP_BACKUP_MAKE);
    assert_int_equal(end.result, GP_BACKUP_GOOD);
    (void)snprintf(from, sizeof from, "%s/%.*s", backup_shelf, GP_SPAN_ARG(end.name));
    (void)snprintf(store, sizeof store, "%s/again", world->daemon.folder);
    world_stop(world);
    const char *before = getenv("TMPDIR");
    char *kept = before != NULL ? strdup(before) : NULL;
    assert_int_equal(setenv("TMPDIR", "/nowhere", 1), 0);
    world_start(world, NULL);
    assert_int_equal(backup_run(world, GP_BACKUP_CHECK).result, GP_BACKUP_FAILED);
    assert_int_equal(backup_run(world, GP_BACKUP_MAKE).result, GP_BACKUP_FAILED);
    assert_int_equal(backup_count(""), 1);
    world_stop(world);
    const char *const words[] = {"--restore", from, "--store", store, NULL};
    assert_int_equal(daemon_run(&world->daemon, words), 1);
    daemon_assert_log(&world->daemon, "it could not be done");
    assert_false(daemon_log_has(&world->daemon, "damaged"));
    assert_int_equal(kept != NULL ? setenv("TMPDIR", kept, 1) : unsetenv("TMPDIR"), 0);
    free(kept);
    world_start(world, NULL);
}

/* A bit of a text, wherever it stands in the tables. */
static void damage(const char *folder)
{
    char path[DAEMON_PATH_BYTES * 5];
    struct stat stat;
    unsigned flipped = 0;

    (void)snprintf(path, sizeof path, "%s/data.mdb", folder);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &stat), 0);
    char *all = malloc((size_t)stat.st_size);
    assert_non_null(all);
    assert_int_equal(pread(fd, all, (size_t)stat.st_size, 0), stat.st_size);
    for (char *at = all;
         (at = memmem(at, (size_t)(all + stat.st_size - at), NEEDLE, strlen(NEEDLE))) != NULL;
         at++) {
        char other = (char)(at[0] ^ 1);
        assert_int_equal(pwrite(fd, &other, 1, at - all), 1);
        flipped++;
    }
    assert_true(flipped > 0);
    free(all);
    assert_int_equal(close(fd), 0);
}

static void a_damaged_store_is_told_of_and_not_kept(void **state)
{
    struct world *world = *state;
    struct gp_request request = request_report();

    assert_int_equal(backup_run(world, GP_BACKUP_CHECK).result, GP_BACKUP_GOOD);
    request.command.text = GP_SPAN(NEEDLE);
    assert_int_equal(client_ask(&world->client, &request).status, GP_STATUS_OK);
    assert_int_equal(backup_run(world, GP_BACKUP_MAKE).result, GP_BACKUP_GOOD);
    world_stop(world);
    damage(world->daemon.store);
    world_start(world, NULL);

    struct gp_backup_state end = backup_run(world, GP_BACKUP_CHECK);
    assert_int_equal(end.result, GP_BACKUP_DAMAGED);
    assert_true(end.finding.len > 0);
    end = backup_run(world, GP_BACKUP_MAKE);
    assert_int_equal(end.result, GP_BACKUP_DAMAGED);
    assert_int_equal(end.name.len, 0);
    assert_int_equal(backup_count(""), 1); /* the good one of before */
    daemon_assert_log(&world->daemon, "backup: found: ");
    (void)client_report(&world->client);
}

/* A bit that flipped on the medium, or a folder that was put together of two backups. */
static void a_damaged_backup_is_not_restored(void **state)
{
    struct world *world = *state;
    struct gp_request request = request_report();
    char from[DAEMON_PATH_BYTES * 4], other[DAEMON_PATH_BYTES * 4], label[DAEMON_PATH_BYTES * 10];
    char store[DAEMON_PATH_BYTES * 2];

    request.command.text = GP_SPAN(NEEDLE);
    assert_int_equal(client_ask(&world->client, &request).status, GP_STATUS_OK);
    struct gp_backup_state end = backup_run(world, GP_BACKUP_MAKE);
    (void)snprintf(from, sizeof from, "%s/%.*s", backup_shelf, GP_SPAN_ARG(end.name));
    (void)client_report(&world->client);
    end = backup_run(world, GP_BACKUP_MAKE);
    (void)snprintf(other, sizeof other, "%s/%.*s", backup_shelf, GP_SPAN_ARG(end.name));
    (void)snprintf(store, sizeof store, "%s/again", world->daemon.folder);
    world_stop(world);

    damage(from);
    const char *const damaged[] = {"--restore", from, "--store", store, NULL};
    assert_int_equal(daemon_run(&world->daemon, damaged), 1);
    daemon_assert_log(&world->daemon, "the backup is damaged: it is not restored");
    (void)snprintf(label, sizeof label, "cp %s/backup.json %s/", from, other);
    assert_int_equal(system(label), 0);
    const char *const mixed[] = {"--restore", other, "--store", store, NULL};
    assert_int_equal(daemon_run(&world->daemon, mixed), 1);
    daemon_assert_log(&world->daemon, "it tells of another head than the store has");
    assert_int_equal(access(store, F_OK), -1);
    world_start(world, NULL);
}

/* ---------------------------------------------------------------- restoring by hand */

/* Runs a line of shell with $1 and $2. */
static void shell(const char *script, const char *one, const char *two)
{
    char line[DAEMON_PATH_BYTES * 12];

    (void)snprintf(line, sizeof line, "set -e; set -- '%s' '%s'; %s", one, two, script);
    assert_int_equal(system(line), 0);
}

static void restore_fails(struct world *world, const char *from, const char *store, const char *why)
{
    const char *const words[] = {"--restore", from, "--store", store, NULL};

    assert_int_equal(truncate(world->daemon.log, 0), 0);
    assert_int_equal(daemon_run(&world->daemon, words), 1);
    daemon_assert_log(&world->daemon, why);
}

/* Of a backup that was copied by hand a part is missing, or something else lies in it. */
static void half_a_backup_is_not_restored(struct world *world, const char *from, const char *store)
{
    static const struct {
        const char *script, *why;
    } halves[] = {
        {"rm $1/data.mdb", "data.mdb: No such file"},
        {"rm $1/data.mdb; mkdir $1/data.mdb", "data.mdb: Is a directory"},
        {"ln -sf /etc/passwd $1/data.mdb", "data.mdb: Too many levels"},
        {"rm -r $1/journal", "journal: No such file"},
        {"rm -r $1/journal; touch $1/journal", "journal: Not a directory"},
        {"ln -s /etc/passwd $1/journal/notes", "notes: Too many levels"},
        {"rm $1/journal/*", "it is not restored"},
        {"echo '{}' > $1/backup.json", "its backup.json cannot be read"},
        {"sed -i 's/\"hash\":\"../\"hash\":\"/' $1/backup.json", "its backup.json cannot be read"},
        {"sed -i 's/\"at\":\"./\"at\":\"x/' $1/backup.json", "its backup.json cannot be read"},
        {"rm $1/backup.json", "this is no backup"},
    };
    char half[DAEMON_PATH_BYTES * 5], left[DAEMON_PATH_BYTES * 5];

    (void)snprintf(half, sizeof half, "%s.half", from);
    (void)snprintf(left, sizeof left, "%s.restoring", store);
    for (size_t i = 0; i < sizeof halves / sizeof halves[0]; i++) {
        shell("rm -rf $2; cp -r $1 $2", from, half);
        shell(halves[i].script, half, "");
        restore_fails(world, half, store, halves[i].why);
        assert_int_equal(access(store, F_OK), -1);
        assert_int_equal(access(left, F_OK), -1);
    }
}

static void a_place_that_is_none_is_named(struct world *world, const char *from, const char *store)
{
    char below[DAEMON_PATH_BYTES * 5];
    static char endless[5000];

    memset(endless, 'x', sizeof endless - 1);
    endless[0] = '/';
    restore_fails(world, from, endless, "the path is too long");
    shell("touch $1", store, "");
    restore_fails(world, from, store, "Not a directory");
    shell("rm $1", store, "");
    (void)snprintf(below, sizeof below, "%s/below", store);
    restore_fails(world, from, below, "No such file or directory");
    shell("mkdir -p $1.restoring/a/b/c", store, "");
    restore_fails(world, from, store, "it is in the way and cannot be removed");
    shell("rm -r $1.restoring", store, "");
}

static void a_restore_says_what_is_in_its_way(void **state)
{
    struct world *world = *state;
    char from[DAEMON_PATH_BYTES * 4], store[DAEMON_PATH_BYTES * 2];

    (void)client_report(&world->client);
    struct gp_backup_state end = backup_run(world, GP_BACKUP_MAKE);
    (void)snprintf(from, sizeof from, "%s/%.*s", backup_shelf, GP_SPAN_ARG(end.name));
    (void)snprintf(store, sizeof store, "%s/again", world->daemon.folder);
    world_stop(world);
    half_a_backup_is_not_restored(world, from, store);
    a_place_that_is_none_is_named(world, from, store);

    /* An empty folder is a place, and what a restore left that was killed goes. */
    shell("mkdir $1; mkdir -p $1.restoring/journal; touch $1.restoring/data.mdb", store, "");
    const char *const words[] = {"--restore", from, "--store", store, NULL};
    assert_int_equal(daemon_run(&world->daemon, words), 0);
    world_start(world, (const char *const[]){"--store", store, NULL});
}

/* EX_TEMPFAIL says nothing about the store, 1 does. */
static void what_cannot_be_compacted_is_told_apart(void **state)
{
    struct world *world = *state;
    const char *const live[] = {"--compact", "--store", world->daemon.store, NULL};
    const char *const none[] = {"--compact", "--store", "/nowhere", NULL};
    struct daemon second = world->daemon;

    second.pid = 0;
    (void)client_report(&world->client);
    assert_int_equal(daemon_run(&second, live), EX_TEMPFAIL);
    assert_int_equal(daemon_run(&second, none), 1);
    world_stop(world);
    assert_int_equal(daemon_run(&world->daemon, live), 0);
    world_start(world, NULL);
    assert_true(client_status(&world->client).head > 0);
}

/* ---------------------------------------------------------------- the suite */

#define BACKUP(name)         cmocka_unit_test_setup_teardown(name, backup_set_up, world_end)
#define BACKUP_FAULTED(name) cmocka_unit_test_setup_teardown(name, backup_set_up_faults, world_end)

int main(void)
{

    const struct CMUnitTest tests[] = {
        BACKUP(a_backup_under_load_becomes_a_store_that_goes_on),
        BACKUP(what_is_no_backup_is_not_restored),
        BACKUP_FAULTED(one_at_a_time),
        BACKUP(another_store_has_no_folder_unless_it_is_named),
        BACKUP(a_store_has_no_backups_inside),
        BACKUP(a_role_may_that_has_the_right),
        BACKUP_FAULTED(a_kill_in_the_middle_leaves_no_half),
        BACKUP_FAULTED(a_stop_in_the_middle_ends_it),
        BACKUP_FAULTED(a_folder_that_does_not_answer_keeps_nobody_waiting),
        BACKUP_FAULTED(a_disk_without_room_ends_the_backup_and_nothing_else),
        BACKUP(a_check_that_cannot_be_done_finds_no_damage),
        BACKUP(a_damaged_store_is_told_of_and_not_kept),
        BACKUP(a_damaged_backup_is_not_restored),
        BACKUP(a_restore_says_what_is_in_its_way),
        BACKUP(what_cannot_be_compacted_is_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
