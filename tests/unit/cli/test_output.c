/* test_output.c - figures, tables, JSON and the line of progress, as they are printed. */
#include <math.h>
#include <unistd.h>

#include "harness.h"

#include "base/file.h"
#include "store/json_writer.h"
#include "cli/output.h"
#include "cli/progress.h"

static void is_text(struct gy_buf *buf, const char *wanted)
{
    gy_buf_text(buf, "");
    assert_string_equal(buf->ptr, wanted);
    gy_buf_release(buf);
}

static void counts_are_grouped_by_thousands(void **state)
{
    (void)state;
    static const struct {
        uint64_t n;
        const char *text;
    } cases[] = {{0, "0"},
                 {999, "999"},
                 {1000, "1,000"},
                 {541909, "541,909"},
                 {UINT64_MAX, "18,446,744,073,709,551,615"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct gy_buf out = {0};
        gy_put_count(&out, cases[i].n);
        is_text(&out, cases[i].text);
    }
}

static void one_is_not_many(void **state)
{
    (void)state;
    static const struct {
        uint64_t n;
        const char *text;
    } cases[] = {{0, "0 orders"}, {1, "1 order"}, {2, "2 orders"}, {1001, "1,001 orders"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct gy_buf out = {0};
        gy_put_counted(&out, cases[i].n, "order");
        is_text(&out, cases[i].text);
    }
}

static void money_is_that_of_its_currency(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *currency;
        const char *text;
    } cases[] = {{8911407.904, "GBP", "£8,911,407.90"},
                 {-1234.5, "USD", "-$1,234.50"},
                 {1234567, "KRW", "₩1,234,567"},
                 {12.5, "CHF", "12.50 CHF"},
                 {12.5, "", "12.50"},
                 {-0.001, "GBP", "£0.00"},
                 {HUGE_VAL, "", "-"},
                 {HUGE_VAL, "CHF", "-"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct gy_buf out = {0};
        gy_put_money(&out, cases[i].value, cases[i].currency);
        is_text(&out, cases[i].text);
    }
}

static void shares_and_sizes(void **state)
{
    (void)state;
    struct gy_buf out = {0};
    gy_put_share(&out, 1, 8);
    is_text(&out, "12.5%");
    gy_put_share(&out, 0, 0);
    is_text(&out, "-");
    gy_put_bytes(&out, 999);
    is_text(&out, "999 B");
    gy_put_bytes(&out, 1000);
    is_text(&out, "1.0 kB");
    gy_put_bytes(&out, 999960);
    is_text(&out, "1.0 MB");
}

static void what_comes_from_data_cannot_steer_the_terminal(void **state)
{
    (void)state;
    struct gy_buf out = {0};
    gy_put_safe(&out, GY_STR("a\033[31mb\nc\x7F 가\xC2\x9B"
                             "d\xE2\x80\xAE"
                             "e"));
    is_text(&out, "a?[31mb c? 가?d?e");
}

/* What a table prints, read back through a file. */
static void print_to(const struct gy_listing *table, struct gy_buf *out)
{
    char path[] = "/tmp/gyeol-test-XXXXXX";
    struct gy_error err = {0};
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    FILE *file = fdopen(fd, "w");
    gy_listing_print(table, false, file);
    assert_int_equal(fclose(file), 0);
    assert_ok(gy_file_read(path, out, &err), &err);
    unlink(path);
}

static void wide_characters_take_two_columns_of_a_table(void **state)
{
    (void)state;
    struct gy_listing table;
    struct gy_buf out = {0};
    gy_listing_init(&table, "lr");
    gy_listing_text(&table, "name");
    gy_listing_text(&table, "n");
    gy_listing_text(&table, "서울");
    gy_listing_count(&table, 1200);
    gy_listing_text(&table, "ab");
    gy_listing_count(&table, 7);
    print_to(&table, &out);
    is_text(&out, "name      n\n"
                  "────  ─────\n"
                  "서울  1,200\n"
                  "ab        7\n");
    gy_listing_release(&table);
}

static void json_is_escaped_and_has_its_commas(void **state)
{
    (void)state;
    struct gy_json_writer w = {0};
    gy_json_open(&w, '{');
    gy_json_key(&w, "a");
    gy_json_open(&w, '[');
    gy_json_number(&w, 0.1);
    gy_json_count(&w, UINT64_MAX);
    gy_json_null(&w);
    gy_json_number(&w, HUGE_VAL);
    gy_json_close(&w, ']');
    gy_json_key_str(&w, GY_STR("\"q\\\n\t\v\x01"));
    gy_json_bool(&w, true);
    gy_json_key(&w, "e");
    gy_json_open(&w, '{');
    gy_json_close(&w, '}');
    gy_json_close(&w, '}');
    assert_string_equal(w.text.ptr, "{\"a\":[0.1,18446744073709551615,null,null],"
                                    "\"\\\"q\\\\\\n\\t\\u000b\\u0001\":true,\"e\":{}}");
    gy_json_writer_release(&w);
}

static void progress_tells_rate_and_time_left(void **state)
{
    (void)state;
    struct gy_buf out = {0};
    /* A quarter of the bytes in 2 s: 6 s are left; 50,000 lines in 2 s are 25,000 a second. */
    gy_progress_line(&out, 250, 1000, 50000, 2000000);
    is_text(&out, "██████░░░░░░░░░░░░░░░░░░  25%  50,000 lines  25,000 lines/s  6 s left");
    gy_progress_line(&out, 1, 200, 10, 1000000);
    is_text(&out, "░░░░░░░░░░░░░░░░░░░░░░░░   0%  10 lines  10 lines/s  3 min 19 s left");
    gy_progress_line(&out, 250, 0, 50000, 2000000);
    is_text(&out, "50,000 lines  25,000 lines/s");
}

static void output_goes_into_the_file_that_is_there(void **state)
{
    (void)state;
    struct gy_error err = {0};
    struct gy_buf out = {0};
    char path[] = "/tmp/gyeol-test-XXXXXX";
    close(mkstemp(path));
    assert_ok(gy_output_write(path, GY_STR("text\n"), &err), &err);
    assert_ok(gy_file_read(path, &out, &err), &err);
    is_text(&out, "text\n");
    unlink(path);
    assert_ok(gy_output_write("/dev/null", GY_STR("text\n"), &err), &err);
    assert_int_equal(access("/dev/null", W_OK), 0);
    assert_int_equal(gy_output_write("/dev/full", GY_STR("text\n"), &err), GY_IO);
    assert_int_equal(gy_output_write("/no/such/folder/x", GY_STR("text\n"), &err), GY_IO);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(counts_are_grouped_by_thousands),
    cmocka_unit_test(one_is_not_many),
    cmocka_unit_test(money_is_that_of_its_currency),
    cmocka_unit_test(shares_and_sizes),
    cmocka_unit_test(what_comes_from_data_cannot_steer_the_terminal),
    cmocka_unit_test(wide_characters_take_two_columns_of_a_table),
    cmocka_unit_test(json_is_escaped_and_has_its_commas),
    cmocka_unit_test(progress_tells_rate_and_time_left),
    cmocka_unit_test(output_goes_into_the_file_that_is_there),
};

GY_TEST_MAIN(cases)
