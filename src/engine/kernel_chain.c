/* kernel_chain.c - candidates by step, then customer by customer. */
#include "engine/kernel_chain.h"

#include <stdlib.h>

#include "base/mem.h"
#include "engine/kernel_aggregate.h"
#include "engine/kernel_chain_runs.h"

/* An event that can stand at a step, in one of the stream's slices. */
struct candidate {
    uint32_t row;
    uint32_t slice;
};

/* A step's candidates, by customer. */
struct step_events {
    struct gy_stream_view stream;
    struct candidate *candidates;
    uint16_t *customers;
    size_t n;
    size_t candidates_capacity;
    size_t customers_capacity;
    uint32_t *starts; /* GY_BLOCK_SIZE + 1: where each customer's begin */
};

/* The customer at hand: its rows that can stand at a step, in order. */
struct step_rows {
    struct gy_rows rows;
    size_t next; /* not merged yet */
};

struct chain_run {
    struct gy_block_eval *block;
    const struct gy_chain *chain;
    struct step_events *steps;
    struct step_rows *rows; /* by step */
};

/* ---- scanning ---- */

static void take_selection(const struct gy_scan *scan, struct step_events *events)
{
    const struct gy_selection *selection = &scan->selection;
    GY_GROW(events->candidates, events->candidates_capacity, events->n + selection->n);
    GY_GROW(events->customers, events->customers_capacity, events->n + selection->n);
    for (uint32_t i = 0; i < selection->n; i++) {
        events->candidates[events->n + i] = (struct candidate){selection->rows[i], scan->slice};
        events->customers[events->n + i] = selection->customers[i];
    }
    events->n += selection->n;
}

/* Slices have their customers in order, several slices one after the other. Keeps the order of a
 * customer's candidates. */
static void group_by_customer(struct step_events *events)
{
    uint32_t *starts = gy_alloc_zero(GY_BLOCK_SIZE + 1, sizeof *starts);
    struct candidate *grouped = gy_alloc((events->n + 1) * sizeof *grouped);
    for (size_t i = 0; i < events->n; i++)
        starts[events->customers[i] + 1]++;
    for (uint32_t c = 0; c < GY_BLOCK_SIZE; c++)
        starts[c + 1] += starts[c];
    for (size_t i = 0; i < events->n; i++)
        grouped[starts[events->customers[i]]++] = events->candidates[i];
    for (uint32_t c = GY_BLOCK_SIZE; c > 0; c--) /* each start is now its end */
        starts[c] = starts[c - 1];
    starts[0] = 0;
    free(events->candidates);
    events->candidates = grouped;
    events->starts = starts;
}

static void scan_step(struct chain_run *run, uint32_t s, const struct gy_bits *mask)
{
    const struct gy_chain_step *step = &run->chain->steps[s];
    struct step_events *events = &run->steps[s];
    struct gy_scan scan;
    gy_scan_begin(&scan, run->block, step->stream, step->filter, gy_chain_step_range(run->chain, s),
                  mask);
    events->stream = *scan.stream;
    while (gy_scan_next(&scan))
        take_selection(&scan, events);
    group_by_customer(events);
}

static void keep_who_has_one(const struct step_events *events, struct gy_bits *left)
{
    GY_FOR_EACH_BIT(i, left)
    {
        if (events->starts[i] == events->starts[i + 1])
            gy_bits_unset(left, i);
    }
}

/* Present steps first: they tell who is worth looking at. */
static void scan_steps(struct chain_run *run, struct gy_bits *left)
{
    for (uint32_t s = 0; s < run->chain->n_steps; s++) {
        if (run->chain->steps[s].is_absent)
            continue;
        scan_step(run, s, left);
        keep_who_has_one(&run->steps[s], left);
    }
    for (uint32_t s = 0; s < run->chain->n_steps; s++) {
        if (run->chain->steps[s].is_absent)
            scan_step(run, s, left);
    }
}

/* ---- one customer ---- */

/* Of one slice they are in order already. */
static void take_rows(struct chain_run *run, uint32_t s, uint32_t customer)
{
    const struct step_events *events = &run->steps[s];
    struct gy_rows *rows = &run->rows[s].rows;
    uint32_t first = events->starts[customer];
    uint32_t end = events->starts[customer + 1];
    GY_GROW(rows->rows, rows->capacity, end - first);
    rows->n = 0;
    run->rows[s].next = 0;
    for (uint32_t i = first; i < end; i++) {
        const struct candidate *candidate = &events->candidates[i];
        rows->rows[rows->n++] =
            gy_row_at(run->block->reader, &events->stream.slices[candidate->slice], candidate->row);
    }
    gy_rows_sort(rows);
}

/* The step whose next row comes first; n_steps where none is left. */
static uint32_t first_step(const struct chain_run *run)
{
    uint32_t first = run->chain->n_steps;
    for (uint32_t s = 0; s < run->chain->n_steps; s++) {
        const struct step_rows *rows = &run->rows[s];
        if (rows->next < rows->rows.n &&
            (first == run->chain->n_steps ||
             gy_row_compare(&rows->rows.rows[rows->next],
                            &run->rows[first].rows.rows[run->rows[first].next]) < 0))
            first = s;
    }
    return first;
}

/* An event that can stand at several steps has one place. */
static void merge_steps(struct chain_run *run, struct gy_rows *events,
                        struct gy_chain_events *steps)
{
    events->n = 0;
    for (uint32_t s = first_step(run); s < run->chain->n_steps; s = first_step(run)) {
        const struct gy_row *row = &run->rows[s].rows.rows[run->rows[s].next++];
        if (events->n == 0 || gy_row_compare(&events->rows[events->n - 1], row) != 0)
            events->rows[events->n++] = *row;
        steps[s].places[steps[s].n++] = (uint32_t)events->n - 1;
    }
}

static bool decide(struct chain_run *run, uint32_t customer)
{
    struct gy_chain_state *state = &run->block->eval->chains;
    struct gy_row_context context = {run->block->reader, run->block->plan->zone,
                                     &run->block->eval->arena};
    size_t n = 0;
    gy_arena_reset(&state->arena);
    gy_arena_reset(context.arena);
    struct gy_chain_events *steps =
        GY_NEW_ARRAY(&state->arena, struct gy_chain_events, run->chain->n_steps);
    for (uint32_t s = 0; s < run->chain->n_steps; s++) {
        take_rows(run, s, customer);
        steps[s].places = GY_NEW_ARRAY(&state->arena, uint32_t, run->rows[s].rows.n);
        n += run->rows[s].rows.n;
    }
    GY_GROW(state->events.rows, state->events.capacity, n);
    merge_steps(run, &state->events, steps);
    return gy_chain_decide(run->chain, state, &context, steps);
}

/* ---- all ---- */

static void release(struct chain_run *run)
{
    for (uint32_t s = 0; s < run->chain->n_steps; s++) {
        free(run->steps[s].candidates);
        free(run->steps[s].customers);
        free(run->steps[s].starts);
        gy_rows_release(&run->rows[s].rows);
    }
    free(run->steps);
    free(run->rows);
}

/* Those of `left` who have the chain. */
static void decide_left(struct chain_run *run, struct gy_bits *left, struct gy_bits *out)
{
    uint32_t n = 0;
    scan_steps(run, left);
    GY_FOR_EACH_BIT(i, left)
    {
        if (n++ % 64 == 0 && !gy_reader_may_go_on(run->block->reader))
            break;
        if (decide(run, i))
            gy_bits_set(out, i);
    }
}

void gy_kernel_chain(struct gy_block_eval *block, const struct gy_chain *chain,
                     const struct gy_bits *mask, struct gy_bits *out)
{
    struct gy_bits left = *mask;
    gy_bits_clear(out);
    gy_kernel_chain_runs(block, chain, &left, out);
    if (!gy_bits_any(&left))
        return;
    struct chain_run run = {block, chain, gy_alloc_zero(chain->n_steps, sizeof *run.steps),
                            gy_alloc_zero(chain->n_steps, sizeof *run.rows)};
    decide_left(&run, &left, out);
    release(&run);
}
