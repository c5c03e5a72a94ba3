/* collector.h - the Segment HTTP tracking API: calls come in, are committed, and only then acknowledged.
 *
 * What is answered, and when (docs/operations.md has the whole table):
 *   200  every call that was not rejected is on disk; {"success":true} and, of a batch, how many calls were rejected, and
 *        which and why, of the first hundred
 *   400  the body is no JSON, or the one call in it cannot be taken
 *   401  no key, or one that is not known
 *   413  too large
 *   429, 503  come again: senders do, with everything
 * One bad call of a batch is no 400: senders throw away the whole batch then.
 */
#ifndef GY_SERVER_COLLECTOR_H
#define GY_SERVER_COLLECTOR_H

#include "server/http.h"
#include "server/write_queue.h"

struct gy_collector;

/* Reads the keys and settings. Borrows `dir` and `queue`. Owned by the caller (gy_collector_free), after the last
 * exchange. */
GY_CHECKED enum gy_status gy_collector_new(const char *dir, struct gy_collector **out,
                                           struct gy_error *err);
void gy_collector_free(struct gy_collector *collector);

/* Before the first exchange. */
void gy_collector_use(struct gy_collector *collector, struct gy_write_queue *queue);

/* Reads the keys again. What goes wrong is logged, and until it works no key is taken (503): a key that was removed
 * must not go on working, and senders keep what they have. */
void gy_collector_reload(struct gy_collector *collector);
size_t gy_collector_n_keys(struct gy_collector *collector);

/* Handlers. The kind of the route is GY_COLLECT_BATCH or an enum gy_call_type. */
enum {
    GY_COLLECT_BATCH = -1
};
void gy_collector_take(struct gy_collector *collector, struct gy_exchange *x);

/* Before the body is there: answers where the header or the query has a key that is not known. Where neither has
 * any, it stands in the body. */
void gy_collector_admit(struct gy_collector *collector, struct gy_exchange *x);
void gy_collector_preflight(struct gy_exchange *x);
/* What the libraries for browsers ask first: Segment's, and RudderStack's. */
void gy_collector_settings(struct gy_collector *collector, struct gy_exchange *x);
void gy_collector_source_config(struct gy_collector *collector, struct gy_exchange *x);

#endif
