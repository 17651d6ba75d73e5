/* The enums of gridpost.proto and those of the core are one list: same numbers, same words, nothing
 * left out on either side. */
#include "core/decide.h"
#include "wire/message.h"

#include "gridpost.pb-c.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

/* "WHAT_OWNER_SHIFT" without "WHAT_", in small letters. */
static void word_of(const char *name, const char *prefix, char *ret_word, size_t size)
{
    size_t skip = strncmp(name, prefix, strlen(prefix)) == 0 ? strlen(prefix) : 0;
    size_t len = strlen(name + skip);

    assert_true(len < size);
    for (size_t i = 0; i <= len; i++)
        ret_word[i] = (char)tolower((unsigned char)name[skip + i]);
}

static void check(const ProtobufCEnumDescriptor *type, const char *prefix,
                  const char *(*name_of)(int), unsigned count)
{
    assert_int_equal(type->n_values, count + 1); /* and 0, which is "none" */
    for (unsigned i = 0; i < type->n_values; i++) {
        char word[40];
        assert_int_equal(type->values[i].value, i);
        if (i == 0)
            continue;
        word_of(type->values[i].name, prefix, word, sizeof word);
        assert_string_equal(word, name_of((int)i));
    }
}

#define ONE_X3(name, number, text)       +1
#define ONE_X4(name, number, text, open) +1

static const char *status_name(int status)
{
    static const char *names[] = {"",          "ok",      "refused", "invalid",    "not_found",
                                  "try_again", "version", "limited", "sealed_only"};
    return names[status];
}

/* `DUPLICATE` is a state already. */
static const char *return_reason_name(int reason)
{
    return reason == GP_RETURN_DUPLICATE ? "duplicate_of" : gp_return_reason_name(reason);
}

static void every_word_is_the_cores(void **state)
{
    (void)state;
    check(&gp__state__descriptor, "STATE_", gp_state_name, 0 GP_STATES(ONE_X4));
    check(&gp__step__descriptor, "STEP_", gp_step_name, 0 GP_STEPS(ONE_X3));
    check(&gp__what__descriptor, "WHAT_", gp_what_name, 0 GP_WHATS(ONE_X3));
    check(&gp__verb__descriptor, "VERB_", gp_verb_name, 0 GP_VERBS(ONE_X3));
    check(&gp__return_reason__descriptor, "", return_reason_name, 0 GP_RETURN_REASONS(ONE_X3));
    check(&gp__delivery__descriptor, "", gp_delivery_name, 0 GP_DELIVERIES(ONE_X3));
    check(&gp__leave_state__descriptor, "", gp_leave_state_name, 0 GP_LEAVE_STATES(ONE_X3));
    check(&gp__assess_by__descriptor, "", gp_assess_by_name, 0 GP_ASSESS_BYS(ONE_X3));
    check(&gp__figure__descriptor, "FIGURE_", gp_figure_name, 0 GP_FIGURES(ONE_X4));
    check(&gp__colour__descriptor, "COLOUR_", gp_colour_name, 0 GP_COLOURS(ONE_X3));
    check(&gp__order__descriptor, "ORDER_", gp_order_name, GP_ORDER_NEWEST);
    check(&gp__path__descriptor, "PATH_", gp_path_name, GP_PATH_SUPERIOR);
    check(&gp__status__descriptor, "STATUS_", status_name, GP_STATUS_SEALED_ONLY);
    check(&gp__role__descriptor, "ROLE_", gp_role_name, 0 GP_ROLES(ONE_X3));
    check(&gp__device_state__descriptor, "DEVICE_", gp_device_state_name,
          0 GP_DEVICE_STATES(ONE_X3));
}

static void bodies_keep_their_numbers(void **state)
{
    (void)state;
    assert_int_equal(GP__REQUEST__BODY_COMMAND, 10);
    assert_int_equal(GP__REQUEST__BODY_CONTROL, 16);
    assert_int_equal(GP__REQUEST__BODY_HEAD, 22);
    assert_int_equal(GP__REPLY__BODY_ANSWER, 10);
    assert_int_equal(GP__REPLY__BODY_ROSTER, 15);
    assert_int_equal(GP__REPLY__BODY_HEAD, 21);
}

/* A message that contains itself could be nested until the stack ends. */
static unsigned depth_of(const ProtobufCMessageDescriptor *type, unsigned depth)
{
    unsigned deepest = depth;

    assert_true(depth < 8);
    for (unsigned i = 0; i < type->n_fields; i++) {
        if (type->fields[i].type != PROTOBUF_C_TYPE_MESSAGE)
            continue;
        unsigned inner = depth_of(type->fields[i].descriptor, depth + 1);
        deepest = inner > deepest ? inner : deepest;
    }
    return deepest;
}

static void no_message_contains_itself(void **state)
{
    (void)state;
    assert_int_equal(depth_of(&gp__request__descriptor, 0), 2);
    assert_int_equal(depth_of(&gp__reply__descriptor, 0), 4);
    assert_int_equal(depth_of(&gp__journal_entry__descriptor, 0), 3);
}

/* ---------------------------------------------------------------- numbers are for ever */

static char numbers[32 * 1024]; /* numbers.txt: a line "Message.field number type" each */

static void load_numbers(void)
{
    FILE *file = fopen(GP_SOURCE_DIR "/tests/wire/numbers.txt", "rb");

    assert_non_null(file);
    numbers[0] = '\n';
    size_t len = fread(numbers + 1, 1, sizeof numbers - 2, file);
    assert_true(len < sizeof numbers - 2);
    numbers[1 + len] = '\0';
    (void)fclose(file); /* only read from */
}

static const char *type_name(ProtobufCType type)
{
    static const char *const names[] = {
        [PROTOBUF_C_TYPE_SINT32] = "sint32",   [PROTOBUF_C_TYPE_SINT64] = "sint64",
        [PROTOBUF_C_TYPE_INT64] = "int64",     [PROTOBUF_C_TYPE_UINT32] = "uint32",
        [PROTOBUF_C_TYPE_UINT64] = "uint64",   [PROTOBUF_C_TYPE_FIXED64] = "fixed64",
        [PROTOBUF_C_TYPE_BOOL] = "bool",       [PROTOBUF_C_TYPE_ENUM] = "enum",
        [PROTOBUF_C_TYPE_STRING] = "string",   [PROTOBUF_C_TYPE_BYTES] = "bytes",
        [PROTOBUF_C_TYPE_MESSAGE] = "message",
    };
    assert_true(type < sizeof names / sizeof names[0] && names[type] != NULL);
    return names[type];
}

static void check_numbers(const ProtobufCMessageDescriptor *type)
{
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        char line[120];
        (void)snprintf(line, sizeof line, "\n%s.%s %u %s\n", type->short_name, field->name,
                       field->id, type_name(field->type));
        if (strstr(numbers, line) == NULL)
            fail_msg("not in tests/wire/numbers.txt: %s", line);
        if (field->type == PROTOBUF_C_TYPE_MESSAGE)
            check_numbers(field->descriptor);
    }
}

/* If this fails for a field that is not new, put it back: clients and journals have it. */
static void every_field_has_the_number_it_was_given(void **state)
{
    (void)state;
    load_numbers();
    check_numbers(&gp__request__descriptor);
    check_numbers(&gp__reply__descriptor);
    check_numbers(&gp__journal_entry__descriptor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_word_is_the_cores),
        cmocka_unit_test(bodies_keep_their_numbers),
        cmocka_unit_test(no_message_contains_itself),
        cmocka_unit_test(every_field_has_the_number_it_was_given),
    };
    return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
