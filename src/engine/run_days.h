/* run_days.h - on how many local days runs have rows. */
#ifndef GY_ENGINE_RUN_DAYS_H
#define GY_ENGINE_RUN_DAYS_H

#include "engine/run_values.h"

/* `counts` of the days of each run's rows in the window. */
void gy_run_days(struct gy_run_eval *eval, struct gy_range range, uint32_t *counts);

#endif
