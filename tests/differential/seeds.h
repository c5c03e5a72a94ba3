/* seeds.h - the seeds of a run of trials.
 *
 * Given SEED=n the run begins with n. Else it tries the seeds 1, 2, … for half of its time, the same in
 * every run, so that what passed yesterday fails only by a change; the other half begins at the
 * clock, so that every run also tries what none did before.
 */
#ifndef GY_TESTS_DIFFERENTIAL_SEEDS_H
#define GY_TESTS_DIFFERENTIAL_SEEDS_H

#include "harness.h"

#include "base/zone.h"

struct seeds {
    uint64_t next;
    uint64_t n_given;
    uint64_t fresh; /* the first of the other half */
    int64_t fresh_us;
    int64_t end_us;
};

static inline void seeds_begin(struct seeds *s, int64_t run_us)
{
    bool is_given = getenv("SEED") != NULL;
    int64_t now_us = gy_monotonic_us();
    *s = (struct seeds){.fresh = gy_test_seed(), .end_us = now_us + run_us};
    s->next = is_given ? s->fresh : 1;
    s->fresh_us = is_given ? INT64_MAX : now_us + run_us / 2;
}

/* The next seed; false when the time is over, but one there always is. */
static inline bool seeds_next(struct seeds *s, uint64_t *seed)
{
    int64_t now_us = gy_monotonic_us();
    if (s->n_given > 0 && now_us >= s->end_us) {
        return false;
    }
    if (now_us >= s->fresh_us) {
        s->next = s->fresh;
        s->fresh_us = INT64_MAX;
    }
    s->n_given++;
    *seed = s->next++;
    return true;
}

#endif
