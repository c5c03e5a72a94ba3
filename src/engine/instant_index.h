/* instant_index.h - which of many instants come after a time.
 *
 * An index over bounds b0 ≤ b1 ≤ …: for a time t it finds the first bound that is later than t. Windows
 * of one definition as of many instants begin and end at such bounds, so a row's place among them says
 * at which instants it is in the window. Bounds are spread over a few thousand equal slots, so finding
 * takes one look-up and seldom more than one step.
 */
#ifndef GY_ENGINE_INSTANT_INDEX_H
#define GY_ENGINE_INSTANT_INDEX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

enum {
    GY_INSTANT_SLOTS = 4096
};

/* Immutable. Bounds of INT64_MIN, before all times, may come first. */
struct gy_instant_index {
    const int64_t *bounds; /* borrowed */
    uint32_t n;
    uint32_t n_before_all; /* so many bounds are INT64_MIN */
    int shift;             /* a slot is 2^shift ms */
    uint64_t last_slot;
    const uint32_t *slots; /* of each the first bound later than its first instant */
};

/* `bounds` ascend, and live as long as the index; `slots` is allocated in `arena`. */
void gy_instant_index_init(struct gy_instant_index *index, const int64_t *bounds, uint32_t n,
                           struct gy_arena *arena);

bool gy_instants_ascend(const int64_t *times_ms, uint32_t n);

/* The first i for which time_ms < bounds[i]; n where there is none. */
static inline uint32_t gy_instant_index_find(const struct gy_instant_index *index, int64_t time_ms)
{
    uint32_t i = index->n_before_all;
    if (i == index->n || time_ms < index->bounds[i])
        return i;
    uint64_t slot = ((uint64_t)time_ms - (uint64_t)index->bounds[i]) >> index->shift;
    if (slot > index->last_slot)
        return index->n;
    i = index->slots[slot];
    while (i < index->n && time_ms >= index->bounds[i])
        i++;
    return i;
}

#endif
