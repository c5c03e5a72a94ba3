/* run_sums.c - differences of what is added up before each row, or sums of run after run. */
#include "engine/run_sums.h"

#include "base/cpu.h"

#if GY_HAS_AVX2_CODE
#include <immintrin.h>
#endif

#include "engine/kernel_column.h"
#include "engine/kernel_sum.h"

/* ---- sums of 64 bits ---- */

static uint64_t is_present(const uint64_t *present, uint32_t row)
{
    return present == NULL ? 1 : present[row >> 6] >> (row & 63) & 1;
}

#define ADD_UP(raw_of_row)                                       \
    for (uint32_t i = 0; i < n && present == NULL; i++) {        \
        sum += base + (raw_of_row);                              \
        sums[i + 1] = sum;                                       \
    }                                                            \
    for (uint32_t i = 0; i < n && present != NULL; i++) {        \
        uint64_t is_there = is_present(present, first + i);      \
        sum += (base + (raw_of_row)) & (UINT64_C(0) - is_there); \
        count += (uint32_t)is_there;                             \
        sums[i + 1] = sum;                                       \
        counts[i + 1] = count;                                   \
    }

/* What the values of rows [first, first + n) add up to before each, and how many there are: that only where
 * a row may have none. */
static void add_up(const struct gy_column *column, uint32_t first, uint32_t n, uint64_t *sums,
                   uint32_t *counts)
{
    const uint64_t *present = column->present;
    uint64_t base = (uint64_t)column->base;
    uint64_t sum = 0;
    uint32_t count = 0;
    sums[0] = 0;
    counts[0] = 0;
    if (column->width == 1) {
        const uint8_t *raw = (const uint8_t *)column->data + first;
        ADD_UP(raw[i])
    } else if (column->width == 2) {
        const uint16_t *raw = (const uint16_t *)column->data + first;
        ADD_UP(raw[i])
    } else if (column->width == 4) {
        const uint32_t *raw = (const uint32_t *)column->data + first;
        ADD_UP(raw[i])
    } else if (column->width == 8) {
        const uint64_t *raw = (const uint64_t *)column->data + first;
        ADD_UP(raw[i])
    } else {
        ADD_UP(UINT64_C(0))
    }
}

#undef ADD_UP

/* Short runs: what is added up before their ends less what is before their beginnings. */
static void sum_by_differences(struct gy_run_eval *eval, const struct gy_column *column,
                               const struct gy_chunk_cuts *cuts, int64_t factor, int64_t *sums,
                               uint32_t *counts)
{
    const struct gy_run_chunk *chunk = &eval->chunk;
    const uint64_t *before = eval->sums_before;
    const uint32_t *n_before = eval->counts_before;
    uint32_t first_row = chunk->first_row;
    add_up(column, first_row, chunk->n_rows, eval->sums_before, eval->counts_before);
    for (uint32_t i = 0; i < chunk->n_runs; i++) {
        uint64_t sum = before[cuts->ends[i] - first_row] - before[cuts->firsts[i] - first_row];
        sums[i] = (int64_t)(sum * (uint64_t)factor);
    }
    if (counts == NULL)
        return;
    if (column->present == NULL) {
        memcpy(counts, eval->lengths, chunk->n_runs * sizeof *counts);
        return;
    }
    for (uint32_t i = 0; i < chunk->n_runs; i++)
        counts[i] = n_before[cuts->ends[i] - first_row] - n_before[cuts->firsts[i] - first_row];
}

/* ---- sums of 32 bits ---- */

/* Where the raw values of a run add up to less than 2^32, differences of sums that wrap around there are the
 * same, and eight rows are added up at a time. */

#define ADD_UP(type)                                          \
    do {                                                      \
        const type *raw = (const type *)column->data + first; \
        for (uint32_t i = 0; i < n; i++) {                    \
            sum += raw[i];                                    \
            before[i + 1] = sum;                              \
        }                                                     \
    } while (0)

void gy_add_up_plain(const struct gy_column *column, uint32_t first, uint32_t n, uint32_t *before)
{
    uint32_t sum = 0;
    before[0] = 0;
    if (column->width == 1)
        ADD_UP(uint8_t);
    else if (column->width == 2)
        ADD_UP(uint16_t);
    else
        ADD_UP(uint32_t);
}

#undef ADD_UP

#if GY_HAS_AVX2_CODE

GY_AVX2 static inline __m256i load_eight(const struct gy_column *column, uint32_t row)
{
    const void *at = (const char *)column->data + (size_t)row * column->width;
    if (column->width == 1)
        return _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i_u *)at));
    if (column->width == 2)
        return _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i_u *)at));
    return _mm256_loadu_si256((const __m256i_u *)at);
}

/* x0, x0 + x1, …, x0 + … + x7 */
GY_AVX2 static inline __m256i add_up_eight(__m256i x)
{
    x = _mm256_add_epi32(x, _mm256_slli_si256(x, 4));
    x = _mm256_add_epi32(x, _mm256_slli_si256(x, 8));
    __m256i low = _mm256_permute2x128_si256(x, x, 0x08); /* 0, low half */
    return _mm256_add_epi32(x, _mm256_shuffle_epi32(low, 0xff));
}

GY_AVX2 static void add_up_avx2(const struct gy_column *column, uint32_t first, uint32_t n,
                                uint32_t *before)
{
    __m256i sum = _mm256_setzero_si256();
    __m256i last = _mm256_set1_epi32(7);
    before[0] = 0;
    for (uint32_t i = 0; i < n; i += 8) {
        __m256i eight = add_up_eight(load_eight(column, first + i));
        __m256i sums = _mm256_add_epi32(sum, eight);
        _mm256_storeu_si256((__m256i_u *)(void *)(before + 1 + i), sums);
        sum = _mm256_add_epi32(sum, _mm256_permutevar8x32_epi32(eight, last));
    }
}

#endif

void gy_add_up(const struct gy_column *column, uint32_t first, uint32_t n, uint32_t *before)
{
#if GY_HAS_AVX2_CODE
    if (gy_cpu_has_avx2()) {
        add_up_avx2(column, first, n, before);
        return;
    }
#endif
    gy_add_up_plain(column, first, n, before);
}

static GY_ALWAYS_INLINE void most_of_body(const uint32_t *counts, uint32_t n, uint32_t *out)
{
    uint32_t most = 0;
    for (uint32_t i = 0; i < n; i++)
        most = counts[i] > most ? counts[i] : most;
    *out = most;
}

GY_COMPILE_FOR_AVX2(most_of, (const uint32_t *counts, uint32_t n, uint32_t *out), (counts, n, out))

/* Whether numbers up to `largest`, one a row of any run of the chunk, add up to less than 2^32. */
static bool fits_32_bits(const struct gy_run_eval *eval, uint64_t largest)
{
    uint32_t most;
    most_of(eval->lengths, eval->chunk.n_runs, &most);
    return largest <= UINT32_MAX && largest * most <= UINT32_MAX;
}

/* The sums of raw values, which fit. */
static void add_raws(struct gy_run_eval *eval, const struct gy_column *column,
                     const struct gy_chunk_cuts *cuts, uint32_t *out)
{
    const struct gy_run_chunk *chunk = &eval->chunk;
    const uint32_t *before = eval->counts_before;
    const uint32_t *firsts = cuts->firsts;
    const uint32_t *ends = cuts->ends;
    uint32_t first_row = chunk->first_row;
    uint32_t n = chunk->n_runs;
    gy_add_up(column, first_row, chunk->n_rows, eval->counts_before);
    for (uint32_t i = 0; i < n; i++) {
        out[i] = before[ends[i] - first_row] - before[firsts[i] - first_row];
        __asm__(""); /* vectors of four would be taken apart again for each load */
    }
}

static GY_ALWAYS_INLINE void widen_body(const uint32_t *raws, const uint32_t *counts, uint32_t n,
                                        uint64_t base, uint64_t factor, int64_t *sums)
{
    if (base <= UINT32_MAX && factor == 1) { /* one multiplication of 32 bits */
        for (uint32_t i = 0; i < n; i++)
            sums[i] = (int64_t)(raws[i] + (uint64_t)(uint32_t)base * counts[i]);
        return;
    }
    for (uint32_t i = 0; i < n; i++)
        sums[i] = (int64_t)((raws[i] + base * counts[i]) * factor);
}

GY_COMPILE_FOR_AVX2(widen,
                    (const uint32_t *raws, const uint32_t *counts, uint32_t n, uint64_t base,
                     uint64_t factor, int64_t *sums),
                    (raws, counts, n, base, factor, sums))

static GY_ALWAYS_INLINE void add_bases_body(const uint32_t *counts, uint32_t n, uint32_t base,
                                            uint32_t *sums)
{
    for (uint32_t i = 0; i < n; i++)
        sums[i] += base * counts[i];
}

GY_COMPILE_FOR_AVX2(add_bases, (const uint32_t *counts, uint32_t n, uint32_t base, uint32_t *sums),
                    (counts, n, base, sums))

/* ---- sums of long runs ---- */

static uint64_t sum_of_present(const struct gy_column *column, uint32_t first, uint32_t end,
                               uint32_t *count)
{
    uint64_t sum = 0;
    *count = 0;
    for (uint32_t row = first; row < end; row++) {
        uint64_t is_there = is_present(column->present, row);
        sum += (uint64_t)gy_column_int(column, row) & (UINT64_C(0) - is_there);
        *count += (uint32_t)is_there;
    }
    return sum;
}

static void sum_run_by_run(const struct gy_run_eval *eval, const struct gy_column *column,
                           const struct gy_chunk_cuts *cuts, int64_t factor, int64_t *sums,
                           uint32_t *counts)
{
    for (uint32_t i = 0; i < eval->chunk.n_runs; i++) {
        uint32_t first = cuts->firsts[i];
        uint32_t count = cuts->ends[i] - first;
        uint64_t sum = column->present == NULL
                           ? (uint64_t)gy_column_sum(column, first, count)
                           : sum_of_present(column, first, cuts->ends[i], &count);
        sums[i] = (int64_t)(sum * (uint64_t)factor);
        if (counts != NULL)
            counts[i] = count;
    }
}

static void sum_nothing(uint32_t n, int64_t *sums, uint32_t *counts)
{
    memset(sums, 0, n * sizeof *sums);
    if (counts != NULL)
        memset(counts, 0, n * sizeof *counts);
}

/* ---- all ---- */

/* The column that has what is added up; NULL where no row has a value. */
static const struct gy_column *column_of(struct gy_run_eval *eval, const struct gy_plan_term *term)
{
    if (eval->chunk.view == NULL)
        return NULL;
    const struct gy_column *column =
        &gy_reader_column(eval->block->reader, eval->chunk.view, term->property)->column;
    return column->encoding == GY_ENCODING_INT ? column : NULL;
}

/* Runs are short, and each row has a raw value of up to 32 bits. */
static bool has_short_runs_of_raws(const struct gy_run_chunk *chunk, const struct gy_column *column)
{
    return !chunk->is_searched && chunk->n_rows <= GY_RUN_PREFIX_ROWS && column->present == NULL &&
           column->width != 0 && column->width != 8;
}

void gy_run_sums(struct gy_run_eval *eval, const struct gy_plan_term *term, int64_t *sums,
                 uint32_t *counts)
{
    struct gy_run_chunk *chunk = &eval->chunk;
    const struct gy_column *column = column_of(eval, term);
    if (column == NULL) {
        sum_nothing(chunk->n_runs, sums, counts);
        return;
    }
    int64_t factor = gy_sum_factor(gy_run_note_of(eval, term)->scale, column);
    const struct gy_chunk_cuts *cuts = gy_run_chunk_cut(chunk, term->range);
    if (chunk->n_rows > GY_RUN_PREFIX_ROWS || chunk->is_searched) {
        sum_run_by_run(eval, column, cuts, factor, sums, counts);
        return;
    }
    gy_run_counts(eval, term->range, eval->lengths);
    if (!has_short_runs_of_raws(chunk, column) ||
        !fits_32_bits(eval, (uint64_t)column->max_int - (uint64_t)column->base)) {
        sum_by_differences(eval, column, cuts, factor, sums, counts);
        return;
    }
    add_raws(eval, column, cuts, eval->raws);
    widen(eval->raws, eval->lengths, chunk->n_runs, (uint64_t)column->base, (uint64_t)factor, sums);
    if (counts != NULL)
        memcpy(counts, eval->lengths, chunk->n_runs * sizeof *counts);
}

bool gy_run_small_sums(struct gy_run_eval *eval, const struct gy_plan_term *term, uint32_t *sums)
{
    struct gy_run_chunk *chunk = &eval->chunk;
    const struct gy_column *column = column_of(eval, term);
    if (column == NULL || !has_short_runs_of_raws(chunk, column) || column->min_int < 0 ||
        column->base < 0 || gy_sum_factor(gy_run_note_of(eval, term)->scale, column) != 1)
        return false;
    gy_run_counts(eval, term->range, eval->lengths);
    if (!fits_32_bits(eval, (uint64_t)column->max_int))
        return false;
    add_raws(eval, column, gy_run_chunk_cut(chunk, term->range), sums);
    add_bases(eval->lengths, chunk->n_runs, (uint32_t)column->base, sums);
    return true;
}
