/* row_sums.c - a row at a time, or eight. */
#include "engine/row_sums.h"

#include <stdbool.h>
#include <string.h>

#include "base/cpu.h"

#if GY_HAS_AVX2_CODE
#include <immintrin.h>
#endif

static uint32_t raw_of(const struct gy_row_addends *a, uint32_t row)
{
    if (a->width == 1)
        return ((const uint8_t *)a->raws)[row];
    if (a->width == 2)
        return ((const uint16_t *)a->raws)[row];
    return a->width == 0 ? 0 : ((const uint32_t *)a->raws)[row];
}

static bool adds(const struct gy_row_addends *a, uint32_t row)
{
    if (a->present != NULL && (a->present[row >> 6] >> (row & 63) & 1) == 0)
        return false;
    return a->codes == NULL || a->codes[row] - a->low <= a->span;
}

void gy_row_sums_plain(const struct gy_row_addends *addends, uint32_t first, uint32_t n,
                       uint32_t *before)
{
    uint32_t sum = 0;
    before[0] = 0;
    for (uint32_t i = 0; i < n; i++) {
        sum += adds(addends, first + i) ? addends->base + raw_of(addends, first + i) : 0;
        before[i + 1] = sum;
    }
}

#if GY_HAS_AVX2_CODE

GY_AVX2 static GY_ALWAYS_INLINE __m256i raws_of(const void *raws, unsigned width, uint32_t row)
{
    if (width == 0)
        return _mm256_setzero_si256();
    const char *at = (const char *)raws + (size_t)row * width;
    if (width == 1)
        return _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i_u *)(const void *)at));
    if (width == 2)
        return _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i_u *)(const void *)at));
    return _mm256_loadu_si256((const __m256i_u *)(const void *)at);
}

/* Eight bits from a row on, each as a lane of ones or zeroes. */
GY_AVX2 static GY_ALWAYS_INLINE __m256i lanes_of_bits(const uint64_t *bits, uint32_t row)
{
    uint16_t pair;
    memcpy(&pair, (const char *)bits + row / 8, sizeof pair);
    __m256i lane_bits = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
    __m256i all = _mm256_set1_epi32(pair >> (row & 7));
    return _mm256_cmpeq_epi32(_mm256_and_si256(all, lane_bits), lane_bits);
}

/* x0, x0 + x1, …, x0 + … + x7 */
GY_AVX2 static GY_ALWAYS_INLINE __m256i add_up(__m256i x)
{
    x = _mm256_add_epi32(x, _mm256_slli_si256(x, 4));
    x = _mm256_add_epi32(x, _mm256_slli_si256(x, 8));
    __m256i low = _mm256_permute2x128_si256(x, x, 0x08); /* zeroes, the low half */
    return _mm256_add_epi32(x, _mm256_shuffle_epi32(low, 0xff));
}

GY_AVX2 static GY_ALWAYS_INLINE void sum_eights(struct gy_row_addends a, uint32_t first, uint32_t n,
                                                uint32_t *before)
{
    __m256i base = _mm256_set1_epi32((int)a.base);
    __m256i low = _mm256_set1_epi32((int)a.low);
    __m256i span = _mm256_set1_epi32((int)a.span);
    __m256i sum = _mm256_setzero_si256();
    before[0] = 0;
    for (uint32_t i = 0; i < n; i += 8) {
        __m256i x = _mm256_add_epi32(raws_of(a.raws, a.width, first + i), base);
        if (a.present != NULL)
            x = _mm256_and_si256(x, lanes_of_bits(a.present, first + i));
        if (a.codes != NULL) {
            __m256i above = _mm256_sub_epi32(raws_of(a.codes, 4, first + i), low);
            x = _mm256_and_si256(x, _mm256_cmpeq_epi32(_mm256_min_epu32(above, span), above));
        }
        x = add_up(x);
        _mm256_storeu_si256((__m256i_u *)(void *)(before + 1 + i), _mm256_add_epi32(sum, x));
        sum = _mm256_add_epi32(sum, _mm256_permutevar8x32_epi32(x, _mm256_set1_epi32(7)));
    }
}

/* With `width` a constant, and without what is NULL. */
#define SUM_EIGHTS(has_codes)                \
    do {                                     \
        struct gy_row_addends b = *a;        \
        b.present = NULL;                    \
        if (!(has_codes))                    \
            b.codes = NULL;                  \
        b.width = 0;                         \
        if (a->width == 0)                   \
            sum_eights(b, first, n, before); \
        b.width = 1;                         \
        if (a->width == 1)                   \
            sum_eights(b, first, n, before); \
        b.width = 2;                         \
        if (a->width == 2)                   \
            sum_eights(b, first, n, before); \
        b.width = 4;                         \
        if (a->width == 4)                   \
            sum_eights(b, first, n, before); \
    } while (0)

GY_AVX2 static void row_sums_avx2(const struct gy_row_addends *a, uint32_t first, uint32_t n,
                                  uint32_t *before)
{
    if (a->present != NULL)
        sum_eights(*a, first, n, before);
    else if (a->codes != NULL)
        SUM_EIGHTS(true);
    else
        SUM_EIGHTS(false);
}

#undef SUM_EIGHTS

#endif

void gy_row_sums(const struct gy_row_addends *addends, uint32_t first, uint32_t n, uint32_t *before)
{
#if GY_HAS_AVX2_CODE
    if (gy_cpu_has_avx2()) {
        row_sums_avx2(addends, first, n, before);
        return;
    }
#endif
    gy_row_sums_plain(addends, first, n, before);
}
