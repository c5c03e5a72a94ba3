/* age_span.c - see age_span.h. */
#include "engine/age_span.h"

#include <math.h>

#include "lang/window.h"
#include "store/part.h"

enum {
    MOST_YEARS = 10000
};

#define ROOM_MS (2 * GY_DAY_MS)

/* The least and the greatest whole age that passes. */
static bool passing_years(const struct gy_number_test *ages, double *low, double *high)
{
    *low = 0;
    *high = MOST_YEARS;
    if (ages->is_between) {
        *low = ceil(ages->low);
        *high = floor(ages->high);
        return true;
    }
    switch (ages->compare) {
    case GY_NE:
        return false;
    case GY_EQ:
        *low = ceil(ages->low);
        *high = floor(ages->low);
        break;
    case GY_LT:
        *high = ceil(ages->low) - 1;
        break;
    case GY_LE:
        *high = floor(ages->low);
        break;
    case GY_GT:
        *low = floor(ages->low) + 1;
        break;
    case GY_GE:
        *low = ceil(ages->low);
        break;
    }
    return true;
}

/* The age of who is born then; -1 before that. */
static double years_at(int64_t birth_ms, int64_t now_ms, const struct gy_zone *zone)
{
    int64_t years;
    return gy_age_at(birth_ms, now_ms, zone, &years) ? (double)years : -1;
}

/* The first instant from which on ages are below one, as if clocks never went back. */
static int64_t first_younger(double years, int64_t now_ms, const struct gy_zone *zone)
{
    int64_t low = GY_TIME_MIN_MS;
    int64_t high = now_ms + ROOM_MS;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (years_at(middle, now_ms, zone) < years)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

bool gy_age_span_of(const struct gy_number_test *ages, int64_t now_ms, const struct gy_zone *zone,
                    struct gy_age_span *out)
{
    double low;
    double high;
    *out = (struct gy_age_span){1, 0, 1, 0};
    if (!passing_years(ages, &low, &high) || now_ms < GY_TIME_MIN_MS + 2 * ROOM_MS ||
        now_ms > GY_TIME_MAX_MS - 2 * ROOM_MS)
        return false;
    low = low > 0 ? low : 0;
    if (low > high || high < 0)
        return true;
    int64_t first = first_younger(high + 1, now_ms, zone);
    int64_t end = first_younger(low, now_ms, zone);
    bool is_open = first == GY_TIME_MIN_MS;
    *out = (struct gy_age_span){
        .may_first = is_open ? INT64_MIN : first - ROOM_MS,
        .may_last = end + ROOM_MS,
        .sure_first = is_open ? first : first + ROOM_MS,
        .sure_last = end - ROOM_MS,
    };
    return true;
}

/* ---- the ends ---- */

struct births {
    const struct gy_number_test *ages;
    int64_t now_ms;
    const struct gy_zone *zone;
};

static bool passes(const struct births *b, int64_t birth_ms)
{
    int64_t years;
    return gy_age_at(birth_ms, b->now_ms, b->zone, &years) &&
           gy_number_test_passes(b->ages, (double)years);
}

/* The first instant in (low, high] of which that is so what it is not of `low`, and is of `high`, the clock not
 * changing between them. */
static int64_t first_where(const struct births *b, int64_t low, int64_t high, bool is_so)
{
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (passes(b, middle) == is_so)
            high = middle;
        else
            low = middle;
    }
    return high;
}

/* The end of the time from an instant on in which the clock does not change, at most `end_ms`. */
static int64_t end_of_clock(const struct births *b, int64_t from_ms, int64_t end_ms)
{
    int64_t change_ms = gy_zone_next_change(b->zone, from_ms);
    return change_ms < end_ms ? change_ms : end_ms;
}

/* From `from_ms` to before `end_ms`, where all pass: the first who does. False where a later one does not. */
static bool settle_first(const struct births *b, int64_t from_ms, int64_t end_ms, int64_t *first_ms)
{
    *first_ms = end_ms;
    for (int64_t at = from_ms; at < end_ms;) {
        int64_t end = end_of_clock(b, at, end_ms);
        bool is_found = *first_ms < end_ms;
        if (!passes(b, at) && is_found)
            return false;
        if (!is_found && passes(b, end - 1))
            *first_ms = passes(b, at) ? at : first_where(b, at, end - 1, true);
        at = end;
    }
    return true;
}

/* From `from_ms`, before which all pass, to before `end_ms`: the end of those who do. False where a later one
 * does too. */
static bool settle_end(const struct births *b, int64_t from_ms, int64_t end_ms, int64_t *found_ms)
{
    *found_ms = end_ms;
    for (int64_t at = from_ms; at < end_ms;) {
        int64_t end = end_of_clock(b, at, end_ms);
        bool is_found = *found_ms < end_ms;
        if (passes(b, at) && is_found)
            return false;
        if (!is_found && !passes(b, end - 1))
            *found_ms = passes(b, at) ? first_where(b, at, end - 1, false) : at;
        at = end;
    }
    return true;
}

bool gy_age_span_settle(const struct gy_age_span *span, const struct gy_number_test *ages,
                        int64_t now_ms, const struct gy_zone *zone, int64_t *first_ms,
                        int64_t *last_ms)
{
    struct births b = {ages, now_ms, zone};
    int64_t end_ms;
    int64_t from_ms = span->may_first > GY_TIME_MIN_MS ? span->may_first : GY_TIME_MIN_MS;
    if (span->sure_first > span->sure_last)
        return false;
    if (!settle_first(&b, from_ms, span->sure_first, first_ms) ||
        !settle_end(&b, span->sure_last + 1, span->may_last + 1, &end_ms))
        return false;
    *last_ms = end_ms - 1;
    return true;
}
