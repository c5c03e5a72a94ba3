/* merge_slice.c - writes an output slice: its times, ranks and fingerprints, then its columns.
 *
 * Buffers are kept from slice to slice: fresh memory costs a page fault every 4 KiB, which was a fifth
 * of a merge's time. */
#include <stdlib.h>

#include "base/mem.h"
#include "store/merge_internal.h"

void gy_merge_buffers_release(struct gy_merge_buffers *b)
{
    free(b->times);
    free(b->millis);
    free(b->ranks);
    free(b->fingerprints);
    free(b->present);
    free(b->numbers);
    free(b->ints);
    free(b->codes);
    free(b->strings);
    free(b->list_starts);
    free(b->list_codes);
    free(b->misfit_rows);
    free(b->misfits);
    gy_arena_release(&b->arena);
    gy_merge_flat_release(&b->flat);
    *b = (struct gy_merge_buffers){0};
}

/* Room for `n` rows. What was in the buffers is gone. */
static void reserve(struct gy_merge_buffers *b, size_t n)
{
    if (n <= b->capacity) {
        return;
    }
    gy_merge_buffers_release(b);
    b->capacity = n;
    b->times = gy_alloc(n * sizeof *b->times);
    b->millis = gy_alloc(n * sizeof *b->millis);
    b->ranks = gy_alloc(n * sizeof *b->ranks);
    b->fingerprints = gy_alloc(n * sizeof *b->fingerprints);
    b->present = gy_alloc((n + 63) / 64 * sizeof *b->present);
    b->numbers = gy_alloc(n * sizeof *b->numbers);
    b->ints = gy_alloc(n * sizeof *b->ints);
    b->codes = gy_alloc(n * sizeof *b->codes);
    b->strings = gy_alloc(n * sizeof *b->strings);
    b->list_starts = gy_alloc((n + 1) * sizeof *b->list_starts);
}

/* ---- times, ranks, fingerprints ---- */

/* What any source of a slice has. */
struct frame {
    bool has_millis;
    bool has_ranks;
    bool has_fingerprints;
};

static struct frame frame_of(const struct gy_merge_rows *rows, const struct gy_merge_ties *ties)
{
    struct frame f = {.has_ranks = ties->n > 0};
    for (uint32_t i = 0; i < rows->n_sources; i++) {
        const struct gy_merge_source *source = &rows->sources[i];
        f.has_millis |= source->times.millis != NULL || source->times.day_millis != NULL;
        f.has_ranks |= source->ranks.max_int > 0;
        f.has_fingerprints |= source->fingerprints.data != NULL;
    }
    return f;
}

static bool is_before(const struct gy_merge_tie *a, const struct gy_merge_tie *b)
{
    if (a->stream != b->stream) {
        return a->stream < b->stream;
    }
    if (a->input != b->input) {
        return a->input < b->input;
    }
    return a->block_no != b->block_no ? a->block_no < b->block_no : a->row < b->row;
}

/* The first tie that is not before a row. */
static size_t find_tie(const struct gy_merge_ties *ties, const struct gy_merge_tie *row)
{
    size_t low = 0;
    size_t high = ties->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (is_before(&ties->ties[middle], row)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void put_new_ranks(const struct gy_merge_ties *ties, uint32_t stream,
                          const struct gy_merge_source *source, const struct gy_merge_piece *piece,
                          uint32_t to, uint32_t *ranks)
{
    struct gy_merge_tie first = {
        .stream = stream,
        .input = (uint32_t)source->input,
        .block_no = source->slice->block_no,
        .row = piece->first,
    };
    for (size_t i = find_tie(ties, &first); i < ties->n; i++) {
        const struct gy_merge_tie *tie = &ties->ties[i];
        if (tie->stream != first.stream || tie->input != first.input ||
            tie->block_no != first.block_no || tie->row - piece->first >= piece->n) {
            return;
        }
        ranks[to + (tie->row - piece->first)] = tie->rank;
    }
}

static void copy_fingerprints(const struct gy_merge_source *source, uint32_t first, uint32_t n,
                              uint64_t *to)
{
    for (uint32_t i = 0; i < n; i++) {
        to[i] = gy_fingerprint_at(&source->fingerprints, first + i);
    }
}

static void copy_piece(const struct frame *f, const struct gy_merge_source *source, uint32_t first,
                       uint32_t n, uint32_t to, struct gy_merge_buffers *b)
{
    if (!b->flat.is_used) {
        memcpy(b->times + to, source->times.codes + first, n * sizeof *b->times);
    }
    for (uint32_t i = 0; i < n && f->has_millis; i++) {
        b->millis[to + i] = gy_times_millis(&source->times, first + i);
    }
    for (uint32_t i = 0; i < n && f->has_ranks; i++) {
        b->ranks[to + i] = (uint32_t)gy_column_int(&source->ranks, first + i);
    }
    if (f->has_fingerprints) {
        copy_fingerprints(source, first, n, b->fingerprints + to);
    }
}

static void gather_frame(const struct gy_merge_rows *rows, const struct gy_merge_ties *ties,
                         const struct frame *f, struct gy_merge_buffers *b)
{
    uint32_t to = 0;
    gy_merge_flat_begin(&b->flat, rows);
    if (b->flat.is_used) {
        gy_merge_flat_times(&b->flat, rows, b->times);
    }
    for (uint32_t i = 0; i < rows->n_pieces; i++) {
        const struct gy_merge_piece *piece = &rows->pieces[i];
        const struct gy_merge_source *source = &rows->sources[piece->source];
        copy_piece(f, source, piece->first, piece->n, to, b);
        if (ties->n > 0) {
            put_new_ranks(ties, rows->stream, source, piece, to, b->ranks);
        }
        to += piece->n;
    }
}

static void describe(const struct gy_merge_rows *rows, struct gy_plain_slice *s)
{
    *s = (struct gy_plain_slice){
        .block_no = rows->block_no,
        .stream = rows->stream,
        .n_rows = (uint32_t)rows->n_rows,
        .n_customers = rows->n_customers,
        .customers = rows->customers,
        .starts = rows->starts,
        .min_written_ms = INT64_MAX,
        .max_written_ms = INT64_MIN,
        .is_as_written = true,
    };
    for (uint32_t i = 0; i < rows->n_sources; i++) {
        const struct gy_slice *own = rows->sources[i].slice;
        s->min_written_ms =
            own->min_written_ms < s->min_written_ms ? own->min_written_ms : s->min_written_ms;
        s->max_written_ms =
            own->max_written_ms > s->max_written_ms ? own->max_written_ms : s->max_written_ms;
        s->is_as_written &= own->is_as_written;
    }
}

enum gy_status gy_merge_write_slice(const struct gy_merge_job *job,
                                    const struct gy_merge_rows *rows,
                                    const struct gy_merge_texts *texts,
                                    const struct gy_merge_ties *ties,
                                    struct gy_merge_buffers *buffers, struct gy_part_writer *writer,
                                    struct gy_error *err)
{
    struct gy_plain_slice plain;
    struct frame f = frame_of(rows, ties);
    reserve(buffers, rows->n_rows);
    gather_frame(rows, ties, &f, buffers);
    describe(rows, &plain);
    plain.codes = buffers->times;
    plain.millis = f.has_millis ? buffers->millis : NULL;
    plain.ranks = f.has_ranks ? buffers->ranks : NULL;
    plain.fingerprints = f.has_fingerprints ? buffers->fingerprints : NULL;
    GY_TRY(gy_part_writer_begin(writer, &plain, err));
    GY_TRY(gy_merge_write_columns(job, rows, texts, buffers, writer, err));
    gy_part_writer_end(writer);
    return GY_OK;
}
