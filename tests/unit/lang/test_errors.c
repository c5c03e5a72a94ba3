/* test_errors.c - every error of the language: where it is, its words, and what to do about it.
 *
 * The places are those of docs/language.md, Errors. The words are part of the contract with whoever reads
 * them: a message says what was expected and what was found, a hint what to write in its place.
 */
#include <string.h>

#include "harness.h"

#include "base/buf.h"
#include "known_names.h"

struct wrong {
    const char *text;
    uint32_t column; /* of line 1 */
    const char *message;
    const char *hint;
};

/* ---- a workspace with a name of each kind ---- */

static void shop(struct workspace *w)
{
    workspace_init(w);
    workspace_property(w, "Order", "revenue", GY_TYPE_NUMBER);
    workspace_property(w, "Order", "coupon", GY_TYPE_STRING);
    workspace_property(w, "Order", "first", GY_TYPE_BOOL);
    workspace_property(w, "Visit", "page", GY_TYPE_STRING);
    workspace_property(w, "구독", "가격", GY_TYPE_NUMBER);
    workspace_property(w, "구매", "가격", GY_TYPE_NUMBER);
    workspace_property(w, "구매", "금액", GY_TYPE_NUMBER);
    workspace_trait(w, "age", GY_TYPE_NUMBER);
    workspace_trait(w, "region", GY_TYPE_STRING);
    workspace_trait(w, "vip", GY_TYPE_BOOL);
    workspace_trait(w, "birthday", GY_TYPE_TIME);
    workspace_trait(w, "tags", GY_TYPE_LIST);
    workspace_trait(w, "동급생", GY_TYPE_STRING);
    workspace_trait(w, "등급", GY_TYPE_STRING);
    workspace_trait(w, "멤버십", GY_TYPE_STRING);
    workspace_define(&w->segments, "회원", "identified");
    workspace_define(&w->segments, "loop", "not in segment(self)");
    workspace_define(&w->segments, "unreadable", "everyone and");
    workspace_define(&w->metrics, "spend", "sum(Order.revenue)");
    workspace_define(&w->metrics, "wrong", "sum(Order.coupon)");
    workspace_define(&w->lists, "blocked", "");
}

/* ---- one text ---- */

static void assert_error(const struct workspace *w, const struct wrong *wrong)
{
    struct gy_check_options options = {.self_kind = GY_NAME_SEGMENT, .self = GY_STR("self")};
    struct gy_definition tree = {0};
    struct gy_error err = {0};
    if (gy_define(gy_str_of(wrong->text), &w->vocabulary, &options, &tree, &err) == GY_OK) {
        fail_msg("%s is valid", wrong->text);
    }
    if (err.status != GY_INVALID || err.line != 1 || err.column != wrong->column ||
        strcmp(err.message, wrong->message) != 0 || strcmp(err.hint, wrong->hint) != 0) {
        fail_msg("%s\n  wanted 1:%u %s %s\n  gave   %u:%u %s %s", wrong->text, wrong->column,
                 wrong->message, wrong->hint, err.line, err.column, err.message, err.hint);
    }
    gy_definition_release(&tree);
}

static void assert_errors(const struct wrong *wrong, size_t n)
{
    struct workspace w;
    shop(&w);
    for (size_t i = 0; i < n; i++) {
        assert_error(&w, &wrong[i]);
    }
    workspace_release(&w);
}

/* ---- by kind ---- */

static void what_cannot_be_read(void **state)
{
    (void)state;
    static const struct wrong WRONG[] = {
        {"trait.age = 1 && everyone", 15, "\"&\" cannot be read here",
         "Conditions are joined with the word and."},
        {"trait.age = 1 || everyone", 15, "\"|\" cannot be read here",
         "Conditions are joined with the word or."},
        {"!everyone", 1, "\"!\" cannot be read here",
         "A condition is turned round with the word not; unequal is !=."},
        {"sample(20 %)", 11, "\"%\" cannot be read here",
         "A percent sign stands right behind its number: 20%."},
        {"trait.region = “a”", 16, "\"“\" cannot be read here",
         "Quotes are the straight ones, \" or '."},
        {"did(Order#1)", 10, "\"#\" cannot be read here",
         "A name with such characters is put in quotes."},
        {"everyone and\x01"
         " nobody",
         13, "the control character U+0001 cannot stand here", ""},
        {"everyone and \xff", 14, "the text is not UTF-8 from here on (byte 0xFF)", ""},
        {"trait.age = 1e999", 13, "this number is beyond what a double can hold", ""},
        {"trait.region = \"abc", 16, "the string that begins here has no closing quote", ""},
        {"trait.region = \"a\\qb\"", 16,
         "the string that begins here has an unknown escape at column 18",
         "Escapes are \\\" \\' \\\\ \\/ \\b \\f \\n \\r \\t and \\uXXXX; a backslash itself is \\\\."},
        {"trait.region = \"a\\ud800\"", 16,
         "the string that begins here has an unknown escape at column 18",
         "Escapes are \\\" \\' \\\\ \\/ \\b \\f \\n \\r \\t and \\uXXXX; a backslash itself is \\\\."},
        {"trait.region = \"a\x01"
         "\"",
         16, "the string that begins here is broken by the control character U+0001", ""},
        {"trait.region = 'a\xff"
         "'",
         16, "the string that begins here is not UTF-8 at column 18", ""},
    };
    assert_errors(WRONG, sizeof WRONG / sizeof *WRONG);
}

static void what_cannot_stand_there(void **state)
{
    (void)state;
    static const struct wrong WRONG[] = {
        {"", 1, "expected a test or a value, but the text ends here", ""},
        {"not", 4, "expected a test or a value, but the text ends here", ""},
        {"and everyone", 1, "expected a test or a value, but found \"and\"", ""},
        {"everyone nobody", 10,
         "expected \"and\", \"or\" or the end of the text, but found \"nobody\"", ""},
        {"everyone)", 9, "expected \"and\", \"or\" or the end of the text, but found \")\"", ""},
        {"(everyone", 10, "expected \"and\", \"or\" or \")\", but the text ends here", ""},
        {"(everyone nobody)", 11, "expected \"and\", \"or\" or \")\", but found \"nobody\"", ""},
        {"1 + 1", 6, "expected a comparison or an operator, but the text ends here", ""},
        {"((1))", 6, "expected a comparison or an operator, but the text ends here", ""},
        {"(1 1)", 4, "expected a comparison, an operator or \")\", but found \"1\"", ""},
        {"1 > (1 1)", 8, "expected an operator or \")\", but found \"1\"", ""},
        {"evryone", 1, "expected a test or a value, but found \"evryone\"",
         "Did you mean everyone?"},
        {"region = \"a\"", 1, "expected a test or a value, but found \"region\"",
         "A trait is written trait.region."},
        {"trait", 6, "expected \".\" and the name of a trait, but the text ends here", ""},
        {"trait = 1", 7, "expected \".\" and the name of a trait, but found \"=\"", ""},
        {"trait. = 1", 8, "expected the name of a trait, but found \"=\"", ""},
        {"trait.age", 10, "expected a comparison or an operator, but the text ends here", ""},
        {"trait.age =", 12, "expected a value, but the text ends here", ""},
        {"trait.age == 1", 12, "expected a value, but found \"=\"", "Equal is written =."},
        {"trait.age <> 1", 12, "expected a value, but found \">\"", "Unequal is written !=."},
        {"trait.age => 1", 12, "expected a value, but found \">\"",
         "The comparisons are = != < <= > >=."},
        {"trait.age > everyone", 13, "expected a value, but found \"everyone\"", ""},
        {"trait.region = 서울", 16, "expected a value, but found \"서울\"",
         "A string stands in quotes: \"서울\"."},
        {"trait.age between 1", 20, "expected \"and\", but the text ends here", ""},
        {"trait.age between 1 or 2", 21, "expected \"and\", but found \"or\"", ""},
        {"trait.age is", 13, "expected \"known\" or \"missing\", but the text ends here", ""},
        {"trait.age is not known", 14, "expected \"known\" or \"missing\", but found \"not\"", ""},
        {"trait.age not = 1", 15,
         "expected \"in\", \"contains\", \"starts with\", \"ends with\" or \"matches\", but found \"=\"",
         ""},
        {"trait.age in 1", 14, "expected \"(\", but found \"1\"", ""},
        {"trait.age in ()", 15, "expected a number, a string, true or false, but found \")\"", ""},
        {"trait.age in (1 2)", 17, "expected \",\" or \")\", but found \"2\"", ""},
        {"trait.age in (trait.age)", 15,
         "expected a number, a string, true or false, but found \"trait\"", ""},
        {"trait.age in (-\"a\")", 16, "expected a number, but found \"a\"", ""},
        {"trait.region starts \"a\"", 21, "expected \"with\", but found \"a\"", ""},
        {"trait.region contains 1", 23, "expected a string in quotes, but found \"1\"", ""},
        {"metric", 7, "expected \".\" and the name of a metric, but the text ends here", ""},
        {"metric. > 1", 9, "expected the name of a metric, but found \">\"", ""},
        {"did", 4, "expected \"(\", but the text ends here", ""},
        {"did(", 5, "expected the name of an event, but the text ends here", ""},
        {"did(1)", 5, "expected the name of an event, but found \"1\"", ""},
        {"did(list)", 5, "expected the name of an event, but found \"list\"",
         "list is a word of the language; as a name it stands in quotes."},
        {"did(Order Visit)", 11,
         "expected \"as\", \"where\", \"then\", a window or \")\", but found \"Visit\"", ""},
        {"did(Order within 1 day)", 11,
         "expected \"as\", \"where\", \"then\", a window or \")\", but found \"within\"", ""},
        {"did(Order where first = true Visit)", 30,
         "expected \"and\", \"or\", \"then\", a window or \")\", but found \"Visit\"", ""},
        {"did(Order then Visit Visit)", 22,
         "expected \"as\", \"where\", \"then\", \"within\", a window or \")\", but found \"Visit\"",
         ""},
        {"did(Order then Visit within 1 day Visit)", 35,
         "expected \"then\", a window or \")\", but found \"Visit\"", ""},
        {"did(Order last 1 day Visit)", 22, "expected \")\", but found \"Visit\"", ""},
        {"did(no Order)", 5, "expected the name of an event, but found \"no\"",
         "no is a word of the language; as a name it stands in quotes."},
        {"did(Order as 1)", 14, "expected a name for the step, but found \"1\"", ""},
        {"did(Order as \"\")", 14, "expected a name for the step that is not empty, but found \"\"",
         ""},
        {"did(Order then no Visit)", 24,
         "expected \"within\", or \"then\" and the next step, but found \")\"", ""},
        {"did(Order then no Visit then no Order within 1 day)", 39,
         "expected \"then\" and the next step, but found \"within\"", ""},
        {"did(Order then no Visit within 1 day then no Order)", 51,
         "expected \"within\" and a duration, but found \")\"", ""},
        {"did(Order then no Visit within 1 day then Order)", 43,
         "expected \"no\", since nothing else stands behind \"then no … within\", but found \"Order\"",
         ""},
        {"did(Order where)", 16, "expected a property or a value, but found \")\"", ""},
        {"did(Order where revenue)", 24, "expected a comparison or an operator, but found \")\"",
         ""},
        {"did(Order where revenue = )", 27, "expected a property or a value, but found \")\"", ""},
        {"did(Order where hour( = 1)", 23, "expected \")\", but found \"=\"", ""},
        {"did(Order where everyone)", 25, "expected a comparison or an operator, but found \")\"",
         ""},
        {"did(Order where \"a\".b = 1)", 17,
         "the property of a step stands only as property = a.b, by itself or joined with and", ""},
        {"did(Order last day)", 16, "expected a whole number, but found \"day\"", ""},
        {"did(Order last 1.5 days)", 16, "expected a whole number, but found \"1.5\"", ""},
        {"did(Order last 3)", 17,
         "expected minutes, hours, days, weeks, months, years or \"full\", but found \")\"", ""},
        {"did(Order last 3 full hours)", 23,
         "expected days, weeks, months or years, but found \"hours\"", ""},
        {"did(Order 3 days ago)", 13, "expected \"to\", but found \"days\"", ""},
        {"did(Order 1 to 3)", 17,
         "expected minutes, hours, days, weeks, months or years, but found \")\"", ""},
        {"did(Order 1 to 3 days)", 22, "expected \"ago\", but found \")\"", ""},
        {"did(Order since 2025)", 17,
         "expected a time in quotes, like \"2025-01-31\", but found \"2025\"", ""},
        {"did(Order from \"2025-01-01\")", 28, "expected \"to\", but found \")\"", ""},
        {"did(Order this day)", 16, "expected week, month or year, but found \"day\"", ""},
        {"count(Order.revenue) > 1", 12, "expected \"where\", a window or \")\", but found \".\"",
         ""},
        {"count(Order where revenue > 1 Visit) > 1", 31,
         "expected \"and\", \"or\", a window or \")\", but found \"Visit\"", ""},
        {"sum(Order) > 1", 10, "expected \".\" and the name of a property, but found \")\"", ""},
        {"sum(Order.1) > 1", 11, "expected the name of a property, but found \"1\"", ""},
        {"age(birthday) > 1", 5, "expected \"trait\", but found \"birthday\"", ""},
        {"in", 3, "expected \"segment\" or \"list\", but the text ends here", ""},
        {"in segment", 11, "expected \"(\", but the text ends here", ""},
        {"in segment(1)", 12, "expected the name of a segment, but found \"1\"", ""},
        {"in segment(a b)", 14, "expected a duration (\"30 days ago\") or \")\", but found \"b\"",
         ""},
        {"in segment(a 1)", 15,
         "expected minutes, hours, days, weeks, months or years, but found \")\"", ""},
        {"in segment(a 1 day)", 19, "expected \"ago\", but found \")\"", ""},
        {"in list(1)", 9, "expected the name of a list, but found \"1\"", ""},
        {"in list(blocked b)", 17, "expected \")\", but found \"b\"", ""},
        {"entered Order", 9, "expected \"segment\", but found \"Order\"", ""},
        {"entered segment(a)", 18, "expected a window, but found \")\"", ""},
        {"entered segment(a last 1 day b)", 30, "expected \")\", but found \"b\"", ""},
        {"anniversary(birthday next 1 day)", 13, "expected \"trait\", but found \"birthday\"", ""},
        {"anniversary(trait.birthday 1 day)", 28, "expected \"next\", but found \"1\"", ""},
        {"anniversary(trait.birthday next 1 week)", 35, "expected \"days\", but found \"week\"",
         ""},
        {"sample(\"a\")", 8, "expected a share, like 20%, but found \"a\"", ""},
        {"sample(20%, 1)", 13, "expected a salt in quotes, but found \"1\"", ""},
        {"sample(20%", 11, "expected \",\" or \")\", but the text ends here", ""},
        {"percentile(trait.age", 21,
         "expected an operator, \"among\" or \")\", but the text ends here", ""},
        {"percentile(trait.age among everyone)", 28, "expected \"(\", but found \"everyone\"", ""},
        {"ntile(trait.age) > 1", 16, "expected \",\" and the number of parts, but found \")\"", ""},
        {"ntile(trait.age, \"a\") > 1", 18, "expected a whole number, but found \"a\"", ""},
    };
    assert_errors(WRONG, sizeof WRONG / sizeof *WRONG);
}

static void unknown_names(void **state)
{
    (void)state;
    static const struct wrong WRONG[] = {
        {"did(Oder)", 5, "unrecognized event \"Oder\"", "Did you mean \"Order\"?"},
        {"trait.regoin = \"a\"", 7, "unrecognized trait \"regoin\"", "Did you mean \"region\"?"},
        {"did(Order where revenu > 1)", 17, "unrecognized property \"revenu\" of event \"Order\"",
         "Did you mean \"revenue\"?"},
        {"in segment(회언)", 12, "unrecognized segment \"회언\"", "Did you mean \"회원\"?"},
        {"in list(blokced)", 9, "unrecognized list \"blokced\"", "Did you mean \"blocked\"?"},
        {"metric.spent > 1", 8, "unrecognized metric \"spent\"", "Did you mean \"spend\"?"},
        {"metric.nps_score > 1", 8, "unrecognized metric \"nps_score\"",
         "It is built in, but what it needs is not there: unrecognized event \"Survey Answered\"."},
        {"did(구메)", 5, "unrecognized event \"구메\"", "Did you mean \"구매\"?"},
        {"sum(구매.금맥) > 1", 8, "unrecognized property \"금맥\" of event \"구매\"",
         "Did you mean \"금액\"?"},
        {"trait.등금 = \"A\"", 7, "unrecognized trait \"등금\"", "Did you mean \"등급\"?"},
        {"trait.\"멈버 쉽\" = \"A\"", 7, "unrecognized trait \"멈버 쉽\"",
         "Did you mean \"멤버십\"?"},
        {"did(zzzzzzz)", 5, "unrecognized event \"zzzzzzz\"", ""},
    };
    assert_errors(WRONG, sizeof WRONG / sizeof *WRONG);
}

static void wrong_types(void **state)
{
    (void)state;
    static const struct wrong WRONG[] = {
        {"trait.vip > 1", 1,
         "expected a number or a time, but trait \"vip\" is a boolean (true or false)", ""},
        {"trait.age = trait.vip", 13,
         "expected a number, but trait \"vip\" is a boolean (true or false)", ""},
        {"trait.region = 1", 16, "expected a string, but this is a number", ""},
        {"trait.vip = 1", 13, "expected a boolean (true or false), but this is a number", ""},
        {"trait.birthday = 1", 18, "expected a time, but this is a number", ""},
        {"trait.tags = \"a\"", 1,
         "expected a number, a string, a boolean or a time, but trait \"tags\" is a list of strings",
         ""},
        {"trait.age = trait.tags", 13, "expected a number, but trait \"tags\" is a list of strings",
         ""},
        {"1 = trait.region", 5, "expected a number, but trait \"region\" is a string", ""},
        {"trait.birthday > \"soon\"", 18, "expected a time, but \"soon\" does not read as one",
         "A time is written 2025-01-31 or 2025-01-31T09:30, with Z or +09:00 behind it where it is not local."},
        {"trait.age between trait.vip and 1", 19,
         "expected a number, but trait \"vip\" is a boolean (true or false)", ""},
        {"trait.age in (1, \"a\")", 18, "expected a number, but \"a\" is a string", ""},
        {"trait.birthday in (\"a\")", 20, "expected a time, but \"a\" does not read as one",
         "A time is written 2025-01-31 or 2025-01-31T09:30, with Z or +09:00 behind it where it is not local."},
        {"trait.age contains \"a\"", 1,
         "expected a string or a list, but trait \"age\" is a number", ""},
        {"trait.tags starts with \"a\"", 1,
         "expected a string, but trait \"tags\" is a list of strings", ""},
        {"trait.region + 1 > 1", 1, "expected a number, but trait \"region\" is a string", ""},
        {"-trait.region > 1", 2, "expected a number, but trait \"region\" is a string", ""},
        {"trait.birthday - 1 > 1", 18, "expected a time, but this is a number", ""},
        {"sum(Order.coupon) > 1", 11, "sum wants a number, but property \"coupon\" is a string",
         ""},
        {"min(Order.first) = 1", 11,
         "min wants a number or a time, but property \"first\" is a boolean (true or false)", ""},
        {"percentile(trait.region) > 1", 12,
         "expected a number or a time, but trait \"region\" is a string", ""},
        {"anniversary(trait.age next 1 day)", 13,
         "anniversary wants a time, but trait \"age\" is a number", ""},
        {"age(trait.tags) > 1", 5, "age wants a time, but trait \"tags\" is a list of strings", ""},
        {"trait.region matches \"(\"", 22,
         "this is no POSIX extended regular expression: a \"(\" is not closed", ""},
        {"did(Order since \"soon\")", 17, "expected a time, but \"soon\" does not read as one",
         "A time is written 2025-01-31 or 2025-01-31T09:30, with Z or +09:00 behind it where it is not local."},
        {"did(Order where coupon > 1)", 17,
         "expected a number or a time, but property \"coupon\" is a string", ""},
    };
    assert_errors(WRONG, sizeof WRONG / sizeof *WRONG);
}

static void numbers_that_cannot_be(void **state)
{
    (void)state;
    static const struct wrong WRONG[] = {
        {"did(Order last 0 days)", 16, "\"last\" wants a number above zero", ""},
        {"did(Order last 0 full days)", 16, "\"last\" wants a number above zero", ""},
        {"did(Order 3 to 3 days ago)", 16,
         "expected a number above 3, but found 3: the nearer end is named first", ""},
        {"did(Order then Visit within 0 days)", 29, "\"within\" wants a number above zero", ""},
        {"anniversary(trait.birthday next 0 days)", 33, "\"next\" wants a number above zero", ""},
        {"ntile(trait.age, 0) > 1", 18, "expected one part or more, but found 0", ""},
        {"sample(120%)", 8, "expected a share from 0 to 1 (0% to 100%)", ""},
    };
    assert_errors(WRONG, sizeof WRONG / sizeof *WRONG);
}

static void steps(void **state)
{
    (void)state;
    static const struct wrong WRONG[] = {
        {"did(Order then Visit where page = a.coupon)", 35,
         "no step before this one is named \"a\"", "A step is named with as: \"Cart Added\" as a."},
        {"did(Order as a then Visit where page = b.coupon)", 40,
         "no step before this one is named \"b\"", "The steps before it are \"a\"."},
        {"did(Order as a then Visit as a)", 30, "another step of this chain is named \"a\" already",
         ""},
        {"did(Order as a then Visit where page != a.coupon)", 41,
         "the property of a step stands only as property = a.coupon, by itself or joined with and",
         ""},
        {"count(Order where coupon = a.coupon) > 1", 29,
         "expected \"and\", \"or\", a window or \")\", but found \".\"", ""},
    };
    assert_errors(WRONG, sizeof WRONG / sizeof *WRONG);
}

static void references(void **state)
{
    (void)state;
    static const struct wrong WRONG[] = {
        {"in segment(self)", 12, "segment \"self\" refers to itself: \"self\" -> \"self\"", ""},
        {"in segment(loop)", 12,
         "in segment \"loop\", at 1:16: segment \"self\" refers to itself: \"self\" -> \"loop\" -> \"self\"",
         ""},
        {"in segment(unreadable)", 12,
         "in segment \"unreadable\", at 1:13: expected a test or a value, but the text ends here",
         ""},
        {"metric.wrong > 1", 8,
         "in metric \"wrong\", at 1:11: sum wants a number, but property \"coupon\" is a string",
         ""},
    };
    assert_errors(WRONG, sizeof WRONG / sizeof *WRONG);
}

/* ---- regular expressions and values ---- */

static void patterns_that_posix_does_not_define(void **state)
{
    (void)state;
    static const struct {
        const char *pattern; /* as the language writes it: a backslash is two */
        const char *why;
    } PATTERNS[] = {
        {"", "the expression is empty, which is undefined"},
        {"[a", "a bracket \"[\" is not closed"},
        {"[[:alpha", "a class within brackets is not closed"},
        {"[[:greek:]]", "there is no such class within brackets"},
        {"[[..]]", "a collating element is empty"},
        {"[[.ab.]]", "a collating element has more than one character"},
        {"[[:alpha:]-z]", "a class cannot begin a range"},
        {"[a-[:alpha:]]", "a class cannot end a range"},
        {"[z-a]", "a range within brackets goes backwards"},
        {"[a-c-e]", "the end of a range cannot begin another"},
        {"a{x}", "a repetition is written {2}, {2,} or {2,5}"},
        {"a{1001}", "a repetition goes to 1,000 at most"},
        {"a{3,2}", "a repetition ends below its beginning"},
        {"*a", "there is nothing to repeat"},
        {"a**", "a repetition of a repetition is undefined"},
        {"a\\\\", "a backslash stands at the end"},
        {"\\\\d", "a backslash stands before a character that needs none, which is undefined"},
        {"(a|)", "an alternative is empty, which is undefined"},
        {"()", "a group is empty, which is undefined"},
        {"(a", "a \"(\" is not closed"},
        {"a)", "a \")\" closes nothing"},
    };
    for (size_t i = 0; i < sizeof PATTERNS / sizeof *PATTERNS; i++) {
        char text[80];
        char message[160];
        snprintf(text, sizeof text, "trait.region matches \"%s\"", PATTERNS[i].pattern);
        snprintf(message, sizeof message, "this is no POSIX extended regular expression: %s",
                 PATTERNS[i].why);
        assert_errors(&(struct wrong){text, 22, message, ""}, 1);
    }
}

static void a_value_ends_where_its_text_does(void **state)
{
    (void)state;
    struct workspace w;
    struct gy_definition tree = {0};
    struct gy_error err = {0};
    shop(&w);
    assert_int_equal(gy_define_value(GY_STR("1 + 1 > 1"), &w.vocabulary, NULL, &tree, &err),
                     GY_INVALID);
    assert_int_equal(err.column, 7);
    assert_string_equal(err.message,
                        "expected an operator or the end of the text, but found \">\"");
    gy_definition_release(&tree);
    workspace_release(&w);
}

/* ---- limits ---- */

/* `n` times `open`, then `middle`. */
static void assert_too_many(const char *open, size_t n, const char *middle, struct wrong wrong)
{
    struct workspace w;
    struct gy_buf text = {0};
    shop(&w);
    for (size_t i = 0; i < n; i++) {
        gy_buf_text(&text, open);
    }
    gy_buf_text(&text, middle);
    wrong.text = text.ptr;
    assert_error(&w, &wrong);
    gy_buf_release(&text);
    workspace_release(&w);
}

static void limits(void **state)
{
    (void)state;
    const char *levels = "more than 64 levels of parentheses, nots and signs";
    struct wrong tests = {.column = 10 * 1024 + 1,
                          .message = "more than 1024 tests in one definition",
                          .hint = "A part that stands for itself can be a segment of its own."};
    struct wrong operations = {.column = 4 * 513 + 1,
                               .message = "more than 512 operations upon each other in one value",
                               .hint = ""};
    struct wrong bytes = {
        .column = 64 * 1024 + 1,
        .message = "the text has 65544 bytes, and at most 65536 are allowed",
        .hint = "A long list of values is uploaded as a list and asked with in list(…)."};
    assert_too_many("(", 65, "everyone", (struct wrong){"", 65, levels, ""});
    assert_too_many("- ", 65, "1 = 1", (struct wrong){"", 2 * 64 + 1, levels, ""});
    assert_too_many("not ", 65, "everyone", (struct wrong){"", 4 * 64 + 1, levels, ""});
    assert_too_many("1 = 1 and ", 1024, "everyone", tests);
    assert_too_many("1 + ", 513, "1 = 1", operations);
    assert_too_many(" ", 64 * 1024, "everyone", bytes);
}

/* s0 refers to s1, and so on: the 65th is one too many. */
static void too_many_references_in_a_row(void **state)
{
    (void)state;
    struct workspace w;
    shop(&w);
    for (int i = 0; i < 65; i++) {
        char name[8];
        char text[32];
        snprintf(name, sizeof name, "s%d", i);
        snprintf(text, sizeof text, i < 64 ? "in segment(s%d)" : "everyone", i + 1);
        workspace_define(&w.segments, name, text);
    }
    struct wrong wrong = {
        "in segment(s0)", 12,
        "in segment \"s63\", at 1:12: more than 64 definitions refer to one another "
        "in a row",
        ""};
    assert_error(&w, &wrong);
    workspace_release(&w);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(what_cannot_be_read),
    cmocka_unit_test(what_cannot_stand_there),
    cmocka_unit_test(unknown_names),
    cmocka_unit_test(wrong_types),
    cmocka_unit_test(numbers_that_cannot_be),
    cmocka_unit_test(steps),
    cmocka_unit_test(references),
    cmocka_unit_test(patterns_that_posix_does_not_define),
    cmocka_unit_test(a_value_ends_where_its_text_does),
    cmocka_unit_test(limits),
    cmocka_unit_test(too_many_references_in_a_row),
};

GY_TEST_MAIN(cases)
