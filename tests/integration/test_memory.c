/* What a rush of large answers costs is given back when it is over; what a feed costs that waits.
 */
#include "lib/daemon.h"
#include "lib/sealed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define CROWD  120
#define GROWTH ((size_t)24 * 1024) /* KiB; the kept pages of all these would be some 190 MB */

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

/* KiB of the daemon's own memory: without the pages of the store's file that it has touched. */
static size_t own_memory(const struct daemon *daemon)
{
    char name[40], line[200];
    size_t kib = 0;

    (void)snprintf(name, sizeof name, "/proc/%d/status", (int)daemon->pid);
    FILE *file = fopen(name, "re");
    assert_non_null(file);
    while (kib == 0 && fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "RssAnon: %zu kB", &kib) != 1)
            kib = 0;
    }
    assert_int_equal(fclose(file), 0);
    assert_true(kib > 0);
    return kib;
}

/* All ask at once, and all are answered. */
static void ask_all(struct crowd *crowd, const struct gp_request *request)
{
    struct gp_arena arena;
    struct gp_reply reply;
    uint32_t number;

    gp_arena_init(&arena, (size_t)64 << 20);
    for (uint32_t i = 0; i < CROWD; i++)
        crowd_send(crowd, i, request);
    for (uint32_t i = 0; i < CROWD; i++) {
        assert_true(crowd_receive(crowd, 20000, &arena, &number, &reply));
        assert_int_equal(reply.status, GP_STATUS_OK);
        gp_arena_reset(&arena);
    }
    gp_arena_release(&arena);
}

static void report_long_ones(struct client *client)
{
    char text[1000];
    struct gp_request request;

    memset(text, 'x', sizeof text);
    for (uint32_t i = 0; i < GP_PAGE_ROWS_MAX; i++) {
        request = request_report();
        request.command.text = (struct gp_span){text, sizeof text};
        assert_int_equal(client_ask(client, &request).status, GP_STATUS_OK);
    }
}

static void rush_of_queries_leaves_no_memory_behind(void **state)
{
    struct gp_request query = {.kind = GP_REQUEST_QUERY, .person = GP_SPAN("feng")};
    struct daemon daemon;
    struct client client;
    struct crowd crowd;

    (void)state;
    if (SANITIZED) /* they keep what is freed, to find who still uses it */
        skip();
    query.query.limit = GP_PAGE_ROWS_MAX;
    daemon_prepare(&daemon);
    daemon_start(&daemon, NULL);
    client_open(&client, daemon.socket);
    report_long_ones(&client);
    crowd_open(&crowd, daemon.socket, CROWD);
    size_t before = own_memory(&daemon);
    for (int rush = 0; rush < 2; rush++)
        ask_all(&crowd, &query);
    (void)client_status(&client); /* answered behind everything else */
    size_t after = own_memory(&daemon);
    print_message("before %zu, after %zu KiB\n", before, after);
    assert_true(after < before + GROWTH);
    crowd_close(&crowd);
    client_close(&client);
    assert_int_equal(daemon_stop(&daemon), 0);
    daemon_remove(&daemon);
}

#define FEEDS      ((size_t)960) /* so many at once, of the 1,024 that a bridge may have */
#define FEED_BYTES ((size_t)10 * 1024)

/* As gridpost-web does for each page that is open. */
static void a_feed_that_waits_takes_little(void **state)
{
    struct gp_request feed = request_feed(0, GP_FEED_WAIT_MS_MAX);
    struct daemon daemon;
    struct client client;
    struct sealed bridge;
    struct crowd crowd;
    uint32_t sent = 0, waiting = 0;

    (void)state;
    if (SANITIZED)
        skip();
    daemon_prepare(&daemon);
    daemon_start(&daemon, NULL);
    client_open(&client, daemon.socket);
    sealed_enrol(&bridge, &client, daemon.edge, "cao", GP_ROLE_BRIDGE);
    feed.person = GP_SPAN("zhou");
    assert_int_equal(gp_area_parse(GP_SPAN("340705006"), &feed.feed.filter.area), 0);
    feed.feed.after = client_status(&client).head;
    crowd_open(&crowd, daemon.edge, 1);
    size_t before = own_memory(&daemon);
    while (sent < FEEDS) {
        sealed_send_by(&bridge, &crowd, sent++, &feed, &bridge.asked);
        if (sent % 32 == 0)
            waiting = client_status(&client).followers;
    }
    size_t after = own_memory(&daemon);
    print_message("%u feeds, %u wait: before %zu, after %zu KiB\n", sent, waiting, before, after);
    assert_true(waiting > GP_SESSION_READS_MAX);
    assert_true(after - before < sent * FEED_BYTES / 1024);
    crowd_close(&crowd);
    sealed_close(&bridge);
    client_close(&client);
    assert_int_equal(daemon_stop(&daemon), 0);
    daemon_remove(&daemon);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rush_of_queries_leaves_no_memory_behind),
        cmocka_unit_test(a_feed_that_waits_takes_little),
    };

    return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
