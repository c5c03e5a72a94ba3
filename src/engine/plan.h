/* plan.h - a checked definition as of one instant, ready to run.
 *
 * The plan's nodes follow lang's tree, with everything that depends on the instant or the snapshot
 * worked out: windows are ranges of milliseconds, `in segment(x 30 days ago)` is the segment's
 * definition planned as of then, lists and recorded changes are bitmaps, metrics are what they stand
 * for. Two nodes that say the same as of the same instant are one node, so that equal parts are
 * evaluated once.
 *
 *   in segment(S 30 days ago) and percentile(v) >= 90
 *
 *   AND ── INSIDE (at now − 30 days) ── S's definition as of then
 *     └─── COMPARE ── PERCENTILE ── population 0 {v, among, as of now}
 *
 * A population whose value or `among` rests on another has a higher level than it, and is counted
 * after it; those of one level are counted together. Immutable once the populations are counted; any thread may
 * read it.
 */
#ifndef GY_ENGINE_PLAN_H
#define GY_ENGINE_PLAN_H

#include <roaring/roaring.h>

#include "base/intern.h"
#include "engine/chain.h"
#include "engine/derived.h"
#include "engine/filter.h"
#include "lang/window.h"

struct gy_plan_expr;
struct gy_plan_term;
struct gy_population_piece; /* population.h */
struct gy_population_order;

/* Where a rank reaches a bound: the term is at least `bound` (more than it, where `is_strict`) for
 * exactly the members whose value is above `above`. */
struct gy_rank_cut {
    const struct gy_plan_term *term;
    double bound;
    bool is_strict;
    double above; /* once the population is counted */
};

/* The customers whom `percentile(v among (e))` compares, and how their values lie. */
struct gy_population {
    const struct gy_plan_term *value;
    const struct gy_plan_expr *among; /* NULL: everyone */
    int64_t now_ms;
    uint32_t level;           /* 0: rests on no other; else one more than those it rests on */
    struct gy_rank_cut *cuts; /* all that are asked for */
    uint32_t n_cuts;
    uint32_t cuts_capacity;
    uint64_t n;                          /* of known values; from here on filled by run.c */
    struct gy_population_piece **pieces; /* who has which value, by the run's pieces */
    size_t n_pieces;
    _Atomic(struct gy_population_order *) order; /* sorted when first asked for */
};

struct gy_plan_term {
    enum gy_term_kind kind; /* never METRIC: that is what it stands for */
    const struct gy_term *term;
    uint32_t id;     /* its place among the plan's terms */
    uint32_t n_uses; /* how many nodes rest on it */
    uint32_t cost;   /* roughly, what it takes to evaluate */
    uint32_t level;  /* below it are the levels of the populations it rests on */
    enum gy_type type;
    int64_t now_ms;
    const struct gy_plan_term *left;
    const struct gy_plan_term *right;
    uint32_t stream;   /* TRAIT, AGE, AGGREGATE; any id outside the schema: never seen */
    uint32_t property; /* AGGREGATE of a property; GY_NAME_UNKNOWN: never seen */
    const struct gy_filter *filter;   /* AGGREGATE, or NULL */
    struct gy_range range;            /* AGGREGATE */
    struct gy_population *population; /* PERCENTILE, NTILE */
    uint32_t
        first_cut; /* NTILE of few parts: the population's cut where part 2 begins, and so on */
};

struct gy_plan_expr {
    enum gy_expr_kind kind;
    const struct gy_expr *expr;
    uint32_t id;     /* its place among the plan's expressions */
    uint32_t n_uses; /* how many nodes rest on it */
    uint32_t cost;   /* roughly, what it takes to evaluate */
    uint32_t level;  /* below it are the levels of the populations it rests on */
    int64_t now_ms;
    const struct gy_plan_expr **children; /* NOT; AND, OR: the cheapest first; IN_SEGMENT: its
                                           * definition */
    uint32_t n_children;
    const struct gy_plan_term *left;  /* COMPARE … MISSING; ANNIVERSARY: the trait */
    const struct gy_plan_term *right; /* COMPARE */
    uint32_t
        first_cut; /* COMPARE of a rank and a number: the left side's cut at it, and for = and !=
                         * the one behind it */
    const struct gy_plan_term *low;
    const struct gy_plan_term *high;
    const struct gy_regex *regex;  /* TEXT with MATCHES */
    const struct gy_chain *chain;  /* DID */
    const roaring_bitmap_t *roots; /* IN_LIST, ENTERED, LEFT */
    uint64_t sample_below;         /* SAMPLE: hashes below it are in … */
    bool sample_is_all;            /* … or all are */
};

struct gy_eval_plan {
    const struct gy_snapshot *snapshot;
    const struct gy_zone *zone;
    int64_t
        known_until_ms; /* lists and recorded changes are as they were then; INT64_MAX: as they are */
    struct gy_arena arena;
    struct gy_regex_list regexes;
    struct gy_derived_streams
        derived; /* the streams of derived events, as of the nodes' instants */
    roaring_bitmap_t **bitmaps;
    uint32_t n_bitmaps;
    uint32_t bitmaps_capacity;
    struct gy_population **populations;
    uint32_t n_populations;
    uint32_t populations_capacity;
    struct gy_intern keys; /* canonical text and instant of a node -> place in `nodes` */
    void **nodes;
    uint32_t nodes_capacity;
    uint32_t n_exprs;
    uint32_t n_terms;
};

void gy_eval_plan_init(struct gy_eval_plan *plan, const struct gy_snapshot *snapshot);
void gy_eval_plan_release(struct gy_eval_plan *plan);

/* Plan one more expression or term; the results live as long as the plan. Fail with LIMIT where
 * references lead to too many evaluations (100,000 nodes, 1,000 levels), and with what the
 * snapshot's lists fail with. */
GY_CHECKED enum gy_status gy_plan_expr(struct gy_eval_plan *plan, const struct gy_expr *expr,
                                       int64_t now_ms, const struct gy_plan_expr **out,
                                       struct gy_error *err);
GY_CHECKED enum gy_status gy_plan_term(struct gy_eval_plan *plan, const struct gy_term *term,
                                       int64_t now_ms, const struct gy_plan_term **out,
                                       struct gy_error *err);

/* The instant as of which an IN_SEGMENT asks its definition. */
int64_t gy_plan_segment_instant(const struct gy_eval_plan *plan, const struct gy_expr *expr,
                                int64_t now_ms);

#endif
