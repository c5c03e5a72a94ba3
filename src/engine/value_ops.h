/* value_ops.h - comparing and calculating with single values, by the language's rules.
 *
 * A value that is missing makes every comparison false and every result missing; so does a result
 * that is not finite. Both sides have one type (the checker saw to it), except that a name never
 * seen is always missing.
 */
#ifndef GY_ENGINE_VALUE_OPS_H
#define GY_ENGINE_VALUE_OPS_H

#include "base/regex.h"
#include "base/zone.h"
#include "lang/ast.h"
#include "store/value.h"

static inline struct gy_value gy_value_missing(void)
{
    return (struct gy_value){.type = GY_VALUE_MISSING};
}

static inline struct gy_value gy_value_number(double number) /* not finite: missing */
{
    return (struct gy_value){
        .type = __builtin_isfinite(number) ? GY_VALUE_NUMBER : GY_VALUE_MISSING, .number = number};
}

static inline struct gy_value gy_value_time(int64_t time_ms)
{
    return (struct gy_value){.type = GY_VALUE_TIME, .time_ms = time_ms};
}

static inline struct gy_value gy_value_string(struct gy_str string)
{
    return (struct gy_value){.type = GY_VALUE_STRING, .string = string};
}

static inline struct gy_value gy_value_bool(bool boolean)
{
    return (struct gy_value){.type = GY_VALUE_BOOL, .boolean = boolean};
}

/* `left compare right`; false where one is missing. */
bool gy_value_compares(const struct gy_value *left, enum gy_compare compare,
                       const struct gy_value *right);

/* `value between low and high`, both ends included. */
bool gy_value_between(const struct gy_value *value, const struct gy_value *low,
                      const struct gy_value *high);

/* ADD, SUBTRACT, MULTIPLY, DIVIDE; a time minus a time is in days. */
struct gy_value gy_value_calculate(enum gy_term_kind kind, const struct gy_value *left,
                                   const struct gy_value *right);

/* What a literal term stands for: NUMBER, STRING (a time where the checker read it so), BOOL. */
struct gy_value gy_literal_value(const struct gy_term *literal);

/* Whether a string passes; `regex` is that of MATCHES. */
bool gy_text_passes(enum gy_text_op op, struct gy_str text, struct gy_str operand,
                    const struct gy_regex *regex);

/* The same for a string, or (CONTAINS) for any string of a list; false where it is missing. */
bool gy_value_passes_text(const struct gy_value *value, enum gy_text_op op, struct gy_str operand,
                          const struct gy_regex *regex);

/* Smaller, equal or larger, of two values of one type, for sorting: < 0, 0 or > 0. */
int gy_value_order(const struct gy_value *left, const struct gy_value *right);

/* The same value with its strings copied into `arena`. */
struct gy_value gy_value_keep(struct gy_arena *arena, struct gy_value value);

/* As sums see it: numbers, and booleans as 1 and 0. */
static inline double gy_value_as_number(const struct gy_value *value)
{
    return value->type == GY_VALUE_BOOL ? (value->boolean ? 1.0 : 0.0) : value->number;
}

#endif
