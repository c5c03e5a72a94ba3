/* reference_sum.c - sums on paper: a column a digit, carried at the end. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reference/reference_internal.h"

/* The shortest decimal of the double, found by trying 1 to 17 digits. */
static void shortest(double value, char text[40])
{
    for (int digits = 0; digits < 17; digits++) {
        snprintf(text, 40, "%.*e", digits, value);
        if (strtod(text, NULL) == value) {
            return;
        }
    }
}

void ref_sum_add(struct ref_sum *sum, double value)
{
    char text[40];
    shortest(value, text);
    int exponent = (int)strtol(strchr(text, 'e') + 1, NULL, 10);
    int sign = text[0] == '-' ? -1 : 1;
    int column = REF_POINT + exponent;
    for (const char *c = text; *c != 'e'; c++) {
        if (*c >= '0' && *c <= '9') {
            sum->columns[column--] += sign * (*c - '0');
        }
    }
}

/* Carries until every column is a digit; true if the sum is negative (the digits are then of its
 * opposite). */
static bool carry(struct ref_sum *sum)
{
    for (int turn = 0; turn < 2; turn++) {
        int64_t over = 0;
        for (int i = 0; i < REF_DIGITS; i++) {
            int64_t v = sum->columns[i] + over;
            over = v >= 0 ? v / 10 : -((-v + 9) / 10);
            sum->columns[i] = v - over * 10;
        }
        if (over >= 0) {
            return turn == 1;
        }
        sum->columns[REF_DIGITS - 1] += over * 10;
        for (int i = 0; i < REF_DIGITS; i++) {
            sum->columns[i] = -sum->columns[i];
        }
    }
    return true;
}

double ref_sum_mean(const struct ref_sum *sum, uint64_t n)
{
    struct ref_sum work = *sum;
    bool is_negative = carry(&work);
    enum {
        MORE = 60
    };
    char text[REF_DIGITS + MORE + 32];
    size_t len = 0;
    text[len++] = is_negative ? '-' : '+';
    unsigned __int128 rest = 0;
    for (int i = REF_DIGITS - 1; i >= -MORE; i--) {
        rest = rest * 10 + (i >= 0 ? (unsigned)work.columns[i] : 0);
        text[len++] = (char)('0' + (int)(rest / n));
        rest %= n;
        if (i == REF_POINT) {
            text[len++] = '.';
        }
    }
    text[len++] = rest != 0 ? '1' : '0'; /* sticky: something follows */
    text[len] = '\0';
    return strtod(text, NULL);
}
