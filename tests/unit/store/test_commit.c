/* test_commit.c - each write, fsync and rename of a commit fails in turn: nothing is acknowledged then,
 * the batch stays, and trying again, here or in another process, makes everything whole.
 *
 * The linker passes our calls through this file. SQLite's own are not ours to spoil here. */
#include "harness.h"
#include "store_fixture.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Counts calls; the one with the number `failing` fails (0: none). */
static struct {
    int n;
    int failing;
    bool is_on;
} faults;

static bool fails(void)
{
    if (!faults.is_on || ++faults.n != faults.failing)
        return false;
    errno = EIO;
    return true;
}

ssize_t __real_write(int fd, const void *bytes, size_t len);
ssize_t __wrap_write(int fd, const void *bytes, size_t len);
ssize_t __wrap_write(int fd, const void *bytes, size_t len)
{
    return fails() ? -1 : __real_write(fd, bytes, len);
}

int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __wrap_fsync(int fd)
{
    return fails() ? -1 : __real_fsync(fd);
}

int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to)
{
    return fails() ? -1 : __real_rename(from, to);
}

int __real_close(int fd);
int __wrap_close(int fd);
int __wrap_close(int fd)
{
    bool is_failing = fails();
    int code = __real_close(fd);
    if (is_failing)
        errno = EIO;
    return is_failing ? -1 : code;
}

/* ---- what is done, and what is there afterwards ---- */

static void add_calls(struct gy_fixture *f)
{
    gy_fixture_track(f, "a", "E", "2025-01-01T00:00:00Z", "{\"n\":1}");
    gy_fixture_track(f, "b", "F", "2025-01-01T00:00:00Z", "{\"s\":\"x\",\"items\":[{\"n\":1}]}");
    gy_fixture_add(f, "{\"type\":\"identify\",\"userId\":\"a\",\"anonymousId\":\"phone\","
                      "\"traits\":{\"x\":1},\"timestamp\":\"2025-01-02T00:00:00Z\"}");
}

static void add_more_calls(struct gy_fixture *f)
{
    gy_fixture_track(f, "a", "E", "2025-01-03T00:00:00Z", "{\"n\":2}");
    gy_fixture_add(f, "{\"type\":\"alias\",\"previousId\":\"b\",\"userId\":\"c\","
                      "\"timestamp\":\"2025-01-03T00:00:00Z\"}");
}

static void expect_first(const struct gy_fixture *f)
{
    gy_fixture_expect(f, "phone",
                      "2025-01-01T00:00:00.000Z E n=1\n2025-01-02T00:00:00.000Z trait.x=1\n");
    gy_fixture_expect(f, "b",
                      "2025-01-01T00:00:00.000Z F s=\"x\"\n"
                      "2025-01-01T00:00:00.000Z F/items n=1 s=\"x\"\n");
}

static void expect_all(const struct gy_fixture *f)
{
    gy_fixture_expect(f, "a",
                      "2025-01-01T00:00:00.000Z E n=1\n2025-01-03T00:00:00.000Z E n=2\n"
                      "2025-01-02T00:00:00.000Z trait.x=1\n");
    gy_fixture_expect(f, "c",
                      "2025-01-01T00:00:00.000Z F s=\"x\"\n"
                      "2025-01-01T00:00:00.000Z F/items n=1 s=\"x\"\n");
}

typedef enum gy_status (*operation)(struct gy_fixture *f, struct gy_error *err);

static enum gy_status commit(struct gy_fixture *f, struct gy_error *err)
{
    return gy_writer_commit(f->writer, 0, &f->counts, err);
}

static enum gy_status maintain(struct gy_fixture *f, struct gy_error *err)
{
    return gy_writer_maintain(f->writer, err);
}

static enum gy_status compact(struct gy_fixture *f, struct gy_error *err)
{
    return gy_writer_compact(f->writer, err);
}

/* True if the operation ended well, with the n-th call failing: some may, like closing what was only
 * read. */
static bool run_failing(struct gy_fixture *f, operation run, int n)
{
    struct gy_error err = {0};
    faults.n = 0;
    faults.failing = n;
    faults.is_on = true;
    enum gy_status status = run(f, &err);
    faults.is_on = false;
    if (status != GY_OK) {
        assert_int_equal(status, GY_IO);
        assert_int_equal(err.sys_errno, EIO);
    }
    return status == GY_OK;
}

/* There were not so many calls. */
static bool was_last(void)
{
    return faults.n < faults.failing;
}

static size_t n_files(const struct gy_fixture *f)
{
    char parts[128];
    snprintf(parts, sizeof parts, "%s/parts", f->dir);
    size_t n = 0;
    DIR *dir = opendir(parts);
    while (readdir(dir) != NULL)
        n++;
    closedir(dir);
    return n - 2;
}

static void test_a_commit_that_fails_is_tried_again(void **state)
{
    (void)state;
    int n = 1;
    for (bool is_over = false; !is_over; n++) {
        struct gy_fixture f;
        gy_fixture_open(&f, "UTC");
        add_calls(&f);
        bool is_done = run_failing(&f, commit, n);
        is_over = was_last();
        if (!is_done) {
            assert_int_equal(gy_writer_batch_calls(f.writer), 3);
            gy_fixture_expect(&f, "a", "");
            gy_fixture_check(&f);
            assert_int_equal(n_files(&f), 0);
            gy_fixture_commit(&f);
        }
        assert_int_equal(f.counts.taken, 3);
        expect_first(&f);
        gy_fixture_check(&f);
        assert_int_equal(n_files(&f), 2);
        gy_fixture_close(&f);
    }
    assert_true(n > 8); /* two files: each written, synced, closed, renamed, its folder synced */
}

static void test_a_commit_that_fails_is_begun_again(void **state)
{
    (void)state;
    int n = 1;
    for (bool is_over = false; !is_over; n++) {
        struct gy_fixture f;
        gy_fixture_open(&f, "UTC");
        add_calls(&f);
        gy_fixture_commit(&f);
        add_more_calls(&f);
        bool is_done = run_failing(&f, commit, n);
        is_over = was_last();
        gy_fixture_reopen(&f);
        if (!is_done)
            expect_first(&f);
        add_calls(&f);
        add_more_calls(&f);
        gy_fixture_commit(&f);
        assert_int_equal(f.counts.taken, is_done ? 0 : 2);
        expect_all(&f);
        gy_fixture_check(&f);
        gy_fixture_close(&f);
    }
    assert_true(n > 8);
}

static enum gy_status commit_ahead(struct gy_fixture *f, struct gy_error *err)
{
    enum gy_status status = gy_writer_commit_ahead(f->writer, 0, err);
    return status != GY_OK ? status : gy_writer_wait(f->writer, &f->counts, err);
}

/* Nothing of the batch is left then, as of the one behind it. */
static void test_a_commit_ahead_that_fails_leaves_nothing(void **state)
{
    (void)state;
    int n = 1;
    for (bool is_over = false; !is_over; n++) {
        struct gy_fixture f;
        gy_fixture_open(&f, "UTC");
        add_calls(&f);
        bool is_done = run_failing(&f, commit_ahead, n);
        is_over = was_last();
        if (!is_done) {
            assert_int_equal(gy_writer_batch_calls(f.writer), 0);
            gy_fixture_expect(&f, "a", "");
            gy_fixture_check(&f);
            assert_int_equal(n_files(&f), 0);
            add_calls(&f);
            gy_fixture_commit(&f);
        }
        assert_int_equal(f.counts.taken, 3);
        expect_first(&f);
        gy_fixture_check(&f);
        gy_fixture_close(&f);
    }
    assert_true(n > 8);
}

static void run_with_log(operation run)
{
    int n = 1;
    for (bool is_over = false; !is_over; n++) {
        struct gy_fixture f;
        gy_fixture_open(&f, "UTC");
        add_calls(&f);
        gy_fixture_commit(&f);
        add_more_calls(&f);
        gy_fixture_commit_log(&f);
        run_failing(&f, run, n);
        is_over = was_last();
        expect_all(&f);
        gy_fixture_check(&f);
        gy_fixture_reopen(&f);
        expect_all(&f);
        struct gy_error err = {0};
        assert_ok(run(&f, &err), &err);
        expect_all(&f);
        gy_fixture_check(&f);
        gy_fixture_close(&f);
    }
    assert_true(n > 8);
}

static void test_maintenance_that_fails_loses_nothing(void **state)
{
    (void)state;
    run_with_log(maintain);
    run_with_log(compact);
}

static void test_a_replacement_that_fails_loses_nothing(void **state)
{
    (void)state;
    static const struct gy_str value = {"1", 1};
    int n = 1;
    for (bool is_over = false; !is_over; n++) {
        struct gy_fixture f;
        gy_fixture_open(&f, "UTC");
        add_calls(&f);
        gy_fixture_commit(&f);
        gy_writer_replace_calls(f.writer, GY_STR("E"), GY_STR("n"), &value, 1);
        gy_fixture_track(&f, "a", "E", "2025-01-05T00:00:00Z", "{\"n\":5}");
        bool is_done = run_failing(&f, commit, n);
        is_over = was_last();
        if (!is_done) {
            expect_first(&f);
            gy_fixture_commit(&f);
        }
        gy_fixture_expect(&f, "a",
                          "2025-01-05T00:00:00.000Z E n=5\n2025-01-02T00:00:00.000Z trait.x=1\n");
        gy_fixture_check(&f);
        gy_fixture_close(&f);
    }
    assert_true(n > 8);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(test_a_commit_that_fails_is_tried_again),
    cmocka_unit_test(test_a_commit_that_fails_is_begun_again),
    cmocka_unit_test(test_a_commit_ahead_that_fails_leaves_nothing),
    cmocka_unit_test(test_maintenance_that_fails_loses_nothing),
    cmocka_unit_test(test_a_replacement_that_fails_loses_nothing),
};

GY_TEST_MAIN(cases)
