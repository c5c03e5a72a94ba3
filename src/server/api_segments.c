/* api_segments.c - segments: all of them, one, its versions, how it went; they are put and removed. */
#include "server/api_definition.h"
#include "store/writer.h"
#include "workspace/attributes.h"
#include "workspace/definitions.h"
#include "workspace/names.h"
#include "workspace/preview.h"
#include "workspace/segment_json.h"
#include "workspace/segment_trend.h"
#include "workspace/validity.h"

enum {
    BODY_MAX = 256 << 10
};

/* ---- reading ---- */

static enum gy_status list_all(struct gy_api_call *call, struct gy_ask *ask, struct gy_error *err)
{
    uint64_t n_everyone = 0;
    size_t n = gy_snapshot_n_segments(ask->snapshot);
    struct gy_segment_state *states = gy_arena_zero(&call->arena, n + 1, sizeof *states);
    GY_TRY(gy_ask_everyone(ask, &n_everyone, err));
    GY_TRY(gy_segment_states(ask, states, err));
    gy_segments_json(ask, states, n_everyone, &call->out);
    return GY_OK;
}

static enum gy_status list(struct gy_api_call *call, struct gy_error *err)
{
    return gy_api_with_ask(call, list_all, err);
}

static enum gy_status show_one(struct gy_api_call *call, struct gy_ask *ask, struct gy_error *err)
{
    uint32_t i;
    struct gy_segment_state state;
    struct gy_segment_versions versions;
    GY_TRY(gy_ask_find_segment(ask, gy_api_piece(call, 0).ptr, &i, err));
    const struct gy_segment_info *segment = gy_snapshot_segment(ask->snapshot, i);
    GY_TRY(gy_segment_state(ask, i, segment->text, &state, err));
    GY_TRY(gy_snapshot_versions(ask->snapshot, i, &ask->arena, &versions, err));
    gy_segment_json(segment, &state, &versions, &call->out);
    return GY_OK;
}

static enum gy_status show(struct gy_api_call *call, struct gy_error *err)
{
    return gy_api_with_ask(call, show_one, err);
}

static enum gy_status show_one_version(struct gy_api_call *call, struct gy_ask *ask,
                                       struct gy_error *err)
{
    uint32_t i;
    struct gy_segment_state state;
    struct gy_segment_versions versions;
    struct gy_segment_version version;
    struct gy_condition_diff diff = {0};
    GY_TRY(gy_ask_find_segment(ask, gy_api_piece(call, 0).ptr, &i, err));
    GY_TRY(gy_ask_version(ask, i, gy_api_piece(call, 1).ptr, &version, err));
    GY_TRY(gy_segment_state(ask, i, version.text, &state, err));
    GY_TRY(gy_snapshot_versions(ask->snapshot, i, &ask->arena, &versions, err));
    for (size_t v = 0; v < versions.n; v++) {
        if (versions.at[v].version + 1 == version.version) {
            diff = gy_condition_diff(versions.at[v].text, version.text, &ask->arena);
        }
    }
    gy_segment_version_json(gy_snapshot_segment(ask->snapshot, i), &state, &version, &diff,
                            &call->out);
    return GY_OK;
}

static enum gy_status show_version(struct gy_api_call *call, struct gy_error *err)
{
    return gy_api_with_ask(call, show_one_version, err);
}

static enum gy_status tell_history(struct gy_api_call *call, struct gy_ask *ask,
                                   const struct gy_expr *expr, struct gy_error *err)
{
    const struct gy_trend_by *by;
    struct gy_trend_query query = {.expr = expr};
    struct gy_trend trend = {0};
    GY_TRY(gy_trend_by_read(gy_api_query(call, "by"), &by, err));
    GY_TRY(gy_trend_periods(ask, by, gy_api_query(call, "from"), gy_api_query(call, "to"), &query,
                            err));
    enum gy_status status = gy_trend_make(ask->snapshot, &query, &ask->run, &trend, err);
    if (status == GY_OK) {
        gy_trend_json(ask, by, expr, &trend, &call->out);
    }
    gy_trend_release(&trend);
    return status;
}

static enum gy_status history(struct gy_api_call *call, struct gy_error *err)
{
    return gy_api_with_segment(call, tell_history, err);
}

/* ---- changing ---- */

/* What is to be put. */
struct put {
    struct gy_api_call *call;
    struct gy_str name;
    const char *definition; /* "": that which is stored */
    const char *reason;
    bool allow_unknown;
};

static enum gy_status read_put(struct gy_api_call *call, struct put *put, struct gy_error *err)
{
    static const char *const keys[] = {"definition", "attributes", "reason", "allow_unknown",
                                       "as_of"};
    *put = (struct put){.call = call};
    GY_TRY(gy_api_only(call, keys, sizeof keys / sizeof *keys, err));
    GY_TRY(gy_name_read(gy_api_piece(call, 0).ptr, "segment", &call->arena, &put->name, err));
    GY_TRY(gy_api_text(call, "definition", "", &put->definition, err));
    GY_TRY(gy_api_text(call, "reason", "", &put->reason, err));
    return gy_api_flag(call, "allow_unknown", &put->allow_unknown, err);
}

/* The stored attributes, with those of the body on top; null takes one away. */
static enum gy_status say_attributes(const struct put *put, const struct gy_ask *ask,
                                     uint32_t stored, struct gy_buf *out, struct gy_error *err)
{
    const char *name;
    json_t *value;
    const json_t *said = json_object_get(put->call->body, "attributes");
    enum gy_status status = GY_OK;
    if (said != NULL && !json_is_object(said)) {
        return gy_error_set(err, GY_INVALID, "\"attributes\" is an object");
    }
    json_t *attributes = gy_attributes_of(
        stored == GY_ID_NONE ? GY_STR("") : gy_snapshot_segment(ask->snapshot, stored)->json);
    json_object_foreach((json_t *)(uintptr_t)said, name, value)
    {
        if (status == GY_OK) {
            status = json_is_null(value)
                         ? gy_attributes_set_text(attributes, name, "", err)
                         : gy_attributes_set(attributes, name, json_incref(value), err);
        }
    }
    gy_attributes_text(attributes, out);
    json_decref(attributes);
    if (status == GY_OK) {
        struct gy_span span = gy_span_of(gy_buf_view(out), gy_snapshot_zone(ask->snapshot));
        status = gy_span_check(&span, err);
    }
    return status;
}

/* The workspace with the change is checked; then `act`. */
static enum gy_status with_draft(struct put *put, struct gy_ask *ask,
                                 enum gy_status (*act)(const struct put *put,
                                                       const struct gy_draft *draft, void *context,
                                                       struct gy_error *err),
                                 void *context, struct gy_error *err)
{
    struct gy_buf attributes = {0};
    struct gy_draft draft;
    uint32_t stored = gy_snapshot_find_segment(ask->snapshot, put->name);
    struct gy_str text = gy_str_of(put->definition);
    if (text.len == 0 && stored == GY_ID_NONE) {
        return gy_error_set(err, GY_INVALID, "the body lacks \"definition\", a string");
    }
    if (text.len == 0) {
        text = gy_snapshot_segment(ask->snapshot, stored)->text;
    }
    gy_draft_init(&draft, ask);
    enum gy_status status = say_attributes(put, ask, stored, &attributes, err);
    if (status == GY_OK) {
        gy_draft_put_segment(&draft, put->name, text, gy_buf_view(&attributes),
                             put->allow_unknown || put->definition[0] == '\0');
        status = gy_draft_check(&draft, err);
    }
    if (status == GY_OK) {
        status = act(put, &draft, context, err);
    }
    gy_draft_release(&draft);
    gy_buf_release(&attributes);
    return status;
}

static enum gy_status put_it(const struct put *put, const struct gy_draft *draft, void *writer,
                             struct gy_error *err)
{
    const struct gy_draft_item *item = &draft->items[0];
    return gy_writer_put_segment(writer, item->name, item->text, item->attributes,
                                 gy_str_of(put->call->caller.name), gy_str_of(put->reason), err);
}

/* On the writing thread: what is checked is what is there, and nobody else changes it meanwhile. */
static enum gy_status check_and_put(struct gy_writer *writer, void *context, struct gy_error *err)
{
    struct put *put = context;
    struct gy_ask ask;
    enum gy_status status = gy_api_ask_now(put->call, &ask, err);
    if (status == GY_OK) {
        status = with_draft(put, &ask, put_it, writer, err);
    }
    gy_ask_close(&ask);
    return status;
}

static enum gy_status put(struct gy_api_call *call, struct gy_error *err)
{
    struct put put;
    GY_TRY(read_put(call, &put, err));
    struct gy_change_told told = {
        .action = "segment add", .object = put.name, .detail = gy_str_of(put.definition)};
    GY_TRY(gy_api_write(call, &told, check_and_put, &put, err));
    return show(call, err);
}

static enum gy_status preview_it(const struct put *put, const struct gy_draft *draft, void *context,
                                 struct gy_error *err)
{
    struct gy_preview preview;
    (void)context;
    GY_TRY(gy_preview_make(draft, 0, &preview, err));
    gy_json_open(&put->call->out, '{');
    gy_json_key(&put->call->out, "segment");
    gy_json_str(&put->call->out, put->name);
    gy_json_key(&put->call->out, "as_of");
    gy_json_time(&put->call->out, draft->ask->now_ms);
    gy_preview_json(&preview, &put->call->out);
    gy_json_close(&put->call->out, '}');
    return GY_OK;
}

static enum gy_status preview_change(struct gy_api_call *call, struct gy_ask *ask,
                                     struct gy_error *err)
{
    struct put put;
    GY_TRY(read_put(call, &put, err));
    return with_draft(&put, ask, preview_it, NULL, err);
}

static enum gy_status preview(struct gy_api_call *call, struct gy_error *err)
{
    return gy_api_with_ask(call, preview_change, err);
}

static enum gy_status check_and_remove(struct gy_writer *writer, void *context,
                                       struct gy_error *err)
{
    struct gy_api_call *call = context;
    struct gy_ask ask;
    enum gy_status status = gy_api_ask_now(call, &ask, err);
    if (status == GY_OK) {
        status = gy_definition_remove(&ask, writer, GY_NAME_SEGMENT, gy_api_piece(call, 0).ptr,
                                      NULL, err);
    }
    gy_ask_close(&ask);
    return status;
}

static enum gy_status remove_segment(struct gy_api_call *call, struct gy_error *err)
{
    struct gy_change_told told = {.action = "segment remove", .object = gy_api_piece(call, 0)};
    return gy_api_write(call, &told, check_and_remove, call, err);
}

static const struct gy_api_route routes[] = {
    {GY_METHOD_GET, "/api/segments", GY_RIGHT_READ, 0, 0, list},
    {GY_METHOD_GET, "/api/segments/*", GY_RIGHT_READ, 0, 0, show},
    {GY_METHOD_PUT, "/api/segments/*", GY_RIGHT_EDIT, BODY_MAX, 0, put},
    {GY_METHOD_DELETE, "/api/segments/*", GY_RIGHT_EDIT, 0, 0, remove_segment},
    {GY_METHOD_POST, "/api/segments/*/preview", GY_RIGHT_READ, BODY_MAX, 0, preview},
    {GY_METHOD_GET, "/api/segments/*/versions/*", GY_RIGHT_READ, 0, 0, show_version},
    {GY_METHOD_GET, "/api/segments/*/history", GY_RIGHT_READ, 0, 0, history},
};

const struct gy_api_table gy_api_segment_routes = {routes, sizeof routes / sizeof *routes};
