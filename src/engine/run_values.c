/* run_values.c - counts, sums, means and times of runs; and what is calculated from them. */
#include "engine/run_values.h"

#include <math.h>
#include <stdlib.h>

#include "base/cpu.h"
#include "base/mem.h"
#include "engine/kernel_sum.h"
#include "engine/run_codes.h"
#include "engine/run_days.h"
#include "engine/run_marks.h"
#include "engine/run_sums.h"

const struct gy_run_note *gy_run_note_of(const struct gy_run_eval *eval, const void *node)
{
    for (uint32_t i = 0; i < eval->n_notes; i++) {
        if (eval->notes[i].node == node)
            return &eval->notes[i];
    }
    return NULL;
}

/* ---- counts ---- */

static GY_ALWAYS_INLINE void subtract_body(const uint32_t *ends, const uint32_t *firsts, uint32_t n,
                                           uint32_t *out)
{
    for (uint32_t i = 0; i < n; i++)
        out[i] = ends[i] - firsts[i];
}

GY_COMPILE_FOR_AVX2(subtract,
                    (const uint32_t *ends, const uint32_t *firsts, uint32_t n, uint32_t *out),
                    (ends, firsts, n, out))

void gy_run_counts(struct gy_run_eval *eval, struct gy_range range, uint32_t *counts)
{
    if (gy_run_short_counts(eval, range, counts))
        return;
    const struct gy_chunk_cuts *cuts = gy_run_chunk_cut(&eval->chunk, range);
    subtract(cuts->ends, cuts->firsts, eval->chunk.n_runs, counts);
}

bool gy_run_is_count(const struct gy_plan_term *aggregate)
{
    return aggregate->term->aggregate == GY_COUNT || aggregate->term->aggregate == GY_DISTINCT ||
           aggregate->term->aggregate == GY_DAYS;
}

void gy_run_count_of(struct gy_run_eval *eval, const struct gy_plan_term *term, uint32_t *counts)
{
    if (term->term->aggregate == GY_DISTINCT)
        gy_run_distinct(eval, term, counts);
    else if (term->term->aggregate == GY_DAYS)
        gy_run_days(eval, term->range, counts);
    else if (term->filter != NULL)
        gy_run_marked_counts(eval, term->filter, term->range, counts);
    else
        gy_run_counts(eval, term->range, counts);
}

uint32_t *gy_run_code_counts(struct gy_run_eval *eval, uint32_t n)
{
    if (n > eval->code_counts_capacity) {
        free(eval->code_counts);
        eval->code_counts = gy_alloc_zero(n, sizeof *eval->code_counts);
        eval->code_counts_capacity = n;
    }
    return eval->code_counts;
}

static GY_ALWAYS_INLINE void at_least_body(uint32_t n, const uint32_t *counts, uint32_t least,
                                           uint8_t *out)
{
    for (uint32_t i = 0; i < n; i++)
        out[i] = (uint8_t)(counts[i] >= least ? 0xff : 0);
}

GY_COMPILE_FOR_AVX2(at_least, (uint32_t n, const uint32_t *counts, uint32_t least, uint8_t *out),
                    (n, counts, least, out))

/* ---- aggregates as numbers ---- */

static void count_values(struct gy_run_eval *eval, const struct gy_plan_term *term,
                         struct gy_run_numbers *out)
{
    gy_run_count_of(eval, term, eval->counts);
    for (uint32_t i = 0; i < eval->chunk.n_runs; i++)
        out->values[i] = (double)(int32_t)eval->counts[i];
    memset(out->known, 0xff, eval->chunk.n_runs);
}

static GY_ALWAYS_INLINE void divide_small_body(const uint32_t *sums, uint32_t n, double power,
                                               double *out)
{
    for (uint32_t i = 0; i < n; i++)
        out[i] = gy_double_of_u32(sums[i]) / power;
}

GY_COMPILE_FOR_AVX2(divide_small, (const uint32_t *sums, uint32_t n, double power, double *out),
                    (sums, n, power, out))

static void sum_values(struct gy_run_eval *eval, const struct gy_plan_term *term,
                       struct gy_run_numbers *out)
{
    int scale = gy_run_note_of(eval, term)->scale;
    uint32_t n = eval->chunk.n_runs;
    if (gy_run_small_sums(eval, term, eval->counts)) {
        divide_small(eval->counts, n, gy_sum_power(scale), out->values);
    } else {
        gy_run_sums(eval, term, eval->sums, NULL);
        gy_scaled_sums(eval->sums, n, scale, out->values);
    }
    memset(out->known, 0xff, n);
}

static void mean_values(struct gy_run_eval *eval, const struct gy_plan_term *term,
                        struct gy_run_numbers *out)
{
    int scale = gy_run_note_of(eval, term)->scale;
    gy_run_sums(eval, term, eval->sums, eval->counts);
    at_least(eval->chunk.n_runs, eval->counts, 1, out->known);
    gy_scaled_means(eval->sums, eval->counts, eval->chunk.n_runs, scale, out->values);
}

/* ---- times ---- */

/* Of seconds from 1970 on. */
static GY_ALWAYS_INLINE void ms_of_codes_body(const uint32_t *codes, uint32_t n, double *out)
{
    for (uint32_t i = 0; i < n; i++)
        out[i] = (gy_double_of_u32(codes[i]) - (double)GY_CODE_1970) * 1000.0;
}

GY_COMPILE_FOR_AVX2(ms_of_codes, (const uint32_t *codes, uint32_t n, double *out), (codes, n, out))

static void times_of_rows(const struct gy_run_chunk *chunk, const uint32_t *rows, double *out)
{
    const struct gy_slice_view *view = chunk->view;
    uint32_t n = chunk->n_runs;
    uint32_t codes[GY_CHUNK_RUNS];
    if (view->times.millis != NULL || view->slice->min_code < GY_CODE_1970) {
        for (uint32_t i = 0; i < n; i++)
            out[i] = (double)gy_slice_view_time(view, rows[i]);
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        codes[i] = view->times.codes[rows[i]];
        __asm__(""); /* vectors would be taken apart again for each load */
    }
    ms_of_codes(codes, n, out);
}

static GY_ALWAYS_INLINE void choose_rows_body(const uint32_t *starts, const uint32_t *firsts,
                                              const uint32_t *ends, uint32_t n, bool is_last,
                                              uint32_t *out)
{
    for (uint32_t i = 0; i < n; i++) {
        uint32_t row = is_last ? ends[i] - 1 : firsts[i];
        out[i] = firsts[i] < ends[i] ? row : starts[i];
    }
}

GY_COMPILE_FOR_AVX2(choose_rows,
                    (const uint32_t *starts, const uint32_t *firsts, const uint32_t *ends,
                     uint32_t n, bool is_last, uint32_t *out),
                    (starts, firsts, ends, n, is_last, out))

/* Of a run without rows in the window, some row that there is. */
static void rows_to_look_at(const struct gy_run_chunk *chunk, const struct gy_chunk_cuts *cuts,
                            bool is_last, uint32_t *out)
{
    choose_rows(chunk->starts, cuts->firsts, cuts->ends, chunk->n_runs, is_last, out);
}

static GY_ALWAYS_INLINE void days_since_body(uint32_t n, double now_ms, double *values)
{
    for (uint32_t i = 0; i < n; i++)
        values[i] = (now_ms - values[i]) / (double)GY_DAY_MS;
}

GY_COMPILE_FOR_AVX2(days_since, (uint32_t n, double now_ms, double *values), (n, now_ms, values))

static GY_ALWAYS_INLINE void interval_body(uint32_t n, const double *firsts_ms,
                                           const uint32_t *counts, double *values)
{
    for (uint32_t i = 0; i < n; i++)
        values[i] =
            (values[i] - firsts_ms[i]) / (double)GY_DAY_MS / ((double)(int32_t)counts[i] - 1.0);
}

GY_COMPILE_FOR_AVX2(interval,
                    (uint32_t n, const double *firsts_ms, const uint32_t *counts, double *values),
                    (n, firsts_ms, counts, values))

static void time_values(struct gy_run_eval *eval, const struct gy_plan_term *term,
                        struct gy_run_numbers *out)
{
    enum gy_aggregate aggregate = term->term->aggregate;
    const struct gy_run_chunk *chunk = &eval->chunk;
    const struct gy_chunk_cuts *cuts = gy_run_chunk_cut(&eval->chunk, term->range);
    uint32_t *rows = eval->raws;
    double firsts_ms[GY_CHUNK_RUNS];
    uint32_t n = chunk->n_runs;
    subtract(cuts->ends, cuts->firsts, n, eval->counts);
    at_least(n, eval->counts, aggregate == GY_INTERVAL ? 2 : 1, out->known);
    if (chunk->view == NULL) {
        out->values[0] = 0.0;
        return;
    }
    rows_to_look_at(chunk, cuts, aggregate != GY_FIRST_TIME, rows);
    times_of_rows(chunk, rows, out->values);
    if (aggregate == GY_DAYS_SINCE)
        days_since(n, (double)term->now_ms, out->values);
    if (aggregate != GY_INTERVAL)
        return;
    rows_to_look_at(chunk, cuts, false, rows);
    times_of_rows(chunk, rows, firsts_ms);
    interval(n, firsts_ms, eval->counts, out->values);
}

static void aggregate_values(struct gy_run_eval *eval, const struct gy_plan_term *term,
                             struct gy_run_numbers *out)
{
    if (gy_run_is_count(term))
        count_values(eval, term, out);
    else if (term->term->aggregate == GY_SUM)
        sum_values(eval, term, out);
    else if (term->term->aggregate == GY_AVG)
        mean_values(eval, term, out);
    else
        time_values(eval, term, out);
}

/* ---- arithmetic ---- */

static GY_ALWAYS_INLINE void calculate_body(enum gy_term_kind kind, bool are_times, uint32_t n,
                                            struct gy_run_numbers *left,
                                            const struct gy_run_numbers *right)
{
    double *values = left->values;
    for (uint32_t i = 0; i < n && kind == GY_TERM_ADD; i++)
        values[i] += right->values[i];
    for (uint32_t i = 0; i < n && kind == GY_TERM_SUBTRACT; i++)
        values[i] -= right->values[i];
    for (uint32_t i = 0; i < n && kind == GY_TERM_MULTIPLY; i++)
        values[i] *= right->values[i];
    for (uint32_t i = 0; i < n && kind == GY_TERM_DIVIDE; i++)
        values[i] /= right->values[i];
    for (uint32_t i = 0; i < n && are_times; i++)
        values[i] /= (double)GY_DAY_MS;
    for (uint32_t i = 0; i < n; i++) {
        bool is_finite = fabs(values[i]) < (double)INFINITY;
        left->known[i] = (uint8_t)(left->known[i] & right->known[i] & (is_finite ? 0xff : 0));
    }
}

GY_COMPILE_FOR_AVX2(calculate,
                    (enum gy_term_kind kind, bool are_times, uint32_t n,
                     struct gy_run_numbers *left, const struct gy_run_numbers *right),
                    (kind, are_times, n, left, right))

static void arithmetic(struct gy_run_eval *eval, const struct gy_plan_term *term,
                       struct gy_run_numbers *out)
{
    struct gy_run_numbers right;
    gy_run_values(eval, term->left, out);
    gy_run_values(eval, term->right, &right);
    bool are_times = term->kind == GY_TERM_SUBTRACT && term->left->type == GY_TYPE_TIME;
    calculate(term->kind, are_times, eval->chunk.n_runs, out, &right);
}

static void constant(uint32_t n, double value, struct gy_run_numbers *out)
{
    for (uint32_t i = 0; i < n; i++)
        out->values[i] = value;
    memset(out->known, 0xff, n);
}

void gy_run_values(struct gy_run_eval *eval, const struct gy_plan_term *term,
                   struct gy_run_numbers *out)
{
    uint32_t n = eval->chunk.n_runs;
    if (term->kind == GY_TERM_AGGREGATE) {
        aggregate_values(eval, term, out);
    } else if (term->kind == GY_TERM_NUMBER || term->kind == GY_TERM_BOOL) {
        constant(n, term->term->number, out);
    } else if (term->kind == GY_TERM_STRING) {
        constant(n, (double)term->term->time_ms, out);
    } else if (term->kind == GY_TERM_NEGATIVE) {
        gy_run_values(eval, term->left, out);
        for (uint32_t i = 0; i < n; i++)
            out->values[i] = -out->values[i];
    } else {
        arithmetic(eval, term, out);
    }
}
