/* shop_csv.h - the tables' lines, appended to a buffer. */
#ifndef GY_BENCH_SHOP_CSV_H
#define GY_BENCH_SHOP_CSV_H

#include "shopper.h"

#define SHOP_CUSTOMERS_HEAD \
    "customer,region,birthday,gender,tier,signed_up,marketing_consent,push_consent\n"
#define SHOP_EVENTS_HEAD                                                                       \
    "event,customer,t,path,seconds,product_id,category,brand,price,quantity,order_id,revenue," \
    "discount,shipping,channel,payment,coupon,campaign,query,results,rating,os,version"
#define SHOP_ITEMS_HEAD "customer,t,order_id,product_id,category,brand,price,quantity,channel\n"

void shop_csv_customer(struct gy_buf *out, const struct shopper *s);

/* With the order's products as a last column, or without it. */
void shop_csv_event(struct gy_buf *out, const struct catalogue *catalogue,
                    const struct shop_event *e, bool has_products);

/* A line for each item of an order. */
void shop_csv_items(struct gy_buf *out, const struct catalogue *catalogue,
                    const struct shop_event *order);

#endif
