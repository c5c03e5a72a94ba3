/* number_internal.h - what number.c shares with decimal_sum.c and its one C++ file. */
#ifndef GY_BASE_NUMBER_INTERNAL_H
#define GY_BASE_NUMBER_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* number_chars.cc: the shortest digits of a finite double, as "-d.ddde-XX"; gives the length. */
enum {
    GY_NUMBER_CHARS = 32
};
size_t gy_number_chars_print(double value, char out[GY_NUMBER_CHARS]);

/* The double nearest to the decimal number at [first, last), which is well formed: infinite where
 * that is beyond doubles, 0 where it is nearer to 0 than to any other. */
double gy_number_chars_read(const char *first, const char *last);

#ifdef __cplusplus
}
#endif

/* A long decimal: its limbs are digits to the base 10^9, the most significant first. */
enum {
    GY_NUMBER_LIMB = 1000000000,
    GY_NUMBER_LIMB_DIGITS = 9,
    GY_NUMBER_MOST_LIMBS = 128
};

/* limbs × 10^exponent / denominator, rounded once; n_limbs ≤ GY_NUMBER_MOST_LIMBS, denominator > 0. */
double gy_number_divide_limbs(const uint32_t *limbs, size_t n_limbs, int exponent,
                              uint64_t denominator);

#endif
