/* number_test.c - see number_test.h. */
#include "engine/number_test.h"

#include <math.h>

/* A number or time that stands in the definition. */
static bool is_constant(const struct gy_plan_term *term, double *out)
{
    if (term == NULL)
        return false;
    if (term->kind == GY_TERM_NEGATIVE && is_constant(term->left, out)) {
        *out = -*out;
        return true;
    }
    *out = term->kind == GY_TERM_STRING ? (double)term->term->time_ms : term->term->number;
    return term->kind == GY_TERM_NUMBER || term->kind == GY_TERM_BOOL ||
           (term->kind == GY_TERM_STRING && term->type == GY_TYPE_TIME);
}

bool gy_number_test_read(const struct gy_plan_expr *expr, struct gy_number_test *test)
{
    test->is_between = expr->kind == GY_EXPR_BETWEEN;
    test->compare = expr->expr->compare;
    if (test->is_between)
        return is_constant(expr->low, &test->low) && is_constant(expr->high, &test->high);
    return expr->kind == GY_EXPR_COMPARE && is_constant(expr->right, &test->low);
}

static bool is_literal(const struct gy_term *term, double *out)
{
    if (term->kind == GY_TERM_NEGATIVE && is_literal(term->left, out)) {
        *out = -*out;
        return true;
    }
    *out = term->kind == GY_TERM_STRING ? (double)term->time_ms : term->number;
    return term->kind == GY_TERM_NUMBER || term->kind == GY_TERM_BOOL ||
           (term->kind == GY_TERM_STRING && term->type == GY_TYPE_TIME);
}

bool gy_number_test_of_expr(const struct gy_expr *expr, struct gy_number_test *test)
{
    test->is_between = expr->kind == GY_EXPR_BETWEEN;
    test->compare = expr->compare;
    if (test->is_between)
        return is_literal(expr->low, &test->low) && is_literal(expr->high, &test->high);
    return expr->kind == GY_EXPR_COMPARE && is_literal(expr->right, &test->low);
}

bool gy_number_test_passes(const struct gy_number_test *test, double value)
{
    if (test->is_between)
        return value >= test->low && value <= test->high;
    switch (test->compare) {
    case GY_EQ:
        return value == test->low;
    case GY_NE:
        return value != test->low;
    case GY_LT:
        return value < test->low;
    case GY_LE:
        return value <= test->low;
    case GY_GT:
        return value > test->low;
    case GY_GE:
        return value >= test->low;
    }
    return false;
}

struct gy_number_span gy_number_test_span(const struct gy_number_test *test)
{
    if (test->is_between)
        return (struct gy_number_span){test->low, test->high, false};
    bool is_equality = test->compare == GY_EQ || test->compare == GY_NE;
    bool is_behind = test->compare == GY_GT || test->compare == GY_LE;
    bool is_negated = test->compare == GY_LT || test->compare == GY_LE || test->compare == GY_NE;
    double infinity = (double)INFINITY;
    double low = is_behind ? nextafter(test->low, infinity) : test->low;
    return (struct gy_number_span){low, is_equality ? test->low : infinity, is_negated};
}
