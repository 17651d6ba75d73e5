/* Caps in all and for each address, and what counts as one address. */
#include "gate/peers.h"

#include "gate/address.h"

#include "base/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static uint64_t key_of(const char *text)
{
    struct gp_address address;

    assert_int_equal(gp_address_parse(text, &address), 0);
    return gp_peer_key(&address.socket.any);
}

/* ---------------------------------------------------------------- addresses */

static void addresses_are_read_and_written(void **state)
{
    static const char *const good[] = {"tcp://127.0.0.1:7310", "tcp://0.0.0.0:0",
                                       "tcp://[::]:65535", "tcp://[2001:db8::7]:80"};
    char text[GP_ADDRESS_TEXT_BYTES];
    struct gp_address address;

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_int_equal(gp_address_parse(good[i], &address), 0);
        gp_address_write(&address, text);
        assert_string_equal(text, good[i]);
    }
}

static void what_is_no_address_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "tcp://",
        "127.0.0.1:80",
        "tcp://localhost:80",
        "tcp://127.0.0.1",
        "tcp://127.0.0.1:",
        "tcp://127.0.0.1:65536",
        "tcp://127.0.0.1:+1",
        "tcp://127.0.0.1:80 ",
        "tcp://127.0.0.1:999999999999999999999999",
        "tcp://127.0.0.300:80",
        "tcp://[::1:80",
        "tcp://[]:80",
        "tcp://[:80",
        "tcp://::1:80",
        "tcp://[fe80::1%lo]:80",
        "tcp://0000000000000000000000000000000000000000000000000000000000000000000000001:80",
        "ipc:///run/x",
    };
    struct gp_address address;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(gp_address_parse(bad[i], &address), GP_EFORMAT);
}

static void a_path_is_absolute_and_fits_a_socket(void **state)
{
    char text[200];

    (void)state;
    assert_string_equal(gp_address_path("ipc:///run/x.ipc"), "/run/x.ipc");
    assert_null(gp_address_path("ipc://run/x.ipc"));
    assert_null(gp_address_path("tcp://127.0.0.1:80"));
    assert_null(gp_address_path("ipc://"));
    (void)snprintf(text, sizeof text, "ipc:///%0106d", 0);
    assert_non_null(gp_address_path(text));
    (void)snprintf(text, sizeof text, "ipc:///%0107d", 0);
    assert_null(gp_address_path(text));
}

/* ---------------------------------------------------------------- keys */

static void ports_and_hosts_of_a_network_are_one(void **state)
{
    (void)state;
    assert_int_equal(key_of("tcp://10.0.0.1:1"), key_of("tcp://10.0.0.1:2"));
    assert_int_not_equal(key_of("tcp://10.0.0.1:1"), key_of("tcp://10.0.0.2:1"));
    assert_int_equal(key_of("tcp://[2001:db8:1:2::1]:1"), key_of("tcp://[2001:db8:1:2:3::9]:1"));
    assert_int_not_equal(key_of("tcp://[2001:db8:1:2::1]:1"), key_of("tcp://[2001:db8:1:3::1]:1"));
    assert_int_not_equal(key_of("tcp://0.0.0.0:1"), key_of("tcp://[::]:1"));
}

/* ---------------------------------------------------------------- caps */

static void one_address_has_a_cap(void **state)
{
    struct gp_peers peers;

    (void)state;
    assert_int_equal(gp_peers_init(&peers, 100, 3, 42), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(gp_peers_enter(&peers, 7), GP_PEER_IN);
    assert_int_equal(gp_peers_enter(&peers, 7), GP_PEER_ADDRESS_FULL);
    assert_int_equal(gp_peers_enter(&peers, 8), GP_PEER_IN);
    gp_peers_leave(&peers, 7);
    assert_int_equal(gp_peers_enter(&peers, 7), GP_PEER_IN);
    assert_int_equal(gp_peers_of(&peers, 7), 3);
    assert_int_equal(gp_peers_of(&peers, 8), 1);
    assert_int_equal(gp_peers_of(&peers, 9), 0);
    assert_int_equal(peers.count, 4);
    gp_peers_release(&peers);
}

static void all_have_a_cap_whatever_their_addresses(void **state)
{
    struct gp_peers peers;

    (void)state;
    assert_int_equal(gp_peers_init(&peers, 5, 5, 1), 0);
    for (uint64_t key = 0; key < 5; key++)
        assert_int_equal(gp_peers_enter(&peers, key), GP_PEER_IN);
    assert_int_equal(gp_peers_enter(&peers, 5), GP_PEER_FULL);
    assert_int_equal(gp_peers_enter(&peers, 0), GP_PEER_FULL);
    gp_peers_leave(&peers, 2);
    assert_int_equal(gp_peers_enter(&peers, 5), GP_PEER_IN);
    gp_peers_release(&peers);
}

/* Against a plain array of counts, with as many addresses as there is room for and more. */
#define KEYS  64
#define ROOM  40
#define EACH  4
#define MOVES 200000

static void table_counts_as_an_array_does(void **state)
{
    struct gp_peers peers;
    uint32_t counts[KEYS] = {0}, all = 0, random = 1;

    (void)state;
    assert_int_equal(gp_peers_init(&peers, ROOM, EACH, UINT64_C(0x9e3779b97f4a7c15)), 0);
    for (int move = 0; move < MOVES; move++) {
        random = random * 1664525 + 1013904223;
        uint64_t key = (random >> 8) % KEYS;
        if ((random >> 30) != 0) {
            enum gp_peer_answer expected = all == ROOM           ? GP_PEER_FULL
                                           : counts[key] == EACH ? GP_PEER_ADDRESS_FULL
                                                                 : GP_PEER_IN;
            assert_int_equal(gp_peers_enter(&peers, key << 32), expected);
            counts[key] += expected == GP_PEER_IN;
            all += expected == GP_PEER_IN;
        } else if (counts[key] > 0) {
            gp_peers_leave(&peers, key << 32);
            counts[key]--;
            all--;
        }
        assert_int_equal(gp_peers_of(&peers, key << 32), counts[key]);
        assert_int_equal(peers.count, all);
    }
    gp_peers_release(&peers);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_read_and_written),
        cmocka_unit_test(what_is_no_address_is_refused),
        cmocka_unit_test(a_path_is_absolute_and_fits_a_socket),
        cmocka_unit_test(ports_and_hosts_of_a_network_are_one),
        cmocka_unit_test(one_address_has_a_cap),
        cmocka_unit_test(all_have_a_cap_whatever_their_addresses),
        cmocka_unit_test(table_counts_as_an_array_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
