/* raw_test.c - see raw_test.h. */
#include "engine/raw_test.h"

#include <string.h>

#include "base/cpu.h"
#include "engine/kernel_column.h"

#if GY_HAS_AVX2_CODE
#include <immintrin.h>
#endif

/* ---- what passes ---- */

static void set_range(struct gy_raw_test *out, uint64_t low, uint64_t end)
{
    out->low = low;
    out->n = low < end ? end - low : 0;
}

bool gy_raw_test_of_numbers(const struct gy_column *column, const struct gy_number_test *numbers,
                            struct gy_raw_test *out)
{
    uint64_t end = gy_column_last_raw(column) + 1;
    double low = numbers->low;
    *out = (struct gy_raw_test){.column = column};
    if (end == 0)
        return false;
    if (numbers->is_between) {
        set_range(out, gy_column_raws_below(column, end, low, false),
                  gy_column_raws_below(column, end, numbers->high, true));
        return true;
    }
    switch (numbers->compare) {
    case GY_NE:
    case GY_EQ:
        out->is_negated = numbers->compare == GY_NE;
        set_range(out, gy_column_raws_below(column, end, low, false),
                  gy_column_raws_below(column, end, low, true));
        break;
    case GY_LT:
        set_range(out, 0, gy_column_raws_below(column, end, low, false));
        break;
    case GY_LE:
        set_range(out, 0, gy_column_raws_below(column, end, low, true));
        break;
    case GY_GT:
        set_range(out, gy_column_raws_below(column, end, low, true), end);
        break;
    case GY_GE:
        set_range(out, gy_column_raws_below(column, end, low, false), end);
        break;
    }
    return true;
}

void gy_raw_test_of_ints(const struct gy_column *column, int64_t first, int64_t last,
                         struct gy_raw_test *out)
{
    *out = (struct gy_raw_test){.column = column};
    first = first > column->base ? first : column->base;
    last = last < column->max_int ? last : column->max_int;
    if (first > last)
        return;
    uint64_t unit = (uint64_t)gy_time_units_ms[column->unit];
    uint64_t above = (uint64_t)first - (uint64_t)column->base;
    set_range(out, above / unit + (above % unit != 0),
              ((uint64_t)last - (uint64_t)column->base) / unit + 1);
}

void gy_raw_test_of_codes(const struct gy_column *column, const uint8_t *passes, uint32_t n,
                          struct gy_raw_test *out)
{
    *out = (struct gy_raw_test){
        .column = column, .passes = passes, .has_halves = column->width == 1 && n <= 128};
    for (uint32_t code = 0; code < n && out->has_halves; code++)
        out->upper_halves[code & 15] |= (uint8_t)(passes[code] << (code >> 4));
}

/* ---- plain ---- */

/* Of the n rows from `first` on: those that have a value. */
static uint64_t rows_there(const struct gy_column *column, uint32_t first, uint32_t n)
{
    uint64_t all = UINT64_MAX >> (64 - n);
    if (column->encoding == GY_ENCODING_NONE)
        return 0;
    if (column->present == NULL)
        return all;
    uint64_t word = column->present[first >> 6] >> (first & 63);
    if ((first & 63) + n > 64)
        word |= column->present[(first >> 6) + 1] << (64 - (first & 63));
    return word & all;
}

#define LOOK(type)                   \
    for (uint32_t i = 0; i < n; i++) \
    word |= (uint64_t)gy_raw_test_passes(test, ((const type *)test->column->data)[first + i]) << i

static uint64_t raws_plain(const struct gy_raw_test *test, uint32_t first, uint32_t n)
{
    uint64_t word = 0;
    if (gy_raw_test_is_settled(test))
        return gy_raw_test_passes(test, 0) ? UINT64_MAX : 0;
    if (test->column->width == 1)
        LOOK(uint8_t);
    else if (test->column->width == 2)
        LOOK(uint16_t);
    else if (test->column->width == 4)
        LOOK(uint32_t);
    else
        LOOK(uint64_t);
    return word;
}

#undef LOOK

uint64_t gy_raw_test_rows_plain(const struct gy_raw_test *test, uint32_t first, uint32_t n)
{
    return raws_plain(test, first, n) & rows_there(test->column, first, n);
}

/* ---- AVX2 ---- */

#if GY_HAS_AVX2_CODE

GY_AVX2 static inline __m256i load(const void *from)
{
    return _mm256_loadu_si256((const __m256i_u *)from);
}

GY_AVX2 static uint64_t codes_avx2(const struct gy_raw_test *test, uint32_t first)
{
    const uint8_t *raws = (const uint8_t *)test->column->data + first;
    const __m256i low_half = _mm256_set1_epi8(15);
    const __m256i uppers = _mm256_broadcastsi128_si256(
        _mm_loadu_si128((const __m128i_u *)(const void *)test->upper_halves));
    const __m256i bits = _mm256_setr_epi8(1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0, 1,
                                          2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0);
    uint64_t word = 0;
    for (uint32_t i = 0; i < 64; i += 32) {
        __m256i codes = load(raws + i);
        __m256i low = _mm256_and_si256(codes, low_half);
        __m256i high = _mm256_and_si256(_mm256_srli_epi16(codes, 4), low_half);
        __m256i hits =
            _mm256_and_si256(_mm256_shuffle_epi8(uppers, low), _mm256_shuffle_epi8(bits, high));
        __m256i misses = _mm256_cmpeq_epi8(hits, _mm256_setzero_si256());
        word |= (uint64_t) ~(uint32_t)_mm256_movemask_epi8(misses) << i;
    }
    return word;
}

/* A number of at most `span` above `low`: the lesser of two unsigned numbers tells. */
GY_AVX2 static uint64_t bytes_avx2(const uint8_t *raws, uint64_t low, uint64_t span)
{
    uint64_t word = 0;
    for (uint32_t i = 0; i < 64; i += 32) {
        __m256i above = _mm256_sub_epi8(load(raws + i), _mm256_set1_epi8((char)low));
        __m256i hits =
            _mm256_cmpeq_epi8(_mm256_min_epu8(above, _mm256_set1_epi8((char)span)), above);
        word |= (uint64_t)(uint32_t)_mm256_movemask_epi8(hits) << i;
    }
    return word;
}

GY_AVX2 static inline __m256i halves_hit(const uint16_t *raws, __m256i low, __m256i span)
{
    __m256i above = _mm256_sub_epi16(load(raws), low);
    return _mm256_cmpeq_epi16(_mm256_min_epu16(above, span), above);
}

GY_AVX2 static uint64_t halves_avx2(const uint16_t *raws, uint64_t low, uint64_t span)
{
    uint64_t word = 0;
    const __m256i lows = _mm256_set1_epi16((short)low);
    const __m256i spans = _mm256_set1_epi16((short)span);
    for (uint32_t i = 0; i < 64; i += 32) { /* packing takes turns between 128 bits of the two */
        __m256i packed = _mm256_packs_epi16(halves_hit(raws + i, lows, spans),
                                            halves_hit(raws + i + 16, lows, spans));
        packed = _mm256_permute4x64_epi64(packed, 0xD8);
        word |= (uint64_t)(uint32_t)_mm256_movemask_epi8(packed) << i;
    }
    return word;
}

GY_AVX2 static uint64_t words_avx2(const uint32_t *raws, uint64_t low, uint64_t span)
{
    uint64_t word = 0;
    for (uint32_t i = 0; i < 64; i += 8) {
        __m256i above = _mm256_sub_epi32(load(raws + i), _mm256_set1_epi32((int)low));
        __m256i hits =
            _mm256_cmpeq_epi32(_mm256_min_epu32(above, _mm256_set1_epi32((int)span)), above);
        word |= (uint64_t)(uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(hits)) << i;
    }
    return word;
}

/* There is no lesser of two unsigned numbers of 64 bits; with the top bit turned signed ones compare so. */
GY_AVX2 static uint64_t longs_avx2(const uint64_t *raws, uint64_t low, uint64_t span)
{
    uint64_t misses = 0;
    const __m256i top = _mm256_set1_epi64x(INT64_MIN);
    const __m256i spans = _mm256_xor_si256(_mm256_set1_epi64x((long long)span), top);
    for (uint32_t i = 0; i < 64; i += 4) {
        __m256i above = _mm256_sub_epi64(load(raws + i), _mm256_set1_epi64x((long long)low));
        __m256i is_past = _mm256_cmpgt_epi64(_mm256_xor_si256(above, top), spans);
        misses |= (uint64_t)(uint32_t)_mm256_movemask_pd(_mm256_castsi256_pd(is_past)) << i;
    }
    return ~misses;
}

/* Of the next 64 rows; not settled, and no table but one of halves. */
static uint64_t raws_avx2(const struct gy_raw_test *test, uint32_t first)
{
    const struct gy_column *c = test->column;
    uint64_t span = test->n - 1;
    uint64_t word;
    if (test->passes != NULL)
        return codes_avx2(test, first);
    if (c->width == 1)
        word = bytes_avx2((const uint8_t *)c->data + first, test->low, span);
    else if (c->width == 2)
        word = halves_avx2((const uint16_t *)c->data + first, test->low, span);
    else if (c->width == 4)
        word = words_avx2((const uint32_t *)c->data + first, test->low, span);
    else
        word = longs_avx2((const uint64_t *)c->data + first, test->low, span);
    return test->is_negated ? ~word : word;
}

#endif

uint64_t gy_raw_test_rows(const struct gy_raw_test *test, uint32_t first, uint32_t n)
{
#if GY_HAS_AVX2_CODE
    bool has_kernel = test->passes == NULL || test->has_halves;
    bool has_rows = (uint64_t)first + 64 <= test->column->n_rows;
    if (has_rows && has_kernel && !gy_raw_test_is_settled(test) && gy_cpu_has_avx2())
        return raws_avx2(test, first) & rows_there(test->column, first, n);
#endif
    return gy_raw_test_rows_plain(test, first, n);
}
