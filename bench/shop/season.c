/* season.c - see season.h. */
#include "season.h"

#include <math.h>

#include "base/zone.h"

#define GROWTH_PER_YEAR 1.3
#define HOURS_PER_YEAR  8766.0

static const double by_month[12] = {.95, .9, .95, .95, 1.05, .95, .95, .9, 1.05, 1.0, 1.3, 1.45};
static const double by_weekday[7] = {1.05, 1, 1, 1, .95, .9, 1.1};
static const double by_hour[24] = {.5,  .25, .15, .1, .1, .15, .3,  .6,  .9,  1,   1.1, 1.2,
                                   1.4, 1.2, 1,   1,  1,  1.1, 1.2, 1.3, 1.6, 1.9, 1.7, 1.1};

static double weight_of(uint32_t hour, bool december_only)
{
    struct gy_civil civil;
    int64_t local_hour = ((int64_t)SHOP_START + SHOP_SEOUL_S) / 3600 + hour;
    int64_t day = local_hour / 24;
    gy_day_to_civil(day, &civil);
    if (december_only && civil.month != 12)
        return 0;
    double growth = chance_exp(chance_log(GROWTH_PER_YEAR) * hour / HOURS_PER_YEAR);
    return by_month[civil.month - 1] * by_weekday[(day + 3) % 7] * by_hour[local_hour % 24] *
           growth;
}

void season_init(struct season *s, bool december_only)
{
    s->sums[0] = 0;
    for (uint32_t h = 0; h < SHOP_HOURS; h++)
        s->sums[h + 1] = s->sums[h] + weight_of(h, december_only);
}

static double sum_until(const struct season *s, uint32_t t)
{
    uint32_t hour = (t - SHOP_START) / 3600;
    double within = (double)((t - SHOP_START) % 3600) / 3600.0;
    if (hour >= SHOP_HOURS)
        return s->sums[SHOP_HOURS];
    return s->sums[hour] + within * (s->sums[hour + 1] - s->sums[hour]);
}

bool season_has(const struct season *s, uint32_t from, uint32_t to)
{
    return from < to && sum_until(s, to) > sum_until(s, from);
}

/* The last hour whose sum is not above x. */
static uint32_t hour_of(const struct season *s, double x)
{
    uint32_t low = 0;
    uint32_t high = SHOP_HOURS;
    while (high - low > 1) {
        uint32_t middle = (low + high) / 2;
        if (s->sums[middle] <= x)
            low = middle;
        else
            high = middle;
    }
    return low;
}

uint32_t season_draw(const struct season *s, uint32_t from, uint32_t to, struct chance *c)
{
    if (!season_has(s, from, to))
        return from;
    double low = sum_until(s, from);
    double x = low + chance_even(c) * (sum_until(s, to) - low);
    uint32_t hour = hour_of(s, x);
    double width = s->sums[hour + 1] - s->sums[hour];
    double within = width > 0 ? (x - s->sums[hour]) / width : 0;
    uint32_t t = SHOP_START + hour * 3600 + (uint32_t)floor(within * 3600);
    return t < from ? from : t >= to ? to - 1 : t;
}
