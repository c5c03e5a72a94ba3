/* test_builtin_metrics.c - the values that have a name from the start. */
#include <string.h>

#include "harness.h"

#include "base/text.h"
#include "known_names.h"
#include "lang/builtin_metrics.h"
#include "lang/print.h"
#include "lang/quote.h"

/* A shop that has every event the metrics name. */
static void shop(struct workspace *w)
{
    workspace_init(w);
    workspace_property(w, "Order Completed", "revenue", GY_TYPE_NUMBER);
    workspace_property(w, "Order Completed", "discount", GY_TYPE_NUMBER);
    workspace_property(w, "Order Completed", "coupon", GY_TYPE_STRING);
    workspace_property(w, "Order Completed", "channel", GY_TYPE_STRING);
    workspace_property(w, "Order Completed/products", "quantity", GY_TYPE_NUMBER);
    workspace_property(w, "Order Completed/products", "product_id", GY_TYPE_STRING);
    workspace_property(w, "Order Completed/products", "category", GY_TYPE_STRING);
    workspace_property(w, "Order Completed/products", "brand", GY_TYPE_STRING);
    workspace_property(w, "Order Refunded", "revenue", GY_TYPE_NUMBER);
    workspace_property(w, "Order Cancelled", "order_id", GY_TYPE_STRING);
    workspace_property(w, "Page Viewed", "name", GY_TYPE_STRING);
    workspace_property(w, "Visit", "pages", GY_TYPE_NUMBER);
    workspace_property(w, "Visit", "seconds", GY_TYPE_NUMBER);
    workspace_property(w, "Visit", "is_bounce", GY_TYPE_BOOL);
    workspace_property(w, "Visit", "channel", GY_TYPE_STRING);
    workspace_property(w, "Product Viewed", "product_id", GY_TYPE_STRING);
    workspace_property(w, "Survey Answered", "score", GY_TYPE_NUMBER);
    workspace_property(w, "Survey Answered", "survey", GY_TYPE_STRING);
    workspace_trait(w, "birthday", GY_TYPE_TIME);
}

static enum gy_type type_of_unit(enum gy_metric_unit unit)
{
    return unit == GY_METRIC_TIME   ? GY_TYPE_TIME
           : unit == GY_METRIC_TEXT ? GY_TYPE_STRING
                                    : GY_TYPE_NUMBER;
}

static void every_metric_has_its_type_and_canonical_text(void **state)
{
    (void)state;
    struct workspace w;
    const struct gy_builtin_metric *m;
    shop(&w);
    for (uint32_t i = 0; (m = gy_builtin_metric_at(i)) != NULL; i++) {
        struct gy_definition tree = {0};
        struct gy_error err = {0};
        struct gy_buf text = {0};
        assert_ok(gy_define_value(gy_str_of(m->text), &w.vocabulary, NULL, &tree, &err), &err);
        assert_int_equal(tree.term->type, type_of_unit(m->unit));
        gy_print_term(tree.term, &text);
        assert_string_equal(text.ptr, m->text);
        assert_true(gy_builtin_metric_is_there(i, &w.vocabulary, NULL));
        gy_buf_release(&text);
        gy_definition_release(&tree);
    }
    workspace_release(&w);
}

static void every_metric_has_a_name_and_two_titles(void **state)
{
    (void)state;
    const struct gy_builtin_metric *m;
    for (uint32_t i = 0; (m = gy_builtin_metric_at(i)) != NULL; i++) {
        assert_int_equal(gy_builtin_metric_find(gy_str_of(m->name)), i);
        assert_false(gy_quote_is_needed(gy_str_of(m->name), GY_NAME_AFTER_DOT));
        assert_true(gy_text_is_ascii(gy_str_of(m->title[GY_TEMPLATE_EN])));
        assert_false(gy_text_is_ascii(gy_str_of(m->title[GY_TEMPLATE_KO])));
        assert_true(gy_text_is_utf8(gy_str_of(m->title[GY_TEMPLATE_KO])));
    }
    assert_int_equal(gy_builtin_metric_find(GY_STR("order")), GY_NAME_UNKNOWN);
}

/* builtin_metrics.h: none refers to another. */
static void no_metric_refers_to_another(void **state)
{
    (void)state;
    const struct gy_builtin_metric *m;
    for (uint32_t i = 0; (m = gy_builtin_metric_at(i)) != NULL; i++) {
        assert_null(strstr(m->text, "metric."));
        assert_null(strstr(m->text, "segment("));
    }
}

static void assert_absent(const struct workspace *w, const char *name, const char *why)
{
    struct gy_error err = {0};
    assert_false(
        gy_builtin_metric_is_there(gy_builtin_metric_find(gy_str_of(name)), &w->vocabulary, &err));
    assert_string_equal(err.message, why);
}

static void is_there_only_where_its_data_is(void **state)
{
    (void)state;
    struct workspace w;
    workspace_init(&w);
    workspace_property(&w, "Order Completed", "total", GY_TYPE_NUMBER);
    workspace_property(&w, "Order Completed", "discount", GY_TYPE_STRING);
    workspace_trait(&w, "birthday", GY_TYPE_STRING);
    uint32_t orders = gy_builtin_metric_find(GY_STR("orders"));
    assert_true(gy_builtin_metric_is_there(orders, &w.vocabulary, NULL));
    assert_absent(&w, "revenue", "unrecognized property \"revenue\" of event \"Order Completed\"");
    assert_absent(&w, "net_revenue",
                  "unrecognized property \"revenue\" of event \"Order Completed\"");
    assert_absent(&w, "returns", "unrecognized event \"Order Refunded\"");
    struct gy_error err = {0};
    assert_false(gy_builtin_metric_is_there(gy_builtin_metric_find(GY_STR("discount")),
                                            &w.vocabulary, &err));
    assert_non_null(strstr(err.message, "number"));
    assert_false(
        gy_builtin_metric_is_there(gy_builtin_metric_find(GY_STR("age")), &w.vocabulary, &err));
    workspace_release(&w);
}

static void an_unknown_one_says_what_it_needs(void **state)
{
    (void)state;
    struct workspace w;
    struct gy_definition tree = {0};
    struct gy_error err = {0};
    workspace_init(&w);
    workspace_property(&w, "Order Completed", "total", GY_TYPE_NUMBER);
    assert_int_equal(
        gy_define(GY_STR("metric.return_rate > 0.3"), &w.vocabulary, NULL, &tree, &err),
        GY_INVALID);
    assert_string_equal(err.message, "unrecognized metric \"return_rate\"");
    assert_string_equal(err.hint, "It is built in, but what it needs is not there: unrecognized "
                                  "event \"Order Refunded\".");
    assert_int_equal(err.column, 8);
    gy_definition_release(&tree);
    workspace_release(&w);
}

/* What a workspace is promised, whatever else comes to be there. */
static void the_documented_set_is_there(void **state)
{
    (void)state;
    static const char *const names[] = {
        "orders",         "revenue",         "average_order_value", "days_since_order",
        "order_interval", "discount_share",  "return_rate",         "cancel_rate",
        "net_revenue",    "items_per_order", "first_order_time",    "last_order_time",
        "visits",         "nps_score"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_true(gy_builtin_metric_find(gy_str_of(names[i])) != GY_NAME_UNKNOWN);
    }
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(every_metric_has_its_type_and_canonical_text),
    cmocka_unit_test(every_metric_has_a_name_and_two_titles),
    cmocka_unit_test(no_metric_refers_to_another),
    cmocka_unit_test(is_there_only_where_its_data_is),
    cmocka_unit_test(an_unknown_one_says_what_it_needs),
    cmocka_unit_test(the_documented_set_is_there),
};

GY_TEST_MAIN(cases)
