/* block_eval.h - a plan over one block: 65,536 customers at once.
 *
 * An expression becomes bits, a term a vector; both only for the customers of a mask, so that what is
 * decided is not asked again:
 *
 *     A and B      B is asked of those for whom A holds
 *     A or B       B is asked of those for whom A does not hold
 *     not A        the mask without A's bits
 *
 * A mask never has a child's or a scattered customer's bit, nor that of one who does not exist as of
 * the node's instant; so a customer's rows are all in this block under its one ordinal. Leaves run on
 * kernels (kernel_*.h); what no kernel covers is asked of each customer by customer_eval.h.
 */
#ifndef GY_ENGINE_BLOCK_EVAL_H
#define GY_ENGINE_BLOCK_EVAL_H

#include "engine/bits.h"
#include "engine/customer_eval.h"

/* Customers who exist as of an instant, alone under their ordinal. */
struct gy_block_roots {
    int64_t now_ms;
    struct gy_bits bits;
};

/* One thread's state; `gy_block_begin` readies it for a block. */
struct gy_block_eval {
    const struct gy_plan *plan;
    struct gy_reader *reader;
    struct gy_customer_eval *eval;
    bool row_by_row; /* no kernels */
    uint32_t block_no;
    struct gy_arena arena; /* emptied for each block */
    int64_t *first_ms;     /* when each customer came to be; INT64_MAX: never, or not alone here */
    struct gy_block_roots **roots;
    uint32_t n_roots;
    uint32_t roots_capacity;
};

void gy_block_eval_init(struct gy_block_eval *block, const struct gy_plan *plan,
                        struct gy_reader *reader, struct gy_customer_eval *eval);
void gy_block_eval_release(struct gy_block_eval *block);

void gy_block_begin(struct gy_block_eval *block, uint32_t block_no);

/* The customers who exist as of then, alone under their ordinal: the widest mask. A view, valid
 * until the next block begins. */
const struct gy_bits *gy_block_roots_at(struct gy_block_eval *block, int64_t now_ms);

/* Those of `mask` for whom the expression holds. `mask` is within the roots as of the expression's
 * instant; `out` may not be `mask`. */
void gy_block_expr(struct gy_block_eval *block, const struct gy_plan_expr *expr,
                   const struct gy_bits *mask, struct gy_bits *out);

/* The values of a number, boolean or time term for those of `mask`: `known` gets their bits, and
 * `values` (65,536) the values as doubles. Times are whole below 2^53. */
void gy_block_numbers(struct gy_block_eval *block, const struct gy_plan_term *term,
                      const struct gy_bits *mask, struct gy_bits *known, double *values);

#endif
