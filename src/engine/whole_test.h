/* whole_test.h - a comparison with constants, of what whole numbers stand for.
 *
 * Counts are whole, and so are sums at one power of ten. Which of them pass is worked out once; then each
 * is asked as it is, and never becomes a number of the language.
 */
#ifndef GY_ENGINE_WHOLE_TEST_H
#define GY_ENGINE_WHOLE_TEST_H

#include "engine/number_test.h"

/* The whole numbers from `low` to `high` pass, or only the others. */
struct gy_whole_test {
    int64_t low;
    int64_t high;
    bool is_negated;
};

/* For whole numbers of -2^62 to 2^62, each of which stands for itself × 10^-scale, rounded to a double. */
struct gy_whole_test gy_whole_test_of(const struct gy_number_test *test, int scale);

static inline bool gy_whole_test_passes(const struct gy_whole_test *test, int64_t whole)
{
    bool is_between =
        (uint64_t)whole - (uint64_t)test->low <= (uint64_t)test->high - (uint64_t)test->low;
    return is_between != test->is_negated;
}

#endif
