/* test_background.c - maintenance while calls go on being taken; the data stays what it was. */
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
    return gy_background_run(merging, &err) == GY_OK ? merging : NULL;
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
    struct gy_background *merging = gy_writer_begin_background(f.writer);
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
    assert_ok(gy_writer_end_background(f.writer, merging, &err), &err);
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
    assert_null(gy_writer_begin_background(f.writer));
    for (int no = 0; no < 6; no++) {
        add_run(&f, no);
    }
    struct gy_background *merging = gy_writer_begin_background(f.writer);
    assert_non_null(merging);
    assert_ok(gy_writer_end_background(f.writer, merging, &err), &err);
    assert_int_equal(n_parts(&f), 6);
    gy_fixture_maintain(&f);
    assert_int_equal(n_parts(&f), 1);
    assert_null(gy_writer_begin_background(f.writer));
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

static void log_calls(struct gy_fixture *f, const char *user, int no)
{
    char json[300];
    snprintf(json, sizeof json,
             "{\"type\":\"track\",\"userId\":\"%s\",\"event\":\"Visit\",\"messageId\":\"%d\","
             "\"timestamp\":\"2025-01-01T00:00:%02dZ\"}",
             user, no, no);
    gy_fixture_add(f, json);
    gy_fixture_commit_log(f);
}

static struct gy_background *begin_fold(struct gy_fixture *f)
{
    struct gy_background *b = gy_writer_begin_fold(f->writer);
    assert_non_null(b);
    return b;
}

static void run_and_end(struct gy_fixture *f, struct gy_background *b)
{
    struct gy_error err = {0};
    assert_ok(gy_background_run(b, &err), &err);
    assert_ok(gy_writer_end_background(f->writer, b, &err), &err);
}

#define THREE                                                                             \
    "2025-01-01T00:00:00.000Z Visit\n2025-01-01T00:00:01.000Z Visit\n2025-01-01T00:00:02" \
    ".000Z Visit\n"

/* While the log becomes a file it goes on: new ids, the same calls again, a link; what came later stays in it. */
static void test_the_log_becomes_a_file(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    for (int no = 0; no < 2; no++) {
        log_calls(&f, "a", no);
        log_calls(&f, "b", no);
    }
    struct gy_background *b = begin_fold(&f);
    assert_null(gy_writer_begin_fold(f.writer));
    log_calls(&f, "a", 2);
    log_calls(&f, "a", 1);
    assert_int_equal(f.counts.duplicates, 1);
    log_calls(&f, "new", 0);
    gy_fixture_add(&f, "{\"type\":\"alias\",\"userId\":\"c\",\"previousId\":\"b\"}");
    gy_fixture_commit_log(&f);
    run_and_end(&f, b);
    gy_fixture_expect(&f, "a", THREE);
    gy_fixture_check(&f);
    gy_fixture_reopen(&f);
    log_calls(&f, "a", 2);
    assert_int_equal(f.counts.duplicates, 1);
    log_calls(&f, "b", 1);
    assert_int_equal(f.counts.duplicates, 1);
    log_calls(&f, "new", 0);
    assert_int_equal(f.counts.duplicates, 1);
    run_and_end(&f, begin_fold(&f));
    gy_fixture_expect(&f, "a", THREE);
    gy_fixture_expect(&f, "c", "2025-01-01T00:00:00.000Z Visit\n2025-01-01T00:00:01.000Z Visit\n");
    assert_null(gy_writer_begin_fold(f.writer));
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

/* What another thread works on may go away: then it was in vain, and nothing is there twice. */
static void test_in_vain(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_fixture f;
    struct gy_buf one = {0};
    struct gy_buf two = {0};
    gy_fixture_open(&f, "UTC");
    for (int no = 0; no < 6; no++) {
        add_run(&f, no);
    }
    log_calls(&f, "a", 0);
    describe(&f, "u0", &one);
    for (int ran_before = 0; ran_before < 2; ran_before++) {
        log_calls(&f, "a", ran_before + 1);
        struct gy_background *fold = begin_fold(&f);
        struct gy_background *merge = gy_writer_begin_background(f.writer);
        assert_int_equal(merge != NULL, !ran_before);
        if (ran_before) {
            assert_ok(gy_background_run(fold, &err), &err);
        }
        gy_fixture_compact(&f);
        if (!ran_before) {
            assert_ok(gy_background_run(fold, &err), &err);
            run_and_end(&f, merge);
        }
        assert_ok(gy_writer_end_background(f.writer, fold, &err), &err);
        assert_int_equal(n_parts(&f), 1);
    }
    describe(&f, "u0", &two);
    assert_string_equal(one.ptr, two.ptr);
    gy_fixture_expect(&f, "a", THREE);
    gy_fixture_check(&f);
    gy_fixture_reopen(&f);
    gy_fixture_expect(&f, "a", THREE);
    gy_buf_release(&one);
    gy_buf_release(&two);
    gy_fixture_close(&f);
}

static void test_cancelled(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    log_calls(&f, "a", 0);
    struct gy_background *b = begin_fold(&f);
    gy_background_cancel(b);
    assert_int_equal(gy_background_run(b, &err), GY_CANCELLED);
    assert_ok(gy_writer_end_background(f.writer, b, &err), &err);
    log_calls(&f, "a", 1);
    log_calls(&f, "a", 2);
    run_and_end(&f, begin_fold(&f));
    gy_fixture_expect(&f, "a", THREE);
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

/* Rows of many who were linked move to their customers; a run without any only follows. Everything is then as
 * one process would leave it. */
static void test_links_that_are_many(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_fixture f;
    struct gy_buf one = {0};
    struct gy_buf two = {0};
    char json[200];
    gy_fixture_open(&f, "UTC");
    add_run(&f, 0);
    for (int i = 0; i < 40; i++) {
        snprintf(json, sizeof json,
                 "{\"type\":\"track\",\"anonymousId\":\"x%d\",\"event\":\"Visit\",\"timestamp\":"
                 "\"2025-01-01T00:00:%02dZ\"}",
                 i, i);
        gy_fixture_add(&f, json);
    }
    gy_fixture_commit(&f);
    for (int i = 0; i < 40; i++) {
        snprintf(json, sizeof json,
                 "{\"type\":\"identify\",\"userId\":\"u0\",\"anonymousId\":\"x%d\",\"timestamp\":"
                 "\"2025-03-01T00:00:00Z\",\"traits\":{\"n\":%d}}",
                 i, i);
        gy_fixture_add(&f, json);
        gy_fixture_commit_log(&f);
    }
    run_and_end(&f, begin_fold(&f));
    describe(&f, "u0", &one);
    int n = 0;
    struct gy_background *b;
    while ((b = gy_writer_begin_background(f.writer)) != NULL) {
        assert_null(gy_writer_begin_background(f.writer));
        run_and_end(&f, b);
        assert_true(++n < 10);
    }
    assert_true(n >= 2);
    describe(&f, "u0", &two);
    assert_string_equal(one.ptr, two.ptr);
    gy_fixture_check(&f);
    struct gy_snapshot *s = gy_fixture_snapshot(&f);
    gy_snapshot_close(s);
    gy_fixture_reopen(&f);
    assert_null(gy_writer_begin_background(f.writer));
    assert_ok(gy_writer_compact(f.writer, &err), &err);
    describe(&f, "u0", &two);
    assert_string_equal(one.ptr, two.ptr);
    gy_fixture_check(&f);
    gy_buf_release(&one);
    gy_buf_release(&two);
    gy_fixture_close(&f);
}

/* Id files become one while others come. */
static void test_id_files(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    static const char *const users[] = {"a", "b", "c", "d", "e", "f"};
    for (int i = 0; i < 6; i++) {
        log_calls(&f, users[i], 0);
        run_and_end(&f, begin_fold(&f));
    }
    struct gy_background *merge = gy_writer_begin_background(f.writer);
    struct gy_background *join = gy_writer_begin_background(f.writer);
    assert_non_null(merge);
    assert_non_null(join);
    log_calls(&f, "g", 0);
    struct gy_background *fold = begin_fold(&f);
    log_calls(&f, "h", 0);
    run_and_end(&f, join);
    run_and_end(&f, merge);
    run_and_end(&f, fold);
    gy_fixture_check(&f);
    for (int i = 0; i < 6; i++) {
        gy_fixture_expect(&f, users[i], "2025-01-01T00:00:00.000Z Visit\n");
    }
    gy_fixture_reopen(&f);
    gy_fixture_expect(&f, "g", "2025-01-01T00:00:00.000Z Visit\n");
    gy_fixture_expect(&f, "h", "2025-01-01T00:00:00.000Z Visit\n");
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

/* A log of many rows is opened as a few parts, and each call is there once. */
static void test_a_long_log(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    for (int i = 0; i < 300; i++) {
        char user[16];
        snprintf(user, sizeof user, "u%d", i % 7);
        log_calls(&f, user, i % 60);
    }
    struct gy_buf one = {0};
    struct gy_buf two = {0};
    describe(&f, "u3", &one);
    assert_true(n_parts(&f) < 10);
    gy_fixture_reopen(&f);
    for (int i = 0; i < 300; i++) {
        char user[16];
        snprintf(user, sizeof user, "u%d", i % 7);
        log_calls(&f, user, i % 60);
        assert_int_equal(f.counts.duplicates, 1);
    }
    gy_fixture_compact(&f);
    describe(&f, "u3", &two);
    assert_string_equal(one.ptr, two.ptr);
    gy_buf_release(&one);
    gy_buf_release(&two);
    gy_fixture_close(&f);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(test_while_calls_are_taken),
    cmocka_unit_test(test_one_that_is_given_up),
    cmocka_unit_test(test_the_log_becomes_a_file),
    cmocka_unit_test(test_in_vain),
    cmocka_unit_test(test_cancelled),
    cmocka_unit_test(test_links_that_are_many),
    cmocka_unit_test(test_id_files),
    cmocka_unit_test(test_a_long_log),
};

GY_TEST_MAIN(cases)
