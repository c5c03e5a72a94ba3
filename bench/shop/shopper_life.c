/* shopper_life.c - from a customer's traits to the list of its events. */
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "shopper_internal.h"

enum {
    DAY = 86400
};

/* Who signed up and never came, and reads no mail. With those for whom it just happens so, one in seven. */
#define IS_ABSENT 0.06

struct shop_event *life_add(struct life *life, enum shop_kind kind, uint64_t time)
{
    struct shop_history *h = life->history;
    GY_GROW(h->events, h->capacity, h->n + 1);
    struct shop_event *e = &h->events[h->n];
    *e = (struct shop_event){.kind = (uint8_t)kind, .customer = life->shopper->customer};
    if (time <= SHOP_END) {
        e->time = (uint32_t)time;
        h->n++;
    }
    return e;
}

/* ---- tastes ---- */

/* Of one of the favourite categories, mostly: up to eight draws, and one outside of them may do. */
struct shop_item draw_item(struct life *life)
{
    const struct catalogue *c = &life->shop->catalogue;
    uint32_t product = 0;
    for (int draw = 0; draw < 8; draw++) {
        product = weights_draw(&c->product_weights, life->chance);
        uint8_t category = c->products[product].category;
        if (category == life->favourites[0] || category == life->favourites[1] ||
            category == life->favourites[2] || chance_happens(life->chance, 0.25))
            break;
    }
    return (struct shop_item){.product = (uint16_t)product, .quantity = 1};
}

static void draw_tastes(struct life *life)
{
    struct chance *c = life->chance;
    double p = chance_even(c);
    for (int i = 0; i < 3; i++)
        life->favourites[i] = (uint8_t)weights_draw(&life->shop->catalogue.category_weights, c);
    life->coupon_probability = 0.12 + 0.35 * p * p;
    life->uses_app = chance_happens(c, 0.45);
    life->system = chance_happens(c, 0.42) ? 0 : 1;
}

/* When the customer is there: from signing up, or the start, for good or for a while. */
static void draw_span(struct life *life)
{
    int64_t signed_up = life->shopper->signed_up;
    life->from = signed_up < (int64_t)SHOP_START ? SHOP_START : (uint32_t)signed_up;
    life->to = SHOP_END;
    if (!chance_happens(life->chance, 0.35)) {
        double stays = chance_exponential(life->chance, 500.0 * DAY);
        life->to = (uint32_t)fmin(SHOP_END, life->from + floor(stays));
    }
    life->is_december_only = chance_happens(life->chance, 0.02);
    if (life->is_december_only)
        life->to = SHOP_END;
}

/* ---- sessions, and orders in the store ---- */

static void live_online(struct life *life)
{
    const struct shop *shop = life->shop;
    const struct season *season = life->is_december_only ? &shop->decembers : &shop->season;
    double mean = shop_sessions(shop->session_scale, life->shopper->activity);
    uint32_t n = chance_poisson(life->chance, mean);
    if (life->is_december_only && n < 2)
        n = 2;
    if (!season_has(season, life->from, life->to))
        return;
    for (uint32_t i = 0; i < n; i++)
        visit(life, season_draw(season, life->from, life->to, life->chance));
}

static void live_in_store(struct life *life)
{
    if (life->is_december_only || !chance_happens(life->chance, 0.08))
        return;
    uint32_t n = 1 + chance_geometric(life->chance, 1.2);
    if (!season_has(&life->shop->season, life->from, life->to))
        return;
    for (uint32_t i = 0; i < n; i++) {
        struct basket basket = {.items = {draw_item(life)}, .n = 1};
        place_order(life, season_draw(&life->shop->season, life->from, life->to, life->chance),
                    CHANNEL_STORE, &basket);
    }
}

/* ---- e-mail ---- */

static void read_mail(struct life *life, uint64_t sent, uint16_t campaign)
{
    uint64_t opened = sent + 1 + (uint64_t)chance_exponential(life->chance, 20000);
    life_add(life, EMAIL_OPENED, opened)->code = campaign;
    if (chance_happens(life->chance, 0.28))
        life_add(life, EMAIL_LINK_CLICKED, opened + chance_between(life->chance, 3, 120))->code =
            campaign;
}

static void get_mail(struct life *life)
{
    struct chance *c = life->chance;
    double opens = chance_happens(c, 1.0 / 3) ? 0 : 0.8 * chance_even(c);
    if (!life->shopper->has_marketing_consent)
        return;
    for (uint32_t i = 0; i < SHOP_CAMPAIGNS; i++) {
        uint32_t time = catalogue_campaign_time(i);
        if (!chance_happens(c, 0.05) || (int64_t)time < life->shopper->signed_up)
            continue;
        uint32_t sent = time + chance_below(c, 7200);
        life_add(life, EMAIL_SENT, sent)->code = (uint16_t)i;
        if (chance_happens(c, opens))
            read_mail(life, sent, (uint16_t)i);
    }
}

/* ---- in order ---- */

static int compare_times(const void *a, const void *b)
{
    const struct shop_event *l = a;
    const struct shop_event *r = b;
    if (l->time != r->time)
        return l->time < r->time ? -1 : 1;
    return l->arrival < r->arrival ? -1
                                   : 1; /* until they arrive, the place in which they were made */
}

/* By time, each second once: the later one moves on, and past the end it is lost. */
static void put_in_order(struct shop_history *h)
{
    for (uint32_t i = 0; i < h->n; i++)
        h->events[i].arrival = i;
    qsort(h->events, h->n, sizeof *h->events, compare_times);
    for (uint32_t i = 1; i < h->n; i++) {
        struct shop_event *e = &h->events[i];
        if (e->time <= e[-1].time)
            e->time = e[-1].time + 1;
    }
    while (h->n > 0 && h->events[h->n - 1].time > SHOP_END)
        h->n--;
}

static void let_arrive(struct shop_history *h, struct chance *c)
{
    for (uint32_t i = 0; i < h->n; i++) {
        struct shop_event *e = &h->events[i];
        e->arrival = e->time;
        if (chance_happens(c, 0.01))
            e->arrival += chance_between(c, 60, 2 * DAY);
    }
}

void shopper_live(struct shopper *s, const struct shop *shop, uint32_t *next_order,
                  struct shop_history *out)
{
    struct life life = {
        .shop = shop, .shopper = s, .chance = &s->chance, .history = out, .next_order = next_order};
    out->n = 0;
    if (chance_happens(life.chance, IS_ABSENT))
        return;
    draw_tastes(&life);
    draw_span(&life);
    live_online(&life);
    live_in_store(&life);
    get_mail(&life);
    put_in_order(out);
    let_arrive(out, life.chance);
}
