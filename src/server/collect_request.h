/* collect_request.h - the body of a tracking request as calls.
 *
 *   {"batch": [{"type": "track", …}, …], "sentAt": "2025-01-02T03:04:05Z", "writeKey": "…"}
 *   {"userId": "c01", "event": "Visit", "writeKey": "…", …}             sent to the path of its type
 *
 * A batch is cut into its calls first and each is read by itself, so that one which is damaged, too long or no
 * call at all is rejected alone. A body that is no JSON object, or a batch without an array, is refused whole.
 *
 * Calls are copies; their texts are views of the body.
 */
#ifndef GY_SERVER_COLLECT_REQUEST_H
#define GY_SERVER_COLLECT_REQUEST_H

#include "base/arena.h"
#include "base/status.h"
#include "base/zone.h"
#include "ingest/segment_spec.h"

enum {
    GY_COLLECT_BODY_MAX = 500 << 10,
    GY_COLLECT_CALL_MAX = 32 << 10,
    GY_COLLECT_CALLS_MAX = 10000 /* in a batch */
};

struct gy_rejected {
    uint32_t index; /* of the call in its batch; 0 for one that came alone */
    struct gy_str call;
    struct gy_str reason;
};

/* All zero is ready to be read into. */
struct gy_collected {
    struct gy_arena arena;
    struct gy_call *calls;
    struct gy_str *texts;
    uint32_t *indexes; /* in the batch */
    uint32_t n_calls;
    struct gy_rejected *rejected; /* ascending by index */
    uint32_t n_rejected;
    bool is_batch;
};

/* How the request came. */
struct gy_collect_source {
    bool is_batch;
    enum gy_call_type type; /* of one that is no batch */
    int64_t received_ms;
    const struct gy_zone *zone; /* of times without an offset */
};

/* The write key in a body; empty: there is none. A view of `body`. */
struct gy_str gy_collect_write_key(struct gy_str body);

/* Reads the calls. INVALID and LIMIT: the body is refused whole. Released by gy_collected_release, also then. */
GY_CHECKED enum gy_status gy_collect_read(struct gy_spec_parser *parser, struct gy_str body,
                                          const struct gy_collect_source *source,
                                          struct gy_collected *out, struct gy_error *err);
void gy_collected_release(struct gy_collected *collected);

/* One more that cannot be taken, for a reason that showed later. */
void gy_collected_reject(struct gy_collected *collected, uint32_t index, struct gy_str call,
                         const struct gy_error *why);

#endif
