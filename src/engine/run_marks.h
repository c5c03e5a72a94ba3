/* run_marks.h - of a chunk's runs, the rows that pass a filter.
 *
 * A filter marks the rows of a chunk (row_marks.h), and codes tell which of them are in the window; else the window
 * cuts the runs, and marks are counted between the cuts. What is cheaper comes first: few rows that pass are
 * asked for their times, few in the window whether they pass. Of few marks each is asked for its run; else
 * each run's are counted. Of long runs, and where few are asked about, only the rows in the window of those who
 * are are marked.
 */
#ifndef GY_ENGINE_RUN_MARKS_H
#define GY_ENGINE_RUN_MARKS_H

#include "engine/run_values.h"

/* Whether rows of the block's only slice of the stream can be marked, if it has one. */
bool gy_run_can_mark(struct gy_run_eval *eval, uint32_t stream, const struct gy_filter *filter);

/* `counts` of each run's rows in the window that pass. */
void gy_run_marked_counts(struct gy_run_eval *eval, const struct gy_filter *filter,
                          struct gy_range range, uint32_t *counts);

/* Of those rows the sums of an INT column's values (base + raw) × factor and, where `counts` is not NULL, how
 * many have one. */
void gy_run_marked_sums(struct gy_run_eval *eval, const struct gy_filter *filter,
                        struct gy_range range, const struct gy_column *column, int64_t factor,
                        int64_t *sums, uint32_t *counts);

/* The same sums of base + raw, where it is known that none is negative and all are below 2^32, and runs are short;
 * else false. */
bool gy_run_marked_small_sums(struct gy_run_eval *eval, const struct gy_filter *filter,
                              struct gy_range range, const struct gy_column *column,
                              uint32_t *sums);

#endif
