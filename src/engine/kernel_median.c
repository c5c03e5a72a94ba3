/* kernel_median.c - counting what is below. */
#include "engine/kernel_median.h"

#include "engine/kernel_aggregate.h"
#include "engine/kernel_column.h"

struct counters {
    uint32_t *known; /* values a customer has … */
    uint32_t *below; /* … and those that are below the constant, or equal where `or_equal` */
    double constant;
    bool or_equal;
};

static bool is_below(const struct counters *c, double value)
{
    return c->or_equal ? value <= c->constant : value < c->constant;
}

/* ---- whole runs of a column of whole numbers ---- */

#define COUNT(type, at, n, limit)                \
    do {                                         \
        const type *values = (const type *)(at); \
        uint32_t count = 0;                      \
        for (uint32_t i = 0; i < (n); i++)       \
            count += values[i] <= (type)(limit); \
        return count;                            \
    } while (0)

static uint32_t count_up_to(const struct gy_column *column, uint32_t first, uint32_t n,
                            uint64_t limit)
{
    switch (column->width) {
    case 1:
        COUNT(uint8_t, (const uint8_t *)column->data + first, n, limit);
    case 2:
        COUNT(uint16_t, (const uint16_t *)column->data + first, n, limit);
    case 4:
        COUNT(uint32_t, (const uint32_t *)column->data + first, n, limit);
    default:
        return n; /* every raw number is 0 */
    }
}

#undef COUNT

static void count_ranges(const struct gy_scan *scan, const struct gy_column *column,
                         uint64_t first_above, const struct counters *c)
{
    for (uint32_t i = 0; i < scan->walk.n_ranges; i++) {
        const struct gy_row_range *range = &scan->walk.ranges[i];
        uint32_t n = range->end - range->first;
        c->known[range->customer] += n;
        if (first_above > 0)
            c->below[range->customer] += count_up_to(column, range->first, n, first_above - 1);
    }
}

/* ---- any column, any filter ---- */

static void count_selection(struct gy_scan *scan, const struct gy_column *column,
                            const struct counters *c)
{
    const struct gy_selection *selection = &scan->selection;
    double values[GY_SELECTION_SIZE];
    uint8_t known[GY_SELECTION_SIZE];
    gy_column_numbers(column, selection, values, known);
    for (uint32_t i = 0; i < selection->n; i++) {
        uint32_t customer = selection->customers[i];
        c->known[customer] += known[i];
        c->below[customer] += (uint32_t)(known[i] & is_below(c, values[i]));
    }
}

/* ---- all ---- */

static bool counts_by_raw(const struct gy_plan_term *median, const struct gy_column *column)
{
    return median->filter == NULL && column->encoding == GY_ENCODING_INT &&
           column->present == NULL && column->width <= 4;
}

/* Slices differ in how their column lies; each is walked by itself. */
static void count_slice(struct gy_scan *scan, const struct gy_plan_term *median,
                        const struct counters *c)
{
    const struct gy_column *column =
        &gy_reader_column(scan->block->reader, gy_scan_view(scan), median->property)->column;
    if (!counts_by_raw(median, column)) {
        while (gy_scan_next_in_slice(scan))
            count_selection(scan, column, c);
        return;
    }
    uint64_t first_above =
        gy_column_raws_below(column, UINT64_C(1) << (8 * column->width), c->constant, c->or_equal);
    while (gy_slice_walk_ranges(&scan->walk))
        count_ranges(scan, column, first_above, c);
}

/* Sets those whose median is below (or equal), and those that only their medians can tell. */
static void decide(const struct counters *c, const struct gy_bits *mask, struct gy_bits *below,
                   struct gy_bits *known, struct gy_bits *open)
{
    GY_FOR_EACH_BIT(i, mask)
    {
        uint32_t n = c->known[i];
        if (n == 0)
            continue;
        gy_bits_set(known, i);
        if (c->below[i] > n / 2)
            gy_bits_set(below, i);
        else if (n % 2 == 0 && c->below[i] == n / 2)
            gy_bits_set(open, i);
    }
}

static void settle_open(struct gy_block_eval *block, const struct gy_plan_term *median,
                        const struct counters *c, const struct gy_bits *open, struct gy_bits *below)
{
    double *values = gy_block_take(block);
    struct gy_bits known;
    gy_block_numbers(block, median, open, &known, values);
    GY_FOR_EACH_BIT(i, &known)
    {
        if (is_below(c, values[i]))
            gy_bits_set(below, i);
    }
    gy_block_give(block, values);
}

void gy_kernel_median(struct gy_block_eval *block, const struct gy_plan_term *median,
                      enum gy_compare compare, double constant, const struct gy_bits *mask,
                      struct gy_bits *out)
{
    struct gy_scan scan;
    struct gy_bits known = {0};
    struct gy_bits below = {0};
    struct gy_bits open = {0};
    uint32_t *counts = gy_block_take(block);
    struct counters c = {counts, counts + GY_BLOCK_SIZE, constant,
                         compare == GY_GT || compare == GY_LE};
    memset(counts, 0, 2 * GY_BLOCK_SIZE * sizeof *counts);
    gy_scan_begin(&scan, block, median->stream, median->filter, median->range, mask);
    while (gy_scan_next_slice(&scan))
        count_slice(&scan, median, &c);
    decide(&c, mask, &below, &known, &open);
    gy_block_give(block, counts);
    if (gy_bits_any(&open))
        settle_open(block, median, &c, &open, &below);
    *out = known;
    if (compare == GY_LT || compare == GY_LE)
        gy_bits_and(out, &below);
    else
        gy_bits_and_not(out, &below);
}
