/* decimal_sum.h - the exact sum of decimals, whatever their sizes and order.
 *
 * Adds the shortest decimal of each double (number.h) without rounding and rounds once at the end,
 * so the order of the numbers never shows. The common case is a 128-bit sum of scaled integers; what
 * does not fit there goes into an array of decimal limbs that covers every double.
 * All zero is an empty sum; one owner.
 */
#ifndef GY_BASE_DECIMAL_SUM_H
#define GY_BASE_DECIMAL_SUM_H

#include <stdint.h>

#include "base/status.h"

struct gy_decimal_limbs;

struct gy_decimal_sum {
    __int128 small;                /* small × 10^-scale is one part of the sum */
    int32_t scale;                 /* decimal places of `small`, 0 to 18 */
    struct gy_decimal_limbs *wide; /* the other part, NULL while none was needed */
};

void gy_decimal_sum_release(struct gy_decimal_sum *sum);
void gy_decimal_sum_add(struct gy_decimal_sum *sum, double value); /* finite */

/* Adds digits × 10^-places; places from -300 to 400. */
void gy_decimal_sum_add_scaled(struct gy_decimal_sum *sum, __int128 digits, int places);
void gy_decimal_sum_add_sum(struct gy_decimal_sum *sum, const struct gy_decimal_sum *other);

/* The sum, rounded once; infinite where it is beyond doubles. */
double gy_decimal_sum_value(const struct gy_decimal_sum *sum);

/* The sum / n, rounded once; n > 0. */
double gy_decimal_sum_mean(const struct gy_decimal_sum *sum, uint64_t n);

#endif
