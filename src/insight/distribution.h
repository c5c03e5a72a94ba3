/* distribution.h - how the numbers of an audience lie: what a report says of a value or metric. */
#ifndef GY_INSIGHT_DISTRIBUTION_H
#define GY_INSIGHT_DISTRIBUTION_H

#include "engine/engine.h"

/* Of the customers whose value is known; with none all figures are 0. */
struct gy_distribution {
    uint64_t n_customers; /* of the audience */
    uint64_t n_known;
    double sum; /* exact, rounded once; so is the mean */
    double mean;
    double lowest;
    double lower_quarter; /* the smallest value that a quarter of the known ones do not exceed */
    double median;        /* of an even count the mean of the two in the middle */
    double upper_quarter; /* likewise for three quarters */
    double highest;
};

/* Of a column of numbers or booleans (1 and 0). */
void gy_distribution_of(const struct gy_value_column *column, uint32_t n_rows,
                        struct gy_distribution *out);

#endif
