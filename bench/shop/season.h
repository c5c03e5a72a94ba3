/* season.h - when people shop: by month, weekday and hour of the day in Seoul, growing by the year.
 *
 * A weight for every hour of the two years, summed up, so that a time between any two instants is one
 * search. Times are whole seconds since 1970, UTC.
 */
#ifndef GY_BENCH_SEASON_H
#define GY_BENCH_SEASON_H

#include "chance.h"

#define SHOP_START   UINT32_C(1703980800) /* 2023-12-31T00:00:00Z */
#define SHOP_END     UINT32_C(1767139200) /* 2025-12-31T00:00:00Z, included */
#define SHOP_SEOUL_S INT64_C(32400)       /* Seoul is ahead of UTC by this, all year */

enum {
    SHOP_HOURS = 731 * 24
};

struct season {
    double sums[SHOP_HOURS + 1]; /* of the weights of all hours before */
};

/* All hours, or those of Decembers only (in Seoul). */
void season_init(struct season *s, bool december_only);

/* A time from `from` on and before `to`; `from` where that has no weight. */
uint32_t season_draw(const struct season *s, uint32_t from, uint32_t to, struct chance *c);

/* Whether any hour between has a weight. */
bool season_has(const struct season *s, uint32_t from, uint32_t to);

#endif
