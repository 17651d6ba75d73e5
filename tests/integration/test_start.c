/* What a daemon says when it starts, or does not. */
#include "lib/client.h"
#include "lib/daemon.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* EX_CONFIG where starting again would not help: systemd does not try. */
static void a_store_that_cannot_be_opened_says_why(void **state)
{
    static const struct {
        const char *make, *below, *says;
        int code;
    } cases[] = {
        {"true", "/below", "there is no store; its parent folder must exist", 1},
        {"touch $S", "", "this is not a folder", EX_CONFIG},
        {"mkdir $S; touch $S/letter", "", "there are other files in this folder", EX_CONFIG},
        {"cp -r $R $S; rm -r $S/journal", "", "stored data is damaged", 1},
        {"cp -r $R $S; rm $S/data.mdb", "", "a journal that is not of its data file", EX_CONFIG},
    };
    struct daemon *daemon = *state;
    char store[DAEMON_PATH_BYTES + 8], path[DAEMON_PATH_BYTES + 32], line[DAEMON_PATH_BYTES * 4];

    daemon_start(daemon, NULL);
    assert_int_equal(daemon_stop(daemon), 0);
    (void)snprintf(store, sizeof store, "%s-odd", daemon->store);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        (void)snprintf(line, sizeof line, "S=%s; R=%s; rm -rf $S; %s", store, daemon->store,
                       cases[i].make);
        assert_int_equal(system(line), 0);
        (void)snprintf(path, sizeof path, "%s%s", store, cases[i].below);
        for (int again = 0; again < 2; again++) { /* the first try does not make it a store */
            assert_int_equal(truncate(daemon->log, 0), 0);
            assert_int_equal(daemon_run(daemon, WORDS("--store", path)), cases[i].code);
            daemon_assert_log(daemon, cases[i].says);
        }
    }
}

/* A setting that leaves out what nobody asked for, and never what is wrong. */
static void the_log_is_as_loud_as_it_is_set(void **state)
{
    struct daemon *daemon = *state;

    daemon_setting(daemon, "log_level: error");
    daemon_start(daemon, NULL);
    assert_int_equal(daemon_stop(daemon), 0);
    assert_false(daemon_log_has(daemon, "stop: draining"));
    assert_int_equal(daemon_run(daemon, WORDS("--drill")), EX_CONFIG);
    daemon_assert_log(daemon, "this is a real store");
    daemon_edit(daemon, "gridpost.yaml", "log_level: error", "log_level: info");
    daemon_start(daemon, NULL);
    assert_int_equal(daemon_stop(daemon), 0);
    daemon_assert_log(daemon, "stop: draining");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, daemon_set_up, daemon_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_store_that_cannot_be_opened_says_why),
        TEST(the_log_is_as_loud_as_it_is_set),
    };

    return cmocka_run_group_tests_name("start", tests, NULL, NULL);
}
