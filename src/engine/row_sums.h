/* row_sums.h - what chosen rows add up to before each row, in 32 bits.
 *
 * The sum of any neighbouring rows is the difference of two of these, as long as it is below 2^32: they may
 * wrap around. Rows that are not chosen add nothing, so a window needs no look at where it cuts runs; and
 * with AVX2 eight rows are added up at once.
 */
#ifndef GY_ENGINE_ROW_SUMS_H
#define GY_ENGINE_ROW_SUMS_H

#include <stdint.h>

enum {
    GY_ROW_SUMS_SLACK = 8 /* that many are written at once */
};

/* What each row adds: `base`, and the raw value of 1, 2 or 4 bytes where `width` is not 0. Up to 32 bytes behind
 * the last value, code or bit may be read. */
struct gy_row_addends {
    const void *raws;
    unsigned width;
    uint32_t base;
    const uint64_t *present; /* a bit a row: those that add something; NULL: all */
    const uint32_t
        *codes;   /* a row with a code less than `low`, or above low + `span`, adds nothing; */
    uint32_t low; /* NULL: all do */
    uint32_t span;
};

/* before[i]: the sum of rows [first, first + i) modulo 2^32, for i ≤ n; room for n + GY_ROW_SUMS_SLACK. */
void gy_row_sums(const struct gy_row_addends *addends, uint32_t first, uint32_t n,
                 uint32_t *before);

/* The same in plain C, for tests. */
void gy_row_sums_plain(const struct gy_row_addends *addends, uint32_t first, uint32_t n,
                       uint32_t *before);

#endif
