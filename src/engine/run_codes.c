/* run_codes.c - one code of each run, or all of them. */
#include "engine/run_codes.h"

#include "base/cpu.h"

#if GY_HAS_AVX2_CODE
#include <immintrin.h>
#endif

#include "engine/kernel_codes.h"
#include "engine/kernel_column.h"

enum {
    WORD_CODES = 64,  /* so many different codes are bits of one word */
    BYTE_CODES = 255, /* so many leave a byte that is none */
    LANES = 16
};

/* The column of the chunk's slice; NULL where the customer has no rows. */
static const struct gy_view_column *column_of(struct gy_run_eval *eval,
                                              const struct gy_plan_term *term)
{
    if (eval->chunk.view == NULL)
        return NULL;
    return gy_reader_column(eval->block->reader, eval->chunk.view, term->property);
}

bool gy_run_has_codes(struct gy_run_eval *eval, const struct gy_plan_term *term)
{
    struct gy_block_eval *block = eval->block;
    const struct gy_stream_view *stream =
        gy_reader_stream(block->reader, block->block_no, term->stream);
    if (stream->n_slices != 1)
        return stream->n_slices == 0;
    const struct gy_view_column *column =
        gy_reader_column(block->reader, &stream->slices[0], term->property);
    return column->column.encoding == GY_ENCODING_NONE ||
           (column->column.encoding == GY_ENCODING_CODE &&
            column->dictionary.n <= stream->slices[0].slice->n_rows &&
            column->dictionary.n <= GY_MOST_COUNTED_CODES);
}

/* ---- tests of one string ---- */

bool gy_run_note_string_test(struct gy_run_eval *eval, const struct gy_plan_expr *expr)
{
    const struct gy_plan_term *term = expr->left;
    struct gy_block_eval *block = eval->block;
    bool is_test = expr->kind == GY_EXPR_IN || expr->kind == GY_EXPR_TEXT ||
                   (expr->kind == GY_EXPR_COMPARE && expr->right->kind == GY_TERM_STRING);
    if (!is_test || term->kind != GY_TERM_AGGREGATE || term->type != GY_TYPE_STRING ||
        term->filter != NULL || !gy_run_has_codes(eval, term))
        return false;
    const struct gy_stream_view *stream =
        gy_reader_stream(block->reader, block->block_no, term->stream);
    struct gy_run_note *note = &eval->notes[eval->n_notes++];
    *note = (struct gy_run_note){.node = expr};
    if (stream->n_slices == 0)
        return true;
    const struct gy_view_column *column =
        gy_reader_column(block->reader, &stream->slices[0], term->property);
    struct gy_filter filter = {.expr = expr->expr, .regex = expr->regex};
    note->passes = GY_NEW_ARRAY(&block->arena, uint8_t, column->dictionary.n + 1);
    gy_verdicts_decide(&filter, &column->dictionary, note->passes);
    return true;
}

/* ---- the first and the last ---- */

/* The rows of each run that a window has, as far as the first or the last of them is asked for. */
struct ends {
    const uint32_t *firsts;
    const uint32_t *ends;
    uint32_t from_code; /* and of those only the ones in [from_code, to_code) */
    uint32_t to_code;
};

/* Where only the other end of the window cuts, a look at the one row decides. */
static bool find_ends(struct gy_run_eval *eval, const struct gy_plan_term *term, struct ends *out)
{
    struct gy_run_chunk *chunk = &eval->chunk;
    const struct gy_times *times = &chunk->view->times;
    bool is_first = term->term->aggregate == GY_FIRST;
    struct gy_window_codes window;
    if (!gy_window_codes_of(chunk->view, term->range, &window))
        return false;
    *out = (struct ends){chunk->starts, chunk->starts + 1, 0, UINT32_MAX};
    bool has_millis = times->millis != NULL || times->day_millis != NULL;
    bool cuts_there = is_first ? window.cuts_from : window.cuts_to;
    if (cuts_there || ((window.cuts_from || window.cuts_to) && has_millis)) {
        const struct gy_chunk_cuts *cuts = gy_run_chunk_cut(chunk, term->range);
        out->firsts = cuts->firsts;
        out->ends = cuts->ends;
        return true;
    }
    if (window.cuts_from)
        out->from_code = window.from_code + (window.from_millis > 0);
    if (window.cuts_to)
        out->to_code = window.to_code + (window.to_millis > 0);
    return true;
}

#define TEST_ROWS(type)                                              \
    for (uint32_t i = 0; i < n; i++) {                               \
        bool is_there = e->firsts[i] < e->ends[i];                   \
        uint32_t row = is_first ? e->firsts[i] : e->ends[i] - 1;     \
        row = is_there ? row : 0;                                    \
        uint32_t code = codes[row];                                  \
        is_there &= (code >= e->from_code) & (code < e->to_code);    \
        uint8_t verdict = passes[((const type *)column->data)[row]]; \
        out[i] = (uint8_t)(0 - (verdict & (uint8_t)is_there));       \
    }

/* Every row has a code. */
static void test_rows(const struct ends *e, bool is_first, const uint32_t *codes,
                      const struct gy_column *column, const uint8_t *passes, uint32_t n,
                      uint8_t *out)
{
    if (column->width == 1)
        TEST_ROWS(uint8_t)
    else if (column->width == 2)
        TEST_ROWS(uint16_t)
    else
        TEST_ROWS(uint32_t)
}

#undef TEST_ROWS

/* The first or last row of the run that is in the window and has a code. */
static bool find_row(const struct ends *e, bool is_first, const uint32_t *codes,
                     const struct gy_column *column, uint32_t i, uint32_t *row)
{
    for (uint32_t k = e->firsts[i]; k < e->ends[i]; k++) {
        *row = is_first ? k : e->ends[i] - 1 - (k - e->firsts[i]);
        if (codes[*row] < e->from_code || codes[*row] >= e->to_code)
            return false; /* nor are those behind it */
        if (gy_column_is_present(column, *row))
            return true;
    }
    return false;
}

static void test_ends(struct gy_run_eval *eval, const struct gy_plan_term *term,
                      const struct gy_column *column, const uint8_t *passes, uint8_t *out)
{
    const struct gy_run_chunk *chunk = &eval->chunk;
    const uint32_t *codes = chunk->view->times.codes;
    bool is_first = term->term->aggregate == GY_FIRST;
    struct ends e;
    if (!find_ends(eval, term, &e)) {
        memset(out, 0, chunk->n_runs);
        return;
    }
    if (column->present == NULL && column->width > 0) {
        test_rows(&e, is_first, codes, column, passes, chunk->n_runs, out);
        return;
    }
    for (uint32_t i = 0; i < chunk->n_runs; i++) {
        uint32_t row;
        bool is_there = find_row(&e, is_first, codes, column, i, &row);
        out[i] = is_there && passes[gy_column_raw(column, row)] != 0 ? 0xff : 0;
    }
}

/* ---- the most frequent ---- */

/* A byte in each row. */
static bool is_full_byte(const struct gy_column *column)
{
    return column->width == 1 && column->present == NULL;
}

/* A code that becomes as frequent as the best one is the one seen latest among them: the last that does so is
 * the most frequent, and of equals the latest. */
#define FIND_TOP(raw_of_row, is_there)             \
    for (uint32_t row = first; row < end; row++) { \
        if (!(is_there))                           \
            continue;                              \
        uint32_t code = (uint32_t)(raw_of_row);    \
        uint32_t count = ++counts[code];           \
        top = count >= most ? code : top;          \
        most = count >= most ? count : most;       \
    }                                              \
    for (uint32_t row = first; row < end; row++)   \
        counts[(raw_of_row)] = 0;

static bool top_passes(const struct gy_column *column, uint32_t first, uint32_t end,
                       const uint8_t *passes, uint32_t *counts)
{
    uint32_t top = 0;
    uint32_t most = 0;
    if (is_full_byte(column)) {
        const uint8_t *codes = (const uint8_t *)column->data;
        FIND_TOP(codes[row], true)
    } else {
        FIND_TOP(gy_column_raw(column, row), gy_column_is_present(column, row))
    }
    return most > 0 && passes[top] != 0;
}

#undef FIND_TOP

#if GY_HAS_AVX2_CODE

/* Sixteen codes; of those behind the first `n` all bits are set. */
GY_AVX2 static inline __m128i load_codes(const uint8_t *codes, uint32_t n)
{
    static const uint64_t ENDS[4] = {0, 0, UINT64_MAX, UINT64_MAX};
    const uint8_t *end = (const uint8_t *)ENDS + (n < LANES ? LANES - n : 0);
    return _mm_or_si128(_mm_loadu_si128((const __m128i_u *)(const void *)codes),
                        _mm_loadu_si128((const __m128i_u *)(const void *)end));
}

/* The place of the most frequent of 1 to 32 codes, and of equals of the last: each code is compared with all,
 * and the last of those that find most of their kind is it. */
GY_AVX2 static inline uint32_t place_of_top(const uint8_t *codes, uint32_t n)
{
    __m128i low = load_codes(codes, n);
    __m128i high =
        n > LANES ? load_codes(codes + LANES, n - LANES) : _mm_set1_epi8((char)BYTE_CODES);
    __m256i all = _mm256_set_m128i(high, low);
    __m256i lows = _mm256_broadcastsi128_si256(low);
    __m256i highs = _mm256_broadcastsi128_si256(high);
    __m256i counts = _mm256_setzero_si256();
    uint32_t n_lows = n > LANES / 2 ? LANES : LANES / 2;
    for (uint32_t i = 0; i < n_lows; i++) {
        __m256i one = _mm256_shuffle_epi8(lows, _mm256_set1_epi8((char)i));
        counts = _mm256_sub_epi8(counts, _mm256_cmpeq_epi8(all, one));
    }
    for (uint32_t i = 0; i < LANES && n > LANES; i++) {
        __m256i one = _mm256_shuffle_epi8(highs, _mm256_set1_epi8((char)i));
        counts = _mm256_sub_epi8(counts, _mm256_cmpeq_epi8(all, one));
    }
    __m256i none = _mm256_set1_epi8((char)BYTE_CODES);
    counts = _mm256_andnot_si256(_mm256_cmpeq_epi8(all, none), counts);
    __m128i most =
        _mm_max_epu8(_mm256_castsi256_si128(counts), _mm256_extracti128_si256(counts, 1));
    most = _mm_max_epu8(most, _mm_srli_si128(most, 8));
    most = _mm_max_epu8(most, _mm_srli_si128(most, 4));
    most = _mm_max_epu8(most, _mm_srli_si128(most, 2));
    most = _mm_max_epu8(most, _mm_srli_si128(most, 1));
    __m256i are_most = _mm256_cmpeq_epi8(counts, _mm256_broadcastb_epi8(most));
    return 31 - (uint32_t)__builtin_clz((uint32_t)_mm256_movemask_epi8(are_most));
}

GY_AVX2 static void test_tops_avx2(const struct gy_column *column, const struct gy_chunk_cuts *cuts,
                                   uint32_t n_runs, const uint8_t *passes, uint32_t *counts,
                                   uint8_t *out)
{
    const uint8_t *codes = column->data;
    for (uint32_t i = 0; i < n_runs; i++) {
        uint32_t first = cuts->firsts[i];
        uint32_t end = cuts->ends[i];
        bool is_short = first < end && end - first <= 2 * LANES;
        bool is_in = is_short ? passes[codes[first + place_of_top(codes + first, end - first)]] != 0
                              : top_passes(column, first, end, passes, counts);
        out[i] = is_in ? 0xff : 0;
    }
}

#endif

static void test_tops(struct gy_run_eval *eval, const struct gy_plan_term *term,
                      const struct gy_view_column *column, const uint8_t *passes, uint8_t *out)
{
    struct gy_run_chunk *chunk = &eval->chunk;
    const struct gy_chunk_cuts *cuts = gy_run_chunk_cut(chunk, term->range);
    uint32_t *counts = gy_run_code_counts(eval, column->dictionary.n);
#if GY_HAS_AVX2_CODE
    if (gy_cpu_has_avx2() && is_full_byte(&column->column) && column->dictionary.n <= BYTE_CODES) {
        test_tops_avx2(&column->column, cuts, chunk->n_runs, passes, counts, out);
        return;
    }
#endif
    for (uint32_t i = 0; i < chunk->n_runs; i++)
        out[i] =
            top_passes(&column->column, cuts->firsts[i], cuts->ends[i], passes, counts) ? 0xff : 0;
}

void gy_run_test_strings(struct gy_run_eval *eval, const struct gy_plan_expr *expr, uint8_t *out)
{
    const struct gy_view_column *column = column_of(eval, expr->left);
    const uint8_t *passes = gy_run_note_of(eval, expr)->passes;
    if (column == NULL || column->column.encoding != GY_ENCODING_CODE)
        memset(out, 0, eval->chunk.n_runs);
    else if (expr->left->term->aggregate == GY_TOP)
        test_tops(eval, expr->left, column, passes, out);
    else
        test_ends(eval, expr->left, &column->column, passes, out);
}

/* ---- how many different ones ---- */

static uint32_t count_bits(const struct gy_column *column, uint32_t first, uint32_t end)
{
    uint64_t seen = 0;
    if (is_full_byte(column)) {
        const uint8_t *codes = (const uint8_t *)column->data;
        for (uint32_t row = first; row < end; row++)
            seen |= UINT64_C(1) << codes[row];
    } else {
        for (uint32_t row = first; row < end; row++)
            seen |= (uint64_t)gy_column_is_present(column, row) << gy_column_raw(column, row);
    }
    return (uint32_t)__builtin_popcountll(seen);
}

#if GY_HAS_AVX2_CODE

/* A bit for each of four codes: a shift by 64 or more leaves none. */
GY_AVX2 static inline __m256i bits_of(__m128i codes)
{
    return _mm256_sllv_epi64(_mm256_set1_epi64x(1), _mm256_cvtepu8_epi64(codes));
}

GY_AVX2 static void count_bits_avx2(const uint8_t *codes, const struct gy_chunk_cuts *cuts,
                                    uint32_t n_runs, uint32_t *counts)
{
    for (uint32_t i = 0; i < n_runs; i++) {
        __m256i seen = _mm256_setzero_si256();
        for (uint32_t row = cuts->firsts[i]; row < cuts->ends[i]; row += LANES) {
            __m128i some = load_codes(codes + row, cuts->ends[i] - row);
            __m256i a = _mm256_or_si256(bits_of(some), bits_of(_mm_srli_si128(some, 4)));
            __m256i b = _mm256_or_si256(bits_of(_mm_srli_si128(some, 8)),
                                        bits_of(_mm_srli_si128(some, 12)));
            seen = _mm256_or_si256(seen, _mm256_or_si256(a, b));
        }
        __m128i half =
            _mm_or_si128(_mm256_castsi256_si128(seen), _mm256_extracti128_si256(seen, 1));
        uint64_t all = (uint64_t)_mm_cvtsi128_si64(half) | (uint64_t)_mm_extract_epi64(half, 1);
        counts[i] = (uint32_t)__builtin_popcountll(all);
    }
}

#endif

/* Forgets the counts. */
static uint32_t count_codes(const struct gy_column *column, uint32_t first, uint32_t end,
                            uint32_t *counts)
{
    uint32_t n = 0;
    for (uint32_t row = first; row < end; row++) {
        uint64_t code = gy_column_raw(column, row);
        uint32_t is_there = gy_column_is_present(column, row);
        n += is_there & (counts[code] == 0);
        counts[code] |= is_there;
    }
    for (uint32_t row = first; row < end; row++)
        counts[gy_column_raw(column, row)] = 0;
    return n;
}

void gy_run_distinct(struct gy_run_eval *eval, const struct gy_plan_term *term, uint32_t *counts)
{
    struct gy_run_chunk *chunk = &eval->chunk;
    const struct gy_view_column *column = column_of(eval, term);
    if (column == NULL || column->column.encoding != GY_ENCODING_CODE) {
        memset(counts, 0, chunk->n_runs * sizeof *counts);
        return;
    }
    const struct gy_chunk_cuts *cuts = gy_run_chunk_cut(chunk, term->range);
    bool are_bits = column->dictionary.n <= WORD_CODES;
#if GY_HAS_AVX2_CODE
    if (gy_cpu_has_avx2() && are_bits && is_full_byte(&column->column)) {
        count_bits_avx2(column->column.data, cuts, chunk->n_runs, counts);
        return;
    }
#endif
    uint32_t *seen = are_bits ? NULL : gy_run_code_counts(eval, column->dictionary.n);
    for (uint32_t i = 0; i < chunk->n_runs; i++) {
        uint32_t first = cuts->firsts[i];
        uint32_t end = cuts->ends[i];
        counts[i] = are_bits ? count_bits(&column->column, first, end)
                             : count_codes(&column->column, first, end, seen);
    }
}
