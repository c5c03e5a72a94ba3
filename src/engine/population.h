/* population.h - where a value lies among those of others.
 *
 * A population is its members' known values, kept as they were counted, piece by piece
 * (population_members.c). The r members with a smaller value than v decide v's percentile or ntile. What a
 * definition asks is mostly whether a rank reaches a number, or in which of few parts it is: a *cut*, which
 * is one value of the population, found by selection in two or three passes over the values, without
 * sorting them.
 *
 *     ntile(v, 5) >= 4     holds where v > the value of rank ceil(3 n / 5)
 *
 * Only where the ranks themselves are wanted are the values sorted, once, and a rank is one search.
 * Times are compared as doubles, which hold every millisecond of the calendar exactly.
 */
#ifndef GY_ENGINE_POPULATION_H
#define GY_ENGINE_POPULATION_H

#include "engine/bits.h"
#include "engine/plan.h"

struct gy_block_eval;

enum {
    GY_NTILE_FEW = 32
};

/* The members of one piece of a run: of a block those alone under their ordinals, or scattered ones. */
struct gy_population_piece {
    struct gy_bits known; /* of a block: who they are */
    size_t n;
    double values[]; /* of a block in the order of `known` */
};

void gy_population_release(struct gy_population *population);

/* The known values of those of `mask` in a block. */
struct gy_population_piece *gy_population_count_block(const struct gy_plan_term *value,
                                                      struct gy_block_eval *block,
                                                      const struct gy_bits *mask);

/* Asks for one more cut; its place among the population's. Before the population is counted. */
uint32_t gy_population_cut(struct gy_population *population, const struct gy_plan_term *term,
                           double bound, bool is_strict);

/* Finds all cuts, once the pieces are there. */
void gy_population_find_cuts(struct gy_population *population);

/* How many members have a value smaller than `value`. Any thread may ask. */
uint64_t gy_population_smaller(struct gy_population *population, double value);

/* What a PERCENTILE or NTILE term is where r members have a smaller value; it grows with r.
 * percentile: 100 × r / n. ntile: 1 + floor(r × parts / n), in whole numbers. */
double gy_rank_value(const struct gy_plan_term *term, uint64_t r);

/* Whether the expression compares a rank with a number: `first_cut` is set then. */
static inline bool gy_is_rank_test(const struct gy_plan_expr *expr)
{
    return expr->kind == GY_EXPR_COMPARE && expr->left->population != NULL &&
           expr->right->kind == GY_TERM_NUMBER;
}

/* Whether the term is the part of few that a value is in: it has parts − 1 cuts. */
static inline bool gy_is_few_parts(const struct gy_plan_term *term)
{
    return term->kind == GY_TERM_NTILE && term->term->parts <= GY_NTILE_FEW;
}

#endif
