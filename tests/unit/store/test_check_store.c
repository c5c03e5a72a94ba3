/* test_check_store.c - damage of every kind is named, and reading it is refused. */
#include "harness.h"
#include "store_fixture.h"

#include <dirent.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/file.h"
#include "store/catalog.h"

static void refresh(const struct gy_fixture *f)
{
    struct gy_error err = {0};
    roaring_bitmap_t *both = roaring_bitmap_of(2, 0, 1);
    struct gy_refresh one = {GY_STR("s"), 1, 1000, both, both, NULL, GY_STR(""), 0};
    assert_ok(gy_writer_put_segment(f->writer, one.segment, GY_STR("everyone"), GY_STR("{}"),
                                    GY_STR(""), GY_STR(""), &err),
              &err);
    assert_ok(gy_writer_put_refreshes(f->writer, &one, 1, &err), &err);
    roaring_bitmap_free(both);
}

/* A directory with a part, an id file, a row of the log and a refresh; nobody has it open. */
static void make(struct gy_fixture *f)
{
    gy_fixture_open(f, "UTC");
    gy_fixture_track(f, "a", "E", "2025-01-01T00:00:00Z", "{\"n\":1,\"s\":\"text\"}");
    gy_fixture_add(f, "{\"type\":\"track\",\"anonymousId\":\"phone\",\"event\":\"E\","
                      "\"timestamp\":\"2025-01-01T00:00:00Z\"}");
    gy_fixture_commit(f);
    gy_fixture_track(f, "b", "E", "2025-01-02T00:00:00Z", "{\"n\":2}");
    gy_fixture_add(f, "{\"type\":\"identify\",\"userId\":\"b\",\"anonymousId\":\"phone\"}");
    gy_fixture_commit_log(f);
    refresh(f);
    gy_writer_close(f->writer);
    f->writer = NULL;
}

static void count(void *context, const char *problem)
{
    assert_true(problem[0] != '\0');
    ++*(uint64_t *)context;
}

static enum gy_status check(const struct gy_fixture *f, uint64_t *n_problems)
{
    struct gy_error err = {0};
    struct gy_check_report report;
    *n_problems = 0;
    enum gy_status status = gy_store_check(f->dir, count, n_problems, &report, &err);
    assert_int_equal(report.n_problems, *n_problems);
    return status;
}

/* The first file of `parts` whose name ends so. */
static void find_file(const struct gy_fixture *f, const char *suffix, char out[512])
{
    char parts[128];
    snprintf(parts, sizeof parts, "%s/parts", f->dir);
    DIR *dir = opendir(parts);
    assert_non_null(dir);
    out[0] = '\0';
    for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        if (strstr(e->d_name, suffix) != NULL)
            snprintf(out, 512, "%s/%s", parts, e->d_name);
    }
    closedir(dir);
    assert_true(out[0] != '\0');
}

static void run_sql(const struct gy_fixture *f, const char *sql)
{
    struct gy_error err = {0};
    struct gy_catalog c;
    assert_ok(gy_catalog_open(&c, f->dir, &err), &err);
    assert_ok(gy_catalog_run(&c, &err, sql, ""), &err);
    gy_catalog_close(&c);
}

static void test_a_sound_store(void **state)
{
    (void)state;
    struct gy_fixture f;
    make(&f);
    struct gy_check_report report = gy_fixture_check(&f);
    assert_int_equal(report.n_parts, 2);
    assert_int_equal(report.n_customers, 2); /* phone is b's */
    /* existence of a and phone, two events; existence, an event and an identify of b */
    assert_int_equal(report.n_rows, 4 + 3);
    gy_fixture_close(&f);
}

static void test_a_flipped_byte(void **state)
{
    (void)state;
    static const char *const suffixes[] = {".part", ".ids"};
    for (size_t i = 0; i < 2; i++) {
        struct gy_fixture f;
        make(&f);
        struct gy_error err = {0};
        struct gy_buf bytes = {0};
        char path[512];
        uint64_t n_problems;
        find_file(&f, suffixes[i], path);
        assert_ok(gy_file_read(path, &bytes, &err), &err);
        for (size_t at = 0; at < bytes.len; at += 97) {
            bytes.ptr[at] ^= 0x10;
            assert_ok(gy_file_write(path, gy_buf_view(&bytes), &err), &err);
            assert_int_equal(check(&f, &n_problems), GY_CORRUPT);
            assert_true(n_problems > 0);
            bytes.ptr[at] ^= 0x10;
        }
        assert_ok(gy_file_write(path, gy_buf_view(&bytes), &err), &err);
        assert_int_equal(check(&f, &n_problems), GY_OK);
        gy_buf_release(&bytes);
        gy_fixture_close(&f);
    }
}

static bool opens(const struct gy_fixture *f)
{
    struct gy_error err = {0};
    struct gy_snapshot *snapshot = NULL;
    struct gy_writer *writer = NULL;
    bool is_read = gy_snapshot_open(f->dir, &snapshot, &err) == GY_OK;
    bool is_written = gy_writer_open(f->dir, &writer, &err) == GY_OK;
    gy_snapshot_close(snapshot);
    gy_writer_close(writer);
    return is_read && is_written;
}

/* Not all of the catalog has a checksum; but what is found sound can be used. */
static void test_a_flipped_byte_of_the_catalog(void **state)
{
    (void)state;
    struct gy_fixture f;
    struct gy_error err = {0};
    struct gy_buf bytes = {0};
    char path[512];
    uint64_t n_problems;
    uint32_t n_found = 0;
    make(&f);
    snprintf(path, sizeof path, "%s/gyeol.db", f.dir);
    assert_ok(gy_file_read(path, &bytes, &err), &err);
    for (size_t at = 100; at < 4096; at += 3) { /* the first page: the definitions of the tables */
        bytes.ptr[at] ^= 0x01;
        assert_ok(gy_file_write(path, gy_buf_view(&bytes), &err), &err);
        bool is_sound = check(&f, &n_problems) == GY_OK;
        n_found += !is_sound;
        if (is_sound && !opens(&f))
            fail_msg("the flipped byte %zu is not found", at);
        bytes.ptr[at] ^= 0x01;
    }
    assert_true(n_found > 0);
    assert_ok(gy_file_write(path, gy_buf_view(&bytes), &err), &err);
    assert_int_equal(check(&f, &n_problems), GY_OK);
    gy_buf_release(&bytes);
    gy_fixture_close(&f);
}

static void test_a_table_that_is_not_ours(void **state)
{
    (void)state;
    static const char *const damage[] = {
        "DROP INDEX refresh_change_at",
        "CREATE TABLE other(x)",
        "ALTER TABLE part RENAME COLUMN links_applied TO links_applieb",
    };
    for (size_t i = 0; i < sizeof damage / sizeof *damage; i++) {
        struct gy_fixture f;
        uint64_t n_problems;
        make(&f);
        run_sql(&f, damage[i]);
        assert_int_equal(check(&f, &n_problems), GY_CORRUPT);
        assert_int_equal(n_problems, 1);
        gy_fixture_close(&f);
    }
}

/* Nobody could have set it: it is damage, and no fault of who asks. */
static void test_a_setting_that_cannot_be(void **state)
{
    (void)state;
    static const char *const damage[] = {
        "UPDATE meta SET value = 'Asia/Seoum' WHERE key = 'time_zone'",
        "UPDATE meta SET value = 'krw' WHERE key = 'currency'",
        "UPDATE meta SET value = 'kp' WHERE key = 'language'",
        "DELETE FROM meta WHERE key = 'time_zone'",
    };
    for (size_t i = 0; i < sizeof damage / sizeof *damage; i++) {
        struct gy_fixture f;
        struct gy_error err = {0};
        struct gy_snapshot *snapshot = NULL;
        uint64_t n_problems;
        make(&f);
        run_sql(&f, damage[i]);
        assert_int_equal(check(&f, &n_problems), GY_CORRUPT);
        assert_int_equal(n_problems, 1);
        assert_int_equal(gy_snapshot_open(f.dir, &snapshot, &err), GY_CORRUPT);
        assert_non_null(strstr(err.message, "damaged setting"));
        gy_fixture_close(&f);
    }
}

static void test_a_missing_file(void **state)
{
    (void)state;
    static const char *const suffixes[] = {".part", ".ids"};
    for (size_t i = 0; i < 2; i++) {
        struct gy_fixture f;
        make(&f);
        struct gy_error err = {0};
        struct gy_snapshot *s;
        struct gy_writer *w;
        char path[512];
        uint64_t n_problems;
        find_file(&f, suffixes[i], path);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(check(&f, &n_problems), GY_CORRUPT);
        assert_int_equal(gy_snapshot_open(f.dir, &s, &err), GY_CORRUPT);
        assert_int_not_equal(gy_writer_open(f.dir, &w, &err), GY_OK);
        gy_fixture_close(&f);
    }
}

/* Each of these says something that cannot be. */
static void test_a_lying_catalog(void **state)
{
    (void)state;
    static const char *const lies[] = {
        "UPDATE part SET n_rows = n_rows + 1",
        "UPDATE part SET bytes = 1",
        "UPDATE ids SET n = n + 1",
        "DELETE FROM ids",
        "DELETE FROM property",
        "DELETE FROM stream",
        "UPDATE stream SET kind = 7",
        "UPDATE property SET type = 99",
        "UPDATE link SET parent = 77",
        "UPDATE link SET parent = child",
        "INSERT INTO link VALUES(100, 2, 1)", /* b below phone, which is below b */
        "UPDATE log SET part = x'00'",
        "UPDATE log SET ids = NULL",
        "UPDATE meta SET value = 'Mars/Olympus' WHERE key = 'time_zone'",
        "UPDATE refresh SET members = x'00'",
        "UPDATE refresh_change SET came = substr(came, 2)",
        "UPDATE refresh SET segment = 77",
        "DELETE FROM segment",
    };
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        struct gy_fixture f;
        uint64_t n_problems;
        make(&f);
        run_sql(&f, lies[i]);
        enum gy_status status = check(&f, &n_problems);
        if (status == GY_OK)
            fail_msg("not noticed: %s", lies[i]);
        gy_fixture_close(&f);
    }
}

static void test_what_is_no_catalog(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_snapshot *s;
    char path[128];
    struct gy_fixture f;
    make(&f);
    run_sql(&f, "PRAGMA user_version = 99");
    assert_int_equal(gy_snapshot_open(f.dir, &s, &err), GY_UNSUPPORTED);
    snprintf(path, sizeof path, "%s/gyeol.db", f.dir);
    assert_ok(gy_file_write(path, GY_STR("this is no database, but long enough to look at"), &err),
              &err);
    assert_int_equal(gy_snapshot_open(f.dir, &s, &err), GY_CORRUPT);
    gy_fixture_close(&f);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(test_a_sound_store),
    cmocka_unit_test(test_a_flipped_byte),
    cmocka_unit_test(test_a_flipped_byte_of_the_catalog),
    cmocka_unit_test(test_a_table_that_is_not_ours),
    cmocka_unit_test(test_a_setting_that_cannot_be),
    cmocka_unit_test(test_a_missing_file),
    cmocka_unit_test(test_a_lying_catalog),
    cmocka_unit_test(test_what_is_no_catalog),
};

GY_TEST_MAIN(cases)
