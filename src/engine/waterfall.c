/* waterfall.c - conditions laid out, planned, asked block by block; waterfall_tally.h counts. */
#include "engine/waterfall.h"

#include <stdlib.h>

#include "base/mem.h"
#include "engine/missing.h"
#include "engine/run.h"
#include "engine/waterfall_tally.h"

/* A condition that is no group. */
struct leaf {
    uint32_t node;
    const struct gy_plan_expr *holds;
    const struct gy_plan_expr *unknown; /* NULL: for nobody */
};

/* What one thread counts. */
struct sheet {
    struct gy_bits *holds;   /* a leaf each */
    struct gy_bits *unknown; /* likewise */
    struct gy_tally_bits *bits;
    struct gy_tally *tallies; /* a node each, as `bits` */
    uint64_t n_everyone;
};

struct waterfall {
    struct gy_run run;
    struct gy_waterfall *out;
    struct gy_tally_node *nodes; /* the definition, then a node for each condition */
    uint32_t n_nodes;
    uint32_t nodes_capacity;
    uint32_t conditions_capacity;
    struct leaf *leaves;
    uint32_t n_leaves;
    int64_t now_ms;
    struct sheet *sheets; /* by worker */
};

/* ---- the conditions ---- */

static void lay_out(struct waterfall *w, const struct gy_expr *expr, uint32_t depth);

static bool is_group(const struct gy_expr *expr)
{
    return expr->kind == GY_EXPR_AND || expr->kind == GY_EXPR_OR;
}

static uint32_t add_node(struct waterfall *w)
{
    GY_GROW(w->nodes, w->nodes_capacity, w->n_nodes + 1);
    w->nodes[w->n_nodes] = (struct gy_tally_node){0};
    return w->n_nodes++;
}

/* The conditions of a group become the nodes below `node`. */
static void lay_out_group(struct waterfall *w, uint32_t node, const struct gy_expr *group,
                          bool is_negated, uint32_t depth)
{
    bool is_or = group->kind == GY_EXPR_OR;
    w->nodes[node].turn_in = is_or ? UINT64_MAX : 0;
    w->nodes[node].turn_out = is_or != is_negated ? UINT64_MAX : 0;
    for (uint32_t i = 0; i < group->n_children; i++)
        lay_out(w, group->children[i], depth);
}

static const struct gy_expr *within_nots(const struct gy_expr *expr, bool *is_negated)
{
    *is_negated = false;
    for (; expr->kind == GY_EXPR_NOT; expr = expr->children[0])
        *is_negated = !*is_negated;
    return expr;
}

/* A condition, and those below it. */
static void lay_out(struct waterfall *w, const struct gy_expr *expr, uint32_t depth)
{
    bool is_negated;
    const struct gy_expr *inner = within_nots(expr, &is_negated);
    uint32_t node = add_node(w);
    GY_GROW(w->out->conditions, w->conditions_capacity, w->n_nodes);
    w->out->conditions[node - 1] = (struct gy_condition){.expr = expr, .depth = depth};
    if (is_group(inner))
        lay_out_group(w, node, inner, is_negated, depth + 1);
    w->nodes[node].end = w->n_nodes;
    w->out->conditions[node - 1].end = w->n_nodes - 1;
}

/* The definition is a group: of its conditions, or of itself alone. */
static void lay_out_definition(struct waterfall *w, const struct gy_expr *expr)
{
    uint32_t root = add_node(w);
    if (is_group(expr))
        lay_out_group(w, root, expr, false, 0);
    else
        lay_out(w, expr, 0);
    w->nodes[root].end = w->n_nodes;
    w->out->n_conditions = w->n_nodes - 1;
}

/* ---- the plan ---- */

static enum gy_status plan_leaf(struct waterfall *w, uint32_t node, struct gy_error *err)
{
    bool is_negated;
    const struct gy_expr *expr = w->out->conditions[node - 1].expr;
    const struct gy_expr *missing =
        gy_missing_test(within_nots(expr, &is_negated), &w->run.plan.arena);
    struct leaf *leaf = &w->leaves[w->n_leaves++];
    *leaf = (struct leaf){.node = node};
    GY_TRY(gy_plan_expr(&w->run.plan, expr, w->now_ms, &leaf->holds, err));
    return missing == NULL ? GY_OK
                           : gy_plan_expr(&w->run.plan, missing, w->now_ms, &leaf->unknown, err);
}

static enum gy_status plan_leaves(struct waterfall *w, struct gy_error *err)
{
    w->leaves = gy_alloc_zero(w->n_nodes, sizeof *w->leaves);
    for (uint32_t i = 1; i < w->n_nodes; i++) {
        if (w->nodes[i].end == i + 1)
            GY_TRY(plan_leaf(w, i, err));
    }
    return gy_run_prepare(&w->run, err);
}

/* ---- pieces ---- */

/* Adds up 64 customers a word, from the leaves' bits. */
static void add_words(const struct waterfall *w, struct sheet *sheet, const struct gy_bits *there,
                      uint32_t n_words)
{
    for (uint32_t word = 0; word < n_words; word++) {
        if (there->words[word] == 0)
            continue;
        for (uint32_t i = 0; i < w->n_leaves; i++) {
            struct gy_tally_bits *bits = &sheet->bits[w->leaves[i].node];
            bits->holds = sheet->holds[i].words[word];
            bits->unknown = sheet->unknown[i].words[word];
        }
        sheet->n_everyone += (uint64_t)__builtin_popcountll(there->words[word]);
        gy_tally_add(w->nodes, w->n_nodes, sheet->bits, there->words[word], sheet->tallies);
    }
}

static void add_block(const struct waterfall *w, struct sheet *sheet, struct gy_block_eval *block)
{
    const struct gy_bits *there = gy_block_roots_at(block, w->now_ms);
    for (uint32_t i = 0; i < w->n_leaves; i++) {
        const struct leaf *leaf = &w->leaves[i];
        gy_block_expr(block, leaf->holds, there, &sheet->holds[i]);
        if (leaf->unknown != NULL)
            gy_block_expr(block, leaf->unknown, there, &sheet->unknown[i]);
    }
    add_words(w, sheet, there, GY_BLOCK_WORDS);
}

/* Customer `at` of a piece. */
static void ask_scattered(const struct waterfall *w, struct sheet *sheet,
                          struct gy_customer_eval *eval, const struct gy_subject *subject,
                          uint32_t at)
{
    for (uint32_t i = 0; i < w->n_leaves; i++) {
        const struct leaf *leaf = &w->leaves[i];
        if (gy_customer_holds(eval, subject, leaf->holds))
            gy_bits_set(&sheet->holds[i], at);
        if (leaf->unknown != NULL && gy_customer_holds(eval, subject, leaf->unknown))
            gy_bits_set(&sheet->unknown[i], at);
    }
}

static void add_scattered(const struct waterfall *w, struct sheet *sheet,
                          struct gy_customer_eval *eval, const struct gy_piece *piece)
{
    struct gy_bits there = {0};
    memset(sheet->holds, 0, w->n_leaves * sizeof *sheet->holds);
    memset(sheet->unknown, 0, w->n_leaves * sizeof *sheet->unknown);
    for (size_t i = piece->first_scattered; i < piece->end_scattered; i++) {
        uint32_t at = (uint32_t)(i - piece->first_scattered);
        struct gy_subject subject = gy_run_scattered(&w->run, i);
        if (!gy_reader_may_go_on(eval->reader))
            return;
        if (gy_subject_first_ms(eval->reader, &subject) > w->now_ms)
            continue;
        gy_bits_set(&there, at);
        ask_scattered(w, sheet, eval, &subject, at);
    }
    add_words(w, sheet, &there, GY_SCATTERED_PIECE / 64);
}

static enum gy_status add_piece(void *context, struct gy_worker *worker,
                                const struct gy_piece *piece, struct gy_error *err)
{
    const struct waterfall *w = context;
    struct sheet *sheet = &w->sheets[worker - w->run.workers];
    (void)err;
    if (piece->is_block)
        add_block(w, sheet, &worker->block);
    else
        add_scattered(w, sheet, &worker->eval, piece);
    return GY_OK;
}

/* ---- all ---- */

static void make_sheets(struct waterfall *w)
{
    w->sheets = gy_alloc_zero(w->run.n_workers, sizeof *w->sheets);
    for (unsigned i = 0; i < w->run.n_workers; i++) {
        struct sheet *sheet = &w->sheets[i];
        sheet->holds = gy_alloc_zero(w->n_leaves, sizeof *sheet->holds);
        sheet->unknown = gy_alloc_zero(w->n_leaves, sizeof *sheet->unknown);
        sheet->bits = gy_alloc_zero(w->n_nodes, sizeof *sheet->bits);
        sheet->tallies = gy_alloc_zero(w->n_nodes, sizeof *sheet->tallies);
    }
}

/* A worker's share of every number. */
static void take_sheet(const struct waterfall *w, const struct sheet *sheet)
{
    uint64_t n_members = sheet->tallies[0].n_alone;
    w->out->n_everyone += sheet->n_everyone;
    w->out->n_members += n_members;
    for (uint32_t i = 0; i < w->out->n_conditions; i++) {
        struct gy_condition *condition = &w->out->conditions[i];
        const struct gy_tally *tally = &sheet->tallies[i + 1];
        condition->n_alone += tally->n_alone;
        condition->n_remain += tally->n_remain;
        condition->n_unknown += tally->n_unknown;
        condition->more_without += (int64_t)tally->n_without - (int64_t)n_members;
    }
}

static void release(struct waterfall *w)
{
    for (unsigned i = 0; w->sheets != NULL && i < w->run.n_workers; i++) {
        free(w->sheets[i].holds);
        free(w->sheets[i].unknown);
        free(w->sheets[i].bits);
        free(w->sheets[i].tallies);
    }
    free(w->sheets);
    free(w->leaves);
    free(w->nodes);
    gy_run_release(&w->run);
}

static enum gy_status run(struct waterfall *w, struct gy_error *err)
{
    GY_TRY(plan_leaves(w, err));
    make_sheets(w);
    GY_TRY(gy_run_pieces(&w->run, add_piece, w, err));
    for (unsigned i = 0; i < w->run.n_workers; i++)
        take_sheet(w, &w->sheets[i]);
    return GY_OK;
}

enum gy_status gy_waterfall(const struct gy_snapshot *snapshot, const struct gy_expr *expr,
                            int64_t now_ms, const struct gy_run_options *options,
                            struct gy_waterfall *out, struct gy_error *err)
{
    struct waterfall w = {.out = out, .now_ms = gy_instant_within_calendar(now_ms)};
    *out = (struct gy_waterfall){0};
    gy_run_init(&w.run, snapshot, options);
    lay_out_definition(&w, expr);
    enum gy_status status = run(&w, err);
    release(&w);
    return status;
}

void gy_waterfall_release(struct gy_waterfall *waterfall)
{
    free(waterfall->conditions);
    *waterfall = (struct gy_waterfall){0};
}
