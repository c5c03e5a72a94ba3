/* test_number.c - reading, printing and rounding doubles.
 *
 * Rounding is checked by whole numbers alone: a double m × 2^e is the right answer for a fraction
 * when that lies between the midpoints to its neighbours, (2m - 1) × 2^(e-1) and (2m + 1) × 2^(e-1),
 * which cross-multiplied is a comparison of large integers.
 */
#include <math.h>
#include <string.h>

#include "harness.h"

#include "base/number.h"

static void assert_prints(double value, const char *want)
{
    char text[GY_NUMBER_TEXT];
    size_t len = gy_number_print(value, text);
    assert_string_equal(text, want);
    assert_int_equal(len, strlen(want));
}

static double read_number(const char *text)
{
    double value;
    if (!gy_number_read(gy_str_of(text), &value)) {
        fail_msg("\"%s\" does not read", text);
    }
    return value;
}

static uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static double of_bits(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Any finite double, all exponents alike. */
static double random_double(uint64_t *random)
{
    double value;
    do {
        value = of_bits(gy_test_random(random));
    } while (!isfinite(value));
    return value;
}

/* ---- printing and reading ---- */

static void numbers_print_in_their_shortest_form(void **state)
{
    (void)state;
    assert_prints(0, "0");
    assert_prints(-0.0, "0");
    assert_prints(1, "1");
    assert_prints(-42, "-42");
    assert_prints(0.1, "0.1");
    assert_prints(0.1 + 0.2, "0.30000000000000004");
    assert_prints(12.5, "12.5");
    assert_prints(1234567.89, "1234567.89");
    assert_prints(1.0 / 3, "0.3333333333333333");
    assert_prints(100, "100");
    assert_prints(9007199254740991, "9007199254740991");
    assert_prints(9007199254740993.0, "9007199254740992");
    assert_prints(123456789012345680000.0, "123456789012345680000");
    assert_prints(1e20, "100000000000000000000");
    assert_prints(999999999999999868928.0, "999999999999999900000");
    assert_prints(1e21, "1e21");
    assert_prints(-1.5e21, "-1.5e21");
    assert_prints(1.7976931348623157e308, "1.7976931348623157e308");
    assert_prints(0.000001, "0.000001");
    assert_prints(0.00000123, "0.00000123");
    assert_prints(0.00000099, "9.9e-7");
    assert_prints(1.5e-7, "1.5e-7");
    assert_prints(5e-324, "5e-324");
    assert_prints(-2.2250738585072014e-308, "-2.2250738585072014e-308");
    assert_prints(HUGE_VAL, "inf");
    assert_prints(-HUGE_VAL, "-inf");
    assert_prints((double)NAN, "nan");
}

static void numbers_read_as_the_nearest_double(void **state)
{
    (void)state;
    assert_true(read_number("0") == 0);
    assert_true(bits_of(read_number("-0")) == 0);
    assert_true(bits_of(read_number("-0.0e5")) == 0);
    assert_true(read_number("007") == 7);
    assert_true(read_number("+5.50") == 5.5);
    assert_true(read_number("-12.25") == -12.25);
    assert_true(read_number("1e3") == 1000);
    assert_true(read_number("1E+3") == 1000);
    assert_true(read_number("25e-2") == 0.25);
    assert_true(read_number("123456789012345678901234567890") == 123456789012345678901234567890.0);
    assert_true(read_number("0.000000000000000000000000000001") == 1e-30);
    assert_true(read_number("9007199254740993") == 9007199254740992);
    assert_true(read_number("9007199254740993.0000000000000000000000001") == 9007199254740994);
    assert_true(read_number("1.7976931348623158e308") == 1.7976931348623157e308);
    assert_true(read_number("5e-324") == 5e-324);
    assert_true(read_number("2.4703282292062328e-324") == 5e-324); /* just above half of it */
    assert_true(read_number("2.4703282292062327e-324") == 0);      /* just below */
    assert_true(bits_of(read_number("-1e-400")) == 0);
    assert_true(read_number("1E-999999999999999999999999") == 0);
    assert_true(read_number("0e999999999999999999999999") == 0);
    assert_true(read_number("0.0000e400") == 0);
    assert_true(read_number("0.00000000000000000001e20") == 1);
}

static void what_is_no_number_does_not_read(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "-",
                                        "+",
                                        ".",
                                        "5.",
                                        ".5",
                                        "1e",
                                        "1e+",
                                        "e5",
                                        "1e5.0",
                                        " 1",
                                        "1 ",
                                        "1,0",
                                        "1_000",
                                        "0x10",
                                        "inf",
                                        "-inf",
                                        "nan",
                                        "NaN",
                                        "--1",
                                        "1-",
                                        "1.2.3",
                                        "１２",
                                        "1e1e1",
                                        "1e309",
                                        "-1e309",
                                        "1E400",
                                        "1.8e308",
                                        "1e999999999999999999999999",
                                        "179769313486231590000e289",
                                        "infinity",
                                        "1f",
                                        "- 1"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        double value = 77;
        if (gy_number_read(gy_str_of(texts[i]), &value)) {
            fail_msg("\"%s\" reads as a number", texts[i]);
        }
        assert_true(value == 77);
    }
    double value;
    assert_false(gy_number_read(GY_STR("1\0"), &value));
    assert_false(gy_number_read((struct gy_str){NULL, 0}, &value));
}

/* Half way between 1 and the next double, in all its digits, with one digit far behind them. */
static void the_last_of_many_digits_counts(void **state)
{
    (void)state;
    char text[2000];
    const char *half = "1.00000000000000011102230246251565404236316680908203125";
    assert_true(read_number(half) == 1);
    memset(text, '0', sizeof text);
    memcpy(text, half, strlen(half));
    text[1500] = '1';
    text[1501] = '\0';
    assert_true(read_number(text) == nextafter(1, 2));
}

static void printing_and_reading_are_inverse(void **state)
{
    (void)state;
    uint64_t random = gy_test_seed();
    for (int i = 0; i < 200000; i++) {
        double value = random_double(&random);
        if (i % 4 == 1) {
            value = (double)(int64_t)gy_test_random(&random) / 1e4;
        } else if (i % 4 == 2) {
            value = (double)gy_test_below(&random, 100000000) / 100;
        }
        char text[GY_NUMBER_TEXT];
        size_t len = gy_number_print(value, text);
        double back;
        assert_true(gy_number_read((struct gy_str){text, len}, &back));
        if (bits_of(back) != bits_of(value)) {
            fail_msg("%a printed as %s", value, text);
        }
        if (len > 1) { /* and no digit less would do */
            int64_t digits;
            int exponent;
            gy_number_split(value, &digits, &exponent);
            for (int64_t up = 0; up < 2; up++) {
                int64_t shorter = digits / 10 + (digits < 0 ? -up : up);
                assert_false(gy_number_join(shorter, exponent + 1) == value);
            }
        }
    }
}

static void split_gives_shortest_digits(void **state)
{
    (void)state;
    static const struct {
        double value;
        int64_t digits;
        int exponent;
    } numbers[] = {{0, 0, 0},
                   {-0.0, 0, 0},
                   {0.1, 1, -1},
                   {-12.34, -1234, -2},
                   {1200, 12, 2},
                   {1e22, 1, 22},
                   {5e-324, 5, -324},
                   {0.1 + 0.2, 30000000000000004, -17},
                   {1.7976931348623157e308, 17976931348623157, 292},
                   {9007199254740993.0, 9007199254740992, 0},
                   {999999999999999.9, 9999999999999999, -1},
                   {0.12345, 12345, -5}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        int64_t digits;
        int exponent;
        gy_number_split(numbers[i].value, &digits, &exponent);
        assert_true(digits == numbers[i].digits);
        assert_int_equal(exponent, numbers[i].exponent);
    }
}

static void split_and_join_are_inverse(void **state)
{
    (void)state;
    uint64_t random = gy_test_seed();
    for (int i = 0; i < 200000; i++) {
        double value = random_double(&random);
        int64_t digits;
        int exponent;
        gy_number_split(value, &digits, &exponent);
        assert_true(digits == 0 ? exponent == 0 : digits % 10 != 0);
        assert_true(digits < INT64_C(100000000000000000) && digits > -INT64_C(100000000000000000));
        assert_true(gy_number_join(digits, exponent) == value);
    }
}

/* ---- rounding, by large integers ---- */

enum {
    N_WORDS = 160
};

struct large {
    uint32_t words[N_WORDS]; /* the least significant first */
};

static void times(struct large *a, uint32_t factor)
{
    uint64_t carry = 0;
    for (int i = 0; i < N_WORDS; i++) {
        carry += (uint64_t)a->words[i] * factor;
        a->words[i] = (uint32_t)carry;
        carry >>= 32;
    }
    assert_int_equal(carry, 0);
}

static void times_power(struct large *a, uint32_t base, int exponent)
{
    for (int i = 0; i < exponent; i++) {
        times(a, base);
    }
}

/* a × b for b of 64 bits: by its halves. */
static void times_64(struct large *a, uint64_t b)
{
    struct large high = *a;
    times(a, (uint32_t)b);
    times(&high, (uint32_t)(b >> 32));
    uint64_t carry = 0;
    for (int i = 0; i < N_WORDS; i++) {
        carry += a->words[i] + (uint64_t)(i > 0 ? high.words[i - 1] : 0);
        a->words[i] = (uint32_t)carry;
        carry >>= 32;
    }
}

static struct large large_of(unsigned __int128 value)
{
    struct large a = {0};
    for (int i = 0; i < 4; i++) {
        a.words[i] = (uint32_t)(value >> (32 * i));
    }
    return a;
}

static int compare(const struct large *a, const struct large *b)
{
    for (int i = N_WORDS - 1; i >= 0; i--) {
        if (a->words[i] != b->words[i]) {
            return a->words[i] < b->words[i] ? -1 : 1;
        }
    }
    return 0;
}

/* numerator × 10^exponent / denominator against m × 2^e. */
static int compare_fraction(unsigned __int128 numerator, int exponent, uint64_t denominator,
                            uint64_t m, int e)
{
    struct large left = large_of(numerator);
    struct large right = large_of(m);
    times_power(&left, 10, exponent > 0 ? exponent : 0);
    times_power(&left, 2, e < 0 ? -e : 0);
    times_power(&right, 10, exponent < 0 ? -exponent : 0);
    times_power(&right, 2, e > 0 ? e : 0);
    times_64(&right, denominator);
    return compare(&left, &right);
}

/* The double's m and e, with e the exponent of its last place. */
static void split_bits(double value, uint64_t *m, int *e)
{
    uint64_t bits = bits_of(value);
    int biased = (int)(bits >> 52 & 0x7FF);
    *m = (bits & UINT64_C(0xFFFFFFFFFFFFF)) | (biased > 0 ? UINT64_C(1) << 52 : 0);
    *e = (biased > 0 ? biased : 1) - 1075;
}

static void assert_rounded(unsigned __int128 numerator, int exponent, uint64_t denominator,
                           double value)
{
    uint64_t m;
    int e;
    if (isinf(value)) {
        split_bits(1.7976931348623157e308, &m, &e);
        assert_true(compare_fraction(numerator, exponent, denominator, 2 * m + 1, e - 1) >= 0);
        return;
    }
    split_bits(value, &m, &e);
    int above = compare_fraction(numerator, exponent, denominator, 2 * m + 1, e - 1);
    assert_true(above < 0 || (above == 0 && m % 2 == 0));
    if (m == UINT64_C(1) << 52 && e > -1074) { /* the neighbour below is half as far */
        int below = compare_fraction(numerator, exponent, denominator, 4 * m - 1, e - 2);
        assert_true(below >= 0);
    } else if (m > 0) {
        int below = compare_fraction(numerator, exponent, denominator, 2 * m - 1, e - 1);
        assert_true(below > 0 || (below == 0 && m % 2 == 0));
    }
}

static unsigned __int128 random_128(uint64_t *random)
{
    unsigned __int128 value =
        (unsigned __int128)gy_test_random(random) << 64 | gy_test_random(random);
    return value >> (1 + gy_test_below(random, 127));
}

static void ratios_are_rounded_once(void **state)
{
    (void)state;
    uint64_t random = gy_test_seed();
    for (int i = 0; i < 6000; i++) {
        unsigned __int128 numerator = random_128(&random);
        int exponent = (int)gy_test_below(&random, i % 2 == 0 ? 30 : 700) - (i % 2 == 0 ? 25 : 360);
        uint64_t denominator = (gy_test_random(&random) >> gy_test_below(&random, 64)) | 1;
        double value = gy_number_ratio((__int128)numerator, exponent, denominator);
        if (i % 3 == 0) {
            denominator = 1;
            value = gy_number_join((__int128)numerator, exponent);
        }
        assert_rounded(numerator, exponent, denominator, value);
        double negative = gy_number_ratio(-(__int128)numerator, exponent, denominator);
        assert_true(negative == -value);
    }
}

/* Fractions that are exactly half way between two doubles, and the least bit to either side. */
static void halves_go_to_even(void **state)
{
    (void)state;
    uint64_t random = gy_test_seed();
    for (int i = 0; i < 20000; i++) {
        uint64_t m = gy_test_below(&random, UINT64_C(1) << 52) + (UINT64_C(1) << 52);
        unsigned shift = (unsigned)gy_test_below(&random, 63);
        __int128 half = ((__int128)m * 2 + 1) << 60;
        uint64_t denominator = UINT64_C(1) << shift;
        double even = ldexp((double)(m + (m & 1)), 61 - (int)shift);
        assert_true(gy_number_ratio(half, 0, denominator) == even);
        assert_true(gy_number_ratio(half - 1, 0, denominator) == ldexp((double)m, 61 - (int)shift));
        assert_true(gy_number_ratio(half + 1, 0, denominator) ==
                    ldexp((double)(m + 1), 61 - (int)shift));
    }
}

static void ratios_at_the_ends(void **state)
{
    (void)state;
    __int128 most = (__int128)(~(unsigned __int128)0 >> 1);
    assert_true(gy_number_ratio(0, 999999, 1) == 0);
    assert_true(isinf(gy_number_ratio(1, 309, 1)));
    assert_true(isinf(gy_number_ratio(1, INT32_MAX, UINT64_MAX)));
    assert_true(gy_number_ratio(-1, 309, 1) < 0);
    assert_true(gy_number_ratio(1, -400, 1) == 0);
    assert_true(bits_of(gy_number_ratio(-1, INT32_MIN, 1)) == 0);
    assert_true(gy_number_ratio(most, 0, 1) == 0x1p127);
    assert_true(gy_number_ratio(-most - 1, 0, 1) == -0x1p127);
    assert_true(gy_number_ratio(1, 0, UINT64_MAX) == 0x1p-64);
    assert_true(gy_number_ratio(1, 0, 3) == 1.0 / 3);
    assert_true(gy_number_ratio(10, -1, 3) == 1.0 / 3);
    assert_true(gy_number_join(17976931348623157, 292) == 1.7976931348623157e308);
    assert_true(gy_number_join(49406564584124654, -340) == 5e-324);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(numbers_print_in_their_shortest_form),
    cmocka_unit_test(numbers_read_as_the_nearest_double),
    cmocka_unit_test(what_is_no_number_does_not_read),
    cmocka_unit_test(the_last_of_many_digits_counts),
    cmocka_unit_test(printing_and_reading_are_inverse),
    cmocka_unit_test(split_gives_shortest_digits),
    cmocka_unit_test(split_and_join_are_inverse),
    cmocka_unit_test(ratios_are_rounded_once),
    cmocka_unit_test(halves_go_to_even),
    cmocka_unit_test(ratios_at_the_ends),
};

GY_TEST_MAIN(cases)
