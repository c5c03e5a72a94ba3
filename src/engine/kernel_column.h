/* kernel_column.h - a column's values in the rows of a selection. */
#ifndef GY_ENGINE_KERNEL_COLUMN_H
#define GY_ENGINE_KERNEL_COLUMN_H

#include "engine/kernel_rows.h"

/* An array by code is worth it for a dictionary of up to so many. */
enum {
    GY_MOST_COUNTED_CODES = 1 << 22
};

/* A byte a row: 1 where there is a value. */
void gy_column_known(const struct gy_column *column, const struct gy_selection *selection,
                     uint8_t *known);

/* Numbers, times (in ms) and booleans (1 and 0); a column of another kind has none. What is not
 * known has any value. */
void gy_column_numbers(const struct gy_column *column, const struct gy_selection *selection,
                       double *values, uint8_t *known);

/* (base + raw) × factor of an INT column, whose products the caller knows to fit. */
void gy_column_scaled(const struct gy_column *column, const struct gy_selection *selection,
                      int64_t factor, int64_t *values);

/* The sum of (base + raw) of n neighbouring rows, all of which have a value. */
int64_t gy_column_sum(const struct gy_column *column, uint32_t first, uint32_t n);

/* The same of those that have a value, by the column's bits of presence; and how many do. */
int64_t gy_column_sum_present(const struct gy_column *column, uint32_t first, uint32_t n,
                              uint32_t *count);

/* The same in plain C, for tests. */
int64_t gy_column_sum_present_plain(const struct gy_column *column, uint32_t first, uint32_t n,
                                    uint32_t *count);

/* The number that a raw one of an INT column stands for. */
double gy_column_value_of_raw(const struct gy_column *column, uint64_t raw);

/* How many of the raw numbers 0, 1, … below `n` stand for less than the bound, or for it where `or_equal`: numbers
 * grow with the raw ones. */
uint64_t gy_column_raws_below(const struct gy_column *column, uint64_t n, double bound,
                              bool or_equal);

#endif
