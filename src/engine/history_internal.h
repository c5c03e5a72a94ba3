/* history_internal.h - one batch of instants: what blocks and scattered customers add up to. */
#ifndef GY_ENGINE_HISTORY_INTERNAL_H
#define GY_ENGINE_HISTORY_INTERNAL_H

#include "engine/history.h"
#include "engine/history_leaf.h"
#include "engine/history_measure.h"

/* What one worker has seen as of an instant. */
struct gy_history_tally {
    uint64_t size;
    uint64_t entered;
    uint64_t left;
    struct gy_decimal_sum measured;
};

struct gy_history_batch {
    struct gy_run run;
    struct gy_history_plan plan;
    struct gy_measure_plan measure;
    struct gy_history_tally *tallies; /* plan.n for each worker */
    /* Who were members as of the last instant before the batch, and then of the batch itself: by block,
     * and by place in the list of scattered customers. Borrowed. */
    struct gy_bits *block_members;
    bool *scattered_members;
};

/* Adds a piece of scattered customers to the worker's tallies. Each is asked where something it is
 * watched for happens, and is what it was in between. */
void gy_history_scattered(const struct gy_history_batch *batch, struct gy_worker *worker,
                          const struct gy_piece *piece, struct gy_history_tally *tallies);

#endif
