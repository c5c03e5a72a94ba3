/* population.c - a radix sort of doubles, and ranks by binary search.
 *
 * A double's bits, read as a whole number, are in the order of the numbers once the negative ones are
 * turned over and the sign is flipped. Eight passes over a byte each sort them; a pass whose byte is
 * the same everywhere is skipped, and of counts or sums of money most are.
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

/* The places at which each value of a key's byte begins; false where all keys have the same. */
static bool count_bytes(const uint64_t *keys, uint64_t n, unsigned shift, uint64_t starts[256])
{
    uint64_t counts[256] = {0};
    for (uint64_t i = 0; i < n; i++)
        counts[keys[i] >> shift & 255]++;
    uint64_t at = 0;
    for (unsigned b = 0; b < 256; b++) {
        if (counts[b] == n)
            return false;
        starts[b] = at;
        at += counts[b];
    }
    return true;
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
    uint64_t starts[256];
    to_keys(population->sorted, n);
    uint64_t *from = (uint64_t *)(void *)population->sorted;
    uint64_t *to = (uint64_t *)(void *)scratch;
    for (unsigned shift = 0; n > 1 && shift < 64; shift += 8) {
        if (!count_bytes(from, n, shift, starts))
            continue;
        for (uint64_t i = 0; i < n; i++)
            to[starts[from[i] >> shift & 255]++] = from[i];
        uint64_t *swap = from;
        from = to;
        to = swap;
    }
    from_keys(population->sorted, from, n);
    take_steps(population);
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

double gy_population_percentile(const struct gy_population *population, double value)
{
    return 100.0 * (double)gy_population_smaller(population, value) / (double)population->n;
}

double gy_population_ntile(const struct gy_population *population, double value, uint64_t parts)
{
    unsigned __int128 r = gy_population_smaller(population, value);
    return 1.0 + (double)(uint64_t)(r * parts / population->n);
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
