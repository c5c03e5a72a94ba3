/* time_pattern.c - times by a pattern in strftime's way.
 *
 * One table says what each letter reads and what it settles; the check asks whether enough is settled.
 * %T, %R, %F and %D stand for patterns of their own.
 */
#include <string.h>

#include "ingest/time_scan.h"

enum settles {
    YEAR = 1,
    MONTH = 2,
    DAY = 4,
    HOUR_12 = 8,
    HALF = 16,
    NOTHING = 0,
    ALL = YEAR | MONTH | DAY,
};

struct reading {
    struct gy_str s;
    struct gy_time_parts t;
    int32_t day_of_year; /* 0: not given */
    bool has_unix;
    int64_t unix_ms;
};

static bool read_year(struct reading *r)
{
    return gy_scan_digits(&r->s, 4, 4, &r->t.year);
}

static bool read_short_year(struct reading *r)
{
    bool is_read = gy_scan_digits(&r->s, 2, 2, &r->t.year);
    r->t.year = gy_full_year(r->t.year);
    return is_read;
}

static bool read_month(struct reading *r)
{
    return gy_scan_digits(&r->s, 1, 2, &r->t.month);
}

static bool read_month_name(struct reading *r)
{
    return gy_scan_month(&r->s, &r->t.month);
}

static bool read_day(struct reading *r)
{
    gy_scan_blanks(&r->s);
    return gy_scan_digits(&r->s, 1, 2, &r->t.day);
}

static bool read_day_of_year(struct reading *r)
{
    return gy_scan_digits(&r->s, 1, 3, &r->day_of_year) && r->day_of_year > 0;
}

static bool read_hour(struct reading *r)
{
    return gy_scan_digits(&r->s, 1, 2, &r->t.hour);
}

static bool read_half(struct reading *r)
{
    return gy_scan_half(&r->s, &r->t);
}

static bool read_minute(struct reading *r)
{
    return gy_scan_digits(&r->s, 1, 2, &r->t.minute);
}

static bool read_second(struct reading *r)
{
    return gy_scan_digits(&r->s, 1, 2, &r->t.second);
}

static bool read_fraction(struct reading *r)
{
    return gy_scan_fraction(&r->s, &r->t.millisecond);
}

static bool read_zone(struct reading *r)
{
    return gy_scan_zone(&r->s, &r->t);
}

static bool read_weekday(struct reading *r)
{
    size_t before = r->s.len;
    gy_scan_weekday(&r->s);
    return r->s.len < before;
}

static bool read_unix(struct reading *r)
{
    size_t n = r->s.len > 0 && r->s.ptr[0] == '-';
    while (n < r->s.len && r->s.ptr[n] >= '0' && r->s.ptr[n] <= '9') {
        n++;
    }
    struct gy_str digits = {r->s.ptr, n};
    r->s = (struct gy_str){r->s.ptr + n, r->s.len - n};
    r->has_unix = gy_scan_unix(digits, 0, &r->unix_ms);
    return r->has_unix;
}

static bool read_percent(struct reading *r)
{
    return gy_scan_char(&r->s, '%');
}

struct directive {
    char letter;
    bool (*read)(struct reading *r);
    int settles;
    const char *stands_for; /* instead of `read` */
};

static const struct directive directives[] = {
    {'Y', read_year, YEAR, NULL},
    {'y', read_short_year, YEAR, NULL},
    {'m', read_month, MONTH, NULL},
    {'b', read_month_name, MONTH, NULL},
    {'B', read_month_name, MONTH, NULL},
    {'h', read_month_name, MONTH, NULL},
    {'d', read_day, DAY, NULL},
    {'e', read_day, DAY, NULL},
    {'j', read_day_of_year, MONTH | DAY, NULL},
    {'H', read_hour, NOTHING, NULL},
    {'I', read_hour, HOUR_12, NULL},
    {'p', read_half, HALF, NULL},
    {'M', read_minute, NOTHING, NULL},
    {'S', read_second, NOTHING, NULL},
    {'f', read_fraction, NOTHING, NULL},
    {'z', read_zone, NOTHING, NULL},
    {'Z', read_zone, NOTHING, NULL},
    {'s', read_unix, ALL, NULL},
    {'a', read_weekday, NOTHING, NULL},
    {'A', read_weekday, NOTHING, NULL},
    {'%', read_percent, NOTHING, NULL},
    {'T', NULL, NOTHING, "%H:%M:%S"},
    {'R', NULL, NOTHING, "%H:%M"},
    {'F', NULL, ALL, "%Y-%m-%d"},
    {'D', NULL, ALL, "%m/%d/%y"},
};

static const struct directive *find(char letter)
{
    for (size_t i = 0; i < sizeof directives / sizeof *directives; i++) {
        if (directives[i].letter == letter) {
            return &directives[i];
        }
    }
    return NULL;
}

/* ---- reading ---- */

static bool read_pattern(struct reading *r, const char *pattern)
{
    for (const char *p = pattern; *p != '\0'; p++) {
        if (*p == ' ') {
            gy_scan_blanks(&r->s);
            continue;
        }
        if (*p != '%') {
            if (!gy_scan_char(&r->s, *p)) {
                return false;
            }
            continue;
        }
        const struct directive *d = find(*++p);
        if (d == NULL || !(d->read != NULL ? d->read(r) : read_pattern(r, d->stands_for))) {
            return false;
        }
    }
    return true;
}

bool gy_time_pattern_read(const char *pattern, const struct gy_zone *zone, struct gy_str text,
                          int64_t *ms)
{
    struct reading r = {.s = text};
    if (!read_pattern(&r, pattern) || r.s.len > 0) {
        return false;
    }
    if (r.has_unix) {
        *ms = r.unix_ms + r.t.millisecond;
        return true;
    }
    if (r.day_of_year > 0 && !gy_time_set_ordinal(&r.t, r.day_of_year)) {
        return false;
    }
    return gy_time_join(&r.t, zone, ms);
}

/* ---- checking ---- */

static enum gy_status unknown_directive(const char *pattern, const char *at, struct gy_error *err)
{
    gy_error_set(err, GY_INVALID, "unknown \"%.2s\" in the time format \"%s\"", at, pattern);
    gy_error_hint(err, "Known are %%Y %%y %%m %%b %%d %%e %%j %%H %%I %%p %%M %%S %%f %%z %%Z %%s "
                       "%%a %%T %%R %%F %%D %%%%.");
    return GY_INVALID;
}

enum gy_status gy_time_pattern_check(const char *pattern, struct gy_error *err)
{
    int settled = NOTHING;
    for (const char *p = strchr(pattern, '%'); p != NULL; p = strchr(p + 2, '%')) {
        const struct directive *d = find(p[1]);
        if (d == NULL || p[1] == '\0') {
            return unknown_directive(pattern, p, err);
        }
        settled |= d->settles;
    }
    if ((settled & ALL) != ALL) {
        return gy_error_set(err, GY_INVALID, "the time format \"%s\" leaves out the %s", pattern,
                            !(settled & YEAR)    ? "year"
                            : !(settled & MONTH) ? "month"
                                                 : "day");
    }
    if ((settled & HOUR_12) && !(settled & HALF)) {
        return gy_error_set(err, GY_INVALID, "the time format \"%s\" has %%I without %%p", pattern);
    }
    return GY_OK;
}
