/* raw_marks.c - value − low ≤ high − low, as unsigned numbers: one comparison for a range. */
#include "engine/raw_marks.h"

#include <stdbool.h>

#include "base/cpu.h"

#if GY_HAS_AVX2_CODE
#include <immintrin.h>
#endif

/* ---- plain ---- */

static uint32_t raw_at(struct gy_raws raws, uint32_t i)
{
    return raws.width == 1   ? ((const uint8_t *)raws.values)[i]
           : raws.width == 2 ? ((const uint16_t *)raws.values)[i]
                             : ((const uint32_t *)raws.values)[i];
}

void gy_mark_raws_plain(struct gy_raws raws, uint32_t first, uint32_t n,
                        const struct gy_raw_range *ranges, uint32_t n_ranges, uint64_t *marks)
{
    for (uint32_t row = 0; row <= n; row += 64) {
        uint64_t word = 0;
        for (uint32_t i = 0; i < 64 && row + i < n; i++) {
            uint32_t raw = raw_at(raws, first + row + i);
            bool is_in = false;
            for (uint32_t r = 0; r < n_ranges; r++)
                is_in |= raw - ranges[r].low <= ranges[r].high - ranges[r].low;
            word |= (uint64_t)is_in << i;
        }
        marks[row / 64] = word;
    }
}

/* ---- AVX2 ---- */

#if GY_HAS_AVX2_CODE

/* Each range's least value, and how much greater its greatest is, in every lane. */
struct range_lanes {
    __m256i low[GY_RAW_RANGES];
    __m256i span[GY_RAW_RANGES];
    uint32_t n;
};

/* Lanes of `width` bytes that lie in a range are all ones. AVX2 compares signed numbers only; the lesser of
 * two unsigned ones tells as much. */
#define LANES_IN_RANGES(bits, values)                                       \
    __m256i hits = _mm256_setzero_si256();                                  \
    for (uint32_t r = 0; r < lanes->n; r++) {                               \
        __m256i above = _mm256_sub_epi##bits((values), lanes->low[r]);      \
        __m256i least = _mm256_min_epu##bits(above, lanes->span[r]);        \
        hits = _mm256_or_si256(hits, _mm256_cmpeq_epi##bits(least, above)); \
    }

GY_AVX2 static inline __m256i load(const void *from)
{
    return _mm256_loadu_si256((const __m256i_u *)from);
}

GY_AVX2 static inline uint32_t mark_bytes(const uint8_t *from, const struct range_lanes *lanes)
{
    LANES_IN_RANGES(8, load(from))
    return (uint32_t)_mm256_movemask_epi8(hits);
}

GY_AVX2 static inline __m256i halves_in_ranges(const uint16_t *from,
                                               const struct range_lanes *lanes)
{
    LANES_IN_RANGES(16, load(from))
    return hits;
}

/* Packing takes turns between halves of its two sources; the permutation puts them in order. */
GY_AVX2 static inline uint32_t mark_two_halves(const uint16_t *from,
                                               const struct range_lanes *lanes,
                                               bool is_second_there)
{
    __m256i a = halves_in_ranges(from, lanes);
    __m256i b = is_second_there ? halves_in_ranges(from + 16, lanes) : _mm256_setzero_si256();
    __m256i packed = _mm256_permute4x64_epi64(_mm256_packs_epi16(a, b), 0xD8);
    return (uint32_t)_mm256_movemask_epi8(packed);
}

GY_AVX2 static inline uint32_t mark_words(const uint32_t *from, const struct range_lanes *lanes)
{
    LANES_IN_RANGES(32, load(from))
    return (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(hits));
}

#undef LANES_IN_RANGES

GY_AVX2 static inline uint64_t word_of_bytes(const uint8_t *from, uint32_t n,
                                             const struct range_lanes *lanes)
{
    uint64_t word = mark_bytes(from, lanes);
    return n > 32 ? word | (uint64_t)mark_bytes(from + 32, lanes) << 32 : word;
}

GY_AVX2 static inline uint64_t word_of_halves(const uint16_t *from, uint32_t n,
                                              const struct range_lanes *lanes)
{
    uint64_t word = mark_two_halves(from, lanes, n > 16);
    return n > 32 ? word | (uint64_t)mark_two_halves(from + 32, lanes, n > 48) << 32 : word;
}

GY_AVX2 static inline uint64_t word_of_words(const uint32_t *from, uint32_t n,
                                             const struct range_lanes *lanes)
{
    uint64_t word = 0;
    for (uint32_t i = 0; i < n; i += 8)
        word |= (uint64_t)mark_words(from + i, lanes) << i;
    return word;
}

#define MARK_ALL(type, word_of)                                                                 \
    do {                                                                                        \
        const type *from = (const type *)raws.values + first;                                   \
        uint32_t row = 0;                                                                       \
        for (; n - row >= 64; row += 64)                                                        \
            marks[row / 64] = word_of(from + row, 64, &lanes);                                  \
        marks[row / 64] =                                                                       \
            n == row ? 0                                                                        \
                     : word_of(from + row, n - row, &lanes) & ((UINT64_C(1) << (n - row)) - 1); \
    } while (0)

GY_AVX2 static void mark_raws_avx2(struct gy_raws raws, uint32_t first, uint32_t n,
                                   const struct gy_raw_range *ranges, uint32_t n_ranges,
                                   uint64_t *marks)
{
    struct range_lanes lanes = {.n = n_ranges};
    for (uint32_t r = 0; r < n_ranges; r++) {
        uint32_t low = ranges[r].low;
        uint32_t span = ranges[r].high - ranges[r].low;
        lanes.low[r] = raws.width == 1   ? _mm256_set1_epi8((char)low)
                       : raws.width == 2 ? _mm256_set1_epi16((short)low)
                                         : _mm256_set1_epi32((int)low);
        lanes.span[r] = raws.width == 1   ? _mm256_set1_epi8((char)span)
                        : raws.width == 2 ? _mm256_set1_epi16((short)span)
                                          : _mm256_set1_epi32((int)span);
    }
    if (raws.width == 1)
        MARK_ALL(uint8_t, word_of_bytes);
    else if (raws.width == 2)
        MARK_ALL(uint16_t, word_of_halves);
    else
        MARK_ALL(uint32_t, word_of_words);
}

#undef MARK_ALL

#endif

void gy_mark_raws(struct gy_raws raws, uint32_t first, uint32_t n,
                  const struct gy_raw_range *ranges, uint32_t n_ranges, uint64_t *marks)
{
#if GY_HAS_AVX2_CODE
    if (gy_cpu_has_avx2()) {
        mark_raws_avx2(raws, first, n, ranges, n_ranges, marks);
        return;
    }
#endif
    gy_mark_raws_plain(raws, first, n, ranges, n_ranges, marks);
}
