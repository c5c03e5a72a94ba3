/* run.h - one run of a plan: over all blocks and all scattered customers, on several threads.
 *
 * The work is cut into pieces: a piece is one block, or up to GY_SCATTERED_PIECE scattered customers.
 * Each thread has a worker that keeps what it needs from piece to piece. A piece function fills in
 * its own result, so results can be joined in the order of the pieces, whoever made them.
 */
#ifndef GY_ENGINE_RUN_H
#define GY_ENGINE_RUN_H

#include "engine/block_eval.h"
#include "engine/customer_eval.h"
#include "engine/engine.h"

enum {
    GY_SCATTERED_PIECE = 256
};

struct gy_worker {
    struct gy_reader reader;
    struct gy_customer_eval eval;
    struct gy_block_eval block;
};

struct gy_run {
    const struct gy_snapshot *snapshot;
    struct gy_run_options options;
    struct gy_eval_plan plan;
    struct gy_worker *workers;
    unsigned n_workers;
    uint32_t n_blocks;
    size_t n_pieces;
};

/* `options` may be NULL. The run is released by the caller, also where something failed. */
void gy_run_init(struct gy_run *run, const struct gy_snapshot *snapshot,
                 const struct gy_run_options *options);
void gy_run_release(struct gy_run *run);

/* Once everything is planned: makes the workers and counts the plan's populations. */
GY_CHECKED enum gy_status gy_run_prepare(struct gy_run *run, struct gy_error *err);

/* What a piece is about: a block's customers, or scattered ones (their places in the snapshot's
 * list, from `first` on). */
struct gy_piece {
    size_t index;
    bool is_block;
    uint32_t block_no;
    size_t first_scattered;
    size_t end_scattered;
};

/* Failures that the worker's reader notes need not be returned. */
typedef enum gy_status (*gy_run_fn)(void *context, struct gy_worker *worker,
                                    const struct gy_piece *piece, struct gy_error *err);

/* Calls `fn` for every piece. Fails with CANCELLED between pieces once the run was to stop. */
GY_CHECKED enum gy_status gy_run_pieces(struct gy_run *run, gy_run_fn fn, void *context,
                                        struct gy_error *err);

/* The scattered customer at that place of the snapshot's list. */
struct gy_subject gy_run_scattered(const struct gy_run *run, size_t place);

#endif
