/* customer_eval.c - a walk down the plan for one customer. */
#include "engine/customer_eval.h"

#include "base/hash.h"
#include "engine/aggregate_rows.h"
#include "engine/population.h"
#include "engine/value_ops.h"

struct walk {
    struct gy_customer_eval *eval;
    const struct gy_subject *subject;
    struct gy_row_context context;
    int64_t first_ms; /* when the customer came to be */
};

static bool holds(struct walk *w, const struct gy_plan_expr *expr);
static struct gy_value value_of(struct walk *w, const struct gy_plan_term *term);

/* ---- terms ---- */

/* The latest value set up to the instant: missing where it was removed. */
static struct gy_value trait_value(struct walk *w, uint32_t stream, int64_t now_ms)
{
    struct gy_rows *rows = &w->eval->rows;
    rows->n = 0;
    gy_rows_gather(rows, w->eval->reader, w->subject, stream,
                   (struct gy_range){INT64_MIN, now_ms + 1});
    if (rows->n == 0)
        return gy_value_missing();
    gy_rows_sort(rows);
    return gy_row_value(w->eval->reader, &rows->rows[rows->n - 1], GY_PROPERTY_VALUE,
                        &w->eval->arena);
}

static void keep_passing(struct walk *w, const struct gy_filter *filter)
{
    struct gy_rows *rows = &w->eval->rows;
    size_t n = 0;
    for (size_t i = 0; filter != NULL && i < rows->n; i++) {
        if (gy_filter_passes(filter, &w->context, &rows->rows[i]))
            rows->rows[n++] = rows->rows[i];
    }
    rows->n = filter == NULL ? rows->n : n;
}

static struct gy_value aggregate_value(struct walk *w, const struct gy_plan_term *term)
{
    struct gy_rows *rows = &w->eval->rows;
    rows->n = 0;
    gy_rows_gather(rows, w->eval->reader, w->subject, term->stream, term->range);
    keep_passing(w, term->filter);
    gy_rows_sort(rows);
    return gy_aggregate_rows(term->term->aggregate, term->property, term->now_ms, &w->context,
                             rows);
}

static struct gy_value age_value(struct walk *w, const struct gy_plan_term *term)
{
    int64_t years;
    struct gy_value birth = trait_value(w, term->stream, term->now_ms);
    if (birth.type != GY_VALUE_TIME ||
        !gy_age_at(birth.time_ms, term->now_ms, w->context.zone, &years))
        return gy_value_missing();
    return gy_value_number((double)years);
}

static struct gy_value population_value(struct walk *w, const struct gy_plan_term *term)
{
    struct gy_population *population = term->population;
    struct gy_value value = value_of(w, population->value);
    if (value.type == GY_VALUE_MISSING || population->n == 0 ||
        (population->among != NULL && !holds(w, population->among)))
        return gy_value_missing();
    double number = value.type == GY_VALUE_TIME ? (double)value.time_ms : value.number;
    return gy_value_number(gy_rank_value(term, gy_population_smaller(population, number)));
}

static struct gy_value calculated_value(struct walk *w, const struct gy_plan_term *term)
{
    struct gy_value left = value_of(w, term->left);
    struct gy_value right = value_of(w, term->right);
    return gy_value_calculate(term->kind, &left, &right);
}

static struct gy_value negative_value(struct walk *w, const struct gy_plan_term *term)
{
    struct gy_value value = value_of(w, term->left);
    return value.type == GY_VALUE_NUMBER ? gy_value_number(-value.number) : gy_value_missing();
}

static struct gy_value value_of(struct walk *w, const struct gy_plan_term *term)
{
    switch (term->kind) {
    case GY_TERM_NUMBER:
    case GY_TERM_STRING:
    case GY_TERM_BOOL:
        return gy_literal_value(term->term);
    case GY_TERM_TRAIT:
        return trait_value(w, term->stream, term->now_ms);
    case GY_TERM_AGE:
        return age_value(w, term);
    case GY_TERM_ADD:
    case GY_TERM_SUBTRACT:
    case GY_TERM_MULTIPLY:
    case GY_TERM_DIVIDE:
        return calculated_value(w, term);
    case GY_TERM_NEGATIVE:
        return negative_value(w, term);
    case GY_TERM_AGGREGATE:
        return aggregate_value(w, term);
    case GY_TERM_PERCENTILE:
    case GY_TERM_NTILE:
        return population_value(w, term);
    case GY_TERM_METRIC:
    case GY_TERM_PROPERTY:
    case GY_TERM_STEP_PROPERTY:
    case GY_TERM_HOUR:
    case GY_TERM_WEEKDAY:
    case GY_TERM_MONTH:
    case GY_TERM_DAY:
        break; /* planned away, or only within filters */
    }
    return gy_value_missing();
}

/* ---- tests ---- */

static bool compares(struct walk *w, const struct gy_plan_expr *expr)
{
    struct gy_value left = value_of(w, expr->left);
    struct gy_value right = value_of(w, expr->right);
    return gy_value_compares(&left, expr->expr->compare, &right);
}

static bool is_between(struct walk *w, const struct gy_plan_expr *expr)
{
    struct gy_value value = value_of(w, expr->left);
    struct gy_value low = value_of(w, expr->low);
    struct gy_value high = value_of(w, expr->high);
    return gy_value_between(&value, &low, &high);
}

static bool is_among(struct walk *w, const struct gy_plan_expr *expr)
{
    struct gy_value value = value_of(w, expr->left);
    bool is_found = false;
    for (uint32_t i = 0; i < expr->expr->n_values && !is_found; i++) {
        struct gy_value literal = gy_literal_value(expr->expr->values[i]);
        is_found = gy_value_compares(&value, GY_EQ, &literal);
    }
    return value.type != GY_VALUE_MISSING && is_found != expr->expr->is_negated;
}

static bool passes_text(struct walk *w, const struct gy_plan_expr *expr)
{
    struct gy_value value = value_of(w, expr->left);
    bool passes =
        gy_value_passes_text(&value, expr->expr->text_op, expr->expr->right->string, expr->regex);
    return value.type != GY_VALUE_MISSING && passes != expr->expr->is_negated;
}

static bool is_in_sample(const struct walk *w, const struct gy_plan_expr *expr)
{
    bool is_external;
    struct gy_str id = gy_snapshot_id(w->eval->plan->snapshot, w->subject->root, &is_external);
    return expr->sample_is_all || gy_hash_sample(expr->expr->salt, id) < expr->sample_below;
}

static bool is_identified(const struct walk *w)
{
    bool is_external;
    (void)gy_snapshot_id(w->eval->plan->snapshot, w->subject->root, &is_external);
    return is_external;
}

static bool has_anniversary(struct walk *w, const struct gy_plan_expr *expr)
{
    struct gy_value date = value_of(w, expr->left);
    return date.type == GY_VALUE_TIME &&
           gy_anniversary_within(date.time_ms, expr->now_ms, expr->expr->next_days,
                                 w->context.zone);
}

static bool some_child_is(struct walk *w, const struct gy_plan_expr *expr, bool wanted)
{
    for (uint32_t i = 0; i < expr->n_children; i++) {
        if (holds(w, expr->children[i]) == wanted)
            return true;
    }
    return false;
}

static bool passes(struct walk *w, const struct gy_plan_expr *expr)
{
    switch (expr->kind) {
    case GY_EXPR_EVERYONE:
        return true;
    case GY_EXPR_NOBODY:
        return false;
    case GY_EXPR_IDENTIFIED:
        return is_identified(w);
    case GY_EXPR_NOT:
        return !holds(w, expr->children[0]);
    case GY_EXPR_AND:
        return !some_child_is(w, expr, false);
    case GY_EXPR_OR:
    case GY_EXPR_IN_SEGMENT: /* its one child, as of the child's own instant */
        return some_child_is(w, expr, true);
    case GY_EXPR_DID:
        return gy_chain_holds(expr->chain, &w->eval->chains, &w->context, w->subject);
    case GY_EXPR_IN_LIST:
    case GY_EXPR_ENTERED:
    case GY_EXPR_LEFT:
        return roaring_bitmap_contains(expr->roots, w->subject->root);
    case GY_EXPR_ANNIVERSARY:
        return has_anniversary(w, expr);
    case GY_EXPR_SAMPLE:
        return is_in_sample(w, expr);
    case GY_EXPR_COMPARE:
        return compares(w, expr);
    case GY_EXPR_BETWEEN:
        return is_between(w, expr);
    case GY_EXPR_IN:
        return is_among(w, expr);
    case GY_EXPR_TEXT:
        return passes_text(w, expr);
    case GY_EXPR_KNOWN:
        return value_of(w, expr->left).type != GY_VALUE_MISSING;
    case GY_EXPR_MISSING:
        return value_of(w, expr->left).type == GY_VALUE_MISSING;
    }
    return false;
}

/* Every node holds only for customers that exist as of its instant. */
static bool holds(struct walk *w, const struct gy_plan_expr *expr)
{
    return w->first_ms <= expr->now_ms && passes(w, expr);
}

/* ---- the ways in ---- */

void gy_customer_eval_init(struct gy_customer_eval *eval, const struct gy_eval_plan *plan,
                           struct gy_reader *reader)
{
    *eval = (struct gy_customer_eval){.plan = plan, .reader = reader};
    reader->derived = plan == NULL ? NULL : &plan->derived;
}

void gy_customer_eval_release(struct gy_customer_eval *eval)
{
    gy_rows_release(&eval->rows);
    gy_chain_state_release(&eval->chains);
    gy_arena_release(&eval->arena);
    *eval = (struct gy_customer_eval){0};
}

static struct walk begin(struct gy_customer_eval *eval, const struct gy_subject *subject)
{
    gy_arena_reset(&eval->arena);
    return (struct walk){
        eval,
        subject,
        {eval->reader, eval->plan->zone, &eval->arena},
        gy_subject_first_ms(eval->reader, subject),
    };
}

bool gy_customer_holds(struct gy_customer_eval *eval, const struct gy_subject *subject,
                       const struct gy_plan_expr *expr)
{
    struct walk w = begin(eval, subject);
    return holds(&w, expr);
}

struct gy_value gy_customer_value(struct gy_customer_eval *eval, const struct gy_subject *subject,
                                  const struct gy_plan_term *term)
{
    struct walk w = begin(eval, subject);
    return value_of(&w, term);
}
