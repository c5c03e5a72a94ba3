/* Hours of the week are the same with AVX2 and without, and as the calendar says. */
#include "harness.h"

#include "engine/week_marks.h"
#include "store/part.h"

enum {
    MOST = 300,
    TRIALS = 300,
    SLACK = 8 /* readable codes behind the last one */
};

static const char *const ZONES[] = {"UTC",
                                    "Asia/Seoul",
                                    "Europe/Berlin",
                                    "America/Sao_Paulo",
                                    "Australia/Lord_Howe",
                                    "Asia/Kathmandu",
                                    "Pacific/Apia",
                                    "America/St_Johns"};

static uint32_t hour_of_week(const struct gy_zone *zone, uint32_t code)
{
    struct gy_civil civil;
    int64_t ms = gy_code_ms(code, 0);
    gy_zone_civil(zone, ms, &civil);
    return (uint32_t)((gy_day_weekday(gy_zone_day(zone, ms)) - 1) * 24 + civil.hour);
}

static void check(const struct gy_zone *zone, const bool passes[GY_WEEK_HOURS],
                  const uint32_t *codes, uint32_t n, const struct gy_week_marks *week)
{
    uint64_t marks[MOST / 64 + 1];
    uint64_t plain[MOST / 64 + 1];
    gy_week_marks_run(week, codes, n, marks);
    gy_week_marks_run_plain(week, codes, n, plain);
    assert_memory_equal(marks, plain, (n / 64 + 1) * sizeof *marks);
    assert_int_equal(marks[n / 64] >> (n % 64), 0);
    for (uint32_t i = 0; i < n; i++)
        assert_int_equal(marks[i / 64] >> (i % 64) & 1, passes[hour_of_week(zone, codes[i])]);
}

/* Up to eight years from any time on, with a second at each end, and of each change of the clocks. */
static void draw_codes(uint64_t *random, const struct gy_zone *zone, uint32_t codes[MOST + SLACK],
                       uint32_t *n, uint32_t *first, uint32_t *last)
{
    uint32_t span = 1 + (uint32_t)gy_test_below(random, UINT64_C(8) * 366 * 86400);
    uint32_t at = 0;
    *first = (uint32_t)GY_CODE_1970 + (uint32_t)gy_test_below(random, UINT32_MAX - 2000000 - span);
    *last = *first + span;
    *n = 2 + (uint32_t)gy_test_below(random, MOST - 1);
    codes[at++] = *first;
    codes[at++] = *last;
    int64_t change_ms = gy_zone_next_change(zone, gy_code_ms(*first, 0));
    while (at + 2 <= *n && change_ms <= gy_code_ms(*last, 0)) {
        codes[at++] = (uint32_t)(change_ms / 1000 + GY_CODE_1970);
        codes[at] = codes[at - 1] - 1;
        at++;
        change_ms = gy_zone_next_change(zone, change_ms);
    }
    while (at < *n)
        codes[at++] = *first + (uint32_t)gy_test_below(random, span + 1);
}

static int n_changes(const struct gy_zone *zone, uint32_t first, uint32_t last)
{
    int n = 0;
    int64_t ms = gy_code_ms(first, 0);
    while ((ms = gy_zone_next_change(zone, ms)) <= gy_code_ms(last, 0))
        n++;
    return n;
}

static void hours_as_of_the_calendar(void **state)
{
    (void)state;
    static uint32_t codes[MOST + SLACK];
    uint64_t random = gy_test_seed();
    for (size_t z = 0; z < sizeof ZONES / sizeof *ZONES; z++) {
        struct gy_error err = {0};
        struct gy_zone *zone;
        assert_ok(gy_zone_open(ZONES[z], &zone, &err), &err);
        for (int trial = 0; trial < TRIALS; trial++) {
            struct gy_week_marks week;
            bool passes[GY_WEEK_HOURS];
            uint32_t n;
            uint32_t first;
            uint32_t last;
            for (int h = 0; h < GY_WEEK_HOURS; h++)
                passes[h] = gy_test_below(&random, 2) == 0;
            draw_codes(&random, zone, codes, &n, &first, &last);
            bool is_made = gy_week_marks_make(passes, zone, first, last, &week);
            assert_int_equal(is_made, n_changes(zone, first, last) <= GY_WEEK_CHANGES);
            if (is_made)
                check(zone, passes, codes, n, &week);
        }
        gy_zone_close(zone);
    }
}

/* Every end of a week and of an hour that 32 bits have, in UTC. */
static void all_hours(void **state)
{
    (void)state;
    bool passes[GY_WEEK_HOURS];
    for (int h = 0; h < GY_WEEK_HOURS; h++)
        passes[h] = h % 2 == 0;
    passes[GY_WEEK_HOURS - 1] = true; /* so that each hour's neighbours differ, but for two */
    struct gy_week_marks week;
    assert_true(gy_week_marks_make(passes, NULL, GY_CODE_1970, UINT32_MAX - 86400, &week));
    for (uint32_t hour = 1; hour < (UINT32_MAX - 86400 - GY_CODE_1970) / 3600; hour++) {
        uint32_t codes[2 + SLACK] = {(uint32_t)GY_CODE_1970 + hour * 3600 - 1,
                                     (uint32_t)GY_CODE_1970 + hour * 3600};
        uint64_t marks[1];
        uint64_t plain[1];
        uint32_t of_week = (hour + 3 * 24) % GY_WEEK_HOURS;
        gy_week_marks_run(&week, codes, 2, marks);
        gy_week_marks_run_plain(&week, codes, 2, plain);
        assert_int_equal(marks[0], plain[0]);
        assert_int_equal(marks[0], (uint64_t)passes[(of_week + GY_WEEK_HOURS - 1) % GY_WEEK_HOURS] |
                                       (uint64_t)passes[of_week] << 1);
    }
}

/* Berlin has changed its clocks twice a year since 1980. */
static void too_many_changes(void **state)
{
    (void)state;
    const bool passes[GY_WEEK_HOURS] = {true};
    struct gy_error err = {0};
    struct gy_week_marks week;
    struct gy_zone *zone;
    int64_t ms;
    uint32_t millis;
    assert_ok(gy_zone_open("Europe/Berlin", &zone, &err), &err);
    assert_true(gy_time_read(gy_str_of("2001-01-01T00:00:00Z"), NULL, &ms, NULL));
    uint32_t first = gy_code_of(ms, &millis);
    assert_true(gy_week_marks_make(passes, zone, first, first + 8 * 365 * 86400, &week));
    assert_int_equal(week.n_changes, GY_WEEK_CHANGES);
    assert_false(gy_week_marks_make(passes, zone, first, first + 9 * 365 * 86400, &week));
    gy_zone_close(zone);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(hours_as_of_the_calendar),
    cmocka_unit_test(all_hours),
    cmocka_unit_test(too_many_changes),
};

GY_TEST_MAIN(cases)
