/* kernel_sum.c - whole numbers at one scale, or decimals. */
#include "engine/kernel_sum.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"
#include "base/decimal_sum.h"
#include "base/mem.h"
#include "base/number.h"
#include "engine/kernel_aggregate.h"
#include "engine/kernel_column.h"

static const int64_t powers_of_ten[] = {1,
                                        10,
                                        100,
                                        1000,
                                        10000,
                                        100000,
                                        1000000,
                                        10000000,
                                        100000000,
                                        1000000000,
                                        INT64_C(10000000000),
                                        INT64_C(100000000000),
                                        INT64_C(1000000000000),
                                        INT64_C(10000000000000),
                                        INT64_C(100000000000000),
                                        INT64_C(1000000000000000)};

static const double largest_whole = 9007199254740992.0; /* 2^53 */

double gy_sum_power(int scale)
{
    return (double)powers_of_ten[scale];
}

int64_t gy_sum_factor(int scale, const struct gy_column *column)
{
    return powers_of_ten[scale - column->scale];
}

bool gy_sum_scale(struct gy_block_eval *block, uint32_t stream_id, uint32_t property, int *scale)
{
    const struct gy_stream_view *stream =
        gy_reader_stream(block->reader, block->block_no, stream_id);
    double bound = 0;
    *scale = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t s = 0; s < stream->n_slices; s++) {
            const struct gy_column *column =
                &gy_reader_column(block->reader, &stream->slices[s], property)->column;
            if (column->encoding == GY_ENCODING_NONE)
                continue;
            if (column->encoding != GY_ENCODING_INT)
                return false;
            if (pass == 0) {
                *scale = column->scale > *scale ? column->scale : *scale;
                continue;
            }
            if (*scale - column->scale > GY_MAX_SCALE)
                return false;
            double low = fabs((double)column->min_int);
            double high = fabs((double)column->max_int);
            bound += (low > high ? low : high) * (double)column->n_rows *
                     (double)gy_sum_factor(*scale, column);
        }
    }
    return bound < 0x1p62;
}

static void add_scaled(struct gy_scan *scan, uint32_t property, int scale, int64_t *sums,
                       double *counts)
{
    const struct gy_selection *selection = &scan->selection;
    const struct gy_column *column =
        &gy_reader_column(scan->block->reader, gy_scan_view(scan), property)->column;
    int64_t values[GY_SELECTION_SIZE];
    uint8_t known[GY_SELECTION_SIZE];
    if (column->encoding != GY_ENCODING_INT)
        return;
    gy_column_known(column, selection, known);
    gy_column_scaled(column, selection, gy_sum_factor(scale, column), values);
    for (uint32_t i = 0; i < selection->n;) { /* a customer's rows are neighbours */
        uint32_t c = selection->customers[i];
        int64_t sum = 0;
        uint32_t count = 0;
        for (; i < selection->n && selection->customers[i] == c; i++) {
            sum += values[i] & -(int64_t)known[i];
            count += known[i];
        }
        sums[c] += sum;
        counts[c] += count;
    }
}

static void add_ranges(const struct gy_scan *scan, const struct gy_column *column, int64_t factor,
                       int64_t *sums, double *counts)
{
    for (uint32_t i = 0; i < scan->walk.n_ranges; i++) {
        const struct gy_row_range *range = &scan->walk.ranges[i];
        uint32_t n = range->end - range->first;
        sums[range->customer] += gy_column_sum(column, range->first, n) * factor;
        counts[range->customer] += n;
    }
}

static void add_slice(struct gy_scan *scan, const struct gy_plan_term *term, int scale,
                      int64_t *sums, double *counts)
{
    const struct gy_column *column =
        &gy_reader_column(scan->block->reader, gy_scan_view(scan), term->property)->column;
    bool is_full = column->encoding == GY_ENCODING_INT && column->present == NULL;
    if (is_full && term->filter == NULL) {
        while (gy_slice_walk_ranges(&scan->walk))
            add_ranges(scan, column, gy_sum_factor(scale, column), sums, counts);
        return;
    }
    while (gy_scan_next_in_slice(scan))
        add_scaled(scan, term->property, scale, sums, counts);
}

/* One rounding: both sides of the division are whole numbers that a double holds. */
double gy_scaled_sum(int64_t sum, int scale)
{
    if (fabs((double)sum) < largest_whole)
        return (double)sum / (double)powers_of_ten[scale];
    return gy_number_join(sum, -scale);
}

double gy_scaled_mean(int64_t sum, int scale, double count)
{
    double divisor = count * (double)powers_of_ten[scale];
    if (fabs((double)sum) < largest_whole && divisor < largest_whole)
        return (double)sum / divisor;
    return gy_number_ratio(sum, -scale, (uint64_t)count);
}

/* ---- of many ---- */

/* Whether all are between -2^51 and 2^51. */
static GY_ALWAYS_INLINE void are_small_body(const int64_t *sums, uint32_t n, bool *out)
{
    uint64_t beyond = 0;
    for (uint32_t i = 0; i < n; i++)
        beyond |= ((uint64_t)sums[i] + (UINT64_C(1) << 51)) >> 52;
    *out = beyond == 0;
}

GY_COMPILE_FOR_AVX2(are_small, (const int64_t *sums, uint32_t n, bool *out), (sums, n, out))

/* A whole number between -2^51 and 2^51 as a double, in steps that AVX2 has: added to the bits of 3 × 2^51 it
 * makes the bits of their sum. */
static GY_ALWAYS_INLINE double double_of_small(int64_t whole)
{
    uint64_t bits = (uint64_t)whole + UINT64_C(0x4338000000000000);
    double sum;
    memcpy(&sum, &bits, sizeof sum);
    return sum - 0x1.8p52;
}

static GY_ALWAYS_INLINE void divide_body(const int64_t *sums, uint32_t n, double divisor,
                                         double *out)
{
    for (uint32_t i = 0; i < n; i++)
        out[i] = double_of_small(sums[i]) / divisor;
}

GY_COMPILE_FOR_AVX2(divide, (const int64_t *sums, uint32_t n, double divisor, double *out),
                    (sums, n, divisor, out))

void gy_scaled_sums(const int64_t *sums, uint32_t n, int scale, double *out)
{
    bool is_small;
    are_small(sums, n, &is_small);
    if (is_small) {
        divide(sums, n, (double)powers_of_ten[scale], out);
        return;
    }
    for (uint32_t i = 0; i < n; i++)
        out[i] = gy_scaled_sum(sums[i], scale);
}

/* Counts below 2^31. */
static GY_ALWAYS_INLINE void average_body(const int64_t *sums, const uint32_t *counts, uint32_t n,
                                          double power, double *out)
{
    for (uint32_t i = 0; i < n; i++)
        out[i] = double_of_small(sums[i]) / ((double)(int32_t)counts[i] * power);
}

GY_COMPILE_FOR_AVX2(average,
                    (const int64_t *sums, const uint32_t *counts, uint32_t n, double power,
                     double *out),
                    (sums, counts, n, power, out))

/* Whether all counts are below 2^31, and stay whole numbers that a double holds times a power of ten. */
static GY_ALWAYS_INLINE void are_few_body(const uint32_t *counts, uint32_t n, double power,
                                          bool *out)
{
    uint32_t all = 0;
    for (uint32_t i = 0; i < n; i++)
        all |= counts[i];
    *out = all <= INT32_MAX && all * power < largest_whole;
}

GY_COMPILE_FOR_AVX2(are_few, (const uint32_t *counts, uint32_t n, double power, bool *out),
                    (counts, n, power, out))

void gy_scaled_means(const int64_t *sums, const uint32_t *counts, uint32_t n, int scale,
                     double *out)
{
    double power = (double)powers_of_ten[scale];
    bool is_small;
    bool is_few;
    are_small(sums, n, &is_small);
    are_few(counts, n, power, &is_few);
    if (is_small && is_few) {
        average(sums, counts, n, power, out);
        return;
    }
    for (uint32_t i = 0; i < n; i++)
        out[i] = counts[i] == 0 ? 0.0 : gy_scaled_mean(sums[i], scale, counts[i]);
}

/* ---- of a block ---- */

static void sum_scaled(struct gy_block_eval *block, const struct gy_plan_term *term, int scale,
                       const struct gy_bits *mask, struct gy_bits *known, double *values)
{
    bool is_mean = term->term->aggregate == GY_AVG;
    int64_t *sums = (int64_t *)gy_block_take(block);
    double *counts = gy_block_take(block);
    struct gy_scan scan;
    memset(sums, 0, GY_BLOCK_SIZE * sizeof *sums);
    memset(counts, 0, GY_BLOCK_SIZE * sizeof *counts);
    gy_scan_begin(&scan, block, term->stream, term->filter, term->range, mask);
    while (gy_scan_next_slice(&scan))
        add_slice(&scan, term, scale, sums, counts);
    gy_bits_clear(known);
    GY_FOR_EACH_BIT(i, mask)
    {
        if (is_mean && counts[i] == 0)
            continue;
        gy_bits_set(known, i);
        values[i] =
            is_mean ? gy_scaled_mean(sums[i], scale, counts[i]) : gy_scaled_sum(sums[i], scale);
    }
    gy_block_give(block, sums);
    gy_block_give(block, counts);
}

static void add_decimals(struct gy_scan *scan, uint32_t property, struct gy_decimal_sum *sums,
                         double *counts)
{
    const struct gy_selection *selection = &scan->selection;
    const struct gy_column *column =
        &gy_reader_column(scan->block->reader, gy_scan_view(scan), property)->column;
    uint8_t known[GY_SELECTION_SIZE];
    gy_column_known(column, selection, known);
    for (uint32_t i = 0; i < selection->n; i++) {
        uint32_t c = selection->customers[i];
        uint32_t row = selection->rows[i];
        if (known[i] == 0)
            continue;
        counts[c] += 1.0;
        if (column->encoding == GY_ENCODING_INT)
            gy_decimal_sum_add_scaled(&sums[c], gy_column_int(column, row), column->scale);
        else
            gy_decimal_sum_add(&sums[c], ((const double *)column->data)[row]);
    }
}

static void sum_decimals(struct gy_block_eval *block, const struct gy_plan_term *term,
                         const struct gy_bits *mask, struct gy_bits *known, double *values)
{
    bool is_mean = term->term->aggregate == GY_AVG;
    struct gy_decimal_sum *sums = gy_alloc_zero(GY_BLOCK_SIZE, sizeof *sums);
    double *counts = gy_block_take(block);
    struct gy_scan scan;
    memset(counts, 0, GY_BLOCK_SIZE * sizeof *counts);
    gy_scan_begin(&scan, block, term->stream, term->filter, term->range, mask);
    while (gy_scan_next(&scan))
        add_decimals(&scan, term->property, sums, counts);
    gy_bits_clear(known);
    GY_FOR_EACH_BIT(i, mask)
    {
        if (!is_mean || counts[i] > 0) {
            values[i] = is_mean ? gy_decimal_sum_mean(&sums[i], (uint64_t)counts[i])
                                : gy_decimal_sum_value(&sums[i]);
            if (isfinite(values[i]))
                gy_bits_set(known, i);
        }
        gy_decimal_sum_release(&sums[i]);
    }
    gy_block_give(block, counts);
    free(sums);
}

void gy_kernel_sum(struct gy_block_eval *block, const struct gy_plan_term *term,
                   const struct gy_bits *mask, struct gy_bits *known, double *values)
{
    int scale;
    if (gy_sum_scale(block, term->stream, term->property, &scale))
        sum_scaled(block, term, scale, mask, known, values);
    else
        sum_decimals(block, term, mask, known, values);
}
