/* json.c - the tree written as JSON: keys in the order of docs/language.md, none without a value. */
#include "lang/json.h"

#include "base/number.h"
#include "lang/quote.h"

/* ---- small things ---- */

/* `,"key":`, without the comma at the front of an object. */
static void put_key(const char *key, struct gy_buf *out)
{
    if (out->len > 0 && out->ptr[out->len - 1] != '{') {
        gy_buf_char(out, ',');
    }
    gy_buf_printf(out, "\"%s\":", key);
}

static void put_string(const char *key, struct gy_str value, struct gy_buf *out)
{
    put_key(key, out);
    gy_quote(value, out);
}

static void put_true(const char *key, struct gy_buf *out)
{
    put_key(key, out);
    gy_buf_text(out, "true");
}

static void put_number(double number, struct gy_buf *out)
{
    char text[GY_NUMBER_TEXT];
    gy_buf_append(out, text, gy_number_print(number, text));
}

static void put_integer(const char *key, uint64_t n, struct gy_buf *out)
{
    put_key(key, out);
    gy_buf_printf(out, "%llu", (unsigned long long)n);
}

static void put_duration(const char *key, const struct gy_duration *d, struct gy_buf *out)
{
    if (gy_duration_is_given(d)) {
        put_key(key, out);
        gy_buf_printf(out, "[%llu,\"%s\"]", (unsigned long long)d->n, gy_unit_word(d->unit));
    }
}

static void put_where(const struct gy_expr *where, struct gy_buf *out)
{
    if (where != NULL) {
        put_key("where", out);
        gy_json_expr(where, out);
    }
}

/* ---- windows ---- */

static void put_window_keys(const struct gy_window *w, struct gy_buf *out)
{
    switch (w->kind) {
    case GY_WINDOW_NONE:
        return;
    case GY_WINDOW_LAST:
    case GY_WINDOW_LAST_FULL:
        put_key(w->kind == GY_WINDOW_LAST ? "last" : "last_full", out);
        gy_buf_printf(out, "[%llu,\"%s\"]", (unsigned long long)w->n, gy_unit_word(w->unit));
        return;
    case GY_WINDOW_AGO:
        put_key("ago", out);
        gy_buf_printf(out, "[%llu,%llu,\"%s\"]", (unsigned long long)w->n, (unsigned long long)w->m,
                      gy_unit_word(w->unit));
        return;
    case GY_WINDOW_SINCE:
        put_string("since", w->from.text, out);
        return;
    case GY_WINDOW_BEFORE:
        put_string("before", w->to.text, out);
        return;
    case GY_WINDOW_FROM_TO:
        put_string("from", w->from.text, out);
        put_string("to", w->to.text, out);
        return;
    case GY_WINDOW_PERIOD:
        put_string("period", gy_str_of(gy_period_word(w->period)), out);
        return;
    }
}

static void put_window(const struct gy_window *w, struct gy_buf *out)
{
    if (w->kind != GY_WINDOW_NONE) {
        put_key("window", out);
        gy_buf_char(out, '{');
        put_window_keys(w, out);
        gy_buf_char(out, '}');
    }
}

/* ---- terms ---- */

static void put_term(const char *key, const struct gy_term *term, struct gy_buf *out)
{
    put_key(key, out);
    gy_json_term(term, out);
}

static void put_binary(const char *sign, const struct gy_term *term, struct gy_buf *out)
{
    put_key(sign, out);
    gy_buf_char(out, '[');
    gy_json_term(term->left, out);
    gy_buf_char(out, ',');
    gy_json_term(term->right, out);
    gy_buf_char(out, ']');
}

static void put_aggregate(const struct gy_term *term, struct gy_buf *out)
{
    put_key(gy_aggregate_word(term->aggregate), out);
    gy_buf_char(out, '{');
    put_string("event", term->event.text, out);
    if (gy_aggregate_takes_property(term->aggregate)) {
        put_string("property", term->name.text, out);
    }
    put_where(term->where, out);
    put_window(&term->window, out);
    gy_buf_char(out, '}');
}

static void put_population(const struct gy_term *term, struct gy_buf *out)
{
    put_term(term->kind == GY_TERM_NTILE ? "ntile" : "percentile", term->left, out);
    if (term->kind == GY_TERM_NTILE) {
        put_integer("parts", term->parts, out);
    }
    if (term->among != NULL) {
        put_key("among", out);
        gy_json_expr(term->among, out);
    }
}

static void put_step_property(const struct gy_term *term, struct gy_buf *out)
{
    put_string("property", term->name.text, out);
    put_string("of", term->step.text, out);
}

static void put_term_keys(const struct gy_term *term, struct gy_buf *out)
{
    switch (term->kind) {
    case GY_TERM_NUMBER:
    case GY_TERM_STRING:
    case GY_TERM_BOOL:
        return;
    case GY_TERM_TRAIT:
        put_string("trait", term->name.text, out);
        return;
    case GY_TERM_METRIC:
        put_string("metric", term->name.text, out);
        return;
    case GY_TERM_AGE:
        put_string("age", term->name.text, out);
        return;
    case GY_TERM_ADD:
        put_binary("+", term, out);
        return;
    case GY_TERM_SUBTRACT:
        put_binary("-", term, out);
        return;
    case GY_TERM_MULTIPLY:
        put_binary("*", term, out);
        return;
    case GY_TERM_DIVIDE:
        put_binary("/", term, out);
        return;
    case GY_TERM_NEGATIVE:
        put_term("negative", term->left, out);
        return;
    case GY_TERM_AGGREGATE:
        put_aggregate(term, out);
        return;
    case GY_TERM_PERCENTILE:
    case GY_TERM_NTILE:
        put_population(term, out);
        return;
    case GY_TERM_PROPERTY:
        put_string("property", term->name.text, out);
        return;
    case GY_TERM_STEP_PROPERTY:
        put_step_property(term, out);
        return;
    case GY_TERM_HOUR:
        put_true("hour", out);
        return;
    case GY_TERM_WEEKDAY:
        put_true("weekday", out);
        return;
    case GY_TERM_MONTH:
        put_true("month", out);
        return;
    case GY_TERM_DAY:
        put_true("day", out);
        return;
    }
}

void gy_json_term(const struct gy_term *term, struct gy_buf *out)
{
    if (term->kind == GY_TERM_NUMBER) {
        put_number(term->number, out);
    } else if (term->kind == GY_TERM_STRING) {
        gy_quote(term->string, out);
    } else if (term->kind == GY_TERM_BOOL) {
        gy_buf_text(out, term->number != 0 ? "true" : "false");
    } else {
        gy_buf_char(out, '{');
        put_term_keys(term, out);
        gy_buf_char(out, '}');
    }
}

/* ---- expressions ---- */

static void put_step(const struct gy_step *step, struct gy_buf *out)
{
    gy_buf_char(out, '{');
    put_string("event", step->event.text, out);
    if (step->as.text.len > 0) {
        put_string("as", step->as.text, out);
    }
    put_where(step->where, out);
    put_duration("within", &step->within, out);
    if (step->is_absent) {
        put_true("no", out);
    }
    gy_buf_char(out, '}');
}

static void put_did(const struct gy_expr *expr, struct gy_buf *out)
{
    put_key("did", out);
    gy_buf_char(out, '[');
    for (uint32_t i = 0; i < expr->n_steps; i++) {
        gy_buf_text(out, i == 0 ? "" : ",");
        put_step(&expr->steps[i], out);
    }
    gy_buf_char(out, ']');
    put_window(&expr->window, out);
}

static void put_chain(const char *key, const struct gy_expr *expr, struct gy_buf *out)
{
    put_key(key, out);
    gy_buf_char(out, '[');
    for (uint32_t i = 0; i < expr->n_children; i++) {
        gy_buf_text(out, i == 0 ? "" : ",");
        gy_json_expr(expr->children[i], out);
    }
    gy_buf_char(out, ']');
}

static void put_sample(const struct gy_expr *expr, struct gy_buf *out)
{
    put_key("sample", out);
    put_number(expr->share, out);
    if (expr->salt.len > 0) {
        put_string("salt", expr->salt, out);
    }
}

static void put_negated(const struct gy_expr *expr, struct gy_buf *out)
{
    if (expr->is_negated) {
        put_true("negated", out);
    }
}

static void put_in(const struct gy_expr *expr, struct gy_buf *out)
{
    put_term("in", expr->left, out);
    put_key("values", out);
    gy_buf_char(out, '[');
    for (uint32_t i = 0; i < expr->n_values; i++) {
        gy_buf_text(out, i == 0 ? "" : ",");
        gy_json_term(expr->values[i], out);
    }
    gy_buf_char(out, ']');
    put_negated(expr, out);
}

static void put_text(const struct gy_expr *expr, struct gy_buf *out)
{
    static const char *const keys[] = {"contains", "starts_with", "ends_with", "matches"};
    put_term(keys[expr->text_op], expr->left, out);
    put_string("text", expr->right->string, out);
    put_negated(expr, out);
}

static void put_compare(const struct gy_expr *expr, struct gy_buf *out)
{
    put_string("compare", gy_str_of(gy_compare_word(expr->compare)), out);
    put_term("left", expr->left, out);
    put_term("right", expr->right, out);
}

static void put_change(const char *key, const struct gy_expr *expr, struct gy_buf *out)
{
    put_string(key, expr->name.text, out);
    put_window(&expr->window, out);
}

static void put_expr_keys(const struct gy_expr *expr, struct gy_buf *out)
{
    switch (expr->kind) {
    case GY_EXPR_EVERYONE:
        put_true("everyone", out);
        return;
    case GY_EXPR_NOBODY:
        put_true("nobody", out);
        return;
    case GY_EXPR_IDENTIFIED:
        put_true("identified", out);
        return;
    case GY_EXPR_NOT:
        put_key("not", out);
        gy_json_expr(expr->children[0], out);
        return;
    case GY_EXPR_AND:
        put_chain("and", expr, out);
        return;
    case GY_EXPR_OR:
        put_chain("or", expr, out);
        return;
    case GY_EXPR_DID:
        put_did(expr, out);
        return;
    case GY_EXPR_IN_SEGMENT:
        put_string("in_segment", expr->name.text, out);
        put_duration("ago", &expr->ago, out);
        return;
    case GY_EXPR_IN_LIST:
        put_string("in_list", expr->name.text, out);
        return;
    case GY_EXPR_ENTERED:
        put_change("entered_segment", expr, out);
        return;
    case GY_EXPR_LEFT:
        put_change("left_segment", expr, out);
        return;
    case GY_EXPR_ANNIVERSARY:
        put_string("anniversary", expr->name.text, out);
        put_integer("next_days", expr->next_days, out);
        return;
    case GY_EXPR_SAMPLE:
        put_sample(expr, out);
        return;
    case GY_EXPR_COMPARE:
        put_compare(expr, out);
        return;
    case GY_EXPR_BETWEEN:
        put_term("between", expr->left, out);
        put_term("low", expr->low, out);
        put_term("high", expr->high, out);
        return;
    case GY_EXPR_IN:
        put_in(expr, out);
        return;
    case GY_EXPR_TEXT:
        put_text(expr, out);
        return;
    case GY_EXPR_KNOWN:
        put_term("known", expr->left, out);
        return;
    case GY_EXPR_MISSING:
        put_term("missing", expr->left, out);
        return;
    }
}

void gy_json_expr(const struct gy_expr *expr, struct gy_buf *out)
{
    gy_buf_char(out, '{');
    put_expr_keys(expr, out);
    gy_buf_char(out, '}');
}
