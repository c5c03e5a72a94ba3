/* number.c - reading, printing and rounding, each with a short way for the numbers that data has.
 *
 * The short ways rest on two facts. IEEE division and multiplication round correctly, so d / 10^k is
 * the double nearest to that decimal while d < 2^53 and k ≤ 22 make both operands exact. And decimals
 * of up to 15 digits are all different doubles, so a decimal of 15 digits or fewer that reads back as
 * the value is its shortest one, up to trailing zeros.
 */
#include "base/number.h"

#include <math.h>
#include <string.h>

#include "base/number_internal.h"

enum {
    SAFE_DIGITS = 15,
    MOST_EXACT_POWER = 22,
    MOST_POWER_64 = 19
};

#define EXACT_LIMIT INT64_C(9007199254740992) /* 2^53 */

static const double exact_powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                      1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                      1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static uint64_t power_64(int exponent)
{
    uint64_t power = 1;
    for (int i = 0; i < exponent; i++) {
        power *= 10;
    }
    return power;
}

/* ---- reading ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A number cut into its parts, as far as the short way needs them. */
struct scan {
    bool is_negative;
    bool has_exponent;
    uint64_t digits;      /* of whole and fraction, while there are few */
    size_t n_significant; /* counted from the first that is not 0 */
    size_t n_places;
};

static size_t scan_digits(struct gy_str text, size_t from, struct scan *scan)
{
    size_t i = from;
    for (; i < text.len && is_digit(text.ptr[i]); i++) {
        if (scan->n_significant > 0 || text.ptr[i] != '0') {
            scan->n_significant++;
        }
        if (scan->n_significant <= SAFE_DIGITS) {
            scan->digits = scan->digits * 10 + (uint64_t)(text.ptr[i] - '0');
        }
    }
    return i;
}

/* False where the text is not in the grammar. */
static bool scan_number(struct gy_str text, struct scan *scan)
{
    *scan = (struct scan){0};
    size_t i = 0;
    if (i < text.len && (text.ptr[i] == '-' || text.ptr[i] == '+')) {
        scan->is_negative = text.ptr[i] == '-';
        i++;
    }
    size_t from = i;
    i = scan_digits(text, from, scan);
    bool is_right = i > from;
    if (i < text.len && text.ptr[i] == '.') {
        from = i + 1;
        i = scan_digits(text, from, scan);
        scan->n_places = i - from;
        is_right = is_right && i > from;
    }
    if (i < text.len && (text.ptr[i] == 'e' || text.ptr[i] == 'E')) {
        scan->has_exponent = true;
        i++;
        if (i < text.len && (text.ptr[i] == '-' || text.ptr[i] == '+')) {
            i++;
        }
        struct scan ignored = {0};
        from = i;
        i = scan_digits(text, from, &ignored);
        is_right = is_right && i > from;
    }
    return is_right && i == text.len;
}

bool gy_number_read(struct gy_str text, double *out)
{
    struct scan scan;
    if (!scan_number(text, &scan)) {
        return false;
    }
    double value;
    if (!scan.has_exponent && scan.n_significant <= SAFE_DIGITS &&
        scan.n_places <= MOST_EXACT_POWER) {
        value = (double)scan.digits / exact_powers[scan.n_places];
        value = scan.is_negative ? -value : value;
    } else {
        value = gy_number_chars_read(text.ptr + (text.ptr[0] == '+'), text.ptr + text.len);
    }
    if (isinf(value)) {
        return false;
    }
    *out = value + 0.0; /* -0 becomes 0 */
    return true;
}

/* ---- the shortest decimal ---- */

/* Takes trailing zeros off `digits`, which is not 0. */
static void trim_zeros(int64_t *digits, int *exponent)
{
    while (*digits % 10 == 0) {
        *digits /= 10;
        (*exponent)++;
    }
}

/* Amounts have two decimals, ratings one, shares four: tried before the general way. */
static bool split_short(double value, int64_t *digits, int *exponent)
{
    static const int tried[] = {0, 2, 4};
    for (int i = 0; i < 3; i++) {
        double power = exact_powers[tried[i]];
        double scaled = value * power;
        if (fabs(scaled) >= 1e15) {
            return false;
        }
        int64_t whole = llrint(scaled);
        if ((double)whole / power == value) {
            *digits = whole;
            *exponent = -tried[i];
            return true;
        }
    }
    return false;
}

static void split_long(double value, int64_t *digits, int *exponent)
{
    char text[GY_NUMBER_CHARS];
    size_t len = gy_number_chars_print(value, text);
    size_t i = text[0] == '-';
    int64_t all = 0;
    int n_places = -1;
    for (; i < len && text[i] != 'e'; i++) {
        if (text[i] != '.') {
            all = all * 10 + (text[i] - '0');
            n_places++;
        }
    }
    bool is_negative_power = text[i + 1] == '-';
    int power = 0;
    for (i += 2; i < len; i++) {
        power = power * 10 + (text[i] - '0');
    }
    *digits = text[0] == '-' ? -all : all;
    *exponent = (is_negative_power ? -power : power) - n_places;
}

void gy_number_split(double value, int64_t *digits, int *exponent)
{
    GY_ASSERT(isfinite(value));
    if (value == 0) {
        *digits = 0;
        *exponent = 0;
        return;
    }
    if (!split_short(value, digits, exponent)) {
        split_long(value, digits, exponent);
    }
    trim_zeros(digits, exponent);
}

/* ---- printing ---- */

static size_t put_text(const char *text, char out[GY_NUMBER_TEXT])
{
    size_t len = strlen(text);
    memcpy(out, text, len + 1);
    return len;
}

static char *put_bytes(char *out, const char *bytes, int len)
{
    memcpy(out, bytes, (size_t)len);
    return out + len;
}

static char *put_zeros(char *out, int n)
{
    memset(out, '0', (size_t)n);
    return out + n;
}

/* The decimal digits of `value`, without sign; gives how many. */
static int spell_digits(uint64_t value, char out[20])
{
    char reversed[20];
    int n = 0;
    do {
        reversed[n++] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    for (int i = 0; i < n; i++) {
        out[i] = reversed[n - 1 - i];
    }
    return n;
}

static char *put_exponent(char *out, int exponent)
{
    char digits[20];
    *out++ = 'e';
    if (exponent < 0) {
        *out++ = '-';
        exponent = -exponent;
    }
    int n = spell_digits((uint64_t)exponent, digits);
    return put_bytes(out, digits, n);
}

/* 0.ddd × 10^point, written out. */
static char *put_decimal(char *out, const char *digits, int n, int point)
{
    if (point > 21 || point < -5) {
        *out++ = digits[0];
        if (n > 1) {
            *out++ = '.';
            out = put_bytes(out, digits + 1, n - 1);
        }
        return put_exponent(out, point - 1);
    }
    if (point <= 0) {
        out = put_bytes(out, "0.", 2);
        out = put_zeros(out, -point);
        return put_bytes(out, digits, n);
    }
    if (n <= point) {
        return put_zeros(put_bytes(out, digits, n), point - n);
    }
    out = put_bytes(out, digits, point);
    *out++ = '.';
    return put_bytes(out, digits + point, n - point);
}

size_t gy_number_print(double value, char out[GY_NUMBER_TEXT])
{
    if (isnan(value)) {
        return put_text("nan", out);
    }
    if (isinf(value)) {
        return put_text(value > 0 ? "inf" : "-inf", out);
    }
    int64_t digits;
    int exponent;
    gy_number_split(value, &digits, &exponent);
    char *end = out;
    if (digits < 0) {
        *end++ = '-';
        digits = -digits;
    }
    char spelled[20];
    int n = spell_digits((uint64_t)digits, spelled);
    end = put_decimal(end, spelled, n, n + exponent);
    *end = '\0';
    return (size_t)(end - out);
}

/* ---- rounding once ---- */

/* A midpoint between two doubles has at most 767 significant digits. So a quotient that is cut after
 * more of them, with a digit 1 behind it where anything was cut off, lies on the same side of each
 * midpoint as the quotient itself. */
enum {
    ENOUGH_LIMBS = 88, /* 783 digits and what a first limb may lack of nine */
    MOST_QUOTIENT_LIMBS = GY_NUMBER_MOST_LIMBS + ENOUGH_LIMBS + 4
};

static char *put_limb(char *out, uint32_t limb)
{
    for (int i = GY_NUMBER_LIMB_DIGITS - 1; i >= 0; i--) {
        out[i] = (char)('0' + limb % 10);
        limb /= 10;
    }
    return out + GY_NUMBER_LIMB_DIGITS;
}

double gy_number_divide_limbs(const uint32_t *limbs, size_t n_limbs, int exponent,
                              uint64_t denominator)
{
    GY_ASSERT(n_limbs <= GY_NUMBER_MOST_LIMBS && denominator > 0);
    char text[MOST_QUOTIENT_LIMBS * GY_NUMBER_LIMB_DIGITS + 32];
    char *end = text;
    *end++ = '0';
    uint64_t rest = 0;
    size_t n_quotient = 0; /* limbs of it, from the first that is not 0 */
    int cut_exponent = exponent;
    for (size_t i = 0; i < n_limbs || (rest != 0 && n_quotient < ENOUGH_LIMBS); i++) {
        unsigned __int128 part = (unsigned __int128)rest * GY_NUMBER_LIMB;
        part += i < n_limbs ? limbs[i] : 0;
        uint32_t quotient = (uint32_t)(part / denominator);
        rest = (uint64_t)(part % denominator);
        if (n_quotient > 0 || quotient != 0) {
            end = put_limb(end, quotient);
            n_quotient++;
        }
        cut_exponent -= i < n_limbs ? 0 : GY_NUMBER_LIMB_DIGITS;
    }
    if (rest != 0) {
        *end++ = '1';
        cut_exponent--;
    }
    return gy_number_chars_read(text, put_exponent(end, cut_exponent));
}

/* The short way for what fits: shifted to fill 128 bits, the quotient has at least 64, more than a
 * double keeps, and whether something remains is or-ed into the last. */
static double divide_128(unsigned __int128 numerator, uint64_t denominator)
{
    int shift = (uint64_t)(numerator >> 64) != 0 ? __builtin_clzll((uint64_t)(numerator >> 64))
                                                 : 64 + __builtin_clzll((uint64_t)numerator);
    numerator <<= shift;
    unsigned __int128 quotient = numerator / denominator;
    quotient |= numerator % denominator != 0;
    return ldexp((double)quotient, -shift);
}

static double divide_long(unsigned __int128 numerator, int exponent, uint64_t denominator)
{
    uint32_t limbs[5];
    for (int i = 4; i >= 0; i--) {
        limbs[i] = (uint32_t)(numerator % GY_NUMBER_LIMB);
        numerator /= GY_NUMBER_LIMB;
    }
    return gy_number_divide_limbs(limbs, 5, exponent, denominator);
}

static double ratio(unsigned __int128 numerator, int exponent, uint64_t denominator)
{
    if (exponent > 400) { /* past every double, before the arithmetic is */
        return HUGE_VAL;
    }
    if (exponent < -500) {
        return 0;
    }
    if (exponent >= 0 && exponent <= MOST_POWER_64) {
        unsigned __int128 scaled;
        if (!__builtin_mul_overflow(numerator, (unsigned __int128)power_64(exponent), &scaled)) {
            return divide_128(scaled, denominator);
        }
    } else if (exponent < 0 && exponent >= -MOST_POWER_64) {
        uint64_t scaled;
        if (!__builtin_mul_overflow(denominator, power_64(-exponent), &scaled)) {
            return divide_128(numerator, scaled);
        }
    }
    return divide_long(numerator, exponent, denominator);
}

double gy_number_ratio(__int128 numerator, int exponent, uint64_t denominator)
{
    GY_ASSERT(denominator > 0);
    if (numerator == 0) {
        return 0;
    }
    bool is_negative = numerator < 0;
    unsigned __int128 magnitude = (unsigned __int128)numerator;
    double value = ratio(is_negative ? -magnitude : magnitude, exponent, denominator);
    return is_negative ? 0 - value : value;
}

double gy_number_join(__int128 digits, int exponent)
{
    if (digits > -EXACT_LIMIT && digits < EXACT_LIMIT && exponent <= 0 &&
        exponent >= -MOST_EXACT_POWER) {
        return (double)(int64_t)digits / exact_powers[-exponent];
    }
    return gy_number_ratio(digits, exponent, 1);
}
