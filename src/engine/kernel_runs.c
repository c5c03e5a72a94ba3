/* kernel_runs.c - which tests are of one stream, what they say of a chunk's runs, and whose bits that is. */
#include "engine/kernel_runs.h"

#include "base/cpu.h"

#if GY_HAS_AVX2_CODE
#include <immintrin.h>
#endif

#include "base/mem.h"
#include "engine/kernel_sum.h"
#include "engine/run_codes.h"
#include "engine/run_marks.h"
#include "engine/run_means.h"
#include "engine/run_median.h"
#include "engine/run_sums.h"

/* ---- is it one? ---- */

/* What was found out while walking down an expression. */
struct look {
    struct gy_run_eval *eval;
    bool has_stream; /* else constants alone so far */
    uint32_t stream; /* GY_NAME_UNKNOWN also of an event that was never seen */
    uint32_t n_nodes;
};

static bool is_of_one_stream(struct look *look, uint32_t stream)
{
    if (!look->has_stream)
        look->stream = stream;
    look->has_stream = true;
    return look->stream == stream;
}

static bool note_scale(struct look *look, const struct gy_plan_term *term)
{
    struct gy_run_eval *eval = look->eval;
    int scale;
    if (!gy_sum_scale(eval->block, term->stream, term->property, &scale))
        return false;
    eval->notes[eval->n_notes++] = (struct gy_run_note){.node = term, .scale = scale};
    return true;
}

static bool can_filter(const struct look *look, uint32_t stream, const struct gy_filter *filter)
{
    return filter == NULL || gy_run_can_mark(look->eval, stream, filter);
}

static bool is_aggregate_of_runs(struct look *look, const struct gy_plan_term *term)
{
    if (!is_of_one_stream(look, term->stream))
        return false;
    look->eval->n_windows++;
    switch (term->term->aggregate) {
    case GY_COUNT:
        return can_filter(look, term->stream, term->filter);
    case GY_DAYS:
    case GY_FIRST_TIME:
    case GY_LAST_TIME:
    case GY_DAYS_SINCE:
    case GY_INTERVAL:
        return term->filter == NULL;
    case GY_SUM:
    case GY_AVG:
        return note_scale(look, term) && can_filter(look, term->stream, term->filter);
    case GY_DISTINCT:
        return term->filter == NULL && gy_run_has_codes(look->eval, term);
    case GY_MEDIAN:
    case GY_MIN:
    case GY_MAX:
    case GY_FIRST:
    case GY_LAST:
    case GY_TOP:
        break;
    }
    return false;
}

static bool is_term_of_runs(struct look *look, const struct gy_plan_term *term)
{
    if (++look->n_nodes > GY_RUN_NODES || !gy_type_is_numeric(term->type))
        return false;
    switch (term->kind) {
    case GY_TERM_NUMBER:
    case GY_TERM_STRING:
    case GY_TERM_BOOL:
        return true;
    case GY_TERM_NEGATIVE:
        return is_term_of_runs(look, term->left);
    case GY_TERM_ADD:
    case GY_TERM_SUBTRACT:
    case GY_TERM_MULTIPLY:
    case GY_TERM_DIVIDE:
        return is_term_of_runs(look, term->left) && is_term_of_runs(look, term->right);
    case GY_TERM_AGGREGATE:
        return is_aggregate_of_runs(look, term);
    case GY_TERM_TRAIT:
    case GY_TERM_AGE:
    case GY_TERM_PERCENTILE:
    case GY_TERM_NTILE:
    case GY_TERM_METRIC:
    case GY_TERM_PROPERTY:
    case GY_TERM_STEP_PROPERTY:
    case GY_TERM_HOUR:
    case GY_TERM_WEEKDAY:
    case GY_TERM_MONTH:
    case GY_TERM_DAY:
        break;
    }
    return false;
}

/* A count or sum against constants is asked as a whole number, and a mean as one number. */
static void note_test(struct look *look, const struct gy_plan_expr *expr)
{
    struct gy_number_test test;
    struct gy_run_eval *eval = look->eval;
    if (expr->left->kind != GY_TERM_AGGREGATE || !gy_number_test_read(expr, &test))
        return;
    enum gy_aggregate aggregate = expr->left->term->aggregate;
    const struct gy_run_note *sum = gy_run_note_of(eval, expr->left);
    struct gy_run_note note = {.node = expr};
    if (aggregate == GY_AVG)
        note.span = gy_number_test_span(&test);
    else if (gy_run_is_count(expr->left) || aggregate == GY_SUM)
        note.test = gy_whole_test_of(&test, sum == NULL ? 0 : sum->scale);
    else
        return;
    eval->notes[eval->n_notes++] = note;
}

static bool is_did_of_runs(struct look *look, const struct gy_plan_expr *expr)
{
    const struct gy_chain_step *first = &expr->chain->steps[0];
    look->eval->n_windows++;
    return expr->chain->n_steps == 1 && is_of_one_stream(look, first->stream) &&
           can_filter(look, first->stream, first->filter);
}

static bool is_expr_of_runs(struct look *look, const struct gy_plan_expr *expr);

/* Answers that are kept, or shared with other nodes, are not worked out again. */
static bool are_children_of_runs(struct look *look, const struct gy_plan_expr *expr)
{
    for (uint32_t i = 0; i < expr->n_children; i++) {
        const struct gy_plan_expr *child = expr->children[i];
        if (child->n_uses > 1 || look->eval->block->exprs[child->id] != NULL ||
            !is_expr_of_runs(look, child))
            return false;
    }
    return true;
}

static bool is_string_test_of_runs(struct look *look, const struct gy_plan_expr *expr)
{
    look->eval->n_windows++;
    return expr->left->kind == GY_TERM_AGGREGATE && is_of_one_stream(look, expr->left->stream) &&
           gy_run_note_string_test(look->eval, expr);
}

static bool is_test_of_runs(struct look *look, const struct gy_plan_expr *expr)
{
    if (expr->left->type == GY_TYPE_STRING)
        return is_string_test_of_runs(look, expr);
    if (gy_run_is_median_test(look->eval, expr)) {
        look->eval->n_windows++;
        return is_of_one_stream(look, expr->left->stream);
    }
    const struct gy_plan_term *terms[] = {expr->left, expr->right, expr->low, expr->high};
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++) {
        if (terms[i] != NULL && !is_term_of_runs(look, terms[i]))
            return false;
    }
    if (expr->kind == GY_EXPR_COMPARE || expr->kind == GY_EXPR_BETWEEN)
        note_test(look, expr);
    return true;
}

static bool is_expr_of_runs(struct look *look, const struct gy_plan_expr *expr)
{
    if (++look->n_nodes > GY_RUN_NODES)
        return false;
    switch (expr->kind) {
    case GY_EXPR_AND:
    case GY_EXPR_OR:
    case GY_EXPR_NOT:
        return are_children_of_runs(look, expr);
    case GY_EXPR_DID:
        return is_did_of_runs(look, expr);
    case GY_EXPR_COMPARE:
    case GY_EXPR_BETWEEN:
    case GY_EXPR_KNOWN:
    case GY_EXPR_MISSING:
        return is_test_of_runs(look, expr);
    case GY_EXPR_IN:
    case GY_EXPR_TEXT:
        return expr->left->type == GY_TYPE_STRING && is_string_test_of_runs(look, expr);
    case GY_EXPR_EVERYONE:
    case GY_EXPR_NOBODY:
    case GY_EXPR_IDENTIFIED:
    case GY_EXPR_IN_LIST:
    case GY_EXPR_IN_SEGMENT:
    case GY_EXPR_ENTERED:
    case GY_EXPR_LEFT:
    case GY_EXPR_ANNIVERSARY:
    case GY_EXPR_SAMPLE:
        break;
    }
    return false;
}

/* ---- tests ---- */

static GY_ALWAYS_INLINE void turn_body(uint32_t n, uint8_t *out)
{
    for (uint32_t i = 0; i < n; i++)
        out[i] = (uint8_t)~out[i];
}

GY_COMPILE_FOR_AVX2(turn, (uint32_t n, uint8_t *out), (n, out))

static GY_ALWAYS_INLINE void between_body(const uint32_t *counts, uint32_t n, uint32_t low,
                                          uint32_t span, uint8_t turn, uint8_t *out)
{
    for (uint32_t i = 0; i < n; i++)
        out[i] = (uint8_t)((counts[i] - low <= span ? 0xff : 0) ^ turn);
}

GY_COMPILE_FOR_AVX2(between,
                    (const uint32_t *counts, uint32_t n, uint32_t low, uint32_t span, uint8_t turn,
                     uint8_t *out),
                    (counts, n, low, span, turn, out))

static void test_counts(const uint32_t *counts, uint32_t n, const struct gy_whole_test *test,
                        uint8_t *out)
{
    int64_t low = test->low > 0 ? test->low : 0;
    int64_t high = test->high < UINT32_MAX ? test->high : UINT32_MAX;
    uint8_t turn = test->is_negated ? 0xff : 0;
    if (low <= high)
        between(counts, n, (uint32_t)low, (uint32_t)(high - low), turn, out);
    else
        memset(out, turn, n);
}

static GY_ALWAYS_INLINE void test_sums_body(const int64_t *sums, uint32_t n,
                                            const struct gy_whole_test *test, uint8_t *out)
{
    for (uint32_t i = 0; i < n; i++)
        out[i] = (uint8_t)(gy_whole_test_passes(test, sums[i]) ? 0xff : 0);
}

GY_COMPILE_FOR_AVX2(test_sums,
                    (const int64_t *sums, uint32_t n, const struct gy_whole_test *test,
                     uint8_t *out),
                    (sums, n, test, out))

/* Whether counts are enough or not. One row may tell, unless where the runs are cut is known or asked for. */
static void test_count(struct gy_run_eval *eval, struct gy_range range,
                       const struct gy_whole_test *test, uint8_t *out)
{
    uint32_t n = eval->chunk.n_runs;
    bool is_least = test->low > 0 && test->low <= INT32_MAX && test->high >= UINT32_MAX;
    bool has_cuts = eval->n_windows > 1 && !gy_run_are_short(&eval->chunk);
    if (is_least && !has_cuts && !eval->chunk.are_few &&
        gy_run_chunk_has(&eval->chunk, range, (uint32_t)test->low, out)) {
        if (test->is_negated)
            turn(n, out);
        return;
    }
    gy_run_counts(eval, range, eval->counts);
    test_counts(eval->counts, n, test, out);
}

static void test_whole(struct gy_run_eval *eval, const struct gy_plan_term *term,
                       const struct gy_whole_test *test, uint8_t *out)
{
    uint32_t n = eval->chunk.n_runs;
    if (term->term->aggregate == GY_COUNT && term->filter == NULL) {
        test_count(eval, term->range, test, out);
    } else if (gy_run_is_count(term)) {
        gy_run_count_of(eval, term, eval->counts);
        test_counts(eval->counts, n, test, out);
    } else if (gy_run_small_sums(eval, term, eval->counts)) {
        test_counts(eval->counts, n, test, out);
    } else {
        gy_run_sums(eval, term, eval->sums, NULL);
        test_sums(eval->sums, n, test, out);
    }
}

#define COMPARE(op)                                                                        \
    for (uint32_t i = 0; i < n; i++)                                                       \
    out[i] = (uint8_t)((left->values[i] op right->values[i] ? 0xff : 0) & left->known[i] & \
                       right->known[i])

static GY_ALWAYS_INLINE void compare_values_body(enum gy_compare compare, uint32_t n,
                                                 const struct gy_run_numbers *left,
                                                 const struct gy_run_numbers *right, uint8_t *out)
{
    if (compare == GY_EQ)
        COMPARE(==);
    else if (compare == GY_NE)
        COMPARE(!=);
    else if (compare == GY_LT)
        COMPARE(<);
    else if (compare == GY_LE)
        COMPARE(<=);
    else if (compare == GY_GT)
        COMPARE(>);
    else
        COMPARE(>=);
}

#undef COMPARE

GY_COMPILE_FOR_AVX2(compare_values,
                    (enum gy_compare compare, uint32_t n, const struct gy_run_numbers *left,
                     const struct gy_run_numbers *right, uint8_t *out),
                    (compare, n, left, right, out))

static void compare_terms(struct gy_run_eval *eval, enum gy_compare compare,
                          const struct gy_plan_term *left, const struct gy_plan_term *right,
                          uint8_t *out)
{
    struct gy_run_numbers left_numbers;
    struct gy_run_numbers right_numbers;
    gy_run_values(eval, left, &left_numbers);
    gy_run_values(eval, right, &right_numbers);
    compare_values(compare, eval->chunk.n_runs, &left_numbers, &right_numbers, out);
}

/* ---- logic ---- */

static void test_runs(struct gy_run_eval *eval, const struct gy_plan_expr *expr, uint8_t *out);

static GY_ALWAYS_INLINE void and_body(uint32_t n, const uint8_t *other, uint8_t *out)
{
    for (uint32_t i = 0; i < n; i++)
        out[i] &= other[i];
}

GY_COMPILE_FOR_AVX2(and, (uint32_t n, const uint8_t *other, uint8_t *out), (n, other, out))

static bool any_passes(uint32_t n, const uint8_t *passes)
{
    return memchr(passes, 0xff, n) != NULL;
}

/* `or` is `and` of what does not pass, turned. */
static void test_children(struct gy_run_eval *eval, const struct gy_plan_expr *expr, uint8_t *out)
{
    uint32_t n = eval->chunk.n_runs;
    bool is_or = expr->kind == GY_EXPR_OR;
    uint8_t child[GY_CHUNK_RUNS];
    memset(out, 0xff, n);
    for (uint32_t i = 0; i < expr->n_children && any_passes(n, out); i++) {
        test_runs(eval, expr->children[i], child);
        if (is_or)
            turn(n, child);
        and(n, child, out);
    }
    if (is_or)
        turn(n, out);
}

static void test_between(struct gy_run_eval *eval, const struct gy_plan_expr *expr, uint8_t *out)
{
    struct gy_run_numbers numbers;
    struct gy_run_numbers bounds;
    uint8_t is_low_enough[GY_CHUNK_RUNS];
    uint32_t n = eval->chunk.n_runs;
    gy_run_values(eval, expr->left, &numbers);
    gy_run_values(eval, expr->low, &bounds);
    compare_values(GY_GE, n, &numbers, &bounds, out);
    gy_run_values(eval, expr->high, &bounds);
    compare_values(GY_LE, n, &numbers, &bounds, is_low_enough);
    and(n, is_low_enough, out);
}

static void test_known(struct gy_run_eval *eval, const struct gy_plan_expr *expr, uint8_t *out)
{
    struct gy_run_numbers numbers;
    gy_run_values(eval, expr->left, &numbers);
    memcpy(out, numbers.known, eval->chunk.n_runs);
    if (expr->kind == GY_EXPR_MISSING)
        turn(eval->chunk.n_runs, out);
}

/* Medians are terms of no other test here. */
static bool is_median_test(const struct gy_plan_expr *expr)
{
    return expr->left != NULL && expr->left->kind == GY_TERM_AGGREGATE &&
           expr->left->term->aggregate == GY_MEDIAN;
}

static void test_did(struct gy_run_eval *eval, const struct gy_plan_expr *expr, uint8_t *out)
{
    static const struct gy_whole_test some = {1, INT64_MAX, false};
    const struct gy_filter *filter = expr->chain->steps[0].filter;
    if (filter == NULL) {
        test_count(eval, expr->chain->range, &some, out);
        return;
    }
    gy_run_marked_counts(eval, filter, expr->chain->range, eval->counts);
    test_counts(eval->counts, eval->chunk.n_runs, &some, out);
}

/* 0xff for each run of the chunk that passes, else 0. */
static void test_runs(struct gy_run_eval *eval, const struct gy_plan_expr *expr, uint8_t *out)
{
    const struct gy_run_note *note = gy_run_note_of(eval, expr);
    if (expr->left != NULL && expr->left->type == GY_TYPE_STRING) {
        gy_run_test_strings(eval, expr, out);
    } else if (is_median_test(expr)) {
        gy_run_test_medians(eval, expr, out);
    } else if (note != NULL && expr->left->term->aggregate == GY_AVG) {
        gy_run_test_mean(eval, expr->left, note->span, out);
    } else if (note != NULL) {
        test_whole(eval, expr->left, &note->test, out);
    } else if (expr->kind == GY_EXPR_AND || expr->kind == GY_EXPR_OR) {
        test_children(eval, expr, out);
    } else if (expr->kind == GY_EXPR_NOT) {
        test_runs(eval, expr->children[0], out);
        turn(eval->chunk.n_runs, out);
    } else if (expr->kind == GY_EXPR_DID) {
        test_did(eval, expr, out);
    } else if (expr->kind == GY_EXPR_COMPARE) {
        compare_terms(eval, expr->expr->compare, expr->left, expr->right, out);
    } else if (expr->kind == GY_EXPR_BETWEEN) {
        test_between(eval, expr, out);
    } else {
        test_known(eval, expr, out);
    }
}

/* ---- bits ---- */

static void put_customers(const struct gy_run_chunk *chunk, const uint8_t *passes,
                          uint8_t *by_customer)
{
    const struct gy_runs *runs = &chunk->view->runs;
    if (runs->customers == NULL) {
        memcpy(by_customer + chunk->first_run, passes, chunk->n_runs);
        return;
    }
    const uint16_t *customers = runs->customers + chunk->first_run;
    uint32_t n = chunk->n_runs;
    for (uint32_t i = 0; i < n; i++)
        by_customer[customers[i]] = passes[i];
}

static void pack_plain(const uint8_t *bytes, struct gy_bits *out)
{
    for (uint32_t w = 0; w < GY_BLOCK_WORDS; w++) {
        uint64_t word = 0;
        for (uint32_t i = 0; i < 64; i++)
            word |= (uint64_t)(bytes[w * 64 + i] & 1) << i;
        out->words[w] = word;
    }
}

#if GY_HAS_AVX2_CODE

GY_AVX2 static uint64_t high_bits(const uint8_t *bytes)
{
    __m256i all = _mm256_loadu_si256((const __m256i_u *)(const void *)bytes);
    return (uint32_t)_mm256_movemask_epi8(all);
}

GY_AVX2 static void pack_avx2(const uint8_t *bytes, struct gy_bits *out)
{
    for (uint32_t w = 0; w < GY_BLOCK_WORDS; w++)
        out->words[w] = high_bits(bytes + w * 64) | high_bits(bytes + w * 64 + 32) << 32;
}

#endif

/* A bit for each byte, which is 0xff or 0. */
static void pack(const uint8_t *bytes, struct gy_bits *out)
{
#if GY_HAS_AVX2_CODE
    if (gy_cpu_has_avx2()) {
        pack_avx2(bytes, out);
        return;
    }
#endif
    pack_plain(bytes, out);
}

static bool nobody_passes(struct gy_run_eval *eval, const struct gy_plan_expr *expr)
{
    uint8_t passes[GY_CHUNK_RUNS];
    gy_run_chunk_nobody(&eval->chunk);
    test_runs(eval, expr, passes);
    return passes[0] != 0;
}

static void test_slice(struct gy_run_eval *eval, const struct gy_plan_expr *expr,
                       struct gy_slice_view *view, const struct gy_bits *mask, bool for_nobody,
                       struct gy_bits *out)
{
    struct gy_block_eval *block = eval->block;
    uint8_t *by_customer = gy_block_take(block);
    uint8_t passes[GY_CHUNK_RUNS];
    memset(by_customer, for_nobody ? 0xff : 0, GY_BLOCK_SIZE);
    gy_run_chunk_begin(&eval->chunk, view, mask);
    while (gy_run_chunk_next(&eval->chunk)) {
        test_runs(eval, expr, passes);
        put_customers(&eval->chunk, passes, by_customer);
    }
    pack(by_customer, out);
    gy_bits_and(out, mask);
    gy_block_give(block, by_customer);
}

static struct gy_run_eval *begin(struct gy_block_eval *block)
{
    if (block->runs == NULL) {
        block->runs = gy_alloc(sizeof *block->runs);
        block->runs->block = block;
        block->runs->code_counts = NULL;
        block->runs->code_counts_capacity = 0;
    }
    block->runs->n_notes = 0;
    block->runs->n_windows = 0;
    block->runs->counted.view = NULL;
    return block->runs;
}

/* False where rows of a customer may lie in several slices. */
static bool find_slice(struct gy_block_eval *block, uint32_t stream_id, struct gy_slice_view **view)
{
    const struct gy_stream_view *stream =
        gy_reader_stream(block->reader, block->block_no, stream_id);
    *view = stream->n_slices == 0 ? NULL : &stream->slices[0];
    return stream->n_slices <= 1 && gy_reader_may_go_on(block->reader);
}

bool gy_kernel_runs(struct gy_block_eval *block, const struct gy_plan_expr *expr,
                    const struct gy_bits *mask, struct gy_bits *out)
{
    struct gy_run_eval *eval = begin(block);
    struct look look = {.eval = eval, .stream = GY_NAME_UNKNOWN};
    struct gy_slice_view *view;
    if (!is_expr_of_runs(&look, expr) || !find_slice(block, look.stream, &view))
        return false;
    bool for_nobody = nobody_passes(eval, expr);
    if (view != NULL) {
        test_slice(eval, expr, view, mask, for_nobody, out);
    } else if (for_nobody) {
        *out = *mask;
    } else {
        gy_bits_clear(out);
    }
    return true;
}

struct gy_run_eval *gy_kernel_runs_of_term(struct gy_block_eval *block,
                                           const struct gy_plan_term *term,
                                           struct gy_slice_view **view)
{
    struct gy_run_eval *eval = begin(block);
    struct look look = {.eval = eval, .stream = GY_NAME_UNKNOWN};
    if (!is_term_of_runs(&look, term) || !find_slice(block, look.stream, view))
        return NULL;
    return eval;
}
