/* test_age_span.c - dates of birth by age, against the age of each. */
#include "harness.h"

#include "engine/age_span.h"
#include "lang/window.h"
#include "store/part.h"

static int64_t instant(const char *text)
{
    int64_t at_ms;
    assert_true(gy_time_read(gy_str_of(text), NULL, &at_ms, NULL));
    return at_ms;
}

static int n_settled;

static void expect_birth(const struct gy_number_test *ages, const struct gy_age_span *span,
                         int64_t birth_ms, int64_t now_ms, const struct gy_zone *zone)
{
    int64_t years;
    bool passes =
        gy_age_at(birth_ms, now_ms, zone, &years) && gy_number_test_passes(ages, (double)years);
    if (birth_ms >= span->sure_first && birth_ms <= span->sure_last)
        assert_true(passes);
    if (birth_ms < span->may_first || birth_ms > span->may_last)
        assert_false(passes);
}

static void expect_settled(const struct gy_number_test *ages, const struct gy_age_span *span,
                           int64_t now_ms, const struct gy_zone *zone, uint64_t *seed)
{
    struct gy_age_span settled;
    if (!gy_age_span_settle(span, ages, now_ms, zone, &settled.may_first, &settled.may_last))
        return;
    n_settled++;
    settled.sure_first = settled.may_first;
    settled.sure_last = settled.may_last;
    for (int i = 0; i < 200; i++) {
        int64_t apart_ms = (int64_t)(gy_test_random(seed) % (UINT64_C(1) << i % 30)) - 1;
        int64_t near_ms = i % 4 < 2 ? apart_ms : -apart_ms;
        if (settled.may_first + near_ms >= GY_TIME_MIN_MS)
            expect_birth(ages, &settled, settled.may_first + near_ms, now_ms, zone);
        expect_birth(ages, &settled, settled.may_last + near_ms, now_ms, zone);
    }
}

/* Births of any time, and those around the ends of the span. */
static void expect_span(const struct gy_number_test *ages, int64_t now_ms,
                        const struct gy_zone *zone, uint64_t *seed)
{
    struct gy_age_span span;
    assert_true(gy_age_span_of(ages, now_ms, zone, &span));
    for (int i = 0; i < 400; i++) {
        int64_t years_ms = (int64_t)(gy_test_random(seed) % (130 * 366)) * GY_DAY_MS;
        int64_t near_ms = (int64_t)(gy_test_random(seed) % (8 * GY_DAY_MS)) - 4 * GY_DAY_MS;
        expect_birth(ages, &span, now_ms + 5 * GY_DAY_MS - years_ms, now_ms, zone);
        if (span.may_first > INT64_MIN)
            expect_birth(ages, &span, span.may_first + near_ms, now_ms, zone);
        expect_birth(ages, &span, span.may_last + near_ms, now_ms, zone);
    }
    expect_settled(ages, &span, now_ms, zone, seed);
}

static void test_the_span_of_an_age(void **state)
{
    static const char *const zones[] = {"UTC", "Asia/Seoul", "America/Sao_Paulo", "Pacific/Apia"};
    static const char *const instants[] = {"2025-12-31T00:00:00Z", "2024-02-29T13:00:00Z",
                                           "2023-02-28T23:30:00Z", "1969-03-01T00:00:00Z"};
    static const double numbers[] = {-1, 0, 0.5, 1, 25, 39, 39.5, 200, 5000};
    uint64_t seed = gy_test_seed();
    struct gy_error err;
    (void)state;
    for (int z = 0; z < 4; z++) {
        struct gy_zone *zone;
        assert_ok(gy_zone_open(zones[z], &zone, &err), &err);
        for (int i = 0; i < 4 * 9; i++) {
            double number = numbers[i / 4];
            int64_t now_ms = instant(instants[i % 4]);
            for (int compare = GY_EQ; compare <= GY_GE; compare++) {
                struct gy_number_test ages = {.compare = (enum gy_compare)compare, .low = number};
                struct gy_age_span span;
                if (compare == GY_NE)
                    assert_false(gy_age_span_of(&ages, now_ms, zone, &span));
                else
                    expect_span(&ages, now_ms, zone, &seed);
            }
            struct gy_number_test between = {
                .is_between = true, .low = number, .high = number + 14};
            expect_span(&between, now_ms, zone, &seed);
        }
        gy_zone_close(zone);
    }
    assert_true(n_settled > 500); /* of some 1,100, nearly all that anyone passes */
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(test_the_span_of_an_age),
};

GY_TEST_MAIN(cases)
