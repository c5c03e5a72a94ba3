/* Raw values in ranges: by hand, and the same with AVX2 and without. */
#include "harness.h"

#include <string.h>

#include "engine/raw_marks.h"

enum {
    MOST = 1000,
    SLACK = 32 /* bytes behind the last value that may be read */
};

static void marks_by_hand(void **state)
{
    (void)state;
    uint8_t bytes[5 + SLACK] = {3, 0, 255, 7, 4};
    uint16_t halves[5 + SLACK] = {3, 0, 65535, 7, 4};
    uint32_t words[5 + SLACK] = {3, 0, UINT32_MAX, 7, 4};
    struct gy_raw_range ranges[] = {{3, 4}, {255, UINT32_MAX}};
    uint64_t marks[1];
    ranges[1].high = 255;
    gy_mark_raws((struct gy_raws){bytes, 1}, 0, 5, ranges, 2, marks);
    assert_int_equal(marks[0], 1 | 4 | 16);
    ranges[1] = (struct gy_raw_range){300, 65535};
    gy_mark_raws((struct gy_raws){halves, 2}, 0, 5, ranges, 2, marks);
    assert_int_equal(marks[0], 1 | 4 | 16);
    ranges[1] = (struct gy_raw_range){8, UINT32_MAX};
    gy_mark_raws((struct gy_raws){words, 4}, 1, 4, ranges, 2, marks);
    assert_int_equal(marks[0], 2 | 8);
    gy_mark_raws((struct gy_raws){words, 4}, 0, 5, ranges, 0, marks);
    assert_int_equal(marks[0], 0);
}

static uint32_t draw_raw(uint64_t *random, unsigned width)
{
    uint32_t most = width == 4 ? UINT32_MAX : (1U << (8 * width)) - 1;
    uint32_t near = (uint32_t)gy_test_below(random, 8);
    uint64_t kind = gy_test_below(random, 3);
    return kind == 0 ? near : kind == 1 ? most - near : (uint32_t)gy_test_random(random) & most;
}

static void marks_as_plain_code(void **state)
{
    (void)state;
    static uint8_t values[MOST * 4 + SLACK];
    uint64_t random = gy_test_seed();
    for (int trial = 0; trial < 3000; trial++) {
        unsigned width = 1U << gy_test_below(&random, 3);
        uint32_t n_ranges = (uint32_t)gy_test_below(&random, GY_RAW_RANGES + 1);
        uint32_t first = (uint32_t)gy_test_below(&random, 70);
        uint32_t n = (uint32_t)gy_test_below(&random, MOST - first);
        struct gy_raw_range ranges[GY_RAW_RANGES];
        uint64_t marks[MOST / 64 + 2];
        uint64_t plain[MOST / 64 + 2];
        for (uint32_t r = 0; r < n_ranges; r++) {
            uint32_t a = draw_raw(&random, width);
            uint32_t b = draw_raw(&random, width);
            ranges[r] = (struct gy_raw_range){a < b ? a : b, a < b ? b : a};
        }
        for (uint32_t i = 0; i < first + n; i++) {
            uint32_t raw = draw_raw(&random, width);
            memcpy(values + (size_t)i * width, &raw, width); /* little-endian, as parts are */
        }
        struct gy_raws raws = {values, width};
        gy_mark_raws(raws, first, n, ranges, n_ranges, marks);
        gy_mark_raws_plain(raws, first, n, ranges, n_ranges, plain);
        assert_memory_equal(marks, plain, (n / 64 + 1) * sizeof *marks);
    }
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(marks_by_hand),
    cmocka_unit_test(marks_as_plain_code),
};

GY_TEST_MAIN(cases)
