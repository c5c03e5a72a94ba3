/* trend.c - periods to instants, and back. */
#include "insight/trend.h"

#include <stdio.h>

#include "base/zone.h"

int64_t gy_trend_step(enum gy_group_by by, int64_t first_day, int64_t n)
{
    if (by == GY_GROUP_MONTH) {
        return gy_day_add_months(first_day, n);
    }
    return first_day + (by == GY_GROUP_WEEK ? 7 * n : n);
}

void gy_trend_label(enum gy_group_by by, int64_t day, char out[16])
{
    struct gy_civil civil;
    gy_day_to_civil(day, &civil);
    if (by == GY_GROUP_MONTH) {
        (void)snprintf(out, 16, "%04d-%02d", civil.year, civil.month);
    } else {
        (void)snprintf(out, 16, "%04d-%02d-%02d", civil.year, civil.month, civil.day);
    }
}

/* ---- periods ---- */

static enum gy_status count_periods(const struct gy_trend_query *query, int64_t now_day,
                                    int64_t *first_day, uint32_t *n, struct gy_error *err)
{
    int64_t to_day = query->to_day < now_day ? query->to_day : now_day;
    int64_t last_day = gy_group_first_day(query->by, to_day);
    *first_day = gy_group_first_day(query->by, query->from_day);
    *n = 0;
    for (int64_t day = *first_day; day <= last_day; day = gy_trend_step(query->by, day, 1)) {
        if (++*n > GY_TREND_MOST) {
            gy_error_set(err, GY_LIMIT, "a history has at most %d periods", (int)GY_TREND_MOST);
            gy_error_hint(err, "Longer periods or a later beginning make fewer.");
            return GY_LIMIT;
        }
    }
    if (*n == 0) {
        char from[16];
        char to[16];
        gy_trend_label(GY_GROUP_DAY, query->from_day, from);
        gy_trend_label(GY_GROUP_DAY, to_day, to);
        return gy_error_set(err, GY_INVALID, "the history begins on %s, after its end on %s", from,
                            to);
    }
    return GY_OK;
}

/* The last millisecond of the period; of one that is not over, now. */
static int64_t end_of(const struct gy_trend_query *query, const struct gy_zone *zone, int64_t day)
{
    int64_t end_ms = gy_zone_day_start(zone, gy_trend_step(query->by, day, 1)) - 1;
    return end_ms < query->now_ms ? end_ms : query->now_ms;
}

/* ---- all ---- */

/* One row more than there are periods: the end of the one before, which the first is compared with. */
static enum gy_status ask(const struct gy_snapshot *snapshot, const struct gy_trend_query *query,
                          const struct gy_run_options *options, struct gy_trend *out,
                          struct gy_history_row *rows, struct gy_error *err)
{
    uint32_t n = out->n_rows + 1;
    const struct gy_zone *zone = gy_snapshot_zone(snapshot);
    int64_t *instants_ms = GY_NEW_ARRAY(&out->arena, int64_t, n);
    instants_ms[0] = end_of(query, zone, gy_trend_step(query->by, out->rows[0].day, -1));
    for (uint32_t i = 0; i < out->n_rows; i++) {
        instants_ms[i + 1] = end_of(query, zone, out->rows[i].day);
    }
    struct gy_history_query history = {
        .expr = query->expr,
        .instants_ms = instants_ms,
        .n_instants = n,
        .measure = {GY_STR("Order Completed"), GY_STR("revenue")},
    };
    return gy_history(snapshot, &history, options, rows, err);
}

enum gy_status gy_trend_make(const struct gy_snapshot *snapshot, const struct gy_trend_query *query,
                             const struct gy_run_options *options, struct gy_trend *out,
                             struct gy_error *err)
{
    const struct gy_zone *zone = gy_snapshot_zone(snapshot);
    int64_t day;
    *out = (struct gy_trend){.by = query->by};
    GY_TRY(count_periods(query, gy_zone_day(zone, query->now_ms), &day, &out->n_rows, err));
    out->rows = GY_NEW_ARRAY(&out->arena, struct gy_trend_row, out->n_rows);
    for (uint32_t i = 0; i < out->n_rows; i++) {
        out->rows[i].day = day;
        day = gy_trend_step(query->by, day, 1);
    }
    struct gy_history_row *rows = GY_NEW_ARRAY(&out->arena, struct gy_history_row, out->n_rows + 1);
    GY_TRY(ask(snapshot, query, options, out, rows, err));
    for (uint32_t i = 0; i < out->n_rows; i++) {
        const struct gy_history_row *row = &rows[i + 1];
        out->rows[i] = (struct gy_trend_row){out->rows[i].day, row->at_ms, row->size,
                                             row->entered,     row->left,  row->measured};
    }
    out->is_going_on = gy_zone_day_start(zone, day) - 1 > query->now_ms;
    return GY_OK;
}

void gy_trend_release(struct gy_trend *trend)
{
    gy_arena_release(&trend->arena);
    *trend = (struct gy_trend){0};
}
