/* test_stream_rows.c - how much there is of an event or a trait up to an instant, to the millisecond. */
#include "harness.h"
#include "store_fixture.h"

#include "base/zone.h"
#include "engine/stream_rows.h"

static uint64_t rows_until(const struct gy_snapshot *s, uint32_t stream, const char *instant)
{
    struct gy_error err = {0};
    int64_t now_ms;
    uint64_t n;
    assert_true(gy_time_read(gy_str_of(instant), NULL, &now_ms, NULL));
    assert_ok(gy_stream_rows(s, stream, now_ms, &n, &err), &err);
    return n;
}

static void test_rows_are_counted_to_the_millisecond(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    gy_fixture_track(&f, "a", "E", "2025-01-01T00:00:00.250Z", NULL);
    gy_fixture_track(&f, "a", "E", "2025-01-02T00:00:00Z", NULL);
    gy_fixture_commit(&f);
    gy_fixture_track(&f, "b", "E", "2025-01-01T00:00:00.750Z", NULL);
    gy_fixture_track(&f, "b", "F", "2025-01-01T00:00:00Z", NULL);
    gy_fixture_track(&f, "b", "E", "1950-06-15T12:00:00Z", NULL); /* before 1970 a code is a day */
    gy_fixture_commit_log(&f);
    struct gy_snapshot *s = gy_fixture_snapshot(&f);
    uint32_t stream = gy_schema_find_event(gy_snapshot_schema(s), GY_STR("E"));
    assert_int_equal(rows_until(s, stream, "1950-06-15T11:59:59.999Z"), 0);
    assert_int_equal(rows_until(s, stream, "1950-06-15T12:00Z"), 1);
    assert_int_equal(rows_until(s, stream, "2025-01-01T00:00:00.249Z"), 1);
    assert_int_equal(rows_until(s, stream, "2025-01-01T00:00:00.250Z"), 2);
    assert_int_equal(rows_until(s, stream, "2025-01-01T00:00:00.750Z"), 3);
    assert_int_equal(rows_until(s, stream, "2025-01-02"), 4);
    gy_snapshot_close(s);
    gy_fixture_close(&f);
}

static void test_what_has_always_been_there_counts(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    gy_fixture_identify(&f, "a", NULL, "{\"city\":\"Seoul\"}");
    gy_fixture_identify(&f, "b", "2025-01-01T00:00:00Z", "{\"city\":\"Busan\"}");
    gy_fixture_commit(&f);
    struct gy_snapshot *s = gy_fixture_snapshot(&f);
    uint32_t stream = gy_schema_find_trait(gy_snapshot_schema(s), GY_STR("city"));
    assert_int_equal(rows_until(s, stream, "0001-01-01"), 1);
    assert_int_equal(rows_until(s, stream, "2025-01-01"), 2);
    gy_snapshot_close(s);
    gy_fixture_close(&f);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(test_rows_are_counted_to_the_millisecond),
    cmocka_unit_test(test_what_has_always_been_there_counts),
};

GY_TEST_MAIN(cases)
