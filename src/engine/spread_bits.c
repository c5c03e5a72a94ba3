/* spread_bits.c - see spread_bits.h.
 *
 * A gap moves what is at and above it up by one, which is adding that to itself. `gaps | -gaps` has all bits from
 * the lowest gap on, and none without a gap, so words may have different numbers of gaps. */
#include "engine/spread_bits.h"

#include "base/cpu.h"

#if GY_HAS_AVX2_CODE
#include <immintrin.h>
#endif

static uint64_t spread(uint64_t word, uint64_t places)
{
    for (uint64_t gaps = ~places; gaps != 0; gaps &= gaps - 1)
        word += word & (gaps | -gaps);
    return word;
}

void gy_spread_bits_plain(uint64_t *words, const uint64_t *places, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        words[i] = spread(words[i], places[i]);
}

#if GY_HAS_AVX2_CODE

enum {
    AT_ONCE =
        3 /* gaps, before it is asked whether there are more: most words have as many as others */
};

GY_AVX2 static void spread_avx2(uint64_t *words, const uint64_t *places, uint32_t n)
{
    const __m256i ones = _mm256_set1_epi64x(-1);
    for (uint32_t i = 0; i < n; i += 4) {
        __m256i word = _mm256_loadu_si256((const __m256i_u *)(const void *)(words + i));
        __m256i gaps = _mm256_xor_si256(
            _mm256_loadu_si256((const __m256i_u *)(const void *)(places + i)), ones);
        while (!_mm256_testz_si256(gaps, gaps)) {
            for (int k = 0; k < AT_ONCE; k++) {
                __m256i above =
                    _mm256_or_si256(gaps, _mm256_sub_epi64(_mm256_setzero_si256(), gaps));
                word = _mm256_add_epi64(word, _mm256_and_si256(word, above));
                gaps = _mm256_and_si256(gaps, _mm256_add_epi64(gaps, ones));
            }
        }
        _mm256_storeu_si256((__m256i_u *)(void *)(words + i), word);
    }
}

#endif

void gy_spread_bits(uint64_t *words, const uint64_t *places, uint32_t n)
{
    uint32_t n_done = 0;
#if GY_HAS_AVX2_CODE
    if (gy_cpu_has_avx2()) {
        n_done = n / 4 * 4;
        spread_avx2(words, places, n_done);
    }
#endif
    gy_spread_bits_plain(words + n_done, places + n_done, n - n_done);
}
