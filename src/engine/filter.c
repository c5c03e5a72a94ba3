/* filter.c - a filter asked of one row. */
#include "engine/filter.h"

#include <stdlib.h>

#include "base/mem.h"
#include "engine/value_ops.h"

/* ---- preparing ---- */

void gy_regex_list_release(struct gy_regex_list *list)
{
    for (uint32_t i = 0; i < list->n; i++)
        gy_regex_free(list->regexes[i]);
    free(list->regexes);
    *list = (struct gy_regex_list){0};
}

enum gy_status gy_regex_list_add(struct gy_regex_list *list, const struct gy_expr *test,
                                 const struct gy_regex **out, struct gy_error *err)
{
    struct gy_regex *regex;
    char why[GY_REGEX_WHY];
    if (!gy_regex_compile(test->right->string, &regex, why))
        return gy_error_at(err, test->right->place.line, test->right->place.column, "%s", why);
    GY_GROW(list->regexes, list->capacity, list->n + 1);
    list->regexes[list->n++] = regex;
    *out = regex;
    return GY_OK;
}

enum gy_status gy_filter_compile(const struct gy_expr *where, struct gy_arena *arena,
                                 struct gy_regex_list *regexes, const struct gy_filter **out,
                                 struct gy_error *err)
{
    struct gy_filter *filter = GY_NEW(arena, struct gy_filter);
    filter->expr = where;
    filter->n_children = where->n_children;
    filter->children = GY_NEW_ARRAY(arena, const struct gy_filter *, where->n_children);
    for (uint32_t i = 0; i < where->n_children; i++)
        GY_TRY(gy_filter_compile(where->children[i], arena, regexes, &filter->children[i], err));
    if (where->kind == GY_EXPR_TEXT && where->text_op == GY_TEXT_MATCHES)
        GY_TRY(gy_regex_list_add(regexes, where, &filter->regex, err));
    *out = filter;
    return GY_OK;
}

const struct gy_filter *gy_filter_and(const struct gy_filter **filters, uint32_t n,
                                      struct gy_arena *arena)
{
    if (n <= 1)
        return n == 0 ? NULL : filters[0];
    struct gy_expr *expr = GY_NEW(arena, struct gy_expr);
    struct gy_filter *filter = GY_NEW(arena, struct gy_filter);
    expr->kind = GY_EXPR_AND;
    *filter = (struct gy_filter){.expr = expr, .children = filters, .n_children = n};
    return filter;
}

/* ---- operands ---- */

static struct gy_value calendar_value(enum gy_term_kind kind, int64_t time_ms,
                                      const struct gy_zone *zone)
{
    struct gy_civil civil;
    if (kind == GY_TERM_WEEKDAY)
        return gy_value_number(gy_day_weekday(gy_zone_day(zone, time_ms)));
    gy_zone_civil(zone, time_ms, &civil);
    return gy_value_number(kind == GY_TERM_HOUR    ? civil.hour
                           : kind == GY_TERM_MONTH ? civil.month
                                                   : civil.day);
}

static struct gy_value negative(struct gy_value value)
{
    return value.type == GY_VALUE_NUMBER ? gy_value_number(-value.number) : gy_value_missing();
}

static struct gy_value property_value(const struct gy_term *term,
                                      const struct gy_row_context *context,
                                      const struct gy_row *row)
{
    if (term->name.id == GY_NAME_UNKNOWN)
        return gy_value_missing();
    return gy_row_value(context->reader, row, term->name.id, context->arena);
}

static struct gy_value calculated_value(const struct gy_term *term,
                                        const struct gy_row_context *context,
                                        const struct gy_row *row)
{
    struct gy_value left = gy_filter_term_value(term->left, context, row);
    struct gy_value right = gy_filter_term_value(term->right, context, row);
    return gy_value_calculate(term->kind, &left, &right);
}

struct gy_value gy_filter_term_value(const struct gy_term *term,
                                     const struct gy_row_context *context, const struct gy_row *row)
{
    switch (term->kind) {
    case GY_TERM_NUMBER:
    case GY_TERM_STRING:
    case GY_TERM_BOOL:
        return gy_literal_value(term);
    case GY_TERM_PROPERTY:
        return property_value(term, context, row);
    case GY_TERM_HOUR:
    case GY_TERM_WEEKDAY:
    case GY_TERM_MONTH:
    case GY_TERM_DAY:
        return calendar_value(term->kind, row->time_ms, context->zone);
    case GY_TERM_NEGATIVE:
        return negative(gy_filter_term_value(term->left, context, row));
    case GY_TERM_ADD:
    case GY_TERM_SUBTRACT:
    case GY_TERM_MULTIPLY:
    case GY_TERM_DIVIDE:
        return calculated_value(term, context, row);
    case GY_TERM_TRAIT:
    case GY_TERM_METRIC:
    case GY_TERM_AGE:
    case GY_TERM_AGGREGATE:
    case GY_TERM_PERCENTILE:
    case GY_TERM_NTILE:
    case GY_TERM_STEP_PROPERTY: /* taken out of a chain's filters before they run */
        break;
    }
    return gy_value_missing();
}

/* ---- tests ---- */

static bool is_among(const struct gy_expr *expr, const struct gy_value *value)
{
    for (uint32_t i = 0; i < expr->n_values; i++) {
        struct gy_value literal = gy_literal_value(expr->values[i]);
        if (gy_value_compares(value, GY_EQ, &literal))
            return true;
    }
    return false;
}

static bool is_between(const struct gy_expr *expr, const struct gy_row_context *context,
                       const struct gy_row *row)
{
    struct gy_value value = gy_filter_term_value(expr->left, context, row);
    struct gy_value low = gy_filter_term_value(expr->low, context, row);
    struct gy_value high = gy_filter_term_value(expr->high, context, row);
    return gy_value_between(&value, &low, &high);
}

static bool compares(const struct gy_expr *expr, const struct gy_row_context *context,
                     const struct gy_row *row)
{
    struct gy_value left = gy_filter_term_value(expr->left, context, row);
    struct gy_value right = gy_filter_term_value(expr->right, context, row);
    return gy_value_compares(&left, expr->compare, &right);
}

/* IN, TEXT, KNOWN and MISSING ask about one value. */
static bool value_passes(const struct gy_filter *filter, const struct gy_row_context *context,
                         const struct gy_row *row)
{
    const struct gy_expr *expr = filter->expr;
    struct gy_value value = gy_filter_term_value(expr->left, context, row);
    bool is_known = value.type != GY_VALUE_MISSING;
    if (expr->kind == GY_EXPR_KNOWN || expr->kind == GY_EXPR_MISSING)
        return is_known == (expr->kind == GY_EXPR_KNOWN);
    bool passes =
        expr->kind == GY_EXPR_IN
            ? is_among(expr, &value)
            : gy_value_passes_text(&value, expr->text_op, expr->right->string, filter->regex);
    return is_known && passes != expr->is_negated;
}

bool gy_filter_string_passes(const struct gy_filter *test, struct gy_str text)
{
    const struct gy_expr *expr = test->expr;
    struct gy_value value = gy_value_string(text);
    struct gy_value literal;
    bool is_found = false;
    switch (expr->kind) {
    case GY_EXPR_COMPARE:
        literal = gy_literal_value(expr->right);
        return gy_value_compares(&value, expr->compare, &literal);
    case GY_EXPR_IN:
        for (uint32_t i = 0; i < expr->n_values && !is_found; i++)
            is_found = gy_str_equal(expr->values[i]->string, text);
        return is_found != expr->is_negated;
    case GY_EXPR_TEXT:
        return gy_text_passes(expr->text_op, text, expr->right->string, test->regex) !=
               expr->is_negated;
    default:
        return expr->kind == GY_EXPR_KNOWN;
    }
}

static bool some_child_is(const struct gy_filter *filter, bool wanted,
                          const struct gy_row_context *context, const struct gy_row *row)
{
    for (uint32_t i = 0; i < filter->n_children; i++) {
        if (gy_filter_passes(filter->children[i], context, row) == wanted)
            return true;
    }
    return false;
}

bool gy_filter_passes(const struct gy_filter *filter, const struct gy_row_context *context,
                      const struct gy_row *row)
{
    if (filter == NULL)
        return true;
    switch (filter->expr->kind) {
    case GY_EXPR_AND:
        return !some_child_is(filter, false, context, row);
    case GY_EXPR_OR:
        return some_child_is(filter, true, context, row);
    case GY_EXPR_NOT:
        return !gy_filter_passes(filter->children[0], context, row);
    case GY_EXPR_COMPARE:
        return compares(filter->expr, context, row);
    case GY_EXPR_BETWEEN:
        return is_between(filter->expr, context, row);
    case GY_EXPR_IN:
    case GY_EXPR_TEXT:
    case GY_EXPR_KNOWN:
    case GY_EXPR_MISSING:
        return value_passes(filter, context, row);
    case GY_EXPR_EVERYONE:
    case GY_EXPR_NOBODY:
    case GY_EXPR_IDENTIFIED:
    case GY_EXPR_DID:
    case GY_EXPR_IN_SEGMENT:
    case GY_EXPR_IN_LIST:
    case GY_EXPR_ENTERED:
    case GY_EXPR_LEFT:
    case GY_EXPR_ANNIVERSARY:
    case GY_EXPR_SAMPLE:
        break;
    }
    return false;
}
