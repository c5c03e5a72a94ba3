/* vocabulary.c - names are looked up where the snapshot keeps them: events, properties and traits in
 * its schema, segments, metrics and lists by their place in its sorted lists.
 *
 * Behind the workspace's own metrics come the built-in ones whose data is there; their ids begin at
 * BUILTIN, far behind every place in a list. */
#include "engine/vocabulary.h"

#include "engine/derived.h"
#include "lang/builtin_metrics.h"

#define BUILTIN UINT32_C(0x80000000)

static const struct gy_snapshot *snapshot_of(void *context)
{
    return context;
}

/* ---- metrics ---- */

static uint32_t find_metric(const struct gy_snapshot *s, struct gy_str name)
{
    uint32_t own = gy_snapshot_find_metric(s, name);
    uint32_t builtin = own == GY_NAME_UNKNOWN ? gy_builtin_metric_find(name) : GY_NAME_UNKNOWN;
    if (builtin == GY_NAME_UNKNOWN) {
        return own;
    }
    struct gy_vocabulary vocabulary = gy_vocabulary_of(s);
    return gy_builtin_metric_is_there(builtin, &vocabulary, NULL) ? BUILTIN + builtin
                                                                  : GY_NAME_UNKNOWN;
}

static struct gy_str metric_text(const struct gy_snapshot *s, uint32_t id)
{
    return id >= BUILTIN ? gy_str_of(gy_builtin_metric_at(id - BUILTIN)->text)
                         : gy_snapshot_metric(s, id)->text;
}

/* The workspace's own, then the built-in ones that it has; those it has named anew stand once. */
static bool metric_at(const struct gy_snapshot *s, uint32_t i, struct gy_str *name)
{
    uint32_t n_own = gy_snapshot_n_metrics(s);
    if (i < n_own) {
        *name = gy_snapshot_metric(s, i)->name;
        return true;
    }
    const struct gy_builtin_metric *metric;
    uint32_t left = i - n_own;
    for (uint32_t k = 0; (metric = gy_builtin_metric_at(k)) != NULL; k++) {
        *name = gy_str_of(metric->name);
        if (find_metric(s, *name) == BUILTIN + k && left-- == 0) {
            return true;
        }
    }
    return false;
}

/* ---- all names ---- */

static uint32_t find(void *context, enum gy_name_kind kind, uint32_t scope, struct gy_str name)
{
    const struct gy_snapshot *s = snapshot_of(context);
    const struct gy_schema *schema = gy_snapshot_schema(s);
    switch (kind) {
    case GY_NAME_EVENT:
        return gy_event_find(schema, name);
    case GY_NAME_PROPERTY:
        return scope == GY_NAME_UNKNOWN ? GY_NAME_UNKNOWN
                                        : gy_event_find_property(schema, scope, name);
    case GY_NAME_TRAIT:
        return gy_schema_find_trait(schema, name);
    case GY_NAME_SEGMENT:
        return gy_snapshot_find_segment(s, name);
    case GY_NAME_LIST:
        return gy_snapshot_find_list(s, name);
    case GY_NAME_METRIC:
        return find_metric(s, name);
    }
    return GY_NAME_UNKNOWN;
}

static enum gy_type type_of(enum gy_value_type type)
{
    switch (type) {
    case GY_VALUE_NUMBER:
        return GY_TYPE_NUMBER;
    case GY_VALUE_STRING:
        return GY_TYPE_STRING;
    case GY_VALUE_BOOL:
        return GY_TYPE_BOOL;
    case GY_VALUE_TIME:
        return GY_TYPE_TIME;
    case GY_VALUE_LIST:
        return GY_TYPE_LIST;
    case GY_VALUE_MISSING:
    case GY_VALUE_CELL:
        break;
    }
    return GY_TYPE_ANY;
}

static enum gy_type type(void *context, enum gy_name_kind kind, uint32_t scope, uint32_t id)
{
    const struct gy_schema *schema = gy_snapshot_schema(snapshot_of(context));
    (void)scope;
    return kind == GY_NAME_PROPERTY ? type_of(gy_event_property_type(schema, id))
                                    : type_of(gy_schema_stream(schema, id)->type);
}

static struct gy_str text(void *context, enum gy_name_kind kind, uint32_t id)
{
    const struct gy_snapshot *s = snapshot_of(context);
    return kind == GY_NAME_SEGMENT ? gy_snapshot_segment(s, id)->text : metric_text(s, id);
}

/* The i-th stream of one kind, then what is derived; only for suggestions, so a walk is good enough. */
static bool stream_at(const struct gy_schema *schema, enum gy_stream_kind kind, uint32_t i,
                      struct gy_str *name)
{
    for (uint32_t at = 0; at < schema->n_streams; at++) {
        if (schema->streams[at].kind == kind && i-- == 0) {
            *name = schema->streams[at].name;
            return true;
        }
    }
    if (i > 0 || kind != GY_STREAM_EVENT || !gy_has_visits(schema)) {
        return false;
    }
    *name = gy_event_name(schema, GY_EVENT_VISIT);
    return true;
}

static bool property_at(const struct gy_schema *schema, uint32_t stream, uint32_t i,
                        struct gy_str *name)
{
    if (gy_is_derived(stream) && i < GY_N_VISIT_PROPERTIES) {
        *name = gy_event_property_name(schema, GY_VISIT_PAGES + i);
        return true;
    }
    for (uint32_t at = 0; at < schema->n_properties; at++) {
        if (schema->properties[at].stream == stream && i-- == 0) {
            *name = schema->properties[at].name;
            return true;
        }
    }
    return false;
}

static bool name_at(void *context, enum gy_name_kind kind, uint32_t scope, uint32_t i,
                    struct gy_str *name)
{
    const struct gy_snapshot *s = snapshot_of(context);
    switch (kind) {
    case GY_NAME_EVENT:
        return stream_at(gy_snapshot_schema(s), GY_STREAM_EVENT, i, name);
    case GY_NAME_TRAIT:
        return stream_at(gy_snapshot_schema(s), GY_STREAM_TRAIT, i, name);
    case GY_NAME_PROPERTY:
        return property_at(gy_snapshot_schema(s), scope, i, name);
    case GY_NAME_SEGMENT:
        if (i >= gy_snapshot_n_segments(s))
            return false;
        *name = gy_snapshot_segment(s, i)->name;
        return true;
    case GY_NAME_LIST:
        if (i >= gy_snapshot_n_lists(s))
            return false;
        *name = gy_snapshot_list(s, i)->name;
        return true;
    case GY_NAME_METRIC:
        return metric_at(s, i, name);
    }
    return false;
}

struct gy_vocabulary gy_vocabulary_of(const struct gy_snapshot *snapshot)
{
    /* The functions above only read; lang's context is a plain pointer for everyone. */
    union {
        const struct gy_snapshot *read_only;
        void *context;
    } s = {.read_only = snapshot};
    return (struct gy_vocabulary){
        .context = s.context,
        .zone = gy_snapshot_zone(snapshot),
        .find = find,
        .type = type,
        .text = text,
        .name_at = name_at,
    };
}
