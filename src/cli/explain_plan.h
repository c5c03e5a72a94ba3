/* explain_plan.h - what a definition will read, as a table. */
#ifndef GY_CLI_EXPLAIN_PLAN_H
#define GY_CLI_EXPLAIN_PLAN_H

#include "cli/asking.h"
#include "engine/reads.h"

/* Prints on standard output. */
void gy_explain_plan_print(const struct gy_ask *ask, const struct gy_reads *reads);

#endif
