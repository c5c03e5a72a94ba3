/* plan_cost.h - what a node takes to evaluate, and what must be counted before it. */
#ifndef GY_ENGINE_PLAN_COST_H
#define GY_ENGINE_PLAN_COST_H

#include "engine/plan.h"

/* Sets `cost` and `level` of a node whose parts are planned. Of what is stored only directories are read. */
void gy_plan_cost_term(const struct gy_snapshot *snapshot, struct gy_plan_term *term);
void gy_plan_cost_expr(struct gy_plan_expr *expr);

/* The higher of two levels. */
static inline uint32_t gy_plan_higher(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

#endif
