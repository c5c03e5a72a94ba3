/* What is added up before each row is the same with AVX2 and without. */
#include "harness.h"

#include <string.h>

#include "engine/run_sums.h"

enum {
    MOST = 300,
    TRIALS = 3000,
    SLACK = 64 /* readable bytes behind a column */
};

static void both_ways_add_up_every_row(void **state)
{
    (void)state;
    static const uint8_t WIDTHS[] = {1, 2, 4};
    uint8_t bytes[MOST * 4 + SLACK];
    uint64_t random = gy_test_seed();
    for (int trial = 0; trial < TRIALS; trial++) {
        uint32_t before[MOST + 8];
        uint32_t plain[MOST + 8];
        uint32_t first = (uint32_t)gy_test_below(&random, 20);
        uint32_t n = (uint32_t)gy_test_below(&random, MOST - first);
        struct gy_column column = {
            .encoding = GY_ENCODING_INT, .width = WIDTHS[gy_test_below(&random, 3)], .data = bytes};
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (uint8_t)gy_test_random(&random);
        gy_add_up(&column, first, n, before);
        gy_add_up_plain(&column, first, n, plain);
        uint32_t sum = 0;
        for (uint32_t i = 0; i <= n; i++) {
            assert_int_equal(before[i], sum);
            assert_int_equal(plain[i], sum);
            sum += (uint32_t)gy_column_raw(&column, first + i);
        }
    }
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(both_ways_add_up_every_row),
};

GY_TEST_MAIN(cases)
