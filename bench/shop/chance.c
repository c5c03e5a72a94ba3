/* chance.c - see chance.h. */
#include "chance.h"

#include <math.h> /* floor and sqrt, which are exact resp. rounded correctly everywhere */
#include <string.h>

#define LN2      0.6931471805599453
#define LN2_HIGH 0x1.62e42feep-1 /* has 21 zero bits behind it: n × LN2_HIGH is exact */
#define LN2_LOW  0x1.a39ef35793c76p-33

static uint64_t bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static double of_bits(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* With x = 2^e × m and m near 1: e ln 2 + 2 artanh((m - 1) / (m + 1)), where the artanh's argument is
 * below 0.172, so that ten terms of its series reach the last bits. */
double chance_log(double x)
{
    uint64_t bits = bits_of(x);
    int exponent = (int)(bits >> 52) - 1023;
    double m = of_bits((bits & ((UINT64_C(1) << 52) - 1)) | UINT64_C(1023) << 52);
    if (m > 1.4142135623730951) {
        m *= 0.5;
        exponent++;
    }
    double s = (m - 1) / (m + 1);
    double square = s * s;
    double sum = 0;
    for (int k = 19; k >= 1; k -= 2)
        sum = sum * square + 1.0 / k;
    return exponent * LN2_HIGH + (exponent * LN2_LOW + 2 * s * sum);
}

/* 2^n × e^r with |r| ≤ ln 2 / 2, e^r by its series. */
double chance_exp(double x)
{
    double n = floor(x / LN2 + 0.5);
    double r = (x - n * LN2_HIGH) - n * LN2_LOW;
    double sum = 1;
    for (int k = 14; k >= 1; k--)
        sum = 1 + sum * r / k;
    return sum * of_bits((uint64_t)((int64_t)n + 1023) << 52);
}

struct chance chance_of(uint64_t seed, uint64_t sequence)
{
    struct chance mix = {seed};
    struct chance out = {chance_next(&mix) ^ sequence * UINT64_C(0xD1342543DE82EF95)};
    out.state = chance_next(&out);
    return out;
}

double chance_exponential(struct chance *c, double mean)
{
    return -mean * chance_log(1.0 - chance_even(c));
}

/* The polar method; its second number is not kept, so that a draw has no memory. */
double chance_normal(struct chance *c)
{
    for (;;) {
        double x = 2 * chance_even(c) - 1;
        double y = 2 * chance_even(c) - 1;
        double square = x * x + y * y;
        if (square > 0 && square < 1)
            return x * sqrt(-2 * chance_log(square) / square);
    }
}

uint32_t chance_geometric(struct chance *c, double mean)
{
    return (uint32_t)floor(chance_log(1.0 - chance_even(c)) / chance_log(mean / (1 + mean)));
}

/* By counting up to 30, where e^-mean is no trouble; beyond, a normal is as good. */
uint32_t chance_poisson(struct chance *c, double mean)
{
    if (mean > 30) {
        double x = floor(mean + sqrt(mean) * chance_normal(c) + 0.5);
        return x < 0 ? 0 : (uint32_t)x;
    }
    double limit = chance_exp(-mean);
    uint32_t n = 0;
    for (double product = chance_even(c); product > limit; product *= chance_even(c))
        n++;
    return n;
}
