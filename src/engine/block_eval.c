/* block_eval.c - the logic over bits; leaves by kernels or customer by customer. */
#include "engine/block_eval.h"

#include <stdlib.h>

#include "base/mem.h"

void gy_block_eval_init(struct gy_block_eval *block, const struct gy_plan *plan,
                        struct gy_reader *reader, struct gy_customer_eval *eval)
{
    *block = (struct gy_block_eval){.plan = plan, .reader = reader, .eval = eval};
    block->first_ms = gy_alloc(GY_BLOCK_SIZE * sizeof *block->first_ms);
}

void gy_block_eval_release(struct gy_block_eval *block)
{
    gy_arena_release(&block->arena);
    free(block->roots);
    free(block->first_ms);
    *block = (struct gy_block_eval){0};
}

/* ---- who is there ---- */

static void take_existence(struct gy_block_eval *block, const struct gy_slice_view *view)
{
    for (uint32_t run = 0; run < view->runs.n; run++) {
        uint32_t customer = view->runs.customers == NULL ? run : view->runs.customers[run];
        uint32_t row = view->runs.starts == NULL ? run : view->runs.starts[run];
        int64_t time_ms = gy_slice_view_time(view, row); /* the earliest of the run */
        if (time_ms < block->first_ms[customer])
            block->first_ms[customer] = time_ms;
    }
}

/* Children are nobody, and scattered customers are evaluated elsewhere. */
static void leave_out(struct gy_block_eval *block)
{
    const struct gy_snapshot *snapshot = block->plan->snapshot;
    const uint64_t *children = gy_snapshot_children(snapshot, block->block_no);
    for (uint32_t i = 0; children != NULL && i < GY_BLOCK_SIZE; i++) {
        if ((children[i >> 6] >> (i & 63) & 1) != 0)
            block->first_ms[i] = INT64_MAX;
    }
    size_t n_scattered = gy_snapshot_n_scattered(snapshot);
    for (size_t i = 0; i < n_scattered; i++) {
        uint32_t root;
        uint32_t n_ordinals;
        const uint32_t *ordinals;
        gy_snapshot_scattered(snapshot, i, &root, &ordinals, &n_ordinals);
        if (root / GY_BLOCK_SIZE == block->block_no)
            block->first_ms[root % GY_BLOCK_SIZE] = INT64_MAX;
    }
}

void gy_block_begin(struct gy_block_eval *block, uint32_t block_no)
{
    gy_arena_reset(&block->arena);
    block->n_roots = 0;
    block->block_no = block_no;
    for (uint32_t i = 0; i < GY_BLOCK_SIZE; i++)
        block->first_ms[i] = INT64_MAX;
    const struct gy_stream_view *existence =
        gy_reader_stream(block->reader, block_no, GY_STREAM_EXISTENCE);
    for (uint32_t s = 0; s < existence->n_slices; s++)
        take_existence(block, &existence->slices[s]);
    leave_out(block);
}

const struct gy_bits *gy_block_roots_at(struct gy_block_eval *block, int64_t now_ms)
{
    for (uint32_t i = 0; i < block->n_roots; i++) {
        if (block->roots[i]->now_ms == now_ms)
            return &block->roots[i]->bits;
    }
    struct gy_block_roots *roots = GY_NEW(&block->arena, struct gy_block_roots);
    roots->now_ms = now_ms;
    for (uint32_t w = 0; w < GY_BLOCK_WORDS; w++) {
        uint64_t word = 0;
        for (uint32_t i = 0; i < 64; i++)
            word |= (uint64_t)(block->first_ms[w * 64 + i] <= now_ms) << i;
        roots->bits.words[w] = word;
    }
    GY_GROW(block->roots, block->roots_capacity, block->n_roots + 1);
    block->roots[block->n_roots++] = roots;
    return &roots->bits;
}

/* ---- customer by customer ---- */

static struct gy_subject subject_at(const struct gy_block_eval *block, uint32_t i,
                                    uint32_t *ordinal)
{
    *ordinal = block->block_no * (uint32_t)GY_BLOCK_SIZE + i;
    return (struct gy_subject){*ordinal, ordinal, 1};
}

/* Asking the clock for every customer would cost more than some customers do. */
static bool may_go_on(struct gy_block_eval *block, uint32_t i)
{
    return i % 64 != 0 || gy_reader_may_go_on(block->reader);
}

static void ask_customers(struct gy_block_eval *block, const struct gy_plan_expr *expr,
                          const struct gy_bits *mask, struct gy_bits *out)
{
    uint32_t n = 0;
    gy_bits_clear(out);
    GY_FOR_EACH_BIT(i, mask)
    {
        uint32_t ordinal;
        struct gy_subject subject = subject_at(block, i, &ordinal);
        if (!may_go_on(block, n++))
            return;
        if (gy_customer_holds(block->eval, &subject, expr))
            gy_bits_set(out, i);
    }
}

static double as_double(const struct gy_value *value)
{
    return value->type == GY_VALUE_TIME   ? (double)value->time_ms
           : value->type == GY_VALUE_BOOL ? (value->boolean ? 1.0 : 0.0)
                                          : value->number;
}

void gy_block_numbers(struct gy_block_eval *block, const struct gy_plan_term *term,
                      const struct gy_bits *mask, struct gy_bits *known, double *values)
{
    uint32_t n = 0;
    gy_bits_clear(known);
    GY_FOR_EACH_BIT(i, mask)
    {
        uint32_t ordinal;
        struct gy_subject subject = subject_at(block, i, &ordinal);
        if (!may_go_on(block, n++))
            return;
        struct gy_value value = gy_customer_value(block->eval, &subject, term);
        if (value.type == GY_VALUE_MISSING)
            continue;
        gy_bits_set(known, i);
        values[i] = as_double(&value);
    }
}

/* ---- logic ---- */

static void eval_and(struct gy_block_eval *block, const struct gy_plan_expr *expr,
                     const struct gy_bits *mask, struct gy_bits *out)
{
    struct gy_bits left = *mask;
    for (uint32_t i = 0; i < expr->n_children && gy_bits_any(&left); i++) {
        gy_block_expr(block, expr->children[i], &left, out);
        left = *out;
    }
    *out = left;
}

static void eval_or(struct gy_block_eval *block, const struct gy_plan_expr *expr,
                    const struct gy_bits *mask, struct gy_bits *out)
{
    struct gy_bits left = *mask;
    struct gy_bits child;
    gy_bits_clear(out);
    for (uint32_t i = 0; i < expr->n_children && gy_bits_any(&left); i++) {
        gy_block_expr(block, expr->children[i], &left, &child);
        gy_bits_or(out, &child);
        gy_bits_and_not(&left, &child);
    }
}

static void eval_not(struct gy_block_eval *block, const struct gy_plan_expr *expr,
                     const struct gy_bits *mask, struct gy_bits *out)
{
    struct gy_bits child;
    gy_block_expr(block, expr->children[0], mask, &child);
    *out = *mask;
    gy_bits_and_not(out, &child);
}

/* The definition as of its own instant, asked of those who existed then. */
static void eval_segment(struct gy_block_eval *block, const struct gy_plan_expr *expr,
                         const struct gy_bits *mask, struct gy_bits *out)
{
    struct gy_bits then = *mask;
    gy_bits_and(&then, gy_block_roots_at(block, expr->children[0]->now_ms));
    gy_block_expr(block, expr->children[0], &then, out);
}

void gy_block_expr(struct gy_block_eval *block, const struct gy_plan_expr *expr,
                   const struct gy_bits *mask, struct gy_bits *out)
{
    if (expr->kind == GY_EXPR_AND)
        eval_and(block, expr, mask, out);
    else if (expr->kind == GY_EXPR_OR)
        eval_or(block, expr, mask, out);
    else if (expr->kind == GY_EXPR_NOT)
        eval_not(block, expr, mask, out);
    else if (expr->kind == GY_EXPR_IN_SEGMENT)
        eval_segment(block, expr, mask, out);
    else
        ask_customers(block, expr, mask, out);
}
