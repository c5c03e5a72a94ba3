/* test_id_cache.c - it may forget an id, but never takes one for another. */
#include "harness.h"

#include "store/id_cache.h"

enum {
    N_IDS = 200000
};

/* Ids of all lengths; with NUL bytes too. */
static struct gy_str make_id(uint32_t i, char out[GY_SHORT_KEY_BYTES])
{
    size_t len = i % GY_SHORT_KEY_BYTES + 1;
    memset(out, 0, GY_SHORT_KEY_BYTES);
    for (size_t k = 0; k < len; k++)
        out[k] = (char)((i >> (k % 3 * 8)) & 0xff);
    return (struct gy_str){out, len};
}

/* Two numbers may make one short id: its ordinal is then that of the last. */
static bool is_one(uint32_t i, uint32_t other)
{
    char a[GY_SHORT_KEY_BYTES];
    char b[GY_SHORT_KEY_BYTES];
    return i % 2 == other % 2 && gy_str_equal(make_id(i / 2, a), make_id(other / 2, b));
}

static void what_it_knows_is_right(void **state)
{
    (void)state;
    struct gy_id_cache cache = {0};
    char text[GY_SHORT_KEY_BYTES];
    uint32_t n_known = 0;
    uint32_t n_new = 0;
    for (uint32_t i = 0; i < N_IDS; i++) {
        struct gy_str id = make_id(i / 2, text);
        uint32_t ordinal = gy_id_cache_find(&cache, i % 2 == 1, id);
        if (ordinal == GY_ID_CACHE_NONE) {
            gy_id_cache_put(&cache, i % 2 == 1, id, i);
            assert_int_equal(gy_id_cache_find(&cache, i % 2 == 1, id), i);
            n_new++;
        } else {
            assert_true(is_one(i, ordinal));
        }
    }
    for (uint32_t i = 0; i < N_IDS; i++) {
        struct gy_str id = make_id(i / 2, text);
        gy_id_cache_expect(&cache, i % 2 == 1, id);
        uint32_t ordinal = gy_id_cache_find(&cache, i % 2 == 1, id);
        assert_true(ordinal == GY_ID_CACHE_NONE || is_one(i, ordinal));
        n_known += ordinal != GY_ID_CACHE_NONE;
    }
    assert_true(n_new > N_IDS / 2);
    assert_true(n_known > N_IDS / 10 * 8);
    gy_id_cache_release(&cache);
    gy_id_cache_release(&cache);
}

static void an_empty_one_knows_nothing(void **state)
{
    (void)state;
    struct gy_id_cache cache = {0};
    gy_id_cache_expect(&cache, true, GY_STR("c1"));
    assert_int_equal(gy_id_cache_find(&cache, true, GY_STR("c1")), GY_ID_CACHE_NONE);
    gy_id_cache_put(&cache, true, GY_STR("c1"), 7);
    assert_int_equal(gy_id_cache_find(&cache, true, GY_STR("c1")), 7);
    assert_int_equal(gy_id_cache_find(&cache, false, GY_STR("c1")), GY_ID_CACHE_NONE);
    assert_int_equal(gy_id_cache_find(&cache, true, GY_STR("c1\0")), GY_ID_CACHE_NONE);
    gy_id_cache_release(&cache);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(what_it_knows_is_right),
    cmocka_unit_test(an_empty_one_knows_nothing),
};

GY_TEST_MAIN(cases)
