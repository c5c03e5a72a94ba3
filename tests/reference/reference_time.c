/* reference_time.c - steps of a calendar, its periods, and what windows hold. */
#include <stdlib.h>

#include "reference/reference_internal.h"

static const int64_t UNIT_MS[] = {
    [GY_UNIT_MINUTE] = GY_MINUTE_MS,
    [GY_UNIT_HOUR] = GY_HOUR_MS,
    [GY_UNIT_DAY] = GY_DAY_MS,
    [GY_UNIT_WEEK] = 7 * GY_DAY_MS,
};

/* `n` units after the instant, or before it (`sign` -1). What is further than 64 bits go, or than some
 * tens of thousands of years, is the end of them. */
int64_t ref_step(const struct gy_zone *zone, int64_t ms, int sign, uint64_t n, enum gy_unit unit)
{
    int64_t end = sign < 0 ? INT64_MIN : INT64_MAX;
    if (unit == GY_UNIT_MONTH || unit == GY_UNIT_YEAR) {
        int months = unit == GY_UNIT_YEAR ? 12 : 1;
        return n > 20000 ? end : gy_zone_add_months(zone, ms, sign * months * (int64_t)n);
    }
    __int128 at = ms + (__int128)sign * UNIT_MS[unit] * n;
    return at > INT64_MAX || at < INT64_MIN ? end : (int64_t)at;
}

/* The day number on which the day's period begins, `back` periods earlier. */
int64_t ref_period_day(int64_t day, enum gy_unit unit, int64_t back)
{
    struct gy_civil c;
    gy_day_to_civil(day, &c);
    switch (unit) {
    case GY_UNIT_DAY:
        return day - back;
    case GY_UNIT_WEEK:
        return day - (gy_day_weekday(day) - 1) - 7 * back;
    case GY_UNIT_MONTH:
        return gy_day_add_months(gy_day_from_civil(c.year, c.month, 1), -back);
    case GY_UNIT_YEAR:
        return gy_day_add_months(gy_day_from_civil(c.year, 1, 1), -12 * back);
    case GY_UNIT_MINUTE:
    case GY_UNIT_HOUR:
        break;
    }
    abort();
}

static bool in_periods(const struct gy_zone *zone, int64_t now, int64_t t, enum gy_unit unit,
                       int64_t from_back, int64_t to_back)
{
    int64_t today = gy_zone_day(zone, now);
    return t >= gy_zone_day_start(zone, ref_period_day(today, unit, from_back)) &&
           t < gy_zone_day_start(zone, ref_period_day(today, unit, to_back));
}

static bool in_period(const struct gy_zone *zone, int64_t now, int64_t t, enum gy_period period)
{
    switch (period) {
    case GY_PERIOD_TODAY:
        return in_periods(zone, now, t, GY_UNIT_DAY, 0, -1);
    case GY_PERIOD_YESTERDAY:
        return in_periods(zone, now, t, GY_UNIT_DAY, 1, 0);
    case GY_PERIOD_THIS_WEEK:
        return in_periods(zone, now, t, GY_UNIT_WEEK, 0, -1);
    case GY_PERIOD_THIS_MONTH:
        return in_periods(zone, now, t, GY_UNIT_MONTH, 0, -1);
    case GY_PERIOD_THIS_YEAR:
        return in_periods(zone, now, t, GY_UNIT_YEAR, 0, -1);
    case GY_PERIOD_PREVIOUS_WEEK:
        return in_periods(zone, now, t, GY_UNIT_WEEK, 1, 0);
    case GY_PERIOD_PREVIOUS_MONTH:
        return in_periods(zone, now, t, GY_UNIT_MONTH, 1, 0);
    case GY_PERIOD_PREVIOUS_YEAR:
        return in_periods(zone, now, t, GY_UNIT_YEAR, 1, 0);
    }
    abort();
}

bool ref_in_window(const struct gy_zone *zone, int64_t now, int64_t t, const struct gy_window *w)
{
    if (t > now) {
        return false;
    }
    switch (w->kind) {
    case GY_WINDOW_NONE:
        return true;
    case GY_WINDOW_LAST:
        return t > ref_step(zone, now, -1, w->n, w->unit);
    case GY_WINDOW_LAST_FULL:
        return in_periods(zone, now, t, w->unit, w->n > 100000 ? 100000 : (int64_t)w->n, 0);
    case GY_WINDOW_AGO:
        return t > ref_step(zone, now, -1, w->m, w->unit) &&
               t <= ref_step(zone, now, -1, w->n, w->unit);
    case GY_WINDOW_SINCE:
        return t >= w->from.ms;
    case GY_WINDOW_BEFORE:
        return t < w->to.ms;
    case GY_WINDOW_FROM_TO:
        return t >= w->from.ms &&
               (w->to.is_date ? t < gy_zone_day_start(zone, gy_zone_day(zone, w->to.ms) + 1)
                              : t < w->to.ms);
    case GY_WINDOW_PERIOD:
        return in_period(zone, now, t, w->period);
    }
    abort();
}
