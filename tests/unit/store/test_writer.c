/* test_writer.c - what is committed is there, in every form it may take, and nothing else is. */
#include "base/file.h"
#include "harness.h"
#include "store_fixture.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ALICE_VISITS                                                                     \
    "{\"type\":\"track\",\"userId\":\"alice\",\"event\":\"Visit\",\"messageId\":\"m1\"," \
    "\"timestamp\":\"2025-01-02T03:04:05.678Z\",\"properties\":{\"page\":\"a\",\"n\":2}}"

/* ---- a commit ---- */

static void test_an_event_comes_back(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    gy_fixture_add(&f, ALICE_VISITS);
    gy_fixture_expect(&f, "alice", "");
    gy_fixture_commit(&f);
    assert_int_equal(f.counts.taken, 1);
    assert_int_equal(f.counts.lines_taken, 1);
    gy_fixture_expect(&f, "alice", "2025-01-02T03:04:05.678Z Visit n=2 page=\"a\"\n");
    struct gy_check_report report = gy_fixture_check(&f);
    assert_int_equal(report.n_customers, 1);
    assert_int_equal(report.n_parts, 1);
    gy_fixture_close(&f);
}

static void test_an_event_of_the_log_comes_back(void **state)
{
    (void)state;
    static const char expected[] = "2025-01-02T03:04:05.678Z Visit n=2 page=\"a\"\n";
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    gy_fixture_add(&f, ALICE_VISITS);
    gy_fixture_commit_log(&f);
    gy_fixture_expect(&f, "alice", expected);
    gy_fixture_reopen(&f);
    gy_fixture_expect(&f, "alice", expected);
    gy_fixture_check(&f);
    gy_fixture_maintain(&f);
    gy_fixture_expect(&f, "alice", expected);
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

static void test_an_empty_commit_does_nothing(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    gy_fixture_commit(&f);
    gy_fixture_commit_log(&f);
    gy_fixture_maintain(&f);
    gy_fixture_compact(&f);
    struct gy_snapshot *s = gy_fixture_snapshot(&f);
    assert_int_equal(gy_snapshot_n_parts(s), 0);
    assert_int_equal(gy_snapshot_n_ordinals(s), 0);
    gy_snapshot_close(s);
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

static void test_a_rehearsal_counts_and_changes_nothing(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_commit_counts counts = {0};
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    gy_fixture_add(&f, ALICE_VISITS);
    gy_fixture_add(&f, ALICE_VISITS);
    assert_ok(gy_writer_rehearse(f.writer, &counts, &err), &err);
    assert_int_equal(counts.taken, 1);
    assert_int_equal(counts.duplicates, 1);
    gy_fixture_commit(&f);
    assert_int_equal(f.counts.taken, 0);
    gy_fixture_expect(&f, "alice", "");
    gy_fixture_add(&f, ALICE_VISITS);
    gy_fixture_commit(&f);
    assert_int_equal(f.counts.taken, 1);
    gy_fixture_close(&f);
}

static void test_calls_that_cannot_be_taken_leave_nothing(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "{\"type\":\"track\",\"event\":\"Visit\",\"timestamp\":\"2025-01-02T03:04:05Z\"}",
        "{\"type\":\"track\",\"userId\":\"a\",\"event\":\"Visit\"}",
        "{\"type\":\"track\",\"userId\":\"a\",\"timestamp\":\"2025-01-02T03:04:05Z\"}",
        "{\"type\":\"track\",\"userId\":\"a\",\"event\":\"Visit\",\"timestamp\":\"2106-01-01T00:00:00.001Z\"}",
        "{\"type\":\"track\",\"userId\":\"a\",\"event\":\"Visit\",\"timestamp\":\"2106-01-01T00:00:00Z\"}",
        "{\"type\":\"alias\",\"userId\":\"a\",\"timestamp\":\"2025-01-02T03:04:05Z\"}",
    };
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct gy_error err = {0};
        assert_int_equal(gy_fixture_try(&f, wrong[i], &err), GY_INVALID);
        assert_true(err.message[0] != '\0');
    }
    gy_fixture_commit(&f);
    assert_int_equal(f.counts.taken, 0);
    struct gy_snapshot *s = gy_fixture_snapshot(&f);
    assert_int_equal(gy_snapshot_n_ordinals(s), 0);
    assert_int_equal(gy_snapshot_schema(s)->n_streams, 0);
    gy_snapshot_close(s);
    gy_fixture_close(&f);
}

/* The first and last instants that an event may have. */
static void test_the_bounds_of_time(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    gy_fixture_track(&f, "a", "E", "2105-12-31T23:59:59.999Z", NULL);
    gy_fixture_track(&f, "a", "E", "1970-01-01T00:00:00.000Z", NULL);
    gy_fixture_track(&f, "a", "E", "1969-12-31T23:59:59.999Z", NULL);
    gy_fixture_track(&f, "a", "E", "1899-12-30T12:34:56.789Z", NULL);
    gy_fixture_track(&f, "a", "E", "0001-01-01T00:00:00.000Z", NULL);
    gy_fixture_track(&f, "a", "E", "1899-12-30T12:34:56.789Z", NULL); /* again */
    gy_fixture_commit(&f);
    gy_fixture_expect(&f, "a",
                      "0001-01-01T00:00:00.000Z E\n1899-12-30T12:34:56.789Z E\n"
                      "1899-12-30T12:34:56.789Z E\n1969-12-31T23:59:59.999Z E\n"
                      "1970-01-01T00:00:00.000Z E\n2105-12-31T23:59:59.999Z E\n");
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

/* ---- one writer, many readers ---- */

static void test_there_is_one_writer(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_writer *second = NULL;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    assert_int_equal(gy_writer_open(f.dir, &second, &err), GY_BUSY);
    assert_null(second);
    gy_fixture_close(&f);
}

static void test_a_snapshot_does_not_change(void **state)
{
    (void)state;
    struct gy_buf text = {0};
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    gy_fixture_track(&f, "a", "E", "2025-01-01T00:00:00Z", NULL);
    gy_fixture_commit(&f);
    struct gy_snapshot *before = gy_fixture_snapshot(&f);
    gy_fixture_track(&f, "a", "E", "2025-01-02T00:00:00Z", "{\"n\":1}");
    gy_fixture_track(&f, "b", "F", "2025-01-02T00:00:00Z", NULL);
    gy_fixture_commit(&f);
    gy_fixture_compact(&f);
    gy_fixture_describe(before, "a", &text);
    assert_string_equal(text.ptr, "2025-01-01T00:00:00.000Z E\n");
    assert_int_equal(gy_snapshot_n_ordinals(before), 1);
    assert_int_equal(gy_snapshot_schema(before)->n_streams, 1);
    gy_snapshot_close(before);
    gy_fixture_expect(&f, "a", "2025-01-01T00:00:00.000Z E\n2025-01-02T00:00:00.000Z E n=1\n");
    gy_buf_release(&text);
    gy_fixture_close(&f);
}

static void test_without_a_data_directory(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_snapshot *s = NULL;
    struct gy_writer *w = NULL;
    assert_int_equal(gy_snapshot_open("/tmp/gyeol-is-not-here", &s, &err), GY_NO_WORKSPACE);
    assert_non_null(strstr(err.message, "/tmp/gyeol-is-not-here"));
    assert_int_equal(gy_writer_open("/tmp/gyeol-is-not-here", &w, &err), GY_NO_WORKSPACE);
    assert_false(gy_workspace_exists("/tmp/gyeol-is-not-here"));
}

static void test_a_workspace_is_made_once(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_fixture f;
    gy_fixture_open(&f, "Asia/Seoul");
    assert_int_equal(gy_workspace_init(f.dir, NULL, &err), GY_CONFLICT);
    assert_string_equal(gy_writer_time_zone(f.writer), "Asia/Seoul");
    struct gy_snapshot *s = gy_fixture_snapshot(&f);
    assert_string_equal(gy_snapshot_currency(s), "GBP");
    assert_string_equal(gy_snapshot_language(s), "en");
    gy_snapshot_close(s);
    struct gy_init_options wrong_zone = {.time_zone = "Mars/Olympus"};
    struct gy_init_options wrong_currency = {.currency = "pounds"};
    struct gy_init_options wrong_language = {.language = "fr"};
    assert_int_equal(gy_workspace_init("/tmp/gyeol-not-made", &wrong_zone, &err), GY_INVALID);
    assert_int_equal(gy_workspace_init("/tmp/gyeol-not-made", &wrong_currency, &err), GY_INVALID);
    assert_int_equal(gy_workspace_init("/tmp/gyeol-not-made", &wrong_language, &err), GY_INVALID);
    assert_false(gy_workspace_exists("/tmp/gyeol-not-made"));
    gy_fixture_close(&f);
}

/* ---- many parts ---- */

/* Commits the n-th of some small batches: two customers, a day apart. */
static void add_small_batch(struct gy_fixture *f, int n)
{
    char time[32];
    char properties[32];
    snprintf(time, sizeof time, "2025-01-%02dT00:00:00Z", n % 28 + 1);
    snprintf(properties, sizeof properties, "{\"n\":%d}", n);
    gy_fixture_track(f, "a", "E", time, properties);
    gy_fixture_track(f, n % 2 == 0 ? "b" : "c", "F", time, properties);
}

static uint64_t sum_of_rows(const struct gy_snapshot *s, const char *event)
{
    uint32_t stream = gy_schema_find_event(gy_snapshot_schema(s), gy_str_of(event));
    uint64_t n = 0;
    for (size_t i = 0; i < gy_snapshot_n_parts(s); i++)
        n += gy_part_n_rows(gy_snapshot_part(s, i), stream);
    return n;
}

/* Commits `n` batches and holds the customers' histories against those of one large commit. */
static void compare_with_one_commit(int n, void (*commit)(struct gy_fixture *),
                                    void (*afterwards)(struct gy_fixture *))
{
    static const char *const ids[] = {"a", "b", "c"};
    struct gy_fixture whole;
    struct gy_fixture split;
    gy_fixture_open(&whole, "UTC");
    gy_fixture_open(&split, "UTC");
    for (int i = 0; i < n; i++) {
        add_small_batch(&whole, i);
        add_small_batch(&split, i);
        commit(&split);
    }
    gy_fixture_commit(&whole);
    if (afterwards != NULL)
        afterwards(&split);
    struct gy_buf text = {0};
    struct gy_snapshot *s = gy_fixture_snapshot(&whole);
    for (size_t i = 0; i < 3; i++) {
        gy_fixture_describe(s, ids[i], &text);
        gy_fixture_expect(&split, ids[i], text.ptr);
    }
    gy_snapshot_close(s);
    gy_buf_release(&text);
    gy_fixture_check(&split);
    gy_fixture_close(&whole);
    gy_fixture_close(&split);
}

static void test_splitting_changes_nothing(void **state)
{
    (void)state;
    compare_with_one_commit(40, gy_fixture_commit, NULL);
    compare_with_one_commit(40, gy_fixture_commit, gy_fixture_maintain);
    compare_with_one_commit(40, gy_fixture_commit, gy_fixture_compact);
    compare_with_one_commit(40, gy_fixture_commit_log, NULL);
    compare_with_one_commit(40, gy_fixture_commit_log, gy_fixture_reopen);
    compare_with_one_commit(40, gy_fixture_commit_log, gy_fixture_maintain);
    compare_with_one_commit(40, gy_fixture_commit_log, gy_fixture_compact);
}

static void test_the_tail_stays_short(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    for (int i = 0; i < 100; i++) {
        add_small_batch(&f, i);
        gy_fixture_commit_log(&f);
    }
    struct gy_snapshot *s = gy_fixture_snapshot(&f);
    assert_in_range(gy_snapshot_n_parts(s), 1, 12);
    assert_int_equal(sum_of_rows(s, "E"), 100);
    gy_snapshot_close(s);
    gy_fixture_close(&f);
}

static void test_maintenance_keeps_parts_few(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    for (int i = 0; i < 60; i++) {
        add_small_batch(&f, i);
        gy_fixture_commit(&f);
        gy_fixture_maintain(&f);
    }
    struct gy_snapshot *s = gy_fixture_snapshot(&f);
    assert_in_range(gy_snapshot_n_parts(s), 1, 10);
    assert_int_equal(sum_of_rows(s, "E"), 60);
    gy_snapshot_close(s);
    gy_fixture_compact(&f);
    s = gy_fixture_snapshot(&f);
    assert_int_equal(gy_snapshot_n_parts(s), 1);
    assert_int_equal(sum_of_rows(s, "E"), 60);
    gy_snapshot_close(s);
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

/* ---- order ---- */

/* Within one millisecond the order is that of arrival, across streams and items. */
static void test_ties_keep_their_order(void **state)
{
    (void)state;
    static const char expected[] = "2025-01-01T00:00:00.000Z B n=1\n"
                                   "2025-01-01T00:00:00.000Z A/items n=2 sku=\"x\"\n"
                                   "2025-01-01T00:00:00.000Z A/items n=2 sku=\"y\"\n"
                                   "2025-01-01T00:00:00.000Z B n=3\n"
                                   "2025-01-01T00:00:00.000Z A n=4\n"
                                   "2025-01-01T00:00:00.000Z B n=5\n";
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    gy_fixture_track(&f, "a", "B", "2025-01-01T00:00:00Z", "{\"n\":1}");
    gy_fixture_track(&f, "a", "A", "2025-01-01T00:00:00Z",
                     "{\"n\":2,\"items\":[{\"sku\":\"x\"},{\"sku\":\"y\"}]}");
    gy_fixture_track(&f, "a", "B", "2025-01-01T00:00:00Z", "{\"n\":3}");
    gy_fixture_track(&f, "a", "A", "2025-01-01T00:00:00Z", "{\"n\":4}");
    gy_fixture_commit(&f);
    gy_fixture_track(&f, "a", "B", "2025-01-01T00:00:00Z", "{\"n\":5}");
    gy_fixture_commit(&f);
    char whole[1024];
    snprintf(whole, sizeof whole, "%.*s2025-01-01T00:00:00.000Z A n=2\n%s",
             (int)(strchr(expected, '\n') + 1 - expected), expected, strchr(expected, '\n') + 1);
    gy_fixture_expect(&f, "a", whole);
    gy_fixture_compact(&f);
    gy_fixture_expect(&f, "a", whole);
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

static void test_an_earlier_time_may_come_later(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    gy_fixture_track(&f, "a", "E", "2025-01-03T00:00:00Z", NULL);
    gy_fixture_track(&f, "a", "E", "2025-01-01T00:00:00Z", NULL);
    gy_fixture_commit(&f);
    gy_fixture_track(&f, "a", "E", "2025-01-02T00:00:00Z", NULL);
    gy_fixture_commit_log(&f);
    gy_fixture_expect(&f, "a",
                      "2025-01-01T00:00:00.000Z E\n2025-01-02T00:00:00.000Z E\n"
                      "2025-01-03T00:00:00.000Z E\n");
    gy_fixture_close(&f);
}

/* ---- crashes ---- */

/* A child writes batches, tells of each that is acknowledged, and is killed somewhere. */
static void write_until_killed(const struct gy_fixture *f, int first, int fd)
{
    struct gy_fixture child = *f;
    child.writer = NULL;
    struct gy_error err = {0};
    if (gy_writer_open(f->dir, &child.writer, &err) != GY_OK)
        _exit(1);
    for (int i = first;; i++) {
        char user[32];
        char properties[32];
        snprintf(user, sizeof user, "u%d", i);
        snprintf(properties, sizeof properties, "{\"n\":%d}", i);
        gy_fixture_track(&child, user, "E", "2025-01-01T00:00:00Z", "{\"n\":1}");
        gy_fixture_track(&child, "all", "E", "2025-01-01T00:00:00Z", properties);
        bool is_log = i % 3 == 0;
        enum gy_status status = is_log ? gy_writer_commit_log(child.writer, NULL, &err)
                                       : gy_writer_commit(child.writer, 0, NULL, &err);
        if (status != GY_OK || write(fd, &i, sizeof i) != sizeof i)
            _exit(1);
        if (i % 7 == 0 && gy_writer_maintain(child.writer, &err) != GY_OK)
            _exit(1);
    }
}

/* Waits for a few acknowledgements, then kills; the last one that came. */
static int kill_after(pid_t child, int fd, uint64_t *random, int last)
{
    uint64_t n = 1 + gy_test_below(random, 12);
    int acknowledged;
    for (uint64_t i = 0; i < n && read(fd, &acknowledged, sizeof acknowledged) > 0; i++)
        last = acknowledged;
    usleep((useconds_t)gy_test_below(random, 6000));
    kill(child, SIGKILL);
    int status;
    waitpid(child, &status, 0);
    assert_true(WIFSIGNALED(status));
    while (read(fd, &acknowledged, sizeof acknowledged) > 0)
        last = acknowledged;
    return last;
}

static void expect_all(const struct gy_fixture *f, int last)
{
    struct gy_snapshot *s = gy_fixture_snapshot(f);
    for (int i = 0; i <= last; i++) {
        char user[32];
        struct gy_buf text = {0};
        snprintf(user, sizeof user, "u%d", i);
        gy_fixture_describe(s, user, &text);
        assert_string_equal(text.ptr, "2025-01-01T00:00:00.000Z E n=1\n");
        gy_buf_release(&text);
    }
    /* What was not acknowledged may be there, but only whole: `all` has as many events as there are
     * others. */
    assert_int_equal(sum_of_rows(s, "E"), 2 * ((uint64_t)gy_snapshot_n_ordinals(s) - 1));
    gy_snapshot_close(s);
}

static void test_what_is_acknowledged_survives_a_kill(void **state)
{
    (void)state;
    uint64_t random = gy_test_seed();
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    gy_writer_close(f.writer);
    f.writer = NULL;
    int last = -1;
    for (int round = 0; round < 8; round++) {
        int pipes[2];
        assert_int_equal(pipe(pipes), 0);
        pid_t child = fork();
        if (child == 0) {
            close(pipes[0]);
            write_until_killed(&f, last + 1, pipes[1]);
        }
        close(pipes[1]);
        last = kill_after(child, pipes[0], &random, last);
        close(pipes[0]);
        gy_fixture_check(&f);
        struct gy_error err = {0};
        assert_ok(gy_writer_open(f.dir, &f.writer, &err), &err);
        gy_fixture_check(&f);
        expect_all(&f, last);
        struct gy_snapshot *s = gy_fixture_snapshot(&f);
        last = gy_snapshot_n_ordinals(s) == 0 ? -1 : (int)gy_snapshot_n_ordinals(s) - 2;
        gy_snapshot_close(s);
        gy_writer_close(f.writer);
        f.writer = NULL;
    }
    gy_fixture_close(&f);
}

static void test_garbage_is_removed(void **state)
{
    (void)state;
    struct gy_error err = {0};
    char garbage[128];
    char other[128];
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    gy_fixture_add(&f, ALICE_VISITS);
    gy_fixture_commit(&f);
    snprintf(garbage, sizeof garbage, "%s/parts/00000000000000ff.part", f.dir);
    snprintf(other, sizeof other, "%s/parts/notes.txt", f.dir);
    assert_ok(gy_file_write(garbage, GY_STR("torn"), &err), &err);
    assert_ok(gy_file_write(other, GY_STR("mine"), &err), &err);
    gy_fixture_reopen(&f);
    assert_int_equal(access(garbage, F_OK), -1);
    assert_int_equal(access(other, F_OK), 0);
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

/* In a folder that everybody may look into, nobody else may read what is stored. */
static void test_the_files_are_the_owners_alone(void **state)
{
    (void)state;
    char dir[] = "/tmp/gyeol-mode-XXXXXX";
    char path[64];
    struct stat about;
    struct gy_writer *writer = NULL;
    struct gy_error err;
    assert_non_null(mkdtemp(dir));
    assert_int_equal(chmod(dir, 0755), 0);
    assert_ok(gy_workspace_init(dir, NULL, &err), &err);
    assert_ok(gy_writer_open(dir, &writer, &err), &err);
    assert_ok(gy_writer_put_metric(writer, GY_STR("m"), GY_STR("1"), &err), &err);
    static const char *const names[] = {"gyeol.db", "gyeol.db-wal", "gyeol.db-shm", "parts"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        assert_int_equal(stat(path, &about), 0);
        assert_int_equal(about.st_mode & 077, 0);
    }
    gy_writer_close(writer);
    snprintf(path, sizeof path, "rm -rf '%s'", dir);
    assert_int_equal(system(path), 0);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(test_an_event_comes_back),
    cmocka_unit_test(test_an_event_of_the_log_comes_back),
    cmocka_unit_test(test_an_empty_commit_does_nothing),
    cmocka_unit_test(test_a_rehearsal_counts_and_changes_nothing),
    cmocka_unit_test(test_calls_that_cannot_be_taken_leave_nothing),
    cmocka_unit_test(test_the_bounds_of_time),
    cmocka_unit_test(test_there_is_one_writer),
    cmocka_unit_test(test_a_snapshot_does_not_change),
    cmocka_unit_test(test_without_a_data_directory),
    cmocka_unit_test(test_a_workspace_is_made_once),
    cmocka_unit_test(test_splitting_changes_nothing),
    cmocka_unit_test(test_the_tail_stays_short),
    cmocka_unit_test(test_maintenance_keeps_parts_few),
    cmocka_unit_test(test_ties_keep_their_order),
    cmocka_unit_test(test_an_earlier_time_may_come_later),
    cmocka_unit_test(test_what_is_acknowledged_survives_a_kill),
    cmocka_unit_test(test_garbage_is_removed),
    cmocka_unit_test(test_the_files_are_the_owners_alone),
};

GY_TEST_MAIN(cases)
