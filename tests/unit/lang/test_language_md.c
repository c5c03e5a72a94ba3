/* test_language_md.c - every example of docs/language.md is valid, and goes round. */
#include <string.h>

#include "harness.h"

#include "base/file.h"
#include "known_names.h"
#include "lang/parser.h"
#include "lang/print.h"

/* ---- the shop that the page speaks of ---- */

struct known {
    const char *event;
    const char *property;
    enum gy_type type;
};

static const struct known properties[] = {
    {"Order Completed", "revenue", GY_TYPE_NUMBER},
    {"Order Completed", "order no", GY_TYPE_NUMBER},
    {"Order Completed", "coupon", GY_TYPE_STRING},
    {"Order Completed", "shipped_at", GY_TYPE_TIME},
    {"Order Completed/products", "product_id", GY_TYPE_STRING},
    {"Order Completed/products", "category", GY_TYPE_STRING},
    {"Order Refunded", "amount", GY_TYPE_NUMBER},
    {"Product Added", "product_id", GY_TYPE_STRING},
    {"Product Removed", "product_id", GY_TYPE_STRING},
    {"Product Viewed", "product_id", GY_TYPE_STRING},
    {"Cart Cleared", "reason", GY_TYPE_STRING},
    {"Checkout Started", "value", GY_TYPE_NUMBER},
    {"Email Opened", "campaign", GY_TYPE_STRING},
    {"App Opened", "platform", GY_TYPE_STRING},
    {"Survey Answered", "score", GY_TYPE_NUMBER},
    {"List", "count", GY_TYPE_NUMBER},
    {"구매", "금액", GY_TYPE_NUMBER},
};

static void open_shop(struct workspace *w)
{
    workspace_init(w);
    for (size_t i = 0; i < sizeof properties / sizeof properties[0]; i++) {
        workspace_property(w, properties[i].event, properties[i].property, properties[i].type);
    }
    workspace_trait(w, "age", GY_TYPE_NUMBER);
    workspace_trait(w, "region", GY_TYPE_STRING);
    workspace_trait(w, "plan", GY_TYPE_STRING);
    workspace_trait(w, "name", GY_TYPE_STRING);
    workspace_trait(w, "birthday", GY_TYPE_TIME);
    workspace_trait(w, "signed_up", GY_TYPE_TIME);
    workspace_trait(w, "interests", GY_TYPE_LIST);
    workspace_trait(w, "email_opt_in", GY_TYPE_BOOL);
    workspace_define(&w->segments, "Champions", "count(\"Order Completed\") >= 10");
    workspace_define(&w->segments, "At risk", "not did(\"Order Completed\" last 60 days)");
    workspace_define(&w->lists, "blocked", "");
    workspace_define(&w->metrics, "orders", "count(\"Order Completed\")");
    workspace_define(&w->metrics, "aov", "sum(\"Order Completed\".revenue) / metric.orders");
}

/* ---- examples ---- */

static void check_example(const struct workspace *w, struct gy_str text)
{
    struct gy_definition tree;
    struct gy_definition again;
    struct gy_error err = {0};
    struct gy_buf canonical = {0};
    struct gy_buf twice = {0};
    if (gy_define(text, &w->vocabulary, NULL, &tree, &err) != GY_OK) {
        fail_msg("%.*s\n  %u:%u %s %s", GY_STR_ARG(text), err.line, err.column, err.message,
                 err.hint);
    }
    gy_print_expr(tree.expr, &canonical);
    assert_ok(gy_parse(gy_buf_view(&canonical), &again, &err), &err);
    gy_print_expr(again.expr, &twice);
    assert_string_equal(canonical.ptr, twice.ptr);
    gy_buf_release(&canonical);
    gy_buf_release(&twice);
    gy_definition_release(&tree);
    gy_definition_release(&again);
}

/* Examples of one block stand apart by an empty line. */
static size_t check_block(const struct workspace *w, const char *from, const char *to)
{
    size_t n = 0;
    while (from < to) {
        const char *gap = memmem(from, (size_t)(to - from), "\n\n", 2);
        const char *end = gap == NULL ? to : gap;
        check_example(w, (struct gy_str){from, (size_t)(end - from)});
        n++;
        from = gap == NULL ? to : gap + 2;
    }
    return n;
}

static void every_example_is_valid(void **state)
{
    (void)state;
    static const char fence[] = "\n```gyeol\n";
    struct workspace w;
    struct gy_buf page = {0};
    struct gy_error err = {0};
    size_t n = 0;
    open_shop(&w);
    assert_ok(gy_file_read(LANGUAGE_MD, &page, &err), &err);
    const char *at = page.ptr;
    while ((at = strstr(at, fence)) != NULL) {
        at += strlen(fence);
        const char *end = strstr(at, "\n```\n");
        assert_non_null(end);
        n += check_block(&w, at, end);
        at = end;
    }
    assert_true(n >= 30);
    gy_buf_release(&page);
    workspace_release(&w);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(every_example_is_valid),
};

GY_TEST_MAIN(cases)
