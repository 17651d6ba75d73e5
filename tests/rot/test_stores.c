/* The command on whole stores: verify --store, export and import --store. */
#include "engine/engine.h"
#include "rot/place.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static char work[256];

/* Runs a line of a shell in the folder; returns its exit code. $G is the command, $D the daemon. */
static int shell(const char *line)
{
    char all[1024];

    assert_true(snprintf(all, sizeof all, "cd %s && TMPDIR=%s G=%s D=%s; %s", work, work,
                         GP_GRIDPOST, GP_GRIDPOSTD, line) < (int)sizeof all);
    int status = system(all);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static char *path_of(const char *name)
{
    static char path[4][300];
    static unsigned next;
    char *to = path[next++ % 4];

    (void)snprintf(to, sizeof path[0], "%s/%s", work, name);
    return to;
}

static struct gp_store *open_store(const char *name, bool drill)
{
    const struct gp_store_options options = {.drill = drill};
    struct gp_store *store;

    assert_int_equal(gp_store_open(path_of(name), &options, &store), 0);
    return store;
}

static int prepare(void **state)
{
    (void)state;
    (void)snprintf(work, sizeof work, "%s/gridpost-stores-XXXXXX",
                   access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    assert_non_null(mkdtemp(work));
    place_make(path_of("real"), 3, 120, false);
    place_make(path_of("drill"), 4, 60, true);
    return 0;
}

static int clean(void **state)
{
    (void)state;
    place_remove(work);
    return 0;
}

/* Files and folders there, without what a name begins with. */
static unsigned count_files(void)
{
    const struct dirent *entry;
    unsigned count = 0;
    DIR *folder = opendir(work);

    assert_non_null(folder);
    while ((entry = readdir(folder)) != NULL)
        count++;
    (void)closedir(folder);
    return count;
}

/* ---------------------------------------------------------------- there and back */

static void same_meta(struct gp_store *a, struct gp_store *b)
{
    static const char *const names[] = {"clock-mark", "directory-digest", "replan-next",
                                        "time-falls", "forget-next"};
    struct gp_txn *one, *two;

    assert_int_equal(gp_txn_read(a, &one), 0);
    assert_int_equal(gp_txn_read(b, &two), 0);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct gp_span is = {0}, should = {0};
        int rc = gp_meta_get(one, names[i], &should);
        assert_int_equal(gp_meta_get(two, names[i], &is), rc);
        assert_true(gp_span_equal(is, should));
    }
    gp_txn_abort(one);
    gp_txn_abort(two);
}

static void comes_back(const char *name, bool drill)
{
    enum gp_table table;
    char line[256];

    (void)snprintf(line, sizeof line, "$G export --store %s --output one", name);
    assert_int_equal(shell(line), 0);
    assert_int_equal(shell("$G import --store back one >out"), 0);
    assert_int_equal(shell("$G export --store back >two"), 0);
    assert_int_equal(shell("cmp one two"), 0);
    assert_int_equal(shell("$G verify --store back >out"), 0);
    struct gp_store *was = open_store(name, drill), *is = open_store("back", drill);
    assert_int_equal(gp_engine_compare(was, is, &table), 0);
    same_meta(was, is);
    gp_store_close(was);
    gp_store_close(is);
    assert_int_equal(shell("$G import --store piped - <two >out"), 0);
    assert_int_equal(shell("$G export --store piped | cmp - one"), 0);
    place_remove(path_of("piped"));
    place_remove(path_of("back"));
}

static void a_store_comes_back_as_it_was(void **state)
{
    (void)state;
    comes_back("real", false);
    comes_back("drill", true);
}

static void an_export_can_be_read(void **state)
{
    (void)state;
    assert_int_equal(shell("$G export --store drill >one"), 0);
    assert_int_equal(shell("grep -c '\"what\":\"reported\"' one >out"), 0);
    assert_int_equal(shell("grep -q '^{\"table\":\"personal\",\"key\":' one"), 0);
    assert_int_equal(shell("$G export --store drill --output private && stat -c %a private >out "
                           "&& grep -qx 600 out"),
                     0);
}

/* ---------------------------------------------------------------- what is no export */

static void refuse(const char *make)
{
    unsigned before;

    assert_int_equal(shell("rm -f bad err out; : >bad; : >err; : >out"), 0);
    before = count_files();
    assert_int_equal(shell(make), 0);
    assert_int_equal(shell("$G import --store back bad >out 2>err"), 1);
    assert_int_equal(count_files(), before); /* nothing was left */
    assert_int_equal(shell("grep -q 'line [0-9]' err"), 0);
}

static void a_damaged_export_makes_nothing(void **state)
{
    char line[200];

    (void)state;
    assert_int_equal(shell("$G export --store real --output one; wc -c <one >size"), 0);
    refuse("sed '$d' one >bad");                              /* its end is missing */
    refuse("sed '5d' one >bad");                              /* an entry is missing */
    refuse("sed '4{h;d};5G' one >bad");                       /* two have changed places */
    refuse("cat one one >bad");                               /* it goes on */
    refuse("sed '/\"personal\"/{x;/./!{x;h;d};x}' one >bad"); /* a text is missing */
    refuse("sed '7s/\"reported\"/\"accepted\"/;7s/\"at\":\"2/\"at\":\"3/' one >bad");
    refuse("sed '6s/\"hash\":\"./\"hash\":\"x/' one >bad");
    refuse("sed '3s/\"bytes\":\"C/\"bytes\":\"D/' one >bad");
    refuse("sed '1s/\"version\":1/\"version\":2/' one >bad");
    for (unsigned part = 1; part < 8; part++) { /* cut anywhere */
        (void)snprintf(line, sizeof line, "head -c $(($(cat size) * %u / 8)) one >bad", part);
        refuse(line);
    }
}

/* Changes an export by a script of sed, and gives it an end that fits. */
static void forge(const char *script)
{
    char line[400];

    (void)snprintf(line, sizeof line,
                   "sed '%s' one | sed '$d' >bad && printf '{\"lines\":%%d,\"digest\":\"%%s\"}\\n' "
                   "$(wc -l <bad) $(b2sum -l 256 <bad | cut -d ' ' -f 1) >>bad",
                   script);
    assert_int_equal(shell(line), 0);
}

static void refuse_forged(const char *script)
{
    forge(script);
    assert_int_equal(shell("cmp -s one bad"), 1); /* the script has done something */
    assert_int_equal(shell("mv bad forged"), 0);
    refuse("cp forged bad");
}

/* No hash covers the rows of meta. */
static void rows_of_meta_are_what_they_should_be(void **state)
{
    (void)state;
    assert_int_equal(shell("$G export --store real --output one"), 0);
    forge("");
    assert_int_equal(shell("cmp one bad"), 0);
    refuse_forged("/\"636c6f636b2d6d61726b\"/s/\"value\":\".*\"/\"value\":\"AAAA\"/");
    refuse_forged("/\"636c6f636b2d6d61726b\"/{h;s/\"key\":\"[^\"]*/\"key\":\"74696d652d66616c6c73/;"
                  "s/\"value\":\".*\"/\"value\":\"AAAA\"/;x;G}");
}

/* A file that is one line is not read to its end. */
static void a_line_is_not_read_for_ever(void **state)
{
    (void)state;
    assert_int_equal(shell("head -c 100000000 /dev/zero | { $G import --store back - 2>err; "
                           "echo $? >out; wc -c >left; }"),
                     0);
    assert_int_equal(shell("grep -qx 1 out && test $(cat left) -gt 30000000"), 0);
    assert_int_equal(shell("grep -q 'line 1: it is too long' err"), 0);
}

static void nothing_is_overwritten(void **state)
{
    (void)state;
    assert_int_equal(shell("$G export --store drill --output one"), 0);
    assert_int_equal(shell("mkdir full && : >full/file && $G import --store full one 2>err"), 1);
    assert_int_equal(shell("ls full | grep -qx file"), 0);
    assert_int_equal(shell("mkdir empty && $G import --store empty one >out"), 0);
    assert_int_equal(shell("$G verify --store empty >out"), 0);
    assert_int_equal(shell("$G import --store real one 2>err"), 1);
    assert_int_equal(shell("$G verify --store real >out"), 0);
    assert_int_equal(shell("$G export --store nowhere 2>err"), 2);
}

/* ---------------------------------------------------------------- exit codes */

static void verify_says_by_its_code(void **state)
{
    const struct gp_span first = GP_SPAN("\0\0\0\0\0\0\0\1");
    unsigned char byte;

    (void)state;
    assert_int_equal(shell("$D --verify --store real >out 2>&1 && grep -q 'chain whole' out"), 0);
    assert_int_equal(shell("$G verify --store real --json | grep -q '\"whole\":true'"), 0);
    struct gp_store *store = open_store("real", false);
    assert_int_equal(shell("$D --verify --store real >out 2>&1"), 75);
    assert_int_equal(shell("$G verify --store real 2>err"), 75);
    gp_store_close(store);

    place_copy(path_of("real"), path_of("rotten"));
    size_t at = place_of_row(path_of("rotten"), GP_TABLE_INCIDENT, first).value_at;
    place_read(path_of("rotten"), "data.mdb", at, &byte, 1);
    byte ^= 4;
    place_write(path_of("rotten"), "data.mdb", at, &byte, 1);
    assert_int_equal(shell("$D --verify --store rotten >out 2>&1"), 1);
    assert_int_equal(shell("grep -q 'table incident, incident 1, key 0000000000000001: ' out"), 0);
    assert_int_equal(shell("$G verify --store rotten --json >out"), 1);
    assert_int_equal(
        shell("grep -q '\"what\":\"row\".*\"table\":\"incident\",\"row\":\"incident 1\"' "
              "out && tail -1 out | grep -q '\"whole\":false'"),
        0);
    assert_int_equal(shell("ls -d gridpost-checking-* 2>out"), 2); /* nothing is left behind */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_store_comes_back_as_it_was),
        cmocka_unit_test(an_export_can_be_read),
        cmocka_unit_test(a_damaged_export_makes_nothing),
        cmocka_unit_test(nothing_is_overwritten),
        cmocka_unit_test(rows_of_meta_are_what_they_should_be),
        cmocka_unit_test(a_line_is_not_read_for_ever),
        cmocka_unit_test(verify_says_by_its_code),
    };

    return cmocka_run_group_tests(tests, prepare, clean);
}
