/* What a request must say to be believed, and when two commands have the same body. */
#include "wire/forms.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define GOLDEN_HASH                                                                                \
    {                                                                                              \
        0x3b, 0xe5, 0xc6, 0x20, 0xa8, 0x32, 0xd0, 0xa2, 0x40, 0x7f, 0x43, 0xc5, 0xe8, 0x67, 0x80,  \
            0x7e                                                                                   \
    }
#define GOLDEN_DEVICE UINT64_C(0x947baa2622a10681)

static struct gp_arena arena;
static uint8_t raw[2 * GP_MESSAGE_BYTES_MAX];

/* A report as a handset would build it, with generated code of its own. */
static uint8_t report_id[GP_COMMAND_ID_BYTES] = {1, 2, 3, 4, 5, 6, 7, 8};
static char grid[] = "340705402001000", category[] = "manhole", text[] = "井盖缺失";
static Gp__Command command;
static Gp__Request request;

static int setup(void **state)
{
    (void)state;
    gp_arena_init(&arena, GP_UNPACK_BYTES_MAX);
    gp__command__init(&command);
    command.has_verb = true;
    command.verb = GP__VERB__REPORT;
    command.grid = grid;
    command.category = category;
    command.text = text;
    gp__request__init(&request);
    request.has_version = true;
    request.version = GP_WIRE_VERSION;
    request.has_id = true;
    request.id = (ProtobufCBinaryData){sizeof report_id, report_id};
    request.body_case = GP__REQUEST__BODY_COMMAND;
    request.command = &command;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    gp_arena_release(&arena);
    return 0;
}

static int read_bytes(size_t len, struct gp_request *ret_request, const char **ret_field)
{
    gp_arena_reset(&arena);
    return gp_wire_request_unpack((struct gp_span){(const char *)raw, len}, &arena, ret_request,
                                  ret_field);
}

static int read_message(struct gp_request *ret_request, const char **ret_field)
{
    assert_true(gp__request__get_packed_size(&request) <= sizeof raw);
    return read_bytes(gp__request__pack(&request, raw), ret_request, ret_field);
}

static void refused(int error, const char *field)
{
    struct gp_request got;
    const char *named = "";

    assert_int_equal(read_message(&got, &named), error);
    assert_string_equal(named, field);
}

static void accepted(struct gp_request *ret_request)
{
    const char *field = "";
    if (read_message(ret_request, &field) != 0)
        fail_msg("refused for %s", field);
}

/* ---------------------------------------------------------------- what must be there */

static void a_plain_report_is_accepted(void **state)
{
    struct gp_request got;

    (void)state;
    accepted(&got);
    assert_int_equal(got.kind, GP_REQUEST_COMMAND);
    assert_int_equal(got.command.verb, GP_VERB_REPORT);
    assert_memory_equal(got.command.id, report_id, sizeof report_id);
    assert_true(gp_span_is(got.command.grid, grid));
    assert_false(got.command.place.known);
    assert_int_equal(got.command.actor.len, 0); /* app/ fills it in */
}

/* ---------------------------------------------------------------- states of a query */

static uint32_t states_of(Gp__State one, size_t count, Gp__State *list)
{
    struct gp_request got;
    Gp__Query query;

    gp__query__init(&query);
    query.has_state = one != 0;
    query.state = one;
    query.n_states = count;
    query.states = list;
    request.body_case = GP__REQUEST__BODY_QUERY;
    request.query = &query;
    accepted(&got);
    return got.query.states;
}

static void a_query_has_one_state_or_several(void **state)
{
    Gp__State list[] = {GP__STATE__CLOSED, GP__STATE__RETURNED, GP__STATE__CLOSED};
    uint32_t several = GP_STATE_BIT(GP_STATE_CLOSED) | GP_STATE_BIT(GP_STATE_RETURNED);

    (void)state;
    assert_int_equal(states_of(GP__STATE__STATE_NONE, 0, NULL), 0);
    assert_int_equal(states_of(GP__STATE__VOID, 0, NULL), GP_STATE_BIT(GP_STATE_VOID));
    assert_int_equal(states_of(GP__STATE__STATE_NONE, 3, list), several);
    assert_int_equal(states_of(GP__STATE__VOID, 3, list), several | GP_STATE_BIT(GP_STATE_VOID));
}

/* So that a daemon of before understands it. */
static void one_state_alone_is_said_as_before(void **state)
{
    struct gp_request ask = {.kind = GP_REQUEST_QUERY,
                             .query = {.states = GP_STATE_BIT(GP_STATE_VOID)}};
    struct gp_span bytes;

    (void)state;
    gp_arena_reset(&arena);
    assert_int_equal(gp_wire_request_pack(&ask, &arena, &bytes), 0);
    Gp__Request *said = gp__request__unpack(NULL, bytes.len, (const uint8_t *)bytes.ptr);
    assert_non_null(said);
    assert_int_equal(said->query->state, GP__STATE__VOID);
    assert_int_equal(said->query->n_states, 0);
    gp__request__free_unpacked(said, NULL);
}

static void a_state_that_there_is_not_is_refused(void **state)
{
    Gp__State list[GP_STATE_REOPENED + 1] = {GP__STATE__CLOSED, (Gp__State)(GP_STATE_REOPENED + 1)};
    Gp__Query query;

    (void)state;
    gp__query__init(&query);
    query.has_state = true;
    query.state = (Gp__State)(GP_STATE_REOPENED + 1);
    request.body_case = GP__REQUEST__BODY_QUERY;
    request.query = &query;
    refused(GP_EFORMAT, "query.state");
    query.state = GP__STATE__CLOSED;
    query.states = list;
    query.n_states = 2;
    refused(GP_EFORMAT, "query.states");
    list[1] = GP__STATE__VOID;
    query.n_states = GP_STATE_REOPENED + 1;
    refused(GP_ELIMIT, "query.states");
}

static void other_versions_are_refused(void **state)
{
    (void)state;
    request.version = GP_WIRE_VERSION + 1;
    refused(GP_EVERSION, "version");
    request.has_version = false;
    refused(GP_EVERSION, "version");
}

static void an_empty_message_is_refused(void **state)
{
    struct gp_request got;
    const char *field = "";

    (void)state;
    assert_int_equal(read_bytes(0, &got, &field), GP_EVERSION);
}

static void a_body_is_needed(void **state)
{
    (void)state;
    request.body_case = GP__REQUEST__BODY__NOT_SET;
    refused(GP_EFORMAT, "body");
}

static void an_id_has_sixteen_bytes_and_is_not_zero(void **state)
{
    static uint8_t long_id[17] = {1};
    static uint8_t zero_id[16];

    (void)state;
    request.id = (ProtobufCBinaryData){15, long_id};
    refused(GP_EFORMAT, "id");
    request.id = (ProtobufCBinaryData){17, long_id};
    refused(GP_EFORMAT, "id");
    request.id = (ProtobufCBinaryData){16, zero_id};
    refused(GP_EFORMAT, "id");
    request.has_id = false;
    refused(GP_EFORMAT, "id");
}

static void a_report_names_grid_and_category(void **state)
{
    (void)state;
    command.grid = NULL;
    refused(GP_EFORMAT, "command.grid");
    command.grid = grid;
    command.category = NULL;
    refused(GP_EFORMAT, "command.category");
}

static void other_verbs_name_an_incident(void **state)
{
    struct gp_request got;

    (void)state;
    command.verb = GP__VERB__ACCEPT;
    refused(GP_EFORMAT, "command.incident");
    command.has_incident = true;
    command.incident = 7;
    accepted(&got);
    assert_int_equal(got.command.incident, 7);
}

static void approving_names_a_leave_and_asking_for_one_does_not(void **state)
{
    static const Gp__Verb about[] = {GP__VERB__APPROVE, GP__VERB__REJECT, GP__VERB__CANCEL};
    struct gp_request got;

    (void)state;
    command.verb = GP__VERB__LEAVE;
    accepted(&got);
    command.verb = GP__VERB__HOLD;
    accepted(&got);
    for (size_t i = 0; i < sizeof about / sizeof about[0]; i++) {
        command.verb = about[i];
        command.has_leave = false;
        refused(GP_EFORMAT, "command.leave");
        command.has_leave = true;
        command.leave = 7;
        accepted(&got);
        assert_int_equal(got.command.leave, 7);
    }
}

static void a_verb_is_needed(void **state)
{
    (void)state;
    command.has_verb = false;
    refused(GP_EFORMAT, "command.verb");
}

static char person[] = "li";

static void what_is_about_devices_names_what_it_needs(void **state)
{
    struct gp_request got;

    (void)state;
    command.verb = GP__VERB__INVITE;
    refused(GP_EFORMAT, "command.person");
    command.person = person;
    refused(GP_EFORMAT, "command.role");
    command.has_role = true;
    command.role = GP__ROLE__ROLE_OFFICER;
    accepted(&got);
    command.verb = GP__VERB__CONFIRM;
    refused(GP_EFORMAT, "command.device");
    command.verb = GP__VERB__REVOKE;
    refused(GP_EFORMAT, "command.device");
    command.has_device = true;
    command.device = 3;
    accepted(&got);
    assert_int_equal(got.command.device_id, 3);
    command.has_device = false;
    command.verb = GP__VERB__ROTATE;
    accepted(&got);
}

/* Who could say them could make a device of their own. */
static void joining_and_enrolling_never_come_in_a_message(void **state)
{
    (void)state;
    command.person = person;
    command.has_role = command.has_device = true;
    command.role = GP__ROLE__ROLE_ADMIN;
    command.device = 3;
    command.verb = GP__VERB__JOIN;
    refused(GP_EFORMAT, "command.verb");
    command.verb = GP__VERB__ENROL;
    refused(GP_EFORMAT, "command.verb");
    assert_false(gp_wire_verb_allowed(GP_VERB_NONE));
    assert_false(gp_wire_verb_allowed(GP_VERB_ENROL + 1));
    assert_true(gp_wire_verb_allowed(GP_VERB_ROTATE));
}

static void a_text_that_hides_a_nul_is_refused(void **state)
{
    struct gp_request got;
    const char *field = "";
    size_t len = gp__request__pack(&request, raw);
    char *at = memmem(raw, len, text, sizeof text - 1);

    (void)state;
    assert_non_null(at);
    at[3] = '\0';
    assert_int_equal(read_bytes(len, &got, &field), GP_EUTF8);
}

/* ---------------------------------------------------------------- size */

static void size_is_looked_at_before_anything_else(void **state)
{
    static char mebibyte[1024 * 1024];
    struct gp_request got;
    const char *field = "";

    (void)state;
    assert_int_equal(
        gp_wire_request_unpack((struct gp_span){mebibyte, sizeof mebibyte}, &arena, &got, &field),
        GP_ELIMIT);
    assert_int_equal(arena.used, 0);
}

/* A valid message blown up to an exact size by a field nobody knows. */
static size_t padded_message(size_t size)
{
    size_t len = gp__request__pack(&request, raw);
    size_t pad = size - len - 5; /* tag of two bytes, length of three */

    raw[len++] = 0xFA;
    raw[len++] = 0x06; /* field 111, bytes */
    raw[len++] = (uint8_t)(0x80 | (pad & 0x7F));
    raw[len++] = (uint8_t)(0x80 | ((pad >> 7) & 0x7F));
    raw[len++] = (uint8_t)(pad >> 14);
    memset(raw + len, 'x', pad);
    return len + pad;
}

static void the_largest_message_is_read_and_one_byte_more_is_not(void **state)
{
    struct gp_request got;
    const char *field = "";

    (void)state;
    assert_int_equal(padded_message(GP_MESSAGE_BYTES_MAX), GP_MESSAGE_BYTES_MAX);
    assert_int_equal(read_bytes(GP_MESSAGE_BYTES_MAX, &got, &field), 0);
    (void)padded_message(GP_MESSAGE_BYTES_MAX + 1);
    assert_int_equal(read_bytes(GP_MESSAGE_BYTES_MAX + 1, &got, &field), GP_ELIMIT);
    assert_string_equal(field, "message");
}

/* Unknown fields of two bytes each cost protobuf-c the most: the ceiling of a request holds,
 * however large the arena. */
static void a_request_costs_no_more_than_its_ceiling(void **state)
{
    struct gp_request got;
    struct gp_arena large;
    const char *field = "";

    (void)state;
    gp_arena_init(&large, (size_t)16 * 1024 * 1024);
    for (size_t i = 0; i < GP_MESSAGE_BYTES_MAX; i += 2)
        memcpy(raw + i, "\x48", 2); /* field 9: 0 */
    assert_int_equal(gp_wire_request_unpack((struct gp_span){(char *)raw, GP_MESSAGE_BYTES_MAX},
                                            &large, &got, &field),
                     GP_ENOMEM);
    assert_true(large.used <= GP_UNPACK_BYTES_MAX);
    assert_int_equal(large.ceiling, (size_t)16 * 1024 * 1024);
    gp_arena_release(&large);
}

/* ---------------------------------------------------------------- the body's hash */

static void hash_now(unsigned char ret_hash[16])
{
    struct gp_request got;
    accepted(&got);
    memcpy(ret_hash, got.command.body_hash, 16);
}

static void what_is_no_part_of_the_body_does_not_change_its_hash(void **state)
{
    static uint8_t other_id[16] = {9};
    static char li[] = "li", device[] = "handset-7";
    unsigned char before[16], after[16];
    Gp__Speaker speaker;

    (void)state;
    hash_now(before);
    gp__speaker__init(&speaker);
    speaker.person = li;
    speaker.device = device;
    request.speaker = &speaker;
    request.id.data = other_id;
    command.has_expect_version = true;
    command.expect_version = 5;
    hash_now(after);
    assert_memory_equal(before, after, 16);
}

static void defaults_said_aloud_do_not_change_the_hash(void **state)
{
    static char empty[] = "";
    unsigned char before[16], after[16];

    (void)state;
    hash_now(before);
    command.has_incident = true;
    command.has_captured_ms = true;
    command.condition = empty;
    hash_now(after);
    assert_memory_equal(before, after, 16);
}

static void fields_nobody_knows_do_not_change_the_hash(void **state)
{
    static uint8_t later[] = {0x2A};
    static ProtobufCMessageUnknownField field = {900, PROTOBUF_C_WIRE_TYPE_VARINT, 1, later};
    unsigned char before[16], after[16];

    (void)state;
    hash_now(before);
    command.base.n_unknown_fields = 1;
    command.base.unknown_fields = &field;
    hash_now(after);
    assert_memory_equal(before, after, 16);
}

static void another_body_has_another_hash(void **state)
{
    static char other[] = "井盖损坏";
    unsigned char before[16], after[16];
    Gp__Place place;

    (void)state;
    hash_now(before);
    command.text = other;
    hash_now(after);
    assert_memory_not_equal(before, after, 16);
    command.text = text;
    gp__place__init(&place); /* 0°, 0° is a place */
    command.place = &place;
    hash_now(after);
    assert_memory_not_equal(before, after, 16);
}

/* Dedup rows hold these hashes for 400 days: another value would turn repeats into conflicts. */
static void the_hash_is_what_it_was(void **state)
{
    static const unsigned char golden[16] = GOLDEN_HASH;
    unsigned char hash[16];

    (void)state;
    hash_now(hash);
    assert_memory_equal(hash, golden, 16);
    assert_true(gp_device_hash(GP_SPAN("handset-7")) == GOLDEN_DEVICE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_plain_report_is_accepted, setup, teardown),
        cmocka_unit_test_setup_teardown(a_query_has_one_state_or_several, setup, teardown),
        cmocka_unit_test_setup_teardown(one_state_alone_is_said_as_before, setup, teardown),
        cmocka_unit_test_setup_teardown(a_state_that_there_is_not_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(other_versions_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(an_empty_message_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_body_is_needed, setup, teardown),
        cmocka_unit_test_setup_teardown(an_id_has_sixteen_bytes_and_is_not_zero, setup, teardown),
        cmocka_unit_test_setup_teardown(a_report_names_grid_and_category, setup, teardown),
        cmocka_unit_test_setup_teardown(other_verbs_name_an_incident, setup, teardown),
        cmocka_unit_test_setup_teardown(approving_names_a_leave_and_asking_for_one_does_not, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_verb_is_needed, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_about_devices_names_what_it_needs, setup, teardown),
        cmocka_unit_test_setup_teardown(joining_and_enrolling_never_come_in_a_message, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_text_that_hides_a_nul_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(size_is_looked_at_before_anything_else, setup, teardown),
        cmocka_unit_test_setup_teardown(the_largest_message_is_read_and_one_byte_more_is_not, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_request_costs_no_more_than_its_ceiling, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_no_part_of_the_body_does_not_change_its_hash, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(defaults_said_aloud_do_not_change_the_hash, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(fields_nobody_knows_do_not_change_the_hash, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(another_body_has_another_hash, setup, teardown),
        cmocka_unit_test_setup_teardown(the_hash_is_what_it_was, setup, teardown),
    };
    return cmocka_run_group_tests_name("request", tests, NULL, NULL);
}
