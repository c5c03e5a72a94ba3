/* When filters of the clock hold, against the filter asked of each instant by itself. */
#include "harness.h"

#include "engine/clock_marks.h"
#include "lang/parser.h"
#include "store/part.h"

enum {
    MOST = 600
};

/* A filter as it stands behind `where`. */
struct clock_filter {
    struct gy_definition definition;
    struct gy_regex_list regexes;
    struct gy_arena arena;
    const struct gy_filter *filter;
};

static void make_filter(struct clock_filter *f, const char *where)
{
    struct gy_error err = {0};
    char text[400];
    snprintf(text, sizeof text, "did(\"A\" where %s)", where);
    *f = (struct clock_filter){0};
    assert_ok(gy_parse(gy_str_of(text), &f->definition, &err), &err);
    assert_ok(gy_filter_compile(f->definition.expr->steps[0].where, &f->arena, &f->regexes,
                                &f->filter, &err),
              &err);
}

static void release_filter(struct clock_filter *f)
{
    gy_regex_list_release(&f->regexes);
    gy_arena_release(&f->arena);
    gy_definition_release(&f->definition);
}

static struct gy_zone *open_zone(const char *name)
{
    struct gy_error err = {0};
    struct gy_zone *zone;
    assert_ok(gy_zone_open(name, &zone, &err), &err);
    return zone;
}

static uint32_t code_at(const char *text)
{
    int64_t ms;
    uint32_t millis;
    assert_true(gy_time_read(gy_str_of(text), NULL, &ms, NULL));
    return gy_code_of(ms, &millis);
}

static const char *const FILTERS[] = {
    "month() != 12",
    "month() = 2 and day() = 29",
    "weekday() >= 6 and hour() between 18 and 23",
    "not (hour() in (0, 1, 2, 23)) or weekday() not in (1, 7)",
    "hour() < 1",
    "day() > 31",
    "hour() >= -1",
    "weekday() = 3 and (month() <= 3 or hour() >= 12.5)",
};

static const char *const ZONES[] = {
    "UTC",          "Asia/Seoul",          "Europe/Berlin", "America/St_Johns",
    "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia",  "America/Sao_Paulo",
};

static void clocks_as_rows(void **state)
{
    (void)state;
    static uint32_t codes[MOST + 8];
    uint64_t random = gy_test_seed();
    uint32_t first = code_at("2010-12-20T03:00:00Z");
    uint32_t last = code_at("2013-01-03T20:00:00Z");
    for (size_t z = 0; z < sizeof ZONES / sizeof *ZONES; z++) {
        struct gy_zone *zone = open_zone(ZONES[z]);
        for (size_t f = 0; f < sizeof FILTERS / sizeof *FILTERS; f++) {
            struct clock_filter filter;
            struct gy_clock_marks clock;
            uint64_t marks[MOST / 64 + 1];
            uint32_t n = (uint32_t)gy_test_below(&random, MOST);
            make_filter(&filter, FILTERS[f]);
            struct gy_row_context context = {NULL, zone, &filter.arena};
            for (uint32_t i = 0; i < n; i++)
                codes[i] = first + (uint32_t)gy_test_below(&random, last - first + 1);
            codes[0] = first;
            codes[n / 2] = last;
            if (!gy_clock_marks_make(filter.filter, zone, first, last, &filter.arena, &clock)) {
                /* its clocks changed a minute after midnight */
                assert_string_equal(ZONES[z], "America/St_Johns");
                release_filter(&filter);
                continue;
            }
            gy_clock_marks_run(&clock, codes, n, marks);
            for (uint32_t i = 0; i < n; i++) {
                struct gy_row row = {.time_ms = gy_code_ms(codes[i], 0)};
                assert_int_equal(marks[i / 64] >> (i % 64) & 1,
                                 gy_filter_passes(filter.filter, &context, &row));
            }
            assert_int_equal(marks[n / 64] >> (n % 64), 0);
            release_filter(&filter);
        }
        gy_zone_close(zone);
    }
}

/* A Berlin summer: 2012-03-25T01:00Z to 2012-10-28T01:00Z. */
static void hours_by_hand(void **state)
{
    (void)state;
    struct clock_filter filter;
    struct gy_clock_marks clock;
    struct gy_zone *zone = open_zone("Europe/Berlin");
    uint32_t codes[5 + 8] = {code_at("2012-03-25T00:59:59Z"), code_at("2012-03-25T01:00:00Z"),
                             code_at("2012-10-28T00:59:59Z"), code_at("2012-10-28T01:00:00Z"),
                             code_at("2012-10-28T01:59:59Z")};
    uint64_t marks[1];
    make_filter(&filter, "hour() = 2");
    assert_true(
        gy_clock_marks_make(filter.filter, zone, codes[0], codes[4], &filter.arena, &clock));
    gy_clock_marks_run(&clock, codes, 5, marks);
    assert_int_equal(marks[0], 4 | 8 | 16); /* 01:59 and 03:00; 02:59, and 02:00 and 02:59 again */
    release_filter(&filter);
    make_filter(&filter, "month() = 10 or month() = 3");
    assert_true(
        gy_clock_marks_make(filter.filter, zone, codes[0], codes[4], &filter.arena, &clock));
    assert_null(clock.quarters); /* ranges of time */
    gy_clock_marks_run(&clock, codes, 5, marks);
    assert_int_equal(marks[0], 31);
    release_filter(&filter);
    gy_zone_close(zone);
}

static void what_is_not_of_the_clock(void **state)
{
    (void)state;
    static const char *const OTHERS[] = {"price > 3", "month() = 12 and price > 3",
                                         "hour() + 1 = 3", "3 = hour()"};
    struct gy_clock_marks clock;
    for (size_t i = 0; i < sizeof OTHERS / sizeof *OTHERS; i++) {
        struct clock_filter filter;
        make_filter(&filter, OTHERS[i]);
        assert_false(gy_clock_marks_make(filter.filter, NULL, 2000000000, 2000000001, &filter.arena,
                                         &clock));
        release_filter(&filter);
    }
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(clocks_as_rows),
    cmocka_unit_test(hours_by_hand),
    cmocka_unit_test(what_is_not_of_the_clock),
};

GY_TEST_MAIN(cases)
