/* run_sums.h - sums of a chunk's runs, and counts of short ones.
 *
 *   short runs   what rows in the window add up to before each row is worked out for the chunk; a run's sum is
 *                the difference of that at its end and at its start, whatever its length. 32 bits are enough
 *                where a run's values add up to less than 2^32 (row_sums.h)
 *   long runs    each is added up by itself, where the window cuts it
 */
#ifndef GY_ENGINE_RUN_SUMS_H
#define GY_ENGINE_RUN_SUMS_H

#include "engine/run_values.h"

/* SUM, AVG: sums at the scale of the term's note and, where `counts` is not NULL, of how many values. */
void gy_run_sums(struct gy_run_eval *eval, const struct gy_plan_term *term, int64_t *sums,
                 uint32_t *counts);

/* SUM: the same where it is known that none is negative and all are below 2^32; else false. */
bool gy_run_small_sums(struct gy_run_eval *eval, const struct gy_plan_term *term, uint32_t *sums);

/* AVG: also of how many values, whose number times 10^scale is below 2^53. */
bool gy_run_small_means(struct gy_run_eval *eval, const struct gy_plan_term *term, uint32_t *sums,
                        uint32_t *counts);

/* Whether runs are so short that where windows cut them is better not looked for. */
bool gy_run_are_short(const struct gy_run_chunk *chunk);

/* COUNT, where they are, and codes tell which rows are in a window that cuts; else false. */
bool gy_run_short_counts(struct gy_run_eval *eval, struct gy_range range, uint32_t *counts);

#endif
