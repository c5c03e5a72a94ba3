/* attributes.h - what a segment carries beside its definition: a title, a purpose, who acts on it.
 *
 * Kept with the segment as one JSON object:
 *
 *   title     what people call it        priority  a whole number, 1 comes first
 *   purpose   why it is there            tags      a list of texts
 *   action    what is done with it       refresh   live, hourly, daily or weekly
 *   owner     who does it
 *
 * The first three are a text, or one for each language: {"en": "At risk", "ko": "이탈 위험"}.
 */
#ifndef GY_CLI_ATTRIBUTES_H
#define GY_CLI_ATTRIBUTES_H

#include <jansson.h>

#include "base/buf.h"
#include "base/status.h"
#include "base/str.h"

/* The names above, for "did you mean". */
extern const char *const gy_attribute_names[];
enum {
    GY_N_ATTRIBUTES = 7
};

/* The object in `json` (a segment's), or an empty one. Owned by the caller (json_decref). */
json_t *gy_attributes_of(struct gy_str json);

/* Sets an attribute, which must be of the form above; takes `value`. INVALID if it is not. */
GY_CHECKED enum gy_status gy_attributes_set(json_t *attributes, const char *name, json_t *value,
                                            struct gy_error *err);

/* As a command line says it: `priority` as digits, `tags` separated by commas. NULL: not said. */
GY_CHECKED enum gy_status gy_attributes_set_text(json_t *attributes, const char *name,
                                                 const char *value, struct gy_error *err);

void gy_attributes_text(const json_t *attributes, struct gy_buf *out); /* as JSON, keys sorted */

/* A text in a language ("en", "ko"), else in another, else "". A view. */
struct gy_str gy_attributes_string(const json_t *attributes, const char *name,
                                   const char *language);

#endif
