/* Turns: worked by hand from the calendar, and as a law over random windows in zones whose clocks change:
 * between one turn and the next the answer never changes, and at each turn it does. */
#include "harness.h"

#include "lang/turns.h"

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

/* Takes the turns; they are these, separated by spaces. */
static void expect(struct gy_instants *turns, const struct gy_zone *zone, const char *expected)
{
    char text[GY_TIME_TEXT];
    char found[400] = "";
    gy_instants_sort(turns);
    for (size_t i = 0; i < turns->n && i < 8; i++) {
        gy_time_print_local(zone, turns->ms[i], text);
        size_t len = strlen(found);
        snprintf(found + len, sizeof found - len, "%s%s", i == 0 ? "" : " | ", text);
    }
    assert_string_equal(found, expected);
    gy_instants_release(turns);
}

static struct gy_instants of_window(struct gy_window w, const char *time, const char *after,
                                    const struct gy_zone *zone)
{
    struct gy_instants out = {0};
    gy_window_turns(&w, at(zone, time), zone, at(zone, after), &out);
    return out;
}

/* ---- by hand ---- */

static void an_event_leaves_a_window_of_fixed_length_once(void **state)
{
    (void)state;
    struct gy_window w = {.kind = GY_WINDOW_LAST, .n = 30, .unit = GY_UNIT_DAY};
    struct gy_instants turns = of_window(w, "2025-03-01T12:00", "2025-03-10", NULL);
    expect(&turns, NULL, "2025-03-31 12:00:00");
    turns = of_window(w, "2025-03-01T12:00", "2025-02-01", NULL); /* it is yet to come */
    expect(&turns, NULL, "2025-03-01 12:00:00 | 2025-03-31 12:00:00");
    w = (struct gy_window){.kind = GY_WINDOW_AGO, .n = 30, .m = 60, .unit = GY_UNIT_DAY};
    turns = of_window(w, "2025-03-01T12:00", "2025-03-10", NULL);
    expect(&turns, NULL, "2025-03-31 12:00:00 | 2025-04-30 12:00:00");
}

/* As of 28, 29, 30 and 31 March, a month ago is 28 February at the same hour. */
static void an_event_of_a_short_month_comes_back(void **state)
{
    (void)state;
    struct gy_window w = {.kind = GY_WINDOW_LAST, .n = 1, .unit = GY_UNIT_MONTH};
    struct gy_instants turns = of_window(w, "2025-02-28T10:00", "2025-03-01", NULL);
    expect(
        &turns, NULL,
        "2025-03-28 10:00:00 | 2025-03-29 00:00:00 | 2025-03-29 10:00:00 | 2025-03-30 00:00:00 | "
        "2025-03-30 10:00:00 | 2025-03-31 00:00:00 | 2025-03-31 10:00:00");
    turns =
        of_window(w, "2025-01-31T10:00", "2025-02-01", NULL); /* 28 February leads to 28 January */
    expect(&turns, NULL, "2025-03-01 00:00:00");
}

static void periods_turn_at_midnight_of_the_zone(void **state)
{
    (void)state;
    struct gy_zone *seoul = zone_of("Asia/Seoul");
    struct gy_window w = {.kind = GY_WINDOW_PERIOD, .period = GY_PERIOD_THIS_WEEK};
    struct gy_instants turns = of_window(w, "2025-03-05T12:00", "2025-03-06", seoul);
    expect(&turns, seoul, "2025-03-10 00:00:00");
    w = (struct gy_window){.kind = GY_WINDOW_LAST_FULL, .n = 2, .unit = GY_UNIT_MONTH};
    turns = of_window(w, "2025-03-05T12:00", "2025-03-06", seoul);
    expect(&turns, seoul, "2025-04-01 00:00:00 | 2025-06-01 00:00:00");
    gy_zone_close(seoul);
}

static void ages_and_anniversaries_turn_on_their_days(void **state)
{
    (void)state;
    struct gy_instants turns = {0};
    gy_anniversary_turns(at(NULL, "1992-02-29"), 7, NULL, at(NULL, "2025-01-01"), &turns);
    gy_instants_sort(&turns);
    turns.n = 4; /* 28 February in 2025 and 2026 */
    expect(&turns, NULL,
           "2025-02-22 00:00:00 | 2025-03-01 00:00:00 | 2026-02-22 00:00:00 | 2026-03-01 00:00:00");
    gy_anniversary_turns(at(NULL, "1992-02-29"), 366, NULL, at(NULL, "2025-01-01"), &turns);
    expect(&turns, NULL, ""); /* always */
    gy_age_turns(at(NULL, "1992-02-29T18:00"), NULL, at(NULL, "2024-02-29T18:00"), &turns);
    gy_instants_sort(&turns);
    turns.n = 2;
    expect(&turns, NULL, "2025-02-28 00:00:00 | 2026-02-28 00:00:00");
}

/* ---- as a law ---- */

struct random_case {
    const struct gy_zone *zone;
    struct gy_window window;
    struct gy_duration ago;
    int64_t time_ms;
    bool is_of_window;
};

static bool answer(const struct random_case *c, int64_t now_ms)
{
    return c->is_of_window ? gy_range_has(gy_window_range(&c->window, now_ms, c->zone), c->time_ms)
                           : gy_duration_before(now_ms, &c->ago, c->zone) >= c->time_ms;
}

/* Instants around the clock changes and month ends of some years. */
static int64_t draw_time(uint64_t *random)
{
    static const int64_t LENGTHS[] = {GY_MINUTE_MS, GY_HOUR_MS, GY_DAY_MS};
    int64_t begin = at(NULL, "2003-01-25") + (int64_t)gy_test_below(random, 84) * 30 * GY_DAY_MS;
    int64_t length_ms = LENGTHS[gy_test_below(random, 3)];
    return begin + (int64_t)gy_test_below(random, 1200) * length_ms / 30 -
           (int64_t)gy_test_below(random, 2);
}

static struct random_case draw(uint64_t *random, const struct gy_zone *zone)
{
    static const enum gy_window_kind KINDS[] = {GY_WINDOW_NONE, GY_WINDOW_LAST, GY_WINDOW_LAST_FULL,
                                                GY_WINDOW_AGO, GY_WINDOW_PERIOD};
    struct random_case c = {.zone = zone, .is_of_window = gy_test_below(random, 4) > 0};
    c.window.kind = KINDS[gy_test_below(random, 5)];
    c.window.unit =
        gy_test_below(random, 2) == 0 ? GY_UNIT_MONTH : (enum gy_unit)gy_test_below(random, 6);
    if (c.window.kind == GY_WINDOW_LAST_FULL && c.window.unit < GY_UNIT_DAY)
        c.window.unit = GY_UNIT_DAY;
    c.window.n = 1 + gy_test_below(random, 4);
    c.window.m = c.window.n + 1 + gy_test_below(random, 3);
    c.window.period = (enum gy_period)gy_test_below(random, 8);
    c.ago = (struct gy_duration){.n = c.window.n, .unit = c.window.unit};
    c.time_ms = draw_time(random);
    return c;
}

static void check_between(const struct random_case *c, const struct gy_instants *turns,
                          int64_t after_ms, int64_t to_ms, int64_t step_ms)
{
    bool now = answer(c, after_ms);
    size_t next = 0;
    for (int64_t ms = after_ms; ms < to_ms; ms += step_ms) {
        for (; next < turns->n && turns->ms[next] <= ms; next++) {
            assert_int_equal(answer(c, turns->ms[next] - 1), now);
            now = !now;
            assert_int_equal(answer(c, turns->ms[next]), now);
        }
        if (answer(c, ms) != now)
            fail_msg("zone %s: kind %d unit %d n %d of %lld turns unseen before %lld",
                     gy_zone_name(c->zone), (int)c->window.kind, (int)c->window.unit,
                     (int)c->window.n, (long long)c->time_ms, (long long)ms);
    }
}

static void no_turn_is_missed(void **state)
{
    static const char *const ZONES[] = {
        "UTC",          "Asia/Seoul",       "America/New_York", "Europe/London",
        "Pacific/Apia", "America/St_Johns", "Asia/Kathmandu",   "Australia/Lord_Howe"};
    (void)state;
    uint64_t random = gy_test_seed();
    for (unsigned z = 0; z < sizeof ZONES / sizeof *ZONES; z++) {
        struct gy_zone *zone = zone_of(ZONES[z]);
        for (unsigned i = 0; i < 150; i++) {
            struct random_case c = draw(&random, zone);
            struct gy_instants turns = {0};
            int64_t after_ms = c.time_ms + ((int64_t)gy_test_below(&random, 3) - 1) * GY_DAY_MS;
            if (c.is_of_window)
                gy_window_turns(&c.window, c.time_ms, zone, after_ms, &turns);
            else
                gy_ago_turns(&c.ago, c.time_ms, zone, after_ms, &turns);
            gy_instants_sort(&turns);
            /* A step that meets every minute of the hour before long. */
            check_between(&c, &turns, after_ms, after_ms + 400 * GY_DAY_MS, 17 * GY_MINUTE_MS + 1);
            gy_instants_release(&turns);
        }
        gy_zone_close(zone);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(an_event_leaves_a_window_of_fixed_length_once),
        cmocka_unit_test(an_event_of_a_short_month_comes_back),
        cmocka_unit_test(periods_turn_at_midnight_of_the_zone),
        cmocka_unit_test(ages_and_anniversaries_turn_on_their_days),
        cmocka_unit_test(no_turn_is_missed),
    };
    if (argc > 1) {
        cmocka_set_test_filter(argv[1]);
    }
    return cmocka_run_group_tests(cases, NULL, NULL);
}
