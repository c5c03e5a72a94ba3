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

/* The populations of one level, counted in one pass. */
struct count {
    struct gy_run *run;
    struct gy_population **populations;
    uint32_t n_populations;
};

static struct gy_population_piece *count_block(const struct gy_population *p,
                                               struct gy_block_eval *block)
{
    struct gy_bits members = *gy_block_roots_at(block, p->now_ms);
    struct gy_bits all = members;
    if (p->among != NULL)
        gy_block_expr(block, p->among, &all, &members);
    return gy_population_count_block(p->value, block, &members);
}

static struct gy_population_piece *count_scattered(const struct gy_run *run,
                                                   const struct gy_population *p,
                                                   struct gy_customer_eval *eval,
                                                   const struct gy_piece *piece)
{
    struct gy_population_piece *out =
        gy_alloc(sizeof *out + GY_SCATTERED_PIECE * sizeof out->values[0]);
    *out = (struct gy_population_piece){.n = 0};
    for (size_t i = piece->first_scattered; i < piece->end_scattered; i++) {
        struct gy_subject subject = gy_run_scattered(run, i);
        if (gy_subject_first_ms(eval->reader, &subject) > p->now_ms ||
            (p->among != NULL && !gy_customer_holds(eval, &subject, p->among)))
            continue;
        struct gy_value value = gy_customer_value(eval, &subject, p->value);
        if (value.type != GY_VALUE_MISSING)
            out->values[out->n++] =
                value.type == GY_VALUE_TIME ? (double)value.time_ms : value.number;
    }
    return out;
}

static enum gy_status count_piece(void *context, struct gy_worker *worker,
                                  const struct gy_piece *piece, struct gy_error *err)
{
    struct count *c = context;
    (void)err;
    for (uint32_t i = 0; i < c->n_populations; i++) {
        struct gy_population *p = c->populations[i];
        p->pieces[piece->index] = piece->is_block
                                      ? count_block(p, &worker->block)
                                      : count_scattered(c->run, p, &worker->eval, piece);
    }
    return GY_OK;
}

static enum gy_status find_cuts(void *context, size_t population_no, unsigned worker,
                                struct gy_error *err)
{
    const struct count *c = context;
    struct gy_population *p = c->populations[population_no];
    (void)worker;
    (void)err;
    for (size_t i = 0; i < p->n_pieces; i++)
        p->n += p->pieces[i]->n;
    gy_population_find_cuts(p);
    return GY_OK;
}

static enum gy_status count_level(struct gy_run *run, struct gy_population **populations,
                                  uint32_t n, struct gy_error *err)
{
    struct count c = {run, populations, n};
    for (uint32_t i = 0; i < n; i++) {
        populations[i]->n_pieces = run->n_pieces;
        populations[i]->pieces = gy_alloc_zero(run->n_pieces + 1, sizeof *populations[i]->pieces);
    }
    GY_TRY(gy_run_pieces(run, count_piece, &c, err));
    return gy_parallel(n, run->n_workers, find_cuts, &c, err);
}

static int compare_levels(const void *a, const void *b)
{
    const struct gy_population *l = *(const struct gy_population *const *)a;
    const struct gy_population *r = *(const struct gy_population *const *)b;
    return (l->level > r->level) - (l->level < r->level);
}

static enum gy_status count_populations(struct gy_run *run, struct gy_error *err)
{
    struct gy_population **all = run->plan.populations;
    uint32_t n = run->plan.n_populations;
    if (n > 1)
        qsort(all, n, sizeof(struct gy_population *), compare_levels);
    for (uint32_t first = 0; first < n;) {
        uint32_t end = first + 1;
        while (end < n && all[end]->level == all[first]->level)
            end++;
        GY_TRY(count_level(run, all + first, end - first, err));
        first = end;
    }
    return GY_OK;
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
    return count_populations(run, err);
}
