/* number_test.h - a comparison of a number or time with constants. */
#ifndef GY_ENGINE_NUMBER_TEST_H
#define GY_ENGINE_NUMBER_TEST_H

#include "engine/plan.h"

struct gy_number_test {
    bool is_between;
    enum gy_compare compare;
    double low; /* what it is compared with */
    double high;
};

/* Reads what the test compares its left side with; false where that is no constant. */
bool gy_number_test_read(const struct gy_plan_expr *expr, struct gy_number_test *test);

/* The same as numbers from `low` to `high`, or only the others. */
struct gy_number_span {
    double low;
    double high;
    bool is_negated;
};

struct gy_number_span gy_number_test_span(const struct gy_number_test *test);

/* The same of a test in a filter. */
bool gy_number_test_of_expr(const struct gy_expr *expr, struct gy_number_test *test);

bool gy_number_test_passes(const struct gy_number_test *test, double value);

#endif
