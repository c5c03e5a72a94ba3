/* Cuts of chunks are what a look at every row finds; marks are the same with AVX2 and without. */
#include "harness.h"

#include <string.h>

#include "engine/run_chunk.h"

enum {
    TRIALS = 300,
    MOST_CUSTOMERS = 3000,
    MOST_ROWS = 200000,
    SLACK = 16 /* codes behind the last, as in a part */
};

struct rows {
    struct gy_slice slice;
    struct gy_slice_view view;
    uint16_t customers[MOST_CUSTOMERS];
    uint32_t starts[MOST_CUSTOMERS + 1];
    uint32_t codes[MOST_ROWS + SLACK];
    uint16_t millis[MOST_ROWS];
    uint32_t day_millis[MOST_ROWS];
};

static uint32_t draw_length(uint64_t *random, uint64_t most)
{
    bool is_long = gy_test_below(random, 200) == 0;
    return 1 + (uint32_t)gy_test_below(random, is_long ? most * 50 : most);
}

static int compare_times(const void *a, const void *b)
{
    int64_t l = *(const int64_t *)a;
    int64_t r = *(const int64_t *)b;
    return (l > r) - (l < r);
}

/* One run's times: close together, so that many share a second or a day. */
static void draw_times(struct rows *rows, uint64_t *random, uint32_t first, uint32_t end,
                       int64_t from_ms, int64_t span_ms)
{
    static int64_t times[MOST_ROWS];
    for (uint32_t row = first; row < end; row++)
        times[row] = from_ms + (int64_t)gy_test_below(random, (uint64_t)span_ms);
    qsort(times + first, end - first, sizeof *times, compare_times);
    for (uint32_t row = first; row < end; row++) {
        uint32_t millis;
        rows->codes[row] = gy_code_of(times[row], &millis);
        rows->millis[row] = (uint16_t)(rows->view.times.millis == NULL ? 0 : millis);
        rows->day_millis[row] = rows->view.times.day_millis == NULL ? 0 : millis;
    }
}

static void draw_rows(struct rows *rows, uint64_t *random, int64_t *from_ms, int64_t *span_ms)
{
    static const uint64_t LENGTHS[] = {1, 4, 30, 150};
    uint64_t most = LENGTHS[gy_test_below(random, 4)];
    uint32_t n = 1 + (uint32_t)gy_test_below(random, MOST_CUSTOMERS);
    uint64_t kind = gy_test_below(random, 3);
    *from_ms = kind == 2 ? -INT64_C(86400000) * 3 : INT64_C(1700000000000);
    *span_ms = gy_test_below(random, 2) == 0 ? 5000 : INT64_C(86400000) * 6;
    rows->view = (struct gy_slice_view){.slice = &rows->slice};
    rows->view.times.codes = rows->codes;
    rows->view.times.millis = kind == 1 ? rows->millis : NULL;
    rows->view.times.day_millis = kind == 2 ? rows->day_millis : NULL;
    rows->starts[0] = 0;
    uint32_t run = 0;
    for (; run < n; run++) {
        uint32_t length = draw_length(random, most);
        if (rows->starts[run] + length > MOST_ROWS)
            break;
        rows->customers[run] =
            (uint16_t)(run == 0 ? gy_test_below(random, 5)
                                : rows->customers[run - 1] + 1U + gy_test_below(random, 20));
        rows->starts[run + 1] = rows->starts[run] + length;
        draw_times(rows, random, rows->starts[run], rows->starts[run + 1], *from_ms, *span_ms);
    }
    uint32_t n_rows = rows->starts[run];
    rows->view.runs = (struct gy_runs){run, rows->customers, rows->starts};
    rows->slice = (struct gy_slice){.n_rows = n_rows, .n_customers = run, .min_code = UINT32_MAX};
    for (uint32_t row = 0; row < n_rows; row++) {
        uint32_t code = rows->codes[row];
        rows->slice.min_code = code < rows->slice.min_code ? code : rows->slice.min_code;
        rows->slice.max_code = code > rows->slice.max_code ? code : rows->slice.max_code;
    }
}

static void check_run(const struct rows *rows, uint32_t run, struct gy_range range, uint32_t first,
                      uint32_t end)
{
    uint32_t n = 0;
    for (uint32_t row = rows->starts[run]; row < rows->starts[run + 1]; row++) {
        int64_t time_ms = gy_slice_view_time(&rows->view, row);
        bool is_in = time_ms >= range.from_ms && time_ms < range.to_ms;
        n += is_in;
        if (is_in != (row >= first && row < end))
            fail_msg("row %u of run %u is cut wrongly", row, run);
    }
    assert_int_equal(end - first, n);
    assert_true(first >= rows->starts[run] && end <= rows->starts[run + 1]);
}

/* Where one row tells, it tells what counting does. */
static void check_has(const struct gy_run_chunk *chunk, struct gy_range range, uint32_t least,
                      const struct gy_chunk_cuts *cuts)
{
    uint8_t has[GY_CHUNK_RUNS];
    if (!gy_run_chunk_has(chunk, range, least, has))
        return;
    for (uint32_t i = 0; i < chunk->n_runs; i++) {
        if (gy_bits_has(chunk->mask, gy_run_chunk_customer(chunk, i)))
            assert_int_equal(has[i], cuts->ends[i] - cuts->firsts[i] >= least ? 0xff : 0);
    }
}

static struct gy_range draw_range(uint64_t *random, int64_t from_ms, int64_t span_ms)
{
    uint64_t whole = gy_test_below(random, 2) == 0 ? 1 : 1000;
    int64_t a = from_ms + (int64_t)(gy_test_below(random, (uint64_t)span_ms) / whole * whole);
    int64_t b = from_ms + (int64_t)(gy_test_below(random, (uint64_t)span_ms) / whole * whole);
    switch (gy_test_below(random, 4)) {
    case 0:
        return (struct gy_range){a, INT64_MAX};
    case 1:
        return (struct gy_range){INT64_MIN, b};
    case 2:
        return (struct gy_range){INT64_MIN, INT64_MAX};
    default:
        return (struct gy_range){a < b ? a : b, a < b ? b : a};
    }
}

static void check_chunks(const struct rows *rows, uint64_t *random, int64_t from_ms,
                         int64_t span_ms)
{
    static struct gy_run_chunk chunk;
    static struct gy_bits mask;
    static struct gy_bits seen;
    struct gy_range ranges[GY_CHUNK_WINDOWS + 1];
    uint64_t one_in = gy_test_below(random, 2) == 0 ? 1 : 1 + gy_test_below(random, 3000);
    struct gy_slice_view view = rows->view;
    gy_bits_clear(&mask);
    gy_bits_clear(&seen);
    for (uint32_t i = 0; i < GY_BLOCK_SIZE; i++) {
        if (gy_test_below(random, one_in) == 0)
            gy_bits_set(&mask, i);
    }
    for (int i = 0; i <= GY_CHUNK_WINDOWS; i++)
        ranges[i] = draw_range(random, from_ms, span_ms);
    gy_run_chunk_begin(&chunk, &view, &mask);
    while (gy_run_chunk_next(&chunk)) {
        for (int r = 0; r < 8; r++) {
            struct gy_range range = ranges[gy_test_below(random, GY_CHUNK_WINDOWS + 1)];
            const struct gy_chunk_cuts *cuts = gy_run_chunk_cut(&chunk, range);
            check_has(&chunk, range, 1 + (uint32_t)gy_test_below(random, 4), cuts);
            for (uint32_t i = 0; i < chunk.n_runs; i++) {
                uint32_t customer = gy_run_chunk_customer(&chunk, i);
                gy_bits_set(&seen, customer);
                if (gy_bits_has(&mask, customer))
                    check_run(rows, chunk.first_run + i, range, cuts->firsts[i], cuts->ends[i]);
            }
        }
    }
    for (uint32_t run = 0; run < rows->view.runs.n; run++) {
        uint32_t customer = rows->customers[run];
        assert_true(gy_bits_has(&seen, customer) || !gy_bits_has(&mask, customer));
    }
}

static void cuts_are_those_of_every_row(void **state)
{
    (void)state;
    static struct rows rows;
    uint64_t random = gy_test_seed();
    for (int trial = 0; trial < TRIALS; trial++) {
        int64_t from_ms;
        int64_t span_ms;
        draw_rows(&rows, &random, &from_ms, &span_ms);
        check_chunks(&rows, &random, from_ms, span_ms);
    }
}

static void nobody_has_no_rows(void **state)
{
    (void)state;
    static struct gy_run_chunk chunk;
    gy_run_chunk_nobody(&chunk);
    const struct gy_chunk_cuts *cuts =
        gy_run_chunk_cut(&chunk, (struct gy_range){INT64_MIN, INT64_MAX});
    assert_int_equal(chunk.n_runs, 1);
    assert_int_equal(cuts->firsts[0], cuts->ends[0]);
}

static void marks_are_the_same_both_ways(void **state)
{
    (void)state;
    static uint32_t codes[1000 + SLACK];
    uint64_t random = gy_test_seed();
    for (int trial = 0; trial < 2000; trial++) {
        uint64_t marks[17];
        uint64_t plain[17];
        uint32_t n = (uint32_t)gy_test_below(&random, 1001);
        uint32_t bound = (uint32_t)gy_test_random(&random);
        for (uint32_t i = 0; i < n; i++)
            codes[i] = gy_test_below(&random, 4) == 0
                           ? bound + (uint32_t)gy_test_below(&random, 3) - 1
                           : (uint32_t)gy_test_random(&random);
        gy_mark_before(codes, n, bound, marks);
        gy_mark_before_plain(codes, n, bound, plain);
        for (uint32_t i = 0; i < n; i++) {
            assert_int_equal(marks[i / 64] >> (i & 63) & 1, codes[i] < bound);
            assert_int_equal(plain[i / 64] >> (i & 63) & 1, codes[i] < bound);
        }
    }
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(cuts_are_those_of_every_row),
    cmocka_unit_test(nobody_has_no_rows),
    cmocka_unit_test(marks_are_the_same_both_ways),
};

GY_TEST_MAIN(cases)
