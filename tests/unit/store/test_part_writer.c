/* test_part_writer.c - every encoding: which one is chosen, and that values come back as they went. */
#include <float.h>
#include <math.h>
#include <unistd.h>

#include "part_fixture.h"

#include "base/arena.h"
#include "base/number.h"

enum {
    STREAM = 20,
    PROPERTY = 7
};

/* Writes `column` over as many customers as it has rows, opens and checks the part. */
static struct gy_part *part_of_column(struct gy_plain_column column, uint32_t n_rows,
                                      const struct gy_str *dictionary, uint32_t n_dictionary)
{
    struct gy_error err;
    struct gy_part_writer *w = fixture_writer();
    struct gy_plain_slice slice = fixture_slice(STREAM, n_rows);
    column.property = PROPERTY;
    slice.columns = &column;
    slice.n_columns = 1;
    assert_ok(gy_part_writer_dictionary(w, STREAM, PROPERTY, dictionary, n_dictionary, &err), &err);
    assert_ok(gy_part_writer_slice(w, &slice, &err), &err);
    fixture_release(&slice);
    struct gy_part *part = fixture_part(w);
    assert_ok(gy_part_check(part, &err), &err);
    return part;
}

static struct gy_column column_of(const struct gy_part *part)
{
    struct gy_error err;
    struct gy_column column;
    assert_ok(gy_part_column(part, gy_part_slice(part, 0), PROPERTY, &column, &err), &err);
    return column;
}

static struct gy_dictionary dictionary_of(const struct gy_part *part)
{
    struct gy_error err;
    struct gy_dictionary dictionary;
    assert_ok(gy_part_dictionary(part, STREAM, PROPERTY, &dictionary, &err), &err);
    return dictionary;
}

/* ---- numbers ---- */

static void check_numbers(const double *numbers, uint32_t n, enum gy_encoding encoding,
                          unsigned width, int scale)
{
    struct gy_plain_column plain = {.type = GY_VALUE_NUMBER, .numbers = numbers};
    struct gy_part *part = part_of_column(plain, n, NULL, 0);
    struct gy_column c = column_of(part);
    assert_int_equal(c.encoding, encoding);
    assert_int_equal(c.width, width);
    assert_int_equal(c.scale, scale);
    assert_null(c.present);
    double min = DBL_MAX;
    double max = -DBL_MAX;
    for (uint32_t i = 0; i < n; i++) {
        assert_true(gy_column_number(&c, i) == numbers[i]);
        assert_false(signbit(gy_column_number(&c, i)) && numbers[i] == 0);
        min = fmin(min, numbers[i]);
        max = fmax(max, numbers[i]);
    }
    assert_true(c.min_number == min);
    assert_true(c.max_number == max);
    gy_part_close(part);
}

#define CHECK_NUMBERS(encoding, width, scale, ...)                                           \
    do {                                                                                     \
        const double numbers_[] = {__VA_ARGS__};                                             \
        check_numbers(numbers_, sizeof numbers_ / sizeof *numbers_, encoding, width, scale); \
    } while (0)

static void whole_numbers_are_as_narrow_as_their_span(void **state)
{
    (void)state;
    CHECK_NUMBERS(GY_ENCODING_INT, 0, 0, 5, 5, 5);
    CHECK_NUMBERS(GY_ENCODING_INT, 0, 0, -0.0, 0.0);
    CHECK_NUMBERS(GY_ENCODING_INT, 1, 0, -100, 155);
    CHECK_NUMBERS(GY_ENCODING_INT, 2, 0, -100, 156);
    CHECK_NUMBERS(GY_ENCODING_INT, 2, 0, 1e6, 1e6 + 65535);
    CHECK_NUMBERS(GY_ENCODING_INT, 4, 0, 0, 65536);
    CHECK_NUMBERS(GY_ENCODING_INT, 4, 0, -1, 4294967294.0);
    CHECK_NUMBERS(GY_ENCODING_INT, 8, 0, -1, 4294967295.0);
    CHECK_NUMBERS(GY_ENCODING_INT, 8, 0, -9007199254740992.0, 9007199254740992.0);
    CHECK_NUMBERS(GY_ENCODING_INT, 0, 0, 9007199254740992.0);
}

static void zeros_that_all_end_with_are_dropped_where_it_narrows(void **state)
{
    (void)state;
    CHECK_NUMBERS(GY_ENCODING_INT, 1, -2, 100, 25600);
    CHECK_NUMBERS(GY_ENCODING_INT, 2, 0, 100, 25700);
    CHECK_NUMBERS(GY_ENCODING_INT, 2, -1, 0, 655350);
    CHECK_NUMBERS(GY_ENCODING_INT, 4, 0, 0, 655360);
    CHECK_NUMBERS(GY_ENCODING_INT, 2, -2, 0, 900, 6553500);
    CHECK_NUMBERS(GY_ENCODING_INT, 4, 0, 0, 901, 6553500);
    CHECK_NUMBERS(GY_ENCODING_INT, 1, -4, -1000000, 1000000);
    CHECK_NUMBERS(GY_ENCODING_INT, 1, -13, 0, 1e15);
    CHECK_NUMBERS(GY_ENCODING_INT, 0, 0, 1000, 1000);
    CHECK_NUMBERS(GY_ENCODING_INT, 2, 1, 0.5, 1000);
    CHECK_NUMBERS(GY_ENCODING_INT, 2, -11, -6000100000000000, 0); /* within 2^53 */
}

static void decimals_share_the_smallest_power_of_ten(void **state)
{
    (void)state;
    CHECK_NUMBERS(GY_ENCODING_INT, 2, 2, 0.01, 2.55, 7);
    CHECK_NUMBERS(GY_ENCODING_INT, 1, 1, 0.1, 0.2, 0.3);
    CHECK_NUMBERS(GY_ENCODING_INT, 4, 3, 1.005, 12345.5);
    CHECK_NUMBERS(GY_ENCODING_INT, 0, 15, 1e-15);
    CHECK_NUMBERS(GY_ENCODING_INT, 0, 6, 1e-6);
    CHECK_NUMBERS(GY_ENCODING_INT, 0, 15, 4.503599627370495);   /* below 2^52 × 10^-15 */
    CHECK_NUMBERS(GY_ENCODING_INT, 0, 1, 900719925474099.1);    /* below 2^53 tenths */
    CHECK_NUMBERS(GY_ENCODING_INT, 8, 2, 45035996273704.96, 1); /* past 2^52 hundredths */
}

static void what_is_no_short_decimal_is_a_double(void **state)
{
    (void)state;
    CHECK_NUMBERS(GY_ENCODING_DOUBLE, 8, 0, 1.0 / 3, 1);
    CHECK_NUMBERS(GY_ENCODING_DOUBLE, 8, 0, 1e-16);
    CHECK_NUMBERS(GY_ENCODING_DOUBLE, 8, 0, 1e300, -1e300, -0.0);
    CHECK_NUMBERS(GY_ENCODING_DOUBLE, 8, 0, 9007199254740994.0);
    /* Its shortest decimal is 9.007199254740993, past 2^53 × 10^-15. */
    CHECK_NUMBERS(GY_ENCODING_DOUBLE, 8, 0, 9.007199254740992);
    CHECK_NUMBERS(GY_ENCODING_DOUBLE, 8, 0, 1e15, 0.001); /* each fits, but not with one power */
    CHECK_NUMBERS(GY_ENCODING_DOUBLE, 8, 0, 5e-324, 1.7976931348623157e308);
}

/* The raw value must be the digits of the shortest decimal, not some neighbour that also reads as
 * the double: sums are of these decimals. */
static void raw_values_are_the_digits_of_the_shortest_decimal(void **state)
{
    (void)state;
    uint64_t random = gy_test_seed();
    for (int i = 0; i < 20000; i++) {
        int exponent = -(int)gy_test_below(&random, 16);
        uint64_t bound = UINT64_C(1) << (1 + gy_test_below(&random, 53));
        double number = gy_number_join((__int128)gy_test_below(&random, bound), exponent);
        int64_t digits;
        int split;
        gy_number_split(number, &digits, &split);
        struct gy_plain_column plain = {.type = GY_VALUE_NUMBER, .numbers = &number};
        struct gy_part *part = part_of_column(plain, 1, NULL, 0);
        struct gy_column c = column_of(part);
        assert_int_equal(c.encoding, GY_ENCODING_INT);
        assert_int_equal(c.scale, split < 0 ? -split : 0);
        assert_true(gy_column_number(&c, 0) == number);
        assert_true(split >= 0 || gy_column_int(&c, 0) == digits);
        gy_part_close(part);
    }
}

static void random_doubles_come_back(void **state)
{
    (void)state;
    uint64_t random = gy_test_seed();
    double numbers[300];
    for (int round = 0; round < 100; round++) {
        for (int i = 0; i < 300; i++) {
            uint64_t bits = gy_test_random(&random);
            memcpy(&numbers[i], &bits, sizeof bits);
            numbers[i] = isfinite(numbers[i]) ? numbers[i] : 1;
        }
        check_numbers(numbers, 300, GY_ENCODING_DOUBLE, 8, 0);
    }
}

/* ---- presence ---- */

static void missing_rows_stay_missing(void **state)
{
    (void)state;
    for (uint32_t n = 1; n <= 130; n += 3) {
        double numbers[130];
        uint64_t present[3] = {UINT64_C(0x5555555555555555), UINT64_C(0x5555555555555555),
                               UINT64_MAX}; /* with bits past the last row, which do not count */
        for (uint32_t i = 0; i < n; i++) {
            numbers[i] = i % 2 == 0 || i >= 128 ? 10.5 + i : (double)NAN;
        }
        struct gy_plain_column plain = {
            .type = GY_VALUE_NUMBER, .numbers = numbers, .present = present};
        struct gy_part *part = part_of_column(plain, n, NULL, 0);
        struct gy_column c = column_of(part);
        for (uint32_t i = 0; i < n; i++) {
            bool is_there = i % 2 == 0 || i >= 128;
            assert_int_equal(gy_column_is_present(&c, i), is_there);
            assert_true(!is_there || gy_column_number(&c, i) == 10.5 + i);
        }
        assert_true(c.min_number == 10.5);
        gy_part_close(part);
    }
}

static void a_column_of_nothing_is_left_out(void **state)
{
    (void)state;
    const uint64_t present[1] = {UINT64_C(1) << 5}; /* past the rows */
    const double numbers[5] = {0};
    struct gy_plain_column plain = {
        .type = GY_VALUE_NUMBER, .numbers = numbers, .present = present};
    struct gy_part *part = part_of_column(plain, 5, NULL, 0);
    assert_int_equal(gy_part_n_properties(part, gy_part_slice(part, 0)), 0);
    struct gy_column c = column_of(part);
    assert_int_equal(c.encoding, GY_ENCODING_NONE);
    assert_int_equal(c.n_rows, 5);
    assert_false(gy_column_is_present(&c, 0));
    gy_part_close(part);
}

/* ---- booleans and times ---- */

static void booleans_and_times_are_whole_numbers(void **state)
{
    (void)state;
    const int64_t booleans[4] = {1, 0, 0, 1};
    struct gy_plain_column plain = {.type = GY_VALUE_BOOL, .ints = booleans};
    struct gy_part *part = part_of_column(plain, 4, NULL, 0);
    struct gy_column c = column_of(part);
    assert_int_equal(c.width, 1);
    struct gy_value value;
    gy_column_value(&c, NULL, 3, NULL, &value);
    assert_int_equal(value.type, GY_VALUE_BOOL);
    assert_true(value.boolean);
    gy_part_close(part);

    const int64_t times[4] = {INT64_MIN, INT64_MAX, 0, -1};
    plain = (struct gy_plain_column){.type = GY_VALUE_TIME, .ints = times};
    part = part_of_column(plain, 4, NULL, 0);
    c = column_of(part);
    assert_int_equal(c.width, 8);
    for (uint32_t i = 0; i < 4; i++) {
        gy_column_value(&c, NULL, i, NULL, &value);
        assert_int_equal(value.type, GY_VALUE_TIME);
        assert_true(value.time_ms == times[i]);
    }
    gy_part_close(part);
}

static void check_unit(const int64_t *times, uint32_t n, uint8_t unit, uint8_t width)
{
    static const uint64_t all_but_the_second[1] = {~UINT64_C(2)};
    for (int has_gap = 0; has_gap < 2; has_gap++) {
        struct gy_plain_column plain = {
            .type = GY_VALUE_TIME, .ints = times, .present = has_gap ? all_but_the_second : NULL};
        struct gy_part *part = part_of_column(plain, n, NULL, 0);
        struct gy_column c = column_of(part);
        assert_int_equal(c.unit, unit);
        assert_int_equal(c.width, width);
        assert_int_equal(c.scale, 0);
        for (uint32_t i = 0; i < n; i++) {
            assert_int_equal(gy_column_is_present(&c, i), !has_gap || i != 1);
            assert_true((has_gap && i == 1) || gy_column_int(&c, i) == times[i]);
        }
        gy_part_close(part);
    }
}

#define CHECK_UNIT(unit, width, ...)                                     \
    do {                                                                 \
        const int64_t times_[] = {__VA_ARGS__};                          \
        check_unit(times_, sizeof times_ / sizeof *times_, unit, width); \
    } while (0)

/* Units: ms, seconds, minutes, hours, days. The least with which values are narrowest. */
static void times_count_what_they_are_apart(void **state)
{
    (void)state;
    const int64_t day = 86400000;
    const int64_t seoul = -9 * INT64_C(3600000); /* its midnights, in UTC */
    CHECK_UNIT(4, 2, seoul - 9000 * day, seoul + 70 * day, seoul + 11000 * day);
    CHECK_UNIT(2, 4, 5, 5 + 2 * day, 5 + 70000 * day);     /* days are not narrower than minutes */
    CHECK_UNIT(1, 4, -7000, 1000, INT64_C(1760000000000)); /* ms would need 8 bytes */
    CHECK_UNIT(2, 1, 0, 120000, 60000 * 255);              /* 255 minutes; seconds would need 2 */
    CHECK_UNIT(3, 1, 7, 7, 7 + 255 * INT64_C(3600000));
    CHECK_UNIT(0, 1, 250, 1, 0);
    CHECK_UNIT(0, 4, 0, 1, 86399999); /* no unit but ms */
    CHECK_UNIT(0, 0, day, day, day);
    CHECK_UNIT(0, 8, INT64_MIN, 0, INT64_MAX);
    CHECK_UNIT(4, 4, INT64_MIN, INT64_MIN + 1000 * day, INT64_MIN + UINT32_MAX * day);
    CHECK_UNIT(0, 8, INT64_MIN, INT64_MIN + day, INT64_MIN + (INT64_C(1) + UINT32_MAX) * day);
}

/* ---- strings ---- */

static void strings_are_codes_of_a_dictionary(void **state)
{
    (void)state;
    const struct gy_str dictionary[3] = {GY_STR(""), GY_STR("a\0b"), GY_STR("결")};
    const uint32_t codes[5] = {2, 99, 0, 1, 2};
    const uint64_t present[1] = {0x1D};
    struct gy_plain_column plain = {.type = GY_VALUE_STRING, .codes = codes, .present = present};
    struct gy_part *part = part_of_column(plain, 5, dictionary, 3);
    struct gy_column c = column_of(part);
    struct gy_dictionary d = dictionary_of(part);
    assert_int_equal(c.encoding, GY_ENCODING_CODE);
    assert_int_equal(c.width, 1);
    assert_int_equal(d.n, 3);
    assert_int_equal(c.min_int, 0);
    assert_int_equal(c.max_int, 2);
    for (uint32_t i = 0; i < 5; i++) {
        struct gy_value value;
        gy_column_value(&c, &d, i, NULL, &value);
        assert_int_equal(value.type, i == 1 ? GY_VALUE_MISSING : GY_VALUE_STRING);
        assert_true(i == 1 || gy_str_equal(value.string, dictionary[codes[i]]));
    }
    gy_part_close(part);
}

static void codes_are_as_narrow_as_they_fit(void **state)
{
    (void)state;
    enum {
        N = 65537
    };
    struct gy_arena arena = {0};
    struct gy_str *dictionary = GY_NEW_ARRAY(&arena, struct gy_str, N);
    for (uint32_t i = 0; i < N; i++) {
        char text[16];
        int len = snprintf(text, sizeof text, "%06u", i);
        dictionary[i] = gy_arena_str(&arena, (struct gy_str){text, (size_t)len});
    }
    const uint32_t largest[3] = {255, 256, 65536};
    const uint32_t widths[3] = {1, 2, 4};
    for (int i = 0; i < 3; i++) {
        const uint32_t codes[2] = {largest[i], 1};
        struct gy_plain_column plain = {.type = GY_VALUE_STRING, .codes = codes};
        struct gy_part *part = part_of_column(plain, 2, dictionary, N);
        struct gy_column c = column_of(part);
        struct gy_dictionary d = dictionary_of(part);
        assert_int_equal(c.width, widths[i]);
        struct gy_value value;
        gy_column_value(&c, &d, 0, NULL, &value);
        assert_true(gy_str_equal(value.string, dictionary[largest[i]]));
        gy_part_close(part);
    }
    gy_arena_release(&arena);
}

static void strings_without_a_dictionary_stand_themselves(void **state)
{
    (void)state;
    const struct gy_str strings[4] = {GY_STR("one"), {0}, GY_STR("two"), GY_STR("결")};
    const uint64_t present[1] = {0xB};
    struct gy_plain_column plain = {
        .type = GY_VALUE_STRING, .strings = strings, .present = present};
    struct gy_part *part = part_of_column(plain, 4, NULL, 0);
    struct gy_column c = column_of(part);
    assert_int_equal(c.encoding, GY_ENCODING_TEXT);
    for (uint32_t i = 0; i < 4; i++) {
        struct gy_value value;
        gy_column_value(&c, NULL, i, NULL, &value);
        assert_int_equal(value.type, i == 2 ? GY_VALUE_MISSING : GY_VALUE_STRING);
        assert_true(i == 2 || gy_str_equal(value.string, strings[i]));
    }
    gy_part_close(part);
}

/* Writes the texts ("" is missing), reads them back; how many bytes the column took. */
static uint64_t bytes_of_texts(const char *const *texts, uint32_t n)
{
    struct gy_arena arena = {0};
    struct gy_str *strings = GY_NEW_ARRAY(&arena, struct gy_str, n);
    uint64_t *present = GY_NEW_ARRAY(&arena, uint64_t, n / 64 + 1);
    for (uint32_t i = 0; i < n; i++) {
        strings[i] = gy_str_of(texts[i]);
        present[i / 64] |= (uint64_t)(texts[i][0] != '\0') << i % 64;
    }
    struct gy_plain_column plain = {
        .type = GY_VALUE_STRING, .strings = strings, .present = present};
    struct gy_part *part = part_of_column(plain, n, NULL, 0);
    for (int pass = 0; pass < 2; pass++) {
        struct gy_column c = column_of(part);
        assert_int_equal(c.encoding, GY_ENCODING_TEXT);
        for (uint32_t i = 0; i < n; i++) {
            struct gy_value value;
            gy_column_value(&c, NULL, i, NULL, &value);
            assert_int_equal(value.type, texts[i][0] == '\0' ? GY_VALUE_MISSING : GY_VALUE_STRING);
            assert_true(texts[i][0] == '\0' || gy_str_equal(value.string, strings[i]));
        }
    }
    uint64_t bytes = gy_part_column_bytes(part, gy_part_slice(part, 0),
                                          gy_part_property(part, gy_part_slice(part, 0), 0));
    gy_part_close(part);
    gy_arena_release(&arena);
    return bytes;
}

#define BYTES_OF_TEXTS(...)                            \
    bytes_of_texts((const char *const[]){__VA_ARGS__}, \
                   sizeof(const char *const[]){__VA_ARGS__} / sizeof(const char *))

/* 64 bytes each: presence where one is missing, numbers where they differ, the pattern; or starts and texts. */
static void texts_that_differ_in_digits_are_numbers(void **state)
{
    (void)state;
    assert_int_equal(BYTES_OF_TEXTS("o000012345", "o000000001", "o999999999"), 128);
    assert_int_equal(BYTES_OF_TEXTS("o1", "", "o2"), 192);
    assert_int_equal(BYTES_OF_TEXTS("a7", "a7"), 64);
    assert_int_equal(BYTES_OF_TEXTS("결-1", "결-9"), 128);
    assert_int_equal(BYTES_OF_TEXTS("2025-12-13 04:23:11", "2018-01-02 00:00:00"), 128);
    assert_int_equal(BYTES_OF_TEXTS("999999999999999999", "000000000000000000"), 128);
    assert_int_equal(BYTES_OF_TEXTS("9999999999999999999", "0000000000000000000"), 128); /* TEXT */
    const char *many[300];
    char texts[300][8];
    for (int i = 0; i < 300; i++) {
        snprintf(texts[i], sizeof texts[i], "x%05d", 1000 + i);
        many[i] = texts[i];
    }
    assert_int_equal(bytes_of_texts(many, 300), 640 + 64); /* 2 bytes each */
    many[299] = "x010";
    assert_int_equal(bytes_of_texts(many, 300), 1216 + 1856); /* starts, and 6 bytes each */
}

static void lists_are_runs_of_codes(void **state)
{
    (void)state;
    const struct gy_str dictionary[3] = {GY_STR("a"), GY_STR("b"), GY_STR("c")};
    const uint32_t codes[4] = {2, 0, 1, 1};
    const uint32_t starts[5] = {0, 2, 2, 2, 4};
    const uint64_t present[1] = {0xB}; /* row 1 is an empty list, row 2 is missing */
    struct gy_plain_column plain = {
        .type = GY_VALUE_LIST, .codes = codes, .list_starts = starts, .present = present};
    struct gy_part *part = part_of_column(plain, 4, dictionary, 3);
    struct gy_column c = column_of(part);
    struct gy_dictionary d = dictionary_of(part);
    struct gy_arena arena = {0};
    struct gy_value value;
    gy_column_value(&c, &d, 0, &arena, &value);
    assert_int_equal(value.list.n, 2);
    assert_true(gy_str_equal(value.list.strings[0], GY_STR("c")));
    assert_true(gy_str_equal(value.list.strings[1], GY_STR("a")));
    gy_column_value(&c, &d, 1, &arena, &value);
    assert_int_equal(value.type, GY_VALUE_LIST);
    assert_int_equal(value.list.n, 0);
    gy_column_value(&c, &d, 2, &arena, &value);
    assert_int_equal(value.type, GY_VALUE_MISSING);
    gy_column_value(&c, &d, 3, &arena, &value);
    assert_int_equal(value.list.n, 2);
    gy_arena_release(&arena);
    gy_part_close(part);
}

/* ---- misfits ---- */

enum {
    N_VIEWS = 4000,
    N_PRODUCTS = 300
};

/* Views of products: number, brand (a code), price, seconds; the last are of each view. */
struct views {
    double products[N_VIEWS];
    uint32_t brands[N_VIEWS];
    double prices[N_VIEWS];
    double seconds[N_VIEWS];
    uint64_t has_product[N_VIEWS / 64 + 1];
    uint64_t has_brand[N_VIEWS / 64 + 1];
    struct gy_str names[N_PRODUCTS];
    char bytes[N_PRODUCTS][8];
};

static void make_views(struct views *v, uint64_t *random)
{
    memset(v, 0, sizeof *v);
    for (uint32_t i = 0; i < N_PRODUCTS; i++) {
        v->names[i] = (struct gy_str){
            v->bytes[i], (size_t)snprintf(v->bytes[i], sizeof v->bytes[i], "b%04u", i)};
    }
    for (uint32_t i = 0; i < N_VIEWS; i++) {
        uint32_t product =
            i < 2 ? i * (N_PRODUCTS - 1) : (uint32_t)gy_test_below(random, N_PRODUCTS);
        bool has_product = i < 2 || gy_test_below(random, 10) > 0;
        bool has_brand = has_product && (i < 2 || gy_test_below(random, 10) > 0);
        v->products[i] = 1000 + product;
        v->brands[i] = product;
        v->prices[i] = 1000 + product * product;
        v->seconds[i] = (double)gy_test_below(random, 60000);
        v->has_product[i / 64] |= (uint64_t)has_product << i % 64;
        v->has_brand[i / 64] |= (uint64_t)has_brand << i % 64;
    }
}

static struct gy_part *part_of_views(const struct views *v)
{
    struct gy_error err;
    const uint32_t misfit_rows[1] = {64};
    const struct gy_str misfits[1] = {GY_STR("\"?\"")};
    const struct gy_plain_column columns[4] = {
        {.property = 1, .type = GY_VALUE_NUMBER, .numbers = v->products, .present = v->has_product},
        {.property = 2,
         .type = GY_VALUE_STRING,
         .codes = v->brands,
         .present = v->has_brand,
         .n_misfits =
             gy_column_is_present(
                 &(struct gy_column){.encoding = GY_ENCODING_INT, .present = v->has_brand}, 64)
                 ? 0
                 : 1,
         .misfit_rows = misfit_rows,
         .misfits = misfits},
        {.property = 3, .type = GY_VALUE_NUMBER, .numbers = v->prices, .present = v->has_product},
        {.property = 4, .type = GY_VALUE_NUMBER, .numbers = v->seconds}};
    struct gy_plain_slice slice = fixture_slice(STREAM, N_VIEWS);
    slice.columns = columns;
    slice.n_columns = 4;
    struct gy_part_writer *w = fixture_writer();
    assert_ok(gy_part_writer_dictionary(w, STREAM, 2, v->names, N_PRODUCTS, &err), &err);
    assert_ok(gy_part_writer_slice(w, &slice, &err), &err);
    fixture_release(&slice);
    return fixture_part(w);
}

static bool is_set(const uint64_t *bits, uint32_t i)
{
    return (bits[i / 64] >> i % 64 & 1) != 0;
}

/* What a product tells takes as much as there are products. */
static void what_another_property_tells_is_a_table(void **state)
{
    (void)state;
    static struct views v;
    uint64_t random = gy_test_seed();
    struct gy_error err;
    struct gy_column c[4];
    make_views(&v, &random);
    struct gy_part *part = part_of_views(&v);
    const struct gy_slice *slice = gy_part_slice(part, 0);
    assert_ok(gy_part_check(part, &err), &err);
    for (uint32_t p = 4; p > 0; p--)
        assert_ok(gy_part_column(part, slice, p, &c[p - 1], &err), &err);
    for (uint32_t i = 0; i < N_VIEWS; i++) {
        assert_int_equal(gy_column_is_present(&c[0], i), is_set(v.has_product, i));
        assert_int_equal(gy_column_is_present(&c[1], i), is_set(v.has_brand, i));
        assert_true(gy_column_number(&c[3], i) == v.seconds[i]);
        if (is_set(v.has_brand, i))
            assert_int_equal(gy_column_raw(&c[1], i), v.brands[i]);
        if (is_set(v.has_product, i))
            assert_true(gy_column_number(&c[0], i) == v.products[i] &&
                        gy_column_number(&c[2], i) == v.prices[i]);
    }
    uint64_t presence = 512;
    assert_int_equal(gy_part_column_bytes(part, slice, 1), presence + N_VIEWS * 2);
    assert_true(gy_part_column_bytes(part, slice, 2) <= presence + 640 + 3 * 64);
    assert_int_equal(gy_part_column_bytes(part, slice, 3), presence + 1216);
    assert_int_equal(gy_part_column_bytes(part, slice, 4), N_VIEWS * 2);
    gy_part_close(part);
    /* One row says otherwise. */
    v.prices[1] += 1;
    v.has_product[0] |= 3;
    v.prices[0] = v.prices[1] = 5;
    v.products[0] = v.products[1] = 1000 + N_PRODUCTS - 1;
    v.prices[0] = 6;
    part = part_of_views(&v);
    slice = gy_part_slice(part, 0);
    assert_true(gy_part_column_bytes(part, slice, 3) > N_VIEWS * 2);
    gy_part_close(part);
}

static void misfits_are_kept_as_json(void **state)
{
    (void)state;
    const double numbers[3] = {1, 0, 0};
    const uint64_t present[1] = {1};
    const uint32_t rows[2] = {1, 2};
    const struct gy_str misfits[2] = {GY_STR("\"old\""), GY_STR("[\"a\"]")};
    struct gy_plain_column plain = {.type = GY_VALUE_NUMBER,
                                    .numbers = numbers,
                                    .present = present,
                                    .n_misfits = 2,
                                    .misfit_rows = rows,
                                    .misfits = misfits};
    struct gy_part *part = part_of_column(plain, 3, NULL, 0);
    struct gy_column c = column_of(part);
    assert_int_equal(c.n_misfits, 2);
    assert_false(gy_column_is_present(&c, 1));
    for (uint32_t i = 0; i < 2; i++) {
        struct gy_str text = {c.misfit_bytes + c.misfit_starts[i],
                              c.misfit_starts[i + 1] - c.misfit_starts[i]};
        assert_int_equal(c.misfit_rows[i], rows[i]);
        assert_true(gy_str_equal(text, misfits[i]));
    }
    gy_part_close(part);

    plain.present = (const uint64_t[1]){0}; /* nothing fits: the column is there for its misfits */
    part = part_of_column(plain, 3, NULL, 0);
    c = column_of(part);
    assert_int_equal(c.encoding, GY_ENCODING_NONE);
    assert_int_equal(c.type, GY_VALUE_NUMBER);
    assert_int_equal(c.n_misfits, 2);
    assert_false(gy_column_is_present(&c, 0));
    gy_part_close(part);
}

/* ---- rows of customers ---- */

static void a_full_block_needs_no_list_of_customers(void **state)
{
    (void)state;
    struct gy_error err;
    struct gy_part_writer *w = fixture_writer();
    struct gy_plain_slice slice = fixture_slice(GY_STREAM_EXISTENCE, GY_BLOCK_SIZE);
    assert_ok(gy_part_writer_slice(w, &slice, &err), &err);
    fixture_release(&slice);
    struct gy_part *part = fixture_part(w);
    assert_ok(gy_part_check(part, &err), &err);
    struct gy_runs runs;
    assert_ok(gy_part_runs(part, gy_part_slice(part, 0), &runs, &err), &err);
    assert_null(runs.customers);
    assert_null(runs.starts);
    uint32_t first;
    uint32_t end;
    assert_true(gy_runs_find(&runs, 65535, &first, &end));
    assert_int_equal(first, 65535);
    assert_int_equal(end, 65536);
    gy_part_close(part);
}

/* Of what has always been there no times are kept: the slice's entry says it. */
static void times_of_always_are_left_out(void **state)
{
    (void)state;
    for (int is_later = 0; is_later < 2; is_later++) {
        struct gy_error err;
        struct gy_part_writer *w = fixture_writer();
        struct gy_plain_slice slice = fixture_slice(STREAM, 1000);
        uint32_t *codes = gy_alloc_zero(1000, sizeof *codes);
        free((void *)(uintptr_t)slice.codes);
        slice.codes = codes;
        codes[500] = is_later ? 1 : GY_CODE_ALWAYS;
        assert_ok(gy_part_writer_slice(w, &slice, &err), &err);
        struct gy_part *part = fixture_part(w);
        const struct gy_slice *s = gy_part_slice(part, 0);
        struct gy_times times;
        assert_ok(gy_part_check(part, &err), &err);
        assert_ok(gy_part_times(part, s, &times, &err), &err);
        assert_memory_equal(times.codes, codes, 1000 * sizeof *codes);
        assert_int_equal(gy_part_rows_bytes(part, s), is_later ? 2048 + 4032 : 2048);
        fixture_release(&slice);
        gy_part_close(part);
    }
}

static void times_left_out_lie_as_others_do(void **state)
{
    (void)state;
    struct gy_error err;
    struct gy_part_writer *w = fixture_writer();
    struct gy_plain_slice slice = fixture_slice(STREAM, GY_BLOCK_SIZE);
    uint32_t *codes = gy_alloc_zero(GY_BLOCK_SIZE, sizeof *codes);
    free((void *)(uintptr_t)slice.codes);
    slice.codes = codes;
    assert_ok(gy_part_writer_slice(w, &slice, &err), &err);
    struct gy_part *part = fixture_part(w);
    struct gy_times times;
    assert_ok(gy_part_times(part, gy_part_slice(part, 0), &times, &err), &err);
    assert_int_equal((uintptr_t)times.codes % 64, 0);
    uint8_t behind[64];
    memcpy(behind, times.codes + GY_BLOCK_SIZE, sizeof behind); /* the sanitizer looks on */
    assert_memory_equal(times.codes, codes, GY_BLOCK_SIZE * sizeof *codes);
    fixture_release(&slice);
    gy_part_close(part);
}

/* There may be so many rows of it that it pays no more to say so: more than a block has customers. */
static void many_times_of_always_are_kept(void **state)
{
    enum {
        N = GY_BLOCK_SIZE + 1
    };
    (void)state;
    struct gy_error err;
    const uint16_t customers[1] = {7};
    const uint32_t starts[2] = {0, N};
    uint32_t *codes = gy_alloc_zero(N, sizeof *codes);
    struct gy_plain_slice slice = {.stream = STREAM,
                                   .n_rows = N,
                                   .n_customers = 1,
                                   .customers = customers,
                                   .starts = starts,
                                   .codes = codes};
    struct gy_part_writer *w = fixture_writer();
    assert_ok(gy_part_writer_slice(w, &slice, &err), &err);
    struct gy_part *part = fixture_part(w);
    struct gy_times times;
    assert_ok(gy_part_check(part, &err), &err);
    assert_ok(gy_part_times(part, gy_part_slice(part, 0), &times, &err), &err);
    assert_memory_equal(times.codes, codes, N * sizeof *codes);
    free(codes);
    gy_part_close(part);
}

/* A part of `n` calls of one customer; `at[i]` is the second of the i-th. */
static struct gy_part *part_of_calls(const uint64_t *fingerprints, const uint32_t *at, uint32_t n,
                                     bool is_as_written)
{
    struct gy_error err;
    struct gy_arena arena = {0};
    const uint16_t customers[1] = {7};
    const uint32_t starts[2] = {0, n};
    uint32_t *codes = GY_NEW_ARRAY(&arena, uint32_t, n);
    for (uint32_t i = 0; i < n; i++) {
        codes[i] = GY_CODE_1970 + at[i];
    }
    struct gy_plain_slice slice = {.stream = STREAM,
                                   .n_rows = n,
                                   .n_customers = 1,
                                   .customers = customers,
                                   .starts = starts,
                                   .codes = codes,
                                   .fingerprints = fingerprints,
                                   .is_as_written = is_as_written};
    struct gy_part_writer *w = fixture_writer();
    assert_ok(gy_part_writer_slice(w, &slice, &err), &err);
    gy_arena_release(&arena);
    struct gy_part *part = fixture_part(w);
    assert_ok(gy_part_check(part, &err), &err);
    return part;
}

enum {
    N_CALLS = 2000
};

static unsigned width_of_calls(const uint64_t *fingerprints, uint32_t n_at_once, bool is_as_written)
{
    static uint32_t at[N_CALLS];
    struct gy_error err;
    struct gy_fingerprints f;
    for (uint32_t i = 0; i < N_CALLS; i++) {
        at[i] = i / n_at_once;
    }
    struct gy_part *part = part_of_calls(fingerprints, at, N_CALLS, is_as_written);
    assert_ok(gy_part_fingerprints(part, gy_part_slice(part, 0), &f, &err), &err);
    unsigned width = f.width;
    for (uint32_t i = 0; i < N_CALLS; i++) {
        uint64_t stored = gy_fingerprint_at(&f, i);
        assert_int_equal(stored >> 56, width == 8 ? fingerprints[i] >> 56 : width);
        assert_int_equal((stored ^ fingerprints[i]) << (64 - 8 * width), 0);
    }
    gy_part_close(part);
    return width;
}

/* 10^9 calls, each held against k others of its time, are 10^9 k 2^-8w wrong ones: below 10^-6 with 5 bytes
 * for k to 0.001, with 6 to 0.28, with 7 to 72. */
static void fingerprints_have_the_bytes_they_need(void **state)
{
    (void)state;
    static uint64_t fingerprints[N_CALLS];
    uint64_t random = gy_test_seed();
    for (uint32_t i = 0; i < N_CALLS; i++) {
        fingerprints[i] = gy_test_random(&random) | GY_FINGERPRINT_WHOLE;
    }
    assert_int_equal(width_of_calls(fingerprints, 1, true), 5);
    assert_int_equal(width_of_calls(fingerprints, 2, true), 7);
    assert_int_equal(width_of_calls(fingerprints, 70, true), 7);
    assert_int_equal(width_of_calls(fingerprints, 100, true), 8);
    assert_int_equal(width_of_calls(fingerprints, 1, false), 8);
    fingerprints[3] = gy_fingerprint_cut(fingerprints[3], 6);
    assert_int_equal(width_of_calls(fingerprints, 1, false), 8);
    assert_int_equal(width_of_calls(fingerprints, 100, true), 6);
}

static void rows_are_found_by_customer(void **state)
{
    (void)state;
    struct gy_error err;
    const uint16_t customers[3] = {3, 9, 65535};
    const uint32_t starts[4] = {0, 2, 3, 6};
    const uint32_t codes[6] = {GY_CODE_ALWAYS,   GY_CODE_1970 + 5, GY_CODE_1970 + 9,
                               GY_CODE_1970 + 7, GY_CODE_1970 + 7, GY_CODE_1970 + 8};
    const uint32_t millis[6] = {0, 1, 0, 0, 999, 3};
    const uint32_t ranks[6] = {0, 0, 0, 0, 70000, 0};
    const uint64_t whole = GY_FINGERPRINT_WHOLE;
    const uint64_t fingerprints[6] = {whole | 1, 0, whole | 3, whole | 4, whole | 5, UINT64_MAX};
    struct gy_plain_slice slice = {.block_no = 2,
                                   .stream = STREAM,
                                   .n_rows = 6,
                                   .n_customers = 3,
                                   .customers = customers,
                                   .starts = starts,
                                   .codes = codes,
                                   .millis = millis,
                                   .ranks = ranks,
                                   .fingerprints = fingerprints,
                                   .min_written_ms = -5,
                                   .max_written_ms = 12345678901,
                                   .is_as_written = true};
    struct gy_part_writer *w = fixture_writer();
    assert_ok(gy_part_writer_slice(w, &slice, &err), &err);
    struct gy_part *part = fixture_part(w);
    assert_ok(gy_part_check(part, &err), &err);
    const struct gy_slice *s = gy_part_find(part, 2, STREAM);
    assert_non_null(s);
    assert_null(gy_part_find(part, 2, STREAM + 1));
    assert_null(gy_part_find(part, 1, STREAM));
    assert_null(gy_part_find(part, 3, STREAM));
    assert_int_equal(s->min_code, 0);
    assert_int_equal(s->max_code, GY_CODE_1970 + 9);
    assert_true(s->min_written_ms == -5 && s->max_written_ms == 12345678901);
    assert_true(s->is_as_written);
    assert_int_equal(gy_part_n_rows(part, STREAM), 6);
    struct gy_runs runs;
    struct gy_times times;
    struct gy_column rank;
    struct gy_fingerprints prints;
    assert_ok(gy_part_runs(part, s, &runs, &err), &err);
    assert_ok(gy_part_times(part, s, &times, &err), &err);
    assert_ok(gy_part_ranks(part, s, &rank, &err), &err);
    assert_ok(gy_part_fingerprints(part, s, &prints, &err), &err);
    uint32_t first;
    uint32_t end;
    assert_true(gy_runs_find(&runs, 65535, &first, &end));
    assert_int_equal(first, 3);
    assert_int_equal(end, 6);
    assert_false(gy_runs_find(&runs, 4, &first, &end));
    assert_false(gy_runs_find(&runs, 65534, &first, &end));
    assert_memory_equal(times.codes, codes, sizeof codes);
    assert_null(times.day_millis);
    for (uint32_t row = 0; row < 6; row++) {
        assert_int_equal(gy_times_millis(&times, row), millis[row]);
    }
    assert_int_equal(gy_column_int(&rank, 4), 70000);
    for (uint32_t row = 0; row < 6; row++) {
        uint64_t stored = gy_fingerprint_at(&prints, row);
        assert_int_equal(stored != 0, fingerprints[row] != 0);
        assert_true(stored == 0 || gy_fingerprint_is(stored, fingerprints[row], true));
        assert_false(gy_fingerprint_is(stored, fingerprints[row], false));
        assert_false(gy_fingerprint_is(stored, fingerprints[row] ^ 2, true));
    }
    assert_true(gy_times_ms(&times, 0) == GY_TIME_ALWAYS_MS);
    assert_true(gy_times_ms(&times, 4) == 7999);
    gy_part_close(part);
}

static void data_lies_on_64_bytes_with_64_behind(void **state)
{
    (void)state;
    struct gy_error err;
    const double numbers[3] = {1, 2, 1e300};
    struct gy_plain_column plain = {.type = GY_VALUE_NUMBER, .numbers = numbers};
    struct gy_part *part = part_of_column(plain, 3, NULL, 0);
    struct gy_column c = column_of(part);
    struct gy_times times;
    assert_ok(gy_part_times(part, gy_part_slice(part, 0), &times, &err), &err);
    assert_int_equal((uintptr_t)c.data % 64, 0);
    assert_int_equal((uintptr_t)times.codes % 64, 0);
    assert_null(times.millis);
    uint8_t behind[64];
    memcpy(behind, (const double *)c.data + 3, sizeof behind); /* the sanitizer looks on */
    gy_part_close(part);
}

/* ---- files ---- */

static void a_file_reads_like_memory(void **state)
{
    (void)state;
    struct gy_error err;
    char dir[] = "/tmp/gyeol-part-XXXXXX";
    assert_non_null(mkdtemp(dir));
    char path[64];
    snprintf(path, sizeof path, "%s/a.part", dir);
    struct gy_part_writer *w;
    assert_ok(gy_part_writer_new(path, &w, &err), &err);
    struct gy_plain_slice slice = fixture_slice(STREAM, 3);
    assert_ok(gy_part_writer_slice(w, &slice, &err), &err);
    assert_int_not_equal(access(path, F_OK), 0);
    assert_ok(gy_part_writer_finish(w, &err), &err);
    struct gy_part *part;
    assert_ok(gy_part_open(path, &part, &err), &err);
    assert_ok(gy_part_check(part, &err), &err);
    assert_string_equal(gy_part_label(part), path);
    assert_int_equal(gy_part_n_slices(part), 1);
    gy_part_close(part);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(gy_part_open(path, &part, &err), GY_IO);
    assert_null(part);

    assert_ok(gy_part_writer_new(path, &w, &err), &err);
    assert_ok(gy_part_writer_slice(w, &slice, &err), &err);
    gy_part_writer_abandon(w);
    assert_int_equal(rmdir(dir), 0); /* nothing stayed */
    fixture_release(&slice);
}

static void a_part_may_hold_nothing(void **state)
{
    (void)state;
    struct gy_error err;
    struct gy_part *part = fixture_part(fixture_writer());
    assert_int_equal(gy_part_n_slices(part), 0);
    assert_null(gy_part_find(part, 0, STREAM));
    assert_ok(gy_part_check(part, &err), &err);
    gy_part_close(part);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(whole_numbers_are_as_narrow_as_their_span),
    cmocka_unit_test(zeros_that_all_end_with_are_dropped_where_it_narrows),
    cmocka_unit_test(decimals_share_the_smallest_power_of_ten),
    cmocka_unit_test(what_is_no_short_decimal_is_a_double),
    cmocka_unit_test(raw_values_are_the_digits_of_the_shortest_decimal),
    cmocka_unit_test(random_doubles_come_back),
    cmocka_unit_test(missing_rows_stay_missing),
    cmocka_unit_test(a_column_of_nothing_is_left_out),
    cmocka_unit_test(booleans_and_times_are_whole_numbers),
    cmocka_unit_test(times_count_what_they_are_apart),
    cmocka_unit_test(strings_are_codes_of_a_dictionary),
    cmocka_unit_test(codes_are_as_narrow_as_they_fit),
    cmocka_unit_test(strings_without_a_dictionary_stand_themselves),
    cmocka_unit_test(texts_that_differ_in_digits_are_numbers),
    cmocka_unit_test(lists_are_runs_of_codes),
    cmocka_unit_test(what_another_property_tells_is_a_table),
    cmocka_unit_test(misfits_are_kept_as_json),
    cmocka_unit_test(a_full_block_needs_no_list_of_customers),
    cmocka_unit_test(times_of_always_are_left_out),
    cmocka_unit_test(times_left_out_lie_as_others_do),
    cmocka_unit_test(many_times_of_always_are_kept),
    cmocka_unit_test(fingerprints_have_the_bytes_they_need),
    cmocka_unit_test(rows_are_found_by_customer),
    cmocka_unit_test(data_lies_on_64_bytes_with_64_behind),
    cmocka_unit_test(a_file_reads_like_memory),
    cmocka_unit_test(a_part_may_hold_nothing),
};

GY_TEST_MAIN(cases)
