/* kernel_column.c - one loop for each width; the compiler makes gathers of them. */
#include "engine/kernel_column.h"

#include <string.h>

#include "base/cpu.h"

#if GY_HAS_AVX2_CODE
#include <immintrin.h>
#endif

#define DECODE(type)                 \
    for (uint32_t i = 0; i < n; i++) \
    values[i] = (double)(int64_t)(base + ((const type *)column->data)[rows[i]] * unit)

static void decode_ints(const struct gy_column *column, const struct gy_selection *selection,
                        double *values)
{
    uint32_t n = selection->n;
    const uint32_t *rows = selection->rows;
    uint64_t base = (uint64_t)column->base;
    uint64_t unit = (uint64_t)gy_time_units_ms[column->unit];
    switch (column->width) {
    case 1:
        DECODE(uint8_t);
        break;
    case 2:
        DECODE(uint16_t);
        break;
    case 4:
        DECODE(uint32_t);
        break;
    case 8:
        DECODE(uint64_t);
        break;
    default:
        for (uint32_t i = 0; i < n; i++)
            values[i] = (double)column->base;
    }
    if (column->scale == 0)
        return;
    if (column->scale < 0) {
        double factor = gy_powers_of_ten[-column->scale];
        for (uint32_t i = 0; i < n; i++)
            values[i] *= factor;
        return;
    }
    double divisor = gy_powers_of_ten[column->scale];
    for (uint32_t i = 0; i < n; i++)
        values[i] /= divisor;
}

#undef DECODE

double gy_column_value_of_raw(const struct gy_column *column, uint64_t raw)
{
    double value = (double)gy_column_int_of_raw(column, raw);
    return column->scale == 0 ? value : gy_scaled(value, column->scale);
}

void gy_column_known(const struct gy_column *column, const struct gy_selection *selection,
                     uint8_t *known)
{
    if (column->encoding == GY_ENCODING_NONE || column->present == NULL) {
        memset(known, column->encoding != GY_ENCODING_NONE, selection->n);
        return;
    }
    for (uint32_t i = 0; i < selection->n; i++) {
        uint32_t row = selection->rows[i];
        known[i] = (uint8_t)(column->present[row >> 6] >> (row & 63) & 1);
    }
}

void gy_column_numbers(const struct gy_column *column, const struct gy_selection *selection,
                       double *values, uint8_t *known)
{
    gy_column_known(column, selection, known);
    if (column->encoding == GY_ENCODING_INT) {
        decode_ints(column, selection, values);
    } else if (column->encoding == GY_ENCODING_DOUBLE) {
        const double *data = column->data;
        for (uint32_t i = 0; i < selection->n; i++)
            values[i] = data[selection->rows[i]];
    } else {
        memset(values, 0, selection->n * sizeof *values);
        memset(known, 0, selection->n);
    }
}

#define DECODE(type)                 \
    for (uint32_t i = 0; i < n; i++) \
    values[i] = (int64_t)((base + ((const type *)column->data)[rows[i]]) * times)

void gy_column_scaled(const struct gy_column *column, const struct gy_selection *selection,
                      int64_t factor, int64_t *values)
{
    uint32_t n = selection->n;
    const uint32_t *rows = selection->rows;
    uint64_t base = (uint64_t)column->base;
    uint64_t times = (uint64_t)factor; /* what is not known may overflow */
    switch (column->width) {
    case 1:
        DECODE(uint8_t);
        break;
    case 2:
        DECODE(uint16_t);
        break;
    case 4:
        DECODE(uint32_t);
        break;
    case 8:
        DECODE(uint64_t);
        break;
    default:
        for (uint32_t i = 0; i < n; i++)
            values[i] = (int64_t)(base * times);
    }
}

#undef DECODE

#define ADD_RAW(type)                                         \
    do {                                                      \
        const type *raw = (const type *)column->data + first; \
        for (uint32_t i = 0; i < n; i++)                      \
            sum += raw[i];                                    \
    } while (0)

int64_t gy_column_sum(const struct gy_column *column, uint32_t first, uint32_t n)
{
    uint64_t sum = (uint64_t)column->base * n;
    if (column->width == 1)
        ADD_RAW(uint8_t);
    else if (column->width == 2)
        ADD_RAW(uint16_t);
    else if (column->width == 4)
        ADD_RAW(uint32_t);
    else if (column->width == 8)
        ADD_RAW(uint64_t);
    return (int64_t)sum;
}

/* ---- sums where not every row has a value ---- */

int64_t gy_column_sum_present_plain(const struct gy_column *column, uint32_t first, uint32_t n,
                                    uint32_t *count)
{
    uint64_t sum = 0;
    *count = 0;
    for (uint32_t row = first; row < first + n; row++) {
        uint64_t is_there = column->present[row >> 6] >> (row & 63) & 1;
        sum += gy_column_raw(column, row) & (UINT64_C(0) - is_there);
        *count += (uint32_t)is_there;
    }
    return (int64_t)(sum + (uint64_t)column->base * *count);
}

#if GY_HAS_AVX2_CODE

GY_AVX2 static GY_ALWAYS_INLINE __m256i load_eight(const char *at, unsigned width)
{
    if (width == 1)
        return _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i_u *)(const void *)at));
    if (width == 2)
        return _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i_u *)(const void *)at));
    return _mm256_loadu_si256((const __m256i_u *)(const void *)at);
}

/* Eight rows at once: a bit of presence lets a lane through. Lanes are added up as pairs of 64 bits. */
GY_AVX2 static GY_ALWAYS_INLINE uint64_t sum_eights(const struct gy_column *column, uint32_t first,
                                                    uint32_t n, unsigned width, uint32_t *count)
{
    const char *raws = (const char *)column->data + (size_t)first * width;
    const char *present = (const char *)column->present;
    __m256i lane_bits = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
    __m256i low_halves = _mm256_set1_epi64x(UINT32_MAX);
    __m256i sums = _mm256_setzero_si256();
    *count = 0;
    for (uint32_t i = 0; i < n; i += 8) {
        uint16_t pair;
        memcpy(&pair, present + (first + i) / 8, sizeof pair);
        uint32_t left = n - i < 8 ? n - i : 8;
        uint32_t bits = (uint32_t)pair >> ((first + i) & 7) & ((UINT32_C(1) << left) - 1);
        __m256i all = _mm256_set1_epi32((int)bits);
        __m256i lanes = _mm256_cmpeq_epi32(_mm256_and_si256(all, lane_bits), lane_bits);
        __m256i x = _mm256_and_si256(load_eight(raws + (size_t)i * width, width), lanes);
        sums = _mm256_add_epi64(sums, _mm256_and_si256(x, low_halves));
        sums = _mm256_add_epi64(sums, _mm256_srli_epi64(x, 32));
        *count += (uint32_t)__builtin_popcount(bits);
    }
    __m128i two = _mm_add_epi64(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
    return (uint64_t)_mm_cvtsi128_si64(two) + (uint64_t)_mm_extract_epi64(two, 1);
}

GY_AVX2 static int64_t sum_present_avx2(const struct gy_column *column, uint32_t first, uint32_t n,
                                        uint32_t *count)
{
    uint64_t sum = column->width == 1   ? sum_eights(column, first, n, 1, count)
                   : column->width == 2 ? sum_eights(column, first, n, 2, count)
                                        : sum_eights(column, first, n, 4, count);
    return (int64_t)(sum + (uint64_t)column->base * *count);
}

#endif

int64_t gy_column_sum_present(const struct gy_column *column, uint32_t first, uint32_t n,
                              uint32_t *count)
{
#if GY_HAS_AVX2_CODE
    bool has_lanes = column->width == 1 || column->width == 2 || column->width == 4;
    if (gy_cpu_has_avx2() && has_lanes)
        return sum_present_avx2(column, first, n, count);
#endif
    return gy_column_sum_present_plain(column, first, n, count);
}

#undef ADD_RAW

uint64_t gy_column_raws_below(const struct gy_column *column, uint64_t n, double bound,
                              bool or_equal)
{
    uint64_t low = 0;
    while (low < n) {
        uint64_t middle = low + (n - low) / 2;
        double value = gy_column_value_of_raw(column, middle);
        if (or_equal ? value <= bound : value < bound)
            low = middle + 1;
        else
            n = middle;
    }
    return low;
}
