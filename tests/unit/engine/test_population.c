/* Populations: sorted as qsort would, and ranks by the contract's own formulas. */
#include "harness.h"

#include <math.h>

#include "engine/population.h"

static int compare(const void *a, const void *b)
{
    double l = *(const double *)a;
    double r = *(const double *)b;
    return (l > r) - (l < r);
}

static void sorts_doubles_of_every_kind(void **state)
{
    (void)state;
    enum {
        N = 5000
    };
    static double numbers[N];
    static double expected[N];
    static double scratch[N];
    uint64_t seed = gy_test_seed();
    for (int i = 0; i < N; i++) {
        double x = (double)(int64_t)gy_test_random(&seed);
        numbers[i] = i % 3 == 0   ? x
                     : i % 3 == 1 ? ldexp(x, (int)gy_test_below(&seed, 900) - 500)
                                  : (double)gy_test_below(&seed, 10) - 5.0;
        expected[i] = numbers[i];
    }
    struct gy_population p = {.sorted = numbers, .n = N};
    gy_population_sort(&p, scratch);
    qsort(expected, N, sizeof *expected, compare);
    for (int i = 0; i < N; i++)
        assert_true(p.sorted[i] == expected[i]);
    free(p.steps);
}

static void equal_values_fare_alike(void **state)
{
    (void)state;
    double sorted[] = {1, 2, 2, 2, 7};
    struct gy_population p = {.sorted = sorted, .n = 5};
    assert_int_equal(gy_population_smaller(&p, 1), 0);
    assert_int_equal(gy_population_smaller(&p, 2), 1);
    assert_int_equal(gy_population_smaller(&p, 7), 4);
    assert_int_equal(gy_population_smaller(&p, 8), 5);
    assert_true(gy_population_percentile(&p, 7) == 80.0);
    /* 1 + floor(r × 3 / 5) with r = 0, 1, 4 */
    assert_true(gy_population_ntile(&p, 1, 3) == 1.0);
    assert_true(gy_population_ntile(&p, 2, 3) == 1.0);
    assert_true(gy_population_ntile(&p, 7, 3) == 3.0);
    assert_true(gy_population_ntile(&p, 7, UINT64_MAX) == 1.0 + floor(4.0 * 0x1p64 / 5.0));
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(sorts_doubles_of_every_kind),
    cmocka_unit_test(equal_values_fare_alike),
};

GY_TEST_MAIN(cases)
