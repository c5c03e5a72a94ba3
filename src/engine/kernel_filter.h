/* kernel_filter.h - a filter asked of many rows at once, column by column.
 *
 * Each test fills a byte a row; AND drops the rows that failed before it asks its next test. Numbers,
 * times and booleans are laid out as doubles (times are whole below 2^53) and compared. A test of a
 * string is decided once for each code of the part's dictionary, when the code is first met, and
 * looked up from then on. What fits neither (a string property against another) is asked row by row.
 */
#ifndef GY_ENGINE_KERNEL_FILTER_H
#define GY_ENGINE_KERNEL_FILTER_H

#include "engine/kernel_codes.h"
#include "engine/kernel_rows.h"
#include "engine/local_clock.h"

/* One thread's state, kept from slice to slice. */
struct gy_filter_kernel {
    struct gy_reader *reader;
    struct gy_local_clock clock;
    struct gy_verdict_cache verdicts;
    struct gy_arena arena;           /* emptied for each selection */
    struct gy_known_marker *markers; /* row_marks.h; in their own arena, emptied for each block */
    struct gy_arena marker_arena;
};

void gy_filter_kernel_init(struct gy_filter_kernel *kernel, struct gy_reader *reader,
                           const struct gy_zone *zone);
void gy_filter_kernel_release(struct gy_filter_kernel *kernel);

/* Keeps the rows of the selection that pass; NULL passes everything. */
void gy_filter_kernel_run(struct gy_filter_kernel *kernel, const struct gy_filter *filter,
                          struct gy_slice_view *view, struct gy_selection *selection);

/* Whether a test asks a known property's string against literals: it is decided code by code. */
bool gy_filter_is_string_test(const struct gy_expr *expr);

/* Whether all that a test asks are numbers, times or booleans. */
bool gy_filter_is_number_test(const struct gy_expr *expr);

#endif
