/* number.h - doubles and their shortest decimals.
 *
 * A number of the language is an IEEE double, and stands for the shortest decimal that reads back
 * as it: 0.1 is one tenth. Sums are of these decimals, exact (decimal_sum.h).
 */
#ifndef GY_BASE_NUMBER_H
#define GY_BASE_NUMBER_H

#include <stdint.h>

#include "base/status.h"
#include "base/str.h"

enum { GY_NUMBER_TEXT = 32 };

/* Reads the whole text as a decimal number: an optional sign, digits, and optionally a fraction and
 * an exponent, as in JSON, but also with leading zeros. False if it is not that, or the result is
 * not finite. "-0" is 0. Correctly rounded, and independent of the locale. */
bool gy_number_read(struct gy_str text, double *out);

/* The shortest digits that read back as the same double; an exponent (`1e21`, `1.5e-7`) only from
 * 1e21 on and below 0.000001; "-0" is "0", and what is not finite "inf", "-inf" or "nan". Returns the
 * length. */
size_t gy_number_print(double value, char out[GY_NUMBER_TEXT]);

/* value = digits × 10^exponent, with the shortest decimal's digits, no trailing zero (0 is 0 × 10^0).
 * `value` must be finite; |digits| < 10^17. */
void gy_number_split(double value, int64_t *digits, int *exponent);

/* digits × 10^exponent rounded once to a double (infinite where too large). */
double gy_number_join(__int128 digits, int exponent);

/* numerator × 10^exponent / denominator rounded once to a double; denominator > 0. */
double gy_number_ratio(__int128 numerator, int exponent, uint64_t denominator);

#endif
