/* whole_test.c - what numbers stand for does not fall as they grow: where it reaches a bound is searched. */
#include "engine/whole_test.h"

#include "engine/kernel_sum.h"

#define LARGEST (INT64_C(1) << 62)
#define EXACT   (INT64_C(1) << 52) /* up to there gy_scaled_sum is quick */

static bool reaches(int64_t whole, int scale, double bound, bool is_strict)
{
    double number = gy_scaled_sum(whole, scale);
    return is_strict ? number > bound : number >= bound;
}

/* The least that stands for the bound or more (more, where `is_strict`); LARGEST + 1 if none does. */
static int64_t first_that_reaches(double bound, bool is_strict, int scale)
{
    bool is_exact =
        !reaches(-EXACT, scale, bound, is_strict) && reaches(EXACT, scale, bound, is_strict);
    int64_t low = is_exact ? -EXACT : -LARGEST;
    int64_t high = is_exact ? EXACT : LARGEST + 1;
    while (low < high) {
        int64_t middle = low + (int64_t)(((uint64_t)high - (uint64_t)low) / 2);
        if (reaches(middle, scale, bound, is_strict))
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static struct gy_whole_test between(int64_t low, int64_t high, bool is_negated)
{
    if (low > high)
        return (struct gy_whole_test){-LARGEST, LARGEST, !is_negated};
    return (struct gy_whole_test){low, high, is_negated};
}

struct gy_whole_test gy_whole_test_of(const struct gy_number_test *test, int scale)
{
    if (test->is_between)
        return between(first_that_reaches(test->low, false, scale),
                       first_that_reaches(test->high, true, scale) - 1, false);
    bool is_equality = test->compare == GY_EQ || test->compare == GY_NE;
    bool is_behind =
        test->compare == GY_GT || test->compare == GY_LE; /* it parts behind the bound */
    bool is_negated = test->compare == GY_LT || test->compare == GY_LE || test->compare == GY_NE;
    int64_t low = first_that_reaches(test->low, is_behind, scale);
    int64_t high = is_equality ? first_that_reaches(test->low, true, scale) - 1 : LARGEST;
    return between(low, high, is_negated);
}
