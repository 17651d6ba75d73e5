/* The outbox's file: what a kill tears, what rots, what is written anew, and a disk that is full.
 */
#include "notify/scene.h"

#include "notify/outbox.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

struct seen {
    char kinds[64]; /* first letters of the records' kinds */
    size_t count;
};

static int see(void *context, const json_t *record)
{
    struct seen *seen = context;

    assert_true(seen->count < sizeof seen->kinds - 1);
    seen->kinds[seen->count++] = json_string_value(json_object_get(record, "k"))[0];
    seen->kinds[seen->count] = '\0';
    return 0;
}

static json_t *record(const char *kind)
{
    json_t *object = json_object();

    json_object_set_new(object, "k", json_string(kind));
    return object;
}

static struct gp_outbox *open_outbox(struct scene *scene, struct seen *ret_seen)
{
    struct gp_outbox *outbox = NULL;
    unsigned line;

    *ret_seen = (struct seen){0};
    assert_int_equal(gp_outbox_open(scene->folder, see, ret_seen, &line, &outbox), 0);
    return outbox;
}

/* What is on the disk for sure: the bytes of the outbox at the last sync. */
static int64_t synced_bytes = -1;

int __real_fdatasync(int file);
int __wrap_fdatasync(int file);
int __wrap_fdatasync(int file)
{
    synced_bytes = lseek(file, 0, SEEK_END);
    return __real_fdatasync(file);
}

/* A file with a note and a cursor, and another note. */
static void write_three(struct scene *scene)
{
    struct seen seen;
    struct gp_outbox *outbox = open_outbox(scene, &seen);

    assert_int_equal(seen.count, 0);
    assert_int_equal(gp_outbox_add(outbox, record("note")), 0);
    assert_int_equal(gp_outbox_add(outbox, record(GP_RECORD_CURSOR)), 0);
    assert_int_equal(gp_outbox_add(outbox, record("sent")), 0);
    assert_int_equal(gp_outbox_sync(outbox), 0);
    gp_outbox_close(outbox);
}

static int64_t file_bytes(struct scene *scene)
{
    char path[160];

    scene_path(scene, "outbox", path);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(file >= 0);
    int64_t bytes = lseek(file, 0, SEEK_END);
    assert_int_equal(close(file), 0);
    return bytes;
}

static void put_byte(struct scene *scene, int64_t at, char byte)
{
    char path[160];

    scene_path(scene, "outbox", path);
    int file = open(path, O_WRONLY | O_CLOEXEC);
    assert_true(file >= 0);
    assert_int_equal(pwrite(file, &byte, 1, at), 1);
    assert_int_equal(close(file), 0);
}

/* Cut anywhere in the last record, the ones before it are there, and new ones follow them. */
static void an_end_torn_anywhere_is_cut_off(void **state)
{
    struct scene *scene = *state;
    char path[160];
    struct seen seen;

    write_three(scene);
    scene_path(scene, "outbox", path);
    int64_t whole = file_bytes(scene);
    int64_t third = (int64_t)strlen("0123456789abcdef {\"k\":\"sent\"}\n");
    for (int64_t bytes = whole - 1; bytes >= whole - third; bytes--) {
        assert_int_equal(truncate(path, bytes), 0);
        struct gp_outbox *outbox = open_outbox(scene, &seen);
        assert_string_equal(seen.kinds, "nc");
        assert_int_equal(gp_outbox_add(outbox, record("sent")), 0);
        gp_outbox_close(outbox);
        gp_outbox_close(open_outbox(scene, &seen));
        assert_string_equal(seen.kinds, "ncs");
    }
}

static void damage_before_a_cursor_is_not_gone_on_with(void **state)
{
    struct scene *scene = *state;
    struct gp_outbox *outbox = NULL;
    struct seen seen = {0};
    unsigned line = 0;

    write_three(scene);
    put_byte(scene, 20, '!'); /* in the first line; the second is a cursor */
    assert_int_equal(gp_outbox_open(scene->folder, see, &seen, &line, &outbox), GP_ECORRUPT);
    assert_int_equal(line, 1);
    assert_null(outbox);
    assert_int_equal(gp_outbox_read(scene->folder, see, &seen, &line), GP_ECORRUPT);
}

/* What no sync vouches for may lack its middle after a power failure. */
static void damage_behind_the_last_cursor_is_an_end(void **state)
{
    struct scene *scene = *state;
    struct seen seen;

    write_three(scene);
    int64_t first = file_bytes(scene);
    struct gp_outbox *outbox = open_outbox(scene, &seen);
    assert_int_equal(gp_outbox_add(outbox, record("sent")), 0);
    assert_int_equal(gp_outbox_add(outbox, record("try")), 0);
    gp_outbox_close(outbox);
    put_byte(scene, first + 3, '!');
    gp_outbox_close(open_outbox(scene, &seen));
    assert_string_equal(seen.kinds, "ncs");
    assert_int_equal(file_bytes(scene), first);
}

static int write_one(void *context, struct gp_outbox *outbox)
{
    (void)context;
    return gp_outbox_add(outbox, record("note"));
}

static int write_none(void *context, struct gp_outbox *outbox)
{
    (void)context;
    (void)gp_outbox_add(outbox, record("note"));
    return GP_ENOMEM;
}

static void writing_anew_is_all_or_nothing(void **state)
{
    struct scene *scene = *state;
    struct seen seen;

    write_three(scene);
    struct gp_outbox *outbox = open_outbox(scene, &seen);
    assert_int_equal(gp_outbox_rewrite(outbox, write_none, NULL), GP_ENOMEM);
    assert_int_equal(gp_outbox_add(outbox, record("try")), 0);
    gp_outbox_close(outbox);
    outbox = open_outbox(scene, &seen);
    assert_string_equal(seen.kinds, "ncst");
    assert_int_equal(gp_outbox_rewrite(outbox, write_one, NULL), 0);
    assert_int_equal(gp_outbox_bytes(outbox), file_bytes(scene));
    assert_int_equal(gp_outbox_add(outbox, record("try")), 0);
    gp_outbox_close(outbox);
    gp_outbox_close(open_outbox(scene, &seen));
    assert_string_equal(seen.kinds, "nt");
}

static void limit_files(rlim_t bytes)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* No room behind some byte of the record: nothing half is left, and a rewrite makes it whole. */
static void a_disk_without_room_leaves_whole_lines(void **state)
{
    struct scene *scene = *state;
    struct seen seen;

    (void)signal(SIGXFSZ, SIG_IGN);
    write_three(scene);
    struct gp_outbox *outbox = open_outbox(scene, &seen);
    int64_t before = file_bytes(scene);
    limit_files((rlim_t)before + 10);
    assert_int_not_equal(gp_outbox_add(outbox, record("try")), 0);
    assert_false(gp_outbox_is_whole(outbox));
    assert_int_equal(file_bytes(scene), before);
    limit_files(RLIM_INFINITY);
    assert_int_equal(gp_outbox_add(outbox, record("dead")), 0);
    assert_false(gp_outbox_is_whole(outbox)); /* a record is lacking still */
    assert_int_equal(gp_outbox_rewrite(outbox, write_one, NULL), 0);
    assert_true(gp_outbox_is_whole(outbox));
    gp_outbox_close(outbox);
    gp_outbox_close(open_outbox(scene, &seen));
    assert_string_equal(seen.kinds, "n");
}

/* When a page is taken its notes and the cursor are on the disk, and nothing of it is written
 * later. */
static void a_page_that_is_taken_is_on_the_disk(void **state)
{
    struct scene *scene = *state;

    scene_open(scene, "channels: [{name: hook, kind: webhook, url: \"https://h/\"}]\n"
                      "recipients: [{person: li, channel: hook}]\n");
    synced_bytes = -1;
    scene_take(scene, 7, "yellow", "li");
    assert_int_equal(synced_bytes, file_bytes(scene));
}

/* The desk behind it: nothing is taken while the disk is full, and all of it afterwards. */
static void a_full_disk_takes_no_notes_and_loses_none(void **state)
{
    struct scene *scene = *state;
    struct gp_note *note;

    (void)signal(SIGXFSZ, SIG_IGN);
    scene_open(scene, "channels: [{name: hook, kind: webhook, url: \"https://h/\"}]\n"
                      "recipients: [{person: li, channel: hook}]\n");
    scene_take(scene, 7, "yellow", "li");
    limit_files((rlim_t)file_bytes(scene) + 200); /* not enough for a note */
    note = scene_note(8, "red", "li");
    assert_int_not_equal(gp_desk_take(scene->desk, &note, 1, 8, scene->now_ms), 0);
    assert_false(gp_desk_has_room(scene->desk));
    assert_int_equal(scene_send(scene), 7); /* what is there goes on */
    limit_files(0);
    assert_int_not_equal(gp_desk_tidy(scene->desk, scene->now_ms), 0);
    limit_files(RLIM_INFINITY);
    assert_int_equal(gp_desk_tidy(scene->desk, scene->now_ms), 0);
    assert_true(gp_desk_has_room(scene->desk));
    scene_take(scene, 8, "red", "li");
    scene_kill(scene);
    assert_int_equal(gp_desk_waiting(scene->desk), 1);
    assert_int_equal(scene_send(scene), 8);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_set_up, scene_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_end_torn_anywhere_is_cut_off),
        TEST(damage_before_a_cursor_is_not_gone_on_with),
        TEST(damage_behind_the_last_cursor_is_an_end),
        TEST(writing_anew_is_all_or_nothing),
        TEST(a_disk_without_room_leaves_whole_lines),
        TEST(a_page_that_is_taken_is_on_the_disk),
        TEST(a_full_disk_takes_no_notes_and_loses_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
