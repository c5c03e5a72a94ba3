/* derived.c - see derived.h. */
#include "engine/derived.h"

#include <stdlib.h>

#include "base/mem.h"

static const struct {
    const char *name;
    enum gy_value_type type;
} properties[GY_N_VISIT_PROPERTIES] = {
    {"pages", GY_VALUE_NUMBER},         {"seconds", GY_VALUE_NUMBER},
    {"is_bounce", GY_VALUE_BOOL},       {"source", GY_VALUE_STRING},
    {"medium", GY_VALUE_STRING},        {"campaign", GY_VALUE_STRING},
    {"term", GY_VALUE_STRING},          {"content", GY_VALUE_STRING},
    {"channel", GY_VALUE_STRING},       {"referrer", GY_VALUE_STRING},
    {"referrer_host", GY_VALUE_STRING}, {"landing_path", GY_VALUE_STRING},
    {"exit_path", GY_VALUE_STRING},     {"search_term", GY_VALUE_STRING},
};

/* ---- pages ---- */

uint32_t gy_page_stream(const struct gy_schema *schema)
{
    return gy_schema_find_event(schema, GY_STR("Page Viewed"));
}

uint32_t gy_page_property(const struct gy_schema *schema, enum gy_page_property which)
{
    static const char *const names[GY_N_PAGE_PROPERTIES] = {"url", "path", "search", "referrer"};
    uint32_t stream = gy_page_stream(schema);
    uint32_t id = stream == GY_ID_NONE
                      ? GY_ID_NONE
                      : gy_schema_find_property(schema, stream, gy_str_of(names[which]));
    bool is_text = id != GY_ID_NONE && gy_schema_property(schema, id)->type == GY_VALUE_STRING;
    return is_text ? id : GY_ID_NONE;
}

/* ---- names ---- */

static struct gy_str visit_name(void)
{
    return GY_STR("Visit");
}

bool gy_has_visits(const struct gy_schema *schema)
{
    return gy_page_stream(schema) != GY_ID_NONE &&
           gy_schema_find_event(schema, visit_name()) == GY_ID_NONE;
}

uint32_t gy_event_find(const struct gy_schema *schema, struct gy_str name)
{
    if (gy_str_equal(name, visit_name()) && gy_has_visits(schema)) {
        return GY_EVENT_VISIT;
    }
    return gy_schema_find_event(schema, name);
}

uint32_t gy_event_find_property(const struct gy_schema *schema, uint32_t event, struct gy_str name)
{
    if (!gy_is_derived(event)) {
        return gy_schema_find_property(schema, event, name);
    }
    for (uint32_t i = 0; i < GY_N_VISIT_PROPERTIES; i++) {
        if (gy_str_equal(name, gy_str_of(properties[i].name))) {
            return GY_VISIT_PAGES + i;
        }
    }
    return GY_ID_NONE;
}

struct gy_str gy_event_name(const struct gy_schema *schema, uint32_t stream)
{
    return gy_is_derived(stream) ? visit_name() : gy_schema_stream(schema, stream)->name;
}

static bool is_of_visits(uint32_t property)
{
    return property >= GY_VISIT_PAGES && property - GY_VISIT_PAGES < GY_N_VISIT_PROPERTIES;
}

struct gy_str gy_event_property_name(const struct gy_schema *schema, uint32_t property)
{
    return is_of_visits(property) ? gy_str_of(properties[property - GY_VISIT_PAGES].name)
                                  : gy_schema_property(schema, property)->name;
}

enum gy_value_type gy_event_property_type(const struct gy_schema *schema, uint32_t property)
{
    return is_of_visits(property) ? properties[property - GY_VISIT_PAGES].type
                                  : gy_schema_property(schema, property)->type;
}

/* ---- streams of a plan ---- */

void gy_derived_streams_release(struct gy_derived_streams *streams)
{
    free(streams->instants_ms);
    *streams = (struct gy_derived_streams){0};
}

uint32_t gy_derived_stream(struct gy_derived_streams *streams, uint32_t event, int64_t now_ms)
{
    if (event != GY_EVENT_VISIT) {
        return event;
    }
    for (uint32_t i = streams->n; i > 0; i--) {
        if (streams->instants_ms[i - 1] == now_ms) {
            return GY_EVENT_VISIT + i;
        }
    }
    GY_GROW(streams->instants_ms, streams->capacity, streams->n + 1);
    streams->instants_ms[streams->n++] = now_ms;
    return GY_EVENT_VISIT + streams->n;
}
