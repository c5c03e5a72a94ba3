/* test_catalog.c - the catalog is whole or not there, and gives back what was put in, byte by byte. */
#include "harness.h"
#include "store_fixture.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "store/catalog.h"

static void open_catalog(const struct gy_fixture *f, struct gy_catalog *c)
{
    struct gy_error err = {0};
    assert_ok(gy_catalog_open(c, f->dir, &err), &err);
}

static void test_a_new_catalog(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_catalog c;
    struct stat about;
    char text[64];
    int64_t number;
    struct gy_fixture f;
    gy_fixture_open(&f, "Asia/Seoul");
    assert_int_equal(stat(f.dir, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0700);
    open_catalog(&f, &c);
    assert_ok(gy_catalog_setting(&c, "time_zone", text, sizeof text, &err), &err);
    assert_string_equal(text, "Asia/Seoul");
    assert_ok(gy_catalog_setting(&c, "nothing", text, sizeof text, &err), &err);
    assert_string_equal(text, "");
    /* what its promises rest on */
    assert_ok(gy_catalog_number(&c, &number, &err, "PRAGMA synchronous", ""), &err);
    assert_int_equal(number, 2); /* FULL */
    assert_ok(gy_catalog_number(&c, &number, &err, "PRAGMA secure_delete", ""), &err);
    assert_int_equal(number, 1);
    gy_catalog_close(&c);
    gy_catalog_close(&c);
    gy_fixture_close(&f);
}

/* What a crash left of an earlier try is no catalog, and is in nobody's way. */
static void test_half_a_catalog(void **state)
{
    (void)state;
    struct gy_error err = {0};
    char path[128];
    char dir[64] = "/tmp/gyeol-test-XXXXXX";
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/gyeol.db.new", dir);
    assert_ok(gy_file_write(path, GY_STR("half"), &err), &err);
    assert_false(gy_workspace_exists(dir));
    assert_ok(gy_workspace_init(dir, NULL, &err), &err);
    assert_true(gy_workspace_exists(dir));
    assert_int_equal(access(path, F_OK), -1);
    struct gy_fixture f = {0};
    memcpy(f.dir, dir, sizeof dir);
    assert_int_equal(gy_fixture_check(&f).n_parts, 0);
    gy_fixture_close(&f);
}

static void test_texts_may_hold_anything(void **state)
{
    (void)state;
    static const char name[] = "a\0b 결 \"'";
    struct gy_str text = {name, sizeof name - 1};
    struct gy_error err = {0};
    struct gy_catalog c;
    sqlite3_stmt *row;
    bool has_row;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    open_catalog(&f, &c);
    assert_ok(
        gy_catalog_run(&c, &err, "INSERT INTO metric VALUES(?, ?)", "ss", text, (struct gy_str){0}),
        &err);
    assert_ok(gy_catalog_select(&c, &row, &err, "SELECT name, text FROM metric WHERE name = ?", "s",
                                text),
              &err);
    assert_ok(gy_catalog_next(&c, row, &has_row, &err), &err);
    assert_true(has_row);
    assert_true(gy_str_equal(gy_catalog_str(row, 0), text));
    assert_int_equal(gy_catalog_str(row, 1).len, 0);
    assert_ok(gy_catalog_next(&c, row, &has_row, &err), &err);
    assert_false(has_row);
    sqlite3_finalize(row);
    gy_catalog_close(&c);
    gy_fixture_close(&f);
}

static void test_a_transaction_is_undone(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_catalog c;
    int64_t n;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    open_catalog(&f, &c);
    assert_ok(gy_catalog_begin(&c, true, &err), &err);
    assert_ok(gy_catalog_run(&c, &err, "INSERT INTO metric VALUES('a', 'b')", ""), &err);
    gy_catalog_rollback(&c);
    gy_catalog_rollback(&c);
    assert_ok(gy_catalog_number(&c, &n, &err, "SELECT count(*) FROM metric", ""), &err);
    assert_int_equal(n, 0);
    assert_ok(gy_catalog_begin(&c, true, &err), &err);
    assert_ok(gy_catalog_run(&c, &err, "INSERT INTO metric VALUES('a', 'b')", ""), &err);
    assert_int_equal(gy_catalog_run(&c, &err, "INSERT INTO metric VALUES('a', 'c')", ""), GY_IO);
    assert_non_null(strstr(err.message, "UNIQUE"));
    assert_ok(gy_catalog_commit(&c, &err), &err);
    assert_ok(gy_catalog_number(&c, &n, &err, "SELECT count(*) FROM metric", ""), &err);
    assert_int_equal(n, 1);
    gy_catalog_close(&c);
    gy_fixture_close(&f);
}

/* As somebody whom modes of files stop: root becomes nobody. */
static enum gy_status open_as_anyone(const char *dir, struct gy_error *err)
{
    enum {
        NOBODY = 65534
    };
    struct gy_catalog c;
    bool is_root = geteuid() == 0;
    assert_int_equal(is_root ? seteuid(NOBODY) : 0, 0);
    enum gy_status status = gy_catalog_open(&c, dir, err);
    gy_catalog_close(&c);
    assert_int_equal(is_root ? seteuid(0) : 0, 0);
    return status;
}

/* A folder that may not be entered is not said to be no data directory; nor does SQLite have to say
 * why one that cannot be written does not work. */
static void test_a_folder_of_others(void **state)
{
    (void)state;
    static const mode_t modes[] = {0000, 0555};
    struct gy_error err = {0};
    char path[128];
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    snprintf(path, sizeof path, "%s/gyeol.db", f.dir);
    assert_int_equal(chmod(path, 0666), 0);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(chmod(f.dir, modes[i]), 0);
        assert_int_equal(open_as_anyone(f.dir, &err), GY_IO);
        assert_non_null(strstr(err.message, "Permission denied"));
        assert_non_null(strstr(err.message, f.dir));
        assert_non_null(strstr(err.hint, "write"));
    }
    assert_int_equal(chmod(f.dir, 0700), 0);
    gy_fixture_close(&f);
}

/* Names, types and parents come back under the same numbers. */
static void test_the_schema_comes_back(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    gy_fixture_track(&f, "a", "주문", "2025-01-01T00:00:00Z",
                     "{\"금액\":1,\"items\":[{\"sku\":\"x\"}]}");
    gy_fixture_identify(&f, "a", "2025-01-01T00:00:00Z", "{\"나이\":30,\"tags\":[\"x\"]}");
    gy_fixture_commit(&f);
    struct gy_schema before = {0};
    gy_schema_copy(&before, gy_writer_schema(f.writer));
    gy_fixture_reopen(&f);
    const struct gy_schema *after = gy_writer_schema(f.writer);
    assert_int_equal(before.n_streams, 4);
    assert_int_equal(after->n_streams, before.n_streams);
    assert_int_equal(after->n_properties, before.n_properties);
    for (uint32_t i = 0; i < before.n_streams; i++) {
        assert_true(gy_str_equal(after->streams[i].name, before.streams[i].name));
        assert_int_equal(after->streams[i].kind, before.streams[i].kind);
        assert_int_equal(after->streams[i].type, before.streams[i].type);
        assert_int_equal(after->streams[i].parent, before.streams[i].parent);
    }
    for (uint32_t i = 0; i < before.n_properties; i++) {
        assert_true(gy_str_equal(after->properties[i].name, before.properties[i].name));
        assert_int_equal(after->properties[i].stream, before.properties[i].stream);
        assert_int_equal(after->properties[i].type, before.properties[i].type);
    }
    gy_schema_release(&before);
    gy_fixture_close(&f);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(test_a_new_catalog),           cmocka_unit_test(test_half_a_catalog),
    cmocka_unit_test(test_texts_may_hold_anything), cmocka_unit_test(test_a_transaction_is_undone),
    cmocka_unit_test(test_a_folder_of_others),      cmocka_unit_test(test_the_schema_comes_back),
};

GY_TEST_MAIN(cases)
