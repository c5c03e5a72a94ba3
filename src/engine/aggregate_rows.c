/* aggregate_rows.c - aggregates by the book: the values are laid out, then looked at. */
#include "engine/aggregate_rows.h"

#include <math.h>
#include <stdlib.h>

#include "base/decimal_sum.h"
#include "engine/value_ops.h"

/* ---- of events ---- */

static int64_t count_days(const struct gy_rows *rows, const struct gy_zone *zone)
{
    int64_t n = 0;
    int64_t last = 0;
    for (size_t i = 0; i < rows->n; i++) { /* in order of time, so a day's events are neighbours */
        int64_t day = gy_zone_day(zone, rows->rows[i].time_ms);
        n += i == 0 || day != last;
        last = day;
    }
    return n;
}

static struct gy_value aggregate_events(enum gy_aggregate aggregate, int64_t now_ms,
                                        const struct gy_zone *zone, const struct gy_rows *rows)
{
    if (aggregate == GY_COUNT)
        return gy_value_number((double)rows->n);
    if (aggregate == GY_DAYS)
        return gy_value_number((double)count_days(rows, zone));
    if (rows->n == 0 || (aggregate == GY_INTERVAL && rows->n == 1))
        return gy_value_missing();
    int64_t first_ms = rows->rows[0].time_ms;
    int64_t last_ms = rows->rows[rows->n - 1].time_ms;
    double day_ms = (double)GY_DAY_MS;
    if (aggregate == GY_INTERVAL)
        return gy_value_number((double)(last_ms - first_ms) / day_ms / (double)(rows->n - 1));
    if (aggregate == GY_DAYS_SINCE)
        return gy_value_number((double)(now_ms - last_ms) / day_ms);
    return gy_value_time(aggregate == GY_FIRST_TIME ? first_ms : last_ms);
}

/* ---- of a property ---- */

struct values {
    struct gy_value *values; /* the known ones, in order */
    size_t n;
};

static struct values collect(uint32_t property, const struct gy_row_context *context,
                             const struct gy_rows *rows)
{
    struct values out = {GY_NEW_ARRAY(context->arena, struct gy_value, rows->n), 0};
    for (size_t i = 0; property != GY_NAME_UNKNOWN && i < rows->n; i++) {
        out.values[out.n] = gy_row_value(context->reader, &rows->rows[i], property, context->arena);
        out.n += out.values[out.n].type != GY_VALUE_MISSING;
    }
    return out;
}

static struct gy_value sum_of(const struct values *v, bool is_mean)
{
    struct gy_decimal_sum sum = {0};
    if (is_mean && v->n == 0)
        return gy_value_missing();
    for (size_t i = 0; i < v->n; i++)
        gy_decimal_sum_add(&sum, gy_value_as_number(&v->values[i]));
    double out = is_mean ? gy_decimal_sum_mean(&sum, v->n) : gy_decimal_sum_value(&sum);
    gy_decimal_sum_release(&sum);
    return gy_value_number(out);
}

static int compare_doubles(const void *a, const void *b)
{
    double l = *(const double *)a;
    double r = *(const double *)b;
    return (l > r) - (l < r);
}

/* Whole numbers whose sum a double holds. */
static bool is_small_and_whole(double number)
{
    return fabs(number) < 0x1p51 && trunc(number) == number;
}

double gy_mean_of_two(double a, double b)
{
    struct gy_decimal_sum sum = {0};
    if (is_small_and_whole(a) && is_small_and_whole(b))
        return (a + b) / 2.0;
    gy_decimal_sum_add(&sum, a);
    gy_decimal_sum_add(&sum, b);
    double mean = gy_decimal_sum_mean(&sum, 2);
    gy_decimal_sum_release(&sum);
    return mean;
}

double gy_median(double *numbers, size_t n)
{
    qsort(numbers, n, sizeof *numbers, compare_doubles);
    return n % 2 == 1 ? numbers[n / 2] : gy_mean_of_two(numbers[n / 2 - 1], numbers[n / 2]);
}

static struct gy_value median_of(const struct values *v, struct gy_arena *arena)
{
    double *numbers = GY_NEW_ARRAY(arena, double, v->n);
    if (v->n == 0)
        return gy_value_missing();
    for (size_t i = 0; i < v->n; i++)
        numbers[i] = gy_value_as_number(&v->values[i]);
    return gy_value_number(gy_median(numbers, v->n));
}

static struct gy_value extreme_of(const struct values *v, bool is_max)
{
    if (v->n == 0)
        return gy_value_missing();
    const struct gy_value *best = &v->values[0];
    for (size_t i = 1; i < v->n; i++) {
        int order = gy_value_order(&v->values[i], best);
        if (is_max ? order > 0 : order < 0)
            best = &v->values[i];
    }
    return *best;
}

/* A value and where it stands, for counting equal ones. */
struct occurrence {
    struct gy_value value;
    size_t place;
};

static int compare_occurrences(const void *a, const void *b)
{
    const struct occurrence *l = a;
    const struct occurrence *r = b;
    int order = gy_value_order(&l->value, &r->value);
    return order != 0 ? order : (l->place > r->place) - (l->place < r->place);
}

static struct occurrence *sorted_occurrences(const struct values *v, struct gy_arena *arena)
{
    struct occurrence *out = GY_NEW_ARRAY(arena, struct occurrence, v->n);
    for (size_t i = 0; i < v->n; i++)
        out[i] = (struct occurrence){v->values[i], i};
    qsort(out, v->n, sizeof *out, compare_occurrences);
    return out;
}

static size_t equal_until(const struct occurrence *o, size_t first, size_t n)
{
    size_t end = first + 1;
    while (end < n && gy_value_order(&o[first].value, &o[end].value) == 0)
        end++;
    return end;
}

static struct gy_value distinct_of(const struct values *v, struct gy_arena *arena)
{
    const struct occurrence *o = sorted_occurrences(v, arena);
    double n = 0;
    for (size_t i = 0; i < v->n; i = equal_until(o, i, v->n))
        n++;
    return gy_value_number(n);
}

static struct gy_value top_of(const struct values *v, struct gy_arena *arena)
{
    const struct occurrence *o = sorted_occurrences(v, arena);
    size_t best_count = 0;
    const struct occurrence *best = NULL; /* the latest of the most frequent value */
    for (size_t i = 0; i < v->n;) {
        size_t end = equal_until(o, i, v->n);
        const struct occurrence *latest = &o[end - 1];
        if (end - i > best_count || (end - i == best_count && latest->place > best->place)) {
            best_count = end - i;
            best = latest;
        }
        i = end;
    }
    return best == NULL ? gy_value_missing() : best->value;
}

struct gy_value gy_aggregate_rows(enum gy_aggregate aggregate, uint32_t property, int64_t now_ms,
                                  const struct gy_row_context *context, const struct gy_rows *rows)
{
    if (!gy_aggregate_takes_property(aggregate))
        return aggregate_events(aggregate, now_ms, context->zone, rows);
    struct values v = collect(property, context, rows);
    switch (aggregate) {
    case GY_SUM:
    case GY_AVG:
        return sum_of(&v, aggregate == GY_AVG);
    case GY_MEDIAN:
        return median_of(&v, context->arena);
    case GY_MIN:
    case GY_MAX:
        return extreme_of(&v, aggregate == GY_MAX);
    case GY_DISTINCT:
        return distinct_of(&v, context->arena);
    case GY_FIRST:
        return v.n == 0 ? gy_value_missing() : v.values[0];
    case GY_LAST:
        return v.n == 0 ? gy_value_missing() : v.values[v.n - 1];
    case GY_TOP:
        return top_of(&v, context->arena);
    case GY_COUNT:
    case GY_DAYS:
    case GY_FIRST_TIME:
    case GY_LAST_TIME:
    case GY_DAYS_SINCE:
    case GY_INTERVAL:
        break;
    }
    return gy_value_missing();
}
