/* ast.c - the words of the tree, and its end.
 *
 * To add an operator or an aggregate: ast.h, the word here, keyword.def, parser_value.c, check_term.c
 * or check_expr.c, print.c, json.c, json_expr.c or json_term.c, docs/language.md, and the cases.
 */
#include "lang/ast.h"

void gy_definition_release(struct gy_definition *definition)
{
    gy_arena_release(&definition->arena);
    definition->expr = NULL;
    definition->term = NULL;
}

const char *gy_aggregate_word(enum gy_aggregate aggregate)
{
    static const char *const words[] = {
        [GY_COUNT] = "count",
        [GY_DAYS] = "days",
        [GY_FIRST_TIME] = "first_time",
        [GY_LAST_TIME] = "last_time",
        [GY_DAYS_SINCE] = "days_since",
        [GY_INTERVAL] = "interval",
        [GY_SUM] = "sum",
        [GY_AVG] = "avg",
        [GY_MEDIAN] = "median",
        [GY_MIN] = "min",
        [GY_MAX] = "max",
        [GY_DISTINCT] = "distinct",
        [GY_FIRST] = "first",
        [GY_LAST] = "last",
        [GY_TOP] = "top",
    };
    return words[aggregate];
}

bool gy_aggregate_takes_property(enum gy_aggregate aggregate)
{
    return aggregate >= GY_SUM;
}

const char *gy_compare_word(enum gy_compare compare)
{
    static const char *const words[] = {"=", "!=", "<", "<=", ">", ">="};
    return words[compare];
}

const char *gy_text_op_word(enum gy_text_op op)
{
    static const char *const words[] = {"contains", "starts with", "ends with", "matches"};
    return words[op];
}

const char *gy_unit_word(enum gy_unit unit)
{
    static const char *const words[] = {"minutes", "hours", "days", "weeks", "months", "years"};
    return words[unit];
}

const char *gy_period_word(enum gy_period period)
{
    static const char *const words[] = {"today",          "yesterday",    "this week",
                                        "this month",     "this year",    "previous week",
                                        "previous month", "previous year"};
    return words[period];
}

const char *gy_type_word(enum gy_type type)
{
    static const char *const words[] = {"anything", "number", "string", "boolean", "time", "list"};
    return words[type];
}
