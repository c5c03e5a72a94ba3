/* test_zone.c - zones with odd histories, at transitions that are on record (the tz database's). */
#include <string.h>

#include "harness.h"

#include "base/zone.h"

static struct gy_zone *zone_of(const char *name)
{
    struct gy_zone *zone;
    struct gy_error err;
    assert_ok(gy_zone_open(name, &zone, &err), &err);
    assert_string_equal(gy_zone_name(zone), name);
    return zone;
}

static int64_t utc(const char *text)
{
    int64_t ms;
    assert_true(gy_time_read(gy_str_of(text), NULL, &ms, NULL));
    return ms;
}

static void assert_local(const struct gy_zone *zone, const char *instant, const char *want)
{
    char text[GY_TIME_TEXT];
    size_t len = gy_time_print_local(zone, utc(instant), text);
    assert_string_equal(text, want);
    assert_int_equal(len, strlen(want));
}

/* The local time `local` means the instant `want`. */
static void assert_means(const struct gy_zone *zone, const char *local, const char *want)
{
    char text[GY_TIME_TEXT];
    gy_time_print(gy_zone_to_utc(zone, utc(local)), text);
    assert_string_equal(text, want);
}

static void seoul_is_nine_hours_ahead(void **state)
{
    (void)state;
    struct gy_zone *zone = zone_of("Asia/Seoul");
    assert_int_equal(gy_zone_offset_ms(zone, utc("2025-06-01T00:00:00Z")), 9 * GY_HOUR_MS);
    assert_int_equal(gy_zone_offset_ms(zone, utc("2190-06-01T00:00:00Z")), 9 * GY_HOUR_MS);
    assert_local(zone, "2025-03-04T15:00:00.001Z", "2025-03-05 00:00:00.001");
    assert_means(zone, "2025-03-05T00:00:00", "2025-03-04T15:00:00.000Z");
    gy_zone_close(zone);
}

/* Summer time for the Olympics: from 1987-05-10 02:00 to 10-11 03:00, and 1988-05-08 to 10-09. */
static void seoul_had_summer_time_in_1987_and_1988(void **state)
{
    (void)state;
    struct gy_zone *zone = zone_of("Asia/Seoul");
    assert_local(zone, "1987-05-09T16:59:59Z", "1987-05-10 01:59:59");
    assert_local(zone, "1987-05-09T17:00:00Z", "1987-05-10 03:00:00");
    assert_local(zone, "1987-10-10T16:59:59Z", "1987-10-11 02:59:59");
    assert_local(zone, "1987-10-10T17:00:00Z", "1987-10-11 02:00:00");
    assert_means(zone, "1987-05-10T02:30:00", "1987-05-09T17:30:00.000Z"); /* skipped: 03:30 */
    assert_means(zone, "1987-10-11T02:30:00", "1987-10-10T16:30:00.000Z"); /* the first of two */
    assert_means(zone, "1988-07-01T00:00:00", "1988-06-30T14:00:00.000Z");
    assert_means(zone, "1989-07-01T00:00:00", "1989-06-30T15:00:00.000Z");
    gy_zone_close(zone);
}

static void new_york_skips_and_repeats_an_hour(void **state)
{
    (void)state;
    struct gy_zone *zone = zone_of("America/New_York");
    assert_means(zone, "2025-03-09T01:59:59.999", "2025-03-09T06:59:59.999Z");
    assert_means(zone, "2025-03-09T02:00:00", "2025-03-09T07:00:00.000Z"); /* is 03:00 */
    assert_means(zone, "2025-03-09T02:30:00", "2025-03-09T07:30:00.000Z"); /* is 03:30 */
    assert_means(zone, "2025-03-09T03:00:00", "2025-03-09T07:00:00.000Z");
    assert_means(zone, "2025-11-02T00:59:59", "2025-11-02T04:59:59.000Z");
    assert_means(zone, "2025-11-02T01:00:00", "2025-11-02T05:00:00.000Z");
    assert_means(zone, "2025-11-02T01:59:59", "2025-11-02T05:59:59.000Z");
    assert_means(zone, "2025-11-02T02:00:00", "2025-11-02T07:00:00.000Z");
    assert_local(zone, "2025-11-02T06:30:00Z", "2025-11-02 01:30:00");
    assert_local(zone, "2150-07-01T12:00:00Z", "2150-07-01 08:00:00"); /* the rule goes on */
    assert_local(zone, "1850-01-01T12:00:00Z", "1850-01-01 07:03:58"); /* local mean time */
    gy_zone_close(zone);
}

static void the_next_change_is_when_clocks_are_set(void **state)
{
    (void)state;
    struct gy_zone *zone = zone_of("America/New_York");
    int64_t spring = utc("2025-03-09T07:00:00Z"); /* 02:00 becomes 03:00 */
    int64_t autumn = utc("2025-11-02T06:00:00Z"); /* 02:00 becomes 01:00 */
    assert_int_equal(gy_zone_next_change(zone, utc("2025-01-01T00:00:00Z")), spring);
    assert_int_equal(gy_zone_next_change(zone, spring - 1), spring);
    assert_int_equal(gy_zone_next_change(zone, spring), autumn);
    gy_zone_close(zone);
    zone = zone_of("Asia/Seoul");
    assert_int_equal(gy_zone_next_change(zone, utc("2025-01-01T00:00:00Z")), INT64_MAX);
    gy_zone_close(zone);
    assert_int_equal(gy_zone_next_change(NULL, 0), INT64_MAX);
}

static void lord_howe_moves_by_half_an_hour(void **state)
{
    (void)state;
    struct gy_zone *zone = zone_of("Australia/Lord_Howe");
    assert_local(zone, "2025-01-01T00:00:00Z", "2025-01-01 11:00:00");
    assert_local(zone, "2025-07-01T00:00:00Z", "2025-07-01 10:30:00");
    /* 2025-10-05 02:00 becomes 02:30; 2025-04-06 02:00 becomes 01:30. */
    assert_means(zone, "2025-10-05T02:10:00", "2025-10-04T15:40:00.000Z");
    assert_local(zone, "2025-10-04T15:40:00Z", "2025-10-05 02:40:00");
    assert_means(zone, "2025-04-06T01:45:00", "2025-04-05T14:45:00.000Z");
    gy_zone_close(zone);
}

/* Samoa went from UTC-10 to UTC+14 at the end of 2011-12-29 and had no 30 December. */
static void apia_skips_a_day(void **state)
{
    (void)state;
    struct gy_zone *zone = zone_of("Pacific/Apia");
    assert_local(zone, "2011-12-30T09:59:59Z", "2011-12-29 23:59:59");
    assert_local(zone, "2011-12-30T10:00:00Z", "2011-12-31 00:00:00");
    int64_t day = gy_day_from_civil(2011, 12, 30);
    assert_int_equal(gy_zone_day(zone, utc("2011-12-30T09:59:59Z")), day - 1);
    assert_int_equal(gy_zone_day(zone, utc("2011-12-30T10:00:00Z")), day + 1);
    assert_int_equal(gy_zone_day_start(zone, day - 1), utc("2011-12-29T10:00:00Z"));
    assert_int_equal(gy_zone_day_start(zone, day), utc("2011-12-30T10:00:00Z"));
    assert_int_equal(gy_zone_day_start(zone, day + 1), utc("2011-12-30T10:00:00Z"));
    assert_means(zone, "2011-12-30T15:00:00", "2011-12-31T01:00:00.000Z"); /* 31st, 15:00 */
    gy_zone_close(zone);
}

/* Brazil set clocks forward at midnight: 2018-11-04 began at 01:00. */
static void a_day_may_begin_at_one(void **state)
{
    (void)state;
    struct gy_zone *zone = zone_of("America/Sao_Paulo");
    int64_t day = gy_day_from_civil(2018, 11, 4);
    int64_t start = gy_zone_day_start(zone, day);
    assert_int_equal(start, utc("2018-11-04T03:00:00Z"));
    assert_local(zone, "2018-11-04T03:00:00Z", "2018-11-04 01:00:00");
    assert_int_equal(gy_zone_day(zone, start), day);
    assert_int_equal(gy_zone_day(zone, start - 1), day - 1);
    /* And back at midnight: 2018-02-17 23:00 to 24:00 came twice; the day began after both. */
    assert_int_equal(gy_zone_day_start(zone, gy_day_from_civil(2018, 2, 18)),
                     utc("2018-02-18T03:00:00Z"));
    gy_zone_close(zone);
}

static void months_keep_the_local_time(void **state)
{
    (void)state;
    struct gy_zone *zone = zone_of("America/New_York");
    int64_t feb9 = utc("2025-02-09T07:30:00Z"); /* 02:30, which 9 March skips */
    assert_int_equal(gy_zone_add_months(zone, feb9, 1), utc("2025-03-09T07:30:00Z"));
    assert_int_equal(gy_zone_add_months(zone, feb9, 2), utc("2025-04-09T06:30:00Z"));
    assert_int_equal(gy_zone_add_months(zone, feb9, -12), utc("2024-02-09T07:30:00Z"));
    assert_int_equal(gy_zone_add_months(zone, utc("2025-01-31T17:00:00.123Z"), 1),
                     utc("2025-02-28T17:00:00.123Z"));
    assert_int_equal(gy_zone_add_months(NULL, utc("2024-02-29T23:00:00Z"), 12),
                     utc("2025-02-28T23:00:00Z"));
    gy_zone_close(zone);
    /* 2025-02-28T23:00Z is 1 March in Seoul. */
    zone = zone_of("Asia/Seoul");
    assert_int_equal(gy_zone_add_months(zone, utc("2025-02-28T23:00:00Z"), -1),
                     utc("2025-01-31T23:00:00Z"));
    gy_zone_close(zone);
}

static void no_zone_is_utc(void **state)
{
    (void)state;
    assert_int_equal(gy_zone_offset_ms(NULL, 123), 0);
    assert_int_equal(gy_zone_to_utc(NULL, 123), 123);
    assert_int_equal(gy_zone_day(NULL, -1), -1);
    assert_int_equal(gy_zone_day_start(NULL, 1), GY_DAY_MS);
    assert_string_equal(gy_zone_name(NULL), "UTC");
    struct gy_zone *zone = zone_of("UTC");
    assert_int_equal(gy_zone_offset_ms(zone, utc("2025-06-01T00:00:00Z")), 0);
    gy_zone_close(zone);
}

static void iana_names_are_zones(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int minutes; /* on 2025-01-15 */
    } zones[] = {{"Etc/GMT-9", 540},     {"GMT", 0},
                 {"Asia/Kolkata", 330},  {"Asia/Kathmandu", 345},
                 {"Europe/London", 0},   {"ROK", 540},
                 {"Asia/Calcutta", 330}, {"EST", -300},
                 {"US/Pacific", -480},   {"America/Argentina/Buenos_Aires", -180}};
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++) {
        struct gy_zone *zone = zone_of(zones[i].name);
        assert_int_equal(gy_zone_offset_ms(zone, utc("2025-01-15T00:00:00Z")),
                         zones[i].minutes * GY_MINUTE_MS);
        gy_zone_close(zone);
    }
}

static void other_names_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = {
        "",       "Mars/Phobos", "GMT+9", "GMT+09:00",   "+09:00",      "UTC+9",       "JST",
        "CST",    "PST",         "KST",   "Etc/Unknown", "Asia/Seoul ", "Asia/Seoul/", "서울",
        "Asia\n", "Asia/"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct gy_zone *zone = (struct gy_zone *)1;
        struct gy_error err;
        if (gy_zone_open(names[i], &zone, &err) != GY_INVALID) {
            fail_msg("\"%s\" was taken for a zone", names[i]);
        }
        assert_null(zone);
        assert_true(strlen(err.hint) > 0);
    }
    char longest[4000];
    memset(longest, 'A', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    struct gy_zone *zone;
    assert_int_equal(gy_zone_open(longest, &zone, NULL), GY_INVALID);
}

static void the_nearest_name_is_suggested(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {{"Asia/Soul", "Asia/Seoul"},
                                           {"asia/seoul", "Asia/Seoul"},
                                           {"SEOUL", "Asia/Seoul"},
                                           {"Europe/Lodnon", "Europe/London"},
                                           {"America/NewYork", "America/New_York"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct gy_zone *zone;
        struct gy_error err;
        char want[100];
        snprintf(want, sizeof want, "Did you mean \"%s\"?", pairs[i][1]);
        assert_int_equal(gy_zone_open(pairs[i][0], &zone, &err), GY_INVALID);
        assert_string_equal(err.hint, want);
    }
}

/* For any instant and zone: the local time there means that instant, or one that shows the same
 * clock and is earlier (the first of two). */
static void local_times_lead_back(void **state)
{
    (void)state;
    static const char *const names[] = {"Asia/Seoul",          "America/New_York",  "Europe/London",
                                        "Pacific/Apia",        "Africa/Casablanca", "Asia/Tehran",
                                        "Australia/Lord_Howe", "Africa/Monrovia"};
    uint64_t random = gy_test_seed();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct gy_zone *zone = zone_of(names[i]);
        for (int round = 0; round < 200000; round++) {
            int64_t ms = (int64_t)gy_test_below(&random, UINT64_C(13000000000000)) - 5500000000000;
            int64_t local = ms + gy_zone_offset_ms(zone, ms);
            int64_t back = gy_zone_to_utc(zone, local);
            if (back > ms || back + gy_zone_offset_ms(zone, back) != local) {
                fail_msg("%s at %lld", names[i], (long long)ms);
            }
        }
        gy_zone_close(zone);
    }
}

/* Whatever is asked of the ends of time, nothing overflows (the sanitizers look on). */
static void the_ends_of_time_are_safe(void **state)
{
    (void)state;
    static const int64_t ends[] = {INT64_MIN, INT64_MIN + 1, INT64_MAX - 1, INT64_MAX};
    struct gy_zone *zone = zone_of("America/New_York");
    for (size_t i = 0; i < 4; i++) {
        struct gy_civil c;
        char text[GY_TIME_TEXT];
        gy_zone_civil(zone, ends[i], &c);
        assert_in_range(c.hour, 0, 23);
        assert_true(gy_time_print(ends[i], text) < GY_TIME_TEXT);
        assert_true(gy_time_print_local(zone, ends[i], text) < GY_TIME_TEXT);
        assert_true((gy_zone_day_start(zone, ends[i]) > 0) == (ends[i] > 0));
        assert_true((gy_zone_to_utc(zone, ends[i]) > 0) == (ends[i] > 0));
        assert_true((gy_zone_add_months(zone, 0, ends[i]) > 0) == (ends[i] > 0));
    }
    gy_zone_close(zone);
}

static void clocks_run(void **state)
{
    (void)state;
    int64_t before_us = gy_monotonic_us();
    int64_t now_ms = gy_now_ms();
    assert_true(now_ms / 1000 - (int64_t)time(NULL) <= 1 &&
                now_ms / 1000 - (int64_t)time(NULL) >= -2);
    struct timespec pause = {.tv_nsec = 2000000};
    nanosleep(&pause, NULL);
    assert_true(gy_monotonic_us() - before_us >= 2000);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(seoul_is_nine_hours_ahead),
    cmocka_unit_test(seoul_had_summer_time_in_1987_and_1988),
    cmocka_unit_test(new_york_skips_and_repeats_an_hour),
    cmocka_unit_test(the_next_change_is_when_clocks_are_set),
    cmocka_unit_test(lord_howe_moves_by_half_an_hour),
    cmocka_unit_test(apia_skips_a_day),
    cmocka_unit_test(a_day_may_begin_at_one),
    cmocka_unit_test(months_keep_the_local_time),
    cmocka_unit_test(no_zone_is_utc),
    cmocka_unit_test(iana_names_are_zones),
    cmocka_unit_test(other_names_are_refused),
    cmocka_unit_test(the_nearest_name_is_suggested),
    cmocka_unit_test(local_times_lead_back),
    cmocka_unit_test(the_ends_of_time_are_safe),
    cmocka_unit_test(clocks_run),
};

GY_TEST_MAIN(cases)
