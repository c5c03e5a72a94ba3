/* test_intern.c - numbers follow the order of first coming, through growing and resetting. */
#include <string.h>

#include "harness.h"

#include "base/intern.h"

static void numbers_are_in_order_of_first_coming(void **state)
{
    (void)state;
    struct gy_intern set = {0};
    assert_int_equal(gy_intern_find(&set, GY_STR("a")), GY_INTERN_NONE);
    assert_int_equal(gy_intern_add(&set, GY_STR("구매")), 0);
    assert_int_equal(gy_intern_add(&set, GY_STR("")), 1);
    assert_int_equal(gy_intern_add(&set, GY_STR("a")), 2);
    assert_int_equal(gy_intern_add(&set, (struct gy_str){NULL, 0}), 1);
    assert_int_equal(gy_intern_add(&set, GY_STR("구매")), 0);
    assert_int_equal(gy_intern_add(&set, GY_STR("a\0b")), 3);
    assert_int_equal(gy_intern_find(&set, GY_STR("a")), 2);
    assert_int_equal(gy_intern_find(&set, GY_STR("b")), GY_INTERN_NONE);
    assert_int_equal(set.n, 4);
    gy_intern_release(&set);
    gy_intern_release(&set);
}

static void bytes_are_copied_in(void **state)
{
    (void)state;
    struct gy_intern set = {0};
    char name[] = "order";
    gy_intern_add(&set, gy_str_of(name));
    name[0] = 'X';
    assert_int_equal(gy_intern_find(&set, GY_STR("order")), 0);
    assert_true(gy_str_equal(set.strings[0], GY_STR("order")));
    gy_intern_release(&set);
}

static struct gy_str number_text(uint32_t i, char out[16])
{
    int n = snprintf(out, 16, "key %u", i);
    return (struct gy_str){out, (size_t)n};
}

static void many_strings_keep_their_numbers(void **state)
{
    (void)state;
    struct gy_intern set = {0};
    char text[16];
    enum {
        N = 100000
    };
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < N; i++) {
            assert_int_equal(gy_intern_add(&set, number_text(i, text)), i);
        }
        for (uint32_t i = 0; i < N; i++) {
            assert_int_equal(gy_intern_find(&set, number_text(i, text)), i);
            assert_true(gy_str_equal(set.strings[i], number_text(i, text)));
        }
        assert_int_equal(gy_intern_find(&set, number_text(N, text)), GY_INTERN_NONE);
        gy_intern_reset(&set);
        assert_int_equal(set.n, 0);
        assert_int_equal(gy_intern_find(&set, number_text(1, text)), GY_INTERN_NONE);
    }
    gy_intern_release(&set);
}

static void two_sets_have_two_seeds(void **state)
{
    (void)state;
    struct gy_intern a = {0};
    struct gy_intern b = {0};
    gy_intern_add(&a, GY_STR("x"));
    gy_intern_add(&b, GY_STR("x"));
    assert_true(a.seed != b.seed);
    gy_intern_release(&a);
    gy_intern_release(&b);
}

/* Of every length around those that are stored in other ways: only the last byte differs, or only the
 * number of zero bytes. */
static void strings_of_all_lengths_are_distinct(void **state)
{
    (void)state;
    static const char zeros[24] = {0};
    struct gy_intern set = {0};
    char text[24] = "abcdefghijklmnopqrstuvw";
    uint32_t n = 0;
    for (size_t len = 0; len < sizeof zeros; len++) {
        assert_int_equal(gy_intern_add(&set, (struct gy_str){zeros, len}), n++);
    }
    for (size_t len = 1; len < sizeof text; len++) {
        for (size_t i = 0; i < len; i++) {
            char kept = text[i];
            text[i] = 1;
            assert_int_equal(gy_intern_add(&set, (struct gy_str){text, len}), n++);
            text[i] = kept;
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        assert_int_equal(gy_intern_find(&set, set.strings[i]), i);
    }
    assert_int_equal(set.n, n);
    gy_intern_release(&set);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(numbers_are_in_order_of_first_coming),
    cmocka_unit_test(bytes_are_copied_in),
    cmocka_unit_test(many_strings_keep_their_numbers),
    cmocka_unit_test(two_sets_have_two_seeds),
    cmocka_unit_test(strings_of_all_lengths_are_distinct),
};

GY_TEST_MAIN(cases)
