/* builtin_metrics.h - the values that have a name from the start: metric.orders, metric.revenue, …
 *
 * Each is a text of the language over the usual events of a shop; builtin_metrics.def holds them
 * all. A workspace has those whose events and properties it knows; its own metrics of the same name
 * come first. None refers to another, so that one of the workspace's can stand in its place without
 * changing the others.
 */
#ifndef GY_LANG_BUILTIN_METRICS_H
#define GY_LANG_BUILTIN_METRICS_H

#include "base/buf.h"
#include "lang/check.h"
#include "lang/template.h"

enum gy_metric_unit {
    GY_METRIC_COUNT,
    GY_METRIC_MONEY, /* in the workspace's currency */
    GY_METRIC_SHARE, /* 0.25 is a quarter */
    GY_METRIC_DAYS,
    GY_METRIC_SECONDS,
    GY_METRIC_YEARS,
    GY_METRIC_RATIO,
    GY_METRIC_SCORE,
    GY_METRIC_TIME,
    GY_METRIC_TEXT,
};

const char *gy_metric_unit_word(enum gy_metric_unit unit, enum gy_template_language language);

struct gy_builtin_metric {
    const char *name;
    const char *text; /* canonical */
    enum gy_metric_unit unit;
    const char *title[GY_TEMPLATE_LANGUAGES];
};

/* In the order of the table; NULL past the last. */
const struct gy_builtin_metric *gy_builtin_metric_at(uint32_t i);

/* Its place in the table, or GY_NAME_UNKNOWN. */
uint32_t gy_builtin_metric_find(struct gy_str name);

/* Whether `vocabulary` knows everything that the metric names. Where it does not, `err` (may be
 * NULL) says what is not there: `unrecognized event "Order Completed"`. */
bool gy_builtin_metric_is_there(uint32_t i, const struct gy_vocabulary *vocabulary,
                                struct gy_error *err);

#endif
