/* history_scattered.c - customers whose rows lie under several ordinals, one by one. */
#include <stdlib.h>

#include "base/mem.h"
#include "engine/history_internal.h"
#include "engine/value_ops.h"

struct walk {
    const struct gy_history_batch *batch;
    struct gy_customer_eval *eval;
    struct gy_subject subject;
    struct gy_rows rows; /* of its own: the evaluator uses the evaluator's */
    bool *asks;          /* by instant */
    struct gy_decimal_sum sum;
};

/* ---- when to ask ---- */

static void mark(const struct walk *w, uint32_t instant)
{
    if (instant < w->batch->plan.n)
        w->asks[instant] = true;
}

static void mark_row(const struct walk *w, const struct gy_watch *watch, int64_t time_ms)
{
    mark(w, gy_instant_index_find(&watch->enters, time_ms));
    mark(w, gy_instant_index_find(&watch->leaves, time_ms));
    for (uint32_t t = 0; t < watch->n_turns; t++)
        mark(w, gy_instant_index_find(&watch->turns[t], time_ms));
}

static void mark_watch(struct walk *w, const struct gy_watch *watch)
{
    w->rows.n = 0;
    gy_rows_gather(&w->rows, w->eval->reader, &w->subject, watch->stream, watch->range);
    for (size_t i = 0; i < w->rows.n; i++)
        mark_row(w, watch, w->rows.rows[i].time_ms);
}

static void mark_all(struct walk *w)
{
    const struct gy_history_plan *plan = &w->batch->plan;
    int64_t first_ms = gy_subject_first_ms(w->eval->reader, &w->subject);
    memcpy(w->asks, plan->stirs, plan->n * sizeof *w->asks);
    w->asks[0] = true;
    for (uint32_t l = 0; l < plan->n_levels; l++)
        mark(w, gy_instant_index_find(&plan->levels[l].births, first_ms));
    for (uint32_t l = 0; l < plan->n_leaves; l++) {
        for (uint32_t i = 0; i < plan->leaves[l].n_watches; i++)
            mark_watch(w, &plan->leaves[l].watches[i]);
    }
}

/* ---- what it spends ---- */

static void gather_measured(struct walk *w)
{
    const struct gy_measure_plan *measure = &w->batch->measure;
    w->rows.n = 0;
    if (measure->is_known)
        gy_rows_gather(&w->rows, w->eval->reader, &w->subject, measure->stream, measure->range);
    gy_rows_sort(&w->rows);
}

/* Adds the rows from `at` on up to the instant; where those behind it begin. */
static size_t add_rows(struct walk *w, size_t at, int64_t now_ms)
{
    for (; at < w->rows.n && w->rows.rows[at].time_ms <= now_ms; at++) {
        struct gy_value value = gy_row_value(w->eval->reader, &w->rows.rows[at],
                                             w->batch->measure.property, &w->eval->arena);
        if (value.type != GY_VALUE_MISSING)
            gy_decimal_sum_add(&w->sum, gy_value_as_number(&value));
    }
    return at;
}

/* ---- one customer ---- */

static void follow(struct walk *w, bool *is_member, struct gy_history_tally *tallies)
{
    const struct gy_history_plan *plan = &w->batch->plan;
    bool holds = false;
    size_t at = 0;
    mark_all(w);
    gather_measured(w);
    for (uint32_t i = 0; i < plan->n; i++) {
        if (w->asks[i])
            holds = gy_customer_holds(w->eval, &w->subject, plan->exprs[i]);
        at = add_rows(w, at, plan->instants_ms[i]);
        tallies[i].size += holds;
        tallies[i].entered += holds && !*is_member;
        tallies[i].left += !holds && *is_member;
        if (holds)
            gy_decimal_sum_add_sum(&tallies[i].measured, &w->sum);
        *is_member = holds;
    }
    gy_decimal_sum_release(&w->sum);
}

void gy_history_scattered(const struct gy_history_batch *batch, struct gy_worker *worker,
                          const struct gy_piece *piece, struct gy_history_tally *tallies)
{
    struct walk w = {.batch = batch, .eval = &worker->eval};
    w.asks = gy_alloc(batch->plan.n * sizeof *w.asks);
    for (size_t i = piece->first_scattered; i < piece->end_scattered; i++) {
        if (!gy_reader_may_go_on(&worker->reader))
            break;
        w.subject = gy_run_scattered(&batch->run, i);
        follow(&w, &batch->scattered_members[i], tallies);
    }
    gy_rows_release(&w.rows);
    free(w.asks);
}
