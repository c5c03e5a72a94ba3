/* history_measure.h - what a block's members have spent by each instant.
 *
 * Each customer has a running sum of all events so far. The members' total moves with the events of
 * members, and by the whole sum of a customer who enters or leaves. All of it is whole numbers at one
 * scale where 64 bits hold them, else decimals: exact either way, so that what is added and taken
 * away again leaves nothing behind.
 */
#ifndef GY_ENGINE_HISTORY_MEASURE_H
#define GY_ENGINE_HISTORY_MEASURE_H

#include "base/decimal_sum.h"
#include "engine/history_plan.h"
#include "engine/ledger.h"

/* What is measured, as of many instants. */
struct gy_measure_plan {
    bool is_known; /* else every sum is 0 */
    uint32_t stream;
    uint32_t property;
    struct gy_range range;          /* up to the last instant */
    struct gy_instant_index enters; /* by time: the first instant that has the event */
    uint32_t n_instants;
};

struct gy_measure_walk {
    const struct gy_measure_plan *plan;
    struct gy_block_eval *block;
    struct gy_ledger ledger;
    bool is_scaled;
    int scale;
    int64_t *sums; /* by customer, where it is scaled … */
    int64_t total;
    struct gy_decimal_sum *decimals;  /* … else these, and */
    struct gy_decimal_sum *negatives; /* the same below zero, to be taken away */
    struct gy_decimal_sum decimal_total;
};

void gy_measure_walk_begin(struct gy_measure_walk *walk, const struct gy_measure_plan *plan,
                           struct gy_block_eval *block, const struct gy_bits *mask);
void gy_measure_walk_end(struct gy_measure_walk *walk);

/* Goes on to the next instant, at which the members who were `before` are `now`; adds their total to `out`. */
void gy_measure_walk_step(struct gy_measure_walk *walk, uint32_t instant,
                          const struct gy_bits *before, const struct gy_bits *now,
                          struct gy_decimal_sum *out);

#endif
