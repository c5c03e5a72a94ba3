/* test_bits.c - ranges of bits, and blocks as one bitmap. */
#include "harness.h"

#include "engine/bits_bitmap.h"

static void test_a_range_is_its_bits(void **state)
{
    (void)state;
    uint64_t seed = gy_test_seed();
    for (int round = 0; round < 200; round++) {
        struct gy_bits bits;
        struct gy_bits expected;
        uint32_t first = (uint32_t)(gy_test_random(&seed) % GY_BLOCK_SIZE);
        uint32_t most = round % 2 == 0 ? 200 : GY_BLOCK_SIZE;
        uint32_t n = 1 + (uint32_t)(gy_test_random(&seed) % most);
        n = first + n > GY_BLOCK_SIZE ? GY_BLOCK_SIZE - first : n;
        gy_bits_clear(&bits);
        gy_bits_clear(&expected);
        gy_bits_set(&bits, 7);
        gy_bits_set(&expected, 7);
        gy_bits_set_range(&bits, first, n);
        for (uint32_t i = first; i < first + n; i++)
            gy_bits_set(&expected, i);
        assert_memory_equal(&bits, &expected, sizeof bits);
    }
}

/* Blocks with so many bits, the bitmap against one that was made bit by bit. */
static void expect_bitmap(const uint32_t *n_bits, uint32_t n_blocks, uint64_t *seed)
{
    struct gy_bits_container *containers[8] = {0};
    roaring_bitmap_t *expected = roaring_bitmap_create();
    for (uint32_t b = 0; b < n_blocks; b++) {
        struct gy_bits bits;
        gy_bits_clear(&bits);
        for (uint32_t n = 0; n < n_bits[b];) {
            uint32_t i = n_bits[b] == GY_BLOCK_SIZE ? n : (uint32_t)(gy_test_random(seed) & 0xffff);
            n += !gy_bits_has(&bits, i);
            gy_bits_set(&bits, i);
            roaring_bitmap_add(expected, b * (uint32_t)GY_BLOCK_SIZE + i);
        }
        containers[b] = gy_bits_container_of(&bits);
    }
    roaring_bitmap_t *bitmap = gy_bitmap_of_containers(containers, n_blocks, 1);
    assert_true(roaring_bitmap_equals(bitmap, expected));
    assert_int_equal(roaring_bitmap_get_cardinality(bitmap),
                     roaring_bitmap_get_cardinality(expected));
    for (uint32_t b = 0; b < n_blocks; b++)
        free(containers[b]);
    roaring_bitmap_free(bitmap);
    roaring_bitmap_free(expected);
}

static void test_blocks_make_one_bitmap(void **state)
{
    (void)state;
    uint64_t seed = gy_test_seed();
    expect_bitmap(NULL, 0, &seed);
    expect_bitmap((uint32_t[]){0, 0, 0}, 3, &seed);
    expect_bitmap((uint32_t[]){0, 1, 4096, 4097, GY_BLOCK_SIZE, 0, 3}, 7, &seed);
    expect_bitmap((uint32_t[]){30000, 40000}, 2, &seed);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(test_a_range_is_its_bits),
    cmocka_unit_test(test_blocks_make_one_bitmap),
};

GY_TEST_MAIN(cases)
