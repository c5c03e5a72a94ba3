/* Windows as ranges: worked by hand from the calendar, in zones whose clocks change. */
#include "harness.h"

#include "lang/window.h"

static int64_t at(const struct gy_zone *zone, const char *text)
{
    int64_t ms;
    assert_true(gy_time_read(gy_str_of(text), zone, &ms, NULL));
    return ms;
}

static struct gy_zone *zone_of(const char *name)
{
    struct gy_zone *zone;
    struct gy_error err;
    assert_ok(gy_zone_open(name, &zone, &err), &err);
    return zone;
}

/* Whether the window begins (ends) exactly there: its first (no more its last) millisecond. */
static void expect(const struct gy_window *w, const struct gy_zone *zone, const char *now,
                   const char *from, const char *to)
{
    struct gy_range range = gy_window_range(w, at(zone, now), zone);
    assert_int_equal(range.from_ms, at(zone, from));
    assert_int_equal(range.to_ms, at(zone, to));
}

static struct gy_window last(uint64_t n, enum gy_unit unit)
{
    return (struct gy_window){.kind = GY_WINDOW_LAST, .n = n, .unit = unit};
}

static struct gy_window full(uint64_t n, enum gy_unit unit)
{
    return (struct gy_window){.kind = GY_WINDOW_LAST_FULL, .n = n, .unit = unit};
}

static struct gy_window period(enum gy_period period)
{
    return (struct gy_window){.kind = GY_WINDOW_PERIOD, .period = period};
}

static void last_is_open_at_its_start_and_closed_at_now(void **state)
{
    (void)state;
    struct gy_window w = last(7, GY_UNIT_DAY);
    expect(&w, NULL, "2025-03-31T12:00:00.000", "2025-03-24T12:00:00.001",
           "2025-03-31T12:00:00.001");
    w = last(1, GY_UNIT_MONTH); /* 28 February, the month's last day */
    expect(&w, NULL, "2025-03-31T12:00:00.000", "2025-02-28T12:00:00.001",
           "2025-03-31T12:00:00.001");
    w = last(1, GY_UNIT_YEAR);
    expect(&w, NULL, "2024-02-29T00:00:00.000", "2023-02-28T00:00:00.001",
           "2024-02-29T00:00:00.001");
}

static void days_are_fixed_lengths_across_a_clock_change(void **state)
{
    (void)state;
    struct gy_zone *zone = zone_of("America/New_York"); /* forward on 9 March 2025, 2:00 */
    struct gy_window w = last(1, GY_UNIT_DAY);
    expect(&w, zone, "2025-03-09T12:00", "2025-03-08T11:00:00.001", "2025-03-09T12:00:00.001");
    w = last(1, GY_UNIT_MONTH); /* the calendar's steps keep the local time */
    expect(&w, zone, "2025-03-20T12:00", "2025-02-20T12:00:00.001", "2025-03-20T12:00:00.001");
    gy_zone_close(zone);
}

static void full_periods_end_where_the_current_one_begins(void **state)
{
    (void)state;
    struct gy_window w = full(3, GY_UNIT_DAY);
    expect(&w, NULL, "2025-03-31T12:00", "2025-03-28", "2025-03-31");
    w = full(2, GY_UNIT_WEEK); /* 31 March 2025 is a Monday */
    expect(&w, NULL, "2025-03-31T12:00", "2025-03-17", "2025-03-31");
    expect(&w, NULL, "2025-03-30T23:59", "2025-03-10", "2025-03-24");
    w = full(12, GY_UNIT_MONTH);
    expect(&w, NULL, "2025-12-31T00:00", "2024-12-01", "2025-12-01");
    w = full(1, GY_UNIT_YEAR);
    expect(&w, NULL, "2025-12-31T00:00", "2024-01-01", "2025-01-01");
}

static void full_days_follow_local_midnights(void **state)
{
    (void)state;
    struct gy_zone *zone = zone_of("Asia/Seoul");
    struct gy_window w = full(1, GY_UNIT_DAY);
    expect(&w, zone, "2025-01-01T00:30", "2024-12-31", "2025-01-01");
    assert_int_equal(gy_window_range(&w, at(zone, "2025-01-01T00:30"), zone).to_ms,
                     at(NULL, "2024-12-31T15:00"));
    gy_zone_close(zone);
}

static void periods(void **state)
{
    (void)state;
    const char *now = "2025-03-05T10:00"; /* a Wednesday */
    struct {
        enum gy_period period;
        const char *from;
        const char *to;
    } cases[] = {
        {GY_PERIOD_TODAY, "2025-03-05", "2025-03-05T10:00:00.001"},
        {GY_PERIOD_YESTERDAY, "2025-03-04", "2025-03-05"},
        {GY_PERIOD_THIS_WEEK, "2025-03-03", "2025-03-05T10:00:00.001"},
        {GY_PERIOD_THIS_MONTH, "2025-03-01", "2025-03-05T10:00:00.001"},
        {GY_PERIOD_THIS_YEAR, "2025-01-01", "2025-03-05T10:00:00.001"},
        {GY_PERIOD_PREVIOUS_WEEK, "2025-02-24", "2025-03-03"},
        {GY_PERIOD_PREVIOUS_MONTH, "2025-02-01", "2025-03-01"},
        {GY_PERIOD_PREVIOUS_YEAR, "2024-01-01", "2025-01-01"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gy_window w = period(cases[i].period);
        expect(&w, NULL, now, cases[i].from, cases[i].to);
    }
}

static void ago_is_open_at_the_far_end_and_closed_at_the_near_one(void **state)
{
    (void)state;
    struct gy_window w = {.kind = GY_WINDOW_AGO, .n = 30, .m = 60, .unit = GY_UNIT_DAY};
    expect(&w, NULL, "2025-03-31T12:00", "2025-01-30T12:00:00.001", "2025-03-01T12:00:00.001");
}

static struct gy_time_literal literal(const char *text)
{
    struct gy_time_literal out = {.text = gy_str_of(text)};
    assert_true(gy_time_read(out.text, NULL, &out.ms, &out.is_date));
    return out;
}

static void dates_from_and_to(void **state)
{
    (void)state;
    struct gy_window w = {
        .kind = GY_WINDOW_FROM_TO, .from = literal("2025-02-01"), .to = literal("2025-02-28")};
    expect(&w, NULL, "2025-03-31T12:00", "2025-02-01", "2025-03-01"); /* the whole last day */
    expect(&w, NULL, "2025-02-10T12:00", "2025-02-01", "2025-02-10T12:00:00.001");
    w.to = literal("2025-02-28T06:00");
    expect(&w, NULL, "2025-03-31T12:00", "2025-02-01", "2025-02-28T06:00");
    w.from = literal("2025-03-05");
    struct gy_range empty = gy_window_range(&w, at(NULL, "2025-03-31T12:00"), NULL);
    assert_true(empty.from_ms >= empty.to_ms);
}

static void what_is_too_long_is_endless(void **state)
{
    (void)state;
    int64_t now = at(NULL, "2025-03-31T12:00");
    const enum gy_unit units[] = {GY_UNIT_MINUTE, GY_UNIT_DAY, GY_UNIT_WEEK, GY_UNIT_MONTH,
                                  GY_UNIT_YEAR};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        struct gy_window w = last(UINT64_MAX, units[i]);
        struct gy_duration long_one = {.n = UINT64_MAX, .unit = units[i]};
        assert_int_equal(gy_window_range(&w, now, NULL).from_ms, INT64_MIN);
        assert_int_equal(gy_duration_after(now, &long_one, NULL), INT64_MAX);
        assert_int_equal(gy_duration_before(now, &long_one, NULL), INT64_MIN);
    }
    struct gy_window w = full(900000, GY_UNIT_DAY);
    assert_int_equal(gy_window_range(&w, now, NULL).from_ms, INT64_MIN);
}

static void ages(void **state)
{
    (void)state;
    int64_t years;
    int64_t leap = at(NULL, "2000-02-29");
    assert_true(gy_age_at(leap, at(NULL, "2025-02-27T23:59"), NULL, &years));
    assert_int_equal(years, 24);
    assert_true(gy_age_at(leap, at(NULL, "2025-02-28"), NULL, &years));
    assert_int_equal(years, 25); /* 28 February stands in for the 29th */
    assert_true(gy_age_at(leap, at(NULL, "2024-02-28"), NULL, &years));
    assert_int_equal(years, 23); /* 2024 has a 29th */
    assert_true(gy_age_at(leap, leap, NULL, &years));
    assert_int_equal(years, 0);
    assert_false(gy_age_at(at(NULL, "2025-03-02"), at(NULL, "2025-03-01"), NULL, &years));
}

static void anniversaries(void **state)
{
    (void)state;
    int64_t now = at(NULL, "2024-12-30T18:00");
    assert_true(gy_anniversary_within(at(NULL, "1990-12-30"), now, 1, NULL));
    assert_false(gy_anniversary_within(at(NULL, "1990-12-29"), now, 300, NULL));
    assert_true(gy_anniversary_within(at(NULL, "1990-01-05"), now, 7, NULL)); /* days 30 to 5 */
    assert_false(gy_anniversary_within(at(NULL, "1990-01-06"), now, 7, NULL));
    int64_t leap = at(NULL, "2000-02-29");
    assert_true(gy_anniversary_within(leap, at(NULL, "2025-02-28"), 1, NULL));
    assert_false(gy_anniversary_within(leap, at(NULL, "2024-02-28"), 1, NULL));
    assert_true(gy_anniversary_within(leap, at(NULL, "2024-02-29"), 1, NULL));
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(last_is_open_at_its_start_and_closed_at_now),
    cmocka_unit_test(days_are_fixed_lengths_across_a_clock_change),
    cmocka_unit_test(full_periods_end_where_the_current_one_begins),
    cmocka_unit_test(full_days_follow_local_midnights),
    cmocka_unit_test(periods),
    cmocka_unit_test(ago_is_open_at_the_far_end_and_closed_at_the_near_one),
    cmocka_unit_test(dates_from_and_to),
    cmocka_unit_test(what_is_too_long_is_endless),
    cmocka_unit_test(ages),
    cmocka_unit_test(anniversaries),
};

GY_TEST_MAIN(cases)
