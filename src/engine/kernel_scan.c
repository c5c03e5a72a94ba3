/* kernel_scan.c - from slice to slice, from selection to selection. */
#include "engine/kernel_aggregate.h"

void gy_scan_begin(struct gy_scan *scan, struct gy_block_eval *block, uint32_t stream,
                   const struct gy_filter *filter, struct gy_range range,
                   const struct gy_bits *mask)
{
    scan->block = block;
    scan->stream = gy_reader_stream(block->reader, block->block_no, stream);
    scan->filter = filter;
    scan->range = range;
    scan->mask = mask;
    scan->slice = UINT32_MAX;
    scan->is_in_slice = false;
}

bool gy_scan_next_slice(struct gy_scan *scan)
{
    for (scan->slice++; scan->slice < scan->stream->n_slices; scan->slice++) {
        const struct gy_slice_view *view = gy_scan_view(scan);
        scan->is_in_slice =
            gy_slice_walk_begin(&scan->walk, view, scan->range, scan->mask, &scan->block->cuts);
        if (scan->is_in_slice)
            return gy_reader_may_go_on(scan->block->reader);
    }
    return false;
}

bool gy_scan_next_in_slice(struct gy_scan *scan)
{
    do {
        if (!gy_slice_walk_select(&scan->walk, &scan->selection))
            return false;
        gy_filter_kernel_run(&scan->block->filters, scan->filter, gy_scan_view(scan),
                             &scan->selection);
    } while (scan->selection.n == 0);
    return true;
}

bool gy_scan_next(struct gy_scan *scan)
{
    while (!scan->is_in_slice || !gy_scan_next_in_slice(scan)) {
        if (!gy_scan_next_slice(scan))
            return false;
    }
    return true;
}

bool gy_scan_code_test(struct gy_scan *scan, struct gy_code_test *out)
{
    const struct gy_filter *filter = scan->filter;
    if (filter == NULL || filter->n_children > 0 || !gy_filter_is_string_test(filter->expr))
        return false;
    struct gy_slice_view *view = gy_scan_view(scan);
    const struct gy_view_column *column =
        gy_reader_column(scan->block->reader, view, filter->expr->left->name.id);
    return gy_code_test_of(&scan->block->filters.verdicts, filter, view, column, out);
}

/* A customer that is found already is not asked again. */
static void did_by_codes(struct gy_scan *scan, const struct gy_code_test *test, struct gy_bits *out)
{
    while (gy_slice_walk_ranges(&scan->walk)) {
        for (uint32_t i = 0; i < scan->walk.n_ranges; i++) {
            const struct gy_row_range *range = &scan->walk.ranges[i];
            if (!gy_bits_has(out, range->customer) &&
                gy_code_test_any(test, range->first, range->end))
                gy_bits_set(out, range->customer);
        }
    }
}

static void did_by_ranges(struct gy_scan *scan, struct gy_bits *out)
{
    while (gy_slice_walk_ranges(&scan->walk)) {
        for (uint32_t i = 0; i < scan->walk.n_ranges; i++)
            gy_bits_set(out, scan->walk.ranges[i].customer);
    }
}

static void did_by_rows(struct gy_scan *scan, struct gy_bits *out)
{
    while (gy_scan_next_in_slice(scan)) {
        for (uint32_t i = 0; i < scan->selection.n; i++)
            gy_bits_set(out, scan->selection.customers[i]);
    }
}

void gy_kernel_did(struct gy_block_eval *block, uint32_t stream, const struct gy_filter *filter,
                   struct gy_range range, const struct gy_bits *mask, struct gy_bits *out)
{
    struct gy_scan scan;
    struct gy_code_test test;
    gy_bits_clear(out);
    gy_scan_begin(&scan, block, stream, filter, range, mask);
    while (gy_scan_next_slice(&scan)) {
        if (filter == NULL)
            did_by_ranges(&scan, out);
        else if (gy_scan_code_test(&scan, &test))
            did_by_codes(&scan, &test, out);
        else
            did_by_rows(&scan, out);
    }
}
