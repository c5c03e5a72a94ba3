/* shopper.h - one customer: who it is, and everything it ever does.
 *
 * Every customer is made by itself from the seed and its number, so customers can be made in any order,
 * and a size is a beginning of any larger one but for how busy everyone is.
 *
 *   traits ─> activity ─> sessions ─> pages ─> searches, products ─> cart ─> order ─> refund, review
 *                      └> orders in the store
 *          └> e-mails, opened, clicked
 */
#ifndef GY_BENCH_SHOPPER_H
#define GY_BENCH_SHOPPER_H

#include "catalogue.h"
#include "season.h"

/* What all customers share; immutable once it is made. */
struct shop {
    uint64_t seed;
    double session_scale; /* a customer of activity z has scale × e^z sessions on average */
    struct catalogue catalogue;
    struct season season;
    struct season decembers;
};

/* For about `n_events` events of n customers. Released by the caller (shop_release). */
void shop_init(struct shop *shop, uint64_t seed, uint32_t n_customers, uint64_t n_events);
void shop_release(struct shop *shop);

enum {
    SHOP_REGIONS = 17,
    SHOP_PAYMENTS = 6,
    SHOP_TIERS = 4
};

struct shopper {
    uint32_t customer; /* from 1 on */
    uint8_t region;    /* from 1 on, as the two below; 0: missing */
    uint8_t gender;
    uint16_t birth_year; /* 0: missing */
    uint8_t birth_month;
    uint8_t birth_day;
    uint8_t tier;
    bool has_marketing_consent;
    bool has_push_consent;
    int64_t signed_up; /* seconds since 1970; may be before the start */
    double activity;
    struct chance chance; /* for the rest of its life */
};

extern const char *const shop_regions[SHOP_REGIONS];
extern const char *const shop_genders[2];
extern const char *const shop_tiers[SHOP_TIERS];
extern const char *const shop_channels[3];
extern const char *const shop_payments[SHOP_PAYMENTS];
extern const char *const shop_systems[2];

enum {
    CHANNEL_WEB,
    CHANNEL_APP,
    CHANNEL_STORE
};

void shopper_init(struct shopper *s, const struct shop *shop, uint32_t customer);

/* A growing list of events. All zero is empty. */
struct shop_history {
    struct shop_event *events;
    uint32_t n;
    uint32_t capacity;
};

/* What the customer does, by time, no two events in one second, each with its arrival. Reuses the memory
 * of `out`. Numbers its orders from *next_order on. */
void shopper_live(struct shopper *s, const struct shop *shop, uint32_t *next_order,
                  struct shop_history *out);

#endif
