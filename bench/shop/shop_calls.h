/* shop_calls.h - the shop's customers and events as calls of the Segment spec, a line of JSON each. */
#ifndef GY_BENCH_SHOP_CALLS_H
#define GY_BENCH_SHOP_CALLS_H

#include "shopper.h"

/* `message` is the call's number of arrival, from 1 on; 0: the call has no messageId. */
void shop_call_identify(struct gy_buf *out, const struct shopper *s, uint64_t message);
void shop_call_track(struct gy_buf *out, const struct catalogue *catalogue,
                     const struct shop_event *e, uint64_t message);

#endif
