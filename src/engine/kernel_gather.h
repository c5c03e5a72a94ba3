/* kernel_gather.h - aggregates that need all of a customer's values side by side: how many days, how
 * many distinct values, the median, the most frequent value.
 *
 * The values of the block's selected rows are laid out as 64-bit keys (doubles in their order, day
 * numbers, codes), put together by customer, and each customer's few keys are sorted. Codes of
 * different parts cannot be compared, and ties of `top` are decided by time: customers who have such
 * values in several slices are asked one by one.
 */
#ifndef GY_ENGINE_KERNEL_GATHER_H
#define GY_ENGINE_KERNEL_GATHER_H

#include "engine/block_eval.h"

/* DAYS, MEDIAN, DISTINCT, TOP of numbers, as gy_kernel_aggregate. */
void gy_kernel_gather(struct gy_block_eval *block, const struct gy_plan_term *term,
                      const struct gy_bits *mask, struct gy_bits *known, double *values);

#endif
