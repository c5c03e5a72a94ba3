/* plain_read.c - see plain_read.h. */
#include "plain_read.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/parallel.h"
#include "engine/reads.h"

enum {
    PIECE_BYTES = 1 << 18
};

struct range {
    const void *ptr;
    size_t n_bytes;
};

struct reading {
    struct range *ranges; /* of at most PIECE_BYTES */
    size_t n;
    size_t capacity;
    uint64_t n_bytes;
    _Atomic uint64_t sum; /* so that the reading is not optimised away */
};

/* ---- what there is to read ---- */

static void add_range(struct reading *r, const void *ptr, size_t n_bytes)
{
    r->n_bytes += ptr == NULL ? 0 : n_bytes;
    for (size_t at = 0; ptr != NULL && at < n_bytes; at += PIECE_BYTES) {
        size_t rest = n_bytes - at;
        GY_GROW(r->ranges, r->capacity, r->n + 1);
        r->ranges[r->n++] =
            (struct range){(const char *)ptr + at, rest < PIECE_BYTES ? rest : PIECE_BYTES};
    }
}

static enum gy_status add_rows(struct reading *r, const struct gy_part *part,
                               const struct gy_slice *slice, struct gy_error *err)
{
    struct gy_runs runs;
    struct gy_times times;
    GY_TRY(gy_part_runs(part, slice, &runs, err));
    GY_TRY(gy_part_times(part, slice, &times, err));
    add_range(r, runs.customers, runs.n * sizeof *runs.customers);
    add_range(r, runs.starts, (runs.n + (size_t)1) * sizeof *runs.starts);
    if (slice->max_code != GY_CODE_ALWAYS) /* else the part may have none */
        add_range(r, times.codes, slice->n_rows * sizeof *times.codes);
    return GY_OK;
}

static enum gy_status add_column(struct reading *r, const struct gy_part *part,
                                 const struct gy_slice *slice, uint32_t property,
                                 struct gy_error *err)
{
    struct gy_column column;
    GY_TRY(gy_part_column(part, slice, property, &column, err));
    if (column.encoding == GY_ENCODING_NONE)
        return GY_OK;
    if (column.encoding == GY_ENCODING_TEXT) {
        add_range(r, column.starts, (column.n_rows + (size_t)1) * sizeof *column.starts);
        add_range(r, column.bytes, column.starts[column.n_rows]);
    } else {
        add_range(r, column.data, (size_t)column.n_rows * column.width);
    }
    add_range(r, column.present, (column.n_rows + (size_t)63) / 64 * 8);
    return GY_OK;
}

static enum gy_status add_slice(struct reading *r, const struct gy_snapshot *snapshot,
                                const struct gy_part *part, const struct gy_slice *slice,
                                const struct gy_read *read, struct gy_error *err)
{
    const struct gy_schema *schema = gy_snapshot_schema(snapshot);
    GY_TRY(add_rows(r, part, slice, err));
    for (uint32_t i = 0; i < read->n_columns; i++) {
        uint32_t property =
            read->kind == GY_READ_TRAIT
                ? GY_PROPERTY_VALUE
                : gy_schema_find_property(schema, slice->stream, read->columns[i].name);
        GY_TRY(add_column(r, part, slice, property, err));
    }
    return GY_OK;
}

static uint32_t stream_of(const struct gy_schema *schema, const struct gy_read *read)
{
    switch (read->kind) {
    case GY_READ_CUSTOMERS:
        return GY_STREAM_EXISTENCE;
    case GY_READ_EVENT:
        return gy_schema_find_event(schema, read->name);
    case GY_READ_TRAIT:
        return gy_schema_find_trait(schema, read->name);
    }
    return GY_STREAM_EXISTENCE;
}

static enum gy_status add_stream(struct reading *r, const struct gy_snapshot *snapshot,
                                 const struct gy_read *read, struct gy_error *err)
{
    uint32_t stream = stream_of(gy_snapshot_schema(snapshot), read);
    for (size_t p = 0; p < gy_snapshot_n_parts(snapshot); p++) {
        const struct gy_part *part = gy_snapshot_part(snapshot, p);
        for (size_t i = 0; i < gy_part_n_slices(part); i++) {
            const struct gy_slice *slice = gy_part_slice(part, i);
            if (slice->stream == stream)
                GY_TRY(add_slice(r, snapshot, part, slice, read, err));
        }
    }
    return GY_OK;
}

/* ---- reading it ---- */

static enum gy_status sum_range(void *context, size_t piece, unsigned worker, struct gy_error *err)
{
    struct reading *r = context;
    const uint64_t *words = r->ranges[piece].ptr;
    size_t n = r->ranges[piece].n_bytes / sizeof *words;
    uint64_t sum = 0;
    (void)worker;
    (void)err;
    for (size_t i = 0; i < n; i++)
        sum += words[i];
    r->sum += sum;
    return GY_OK;
}

enum gy_status plain_read(const struct gy_snapshot *snapshot, const struct gy_expr *expr,
                          int64_t now_ms, unsigned n_threads, uint64_t *n_bytes,
                          struct gy_error *err)
{
    struct reading r = {0};
    struct gy_reads reads;
    enum gy_status status = gy_reads_of(snapshot, expr, now_ms, &reads, err);
    for (uint32_t i = 0; i < reads.n_streams && status == GY_OK; i++) {
        if (reads.streams[i].kind != GY_READ_CUSTOMERS)
            status = add_stream(&r, snapshot, &reads.streams[i], err);
    }
    if (status == GY_OK)
        status = gy_parallel(r.n, n_threads, sum_range, &r, err);
    *n_bytes = r.n_bytes;
    gy_reads_release(&reads);
    free(r.ranges);
    return status;
}
