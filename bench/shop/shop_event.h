/* shop_event.h - one event of the shop, as it goes from who makes it to who writes it.
 *
 * A record has a head and, behind it, as many items as it says: one for a product's event, one to six
 * for an order. What a kind does not use is 0.
 */
#ifndef GY_BENCH_SHOP_EVENT_H
#define GY_BENCH_SHOP_EVENT_H

#include <stddef.h>
#include <stdint.h>

/* In the order in which the peers number them. */
enum shop_kind {
    PAGE_VIEWED,
    PRODUCT_VIEWED,
    PRODUCT_ADDED,
    ORDER_COMPLETED,
    EMAIL_SENT,
    EMAIL_OPENED,
    EMAIL_LINK_CLICKED,
    PRODUCTS_SEARCHED,
    PRODUCT_REVIEWED,
    ORDER_REFUNDED,
    COUPON_USED,
    APP_OPENED,
    SHOP_KINDS
};

enum {
    SHOP_MAX_ITEMS = 6
};

struct shop_item {
    uint16_t product;
    uint8_t quantity;
    uint8_t unused;
};

/* A search: "ADJECTIVE NOUN TAIL", where the tail is a suffix, a size or a model number. */
struct shop_query {
    uint8_t adjective; /* from 1 on; 0: none */
    uint8_t noun;
    uint8_t suffix;  /* from 1 on; 0: none */
    char letter;     /* of a model number; 0: none */
    uint16_t number; /* of a model, or a size; 0: none */
};

struct shop_event {
    uint32_t arrival; /* seconds since 1970, UTC */
    uint32_t time;
    uint32_t customer;
    uint8_t kind;
    uint8_t n_items;
    uint8_t choice; /* orders: channel; opened apps: operating system; reviews: rating */
    uint8_t payment;
    uint32_t order; /* orders and refunds: number */
    uint32_t
        revenue; /* orders and refunds; pages: hundredths of seconds, 0 if missing; searches: results */
    uint32_t discount; /* orders and used coupons */
    uint16_t shipping;
    uint16_t code; /* path, campaign or version; a coupon from 1 on, 0 if there is none */
    struct shop_query query;
    uint16_t unused;
    struct shop_item items[SHOP_MAX_ITEMS];
};

static inline size_t shop_event_size(const struct shop_event *e)
{
    return offsetof(struct shop_event, items) + e->n_items * sizeof *e->items;
}

#endif
