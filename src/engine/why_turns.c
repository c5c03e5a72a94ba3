/* why_turns.c - the instants at which a test may change, if nothing happens.
 *
 * Nearly every value stands still but for steps: when an event comes into a window or leaves it, a
 * trait takes a value that was set, an age grows. Those steps are listed. Of `days_since`, which grows
 * with every millisecond, at most one may stand in a test, whose passings are added (why_passing.c). A
 * test that can only fall needs no steps at all.
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

/* What an evaluation takes for each event that it looks at: rough ratios, measured. */
enum {
    EVENT_WORK = 1, /* to count it */
    READ_WORK = 8,  /* a property of it is read */
    SORT_WORK = 40, /* values lie side by side, or it may stand in a chain */
};

/* ---- steps of values ---- */

/* All that is known of the stream; of a derived one the rows that it is made of, with each of which its rows may
 * change, or come into a window and leave it. An evaluation looks at it, which takes so much for each row. */
static const struct gy_rows *rows_of(struct turns *t, uint32_t stream, unsigned each_work)
{
    struct gy_rows *rows = &t->q->later.rows;
    if (gy_is_derived(stream))
        stream = gy_page_stream(gy_snapshot_schema(t->q->snapshot));
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
static size_t add_events(struct turns *t, uint32_t stream, const struct gy_rows *rows,
                         const struct gy_filter *filter, const struct gy_window *window)
{
    struct gy_row_context context = {&t->q->reader, t->q->zone, &t->q->later.arena};
    bool is_derived = gy_is_derived(stream);
    size_t n = 0;
    for (size_t i = 0; i < rows->n; i++) {
        if (is_derived)
            add_turn(t, rows->rows[i].time_ms);
        else if (!gy_filter_passes(filter, &context, &rows->rows[i]))
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
    size_t n = add_events(t, term->stream, rows, term->filter, &term->term->window);
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
        (void)add_events(t, step->stream, rows, step->filter, &t->test->node->expr->window);
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
    if (gy_is_derived(sum->stream)) /* neither pages nor seconds are */
        return false;
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
        gy_why_passings(q, test, after_ms);
        return GY_OK;
    }
    GY_TRY(add_steps(&t));
    if (t.rests_on_others)
        gy_course_give_up(test, after_ms, GY_UNFORESEEN_OTHERS);
    else if (t.n_running > 1 || t.divides_by_running)
        gy_course_give_up(test, after_ms, GY_UNFORESEEN_RUNNING);
    else if (t.n_running == 1)
        gy_why_passings(q, test, after_ms);
    return GY_OK;
}
