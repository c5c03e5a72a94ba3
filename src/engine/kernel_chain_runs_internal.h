/* kernel_chain_runs_internal.h - what kernel_chain_runs.c and chain_runs.c share. */
#ifndef GY_ENGINE_KERNEL_CHAIN_RUNS_INTERNAL_H
#define GY_ENGINE_KERNEL_CHAIN_RUNS_INTERNAL_H

#include "engine/block_eval.h"
#include "engine/kernel_codes.h"

enum {
    GY_RUN_STEPS = 6 /* of the longest chain */
};

/* An event of the customer at hand. */
struct gy_run_event {
    uint32_t row;
    int64_t time_ms;
};

/* A step, and its events of the customer at hand. */
struct gy_run_step {
    struct gy_slice_view *view; /* NULL: nobody has any */
    int64_t within_ms;          /* -1: of no fixed length */
    struct gy_range range;
    uint32_t from_code; /* of the second in which the range begins */
    bool cuts_to;       /* rows behind the range are possible */
    bool has_test;
    struct gy_code_test test;
    uint32_t run; /* those before it are of customers before */

    uint32_t first; /* the rows [first, row) were not looked at yet */
    uint32_t row;
    bool has_found; /* the latest event of those that were not asked for yet */
    bool has_next;  /* the earliest event after the one at hand */
    struct gy_run_event found;
    struct gy_run_event next;
};

/* A linked property in both steps: equal values are equal raw ones, once those of the first step are
 * translated. */
struct gy_run_link {
    const struct gy_column *first;
    const struct gy_column *second;
    const uint32_t *codes; /* the second's by those of the first; NULL: no other ones */
    uint64_t more;         /* what to add to a number */
};

struct gy_chain_runs {
    struct gy_block_eval *block;
    const struct gy_chain *chain;
    struct gy_run_step steps[GY_RUN_STEPS];
    uint32_t wanted[GY_RUN_STEPS]; /* the present steps, that with the fewest rows first */
    uint32_t n_wanted;
    bool is_linked;
    struct gy_run_link link;
};

/* Decides the chain for those of `mask`, in `out`; puts into `left` for whom it cannot. */
void gy_chain_runs_decide(struct gy_chain_runs *r, const struct gy_bits *mask, struct gy_bits *left,
                          struct gy_bits *out);

#endif
