/* test_text.c - UTF-8, normal form, width and distance, where it helps over all of Unicode. */
#include <stdlib.h>
#include <string.h>

#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include "harness.h"

#include "base/text.h"

static void only_well_formed_utf8_is_utf8(void **state)
{
    (void)state;
    static const char *const good[] = {"",
                                       "plain ascii of some length",
                                       "é",
                                       "가",
                                       "😀",
                                       "\xEF\xBF\xBF",
                                       "\xF4\x8F\xBF\xBF",
                                       "\xED\x9F\xBF",
                                       "\xEE\x80\x80",
                                       "12345678가",
                                       "\x7F"};
    static const char *const bad[] = {"\x80",
                                      "\xBF",
                                      "\xC0\x80",
                                      "\xC1\xBF",
                                      "\xC2",
                                      "\xC2\x41",
                                      "\xE0\x80\x80",
                                      "\xE0\x9F\xBF",
                                      "\xED\xA0\x80",
                                      "\xED\xBF\xBF",
                                      "\xEA\xB0",
                                      "\xF0\x8F\xBF\xBF",
                                      "\xF4\x90\x80\x80",
                                      "\xF5\x80\x80\x80",
                                      "\xFF",
                                      "\xF0\x9F\x98",
                                      "12345678\x80",
                                      "가\xB0"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(gy_text_is_utf8(gy_str_of(good[i])));
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (gy_text_is_utf8(gy_str_of(bad[i]))) {
            fail_msg("bad text %zu passes", i);
        }
    }
    assert_true(gy_text_is_utf8(GY_STR("a\0b")));
    assert_true(gy_text_is_utf8((struct gy_str){NULL, 0}));
}

static void ascii_is_seven_bits(void **state)
{
    (void)state;
    assert_true(gy_text_is_ascii(GY_STR("")));
    assert_true(gy_text_is_ascii(GY_STR("0123456789abcdef\x7F")));
    char text[20];
    for (size_t i = 0; i < 20; i++) {
        memset(text, 'a', sizeof text);
        text[i] = (char)0x80;
        assert_false(gy_text_is_ascii((struct gy_str){text, 20}));
        assert_true(gy_text_is_ascii((struct gy_str){text, i}));
    }
}

static void every_code_point_survives(void **state)
{
    (void)state;
    struct gy_buf buf = {0};
    for (uint32_t c = 0; c <= 0x10FFFF; c++) {
        if (c >= 0xD800 && c <= 0xDFFF) {
            continue;
        }
        gy_buf_reset(&buf);
        gy_text_put(&buf, c);
        struct gy_str s = gy_buf_view(&buf);
        if (!gy_text_is_utf8(s) || gy_text_length(s) != 1 || gy_text_next(&s) != c || s.len != 0) {
            fail_msg("U+%04X", c);
        }
    }
    gy_buf_release(&buf);
    assert_int_equal(gy_text_length(GY_STR("가a😀é")), 4);
}

static struct gy_str nfc(const char *text, struct gy_arena *arena)
{
    return gy_text_nfc(gy_str_of(text), arena);
}

static void text_is_composed(void **state)
{
    (void)state;
    struct gy_arena arena = {0};
    assert_true(gy_str_equal(nfc("e\xCC\x81", &arena), GY_STR("é")));
    assert_true(gy_str_equal(nfc("\xE1\x84\x80\xE1\x85\xA1", &arena), GY_STR("가")));
    assert_true(gy_str_equal(nfc("\xEA\xB0\x80\xE1\x86\xA8", &arena), GY_STR("각")));
    assert_true(gy_str_equal(nfc("\xE2\x84\xAB", &arena), GY_STR("Å"))); /* the angstrom sign */
    assert_true(gy_str_equal(nfc("q\xCC\x87\xCC\xA3", &arena), GY_STR("q\xCC\xA3\xCC\x87")));
    gy_arena_release(&arena);
}

static void composed_text_is_given_back_itself(void **state)
{
    (void)state;
    static const char *const texts[] = {"",         "ascii", "주문 완료", "é ü",
                                        "漢字かな", "مرحبا", "ㅋㅋ"};
    struct gy_arena arena = {0};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_ptr_equal(nfc(texts[i], &arena).ptr, texts[i]);
    }
    assert_null(arena.first);
}

/* The shortcut must agree with ICU on each code point: alone, after a letter, and before a mark. */
static void the_shortcut_agrees_with_icu(void **state)
{
    (void)state;
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2 *icu = unorm2_getNFCInstance(&status);
    struct gy_arena arena = {0};
    struct gy_buf buf = {0};
    static const uint32_t around[][2] = {{0, 0}, {'a', 0}, {0xAC00, 0}, {0, 0x301}, {0, 0x11A8}};
    for (uint32_t c = 1; c < 0x20000; c++) {
        for (size_t k = 0; k < 5 && (c < 0xD800 || c > 0xDFFF); k++) {
            UChar text[8];
            UChar want[32];
            char utf8[100];
            int32_t n = 0;
            int32_t len;
            const uint32_t parts[3] = {around[k][0], c, around[k][1]};
            gy_buf_reset(&buf);
            for (int i = 0; i < 3; i++) {
                if (parts[i] != 0) {
                    gy_text_put(&buf, parts[i]);
                    U16_APPEND_UNSAFE(text, n, parts[i]);
                }
            }
            int32_t n_want = unorm2_normalize(icu, text, n, want, 32, &status);
            u_strToUTF8(utf8, sizeof utf8, &len, want, n_want, &status);
            assert_true(U_SUCCESS(status));
            struct gy_str got = gy_text_nfc(gy_buf_view(&buf), &arena);
            if (!gy_str_equal(got, (struct gy_str){utf8, (size_t)len})) {
                fail_msg("U+%04X in place %zu", c, k);
            }
        }
        gy_arena_reset(&arena);
    }
    gy_buf_release(&buf);
    gy_arena_release(&arena);
}

/* The longest expansions known: U+1D160 in NFC, and many of them. */
static void expansion_has_room(void **state)
{
    (void)state;
    struct gy_arena arena = {0};
    struct gy_buf buf = {0};
    static const uint32_t expanding[] = {0x1D160, 0x1D164, 0xFB2C, 0x0958, 0x2ADC};
    for (size_t i = 0; i < 5; i++) {
        gy_buf_reset(&buf);
        for (int k = 0; k < 1000; k++) {
            gy_text_put(&buf, expanding[i]);
        }
        struct gy_str once = gy_text_nfc(gy_buf_view(&buf), &arena);
        assert_true(once.len > buf.len);
        assert_true(gy_text_is_utf8(once));
        assert_ptr_equal(gy_text_nfc(once, &arena).ptr, once.ptr);
    }
    gy_buf_release(&buf);
    gy_arena_release(&arena);
}

static void letters_are_of_any_script(void **state)
{
    (void)state;
    static const uint32_t letters[] = {'a',    'Z',    0xE9,   0xAC00, 0xD7A3,
                                       0x3131, 0x4E00, 0x3042, 0x3B1,  0x2B0};
    static const uint32_t others[] = {'_', '0',   ' ',     '@',    '[',  '`',   '{',
                                      0,   0x301, 0x1F600, 0x2160, 0xB2, 0xD800};
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++) {
        assert_true(gy_text_is_letter(letters[i]));
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_false(gy_text_is_letter(others[i]));
    }
}

static void width_is_in_columns(void **state)
{
    (void)state;
    assert_int_equal(gy_text_width(GY_STR("plain")), 5);
    assert_int_equal(gy_text_width(GY_STR("주문 12건")), 9);
    assert_int_equal(gy_text_width(GY_STR("é")), 1);
    assert_int_equal(gy_text_width(GY_STR("e\xCC\x81")), 1);
    assert_int_equal(gy_text_width(GY_STR("\xE1\x84\x80\xE1\x85\xA1\xE1\x86\xA8")), 2);
    assert_int_equal(gy_text_width(GY_STR("漢字")), 4);
    assert_int_equal(gy_text_width(GY_STR("Ａ１")), 4);
    assert_int_equal(gy_text_width(GY_STR("😀")), 2);
    assert_int_equal(gy_text_width(GY_STR("a\xE2\x80\x8B"
                                          "b")),
                     2); /* zero width space */
    assert_int_equal(gy_text_width(GY_STR("…–")), 2);
    assert_int_equal(gy_text_width(GY_STR("")), 0);
}

static size_t distance(const char *a, const char *b)
{
    size_t there = gy_text_distance(gy_str_of(a), gy_str_of(b), 99);
    assert_int_equal(gy_text_distance(gy_str_of(b), gy_str_of(a), 99), there);
    return there;
}

static void distances_worked_by_hand(void **state)
{
    (void)state;
    assert_int_equal(distance("", ""), 0);
    assert_int_equal(distance("", "abc"), 3);
    assert_int_equal(distance("price", "prise"), 1);
    assert_int_equal(distance("price", "prcie"), 1); /* two neighbours change places */
    assert_int_equal(distance("kitten", "sitting"), 3);
    assert_int_equal(gy_text_near(GY_STR("price")), 2);
    assert_int_equal(gy_text_near(GY_STR("주문")), 2); /* ㅈㅜㅁㅜㄴ */
    assert_int_equal(gy_text_near(GY_STR("ab")), 1);
    assert_int_equal(distance("ca", "abc"), 3); /* optimal string alignment, not the full 2 */
    assert_int_equal(distance("주문", "주뭉"), 1);
    assert_int_equal(distance("주문", "주무"), 1);
    assert_int_equal(distance("주문", "구매"), 3); /* ㅈㅜㅁㅜㄴ, ㄱㅜㅁㅐ */
    assert_int_equal(distance("밥이", "바비"), 1); /* ㅂㅏㅂㅇㅣ, ㅂㅏㅂㅣ */
    assert_int_equal(distance("값", "갑"), 1);
    assert_int_equal(distance("결제", "결재"), 1);
    assert_int_equal(distance("é", "e"), 1);
}

static void beyond_the_limit_is_one_more(void **state)
{
    (void)state;
    assert_int_equal(gy_text_distance(GY_STR("kitten"), GY_STR("sitting"), 3), 3);
    assert_int_equal(gy_text_distance(GY_STR("kitten"), GY_STR("sitting"), 2), 3);
    assert_int_equal(gy_text_distance(GY_STR("kitten"), GY_STR("sitting"), 0), 1);
    assert_int_equal(gy_text_distance(GY_STR("a"), GY_STR("abcdefgh"), 2), 3);
    char longest[2000];
    memset(longest, 'x', sizeof longest);
    struct gy_str s = {longest, sizeof longest};
    assert_int_equal(gy_text_distance(s, s, 2), 0);
    assert_int_equal(gy_text_distance(s, (struct gy_str){longest, 1999}, 2), 3);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(only_well_formed_utf8_is_utf8),
    cmocka_unit_test(ascii_is_seven_bits),
    cmocka_unit_test(every_code_point_survives),
    cmocka_unit_test(text_is_composed),
    cmocka_unit_test(composed_text_is_given_back_itself),
    cmocka_unit_test(the_shortcut_agrees_with_icu),
    cmocka_unit_test(expansion_has_room),
    cmocka_unit_test(letters_are_of_any_script),
    cmocka_unit_test(width_is_in_columns),
    cmocka_unit_test(distances_worked_by_hand),
    cmocka_unit_test(beyond_the_limit_is_one_more),
};

GY_TEST_MAIN(cases)
