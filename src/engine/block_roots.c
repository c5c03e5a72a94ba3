/* block_roots.c - who exists, as of one instant or of many. */
#include <stdlib.h>

#include "base/mem.h"
#include "engine/block_eval.h"

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

static void take_existence(struct gy_block_eval *block, const struct gy_slice_view *view)
{
    for (uint32_t run = 0; run < view->runs.n; run++) {
        uint32_t customer = view->runs.customers == NULL ? run : view->runs.customers[run];
        uint32_t row = gy_runs_start(&view->runs, run);
        uint64_t key = time_key(view->times.codes[row], gy_times_millis(&view->times, row));
        if (key < block->first_keys[customer]) /* a run's first row is its earliest */
            block->first_keys[customer] = key;
    }
}

/* Children are nobody, and scattered customers are evaluated elsewhere. */
static void leave_out(struct gy_block_eval *block)
{
    const struct gy_snapshot *snapshot = block->plan->snapshot;
    const uint64_t *children = gy_snapshot_children(snapshot, block->block_no);
    for (uint32_t i = 0; children != NULL && i < GY_BLOCK_SIZE; i++) {
        if ((children[i >> 6] >> (i & 63) & 1) != 0)
            block->first_keys[i] = NEVER;
    }
    size_t n_scattered = gy_snapshot_n_scattered(snapshot);
    for (size_t i = 0; i < n_scattered; i++) {
        uint32_t root;
        uint32_t n_ordinals;
        const uint32_t *ordinals;
        gy_snapshot_scattered(snapshot, i, &root, &ordinals, &n_ordinals);
        if (root / GY_BLOCK_SIZE == block->block_no)
            block->first_keys[root % GY_BLOCK_SIZE] = NEVER;
    }
}

void gy_block_begin_roots(struct gy_block_eval *block)
{
    block->n_roots = 0;
    block->has_births = false;
    for (uint32_t i = 0; i < GY_BLOCK_SIZE; i++)
        block->first_keys[i] = NEVER;
    const struct gy_stream_view *existence =
        gy_reader_stream(block->reader, block->block_no, GY_STREAM_EXISTENCE);
    for (uint32_t s = 0; s < existence->n_slices; s++)
        take_existence(block, &existence->slices[s]);
    leave_out(block);
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
};

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
        uint64_t key = block->first_keys[i];
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
    const uint64_t *keys = block->first_keys;
    block->has_births = true;
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
        if (block->first_keys[births->customers[i]] <= now)
            gy_bits_set(bits, births->customers[i]);
    }
}

/* ---- roots ---- */

static void compare_keys(const struct gy_block_eval *block, uint64_t now, struct gy_bits *out)
{
    for (uint32_t w = 0; w < GY_BLOCK_WORDS; w++) {
        uint64_t word = 0;
        for (uint32_t i = 0; i < 64; i++)
            word |= (uint64_t)(block->first_keys[w * 64 + i] <= now) << i;
        out->words[w] = word;
    }
}

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
        compare_keys(block, time_key_of(now_ms), bits);
    }
    GY_GROW(block->roots, block->roots_capacity, block->n_roots + 1);
    block->roots[block->n_roots++] = (struct gy_block_roots){now_ms, bits};
    return bits;
}
