/* shop_files.h - the shop as files: for the peers as they hold it, for the product as calls.
 *
 *   customers.csv, events.csv, items.csv   the peers' columns, in order of arrival; customers and products
 *                                          are numbers, times "2024-01-02 01:00:00" in UTC
 *   calls.jsonl                            the same as calls of the Segment spec, the customers first
 */
#ifndef GY_BENCH_SHOP_FILES_H
#define GY_BENCH_SHOP_FILES_H

#include "base/file.h"
#include "shopper.h"

/* What is written, and how. All zero is nothing. */
struct shop_files_options {
    bool customers;
    bool events;
    bool items;
    bool calls;
    bool has_products;    /* events.csv has a last column with an order's products as JSON */
    bool has_message_ids; /* calls have one */
};

struct shop_files;

/* In `dir`, which is there. `*out` is owned by the caller (shop_files_close), also on failure. */
GY_CHECKED enum gy_status shop_files_open(const char *dir, const struct catalogue *catalogue,
                                          const struct shop_files_options *options,
                                          struct shop_files **out, struct gy_error *err);
/* Drops what is not finished. NULL is allowed. */
void shop_files_close(struct shop_files *files);

/* All customers come before all events, both in order of arrival. */
GY_CHECKED enum gy_status shop_files_customer(struct shop_files *files, const struct shopper *s,
                                              struct gy_error *err);
/* On two threads: one writes the tables, one the calls. */
GY_CHECKED enum gy_status shop_files_events(struct shop_files *files,
                                            const struct shop_event *const *events, size_t n,
                                            struct gy_error *err);
GY_CHECKED enum gy_status shop_files_finish(struct shop_files *files, struct gy_error *err);

#endif
