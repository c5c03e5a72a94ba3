/* figures.c - see figures.h. */
#include "workspace/figures.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/zone.h"

/* Puts digits with a comma before every third from the right. */
static void put_grouped(struct gy_buf *out, const char *digits, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0) {
            gy_buf_char(out, ',');
        }
        gy_buf_char(out, digits[i]);
    }
}

void gy_put_count(struct gy_buf *out, uint64_t n)
{
    char digits[32];
    int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)n);
    put_grouped(out, digits, (size_t)len);
}

void gy_put_counted(struct gy_buf *out, uint64_t n, const char *noun)
{
    gy_put_count(out, n);
    gy_buf_printf(out, " %s%s", noun, n == 1 ? "" : "s");
}

/* A minus sign stands before the currency's, and only where a digit is left that is not 0. */
static void put_amount(struct gy_buf *out, const char *sign, double value, int places)
{
    char digits[400]; /* the largest double has 309 digits before its point */
    if (!isfinite(value)) {
        gy_buf_char(out, '-');
        return;
    }
    int len = snprintf(digits, sizeof digits, "%.*f", places, fabs(value));
    size_t whole = strcspn(digits, ".");
    bool is_zero = strspn(digits, "0.") == (size_t)len;
    gy_buf_text(out, value < 0 && !is_zero ? "-" : "");
    gy_buf_text(out, sign);
    put_grouped(out, digits, whole);
    gy_buf_append(out, digits + whole, (size_t)len - whole);
}

void gy_put_decimal(struct gy_buf *out, double value, int places)
{
    put_amount(out, "", value, places);
}

struct currency {
    const char *code;
    const char *sign;
    int places;
};

static const struct currency currencies[] = {
    {"GBP", "£", 2}, {"EUR", "€", 2}, {"USD", "$", 2}, {"KRW", "₩", 0}, {"JPY", "¥", 0},
};

void gy_put_money(struct gy_buf *out, double value, const char *currency)
{
    for (size_t i = 0; i < sizeof currencies / sizeof currencies[0]; i++) {
        if (strcmp(currencies[i].code, currency) == 0) {
            put_amount(out, currencies[i].sign, value, currencies[i].places);
            return;
        }
    }
    gy_put_decimal(out, value, 2);
    if (currency[0] != '\0' && isfinite(value)) {
        gy_buf_char(out, ' ');
        gy_buf_text(out, currency);
    }
}

void gy_put_share(struct gy_buf *out, double part, double whole)
{
    if (whole == 0) {
        gy_buf_char(out, '-');
        return;
    }
    gy_buf_printf(out, "%.1f%%", 100 * part / whole);
}

void gy_put_bytes(struct gy_buf *out, uint64_t bytes)
{
    static const char *const units[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
    if (bytes < 1000) {
        gy_buf_printf(out, "%llu B", (unsigned long long)bytes);
        return;
    }
    double value = (double)bytes / 1000;
    size_t unit = 0;
    while (value >= 999.95 && unit + 1 < sizeof units / sizeof units[0]) {
        value /= 1000;
        unit++;
    }
    gy_buf_printf(out, "%.1f %s", value, units[unit]);
}

void gy_put_safe(struct gy_buf *out, struct gy_str s)
{
    while (s.len > 0) {
        uint32_t c = gy_text_next(&s);
        bool is_control = c < 32 || (c >= 127 && c < 160) || (c >= 0x202A && c <= 0x202E) ||
                          (c >= 0x2066 && c <= 0x2069);
        gy_text_put(out, c == '\n' || c == '\t' ? ' ' : is_control ? '?' : c);
    }
}

void gy_put_shown(struct gy_buf *out, const struct gy_zone *zone, const struct gy_value *value)
{
    char time[GY_TIME_TEXT];
    struct gy_buf json = {0};
    if (value->type == GY_VALUE_STRING) {
        gy_put_safe(out, value->string);
    } else if (value->type == GY_VALUE_TIME) {
        (void)gy_time_print_local(zone, value->time_ms, time);
        gy_buf_text(out, time);
    } else {
        gy_value_json(value, &json);
        gy_put_safe(out, gy_buf_view(&json));
        gy_buf_release(&json);
    }
}

void gy_put_padded(struct gy_buf *out, struct gy_str s, size_t width, bool to_right)
{
    size_t own = gy_text_width(s);
    size_t gap = own < width ? width - own : 0;
    for (size_t i = 0; to_right && i < gap; i++) {
        gy_buf_char(out, ' ');
    }
    gy_buf_str(out, s);
    for (size_t i = 0; !to_right && i < gap; i++) {
        gy_buf_char(out, ' ');
    }
}
