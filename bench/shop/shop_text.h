/* shop_text.h - numbers, times and ids of the shop as text, appended to a buffer. */
#ifndef GY_BENCH_SHOP_TEXT_H
#define GY_BENCH_SHOP_TEXT_H

#include "base/buf.h"
#include "shop_event.h"

struct catalogue;

void put_number(struct gy_buf *out, uint64_t n);
void put_padded(struct gy_buf *out, uint32_t n,
                int digits);                         /* at least so many, with leading zeros */
void put_hundredths(struct gy_buf *out, uint32_t n); /* 3507 as 35.07 */
void put_date(struct gy_buf *out, uint32_t year, uint32_t month, uint32_t day);

/* Seconds since 1970 as "2024-01-02 01:00:00", with another letter between date and time. */
void put_time(struct gy_buf *out, int64_t seconds, char between);

void put_order(struct gy_buf *out, uint32_t order);     /* o000000001 */
void put_coupon(struct gy_buf *out, uint32_t coupon);   /* C001 */
void put_version(struct gy_buf *out, uint32_t version); /* 5.0.0 */

/* The products of an order as a JSON array. Within a CSV cell quotes are doubled, and a product is its number,
 * as in the column product_id. */
void put_products(struct gy_buf *out, const struct catalogue *catalogue,
                  const struct shop_event *order, bool is_in_cell);

#endif
