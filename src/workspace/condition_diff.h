/* condition_diff.h - what changed between two definitions, by their conditions.
 *
 * Two chains of `and`, or two of `or`, are held against each other condition by condition, each in its
 * canonical text; of any others one whole takes the place of the other.
 */
#ifndef GY_WORKSPACE_CONDITION_DIFF_H
#define GY_WORKSPACE_CONDITION_DIFF_H

#include "base/arena.h"

struct gy_condition_diff {
    struct gy_str *removed; /* in the order of the text before */
    size_t n_removed;
    struct gy_str *added; /* in the order of the text after */
    size_t n_added;
};

/* Allocated in `arena`. Texts that do not parse give nothing. */
struct gy_condition_diff gy_condition_diff(struct gy_str before, struct gy_str after,
                                           struct gy_arena *arena);

#endif
