/* instant_index.c - slots over the span of the bounds. */
#include "engine/instant_index.h"

void gy_instant_index_init(struct gy_instant_index *index, const int64_t *bounds, uint32_t n,
                           struct gy_arena *arena)
{
    *index = (struct gy_instant_index){.bounds = bounds, .n = n};
    while (index->n_before_all < n && bounds[index->n_before_all] == INT64_MIN)
        index->n_before_all++;
    if (index->n_before_all == n)
        return;
    uint64_t origin = (uint64_t)bounds[index->n_before_all];
    uint64_t span = (uint64_t)bounds[n - 1] - origin;
    while (span >> index->shift >= GY_INSTANT_SLOTS)
        index->shift++;
    index->last_slot = span >> index->shift;
    uint32_t *slots = GY_NEW_ARRAY(arena, uint32_t, index->last_slot + 1);
    uint32_t at = index->n_before_all;
    for (uint64_t slot = 0; slot <= index->last_slot; slot++) {
        uint64_t offset = slot << index->shift;
        while (at < n && (uint64_t)bounds[at] - origin <= offset)
            at++;
        slots[slot] = at;
    }
    index->slots = slots;
}

bool gy_instants_ascend(const int64_t *times_ms, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++) {
        if (times_ms[i] < times_ms[i - 1])
            return false;
    }
    return true;
}
