/* throttle.h - how often something may be tried in vain: logging in as a user, or from an address.
 *
 * The first tries are free; after each further one the next has to wait, 1, 2, 4, … seconds, at most 15 minutes.
 * A success forgets it, and so does an hour without a try. A try counts before it is known how it ends, so that many at
 * once are no way around it.
 *
 * Held in memory, at most 4,096 of them: of more, those that tried last. Any thread.
 */
#ifndef GY_SERVER_THROTTLE_H
#define GY_SERVER_THROTTLE_H

#include <stdint.h>

#include "base/str.h"

struct gy_throttle;

/* Owned by the caller (gy_throttle_free). */
struct gy_throttle *gy_throttle_new(unsigned n_free);
void gy_throttle_free(struct gy_throttle *throttle);

/* 0: it may be tried, and now counts as tried; else the milliseconds to wait. */
int64_t gy_throttle_try(struct gy_throttle *throttle, struct gy_str who, int64_t now_ms);

/* The try worked: all of them are forgotten, or only it does not count. */
void gy_throttle_forget(struct gy_throttle *throttle, struct gy_str who);
void gy_throttle_undo(struct gy_throttle *throttle, struct gy_str who);

#endif
