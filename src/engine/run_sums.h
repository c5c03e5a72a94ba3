/* run_sums.h - sums of a chunk's runs.
 *
 *   short runs   the chunk's values are added up once; a run's sum is the difference of what that is at its
 *                end and at its beginning, whatever its length. Where a run's raw values add up to less than
 *                2^32 it is enough to keep 32 bits of that, eight rows at a time
 *   long runs    each is added up by itself
 */
#ifndef GY_ENGINE_RUN_SUMS_H
#define GY_ENGINE_RUN_SUMS_H

#include "engine/run_values.h"

/* SUM, AVG: sums at the scale of the term's note and, where `counts` is not NULL, of how many values. */
void gy_run_sums(struct gy_run_eval *eval, const struct gy_plan_term *term, int64_t *sums,
                 uint32_t *counts);

/* SUM: the same where it is known that none is negative and all are below 2^32; else false. */
bool gy_run_small_sums(struct gy_run_eval *eval, const struct gy_plan_term *term, uint32_t *sums);

/* ---- for tests ---- */

/* before[i]: the raw values of rows [first, first + i) of an INT column of width 1, 2 or 4, added up modulo
 * 2^32, for i ≤ n. Room for n + 8. */
void gy_add_up(const struct gy_column *column, uint32_t first, uint32_t n, uint32_t *before);
void gy_add_up_plain(const struct gy_column *column, uint32_t first, uint32_t n, uint32_t *before);

#endif
