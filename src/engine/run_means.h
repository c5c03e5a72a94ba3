/* run_means.h - a mean against constants, run by run. */
#ifndef GY_ENGINE_RUN_MEANS_H
#define GY_ENGINE_RUN_MEANS_H

#include "engine/run_values.h"

/* 0xff for each run of the chunk whose mean is known and passes, else 0. */
void gy_run_test_mean(struct gy_run_eval *eval, const struct gy_plan_term *term,
                      struct gy_number_span span, uint8_t *out);

#endif
