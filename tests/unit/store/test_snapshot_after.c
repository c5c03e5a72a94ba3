/* test_snapshot_after.c - a snapshot opened after another one sees what one opened anew sees.
 *
 * Random calls, links, log rows, parts, folds and merges; after each step a snapshot that shares with the one
 * before is held against a fresh one.
 */
#include "harness.h"
#include "store_fixture.h"

#include <string.h>

#include "base/buf.h"

enum {
    N_IDS = 40,
    N_STEPS = 60,
    N_SEEDS = 5
};

static uint32_t draw(uint64_t *seed, uint32_t n)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*seed >> 33) % n;
}

static void add_call(struct gy_fixture *f, uint64_t *seed, unsigned no)
{
    char json[400];
    uint32_t id = draw(seed, N_IDS);
    uint32_t other = draw(seed, N_IDS);
    unsigned second = draw(seed, 60);
    switch (draw(seed, 6)) {
    case 0:
        snprintf(json, sizeof json,
                 "{\"type\": \"identify\", \"userId\": \"u%u\", \"anonymousId\": \"a%u\","
                 " \"timestamp\": \"2025-01-02T03:04:%02uZ\", \"messageId\": \"%u\","
                 " \"traits\": {\"n\": %u}}",
                 id, other, second, no, no);
        break;
    case 1:
        snprintf(json, sizeof json,
                 "{\"type\": \"alias\", \"userId\": \"u%u\", \"previousId\": \"u%u\","
                 " \"timestamp\": \"2025-01-02T03:04:%02uZ\", \"messageId\": \"%u\"}",
                 id, other, second, no);
        break;
    default:
        snprintf(json, sizeof json,
                 "{\"type\": \"track\", \"%s\": \"%c%u\", \"event\": \"E%u\","
                 " \"timestamp\": \"2025-01-02T03:04:%02uZ\", \"messageId\": \"%u\","
                 " \"properties\": {\"n\": %u}}",
                 id % 2 == 0 ? "userId" : "anonymousId", id % 2 == 0 ? 'u' : 'a', id, draw(seed, 3),
                 second, no, no);
    }
    struct gy_error err;
    enum gy_status status = gy_fixture_try(f, json, &err);
    assert_true(status == GY_OK || status == GY_INVALID);
}

static void step(struct gy_fixture *f, uint64_t *seed, unsigned no)
{
    uint32_t n = draw(seed, 6);
    for (uint32_t i = 0; i < n; i++)
        add_call(f, seed, no * 10 + i);
    switch (draw(seed, 12)) {
    case 0:
        gy_fixture_commit(f);
        break;
    case 1:
        gy_fixture_commit_log(f);
        gy_fixture_maintain(f);
        break;
    case 2:
        gy_fixture_commit_log(f);
        gy_fixture_compact(f);
        break;
    case 3:
        gy_fixture_commit_log(f);
        gy_fixture_reopen(f);
        break;
    default:
        gy_fixture_commit_log(f);
    }
}

static void same_bits(const uint64_t *a, const uint64_t *b)
{
    static const uint64_t none[GY_BLOCK_SIZE / 64];
    assert_memory_equal(a == NULL ? none : a, b == NULL ? none : b, sizeof none);
}

static void same_customers(const struct gy_snapshot *a, const struct gy_snapshot *b)
{
    for (unsigned i = 0; i < 2 * N_IDS; i++) {
        char id[16];
        struct gy_buf texts[2] = {{0}, {0}};
        snprintf(id, sizeof id, "%c%u", i % 2 == 0 ? 'u' : 'a', i / 2);
        uint32_t root = gy_snapshot_find(a, gy_str_of(id));
        assert_int_equal(root, gy_snapshot_find(b, gy_str_of(id)));
        if (root == GY_ID_NONE)
            continue;
        gy_fixture_describe(a, id, &texts[0]);
        gy_fixture_describe(b, id, &texts[1]);
        assert_true(gy_str_equal(gy_buf_view(&texts[0]), gy_buf_view(&texts[1])));
        gy_buf_release(&texts[0]);
        gy_buf_release(&texts[1]);
    }
}

static void same(const struct gy_snapshot *a, const struct gy_snapshot *b)
{
    assert_int_equal(gy_snapshot_n_ordinals(a), gy_snapshot_n_ordinals(b));
    for (uint32_t i = 0; i < gy_blocks_of(gy_snapshot_n_ordinals(a)); i++) {
        same_bits(gy_snapshot_external(a, i), gy_snapshot_external(b, i));
        same_bits(gy_snapshot_children(a, i), gy_snapshot_children(b, i));
    }
    same_customers(a, b);
}

static void it_sees_what_a_fresh_one_sees(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= N_SEEDS; seed++) {
        struct gy_fixture f;
        uint64_t drawn = seed;
        struct gy_snapshot *before = NULL;
        gy_fixture_open(&f, "UTC");
        for (unsigned i = 0; i < N_STEPS; i++) {
            struct gy_error err = {0};
            struct gy_snapshot *after;
            step(&f, &drawn, i);
            assert_ok(gy_snapshot_open_after(f.dir, before, &after, &err), &err);
            gy_snapshot_close(before); /* what is shared stays */
            struct gy_snapshot *fresh = gy_fixture_snapshot(&f);
            same(after, fresh);
            gy_snapshot_close(fresh);
            before = after;
        }
        gy_snapshot_close(before);
        gy_fixture_close(&f);
    }
}

/* The earlier one goes on as it was. */
static void the_earlier_one_stays_as_it_is(void **state)
{
    (void)state;
    struct gy_fixture f;
    struct gy_error err = {0};
    struct gy_snapshot *after;
    struct gy_buf text = {0};
    gy_fixture_open(&f, "UTC");
    gy_fixture_track(&f, "a", "E", "2025-01-02T03:04:05Z", NULL);
    gy_fixture_commit_log(&f);
    struct gy_snapshot *before = gy_fixture_snapshot(&f);
    gy_fixture_track(&f, "a", "E", "2025-01-03T03:04:05Z", NULL);
    gy_fixture_commit_log(&f);
    assert_ok(gy_snapshot_open_after(f.dir, before, &after, &err), &err);
    gy_fixture_describe(before, "a", &text);
    assert_string_equal(text.ptr, "2025-01-02T03:04:05.000Z E\n");
    text.len = 0;
    gy_snapshot_close(before);
    gy_fixture_describe(after, "a", &text);
    assert_string_equal(text.ptr, "2025-01-02T03:04:05.000Z E\n2025-01-03T03:04:05.000Z E\n");
    gy_buf_release(&text);
    gy_snapshot_close(after);
    gy_fixture_close(&f);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(it_sees_what_a_fresh_one_sees),
    cmocka_unit_test(the_earlier_one_stays_as_it_is),
};

GY_TEST_MAIN(cases)
