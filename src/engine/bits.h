/* bits.h - a bit for each customer of a block: bit i of word w is customer 64 w + i. */
#ifndef GY_ENGINE_BITS_H
#define GY_ENGINE_BITS_H

#include <stdint.h>
#include <string.h>

#include "store/part.h"

enum {
    GY_BLOCK_WORDS = GY_BLOCK_SIZE / 64
};

struct gy_bits {
    uint64_t words[GY_BLOCK_WORDS];
};

static inline void gy_bits_clear(struct gy_bits *bits)
{
    memset(bits, 0, sizeof *bits);
}

static inline void gy_bits_set(struct gy_bits *bits, uint32_t i)
{
    bits->words[i >> 6] |= UINT64_C(1) << (i & 63);
}

static inline void gy_bits_unset(struct gy_bits *bits, uint32_t i)
{
    bits->words[i >> 6] &= ~(UINT64_C(1) << (i & 63));
}

/* The n bits from `first` on, n > 0. */
static inline void gy_bits_set_range(struct gy_bits *bits, uint32_t first, uint32_t n)
{
    uint32_t last = first + n - 1;
    uint64_t from = UINT64_MAX << (first & 63);
    uint64_t upto = UINT64_MAX >> (63 - (last & 63));
    if (first >> 6 == last >> 6) {
        bits->words[first >> 6] |= from & upto;
        return;
    }
    bits->words[first >> 6] |= from;
    for (uint32_t w = (first >> 6) + 1; w < last >> 6; w++)
        bits->words[w] = UINT64_MAX;
    bits->words[last >> 6] |= upto;
}

/* Adds 64 bits from any place on; those past the block are 0. */
static inline void gy_bits_or_word(struct gy_bits *bits, uint32_t at, uint64_t word)
{
    bits->words[at >> 6] |= word << (at & 63);
    if ((at & 63) != 0 && (at >> 6) + 1 < GY_BLOCK_WORDS)
        bits->words[(at >> 6) + 1] |= word >> (64 - (at & 63));
}

static inline bool gy_bits_has(const struct gy_bits *bits, uint32_t i)
{
    return (bits->words[i >> 6] >> (i & 63) & 1) != 0;
}

static inline void gy_bits_and(struct gy_bits *bits, const struct gy_bits *other)
{
    for (uint32_t w = 0; w < GY_BLOCK_WORDS; w++)
        bits->words[w] &= other->words[w];
}

static inline void gy_bits_or(struct gy_bits *bits, const struct gy_bits *other)
{
    for (uint32_t w = 0; w < GY_BLOCK_WORDS; w++)
        bits->words[w] |= other->words[w];
}

static inline void gy_bits_and_not(struct gy_bits *bits, const struct gy_bits *other)
{
    for (uint32_t w = 0; w < GY_BLOCK_WORDS; w++)
        bits->words[w] &= ~other->words[w];
}

/* Whether any bit, and how many bits, are set. */
static inline bool gy_bits_any(const struct gy_bits *bits)
{
    uint64_t any = 0;
    for (uint32_t w = 0; w < GY_BLOCK_WORDS; w++)
        any |= bits->words[w];
    return any != 0;
}

uint32_t gy_bits_count(const struct gy_bits *bits);

/* Whether every bit of `part` is in `whole`. */
static inline bool gy_bits_within(const struct gy_bits *part, const struct gy_bits *whole)
{
    uint64_t outside = 0;
    for (uint32_t w = 0; w < GY_BLOCK_WORDS; w++)
        outside |= part->words[w] & ~whole->words[w];
    return outside == 0;
}

/* For each set bit, in order: `i` is the customer. The body must not change the bits. */
#define GY_FOR_EACH_BIT(i, bits)                                                                   \
    for (uint32_t gy_word_ = 0; gy_word_ < GY_BLOCK_WORDS; gy_word_++)                             \
        for (uint64_t gy_left_ = (bits)->words[gy_word_]; gy_left_ != 0; gy_left_ &= gy_left_ - 1) \
            for (uint32_t i = gy_word_ * 64 + (uint32_t)__builtin_ctzll(gy_left_), gy_once_ = 1;   \
                 gy_once_ != 0; gy_once_ = 0)

#endif
