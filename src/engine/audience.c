/* audience.c - who: a definition over everyone, or over one customer. */
#include <stdlib.h>

#include "base/mem.h"
#include "engine/bits_bitmap.h"
#include "engine/memberships.h"
#include "engine/run.h"

/* Several definitions in one pass: what they have in common is evaluated once a block. */
struct audiences {
    struct gy_run run;
    const struct gy_plan_expr **exprs;
    uint32_t n;
    struct gy_bits_container **blocks; /* n of each block */
    roaring_bitmap_t **scattered;      /* n of each other piece */
};

static struct gy_bits_container *eval_block(const struct gy_plan_expr *expr,
                                            struct gy_block_eval *block)
{
    struct gy_bits bits;
    gy_block_expr(block, expr, gy_block_roots_at(block, expr->now_ms), &bits);
    return gy_bits_container_of(&bits);
}

static roaring_bitmap_t *eval_scattered(const struct gy_run *run, const struct gy_plan_expr *expr,
                                        struct gy_customer_eval *eval, const struct gy_piece *piece)
{
    roaring_bitmap_t *out = roaring_bitmap_create();
    for (size_t i = piece->first_scattered; i < piece->end_scattered; i++) {
        struct gy_subject subject = gy_run_scattered(run, i);
        if (!gy_reader_may_go_on(eval->reader))
            break;
        if (gy_customer_holds(eval, &subject, expr))
            roaring_bitmap_add(out, subject.root);
    }
    return out;
}

static enum gy_status eval_piece(void *context, struct gy_worker *worker,
                                 const struct gy_piece *piece, struct gy_error *err)
{
    struct audiences *a = context;
    size_t first = piece->index * a->n;
    (void)err;
    for (uint32_t i = 0; i < a->n; i++) {
        if (piece->is_block)
            a->blocks[first + i] = eval_block(a->exprs[i], &worker->block);
        else
            a->scattered[first - (size_t)a->run.n_blocks * a->n + i] =
                eval_scattered(&a->run, a->exprs[i], &worker->eval, piece);
    }
    return GY_OK;
}

static void join_pieces(const struct audiences *a, roaring_bitmap_t **out)
{
    size_t n_others = a->run.n_pieces - a->run.n_blocks;
    for (uint32_t i = 0; i < a->n; i++) {
        out[i] = gy_bitmap_of_containers(a->blocks + i, a->run.n_blocks, a->n);
        for (size_t p = 0; p < n_others; p++)
            roaring_bitmap_or_inplace(out[i], a->scattered[p * a->n + i]);
    }
}

static void free_pieces(struct audiences *a)
{
    size_t n_others = a->run.n_pieces - a->run.n_blocks;
    for (size_t i = 0; i < (size_t)a->run.n_blocks * a->n; i++)
        free(a->blocks[i]);
    for (size_t i = 0; i < n_others * a->n; i++) {
        if (a->scattered[i] != NULL)
            roaring_bitmap_free(a->scattered[i]);
    }
    free(a->blocks);
    free(a->scattered);
}

static enum gy_status plan_all(struct audiences *a, const struct gy_expr *const *exprs,
                               const int64_t *instants_ms, struct gy_error *err)
{
    for (uint32_t i = 0; i < a->n; i++)
        GY_TRY(gy_plan_expr(&a->run.plan, exprs[i], instants_ms[i], &a->exprs[i], err));
    return gy_run_prepare(&a->run, err);
}

enum gy_status gy_audiences(const struct gy_snapshot *snapshot, const struct gy_expr *const *exprs,
                            const int64_t *instants_ms, uint32_t n,
                            const struct gy_run_options *options, roaring_bitmap_t **out,
                            struct gy_error *err)
{
    struct audiences a = {.n = n, .exprs = gy_alloc_zero(n + 1, sizeof *a.exprs)};
    gy_run_init(&a.run, snapshot, options);
    a.blocks = gy_alloc_zero((size_t)a.run.n_blocks * n + 1, sizeof *a.blocks);
    a.scattered =
        gy_alloc_zero((a.run.n_pieces - a.run.n_blocks) * n + 1, sizeof(roaring_bitmap_t *));
    for (uint32_t i = 0; i < n; i++)
        out[i] = NULL;
    enum gy_status status = plan_all(&a, exprs, instants_ms, err);
    if (status == GY_OK)
        status = gy_run_pieces(&a.run, eval_piece, &a, err);
    if (status == GY_OK)
        join_pieces(&a, out);
    free_pieces(&a);
    free(a.exprs);
    gy_run_release(&a.run);
    return status;
}

enum gy_status gy_audience(const struct gy_snapshot *snapshot, const struct gy_expr *expr,
                           int64_t now_ms, const struct gy_run_options *options,
                           roaring_bitmap_t **out, struct gy_error *err)
{
    return gy_audiences(snapshot, &expr, &now_ms, 1, options, out, err);
}

/* ---- one customer ---- */

enum gy_status gy_holds(const struct gy_snapshot *snapshot, const struct gy_expr *expr,
                        int64_t now_ms, uint32_t ordinal, bool *out, struct gy_error *err)
{
    struct gy_membership question = {.root = ordinal};
    GY_TRY(gy_memberships(snapshot, &expr, &now_ms, 1, &question, 1, NULL, err));
    *out = question.holds;
    return GY_OK;
}
