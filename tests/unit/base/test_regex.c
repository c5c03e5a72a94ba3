/* test_regex.c - POSIX extended regular expressions: what is one, and what it matches.
 *
 * The rules are those of POSIX.1-2017, XBD 9.3.5 and 9.4.
 */
#include <string.h>

#include "harness.h"

#include "base/regex.h"

static bool matches(const char *pattern, const char *text)
{
    char why[GY_REGEX_WHY];
    struct gy_regex *regex;
    if (!gy_regex_compile(gy_str_of(pattern), &regex, why)) {
        fail_msg("%s: %s", pattern, why);
    }
    bool is_match = gy_regex_matches(regex, gy_str_of(text));
    gy_regex_free(regex);
    return is_match;
}

static void assert_invalid(const char *pattern)
{
    char why[GY_REGEX_WHY] = "";
    struct gy_regex *regex;
    if (gy_regex_compile(gy_str_of(pattern), &regex, why)) {
        fail_msg("%s: is no valid expression", pattern);
    }
    assert_null(regex);
    assert_true(strlen(why) > 0);
}

static void matches_anywhere_unless_anchored(void **state)
{
    (void)state;
    assert_true(matches("b", "abc"));
    assert_false(matches("^b", "abc"));
    assert_true(matches("^a", "abc"));
    assert_false(matches("b$", "abc"));
    assert_true(matches("^(pro|free)$", "free"));
    assert_false(matches("^(pro|free)$", "freed"));
    assert_true(matches("a|b", "xb"));
    assert_false(matches("a^b", "a^b"));
}

static void anchors_are_the_ends_of_the_text_and_a_dot_is_any_character(void **state)
{
    (void)state;
    assert_false(matches("^b", "a\nb"));
    assert_false(matches("a$", "a\nb"));
    assert_false(matches("a$", "a\n"));
    assert_true(matches("a.b", "a\nb"));
    assert_true(matches("a[^x]b", "a\nb"));
}

static void a_character_is_a_code_point(void **state)
{
    (void)state;
    assert_true(matches("^.$", "서"));
    assert_true(matches("^..$", "서울"));
    assert_true(matches("^[가-힣]+$", "서울"));
    assert_false(matches("^[가-힣]+$", "Seoul"));
    assert_true(matches("^😀{2}$", "😀😀"));
    assert_true(matches("^[^a]$", "😀"));
}

static void repetitions(void **state)
{
    (void)state;
    assert_true(matches("^ab*$", "a"));
    assert_true(matches("^ab+$", "abb"));
    assert_false(matches("^ab+$", "a"));
    assert_true(matches("^ab?$", "ab"));
    assert_true(matches("^a{2}$", "aa"));
    assert_false(matches("^a{2}$", "aaa"));
    assert_true(matches("^a{2,}$", "aaaa"));
    assert_false(matches("^a{2,3}$", "aaaa"));
    assert_true(matches("^a{0}$", ""));
    assert_true(matches("^(ab){2}$", "abab"));
    assert_true(matches("^.{3,1000}$", "abc"));
    assert_true(matches("a}", "a}"));
    assert_true(matches("(a*)+", "b"));
}

static void brackets(void **state)
{
    (void)state;
    assert_true(matches("^[]a]+$", "]a"));
    assert_true(matches("^[^]a]$", "b"));
    assert_false(matches("^[^]a]$", "]"));
    assert_true(matches("^[a-]+$", "-a"));
    assert_true(matches("^[-a]+$", "-a"));
    assert_true(matches("^[x-z-]+$", "-y"));
    assert_true(matches("^[%--]$", "&"));
    assert_true(matches("^[[.-.]-0]$", "."));
    assert_true(matches("^[[=a=]b]+$", "ab"));
    assert_true(matches("^[\\d]+$", "\\d"));
    assert_false(matches("[\\d]", "5"));
    assert_true(matches("^[a^]+$", "^a"));
    assert_true(matches("^[.*[]+$", "[*."));
    assert_true(matches("^[[:alpha:]]+$", "Pro"));
    assert_false(matches("[[:alpha:]]", "가é1"));
    assert_true(matches("^[^[:digit:]x]$", "y"));
    assert_true(matches("^[[:space:]_]+$", " \t\n\r\f\v_"));
    assert_true(matches("[[:punct:]]", "a-b"));
}

static void a_backslash_makes_special_characters_plain(void **state)
{
    (void)state;
    assert_true(matches("^\\^\\.\\[\\$\\(\\)\\|\\*\\+\\?\\{\\\\$", "^.[$()|*+?{\\"));
    assert_true(matches("a-b_c#d&e~f", "a-b_c#d&e~f"));
}

static void what_posix_leaves_undefined_is_invalid(void **state)
{
    (void)state;
    static const char *const patterns[] = {"",
                                           "*",
                                           "*a",
                                           "^*",
                                           "(*a)",
                                           "a|*b",
                                           "+",
                                           "?a",
                                           "{2}",
                                           "a**",
                                           "a+?",
                                           "a*{2}",
                                           "a{2}{3}",
                                           "a||b",
                                           "|a",
                                           "a|",
                                           "(|a)",
                                           "(a|)",
                                           "()",
                                           "a()",
                                           "\\d",
                                           "\\w+",
                                           "\\bx",
                                           "a\\",
                                           "\\]",
                                           "\\a",
                                           "(?:a)",
                                           "(a",
                                           "a)",
                                           "[",
                                           "[]",
                                           "[^]",
                                           "[a",
                                           "[b-a]",
                                           "[a-c-e]",
                                           "[[:x:]]",
                                           "[[:alpha:]",
                                           "[[:alpha:]-z]",
                                           "[a-[:digit:]]",
                                           "[[..]]",
                                           "[[.ab.]]",
                                           "[a-d-[=z=]]",
                                           "a{",
                                           "a{,2}",
                                           "a{x}",
                                           "a{1",
                                           "a{2,1}",
                                           "a{1001}",
                                           "a{1,1001}",
                                           "a{99999999999999999999}",
                                           "a{1,",
                                           "(a{1000}){1000}"};
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        assert_invalid(patterns[i]);
    }
}

static void time_is_linear(void **state)
{
    (void)state;
    char text[20001];
    memset(text, 'a', 20000);
    text[20000] = '\0';
    assert_false(matches("^(a*)*(a|aa)+b$", text));
}

static void deep_and_long_patterns_are_bounded(void **state)
{
    (void)state;
    enum {
        DEEP = 400,
        FAR = 60000
    };
    char *deep = calloc(1, FAR + 1);
    memset(deep, '(', DEEP);
    deep[DEEP] = 'a';
    memset(deep + DEEP + 1, ')', DEEP);
    assert_true(matches(deep, "a"));
    memset(deep, '(', FAR);
    assert_invalid(deep);
    free(deep);
}

static void nul_is_a_character(void **state)
{
    (void)state;
    char why[GY_REGEX_WHY];
    struct gy_regex *regex;
    assert_true(gy_regex_compile((struct gy_str){"a\0b", 3}, &regex, why));
    assert_true(gy_regex_matches(regex, (struct gy_str){"xa\0b", 4}));
    assert_false(gy_regex_matches(regex, gy_str_of("ab")));
    assert_false(gy_regex_matches(regex, (struct gy_str){0}));
    gy_regex_free(regex);
    gy_regex_free(NULL);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(matches_anywhere_unless_anchored),
    cmocka_unit_test(anchors_are_the_ends_of_the_text_and_a_dot_is_any_character),
    cmocka_unit_test(a_character_is_a_code_point),
    cmocka_unit_test(repetitions),
    cmocka_unit_test(brackets),
    cmocka_unit_test(a_backslash_makes_special_characters_plain),
    cmocka_unit_test(what_posix_leaves_undefined_is_invalid),
    cmocka_unit_test(time_is_linear),
    cmocka_unit_test(deep_and_long_patterns_are_bounded),
    cmocka_unit_test(nul_is_a_character),
};

GY_TEST_MAIN(cases)
