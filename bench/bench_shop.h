/* bench_shop.h - a shop made in memory, for benchmarks: always the same for the same size.
 *
 * A part for each block of 65,536 customers: "Order Completed" over the two years before BENCH_NOW_MS
 * with revenue, discount and channel, some 4 a customer but most by a few; "Order Completed/products"
 * with product_id, category, brand and quantity; "Order Refunded" with revenue; the traits region,
 * birthday and vip.
 */
#ifndef GY_BENCH_SHOP_H
#define GY_BENCH_SHOP_H

#include "store/snapshot.h"

#define BENCH_NOW_MS INT64_C(1767139200000) /* 2025-12-31 */

/* Prints how large it became. Owned by the caller (gy_snapshot_close). */
struct gy_snapshot *bench_shop_new(uint32_t n_customers, double n_items);

/* Of a program's arguments CUSTOMERS ITEMS: 437,200 and 40,000,000 where they are not there, or are no
 * numbers (tools/bench gives every program a file). */
struct gy_snapshot *bench_shop_of(int argc, char **argv);

/* Ends the program with the error where there was one. */
void bench_must(enum gy_status status, const struct gy_error *err);

#endif
