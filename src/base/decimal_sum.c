/* decimal_sum.c - a 128-bit integer with a decimal scale, and limbs behind it for the rest.
 *
 * The small part takes values of up to 18 decimal places until it would overflow; then it is emptied
 * into the limbs. Those are signed digits to the base 10^9, from 10^-405 to 10^395: doubles reach
 * from 5e-324 (whose shortest decimal may begin 16 places further down) to 1.8e308, and 2^64 of the
 * largest add up to less than 10^328. Carries are left in the limbs until 2^32 additions might have
 * filled them, so that an addition touches three limbs or four.
 */
#include "base/decimal_sum.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/number.h"
#include "base/number_internal.h"

enum {
    LOWEST_POWER = -405,
    N_LIMBS = 89, /* 801 digits */
    MOST_SCALE = 18,
    MOST_SMALL_SHIFT = 36,
    HALF_DIGITS = 18
};

#define HALF INT64_C(1000000000000000000) /* 10^HALF_DIGITS */

struct gy_decimal_limbs {
    int64_t limbs[N_LIMBS]; /* the least significant first */
    uint64_t n_added;       /* since carries were last carried: each limb is below this × 10^9 */
};

/* ---- the limbs ---- */

/* Makes each limb but the highest one of 0 to 10^9 - 1. */
static void carry(struct gy_decimal_limbs *wide)
{
    for (size_t i = 0; i + 1 < N_LIMBS; i++) {
        int64_t up = wide->limbs[i] / GY_NUMBER_LIMB;
        int64_t rest = wide->limbs[i] % GY_NUMBER_LIMB;
        if (rest < 0) {
            rest += GY_NUMBER_LIMB;
            up--;
        }
        wide->limbs[i] = rest;
        wide->limbs[i + 1] += up;
    }
    wide->n_added = 1;
}

static void count_added(struct gy_decimal_limbs *wide, uint64_t n)
{
    wide->n_added += n;
    if (wide->n_added > UINT32_MAX) {
        carry(wide);
    }
}

/* `part` is 0 or has at most 21 digits. */
static void add_part(struct gy_decimal_limbs *wide, unsigned __int128 part, bool is_negative,
                     int exponent)
{
    if (part == 0) {
        return;
    }
    int position = exponent - LOWEST_POWER;
    GY_ASSERT(position >= 0 && position / GY_NUMBER_LIMB_DIGITS + 5 <= N_LIMBS);
    int limb = position / GY_NUMBER_LIMB_DIGITS;
    for (int i = position % GY_NUMBER_LIMB_DIGITS; i > 0; i--) {
        part *= 10;
    }
    for (; part > 0; part /= GY_NUMBER_LIMB, limb++) {
        int64_t digit = (int64_t)(part % GY_NUMBER_LIMB);
        wide->limbs[limb] += is_negative ? -digit : digit;
    }
}

static void add_digits(struct gy_decimal_limbs *wide, __int128 digits, int exponent)
{
    bool is_negative = digits < 0;
    unsigned __int128 magnitude = (unsigned __int128)digits;
    magnitude = is_negative ? -magnitude : magnitude;
    add_part(wide, magnitude % HALF, is_negative, exponent);
    add_part(wide, magnitude / HALF, is_negative, exponent + HALF_DIGITS);
    count_added(wide, 2);
}

static struct gy_decimal_limbs *wide_of(struct gy_decimal_sum *sum)
{
    if (sum->wide == NULL) {
        sum->wide = gy_alloc_zero(1, sizeof *sum->wide);
    }
    return sum->wide;
}

void gy_decimal_sum_release(struct gy_decimal_sum *sum)
{
    free(sum->wide);
    *sum = (struct gy_decimal_sum){0};
}

/* ---- adding ---- */

/* value × 10^shift; false where it overflows. */
static bool shift_up(__int128 value, int shift, __int128 *out)
{
    if (value == 0) {
        *out = 0;
        return true;
    }
    if (shift > MOST_SMALL_SHIFT) {
        return false;
    }
    for (; shift > HALF_DIGITS; shift -= HALF_DIGITS) {
        if (__builtin_mul_overflow(value, (__int128)HALF, &value)) {
            return false;
        }
    }
    static const int64_t powers[] = {1,
                                     10,
                                     100,
                                     1000,
                                     10000,
                                     100000,
                                     1000000,
                                     10000000,
                                     100000000,
                                     1000000000,
                                     10000000000,
                                     100000000000,
                                     1000000000000,
                                     10000000000000,
                                     100000000000000,
                                     1000000000000000,
                                     10000000000000000,
                                     100000000000000000,
                                     HALF};
    return !__builtin_mul_overflow(value, (__int128)powers[shift], out);
}

static void empty_small(struct gy_decimal_sum *sum)
{
    if (sum->small != 0) {
        add_digits(wide_of(sum), sum->small, -sum->scale);
        sum->small = 0;
    }
}

/* Brings the small part to at least `places`. */
static void raise_scale(struct gy_decimal_sum *sum, int places)
{
    if (places <= sum->scale) {
        return;
    }
    __int128 raised;
    if (!shift_up(sum->small, places - sum->scale, &raised)) {
        empty_small(sum);
        raised = 0;
    }
    sum->small = raised;
    sum->scale = places;
}

void gy_decimal_sum_add_scaled(struct gy_decimal_sum *sum, __int128 digits, int places)
{
    if (digits == 0) {
        return;
    }
    __int128 shifted;
    if (places > MOST_SCALE) {
        add_digits(wide_of(sum), digits, -places);
        return;
    }
    raise_scale(sum, places);
    if (!shift_up(digits, sum->scale - places, &shifted)) {
        add_digits(wide_of(sum), digits, -places);
        return;
    }
    if (__builtin_add_overflow(sum->small, shifted, &shifted)) {
        empty_small(sum);
        gy_decimal_sum_add_scaled(sum, digits, places);
        return;
    }
    sum->small = shifted;
}

void gy_decimal_sum_add(struct gy_decimal_sum *sum, double value)
{
    int64_t digits;
    int exponent;
    gy_number_split(value, &digits, &exponent);
    gy_decimal_sum_add_scaled(sum, digits, -exponent);
}

void gy_decimal_sum_add_sum(struct gy_decimal_sum *sum, const struct gy_decimal_sum *other)
{
    __int128 small = other->small;
    int32_t scale = other->scale;
    if (other->wide != NULL) {
        struct gy_decimal_limbs *wide = wide_of(sum);
        for (size_t i = 0; i < N_LIMBS; i++) {
            wide->limbs[i] += other->wide->limbs[i];
        }
        count_added(wide, other->wide->n_added);
    }
    gy_decimal_sum_add_scaled(sum, small, scale);
}

/* ---- rounding ---- */

/* Carries, and makes every limb of the magnitude one of 0 to 10^9 - 1; true for a negative sum. The
 * highest limb is far above what any sum reaches, so its sign is the sum's. */
static bool take_sign(struct gy_decimal_limbs *wide)
{
    carry(wide);
    bool is_negative = wide->limbs[N_LIMBS - 1] < 0;
    for (size_t i = 0; is_negative && i < N_LIMBS; i++) {
        wide->limbs[i] = -wide->limbs[i];
    }
    if (is_negative) {
        carry(wide);
    }
    return is_negative;
}

double gy_decimal_sum_mean(const struct gy_decimal_sum *sum, uint64_t n)
{
    if (sum->wide == NULL) {
        return n == 1 ? gy_number_join(sum->small, -sum->scale)
                      : gy_number_ratio(sum->small, -sum->scale, n);
    }
    struct gy_decimal_limbs all = *sum->wide;
    add_digits(&all, sum->small, -sum->scale);
    bool is_negative = take_sign(&all);
    uint32_t limbs[N_LIMBS];
    for (size_t i = 0; i < N_LIMBS; i++) {
        limbs[i] = (uint32_t)all.limbs[N_LIMBS - 1 - i];
    }
    double value = gy_number_divide_limbs(limbs, N_LIMBS, LOWEST_POWER, n);
    return is_negative ? 0 - value : value;
}

double gy_decimal_sum_value(const struct gy_decimal_sum *sum)
{
    return gy_decimal_sum_mean(sum, 1);
}
