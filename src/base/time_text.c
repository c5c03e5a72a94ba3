/* time_text.c - times as text: ISO 8601's common forms, read and printed by hand, since an import
 * reads one per row and an export prints one. */
#include "base/zone.h"

/* ---- reading ---- */

/* Takes exactly `n` digits off the front. */
static bool take_digits(struct gy_str *s, size_t n, int32_t *out)
{
    if (s->len < n) {
        return false;
    }
    int32_t value = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned digit = (unsigned char)s->ptr[i] - (unsigned)'0';
        if (digit > 9) {
            return false;
        }
        value = value * 10 + (int32_t)digit;
    }
    s->ptr += n;
    s->len -= n;
    *out = value;
    return true;
}

static bool take(struct gy_str *s, char c)
{
    if (s->len == 0 || s->ptr[0] != c) {
        return false;
    }
    s->ptr++;
    s->len--;
    return true;
}

static bool take_date(struct gy_str *s, struct gy_civil *c)
{
    return take_digits(s, 4, &c->year) && take(s, '-') && take_digits(s, 2, &c->month) &&
           take(s, '-') && take_digits(s, 2, &c->day) && c->year >= 1 && c->month >= 1 &&
           c->month <= 12 && c->day >= 1 && c->day <= gy_days_in_month(c->year, c->month);
}

/* One digit or more, of which three count. */
static bool take_fraction(struct gy_str *s, struct gy_civil *c)
{
    int32_t digit;
    int32_t place_ms = 100;
    if (!take_digits(s, 1, &digit)) {
        return false;
    }
    do {
        c->millisecond += digit * place_ms;
        place_ms /= 10;
    } while (take_digits(s, 1, &digit));
    return true;
}

static bool take_clock(struct gy_str *s, struct gy_civil *c)
{
    if (!take_digits(s, 2, &c->hour) || !take(s, ':') || !take_digits(s, 2, &c->minute)) {
        return false;
    }
    if (take(s, ':')) {
        if (!take_digits(s, 2, &c->second) || (take(s, '.') && !take_fraction(s, c))) {
            return false;
        }
    }
    return c->hour <= 23 && c->minute <= 59 && c->second <= 59;
}

/* `Z`, `±HH:MM`, `±HHMM`, `±HH`. */
static bool take_offset(struct gy_str *s, int64_t *offset_ms)
{
    *offset_ms = 0;
    if (take(s, 'Z')) {
        return true;
    }
    bool is_west = take(s, '-');
    int32_t hours;
    int32_t minutes = 0;
    if ((!is_west && !take(s, '+')) || !take_digits(s, 2, &hours)) {
        return false;
    }
    if (s->len > 0 && (take(s, ':'), !take_digits(s, 2, &minutes))) {
        return false;
    }
    *offset_ms = (is_west ? -1 : 1) * (hours * GY_HOUR_MS + minutes * GY_MINUTE_MS);
    return hours <= 23 && minutes <= 59;
}

/* Two digits, or a number beyond all that is allowed. */
static inline int32_t two_digits(const char *p)
{
    unsigned tens = (unsigned char)p[0] - (unsigned)'0';
    unsigned ones = (unsigned char)p[1] - (unsigned)'0';
    return tens <= 9 && ones <= 9 ? (int32_t)(tens * 10 + ones) : INT32_C(10000);
}

bool gy_time_read_plain(const char text[19], int64_t *local_ms)
{
    int32_t year = two_digits(text) * 100 + two_digits(text + 2);
    int32_t month = two_digits(text + 5);
    int32_t day = two_digits(text + 8);
    int32_t hour = two_digits(text + 11);
    int32_t minute = two_digits(text + 14);
    int32_t second = two_digits(text + 17);
    bool is_formed = text[4] == '-' && text[7] == '-' && text[13] == ':' && text[16] == ':';
    if (!is_formed || year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || hour > 23 ||
        minute > 59 || second > 59 || (day > 28 && day > gy_days_in_month(year, month))) {
        return false;
    }
    int32_t seconds = hour * 3600 + minute * 60 + second;
    *local_ms = gy_day_from_civil(year, month, day) * GY_DAY_MS + seconds * INT64_C(1000);
    return true;
}

bool gy_time_read(struct gy_str text, const struct gy_zone *zone, int64_t *ms, bool *is_date)
{
    struct gy_civil c = {0};
    if (!take_date(&text, &c)) {
        return false;
    }
    bool has_clock = take(&text, 'T');
    if (has_clock && !take_clock(&text, &c)) {
        return false;
    }
    int64_t local_ms = gy_day_from_civil(c.year, c.month, c.day) * GY_DAY_MS + c.hour * GY_HOUR_MS +
                       c.minute * GY_MINUTE_MS + c.second * INT64_C(1000) + c.millisecond;
    int64_t offset_ms = 0;
    bool is_local = text.len == 0;
    if (!is_local && (!has_clock || !take_offset(&text, &offset_ms) || text.len > 0)) {
        return false;
    }
    *ms = is_local ? gy_zone_to_utc(zone, local_ms) : local_ms - offset_ms;
    if (is_date != NULL) {
        *is_date = !has_clock;
    }
    return true;
}

/* ---- printing ---- */

static char *put_digits(char *out, int32_t value, int n)
{
    for (int i = n - 1; i >= 0; i--) {
        out[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return out + n;
}

/* Four digits; more, or a sign, only for instants that no calendar year has. */
static char *put_year(char *out, int32_t year)
{
    if (year < 0) {
        *out++ = '-';
        year = -year;
    }
    int n = 4;
    for (int32_t rest = year / 10000; rest > 0; rest /= 10) {
        n++;
    }
    return put_digits(out, year, n);
}

static char *put_civil(char *out, const struct gy_civil *c, char between)
{
    out = put_year(out, c->year);
    *out++ = '-';
    out = put_digits(out, c->month, 2);
    *out++ = '-';
    out = put_digits(out, c->day, 2);
    *out++ = between;
    out = put_digits(out, c->hour, 2);
    *out++ = ':';
    out = put_digits(out, c->minute, 2);
    *out++ = ':';
    return put_digits(out, c->second, 2);
}

static char *put_milliseconds(char *out, const struct gy_civil *c)
{
    *out++ = '.';
    return put_digits(out, c->millisecond, 3);
}

size_t gy_time_print(int64_t ms, char out[GY_TIME_TEXT])
{
    struct gy_civil c;
    gy_zone_civil(NULL, ms, &c);
    char *end = put_milliseconds(put_civil(out, &c, 'T'), &c);
    *end++ = 'Z';
    *end = '\0';
    return (size_t)(end - out);
}

size_t gy_time_print_local(const struct gy_zone *zone, int64_t ms, char out[GY_TIME_TEXT])
{
    struct gy_civil c;
    gy_zone_civil(zone, ms, &c);
    char *end = put_civil(out, &c, ' ');
    if (c.millisecond != 0) {
        end = put_milliseconds(end, &c);
    }
    *end = '\0';
    return (size_t)(end - out);
}
