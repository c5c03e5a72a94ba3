/* test_lexer.c - tokens: what they say, where they stand, and what cannot be read. */
#include <string.h>

#include "harness.h"

#include "lang/lexer.h"

struct read {
    struct gy_arena arena;
    struct gy_token *tokens;
    size_t n;
};

static void read_bytes(struct read *r, struct gy_str text)
{
    struct gy_error err = {0};
    *r = (struct read){0};
    assert_ok(gy_lexer_read(text, GY_LEXER_TEXT_MAX, &r->arena, &r->tokens, &r->n, &err), &err);
}

static void read_text(struct read *r, const char *text)
{
    read_bytes(r, gy_str_of(text));
}

static void assert_text(const struct gy_token *token, const char *wanted)
{
    assert_int_equal(token->text.len, strlen(wanted));
    assert_memory_equal(token->text.ptr, wanted, token->text.len);
}

static void assert_place(const struct gy_token *token, uint32_t line, uint32_t column)
{
    assert_int_equal(token->place.line, line);
    assert_int_equal(token->place.column, column);
}

static void assert_unreadable(struct gy_str text, uint32_t line, uint32_t column)
{
    struct read r = {0};
    struct gy_error err = {0};
    if (gy_lexer_read(text, GY_LEXER_TEXT_MAX, &r.arena, &r.tokens, &r.n, &err) == GY_OK) {
        fail_msg("%.*s can be read", GY_STR_ARG(text));
    }
    assert_int_equal(err.status, GY_INVALID);
    assert_int_equal(err.line, line);
    assert_int_equal(err.column, column);
    gy_arena_release(&r.arena);
}

static void one_number(const char *text, double wanted, bool is_integer)
{
    struct read r;
    read_text(&r, text);
    assert_int_equal(r.n, 2);
    assert_int_equal(r.tokens[0].kind, GY_TOKEN_NUMBER);
    assert_true(r.tokens[0].number == wanted);
    assert_int_equal(r.tokens[0].is_integer, is_integer);
    gy_arena_release(&r.arena);
}

static void one_text(const char *text, enum gy_token_kind kind, const char *wanted)
{
    struct read r;
    read_text(&r, text);
    assert_int_equal(r.n, 2);
    assert_int_equal(r.tokens[0].kind, kind);
    assert_text(&r.tokens[0], wanted);
    gy_arena_release(&r.arena);
}

static void numbers(void **state)
{
    (void)state;
    one_number("12", 12, true);
    one_number("007", 7, true);
    one_number("500_000", 500000, true);
    one_number("0.5", 0.5, false);
    one_number("1_000.50", 1000.5, false);
    one_number("1e6", 1e6, false);
    one_number("1E+2", 100, false);
    one_number("2.5e-3", 0.0025, false);
    one_number("20%", 0.2, false);
    one_number("33.3%", 0.333, false);
    one_number("1e3%", 10, false);
    one_number("1e-1%", 0.001, false);
    one_number("1e-9999", 0, false);
    one_number("1.7976931348623157e308", 1.7976931348623157e308, false);
}

static void a_number_beyond_doubles_cannot_be_read(void **state)
{
    (void)state;
    assert_unreadable(GY_STR("x = 1e309"), 1, 5);
    assert_unreadable(GY_STR("1e99999999999999999999"), 1, 1);
    assert_unreadable(GY_STR("1e311%"), 1, 1);
    one_number("1e310%", 1e308, false);
}

static void what_does_not_belong_to_a_number_is_the_next_token(void **state)
{
    (void)state;
    struct read r;
    read_text(&r, "5. 1e 30days 1__2");
    assert_int_equal(r.n, 9);
    assert_int_equal(r.tokens[1].kind, GY_TOKEN_DOT);
    assert_text(&r.tokens[3], "e");
    assert_int_equal(r.tokens[5].keyword, GY_KEYWORD_DAYS);
    assert_text(&r.tokens[7], "__2");
    gy_arena_release(&r.arena);
}

static void words(void **state)
{
    (void)state;
    one_text("_a1", GY_TOKEN_WORD, "_a1");
    one_text("구매", GY_TOKEN_WORD, "구매");
    one_text("Zoë", GY_TOKEN_WORD, "Zoë");
    one_text("Ελλάδα", GY_TOKEN_WORD, "Ελλάδα");
}

static void names_typed_with_combining_marks_are_composed(void **state)
{
    (void)state;
    one_text("Zoe\u0308", GY_TOKEN_WORD, "Zoë");
    one_text("vie\u0323\u0302t", GY_TOKEN_WORD, "việt");
    one_text("\u1100\u116e\u1106\u1162", GY_TOKEN_WORD, "구매");
    one_text("\"Zoe\u0308\"", GY_TOKEN_QUOTED, "Zoë");
    assert_unreadable(GY_STR("ab\u0301\u0301c"), 1, 3);
}

static void keywords_in_any_case(void **state)
{
    (void)state;
    struct read r;
    read_text(&r, "AnD days_SINCE andy");
    assert_int_equal(r.tokens[0].keyword, GY_KEYWORD_AND);
    assert_int_equal(r.tokens[1].keyword, GY_KEYWORD_DAYS_SINCE);
    assert_int_equal(r.tokens[2].keyword, GY_KEYWORD_NONE);
    gy_arena_release(&r.arena);
    assert_int_equal(gy_keyword_find(GY_STR("")), GY_KEYWORD_NONE);
}

static void strings(void **state)
{
    (void)state;
    one_text("''", GY_TOKEN_QUOTED, "");
    one_text("\"O'Brien\"", GY_TOKEN_QUOTED, "O'Brien");
    one_text("'a\\'b\\\"c\\\\d\\/'", GY_TOKEN_QUOTED, "a'b\"c\\d/");
    one_text("'\\b\\f\\n\\r\\t'", GY_TOKEN_QUOTED, "\b\f\n\r\t");
    one_text("'\\uc11c\\uC6B8'", GY_TOKEN_QUOTED, "서울");
    one_text("'\\ud83d\\ude00'", GY_TOKEN_QUOTED, "😀");
    one_text("'-- no comment'", GY_TOKEN_QUOTED, "-- no comment");
}

static void a_string_may_hold_nul(void **state)
{
    (void)state;
    struct read r;
    read_text(&r, "'a\\u0000b'");
    assert_int_equal(r.tokens[0].text.len, 3);
    assert_memory_equal(r.tokens[0].text.ptr, "a\0b", 3);
    gy_arena_release(&r.arena);
}

static void a_bad_string_is_reported_at_its_quote(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "a 'b",        "a 'b\\q'",           "a '\\u12g4'", "a '\\ud83d'",
        "a '\\ude00'", "a '\\ud83d\\u0041'", "a 'b\nc'",    "a 'b\xff'",
        "a '\\",       "a '\xed\xa0\x80'"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_unreadable(gy_str_of(bad[i]), 1, 3);
    }
}

static void characters_that_no_token_has(void **state)
{
    (void)state;
    assert_unreadable(GY_STR("a & b"), 1, 3);
    assert_unreadable(GY_STR("a ! b"), 1, 3);
    assert_unreadable(GY_STR("a\n  “b”"), 2, 3);
    assert_unreadable((struct gy_str){"a \0 b", 5}, 1, 3);
    assert_unreadable(GY_STR("가 \xff"), 1, 3);
    assert_unreadable(GY_STR("-- \xff"), 1, 4);
    assert_unreadable(GY_STR("20 %"), 1, 4);
}

static void lines_and_columns(void **state)
{
    (void)state;
    struct read r;
    read_text(&r, "'😀' 가 x -- 주석\r\n\t<= y\n");
    assert_place(&r.tokens[0], 1, 1);
    assert_place(&r.tokens[1], 1, 5);
    assert_place(&r.tokens[2], 1, 7);
    assert_place(&r.tokens[3], 2, 2);
    assert_place(&r.tokens[4], 2, 5);
    assert_int_equal(r.tokens[5].kind, GY_TOKEN_END);
    assert_place(&r.tokens[5], 3, 1);
    gy_arena_release(&r.arena);
}

static void symbols_and_comments(void **state)
{
    (void)state;
    static const enum gy_token_kind kinds[] = {
        GY_TOKEN_OPEN, GY_TOKEN_CLOSE, GY_TOKEN_COMMA, GY_TOKEN_DOT,   GY_TOKEN_EQ,
        GY_TOKEN_NE,   GY_TOKEN_LT,    GY_TOKEN_LE,    GY_TOKEN_GT,    GY_TOKEN_GE,
        GY_TOKEN_PLUS, GY_TOKEN_MINUS, GY_TOKEN_STAR,  GY_TOKEN_SLASH, GY_TOKEN_END};
    struct read r;
    read_text(&r, "(),.=!=<<=>>=+- */--all\n--");
    assert_int_equal(r.n, sizeof kinds / sizeof kinds[0]);
    for (size_t i = 0; i < r.n; i++) {
        assert_int_equal(r.tokens[i].kind, kinds[i]);
    }
    gy_arena_release(&r.arena);
}

static void the_text_has_a_limit(void **state)
{
    (void)state;
    struct read r;
    char *text = malloc(GY_LEXER_TEXT_MAX + 1);
    memset(text, ' ', GY_LEXER_TEXT_MAX + 1);
    read_bytes(&r, (struct gy_str){text, GY_LEXER_TEXT_MAX});
    assert_int_equal(r.n, 1);
    gy_arena_release(&r.arena);
    assert_unreadable((struct gy_str){text, GY_LEXER_TEXT_MAX + 1}, 1, GY_LEXER_TEXT_MAX + 1);
    free(text);
}

static void which_names_are_words(void **state)
{
    (void)state;
    assert_true(gy_lexer_is_word(GY_STR("구매_2")));
    assert_true(gy_lexer_is_word(GY_STR("last")));
    assert_false(gy_lexer_is_word(GY_STR("")));
    assert_false(gy_lexer_is_word(GY_STR("2nd")));
    assert_false(gy_lexer_is_word(GY_STR("a b")));
    assert_false(gy_lexer_is_word(GY_STR("a\xff")));
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(numbers),
    cmocka_unit_test(a_number_beyond_doubles_cannot_be_read),
    cmocka_unit_test(what_does_not_belong_to_a_number_is_the_next_token),
    cmocka_unit_test(words),
    cmocka_unit_test(names_typed_with_combining_marks_are_composed),
    cmocka_unit_test(keywords_in_any_case),
    cmocka_unit_test(strings),
    cmocka_unit_test(a_string_may_hold_nul),
    cmocka_unit_test(a_bad_string_is_reported_at_its_quote),
    cmocka_unit_test(characters_that_no_token_has),
    cmocka_unit_test(lines_and_columns),
    cmocka_unit_test(symbols_and_comments),
    cmocka_unit_test(the_text_has_a_limit),
    cmocka_unit_test(which_names_are_words),
};

GY_TEST_MAIN(cases)
