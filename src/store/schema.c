/* schema.c - one set of interned keys finds everything by name.
 *
 * A key is a letter of the kind ("e" event, "t" trait, "p" property), for properties the stream's
 * number in hexadecimal, and the name. Names are views of the ends of their keys. */
#include "store/schema.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "store/part.h"

enum {
    PREFIX_SIZE = 16,
    SHORT_KEY = 256
};

/* A key on the stack, or on the heap where the name is long. */
struct key {
    char short_text[SHORT_KEY];
    char *text;
    size_t prefix_len;
    size_t len;
};

static struct gy_str make_key(struct key *key, const char *prefix, struct gy_str name)
{
    key->prefix_len = strlen(prefix);
    key->len = key->prefix_len + name.len;
    key->text = key->len <= SHORT_KEY ? key->short_text : gy_alloc(key->len);
    memcpy(key->text, prefix, key->prefix_len);
    if (name.len > 0) {
        memcpy(key->text + key->prefix_len, name.ptr, name.len);
    }
    return (struct gy_str){key->text, key->len};
}

static void release_key(struct key *key)
{
    if (key->text != key->short_text) {
        free(key->text);
    }
}

static const char *stream_prefix(enum gy_stream_kind kind)
{
    return kind == GY_STREAM_TRAIT ? "t" : "e";
}

static void property_prefix(uint32_t stream, char out[PREFIX_SIZE])
{
    snprintf(out, PREFIX_SIZE, "p%08x", stream);
}

static uint32_t find(const struct gy_schema *schema, const char *prefix, struct gy_str name)
{
    struct key key;
    uint32_t place = gy_intern_find(&schema->keys, make_key(&key, prefix, name));
    release_key(&key);
    return place == GY_INTERN_NONE ? GY_ID_NONE : schema->ids[place];
}

/* Enters a name that is not there yet; gives the schema's own view of it. */
static struct gy_str enter(struct gy_schema *schema, const char *prefix, struct gy_str name,
                           uint32_t id)
{
    struct key key;
    uint32_t n_before = schema->keys.n;
    uint32_t place = gy_intern_add(&schema->keys, make_key(&key, prefix, name));
    GY_ASSERT(place == n_before);
    GY_GROW(schema->ids, schema->ids_capacity, place + 1);
    schema->ids[place] = id;
    struct gy_str own = schema->keys.strings[place];
    own.ptr += key.prefix_len;
    own.len -= key.prefix_len;
    release_key(&key);
    return own;
}

void gy_schema_init(struct gy_schema *schema)
{
    *schema = (struct gy_schema){0};
}

void gy_schema_release(struct gy_schema *schema)
{
    free(schema->streams);
    free(schema->properties);
    free(schema->ids);
    gy_intern_release(&schema->keys);
    *schema = (struct gy_schema){0};
}

void gy_schema_copy(struct gy_schema *to, const struct gy_schema *from)
{
    for (uint32_t i = 0; i < from->n_streams; i++) {
        const struct gy_stream *s = &from->streams[i];
        gy_schema_add_stream(to, s->kind, s->name, s->type, s->parent);
    }
    for (uint32_t i = 0; i < from->n_properties; i++) {
        const struct gy_property *p = &from->properties[i];
        gy_schema_add_property(to, p->stream, p->name, p->type);
    }
}

uint32_t gy_schema_find_event(const struct gy_schema *schema, struct gy_str name)
{
    return find(schema, stream_prefix(GY_STREAM_EVENT), name);
}

uint32_t gy_schema_find_trait(const struct gy_schema *schema, struct gy_str name)
{
    return find(schema, stream_prefix(GY_STREAM_TRAIT), name);
}

uint32_t gy_schema_find_property(const struct gy_schema *schema, uint32_t stream,
                                 struct gy_str name)
{
    char prefix[PREFIX_SIZE];
    property_prefix(stream, prefix);
    return find(schema, prefix, name);
}

uint32_t gy_schema_add_stream(struct gy_schema *schema, enum gy_stream_kind kind,
                              struct gy_str name, enum gy_value_type type, uint32_t parent)
{
    uint32_t id = GY_STREAM_FIRST + schema->n_streams;
    GY_GROW(schema->streams, schema->streams_capacity, schema->n_streams + 1);
    schema->streams[schema->n_streams++] = (struct gy_stream){
        .id = id,
        .kind = kind,
        .name = enter(schema, stream_prefix(kind), name, id),
        .type = type,
        .parent = parent,
    };
    return id;
}

uint32_t gy_schema_add_property(struct gy_schema *schema, uint32_t stream, struct gy_str name,
                                enum gy_value_type type)
{
    char prefix[PREFIX_SIZE];
    property_prefix(stream, prefix);
    uint32_t id = 1 + schema->n_properties;
    GY_GROW(schema->properties, schema->properties_capacity, schema->n_properties + 1);
    schema->properties[schema->n_properties++] = (struct gy_property){
        .id = id,
        .stream = stream,
        .name = enter(schema, prefix, name, id),
        .type = type,
    };
    return id;
}
