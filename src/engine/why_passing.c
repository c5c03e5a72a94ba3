/* why_passing.c - when a value that only grows, or only falls, passes what it is compared with.
 *
 * Between two of a test's steps that is so of one `days_since`, added to, subtracted from or multiplied by
 * what stands still; and of a count whose events only leave its window. Then the comparison runs one
 * way, from less over equal to more or back, and missing comes before or after: every instant at which
 * it changes is found by bisection. Doubles round, but never against the order.
 */
#include "engine/value_ops.h"
#include "engine/why_internal.h"

struct passing {
    struct gy_inquiry *q;
    struct gy_course *test;
};

/* ---- comparisons at an instant ---- */

enum order {
    ORDER_MISSING,
    ORDER_LESS,
    ORDER_EQUAL,
    ORDER_MORE,
    ORDER_OVERFLOWS, /* the left side left what doubles hold: it may come back, so nothing is known */
    ORDER_UNASKED,   /* work is done, or reading failed */
};

/* A sub-term whose operands are known while it is not, though it divides by nothing. */
static bool overflows(struct gy_inquiry *q, const struct gy_plan_term *term)
{
    if (term == NULL || term->kind < GY_TERM_ADD || term->kind > GY_TERM_NEGATIVE)
        return false;
    struct gy_value value = gy_customer_value(&q->later, &q->subject, term);
    if (value.type != GY_VALUE_MISSING)
        return false;
    if (overflows(q, term->left) || overflows(q, term->right))
        return true;
    struct gy_value left = gy_customer_value(&q->later, &q->subject, term->left);
    struct gy_value right = left;
    if (term->right != NULL)
        right = gy_customer_value(&q->later, &q->subject, term->right);
    bool is_of_nothing = term->kind == GY_TERM_DIVIDE && right.number == 0.0;
    return left.type != GY_VALUE_MISSING && right.type != GY_VALUE_MISSING && !is_of_nothing;
}

/* Comparison `which` of a test: with the right side, with low, with high, or with a literal of `in`;
 * past the last one there is none. */
static bool other_side(struct gy_inquiry *q, const struct gy_plan_expr *test, uint32_t which,
                       struct gy_value *out)
{
    const struct gy_plan_term *sides[] = {test->right, test->low, test->high};
    if (test->kind == GY_EXPR_IN) {
        if (which < test->expr->n_values)
            *out = gy_literal_value(test->expr->values[which]);
        return which < test->expr->n_values;
    }
    uint32_t first = test->kind == GY_EXPR_COMPARE ? 0 : 1;
    uint32_t end = test->kind == GY_EXPR_COMPARE ? 1 : test->kind == GY_EXPR_BETWEEN ? 3 : 1;
    if (first + which >= end)
        return false;
    *out = gy_customer_value(&q->later, &q->subject, sides[first + which]);
    return true;
}

static bool some_side_overflows(struct gy_inquiry *q, const struct gy_plan_expr *test)
{
    return overflows(q, test->left) || overflows(q, test->right) || overflows(q, test->low) ||
           overflows(q, test->high);
}

static enum order order_of_sides(struct gy_inquiry *q, const struct gy_plan_expr *test,
                                 uint32_t which)
{
    struct gy_value right;
    struct gy_value left = gy_customer_value(&q->later, &q->subject, test->left);
    if (!other_side(q, test, which, &right))
        right = left; /* `is known`: only whether it is */
    if (some_side_overflows(q, test))
        return ORDER_OVERFLOWS;
    if (left.type != GY_VALUE_NUMBER || right.type != GY_VALUE_NUMBER)
        return ORDER_MISSING;
    return left.number < right.number   ? ORDER_LESS
           : left.number > right.number ? ORDER_MORE
                                        : ORDER_EQUAL;
}

static enum order order_at(struct passing *p, uint32_t which, int64_t at_ms)
{
    struct gy_moment moment;
    enum order order;
    if (!gy_moment_open(p->q, p->test, at_ms, &moment))
        return ORDER_UNASKED;
    if (moment.test->kind == GY_EXPR_DID)
        order =
            gy_customer_holds(&p->q->later, &p->q->subject, moment.test) ? ORDER_MORE : ORDER_LESS;
    else
        order = order_of_sides(p->q, moment.test, which);
    gy_moment_close(&moment);
    return order;
}

/* ---- bisection ---- */

/* Adds each instant in (from_ms, to_ms] at which the order is another than before; it runs one way.
 * False where that cannot be said. */
static bool add_passings(struct passing *p, uint32_t which, int64_t from_ms, int64_t to_ms)
{
    enum order order = order_at(p, which, from_ms);
    enum order last = order_at(p, which, to_ms);
    while (order != last && order < ORDER_OVERFLOWS && last < ORDER_OVERFLOWS) {
        int64_t same_ms = from_ms;
        int64_t other_ms = to_ms;
        while (other_ms - same_ms > 1) {
            int64_t middle_ms = same_ms + (other_ms - same_ms) / 2;
            if (order_at(p, which, middle_ms) == order)
                same_ms = middle_ms;
            else
                other_ms = middle_ms;
        }
        gy_instants_add(&p->test->turns, other_ms);
        from_ms = other_ms;
        order = order_at(p, which, from_ms);
    }
    return order < ORDER_OVERFLOWS && last < ORDER_OVERFLOWS;
}

static uint32_t count_comparisons(const struct gy_plan_expr *test)
{
    if (test->kind == GY_EXPR_IN)
        return test->expr->n_values;
    return test->kind == GY_EXPR_BETWEEN ? 2 : 1;
}

static bool add_passings_between(struct passing *p, int64_t from_ms, int64_t to_ms)
{
    for (uint32_t which = 0; which < count_comparisons(p->test->plan); which++) {
        if (!add_passings(p, which, from_ms, to_ms))
            return false;
    }
    return true;
}

void gy_why_passings(struct gy_inquiry *q, struct gy_course *test, int64_t after_ms)
{
    struct passing p = {q, test};
    int64_t from_ms = after_ms;
    gy_instants_sort(&test->turns);
    size_t n_steps = test->turns.n;
    for (size_t i = 0; i <= n_steps; i++) {
        int64_t to_ms = i < n_steps ? test->turns.ms[i] - 1 : gy_instant_within_calendar(INT64_MAX);
        if (!add_passings_between(&p, from_ms, to_ms)) {
            bool is_done = q->work > GY_WHY_WORK;
            gy_course_give_up(test, from_ms, is_done ? GY_UNFORESEEN_WORK : GY_UNFORESEEN_RUNNING);
            return;
        }
        from_ms = to_ms + 1;
    }
}
