/* test_block_roots.c - who exists, as of random instants over random parts, against the rows themselves. */
#include "../store/part_fixture.h"

#include "engine/engine.h"

enum {
    N_PARTS = 3,
    N_ORDINALS = GY_BLOCK_SIZE + 1000,
    FIRST_SECOND = 100 /* times are a few hundred seconds from here on, some to the millisecond */
};

/* The earliest time of each ordinal over all parts; INT64_MAX where there is none. */
struct rows {
    int64_t first_ms[N_ORDINALS];
    uint64_t seed;
};

/* Customers of one block: neighbours from anywhere, or some of all. */
static uint32_t draw_customers(struct rows *rows, uint32_t n_of_block, uint16_t *customers)
{
    uint32_t n = 0;
    uint32_t kind = (uint32_t)(gy_test_random(&rows->seed) % 3);
    uint32_t first = (uint32_t)(gy_test_random(&rows->seed) % (kind == 0 ? 1 : n_of_block));
    for (uint32_t i = first; i < n_of_block; i++) {
        if (kind == 2 && gy_test_random(&rows->seed) % 5 != 0)
            continue;
        customers[n++] = (uint16_t)i;
    }
    return n;
}

static void put_block(struct rows *rows, struct gy_part_writer *w, uint32_t block_no,
                      uint32_t n_of_block)
{
    struct gy_error err;
    uint16_t *customers = gy_alloc(GY_BLOCK_SIZE * sizeof *customers);
    uint32_t n = draw_customers(rows, n_of_block, customers);
    struct gy_plain_slice slice = fixture_slice(GY_STREAM_EXISTENCE, n == 0 ? 1 : n);
    uint32_t *codes = (uint32_t *)(uintptr_t)slice.codes;
    uint32_t *millis = gy_alloc_zero(n + 1, sizeof *millis);
    uint32_t kind = (uint32_t)(gy_test_random(&rows->seed) % 4);
    for (uint32_t i = 0; i < n; i++) {
        uint64_t random = gy_test_random(&rows->seed);
        codes[i] =
            kind == 0 ? GY_CODE_ALWAYS : GY_CODE_1970 + FIRST_SECOND + (uint32_t)(random % 300);
        millis[i] = kind < 2 ? 0 : (uint32_t)(random >> 32) % 1000;
        int64_t *first_ms = &rows->first_ms[block_no * GY_BLOCK_SIZE + customers[i]];
        int64_t time_ms = gy_code_ms(codes[i], millis[i]);
        *first_ms = time_ms < *first_ms ? time_ms : *first_ms;
    }
    free((void *)(uintptr_t)slice.customers);
    slice.customers = customers;
    slice.block_no = block_no;
    slice.millis = millis;
    if (n > 0)
        assert_ok(gy_part_writer_slice(w, &slice, &err), &err);
    fixture_release(&slice);
    free(millis);
}

static struct gy_snapshot *draw_snapshot(struct rows *rows)
{
    struct gy_error err = {0};
    struct gy_part *parts[N_PARTS];
    struct gy_snapshot *snapshot;
    struct gy_schema schema;
    for (uint32_t i = 0; i < N_ORDINALS; i++)
        rows->first_ms[i] = INT64_MAX;
    for (uint32_t p = 0; p < N_PARTS; p++) {
        struct gy_part_writer *w = fixture_writer();
        put_block(rows, w, 0, GY_BLOCK_SIZE);
        put_block(rows, w, 1, N_ORDINALS - GY_BLOCK_SIZE);
        parts[p] = fixture_part(w);
    }
    gy_schema_init(&schema);
    struct gy_snapshot_parts all = {.parts = parts,
                                    .n_parts = N_PARTS,
                                    .schema = &schema,
                                    .zone = "UTC",
                                    .n_ordinals = N_ORDINALS};
    assert_ok(gy_snapshot_of_parts(&all, &snapshot, &err), &err);
    gy_schema_release(&schema);
    return snapshot;
}

static void expect_roots(const struct rows *rows, const struct gy_snapshot *snapshot,
                         int64_t now_ms)
{
    struct gy_error err = {0};
    const struct gy_expr everyone = {.kind = GY_EXPR_EVERYONE};
    roaring_bitmap_t *audience;
    assert_ok(gy_audience(snapshot, &everyone, now_ms, NULL, &audience, &err), &err);
    for (uint32_t i = 0; i < N_ORDINALS; i++)
        assert_int_equal(roaring_bitmap_contains(audience, i), rows->first_ms[i] <= now_ms);
    roaring_bitmap_free(audience);
}

static void test_roots_are_those_with_a_row_by_then(void **state)
{
    struct rows *rows = gy_alloc(sizeof *rows);
    (void)state;
    rows->seed = gy_test_seed();
    for (int round = 0; round < 8; round++) {
        struct gy_snapshot *snapshot = draw_snapshot(rows);
        expect_roots(rows, snapshot, (FIRST_SECOND - 1) * INT64_C(1000));
        expect_roots(rows, snapshot, (FIRST_SECOND + 400) * INT64_C(1000));
        for (int i = 0; i < 4; i++) {
            int64_t after_ms = (int64_t)(gy_test_random(&rows->seed) % 300000);
            expect_roots(rows, snapshot, FIRST_SECOND * INT64_C(1000) + after_ms);
        }
        gy_snapshot_close(snapshot);
    }
    free(rows);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(test_roots_are_those_with_a_row_by_then),
};

GY_TEST_MAIN(cases)
