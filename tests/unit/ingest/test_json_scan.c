/* test_json_scan.c - texts are cut where their values end. */
#include "harness.h"

#include <string.h>

#include "base/buf.h"
#include "ingest/json_scan.h"

/* "a=1 b=[2]", and "!" where the reading stopped before the end. */
static void expect_members(const char *text, const char *want)
{
    struct gy_str rest = gy_str_of(text);
    struct gy_str name;
    struct gy_str value;
    bool is_end = false;
    struct gy_buf out = {0};
    gy_buf_text(&out, "");
    bool goes_on = true;
    while (goes_on && !is_end) {
        goes_on = gy_json_scan_member(&rest, &name, &value, &is_end);
        if (goes_on && !is_end) {
            gy_buf_printf(&out, "%.*s=%.*s ", GY_STR_ARG(name), GY_STR_ARG(value));
        }
    }
    gy_buf_text(&out, goes_on && gy_json_scan_end(&rest) ? "." : "!");
    assert_string_equal(out.ptr, want);
    gy_buf_release(&out);
}

static void expect_elements(const char *text, const char *want)
{
    struct gy_str rest = gy_str_of(text);
    struct gy_str value;
    bool is_end = false;
    struct gy_buf out = {0};
    bool goes_on = true;
    while (goes_on && !is_end) {
        goes_on = gy_json_scan_element(&rest, &value, &is_end);
        if (goes_on && !is_end) {
            gy_buf_printf(&out, "%.*s ", GY_STR_ARG(value));
        }
    }
    gy_buf_text(&out, goes_on && gy_json_scan_end(&rest) ? "." : "!");
    assert_string_equal(out.ptr, want);
    gy_buf_release(&out);
}

static void members(void **state)
{
    (void)state;
    expect_members("{}", ".");
    expect_members(" { } \n", ".");
    expect_members("{\"a\":1,\"b\" : [ 2, {\"c\": \"]}\"} ] }", "a=1 b=[ 2, {\"c\": \"]}\"} ] .");
    expect_members("{\"a\\\"b\":\"c\\\\\",\"d\":null}", "a\\\"b=\"c\\\\\" d=null .");
    expect_members("{\"a\":1}x", "a=1 !");
}

static void broken_members(void **state)
{
    (void)state;
    static const char *const texts[] = {"",       "[",       "[1]",      "{",    "{1:2}",
                                        "{\"a\"", "{\"a\":", "{\"a\":}", "{\"a", "{\"a\":\"b\\\"}",
                                        "{,}",    "1"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        expect_members(texts[i], "!");
    }
    expect_members("{\"a\":1", "a=1 !");
    expect_members("{\"a\":1,}", "a=1 !");
    expect_members("{\"a\":1 \"b\":2}", "a=1 !");
    expect_members("{\"a\":[[[[", "!");
}

static void elements(void **state)
{
    (void)state;
    expect_elements("[]", ".");
    expect_elements("[1, \"a,]\" ,{\"b\":[2]},[3],true]", "1 \"a,]\" {\"b\":[2]} [3] true .");
    expect_elements("[1,]", "1 !");
    expect_elements("[1", "1 !");
    expect_elements("[1 2]", "1 !");
    expect_elements("{}", "!");
}

/* Each element stands by itself: what is wrong inside one is for its reader to find. */
static void what_is_inside_is_not_read(void **state)
{
    (void)state;
    expect_elements("[{\"a\":tru},{1e999},{\"b\":\"\\q\"}]",
                    "{\"a\":tru} {1e999} {\"b\":\"\\q\"} .");
}

static void brackets_cost_no_stack(void **state)
{
    (void)state;
    enum {
        N = 1 << 20
    };
    struct gy_buf text = {0};
    memset(gy_buf_room(&text, 2 * N), '[', N);
    memset(text.ptr + N, ']', N);
    gy_buf_added(&text, 2 * N);
    struct gy_str rest = gy_buf_view(&text);
    struct gy_str value;
    assert_true(gy_json_scan_value(&rest, &value));
    assert_int_equal(value.len, 2 * N);
    rest = (struct gy_str){text.ptr, N};
    assert_false(gy_json_scan_value(&rest, &value));
    gy_buf_release(&text);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(members),
    cmocka_unit_test(broken_members),
    cmocka_unit_test(elements),
    cmocka_unit_test(what_is_inside_is_not_read),
    cmocka_unit_test(brackets_cost_no_stack),
};

GY_TEST_MAIN(cases)
