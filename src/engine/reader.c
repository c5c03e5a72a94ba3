/* reader.c - views of slices by (block, stream), each made once. */
#include "engine/reader.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/zone.h"
#include "engine/derived.h"
#include "engine/visits.h"

struct gy_block_view {
    uint32_t block_no;
    struct gy_stream_view *streams[]; /* by stream id */
};

static const struct gy_stream_view no_slices;

void gy_reader_init(struct gy_reader *reader, const struct gy_snapshot *snapshot)
{
    *reader = (struct gy_reader){.snapshot = snapshot, .known_until_ms = INT64_MAX};
}

static void release_columns(struct gy_reader *reader)
{
    uint32_t n_streams = GY_STREAM_FIRST + gy_snapshot_schema(reader->snapshot)->n_streams;
    for (uint32_t b = 0; b < reader->n_blocks; b++) {
        for (uint32_t s = 0; s < n_streams; s++) {
            struct gy_stream_view *view = reader->blocks[b]->streams[s];
            for (uint32_t i = 0; view != NULL && i < view->n_slices; i++)
                free(view->slices[i].columns);
        }
    }
}

void gy_reader_reset(struct gy_reader *reader)
{
    gy_visits_forget(reader);
    release_columns(reader);
    gy_arena_reset(&reader->arena);
    reader->n_blocks = 0;
}

void gy_reader_release(struct gy_reader *reader)
{
    gy_visits_forget(reader);
    if (reader->snapshot != NULL)
        release_columns(reader);
    gy_arena_release(&reader->arena);
    free(reader->blocks);
    *reader = (struct gy_reader){0};
}

enum gy_status gy_reader_status(const struct gy_reader *reader, struct gy_error *err)
{
    if (reader->status != GY_OK && err != NULL)
        *err = reader->error;
    return reader->status;
}

static void note(struct gy_reader *reader, enum gy_status status, const struct gy_error *err)
{
    if (reader->status != GY_OK)
        return;
    reader->status = status;
    reader->error = *err;
}

void gy_reader_fail(struct gy_reader *reader, enum gy_status status, const char *message)
{
    struct gy_error err = {0};
    note(reader, gy_error_set(&err, status, "%s", message), &err);
}

bool gy_reader_may_go_on(struct gy_reader *reader)
{
    if (reader->cancel != NULL && atomic_load_explicit(reader->cancel, memory_order_relaxed))
        gy_reader_fail(reader, GY_CANCELLED, "the evaluation was cancelled");
    if (reader->deadline_us != 0 && gy_monotonic_us() > reader->deadline_us)
        gy_reader_fail(reader, GY_CANCELLED, "the evaluation took longer than it may");
    return reader->status == GY_OK;
}

static struct gy_block_view *block_of(struct gy_reader *reader, uint32_t block_no)
{
    for (uint32_t i = reader->n_blocks; i > 0; i--) {
        if (reader->blocks[i - 1]->block_no == block_no)
            return reader->blocks[i - 1];
    }
    size_t n_streams = GY_STREAM_FIRST + (size_t)gy_snapshot_schema(reader->snapshot)->n_streams;
    struct gy_block_view *block =
        gy_arena_zero(&reader->arena, 1, sizeof *block + n_streams * sizeof *block->streams);
    block->block_no = block_no;
    GY_GROW(reader->blocks, reader->blocks_capacity, reader->n_blocks + 1);
    reader->blocks[reader->n_blocks++] = block;
    return block;
}

static bool open_slice(struct gy_reader *reader, struct gy_slice_view *view)
{
    struct gy_error err = {0};
    enum gy_status status = gy_part_runs(view->part, view->slice, &view->runs, &err);
    if (status == GY_OK)
        status = gy_part_times(view->part, view->slice, &view->times, &err);
    if (status != GY_OK)
        note(reader, status, &err);
    return status == GY_OK;
}

static struct gy_stream_view *open_stream(struct gy_reader *reader, uint32_t block_no,
                                          uint32_t stream)
{
    size_t n_parts = gy_snapshot_n_parts(reader->snapshot);
    struct gy_stream_view *view = GY_NEW(&reader->arena, struct gy_stream_view);
    view->slices = GY_NEW_ARRAY(&reader->arena, struct gy_slice_view, n_parts);
    for (size_t i = 0; i < n_parts; i++) {
        const struct gy_part *part = gy_snapshot_part(reader->snapshot, i);
        struct gy_slice_view *slice = &view->slices[view->n_slices];
        *slice = (struct gy_slice_view){
            .part = part,
            .slice = gy_part_find(part, block_no, stream),
            .sequence = gy_snapshot_part_sequence(reader->snapshot, i),
        };
        if (slice->slice != NULL && open_slice(reader, slice))
            view->n_slices++;
    }
    return view;
}

const struct gy_stream_view *gy_reader_stream(struct gy_reader *reader, uint32_t block_no,
                                              uint32_t stream)
{
    uint32_t n_streams = GY_STREAM_FIRST + gy_snapshot_schema(reader->snapshot)->n_streams;
    if (gy_is_derived(stream))
        return gy_visits_of_block(reader, block_no, stream);
    if (stream >= n_streams)
        return &no_slices;
    struct gy_block_view *block = block_of(reader, block_no);
    if (block->streams[stream] == NULL)
        block->streams[stream] = open_stream(reader, block_no, stream);
    return block->streams[stream];
}

static struct gy_view_column *open_column(struct gy_reader *reader,
                                          const struct gy_slice_view *view, uint32_t property)
{
    struct gy_view_column *out = GY_NEW(&reader->arena, struct gy_view_column);
    struct gy_error err = {0};
    out->property = property;
    enum gy_status status = gy_part_column(view->part, view->slice, property, &out->column, &err);
    bool has_codes =
        out->column.encoding == GY_ENCODING_CODE || out->column.encoding == GY_ENCODING_LIST;
    if (status == GY_OK && has_codes)
        status =
            gy_part_dictionary(view->part, view->slice->stream, property, &out->dictionary, &err);
    if (status != GY_OK) {
        note(reader, status, &err);
        out->column = (struct gy_column){.encoding = GY_ENCODING_NONE};
    }
    return out;
}

const struct gy_view_column *gy_reader_column(struct gy_reader *reader, struct gy_slice_view *view,
                                              uint32_t property)
{
    if (view->visits != NULL)
        return gy_visit_column(reader, view, property);
    for (uint32_t i = 0; i < view->n_columns; i++) {
        if (view->columns[i]->property == property)
            return view->columns[i];
    }
    GY_GROW(view->columns, view->columns_capacity, view->n_columns + 1);
    view->columns[view->n_columns] = open_column(reader, view, property);
    return view->columns[view->n_columns++];
}

const struct gy_column *gy_reader_ranks(struct gy_reader *reader, struct gy_slice_view *view)
{
    struct gy_error err = {0};
    if (view->has_ranks)
        return &view->ranks;
    view->has_ranks = true;
    enum gy_status status = gy_part_ranks(view->part, view->slice, &view->ranks, &err);
    if (status != GY_OK) {
        note(reader, status, &err);
        view->ranks = (struct gy_column){.encoding = GY_ENCODING_NONE};
    }
    return &view->ranks;
}
