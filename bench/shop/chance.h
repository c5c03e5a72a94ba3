/* chance.h - random draws that are the same on every machine.
 *
 * splitmix64, and distributions made of whole numbers and of +, -, ×, ÷ and square roots of doubles, which
 * IEEE 754 rounds alike everywhere; logarithm and exponential are series of our own, since no two
 * libraries agree on the last bit of theirs. The folder is compiled without fused operations.
 */
#ifndef GY_BENCH_CHANCE_H
#define GY_BENCH_CHANCE_H

#include <stdbool.h>
#include <stdint.h>

struct chance {
    uint64_t state;
};

/* One of as many independent sequences as there are pairs (seed, sequence). */
struct chance chance_of(uint64_t seed, uint64_t sequence);

static inline uint64_t chance_next(struct chance *c)
{
    c->state += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t z = c->state;
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* 0 to n - 1, evenly. */
static inline uint32_t chance_below(struct chance *c, uint32_t n)
{
    return (uint32_t)((chance_next(c) >> 32) * n >> 32);
}

/* low to high, both included. */
static inline uint32_t chance_between(struct chance *c, uint32_t low, uint32_t high)
{
    return low + chance_below(c, high - low + 1);
}

/* 0 ≤ x < 1, evenly. */
static inline double chance_even(struct chance *c)
{
    return (double)(chance_next(c) >> 11) * 0x1p-53;
}

static inline bool chance_happens(struct chance *c, double probability)
{
    return chance_even(c) < probability;
}

double chance_exponential(struct chance *c, double mean);
double chance_normal(struct chance *c);                   /* mean 0, deviation 1 */
uint32_t chance_geometric(struct chance *c, double mean); /* from 0 on */
uint32_t chance_poisson(struct chance *c, double mean);

double chance_log(double x); /* x > 0 */
double chance_exp(double x); /* -700 < x < 700 */

#endif
