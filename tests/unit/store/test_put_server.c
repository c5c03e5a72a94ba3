/* test_put_server.c - keys are known again and not found; letters come with the commit or not at all. */
#include "harness.h"
#include "store_fixture.h"

#include <string.h>

#include "base/hash.h"
#include "store/catalog.h"
#include "store/write_keys.h"

static enum gy_status put_key(struct gy_fixture *f, const char *name, const char *key,
                              struct gy_error *err)
{
    uint8_t hash[32];
    gy_hash_secret(gy_str_of(key), hash);
    return gy_writer_put_write_key(f->writer, gy_str_of(name), hash, err);
}

static const char *name_of(const struct gy_write_keys *keys, const char *key)
{
    const struct gy_write_key *found = gy_write_keys_find(keys, gy_str_of(key));
    return found == NULL ? NULL : found->name.ptr;
}

static void test_keys(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_write_keys keys;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    assert_ok(put_key(&f, "web", "one", &err), &err);
    assert_ok(put_key(&f, "app", "two", &err), &err);
    assert_int_equal(put_key(&f, "web", "three", &err), GY_CONFLICT);
    assert_ok(gy_write_keys_read(f.dir, &keys, &err), &err);
    assert_int_equal(keys.n, 2);
    assert_string_equal(keys.keys[0].name.ptr, "app");
    assert_string_equal(name_of(&keys, "one"), "web");
    assert_string_equal(name_of(&keys, "two"), "app");
    assert_null(name_of(&keys, "three"));
    assert_null(name_of(&keys, "web"));
    assert_null(name_of(&keys, ""));
    gy_write_keys_release(&keys);
    assert_ok(gy_writer_remove_write_key(f.writer, GY_STR("web"), &err), &err);
    assert_int_equal(gy_writer_remove_write_key(f.writer, GY_STR("web"), &err), GY_NOT_FOUND);
    assert_ok(gy_write_keys_read(f.dir, &keys, &err), &err);
    assert_int_equal(keys.n, 1);
    gy_write_keys_release(&keys);
    gy_fixture_close(&f);
}

static void add_letter(struct gy_fixture *f, const char *call)
{
    struct gy_dead_letter letter = {GY_STR("web"), GY_STR("because"), gy_str_of(call)};
    gy_writer_add_dead_letter(f->writer, &letter);
}

static void expect_letters(const struct gy_fixture *f, const char *expected)
{
    struct gy_error err = {0};
    struct gy_catalog c;
    sqlite3_stmt *row;
    bool has_row = true;
    struct gy_buf text = {0};
    gy_buf_text(&text, "");
    assert_ok(gy_catalog_open(&c, f->dir, &err), &err);
    assert_ok(gy_catalog_select(&c, &row, &err,
                                "SELECT write_key || ' ' || reason || ' ' || call || ';'"
                                " FROM dead_letter ORDER BY id",
                                ""),
              &err);
    while (gy_catalog_next(&c, row, &has_row, &err) == GY_OK && has_row)
        gy_buf_str(&text, gy_catalog_str(row, 0));
    sqlite3_finalize(row);
    gy_catalog_close(&c);
    assert_string_equal(text.len == 0 ? "" : text.ptr, expected);
    gy_buf_release(&text);
}

static void test_letters_come_with_the_commit(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    add_letter(&f, "gone");
    gy_writer_discard(f.writer);
    gy_fixture_commit_log(&f);
    expect_letters(&f, "");
    gy_fixture_track(&f, "a", "Visit", "2025-01-01T00:00:00Z", NULL);
    add_letter(&f, "one");
    gy_fixture_commit_log(&f);
    expect_letters(&f, "web because one;");
    add_letter(&f, "two"); /* alone, and with a part */
    gy_fixture_commit(&f);
    gy_fixture_commit_log(&f);
    expect_letters(&f, "web because one;web because two;");
    gy_fixture_expect(&f, "a", "2025-01-01T00:00:00.000Z Visit\n");
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

static void test_only_the_newest_letters_stay(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_catalog c;
    int64_t n;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    for (int i = 0; i < 10010; i++)
        add_letter(&f, "x");
    gy_fixture_commit_log(&f);
    assert_ok(gy_catalog_open(&c, f.dir, &err), &err);
    assert_ok(gy_catalog_number(&c, &n, &err, "SELECT count(*) FROM dead_letter", ""), &err);
    assert_int_equal(n, 10000);
    gy_catalog_close(&c);
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(test_keys),
    cmocka_unit_test(test_letters_come_with_the_commit),
    cmocka_unit_test(test_only_the_newest_letters_stay),
};

GY_TEST_MAIN(cases)
