/* test_long_log.c - a million calls in the log: whoever opens the data directory then does not wait long. */
#include "harness.h"
#include "store_fixture.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
    CALLS = 1000000,
    GROUP = 6400, /* calls of a commit, as on 64 connections with batches of a hundred */
    CUSTOMERS = 100000
};

static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void add_calls(struct gy_fixture *f)
{
    struct gy_error err = {0};
    for (uint32_t i = 0; i < CALLS; i++) {
        char user[32];
        char message[32];
        struct gy_field field = {GY_STR("price"), {.type = GY_VALUE_NUMBER, .number = i % 977}};
        snprintf(user, sizeof user, "u%u", (unsigned)(i * UINT64_C(7919) % CUSTOMERS));
        snprintf(message, sizeof message, "m%u", (unsigned)i);
        struct gy_call call = {.type = GY_CALL_TRACK,
                               .user_id = gy_str_of(user),
                               .event = GY_STR("Product Viewed"),
                               .message_id = gy_str_of(message),
                               .has_time = true,
                               .time_ms = INT64_C(1735689600000) + i * 10,
                               .written_ms = INT64_C(1735689600000) + i * 10,
                               .fields = &field,
                               .n_fields = 1};
        assert_ok(gy_writer_add(f->writer, &call, &err), &err);
        if (i % GROUP == GROUP - 1 || i == CALLS - 1) {
            gy_fixture_commit_log(f);
        }
    }
}

/* What a server does when it starts: the writer opens the log, and a snapshot. */
static void test_opened_in_two_seconds(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    add_calls(&f);
    gy_writer_close(f.writer);
    double began = cpu_seconds();
    assert_ok(gy_writer_open(f.dir, &f.writer, &err), &err);
    struct gy_snapshot *s = gy_fixture_snapshot(&f);
    double took = cpu_seconds() - began;
    uint32_t stream = gy_schema_find_event(gy_snapshot_schema(s), GY_STR("Product Viewed"));
    uint64_t n = 0;
    for (size_t i = 0; i < gy_snapshot_n_parts(s); i++) {
        n += gy_part_n_rows(gy_snapshot_part(s, i), stream);
    }
    assert_int_equal(n, CALLS);
    gy_snapshot_close(s);
    printf("opened in %.2f s\n", took);
    assert_true(took < 2);
    gy_fixture_close(&f);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(test_opened_in_two_seconds),
};

GY_TEST_MAIN(cases)
