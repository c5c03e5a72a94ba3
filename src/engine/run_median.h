/* run_median.h - which runs' medians are below a constant.
 *
 * Of a column of whole numbers in which every row has a value, a run's values below the constant are
 * counted (kernel_median.h says why that is enough); where exactly half are, the greatest of them and the
 * least of the others are found and decide.
 */
#ifndef GY_ENGINE_RUN_MEDIAN_H
#define GY_ENGINE_RUN_MEDIAN_H

#include "engine/run_values.h"

/* Whether the test compares such a median with a constant, by order. */
bool gy_run_is_median_test(struct gy_run_eval *eval, const struct gy_plan_expr *expr);

/* 0xff for each run of the chunk that passes, else 0. */
void gy_run_test_medians(struct gy_run_eval *eval, const struct gy_plan_expr *expr, uint8_t *out);

#endif
