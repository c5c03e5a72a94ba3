/* kernel_trait.c - the latest values of traits: the last row up to now of each customer's run, the
 * latest of several slices. */
#include "engine/kernel_column.h"
#include "engine/kernel_text.h"

/* The last row of [first, end) up to now; `end` where there is none. */
static uint32_t last_up_to(const struct gy_slice_view *view, uint32_t first, uint32_t end,
                           int64_t now_ms)
{
    for (uint32_t row = end; row > first; row--) {
        if (gy_slice_view_time(view, row - 1) <= now_ms)
            return row - 1;
    }
    return end;
}

static void take_slice(struct gy_latest *out, uint32_t slice, int64_t now_ms,
                       const struct gy_bits *mask, int64_t *times_ms)
{
    const struct gy_slice_view *view = &out->stream->slices[slice];
    const struct gy_runs *runs = &view->runs;
    bool is_past = gy_code_last_ms(view->slice->max_code) <= now_ms;
    bool is_only = out->stream->n_slices == 1;
    for (uint32_t run = 0; run < runs->n; run++) {
        uint32_t c = gy_runs_customer(runs, run);
        uint32_t first = gy_runs_start(runs, run);
        uint32_t end = gy_runs_start(runs, run + 1);
        if (!gy_bits_has(mask, c))
            continue;
        uint32_t row = is_past ? end - 1 : last_up_to(view, first, end, now_ms);
        if (row == end)
            continue;
        int64_t time_ms = is_only ? 0 : gy_slice_view_time(view, row);
        if (gy_bits_has(&out->there, c) && time_ms < times_ms[c])
            continue;
        gy_bits_set(&out->there, c);
        out->rows[c] = row;
        out->slices[c] = slice;
        times_ms[c] = time_ms;
    }
}

void gy_kernel_latest(struct gy_block_eval *block, uint32_t stream, int64_t now_ms,
                      const struct gy_bits *mask, struct gy_latest *out)
{
    int64_t *times_ms = gy_block_take(block);
    gy_bits_clear(&out->there);
    out->rows = gy_block_take(block);
    out->slices = gy_block_take(block);
    out->stream = gy_reader_stream(block->reader, block->block_no, stream);
    for (uint32_t s = 0; s < out->stream->n_slices; s++) {
        if (gy_code_ms(out->stream->slices[s].slice->min_code, 0) <= now_ms)
            take_slice(out, s, now_ms, mask, times_ms);
    }
    gy_block_give(block, times_ms);
}

void gy_latest_give(struct gy_block_eval *block, struct gy_latest *latest)
{
    gy_block_give(block, latest->rows);
    gy_block_give(block, latest->slices);
}

static void take_numbers(struct gy_selection *selection, const struct gy_column *column,
                         struct gy_bits *known, double *values)
{
    double numbers[GY_SELECTION_SIZE];
    uint8_t there[GY_SELECTION_SIZE];
    gy_column_numbers(column, selection, numbers, there);
    for (uint32_t i = 0; i < selection->n; i++) {
        if (there[i] == 0)
            continue;
        gy_bits_set(known, selection->customers[i]);
        values[selection->customers[i]] = numbers[i];
    }
    selection->n = 0;
}

static void take_slice_numbers(struct gy_block_eval *block, const struct gy_latest *latest,
                               uint32_t slice, struct gy_bits *known, double *values)
{
    struct gy_selection selection;
    const struct gy_column *column =
        &gy_reader_column(block->reader, &latest->stream->slices[slice], GY_PROPERTY_VALUE)->column;
    selection.n = 0;
    GY_FOR_EACH_BIT(i, &latest->there)
    {
        if (latest->slices[i] != slice)
            continue;
        selection.rows[selection.n] = latest->rows[i];
        selection.customers[selection.n++] = (uint16_t)i;
        if (selection.n == GY_SELECTION_SIZE)
            take_numbers(&selection, column, known, values);
    }
    take_numbers(&selection, column, known, values);
}

/* All customers of `a` are before those of `b`, or behind them. */
static bool are_apart(const struct gy_runs *a, const struct gy_runs *b)
{
    return gy_runs_customer(a, a->n - 1) < gy_runs_customer(b, 0) ||
           gy_runs_customer(b, b->n - 1) < gy_runs_customer(a, 0);
}

enum {
    MANY_SLICES = 8 /* are not compared with one another */
};

const struct gy_stream_view *gy_trait_plain_slices(struct gy_block_eval *block,
                                                   const struct gy_plan_term *trait)
{
    const struct gy_stream_view *stream =
        gy_reader_stream(block->reader, block->block_no, trait->stream);
    if (stream->n_slices > MANY_SLICES)
        return NULL;
    for (uint32_t s = 0; s < stream->n_slices; s++) {
        const struct gy_slice_view *view = &stream->slices[s];
        if (view->runs.starts != NULL || gy_code_last_ms(view->slice->max_code) > trait->now_ms)
            return NULL;
        for (uint32_t other = 0; other < s; other++) {
            if (!are_apart(&view->runs, &stream->slices[other].runs))
                return NULL;
        }
    }
    return stream;
}

static void take_plain_numbers(struct gy_block_eval *block, struct gy_slice_view *view,
                               struct gy_bits *known, double *values)
{
    struct gy_selection selection;
    const struct gy_runs *runs = &view->runs;
    const struct gy_column *column =
        &gy_reader_column(block->reader, view, GY_PROPERTY_VALUE)->column;
    for (uint32_t first = 0; first < runs->n; first += GY_SELECTION_SIZE) {
        uint32_t n = runs->n - first < GY_SELECTION_SIZE ? runs->n - first : GY_SELECTION_SIZE;
        for (uint32_t i = 0; i < n; i++) {
            selection.rows[i] = first + i;
            selection.customers[i] = (uint16_t)gy_runs_customer(runs, first + i);
        }
        selection.n = n;
        take_numbers(&selection, column, known, values);
    }
}

void gy_kernel_trait(struct gy_block_eval *block, const struct gy_plan_term *term,
                     const struct gy_bits *mask, struct gy_bits *known, double *values)
{
    struct gy_latest latest;
    const struct gy_stream_view *plain = gy_trait_plain_slices(block, term);
    gy_bits_clear(known);
    if (plain != NULL) {
        for (uint32_t s = 0; s < plain->n_slices; s++)
            take_plain_numbers(block, &plain->slices[s], known, values);
        gy_bits_and(known, mask);
        return;
    }
    gy_kernel_latest(block, term->stream, term->now_ms, mask, &latest);
    for (uint32_t s = 0; s < latest.stream->n_slices; s++)
        take_slice_numbers(block, &latest, s, known, values);
    gy_latest_give(block, &latest);
}
