/* test_hash.c - published test vectors, and the sample worked out by another program. */
#include <string.h>

#include "harness.h"

#include "base/hash.h"

/* Of the XXH3 specification: the hash of nothing under seed 0. */
static void xxh3_of_nothing_is_the_published_value(void **state)
{
    (void)state;
    assert_true(gy_hash(NULL, 0, 0) == UINT64_C(0x2D06800538D394C2));
}

static void the_seed_changes_the_hash(void **state)
{
    (void)state;
    assert_true(gy_hash("customer", 8, 1) != gy_hash("customer", 8, 2));
    assert_true(gy_hash("customer", 8, 1) == gy_hash("customer", 8, 1));
}

/* Aumasson and Bernstein, "SipHash: a fast short-input PRF", appendix A: key 00..0f, input 00..0e. */
static void siphash_is_as_in_its_paper(void **state)
{
    (void)state;
    uint8_t key[16];
    uint8_t input[15];
    for (uint8_t i = 0; i < 16; i++) {
        key[i] = i;
    }
    memcpy(input, key, sizeof input);
    assert_true(gy_hash_keyed(input, 15, key) == UINT64_C(0xA129CA6149BE45E5));
    assert_true(gy_hash_keyed(NULL, 0, key) == UINT64_C(0x726FDB47DD0E0E31));
}

static void the_sample_is_fnv_and_the_finaliser(void **state)
{
    (void)state;
    assert_true(gy_hash_sample(GY_STR(""), GY_STR("")) == UINT64_C(0xB9034AD37056F5FB));
    assert_true(gy_hash_sample(GY_STR(""), GY_STR("c1")) == UINT64_C(0x932C3A272DC67542));
    assert_true(gy_hash_sample(GY_STR("salt"), GY_STR("c1")) == UINT64_C(0x11D90CF2CE7C54C7));
    assert_true(gy_hash_sample(GY_STR("봄"), GY_STR("고객")) == UINT64_C(0x9D6E4B3F42178993));
}

static void random_bytes_fill_what_was_asked(void **state)
{
    (void)state;
    uint8_t a[1000] = {0};
    uint8_t b[1000] = {0};
    gy_random_bytes(a, 999);
    gy_random_bytes(b, 999);
    assert_memory_not_equal(a, b, 999);
    assert_memory_not_equal(a + 983, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
    assert_int_equal(a[999], 0);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(xxh3_of_nothing_is_the_published_value),
    cmocka_unit_test(the_seed_changes_the_hash),
    cmocka_unit_test(siphash_is_as_in_its_paper),
    cmocka_unit_test(the_sample_is_fnv_and_the_finaliser),
    cmocka_unit_test(random_bytes_fill_what_was_asked),
};

GY_TEST_MAIN(cases)
