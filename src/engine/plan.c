/* plan.c - from lang's tree and an instant to nodes. */
#include "engine/plan.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "engine/plan_cost.h"
#include "engine/population.h"
#include "lang/print.h"

enum {
    MAX_NODES = 100000,
    MAX_LEVELS = 1000
};

void gy_eval_plan_init(struct gy_eval_plan *plan, const struct gy_snapshot *snapshot)
{
    *plan = (struct gy_eval_plan){
        .snapshot = snapshot, .zone = gy_snapshot_zone(snapshot), .known_until_ms = INT64_MAX};
}

void gy_eval_plan_release(struct gy_eval_plan *plan)
{
    for (uint32_t i = 0; i < plan->n_bitmaps; i++)
        roaring_bitmap_free(plan->bitmaps[i]);
    for (uint32_t i = 0; i < plan->n_populations; i++)
        gy_population_release(plan->populations[i]);
    free(plan->bitmaps);
    free(plan->populations);
    free(plan->nodes);
    gy_regex_list_release(&plan->regexes);
    gy_derived_streams_release(&plan->derived);
    gy_intern_release(&plan->keys);
    gy_arena_release(&plan->arena);
    *plan = (struct gy_eval_plan){0};
}

/* ---- equal nodes are one ---- */

/* What tells a node from others: whether it is an expression or a term of some type, its instant and
 * its canonical text, which names the segments and metrics it refers to. */
static void key_of(struct gy_buf *key, char kind, int64_t now_ms)
{
    gy_buf_char(key, kind);
    gy_buf_append(key, &now_ms, sizeof now_ms);
}

/* The node of this key, or NULL and room for it. */
static void **node_of(struct gy_eval_plan *plan, const struct gy_buf *key)
{
    uint32_t n_before = plan->keys.n;
    uint32_t place = gy_intern_add(&plan->keys, gy_buf_view(key));
    GY_GROW(plan->nodes, plan->nodes_capacity, plan->keys.n);
    if (plan->keys.n > n_before)
        plan->nodes[place] = NULL;
    return &plan->nodes[place];
}

struct planner {
    struct gy_eval_plan *plan;
    uint32_t level;
    struct gy_error *err;
};

static enum gy_status plan_expr(struct planner *p, const struct gy_expr *expr, int64_t now_ms,
                                const struct gy_plan_expr **out);
static enum gy_status plan_term(struct planner *p, const struct gy_term *term, int64_t now_ms,
                                const struct gy_plan_term **out);

static enum gy_status enter(struct planner *p)
{
    if (p->level >= MAX_LEVELS)
        return gy_error_set(p->err, GY_LIMIT,
                            "definitions refer to each other over more than %d levels", MAX_LEVELS);
    if (p->plan->keys.n >= MAX_NODES)
        return gy_error_set(p->err, GY_LIMIT,
                            "references lead to more than %d different evaluations", MAX_NODES);
    p->level++;
    return GY_OK;
}

/* The cheapest first, equal ones as they stand in the text. */
static int compare_costs(const void *a, const void *b)
{
    const struct gy_plan_expr *l = *(const struct gy_plan_expr *const *)a;
    const struct gy_plan_expr *r = *(const struct gy_plan_expr *const *)b;
    if (l->cost != r->cost)
        return l->cost < r->cost ? -1 : 1;
    return (l->id > r->id) - (l->id < r->id);
}

/* ---- terms ---- */

/* percentile and ntile over the same, or in other parts, share a population. */
static struct gy_population *one_of_equal(struct gy_eval_plan *plan,
                                          struct gy_population *population)
{
    for (uint32_t i = 0; i < plan->n_populations; i++) {
        struct gy_population *other = plan->populations[i];
        if (other->value == population->value && other->among == population->among)
            return other;
    }
    GY_GROW(plan->populations, plan->populations_capacity, plan->n_populations + 1);
    plan->populations[plan->n_populations++] = population;
    return population;
}

static void cut_parts(struct gy_plan_term *ntile)
{
    ntile->first_cut = ntile->population->n_cuts;
    for (uint64_t part = 2; part <= ntile->term->parts; part++)
        gy_population_cut(ntile->population, ntile, (double)part, false);
}

static enum gy_status plan_population(struct planner *p, const struct gy_term *term, int64_t now_ms,
                                      struct gy_plan_term *out)
{
    struct gy_eval_plan *plan = p->plan;
    struct gy_population *population = GY_NEW(&plan->arena, struct gy_population);
    population->now_ms = now_ms;
    GY_TRY(plan_term(p, term->left, now_ms, &population->value));
    if (term->among != NULL)
        GY_TRY(plan_expr(p, term->among, now_ms, &population->among));
    population->level = population->value->level;
    if (population->among != NULL)
        population->level = gy_plan_higher(population->level, population->among->level);
    out->population = one_of_equal(plan, population);
    if (gy_is_few_parts(out))
        cut_parts(out);
    return GY_OK;
}

static enum gy_status plan_aggregate(struct planner *p, const struct gy_term *term, int64_t now_ms,
                                     struct gy_plan_term *out)
{
    out->stream = gy_derived_stream(&p->plan->derived, term->event.id, now_ms);
    out->property = term->name.id;
    out->range = gy_window_range(&term->window, now_ms, p->plan->zone);
    if (term->where == NULL)
        return GY_OK;
    return gy_filter_compile(term->where, &p->plan->arena, &p->plan->regexes, &out->filter, p->err);
}

static enum gy_status fill_term(struct planner *p, const struct gy_term *term, int64_t now_ms,
                                struct gy_plan_term *out)
{
    switch (term->kind) {
    case GY_TERM_NUMBER:
    case GY_TERM_STRING:
    case GY_TERM_BOOL:
        return GY_OK;
    case GY_TERM_TRAIT:
    case GY_TERM_AGE:
        out->stream = term->name.id;
        return GY_OK;
    case GY_TERM_ADD:
    case GY_TERM_SUBTRACT:
    case GY_TERM_MULTIPLY:
    case GY_TERM_DIVIDE:
        GY_TRY(plan_term(p, term->left, now_ms, &out->left));
        return plan_term(p, term->right, now_ms, &out->right);
    case GY_TERM_NEGATIVE:
        return plan_term(p, term->left, now_ms, &out->left);
    case GY_TERM_AGGREGATE:
        return plan_aggregate(p, term, now_ms, out);
    case GY_TERM_PERCENTILE:
    case GY_TERM_NTILE:
        return plan_population(p, term, now_ms, out);
    case GY_TERM_METRIC:
    case GY_TERM_PROPERTY:
    case GY_TERM_STEP_PROPERTY:
    case GY_TERM_HOUR:
    case GY_TERM_WEEKDAY:
    case GY_TERM_MONTH:
    case GY_TERM_DAY:
        break;
    }
    return gy_error_at(p->err, term->place.line, term->place.column,
                       "a value of one event stands outside of a filter");
}

static enum gy_status plan_new_term(struct planner *p, const struct gy_term *term, int64_t now_ms,
                                    const struct gy_plan_term **out)
{
    struct gy_buf key = {0};
    key_of(&key, (char)('a' + (int)term->type), now_ms);
    gy_print_term(term, &key);
    struct gy_plan_term *node = *node_of(p->plan, &key);
    enum gy_status status = GY_OK;
    if (node == NULL) {
        node = GY_NEW(&p->plan->arena, struct gy_plan_term);
        *node = (struct gy_plan_term){.kind = term->kind,
                                      .term = term,
                                      .type = term->type,
                                      .now_ms = now_ms,
                                      .stream = GY_NAME_UNKNOWN,
                                      .property = GY_NAME_UNKNOWN};
        status = fill_term(p, term, now_ms, node);
        node->id = p->plan->n_terms++;
        if (status == GY_OK)
            gy_plan_cost_term(p->plan->snapshot, node);
        *node_of(p->plan, &key) = node;
    }
    node->n_uses++;
    *out = node;
    gy_buf_release(&key);
    return status;
}

static enum gy_status plan_term(struct planner *p, const struct gy_term *term, int64_t now_ms,
                                const struct gy_plan_term **out)
{
    GY_TRY(enter(p));
    enum gy_status status = term->kind == GY_TERM_METRIC ? plan_term(p, term->left, now_ms, out)
                                                         : plan_new_term(p, term, now_ms, out);
    p->level--;
    return status;
}

/* ---- expressions ---- */

static void keep_bitmap(struct gy_eval_plan *plan, const uint32_t *ordinals, size_t n,
                        struct gy_plan_expr *out)
{
    GY_GROW(plan->bitmaps, plan->bitmaps_capacity, plan->n_bitmaps + 1);
    roaring_bitmap_t *bitmap = roaring_bitmap_of_ptr(n, ordinals);
    plan->bitmaps[plan->n_bitmaps++] = bitmap;
    out->roots = bitmap;
}

static enum gy_status plan_list(struct planner *p, int64_t now_ms, struct gy_plan_expr *out)
{
    uint32_t *ordinals = NULL;
    size_t n = 0;
    int64_t known_ms = now_ms < p->plan->known_until_ms ? now_ms : p->plan->known_until_ms;
    GY_TRY(gy_snapshot_list_members(p->plan->snapshot, out->expr->name.id, known_ms, &ordinals, &n,
                                    p->err));
    keep_bitmap(p->plan, ordinals, n, out);
    free(ordinals);
    return GY_OK;
}

static enum gy_status plan_changes(struct planner *p, int64_t now_ms, struct gy_plan_expr *out)
{
    uint32_t *ordinals = NULL;
    size_t n = 0;
    struct gy_range range = gy_window_range(&out->expr->window, now_ms, p->plan->zone);
    if (range.to_ms > p->plan->known_until_ms)
        range.to_ms = p->plan->known_until_ms + 1;
    GY_TRY(gy_snapshot_changes(p->plan->snapshot, out->expr->name.id, out->kind == GY_EXPR_ENTERED,
                               range.from_ms, range.to_ms, &ordinals, &n, p->err));
    keep_bitmap(p->plan, ordinals, n, out);
    free(ordinals);
    return GY_OK;
}

static enum gy_status plan_children(struct planner *p, struct gy_expr *const *children, uint32_t n,
                                    int64_t now_ms, struct gy_plan_expr *out)
{
    out->children = GY_NEW_ARRAY(&p->plan->arena, const struct gy_plan_expr *, n);
    out->n_children = n;
    for (uint32_t i = 0; i < n; i++)
        GY_TRY(plan_expr(p, children[i], now_ms, &out->children[i]));
    if (n > 1)
        qsort(out->children, n, sizeof *out->children, compare_costs);
    return GY_OK;
}

int64_t gy_plan_segment_instant(const struct gy_eval_plan *plan, const struct gy_expr *expr,
                                int64_t now_ms)
{
    int64_t then_ms =
        expr->ago.n == 0 ? now_ms : gy_duration_before(now_ms, &expr->ago, plan->zone);
    return gy_instant_within_calendar(then_ms);
}

static enum gy_status plan_segment(struct planner *p, const struct gy_expr *expr, int64_t now_ms,
                                   struct gy_plan_expr *out)
{
    return plan_children(p, &expr->definition, 1, gy_plan_segment_instant(p->plan, expr, now_ms),
                         out);
}

/* share × 2^64 is a double exactly; hashes are whole, so those below it are those below its ceiling. */
static void plan_sample(const struct gy_expr *expr, struct gy_plan_expr *out)
{
    out->sample_is_all = expr->share >= 1.0;
    if (!out->sample_is_all)
        out->sample_below = (uint64_t)ceil(ldexp(expr->share, 64));
}

/* The trait whose days are counted. */
static void plan_anniversary(struct planner *p, const struct gy_expr *expr, int64_t now_ms,
                             struct gy_plan_expr *out)
{
    struct gy_plan_term *trait = GY_NEW(&p->plan->arena, struct gy_plan_term);
    struct gy_term *term = GY_NEW(&p->plan->arena, struct gy_term);
    *term = (struct gy_term){.kind = GY_TERM_TRAIT, .type = GY_TYPE_TIME, .name = expr->name};
    *trait = (struct gy_plan_term){.kind = GY_TERM_TRAIT,
                                   .term = term,
                                   .type = GY_TYPE_TIME,
                                   .now_ms = now_ms,
                                   .stream = expr->name.id,
                                   .id = p->plan->n_terms++};
    out->left = trait;
}

static enum gy_status plan_text(struct planner *p, const struct gy_expr *expr, int64_t now_ms,
                                struct gy_plan_expr *out)
{
    if (expr->text_op == GY_TEXT_MATCHES)
        GY_TRY(gy_regex_list_add(&p->plan->regexes, expr, &out->regex, p->err));
    return plan_term(p, expr->left, now_ms, &out->left);
}

/* `>` and `<=` part the ranks behind the number, `>=` and `<` at it, `=` and `!=` at both. */
static void cut_at_number(struct gy_plan_expr *test)
{
    struct gy_population *population = test->left->population;
    enum gy_compare compare = test->expr->compare;
    double number = test->right->term->number;
    test->first_cut = population->n_cuts;
    if (compare != GY_GT && compare != GY_LE)
        gy_population_cut(population, test->left, number, false);
    if (compare != GY_GE && compare != GY_LT)
        gy_population_cut(population, test->left, number, true);
}

static enum gy_status plan_compare(struct planner *p, const struct gy_expr *expr, int64_t now_ms,
                                   struct gy_plan_expr *out)
{
    GY_TRY(plan_term(p, expr->left, now_ms, &out->left));
    GY_TRY(plan_term(p, expr->right, now_ms, &out->right));
    if (gy_is_rank_test(out))
        cut_at_number(out);
    return GY_OK;
}

static enum gy_status plan_between(struct planner *p, const struct gy_expr *expr, int64_t now_ms,
                                   struct gy_plan_expr *out)
{
    GY_TRY(plan_term(p, expr->left, now_ms, &out->left));
    GY_TRY(plan_term(p, expr->low, now_ms, &out->low));
    return plan_term(p, expr->high, now_ms, &out->high);
}

static enum gy_status fill_expr(struct planner *p, const struct gy_expr *expr, int64_t now_ms,
                                struct gy_plan_expr *out)
{
    switch (expr->kind) {
    case GY_EXPR_EVERYONE:
    case GY_EXPR_NOBODY:
    case GY_EXPR_IDENTIFIED:
        return GY_OK;
    case GY_EXPR_NOT:
    case GY_EXPR_AND:
    case GY_EXPR_OR:
        return plan_children(p, expr->children, expr->n_children, now_ms, out);
    case GY_EXPR_DID:
        return gy_chain_compile(expr, gy_window_range(&expr->window, now_ms, p->plan->zone), now_ms,
                                &p->plan->derived, &p->plan->arena, &p->plan->regexes, &out->chain,
                                p->err);
    case GY_EXPR_IN_SEGMENT:
        return plan_segment(p, expr, now_ms, out);
    case GY_EXPR_IN_LIST:
        return plan_list(p, now_ms, out);
    case GY_EXPR_ENTERED:
    case GY_EXPR_LEFT:
        return plan_changes(p, now_ms, out);
    case GY_EXPR_ANNIVERSARY:
        plan_anniversary(p, expr, now_ms, out);
        return GY_OK;
    case GY_EXPR_SAMPLE:
        plan_sample(expr, out);
        return GY_OK;
    case GY_EXPR_COMPARE:
        return plan_compare(p, expr, now_ms, out);
    case GY_EXPR_BETWEEN:
        return plan_between(p, expr, now_ms, out);
    case GY_EXPR_TEXT:
        return plan_text(p, expr, now_ms, out);
    case GY_EXPR_IN:
    case GY_EXPR_KNOWN:
    case GY_EXPR_MISSING:
        return plan_term(p, expr->left, now_ms, &out->left);
    }
    return GY_OK;
}

static enum gy_status plan_new_expr(struct planner *p, const struct gy_expr *expr, int64_t now_ms,
                                    const struct gy_plan_expr **out)
{
    struct gy_buf key = {0};
    key_of(&key, 'A', now_ms);
    gy_print_expr(expr, &key);
    struct gy_plan_expr *node = *node_of(p->plan, &key);
    enum gy_status status = GY_OK;
    if (node == NULL) {
        node = GY_NEW(&p->plan->arena, struct gy_plan_expr);
        *node = (struct gy_plan_expr){.kind = expr->kind, .expr = expr, .now_ms = now_ms};
        status = fill_expr(p, expr, now_ms, node);
        node->id = p->plan->n_exprs++;
        if (status == GY_OK)
            gy_plan_cost_expr(node);
        *node_of(p->plan, &key) = node;
    }
    node->n_uses++;
    *out = node;
    gy_buf_release(&key);
    return status;
}

static enum gy_status plan_expr(struct planner *p, const struct gy_expr *expr, int64_t now_ms,
                                const struct gy_plan_expr **out)
{
    GY_TRY(enter(p));
    enum gy_status status = plan_new_expr(p, expr, now_ms, out);
    p->level--;
    return status;
}

/* ---- the two ways in ---- */

enum gy_status gy_plan_expr(struct gy_eval_plan *plan, const struct gy_expr *expr, int64_t now_ms,
                            const struct gy_plan_expr **out, struct gy_error *err)
{
    struct planner p = {plan, 0, err};
    return plan_expr(&p, expr, gy_instant_within_calendar(now_ms), out);
}

enum gy_status gy_plan_term(struct gy_eval_plan *plan, const struct gy_term *term, int64_t now_ms,
                            const struct gy_plan_term **out, struct gy_error *err)
{
    struct planner p = {plan, 0, err};
    return plan_term(&p, term, gy_instant_within_calendar(now_ms), out);
}
