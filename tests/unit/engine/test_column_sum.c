/* Sums of rows that have a value are the same with AVX2 and without, and as said. */
#include "harness.h"

#include "engine/kernel_column.h"

enum {
    MOST = 300,
    TRIALS = 4000,
    SLACK = 64 /* readable bytes behind a column */
};

static uint8_t bytes[MOST * 8 + SLACK];
static uint64_t present[MOST / 64 + 1 + SLACK / 8];

static uint64_t raw_at(unsigned width, uint32_t row)
{
    uint64_t raw = 0;
    for (unsigned i = 0; i < width; i++)
        raw |= (uint64_t)bytes[row * width + i] << (8 * i);
    return raw;
}

static void both_ways_add_up_what_is_there(void **state)
{
    (void)state;
    static const unsigned WIDTHS[] = {0, 1, 2, 4, 8};
    uint64_t random = gy_test_seed();
    for (int trial = 0; trial < TRIALS; trial++) {
        uint32_t first = (uint32_t)gy_test_below(&random, 140);
        uint32_t n = (uint32_t)gy_test_below(&random, MOST - first);
        struct gy_column column = {.encoding = GY_ENCODING_INT,
                                   .width = (uint8_t)WIDTHS[gy_test_below(&random, 5)],
                                   .data = bytes,
                                   .present = present,
                                   .base = (int64_t)gy_test_below(&random, 2000) - 1000};
        for (size_t i = 0; i < sizeof bytes; i++) /* often the greatest there are */
            bytes[i] = trial % 2 == 0 ? 0xff : (uint8_t)gy_test_random(&random);
        for (size_t i = 0; i < sizeof present / sizeof *present; i++)
            present[i] = gy_test_random(&random);
        uint64_t sum = 0;
        uint32_t n_there = 0;
        for (uint32_t row = first; row < first + n; row++) {
            if ((present[row / 64] >> (row % 64) & 1) == 0)
                continue;
            sum += (uint64_t)column.base + raw_at(column.width, row);
            n_there++;
        }
        uint32_t count;
        assert_true((uint64_t)gy_column_sum_present(&column, first, n, &count) == sum);
        assert_int_equal(count, n_there);
        assert_true((uint64_t)gy_column_sum_present_plain(&column, first, n, &count) == sum);
        assert_int_equal(count, n_there);
    }
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(both_ways_add_up_what_is_there),
};

GY_TEST_MAIN(cases)
