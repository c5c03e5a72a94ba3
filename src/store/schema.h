/* schema.h - the names a workspace knows, their types, and the numbers parts call them by.
 *
 * Plain data, loaded from the catalog (or filled in a test). Streams are events, items
 * ("EVENT/PROPERTY") and traits; a property belongs to an event's stream. Ids are never reused.
 */
#ifndef GY_STORE_SCHEMA_H
#define GY_STORE_SCHEMA_H

#include <stdint.h>

#include "base/intern.h"
#include "base/str.h"
#include "store/value.h"

enum gy_stream_kind {
    GY_STREAM_EVENT = 0, /* also items */
    GY_STREAM_TRAIT = 1,
};

struct gy_stream {
    uint32_t id; /* GY_STREAM_FIRST (part.h) on */
    enum gy_stream_kind kind;
    struct gy_str name;
    enum gy_value_type type; /* TRAIT: its type; EVENT: MISSING */
    uint32_t parent;         /* items: the stream of the event they stand in; else 0 */
};

struct gy_property {
    uint32_t id; /* from 1 on, one numbering for all streams */
    uint32_t stream;
    struct gy_str name;
    enum gy_value_type type;
};

enum { GY_MAX_EVENTS = 4096, GY_MAX_PROPERTIES = 1024, GY_MAX_TRAITS = 4096 };

/* All zero is an empty schema. Strings are owned by it. */
struct gy_schema {
    struct gy_stream *streams; /* by id - GY_STREAM_FIRST */
    uint32_t n_streams;
    uint32_t streams_capacity;
    struct gy_property *properties; /* by id - 1 */
    uint32_t n_properties;
    uint32_t properties_capacity;
    struct gy_intern keys;  /* kind, stream and name -> place in `ids` */
    uint32_t *ids;
    uint32_t ids_capacity;
};

#define GY_ID_NONE UINT32_MAX

void gy_schema_init(struct gy_schema *schema);
void gy_schema_release(struct gy_schema *schema);
void gy_schema_copy(struct gy_schema *to, const struct gy_schema *from); /* `to` is all zero */

/* Stream ids of names; properties of a stream. GY_ID_NONE if there is none. */
uint32_t gy_schema_find_event(const struct gy_schema *schema, struct gy_str name);
uint32_t gy_schema_find_trait(const struct gy_schema *schema, struct gy_str name);
uint32_t gy_schema_find_property(const struct gy_schema *schema, uint32_t stream,
                                 struct gy_str name);

/* Add; the id, which is the next one (so loading adds in the order of ids). The name must not be
 * there. */
uint32_t gy_schema_add_stream(struct gy_schema *schema, enum gy_stream_kind kind,
                              struct gy_str name, enum gy_value_type type, uint32_t parent);
uint32_t gy_schema_add_property(struct gy_schema *schema, uint32_t stream, struct gy_str name,
                                enum gy_value_type type);

static inline const struct gy_stream *gy_schema_stream(const struct gy_schema *s, uint32_t id)
{
    return &s->streams[id - 16];
}
static inline const struct gy_property *gy_schema_property(const struct gy_schema *s, uint32_t id)
{
    return &s->properties[id - 1];
}

#endif
