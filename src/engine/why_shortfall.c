/* why_shortfall.c - what is missing to get in, where more of something is all it takes. */
#include <math.h>

#include "base/decimal_sum.h"
#include "engine/why_internal.h"

/* `aggregate compare bound`, however it was written. */
struct bound {
    const struct gy_plan_term *aggregate;
    enum gy_compare compare;
    double bound;
};

static enum gy_compare turned_around(enum gy_compare compare)
{
    switch (compare) {
    case GY_LT:
        return GY_GT;
    case GY_LE:
        return GY_GE;
    case GY_GT:
        return GY_LT;
    case GY_GE:
        return GY_LE;
    case GY_EQ:
    case GY_NE:
        break;
    }
    return compare;
}

static double number_of(struct gy_inquiry *q, const struct gy_plan_term *term)
{
    struct gy_value value = gy_customer_value(&q->worker->eval, &q->subject, term);
    return value.type == GY_VALUE_NUMBER ? value.number : (double)NAN;
}

static bool grows(const struct gy_plan_term *term)
{
    if (term->kind != GY_TERM_AGGREGATE)
        return false;
    enum gy_aggregate aggregate = term->term->aggregate;
    return aggregate == GY_COUNT || aggregate == GY_DAYS || aggregate == GY_DISTINCT ||
           aggregate == GY_SUM;
}

/* False where the test is of another kind. */
static bool read_bound(struct gy_inquiry *q, const struct gy_plan_expr *test, struct bound *out)
{
    const struct gy_plan_term *other = test->right;
    *out = (struct bound){.aggregate = test->left};
    if (test->kind == GY_EXPR_BETWEEN) {
        out->compare = GY_GE;
        other = test->low;
    } else if (test->kind == GY_EXPR_COMPARE) {
        out->compare = test->expr->compare;
        if (gy_why_is_constant(test->left)) {
            *out = (struct bound){.aggregate = test->right,
                                  .compare = turned_around(test->expr->compare)};
            other = test->left;
        }
    } else {
        return false;
    }
    if (!grows(out->aggregate) || !gy_why_is_constant(other))
        return false;
    out->bound = number_of(q, other);
    return isfinite(out->bound);
}

/* bound − value as decimals. */
static double difference(double bound, double value)
{
    struct gy_decimal_sum sum = {0};
    gy_decimal_sum_add(&sum, bound);
    gy_decimal_sum_add(&sum, -value);
    double out = gy_decimal_sum_value(&sum);
    gy_decimal_sum_release(&sum);
    return out;
}

/* How many more make a whole number hold; not positive where none do. */
static double whole_amount(const struct bound *b, double value)
{
    switch (b->compare) {
    case GY_GE:
        return ceil(b->bound) - value;
    case GY_GT:
        return floor(b->bound) + 1 - value;
    case GY_EQ:
        return floor(b->bound) == b->bound ? b->bound - value : 0;
    case GY_NE:
        return value == b->bound ? 1 : 0;
    case GY_LT:
    case GY_LE:
        break;
    }
    return 0;
}

static struct gy_shortfall of_bound(const struct bound *b, double value)
{
    const struct gy_term *term = b->aggregate->term;
    struct gy_shortfall out = {
        .aggregate = term->aggregate, .event = term->event.text, .property = term->name.text};
    if (term->aggregate != GY_SUM) {
        out.amount = whole_amount(b, value);
        out.is_given = out.amount > 0;
        return out;
    }
    out.amount = difference(b->bound, value);
    out.is_exclusive = b->compare == GY_GT;
    bool is_upward = b->compare == GY_GE || b->compare == GY_GT || b->compare == GY_EQ;
    out.is_given = is_upward && isfinite(out.amount) &&
                   (out.amount > 0 || (out.is_exclusive && out.amount == 0));
    return out;
}

/* More events help a `between` only while its upper bound is not passed. */
static bool is_within_reach(struct gy_inquiry *q, const struct gy_plan_expr *test,
                            const struct gy_shortfall *shortfall, double value)
{
    if (test->kind != GY_EXPR_BETWEEN)
        return true;
    if (!gy_why_is_constant(test->high))
        return false;
    return difference(number_of(q, test->high), value) >= shortfall->amount;
}

/* An event that happened now would count. */
static bool may_be_made_good(const struct gy_inquiry *q, const struct gy_course *test,
                             struct gy_range range)
{
    return test->node->now_ms == q->now_ms && gy_range_has(range, q->now_ms);
}

struct gy_shortfall gy_why_shortfall(struct gy_inquiry *q, const struct gy_course *test)
{
    struct bound b;
    struct gy_shortfall out = {0};
    const struct gy_expr *expr = test->node->expr;
    if (test->node->holds)
        return out;
    if (expr->kind == GY_EXPR_DID && expr->n_steps == 1) {
        out = (struct gy_shortfall){
            .aggregate = GY_COUNT, .event = expr->steps[0].event.text, .amount = 1};
        out.is_given = may_be_made_good(q, test, test->plan->chain->range);
        return out;
    }
    if (!read_bound(q, test->plan, &b) || !may_be_made_good(q, test, b.aggregate->range))
        return out;
    double value = number_of(q, b.aggregate);
    if (isnan(value))
        return out;
    out = of_bound(&b, value);
    out.is_given = out.is_given && is_within_reach(q, test->plan, &out, value);
    return out;
}
