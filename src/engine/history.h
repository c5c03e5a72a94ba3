/* history.h - a definition's audience as of many instants, in one pass over the data.
 *
 * Nothing is remembered: how many were members, how many came and went, and what they had spent by
 * then is worked out from the events, for any definition. Each row says what gy_audience as of its instant
 * would say, but the events are read once: a block's customers are carried from instant to instant,
 * and only those are looked at again for whom something changed (history_plan.h).
 */
#ifndef GY_ENGINE_HISTORY_H
#define GY_ENGINE_HISTORY_H

#include "engine/engine.h"

/* What is added up of the members' events: a number (or boolean) property of one event. */
struct gy_measure {
    struct gy_str event;
    struct gy_str property;
};

struct gy_history_query {
    const struct gy_expr *expr;
    const int64_t *instants_ms; /* ascending; equal ones give equal rows */
    uint32_t n_instants;
    struct gy_measure measure; /* what the schema does not know, so what is derived too, gives 0 */
};

struct gy_history_row {
    int64_t at_ms;
    uint64_t size;
    uint64_t entered; /* members who were none at the instant before; 0 in the first row */
    uint64_t left;
    double measured; /* over the members' events up to the instant: exact, rounded once */
};

/* A row for each instant into `rows`, the caller's, of `n_instants`; on failure they hold nothing of
 * use. Fails as gy_audience does, and with INVALID where instants do not ascend. */
GY_CHECKED enum gy_status gy_history(const struct gy_snapshot *snapshot,
                                     const struct gy_history_query *query,
                                     const struct gy_run_options *options,
                                     struct gy_history_row *rows, struct gy_error *err);

#endif
