/* customer_rows.c - a customer's run in each slice is already in order; several are sorted together. */
#include "engine/customer_rows.h"

#include <stdlib.h>

#include "base/mem.h"
#include "engine/derived.h"
#include "engine/visits.h"

void gy_rows_release(struct gy_rows *rows)
{
    free(rows->rows);
    *rows = (struct gy_rows){0};
}

struct gy_subject gy_subject_of(const struct gy_snapshot *snapshot, const uint32_t *root)
{
    struct gy_subject subject = {*root, root, 1};
    size_t place = gy_snapshot_find_scattered(snapshot, *root);
    if (place != SIZE_MAX)
        gy_snapshot_scattered(snapshot, place, &subject.root, &subject.ordinals,
                              &subject.n_ordinals);
    return subject;
}

/* ---- gathering ---- */

struct gy_row gy_row_at(struct gy_reader *reader, struct gy_slice_view *view, uint32_t row)
{
    const struct gy_column *ranks = view->has_ranks ? &view->ranks : gy_reader_ranks(reader, view);
    uint32_t rank = gy_column_is_present(ranks, row) ? (uint32_t)gy_column_int(ranks, row) : 0;
    return (struct gy_row){view, row, rank, gy_slice_view_time(view, row)};
}

static bool may_have(const struct gy_slice *slice, struct gy_range range)
{
    return gy_code_ms(slice->min_code, 0) < range.to_ms &&
           gy_code_last_ms(slice->max_code) >= range.from_ms;
}

static void gather_run(struct gy_rows *rows, struct gy_reader *reader, struct gy_slice_view *view,
                       uint16_t customer, struct gy_range range)
{
    uint32_t first;
    uint32_t end;
    if (!may_have(view->slice, range) || !gy_runs_find(&view->runs, customer, &first, &end))
        return;
    GY_GROW(rows->rows, rows->capacity, rows->n + (end - first));
    for (uint32_t row = first; row < end; row++) {
        if (gy_range_has(range, gy_slice_view_time(view, row)))
            rows->rows[rows->n++] = gy_row_at(reader, view, row);
    }
}

/* Slices that are of the subject alone. */
static void gather_derived(struct gy_rows *rows, struct gy_reader *reader,
                           const struct gy_subject *subject, uint32_t stream, struct gy_range range)
{
    const struct gy_stream_view *view = gy_visits_of_subject(reader, subject, stream);
    for (uint32_t s = 0; s < view->n_slices; s++)
        gather_run(rows, reader, &view->slices[s], (uint16_t)(subject->root % GY_BLOCK_SIZE),
                   range);
}

void gy_rows_gather(struct gy_rows *rows, struct gy_reader *reader,
                    const struct gy_subject *subject, uint32_t stream, struct gy_range range)
{
    if (range.to_ms > reader->known_until_ms && reader->known_until_ms < INT64_MAX)
        range.to_ms = reader->known_until_ms + 1;
    if (gy_is_derived(stream)) {
        gather_derived(rows, reader, subject, stream, range);
        return;
    }
    for (uint32_t i = 0; i < subject->n_ordinals; i++) {
        uint32_t ordinal = subject->ordinals[i];
        const struct gy_stream_view *view =
            gy_reader_stream(reader, ordinal / GY_BLOCK_SIZE, stream);
        for (uint32_t s = 0; s < view->n_slices; s++)
            gather_run(rows, reader, &view->slices[s], (uint16_t)(ordinal % GY_BLOCK_SIZE), range);
    }
}

/* ---- the order of events ---- */

int gy_row_order(const struct gy_row *left, const struct gy_row *right)
{
    if (left->time_ms != right->time_ms)
        return left->time_ms < right->time_ms ? -1 : 1;
    if (left->view->sequence != right->view->sequence)
        return left->view->sequence < right->view->sequence ? -1 : 1;
    return (left->rank > right->rank) - (left->rank < right->rank);
}

/* Rows that the data does not tell apart: by stream, block and row. */
int gy_row_compare(const struct gy_row *left, const struct gy_row *right)
{
    int order = gy_row_order(left, right);
    if (order != 0)
        return order;
    const struct gy_slice *l = left->view->slice;
    const struct gy_slice *r = right->view->slice;
    if (l->stream != r->stream)
        return l->stream < r->stream ? -1 : 1;
    if (l->block_no != r->block_no)
        return l->block_no < r->block_no ? -1 : 1;
    return (left->row > right->row) - (left->row < right->row);
}

static int compare_rows(const void *a, const void *b)
{
    return gy_row_compare(a, b);
}

void gy_rows_sort(struct gy_rows *rows)
{
    for (size_t i = 1; i < rows->n; i++) {
        if (compare_rows(&rows->rows[i - 1], &rows->rows[i]) > 0) {
            qsort(rows->rows, rows->n, sizeof *rows->rows, compare_rows);
            return;
        }
    }
}

/* ---- values ---- */

struct gy_value gy_row_value(struct gy_reader *reader, const struct gy_row *row, uint32_t property,
                             struct gy_arena *arena)
{
    struct gy_value value = {.type = GY_VALUE_MISSING};
    const struct gy_view_column *column = gy_reader_column(reader, row->view, property);
    if (gy_column_is_present(&column->column, row->row))
        gy_column_value(&column->column, &column->dictionary, row->row, arena, &value);
    return value;
}

int64_t gy_subject_first_ms(struct gy_reader *reader, const struct gy_subject *subject)
{
    int64_t first_ms = INT64_MAX;
    for (uint32_t i = 0; i < subject->n_ordinals; i++) {
        uint32_t ordinal = subject->ordinals[i];
        const struct gy_stream_view *view =
            gy_reader_stream(reader, ordinal / GY_BLOCK_SIZE, GY_STREAM_EXISTENCE);
        for (uint32_t s = 0; s < view->n_slices; s++) {
            uint32_t row;
            uint32_t end;
            if (!gy_runs_find(&view->slices[s].runs, (uint16_t)(ordinal % GY_BLOCK_SIZE), &row,
                              &end))
                continue;
            int64_t time_ms = gy_slice_view_time(&view->slices[s], row);
            first_ms = time_ms < first_ms ? time_ms : first_ms;
        }
    }
    return first_ms;
}
