/* dedupe.c - see dedupe.h.
 *
 * Few calls of a customer are each searched for in its run; many are put into a small hash table, and
 * the run is looked through once: neither a customer with a million rows nor one with a million new
 * calls takes more than linear time.
 */
#include "store/dedupe.h"

#include <stdlib.h>

#include "base/mem.h"

enum {
    FEW_CALLS = 8
};

struct dedupe {
    struct gy_plan *plan;
    const struct gy_live *live;
    const struct gy_replaced *replaced;
    uint32_t *table; /* calls by the low bytes of their fingerprints, open addressing */
    size_t table_capacity;
    struct gy_customer_calls *many;
    struct gy_same_rows *same;
};

static uint32_t stream_id(const struct dedupe *d, uint32_t batch_stream)
{
    return d->plan->batch->streams[batch_stream].schema_id;
}

static struct gy_probe probe_of(const struct dedupe *d, uint32_t call)
{
    const struct gy_batch_call *c = &d->plan->batch->calls[call];
    return (struct gy_probe){stream_id(d, c->stream), c->fingerprint, c->written_ms};
}

static void drop_if(struct dedupe *d, uint32_t call, bool is_stored)
{
    struct gy_probe probe = probe_of(d, call);
    if (is_stored && !gy_replaced_has(d->replaced, &probe))
        gy_plan_drop(d->plan, call);
}

/* ---- a customer's calls against its rows in one slice ---- */

static void search_each(struct dedupe *d, const struct gy_probed_slice *s, uint32_t first,
                        uint32_t end, const uint32_t *calls, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        struct gy_probe probe = probe_of(d, calls[i]);
        drop_if(d, calls[i], gy_probed_slice_has(s, first, end, &probe));
    }
}

/* By the bytes that every fingerprint keeps. */
static size_t slot_of(uint64_t fingerprint, size_t mask)
{
    uint64_t kept = fingerprint & ((UINT64_C(1) << 8 * GY_FINGERPRINT_LEAST) - 1);
    return kept & mask;
}

/* Equal fingerprints do not come twice here: the batch has dropped its own duplicates. */
static size_t fill_table(struct dedupe *d, const uint32_t *calls, uint32_t n)
{
    size_t size = 16;
    while (size < (size_t)n * 2)
        size *= 2;
    if (size > d->table_capacity) {
        d->table = gy_realloc(d->table, size, sizeof *d->table);
        d->table_capacity = size;
    }
    memset(d->table, 0xff, size * sizeof *d->table);
    for (uint32_t i = 0; i < n; i++) {
        size_t slot = slot_of(d->plan->batch->calls[calls[i]].fingerprint, size - 1);
        while (d->table[slot] != GY_BATCH_NONE)
            slot = (slot + 1) & (size - 1);
        d->table[slot] = calls[i];
    }
    return size;
}

static void look_through(struct dedupe *d, const struct gy_probed_slice *s, uint32_t first,
                         uint32_t end, const uint32_t *calls, uint32_t n)
{
    size_t mask = fill_table(d, calls, n) - 1;
    for (uint32_t row = first; row < end; row++) {
        size_t slot = slot_of(gy_fingerprint_at(&s->fingerprints, row), mask);
        for (; d->table[slot] != GY_BATCH_NONE; slot = (slot + 1) & mask) {
            struct gy_probe probe = probe_of(d, d->table[slot]);
            if (gy_probed_slice_is(s, row, &probe))
                drop_if(d, d->table[slot], true);
        }
    }
}

static uint32_t end_of_customer(const struct dedupe *d, const uint32_t *calls, uint32_t n,
                                uint32_t i)
{
    uint32_t root = d->plan->roots[calls[i]];
    while (i < n && d->plan->roots[calls[i]] == root)
        i++;
    return i;
}

static void join(struct dedupe *d, const struct gy_probed_slice *s, const uint32_t *calls,
                 uint32_t n)
{
    uint32_t first;
    uint32_t end;
    for (uint32_t i = 0, next; i < n; i = next) {
        next = end_of_customer(d, calls, n, i);
        if (!gy_runs_find(&s->runs, (uint16_t)(d->plan->roots[calls[i]] & 0xffff), &first, &end))
            continue;
        if (next - i <= FEW_CALLS) {
            search_each(d, s, first, end, calls + i, next - i);
        } else {
            look_through(d, s, first, end, calls + i, next - i);
        }
    }
}

/* ---- the calls of one stream in one block ---- */

/* When the first and the last of some calls were written. */
struct written {
    int64_t first_ms;
    int64_t last_ms;
};

static struct written written_of(const struct dedupe *d, const uint32_t *calls, uint32_t n)
{
    struct written all = {INT64_MAX, INT64_MIN};
    for (uint32_t i = 0; i < n; i++) {
        int64_t ms = d->plan->batch->calls[calls[i]].written_ms;
        all.first_ms = ms < all.first_ms ? ms : all.first_ms;
        all.last_ms = ms > all.last_ms ? ms : all.last_ms;
    }
    return all;
}

/* Most parts of a long import are of another time altogether: of them no call is looked at. */
static bool may_overlap(const struct dedupe *d, const struct gy_slice *slice,
                        const struct written *all, const uint32_t *calls, uint32_t n)
{
    if (all->last_ms < slice->min_written_ms || all->first_ms > slice->max_written_ms)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        int64_t written = d->plan->batch->calls[calls[i]].written_ms;
        if (written >= slice->min_written_ms && written <= slice->max_written_ms)
            return true;
    }
    return false;
}

static enum gy_status join_block(struct dedupe *d, const uint32_t *calls, uint32_t n,
                                 struct gy_error *err)
{
    uint32_t block_no = d->plan->roots[calls[0]] >> 16;
    uint32_t stream = stream_id(d, d->plan->batch->calls[calls[0]].stream);
    struct written all = written_of(d, calls, n);
    for (size_t p = 0; p < gy_live_n_parts(d->live); p++) {
        const struct gy_part *part = gy_live_part(d->live, p)->part;
        const struct gy_slice *slice = gy_part_find(part, block_no, stream);
        struct gy_probed_slice opened;
        if (slice == NULL || !may_overlap(d, slice, &all, calls, n))
            continue;
        GY_TRY(gy_probed_slice_open(&opened, part, slice, err));
        if (opened.fingerprints.data != NULL)
            join(d, &opened, calls, n);
    }
    return GY_OK;
}

/* Calls of customers whose rows lie under several ordinals are looked up one by one. */
static enum gy_status probe_scattered(struct dedupe *d, const uint32_t *calls, uint32_t n,
                                      struct gy_error *err)
{
    const struct gy_identity *identity = d->plan->identity;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t root = d->plan->roots[calls[i]];
        if (!gy_identity_is_scattered(identity, root))
            continue;
        struct gy_probe probe = probe_of(d, calls[i]);
        bool is_stored;
        GY_TRY(
            gy_customer_calls_probe(d->many, identity, root, &probe, d->replaced, &is_stored, err));
        drop_if(d, calls[i], is_stored);
    }
    return GY_OK;
}

/* Those that have a fingerprint stay in `calls`; returns how many. */
static uint32_t keep_fingerprints(const struct dedupe *d, uint32_t *calls, uint32_t n)
{
    uint32_t n_kept = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (d->plan->batch->calls[calls[i]].fingerprint != 0)
            calls[n_kept++] = calls[i];
    }
    return n_kept;
}

static enum gy_status mark_stream(struct dedupe *d, uint32_t *calls, uint32_t n,
                                  struct gy_error *err)
{
    GY_TRY(gy_same_rows_mark(d->same, d->plan, calls, n, err));
    n = keep_fingerprints(d, calls, n);
    for (uint32_t i = 0, next; i < n; i = next) {
        uint32_t block_no = d->plan->roots[calls[i]] >> 16;
        for (next = i; next < n && d->plan->roots[calls[next]] >> 16 == block_no;)
            next++;
        GY_TRY(join_block(d, calls + i, next - i, err));
    }
    return probe_scattered(d, calls, n, err);
}

/* ---- which streams are concerned at all ---- */

/* The batch's streams by their ids, which are at most `last`. */
static uint32_t *streams_by_id(const struct dedupe *d, uint32_t last)
{
    uint32_t *by_id = gy_realloc(NULL, (size_t)last + 1, sizeof *by_id);
    memset(by_id, 0xff, ((size_t)last + 1) * sizeof *by_id);
    for (uint32_t s = 0; s < d->plan->batch->n_streams; s++) {
        if (stream_id(d, s) <= last)
            by_id[stream_id(d, s)] = s;
    }
    return by_id;
}

static bool may_have(const struct gy_batch_stream *s, const struct gy_slice *slice, bool is_before)
{
    return (is_before || s->has_fingerprints) && s->last_written_ms >= slice->min_written_ms &&
           s->first_written_ms <= slice->max_written_ms;
}

/* Marks the streams that have calls which something stored may be the same as. Of a chunk in the middle of
 * a long import nothing is stored: then its calls need not be looked at again, one by one in an order that
 * is not theirs in memory. */
static void find_concerned(const struct dedupe *d, bool *is_concerned)
{
    const struct gy_batch *b = d->plan->batch;
    uint32_t last = GY_STREAM_FIRST + b->schema->n_streams;
    uint32_t *by_id = streams_by_id(d, last);
    for (size_t p = 0; p < gy_live_n_parts(d->live); p++) {
        const struct gy_live_part *part = gy_live_part(d->live, p);
        bool is_before = part->sequence < d->same->before;
        for (size_t i = 0; i < gy_part_n_slices(part->part); i++) {
            const struct gy_slice *slice = gy_part_slice(part->part, i);
            uint32_t s = slice->stream <= last ? by_id[slice->stream] : GY_BATCH_NONE;
            if (s != GY_BATCH_NONE)
                is_concerned[s] |= may_have(&b->streams[s], slice, is_before);
        }
    }
    for (uint32_t s = 0; s < b->n_streams; s++)
        is_concerned[s] |= stream_id(d, s) != GY_ID_NONE && d->plan->identity->n_below > 0;
    free(by_id);
}

/* ---- against what is stored ---- */

/* The calls of the streams that are concerned, in order, stream by stream: `ends[s]` is where stream s
 * ends. */
static void split_by_stream(const struct gy_plan *plan, const bool *is_concerned, uint32_t *calls,
                            uint32_t *ends)
{
    const struct gy_batch *b = plan->batch;
    uint32_t at = 0;
    for (uint32_t s = 0; s < b->n_streams; s++) {
        ends[s] = at;
        at += is_concerned[s] ? b->streams[s].n_calls : 0;
    }
    for (uint32_t i = 0; i < plan->n_order && at > 0; i++) {
        uint32_t s = b->calls[plan->order[i]].stream;
        if (is_concerned[s])
            calls[ends[s]++] = plan->order[i];
    }
}

static enum gy_status mark_stored(struct dedupe *d, struct gy_error *err)
{
    struct gy_plan *plan = d->plan;
    uint32_t n_streams = plan->batch->n_streams;
    bool *is_concerned = gy_alloc_zero(n_streams, sizeof *is_concerned);
    uint32_t *calls = gy_realloc(NULL, plan->n_order, sizeof *calls);
    uint32_t *ends = gy_alloc_zero(n_streams, sizeof *ends);
    find_concerned(d, is_concerned);
    split_by_stream(plan, is_concerned, calls, ends);
    enum gy_status status = GY_OK;
    for (uint32_t s = 0, first = 0; s < n_streams && status == GY_OK; s++) {
        if (is_concerned[s])
            status = mark_stream(d, calls + first, ends[s] - first, err);
        first = ends[s];
    }
    free(is_concerned);
    free(calls);
    free(ends);
    return status;
}

/* ---- within the batch ---- */

static bool is_same(const struct gy_plan *plan, uint32_t a, uint32_t b)
{
    const struct gy_batch_call *calls = plan->batch->calls;
    return plan->roots[a] == plan->roots[b] && calls[a].fingerprint == calls[b].fingerprint;
}

/* Ids that became one customer after their calls were added may have brought the same call twice. */
static void mark_own(struct dedupe *d)
{
    struct gy_plan *plan = d->plan;
    size_t mask = 16;
    while (mask < (size_t)plan->batch->n_calls * 2)
        mask *= 2;
    uint32_t *slots = gy_realloc(NULL, mask, sizeof *slots);
    memset(slots, 0xff, mask * sizeof *slots);
    mask--;
    for (uint32_t call = 0; call < plan->batch->n_calls; call++) {
        if (plan->batch->calls[call].fingerprint == 0)
            continue;
        size_t slot = (plan->batch->calls[call].fingerprint ^
                       plan->roots[call] * UINT64_C(0x9E3779B97F4A7C15)) &
                      mask;
        while (slots[slot] != GY_BATCH_NONE && !is_same(plan, slots[slot], call))
            slot = (slot + 1) & mask;
        if (slots[slot] != GY_BATCH_NONE) {
            gy_plan_drop(plan, call);
        } else {
            slots[slot] = call;
        }
    }
    free(slots);
}

enum gy_status gy_dedupe_mark(struct gy_plan *plan, const struct gy_replaced *replaced,
                              struct gy_customer_calls *many, struct gy_same_rows *same,
                              struct gy_error *err)
{
    struct dedupe d = {.plan = plan,
                       .live = plan->identity->live,
                       .replaced = replaced,
                       .many = many,
                       .same = same};
    gy_same_rows_forget(same);
    if (plan->identity->n_made > 0)
        mark_own(&d);
    enum gy_status status = gy_live_n_parts(d.live) > 0 ? mark_stored(&d, err) : GY_OK;
    free(d.table);
    return status;
}
