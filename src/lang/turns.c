/* turns.c - candidates by the calendar, and those among them where the answer changes. */
#include "lang/turns.h"

#include <stdlib.h>

#include "base/mem.h"

/* More than any zone is off UTC, and more than clocks are ever set forward or back. */
#define NEAR_MS (2 * GY_DAY_MS)

/* Of a calendar of 9,999 years. */
enum {
    MOST_MONTHS = 12 * 9999,
    MOST_DAYS = 366 * 9999
};

/* ---- instants ---- */

void gy_instants_release(struct gy_instants *instants)
{
    free(instants->ms);
    *instants = (struct gy_instants){0};
}

void gy_instants_add(struct gy_instants *instants, int64_t ms)
{
    GY_GROW(instants->ms, instants->capacity, instants->n + 1);
    instants->ms[instants->n++] = ms;
}

static int compare_instants(const void *a, const void *b)
{
    int64_t l = *(const int64_t *)a;
    int64_t r = *(const int64_t *)b;
    return (l > r) - (l < r);
}

void gy_instants_sort(struct gy_instants *instants)
{
    size_t n = 0;
    if (instants->n > 1)
        qsort(instants->ms, instants->n, sizeof *instants->ms, compare_instants);
    for (size_t i = 0; i < instants->n; i++) {
        if (n == 0 || instants->ms[n - 1] != instants->ms[i])
            instants->ms[n++] = instants->ms[i];
    }
    instants->n = n;
}

/* ---- questions, and candidates that are looked at ---- */

struct question {
    int64_t (*answer)(const struct question *q, int64_t now_ms);
    const struct gy_window *window;
    const struct gy_duration *ago;
    int64_t time_ms;
    uint64_t next_days;
    const struct gy_zone *zone;
    int64_t after_ms;
    struct gy_instants *out;
};

static void consider(const struct question *q, int64_t ms)
{
    if (ms > q->after_ms && ms == gy_instant_within_calendar(ms) &&
        q->answer(q, ms) != q->answer(q, ms - 1))
        gy_instants_add(q->out, ms);
}

/* Every instant at which clocks can show that local time, and the changes of clocks around it. */
static void consider_local(const struct question *q, int64_t local_ms)
{
    int64_t at_ms = local_ms - NEAR_MS;
    while (at_ms <= local_ms + NEAR_MS) {
        consider(q, local_ms - gy_zone_offset_ms(q->zone, at_ms));
        at_ms = gy_zone_next_change(q->zone, at_ms);
        if (at_ms <= local_ms + NEAR_MS)
            consider(q, at_ms);
    }
}

static void consider_day(const struct question *q, int64_t day)
{
    consider_local(q, day * GY_DAY_MS);
}

/* ---- a duration after an instant ---- */

/* The days from which `months` lead back to the day of `local_ms` or its neighbours: a long month's
 * last days all lead to a short month's last. */
static void consider_days_after(const struct question *q, int64_t local_ms, int64_t months)
{
    int64_t rest_ms = (local_ms % GY_DAY_MS + GY_DAY_MS) % GY_DAY_MS;
    int64_t first = gy_day_add_months((local_ms - rest_ms) / GY_DAY_MS, months);
    for (int64_t day = first - 2; day <= first + 5; day++) {
        consider_day(q, day);
        consider_local(q, day * GY_DAY_MS + rest_ms);
    }
}

/* Stepping back from local time L gives an instant at or after q's where L's date, stepped back, does;
 * that turns at the local times which q's instant has or might have, and where clocks were set. */
static void consider_months_after(const struct question *q, uint64_t months)
{
    int64_t at_ms = q->time_ms - NEAR_MS;
    if (months > MOST_MONTHS)
        return; /* no instant of the calendar reaches back so far */
    while (at_ms <= q->time_ms + NEAR_MS) {
        int64_t offset_ms = gy_zone_offset_ms(q->zone, at_ms);
        consider_days_after(q, q->time_ms + offset_ms, (int64_t)months);
        at_ms = gy_zone_next_change(q->zone, at_ms);
        if (at_ms > q->time_ms + NEAR_MS)
            return;
        int64_t then_ms = gy_zone_offset_ms(q->zone, at_ms);
        consider_days_after(q, at_ms + (then_ms > offset_ms ? then_ms : offset_ms),
                            (int64_t)months);
    }
}

static void consider_after(const struct question *q, uint64_t n, enum gy_unit unit)
{
    struct gy_duration duration = {.n = n, .unit = unit};
    if (unit == GY_UNIT_MONTH)
        consider_months_after(q, n);
    else if (unit == GY_UNIT_YEAR)
        consider_months_after(q, n > MOST_MONTHS ? n : n * 12);
    else
        consider(q, gy_duration_after(q->time_ms, &duration, q->zone));
}

/* ---- windows ---- */

static int64_t is_in_window(const struct question *q, int64_t now_ms)
{
    return gy_range_has(gy_window_range(q->window, now_ms, q->zone), q->time_ms);
}

/* The first day of the period `n` periods after the one of `day`. */
static int64_t period_after(enum gy_unit unit, int64_t day, int64_t n)
{
    int64_t first = gy_period_first_day(unit, day);
    if (unit == GY_UNIT_MONTH || unit == GY_UNIT_YEAR)
        return gy_day_add_months(first, unit == GY_UNIT_YEAR ? 12 * n : n);
    return first + (unit == GY_UNIT_WEEK ? 7 * n : n);
}

/* An event comes into the last `n` full periods when its own has ended, and leaves n periods later. */
static void consider_periods(const struct question *q, enum gy_unit unit, uint64_t n)
{
    int64_t day = gy_zone_day(q->zone, q->time_ms);
    consider_day(q, period_after(unit, day, 1));
    if (n > 0 && n <= MOST_DAYS)
        consider_day(q, period_after(unit, day, (int64_t)n + 1));
}

static void consider_period(const struct question *q, enum gy_period period)
{
    switch (period) {
    case GY_PERIOD_TODAY:
    case GY_PERIOD_YESTERDAY:
        consider_periods(q, GY_UNIT_DAY, period == GY_PERIOD_YESTERDAY);
        return;
    case GY_PERIOD_THIS_WEEK:
    case GY_PERIOD_PREVIOUS_WEEK:
        consider_periods(q, GY_UNIT_WEEK, period == GY_PERIOD_PREVIOUS_WEEK);
        return;
    case GY_PERIOD_THIS_MONTH:
    case GY_PERIOD_PREVIOUS_MONTH:
        consider_periods(q, GY_UNIT_MONTH, period == GY_PERIOD_PREVIOUS_MONTH);
        return;
    case GY_PERIOD_THIS_YEAR:
    case GY_PERIOD_PREVIOUS_YEAR:
        consider_periods(q, GY_UNIT_YEAR, period == GY_PERIOD_PREVIOUS_YEAR);
        return;
    }
}

void gy_window_turns(const struct gy_window *window, int64_t time_ms, const struct gy_zone *zone,
                     int64_t after_ms, struct gy_instants *out)
{
    struct question q = {.answer = is_in_window,
                         .window = window,
                         .time_ms = time_ms,
                         .zone = zone,
                         .after_ms = after_ms,
                         .out = out};
    consider(&q, time_ms); /* before it, the event was not there */
    switch (window->kind) {
    case GY_WINDOW_NONE:
    case GY_WINDOW_SINCE:
    case GY_WINDOW_BEFORE:
    case GY_WINDOW_FROM_TO:
        return;
    case GY_WINDOW_LAST:
        consider_after(&q, window->n, window->unit);
        return;
    case GY_WINDOW_AGO:
        consider_after(&q, window->n, window->unit);
        consider_after(&q, window->m, window->unit);
        return;
    case GY_WINDOW_LAST_FULL:
        consider_periods(&q, window->unit, window->n);
        return;
    case GY_WINDOW_PERIOD:
        consider_period(&q, window->period);
        return;
    }
}

/* ---- ago ---- */

static int64_t has_reached(const struct question *q, int64_t now_ms)
{
    return gy_duration_before(now_ms, q->ago, q->zone) >= q->time_ms;
}

void gy_ago_turns(const struct gy_duration *ago, int64_t time_ms, const struct gy_zone *zone,
                  int64_t after_ms, struct gy_instants *out)
{
    struct question q = {.answer = has_reached,
                         .ago = ago,
                         .time_ms = time_ms,
                         .zone = zone,
                         .after_ms = after_ms,
                         .out = out};
    consider_after(&q, ago->n, ago->unit);
}

/* ---- ages and anniversaries ---- */

static int32_t year_of(const struct gy_zone *zone, int64_t ms)
{
    struct gy_civil civil;
    gy_zone_civil(zone, gy_instant_within_calendar(ms), &civil);
    return civil.year;
}

static int64_t age_of(const struct question *q, int64_t now_ms)
{
    int64_t years;
    return gy_age_at(q->time_ms, now_ms, q->zone, &years) ? years : -1;
}

void gy_age_turns(int64_t birth_ms, const struct gy_zone *zone, int64_t after_ms,
                  struct gy_instants *out)
{
    struct question q = {
        .answer = age_of, .time_ms = birth_ms, .zone = zone, .after_ms = after_ms, .out = out};
    int64_t birth = gy_zone_day(zone, birth_ms);
    int64_t passed = year_of(zone, after_ms) - year_of(zone, birth_ms) - 1;
    int64_t last = year_of(zone, INT64_MAX) - year_of(zone, birth_ms);
    for (int64_t years = passed > 0 ? passed : 0; years <= last; years++)
        consider_day(&q, gy_day_add_months(birth, 12 * years));
}

static int64_t is_near(const struct question *q, int64_t now_ms)
{
    return gy_anniversary_within(q->time_ms, now_ms, q->next_days, q->zone);
}

void gy_anniversary_turns(int64_t date_ms, uint64_t next_days, const struct gy_zone *zone,
                          int64_t after_ms, struct gy_instants *out)
{
    struct question q = {.answer = is_near,
                         .time_ms = date_ms,
                         .next_days = next_days,
                         .zone = zone,
                         .after_ms = after_ms,
                         .out = out};
    struct gy_civil date;
    int32_t last = year_of(zone, INT64_MAX);
    if (next_days > 366)
        return; /* the next one is always as near as that */
    gy_zone_civil(zone, date_ms, &date);
    for (int32_t year = year_of(zone, after_ms); year <= last; year++) {
        int64_t day = gy_anniversary_day(year, &date);
        consider_day(&q, day - (int64_t)next_days + 1);
        consider_day(&q, day + 1);
    }
}
