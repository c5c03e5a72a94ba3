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

static void release_kept(struct gy_run *run)
{
    for (uint32_t p = 0; p < run->plan.n_populations; p++) {
        const struct gy_population *population = run->plan.populations[p];
        for (uint32_t b = 0; population->blocks != NULL && b < run->n_blocks; b++)
            free(population->blocks[b]);
    }
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
    release_kept(run);
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

/* What one piece has of a population: its customers' known values, and of a block who they are. */
struct piece_values {
    struct gy_population_block *block;
    double *values; /* into `block`, or of its own */
    size_t n;
};

/* The populations of one level, counted in one pass. */
struct count {
    const struct gy_run *run;
    struct gy_population **populations;
    uint32_t n_populations;
    struct piece_values *pieces; /* n_populations × n_pieces */
};

static struct piece_values *values_of(const struct count *c, uint32_t population, size_t piece)
{
    return &c->pieces[population * c->run->n_pieces + piece];
}

static void count_block(const struct gy_population *p, struct gy_block_eval *block,
                        struct piece_values *out)
{
    struct gy_bits members = *gy_block_roots_at(block, p->now_ms);
    struct gy_bits all = members;
    struct gy_bits known;
    if (p->among != NULL)
        gy_block_expr(block, p->among, &all, &members);
    double *values = gy_block_take(block);
    gy_block_numbers(block, p->value, &members, &known, values);
    out->block = gy_alloc(sizeof *out->block + gy_bits_count(&known) * sizeof *values);
    out->values = out->block->values;
    out->block->known = known;
    GY_FOR_EACH_BIT(i, &known)
    out->values[out->n++] = values[i];
    gy_block_give(block, values);
}

static void count_scattered(const struct gy_run *run, const struct gy_population *p,
                            struct gy_customer_eval *eval, const struct gy_piece *piece,
                            struct piece_values *out)
{
    out->values = gy_alloc_zero(GY_SCATTERED_PIECE, sizeof *out->values);
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
}

static enum gy_status count_piece(void *context, struct gy_worker *worker,
                                  const struct gy_piece *piece, struct gy_error *err)
{
    struct count *c = context;
    (void)err;
    for (uint32_t p = 0; p < c->n_populations; p++) {
        struct piece_values *out = values_of(c, p, piece->index);
        if (piece->is_block)
            count_block(c->populations[p], &worker->block, out);
        else
            count_scattered(c->run, c->populations[p], &worker->eval, piece, out);
    }
    return GY_OK;
}

/* More than this would be kept for one evaluation only; it is evaluated again instead. */
enum {
    MAX_KEPT_VALUES = 32 * 1024 * 1024
};

static bool may_keep(const struct gy_run *run)
{
    return (uint64_t)run->n_blocks * GY_BLOCK_SIZE * run->plan.n_populations <= MAX_KEPT_VALUES;
}

static enum gy_status join(void *context, size_t population_no, unsigned worker,
                           struct gy_error *err)
{
    const struct count *c = context;
    uint32_t population = (uint32_t)population_no;
    struct gy_population *p = c->populations[population];
    (void)worker;
    (void)err;
    for (size_t i = 0; i < c->run->n_pieces; i++)
        p->n += values_of(c, population, i)->n;
    p->sorted = gy_alloc_zero(p->n + 1, sizeof *p->sorted);
    size_t at = 0;
    for (size_t i = 0; i < c->run->n_pieces; i++) {
        const struct piece_values *piece = values_of(c, population, i);
        if (piece->n > 0)
            memcpy(p->sorted + at, piece->values, piece->n * sizeof *p->sorted);
        at += piece->n;
    }
    double *scratch = gy_alloc_zero(p->n + 1, sizeof *scratch);
    gy_population_sort(p, scratch);
    free(scratch);
    return GY_OK;
}

/* The blocks' values become the population's; what is not kept is freed. */
static void hand_over(const struct count *c, uint32_t population, bool keeps)
{
    struct gy_population *p = c->populations[population];
    if (keeps)
        p->blocks = gy_alloc_zero(c->run->n_blocks, sizeof *p->blocks);
    for (size_t i = 0; i < c->run->n_pieces; i++) {
        struct piece_values *piece = values_of(c, population, i);
        if (keeps && i < c->run->n_blocks)
            p->blocks[i] = piece->block;
        else
            free(piece->block == NULL ? (void *)piece->values : (void *)piece->block);
    }
}

static enum gy_status count_level(struct gy_run *run, struct gy_population **populations,
                                  uint32_t n, struct gy_error *err)
{
    struct count c = {run, populations, n, gy_alloc_zero(n * run->n_pieces + 1, sizeof *c.pieces)};
    enum gy_status status = gy_run_pieces(run, count_piece, &c, err);
    if (status == GY_OK)
        status = gy_parallel(n, run->n_workers, join, &c, err);
    for (uint32_t p = 0; p < n; p++)
        hand_over(&c, p, status == GY_OK && may_keep(run));
    free(c.pieces);
    return status;
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
