/* merge.c - cuts the output into files by blocks, and makes them, as many at a time as there are cores. */
#include "store/merge.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/parallel.h"
#include "store/merge_internal.h"
#include "store/part_internal.h"

/* ---- the job ---- */

static int compare_u32(const void *left, const void *right)
{
    const uint32_t *a = left;
    const uint32_t *b = right;
    return (*a > *b) - (*a < *b);
}

static int compare_from(const void *left, const void *right)
{
    const struct gy_move *a = left;
    const struct gy_move *b = right;
    return (a->from > b->from) - (a->from < b->from);
}

static size_t sort_distinct(uint32_t *values, size_t n)
{
    size_t n_distinct = 0;
    if (n > 0) {
        qsort(values, n, sizeof *values, compare_u32);
    }
    for (size_t i = 0; i < n; i++) {
        if (n_distinct == 0 || values[n_distinct - 1] != values[i]) {
            values[n_distinct++] = values[i];
        }
    }
    return n_distinct;
}

static void list_streams_and_blocks(struct gy_merge_job *job)
{
    const struct gy_merge *merge = job->merge;
    size_t n = 0;
    for (size_t i = 0; i < merge->n_inputs; i++) {
        n += gy_part_n_slices(merge->inputs[i]);
    }
    job->streams = gy_alloc(n * sizeof *job->streams);
    job->blocks = gy_alloc((n + merge->n_moves) * sizeof *job->blocks);
    for (size_t i = 0; i < merge->n_inputs; i++) {
        for (size_t s = 0; s < gy_part_n_slices(merge->inputs[i]); s++) {
            const struct gy_slice *slice = gy_part_slice(merge->inputs[i], s);
            job->streams[job->n_streams++] = slice->stream;
            job->blocks[job->n_blocks++] = slice->block_no;
        }
    }
    for (size_t i = 0; i < merge->n_moves; i++) {
        job->blocks[job->n_blocks++] = merge->moves[i].to / GY_BLOCK_SIZE;
    }
    job->n_streams = sort_distinct(job->streams, job->n_streams);
    job->n_blocks = sort_distinct(job->blocks, job->n_blocks);
}

static uint64_t slice_size(const struct gy_part *part, const struct gy_slice *slice)
{
    uint64_t size = 0;
    for (uint32_t i = 0; i < slice->n_columns; i++) {
        size += part->columns[slice->first_column + i].size;
    }
    return size;
}

static void measure_blocks(struct gy_merge_job *job)
{
    job->block_sizes = gy_alloc_zero(job->n_blocks, sizeof *job->block_sizes);
    for (size_t i = 0; i < job->merge->n_inputs; i++) {
        const struct gy_part *part = job->merge->inputs[i];
        size_t block = 0;
        for (size_t s = 0; s < gy_part_n_slices(part); s++) {
            const struct gy_slice *slice = gy_part_slice(part, s);
            while (job->blocks[block] < slice->block_no) {
                block++;
            }
            job->block_sizes[block] += slice_size(part, slice);
        }
    }
}

static void start_job(struct gy_merge_job *job, const struct gy_merge *merge)
{
    *job = (struct gy_merge_job){.merge = merge};
    job->by_from = gy_alloc(merge->n_moves * sizeof *job->by_from);
    for (size_t i = 0; i < merge->n_moves; i++) {
        job->by_from[i] = merge->moves[i];
    }
    if (merge->n_moves > 0) {
        qsort(job->by_from, merge->n_moves, sizeof *job->by_from, compare_from);
    }
    list_streams_and_blocks(job);
    measure_blocks(job);
}

static void release_job(struct gy_merge_job *job)
{
    free(job->by_from);
    free(job->streams);
    free(job->blocks);
    free(job->block_sizes);
}

/* The first move whose `to` (or `from`) is not below an ordinal. */
static size_t lower_bound(const struct gy_move *moves, size_t n, uint64_t ordinal, bool by_to)
{
    size_t low = 0;
    size_t high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if ((by_to ? moves[middle].to : moves[middle].from) < ordinal) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

void gy_merge_moves_into(const struct gy_merge_job *job, uint32_t block_no, size_t *first,
                         size_t *end)
{
    uint64_t ordinal = (uint64_t)block_no * GY_BLOCK_SIZE;
    *first = lower_bound(job->merge->moves, job->merge->n_moves, ordinal, true);
    *end = lower_bound(job->merge->moves, job->merge->n_moves, ordinal + GY_BLOCK_SIZE, true);
}

void gy_merge_moves_out(const struct gy_merge_job *job, uint32_t block_no, size_t *first,
                        size_t *end)
{
    uint64_t ordinal = (uint64_t)block_no * GY_BLOCK_SIZE;
    *first = lower_bound(job->by_from, job->merge->n_moves, ordinal, false);
    *end = lower_bound(job->by_from, job->merge->n_moves, ordinal + GY_BLOCK_SIZE, false);
}

static const struct gy_stream *find_stream(const struct gy_merge_job *job, uint32_t stream)
{
    const struct gy_schema *schema = job->merge->schema;
    return stream < GY_STREAM_FIRST || stream - GY_STREAM_FIRST >= schema->n_streams
               ? NULL
               : gy_schema_stream(schema, stream);
}

bool gy_merge_is_event(const struct gy_merge_job *job, uint32_t stream)
{
    const struct gy_stream *s = find_stream(job, stream);
    return s != NULL && s->kind == GY_STREAM_EVENT;
}

enum gy_status gy_merge_type(const struct gy_merge_job *job, uint32_t stream, uint32_t property,
                             enum gy_value_type *out, struct gy_error *err)
{
    const struct gy_schema *schema = job->merge->schema;
    const struct gy_stream *s = find_stream(job, stream);
    *out = GY_VALUE_MISSING;
    if (s != NULL && s->kind == GY_STREAM_TRAIT && property == GY_PROPERTY_VALUE) {
        *out = s->type;
    } else if (s != NULL && property >= 1 && property <= schema->n_properties) {
        *out = gy_schema_property(schema, property)->type;
    }
    if (*out < GY_VALUE_NUMBER || *out > GY_VALUE_LIST) {
        return gy_error_set(err, GY_CORRUPT,
                            "a part holds property %u of stream %u, which the schema does not know",
                            property, stream);
    }
    return GY_OK;
}

/* ---- one file ---- */

/* State of one thread, kept from file to file. */
struct output {
    const struct gy_merge_job *job;
    struct gy_merge_rows rows;
    struct gy_merge_ties ties;
    struct gy_merge_texts texts;
    struct gy_merge_buffers buffers;
    uint64_t n_rows; /* that the file will have */
};

static void release_output(struct output *o)
{
    gy_merge_rows_release(&o->rows);
    gy_merge_texts_release(&o->texts);
    gy_merge_ties_release(&o->ties);
    gy_merge_buffers_release(&o->buffers);
}

static enum gy_status check_cancelled(const struct output *o, struct gy_error *err)
{
    const atomic_bool *is_cancelled = o->job->merge->is_cancelled;
    return is_cancelled != NULL && atomic_load_explicit(is_cancelled, memory_order_relaxed)
               ? gy_error_set(err, GY_CANCELLED, "the merge was cancelled")
               : GY_OK;
}

/* The first pass over the blocks [first, end): how many rows, and which strings. */
static enum gy_status scan_blocks(struct output *o, size_t first, size_t end, struct gy_error *err)
{
    const struct gy_merge_job *job = o->job;
    gy_merge_texts_release(&o->texts);
    o->texts.n_inputs = job->merge->n_inputs;
    o->n_rows = 0;
    for (size_t s = 0; s < job->n_streams; s++) {
        for (size_t b = first; b < end; b++) {
            GY_TRY(check_cancelled(o, err));
            GY_TRY(gy_merge_plan_unordered(job, job->blocks[b], job->streams[s], &o->rows, err));
            GY_TRY(gy_merge_scan_strings(job, &o->rows, &o->texts, err));
            o->n_rows += o->rows.n_rows;
        }
    }
    gy_merge_settle_strings(&o->texts);
    return GY_OK;
}

static enum gy_status write_dictionaries(const struct output *o, struct gy_part_writer *w,
                                         struct gy_error *err)
{
    for (size_t i = 0; i < o->texts.n; i++) {
        const struct gy_merge_text *text = &o->texts.texts[i];
        if (text->is_dictionary) {
            GY_TRY(gy_part_writer_dictionary(w, text->stream, text->property, text->strings,
                                             text->n_strings, err));
        }
    }
    return GY_OK;
}

static enum gy_status write_block(struct output *o, uint32_t block_no, struct gy_part_writer *w,
                                  struct gy_error *err)
{
    const struct gy_merge_job *job = o->job;
    GY_TRY(gy_merge_find_ties(job, block_no, &o->rows, &o->ties, err));
    for (size_t s = 0; s < job->n_streams; s++) {
        GY_TRY(check_cancelled(o, err));
        GY_TRY(gy_merge_plan(job, block_no, job->streams[s], &o->rows, err));
        if (o->rows.n_rows > 0) {
            GY_TRY(gy_merge_write_slice(job, &o->rows, &o->texts, &o->ties, &o->buffers, w, err));
        }
    }
    return GY_OK;
}

static enum gy_status write_blocks(struct output *o, size_t first, size_t end,
                                   struct gy_part_writer *w, struct gy_error *err)
{
    GY_TRY(write_dictionaries(o, w, err));
    for (size_t b = first; b < end; b++) {
        GY_TRY(write_block(o, o->job->blocks[b], w, err));
    }
    return GY_OK;
}

/* A writer that has all blocks of the range and is to be finished; NULL where no row is left. */
static enum gy_status make_output(struct output *o, size_t first, size_t end, const char *path,
                                  struct gy_part_writer **out, struct gy_error *err)
{
    *out = NULL;
    GY_TRY(scan_blocks(o, first, end, err));
    if (o->n_rows == 0) {
        return GY_OK;
    }
    struct gy_part_writer *w;
    GY_TRY(gy_part_writer_new(path, &w, err));
    enum gy_status status = write_blocks(o, first, end, w, err);
    if (status != GY_OK) {
        gy_part_writer_abandon(w);
        return status;
    }
    *out = w;
    return GY_OK;
}

/* ---- all files ---- */

/* The end of the blocks that make one file. */
static size_t cut(const struct gy_merge_job *job, size_t first)
{
    size_t end = first + 1;
    uint64_t size = job->block_sizes[first];
    while (end < job->n_blocks && (job->merge->target_size == 0 ||
                                   size + job->block_sizes[end] <= job->merge->target_size)) {
        size += job->block_sizes[end++];
    }
    return end;
}

/* Blocks share nothing but the inputs, so each file is a piece of work of its own. */
struct file {
    size_t first; /* its blocks */
    size_t end;
    bool is_made;
    char path[4096];
};

struct files {
    struct file *files;
    size_t n;
    size_t capacity;
    struct output *outputs; /* by worker */
};

static void plan_files(struct files *f, const struct gy_merge_job *job)
{
    for (size_t first = 0; first < job->n_blocks; first = f->files[f->n - 1].end) {
        GY_GROW(f->files, f->capacity, f->n + 1);
        struct file *file = &f->files[f->n];
        file->first = first;
        file->end = cut(job, first);
        file->is_made = false;
        job->merge->path(job->merge->path_context, f->n, file->path);
        f->n++;
    }
}

static enum gy_status make_file(void *context, size_t piece, unsigned worker, struct gy_error *err)
{
    struct files *f = context;
    struct file *file = &f->files[piece];
    struct gy_part_writer *w;
    GY_TRY(make_output(&f->outputs[worker], file->first, file->end, file->path, &w, err));
    if (w == NULL) {
        return GY_OK;
    }
    GY_TRY(gy_part_writer_finish(w, err));
    file->is_made = true;
    return GY_OK;
}

static enum gy_status make_files(struct files *f, const struct gy_merge_job *job,
                                 struct gy_error *err)
{
    unsigned n_workers = gy_cores();
    f->outputs = gy_alloc_zero(n_workers, sizeof *f->outputs);
    for (unsigned i = 0; i < n_workers; i++) {
        f->outputs[i].job = job;
    }
    enum gy_status status = gy_parallel(f->n, n_workers, make_file, f, err);
    for (unsigned i = 0; i < n_workers; i++) {
        release_output(&f->outputs[i]);
    }
    free(f->outputs);
    return status;
}

enum gy_status gy_merge_files(const struct gy_merge *merge, size_t **made, size_t *n_made,
                              struct gy_error *err)
{
    struct gy_merge_job job;
    struct files files = {0};
    start_job(&job, merge);
    plan_files(&files, &job);
    enum gy_status status = make_files(&files, &job, err);
    *made = gy_alloc(files.n * sizeof **made);
    *n_made = 0;
    for (size_t i = 0; i < files.n; i++) {
        if (files.files[i].is_made && status == GY_OK) {
            (*made)[(*n_made)++] = i;
        } else if (files.files[i].is_made) {
            unlink(files.files[i].path);
        }
    }
    free(files.files);
    release_job(&job);
    return status;
}

static enum gy_status make_part(struct output *o, struct gy_part **out, struct gy_error *err)
{
    struct gy_part_writer *w;
    uint8_t *bytes;
    size_t len;
    GY_TRY(make_output(o, 0, o->job->n_blocks, NULL, &w, err));
    if (w == NULL) {
        return GY_OK;
    }
    GY_TRY(gy_part_writer_finish_memory(w, &bytes, &len, err));
    return gy_part_open_memory(bytes, len, "merged in memory", out, err);
}

enum gy_status gy_merge_memory(const struct gy_merge *merge, struct gy_part **out,
                               struct gy_error *err)
{
    struct gy_merge_job job;
    start_job(&job, merge);
    struct output output = {.job = &job};
    *out = NULL;
    enum gy_status status = make_part(&output, out, err);
    release_output(&output);
    release_job(&job);
    return status;
}
