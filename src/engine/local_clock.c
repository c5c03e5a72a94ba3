/* local_clock.c - offsets by day. */
#include "engine/local_clock.h"

#include <stdlib.h>

#include "base/mem.h"

void gy_local_clock_init(struct gy_local_clock *clock, const struct gy_zone *zone)
{
    clock->zone = zone;
    clock->offsets_s = gy_alloc(GY_CLOCK_DAYS * sizeof *clock->offsets_s);
    for (int day = 0; day < GY_CLOCK_DAYS; day++)
        clock->offsets_s[day] = GY_CLOCK_UNKNOWN;
}

void gy_local_clock_release(struct gy_local_clock *clock)
{
    free(clock->offsets_s);
    *clock = (struct gy_local_clock){0};
}

int32_t gy_local_clock_ask(struct gy_local_clock *clock, int64_t day)
{
    int64_t start_ms = day * GY_DAY_MS;
    int64_t offset_ms = gy_zone_offset_ms(clock->zone, start_ms);
    bool varies = offset_ms % 1000 != 0;
    for (int hour = 1; hour <= 24; hour++)
        varies |= gy_zone_offset_ms(clock->zone, start_ms + hour * GY_HOUR_MS) != offset_ms;
    clock->offsets_s[day] = varies ? GY_CLOCK_VARIES : (int32_t)(offset_ms / 1000);
    return clock->offsets_s[day];
}

int64_t gy_local_clock_old_seconds(struct gy_local_clock *clock, int64_t time_ms)
{
    int64_t local_ms = time_ms + gy_zone_offset_ms(clock->zone, time_ms);
    return local_ms < 0 ? -((-local_ms + 999) / 1000) : local_ms / 1000;
}
