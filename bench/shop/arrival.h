/* arrival.h - events in, customer by customer; events out, in the order of arrival.
 *
 * Each event goes to the bucket of its arrival, a file for so many hours; then one bucket after the
 * other is read, sorted and handed out. So memory is that of one bucket, whatever the size, and every
 * byte is written and read once.
 */
#ifndef GY_BENCH_ARRIVAL_H
#define GY_BENCH_ARRIVAL_H

#include "base/status.h"
#include "shop_event.h"

struct arrival;

/* For about `n_events` events; its files are in `dir`, and gone after arrival_close. `*out` is owned by
 * the caller (arrival_close). */
GY_CHECKED enum gy_status arrival_open(const char *dir, uint64_t n_events, struct arrival **out,
                                       struct gy_error *err);
void arrival_close(struct arrival *a);

GY_CHECKED enum gy_status arrival_add(struct arrival *a, const struct shop_event *event,
                                      struct gy_error *err);

/* The next bucket's events, by arrival, then customer, then time. A view, valid until the next call; n
 * is 0 after the last. Nothing is added any more after the first call. */
GY_CHECKED enum gy_status arrival_next(struct arrival *a, const struct shop_event *const **events,
                                       size_t *n, struct gy_error *err);

#endif
