/* check_term.c - values: each gets its type from what it is made of.
 *
 * A string literal is a time where the other side is one. Which side is at fault follows the
 * contract: the left one if the operator does not take it at all, else the right one.
 */
#include <stdio.h>

#include "lang/check_internal.h"
#include "lang/quote.h"

/* ---- words for errors ---- */

static const char *type_phrase(enum gy_type type)
{
    switch (type) {
    case GY_TYPE_ANY:
        return "a value";
    case GY_TYPE_NUMBER:
        return "a number";
    case GY_TYPE_STRING:
        return "a string";
    case GY_TYPE_BOOL:
        return "a boolean (true or false)";
    case GY_TYPE_TIME:
        return "a time";
    case GY_TYPE_LIST:
        return "a list of strings";
    }
    return "";
}

static void describe(const struct gy_term *term, char *out, size_t size)
{
    struct gy_str name =
        gy_quote_short(term->kind == GY_TERM_STRING ? term->string : term->name.text);
    switch ((int)term->kind) {
    case GY_TERM_STRING:
        snprintf(out, size, "\"%.*s\"", GY_STR_ARG(name));
        return;
    case GY_TERM_TRAIT:
        snprintf(out, size, "trait \"%.*s\"", GY_STR_ARG(name));
        return;
    case GY_TERM_METRIC:
        snprintf(out, size, "metric \"%.*s\"", GY_STR_ARG(name));
        return;
    case GY_TERM_PROPERTY:
    case GY_TERM_STEP_PROPERTY:
        snprintf(out, size, "property \"%.*s\"", GY_STR_ARG(name));
        return;
    case GY_TERM_AGGREGATE:
        snprintf(out, size, "this %s(…)", gy_aggregate_word(term->aggregate));
        return;
    default:
        snprintf(out, size, "this");
    }
}

void gy_check_wrong_type(struct gy_checker *c, const struct gy_term *term, const char *wanted)
{
    char what[128];
    describe(term, what, sizeof what);
    gy_check_error(c, term->place, "expected %s, but %s is %s", wanted, what,
                   type_phrase(term->type));
}

/* ---- times ---- */

void gy_check_try_time(struct gy_checker *c, struct gy_term *string)
{
    if (string->kind == GY_TERM_STRING &&
        gy_time_read(string->string, c->vocabulary->zone, &string->time_ms, NULL)) {
        string->type = GY_TYPE_TIME;
    }
}

static void not_a_time(struct gy_checker *c, struct gy_place place, struct gy_str text)
{
    struct gy_str shown = gy_quote_short(text);
    if (gy_check_error(c, place, "expected a time, but \"%.*s\" does not read as one",
                       GY_STR_ARG(shown))) {
        gy_error_hint(c->err, "A time is written 2025-01-31 or 2025-01-31T09:30, with Z or +09:00 "
                              "behind it where it is not local.");
    }
}

void gy_check_read_time(struct gy_checker *c, struct gy_term *string)
{
    gy_check_try_time(c, string);
    if (string->type != GY_TYPE_TIME) {
        not_a_time(c, string->literal, string->string);
        string->type = GY_TYPE_TIME;
    }
}

void gy_check_time(struct gy_checker *c, struct gy_time_literal *time)
{
    if (!gy_time_read(time->text, c->vocabulary->zone, &time->ms, &time->is_date)) {
        not_a_time(c, time->place, time->text);
    }
}

/* ---- arithmetic ---- */

static bool is_number(const struct gy_term *term)
{
    return term->type == GY_TYPE_NUMBER || term->type == GY_TYPE_ANY;
}

static void want_number(struct gy_checker *c, const struct gy_term *term)
{
    if (!is_number(term)) {
        gy_check_wrong_type(c, term, "a number");
    }
}

static void check_arithmetic(struct gy_checker *c, struct gy_term *term)
{
    gy_check_term(c, term->left);
    gy_check_term(c, term->right);
    want_number(c, term->left);
    want_number(c, term->right);
}

/* A string beside a time, or beside what may be one. */
static void read_beside(struct gy_checker *c, struct gy_term *string, enum gy_type other)
{
    if (string->kind != GY_TERM_STRING) {
        return;
    }
    if (other == GY_TYPE_TIME) {
        gy_check_read_time(c, string);
    } else if (other == GY_TYPE_ANY) {
        gy_check_try_time(c, string);
    }
}

static void check_subtract(struct gy_checker *c, struct gy_term *term)
{
    struct gy_term *left = term->left;
    struct gy_term *right = term->right;
    gy_check_term(c, left);
    gy_check_term(c, right);
    enum gy_type left_type = left->type;
    read_beside(c, left, right->type);
    read_beside(c, right, left_type);
    if (!gy_check_is_ordered(left->type)) {
        gy_check_wrong_type(c, left, "a number or a time");
    } else if (left->type == GY_TYPE_ANY) {
        if (!gy_check_is_ordered(right->type)) {
            gy_check_wrong_type(c, right, "a number or a time");
        }
    } else if (right->type != GY_TYPE_ANY && right->type != left->type) {
        gy_check_wrong_type(c, right, left->type == GY_TYPE_TIME ? "a time" : "a number");
    }
}

/* ---- aggregates ---- */

static bool takes_type(enum gy_aggregate aggregate, enum gy_type type)
{
    switch (aggregate) {
    case GY_SUM:
    case GY_AVG:
    case GY_MEDIAN:
        return type == GY_TYPE_NUMBER || type == GY_TYPE_BOOL || type == GY_TYPE_ANY;
    case GY_MIN:
    case GY_MAX:
        return gy_check_is_ordered(type);
    case GY_COUNT:
    case GY_DAYS:
    case GY_FIRST_TIME:
    case GY_LAST_TIME:
    case GY_DAYS_SINCE:
    case GY_INTERVAL:
    case GY_DISTINCT:
    case GY_FIRST:
    case GY_LAST:
    case GY_TOP:
        break;
    }
    return true;
}

static enum gy_type aggregate_type(enum gy_aggregate aggregate, enum gy_type property)
{
    switch (aggregate) {
    case GY_COUNT:
    case GY_DAYS:
    case GY_DAYS_SINCE:
    case GY_INTERVAL:
    case GY_SUM:
    case GY_AVG:
    case GY_MEDIAN:
    case GY_DISTINCT:
        return GY_TYPE_NUMBER;
    case GY_FIRST_TIME:
    case GY_LAST_TIME:
        return GY_TYPE_TIME;
    case GY_MIN:
    case GY_MAX:
    case GY_FIRST:
    case GY_LAST:
    case GY_TOP:
        break;
    }
    return property;
}

static void check_aggregate(struct gy_checker *c, struct gy_term *term)
{
    enum gy_type property = GY_TYPE_ANY;
    gy_check_event(c, &term->event);
    if (gy_aggregate_takes_property(term->aggregate)) {
        property = gy_check_property(c, &term->event, &term->name);
    }
    if (!takes_type(term->aggregate, property)) {
        bool is_extreme = term->aggregate == GY_MIN || term->aggregate == GY_MAX;
        gy_check_error(c, term->name.place, "%s wants %s, but property \"%.*s\" is %s",
                       gy_aggregate_word(term->aggregate),
                       is_extreme ? "a number or a time" : "a number", GY_STR_ARG(term->name.text),
                       type_phrase(property));
    }
    if (term->where != NULL) {
        gy_check_filter(c, &term->event, NULL, 0, term->where);
    }
    gy_check_window(c, &term->window);
    term->type = aggregate_type(term->aggregate, property);
}

static void check_population(struct gy_checker *c, struct gy_term *term)
{
    gy_check_term(c, term->left);
    if (!gy_check_is_ordered(term->left->type)) {
        gy_check_wrong_type(c, term->left, "a number or a time");
    }
    if (term->kind == GY_TERM_NTILE && term->parts == 0) {
        gy_check_error(c, term->literal, "expected one part or more, but found 0");
    }
    if (term->among != NULL) {
        gy_check_expr(c, term->among);
    }
}

static void check_age(struct gy_checker *c, struct gy_term *term)
{
    enum gy_type type = gy_check_trait(c, &term->name);
    if (type != GY_TYPE_TIME && type != GY_TYPE_ANY) {
        gy_check_error(c, term->literal, "age wants a time, but trait \"%.*s\" is %s",
                       GY_STR_ARG(term->name.text), type_phrase(type));
    }
}

static enum gy_type metric_type(struct gy_checker *c, struct gy_term *term)
{
    term->left = gy_check_metric(c, &term->name);
    return term->left == NULL ? GY_TYPE_ANY : term->left->type;
}

/* ---- any of them ---- */

void gy_check_term(struct gy_checker *c, struct gy_term *term)
{
    term->type = GY_TYPE_NUMBER;
    switch (term->kind) {
    case GY_TERM_NUMBER:
    case GY_TERM_HOUR:
    case GY_TERM_WEEKDAY:
    case GY_TERM_MONTH:
    case GY_TERM_DAY:
        return;
    case GY_TERM_STRING:
        term->type = GY_TYPE_STRING;
        return;
    case GY_TERM_BOOL:
        term->type = GY_TYPE_BOOL;
        return;
    case GY_TERM_TRAIT:
        term->type = gy_check_trait(c, &term->name);
        return;
    case GY_TERM_METRIC:
        term->type = metric_type(c, term);
        return;
    case GY_TERM_AGE:
        check_age(c, term);
        return;
    case GY_TERM_ADD:
    case GY_TERM_MULTIPLY:
    case GY_TERM_DIVIDE:
        check_arithmetic(c, term);
        return;
    case GY_TERM_SUBTRACT:
        check_subtract(c, term);
        return;
    case GY_TERM_NEGATIVE:
        gy_check_term(c, term->left);
        want_number(c, term->left);
        return;
    case GY_TERM_AGGREGATE:
        check_aggregate(c, term);
        return;
    case GY_TERM_PERCENTILE:
    case GY_TERM_NTILE:
        check_population(c, term);
        return;
    case GY_TERM_PROPERTY:
        term->type = gy_check_property(c, c->event, &term->name);
        return;
    case GY_TERM_STEP_PROPERTY:
        gy_check_error(c, term->step.place,
                       "the property of a step stands only as property = %.*s.%.*s, by itself or "
                       "joined with and",
                       GY_STR_ARG(term->step.text), GY_STR_ARG(term->name.text));
        term->type = GY_TYPE_ANY;
        return;
    }
}
