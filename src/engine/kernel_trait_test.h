/* kernel_trait_test.h - a test of one trait, from its column to bits.
 *
 * A trait that was loaded once lies in slices with one row a customer, none of them later than now. Its
 * test needs neither the latest rows nor the values: what it asks of raw values is worked out once
 * (raw_test.h), and 64 rows are compared at a time. Ages are asked as dates of birth (age_span.h).
 *
 *     trait.tier in ("gold", "vip")       codes  basic gold silver vip     passes  0 1 0 1
 *     trait.points >= 2000                raw values from 2000 − base on
 */
#ifndef GY_ENGINE_KERNEL_TRAIT_TEST_H
#define GY_ENGINE_KERNEL_TRAIT_TEST_H

#include "engine/block_eval.h"

/* Those of `mask` who pass a test of a trait's value, or of the age by it, with literals. False, and nothing
 * is done, where the test or the block's slices are not so. */
bool gy_kernel_trait_test(struct gy_block_eval *block, const struct gy_plan_expr *test,
                          const struct gy_bits *mask, struct gy_bits *out);

#endif
