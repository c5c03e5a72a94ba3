/* merge_rows.c - which rows make an output slice, and in which order.
 *
 * The rows of a customer are runs, one for each input and each ordinal that it was. Mostly there is
 * one, or each begins where the last has ended: then they are taken whole. Else the runs are merged
 * by (time, input, rank, own before moved). */
#include <stdlib.h>

#include "base/mem.h"
#include "store/merge_internal.h"

void gy_merge_rows_release(struct gy_merge_rows *rows)
{
    free(rows->sources);
    free(rows->runs);
    free(rows->spare_runs);
    free(rows->heap);
    free(rows->pieces);
    free(rows->customers);
    free(rows->starts);
    *rows = (struct gy_merge_rows){0};
}

/* ---- collecting ---- */

static enum gy_status open_source(struct gy_merge_rows *rows, const struct gy_merge *merge,
                                  size_t input, const struct gy_slice *slice, struct gy_error *err)
{
    const struct gy_part *part = merge->inputs[input];
    struct gy_merge_source source = {.input = input, .part = part, .slice = slice};
    GY_TRY(gy_part_runs(part, slice, &source.runs, err));
    GY_TRY(gy_part_times(part, slice, &source.times, err));
    GY_TRY(gy_part_ranks(part, slice, &source.ranks, err));
    GY_TRY(gy_part_fingerprints(part, slice, &source.fingerprints, err));
    GY_GROW(rows->sources, rows->sources_capacity, rows->n_sources + 1);
    rows->sources[rows->n_sources++] = source;
    return GY_OK;
}

static void add_run(struct gy_merge_rows *rows, const struct gy_merge_run *run)
{
    GY_GROW(rows->runs, rows->runs_capacity, rows->n_runs + 1);
    rows->runs[rows->n_runs++] = *run;
}

static bool is_erased(const struct gy_merge *merge, uint32_t ordinal)
{
    return merge->erased != NULL && roaring_bitmap_contains(merge->erased, ordinal);
}

/* The runs of a slice in its own block, without those of ordinals that move. */
static void add_own_runs(const struct gy_merge_job *job, struct gy_merge_rows *rows)
{
    uint32_t number = rows->n_sources - 1;
    const struct gy_merge_source *source = &rows->sources[number];
    size_t move;
    size_t end;
    gy_merge_moves_out(job, rows->block_no, &move, &end);
    GY_GROW(rows->runs, rows->runs_capacity, rows->n_runs + source->runs.n);
    for (uint32_t i = 0; i < source->runs.n; i++) {
        uint16_t customer =
            source->runs.customers == NULL ? (uint16_t)i : source->runs.customers[i];
        uint32_t ordinal = rows->block_no * GY_BLOCK_SIZE + customer;
        while (move < end && job->by_from[move].from < ordinal) {
            move++;
        }
        if ((move < end && job->by_from[move].from == ordinal) || is_erased(job->merge, ordinal)) {
            continue;
        }
        add_run(rows, &(struct gy_merge_run){
                          .source = number,
                          .first = gy_runs_start(&source->runs, i),
                          .end = gy_runs_start(&source->runs, i + 1),
                          .from = customer,
                          .customer = customer,
                      });
    }
}

/* The source of a slice of an input, opened if it is not yet. */
static enum gy_status find_source(struct gy_merge_rows *rows, const struct gy_merge *merge,
                                  size_t input, const struct gy_slice *slice, uint32_t *out,
                                  struct gy_error *err)
{
    for (uint32_t i = rows->n_sources; i > 0 && rows->sources[i - 1].input == input; i--) {
        if (rows->sources[i - 1].slice == slice) {
            *out = i - 1;
            return GY_OK;
        }
    }
    *out = rows->n_sources;
    return open_source(rows, merge, input, slice, err);
}

static enum gy_status add_moved_run(const struct gy_merge_job *job, struct gy_merge_rows *rows,
                                    size_t input, const struct gy_move *move, struct gy_error *err)
{
    const struct gy_slice *slice =
        gy_part_find(job->merge->inputs[input], move->from / GY_BLOCK_SIZE, rows->stream);
    if (slice == NULL || is_erased(job->merge, move->from)) {
        return GY_OK;
    }
    struct gy_merge_run run = {
        .from = (uint16_t)(move->from % GY_BLOCK_SIZE),
        .customer = (uint16_t)(move->to % GY_BLOCK_SIZE),
    };
    GY_TRY(find_source(rows, job->merge, input, slice, &run.source, err));
    if (gy_runs_find(&rows->sources[run.source].runs, run.from, &run.first, &run.end)) {
        add_run(rows, &run);
    }
    return GY_OK;
}

static enum gy_status collect_input(const struct gy_merge_job *job, struct gy_merge_rows *rows,
                                    size_t input, struct gy_error *err)
{
    const struct gy_slice *own =
        gy_part_find(job->merge->inputs[input], rows->block_no, rows->stream);
    if (own != NULL) {
        GY_TRY(open_source(rows, job->merge, input, own, err));
        add_own_runs(job, rows);
    }
    size_t move;
    size_t end;
    gy_merge_moves_into(job, rows->block_no, &move, &end);
    for (; move < end; move++) {
        GY_TRY(add_moved_run(job, rows, input, &job->merge->moves[move], err));
    }
    return GY_OK;
}

/* A stable counting sort: runs of a customer stay in the order in which they were collected. */
static void sort_runs(struct gy_merge_rows *rows)
{
    bool is_sorted = true;
    for (uint32_t i = 1; i < rows->n_runs; i++) {
        is_sorted &= rows->runs[i - 1].customer <= rows->runs[i].customer;
    }
    if (is_sorted) {
        return;
    }
    uint32_t *places = gy_alloc_zero(GY_BLOCK_SIZE + 1, sizeof *places);
    for (uint32_t i = 0; i < rows->n_runs; i++) {
        places[rows->runs[i].customer + 1]++;
    }
    for (uint32_t i = 1; i <= GY_BLOCK_SIZE; i++) {
        places[i] += places[i - 1];
    }
    GY_GROW(rows->spare_runs, rows->spare_capacity, rows->n_runs);
    for (uint32_t i = 0; i < rows->n_runs; i++) {
        rows->spare_runs[places[rows->runs[i].customer]++] = rows->runs[i];
    }
    free(places);
    struct gy_merge_run *sorted = rows->spare_runs;
    uint32_t capacity = rows->spare_capacity;
    rows->spare_runs = rows->runs;
    rows->spare_capacity = rows->runs_capacity;
    rows->runs = sorted;
    rows->runs_capacity = capacity;
}

enum gy_status gy_merge_collect(const struct gy_merge_job *job, uint32_t block_no, uint32_t stream,
                                struct gy_merge_rows *rows, struct gy_error *err)
{
    rows->block_no = block_no;
    rows->stream = stream;
    rows->n_sources = 0;
    rows->n_runs = 0;
    for (size_t input = 0; input < job->merge->n_inputs; input++) {
        GY_TRY(collect_input(job, rows, input, err));
    }
    sort_runs(rows);
    return GY_OK;
}

/* ---- ordering ---- */

static int compare_times(const struct gy_merge_source *a, uint32_t a_row,
                         const struct gy_merge_source *b, uint32_t b_row)
{
    uint32_t a_code = a->times.codes[a_row];
    uint32_t b_code = b->times.codes[b_row];
    if (a_code != b_code) {
        return a_code < b_code ? -1 : 1;
    }
    uint32_t a_millis = gy_times_millis(&a->times, a_row);
    uint32_t b_millis = gy_times_millis(&b->times, b_row);
    return (a_millis > b_millis) - (a_millis < b_millis);
}

/* Of two runs, `a` the one that was collected first: the row of which comes first? */
static int compare_rows(const struct gy_merge_source *a, uint32_t a_row,
                        const struct gy_merge_source *b, uint32_t b_row)
{
    int order = compare_times(a, a_row, b, b_row);
    if (order != 0 || a->input != b->input) {
        return order;
    }
    int64_t a_rank = gy_column_int(&a->ranks, a_row);
    int64_t b_rank = gy_column_int(&b->ranks, b_row);
    return (a_rank > b_rank) - (a_rank < b_rank);
}

static bool is_dropped(const struct gy_merge *merge, const struct gy_merge_rows *rows,
                       uint16_t customer, const struct gy_merge_source *source, uint32_t row)
{
    if (merge->drop == NULL) {
        return false;
    }
    return merge->drop(merge->drop_context, rows->stream, rows->block_no * GY_BLOCK_SIZE + customer,
                       gy_times_ms(&source->times, row),
                       (uint32_t)gy_column_int(&source->ranks, row),
                       gy_fingerprint_at(&source->fingerprints, row), source->input, row);
}

/* Puts rows behind the last ones; they join the last piece where they follow it in its source. */
static void take_rows(struct gy_merge_rows *rows, uint32_t source, uint32_t first, uint32_t n)
{
    rows->n_rows += n;
    if (rows->n_pieces > 0) {
        struct gy_merge_piece *last = &rows->pieces[rows->n_pieces - 1];
        if (last->source == source && last->first + last->n == first) {
            last->n += n;
            return;
        }
    }
    GY_GROW(rows->pieces, rows->pieces_capacity, rows->n_pieces + 1);
    rows->pieces[rows->n_pieces++] = (struct gy_merge_piece){source, first, n};
}

static bool has_one_row(const struct gy_merge_rows *rows)
{
    return rows->stream == GY_STREAM_EXISTENCE; /* the earliest */
}

/* The rows of a customer began at `first_row`. */
static void take_run(const struct gy_merge *merge, struct gy_merge_rows *rows,
                     const struct gy_merge_run *run, uint64_t first_row)
{
    if (merge->drop == NULL && !has_one_row(rows)) {
        take_rows(rows, run->source, run->first, run->end - run->first);
        return;
    }
    const struct gy_merge_source *source = &rows->sources[run->source];
    for (uint32_t row = run->first; row < run->end; row++) {
        if (has_one_row(rows) && rows->n_rows > first_row) {
            return;
        }
        if (!is_dropped(merge, rows, run->customer, source, row)) {
            take_rows(rows, run->source, row, 1);
        }
    }
}

static bool are_in_order(const struct gy_merge_rows *rows, const struct gy_merge_run *runs,
                         uint32_t n)
{
    for (uint32_t i = 1; i < n; i++) {
        const struct gy_merge_source *a = &rows->sources[runs[i - 1].source];
        const struct gy_merge_source *b = &rows->sources[runs[i].source];
        int order = compare_times(a, runs[i - 1].end - 1, b, runs[i].first);
        if (order > 0 || (order == 0 && a->input == b->input)) {
            return false;
        }
    }
    return true;
}

/* Of two runs of a customer, by number: the one whose next row comes first. Of equal ones that is the
 * one that was collected first. */
static bool is_run_before(const struct gy_merge_rows *rows, const struct gy_merge_run *runs,
                          uint32_t a, uint32_t b)
{
    int order = compare_rows(&rows->sources[runs[a].source], runs[a].first,
                             &rows->sources[runs[b].source], runs[b].first);
    return order != 0 ? order < 0 : a < b;
}

/* Lets the run at a place of the heap sink to where it belongs. */
static void sink(const struct gy_merge_rows *rows, const struct gy_merge_run *runs, uint32_t n,
                 uint32_t place)
{
    uint32_t *heap = rows->heap;
    for (uint32_t child = 2 * place + 1; child < n; child = 2 * place + 1) {
        if (child + 1 < n && is_run_before(rows, runs, heap[child + 1], heap[child])) {
            child++;
        }
        if (!is_run_before(rows, runs, heap[child], heap[place])) {
            return;
        }
        uint32_t run = heap[place];
        heap[place] = heap[child];
        heap[child] = run;
        place = child;
    }
}

static void build_heap(struct gy_merge_rows *rows, const struct gy_merge_run *runs, uint32_t n)
{
    GY_GROW(rows->heap, rows->heap_capacity, n);
    for (uint32_t i = 0; i < n; i++) {
        rows->heap[i] = i;
    }
    for (uint32_t i = n / 2; i-- > 0;) {
        sink(rows, runs, n, i);
    }
}

/* Uses up the runs of one customer, which has several; that may be thousands, so they stand in a
 * heap. */
static void merge_runs(const struct gy_merge *merge, struct gy_merge_rows *rows,
                       struct gy_merge_run *runs, uint32_t n, uint64_t first_row)
{
    if (are_in_order(rows, runs, n)) {
        for (uint32_t i = 0; i < n; i++) {
            take_run(merge, rows, &runs[i], first_row);
        }
        return;
    }
    build_heap(rows, runs, n);
    while (n > 0) {
        struct gy_merge_run *run = &runs[rows->heap[0]];
        struct gy_merge_run one = *run;
        one.end = one.first + 1;
        run->first++;
        if (run->first == run->end) {
            rows->heap[0] = rows->heap[--n];
        }
        sink(rows, runs, n, 0);
        take_run(merge, rows, &one, first_row);
    }
}

static void add_customer(struct gy_merge_rows *rows, uint16_t customer, uint64_t first_row)
{
    if (rows->n_rows == first_row) {
        return;
    }
    GY_GROW(rows->customers, rows->customers_capacity, rows->n_customers + 1);
    GY_GROW(rows->starts, rows->starts_capacity, rows->n_customers + 2);
    rows->customers[rows->n_customers] = customer;
    rows->starts[rows->n_customers] = (uint32_t)first_row;
    rows->n_customers++;
    rows->starts[rows->n_customers] = (uint32_t)rows->n_rows;
}

enum gy_status gy_merge_plan(const struct gy_merge_job *job, uint32_t block_no, uint32_t stream,
                             struct gy_merge_rows *rows, struct gy_error *err)
{
    GY_TRY(gy_merge_collect(job, block_no, stream, rows, err));
    rows->n_pieces = 0;
    rows->n_customers = 0;
    rows->n_rows = 0;
    uint32_t end;
    for (uint32_t first = 0; first < rows->n_runs; first = end) {
        uint16_t customer = rows->runs[first].customer;
        uint64_t first_row = rows->n_rows;
        end = first + 1;
        while (end < rows->n_runs && rows->runs[end].customer == customer) {
            end++;
        }
        merge_runs(job->merge, rows, &rows->runs[first], end - first, first_row);
        add_customer(rows, customer, first_row);
        if (rows->n_rows > UINT32_MAX) {
            return gy_error_set(err, GY_LIMIT, "stream %u has more than 2^32 rows in block %u",
                                stream, block_no);
        }
    }
    return GY_OK;
}

enum gy_status gy_merge_plan_unordered(const struct gy_merge_job *job, uint32_t block_no,
                                       uint32_t stream, struct gy_merge_rows *rows,
                                       struct gy_error *err)
{
    const struct gy_merge *merge = job->merge;
    if (merge->n_moves > 0 || merge->drop != NULL || merge->erased != NULL) {
        return gy_merge_plan(job, block_no, stream, rows, err);
    }
    rows->block_no = block_no;
    rows->stream = stream;
    rows->n_sources = 0;
    rows->n_runs = 0;
    rows->n_pieces = 0;
    rows->n_customers = 0;
    rows->n_rows = 0;
    for (size_t input = 0; input < merge->n_inputs; input++) {
        const struct gy_slice *slice = gy_part_find(merge->inputs[input], block_no, stream);
        if (slice != NULL) {
            GY_TRY(open_source(rows, merge, input, slice, err));
            take_rows(rows, rows->n_sources - 1, 0, slice->n_rows);
        }
    }
    return GY_OK;
}
