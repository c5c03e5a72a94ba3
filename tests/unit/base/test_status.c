/* test_status.c - errors say what, why, where; and never end inside a character. */
#include <errno.h>
#include <string.h>

#include "harness.h"

#include "base/status.h"

static void status_and_error_agree(void **state)
{
    (void)state;
    struct gy_error err;
    assert_int_equal(gy_error_set(&err, GY_CORRUPT, "part \"%s\" is torn", "p1"), GY_CORRUPT);
    assert_int_equal(err.status, GY_CORRUPT);
    assert_string_equal(err.message, "part \"p1\" is torn");
    assert_int_equal(gy_error_set(NULL, GY_BUSY, "nobody asks"), GY_BUSY);
}

static void a_place_is_cleared_by_the_next_error(void **state)
{
    (void)state;
    struct gy_error err;
    assert_int_equal(gy_error_at(&err, 3, 14, "unexpected word"), GY_INVALID);
    gy_error_hint(&err, "Did you mean \"%s\"?", "price");
    assert_int_equal(err.line, 3);
    assert_int_equal(err.column, 14);
    assert_string_equal(err.hint, "Did you mean \"price\"?");
    assert_int_equal(gy_error_set(&err, GY_LIMIT, "too many"), GY_LIMIT);
    assert_int_equal(err.line, 0);
    assert_string_equal(err.hint, "");
}

static void a_failed_call_is_named_in_words(void **state)
{
    (void)state;
    struct gy_error err;
    assert_int_equal(gy_error_sys(&err, ENOENT, "could not open \"a\""), GY_IO);
    assert_string_equal(err.message, "could not open \"a\": No such file or directory");
    assert_int_equal(err.sys_errno, ENOENT);
}

static void context_is_outermost_first(void **state)
{
    (void)state;
    struct gy_error err;
    assert_int_equal(gy_error_set(&err, GY_INVALID, "no"), GY_INVALID);
    gy_error_context(&err, "chunk %d", 3);
    gy_error_context(&err, "importing \"%s\"", "a.csv");
    assert_string_equal(err.context, "importing \"a.csv\": chunk 3");
}

/* 511 bytes fit: 170 syllables of three bytes and one byte that would be a third of one. */
static void a_long_message_is_cut_at_a_character(void **state)
{
    (void)state;
    char text[3 * 400 + 1] = "";
    for (int i = 0; i < 400; i++) {
        memcpy(text + (size_t)3 * (size_t)i, "가", 4);
    }
    struct gy_error err;
    assert_int_equal(gy_error_set(&err, GY_INVALID, "%s", text), GY_INVALID);
    assert_int_equal(strlen(err.message), 510);
    assert_memory_equal(err.message, text, 510);
}

static void the_table_maps_to_exits(void **state)
{
    (void)state;
    assert_string_equal(gy_status_name(GY_INVALID), "INVALID");
    assert_int_equal(gy_status_exit(GY_OK), 0);
    assert_int_equal(gy_status_exit(GY_INVALID), 2);
    assert_int_equal(gy_status_exit(GY_IO), 1);
    assert_int_equal(gy_status_http(GY_NOT_FOUND), 404);
    assert_true(strlen(gy_status_text(GY_UNSUPPORTED)) > 0);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(status_and_error_agree),
    cmocka_unit_test(a_place_is_cleared_by_the_next_error),
    cmocka_unit_test(a_failed_call_is_named_in_words),
    cmocka_unit_test(context_is_outermost_first),
    cmocka_unit_test(a_long_message_is_cut_at_a_character),
    cmocka_unit_test(the_table_maps_to_exits),
};

GY_TEST_MAIN(cases)
