/* check_expr.c - tests, filters, chains and windows. */
#include <stdio.h>

#include "base/regex.h"
#include "lang/check_internal.h"

/* ---- windows ---- */

static void want_some(struct gy_checker *c, uint64_t n, struct gy_place place, const char *what)
{
    if (n == 0) {
        gy_check_error(c, place, "%s wants a number above zero", what);
    }
}

void gy_check_window(struct gy_checker *c, struct gy_window *window)
{
    switch (window->kind) {
    case GY_WINDOW_NONE:
    case GY_WINDOW_PERIOD:
        return;
    case GY_WINDOW_LAST:
    case GY_WINDOW_LAST_FULL:
        want_some(c, window->n, window->place, "\"last\"");
        return;
    case GY_WINDOW_AGO:
        if (window->n >= window->m) {
            gy_check_error(c, window->place,
                           "expected a number above %llu, but found %llu: the nearer end is named "
                           "first",
                           (unsigned long long)window->n, (unsigned long long)window->m);
        }
        return;
    case GY_WINDOW_SINCE:
        gy_check_time(c, &window->from);
        return;
    case GY_WINDOW_BEFORE:
        gy_check_time(c, &window->to);
        return;
    case GY_WINDOW_FROM_TO:
        gy_check_time(c, &window->from);
        gy_check_time(c, &window->to);
        return;
    }
}

/* ---- comparisons ---- */

static bool takes(bool is_ordering, enum gy_type type)
{
    return is_ordering ? gy_check_is_ordered(type) : type != GY_TYPE_LIST;
}

static const char *taken(bool is_ordering)
{
    return is_ordering ? "a number or a time" : "a number, a string, a boolean or a time";
}

static const char *same_as(enum gy_type type)
{
    switch (type) {
    case GY_TYPE_NUMBER:
        return "a number";
    case GY_TYPE_STRING:
        return "a string";
    case GY_TYPE_BOOL:
        return "a boolean (true or false)";
    case GY_TYPE_TIME:
        return "a time";
    case GY_TYPE_ANY:
    case GY_TYPE_LIST:
        break;
    }
    return "a value";
}

static bool is_string(const struct gy_term *term)
{
    return term->kind == GY_TERM_STRING;
}

/* Beside ANY an ordering can only mean a string that is a time. */
static void read_sides(struct gy_checker *c, bool is_ordering, struct gy_term *left,
                       struct gy_term *right)
{
    enum gy_type left_type = left->type;
    if (is_string(left) && right->type == GY_TYPE_TIME) {
        gy_check_read_time(c, left);
    } else if (is_string(left) && right->type == GY_TYPE_ANY && is_ordering) {
        gy_check_try_time(c, left);
    }
    if (is_string(right) && left_type == GY_TYPE_TIME) {
        gy_check_read_time(c, right);
    } else if (is_string(right) && left_type == GY_TYPE_ANY && is_ordering) {
        gy_check_try_time(c, right);
    }
}

static void fit(struct gy_checker *c, bool is_ordering, const struct gy_term *left,
                const struct gy_term *right)
{
    if (!takes(is_ordering, left->type)) {
        gy_check_wrong_type(c, left, taken(is_ordering));
    } else if (left->type == GY_TYPE_ANY) {
        if (!takes(is_ordering, right->type)) {
            gy_check_wrong_type(c, right, taken(is_ordering));
        }
    } else if (right->type != GY_TYPE_ANY && right->type != left->type) {
        gy_check_wrong_type(c, right, same_as(left->type));
    }
}

static void check_compare(struct gy_checker *c, struct gy_expr *expr)
{
    bool is_ordering = expr->compare >= GY_LT;
    gy_check_term(c, expr->left);
    gy_check_term(c, expr->right);
    read_sides(c, is_ordering, expr->left, expr->right);
    fit(c, is_ordering, expr->left, expr->right);
}

static void check_between(struct gy_checker *c, struct gy_expr *expr)
{
    gy_check_term(c, expr->left);
    gy_check_term(c, expr->low);
    gy_check_term(c, expr->high);
    if (is_string(expr->left)) {
        read_sides(c, true, expr->left, expr->low->type == GY_TYPE_TIME ? expr->low : expr->high);
    }
    read_sides(c, true, expr->left, expr->low);
    read_sides(c, true, expr->left, expr->high);
    fit(c, true, expr->left, expr->low);
    fit(c, true, expr->left, expr->high);
}

static void check_in(struct gy_checker *c, struct gy_expr *expr)
{
    gy_check_term(c, expr->left);
    for (uint32_t i = 0; i < expr->n_values; i++) {
        gy_check_term(c, expr->values[i]);
        read_sides(c, false, expr->left, expr->values[i]);
        fit(c, false, expr->left, expr->values[i]);
    }
}

static void check_pattern(struct gy_checker *c, const struct gy_term *pattern)
{
    char why[GY_REGEX_WHY];
    struct gy_regex *regex;
    if (!gy_regex_compile(pattern->string, &regex, why)) {
        gy_check_error(c, pattern->literal, "this is no POSIX extended regular expression: %s",
                       why);
    }
    gy_regex_free(regex);
}

static void check_text(struct gy_checker *c, struct gy_expr *expr)
{
    bool is_contains = expr->text_op == GY_TEXT_CONTAINS;
    gy_check_term(c, expr->left);
    gy_check_term(c, expr->right);
    enum gy_type type = expr->left->type;
    if (type != GY_TYPE_STRING && type != GY_TYPE_ANY && !(is_contains && type == GY_TYPE_LIST)) {
        gy_check_wrong_type(c, expr->left, is_contains ? "a string or a list" : "a string");
    }
    if (expr->text_op == GY_TEXT_MATCHES) {
        check_pattern(c, expr->right);
    }
}

/* ---- properties of earlier steps ---- */

static bool is_joined(const struct gy_expr *expr)
{
    return expr->kind == GY_EXPR_COMPARE && expr->compare == GY_EQ &&
           expr->left->kind == GY_TERM_PROPERTY && expr->right->kind == GY_TERM_STEP_PROPERTY;
}

static void report_step(struct gy_checker *c, const struct gy_name *step)
{
    char names[160] = "";
    size_t len = 0;
    for (uint32_t i = 0; i < c->n_steps; i++) {
        const struct gy_str name = c->steps[i].as.text;
        if (name.len > 0 && name.len < 60 && len + name.len + 4 < sizeof names) {
            len += (size_t)snprintf(names + len, sizeof names - len, "%s\"%.*s\"",
                                    len == 0 ? "" : ", ", GY_STR_ARG(name));
        }
    }
    if (!gy_check_error(c, step->place, "no step before this one is named \"%.*s\"",
                        GY_STR_ARG(step->text))) {
        return;
    }
    if (len > 0) {
        gy_error_hint(c->err, "The steps before it are %s.", names);
    } else {
        gy_error_hint(c->err, "A step is named with as: \"Cart Added\" as a.");
    }
}

static uint32_t find_step(const struct gy_checker *c, struct gy_str name)
{
    for (uint32_t i = 0; i < c->n_steps; i++) {
        if (c->steps[i].as.text.len > 0 && gy_str_equal(c->steps[i].as.text, name)) {
            return i;
        }
    }
    return GY_NAME_UNKNOWN;
}

void gy_check_step_property(struct gy_checker *c, struct gy_term *term)
{
    term->type = GY_TYPE_ANY;
    term->step.id = find_step(c, term->step.text);
    if (term->step.id == GY_NAME_UNKNOWN) {
        report_step(c, &term->step);
        return;
    }
    term->type = gy_check_property(c, &c->steps[term->step.id].event, &term->name);
}

static void check_joined(struct gy_checker *c, struct gy_expr *expr)
{
    gy_check_term(c, expr->left);
    gy_check_step_property(c, expr->right);
    fit(c, false, expr->left, expr->right);
}

/* ---- filters and chains ---- */

static void check_conjunct(struct gy_checker *c, struct gy_expr *expr)
{
    if (is_joined(expr)) {
        check_joined(c, expr);
    } else {
        gy_check_expr(c, expr);
    }
}

void gy_check_filter(struct gy_checker *c, const struct gy_name *event, const struct gy_step *steps,
                     uint32_t n_steps, struct gy_expr *where)
{
    c->event = event;
    c->steps = steps;
    c->n_steps = n_steps;
    if (where->kind == GY_EXPR_AND) {
        for (uint32_t i = 0; i < where->n_children; i++) {
            check_conjunct(c, where->children[i]);
        }
    } else {
        check_conjunct(c, where);
    }
    c->event = NULL;
    c->steps = NULL;
    c->n_steps = 0;
}

static void check_step_name(struct gy_checker *c, const struct gy_expr *did, uint32_t i)
{
    const struct gy_name *as = &did->steps[i].as;
    for (uint32_t j = 0; j < i && as->text.len > 0; j++) {
        if (gy_str_equal(did->steps[j].as.text, as->text)) {
            gy_check_error(c, as->place, "another step of this chain is named \"%.*s\" already",
                           GY_STR_ARG(as->text));
            return;
        }
    }
}

static void check_did(struct gy_checker *c, struct gy_expr *did)
{
    for (uint32_t i = 0; i < did->n_steps; i++) {
        struct gy_step *step = &did->steps[i];
        gy_check_event(c, &step->event);
        check_step_name(c, did, i);
        if (step->where != NULL) {
            gy_check_filter(c, &step->event, did->steps, i, step->where);
        }
        if (gy_duration_is_given(&step->within)) {
            want_some(c, step->within.n, step->within.place, "\"within\"");
        }
    }
    gy_check_window(c, &did->window);
}

/* ---- other tests ---- */

static void check_anniversary(struct gy_checker *c, struct gy_expr *expr)
{
    enum gy_type type = gy_check_trait(c, &expr->name);
    if (type != GY_TYPE_TIME && type != GY_TYPE_ANY) {
        gy_check_error(c, expr->trait, "anniversary wants a time, but trait \"%.*s\" is %s",
                       GY_STR_ARG(expr->name.text),
                       type == GY_TYPE_LIST ? "a list of strings" : same_as(type));
    }
    want_some(c, expr->next_days, expr->number, "\"next\"");
}

static void check_children(struct gy_checker *c, struct gy_expr *expr)
{
    for (uint32_t i = 0; i < expr->n_children; i++) {
        gy_check_expr(c, expr->children[i]);
    }
}

void gy_check_expr(struct gy_checker *c, struct gy_expr *expr)
{
    switch (expr->kind) {
    case GY_EXPR_EVERYONE:
    case GY_EXPR_NOBODY:
    case GY_EXPR_IDENTIFIED:
        return;
    case GY_EXPR_NOT:
    case GY_EXPR_AND:
    case GY_EXPR_OR:
        check_children(c, expr);
        return;
    case GY_EXPR_DID:
        check_did(c, expr);
        return;
    case GY_EXPR_IN_SEGMENT:
        expr->definition = gy_check_segment(c, &expr->name);
        return;
    case GY_EXPR_IN_LIST:
        gy_check_name(c, GY_NAME_LIST, &expr->name);
        return;
    case GY_EXPR_ENTERED:
    case GY_EXPR_LEFT:
        gy_check_name(c, GY_NAME_SEGMENT, &expr->name);
        gy_check_window(c, &expr->window);
        return;
    case GY_EXPR_ANNIVERSARY:
        check_anniversary(c, expr);
        return;
    case GY_EXPR_SAMPLE:
        if (expr->share > 1) {
            gy_check_error(c, expr->number, "expected a share from 0 to 1 (0%% to 100%%)");
        }
        return;
    case GY_EXPR_COMPARE:
        check_compare(c, expr);
        return;
    case GY_EXPR_BETWEEN:
        check_between(c, expr);
        return;
    case GY_EXPR_IN:
        check_in(c, expr);
        return;
    case GY_EXPR_TEXT:
        check_text(c, expr);
        return;
    case GY_EXPR_KNOWN:
    case GY_EXPR_MISSING:
        gy_check_term(c, expr->left);
        return;
    }
}
