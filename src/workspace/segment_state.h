/* segment_state.h - a stored segment as of the ask's instant: whether it is open, and how large it is. */
#ifndef GY_WORKSPACE_SEGMENT_STATE_H
#define GY_WORKSPACE_SEGMENT_STATE_H

#include "store/json_writer.h"
#include "workspace/ask.h"

struct gy_segment_state {
    enum gy_validity validity;
    int64_t at_ms; /* the instant as of which it is seen: a closed one as of its end */
    uint64_t size; /* customers */
};

/* Of segment `i`, by the definition `text` (its own, or that of a version). */
GY_CHECKED enum gy_status gy_segment_state(struct gy_ask *ask, uint32_t i, struct gy_str text,
                                           struct gy_segment_state *out, struct gy_error *err);

/* Of all segments, by their own definitions and in one pass: `out` has room for them. */
GY_CHECKED enum gy_status gy_segment_states(struct gy_ask *ask, struct gy_segment_state *out,
                                            struct gy_error *err);

/* The keys that `segment list` and `segment show` have in common, into an object that is open. */
void gy_segment_state_json(const struct gy_segment_info *segment,
                           const struct gy_segment_state *state, struct gy_json_writer *w);

/* When it was last refreshed, as a local time; "-" where it never was. */
void gy_put_refreshed(const struct gy_segment_info *segment, const struct gy_zone *zone,
                      char out[GY_TIME_TEXT]);

#endif
