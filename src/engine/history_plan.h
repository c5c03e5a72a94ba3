/* history_plan.h - a definition as of many instants, and when its answers may change.
 *
 * The plan has the definition once for each instant. What one leaf says of a customer stays as it was
 * at the instant before, unless
 *
 *   a row that the leaf looks at came into its window or went out of it      it *watches* these rows
 *   the leaf looks at the clock, or at other customers                       it is *stirred*
 *
 * so that only those touched are asked again. Windows move forward as instants do, so a row is in
 * one from the first instant whose window ends behind it up to the first whose window begins behind
 * it. A leaf whose windows do not move forward (a month before the 31st is no later than one before
 * the 30th) is stirred at every instant.
 */
#ifndef GY_ENGINE_HISTORY_PLAN_H
#define GY_ENGINE_HISTORY_PLAN_H

#include "engine/instant_index.h"
#include "engine/number_test.h"
#include "engine/run.h"

/* Rows that matter to a leaf. */
struct gy_watch {
    uint32_t stream;
    const struct gy_filter *filter; /* or NULL */
    struct gy_range range;          /* outside of it rows are in the window at no instant */
    const int64_t *from_ms;         /* of the window, by instant */
    struct gy_instant_index
        enters; /* by time: the first instant that has the row in its window … */
    struct gy_instant_index leaves;   /* … and the first that no longer has it */
    struct gy_instant_index turns[2]; /* DAYS_SINCE: the first with so many days since the row */
    uint32_t n_turns;
};

enum gy_follow {
    GY_FOLLOW_NOT,    /* asked of everyone at each instant, or cheap */
    GY_FOLLOW_ASK,    /* those touched are asked again */
    GY_FOLLOW_SUM,    /* rows are counted and added up as they come and go: COUNT, SUM, AVG, DID */
    GY_FOLLOW_LATEST, /* the latest row is remembered: LAST_TIME, DAYS_SINCE */
};

struct gy_history_leaf {
    enum gy_follow follow;
    const struct gy_plan_expr **nodes; /* by instant */
    struct gy_watch *watches;
    uint32_t n_watches;
    bool *stirs;                 /* by instant: the answer may change for anyone */
    bool is_derived;             /* it looks at events that others are watched for */
    enum gy_aggregate aggregate; /* SUM, LATEST, which have one watch */
    uint32_t property;
    struct gy_number_test test;
};

/* A definition as of its own instants: the one that is asked, or one that `in segment(x … ago)` leads
 * to. Nobody is in it who does not exist yet. */
struct gy_history_level {
    const struct gy_expr *definition;
    const int64_t *instants_ms;
    struct gy_instant_index births; /* by first time: the first instant with the customer */
};

struct gy_history_plan {
    struct gy_eval_plan *plan;
    const int64_t *instants_ms; /* borrowed */
    uint32_t n;
    const struct gy_plan_expr **exprs; /* the definition, by instant */
    struct gy_history_leaf *leaves;
    uint32_t n_leaves;
    uint32_t leaves_capacity;
    struct gy_history_level *levels;
    uint32_t n_levels;
    uint32_t levels_capacity;
    bool *stirs; /* by instant: some leaf is stirred */
};

/* Plans `expr` as of the first of the `n` ascending instants, and of as many more as one run should
 * have: `out->n`. `run` is not prepared yet and lives as long. Released by the caller, also on
 * failure. */
GY_CHECKED enum gy_status gy_history_plan_make(struct gy_history_plan *out, struct gy_run *run,
                                               const struct gy_expr *expr,
                                               const int64_t *instants_ms, uint32_t n,
                                               struct gy_error *err);
void gy_history_plan_release(struct gy_history_plan *plan);

#endif
