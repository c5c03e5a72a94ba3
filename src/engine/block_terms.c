/* block_terms.c - terms over a block: numbers, times and booleans as doubles. */
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "engine/block_eval.h"
#include "engine/kernel_aggregate.h"
#include "engine/kernel_text.h"
#include "engine/population.h"

static void constant(double value, const struct gy_bits *mask, struct gy_bits *known,
                     double *values)
{
    for (uint32_t i = 0; i < GY_BLOCK_SIZE; i++)
        values[i] = value;
    *known = *mask;
}

/* Birthdays are days that many share: the age of those born on each day before today is worked out
 * once. Plus one; 0 where it was not asked yet. */
enum {
    AGE_DAYS = 65536
};

struct gy_block_ages {
    int64_t now_ms;
    uint16_t by_days[AGE_DAYS]; /* days since birth */
};

static uint16_t *ages_as_of(struct gy_block_eval *block, int64_t now_ms)
{
    if (block->ages == NULL || block->ages->now_ms != now_ms) {
        free(block->ages);
        block->ages = gy_alloc_zero(1, sizeof *block->ages);
        block->ages->now_ms = now_ms;
    }
    return block->ages->by_days;
}

/* False for a day after today. */
static bool age_of(const struct gy_block_eval *block, int64_t birth_ms, int64_t now_ms,
                   int64_t today, uint16_t *ages, double *out)
{
    int64_t years;
    int64_t days = today - gy_zone_day(block->plan->zone, birth_ms);
    bool fits = days >= 0 && days < AGE_DAYS;
    if (fits && ages[days] != 0) {
        *out = ages[days] - 1;
        return true;
    }
    if (!gy_age_at(birth_ms, now_ms, block->plan->zone, &years))
        return false;
    if (fits)
        ages[days] = (uint16_t)(years + 1);
    *out = (double)years;
    return true;
}

static void age(struct gy_block_eval *block, const struct gy_plan_term *term,
                const struct gy_bits *mask, struct gy_bits *known, double *values)
{
    struct gy_bits births;
    uint16_t *ages = ages_as_of(block, term->now_ms);
    int64_t today = gy_zone_day(block->plan->zone, term->now_ms);
    gy_kernel_trait(block, term, mask, &births, values);
    gy_bits_clear(known);
    GY_FOR_EACH_BIT(i, &births)
    {
        if (age_of(block, (int64_t)values[i], term->now_ms, today, ages, &values[i]))
            gy_bits_set(known, i);
    }
}

/* ---- arithmetic ---- */

#define CALCULATE(expression)                    \
    for (uint32_t i = 0; i < GY_BLOCK_SIZE; i++) \
    values[i] = (expression)

static void calculate(enum gy_term_kind kind, bool are_times, double *values, const double *right)
{
    if (kind == GY_TERM_ADD)
        CALCULATE(values[i] + right[i]);
    else if (kind == GY_TERM_MULTIPLY)
        CALCULATE(values[i] * right[i]);
    else if (kind == GY_TERM_DIVIDE)
        CALCULATE(values[i] / right[i]);
    else if (are_times)
        CALCULATE((values[i] - right[i]) / (double)GY_DAY_MS);
    else
        CALCULATE(values[i] - right[i]);
}

#undef CALCULATE

/* What is not known holds anything: only known results are looked at. */
static void keep_finite(struct gy_bits *known, const double *values)
{
    for (uint32_t w = 0; w < GY_BLOCK_WORDS; w++) {
        uint64_t finite = 0;
        for (uint32_t i = 0; i < 64; i++)
            finite |= (uint64_t)(isfinite(values[w * 64 + i]) != 0) << i;
        known->words[w] &= finite;
    }
}

static void arithmetic(struct gy_block_eval *block, const struct gy_plan_term *term,
                       const struct gy_bits *mask, struct gy_bits *known, double *values)
{
    struct gy_bits *left_known = gy_block_take_bits(block);
    gy_block_numbers(block, term->left, mask, left_known, values);
    double *right = gy_block_take(block); /* not before: left sides nest deep */
    gy_block_numbers(block, term->right, left_known, known, right);
    calculate(term->kind, term->left->type == GY_TYPE_TIME, values, right);
    keep_finite(known, values);
    gy_block_give(block, right);
    gy_block_give_bits(block, left_known);
}

static void negative(struct gy_block_eval *block, const struct gy_plan_term *term,
                     const struct gy_bits *mask, struct gy_bits *known, double *values)
{
    gy_block_numbers(block, term->left, mask, known, values);
    for (uint32_t i = 0; i < GY_BLOCK_SIZE; i++)
        values[i] = -values[i];
}

/* ---- populations ---- */

void gy_block_members(struct gy_block_eval *block, const struct gy_population *population,
                      const struct gy_bits *mask, struct gy_bits *known, double *values)
{
    const struct gy_population_piece *piece = population->pieces[block->block_no];
    uint32_t n = 0;
    GY_FOR_EACH_BIT(i, &piece->known)
    values[i] = piece->values[n++];
    *known = piece->known;
    gy_bits_and(known, mask);
}

static void part_of_few(const struct gy_plan_term *term, double *values)
{
    const struct gy_rank_cut *cuts = term->population->cuts + term->first_cut;
    for (uint32_t i = 0; i < GY_BLOCK_SIZE; i++) {
        double part = 1.0;
        for (uint32_t c = 0; c + 1 < term->term->parts; c++)
            part += cuts[c].above < values[i] ? 1.0 : 0.0;
        values[i] = part;
    }
}

static void rank(struct gy_block_eval *block, const struct gy_plan_term *term,
                 const struct gy_bits *mask, struct gy_bits *known, double *values)
{
    gy_block_members(block, term->population, mask, known, values);
    if (gy_is_few_parts(term)) {
        part_of_few(term, values);
        return;
    }
    GY_FOR_EACH_BIT(i, known)
    values[i] = gy_rank_value(term, gy_population_smaller(term->population, values[i]));
}

/* ---- all ---- */

void gy_block_new_numbers(struct gy_block_eval *block, const struct gy_plan_term *term,
                          const struct gy_bits *mask, struct gy_bits *known, double *values)
{
    if (block->row_by_row || !gy_type_is_numeric(term->type)) {
        gy_block_ask_numbers(block, term, mask, known, values);
        return;
    }
    switch (term->kind) {
    case GY_TERM_NUMBER:
    case GY_TERM_BOOL:
        constant(term->term->number, mask, known, values);
        break;
    case GY_TERM_STRING:
        constant((double)term->term->time_ms, mask, known, values);
        break;
    case GY_TERM_TRAIT:
        gy_kernel_trait(block, term, mask, known, values);
        break;
    case GY_TERM_AGE:
        age(block, term, mask, known, values);
        break;
    case GY_TERM_ADD:
    case GY_TERM_SUBTRACT:
    case GY_TERM_MULTIPLY:
    case GY_TERM_DIVIDE:
        arithmetic(block, term, mask, known, values);
        break;
    case GY_TERM_NEGATIVE:
        negative(block, term, mask, known, values);
        break;
    case GY_TERM_AGGREGATE:
        gy_kernel_aggregate(block, term, mask, known, values);
        break;
    case GY_TERM_PERCENTILE:
    case GY_TERM_NTILE:
        rank(block, term, mask, known, values);
        break;
    case GY_TERM_METRIC:
    case GY_TERM_PROPERTY:
    case GY_TERM_STEP_PROPERTY:
    case GY_TERM_HOUR:
    case GY_TERM_WEEKDAY:
    case GY_TERM_MONTH:
    case GY_TERM_DAY:
        gy_bits_clear(known); /* planned away, or only within filters */
        break;
    }
}
