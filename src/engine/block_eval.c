/* block_eval.c - the logic over bits; leaves by kernels or customer by customer. */
#include "engine/block_eval.h"

#include <stdlib.h>

#include "base/mem.h"
#include "engine/kernel_runs.h"
#include "engine/row_marks.h"
#include "engine/run_values.h"

void gy_block_eval_init(struct gy_block_eval *block, const struct gy_eval_plan *plan,
                        struct gy_reader *reader, struct gy_customer_eval *eval)
{
    *block = (struct gy_block_eval){.plan = plan, .reader = reader, .eval = eval};
    block->exprs = gy_alloc_zero(plan->n_exprs, sizeof *block->exprs);
    block->terms = gy_alloc_zero(plan->n_terms, sizeof *block->terms);
    block->texts = gy_alloc_zero(plan->n_terms, sizeof *block->texts);
    gy_filter_kernel_init(&block->filters, reader, plan->zone);
}

void gy_block_eval_release(struct gy_block_eval *block)
{
    for (uint32_t i = 0; i < block->n_spare; i++)
        free(block->spare[i]);
    for (uint32_t i = 0; i < block->n_spare_bits; i++)
        free(block->spare_bits[i]);
    free(block->spare);
    free(block->spare_bits);
    free(block->exprs);
    gy_cut_cache_release(&block->cuts);
    gy_code_map_release(&block->code_map);
    free(block->ages);
    if (block->runs != NULL)
        free(block->runs->code_counts);
    free(block->runs);
    for (uint32_t i = 0; block->age_spans != NULL && i < block->plan->n_exprs; i++)
        free(block->age_spans[i]);
    free(block->age_spans);
    free(block->terms);
    free(block->texts);
    if (block->reader != NULL)
        gy_filter_kernel_release(&block->filters);
    gy_arena_release(&block->arena);
    free(block->roots);
    free(block->births);
    *block = (struct gy_block_eval){0};
}

void *gy_block_take(struct gy_block_eval *block)
{
    return block->n_spare > 0 ? block->spare[--block->n_spare]
                              : gy_alloc(GY_BLOCK_SIZE * sizeof(uint64_t));
}

void gy_block_give(struct gy_block_eval *block, void *array)
{
    GY_GROW(block->spare, block->spare_capacity, block->n_spare + 1);
    block->spare[block->n_spare++] = array;
}

struct gy_bits *gy_block_take_bits(struct gy_block_eval *block)
{
    return block->n_spare_bits > 0 ? block->spare_bits[--block->n_spare_bits]
                                   : gy_alloc(sizeof(struct gy_bits));
}

void gy_block_give_bits(struct gy_block_eval *block, struct gy_bits *bits)
{
    GY_GROW(block->spare_bits, block->spare_bits_capacity, block->n_spare_bits + 1);
    block->spare_bits[block->n_spare_bits++] = bits;
}

void gy_block_begin(struct gy_block_eval *block, uint32_t block_no)
{
    gy_arena_reset(&block->arena);
    gy_markers_forget(&block->filters);
    memset(block->exprs, 0, block->plan->n_exprs * sizeof *block->exprs);
    memset(block->terms, 0, block->plan->n_terms * sizeof *block->terms);
    memset(block->texts, 0, block->plan->n_terms * sizeof *block->texts);
    block->n_kept_terms = 0;
    block->block_no = block_no;
    gy_block_begin_roots(block);
}

/* ---- customer by customer ---- */

static bool holds_for(struct gy_block_eval *block, const struct gy_plan_expr *expr, uint32_t i)
{
    uint32_t ordinal = block->block_no * (uint32_t)GY_BLOCK_SIZE + i;
    struct gy_subject subject = {ordinal, &ordinal, 1};
    return gy_customer_holds(block->eval, &subject, expr);
}

/* Asking the clock for every customer would cost more than some customers do. */
static bool may_go_on(struct gy_block_eval *block, uint32_t i)
{
    return i % 64 != 0 || gy_reader_may_go_on(block->reader);
}

void gy_block_ask(struct gy_block_eval *block, const struct gy_plan_expr *expr,
                  const struct gy_bits *mask, struct gy_bits *out)
{
    uint32_t n = 0;
    gy_bits_clear(out);
    GY_FOR_EACH_BIT(i, mask)
    {
        if (!may_go_on(block, n++))
            return;
        if (holds_for(block, expr, i))
            gy_bits_set(out, i);
    }
}

bool gy_block_ask_value(struct gy_block_eval *block, const struct gy_plan_term *term, uint32_t i,
                        struct gy_value *out)
{
    uint32_t ordinal = block->block_no * (uint32_t)GY_BLOCK_SIZE + i;
    struct gy_subject subject = {ordinal, &ordinal, 1};
    *out = gy_customer_value(block->eval, &subject, term);
    return may_go_on(block, i);
}

static double as_double(const struct gy_value *value)
{
    return value->type == GY_VALUE_TIME   ? (double)value->time_ms
           : value->type == GY_VALUE_BOOL ? (value->boolean ? 1.0 : 0.0)
                                          : value->number;
}

void gy_block_ask_numbers(struct gy_block_eval *block, const struct gy_plan_term *term,
                          const struct gy_bits *mask, struct gy_bits *known, double *values)
{
    gy_bits_clear(known);
    GY_FOR_EACH_BIT(i, mask)
    {
        struct gy_value value;
        if (!gy_block_ask_value(block, term, i, &value))
            return;
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
    struct gy_bits *left = gy_block_take_bits(block);
    *left = *mask;
    for (uint32_t i = 0; i < expr->n_children && gy_bits_any(left); i++) {
        gy_block_expr(block, expr->children[i], left, out);
        *left = *out;
    }
    *out = *left;
    gy_block_give_bits(block, left);
}

static void eval_or(struct gy_block_eval *block, const struct gy_plan_expr *expr,
                    const struct gy_bits *mask, struct gy_bits *out)
{
    struct gy_bits *left = gy_block_take_bits(block);
    struct gy_bits *child = gy_block_take_bits(block);
    *left = *mask;
    gy_bits_clear(out);
    for (uint32_t i = 0; i < expr->n_children && gy_bits_any(left); i++) {
        gy_block_expr(block, expr->children[i], left, child);
        gy_bits_or(out, child);
        gy_bits_and_not(left, child);
    }
    gy_block_give_bits(block, left);
    gy_block_give_bits(block, child);
}

static void eval_not(struct gy_block_eval *block, const struct gy_plan_expr *expr,
                     const struct gy_bits *mask, struct gy_bits *out)
{
    struct gy_bits *child = gy_block_take_bits(block);
    gy_block_expr(block, expr->children[0], mask, child);
    *out = *mask;
    gy_bits_and_not(out, child);
    gy_block_give_bits(block, child);
}

/* The definition as of its own instant, asked of those who existed then. */
static void eval_segment(struct gy_block_eval *block, const struct gy_plan_expr *expr,
                         const struct gy_bits *mask, struct gy_bits *out)
{
    struct gy_bits *then = gy_block_take_bits(block);
    *then = *mask;
    gy_bits_and(then, gy_block_roots_at(block, expr->children[0]->now_ms));
    gy_block_expr(block, expr->children[0], then, out);
    gy_block_give_bits(block, then);
}

/* A kernel goes through a whole block's rows, whomever it is asked of. */
static bool is_few(const struct gy_block_eval *block, const struct gy_bits *mask)
{
    return block->ask_below > 0 && gy_bits_count(mask) < block->ask_below;
}

static void eval(struct gy_block_eval *block, const struct gy_plan_expr *expr,
                 const struct gy_bits *mask, struct gy_bits *out)
{
    bool may_use_kernels = !block->row_by_row && !is_few(block, mask);
    if (may_use_kernels && gy_kernel_runs(block, expr, mask, out))
        return;
    if (expr->kind == GY_EXPR_AND)
        eval_and(block, expr, mask, out);
    else if (expr->kind == GY_EXPR_OR)
        eval_or(block, expr, mask, out);
    else if (expr->kind == GY_EXPR_NOT)
        eval_not(block, expr, mask, out);
    else if (expr->kind == GY_EXPR_IN_SEGMENT)
        eval_segment(block, expr, mask, out);
    else if (may_use_kernels)
        gy_block_leaf(block, expr, mask, out);
    else
        gy_block_ask(block, expr, mask, out);
}

/* ---- what is kept ---- */

void gy_block_expr(struct gy_block_eval *block, const struct gy_plan_expr *expr,
                   const struct gy_bits *mask, struct gy_bits *out)
{
    struct gy_block_known_expr *kept = block->exprs[expr->id];
    if (expr->n_uses < 2 && kept == NULL) {
        eval(block, expr, mask, out);
        return;
    }
    if (kept == NULL)
        kept = block->exprs[expr->id] = GY_NEW(&block->arena, struct gy_block_known_expr);
    struct gy_bits *more = gy_block_take_bits(block);
    *more = *mask;
    gy_bits_and_not(more, &kept->asked);
    if (gy_bits_any(more)) {
        eval(block, expr, more, out);
        gy_bits_or(&kept->holds, out);
        gy_bits_or(&kept->asked, more);
    }
    *out = kept->holds;
    gy_bits_and(out, mask);
    gy_block_give_bits(block, more);
}

struct gy_block_known_term {
    struct gy_bits asked;
    struct gy_bits known;
    double values[GY_BLOCK_SIZE];
};

/* The kept values of a term, which cover `mask`; NULL where they are not kept. */
static const struct gy_block_known_term *keep_numbers(struct gy_block_eval *block,
                                                      const struct gy_plan_term *term,
                                                      const struct gy_bits *mask)
{
    struct gy_block_known_term *kept = block->terms[term->id];
    if (term->n_uses < 2 || (kept == NULL && block->n_kept_terms == GY_MAX_KEPT_TERMS))
        return NULL;
    if (kept != NULL && gy_bits_within(mask, &kept->asked))
        return kept;
    if (kept == NULL) {
        kept = block->terms[term->id] = GY_NEW(&block->arena, struct gy_block_known_term);
        block->n_kept_terms++;
    }
    gy_bits_or(&kept->asked, mask);
    gy_block_new_numbers(block, term, &kept->asked, &kept->known, kept->values);
    return kept;
}

void gy_block_numbers(struct gy_block_eval *block, const struct gy_plan_term *term,
                      const struct gy_bits *mask, struct gy_bits *known, double *values)
{
    const struct gy_block_known_term *kept = keep_numbers(block, term, mask);
    if (kept == NULL) {
        gy_block_new_numbers(block, term, mask, known, values);
        return;
    }
    *known = kept->known;
    gy_bits_and(known, mask);
    memcpy(values, kept->values, sizeof kept->values);
}
