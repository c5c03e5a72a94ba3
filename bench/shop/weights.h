/* weights.h - draws one of n things by their weights, in constant time (Vose's alias method).
 *
 * Every slot holds a part of its own thing and, above its threshold, a part of one other; a draw
 * picks a slot with the upper half of 64 bits and one of the two with the lower.
 */
#ifndef GY_BENCH_WEIGHTS_H
#define GY_BENCH_WEIGHTS_H

#include "chance.h"

struct weights {
    uint32_t n;
    uint64_t *thresholds; /* of 2^32 */
    uint32_t *others;
};

void weights_init(struct weights *w, const double *values, uint32_t n);
void weights_release(struct weights *w);

/* n things of which thing r has the weight 1 / (r + shift)^power. */
void weights_init_ranks(struct weights *w, uint32_t n, double shift, double power);

static inline uint32_t weights_draw(const struct weights *w, struct chance *c)
{
    uint64_t bits = chance_next(c);
    uint32_t slot = (uint32_t)((bits >> 32) * w->n >> 32);
    return (bits & UINT32_MAX) < w->thresholds[slot] ? slot : w->others[slot];
}

/* 1 / x^power */
double weight_of_rank(double x, double power);

#endif
