/* radix.c - least significant digit first, 11 bits at a time, over (key, row) pairs.
 *
 * The pairs are copied once, so that each pass reads and writes memory in order; all histograms are
 * counted in that first pass.
 */
#include "store/radix.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum {
    DIGIT_BITS = 11,
    N_BUCKETS = 1 << DIGIT_BITS,
    N_DIGITS = (64 + DIGIT_BITS - 1) / DIGIT_BITS
};

struct pair {
    uint64_t key;
    uint32_t row;
};

static size_t digit_of(uint64_t key, int digit)
{
    return (size_t)(key >> (digit * DIGIT_BITS)) & (N_BUCKETS - 1);
}

static void count_digits(const struct pair *pairs, size_t n, uint32_t (*counts)[N_BUCKETS])
{
    for (size_t i = 0; i < n; i++) {
        for (int digit = 0; digit < N_DIGITS; digit++)
            counts[digit][digit_of(pairs[i].key, digit)]++;
    }
}

static void scatter(const struct pair *from, struct pair *to, size_t n, int digit,
                    const uint32_t *counts)
{
    uint32_t places[N_BUCKETS];
    uint32_t at = 0;
    for (size_t bucket = 0; bucket < N_BUCKETS; bucket++) {
        places[bucket] = at;
        at += counts[bucket];
    }
    for (size_t i = 0; i < n; i++)
        to[places[digit_of(from[i].key, digit)]++] = from[i];
}

/* Sorts `pairs`; the result stands in `pairs` or in `other`, and is returned. */
static struct pair *sort_pairs(struct pair *pairs, struct pair *other, size_t n)
{
    uint32_t(*counts)[N_BUCKETS] = gy_alloc_zero(N_DIGITS, sizeof *counts);
    count_digits(pairs, n, counts);
    for (int digit = 0; digit < N_DIGITS; digit++) {
        if (counts[digit][digit_of(pairs[0].key, digit)] == n)
            continue;
        scatter(pairs, other, n, digit, counts[digit]);
        struct pair *swapped = pairs;
        pairs = other;
        other = swapped;
    }
    free(counts);
    return pairs;
}

/* Few pairs: by insertion, without the histograms. */
static void sort_few(struct pair *pairs, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct pair moved = pairs[i];
        size_t at = i;
        for (; at > 0 && pairs[at - 1].key > moved.key; at--)
            pairs[at] = pairs[at - 1];
        pairs[at] = moved;
    }
}

/* Files mostly come in the order of their times. */
static bool is_sorted(const struct pair *pairs, size_t n)
{
    bool sorted = true;
    for (size_t i = 1; i < n && sorted; i++)
        sorted = pairs[i - 1].key <= pairs[i].key;
    return sorted;
}

static void sort(uint32_t *rows, size_t n, struct pair *pairs)
{
    struct pair *sorted = pairs;
    if (is_sorted(pairs, n))
        return;
    if (n <= 32) {
        sort_few(pairs, n);
    } else {
        sorted = sort_pairs(pairs, pairs + n, n);
    }
    for (size_t i = 0; i < n; i++)
        rows[i] = sorted[i].row;
}

void gy_radix_sort_u64(uint32_t *rows, size_t n, const uint64_t *keys)
{
    if (n < 2)
        return;
    struct pair *pairs = gy_realloc(NULL, 2 * n, sizeof *pairs);
    for (size_t i = 0; i < n; i++)
        pairs[i] = (struct pair){keys[rows[i]], rows[i]};
    sort(rows, n, pairs);
    free(pairs);
}

void gy_radix_sort_u32(uint32_t *rows, size_t n, const uint32_t *keys)
{
    if (n < 2)
        return;
    struct pair *pairs = gy_realloc(NULL, 2 * n, sizeof *pairs);
    for (size_t i = 0; i < n; i++)
        pairs[i] = (struct pair){keys[rows[i]], rows[i]};
    sort(rows, n, pairs);
    free(pairs);
}
