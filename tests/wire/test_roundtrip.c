/* What is packed comes back exactly, the same struct gives the same bytes, and the bytes of stored
 * forms are those of the releases before. */
#include "wire/forms.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

/* Checked by hand against the numbers of gridpost.proto. */
#define GOLDEN_ENTRY                                                                               \
    "0a2a08ac021080f6e18b8f341829220f33343037303534303230303130303028065006700478038a01026c69"     \
    "121208820110048201026c69880180f6e18b8f34"                                                     \
    "1a2d0a10010203000000000000000000000000001107000000000000001a1004050600000000000000000000000"  \
    "000"
#define GOLDEN_INCIDENT "0829100318045a06e4ba95e79b96620c08b2edfda60210fff2c5e3087080f6e18b8f34"

#define GOLDEN_DEVICE                                                                              \
    "080312026c69180120032a20010200000000000000000000000000000000000000000000000000000000000332"   \
    "0570686f6e653880f6e18b8f344080f6e18b8f344880f6e18b8f345080f6e18b8f3460c0c4076a0477616e6772"   \
    "0477616e67"

static struct gp_arena arena;

static int setup(void **state)
{
    (void)state;
    gp_arena_init(&arena, (size_t)16 * 1024 * 1024);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    gp_arena_release(&arena);
    return 0;
}

static void request_comes_back(enum gp_request_kind kind)
{
    const struct gp_request *request = sample_request(kind);
    struct gp_request back;
    struct gp_span bytes;
    const char *field = "";

    assert_int_equal(gp_wire_request_pack(request, &arena, &bytes), 0);
    assert_int_equal(gp_wire_request_unpack(bytes, &arena, &back, &field), 0);
    same_request(request, &back);
}

static void requests_come_back(void **state)
{
    (void)state;
    for (int kind = GP_REQUEST_COMMAND; kind <= GP_REQUEST_SUMMARY; kind++)
        request_comes_back((enum gp_request_kind)kind);
}

static void reply_comes_back(enum gp_reply_kind kind)
{
    const struct gp_reply *reply = sample_reply(kind);
    struct gp_reply back;
    struct gp_span bytes;

    assert_int_equal(gp_wire_reply_pack(reply, &arena, &bytes), 0);
    assert_int_equal(gp_wire_reply_unpack(bytes, &arena, &back), 0);
    same_reply(reply, &back);
}

static void replies_come_back(void **state)
{
    (void)state;
    for (int kind = GP_REPLY_ANSWER; kind <= GP_REPLY_SUMMARY; kind++)
        reply_comes_back((enum gp_reply_kind)kind);
}

static void a_look_at_an_entry_sees_what_unpacking_does(void **state)
{
    const struct gp_entry *entry = sample_entry();
    struct gp_entry_peek peek = {0};
    struct gp_span bytes;

    (void)state;
    assert_int_equal(gp_wire_entry_pack(entry, &arena, &bytes), 0);
    assert_int_equal(gp_wire_entry_peek(bytes, &peek), 0);
    assert_int_equal(peek.at_ms, entry->at_ms);
    assert_int_equal(peek.incident, entry->incident);
    bytes.len = 1;
    assert_int_equal(gp_wire_entry_peek(bytes, &peek), GP_EFORMAT);
}

static void a_look_at_an_incident_sees_what_unpacking_does(void **state)
{
    static const struct gp_incident southwest = {
        .id = 2, .place = {.known = true, .lat_e7 = -309300000, .lon_e7 = -1178100000}};
    static const struct gp_incident nowhere = {.id = 3, .place = {.known = true}};
    const struct gp_incident *sample[] = {sample_incident(), &southwest, &nowhere};
    struct gp_similar peek;
    struct gp_span bytes;

    (void)state;
    for (size_t i = 0; i < sizeof sample / sizeof sample[0]; i++) {
        assert_int_equal(gp_wire_incident_pack(sample[i], &arena, &bytes), 0);
        assert_int_equal(gp_wire_incident_peek(bytes, &peek), 0);
        assert_int_equal(peek.id, sample[i]->id);
        assert_true(gp_span_equal(peek.category, sample[i]->row.code));
        assert_int_equal(peek.received_ms, sample[i]->received_ms);
        assert_int_equal(peek.place.known, sample[i]->place.known);
        assert_int_equal(peek.place.lat_e7, sample[i]->place.lat_e7);
        assert_int_equal(peek.place.lon_e7, sample[i]->place.lon_e7);
        assert_int_equal(peek.main, sample[i]->side.main);
    }
    bytes.len = 1;
    assert_int_equal(gp_wire_incident_peek(bytes, &peek), GP_EFORMAT);
}

/* What the looks refuse is no record to the whole reading, either. */
static void a_record_without_its_id_is_none(void **state)
{
    const struct gp_span version_only = GP_SPAN("\x10\x01"), person_only = GP_SPAN("\x12\x02li");
    struct gp_incident incident;
    struct gp_similar similar;
    struct gp_device device;
    struct gp_device_peek peek;

    (void)state;
    assert_int_equal(gp_wire_incident_peek(version_only, &similar), GP_EFORMAT);
    assert_int_equal(gp_wire_incident_unpack(version_only, &arena, &incident), GP_EFORMAT);
    assert_int_equal(gp_wire_incident_unpack(GP_SPAN(""), &arena, &incident), GP_EFORMAT);
    assert_int_equal(gp_wire_device_peek(person_only, &peek), GP_EFORMAT);
    assert_int_equal(gp_wire_device_unpack(person_only, &arena, &device), GP_EFORMAT);
}

static void replies_without_body_come_back(void **state)
{
    struct gp_reply reply = {.status = GP_STATUS_TRY_AGAIN}, back;
    struct gp_span bytes;

    (void)state;
    assert_int_equal(gp_wire_reply_pack(&reply, &arena, &bytes), 0);
    assert_int_equal(gp_wire_reply_unpack(bytes, &arena, &back), 0);
    assert_int_equal(back.status, GP_STATUS_TRY_AGAIN);
    assert_int_equal(back.kind, 0);
}

static void entry_comes_back(const struct gp_entry *entry)
{
    struct gp_span bytes;
    struct gp_entry *back = gp_arena_alloc(&arena, sizeof *back);

    assert_non_null(back);
    assert_int_equal(gp_wire_entry_pack(entry, &arena, &bytes), 0);
    assert_int_equal(gp_wire_entry_unpack(bytes, &arena, back), 0);
    same_entry(entry, back);
}

static void entries_come_back(void **state)
{
    static struct gp_entry bare = {.seq = 1, .what = GP_WHAT_AUDIT};

    (void)state;
    entry_comes_back(sample_entry());
    entry_comes_back(&bare);
    /* planned for the first instant of all: there, and not "no nominal time" */
    bare.has_nominal = true;
    bare.at_ms = bare.late_ms = 5;
    entry_comes_back(&bare);
}

static void incidents_come_back(void **state)
{
    static const struct gp_incident bare = {.id = 1};
    const struct gp_incident *sample[] = {sample_incident(), &bare};

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct gp_incident back;
        struct gp_span bytes;
        assert_int_equal(gp_wire_incident_pack(sample[i], &arena, &bytes), 0);
        assert_int_equal(gp_wire_incident_unpack(bytes, &arena, &back), 0);
        same_incident(sample[i], &back);
    }
}

static void empty_texts_in_lists_come_back(void **state)
{
    struct gp_incident *incident = sample_incident(), back;
    struct gp_span bytes;

    (void)state;
    incident->finisher[0] = (struct gp_span){0};
    incident->row.tell[1] = (struct gp_span){0};
    assert_int_equal(gp_wire_incident_pack(incident, &arena, &bytes), 0);
    assert_int_equal(gp_wire_incident_unpack(bytes, &arena, &back), 0);
    same_incident(incident, &back);
}

static void places_on_the_equator_come_back(void **state)
{
    struct gp_incident incident = {.id = 1, .place = {.known = true}}, back;
    struct gp_span bytes;

    (void)state;
    assert_int_equal(gp_wire_incident_pack(&incident, &arena, &bytes), 0);
    assert_int_equal(gp_wire_incident_unpack(bytes, &arena, &back), 0);
    assert_true(back.place.known);
    assert_int_equal(back.place.lat_e7, 0);
}

static void packing_is_deterministic(void **state)
{
    (void)state;
    for (size_t i = 0; i < form_count; i++) {
        struct gp_span first = form_sample(&forms[i], &arena);
        struct gp_span second = form_sample(&forms[i], &arena);
        assert_int_equal(first.len, second.len);
        if (first.len > 0)
            assert_memory_equal(first.ptr, second.ptr, first.len);
    }
}

static void feeds_hold_back_the_folds_half(void **state)
{
    struct gp_span bytes;
    struct gp_reply back;

    (void)state;
    assert_int_equal(gp_wire_reply_pack(sample_reply(GP_REPLY_FEED), &arena, &bytes), 0);
    assert_int_equal(gp_wire_reply_unpack(bytes, &arena, &back), 0);
    assert_int_equal(back.feed.item[0]->patch.bits, 0);
    assert_false(back.feed.item[0]->kept.present);
    assert_null(memmem(bytes.ptr, bytes.len, "vacant_post", 11));
}

/* ---------------------------------------------------------------- golden bytes */

static void assert_hex(struct gp_span bytes, const char *expected)
{
    char hex[1024];
    size_t used = 0;

    assert_true(2 * bytes.len < sizeof hex);
    hex[0] = '\0';
    for (size_t i = 0; i < bytes.len; i++)
        used +=
            (size_t)snprintf(hex + used, sizeof hex - used, "%02x", (unsigned char)bytes.ptr[i]);
    assert_string_equal(hex, expected);
}

/* If one of these fails, journals of earlier releases cannot be read any more: mend the code, not
 * the bytes. */
static void stored_bytes_are_what_they_were(void **state)
{
    static struct gp_entry entry = {
        .seq = 300,
        .at_ms = SAMPLE_MS,
        .incident = 41,
        .area = {340705402001000, 15, GP_LEVEL_GRID},
        .what = GP_WHAT_ACCEPTED,
        .state = GP_STATE_ACCEPTED,
        .version = 3,
        .actor = GP_SPAN("li"),
        .patch = {.bits = GP_PATCH_STATE | GP_PATCH_ACCEPT,
                  .state = GP_STATE_ACCEPTED,
                  .person = GP_SPAN("li"),
                  .at_ms = SAMPLE_MS},
        .kept = {.present = true, .id = {1, 2, 3}, .device_hash = 7, .body_hash = {4, 5, 6}},
    };
    struct gp_incident incident = {
        .id = 41,
        .version = 3,
        .state = GP_STATE_ACCEPTED,
        .text = GP_SPAN("井盖"),
        .place = {true, 309312345, -1178123456},
        .received_ms = SAMPLE_MS,
    };
    struct gp_span bytes;

    (void)state;
    assert_int_equal(gp_wire_entry_pack(&entry, &arena, &bytes), 0);
    assert_hex(bytes, GOLDEN_ENTRY);
    assert_int_equal(gp_wire_incident_pack(&incident, &arena, &bytes), 0);
    assert_hex(bytes, GOLDEN_INCIDENT);
}

static void a_devices_bytes_are_what_they_were(void **state)
{
    const struct gp_device device = {
        .id = 3,
        .person = GP_SPAN("li"),
        .label = GP_SPAN("phone"),
        .role = GP_ROLE_OFFICER,
        .state = GP_DEVICE_ACTIVE,
        .key = {1, 2, [31] = 3},
        .invited_ms = SAMPLE_MS,
        .expires_ms = SAMPLE_MS,
        .joined_ms = SAMPLE_MS,
        .confirmed_ms = SAMPLE_MS,
        .digits = 123456,
        .invited_by = GP_SPAN("wang"),
        .confirmed_by = GP_SPAN("wang"),
    };
    struct gp_device_peek peek = {0};
    struct gp_device back;
    struct gp_span bytes;

    (void)state;
    assert_int_equal(gp_wire_device_pack(&device, &arena, &bytes), 0);
    assert_hex(bytes, GOLDEN_DEVICE);
    assert_int_equal(gp_wire_device_unpack(bytes, &arena, &back), 0);
    assert_memory_equal(back.key, device.key, sizeof device.key);
    assert_int_equal(gp_wire_device_peek(bytes, &peek), 0);
    assert_true(gp_span_is(peek.person, "li"));
    assert_int_equal(peek.role, GP_ROLE_OFFICER);
    assert_int_equal(peek.state, GP_DEVICE_ACTIVE);
    assert_int_equal(peek.expires_ms, SAMPLE_MS);
    assert_int_equal(gp_wire_device_peek(GP_SPAN("\x12"), &peek), GP_EFORMAT);
}

/* ---------------------------------------------------------------- limits of packing */

static void a_reply_over_its_size_is_refused(void **state)
{
    struct gp_reply *reply = sample_reply(GP_REPLY_PAGE);
    static struct gp_incident page[GP_PAGE_ROWS_MAX];
    static char text[GP_TEXT_BYTES_MAX];
    struct gp_span bytes = {NULL, 77};

    (void)state;
    memset(text, 'x', sizeof text);
    for (int i = 0; i < GP_PAGE_ROWS_MAX; i++) {
        page[i] = *sample_incident();
        page[i].text = (struct gp_span){text, sizeof text};
    }
    reply->page.item = page;
    reply->page.count = GP_PAGE_ROWS_MAX;
    assert_int_equal(gp_wire_reply_pack(reply, &arena, &bytes), GP_ELIMIT);
    assert_int_equal(bytes.len, 77); /* untouched */
}

static void a_request_that_would_be_refused_does_not_pack(void **state)
{
    struct gp_request *request = sample_request(GP_REQUEST_COMMAND);
    struct gp_span bytes = {NULL, 77};

    (void)state;
    memset(request->command.id, 0, sizeof request->command.id);
    assert_int_equal(gp_wire_request_pack(request, &arena, &bytes), GP_EFORMAT);
    assert_int_equal(bytes.len, 77);
}

static void text_with_a_nul_does_not_pack(void **state)
{
    struct gp_request *request = sample_request(GP_REQUEST_COMMAND);
    struct gp_span bytes;

    (void)state;
    request->command.text = GP_SPAN("half\0a report");
    assert_int_equal(gp_wire_request_pack(request, &arena, &bytes), GP_EUTF8);
}

/* Whatever the ceiling, packing says GP_ENOMEM and touches nothing it does not own. */
static void packing_survives_every_ceiling(void **state)
{
    (void)state;
    for (size_t i = 0; i < form_count; i++) {
        int rc = GP_ENOMEM;
        for (size_t ceiling = 16; rc != 0; ceiling += ceiling < 4096 ? 16 : 256) {
            struct gp_arena tight;
            struct gp_span bytes;
            gp_arena_init(&tight, ceiling);
            rc = forms[i].make(forms[i].kind, &tight, &bytes);
            assert_true(rc == 0 || rc == GP_ENOMEM);
            gp_arena_release(&tight);
        }
    }
}

static void unpacking_survives_every_ceiling(void **state)
{
    (void)state;
    for (size_t i = 0; i < form_count; i++) {
        struct gp_span bytes = form_sample(&forms[i], &arena);
        int rc = GP_ENOMEM;
        for (size_t ceiling = 16; rc != 0; ceiling += ceiling < 4096 ? 16 : 256) {
            struct gp_arena tight;
            gp_arena_init(&tight, ceiling);
            rc = forms[i].read(bytes, &tight);
            assert_true(rc == 0 || rc == GP_ENOMEM);
            gp_arena_release(&tight);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(requests_come_back, setup, teardown),
        cmocka_unit_test_setup_teardown(replies_come_back, setup, teardown),
        cmocka_unit_test_setup_teardown(replies_without_body_come_back, setup, teardown),
        cmocka_unit_test_setup_teardown(a_look_at_an_entry_sees_what_unpacking_does, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_look_at_an_incident_sees_what_unpacking_does, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_record_without_its_id_is_none, setup, teardown),
        cmocka_unit_test_setup_teardown(entries_come_back, setup, teardown),
        cmocka_unit_test_setup_teardown(incidents_come_back, setup, teardown),
        cmocka_unit_test_setup_teardown(empty_texts_in_lists_come_back, setup, teardown),
        cmocka_unit_test_setup_teardown(places_on_the_equator_come_back, setup, teardown),
        cmocka_unit_test_setup_teardown(packing_is_deterministic, setup, teardown),
        cmocka_unit_test_setup_teardown(feeds_hold_back_the_folds_half, setup, teardown),
        cmocka_unit_test_setup_teardown(stored_bytes_are_what_they_were, setup, teardown),
        cmocka_unit_test_setup_teardown(a_devices_bytes_are_what_they_were, setup, teardown),
        cmocka_unit_test_setup_teardown(a_reply_over_its_size_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_request_that_would_be_refused_does_not_pack, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(text_with_a_nul_does_not_pack, setup, teardown),
        cmocka_unit_test_setup_teardown(packing_survives_every_ceiling, setup, teardown),
        cmocka_unit_test_setup_teardown(unpacking_survives_every_ceiling, setup, teardown),
    };
    return cmocka_run_group_tests_name("roundtrip", tests, NULL, NULL);
}
