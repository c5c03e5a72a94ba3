/* rfm.h - recency, frequency, monetary: the buyers in fifths, and eleven groups with a name.
 *
 * Each buyer (one who did "Order Completed") has three scores from 1 to 5, in the language's own words
 *
 *     R  ntile(last_time("Order Completed"), 5 among (did("Order Completed")))
 *     F  ntile(count("Order Completed"), 5 among (did("Order Completed")))
 *     M  ntile(sum("Order Completed".revenue), 5 among (did("Order Completed")))
 *
 * so 5 is the latest, the most frequent, the most valuable fifth. The scheme RF-11 names each cell of
 * R and F (docs/rfm.md); it is complete and disjoint:
 *
 *     F 5   Cannot Lose   Cannot Lose   Loyal            Loyal                Champions
 *     F 4   At Risk       At Risk       Loyal            Loyal                Champions
 *     F 3   At Risk       At Risk       Need Attention   Potential Loyalists  Potential Loyalists
 *     F 2   Hibernating   Hibernating   About to Sleep   Potential Loyalists  Potential Loyalists
 *     F 1   Lost          Hibernating   About to Sleep   Promising            New
 *           R 1           R 2           R 3              R 4                  R 5
 */
#ifndef GY_INSIGHT_RFM_H
#define GY_INSIGHT_RFM_H

#include "engine/engine.h"

enum gy_rfm_group {
    GY_RFM_CHAMPIONS,
    GY_RFM_LOYAL,
    GY_RFM_POTENTIAL_LOYALISTS,
    GY_RFM_NEW,
    GY_RFM_PROMISING,
    GY_RFM_NEED_ATTENTION,
    GY_RFM_ABOUT_TO_SLEEP,
    GY_RFM_AT_RISK,
    GY_RFM_CANNOT_LOSE,
    GY_RFM_HIBERNATING,
    GY_RFM_LOST,
};

enum {
    GY_RFM_GROUPS = 11,
    GY_RFM_SCORES = 5
};

struct gy_rfm_customer {
    uint32_t ordinal;
    uint8_t r; /* 1 to 5 */
    uint8_t f;
    uint8_t m;
    enum gy_rfm_group group;
    double recency_days; /* since the last order */
    double frequency;    /* orders */
    double monetary;     /* revenue of all orders */
};

struct gy_rfm_row {
    uint64_t n_customers;
    double revenue;           /* exact, rounded once */
    double mean_recency_days; /* the means of nobody are NAN */
    double mean_frequency;
    double mean_monetary;
};

struct gy_rfm {
    struct gy_rfm_customer *customers; /* the audience's buyers, by ordinal */
    size_t n;
    uint64_t cells[GY_RFM_SCORES][GY_RFM_SCORES]; /* customers by [r - 1][f - 1] */
    struct gy_rfm_row groups[GY_RFM_GROUPS];
    struct gy_rfm_row all;
};

enum gy_rfm_group gy_rfm_group_of(int r, int f); /* each 1 to 5 */
const char *gy_rfm_group_name(enum gy_rfm_group group, const char *language);

/* Scores are among all buyers; what is counted are those of `audience` (NULL: all). `*out` is
 * released by the caller, also on failure. */
GY_CHECKED enum gy_status gy_rfm_make(const struct gy_snapshot *snapshot,
                                      const roaring_bitmap_t *audience, int64_t now_ms,
                                      const struct gy_run_options *options, struct gy_rfm *out,
                                      struct gy_error *err);
void gy_rfm_release(struct gy_rfm *rfm);

#endif
