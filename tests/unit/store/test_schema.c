/* test_schema.c - names get numbers, each kind and each stream in its own space of names. */
#include "harness.h"

#include "store/part.h"
#include "store/schema.h"

static void numbers_follow_the_order_of_adding(void **state)
{
    (void)state;
    struct gy_schema s;
    gy_schema_init(&s);
    assert_int_equal(gy_schema_find_event(&s, GY_STR("Order Completed")), GY_ID_NONE);
    uint32_t order =
        gy_schema_add_stream(&s, GY_STREAM_EVENT, GY_STR("Order Completed"), GY_VALUE_MISSING, 0);
    uint32_t items = gy_schema_add_stream(&s, GY_STREAM_EVENT, GY_STR("Order Completed/products"),
                                          GY_VALUE_MISSING, order);
    uint32_t age = gy_schema_add_stream(&s, GY_STREAM_TRAIT, GY_STR("age"), GY_VALUE_NUMBER, 0);
    assert_int_equal(order, GY_STREAM_FIRST);
    assert_int_equal(items, GY_STREAM_FIRST + 1);
    assert_int_equal(age, GY_STREAM_FIRST + 2);
    assert_int_equal(gy_schema_add_property(&s, order, GY_STR("total"), GY_VALUE_NUMBER), 1);
    assert_int_equal(gy_schema_add_property(&s, items, GY_STR("total"), GY_VALUE_STRING), 2);
    assert_int_equal(gy_schema_find_event(&s, GY_STR("Order Completed/products")), items);
    assert_int_equal(gy_schema_find_property(&s, items, GY_STR("total")), 2);
    assert_int_equal(gy_schema_stream(&s, items)->parent, order);
    assert_int_equal(gy_schema_stream(&s, age)->type, GY_VALUE_NUMBER);
    assert_int_equal(gy_schema_property(&s, 2)->stream, items);
    gy_schema_release(&s);
    gy_schema_release(&s);
}

static void kinds_and_streams_have_names_of_their_own(void **state)
{
    (void)state;
    struct gy_schema s;
    gy_schema_init(&s);
    uint32_t event = gy_schema_add_stream(&s, GY_STREAM_EVENT, GY_STR("x"), GY_VALUE_MISSING, 0);
    assert_int_equal(gy_schema_find_trait(&s, GY_STR("x")), GY_ID_NONE);
    uint32_t trait = gy_schema_add_stream(&s, GY_STREAM_TRAIT, GY_STR("x"), GY_VALUE_STRING, 0);
    assert_int_equal(gy_schema_find_event(&s, GY_STR("x")), event);
    assert_int_equal(gy_schema_find_trait(&s, GY_STR("x")), trait);
    assert_int_equal(gy_schema_find_property(&s, event, GY_STR("x")), GY_ID_NONE);
    assert_int_equal(gy_schema_find_event(&s, GY_STR("X")), GY_ID_NONE);
    assert_int_equal(gy_schema_find_event(&s, GY_STR("")), GY_ID_NONE);
    gy_schema_add_stream(&s, GY_STREAM_EVENT, GY_STR("a\0b"), GY_VALUE_MISSING, 0);
    assert_int_equal(gy_schema_find_event(&s, GY_STR("a")), GY_ID_NONE);
    gy_schema_release(&s);
}

static void long_names_are_names_too(void **state)
{
    (void)state;
    struct gy_schema s;
    gy_schema_init(&s);
    char name[1000];
    for (size_t len = 240; len < 260; len++) {
        memset(name, 'n', len);
        struct gy_str text = {name, len};
        uint32_t id = gy_schema_add_stream(&s, GY_STREAM_EVENT, text, GY_VALUE_MISSING, 0);
        assert_int_equal(gy_schema_find_event(&s, text), id);
        assert_true(gy_str_equal(gy_schema_stream(&s, id)->name, text));
        assert_int_equal(gy_schema_add_property(&s, id, text, GY_VALUE_BOOL), len - 239);
        assert_int_equal(gy_schema_find_property(&s, id, text), len - 239);
    }
    gy_schema_release(&s);
}

static void a_copy_stands_alone(void **state)
{
    (void)state;
    struct gy_schema s;
    struct gy_schema copy;
    gy_schema_init(&s);
    gy_schema_init(&copy);
    char name[16];
    for (uint32_t i = 0; i < 1000; i++) {
        int n = snprintf(name, sizeof name, "event %u", i);
        uint32_t id = gy_schema_add_stream(&s, i % 3 == 0 ? GY_STREAM_TRAIT : GY_STREAM_EVENT,
                                           (struct gy_str){name, (size_t)n}, GY_VALUE_TIME, i);
        gy_schema_add_property(&s, id, GY_STR("p"), GY_VALUE_TIME);
    }
    gy_schema_copy(&copy, &s);
    gy_schema_release(&s);
    assert_int_equal(copy.n_streams, 1000);
    assert_int_equal(copy.n_properties, 1000);
    assert_int_equal(gy_schema_find_trait(&copy, GY_STR("event 999")), GY_STREAM_FIRST + 999);
    assert_int_equal(gy_schema_find_event(&copy, GY_STR("event 998")), GY_STREAM_FIRST + 998);
    assert_int_equal(gy_schema_find_property(&copy, GY_STREAM_FIRST + 998, GY_STR("p")), 999);
    assert_int_equal(gy_schema_stream(&copy, GY_STREAM_FIRST + 998)->parent, 998);
    gy_schema_release(&copy);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(numbers_follow_the_order_of_adding),
    cmocka_unit_test(kinds_and_streams_have_names_of_their_own),
    cmocka_unit_test(long_names_are_names_too),
    cmocka_unit_test(a_copy_stands_alone),
};

GY_TEST_MAIN(cases)
