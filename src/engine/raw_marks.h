/* raw_marks.h - which raw values of a column lie in a few ranges, as a bit each.
 *
 * What asks for single strings, numbers or times asks a column for few ranges of raw values: codes are in
 * the order of strings, raw numbers in that of numbers, time codes in that of time. Thirty-two bytes of
 * the column are compared at once.
 */
#ifndef GY_ENGINE_RAW_MARKS_H
#define GY_ENGINE_RAW_MARKS_H

#include <stdint.h>

enum {
    GY_RAW_RANGES = 4
};

/* From `low` to `high`, both in it. */
struct gy_raw_range {
    uint32_t low;
    uint32_t high;
};

/* Raw values of 1, 2 or 4 bytes; up to 32 bytes behind the last one may be read. */
struct gy_raws {
    const void *values;
    unsigned width;
};

/* Bit i of `marks`: whether value `first` + i lies in one of the ranges, for i < n; 0 behind that, in
 * n / 64 + 1 words. */
void gy_mark_raws(struct gy_raws raws, uint32_t first, uint32_t n,
                  const struct gy_raw_range *ranges, uint32_t n_ranges, uint64_t *marks);

/* The same in plain C, for tests. */
void gy_mark_raws_plain(struct gy_raws raws, uint32_t first, uint32_t n,
                        const struct gy_raw_range *ranges, uint32_t n_ranges, uint64_t *marks);

#endif
