/*
 * test_rot [--flips N] [--seed S]
 *     Flips bits and bytes of a whole store on disk and asks whether each is told of by its name:
 *     of twenty flips thirteen are in keys and values of live rows, six in the journal's files, one
 *     in what ties pages together. Many rows are damaged in one copy, since each must be named.
 *
 * The last line is one of figures.
 */
#include "inspect/inspect.h"
#include "rot/place.h"

#include <dirent.h>
#include <getopt.h>
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define AT_ONCE    50 /* rows, or pieces of the journal, that are damaged in one copy */
#define SILENCE_MS 20000

static unsigned flips_wanted = 1000, seed = 1;
static uint64_t random_state;
static char work[256], whole[300], copy[300];
static struct places places;

/* What was found in the copy. */
static struct gp_flaw *told;
static size_t told_count;

static struct {
    unsigned rows, log, pages; /* flips */
    unsigned deaths;           /* of the child */
    unsigned harmless;         /* that changed no row, entry or order */
} figures;

static uint64_t draw(uint64_t below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state % below;
}

/* ---------------------------------------------------------------- looking */

static void note(void *context, const struct gp_flaw *flaw)
{
    (void)context;
    if ((told_count & (told_count + 1)) == 0) {
        told = realloc(told, (2 * told_count + 2) * sizeof *told);
        assert_non_null(told);
    }
    told[told_count++] = *flaw;
    figures.deaths += strstr(flaw->text, "the check ") != NULL;
}

static uint64_t inspect_copy(void)
{
    const struct gp_inspect_options options = {
        .path = copy, .scratch = work, .silence_ms = SILENCE_MS, .flaw = note};
    struct gp_inspected inspected;

    told_count = 0;
    int rc = gp_inspect(&options, &inspected);
    if (rc != 0 && rc != GP_ENOTFOUND && rc != GP_EVERSION)
        fail_msg("the check could not be done: %s", gp_error_text(rc));
    return rc != 0 ? 1 : inspected.flaws;
}

static void print_told(void)
{
    for (size_t i = 0; i < told_count && i < 60; i++)
        gp_inspect_print(stderr, &told[i]);
}

/* ---------------------------------------------------------------- what ends a child */

static int ends_of; /* a signal; 0: the child goes on */

/* The child's first call. */
int prctl(int option, ...)
{
    (void)option;
    if (ends_of != 0)
        (void)raise(ends_of);
    return 0;
}

/* ---------------------------------------------------------------- damaging */

/* A bit, or a whole byte. Returns what stands there now. */
static unsigned char flip(const char *name, size_t at)
{
    unsigned char byte;

    place_read(copy, name, at, &byte, 1);
    byte ^= (unsigned char)(draw(2) == 0 ? 1U << draw(8) : 1 + draw(255));
    place_write(copy, name, at, &byte, 1);
    return byte;
}

static void fresh_copy(void)
{
    place_remove(copy);
    place_copy(whole, copy);
}

/* So many different ones of `count`. */
static size_t choose(size_t count, size_t wanted, size_t chosen[AT_ONCE])
{
    size_t have = 0;

    wanted = wanted < AT_ONCE ? wanted : AT_ONCE;
    wanted = wanted < count ? wanted : count;
    while (have < wanted) {
        size_t one = (size_t)draw(count), i = 0;
        while (i < have && chosen[i] != one)
            i++;
        chosen[i] = one;
        have += i == have;
    }
    return have;
}

/* ---------------------------------------------------------------- rows */

static bool row_is_told(const struct row_place *row, const unsigned char *key)
{
    for (size_t i = 0; i < told_count; i++) {
        const struct gp_flaw *flaw = &told[i];
        size_t len = row->key_len < GP_FLAW_KEY_BYTES ? row->key_len : GP_FLAW_KEY_BYTES;
        if (flaw->kind == GP_FLAW_ROW && flaw->table == (int)row->table && flaw->key_bytes == len &&
            memcmp(flaw->key, key, len) == 0)
            return true;
    }
    return false;
}

static void flip_row(const struct row_place *row)
{
    size_t at = (size_t)draw(row->key_len + row->value_len);

    flip("data.mdb", at < row->key_len ? row->key_at + at : row->value_at + at - row->key_len);
}

/* Small tables have their turn, too: first a table, then a row of it. */
static size_t draw_rows(size_t wanted, size_t chosen[AT_ONCE])
{
    size_t have = choose(places.rows, wanted, chosen);

    for (size_t i = 0; i < have / 2; i++) {
        enum gp_table table = (enum gp_table)draw(GP_TABLE_COUNT);
        for (size_t k = 0, from = (size_t)draw(places.rows); k < places.rows; k++) {
            size_t row = (from + k) % places.rows, other = 0;
            while (other < have && chosen[other] != row)
                other++;
            if (places.row[row].table == table && other == have) {
                chosen[i] = row;
                break;
            }
        }
    }
    return have;
}

static void rot_rows(size_t wanted)
{
    size_t chosen[AT_ONCE];
    size_t count = draw_rows(wanted, chosen);

    fresh_copy();
    for (size_t i = 0; i < count; i++)
        flip_row(&places.row[chosen[i]]);
    /* before anybody opens it: catching up may move rows */
    static unsigned char key[AT_ONCE][PLACE_KEY_MAX];
    for (size_t i = 0; i < count; i++)
        place_read(copy, "data.mdb", places.row[chosen[i]].key_at, key[i],
                   places.row[chosen[i]].key_len);
    assert_true(inspect_copy() > 0);
    for (size_t i = 0; i < count; i++) {
        const struct row_place *row = &places.row[chosen[i]];
        if (row_is_told(row, key[i]))
            continue;
        print_told();
        fail_msg("nobody tells of a damaged row of table %s, of %zu flips",
                 gp_table_name(row->table), count);
    }
    figures.rows += (unsigned)count;
}

/* ---------------------------------------------------------------- the journal */

static bool log_is_told(const struct log_place *place)
{
    for (size_t i = 0; i < told_count; i++) {
        const struct gp_flaw *flaw = &told[i];
        if (flaw->kind != GP_FLAW_LOG || strcmp(flaw->file, place->file) != 0)
            continue;
        if (place->first > place->last ? flaw->offset <= place->at
                                       : flaw->first <= place->last && flaw->last >= place->first)
            return true;
    }
    return false;
}

/* A damaged journal is no reason to doubt what lies in the tables. */
static void no_table_is_told_of(void)
{
    for (size_t i = 0; i < told_count; i++) {
        if (told[i].table < 0)
            continue;
        print_told();
        fail_msg("table %s is whole, and is said to be damaged",
                 gp_table_name((enum gp_table)told[i].table));
    }
}

static void rot_log(size_t wanted)
{
    size_t chosen[AT_ONCE];
    char name[80];

    /* A file whose index is damaged is told of as a whole: that hides none, but fewer are tried. */
    size_t count = choose(places.logs, wanted < 8 ? wanted : 8, chosen);
    fresh_copy();
    for (size_t i = 0; i < count; i++) {
        const struct log_place *place = &places.log[chosen[i]];
        (void)snprintf(name, sizeof name, "journal/%s", place->file);
        flip(name, place->at + (size_t)draw(place->len));
    }
    (void)inspect_copy();
    no_table_is_told_of();
    for (size_t i = 0; i < count; i++) {
        const struct log_place *place = &places.log[chosen[i]];
        if (log_is_told(place))
            continue;
        if (place->block && place_same_block(copy, whole, place)) {
            figures.harmless++; /* bits that zstd does not look at */
            continue;
        }
        print_told();
        fail_msg("nobody tells of %s at %zu (%zu bytes, entries %" PRIu64 " to %" PRIu64 ")",
                 place->file, place->at, place->len, place->first, place->last);
    }
    figures.log += (unsigned)count;
}

/* Hundreds of entries are gone at once, whose texts are all there. */
static void a_damaged_block_is_told_of_once(void **state)
{
    char name[80];

    (void)state;
    for (size_t i = 0; i < places.logs; i++) {
        const struct log_place *place = &places.log[i];
        if (!place->block)
            continue;
        fresh_copy();
        (void)snprintf(name, sizeof name, "journal/%s", place->file);
        flip(name, place->at + place->len / 2);
        (void)inspect_copy();
        no_table_is_told_of();
        assert_true(told_count <= 3); /* the block, its entries, that the store does not open */
        assert_true(log_is_told(place) || place_same_block(copy, whole, place));
    }
}

/* ---------------------------------------------------------------- pages */

/* What stands in front of the rows of a page: its head, and where each row is. */
static void rot_page(void)
{
    size_t page = draw(3) != 0 ? places.page[draw(places.pages)]
                               : (size_t)draw(places.row[0].key_at / places.page_bytes + 2) *
                                     places.page_bytes;

    fresh_copy();
    size_t at = page + (size_t)draw(draw(2) == 0 ? 16 : 160);
    flip("data.mdb", at);
    if (inspect_copy() == 0) {
        if (!place_reads_like(copy, whole)) {
            print_told();
            fail_msg("a flip at %zu of data.mdb damages rows, and nobody tells", at);
        }
        figures.harmless++;
    }
    figures.pages++;
}

/* ---------------------------------------------------------------- all of it */

static void every_flip_is_told_of(void **state)
{
    unsigned pages = flips_wanted / 20, log = flips_wanted * 3 / 10;
    unsigned rows = flips_wanted - pages - log;

    (void)state;
    while (figures.rows < rows)
        rot_rows(rows - figures.rows);
    while (figures.log < log)
        rot_log(log - figures.log);
    while (figures.pages < pages)
        rot_page();
}

static void a_whole_store_is_whole(void **state)
{
    (void)state;
    fresh_copy();
    if (inspect_copy() != 0) {
        print_told();
        fail_msg("a store that is whole is said to be damaged");
    }
}

/* No walk and no search sees it, and the next write would give back another page in its stead. */
static void a_page_with_another_number_is_told_of(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 8; i++) {
        size_t page = places.page[draw(places.pages)];
        fresh_copy();
        flip("data.mdb", page + draw(8));
        assert_true(place_reads_like(copy, whole));
        assert_true(inspect_copy() > 0);
        assert_int_equal(told[0].kind, GP_FLAW_PAGE);
    }
}

/* The end of the data file is gone: whoever looks there dies of it, and is told of, and what can be
 * looked at is. */
static void a_check_that_dies_is_told_of(void **state)
{
    unsigned deaths = figures.deaths;
    char file[320];

    (void)state;
    fresh_copy();
    (void)snprintf(file, sizeof file, "%s/data.mdb", copy);
    assert_int_equal(truncate(file, (off_t)(places.page_bytes * (places.pages / 2))), 0);
    assert_true(inspect_copy() > 0);
    assert_true(figures.deaths > deaths);
}

/* ---------------------------------------------------------------- a disk that is slow */

#define SHORT_MS 1000 /* of silence */

static pid_t waker;

static pid_t child_of_ours(void)
{
    char path[300], text[200];
    const struct dirent *entry;
    DIR *processes = opendir("/proc");
    int found = 0, id, parent;

    assert_non_null(processes);
    while (found == 0 && (entry = readdir(processes)) != NULL) {
        (void)snprintf(path, sizeof path, "/proc/%s/stat", entry->d_name);
        FILE *file = fopen(path, "r");
        if (file == NULL)
            continue;
        if (fgets(text, sizeof text, file) != NULL &&
            sscanf(text, "%d %*s %*c %d", &id, &parent) == 2 && parent == getpid())
            found = id;
        (void)fclose(file);
    }
    (void)closedir(processes);
    assert_true(found > 0);
    return found;
}

/* Once: the check stands still for longer than it may be silent. */
static void stop_once(void *context, const char *part, uint64_t done, uint64_t of)
{
    const struct timespec pause = {.tv_sec = SHORT_MS * 5 / 2 / 1000, .tv_nsec = 500000000};

    (void)context;
    (void)part;
    (void)done;
    (void)of;
    if (waker != 0)
        return;
    pid_t child = child_of_ours();
    assert_int_equal(kill(child, SIGSTOP), 0);
    waker = fork();
    assert_true(waker >= 0);
    if (waker == 0) {
        (void)nanosleep(&pause, NULL);
        _exit(kill(child, SIGCONT) == 0 ? 0 : 1);
    }
}

static void a_check_that_waits_is_no_damage(void **state)
{
    const struct gp_inspect_options options = {
        .path = copy, .scratch = work, .silence_ms = SHORT_MS, .flaw = note, .progress = stop_once};
    struct gp_inspected inspected;
    int status = -1;

    (void)state;
    fresh_copy();
    told_count = 0;
    assert_int_equal(gp_inspect(&options, &inspected), 0);
    assert_int_equal(waitpid(waker, &status, 0), waker);
    assert_int_equal(status, 0);
    print_told();
    assert_int_equal(inspected.flaws, 0);
}

/* ---------------------------------------------------------------- an admin who is in a hurry */

static void end_it(void *context, const char *part, uint64_t done, uint64_t of)
{
    (void)context;
    (void)done;
    (void)of;
    if (strcmp(part, "tables against the journal") == 0)
        (void)raise(SIGTERM);
}

static unsigned count_entries(const char *path)
{
    DIR *folder = opendir(path);
    unsigned count = 0;

    assert_non_null(folder);
    while (readdir(folder) != NULL)
        count++;
    (void)closedir(folder);
    return count;
}

/* The folder for what is thrown away goes, too. */
static void a_check_that_is_ended_leaves_nothing(void **state)
{
    const struct gp_inspect_options options = {
        .path = copy, .scratch = work, .flaw = note, .progress = end_it};
    struct gp_inspected inspected;
    int status = -1;

    (void)state;
    fresh_copy();
    unsigned before = count_entries(work);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)gp_inspect(&options, &inspected);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGTERM);
    assert_int_equal(count_entries(work), before);
}

static int prepare(void **state)
{
    const char *base = getenv("TMPDIR");

    (void)state;
    (void)snprintf(work, sizeof work, "%s/gridpost-rot-XXXXXX",
                   base != NULL                    ? base
                   : access("/dev/shm", W_OK) == 0 ? "/dev/shm"
                                                   : "/tmp");
    assert_non_null(mkdtemp(work));
    (void)snprintf(whole, sizeof whole, "%s/whole", work);
    (void)snprintf(copy, sizeof copy, "%s/copy", work);
    random_state = 2 * (uint64_t)seed + 1;
    place_make(whole, seed, 400, false);
    places_find(whole, &places);
    return 0;
}

static int clean(void **state)
{
    (void)state;
    places_free(&places);
    free(told);
    place_remove(work);
    return 0;
}

static void read_options(int argc, char **argv)
{
    static const struct option options[] = {
        {"flips", required_argument, NULL, 'n'}, {"seed", required_argument, NULL, 's'}, {0}};
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'n')
            flips_wanted = (unsigned)strtoul(optarg, NULL, 10);
        else if (option == 's')
            seed = (unsigned)strtoul(optarg, NULL, 10);
        else
            exit(64);
    }
}

/* Memory that is short, or somebody at a keyboard, is no damage of a store. */
static void a_child_that_is_ended_from_outside_finds_nothing(void **state)
{
    const struct gp_inspect_options options = {.path = copy, .scratch = work, .flaw = note};
    struct gp_inspected inspected;

    (void)state;
    fresh_copy();
    told_count = 0;
    ends_of = SIGKILL;
    assert_int_equal(gp_inspect(&options, &inspected), GP_EAGAIN);
    ends_of = SIGTERM;
    assert_int_equal(gp_inspect(&options, &inspected), GP_EAGAIN);
    assert_int_equal(told_count, 0);
    ends_of = SIGBUS;
    assert_true(inspect_copy() > 0);
    ends_of = 0;
    assert_int_equal(inspect_copy(), 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_store_is_whole),
        cmocka_unit_test(a_child_that_is_ended_from_outside_finds_nothing),
        cmocka_unit_test(a_check_that_waits_is_no_damage),
        cmocka_unit_test(a_check_that_is_ended_leaves_nothing),
        cmocka_unit_test(a_damaged_block_is_told_of_once),
        cmocka_unit_test(a_page_with_another_number_is_told_of),
        cmocka_unit_test(a_check_that_dies_is_told_of),
        cmocka_unit_test(every_flip_is_told_of)};
    time_t began = time(NULL);

    read_options(argc, argv);
    int failed = cmocka_run_group_tests(tests, prepare, clean);
    printf("rows=%u log=%u pages=%u deaths=%u harmless=%u seconds=%.0f\n", figures.rows,
           figures.log, figures.pages, figures.deaths, figures.harmless,
           difftime(time(NULL), began));
    return failed;
}
