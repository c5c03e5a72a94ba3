/* test_schedule.c - turns by hand, and the law that the next turn is the first one after now. */
#include "harness.h"

#include "workspace/schedule.h"

static int64_t at(const char *text)
{
    int64_t ms;
    assert_true(gy_time_read(gy_str_of(text), NULL, &ms, NULL));
    return ms;
}

static void expect(enum gy_schedule schedule, const char *zone_name, const char *now,
                   const char *last, const char *next)
{
    struct gy_error err = {0};
    struct gy_zone *zone;
    assert_ok(gy_zone_open(zone_name, &zone, &err), &err);
    assert_int_equal(gy_schedule_last(schedule, zone, at(now)), at(last));
    assert_int_equal(gy_schedule_next(schedule, zone, at(now)), at(next));
    gy_zone_close(zone);
}

static void turns(void **state)
{
    (void)state;
    expect(GY_SCHEDULE_DAILY, "Asia/Seoul", "2025-01-02T15:00:00Z", "2025-01-02T15:00:00Z",
           "2025-01-03T15:00:00Z");
    expect(GY_SCHEDULE_DAILY, "Asia/Seoul", "2025-01-02T14:59:59.999Z", "2025-01-01T15:00:00Z",
           "2025-01-02T15:00:00Z");
    expect(GY_SCHEDULE_WEEKLY, "UTC", "2025-01-05T23:59:00Z", "2024-12-30T00:00:00Z",
           "2025-01-06T00:00:00Z"); /* a Sunday; 2025-01-06 is a Monday */
    expect(GY_SCHEDULE_WEEKLY, "UTC", "2025-01-06T00:00:00Z", "2025-01-06T00:00:00Z",
           "2025-01-13T00:00:00Z");
    expect(GY_SCHEDULE_HOURLY, "Asia/Kolkata", "2025-01-02T10:45:00Z", "2025-01-02T10:30:00Z",
           "2025-01-02T11:30:00Z"); /* +05:30 */
    expect(GY_SCHEDULE_LIVE, "UTC", "2025-01-02T10:45:31Z", "2025-01-02T10:45:30Z",
           "2025-01-02T10:46:00Z");
}

/* Berlin, 2025: clocks go on at 01:00Z on 30 March, back at 01:00Z on 26 October. */
static void clocks_that_are_changed(void **state)
{
    (void)state;
    expect(GY_SCHEDULE_DAILY, "Europe/Berlin", "2025-03-30T12:00:00Z", "2025-03-29T23:00:00Z",
           "2025-03-30T22:00:00Z");
    expect(GY_SCHEDULE_DAILY, "Europe/Berlin", "2025-10-26T12:00:00Z", "2025-10-25T22:00:00Z",
           "2025-10-26T23:00:00Z");
    expect(GY_SCHEDULE_HOURLY, "Europe/Berlin", "2025-03-30T00:30:00Z", "2025-03-30T00:00:00Z",
           "2025-03-30T01:00:00Z");
    expect(GY_SCHEDULE_HOURLY, "Europe/Berlin", "2025-10-26T00:30:00Z", "2025-10-26T00:00:00Z",
           "2025-10-26T01:00:00Z");
}

/* Nothing is missed: what is next is later than now, is a turn itself, and now's last one until then. */
static void next_is_the_first_after_now(void **state)
{
    (void)state;
    static const enum gy_schedule schedules[] = {GY_SCHEDULE_LIVE, GY_SCHEDULE_HOURLY,
                                                 GY_SCHEDULE_DAILY, GY_SCHEDULE_WEEKLY};
    struct gy_error err = {0};
    struct gy_zone *zone;
    assert_ok(gy_zone_open("America/New_York", &zone, &err), &err);
    for (size_t i = 0; i < 4; i++) {
        for (int64_t now_ms = at("2025-02-20"); now_ms < at("2025-12-01"); now_ms += 1234567) {
            int64_t last_ms = gy_schedule_last(schedules[i], zone, now_ms);
            int64_t next_ms = gy_schedule_next(schedules[i], zone, now_ms);
            assert_true(last_ms <= now_ms && now_ms < next_ms);
            assert_int_equal(gy_schedule_last(schedules[i], zone, next_ms), next_ms);
            assert_int_equal(gy_schedule_last(schedules[i], zone, next_ms - 1), last_ms);
        }
    }
    gy_zone_close(zone);
}

static void what_is_said(void **state)
{
    (void)state;
    assert_int_equal(gy_schedule_of(GY_STR("{}")), GY_SCHEDULE_DAILY);
    assert_int_equal(gy_schedule_of(GY_STR("")), GY_SCHEDULE_DAILY);
    assert_int_equal(gy_schedule_of(GY_STR("{\"refresh\":\"live\"}")), GY_SCHEDULE_LIVE);
    assert_int_equal(gy_schedule_of(GY_STR("{\"refresh\":\"manual\"}")), GY_SCHEDULE_MANUAL);
    assert_int_equal(gy_schedule_last(GY_SCHEDULE_MANUAL, NULL, 0), INT64_MIN);
    assert_int_equal(gy_schedule_next(GY_SCHEDULE_MANUAL, NULL, 0), INT64_MAX);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(turns),
    cmocka_unit_test(clocks_that_are_changed),
    cmocka_unit_test(next_is_the_first_after_now),
    cmocka_unit_test(what_is_said),
};

GY_TEST_MAIN(cases)
