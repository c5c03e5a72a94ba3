/* spread_bits.h - bits that lie side by side put where a word has room for them.
 *
 * Rows of a slice lie side by side, whoever has one; bits of customers do not:
 *
 *     places   1 0 1 1 0 1      the customers with a row
 *     word     a b c d - -      what is said of their rows
 *     spread   a 0 b c 0 d
 *
 * Processors have an instruction for it, which on some of them takes a hundred times as long as on others. Here gaps
 * are opened from the lowest on, those of four words at a time.
 */
#ifndef GY_ENGINE_SPREAD_BITS_H
#define GY_ENGINE_SPREAD_BITS_H

#include <stdint.h>

/* Spreads the low bits of each of `n` words, as many as its places; bits past them are gone or stand where there is no
 * place. */
void gy_spread_bits(uint64_t *words, const uint64_t *places, uint32_t n);

/* The same in plain C, for tests. */
void gy_spread_bits_plain(uint64_t *words, const uint64_t *places, uint32_t n);

#endif
