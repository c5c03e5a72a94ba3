/* history_turns.c - days_since falls as the event's time rises, so its bound is found by halving. */
#include "engine/history_turns.h"

#include "base/zone.h"
#include "store/part.h"

static bool is_so_old(int64_t time_ms, int64_t now_ms, double days, bool is_strict)
{
    double since = (double)(now_ms - time_ms) / (double)GY_DAY_MS;
    return is_strict ? since > days : since >= days;
}

/* The first time, from the earliest to behind the last up to now, that is not so old yet. */
static int64_t first_younger(int64_t now_ms, double days, bool is_strict)
{
    int64_t low = GY_TIME_MIN_MS;
    int64_t high = now_ms < low ? low : now_ms + 1;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (is_so_old(middle, now_ms, days, is_strict))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void gy_days_turn(struct gy_instant_index *out, double days, bool is_strict, const int64_t *nows_ms,
                  uint32_t n, struct gy_arena *arena)
{
    int64_t *bounds = GY_NEW_ARRAY(arena, int64_t, n);
    for (uint32_t i = 0; i < n; i++)
        bounds[i] = first_younger(nows_ms[i], days, is_strict);
    gy_instant_index_init(out, bounds, n, arena);
}
