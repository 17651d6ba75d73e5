/* gridpost.yaml: defaults, ranges, and what is refused where. */
#include "org/folder.h"

#include "base/error.h"
#include "org/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define FILE_NAME "gridpost.yaml"

static int load(const char *text, struct gp_findings *findings, struct gp_settings *ret_settings)
{
    struct folder folder;

    folder_open(&folder);
    if (text == NULL)
        folder_remove(&folder, FILE_NAME);
    else
        folder_put(&folder, FILE_NAME, text, strlen(text));
    gp_findings_init(findings);
    int rc = gp_settings_load(folder.path, findings, ret_settings);
    folder_close(&folder);
    return rc;
}

static void missing_and_empty_files_give_the_defaults(void **state)
{
    static const char *const texts[] = {NULL, "", "# nothing but a comment\n"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct gp_findings findings;
        struct gp_settings settings;
        assert_int_equal(load(texts[i], &findings, &settings), 0);
        assert_int_equal(findings.count, 0);
        assert_string_equal(settings.socket, "ipc:///run/gridpost/gridpost.ipc");
        assert_string_equal(settings.socket_tcp, "");
        assert_string_equal(settings.hint_socket, "ipc:///run/gridpost-edge/hint.ipc");
        assert_string_equal(settings.edge_socket, "ipc:///run/gridpost-edge/edge.ipc");
        assert_string_equal(settings.keys, "/var/lib/gridpost/keys");
        assert_int_equal(settings.device_rate, 120);
        assert_int_equal(settings.person_rate, 240);
        assert_int_equal(settings.bridge_rate, 6000);
        assert_int_equal(settings.sessions_max, 40960);
        assert_int_equal(settings.store_map_mib, 65536);
        assert_int_equal(settings.store_reserve_mib, 64);
        assert_int_equal(settings.batch_items_max, 1024);
        assert_int_equal(settings.clock_jump_max_ms, 600000);
        assert_int_equal(settings.clock_start_max_ms, 1209600000);
        assert_int_equal(settings.drain_ms_max, 5000);
        assert_string_equal(settings.default_calendar, "office");
        assert_string_equal(settings.log_level, "info");
        assert_int_equal(settings.personal_days, 1095);
        gp_settings_release(&settings);
        gp_findings_release(&findings);
    }
}

static void values_are_taken(void **state)
{
    struct gp_findings findings;
    struct gp_settings settings;

    (void)state;
    assert_int_equal(
        load("socket: ipc:///tmp/a.ipc\nsocket_tcp: tcp://127.0.0.1:7001\n"
             "hint_socket: \"\"\nstore: /srv/gridpost\nstore_map_mib: 16\nstore_reserve_mib: 0\n"
             "batch_items_max: 1\nclock_jump_max: 1d\nclock_start_max: 1m\n"
             "drain_max: 0s\nlog_level: debug\ndefault_calendar: night\n"
             "edge_socket: ipc:///tmp/e.ipc\nkeys: /srv/keys\ndevice_rate: 1\n"
             "person_rate: 1000000\nbridge_rate: 2\nsessions_max: 16\n"
             "backup_dir: /srv/gridpost-backup\n",
             &findings, &settings),
        0);
    assert_string_equal(settings.socket, "ipc:///tmp/a.ipc");
    assert_string_equal(settings.socket_tcp, "tcp://127.0.0.1:7001");
    assert_string_equal(settings.hint_socket, "");
    assert_string_equal(settings.store, "/srv/gridpost");
    assert_int_equal(settings.store_map_mib, 16);
    assert_int_equal(settings.store_reserve_mib, 0);
    assert_int_equal(settings.batch_items_max, 1);
    assert_int_equal(settings.clock_jump_max_ms, 86400000);
    assert_int_equal(settings.clock_start_max_ms, 60000);
    assert_int_equal(settings.drain_ms_max, 0);
    assert_string_equal(settings.log_level, "debug");
    assert_string_equal(settings.default_calendar, "night");
    assert_string_equal(settings.edge_socket, "ipc:///tmp/e.ipc");
    assert_string_equal(settings.keys, "/srv/keys");
    assert_string_equal(settings.backup_dir, "/srv/gridpost-backup"); /* beside the store */
    assert_int_equal(settings.device_rate, 1);
    assert_int_equal(settings.person_rate, 1000000);
    assert_int_equal(settings.bridge_rate, 2);
    assert_int_equal(settings.sessions_max, 16);
    gp_settings_release(&settings);
    gp_findings_release(&findings);
}

static void each_mistake_is_named(void **state)
{
    static const struct {
        const char *line, *field, *value, *problem;
    } mistakes[] = {
        {"soket: ipc:///x", "", "soket", "unknown key"},
        {"socket: tcp://127.0.0.1:7001", "socket", "tcp://127.0.0.1:7001", "not a value"},
        {"socket: ipc://relative", "socket", "ipc://relative", "not a value"},
        {"socket: \"\"", "socket", "", "not a value"},
        {"socket_tcp: tcp://0.0.0.0:7001", "socket_tcp", "tcp://0.0.0.0:7001", "not a value"},
        {"socket_tcp: \"tcp://127.0.0.1:\"", "socket_tcp", "tcp://127.0.0.1:", "not a value"},
        {"socket_tcp: tcp://127.0.0.1:0", "socket_tcp", "tcp://127.0.0.1:0", "not a value"},
        {"socket_tcp: tcp://127.0.0.1:65536", "socket_tcp", NULL, "not a value"},
        {"socket_tcp: tcp://127.0.0.1:http", "socket_tcp", NULL, "not a value"},
        {"socket_tcp: [a, b]", "socket_tcp", "", "expected one value"},
        {"hint_socket: ws:///x", "hint_socket", "ws:///x", "not a value"},
        {"edge_socket: tcp://127.0.0.1:7001", "edge_socket", "tcp://127.0.0.1:7001", "not a value"},
        {"edge_socket: ipc:///run/gridpost/gridpost.ipc", "edge_socket", NULL,
         "the same address as socket"},
        {"hint_socket: ipc:///run/gridpost-edge/edge.ipc", "hint_socket", NULL,
         "the same address as edge_socket"},
        {"device_rate: 0", "device_rate", "0", "not a value"},
        {"bridge_rate: 1000001", "bridge_rate", "1000001", "not a value"},
        {"sessions_max: 15", "sessions_max", "15", "not a value"},
        {"keys: keys", "keys", "keys", "not a value"},
        {"hint_socket: ipc:///run/gridpost/gridpost.ipc", "hint_socket", NULL,
         "the same address as socket"},
        {"store: relative/path", "store", "relative/path", "not a value"},
        {"store_map_mib: 15", "store_map_mib", "15", "not a value"},
        {"store_map_mib: 16777217", "store_map_mib", "16777217", "not a value"},
        {"store_reserve_mib: 65537", "store_reserve_mib", "65537", "not a value"},
        {"store_map_mib: 64k", "store_map_mib", "64k", "not a value"},
        {"store_map_mib: -64", "store_map_mib", "-64", "not a value"},
        {"store_map_mib: 99999999999999999999", "store_map_mib", NULL, "not a value"},
        {"batch_items_max: 0", "batch_items_max", "0", "not a value"},
        {"batch_items_max: 1025", "batch_items_max", "1025", "not a value"},
        {"clock_jump_max: 999", "clock_jump_max", "999", "not a value"},
        {"clock_jump_max: 0s", "clock_jump_max", "0s", "not a value"},
        {"clock_jump_max: 25h", "clock_jump_max", "25h", "not a value"},
        {"clock_start_max: 59s", "clock_start_max", "59s", "not a value"},
        {"clock_start_max: 367d", "clock_start_max", "367d", "not a value"},
        {"drain_max: 61s", "drain_max", "61s", "not a value"},
        {"drain_max: 5 s", "drain_max", "5 s", "not a value"},
        {"personal_days: 0", "personal_days", "0", "not a value"},
        {"personal_days: 36501", "personal_days", "36501", "not a value"},
        {"backup_dir: backup", "backup_dir", "backup", "not a value"},
        {"backup_dir: /", "backup_dir", "/", "not a value"},
        {"backup_dir: /var/lib/gridpost/store", "backup_dir", "/var/lib/gridpost/store",
         "inside the store's folder"},
        {"backup_dir: /var/lib/gridpost/store/a/b/", "backup_dir", NULL,
         "inside the store's folder"},
        {"backup_dir: //var/lib/./gridpost/keys/../store//a", "backup_dir", NULL,
         "inside the store's folder"},
        {"backup_dir: /../var/lib/gridpost/store/a/..", "backup_dir", NULL,
         "inside the store's folder"},
        {"store: /var/lib/gridpost", "backup_dir", "", "inside the store's folder"},
        {"backup_keep: 0", "backup_keep", "0", "not a value"},
        {"socket: ipc:///0123456789012345678901234567890123456789012345678901234567890123456789"
         "01234567890123456789012",
         "socket", NULL, "not a value"},
        {"default_calendar: 01234567890123456789012345678901234567890123456789012345678901234",
         "default_calendar", NULL, "not a value"},
        {"log_level: verbose", "log_level", "verbose", "not a value"},
        {"default_calendar: \"\"", "default_calendar", "", "not a value"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        struct gp_findings findings;
        struct gp_settings settings = {.socket = NULL};
        char text[200];
        (void)snprintf(text, sizeof text, "# comment\n%s\n", mistakes[i].line);
        assert_int_equal(load(text, &findings, &settings), GP_ECONFIG);
        assert_null(settings.socket); /* untouched */
        if (findings.count != 1)
            findings_print(&findings);
        assert_int_equal(findings.count, 1);
        assert_string_equal(findings.item[0].file, FILE_NAME);
        assert_int_equal(findings.item[0].line, 2);
        assert_string_equal(findings.item[0].field, mistakes[i].field);
        if (mistakes[i].value != NULL)
            assert_string_equal(findings.item[0].value, mistakes[i].value);
        assert_non_null(strstr(findings.item[0].problem, mistakes[i].problem));
        assert_true(findings.item[0].remedy[0] != '\0');
        gp_findings_release(&findings);
    }
}

static void a_file_that_is_no_mapping(void **state)
{
    static const char *const texts[] = {"- a\n", "word\n", "socket: \"ipc", "\tsocket: a\n"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct gp_findings findings;
        struct gp_settings settings;
        assert_int_equal(load(texts[i], &findings, &settings), GP_ECONFIG);
        assert_int_equal(findings.item[0].line, 1);
        gp_findings_release(&findings);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(missing_and_empty_files_give_the_defaults),
        cmocka_unit_test(values_are_taken),
        cmocka_unit_test(each_mistake_is_named),
        cmocka_unit_test(a_file_that_is_no_mapping),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
