/* test_buf.c - appending in every way, with a NUL always behind the end. */
#include <string.h>

#include "harness.h"

#include "base/buf.h"

static void appended_bytes_stand_in_order(void **state)
{
    (void)state;
    struct gy_buf buf = {0};
    gy_buf_text(&buf, "id");
    gy_buf_char(&buf, ',');
    gy_buf_str(&buf, GY_STR("이름"));
    gy_buf_append(&buf, "\0x", 2);
    gy_buf_printf(&buf, "%d|%s", 42, "end");
    assert_true(gy_str_equal(gy_buf_view(&buf), GY_STR("id,이름\0x42|end")));
    assert_int_equal(buf.ptr[buf.len], '\0');
    gy_buf_release(&buf);
}

static void nothing_appended_is_still_terminated(void **state)
{
    (void)state;
    struct gy_buf buf = {0};
    gy_buf_str(&buf, (struct gy_str){NULL, 0});
    assert_int_equal(buf.len, 0);
    assert_string_equal(buf.ptr, "");
    gy_buf_release(&buf);
    gy_buf_release(&buf);
}

static void it_grows_as_far_as_needed(void **state)
{
    (void)state;
    struct gy_buf buf = {0};
    for (int i = 0; i < 100000; i++) {
        gy_buf_printf(&buf, "%05d", i);
    }
    assert_int_equal(buf.len, 500000);
    assert_memory_equal(buf.ptr + 5 * 99999, "99999", 6);
    assert_memory_equal(buf.ptr + 5 * 12345, "12345", 5);
    gy_buf_release(&buf);
}

static void reset_empties_and_zero_appends_zeros(void **state)
{
    (void)state;
    struct gy_buf buf = {0};
    gy_buf_text(&buf, "something longer than eight");
    gy_buf_reset(&buf);
    assert_int_equal(gy_buf_view(&buf).len, 0);
    gy_buf_zero(&buf, 8);
    assert_true(gy_str_equal(gy_buf_view(&buf), GY_STR("\0\0\0\0\0\0\0\0")));
    gy_buf_release(&buf);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(appended_bytes_stand_in_order),
    cmocka_unit_test(nothing_appended_is_still_terminated),
    cmocka_unit_test(it_grows_as_far_as_needed),
    cmocka_unit_test(reset_empties_and_zero_appends_zeros),
};

GY_TEST_MAIN(cases)
