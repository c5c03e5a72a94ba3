/* validity.h - from when until when a segment is valid.
 *
 *        planned         │           open            │  closed
 *   ─────────────────────┼───────────────────────────┼──────────────▶ now
 *                   valid_from                  valid_until
 *
 * A closed segment keeps its last audience: whoever asks for it by name gets it as of `valid_until`, and
 * it is not refreshed any more. Where a definition names it, in segment(x), nothing is special about it.
 * The two are attributes of the segment (attributes.h), each a time in the workspace's zone; a bare date
 * is its midnight. Both instants belong to the span.
 */
#ifndef GY_WORKSPACE_VALIDITY_H
#define GY_WORKSPACE_VALIDITY_H

#include "base/status.h"
#include "base/str.h"
#include "base/zone.h"

enum gy_validity {
    GY_PLANNED,
    GY_OPEN,
    GY_CLOSED
};

struct gy_span {
    int64_t from_ms;  /* INT64_MIN: always */
    int64_t until_ms; /* INT64_MAX: for good */
};

/* The span in a segment's attributes, one JSON object; what is no time there is as if it were not. */
struct gy_span gy_span_of(struct gy_str attributes, const struct gy_zone *zone);

/* INVALID for a span that ends before it begins. */
GY_CHECKED enum gy_status gy_span_check(const struct gy_span *span, struct gy_error *err);

enum gy_validity gy_span_validity(const struct gy_span *span, int64_t now_ms);
const char *gy_validity_word(enum gy_validity validity); /* "planned", "open", "closed" */

/* The instant as of which who asks at `now_ms` sees it. */
int64_t gy_span_instant(const struct gy_span *span, int64_t now_ms);

#endif
