/* print.c - the canonical text.
 *
 * Parentheses stand where the grammar would read another tree without them: an `or` inside an `and`,
 * either inside a `not`; a sum inside a product or behind a minus; the right side of `-`, `*` and `/`
 * where it is an operation of the same kind or a weaker one. A step's name before a dot and a
 * property are words of the filter, so only `not`, `true` and `false` are quoted there.
 */
#include "lang/print.h"

#include "base/number.h"
#include "lang/quote.h"

/* ---- small things ---- */

static void print_number(double number, struct gy_buf *out)
{
    char text[GY_NUMBER_TEXT];
    gy_buf_append(out, text, gy_number_print(number, text));
}

static void print_integer(uint64_t n, struct gy_buf *out)
{
    gy_buf_printf(out, "%llu", (unsigned long long)n);
}

static void print_unit(uint64_t n, enum gy_unit unit, struct gy_buf *out)
{
    struct gy_str word = gy_str_of(gy_unit_word(unit));
    word.len -= n == 1;
    gy_buf_str(out, word);
}

static void print_duration(const struct gy_duration *duration, struct gy_buf *out)
{
    print_integer(duration->n, out);
    gy_buf_char(out, ' ');
    print_unit(duration->n, duration->unit, out);
}

static void print_name(const struct gy_name *name, enum gy_name_position position,
                       struct gy_buf *out)
{
    gy_quote_name(name->text, position, out);
}

/* ---- windows ---- */

static void print_last(const struct gy_window *w, struct gy_buf *out)
{
    gy_buf_text(out, "last ");
    print_integer(w->n, out);
    gy_buf_text(out, w->kind == GY_WINDOW_LAST_FULL ? " full " : " ");
    print_unit(w->n, w->unit, out);
}

static void print_ago(const struct gy_window *w, struct gy_buf *out)
{
    print_integer(w->n, out);
    gy_buf_text(out, " to ");
    print_integer(w->m, out);
    gy_buf_char(out, ' ');
    print_unit(w->m, w->unit, out);
    gy_buf_text(out, " ago");
}

static void print_window_words(const struct gy_window *w, struct gy_buf *out)
{
    switch (w->kind) {
    case GY_WINDOW_NONE:
        return;
    case GY_WINDOW_LAST:
    case GY_WINDOW_LAST_FULL:
        print_last(w, out);
        return;
    case GY_WINDOW_AGO:
        print_ago(w, out);
        return;
    case GY_WINDOW_SINCE:
        gy_buf_text(out, "since ");
        gy_quote(w->from.text, out);
        return;
    case GY_WINDOW_BEFORE:
        gy_buf_text(out, "before ");
        gy_quote(w->to.text, out);
        return;
    case GY_WINDOW_FROM_TO:
        gy_buf_text(out, "from ");
        gy_quote(w->from.text, out);
        gy_buf_text(out, " to ");
        gy_quote(w->to.text, out);
        return;
    case GY_WINDOW_PERIOD:
        gy_buf_text(out, gy_period_word(w->period));
        return;
    }
}

static void print_window(const struct gy_window *w, struct gy_buf *out)
{
    if (w->kind != GY_WINDOW_NONE) {
        gy_buf_char(out, ' ');
        print_window_words(w, out);
    }
}

/* ---- terms ---- */

enum strength {
    SUM_STRENGTH,
    PRODUCT_STRENGTH,
    FACTOR_STRENGTH
};

static enum strength term_strength(const struct gy_term *term)
{
    switch (term->kind) {
    case GY_TERM_ADD:
    case GY_TERM_SUBTRACT:
        return SUM_STRENGTH;
    case GY_TERM_MULTIPLY:
    case GY_TERM_DIVIDE:
        return PRODUCT_STRENGTH;
    case GY_TERM_NUMBER:
    case GY_TERM_STRING:
    case GY_TERM_BOOL:
    case GY_TERM_TRAIT:
    case GY_TERM_METRIC:
    case GY_TERM_AGE:
    case GY_TERM_NEGATIVE:
    case GY_TERM_AGGREGATE:
    case GY_TERM_PERCENTILE:
    case GY_TERM_NTILE:
    case GY_TERM_PROPERTY:
    case GY_TERM_STEP_PROPERTY:
    case GY_TERM_HOUR:
    case GY_TERM_WEEKDAY:
    case GY_TERM_MONTH:
    case GY_TERM_DAY:
        break;
    }
    return FACTOR_STRENGTH;
}

static void print_operand(const struct gy_term *term, enum strength least, struct gy_buf *out)
{
    bool is_weak = term_strength(term) < least;
    if (is_weak) {
        gy_buf_char(out, '(');
    }
    gy_print_term(term, out);
    if (is_weak) {
        gy_buf_char(out, ')');
    }
}

static void print_binary(const struct gy_term *term, const char *sign, struct gy_buf *out)
{
    enum strength strength = term_strength(term);
    print_operand(term->left, strength, out);
    gy_buf_text(out, sign);
    print_operand(term->right, (enum strength)(strength + 1), out);
}

static void print_negative(const struct gy_term *term, struct gy_buf *out)
{
    gy_buf_text(out, term->left->kind == GY_TERM_NEGATIVE ? "- " : "-");
    print_operand(term->left, FACTOR_STRENGTH, out);
}

static void print_trait(const struct gy_name *name, struct gy_buf *out)
{
    gy_buf_text(out, "trait.");
    print_name(name, GY_NAME_AFTER_DOT, out);
}

static void print_where(const struct gy_expr *where, struct gy_buf *out)
{
    if (where != NULL) {
        gy_buf_text(out, " where ");
        gy_print_expr(where, out);
    }
}

static void print_aggregate(const struct gy_term *term, struct gy_buf *out)
{
    gy_buf_text(out, gy_aggregate_word(term->aggregate));
    gy_buf_char(out, '(');
    print_name(&term->event, GY_NAME_ALONE, out);
    if (gy_aggregate_takes_property(term->aggregate)) {
        gy_buf_char(out, '.');
        print_name(&term->name, GY_NAME_AFTER_DOT, out);
    }
    print_where(term->where, out);
    print_window(&term->window, out);
    gy_buf_char(out, ')');
}

static void print_population(const struct gy_term *term, struct gy_buf *out)
{
    gy_buf_text(out, term->kind == GY_TERM_NTILE ? "ntile(" : "percentile(");
    gy_print_term(term->left, out);
    if (term->kind == GY_TERM_NTILE) {
        gy_buf_text(out, ", ");
        print_integer(term->parts, out);
    }
    if (term->among != NULL) {
        gy_buf_text(out, " among (");
        gy_print_expr(term->among, out);
        gy_buf_char(out, ')');
    }
    gy_buf_char(out, ')');
}

void gy_print_term(const struct gy_term *term, struct gy_buf *out)
{
    switch (term->kind) {
    case GY_TERM_NUMBER:
        print_number(term->number, out);
        return;
    case GY_TERM_STRING:
        gy_quote(term->string, out);
        return;
    case GY_TERM_BOOL:
        gy_buf_text(out, term->number != 0 ? "true" : "false");
        return;
    case GY_TERM_TRAIT:
        print_trait(&term->name, out);
        return;
    case GY_TERM_METRIC:
        gy_buf_text(out, "metric.");
        print_name(&term->name, GY_NAME_AFTER_DOT, out);
        return;
    case GY_TERM_AGE:
        gy_buf_text(out, "age(");
        print_trait(&term->name, out);
        gy_buf_char(out, ')');
        return;
    case GY_TERM_ADD:
        print_binary(term, " + ", out);
        return;
    case GY_TERM_SUBTRACT:
        print_binary(term, " - ", out);
        return;
    case GY_TERM_MULTIPLY:
        print_binary(term, " * ", out);
        return;
    case GY_TERM_DIVIDE:
        print_binary(term, " / ", out);
        return;
    case GY_TERM_NEGATIVE:
        print_negative(term, out);
        return;
    case GY_TERM_AGGREGATE:
        print_aggregate(term, out);
        return;
    case GY_TERM_PERCENTILE:
    case GY_TERM_NTILE:
        print_population(term, out);
        return;
    case GY_TERM_PROPERTY:
        print_name(&term->name, GY_NAME_OPERAND, out);
        return;
    case GY_TERM_STEP_PROPERTY:
        print_name(&term->step, GY_NAME_OPERAND, out);
        gy_buf_char(out, '.');
        print_name(&term->name, GY_NAME_AFTER_DOT, out);
        return;
    case GY_TERM_HOUR:
        gy_buf_text(out, "hour()");
        return;
    case GY_TERM_WEEKDAY:
        gy_buf_text(out, "weekday()");
        return;
    case GY_TERM_MONTH:
        gy_buf_text(out, "month()");
        return;
    case GY_TERM_DAY:
        gy_buf_text(out, "day()");
        return;
    }
}

/* ---- tests ---- */

static void print_step(const struct gy_step *step, bool is_first, struct gy_buf *out)
{
    if (!is_first) {
        gy_buf_text(out, step->is_absent ? " then no " : " then ");
    }
    print_name(&step->event, GY_NAME_ALONE, out);
    if (step->as.text.len > 0) {
        gy_buf_text(out, " as ");
        print_name(&step->as, GY_NAME_ALONE, out);
    }
    print_where(step->where, out);
    if (gy_duration_is_given(&step->within)) {
        gy_buf_text(out, " within ");
        print_duration(&step->within, out);
    }
}

static void print_did(const struct gy_expr *expr, struct gy_buf *out)
{
    gy_buf_text(out, "did(");
    for (uint32_t i = 0; i < expr->n_steps; i++) {
        print_step(&expr->steps[i], i == 0, out);
    }
    print_window(&expr->window, out);
    gy_buf_char(out, ')');
}

/* in segment(…), in list(…), entered segment(…), left segment(…). */
static void print_membership(const struct gy_expr *expr, const char *words, struct gy_buf *out)
{
    gy_buf_text(out, words);
    gy_buf_char(out, '(');
    print_name(&expr->name, GY_NAME_ALONE, out);
    if (gy_duration_is_given(&expr->ago)) {
        gy_buf_char(out, ' ');
        print_duration(&expr->ago, out);
        gy_buf_text(out, " ago");
    }
    print_window(&expr->window, out);
    gy_buf_char(out, ')');
}

static void print_anniversary(const struct gy_expr *expr, struct gy_buf *out)
{
    gy_buf_text(out, "anniversary(");
    print_trait(&expr->name, out);
    gy_buf_text(out, " next ");
    print_integer(expr->next_days, out);
    gy_buf_char(out, ' ');
    print_unit(expr->next_days, GY_UNIT_DAY, out);
    gy_buf_char(out, ')');
}

static void print_sample(const struct gy_expr *expr, struct gy_buf *out)
{
    gy_buf_text(out, "sample(");
    print_number(expr->share, out);
    if (expr->salt.len > 0) {
        gy_buf_text(out, ", ");
        gy_quote(expr->salt, out);
    }
    gy_buf_char(out, ')');
}

static void print_compare(const struct gy_expr *expr, struct gy_buf *out)
{
    gy_print_term(expr->left, out);
    gy_buf_printf(out, " %s ", gy_compare_word(expr->compare));
    gy_print_term(expr->right, out);
}

static void print_between(const struct gy_expr *expr, struct gy_buf *out)
{
    gy_print_term(expr->left, out);
    gy_buf_text(out, " between ");
    gy_print_term(expr->low, out);
    gy_buf_text(out, " and ");
    gy_print_term(expr->high, out);
}

static void print_in(const struct gy_expr *expr, struct gy_buf *out)
{
    gy_print_term(expr->left, out);
    gy_buf_text(out, expr->is_negated ? " not in (" : " in (");
    for (uint32_t i = 0; i < expr->n_values; i++) {
        gy_buf_text(out, i == 0 ? "" : ", ");
        gy_print_term(expr->values[i], out);
    }
    gy_buf_char(out, ')');
}

static void print_text(const struct gy_expr *expr, struct gy_buf *out)
{
    gy_print_term(expr->left, out);
    gy_buf_printf(out, expr->is_negated ? " not %s " : " %s ", gy_text_op_word(expr->text_op));
    gy_quote(expr->right->string, out);
}

/* ---- chains ---- */

static bool needs_parentheses(enum gy_expr_kind parent, enum gy_expr_kind child)
{
    return child == GY_EXPR_OR || (child == GY_EXPR_AND && parent == GY_EXPR_NOT);
}

static void print_child(const struct gy_expr *parent, uint32_t i, struct gy_buf *out)
{
    const struct gy_expr *child = parent->children[i];
    bool is_weak = needs_parentheses(parent->kind, child->kind);
    if (is_weak) {
        gy_buf_char(out, '(');
    }
    gy_print_expr(child, out);
    if (is_weak) {
        gy_buf_char(out, ')');
    }
}

static void print_chain(const struct gy_expr *expr, const char *joint, struct gy_buf *out)
{
    for (uint32_t i = 0; i < expr->n_children; i++) {
        gy_buf_text(out, i == 0 ? "" : joint);
        print_child(expr, i, out);
    }
}

void gy_print_expr(const struct gy_expr *expr, struct gy_buf *out)
{
    switch (expr->kind) {
    case GY_EXPR_EVERYONE:
        gy_buf_text(out, "everyone");
        return;
    case GY_EXPR_NOBODY:
        gy_buf_text(out, "nobody");
        return;
    case GY_EXPR_IDENTIFIED:
        gy_buf_text(out, "identified");
        return;
    case GY_EXPR_NOT:
        gy_buf_text(out, "not ");
        print_child(expr, 0, out);
        return;
    case GY_EXPR_AND:
        print_chain(expr, " and ", out);
        return;
    case GY_EXPR_OR:
        print_chain(expr, " or ", out);
        return;
    case GY_EXPR_DID:
        print_did(expr, out);
        return;
    case GY_EXPR_IN_SEGMENT:
        print_membership(expr, "in segment", out);
        return;
    case GY_EXPR_IN_LIST:
        print_membership(expr, "in list", out);
        return;
    case GY_EXPR_ENTERED:
        print_membership(expr, "entered segment", out);
        return;
    case GY_EXPR_LEFT:
        print_membership(expr, "left segment", out);
        return;
    case GY_EXPR_ANNIVERSARY:
        print_anniversary(expr, out);
        return;
    case GY_EXPR_SAMPLE:
        print_sample(expr, out);
        return;
    case GY_EXPR_COMPARE:
        print_compare(expr, out);
        return;
    case GY_EXPR_BETWEEN:
        print_between(expr, out);
        return;
    case GY_EXPR_IN:
        print_in(expr, out);
        return;
    case GY_EXPR_TEXT:
        print_text(expr, out);
        return;
    case GY_EXPR_KNOWN:
        gy_print_term(expr->left, out);
        gy_buf_text(out, " is known");
        return;
    case GY_EXPR_MISSING:
        gy_print_term(expr->left, out);
        gy_buf_text(out, " is missing");
        return;
    }
}
