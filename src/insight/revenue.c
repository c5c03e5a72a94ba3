/* revenue.c - see revenue.h. */
#include "insight/revenue.h"

enum gy_status gy_revenue(const struct gy_snapshot *snapshot, const roaring_bitmap_t *audience,
                          int64_t now_ms, const struct gy_run_options *options, double *out,
                          struct gy_error *err)
{
    static const struct gy_str revenue[] = {{"revenue", 7}};
    struct gy_group_table table = {0};
    struct gy_aggregation aggregation = {
        .audience = audience,
        .event = GY_STR("Order Completed"),
        .from_ms = GY_TIME_MIN_MS,
        .to_ms = GY_TIME_MAX_MS + 1,
        .group_by = GY_GROUP_NONE,
        .sum_properties = revenue,
        .n_sums = 1,
    };
    *out = 0;
    enum gy_status status = gy_aggregate(snapshot, &aggregation, now_ms, options, &table, err);
    if (status == GY_OK && table.n_groups > 0) {
        *out = table.groups[0].sums[0];
    }
    gy_group_table_release(&table);
    return status;
}
