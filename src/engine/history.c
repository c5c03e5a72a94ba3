/* history.c - batches of instants, and a block's way through one.
 *
 * A batch has as many instants as one plan should hold: most definitions need one batch, those with
 * populations several, since each instant ranks everyone anew. Who was a member at the end of a batch
 * is handed on to the next.
 */
#include "engine/history.h"

#include <stdlib.h>

#include "base/mem.h"
#include "engine/history_internal.h"
#include "engine/visits.h"

/* ---- a block ---- */

/* Below so many customers it is quicker to ask each than to run a kernel over the block. */
enum {
    FEW = 512
};

static struct gy_leaf_walk *begin_leaves(const struct gy_history_batch *batch,
                                         struct gy_block_eval *block, const struct gy_bits *mask)
{
    const struct gy_history_plan *plan = &batch->plan;
    struct gy_leaf_walk *walks = gy_alloc_zero(plan->n_leaves, sizeof *walks);
    for (uint32_t l = 0; !block->row_by_row && l < plan->n_leaves; l++)
        gy_leaf_walk_begin(&walks[l], &plan->leaves[l], block, plan->n, mask);
    return walks;
}

static void step_leaves(struct gy_leaf_walk *walks, uint32_t n, uint32_t instant)
{
    for (uint32_t l = 0; l < n; l++)
        gy_leaf_walk_withdraw(&walks[l], instant);
    for (uint32_t l = 0; l < n; l++)
        gy_leaf_walk_step(&walks[l], instant);
}

static void end_leaves(struct gy_leaf_walk *walks, uint32_t n)
{
    for (uint32_t l = 0; l < n; l++)
        gy_leaf_walk_end(&walks[l]);
    free(walks);
}

/* Few move from one instant to the next: most words are equal. */
static void count_moved(struct gy_history_tally *tally, const struct gy_bits *before,
                        const struct gy_bits *now)
{
    for (uint32_t w = 0; w < GY_BLOCK_WORDS; w++) {
        uint64_t moved = before->words[w] ^ now->words[w];
        if (moved == 0)
            continue;
        tally->entered += (uint64_t)__builtin_popcountll(moved & now->words[w]);
        tally->left += (uint64_t)__builtin_popcountll(moved & before->words[w]);
    }
}

static void follow_block(const struct gy_history_batch *batch, struct gy_block_eval *block,
                         struct gy_bits *members, struct gy_history_tally *tallies)
{
    const struct gy_history_plan *plan = &batch->plan;
    const struct gy_bits *all = gy_block_roots_at(block, plan->instants_ms[plan->n - 1]);
    struct gy_bits measured = {0}; /* the members whose sums are in the total */
    uint64_t size = gy_bits_count(members);
    struct gy_bits now;
    struct gy_measure_walk measure;
    struct gy_leaf_walk *leaves = begin_leaves(batch, block, all);
    gy_measure_walk_begin(&measure, &batch->measure, block, all);
    block->ask_below = FEW;
    for (uint32_t i = 0; i < plan->n && gy_reader_may_go_on(block->reader); i++) {
        step_leaves(leaves, plan->n_leaves, i);
        gy_block_expr(block, plan->exprs[i], gy_block_roots_at(block, plan->instants_ms[i]), &now);
        struct gy_history_tally moved = {0};
        count_moved(&moved, members, &now);
        size += moved.entered - moved.left;
        tallies[i].size += size;
        tallies[i].entered += moved.entered;
        tallies[i].left += moved.left;
        gy_measure_walk_step(&measure, i, &measured, &now, &tallies[i].measured);
        *members = measured = now;
        gy_visits_forget(block->reader); /* of this instant; the next has its own */
    }
    gy_measure_walk_end(&measure);
    end_leaves(leaves, plan->n_leaves);
}

static enum gy_status follow_piece(void *context, struct gy_worker *worker,
                                   const struct gy_piece *piece, struct gy_error *err)
{
    struct gy_history_batch *batch = context;
    size_t worker_no = (size_t)(worker - batch->run.workers);
    struct gy_history_tally *tallies = batch->tallies + worker_no * batch->plan.n;
    (void)err;
    if (piece->is_block)
        follow_block(batch, &worker->block, &batch->block_members[piece->block_no], tallies);
    else
        gy_history_scattered(batch, worker, piece, tallies);
    return GY_OK;
}

/* ---- a batch ---- */

static bool is_number(enum gy_value_type type)
{
    return type == GY_VALUE_NUMBER || type == GY_VALUE_BOOL;
}

static void plan_measure(struct gy_history_batch *batch, const struct gy_measure *measure)
{
    const struct gy_history_plan *plan = &batch->plan;
    const struct gy_schema *schema = gy_snapshot_schema(batch->run.snapshot);
    struct gy_measure_plan *out = &batch->measure;
    struct gy_arena *arena = &batch->run.plan.arena;
    out->stream = gy_schema_find_event(schema, measure->event);
    out->property = out->stream == GY_ID_NONE
                        ? GY_ID_NONE
                        : gy_schema_find_property(schema, out->stream, measure->property);
    out->is_known =
        out->property != GY_ID_NONE && is_number(gy_schema_property(schema, out->property)->type);
    int64_t *ends_ms = GY_NEW_ARRAY(arena, int64_t, plan->n);
    for (uint32_t i = 0; i < plan->n; i++)
        ends_ms[i] = plan->instants_ms[i] + 1;
    gy_instant_index_init(&out->enters, ends_ms, plan->n, arena);
    out->range = (struct gy_range){INT64_MIN, ends_ms[plan->n - 1]};
    out->n_instants = plan->n;
}

/* Adds up the workers' tallies; the exact sums are rounded here. */
static void fill_rows(const struct gy_history_batch *batch, struct gy_history_row *rows)
{
    uint32_t n = batch->plan.n;
    for (uint32_t i = 0; i < n; i++) {
        struct gy_decimal_sum measured = {0};
        rows[i] = (struct gy_history_row){.at_ms = rows[i].at_ms};
        for (unsigned w = 0; w < batch->run.n_workers; w++) {
            const struct gy_history_tally *tally = &batch->tallies[w * n + i];
            rows[i].size += tally->size;
            rows[i].entered += tally->entered;
            rows[i].left += tally->left;
            gy_decimal_sum_add_sum(&measured, &tally->measured);
        }
        rows[i].measured = gy_decimal_sum_value(&measured);
        gy_decimal_sum_release(&measured);
    }
}

static void release_batch(struct gy_history_batch *batch)
{
    size_t n = (size_t)batch->run.n_workers * batch->plan.n;
    for (size_t i = 0; batch->tallies != NULL && i < n; i++)
        gy_decimal_sum_release(&batch->tallies[i].measured);
    free(batch->tallies);
    gy_history_plan_release(&batch->plan);
    gy_run_release(&batch->run);
}

/* The rows from the first instant on, `*n_done` of them. */
static enum gy_status run_batch(struct gy_history_batch *batch,
                                const struct gy_history_query *query, const int64_t *instants_ms,
                                uint32_t n, struct gy_history_row *rows, uint32_t *n_done,
                                struct gy_error *err)
{
    GY_TRY(gy_history_plan_make(&batch->plan, &batch->run, query->expr, instants_ms, n, err));
    plan_measure(batch, &query->measure);
    GY_TRY(gy_run_prepare(&batch->run, err));
    batch->tallies =
        gy_alloc_zero((size_t)batch->run.n_workers * batch->plan.n, sizeof *batch->tallies);
    GY_TRY(gy_run_pieces(&batch->run, follow_piece, batch, err));
    fill_rows(batch, rows);
    *n_done = batch->plan.n;
    return GY_OK;
}

/* ---- the way in ---- */

static enum gy_status take_instants(const struct gy_history_query *query, int64_t *instants_ms,
                                    struct gy_history_row *rows, struct gy_error *err)
{
    for (uint32_t i = 0; i < query->n_instants; i++) {
        if (i > 0 && query->instants_ms[i] < query->instants_ms[i - 1])
            return gy_error_set(err, GY_INVALID, "instant %u is before the one that precedes it",
                                i + 1);
        instants_ms[i] = gy_instant_within_calendar(query->instants_ms[i]);
        rows[i].at_ms = query->instants_ms[i];
    }
    return GY_OK;
}

enum gy_status gy_history(const struct gy_snapshot *snapshot, const struct gy_history_query *query,
                          const struct gy_run_options *options, struct gy_history_row *rows,
                          struct gy_error *err)
{
    uint32_t n_blocks = gy_blocks_of(gy_snapshot_n_ordinals(snapshot));
    int64_t *instants_ms = gy_alloc_zero(query->n_instants, sizeof *instants_ms);
    struct gy_bits *block_members = gy_alloc_zero(n_blocks, sizeof *block_members);
    bool *scattered_members = gy_alloc_zero(gy_snapshot_n_scattered(snapshot), sizeof(bool));
    enum gy_status status = take_instants(query, instants_ms, rows, err);
    for (uint32_t at = 0; status == GY_OK && at < query->n_instants;) {
        uint32_t n_done = 0;
        struct gy_history_batch batch = {.block_members = block_members,
                                         .scattered_members = scattered_members};
        gy_run_init(&batch.run, snapshot, options);
        status = run_batch(&batch, query, instants_ms + at, query->n_instants - at, rows + at,
                           &n_done, err);
        release_batch(&batch);
        at += n_done;
    }
    if (status == GY_OK && query->n_instants > 0)
        rows[0].entered = 0; /* nothing came before */
    free(instants_ms);
    free(block_members);
    free(scattered_members);
    return status;
}
