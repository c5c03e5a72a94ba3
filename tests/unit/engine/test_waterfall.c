/* What each condition does: small data, numbers worked by hand. */
#include "harness.h"

#include "engine/waterfall.h"
#include "lang/print.h"
#include "unit/engine/questions.h"

#define NOW "2025-03-31T12:00:00Z"

/* ---- asking ---- */

/* "everyone N", a line for each condition, indented by two blanks a level,
 * "TEXT alone N remain N unknown N without +N", "members N". */
static void describe(const struct gy_waterfall *w, struct gy_buf *out)
{
    gy_buf_printf(out, "everyone %llu\n", (unsigned long long)w->n_everyone);
    for (uint32_t i = 0; i < w->n_conditions; i++) {
        const struct gy_condition *c = &w->conditions[i];
        gy_buf_printf(out, "%*s", 2 * (int)c->depth, "");
        gy_print_expr(c->expr, out);
        gy_buf_printf(out, ": %llu alone, %llu remain, %llu unknown, %+lld without\n",
                      (unsigned long long)c->n_alone, (unsigned long long)c->n_remain,
                      (unsigned long long)c->n_unknown, (long long)c->more_without);
    }
    gy_buf_printf(out, "members %llu\n", (unsigned long long)w->n_members);
}

static void expect_run(const struct gy_snapshot *s, const struct gy_expr *expr, int64_t now_ms,
                       struct gy_run_options options, const char *expected)
{
    struct gy_error err;
    struct gy_waterfall w;
    struct gy_buf found = {0};
    assert_ok(gy_waterfall(s, expr, now_ms, &options, &w, &err), &err);
    describe(&w, &found);
    assert_string_equal(found.ptr, expected);
    gy_buf_release(&found);
    gy_waterfall_release(&w);
}

static void expect_waterfall(const struct gy_fixture *f, const char *now, const char *text,
                             const char *expected)
{
    struct gy_definition definition;
    struct gy_snapshot *s = gy_fixture_snapshot(f);
    define(s, text, &definition);
    expect_run(s, definition.expr, instant(now), (struct gy_run_options){.n_threads = 1}, expected);
    expect_run(s, definition.expr, instant(now), (struct gy_run_options){.n_threads = 3}, expected);
    expect_run(s, definition.expr, instant(now), (struct gy_run_options){.row_by_row = true},
               expected);
    gy_definition_release(&definition);
    gy_snapshot_close(s);
}

/*      age   city     visits (depth)
 *   a   40   seoul    1 3
 *   b   20   seoul
 *   c    -   busan    7, by a device that was claimed later: c is scattered
 *   d    -   -        2 5 9
 *   e   50   -
 */
static void visitors(struct gy_fixture *f)
{
    gy_fixture_open(f, "UTC");
    gy_fixture_identify(f, "a", NULL, "{\"age\": 40, \"city\": \"seoul\"}");
    gy_fixture_identify(f, "b", NULL, "{\"age\": 20, \"city\": \"seoul\"}");
    gy_fixture_identify(f, "e", NULL, "{\"age\": 50}");
    gy_fixture_track(f, "a", "Visit", "2025-01-01T00:00:00Z", "{\"depth\": 1}");
    gy_fixture_track(f, "a", "Visit", "2025-01-02T00:00:00Z", "{\"depth\": 3}");
    gy_fixture_track(f, "d", "Visit", "2025-01-01T00:00:00Z", "{\"depth\": 2}");
    gy_fixture_track(f, "d", "Visit", "2025-01-03T00:00:00Z", "{\"depth\": 5}");
    gy_fixture_track(f, "d", "Visit", "2025-01-04T00:00:00Z", "{\"depth\": 9}");
    gy_fixture_add(f, "{\"type\": \"track\", \"anonymousId\": \"phone\", \"event\": \"Visit\","
                      " \"timestamp\": \"2025-01-05T00:00:00Z\", \"properties\": {\"depth\": 7}}");
    gy_fixture_commit(f);
    gy_fixture_add(f,
                   "{\"type\": \"identify\", \"userId\": \"c\", \"anonymousId\": \"phone\","
                   " \"timestamp\": \"2025-01-06T00:00:00Z\", \"traits\": {\"city\": \"busan\"}}");
    gy_fixture_commit(f);
}

/* ---- by hand ---- */

static void conditions_joined_by_and(void **state)
{
    (void)state;
    struct gy_fixture f;
    visitors(&f);
    expect_waterfall(&f, NOW, "trait.age >= 30 and did(Visit) and trait.city = \"seoul\"",
                     "everyone 5\n"
                     "trait.age >= 30: 2 alone, 2 remain, 2 unknown, +0 without\n"
                     "did(Visit): 3 alone, 1 remain, 0 unknown, +0 without\n"
                     "trait.city = \"seoul\": 2 alone, 1 remain, 2 unknown, +0 without\n"
                     "members 1\n");
    expect_waterfall(
        &f, NOW, "count(Visit) >= 2 and trait.city in (\"seoul\", \"busan\")",
        "everyone 5\n"
        "count(Visit) >= 2: 2 alone, 2 remain, 0 unknown, +2 without\n"
        "trait.city in (\"seoul\", \"busan\"): 3 alone, 1 remain, 2 unknown, +1 without\n"
        "members 1\n");
    gy_fixture_close(&f);
}

static void conditions_joined_by_or(void **state)
{
    (void)state;
    struct gy_fixture f;
    visitors(&f);
    expect_waterfall(&f, NOW, "trait.age >= 30 or did(Visit)",
                     "everyone 5\n"
                     "trait.age >= 30: 2 alone, 2 remain, 2 unknown, -1 without\n" /* e */
                     "did(Visit): 3 alone, 4 remain, 0 unknown, -2 without\n"      /* c d */
                     "members 4\n");
    gy_fixture_close(&f);
}

static void a_single_condition(void **state)
{
    (void)state;
    struct gy_fixture f;
    visitors(&f);
    expect_waterfall(&f, NOW, "not trait.age >= 30",
                     "everyone 5\n"
                     "not trait.age >= 30: 3 alone, 3 remain, 2 unknown, +2 without\n"
                     "members 3\n");
    expect_waterfall(&f, NOW, "everyone",
                     "everyone 5\n"
                     "everyone: 5 alone, 5 remain, 0 unknown, +0 without\n"
                     "members 5\n");
    gy_fixture_close(&f);
}

/* Those below a group are left out, or not yet met, within it. */
static void groups_have_conditions_of_their_own(void **state)
{
    (void)state;
    struct gy_fixture f;
    visitors(&f);
    expect_waterfall(
        &f, NOW, "did(Visit) and (trait.age >= 30 or trait.city = \"busan\") and identified",
        "everyone 5\n"
        "did(Visit): 3 alone, 3 remain, 0 unknown, +1 without\n" /* e */
        "trait.age >= 30 or trait.city = \"busan\": 3 alone, 2 remain, 3 unknown, +1 without\n"
        "  trait.age >= 30: 2 alone, 1 remain, 2 unknown, -1 without\n"
        "  trait.city = \"busan\": 1 alone, 2 remain, 2 unknown, -1 without\n"
        "identified: 5 alone, 2 remain, 0 unknown, +0 without\n"
        "members 2\n");
    expect_waterfall(&f, NOW, "did(Visit) and not (trait.age >= 30 or trait.city = \"busan\")",
                     "everyone 5\n"
                     "did(Visit): 3 alone, 3 remain, 0 unknown, +1 without\n" /* b */
                     "not (trait.age >= 30 or trait.city = \"busan\"): 2 alone, 1 remain,"
                     " 3 unknown, +2 without\n"
                     "  trait.age >= 30: 2 alone, 2 remain, 2 unknown, +1 without\n"
                     "  trait.city = \"busan\": 1 alone, 1 remain, 2 unknown, +1 without\n"
                     "members 1\n");
    gy_fixture_close(&f);
}

/* not (A and B): without A it is not B, which is less. */
static void what_is_negated_turns_round(void **state)
{
    (void)state;
    struct gy_fixture f;
    visitors(&f);
    expect_waterfall(&f, NOW, "not (did(Visit) and trait.city = \"seoul\")",
                     "everyone 5\n"
                     "not (did(Visit) and trait.city = \"seoul\"): 4 alone, 4 remain, 2 unknown,"
                     " +1 without\n"
                     "  did(Visit): 3 alone, 2 remain, 0 unknown, -1 without\n"
                     "  trait.city = \"seoul\": 2 alone, 4 remain, 2 unknown, -2 without\n"
                     "members 4\n");
    expect_waterfall(&f, NOW, "trait.age < 30 or not not (did(Visit) and trait.city = \"seoul\")",
                     "everyone 5\n"
                     "trait.age < 30: 1 alone, 1 remain, 2 unknown, -1 without\n"
                     "not not (did(Visit) and trait.city = \"seoul\"): 1 alone, 2 remain,"
                     " 2 unknown, -1 without\n"
                     "  did(Visit): 3 alone, 4 remain, 0 unknown, +0 without\n"
                     "  trait.city = \"seoul\": 2 alone, 2 remain, 2 unknown, +2 without\n"
                     "members 2\n");
    gy_fixture_close(&f);
}

/* ---- what is unknown ---- */

static void expect_unknown(const struct gy_fixture *f, const char *test, uint64_t n)
{
    struct gy_error err;
    struct gy_definition definition;
    struct gy_waterfall w;
    struct gy_snapshot *s = gy_fixture_snapshot(f);
    define(s, test, &definition);
    for (int row_by_row = 0; row_by_row < 2; row_by_row++) {
        struct gy_run_options options = {.row_by_row = row_by_row != 0};
        assert_ok(gy_waterfall(s, definition.expr, instant(NOW), &options, &w, &err), &err);
        assert_int_equal(w.n_conditions, 1);
        if (w.conditions[0].n_unknown != n)
            fail_msg("%s: unknown for %llu", test, (unsigned long long)w.conditions[0].n_unknown);
        gy_waterfall_release(&w);
    }
    gy_definition_release(&definition);
    gy_snapshot_close(s);
}

static void unknown_is_what_compares_something_missing(void **state)
{
    (void)state;
    struct gy_fixture f;
    visitors(&f); /* a c d have visits; a b e an age; a b c a city */
    gy_fixture_identify(&f, "b", NULL, "{\"born\": {\"$time\": \"2000-04-01\"}}");
    gy_fixture_track(&f, "e", "Windfall", "2025-01-01T00:00:00Z", "{\"n\": 1.7e308}");
    gy_fixture_track(&f, "e", "Windfall", "2025-01-02T00:00:00Z", "{\"n\": 1.7e308}");
    gy_fixture_commit(&f);
    expect_unknown(&f, "sum(Windfall.n) >= 0", 1); /* it is not finite */
    expect_unknown(&f, "avg(Windfall.n) >= 0", 4);
    expect_unknown(&f, "count(Visit) = 0", 0);
    expect_unknown(&f, "-days(Visit) + 0 <= distinct(Visit.depth) * 1", 0);
    expect_unknown(&f, "sum(Visit.depth) > 3", 0);
    expect_unknown(&f, "avg(Visit.depth) > 3", 2);
    expect_unknown(&f, "median(Visit.depth) > 3", 2);
    expect_unknown(&f, "days_since(Visit) between 1 and 1000", 2);
    expect_unknown(&f, "interval(Visit) < 5", 3); /* c came once */
    expect_unknown(&f, "trait.age between 1 and avg(Visit.depth)", 4);
    expect_unknown(&f, "avg(Visit.depth) < trait.age", 4);
    expect_unknown(&f, "1 / count(Visit) > 0", 2);
    expect_unknown(&f, "trait.age != 40", 2);
    expect_unknown(&f, "not not trait.age in (40)", 2);
    expect_unknown(&f, "trait.city not contains \"s\"", 2);
    expect_unknown(&f, "percentile(trait.age) >= 50", 2);
    expect_unknown(&f, "ntile(count(Visit), 5 among (did(Visit))) = 5", 2);
    expect_unknown(&f, "percentile(trait.age among (nobody)) >= 50", 5);
    expect_unknown(&f, "age(trait.born) < 100", 4);
    expect_unknown(&f, "anniversary(trait.born next 7 days)", 4);
    expect_unknown(&f, "trait.age is missing", 0);
    expect_unknown(&f, "trait.age is known", 0);
    expect_unknown(&f, "did(Visit where depth > 3)", 0);
    expect_unknown(&f, "sample(50%)", 0);
    expect_unknown(&f, "identified", 0);
    gy_fixture_close(&f);
}

/* ---- as of ---- */

static void what_is_later_does_not_exist(void **state)
{
    (void)state;
    struct gy_fixture f;
    visitors(&f);
    expect_waterfall(&f, "2025-01-01T12:00:00Z", "did(Visit) and trait.city = \"seoul\"",
                     "everyone 4\n" /* c, and its phone, come on 5 January */
                     "did(Visit): 2 alone, 2 remain, 0 unknown, +1 without\n"
                     "trait.city = \"seoul\": 2 alone, 1 remain, 2 unknown, +1 without\n"
                     "members 1\n");
    expect_waterfall(&f, NOW, "count(Visit) > 9 or nobody",
                     "everyone 5\n"
                     "count(Visit) > 9: 0 alone, 0 remain, 0 unknown, +0 without\n"
                     "nobody: 0 alone, 0 remain, 0 unknown, +0 without\n"
                     "members 0\n");
    gy_fixture_close(&f);
}

static void a_cancelled_run_says_so(void **state)
{
    (void)state;
    struct gy_fixture f;
    struct gy_error err;
    struct gy_definition definition;
    struct gy_waterfall w;
    atomic_bool cancel = true;
    struct gy_run_options options = {.cancel = &cancel};
    visitors(&f);
    struct gy_snapshot *s = gy_fixture_snapshot(&f);
    define(s, "did(Visit) and trait.age > 3", &definition);
    assert_int_equal(gy_waterfall(s, definition.expr, instant(NOW), &options, &w, &err),
                     GY_CANCELLED);
    gy_waterfall_release(&w);
    gy_definition_release(&definition);
    gy_snapshot_close(s);
    gy_fixture_close(&f);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(conditions_joined_by_and),
    cmocka_unit_test(conditions_joined_by_or),
    cmocka_unit_test(a_single_condition),
    cmocka_unit_test(groups_have_conditions_of_their_own),
    cmocka_unit_test(what_is_negated_turns_round),
    cmocka_unit_test(unknown_is_what_compares_something_missing),
    cmocka_unit_test(what_is_later_does_not_exist),
    cmocka_unit_test(a_cancelled_run_says_so),
};

GY_TEST_MAIN(cases)
