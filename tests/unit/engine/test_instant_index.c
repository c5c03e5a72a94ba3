/* The index finds what a look at every bound finds. */
#include "harness.h"

#include "engine/instant_index.h"

enum {
    MOST = 60,
    TRIALS = 2000
};

static uint32_t look(const int64_t *bounds, uint32_t n, int64_t time_ms)
{
    uint32_t i = 0;
    while (i < n && time_ms >= bounds[i])
        i++;
    return i;
}

/* Ascending, some of them equal, some before all times or behind them, close together or far apart. */
static uint32_t draw_bounds(uint64_t *state, int64_t *bounds)
{
    static const uint64_t STEPS[] = {1, 3, 1000, 86400000, UINT64_C(1) << 50, UINT64_C(1) << 58};
    uint32_t n = 1 + (uint32_t)gy_test_below(state, MOST);
    uint64_t step = STEPS[gy_test_below(state, 6)];
    uint32_t n_before = (uint32_t)gy_test_below(state, 4);
    int64_t at = (int64_t)gy_test_below(state, 1000) - 500;
    for (uint32_t i = 0; i < n; i++) {
        if (at < INT64_MAX - (int64_t)(2 * step))
            at += (int64_t)gy_test_below(state, 2 * step);
        bounds[i] = i < n_before ? INT64_MIN : at;
    }
    if (gy_test_below(state, 8) == 0)
        bounds[n - 1] = INT64_MAX;
    return n;
}

static void finds_the_first_later_bound(void **state)
{
    (void)state;
    uint64_t random = gy_test_seed();
    struct gy_arena arena = {0};
    for (int trial = 0; trial < TRIALS; trial++) {
        int64_t bounds[MOST];
        struct gy_instant_index index;
        uint32_t n = draw_bounds(&random, bounds);
        gy_instant_index_init(&index, bounds, n, &arena);
        for (uint32_t i = 0; i < n; i++) {
            for (int64_t off = -1; off <= 1; off++) {
                int64_t time_ms = bounds[i];
                if (__builtin_add_overflow(time_ms, off, &time_ms))
                    continue;
                assert_int_equal(gy_instant_index_find(&index, time_ms), look(bounds, n, time_ms));
            }
            int64_t any = (int64_t)gy_test_random(&random);
            assert_int_equal(gy_instant_index_find(&index, any), look(bounds, n, any));
        }
        gy_arena_reset(&arena);
    }
    gy_arena_release(&arena);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest cases[] = {cmocka_unit_test(finds_the_first_later_bound)};
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(cases, NULL, NULL);
}
