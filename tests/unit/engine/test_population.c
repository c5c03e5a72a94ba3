/* Populations: ranks counted one by one, by the contract's own formulas, and cuts that agree with them. */
#include "harness.h"

#include <math.h>

#include "base/mem.h"
#include "engine/population.h"

/* A population of these values, in several pieces, some of them empty. Released by the caller. */
static void make_population(struct gy_population *p, const double *values, size_t n)
{
    size_t n_pieces = 5;
    *p = (struct gy_population){.n = n, .n_pieces = n_pieces};
    p->pieces = gy_alloc_zero(n_pieces, sizeof(struct gy_population_piece *));
    for (size_t i = 0; i < n_pieces; i++) {
        size_t first = n * i / n_pieces;
        size_t end = n * (i + 1) / n_pieces;
        p->pieces[i] = gy_alloc_zero(1, sizeof *p->pieces[i] + (end - first) * sizeof *values);
        p->pieces[i]->n = end - first;
        for (size_t k = first; k < end; k++)
            p->pieces[i]->values[k - first] = values[k];
    }
}

static uint64_t smaller_one_by_one(const double *values, size_t n, double value)
{
    uint64_t r = 0;
    for (size_t i = 0; i < n; i++)
        r += values[i] < value;
    return r;
}

static double any_double(int kind, uint64_t *seed)
{
    double x = (double)(int64_t)gy_test_random(seed);
    switch (kind) {
    case 0:
        return x;
    case 1:
        return ldexp(x, (int)gy_test_below(seed, 900) - 500);
    case 2:
        return (double)gy_test_below(seed, 10) - 5.0;
    case 3:
        return (double)(1 + gy_test_below(seed, 300)); /* counts: few, and each by itself */
    default:
        return gy_test_below(seed, 2) == 0 ? 0.0 : -0.0;
    }
}

static void ranks_doubles_of_every_kind(void **state)
{
    (void)state;
    enum {
        N = 3000
    };
    static double values[N];
    uint64_t seed = gy_test_seed();
    struct gy_population p;
    for (int i = 0; i < N; i++)
        values[i] = any_double(i % 5, &seed);
    make_population(&p, values, N);
    for (int i = 0; i < N; i++)
        assert_int_equal(gy_population_smaller(&p, values[i]),
                         smaller_one_by_one(values, N, values[i]));
    gy_population_release(&p);
}

static bool reaches(const struct gy_rank_cut *cut, double rank_value)
{
    return cut->is_strict ? rank_value > cut->bound : rank_value >= cut->bound;
}

/* Whoever has a value above the cut reaches the bound, and nobody else. */
static void check_cuts(const double *values, size_t n, uint64_t parts)
{
    static const double percents[] = {-1, 0, 0.05, 10, 50, 99.95, 100, 120};
    struct gy_population p;
    struct gy_term term = {.parts = parts};
    struct gy_plan_term percentile = {.kind = GY_TERM_PERCENTILE, .term = &term, .population = &p};
    struct gy_plan_term ntile = {.kind = GY_TERM_NTILE, .term = &term, .population = &p};
    make_population(&p, values, n);
    for (uint64_t part = 0; part <= parts + 1; part++) {
        gy_population_cut(&p, &ntile, (double)part, false);
        gy_population_cut(&p, &ntile, (double)part + 0.5, true);
    }
    for (size_t i = 0; i < sizeof percents / sizeof percents[0]; i++) {
        gy_population_cut(&p, &percentile, percents[i], false);
        gy_population_cut(&p, &percentile, percents[i], true);
    }
    gy_population_find_cuts(&p);
    for (size_t i = 0; i < n; i++) {
        uint64_t r = smaller_one_by_one(values, n, values[i]);
        for (uint32_t c = 0; c < p.n_cuts; c++)
            assert_int_equal(values[i] > p.cuts[c].above,
                             reaches(&p.cuts[c], gy_rank_value(p.cuts[c].term, r)));
    }
    gy_population_release(&p);
}

static void cuts_are_where_ranks_reach_a_number(void **state)
{
    (void)state;
    static double values[1500];
    uint64_t seed = gy_test_seed();
    for (int kind = 0; kind < 5; kind++) {
        for (size_t i = 0; i < 1500; i++)
            values[i] = any_double(kind, &seed);
        check_cuts(values, 1500, 5);
        check_cuts(values, 1 + gy_test_below(&seed, 40), 1 + gy_test_below(&seed, 32));
    }
    for (size_t i = 0; i < 1500; i++)
        values[i] = any_double((int)gy_test_below(&seed, 5), &seed);
    check_cuts(values, 1500, 32);
    check_cuts(values, 1, 3);
    check_cuts(values, 0, 3);
}

static void equal_values_fare_alike(void **state)
{
    (void)state;
    double values[] = {2, 7, 1, 2, 2};
    struct gy_population p;
    make_population(&p, values, 5);
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
    /* Four smaller make 80 %: those above the fourth smallest. The second part begins with r = 2. */
    gy_population_cut(&p, &percentile, 80, false);
    gy_population_cut(&p, &percentile, 80, true);
    gy_population_cut(&p, &ntile, 1, false);
    gy_population_cut(&p, &ntile, 2, false);
    gy_population_find_cuts(&p);
    assert_true(p.cuts[0].above == 2.0);
    assert_true(p.cuts[1].above == (double)INFINITY);
    assert_true(p.cuts[2].above == -(double)INFINITY);
    assert_true(p.cuts[3].above == 2.0);
    parts.parts = UINT64_MAX;
    assert_true(gy_rank_value(&ntile, 4) == 1.0 + floor(4.0 * 0x1p64 / 5.0));
    gy_population_release(&p);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(ranks_doubles_of_every_kind),
    cmocka_unit_test(cuts_are_where_ranks_reach_a_number),
    cmocka_unit_test(equal_values_fare_alike),
};

GY_TEST_MAIN(cases)
