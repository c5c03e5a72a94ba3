/* block_roots.c - who exists, as of one instant or of many.
 *
 * A customer exists from its earliest row of the stream of existence on. Where all rows of a slice are
 * in the past its customers are taken without a look at their times, and whole words of them where
 * they follow one another, as they mostly do: ordinals are given as customers come.
 */
#include <stdlib.h>

#include "base/cpu.h"
#include "base/mem.h"
#include "engine/block_eval.h"

#if GY_HAS_AVX2_CODE
#include <immintrin.h>
#endif

/* Never, or not alone under this ordinal. */
#define NEVER UINT64_MAX

/* Times as whole numbers in their order, without dates of their own. */
static uint64_t time_key(uint32_t code, uint32_t millis)
{
    return (uint64_t)code << 32 | millis;
}

static uint64_t time_key_of(int64_t time_ms)
{
    uint32_t millis;
    uint32_t code = gy_code_of(time_ms, &millis);
    return time_key(code, millis);
}

/* A run's first row is its earliest. */
static uint64_t first_key(const struct gy_slice_view *view, uint32_t run)
{
    uint32_t row = gy_runs_start(&view->runs, run);
    return time_key(view->times.codes[row], gy_times_millis(&view->times, row));
}

/* ---- slices ---- */

static void add_all(const struct gy_runs *runs, struct gy_bits *bits)
{
    if (gy_runs_are_neighbours(runs)) {
        gy_bits_set_range(bits, gy_runs_customer(runs, 0), runs->n);
        return;
    }
    for (uint32_t run = 0; run < runs->n; run++)
        gy_bits_set(bits, runs->customers[run]);
}

/* The first 64 codes, or fewer, against one: a bit for each that is before it and for each that is
 * the same. */
struct compared {
    uint64_t before;
    uint64_t same;
};

static struct compared compare_plain(const uint32_t *codes, uint32_t n, uint32_t code)
{
    struct compared out = {0, 0};
    for (uint32_t i = 0; i < n; i++) {
        out.before |= (uint64_t)(codes[i] < code) << i;
        out.same |= (uint64_t)(codes[i] == code) << i;
    }
    return out;
}

#if GY_HAS_AVX2_CODE
/* The same of 64 codes. */
GY_AVX2 static struct compared compare_avx2(const uint32_t *codes, uint32_t code)
{
    struct compared out = {0, 0};
    const __m256i bound = _mm256_set1_epi32((int)code);
    for (uint32_t i = 0; i < 64; i += 8) {
        __m256i eight = _mm256_loadu_si256((const __m256i_u *)(const void *)(codes + i));
        __m256i same = _mm256_cmpeq_epi32(eight, bound);
        __m256i upto = _mm256_cmpeq_epi32(_mm256_min_epu32(eight, bound), eight);
        uint64_t same_bits = (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(same));
        uint64_t upto_bits = (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(upto));
        out.same |= same_bits << i;
        out.before |= (upto_bits & ~same_bits) << i;
    }
    return out;
}
#endif

static struct compared compare_codes(const uint32_t *codes, uint32_t n, uint32_t code)
{
#if GY_HAS_AVX2_CODE
    if (n == 64 && gy_cpu_has_avx2())
        return compare_avx2(codes, code);
#endif
    return compare_plain(codes, n, code);
}

/* Of up to 64 rows from one on: those up to an instant. */
static uint64_t rows_upto(const struct gy_times *times, uint32_t first, uint32_t n, uint64_t now)
{
    struct compared compared = compare_codes(times->codes + first, n, (uint32_t)(now >> 32));
    uint64_t out = compared.before;
    for (uint64_t left = compared.same; left != 0; left &= left - 1) {
        uint32_t i = (uint32_t)__builtin_ctzll(left);
        out |= (uint64_t)(gy_times_millis(times, first + i) <= (uint32_t)now) << i;
    }
    return out;
}

/* Run i is row i. */
static void add_upto(const struct gy_slice_view *view, uint64_t now, struct gy_bits *bits)
{
    const struct gy_runs *runs = &view->runs;
    bool has_neighbours = gy_runs_are_neighbours(runs);
    for (uint32_t first = 0; first < runs->n; first += 64) {
        uint32_t n = runs->n - first < 64 ? runs->n - first : 64;
        uint64_t word = rows_upto(&view->times, first, n, now);
        if (has_neighbours) {
            gy_bits_or_word(bits, gy_runs_customer(runs, first), word);
            continue;
        }
        for (; word != 0; word &= word - 1)
            gy_bits_set(bits, runs->customers[first + (uint32_t)__builtin_ctzll(word)]);
    }
}

static void add_slice(const struct gy_slice_view *view, int64_t now_ms, struct gy_bits *bits)
{
    const struct gy_runs *runs = &view->runs;
    uint64_t now = time_key_of(now_ms);
    if (time_key(view->slice->min_code, 0) > now)
        return;
    if (gy_code_last_ms(view->slice->max_code) <= now_ms) {
        add_all(runs, bits);
        return;
    }
    if (runs->starts == NULL) {
        add_upto(view, now, bits);
        return;
    }
    for (uint32_t run = 0; run < runs->n; run++) {
        if (first_key(view, run) <= now)
            gy_bits_set(bits, gy_runs_customer(runs, run));
    }
}

static const struct gy_stream_view *existence_of(struct gy_block_eval *block)
{
    return gy_reader_stream(block->reader, block->block_no, GY_STREAM_EXISTENCE);
}

/* ---- who is alone ---- */

/* The first place in the list of scattered customers whose root is not below. */
static size_t first_scattered(const struct gy_snapshot *snapshot, uint64_t ordinal)
{
    size_t low = 0;
    size_t high = gy_snapshot_n_scattered(snapshot);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        uint32_t root;
        uint32_t n_ordinals;
        const uint32_t *ordinals;
        gy_snapshot_scattered(snapshot, middle, &root, &ordinals, &n_ordinals);
        if (root < ordinal)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Children are nobody, and scattered customers are evaluated elsewhere. */
static void leave_out(const struct gy_block_eval *block, struct gy_bits *bits)
{
    const struct gy_snapshot *snapshot = block->plan->snapshot;
    const uint64_t *children = gy_snapshot_children(snapshot, block->block_no);
    for (uint32_t w = 0; children != NULL && w < GY_BLOCK_WORDS; w++)
        bits->words[w] &= ~children[w];
    uint64_t first_ordinal = (uint64_t)block->block_no * GY_BLOCK_SIZE;
    size_t end = first_scattered(snapshot, first_ordinal + GY_BLOCK_SIZE);
    for (size_t i = first_scattered(snapshot, first_ordinal); i < end; i++) {
        uint32_t root;
        uint32_t n_ordinals;
        const uint32_t *ordinals;
        gy_snapshot_scattered(snapshot, i, &root, &ordinals, &n_ordinals);
        gy_bits_unset(bits, root % GY_BLOCK_SIZE);
    }
}

static void find_roots(struct gy_block_eval *block, int64_t now_ms, struct gy_bits *bits)
{
    const struct gy_stream_view *existence = existence_of(block);
    gy_bits_clear(bits);
    for (uint32_t s = 0; s < existence->n_slices; s++)
        add_slice(&existence->slices[s], now_ms, bits);
    leave_out(block, bits);
}

void gy_block_begin_roots(struct gy_block_eval *block)
{
    block->n_roots = 0;
    block->has_births = false;
}

/* ---- births ---- */

/* Where many instants are asked about, those who came to be after the earliest of them are put roughly
 * in the order in which they did, into buckets of equal spans: from one instant to a later one only the
 * customers of the buckets between are looked at. */
enum {
    N_BUCKETS = 4096
};

struct gy_block_births {
    uint64_t after_key; /* those who were there then are not among them */
    uint64_t last_key;
    int shift; /* a bucket spans 2^shift keys */
    uint32_t starts[N_BUCKETS + 2];
    uint16_t customers[GY_BLOCK_SIZE];
    uint64_t keys[GY_BLOCK_SIZE]; /* of each customer, by number */
};

static void find_keys(struct gy_block_eval *block, uint64_t *keys)
{
    const struct gy_stream_view *existence = existence_of(block);
    struct gy_bits alone;
    memset(&alone, 0xff, sizeof alone);
    leave_out(block, &alone);
    for (uint32_t i = 0; i < GY_BLOCK_SIZE; i++)
        keys[i] = NEVER;
    for (uint32_t s = 0; s < existence->n_slices; s++) {
        const struct gy_slice_view *view = &existence->slices[s];
        for (uint32_t run = 0; run < view->runs.n; run++) {
            uint32_t customer = gy_runs_customer(&view->runs, run);
            uint64_t key = first_key(view, run);
            if (key < keys[customer] && gy_bits_has(&alone, customer))
                keys[customer] = key;
        }
    }
}

static bool has_birth(const struct gy_block_births *births, uint64_t key)
{
    return key > births->after_key && key != NEVER;
}

/* Of a key that is not before after_key. */
static uint32_t bucket_of(const struct gy_block_births *births, uint64_t key)
{
    key = key < births->last_key ? key : births->last_key;
    return (uint32_t)((key - births->after_key) >> births->shift);
}

static void span_buckets(const struct gy_block_eval *block, struct gy_block_births *births)
{
    births->after_key = NEVER;
    for (uint32_t i = 0; i < block->n_roots; i++) {
        uint64_t key = time_key_of(block->roots[i].now_ms);
        births->after_key = key < births->after_key ? key : births->after_key;
    }
    births->last_key = births->after_key;
    for (uint32_t i = 0; i < GY_BLOCK_SIZE; i++) {
        uint64_t key = births->keys[i];
        births->last_key =
            has_birth(births, key) && key > births->last_key ? key : births->last_key;
    }
    births->shift = 0;
    while ((births->last_key - births->after_key) >> births->shift >= N_BUCKETS)
        births->shift++;
}

static const struct gy_block_births *births_of(struct gy_block_eval *block)
{
    if (block->has_births)
        return block->births;
    if (block->births == NULL)
        block->births = gy_alloc(sizeof *block->births);
    struct gy_block_births *births = block->births;
    const uint64_t *keys = births->keys;
    block->has_births = true;
    find_keys(block, births->keys);
    span_buckets(block, births);
    memset(births->starts, 0, sizeof births->starts);
    for (uint32_t i = 0; i < GY_BLOCK_SIZE; i++) {
        if (has_birth(births, keys[i]))
            births->starts[bucket_of(births, keys[i]) + 2]++;
    }
    for (uint32_t b = 2; b < N_BUCKETS + 2; b++)
        births->starts[b] += births->starts[b - 1];
    for (uint32_t i = 0; i < GY_BLOCK_SIZE;
         i++) { /* starts[b + 1] moves from b's start to its end */
        if (has_birth(births, keys[i]))
            births->customers[births->starts[bucket_of(births, keys[i]) + 1]++] = (uint16_t)i;
    }
    return births;
}

/* Adds those who came to be after one key, up to another. */
static void add_births(struct gy_block_eval *block, uint64_t after, uint64_t now,
                       struct gy_bits *bits)
{
    const struct gy_block_births *births = births_of(block);
    uint32_t end = births->starts[bucket_of(births, now) + 1];
    for (uint32_t i = births->starts[bucket_of(births, after)]; i < end; i++) {
        if (births->keys[births->customers[i]] <= now)
            gy_bits_set(bits, births->customers[i]);
    }
}

/* ---- roots ---- */

/* The known roots as of the latest instant up to then, or NULL. */
static const struct gy_block_roots *latest_known(const struct gy_block_eval *block, int64_t now_ms)
{
    const struct gy_block_roots *latest = NULL;
    for (uint32_t i = block->n_roots; i > 0; i--) {
        const struct gy_block_roots *roots = &block->roots[i - 1];
        if (roots->now_ms <= now_ms && (latest == NULL || roots->now_ms > latest->now_ms))
            latest = roots;
    }
    return latest;
}

enum {
    FEW_INSTANTS = 4 /* not worth ordering births for */
};

static bool knows_births_after(const struct gy_block_eval *block, int64_t time_ms)
{
    return block->has_births ? time_key_of(time_ms) >= block->births->after_key
                             : block->n_roots >= FEW_INSTANTS;
}

const struct gy_bits *gy_block_roots_at(struct gy_block_eval *block, int64_t now_ms)
{
    const struct gy_block_roots *latest = latest_known(block, now_ms);
    if (latest != NULL && latest->now_ms == now_ms)
        return latest->bits;
    struct gy_bits *bits = gy_arena_alloc(&block->arena, sizeof *bits);
    if (latest != NULL && knows_births_after(block, latest->now_ms)) {
        *bits = *latest->bits;
        add_births(block, time_key_of(latest->now_ms), time_key_of(now_ms), bits);
    } else {
        find_roots(block, now_ms, bits);
    }
    GY_GROW(block->roots, block->roots_capacity, block->n_roots + 1);
    block->roots[block->n_roots++] = (struct gy_block_roots){now_ms, bits};
    return bits;
}
