/* bits.c - what is worth being compiled for the processor that it runs on: most that have no instruction to
 * count bits call a function for each word instead. */
#include "engine/bits.h"

#include "base/cpu.h"

static GY_ALWAYS_INLINE void count_body(const struct gy_bits *bits, uint32_t *n)
{
    *n = 0;
    for (uint32_t w = 0; w < GY_BLOCK_WORDS; w++)
        *n += (uint32_t)__builtin_popcountll(bits->words[w]);
}

GY_COMPILE_FOR_AVX2(count, (const struct gy_bits *bits, uint32_t *n), (bits, n))

uint32_t gy_bits_count(const struct gy_bits *bits)
{
    uint32_t n;
    count(bits, &n);
    return n;
}
