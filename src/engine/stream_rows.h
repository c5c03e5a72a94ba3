/* stream_rows.h - how much there is of an event or a trait. */
#ifndef GY_ENGINE_STREAM_ROWS_H
#define GY_ENGINE_STREAM_ROWS_H

#include "base/status.h"
#include "store/snapshot.h"

/* The rows of a stream (schema.h) with a time up to `now_ms`: events, items of events, or values that a
 * trait was set to. What has always been there counts. */
GY_CHECKED enum gy_status gy_stream_rows(const struct gy_snapshot *snapshot, uint32_t stream,
                                         int64_t now_ms, uint64_t *out, struct gy_error *err);

#endif
