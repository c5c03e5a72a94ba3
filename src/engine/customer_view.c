/* customer_view.c - one customer as a person wants to see it: ids, traits, the latest events. */
#include <stdlib.h>

#include "base/mem.h"
#include "engine/customer_rows.h"
#include "engine/engine.h"
#include "engine/value_ops.h"

struct view {
    const struct gy_snapshot *snapshot;
    struct gy_reader reader;
    struct gy_subject subject;
    struct gy_range range; /* everything up to now */
    struct gy_rows rows;
    struct gy_customer_view *out;
};

/* ---- ids ---- */

/* Ids that were merged into the root. Only children can be: each is asked whose it is. */
static void view_ids(struct view *v)
{
    struct gy_customer_view *out = v->out;
    uint32_t capacity = 0;
    struct gy_str *ids = NULL;
    bool is_external;
    out->id =
        gy_arena_str(&out->arena, gy_snapshot_id(v->snapshot, out->ordinal, &out->is_external));
    uint32_t n_ordinals = gy_snapshot_n_ordinals(v->snapshot);
    for (uint32_t b = 0; b < gy_blocks_of(n_ordinals); b++) {
        const uint64_t *children = gy_snapshot_children(v->snapshot, b);
        for (uint32_t i = 0; children != NULL && i < GY_BLOCK_SIZE; i++) {
            if ((children[i / 64] >> (i % 64) & 1) == 0)
                continue;
            struct gy_str id =
                gy_snapshot_id(v->snapshot, b * (uint32_t)GY_BLOCK_SIZE + i, &is_external);
            if (gy_snapshot_find(v->snapshot, id) != out->ordinal)
                continue;
            GY_GROW(ids, capacity, out->n_other_ids + 1);
            ids[out->n_other_ids++] = gy_arena_str(&out->arena, id);
        }
    }
    out->other_ids = GY_NEW_ARRAY(&out->arena, struct gy_str, out->n_other_ids);
    for (uint32_t i = 0; i < out->n_other_ids; i++)
        out->other_ids[i] = ids[i];
    free(ids);
}

/* ---- traits ---- */

static int compare_traits(const void *a, const void *b)
{
    const struct gy_trait_value *l = a;
    const struct gy_trait_value *r = b;
    return gy_str_compare(l->name, r->name);
}

static void view_trait(struct view *v, const struct gy_stream *stream)
{
    struct gy_customer_view *out = v->out;
    v->rows.n = 0;
    gy_rows_gather(&v->rows, &v->reader, &v->subject, stream->id, v->range);
    if (v->rows.n == 0)
        return;
    gy_rows_sort(&v->rows);
    const struct gy_row *latest = &v->rows.rows[v->rows.n - 1];
    struct gy_value value = gy_row_value(&v->reader, latest, GY_PROPERTY_VALUE, &v->reader.arena);
    if (value.type == GY_VALUE_MISSING)
        return;
    out->traits[out->n_traits++] =
        (struct gy_trait_value){gy_arena_str(&out->arena, stream->name),
                                gy_value_keep(&out->arena, value), latest->time_ms};
}

static void view_traits(struct view *v)
{
    const struct gy_schema *schema = gy_snapshot_schema(v->snapshot);
    struct gy_customer_view *out = v->out;
    out->traits = GY_NEW_ARRAY(&out->arena, struct gy_trait_value, schema->n_streams);
    for (uint32_t i = 0; i < schema->n_streams; i++) {
        if (schema->streams[i].kind == GY_STREAM_TRAIT)
            view_trait(v, &schema->streams[i]);
    }
    if (out->n_traits > 0)
        qsort(out->traits, out->n_traits, sizeof *out->traits, compare_traits);
}

/* ---- events ---- */

static void view_event(struct view *v, const struct gy_row *row, struct gy_event *out)
{
    const struct gy_schema *schema = gy_snapshot_schema(v->snapshot);
    struct gy_arena *arena = &v->out->arena;
    const struct gy_slice *slice = row->view->slice;
    uint32_t n = gy_part_n_properties(row->view->part, slice);
    *out = (struct gy_event){.time_ms = row->time_ms, .stream = slice->stream};
    out->names = GY_NEW_ARRAY(arena, struct gy_str, n);
    out->values = GY_NEW_ARRAY(arena, struct gy_value, n);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t property = gy_part_property(row->view->part, slice, i);
        struct gy_value value = gy_row_value(&v->reader, row, property, &v->reader.arena);
        if (value.type == GY_VALUE_MISSING)
            continue;
        out->names[out->n_fields] = gy_arena_str(arena, gy_schema_property(schema, property)->name);
        out->values[out->n_fields++] = gy_value_keep(arena, value);
    }
}

static void view_events(struct view *v, uint32_t max_events)
{
    const struct gy_schema *schema = gy_snapshot_schema(v->snapshot);
    struct gy_customer_view *out = v->out;
    v->rows.n = 0;
    for (uint32_t i = 0; i < schema->n_streams; i++) {
        const struct gy_stream *stream = &schema->streams[i];
        if (stream->kind == GY_STREAM_EVENT && stream->parent == 0)
            gy_rows_gather(&v->rows, &v->reader, &v->subject, stream->id, v->range);
    }
    gy_rows_sort(&v->rows);
    out->n_all_events = v->rows.n;
    out->n_events = v->rows.n < max_events ? (uint32_t)v->rows.n : max_events;
    out->events = GY_NEW_ARRAY(&out->arena, struct gy_event, out->n_events);
    for (uint32_t i = 0; i < out->n_events; i++)
        view_event(v, &v->rows.rows[v->rows.n - out->n_events + i], &out->events[i]);
}

/* ---- the way in ---- */

enum gy_status gy_customer(const struct gy_snapshot *snapshot, struct gy_str id, int64_t now_ms,
                           uint32_t max_events, struct gy_customer_view *out, struct gy_error *err)
{
    uint32_t root = gy_snapshot_find(snapshot, id);
    *out = (struct gy_customer_view){.ordinal = root};
    if (root == GY_ID_NONE)
        return gy_error_set(err, GY_NOT_FOUND, "there is no customer \"%.*s\"", GY_STR_ARG(id));
    struct view v = {.snapshot = snapshot, .out = out, .range = {INT64_MIN, now_ms + 1}};
    gy_reader_init(&v.reader, snapshot);
    v.subject = gy_subject_of(snapshot, &root);
    out->first_seen_ms = gy_subject_first_ms(&v.reader, &v.subject);
    enum gy_status status = GY_OK;
    if (out->first_seen_ms > now_ms)
        status = gy_error_set(err, GY_NOT_FOUND, "customer \"%.*s\" came later", GY_STR_ARG(id));
    if (status == GY_OK) {
        view_ids(&v);
        view_traits(&v);
        view_events(&v, max_events);
        status = gy_reader_status(&v.reader, err);
    }
    gy_rows_release(&v.rows);
    gy_reader_release(&v.reader);
    if (status != GY_OK)
        gy_customer_view_release(out);
    return status;
}

void gy_customer_view_release(struct gy_customer_view *view)
{
    gy_arena_release(&view->arena);
    *view = (struct gy_customer_view){0};
}
