/* test_check.c - names, types and references, beyond the conformance cases. */
#include <string.h>

#include "harness.h"

#include "base/buf.h"
#include "known_names.h"

/* A small shop: one property, trait and name of each type. */
static void shop(struct workspace *w)
{
    workspace_init(w);
    workspace_property(w, "Order", "revenue", GY_TYPE_NUMBER);
    workspace_property(w, "Order", "coupon", GY_TYPE_STRING);
    workspace_property(w, "Order", "first", GY_TYPE_BOOL);
    workspace_property(w, "Order", "shipped_at", GY_TYPE_TIME);
    workspace_property(w, "Visit", "page", GY_TYPE_STRING);
    workspace_trait(w, "age", GY_TYPE_NUMBER);
    workspace_trait(w, "region", GY_TYPE_STRING);
    workspace_trait(w, "vip", GY_TYPE_BOOL);
    workspace_trait(w, "birthday", GY_TYPE_TIME);
    workspace_trait(w, "tags", GY_TYPE_LIST);
    workspace_define(&w->lists, "blocked", "");
}

static void assert_valid(const struct workspace *w, const char *text)
{
    struct gy_definition tree;
    struct gy_error err = {0};
    if (gy_define(gy_str_of(text), &w->vocabulary, NULL, &tree, &err) != GY_OK) {
        fail_msg("%s\n  %u:%u %s %s", text, err.line, err.column, err.message, err.hint);
    }
    gy_definition_release(&tree);
}

static void assert_error(const struct workspace *w, const struct gy_check_options *options,
                         const char *text, uint32_t column, const char *says)
{
    struct gy_definition tree;
    struct gy_error err = {0};
    if (gy_define(gy_str_of(text), &w->vocabulary, options, &tree, &err) == GY_OK) {
        fail_msg("%s is valid", text);
    }
    char said[sizeof err.message + sizeof err.hint + 1];
    snprintf(said, sizeof said, "%s %s", err.message, err.hint);
    if (err.line != 1 || err.column != column || strstr(said, says) == NULL) {
        fail_msg("%s\n  gave %u:%u %s", text, err.line, err.column, said);
    }
    gy_definition_release(&tree);
}

static void assert_invalid(const struct workspace *w, const char *text, uint32_t column,
                           const char *says)
{
    assert_error(w, NULL, text, column, says);
}

static void what_each_operator_takes(void **state)
{
    (void)state;
    struct workspace w;
    shop(&w);
    assert_valid(&w, "trait.age = 1 and trait.region = 'a' and trait.vip = true");
    assert_valid(&w, "trait.birthday = '2000-01-01' and '2000-01-01' < trait.birthday");
    assert_valid(&w, "trait.birthday between '2000-01-01' and '2001-01-01T00:00Z'");
    assert_valid(&w, "'2000-01-01' between trait.birthday and '2001-01-01'");
    assert_valid(&w, "trait.birthday in ('2000-01-01', '2000-01-02')");
    assert_valid(&w, "'a' in ('a', 'b') and true != false");
    assert_valid(&w, "trait.tags contains 'a' and trait.tags is known");
    assert_valid(&w, "trait.birthday - '2000-01-01' > 1 and '2000-01-01' - trait.birthday > 1");
    assert_valid(&w,
                 "sum(Order.first) + avg(Order.revenue) > 0 and min(Order.shipped_at) is known");
    assert_valid(&w, "top(Order.coupon) = 'a' and last(Order.first) = true");
    assert_valid(&w, "percentile(trait.birthday) > 1 and ntile(trait.age, 3) = 1");
    assert_invalid(&w, "trait.vip < true", 1, "number or a time");
    assert_invalid(&w, "1 = trait.region", 5, "expected a number");
    assert_invalid(&w, "(trait.region) < 1", 1, "number or a time");
    assert_invalid(&w, "'a' < 5", 1, "is a string");
    assert_invalid(&w, "'a' < trait.birthday", 1, "expected a time");
    assert_invalid(&w, "trait.birthday > ('a')", 19, "expected a time");
    assert_invalid(&w, "trait.region = ('a') + 1", 16, "expected a number");
    assert_invalid(&w, "'a' < 'b'", 1, "number or a time");
    assert_invalid(&w, "trait.age between 1 and 'b'", 25, "expected a number");
    assert_invalid(&w, "trait.age between trait.vip and 'b'", 19, "expected a number");
    assert_invalid(&w, "trait.tags in ('a')", 1, "list");
    assert_invalid(&w, "trait.region in ('a', -1)", 23, "expected a string");
    assert_invalid(&w, "trait.tags starts with 'a'", 1, "expected a string");
    assert_invalid(&w, "trait.region = trait.tags", 16, "expected a string");
    assert_invalid(&w, "-trait.birthday > 1", 2, "expected a number");
    assert_invalid(&w, "trait.age * (trait.region) > 1", 13, "expected a number");
    assert_invalid(&w, "min(Order.first) = true", 11, "number or a time");
    assert_invalid(&w, "sum(Order.shipped_at) = 1", 11, "number");
    assert_invalid(&w, "percentile('2025-01-01') > 1", 12, "number or a time");
    assert_invalid(&w, "ntile(trait.age, 0) = 1", 18, "one part");
    assert_invalid(&w, "age((trait.birthday)) = 1", 5, "trait");
    assert_invalid(&w, "anniversary(trait.birthday next 0 days)", 33, "above zero");
    assert_invalid(&w, "sample(1.01)", 8, "share");
    assert_invalid(&w, "did(Order 3 to 3 days ago)", 16, "above 3");
    assert_invalid(&w, "in segment(x)", 12, "unrecognized segment");
    workspace_release(&w);
}

static void near_names_are_suggested(void **state)
{
    (void)state;
    struct workspace w;
    shop(&w);
    workspace_define(&w.segments, "단골 손님", "everyone");
    assert_invalid(&w, "trait.regoin = 'a'", 7, "Did you mean \"region\"?");
    assert_invalid(&w, "did(Oder)", 5, "Did you mean \"Order\"?");
    assert_invalid(&w, "did(Order where revenu > 1)", 17,
                   "unrecognized property \"revenu\" of event \"Order\" Did you mean \"revenue\"?");
    assert_invalid(&w, "did(Order where shipped > '2025-01-01')", 17, "\"shipped_at\"");
    assert_invalid(&w, "in segment('단골 손님들')", 12, "Did you mean \"단골 손님\"?");
    assert_invalid(&w, "in list(blokced)", 9, "Did you mean \"blocked\"?");
    assert_invalid(&w, "in list(zzzz)", 9, "unrecognized list \"zzzz\" ");
    workspace_release(&w);
}

static void the_first_error_in_the_text_is_reported(void **state)
{
    (void)state;
    struct workspace w;
    shop(&w);
    assert_invalid(&w, "trait.region < trait.nope", 1, "number or a time");
    assert_invalid(&w, "trait.nope < trait.region", 7, "unrecognized trait");
    assert_invalid(&w, "'x' - trait.birthday > trait.nope", 1, "expected a time");
    assert_invalid(&w, "did(Nope where x = 1 last 0 days) or sample(2)", 5, "event");
    assert_invalid(&w, "ntile(trait.tags, 0 among (trait.nope = 1)) = 'a'", 7, "list");
    workspace_release(&w);
}

static void a_cycle_names_its_chain(void **state)
{
    (void)state;
    struct workspace w;
    shop(&w);
    workspace_define(&w.segments, "a", "everyone");
    workspace_define(&w.segments, "b", "not in segment(a)");
    workspace_define(&w.metrics, "m", "percentile(1 among (in segment(b)))");
    struct gy_check_options a = {.self = GY_STR("a"), .self_kind = GY_NAME_SEGMENT};
    struct gy_check_options m = {.self = GY_STR("m"), .self_kind = GY_NAME_METRIC};
    assert_error(&w, &a, "everyone or in segment(a)", 24, "refers to itself: \"a\" -> \"a\"");
    assert_error(&w, &a, "in segment(b)", 12, "\"a\" -> \"b\" -> \"a\"");
    assert_error(&w, &a, "metric.m = 1", 8, "\"a\" -> \"m\" -> \"b\" -> \"a\"");
    assert_error(&w, &m, "metric.m = 1", 8, "refers to itself");
    assert_valid(&w, "metric.m = 1 and in segment(b) and in segment(a 3 days ago)");
    workspace_release(&w);
}

static void a_cycle_among_stored_definitions_ends(void **state)
{
    (void)state;
    struct workspace w;
    shop(&w);
    workspace_define(&w.segments, "a", "in segment(b)");
    workspace_define(&w.segments, "b", "in segment(c)");
    workspace_define(&w.segments, "c", "in segment(b)");
    assert_invalid(&w, "nobody or in segment(a)", 22, "in segment \"c\", at 1:12");
    assert_invalid(&w, "nobody or in segment(a)", 22, "\"b\" -> \"c\" -> \"b\"");
    workspace_release(&w);
}

static void changes_of_membership_are_no_references(void **state)
{
    (void)state;
    struct workspace w;
    shop(&w);
    workspace_define(&w.segments, "a", "everyone");
    struct gy_check_options a = {.self = GY_STR("a"), .self_kind = GY_NAME_SEGMENT};
    struct gy_definition tree;
    struct gy_error err = {0};
    assert_ok(gy_define(GY_STR("entered segment(a today)"), &w.vocabulary, &a, &tree, &err), &err);
    gy_definition_release(&tree);
    workspace_release(&w);
}

static void an_error_in_a_stored_definition_says_so(void **state)
{
    (void)state;
    struct workspace w;
    shop(&w);
    workspace_define(&w.segments, "broken", "everyone and");
    workspace_define(&w.segments, "outer", "not in segment(broken)");
    workspace_define(&w.metrics, "words", "trait.region + 1");
    assert_invalid(&w, "in segment(outer)", 12, "in segment \"broken\", at 1:13: expected");
    assert_invalid(&w, "1 < metric.words", 12, "in metric \"words\", at 1:1: expected a number");
    workspace_release(&w);
}

static void stored_definitions_may_name_what_was_never_seen(void **state)
{
    (void)state;
    struct workspace w;
    shop(&w);
    workspace_define(&w.segments, "early", "did(\"Trial Started\" where plan = 'pro')");
    workspace_define(&w.segments, "worse", "in list(nowhere)");
    assert_valid(&w, "in segment(early) and not in segment(early 3 days ago)");
    assert_invalid(&w, "in segment(early) and did(\"Trial Started\")", 27, "event");
    assert_invalid(&w, "in segment(worse)", 12, "unrecognized list");
    workspace_release(&w);
}

static void a_definition_is_read_once_and_shared(void **state)
{
    (void)state;
    struct workspace w;
    struct gy_definition tree;
    struct gy_error err = {0};
    shop(&w);
    workspace_define(&w.segments, "s0", "everyone");
    for (int i = 1; i < 40; i++) {
        char name[8];
        char text[64];
        snprintf(name, sizeof name, "s%d", i);
        snprintf(text, sizeof text, "in segment(s%d) or in segment(s%d 1 day ago)", i - 1, i - 1);
        workspace_define(&w.segments, name, text);
    }
    /* 2^39 paths lead to s0 */
    assert_ok(gy_define(GY_STR("in segment(s39)"), &w.vocabulary, NULL, &tree, &err), &err);
    const struct gy_expr *s39 = tree.expr->definition;
    assert_ptr_equal(s39->children[0]->definition, s39->children[1]->definition);
    gy_definition_release(&tree);
    workspace_release(&w);
}

static void references_in_a_row_are_limited(void **state)
{
    (void)state;
    struct workspace w;
    shop(&w);
    workspace_define(&w.segments, "s0", "everyone");
    for (int i = 1; i < 80; i++) {
        char name[8];
        char text[64];
        snprintf(name, sizeof name, "s%d", i);
        snprintf(text, sizeof text, "in segment(s%d)", i - 1);
        workspace_define(&w.segments, name, text);
    }
    assert_valid(&w, "in segment(s63)");
    assert_invalid(&w, "in segment(s64)", 12, "more than 64 definitions");
    workspace_release(&w);
}

static void times_are_read_in_the_zone(void **state)
{
    (void)state;
    struct workspace w;
    struct gy_zone *zone;
    struct gy_definition tree;
    struct gy_error err = {0};
    shop(&w);
    assert_ok(gy_zone_open("Asia/Seoul", &zone, &err), &err);
    w.vocabulary.zone = zone;
    assert_ok(gy_define(GY_STR("did(Order from '2025-01-01' to '2025-01-01T00:00Z') or "
                               "trait.birthday = '1970-01-01' or trait.region = '1970-01-01'"),
                        &w.vocabulary, NULL, &tree, &err),
              &err);
    const struct gy_window *window = &tree.expr->children[0]->window;
    const int64_t new_year_utc = INT64_C(1735689600000);
    assert_true(window->from.ms == new_year_utc - 9 * GY_HOUR_MS);
    assert_true(window->from.is_date);
    assert_true(window->to.ms == new_year_utc);
    assert_false(window->to.is_date);
    const struct gy_term *birthday = tree.expr->children[1]->right;
    assert_int_equal(birthday->type, GY_TYPE_TIME);
    assert_true(birthday->time_ms == -9 * GY_HOUR_MS);
    assert_int_equal(tree.expr->children[2]->right->type, GY_TYPE_STRING);
    gy_definition_release(&tree);
    gy_zone_close(zone);
    workspace_release(&w);
}

static void steps_are_found_by_name(void **state)
{
    (void)state;
    struct workspace w;
    struct gy_definition tree;
    struct gy_error err = {0};
    shop(&w);
    assert_ok(gy_define(GY_STR("did(Order then no Visit then Order as o then no Visit "
                               "where page = o.coupon within 1 day)"),
                        &w.vocabulary, NULL, &tree, &err),
              &err);
    assert_int_equal(tree.expr->steps[3].where->right->step.id, 2);
    gy_definition_release(&tree);
    assert_invalid(&w, "did(Order as o then Visit where page = p.coupon)", 40, "\"o\"");
    assert_invalid(&w, "did(Order as o then Visit where page != o.coupon)", 41, "stands only as");
    assert_invalid(&w, "did(Order as o then Visit where page = 'a' or page = o.coupon)", 54,
                   "only");
    assert_invalid(&w, "did(Order as o then Visit where page in ('a') and o.coupon = page)", 51,
                   "only");
    assert_invalid(&w, "did(Order as o then Visit where page = o.revenue)", 40,
                   "expected a string");
    workspace_release(&w);
}

static void what_is_unknown_fits_everywhere_when_allowed(void **state)
{
    (void)state;
    struct workspace w;
    struct gy_definition tree;
    struct gy_error err = {0};
    struct gy_check_options allow = {.allow_unknown = true};
    shop(&w);
    assert_ok(
        gy_define(GY_STR("trait.x < '2025-01-01' and trait.x contains 'a' and trait.x - 1 > 0 "
                         "and trait.x in (1, 'a') and '2025-01-01' - trait.x > 1 and "
                         "age(trait.x) > 1 and min(Order.x) = sum(X.y) and "
                         "trait.birthday > trait.x and percentile(trait.x) > 1"),
                  &w.vocabulary, &allow, &tree, &err),
        &err);
    assert_int_equal(tree.expr->children[0]->left->name.id, GY_NAME_UNKNOWN);
    assert_int_equal(tree.expr->children[0]->left->type, GY_TYPE_ANY);
    gy_definition_release(&tree);
    assert_error(&w, &allow, "trait.x < 'soon'", 11, "number or a time");
    assert_error(&w, &allow, "trait.x < trait.tags", 11, "number or a time");
    assert_error(&w, &allow, "trait.x = 1 and metric.x = 1", 24, "unrecognized metric");
    workspace_release(&w);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(what_each_operator_takes),
    cmocka_unit_test(near_names_are_suggested),
    cmocka_unit_test(the_first_error_in_the_text_is_reported),
    cmocka_unit_test(a_cycle_names_its_chain),
    cmocka_unit_test(a_cycle_among_stored_definitions_ends),
    cmocka_unit_test(changes_of_membership_are_no_references),
    cmocka_unit_test(an_error_in_a_stored_definition_says_so),
    cmocka_unit_test(stored_definitions_may_name_what_was_never_seen),
    cmocka_unit_test(a_definition_is_read_once_and_shared),
    cmocka_unit_test(references_in_a_row_are_limited),
    cmocka_unit_test(times_are_read_in_the_zone),
    cmocka_unit_test(steps_are_found_by_name),
    cmocka_unit_test(what_is_unknown_fits_everywhere_when_allowed),
};

GY_TEST_MAIN(cases)
