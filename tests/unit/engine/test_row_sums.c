/* What is added up before each row is the same with AVX2 and without, and as said. */
#include "harness.h"

#include "engine/row_sums.h"

enum {
    MOST = 300,
    TRIALS = 4000,
    SLACK = 64 /* readable bytes behind a column */
};

static uint8_t bytes[MOST * 4 + SLACK];
static uint32_t codes[MOST + SLACK / 4];
static uint64_t present[MOST / 64 + 1 + SLACK / 8];

static void draw(uint64_t *random, struct gy_row_addends *addends)
{
    static const unsigned WIDTHS[] = {0, 1, 2, 4};
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)gy_test_random(random);
    for (size_t i = 0; i < sizeof present / sizeof *present; i++)
        present[i] = gy_test_random(random);
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        codes[i] = gy_test_below(random, 2) == 0 ? (uint32_t)gy_test_random(random)
                                                 : (uint32_t)gy_test_below(random, 8);
    *addends = (struct gy_row_addends){.raws = bytes,
                                       .width = WIDTHS[gy_test_below(random, 4)],
                                       .base = (uint32_t)gy_test_random(random),
                                       .low = (uint32_t)gy_test_below(random, 8),
                                       .span = (uint32_t)gy_test_below(random, 8)};
    addends->present = gy_test_below(random, 2) == 0 ? present : NULL;
    addends->codes = gy_test_below(random, 2) == 0 ? codes : NULL;
}

static uint32_t addend(const struct gy_row_addends *a, uint32_t row)
{
    uint32_t raw = 0;
    for (unsigned i = 0; i < a->width; i++)
        raw |= (uint32_t)bytes[row * a->width + i] << (8 * i);
    bool is_out = (a->present != NULL && (present[row / 64] >> (row % 64) & 1) == 0) ||
                  (a->codes != NULL && (codes[row] < a->low || codes[row] > a->low + a->span));
    return is_out ? 0 : a->base + raw;
}

static void both_ways_add_up_every_row(void **state)
{
    (void)state;
    uint64_t random = gy_test_seed();
    for (int trial = 0; trial < TRIALS; trial++) {
        uint32_t before[MOST + GY_ROW_SUMS_SLACK];
        uint32_t plain[MOST + GY_ROW_SUMS_SLACK];
        uint32_t first = (uint32_t)gy_test_below(&random, 70);
        uint32_t n = (uint32_t)gy_test_below(&random, MOST - first);
        struct gy_row_addends addends;
        draw(&random, &addends);
        gy_row_sums(&addends, first, n, before);
        gy_row_sums_plain(&addends, first, n, plain);
        uint32_t sum = 0;
        for (uint32_t i = 0; i <= n; i++) {
            assert_int_equal(before[i], sum);
            assert_int_equal(plain[i], sum);
            sum += addend(&addends, first + i);
        }
    }
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(both_ways_add_up_every_row),
};

GY_TEST_MAIN(cases)
