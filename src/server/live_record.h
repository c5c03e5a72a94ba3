/* live_record.h - what a look found is recorded in one transaction, and from then on known. */
#ifndef GY_SERVER_LIVE_RECORD_H
#define GY_SERVER_LIVE_RECORD_H

#include "server/live_look.h"
#include "server/write_queue.h"

/* Waits for the writing thread. `*n` are the changes: customers who came or went. CONFLICT and NOT_FOUND: somebody else has
 * changed segments; nothing is recorded, and the set is to be loaded again. */
GY_CHECKED enum gy_status gy_look_record(struct gy_look *look, struct gy_write_queue *queue,
                                         size_t *n, struct gy_error *err);

#endif
