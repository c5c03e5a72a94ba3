/* webhook_body.h - one change of one customer, as a receiver gets it.
 *
 *     {"id": "41-0-19d3a7c2f10", "type": "segment.entered", "segment": "buyers", "version": 2, "change": "entered",
 *      "customer": {"id": "c01", "is_identified": true}, "at": "2025-01-02T03:04:05.678Z",
 *      "cause": {"type": "event", "event": "Order Completed"}}
 */
#ifndef GY_SERVER_WEBHOOK_BODY_H
#define GY_SERVER_WEBHOOK_BODY_H

#include "base/buf.h"
#include "store/json_writer.h"
#include "store/webhooks.h"

/* The id of a delivery: the same whenever and to whomever it is sent. The instant is in it, so that a data directory that
 * was restored from a backup does not give an id to another change. */
void gy_webhook_id(const struct gy_recorded_change *change, uint64_t place, struct gy_buf *out);

struct gy_webhook_customer {
    struct gy_str id;
    bool is_identified;
};
void gy_webhook_body(const struct gy_recorded_change *change, struct gy_str id, bool entered,
                     const struct gy_webhook_customer *customer, struct gy_buf *out);

/* What `gyeol webhook test` sends: of type "test". */
void gy_webhook_test_body(struct gy_str webhook, int64_t now_ms, struct gy_buf *id,
                          struct gy_buf *out);

/* Webhooks as an array, without their secrets. */
void gy_webhooks_json(const struct gy_webhooks *webhooks, struct gy_json_writer *out);

#endif
