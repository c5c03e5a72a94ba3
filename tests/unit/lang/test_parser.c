/* test_parser.c - limits, places, and what the words of an error say, beyond the conformance cases. */
#include <string.h>

#include "harness.h"

#include "lang/parser.h"
#include "lang/print.h"

static void assert_parses(const char *text)
{
    struct gy_definition tree;
    struct gy_error err = {0};
    assert_ok(gy_parse(gy_str_of(text), &tree, &err), &err);
    gy_definition_release(&tree);
}

static void assert_fails(const char *text, uint32_t line, uint32_t column, const char *says)
{
    struct gy_definition tree;
    struct gy_error err = {0};
    if (gy_parse(gy_str_of(text), &tree, &err) == GY_OK) {
        fail_msg("%s parses", text);
    }
    char said[sizeof err.message + sizeof err.hint + 1];
    snprintf(said, sizeof said, "%s %s", err.message, err.hint);
    if (err.line != line || err.column != column || strstr(said, says) == NULL) {
        fail_msg("%s\n  gave %u:%u %s", text, err.line, err.column, said);
    }
    gy_definition_release(&tree);
}

static void assert_prints(const char *text, const char *canonical)
{
    struct gy_definition tree;
    struct gy_error err = {0};
    struct gy_buf out = {0};
    assert_ok(gy_parse(gy_str_of(text), &tree, &err), &err);
    gy_print_expr(tree.expr, &out);
    assert_string_equal(out.ptr, canonical);
    gy_buf_release(&out);
    gy_definition_release(&tree);
}

/* `n` times `open`, then `middle`, then `n` times `close`; released by the caller. */
static char *nested(const char *open, const char *middle, const char *close, size_t n)
{
    struct gy_buf out = {0};
    for (size_t i = 0; i < n; i++) {
        gy_buf_text(&out, open);
    }
    gy_buf_text(&out, middle);
    for (size_t i = 0; i < n; i++) {
        gy_buf_text(&out, close);
    }
    return out.ptr;
}

static void assert_limit(const char *open, const char *middle, const char *close, size_t limit)
{
    struct gy_definition tree;
    struct gy_error err = {0};
    char *fits = nested(open, middle, close, limit);
    char *passes = nested(open, middle, close, limit + 1);
    assert_ok(gy_parse(gy_str_of(fits), &tree, &err), &err);
    gy_definition_release(&tree);
    assert_int_equal(gy_parse(gy_str_of(passes), &tree, &err), GY_INVALID);
    assert_non_null(strstr(err.message, "more than"));
    assert_int_equal(err.line, 1);
    gy_definition_release(&tree);
    free(fits);
    free(passes);
}

static void levels_are_parentheses_nots_and_signs(void **state)
{
    (void)state;
    assert_limit("(", "everyone", ")", 64);
    assert_limit("not ", "everyone", "", 64);
    assert_limit("- ", "1 = 1", "", 64);
    assert_limit("not (", "everyone", ")", 32);
    assert_limit("(", "did(A where hour() = 1)", ")", 62);
    assert_limit("(", "trait.x in (1)", ")", 63);
    assert_limit("(", "trait.x in (-1)", ")", 62);
}

static void leaves_are_tests_that_are_not_made_of_others(void **state)
{
    (void)state;
    assert_limit("nobody or ", "everyone", "", 1023);
    assert_limit("1 = 1 and ", "everyone", "", 1023);
    assert_limit("did(A where x = 1 or y = 2) or ", "everyone", "", 341);
    assert_limit("percentile(1 among (everyone)) = 1 or ", "everyone", "", 511);
    assert_limit("not nobody and ", "not everyone", "", 1023);
}

static void operations_upon_each_other_are_limited(void **state)
{
    (void)state;
    assert_limit("1 + ", "1 = 1", "", 512);
    assert_limit("2 * ", "1 = 1", "", 512);
}

static void ends(void **state)
{
    (void)state;
    assert_fails("did(A", 1, 6, "the text ends here");
    assert_fails("count(A where x = 1", 1, 20, "the text ends here");
    assert_fails("trait.x in (1,", 1, 15, "the text ends here");
    assert_fails("everyone and\n", 2, 1, "the text ends here");
    assert_fails("everyone and -- why", 1, 20, "the text ends here");
}

static void values_and_tests_in_parentheses(void **state)
{
    (void)state;
    assert_prints("((1)) = (2)", "1 = 2");
    assert_prints("((1) + (2)) * ((3)) > 4 and (everyone)", "(1 + 2) * 3 > 4 and everyone");
    assert_prints("(((1) > 2))", "1 > 2");
    assert_prints("(not (1) > 2)", "not 1 > 2");
    assert_prints("((1) - 1) is known", "1 - 1 is known");
    assert_fails("(everyone) > 1", 1, 12, "");
    assert_fails("(everyone + 1) > 1", 1, 11, "");
    assert_fails("(1 > 2) > 1", 1, 9, "");
    assert_fails("1 + (2 > 3)", 1, 8, "");
    assert_fails("1 + (everyone)", 1, 6, "");
    assert_fails("-(everyone)", 1, 3, "");
    assert_fails("(1 and everyone)", 1, 4, "");
    assert_fails("(everyone and (1))", 1, 18, "comparison");
    assert_fails("not (1)", 1, 8, "comparison");
    assert_fails("((1)", 1, 5, "");
}

static void filters(void **state)
{
    (void)state;
    assert_prints("count(A where not (\"a b\" = 'c' or d = e)) > 0",
                  "count(A where not (\"a b\" = \"c\" or d = e)) > 0");
    assert_prints("count(A where (\"a b\" + 1) * 2 > 0) > 0",
                  "count(A where (\"a b\" + 1) * 2 > 0) > 0");
    assert_prints("count(A where (\"true\") = TRUE) > 0", "count(A where \"true\" = true) > 0");
    assert_prints("count(A where hour = hour()) > 0", "count(A where hour = hour()) > 0");
    assert_prints("count(A where last in (\"x\") last 2 days) > 0",
                  "count(A where last in (\"x\") last 2 days) > 0");
    assert_prints("did(A as \"last\" then B where x = \"last\".y)",
                  "did(A as \"last\" then B where x = last.y)");
    assert_prints("did(A as \"not\" then B where x = \"not\".y)",
                  "did(A as \"not\" then B where x = \"not\".y)");
    assert_fails("count(A where x) > 0", 1, 16, "comparison");
    assert_fails("count(A where not) > 0", 1, 18, "");
    assert_fails("count(A where x = not) > 0", 1, 19, "");
    assert_fails("count(A where count(B) > 1) > 0", 1, 20, "");
    assert_fails("count(A where hour( = 1) > 0", 1, 21, "");
    assert_fails("count(A where everyone) > 0", 1, 23, "");
    assert_fails("count(A where \"x\".y = 1) > 0", 1, 18, "");
    assert_fails("count(A where x = \"s\".y) > 0", 1, 22, "");
}

static void chains_of_steps(void **state)
{
    (void)state;
    assert_parses("did(A then no B then no C then D within 1 day then no E within 2 days)");
    assert_fails("did(A within 1 day)", 1, 7, "");
    assert_fails("did(A then no B)", 1, 16, "within");
    assert_fails("did(A then no B last 3 days)", 1, 17, "");
    assert_fails("did(A then no B then no C within 1 day)", 1, 27, "");
    assert_fails("did(A then no B within 1 day then no C then D)", 1, 40, "within");
    assert_fails("did(A then no B within 1 day then C)", 1, 35, "no");
    assert_fails("did(A then no B within 1 day within 1 day)", 1, 30, "");
    assert_fails("did(no A)", 1, 5, "");
    assert_fails("did(A as \"\" then B)", 1, 10, "empty");
}

static void words_help(void **state)
{
    (void)state;
    assert_fails("evryone", 1, 1, "Did you mean everyone?");
    assert_fails("trait.x betwen 1 and 2", 1, 9, "Did you mean between?");
    assert_fails("did(list)", 1, 5, "it stands in quotes");
    assert_fails("trait.a = 1 && trait.b = 2", 1, 13, "the word and");
    assert_fails("did(A last 3)", 1, 13, "days");
    assert_fails("region = 'a'", 1, 1, "A trait is written trait.region.");
    assert_fails("trait.region = 서울", 1, 16, "A string stands in quotes: \"서울\".");
    assert_fails("trait.age == 3", 1, 12, "Equal is written =.");
    assert_fails("trait.age <> 3", 1, 12, "Unequal is written !=.");
    assert_fails("trait.age => 3", 1, 12, ">=");
    assert_fails("= 3", 1, 1, "a test or a value");
    assert_fails("trait.age > everyone", 1, 13, "expected a value");
    assert_fails("sum(A) > 1", 1, 6, "the name of a property");
}

static void integers_are_numbers(void **state)
{
    (void)state;
    struct gy_definition tree;
    struct gy_error err = {0};
    assert_ok(gy_parse(GY_STR("did(A last 99999999999999999999 days)"), &tree, &err), &err);
    assert_true(tree.expr->window.n == UINT64_C(1) << 63);
    gy_definition_release(&tree);
    assert_prints("did(A last 99999999999999999999 days)", "did(A last 9223372036854775808 days)");
    assert_prints("in segment(x 0 days ago)", "in segment(x 0 days ago)");
    assert_prints("trait.x in (-0, - 1)", "trait.x in (0, -1)");
}

static void a_value_is_parsed_alone(void **state)
{
    (void)state;
    struct gy_definition tree;
    struct gy_error err = {0};
    assert_ok(gy_parse_value(GY_STR(" ((1) + trait.x) "), &tree, &err), &err);
    assert_null(tree.expr);
    assert_int_equal(tree.term->kind, GY_TERM_ADD);
    gy_definition_release(&tree);
    assert_int_equal(gy_parse_value(GY_STR("everyone"), &tree, &err), GY_INVALID);
    gy_definition_release(&tree);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(levels_are_parentheses_nots_and_signs),
    cmocka_unit_test(leaves_are_tests_that_are_not_made_of_others),
    cmocka_unit_test(operations_upon_each_other_are_limited),
    cmocka_unit_test(ends),
    cmocka_unit_test(values_and_tests_in_parentheses),
    cmocka_unit_test(filters),
    cmocka_unit_test(chains_of_steps),
    cmocka_unit_test(words_help),
    cmocka_unit_test(integers_are_numbers),
    cmocka_unit_test(a_value_is_parsed_alone),
};

GY_TEST_MAIN(cases)
