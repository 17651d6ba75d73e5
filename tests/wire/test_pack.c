/* Packing in one pass makes the bytes that protobuf-c makes of the same message. */
#include "wire/sample.h"

#include "gridpost.pb-c.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static struct gp_arena arena;

static int setup(void **state)
{
    (void)state;
    gp_arena_init(&arena, (size_t)16 << 20);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    gp_arena_release(&arena);
    return 0;
}

static void same_as_protobuf_c(const ProtobufCMessageDescriptor *type, struct gp_span bytes)
{
    ProtobufCMessage *message =
        protobuf_c_message_unpack(type, NULL, bytes.len, (const uint8_t *)bytes.ptr);
    uint8_t *again;

    assert_non_null(message);
    assert_int_equal(protobuf_c_message_get_packed_size(message), bytes.len);
    again = malloc(bytes.len + 1);
    assert_non_null(again);
    assert_int_equal(protobuf_c_message_pack(message, again), bytes.len);
    if (bytes.len > 0)
        assert_memory_equal(again, bytes.ptr, bytes.len);
    free(again);
    protobuf_c_message_free_unpacked(message, NULL);
}

static void requests_and_replies(void **state)
{
    struct gp_span bytes;

    (void)state;
    for (int kind = GP_REQUEST_COMMAND; kind <= GP_REQUEST_SUMMARY; kind++) {
        assert_int_equal(
            gp_wire_request_pack(sample_request((enum gp_request_kind)kind), &arena, &bytes), 0);
        same_as_protobuf_c(&gp__request__descriptor, bytes);
    }
    for (int kind = GP_REPLY_ANSWER; kind <= GP_REPLY_SUMMARY; kind++) {
        assert_int_equal(gp_wire_reply_pack(sample_reply((enum gp_reply_kind)kind), &arena, &bytes),
                         0);
        same_as_protobuf_c(&gp__reply__descriptor, bytes);
    }
}

static void entries_and_incidents(void **state)
{
    static const struct gp_entry bare_entry = {.seq = 1};
    static const struct gp_incident bare_incident = {.id = 1};
    struct gp_entry *entry = sample_entry();
    struct gp_span bytes;

    (void)state;
    assert_int_equal(gp_wire_entry_pack(entry, &arena, &bytes), 0);
    same_as_protobuf_c(&gp__journal_entry__descriptor, bytes);
    entry->personal = true;
    assert_int_equal(gp_wire_entry_pack(entry, &arena, &bytes), 0);
    same_as_protobuf_c(&gp__journal_entry__descriptor, bytes);
    assert_int_equal(gp_wire_entry_pack(&bare_entry, &arena, &bytes), 0);
    same_as_protobuf_c(&gp__journal_entry__descriptor, bytes);
    assert_int_equal(gp_wire_incident_pack(sample_incident(), &arena, &bytes), 0);
    same_as_protobuf_c(&gp__incident__descriptor, bytes);
    assert_int_equal(gp_wire_incident_pack(&bare_incident, &arena, &bytes), 0);
    same_as_protobuf_c(&gp__incident__descriptor, bytes);
}

/* Lengths that take one, two and three bytes, and messages that need a second pass. */
static void messages_of_any_length(void **state)
{
    static char text[GP_TEXT_BYTES_MAX];
    struct gp_entry *entry = sample_entry(), *list[GP_FEED_ENTRIES_MAX];
    struct gp_reply reply = {.status = GP_STATUS_OK, .kind = GP_REPLY_FEED};
    struct gp_span bytes;

    (void)state;
    memset(text, 'x', sizeof text);
    reply.feed.item = list;
    for (size_t len = 0; len <= sizeof text; len += 25) {
        entry->text = (struct gp_span){text, len};
        assert_int_equal(gp_wire_entry_pack(entry, &arena, &bytes), 0);
        same_as_protobuf_c(&gp__journal_entry__descriptor, bytes);
        reply.feed.count = (uint32_t)(len / 32);
        for (uint32_t i = 0; i < reply.feed.count; i++)
            list[i] = entry;
        assert_int_equal(gp_wire_reply_pack(&reply, &arena, &bytes), 0);
        same_as_protobuf_c(&gp__reply__descriptor, bytes);
        gp_arena_reset(&arena);
    }
}

static void a_message_above_its_limit_is_refused(void **state)
{
    static char text[GP_REPLY_BYTES_MAX];
    struct gp_incident *incident = sample_incident();
    struct gp_span bytes;

    (void)state;
    memset(text, 'x', sizeof text);
    incident->text = (struct gp_span){text, sizeof text};
    assert_int_equal(gp_wire_incident_pack(incident, &arena, &bytes), GP_ELIMIT);
}

/* A hash of zero is a hash like others: the field says that it is left out. */
static void numbers_that_are_zero_are_left_out(void **state)
{
    struct gp_entry *entry = sample_entry();
    struct gp_span with, without;

    (void)state;
    entry->kept.device_hash = 1;
    assert_int_equal(gp_wire_entry_pack(entry, &arena, &with), 0);
    entry->kept.device_hash = 0;
    assert_int_equal(gp_wire_entry_pack(entry, &arena, &without), 0);
    assert_int_equal(with.len - without.len, 9);
    same_as_protobuf_c(&gp__journal_entry__descriptor, without);
}

static void a_text_with_a_nul_is_refused_in_records_too(void **state)
{
    struct gp_entry *entry = sample_entry();
    struct gp_incident *incident = sample_incident();
    struct gp_span bytes;

    (void)state;
    entry->line = GP_SPAN("half\0a line");
    assert_int_equal(gp_wire_entry_pack(entry, &arena, &bytes), GP_EUTF8);
    incident->text = GP_SPAN("half\0a text");
    assert_int_equal(gp_wire_incident_pack(incident, &arena, &bytes), GP_EUTF8);
}

/* What stands in a reply takes memory for its bytes, however long it is by itself. */
static void long_entries_take_no_more_than_their_bytes(void **state)
{
    static char text[GP_TEXT_BYTES_MAX];
    struct gp_entry *entry = sample_entry(), *list[GP_FEED_ENTRIES_MAX];
    struct gp_reply reply = {.status = GP_STATUS_OK, .kind = GP_REPLY_FEED, .feed.item = list};
    struct gp_arena small;
    struct gp_span bytes;

    (void)state;
    memset(text, 'x', sizeof text);
    entry->text = (struct gp_span){text, sizeof text};
    entry->recipient_count = GP_RECIPIENTS_MAX;
    for (int i = 0; i < GP_RECIPIENTS_MAX; i++)
        entry->recipient[i] = (struct gp_recipient){.person = {text, 32}, .post = {text, 32}};
    for (int i = 0; i < GP_FEED_ENTRIES_MAX; i++)
        list[i] = entry;
    gp_arena_init(&small, (size_t)1 << 20);
    reply.feed.count = GP_FEED_ENTRIES_MAX / 2;
    assert_int_equal(gp_wire_reply_pack(&reply, &small, &bytes), 0);
    assert_true(bytes.len > reply.feed.count * UINT64_C(4096));
    same_as_protobuf_c(&gp__reply__descriptor, bytes);
    gp_arena_release(&small);
    reply.feed.count = GP_FEED_ENTRIES_MAX;
    assert_int_equal(gp_wire_reply_pack(&reply, &arena, &bytes), GP_ELIMIT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(requests_and_replies),
        TEST(entries_and_incidents),
        TEST(messages_of_any_length),
        TEST(numbers_that_are_zero_are_left_out),
        TEST(a_text_with_a_nul_is_refused_in_records_too),
        TEST(long_entries_take_no_more_than_their_bytes),
        TEST(a_message_above_its_limit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
