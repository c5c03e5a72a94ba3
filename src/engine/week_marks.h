/* week_marks.h - filters that ask for weekday and hour alone.
 *
 * What they say repeats with the local week, so 168 bits say it for good: one for each hour. A row's hour is
 * worked out from its time code, with the few changes of the zone's offset that its slice spans:
 *
 *   code ──+ offset──> seconds since a Monday ──mod 604,800──> of the week ──/ 3,600──> hour ──> bit
 *
 * All of that is whole numbers of 32 bits and less, so AVX2 does eight rows at once.
 */
#ifndef GY_ENGINE_WEEK_MARKS_H
#define GY_ENGINE_WEEK_MARKS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/zone.h"

enum {
    GY_WEEK_HOURS = 168,
    GY_WEEK_CHANGES = 16 /* more of them cost more than looking times up */
};

struct gy_week_marks {
    uint32_t hours[8]; /* bit 31 - i of word w: the hour 32 w + i, from Monday's first on */
    uint32_t shift;    /* from a code to seconds since a Monday, before the first change */
    uint32_t n_changes;
    uint32_t changes[GY_WEEK_CHANGES]; /* from this code on … */
    uint32_t deltas[GY_WEEK_CHANGES];  /* … the local clock is so much later; both modulo 2^32 */
};

/* For times of codes from `min_code`, of 1970 or later, to `max_code`; `passes` says which hours of the week
 * do. False where the zone's offset changes too often, or by parts of a second. */
bool gy_week_marks_make(const bool passes[GY_WEEK_HOURS], const struct gy_zone *zone,
                        uint32_t min_code, uint32_t max_code, struct gy_week_marks *out);

/* Bit i of `marks`: whether codes[i] lies in such an hour, for i < n; 0 behind that, in n / 64 + 1 words. Up
 * to 32 bytes behind the last code may be read. */
void gy_week_marks_run(const struct gy_week_marks *week, const uint32_t *codes, uint32_t n,
                       uint64_t *marks);

/* The same in plain C, for tests. */
void gy_week_marks_run_plain(const struct gy_week_marks *week, const uint32_t *codes, uint32_t n,
                             uint64_t *marks);

#endif
