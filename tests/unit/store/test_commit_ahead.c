/* test_commit_ahead.c - a batch that is committed while the next is filled: what is stored then is what
 * commits one after the other store. */
#include "harness.h"
#include "store_fixture.h"

#include <stdio.h>

enum {
    N_CALLS = 600,
    N_IDS = 12
};

/* The same calls into two stores. */
struct pair {
    struct gy_fixture alone; /* commits, and waits */
    struct gy_fixture ahead; /* goes on */
    struct gy_commit_counts alone_counts;
    struct gy_commit_counts ahead_counts;
};

static void open_pair(struct pair *p)
{
    *p = (struct pair){0};
    gy_fixture_open(&p->alone, "Asia/Seoul");
    gy_fixture_open(&p->ahead, "Asia/Seoul");
}

static void close_pair(struct pair *p)
{
    gy_fixture_close(&p->alone);
    gy_fixture_close(&p->ahead);
}

static enum gy_status add(struct pair *p, const char *json)
{
    struct gy_error err = {0};
    enum gy_status alone = gy_fixture_try(&p->alone, json, &err);
    enum gy_status ahead = gy_fixture_try(&p->ahead, json, &err);
    assert_int_equal(alone, ahead);
    return alone;
}

static void commit(struct pair *p)
{
    struct gy_error err = {0};
    assert_ok(gy_writer_commit(p->alone.writer, 7, &p->alone_counts, &err), &err);
    assert_ok(gy_writer_commit_ahead(p->ahead.writer, 7, &err), &err);
    assert_int_equal(gy_writer_batch_calls(p->ahead.writer), 0);
}

static void finish(struct pair *p)
{
    struct gy_error err = {0};
    assert_ok(gy_writer_commit(p->alone.writer, 7, &p->alone_counts, &err), &err);
    assert_ok(gy_writer_commit(p->ahead.writer, 7, &p->ahead_counts, &err), &err);
    assert_int_equal(p->alone_counts.taken, p->ahead_counts.taken);
    assert_int_equal(p->alone_counts.duplicates, p->ahead_counts.duplicates);
    assert_int_equal(p->alone_counts.misfits, p->ahead_counts.misfits);
    assert_string_equal(p->alone_counts.misfit_example, p->ahead_counts.misfit_example);
    gy_fixture_check(&p->ahead);
}

static void begin_file(struct pair *p)
{
    gy_writer_begin_file(p->alone.writer, "calls.jsonl");
    gy_writer_begin_file(p->ahead.writer, "calls.jsonl");
}

static void assert_same_customer(const struct pair *p, const char *id)
{
    struct gy_snapshot *alone = gy_fixture_snapshot(&p->alone);
    struct gy_snapshot *ahead = gy_fixture_snapshot(&p->ahead);
    struct gy_buf expected = {0};
    struct gy_buf text = {0};
    gy_fixture_describe(alone, id, &expected);
    gy_fixture_describe(ahead, id, &text);
    gy_buf_char(&expected, '\n');
    gy_buf_char(&text, '\n');
    assert_string_equal(text.ptr, expected.ptr);
    gy_buf_release(&expected);
    gy_buf_release(&text);
    gy_snapshot_close(alone);
    gy_snapshot_close(ahead);
}

/* Few ids, names and times, so that calls repeat, claim and merge; names come anew all the time. */
static void random_call(uint64_t *random, int i, char out[512])
{
    int user = (int)gy_test_below(random, N_IDS);
    int anonymous = (int)gy_test_below(random, N_IDS);
    int day = 1 + (int)gy_test_below(random, 5);
    int name = (int)gy_test_below(random, 3 + (uint64_t)i / 40);
    int value = (int)gy_test_below(random, 4);
    switch (gy_test_below(random, 12)) {
    case 0:
        snprintf(out, 512,
                 "{\"type\":\"track\",\"userId\":\"u%d\",\"anonymousId\":\"a%d\",\"event\":\"E%d\","
                 "\"timestamp\":\"2025-01-0%dT00:00:00Z\",\"properties\":{\"p%d\":%d}}",
                 user, anonymous, name, day, name, value);
        break;
    case 1:
        snprintf(out, 512,
                 "{\"type\":\"alias\",\"userId\":\"u%d\",\"previousId\":\"%c%d\","
                 "\"timestamp\":\"2025-01-0%dT00:00:00Z\"}",
                 user, value == 0 ? 'u' : 'a', anonymous, day);
        break;
    case 2:
        snprintf(
            out, 512,
            "{\"type\":\"identify\",\"userId\":\"u%d\",\"timestamp\":\"2025-01-0%dT00:00:00Z\","
            "\"traits\":{\"t%d\":\"%d\"}}",
            user, day, name, value);
        break;
    case 3:
        snprintf(out, 512,
                 "{\"type\":\"track\",\"anonymousId\":\"a%d\",\"event\":\"E%d\","
                 "\"timestamp\":\"2025-01-0%dT00:00:00Z\",\"properties\":{\"items\":[{\"q\":%d}]}}",
                 anonymous, name, day, value);
        break;
    default:
        snprintf(out, 512,
                 "{\"type\":\"track\",\"userId\":\"u%d\",\"event\":\"E%d\",\"timestamp\":"
                 "\"2025-01-0%dT00:00:00Z\",\"properties\":{\"p%d\":{\"$cell\":\"%d%s\"}}}",
                 user, name, day, name, value, i > N_CALLS / 2 && value == 3 ? "x" : "");
        break;
    }
}

static void all_is_stored_as_if_it_had_waited(void **state)
{
    (void)state;
    uint64_t random = gy_test_seed();
    for (int turn = 0; turn < 10; turn++) {
        struct pair p;
        open_pair(&p);
        if (turn % 2 == 1)
            begin_file(&p);
        for (int i = 0; i < N_CALLS; i++) {
            char json[512];
            if (turn % 2 == 1 && i == N_CALLS / 2) {
                finish(&p);
                begin_file(&p);
            }
            random_call(&random, i, json);
            (void)add(&p, json);
            if (gy_test_below(&random, 40) == 0)
                commit(&p);
        }
        finish(&p);
        for (int i = 0; i < N_IDS; i++) {
            char id[8];
            snprintf(id, sizeof id, "u%d", i);
            assert_same_customer(&p, id);
            snprintf(id, sizeof id, "a%d", i);
            assert_same_customer(&p, id);
        }
        close_pair(&p);
    }
}

static enum gy_status add_name(struct gy_fixture *f, int name)
{
    char json[256];
    struct gy_error err = {0};
    snprintf(json, sizeof json,
             "{\"type\":\"track\",\"userId\":\"u\",\"event\":\"E\",\"timestamp\":"
             "\"2025-01-01T00:00:00Z\",\"properties\":{\"p%d\":1}}",
             name);
    return gy_fixture_try(f, json, &err);
}

/* Names of the batch before count as known; those that come again must not count twice. */
static void limits_hold_over_two_batches(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    for (int i = 0; i < GY_MAX_PROPERTIES - 10; i++)
        assert_int_equal(add_name(&f, i), GY_OK);
    assert_ok(gy_writer_commit_ahead(f.writer, 0, &err), &err);
    for (int i = 20; i < GY_MAX_PROPERTIES; i++)
        assert_int_equal(add_name(&f, i), GY_OK);
    assert_int_equal(add_name(&f, GY_MAX_PROPERTIES), GY_LIMIT);
    assert_int_equal(add_name(&f, 0), GY_OK);
    gy_fixture_close(&f);
}

static void add_event(struct gy_fixture *f, const char *user)
{
    gy_fixture_track(f, user, "E", "2025-01-01T00:00:00Z", "{\"n\":1}");
}

static void what_is_not_committed_can_be_forgotten(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    add_event(&f, "a");
    assert_ok(gy_writer_commit_ahead(f.writer, 0, &err), &err);
    add_event(&f, "b");
    gy_writer_discard(f.writer);
    gy_writer_begin_file(f.writer, NULL); /* or the second "a" would be another than the first */
    add_event(&f, "c");
    add_event(&f, "a");
    assert_ok(gy_writer_commit_ahead(f.writer, 0, &err), &err);
    struct gy_commit_counts counts = {0};
    assert_ok(gy_writer_wait(f.writer, &counts, &err), &err);
    assert_int_equal(counts.taken, 2);
    assert_int_equal(counts.duplicates, 1);
    assert_ok(gy_writer_wait(f.writer, &counts, &err), &err);
    assert_int_equal(counts.taken, 2);
    gy_fixture_expect(&f, "a", "2025-01-01T00:00:00.000Z E n=1\n");
    gy_fixture_expect(&f, "b", "");
    gy_fixture_expect(&f, "c", "2025-01-01T00:00:00.000Z E n=1\n");
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(all_is_stored_as_if_it_had_waited),
    cmocka_unit_test(limits_hold_over_two_batches),
    cmocka_unit_test(what_is_not_committed_can_be_forgotten),
};

GY_TEST_MAIN(cases)
