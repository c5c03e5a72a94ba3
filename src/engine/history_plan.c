/* history_plan.c - one plan for many instants; its leaves and what they watch. */
#include "engine/history_plan.h"

#include <stdlib.h>

#include "base/mem.h"
#include "engine/history_turns.h"
#include "engine/history_watch.h"
#include "engine/ledger.h"

/* ---- how many instants at once ---- */

enum {
    MANY_NODES = 8192,             /* answers of each may be kept for a block: 16 KB */
    MANY_VALUES = 32 * 1024 * 1024 /* of all populations */
};

static bool has_room(const struct gy_run *run)
{
    uint64_t n_values = (uint64_t)run->n_blocks * GY_BLOCK_SIZE * run->plan.n_populations;
    return run->plan.keys.n < MANY_NODES && n_values < MANY_VALUES;
}

static enum gy_status plan_instants(struct gy_history_plan *p, const struct gy_run *run,
                                    const struct gy_expr *expr, uint32_t n, struct gy_error *err)
{
    n = n < GY_LEDGER_INSTANTS ? n : GY_LEDGER_INSTANTS;
    p->exprs = GY_NEW_ARRAY(&p->plan->arena, const struct gy_plan_expr *, n);
    while (p->n < n && (p->n == 0 || has_room(run))) {
        GY_TRY(gy_plan_expr(p->plan, expr, p->instants_ms[p->n], &p->exprs[p->n], err));
        p->n++;
    }
    return GY_OK;
}

/* ---- how a leaf is followed ---- */

/* The aggregate that a leaf compares with constants, or NULL. */
static const struct gy_plan_term *read_test(const struct gy_plan_expr *expr,
                                            struct gy_number_test *test)
{
    const struct gy_plan_term *left = expr->left;
    bool is_read =
        left != NULL && left->kind == GY_TERM_AGGREGATE && gy_number_test_read(expr, test);
    return is_read ? left : NULL;
}

static bool is_stirred(const struct gy_history_plan *p, const struct gy_history_leaf *leaf)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->n; i++)
        n += leaf->stirs[i];
    return n > p->n / 2;
}

/* DAYS_SINCE against constants: in place of the clock, the instants are watched at which a row comes
 * to be so old. */
static void follow_days_since(const struct gy_history_plan *p, struct gy_history_leaf *leaf)
{
    struct gy_watch *w = &leaf->watches[0];
    const struct gy_number_test *test = &leaf->test;
    int64_t *nows_ms = GY_NEW_ARRAY(&p->plan->arena, int64_t, p->n);
    for (uint32_t i = 0; i < p->n; i++)
        nows_ms[i] = leaf->nodes[i]->now_ms;
    if (!gy_instants_ascend(nows_ms, p->n) || (!test->is_between && test->compare <= GY_NE))
        return;
    bool is_strict = !test->is_between && (test->compare == GY_GT || test->compare == GY_LE);
    gy_days_turn(&w->turns[w->n_turns++], test->low, is_strict, nows_ms, p->n, &p->plan->arena);
    if (test->is_between)
        gy_days_turn(&w->turns[w->n_turns++], test->high, true, nows_ms, p->n, &p->plan->arena);
    memset(leaf->stirs, 0, p->n * sizeof *leaf->stirs);
    leaf->follow = GY_FOLLOW_LATEST;
}

static void follow_aggregate(const struct gy_history_plan *p, struct gy_history_leaf *leaf,
                             const struct gy_plan_term *term)
{
    leaf->aggregate = term->term->aggregate;
    leaf->property = term->property;
    if (leaf->n_watches == 0) /* its windows do not move forward */
        return;
    if (leaf->aggregate == GY_DAYS_SINCE)
        follow_days_since(p, leaf);
    else if (leaf->aggregate == GY_LAST_TIME)
        leaf->follow = GY_FOLLOW_LATEST;
    else if (leaf->aggregate == GY_COUNT || leaf->aggregate == GY_SUM || leaf->aggregate == GY_AVG)
        leaf->follow = GY_FOLLOW_SUM;
}

static void follow(const struct gy_history_plan *p, struct gy_history_leaf *leaf)
{
    const struct gy_plan_expr *expr = leaf->nodes[0];
    const struct gy_plan_term *term = read_test(expr, &leaf->test);
    bool is_did = expr->kind == GY_EXPR_DID && expr->chain->n_steps == 1;
    bool is_cheap = expr->kind == GY_EXPR_EVERYONE || expr->kind == GY_EXPR_NOBODY ||
                    expr->kind == GY_EXPR_IDENTIFIED;
    if (term != NULL && !leaf->is_derived)
        follow_aggregate(p, leaf, term);
    if (is_did && leaf->n_watches == 1 && !leaf->is_derived) {
        leaf->follow = GY_FOLLOW_SUM;
        leaf->aggregate = GY_COUNT;
        leaf->test = (struct gy_number_test){.compare = GY_GE, .low = 1};
    }
    if (leaf->follow == GY_FOLLOW_NOT && !is_stirred(p, leaf) && !is_cheap)
        leaf->follow = GY_FOLLOW_ASK;
}

/* ---- leaves ---- */

/* How many leaves may be added up: each takes a megabyte and its rows, in every thread. */
enum {
    MAX_SUMMED = 32
};

static bool is_there(const struct gy_history_plan *p, const struct gy_history_leaf *leaf)
{
    for (uint32_t i = 0; i < p->n_leaves; i++) {
        if (memcmp(p->leaves[i].nodes, leaf->nodes, p->n * sizeof *leaf->nodes) == 0)
            return true;
    }
    return false;
}

static enum gy_status add_leaf(struct gy_history_plan *p, const struct gy_expr *expr,
                               const int64_t *instants_ms, struct gy_error *err)
{
    struct gy_arena *arena = &p->plan->arena;
    struct gy_history_leaf leaf = {.stirs = GY_NEW_ARRAY(arena, bool, p->n)};
    leaf.nodes = gy_arena_alloc(arena, p->n * sizeof *leaf.nodes);
    for (uint32_t i = 0; i < p->n; i++)
        GY_TRY(gy_plan_expr(p->plan, expr, instants_ms[i], &leaf.nodes[i], err));
    if (is_there(p, &leaf))
        return GY_OK;
    gy_history_look(p, &leaf);
    follow(p, &leaf);
    bool is_summed = leaf.follow == GY_FOLLOW_SUM || leaf.follow == GY_FOLLOW_LATEST;
    if (is_summed && p->n_leaves >= MAX_SUMMED)
        leaf.follow = leaf.watches[0].n_turns > 0 ? GY_FOLLOW_NOT : GY_FOLLOW_ASK;
    for (uint32_t i = 0; i < p->n; i++)
        p->stirs[i] |= leaf.stirs[i];
    GY_GROW(p->leaves, p->leaves_capacity, p->n_leaves + 1);
    p->leaves[p->n_leaves++] = leaf;
    return GY_OK;
}

static enum gy_status add_leaves(struct gy_history_plan *p, const struct gy_expr *expr,
                                 const int64_t *instants_ms, struct gy_error *err);

/* A definition as of instants is looked at once, however many refer to it. */
static enum gy_status add_level(struct gy_history_plan *p, const struct gy_expr *definition,
                                const int64_t *instants_ms, struct gy_error *err)
{
    for (uint32_t i = 0; i < p->n_levels; i++) {
        const struct gy_history_level *other = &p->levels[i];
        if (other->definition == definition &&
            memcmp(other->instants_ms, instants_ms, p->n * sizeof *instants_ms) == 0)
            return GY_OK;
    }
    struct gy_arena *arena = &p->plan->arena;
    struct gy_history_level level = {.definition = definition, .instants_ms = instants_ms};
    int64_t *ends_ms = GY_NEW_ARRAY(arena, int64_t, p->n);
    for (uint32_t i = 0; i < p->n; i++)
        ends_ms[i] = instants_ms[i] + 1;
    if (gy_instants_ascend(ends_ms, p->n))
        gy_instant_index_init(&level.births, ends_ms, p->n, arena);
    else
        memset(p->stirs, 1, p->n * sizeof *p->stirs);
    GY_GROW(p->levels, p->levels_capacity, p->n_levels + 1);
    p->levels[p->n_levels++] = level;
    return add_leaves(p, definition, instants_ms, err);
}

static enum gy_status add_segment(struct gy_history_plan *p, const struct gy_expr *expr,
                                  const int64_t *instants_ms, struct gy_error *err)
{
    int64_t *thens_ms = GY_NEW_ARRAY(&p->plan->arena, int64_t, p->n);
    for (uint32_t i = 0; i < p->n; i++)
        thens_ms[i] = gy_plan_segment_instant(p->plan, expr, instants_ms[i]);
    return add_level(p, expr->definition, thens_ms, err);
}

static enum gy_status add_leaves(struct gy_history_plan *p, const struct gy_expr *expr,
                                 const int64_t *instants_ms, struct gy_error *err)
{
    if (expr->kind == GY_EXPR_IN_SEGMENT)
        return add_segment(p, expr, instants_ms, err);
    if (expr->kind != GY_EXPR_NOT && expr->kind != GY_EXPR_AND && expr->kind != GY_EXPR_OR)
        return add_leaf(p, expr, instants_ms, err);
    for (uint32_t i = 0; i < expr->n_children; i++)
        GY_TRY(add_leaves(p, expr->children[i], instants_ms, err));
    return GY_OK;
}

/* ---- all ---- */

enum gy_status gy_history_plan_make(struct gy_history_plan *out, struct gy_run *run,
                                    const struct gy_expr *expr, const int64_t *instants_ms,
                                    uint32_t n, struct gy_error *err)
{
    *out = (struct gy_history_plan){.plan = &run->plan, .instants_ms = instants_ms};
    GY_TRY(plan_instants(out, run, expr, n, err));
    out->stirs = GY_NEW_ARRAY(&run->plan.arena, bool, out->n);
    return add_level(out, expr, instants_ms, err);
}

void gy_history_plan_release(struct gy_history_plan *plan)
{
    free(plan->leaves);
    free(plan->levels);
    *plan = (struct gy_history_plan){0};
}
