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

/* Of the 64 rows from `first` on: those that have a value. */
static uint64_t rows_there(const struct gy_column *column, uint32_t first)
{
    uint32_t w = first >> 6;
    uint64_t word = column->present[w] >> (first & 63);
    if ((first & 63) != 0 && w < (column->n_rows - 1) >> 6)
        word |= column->present[w + 1] << (64 - (first & 63));
    return word;
}

#define LOOK(type)                   \
    for (uint32_t i = 0; i < n; i++) \
    word |= (uint64_t)gy_raw_test_passes(test, ((const type *)test->column->data)[first + i]) << i

/* Of n rows. */
static uint64_t raws_plain(const struct gy_raw_test *test, uint32_t first, uint32_t n)
{
    uint64_t word = 0;
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

static void words_plain(const struct gy_raw_test *test, const uint32_t *rows, uint32_t n,
                        uint64_t *hits)
{
    uint32_t n_rows = test->column->n_rows;
    for (uint32_t k = 0; k < n; k++) {
        uint32_t n_left = n_rows - rows[k];
        hits[k] = raws_plain(test, rows[k], n_left < 64 ? n_left : 64);
    }
}

typedef void (*words_fn)(const struct gy_raw_test *test, const uint32_t *rows, uint32_t n,
                         uint64_t *hits);

/* `look` is not asked of what is settled. */
static void test_words(const struct gy_raw_test *test, const uint32_t *rows, uint32_t n,
                       words_fn look, uint64_t *hits)
{
    const struct gy_column *column = test->column;
    if (column->encoding == GY_ENCODING_NONE) {
        memset(hits, 0, n * sizeof *hits);
        return;
    }
    if (gy_raw_test_is_settled(test))
        memset(hits, gy_raw_test_passes(test, 0) ? 0xff : 0, n * sizeof *hits);
    else
        look(test, rows, n, hits);
    for (uint32_t k = 0; k < n && column->present != NULL; k++)
        hits[k] &= rows_there(column, rows[k]);
}

void gy_raw_test_words_plain(const struct gy_raw_test *test, const uint32_t *rows, uint32_t n,
                             uint64_t *hits)
{
    test_words(test, rows, n, words_plain, hits);
}

/* ---- AVX2 ---- */

#if GY_HAS_AVX2_CODE

#define INLINE_AVX2 GY_AVX2 static GY_ALWAYS_INLINE

INLINE_AVX2 __m256i load(const void *from)
{
    return _mm256_loadu_si256((const __m256i_u *)from);
}

INLINE_AVX2 uint64_t codes_word(const uint8_t *raws, __m256i uppers)
{
    const __m256i low_half = _mm256_set1_epi8(15);
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
INLINE_AVX2 uint64_t bytes_word(const uint8_t *raws, uint64_t low, uint64_t span)
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

INLINE_AVX2 __m256i halves_hit(const uint16_t *raws, __m256i low, __m256i span)
{
    __m256i above = _mm256_sub_epi16(load(raws), low);
    return _mm256_cmpeq_epi16(_mm256_min_epu16(above, span), above);
}

INLINE_AVX2 uint64_t halves_word(const uint16_t *raws, uint64_t low, uint64_t span)
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

INLINE_AVX2 uint64_t singles_word(const uint32_t *raws, uint64_t low, uint64_t span)
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
INLINE_AVX2 uint64_t doubles_word(const uint64_t *raws, uint64_t low, uint64_t span)
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

#define EACH(type, word)             \
    for (uint32_t k = 0; k < n; k++) \
    hits[k] = negated ^ word((const type *)column->data + rows[k], test->low, span)

/* All 64 rows of each word are the column's. */
GY_AVX2 static void whole_words_avx2(const struct gy_raw_test *test, const uint32_t *rows,
                                     uint32_t n, uint64_t *hits)
{
    const struct gy_column *column = test->column;
    uint64_t span = test->n - 1;
    uint64_t negated = test->is_negated ? UINT64_MAX : 0;
    if (test->passes != NULL) {
        const __m256i uppers = _mm256_broadcastsi128_si256(
            _mm_loadu_si128((const __m128i_u *)(const void *)test->upper_halves));
        for (uint32_t k = 0; k < n; k++)
            hits[k] = codes_word((const uint8_t *)column->data + rows[k], uppers);
    } else if (column->width == 1)
        EACH(uint8_t, bytes_word);
    else if (column->width == 2)
        EACH(uint16_t, halves_word);
    else if (column->width == 4)
        EACH(uint32_t, singles_word);
    else
        EACH(uint64_t, doubles_word);
}

#undef EACH

static void words_avx2(const struct gy_raw_test *test, const uint32_t *rows, uint32_t n,
                       uint64_t *hits)
{
    uint32_t n_whole = n;
    while (n_whole > 0 && (uint64_t)rows[n_whole - 1] + 64 > test->column->n_rows)
        n_whole--;
    whole_words_avx2(test, rows, n_whole, hits);
    words_plain(test, rows + n_whole, n - n_whole, hits + n_whole);
}

#endif

void gy_raw_test_words(const struct gy_raw_test *test, const uint32_t *rows, uint32_t n,
                       uint64_t *hits)
{
#if GY_HAS_AVX2_CODE
    bool has_kernel = test->passes == NULL || test->has_halves;
    if (has_kernel && gy_cpu_has_avx2()) {
        test_words(test, rows, n, words_avx2, hits);
        return;
    }
#endif
    gy_raw_test_words_plain(test, rows, n, hits);
}
