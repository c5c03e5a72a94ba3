/* test_time_text.c - what reads as a time, what does not, and how times are printed. */
#include <string.h>

#include "harness.h"

#include "base/zone.h"

static void assert_reads(const char *text, const struct gy_zone *zone, const char *want,
                         bool want_date)
{
    int64_t ms;
    bool is_date;
    char printed[GY_TIME_TEXT];
    if (!gy_time_read(gy_str_of(text), zone, &ms, &is_date)) {
        fail_msg("\"%s\" does not read", text);
    }
    gy_time_print(ms, printed);
    assert_string_equal(printed, want);
    assert_int_equal(is_date, want_date);
}

static void every_form_reads(void **state)
{
    (void)state;
    assert_reads("2025-01-02", NULL, "2025-01-02T00:00:00.000Z", true);
    assert_reads("2025-01-02T03:04", NULL, "2025-01-02T03:04:00.000Z", false);
    assert_reads("2025-01-02T03:04:05", NULL, "2025-01-02T03:04:05.000Z", false);
    assert_reads("2025-01-02T03:04:05Z", NULL, "2025-01-02T03:04:05.000Z", false);
    assert_reads("2025-01-02T03:04Z", NULL, "2025-01-02T03:04:00.000Z", false);
    assert_reads("2025-01-02T03:04:05.6", NULL, "2025-01-02T03:04:05.600Z", false);
    assert_reads("2025-01-02T03:04:05.67Z", NULL, "2025-01-02T03:04:05.670Z", false);
    assert_reads("2025-01-02T03:04:05.678999999999999", NULL, "2025-01-02T03:04:05.678Z", false);
    assert_reads("2025-01-02T03:04:05+09:00", NULL, "2025-01-01T18:04:05.000Z", false);
    assert_reads("2025-01-02T03:04:05.5-0330", NULL, "2025-01-02T06:34:05.500Z", false);
    assert_reads("2025-01-02T03:04+14", NULL, "2025-01-01T13:04:00.000Z", false);
    assert_reads("0001-01-01", NULL, "0001-01-01T00:00:00.000Z", true);
    assert_reads("9999-12-31T23:59:59.999Z", NULL, "9999-12-31T23:59:59.999Z", false);
    assert_reads("2024-02-29", NULL, "2024-02-29T00:00:00.000Z", true);
    assert_reads("1969-12-31T23:59:59.999Z", NULL, "1969-12-31T23:59:59.999Z", false);
}

static void without_an_offset_it_is_local(void **state)
{
    (void)state;
    struct gy_zone *zone;
    struct gy_error err;
    assert_ok(gy_zone_open("Asia/Seoul", &zone, &err), &err);
    assert_reads("2025-01-02", zone, "2025-01-01T15:00:00.000Z", true);
    assert_reads("2025-01-02T03:04:05.678", zone, "2025-01-01T18:04:05.678Z", false);
    assert_reads("2025-01-02T03:04:05Z", zone, "2025-01-02T03:04:05.000Z", false);
    gy_zone_close(zone);
}

static void anything_else_does_not(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "2025",
        "2025-01",
        "2025-1-2",
        "2025-01-2",
        "2025-01-02 ",
        " 2025-01-02",
        "2025-01-02T",
        "2025-01-02T03",
        "2025-01-02T3:04",
        "2025-01-02 03:04",
        "2025-01-02t03:04",
        "2025-01-02T03:04:",
        "2025-01-02T03:04:5",
        "2025-01-02T03:04:05.",
        "2025-01-02T03:04:05,6",
        "2025-01-02T03:04.5",
        "2025-01-02T03:04:05z",
        "2025-01-02T03:04:05ZZ",
        "2025-01-02T03:04:05+",
        "2025-01-02T03:04:05+9",
        "2025-01-02T03:04:05+09:",
        "2025-01-02T03:04:05+09:0",
        "2025-01-02T03:04:05+090",
        "2025-01-02T03:04:05+24:00",
        "2025-01-02T03:04:05+09:60",
        "2025-01-02T03:04:05+-900",
        "2025-01-02Z",
        "2025-01-02+09:00",
        "2025/01/02",
        "20250102",
        "0000-01-01",
        "-001-01-01",
        "10000-01-01",
        "2025-00-01",
        "2025-13-01",
        "2025-01-00",
        "2025-01-32",
        "2025-04-31",
        "2025-02-29",
        "1900-02-29",
        "2025-01-02T24:00",
        "2025-01-02T23:60",
        "2025-01-02T23:59:60",
        "２０２５-01-02",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        int64_t ms = 77;
        bool is_date = true;
        if (gy_time_read(gy_str_of(texts[i]), NULL, &ms, &is_date)) {
            fail_msg("\"%s\" reads as a time", texts[i]);
        }
        assert_int_equal(ms, 77);
        assert_true(is_date);
    }
    int64_t ms;
    assert_false(gy_time_read(GY_STR("2025-01-02\0"), NULL, &ms, NULL));
    assert_false(gy_time_read((struct gy_str){NULL, 0}, NULL, &ms, NULL));
}

static void printing_and_reading_are_inverse(void **state)
{
    (void)state;
    uint64_t random = gy_test_seed();
    for (int i = 0; i < 100000; i++) {
        int64_t ms = (int64_t)gy_test_below(&random, UINT64_C(315537897600000)) -
                     INT64_C(62135596800000); /* years 1 to 9999 */
        char text[GY_TIME_TEXT];
        size_t len = gy_time_print(ms, text);
        int64_t back;
        assert_int_equal(len, 24);
        assert_true(gy_time_read((struct gy_str){text, len}, NULL, &back, NULL));
        assert_true(back == ms);
    }
}

/* Of texts with one byte changed: what the short way reads, the other reads as well, and the same. */
static void the_plain_form_reads_the_same(void **state)
{
    (void)state;
    static const char bytes[] = "0123456789-: TZ";
    uint64_t random = gy_test_seed();
    int n_read = 0;
    for (int i = 0; i < 200000; i++) {
        int64_t ms =
            (int64_t)gy_test_below(&random, UINT64_C(315537897600000)) - INT64_C(62135596800000);
        char text[GY_TIME_TEXT];
        int64_t plain;
        int64_t other;
        gy_time_print(ms, text);
        if (i % 2 == 1) {
            text[gy_test_below(&random, 19)] = bytes[gy_test_below(&random, sizeof bytes - 1)];
        }
        bool is_plain = gy_time_read_plain(text, &plain);
        bool is_time = gy_time_read((struct gy_str){text, 19}, NULL, &other, NULL);
        assert_true(is_time ? is_plain || text[16] != ':' : !is_plain || text[10] != 'T');
        assert_true(!is_time || !is_plain || plain == other);
        n_read += is_plain;
    }
    assert_true(n_read > 100000);
}

static void local_times_show_milliseconds_only_if_any(void **state)
{
    (void)state;
    char text[GY_TIME_TEXT];
    assert_int_equal(gy_time_print_local(NULL, 0, text), 19);
    assert_string_equal(text, "1970-01-01 00:00:00");
    assert_int_equal(gy_time_print_local(NULL, 7, text), 23);
    assert_string_equal(text, "1970-01-01 00:00:00.007");
    gy_time_print(INT64_C(253402300800000), text); /* beyond the calendar's years */
    assert_string_equal(text, "10000-01-01T00:00:00.000Z");
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(every_form_reads),
    cmocka_unit_test(without_an_offset_it_is_local),
    cmocka_unit_test(anything_else_does_not),
    cmocka_unit_test(printing_and_reading_are_inverse),
    cmocka_unit_test(the_plain_form_reads_the_same),
    cmocka_unit_test(local_times_show_milliseconds_only_if_any),
};

GY_TEST_MAIN(cases)
