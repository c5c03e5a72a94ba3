/* run_codes.h - what runs' rows say of a property's strings: the first, the last, the most frequent, and how
 * many different ones there are.
 *
 * Strings are codes of the slice's dictionary, and a test of a string is decided once for each code
 * (kernel_codes.h). So a run is asked for one code, and each code for one byte.
 */
#ifndef GY_ENGINE_RUN_CODES_H
#define GY_ENGINE_RUN_CODES_H

#include "engine/run_values.h"

/* Whether the block's only slice of the term's stream, if it has one, has codes for its property, few enough
 * to be counted. */
bool gy_run_has_codes(struct gy_run_eval *eval, const struct gy_plan_term *term);

/* Whether a test of `first`, `last` or `top` of strings can be asked of runs: then what it says of each code is
 * noted. */
bool gy_run_note_string_test(struct gy_run_eval *eval, const struct gy_plan_expr *expr);

/* 0xff for each run of the chunk whose string passes, else 0. */
void gy_run_test_strings(struct gy_run_eval *eval, const struct gy_plan_expr *expr, uint8_t *out);

/* DISTINCT: how many different strings each run has in the window. */
void gy_run_distinct(struct gy_run_eval *eval, const struct gy_plan_term *term, uint32_t *counts);

#endif
