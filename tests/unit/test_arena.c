/* The arena: alignment, ceiling, reuse; and that no pattern of requests makes it grow for ever. */
#include "base/arena.h"

#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define CEILING ((size_t)64 * 1024)

/* The linker sends the arena's malloc and free here (--wrap). */
void *__real_malloc(size_t size);
void __real_free(void *memory);
void *__wrap_malloc(size_t size);
void __wrap_free(void *memory);

static struct {
    size_t sizes[256]; /* of the blocks that are out; 0: free slot */
    void *blocks[256];
    size_t bytes;
    bool refuse;
} heap;

void *__wrap_malloc(size_t size)
{
    void *memory = heap.refuse ? NULL : __real_malloc(size);

    for (size_t i = 0; memory != NULL && i < 256; i++) {
        if (heap.sizes[i] == 0) {
            heap.sizes[i] = size;
            heap.blocks[i] = memory;
            heap.bytes += size;
            break;
        }
    }
    return memory;
}

void __wrap_free(void *memory)
{
    for (size_t i = 0; memory != NULL && i < 256; i++) {
        if (heap.blocks[i] == memory) {
            heap.bytes -= heap.sizes[i];
            heap.sizes[i] = 0;
            heap.blocks[i] = NULL;
            break;
        }
    }
    __real_free(memory);
}

static struct gp_arena arena;

static int begin(void **state)
{
    (void)state;
    gp_arena_init(&arena, CEILING);
    return 0;
}

static int end(void **state)
{
    (void)state;
    heap.refuse = false;
    gp_arena_release(&arena);
    return heap.bytes == 0 ? 0 : -1; /* a leak fails the test */
}

static void takes_no_memory_until_asked(void **state)
{
    (void)state;
    assert_null(arena.first);
    assert_int_equal(heap.bytes, 0);
    gp_arena_release(NULL);
}

static void pieces_are_aligned_and_apart(void **state)
{
    unsigned char *piece[64];

    (void)state;
    for (size_t i = 0; i < 64; i++) {
        piece[i] = gp_arena_alloc(&arena, i);
        assert_non_null(piece[i]);
        assert_int_equal((uintptr_t)piece[i] % alignof(max_align_t), 0);
        memset(piece[i], (int)i, i);
    }
    for (size_t i = 0; i < 64; i++) {
        for (size_t at = 0; at < i; at++)
            assert_int_equal(piece[i][at], i);
    }
}

/* Goes back over the ends of blocks, from an empty arena and from one in use; what was there before
 * stays, and the same requests take no more memory the second time. */
static void goes_back_to_a_mark(void **state)
{
    struct gp_arena_mark empty = gp_arena_here(&arena), mark;
    unsigned char *kept;
    size_t bytes;

    (void)state;
    gp_arena_back(&arena, empty);
    kept = gp_arena_alloc(&arena, 100);
    memset(kept, 7, 100);
    mark = gp_arena_here(&arena);
    for (size_t i = 0; i < 5; i++)
        assert_non_null(gp_arena_alloc(&arena, CEILING / 8));
    bytes = heap.bytes;
    gp_arena_back(&arena, mark);
    assert_int_equal(arena.used, mark.used);
    for (size_t i = 0; i < 5; i++)
        memset(gp_arena_alloc(&arena, CEILING / 8), 1, CEILING / 8);
    assert_int_equal(heap.bytes, bytes);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(kept[i], 7);
    gp_arena_back(&arena, empty);
    assert_int_equal(arena.used, 0);
    assert_ptr_equal(gp_arena_alloc(&arena, 100), kept);
}

static void ceiling_holds(void **state)
{
    (void)state;
    assert_null(gp_arena_alloc(&arena, CEILING + 1));
    assert_null(gp_arena_alloc(&arena, SIZE_MAX));
    assert_non_null(gp_arena_alloc(&arena, CEILING - 16));
    assert_non_null(gp_arena_alloc(&arena, 16));
    assert_null(gp_arena_alloc(&arena, 1));
    assert_int_equal(arena.used, CEILING);
    gp_arena_reset(&arena);
    assert_non_null(gp_arena_alloc(&arena, CEILING));
}

static void zalloc_is_zero_and_sees_overflow(void **state)
{
    unsigned char *memory = gp_arena_alloc(&arena, 4096);

    (void)state;
    assert_non_null(memory);
    memset(memory, 0xA5, 4096);
    gp_arena_reset(&arena);
    memory = gp_arena_zalloc(&arena, 64, 64);
    assert_non_null(memory);
    for (size_t i = 0; i < 4096; i++)
        assert_int_equal(memory[i], 0);
    assert_null(gp_arena_zalloc(&arena, SIZE_MAX / 2, 3));
    assert_non_null(gp_arena_zalloc(&arena, 8, 0));
}

static void copy_is_independent(void **state)
{
    char text[] = "网格";
    struct gp_span copy = gp_arena_copy(&arena, gp_span_of(text));

    (void)state;
    text[0] = 'x';
    assert_true(gp_span_is(copy, "网格"));
    assert_int_equal(gp_arena_copy(&arena, (struct gp_span){0}).len, 0);
    assert_non_null(gp_arena_alloc(&arena, CEILING - arena.used));
    copy = gp_arena_copy(&arena, GP_SPAN("x"));
    assert_null(copy.ptr);
    assert_int_equal(copy.len, 1);
}

static void reset_keeps_the_blocks(void **state)
{
    void *first = gp_arena_alloc(&arena, 100);
    size_t bytes = heap.bytes;

    (void)state;
    for (int round = 0; round < 100; round++) {
        gp_arena_reset(&arena);
        assert_int_equal(arena.used, 0);
        assert_ptr_equal(gp_arena_alloc(&arena, 100), first);
    }
    assert_int_equal(heap.bytes, bytes);
}

static void trim_keeps_what_fits(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        assert_non_null(gp_arena_alloc(&arena, 20 * 1024)); /* a block each */
    void *first = arena.first;
    gp_arena_trim(&arena, 45 * 1024);
    assert_int_equal(arena.used, 0);
    assert_in_range(heap.bytes, 40 * 1024, 45 * 1024);
    assert_ptr_equal(arena.first, first);
    assert_non_null(gp_arena_alloc(&arena, 20 * 1024));
    gp_arena_trim(&arena, 0);
    assert_null(arena.first);
    assert_int_equal(heap.bytes, 0);
    assert_non_null(gp_arena_alloc(&arena, 100));
}

static void out_of_memory_is_null(void **state)
{
    (void)state;
    heap.refuse = true;
    assert_null(gp_arena_alloc(&arena, 100));
    assert_null(gp_arena_zalloc(&arena, 1, 100));
    heap.refuse = false;
    assert_non_null(gp_arena_alloc(&arena, 100));
    heap.refuse = true;
    assert_null(gp_arena_alloc(&arena, 20000));
    assert_non_null(gp_arena_alloc(&arena, 100)); /* the block at hand still serves */
}

/* A peer that sends each request a little larger than the one before: every one needs a block that
 * no kept block can replace. */
static void growing_requests_stay_bounded(void **state)
{
    (void)state;
    for (size_t size = 16 * 1024; size <= CEILING / 2; size += 256) {
        gp_arena_reset(&arena);
        assert_non_null(gp_arena_alloc(&arena, size));
        assert_non_null(gp_arena_alloc(&arena, 64));
        assert_true(heap.bytes <= 3 * CEILING);
    }
    gp_arena_reset(&arena);
    assert_true(heap.bytes <= 2 * CEILING);
}

static void blocks_have_the_size_that_was_asked_for(void **state)
{
    struct gp_arena small;

    (void)state;
    gp_arena_init_blocks(&small, CEILING, 1000);
    assert_non_null(gp_arena_alloc(&small, 10));
    assert_true(heap.bytes >= 1000 && heap.bytes < 1100);
    assert_non_null(gp_arena_alloc(&small, 5000)); /* larger ones have a block of their own */
    assert_true(heap.bytes >= 6000 && heap.bytes < 6200);
    gp_arena_release(&small);
    assert_non_null(gp_arena_alloc(&small, 10)); /* as before */
    assert_true(heap.bytes >= 1000 && heap.bytes < 1100);
    gp_arena_release(&small);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(takes_no_memory_until_asked),
        TEST(pieces_are_aligned_and_apart),
        TEST(goes_back_to_a_mark),
        TEST(ceiling_holds),
        TEST(zalloc_is_zero_and_sees_overflow),
        TEST(copy_is_independent),
        TEST(reset_keeps_the_blocks),
        TEST(trim_keeps_what_fits),
        TEST(out_of_memory_is_null),
        TEST(growing_requests_stay_bounded),
        TEST(blocks_have_the_size_that_was_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
