/* audience.c - who: a definition over everyone, or over one customer. */
#include <stdlib.h>

#include "base/mem.h"
#include "engine/run.h"

struct audience {
    const struct gy_run *run;
    const struct gy_plan_expr *expr;
    roaring_bitmap_t **pieces;
};

static roaring_bitmap_t *bitmap_of(const struct gy_bits *bits, uint32_t block_no)
{
    uint32_t n = 0;
    uint32_t *ordinals = gy_alloc(GY_BLOCK_SIZE * sizeof *ordinals);
    GY_FOR_EACH_BIT(i, bits)
    ordinals[n++] = block_no * (uint32_t)GY_BLOCK_SIZE + i;
    roaring_bitmap_t *out = roaring_bitmap_of_ptr(n, ordinals);
    free(ordinals);
    return out;
}

static roaring_bitmap_t *eval_block(const struct audience *a, struct gy_block_eval *block)
{
    struct gy_bits mask = *gy_block_roots_at(block, a->expr->now_ms);
    struct gy_bits bits;
    gy_block_expr(block, a->expr, &mask, &bits);
    return bitmap_of(&bits, block->block_no);
}

static roaring_bitmap_t *eval_scattered(const struct audience *a, struct gy_customer_eval *eval,
                                        const struct gy_piece *piece)
{
    roaring_bitmap_t *out = roaring_bitmap_create();
    for (size_t i = piece->first_scattered; i < piece->end_scattered; i++) {
        struct gy_subject subject = gy_run_scattered(a->run, i);
        if (!gy_reader_may_go_on(eval->reader))
            break;
        if (gy_customer_holds(eval, &subject, a->expr))
            roaring_bitmap_add(out, subject.root);
    }
    return out;
}

static enum gy_status eval_piece(void *context, struct gy_worker *worker,
                                 const struct gy_piece *piece, struct gy_error *err)
{
    struct audience *a = context;
    (void)err;
    a->pieces[piece->index] =
        piece->is_block ? eval_block(a, &worker->block) : eval_scattered(a, &worker->eval, piece);
    return GY_OK;
}

static enum gy_status eval_pieces(struct gy_run *run, const struct gy_plan_expr *expr,
                                  roaring_bitmap_t *out, struct gy_error *err)
{
    struct audience a = {run, expr, gy_alloc_zero(run->n_pieces + 1, sizeof *a.pieces)};
    enum gy_status status = gy_run_pieces(run, eval_piece, &a, err);
    for (size_t i = 0; i < run->n_pieces; i++) {
        if (a.pieces[i] == NULL)
            continue;
        roaring_bitmap_or_inplace(out, a.pieces[i]);
        roaring_bitmap_free(a.pieces[i]);
    }
    free(a.pieces);
    return status;
}

enum gy_status gy_audience(const struct gy_snapshot *snapshot, const struct gy_expr *expr,
                           int64_t now_ms, const struct gy_run_options *options,
                           roaring_bitmap_t **out, struct gy_error *err)
{
    struct gy_run run;
    const struct gy_plan_expr *plan;
    roaring_bitmap_t *bitmap = roaring_bitmap_create();
    gy_run_init(&run, snapshot, options);
    enum gy_status status = gy_plan_expr(&run.plan, expr, now_ms, &plan, err);
    if (status == GY_OK)
        status = gy_run_prepare(&run, err);
    if (status == GY_OK)
        status = eval_pieces(&run, plan, bitmap, err);
    gy_run_release(&run);
    if (status != GY_OK) {
        roaring_bitmap_free(bitmap);
        bitmap = NULL;
    }
    *out = bitmap;
    return status;
}

/* ---- one customer ---- */

enum gy_status gy_holds(const struct gy_snapshot *snapshot, const struct gy_expr *expr,
                        int64_t now_ms, uint32_t ordinal, bool *out, struct gy_error *err)
{
    struct gy_run run;
    const struct gy_plan_expr *plan;
    struct gy_subject subject = gy_subject_of(snapshot, &ordinal);
    gy_run_init(&run, snapshot, NULL);
    enum gy_status status = gy_plan_expr(&run.plan, expr, now_ms, &plan, err);
    if (status == GY_OK)
        status = gy_run_prepare(&run, err);
    if (status == GY_OK) {
        struct gy_worker *worker = &run.workers[0];
        *out = gy_customer_holds(&worker->eval, &subject, plan);
        status = gy_reader_status(&worker->reader, err);
    }
    gy_run_release(&run);
    return status;
}
