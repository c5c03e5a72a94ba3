/* trend.h - how an audience went, period by period: its size, who entered and left, its revenue.
 *
 * Each row is as of the last millisecond of its period in the workspace's zone, so that `today` in a
 * definition is the day that ends; the period that `now` is in has its row as of now. Revenue is all
 * that the members have spent by then: of their `Order Completed` the `revenue`. All of it is computed
 * from the events for every instant (engine/history.h), nothing is remembered.
 */
#ifndef GY_INSIGHT_TREND_H
#define GY_INSIGHT_TREND_H

#include "engine/history.h"

enum {
    GY_TREND_MOST = 10000 /* periods */
};

struct gy_trend_query {
    const struct gy_expr *expr;
    enum gy_group_by by; /* DAY, WEEK or MONTH */
    int64_t from_day;    /* the first period is the one with this day number … */
    int64_t to_day;      /* … the last the one with this, or with `now_ms` if that is earlier */
    int64_t now_ms;
};

struct gy_trend_row {
    int64_t day; /* the period's first day number */
    int64_t at_ms;
    uint64_t size;
    uint64_t entered; /* since the end of the period before, the first row's too */
    uint64_t left;
    double revenue;
};

struct gy_trend {
    enum gy_group_by by;
    struct gy_trend_row *rows; /* at least one */
    uint32_t n_rows;
    bool is_going_on; /* the last period is not over as of now */
    struct gy_arena arena;
};

/* INVALID where the first period is behind the last, LIMIT where there are too many. `*out` is
 * released by the caller, also on failure. */
GY_CHECKED enum gy_status gy_trend_make(const struct gy_snapshot *snapshot,
                                        const struct gy_trend_query *query,
                                        const struct gy_run_options *options, struct gy_trend *out,
                                        struct gy_error *err);
void gy_trend_release(struct gy_trend *trend);

/* The first day of the period that lies `n` periods before, or behind, the one that begins with `first_day`. */
int64_t gy_trend_step(enum gy_group_by by, int64_t first_day, int64_t n);

/* "2025-01-31", of a month "2025-01". */
void gy_trend_label(enum gy_group_by by, int64_t day, char out[16]);

#endif
