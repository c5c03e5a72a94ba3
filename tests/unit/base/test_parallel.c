/* test_parallel.c - every piece once, on several threads, with one answer whatever the threads do. */
#include <string.h>
#include <unistd.h>

#include "harness.h"

#include "base/parallel.h"

enum {
    N = 1000
};

struct count {
    atomic_uint runs[N];
    atomic_uint per_worker[64];
    atomic_uint n_inside;
    atomic_uint most_inside;
};

static enum gy_status count_piece(void *context, size_t piece, unsigned worker,
                                  struct gy_error *err)
{
    (void)err;
    struct count *count = context;
    unsigned inside = atomic_fetch_add(&count->n_inside, 1) + 1;
    unsigned most = atomic_load(&count->most_inside);
    while (inside > most && !atomic_compare_exchange_weak(&count->most_inside, &most, inside)) {
    }
    atomic_fetch_add(&count->runs[piece], 1);
    atomic_fetch_add(&count->per_worker[worker], 1);
    usleep(20);
    atomic_fetch_sub(&count->n_inside, 1);
    return GY_OK;
}

static void every_piece_runs_once(void **state)
{
    (void)state;
    for (unsigned n_threads = 0; n_threads <= 5; n_threads++) {
        struct count *count = calloc(1, sizeof *count);
        assert_non_null(count);
        struct gy_error err;
        assert_ok(gy_parallel(N, n_threads, count_piece, count, &err), &err);
        for (size_t i = 0; i < N; i++) {
            assert_int_equal(atomic_load(&count->runs[i]), 1);
        }
        for (unsigned i = n_threads == 0 ? gy_cores() : n_threads; i < 64; i++) {
            assert_int_equal(atomic_load(&count->per_worker[i]), 0);
        }
        if (n_threads > 1) {
            assert_in_range(atomic_load(&count->most_inside), 2, n_threads);
        }
        free(count);
    }
}

static enum gy_status note_thread(void *context, size_t piece, unsigned worker,
                                  struct gy_error *err)
{
    (void)piece;
    (void)err;
    *(pid_t *)context = gettid();
    assert_int_equal(worker, 0);
    return GY_OK;
}

static void one_piece_or_one_thread_stays_on_the_caller(void **state)
{
    (void)state;
    pid_t thread = 0;
    struct gy_error err;
    assert_ok(gy_parallel(1, 8, note_thread, &thread, &err), &err);
    assert_int_equal(thread, gettid());
    thread = 0;
    assert_ok(gy_parallel(5, 1, note_thread, &thread, &err), &err);
    assert_int_equal(thread, gettid());
    thread = 0;
    assert_ok(gy_parallel(0, 8, note_thread, &thread, &err), &err);
    assert_int_equal(thread, 0);
}

static enum gy_status fail_from_300(void *context, size_t piece, unsigned worker,
                                    struct gy_error *err)
{
    (void)worker;
    atomic_uint *n_run = context;
    atomic_fetch_add(n_run, 1);
    if (piece < 300) {
        return GY_OK;
    }
    usleep(piece == 300 ? 2000 : 10); /* later pieces fail sooner */
    return gy_error_set(err, piece == 300 ? GY_LIMIT : GY_CORRUPT, "piece %zu", piece);
}

static void the_lowest_failing_piece_gives_the_error(void **state)
{
    (void)state;
    for (int round = 0; round < 20; round++) {
        struct gy_error err;
        atomic_uint n_run = 0;
        assert_int_equal(gy_parallel(N, 4, fail_from_300, &n_run, &err), GY_LIMIT);
        assert_string_equal(err.message, "piece 300");
        assert_in_range(atomic_load(&n_run), 301, N - 1);
    }
    atomic_uint n_run = 0;
    assert_int_equal(gy_parallel(N, 4, fail_from_300, &n_run, NULL), GY_LIMIT);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(every_piece_runs_once),
    cmocka_unit_test(one_piece_or_one_thread_stays_on_the_caller),
    cmocka_unit_test(the_lowest_failing_piece_gives_the_error),
};

GY_TEST_MAIN(cases)
