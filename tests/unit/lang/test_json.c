/* test_json.c - JSON trees that are no trees: what is wrong, and where within the JSON. */
#include <string.h>

#include "harness.h"

#include "lang/json.h"
#include "lang/print.h"

static void assert_rejects(const char *json, const char *says)
{
    struct gy_definition tree;
    struct gy_error err = {0};
    if (gy_json_parse(gy_str_of(json), &tree, &err) == GY_OK) {
        fail_msg("%s is a tree", json);
    }
    assert_int_equal(err.status, GY_INVALID);
    if (strstr(err.message, says) == NULL) {
        fail_msg("%s\n  gave %s", json, err.message);
    }
    gy_definition_release(&tree);
}

static void assert_text(const char *json, const char *text)
{
    struct gy_definition tree;
    struct gy_error err = {0};
    struct gy_buf out = {0};
    if (gy_json_parse(gy_str_of(json), &tree, &err) != GY_OK) {
        fail_msg("%s\n  gave %s", json, err.message);
    }
    gy_print_expr(tree.expr, &out);
    assert_string_equal(out.ptr, text);
    gy_buf_release(&out);
    gy_definition_release(&tree);
}

static void the_path_is_named(void **state)
{
    (void)state;
    assert_rejects(
        "{\"and\":[{\"everyone\":true},{\"compare\":\">\",\"left\":{\"count\":{\"event\":\"A\","
        "\"window\":{\"last\":[3,\"years ago\"]}}},\"right\":1}]}",
        "at and[1].left.count.window.last: expected a unit");
    assert_rejects("{\"not\":{\"did\":[{\"event\":\"A\"},{\"event\":3}]}}", "at not.did[1].event");
    assert_rejects("{\"in\":{\"trait\":\"a\"},\"values\":[1,{}]}", "at values[1]");
    assert_rejects("{\"compare\":\"=\",\"left\":{\"+\":[1,null]},\"right\":1}", "at left.+[1]");
}

static void what_is_not_json(void **state)
{
    (void)state;
    assert_rejects("", "not JSON");
    assert_rejects("{\"everyone\":true", "not JSON");
    assert_rejects("{\"everyone\":true,\"everyone\":true}", "not JSON");
    assert_rejects("{\"everyone\":true} x", "not JSON");
    assert_rejects("{\"compare\":\"=\",\"left\":1e999,\"right\":1}", "not JSON");
}

static void keys_that_do_not_belong(void **state)
{
    (void)state;
    assert_rejects("{}", "no key");
    assert_rejects("[]", "expected an object");
    assert_rejects("{\"everyone\":true,\"x\":1}", "the key \"x\"");
    assert_rejects("{\"everyone\":true,\"nobody\":true}", "the key \"nobody\"");
    assert_rejects("{\"everyone\":false}", "expected true");
    assert_rejects("{\"in_list\":\"a\",\"ago\":[1,\"days\"]}", "the key \"ago\"");
    assert_rejects("{\"compare\":\"==\",\"left\":1,\"right\":1}", "compare");
    assert_rejects("{\"known\":{\"count\":{\"event\":\"A\",\"property\":\"b\"}}}", "\"property\"");
    assert_rejects("{\"known\":{\"sum\":{\"event\":\"A\"}}}", "sum.property");
    assert_rejects("{\"in\":1,\"values\":[1],\"negated\":false}", "negated");
    assert_rejects("{\"in\":1,\"values\":[]}", "values");
}

static void trees_that_no_text_has(void **state)
{
    (void)state;
    assert_rejects("{\"and\":[{\"everyone\":true}]}", "two or more");
    assert_rejects(
        "{\"and\":[{\"and\":[{\"everyone\":true},{\"nobody\":true}]},{\"everyone\":true}]}",
        "one list");
    assert_rejects("{\"known\":-1}", "not negative");
    assert_rejects("{\"sample\":-0.1}", "share");
    assert_rejects("{\"sample\":0.1,\"salt\":\"\"}", "left out");
    assert_rejects("{\"entered_segment\":\"a\"}", "window");
    assert_rejects("{\"did\":[]}", "array of steps");
    assert_rejects("{\"did\":[{\"event\":\"A\",\"within\":[1,\"days\"]}]}", "first step");
    assert_rejects("{\"did\":[{\"event\":\"A\",\"no\":true}]}", "first step");
    assert_rejects("{\"did\":[{\"event\":\"A\"},{\"event\":\"B\",\"no\":true}]}", "within");
    assert_rejects(
        "{\"did\":[{\"event\":\"A\"},{\"event\":\"B\",\"no\":true,\"within\":[1,\"days\"]},"
        "{\"event\":\"C\"}]}",
        "only others like it");
    assert_rejects(
        "{\"did\":[{\"event\":\"A\"},{\"event\":\"B\",\"no\":true},{\"event\":\"C\",\"no\":true,"
        "\"within\":[1,\"days\"]}]}",
        "no text has");
    assert_rejects("{\"did\":[{\"event\":\"A\",\"as\":\"\"}]}", "empty");
    assert_rejects("{\"did\":[{\"event\":\"A\"}],\"window\":{\"last_full\":[1,\"hours\"]}}",
                   "unit");
    assert_rejects("{\"did\":[{\"event\":\"A\"}],\"window\":{\"last\":[1.5,\"days\"]}}",
                   "whole number");
    assert_rejects(
        "{\"did\":[{\"event\":\"A\"}],\"window\":{\"last\":[1,\"days\"],\"since\":\"x\"}}",
        "one key");
    assert_rejects("{\"did\":[{\"event\":\"A\"}],\"window\":{\"from\":\"x\"}}", "to");
}

static void filters_have_their_own_values(void **state)
{
    (void)state;
    assert_rejects("{\"did\":[{\"event\":\"A\",\"where\":{\"everyone\":true}}]}", "of an event");
    assert_rejects("{\"did\":[{\"event\":\"A\",\"where\":{\"known\":{\"trait\":\"a\"}}}]}",
                   "of an event");
    assert_rejects("{\"known\":{\"property\":\"a\"}}", "what value");
    assert_rejects(
        "{\"known\":{\"count\":{\"event\":\"A\",\"where\":{\"known\":{\"property\":\"a\","
        "\"of\":\"b\"}}}}}",
        "chain only");
    assert_rejects(
        "{\"did\":[{\"event\":\"A\",\"where\":{\"compare\":\"=\",\"left\":\"a\",\"right\":1}}]}",
        "right of the comparison");
    assert_rejects("{\"did\":[{\"event\":\"A\",\"where\":{\"compare\":\"=\",\"left\":1,\"right\":"
                   "{\"property\":\"a b\"}}}]}",
                   "needs quotes");
    assert_text(
        "{\"did\":[{\"event\":\"A\",\"where\":{\"compare\":\"=\",\"left\":{\"property\":\"a b\"},"
        "\"right\":{\"property\":\"last\"}}}]}",
        "did(A where \"a b\" = last)");
}

static void numbers_and_names_are_values(void **state)
{
    (void)state;
    assert_text("{\"in\":{\"trait\":\"a\"},\"values\":[-1,-0,2.0,1e21]}",
                "trait.a in (-1, 0, 2, 1e21)");
    assert_text("{\"did\":[{\"event\":\"A\"}],\"window\":{\"last\":[7.0,\"days\"]}}",
                "did(A last 7 days)");
    assert_text("{\"in_segment\":\"x\",\"ago\":[0,\"days\"]}", "in segment(x 0 days ago)");
    assert_text("{\"in_segment\":\"Zoe\\u0308 \\u0000\"}", "in segment(\"Zoë \\u0000\")");
}

static void limits_hold_for_trees_too(void **state)
{
    (void)state;
    struct gy_buf json = {0};
    for (int i = 0; i < 65; i++) {
        gy_buf_text(&json, "{\"not\":");
    }
    gy_buf_text(&json, "{\"everyone\":true}");
    for (int i = 0; i < 65; i++) {
        gy_buf_text(&json, "}");
    }
    assert_rejects(json.ptr, "more than 64 levels");
    gy_buf_reset(&json);
    gy_buf_text(&json, "{\"or\":[{\"nobody\":true}");
    for (int i = 0; i < 1024; i++) {
        gy_buf_text(&json, ",{\"nobody\":true}");
    }
    gy_buf_text(&json, "]}");
    assert_rejects(json.ptr, "more than 1024 tests");
    gy_buf_reset(&json);
    for (int i = 0; i < 100000; i++) {
        gy_buf_text(&json, "[");
    }
    assert_rejects(json.ptr, "not JSON");
    gy_buf_reset(&json);
    gy_buf_zero(&json, 1024 * 1024 + 1);
    struct gy_definition tree;
    struct gy_error err = {0};
    assert_int_equal(gy_json_parse(gy_buf_view(&json), &tree, &err), GY_INVALID);
    gy_definition_release(&tree);
    gy_buf_release(&json);
}

static void places_are_those_of_the_canonical_text(void **state)
{
    (void)state;
    struct gy_definition tree;
    struct gy_error err = {0};
    assert_ok(
        gy_json_parse(GY_STR("{\"and\":[{\"everyone\":true},{\"in_list\":\"x\"}]}"), &tree, &err),
        &err);
    assert_int_equal(tree.expr->children[1]->name.place.line, 1);
    assert_int_equal(tree.expr->children[1]->name.place.column, 22);
    gy_definition_release(&tree);
}

static void a_value_alone(void **state)
{
    (void)state;
    struct gy_definition tree;
    struct gy_error err = {0};
    assert_ok(gy_json_parse_value(GY_STR("5"), &tree, &err), &err);
    assert_true(tree.term->number == 5);
    assert_null(tree.expr);
    gy_definition_release(&tree);
    assert_int_equal(gy_json_parse_value(GY_STR("{\"everyone\":true}"), &tree, &err), GY_INVALID);
    gy_definition_release(&tree);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(the_path_is_named),
    cmocka_unit_test(what_is_not_json),
    cmocka_unit_test(keys_that_do_not_belong),
    cmocka_unit_test(trees_that_no_text_has),
    cmocka_unit_test(filters_have_their_own_values),
    cmocka_unit_test(numbers_and_names_are_values),
    cmocka_unit_test(limits_hold_for_trees_too),
    cmocka_unit_test(places_are_those_of_the_canonical_text),
    cmocka_unit_test(a_value_alone),
};

GY_TEST_MAIN(cases)
