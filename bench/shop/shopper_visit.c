/* shopper_visit.c - a session: pages, searches, products, the cart, the order and what follows. */
#include <math.h>

#include "shopper_internal.h"

enum {
    MINUTE = 60,
    HOUR = 3600,
    DAY = 86400
};

/* ---- orders ---- */

static uint8_t draw_quantity(struct chance *c)
{
    static const double shares[4] = {.8, .13, .05, .02};
    static const uint8_t quantities[4] = {1, 2, 3, 5};
    return quantities[pick(c, shares, 4)];
}

/* Low numbers more often. */
static uint16_t draw_coupon(struct chance *c)
{
    double x = chance_even(c);
    return (uint16_t)(1 + floor(SHOP_COUPONS * x * x));
}

static uint32_t sum_of(const struct shop *shop, const struct basket *basket)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < basket->n; i++)
        sum += shop->catalogue.products[basket->items[i].product].price * basket->items[i].quantity;
    return sum;
}

static uint32_t draw_discount(struct chance *c, uint32_t sum, bool has_coupon)
{
    static const uint32_t percents[4] = {10, 15, 20, 30};
    uint32_t percent = has_coupon ? percents[chance_below(c, 4)] : chance_happens(c, 0.15) ? 5 : 0;
    return (uint32_t)((uint64_t)sum * percent / 1000 * 10);
}

/* Its numbers are nobody's order of time, as with several tills: a bijection of nine digits. */
static uint32_t number_order(uint32_t *next_order)
{
    return (uint32_t)((uint64_t)(*next_order)++ * 387420489 % 1000000000);
}

/* What an order costs, and how it is paid; everything but its items. */
static struct shop_event price_order(struct life *life, uint8_t channel, uint32_t sum)
{
    static const double payments[SHOP_PAYMENTS] = {.45, .2, .15, .1, .07, .03};
    struct chance *c = life->chance;
    struct shop_event e = {.choice = channel, .order = number_order(life->next_order)};
    e.payment = (uint8_t)pick(c, payments, SHOP_PAYMENTS);
    if (channel != CHANNEL_STORE) {
        e.code = chance_happens(c, life->coupon_probability) ? draw_coupon(c) : 0;
        e.discount = draw_discount(c, sum, e.code > 0);
        e.shipping = sum < 30000 ? 3000 : 0;
    }
    e.revenue = sum - e.discount + e.shipping;
    return e;
}

/* Where the refund's or the review's time is past the end there is none. */
static void follow_up(struct life *life, uint64_t time, const struct shop_event *order,
                      const struct basket *basket)
{
    static const double ratings[5] = {.06, .06, .13, .25, .5};
    struct chance *c = life->chance;
    if (chance_happens(c, 0.07)) {
        struct shop_event *e =
            life_add(life, ORDER_REFUNDED, time + chance_between(c, 1 * DAY, 14 * DAY));
        e->order = order->order;
        e->revenue = order->revenue;
    }
    if (order->choice != CHANNEL_STORE && chance_happens(c, 0.13)) {
        struct shop_event *e =
            life_add(life, PRODUCT_REVIEWED, time + chance_between(c, 3 * DAY, 30 * DAY));
        e->choice = (uint8_t)(1 + pick(c, ratings, 5));
        e->items[0] = basket->items[chance_below(c, basket->n)];
        e->n_items = 1;
    }
}

void place_order(struct life *life, uint64_t time, uint8_t channel, const struct basket *basket)
{
    struct shop_event order = price_order(life, channel, sum_of(life->shop, basket));
    if (order.code > 0 && chance_happens(life->chance, 0.85)) {
        struct shop_event *used = life_add(life, COUPON_USED, time);
        used->code = order.code;
        used->discount = order.discount;
    }
    struct shop_event *e = life_add(life, ORDER_COMPLETED, time);
    order.kind = e->kind;
    order.customer = e->customer;
    order.time = e->time;
    order.n_items = (uint8_t)basket->n;
    for (uint32_t i = 0; i < basket->n; i++)
        order.items[i] = basket->items[i];
    *e = order;
    if (time <= SHOP_END)
        follow_up(life, time, &order, basket);
}

/* ---- a session ---- */

struct session {
    struct life *life;
    uint64_t time;
    uint8_t channel;
    struct basket cart;
};

static void pass(struct session *s, uint32_t least, uint32_t most)
{
    s->time += chance_between(s->life->chance, least, most);
}

static void open_app(struct session *s)
{
    /* A version is current for two years / 30; a third of the customers are one behind. */
    uint32_t age = (uint32_t)((s->time - SHOP_START) * SHOP_VERSIONS / (SHOP_END - SHOP_START + 1));
    if (age > 0 && chance_happens(s->life->chance, 1.0 / 3))
        age--;
    struct shop_event *e = life_add(s->life, APP_OPENED, s->time);
    e->choice = s->life->system;
    e->code = (uint16_t)age;
    pass(s, 1, 5);
}

static void view_page(struct session *s)
{
    struct chance *c = s->life->chance;
    struct shop_event *e = life_add(s->life, PAGE_VIEWED, s->time);
    double seconds = chance_exponential(c, 35);
    e->code = (uint16_t)weights_draw(&s->life->shop->catalogue.path_weights, c);
    if (!chance_happens(c, 0.1))
        e->revenue = (uint32_t)floor(100 * fmin(fmax(seconds, 0.5), 1800) + 0.5);
}

static void search(struct session *s)
{
    struct chance *c = s->life->chance;
    struct shop_event *e = life_add(s->life, PRODUCTS_SEARCHED, s->time);
    e->query = catalogue_draw_query(&s->life->shop->catalogue, c);
    e->revenue = (uint32_t)fmin(chance_exponential(c, 60), 900);
}

static void view_product(struct session *s)
{
    struct chance *c = s->life->chance;
    struct shop_item item = draw_item(s->life);
    struct shop_event *e = life_add(s->life, PRODUCT_VIEWED, s->time);
    e->items[0] = item;
    e->n_items = 1;
    if (!chance_happens(c, 0.4))
        return;
    pass(s, 2, 40);
    item.quantity = draw_quantity(c);
    e = life_add(s->life, PRODUCT_ADDED, s->time);
    e->items[0] = item;
    e->n_items = 1;
    if (s->cart.n < SHOP_MAX_ITEMS)
        s->cart.items[s->cart.n++] = item;
}

static void browse(struct session *s)
{
    struct chance *c = s->life->chance;
    uint32_t n_pages = 1 + chance_geometric(c, 4.5);
    for (uint32_t i = 0; i < n_pages; i++) {
        if (i > 0)
            pass(s, 2, 90);
        view_page(s);
        if (chance_happens(c, 0.055)) {
            pass(s, 2, 30);
            search(s);
        }
        for (uint32_t n = chance_geometric(c, 0.37); n > 0; n--) {
            pass(s, 3, 120);
            view_product(s);
        }
    }
}

/* Three in four of what was added, sometimes something else, and at least one item. */
static struct basket fill_basket(struct session *s)
{
    struct chance *c = s->life->chance;
    struct basket out = {.n = 0};
    for (uint32_t i = 0; i < s->cart.n; i++) {
        if (chance_happens(c, 0.75))
            out.items[out.n++] = s->cart.items[i];
    }
    if (out.n == 0)
        out.items[out.n++] = s->cart.items[chance_below(c, s->cart.n)];
    while (out.n < SHOP_MAX_ITEMS && chance_happens(c, 0.2)) {
        out.items[out.n] = draw_item(s->life);
        out.items[out.n++].quantity = draw_quantity(c);
    }
    return out;
}

void visit(struct life *life, uint64_t time)
{
    struct session s = {.life = life, .time = time};
    struct chance *c = life->chance;
    s.channel = chance_happens(c, life->uses_app ? 0.85 : 0.12) ? CHANNEL_APP : CHANNEL_WEB;
    if (s.channel == CHANNEL_APP && chance_happens(c, 1.0 / 3))
        open_app(&s);
    browse(&s);
    if (s.cart.n == 0 || !chance_happens(c, 0.62))
        return;
    struct basket basket = fill_basket(&s);
    if (chance_happens(c, 1.0 / 8))
        pass(&s, 1 * HOUR, 5 * DAY);
    else
        pass(&s, 10, 5 * MINUTE);
    place_order(life, s.time, s.channel, &basket);
}
