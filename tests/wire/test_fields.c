/*
 * Every field of every message, found through the descriptors: is it in the sample, is it checked?
 * A field that is added to gridpost.proto and forgotten in wire/ fails here.
 */
#include "wire/forms.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define YEAR_10000_MS INT64_C(253402300800000)

struct leaf {
    const struct form *form;
    ProtobufCMessage *root;
    const ProtobufCFieldDescriptor *field;
    void *value;   /* of one element */
    char name[80]; /* "Incident.owner" */
};

typedef void (*leaf_test)(const struct leaf *leaf);

/* ---------------------------------------------------------------- walking a message */

static bool is_there(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    const char *base = (const char *)message;

    if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
        return *(const uint32_t *)(const void *)(base + field->quantifier_offset) == field->id;
    if (field->label == PROTOBUF_C_LABEL_REPEATED)
        return *(const size_t *)(const void *)(base + field->quantifier_offset) > 0;
    if (field->type == PROTOBUF_C_TYPE_STRING || field->type == PROTOBUF_C_TYPE_MESSAGE)
        return *(void *const *)(const void *)(base + field->offset) != NULL;
    return *(const protobuf_c_boolean *)(const void *)(base + field->quantifier_offset);
}

/* What lies beside the journal: followers get it, the journal holds its hash. */
static bool is_personal(const struct form *form, const ProtobufCMessage *message,
                        const ProtobufCFieldDescriptor *field)
{
    return form->type == &gp__journal_entry__descriptor &&
           message->descriptor == &gp__entry__descriptor &&
           (strcmp(field->name, "text") == 0 || strcmp(field->name, "phone") == 0);
}

/* The other bodies, the id, which only commands have, and the one state of a query that has
 * several. */
static bool may_lack(const struct form *form, const ProtobufCMessage *message,
                     const ProtobufCFieldDescriptor *field)
{
    return (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 ||
           (message->descriptor == &gp__request__descriptor && strcmp(field->name, "id") == 0) ||
           (message->descriptor == &gp__query__descriptor && strcmp(field->name, "state") == 0) ||
           is_personal(form, message, field);
}

static void walk(const struct form *form, ProtobufCMessage *root, ProtobufCMessage *message,
                 leaf_test test);

static void visit(const struct form *form, ProtobufCMessage *root, ProtobufCMessage *message,
                  const ProtobufCFieldDescriptor *field, leaf_test test)
{
    struct leaf leaf = {.form = form, .root = root, .field = field};

    leaf.value = (char *)message + field->offset;
    if (field->label == PROTOBUF_C_LABEL_REPEATED) /* the first stands for all */
        leaf.value = *(void **)leaf.value;
    (void)snprintf(leaf.name, sizeof leaf.name, "%s.%s", message->descriptor->short_name,
                   field->name);
    if (field->type == PROTOBUF_C_TYPE_MESSAGE)
        walk(form, root, *(ProtobufCMessage **)leaf.value, test);
    else
        test(&leaf);
}

static void walk(const struct form *form, ProtobufCMessage *root, ProtobufCMessage *message,
                 leaf_test test)
{
    for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        if (is_there(message, field))
            visit(form, root, message, field, test);
        else if (!may_lack(form, message, field))
            fail_msg("%s: the sample lacks %s.%s", form->name, message->descriptor->short_name,
                     field->name);
    }
}

static void for_each_leaf(leaf_test test)
{
    for (size_t i = 0; i < form_count; i++) {
        struct gp_arena arena;
        gp_arena_init(&arena, (size_t)4 * 1024 * 1024);
        struct gp_span bytes = form_sample(&forms[i], &arena);
        ProtobufCMessage *root =
            protobuf_c_message_unpack(forms[i].type, NULL, bytes.len, (const uint8_t *)bytes.ptr);
        assert_non_null(root);
        walk(&forms[i], root, root, test);
        protobuf_c_message_free_unpacked(root, NULL);
        gp_arena_release(&arena);
    }
}

/* What reading the message says, with the leaf as it is now. */
static int outcome(const struct leaf *leaf)
{
    size_t len = protobuf_c_message_get_packed_size(leaf->root);
    uint8_t *bytes = malloc(len);

    assert_non_null(bytes);
    assert_int_equal(protobuf_c_message_pack(leaf->root, bytes), len);
    int rc = form_read(leaf->form, (struct gp_span){(const char *)bytes, len});
    free(bytes);
    return rc;
}

#define EXPECT(leaf, rc, expected)                                                                 \
    do {                                                                                           \
        int got = (rc);                                                                            \
        if (got != (expected))                                                                     \
            fail_msg("%s, %s: %s instead of %s", (leaf)->form->name, (leaf)->name,                 \
                     gp_error_name(got), gp_error_name(expected));                                 \
    } while (0)

/* ---------------------------------------------------------------- strings */

static const struct {
    const char *name;
    size_t max;
    int error; /* above max */
} text_limits[] = {
    {"Command.text", GP_TEXT_BYTES_MAX, GP_ELIMIT},
    {"Entry.text", GP_TEXT_BYTES_MAX, GP_ELIMIT},
    {"Incident.text", GP_TEXT_BYTES_MAX, GP_ELIMIT},
    {"Command.override_reason", GP_REASON_BYTES_MAX, GP_ELIMIT},
    {"Leave.override_reason", GP_REASON_BYTES_MAX, GP_ELIMIT},
    {"Reply.detail", GP_REASON_BYTES_MAX, GP_ELIMIT},
    {"Backup.finding", GP_TEXT_BYTES_MAX, GP_ELIMIT},
    {"DaemonStatus.reload", GP_REASON_BYTES_MAX, GP_ELIMIT},
    {"DutyRow.area_name", GP_REASON_BYTES_MAX, GP_ELIMIT},
    {"DutyRow.person_name", GP_REASON_BYTES_MAX, GP_ELIMIT},
    {"ForecastStep.name", GP_REASON_BYTES_MAX, GP_ELIMIT},
    {"Recipient.capacity", GP_CAPACITY_BYTES - 1, GP_ELIMIT},
    {"Incident.area", GP_AREA_DIGITS_MAX, GP_EFORMAT},
    {"Incident.community", GP_AREA_DIGITS_MAX, GP_EFORMAT},
    {"AssessRow.name", GP_REASON_BYTES_MAX, GP_ELIMIT},
    {"AssessGet.area", GP_AREA_DIGITS_MAX, GP_EFORMAT},
    {"Entry.area", GP_AREA_DIGITS_MAX, GP_EFORMAT},
    {"Patch.community", GP_AREA_DIGITS_MAX, GP_EFORMAT},
    {"Query.area", GP_AREA_DIGITS_MAX, GP_EFORMAT},
    {"FeedAsk.area", GP_AREA_DIGITS_MAX, GP_EFORMAT},
    {"RosterGet.area", GP_AREA_DIGITS_MAX, GP_EFORMAT},
    {"SummaryGet.area", GP_AREA_DIGITS_MAX, GP_EFORMAT},
    {"SummaryRow.name", GP_REASON_BYTES_MAX, GP_ELIMIT},
    {"Device.label", GP_DEVICE_LABEL_BYTES_MAX, GP_ELIMIT},
    {"Answer.invitation", GP_INVITATION_BYTES_MAX, GP_ELIMIT},
};

static size_t text_max(const char *name, int *ret_error)
{
    for (size_t i = 0; i < sizeof text_limits / sizeof text_limits[0]; i++) {
        if (strcmp(text_limits[i].name, name) == 0) {
            *ret_error = text_limits[i].error;
            return text_limits[i].max;
        }
    }
    *ret_error = GP_ELIMIT;
    return GP_ID_BYTES_MAX;
}

static int outcome_with_text(const struct leaf *leaf, char *text)
{
    char **value = leaf->value, *before = *value;

    *value = text;
    int rc = outcome(leaf);
    *value = before;
    return rc;
}

static bool is_digits(const struct leaf *leaf)
{
    int error;
    (void)text_max(leaf->name, &error);
    return error == GP_EFORMAT || strcmp(leaf->name, "Row.limit") == 0;
}

static void text_is_bounded(const struct leaf *leaf)
{
    char text[GP_TEXT_BYTES_MAX + 2];
    int error;
    size_t max = text_max(leaf->name, &error);

    if (leaf->field->type != PROTOBUF_C_TYPE_STRING || strcmp(leaf->name, "Row.limit") == 0)
        return;
    memset(text, '1', sizeof text);
    text[max] = '\0';
    EXPECT(leaf, outcome_with_text(leaf, text), 0);
    text[max] = '1';
    text[max + 1] = '\0';
    EXPECT(leaf, outcome_with_text(leaf, text), error);
}

static const char *const not_utf8[] = {"\xFF", "\xC0\xAF", "\xED\xA0\x80", "\xE4\xBA",
                                       "\xF5\x80\x80\x80"};
static const char *const control[] = {"a\x01", "a\rb", "\x1B[2J", "\x7F", "a\xC2\x9B[31m"};

/* The same behind what is looked at eight bytes at a time. */
static void text_is_clean_to_its_end(const struct leaf *leaf)
{
    char text[32];

    if (leaf->field->type != PROTOBUF_C_TYPE_STRING || is_digits(leaf))
        return;
    for (int before = 1; before <= 20; before++) {
        size_t i = (size_t)before % (sizeof control / sizeof control[0]);
        (void)snprintf(text, sizeof text, "%.*s%s", before, "grid-officer-of-the-day", control[i]);
        EXPECT(leaf, outcome_with_text(leaf, text), GP_EFORMAT);
        (void)snprintf(text, sizeof text, "%.*s%s", before, "grid-officer-of-the-day", not_utf8[i]);
        EXPECT(leaf, outcome_with_text(leaf, text), GP_EUTF8);
    }
}

static void text_is_clean(const struct leaf *leaf)
{
    char text[16];

    if (leaf->field->type != PROTOBUF_C_TYPE_STRING)
        return;
    for (size_t i = 0; i < sizeof not_utf8 / sizeof not_utf8[0]; i++) {
        (void)snprintf(text, sizeof text, "%s", not_utf8[i]);
        EXPECT(leaf, outcome_with_text(leaf, text), is_digits(leaf) ? GP_EFORMAT : GP_EUTF8);
    }
    for (size_t i = 0; i < sizeof control / sizeof control[0]; i++) {
        (void)snprintf(text, sizeof text, "%s", control[i]);
        EXPECT(leaf, outcome_with_text(leaf, text), GP_EFORMAT);
    }
}

/* An id is one line; a text may have several. */
static void only_texts_have_lines(const struct leaf *leaf)
{
    char text[] = "a\n\tb";
    int error;
    size_t max = text_max(leaf->name, &error);
    bool line = max == GP_ID_BYTES_MAX || max == GP_DEVICE_LABEL_BYTES_MAX ||
                max == GP_INVITATION_BYTES_MAX || error != GP_ELIMIT;

    if (leaf->field->type == PROTOBUF_C_TYPE_STRING)
        EXPECT(leaf, outcome_with_text(leaf, text), line ? GP_EFORMAT : 0);
}

/* Ids of the sample are called after their fields: so a value is where the .proto says. */
static void text_is_in_its_field(const struct leaf *leaf)
{
    if (leaf->field->type != PROTOBUF_C_TYPE_STRING || is_digits(leaf))
        return;
    const char *text = *(char *const *)leaf->value;
    if (strncmp(text, leaf->field->name, strlen(leaf->field->name)) != 0)
        fail_msg("%s, %s holds '%s'", leaf->form->name, leaf->name, text);
}

/* ---------------------------------------------------------------- numbers */

static const struct {
    const char *name;
    uint32_t max;
} number_limits[] = {
    {"PlanStep.stage", GP_STAGES_MAX - 1},
    {"PlanStep.status", GP_PAUSED},
    {"Stage.unit", GP_UNIT_SECOND},
    {"Stage.n", GP_SECONDS_MAX},
    {"Row.first_owner", GP_POST_Z},
    {"Row.wd_mode", GP_WD_CLOCK},
    {"Plan.current", GP_STAGES_MAX - 1},
    {"Incident.area_level", GP_LEVEL_GRID},
    {"Incident.community_level", GP_LEVEL_GRID},
    {"Incident.owed", (2u << GP_STEP_RESUME) - 1},
    {"Entry.area_level", GP_LEVEL_GRID},
    {"Entry.stage", GP_STAGES_MAX - 1},
    {"Patch.bits", 2u * GP_PATCH_UNACCEPT - 1},
    {"Patch.community_level", GP_LEVEL_GRID},
    {"Patch.fired_index", GP_PLAN_STEPS_MAX - 1},
    {"Patch.owed", (2u << GP_STEP_RESUME) - 1},
    {"Side.returns", UINT8_MAX},
    {"Side.buck_passed", UINT8_MAX},
    {"Side.asked_h", GP_AMOUNT_MAX},
    {"Side.struck_before", GP_STRUCK_MAX},
    {"Side.suspensions", UINT8_MAX},
    {"Side.reworks", UINT8_MAX},
    {"Side.reopens", UINT8_MAX},
    {"Strike.year", 9999},
    {"Strike.state", GP_STRIKE_UPHELD},
    {"Entry.level", 3},
    {"Command.hours", GP_AMOUNT_MAX},
    {"Stage.extended_h", GP_AMOUNT_MAX},
    {"AssessGet.level", GP_LEVEL_GRID},
    {"AssessGet.limit", GP_ASSESS_CASES_MAX},
    {"AssessRow.grids", UINT32_MAX},
    {"Query.limit", GP_PAGE_ROWS_MAX},
    {"Page.total", UINT32_MAX},
    {"LeavesGet.limit", GP_PAGE_ROWS_MAX},
    {"FeedAsk.limit", GP_FEED_ENTRIES_MAX},
    {"FeedAsk.wait_ms", GP_FEED_WAIT_MS_MAX},
    {"DevicesGet.limit", GP_PAGE_ROWS_MAX},
    {"Control.act", GP_CONTROL_CLOCK_LOWER},
    {"Command.digits", GP_DIGITS_MAX},
    {"Device.digits", GP_DIGITS_MAX},
    {"Receipt.index", (1u << GP_RECEIPT_PATH_MAX) - 1},
    {"Receipt.count", 1u << GP_RECEIPT_PATH_MAX},
    {"DaemonStatus.clock_state", 2},
    {"BackupAsk.act", GP_BACKUP_LIST},
    {"Backup.phase", GP_BACKUP_FINISHING},
    {"Backup.result", GP_BACKUP_GAVE_WAY},
    {"Reply.reason", UINT8_MAX},
    {"Request.version", GP_WIRE_VERSION},
    {"Reply.version", GP_WIRE_VERSION},
    /* any number will do */
    {"Incident.version", UINT32_MAX},
    {"Entry.version", UINT32_MAX},
    {"Entry.nth", UINT32_MAX},
    {"PlanStep.nth", UINT32_MAX},
    {"Strike.number", UINT32_MAX},
    {"Command.expect_version", UINT32_MAX},
    {"Answer.version", UINT32_MAX},
    {"DaemonStatus.clock_rate", UINT32_MAX},
    {"DaemonStatus.followers", UINT32_MAX},
    {"Reply.retry_ms", UINT32_MAX},
    {"HintKey.epoch", UINT32_MAX},
};

static int outcome_with_number(const struct leaf *leaf, uint32_t number)
{
    uint32_t *value = leaf->value, before = *value;

    *value = number;
    int rc = outcome(leaf);
    *value = before;
    return rc;
}

/* Any but one, which an entry has when it is read out and never where it is stored. */
static void flags_are_bounded(const struct leaf *leaf)
{
    bool stored = strcmp(leaf->form->name, "entry") == 0;

    EXPECT(leaf, outcome_with_number(leaf, ~(uint32_t)GP_FLAG_ERASED), 0);
    EXPECT(leaf, outcome_with_number(leaf, GP_FLAG_ERASED), stored ? GP_EFORMAT : 0);
}

static void number_is_bounded(const struct leaf *leaf)
{
    if (leaf->field->type != PROTOBUF_C_TYPE_UINT32)
        return;
    if (strcmp(leaf->name, "Entry.flags") == 0) {
        flags_are_bounded(leaf);
        return;
    }
    for (size_t i = 0; i < sizeof number_limits / sizeof number_limits[0]; i++) {
        uint32_t max = number_limits[i].max;
        if (strcmp(number_limits[i].name, leaf->name) != 0)
            continue;
        EXPECT(leaf, outcome_with_number(leaf, max), 0);
        if (max == UINT32_MAX)
            return;
        bool refused =
            outcome_with_number(leaf, max + 1) != 0 && outcome_with_number(leaf, UINT32_MAX) != 0;
        EXPECT(leaf, refused ? 0 : GP_ELIMIT, 0);
        return;
    }
    fail_msg("%s has no entry in number_limits", leaf->name);
}

/* The last one may not come in a message. */
static bool is_verb(const struct leaf *leaf)
{
    return strcmp(leaf->name, "Command.verb") == 0;
}

static void enum_is_bounded(const struct leaf *leaf)
{
    const ProtobufCEnumDescriptor *type = leaf->field->descriptor;

    if (leaf->field->type != PROTOBUF_C_TYPE_ENUM)
        return;
    uint32_t max = (uint32_t)type->values[type->n_values - (is_verb(leaf) ? 2 : 1)].value;
    EXPECT(leaf, outcome_with_number(leaf, max), 0);
    EXPECT(leaf, outcome_with_number(leaf, max + 1), GP_EFORMAT);
    EXPECT(leaf, outcome_with_number(leaf, (uint32_t)-1), GP_EFORMAT);
}

static int outcome_with_time(const struct leaf *leaf, int64_t ms)
{
    int64_t *value = leaf->value, before = *value;

    *value = ms;
    int rc = outcome(leaf);
    *value = before;
    return rc;
}

static void time_is_bounded(const struct leaf *leaf)
{
    if (leaf->field->type != PROTOBUF_C_TYPE_INT64)
        return;
    EXPECT(leaf, outcome_with_time(leaf, YEAR_10000_MS - 1), 0);
    EXPECT(leaf, outcome_with_time(leaf, YEAR_10000_MS), GP_EFORMAT);
    EXPECT(leaf, outcome_with_time(leaf, -1), GP_EFORMAT);
    EXPECT(leaf, outcome_with_time(leaf, INT64_MIN), GP_EFORMAT);
}

static int outcome_with_degrees(const struct leaf *leaf, int32_t e7)
{
    int32_t *value = leaf->value, before = *value;

    *value = e7;
    int rc = outcome(leaf);
    *value = before;
    return rc;
}

static void place_is_bounded(const struct leaf *leaf)
{
    int32_t max = strcmp(leaf->name, "Place.lat_e7") == 0 ? 900000000 : 1800000000;

    if (leaf->field->type != PROTOBUF_C_TYPE_SINT32)
        return;
    EXPECT(leaf, outcome_with_degrees(leaf, max), 0);
    EXPECT(leaf, outcome_with_degrees(leaf, -max), 0);
    EXPECT(leaf, outcome_with_degrees(leaf, max + 1), GP_EFORMAT);
    EXPECT(leaf, outcome_with_degrees(leaf, -max - 1), GP_EFORMAT);
}

static const struct {
    const char *name;
    size_t max;
    int error, shorter; /* above max; one byte below it */
} byte_limits[] = {
    {"Request.id", GP_COMMAND_ID_BYTES, GP_EFORMAT, GP_EFORMAT},
    {"Answer.id", GP_COMMAND_ID_BYTES, GP_EFORMAT, GP_EFORMAT},
    {"Kept.id", GP_COMMAND_ID_BYTES, GP_EFORMAT, GP_EFORMAT},
    {"Kept.body_hash", 16, GP_EFORMAT, GP_EFORMAT},
    {"JournalEntry.personal_hash", 32, GP_EFORMAT, GP_EFORMAT},
    {"Query.cursor", 24, GP_ELIMIT, 0},
    {"Page.cursor", 24, GP_ELIMIT, 0},
    {"Device.key", 32, GP_EFORMAT, GP_EFORMAT},
    {"Receipt.request_hash", 32, GP_EFORMAT, GP_EFORMAT},
    {"Receipt.path", GP_RECEIPT_PATH_MAX * 32, GP_EFORMAT, GP_EFORMAT},
    {"Receipt.signature", 64, GP_EFORMAT, GP_EFORMAT},
    {"Receipt.key", 32, GP_EFORMAT, GP_EFORMAT},
    {"HintKey.feed", 8, GP_EFORMAT, GP_EFORMAT},
    {"HintKey.key", 32, GP_EFORMAT, GP_EFORMAT},
    {"Verified.hash", 32, GP_EFORMAT, GP_EFORMAT},
    {"Backup.hash", 32, GP_EFORMAT, GP_EFORMAT},
    {"Head.hash", 32, GP_EFORMAT, GP_EFORMAT},
    {"Head.signature", 64, GP_EFORMAT, GP_EFORMAT},
    {"Head.key", 32, GP_EFORMAT, GP_EFORMAT},
};

static void bytes_are_bounded(const struct leaf *leaf)
{
    ProtobufCBinaryData *value = leaf->value, before;
    static uint8_t data[GP_RECEIPT_PATH_MAX * 32 + 1] = {1};
    size_t row = 0;

    if (leaf->field->type != PROTOBUF_C_TYPE_BYTES)
        return;
    if (strcmp(leaf->name, "Request.id") == 0 && leaf->form->kind != GP_REQUEST_COMMAND &&
        leaf->form->kind != GP_REQUEST_CONTROL)
        return;
    while (row < sizeof byte_limits / sizeof byte_limits[0] &&
           strcmp(byte_limits[row].name, leaf->name) != 0)
        row++;
    if (row == sizeof byte_limits / sizeof byte_limits[0])
        fail_msg("%s has no entry in byte_limits", leaf->name);
    before = *value;
    size_t max = byte_limits[row].max;
    *value = (ProtobufCBinaryData){max, data};
    EXPECT(leaf, outcome(leaf), 0);
    *value = (ProtobufCBinaryData){max + 1, data};
    EXPECT(leaf, outcome(leaf), byte_limits[row].error);
    *value = (ProtobufCBinaryData){max - 1, data};
    EXPECT(leaf, outcome(leaf), byte_limits[row].shorter);
    *value = before;
}

/* ---------------------------------------------------------------- everything at its limit */

static void fill_text(const struct leaf *leaf)
{
    int error;
    size_t max = text_max(leaf->name, &error);
    char **value = leaf->value;

    if (leaf->field->type != PROTOBUF_C_TYPE_STRING || is_digits(leaf))
        return;
    free(*value);
    *value = malloc(max + 1);
    assert_non_null(*value);
    memset(*value, 'x', max);
    (*value)[max] = '\0';
}

/* The ceilings leave room for the largest message that is legal: only then may a message that
 * passes them be called hostile. */
static void the_largest_legal_message_fits(void **state)
{
    (void)state;
    for (size_t i = 0; i < form_count; i++) {
        struct gp_arena arena;
        struct leaf leaf = {.form = &forms[i], .name = "all"};
        gp_arena_init(&arena, (size_t)4 * 1024 * 1024);
        struct gp_span bytes = form_sample(&forms[i], &arena);
        leaf.root =
            protobuf_c_message_unpack(forms[i].type, NULL, bytes.len, (const uint8_t *)bytes.ptr);
        assert_non_null(leaf.root);
        walk(&forms[i], leaf.root, leaf.root, fill_text);
        EXPECT(&leaf, outcome(&leaf), 0);
        protobuf_c_message_free_unpacked(leaf.root, NULL);
        gp_arena_release(&arena);
    }
}

/* ---------------------------------------------------------------- the tests */

static void texts_are_in_their_fields(void **state)
{
    (void)state;
    for_each_leaf(text_is_in_its_field);
}

static void texts_are_bounded(void **state)
{
    (void)state;
    for_each_leaf(text_is_bounded);
}

static void texts_are_clean(void **state)
{
    (void)state;
    for_each_leaf(text_is_clean);
    for_each_leaf(text_is_clean_to_its_end);
    for_each_leaf(only_texts_have_lines);
}

static void numbers_are_bounded(void **state)
{
    (void)state;
    for_each_leaf(number_is_bounded);
    for_each_leaf(enum_is_bounded);
}

static void times_and_places_are_bounded(void **state)
{
    (void)state;
    for_each_leaf(time_is_bounded);
    for_each_leaf(place_is_bounded);
}

static void binary_fields_are_bounded(void **state)
{
    (void)state;
    for_each_leaf(bytes_are_bounded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_in_their_fields),
        cmocka_unit_test(texts_are_bounded),
        cmocka_unit_test(texts_are_clean),
        cmocka_unit_test(numbers_are_bounded),
        cmocka_unit_test(times_and_places_are_bounded),
        cmocka_unit_test(binary_fields_are_bounded),
        cmocka_unit_test(the_largest_legal_message_fits),
    };
    return cmocka_run_group_tests_name("fields", tests, NULL, NULL);
}
