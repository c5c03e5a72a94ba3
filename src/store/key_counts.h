/* key_counts.h - how often each 64-bit key came. For keys that nobody can aim: keyed or seeded hashes.
 */
#ifndef GY_STORE_KEY_COUNTS_H
#define GY_STORE_KEY_COUNTS_H

#include <stddef.h>
#include <stdint.h>

/* All zero is empty. */
struct gy_key_counts {
    uint64_t *keys;
    uint32_t *counts; /* 0: the slot is empty */
    size_t n;
    size_t n_slots;
};

void gy_key_counts_release(struct gy_key_counts *k);
void gy_key_counts_reset(struct gy_key_counts *k); /* empty again */

/* Counts it; how often it came before. */
uint32_t gy_key_counts_add(struct gy_key_counts *k, uint64_t key);
uint32_t gy_key_counts_get(const struct gy_key_counts *k, uint64_t key);

#endif
