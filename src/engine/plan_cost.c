/* plan_cost.c - see plan_cost.h. */
#include "engine/plan_cost.h"

/* Rough ratios, measured on blocks: reading a trait is 1. They only settle which of several tests is
 * asked first; the answer never depends on them. */
enum {
    COST_BITS = 1,
    COST_TRAIT = 1,
    COST_AGE = 4,
    COST_SAMPLE = 4,
    COST_EVENTS = 4,   /* an aggregate of events by the ends of runs */
    COST_FILTER = 8,   /* … of single events */
    COST_PROPERTY = 8, /* … of a property */
    COST_GATHER = 16,  /* … of all values side by side */
    COST_RANK = 4,
    COST_CHAIN = 60,
};

static uint32_t add_costs(uint32_t a, uint32_t b)
{
    return a > UINT32_MAX - b ? UINT32_MAX : a + b;
}

static uint32_t aggregate_cost(const struct gy_plan_term *term)
{
    enum gy_aggregate aggregate = term->term->aggregate;
    uint32_t cost = term->filter != NULL ? COST_FILTER : COST_EVENTS;
    if (aggregate == GY_DAYS || aggregate == GY_MEDIAN || aggregate == GY_DISTINCT ||
        aggregate == GY_TOP)
        return cost + COST_GATHER;
    return gy_aggregate_takes_property(aggregate) ? cost + COST_PROPERTY : cost;
}

static uint32_t term_cost(const struct gy_plan_term *term)
{
    uint32_t cost = 0;
    if (term->kind == GY_TERM_TRAIT)
        return COST_TRAIT;
    if (term->kind == GY_TERM_AGE)
        return COST_AGE;
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
    return chain->steps[0].filter == NULL ? COST_EVENTS : COST_FILTER;
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

void gy_plan_cost_term(struct gy_plan_term *term)
{
    term->cost = term_cost(term);
    term->level = term_level(term);
}

void gy_plan_cost_expr(struct gy_plan_expr *expr)
{
    expr->cost = expr_cost(expr);
    expr->level = expr_level(expr);
}
