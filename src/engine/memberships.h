/* memberships.h - whether definitions hold for a few customers, of whom something has changed.
 *
 * Each question is one customer and one definition, evaluated by itself; customers that are asked about one after the
 * other share what was opened. A whole audience is cheaper by blocks (gy_audiences) once it takes as many
 * questions as some hundredth of all customers.
 */
#ifndef GY_ENGINE_MEMBERSHIPS_H
#define GY_ENGINE_MEMBERSHIPS_H

#include "engine/engine.h"

struct gy_membership {
    uint32_t root;
    uint32_t definition; /* its place among those that are given */
    bool holds;          /* the answer */
};

/* Answers `questions`, best in the order of their roots, about definitions each as of its own instant. `options` may be
 * NULL; one thread is used, but for populations that definitions rank in, which are counted first. */
GY_CHECKED enum gy_status gy_memberships(const struct gy_snapshot *snapshot,
                                         const struct gy_expr *const *exprs,
                                         const int64_t *instants_ms, uint32_t n,
                                         struct gy_membership *questions, size_t n_questions,
                                         const struct gy_run_options *options,
                                         struct gy_error *err);

#endif
