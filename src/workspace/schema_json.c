/* schema_json.c - see schema_json.h. */
#include "workspace/schema_json.h"

#include "engine/stream_rows.h"
#include "store/personal.h"

const char *const gy_stored_type_words[] = {"", "number", "string", "boolean", "time", "list", ""};

/* The rows of each stream as of the ask's instant, by its place in the schema. */
enum gy_status gy_schema_rows(const struct gy_ask *ask, uint64_t *rows, struct gy_error *err)
{
    const struct gy_schema *schema = gy_snapshot_schema(ask->snapshot);
    for (uint32_t i = 0; i < schema->n_streams; i++) {
        GY_TRY(gy_stream_rows(ask->snapshot, schema->streams[i].id, ask->now_ms, &rows[i], err));
    }
    return GY_OK;
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

void gy_schema_json(const struct gy_ask *ask, const uint64_t *rows, struct gy_json_writer *w)
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
        gy_json_close(w, ']');
    }
    gy_json_close(w, '}');
}
