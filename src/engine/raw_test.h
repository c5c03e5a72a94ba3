/* raw_test.h - which rows of a column have a raw value that passes, by words of 64 rows.
 *
 * Raw numbers and times are in the order of what they stand for, so a comparison with constants is a range
 * of them. Codes of strings are looked up in a table, which in AVX2 is two tables of 16: the bits of a byte
 * say which upper halves of a code pass with a lower half.
 */
#ifndef GY_ENGINE_RAW_TEST_H
#define GY_ENGINE_RAW_TEST_H

#include "engine/number_test.h"
#include "store/part.h"

struct gy_raw_test {
    const struct gy_column *column;
    const uint8_t *passes; /* 1 or 0 by code; NULL: the range. A view */
    uint64_t low;          /* the range: raw values from `low` on, `n` of them; or all others */
    uint64_t n;
    bool is_negated;
    bool has_halves;          /* the table fits: */
    uint8_t upper_halves[16]; /* by the lower half of a code */
};

/* For an INT column: the values that pass a comparison with constants. False where its raw values take all
 * 64 bits. */
bool gy_raw_test_of_numbers(const struct gy_column *column, const struct gy_number_test *numbers,
                            struct gy_raw_test *out);
/* For an INT column: the values from `first` to `last`, both in it. */
void gy_raw_test_of_ints(const struct gy_column *column, int64_t first, int64_t last,
                         struct gy_raw_test *out);
/* For a CODE column, with a byte for each of the `n` codes. */
void gy_raw_test_of_codes(const struct gy_column *column, const uint8_t *passes, uint32_t n,
                          struct gy_raw_test *out);
static inline bool gy_raw_test_passes(const struct gy_raw_test *test, uint64_t raw)
{
    return test->passes != NULL ? test->passes[raw] != 0
                                : (raw - test->low < test->n) != test->is_negated;
}

/* All pass or none does, whatever the raw value. */
static inline bool gy_raw_test_is_settled(const struct gy_raw_test *test)
{
    return test->column->width == 0 || (test->passes == NULL && test->n == 0);
}

static inline bool gy_raw_test_row(const struct gy_raw_test *test, uint32_t row)
{
    if (!gy_column_is_present(test->column, row))
        return false;
    uint64_t raw = gy_raw_test_is_settled(test) ? 0 : gy_column_raw(test->column, row);
    return gy_raw_test_passes(test, raw);
}

/* Bit i of hits[k]: whether row rows[k] + i has a value that passes, for each of the n rows, which ascend. Bits
 * of rows that the column has not have any value. */
void gy_raw_test_words(const struct gy_raw_test *test, const uint32_t *rows, uint32_t n,
                       uint64_t *hits);

/* The same in plain C, for tests. */
void gy_raw_test_words_plain(const struct gy_raw_test *test, const uint32_t *rows, uint32_t n,
                             uint64_t *hits);

#endif
