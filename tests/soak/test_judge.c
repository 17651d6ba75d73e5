/* A steady run, and runs that are not. */
#include "soak/judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define SAMPLES 80

struct scene {
    struct soak_sample sample[SAMPLES];
    struct soak_verdict verdict;
};

/* A thousand entries a sample and half a KiB each; memory grows in the first quarter, and jumps up
 * and down for a sample now and then. */
static int set_up(void **state)
{
    static struct scene scene;

    for (uint64_t i = 0; i < SAMPLES; i++)
        scene.sample[i] = (struct soak_sample){
            .private_kib = i < SAMPLES / 4 ? 20000 + 100 * i : 22000 + (i % 9 == 0) * 5000,
            .gate_kib = 3000,
            .descriptors = 60 + (i % 7 == 0),
            .gate_descriptors = 20,
            .threads = 8,
            .entries = 100000 * i,
            .bytes = (UINT64_C(64) << 20) + 51200000 * i,
        };
    *state = &scene;
    return 0;
}

static const struct soak_verdict *judge(struct scene *scene)
{
    soak_judge(scene->sample, SAMPLES, &scene->verdict);
    return &scene->verdict;
}

static void steady_run_is_well(void **state)
{
    const struct soak_verdict *verdict = judge(*state);

    assert_true(verdict->memory && verdict->open && verdict->growth);
    assert_in_range((int64_t)verdict->entry_bytes, 511, 513);
}

static void memory_that_creeps_is_told(void **state)
{
    struct scene *scene = *state;

    for (uint64_t i = 0; i < SAMPLES; i++)
        scene->sample[i].private_kib = 22000 + 10 * i; /* 400 KiB between the quarters: 1.8 % */
    assert_false(judge(scene)->memory);
    for (uint64_t i = 0; i < SAMPLES; i++)
        scene->sample[i].private_kib = 22000 + 2 * i;
    assert_true(judge(scene)->memory);
}

static void memory_of_the_gate_that_creeps_is_told(void **state)
{
    struct scene *scene = *state;

    for (uint64_t i = 0; i < SAMPLES; i++)
        scene->sample[i].gate_kib = 3000 + 8 * i;
    assert_false(judge(scene)->memory);
    for (uint64_t i = 0; i < SAMPLES; i++)
        scene->sample[i].gate_kib = 3000 + 4 * i; /* 5 %, and 160 KiB */
    assert_true(judge(scene)->memory);
}

static void memory_that_comes_and_goes_is_told_by_its_low_tides(void **state)
{
    struct scene *scene = *state;

    for (uint64_t i = 0; i < SAMPLES; i++) /* higher and more often towards the end */
        scene->sample[i].private_kib = i % (i < SAMPLES / 2 ? 2 : 5) == 0 ? 4000 : 8000 + 50 * i;
    assert_true(judge(scene)->memory);
    for (uint64_t i = 0; i < SAMPLES; i++)
        scene->sample[i].private_kib = (i % 2 == 0 ? 4000 : 8000) + 8 * i;
    assert_false(judge(scene)->memory);
}

static void descriptor_that_is_not_closed_is_told(void **state)
{
    struct scene *scene = *state;

    for (uint64_t i = SAMPLES / 2; i < SAMPLES; i++)
        scene->sample[i].descriptors++;
    assert_false(judge(scene)->open);
}

static void descriptor_of_the_gate_that_is_not_closed_is_told(void **state)
{
    struct scene *scene = *state;

    for (uint64_t i = SAMPLES / 2; i < SAMPLES; i++)
        scene->sample[i].gate_descriptors++;
    assert_false(judge(scene)->open);
}

static void thread_that_does_not_end_is_told(void **state)
{
    struct scene *scene = *state;

    for (uint64_t i = SAMPLES / 2; i < SAMPLES; i++)
        scene->sample[i].threads++;
    assert_false(judge(scene)->open);
}

static void entries_that_cost_more_and_more_are_told(void **state)
{
    struct scene *scene = *state;

    for (uint64_t i = SAMPLES / 2; i < SAMPLES; i++)
        scene->sample[i].bytes += 10000000 * (i - SAMPLES / 2); /* a fifth more */
    assert_false(judge(scene)->growth);
}

static void another_segment_is_no_growth(void **state)
{
    struct scene *scene = *state;

    for (uint64_t i = SAMPLES - 10; i < SAMPLES; i++)
        scene->sample[i].bytes += UINT64_C(16) << 20;
    assert_true(judge(scene)->growth);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, set_up)
    const struct CMUnitTest tests[] = {
        TEST(steady_run_is_well),
        TEST(memory_that_creeps_is_told),
        TEST(memory_of_the_gate_that_creeps_is_told),
        TEST(memory_that_comes_and_goes_is_told_by_its_low_tides),
        TEST(descriptor_that_is_not_closed_is_told),
        TEST(descriptor_of_the_gate_that_is_not_closed_is_told),
        TEST(thread_that_does_not_end_is_told),
        TEST(entries_that_cost_more_and_more_are_told),
        TEST(another_segment_is_no_growth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
