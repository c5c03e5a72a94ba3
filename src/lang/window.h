/* window.h - what a window, a duration or a date means as of one instant in one time zone.
 *
 * Every window becomes one half-open range of milliseconds: times are whole milliseconds, so
 * `now − N < t` is `t ≥ now − N + 1`. What does not fit into 64 bits is as good as endless, and is
 * held at the ends of the range.
 */
#ifndef GY_LANG_WINDOW_H
#define GY_LANG_WINDOW_H

#include "base/zone.h"
#include "lang/ast.h"

/* The times t with from_ms ≤ t < to_ms; empty where from_ms ≥ to_ms. */
struct gy_range {
    int64_t from_ms;
    int64_t to_ms;
};

static inline bool gy_range_has(struct gy_range range, int64_t time_ms)
{
    return time_ms >= range.from_ms && time_ms < range.to_ms;
}

/* The range of `window` as of `now_ms`; never past now. */
struct gy_range gy_window_range(const struct gy_window *window, int64_t now_ms,
                                const struct gy_zone *zone);

/* The instant a duration after, before `time_ms`. Fixed lengths but for months and years, which step
 * the calendar. Beyond the calendar's years: INT64_MAX, INT64_MIN. */
int64_t gy_duration_after(int64_t time_ms, const struct gy_duration *duration,
                          const struct gy_zone *zone);
int64_t gy_duration_before(int64_t time_ms, const struct gy_duration *duration,
                           const struct gy_zone *zone);

/* The first day of the calendar period (of a day, week, month or year) that the day is in. */
int64_t gy_period_first_day(enum gy_unit unit, int64_t day);

/* An instant that an `ago` or `--as-of` leads to, held within the calendar's years. */
int64_t gy_instant_within_calendar(int64_t time_ms);

/* The full years of the calendar date of `birth_ms` as of now; false for a date after today. */
bool gy_age_at(int64_t birth_ms, int64_t now_ms, const struct gy_zone *zone, int64_t *years);

/* That month and day in `year`; 29 February is 28 February where the year has none. */
int64_t gy_anniversary_day(int32_t year, const struct gy_civil *date);

/* Whether month and day of `date_ms`, in this year or the next, are one of the `next_days` calendar
 * days that start today. */
bool gy_anniversary_within(int64_t date_ms, int64_t now_ms, uint64_t next_days,
                           const struct gy_zone *zone);

#endif
