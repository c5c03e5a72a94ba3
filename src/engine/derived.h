/* derived.h - events that are not stored, but made of others when they are asked for.
 *
 * There is one, `Visit`: the pages of a customer, each 30 minutes or less after the one before (visits.h). It is there
 * where page calls are, unless an event of that name was stored: then the name means what was sent.
 *
 * A visit goes on until it ends: how many pages it has depends on the instant. So a plan gives the derived event a
 * stream number for each instant that it is asked as of; the reader makes its rows, and to everyone else they
 * are rows as any.
 */
#ifndef GY_ENGINE_DERIVED_H
#define GY_ENGINE_DERIVED_H

#include "base/arena.h"
#include "store/snapshot.h"

/* The event as the language calls it; its streams as of instants are the numbers behind it. */
#define GY_EVENT_VISIT UINT32_C(0x40000000)

enum gy_visit_property {
    GY_VISIT_PAGES = 0x40000000, /* as numbered for the language */
    GY_VISIT_SECONDS,
    GY_VISIT_IS_BOUNCE,
    GY_VISIT_SOURCE,
    GY_VISIT_MEDIUM,
    GY_VISIT_CAMPAIGN,
    GY_VISIT_TERM,
    GY_VISIT_CONTENT,
    GY_VISIT_CHANNEL,
    GY_VISIT_REFERRER,
    GY_VISIT_REFERRER_HOST,
    GY_VISIT_LANDING_PATH,
    GY_VISIT_EXIT_PATH,
    GY_VISIT_SEARCH_TERM,
};
enum {
    GY_N_VISIT_PROPERTIES = 14
};

/* The event of page calls, and what of theirs visits are made of. GY_ID_NONE: there is none, or it is no string. */
enum gy_page_property {
    GY_PAGE_URL,
    GY_PAGE_PATH,
    GY_PAGE_SEARCH,
    GY_PAGE_REFERRER,
    GY_N_PAGE_PROPERTIES
};
uint32_t gy_page_stream(const struct gy_schema *schema);
uint32_t gy_page_property(const struct gy_schema *schema, enum gy_page_property which);

/* ---- names ---- */

static inline bool gy_is_derived(uint32_t stream)
{
    return stream >= GY_EVENT_VISIT && stream < UINT32_C(0x80000000);
}

/* Events and their properties, the derived ones included; GY_ID_NONE if there is none. */
uint32_t gy_event_find(const struct gy_schema *schema, struct gy_str name);
uint32_t gy_event_find_property(const struct gy_schema *schema, uint32_t event, struct gy_str name);

/* Of an event or a stream, and of a property. Views, valid as long as the schema. */
struct gy_str gy_event_name(const struct gy_schema *schema, uint32_t stream);
struct gy_str gy_event_property_name(const struct gy_schema *schema, uint32_t property);
enum gy_value_type gy_event_property_type(const struct gy_schema *schema, uint32_t property);

/* Whether the schema's data has the derived event. */
bool gy_has_visits(const struct gy_schema *schema);

/* ---- streams of a plan ---- */

/* All zero: none. Its arrays are malloc'ed. */
struct gy_derived_streams {
    int64_t *instants_ms;
    uint32_t n;
    uint32_t capacity;
};

void gy_derived_streams_release(struct gy_derived_streams *streams);

/* The stream of an event as of an instant: a derived one's own, else the event itself. */
uint32_t gy_derived_stream(struct gy_derived_streams *streams, uint32_t event, int64_t now_ms);

#endif
