/* missing.h - for whom a test rests on something missing, as a test of its own.
 *
 *     trait.age > 30                        trait.age is missing
 *     avg(Order.revenue) > trait.budget     avg(Order.revenue) is missing or trait.budget is missing
 *     count(Order) >= 3                     for nobody: a count is always there
 *
 * Where the test holds, it does not: a comparison with something missing is false.
 */
#ifndef GY_ENGINE_MISSING_H
#define GY_ENGINE_MISSING_H

#include "lang/ast.h"

/* Of a checked COMPARE, BETWEEN, IN, TEXT (their sides) or ANNIVERSARY (its date): a checked
 * expression, allocated in `arena`. NULL where no side can be missing, and of every other test. */
const struct gy_expr *gy_missing_test(const struct gy_expr *test, struct gy_arena *arena);

#endif
