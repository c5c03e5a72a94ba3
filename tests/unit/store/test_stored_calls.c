/* test_stored_calls.c - orders that a later file says again, or says differently. */
#include "harness.h"
#include "store_fixture.h"

#include <string.h>

#define ORDER(id, user, time, rest)                                                       \
    "{\"type\":\"track\",\"event\":\"Order\",\"userId\":\"" user "\",\"messageId\":\"" id \
    "\",\"timestamp\":\"2025-01-" time "Z\",\"properties\":{\"order_id\":\"" id "\"" rest "}}"
#define T  "01T00:00:00"
#define AT "2025-01-01T00:00:00.000Z "

static struct gy_stored_call find(const struct gy_fixture *f, const char *id)
{
    struct gy_error err = {0};
    struct gy_str value = gy_str_of(id);
    struct gy_stored_call found;
    assert_ok(gy_writer_find_calls(f->writer, GY_STR("Order"), GY_STR("order_id"), &value, 1,
                                   &found, &err),
              &err);
    return found;
}

static bool is_same_as_stored(struct gy_fixture *f, const char *id, const char *json)
{
    struct gy_stored_call found = find(f, id);
    struct gy_call call = gy_fixture_call(f, json);
    return found.is_there && found.content == gy_writer_call_content(f->writer, &call);
}

static void commit_and_compact(struct gy_fixture *f)
{
    gy_fixture_commit(f);
    gy_fixture_compact(f);
}

static void test_the_same_call_has_the_same_content(void **state)
{
    (void)state;
    void (*const commits[])(struct gy_fixture *) = {gy_fixture_commit, gy_fixture_commit_log,
                                                    commit_and_compact};
    static const char order[] =
        ORDER("o1", "a", T,
              ",\"revenue\":12.5,\"when\":\"2025-01-01\",\"gift\":true,"
              "\"cell\":{\"$cell\":\"7.50\"},"
              "\"products\":[{\"sku\":\"x\",\"n\":1},{\"sku\":\"y\",\"n\":null}]");
    static const char reordered[] =
        ORDER("o1", "a", T,
              ",\"products\":[{\"n\":1,\"sku\":\"x\"},{\"n\":null,\"sku\":\"y\"}],"
              "\"cell\":7.5,\"gift\":{\"$cell\":\"TRUE\"},"
              "\"when\":{\"$time\":\"2025-01-01\"},\"revenue\":12.50,\"none\":null");
    for (size_t i = 0; i < 3; i++) {
        struct gy_fixture f;
        gy_fixture_open(&f, "UTC");
        gy_fixture_add(&f, order);
        /* others of the same customer and instant */
        gy_fixture_add(&f, ORDER("o2", "a", T, ",\"products\":[{\"sku\":\"z\"}]"));
        gy_fixture_track(&f, "a", "Visit", "2025-01-01T00:00:00Z", NULL);
        gy_fixture_add(&f, ORDER("o3", "b", T, ""));
        commits[i](&f);
        assert_true(is_same_as_stored(&f, "o1", order));
        assert_true(is_same_as_stored(&f, "o1", reordered));
        assert_true(
            is_same_as_stored(&f, "o2", ORDER("o2", "a", T, ",\"products\":[{\"sku\":\"z\"}]")));
        assert_false(find(&f, "o4").is_there);
        gy_fixture_close(&f);
    }
}

static void test_another_content_is_seen(void **state)
{
    (void)state;
    static const char *const others[] = {
        ORDER("o1", "a", T, ",\"n\":2,\"products\":[{\"sku\":\"x\"},{\"sku\":\"y\"}]"),
        ORDER("o1", "a", T, ",\"n\":\"1\",\"products\":[{\"sku\":\"x\"},{\"sku\":\"y\"}]"),
        ORDER("o1", "a", T, ",\"products\":[{\"sku\":\"x\"},{\"sku\":\"y\"}]"),
        ORDER("o1", "a", T, ",\"n\":1,\"m\":1,\"products\":[{\"sku\":\"x\"},{\"sku\":\"y\"}]"),
        ORDER("o1", "a", T, ",\"n\":1,\"products\":[{\"sku\":\"y\"},{\"sku\":\"x\"}]"),
        ORDER("o1", "a", T, ",\"n\":1,\"products\":[{\"sku\":\"x\"}]"),
        ORDER("o1", "a", T, ",\"n\":1"),
        ORDER("o1", "b", T, ",\"n\":1,\"products\":[{\"sku\":\"x\"},{\"sku\":\"y\"}]"),
        ORDER("o1", "a", "02T00:00:00", ",\"n\":1,\"products\":[{\"sku\":\"x\"},{\"sku\":\"y\"}]"),
    };
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    gy_fixture_add(&f,
                   ORDER("o1", "a", T, ",\"n\":1,\"products\":[{\"sku\":\"x\"},{\"sku\":\"y\"}]"));
    gy_fixture_add(&f, ORDER("o9", "b", T, ""));
    gy_fixture_commit(&f);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(is_same_as_stored(&f, "o1", others[i]));
    gy_fixture_close(&f);
}

/* A customer that was merged since is the same one. */
static void test_the_customer_is_compared_by_place(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    gy_fixture_add(&f, ORDER("o1", "old", T, ""));
    gy_fixture_commit(&f);
    gy_fixture_add(&f, "{\"type\":\"alias\",\"previousId\":\"old\",\"userId\":\"new\"}");
    gy_fixture_commit(&f);
    assert_true(is_same_as_stored(&f, "o1", ORDER("o1", "new", T, "")));
    assert_true(is_same_as_stored(&f, "o1", ORDER("o1", "old", T, "")));
    gy_fixture_close(&f);
}

static void replace(struct gy_fixture *f, const char *id)
{
    struct gy_str value = gy_str_of(id);
    gy_writer_replace_calls(f->writer, GY_STR("Order"), GY_STR("order_id"), &value, 1);
}

static void test_a_call_is_replaced_with_its_items(void **state)
{
    (void)state;
    void (*const commits[])(struct gy_fixture *) = {gy_fixture_commit, gy_fixture_commit_log,
                                                    commit_and_compact};
    for (size_t i = 0; i < 6; i++) {
        struct gy_fixture f;
        gy_fixture_open(&f, "UTC");
        gy_fixture_add(
            &f, ORDER("o1", "a", T, ",\"n\":1,\"products\":[{\"sku\":\"x\"},{\"sku\":\"y\"}]"));
        gy_fixture_add(&f, ORDER("o2", "a", T, ",\"n\":2,\"products\":[{\"sku\":\"z\"}]"));
        gy_fixture_add(&f, ORDER("o3", "b", T, ",\"n\":3"));
        commits[i % 3](&f);
        if (i >= 3)
            gy_fixture_reopen(&f);
        replace(&f, "o1");
        gy_fixture_add(&f, ORDER("o1", "a", T, ",\"n\":10,\"products\":[{\"sku\":\"w\"}]"));
        gy_fixture_commit(&f);
        assert_int_equal(f.counts.taken, 1);
        assert_int_equal(f.counts.duplicates, 0);
        gy_fixture_expect(
            &f, "a",
            AT "Order n=2 order_id=\"o2\"\n" AT "Order/products n=2 order_id=\"o2\" sku=\"z\"\n" AT
               "Order n=10 order_id=\"o1\"\n" AT "Order/products n=10 order_id=\"o1\" sku=\"w\"\n");
        gy_fixture_expect(&f, "b", AT "Order n=3 order_id=\"o3\"\n");
        gy_fixture_check(&f);
        /* it was for that one commit */
        gy_fixture_add(&f, ORDER("o1", "a", T, ",\"n\":11"));
        gy_fixture_commit(&f);
        assert_int_equal(f.counts.duplicates, 1);
        gy_fixture_close(&f);
    }
}

/* The last orders of all: nothing is left of their part. */
static void test_all_calls_are_replaced(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    gy_fixture_add(&f, ORDER("o1", "a", T, ",\"n\":1"));
    gy_fixture_commit(&f);
    replace(&f, "o1");
    gy_fixture_commit(&f);
    gy_fixture_expect(&f, "a", "");
    assert_false(find(&f, "o1").is_there);
    gy_fixture_check(&f);
    gy_fixture_close(&f);
}

static void test_what_is_discarded_replaces_nothing(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    gy_fixture_add(&f, ORDER("o1", "a", T, ",\"n\":1"));
    gy_fixture_commit(&f);
    replace(&f, "o1");
    gy_fixture_add(&f, ORDER("o1", "a", T, ",\"n\":2"));
    gy_writer_discard(f.writer);
    gy_fixture_commit(&f);
    gy_fixture_expect(&f, "a", AT "Order n=1 order_id=\"o1\"\n");
    gy_fixture_close(&f);
}

/* Ids that look like numbers, in a property that is one. */
static void test_values_of_another_type_are_found(void **state)
{
    (void)state;
    struct gy_fixture f;
    gy_fixture_open(&f, "UTC");
    gy_fixture_track(&f, "a", "Order", "2025-01-01T00:00:00Z", "{\"order_id\":17}");
    gy_fixture_track(&f, "a", "Order", "2025-01-01T00:00:00Z", "{\"order_id\":\"x-1\"}");
    gy_fixture_commit(&f);
    assert_true(find(&f, "17").is_there);
    assert_true(find(&f, "x-1").is_there);
    assert_false(find(&f, "18").is_there);
    gy_fixture_close(&f);
}

/* Files of one merge hold different blocks, also when one of them is written again without an order of
 * somebody who has moved to a customer of the other. */
static void test_replacing_keeps_the_files_of_a_merge_apart(void **state)
{
    (void)state;
    enum {
        N = GY_BLOCK_SIZE + 10,
        NOTE = 1100 /* bytes, so that a block is a file */
    };
    struct gy_fixture f;
    struct gy_buf line = {0};
    gy_fixture_open(&f, "UTC");
    for (int i = 0; i < N; i++) {
        gy_buf_reset(&line);
        gy_buf_printf(&line,
                      "{\"type\":\"track\",\"event\":\"Order\",\"userId\":\"u%d\","
                      "\"messageId\":\"o%d\",\"timestamp\":\"2025-01-01T00:00:00Z\","
                      "\"properties\":{\"order_id\":\"o%d\",\"note\":\"%0*d\"}}",
                      i, i, i, NOTE, i);
        gy_fixture_add(&f, line.ptr);
        gy_arena_reset(&f.arena);
    }
    gy_fixture_commit(&f);
    gy_fixture_track(&f, "u0", "Visit", "2025-01-02T00:00:00Z", NULL);
    gy_fixture_commit(&f);
    gy_fixture_compact(&f);
    struct gy_snapshot *s = gy_fixture_snapshot(&f);
    assert_int_equal(gy_snapshot_n_parts(s), 2);
    gy_snapshot_close(s);
    gy_fixture_add(&f, "{\"type\":\"alias\",\"previousId\":\"u65540\",\"userId\":\"u1\","
                       "\"timestamp\":\"2025-01-03T00:00:00Z\",\"messageId\":\"m\"}");
    gy_fixture_commit(&f);
    struct gy_str value = GY_STR("o65541");
    gy_writer_replace_calls(f.writer, GY_STR("Order"), GY_STR("order_id"), &value, 1);
    gy_fixture_add(&f, ORDER("o65541", "u65541", "04T00:00:00", ""));
    gy_fixture_commit(&f);
    gy_fixture_check(&f);
    gy_fixture_expect(&f, "u65541", "2025-01-04T00:00:00.000Z Order order_id=\"o65541\"\n");
    s = gy_fixture_snapshot(&f);
    assert_int_equal(gy_snapshot_n_scattered(s), 1);
    gy_snapshot_close(s);
    gy_fixture_compact(&f);
    s = gy_fixture_snapshot(&f);
    assert_int_equal(gy_snapshot_n_scattered(s), 0);
    gy_snapshot_close(s);
    gy_fixture_check(&f);
    gy_buf_release(&line);
    gy_fixture_close(&f);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(test_the_same_call_has_the_same_content),
    cmocka_unit_test(test_another_content_is_seen),
    cmocka_unit_test(test_the_customer_is_compared_by_place),
    cmocka_unit_test(test_a_call_is_replaced_with_its_items),
    cmocka_unit_test(test_all_calls_are_replaced),
    cmocka_unit_test(test_what_is_discarded_replaces_nothing),
    cmocka_unit_test(test_values_of_another_type_are_found),
    cmocka_unit_test(test_replacing_keeps_the_files_of_a_merge_apart),
};

GY_TEST_MAIN(cases)
