/* Bytes that nobody meant: cut off, turned over, nested, repeated. Nothing may crash, hang or take
 * more memory than the ceiling; form_read() looks at the ceiling each time. */
#include "wire/forms.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define MUTATIONS 20000

static struct gp_arena arena;
static char buffer[GP_REPLY_BYTES_MAX + 1];

static int setup(void **state)
{
    (void)state;
    gp_arena_init(&arena, (size_t)4 * 1024 * 1024);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    gp_arena_release(&arena);
    return 0;
}

static void every_beginning_of_a_message_is_survived(void **state)
{
    (void)state;
    for (size_t i = 0; i < form_count; i++) {
        struct gp_span whole = form_sample(&forms[i], &arena);
        assert_int_equal(form_read(&forms[i], whole), 0);
        for (size_t len = 0; len < whole.len; len++)
            (void)form_read(&forms[i], (struct gp_span){whole.ptr, len});
    }
}

/* Cut inside its last field, a message is never taken for a shorter one. */
static void a_message_without_its_last_byte_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < form_count; i++) {
        struct gp_span whole = form_sample(&forms[i], &arena);
        assert_int_not_equal(form_read(&forms[i], (struct gp_span){whole.ptr, whole.len - 1}), 0);
    }
}

/* ---------------------------------------------------------------- mutations */

/* xorshift64: Marsaglia, 2003. Seeded with a constant: a failure comes back. */
static uint64_t random_next(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static size_t mutate(uint64_t *seed, struct gp_span from)
{
    size_t len = from.len;

    memcpy(buffer, from.ptr, len);
    for (unsigned n = 1 + random_next(seed) % 4; n > 0; n--) {
        size_t at = random_next(seed) % len, other = random_next(seed) % len;
        switch (random_next(seed) % 5) {
        case 0: /* one bit */
            buffer[at] = (char)(buffer[at] ^ (1 << (random_next(seed) % 8)));
            break;
        case 1: /* one byte */
            buffer[at] = (char)random_next(seed);
            break;
        case 2: /* a long number */
            memset(buffer + at, 0xFF, len - at < 9 ? len - at : 9);
            break;
        case 3: /* a piece of itself somewhere else */
            memmove(buffer + at, buffer + other, len - (at > other ? at : other));
            break;
        default: /* the end is missing */
            len = at + 1;
            break;
        }
    }
    return len;
}

static void random_mutations_are_survived(void **state)
{
    uint64_t seed = UINT64_C(20261124);
    unsigned accepted = 0;

    (void)state;
    for (size_t i = 0; i < form_count; i++) {
        struct gp_span whole = form_sample(&forms[i], &arena);
        for (int n = 0; n < (int)(MUTATIONS / form_count); n++) {
            struct gp_span mutant = {buffer, mutate(&seed, whole)};
            accepted += form_read(&forms[i], mutant) == 0;
        }
    }
    assert_true(accepted > 100); /* or the mutations were too coarse to get inside */
}

/* ---------------------------------------------------------------- bombs */

static void unknown_fields_are_dropped(void **state)
{
    static const char unknown[] = "\xFA\x06\x06secret\xF0\x06\x2A"; /* 111: "secret", 110: 42 */
    struct gp_span plain = form_sample(&forms[0], &arena), again;
    struct gp_request request;
    const char *field = "";

    (void)state;
    memcpy(buffer, plain.ptr, plain.len);
    memcpy(buffer + plain.len, unknown, sizeof unknown - 1);
    assert_int_equal(
        gp_wire_request_unpack((struct gp_span){buffer, plain.len + sizeof unknown - 1}, &arena,
                               &request, &field),
        0);
    assert_int_equal(gp_wire_request_pack(&request, &arena, &again), 0);
    assert_true(gp_span_equal(plain, again));
}

/* Thousands of the smallest fields cost protobuf-c the most memory for a byte. */
static void tiny_fields_stay_under_the_ceiling(void **state)
{
    (void)state;
    for (size_t i = 0; i < form_count; i++) {
        for (int tag = 1 << 3; tag < 16 << 3; tag++) { /* all of one byte, of every wire type */
            size_t len = forms[i].bytes_max;
            for (size_t at = 0; at < len; at++)
                buffer[at] = (char)(at % 2 == 0 ? tag : 0); /* the number 0, or empty */
            (void)form_read(&forms[i], (struct gp_span){buffer, len});
        }
    }
}

/* Field 10 within field 10 within …: the known types end the nesting after a few steps. */
static void nesting_ends(void **state)
{
    (void)state;
    for (size_t i = 0; i < form_count; i++) {
        size_t at = sizeof buffer, len = 0;
        while (len + 4 < 16000) {
            at -= 4;
            buffer[at] = 0x52; /* field 10, bytes */
            buffer[at + 1] = (char)(0x80 | (len & 0x7F));
            buffer[at + 2] = (char)(0x80 | ((len >> 7) & 0x7F));
            buffer[at + 3] = (char)(len >> 14);
            len += 4;
        }
        (void)form_read(&forms[i], (struct gp_span){buffer + at, len});
    }
}

static void groups_are_refused(void **state)
{
    (void)state;
    memset(buffer, 0x53, 1000); /* start of group 10, a thousand times */
    for (size_t i = 0; i < form_count; i++)
        assert_int_equal(form_read(&forms[i], (struct gp_span){buffer, 1000}), GP_EFORMAT);
}

/* As a damaged row that its checksum lets pass would be. */
static void records_that_are_cut_are_refused(void **state)
{
    static const char cut[] = {0x0a, 0x7f, 'l', 'i'};
    const struct gp_span bytes = {cut, sizeof cut};
    struct gp_leave_record leave;
    struct gp_strike strike;
    struct gp_tenure tenure;

    (void)state;
    assert_int_equal(gp_wire_strike_unpack(bytes, &arena, &strike), GP_EFORMAT);
    assert_int_equal(gp_wire_leave_unpack(bytes, &arena, &leave), GP_EFORMAT);
    assert_int_equal(gp_wire_tenure_unpack(bytes, &arena, &tenure), GP_EFORMAT);
}

static void a_message_over_its_size_is_refused_unread(void **state)
{
    (void)state;
    for (size_t i = 0; i < form_count; i++) {
        struct gp_arena untouched;
        gp_arena_init(&untouched, forms[i].ceiling);
        assert_int_equal(
            forms[i].read((struct gp_span){buffer, forms[i].bytes_max + 1}, &untouched), GP_ELIMIT);
        assert_int_equal(untouched.used, 0);
        gp_arena_release(&untouched);
    }
}

/* ---------------------------------------------------------------- counts */

static void assert_entry_reads(const Gp__JournalEntry *message, int expected)
{
    size_t len = gp__journal_entry__pack(message, (uint8_t *)buffer);
    struct gp_entry *entry = gp_arena_alloc(&arena, sizeof *entry);

    assert_non_null(entry);
    assert_int_equal(gp_wire_entry_unpack((struct gp_span){buffer, len}, &arena, entry), expected);
}

static void counts_are_bounded(void **state)
{
    Gp__Recipient recipient, *recipients[GP_RECIPIENTS_MAX + 1];
    uint64_t refs[9] = {1};
    Gp__JournalEntry message;
    Gp__Entry entry;

    (void)state;
    gp__recipient__init(&recipient);
    for (size_t i = 0; i <= GP_RECIPIENTS_MAX; i++)
        recipients[i] = &recipient;
    gp__entry__init(&entry);
    gp__journal_entry__init(&message);
    message.entry = &entry;
    entry.recipient = recipients;
    entry.n_recipient = GP_RECIPIENTS_MAX;
    entry.ref_seq = refs;
    entry.n_ref_seq = 8;
    assert_entry_reads(&message, 0);
    entry.n_recipient++;
    assert_entry_reads(&message, GP_ELIMIT);
    entry.n_recipient--;
    entry.n_ref_seq++;
    assert_entry_reads(&message, GP_ELIMIT);
}

static int read_side(size_t barred, size_t fired)
{
    static char li[] = "li";
    char *names[GP_RETURNS_MAX + 1];
    uint64_t numbers[GP_REFS_MAX + 1] = {0};
    Gp__Incident incident;
    Gp__Side side;
    struct gp_incident got;

    for (size_t i = 0; i <= GP_RETURNS_MAX; i++)
        names[i] = li;
    gp__side__init(&side);
    side.barred = names;
    side.n_barred = barred;
    side.fired = numbers;
    side.n_fired = fired;
    gp__incident__init(&incident);
    incident.has_id = true;
    incident.id = 1;
    incident.side = &side;
    size_t len = gp__incident__pack(&incident, (uint8_t *)buffer);
    return gp_wire_incident_unpack((struct gp_span){buffer, len}, &arena, &got);
}

static void lists_of_the_side_lines_are_bounded(void **state)
{
    (void)state;
    assert_int_equal(read_side(GP_RETURNS_MAX, GP_REFS_MAX), 0);
    assert_int_equal(read_side(GP_RETURNS_MAX + 1, 0), GP_ELIMIT);
    assert_int_equal(read_side(0, GP_REFS_MAX + 1), GP_ELIMIT);
}

static void figures_of_an_assessment_are_bounded(void **state)
{
    uint64_t figures[GP_FIGURE_END] = {1};
    Gp__AssessRow row, *rows[] = {&row};
    Gp__Assessment assessment;
    Gp__Reply reply;
    struct gp_reply got;

    (void)state;
    gp__assess_row__init(&row);
    row.figure = figures;
    gp__assessment__init(&assessment);
    assessment.row = rows;
    assessment.n_row = 1;
    gp__reply__init(&reply);
    reply.has_version = true;
    reply.version = GP_WIRE_VERSION;
    reply.body_case = GP__REPLY__BODY_ASSESSMENT;
    reply.assessment = &assessment;
    for (size_t count = GP_FIGURE_END - 1; count <= GP_FIGURE_END; count++) {
        row.n_figure = count;
        struct gp_span bytes = {buffer, gp__reply__pack(&reply, (uint8_t *)buffer)};
        assert_int_equal(gp_wire_reply_unpack(bytes, &arena, &got),
                         count == GP_FIGURE_END ? GP_ELIMIT : 0);
    }
}

static void an_incident_has_so_many_followers(void **state)
{
    uint64_t followers[GP_LINKED_MAX + 1] = {0};
    Gp__Reply reply;
    struct gp_reply got;

    (void)state;
    gp__reply__init(&reply);
    reply.has_version = true;
    reply.version = GP_WIRE_VERSION;
    reply.follower = followers;
    for (size_t count = GP_LINKED_MAX; count <= GP_LINKED_MAX + 1; count++) {
        reply.n_follower = count;
        struct gp_span bytes = {buffer, gp__reply__pack(&reply, (uint8_t *)buffer)};
        gp_arena_reset(&arena);
        assert_int_equal(gp_wire_reply_unpack(bytes, &arena, &got),
                         count > GP_LINKED_MAX ? GP_ELIMIT : 0);
    }
    assert_int_equal(got.follower_count, GP_LINKED_MAX);
}

/* Where the hash of a text is, the text is not: nobody would know which of the two counts. */
static void a_text_beside_its_hash_is_refused(void **state)
{
    static char words[] = "typed";
    uint8_t hash[32] = {1};
    Gp__JournalEntry message;
    Gp__Entry entry;

    (void)state;
    gp__entry__init(&entry);
    gp__journal_entry__init(&message);
    message.entry = &entry;
    message.has_personal_hash = true;
    message.personal_hash = (ProtobufCBinaryData){sizeof hash, hash};
    assert_entry_reads(&message, 0);
    entry.text = words;
    assert_entry_reads(&message, GP_EFORMAT);
    entry.text = NULL;
    entry.phone = words;
    assert_entry_reads(&message, GP_EFORMAT);
}

static int read_plan(size_t stages, size_t steps, size_t finishers, size_t tells)
{
    static char li[] = "li", code[] = "code";
    char *names[GP_FINISHERS_MAX + 1];
    Gp__Stage stage, *stage_list[GP_STAGES_MAX + 1];
    Gp__PlanStep step, *step_list[GP_PLAN_STEPS_MAX + 1];
    Gp__Incident incident;
    Gp__Plan plan;
    Gp__Row row;
    struct gp_incident got;

    static_assert(GP_TELL_MAX <= GP_FINISHERS_MAX, "there are names for both");
    for (size_t i = 0; i <= GP_FINISHERS_MAX; i++)
        names[i] = li;
    gp__stage__init(&stage);
    gp__plan_step__init(&step);
    for (size_t i = 0; i <= GP_STAGES_MAX; i++)
        stage_list[i] = &stage;
    for (size_t i = 0; i <= GP_PLAN_STEPS_MAX; i++)
        step_list[i] = &step;
    gp__plan__init(&plan);
    plan.stage = stage_list;
    plan.n_stage = stages;
    plan.step = step_list;
    plan.n_step = steps;
    gp__row__init(&row);
    row.code = code;
    row.tell = names;
    row.n_tell = tells;
    gp__incident__init(&incident);
    incident.has_id = true;
    incident.id = 1;
    incident.plan = &plan;
    incident.row = &row;
    incident.finisher = names;
    incident.n_finisher = finishers;
    size_t len = gp__incident__pack(&incident, (uint8_t *)buffer);
    return gp_wire_incident_unpack((struct gp_span){buffer, len}, &arena, &got);
}

static void lists_of_an_incident_are_bounded(void **state)
{
    (void)state;
    assert_int_equal(read_plan(GP_STAGES_MAX, GP_PLAN_STEPS_MAX, GP_FINISHERS_MAX, GP_TELL_MAX), 0);
    assert_int_equal(read_plan(GP_STAGES_MAX + 1, 0, 0, 0), GP_ELIMIT);
    assert_int_equal(read_plan(1, GP_PLAN_STEPS_MAX + 1, 0, 0), GP_ELIMIT);
    assert_int_equal(read_plan(1, 1, GP_FINISHERS_MAX + 1, 0), GP_EFORMAT);
    assert_int_equal(read_plan(1, 1, 0, GP_TELL_MAX + 1), GP_ELIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_beginning_of_a_message_is_survived, setup, teardown),
        cmocka_unit_test_setup_teardown(a_message_without_its_last_byte_is_refused, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(random_mutations_are_survived, setup, teardown),
        cmocka_unit_test_setup_teardown(unknown_fields_are_dropped, setup, teardown),
        cmocka_unit_test_setup_teardown(tiny_fields_stay_under_the_ceiling, setup, teardown),
        cmocka_unit_test_setup_teardown(nesting_ends, setup, teardown),
        cmocka_unit_test_setup_teardown(groups_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(records_that_are_cut_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_message_over_its_size_is_refused_unread, setup, teardown),
        cmocka_unit_test_setup_teardown(counts_are_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown(an_incident_has_so_many_followers, setup, teardown),
        cmocka_unit_test_setup_teardown(a_text_beside_its_hash_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(lists_of_an_incident_are_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown(lists_of_the_side_lines_are_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown(figures_of_an_assessment_are_bounded, setup, teardown),
    };
    return cmocka_run_group_tests_name("hostile", tests, NULL, NULL);
}
