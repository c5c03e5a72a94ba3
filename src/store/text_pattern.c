/* text_pattern.c - see text_pattern.h. */
#include "store/text_pattern.h"

#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool gy_pattern_of(struct gy_str text, struct gy_pattern *out)
{
    uint32_t n_digits = 0;
    *out = (struct gy_pattern){0};
    if (text.len == 0 || text.len > GY_PATTERN_MAX_BYTES)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        out->text[i] = is_digit(text.ptr[i]) ? '0' : text.ptr[i];
        n_digits += is_digit(text.ptr[i]);
    }
    out->len = n_digits <= GY_PATTERN_MAX_DIGITS ? (uint32_t)text.len : 0;
    return out->len > 0;
}

bool gy_pattern_read(const struct gy_pattern *pattern, struct gy_str text, int64_t *out)
{
    *out = 0;
    if (text.len != pattern->len)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        bool is_number = pattern->text[i] == '0';
        if (is_number ? !is_digit(text.ptr[i]) : text.ptr[i] != pattern->text[i])
            return false;
        if (is_number)
            *out = *out * 10 + (text.ptr[i] - '0');
    }
    return true;
}

void gy_pattern_print(const struct gy_pattern *pattern, uint64_t number, char *out)
{
    for (size_t i = pattern->len; i-- > 0;) {
        out[i] = pattern->text[i];
        if (pattern->text[i] == '0') {
            out[i] = (char)('0' + number % 10);
            number /= 10;
        }
    }
}

uint64_t gy_pattern_end(const struct gy_pattern *pattern)
{
    uint64_t end = 1;
    for (size_t i = 0; i < pattern->len; i++)
        end *= pattern->text[i] == '0' ? 10 : 1;
    return end;
}
