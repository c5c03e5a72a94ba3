/* schema_json.c - see schema_json.h. */
#include "workspace/schema_json.h"

#include "engine/derived.h"
#include "engine/stream_rows.h"
#include "store/personal.h"

const char *const gy_stored_type_words[] = {"", "number", "string", "boolean", "time", "list", ""};

static enum gy_status count_visits(const struct gy_ask *ask, uint64_t *out, struct gy_error *err)
{
    struct gy_aggregation all = {
        .event = gy_event_name(gy_snapshot_schema(ask->snapshot), GY_EVENT_VISIT),
        .from_ms = INT64_MIN,
        .to_ms = INT64_MAX};
    struct gy_group_table groups;
    enum gy_status status = gy_aggregate(ask->snapshot, &all, ask->now_ms, &ask->run, &groups, err);
    *out = status == GY_OK ? groups.groups[0].n_events : 0;
    gy_group_table_release(&groups);
    return status;
}

enum gy_status gy_schema_rows(const struct gy_ask *ask, uint64_t *rows, uint64_t *n_visits,
                              struct gy_error *err)
{
    const struct gy_schema *schema = gy_snapshot_schema(ask->snapshot);
    *n_visits = 0;
    for (uint32_t i = 0; i < schema->n_streams; i++) {
        GY_TRY(gy_stream_rows(ask->snapshot, schema->streams[i].id, ask->now_ms, &rows[i], err));
    }
    return gy_has_visits(schema) ? count_visits(ask, n_visits, err) : GY_OK;
}

/* The names of the properties that are personal. */
static void add_personal_json(struct gy_json_writer *w, const struct gy_snapshot *snapshot,
                              const struct gy_stream *stream)
{
    const struct gy_schema *schema = gy_snapshot_schema(snapshot);
    gy_json_key(w, "personal");
    gy_json_open(w, '[');
    for (uint32_t i = 0; i < schema->n_properties; i++) {
        const struct gy_property *property = &schema->properties[i];
        if (property->stream == stream->id &&
            gy_snapshot_is_personal(snapshot, stream->name, property->name)) {
            gy_json_str(w, property->name);
        }
    }
    gy_json_close(w, ']');
}

static void add_properties_json(struct gy_json_writer *w, const struct gy_schema *schema,
                                uint32_t stream)
{
    gy_json_key(w, "properties");
    gy_json_open(w, '{');
    for (uint32_t i = 0; i < schema->n_properties; i++) {
        const struct gy_property *property = &schema->properties[i];
        if (property->stream == stream) {
            gy_json_key_str(w, property->name);
            gy_json_text(w, gy_stored_type_words[property->type]);
        }
    }
    gy_json_close(w, '}');
}

static void add_stream_json(struct gy_json_writer *w, const struct gy_snapshot *snapshot,
                            const struct gy_stream *stream, uint64_t n_rows)
{
    gy_json_open(w, '{');
    gy_json_key(w, "name");
    gy_json_str(w, stream->name);
    gy_json_key(w, "rows");
    gy_json_count(w, n_rows);
    if (stream->kind == GY_STREAM_EVENT) {
        add_properties_json(w, gy_snapshot_schema(snapshot), stream->id);
        add_personal_json(w, snapshot, stream);
    } else {
        gy_json_key(w, "type");
        gy_json_text(w, gy_stored_type_words[stream->type]);
        gy_json_key(w, "personal");
        gy_json_bool(w, gy_snapshot_is_personal(snapshot, (struct gy_str){0}, stream->name));
    }
    gy_json_close(w, '}');
}

static void add_visits_json(struct gy_json_writer *w, const struct gy_schema *schema,
                            uint64_t n_visits)
{
    gy_json_open(w, '{');
    gy_json_key(w, "name");
    gy_json_str(w, gy_event_name(schema, GY_EVENT_VISIT));
    gy_json_key(w, "derived_from");
    gy_json_str(w, gy_event_name(schema, gy_page_stream(schema)));
    gy_json_key(w, "rows");
    gy_json_count(w, n_visits);
    gy_json_key(w, "properties");
    gy_json_open(w, '{');
    for (uint32_t i = 0; i < GY_N_VISIT_PROPERTIES; i++) {
        uint32_t property = GY_VISIT_PAGES + i;
        gy_json_key_str(w, gy_event_property_name(schema, property));
        gy_json_text(w, gy_stored_type_words[gy_event_property_type(schema, property)]);
    }
    gy_json_close(w, '}');
    gy_json_close(w, '}');
}

void gy_schema_json(const struct gy_ask *ask, const uint64_t *rows, uint64_t n_visits,
                    struct gy_json_writer *w)
{
    const struct gy_schema *schema = gy_snapshot_schema(ask->snapshot);
    gy_json_open(w, '{');
    gy_json_key(w, "as_of");
    gy_json_time(w, ask->now_ms);
    for (int kind = GY_STREAM_EVENT; kind <= GY_STREAM_TRAIT; kind++) {
        gy_json_key(w, kind == GY_STREAM_EVENT ? "events" : "traits");
        gy_json_open(w, '[');
        for (uint32_t i = 0; i < schema->n_streams; i++) {
            if ((int)schema->streams[i].kind == kind) {
                add_stream_json(w, ask->snapshot, &schema->streams[i], rows[i]);
            }
        }
        if (kind == GY_STREAM_EVENT && gy_has_visits(schema)) {
            add_visits_json(w, schema, n_visits);
        }
        gy_json_close(w, ']');
    }
    gy_json_close(w, '}');
}
