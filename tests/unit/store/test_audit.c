/* test_audit.c - a change and the entry that tells of it are there together or not at all, and stay. */
#include "harness.h"
#include "store_fixture.h"

#include <string.h>

#include "base/hash.h"
#include "store/audit.h"
#include "store/catalog.h"

static void tell(struct gy_fixture *f, const char *action, const char *object)
{
    struct gy_audit_entry entry = {.who = GY_STR("kim"),
                                   .address = GY_STR("::1"),
                                   .action = gy_str_of(action),
                                   .object = gy_str_of(object),
                                   .detail = GY_STR("")};
    gy_writer_tell(f->writer, &entry);
}

static enum gy_status add_metric(struct gy_fixture *f, const char *name, struct gy_error *err)
{
    tell(f, "metric.put", name);
    enum gy_status status =
        gy_writer_put_metric(f->writer, gy_str_of(name), GY_STR("count(\"a\")"), err);
    return gy_writer_told(f->writer, status, err);
}

/* "action object;" of each, the newest first. */
static void expect(const struct gy_fixture *f, int64_t before, size_t n_max, const char *expected)
{
    struct gy_error err = {0};
    struct gy_audit_page page;
    struct gy_buf text = {0};
    gy_buf_text(&text, "");
    assert_ok(gy_audit_read(f->dir, before, n_max, &page, &err), &err);
    for (size_t i = 0; i < page.n; i++) {
        gy_buf_printf(&text, "%s %s;", page.entries[i].action.ptr, page.entries[i].object.ptr);
        assert_string_equal(page.entries[i].who.ptr, "kim");
        assert_string_equal(page.entries[i].address.ptr, "::1");
        assert_true(page.entries[i].at_ms > 1000000000000);
    }
    gy_audit_page_release(&page);
    assert_string_equal(text.len == 0 ? "" : text.ptr, expected);
    gy_buf_release(&text);
}

static void test_an_entry_goes_with_its_change(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    assert_ok(add_metric(&f, "a", &err), &err);
    expect(&f, INT64_MAX, 10, "metric.put a;");
    tell(&f, "metric.remove", "none");
    enum gy_status status = gy_writer_remove_metric(f.writer, GY_STR("none"), &err);
    assert_int_equal(gy_writer_told(f.writer, status, &err), GY_NOT_FOUND);
    assert_ok(add_metric(&f, "b", &err), &err); /* nothing of the failed one is left */
    expect(&f, INT64_MAX, 10, "metric.put b;metric.put a;");
    tell(&f, "nothing", "at all"); /* a change without a transaction */
    assert_ok(gy_writer_told(f.writer, GY_OK, &err), &err);
    gy_fixture_track(&f, "a", "Visit", "2025-01-01T00:00:00Z", NULL);
    gy_fixture_commit(&f); /* of no entry */
    expect(&f, INT64_MAX, 2, "nothing at all;metric.put b;");
    expect(&f, 3, 10, "metric.put b;metric.put a;");
    expect(&f, 1, 10, "");
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

static void test_several_transactions_of_one_change(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    tell(&f, "import", "orders.csv");
    gy_fixture_track(&f, "a", "Visit", "2025-01-01T00:00:00Z", NULL);
    gy_fixture_commit(&f);
    gy_fixture_track(&f, "a", "Visit", "2025-01-02T00:00:00Z", NULL);
    gy_fixture_commit(&f);
    assert_ok(gy_writer_told(f.writer, GY_OK, &err), &err);
    expect(&f, INT64_MAX, 10, "import orders.csv;");
    gy_fixture_close(&f);
}

/* Also who has the database open cannot change what was done. */
static void test_entries_stay(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_catalog c;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    assert_ok(add_metric(&f, "a", &err), &err);
    assert_ok(gy_catalog_open(&c, f.dir, &err), &err);
    assert_int_equal(gy_catalog_run(&c, &err, "DELETE FROM audit", ""), GY_IO);
    assert_non_null(strstr(err.message, "only added to"));
    assert_int_equal(gy_catalog_run(&c, &err, "UPDATE audit SET who = 'lee'", ""), GY_IO);
    gy_catalog_close(&c);
    expect(&f, INT64_MAX, 10, "metric.put a;");
    gy_fixture_close(&f);
}

static void test_long_texts_are_cut(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_audit_page page;
    struct gy_buf text = {0};
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    gy_buf_text(&text, "xy");
    for (int i = 0; i < 1000; i++)
        gy_buf_text(&text, "결"); /* 3 bytes each, and the limit falls into one */
    tell(&f, "note", text.ptr);
    assert_ok(gy_writer_told(f.writer, GY_OK, &err), &err);
    assert_ok(gy_audit_read(f.dir, INT64_MAX, 1, &page, &err), &err);
    assert_int_equal(page.entries[0].object.len, 998);
    assert_memory_equal(page.entries[0].object.ptr, text.ptr, 998);
    gy_audit_page_release(&page);
    gy_buf_release(&text);
    gy_fixture_close(&f);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(test_an_entry_goes_with_its_change),
    cmocka_unit_test(test_several_transactions_of_one_change),
    cmocka_unit_test(test_entries_stay),
    cmocka_unit_test(test_long_texts_are_cut),
};

GY_TEST_MAIN(cases)
