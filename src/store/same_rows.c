/* same_rows.c - see same_rows.h.
 *
 * The calls of a stream are in the order of (customer, time). Calls of one customer and time are a group; the
 * stored rows of that customer and time are its candidates, sorted by what they say, so that neither a
 * million equal rows nor a million equal calls take more than n log n.
 */
#include "store/same_rows.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"
#include "store/call_content.h"
#include "store/probe.h"

void gy_same_rows_release(struct gy_same_rows *s)
{
    gy_key_counts_release(&s->accounted);
    gy_key_counts_release(&s->pending);
    free(s->pending_keys);
    gy_buf_release(&s->text);
    *s = (struct gy_same_rows){0};
}

void gy_same_rows_begin(struct gy_same_rows *s, uint64_t before)
{
    gy_same_rows_forget(s);
    gy_key_counts_reset(&s->accounted);
    s->before = before;
}

void gy_same_rows_forget(struct gy_same_rows *s)
{
    gy_key_counts_reset(&s->pending);
    s->n_pending = 0;
}

void gy_same_rows_settle(struct gy_same_rows *s)
{
    for (size_t i = 0; i < s->n_pending; i++)
        gy_key_counts_add(&s->accounted, s->pending_keys[i]);
    gy_same_rows_forget(s);
}

/* Items have no fingerprint; a name like theirs may be theirs. */
bool gy_same_rows_takes(const struct gy_call *call)
{
    bool is_event = call->type != GY_CALL_IDENTIFY && call->type != GY_CALL_ALIAS;
    bool has_one_id = (call->user_id.len == 0) != (call->anonymous_id.len == 0);
    bool is_like_items =
        call->event.len > 0 && memchr(call->event.ptr, '/', call->event.len) != NULL;
    return is_event && call->message_id.len == 0 && has_one_id && call->n_lists == 0 &&
           call->has_time && call->written_ms == call->time_ms && !is_like_items;
}

static void put_str(struct gy_buf *buf, struct gy_str s)
{
    uint64_t len = s.len;
    gy_buf_append(buf, &len, sizeof len);
    gy_buf_str(buf, s);
}

uint64_t gy_content_fingerprint(struct gy_buf *text, const uint8_t key[16],
                                const struct gy_batch_call *call, struct gy_str event,
                                uint32_t occurrence)
{
    gy_buf_reset(text);
    gy_buf_char(text, (char)call->type);
    gy_buf_char(text, 0);
    put_str(text, event);
    gy_buf_append(text, &call->written_ms, sizeof call->written_ms);
    gy_buf_append(text, &call->content, sizeof call->content);
    gy_buf_append(text, &occurrence, sizeof occurrence);
    return gy_fingerprint_of_hash(gy_hash_keyed(text->ptr, text->len, key));
}

/* ---- accounts ---- */

static uint64_t count_so_far(const struct gy_same_rows *s, uint64_t key)
{
    return (uint64_t)gy_key_counts_get(&s->accounted, key) + gy_key_counts_get(&s->pending, key);
}

static void account(struct gy_same_rows *s, uint64_t key)
{
    gy_key_counts_add(&s->pending, key);
    GY_GROW(s->pending_keys, s->pending_capacity, s->n_pending + 1);
    s->pending_keys[s->n_pending++] = key;
}

/* A part is written once, and while a file is read no part of before it is merged. */
static uint64_t key_of_row(const struct gy_same_rows *s, uint64_t sequence,
                           const struct gy_slice *slice, uint32_t row)
{
    uint64_t fields[3] = {sequence, (uint64_t)slice->block_no << 32 | row, slice->stream};
    return gy_hash_keyed(fields, sizeof fields, s->fingerprint_key);
}

/* ---- candidates ---- */

/* A slice of before the file. */
struct source {
    uint64_t sequence;
    const struct gy_part *part;
    struct gy_probed_slice opened;
};

/* A stored row that may account for a call. */
struct candidate {
    uint64_t key; /* its content; of one with a fingerprint, that */
    uint64_t row; /* key_of_row */
};

struct candidates {
    struct candidate *list; /* by key */
    uint32_t *n_taken;      /* of those with the key of its first */
    size_t n;
    size_t capacity;
    size_t taken_capacity;
};

/* A row under another ordinal of a customer that has several. */
struct other {
    int64_t time_ms;
    uint64_t sequence;
    uint64_t fingerprint;
    struct gy_row_at at;
};

struct matching {
    struct gy_same_rows *s;
    struct gy_plan *plan;
    const struct gy_live *live;
    uint32_t stream; /* its id */
    const struct gy_batch_stream *from;
    struct source *sources; /* of the block in hand */
    size_t n_sources;
    size_t sources_capacity;
    uint32_t root;        /* whose `others` are; GY_ID_NONE: nobody's */
    struct other *others; /* by time */
    size_t n_others;
    size_t others_capacity;
    struct candidates same;     /* without a fingerprint, and free */
    struct candidates numbered; /* with one */
    struct gy_content content;
    uint32_t *members;
    size_t members_capacity;
    struct gy_arena arena;
};

static void release(struct matching *m)
{
    free(m->sources);
    free(m->others);
    free(m->same.list);
    free(m->same.n_taken);
    free(m->numbered.list);
    free(m->numbered.n_taken);
    free(m->members);
    gy_buf_release(&m->content.text);
    gy_arena_release(&m->arena);
}

static void add_candidate(struct candidates *c, uint64_t key, uint64_t row)
{
    GY_GROW(c->list, c->capacity, c->n + 1);
    c->list[c->n++] = (struct candidate){key, row};
}

static int by_key(const void *a, const void *b)
{
    const struct candidate *x = a;
    const struct candidate *y = b;
    return (x->key > y->key) - (x->key < y->key);
}

static void sort_candidates(struct candidates *c)
{
    GY_GROW(c->n_taken, c->taken_capacity, c->n + 1);
    memset(c->n_taken, 0, c->n * sizeof *c->n_taken);
    if (c->n > 1)
        qsort(c->list, c->n, sizeof *c->list, by_key);
}

/* The first with that key; n if there is none. */
static size_t find(const struct candidates *c, uint64_t key)
{
    size_t low = 0;
    size_t high = c->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (c->list[middle].key < key) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < c->n && c->list[low].key == key ? low : c->n;
}

static enum gy_status take_row(struct matching *m, const struct gy_row_at *at, uint64_t sequence,
                               uint64_t fingerprint, struct gy_error *err)
{
    if (fingerprint != 0) {
        add_candidate(&m->numbered, fingerprint, 0);
        return GY_OK;
    }
    uint64_t key = key_of_row(m->s, sequence, at->slice, at->row);
    if (count_so_far(m->s, key) > 0)
        return GY_OK;
    uint64_t content = 0;
    GY_TRY(gy_content_stored(&m->content, &m->live->schema, at, &content, err));
    add_candidate(&m->same, content, key);
    return GY_OK;
}

static enum gy_status take_rows(struct matching *m, const struct source *source, uint32_t ordinal,
                                int64_t time_ms, struct gy_error *err)
{
    const struct gy_probed_slice *s = &source->opened;
    uint32_t row;
    uint32_t end;
    if (time_ms < s->slice->min_written_ms || time_ms > s->slice->max_written_ms ||
        !gy_runs_find(&s->runs, (uint16_t)(ordinal & 0xffff), &row, &end))
        return GY_OK;
    uint32_t millis;
    uint32_t code = gy_code_of(time_ms, &millis);
    row = gy_times_first_at(&s->times, row, end, code, millis);
    for (; row < end && gy_times_ms(&s->times, row) == time_ms; row++) {
        struct gy_row_at at = {source->part, s->slice, row};
        GY_TRY(take_row(m, &at, source->sequence, gy_fingerprint_at(&s->fingerprints, row), err));
    }
    return GY_OK;
}

/* ---- sources ---- */

static enum gy_status open_source(const struct gy_live_part *part, const struct gy_slice *slice,
                                  struct source *out, struct gy_error *err)
{
    *out = (struct source){.sequence = part->sequence, .part = part->part};
    out->opened.slice = slice;
    GY_TRY(gy_part_fingerprints(part->part, slice, &out->opened.fingerprints, err));
    GY_TRY(gy_part_runs(part->part, slice, &out->opened.runs, err));
    return gy_part_times(part->part, slice, &out->opened.times, err);
}

/* The slices of a block that have rows at the times of the calls. */
static enum gy_status open_block(struct matching *m, const uint32_t *calls, uint32_t n,
                                 struct gy_error *err)
{
    const struct gy_batch_call *all = m->plan->batch->calls;
    uint32_t block_no = m->plan->roots[calls[0]] >> 16;
    int64_t first = INT64_MAX;
    int64_t last = INT64_MIN;
    m->n_sources = 0;
    for (uint32_t i = 0; i < n; i++) {
        first = all[calls[i]].written_ms < first ? all[calls[i]].written_ms : first;
        last = all[calls[i]].written_ms > last ? all[calls[i]].written_ms : last;
    }
    for (size_t p = 0; p < gy_live_n_parts(m->live); p++) {
        const struct gy_live_part *part = gy_live_part(m->live, p);
        const struct gy_slice *slice =
            part->sequence < m->s->before ? gy_part_find(part->part, block_no, m->stream) : NULL;
        if (slice == NULL || slice->min_written_ms > last || slice->max_written_ms < first)
            continue;
        GY_GROW(m->sources, m->sources_capacity, m->n_sources + 1);
        GY_TRY(open_source(part, slice, &m->sources[m->n_sources], err));
        m->n_sources++;
    }
    return GY_OK;
}

/* ---- customers of several ordinals ---- */

static void add_others(struct matching *m, const struct source *source, uint32_t ordinal)
{
    const struct gy_probed_slice *s = &source->opened;
    uint32_t row;
    uint32_t end;
    if (!gy_runs_find(&s->runs, (uint16_t)(ordinal & 0xffff), &row, &end))
        return;
    for (; row < end; row++) {
        GY_GROW(m->others, m->others_capacity, m->n_others + 1);
        m->others[m->n_others++] =
            (struct other){.time_ms = gy_times_ms(&s->times, row),
                           .sequence = source->sequence,
                           .fingerprint = gy_fingerprint_at(&s->fingerprints, row),
                           .at = {source->part, s->slice, row}};
    }
}

static int by_time(const void *a, const void *b)
{
    const struct other *x = a;
    const struct other *y = b;
    return (x->time_ms > y->time_ms) - (x->time_ms < y->time_ms);
}

/* All rows of the other ordinals, once: a customer may have very many. */
static enum gy_status gather_others(struct matching *m, uint32_t root, struct gy_error *err)
{
    size_t n = gy_identity_members(m->plan->identity, root, &m->members, &m->members_capacity);
    m->root = root;
    m->n_others = 0;
    for (size_t p = 0; p < gy_live_n_parts(m->live); p++) {
        const struct gy_live_part *part = gy_live_part(m->live, p);
        for (size_t i = 0; i < n && part->sequence < m->s->before; i++) {
            uint32_t ordinal = m->members[i];
            const struct gy_slice *slice = gy_part_find(part->part, ordinal >> 16, m->stream);
            struct source source;
            if (ordinal == root || slice == NULL)
                continue;
            GY_TRY(open_source(part, slice, &source, err));
            add_others(m, &source, ordinal);
        }
    }
    if (m->n_others > 1)
        qsort(m->others, m->n_others, sizeof *m->others, by_time);
    return GY_OK;
}

static size_t first_other(const struct matching *m, int64_t time_ms)
{
    size_t low = 0;
    size_t high = m->n_others;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (m->others[middle].time_ms < time_ms) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static enum gy_status take_others(struct matching *m, uint32_t root, int64_t time_ms,
                                  struct gy_error *err)
{
    if (m->root != root)
        GY_TRY(gather_others(m, root, err));
    for (size_t i = first_other(m, time_ms); i < m->n_others && m->others[i].time_ms == time_ms;
         i++) {
        const struct other *other = &m->others[i];
        GY_TRY(take_row(m, &other->at, other->sequence, other->fingerprint, err));
    }
    return GY_OK;
}

/* ---- calls ---- */

/* The row's entry in a column, or GY_BATCH_NONE. */
static uint32_t entry_of(const struct gy_batch_column *c, uint32_t row)
{
    if (c->rows == NULL)
        return row < c->n ? row : GY_BATCH_NONE;
    uint32_t low = 0;
    uint32_t high = c->n;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (c->rows[middle] < row) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < c->n && c->rows[low] == row ? low : GY_BATCH_NONE;
}

static uint64_t content_of_call(struct matching *m, uint32_t call)
{
    uint32_t row = m->plan->batch->calls[call].row;
    uint64_t sum = 0;
    for (uint32_t c = 0; c < m->from->n_columns; c++) {
        const struct gy_batch_column *column = &m->from->columns[c];
        struct gy_field field = {.name = column->name};
        uint32_t entry = entry_of(column, row);
        if (entry == GY_BATCH_NONE)
            continue;
        gy_arena_reset(&m->arena);
        gy_batch_value(m->plan->batch, column, entry, &m->arena, &field.value);
        sum += gy_content_given(&m->content, m->live, m->stream, &field);
    }
    return sum;
}

static bool is_same_as_stored(struct matching *m, uint32_t call)
{
    struct candidates *c = &m->same;
    uint64_t content = content_of_call(m, call);
    size_t first = find(c, content);
    if (first == c->n)
        return false;
    size_t at = first + c->n_taken[first];
    if (at == c->n || c->list[at].key != content)
        return false;
    c->n_taken[first]++;
    account(m->s, c->list[at].row);
    return true;
}

/* As it was counted when the fingerprint was made. */
static bool has_its_number(struct matching *m, uint32_t call)
{
    const struct gy_batch_call *c = &m->plan->batch->calls[call];
    struct gy_str event = m->from->name;
    const uint8_t *key = m->s->fingerprint_key;
    uint64_t first = gy_content_fingerprint(&m->s->text, key, c, event, 0);
    uint64_t count_key = first ^ (c->customer + UINT64_C(1)) * UINT64_C(0x9E3779B97F4A7C15);
    uint32_t occurrence = (uint32_t)count_so_far(m->s, count_key);
    account(m->s, count_key);
    uint64_t whole = gy_content_fingerprint(&m->s->text, key, c, event, occurrence);
    bool found = find(&m->numbered, whole) < m->numbered.n;
    for (unsigned width = GY_FINGERPRINT_LEAST; width < 8; width++)
        found |= find(&m->numbered, gy_fingerprint_cut(whole, width)) < m->numbered.n;
    return found;
}

/* The calls of one customer at one time. */
static enum gy_status match_group(struct matching *m, const uint32_t *calls, uint32_t n,
                                  struct gy_error *err)
{
    uint32_t root = m->plan->roots[calls[0]];
    int64_t time_ms = m->plan->batch->calls[calls[0]].written_ms;
    m->same.n = 0;
    m->numbered.n = 0;
    for (size_t i = 0; i < m->n_sources; i++)
        GY_TRY(take_rows(m, &m->sources[i], root, time_ms, err));
    if (gy_identity_is_scattered(m->plan->identity, root))
        GY_TRY(take_others(m, root, time_ms, err));
    if (m->same.n == 0 && m->numbered.n == 0)
        return GY_OK;
    sort_candidates(&m->same);
    sort_candidates(&m->numbered);
    for (uint32_t i = 0; i < n; i++) {
        bool is_stored = m->same.n > 0 && is_same_as_stored(m, calls[i]);
        if (!is_stored && m->numbered.n > 0)
            is_stored = has_its_number(m, calls[i]);
        if (is_stored)
            gy_plan_drop(m->plan, calls[i]);
    }
    return GY_OK;
}

static bool is_same_group(const struct gy_plan *plan, uint32_t a, uint32_t b)
{
    return plan->roots[a] == plan->roots[b] &&
           plan->batch->calls[a].written_ms == plan->batch->calls[b].written_ms;
}

static enum gy_status match_block(struct matching *m, const uint32_t *calls, uint32_t n,
                                  struct gy_error *err)
{
    GY_TRY(open_block(m, calls, n, err));
    if (m->n_sources == 0 && m->plan->identity->n_below == 0)
        return GY_OK;
    for (uint32_t i = 0, next; i < n; i = next) {
        for (next = i + 1; next < n && is_same_group(m->plan, calls[i], calls[next]);)
            next++;
        GY_TRY(match_group(m, calls + i, next - i, err));
    }
    return GY_OK;
}

static bool has_parts_before(const struct gy_same_rows *s, const struct gy_live *live)
{
    bool found = false;
    for (size_t p = 0; p < gy_live_n_parts(live); p++)
        found |= gy_live_part(live, p)->sequence < s->before;
    return found;
}

enum gy_status gy_same_rows_mark(struct gy_same_rows *s, struct gy_plan *plan,
                                 const uint32_t *calls, uint32_t n, struct gy_error *err)
{
    const struct gy_batch_call *all = plan->batch->calls;
    struct matching m = {.s = s, .plan = plan, .live = plan->identity->live, .root = GY_ID_NONE};
    if (n == 0 || !has_parts_before(s, m.live))
        return GY_OK;
    m.from = &plan->batch->streams[all[calls[0]].stream];
    m.stream = m.from->schema_id;
    uint32_t *own = gy_realloc(NULL, n, sizeof *own);
    uint32_t n_own = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (all[calls[i]].fingerprint == 0)
            own[n_own++] = calls[i];
    }
    enum gy_status status = GY_OK;
    for (uint32_t i = 0, next; i < n_own && status == GY_OK; i = next) {
        uint32_t block_no = plan->roots[own[i]] >> 16;
        for (next = i; next < n_own && plan->roots[own[next]] >> 16 == block_no;)
            next++;
        status = match_block(&m, own + i, next - i, err);
    }
    free(own);
    release(&m);
    return status;
}
