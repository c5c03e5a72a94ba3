/* weights.c - see weights.h. */
#include "weights.h"

#include <stdlib.h>

#include "base/mem.h"

/* Fills the slots: one that is below its share is topped up by one that is above. */
static void pair_up(struct weights *w, double *shares, uint32_t *stack)
{
    uint32_t n_small = 0;
    uint32_t n_large = 0;
    for (uint32_t i = 0; i < w->n; i++) {
        if (shares[i] < 1)
            stack[n_small++] = i;
        else
            stack[w->n - 1 - n_large++] = i;
    }
    while (n_small > 0 && n_large > 0) {
        uint32_t small = stack[--n_small];
        uint32_t large = stack[w->n - n_large];
        w->thresholds[small] = (uint64_t)(shares[small] * 0x1p32);
        w->others[small] = large;
        shares[large] -= 1 - shares[small];
        if (shares[large] < 1) {
            n_large--;
            stack[n_small++] = large;
        }
    }
}

void weights_init(struct weights *w, const double *values, uint32_t n)
{
    double sum = 0;
    double *shares = gy_alloc_zero(n, sizeof *shares);
    uint32_t *stack = gy_alloc_zero(n, sizeof *stack);
    *w = (struct weights){n, gy_alloc_zero(n, sizeof *w->thresholds),
                          gy_alloc_zero(n, sizeof *w->others)};
    for (uint32_t i = 0; i < n; i++)
        sum += values[i];
    for (uint32_t i = 0; i < n; i++) {
        shares[i] = values[i] / sum * n;
        w->thresholds[i] = UINT64_C(1) << 32; /* what rounding leaves over fills its slot */
    }
    pair_up(w, shares, stack);
    free(shares);
    free(stack);
}

void weights_release(struct weights *w)
{
    free(w->thresholds);
    free(w->others);
    *w = (struct weights){0};
}

double weight_of_rank(double x, double power)
{
    return chance_exp(-power * chance_log(x));
}

void weights_init_ranks(struct weights *w, uint32_t n, double shift, double power)
{
    double *values = gy_alloc_zero(n, sizeof *values);
    for (uint32_t i = 0; i < n; i++)
        values[i] = weight_of_rank(i + shift, power);
    weights_init(w, values, n);
    free(values);
}
