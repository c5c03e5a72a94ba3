/* why_turns.c - the instants at which a test may change, if nothing happens.
 *
 * Nearly every value stands still but for steps: when an event comes into a window or leaves it, a
 * trait takes a value that was set, an age grows. Those steps are listed. Of `days_since`, which grows
 * with every millisecond, at most one may stand in a test; then, between two steps, the test's value
 * only grows or only falls, and the instants at which it passes what it is compared with are found by
 * bisection.
 */
#include <stdlib.h>

#include "engine/value_ops.h"
#include "engine/why_internal.h"

struct turns {
    struct gy_inquiry *q;
    struct gy_course *test;
    int64_t after_ms;
    uint32_t n_running; /* days_since that are known at some time */
    bool divides_by_running;
    bool rests_on_others;
};

/* ---- moments, and what they take ---- */

/* Rough ratios, measured; to count an event is 1. */
enum {
    PLAN_WORK = 100,
    EVENT_WORK = 1,
    READ_WORK = 8,  /* a property of it is read */
    SORT_WORK = 40, /* values lie side by side, or an event may stand in a chain */
};

bool gy_moment_open(struct gy_inquiry *q, const struct gy_course *test, int64_t at_ms,
                    struct gy_moment *out)
{
    q->work += PLAN_WORK + test->work;
    if (q->work > GY_WHY_WORK || !gy_reader_may_go_on(&q->reader))
        return false;
    gy_eval_plan_init(&out->plan, q->snapshot);
    out->plan.known_until_ms = q->now_ms;
    struct gy_error err = {0};
    enum gy_status status = gy_plan_expr(&out->plan, test->node->expr, at_ms, &out->test, &err);
    if (status != GY_OK) {
        gy_reader_fail(&q->reader, status, err.message);
        gy_moment_close(out);
        return false;
    }
    q->later.plan = &out->plan;
    return true;
}

void gy_moment_close(struct gy_moment *moment)
{
    gy_eval_plan_release(&moment->plan);
}

/* ---- steps of values ---- */

/* All that is known of the stream. An evaluation looks at it, which takes so much for each row. */
static const struct gy_rows *rows_of(struct turns *t, uint32_t stream, unsigned each_work)
{
    struct gy_rows *rows = &t->q->later.rows;
    rows->n = 0;
    gy_rows_gather(rows, &t->q->reader, &t->q->subject, stream,
                   (struct gy_range){INT64_MIN, INT64_MAX});
    gy_rows_sort(rows);
    t->test->work += rows->n * each_work;
    return rows;
}

static void add_turn(struct turns *t, int64_t ms)
{
    if (ms > t->after_ms)
        gy_instants_add(&t->test->turns, ms);
}

/* When those of the events that pass come into the window and leave it; how many pass. */
static size_t add_events(struct turns *t, const struct gy_rows *rows,
                         const struct gy_filter *filter, const struct gy_window *window)
{
    struct gy_row_context context = {&t->q->reader, t->q->zone, &t->q->later.arena};
    size_t n = 0;
    for (size_t i = 0; i < rows->n; i++) {
        if (!gy_filter_passes(filter, &context, &rows->rows[i]))
            continue;
        gy_window_turns(window, rows->rows[i].time_ms, t->q->zone, t->after_ms, &t->test->turns);
        n++;
    }
    return n;
}

/* What a trait's value turns into, for each value that it has or will have. */
typedef void (*add_value_fn)(struct turns *t, int64_t value_ms);

static void add_trait(struct turns *t, uint32_t stream, add_value_fn add_value)
{
    const struct gy_rows *rows = rows_of(t, stream, EVENT_WORK);
    for (size_t i = 0; i < rows->n; i++) {
        const struct gy_row *row = &rows->rows[i];
        bool is_replaced = i + 1 < rows->n && rows->rows[i + 1].time_ms <= t->after_ms;
        add_turn(t, row->time_ms);
        if (add_value == NULL || is_replaced)
            continue;
        struct gy_value value =
            gy_row_value(&t->q->reader, row, GY_PROPERTY_VALUE, &t->q->later.arena);
        if (value.type == GY_VALUE_TIME)
            add_value(t, value.time_ms);
    }
}

static void add_age(struct turns *t, int64_t birth_ms)
{
    gy_age_turns(birth_ms, t->q->zone, t->after_ms, &t->test->turns);
}

static void add_anniversary(struct turns *t, int64_t date_ms)
{
    gy_anniversary_turns(date_ms, t->test->node->expr->next_days, t->q->zone, t->after_ms,
                         &t->test->turns);
}

static unsigned work_of(const struct gy_plan_term *term)
{
    enum gy_aggregate aggregate = term->term->aggregate;
    if (aggregate == GY_DISTINCT || aggregate == GY_MEDIAN || aggregate == GY_TOP)
        return SORT_WORK;
    bool reads = gy_aggregate_takes_property(aggregate) || term->filter != NULL;
    return reads ? READ_WORK : EVENT_WORK;
}

static void add_aggregate(struct turns *t, const struct gy_plan_term *term)
{
    const struct gy_rows *rows = rows_of(t, term->stream, work_of(term));
    size_t n = add_events(t, rows, term->filter, &term->term->window);
    t->n_running += term->term->aggregate == GY_DAYS_SINCE && n > 0;
}

static void add_term(struct turns *t, const struct gy_plan_term *term)
{
    uint32_t n_before = t->n_running;
    switch (term->kind) {
    case GY_TERM_TRAIT:
        add_trait(t, term->stream, NULL);
        return;
    case GY_TERM_AGE:
        add_trait(t, term->stream, add_age);
        return;
    case GY_TERM_AGGREGATE:
        add_aggregate(t, term);
        return;
    case GY_TERM_ADD:
    case GY_TERM_SUBTRACT:
    case GY_TERM_MULTIPLY:
    case GY_TERM_DIVIDE:
        add_term(t, term->right);
        t->divides_by_running |= term->kind == GY_TERM_DIVIDE && t->n_running > n_before;
        add_term(t, term->left);
        return;
    case GY_TERM_NEGATIVE:
        add_term(t, term->left);
        return;
    case GY_TERM_PERCENTILE:
    case GY_TERM_NTILE:
        t->rests_on_others = true;
        return;
    case GY_TERM_NUMBER:
    case GY_TERM_STRING:
    case GY_TERM_BOOL:
    case GY_TERM_METRIC:
    case GY_TERM_PROPERTY:
    case GY_TERM_STEP_PROPERTY:
    case GY_TERM_HOUR:
    case GY_TERM_WEEKDAY:
    case GY_TERM_MONTH:
    case GY_TERM_DAY:
        return; /* stand still; metrics are planned away, the last ones are of events */
    }
}

/* ---- steps of tests without values ---- */

/* What must be absent behind an event at the chain's end has been so once the time for it has passed. */
static void add_deadlines(struct turns *t, uint32_t last, const struct gy_rows *events)
{
    const struct gy_chain *chain = t->test->plan->chain;
    for (uint32_t s = last + 1; s < chain->n_steps; s++) {
        for (size_t i = 0; i < events->n; i++)
            add_turn(
                t, gy_duration_after(events->rows[i].time_ms, &chain->steps[s].within, t->q->zone));
    }
}

/* Every event of the steps: when it comes into the window and leaves it, and (what is absent at the end
 * is looked for beyond the window) when it is there at all. */
static void add_chain(struct turns *t)
{
    const struct gy_chain *chain = t->test->plan->chain;
    uint32_t last = chain->n_steps - 1; /* of the present ones */
    while (chain->steps[last].is_absent)
        last--;
    for (uint32_t s = 0; s < chain->n_steps; s++) {
        const struct gy_chain_step *step = &chain->steps[s];
        const struct gy_rows *rows = rows_of(t, step->stream, SORT_WORK);
        (void)add_events(t, rows, step->filter, &t->test->node->expr->window);
        for (size_t i = 0; i < rows->n; i++)
            add_turn(t, rows->rows[i].time_ms);
        if (s == last)
            add_deadlines(t, last, rows);
    }
}

static enum gy_status add_list(struct turns *t)
{
    int64_t *times_ms;
    size_t n;
    GY_TRY(gy_snapshot_list_times(t->q->snapshot, t->test->node->expr->name.id, t->q->subject.root,
                                  &times_ms, &n, t->q->err));
    for (size_t i = 0; i < n; i++) {
        if (times_ms[i] <= t->q->now_ms)
            add_turn(t, times_ms[i]);
    }
    free(times_ms);
    return GY_OK;
}

static enum gy_status add_recorded(struct turns *t)
{
    const struct gy_expr *expr = t->test->node->expr;
    int64_t *times_ms;
    size_t n;
    GY_TRY(gy_snapshot_change_times(t->q->snapshot, expr->name.id, expr->kind == GY_EXPR_ENTERED,
                                    t->q->subject.root, &times_ms, &n, t->q->err));
    for (size_t i = 0; i < n; i++) {
        if (times_ms[i] <= t->q->now_ms)
            gy_window_turns(&expr->window, times_ms[i], t->q->zone, t->after_ms, &t->test->turns);
    }
    free(times_ms);
    return GY_OK;
}

static void add_values(struct turns *t)
{
    const struct gy_plan_expr *plan = t->test->plan;
    const struct gy_plan_term *terms[] = {plan->left, plan->right, plan->low, plan->high};
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++) {
        if (terms[i] != NULL)
            add_term(t, terms[i]);
    }
}

static enum gy_status add_steps(struct turns *t)
{
    switch (t->test->plan->kind) {
    case GY_EXPR_DID:
        add_chain(t);
        return GY_OK;
    case GY_EXPR_IN_LIST:
        return add_list(t);
    case GY_EXPR_ENTERED:
    case GY_EXPR_LEFT:
        return add_recorded(t);
    case GY_EXPR_ANNIVERSARY:
        add_trait(t, t->test->plan->left->stream, add_anniversary);
        return GY_OK;
    case GY_EXPR_COMPARE:
    case GY_EXPR_BETWEEN:
    case GY_EXPR_IN:
    case GY_EXPR_TEXT:
    case GY_EXPR_KNOWN:
    case GY_EXPR_MISSING:
        add_values(t);
        return GY_OK;
    case GY_EXPR_EVERYONE:
    case GY_EXPR_NOBODY:
    case GY_EXPR_IDENTIFIED:
    case GY_EXPR_SAMPLE:
    case GY_EXPR_NOT:
    case GY_EXPR_AND:
    case GY_EXPR_OR:
    case GY_EXPR_IN_SEGMENT:
        break;
    }
    return GY_OK;
}

/* ---- a value that runs ---- */

/* Where the left side stands to what it is compared with; the order in which these may follow each
 * other as the side grows or falls is that of numbers, or its reverse. */
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

static enum order order_at(struct turns *t, uint32_t which, int64_t at_ms)
{
    struct gy_moment moment;
    struct gy_value right;
    enum order order = ORDER_MISSING;
    struct gy_inquiry *q = t->q;
    if (!gy_moment_open(q, t->test, at_ms, &moment))
        return ORDER_UNASKED;
    if (moment.test->kind == GY_EXPR_DID) {
        order = gy_customer_holds(&q->later, &q->subject, moment.test) ? ORDER_MORE : ORDER_LESS;
        gy_moment_close(&moment);
        return order;
    }
    struct gy_value left = gy_customer_value(&q->later, &q->subject, moment.test->left);
    if (!other_side(q, moment.test, which, &right))
        right = left; /* `is known`: only whether it is */
    if (overflows(q, moment.test->left) || overflows(q, moment.test->right) ||
        overflows(q, moment.test->low) || overflows(q, moment.test->high))
        order = ORDER_OVERFLOWS;
    else if (left.type == GY_VALUE_NUMBER && right.type == GY_VALUE_NUMBER)
        order = left.number < right.number   ? ORDER_LESS
                : left.number > right.number ? ORDER_MORE
                                             : ORDER_EQUAL;
    gy_moment_close(&moment);
    return order;
}

/* Nothing after `at_ms` is foreseeable. */
static void give_up(struct turns *t, int64_t at_ms, enum gy_unforeseen reason)
{
    t->test->unforeseen_from_ms = at_ms + 1;
    t->test->unforeseen = reason;
}

/* Adds each instant in (from_ms, to_ms] at which the order is another than before; it runs one way.
 * False where that cannot be said. */
static bool add_passings(struct turns *t, uint32_t which, int64_t from_ms, int64_t to_ms)
{
    enum order order = order_at(t, which, from_ms);
    enum order last = order_at(t, which, to_ms);
    while (order != last && order < ORDER_OVERFLOWS && last < ORDER_OVERFLOWS) {
        int64_t same_ms = from_ms;
        int64_t other_ms = to_ms;
        while (other_ms - same_ms > 1) {
            int64_t middle_ms = same_ms + (other_ms - same_ms) / 2;
            if (order_at(t, which, middle_ms) == order)
                same_ms = middle_ms;
            else
                other_ms = middle_ms;
        }
        add_turn(t, other_ms);
        from_ms = other_ms;
        order = order_at(t, which, from_ms);
    }
    return order < ORDER_OVERFLOWS && last < ORDER_OVERFLOWS;
}

static uint32_t count_comparisons(const struct gy_plan_expr *test)
{
    if (test->kind == GY_EXPR_IN)
        return test->expr->n_values;
    return test->kind == GY_EXPR_BETWEEN ? 2 : 1;
}

static bool add_passings_between(struct turns *t, int64_t from_ms, int64_t to_ms)
{
    for (uint32_t which = 0; which < count_comparisons(t->test->plan); which++) {
        if (!add_passings(t, which, from_ms, to_ms))
            return false;
    }
    return true;
}

/* Between two steps, and from the last one to the end of the calendar. */
static void add_all_passings(struct turns *t)
{
    struct gy_instants *turns = &t->test->turns;
    int64_t from_ms = t->after_ms;
    gy_instants_sort(turns);
    size_t n_steps = turns->n;
    for (size_t i = 0; i <= n_steps; i++) {
        int64_t to_ms = i < n_steps ? turns->ms[i] - 1 : gy_instant_within_calendar(INT64_MAX);
        if (!add_passings_between(t, from_ms, to_ms)) {
            give_up(t, from_ms,
                    t->q->work > GY_WHY_WORK ? GY_UNFORESEEN_WORK : GY_UNFORESEEN_RUNNING);
            return;
        }
        from_ms = to_ms + 1;
    }
}

/* ---- what can only fall ---- */

/* Events only leave it, the oldest first: a `last` of fixed length, once nothing comes in. */
static bool only_loses(const struct turns *t, const struct gy_window *window)
{
    return window->kind == GY_WINDOW_LAST && window->unit < GY_UNIT_MONTH &&
           t->after_ms == t->q->now_ms;
}

static bool has_negative(struct turns *t, const struct gy_plan_term *sum)
{
    const struct gy_rows *rows = &t->q->later.rows;
    for (size_t i = 0; sum->property != GY_NAME_UNKNOWN && i < rows->n; i++) {
        struct gy_value value =
            gy_row_value(&t->q->reader, &rows->rows[i], sum->property, &t->q->later.arena);
        if (value.type == GY_VALUE_NUMBER && value.number < 0)
            return true;
    }
    return false;
}

static bool term_only_falls(struct turns *t, const struct gy_plan_term *term)
{
    if (term->kind != GY_TERM_AGGREGATE || !only_loses(t, &term->term->window))
        return false;
    enum gy_aggregate aggregate = term->term->aggregate;
    bool counts = aggregate == GY_COUNT || aggregate == GY_DAYS || aggregate == GY_DISTINCT;
    if (counts || aggregate == GY_SUM)
        (void)rows_of(t, term->stream, work_of(term));
    return counts || (aggregate == GY_SUM && !has_negative(t, term));
}

static bool is_absent_or_constant(const struct gy_plan_term *term)
{
    return term == NULL || gy_why_is_constant(term);
}

/* A test whose left side only falls, against constants: all of the future is one passing. */
static bool only_falls(struct turns *t)
{
    const struct gy_plan_expr *plan = t->test->plan;
    if (plan->kind == GY_EXPR_DID) {
        const struct gy_chain *chain = plan->chain;
        return !chain->steps[chain->n_steps - 1].is_absent &&
               only_loses(t, &t->test->node->expr->window);
    }
    return plan->left != NULL && plan->kind != GY_EXPR_ANNIVERSARY && plan->kind != GY_EXPR_TEXT &&
           is_absent_or_constant(plan->right) && is_absent_or_constant(plan->low) &&
           is_absent_or_constant(plan->high) && term_only_falls(t, plan->left);
}

/* ---- the way in ---- */

enum gy_status gy_why_turns(struct gy_inquiry *q, struct gy_course *test, int64_t after_ms)
{
    struct turns t = {.q = q, .test = test, .after_ms = after_ms};
    if (q->first_ms > after_ms)
        gy_instants_add(&test->turns, q->first_ms);
    if (only_falls(&t)) {
        add_all_passings(&t);
        return GY_OK;
    }
    GY_TRY(add_steps(&t));
    if (t.rests_on_others)
        give_up(&t, after_ms, GY_UNFORESEEN_OTHERS);
    else if (t.n_running > 1 || t.divides_by_running)
        give_up(&t, after_ms, GY_UNFORESEEN_RUNNING);
    else if (t.n_running == 1)
        add_all_passings(&t);
    return GY_OK;
}
