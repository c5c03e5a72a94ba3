/* population.h - where a value lies among those of others.
 *
 * A population is its members' known values, sorted. The r members with a smaller value than v are
 * those before v's place, so a customer's percentile or ntile is one binary search (of an ntile of few
 * parts, a comparison with each part's end). Times are compared as doubles, which hold every
 * millisecond of the calendar exactly.
 *
 * Whoever counted the members knows their values already: they are kept by block, if they are not too
 * many, for the evaluation that asks for their ranks.
 */
#ifndef GY_ENGINE_POPULATION_H
#define GY_ENGINE_POPULATION_H

#include "engine/bits.h"
#include "engine/plan.h"

enum {
    GY_POPULATION_STEP = 256,
    GY_NTILE_FEW = 32
};

/* The members of one block, alone under their ordinals. */
struct gy_population_block {
    struct gy_bits known;
    double values[]; /* of the known ones, in order */
};

void gy_population_release(struct gy_population *population);

/* Once `sorted` holds the n values, in any order: sorts them. `scratch` has room for n. */
void gy_population_sort(struct gy_population *population, double *scratch);

/* How many members have a value smaller than `value`. */
uint64_t gy_population_smaller(const struct gy_population *population, double value);

/* What a PERCENTILE or NTILE term is where r members have a smaller value; it grows with r.
 * percentile: 100 × r / n. ntile: 1 + floor(r × parts / n), in whole numbers. */
double gy_rank_value(const struct gy_plan_term *term, uint64_t r);

/* The fewest smaller members with which the term is at least (more than, where `is_strict`) `bound`;
 * n where it never is. */
uint64_t gy_rank_from(const struct gy_plan_term *term, double bound, bool is_strict);

/* Each of the first parts − 1 parts ends where a value becomes larger than its `ends`: the ntile of v
 * is 1 + the number of ends smaller than v. For parts up to GY_NTILE_FEW; the number of ends. */
uint32_t gy_population_ends(const struct gy_population *population, uint64_t parts,
                            double ends[GY_NTILE_FEW]);

#endif
