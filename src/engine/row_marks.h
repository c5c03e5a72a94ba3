/* row_marks.h - which rows of a slice pass a filter, as a bit each.
 *
 * A filter is made ready for a slice once: tests of strings, numbers and times become ranges of raw values
 * (raw_marks.h) or a table by code, tests of the clock what clock_marks.h makes of them, `is known` the
 * column's own bits; `and`, `or` and `not` are then operations on words. A test that no value of the
 * slice can pass costs nothing.
 */
#ifndef GY_ENGINE_ROW_MARKS_H
#define GY_ENGINE_ROW_MARKS_H

#include "engine/kernel_filter.h"

struct gy_marker;

/* What marks the slice's rows that pass; NULL where some test is not of these kinds. A view, which the
 * kernel keeps until gy_markers_forget. */
const struct gy_marker *gy_marker_of(struct gy_filter_kernel *kernel,
                                     const struct gy_filter *filter, struct gy_slice_view *view);

/* Before views of slices are closed. */
void gy_markers_forget(struct gy_filter_kernel *kernel);

/* Whether the slice has no row that passes, as far as can be told without its rows. */
bool gy_marker_is_none(const struct gy_marker *marker);

/* Bit i of `marks`: whether row `first` + i passes, for i < n; 0 behind that, in n / 64 + 1 words. */
void gy_marker_run(const struct gy_marker *marker, uint32_t first, uint32_t n, uint64_t *marks);

/* Whether a row of it costs more than a look at its time, which comes first then. */
bool gy_marker_is_slow(const struct gy_marker *marker);

/* Drops the marks of rows that do not pass, one by one: for few marks. */
void gy_marker_keep(const struct gy_marker *marker, uint32_t first, uint32_t n, uint64_t *marks);

#endif
