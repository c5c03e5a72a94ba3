/* history_turns.h - when an event comes to be a number of days old. */
#ifndef GY_ENGINE_HISTORY_TURNS_H
#define GY_ENGINE_HISTORY_TURNS_H

#include <stdbool.h>

#include "engine/instant_index.h"

/* Indexes by an event's time the first of `n` ascending instants at which days_since is at least
 * `days`, or more than that where `is_strict`: exactly as DAYS_SINCE rounds. */
void gy_days_turn(struct gy_instant_index *out, double days, bool is_strict, const int64_t *nows_ms,
                  uint32_t n, struct gy_arena *arena);

#endif
