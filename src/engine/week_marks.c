/* week_marks.c - hours of the week by multiplications.
 *
 * A division by d of numbers below N is one by a power of two of the product with ⌈2^k / d⌉, as long as that
 * is too much by e / d with e N ≤ 2^k (Granlund, Montgomery 1994):
 *
 *   weeks   604,800 = 2^7 × 4,725; of 25 bits, k = 38: e < 4,725, and 4,725 × 2^25 < 2^38
 *   hours     3,600 = 2^4 × 225; below 37,800, k = 23: e = 67, and 67 × 37,800 < 2^23
 */
#include "engine/week_marks.h"

#include <string.h>

#include "base/cpu.h"
#include "store/part.h"

#if GY_HAS_AVX2_CODE
#include <immintrin.h>
#endif

enum {
    HOUR_S = 3600,
    WEEK_S = GY_WEEK_HOURS * HOUR_S,
    MONDAY_S = 3 * 24 * HOUR_S, /* 1970 began on a Thursday */
    WEEK_SHIFT = 7,
    WEEK_FACTOR = 58175219, /* ⌈2^38 / 4725⌉ */
    HOUR_SHIFT = 4,
    HOUR_FACTOR = 37283, /* ⌈2^23 / 225⌉ */
    WEEK_16THS = WEEK_S >> HOUR_SHIFT
};

_Static_assert((INT64_C(1) << 38) / 4725 + 1 == WEEK_FACTOR, "weeks are divided out");
_Static_assert((1 << 23) / 225 + 1 == HOUR_FACTOR, "hours are divided out");

static bool offset_at(const struct gy_zone *zone, int64_t ms, uint32_t *offset_s)
{
    int64_t offset_ms = gy_zone_offset_ms(zone, ms);
    *offset_s = (uint32_t)(offset_ms / 1000);
    return offset_ms % 1000 == 0;
}

static bool add_changes(const struct gy_zone *zone, int64_t at_ms, int64_t last_ms,
                        uint32_t offset_s, struct gy_week_marks *out)
{
    while ((at_ms = gy_zone_next_change(zone, at_ms)) <= last_ms) {
        uint32_t next_s;
        if (out->n_changes == GY_WEEK_CHANGES || at_ms % 1000 != 0 ||
            !offset_at(zone, at_ms, &next_s))
            return false;
        out->changes[out->n_changes] = (uint32_t)(GY_CODE_1970 + at_ms / 1000);
        out->deltas[out->n_changes++] = next_s - offset_s;
        offset_s = next_s;
    }
    return true;
}

bool gy_week_marks_make(const bool passes[GY_WEEK_HOURS], const struct gy_zone *zone,
                        uint32_t min_code, uint32_t max_code, struct gy_week_marks *out)
{
    uint32_t offset_s;
    int64_t first_ms = gy_code_ms(min_code, 0);
    memset(out, 0, sizeof *out);
    for (uint32_t h = 0; h < GY_WEEK_HOURS; h++)
        out->hours[h / 32] |= (uint32_t)passes[h] << (31 - h % 32);
    if (!offset_at(zone, first_ms, &offset_s))
        return false;
    out->shift = MONDAY_S - GY_CODE_1970 + offset_s;
    return add_changes(zone, first_ms, gy_code_ms(max_code, 0), offset_s, out);
}

/* ---- plain ---- */

static uint64_t passes_at(const struct gy_week_marks *week, uint32_t code)
{
    uint32_t local_s = code + week->shift;
    for (uint32_t c = 0; c < week->n_changes; c++)
        local_s += code >= week->changes[c] ? week->deltas[c] : 0;
    uint32_t hour = local_s % WEEK_S / HOUR_S;
    return week->hours[hour / 32] >> (31 - hour % 32) & 1;
}

void gy_week_marks_run_plain(const struct gy_week_marks *week, const uint32_t *codes, uint32_t n,
                             uint64_t *marks)
{
    for (uint32_t row = 0; row <= n; row += 64) {
        uint64_t word = 0;
        for (uint32_t i = 0; i < 64 && row + i < n; i++)
            word |= passes_at(week, codes[row + i]) << i;
        marks[row / 64] = word;
    }
}

/* ---- AVX2 ---- */

#if GY_HAS_AVX2_CODE

GY_AVX2 static GY_ALWAYS_INLINE __m256i local_seconds(const struct gy_week_marks *week,
                                                      __m256i codes, uint32_t n_changes)
{
    __m256i local = _mm256_add_epi32(codes, _mm256_set1_epi32((int)week->shift));
    for (uint32_t c = 0; c < n_changes; c++) {
        __m256i change = _mm256_set1_epi32((int)week->changes[c]);
        __m256i is_behind = _mm256_cmpeq_epi32(_mm256_max_epu32(codes, change), codes);
        __m256i delta = _mm256_set1_epi32((int)week->deltas[c]);
        local = _mm256_add_epi32(local, _mm256_and_si256(is_behind, delta));
    }
    return local;
}

/* The high halves of eight products of 32 bits. */
GY_AVX2 static GY_ALWAYS_INLINE __m256i multiply_high(__m256i a, __m256i factor)
{
    __m256i even = _mm256_srli_epi64(_mm256_mul_epu32(a, factor), 32);
    __m256i odd = _mm256_mul_epu32(_mm256_srli_epi64(a, 32), factor);
    return _mm256_blend_epi32(even, odd, 0xaa);
}

/* A bit for each of eight codes. Sixteenths of seconds of the week fit 16 bits, so that what the high halves of
 * lanes hold from there on does not matter. */
GY_AVX2 static GY_ALWAYS_INLINE uint32_t mark_eight(const struct gy_week_marks *week,
                                                    const uint32_t *codes, uint32_t n_changes)
{
    __m256i eight = _mm256_loadu_si256((const __m256i_u *)(const void *)codes);
    __m256i hours = _mm256_loadu_si256((const __m256i_u *)(const void *)week->hours);
    __m256i local = local_seconds(week, eight, n_changes);
    __m256i weeks = _mm256_srli_epi32(
        multiply_high(_mm256_srli_epi32(local, WEEK_SHIFT), _mm256_set1_epi32(WEEK_FACTOR)),
        38 - 32);
    __m256i before = _mm256_mullo_epi16(weeks, _mm256_set1_epi32(WEEK_16THS));
    __m256i of_week = _mm256_sub_epi16(_mm256_srli_epi32(local, HOUR_SHIFT), before);
    __m256i products = _mm256_mulhi_epu16(of_week, _mm256_set1_epi32(HOUR_FACTOR));
    __m256i words = _mm256_permutevar8x32_epi32(hours, _mm256_srli_epi32(products, 7 + 5));
    __m256i bits = _mm256_and_si256(_mm256_srli_epi32(products, 7), _mm256_set1_epi32(31));
    __m256i marks = _mm256_sllv_epi32(words, bits);
    return (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(marks));
}

GY_AVX2 static GY_ALWAYS_INLINE void run_eights(const struct gy_week_marks *week,
                                                const uint32_t *codes, uint32_t n,
                                                uint32_t n_changes, uint64_t *marks)
{
    for (uint32_t row = 0; row <= n; row += 64) {
        uint32_t end = n - row < 64 ? n - row : 64;
        uint64_t word = 0;
        for (uint32_t i = 0; i < end; i += 8)
            word |= (uint64_t)mark_eight(week, codes + row + i, n_changes) << i;
        marks[row / 64] = end == 64 ? word : word & ((UINT64_C(1) << end) - 1);
    }
}

GY_AVX2 static void run_avx2(const struct gy_week_marks *week, const uint32_t *codes, uint32_t n,
                             uint64_t *marks)
{
    if (week->n_changes == 0)
        run_eights(week, codes, n, 0, marks);
    else
        run_eights(week, codes, n, week->n_changes, marks);
}

#endif

void gy_week_marks_run(const struct gy_week_marks *week, const uint32_t *codes, uint32_t n,
                       uint64_t *marks)
{
#if GY_HAS_AVX2_CODE
    if (gy_cpu_has_avx2()) {
        run_avx2(week, codes, n, marks);
        return;
    }
#endif
    gy_week_marks_run_plain(week, codes, n, marks);
}
