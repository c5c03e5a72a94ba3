/* segment_json.h - segments as JSON: all of them, one with its versions, one version. */
#ifndef GY_WORKSPACE_SEGMENT_JSON_H
#define GY_WORKSPACE_SEGMENT_JSON_H

#include "workspace/condition_diff.h"
#include "workspace/segment_state.h"

/* Each puts one object. */
void gy_segments_json(const struct gy_ask *ask, const struct gy_segment_state *states,
                      uint64_t n_everyone, struct gy_json_writer *w);
void gy_segment_json(const struct gy_segment_info *segment, const struct gy_segment_state *state,
                     const struct gy_segment_versions *versions, struct gy_json_writer *w);
/* With what its definition has otherwise than that of the version before it. */
void gy_segment_version_json(const struct gy_segment_info *segment,
                             const struct gy_segment_state *state,
                             const struct gy_segment_version *version,
                             const struct gy_condition_diff *diff, struct gy_json_writer *w);

#endif
