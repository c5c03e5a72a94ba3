/* kernel_aggregate.h - aggregates of a block's customers, slice by slice.
 *
 *   slice ──window──> ranges ──┬─ no filter: counts and times straight from the ranges' ends
 *                              └─ selections ──filter──> rows ──> accumulators, one a customer
 *
 * Slices come in the order of arrival, so `first` and `last` keep the earliest and latest with ties
 * decided by arrival. Sums are whole numbers at one power of ten where the columns' bounds show that
 * 64 bits hold them, else exact decimals.
 */
#ifndef GY_ENGINE_KERNEL_AGGREGATE_H
#define GY_ENGINE_KERNEL_AGGREGATE_H

#include "engine/block_eval.h"

/* The values of a number, boolean or time aggregate for those of `mask`, as of gy_block_numbers. */
void gy_kernel_aggregate(struct gy_block_eval *block, const struct gy_plan_term *term,
                         const struct gy_bits *mask, struct gy_bits *known, double *values);

/* Those of `mask` who have an event of `stream` in `range` that passes. */
void gy_kernel_did(struct gy_block_eval *block, uint32_t stream, const struct gy_filter *filter,
                   struct gy_range range, const struct gy_bits *mask, struct gy_bits *out);

/* ---- shared by the kernels ---- */

/* The selections of all slices of a stream that pass a filter, one after the other. */
struct gy_scan {
    struct gy_block_eval *block;
    const struct gy_stream_view *stream;
    const struct gy_filter *filter;
    struct gy_range range;
    const struct gy_bits *mask;
    uint32_t slice; /* the current one: stream->slices[slice] */
    bool is_in_slice;
    struct gy_slice_walk walk;
    struct gy_selection selection;
};

void gy_scan_begin(struct gy_scan *scan, struct gy_block_eval *block, uint32_t stream,
                   const struct gy_filter *filter, struct gy_range range,
                   const struct gy_bits *mask);
/* Fills `selection` (at least one row); false at the end, or when the reader is to stop. */
bool gy_scan_next(struct gy_scan *scan);
/* Slice by slice: goes on to the next slice; then fills `selection` within it. */
bool gy_scan_next_slice(struct gy_scan *scan);
bool gy_scan_next_in_slice(struct gy_scan *scan);
/* Whether the filter is one test of codes that every row of the current slice has. */
bool gy_scan_code_test(struct gy_scan *scan, struct gy_code_test *out);
/* The view of the current slice. */
static inline struct gy_slice_view *gy_scan_view(const struct gy_scan *scan)
{
    return &scan->stream->slices[scan->slice];
}

#endif
