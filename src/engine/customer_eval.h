/* customer_eval.h - one customer at a time: the whole language, plainly.
 *
 * This is the meaning of the language in code. Kernels do the same for whole blocks where they can,
 * and leave the rest to this; it also evaluates customers whose rows lie under several ordinals.
 */
#ifndef GY_ENGINE_CUSTOMER_EVAL_H
#define GY_ENGINE_CUSTOMER_EVAL_H

#include "engine/plan.h"

/* One thread's evaluator. Failures are noted in the reader. */
struct gy_customer_eval {
    const struct gy_eval_plan *plan;
    struct gy_reader *reader;
    struct gy_arena arena; /* values of the customer at hand */
    struct gy_rows rows;
    struct gy_chain_state chains;
};

void gy_customer_eval_init(struct gy_customer_eval *eval, const struct gy_eval_plan *plan,
                           struct gy_reader *reader);
void gy_customer_eval_release(struct gy_customer_eval *eval);

/* Whether the customer exists as of the node's instant and the expression holds. The populations of
 * the plan that it rests on are counted. */
bool gy_customer_holds(struct gy_customer_eval *eval, const struct gy_subject *subject,
                       const struct gy_plan_expr *expr);

/* The value of a term; strings and lists are views, valid until the next call with this evaluator. */
struct gy_value gy_customer_value(struct gy_customer_eval *eval, const struct gy_subject *subject,
                                  const struct gy_plan_term *term);

#endif
