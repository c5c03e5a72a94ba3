/* test_decimal_sum.c - exact sums: worked by hand, against adding digit by digit as at school, and by
 * the laws that order and grouping never show. */
#include <math.h>
#include <string.h>

#include "harness.h"

#include "base/decimal_sum.h"
#include "base/number.h"

/* ---- sums on paper: one digit per place, from 10^-400 up ---- */

enum {
    PLACES = 800,
    BELOW = 400
};

struct paper {
    int64_t digits[PLACES]; /* signed and not carried until the end */
};

static void paper_add(struct paper *paper, double value)
{
    int64_t digits;
    int exponent;
    gy_number_split(value, &digits, &exponent);
    for (int place = exponent + BELOW; digits != 0; digits /= 10, place++) {
        paper->digits[place] += digits % 10;
    }
}

static void paper_carry(struct paper *paper)
{
    for (int i = 0; i + 1 < PLACES; i++) {
        int64_t up = paper->digits[i] / 10 - (paper->digits[i] % 10 < 0);
        paper->digits[i] -= up * 10;
        paper->digits[i + 1] += up;
    }
}

/* The nearest double; infinite beyond. */
static double paper_value(struct paper paper)
{
    char text[PLACES + 20];
    paper_carry(&paper);
    bool is_negative = paper.digits[PLACES - 1] < 0;
    for (int i = 0; is_negative && i < PLACES; i++) {
        paper.digits[i] = -paper.digits[i];
    }
    paper_carry(&paper);
    for (int i = 0; i < PLACES; i++) {
        text[i] = (char)('0' + paper.digits[PLACES - 1 - i]);
    }
    snprintf(text + PLACES, 20, "e-%d", BELOW);
    double value;
    if (!gy_number_read(gy_str_of(text), &value)) {
        value = HUGE_VAL;
    }
    return is_negative ? 0 - value : value;
}

/* ---- what is summed ---- */

static double random_value(uint64_t *random, int kind)
{
    double sign = gy_test_below(random, 2) == 0 ? 1 : -1;
    switch (kind) {
    case 0: /* amounts */
        return sign * (double)gy_test_below(random, 100000000) / 100;
    case 1: /* whole numbers of all sizes */
        return sign * (double)(gy_test_random(random) >> gy_test_below(random, 64));
    case 2: /* seventeen digits */
        return sign * (double)gy_test_random(random) / 1e19;
    default: /* any double */
        for (;;) {
            uint64_t bits = gy_test_random(random);
            double value;
            memcpy(&value, &bits, sizeof value);
            if (isfinite(value)) {
                return value;
            }
        }
    }
}

static void sum_is_that_on_paper(void **state)
{
    (void)state;
    uint64_t random = gy_test_seed();
    for (int round = 0; round < 400; round++) {
        struct gy_decimal_sum sum = {0};
        struct paper paper = {0};
        size_t n = gy_test_below(&random, 60) + 1;
        for (size_t i = 0; i < n; i++) {
            int kind = round % 5 == 4 ? (int)gy_test_below(&random, 4) : round % 5;
            double value = random_value(&random, kind);
            gy_decimal_sum_add(&sum, value);
            paper_add(&paper, value);
        }
        if (gy_decimal_sum_value(&sum) != paper_value(paper)) {
            fail_msg("round %d: %.17g is %.17g on paper", round, gy_decimal_sum_value(&sum),
                     paper_value(paper));
        }
        gy_decimal_sum_release(&sum);
    }
}

static void decimals_add_as_decimals(void **state)
{
    (void)state;
    struct gy_decimal_sum sum = {0};
    assert_true(gy_decimal_sum_value(&sum) == 0);
    for (int i = 0; i < 10; i++) {
        gy_decimal_sum_add(&sum, 0.1);
    }
    assert_true(gy_decimal_sum_value(&sum) == 1);
    gy_decimal_sum_add(&sum, 0.2);
    assert_true(gy_decimal_sum_value(&sum) == 1.2);
    gy_decimal_sum_add(&sum, -1.2);
    assert_true(gy_decimal_sum_value(&sum) == 0);
    assert_null(sum.wide);
    gy_decimal_sum_release(&sum);
    gy_decimal_sum_release(&sum);
}

/* Each of these is lost by adding doubles. */
static void nothing_is_lost(void **state)
{
    (void)state;
    struct gy_decimal_sum sum = {0};
    gy_decimal_sum_add(&sum, 1e308);
    gy_decimal_sum_add(&sum, 1e308);
    gy_decimal_sum_add(&sum, 5e-324);
    assert_true(isinf(gy_decimal_sum_value(&sum)));
    gy_decimal_sum_add(&sum, -1e308);
    assert_true(gy_decimal_sum_value(&sum) == 1e308);
    gy_decimal_sum_add(&sum, -1e308);
    assert_true(gy_decimal_sum_value(&sum) == 5e-324);
    gy_decimal_sum_add(&sum, 1e22);
    gy_decimal_sum_add(&sum, -5e-324);
    gy_decimal_sum_add(&sum, 0.01);
    gy_decimal_sum_add(&sum, -1e22);
    assert_true(gy_decimal_sum_value(&sum) == 0.01);
    gy_decimal_sum_add(&sum, -0.02);
    assert_true(gy_decimal_sum_value(&sum) == -0.01);
    gy_decimal_sum_release(&sum);
}

/* 2^53 + 1 lies half way; the smallest number behind it decides. */
static void a_half_is_decided_by_the_smallest_part(void **state)
{
    (void)state;
    struct gy_decimal_sum sum = {0};
    gy_decimal_sum_add(&sum, 9007199254740992);
    gy_decimal_sum_add(&sum, 1);
    assert_true(gy_decimal_sum_value(&sum) == 9007199254740992);
    gy_decimal_sum_add(&sum, 5e-324);
    assert_true(gy_decimal_sum_value(&sum) == 9007199254740994);
    gy_decimal_sum_add(&sum, -1e-323);
    assert_true(gy_decimal_sum_value(&sum) == 9007199254740992);
    gy_decimal_sum_release(&sum);
}

static void the_sum_may_pass_128_bits(void **state)
{
    (void)state;
    __int128 most = (__int128)(~(unsigned __int128)0 >> 1);
    struct gy_decimal_sum sum = {0};
    for (int i = 0; i < 8; i++) {
        gy_decimal_sum_add_scaled(&sum, most, 0);
    }
    gy_decimal_sum_add_scaled(&sum, 8, 0);
    assert_true(gy_decimal_sum_value(&sum) == 0x1p130);
    gy_decimal_sum_add_scaled(&sum, -most - 1, 0); /* the least of all */
    assert_true(gy_decimal_sum_value(&sum) == 0x7p127);
    for (int i = 0; i < 7; i++) {
        gy_decimal_sum_add_scaled(&sum, -most - 1, 0);
    }
    assert_true(gy_decimal_sum_value(&sum) == 0);
    gy_decimal_sum_release(&sum);
}

static void digits_that_fit_no_scale_go_aside(void **state)
{
    (void)state;
    __int128 most = (__int128)(~(unsigned __int128)0 >> 1);
    struct gy_decimal_sum sum = {0};
    gy_decimal_sum_add_scaled(&sum, 25, 2);
    gy_decimal_sum_add_scaled(&sum, most, -20);
    gy_decimal_sum_add_scaled(&sum, -most, -20);
    gy_decimal_sum_add_scaled(&sum, most, 1);
    gy_decimal_sum_add_scaled(&sum, 5, 18); /* raises the scale under a large part */
    gy_decimal_sum_add_scaled(&sum, -most, 1);
    gy_decimal_sum_add_scaled(&sum, -5, 18);
    assert_true(gy_decimal_sum_value(&sum) == 0.25);
    gy_decimal_sum_release(&sum);
}

static void scaled_digits_are_what_they_say(void **state)
{
    (void)state;
    struct gy_decimal_sum sum = {0};
    gy_decimal_sum_add_scaled(&sum, 12345, 2);
    assert_true(gy_decimal_sum_value(&sum) == 123.45);
    gy_decimal_sum_add_scaled(&sum, 1, -3);
    assert_true(gy_decimal_sum_value(&sum) == 1123.45);
    gy_decimal_sum_add_scaled(&sum, -112345, 2);
    assert_true(gy_decimal_sum_value(&sum) == 0);
    gy_decimal_sum_add_scaled(&sum, 1, 30);
    assert_true(gy_decimal_sum_value(&sum) == 1e-30);
    gy_decimal_sum_add_scaled(&sum, 1, -300);
    gy_decimal_sum_add_scaled(&sum, -1, 30);
    gy_decimal_sum_add_scaled(&sum, -1, -300);
    gy_decimal_sum_add_scaled(&sum, 1, 400);
    assert_true(gy_decimal_sum_value(&sum) == 0); /* too small for a double, */
    for (int i = 0; i < 100; i++) {
        gy_decimal_sum_add_scaled(&sum, (__int128)INT64_MAX * INT64_MAX, 358);
    }
    assert_true(gy_decimal_sum_value(&sum) > 0);
    gy_decimal_sum_release(&sum);
}

static void order_and_grouping_never_show(void **state)
{
    (void)state;
    uint64_t random = gy_test_seed();
    for (int round = 0; round < 200; round++) {
        double values[40];
        struct gy_decimal_sum forward = {0};
        struct gy_decimal_sum backward = {0};
        struct gy_decimal_sum groups[3] = {{0}};
        for (int i = 0; i < 40; i++) {
            values[i] = random_value(&random, (int)gy_test_below(&random, round % 2 == 0 ? 3 : 4));
            gy_decimal_sum_add(&forward, values[i]);
            gy_decimal_sum_add(&groups[gy_test_below(&random, 3)], values[i]);
        }
        for (int i = 39; i >= 0; i--) {
            gy_decimal_sum_add(&backward, values[i]);
        }
        double value = gy_decimal_sum_value(&forward);
        assert_true(gy_decimal_sum_value(&backward) == value);
        gy_decimal_sum_add_sum(&groups[2], &groups[0]);
        gy_decimal_sum_add_sum(&groups[2], &groups[1]);
        assert_true(gy_decimal_sum_value(&groups[2]) == value);
        for (int i = 0; i < 40; i++) {
            gy_decimal_sum_add(&groups[2], -values[i]);
        }
        assert_true(gy_decimal_sum_value(&groups[2]) == 0);
        gy_decimal_sum_release(&forward);
        gy_decimal_sum_release(&backward);
        for (int i = 0; i < 3; i++) {
            gy_decimal_sum_release(&groups[i]);
        }
    }
}

/* Doubling by adding to itself reaches counts that no loop would. */
static void carries_are_carried_in_time(void **state)
{
    (void)state;
    struct gy_decimal_sum sum = {0};
    gy_decimal_sum_add(&sum, 0.7);
    gy_decimal_sum_add(&sum, 9.876543219876543e-30); /* into the limbs */
    for (int i = 0; i < 64; i++) {
        gy_decimal_sum_add_sum(&sum, &sum);
    }
    assert_true(gy_decimal_sum_mean(&sum, UINT64_C(1) << 63) == 1.4);
    gy_decimal_sum_add_scaled(&sum, -((__int128)1 << 63), 0);
    gy_decimal_sum_add_scaled(&sum, -((__int128)1 << 61), 0);
    /* 2^64 × (0.7 + 9.876543219876543e-30 - 0.625), which is to the nearest double 2^64 × 0.075 */
    assert_true(gy_decimal_sum_value(&sum) == 0x1p64 * 0.075);
    gy_decimal_sum_release(&sum);
}

static void means_are_rounded_once(void **state)
{
    (void)state;
    struct gy_decimal_sum sum = {0};
    gy_decimal_sum_add(&sum, 0.1);
    gy_decimal_sum_add(&sum, 0.2);
    assert_true(gy_decimal_sum_mean(&sum, 1) == 0.3);
    assert_true(gy_decimal_sum_mean(&sum, 3) == 0.1);
    assert_true(gy_decimal_sum_mean(&sum, 7) == 3.0 / 70);
    gy_decimal_sum_add(&sum, 1e308);
    gy_decimal_sum_add(&sum, 1e308);
    assert_true(gy_decimal_sum_mean(&sum, 2) == 1e308); /* though the sum is beyond doubles */
    gy_decimal_sum_add(&sum, -1e308);
    gy_decimal_sum_add(&sum, -1e308);
    gy_decimal_sum_add(&sum, -0.6);
    assert_true(gy_decimal_sum_mean(&sum, 3) == -0.1);
    gy_decimal_sum_release(&sum);
}

/* A mean through the limbs is that of the same sum without them. */
static void both_ways_to_a_mean_agree(void **state)
{
    (void)state;
    uint64_t random = gy_test_seed();
    for (int round = 0; round < 2000; round++) {
        struct gy_decimal_sum sum = {0};
        for (int i = 0; i < 5; i++) {
            gy_decimal_sum_add(&sum, random_value(&random, 0));
        }
        uint64_t n = (gy_test_random(&random) >> gy_test_below(&random, 64)) | 1;
        double mean = gy_decimal_sum_mean(&sum, n);
        assert_null(sum.wide);
        gy_decimal_sum_add(&sum, 1e200);
        gy_decimal_sum_add(&sum, -1e200);
        assert_non_null(sum.wide);
        assert_true(gy_decimal_sum_mean(&sum, n) == mean);
        gy_decimal_sum_release(&sum);
    }
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(sum_is_that_on_paper),
    cmocka_unit_test(decimals_add_as_decimals),
    cmocka_unit_test(nothing_is_lost),
    cmocka_unit_test(a_half_is_decided_by_the_smallest_part),
    cmocka_unit_test(the_sum_may_pass_128_bits),
    cmocka_unit_test(digits_that_fit_no_scale_go_aside),
    cmocka_unit_test(scaled_digits_are_what_they_say),
    cmocka_unit_test(order_and_grouping_never_show),
    cmocka_unit_test(carries_are_carried_in_time),
    cmocka_unit_test(means_are_rounded_once),
    cmocka_unit_test(both_ways_to_a_mean_agree),
};

GY_TEST_MAIN(cases)
