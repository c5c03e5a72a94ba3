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
    struct gy_term parts = {.parts = 3};
    struct gy_plan_term percentile = {.kind = GY_TERM_PERCENTILE, .term = &parts, .population = &p};
    struct gy_plan_term ntile = {.kind = GY_TERM_NTILE, .term = &parts, .population = &p};
    assert_true(gy_rank_value(&percentile, 4) == 80.0);
    /* 1 + floor(r × 3 / 5) with r = 0, 1, 4 */
    assert_true(gy_rank_value(&ntile, 0) == 1.0);
    assert_true(gy_rank_value(&ntile, 1) == 1.0);
    assert_true(gy_rank_value(&ntile, 4) == 3.0);
    assert_int_equal(gy_rank_from(&percentile, 80, false), 4);
    assert_int_equal(gy_rank_from(&percentile, 80, true), 5);
    assert_int_equal(gy_rank_from(&ntile, 1, false), 0);
    assert_int_equal(gy_rank_from(&ntile, 2, false), 2);
    double ends[GY_NTILE_FEW];
    assert_int_equal(gy_population_ends(&p, 3, ends), 2);
    assert_true(ends[0] == 2.0 && ends[1] == 2.0); /* of the second and fourth smallest */
    parts.parts = UINT64_MAX;
    assert_true(gy_rank_value(&ntile, 4) == 1.0 + floor(4.0 * 0x1p64 / 5.0));
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(sorts_doubles_of_every_kind),
    cmocka_unit_test(equal_values_fare_alike),
};

GY_TEST_MAIN(cases)
