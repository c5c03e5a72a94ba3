/* run_median.c - counting raw numbers below a bound, run by run. */
#include "engine/run_median.h"

#include "base/cpu.h"
#include "engine/aggregate_rows.h"
#include "engine/kernel_column.h"

/* Raw numbers below `first_above` stand for what is below the constant, or equal where `or_equal`. */
struct bound {
    double constant;
    bool or_equal;
    uint64_t first_above;
};

bool gy_run_is_median_test(struct gy_run_eval *eval, const struct gy_plan_expr *expr)
{
    const struct gy_plan_term *term = expr->left;
    struct gy_block_eval *block = eval->block;
    if (expr->kind != GY_EXPR_COMPARE || expr->expr->compare == GY_EQ ||
        expr->expr->compare == GY_NE || expr->right->kind != GY_TERM_NUMBER ||
        term->kind != GY_TERM_AGGREGATE || term->term->aggregate != GY_MEDIAN ||
        term->filter != NULL)
        return false;
    const struct gy_stream_view *stream =
        gy_reader_stream(block->reader, block->block_no, term->stream);
    if (stream->n_slices != 1)
        return stream->n_slices == 0;
    const struct gy_column *column =
        &gy_reader_column(block->reader, &stream->slices[0], term->property)->column;
    return column->encoding == GY_ENCODING_NONE ||
           (column->encoding == GY_ENCODING_INT && column->present == NULL && column->width > 0 &&
            column->width <= 4);
}

static bool is_below(const struct bound *b, double value)
{
    return b->or_equal ? value <= b->constant : value < b->constant;
}

/* Of an even number of values, half of which are below: whether the mean of the two in the middle is. */
static bool middle_is_below(const struct gy_column *column, uint32_t first, uint32_t end,
                            const struct bound *b)
{
    uint64_t lower = 0;
    uint64_t upper = UINT32_MAX;
    for (uint32_t row = first; row < end; row++) {
        uint64_t raw = gy_column_raw(column, row);
        if (raw < b->first_above)
            lower = raw > lower ? raw : lower;
        else
            upper = raw < upper ? raw : upper;
    }
    return is_below(b, gy_mean_of_two(gy_column_value_of_raw(column, lower),
                                      gy_column_value_of_raw(column, upper)));
}

#define COUNT(type)                                                      \
    for (uint32_t i = 0; i < n_runs; i++) {                              \
        const type *raws = (const type *)column->data;                   \
        uint32_t count = 0;                                              \
        for (uint32_t row = cuts->firsts[i]; row < cuts->ends[i]; row++) \
            count += raws[row] <= last_below;                            \
        counts[i] = count;                                               \
    }

static GY_ALWAYS_INLINE void count_below_body(const struct gy_column *column,
                                              const struct gy_chunk_cuts *cuts, uint32_t n_runs,
                                              uint32_t last_below, uint32_t *counts)
{
    if (column->width == 1)
        COUNT(uint8_t)
    else if (column->width == 2)
        COUNT(uint16_t)
    else
        COUNT(uint32_t)
}

GY_COMPILE_FOR_AVX2(count_below,
                    (const struct gy_column *column, const struct gy_chunk_cuts *cuts,
                     uint32_t n_runs, uint32_t last_below, uint32_t *counts),
                    (column, cuts, n_runs, last_below, counts))

#undef COUNT

static void test_chunk(struct gy_run_eval *eval, const struct gy_column *column,
                       const struct gy_chunk_cuts *cuts, const struct bound *b, bool wants_below,
                       uint8_t *out)
{
    uint32_t n_runs = eval->chunk.n_runs;
    memset(eval->counts, 0, n_runs * sizeof *eval->counts);
    if (b->first_above > 0)
        count_below(column, cuts, n_runs, (uint32_t)(b->first_above - 1), eval->counts);
    for (uint32_t i = 0; i < n_runs; i++) {
        uint32_t n = cuts->firsts[i] < cuts->ends[i] ? cuts->ends[i] - cuts->firsts[i] : 0;
        bool below = eval->counts[i] > n / 2;
        if (n > 0 && n % 2 == 0 && eval->counts[i] == n / 2)
            below = middle_is_below(column, cuts->firsts[i], cuts->ends[i], b);
        out[i] = n > 0 && below == wants_below ? 0xff : 0;
    }
}

void gy_run_test_medians(struct gy_run_eval *eval, const struct gy_plan_expr *expr, uint8_t *out)
{
    struct gy_run_chunk *chunk = &eval->chunk;
    enum gy_compare compare = expr->expr->compare;
    struct bound b = {.constant = expr->right->term->number,
                      .or_equal = compare == GY_GT || compare == GY_LE};
    memset(out, 0, chunk->n_runs);
    if (chunk->view == NULL)
        return;
    const struct gy_column *column =
        &gy_reader_column(eval->block->reader, chunk->view, expr->left->property)->column;
    if (column->encoding != GY_ENCODING_INT)
        return;
    b.first_above =
        gy_column_raws_below(column, UINT64_C(1) << (8 * column->width), b.constant, b.or_equal);
    test_chunk(eval, column, gy_run_chunk_cut(chunk, expr->left->range), &b,
               compare == GY_LT || compare == GY_LE, out);
}
