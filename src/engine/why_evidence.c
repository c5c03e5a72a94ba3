/* why_evidence.c - what a test found: the values it asks for, and the events behind them. */
#include <stdlib.h>

#include "base/mem.h"
#include "engine/value_ops.h"
#include "engine/why_internal.h"

/* ---- the properties that matter ---- */

struct properties {
    uint32_t *ids;
    uint32_t n;
    uint32_t capacity;
};

static void add_property(struct properties *out, uint32_t id)
{
    for (uint32_t i = 0; i < out->n; i++) {
        if (out->ids[i] == id)
            return;
    }
    if (id == GY_NAME_UNKNOWN)
        return;
    GY_GROW(out->ids, out->capacity, out->n + 1);
    out->ids[out->n++] = id;
}

/* Whose properties are asked for: the event's own, or those that it lends to later steps. */
struct asking {
    struct properties *out;
    bool is_lending;
    uint32_t step; /* that lends */
};

static void add_of_term(const struct asking *a, const struct gy_term *term)
{
    if (term == NULL)
        return;
    bool is_own = term->kind == GY_TERM_PROPERTY && !a->is_lending;
    bool is_lent = term->kind == GY_TERM_STEP_PROPERTY && a->is_lending && term->step.id == a->step;
    if (is_own || is_lent)
        add_property(a->out, term->name.id);
    add_of_term(a, term->left);
    add_of_term(a, term->right);
}

static void add_of_filter(const struct asking *a, const struct gy_expr *filter)
{
    if (filter == NULL)
        return;
    for (uint32_t i = 0; i < filter->n_children; i++)
        add_of_filter(a, filter->children[i]);
    add_of_term(a, filter->left);
    add_of_term(a, filter->right);
    add_of_term(a, filter->low);
    add_of_term(a, filter->high);
}

static void add_of_step(struct properties *out, const struct gy_expr *did, uint32_t step)
{
    struct asking own = {.out = out};
    struct asking lending = {.out = out, .is_lending = true, .step = step};
    add_of_filter(&own, did->steps[step].where);
    for (uint32_t i = step + 1; i < did->n_steps; i++)
        add_of_filter(&lending, did->steps[i].where);
}

/* ---- events ---- */

static struct gy_event event_of(struct gy_inquiry *q, const struct gy_row *row,
                                const struct properties *properties)
{
    const struct gy_schema *schema = gy_snapshot_schema(q->snapshot);
    struct gy_event event = {.time_ms = row->time_ms, .stream = row->view->slice->stream};
    event.names = GY_NEW_ARRAY(q->arena, struct gy_str, properties->n);
    event.values = GY_NEW_ARRAY(q->arena, struct gy_value, properties->n);
    for (uint32_t i = 0; i < properties->n; i++) {
        uint32_t property = properties->ids[i];
        struct gy_value value = gy_row_value(&q->worker->reader, row, property, q->arena);
        if (value.type == GY_VALUE_MISSING)
            continue;
        event.names[event.n_fields] =
            gy_arena_str(q->arena, gy_event_property_name(schema, property));
        event.values[event.n_fields++] = gy_value_keep(q->arena, value);
    }
    return event;
}

static struct gy_why_events newest_of(struct gy_inquiry *q, const struct gy_rows *rows,
                                      const struct properties *properties)
{
    size_t n = rows->n < q->max_events ? rows->n : q->max_events;
    struct gy_why_events out = {.n_events = (uint32_t)n, .n_all = rows->n};
    out.events = GY_NEW_ARRAY(q->arena, struct gy_event, n);
    for (size_t i = 0; i < n; i++)
        out.events[i] = event_of(q, &rows->rows[rows->n - n + i], properties);
    return out;
}

/* What a value or a step takes into account. */
struct source {
    uint32_t stream;
    struct gy_range range;
    const struct gy_filter *filter;
    bool has_property; /* events that lack it are passed over */
    uint32_t property;
};

static bool counts(struct gy_inquiry *q, const struct source *source, const struct gy_row *row)
{
    struct gy_arena *arena = &q->worker->eval.arena;
    struct gy_row_context context = {&q->worker->reader, q->zone, arena};
    if (!gy_filter_passes(source->filter, &context, row))
        return false;
    if (!source->has_property)
        return true;
    return source->property != GY_NAME_UNKNOWN &&
           gy_row_value(&q->worker->reader, row, source->property, arena).type != GY_VALUE_MISSING;
}

static struct gy_why_events events_of(struct gy_inquiry *q, const struct source *source,
                                      const struct properties *properties)
{
    struct gy_rows *rows = &q->worker->eval.rows;
    size_t n = 0;
    rows->n = 0;
    gy_rows_gather(rows, &q->worker->reader, &q->subject, source->stream, source->range);
    for (size_t i = 0; i < rows->n; i++) {
        if (counts(q, source, &rows->rows[i]))
            rows->rows[n++] = rows->rows[i];
    }
    rows->n = n;
    gy_rows_sort(rows);
    return newest_of(q, rows, properties);
}

static struct gy_why_events events_of_aggregate(struct gy_inquiry *q,
                                                const struct gy_plan_term *plan)
{
    struct properties properties = {0};
    struct asking own = {.out = &properties};
    struct source source = {.stream = plan->stream,
                            .range = plan->range,
                            .filter = plan->filter,
                            .has_property = gy_aggregate_takes_property(plan->term->aggregate),
                            .property = plan->property};
    if (source.has_property)
        add_property(&properties, source.property);
    add_of_filter(&own, plan->term->where);
    struct gy_why_events events = events_of(q, &source, &properties);
    free(properties.ids);
    return events;
}

/* ---- chains ---- */

static struct gy_why_events events_of_step(struct gy_inquiry *q, const struct gy_course *test)
{
    const struct gy_chain *chain = test->plan->chain;
    struct properties properties = {0};
    struct source source = {
        .stream = chain->steps[0].stream, .range = chain->range, .filter = chain->steps[0].filter};
    add_of_step(&properties, test->node->expr, 0);
    struct gy_why_events events = events_of(q, &source, &properties);
    free(properties.ids);
    return events;
}

/* One choice of events that fits: all of it. */
static struct gy_why_events events_of_chain(struct gy_inquiry *q, const struct gy_course *test)
{
    const struct gy_chain *chain = test->plan->chain;
    struct gy_customer_eval *eval = &q->worker->eval;
    struct gy_row_context context = {&q->worker->reader, q->zone, &eval->arena};
    struct gy_row *rows = GY_NEW_ARRAY(q->arena, struct gy_row, chain->n_steps);
    uint32_t n = gy_chain_choose(chain, &eval->chains, &context, &q->subject, rows);
    struct gy_why_events out = {.n_all = n};
    out.events = GY_NEW_ARRAY(q->arena, struct gy_event, n);
    for (uint32_t step = 0; step < chain->n_steps && out.n_events < n; step++) {
        struct properties properties = {0};
        if (chain->steps[step].is_absent)
            continue;
        add_of_step(&properties, test->node->expr, step);
        out.events[out.n_events] = event_of(q, &rows[out.n_events], &properties);
        out.n_events++;
        free(properties.ids);
    }
    return out;
}

/* ---- recorded changes ---- */

static enum gy_status add_recorded(struct gy_inquiry *q, const struct gy_course *test)
{
    const struct gy_expr *expr = test->node->expr;
    struct gy_range range = gy_window_range(&expr->window, test->node->now_ms, q->zone);
    struct gy_why_events *out = &test->node->events;
    int64_t *times_ms;
    size_t n_times;
    size_t n = 0;
    GY_TRY(gy_snapshot_change_times(q->snapshot, expr->name.id, expr->kind == GY_EXPR_ENTERED,
                                    q->subject.root, &times_ms, &n_times, q->err));
    for (size_t i = 0; i < n_times; i++) {
        if (gy_range_has(range, times_ms[i]))
            times_ms[n++] = times_ms[i];
    }
    out->n_all = n;
    out->n_events = (uint32_t)(n < q->max_events ? n : q->max_events);
    out->events = GY_NEW_ARRAY(q->arena, struct gy_event, out->n_events);
    for (uint32_t i = 0; i < out->n_events; i++)
        out->events[i] =
            (struct gy_event){.time_ms = times_ms[n - out->n_events + i], .stream = GY_ID_NONE};
    free(times_ms);
    return GY_OK;
}

/* ---- values ---- */

struct values {
    struct gy_inquiry *q;
    int64_t now_ms;
    struct gy_why_value *found;
    const struct gy_plan_term **plans; /* of each; none is told twice */
    uint32_t n;
    uint32_t found_capacity;
    uint32_t plans_capacity;
};

bool gy_why_is_constant(const struct gy_plan_term *plan)
{
    if (plan->kind == GY_TERM_NUMBER || plan->kind == GY_TERM_STRING || plan->kind == GY_TERM_BOOL)
        return true;
    return plan->kind >= GY_TERM_ADD && plan->kind <= GY_TERM_NEGATIVE &&
           gy_why_is_constant(plan->left) &&
           (plan->right == NULL || gy_why_is_constant(plan->right));
}

static bool is_told(const struct values *v, const struct gy_plan_term *plan)
{
    for (uint32_t i = 0; i < v->n; i++) {
        if (v->plans[i] == plan)
            return true;
    }
    return false;
}

static void add_found(struct values *v, const struct gy_term *term, const struct gy_plan_term *plan)
{
    struct gy_inquiry *q = v->q;
    struct gy_why_value found = {.term = term};
    found.value = gy_value_keep(q->arena, gy_customer_value(&q->worker->eval, &q->subject, plan));
    if (plan->kind == GY_TERM_AGGREGATE)
        found.events = events_of_aggregate(q, plan);
    GY_GROW(v->found, v->found_capacity, v->n + 1);
    GY_GROW(v->plans, v->plans_capacity, v->n + 1);
    v->found[v->n] = found;
    v->plans[v->n++] = plan;
}

/* A value, then the values that it is made of. */
static enum gy_status add_value(struct values *v, const struct gy_term *term)
{
    const struct gy_plan_term *plan;
    if (term == NULL)
        return GY_OK;
    GY_TRY(gy_plan_term(&v->q->run.plan, term, v->now_ms, &plan, v->q->err));
    if (gy_why_is_constant(plan) || is_told(v, plan))
        return GY_OK;
    add_found(v, term, plan);
    term = gy_why_meant(term);
    GY_TRY(add_value(v, term->left));
    return add_value(v, term->right);
}

static enum gy_status add_values(struct values *v, const struct gy_expr *expr)
{
    GY_TRY(add_value(v, expr->left));
    if (expr->kind == GY_EXPR_COMPARE)
        GY_TRY(add_value(v, expr->right));
    GY_TRY(add_value(v, expr->low));
    return add_value(v, expr->high);
}

/* ---- the way in ---- */

static enum gy_status find_values(struct gy_inquiry *q, const struct gy_course *test)
{
    struct gy_why_node *node = test->node;
    struct values v = {.q = q, .now_ms = node->now_ms};
    enum gy_status status = add_values(&v, node->expr);
    if (node->expr->kind == GY_EXPR_ANNIVERSARY)
        add_found(&v, test->plan->left->term, test->plan->left);
    node->values = GY_NEW_ARRAY(q->arena, struct gy_why_value, v.n);
    node->n_values = v.n;
    for (uint32_t i = 0; i < v.n; i++)
        node->values[i] = v.found[i];
    free(v.found);
    free(v.plans);
    return status;
}

enum gy_status gy_why_evidence(struct gy_inquiry *q, const struct gy_course *test)
{
    enum gy_expr_kind kind = test->node->expr->kind;
    if (kind == GY_EXPR_ENTERED || kind == GY_EXPR_LEFT)
        return add_recorded(q, test);
    if (kind == GY_EXPR_DID)
        test->node->events =
            test->plan->chain->n_steps == 1 ? events_of_step(q, test) : events_of_chain(q, test);
    return find_values(q, test);
}
