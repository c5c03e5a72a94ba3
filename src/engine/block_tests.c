/* block_tests.c - leaves over a block: comparisons, membership, dates, chains. */
#include <math.h>

#include "base/cpu.h"
#include "base/hash.h"
#include "engine/block_eval.h"
#include "engine/kernel_aggregate.h"
#include "engine/kernel_chain.h"
#include "engine/kernel_median.h"
#include "engine/kernel_text.h"
#include "engine/kernel_trait_test.h"
#include "engine/population.h"

/* ---- comparing numbers ---- */

#define COMPARE(op)                                                         \
    for (uint32_t w = 0; w < GY_BLOCK_WORDS; w++) {                         \
        uint64_t word = 0;                                                  \
        for (uint32_t i = 0; i < 64; i++)                                   \
            word |= (uint64_t)(left[w * 64 + i] op right[w * 64 + i]) << i; \
        out->words[w] = word;                                               \
    }

static void compare_values(enum gy_compare compare, const double *left, const double *right,
                           struct gy_bits *out)
{
    switch (compare) {
    case GY_EQ:
        COMPARE(==)
        break;
    case GY_NE:
        COMPARE(!=)
        break;
    case GY_LT:
        COMPARE(<)
        break;
    case GY_LE:
        COMPARE(<=)
        break;
    case GY_GT:
        COMPARE(>)
        break;
    case GY_GE:
        COMPARE(>=)
        break;
    }
}

#undef COMPARE

/* Of those for whom both are known. */
static void compare_terms(struct gy_block_eval *block, enum gy_compare compare,
                          const struct gy_plan_term *left, const struct gy_plan_term *right,
                          const struct gy_bits *mask, struct gy_bits *out)
{
    double *left_values = gy_block_take(block);
    struct gy_bits *left_known = gy_block_take_bits(block);
    struct gy_bits *both = gy_block_take_bits(block);
    gy_block_numbers(block, left, mask, left_known, left_values);
    double *right_values = gy_block_take(block);
    gy_block_numbers(block, right, left_known, both, right_values);
    compare_values(compare, left_values, right_values, out);
    gy_bits_and(out, both);
    gy_block_give_bits(block, left_known);
    gy_block_give_bits(block, both);
    gy_block_give(block, left_values);
    gy_block_give(block, right_values);
}

static void test_between(struct gy_block_eval *block, const struct gy_plan_expr *expr,
                         const struct gy_bits *mask, struct gy_bits *out)
{
    double *values = gy_block_take(block);
    double *bounds = gy_block_take(block);
    struct gy_bits *known = gy_block_take_bits(block);
    struct gy_bits *above = gy_block_take_bits(block);
    gy_block_numbers(block, expr->left, mask, known, values);
    gy_block_numbers(block, expr->low, known, above, bounds);
    compare_values(GY_GE, values, bounds, out);
    gy_bits_and(above, out);
    gy_block_numbers(block, expr->high, above, known, bounds);
    compare_values(GY_LE, values, bounds, out);
    gy_bits_and(out, known);
    gy_block_give(block, values);
    gy_block_give(block, bounds);
    gy_block_give_bits(block, known);
    gy_block_give_bits(block, above);
}

static double literal_number(const struct gy_term *literal)
{
    return literal->kind == GY_TERM_STRING ? (double)literal->time_ms : literal->number;
}

static void test_in(struct gy_block_eval *block, const struct gy_plan_expr *expr,
                    const struct gy_bits *mask, struct gy_bits *out)
{
    const struct gy_expr *e = expr->expr;
    double *values = gy_block_take(block);
    struct gy_bits *known = gy_block_take_bits(block);
    gy_block_numbers(block, expr->left, mask, known, values);
    gy_bits_clear(out);
    GY_FOR_EACH_BIT(i, known)
    {
        bool is_found = false;
        for (uint32_t v = 0; v < e->n_values && !is_found; v++)
            is_found = values[i] == literal_number(e->values[v]);
        if (is_found != e->is_negated)
            gy_bits_set(out, i);
    }
    gy_block_give(block, values);
    gy_block_give_bits(block, known);
}

/* For whom a term has a value. Members of a population have a rank, and those with any number a median:
 * neither needs to be worked out. */
static void known_of(struct gy_block_eval *block, const struct gy_plan_term *term,
                     const struct gy_bits *mask, struct gy_bits *out)
{
    double *values = gy_block_take(block);
    if (term->population != NULL)
        gy_block_members(block, term->population, mask, out, values);
    else if (term->kind == GY_TERM_AGGREGATE && term->term->aggregate == GY_MEDIAN)
        gy_kernel_median(block, term, GY_LE, (double)INFINITY, mask, out);
    else
        gy_block_numbers(block, term, mask, out, values);
    gy_block_give(block, values);
}

static void test_known(struct gy_block_eval *block, const struct gy_plan_expr *expr,
                       const struct gy_bits *mask, struct gy_bits *out)
{
    known_of(block, expr->left, mask, out);
    for (uint32_t w = 0; expr->kind == GY_EXPR_MISSING && w < GY_BLOCK_WORDS; w++)
        out->words[w] = mask->words[w] & ~out->words[w];
}

/* ---- which kernel ---- */

static bool is_numeric(const struct gy_plan_term *term)
{
    return term == NULL || gy_type_is_numeric(term->type);
}

static bool is_order(enum gy_compare compare)
{
    return compare != GY_EQ && compare != GY_NE;
}

/* Those of `mask` whose value is above `above` and not above `upto`, or who are members and have another. */
static GY_ALWAYS_INLINE void test_members_body(const struct gy_population_piece *piece,
                                               const struct gy_bits *mask, double above,
                                               double upto, bool is_negated, struct gy_bits *out)
{
    const double *values = piece->values;
    for (uint32_t w = 0; w < GY_BLOCK_WORDS; w++) {
        uint64_t known = piece->known.words[w];
        uint64_t asked = known & mask->words[w];
        uint64_t word = 0;
        for (uint64_t left = asked; left != 0; left &= left - 1) {
            uint64_t bit = left & -left;
            double value = values[__builtin_popcountll(known & (bit - 1))];
            word |= (value > above) & (value <= upto) ? bit : 0;
        }
        values += __builtin_popcountll(known);
        out->words[w] = (is_negated ? ~word : word) & asked;
    }
}

GY_COMPILE_FOR_AVX2(test_members,
                    (const struct gy_population_piece *piece, const struct gy_bits *mask,
                     double above, double upto, bool is_negated, struct gy_bits *out),
                    (piece, mask, above, upto, is_negated, out))

/* Those above the first cut, and not above the second one where there are two. */
static void test_rank(const struct gy_block_eval *block, const struct gy_plan_expr *expr,
                      const struct gy_bits *mask, struct gy_bits *out)
{
    const struct gy_population *population = expr->left->population;
    const struct gy_rank_cut *cuts = population->cuts + expr->first_cut;
    enum gy_compare compare = expr->expr->compare;
    bool is_negated = compare == GY_LT || compare == GY_LE || compare == GY_NE;
    double upto = is_order(compare) ? (double)INFINITY : cuts[1].above;
    test_members(population->pieces[block->block_no], mask, cuts[0].above, upto, is_negated, out);
}

/* The order of a median and a number is known without the median. */
static bool is_median_test(const struct gy_plan_expr *expr)
{
    return expr->kind == GY_EXPR_COMPARE && expr->left->kind == GY_TERM_AGGREGATE &&
           expr->left->term->aggregate == GY_MEDIAN && expr->right->kind == GY_TERM_NUMBER &&
           is_order(expr->expr->compare);
}

static void test_numbers(struct gy_block_eval *block, const struct gy_plan_expr *expr,
                         const struct gy_bits *mask, struct gy_bits *out)
{
    if (gy_is_rank_test(expr))
        test_rank(block, expr, mask, out);
    else if (is_median_test(expr))
        gy_kernel_median(block, expr->left, expr->expr->compare, expr->right->term->number, mask,
                         out);
    else if (expr->kind == GY_EXPR_COMPARE)
        compare_terms(block, expr->expr->compare, expr->left, expr->right, mask, out);
    else if (expr->kind == GY_EXPR_BETWEEN)
        test_between(block, expr, mask, out);
    else if (expr->kind == GY_EXPR_IN)
        test_in(block, expr, mask, out);
    else
        test_known(block, expr, mask, out);
}

static void test_texts(struct gy_block_eval *block, const struct gy_plan_expr *expr,
                       const struct gy_bits *mask, struct gy_bits *out)
{
    struct gy_texts texts;
    gy_kernel_texts(block, expr->left, mask, &texts);
    gy_texts_test(block, &texts, expr, mask, out);
    gy_texts_give(block, &texts);
}

static bool is_text_test(const struct gy_plan_expr *expr)
{
    enum gy_type type = expr->left->type;
    bool is_trait_list = type == GY_TYPE_LIST && expr->left->kind == GY_TERM_TRAIT;
    if (type != GY_TYPE_STRING && !is_trait_list)
        return false;
    return expr->kind != GY_EXPR_BETWEEN &&
           (expr->kind != GY_EXPR_COMPARE || expr->right->kind == GY_TERM_STRING);
}

static void test_term(struct gy_block_eval *block, const struct gy_plan_expr *expr,
                      const struct gy_bits *mask, struct gy_bits *out)
{
    bool all_numeric = is_numeric(expr->left) && is_numeric(expr->right) && is_numeric(expr->low) &&
                       is_numeric(expr->high);
    if (gy_kernel_trait_test(block, expr, mask, out))
        return;
    if (all_numeric && expr->kind != GY_EXPR_TEXT)
        test_numbers(block, expr, mask, out);
    else if (is_text_test(expr))
        test_texts(block, expr, mask, out);
    else
        gy_block_ask(block, expr, mask, out);
}

/* ---- events ---- */

static void test_did(struct gy_block_eval *block, const struct gy_plan_expr *expr,
                     const struct gy_bits *mask, struct gy_bits *out)
{
    const struct gy_chain *chain = expr->chain;
    const struct gy_chain_step *first = &chain->steps[0];
    if (chain->n_steps == 1)
        gy_kernel_did(block, first->stream, first->filter, chain->range, mask, out);
    else
        gy_kernel_chain(block, chain, mask, out);
}

/* ---- who ---- */

static void test_identified(const struct gy_block_eval *block, const struct gy_bits *mask,
                            struct gy_bits *out)
{
    const uint64_t *external = gy_snapshot_external(block->plan->snapshot, block->block_no);
    for (uint32_t w = 0; w < GY_BLOCK_WORDS; w++)
        out->words[w] = external == NULL ? 0 : mask->words[w] & external[w];
}

/* The bitmap's customers of this block. */
static void test_bitmap(const struct gy_block_eval *block, const roaring_bitmap_t *bitmap,
                        const struct gy_bits *mask, struct gy_bits *out)
{
    uint64_t first = (uint64_t)block->block_no * GY_BLOCK_SIZE;
    roaring_uint32_iterator_t it;
    gy_bits_clear(out);
    roaring_init_iterator(bitmap, &it);
    if (roaring_move_uint32_iterator_equalorlarger(&it, (uint32_t)first)) {
        while (it.has_value && it.current_value < first + GY_BLOCK_SIZE) {
            gy_bits_set(out, it.current_value % GY_BLOCK_SIZE);
            roaring_advance_uint32_iterator(&it);
        }
    }
    gy_bits_and(out, mask);
}

static void test_sample(const struct gy_block_eval *block, const struct gy_plan_expr *expr,
                        const struct gy_bits *mask, struct gy_bits *out)
{
    *out = *mask;
    if (expr->sample_is_all)
        return;
    GY_FOR_EACH_BIT(i, mask)
    {
        bool is_external;
        uint32_t ordinal = block->block_no * (uint32_t)GY_BLOCK_SIZE + i;
        struct gy_str id = gy_snapshot_id(block->plan->snapshot, ordinal, &is_external);
        if (gy_hash_sample(expr->expr->salt, id) >= expr->sample_below)
            gy_bits_unset(out, i);
    }
}

static void test_anniversary(struct gy_block_eval *block, const struct gy_plan_expr *expr,
                             const struct gy_bits *mask, struct gy_bits *out)
{
    double *values = gy_block_take(block);
    struct gy_bits known;
    gy_kernel_trait(block, expr->left, mask, &known, values);
    gy_bits_clear(out);
    GY_FOR_EACH_BIT(i, &known)
    {
        if (gy_anniversary_within((int64_t)values[i], expr->now_ms, expr->expr->next_days,
                                  block->plan->zone))
            gy_bits_set(out, i);
    }
    gy_block_give(block, values);
}

/* ---- all ---- */

void gy_block_leaf(struct gy_block_eval *block, const struct gy_plan_expr *expr,
                   const struct gy_bits *mask, struct gy_bits *out)
{
    switch (expr->kind) {
    case GY_EXPR_EVERYONE:
        *out = *mask;
        break;
    case GY_EXPR_NOBODY:
        gy_bits_clear(out);
        break;
    case GY_EXPR_IDENTIFIED:
        test_identified(block, mask, out);
        break;
    case GY_EXPR_DID:
        test_did(block, expr, mask, out);
        break;
    case GY_EXPR_IN_LIST:
    case GY_EXPR_ENTERED:
    case GY_EXPR_LEFT:
        test_bitmap(block, expr->roots, mask, out);
        break;
    case GY_EXPR_ANNIVERSARY:
        test_anniversary(block, expr, mask, out);
        break;
    case GY_EXPR_SAMPLE:
        test_sample(block, expr, mask, out);
        break;
    case GY_EXPR_COMPARE:
    case GY_EXPR_BETWEEN:
    case GY_EXPR_IN:
    case GY_EXPR_TEXT:
    case GY_EXPR_KNOWN:
    case GY_EXPR_MISSING:
        test_term(block, expr, mask, out);
        break;
    case GY_EXPR_NOT:
    case GY_EXPR_AND:
    case GY_EXPR_OR:
    case GY_EXPR_IN_SEGMENT:
        gy_block_ask(block, expr, mask, out); /* logic, which block_eval.c takes apart */
        break;
    }
}
