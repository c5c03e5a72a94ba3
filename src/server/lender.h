/* lender.h - lends the writer to other commands: `gyeol segment add` while the server runs.
 *
 * A thread waits at the directory's socket (store/lease.h), for one command at a time. Meanwhile what is sent to the
 * collector waits in the queue; a command that takes long makes senders come again later (429).
 */
#ifndef GY_SERVER_LENDER_H
#define GY_SERVER_LENDER_H

#include "server/write_queue.h"

struct gy_lender;

/* Owned by the caller (gy_lender_stop). `dir` and `queue` are borrowed until then. */
GY_CHECKED enum gy_status gy_lender_start(const char *dir, struct gy_write_queue *queue,
                                          struct gy_lender **out, struct gy_error *err);

/* Does not wait for a command that has the writer. */
void gy_lender_stop(struct gy_lender *lender);

#endif
