/* test_golden_part.c - parts written by each version of the format stay readable.
 *
 * tests/data/golden/part-v1, part-v2 hold parts as they were once written, and beside each its rows as text.
 * They are never written again. */
#include "rows_fixture.h"

#include "base/file.h"

static void check_golden(int version, const char *name)
{
    char path[4096];
    struct gy_error err;
    struct gy_part *part;
    struct gy_buf got = {0};
    struct gy_buf want = {0};
    snprintf(path, sizeof path, "%s/golden/part-v%d/%s.part", GY_TESTS_DATA, version, name);
    assert_ok(gy_part_open(path, &part, &err), &err);
    assert_ok(gy_part_check(part, &err), &err);
    dump_part(part, &got);
    snprintf(path, sizeof path, "%s/golden/part-v%d/%s.txt", GY_TESTS_DATA, version, name);
    assert_ok(gy_file_read(path, &want, &err), &err);
    assert_true(want.len > 0);
    assert_same_text(&got, &want);
    gy_buf_release(&got);
    gy_buf_release(&want);
    gy_part_close(part);
}

static void every_encoding(void **state)
{
    (void)state;
    check_golden(1, "every-encoding");
}

static void many_rows(void **state)
{
    (void)state;
    check_golden(1, "many-rows");
}

/* 5 bytes of fingerprints, a brand and a price that the product tells, zeros that are left out, and numbers of
 * orders. */
static void tables_and_patterns(void **state)
{
    (void)state;
    check_golden(2, "tables-and-patterns");
}

/* Times that are dates and such as are seconds, and slices of what has always been there. */
static void units_and_no_times(void **state)
{
    (void)state;
    check_golden(2, "units-and-no-times");
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(every_encoding),
    cmocka_unit_test(many_rows),
    cmocka_unit_test(tables_and_patterns),
    cmocka_unit_test(units_and_no_times),
};

GY_TEST_MAIN(cases)
