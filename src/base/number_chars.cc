/* number_chars.cc - the C++ library's correctly rounded conversions, which heed no locale. */
#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/number_internal.h"

size_t gy_number_chars_print(double value, char out[GY_NUMBER_CHARS])
{
    auto end = std::to_chars(out, out + GY_NUMBER_CHARS, value, std::chars_format::scientific);
    return static_cast<size_t>(end.ptr - out);
}

/* Whether a number that is no double is too large, not too small: by the power of ten of its first
 * digit that is not 0. */
static bool is_large(const char *first, const char *last)
{
    const char *exponent = std::find_if(first, last, [](char c) { return c == 'e' || c == 'E'; });
    const char *point = std::find(first, exponent, '.');
    const char *digit = std::find_if(first, exponent, [](char c) { return c >= '1' && c <= '9'; });
    long long power = point - digit;
    if (digit == exponent || exponent == last) {
        return digit != exponent && power > 0;
    }
    bool is_negative = exponent[1] == '-';
    const char *digits = exponent + 1 + (is_negative || exponent[1] == '+');
    long long value = 0;
    if (std::from_chars(digits, last, value).ec == std::errc::result_out_of_range) {
        return !is_negative;
    }
    return is_negative ? power > value : power > -value;
}

double gy_number_chars_read(const char *first, const char *last)
{
    double value = 0;
    auto result = std::from_chars(first, last, value);
    if (result.ec != std::errc::result_out_of_range) {
        return value;
    }
    double magnitude = is_large(first, last) ? HUGE_VAL : 0.0;
    return *first == '-' ? -magnitude : magnitude;
}
