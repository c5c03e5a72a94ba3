/* test_arena.c - alignment, zeros, and what reset and release leave. */
#include <string.h>

#include "harness.h"

#include "base/arena.h"

static void everything_is_aligned_and_apart(void **state)
{
    (void)state;
    struct gy_arena arena = {0};
    char *blocks[1000];
    for (size_t i = 0; i < 1000; i++) {
        blocks[i] = gy_arena_alloc(&arena, i);
        assert_int_equal((uintptr_t)blocks[i] % 16, 0);
        memset(blocks[i], (int)(i % 256), i);
    }
    for (size_t i = 0; i < 1000; i++) {
        for (size_t k = 0; k < i; k++) {
            assert_int_equal((unsigned char)blocks[i][k], i % 256);
        }
    }
    gy_arena_release(&arena);
    gy_arena_release(&arena);
}

static void what_is_asked_zero_is_zero_after_reset(void **state)
{
    (void)state;
    struct gy_arena arena = {0};
    memset(gy_arena_alloc(&arena, 3000), 0xFF, 3000);
    gy_arena_reset(&arena);
    uint64_t *numbers = GY_NEW_ARRAY(&arena, uint64_t, 375);
    for (int i = 0; i < 375; i++) {
        assert_int_equal(numbers[i], 0);
    }
    gy_arena_release(&arena);
}

static void one_block_may_be_larger_than_any_chunk(void **state)
{
    (void)state;
    struct gy_arena arena = {0};
    size_t size = (size_t)3 << 20;
    memset(gy_arena_alloc(&arena, size), 1, size);
    memset(gy_arena_alloc(&arena, 10), 2, 10);
    gy_arena_reset(&arena);
    memset(gy_arena_alloc(&arena, size), 3, size);
    gy_arena_release(&arena);
}

static void strings_are_copied_and_terminated(void **state)
{
    (void)state;
    struct gy_arena arena = {0};
    char name[] = "가나";
    struct gy_str copy = gy_arena_str(&arena, gy_str_of(name));
    name[0] = 'x';
    assert_string_equal(copy.ptr, "가나");
    assert_int_equal(copy.len, 6);
    assert_string_equal(gy_arena_str(&arena, (struct gy_str){NULL, 0}).ptr, "");
    gy_arena_release(&arena);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(everything_is_aligned_and_apart),
    cmocka_unit_test(what_is_asked_zero_is_zero_after_reset),
    cmocka_unit_test(one_block_may_be_larger_than_any_chunk),
    cmocka_unit_test(strings_are_copied_and_terminated),
};

GY_TEST_MAIN(cases)
