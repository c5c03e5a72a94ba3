/* kernel_chain_runs.h - chains that are decided where their rows lie.
 *
 * A customer's rows of a stream are one run of a slice, in order of time. So the common chains need no
 * gathering: a customer is looked at where the runs of all present steps reach into the window, and the
 * runs are gone through side by side, from their ends.
 *
 * From the back, what is to be known of a later step is one event: the earliest one that comes after the
 * event at hand and from which the chain goes on to its end. No other one is better, neither for a limit
 * nor for what may not lie between:
 *
 *     A then no X then B within w      a ... x ... a' ... b      the next b after a' is the best one; it
 *                                            └── after a, before b: a cannot stand
 *
 * Each step is a stream of such *standing* events, latest first, that asks the step behind it for more as
 * its own events go back. The first event of the first step that stands decides the chain.
 *
 * Linked properties (of two steps, the second tied to the first) are compared as codes of dictionaries
 * (code_map.h). What is not covered is left to kernel_chain.c: other links, filters that are not decided by
 * code, rows of one customer in several slices.
 */
#ifndef GY_ENGINE_KERNEL_CHAIN_RUNS_H
#define GY_ENGINE_KERNEL_CHAIN_RUNS_H

#include "engine/block_eval.h"

/* Decides the chain for those of `left` for whom it can: these are taken out of `left`, and put into `out`
 * where they have it. */
void gy_kernel_chain_runs(struct gy_block_eval *block, const struct gy_chain *chain,
                          struct gy_bits *left, struct gy_bits *out);

#endif
