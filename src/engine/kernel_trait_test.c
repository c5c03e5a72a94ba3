/* kernel_trait_test.c - who passes, by the words of bits that their rows give. */
#include "engine/kernel_trait_test.h"

#include "base/cpu.h"
#include "base/mem.h"
#include "engine/age_span.h"
#include "engine/kernel_text.h"
#include "engine/raw_test.h"

/* ---- who ---- */

/* So that what it is part of decides what it is compiled for. */
#define ALWAYS_INLINE static inline __attribute__((always_inline))

ALWAYS_INLINE uint32_t count(uint64_t word)
{
    return (uint32_t)__builtin_popcountll(word);
}

/* Whether those who are asked, of 64, are so few that each is asked by itself: the wider values are, the more
 * memory is spared. */
ALWAYS_INLINE bool are_few(const struct gy_raw_test *test, uint64_t asked)
{
    return count(asked) <= test->column->width;
}

/* The 64 bits from any place on; those past the block are 0. */
ALWAYS_INLINE uint64_t word_at(const struct gy_bits *bits, uint32_t at)
{
    uint64_t word = bits->words[at >> 6] >> (at & 63);
    if ((at & 63) != 0 && (at >> 6) + 1 < GY_BLOCK_WORDS)
        word |= bits->words[(at >> 6) + 1] << (64 - (at & 63));
    return word;
}

/* Customer i has row `first` + the number of bits of `there` below i. */
ALWAYS_INLINE uint64_t ask_each(const struct gy_raw_test *test, uint32_t first, uint64_t there,
                                uint64_t asked)
{
    uint64_t word = 0;
    for (; asked != 0; asked &= asked - 1) {
        uint64_t bit = asked & -asked;
        if (gy_raw_test_row(test, first + count(there & (bit - 1))))
            word |= bit;
    }
    return word;
}

/* Puts the lowest bits where `places` has bits. Mostly it has nearly all: then room is made for each that
 * it has not. */
ALWAYS_INLINE uint64_t spread(uint64_t word, uint64_t places)
{
    uint64_t out = 0;
    if (count(places) > 32) {
        for (uint64_t gaps = ~places; gaps != 0; gaps &= gaps - 1) {
            uint64_t below = (gaps & -gaps) - 1;
            word = (word & below) | (word & ~below) << 1;
        }
        return word;
    }
    for (; places != 0; places &= places - 1, word >>= 1)
        out |= places & -places & -(word & 1);
    return out;
}

/* Row i is customer `first_customer` + i. */
ALWAYS_INLINE void test_neighbours(const struct gy_raw_test *test, uint32_t first_customer,
                                   uint32_t n, const struct gy_bits *mask, struct gy_bits *out)
{
    for (uint32_t first = 0; first < n; first += 64) {
        uint32_t n_rows = n - first < 64 ? n - first : 64;
        uint64_t asked = word_at(mask, first_customer + first) & UINT64_MAX >> (64 - n_rows);
        if (asked == 0)
            continue;
        uint64_t word = are_few(test, asked) ? ask_each(test, first, UINT64_MAX, asked)
                                             : asked & gy_raw_test_rows(test, first, n_rows);
        gy_bits_or_word(out, first_customer + first, word);
    }
}

ALWAYS_INLINE void test_places(const struct gy_raw_test *test, const struct gy_places *places,
                               const struct gy_bits *mask, struct gy_bits *out)
{
    for (uint32_t w = 0; w < GY_BLOCK_WORDS; w++) {
        uint64_t there = places->there[w];
        uint64_t asked = there & mask->words[w];
        uint32_t first = places->runs_before[w];
        if (asked == 0)
            continue;
        if (are_few(test, asked))
            out->words[w] |= ask_each(test, first, there, asked);
        else
            out->words[w] |= asked & spread(gy_raw_test_rows(test, first, count(there)), there);
    }
}

ALWAYS_INLINE void test_slice_by(const struct gy_raw_test *test, const struct gy_slice_view *view,
                                 const struct gy_bits *mask, struct gy_bits *out)
{
    const struct gy_runs *runs = &view->runs;
    if (gy_runs_are_neighbours(runs))
        test_neighbours(test, gy_runs_customer(runs, 0), runs->n, mask, out);
    else
        test_places(test, gy_part_places(view->part, view->slice, runs), mask, out);
}

/* Bits are counted for nearly every word, which processors with AVX2 do at once. */
GY_AVX2 static void test_slice_avx2(const struct gy_raw_test *test,
                                    const struct gy_slice_view *view, const struct gy_bits *mask,
                                    struct gy_bits *out)
{
    test_slice_by(test, view, mask, out);
}

static void test_slice(const struct gy_raw_test *test, const struct gy_slice_view *view,
                       const struct gy_bits *mask, struct gy_bits *out)
{
    if (gy_cpu_has_avx2())
        test_slice_avx2(test, view, mask, out);
    else
        test_slice_by(test, view, mask, out);
}

/* ---- what ---- */

static bool is_string_test(const struct gy_plan_expr *test)
{
    return test->kind == GY_EXPR_IN || test->kind == GY_EXPR_TEXT ||
           (test->kind == GY_EXPR_COMPARE && test->right->kind == GY_TERM_STRING);
}

/* What strings pass: a byte for each code. */
static void test_of_strings(struct gy_block_eval *block, const struct gy_plan_expr *test,
                            const struct gy_view_column *column, struct gy_raw_test *out)
{
    struct gy_filter filter = {.expr = test->expr, .regex = test->regex};
    uint8_t *passes = gy_arena_alloc(&block->arena, column->dictionary.n);
    for (uint32_t code = 0; code < column->dictionary.n; code++)
        passes[code] =
            gy_filter_string_passes(&filter, gy_dictionary_str(&column->dictionary, code));
    gy_raw_test_of_codes(&column->column, passes, column->dictionary.n, out);
}

enum {
    MAX_CODES = 1 << 16 /* for which a table is worth it */
};

/* Whether it is a comparison with literals, of strings or of numbers. */
static bool is_literal_test(const struct gy_plan_expr *test)
{
    struct gy_number_test numbers;
    if (test->left->type == GY_TYPE_STRING)
        return is_string_test(test);
    return gy_type_is_numeric(test->left->type) && gy_number_test_read(test, &numbers);
}

/* What the test asks of a column's raw values; false where it cannot be said so. */
static bool read_test(struct gy_block_eval *block, const struct gy_plan_expr *test,
                      const struct gy_view_column *column, struct gy_raw_test *out)
{
    const struct gy_column *c = &column->column;
    struct gy_number_test numbers;
    if (test->left->type != GY_TYPE_STRING)
        return c->encoding == GY_ENCODING_INT && gy_number_test_read(test, &numbers) &&
               gy_raw_test_of_numbers(c, &numbers, out);
    if (c->encoding != GY_ENCODING_CODE || column->dictionary.n > MAX_CODES)
        return false;
    test_of_strings(block, test, column, out);
    return true;
}

static bool test_trait(struct gy_block_eval *block, const struct gy_plan_expr *test,
                       const struct gy_stream_view *stream, const struct gy_bits *mask,
                       struct gy_bits *out)
{
    gy_bits_clear(out);
    for (uint32_t s = 0; s < stream->n_slices; s++) {
        struct gy_slice_view *view = &stream->slices[s];
        const struct gy_view_column *column =
            gy_reader_column(block->reader, view, GY_PROPERTY_VALUE);
        struct gy_raw_test raw;
        if (column->column.encoding == GY_ENCODING_NONE)
            continue;
        if (!read_test(block, test, column, &raw))
            return false;
        test_slice(&raw, view, mask, out);
    }
    return true;
}

/* ---- ages ---- */

/* Worked out once for each test. */
static const struct gy_age_span *span_of(struct gy_block_eval *block,
                                         const struct gy_plan_expr *test)
{
    struct gy_number_test ages;
    if (block->age_spans == NULL)
        block->age_spans = gy_alloc_zero(block->plan->n_exprs, sizeof(struct gy_age_span *));
    struct gy_age_span **span = &block->age_spans[test->id];
    if (*span == NULL && gy_number_test_read(test, &ages)) {
        struct gy_age_span found;
        if (gy_age_span_of(&ages, test->left->now_ms, block->plan->zone, &found)) {
            *span = gy_alloc(sizeof found);
            **span = found;
        }
    }
    return *span;
}

static bool test_births(struct gy_block_eval *block, const struct gy_stream_view *stream,
                        int64_t first_ms, int64_t last_ms, const struct gy_bits *mask,
                        struct gy_bits *out)
{
    gy_bits_clear(out);
    for (uint32_t s = 0; s < stream->n_slices; s++) {
        struct gy_slice_view *view = &stream->slices[s];
        const struct gy_column *column =
            &gy_reader_column(block->reader, view, GY_PROPERTY_VALUE)->column;
        struct gy_raw_test raw;
        if (column->encoding == GY_ENCODING_NONE)
            continue;
        if (column->encoding != GY_ENCODING_INT || column->type != GY_VALUE_TIME)
            return false;
        gy_raw_test_of_ints(column, first_ms, last_ms, &raw);
        test_slice(&raw, view, mask, out);
    }
    return true;
}

static bool test_age(struct gy_block_eval *block, const struct gy_plan_expr *test,
                     const struct gy_stream_view *stream, const struct gy_bits *mask,
                     struct gy_bits *out)
{
    const struct gy_age_span *span = span_of(block, test);
    if (span == NULL || !test_births(block, stream, span->may_first, span->may_last, mask, out))
        return false;
    struct gy_bits *sure = gy_block_take_bits(block);
    struct gy_bits *unsure = gy_block_take_bits(block);
    (void)test_births(block, stream, span->sure_first, span->sure_last, out, sure);
    gy_bits_and_not(out, sure);
    if (gy_bits_any(out)) {
        gy_block_ask(block, test, out, unsure);
        gy_bits_or(sure, unsure);
    }
    *out = *sure;
    gy_block_give_bits(block, sure);
    gy_block_give_bits(block, unsure);
    return true;
}

/* ---- all ---- */

bool gy_kernel_trait_test(struct gy_block_eval *block, const struct gy_plan_expr *test,
                          const struct gy_bits *mask, struct gy_bits *out)
{
    bool is_age = test->left->kind == GY_TERM_AGE;
    if ((!is_age && test->left->kind != GY_TERM_TRAIT) || !is_literal_test(test))
        return false;
    const struct gy_stream_view *stream = gy_trait_plain_slices(block, test->left);
    if (stream == NULL)
        return false;
    return is_age ? test_age(block, test, stream, mask, out)
                  : test_trait(block, test, stream, mask, out);
}
