/* aggregate_rows.h - the value of an aggregate over one customer's events, in order. */
#ifndef GY_ENGINE_AGGREGATE_ROWS_H
#define GY_ENGINE_AGGREGATE_ROWS_H

#include "engine/filter.h"

/* `rows` passed the filter and the window and stand in order. `property` is that of the aggregates
 * that take one. Strings are views into parts; temporary memory comes from the context's arena. */
struct gy_value gy_aggregate_rows(enum gy_aggregate aggregate, uint32_t property, int64_t now_ms,
                                  const struct gy_row_context *context, const struct gy_rows *rows);

/* The middle of `n` ≥ 1 numbers, which get sorted; of an even count the mean of the two. */
double gy_median(double *numbers, size_t n);

/* Their mean as `avg` has it: half of their exact sum as decimals, rounded once. */
double gy_mean_of_two(double a, double b);

#endif
