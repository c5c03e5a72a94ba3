/* webhook_pump.h - the thread that tells webhooks of recorded changes.
 *
 *     recorded changes ──> a line for each webhook ──> many requests at once ──> what was told is stored
 *                          (webhook_line.h)            (webhook_sender.h)        every half second
 *
 * At least once: what was sent and not yet stored as told is sent again after a crash, with the same id. The queue of
 * what is to be told are the recorded changes themselves; only a bounded piece of it is in memory.
 */
#ifndef GY_SERVER_WEBHOOK_PUMP_H
#define GY_SERVER_WEBHOOK_PUMP_H

#include "server/held_snapshot.h"
#include "server/write_queue.h"

struct gy_webhook_pump;

struct gy_webhook_pump_options {
    const char *dir;
    struct gy_write_queue *queue;
    bool only_public; /* webhook_sender.h */
};

/* Starts the thread. Owned by the caller (gy_webhook_pump_free). */
GY_CHECKED enum gy_status gy_webhook_pump_start(const struct gy_webhook_pump_options *options,
                                                struct gy_webhook_pump **out, struct gy_error *err);

/* Ends the thread: what is on its way is given a moment, then it is stored what was told. The queue must still run. NULL is
 * allowed. */
void gy_webhook_pump_end(struct gy_webhook_pump *pump);

/* After it was ended, and once nobody tells it anything any more. NULL is allowed. */
void gy_webhook_pump_free(struct gy_webhook_pump *pump);

/* Any thread. Something was recorded, which `snapshot` knows; it is held. NULL for `pump` is allowed. */
void gy_webhook_pump_recorded(struct gy_webhook_pump *pump, struct gy_held_snapshot *snapshot);

/* Any thread: webhooks may have come, gone or be replayed. NULL is allowed. */
void gy_webhook_pump_changed(struct gy_webhook_pump *pump);

#endif
