/* column_keys.h - columns whose values another column tells.
 *
 * Where a product has one brand, category and price, its number tells them. Then they are written once for
 * each product instead of for each row: a table by the raw values of the *key*, the column of the products.
 */
#ifndef GY_STORE_COLUMN_KEYS_H
#define GY_STORE_COLUMN_KEYS_H

#include "base/buf.h"
#include "store/part_internal.h"

enum {
    GY_MAX_KEYS = 4,         /* of a slice */
    GY_MAX_PLACES = 1 << 16, /* of a key */
};

struct gy_column_key {
    uint32_t property;
    uint32_t n_places;
    uint32_t *places; /* a row; UINT32_MAX: without a value */
    size_t capacity;
};

/* All zero is empty. */
struct gy_column_keys {
    uint32_t n_rows; /* of the slice */
    uint32_t n;
    struct gy_column_key keys[GY_MAX_KEYS];
    uint64_t *table;
    uint8_t *is_set;
};

void gy_column_keys_release(struct gy_column_keys *keys);
void gy_column_keys_begin(struct gy_column_keys *keys, uint32_t n_rows); /* a slice */

/* A column of the slice, encoded: `region` holds its arrays. Makes it a table where a key tells its values,
 * or keeps it as a key where it may tell others'. */
void gy_column_keys_use(struct gy_column_keys *keys, struct gy_column_entry *entry,
                        uint32_t property, struct gy_buf *region);

#endif
