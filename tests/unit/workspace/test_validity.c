/* test_validity.c - planned, open, closed: the span of a segment, and what is seen at its edges. */
#include "harness.h"

#include "workspace/validity.h"

static struct gy_span span_of(const char *attributes, const char *zone_name)
{
    struct gy_zone *zone;
    struct gy_error err = {0};
    assert_ok(gy_zone_open(zone_name, &zone, &err), &err);
    struct gy_span span = gy_span_of(gy_str_of(attributes), zone);
    gy_zone_close(zone);
    return span;
}

static void test_both_ends_belong_to_the_span(void **state)
{
    (void)state;
    struct gy_span span = {.from_ms = 1000, .until_ms = 2000};
    assert_int_equal(gy_span_validity(&span, 999), GY_PLANNED);
    assert_int_equal(gy_span_validity(&span, 1000), GY_OPEN);
    assert_int_equal(gy_span_validity(&span, 2000), GY_OPEN);
    assert_int_equal(gy_span_validity(&span, 2001), GY_CLOSED);
    assert_int_equal(gy_span_instant(&span, 999), 999);
    assert_int_equal(gy_span_instant(&span, 2000), 2000);
    assert_int_equal(gy_span_instant(&span, 2001), 2000);
}

static void test_what_is_not_said_is_no_bound(void **state)
{
    (void)state;
    struct gy_span span = span_of("{\"title\":\"x\"}", "UTC");
    assert_int_equal(gy_span_validity(&span, INT64_MIN + 1), GY_OPEN);
    assert_int_equal(gy_span_validity(&span, INT64_MAX - 1), GY_OPEN);
    span = span_of("", "UTC");
    assert_int_equal(gy_span_validity(&span, 0), GY_OPEN);
}

/* 2025-01-01T00:00 in Seoul is 15:00 of the day before in UTC: 1,735,657,200 s after 1970. */
static void test_times_are_of_the_zone(void **state)
{
    (void)state;
    const char *attributes =
        "{\"valid_from\":\"2025-01-01\",\"valid_until\":\"2025-01-01T00:00Z\"}";
    struct gy_span span = span_of(attributes, "Asia/Seoul");
    assert_int_equal(span.from_ms, INT64_C(1735657200000));
    assert_int_equal(span.until_ms, INT64_C(1735689600000));
}

static void test_a_span_ends_after_it_begins(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_span span = {.from_ms = 5, .until_ms = 5};
    assert_ok(gy_span_check(&span, &err), &err);
    span.until_ms = 4;
    assert_int_equal(gy_span_check(&span, &err), GY_INVALID);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(test_both_ends_belong_to_the_span),
    cmocka_unit_test(test_what_is_not_said_is_no_bound),
    cmocka_unit_test(test_times_are_of_the_zone),
    cmocka_unit_test(test_a_span_ends_after_it_begins),
};

GY_TEST_MAIN(cases)
