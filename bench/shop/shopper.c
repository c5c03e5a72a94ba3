/* shopper.c - who a customer is; see shopper.h. */
#include "shopper.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "shopper_internal.h"

#define ACTIVITY_SIGMA   1.25
#define SIGN_UP_SKEW     1.1 /* above 1: more of the seven years' sign-ups are late ones */
#define SECONDS_PER_YEAR 31557600.0

const char *const shop_regions[SHOP_REGIONS] = {"서울", "경기", "인천", "부산", "대구", "광주",
                                                "대전", "울산", "세종", "강원", "충북", "충남",
                                                "전북", "전남", "경북", "경남", "제주"};
const char *const shop_genders[2] = {"female", "male"};
const char *const shop_tiers[SHOP_TIERS] = {"basic", "silver", "gold", "vip"};
const char *const shop_channels[3] = {"web", "app", "store"};
const char *const shop_payments[SHOP_PAYMENTS] = {"card",    "kakaopay", "naverpay",
                                                  "tosspay", "transfer", "points"};
const char *const shop_systems[2] = {"ios", "android"};

uint32_t pick(struct chance *c, const double *shares, uint32_t n)
{
    double x = chance_even(c);
    uint32_t i = 0;
    while (i + 1 < n && x >= shares[i])
        x -= shares[i++];
    return i;
}

/* ---- traits ---- */

static uint8_t draw_region(struct chance *c)
{
    static const double shares[SHOP_REGIONS] = {.185, .265, .058, .064, .046, .028,
                                                .028, .021, .008, .03,  .031, .041,
                                                .034, .035, .05,  .063, .013};
    return chance_happens(c, 0.03) ? 0 : (uint8_t)(1 + pick(c, shares, SHOP_REGIONS));
}

static void draw_birthday(struct shopper *s, struct chance *c)
{
    double year = floor(1986 + 13 * chance_normal(c) + 0.5);
    s->birth_year = (uint16_t)(year < 1940 ? 1940 : year > 2011 ? 2011 : year);
    s->birth_month = (uint8_t)chance_between(c, 1, 12);
    s->birth_day = (uint8_t)chance_between(c, 1, 28);
    if (chance_happens(c, 0.08))
        s->birth_year = 0;
}

static uint8_t tier_of(double activity)
{
    return activity < 0.6 ? 0 : activity < 1.3 ? 1 : activity < 2 ? 2 : 3;
}

static int64_t draw_sign_up(struct chance *c)
{
    double age = chance_exp(SIGN_UP_SKEW * chance_log(1.0 - chance_even(c)));
    return (int64_t)SHOP_END - (int64_t)floor(age * 7 * SECONDS_PER_YEAR);
}

void shopper_init(struct shopper *s, const struct shop *shop, uint32_t customer)
{
    struct chance *c = &s->chance;
    *s = (struct shopper){.customer = customer, .chance = chance_of(shop->seed, customer)};
    s->activity = ACTIVITY_SIGMA * chance_normal(c);
    s->region = draw_region(c);
    draw_birthday(s, c);
    s->gender = chance_happens(c, 0.1) ? 0 : chance_happens(c, 0.58) ? 1 : 2;
    s->tier = tier_of(s->activity);
    s->signed_up = draw_sign_up(c);
    s->has_marketing_consent = chance_happens(c, 0.6);
    s->has_push_consent = chance_happens(c, 0.45);
}

/* ---- how busy everyone is ---- */

#define EVENTS_PER_SESSION 8.66 /* measured: what follows it too, and that some are absent */
#define EVENTS_WITHOUT_ONE 4.30 /* a customer: e-mails, and orders in the store */

double shop_sessions(double scale, double activity)
{
    return fmin(scale * chance_exp(activity), MAX_SESSIONS);
}

/* A few customers make so much of all events that their number cannot be left to chance: the scale is
 * what gives these very customers their sessions. */
static double find_scale(const struct shop *shop, uint32_t n_customers, double n_sessions)
{
    struct shopper s;
    double *activities = gy_alloc_zero(n_customers, sizeof *activities);
    double low = 0;
    double high = 1000;
    for (uint32_t i = 0; i < n_customers; i++) {
        shopper_init(&s, shop, i + 1);
        activities[i] = s.activity;
    }
    for (int step = 0; step < 30; step++) {
        double middle = (low + high) / 2;
        double sum = 0;
        for (uint32_t i = 0; i < n_customers; i++)
            sum += shop_sessions(middle, activities[i]);
        low = sum < n_sessions ? middle : low;
        high = sum < n_sessions ? high : middle;
    }
    free(activities);
    return low;
}

void shop_init(struct shop *shop, uint64_t seed, uint32_t n_customers, uint64_t n_events)
{
    *shop = (struct shop){.seed = seed};
    catalogue_init(&shop->catalogue, seed);
    season_init(&shop->season, false);
    season_init(&shop->decembers, true);
    double in_sessions = (double)n_events - n_customers * EVENTS_WITHOUT_ONE;
    shop->session_scale = find_scale(shop, n_customers, in_sessions / EVENTS_PER_SESSION);
}

void shop_release(struct shop *shop)
{
    catalogue_release(&shop->catalogue);
}
