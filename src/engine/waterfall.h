/* waterfall.h - what each condition of a definition does to its audience.
 *
 * The conditions are what the definition's outermost `and` or `or` joins (of any other definition:
 * itself); a condition that is a group in parentheses, `not` before it or not, has its own conditions
 * below it. They stand in the order of the text, each before those it consists of.
 *
 *     A and not (B or C) and D
 *
 *     condition     depth  end    alone: holds for ...   remaining: audience of ...  without: audience of ...
 *     A               0     1     A                      A                           not (B or C) and D
 *     not (B or C)    0     4     not (B or C)           A and not (B or C)          A and D
 *     B               1     3     B                      A and not B                 A and not C and D
 *     C               1     4     C                      A and not (B or C)          A and not B and D
 *     D               0     5     D                      the whole                   A and not (B or C)
 *
 * So what remains is the audience of the text up to there, as if nothing stood behind it. All are
 * counted in one pass: a block's customers are asked every condition once, the rest is bits.
 */
#ifndef GY_ENGINE_WATERFALL_H
#define GY_ENGINE_WATERFALL_H

#include "engine/engine.h"

/* Numbers of customers who exist as of the instant. */
struct gy_condition {
    const struct gy_expr *expr; /* of the definition */
    uint32_t depth;
    uint32_t end;         /* those below it are at [its own place + 1, end) */
    uint64_t n_alone;     /* for whom it holds, whatever the others say */
    uint64_t n_remain;    /* the audience of the definition up to here */
    uint64_t n_unknown;   /* for whom a side of a comparison in it is missing, or the date of an
                         * anniversary; what stands in `where`, `among` and other segments is not in it */
    int64_t more_without; /* how many more the audience would be without it; below 0: fewer. Without
                           * its only condition a definition is everyone. */
};

struct gy_waterfall {
    uint64_t n_everyone;
    uint64_t n_members; /* of the whole definition */
    struct gy_condition *conditions;
    uint32_t n_conditions; /* at least 1 */
};

/* Of a checked definition, which outlives `out`. `options` may be NULL. `out` is released by the
 * caller, also on failure; fails as gy_audience does. */
GY_CHECKED enum gy_status gy_waterfall(const struct gy_snapshot *snapshot,
                                       const struct gy_expr *expr, int64_t now_ms,
                                       const struct gy_run_options *options,
                                       struct gy_waterfall *out, struct gy_error *err);
void gy_waterfall_release(struct gy_waterfall *waterfall);

#endif
