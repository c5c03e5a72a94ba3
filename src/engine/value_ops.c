/* value_ops.c - the rules of missing values and of types stand here once, for rows and customers. */
#include "engine/value_ops.h"

#include <math.h>

static int order_of(double left, double right)
{
    return (left > right) - (left < right);
}

int gy_value_order(const struct gy_value *left, const struct gy_value *right)
{
    if (left->type != right->type)
        return left->type < right->type ? -1 : 1;
    switch (left->type) {
    case GY_VALUE_NUMBER:
        return order_of(left->number, right->number);
    case GY_VALUE_STRING:
    case GY_VALUE_CELL:
        return gy_str_compare(left->string, right->string);
    case GY_VALUE_BOOL:
        return (int)left->boolean - (int)right->boolean;
    case GY_VALUE_TIME:
        return (left->time_ms > right->time_ms) - (left->time_ms < right->time_ms);
    case GY_VALUE_MISSING:
    case GY_VALUE_LIST:
        break;
    }
    return 0;
}

static bool are_comparable(const struct gy_value *left, const struct gy_value *right)
{
    return left->type == right->type && left->type != GY_VALUE_MISSING &&
           left->type != GY_VALUE_LIST;
}

bool gy_value_compares(const struct gy_value *left, enum gy_compare compare,
                       const struct gy_value *right)
{
    if (!are_comparable(left, right))
        return false;
    int order = gy_value_order(left, right);
    switch (compare) {
    case GY_EQ:
        return order == 0;
    case GY_NE:
        return order != 0;
    case GY_LT:
        return order < 0;
    case GY_LE:
        return order <= 0;
    case GY_GT:
        return order > 0;
    case GY_GE:
        return order >= 0;
    }
    return false;
}

bool gy_value_between(const struct gy_value *value, const struct gy_value *low,
                      const struct gy_value *high)
{
    return gy_value_compares(value, GY_GE, low) && gy_value_compares(value, GY_LE, high);
}

static double calculate(enum gy_term_kind kind, double left, double right)
{
    switch (kind) {
    case GY_TERM_ADD:
        return left + right;
    case GY_TERM_SUBTRACT:
        return left - right;
    case GY_TERM_MULTIPLY:
        return left * right;
    case GY_TERM_DIVIDE:
        return left / right;
    default:
        return (double)NAN;
    }
}

struct gy_value gy_value_calculate(enum gy_term_kind kind, const struct gy_value *left,
                                   const struct gy_value *right)
{
    if (left->type == GY_VALUE_TIME && right->type == GY_VALUE_TIME && kind == GY_TERM_SUBTRACT)
        return gy_value_number((double)(left->time_ms - right->time_ms) / (double)GY_DAY_MS);
    if (left->type != GY_VALUE_NUMBER || right->type != GY_VALUE_NUMBER)
        return gy_value_missing();
    return gy_value_number(calculate(kind, left->number, right->number));
}

struct gy_value gy_literal_value(const struct gy_term *literal)
{
    if (literal->kind == GY_TERM_BOOL)
        return gy_value_bool(literal->number != 0.0);
    if (literal->kind == GY_TERM_NUMBER)
        return gy_value_number(literal->number);
    return literal->type == GY_TYPE_TIME ? gy_value_time(literal->time_ms)
                                         : gy_value_string(literal->string);
}

bool gy_text_passes(enum gy_text_op op, struct gy_str text, struct gy_str operand,
                    const struct gy_regex *regex)
{
    switch (op) {
    case GY_TEXT_CONTAINS:
        return gy_str_contains(text, operand);
    case GY_TEXT_STARTS_WITH:
        return gy_str_starts_with(text, operand);
    case GY_TEXT_ENDS_WITH:
        return gy_str_ends_with(text, operand);
    case GY_TEXT_MATCHES:
        return gy_regex_matches(regex, text);
    }
    return false;
}

/* A list contains a string that is one of its strings. */
static bool has_string(const struct gy_value *list, struct gy_str string)
{
    for (uint32_t i = 0; i < list->list.n; i++) {
        if (gy_str_equal(list->list.strings[i], string))
            return true;
    }
    return false;
}

bool gy_value_passes_text(const struct gy_value *value, enum gy_text_op op, struct gy_str operand,
                          const struct gy_regex *regex)
{
    if (value->type == GY_VALUE_LIST)
        return op == GY_TEXT_CONTAINS && has_string(value, operand);
    return value->type == GY_VALUE_STRING && gy_text_passes(op, value->string, operand, regex);
}

struct gy_value gy_value_keep(struct gy_arena *arena, struct gy_value value)
{
    if (value.type == GY_VALUE_STRING)
        value.string = gy_arena_str(arena, value.string);
    if (value.type != GY_VALUE_LIST)
        return value;
    struct gy_str *strings = GY_NEW_ARRAY(arena, struct gy_str, value.list.n);
    for (uint32_t i = 0; i < value.list.n; i++)
        strings[i] = gy_arena_str(arena, value.list.strings[i]);
    value.list.strings = strings;
    return value;
}
