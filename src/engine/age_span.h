/* age_span.h - when those were born whose age passes a comparison with constants.
 *
 * Who was born later is not older, so the dates of birth that pass are one span. Only where clocks go back
 * over midnight is a later instant of an earlier day: near the span's ends there is room for that. Between two
 * changes of the clock there is no such thing, so the ends are mostly found exactly; where there are several, each
 * age within the room is to be asked for itself.
 */
#ifndef GY_ENGINE_AGE_SPAN_H
#define GY_ENGINE_AGE_SPAN_H

#include "base/zone.h"
#include "engine/number_test.h"

/* Instants in ms, both ends within; empty where the first is after the last. */
struct gy_age_span {
    int64_t may_first; /* outside of these nobody passes */
    int64_t may_last;
    int64_t sure_first; /* within these everyone does */
    int64_t sure_last;
};

/* As of `now_ms`. False where the ages that pass are not next to one another. */
bool gy_age_span_of(const struct gy_number_test *ages, int64_t now_ms, const struct gy_zone *zone,
                    struct gy_age_span *out);

/* The ends of the span: of births from GY_TIME_MIN_MS on those pass that are from `*first_ms` to `*last_ms`. False
 * where there is none, or those that pass are not next to one another. */
bool gy_age_span_settle(const struct gy_age_span *span, const struct gy_number_test *ages,
                        int64_t now_ms, const struct gy_zone *zone, int64_t *first_ms,
                        int64_t *last_ms);

#endif
