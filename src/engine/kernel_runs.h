/* kernel_runs.h - tests that are all about one stream, decided run by run.
 *
 * Where a block has a stream's rows in one slice, everything that such a test asks of a customer lies in
 * one run. So it is decided there, a chunk of runs at a time (run_chunk.h), and only its answer goes to
 * the customer's bit:
 *
 *   chunk ──windows──> ranges ──> counts, sums, times ──> values ──> passes ──> bits by customer
 *                                      └─ compared with a constant as whole numbers (whole_test.h)
 *
 * Whoever has no run passes where a run without rows does.
 */
#ifndef GY_ENGINE_KERNEL_RUNS_H
#define GY_ENGINE_KERNEL_RUNS_H

#include "engine/block_eval.h"

/* Those of `mask` for whom the expression holds; false where it is not of that kind: then nothing is
 * done. */
bool gy_kernel_runs(struct gy_block_eval *block, const struct gy_plan_expr *expr,
                    const struct gy_bits *mask, struct gy_bits *out);

struct gy_run_eval;

/* Readies the block for the values of a term (run_values.h), where it is of that kind; NULL where not.
 * `*view` is the slice, or NULL where nobody has a run. */
struct gy_run_eval *gy_kernel_runs_of_term(struct gy_block_eval *block,
                                           const struct gy_plan_term *term,
                                           struct gy_slice_view **view);

#endif
