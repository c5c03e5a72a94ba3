/* local_clock.h - the local hour and day of very many instants.
 *
 * A zone's offset is asked once for each day in UTC; only on days on which the clocks change is it
 * asked for each instant. All zero is ready; one owner.
 */
#ifndef GY_ENGINE_LOCAL_CLOCK_H
#define GY_ENGINE_LOCAL_CLOCK_H

#include "base/zone.h"
#include "store/part.h"

/* All days that 32 bits of seconds can say. */
enum {
    GY_CLOCK_DAYS = 49711
};

struct gy_local_clock {
    const struct gy_zone *zone;
    int32_t *
        offsets_s; /* by day: local minus UTC, or one of the two marks below; NULL: not yet asked */
};

void gy_local_clock_init(struct gy_local_clock *clock, const struct gy_zone *zone);
void gy_local_clock_release(struct gy_local_clock *clock);

/* Fills in a day's offset; GY_CLOCK_VARIES where the clocks change on it. */
int32_t gy_local_clock_ask(struct gy_local_clock *clock, int64_t day);

#define GY_CLOCK_UNKNOWN 0x7fffffff
#define GY_CLOCK_VARIES  0x7ffffffe

/* The same of any instant, asked of the zone; rounded down. */
int64_t gy_local_clock_old_seconds(struct gy_local_clock *clock, int64_t time_ms);

/* Seconds since 1970 of the local clock at a row's time, which is not GY_CODE_ALWAYS. */
static inline int64_t gy_local_clock_seconds(struct gy_local_clock *clock,
                                             const struct gy_times *times, uint32_t row)
{
    int64_t seconds = (int64_t)times->codes[row] - GY_CODE_1970;
    if (seconds < 0)
        return gy_local_clock_old_seconds(clock, gy_times_ms(times, row));
    int32_t offset_s = clock->offsets_s[seconds / 86400];
    if (offset_s == GY_CLOCK_UNKNOWN)
        offset_s = gy_local_clock_ask(clock, seconds / 86400);
    if (offset_s == GY_CLOCK_VARIES)
        offset_s = (int32_t)(gy_zone_offset_ms(clock->zone, seconds * 1000) / 1000);
    return seconds + offset_s;
}

/* The day number of local seconds (negative ones too). */
static inline int64_t gy_local_day(int64_t local_s)
{
    const int64_t shift = 800000; /* days: all that codes can say are then positive */
    return (local_s + shift * 86400) / 86400 - shift;
}

#endif
