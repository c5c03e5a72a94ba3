/* customer_card.h - one customer: ids, traits, metrics, segments, the newest events. */
#ifndef GY_WORKSPACE_CUSTOMER_CARD_H
#define GY_WORKSPACE_CUSTOMER_CARD_H

#include "store/json_writer.h"
#include "workspace/columns.h"

struct gy_customer_card {
    struct gy_customer_view view;
    struct gy_columns metrics; /* in the order of the snapshot's metrics */
    struct gy_value_table values;
    bool *is_in; /* by segment */
};

/* As of the ask's instant, with at most `max_events` of the newest events. NOT_FOUND. `*card` is released by the caller,
 * also on failure. */
GY_CHECKED enum gy_status gy_customer_card_gather(struct gy_ask *ask, const char *id,
                                                  uint32_t max_events,
                                                  struct gy_customer_card *card,
                                                  struct gy_error *err);
void gy_customer_card_release(struct gy_customer_card *card);

/* Puts one object. */
void gy_customer_card_json(const struct gy_ask *ask, const struct gy_customer_card *card,
                           struct gy_json_writer *w);

#endif
