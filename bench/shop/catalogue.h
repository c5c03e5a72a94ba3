/* catalogue.h - what the shop sells and says: products, pages, campaigns, coupons, words to search for.
 *
 * Made once from the seed; then only read, by any number of threads.
 */
#ifndef GY_BENCH_CATALOGUE_H
#define GY_BENCH_CATALOGUE_H

#include "base/buf.h"
#include "shop_event.h"
#include "weights.h"

enum {
    SHOP_PRODUCTS = 50000,
    SHOP_CATEGORIES = 24,
    SHOP_BRANDS = 300,
    SHOP_EVENT_PAGES = 40,
    SHOP_CATEGORY_PAGES = 24,
    SHOP_MAGAZINE_PAGES = 2000,
    SHOP_PATHS = 4 + SHOP_EVENT_PAGES + SHOP_CATEGORY_PAGES + SHOP_MAGAZINE_PAGES,
    SHOP_COUPONS = 400,
    SHOP_NEWS = 105,
    SHOP_SALES = 26,
    SHOP_CAMPAIGNS = SHOP_NEWS + SHOP_SALES,
    SHOP_VERSIONS = 30,
    SHOP_HEAD_QUERIES = 2000
};

struct catalogue_product {
    uint8_t category;
    uint16_t brand;
    uint32_t price; /* won */
};

struct catalogue {
    struct catalogue_product products[SHOP_PRODUCTS];
    struct shop_query head_queries[SHOP_HEAD_QUERIES];
    struct weights product_weights;
    struct weights category_weights;
    struct weights path_weights;
    struct weights query_weights;
    struct gy_str path_names[SHOP_PATHS]; /* the names as everyone writes them */
    struct gy_str brand_names[SHOP_BRANDS];
    struct gy_str campaign_names[SHOP_CAMPAIGNS];
};

void catalogue_init(struct catalogue *c, uint64_t seed);
void catalogue_release(struct catalogue *c);

extern const char *const shop_event_names[SHOP_KINDS];
extern const char *const shop_categories[SHOP_CATEGORIES];

struct shop_query catalogue_draw_query(const struct catalogue *c, struct chance *chance);
uint32_t catalogue_campaign_time(uint32_t campaign); /* when its first e-mail leaves */

/* The text of a search, appended. */
void catalogue_put_query(struct gy_buf *out, const struct shop_query *query);

#endif
