/* population.c - a radix sort of doubles, and ranks by binary search.
 *
 * A double's bits, read as a whole number, are in the order of the numbers once the negative ones are
 * turned over and the sign is flipped. Only the bits in which the keys differ need sorting, 11 in a
 * pass: counts, sums of money and times of some years differ in about 30 of the 64.
 */
#include "engine/population.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void gy_population_release(struct gy_population *population)
{
    free(population->sorted);
    free(population->steps);
    free(population->blocks);
    population->sorted = NULL;
    population->steps = NULL;
    population->blocks = NULL;
}

static uint64_t key_of(double number)
{
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    return bits >> 63 != 0 ? ~bits : bits | UINT64_C(1) << 63;
}

static double number_of(uint64_t key)
{
    uint64_t bits = key >> 63 != 0 ? key & ~(UINT64_C(1) << 63) : ~key;
    double number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

enum {
    DIGIT_BITS = 11,
    DIGITS = 1 << DIGIT_BITS,
    MAX_PASSES = 6
};

/* The passes that a sort takes: by the bits from `lowest` on. */
struct passes {
    unsigned lowest;
    unsigned n;
};

static struct passes find_passes(const uint64_t *keys, uint64_t n)
{
    uint64_t some = 0;
    uint64_t all = UINT64_MAX;
    for (uint64_t i = 0; i < n; i++) {
        some |= keys[i];
        all &= keys[i];
    }
    uint64_t differing = some & ~all;
    if (n == 0 || differing == 0)
        return (struct passes){0, 0};
    unsigned lowest = (unsigned)__builtin_ctzll(differing);
    unsigned bits = 64 - (unsigned)__builtin_clzll(differing) - lowest;
    return (struct passes){lowest, (bits + DIGIT_BITS - 1) / DIGIT_BITS};
}

static unsigned digit_of(uint64_t key, struct passes passes, unsigned pass)
{
    return (unsigned)(key >> (passes.lowest + pass * DIGIT_BITS)) & (DIGITS - 1);
}

/* How often each digit occurs in each pass, then the place at which it begins. */
static void find_starts(const uint64_t *keys, uint64_t n, struct passes passes,
                        uint64_t starts[MAX_PASSES][DIGITS])
{
    memset(starts, 0, passes.n * sizeof starts[0]);
    for (unsigned pass = 0; pass < passes.n; pass++) {
        uint64_t at = 0;
        for (uint64_t i = 0; i < n; i++)
            starts[pass][digit_of(keys[i], passes, pass)]++;
        for (unsigned digit = 0; digit < DIGITS; digit++) {
            uint64_t count = starts[pass][digit];
            starts[pass][digit] = at;
            at += count;
        }
    }
}

/* Both arrays are doubles on the outside and keys within; unions would say no more than memcpy. */
static void to_keys(double *numbers, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++) {
        uint64_t key = key_of(numbers[i] + 0.0); /* −0 is 0 */
        memcpy(&numbers[i], &key, sizeof key);
    }
}

static void from_keys(double *numbers, const uint64_t *keys, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++) {
        double number = number_of(keys[i]);
        memcpy(&numbers[i], &number, sizeof number);
    }
}

/* A first search among few that stay in the cache; the second is within one step. */
static void take_steps(struct gy_population *population)
{
    population->n_steps = population->n / GY_POPULATION_STEP;
    population->steps = gy_alloc_zero(population->n_steps + 1, sizeof *population->steps);
    for (uint64_t i = 0; i < population->n_steps; i++)
        population->steps[i] = population->sorted[(i + 1) * GY_POPULATION_STEP - 1];
}

void gy_population_sort(struct gy_population *population, double *scratch)
{
    uint64_t n = population->n;
    uint64_t(*starts)[DIGITS] = gy_alloc(sizeof(uint64_t[MAX_PASSES][DIGITS]));
    to_keys(population->sorted, n);
    uint64_t *from = (uint64_t *)(void *)population->sorted;
    uint64_t *to = (uint64_t *)(void *)scratch;
    struct passes passes = find_passes(from, n);
    find_starts(from, n, passes, starts);
    for (unsigned pass = 0; pass < passes.n; pass++) {
        for (uint64_t i = 0; i < n; i++)
            to[starts[pass][digit_of(from[i], passes, pass)]++] = from[i];
        uint64_t *swap = from;
        from = to;
        to = swap;
    }
    from_keys(population->sorted, from, n);
    take_steps(population);
    free(starts);
}

static uint64_t count_smaller(const double *sorted, uint64_t n, double value)
{
    uint64_t low = 0;
    while (n > 0) {
        uint64_t half = n / 2;
        bool is_smaller = sorted[low + half] < value;
        low += is_smaller ? half + 1 : 0;
        n = is_smaller ? n - half - 1 : half;
    }
    return low;
}

uint64_t gy_population_smaller(const struct gy_population *population, double value)
{
    uint64_t first =
        count_smaller(population->steps, population->n_steps, value) * GY_POPULATION_STEP;
    uint64_t left = population->n - first;
    uint64_t n = left < GY_POPULATION_STEP ? left : GY_POPULATION_STEP;
    return first + count_smaller(population->sorted + first, n, value);
}

double gy_rank_value(const struct gy_plan_term *term, uint64_t r)
{
    uint64_t n = term->population->n;
    if (term->kind == GY_TERM_PERCENTILE)
        return 100.0 * (double)r / (double)n;
    return 1.0 + (double)(uint64_t)((unsigned __int128)r * term->term->parts / n);
}

uint64_t gy_rank_from(const struct gy_plan_term *term, double bound, bool is_strict)
{
    uint64_t low = 0;
    uint64_t high = term->population->n;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        double value = gy_rank_value(term, middle);
        if (is_strict ? value > bound : value >= bound)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* r × parts / n is at least j from r = ceil(j × n / parts) on: there are so many smaller values where
 * the r-th smallest one is smaller. */
uint32_t gy_population_ends(const struct gy_population *population, uint64_t parts,
                            double ends[GY_NTILE_FEW])
{
    for (uint64_t j = 1; j < parts; j++) {
        uint64_t r = (uint64_t)(((unsigned __int128)j * population->n + parts - 1) / parts);
        ends[j - 1] = population->sorted[r - 1];
    }
    return (uint32_t)(parts - 1);
}
