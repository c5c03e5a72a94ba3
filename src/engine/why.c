/* why.c - the tree of an answer, node by node from the definition's. */
#include "engine/why.h"

#include "engine/why_internal.h"

/* ---- the tree ---- */

/* What stands below a node, and as of when it is asked. */
struct below {
    struct gy_expr *const *exprs;
    uint32_t n;
    int64_t now_ms;
};

static struct below below(const struct gy_course *course)
{
    const struct gy_expr *expr = course->node->expr;
    if (expr->kind == GY_EXPR_IN_SEGMENT)
        return (struct below){&expr->definition, 1, course->plan->children[0]->now_ms};
    return (struct below){expr->children, expr->n_children, course->node->now_ms};
}

static enum gy_status build(struct gy_inquiry *q, struct gy_course *course);

static enum gy_status build_children(struct gy_inquiry *q, struct gy_course *course)
{
    struct gy_why_node *node = course->node;
    struct below children = below(course);
    node->children = GY_NEW_ARRAY(q->arena, struct gy_why_node, children.n);
    course->children = GY_NEW_ARRAY(q->arena, struct gy_course, children.n);
    node->n_children = children.n;
    for (uint32_t i = 0; i < children.n; i++) {
        node->children[i] =
            (struct gy_why_node){.expr = children.exprs[i], .now_ms = children.now_ms};
        course->children[i] = (struct gy_course){.node = &node->children[i], .parent = course};
    }
    for (uint32_t i = 0; i < children.n; i++)
        GY_TRY(build(q, &course->children[i]));
    return GY_OK;
}

static enum gy_status build(struct gy_inquiry *q, struct gy_course *course)
{
    struct gy_why_node *node = course->node;
    if (++q->n_nodes > GY_WHY_NODES)
        return gy_error_set(q->err, GY_LIMIT,
                            "the definition and those it refers to have more than %d conditions",
                            GY_WHY_NODES);
    /* The plan has it already: equal nodes are one. */
    GY_TRY(gy_plan_expr(&q->run.plan, node->expr, node->now_ms, &course->plan, q->err));
    GY_TRY(build_children(q, course));
    if (node->n_children > 0)
        return GY_OK;
    node->holds = gy_customer_holds(&q->worker->eval, &q->subject, course->plan);
    GY_TRY(gy_why_evidence(q, course));
    node->shortfall = gy_why_shortfall(q, course);
    return GY_OK;
}

/* ---- the way in ---- */

static enum gy_status begin(struct gy_inquiry *q, const struct gy_expr *expr)
{
    const struct gy_plan_expr *plan;
    GY_TRY(gy_plan_expr(&q->run.plan, expr, q->now_ms, &plan, q->err));
    GY_TRY(gy_run_prepare(&q->run, q->err));
    q->worker = &q->run.workers[0];
    gy_reader_reset(&q->worker->reader);
    q->first_ms = gy_subject_first_ms(&q->reader, &q->subject);
    if (q->first_ms <= q->now_ms)
        return gy_reader_status(&q->reader, q->err);
    bool is_external;
    struct gy_str id = gy_snapshot_id(q->snapshot, q->subject.root, &is_external);
    return gy_error_set(q->err, GY_NOT_FOUND, "customer \"%.*s\" came later", GY_STR_ARG(id));
}

static enum gy_status inquire(struct gy_inquiry *q, struct gy_why_node *root)
{
    struct gy_course course = {.node = root};
    GY_TRY(begin(q, root->expr));
    enum gy_status status = build(q, &course);
    if (status == GY_OK)
        status = gy_why_foresee(q, &course);
    gy_course_release(&course);
    if (status == GY_OK)
        status = gy_reader_status(&q->worker->reader, q->err);
    return status == GY_OK ? gy_reader_status(&q->reader, q->err) : status;
}

enum gy_status gy_why(const struct gy_snapshot *snapshot, const struct gy_expr *expr,
                      int64_t now_ms, uint32_t ordinal, const struct gy_why_options *options,
                      struct gy_why *out, struct gy_error *err)
{
    struct gy_why_options defaults = {.max_events = GY_WHY_EVENTS};
    options = options == NULL ? &defaults : options;
    struct gy_run_options run_options = {.cancel = options->cancel,
                                         .deadline_us = options->deadline_us};
    struct gy_inquiry q = {.snapshot = snapshot,
                           .zone = gy_snapshot_zone(snapshot),
                           .now_ms = gy_instant_within_calendar(now_ms),
                           .subject = gy_subject_of(snapshot, &ordinal),
                           .max_events = options->max_events,
                           .err = err};
    *out = (struct gy_why){0};
    q.arena = &out->arena;
    out->root = GY_NEW(&out->arena, struct gy_why_node);
    *out->root = (struct gy_why_node){.expr = expr, .now_ms = q.now_ms};
    gy_run_init(&q.run, snapshot, &run_options);
    gy_reader_init(&q.reader, snapshot);
    q.reader.known_until_ms = q.now_ms;
    q.reader.cancel = options->cancel;
    q.reader.deadline_us = options->deadline_us;
    gy_customer_eval_init(&q.later, NULL, &q.reader);
    enum gy_status status = inquire(&q, out->root);
    gy_customer_eval_release(&q.later);
    gy_reader_release(&q.reader);
    gy_run_release(&q.run);
    if (status != GY_OK)
        gy_why_release(out);
    return status;
}

void gy_why_release(struct gy_why *why)
{
    gy_arena_release(&why->arena);
    *why = (struct gy_why){0};
}
