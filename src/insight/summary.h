/* summary.h - how the shop does: customers, orders, revenue, repeat purchases and returns, by month.
 *
 * An order is an `Order Completed`, a return an `Order Refunded`, each with its `revenue`, which is
 * positive in both. Everything is as of one instant and of one audience.
 */
#ifndef GY_INSIGHT_SUMMARY_H
#define GY_INSIGHT_SUMMARY_H

#include "engine/engine.h"

struct gy_summary_month {
    int64_t day; /* its first day's number */
    uint64_t n_orders;
    uint64_t n_buyers;
    double revenue;
    uint64_t n_returns;
    double returned;
};

struct gy_summary {
    uint64_t n_customers;
    uint64_t n_buyers;        /* with one order or more */
    uint64_t n_repeat_buyers; /* with two or more; the repeat rate is these of the buyers */
    uint64_t n_orders;
    uint64_t n_charged_orders; /* of these with a revenue above 0 */
    double revenue;            /* exact, rounded once */
    uint64_t n_returns;
    double returned;
    struct gy_summary_month
        *months; /* every month from the first with an order or a return to the last */
    size_t n_months;
    struct gy_arena arena;
};

/* `audience` NULL: everyone. `*out` is released by the caller, also on failure. */
GY_CHECKED enum gy_status gy_summary_make(const struct gy_snapshot *snapshot,
                                          const roaring_bitmap_t *audience, int64_t now_ms,
                                          const struct gy_run_options *options,
                                          struct gy_summary *out, struct gy_error *err);
void gy_summary_release(struct gy_summary *summary);

#endif
