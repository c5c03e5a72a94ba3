/* api_definition.h - the definition that a request is about: in its body, or the segment that its path names. */
#ifndef GY_SERVER_API_DEFINITION_H
#define GY_SERVER_API_DEFINITION_H

#include "server/api.h"

/* What a handler does with a checked definition. */
typedef enum gy_status (*gy_api_defined_fn)(struct gy_api_call *call, struct gy_ask *ask,
                                            const struct gy_expr *expr, struct gy_error *err);

/* The body has "definition", a text (with "allow_unknown", names that were never seen are let through), or "segment", the
 * name of one. */
GY_CHECKED enum gy_status gy_api_with_definition(struct gy_api_call *call, gy_api_defined_fn run,
                                                 struct gy_error *err);

/* The path's first piece is the name of a segment. */
GY_CHECKED enum gy_status gy_api_with_segment(struct gy_api_call *call, gy_api_defined_fn run,
                                              struct gy_error *err);

#endif
