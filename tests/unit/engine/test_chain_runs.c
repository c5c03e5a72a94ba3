/* Chains by runs and row by row are the same, over events that crowd together: at one instant, in several
 * parts, before 1970, with and without milliseconds. */
#include "harness.h"

#include <stdio.h>

#include "base/zone.h"
#include "engine/code_map.h"
#include "engine/vocabulary.h"
#include "unit/engine/questions.h"

enum {
    TRIALS = 6,
    CUSTOMERS = 70,
    EVENTS = 1500
};

static const char *const chains[] = {
    "did(A then B)",
    "did(A then A)",
    "did(A then B within 2 hours)",
    "did(A then A within 1 hour last 3 days)",
    "did(A then B within 1 day then C within 3 hours)",
    "did(A then B within 1 day then A within 3 hours then C last 8 days)",
    "did(A then no C then B)",
    "did(A then no C then B within 1 day last 9 days)",
    "did(A then no C then no B then A within 1 day)",
    "did(A then no A then B)",
    "did(A then no B then B within 5 hours)",
    "did(A then B then no C within 2 hours)",
    "did(A then no B within 1 day)",
    "did(A then no A within 1 day last 6 days)",
    "did(A then no C then B within 1 day then no A within 1 hour)",
    "did(A then B within 1 month then no C within 1 hour)",
    "did(A where k = \"x\" then B where k = \"y\")",
    "did(A then no B where k = \"x\" within 6 hours)",
    "did(A where k = \"x\" then no C where n > 1 then B)",
    "did(A as a then B where k = a.k)",
    "did(A as a then B where k = a.k within 4 hours)",
    "did(A as a then A where k = a.k within 4 hours)",
    "did(A as a then no B where k = a.k within 1 day last 9 days)",
    "did(A as a then no A where n = a.n within 3 hours)",
    "did(A as a then B where n = a.n and k = \"x\")",
    "did(A as a then no B where n = a.n within 1 day)",
    "did(A as a then C where n = a.n within 1 month)",
    "did(A as a then B where k = a.k then C where k = a.k)",
    "did(A as a then D where k = a.k)",
    "did(A as a then no D where k = a.k within 1 hour)",
};

/* Few instants, so that many are shared; `kind` 1 has milliseconds, 2 some from before 1970. */
static void draw_event(struct gy_fixture *f, uint64_t *state, int kind)
{
    static const char *const KEYS[] = {"\"x\"", "\"y\"", "\"longer than eight\"",
                                       "\"longer than nine\"", "null"};
    char user[16];
    char properties[96];
    char time[GY_TIME_TEXT];
    int64_t hour = (int64_t)gy_test_below(state, 240);
    int64_t time_ms = instant("2025-03-01T00:00:00Z") + hour * GY_HOUR_MS;
    const char *key = KEYS[gy_test_below(state, 5)];
    if (kind == 1)
        time_ms += (int64_t)gy_test_below(state, 3);
    if (kind == 2 && gy_test_below(state, 9) == 0)
        time_ms = instant("1969-12-30T00:00:00Z") + hour * GY_HOUR_MS;
    gy_time_print(time_ms, time);
    snprintf(user, sizeof user, "u%02u", (unsigned)gy_test_below(state, CUSTOMERS));
    if (gy_test_below(state, 6) == 0)
        snprintf(properties, sizeof properties, "{\"k\": %s}", key);
    else
        snprintf(properties, sizeof properties, "{\"k\": %s, \"n\": %u}", key,
                 (unsigned)gy_test_below(state, 4));
    gy_fixture_track(f, user, &"A\0B\0C"[2 * gy_test_below(state, 3)], time, properties);
}

static void ask_both(const struct gy_snapshot *s, const char *text, int64_t now_ms)
{
    struct gy_error err;
    struct gy_definition definition = {0};
    struct gy_vocabulary vocabulary = gy_vocabulary_of(s);
    struct gy_check_options unknown = {.allow_unknown = true};
    struct gy_run_options options = {.n_threads = 1};
    roaring_bitmap_t *by_runs;
    roaring_bitmap_t *by_rows;
    assert_ok(gy_define(gy_str_of(text), &vocabulary, &unknown, &definition, &err), &err);
    assert_ok(gy_audience(s, definition.expr, now_ms, &options, &by_runs, &err), &err);
    options.row_by_row = true;
    assert_ok(gy_audience(s, definition.expr, now_ms, &options, &by_rows, &err), &err);
    if (!roaring_bitmap_equals(by_runs, by_rows))
        fail_msg("%s as of %lld: %u by runs, %u by rows", text, (long long)now_ms,
                 (unsigned)roaring_bitmap_get_cardinality(by_runs),
                 (unsigned)roaring_bitmap_get_cardinality(by_rows));
    roaring_bitmap_free(by_runs);
    roaring_bitmap_free(by_rows);
    gy_definition_release(&definition);
}

static void runs_and_rows_agree(void **state)
{
    (void)state;
    uint64_t seed = gy_test_seed();
    for (int trial = 0; trial < TRIALS; trial++) {
        struct gy_fixture f;
        gy_fixture_open(&f, "Asia/Seoul");
        for (int i = 0; i < EVENTS; i++) {
            draw_event(&f, &seed, trial % 3);
            if (trial >= 3 && gy_test_below(&seed, 1000) == 0)
                gy_fixture_commit(&f);
        }
        gy_fixture_commit(&f);
        struct gy_snapshot *s = gy_fixture_snapshot(&f);
        for (size_t i = 0; i < sizeof chains / sizeof *chains; i++) {
            ask_both(s, chains[i], instant("2025-03-20T00:00:00Z"));
            ask_both(s, chains[i], instant("2025-03-06T03:00:00Z"));
            ask_both(s, chains[i], instant("2025-03-08T03:00:00.001Z"));
        }
        gy_snapshot_close(s);
        gy_fixture_close(&f);
    }
}

/* ---- codes of one dictionary in another ---- */

static void codes_are_mapped(void **state)
{
    (void)state;
    /* Room for eight bytes behind the last string, as in a part. */
    static const char from_bytes[] = "aa\0abcdefghabcdefghiabcdefghjb\0\0\0\0\0\0\0";
    static const char to_bytes[] = "aabcdefghabcdefghjbc\0\0\0\0\0\0\0";
    static const uint32_t from_starts[] = {0, 0, 1, 3, 11, 20, 29, 30}; /* "" a a\0 … j b */
    static const uint32_t to_starts[] = {0, 1, 9, 18, 19, 20};          /* a …h …j b c */
    struct gy_dictionary from = {7, from_starts, from_bytes};
    struct gy_dictionary to = {5, to_starts, to_bytes};
    struct gy_code_map map = {0};
    const uint32_t *codes = gy_code_map_get(&map, &from, &to);
    const uint32_t expected[] = {GY_NO_CODE, 0, GY_NO_CODE, 1, GY_NO_CODE, 2, 3};
    for (uint32_t i = 0; i < from.n; i++)
        assert_int_equal(codes[i], expected[i]);
    codes = gy_code_map_get(&map, &to, &from);
    const uint32_t back[] = {1, 3, 5, 6, GY_NO_CODE};
    for (uint32_t i = 0; i < to.n; i++)
        assert_int_equal(codes[i], back[i]);
    gy_code_map_release(&map);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(runs_and_rows_agree),
    cmocka_unit_test(codes_are_mapped),
};

GY_TEST_MAIN(cases)
