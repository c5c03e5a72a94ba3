/* key_counts.c - linear probing, at most half full. */
#include "store/key_counts.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum {
    FIRST_SLOTS = 64,
    KEPT_SLOTS = 1 << 16
};

void gy_key_counts_release(struct gy_key_counts *k)
{
    free(k->keys);
    free(k->counts);
    *k = (struct gy_key_counts){0};
}

void gy_key_counts_reset(struct gy_key_counts *k)
{
    if (k->n_slots > KEPT_SLOTS) {
        gy_key_counts_release(k);
    } else if (k->n > 0) {
        memset(k->counts, 0, k->n_slots * sizeof *k->counts);
    }
    k->n = 0;
}

/* Keys may be chosen with care in their low bits (contents): mix them. */
static size_t slot_of(const struct gy_key_counts *k, uint64_t key)
{
    uint64_t mixed = (key ^ (key >> 32)) * UINT64_C(0x9E3779B97F4A7C15);
    size_t slot = (size_t)(mixed >> 32) & (k->n_slots - 1);
    while (k->counts[slot] != 0 && k->keys[slot] != key)
        slot = (slot + 1) & (k->n_slots - 1);
    return slot;
}

static void grow(struct gy_key_counts *k)
{
    struct gy_key_counts old = *k;
    k->n_slots = old.n_slots == 0 ? FIRST_SLOTS : old.n_slots * 2;
    k->keys = gy_realloc(NULL, k->n_slots, sizeof *k->keys);
    k->counts = gy_alloc_zero(k->n_slots, sizeof *k->counts);
    for (size_t i = 0; i < old.n_slots; i++) {
        if (old.counts[i] == 0)
            continue;
        size_t slot = slot_of(k, old.keys[i]);
        k->keys[slot] = old.keys[i];
        k->counts[slot] = old.counts[i];
    }
    free(old.keys);
    free(old.counts);
}

uint32_t gy_key_counts_add(struct gy_key_counts *k, uint64_t key)
{
    if (k->n >= k->n_slots / 2)
        grow(k);
    size_t slot = slot_of(k, key);
    k->n += k->counts[slot] == 0;
    k->keys[slot] = key;
    return k->counts[slot]++;
}

uint32_t gy_key_counts_get(const struct gy_key_counts *k, uint64_t key)
{
    return k->n == 0 ? 0 : k->counts[slot_of(k, key)];
}
