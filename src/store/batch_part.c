/* batch_part.c - a settled plan, written as a part: dictionaries, then block by block each stream.
 *
 * A slice's arrays live in an arena that is emptied after it.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "store/batch_plan.h"

enum {
    FETCHED_AHEAD = 16 /* rows */
};

struct slicer {
    struct gy_plan *plan;
    struct gy_part_writer *writer;
    uint32_t *cursors; /* a stream of the plan: its first row that is not written yet */
    struct gy_arena arena;
};

/* ---- dictionaries ---- */

static enum gy_status write_dictionary(const struct slicer *s, uint32_t stream,
                                       const struct gy_plan_column *c, struct gy_error *err)
{
    struct gy_str *strings = gy_realloc(NULL, (size_t)c->n_dictionary + 1, sizeof *strings);
    for (uint32_t i = 0; i < c->n_dictionary; i++)
        strings[i] = gy_batch_string(s->plan->batch, c->dictionary[i]);
    enum gy_status status =
        gy_part_writer_dictionary(s->writer, stream, c->property, strings, c->n_dictionary, err);
    free(strings);
    return status;
}

static enum gy_status write_dictionaries(const struct slicer *s, struct gy_error *err)
{
    for (uint32_t i = 0; i < s->plan->n_streams; i++) {
        const struct gy_plan_stream *stream = &s->plan->streams[i];
        for (uint32_t c = 0; c < stream->n_columns; c++) {
            if (stream->columns[c].dictionary != NULL)
                GY_TRY(write_dictionary(s, stream->id, &stream->columns[c], err));
        }
    }
    return GY_OK;
}

/* ---- rows ---- */

static uint32_t call_of(const struct gy_plan_stream *s, uint32_t row)
{
    return s->from == NULL ? row : s->from->calls[row];
}

/* What a slice has of each row but its properties. */
struct frame {
    uint16_t *customers;
    uint32_t *starts;
    uint32_t *codes;
    uint32_t *millis;
    uint64_t *fingerprints;
    uint32_t *ranks;
    uint32_t any_millis;
    uint64_t any_fingerprint;
    uint32_t any_rank;
};

static struct frame new_frame(struct slicer *s, const struct gy_plan_stream *stream, uint32_t n)
{
    bool is_call = stream->from != NULL && stream->from->kind != GY_BATCH_KIND_TRAIT;
    bool is_event = stream->from != NULL && stream->from->kind == GY_BATCH_KIND_EVENT;
    struct frame f = {0};
    f.customers = gy_arena_alloc(&s->arena, n * sizeof *f.customers);
    f.starts = gy_arena_alloc(&s->arena, ((size_t)n + 1) * sizeof *f.starts);
    f.codes = gy_arena_alloc(&s->arena, n * sizeof *f.codes);
    f.millis = gy_arena_alloc(&s->arena, n * sizeof *f.millis);
    if (is_call)
        f.fingerprints = gy_arena_alloc(&s->arena, n * sizeof *f.fingerprints);
    if (is_event)
        f.ranks = gy_arena_alloc(&s->arena, n * sizeof *f.ranks);
    return f;
}

static void put_customer(struct frame *f, uint32_t i, uint16_t customer, struct gy_plain_slice *out)
{
    if (out->n_customers > 0 && f->customers[out->n_customers - 1] == customer)
        return;
    f->customers[out->n_customers] = customer;
    f->starts[out->n_customers++] = i;
}

/* Of untimed calls both times are none. */
static void put_times(struct frame *f, uint32_t i, const struct gy_batch_call *call, int64_t ms,
                      struct gy_plain_slice *out)
{
    int64_t written = call->written_ms;
    f->codes[i] = gy_code_of(ms, &f->millis[i]);
    f->any_millis |= f->millis[i];
    out->min_written_ms = written < out->min_written_ms ? written : out->min_written_ms;
    out->max_written_ms = written > out->max_written_ms ? written : out->max_written_ms;
    out->is_as_written &= written == call->time_ms;
}

static void put_rank(const struct gy_plan *plan, const struct gy_plan_stream *stream,
                     struct frame *f, uint32_t i, uint32_t row, uint32_t call)
{
    f->ranks[i] =
        plan->rank_bases[call] + stream->from->seqs[row] - plan->batch->calls[call].first_seq;
    f->any_rank |= f->ranks[i];
}

/* Calls lie where they arrived, rows are in the order of customers: each call is fetched from memory,
 * so it is asked for ahead, and looked at once for all. */
static void fill_frame(const struct gy_plan *plan, const struct gy_plan_stream *stream,
                       const uint32_t *rows, struct frame *f, struct gy_plain_slice *out)
{
    const struct gy_batch *b = plan->batch;
    uint32_t own = stream->from == NULL ? GY_BATCH_NONE : (uint32_t)(stream->from - b->streams);
    for (uint32_t i = 0; i < out->n_rows; i++) {
        uint32_t ahead = i + FETCHED_AHEAD < out->n_rows ? i + FETCHED_AHEAD : i;
        uint32_t call_ahead = call_of(stream, rows[ahead]);
        __builtin_prefetch(&b->calls[call_ahead]);
        __builtin_prefetch(&plan->roots[call_ahead]);
        __builtin_prefetch(&plan->rank_bases[call_ahead]);
        uint32_t row = rows[i];
        uint32_t call = call_of(stream, row);
        const struct gy_batch_call *c = &b->calls[call];
        put_customer(f, i, (uint16_t)(plan->roots[call] & 0xffff), out);
        put_times(f, i, c, stream->times != NULL ? stream->times[row] : c->time_ms, out);
        if (f->fingerprints != NULL) {
            f->fingerprints[i] = c->stream == own ? c->fingerprint : 0; /* an item has none */
            f->any_fingerprint |= f->fingerprints[i];
        }
        if (f->ranks != NULL)
            put_rank(plan, stream, f, i, row, call);
    }
    f->starts[out->n_customers] = out->n_rows;
}

static void set_frame(struct slicer *s, const struct gy_plan_stream *stream, const uint32_t *rows,
                      struct gy_plain_slice *out)
{
    struct frame f = new_frame(s, stream, out->n_rows);
    out->min_written_ms = INT64_MAX;
    out->max_written_ms = INT64_MIN;
    out->is_as_written = true;
    fill_frame(s->plan, stream, rows, &f, out);
    out->customers = f.customers;
    out->starts = f.starts;
    out->codes = f.codes;
    out->millis = f.any_millis != 0 ? f.millis : NULL;
    out->fingerprints = f.any_fingerprint != 0 ? f.fingerprints : NULL;
    out->ranks = f.any_rank != 0 ? f.ranks : NULL;
}

/* ---- columns ---- */

/* The entries of a slice's rows, GY_BATCH_NONE where there is none, and bits of those that fit; NULL
 * where all do. */
struct gathered {
    const uint32_t *entries;
    const uint64_t *present;
    uint32_t n_present;
    uint32_t n_misfits;
};

static uint32_t entry_of(const struct gy_plan_column *c, uint32_t row)
{
    if (c->has_entry == NULL)
        return row;
    uint64_t word = c->has_entry[row >> 6];
    uint64_t bit = UINT64_C(1) << (row & 63);
    if ((word & bit) == 0)
        return GY_BATCH_NONE;
    return c->before[row >> 6] + (uint32_t)__builtin_popcountll(word & (bit - 1));
}

static struct gathered gather_some(struct slicer *s, const struct gy_plan_column *c,
                                   const uint32_t *rows, uint32_t n)
{
    struct gathered g = {0};
    uint32_t *entries = gy_arena_alloc(&s->arena, n * sizeof *entries);
    uint64_t *present = gy_arena_zero(&s->arena, n / 64 + 1, sizeof *present);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t e = entry_of(c, rows[i]);
        bool is_misfit = e != GY_BATCH_NONE && c->is_misfit != NULL && c->is_misfit[e] != 0;
        bool is_present = e != GY_BATCH_NONE && !is_misfit;
        entries[i] = e;
        present[i >> 6] |= (uint64_t)is_present << (i & 63);
        g.n_present += is_present;
        g.n_misfits += is_misfit;
    }
    g.entries = entries;
    g.present = g.n_present == n ? NULL : present;
    return g;
}

static struct gathered gather(struct slicer *s, const struct gy_plan_column *c,
                              const uint32_t *rows, uint32_t n)
{
    bool is_whole = c->has_entry == NULL && c->is_misfit == NULL;
    return is_whole ? (struct gathered){.entries = rows, .n_present = n}
                    : gather_some(s, c, rows, n);
}

static bool is_present(const struct gathered *g, uint32_t i)
{
    return g->present == NULL || (g->present[i >> 6] >> (i & 63) & 1) != 0;
}

static void set_numbers(struct slicer *s, const struct gathered *g, const uint64_t *values,
                        uint32_t n, struct gy_plain_column *out)
{
    double *numbers = gy_arena_alloc(&s->arena, n * sizeof *numbers);
    for (uint32_t i = 0; i < n; i++) {
        uint64_t bits = is_present(g, i) ? values[g->entries[i]] : 0;
        memcpy(&numbers[i], &bits, sizeof bits);
    }
    out->numbers = numbers;
}

static void set_ints(struct slicer *s, const struct gathered *g, const uint64_t *values, uint32_t n,
                     struct gy_plain_column *out)
{
    int64_t *ints = gy_arena_alloc(&s->arena, n * sizeof *ints);
    for (uint32_t i = 0; i < n; i++)
        ints[i] = is_present(g, i) ? (int64_t)values[g->entries[i]] : 0;
    out->ints = ints;
}

static void set_codes(struct slicer *s, const struct gathered *g, const uint64_t *values,
                      uint32_t n, struct gy_plain_column *out)
{
    uint32_t *codes = gy_arena_alloc(&s->arena, n * sizeof *codes);
    for (uint32_t i = 0; i < n; i++)
        codes[i] = is_present(g, i) ? (uint32_t)values[g->entries[i]] : 0;
    out->codes = codes;
}

static void set_strings(struct slicer *s, const struct gathered *g, const uint64_t *values,
                        uint32_t n, struct gy_plain_column *out)
{
    struct gy_str *strings = gy_arena_zero(&s->arena, n, sizeof *strings);
    for (uint32_t i = 0; i < n; i++) {
        if (is_present(g, i))
            strings[i] = gy_batch_string(s->plan->batch, values[g->entries[i]]);
    }
    out->strings = strings;
}

static void set_lists(struct slicer *s, const struct gathered *g, const struct gy_plan_column *c,
                      const uint64_t *values, uint32_t n, struct gy_plain_column *out)
{
    uint32_t *starts = gy_arena_zero(&s->arena, (size_t)n + 1, sizeof *starts);
    for (uint32_t i = 0; i < n; i++)
        starts[i + 1] = starts[i] + (is_present(g, i) ? (uint32_t)values[g->entries[i]] : 0);
    uint32_t *codes = gy_arena_alloc(&s->arena, ((size_t)starts[n] + 1) * sizeof *codes);
    for (uint32_t i = 0; i < n; i++) {
        uint64_t first = is_present(g, i) ? values[g->entries[i]] >> 32 : 0;
        for (uint32_t k = starts[i]; k < starts[i + 1]; k++)
            codes[k] = c->list_codes[first + (k - starts[i])];
    }
    out->codes = codes;
    out->list_starts = starts;
}

static void set_values(struct slicer *s, const struct gathered *g, const struct gy_plan_column *c,
                       uint32_t n, struct gy_plain_column *out)
{
    const uint64_t *values = c->values != NULL ? c->values : c->from->bits;
    switch (c->type) {
    case GY_VALUE_NUMBER:
        set_numbers(s, g, values, n, out);
        break;
    case GY_VALUE_BOOL:
    case GY_VALUE_TIME:
        set_ints(s, g, values, n, out);
        break;
    case GY_VALUE_STRING:
        if (c->dictionary != NULL) {
            set_codes(s, g, values, n, out);
        } else {
            set_strings(s, g, values, n, out);
        }
        break;
    case GY_VALUE_LIST:
        set_lists(s, g, c, values, n, out);
        break;
    case GY_VALUE_MISSING:
    case GY_VALUE_CELL:
        break;
    }
}

static void set_misfits(struct slicer *s, const struct gathered *g, const struct gy_plan_column *c,
                        uint32_t n, struct gy_plain_column *out)
{
    if (g->n_misfits == 0)
        return;
    uint32_t *rows = gy_arena_alloc(&s->arena, g->n_misfits * sizeof *rows);
    struct gy_str *texts = gy_arena_alloc(&s->arena, g->n_misfits * sizeof *texts);
    struct gy_buf json = {0};
    for (uint32_t i = 0; i < n; i++) {
        struct gy_value value;
        if (g->entries[i] == GY_BATCH_NONE || is_present(g, i))
            continue;
        gy_buf_reset(&json);
        gy_batch_value(s->plan->batch, c->from, g->entries[i], &s->arena, &value);
        gy_value_json(&value, &json);
        rows[out->n_misfits] = i;
        texts[out->n_misfits++] = gy_arena_str(&s->arena, gy_buf_view(&json));
    }
    gy_buf_release(&json);
    out->misfit_rows = rows;
    out->misfits = texts;
}

static void set_columns(struct slicer *s, const struct gy_plan_stream *stream, const uint32_t *rows,
                        struct gy_plain_slice *out)
{
    struct gy_plain_column *columns =
        GY_NEW_ARRAY(&s->arena, struct gy_plain_column, (size_t)stream->n_columns + 1);
    for (uint32_t c = 0; c < stream->n_columns; c++) {
        struct gathered g = gather(s, &stream->columns[c], rows, out->n_rows);
        struct gy_plain_column *to = &columns[out->n_columns];
        if (g.n_present == 0 && g.n_misfits == 0)
            continue;
        *to = (struct gy_plain_column){.property = stream->columns[c].property,
                                       .type = stream->columns[c].type};
        to->present = g.present;
        set_values(s, &g, &stream->columns[c], out->n_rows, to);
        set_misfits(s, &g, &stream->columns[c], out->n_rows, to);
        out->n_columns++;
    }
    out->columns = columns;
}

/* ---- slices ---- */

static uint32_t block_of(const struct gy_plan *plan, const struct gy_plan_stream *stream,
                         uint32_t i)
{
    return plan->roots[call_of(stream, stream->rows[i])] >> 16;
}

static enum gy_status write_slice(struct slicer *s, const struct gy_plan_stream *stream,
                                  uint32_t block_no, const uint32_t *rows, uint32_t n,
                                  struct gy_error *err)
{
    struct gy_plain_slice slice = {.block_no = block_no, .stream = stream->id, .n_rows = n};
    gy_arena_reset(&s->arena);
    set_frame(s, stream, rows, &slice);
    set_columns(s, stream, rows, &slice);
    s->plan->n_rows += n;
    return gy_part_writer_slice(s->writer, &slice, err);
}

/* The first row of a later block. Rows are in the order of their customers, so only a few are looked at:
 * each is somewhere else in memory. */
static uint32_t end_of_block(const struct gy_plan *plan, const struct gy_plan_stream *stream,
                             uint32_t first, uint32_t block_no)
{
    uint32_t low = first;
    uint32_t high = stream->n_rows;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (block_of(plan, stream, middle) <= block_no) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static enum gy_status write_block(struct slicer *s, uint32_t block_no, struct gy_error *err)
{
    for (uint32_t i = 0; i < s->plan->n_streams; i++) {
        const struct gy_plan_stream *stream = &s->plan->streams[i];
        uint32_t first = s->cursors[i];
        uint32_t end = end_of_block(s->plan, stream, first, block_no);
        s->cursors[i] = end;
        if (end > first)
            GY_TRY(write_slice(s, stream, block_no, stream->rows + first, end - first, err));
    }
    return GY_OK;
}

/* Every customer has a row in the stream of existence, which comes first. */
static enum gy_status write_blocks(struct slicer *s, struct gy_error *err)
{
    const struct gy_plan_stream *existence = &s->plan->streams[0];
    GY_ASSERT(existence->id == GY_STREAM_EXISTENCE && existence->n_rows > 0);
    s->plan->first_block = block_of(s->plan, existence, 0);
    s->plan->n_blocks =
        block_of(s->plan, existence, existence->n_rows - 1) - s->plan->first_block + 1;
    while (s->cursors[0] < existence->n_rows)
        GY_TRY(write_block(s, block_of(s->plan, existence, s->cursors[0]), err));
    return GY_OK;
}

enum gy_status gy_plan_write(struct gy_plan *plan, struct gy_part_writer *w, struct gy_error *err)
{
    struct slicer s = {.plan = plan, .writer = w};
    s.cursors = gy_alloc_zero(plan->n_streams, sizeof *s.cursors);
    plan->n_rows = 0;
    enum gy_status status = write_dictionaries(&s, err);
    if (status == GY_OK)
        status = write_blocks(&s, err);
    free(s.cursors);
    gy_arena_release(&s.arena);
    return status;
}
