/* test_round_trip.c - random trees: text and JSON lose nothing, and printing is the same again.
 *
 * A tree is made at random from every kind of node, bounded as a text is. Its names are the nasty
 * ones: keywords, spaces, quotes, other scripts.
 */
#include <string.h>

#include "harness.h"

#include "lang/json.h"
#include "lang/parser.h"
#include "lang/print.h"
#include "lang/quote.h"

enum where_ {
    PLAIN,
    FILTER,
    CHAIN_FILTER
};

struct maker {
    struct gy_arena *arena;
    uint64_t random;
    enum where_ mode;
    bool is_right;
    int leaves; /* still allowed */
};

static uint32_t below(struct maker *m, uint32_t n)
{
    return (uint32_t)(gy_test_random(&m->random) % n);
}

static bool chance(struct maker *m, uint32_t percent)
{
    return below(m, 100) < percent;
}

/* ---- small things ---- */

static const char *const names[] = {"Order",
                                    "Order Completed",
                                    "Order Completed/products",
                                    "구매",
                                    "last",
                                    "NOT",
                                    "true",
                                    "a\"b",
                                    "back\\slash",
                                    "tab\t",
                                    "day",
                                    "Hour",
                                    "x_1",
                                    "1st",
                                    "café",
                                    "where",
                                    "segment",
                                    "a.b",
                                    "in",
                                    "Zoë",
                                    "\u00a0",
                                    "--",
                                    "()",
                                    "false"};

static struct gy_name make_name(struct maker *m)
{
    const char *name = names[below(m, sizeof names / sizeof names[0])];
    return (struct gy_name){.text = gy_str_of(name), .id = GY_NAME_UNKNOWN};
}

static double make_number(struct maker *m)
{
    static const double special[] = {0,      1,    0.1,        1e21,   1e20,
                                     1.5e-7, 1e-6, 123456.789, 5e-324, 1.7976931348623157e308};
    if (chance(m, 30)) {
        return special[below(m, sizeof special / sizeof special[0])];
    }
    return (double)below(m, 100000) / (chance(m, 50) ? 1 : 128);
}

static uint64_t make_integer(struct maker *m)
{
    return chance(m, 10) ? UINT64_C(1) << (1 + below(m, 62)) : below(m, 100);
}

static struct gy_duration make_duration(struct maker *m)
{
    return (struct gy_duration){make_integer(m), (enum gy_unit)below(m, 6), {1, 1}};
}

static struct gy_window make_window(struct maker *m, bool may_be_none)
{
    struct gy_window w = {.kind = (enum gy_window_kind)below(m, 8)};
    if (w.kind == GY_WINDOW_NONE && !may_be_none) {
        w.kind = GY_WINDOW_PERIOD;
    }
    w.n = make_integer(m);
    w.m = make_integer(m);
    w.unit = (enum gy_unit)(w.kind == GY_WINDOW_LAST_FULL ? 2 + below(m, 4) : below(m, 6));
    w.period = (enum gy_period)below(m, 8);
    w.from.text = GY_STR("2025-01-01");
    w.to.text = GY_STR("whenever");
    return w;
}

/* ---- values ---- */

static struct gy_expr *make_expr(struct maker *m, int depth);
static struct gy_term *make_term(struct maker *m, int depth);

static struct gy_expr *make_filter(struct maker *m, enum where_ mode)
{
    struct maker inner = *m;
    inner.mode = mode;
    inner.is_right = false;
    struct gy_expr *where = make_expr(&inner, 3);
    m->random = inner.random;
    m->leaves = inner.leaves;
    return where;
}

static void make_string(struct maker *m, struct gy_term *term)
{
    term->kind = GY_TERM_STRING;
    term->string = make_name(m).text;
}

static void make_property(struct maker *m, struct gy_term *term)
{
    term->kind = GY_TERM_PROPERTY;
    term->name = make_name(m);
    while (m->is_right && gy_quote_is_needed(term->name.text, GY_NAME_OPERAND)) {
        term->name = make_name(m);
    }
    if (m->mode == CHAIN_FILTER && chance(m, 30)) {
        term->kind = GY_TERM_STEP_PROPERTY;
        term->step = make_name(m);
    }
}

static void make_filter_leaf(struct maker *m, struct gy_term *term)
{
    if (chance(m, 20)) {
        term->kind = (enum gy_term_kind)(GY_TERM_HOUR + below(m, 4));
    } else if (m->is_right && chance(m, 30)) {
        make_string(m, term);
    } else {
        make_property(m, term);
    }
}

static void make_aggregate(struct maker *m, struct gy_term *term)
{
    term->kind = GY_TERM_AGGREGATE;
    term->aggregate = (enum gy_aggregate)below(m, GY_TOP + 1);
    term->event = make_name(m);
    if (gy_aggregate_takes_property(term->aggregate)) {
        term->name = make_name(m);
    }
    if (chance(m, 40)) {
        term->where = make_filter(m, FILTER);
    }
    term->window = make_window(m, true);
}

static void make_population(struct maker *m, struct gy_term *term, int depth)
{
    term->kind = chance(m, 50) ? GY_TERM_NTILE : GY_TERM_PERCENTILE;
    term->left = make_term(m, depth - 1);
    term->parts = term->kind == GY_TERM_NTILE ? make_integer(m) : 0;
    if (chance(m, 50)) {
        term->among = make_expr(m, depth - 1);
    }
}

static void make_plain_leaf(struct maker *m, struct gy_term *term, int depth)
{
    switch (below(m, 6)) {
    case 0:
        make_string(m, term);
        return;
    case 1:
        term->kind = (enum gy_term_kind)(GY_TERM_TRAIT + below(m, 3));
        term->name = make_name(m);
        return;
    case 2:
        if (depth > 0) {
            make_population(m, term, depth);
            return;
        }
        make_aggregate(m, term);
        return;
    default:
        make_aggregate(m, term);
    }
}

static struct gy_term *make_term(struct maker *m, int depth)
{
    struct gy_term *term = GY_NEW(m->arena, struct gy_term);
    if (depth > 0 && chance(m, 40)) {
        term->kind = (enum gy_term_kind)(GY_TERM_ADD + below(m, 5));
        term->left = make_term(m, depth - 1);
        term->right = term->kind == GY_TERM_NEGATIVE ? NULL : make_term(m, depth - 1);
    } else if (chance(m, 30)) {
        term->kind = chance(m, 80) ? GY_TERM_NUMBER : GY_TERM_BOOL;
        term->number = term->kind == GY_TERM_NUMBER ? make_number(m) : below(m, 2);
    } else if (m->mode == PLAIN) {
        make_plain_leaf(m, term, depth);
    } else {
        make_filter_leaf(m, term);
    }
    return term;
}

static struct gy_term *make_right(struct maker *m, int depth)
{
    bool was_right = m->is_right;
    m->is_right = true;
    struct gy_term *term = make_term(m, depth);
    m->is_right = was_right;
    return term;
}

/* ---- tests ---- */

static void make_values(struct maker *m, struct gy_expr *expr)
{
    expr->n_values = 1 + below(m, 4);
    expr->values = GY_NEW_ARRAY(m->arena, struct gy_term *, expr->n_values);
    for (uint32_t i = 0; i < expr->n_values; i++) {
        struct gy_term *value = GY_NEW(m->arena, struct gy_term);
        expr->values[i] = value;
        if (chance(m, 30)) {
            make_string(m, value);
        } else {
            value->kind = GY_TERM_NUMBER;
            value->number = chance(m, 50) ? make_number(m) : -1 - make_number(m);
        }
    }
}

static void make_comparison(struct maker *m, struct gy_expr *expr, int depth)
{
    expr->kind = (enum gy_expr_kind)(GY_EXPR_COMPARE + below(m, 6));
    expr->left = make_term(m, depth);
    switch ((int)expr->kind) {
    case GY_EXPR_COMPARE:
        expr->compare = (enum gy_compare)below(m, 6);
        expr->right = make_right(m, depth);
        return;
    case GY_EXPR_BETWEEN:
        expr->low = make_right(m, depth);
        expr->high = make_right(m, depth);
        return;
    case GY_EXPR_IN:
        expr->is_negated = chance(m, 50);
        make_values(m, expr);
        return;
    case GY_EXPR_TEXT:
        expr->is_negated = chance(m, 50);
        expr->text_op = (enum gy_text_op)below(m, 4);
        expr->right = GY_NEW(m->arena, struct gy_term);
        make_string(m, expr->right);
        return;
    default:
        return;
    }
}

/* Present steps, each maybe with absent ones before it, and absent ones with a `within` at the end. */
static void make_steps(struct maker *m, struct gy_expr *did)
{
    uint32_t n_steps = 1 + below(m, 3);
    did->steps = GY_NEW_ARRAY(m->arena, struct gy_step, 12);
    for (uint32_t i = 0; i < n_steps; i++) {
        for (uint32_t n = i == 0 ? 0 : below(m, 3); n > 0; n--) {
            did->steps[did->n_steps++] = (struct gy_step){.event = make_name(m), .is_absent = true};
        }
        struct gy_step *step = &did->steps[did->n_steps++];
        step->event = make_name(m);
        if (chance(m, 40)) {
            step->as = make_name(m);
        }
        if (i > 0 && chance(m, 40)) {
            step->within = make_duration(m);
        }
    }
    for (uint32_t n = below(m, 3); n > 0; n--) {
        did->steps[did->n_steps++] =
            (struct gy_step){.event = make_name(m), .is_absent = true, .within = make_duration(m)};
    }
    for (uint32_t i = 0; i < did->n_steps; i++) {
        if (chance(m, 40)) {
            did->steps[i].where = make_filter(m, CHAIN_FILTER);
        }
    }
}

static void make_plain_test(struct maker *m, struct gy_expr *expr)
{
    static const enum gy_expr_kind kinds[] = {
        GY_EXPR_EVERYONE,    GY_EXPR_NOBODY, GY_EXPR_IDENTIFIED, GY_EXPR_DID,
        GY_EXPR_DID,         GY_EXPR_DID,    GY_EXPR_IN_LIST,    GY_EXPR_IN_SEGMENT,
        GY_EXPR_ANNIVERSARY, GY_EXPR_SAMPLE, GY_EXPR_ENTERED,    GY_EXPR_LEFT};
    expr->kind = kinds[below(m, sizeof kinds / sizeof kinds[0])];
    expr->name = make_name(m);
    if (expr->kind == GY_EXPR_DID) {
        make_steps(m, expr);
        expr->window = make_window(m, true);
    } else if (expr->kind == GY_EXPR_ENTERED || expr->kind == GY_EXPR_LEFT) {
        expr->window = make_window(m, false);
    } else if (expr->kind == GY_EXPR_IN_SEGMENT && chance(m, 50)) {
        expr->ago = make_duration(m);
    } else if (expr->kind == GY_EXPR_SAMPLE) {
        expr->share = make_number(m);
        expr->salt = chance(m, 50) ? make_name(m).text : (struct gy_str){0};
    }
    expr->next_days = make_integer(m);
}

static void make_chain(struct maker *m, struct gy_expr *expr, int depth)
{
    expr->n_children = expr->kind == GY_EXPR_NOT ? 1 : 2 + below(m, 3);
    expr->children = GY_NEW_ARRAY(m->arena, struct gy_expr *, expr->n_children);
    for (uint32_t i = 0; i < expr->n_children; i++) {
        do {
            expr->children[i] = make_expr(m, depth - 1);
        } while (expr->kind != GY_EXPR_NOT && expr->children[i]->kind == expr->kind);
    }
}

static struct gy_expr *make_expr(struct maker *m, int depth)
{
    struct gy_expr *expr = GY_NEW(m->arena, struct gy_expr);
    if (depth > 0 && m->leaves > 0 && chance(m, 50)) {
        expr->kind = (enum gy_expr_kind)(GY_EXPR_NOT + below(m, 3));
        make_chain(m, expr, depth);
        return expr;
    }
    m->leaves--;
    if (m->mode == PLAIN && chance(m, 50)) {
        make_plain_test(m, expr);
    } else {
        make_comparison(m, expr, depth > 2 ? 2 : depth);
    }
    return expr;
}

/* ---- laws ---- */

static char *print(const struct gy_definition *tree)
{
    struct gy_buf out = {0};
    gy_print_expr(tree->expr, &out);
    return out.ptr;
}

static char *write_json(const struct gy_definition *tree)
{
    struct gy_buf out = {0};
    gy_json_expr(tree->expr, &out);
    return out.ptr;
}

static void assert_same(const struct gy_definition *tree, const char *text, const char *json,
                        unsigned long long seed)
{
    char *text_again = print(tree);
    char *json_again = write_json(tree);
    if (strcmp(text, text_again) != 0 || strcmp(json, json_again) != 0) {
        fail_msg("SEED=%llu\n%s\n%s\n%s\n%s", seed, text, text_again, json, json_again);
    }
    free(text_again);
    free(json_again);
}

static void go_round(unsigned long long seed)
{
    struct gy_definition tree = {0};
    struct gy_definition from_text;
    struct gy_definition from_json;
    struct gy_error err = {0};
    struct maker m = {.arena = &tree.arena, .random = seed, .leaves = 60};
    tree.expr = make_expr(&m, 5);
    char *text = print(&tree);
    char *json = write_json(&tree);
    if (gy_parse(gy_str_of(text), &from_text, &err) != GY_OK) {
        fail_msg("SEED=%llu\n%s\n%u:%u %s", seed, text, err.line, err.column, err.message);
    }
    if (gy_json_parse(gy_str_of(json), &from_json, &err) != GY_OK) {
        fail_msg("SEED=%llu\n%s\n%s", seed, json, err.message);
    }
    assert_same(&from_text, text, json, seed);
    assert_same(&from_json, text, json, seed);
    free(text);
    free(json);
    gy_definition_release(&tree);
    gy_definition_release(&from_text);
    gy_definition_release(&from_json);
}

static void text_and_json_lose_nothing(void **state)
{
    (void)state;
    uint64_t seed = gy_test_seed();
    for (uint64_t i = 0; i < 3000; i++) {
        go_round(seed + i);
    }
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(text_and_json_lose_nothing),
};

GY_TEST_MAIN(cases)
