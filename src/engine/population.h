/* population.h - where a value lies among those of others.
 *
 * A population is its members' known values, sorted. The r members with a smaller value than v are
 * those before v's place, so a customer's percentile or ntile is one binary search. Times are
 * compared as doubles, which hold every millisecond of the calendar exactly.
 */
#ifndef GY_ENGINE_POPULATION_H
#define GY_ENGINE_POPULATION_H

#include "engine/plan.h"

/* Sorts the n values of a population that was filled in any order. `scratch` has room for n. */
void gy_population_sort(struct gy_population *population, double *scratch);

/* How many members have a value smaller than `value`. */
uint64_t gy_population_smaller(const struct gy_population *population, double value);

/* percentile: 100 × r / n. */
double gy_population_percentile(const struct gy_population *population, double value);

/* ntile: 1 + floor(r × parts / n), in whole numbers. */
double gy_population_ntile(const struct gy_population *population, double value, uint64_t parts);

#endif
