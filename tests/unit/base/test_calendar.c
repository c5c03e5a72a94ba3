/* test_calendar.c - dates against known days, and against counting one day after another. */
#include "harness.h"

#include "base/zone.h"

/* Counts from 0001-01-01, which is 719162 days before 1970 (Fliegel and Van Flandern's Julian day
 * 1721426, less 2440588), by the rules of months and leap years alone. */
static void every_day_of_ten_thousand_years(void **state)
{
    (void)state;
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t day = -719162;
    int weekday = 1; /* a Monday */
    for (int32_t year = 1; year <= 9999; year++) {
        bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        for (int32_t month = 1; month <= 12; month++) {
            int32_t length = lengths[month - 1] + (month == 2 && is_leap);
            assert_int_equal(gy_days_in_month(year, month), length);
            for (int32_t d = 1; d <= length; d++, day++) {
                struct gy_civil c;
                gy_day_to_civil(day, &c);
                if (c.year != year || c.month != month || c.day != d ||
                    gy_day_from_civil(year, month, d) != day || gy_day_weekday(day) != weekday) {
                    fail_msg("%d-%02d-%02d", year, month, d);
                }
                weekday = weekday % 7 + 1;
            }
        }
    }
    assert_int_equal(day, 2932897); /* 10000-01-01 */
}

static void known_days(void **state)
{
    (void)state;
    assert_int_equal(gy_day_from_civil(1970, 1, 1), 0);
    assert_int_equal(gy_day_from_civil(2000, 3, 1), 11017);
    assert_int_equal(gy_day_from_civil(1969, 12, 31), -1);
    assert_int_equal(gy_day_weekday(0), 4);                               /* Thursday */
    assert_int_equal(gy_day_weekday(gy_day_from_civil(2025, 3, 3)), 1);   /* Monday */
    assert_int_equal(gy_day_weekday(gy_day_from_civil(1945, 8, 15)), 3);  /* Wednesday */
    assert_int_equal(gy_day_weekday(gy_day_from_civil(2024, 12, 29)), 7); /* Sunday */
}

static void months_clamp_to_the_last_day(void **state)
{
    (void)state;
    int64_t jan31 = gy_day_from_civil(2024, 1, 31);
    assert_int_equal(gy_day_add_months(jan31, 1), gy_day_from_civil(2024, 2, 29));
    assert_int_equal(gy_day_add_months(jan31, 13), gy_day_from_civil(2025, 2, 28));
    assert_int_equal(gy_day_add_months(jan31, -2), gy_day_from_civil(2023, 11, 30));
    assert_int_equal(gy_day_add_months(jan31, 0), jan31);
    assert_int_equal(gy_day_add_months(gy_day_from_civil(2024, 2, 29), -12 * 124),
                     gy_day_from_civil(1900, 2, 28));
    assert_int_equal(gy_day_add_months(gy_day_from_civil(2023, 12, 1), 1),
                     gy_day_from_civil(2024, 1, 1));
}

/* Whatever is asked, the answer is some date and nothing overflows (the sanitizers look on). */
static void no_number_is_too_large(void **state)
{
    (void)state;
    static const int64_t numbers[] = {INT64_MIN, INT64_MIN + 1, -1, 0, INT64_MAX - 1, INT64_MAX};
    for (size_t i = 0; i < 6; i++) {
        struct gy_civil c;
        gy_day_to_civil(numbers[i], &c);
        assert_in_range(c.month, 1, 12);
        assert_in_range(c.day, 1, 31);
        assert_in_range(gy_day_weekday(numbers[i]), 1, 7);
        assert_true((gy_day_add_months(0, numbers[i]) >= 0) == (numbers[i] >= 0));
        for (size_t k = 0; k < 6; k++) {
            int64_t day = gy_day_add_months(numbers[i], numbers[k]);
            assert_in_range(day + INT64_C(300000000000), 0, INT64_C(600000000000));
        }
    }
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(every_day_of_ten_thousand_years),
    cmocka_unit_test(known_days),
    cmocka_unit_test(months_clamp_to_the_last_day),
    cmocka_unit_test(no_number_is_too_large),
};

GY_TEST_MAIN(cases)
