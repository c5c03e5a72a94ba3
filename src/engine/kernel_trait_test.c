/* kernel_trait_test.c - who passes, by the words of bits that their rows give. */
#include "engine/kernel_trait_test.h"

#include "base/cpu.h"
#include "base/mem.h"
#include "engine/age_span.h"
#include "engine/kernel_text.h"
#include "engine/raw_test.h"
#include "engine/spread_bits.h"

/* ---- who ---- */

/* So that what it is part of decides what it is compiled for. */
#define ALWAYS_INLINE static inline __attribute__((always_inline))

ALWAYS_INLINE uint32_t count(uint64_t word)
{
    return (uint32_t)__builtin_popcountll(word);
}

/* Words of 64 customers, of whom some are asked, and the row of the first of each who has one. */
struct asked_words {
    uint32_t n;
    uint16_t at[GY_BLOCK_WORDS];
    uint32_t rows[GY_BLOCK_WORDS];
    uint64_t there[GY_BLOCK_WORDS];
    uint64_t hits[GY_BLOCK_WORDS]; /* what the rows from there on give */
};

/* Customers who are asked one by one. */
enum {
    MANY_SINGLES = 512
};

struct asked_singles {
    uint32_t n;
    uint32_t rows[MANY_SINGLES + 64];
    uint16_t customers[MANY_SINGLES + 64];
};

/* Their values are on their way from memory since they were added. */
ALWAYS_INLINE void test_singles(const struct gy_raw_test *test, struct asked_singles *singles,
                                struct gy_bits *out)
{
    for (uint32_t i = 0; i < singles->n; i++) {
        uint64_t passes = gy_raw_test_row(test, singles->rows[i]); /* a guess would be wrong */
        out->words[singles->customers[i] >> 6] |= passes << (singles->customers[i] & 63);
    }
    singles->n = 0;
}

ALWAYS_INLINE void add_single(const struct gy_raw_test *test, uint32_t w, uint32_t first,
                              uint64_t there, uint64_t *asked, struct asked_singles *singles)
{
    uint64_t below = (*asked & -*asked) - 1;
    uint32_t row = first + count(there & below);
    __builtin_prefetch((const char *)test->column->data + (size_t)row * test->column->width);
    singles->rows[singles->n] = row;
    singles->customers[singles->n] = (uint16_t)(w * 64 + count(below));
    singles->n += *asked != 0;
    *asked &= *asked - 1;
}

/* Mostly one of the word is asked, or two, or nobody: that is not left to be guessed. Customer i of it has row
 * `first` + the number of bits of `there` below i. */
ALWAYS_INLINE void add_singles(const struct gy_raw_test *test, uint32_t w, uint32_t first,
                               uint64_t there, uint64_t asked, struct asked_singles *singles)
{
    add_single(test, w, first, there, &asked, singles);
    add_single(test, w, first, there, &asked, singles);
    while (asked != 0)
        add_single(test, w, first, there, &asked, singles);
}

/* The words of which someone is asked; none of it is to be guessed. */
ALWAYS_INLINE void find_words(const uint64_t *there, const struct gy_bits *mask,
                              struct asked_words *words)
{
    uint32_t row = 0;
    uint32_t n = 0;
    for (uint32_t w = 0; w < GY_BLOCK_WORDS; w++) {
        words->at[n] = (uint16_t)w;
        words->rows[n] = row;
        words->there[n] = there[w];
        n += (there[w] & mask->words[w]) != 0;
        row += count(there[w]);
    }
    words->n = n;
}

/* The same where values are wide. Where those who are asked are few, each is asked by itself, and less is read. */
ALWAYS_INLINE void find_wide_words(const struct gy_raw_test *test, const uint64_t *there,
                                   const struct gy_bits *mask, struct asked_words *words,
                                   struct gy_bits *out)
{
    uint32_t row = 0;
    struct asked_singles singles;
    singles.n = 0;
    words->n = 0;
    for (uint32_t w = 0; w < GY_BLOCK_WORDS; w++) {
        uint64_t asked = there[w] & mask->words[w];
        if (count(asked) <= test->column->width) {
            add_singles(test, w, row, there[w], asked, &singles);
            if (singles.n > MANY_SINGLES)
                test_singles(test, &singles, out);
        } else {
            words->at[words->n] = (uint16_t)w;
            words->there[words->n] = there[w];
            words->rows[words->n++] = row;
        }
        row += count(there[w]);
    }
    test_singles(test, &singles, out);
}

ALWAYS_INLINE void test_words(const struct gy_raw_test *test, const uint64_t *there, bool has_gaps,
                              const struct gy_bits *mask, struct gy_bits *out)
{
    struct asked_words words;
    if (test->column->width > 4)
        find_wide_words(test, there, mask, &words, out);
    else
        find_words(there, mask, &words);
    gy_raw_test_words(test, words.rows, words.n, words.hits);
    if (has_gaps)
        gy_spread_bits(words.hits, words.there, words.n);
    for (uint32_t i = 0; i < words.n; i++) {
        uint32_t w = words.at[i];
        out->words[w] |= words.hits[i] & words.there[i] & mask->words[w];
    }
}

ALWAYS_INLINE void test_slice_body(const struct gy_raw_test *test, const struct gy_slice_view *view,
                                   const struct gy_bits *mask, struct gy_bits *out)
{
    const struct gy_runs *runs = &view->runs;
    uint32_t first = gy_runs_customer(runs, 0);
    if (!gy_runs_are_neighbours(runs)) {
        test_words(test, gy_part_places(view->part, view->slice, runs)->there, true, mask, out);
        return;
    }
    struct gy_bits there;
    gy_bits_clear(&there);
    gy_bits_set_range(&there, first, runs->n);
    test_words(test, there.words, first % 64 != 0, mask, out);
}

GY_COMPILE_FOR_AVX2(test_slice,
                    (const struct gy_raw_test *test, const struct gy_slice_view *view,
                     const struct gy_bits *mask, struct gy_bits *out),
                    (test, view, mask, out))

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
struct gy_known_span {
    struct gy_age_span span;
    bool is_settled; /* of births from GY_TIME_MIN_MS on those from first_ms to last_ms pass */
    int64_t first_ms;
    int64_t last_ms;
};

static const struct gy_known_span *span_of(struct gy_block_eval *block,
                                           const struct gy_plan_expr *test)
{
    const struct gy_zone *zone = block->plan->zone;
    int64_t now_ms = test->left->now_ms;
    struct gy_number_test ages;
    struct gy_known_span new = {0};
    if (block->age_spans == NULL)
        block->age_spans = gy_alloc_zero(block->plan->n_exprs, sizeof(struct gy_known_span *));
    struct gy_known_span **known = &block->age_spans[test->id];
    if (*known == NULL && gy_number_test_read(test, &ages) &&
        gy_age_span_of(&ages, now_ms, zone, &new.span)) {
        new.is_settled =
            gy_age_span_settle(&new.span, &ages, now_ms, zone, &new.first_ms, &new.last_ms);
        *known = gy_alloc(sizeof new);
        **known = new;
    }
    return *known;
}

/* Asks those born near the ends of the span, one by one. */
static void ask_unsure(struct gy_block_eval *block, const struct gy_plan_expr *test,
                       const struct gy_bits *sure, const struct gy_bits *may, struct gy_bits *out)
{
    struct gy_bits *unsure = gy_block_take_bits(block);
    struct gy_bits *passed = gy_block_take_bits(block);
    *unsure = *may;
    gy_bits_and_not(unsure, sure);
    gy_bits_or(out, sure);
    if (gy_bits_any(unsure)) {
        gy_block_ask(block, test, unsure, passed);
        gy_bits_or(out, passed);
    }
    gy_block_give_bits(block, passed);
    gy_block_give_bits(block, unsure);
}

static void test_births_in(const struct gy_column *births, const struct gy_slice_view *view,
                           int64_t first_ms, int64_t last_ms, const struct gy_bits *mask,
                           struct gy_bits *out)
{
    struct gy_raw_test raw;
    gy_raw_test_of_ints(births, first_ms, last_ms, &raw);
    test_slice(&raw, view, mask, out);
}

static void test_unsettled(struct gy_block_eval *block, const struct gy_plan_expr *test,
                           const struct gy_age_span *span, const struct gy_column *births,
                           const struct gy_slice_view *view, const struct gy_bits *mask,
                           struct gy_bits *out)
{
    struct gy_bits *may = gy_block_take_bits(block);
    struct gy_bits *sure = gy_block_take_bits(block);
    gy_bits_clear(may);
    gy_bits_clear(sure);
    test_births_in(births, view, span->may_first, span->may_last, mask, may);
    test_births_in(births, view, span->sure_first, span->sure_last, may, sure);
    ask_unsure(block, test, sure, may, out);
    gy_block_give_bits(block, sure);
    gy_block_give_bits(block, may);
}

static bool test_age(struct gy_block_eval *block, const struct gy_plan_expr *test,
                     const struct gy_stream_view *stream, const struct gy_bits *mask,
                     struct gy_bits *out)
{
    const struct gy_known_span *known = span_of(block, test);
    if (known == NULL)
        return false;
    gy_bits_clear(out);
    for (uint32_t s = 0; s < stream->n_slices; s++) {
        struct gy_slice_view *view = &stream->slices[s];
        const struct gy_column *births =
            &gy_reader_column(block->reader, view, GY_PROPERTY_VALUE)->column;
        if (births->encoding == GY_ENCODING_NONE)
            continue;
        if (births->encoding != GY_ENCODING_INT || births->type != GY_VALUE_TIME)
            return false;
        if (known->is_settled && births->min_int >= GY_TIME_MIN_MS)
            test_births_in(births, view, known->first_ms, known->last_ms, mask, out);
        else
            test_unsettled(block, test, &known->span, births, view, mask, out);
    }
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
