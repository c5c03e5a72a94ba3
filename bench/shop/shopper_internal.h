/* shopper_internal.h - what the files of a customer's life share. */
#ifndef GY_BENCH_SHOPPER_INTERNAL_H
#define GY_BENCH_SHOPPER_INTERNAL_H

#include "shopper.h"

enum {
    MAX_SESSIONS = 550
};

/* One of n by their shares, which sum up to 1. */
uint32_t pick(struct chance *c, const double *shares, uint32_t n);

/* How many sessions a customer of this activity has on average. */
double shop_sessions(double scale, double activity);

/* A life while it is lived. Times may run past the end, and are 64 bits wide for that. */
struct life {
    const struct shop *shop;
    struct shopper *shopper;
    struct chance *chance;
    struct shop_history *history;
    uint32_t *next_order;
    uint32_t from; /* active from, */
    uint32_t to;   /* and before */
    bool is_december_only;
    bool uses_app;
    uint8_t system;
    uint8_t favourites[3]; /* categories */
    double coupon_probability;
};

/* Adds an event; none, and a record that nobody sees, where the time is past the end. */
struct shop_event *life_add(struct life *life, enum shop_kind kind, uint64_t time);

/* A product to the customer's taste. */
struct shop_item draw_item(struct life *life);

/* An order of `items` and what follows from it. */
struct basket {
    struct shop_item items[SHOP_MAX_ITEMS];
    uint32_t n;
};
void place_order(struct life *life, uint64_t time, uint8_t channel, const struct basket *basket);

/* A session that begins at `time`. */
void visit(struct life *life, uint64_t time);

#endif
