/* docs/PROTOCOL.md is what clients are written from: its bytes and its list of reasons must be
 * true. */
#include "lib/document.h"
#include "wire/message.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static char document[DOCUMENT_BYTES_MAX];
static struct gp_arena arena;

static int setup(void **state)
{
    (void)state;
    document_read("PROTOCOL.md", document);
    gp_arena_init(&arena, GP_UNPACK_BYTES_MAX);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    gp_arena_release(&arena);
    return 0;
}

static struct gp_span block(const char *name, unsigned char *bytes)
{
    return document_hex(document, name, bytes);
}

static void the_request_is_what_the_text_beside_it_says(void **state)
{
    static unsigned char bytes[1024];
    struct gp_span message = block("report-request", bytes), packed;
    struct gp_request request;
    const char *field = "";

    (void)state;
    assert_int_equal(gp_wire_request_unpack(message, &arena, &request, &field), 0);
    assert_int_equal(request.kind, GP_REQUEST_COMMAND);
    assert_true(gp_span_is(request.person, "li"));
    assert_true(gp_span_is(request.device, "handset-7"));
    assert_int_equal(request.command.verb, GP_VERB_REPORT);
    assert_true(gp_span_is(request.command.text, "井盖缺失"));
    assert_true(gp_span_is(request.command.grid, "340705402001001"));
    assert_true(gp_span_is(request.command.category, "C01-01"));
    assert_true(gp_span_is(request.command.condition, "missing"));
    assert_int_equal(request.command.captured_ms, INT64_C(1790757645123));
    assert_int_equal(request.command.place.lat_e7, 309312345);
    assert_int_equal(request.command.place.lon_e7, 1178123456);
    assert_int_equal(gp_wire_request_pack(&request, &arena, &packed), 0);
    assert_true(gp_span_equal(packed, message)); /* it is the canonical form, too */
}

static void the_id_begins_with_its_time(void **state)
{
    static unsigned char bytes[1024];
    struct gp_span message = block("report-request", bytes);
    struct gp_request request;
    const char *field = "";
    uint64_t ms = 0;

    (void)state;
    assert_int_equal(gp_wire_request_unpack(message, &arena, &request, &field), 0);
    for (int i = 0; i < 6; i++)
        ms = ms << 8 | request.command.id[i];
    assert_int_equal(ms, request.command.captured_ms);
}

static void the_reply_is_what_the_text_beside_it_says(void **state)
{
    static unsigned char bytes[1024];
    struct gp_span message = block("report-reply", bytes), packed;
    struct gp_reply reply;

    (void)state;
    assert_int_equal(gp_wire_reply_unpack(message, &arena, &reply), 0);
    assert_int_equal(reply.status, GP_STATUS_OK);
    assert_int_equal(reply.kind, GP_REPLY_ANSWER);
    assert_int_equal(reply.answer.id[0], 0x01);
    assert_int_equal(reply.answer.id[15], 0x01);
    assert_int_equal(reply.answer.incident, 41);
    assert_int_equal(reply.answer.seq, 304);
    assert_int_equal(reply.answer.version, 3);
    assert_int_equal(reply.answer.state, GP_STATE_DISPATCHED);
    assert_int_equal(reply.answer.due_ms, INT64_C(1790764845500));
    assert_int_equal(gp_wire_reply_pack(&reply, &arena, &packed), 0);
    assert_true(gp_span_equal(packed, message));
}

static void every_reason_and_verb_is_listed(void **state)
{
    char row[200];

    (void)state;
#define X(name, number, word, text)                                                                \
    (void)snprintf(row, sizeof row, "\n| %d | %s | %s |", number, word, text);                     \
    if (number != 0 && strstr(document, row) == NULL)                                              \
        fail_msg("not in the list of reasons:%s", row);
    GP_REASONS(X)
#undef X
#define X(name, number, word)                                                                      \
    (void)snprintf(row, sizeof row, "\n| %d `%s` |", number, word);                                \
    for (char *c = row; *c != '\0'; c++)                                                           \
        *c = (char)toupper((unsigned char)*c);                                                     \
    if (strstr(document, row) == NULL)                                                             \
        fail_msg("not in the list of verbs:%s", row);
    GP_VERBS(X)
#undef X
}

/* Limits are written as numbers there. */
static void limits_are_true(void **state)
{
    (void)state;
    assert_int_equal(GP_WIRE_VERSION, 1);
    assert_int_equal(GP_MESSAGE_BYTES_MAX, 16 * 1024);
    assert_int_equal(GP_REPLY_BYTES_MAX, 256 * 1024);
    assert_int_equal(GP_ID_BYTES_MAX, 64);
    assert_int_equal(GP_TEXT_BYTES_MAX, 2000);
    assert_int_equal(GP_REASON_BYTES_MAX, 300);
    assert_int_equal(GP_FEED_ENTRIES_MAX, 64);
    assert_int_equal(GP_FEED_GATHER_MS, 250);
    assert_int_equal(GP_FEED_WAIT_MS_MAX, 20000);
    assert_int_equal(GP_FOLLOWERS_MAX, 4096);
    assert_int_equal(GP_PAGE_ROWS_MAX, 200);
    assert_int_equal(GP_DEDUP_DAYS, 400);
    assert_int_equal(GP_SKEW_MS, 10 * 60 * 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_request_is_what_the_text_beside_it_says, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(the_id_begins_with_its_time, setup, teardown),
        cmocka_unit_test_setup_teardown(the_reply_is_what_the_text_beside_it_says, setup, teardown),
        cmocka_unit_test_setup_teardown(every_reason_and_verb_is_listed, setup, teardown),
        cmocka_unit_test_setup_teardown(limits_are_true, setup, teardown),
    };
    return cmocka_run_group_tests_name("document", tests, NULL, NULL);
}
