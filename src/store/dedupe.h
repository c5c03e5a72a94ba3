/* dedupe.h - which calls of a batch are stored already.
 *
 * A call is a duplicate when its customer has one with the same fingerprint (of type, name, messageId
 * and time as written). The batch's calls and each stored slice are both in the order of customers, so
 * this is a join; zone maps of the times as written leave out most of the slices. A keyed fingerprint is
 * compared only within a customer, and where it is short, within a time (part.h): two calls that differ
 * and are taken for one are not to be expected, and nobody without the key can make them.
 */
#ifndef GY_STORE_DEDUPE_H
#define GY_STORE_DEDUPE_H

#include "store/batch_plan.h"
#include "store/customer_calls.h"
#include "store/same_rows.h"

/* Drops duplicates from an ordered plan: of what is stored (but not of what `replaced` takes away),
 * and, where the batch made several ids one customer, of one another; the first to arrive stays. `many`
 * is what was gathered so far of customers with many ordinals; `same` finds rows without a messageId. */
GY_CHECKED enum gy_status gy_dedupe_mark(struct gy_plan *plan, const struct gy_replaced *replaced,
                                         struct gy_customer_calls *many, struct gy_same_rows *same,
                                         struct gy_error *err);

#endif
