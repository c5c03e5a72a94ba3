/* radix.h - stable sorting of rows by whole numbers. */
#ifndef GY_STORE_RADIX_H
#define GY_STORE_RADIX_H

#include <stddef.h>
#include <stdint.h>

/* Reorders `rows` so that key[rows[i]] ascends; equal keys keep their order. `keys` is by row, not by
 * place. Linear time; digits that all keys share cost nothing. */
void gy_radix_sort_u64(uint32_t *rows, size_t n, const uint64_t *keys);
void gy_radix_sort_u32(uint32_t *rows, size_t n, const uint32_t *keys);

#endif
