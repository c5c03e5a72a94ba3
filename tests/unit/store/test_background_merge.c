/* test_background_merge.c - parts are merged while calls go on being taken, and the data stays what it was. */
#include "harness.h"
#include "store_fixture.h"

#include <pthread.h>
#include <string.h>

static void add_run(struct gy_fixture *f, int no)
{
    char json[300];
    for (int user = 0; user < 5; user++) {
        snprintf(json, sizeof json,
                 "{\"type\":\"track\",\"userId\":\"u%d\",\"event\":\"Visit\",\"messageId\":\"%d\","
                 "\"timestamp\":\"2025-01-%02dT00:00:00Z\",\"properties\":{\"n\":%d}}",
                 user, no, no + 1, no);
        gy_fixture_add(f, json);
    }
    gy_fixture_commit(f);
}

static size_t n_parts(const struct gy_fixture *f)
{
    struct gy_snapshot *s = gy_fixture_snapshot(f);
    size_t n = gy_snapshot_n_parts(s);
    gy_snapshot_close(s);
    return n;
}

static void describe(const struct gy_fixture *f, const char *id, struct gy_buf *out)
{
    struct gy_snapshot *s = gy_fixture_snapshot(f);
    gy_buf_reset(out);
    gy_fixture_describe(s, id, out);
    gy_snapshot_close(s);
}

static void *run_merge(void *merging)
{
    struct gy_error err = {0};
    return gy_merging_run(merging, &err) == GY_OK ? merging : NULL;
}

/* While it runs: new calls of the same customers and of others, duplicates, a new name, a merge of customers, and
 * the log becomes a part. */
static void test_while_calls_are_taken(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_buf one = {0};
    struct gy_buf two = {0};
    struct gy_fixture f;
    pthread_t thread;
    void *done;
    gy_fixture_open(&f, "UTC");
    for (int no = 0; no < 6; no++) {
        add_run(&f, no);
    }
    assert_int_equal(n_parts(&f), 6);
    struct gy_merging *merging = gy_writer_begin_merge(f.writer);
    assert_non_null(merging);
    assert_int_equal(pthread_create(&thread, NULL, run_merge, merging), 0);
    gy_fixture_track(&f, "u0", "Visit", "2025-02-01T00:00:00Z", "{\"n\": 7, \"new\": true}");
    gy_fixture_track(&f, "v", "Buy", "2025-02-01T00:00:00Z", NULL);
    gy_fixture_add(&f,
                   "{\"type\":\"track\",\"userId\":\"u1\",\"event\":\"Visit\",\"messageId\":\"3\","
                   "\"timestamp\":\"2025-01-04T00:00:00Z\"}");
    gy_fixture_add(&f, "{\"type\":\"alias\",\"userId\":\"u2\",\"previousId\":\"u3\"}");
    gy_fixture_commit_log(&f);
    assert_int_equal(f.counts.duplicates, 1);
    assert_ok(gy_writer_fold_log(f.writer, &err), &err);
    describe(&f, "u2", &one);
    pthread_join(thread, &done);
    assert_non_null(done);
    assert_ok(gy_writer_end_merge(f.writer, merging, &err), &err);
    assert_int_equal(n_parts(&f), 2);
    describe(&f, "u2", &two);
    assert_string_equal(one.ptr, two.ptr);
    gy_fixture_track(&f, "v", "Buy", "2025-02-02T00:00:00Z", NULL);
    gy_fixture_commit_log(&f);
    gy_fixture_check(&f);
    gy_fixture_reopen(&f);
    gy_fixture_compact(&f);
    assert_int_equal(n_parts(&f), 1);
    describe(&f, "u2", &two);
    assert_string_equal(one.ptr, two.ptr);
    gy_fixture_check(&f);
    gy_fixture_close(&f);
    gy_buf_release(&one);
    gy_buf_release(&two);
}

static void test_one_that_is_given_up(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    assert_null(gy_writer_begin_merge(f.writer));
    for (int no = 0; no < 6; no++) {
        add_run(&f, no);
    }
    struct gy_merging *merging = gy_writer_begin_merge(f.writer);
    assert_non_null(merging);
    assert_ok(gy_writer_end_merge(f.writer, merging, &err), &err);
    assert_int_equal(n_parts(&f), 6);
    gy_fixture_maintain(&f);
    assert_int_equal(n_parts(&f), 1);
    assert_null(gy_writer_begin_merge(f.writer));
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(test_while_calls_are_taken),
    cmocka_unit_test(test_one_that_is_given_up),
};

GY_TEST_MAIN(cases)
