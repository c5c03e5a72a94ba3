/* test_raw_test.c - rows that pass, against the values themselves: by AVX2 where there is one, and plain. */
#include "harness.h"

#include "base/mem.h"
#include "engine/kernel_column.h"
#include "engine/raw_test.h"

enum {
    N_ROWS = 200
};

struct rows {
    uint64_t data[N_ROWS + 64];
    uint64_t present[N_ROWS / 64 + 1];
    struct gy_column column;
    uint64_t seed;
};

static void draw_column(struct rows *rows, uint8_t width, uint64_t max)
{
    for (uint32_t i = 0; i < N_ROWS; i++) {
        uint64_t raw = gy_test_random(&rows->seed) % (max + 1);
        memcpy((uint8_t *)rows->data + (size_t)i * width, &raw, width);
    }
    for (uint32_t w = 0; w <= N_ROWS / 64; w++)
        rows->present[w] = gy_test_random(&rows->seed) | gy_test_random(&rows->seed);
    rows->column = (struct gy_column){
        .type = GY_VALUE_NUMBER,
        .encoding = GY_ENCODING_INT,
        .width = width,
        .scale = (int8_t)((int)(gy_test_random(&rows->seed) % 5) - 2),
        .base = -(int64_t)(gy_test_random(&rows->seed) % 50),
        .n_rows = N_ROWS,
        .data = rows->data,
        .present = gy_test_random(&rows->seed) % 2 == 0 ? rows->present : NULL,
    };
    if (gy_test_random(&rows->seed) % 3 == 0) {
        rows->column.type = GY_VALUE_TIME;
        rows->column.scale = 0;
        rows->column.unit = (uint8_t)(gy_test_random(&rows->seed) % (max < 1 << 20 ? 5 : 2));
    }
    rows->column.max_int = gy_column_int_of_raw(&rows->column, max);
}

typedef bool (*passes_fn)(const struct gy_column *column, uint32_t row, const void *what);

static void expect_rows(struct rows *rows, const struct gy_raw_test *test, passes_fn passes,
                        const void *what)
{
    uint32_t firsts[N_ROWS];
    uint64_t hits[N_ROWS];
    uint64_t plain_hits[N_ROWS];
    uint32_t n = 0;
    for (uint32_t first = (uint32_t)(gy_test_random(&rows->seed) % N_ROWS); first < N_ROWS;
         first += 1 + (uint32_t)(gy_test_random(&rows->seed) % 40))
        firsts[n++] = first;
    gy_raw_test_words(test, firsts, n, hits);
    gy_raw_test_words_plain(test, firsts, n, plain_hits);
    for (uint32_t k = 0; k < n; k++) {
        for (uint32_t i = 0; i < 64 && firsts[k] + i < N_ROWS; i++) {
            uint32_t row = firsts[k] + i;
            bool is_in =
                gy_column_is_present(&rows->column, row) && passes(&rows->column, row, what);
            assert_int_equal(gy_raw_test_row(test, row), is_in);
            assert_int_equal(hits[k] >> i & 1, is_in);
            assert_int_equal(plain_hits[k] >> i & 1, is_in);
        }
    }
}

static bool number_passes(const struct gy_column *column, uint32_t row, const void *what)
{
    return gy_number_test_passes(
        what, gy_column_value_of_raw(column, column->width == 0 ? 0 : gy_column_raw(column, row)));
}

static void test_numbers_are_ranges_of_raws(void **state)
{
    static const uint8_t widths[] = {0, 1, 2, 4, 8};
    static const uint64_t most[] = {0, 200, 40000, 3000000000, UINT64_C(1) << 50};
    struct rows *rows = gy_alloc_zero(1, sizeof *rows);
    (void)state;
    rows->seed = gy_test_seed();
    for (int round = 0; round < 600; round++) {
        uint32_t w = (uint32_t)round % 5;
        uint64_t max = round % 3 == 0 ? most[w] : gy_test_random(&rows->seed) % (most[w] + 1);
        draw_column(rows, widths[w], max);
        struct gy_number_test test = {.is_between = round % 7 == 0,
                                      .compare =
                                          (enum gy_compare)(gy_test_random(&rows->seed) % 6)};
        uint32_t row = (uint32_t)(gy_test_random(&rows->seed) % N_ROWS);
        uint64_t raw = widths[w] == 0 ? 0 : gy_column_raw(&rows->column, row);
        test.low = gy_column_value_of_raw(&rows->column, raw);
        test.low += round % 4 == 0 ? 0.25 : round % 4 == 1 ? -1e16 * (round % 8 - 4) : 0;
        test.high = test.low + (double)(max / 3);
        struct gy_raw_test raws;
        assert_true(gy_raw_test_of_numbers(&rows->column, &test, &raws));
        expect_rows(rows, &raws, number_passes, &test);
    }
    free(rows);
}

struct span {
    int64_t first;
    int64_t last;
};

static bool int_passes(const struct gy_column *column, uint32_t row, const void *what)
{
    const struct span *span = what;
    int64_t value = gy_column_int(column, row);
    return value >= span->first && value <= span->last;
}

static void test_whole_numbers(void **state)
{
    struct rows *rows = gy_alloc_zero(1, sizeof *rows);
    (void)state;
    rows->seed = gy_test_seed();
    for (int round = 0; round < 200; round++) {
        draw_column(rows, 2, 1000);
        int64_t first = (int64_t)(gy_test_random(&rows->seed) % 1400) - 200;
        int64_t last = first - 5 + (int64_t)(gy_test_random(&rows->seed) % 600);
        first *= gy_time_units_ms[rows->column.unit];
        last *= gy_time_units_ms[rows->column.unit];
        first -= round % 3 == 0; /* between two of them */
        last -= round % 5 == 0;
        struct span spans[] = {{first, last}, {INT64_MIN, last}, {first, INT64_MAX}, {1, 0}};
        for (int i = 0; i < 4; i++) {
            struct gy_raw_test raws;
            gy_raw_test_of_ints(&rows->column, spans[i].first, spans[i].last, &raws);
            expect_rows(rows, &raws, int_passes, &spans[i]);
        }
    }
    free(rows);
}

static bool code_passes(const struct gy_column *column, uint32_t row, const void *what)
{
    const uint8_t *passes = what;
    return passes[column->width == 0 ? 0 : gy_column_raw(column, row)] != 0;
}

static void test_codes_are_looked_up(void **state)
{
    static const uint32_t counts[] = {1, 4, 16, 17, 128, 129, 256, 5000};
    struct rows *rows = gy_alloc_zero(1, sizeof *rows);
    uint8_t passes[5000];
    (void)state;
    rows->seed = gy_test_seed();
    for (int round = 0; round < 160; round++) {
        uint32_t n = counts[round % 8];
        draw_column(rows, n == 1 ? 0 : n <= 256 ? 1 : 2, n - 1);
        rows->column.encoding = GY_ENCODING_CODE;
        for (uint32_t code = 0; code < n; code++)
            passes[code] = gy_test_random(&rows->seed) % 3 == 0;
        struct gy_raw_test raws;
        gy_raw_test_of_codes(&rows->column, passes, n, &raws);
        expect_rows(rows, &raws, code_passes, passes);
    }
    free(rows);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(test_numbers_are_ranges_of_raws),
    cmocka_unit_test(test_whole_numbers),
    cmocka_unit_test(test_codes_are_looked_up),
};

GY_TEST_MAIN(cases)
