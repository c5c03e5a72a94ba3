/* segment_trend.h - how a definition went, period by period: which periods, and the answer as JSON. */
#ifndef GY_WORKSPACE_SEGMENT_TREND_H
#define GY_WORKSPACE_SEGMENT_TREND_H

#include "insight/trend.h"
#include "insight/words.h"
#include "store/json_writer.h"
#include "workspace/ask.h"

struct gy_trend_by {
    const char *name; /* "day" */
    enum gy_group_by group_by;
    int64_t n_periods; /* shown where no beginning is given */
    enum gy_word head;
};

/* By its name; NULL is by day. INVALID. */
GY_CHECKED enum gy_status gy_trend_by_read(const char *word, const struct gy_trend_by **out,
                                           struct gy_error *err);

/* Sets all of `out` but the definition: the periods from that of day `from` (NULL: a usual number of them) up to that of
 * `to` (NULL: today), days in the workspace's zone. */
GY_CHECKED enum gy_status gy_trend_periods(const struct gy_ask *ask, const struct gy_trend_by *by,
                                           const char *from, const char *to,
                                           struct gy_trend_query *out, struct gy_error *err);

/* Puts one object. */
void gy_trend_json(const struct gy_ask *ask, const struct gy_trend_by *by,
                   const struct gy_expr *expr, const struct gy_trend *trend,
                   struct gy_json_writer *w);

#endif
