/* test_value.c - values as JSON and back, and read as another type. */
#include "harness.h"

#include "base/mem.h"
#include "store/value.h"

static struct gy_value number(double n)
{
    return (struct gy_value){.type = GY_VALUE_NUMBER, .number = n};
}

static struct gy_value string(struct gy_str s)
{
    return (struct gy_value){.type = GY_VALUE_STRING, .string = s};
}

static struct gy_value boolean(bool b)
{
    return (struct gy_value){.type = GY_VALUE_BOOL, .boolean = b};
}

static struct gy_value instant(int64_t ms)
{
    return (struct gy_value){.type = GY_VALUE_TIME, .time_ms = ms};
}

static void check_json(struct gy_value value, const char *json)
{
    struct gy_buf out = {0};
    gy_value_json(&value, &out);
    assert_string_equal(out.ptr, json);
    gy_buf_release(&out);
}

static void values_are_written_as_json(void **state)
{
    (void)state;
    const struct gy_str list[2] = {GY_STR("a"), GY_STR("\"")};
    check_json(number(12.5), "12.5");
    check_json(number(-0.0), "0");
    check_json(number(1e300), "1e300");
    check_json(boolean(true), "true");
    check_json(boolean(false), "false");
    check_json(instant(1735787045678), "\"2025-01-02T03:04:05.678Z\"");
    check_json(string(GY_STR("결\n\t\r\"\\/\x01\0z\x7f")),
               "\"결\\n\\t\\r\\\"\\\\/\\u0001\\u0000z\x7f\"");
    check_json(string((struct gy_str){0}), "\"\"");
    check_json((struct gy_value){.type = GY_VALUE_MISSING}, "null");
    check_json((struct gy_value){.type = GY_VALUE_CELL, .string = GY_STR("007")}, "\"007\"");
    check_json((struct gy_value){.type = GY_VALUE_LIST, .list = {.strings = list, .n = 2}},
               "[\"a\",\"\\\"\"]");
    check_json((struct gy_value){.type = GY_VALUE_LIST}, "[]");
}

static void check_parse(const char *json, struct gy_value want)
{
    struct gy_arena arena = {0};
    struct gy_value got;
    /* Exactly the text: a read past its end is seen. */
    char *exact = gy_alloc(strlen(json));
    memcpy(exact, json, strlen(json));
    assert_true(gy_value_parse_json((struct gy_str){exact, strlen(json)}, &arena, &got));
    free(exact);
    assert_true(gy_value_equal(&got, &want));
    gy_arena_release(&arena);
}

static void json_reads_back(void **state)
{
    (void)state;
    const struct gy_str list[2] = {GY_STR("a"), GY_STR("결")};
    check_parse("12.5", number(12.5));
    check_parse("-1e3", number(-1000));
    check_parse("true", boolean(true));
    check_parse("null", (struct gy_value){.type = GY_VALUE_MISSING});
    check_parse("\"a\\u0000\\uacb0\"", string(GY_STR("a\0결")));
    check_parse("[\"a\",\"결\"]",
                (struct gy_value){.type = GY_VALUE_LIST, .list = {.strings = list, .n = 2}});
    check_parse("[]", (struct gy_value){.type = GY_VALUE_LIST});
}

static void what_is_no_value_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"",   "{",   "{}",      "[1]",       "[\"a\",null]",
                                        "\"", "nul", "\"a\" 1", "[[\"a\"]]", "\"\xff\"",
                                        "1 2"};
    struct gy_arena arena = {0};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct gy_value value;
        assert_false(gy_value_parse_json(gy_str_of(texts[i]), &arena, &value));
    }
    char deep[10000];
    memset(deep, '[', sizeof deep);
    struct gy_value value;
    assert_false(gy_value_parse_json((struct gy_str){deep, sizeof deep}, &arena, &value));
    gy_arena_release(&arena);
}

static void equal_is_by_type_and_content(void **state)
{
    (void)state;
    struct gy_value values[6] = {number(1),  number(2),           boolean(true),
                                 instant(1), string(GY_STR("1")), {.type = GY_VALUE_MISSING}};
    for (int a = 0; a < 6; a++) {
        for (int b = 0; b < 6; b++) {
            assert_int_equal(gy_value_equal(&values[a], &values[b]), a == b);
        }
    }
}

/* want NULL: does not read. */
static void check_convert(struct gy_value from, enum gy_value_type type, const char *want)
{
    struct gy_arena arena = {0};
    struct gy_value to;
    bool reads = gy_value_convert(&from, type, NULL, &arena, &to);
    assert_int_equal(reads, want != NULL);
    if (reads) {
        assert_int_equal(to.type, type);
        check_json(to, want);
    }
    gy_arena_release(&arena);
}

static void values_convert_by_the_table(void **state)
{
    (void)state;
    const struct gy_value list = {.type = GY_VALUE_LIST};
    check_convert(string(GY_STR("12.50")), GY_VALUE_NUMBER, "12.5");
    check_convert(string(GY_STR("12,5")), GY_VALUE_NUMBER, NULL);
    check_convert(boolean(true), GY_VALUE_NUMBER, "1");
    check_convert(instant(1), GY_VALUE_NUMBER, NULL);
    check_convert(list, GY_VALUE_NUMBER, NULL);
    check_convert(number(0.1), GY_VALUE_STRING, "\"0.1\"");
    check_convert(boolean(false), GY_VALUE_STRING, "\"false\"");
    check_convert(instant(0), GY_VALUE_STRING, "\"1970-01-01T00:00:00.000Z\"");
    check_convert(list, GY_VALUE_STRING, NULL);
    check_convert(number(1), GY_VALUE_BOOL, "true");
    check_convert(number(0), GY_VALUE_BOOL, "false");
    check_convert(number(2), GY_VALUE_BOOL, NULL);
    check_convert(string(GY_STR("True")), GY_VALUE_BOOL, "true");
    check_convert(string(GY_STR("FALSE")), GY_VALUE_BOOL, "false");
    check_convert(string(GY_STR("yes")), GY_VALUE_BOOL, NULL);
    check_convert(string(GY_STR("")), GY_VALUE_BOOL, NULL);
    check_convert(string(GY_STR("2024-02-29T12:00:00+09:00")), GY_VALUE_TIME,
                  "\"2024-02-29T03:00:00.000Z\"");
    check_convert(string(GY_STR("2023-02-29")), GY_VALUE_TIME, NULL);
    check_convert(number(5), GY_VALUE_TIME, NULL);
    check_convert(list, GY_VALUE_LIST, "[]");
    check_convert(string(GY_STR("a")), GY_VALUE_LIST, NULL);
    check_convert((struct gy_value){.type = GY_VALUE_CELL, .string = GY_STR("7")}, GY_VALUE_NUMBER,
                  "7");
    check_convert((struct gy_value){.type = GY_VALUE_MISSING}, GY_VALUE_STRING, NULL);
}

static void local_times_are_those_of_the_zone(void **state)
{
    (void)state;
    struct gy_error err;
    struct gy_zone *seoul;
    struct gy_arena arena = {0};
    struct gy_value to;
    assert_ok(gy_zone_open("Asia/Seoul", &seoul, &err), &err);
    struct gy_value from = string(GY_STR("2024-01-01T09:00:00"));
    assert_true(gy_value_convert(&from, GY_VALUE_TIME, seoul, &arena, &to));
    check_json(to, "\"2024-01-01T00:00:00.000Z\"");
    gy_zone_close(seoul);
    gy_arena_release(&arena);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(values_are_written_as_json),
    cmocka_unit_test(json_reads_back),
    cmocka_unit_test(what_is_no_value_is_refused),
    cmocka_unit_test(equal_is_by_type_and_content),
    cmocka_unit_test(values_convert_by_the_table),
    cmocka_unit_test(local_times_are_those_of_the_zone),
};

GY_TEST_MAIN(cases)
