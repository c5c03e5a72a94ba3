/* run.c - workers, pieces, and the populations that come before everything else. */
#include "engine/run.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/parallel.h"
#include "base/zone.h"
#include "engine/population.h"

void gy_run_init(struct gy_run *run, const struct gy_snapshot *snapshot,
                 const struct gy_run_options *options)
{
    *run = (struct gy_run){.snapshot = snapshot};
    if (options != NULL)
        run->options = *options;
    gy_eval_plan_init(&run->plan, snapshot);
    size_t n_scattered = gy_snapshot_n_scattered(snapshot);
    run->n_blocks = gy_blocks_of(gy_snapshot_n_ordinals(snapshot));
    run->n_pieces = run->n_blocks + (n_scattered + GY_SCATTERED_PIECE - 1) / GY_SCATTERED_PIECE;
}

void gy_run_release(struct gy_run *run)
{
    for (unsigned i = 0; i < run->n_workers; i++) {
        struct gy_worker *w = &run->workers[i];
        gy_block_eval_release(&w->block);
        gy_customer_eval_release(&w->eval);
        gy_reader_release(&w->reader);
    }
    free(run->workers);
    gy_eval_plan_release(&run->plan);
    *run = (struct gy_run){0};
}

/* ---- pieces ---- */

struct gy_subject gy_run_scattered(const struct gy_run *run, size_t place)
{
    struct gy_subject subject;
    gy_snapshot_scattered(run->snapshot, place, &subject.root, &subject.ordinals,
                          &subject.n_ordinals);
    return subject;
}

static struct gy_piece piece_at(const struct gy_run *run, size_t index)
{
    if (index < run->n_blocks)
        return (struct gy_piece){.index = index, .is_block = true, .block_no = (uint32_t)index};
    size_t n_scattered = gy_snapshot_n_scattered(run->snapshot);
    size_t first = (index - run->n_blocks) * GY_SCATTERED_PIECE;
    size_t end = first + GY_SCATTERED_PIECE;
    return (struct gy_piece){.index = index,
                             .first_scattered = first,
                             .end_scattered = end < n_scattered ? end : n_scattered};
}

struct pieces {
    struct gy_run *run;
    gy_run_fn fn;
    void *context;
};

static enum gy_status run_piece(void *context, size_t index, unsigned worker, struct gy_error *err)
{
    struct pieces *pieces = context;
    struct gy_worker *w = &pieces->run->workers[worker];
    struct gy_piece piece = piece_at(pieces->run, index);
    gy_reader_reset(&w->reader);
    if (!gy_reader_may_go_on(&w->reader))
        return gy_reader_status(&w->reader, err);
    if (piece.is_block)
        gy_block_begin(&w->block, piece.block_no);
    GY_TRY(pieces->fn(pieces->context, w, &piece, err));
    return gy_reader_status(&w->reader, err);
}

enum gy_status gy_run_pieces(struct gy_run *run, gy_run_fn fn, void *context, struct gy_error *err)
{
    struct pieces pieces = {run, fn, context};
    return gy_parallel(run->n_pieces, run->n_workers, run_piece, &pieces, err);
}

/* ---- populations ---- */

/* The values that one piece has. */
struct piece_values {
    double *values;
    size_t n;
};

struct count {
    const struct gy_run *run;
    const struct gy_population *population;
    struct piece_values *pieces;
};

static void count_block(const struct gy_population *p, struct gy_block_eval *block,
                        struct piece_values *out)
{
    struct gy_bits members = *gy_block_roots_at(block, p->now_ms);
    struct gy_bits known;
    if (p->among != NULL) {
        struct gy_bits all = members;
        gy_block_expr(block, p->among, &all, &members);
    }
    double *values = gy_alloc(GY_BLOCK_SIZE * sizeof *values);
    gy_block_numbers(block, p->value, &members, &known, values);
    GY_FOR_EACH_BIT(i, &known)
    values[out->n++] = values[i]; /* never past i */
    out->values = gy_realloc(values, out->n + 1, sizeof *values);
}

static void count_scattered(const struct count *c, struct gy_customer_eval *eval,
                            const struct gy_piece *piece, struct piece_values *out)
{
    const struct gy_population *p = c->population;
    out->values = gy_alloc_zero(GY_SCATTERED_PIECE, sizeof *out->values);
    for (size_t i = piece->first_scattered; i < piece->end_scattered; i++) {
        struct gy_subject subject = gy_run_scattered(c->run, i);
        if (gy_subject_first_ms(eval->reader, &subject) > p->now_ms ||
            (p->among != NULL && !gy_customer_holds(eval, &subject, p->among)))
            continue;
        struct gy_value value = gy_customer_value(eval, &subject, p->value);
        if (value.type != GY_VALUE_MISSING)
            out->values[out->n++] =
                value.type == GY_VALUE_TIME ? (double)value.time_ms : value.number;
    }
}

static enum gy_status count_piece(void *context, struct gy_worker *worker,
                                  const struct gy_piece *piece, struct gy_error *err)
{
    struct count *c = context;
    (void)err;
    if (piece->is_block)
        count_block(c->population, &worker->block, &c->pieces[piece->index]);
    else
        count_scattered(c, &worker->eval, piece, &c->pieces[piece->index]);
    return GY_OK;
}

static void join(struct gy_population *p, const struct piece_values *pieces, size_t n_pieces)
{
    for (size_t i = 0; i < n_pieces; i++)
        p->n += pieces[i].n;
    p->sorted = gy_alloc_zero(p->n + 1, sizeof *p->sorted);
    size_t at = 0;
    for (size_t i = 0; i < n_pieces; i++) {
        if (pieces[i].n > 0)
            memcpy(p->sorted + at, pieces[i].values, pieces[i].n * sizeof *p->sorted);
        at += pieces[i].n;
    }
    double *scratch = gy_alloc_zero(p->n + 1, sizeof *scratch);
    gy_population_sort(p, scratch);
    free(scratch);
}

static enum gy_status count_population(struct gy_run *run, struct gy_population *p,
                                       struct gy_error *err)
{
    struct piece_values *pieces = gy_alloc_zero(run->n_pieces + 1, sizeof *pieces);
    struct count count = {run, p, pieces};
    enum gy_status status = gy_run_pieces(run, count_piece, &count, err);
    if (status == GY_OK)
        join(p, pieces, run->n_pieces);
    for (size_t i = 0; i < run->n_pieces; i++)
        free(pieces[i].values);
    free(pieces);
    return status;
}

enum gy_status gy_run_prepare(struct gy_run *run, struct gy_error *err)
{
    unsigned n = run->options.n_threads == 0 ? gy_cores() : run->options.n_threads;
    if (n > run->n_pieces)
        n = run->n_pieces == 0 ? 1 : (unsigned)run->n_pieces;
    run->workers = gy_alloc_zero(n, sizeof *run->workers);
    run->n_workers = n;
    for (unsigned i = 0; i < n; i++) {
        struct gy_worker *w = &run->workers[i];
        gy_reader_init(&w->reader, run->snapshot);
        w->reader.cancel = run->options.cancel;
        w->reader.deadline_us = run->options.deadline_us;
        gy_customer_eval_init(&w->eval, &run->plan, &w->reader);
        gy_block_eval_init(&w->block, &run->plan, &w->reader, &w->eval);
        w->block.row_by_row = run->options.row_by_row;
    }
    for (uint32_t i = 0; i < run->plan.n_populations; i++)
        GY_TRY(count_population(run, run->plan.populations[i], err));
    return GY_OK;
}
