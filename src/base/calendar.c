/* calendar.c - the dates of zone.h that need no zone.
 *
 * A year is counted from 1 March, so that the day that comes and goes is its last, and the months
 * before it have the lengths 31 30 31 30 31 | 31 30 31 30 31 | 31: day (153 m + 2) / 5 of the year
 * is the first of month m. 400 years are 146,097 days and then all repeats. Arithmetic is in 64 bits
 * and its inputs are clamped, so that no number from outside can overflow it.
 */
#include "base/zone.h"

enum {
    DAYS_PER_ERA = 146097,
    EPOCH_FROM_MARCH_0000 = 719468
};

/* Past every instant of 64-bit milliseconds, and far from overflow. */
#define MOST_DAYS   INT64_C(110000000000)
#define MOST_MONTHS INT64_C(3600000000)

static int64_t clamp(int64_t value, int64_t most)
{
    return value > most ? most : value < -most ? -most : value;
}

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static int64_t day_of(int64_t year, int32_t month, int32_t day)
{
    int64_t march_year = year - (month <= 2);
    int64_t march_month = month <= 2 ? month + 9 : month - 3;
    int64_t era = floor_divide(march_year, 400);
    int64_t year_of_era = march_year - era * 400;
    int64_t day_of_year = (153 * march_month + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_PER_ERA + day_of_era - EPOCH_FROM_MARCH_0000;
}

int64_t gy_day_from_civil(int32_t year, int32_t month, int32_t day)
{
    GY_ASSERT(month >= 1 && month <= 12);
    return day_of(year, month, day);
}

void gy_day_to_civil(int64_t day, struct gy_civil *out)
{
    int64_t shifted = clamp(day, MOST_DAYS) + EPOCH_FROM_MARCH_0000;
    int64_t era = floor_divide(shifted, DAYS_PER_ERA);
    int32_t day_of_era = (int32_t)(shifted - era * DAYS_PER_ERA);
    int32_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int32_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int32_t march_month = (5 * day_of_year + 2) / 153;
    int32_t month = march_month < 10 ? march_month + 3 : march_month - 9;
    *out = (struct gy_civil){
        .year = (int32_t)(era * 400 + year_of_era + (month <= 2)),
        .month = month,
        .day = day_of_year - (153 * march_month + 2) / 5 + 1,
    };
}

static bool is_leap_year(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int32_t month_length(int64_t year, int32_t month)
{
    static const int8_t lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return lengths[month - 1] + (month == 2 && is_leap_year(year));
}

int32_t gy_days_in_month(int32_t year, int32_t month)
{
    GY_ASSERT(month >= 1 && month <= 12);
    return month_length(year, month);
}

int64_t gy_day_add_months(int64_t day, int64_t n)
{
    struct gy_civil civil;
    gy_day_to_civil(day, &civil);
    int64_t months = (int64_t)civil.year * 12 + civil.month - 1 + clamp(n, MOST_MONTHS);
    int64_t year = floor_divide(months, 12);
    int32_t month = (int32_t)(months - year * 12) + 1;
    int32_t length = month_length(year, month);
    return day_of(year, month, civil.day < length ? civil.day : length);
}

/* 1970-01-01 was a Thursday. */
int gy_day_weekday(int64_t day)
{
    int64_t from_monday = (day % 7 + 10) % 7;
    return (int)from_monday + 1;
}
