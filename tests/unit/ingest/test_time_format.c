/* test_time_format.c - each form read by hand, and columns whose form is found or refused. */
#include "harness.h"

#include <string.h>

#include "ingest/time_format.h"

static struct gy_zone *seoul;

static int open_seoul(void **state)
{
    (void)state;
    struct gy_error err;
    return gy_zone_open("Asia/Seoul", &seoul, &err) == GY_OK ? 0 : -1;
}

static int close_seoul(void **state)
{
    (void)state;
    gy_zone_close(seoul);
    return 0;
}

/* `want` is the instant in UTC; "" where the text must not read. Local times are Seoul's, UTC+9. */
static void assert_read(const char *form, const char *text, const char *want)
{
    struct gy_time_format format;
    struct gy_error err;
    int64_t ms = 0;
    char printed[GY_TIME_TEXT] = "";
    assert_ok(gy_time_format_parse(gy_str_of(form), &format, &err), &err);
    assert_string_equal(gy_time_format_name(&format), form);
    if (gy_time_format_read(&format, seoul, gy_str_of(text), &ms)) {
        gy_time_print(ms, printed);
    }
    if (strcmp(printed, want) != 0) {
        fail_msg("%s \"%s\": \"%s\", not \"%s\"", form, text, printed, want);
    }
}

struct row {
    const char *text;
    const char *want;
};

static void assert_form(const char *form, const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        assert_read(form, rows[i].text, rows[i].want);
    }
}

#define ASSERT_FORM(form, rows) assert_form(form, rows, sizeof(rows) / sizeof *(rows))

static void iso(void **state)
{
    (void)state;
    const struct row rows[] = {
        {"2024-03-05", "2024-03-04T15:00:00.000Z"},
        {"2024-03-05T15:20", "2024-03-05T06:20:00.000Z"},
        {" 2024-03-05 15:20:30 ", "2024-03-05T06:20:30.000Z"},
        {"2024-03-05T15:20:30.123456Z", "2024-03-05T15:20:30.123Z"},
        {"2024-03-05T15:20:30,5Z", "2024-03-05T15:20:30.500Z"},
        {"2019-10-01 00:00:00 UTC", "2019-10-01T00:00:00.000Z"},
        {"2024-03-05T15:20:30+05:30", "2024-03-05T09:50:30.000Z"},
        {"2024-03-05T15:20:30-0800", "2024-03-05T23:20:30.000Z"},
        {"2024-03-05 15:20:30 +09", "2024-03-05T06:20:30.000Z"},
        {"2024-03-05 15:20:30 GMT+9", "2024-03-05T06:20:30.000Z"},
        {"2024-03-05 15:20 KST", "2024-03-05T06:20:00.000Z"},
        {"2024-03-05T152030Z", "2024-03-05T15:20:30.000Z"},
        {"2024/3/5 9:05", "2024-03-05T00:05:00.000Z"},
        {"2024.03.05", "2024-03-04T15:00:00.000Z"},
        {"2024. 3. 5.", "2024-03-04T15:00:00.000Z"},
        {"2024. 3. 5. 오후 3:20", "2024-03-05T06:20:00.000Z"},
        {"2024. 3. 5 오전 12:20:01", "2024-03-04T15:20:01.000Z"},
        {"2024년 3월 5일 오후 3시 20분", "2024-03-05T06:20:00.000Z"},
        {"2024년3월5일 15시", "2024-03-05T06:00:00.000Z"},
        {"2024년 3월 5일 화요일 오전 0시 5분 7초", "2024-03-04T15:05:07.000Z"},
        {"2024-03-05(화) 15:20", "2024-03-05T06:20:00.000Z"},
        {"2024-03-05 03:20:30 PM", "2024-03-05T06:20:30.000Z"},
        {"2024-03-05 12:00 AM", "2024-03-04T15:00:00.000Z"},
        {"2024-03-05 12:00 PM", "2024-03-05T03:00:00.000Z"},
        {"2024-03-05T24:00:00Z", "2024-03-06T00:00:00.000Z"},
        {"2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"}, /* a leap second */
        {"2024-065", "2024-03-04T15:00:00.000Z"},             /* 31 + 29 + 5 */
        {"2024-366T00:00Z", "2024-12-31T00:00:00.000Z"},
        {"2024-W10-2T00:00Z", "2024-03-05T00:00:00.000Z"},
        {"2020-W53-5T00:00Z", "2021-01-01T00:00:00.000Z"},
        {"2023-366", ""},
        {"2021-W53-1", ""},
        {"2024-02-30", ""},
        {"2023-02-29", ""},
        {"2024-13-01", ""},
        {"2024-00-10", ""},
        {"0000-01-01", ""},
        {"2024-03-05T25:00", ""},
        {"2024-03-05T24:00:01", ""},
        {"2024-03-05T15:60", ""},
        {"2024-03-05T15:20:61", ""},
        {"2024-03-05T15:20:30+24:00", ""},
        {"2024-03-05 13:00 PM", ""},
        {"2024-03-05T", ""},
        {"2024-03-05 15:20:30 EST", ""},
        {"2024-03-0515:20", ""},
        {"2024-03/05", ""},
        {"2024-3-5x", ""},
        {"24-03-05", ""},
        {"", ""},
        {"2024", ""},
    };
    ASSERT_FORM("iso", rows);
}

static void compact(void **state)
{
    (void)state;
    const struct row rows[] = {
        {"19970101", "1996-12-31T15:00:00.000Z"},
        {"202403051520", "2024-03-05T06:20:00.000Z"},
        {"20240305152030", "2024-03-05T06:20:30.000Z"},
        {"20240305152030123", "2024-03-05T06:20:30.123Z"},
        {"20240305152030Z", "2024-03-05T15:20:30.000Z"},
        {"20240305T152030Z", "2024-03-05T15:20:30.000Z"},
        {"20240305 15:20", "2024-03-05T06:20:00.000Z"},
        {"20240230", ""},
        {"2024030515", ""},
        {"202403052520", ""},
        {"20240305152030 ", "2024-03-05T06:20:30.000Z"},
        {"99991231", ""},
    };
    ASSERT_FORM("compact", rows);
}

static void days_and_months(void **state)
{
    (void)state;
    const struct row mdy[] = {
        {"12/1/2010 8:26", "2010-11-30T23:26:00.000Z"},
        {"12/1/10 8:26", "2010-11-30T23:26:00.000Z"},
        {"03-05-2024 3:20 PM", "2024-03-05T06:20:00.000Z"},
        {"3/5/2024, 3:20:30 p.m.", "2024-03-05T06:20:30.000Z"},
        {"13/1/2010", ""},
        {"1/2/345", ""},
        {"1/2-2010", ""},
    };
    ASSERT_FORM("mdy", mdy);
    const struct row dmy[] = {
        {"05.03.2024 15:20", "2024-03-05T06:20:00.000Z"},
        {"5. 3. 2024", "2024-03-04T15:00:00.000Z"},
        {"31/12/69", "1969-12-30T15:00:00.000Z"},
        {"31/12/68", "2068-12-30T15:00:00.000Z"},
        {"31/6/2024", ""},
    };
    ASSERT_FORM("dmy", dmy);
    const struct row ymd[] = {
        {"24.03.05", "2024-03-04T15:00:00.000Z"},
        {"24-3-5 15:20", "2024-03-05T06:20:00.000Z"},
        {"2024-03-05", ""},
    };
    ASSERT_FORM("ymd", ymd);
}

static void names_of_months(void **state)
{
    (void)state;
    const struct row rows[] = {
        {"5-Mar-2024", "2024-03-04T15:00:00.000Z"},
        {"05 march 2024 15:20", "2024-03-05T06:20:00.000Z"},
        {"5-Sept-24", "2024-09-04T15:00:00.000Z"},
        {"Mar 5, 2024 3:20 PM", "2024-03-05T06:20:00.000Z"},
        {"Mar. 5 2024", "2024-03-04T15:00:00.000Z"},
        {"Tue, 05 Mar 2024 15:20:30 GMT", "2024-03-05T15:20:30.000Z"},
        {"05/Mar/2024:15:20:30 +0900", "2024-03-05T06:20:30.000Z"},
        {"Tue Mar  5 15:20:30 2024", "2024-03-05T06:20:30.000Z"},
        {"Tue Mar  5 15:20:30 UTC 2024", "2024-03-05T15:20:30.000Z"},
        {"Tue Mar 05 2024 15:20:30 GMT+0900 (Korean Standard Time)", "2024-03-05T06:20:30.000Z"},
        {"31-Feb-2024", ""},
        {"5-Mär-2024", ""},
        {"5-Marx-2024", ""},
        {"Mar 2024", ""},
    };
    ASSERT_FORM("named", rows);
}

static void numbers(void **state)
{
    (void)state;
    assert_read("unix", "1709619630", "2024-03-05T06:20:30.000Z");
    assert_read("unix", "1709619630.1239", "2024-03-05T06:20:30.123Z");
    assert_read("unix", "0", "1970-01-01T00:00:00.000Z");
    assert_read("unix", "-1.5", "1969-12-31T23:59:58.500Z");
    assert_read("unix", "253402300799", "9999-12-31T23:59:59.000Z");
    assert_read("unix", "253402300800", "");
    assert_read("unix", "99999999999999999999", "");
    assert_read("unix", "9223372036854775807", "");
    assert_read("unix", "17e8", "");
    assert_read("unix", "", "");
    assert_read("unix-ms", "1433221332117", "2015-06-02T05:02:12.117Z");
    assert_read("unix-us", "1433221332117999", "2015-06-02T05:02:12.117Z");
    assert_read("unix-ns", "1433221332117999999", "2015-06-02T05:02:12.117Z");
}

/* Spring forward in London, 2024-03-31 01:00: 01:30 does not exist and is 02:30 of summer time. */
static void local_times_follow_the_zone(void **state)
{
    (void)state;
    struct gy_zone *london = NULL;
    struct gy_error err;
    struct gy_time_format format;
    int64_t ms;
    char printed[GY_TIME_TEXT];
    assert_ok(gy_zone_open("Europe/London", &london, &err), &err);
    assert_ok(gy_time_format_parse(GY_STR("iso"), &format, &err), &err);
    assert_true(gy_time_format_read(&format, london, GY_STR("2024-03-31 01:30"), &ms));
    gy_time_print(ms, printed);
    assert_string_equal(printed, "2024-03-31T01:30:00.000Z");
    assert_true(gy_time_format_read(&format, london, GY_STR("2010-07-01 08:26"), &ms));
    gy_time_print(ms, printed);
    assert_string_equal(printed, "2010-07-01T07:26:00.000Z");
    gy_zone_close(london);
}

static void patterns(void **state)
{
    (void)state;
    assert_read("%d.%m.%Y %H:%M", "05.03.2024 15:20", "2024-03-05T06:20:00.000Z");
    assert_read("%Y%m%d-%H%M%S", "20240305-152030", "2024-03-05T06:20:30.000Z");
    assert_read("%F %T.%f", "2024-03-05 15:20:30.5", "2024-03-05T06:20:30.500Z");
    assert_read("%D %R", "03/05/24 15:20", "2024-03-05T06:20:00.000Z");
    assert_read("%d %b %Y %I:%M %p %z", "5 Mar 2024 03:20 PM +0000", "2024-03-05T15:20:00.000Z");
    assert_read("%Y년 %m월 %d일 %p %I시", "2024년  3월 5일 오후 3시", "2024-03-05T06:00:00.000Z");
    assert_read("%a, %d %B %y", "Tue, 05 March 24", "2024-03-04T15:00:00.000Z");
    assert_read("%Y/%j", "2024/65", "2024-03-04T15:00:00.000Z");
    assert_read("@%s", "@1709619630", "2024-03-05T06:20:30.000Z");
    assert_read("%s.%f", "1709619630.25", "2024-03-05T06:20:30.250Z");
    assert_read("100%% %F", "100% 2024-03-05", "2024-03-04T15:00:00.000Z");
    assert_read("%Y-%m-%d", "2024-03-05 15:20", "");
    assert_read("%Y-%m-%d", "2024-02-30", "");
    assert_read("%Y-%m-%d", "2024-03", "");
    assert_read("%d %b %Y %I:%M %p", "5 Mar 2024 13:20 PM", "");
}

static void assert_no_format(const char *text, const char *mentions)
{
    struct gy_time_format format;
    struct gy_error err = {0};
    assert_int_equal(gy_time_format_parse(gy_str_of(text), &format, &err), GY_INVALID);
    if (strstr(err.message, mentions) == NULL) {
        fail_msg("\"%s\" does not mention \"%s\"", err.message, mentions);
    }
}

static void patterns_that_cannot_be(void **state)
{
    (void)state;
    assert_no_format("", "1 to 127");
    assert_no_format("yyyy-mm-dd", "yyyy-mm-dd");
    assert_no_format("%Y-%m", "leaves out the day");
    assert_no_format("%m-%d", "leaves out the year");
    assert_no_format("%Y %d", "leaves out the month");
    assert_no_format("%Y-%m-%d %I:%M", "%I without %p");
    assert_no_format("%Y-%m-%d %Q", "%Q");
    assert_no_format("%Y-%m-%d %", "unknown \"%\"");
    char longest[200];
    memset(longest, '%', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_no_format(longest, "1 to 127");
}

/* ---- finding the form ---- */

/* `values` are separated by |. */
static enum gy_status find(const char *values, struct gy_time_format *format, struct gy_error *err)
{
    struct gy_time_guess guess = {0};
    struct gy_str rest = gy_str_of(values);
    for (;;) {
        const char *bar = memchr(rest.ptr, '|', rest.len);
        size_t len = bar != NULL ? (size_t)(bar - rest.ptr) : rest.len;
        gy_time_guess_add(&guess, (struct gy_str){rest.ptr, len});
        if (bar == NULL) {
            return gy_time_guess_finish(&guess, format, err);
        }
        rest = (struct gy_str){bar + 1, rest.len - len - 1};
    }
}

static void assert_found(const char *values, const char *want)
{
    struct gy_time_format format;
    struct gy_error err;
    assert_ok(find(values, &format, &err), &err);
    assert_string_equal(gy_time_format_name(&format), want);
}

static void assert_not_found(const char *values, const char *mentions)
{
    struct gy_time_format format;
    struct gy_error err = {0};
    assert_int_equal(find(values, &format, &err), GY_INVALID);
    assert_non_null(strstr(err.message, mentions));
    assert_true(err.hint[0] != '\0');
}

static void forms_are_found(void **state)
{
    (void)state;
    assert_found("2010-12-01 08:26:00||2010-12-01 08:28:00", "iso");
    assert_found("19970101|19970118", "compact");
    assert_found("20240305152000|20240306152000", "compact");
    assert_found("1511658000|1511664909", "unix");
    assert_found("1433221332117|1438969904567", "unix-ms");
    assert_found("1433221332117000", "unix-us");
    assert_found("0|1433221332117|1438969904567", "unix-ms");
    assert_found("5-Mar-2024", "named");
    assert_found("2024년 3월 5일 오후 3시 20분", "iso");
    assert_found("98.12.05|99.12.31", "ymd");
    assert_not_found("24.03.05|24.03.31", "day and month"); /* or 24 March of 2005 and 2031 */
}

static void order_of_day_and_month_is_decided_by_all_values(void **state)
{
    (void)state;
    assert_found("12/1/2010 8:26|12/13/2010 9:00|1/2/2011 9:00", "mdy");
    assert_found("1/12/2010|13/12/2010|2/1/2011", "dmy");
    assert_found("3/3/2024|4/4/2024", "mdy"); /* the same days either way */
    assert_not_found("1/12/2010|2/12/2010", "\"1/12/2010\"");
    assert_not_found("3/3/2024|5/4/2024", "\"5/4/2024\"");
    assert_not_found("13/12/2010|12/13/2010|1/2/2010", "day and month");
    assert_not_found("10/12/01|10/12/02", "day and month");
}

static void a_few_bad_values_do_not_hide_the_form(void **state)
{
    (void)state;
    assert_found("2024-03-05|n/a|2024-03-06|2024-03-07|?", "iso");
    assert_not_found("2024-03-05|n/a|?", "no known form");
    assert_not_found("1|2|34", "no known form");
    assert_not_found("", "no known form");
    assert_not_found("apple|pear", "no known form");
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(iso),
    cmocka_unit_test(compact),
    cmocka_unit_test(days_and_months),
    cmocka_unit_test(names_of_months),
    cmocka_unit_test(numbers),
    cmocka_unit_test(local_times_follow_the_zone),
    cmocka_unit_test(patterns),
    cmocka_unit_test(patterns_that_cannot_be),
    cmocka_unit_test(forms_are_found),
    cmocka_unit_test(order_of_day_and_month_is_decided_by_all_values),
    cmocka_unit_test(a_few_bad_values_do_not_hide_the_form),
};

int main(int argc, char **argv)
{
    if (argc > 1) {
        cmocka_set_test_filter(argv[1]);
    }
    return cmocka_run_group_tests(cases, open_seoul, close_seoul);
}
