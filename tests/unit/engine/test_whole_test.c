/* A whole number passes where the number it stands for does. */
#include "harness.h"

#include <math.h>

#include "engine/kernel_sum.h"
#include "engine/whole_test.h"

enum {
    TRIALS = 20000
};

static const int64_t LARGEST = INT64_C(1) << 62;

static void check(const struct gy_number_test *test, int scale, int64_t whole)
{
    if (whole < -LARGEST || whole > LARGEST)
        return;
    struct gy_whole_test by_whole = gy_whole_test_of(test, scale);
    bool passes = gy_number_test_passes(test, gy_scaled_sum(whole, scale));
    if (gy_whole_test_passes(&by_whole, whole) != passes)
        fail_msg("%lld at scale %d, test %d of %.17g (to %.17g)", (long long)whole, scale,
                 (int)test->compare, test->low, test->high);
}

static double draw_bound(uint64_t *random, int64_t *near, int scale)
{
    static const int64_t SIZES[] = {3, 1000, INT64_C(1) << 40, INT64_C(1) << 54, INT64_C(1) << 62};
    int64_t size = SIZES[gy_test_below(random, 5)];
    *near = (int64_t)gy_test_below(random, 2 * (uint64_t)size) - size;
    double bound = gy_scaled_sum(*near, scale);
    return gy_test_below(random, 3) == 0 ? bound + 0.3 : bound;
}

static void wholes_pass_as_their_numbers(void **state)
{
    (void)state;
    uint64_t random = gy_test_seed();
    for (int trial = 0; trial < TRIALS; trial++) {
        int64_t near_low;
        int64_t near_high;
        int scale = (int)gy_test_below(&random, 16);
        struct gy_number_test test = {.is_between = gy_test_below(&random, 4) == 0,
                                      .compare = (enum gy_compare)gy_test_below(&random, 6)};
        test.low = draw_bound(&random, &near_low, scale);
        test.high = draw_bound(&random, &near_high, scale);
        for (int64_t off = -3; off <= 3; off++) {
            check(&test, scale, near_low + off);
            check(&test, scale, near_high + off);
        }
        check(&test, scale, 0);
        check(&test, scale, -LARGEST);
        check(&test, scale, LARGEST);
    }
}

static bool is_in_span(const struct gy_number_span *span, double value)
{
    return (value >= span->low && value <= span->high) != span->is_negated;
}

static void spans_hold_what_passes(void **state)
{
    (void)state;
    uint64_t random = gy_test_seed();
    for (int trial = 0; trial < TRIALS; trial++) {
        int64_t near;
        struct gy_number_test test = {.is_between = gy_test_below(&random, 4) == 0,
                                      .compare = (enum gy_compare)gy_test_below(&random, 6)};
        test.low = draw_bound(&random, &near, (int)gy_test_below(&random, 16));
        test.high = draw_bound(&random, &near, (int)gy_test_below(&random, 16));
        struct gy_number_span span = gy_number_test_span(&test);
        double values[] = {test.low,
                           test.high,
                           nextafter(test.low, 1e300),
                           nextafter(test.low, -1e300),
                           nextafter(test.high, 1e300),
                           0.0};
        for (size_t i = 0; i < sizeof values / sizeof *values; i++)
            assert_int_equal(is_in_span(&span, values[i]), gy_number_test_passes(&test, values[i]));
    }
}

static void counts_by_hand(void **state)
{
    (void)state;
    struct gy_number_test at_least = {.compare = GY_GE, .low = 2.5};
    struct gy_number_test not_two = {.compare = GY_NE, .low = 2};
    struct gy_number_test half = {.compare = GY_EQ, .low = 0.5};
    struct gy_whole_test test = gy_whole_test_of(&at_least, 0);
    assert_int_equal(test.low, 3);
    assert_false(gy_whole_test_passes(&test, 2));
    assert_true(gy_whole_test_passes(&test, 3));
    test = gy_whole_test_of(&not_two, 0);
    assert_false(gy_whole_test_passes(&test, 2));
    assert_true(gy_whole_test_passes(&test, 0));
    test = gy_whole_test_of(&half, 0);
    assert_false(gy_whole_test_passes(&test, 0));
    assert_false(gy_whole_test_passes(&test, 1));
    test = gy_whole_test_of(&half, 1); /* five tenths */
    assert_true(gy_whole_test_passes(&test, 5));
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(wholes_pass_as_their_numbers),
    cmocka_unit_test(spans_hold_what_passes),
    cmocka_unit_test(counts_by_hand),
};

GY_TEST_MAIN(cases)
