/* plan_cost.c - see plan_cost.h. */
#include "engine/plan_cost.h"

/* Rough ratios, measured on blocks: comparing a byte of each customer is 1. They only settle which of several
 * tests is asked first; the answer never depends on them. */
enum {
    COST_BITS = 1,
    COST_TRAIT = 2,     /* a trait with a row for every customer, and its bytes */
    COST_SOME_HAVE = 6, /* … that not everyone has */
    COST_LATEST = 24,   /* … whose latest value is to be found */
    COST_AGE = 4,       /* … beside its date of birth */
    COST_SAMPLE = 32,
    COST_EVENTS = 32,   /* an aggregate of events by the ends of runs */
    COST_FILTER = 64,   /* … of single events */
    COST_PROPERTY = 64, /* … of a property */
    COST_GATHER = 128,  /* … of all values side by side */
    COST_RANK = 32,
    COST_CHAIN = 480,
    COST_DERIVED = 512, /* … of events that are made of others first */
};

static uint32_t add_costs(uint32_t a, uint32_t b)
{
    return a > UINT32_MAX - b ? UINT32_MAX : a + b;
}

static uint32_t aggregate_cost(const struct gy_plan_term *term)
{
    enum gy_aggregate aggregate = term->term->aggregate;
    uint32_t cost = term->filter != NULL ? COST_FILTER : COST_EVENTS;
    if (gy_is_derived(term->stream))
        cost += COST_DERIVED;
    if (aggregate == GY_DAYS || aggregate == GY_MEDIAN || aggregate == GY_DISTINCT ||
        aggregate == GY_TOP)
        return cost + COST_GATHER;
    return gy_aggregate_takes_property(aggregate) ? cost + COST_PROPERTY : cost;
}

/* By the first block of a part, which is much like the others. */
static uint32_t trait_cost_in(const struct gy_part *part, uint32_t stream)
{
    if (gy_part_n_slices(part) == 0)
        return 0;
    const struct gy_slice *slice = gy_part_find(part, gy_part_slice(part, 0)->block_no, stream);
    if (slice == NULL)
        return 0;
    uint64_t bytes = gy_part_column_bytes(part, slice, GY_PROPERTY_VALUE) / slice->n_rows;
    uint32_t cost = COST_TRAIT + (bytes < COST_LATEST ? (uint32_t)bytes : COST_LATEST);
    if (slice->n_customers < GY_BLOCK_SIZE)
        cost += COST_SOME_HAVE;
    return slice->n_rows > slice->n_customers ? cost + COST_LATEST : cost;
}

static uint32_t trait_cost(const struct gy_snapshot *snapshot, uint32_t stream)
{
    uint32_t most = COST_TRAIT;
    for (size_t i = 0; i < gy_snapshot_n_parts(snapshot); i++)
        most = gy_plan_higher(most, trait_cost_in(gy_snapshot_part(snapshot, i), stream));
    return most;
}

static uint32_t term_cost(const struct gy_snapshot *snapshot, const struct gy_plan_term *term)
{
    uint32_t cost = 0;
    if (term->kind == GY_TERM_TRAIT)
        return trait_cost(snapshot, term->stream);
    if (term->kind == GY_TERM_AGE)
        return COST_AGE + trait_cost(snapshot, term->stream);
    if (term->kind == GY_TERM_AGGREGATE)
        return aggregate_cost(term);
    if (term->population != NULL) {
        cost = add_costs(COST_RANK, term->population->value->cost);
        return term->population->among == NULL ? cost
                                               : add_costs(cost, term->population->among->cost);
    }
    cost = term->left == NULL ? 0 : term->left->cost;
    return term->right == NULL ? cost : add_costs(cost, term->right->cost);
}

/* A node's level is the highest of those below it; a population adds one. */
static uint32_t term_level(const struct gy_plan_term *term)
{
    uint32_t level = term->population == NULL ? 0 : term->population->level + 1;
    level = term->left == NULL ? level : gy_plan_higher(level, term->left->level);
    return term->right == NULL ? level : gy_plan_higher(level, term->right->level);
}

static uint32_t expr_level(const struct gy_plan_expr *expr)
{
    const struct gy_plan_term *terms[] = {expr->left, expr->right, expr->low, expr->high};
    uint32_t level = 0;
    for (uint32_t i = 0; i < expr->n_children; i++)
        level = gy_plan_higher(level, expr->children[i]->level);
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++)
        level = terms[i] == NULL ? level : gy_plan_higher(level, terms[i]->level);
    return level;
}

static uint32_t did_cost(const struct gy_chain *chain)
{
    if (chain->n_steps > 1)
        return COST_CHAIN;
    uint32_t cost = gy_is_derived(chain->steps[0].stream) ? COST_DERIVED : 0;
    return cost + (chain->steps[0].filter == NULL ? COST_EVENTS : COST_FILTER);
}

static uint32_t expr_cost(const struct gy_plan_expr *expr)
{
    const struct gy_plan_term *terms[] = {expr->left, expr->right, expr->low, expr->high};
    uint32_t cost = COST_BITS;
    if (expr->kind == GY_EXPR_DID)
        return did_cost(expr->chain);
    if (expr->kind == GY_EXPR_SAMPLE)
        return COST_SAMPLE;
    for (uint32_t i = 0; i < expr->n_children; i++)
        cost = add_costs(cost, expr->children[i]->cost);
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++)
        cost = add_costs(cost, terms[i] == NULL ? 0 : terms[i]->cost);
    return cost;
}

void gy_plan_cost_term(const struct gy_snapshot *snapshot, struct gy_plan_term *term)
{
    term->cost = term_cost(snapshot, term);
    term->level = term_level(term);
}

void gy_plan_cost_expr(struct gy_plan_expr *expr)
{
    expr->cost = expr_cost(expr);
    expr->level = expr_level(expr);
}
