/* kernel_chain.h - a chain of several steps, for the customers of a block.
 *
 * What kernel_chain_runs.h does not decide: the events that can stand at each step are scanned for as every
 * kernel does it, step by step and only of those who have the steps before. What is left is few events of
 * few customers: these are put in order and decided one customer at a time (chain.h).
 *
 *     A then no C then B      scan A ──> whoever has one: scan B ──> whoever has one: scan C ──> decide
 */
#ifndef GY_ENGINE_KERNEL_CHAIN_H
#define GY_ENGINE_KERNEL_CHAIN_H

#include "engine/block_eval.h"

/* Those of `mask` who have the chain. */
void gy_kernel_chain(struct gy_block_eval *block, const struct gy_chain *chain,
                     const struct gy_bits *mask, struct gy_bits *out);

#endif
