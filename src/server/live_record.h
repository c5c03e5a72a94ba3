/* live_record.h - what a look found is recorded in one transaction, and from then on known. */
#ifndef GY_SERVER_LIVE_RECORD_H
#define GY_SERVER_LIVE_RECORD_H

#include "server/live_look.h"
#include "server/write_queue.h"

/* Waits for the writing thread. `*is_recorded`: something was, be it only that segments were looked at. CONFLICT and
 * NOT_FOUND: somebody else has changed segments; nothing is recorded, and the set is to be loaded again. */
GY_CHECKED enum gy_status gy_look_record(struct gy_look *look, struct gy_write_queue *queue,
                                         bool *is_recorded, struct gy_error *err);

#endif
