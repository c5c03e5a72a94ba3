/* kernel_sum.h - sums and means of a block's customers.
 *
 * Where the columns' bounds show that 64 bits hold every partial sum, sums are whole numbers at one
 * power of ten, the *scale*: sum × 10^-scale. Else they are exact decimals. Both round once.
 */
#ifndef GY_ENGINE_KERNEL_SUM_H
#define GY_ENGINE_KERNEL_SUM_H

#include "engine/block_eval.h"

/* SUM and AVG, as gy_kernel_aggregate. */
void gy_kernel_sum(struct gy_block_eval *block, const struct gy_plan_term *term,
                   const struct gy_bits *mask, struct gy_bits *known, double *values);

/* The scale at which 64 bits hold the sum of any of the stream's rows in this block; false where
 * there is none. A slice's numbers are brought to it by `gy_sum_factor`. */
bool gy_sum_scale(struct gy_block_eval *block, uint32_t stream_id, uint32_t property, int *scale);
int64_t gy_sum_factor(int scale, const struct gy_column *column);

/* 10^scale */
double gy_sum_power(int scale);

/* The number that a sum stands for, and its mean over `count` ≥ 1 values. */
double gy_scaled_sum(int64_t sum, int scale);
double gy_scaled_mean(int64_t sum, int scale, double count);

/* The same for many; means where counts[i] is 0 are anything. */
void gy_scaled_sums(const int64_t *sums, uint32_t n, int scale, double *out);
void gy_scaled_means(const int64_t *sums, const uint32_t *counts, uint32_t n, int scale,
                     double *out);

#endif
