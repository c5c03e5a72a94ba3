/* kernel_aggregate.c - accumulators over selections; sums: kernel_sum.c; those over gathered
 * values: kernel_gather.c. */
#include "engine/kernel_aggregate.h"

#include "engine/kernel_column.h"
#include "engine/kernel_gather.h"
#include "engine/kernel_sum.h"

/* ---- of events: how many, and when ---- */

/* What ranges or rows say of each customer. Times only where they are asked for. */
struct spans {
    double *counts;
    int64_t *first_ms;
    int64_t *last_ms;
};

static void take_ranges(const struct gy_scan *scan, struct spans s)
{
    const struct gy_slice_view *view = gy_scan_view(scan);
    for (uint32_t i = 0; i < scan->walk.n_ranges; i++) {
        const struct gy_row_range *range = &scan->walk.ranges[i];
        uint32_t c = range->customer;
        s.counts[c] += range->end - range->first;
        if (s.first_ms == NULL)
            continue;
        int64_t first_ms = gy_slice_view_time(view, range->first);
        int64_t last_ms = gy_slice_view_time(view, range->end - 1);
        s.first_ms[c] = first_ms < s.first_ms[c] ? first_ms : s.first_ms[c];
        s.last_ms[c] = last_ms > s.last_ms[c] ? last_ms : s.last_ms[c];
    }
}

static void take_rows(const struct gy_scan *scan, struct spans s)
{
    const struct gy_slice_view *view = gy_scan_view(scan);
    const struct gy_selection *selection = &scan->selection;
    for (uint32_t i = 0; i < selection->n; i++)
        s.counts[selection->customers[i]] += 1.0;
    for (uint32_t i = 0; s.first_ms != NULL && i < selection->n; i++) {
        uint32_t c = selection->customers[i];
        int64_t time_ms = gy_slice_view_time(view, selection->rows[i]);
        s.first_ms[c] = time_ms < s.first_ms[c] ? time_ms : s.first_ms[c];
        s.last_ms[c] = time_ms > s.last_ms[c] ? time_ms : s.last_ms[c];
    }
}

static void take_slice(struct gy_scan *scan, struct spans s)
{
    while (scan->filter == NULL && gy_slice_walk_ranges(&scan->walk))
        take_ranges(scan, s);
    while (scan->filter != NULL && gy_scan_next_in_slice(scan))
        take_rows(scan, s);
}

static void take_spans(struct gy_block_eval *block, const struct gy_plan_term *term,
                       const struct gy_bits *mask, struct spans s)
{
    struct gy_scan scan;
    gy_scan_begin(&scan, block, term->stream, term->filter, term->range, mask);
    while (gy_scan_next_slice(&scan))
        take_slice(&scan, s);
}

static void count_by_codes(struct gy_scan *scan, const struct gy_code_test *test, double *counts)
{
    while (gy_slice_walk_ranges(&scan->walk)) {
        for (uint32_t i = 0; i < scan->walk.n_ranges; i++) {
            const struct gy_row_range *range = &scan->walk.ranges[i];
            counts[range->customer] += gy_code_test_count(test, range->first, range->end);
        }
    }
}

static void aggregate_count(struct gy_block_eval *block, const struct gy_plan_term *term,
                            const struct gy_bits *mask, struct gy_bits *known, double *values)
{
    struct gy_scan scan;
    struct gy_code_test test;
    struct spans s = {values, NULL, NULL};
    memset(values, 0, GY_BLOCK_SIZE * sizeof *values);
    gy_scan_begin(&scan, block, term->stream, term->filter, term->range, mask);
    while (gy_scan_next_slice(&scan)) {
        if (gy_scan_code_test(&scan, &test))
            count_by_codes(&scan, &test, values);
        else
            take_slice(&scan, s);
    }
    *known = *mask;
}

static double span_value(enum gy_aggregate aggregate, int64_t now_ms, double count,
                         int64_t first_ms, int64_t last_ms)
{
    if (aggregate == GY_FIRST_TIME)
        return (double)first_ms;
    if (aggregate == GY_LAST_TIME)
        return (double)last_ms;
    if (aggregate == GY_DAYS_SINCE)
        return (double)(now_ms - last_ms) / (double)GY_DAY_MS;
    return (double)(last_ms - first_ms) / (double)GY_DAY_MS / (count - 1.0);
}

static void aggregate_span(struct gy_block_eval *block, const struct gy_plan_term *term,
                           const struct gy_bits *mask, struct gy_bits *known, double *values)
{
    enum gy_aggregate aggregate = term->term->aggregate;
    struct spans s = {gy_block_take(block), (int64_t *)gy_block_take(block),
                      (int64_t *)gy_block_take(block)};
    double at_least = aggregate == GY_INTERVAL ? 2.0 : 1.0;
    for (uint32_t i = 0; i < GY_BLOCK_SIZE; i++) {
        s.counts[i] = 0;
        s.first_ms[i] = INT64_MAX;
        s.last_ms[i] = INT64_MIN;
    }
    take_spans(block, term, mask, s);
    gy_bits_clear(known);
    GY_FOR_EACH_BIT(i, mask)
    {
        if (s.counts[i] < at_least)
            continue;
        gy_bits_set(known, i);
        values[i] = span_value(aggregate, term->now_ms, s.counts[i], s.first_ms[i], s.last_ms[i]);
    }
    gy_block_give(block, s.counts);
    gy_block_give(block, s.first_ms);
    gy_block_give(block, s.last_ms);
}

/* ---- min, max, first, last of numbers ---- */

static void take_extremes(struct gy_scan *scan, const struct gy_plan_term *term,
                          struct gy_bits *known, double *values)
{
    const struct gy_selection *selection = &scan->selection;
    const struct gy_column *column =
        &gy_reader_column(scan->block->reader, gy_scan_view(scan), term->property)->column;
    bool is_max = term->term->aggregate == GY_MAX;
    double numbers[GY_SELECTION_SIZE];
    uint8_t there[GY_SELECTION_SIZE];
    gy_column_numbers(column, selection, numbers, there);
    for (uint32_t i = 0; i < selection->n; i++) {
        uint32_t c = selection->customers[i];
        if (there[i] == 0)
            continue;
        bool is_first = !gy_bits_has(known, c);
        bool is_better = is_max ? numbers[i] > values[c] : numbers[i] < values[c];
        values[c] = is_first || is_better ? numbers[i] : values[c];
        gy_bits_set(known, c);
    }
}

static void aggregate_extreme(struct gy_block_eval *block, const struct gy_plan_term *term,
                              const struct gy_bits *mask, struct gy_bits *known, double *values)
{
    struct gy_scan scan;
    gy_bits_clear(known);
    gy_scan_begin(&scan, block, term->stream, term->filter, term->range, mask);
    while (gy_scan_next(&scan))
        take_extremes(&scan, term, known, values);
}

/* Equal times: the earlier arrival is first, the later one is last. */
static void take_ends(struct gy_scan *scan, const struct gy_plan_term *term, struct gy_bits *known,
                      double *values, int64_t *times_ms)
{
    const struct gy_selection *selection = &scan->selection;
    const struct gy_slice_view *view = gy_scan_view(scan);
    const struct gy_column *column =
        &gy_reader_column(scan->block->reader, gy_scan_view(scan), term->property)->column;
    bool is_first = term->term->aggregate == GY_FIRST;
    double numbers[GY_SELECTION_SIZE];
    uint8_t there[GY_SELECTION_SIZE];
    gy_column_numbers(column, selection, numbers, there);
    for (uint32_t i = 0; i < selection->n; i++) {
        uint32_t c = selection->customers[i];
        if (there[i] == 0)
            continue;
        int64_t time_ms = gy_slice_view_time(view, selection->rows[i]);
        if (gy_bits_has(known, c) && (is_first ? time_ms >= times_ms[c] : time_ms < times_ms[c]))
            continue;
        gy_bits_set(known, c);
        values[c] = numbers[i];
        times_ms[c] = time_ms;
    }
}

static void aggregate_end(struct gy_block_eval *block, const struct gy_plan_term *term,
                          const struct gy_bits *mask, struct gy_bits *known, double *values)
{
    struct gy_scan scan;
    int64_t *times_ms = (int64_t *)gy_block_take(block);
    gy_bits_clear(known);
    gy_scan_begin(&scan, block, term->stream, term->filter, term->range, mask);
    while (gy_scan_next(&scan))
        take_ends(&scan, term, known, values, times_ms);
    gy_block_give(block, times_ms);
}

/* ---- all ---- */

void gy_kernel_aggregate(struct gy_block_eval *block, const struct gy_plan_term *term,
                         const struct gy_bits *mask, struct gy_bits *known, double *values)
{
    switch (term->term->aggregate) {
    case GY_COUNT:
        aggregate_count(block, term, mask, known, values);
        break;
    case GY_FIRST_TIME:
    case GY_LAST_TIME:
    case GY_DAYS_SINCE:
    case GY_INTERVAL:
        aggregate_span(block, term, mask, known, values);
        break;
    case GY_SUM:
    case GY_AVG:
        gy_kernel_sum(block, term, mask, known, values);
        break;
    case GY_MIN:
    case GY_MAX:
        aggregate_extreme(block, term, mask, known, values);
        break;
    case GY_FIRST:
    case GY_LAST:
        aggregate_end(block, term, mask, known, values);
        break;
    case GY_DAYS:
    case GY_MEDIAN:
    case GY_DISTINCT:
    case GY_TOP:
        gy_kernel_gather(block, term, mask, known, values);
        break;
    }
}
