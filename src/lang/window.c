/* window.c - windows as ranges; the calendar's steps are zone.h's. */
#include "lang/window.h"

/* The instants of the calendar's years 1 to 9999 less a year at either end, so that no zone's offset
 * and no step to the next day leaves it. */
#define FIRST_MS (INT64_C(-718797) * GY_DAY_MS) /* 0002-01-01 */
#define LAST_MS  (INT64_C(2932531) * GY_DAY_MS) /* 9998-12-31 */

int64_t gy_instant_within_calendar(int64_t time_ms)
{
    if (time_ms < FIRST_MS)
        return FIRST_MS;
    return time_ms > LAST_MS ? LAST_MS : time_ms;
}

/* ---- durations ---- */

static int64_t unit_ms(enum gy_unit unit)
{
    switch (unit) {
    case GY_UNIT_MINUTE:
        return GY_MINUTE_MS;
    case GY_UNIT_HOUR:
        return GY_HOUR_MS;
    case GY_UNIT_DAY:
        return GY_DAY_MS;
    case GY_UNIT_WEEK:
        return 7 * GY_DAY_MS;
    case GY_UNIT_MONTH:
    case GY_UNIT_YEAR:
        break;
    }
    return 0;
}

/* Months from `time_ms`, `sign` 1 or -1; false where that leaves the calendar. */
static bool step_months(int64_t time_ms, uint64_t months, int sign, const struct gy_zone *zone,
                        int64_t *out)
{
    const uint64_t all_months = 12 * 9999;
    if (months > all_months || time_ms < FIRST_MS || time_ms > LAST_MS)
        return false;
    struct gy_civil civil;
    gy_zone_civil(zone, time_ms, &civil);
    int64_t month = (int64_t)civil.year * 12 + civil.month - 1 + sign * (int64_t)months;
    if (month < 12 * 2 || month >= 12 * 9999)
        return false;
    *out = gy_zone_add_months(zone, time_ms, sign * (int64_t)months);
    return true;
}

static bool step(int64_t time_ms, uint64_t n, enum gy_unit unit, int sign,
                 const struct gy_zone *zone, int64_t *out)
{
    if (unit == GY_UNIT_MONTH)
        return step_months(time_ms, n, sign, zone, out);
    if (unit == GY_UNIT_YEAR)
        return n <= 9999 && step_months(time_ms, n * 12, sign, zone, out);
    int64_t length_ms;
    return n <= INT64_MAX && !__builtin_mul_overflow((int64_t)n, unit_ms(unit), &length_ms) &&
           !__builtin_add_overflow(time_ms, sign * length_ms, out);
}

static int64_t before(int64_t time_ms, uint64_t n, enum gy_unit unit, const struct gy_zone *zone)
{
    int64_t out;
    return step(time_ms, n, unit, -1, zone, &out) ? out : INT64_MIN;
}

int64_t gy_duration_after(int64_t time_ms, const struct gy_duration *duration,
                          const struct gy_zone *zone)
{
    int64_t out;
    return step(time_ms, duration->n, duration->unit, 1, zone, &out) ? out : INT64_MAX;
}

int64_t gy_duration_before(int64_t time_ms, const struct gy_duration *duration,
                           const struct gy_zone *zone)
{
    return before(time_ms, duration->n, duration->unit, zone);
}

/* ---- calendar periods, by their first day ---- */

int64_t gy_period_first_day(enum gy_unit unit, int64_t day)
{
    struct gy_civil civil;
    gy_day_to_civil(day, &civil);
    switch (unit) {
    case GY_UNIT_WEEK:
        return day - (gy_day_weekday(day) - 1);
    case GY_UNIT_MONTH:
        return gy_day_from_civil(civil.year, civil.month, 1);
    case GY_UNIT_YEAR:
        return gy_day_from_civil(civil.year, 1, 1);
    case GY_UNIT_DAY:
    case GY_UNIT_HOUR:
    case GY_UNIT_MINUTE:
        break;
    }
    return day;
}

/* The first day of the period `n` periods before the one that begins with `first`; false where that
 * is before the calendar. */
static bool periods_back(enum gy_unit unit, int64_t first, uint64_t n, int64_t *out)
{
    const uint64_t all_days = 366 * 9999;
    if (n > all_days)
        return false;
    int64_t back = (int64_t)n;
    struct gy_civil civil;
    gy_day_to_civil(first, &civil);
    int64_t months = unit == GY_UNIT_MONTH ? back : unit == GY_UNIT_YEAR ? back * 12 : 0;
    int64_t days = unit == GY_UNIT_DAY ? back : unit == GY_UNIT_WEEK ? back * 7 : 0;
    if ((int64_t)civil.year * 12 - months < 12 * 2 || first - days < FIRST_MS / GY_DAY_MS)
        return false;
    *out = months > 0 ? gy_day_add_months(first, -months) : first - days;
    return true;
}

/* The whole `n` periods before the current one. */
static struct gy_range full_periods(enum gy_unit unit, uint64_t n, int64_t now_ms,
                                    const struct gy_zone *zone)
{
    int64_t current = gy_period_first_day(unit, gy_zone_day(zone, now_ms));
    int64_t earliest;
    return (struct gy_range){
        periods_back(unit, current, n, &earliest) ? gy_zone_day_start(zone, earliest) : INT64_MIN,
        gy_zone_day_start(zone, current),
    };
}

static struct gy_range current_period(enum gy_unit unit, int64_t now_ms, const struct gy_zone *zone)
{
    int64_t first = gy_period_first_day(unit, gy_zone_day(zone, now_ms));
    return (struct gy_range){gy_zone_day_start(zone, first), INT64_MAX};
}

static struct gy_range period(enum gy_period period, int64_t now_ms, const struct gy_zone *zone)
{
    switch (period) {
    case GY_PERIOD_TODAY:
        return current_period(GY_UNIT_DAY, now_ms, zone);
    case GY_PERIOD_YESTERDAY:
        return full_periods(GY_UNIT_DAY, 1, now_ms, zone);
    case GY_PERIOD_THIS_WEEK:
        return current_period(GY_UNIT_WEEK, now_ms, zone);
    case GY_PERIOD_THIS_MONTH:
        return current_period(GY_UNIT_MONTH, now_ms, zone);
    case GY_PERIOD_THIS_YEAR:
        return current_period(GY_UNIT_YEAR, now_ms, zone);
    case GY_PERIOD_PREVIOUS_WEEK:
        return full_periods(GY_UNIT_WEEK, 1, now_ms, zone);
    case GY_PERIOD_PREVIOUS_MONTH:
        return full_periods(GY_UNIT_MONTH, 1, now_ms, zone);
    case GY_PERIOD_PREVIOUS_YEAR:
        return full_periods(GY_UNIT_YEAR, 1, now_ms, zone);
    }
    return (struct gy_range){0, 0};
}

/* ---- windows ---- */

static int64_t past(int64_t time_ms)
{
    return time_ms == INT64_MIN || time_ms == INT64_MAX ? time_ms : time_ms + 1;
}

/* The end of `from .. to D`: D itself, or all of its day where it is a bare date. */
static int64_t end_of(const struct gy_time_literal *to, const struct gy_zone *zone)
{
    return to->is_date ? gy_zone_day_start(zone, gy_zone_day(zone, to->ms) + 1) : to->ms;
}

static struct gy_range range_of(const struct gy_window *w, int64_t now_ms,
                                const struct gy_zone *zone)
{
    switch (w->kind) {
    case GY_WINDOW_NONE:
        break;
    case GY_WINDOW_LAST:
        return (struct gy_range){past(before(now_ms, w->n, w->unit, zone)), INT64_MAX};
    case GY_WINDOW_LAST_FULL:
        return full_periods(w->unit, w->n, now_ms, zone);
    case GY_WINDOW_AGO:
        return (struct gy_range){past(before(now_ms, w->m, w->unit, zone)),
                                 past(before(now_ms, w->n, w->unit, zone))};
    case GY_WINDOW_SINCE:
        return (struct gy_range){w->from.ms, INT64_MAX};
    case GY_WINDOW_BEFORE:
        return (struct gy_range){INT64_MIN, w->to.ms};
    case GY_WINDOW_FROM_TO:
        return (struct gy_range){w->from.ms, end_of(&w->to, zone)};
    case GY_WINDOW_PERIOD:
        return period(w->period, now_ms, zone);
    }
    return (struct gy_range){INT64_MIN, INT64_MAX};
}

struct gy_range gy_window_range(const struct gy_window *window, int64_t now_ms,
                                const struct gy_zone *zone)
{
    struct gy_range range = range_of(window, now_ms, zone);
    if (range.to_ms > now_ms)
        range.to_ms = now_ms + 1;
    return range;
}

/* ---- dates of birth ---- */

bool gy_age_at(int64_t birth_ms, int64_t now_ms, const struct gy_zone *zone, int64_t *years)
{
    int64_t today = gy_zone_day(zone, now_ms);
    int64_t birth = gy_zone_day(zone, birth_ms);
    if (birth > today)
        return false;
    struct gy_civil from;
    struct gy_civil to;
    gy_day_to_civil(birth, &from);
    gy_day_to_civil(today, &to);
    int64_t n = to.year - from.year;
    *years = gy_day_add_months(birth, 12 * n) <= today ? n : n - 1;
    return true;
}

int64_t gy_anniversary_day(int32_t year, const struct gy_civil *date)
{
    int32_t last = gy_days_in_month(year, date->month);
    return gy_day_from_civil(year, date->month, date->day < last ? date->day : last);
}

bool gy_anniversary_within(int64_t date_ms, int64_t now_ms, uint64_t next_days,
                           const struct gy_zone *zone)
{
    struct gy_civil date;
    struct gy_civil today_civil;
    int64_t today = gy_zone_day(zone, now_ms);
    gy_zone_civil(zone, date_ms, &date);
    gy_day_to_civil(today, &today_civil);
    for (int32_t year = today_civil.year; year <= today_civil.year + 1; year++) {
        int64_t day = gy_anniversary_day(year, &date);
        if (day >= today && (uint64_t)(day - today) < next_days)
            return true;
    }
    return false;
}
