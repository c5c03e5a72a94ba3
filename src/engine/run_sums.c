/* run_sums.c - differences of what is added up before each row, or sums of run after run. */
#include "engine/run_sums.h"

#include "base/cpu.h"
#include "engine/kernel_column.h"
#include "engine/kernel_sum.h"
#include "engine/row_sums.h"
#include "engine/run_marks.h"

/* ---- sums of 64 bits ---- */

static uint64_t is_present(const uint64_t *present, uint32_t row)
{
    return present == NULL ? 1 : present[row >> 6] >> (row & 63) & 1;
}

#define ADD_UP(raw_of_row)                                       \
    for (uint32_t i = 0; i < n && present == NULL; i++) {        \
        sum += base + (raw_of_row);                              \
        sums[i + 1] = sum;                                       \
    }                                                            \
    for (uint32_t i = 0; i < n && present != NULL; i++) {        \
        uint64_t is_there = is_present(present, first + i);      \
        sum += (base + (raw_of_row)) & (UINT64_C(0) - is_there); \
        count += (uint32_t)is_there;                             \
        sums[i + 1] = sum;                                       \
        counts[i + 1] = count;                                   \
    }

/* What the values of rows [first, first + n) add up to before each, and how many there are: that only where
 * a row may have none. */
static void add_up(const struct gy_column *column, uint32_t first, uint32_t n, uint64_t *sums,
                   uint32_t *counts)
{
    const uint64_t *present = column->present;
    uint64_t base = (uint64_t)column->base;
    uint64_t sum = 0;
    uint32_t count = 0;
    sums[0] = 0;
    counts[0] = 0;
    if (column->width == 1) {
        const uint8_t *raw = (const uint8_t *)column->data + first;
        ADD_UP(raw[i])
    } else if (column->width == 2) {
        const uint16_t *raw = (const uint16_t *)column->data + first;
        ADD_UP(raw[i])
    } else if (column->width == 4) {
        const uint32_t *raw = (const uint32_t *)column->data + first;
        ADD_UP(raw[i])
    } else if (column->width == 8) {
        const uint64_t *raw = (const uint64_t *)column->data + first;
        ADD_UP(raw[i])
    } else {
        ADD_UP(UINT64_C(0))
    }
}

#undef ADD_UP

/* Short runs: what is added up before their ends less what is before their beginnings. */
static void sum_by_differences(struct gy_run_eval *eval, const struct gy_column *column,
                               const struct gy_chunk_cuts *cuts, int64_t factor, int64_t *sums,
                               uint32_t *counts)
{
    const struct gy_run_chunk *chunk = &eval->chunk;
    const uint64_t *before = eval->sums_before;
    const uint32_t *n_before = eval->counts_before;
    uint32_t first_row = chunk->first_row;
    add_up(column, first_row, chunk->n_rows, eval->sums_before, eval->counts_before);
    for (uint32_t i = 0; i < chunk->n_runs; i++) {
        uint64_t sum = before[cuts->ends[i] - first_row] - before[cuts->firsts[i] - first_row];
        sums[i] = (int64_t)(sum * (uint64_t)factor);
    }
    if (counts == NULL)
        return;
    for (uint32_t i = 0; i < chunk->n_runs && column->present == NULL; i++)
        counts[i] = cuts->ends[i] - cuts->firsts[i];
    for (uint32_t i = 0; i < chunk->n_runs && column->present != NULL; i++)
        counts[i] = n_before[cuts->ends[i] - first_row] - n_before[cuts->firsts[i] - first_row];
}

/* ---- 32 bits ---- */

static GY_ALWAYS_INLINE void most_of_body(const uint32_t *counts, uint32_t n, uint32_t *out)
{
    uint32_t most = 0;
    for (uint32_t i = 0; i < n; i++)
        most = counts[i] > most ? counts[i] : most;
    *out = most;
}

GY_COMPILE_FOR_AVX2(most_of, (const uint32_t *counts, uint32_t n, uint32_t *out), (counts, n, out))

static GY_ALWAYS_INLINE void lengths_body(const uint32_t *starts, uint32_t n, uint32_t *out)
{
    for (uint32_t i = 0; i < n; i++)
        out[i] = starts[i + 1] - starts[i];
}

GY_COMPILE_FOR_AVX2(lengths, (const uint32_t *starts, uint32_t n, uint32_t *out), (starts, n, out))

/* Whether numbers up to `largest`, one a row of any run of the chunk, add up to less than 2^32. */
static bool fits_32_bits(struct gy_run_eval *eval, uint64_t largest)
{
    uint32_t most;
    lengths(eval->chunk.starts, eval->chunk.n_runs, eval->lengths);
    most_of(eval->lengths, eval->chunk.n_runs, &most);
    return largest <= UINT32_MAX && largest * most <= UINT32_MAX;
}

/* Adds the window; false where codes do not tell who is in it. */
static bool add_window(const struct gy_run_chunk *chunk, struct gy_range range,
                       struct gy_row_addends *addends)
{
    struct gy_window_codes window;
    const struct gy_times *times = &chunk->view->times;
    bool has_millis = times->millis != NULL || times->day_millis != NULL;
    if (!gy_window_codes_of(chunk->view, range, &window))
        return false;
    if ((window.cuts_from && has_millis && window.from_millis > 0) ||
        (window.cuts_to && has_millis && window.to_millis > 0))
        return false;
    uint32_t low = window.cuts_from ? window.from_code + (window.from_millis > 0) : 0;
    uint32_t end = window.to_code + (window.to_millis > 0);
    uint32_t high = window.cuts_to ? end - 1 : UINT32_MAX;
    addends->codes = window.cuts_from || window.cuts_to ? times->codes : NULL;
    addends->low = low;
    addends->span = high - low;
    return low <= high;
}

/* Differences between the runs' ends and starts. */
static void add_rows(struct gy_run_eval *eval, const struct gy_row_addends *addends, uint32_t *out)
{
    const struct gy_run_chunk *chunk = &eval->chunk;
    const uint32_t *before = eval->counts_before;
    const uint32_t *starts = chunk->starts;
    uint32_t first_row = chunk->first_row;
    uint32_t n = chunk->n_runs;
    uint32_t last = 0;
    gy_row_sums(addends, first_row, chunk->n_rows, eval->counts_before);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t next = before[starts[i + 1] - first_row];
        out[i] = next - last;
        last = next;
        __asm__(""); /* vectors would be taken apart again for each load */
    }
}

enum {
    SHORT_RUN = 8 /* rows, on average: longer ones are counted faster by where they are cut */
};

bool gy_run_are_short(const struct gy_run_chunk *chunk)
{
    return chunk->view != NULL && !chunk->is_searched && chunk->n_rows <= GY_RUN_PREFIX_ROWS &&
           chunk->n_rows <= chunk->n_runs * SHORT_RUN;
}

bool gy_run_short_counts(struct gy_run_eval *eval, struct gy_range range, uint32_t *counts)
{
    struct gy_row_addends one = {.base = 1};
    struct gy_run_counted *counted = &eval->counted;
    const struct gy_run_chunk *chunk = &eval->chunk;
    if (!gy_run_are_short(chunk) || !add_window(chunk, range, &one) || one.codes == NULL)
        return false;
    if (counted->view != chunk->view || counted->first_run != chunk->first_run ||
        counted->range.from_ms != range.from_ms || counted->range.to_ms != range.to_ms) {
        add_rows(eval, &one, counted->counts);
        counted->view = chunk->view;
        counted->first_run = chunk->first_run;
        counted->range = range;
    }
    memcpy(counts, counted->counts, chunk->n_runs * sizeof *counts);
    return true;
}

/* How many of the rows have a value, and their sum; false where codes do not tell, or it does not fit. */
static bool count_short(struct gy_run_eval *eval, const struct gy_column *column,
                        struct gy_range range, uint32_t *counts)
{
    struct gy_row_addends one = {.base = 1, .present = column->present};
    if (column->present == NULL && gy_run_short_counts(eval, range, counts))
        return true;
    if (!add_window(&eval->chunk, range, &one))
        return false;
    add_rows(eval, &one, counts);
    return true;
}

static bool sum_short(struct gy_run_eval *eval, const struct gy_column *column,
                      struct gy_range range, uint32_t *sums)
{
    struct gy_row_addends addends = {.raws = column->data,
                                     .width = column->width,
                                     .base = (uint32_t)column->base,
                                     .present = column->present};
    if (!gy_run_are_short(&eval->chunk) || column->width == 8 || column->base < 0 ||
        column->min_int < 0 || !add_window(&eval->chunk, range, &addends) ||
        !fits_32_bits(eval, (uint64_t)column->max_int))
        return false;
    add_rows(eval, &addends, sums);
    return true;
}

static GY_ALWAYS_INLINE void widen_body(const uint32_t *sums, uint32_t n, uint32_t factor,
                                        int64_t *out)
{
    for (uint32_t i = 0; i < n; i++)
        out[i] = (int64_t)((uint64_t)sums[i] * factor);
}

GY_COMPILE_FOR_AVX2(widen, (const uint32_t *sums, uint32_t n, uint32_t factor, int64_t *out),
                    (sums, n, factor, out))

/* ---- sums of long runs ---- */

/* Of those who are asked about. */
static void sum_run_by_run(const struct gy_run_eval *eval, const struct gy_column *column,
                           const struct gy_chunk_cuts *cuts, int64_t factor, int64_t *sums,
                           uint32_t *counts)
{
    for (uint32_t i = 0; i < eval->chunk.n_runs; i++) {
        bool is_asked = gy_run_chunk_asks(&eval->chunk, i);
        uint32_t first = cuts->firsts[i];
        uint32_t count = is_asked ? cuts->ends[i] - first : 0;
        uint64_t sum = (uint64_t)(column->present == NULL
                                      ? gy_column_sum(column, first, count)
                                      : gy_column_sum_present(column, first, count, &count));
        sums[i] = (int64_t)(sum * (uint64_t)factor);
        if (counts != NULL)
            counts[i] = count;
    }
}

static void sum_nothing(uint32_t n, int64_t *sums, uint32_t *counts)
{
    memset(sums, 0, n * sizeof *sums);
    if (counts != NULL)
        memset(counts, 0, n * sizeof *counts);
}

/* ---- all ---- */

/* The column that has what is added up; NULL where no row has a value. */
static const struct gy_column *column_of(struct gy_run_eval *eval, const struct gy_plan_term *term)
{
    if (eval->chunk.view == NULL)
        return NULL;
    const struct gy_column *column =
        &gy_reader_column(eval->block->reader, eval->chunk.view, term->property)->column;
    return column->encoding == GY_ENCODING_INT ? column : NULL;
}

void gy_run_sums(struct gy_run_eval *eval, const struct gy_plan_term *term, int64_t *sums,
                 uint32_t *counts)
{
    struct gy_run_chunk *chunk = &eval->chunk;
    const struct gy_column *column = column_of(eval, term);
    if (column == NULL) {
        sum_nothing(chunk->n_runs, sums, counts);
        return;
    }
    int64_t factor = gy_sum_factor(gy_run_note_of(eval, term)->scale, column);
    if (term->filter != NULL) {
        gy_run_marked_sums(eval, term->filter, term->range, column, factor, sums, counts);
        return;
    }
    if (factor <= UINT32_MAX && sum_short(eval, column, term->range, eval->raws) &&
        (counts == NULL || count_short(eval, column, term->range, counts))) {
        widen(eval->raws, chunk->n_runs, (uint32_t)factor, sums);
        return;
    }
    const struct gy_chunk_cuts *cuts = gy_run_chunk_cut(chunk, term->range);
    if (chunk->n_rows <= GY_RUN_PREFIX_ROWS && !chunk->is_searched)
        sum_by_differences(eval, column, cuts, factor, sums, counts);
    else
        sum_run_by_run(eval, column, cuts, factor, sums, counts);
}

bool gy_run_small_sums(struct gy_run_eval *eval, const struct gy_plan_term *term, uint32_t *sums)
{
    const struct gy_column *column = column_of(eval, term);
    if (column == NULL || gy_sum_factor(gy_run_note_of(eval, term)->scale, column) != 1)
        return false;
    return term->filter == NULL
               ? sum_short(eval, column, term->range, sums)
               : gy_run_marked_small_sums(eval, term->filter, term->range, column, sums);
}

bool gy_run_small_means(struct gy_run_eval *eval, const struct gy_plan_term *term, uint32_t *sums,
                        uint32_t *counts)
{
    double power = gy_sum_power(gy_run_note_of(eval, term)->scale);
    return term->filter == NULL && eval->chunk.n_rows * power < 0x1p53 &&
           gy_run_small_sums(eval, term, sums) &&
           count_short(eval, column_of(eval, term), term->range, counts);
}
