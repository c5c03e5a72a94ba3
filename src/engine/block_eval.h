/* block_eval.h - a plan over one block: 65,536 customers at once.
 *
 * An expression becomes bits, a term an array of numbers; both only for the customers of a mask, so
 * that what is decided is not asked again:
 *
 *     A and B      B is asked of those for whom A holds
 *     A or B       B is asked of those for whom A does not hold
 *     not A        the mask without A's bits
 *
 * A mask never has a child's or a scattered customer's bit, nor that of one who does not exist as of
 * the node's instant; so a customer's rows are all in this block under its one ordinal. Leaves run on
 * kernels (kernel_*.h); what no kernel covers is asked of each customer by customer_eval.h. What
 * several nodes rest on is kept for the block.
 */
#ifndef GY_ENGINE_BLOCK_EVAL_H
#define GY_ENGINE_BLOCK_EVAL_H

#include "engine/bits.h"
#include "engine/code_map.h"
#include "engine/customer_eval.h"
#include "engine/kernel_filter.h"

/* Customers who exist as of an instant, alone under their ordinal. */
struct gy_block_roots {
    int64_t now_ms;
    const struct gy_bits *bits;
};

struct gy_known_span;
struct gy_block_ages;
struct gy_block_births;
struct gy_block_known_term;
struct gy_block_known_texts;
struct gy_run_eval;

enum {
    GY_MAX_KEPT_TERMS = 32 /* of up to half a megabyte each */
};

/* What is known of an expression in this block. */
struct gy_block_known_expr {
    struct gy_bits asked; /* of whom it was asked */
    struct gy_bits holds;
};

/* One thread's state; `gy_block_begin` readies it for a block. */
struct gy_block_eval {
    const struct gy_eval_plan *plan;
    struct gy_reader *reader;
    struct gy_customer_eval *eval;
    struct gy_filter_kernel filters;
    bool row_by_row;    /* no kernels */
    uint32_t ask_below; /* leaves are asked of fewer customers than this one by one */
    uint32_t block_no;
    struct gy_arena arena; /* emptied for each block */
    struct gy_block_roots *roots;
    uint32_t n_roots;
    uint32_t roots_capacity;
    struct gy_block_births *births;     /* block_roots.c */
    bool has_births;                    /* of this block */
    struct gy_block_known_expr **exprs; /* by id: answers that more than one node rests on, or that
                                         * whoever runs the block has put there */
    struct gy_block_known_term **terms;
    struct gy_block_known_texts **texts; /* kernel_text.c; likewise */
    uint32_t n_kept_terms;               /* of both */
    struct gy_block_ages *ages;          /* block_terms.c */
    struct gy_known_span **age_spans;    /* kernel_trait_test.c; by expression, of all blocks */
    struct gy_cut_cache cuts;
    struct gy_run_eval *runs; /* kernel_runs.c; NULL before it was needed */
    struct gy_code_map code_map;
    void **spare; /* arrays of GY_BLOCK_SIZE × 8 bytes that nobody uses now */
    uint32_t n_spare;
    uint32_t spare_capacity;
    struct gy_bits **spare_bits;
    uint32_t n_spare_bits;
    uint32_t spare_bits_capacity;
};

/* The plan is complete. */
void gy_block_eval_init(struct gy_block_eval *block, const struct gy_eval_plan *plan,
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

/* ---- for kernels ---- */

/* An array of GY_BLOCK_SIZE × 8 bytes with anything in it, to be given back. */
void *gy_block_take(struct gy_block_eval *block);
void gy_block_give(struct gy_block_eval *block, void *array);

/* The same for bits. Evaluation nests as deep as definitions do: its bits are not on the stack. */
struct gy_bits *gy_block_take_bits(struct gy_block_eval *block);
void gy_block_give_bits(struct gy_block_eval *block, struct gy_bits *bits);

/* Customer by customer, whatever the kernels can. */
void gy_block_ask(struct gy_block_eval *block, const struct gy_plan_expr *expr,
                  const struct gy_bits *mask, struct gy_bits *out);
void gy_block_ask_numbers(struct gy_block_eval *block, const struct gy_plan_term *term,
                          const struct gy_bits *mask, struct gy_bits *known, double *values);
/* One customer's value; false where the reader is to stop. */
bool gy_block_ask_value(struct gy_block_eval *block, const struct gy_plan_term *term, uint32_t i,
                        struct gy_value *out);

/* block_roots.c: forgets the last block's roots. */
void gy_block_begin_roots(struct gy_block_eval *block);

/* block_terms.c: a term, not looked up among the kept ones. */
void gy_block_new_numbers(struct gy_block_eval *block, const struct gy_plan_term *term,
                          const struct gy_bits *mask, struct gy_bits *known, double *values);

/* Of those of `mask` who are members of a counted population, their values. */
void gy_block_members(struct gy_block_eval *block, const struct gy_population *population,
                      const struct gy_bits *mask, struct gy_bits *known, double *values);

/* block_tests.c: a leaf. */
void gy_block_leaf(struct gy_block_eval *block, const struct gy_plan_expr *expr,
                   const struct gy_bits *mask, struct gy_bits *out);

#endif
