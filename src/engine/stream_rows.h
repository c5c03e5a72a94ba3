/* stream_rows.h - how much there is of an event or a trait. */
#ifndef GY_ENGINE_STREAM_ROWS_H
#define GY_ENGINE_STREAM_ROWS_H

#include "base/status.h"
#include "store/snapshot.h"

/* The rows of a stream (schema.h) with a time up to `now_ms`: events, items of events, or values that a
 * trait was set to. What has always been there counts. */
GY_CHECKED enum gy_status gy_stream_rows(const struct gy_snapshot *snapshot, uint32_t stream,
                                         int64_t now_ms, uint64_t *out, struct gy_error *err);

/* What is stored under one name, whatever its time. */
struct gy_stored_values {
    uint64_t n_values;  /* that read as the name's type */
    uint64_t n_misfits; /* that do not: kept as they came, and counted as missing */
    struct gy_str
        first_misfit; /* JSON; empty where none is; view, valid until the snapshot is closed */
};

/* Of a property of an event's stream, or of a trait's stream with GY_PROPERTY_VALUE. Fails with CORRUPT. */
GY_CHECKED enum gy_status gy_stream_values(const struct gy_snapshot *snapshot, uint32_t stream,
                                           uint32_t property, struct gy_stored_values *out,
                                           struct gy_error *err);

#endif
