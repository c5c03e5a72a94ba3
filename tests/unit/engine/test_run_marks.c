/* Filtered counts and sums of many customers' runs: kernels and row by row, whatever share of the rows passes. */
#include "harness.h"

#include "base/zone.h"
#include "unit/engine/questions.h"

enum {
    CUSTOMERS = 3000,
    LONG_RUN = 400, /* rows of a few customers */
    TRIALS = 500,
    TEXT = 800
};

static const char *const DAY_0 = "2025-01-01T00:00:00Z";

/* Times within 180 days, mostly whole seconds. */
static void add_row(struct gy_fixture *f, uint64_t *random, uint32_t customer, bool has_millis)
{
    char json[TEXT];
    char time[40];
    char rest[200] = "";
    int64_t ms = instant(DAY_0) + (int64_t)gy_test_below(random, 180 * 86400) * 1000 +
                 (has_millis ? (int64_t)gy_test_below(random, 1000) : 0);
    gy_time_print(ms, time);
    if (gy_test_below(random, 4) != 0)
        snprintf(rest, sizeof rest, ", \"kind\": \"%s-%u\", \"rare\": \"%u\"",
                 gy_test_below(random, 20) == 0 ? "gift" : "thing",
                 (unsigned)gy_test_below(random, 40), (unsigned)gy_test_below(random, 90));
    snprintf(
        json, sizeof json,
        "{\"type\": \"track\", \"userId\": \"u%u\", \"event\": \"%s\", \"timestamp\": \"%s\", "
        "\"messageId\": \"%llx\", \"properties\": {\"n\": %u, \"debt\": %d, \"large\": %llu%s}}",
        customer, has_millis ? "Fine" : "Whole", time, (unsigned long long)gy_test_random(random),
        (unsigned)gy_test_below(random, 5), (int)gy_test_below(random, 9) - 4,
        (unsigned long long)gy_test_below(random, UINT64_C(3000000000)), rest);
    gy_fixture_add(f, json);
}

static struct gy_snapshot *make_rows(struct gy_fixture *f, uint64_t *random)
{
    gy_fixture_open(f, "Europe/Berlin"); /* its clocks change within the time */
    for (uint32_t c = 0; c < CUSTOMERS; c++) {
        uint32_t n = c % 1000 == 999 ? LONG_RUN : (uint32_t)gy_test_below(random, 6);
        for (uint32_t i = 0; i < n; i++)
            add_row(f, random, c, false);
        for (uint32_t i = 0; i < n / 2; i++)
            add_row(f, random, c, true);
    }
    gy_fixture_commit(f);
    return gy_fixture_snapshot(f);
}

static const char *const FILTERS[] = {
    "kind contains \"gift\"",
    "kind contains \"3\" and n >= 1",
    "rare in (\"1\", \"3\", \"5\", \"7\", \"9\", \"11\")",
    "rare not in (\"1\", \"3\", \"5\", \"7\", \"9\", \"11\")",
    "rare = \"17\"",
    "n > 0",
    "n = 7",
    "hour() between 18 and 23 and weekday() >= 6",
    "hour() < 3 or kind contains \"gift\"",
    "not (kind contains \"gift\" or day() > 3)",
    "month() = 2 and rare is missing",
    "kind is known",
    "debt < -3 and large > 1000000",
};

static const char *const WINDOWS[] = {
    "",
    "last 1 days",
    "last 7 days",
    "last 90 days",
    "2 to 40 days ago",
    "this month",
    "before \"2025-02-01\"",
    "from \"2025-03-29\" to \"2025-03-31\"",
};

static const char *const MEASURES[] = {
    "count(\"%s\" where %s %s) >= 1",   "count(\"%s\" where %s %s) = 2",
    "did(\"%s\" where %s %s)",          "sum(\"%s\".n where %s %s) >= 3",
    "sum(\"%s\".debt where %s %s) < 0", "sum(\"%s\".large where %s %s) >= 2900000000",
    "avg(\"%s\".n where %s %s) > 2",
};

#define ANY_OF(array) (array)[gy_test_below(random, sizeof(array) / sizeof *(array))]

static void draw_question(uint64_t *random, char text[TEXT])
{
    const char *window = ANY_OF(WINDOWS);
    char measure[TEXT];
    snprintf(measure, sizeof measure, "%s", ANY_OF(MEASURES));
    char *event = strstr(measure, "%s");
    const char *name = gy_test_below(random, 3) == 0 ? "Fine" : "Whole";
    const char *filter = ANY_OF(FILTERS);
    char *where = strstr(event + 2, "%s");
    char *end = strstr(where + 2, "%s");
    int n = snprintf(text, TEXT, "%.*s%s%.*s%s%.*s%s%s", (int)(event - measure), measure, name,
                     (int)(where - event - 2), event + 2, filter, (int)(end - where - 2), where + 2,
                     window, end + 2);
    if (gy_test_below(random, 4) == 0) /* of few */
        snprintf(text + n, TEXT - (size_t)n,
                 " and count(\"Fine\") between 1 and 1 and "
                 "count(\"Whole\") = 3");
}

static roaring_bitmap_t *ask(const struct gy_snapshot *s, const struct gy_expr *expr,
                             int64_t now_ms, bool row_by_row)
{
    struct gy_error err = {0};
    struct gy_run_options options = {.n_threads = 1, .row_by_row = row_by_row};
    roaring_bitmap_t *audience = NULL;
    assert_ok(gy_audience(s, expr, now_ms, &options, &audience, &err), &err);
    return audience;
}

static void kernels_as_rows(void **state)
{
    (void)state;
    uint64_t random = gy_test_seed();
    uint64_t n_members = 0;
    struct gy_fixture f;
    struct gy_snapshot *s = make_rows(&f, &random);
    for (int trial = 0; trial < TRIALS; trial++) {
        char text[TEXT];
        struct gy_definition definition;
        int64_t now_ms = instant(DAY_0) + (int64_t)gy_test_below(&random, 200) * GY_DAY_MS +
                         (int64_t)gy_test_below(&random, 2) * 500;
        draw_question(&random, text);
        define(s, text, &definition);
        roaring_bitmap_t *rows = ask(s, definition.expr, now_ms, true);
        roaring_bitmap_t *kernels = ask(s, definition.expr, now_ms, false);
        if (!roaring_bitmap_equals(rows, kernels))
            fail_msg("%s as of %lld: %llu members row by row, %llu with kernels", text,
                     (long long)now_ms, (unsigned long long)roaring_bitmap_get_cardinality(rows),
                     (unsigned long long)roaring_bitmap_get_cardinality(kernels));
        n_members += roaring_bitmap_get_cardinality(rows);
        roaring_bitmap_free(rows);
        roaring_bitmap_free(kernels);
        gy_definition_release(&definition);
    }
    assert_true(n_members > TRIALS);
    gy_snapshot_close(s);
    gy_fixture_close(&f);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(kernels_as_rows),
};

GY_TEST_MAIN(cases)
