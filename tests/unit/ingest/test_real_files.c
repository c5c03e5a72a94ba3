/* test_real_files.c - public data sets that the project does not carry, read from $GYEOL_TEST_DATA.
 *
 * The counts are the publishers' own. Without the variable nothing is tested, and that is said.
 */
#include "harness.h"

#include <string.h>

#include "base/intern.h"
#include "base/number.h"
#include "ingest/csv.h"
#include "ingest/time_format.h"

struct expected {
    const char *path;
    const char *encoding;
    char given_delimiter; /* 0: found */
    char delimiter;
    uint32_t n_rows; /* with the header */
    uint32_t n_cells;
    const char *last_header;
    uint32_t time_column;    /* from 0 */
    const char *time_format; /* NULL: no times */
};

static const struct expected files[] = {
    {"online_retail/online_retail_2010_2011.csv.gz", "UTF-8", 0, ',', 541910, 8, "Country", 4,
     "iso"},
    {"online_retail/online_retail_ii_2009_2010.csv.gz", "UTF-8", 0, ',', 525462, 8, "Country", 4,
     "iso"},
    {"cdnow/CDNOW_master.txt.gz", "UTF-8", ' ', ' ', 69660, 4, "dollar_value", 1, "compact"},
    {"cdnow/CDNOW_sample.txt", "UTF-8", ' ', ' ', 6919, 5, "29.33", 2, "compact"},
    {"cdnow/cdnow_customers_summary.csv", "UTF-8", 0, ',', 2358, 4, "T", 0, NULL},
    {"hillstrom/hillstrom.csv.gz", "UTF-8", 0, ',', 64001, 12, "spend", 0, NULL},
    {"clickstream/rees46_multicategory_2019-10-01.csv.gz", "UTF-8", 0, ',', 17435, 9,
     "user_session", 0, "iso"},
    {"clickstream/taobao_2017-11-26_two_hours.csv.gz", "UTF-8", 0, ',', 96169, 5, "timestamp", 4,
     "unix"},
    {"clickstream/taobao_users_nine_days.csv", "UTF-8", 0, ',', 10001, 5, "timestamp", 4, "unix"},
    {"clickstream/retailrocket_5000_visitors.csv", "UTF-8", 0, ',', 9386, 6, "datetime", 0,
     "unix-ms"},
    {"clickstream/retailrocket_5000_visitors.csv", "UTF-8", 0, ',', 9386, 6, "datetime", 5, "iso"},
    {"online_shoppers/online_shoppers_intention.csv.gz", "UTF-8", 0, ',', 12331, 18, "Revenue", 0,
     NULL},
    {"nsmc/reviews_rated_1_to_10.csv.gz", "UTF-8", 0, ',', 662405, 5, "review", 3, "iso"},
    {"nsmc/reviews_10000_cp949.csv", "CP949", 0, ',', 10001, 3, "긍정여부", 0, NULL},
};

static const char *folder(void)
{
    const char *dir = getenv("GYEOL_TEST_DATA");
    if (dir == NULL || dir[0] == '\0') {
        print_message("SKIPPED: GYEOL_TEST_DATA is not set, so no real file is read\n");
        skip();
    }
    return dir;
}

struct reader {
    struct gy_source *source;
    struct gy_csv *csv;
};

static void open_file(struct reader *r, const char *path, char delimiter)
{
    char whole[4096];
    struct gy_error err;
    snprintf(whole, sizeof whole, "%s/%s", folder(), path);
    assert_ok(gy_source_open(whole, NULL, &r->source, &err), &err);
    assert_ok(gy_csv_open(r->source, delimiter, &r->csv, &err), &err);
}

static bool next(struct reader *r, struct gy_row *row)
{
    struct gy_error err;
    bool has_row;
    assert_ok(gy_csv_next(r->csv, row, &has_row, &err), &err);
    return has_row;
}

static void close_file(struct reader *r)
{
    gy_csv_close(r->csv);
    gy_source_close(r->source);
}

static void check_file(const struct expected *file)
{
    struct reader r;
    struct gy_row row;
    struct gy_time_guess guess = {0};
    uint32_t n = 0;
    open_file(&r, file->path, file->given_delimiter);
    while (next(&r, &row)) {
        n++;
        assert_null(row.problem);
        if (row.n_cells != file->n_cells) {
            fail_msg("%s:%u has %u cells", file->path, row.line, row.n_cells);
        }
        if (n == 1) {
            assert_true(
                gy_str_equal(row.cells[row.n_cells - 1].text, gy_str_of(file->last_header)));
        } else if (file->time_format != NULL && guess.n < 10000) {
            gy_time_guess_add(&guess, row.cells[file->time_column].text);
        }
    }
    assert_int_equal(n, file->n_rows);
    assert_string_equal(gy_source_encoding(r.source), file->encoding);
    assert_int_equal(gy_csv_delimiter(r.csv), file->delimiter);
    assert_int_equal(gy_source_position(r.source), gy_source_size(r.source));
    if (file->time_format != NULL) {
        struct gy_time_format format;
        struct gy_error err;
        assert_ok(gy_time_guess_finish(&guess, &format, &err), &err);
        assert_string_equal(gy_time_format_name(&format), file->time_format);
    }
    close_file(&r);
}

static void every_file_has_its_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        check_file(&files[i]);
    }
}

/* Published: 541,909 lines, 4,372 customers, 135,080 lines without one, 25,900 invoices; first 2010-12-01
 * 08:26, last 2011-12-09 12:50; 32 descriptions hold a pound sign. */
static void online_retail(void **state)
{
    (void)state;
    struct reader r;
    struct gy_row row;
    struct gy_intern customers = {0};
    struct gy_intern invoices = {0};
    struct gy_time_format format = {.form = GY_TIME_ISO};
    uint32_t n_without = 0;
    uint32_t n_pounds = 0;
    int64_t first = INT64_MAX;
    int64_t last = INT64_MIN;
    open_file(&r, "online_retail/online_retail_2010_2011.csv.gz", 0);
    assert_true(next(&r, &row));
    while (next(&r, &row)) {
        int64_t ms;
        assert_true(gy_time_format_read(&format, NULL, row.cells[4].text, &ms));
        first = ms < first ? ms : first;
        last = ms > last ? ms : last;
        n_without += row.cells[6].text.len == 0;
        n_pounds += gy_str_contains(row.cells[2].text, GY_STR("£"));
        gy_intern_add(&invoices, row.cells[0].text);
        if (row.cells[6].text.len > 0) {
            gy_intern_add(&customers, row.cells[6].text);
        }
    }
    assert_int_equal(customers.n, 4372);
    assert_int_equal(invoices.n, 25900);
    assert_int_equal(n_without, 135080);
    assert_int_equal(n_pounds, 32);
    char text[GY_TIME_TEXT];
    gy_time_print(first, text);
    assert_string_equal(text, "2010-12-01T08:26:00.000Z");
    gy_time_print(last, text);
    assert_string_equal(text, "2011-12-09T12:50:00.000Z");
    gy_intern_release(&customers);
    gy_intern_release(&invoices);
    close_file(&r);
}

/* Published: 69,659 purchases of 23,570 customers, $2,500,315.63. */
static void cdnow(void **state)
{
    (void)state;
    struct reader r;
    struct gy_row row;
    struct gy_intern customers = {0};
    double cents = 0;
    open_file(&r, "cdnow/CDNOW_master.txt.gz", GY_CSV_BLANKS);
    assert_true(next(&r, &row));
    while (next(&r, &row)) {
        double amount;
        assert_true(gy_number_read(row.cells[3].text, &amount));
        cents += (double)(int64_t)(amount * 100 + 0.5);
        gy_intern_add(&customers, row.cells[0].text);
    }
    assert_int_equal(customers.n, 23570);
    assert_true(cents == 250031563);
    gy_intern_release(&customers);
    close_file(&r);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(every_file_has_its_rows),
    cmocka_unit_test(online_retail),
    cmocka_unit_test(cdnow),
};

GY_TEST_MAIN(cases)
