/* population.c - selection by a histogram, and a radix sort of doubles.
 *
 * A double's bits, read as a whole number, are in the order of the numbers once the negative ones are
 * turned over and the sign is flipped: its *key*. Selection counts the keys in 4096 buckets of equal spans,
 * and looks closer only at those that fall together with a wanted one, if they are not all the same, as
 * counts are. Sorting goes through the bits in which keys differ from the lowest, 11 in a pass: sums of
 * money and times of some years differ in about 30 of the 64.
 */
#include "engine/population.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"
#include "base/mem.h"

enum {
    STEP = 256 /* of the sorted values, every so many make a first search */
};

struct gy_population_order {
    double *sorted;
    double *steps;
    uint64_t n_steps;
};

void gy_population_release(struct gy_population *population)
{
    struct gy_population_order *order = atomic_load(&population->order);
    if (order != NULL) {
        free(order->sorted);
        free(order->steps);
        free(order);
    }
    for (size_t i = 0; population->pieces != NULL && i < population->n_pieces; i++)
        free(population->pieces[i]);
    free(population->pieces);
    free(population->cuts);
}

/* ---- keys ---- */

/* −0 is 0. */
static uint64_t key_of(double number)
{
    uint64_t bits;
    number += 0.0;
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

/* The bits in which some keys differ are those from `lowest` on, below `end`. */
struct differing {
    unsigned lowest;
    unsigned end;
};

static struct differing differing_of(uint64_t some, uint64_t all)
{
    uint64_t bits = some & ~all;
    if (bits == 0)
        return (struct differing){0, 0};
    return (struct differing){(unsigned)__builtin_ctzll(bits),
                              64 - (unsigned)__builtin_clzll(bits)};
}

/* ---- sorting ---- */

enum {
    DIGIT_BITS = 11,
    DIGITS = 1 << DIGIT_BITS
};

static struct differing find_differing(const uint64_t *keys, uint64_t n)
{
    uint64_t some = 0;
    uint64_t all = UINT64_MAX;
    for (uint64_t i = 0; i < n; i++) {
        some |= keys[i];
        all &= keys[i];
    }
    return differing_of(some, all);
}

/* Into `to`, by the digit of the bits from `shift` on; those with the same one keep their order. */
static void sort_by_digit(const uint64_t *from, uint64_t *to, uint64_t n, unsigned shift)
{
    uint64_t starts[DIGITS] = {0};
    uint64_t at = 0;
    for (uint64_t i = 0; i < n; i++)
        starts[from[i] >> shift & (DIGITS - 1)]++;
    for (unsigned digit = 0; digit < DIGITS; digit++) {
        uint64_t count = starts[digit];
        starts[digit] = at;
        at += count;
    }
    for (uint64_t i = 0; i < n; i++)
        to[starts[from[i] >> shift & (DIGITS - 1)]++] = from[i];
}

/* The sorted keys are in one of the two arrays, which is returned. */
static uint64_t *sort_keys(uint64_t *keys, uint64_t *scratch, uint64_t n)
{
    struct differing bits = find_differing(keys, n);
    for (unsigned shift = bits.lowest; shift < bits.end; shift += DIGIT_BITS) {
        sort_by_digit(keys, scratch, n, shift);
        uint64_t *swap = keys;
        keys = scratch;
        scratch = swap;
    }
    return keys;
}

/* ---- selection ---- */

enum {
    BUCKET_BITS = 12,
    BUCKETS = 1 << BUCKET_BITS
};

/* Keys by how far they are from the smallest. */
struct buckets {
    uint64_t smallest;
    unsigned shift;      /* a bucket spans 2^shift keys */
    bool is_exact;       /* of which only the first one is ever there */
    uint32_t n[BUCKETS]; /* how many keys are in each */
    bool is_wanted[BUCKETS];
    uint64_t places[BUCKETS]; /* of a wanted bucket's keys among the collected ones */
    uint64_t *keys;           /* collected */
    uint64_t n_keys;
};

static unsigned bucket_of(const struct buckets *buckets, double value)
{
    return (unsigned)((key_of(value) - buckets->smallest) >> buckets->shift);
}

#define FOR_EACH_VALUE(population, value)                                    \
    for (size_t piece_no = 0; piece_no < (population)->n_pieces; piece_no++) \
        for (const double *value = (population)->pieces[piece_no]->values,   \
                          *end_ = value + (population)->pieces[piece_no]->n; \
             value < end_; value++)

/* How keys lie, as signed numbers in the same order: AVX2 compares no others. */
struct span {
    int64_t smallest;
    int64_t largest;
    int64_t some; /* bits that are set in some */
    int64_t all;  /* … in all */
};

static GY_ALWAYS_INLINE void widen_body(const double *values, size_t n, struct span *span)
{
    struct span s = *span;
    for (size_t i = 0; i < n; i++) {
        int64_t bits;
        double number = values[i] + 0.0;
        memcpy(&bits, &number, sizeof bits);
        int64_t key = bits < 0 ? bits ^ INT64_MAX : bits;
        s.smallest = key < s.smallest ? key : s.smallest;
        s.largest = key > s.largest ? key : s.largest;
        s.some |= key;
        s.all &= key;
    }
    *span = s;
}

GY_COMPILE_FOR_AVX2(widen, (const double *values, size_t n, struct span *span), (values, n, span))

static void span_buckets(struct buckets *buckets, const struct gy_population *population)
{
    struct span span = {INT64_MAX, INT64_MIN, 0, -1};
    for (size_t i = 0; i < population->n_pieces; i++)
        widen(population->pieces[i]->values, population->pieces[i]->n, &span);
    uint64_t width = (uint64_t)span.largest - (uint64_t)span.smallest;
    buckets->smallest = (uint64_t)span.smallest ^ UINT64_C(1) << 63;
    buckets->shift = 0;
    while (width >> buckets->shift >= BUCKETS)
        buckets->shift++;
    buckets->is_exact =
        width == 0 ||
        differing_of((uint64_t)span.some, (uint64_t)span.all).lowest >= buckets->shift;
}

/* Equal values mostly come together, and a count waits for the one before it in the same place: so there
 * are two. */
static void count_piece(struct buckets *buckets, uint32_t *others,
                        const struct gy_population_piece *piece)
{
    size_t i = 0;
    for (; i + 2 <= piece->n; i += 2) {
        buckets->n[bucket_of(buckets, piece->values[i])]++;
        others[bucket_of(buckets, piece->values[i + 1])]++;
    }
    if (i < piece->n)
        others[bucket_of(buckets, piece->values[i])]++;
}

static void count_buckets(struct buckets *buckets, const struct gy_population *population)
{
    uint32_t others[BUCKETS] = {0};
    span_buckets(buckets, population);
    for (size_t i = 0; i < population->n_pieces; i++)
        count_piece(buckets, others, population->pieces[i]);
    for (unsigned b = 0; b < BUCKETS; b++)
        buckets->n[b] += others[b];
}

/* A key, by how many are before it. */
struct place {
    unsigned bucket;
    uint64_t rank; /* within the bucket */
};

static struct place place_of(const struct buckets *buckets, uint64_t rank)
{
    struct place place = {0, rank};
    while (place.rank >= buckets->n[place.bucket])
        place.rank -= buckets->n[place.bucket++];
    return place;
}

static void collect(struct buckets *buckets, const struct gy_population *population)
{
    uint64_t next[BUCKETS];
    for (unsigned b = 0; b < BUCKETS; b++) {
        next[b] = buckets->places[b] = buckets->n_keys;
        buckets->n_keys += buckets->is_wanted[b] ? buckets->n[b] : 0;
    }
    buckets->keys = gy_alloc_zero(buckets->n_keys + 1, sizeof *buckets->keys);
    FOR_EACH_VALUE(population, value)
    {
        unsigned b = bucket_of(buckets, *value);
        if (buckets->is_wanted[b])
            buckets->keys[next[b]++] = key_of(*value);
    }
}

static void sort_wanted(struct buckets *buckets)
{
    uint64_t *scratch = gy_alloc_zero(buckets->n_keys + 1, sizeof *scratch);
    for (unsigned b = 0; b < BUCKETS; b++) {
        uint64_t n = buckets->n[b];
        if (!buckets->is_wanted[b] || n == 0)
            continue;
        uint64_t *keys = buckets->keys + buckets->places[b];
        uint64_t *sorted = sort_keys(keys, scratch, n);
        if (sorted != keys)
            memcpy(keys, sorted, n * sizeof *keys);
    }
    free(scratch);
}

/* The values with so many values before them. */
static void select_values(const struct gy_population *population, const uint64_t *ranks, uint32_t n,
                          double *out)
{
    struct buckets *buckets = gy_alloc_zero(1, sizeof *buckets);
    count_buckets(buckets, population);
    for (uint32_t i = 0; i < n; i++)
        buckets->is_wanted[place_of(buckets, ranks[i]).bucket] = true;
    if (!buckets->is_exact) {
        collect(buckets, population);
        sort_wanted(buckets);
    }
    for (uint32_t i = 0; i < n; i++) {
        struct place place = place_of(buckets, ranks[i]);
        uint64_t key = buckets->is_exact
                           ? buckets->smallest + ((uint64_t)place.bucket << buckets->shift)
                           : buckets->keys[buckets->places[place.bucket] + place.rank];
        out[i] = number_of(key);
    }
    free(buckets->keys);
    free(buckets);
}

/* ---- cuts ---- */

uint32_t gy_population_cut(struct gy_population *population, const struct gy_plan_term *term,
                           double bound, bool is_strict)
{
    GY_GROW(population->cuts, population->cuts_capacity, population->n_cuts + 1);
    population->cuts[population->n_cuts] = (struct gy_rank_cut){term, bound, is_strict, 0};
    return population->n_cuts++;
}

double gy_rank_value(const struct gy_plan_term *term, uint64_t r)
{
    uint64_t n = term->population->n;
    if (term->kind == GY_TERM_PERCENTILE)
        return 100.0 * (double)r / (double)n;
    return 1.0 + (double)(uint64_t)((unsigned __int128)r * term->term->parts / n);
}

/* The fewest smaller members with which the term reaches the bound; n where it never does. */
static uint64_t rank_at(const struct gy_rank_cut *cut, uint64_t n)
{
    uint64_t low = 0;
    uint64_t high = n;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        double value = gy_rank_value(cut->term, middle);
        if (cut->is_strict ? value > cut->bound : value >= cut->bound)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* r members are smaller where the last of the first r is. Nobody has n smaller members. */
void gy_population_find_cuts(struct gy_population *population)
{
    uint64_t *ranks = gy_alloc_zero(population->n_cuts + 1, sizeof *ranks);
    double *values = gy_alloc_zero(population->n_cuts + 1, sizeof *values);
    struct gy_rank_cut **cuts = gy_alloc_zero(population->n_cuts + 1, sizeof *cuts);
    uint32_t n = 0;
    for (uint32_t i = 0; i < population->n_cuts; i++) {
        struct gy_rank_cut *cut = &population->cuts[i];
        uint64_t rank = rank_at(cut, population->n);
        cut->above = rank == 0 ? -(double)INFINITY : (double)INFINITY;
        if (rank == 0 || rank == population->n)
            continue;
        cuts[n] = cut;
        ranks[n++] = rank - 1;
    }
    if (n > 0)
        select_values(population, ranks, n, values);
    for (uint32_t i = 0; i < n; i++)
        cuts[i]->above = values[i];
    free(cuts);
    free(values);
    free(ranks);
}

/* ---- order ---- */

static double *sort_values(const struct gy_population *population)
{
    uint64_t *keys = gy_alloc((population->n + 1) * sizeof *keys);
    uint64_t *scratch = gy_alloc((population->n + 1) * sizeof *scratch);
    uint64_t n = 0;
    FOR_EACH_VALUE(population, value)
    keys[n++] = key_of(*value);
    uint64_t *sorted = sort_keys(keys, scratch, n);
    double *numbers = (double *)(void *)sorted; /* a union would say no more than memcpy */
    for (uint64_t i = 0; i < n; i++) {
        double number = number_of(sorted[i]);
        memcpy(&numbers[i], &number, sizeof number);
    }
    free(sorted == keys ? scratch : keys);
    return numbers;
}

#undef FOR_EACH_VALUE

/* A first search among few that stay in the cache; the second is within one step. */
static struct gy_population_order *make_order(const struct gy_population *population)
{
    struct gy_population_order *order = gy_alloc_zero(1, sizeof *order);
    order->sorted = sort_values(population);
    order->n_steps = population->n / STEP;
    order->steps = gy_alloc_zero(order->n_steps + 1, sizeof *order->steps);
    for (uint64_t i = 0; i < order->n_steps; i++)
        order->steps[i] = order->sorted[(i + 1) * STEP - 1];
    return order;
}

static const struct gy_population_order *order_of(struct gy_population *population)
{
    static pthread_mutex_t making = PTHREAD_MUTEX_INITIALIZER;
    struct gy_population_order *order = atomic_load(&population->order);
    if (order != NULL)
        return order;
    pthread_mutex_lock(&making);
    order = atomic_load(&population->order);
    if (order == NULL) {
        order = make_order(population);
        atomic_store(&population->order, order);
    }
    pthread_mutex_unlock(&making);
    return order;
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

uint64_t gy_population_smaller(struct gy_population *population, double value)
{
    const struct gy_population_order *order = order_of(population);
    uint64_t first = count_smaller(order->steps, order->n_steps, value) * STEP;
    uint64_t left = population->n - first;
    return first + count_smaller(order->sorted + first, left < STEP ? left : STEP, value);
}
