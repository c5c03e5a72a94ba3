/* attributes.h - what a segment carries beside its definition: a title, a purpose, who acts on it.
 *
 * Kept with the segment as one JSON object:
 *
 *   title     what people call it        tags         a list of texts
 *   purpose   why it is there            refresh      when it is looked at (schedule.h)
 *   action    what is done with it       valid_from   a time in the workspace's zone, or a date
 *   owner     who does it                valid_until  likewise (validity.h)
 *   priority  a whole number, 1 comes first
 *
 * The first three are a text, or one for each language: {"en": "At risk", "ko": "이탈 위험"}.
 */
#ifndef GY_WORKSPACE_ATTRIBUTES_H
#define GY_WORKSPACE_ATTRIBUTES_H

#include <jansson.h>

#include "base/buf.h"
#include "base/status.h"
#include "base/str.h"

/* The names above, for "did you mean". */
extern const char *const gy_attribute_names[];
enum {
    GY_N_ATTRIBUTES = 9
};

/* The object in `json` (a segment's), or an empty one. Owned by the caller (json_decref). */
json_t *gy_attributes_of(struct gy_str json);

/* Sets an attribute, which must be of the form above; takes `value`. INVALID if it is not. */
GY_CHECKED enum gy_status gy_attributes_set(json_t *attributes, const char *name, json_t *value,
                                            struct gy_error *err);

/* As a command line says it: `priority` as digits, `tags` separated by commas. NULL: not said; an empty
 * text takes the attribute away. */
GY_CHECKED enum gy_status gy_attributes_set_text(json_t *attributes, const char *name,
                                                 const char *value, struct gy_error *err);

void gy_attributes_text(const json_t *attributes, struct gy_buf *out); /* as JSON, keys sorted */

/* A text in a language ("en", "ko"), else in another, else "". A view. */
struct gy_str gy_attributes_string(const json_t *attributes, const char *name,
                                   const char *language);

#endif
