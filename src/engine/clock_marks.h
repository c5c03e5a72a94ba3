/* clock_marks.h - when a filter that asks nothing but the clock holds.
 *
 * `where weekday() >= 6 and hour() between 18 and 23` repeats with the local week (week_marks.h). Filters that
 * ask for days or months too say the same of all times of a quarter of an hour, for zones whose clocks are
 * whole quarters from UTC. So that is worked out for each quarter of the time that a slice spans, and rows look
 * their quarter up; where it holds for a few stretches of time, as `month() = 12` does, codes are
 * compared with their ends.
 */
#ifndef GY_ENGINE_CLOCK_MARKS_H
#define GY_ENGINE_CLOCK_MARKS_H

#include "base/arena.h"
#include "base/zone.h"
#include "engine/filter.h"
#include "engine/raw_marks.h"
#include "engine/week_marks.h"

struct gy_clock_marks {
    bool has_week; /* it is `week` that tells, else … */
    struct gy_week_marks week;
    struct gy_raw_range ranges[GY_RAW_RANGES]; /* … of time codes, */
    uint32_t n_ranges;
    const uint64_t *quarters; /* or, where this is not NULL, a bit for each quarter … */
    uint32_t first_code;      /* … from this code on */
};

/* Times of codes from `min_code` to `max_code`. False where the filter asks something else, or where
 * quarters do not tell. What `out` refers to is allocated in `arena`. */
bool gy_clock_marks_make(const struct gy_filter *filter, const struct gy_zone *zone,
                         uint32_t min_code, uint32_t max_code, struct gy_arena *arena,
                         struct gy_clock_marks *out);

/* Bit i of `marks`: whether it holds at codes[i], for i < n; 0 behind that, in n / 64 + 1 words. */
void gy_clock_marks_run(const struct gy_clock_marks *clock, const uint32_t *codes, uint32_t n,
                        uint64_t *marks);

#endif
