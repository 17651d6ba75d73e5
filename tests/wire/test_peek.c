/* Looks at stored rows see what unpacking them whole does, whatever is in the rows. */
#include "wire/sample.h"

#include "gridpost.pb-c.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define ROUNDS 4000

static struct gp_arena arena;
static uint64_t dice = 20261126; /* state of the generator; never 0 */

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

/* A number in [0, below). Source: Marsaglia, xorshift64. */
static uint64_t random_below(uint64_t below)
{
    dice ^= dice << 13;
    dice ^= dice >> 7;
    dice ^= dice << 17;
    return dice % below;
}

/* From none to as many bytes as a varint takes. */
static uint64_t random_number(uint64_t max)
{
    uint64_t value = random_below(UINT64_MAX) >> random_below(64);
    return value <= max ? value : random_below(3) % (max + 1);
}

static struct gp_span random_text(void)
{
    static const char *const texts[] = {"", "a", "A-shizheng-340705006001", "铜陵 post"};
    return gp_span_of(texts[random_below(4)]);
}

static void same_span(struct gp_span a, struct gp_span b)
{
    assert_int_equal(a.len, b.len);
    if (a.len > 0)
        assert_memory_equal(a.ptr, b.ptr, a.len);
}

/* ---------------------------------------------------------------- entries */

static void random_limit(struct gp_limit *limit)
{
    static const char *const texts[] = {"4wh", "2uh+5wd", "1uh+2wh+5wd"};
    assert_int_equal(gp_limit_parse(gp_span_of(texts[random_below(3)]), limit), 0);
}

static void random_plan(struct gp_plan *plan)
{
    plan->stage_count = (uint8_t)random_below(GP_STAGES_MAX + 1);
    plan->current = plan->stage_count > 0 ? (uint8_t)random_below(plan->stage_count) : 0;
    plan->step_count = (uint8_t)random_below(GP_PLAN_STEPS_MAX + 1);
    for (unsigned i = 0; i < plan->stage_count; i++) {
        plan->stage[i].gap_to_ms = (int64_t)random_number(SAMPLE_MS);
        plan->stage[i].due_ms = (int64_t)random_number(SAMPLE_MS);
    }
    for (unsigned i = 0; i < plan->step_count; i++) {
        plan->step[i].step = (uint8_t)(GP_STEP_YELLOW1 + random_below(3));
        plan->step[i].status = (uint8_t)(1 + random_below(GP_PAUSED));
        plan->step[i].stage = (uint8_t)random_below(GP_STAGES_MAX);
    }
}

static void random_patch(struct gp_entry *entry)
{
    struct gp_patch *patch = &entry->patch;

    patch->bits = (uint32_t)random_below(2 * (uint64_t)GP_PATCH_UNACCEPT);
    if (random_below(8) == 0)
        patch->bits = 0;
    patch->area = entry->area;
    patch->reporter = entry->actor;
    random_limit(&patch->row.limit);
    random_plan(&patch->plan);
    patch->side.unfilled = random_text();
    patch->side.returner = random_text();
    if (!(patch->bits & GP_PATCH_PLAN)) /* what has no bit is not stored */
        patch->plan = (struct gp_plan){0};
    if (!(patch->bits & GP_PATCH_ROW))
        patch->row = (struct gp_row_copy){0};
    if (!(patch->bits & GP_PATCH_SIDE))
        patch->side = (struct gp_side){0};
}

static void random_numbers(struct gp_entry *entry)
{
    entry->seq = random_number(UINT64_MAX);
    entry->incident = random_number(UINT64_MAX);
    entry->at_ms = (int64_t)random_number(2 * SAMPLE_MS);
    entry->nominal_ms = entry->at_ms;
    entry->has_nominal = random_below(2) == 0;
    entry->what = (uint8_t)random_below(GP_WHAT_DEVICE + 1);
    entry->step = (uint8_t)random_below(GP_STEP_RESUME + 1);
    entry->stage = (uint8_t)random_below(GP_STAGES_MAX);
    entry->state = (uint8_t)random_below(GP_STATE_REOPENED + 1);
    entry->flags = (uint32_t)random_below(GP_FLAG_ERASED);
    entry->level = (uint32_t)random_below(4);
    entry->ref_count = (uint8_t)random_below(GP_REFS_MAX + 1);
    for (unsigned i = 0; i < entry->ref_count; i++)
        entry->ref_seq[i] = random_number(UINT64_MAX);
    entry->recipient_count = (uint8_t)random_below(GP_RECIPIENTS_MAX + 1);
    entry->similar_count = (uint8_t)random_below(GP_SIMILAR_MAX + 1);
}

/* Every field that a look reads at random, and every one that it must pass over there or not. */
static struct gp_entry *random_entry(void)
{
    struct gp_entry *entry = sample_entry();

    random_numbers(entry);
    if (random_below(4) == 0)
        entry->area = (struct gp_area_ref){0};
    else
        entry->area.level = (uint8_t)random_below(GP_LEVEL_GRID + 1);
    entry->line = random_text();
    entry->department = random_text();
    entry->actor = random_text();
    entry->owner = random_text();
    entry->personal = random_below(2) == 0;
    random_patch(entry);
    entry->strike.person = random_text();
    entry->strike.state = (uint8_t)random_below(GP_STRIKE_UPHELD + 1);
    if (entry->strike.person.len == 0)
        entry->strike = (struct gp_strike){0};
    if (random_below(2) == 0)
        entry->leave = (struct gp_leave_record){0};
    if (random_below(2) == 0)
        entry->kept = (struct gp_kept_answer){0};
    return entry;
}

static void same_fact(const struct gp_fact *a, const struct gp_fact *b)
{
    assert_int_equal(a->seq, b->seq);
    assert_int_equal(a->incident, b->incident);
    assert_int_equal(a->at_ms, b->at_ms);
    assert_int_equal(a->area.padded, b->area.padded);
    assert_int_equal(a->area.digits, b->area.digits);
    assert_int_equal(a->area.level, b->area.level);
    same_span(a->line, b->line);
    same_span(a->department, b->department);
    same_span(a->actor, b->actor);
    same_span(a->owner, b->owner);
    assert_int_equal(a->what, b->what);
    assert_int_equal(a->step, b->step);
    assert_int_equal(a->stage, b->stage);
    assert_int_equal(a->state, b->state);
    assert_int_equal(a->flags, b->flags);
    assert_int_equal(a->level, b->level);
    assert_int_equal(a->bits, b->bits);
    assert_int_equal(a->stages, b->stages);
    assert_int_equal(a->gap_to_ms, b->gap_to_ms);
    same_span(a->unfilled, b->unfilled);
    same_span(a->returner, b->returner);
    same_span(a->struck, b->struck);
    assert_int_equal(a->strike_state, b->strike_state);
    assert_int_equal(a->ref_count, b->ref_count);
    for (unsigned i = 0; i < a->ref_count; i++)
        assert_int_equal(a->ref_seq[i], b->ref_seq[i]);
}

static void a_fact_is_the_whole_entrys(void **state)
{
    static struct gp_entry whole;

    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct gp_fact expected, seen;
        struct gp_entry_peek peek;
        struct gp_span bytes;
        gp_arena_reset(&arena);
        assert_int_equal(gp_wire_entry_pack(random_entry(), &arena, &bytes), 0);
        assert_int_equal(gp_wire_entry_unpack(bytes, &arena, &whole), 0);
        gp_fact_of(&whole, &expected);
        assert_int_equal(gp_wire_fact_peek(bytes, &seen), 0);
        same_fact(&expected, &seen);
        assert_int_equal(gp_wire_entry_peek(bytes, &peek), 0);
        assert_int_equal(peek.at_ms, whole.at_ms);
        assert_int_equal(peek.incident, whole.incident);
    }
}

/* ---------------------------------------------------------------- incidents */

static struct gp_incident *random_incident(void)
{
    struct gp_incident *incident = sample_incident();

    incident->id = 1 + random_number(UINT64_MAX - 1);
    incident->state = (uint8_t)random_below(GP_STATE_REOPENED + 1);
    if (random_below(4) == 0)
        incident->area = (struct gp_area_ref){0};
    else
        incident->area.level = (uint8_t)random_below(GP_LEVEL_GRID + 1);
    incident->owner = random_text();
    incident->reporter = random_text();
    incident->received_ms = (int64_t)random_number(2 * SAMPLE_MS);
    incident->overdue_ms = (int64_t)random_number(2 * SAMPLE_MS);
    incident->row.code = random_text();
    incident->row.department = random_text();
    incident->row.is_private = random_below(2) == 0;
    incident->place.known = random_below(2) == 0;
    if (random_below(4) == 0)
        incident->community = (struct gp_area_ref){0};
    random_plan(&incident->plan);
    return incident;
}

static void traits_are_the_whole_incidents(void **state)
{
    static struct gp_incident whole;

    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct gp_traits expected, seen;
        struct gp_span bytes;
        gp_arena_reset(&arena);
        memset(&whole, 0, sizeof whole);
        assert_int_equal(gp_wire_incident_pack(random_incident(), &arena, &bytes), 0);
        assert_int_equal(gp_wire_incident_unpack(bytes, &arena, &whole), 0);
        gp_traits_of(&whole, &expected);
        assert_int_equal(gp_wire_traits_peek(bytes, &seen), 0);
        assert_int_equal(seen.state, expected.state);
        assert_int_equal(seen.is_private, expected.is_private);
        assert_int_equal(seen.area.padded, expected.area.padded);
        assert_int_equal(seen.area.level, expected.area.level);
        assert_int_equal(seen.received_ms, expected.received_ms);
        assert_int_equal(seen.overdue_ms, expected.overdue_ms);
        same_span(seen.owner, expected.owner);
        same_span(seen.department, expected.department);
        same_span(seen.category, expected.category);
    }
}

static void outlooks_are_the_whole_incidents(void **state)
{
    static struct gp_incident whole;
    unsigned warned = 0;

    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct gp_outlook expected, seen;
        struct gp_span bytes;
        gp_arena_reset(&arena);
        memset(&whole, 0, sizeof whole);
        assert_int_equal(gp_wire_incident_pack(random_incident(), &arena, &bytes), 0);
        assert_int_equal(gp_wire_incident_unpack(bytes, &arena, &whole), 0);
        gp_outlook_of(&whole, &expected);
        assert_int_equal(gp_wire_outlook_peek(bytes, &seen), 0);
        assert_int_equal(seen.state, expected.state);
        assert_int_equal(seen.is_private, expected.is_private);
        assert_int_equal(seen.warned, expected.warned);
        assert_int_equal(seen.area.padded, expected.area.padded);
        assert_int_equal(seen.area.level, expected.area.level);
        assert_int_equal(seen.community.padded, expected.community.padded);
        assert_int_equal(seen.community.level, expected.community.level);
        assert_int_equal(seen.due_ms, expected.due_ms);
        assert_int_equal(seen.overdue_ms, expected.overdue_ms);
        same_span(seen.department, expected.department);
        warned += seen.warned;
    }
    assert_in_range(warned, ROUNDS / 20, ROUNDS);
}

static void dues_are_the_whole_incidents(void **state)
{
    static struct gp_incident whole;
    unsigned stages = 0, checks = 0;

    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct gp_incident *incident = random_incident();
        struct gp_span bytes;
        int64_t due_ms;
        incident->side.check_due_ms = (int64_t)random_number(SAMPLE_MS);
        gp_arena_reset(&arena);
        memset(&whole, 0, sizeof whole);
        assert_int_equal(gp_wire_incident_pack(incident, &arena, &bytes), 0);
        assert_int_equal(gp_wire_incident_unpack(bytes, &arena, &whole), 0);
        assert_int_equal(gp_wire_due_peek(bytes, &due_ms), 0);
        assert_int_equal(due_ms, gp_incident_due(&whole));
        checks += due_ms != 0 && whole.state == GP_STATE_FINISHED;
        stages += due_ms != 0 && whole.state != GP_STATE_FINISHED;
    }
    assert_in_range(stages, ROUNDS / 20, ROUNDS);
    assert_in_range(checks, ROUNDS / 50, ROUNDS);
}

/* ---------------------------------------------------------------- damage */

/* Damage that no checksum has caught is an error or another fact, never a read out of bounds: the
 * copy is as long as the bytes, for AddressSanitizer. */
static void a_cut_or_changed_row_is_no_harm(void **state)
{
    (void)state;
    for (unsigned round = 0; round < ROUNDS / 10; round++) {
        struct gp_fact fact;
        struct gp_traits traits;
        struct gp_outlook outlook;
        struct gp_span bytes;
        int64_t due_ms;
        gp_arena_reset(&arena);
        if (round % 2 == 0)
            assert_int_equal(gp_wire_entry_pack(random_entry(), &arena, &bytes), 0);
        else
            assert_int_equal(gp_wire_incident_pack(random_incident(), &arena, &bytes), 0);
        for (unsigned change = 0; change < 32; change++) {
            size_t len = random_below(bytes.len + 1), at = random_below(bytes.len);
            char *copy = test_malloc(len + 1);
            memcpy(copy, bytes.ptr, len);
            if (at < len)
                copy[at] ^= (char)(1u << random_below(8));
            (void)gp_wire_fact_peek((struct gp_span){copy, len}, &fact);
            (void)gp_wire_traits_peek((struct gp_span){copy, len}, &traits);
            (void)gp_wire_outlook_peek((struct gp_span){copy, len}, &outlook);
            (void)gp_wire_due_peek((struct gp_span){copy, len}, &due_ms);
            test_free(copy);
        }
    }
}

/* ---------------------------------------------------------------- what no entry can say */

/* A journal entry whose patch has this plan, and which says that a suspension ended. */
static struct gp_span entry_with(ProtobufCMessage *message, size_t refs)
{
    static uint64_t ref_seq[GP_REFS_MAX + 1] = {1};
    Gp__JournalEntry journal;
    Gp__Entry entry;
    Gp__Patch patch;

    gp__journal_entry__init(&journal);
    gp__entry__init(&entry);
    gp__patch__init(&patch);
    journal.entry = &entry;
    journal.patch = &patch;
    entry.has_what = true;
    entry.what = GP__WHAT__WHAT_RESUMED;
    entry.ref_seq = ref_seq;
    entry.n_ref_seq = refs;
    patch.has_bits = true;
    patch.bits = GP_PATCH_PLAN;
    patch.plan = (Gp__Plan *)message;
    size_t len = gp__journal_entry__get_packed_size(&journal);
    uint8_t *bytes = gp_arena_alloc(&arena, len);
    assert_non_null(bytes);
    assert_int_equal(gp__journal_entry__pack(&journal, bytes), len);
    return (struct gp_span){(const char *)bytes, len};
}

static int peek_plan(size_t stages, uint32_t current, size_t refs)
{
    Gp__Stage stage, *list[GP_STAGES_MAX + 1];
    Gp__Plan plan;
    struct gp_fact fact;

    gp__stage__init(&stage);
    for (size_t i = 0; i <= GP_STAGES_MAX; i++)
        list[i] = &stage;
    gp__plan__init(&plan);
    plan.stage = list;
    plan.n_stage = stages;
    plan.has_current = true;
    plan.current = current;
    return gp_wire_fact_peek(entry_with(&plan.base, refs), &fact);
}

static void a_look_bounds_what_unpacking_bounds(void **state)
{
    (void)state;
    assert_int_equal(peek_plan(GP_STAGES_MAX, GP_STAGES_MAX - 1, GP_REFS_MAX), 0);
    assert_int_equal(peek_plan(GP_STAGES_MAX + 1, 0, 0), GP_EFORMAT);
    assert_int_equal(peek_plan(1, GP_STAGES_MAX, 0), GP_EFORMAT);
    assert_int_equal(peek_plan(1, 0, GP_REFS_MAX + 1), GP_EFORMAT);
}

/* Whole messages, and in the innermost of them a field that is cut. */
static void a_stage_that_is_cut_is_an_error(void **state)
{
    static const char cut[] = {0x0a, 0x02,      0x50, 0x0c, /* entry: what is "resumed" */
                               0x12, 0x08,      0x08, 0x10, /* patch: it has a plan, */
                               0x5a, 0x04,      0x0a, 0x02, /* of one stage, */
                               0x68, (char)0x80};           /* gap_to_ms of which goes on */
    struct gp_fact fact;

    (void)state;
    assert_int_equal(gp_wire_fact_peek((struct gp_span){cut, sizeof cut}, &fact), GP_EFORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fact_is_the_whole_entrys),
        cmocka_unit_test(traits_are_the_whole_incidents),
        cmocka_unit_test(dues_are_the_whole_incidents),
        cmocka_unit_test(outlooks_are_the_whole_incidents),
        cmocka_unit_test(a_cut_or_changed_row_is_no_harm),
        cmocka_unit_test(a_look_bounds_what_unpacking_bounds),
        cmocka_unit_test(a_stage_that_is_cut_is_an_error),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
