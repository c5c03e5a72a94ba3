/* rfm.c - see rfm.h. */
#include "insight/rfm.h"

#include <math.h>
#include <stdlib.h>

#include "base/decimal_sum.h"
#include "base/mem.h"
#include "engine/vocabulary.h"
#include "insight/words.h"
#include "lang/check.h"

/* ---- the scheme RF-11 ---- */

/* A letter a cell, by [f - 1][r - 1]. */
static const char scheme[GY_RFM_SCORES][GY_RFM_SCORES + 1] = {
    "XHSPN",          /* F 1: lost, hibernating, about to sleep, promising, new */
    "HHSOO", "RRAOO", /* F 3: at risk, need attention, potential loyalists */
    "RRLLC", "TTLLC", /* F 5: cannot lose, loyal, champions */
};

enum gy_rfm_group gy_rfm_group_of(int r, int f)
{
    GY_ASSERT(r >= 1 && r <= GY_RFM_SCORES && f >= 1 && f <= GY_RFM_SCORES);
    switch (scheme[f - 1][r - 1]) {
    case 'C':
        return GY_RFM_CHAMPIONS;
    case 'L':
        return GY_RFM_LOYAL;
    case 'O':
        return GY_RFM_POTENTIAL_LOYALISTS;
    case 'N':
        return GY_RFM_NEW;
    case 'P':
        return GY_RFM_PROMISING;
    case 'A':
        return GY_RFM_NEED_ATTENTION;
    case 'S':
        return GY_RFM_ABOUT_TO_SLEEP;
    case 'R':
        return GY_RFM_AT_RISK;
    case 'T':
        return GY_RFM_CANNOT_LOSE;
    case 'H':
        return GY_RFM_HIBERNATING;
    default:
        return GY_RFM_LOST;
    }
}

const char *gy_rfm_group_name(enum gy_rfm_group group, const char *language)
{
    static const enum gy_word words[GY_RFM_GROUPS] = {
        [GY_RFM_CHAMPIONS] = GY_WORD_CHAMPIONS,
        [GY_RFM_LOYAL] = GY_WORD_LOYAL,
        [GY_RFM_POTENTIAL_LOYALISTS] = GY_WORD_POTENTIAL_LOYALISTS,
        [GY_RFM_NEW] = GY_WORD_NEW,
        [GY_RFM_PROMISING] = GY_WORD_PROMISING,
        [GY_RFM_NEED_ATTENTION] = GY_WORD_NEED_ATTENTION,
        [GY_RFM_ABOUT_TO_SLEEP] = GY_WORD_ABOUT_TO_SLEEP,
        [GY_RFM_AT_RISK] = GY_WORD_AT_RISK,
        [GY_RFM_CANNOT_LOSE] = GY_WORD_CANNOT_LOSE,
        [GY_RFM_HIBERNATING] = GY_WORD_HIBERNATING,
        [GY_RFM_LOST] = GY_WORD_LOST,
    };
    return gy_word(words[group], language);
}

/* ---- asking ---- */

enum {
    N_VALUES = 6
};

static const char *const value_texts[N_VALUES] = {
    "ntile(last_time(\"Order Completed\"), 5 among (did(\"Order Completed\")))",
    "ntile(count(\"Order Completed\"), 5 among (did(\"Order Completed\")))",
    "ntile(sum(\"Order Completed\".revenue), 5 among (did(\"Order Completed\")))",
    "days_since(\"Order Completed\")",
    "count(\"Order Completed\")",
    "sum(\"Order Completed\".revenue)",
};

static enum gy_status find_buyers(const struct gy_snapshot *snapshot,
                                  const roaring_bitmap_t *audience, int64_t now_ms,
                                  const struct gy_run_options *options, roaring_bitmap_t **out,
                                  struct gy_error *err)
{
    struct gy_vocabulary vocabulary = gy_vocabulary_of(snapshot);
    struct gy_check_options check = {.allow_unknown = true};
    struct gy_definition definition = {0};
    enum gy_status status =
        gy_define(GY_STR("did(\"Order Completed\")"), &vocabulary, &check, &definition, err);
    if (status == GY_OK) {
        status = gy_audience(snapshot, definition.expr, now_ms, options, out, err);
    }
    if (status == GY_OK && audience != NULL) {
        roaring_bitmap_and_inplace(*out, audience);
    }
    gy_definition_release(&definition);
    return status;
}

static enum gy_status ask_values(const struct gy_snapshot *snapshot, const roaring_bitmap_t *buyers,
                                 int64_t now_ms, const struct gy_run_options *options,
                                 struct gy_value_table *out, struct gy_error *err)
{
    struct gy_vocabulary vocabulary = gy_vocabulary_of(snapshot);
    struct gy_check_options check = {.allow_unknown = true};
    struct gy_definition definitions[N_VALUES] = {0};
    const struct gy_term *terms[N_VALUES];
    enum gy_status status = GY_OK;
    for (size_t i = 0; i < N_VALUES && status == GY_OK; i++) {
        status =
            gy_define_value(gy_str_of(value_texts[i]), &vocabulary, &check, &definitions[i], err);
        terms[i] = definitions[i].term;
    }
    if (status == GY_OK) {
        status = gy_values(snapshot, terms, N_VALUES, buyers, now_ms, options, out, err);
    }
    for (size_t i = 0; i < N_VALUES; i++) {
        gy_definition_release(&definitions[i]);
    }
    return status;
}

/* ---- adding up ---- */

static double value_of(const struct gy_value_table *values, size_t column, uint32_t row)
{
    const struct gy_value_column *c = &values->columns[column];
    bool is_known = (c->known[row >> 6] >> (row & 63) & 1) != 0;
    return is_known ? c->numbers[row] : 0;
}

static uint8_t score_of(const struct gy_value_table *values, size_t column, uint32_t row)
{
    double score = value_of(values, column, row);
    GY_ASSERT(score >= 1 && score <= GY_RFM_SCORES);
    return (uint8_t)score;
}

static void take_customers(const struct gy_value_table *values, struct gy_rfm *out)
{
    out->n = values->n_rows;
    out->customers = gy_alloc_zero(out->n == 0 ? 1 : out->n, sizeof *out->customers);
    for (uint32_t i = 0; i < values->n_rows; i++) {
        struct gy_rfm_customer *c = &out->customers[i];
        c->ordinal = values->ordinals[i];
        c->r = score_of(values, 0, i);
        c->f = score_of(values, 1, i);
        c->m = score_of(values, 2, i);
        c->group = gy_rfm_group_of(c->r, c->f);
        c->recency_days = value_of(values, 3, i);
        c->frequency = value_of(values, 4, i);
        c->monetary = value_of(values, 5, i);
        out->cells[c->r - 1][c->f - 1]++;
    }
}

struct sums {
    struct gy_decimal_sum revenue;
    double recency_days;
    double frequency;
    uint64_t n;
};

static void add_customer(struct sums *sums, const struct gy_rfm_customer *c)
{
    gy_decimal_sum_add(&sums->revenue, c->monetary);
    sums->recency_days += c->recency_days;
    sums->frequency += c->frequency;
    sums->n++;
}

static void finish_row(struct sums *sums, struct gy_rfm_row *row)
{
    row->n_customers = sums->n;
    row->revenue = gy_decimal_sum_value(&sums->revenue);
    bool is_empty = sums->n == 0;
    row->mean_recency_days = is_empty ? (double)NAN : sums->recency_days / (double)sums->n;
    row->mean_frequency = is_empty ? (double)NAN : sums->frequency / (double)sums->n;
    row->mean_monetary = is_empty ? (double)NAN : gy_decimal_sum_mean(&sums->revenue, sums->n);
    gy_decimal_sum_release(&sums->revenue);
}

static void add_up(struct gy_rfm *out)
{
    struct sums groups[GY_RFM_GROUPS] = {0};
    struct sums all = {0};
    for (size_t i = 0; i < out->n; i++) {
        add_customer(&groups[out->customers[i].group], &out->customers[i]);
        add_customer(&all, &out->customers[i]);
    }
    for (size_t g = 0; g < GY_RFM_GROUPS; g++) {
        finish_row(&groups[g], &out->groups[g]);
    }
    finish_row(&all, &out->all);
}

enum gy_status gy_rfm_make(const struct gy_snapshot *snapshot, const roaring_bitmap_t *audience,
                           int64_t now_ms, const struct gy_run_options *options, struct gy_rfm *out,
                           struct gy_error *err)
{
    roaring_bitmap_t *buyers = NULL;
    struct gy_value_table values = {0};
    *out = (struct gy_rfm){0};
    enum gy_status status = find_buyers(snapshot, audience, now_ms, options, &buyers, err);
    if (status == GY_OK) {
        status = ask_values(snapshot, buyers, now_ms, options, &values, err);
    }
    if (status == GY_OK) {
        take_customers(&values, out);
        add_up(out);
    }
    gy_value_table_release(&values);
    if (buyers != NULL) {
        roaring_bitmap_free(buyers);
    }
    return status;
}

void gy_rfm_release(struct gy_rfm *rfm)
{
    free(rfm->customers);
    *rfm = (struct gy_rfm){0};
}
