/* test_pipe.c - what is written is read, in order and whole; neither side waits for one that has gone. */
#include "harness.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "server/pipe.h"

enum {
    WAIT_SECONDS = 60
};

static void count(void *context)
{
    atomic_fetch_add((atomic_int *)context, 1);
}

static void pieces_come_in_order(void **state)
{
    (void)state;
    atomic_int wakes = 0;
    char out[16];
    struct gy_pipe *pipe = gy_pipe_new(count, &wakes);
    assert_int_equal(gy_pipe_read(pipe, out, sizeof out, NULL), GY_PIPE_WAIT);
    assert_true(gy_pipe_write(pipe, GY_STR("hello "), WAIT_SECONDS));
    assert_int_equal(wakes, 1);
    assert_true(gy_pipe_offer(pipe, GY_STR("world")));
    assert_int_equal(wakes, 1); /* nobody waits */
    assert_int_equal(gy_pipe_read(pipe, out, 3, NULL), 3);
    assert_memory_equal(out, "hel", 3);
    assert_true(gy_pipe_write(pipe, GY_STR("!"), WAIT_SECONDS));
    assert_int_equal(gy_pipe_read(pipe, out, sizeof out, NULL), 9);
    assert_memory_equal(out, "lo world!", 9);
    gy_pipe_end(pipe, true);
    assert_int_equal(gy_pipe_read(pipe, out, sizeof out, NULL), GY_PIPE_END);
    gy_pipe_close(pipe);
}

static void broken_is_not_whole(void **state)
{
    (void)state;
    atomic_int wakes = 0;
    char out[4];
    struct gy_pipe *pipe = gy_pipe_new(count, &wakes);
    assert_int_equal(gy_pipe_read(pipe, out, sizeof out, NULL), GY_PIPE_WAIT);
    gy_pipe_end(pipe, false);
    assert_int_equal(wakes, 1);
    assert_int_equal(gy_pipe_read(pipe, out, sizeof out, NULL), GY_PIPE_BROKEN);
    gy_pipe_close(pipe);
}

static void offers_are_bounded(void **state)
{
    (void)state;
    atomic_int wakes = 0;
    char out[1];
    char *large = calloc(1, GY_PIPE_BYTES + 1);
    struct gy_pipe *pipe = gy_pipe_new(count, &wakes);
    assert_true(gy_pipe_offer(pipe, (struct gy_str){large, GY_PIPE_BYTES}));
    assert_false(gy_pipe_offer(pipe, GY_STR("x")));
    assert_int_equal(gy_pipe_read(pipe, out, 1, NULL), 1);
    assert_true(gy_pipe_offer(pipe, GY_STR("x")));
    gy_pipe_close(pipe);
    assert_false(gy_pipe_offer(pipe, GY_STR("x")));
    assert_false(gy_pipe_write(pipe, GY_STR("x"), WAIT_SECONDS));
    assert_true(gy_pipe_is_gone(pipe));
    gy_pipe_end(pipe, true);
    free(large);
}

enum {
    N_PIECES = 20000
};

/* 1 to 200 bytes each, numbered. */
static void *write_pieces(void *context)
{
    char piece[200];
    for (unsigned i = 0; i < N_PIECES; i++) {
        memset(piece, (int)(i % 251), sizeof piece);
        if (!gy_pipe_write(context, (struct gy_str){piece, i % 200 + 1}, WAIT_SECONDS)) {
            break;
        }
    }
    gy_pipe_end(context, true);
    return NULL;
}

static void nothing_is_lost_between_threads(void **state)
{
    (void)state;
    atomic_int wakes = 0;
    char out[777];
    pthread_t thread;
    struct gy_buf all = {0};
    ssize_t n;
    int n_waits = 0;
    struct gy_pipe *pipe = gy_pipe_new(count, &wakes);
    assert_int_equal(pthread_create(&thread, NULL, write_pieces, pipe), 0);
    while ((n = gy_pipe_read(pipe, out, sizeof out, NULL)) != GY_PIPE_END) {
        while (n == GY_PIPE_WAIT && atomic_load(&wakes) == n_waits) {
            usleep(100);
        }
        n_waits += n == GY_PIPE_WAIT;
        gy_buf_append(&all, out, n > 0 ? (size_t)n : 0);
    }
    gy_pipe_close(pipe);
    pthread_join(thread, NULL);
    size_t at = 0;
    for (unsigned i = 0; i < N_PIECES; i++) {
        for (unsigned k = 0; k < i % 200 + 1; k++) {
            assert_true(at < all.len && (unsigned char)all.ptr[at++] == i % 251);
        }
    }
    assert_int_equal(at, all.len);
    gy_buf_release(&all);
}

/* A reader that never reads: the writer waits until it closes. */
static void a_writer_does_not_wait_for_nobody(void **state)
{
    (void)state;
    atomic_int wakes = 0;
    pthread_t thread;
    struct gy_pipe *pipe = gy_pipe_new(count, &wakes);
    assert_int_equal(pthread_create(&thread, NULL, write_pieces, pipe), 0);
    usleep(20000);
    gy_pipe_close(pipe);
    pthread_join(thread, NULL);
}

/* Nor for one that reads nothing, nor for a pipe that was broken. */
static void a_writer_waits_for_a_while(void **state)
{
    (void)state;
    atomic_int wakes = 0;
    char *large = calloc(1, GY_PIPE_BYTES);
    struct gy_str all = {large, GY_PIPE_BYTES};
    struct gy_pipe *pipe = gy_pipe_new(count, &wakes);
    assert_true(gy_pipe_write(pipe, all, WAIT_SECONDS));
    assert_false(gy_pipe_write(pipe, all, 0));
    gy_pipe_break(pipe);
    assert_false(gy_pipe_write(pipe, all, WAIT_SECONDS));
    gy_pipe_end(pipe, false);
    gy_pipe_close(pipe);
    free(large);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(pieces_come_in_order),
    cmocka_unit_test(broken_is_not_whole),
    cmocka_unit_test(offers_are_bounded),
    cmocka_unit_test(nothing_is_lost_between_threads),
    cmocka_unit_test(a_writer_does_not_wait_for_nobody),
    cmocka_unit_test(a_writer_waits_for_a_while),
};

GY_TEST_MAIN(cases)
