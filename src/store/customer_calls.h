/* customer_calls.h - the stored calls of customers that were many, each customer read once.
 *
 * Everybody who forgets to log out, and every site that calls all its visitors "guest", makes one
 * customer of very many ids. Until parts are rewritten its rows lie under all of them, and to look
 * under each for each of its calls would take time with the square of their number. So what is stored
 * of such a customer is gathered once, as keys of (customer, stream, fingerprint, time), and ids that join it
 * later bring theirs. A customer of few ordinals is still looked up in the parts.
 *
 * It holds for what is stored: forget it (reset) when a commit has added calls or taken some away. One
 * owner.
 */
#ifndef GY_STORE_CUSTOMER_CALLS_H
#define GY_STORE_CUSTOMER_CALLS_H

#include "store/identity.h"
#include "store/key_counts.h"
#include "store/probe.h"

/* All zero is empty. */
struct gy_customer_calls {
    struct gy_key_counts roots; /* that were gathered */
    struct gy_key_counts calls;
    uint32_t *members;
    size_t members_capacity;
};

void gy_customer_calls_release(struct gy_customer_calls *c);
void gy_customer_calls_reset(struct gy_customer_calls *c);

/* Whether the customer has that call, and it is not one of `replaced`. */
GY_CHECKED enum gy_status gy_customer_calls_probe(struct gy_customer_calls *c,
                                                  const struct gy_identity *identity, uint32_t root,
                                                  const struct gy_probe *probe,
                                                  const struct gy_replaced *replaced,
                                                  bool *is_stored, struct gy_error *err);

/* `child` was linked and is now of the customer `root`. */
void gy_customer_calls_join(struct gy_customer_calls *c, const struct gy_identity *identity,
                            uint32_t child, uint32_t root);

#endif
