/* revenue.h - what customers have brought in: the sum of `revenue` over their orders. */
#ifndef GY_INSIGHT_REVENUE_H
#define GY_INSIGHT_REVENUE_H

#include "engine/engine.h"

/* Over every `Order Completed` up to `now_ms` of the customers of `audience` (NULL: everyone); exact,
 * rounded once, in the workspace's currency; 0 where there is no such order. */
GY_CHECKED enum gy_status gy_revenue(const struct gy_snapshot *snapshot,
                                     const roaring_bitmap_t *audience, int64_t now_ms,
                                     const struct gy_run_options *options, double *out,
                                     struct gy_error *err);

#endif
