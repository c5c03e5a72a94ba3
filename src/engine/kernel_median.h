/* kernel_median.h - `median(…) >= c` without a median.
 *
 * Whether the middle value reaches c is known from how many values are below c: of n values, if they
 * are half or fewer. So two counters a customer are enough, and no value is kept or sorted. Only where
 * n is even and exactly half are below, the mean of the middle two can be on either side; those
 * customers' medians are worked out.
 *
 *     c = 24    3 5 24 30 90    n 5, below 2: the middle one is not below
 *               3 5 24 30       n 4, below 2: (5 + 24) / 2 decides
 */
#ifndef GY_ENGINE_KERNEL_MEDIAN_H
#define GY_ENGINE_KERNEL_MEDIAN_H

#include "engine/block_eval.h"

/* `median compare constant` with compare one of <, <=, >, >=, for those of `mask`. */
void gy_kernel_median(struct gy_block_eval *block, const struct gy_plan_term *median,
                      enum gy_compare compare, double constant, const struct gy_bits *mask,
                      struct gy_bits *out);

#endif
