/* test_pack.c - packs come in the order in which they were filled, with and without a thread. */
#include "harness.h"

#include "ingest/pack.h"

/* Counts up, and ends after `n` lines: well, or with a fault. */
struct counter {
    uint64_t next;
    uint64_t n;
    enum gy_status end;
};

static enum gy_status count_on(void *context, struct gy_pack *pack, struct gy_error *err)
{
    struct counter *c = context;
    while (!gy_pack_is_full(pack)) {
        if (c->next == c->n) {
            pack->is_last = true;
            return c->end == GY_OK ? GY_OK : gy_error_set(err, c->end, "line %d", (int)c->n);
        }
        struct gy_pack_line *line = gy_pack_add_line(pack);
        line->line = ++c->next;
        if (c->next % 3 == 0) {
            struct gy_call *call = gy_pack_add_call(pack);
            call->time_ms = (int64_t)c->next;
        }
    }
    return GY_OK;
}

static void assert_counted(uint64_t n, enum gy_status end, bool is_threaded)
{
    struct counter counter = {.n = n, .end = end};
    struct gy_ahead *ahead = gy_ahead_open(count_on, &counter, is_threaded);
    const struct gy_pack *pack;
    uint64_t line_no = 0;
    enum gy_status status = GY_OK;
    while ((pack = gy_ahead_next(ahead)) != NULL) {
        assert_int_equal(status, GY_OK);
        for (uint32_t i = 0; i < pack->n_lines; i++) {
            const struct gy_pack_line *line = &pack->lines[i];
            assert_int_equal(line->line, ++line_no);
            assert_int_equal(line->n_calls, line_no % 3 == 0);
            assert_true(line->n_calls == 0 ||
                        pack->calls[line->first_call].time_ms == (int64_t)line_no);
        }
        status = pack->status;
        assert_true(status == GY_OK || pack->error.status == status);
    }
    assert_int_equal(line_no, n);
    assert_int_equal(status, end);
    gy_ahead_close(ahead);
}

static void lines_come_in_order(void **state)
{
    (void)state;
    for (int is_threaded = 0; is_threaded < 2; is_threaded++) {
        assert_counted(0, GY_OK, is_threaded != 0);
        assert_counted(1, GY_OK, is_threaded != 0);
        assert_counted(GY_PACK_LINES, GY_OK, is_threaded != 0);
        assert_counted(100 * GY_PACK_LINES + 1, GY_OK, is_threaded != 0);
    }
}

static void a_fault_stands_behind_the_lines_before_it(void **state)
{
    (void)state;
    for (int is_threaded = 0; is_threaded < 2; is_threaded++) {
        assert_counted(0, GY_INVALID, is_threaded != 0);
        assert_counted(20 * GY_PACK_LINES + 7, GY_IO, is_threaded != 0);
    }
}

static void it_can_be_closed_at_any_time(void **state)
{
    (void)state;
    for (int n_taken = 0; n_taken < 20; n_taken++) {
        struct counter counter = {.n = UINT64_MAX};
        struct gy_ahead *ahead = gy_ahead_open(count_on, &counter, true);
        for (int i = 0; i < n_taken; i++) {
            assert_non_null(gy_ahead_next(ahead));
        }
        gy_ahead_close(ahead);
    }
    gy_ahead_close(NULL);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(lines_come_in_order),
    cmocka_unit_test(a_fault_stands_behind_the_lines_before_it),
    cmocka_unit_test(it_can_be_closed_at_any_time),
};

GY_TEST_MAIN(cases)
