/* known_names.c - names and their types, in plain arrays. */
#include "known_names.h"

#include <stdio.h>
#include <stdlib.h>

#include <zlib.h>

#include "base/mem.h"
#include "base/text.h"

/* ---- names ---- */

static char *nfc(const char *name)
{
    struct gy_arena arena = {0};
    struct gy_str s = gy_text_nfc(gy_str_of(name), &arena);
    char *copy = gy_strndup(s.ptr, s.len);
    gy_arena_release(&arena);
    return copy;
}

static struct field *field_of(struct stream *stream, const char *as_written)
{
    char *name = nfc(as_written);
    for (uint32_t i = 0; i < stream->n; i++) {
        if (strcmp(stream->fields[i].name, name) == 0) {
            free(name);
            return &stream->fields[i];
        }
    }
    GY_GROW(stream->fields, stream->capacity, stream->n + 1);
    stream->fields[stream->n] = (struct field){name, GY_TYPE_ANY, false};
    return &stream->fields[stream->n++];
}

static struct stream *event_of(struct workspace *w, const char *as_written)
{
    char *name = nfc(as_written);
    for (uint32_t i = 0; i < w->n_events; i++) {
        if (strcmp(w->events[i].name, name) == 0) {
            free(name);
            return &w->events[i];
        }
    }
    GY_GROW(w->events, w->events_capacity, w->n_events + 1);
    w->events[w->n_events] = (struct stream){.name = name};
    return &w->events[w->n_events++];
}

void workspace_property(struct workspace *w, const char *event, const char *property,
                        enum gy_type type)
{
    field_of(event_of(w, event), property)->type = type;
}

void workspace_trait(struct workspace *w, const char *trait, enum gy_type type)
{
    field_of(&w->traits, trait)->type = type;
}

void workspace_define(struct definitions *definitions, const char *name, const char *text)
{
    GY_GROW(definitions->items, definitions->capacity, definitions->n + 1);
    definitions->items[definitions->n++] =
        (struct definition){gy_strndup(name, strlen(name)), gy_strndup(text, strlen(text))};
}

/* ---- the vocabulary ---- */

static struct definitions *definitions_of(struct workspace *w, enum gy_name_kind kind)
{
    return kind == GY_NAME_SEGMENT ? &w->segments : kind == GY_NAME_LIST ? &w->lists : &w->metrics;
}

static bool name_at(void *context, enum gy_name_kind kind, uint32_t scope, uint32_t i,
                    struct gy_str *name)
{
    struct workspace *w = context;
    const char *found = NULL;
    if (kind == GY_NAME_EVENT) {
        found = i < w->n_events ? w->events[i].name : NULL;
    } else if (kind == GY_NAME_PROPERTY) {
        found = i < w->events[scope].n ? w->events[scope].fields[i].name : NULL;
    } else if (kind == GY_NAME_TRAIT) {
        found = i < w->traits.n ? w->traits.fields[i].name : NULL;
    } else {
        struct definitions *d = definitions_of(w, kind);
        found = i < d->n ? d->items[i].name : NULL;
    }
    if (found != NULL) {
        *name = gy_str_of(found);
    }
    return found != NULL;
}

static uint32_t find(void *context, enum gy_name_kind kind, uint32_t scope, struct gy_str name)
{
    struct gy_str other;
    for (uint32_t i = 0; name_at(context, kind, scope, i, &other); i++) {
        if (gy_str_equal(name, other)) {
            return i;
        }
    }
    return GY_NAME_UNKNOWN;
}

static enum gy_type type(void *context, enum gy_name_kind kind, uint32_t scope, uint32_t id)
{
    struct workspace *w = context;
    return kind == GY_NAME_TRAIT ? w->traits.fields[id].type : w->events[scope].fields[id].type;
}

static struct gy_str text(void *context, enum gy_name_kind kind, uint32_t id)
{
    return gy_str_of(definitions_of(context, kind)->items[id].text);
}

void workspace_init(struct workspace *w)
{
    *w = (struct workspace){0};
    w->vocabulary.context = w;
    w->vocabulary.find = find;
    w->vocabulary.type = type;
    w->vocabulary.text = text;
    w->vocabulary.name_at = name_at;
}

/* ---- calls ---- */

static enum gy_type type_of(const json_t *value)
{
    if (json_is_string(value)) {
        struct gy_str s = {json_string_value(value), json_string_length(value)};
        return gy_time_read(s, NULL, &(int64_t){0}, NULL) ? GY_TYPE_TIME : GY_TYPE_STRING;
    }
    return json_is_number(value)    ? GY_TYPE_NUMBER
           : json_is_boolean(value) ? GY_TYPE_BOOL
           : json_is_array(value)   ? GY_TYPE_LIST
                                    : GY_TYPE_ANY;
}

static void learn(struct stream *stream, const char *name, const json_t *value)
{
    enum gy_type seen = type_of(value);
    struct field *field;
    if (seen == GY_TYPE_ANY) {
        return;
    }
    field = field_of(stream, name);
    if (!field->has_value || (field->type == GY_TYPE_TIME && seen == GY_TYPE_STRING)) {
        field->type = seen;
    }
    field->has_value = true;
}

static bool is_items(const json_t *value)
{
    return json_is_object(json_array_get(value, 0));
}

static void learn_scalars(struct stream *stream, json_t *properties)
{
    const char *name;
    json_t *value;
    json_object_foreach(properties, name, value)
    {
        if (!json_is_array(value)) {
            learn(stream, name, value);
        }
    }
}

static void learn_item(struct stream *stream, json_t *item, json_t *parent)
{
    const char *name;
    json_t *value;
    learn_scalars(stream, item);
    json_object_foreach(parent, name, value)
    {
        if (!json_is_array(value) && json_object_get(item, name) == NULL) {
            learn(stream, name, value);
        }
    }
}

static void learn_items(struct workspace *w, const char *event, const char *property, json_t *items,
                        json_t *parent)
{
    char name[256];
    size_t i;
    json_t *item;
    snprintf(name, sizeof name, "%s/%s", event, property);
    json_array_foreach(items, i, item)
    {
        learn_item(event_of(w, name), item, parent);
    }
}

static void learn_track(struct workspace *w, const char *event, json_t *properties)
{
    const char *name;
    json_t *value;
    learn_scalars(event_of(w, event), properties);
    json_object_foreach(properties, name, value)
    {
        if (is_items(value)) {
            learn_items(w, event, name, value, properties);
        }
    }
}

static void learn_call(struct workspace *w, json_t *call)
{
    const char *name;
    json_t *value;
    json_object_foreach(json_object_get(call, "traits"), name, value)
    {
        learn(&w->traits, name, value);
    }
    const char *event = json_string_value(json_object_get(call, "event"));
    if (event != NULL) {
        learn_track(w, event, json_object_get(call, "properties"));
    }
}

void workspace_read(struct workspace *w, const char *path)
{
    enum {
        LINE_MAX_BYTES = 1 << 20
    };
    char *line = gy_alloc(LINE_MAX_BYTES);
    gzFile file = gzopen(path, "rb");
    if (file == NULL) {
        fprintf(stderr, "could not open %s\n", path);
        abort();
    }
    workspace_init(w);
    while (gzgets(file, line, LINE_MAX_BYTES) != NULL) {
        json_t *call = json_loads(line, 0, NULL);
        learn_call(w, call);
        json_decref(call);
    }
    free(line);
    gzclose(file);
}

/* ---- ends ---- */

static void release_definitions(struct definitions *definitions)
{
    for (uint32_t i = 0; i < definitions->n; i++) {
        free(definitions->items[i].name);
        free(definitions->items[i].text);
    }
    free(definitions->items);
    *definitions = (struct definitions){0};
}

void workspace_forget(struct workspace *w)
{
    release_definitions(&w->segments);
    release_definitions(&w->metrics);
    release_definitions(&w->lists);
}

static void release_stream(struct stream *stream)
{
    for (uint32_t i = 0; i < stream->n; i++) {
        free(stream->fields[i].name);
    }
    free(stream->fields);
    free(stream->name);
}

void workspace_release(struct workspace *w)
{
    workspace_forget(w);
    for (uint32_t i = 0; i < w->n_events; i++) {
        release_stream(&w->events[i]);
    }
    release_stream(&w->traits);
    free(w->events);
    *w = (struct workspace){0};
}
