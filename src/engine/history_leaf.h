/* history_leaf.h - a leaf's answers in one block, from instant to instant.
 *
 * What the leaf watches is read once, into a ledger of comings and goings. Then, instant by instant,
 * either the value is carried along for each customer (how many rows and what they add up to, or the
 * latest of them) and the answer with it, or the customers touched are forgotten, so that they alone
 * are asked again. Answers are kept where the block evaluator looks for them.
 */
#ifndef GY_ENGINE_HISTORY_LEAF_H
#define GY_ENGINE_HISTORY_LEAF_H

#include "engine/history_plan.h"
#include "engine/ledger.h"

/* All zero: follows nothing. */
struct gy_leaf_walk {
    const struct gy_history_leaf *leaf;
    struct gy_block_eval *block;
    enum gy_follow follow; /* as the leaf says, but ASK where sums do not fit into 64 bits */
    struct gy_ledger ledger;
    struct gy_block_known_expr *known;
    int64_t *counts; /* SUM: rows with a value, by customer */
    int64_t *sums;   /* SUM: at `scale`; LATEST: times in ms, INT64_MIN for none */
    int scale;
};

/* Reads what the leaf watches of the customers of `mask`, who exist as of the last instant. */
void gy_leaf_walk_begin(struct gy_leaf_walk *walk, const struct gy_history_leaf *leaf,
                        struct gy_block_eval *block, uint32_t n_instants,
                        const struct gy_bits *mask);
void gy_leaf_walk_end(struct gy_leaf_walk *walk);

/* Brings the answers to an instant; instants come one after the other, from 0 on. What the one before
 * was is withdrawn first, for all leaves: leaves may share nodes. */
void gy_leaf_walk_withdraw(struct gy_leaf_walk *walk, uint32_t instant);
void gy_leaf_walk_step(struct gy_leaf_walk *walk, uint32_t instant);

#endif
